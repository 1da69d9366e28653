//! A world for one test: a database copied from a migrated template, an authority, a clock that the test sets, and
//! a gateway on a free loopback port. Systems join through the wire, as they would.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use gerbang::{
    agent::{Client, Profile},
    config::{Config, Limits, LogFormat, Tls},
    domain::{
        name::SystemName,
        outside::{Clock, Entropy},
        reason::Language,
    },
    exchange::{self, Outside},
    ledger::Entry,
    pki::{
        certificate,
        issue::{self, Authority, Issued},
    },
    proto::v1,
    server::{self, Running, outside::SystemEntropy},
    store::{self, Database},
    vault::Keys,
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{Connection, PgConnection};
use tonic_types::{ErrorDetails, StatusExt};

pub const TRUST_DOMAIN: &str = "test.gerbang.internal";
/// Monday, 2 March 2026, 08:00 WIB: where every test's clock begins.
pub const NOW: &str = "2026-03-02T01:00:00Z";

/// A clock that moves when told to.
pub struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Everything that one test has for itself. The database is dropped with the cluster, after the run.
pub struct World {
    pub authority: Authority,
    pub clock: Arc<TestClock>,
    pub database: String,
    pub config: Config,
    pub keys: Arc<Keys>,
    pub folder: PathBuf,
    pub gateway: Option<Running>,
    pub address: std::net::SocketAddr,
    pub language: Language,
}

impl World {
    /// A gateway in the runtime role, with one administrator of the agency `operator`.
    pub async fn start() -> Self {
        Self::start_as("gerbang_gateway", Limits::default()).await
    }

    /// The same in another database role, or with other limits.
    pub async fn start_as(role: &str, limits: Limits) -> Self {
        let database = copy_template().await;
        let folder = std::env::temp_dir().join(&database);
        std::fs::create_dir_all(&folder).unwrap();
        let authority =
            Authority::new("Gerbang test", "2020-01-01T00:00:00Z".parse().unwrap(), 20 * 365).unwrap();
        let server = authority
            .issue(&long_lived(issue::Profile::server(&["localhost", "127.0.0.1"], now(), 1)))
            .unwrap();
        std::fs::write(folder.join("ca.pem"), authority.certificate_pem()).unwrap();
        std::fs::write(folder.join("server.pem"), server.certificate_pem).unwrap();
        std::fs::write(folder.join("server.key"), server.key_pem).unwrap();
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            trust_domain: TRUST_DOMAIN.to_owned(),
            database_url: url(role, &database),
            vault: folder.join("vault.toml"),
            tls: Tls {
                certificate: folder.join("server.pem"),
                key: folder.join("server.key"),
                client_ca: folder.join("ca.pem"),
            },
            metrics: None,
            limits,
            log: LogFormat::Text,
        };
        let clock = Arc::new(TestClock(Mutex::new(now())));
        let keys = Arc::new(Keys::generate(&SystemEntropy));
        let mut world = Self {
            authority,
            clock,
            database,
            config,
            keys,
            folder,
            gateway: None,
            address: ([127, 0, 0, 1], 0).into(),
            language: Language::English,
        };
        let admin = world.issue("operator", "admin");
        let admin = certificate::read_pem(&admin.certificate_pem).unwrap();
        let owner = Database::open(&url("gerbang_owner", &world.database), 1).unwrap();
        exchange::agency::first_administrator(&owner, &world.outside(), &admin).await.unwrap();
        owner.close().await;
        world.start_gateway().await;
        world
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
            trust_domain: TRUST_DOMAIN.into(),
        }
    }

    pub fn set_clock(&self, now: &str) {
        *self.clock.0.lock().unwrap() = now.parse().unwrap();
    }

    /// A certificate for a system, valid for decades: the test's clock and the real one both like it. Issued once
    /// per system; what is on disk is used again.
    pub fn issue(&self, agency: &str, system: &str) -> Issued {
        let (certificate, key) = self.paths(agency, system);
        if let (Ok(certificate_pem), Ok(key_pem)) =
            (std::fs::read_to_string(&certificate), std::fs::read_to_string(&key))
        {
            return Issued { certificate_pem, key_pem };
        }
        let profile = issue::Profile::client(TRUST_DOMAIN, agency, system, now(), 1);
        self.issue_as(agency, system, &long_lived(profile))
    }

    /// A certificate of any content, under the name of a system.
    pub fn issue_as(&self, agency: &str, system: &str, profile: &issue::Profile) -> Issued {
        let issued = self.authority.issue(profile).unwrap();
        let (certificate, key) = self.paths(agency, system);
        std::fs::write(certificate, &issued.certificate_pem).unwrap();
        std::fs::write(key, &issued.key_pem).unwrap();
        issued
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
            ca: self.folder.join("ca.pem"),
            certificate,
            key,
            agency: agency.to_owned(),
            system: system.to_owned(),
        }
    }

    /// A client with a system's certificate, whether it is registered or not.
    pub async fn connect(&self, agency: &str, system: &str) -> Client {
        self.issue(agency, system);
        Client::connect(&self.profile(agency, system), self.language).await.unwrap()
    }

    pub async fn admin(&self) -> Client {
        self.connect("operator", "admin").await
    }

    /// Registers the agency if it is new, then the system with its role, and connects.
    pub async fn join(&self, agency: &str, kind: v1::AgencyKind, system: &str, role: v1::Role) -> Client {
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
            certificate_pem: self.issue(agency, system).certificate_pem,
            ..Default::default()
        };
        admin.agency().register_system(request).await.unwrap();
        self.connect(agency, system).await
    }

    /// A connection of the owner, whom no policy binds.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_owner", &self.database)).await.unwrap()
    }

    /// A connection in the runtime role, as a gateway has it.
    pub async fn runtime(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_gateway", &self.database)).await.unwrap()
    }

    /// Every ledger entry, in the order of appending.
    pub async fn entries(&self) -> Vec<Entry> {
        let leaves = sqlx::query_scalar::<_, Vec<u8>>("SELECT leaf FROM ledger_entry ORDER BY append_no");
        let leaves = leaves.fetch_all(&mut self.owner().await).await.unwrap();
        leaves.iter().map(|leaf| Entry::read(leaf).unwrap()).collect()
    }

    /// Asserts that the entry `id` records `method` with these resources, each line with a salt of its own; every
    /// test of a mutation ends here.
    pub async fn assert_entry(&self, id: &str, method: &str, resources: &[&str]) {
        let entries = self.entries().await;
        let entry = entries.iter().find(|entry| entry.id.to_string() == id);
        let entry = entry.unwrap_or_else(|| panic!("{method}: no entry {id:?} among {}", entries.len()));
        assert_eq!(entry.method, method);
        let mut lines: Vec<_> = entry.lines.iter().map(|line| line.resource.as_str()).collect();
        lines.retain(|resource| !resource.starts_with("assignments/"));
        assert_eq!(lines, resources, "{method}");
        let salts = sqlx::query_scalar::<_, i64>(
            "SELECT (SELECT count(*) FROM ledger_salt WHERE entry = $1)
                  + (SELECT count(*) FROM ledger_sealed_salt WHERE entry = $1)",
        )
        .bind(entry.id);
        let salts = salts.fetch_one(&mut self.owner().await).await.unwrap();
        assert_eq!(salts, i64::try_from(entry.lines.len()).unwrap(), "a salt for every line");
    }

    /// The database away: nobody may connect, and who is connected is not any more. Takes the superuser, who
    /// alone ends other roles' backends.
    pub async fn take_database_away(&self) {
        let mut maintenance = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
        for statement in [
            format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.database),
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                self.database
            ),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut maintenance).await.unwrap();
        }
    }

    pub async fn give_database_back(&self) {
        let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
        let statement = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.database);
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut maintenance).await.unwrap();
    }

    /// Ends the gateway as Ctrl-C would.
    pub async fn stop(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.shutdown(Duration::from_secs(5)).await;
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Valid from 2021 for eighteen years.
pub fn long_lived(profile: issue::Profile) -> issue::Profile {
    let not_before: Timestamp = "2021-01-01T00:00:00Z".parse().unwrap();
    issue::Profile {
        not_before,
        not_after: not_before + SignedDuration::from_hours(24 * 365 * 18),
        ..profile
    }
}

/// A new request id.
pub fn request_id() -> String {
    SystemEntropy.uuid(now()).to_string()
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

/// The URL of a database of the run's cluster.
pub fn url(role: &str, database: &str) -> String {
    let socket = std::env::var("GERBANG_TEST_SOCKET").expect("run the tests with `make test`");
    format!("postgres://{role}@localhost/{database}?host={}", socket.replace('/', "%2F"))
}

/// A database of this test's own, copied in milliseconds from a template that the run's first test migrates.
async fn copy_template() -> String {
    let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
    let name = format!("t{}", request_id().replace('-', ""));
    sqlx::query("SELECT pg_advisory_lock(7443)").execute(&mut maintenance).await.unwrap();
    let there = sqlx::query_scalar::<_, bool>(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'gerbang_template' AND datistemplate)",
    );
    if !there.fetch_one(&mut maintenance).await.unwrap() {
        sqlx::query("CREATE DATABASE gerbang_template").execute(&mut maintenance).await.unwrap();
        store::migrate(&url("gerbang_owner", "gerbang_template")).await.unwrap();
        let done = "ALTER DATABASE gerbang_template IS_TEMPLATE true";
        sqlx::query(done).execute(&mut maintenance).await.unwrap();
    }
    let copy = format!("CREATE DATABASE {name} TEMPLATE gerbang_template STRATEGY FILE_COPY");
    sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut maintenance).await.unwrap();
    name
}
