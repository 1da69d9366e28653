//! The whole gateway of a folder: database, keys, certificates, first administrator, listener.
//!
//! Refuses a database whose keys are gone, and an address that is taken. `cli` starts one for `gerbang dev`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    DevError, Folder,
    pki::{self, GatewayPaths},
    postgres::{GATEWAY, Postgres},
};
use crate::{
    config::{Config, Limits, LogFormat, Tls},
    domain::{
        Reason,
        outside::{Clock, Entropy},
        reason::Language,
    },
    exchange::{self, Outside},
    pki::certificate::{Certificate, read_pem},
    server::{Running, StartError, gateway::AssembleError, gateway::assemble, log},
    store::{self, Database},
    vault::{KeyFileError, Keys},
};

/// How long calls under way get at the end.
const GRACE: Duration = Duration::from_secs(2);

/// What `dev` is told.
#[derive(Debug, Clone)]
pub struct Options {
    pub folder: PathBuf,
    pub listen: SocketAddr,
    /// An existing Postgres, as a role that may create tables and is a member of `gerbang_gateway`; without it,
    /// a private one.
    pub database_url: Option<String>,
}

/// A gateway that runs, with all that it needs.
pub struct Gateway {
    // Dropped in this order: nobody is served any more, the database stops, the folder is free.
    running: Running,
    postgres: Option<Postgres>,
    folder: Folder,
}

/// Where migrations run, and where the gateway does.
struct Urls {
    owner: String,
    gateway: String,
}

impl Gateway {
    /// Starts everything, and returns once the gateway accepts connections. Its log, as the database's, goes to
    /// a file of the folder.
    pub async fn start(
        options: Options,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, DevError> {
        let folder = Folder::open(&options.folder)?;
        let log_path = folder.log();
        log::init_file(fs::File::create(&log_path).map_err(DevError::io("Opening", &log_path))?);
        let (postgres, urls) = match options.database_url {
            Some(url) => (None, Urls { gateway: as_gateway(&url), owner: url }),
            None => {
                let postgres = start_postgres(folder.path().to_owned()).await?;
                let urls = Urls { owner: postgres.owner_url(), gateway: postgres.gateway_url() };
                (Some(postgres), urls)
            }
        };
        store::migrate(&urls.owner).await?;
        let keys = open_vault(&folder.vault(), &urls.owner, &*entropy).await?;
        let now = clock.now();
        let paths = pki::prepare(folder.path(), &url_of(options.listen), now)?;
        let administrator = folder.path().join("pki/operator.admin.pem");
        let outside = Outside {
            clock: clock.clone(),
            entropy: entropy.clone(),
            // Registering a certificate digests nothing.
            keys: Arc::new(Keys::generate(&*entropy)),
            trust_domain: pki::TRUST_DOMAIN.into(),
        };
        register_administrator(&urls.owner, &outside, &administrator).await?;
        let config = config(options.listen, urls.gateway, folder.vault(), paths);
        let running = assemble(&config, keys, clock, entropy).await.map_err(DevError::from)?;
        if running.address != options.listen {
            pki::prepare(folder.path(), &url_of(running.address), now)?;
        }
        Ok(Self { running, postgres, folder })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Where the private database lies, if not in the folder.
    pub fn elsewhere(&self) -> Option<&Path> {
        self.postgres.as_ref().and_then(Postgres::elsewhere)
    }

    /// Finishes what is under way, then stops the private database, then leaves the folder.
    pub async fn stop(self) -> Result<(), DevError> {
        self.running.shutdown(GRACE).await;
        let Some(postgres) = self.postgres else { return Ok(()) };
        blocking(move || postgres.stop()).await
    }
}

async fn start_postgres(folder: PathBuf) -> Result<Postgres, DevError> {
    blocking(move || Postgres::start(&folder)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DevError> + Send + 'static,
) -> Result<T, DevError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

/// The same database in the role of a gateway, to which row-level security applies.
fn as_gateway(url: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options[role]={GATEWAY}")
}

fn url_of(address: SocketAddr) -> String {
    format!("https://{address}")
}

/// The folder's keys. New ones only for a database that knows none.
async fn open_vault(path: &Path, owner_url: &str, entropy: &dyn Entropy) -> Result<Arc<Keys>, DevError> {
    match Keys::load(path) {
        Err(KeyFileError::Missing(_)) => {}
        loaded => return Ok(Arc::new(loaded?)),
    }
    if exchange::has_keys(&Database::open(owner_url, 1)?).await? {
        return Err(DevError::VaultMissing(path.to_owned()));
    }
    Keys::generate(entropy).write_new(path)?;
    Ok(Arc::new(Keys::load(path)?))
}

/// Registers the folder's administrator, or its new certificate where it was registered with an older one.
async fn register_administrator(owner_url: &str, outside: &Outside, path: &Path) -> Result<(), DevError> {
    let certificate = read_certificate(path)?;
    let database = Database::open(owner_url, 1)?;
    let first = exchange::agency::first_administrator(&database, outside, &certificate).await;
    match first {
        Err(exchange::Error::Refused(refusal)) if refusal.reason() == Reason::SystemExists => {
            exchange::agency::readmit_administrator(&database, outside, &certificate).await?;
        }
        other => {
            other?;
        }
    }
    database.close().await;
    Ok(())
}

/// A certificate of the folder.
pub fn read_certificate(path: &Path) -> Result<Certificate, DevError> {
    let pem = fs::read_to_string(path).map_err(DevError::io("Reading", path))?;
    read_pem(&pem)
        .map_err(|fault| DevError::io("Reading", path)(std::io::Error::other(fault.text(Language::English))))
}

fn config(listen: SocketAddr, database_url: String, vault: PathBuf, paths: GatewayPaths) -> Config {
    Config {
        listen,
        trust_domain: pki::TRUST_DOMAIN.to_owned(),
        database_url,
        vault,
        tls: Tls { certificate: paths.certificate, key: paths.key, client_ca: paths.authority },
        metrics: None,
        limits: Limits::default(),
        log: LogFormat::Text,
    }
}

impl From<AssembleError> for DevError {
    fn from(error: AssembleError) -> Self {
        match error {
            AssembleError::Start(StartError::Listen { address, cause }) => Self::Address { address, cause },
            AssembleError::Keys(exchange::Error::Away(text)) if text.contains("to set role") => {
                Self::NotMember(GATEWAY)
            }
            other => Self::Gateway(other.to_string()),
        }
    }
}
