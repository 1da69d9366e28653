//! The typed client: one connection with mutual TLS, a client per service, and bounded retries.
//!
//! Owns deadlines, the caller's language on every call, and which refusals are worth another try. `cli` and
//! `dev` call it. Retries are safe because a mutation carries its `request_id`.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use tonic::{
    Code, Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

use zeroize::Zeroizing;

use super::{
    profile::Profile,
    refused::{Refused, innermost},
};
use crate::{
    domain::{backoff::Backoff, outside::Entropy, reason::Language},
    files::{Reach, SecretFault, read_secret, writable_by_others},
    pki::{
        certificate::{chain, is_self_issued},
        der::pem,
    },
    proto::{for_each_service, v1},
};

/// Longer files hold no key.
const KEY_BYTES_MAX: u64 = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
const TRIES_MAX: u32 = 4;
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(250), longest: Duration::from_secs(5) };

/// A channel that says on every call how long it may take and which language the caller reads.
pub type Wire = InterceptedService<Channel, CallOptions>;

/// A failure that left the client without a connection.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum ClientError {
    #[error("{}: {why}", .path.display())]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error(
        "{} can be read by others (mode {mode:03o}); run: chmod 600, or 640 for a group that has to read it",
        .path.display()
    )]
    KeyExposed { path: PathBuf, mode: u32 },
    /// Others may write the file that says whose certificates are trusted.
    #[error("{} can be written by others (mode {mode:03o}); run: chmod go-w", .path.display())]
    Writable { path: PathBuf, mode: u32 },
    #[error("the profile's address or certificates cannot be used: {0}")]
    Profile(String),
    #[error("no connection to {address}: {why}")]
    Unreachable {
        address: String,
        why: String,
        /// Whether it may be different in a moment: nobody listens, as while a gateway starts anew.
        passing: bool,
    },
    /// The gateway's certificate does not lead to the root that the profile trusts.
    #[error("what answers at {address} is not of the root in {}", .ca.display())]
    OtherRoot { address: String, ca: PathBuf },
    /// The gateway's certificate is for other names.
    #[error("the certificate of the gateway at {address} is not for the name {name}")]
    OtherName { address: String, name: String },
    /// The profile's key and its certificate do not belong together.
    #[error("{} is not the key of the profile's certificate", .key.display())]
    OtherKey { key: PathBuf },
    /// The gateway's certificate is over, or not valid yet, by this machine's clock.
    #[error("the certificate of the gateway at {address} is not valid at this time: {why}")]
    NotNow { address: String, why: String },
}

/// A connection to the gateway, for one system of one agency. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    wire: Wire,
}

impl Client {
    /// Connects, or says within five seconds why not. With TLS 1.3 a refused certificate shows only at the
    /// first call, as UNAVAILABLE.
    pub async fn connect(profile: &Profile, language: Language) -> Result<Self, ClientError> {
        let address = profile.address.trim_start_matches("https://").to_owned();
        let tls = ClientTlsConfig::new()
            .ca_certificates(anchors(&trusted(&profile.ca)?))
            .identity(identity(profile)?)
            .domain_name(&profile.server_name);
        let with_tls = |endpoint: Endpoint| endpoint.tls_config(tls);
        let wire = connect(&address, with_tls, language).await.map_err(|failed| match failed.fault {
            Some(TlsFault::Root) => ClientError::OtherRoot { address, ca: profile.ca.clone() },
            Some(TlsFault::Name) => ClientError::OtherName { address, name: profile.server_name.clone() },
            Some(TlsFault::Pair) => ClientError::OtherKey { key: profile.key.clone() },
            _ => failed.error,
        });
        Ok(Self { wire: wire? })
    }

    /// A client over a channel that is there already.
    pub fn over(channel: Channel, language: Language) -> Self {
        Self { wire: with_options(channel, language) }
    }

    /// Connects, and tries again where nobody listens: four times at most, as a call.
    pub async fn connect_again(
        profile: &Profile,
        language: Language,
        entropy: &dyn Entropy,
    ) -> Result<Self, ClientError> {
        let mut tries = 1;
        loop {
            match Self::connect(profile, language).await {
                Err(ClientError::Unreachable { passing: true, .. }) if tries < TRIES_MAX => {
                    tokio::time::sleep(BACKOFF.wait(tries, entropy)).await;
                    tries += 1;
                }
                connected => return connected,
            }
        }
    }
}

/// Reads whom to trust, which nobody else may write.
fn trusted(path: &Path) -> Result<Vec<u8>, ClientError> {
    let unreadable = |why| ClientError::Unreadable { path: path.to_owned(), why };
    match writable_by_others(path).map_err(unreadable)? {
        Some((path, mode)) => Err(ClientError::Writable { path, mode }),
        None => read(path),
    }
}

/// The profile's certificate and key.
pub(super) fn identity(profile: &Profile) -> Result<Identity, ClientError> {
    Ok(Identity::from_pem(read(&profile.certificate)?, key_text(&profile.key)?.as_bytes()))
}

/// Reads a key that nobody but its owner, and a group that its owner lets read it, can have read. At every use: a mode
/// that was right once may not be so now.
pub(super) fn key_text(path: &Path) -> Result<Zeroizing<String>, ClientError> {
    let unreadable = |why| ClientError::Unreadable { path: path.to_owned(), why };
    read_secret(path, KEY_BYTES_MAX, Reach::ReadingGroup).map_err(|fault| match fault {
        SecretFault::ReadableByOthers { mode } => ClientError::KeyExposed { path: path.to_owned(), mode },
        SecretFault::Unfit(why) => unreadable(io::Error::new(io::ErrorKind::InvalidData, why)),
        SecretFault::Io(why) => unreadable(why),
    })
}

macro_rules! clients {
    (
        certificate {$(
            $service:ident $noun:ident $server:tt ($client_mod:ident $client:ident) ($request_max:literal $answer_max:literal)
            $methods:tt $streams:tt $series:tt
        )*}
        token $join:tt
    ) => {
        impl Client {$(
            #[doc = concat!("The client of ", stringify!($service), ", which takes answers as large as the contract allows.")]
            pub fn $noun(&self) -> v1::$client_mod::$client<Wire> {
                v1::$client_mod::$client::new(self.wire.clone()).max_decoding_message_size($answer_max)
            }
        )*}
    };
}

for_each_service!(clients);

/// Connects to `host:port`, with TLS as `with_tls` has it.
pub(super) async fn wire(
    address: &str,
    with_tls: impl FnOnce(Endpoint) -> Result<Endpoint, tonic::transport::Error>,
    language: Language,
) -> Result<Wire, ClientError> {
    connect(address, with_tls, language).await.map_err(|failed| failed.error)
}

/// A connection that failed, and the part of TLS that failed it, if one did.
struct NotConnected {
    fault: Option<TlsFault>,
    error: ClientError,
}

async fn connect(
    address: &str,
    with_tls: impl FnOnce(Endpoint) -> Result<Endpoint, tonic::transport::Error>,
    language: Language,
) -> Result<Wire, NotConnected> {
    let text = |error: &tonic::transport::Error| innermost(error).unwrap_or_else(|| error.to_string());
    let endpoint =
        Endpoint::from_shared(format!("https://{address}")).and_then(with_tls).map_err(|error| {
            NotConnected { fault: tls_fault(&error), error: ClientError::Profile(text(&error)) }
        })?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .tcp_nodelay(true);
    let channel = endpoint.connect().await.map_err(|error| {
        let (fault, why, address) = (tls_fault(&error), text(&error), address.to_owned());
        let error = match fault {
            Some(TlsFault::Time) => ClientError::NotNow { address, why },
            _ => ClientError::Unreachable { address, why, passing: is_refused(&error) },
        };
        NotConnected { fault, error }
    })?;
    Ok(with_options(channel, language))
}

fn with_options(channel: Channel, language: Language) -> Wire {
    InterceptedService::new(channel, CallOptions { language: MetadataValue::from_static(language.as_str()) })
}

/// A part of TLS for which a connection fails, whoever is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsFault {
    /// A certificate is not valid at this time.
    Time,
    /// The gateway's certificate leads to no root that is trusted.
    Root,
    /// The gateway's certificate is for other names.
    Name,
    /// Our own key is not that of our certificate.
    Pair,
}

/// Finds the part of TLS for which a connection failed.
fn tls_fault(error: &(dyn Error + 'static)) -> Option<TlsFault> {
    use rustls::{CertificateError as Bad, Error as Tls};
    // An I/O error hides what it is made of.
    fn next<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
        match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    }
    let mut causes = std::iter::successors(Some(error), |&error| next(error));
    causes.find_map(|cause| match cause.downcast_ref::<Tls>()? {
        Tls::InconsistentKeys(_) => Some(TlsFault::Pair),
        Tls::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                Some(TlsFault::Time)
            }
            // A root of the same name as ours, with another key, is known by its signatures alone.
            Bad::UnknownIssuer | Bad::BadSignature => Some(TlsFault::Root),
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Some(TlsFault::Name),
            _ => None,
        },
        _ => None,
    })
}

/// Whether nobody listened, or who did went away before anything was said.
fn is_refused(error: &dyn std::error::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, ConnectionReset};
    let mut causes = std::iter::successors(error.source(), |&error| error.source());
    causes.any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| [ConnectionRefused, ConnectionReset].contains(&cause.kind()))
    })
}

/// Finds the roots to trust. A bundle also holds the authorities below the root, which servers send themselves; only a
/// root is bound by what its certificates say of purposes, so where there is one, it alone is trusted.
fn anchors(bundle: &[u8]) -> Vec<Certificate> {
    let all = std::str::from_utf8(bundle).ok().and_then(chain).unwrap_or_default();
    let roots: Vec<_> = all.iter().filter(|der| is_self_issued(der)).collect();
    if roots.is_empty() {
        return vec![Certificate::from_pem(bundle)];
    }
    roots.into_iter().map(|der| Certificate::from_pem(pem("CERTIFICATE", der).as_bytes())).collect()
}

/// Among a request's extensions: the call has no deadline, for it answers for as long as it is listened to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endless;

/// Sets deadline and language on each call.
#[derive(Debug, Clone)]
pub struct CallOptions {
    language: MetadataValue<Ascii>,
}

impl Interceptor for CallOptions {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if request.extensions().get::<Endless>().is_none() {
            request.set_timeout(CALL_TIMEOUT);
        }
        request.metadata_mut().insert("accept-language", self.language.clone());
        Ok(request)
    }
}

/// Makes a call, and makes it again where that may help: four tries at most. The closure must send the same
/// request each time, `request_id` included.
pub async fn retry<A>(
    entropy: &dyn Entropy,
    call: impl AsyncFn() -> Result<Response<A>, Status>,
) -> Result<A, Refused> {
    let mut tries = 1;
    loop {
        let refused = match call().await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) => Refused::from(status),
        };
        let Some(delay) = delay_after(&refused, tries, entropy) else { return Err(refused) };
        tokio::time::sleep(delay).await;
        tries += 1;
    }
}

/// Tells how long to wait before the next try; `None` where there should be none.
fn delay_after(refused: &Refused, tries: u32, entropy: &dyn Entropy) -> Option<Duration> {
    (tries < TRIES_MAX).then(|| wait_after(refused, tries, entropy)).flatten()
}

/// Tells how long to wait before something that changes nothing is asked again, after so many failures in a row, by whoever has the
/// time; `None` where that helps nobody. Beside what is worth another try of a call: a call whose time was over, and whatever the
/// gateway says may be sent again.
pub(super) fn wait_to_read(refused: &Refused, failures: u32, entropy: &dyn Entropy) -> Option<Duration> {
    let passing = refused.retry_after.is_some() || refused.code == Code::DeadlineExceeded;
    let wait =
        || refused.retry_after.unwrap_or_default().max(BACKOFF.wait(failures, entropy)).min(BACKOFF.longest);
    wait_after(refused, failures, entropy).or_else(|| passing.then(wait))
}

/// Tells how long to wait before the same is asked again, after so many failures in a row; `None` where that helps nobody. A
/// gateway says by RetryInfo that the same may be sent again; a connection that broke says nothing, and is worth trying too.
fn wait_after(refused: &Refused, failures: u32, entropy: &dyn Entropy) -> Option<Duration> {
    let worth = match refused.code {
        _ if refused.broken => true,
        Code::Unavailable => refused.retry_after.is_some() || !refused.is_of_gateway(),
        Code::ResourceExhausted => refused.retry_after.is_some(),
        Code::Aborted => refused.retry_after.is_some() || refused.reason == "CONFLICT_LOST",
        _ => false,
    };
    let wait = BACKOFF.wait(failures, entropy);
    worth.then(|| refused.retry_after.unwrap_or(wait).max(wait).min(BACKOFF.longest))
}

fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    fs::read(path).map_err(|why| ClientError::Unreadable { path: path.to_owned(), why })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chance shortens no wait.
    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    fn refused(code: Code, reason: &str, retry_after: Option<u64>) -> Refused {
        Refused {
            code,
            reason: reason.to_owned(),
            message: String::new(),
            violations: Vec::new(),
            broken: false,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_from_other_failures() {
        use rustls::CertificateError;
        let wrapped = |error: rustls::Error| {
            std::io::Error::other(std::io::Error::new(std::io::ErrorKind::InvalidData, error))
        };
        let fault = |error: CertificateError| tls_fault(&wrapped(rustls::Error::InvalidCertificate(error)));
        assert_eq!(fault(CertificateError::Expired), Some(TlsFault::Time));
        assert_eq!(fault(CertificateError::NotValidYet), Some(TlsFault::Time));
        assert_eq!(fault(CertificateError::UnknownIssuer), Some(TlsFault::Root));
        assert_eq!(fault(CertificateError::BadSignature), Some(TlsFault::Root));
        assert_eq!(fault(CertificateError::NotValidForName), Some(TlsFault::Name));
        assert_eq!(fault(CertificateError::Revoked), None);
        let pair = rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch);
        assert_eq!(tls_fault(&wrapped(pair)), Some(TlsFault::Pair));
        assert_eq!(tls_fault(&std::io::Error::other("refused")), None);
    }

    #[test]
    fn only_what_may_help_is_tried_again_and_not_for_ever() {
        let delay_after = |refused: &Refused, tries| delay_after(refused, tries, &Zeros);
        let away = refused(Code::Unavailable, "DATABASE_AWAY", Some(1));
        assert_eq!(delay_after(&away, 1), Some(Duration::from_secs(1)));
        assert_eq!(delay_after(&away, 4), None);
        let broken = Refused { broken: true, ..refused(Code::Unknown, "", None) };
        assert_eq!(delay_after(&broken, 1), Some(BACKOFF.first));
        assert_eq!(delay_after(&broken, 3), Some(BACKOFF.first * 4));
        assert!(delay_after(&refused(Code::Aborted, "CONFLICT_LOST", None), 1).is_some());
        assert_eq!(delay_after(&refused(Code::Aborted, "ETAG_MISMATCH", None), 1), None);
        assert_eq!(delay_after(&refused(Code::FailedPrecondition, "STATE_FORBIDS", Some(1)), 1), None);
        assert!(delay_after(&refused(Code::ResourceExhausted, "OVERLOADED", Some(1)), 1).is_some());
        assert_eq!(delay_after(&refused(Code::ResourceExhausted, "ORDERS_TOO_MANY", None), 1), None);
        assert!(delay_after(&refused(Code::Unavailable, "DATABASE_IMPAIRED", Some(2)), 1).is_some());
        let long = refused(Code::Unavailable, "DATABASE_AWAY", Some(60));
        assert_eq!(delay_after(&long, 1), Some(BACKOFF.longest));
    }
}
