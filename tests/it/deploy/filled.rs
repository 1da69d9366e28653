//! A session that fills the server's table of locks, and `docs/watch.sql`, which ends it. On a server of the test's own.

use std::process::Stdio;

use gerbang::dev::postgres::Postgres;
use nix::sys::signal::Signal;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::process::Command;

use super::{Deployment, process::Process};

/// The watch that operators run.
pub const WATCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/watch.sql");

/// Two ways to fill the table, neither of which a right could be taken away from. What the watch knows of roles is made
/// stale before: it cannot look them up anew while the table is full, unless it has their table open.
const ADVISORY: &str = "DO $$ BEGIN
    ALTER ROLE gerbang_gateway PASSWORD NULL;
    FOR i IN 1..2000000 LOOP PERFORM pg_advisory_lock_shared(7777, i); END LOOP;
    EXCEPTION WHEN out_of_memory THEN NULL;
END $$";
const SAVEPOINT: &str = "SAVEPOINT a; SELECT pg_logical_emit_message(true, '', '');";

/// The folder of the socket of `gerbang dev`'s server.
fn socket(it: &Deployment) -> String {
    it.read("dev/postgres/data/postmaster.pid").lines().nth(4).unwrap().to_owned()
}

async fn session(socket: &str, role: &str, database: &str) -> PgConnection {
    PgConnection::connect(&format!("postgres://{role}@localhost/{database}?host={socket}")).await.unwrap()
}

/// The file, as the unit in it runs it, once it looks.
pub async fn watch(socket: &str, file: &str) -> Process {
    let mut command = Command::new("psql");
    command.args([
        "-XqAt",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        socket,
        "-U",
        "postgres",
        "-d",
        "postgres",
        "-f",
        file,
    ]);
    command.stdin(Stdio::null());
    let watch = Process::start(command);
    let mut superuser = session(socket, "postgres", "postgres").await;
    let looks = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'gerbang watch' \
        AND state = 'idle in transaction' AND query LIKE '%pg_terminate_backend%')";
    while !sqlx::query_scalar::<_, bool>(looks).fetch_one(&mut superuser).await.unwrap() {}
    watch
}

#[tokio::test]
async fn whoever_fills_the_table_of_locks_is_put_out() {
    let it = Deployment::prepare().await;
    let words = "dev --folder dev --listen 127.0.0.1:0";
    let mut dev = it.serve(words);
    while !dev.says("Ctrl-C").await {
        dev = it.serve(words);
    }
    std::fs::remove_dir(it.path("profiles")).unwrap();
    std::os::unix::fs::symlink(it.path("dev/profiles"), it.path("profiles")).unwrap();
    let socket = socket(&it);
    let watch = watch(&socket, WATCH).await;
    // Its locks are looked at by one who is in already.
    let mut superuser = session(&socket, "postgres", "postgres").await;
    let partners = "SELECT serial FROM certificate WHERE system = 'jadwal' ORDER BY serial LIMIT 2";
    let partners = sqlx::query_scalar::<_, String>(partners);
    let partners = partners.fetch_all(&mut session(&socket, "gerbang_owner", "gerbang").await).await.unwrap();
    assert_eq!(partners.len(), 2);

    let savepoints = format!("BEGIN; {}", SAVEPOINT.repeat(40_000));
    for (fill, partner) in [ADVISORY, &savepoints].into_iter().zip(&partners) {
        let mut filler = session(&socket, "gerbang_gateway", "gerbang").await;
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut filler).await.unwrap();
        let held = async |superuser: &mut PgConnection| {
            let held = "SELECT count(*) FROM pg_lock_status() WHERE pid = $1";
            sqlx::query_scalar::<_, i64>(held).bind(pid).fetch_one(superuser).await.unwrap()
        };
        held(&mut superuser).await;
        watch.signal(Signal::SIGSTOP);
        let _ = sqlx::raw_sql(AssertSqlSafe(fill)).execute(&mut filler).await;
        assert!(held(&mut superuser).await > 6000, "it is full");
        let revoke = format!("--profile admin cert revoke {partner} --reason superseded --yes");
        it.typed(&revoke).await.refused(1, &["DATABASE_IMPAIRED"]);
        watch.signal(Signal::SIGCONT);
        while held(&mut superuser).await > 0 {}
        it.typed(&revoke).await.ok();
        assert!(sqlx::query("SELECT 1").execute(&mut filler).await.is_err(), "it was ended");
    }
}

/// Waits until the watch has begun and ended another look, whole.
async fn another_look(superuser: &mut PgConnection) {
    let looks = "SELECT extract(epoch FROM state_change)::float8 FROM pg_stat_activity \
        WHERE application_name = 'gerbang watch' AND state = 'idle in transaction'";
    let mut last = sqlx::query_scalar::<_, f64>(looks).fetch_one(&mut *superuser).await.unwrap();
    for _ in 0..2 {
        let mut now = last;
        while now <= last {
            now = sqlx::query_scalar(looks).fetch_optional(&mut *superuser).await.unwrap().unwrap_or(last);
        }
        last = now;
    }
}

/// Begins a transaction that holds so many locks.
async fn hold(db: &mut PgConnection, class: i32, count: i32) {
    sqlx::query("BEGIN").execute(&mut *db).await.unwrap();
    let locks = "SELECT count(pg_advisory_xact_lock_shared($1, key)) FROM generate_series(1, $2) AS key";
    sqlx::query(locks).bind(class).bind(count).execute(db).await.unwrap();
}

async fn is_there(db: &mut PgConnection) -> bool {
    sqlx::query("SELECT 1").execute(db).await.is_ok()
}

#[tokio::test]
async fn the_watch_ends_what_no_call_does_and_nothing_else() {
    let folder = std::env::temp_dir().join(format!("gerbang-watch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let server = Postgres::start_throwaway(&folder).unwrap();
    let pid = std::fs::read_to_string(folder.join("postgres/data/postmaster.pid")).unwrap();
    let socket = pid.lines().nth(4).unwrap().to_owned();
    let looking = watch(&socket, WATCH).await;
    let mut superuser = session(&socket, "postgres", "postgres").await;

    // What calls do, and what is not ours to end.
    let (mut call, mut owner) = (
        session(&socket, "gerbang_gateway", "gerbang").await,
        session(&socket, "gerbang_owner", "gerbang").await,
    );
    hold(&mut call, 1, 350).await;
    hold(&mut owner, 1, 900).await;
    // One session with too many.
    for role in ["gerbang_gateway", "gerbang_keeper", "gerbang_signer"] {
        let mut hoarder = session(&socket, role, "postgres").await;
        hold(&mut hoarder, 2, 600).await;
        another_look(&mut superuser).await;
        assert!(!is_there(&mut hoarder).await, "{role}");
    }
    assert!(is_there(&mut call).await && is_there(&mut owner).await);
    // Many sessions, none of which has too many by itself.
    call.close().await.unwrap();
    let room =
        "SELECT current_setting('max_locks_per_transaction')::int * current_setting('max_connections')::int";
    let room: i32 = sqlx::query_scalar(room).fetch_one(&mut superuser).await.unwrap();
    let mut many = Vec::new();
    for class in 0..room / 450 + 3 {
        let mut one = session(&socket, "gerbang_gateway", "gerbang").await;
        hold(&mut one, 10 + class, 450).await;
        many.push(one);
    }
    another_look(&mut superuser).await;
    let mut left = 0;
    for one in &mut many {
        left += i32::from(is_there(one).await);
    }
    assert!(left * 450 <= room, "{left} of {} are left", many.len());
    assert!(is_there(&mut owner).await);
    drop(many);
    looking.kill().await;

    // A transaction that stays open. A test has no five minutes.
    let text = std::fs::read_to_string(WATCH).unwrap().replace("interval '5 minutes'", "interval '0'");
    let impatient = folder.join("impatient.sql");
    std::fs::write(&impatient, text).unwrap();
    let mut open = session(&socket, "gerbang_keeper", "gerbang").await;
    let mut idle = session(&socket, "gerbang_keeper", "gerbang").await;
    hold(&mut open, 1, 1).await;
    assert!(is_there(&mut open).await, "the first watch let it be");
    let _looking = watch(&socket, impatient.to_str().unwrap()).await;
    another_look(&mut superuser).await;
    assert!(!is_there(&mut open).await && is_there(&mut idle).await && is_there(&mut owner).await);
    server.stop().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
