//! The gateway's side of mutual TLS, as a rustls configuration.
//!
//! TLS 1.3 and HTTP/2 only, and a client certificate that leads back to the configured authority. Refuses to
//! start on a file that it cannot use, by name. Judges chain, purpose and time; revocation is the registry's
//! business, in every call. Called by `server::start`.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
    time_provider::TimeProvider,
};

use crate::{config, domain::outside::Clock};

/// The one protocol that is spoken above TLS.
pub(super) const H2: &[u8] = b"h2";

/// Why TLS cannot start; each text names the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{}: {cause}", file.display())]
    Pem { file: PathBuf, cause: String },
    #[error("{}: there is no certificate in it", file.display())]
    Empty { file: PathBuf },
    #[error("{} and {}: {cause}", certificate.display(), key.display())]
    Pair { certificate: PathBuf, key: PathBuf, cause: rustls::Error },
    #[error("{}: not usable as authority of the clients: {cause}", file.display())]
    Authority { file: PathBuf, cause: String },
    #[error("TLS 1.3 cannot be set up: {0}")]
    Provider(rustls::Error),
}

/// Reads the three files and makes the configuration. Certificates are judged by `clock`.
pub fn server_config(tls: &config::Tls, clock: Arc<dyn Clock>) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots(&tls.client_ca)?), provider.clone())
            .build()
            .map_err(|cause| TlsError::Authority { file: tls.client_ca.clone(), cause: cause.to_string() })?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|cause| pem_error(&tls.key, &cause))?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(Time(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Provider)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&tls.certificate)?, key)
        .map_err(|cause| TlsError::Pair {
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            cause,
        })?;
    config.alpn_protocols = vec![H2.to_vec()];
    // A resumed session would skip the client verifier, and with it the certificate's expiry.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots
            .add(certificate)
            .map_err(|cause| TlsError::Authority { file: file.to_owned(), cause: cause.to_string() })?;
    }
    Ok(roots)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| pem_error(file, &cause))?;
    if certificates.is_empty() {
        return Err(TlsError::Empty { file: file.to_owned() });
    }
    Ok(certificates)
}

fn pem_error(file: &Path, cause: &rustls::pki_types::pem::Error) -> TlsError {
    TlsError::Pem { file: file.to_owned(), cause: cause.to_string() }
}

/// The gateway's clock as rustls wants it.
struct Time(Arc<dyn Clock>);

impl fmt::Debug for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Time")
    }
}

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::outside::SystemClock;

    #[test]
    fn a_missing_file_is_named() {
        let file = PathBuf::from("nowhere/client-ca.crt");
        let tls = config::Tls { certificate: file.clone(), key: file.clone(), client_ca: file };
        let error = server_config(&tls, Arc::new(SystemClock)).unwrap_err().to_string();
        assert!(error.starts_with("nowhere/client-ca.crt: "), "{error}");
    }
}
