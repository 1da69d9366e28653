//! The only SQL. Rows become domain values and back; Postgres' errors become [`Error`], whose constraint names
//! become reasons. Every query is checked by the compiler against the schema; parameters are bound.
//!
//! Owns every transaction: [`transaction`] begins and commits, [`Recorder`] holds what a transaction tells. Refuses to
//! commit a change without an entry of the ledger. Decides nothing that a rule of `domain` decides.
//!
//! A function that takes a connection makes one round trip where its comment says nothing else, and fails with
//! [`Error`]: `Refused` where a named constraint has a reason, `Lost` where another transaction came first, `Away`.

pub mod acknowledgement;
pub mod agency;
pub mod agreement;
pub mod assignment;
pub mod audit;
mod audit_erasure;
mod audit_feed;
mod audit_ledger;
mod audit_order;
mod audit_report;
pub mod authority;
mod baseline;
pub mod booking;
pub mod certificate;
pub mod change;
pub mod claim;
pub mod cosignature;
mod derived;
pub mod disclosure;
pub mod erasure;
mod error;
pub mod facility;
pub mod health;
mod hint;
pub mod issuance;
pub mod ledger;
pub mod ledger_key;
pub mod listing;
pub mod lock;
pub mod moment;
mod notes;
pub mod notice;
pub mod order;
pub mod places;
mod pool;
pub mod programme;
pub mod push;
mod queue;
mod record;
mod recorder;
pub mod refused;
mod registry;
pub mod replay;
pub mod retention;
pub mod revocation;
pub mod roster;
pub mod schedule;
mod sealing;
pub mod sequence;
pub mod trainee;
pub mod trainer;
pub mod transaction;
pub mod vault;
pub mod vault_check;
mod writes;
pub mod zone;

use std::str::FromStr;

use jiff::{Timestamp, civil::Date};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use time::{Month, OffsetDateTime};

pub use error::Error;
pub use notes::{Actor, Notes, Origin, Outside};
pub use places::Lane;
pub use recorder::Recorder;
pub use registry::{Entered, Holder, WhoHolds, enter};
pub use transaction::{Ended, Look, Question, UnitOfWork};
pub use vault::Versions;

use self::{places::Places, pool::Pool, queue::Queues, writes::Writes};
use crate::domain::{
    AgencyCode,
    remark::{Remark, RemarkAct},
    text::Text,
};

/// The migrations: the compiler checks queries against them, and `gerbang migrate` applies them.
static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The statements that a connection keeps parsed: more than the program has, so that none is parsed again.
const STATEMENTS: usize = 512;

/// A pool of connections in the runtime role.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    /// The order in which calls get connections, where many callers share them.
    places: Option<Places>,
    queues: Queues,
    writes: Writes,
    groups: push::Groups,
}

impl Database {
    /// Connects lazily: a database that is away at start is found out by the first call.
    pub fn open(url: &str, connections: u32) -> Result<Self, Error> {
        let options =
            PgConnectOptions::from_str(url)?.application_name("gerbang").statement_cache_capacity(STATEMENTS);
        let options = options.options([
            ("statement_timeout", "25s"),
            ("lock_timeout", "10s"),
            // A gateway that stands still inside a transaction gives its locks back within this time.
            ("idle_in_transaction_session_timeout", "4s"),
            // And one that takes no more of an answer; over TCP alone.
            ("tcp_user_timeout", "5s"),
            // A session whose other end is gone gives its locks back, also while it waits for one.
            ("client_connection_check_interval", "2s"),
            // Whoever has the role may set other defaults for it.
            ("default_transaction_read_only", "off"),
            ("search_path", "public"),
            // Plans that do not grow with the tables look dear, and compiling a statement takes longer than it runs.
            ("jit", "off"),
            ("tcp_keepalives_idle", "30"),
            ("tcp_keepalives_interval", "10"),
            ("tcp_keepalives_count", "3"),
        ]);
        let groups = push::Groups::new(options.clone())?;
        let pool = Pool::new(options, connections)?;
        Ok(Self { pool, places: None, queues: Queues::default(), writes: Writes::default(), groups })
    }

    /// The same for callers who know nothing of each other: they take turns by agency, each agency within its share.
    pub fn open_for_calls(url: &str, connections: u32) -> Result<Self, Error> {
        Ok(Self { places: Some(Places::new(connections)), ..Self::open(url, connections)? })
    }

    /// Takes a connection out of the pool, for as long as it is kept.
    pub async fn session(&self) -> Result<PgConnection, Error> {
        Ok(self.pool.take().await?.keep())
    }

    /// Hears what is notified on a channel from now on, by a connection of its own.
    pub async fn listen(&self, channel: &str) -> Result<notice::Listener, Error> {
        notice::Listener::open(self.pool.options(), channel).await
    }

    /// Whether the database answers.
    pub async fn is_up(&self) -> bool {
        let Ok(mut connection) = self.pool.take().await else { return false };
        let answers = sqlx::query("SELECT 1").execute(&mut *connection).await.is_ok();
        if !answers {
            drop(connection.keep());
        }
        answers
    }

    /// Whether it stores what it is given, as far as transactions of this pool have shown. Asks nobody.
    pub fn stores(&self) -> bool {
        self.writes.work()
    }

    /// Waits until a transaction of this pool has recorded something, or has since the last time. For one who waits.
    pub async fn recorded(&self) {
        self.writes.recorded().await;
    }

    /// Ends every connection, gracefully.
    pub async fn close(&self) {
        self.pool.close().await;
        self.groups.close().await;
    }
}

/// Applies the migrations that are missing, as the owner, and tells anew of rows that they count otherwise.
pub async fn migrate(owner_url: &str, outside: Outside) -> Result<(), Error> {
    let mut db = PgConnection::connect(owner_url).await?;
    let applied = migrate_and_show(&mut db).await;
    db.close().await?;
    applied?;
    let owner = Database::open(owner_url, 1)?;
    let told = owner.tell_baseline(outside).await;
    owner.close().await;
    told
}

/// Applies the migrations and shows them to every role, so that gateways and signers notice a schema that does not fit.
async fn migrate_and_show(db: &mut PgConnection) -> Result<(), Error> {
    MIGRATOR.run(&mut *db).await?;
    sqlx::query("GRANT SELECT ON _sqlx_migrations TO gerbang_gateway, gerbang_signer, gerbang_keeper")
        .execute(db)
        .await?;
    Ok(())
}

/// The comparison of a database's schema with this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schema {
    /// Both have the same migrations.
    Fits,
    /// Migrations that this program has and the database has not, by name.
    Behind(Vec<String>),
    /// Migrations that the database has and this program has not, or has with another text, by number.
    Ahead(Vec<i64>),
}

/// Compares the migrations of this program with those that the database has. Never applies one.
pub async fn migrations_missing(db: &mut PgConnection) -> Result<Schema, Error> {
    // Not a checked query: the table is sqlx's own, and not in the schema that the compiler knows.
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version")
            .fetch_all(db)
            .await?;
    Ok(compare(&rows))
}

fn compare(applied: &[(i64, Vec<u8>)]) -> Schema {
    let known: Vec<_> = MIGRATOR.iter().collect();
    let fits = |(version, checksum): &&(i64, Vec<u8>)| {
        known.iter().any(|known| known.version == *version && *known.checksum == **checksum)
    };
    let ahead: Vec<_> = applied.iter().filter(|row| !fits(row)).map(|(version, _)| *version).collect();
    if !ahead.is_empty() {
        return Schema::Ahead(ahead);
    }
    let missing = known.iter().filter(|known| applied.iter().all(|(version, _)| *version != known.version));
    match missing.map(|known| format!("{:04} {}", known.version, known.description)).collect::<Vec<_>>() {
        missing if missing.is_empty() => Schema::Fits,
        missing => Schema::Behind(missing),
    }
}

/// Cuts a time to microseconds, which is all that Postgres keeps.
fn to_row(at: Timestamp) -> OffsetDateTime {
    let nanos = i128::from(at.as_microsecond()) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn from_row(at: OffsetDateTime) -> Timestamp {
    Timestamp::from_nanosecond(at.unix_timestamp_nanos()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn date_to_row(day: Date) -> time::Date {
    let month = Month::try_from(day.month().unsigned_abs()).unwrap_or(Month::January);
    time::Date::from_calendar_date(i32::from(day.year()), month, day.day().unsigned_abs())
        .unwrap_or(time::Date::MIN)
}

fn date_from_row(day: time::Date) -> Option<Date> {
    let (year, month, day) = day.to_calendar_date();
    let (year, month, day) = (year.try_into().ok()?, u8::from(month).try_into().ok()?, day.try_into().ok()?);
    Date::new(year, month, day).ok()
}

/// Takes a parsed text of our own schema; one that did not parse means that schema and program do not fit.
fn text<T>(parsed: Option<T>) -> Result<T, Error> {
    parsed.ok_or_else(|| Error::internal("a text in the database is none that this program knows"))
}

/// Reads a document of our own schema.
/// A document as Postgres writes it, to be read by [`document`]: once, and not at first as what JSON may be.
type Document = Box<sqlx::types::JsonRawValue>;

fn document<T: serde::de::DeserializeOwned>(text: &Document) -> Result<T, Error> {
    serde_json::from_str(text.get())
        .map_err(|error| Error::internal(format!("a document in the database: {error}")))
}

fn to_document<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}

/// Makes the remark of a row that keeps one at most, with the act that follows from the row's state; `by` and `at` are
/// `None` where an earlier program kept the note alone.
fn remark(
    act: RemarkAct,
    note: Option<String>,
    by: Option<String>,
    at: Option<OffsetDateTime>,
) -> Option<Remark> {
    let (agency, at) = (by.map(AgencyCode::from_store), at.map(from_row));
    Some(Remark { act: Some(act), agency, at, note: Text::from_store(note?) })
}

/// Keeps the rows that can be read. One that cannot be is its own fault, which the log names, and no list's.
fn readable<R, T>(
    rows: Vec<R>,
    name: impl Fn(&R) -> String,
    mut read: impl FnMut(R) -> Result<T, Error>,
) -> Vec<T> {
    let read = |row| {
        let row_name = name(&row);
        let told =
            |error: &Error| tracing::error!(row = row_name, %error, "a row cannot be read and is left out");
        read(row).inspect_err(told).ok()
    };
    rows.into_iter().filter_map(read).collect()
}

/// A part of a list, as long as was asked for: what of its rows can be read.
#[derive(Debug)]
pub struct Part<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where there were as many rows as were asked for, so that others may follow: what the list sorts by, of the last of
    /// them, readable or not.
    pub last: Option<Vec<String>>,
}

impl<T> Part<T> {
    /// Reads the rows of a query for at most `limit`, as [`readable`] does.
    fn read<R: TryInto<T, Error = Error>>(
        rows: Vec<R>,
        limit: i64,
        name: impl Fn(&R) -> String,
        keys: impl Fn(&R) -> Vec<String>,
    ) -> Self {
        let last = last_of(&rows, limit, keys);
        Self { items: readable(rows, name, TryInto::try_into), last }
    }

    /// Makes something else of each item.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Part<U> {
        Part { items: self.items.into_iter().map(make).collect(), last: self.last }
    }
}

/// Rows that can all be read: more follow where there are more than were asked for.
impl<T> From<Vec<T>> for Part<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, last: None }
    }
}

fn last_of<R>(rows: &[R], limit: i64, keys: impl Fn(&R) -> Vec<String>) -> Option<Vec<String>> {
    rows.last().filter(|_| i64::try_from(rows.len()).is_ok_and(|found| found >= limit)).map(keys)
}

fn codes(agencies: &[crate::domain::AgencyCode]) -> Vec<String> {
    agencies.iter().map(|code| code.as_str().to_owned()).collect()
}

fn from_codes(agencies: Vec<String>) -> Vec<crate::domain::AgencyCode> {
    agencies.into_iter().map(crate::domain::AgencyCode::from_store).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_fits_is_behind_or_ahead() {
        let mut applied: Vec<_> =
            MIGRATOR.iter().map(|known| (known.version, known.checksum.to_vec())).collect();
        assert_eq!(compare(&applied), Schema::Fits);
        let last = applied.pop().unwrap();
        assert!(matches!(compare(&applied), Schema::Behind(missing) if missing.len() == 1));
        applied.push((last.0, vec![0]));
        assert_eq!(compare(&applied), Schema::Ahead(vec![last.0]));
        applied.push((9999, vec![0]));
        assert_eq!(compare(&applied), Schema::Ahead(vec![last.0, 9999]));
    }
}
