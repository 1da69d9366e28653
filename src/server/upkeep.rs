//! What a gateway looks after beside its calls: its own certificate, the files of the trust bundle, and the authority's
//! alarms.
//!
//! At two thirds of its certificate's life it makes a key, asks the signer, and takes the new pair up without a restart;
//! a gateway that has none yet begins so. Files are put in place whole: the new pair is complete on the disk before the
//! first of its two files gets its name, and a start that finds the exchange half done completes it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::SignedDuration;
use metrics::gauge;
use tokio_util::sync::CancellationToken;

use super::tls::{OwnCertificate, TlsError};
use crate::{
    config,
    domain::{
        Reason,
        certificate::{OrderKey, OrderState, renew_at},
        outside::Clock,
        reason::Language,
    },
    exchange::{self, Exchange, certificate::read::Status},
    files::write_file,
    pki::{
        der::pem,
        secret::{SecretError, SecretKey, SecretKind},
    },
};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);
/// How long it waits after the signer refused.
const REST: SignedDuration = SignedDuration::from_hours(1);
/// How often while there is no certificate yet.
const WAITING: Duration = Duration::from_millis(250);

/// What may need attention, each as a metric that is 0 or 1.
const ALARMS: [Reason; 3] = [Reason::AdministratorsFew, Reason::SignerAway, Reason::CrlStale];

/// Why the gateway's certificate was not looked after.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{}: {cause}", path.display())]
    Key { path: PathBuf, cause: SecretError },
    #[error(
        "{}: this is the key of the authority {name}, and no gateway holds one. Take it off this machine; a new key is \
         made at the next start", path.display()
    )]
    AuthorityKey { path: PathBuf, name: String },
    #[error(transparent)]
    Exchange(#[from] exchange::Error),
    #[error("the signer refused the gateway's certificate: {0}")]
    Refused(String),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Looks after one gateway.
pub struct Upkeep {
    pub exchange: Exchange,
    pub tls: config::Tls,
    /// Where the trust bundle's files go.
    pub trust_folder: Option<PathBuf>,
    pub clock: Arc<dyn Clock>,
}

impl Upkeep {
    /// `AuthorityKey` where a key of an authority lies where the gateway's belongs.
    async fn check_key(&self) -> Result<(), UpkeepError> {
        let Ok(text) = fs::read_to_string(&self.tls.key) else { return Ok(()) };
        let Ok(key) = SecretKey::from_pem(&text, None) else { return Ok(()) };
        let authorities = self.exchange.authority_status().await?.authorities;
        match authorities.iter().find(|authority| authority.key_id == key.key_id()) {
            Some(found) => {
                Err(UpkeepError::AuthorityKey { path: self.tls.key.clone(), name: found.name.clone() })
            }
            None => Ok(()),
        }
    }

    /// Returns once the gateway has a certificate: at once, or when the signer has granted the first.
    pub async fn first(&self) -> Result<(), UpkeepError> {
        self.complete()?;
        self.check_key().await?;
        let mut told = false;
        while !self.tls.certificate.exists() {
            if self.obtain().await?.is_some() {
                return Ok(());
            }
            if !told {
                tracing::info!("the gateway has no certificate yet and waits for the signer");
                told = true;
            }
            tokio::time::sleep(WAITING).await;
        }
        Ok(())
    }

    /// Runs until `end`.
    pub async fn run(self, own: Arc<OwnCertificate>, end: CancellationToken) {
        let (mut alarmed, mut rest) = (Vec::new(), None);
        let looking = async {
            loop {
                let resting = rest.is_some_and(|until| self.clock.now() < until);
                if let Err(error) = if resting { Ok(()) } else { self.renew(&own).await } {
                    // Each try is a key and an order: what was refused needs somebody who changes the configuration.
                    rest = matches!(error, UpkeepError::Refused(_)).then(|| self.clock.now() + REST);
                    gauge!("gerbang_own_renewal_failed").set(1.0);
                    tracing::warn!(%error, "the gateway's own certificate is not renewed");
                }
                gauge!("gerbang_own_certificate_expires_seconds").set(own.not_after().as_second() as f64);
                if let Ok(status) = self.exchange.authority_status().await {
                    alarmed = tell(&status, &alarmed);
                    if let Some(Err(error)) =
                        self.trust_folder.as_ref().map(|folder| write_trust(folder, &status))
                    {
                        tracing::warn!(%error, "the files of the trust bundle are not written");
                    }
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::select! {
            () = looking => {}
            () = end.cancelled() => {}
        }
    }

    /// Renews the certificate where two thirds of its life are over.
    async fn renew(&self, own: &OwnCertificate) -> Result<(), UpkeepError> {
        if self.clock.now() < renew_at(own.not_before(), own.not_after()) {
            gauge!("gerbang_own_renewal_failed").set(0.0);
            return Ok(());
        }
        if let Some((chain, key)) = self.obtain().await? {
            own.replace(&chain, &key)?;
            tracing::info!("the gateway's own certificate is renewed");
        }
        Ok(())
    }

    /// Asks for a certificate for the key that waits, which is made if there is none. Once granted, key and chain are put
    /// in place and returned.
    async fn obtain(&self) -> Result<Option<(String, String)>, UpkeepError> {
        let waiting = next(&self.tls.key);
        let key_error = |cause| UpkeepError::Key { path: waiting.clone(), cause };
        let key = match fs::read_to_string(&waiting) {
            Ok(text) => SecretKey::from_pem(&text, None).map_err(key_error)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = SecretKey::generate(SecretKind::P256).map_err(key_error)?;
                write(&waiting, 0o600, &key.to_pem())?;
                key
            }
            Err(cause) => return Err(UpkeepError::File { path: waiting, cause }),
        };
        let wanted = OrderKey { spki: key.spki(), id: key.key_id() };
        let (order, chain) = self.exchange.order_own(&wanted, &self.tls.hosts).await?;
        let state = order.state(self.clock.now());
        if state == OrderState::Rejected {
            // A new key asks anew, once the configuration is right.
            fs::remove_file(&waiting).map_err(|cause| UpkeepError::File { path: waiting.clone(), cause })?;
            return Err(UpkeepError::Refused(order.progress.reason.unwrap_or_default()));
        }
        let Some(chain) = chain else { return Ok(None) };
        let root = self.exchange.root().await?;
        let all = chain.into_iter().chain(root.map(|root| root.der));
        let chain: String = all.map(|der| pem("CERTIFICATE", &der).to_string()).collect();
        write(&next(&self.tls.certificate), 0o644, &chain)?;
        self.complete()?;
        Ok(Some((chain, key.to_pem().to_string())))
    }

    /// Gives a pair that is whole its names: the key first, the certificate last.
    fn complete(&self) -> Result<(), UpkeepError> {
        let waiting = next(&self.tls.certificate);
        if !waiting.exists() {
            return Ok(());
        }
        for (from, to) in [(next(&self.tls.key), &self.tls.key), (waiting, &self.tls.certificate)] {
            match fs::rename(&from, to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(|cause| UpkeepError::File { path: from, cause })?,
            }
        }
        Ok(())
    }
}

/// Tells every alarm when it begins, as log and metric, and says when it ends.
fn tell(status: &Status, before: &[Reason]) -> Vec<Reason> {
    let now: Vec<_> = status.alarms.iter().map(|alarm| alarm.reason).collect();
    for alarm in status.alarms.iter().filter(|alarm| !before.contains(&alarm.reason)) {
        tracing::warn!(reason = alarm.reason.code(), "{}", alarm.text(Language::English));
    }
    for reason in ALARMS {
        gauge!("gerbang_alarm", "reason" => reason.code()).set(f64::from(u8::from(now.contains(&reason))));
        if before.contains(&reason) && !now.contains(&reason) {
            tracing::info!(reason = reason.code(), "the alarm is over");
        }
    }
    gauge!("gerbang_administrators_valid").set(status.administrators as f64);
    now
}

/// `bundle.pem` with every authority, and a list for each: `(name).crl.pem`. Only what changed is written.
fn write_trust(folder: &Path, status: &Status) -> Result<(), UpkeepError> {
    let mut bundle = String::new();
    for authority in &status.authorities {
        bundle.push_str(&pem("CERTIFICATE", &authority.der));
        if let Some(crl) = &authority.crl {
            let name = authority.kind.as_str().to_ascii_lowercase();
            write_changed(&folder.join(format!("{name}.crl.pem")), &pem("X509 CRL", &crl.der))?;
        }
    }
    write_changed(&folder.join("bundle.pem"), &bundle)
}

fn write_changed(path: &Path, text: &str) -> Result<(), UpkeepError> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    write(path, 0o644, text)
}

fn next(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), UpkeepError> {
    write_file(path, mode, text.as_bytes())
        .map_err(|cause| UpkeepError::File { path: path.to_owned(), cause })
}
