//! The verifier of client certificates that rustls asks in every handshake.
//!
//! A client's certificate is issued by one of the clients' authorities themselves, which lead back to the root, is
//! within its time, and is fit for a client ([`certificate::Certificate::client_flaw`]): rustls-webpki lets pass a
//! leaf straight below the root, without a purpose, with foreign names or with the power to sign, and bytes that our own
//! linter would not have signed. What the client
//! presents beside its leaf counts for nothing but the diagnosis. Refuses with a reason of its own for each flaw, which
//! TLS has no room for: it travels to `accept` beside the handshake ([`watched`]), with the certificate, which is read once.
//! Whom a certificate names, and whether it is registered, is for the call.

use std::cell::RefCell;

use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature},
    pki_types::{
        AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor,
        UnixTime,
    },
    server::danger::{ClientCertVerified, ClientCertVerifier},
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs};

use super::refused::Refused;
use crate::pki::certificate::{self, Certificate, ClientFlaw, Signed};

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
    by_the_root: ByTheRoot,
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
        let signed: Vec<_> = clients.iter().map(|ca| certificate::signed(ca, &root)).collect();
        if let Some(at) = signed.iter().position(Option::is_none) {
            return Err(format!("certificate {} was not issued by the root", at + 1).into());
        }
        let anchor = |ca| anchor_from_trusted_cert(ca).map(|anchor| anchor.to_owned());
        let subject = |ca| anchor(ca).map(|anchor| DistinguishedName::in_sequence(&anchor.subject));
        Ok(Self {
            root_anchor: [anchor(&root)?],
            hints: clients.iter().map(subject).collect::<Result<_, _>>()?,
            by_the_root: ByTheRoot(signed.into_iter().flatten().collect()),
            root,
            clients,
            others,
        })
    }

    /// The rule, as the file's head has it, of a certificate that was read.
    fn accept(&self, leaf: &CertificateDer<'_>, read: &Certificate, now: UnixTime) -> Result<(), Refused> {
        let parsed = EndEntityCert::try_from(leaf).map_err(|error| reason(&error))?;
        let mut algorithms: Vec<&dyn SignatureVerificationAlgorithm> = vec![&self.by_the_root];
        algorithms.extend_from_slice(webpki::ALL_VERIFICATION_ALGS);
        let (anchor, usage) = (&self.root_anchor, KeyUsage::client_auth());
        let path = parsed.verify_for_usage(&algorithms, anchor, &self.clients, now, usage, None, None);
        let path = path.map_err(|error| reason(&error))?;
        // Between the leaf and the root there is none but the clients' authorities.
        if path.intermediate_certificates().next().is_none() && !self.clients.contains(&self.root) {
            return Err(Refused::NotFromIssuingCa);
        }
        read.client_flaw().map_or(Ok(()), |flaw| Err(flaw.into()))
    }

    /// Finds where a refused certificate comes from, if not from one of the clients' authorities: then that is its
    /// fault, whatever else is wrong.
    fn origin(&self, leaf: &CertificateDer<'_>, presented: &[CertificateDer<'_>]) -> Option<Refused> {
        if self.is_clients(leaf) {
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
        let Ok(read) = certificate::read(leaf) else { return Err(refuse(Refused::Malformed)) };
        let accepted = self.accept(leaf, &read, now);
        note(|seen| seen.certificate = Some(read));
        accepted
            .map(|()| ClientCertVerified::assertion())
            .map_err(|reason| refuse(self.origin(leaf, presented).unwrap_or(reason)))
    }

    /// TLS 1.2 is not spoken.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(refuse(Refused::ProtocolVersion))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signature, &HANDSHAKE)
            .map_err(|_| refuse(Refused::HandshakeSignature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        HANDSHAKE.supported_schemes()
    }
}

/// P-256 with SHA-256, which does not compute again that the root signed the clients' authorities: that was found when the
/// verifier was made. Their dates, and all else of the path, are looked at in every handshake.
#[derive(Debug)]
struct ByTheRoot(Vec<Signed>);

impl SignatureVerificationAlgorithm for ByTheRoot {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let found = |one: &Signed| one.key == key && one.message == message && one.signature == signature;
        if self.0.iter().any(found) {
            return Ok(());
        }
        aws_lc_rs::ECDSA_P256_SHA256.verify_signature(key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        aws_lc_rs::ECDSA_P256_SHA256.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        aws_lc_rs::ECDSA_P256_SHA256.signature_alg_id()
    }
}

/// What the verifier has seen of a client.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The certificate that the client presented; `None` for one that cannot be read, or before it came.
    pub certificate: Option<Certificate>,
    /// Why it was refused.
    pub refused: Option<Refused>,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
}

/// Runs a handshake, and says beside its outcome what the verifier has seen.
pub(super) async fn watched<F: Future>(handshake: F) -> (F::Output, Seen) {
    let both = async { (handshake.await, SEEN.with(RefCell::take)) };
    SEEN.scope(RefCell::default(), both).await
}

fn note(what: impl FnOnce(&mut Seen)) {
    // Outside `watched` nobody asks.
    let _ = SEEN.try_with(|seen| what(&mut seen.borrow_mut()));
}

/// Notes why, and gives the error whose alert comes closest.
fn refuse(reason: Refused) -> Error {
    note(|seen| seen.refused = Some(reason));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What was found is not computed again; whatever differs from it is, and is wrong.
    #[test]
    fn only_what_was_found_is_remembered() {
        let found = Signed { key: vec![4; 65], message: b"an authority".to_vec(), signature: vec![0x30; 70] };
        let by_the_root = ByTheRoot(vec![found.clone()]);
        let verify =
            |one: &Signed| by_the_root.verify_signature(&one.key, &one.message, &one.signature).is_ok();
        assert!(verify(&found));
        assert!(!verify(&Signed { key: vec![5; 65], ..found.clone() }));
        assert!(!verify(&Signed { message: b"another".to_vec(), ..found.clone() }));
        assert!(!verify(&Signed { signature: vec![0x31; 70], ..found }));
    }
}
