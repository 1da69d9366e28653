//! The database's limits: Postgres' own pgbench, with the rows that the gateway stores and nothing that decides over them.
//!
//! The tables are of the gateway's shape, with its checks, indexes and exclusions, in a schema of their own, without policies
//! and foreign keys; a row is one that a push left, with other keys and other times. So a new column is measured as soon as
//! it is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};

use crate::{
    Result, bare,
    cluster::Cluster,
    copies::columns,
    diary::PRISON,
    load::{Made, round},
    meter::{Round, Watched},
};

/// Sessions of a batch.
pub const BATCH: usize = 1_000;
/// The tables that a push writes.
pub const TABLES: [&str; 5] = ["session", "assignment", "ledger_entry", "ledger_salt", "replay"];

/// A script, and how it is run.
pub struct Script {
    pub file: PathBuf,
    pub clients: usize,
    /// Transactions of all clients together.
    pub transactions: usize,
}

/// The statements of a run; each transaction has a number that no other has.
pub struct Scripts {
    folder: PathBuf,
    /// The number from which the next run counts.
    next: usize,
    first: i64,
}

impl Scripts {
    /// Makes the tables and writes the scripts. `push` and `batch` are the ledger entries of one push of a session, and of one
    /// of a thousand.
    pub async fn write(
        db: &mut PgConnection,
        folder: &Path,
        first: i64,
        push: &str,
        batch: &str,
    ) -> Result<Self> {
        let folder = folder.join("pgbench");
        fs::create_dir_all(&folder)?;
        db.execute("CREATE SCHEMA six").await?;
        for table in TABLES {
            let like = format!("CREATE TABLE six.{table} (LIKE public.{table} INCLUDING ALL)");
            db.execute(AssertSqlSafe(like)).await?;
        }
        same_constraints(db).await?;
        fs::write(folder.join("one.sql"), one())?;
        fs::write(folder.join("page.sql"), page())?;
        fs::write(folder.join("six.sql"), rows(db, push, 1).await?)?;
        fs::write(folder.join("batch.sql"), rows(db, batch, BATCH).await?)?;
        Ok(Self { folder, next: 0, first })
    }

    pub fn script(&self, name: &str, clients: usize, transactions: usize) -> Script {
        Script { file: self.folder.join(format!("{name}.sql")), clients, transactions }
    }

    /// Runs a script: first a few transactions a client, then all; what the first run cost is taken off, so that connecting and
    /// planning are not in the figures.
    pub async fn run(&mut self, cluster: &Cluster, script: &Script) -> Result<Round> {
        let watched = Watched { server: None, cluster: cluster.pid };
        let start = watched.read()?;
        let warm_calls = self.go(cluster, script, script.warm()).await?.latencies.len();
        let before = watched.read()?;
        let warm = start.until(&before);
        let ran =
            self.go(cluster, script, script.transactions.div_ceil(script.clients) + script.warm()).await?;
        let spent = before.until(&watched.read()?);
        let calls = ran.latencies.len();
        let mut round = round(watched, &Made(ran.latencies), spent);
        round.postgres_us =
            (spent.postgres_all_us() - warm.postgres_all_us()).max(0.0) / (calls - warm_calls).max(1) as f64;
        round.seconds = calls as f64 / ran.per_second.max(0.001);
        Ok(round)
    }

    async fn go(&mut self, cluster: &Cluster, script: &Script, each: usize) -> Result<Ran> {
        let log = self.folder.join("log");
        for old in logs(&self.folder)? {
            fs::remove_file(old)?;
        }
        let mut command = cluster.pgbench();
        command.arg(format!("--client={}", script.clients)).arg(format!("--jobs={}", script.clients.min(2)));
        command.args(["--protocol=prepared", "--log"]).arg(format!("--log-prefix={}", log.display()));
        command.arg(format!("--transactions={each}")).arg("--file").arg(&script.file);
        for (name, value) in
            [("base", self.next as i64), ("clients", script.clients as i64), ("first", self.first), ("i", -1)]
        {
            command.arg(format!("--define={name}={value}"));
        }
        // A batch counts a number for each of its sessions.
        self.next += each * script.clients * if script.file.ends_with("batch.sql") { BATCH } else { 1 };
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let per_second =
            said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        let mut latencies = Vec::new();
        for log in logs(&self.folder)? {
            // client, transaction, latency in microseconds, … (pgbench, per-transaction logging).
            let text = fs::read_to_string(log)?;
            let latency = |line: &str| line.split(' ').nth(2).and_then(|us| us.parse::<f64>().ok());
            latencies.extend(text.lines().filter_map(latency).map(|us| us / 1e3));
        }
        latencies.sort_by(f64::total_cmp);
        Ok(Ran { latencies, per_second: per_second.ok_or("pgbench says no tps")? })
    }
}

impl Script {
    /// Transactions of each client that are not measured.
    fn warm(&self) -> usize {
        if self.clients == 1 { 2 } else { 10 }
    }
}

struct Ran {
    latencies: Vec<f64>,
    per_second: f64,
}

fn logs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log.")) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The copies have every index and exclusion of the originals.
async fn same_constraints(db: &mut PgConnection) -> Result<()> {
    let count = |schema: &str| {
        format!(
            "SELECT count(*) + (SELECT count(*) FROM pg_constraint WHERE contype = 'x' AND conrelid = ANY (array_agg(i.indrelid))) \
               FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
              WHERE c.relnamespace = '{schema}'::regnamespace AND c.relname = ANY ($1)"
        )
    };
    let mut counted = Vec::new();
    for schema in ["public", "six"] {
        let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(count(schema))).bind(&TABLES[..]);
        counted.push(count.fetch_one(&mut *db).await?);
    }
    if counted[0] != counted[1] {
        return Err(format!("the tables of pgbench lack indexes or exclusions: {counted:?}").into());
    }
    Ok(())
}

/// The transaction's number, and the time at which its trainer is free: as [`crate::diary`] counts, of three agencies.
const NUMBER: &str = "\\set i :i + 1\n\\set n :base + :i * :clients + :client_id\n\\set b :base + (:i * :clients + :client_id) * 1000\n\\set trainer :n % 600\n\\set turn :n / 600\n\
                      \\set at :first + :turn / 2 * 86400 + (:trainer % 6 + 6 * (:turn % 2)) * 3600\n";

fn one() -> String {
    let push = bare::PUSH
        .replace("$1", "('c' || lpad(to_hex(:n::bigint), 31, '0'))::uuid")
        .replace("$2", "'blk-9'")
        .replace("$3", "'pgbench-' || :n")
        .replace("$4", "'t-' || :trainer")
        .replace("$5", "to_timestamp(:at::bigint)")
        .replace("$6", "to_timestamp(:at::bigint + 3600)");
    format!("{NUMBER}{push};\n")
}

fn page() -> String {
    let page = bare::PAGE
        .replace("$1", &format!("'{PRISON}'"))
        .replace("$2", "to_timestamp(:at::bigint)")
        .replace("$3", "'00000000-0000-0000-0000-000000000000'::uuid")
        .replace("$4", "100");
    // Anywhere in the first three days, which every size of the fixture fills.
    format!("\\set at random(:first, :first + 259200)\n{page};\n")
}

/// The transaction that leaves what the gateway's call left which this entry tells of: as many rows, in as many tables.
async fn rows(db: &mut PgConnection, entry: &str, sessions: usize) -> Result<String> {
    let many = sessions > 1;
    // Within a batch each row has a number of its own.
    let n = if many { "(:b::bigint + g - 1)" } else { ":n::bigint" };
    let id = |tag: char| format!("('{tag}' || lpad(to_hex({n}), 31, '0'))::uuid");
    let entry_id = "('e' || lpad(to_hex(:n::bigint), 31, '0'))::uuid".to_owned();
    let at = match many {
        true => format!(
            "to_timestamp(:first::bigint + {n} / 600 / 2 * 86400 + ({n} % 600 % 6 + 6 * ({n} / 600 % 2)) * 3600)"
        ),
        false => "to_timestamp(:at::bigint)".to_owned(),
    };
    let times = [("starts_at", at.clone()), ("ends_at", format!("{at} + interval '1 hour'"))];
    let session = [("id", id('a')), ("uid", format!("'pgbench-' || {n}"))];
    let assignment =
        [("id", id('b')), ("session", id('a')), ("booking_key", format!("sha256(int8send({n} % 600))"))];
    let salts: i64 = count(db, "SELECT count(*) FROM ledger_salt WHERE entry = $1::uuid", entry).await?;
    let salt = vec![("entry", entry_id.clone()), ("line", if salts > 1 { "g - 1" } else { "0" }.to_owned())];
    let parts = [
        ("session", "WHERE t.uid = 's-0'".to_owned(), [&session[..], &times].concat(), sessions as i64),
        (
            "assignment",
            "JOIN session s ON s.id = t.session WHERE s.uid = 's-0'".to_owned(),
            [&assignment[..], &times].concat(),
            sessions as i64,
        ),
        ("ledger_entry", format!("WHERE t.id = '{entry}'"), vec![("id", entry_id.clone())], 1),
        ("ledger_salt", format!("WHERE t.entry = '{entry}'"), salt, salts),
        ("replay", format!("WHERE t.answer::text LIKE '%{entry}%'"), vec![("request_id", entry_id)], 1),
    ];
    let mut script = format!("{NUMBER}BEGIN;\n");
    for (table, which, changes, count) in parts {
        script += &insert(db, table, &which, &changes, count).await?;
    }
    Ok(script + "COMMIT;\n")
}

async fn count(db: &mut PgConnection, ask: &'static str, entry: &str) -> Result<i64> {
    Ok(sqlx::query_scalar(ask).bind(entry).fetch_one(db).await?)
}

/// A typed INSERT of `count` rows like one that is there.
async fn insert(
    db: &mut PgConnection,
    table: &str,
    which: &str,
    changes: &[(&str, String)],
    count: i64,
) -> Result<String> {
    let columns = columns(db, table).await?;
    let texts = columns.iter().map(|column| format!("t.{column}::text")).collect::<Vec<_>>().join(", ");
    let ask = format!("SELECT ARRAY[{texts}] FROM public.{table} t {which} LIMIT 1");
    let original = sqlx::query(AssertSqlSafe(ask)).fetch_optional(&mut *db).await?;
    let original = original.ok_or_else(|| format!("no row of {table} to take for a pattern"))?;
    let original: Vec<Option<String>> = original.try_get(0)?;
    let types = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::regclass AND quote_ident(attname) = $2";
    let mut values = Vec::new();
    for (column, text) in columns.iter().zip(original) {
        let of: String = sqlx::query_scalar(types)
            .bind(format!("public.{table}"))
            .bind(column)
            .fetch_one(&mut *db)
            .await?;
        let changed = changes.iter().find(|(name, _)| name == column).map(|(_, value)| value.clone());
        values.push(changed.unwrap_or_else(|| match text {
            Some(text) => format!("{}::{of}", literal(&text)),
            None => format!("NULL::{of}"),
        }));
    }
    let (columns, values) = (columns.join(", "), values.join(", "));
    Ok(match count {
        0 => String::new(),
        1 => format!("INSERT INTO six.{table} ({columns}) VALUES ({values});\n"),
        _ => format!(
            "INSERT INTO six.{table} ({columns}) SELECT {values} FROM generate_series(1, {count}) AS g;\n"
        ),
    })
}

/// A literal in which pgbench finds no variable.
fn literal(text: &str) -> String {
    let plain = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a").replace('\n', "\\n");
    format!("E'{plain}'")
}
