//! The pin: whom a token's holder speaks to, decided before the secret leaves the machine.
//!
//! Owns one rule: the chain that the server sends contains the certificate whose SHA-256 the token names, and the
//! server's certificate leads back to that one, for this name and for serverAuth. No other authority counts. TLS 1.3
//! only. `join` hands it to the connection.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs::default_provider, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::pki::certificate::fingerprint;

/// A reason why the server is not the one that the token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The chain does not contain the root that the token names.
    Root,
    /// It does, and the server's certificate is not for this name.
    Name,
    /// A certificate is not valid at the time that this machine's clock shows.
    Time,
    /// The server's certificate does not lead back to the root, or is for another purpose.
    Chain(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => out.write_str("its chain does not contain the root of the token"),
            Self::Name => out.write_str("its certificate is not for this name"),
            Self::Time => out.write_str("its certificate is not valid now, by this machine's clock"),
            Self::Chain(why) => write!(out, "its certificate does not lead back to the token's root ({why})"),
        }
    }
}

impl From<webpki::Error> for Flaw {
    fn from(error: webpki::Error) -> Self {
        match error {
            webpki::Error::CertNotValidForName(_) => Self::Name,
            webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => Self::Time,
            other => Self::Chain(format!("{other:?}")),
        }
    }
}

/// Accepts a server below one root, known by its SHA-256.
#[derive(Debug)]
pub struct PinnedRoot {
    root: [u8; 32],
    provider: Arc<CryptoProvider>,
    flaw: Mutex<Option<Flaw>>,
}

impl PinnedRoot {
    /// Accepts a server only below the root with this SHA-256.
    pub fn new(root: [u8; 32]) -> Self {
        Self { root, provider: Arc::new(default_provider()), flaw: Mutex::default() }
    }

    /// The flaw of the last server, if it was refused.
    pub fn flaw(&self) -> Option<Flaw> {
        self.flaw.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Flaw> {
        let root = others.iter().find(|der| fingerprint(der) == self.root).ok_or(Flaw::Root)?;
        let anchor = anchor_from_trusted_cert(root)?;
        let leaf = EndEntityCert::try_from(leaf)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        let usage = KeyUsage::server_auth();
        leaf.verify_for_usage(algorithms, &[anchor], others, now, usage, None, None)?;
        Ok(leaf.verify_is_valid_for_subject_name(name)?)
    }
}

impl ServerCertVerifier for PinnedRoot {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judged = self.judge(leaf, others, name, now);
        *self.flaw.lock().unwrap_or_else(PoisonError::into_inner) = judged.clone().err();
        judged
            .map(|()| ServerCertVerified::assertion())
            .map_err(|_| CertificateError::ApplicationVerificationFailure.into())
    }

    /// Never reached by a gateway, which speaks TLS 1.3.
    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _leaf: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.3 is required".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
