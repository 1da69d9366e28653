//! A world for one test: a database copied from a migrated template, a forge of certificates, a clock that the test
//! sets, and a gateway on free loopback ports. Systems are registered through the wire, as they would be; their first
//! certificates the owner puts into the inventory, so that only tests of the signer wait for it.

mod database;
mod founding;
mod ledger;

pub use database::{copy_template, until_no_signer, url};
pub use ledger::audit_rows;

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gerbang::{
    agent::{Client, Profile},
    config::{self, Config, JoinListener, Limits, LogFormat, Tls, ledger_key, secret},
    domain::{
        name::{SystemName, TrustDomain},
        outside::{Clock, Entropy},
        reason::Language,
    },
    exchange::{Exchange, Outside},
    ledger::note,
    pki::{authority::Issuer, secret::SecretKey},
    proto::v1,
    server::{self, Running, outside::SystemEntropy},
    signer::{self, Signer, SignerError},
    store::{Actor, Database, Origin, UnitOfWork},
    vault::VaultKeys,
};
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tonic_types::{ErrorDetails, StatusExt};

use self::founding::{Ceremony, Registration};
use crate::{
    bridge,
    forge::{self, Forge, Issued},
    wire,
};

pub const TRUST_DOMAIN: &str = "test.gerbang.internal";
/// Monday, 2 March 2026, 08:00 WIB: where every test's clock begins.
pub const NOW: &str = "2026-03-02T01:00:00Z";
/// The name of the gateway's ledger.
pub const LEDGER: &str = "test.gerbang.internal/ledger";
/// The names of the gateway.
pub const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

/// A clock that moves when told to.
pub struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Everything that one test has for itself. The database is dropped with the cluster, after the run.
pub struct World {
    pub forge: Forge,
    pub clock: Arc<TestClock>,
    pub database: String,
    pub config: Config,
    pub keys: Arc<VaultKeys>,
    pub folder: PathBuf,
    pub gateway: Option<Running>,
    pub address: std::net::SocketAddr,
    pub language: Language,
    /// Whether the test changes rows behind the ledger's back, so that it must not end with an audit.
    tampered: AtomicBool,
}

impl World {
    /// A gateway in the runtime role, with two administrators of the agency `operator`.
    pub async fn start() -> Self {
        Self::start_as("gerbang_gateway", Limits::default()).await
    }

    /// The same in another database role, or with other limits.
    pub async fn start_as(role: &str, limits: Limits) -> Self {
        let database = copy_template().await;
        let folder = std::env::temp_dir().join(&database);
        std::fs::create_dir_all(&folder).unwrap();
        let forge = Forge::new();
        let server = forge.server(&HOSTS);
        std::fs::write(folder.join("root.pem"), forge.root_pem()).unwrap();
        std::fs::write(folder.join("clients.pem"), forge.clients_pem()).unwrap();
        std::fs::write(folder.join("server.pem"), server.chain_pem).unwrap();
        secret::write_new(&folder.join("server.key"), &server.key_pem).unwrap();
        ledger_key::make(&folder.join("ledger.key"), &note::Origin::parse(LEDGER).unwrap()).unwrap();
        let loopback = "127.0.0.1:0".parse().unwrap();
        let config = Config {
            trust_folder: None,
            listen: loopback,
            trust_domain: TrustDomain::parse(TRUST_DOMAIN).unwrap(),
            database_url: url(role, &database),
            keeper: config::Keeper { database_url: url("gerbang_keeper", &database) },
            vault: folder.join("vault.toml"),
            ledger_key: Some(folder.join("ledger.key")),
            tls: Tls {
                certificate: folder.join("server.pem"),
                hosts: HOSTS.map(str::to_owned).to_vec(),
                key: folder.join("server.key"),
                root: folder.join("root.pem"),
                clients_ca: folder.join("clients.pem"),
            },
            join: Some(JoinListener { listen: loopback, exchange: None }),
            metrics: None,
            // No test is about how fast a client shakes hands.
            limits: Limits { handshake_seconds: 60, ..limits },
            log: LogFormat::Text,
        };
        let clock = Arc::new(TestClock(Mutex::new(now())));
        let keys = Arc::new(VaultKeys::generate(&SystemEntropy));
        let mut world = Self {
            forge,
            clock,
            database,
            config,
            keys,
            folder,
            gateway: None,
            address: ([127, 0, 0, 1], 0).into(),
            language: Language::English,
            tampered: AtomicBool::new(false),
        };
        world.hold_the_ceremony().await;
        world.start_gateway().await;
        world
    }

    /// The authorities, the agency `operator` and its two administrators, as the first ceremony leaves them.
    async fn hold_the_ceremony(&self) {
        self.as_owner(&Ceremony { forge: &self.forge }).await;
        for system in ["admin", "admin2"] {
            let der = der(&self.issue("operator", system).certificate_pem);
            self.put("operator", system, &der, true).await;
        }
    }

    /// Puts a certificate into the inventory as the owner, whatever it is: the gateway may not, and the signer would
    /// not.
    pub async fn register_certificate(&self, agency: &str, system: &str, der: &[u8]) {
        self.put(agency, system, der, false).await;
    }

    async fn put(&self, agency: &str, system: &str, der: &[u8], administrator: bool) {
        let clients = &self.forge.clients.certificate;
        self.as_owner(&Registration { agency, system, der, clients, administrator }).await;
    }

    /// Runs a unit of work as the owner, who tells of it.
    async fn as_owner(&self, work: &impl UnitOfWork<Answer = ()>) {
        let outside = self.outside();
        let origin = Origin::own(Actor::Owner, "test.found", (&outside).into());
        let owner = Database::open(&url("gerbang_owner", &self.database), 1).unwrap();
        owner.transact(origin, work).await.unwrap();
        owner.close().await;
    }

    /// The keys that issue.
    pub fn signers_keys(&self) -> signer::IssuingKeys {
        let open = |authority: &forge::Authority| {
            let key = SecretKey::from_pem(&authority.key.pem(), None).unwrap();
            Issuer::open(&authority.certificate, key).unwrap()
        };
        signer::IssuingKeys {
            clients: open(&self.forge.clients),
            gateways: open(&self.forge.gateways),
            root: self.forge.root.certificate.clone(),
            hosts: HOSTS.map(str::to_owned).to_vec(),
            trust_domain: TrustDomain::parse(TRUST_DOMAIN).unwrap(),
        }
    }

    /// The signer, in its own database role. There is one at a time: one that was dropped is waited for.
    pub async fn signer(&self) -> Signer {
        until_no_signer(&self.database).await;
        self.another_signer().await.unwrap()
    }

    /// One that may find the lease taken.
    pub async fn another_signer(&self) -> Result<Signer, SignerError> {
        let database = Database::open(&url("gerbang_signer", &self.database), 4).unwrap();
        Signer::open(database, self.signers_keys(), self.clock.clone(), Arc::new(SystemEntropy)).await
    }

    /// Starts a gateway over the same database; the world's address is its.
    pub async fn start_gateway(&mut self) {
        let gateway = server::gateway::assemble(
            &self.config,
            self.keys.clone(),
            self.clock.clone(),
            Arc::new(SystemEntropy),
        );
        let gateway = gateway.await.unwrap();
        self.address = gateway.address;
        self.gateway = Some(gateway);
    }

    pub fn outside(&self) -> Outside {
        Outside {
            clock: self.clock.clone(),
            entropy: Arc::new(SystemEntropy),
            keys: self.keys.clone(),
            trust_domain: TrustDomain::parse(TRUST_DOMAIN).unwrap(),
        }
    }

    pub fn set_clock(&self, now: &str) {
        *self.clock.0.lock().unwrap() = now.parse().unwrap();
    }

    /// A certificate for a system, valid around the time at which tests begin. Issued once
    /// per system; what is on disk is used again.
    pub fn issue(&self, agency: &str, system: &str) -> Issued {
        let (certificate, key) = self.paths(agency, system);
        if let (Ok(chain_pem), Ok(key_pem)) =
            (std::fs::read_to_string(&certificate), std::fs::read_to_string(&key))
        {
            let certificate_pem = forge::pem(&der(&chain_pem));
            return Issued { certificate_pem, chain_pem, key_pem };
        }
        self.issue_as(agency, system, forge::Profile::client(TRUST_DOMAIN, agency, system))
    }

    /// A certificate of any content, under the name of a system.
    pub fn issue_as(&self, agency: &str, system: &str, profile: forge::Profile) -> Issued {
        let issued = self.forge.client_with(profile);
        self.keep(agency, system, &issued.chain_pem, &issued.key_pem);
        issued
    }

    /// Has a system connect with this chain and key from now on.
    pub fn keep(&self, agency: &str, system: &str, chain_pem: &str, key_pem: &str) {
        let (certificate, key) = self.paths(agency, system);
        std::fs::write(certificate, chain_pem).unwrap();
        std::fs::write(&key, key_pem).unwrap();
        std::fs::set_permissions(key, Permissions::from_mode(0o600)).unwrap();
    }

    fn paths(&self, agency: &str, system: &str) -> (PathBuf, PathBuf) {
        let at = |end: &str| self.folder.join(format!("{agency}.{system}.{end}"));
        (at("pem"), at("key"))
    }

    /// The profile with which a system connects; its certificate must have been issued.
    pub fn profile(&self, agency: &str, system: &str) -> Profile {
        let (certificate, key) = self.paths(agency, system);
        Profile {
            address: format!("https://{}", self.address),
            server_name: "localhost".to_owned(),
            ca: self.folder.join("root.pem"),
            certificate,
            key,
            agency: agency.to_owned(),
            system: system.to_owned(),
        }
    }

    /// Has the inventory take every certificate until 2039: who is connected stays in, however far the test's clock goes.
    pub async fn prolong(&self) {
        self.tampers();
        let longer = "UPDATE certificate SET not_after = '2039-01-01T00:00:00Z'";
        sqlx::query(longer).execute(&mut self.owner().await).await.unwrap();
    }

    /// A client with a system's certificate, whether it is registered or not.
    pub async fn connect(&self, agency: &str, system: &str) -> Client {
        if bridge::is_by_json() {
            return Client::over(wire::certified(self, agency, system).await, self.language);
        }
        self.issue(agency, system);
        Client::connect(&self.profile(agency, system), self.language).await.unwrap()
    }

    pub async fn admin(&self) -> Client {
        self.connect("operator", "admin").await
    }

    pub async fn admin2(&self) -> Client {
        self.connect("operator", "admin2").await
    }

    /// Registers the agency if it is new, then the system with its role, by two administrators where that takes two,
    /// and a certificate for it; and connects.
    pub async fn join(&self, agency: &str, kind: v1::AgencyKind, system: &str, role: v1::Role) -> Client {
        self.register(agency, kind, system, role).await;
        let issued = self.issue(agency, system);
        self.register_certificate(agency, system, &der(&issued.certificate_pem)).await;
        self.connect(agency, system).await
    }

    /// The same without a certificate.
    pub async fn register(&self, agency: &str, kind: v1::AgencyKind, system: &str, role: v1::Role) {
        let admin = self.admin().await;
        let known =
            admin.agency().get_agency(v1::GetAgencyRequest { name: format!("agencies/{agency}") }).await;
        if known.is_err() {
            admin.agency().create_agency(crate::cast::agency(agency, kind)).await.unwrap();
        }
        let request = v1::RegisterSystemRequest {
            request_id: request_id(),
            agency: format!("agencies/{agency}"),
            system: system.to_owned(),
            role: role.into(),
            ..Default::default()
        };
        let made = admin.agency().register_system(request).await.unwrap().into_inner().change.unwrap();
        if [v1::Role::Administrator, v1::Role::Prison, v1::Role::Door].contains(&role) {
            let approve = v1::ApproveSystemRequest {
                request_id: request_id(),
                name: made.name,
                etag: made.etag,
                ..Default::default()
            };
            self.admin2().await.agency().approve_system(approve).await.unwrap();
        }
    }

    /// The vault's keys: of the file where there is one, which a rotation may have changed.
    fn keys_now(&self) -> Arc<VaultKeys> {
        VaultKeys::load(&self.config.vault).map_or_else(|_| self.keys.clone(), Arc::new)
    }

    /// Announces rows that the test changes behind the ledger's back: it does not end with an audit.
    pub fn tampers(&self) {
        self.tampered.store(true, Ordering::Relaxed);
    }

    /// How many certificates the inventory has.
    pub async fn inventory(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM certificate");
        count.fetch_one(&mut self.owner().await).await.unwrap()
    }

    /// The use cases over the test's database, in a role, for what no call does.
    pub fn exchange(&self, role: &str) -> Exchange {
        Exchange::new(Database::open(&url(role, &self.database), 1).unwrap(), self.outside())
    }

    /// Moves the clock.
    pub fn pass(&self, time: SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now += time;
    }

    /// Ends the gateway as Ctrl-C would.
    pub async fn stop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.shutdown(Duration::from_secs(5)).await;
        }
    }
}

impl Drop for World {
    /// Ends every test: each row is as the ledger last told of it, and every version counts.
    fn drop(&mut self) {
        let keys = self.keys_now();
        let _ = std::fs::remove_dir_all(&self.folder);
        if self.tampered.load(Ordering::Relaxed) || std::thread::panicking() {
            return;
        }
        let (database, now) = (self.database.clone(), self.clock.now());
        // A runtime of its own, on a thread of its own: the test's may not be waited for from here.
        let audit = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(audit_rows(&database, &keys, now))
        });
        let findings = audit.join().unwrap();
        assert!(findings.is_empty(), "rows that are not as the ledger told: {findings:#?}");
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// The first certificate of a PEM text, in DER.
pub fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

/// A new request id.
pub fn request_id() -> String {
    SystemEntropy.uuid(now()).to_string()
}

/// All items of a list, a page after the other, each of at most so many; and how many pages they were. A page is asked for by its
/// token, and answered with its items and the next token.
pub async fn walked<T>(
    page_size: i32,
    mut page: impl AsyncFnMut(String) -> (Vec<T>, String),
) -> (Vec<T>, usize) {
    let (mut all, mut pages, mut token) = (Vec::new(), 0, String::new());
    loop {
        let (items, next) = page(token).await;
        assert!(
            items.len() <= usize::try_from(page_size).unwrap(),
            "{} on a page of {page_size}",
            items.len()
        );
        all.extend(items);
        pages += 1;
        if next.is_empty() {
            return (all, pages);
        }
        token = next;
    }
}

/// The reason in a refusal, and its details.
pub fn reason(status: &tonic::Status) -> String {
    let info = details(status).error_info().cloned();
    let info = info.unwrap_or_else(|| panic!("a status without a reason: {status:?}"));
    assert_eq!(info.domain, "gerbang");
    info.reason
}

pub fn details(status: &tonic::Status) -> ErrorDetails {
    status.get_error_details()
}

/// Field and reason of every violation.
pub fn violations(status: &tonic::Status) -> Vec<(String, String)> {
    let details = details(status);
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations.into_iter().map(|violation| (violation.field, violation.reason)).collect()
}

/// `agencies/{agency}/systems/{system}`.
#[allow(dead_code)]
pub fn system_name(agency: &str, system: &str) -> SystemName {
    SystemName::parse(&format!("agencies/{agency}/systems/{system}")).unwrap()
}
