//! The gateway's side of TLS, as rustls configurations: mutual TLS where agencies connect, the gateway's certificate
//! alone where systems join.
//!
//! TLS 1.3 only; above it HTTP/2, and where agencies connect HTTP/1.1 too. Refuses to start on a file that it cannot use, by name. Who may connect is `verifier`'s
//! business. [`OwnCertificate`] holds the gateway's certificate, which can be replaced while it runs. Called by
//! `server::start`.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use rustls::{
    ConfigBuilder, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, WantsServerCert},
    sign::CertifiedKey,
    time_provider::TimeProvider,
};

use super::verifier::Verifier;
use crate::{
    config::{
        self,
        secret::{self, SecretFileError},
    },
    domain::outside::Clock,
    keeper::{own::Shown, task::Failure},
    pki::certificate::{self, Certificate},
};

/// The protocols above TLS, by their names in ALPN (RFC 7301): HTTP/2 and HTTP/1.1.
pub(super) const H2: &[u8] = b"h2";
pub(super) const HTTP1: &[u8] = b"http/1.1";

/// The error behind one of ours.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure to set up TLS, or to put a certificate in place; each text names the file, if there is one.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum TlsError {
    #[error("{}: {cause}", file.display())]
    Pem {
        file: PathBuf,
        #[source]
        cause: Cause,
    },
    #[error(transparent)]
    Key(#[from] SecretFileError),
    #[error("{}: there is no certificate in it", file.display())]
    Empty { file: PathBuf },
    #[error("{} and {}: {cause}", certificate.display(), key.display())]
    Pair {
        certificate: PathBuf,
        key: PathBuf,
        #[source]
        cause: Cause,
    },
    #[error("the new certificate and its key: {0}")]
    Replacement(#[source] Cause),
    #[error("{}: not usable as authority: {cause}", file.display())]
    Authority {
        file: PathBuf,
        #[source]
        cause: Cause,
    },
    #[error("TLS 1.3 cannot be set up: {0}")]
    Provider(#[source] rustls::Error),
}

/// The gateway's own certificate and key. Whoever connects after [`OwnCertificate::replace`] sees the new one;
/// connections that stand keep theirs.
#[derive(Debug)]
pub struct OwnCertificate {
    loaded: RwLock<LoadedPair>,
}

#[derive(Debug)]
struct LoadedPair {
    pair: Arc<CertifiedKey>,
    leaf: Certificate,
}

impl OwnCertificate {
    /// Reads certificate and key from where the configuration has them. A key that others can read is refused.
    pub fn load(tls: &config::Tls) -> Result<Arc<Self>, TlsError> {
        let loaded = LoadedPair::read(&read(&tls.certificate)?, &secret::read(&tls.key)?);
        let loaded = loaded.map_err(|cause| TlsError::Pair {
            certificate: tls.certificate.clone(),
            key: tls.key.clone(),
            cause,
        })?;
        Ok(Arc::new(Self { loaded: RwLock::new(loaded) }))
    }

    /// Puts another chain (leaf first) and its key in place, both PEM. Writes no file. On an error everything stays as
    /// it was.
    pub fn replace(&self, chain_pem: &str, key_pem: &str) -> Result<(), TlsError> {
        let loaded = LoadedPair::read(chain_pem, key_pem).map_err(TlsError::Replacement)?;
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// The first second in which the certificate is valid.
    pub fn not_before(&self) -> Timestamp {
        self.with(|loaded| loaded.leaf.not_before)
    }

    /// The last second in which the certificate is valid.
    pub fn not_after(&self) -> Timestamp {
        self.with(|loaded| loaded.leaf.not_after)
    }

    fn with<T>(&self, read: impl FnOnce(&LoadedPair) -> T) -> T {
        read(&self.loaded.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shown for OwnCertificate {
    fn validity(&self) -> (Timestamp, Timestamp) {
        (self.not_before(), self.not_after())
    }

    fn replace(&self, chain_pem: &str, key_pem: &str) -> Result<(), Failure> {
        Ok(Self::replace(self, chain_pem, key_pem)?)
    }
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.with(|loaded| loaded.pair.clone()))
    }
}

impl LoadedPair {
    fn read(chain: &str, key: &str) -> Result<Self, Cause> {
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>()?;
        let leaf = chain.first().ok_or("there is no certificate")?;
        let leaf = certificate::read(leaf).map_err(|_| "the first certificate cannot be read")?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
        let pair = CertifiedKey::from_der(chain, key, &provider())?;
        Ok(Self { pair: Arc::new(pair), leaf })
    }
}

/// Configures TLS where agencies connect: reads root and authorities, and asks every client for a certificate, judged
/// by `clock`.
pub fn server_config(
    tls: &config::Tls,
    own: Arc<OwnCertificate>,
    clock: Arc<dyn Clock>,
) -> Result<ServerConfig, TlsError> {
    let authority = |file: &Path| {
        let file = file.to_owned();
        move |cause| TlsError::Authority { file, cause }
    };
    let mut roots = certificates(&tls.root)?;
    if roots.len() > 1 {
        return Err(authority(&tls.root)("there is more than one certificate in it".into()));
    }
    let root = roots.remove(0);
    let others = own.with(|loaded| loaded.pair.cert[1..].to_vec());
    let verifier =
        Verifier::new(root, certificates(&tls.clients_ca)?, others).map_err(authority(&tls.clients_ca))?;
    Ok(finish(builder(clock)?.with_client_cert_verifier(Arc::new(verifier)), own, &[H2, HTTP1]))
}

/// Configures TLS where systems join: no client is asked for a certificate, and all speak HTTP/2.
pub fn join_config(own: Arc<OwnCertificate>, clock: Arc<dyn Clock>) -> Result<ServerConfig, TlsError> {
    Ok(finish(builder(clock)?.with_no_client_auth(), own, &[H2]))
}

fn builder(clock: Arc<dyn Clock>) -> Result<ConfigBuilder<ServerConfig, rustls::WantsVerifier>, TlsError> {
    ServerConfig::builder_with_details(provider(), Arc::new(Time(clock)))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsError::Provider)
}

fn finish(
    builder: ConfigBuilder<ServerConfig, WantsServerCert>,
    own: Arc<OwnCertificate>,
    protocols: &[&[u8]],
) -> ServerConfig {
    let mut config = builder.with_cert_resolver(own);
    // The first that the client offers too is agreed on.
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    // A resumed session would skip the client verifier, and with it the certificate's expiry.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

fn read(file: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(file)
        .map_err(|cause| TlsError::Pem { file: file.to_owned(), cause: cause.into() })
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(file)?;
    let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|cause| TlsError::Pem { file: file.to_owned(), cause: cause.into() })?;
    if certificates.is_empty() {
        return Err(TlsError::Empty { file: file.to_owned() });
    }
    Ok(certificates)
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

    #[test]
    fn a_missing_file_is_named() {
        let file = PathBuf::from("nowhere/gateway.crt");
        let tls = config::Tls {
            certificate: file.clone(),
            hosts: Vec::new(),
            key: file.clone(),
            root: file.clone(),
            clients_ca: file,
        };
        let error = OwnCertificate::load(&tls).unwrap_err().to_string();
        assert!(error.starts_with("nowhere/gateway.crt: "), "{error}");
    }
}
