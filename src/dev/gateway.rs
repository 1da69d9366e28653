//! The whole gateway of a folder: database, keys, certificates, first administrator, listener.
//!
//! Refuses a database whose keys are gone, and an address that is taken. `cli` starts one for `gerbang dev`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{
    DevError, Folder,
    pki::{self, Authority},
    postgres::{GATEWAY, KEEPER, Postgres, SIGNER},
};
use crate::{
    config::{self, Config, JoinListener, Limits, LogFormat, Tls, ledger_key, secret::SecretFileError},
    domain::outside::{Clock, Entropy},
    exchange::{self, Exchange, Outside},
    keeper::own::UpkeepError,
    ledger::note::Origin,
    server::{Running, StartError, gateway::AssembleError, gateway::assemble, log},
    signer::{self, Signer, SignerError},
    store::{self, Database, audit::Report},
    vault::{KeyFileError, VaultKeys},
};

/// The names of a gateway that only this machine reaches.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// The name of the ledger of such a gateway.
const LEDGER: &str = "localhost/ledger";

/// The time that calls under way get at the end.
const GRACE: Duration = Duration::from_secs(2);

/// The pause between two looks whether the private database is there.
const LOOK: Duration = Duration::from_millis(500);

/// The options of `dev`.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that holds everything.
    pub folder: PathBuf,
    /// The address on which agencies connect.
    pub listen: SocketAddr,
    /// An existing Postgres, as a role that may create tables and is a member of the roles that own nothing;
    /// without it, a private one.
    pub database_url: Option<String>,
}

/// A gateway that runs, with all that it needs.
pub struct Gateway {
    // Dropped in this order: nobody is served any more, the database stops, the folder is free.
    running: Running,
    /// Beside the gateway here; anywhere else it is a process of its own, and on another machine.
    signer: JoinHandle<Result<(), SignerError>>,
    end: CancellationToken,
    /// For the audit of the demo.
    owner: Database,
    keys: Arc<VaultKeys>,
    clock: Arc<dyn Clock>,
    postgres: Option<Mutex<Postgres>>,
    folder: Folder,
}

/// Where migrations run, and where the gateway does.
struct Urls {
    owner: String,
    gateway: String,
    keeper: String,
    signer: String,
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
            Some(url) => {
                let [gateway, keeper, signer] = [GATEWAY, KEEPER, SIGNER].map(|role| as_role(&url, role));
                (None, Urls { gateway, keeper, signer, owner: url })
            }
            None => {
                let postgres = start_postgres(folder.path().to_owned()).await?;
                let urls = Urls {
                    owner: postgres.owner_url(),
                    gateway: postgres.gateway_url(),
                    keeper: postgres.keeper_url(),
                    signer: postgres.signer_url(),
                };
                (Some(postgres), urls)
            }
        };
        let own = store::Outside { clock: clock.clone(), entropy: entropy.clone(), keys: None };
        store::migrate(&urls.owner, own.clone()).await?;
        let keys = open_vault(&folder.vault(), &urls.owner, &*entropy).await?;
        let owner = Database::open(&urls.owner, 2)?;
        let authority = Authority::open(folder.path(), &owner, &own).await?;
        let end = CancellationToken::new();
        let signer = Signer::open(
            Database::open(&urls.signer, 3)?,
            authority.signer_keys(&HOSTS)?,
            clock.clone(),
            entropy.clone(),
        );
        let work = signer::run(signer.await?, end.clone());
        let signer = tokio::spawn(async move {
            work.await.inspect_err(|error| tracing::error!(%error, "the signer has ended"))
        });
        let outside = Outside {
            clock: clock.clone(),
            entropy: entropy.clone(),
            keys: keys.clone(),
            trust_domain: pki::trust_domain()?,
        };
        authority.readmit(&owner, &Exchange::new(owner.clone(), outside), &own).await?;
        let audit_keys = keys.clone();
        make_ledger_key(&folder.ledger_key())?;
        let config = config(options.listen, urls, &folder, &authority)?;
        let running = assemble(&config, keys, clock.clone(), entropy).await.map_err(DevError::from)?;
        authority.write_profiles(&url_of(running.address))?;
        let (keys, postgres) = (audit_keys, postgres.map(Mutex::new));
        Ok(Self { running, signer, end, owner, keys, clock, postgres, folder })
    }

    /// The address on which systems join.
    pub fn join(&self) -> Option<SocketAddr> {
        self.running.join
    }

    /// The address on which agencies connect.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The address on which its metrics are served, if any are.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.running.metrics
    }

    /// The place of the private database, if it is not in the folder.
    pub fn elsewhere(&self) -> Option<PathBuf> {
        Some(lock(self.postgres.as_ref()?).elsewhere()?.to_owned())
    }

    /// Returns once the private database has ended by itself; never where there is none.
    pub async fn database_ended(&self) {
        let Some(postgres) = &self.postgres else { return std::future::pending().await };
        while !lock(postgres).has_ended() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Holds every row against the ledger.
    pub async fn audit(&self) -> Result<Report, DevError> {
        Ok(self.owner.audit_rows(Some(&self.keys), self.clock.now()).await?)
    }

    /// Finishes what is under way, then stops the private database, then leaves the folder.
    pub async fn stop(self) -> Result<(), DevError> {
        self.running.shutdown(GRACE).await;
        self.end.cancel();
        // It ends after its turn, and has told the log how.
        let _ = self.signer.await;
        self.owner.close().await;
        let Some(postgres) = self.postgres else { return Ok(()) };
        blocking(move || postgres.into_inner().unwrap_or_else(PoisonError::into_inner).stop()).await
    }
}

fn lock(postgres: &Mutex<Postgres>) -> MutexGuard<'_, Postgres> {
    postgres.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The same database in another role: the gateway's, to which row-level security applies, the keeper's or the signer's.
fn as_role(url: &str, role: &str) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}options[role]={role}")
}

fn url_of(address: SocketAddr) -> String {
    format!("https://{address}")
}

/// The folder's keys. New ones only for a database that knows none.
async fn open_vault(path: &Path, owner_url: &str, entropy: &dyn Entropy) -> Result<Arc<VaultKeys>, DevError> {
    match VaultKeys::load(path) {
        Err(KeyFileError::Missing(_)) => {}
        loaded => return Ok(Arc::new(loaded?)),
    }
    if exchange::has_keys(&Database::open(owner_url, 1)?).await? {
        return Err(DevError::VaultMissing(path.to_owned()));
    }
    VaultKeys::generate(entropy).write_new(path)?;
    Ok(Arc::new(VaultKeys::load(path)?))
}

/// Makes the key that signs the ledger's checkpoints, where there is none.
fn make_ledger_key(path: &Path) -> Result<(), DevError> {
    let name = Origin::parse(LEDGER).map_err(|error| DevError::Gateway(error.into()))?;
    match ledger_key::make(path, &name) {
        Ok(_) | Err(SecretFileError::Exists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn config(
    listen: SocketAddr,
    urls: Urls,
    folder: &Folder,
    authority: &Authority,
) -> Result<Config, DevError> {
    // A port that was chosen has its neighbour for joining; any free one has any other.
    let join =
        SocketAddr::new(listen.ip(), listen.port().checked_add(1).filter(|port| *port > 1).unwrap_or(0));
    Ok(Config {
        listen,
        trust_domain: pki::trust_domain()?,
        database_url: urls.gateway,
        keeper: config::Keeper { database_url: urls.keeper },
        vault: folder.vault(),
        ledger_key: Some(folder.ledger_key()),
        tls: Tls {
            hosts: HOSTS.map(str::to_owned).to_vec(),
            certificate: authority.path("gateway.pem"),
            key: authority.path("gateway.key"),
            root: authority.path("root.pem"),
            clients_ca: authority.path("clients.pem"),
        },
        trust_folder: None,
        join: Some(JoinListener { listen: join, exchange: None }),
        metrics: Some(config::Metrics { listen: SocketAddr::new(listen.ip(), 0) }),
        limits: Limits::default(),
        log: LogFormat::Text,
    })
}

impl From<AssembleError> for DevError {
    fn from(error: AssembleError) -> Self {
        match error {
            AssembleError::Start(StartError::Listen { address, cause }) => Self::Address { address, cause },
            AssembleError::Database(store::Error::Away(text)) if text.contains("to set role") => {
                Self::NotMember(GATEWAY)
            }
            AssembleError::Certificate(UpkeepError::Exchange(store::Error::Away(text)))
                if text.contains("to set role") =>
            {
                Self::NotMember(KEEPER)
            }
            other => Self::Gateway(other.into()),
        }
    }
}
