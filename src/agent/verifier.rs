//! A server that is judged by a rule of our own, where webpki's whole one does not fit: who joins knows one root by its
//! digest, and who doubts a clock asks whatever the time is. TLS 1.3 only.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs::default_provider, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime},
};

/// The rule by which a server is accepted.
pub(super) trait ServerRule: fmt::Debug + Send + Sync {
    /// Whether the server may have this name. `above` is what it sent beside its own certificate.
    fn accepts(&self, leaf: &CertificateDer<'_>, above: &[CertificateDer<'_>], asked: &Asked<'_>) -> bool;
}

/// What a certificate is held against.
pub(super) struct Asked<'a> {
    pub name: &'a ServerName<'a>,
    /// The time that this machine's clock shows.
    pub now: UnixTime,
    /// The signatures that count.
    pub algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
}

/// Verifies a server by a rule, and its signature in the handshake as any client does.
#[derive(Debug)]
pub(super) struct ByRule<R> {
    rule: Arc<R>,
    provider: CryptoProvider,
}

impl<R> ByRule<R> {
    pub fn new(rule: Arc<R>) -> Self {
        Self { rule, provider: default_provider() }
    }
}

impl<R: ServerRule> ServerCertVerifier for ByRule<R> {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let asked = Asked { name, now, algorithms: self.provider.signature_verification_algorithms.all };
        match self.rule.accepts(leaf, above, &asked) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
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
