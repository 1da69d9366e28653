//! A world's database: copied from a template, reached in every role, taken away and given back.

use std::sync::Arc;

use gerbang::{
    keeper::Keeper,
    server::outside::{SystemClock, SystemEntropy},
    store,
};
use sqlx::{Connection, PgConnection};

use super::{World, request_id};

impl World {
    /// A connection of the owner, whom no policy binds.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_owner", &self.database)).await.unwrap()
    }

    /// A connection in the runtime role, as a gateway has it.
    pub async fn runtime(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_gateway", &self.database)).await.unwrap()
    }

    /// A connection of the superuser, who alone sees and ends other roles' sessions, and whom no trigger binds that asks not to.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&url("postgres", &self.database)).await.unwrap()
    }

    /// A keeper beside the gateway's own.
    pub fn keeper(&self) -> Keeper {
        Keeper::open(&url("gerbang_keeper", &self.database), 2, self.outside()).unwrap()
    }

    /// A connection in the keeper's role.
    pub async fn keepers_connection(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_keeper", &self.database)).await.unwrap()
    }

    /// A connection in the signer's role.
    pub async fn signers_connection(&self) -> PgConnection {
        PgConnection::connect(&url("gerbang_signer", &self.database)).await.unwrap()
    }

    /// Waits until the answer to this query is true. Each turn is a round trip to the database.
    pub async fn until(&self, question: &'static str) {
        let mut owner = self.owner().await;
        while !sqlx::query_scalar::<_, bool>(question).fetch_one(&mut owner).await.unwrap() {}
    }

    /// The database away: nobody may connect, and who is connected is not any more. The gateway's connections are gone
    /// before the owner's, by which a test holds a table: else a push that waits there could end in between. Takes the
    /// superuser, who alone ends other roles' backends.
    pub async fn take_database_away(&self) {
        let mut maintenance = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
        let away = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.database);
        sqlx::query(sqlx::AssertSqlSafe(away)).execute(&mut maintenance).await.unwrap();
        // Who was let in just before is not listed yet, and holds the database's own lock until it is.
        let entering =
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.objid AND d.datname = $1
                                        WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass)";
        let entering = || sqlx::query_scalar::<_, bool>(entering).bind(&self.database);
        while entering().fetch_one(&mut maintenance).await.unwrap() {}
        for owners in [false, true] {
            let end = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
                        WHERE datname = $1 AND (usename = 'gerbang_owner') = $2";
            sqlx::query(end).bind(&self.database).bind(owners).execute(&mut maintenance).await.unwrap();
        }
    }

    pub async fn give_database_back(&self) {
        let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
        let statement = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.database);
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut maintenance).await.unwrap();
    }
}

/// The URL of a database of the run's cluster.
pub fn url(role: &str, database: &str) -> String {
    let socket = std::env::var("GERBANG_TEST_SOCKET").expect("run the tests with `make test`");
    format!("postgres://{role}@localhost/{database}?host={}", socket.replace('/', "%2F"))
}

/// Waits until no signer holds this database: Postgres hears of the end of one that was killed a moment later.
pub async fn until_no_signer(database: &str) {
    let mut owner = PgConnection::connect(&url("gerbang_owner", database)).await.unwrap();
    // The signer's key in `store::lock`, given back when the statement ends.
    let wait = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(0x6765_7262_616e_6701_i64);
    wait.execute(&mut owner).await.unwrap();
}

/// A database of this test's own, copied in milliseconds from a template that the run's first test migrates.
pub async fn copy_template() -> String {
    let mut maintenance = PgConnection::connect(&url("gerbang_owner", "postgres")).await.unwrap();
    let name = format!("t{}", request_id().replace('-', ""));
    sqlx::query("SELECT pg_advisory_lock(7443)").execute(&mut maintenance).await.unwrap();
    let there = sqlx::query_scalar::<_, bool>(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'gerbang_template' AND datistemplate)",
    );
    if !there.fetch_one(&mut maintenance).await.unwrap() {
        sqlx::query("CREATE DATABASE gerbang_template").execute(&mut maintenance).await.unwrap();
        let outside =
            store::Outside { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), keys: None };
        store::migrate(&url("gerbang_owner", "gerbang_template"), outside).await.unwrap();
        let done = "ALTER DATABASE gerbang_template IS_TEMPLATE true";
        sqlx::query(done).execute(&mut maintenance).await.unwrap();
    }
    let copy = format!("CREATE DATABASE {name} TEMPLATE gerbang_template STRATEGY FILE_COPY");
    sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut maintenance).await.unwrap();
    // A copy has the rights of its template's tables, and not those of the template itself.
    let bound = format!("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC");
    sqlx::query(sqlx::AssertSqlSafe(bound)).execute(&mut maintenance).await.unwrap();
    name
}
