//! The gateway's own certificate.
//!
//! At two thirds of its certificate's life it makes a key, asks the signer, and takes the new pair up without a
//! restart; a gateway that has none yet begins so. Files are put in place whole: the new pair is complete on the disk
//! before the first of its two files gets its name, and a start that finds the exchange half done completes it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use metrics::gauge;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{
    config,
    domain::certificate::{OrderKey, OrderState, renew_at},
    exchange,
    files::write_file,
    pki::{
        der::pem,
        secret::{SecretError, SecretKey, SecretKind},
    },
};

/// Says when the gateway looks after its own certificate: every five seconds.
pub const RENEW_OWN: Plan =
    Plan { name: "renew_own", every: Duration::from_secs(5), patience: Duration::from_secs(60) };

/// How long it waits after the signer refused.
const REST: SignedDuration = SignedDuration::from_hours(1);
/// How often while there is no certificate yet.
const WAITING: Duration = Duration::from_millis(250);

/// Why the gateway's certificate was not looked after.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// A file cannot be read, written or put in place.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// The key that waits cannot be read or made.
    #[error("{}: {cause}", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
        /// The fault.
        cause: SecretError,
    },
    /// A key of an authority lies where the gateway's belongs.
    #[error(
        "{}: this is the key of the authority {name}, and no gateway holds one. Take it off this machine; a new key is \
         made at the next start", path.display()
    )]
    AuthorityKey {
        /// The key's file.
        path: PathBuf,
        /// The authority's name.
        name: String,
    },
    /// The database refuses, or does not answer.
    #[error(transparent)]
    Exchange(#[from] exchange::Error),
    /// The signer refused, for this reason.
    #[error("the signer refused the gateway's certificate: {0}")]
    Refused(String),
    /// The new pair cannot be shown.
    #[error(transparent)]
    Replacement(Failure),
}

/// The certificate that a gateway shows, which can be replaced while it runs.
pub trait Shown: Send + Sync + 'static {
    /// The first and the last second in which it is valid.
    fn validity(&self) -> (Timestamp, Timestamp);

    /// Puts another chain (leaf first) and its key in place, both PEM. On an error everything stays as it was.
    fn replace(&self, chain_pem: &str, key_pem: &str) -> Result<(), Failure>;
}

/// Looks after the certificate of one gateway.
pub struct Upkeep {
    /// The way into the database.
    pub keeper: Keeper,
    /// Where certificate and key lie, and the names that it is for.
    pub tls: config::Tls,
}

/// Renews a certificate in time while it is shown.
pub struct Renewal {
    upkeep: Upkeep,
    shown: Arc<dyn Shown>,
    /// When the next try is due, after the signer refused.
    rest: Option<Timestamp>,
}

impl Upkeep {
    /// Refuses a key of an authority where the gateway's belongs: `AuthorityKey`. One transaction.
    async fn check_key(&self) -> Result<(), UpkeepError> {
        let Ok(text) = fs::read_to_string(&self.tls.key) else { return Ok(()) };
        let Ok(key) = SecretKey::from_pem(&text, None) else { return Ok(()) };
        let authorities = self.keeper.exchange.authority_status().await?.authorities;
        match authorities.iter().find(|authority| authority.key_id == key.key_id()) {
            Some(found) => {
                Err(UpkeepError::AuthorityKey { path: self.tls.key.clone(), name: found.name.clone() })
            }
            None => Ok(()),
        }
    }

    /// Waits until the gateway has a certificate: returns at once, or when the signer has granted the first.
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

    /// Renews what is shown from now on.
    pub fn renewal(self, shown: Arc<dyn Shown>) -> Renewal {
        Renewal { upkeep: self, shown, rest: None }
    }

    /// Asks for a certificate for the key that waits, which is made if there is none. Once granted, key and chain are
    /// put in place and returned.
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
        let (order, chain) = self.keeper.exchange.order_own(&wanted, &self.tls.hosts).await?;
        let state = order.state(self.keeper.clock.now());
        if state == OrderState::Rejected {
            // A new key asks anew, once the configuration is right.
            fs::remove_file(&waiting).map_err(|cause| UpkeepError::File { path: waiting.clone(), cause })?;
            return Err(UpkeepError::Refused(order.progress.reason.unwrap_or_default()));
        }
        let Some(chain) = chain else { return Ok(None) };
        let root = self.keeper.exchange.root().await?;
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

impl Work for Renewal {
    async fn turn(&mut self) -> Result<(), Failure> {
        let now = self.upkeep.keeper.clock.now();
        let resting = self.rest.is_some_and(|until| now < until);
        let renewed = if resting { Ok(()) } else { self.renew(now).await };
        gauge!("gerbang_own_certificate_expires_seconds").set(self.shown.validity().1.as_second() as f64);
        if let Err(error) = renewed {
            gauge!("gerbang_own_renewal_failed").set(1.0);
            // Each try is a key and an order: what was refused needs somebody who changes the configuration.
            self.rest = matches!(error, UpkeepError::Refused(_)).then(|| now + REST);
            return Err(error.into());
        }
        Ok(())
    }
}

impl Renewal {
    /// Renews the certificate where two thirds of its life are over.
    async fn renew(&self, now: Timestamp) -> Result<(), UpkeepError> {
        let (not_before, not_after) = self.shown.validity();
        if now < renew_at(not_before, not_after) {
            gauge!("gerbang_own_renewal_failed").set(0.0);
            return Ok(());
        }
        if let Some((chain, key)) = self.upkeep.obtain().await? {
            self.shown.replace(&chain, &key).map_err(UpkeepError::Replacement)?;
            tracing::info!("the gateway's own certificate is renewed");
        }
        Ok(())
    }
}

fn next(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), UpkeepError> {
    write_file(path, mode, text.as_bytes())
        .map_err(|cause| UpkeepError::File { path: path.to_owned(), cause })
}
