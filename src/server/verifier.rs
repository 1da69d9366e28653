//! The verifier of client certificates that rustls asks in every handshake.
//!
//! A client's certificate is issued by one of the clients' authorities themselves, which lead back to the root, is
//! within its time, and is fit for a client ([`certificate::Certificate::client_flaw`]): rustls-webpki lets pass a
//! leaf straight below the root, without a purpose, with foreign names or with the power to sign, and bytes that our own
//! linter would not have signed. What the client
//! presents beside its leaf counts for nothing but the diagnosis. Refuses with a reason of its own for each flaw, which
//! TLS has no room for: it travels to `accept` beside the handshake ([`watched`]). Whom a certificate names, and
//! whether it is registered, is for the call.

use std::cell::RefCell;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature},
    pki_types::{CertificateDer, TrustAnchor, UnixTime},
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs};

use super::refused::Refused;
use crate::pki::certificate::{self, Certificate, ClientFlaw};

/// The algorithms with which clients sign handshakes.
const HANDSHAKE: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[aws_lc_rs::ECDSA_P256_SHA256, aws_lc_rs::ED25519],
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[aws_lc_rs::ECDSA_P256_SHA256]),
        (SignatureScheme::ED25519, &[aws_lc_rs::ED25519]),
    ],
};

/// The presented certificates that the diagnosis looks at, at most, and the steps that it follows them up.
const LOOKED_AT_MAX: usize = 8;

/// Judges client certificates.
#[derive(Debug)]
pub(super) struct Verifier {
    root: CertificateDer<'static>,
    /// The clients' authorities; the root among them only where it issues by itself, as throw-away ones do.
    clients: Vec<CertificateDer<'static>>,
    /// Other authorities below the root that we know of, for the diagnosis.
    others: Vec<CertificateDer<'static>>,
    root_anchor: [TrustAnchor<'static>; 1],
    client_anchors: Vec<TrustAnchor<'static>>,
    hints: Vec<DistinguishedName>,
}

impl Verifier {
    /// Refuses clients' authorities that are none, or that the root did not issue.
    pub fn new(
        root: CertificateDer<'static>,
        clients: Vec<CertificateDer<'static>>,
        others: Vec<CertificateDer<'static>>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        if let Some(at) = clients.iter().position(|ca| !certificate::is_authority(ca)) {
            return Err(format!("certificate {} is not an authority's", at + 1).into());
        }
        if let Some(at) = clients.iter().position(|ca| !certificate::is_signed_by(ca, &root)) {
            return Err(format!("certificate {} was not issued by the root", at + 1).into());
        }
        let anchor = |ca| anchor_from_trusted_cert(ca).map(|anchor| anchor.to_owned());
        let client_anchors = clients.iter().map(anchor).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            root_anchor: [anchor(&root)?],
            hints: client_anchors
                .iter()
                .map(|anchor| DistinguishedName::in_sequence(&anchor.subject))
                .collect(),
            root,
            clients,
            others,
            client_anchors,
        })
    }

    /// The rule, as the file's head has it.
    fn accept(&self, leaf: &CertificateDer<'_>, now: UnixTime) -> Result<(), Refused> {
        let read = certificate::read(leaf).map_err(|_| Refused::Malformed)?;
        let parsed = EndEntityCert::try_from(leaf).map_err(|error| reason(&error))?;
        let leads_to = |anchors: &[TrustAnchor<'_>], through: &[CertificateDer<'_>]| {
            let (any, usage) = (webpki::ALL_VERIFICATION_ALGS, KeyUsage::client_auth());
            let path = parsed.verify_for_usage(any, anchors, through, now, usage, None, None);
            path.map(drop).map_err(|error| reason(&error))
        };
        leads_to(&self.root_anchor, &self.clients)?;
        leads_to(&self.client_anchors, &[])?;
        read.client_flaw().map_or(Ok(()), |flaw| Err(flaw.into()))
    }

    /// Finds where a refused certificate comes from, if not from one of the clients' authorities: then that is its
    /// fault, whatever else is wrong. `None` also for a certificate that cannot be read.
    fn origin(&self, leaf: &CertificateDer<'_>, presented: &[CertificateDer<'_>]) -> Option<Refused> {
        if certificate::read(leaf).is_err() || self.is_clients(leaf) {
            return None;
        }
        if certificate::is_signed_by(leaf, leaf) && **leaf != *self.root {
            return Some(Refused::SelfSigned);
        }
        if certificate::is_signed_by(leaf, &self.root) {
            let authority = certificate::is_authority(leaf);
            return Some(if authority { Refused::CaAsClient } else { Refused::NotFromIssuingCa });
        }
        let mut known: Vec<_> = presented.iter().take(LOOKED_AT_MAX).chain(&self.others).collect();
        let (mut below, mut authorities) = (leaf, true);
        while let Some(at) = known.iter().position(|issuer| certificate::is_signed_by(below, issuer)) {
            // Taken out, so that the climb ends.
            let issuer = known.swap_remove(at);
            authorities &= certificate::is_authority(issuer);
            let (clients, root) = (self.is_clients(issuer), certificate::is_signed_by(issuer, &self.root));
            if (clients || root) && !authorities {
                return Some(Refused::IssuerNotCa);
            }
            if clients {
                return Some(Refused::PathLength);
            }
            if root {
                return Some(Refused::NotFromIssuingCa);
            }
            below = issuer;
        }
        Some(Refused::UnknownCa)
    }

    fn is_clients(&self, certificate: &CertificateDer<'_>) -> bool {
        self.clients.iter().any(|ca| certificate::is_signed_by(certificate, ca))
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        presented: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.accept(leaf, now)
            .map(|()| ClientCertVerified::assertion())
            .map_err(|reason| refuse(leaf, self.origin(leaf, presented).unwrap_or(reason)))
    }

    /// TLS 1.2 is not spoken.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        leaf: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(refuse(leaf, Refused::ProtocolVersion))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &HANDSHAKE)
            .map_err(|_| refuse(leaf, Refused::HandshakeSignature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        HANDSHAKE.supported_schemes()
    }
}

/// The verifier's refusal of a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub reason: Refused,
    /// Lower-case hexadecimal; `None` for a certificate that cannot be read.
    pub serial: Option<String>,
}

tokio::task_local! {
    static VERDICT: RefCell<Option<Verdict>>;
}

/// Runs a handshake, and says beside its outcome why the verifier refused.
pub(super) async fn watched<F: Future>(handshake: F) -> (F::Output, Option<Verdict>) {
    let both = async { (handshake.await, VERDICT.with(RefCell::take)) };
    VERDICT.scope(RefCell::default(), both).await
}

/// Notes why, and gives the error whose alert comes closest.
fn refuse(leaf: &CertificateDer<'_>, reason: Refused) -> Error {
    let serial = certificate::read(leaf).ok().map(|Certificate { serial, .. }| serial);
    // Outside `watched` nobody asks.
    let _ = VERDICT.try_with(|verdict| verdict.replace(Some(Verdict { reason, serial })));
    Error::InvalidCertificate(match reason {
        Refused::Expired => CertificateError::Expired,
        Refused::NotYetValid => CertificateError::NotValidYet,
        Refused::CaAsClient | Refused::ExtendedKeyUsage | Refused::KeyUsage | Refused::ClientKey => {
            CertificateError::InvalidPurpose
        }
        Refused::CriticalExtension => CertificateError::UnhandledCriticalExtension,
        Refused::OtherNames | Refused::NameConstraints => CertificateError::NotValidForName,
        Refused::Malformed | Refused::BadCertificate => CertificateError::BadEncoding,
        Refused::HandshakeSignature => CertificateError::BadSignature,
        _ => CertificateError::UnknownIssuer,
    })
}

impl From<ClientFlaw> for Refused {
    fn from(flaw: ClientFlaw) -> Self {
        match flaw {
            ClientFlaw::Version | ClientFlaw::Unreadable | ClientFlaw::Twice | ClientFlaw::Form(_) => {
                Self::Malformed
            }
            ClientFlaw::Authority => Self::CaAsClient,
            ClientFlaw::NoKeyUsage | ClientFlaw::SignsCertificates | ClientFlaw::NoSignature => {
                Self::KeyUsage
            }
            ClientFlaw::ExtendedKeyUsage => Self::ExtendedKeyUsage,
            ClientFlaw::OtherNames => Self::OtherNames,
            ClientFlaw::Key(_) => Self::ClientKey,
        }
    }
}

fn reason(error: &webpki::Error) -> Refused {
    use webpki::Error as E;
    #[allow(deprecated, reason = "webpki still has them, so they are sorted as well")]
    match error {
        E::CertExpired { .. } | E::InvalidCertValidity => Refused::Expired,
        E::CertNotValidYet { .. } => Refused::NotYetValid,
        E::CaUsedAsEndEntity => Refused::CaAsClient,
        E::EndEntityUsedAsCa => Refused::IssuerNotCa,
        E::PathLenConstraintViolated => Refused::PathLength,
        E::RequiredEkuNotFound | E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
            Refused::ExtendedKeyUsage
        }
        E::NameConstraintViolation | E::MalformedNameConstraint | E::InvalidNetworkMaskConstraint => {
            Refused::NameConstraints
        }
        E::UnsupportedCriticalExtension => Refused::CriticalExtension,
        E::UnknownIssuer | E::InvalidSignatureForPublicKey => Refused::UnknownCa,
        E::BadDer
        | E::BadDerTime
        | E::TrailingData(_)
        | E::MalformedExtensions
        | E::ExtensionValueInvalid
        | E::InvalidSerialNumber
        | E::SignatureAlgorithmMismatch
        | E::UnsupportedCertVersion => Refused::Malformed,
        _ => Refused::BadCertificate,
    }
}
