//! Advisory locks, taken in this order always: the request's id, agreements sorted, programme, persons and
//! rooms sorted, the vault. Each in a statement of its own; what it guards is read in the next. The key space is two
//! integers: the class, and a digest; a collision locks too much and nothing else.
//!
//! The server's table of locks is one for all sessions, so a transaction takes few: at most [`KEYS_MAX`] of a class, beside
//! the lock of the whole class, shared; or that one alone, exclusively. Agreements, programmes, persons and rooms are
//! locked once in a transaction each, all that it needs at once: a second time could want the whole class while another
//! transaction, which has a share of it too, wants the same. The recorder remembers which are locked, and refuses.

use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use metrics::histogram;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{Database, Error, Recorder};
use crate::domain::{AgencyCode, Fault, Reason, name::FacilityName};

/// Waits for locks, by what is locked.
pub const LOCK_WAIT_SECONDS: &str = "gerbang_lock_wait_seconds";

const AGREEMENT: i32 = 1;
const PROGRAMME: i32 = 2;
const PERSON: i32 = 3;
const ROOM: i32 = 4;
const VAULT: i32 = 5;
const LINEAGE: i32 = 6;
const ADMINISTRATORS: i32 = 7;
const AUTHORITY: i32 = 8;
/// A task of which there is one holder among gateways: [`Lease`].
const TASK: i32 = 9;
const PROPOSALS: i32 = 10;
const REQUEST: i32 = 11;
/// The order of the ledger: [`super::sequence`] takes it.
pub(super) const SEQUENCE: i32 = 12;
/// The class of the locks of whole classes, whose key is the class.
const WHOLE: i32 = 0;
/// The most keys of one class that a transaction locks.
const KEYS_MAX: usize = 64;
/// How often a lock is looked at that must not be waited for, and the pause between.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);
/// Held by the signer for as long as it runs; a whole key space of its own.
const SIGNER: i64 = 0x6765_7262_616e_6701;

/// The lock of a request id of an agency, as class and key: [`super::replay::enter`] takes it.
pub(super) fn request(agency: &AgencyCode, request_id: Uuid) -> (i32, i32) {
    (REQUEST, key(format!("{agency} {request_id}").as_bytes()))
}

/// An advisory lock of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lock {
    pub class: i32,
    pub key: i32,
    pub shared: bool,
}

/// The locks of a call that are taken at once, without waiting: its request id's, and in the house's order those of
/// agreements (shared), of the programme, of persons and of rooms.
pub(super) fn of_call(
    request: (i32, i32),
    agreements: &[Uuid],
    programme: Uuid,
    persons: &[[u8; 32]],
    rooms: &[FacilityName],
) -> Vec<Lock> {
    let (class, key) = request;
    let mut locks = vec![Lock { class, key, shared: false }];
    let rooms: Vec<_> = rooms.iter().map(FacilityName::to_string).collect();
    let of_all = [
        (AGREEMENT, sorted(agreements.iter().map(|id| id.as_bytes().as_slice())), true),
        (PROGRAMME, sorted(std::iter::once(programme.as_bytes().as_slice())), false),
        (PERSON, sorted(persons.iter().map(<[u8; 32]>::as_slice)), false),
        (ROOM, sorted(rooms.iter().map(String::as_bytes)), false),
    ];
    for (class, keys, shared) in of_all {
        match wanted_of(&keys) {
            Wanted::Nothing => {}
            Wanted::Whole => locks.push(Lock { class: WHOLE, key: class, shared: false }),
            Wanted::Keys(keys) => {
                locks.push(Lock { class: WHOLE, key: class, shared: true });
                locks.extend(keys.iter().map(|&key| Lock { class, key, shared }));
            }
        }
    }
    locks
}

/// Locks agreements for the gate, shared: their transitions wait until the transaction ends.
pub async fn agreements_shared(tx: &mut Recorder, ids: &[Uuid]) -> Result<(), Error> {
    once(tx, AGREEMENT, &sorted(ids.iter().map(|id| id.as_bytes().as_slice())), true).await
}

/// Locks agreements for a transition: waits until no transaction relies on them, and keeps new ones out.
pub async fn agreements_exclusive(tx: &mut Recorder, ids: &[Uuid]) -> Result<(), Error> {
    once(tx, AGREEMENT, &sorted(ids.iter().map(|id| id.as_bytes().as_slice())), false).await
}

/// Locks the proposals between an agency and each of the others: how many are open stays true until the transaction
/// ends. Taken after the lock of the agreement that is proposed, and last.
pub async fn proposals(
    db: &mut PgConnection,
    agency: &AgencyCode,
    others: &[AgencyCode],
) -> Result<(), Error> {
    let pair = |other: &AgencyCode| {
        if agency < other { format!("{agency} {other}") } else { format!("{other} {agency}") }
    };
    let pairs: Vec<_> = others.iter().map(pair).collect();
    exclusive(db, PROPOSALS, &sorted(pairs.iter().map(String::as_bytes))).await
}

/// Locks one programme until the transaction ends: its state, its schedules and their sessions.
pub async fn programme(tx: &mut Recorder, id: Uuid) -> Result<(), Error> {
    programmes(tx, &[id]).await
}

/// Locks a programme for whoever reads its roster, shared: changes of the programme wait until the transaction ends.
pub async fn programme_shared(tx: &mut Recorder, id: Uuid) -> Result<(), Error> {
    once(tx, PROGRAMME, &sorted(std::iter::once(id.as_bytes().as_slice())), true).await
}

/// Locks several programmes, sorted. Where somebody has one of them, `Busy` ends a transaction that has not queued yet:
/// who waits should hold no connection meanwhile.
pub async fn programmes(tx: &mut Recorder, ids: &[Uuid]) -> Result<(), Error> {
    let keys = sorted(ids.iter().map(|id| id.as_bytes().as_slice()));
    if tx.waits {
        return once(tx, PROGRAMME, &keys, false).await;
    }
    let wanted = wanted(tx, PROGRAMME, &keys)?;
    if try_exclusive(tx.db(), PROGRAMME, wanted).await? { Ok(()) } else { Err(Error::Busy(keys)) }
}

/// Locks persons by booking key, for one person may be two rows.
pub async fn persons(tx: &mut Recorder, persons: &[[u8; 32]]) -> Result<(), Error> {
    once(tx, PERSON, &sorted(persons.iter().map(<[u8; 32]>::as_slice)), false).await
}

/// Locks rooms, by name.
pub async fn rooms(tx: &mut Recorder, rooms: &[FacilityName]) -> Result<(), Error> {
    let names: Vec<_> = rooms.iter().map(FacilityName::to_string).collect();
    once(tx, ROOM, &sorted(names.iter().map(String::as_bytes)), false).await
}

/// Locks the vault for whoever seals, shared: the active key stays what it is until the transaction ends. The last lock
/// of any transaction, for who waits for it to change keys holds no other.
pub async fn vault_shared(db: &mut PgConnection) -> Result<(), Error> {
    shared(db, VAULT, &[0]).await
}

/// Locks the vault for whoever activates or retires a key.
pub async fn vault_exclusive(db: &mut PgConnection) -> Result<(), Error> {
    exclusive(db, VAULT, &[0]).await
}

/// Locks one certificate, or one key, so that it is renewed, or ordered for, once.
pub async fn lineage(db: &mut PgConnection, certificate: &[u8; 32]) -> Result<(), Error> {
    exclusive(db, LINEAGE, &sorted(std::iter::once(certificate.as_slice()))).await
}

/// Locks the count of administrators: how many are left stays true until the transaction ends. Looks for two seconds
/// whether the lock is free. `LOCK_HELD`, with who holds it, where it is not.
pub async fn administrators(db: &mut PgConnection) -> Result<(), Error> {
    let _waiting = Waiting::new(ADMINISTRATORS);
    for _ in 0..LOOKS {
        let taken =
            sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1, 0) AS "taken!""#, ADMINISTRATORS);
        if taken.fetch_one(&mut *db).await? {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    let holder = sqlx::query_as!(
        Holder,
        r#"SELECT l.pid AS "pid!", coalesce(a.usename, '-')::text AS "role!",
                  coalesce(nullif(a.application_name, ''), '-') AS "program!"
             FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int4::oid AND l.objid = 0
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ORDER BY l.pid LIMIT 1"#,
        ADMINISTRATORS
    );
    Err(Holder::held(holder.fetch_optional(db).await?))
}

/// Who holds a lock.
struct Holder {
    pid: i32,
    role: String,
    program: String,
}

impl Holder {
    /// `LOCK_HELD`, by whom, if that is known.
    fn held(holder: Option<Self>) -> Error {
        let held = Fault::from(Reason::LockHeld);
        match holder {
            Some(holder) => {
                held.with("pid", holder.pid).with("role", holder.role).with("program", holder.program)
            }
            None => held.with("pid", "-").with("role", "-").with("program", "-"),
        }
        .into()
    }
}

/// Has no lock waited for longer than five seconds from here on, in a transaction that must come through; [`held`] then
/// finds out who is in its way.
pub async fn waits_briefly(tx: &mut Recorder) -> Result<(), Error> {
    tx.db.mark().await
}

/// The refusal of a transaction that [`waits_briefly`] and ran into a lock: `LOCK_HELD`, with the session that has held
/// locks of agreements or programmes, or rows of what a suspension changes, for longest. Any other error stays what it is.
pub async fn held(tx: &mut Recorder, error: Error) -> Error {
    if !matches!(error, Error::Locked(_)) {
        return error;
    }
    match find_holder(tx).await {
        Ok(None) => error,
        Ok(holder) => Holder::held(holder),
        Err(error) => error,
    }
}

async fn find_holder(tx: &mut Recorder) -> Result<Option<Holder>, Error> {
    tx.db.back().await?;
    let holder = sqlx::query_as!(
        Holder,
        r#"SELECT a.pid AS "pid!", coalesce(a.usename, '-')::text AS "role!",
                  coalesce(nullif(a.application_name, ''), '-') AS "program!"
             FROM pg_stat_activity a
            WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND EXISTS (
                  SELECT FROM pg_locks l
                   WHERE l.pid = a.pid AND l.granted
                     AND (l.locktype = 'advisory' AND l.objsubid = 2
                          AND (l.classid::int8 = ANY ($1) OR l.classid::int8 = $2 AND l.objid::int8 = ANY ($1))
                       OR l.locktype = 'relation' AND l.mode <> 'AccessShareLock'
                          AND l.relation IN ('agency'::regclass, 'session'::regclass, 'assignment'::regclass,
                                             'certificate_order'::regclass)))
            ORDER BY a.xact_start NULLS FIRST, a.backend_start LIMIT 1"#,
        &[i64::from(AGREEMENT), i64::from(PROGRAMME)],
        i64::from(WHOLE)
    );
    Ok(holder.fetch_optional(tx.db()).await?)
}

/// Locks the root for a founding or a new list of the root: one at a time. Taken before any other lock.
pub async fn authority(db: &mut PgConnection) -> Result<(), Error> {
    exclusive(db, AUTHORITY, &[0]).await
}

/// Makes the session the signer's; false where another has it. Held until the session ends.
pub async fn signer(db: &mut PgConnection) -> Result<bool, Error> {
    let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "taken!""#, SIGNER);
    Ok(taken.fetch_one(db).await?)
}

/// Whether the session still has the signer's lock.
pub async fn signer_still(db: &mut PgConnection) -> Result<bool, Error> {
    let held = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
               AND (classid::bigint << 32 | objid::bigint) = $1 AND objsubid = 1) AS "held!""#,
        SIGNER
    );
    Ok(held.fetch_one(db).await?)
}

/// The lock of a task that one gateway alone does, held across transactions: it belongs to a session, and the server
/// frees it when that session ends, however it ends.
pub struct Lease {
    database: Database,
    task: &'static str,
    /// The session that holds the lock.
    session: Option<PgConnection>,
}

impl Lease {
    /// A lease that is not held yet. Tasks are told apart by their names.
    pub fn new(database: Database, task: &'static str) -> Self {
        Self { database, task, session: None }
    }

    /// Whether the lease is ours; takes it where nobody has it. Waits for no other holder. One round trip while it is
    /// held, else a connection and one more.
    pub async fn hold(&mut self) -> Result<bool, Error> {
        if let Some(mut session) = self.session.take()
            && session.ping().await.is_ok()
        {
            self.session = Some(session);
            return Ok(true);
        }
        let mut session = self.database.session().await?;
        let lock = key(self.task.as_bytes());
        let taken = sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1, $2) AS "taken!""#, TASK, lock);
        if taken.fetch_one(&mut session).await? {
            self.session = Some(session);
            return Ok(true);
        }
        session.close().await?;
        Ok(false)
    }
}

/// The locks of a class that keys come to.
enum Wanted<'a> {
    Nothing,
    /// Each of these, beside a share of the whole class.
    Keys(&'a [i32]),
    /// The whole class: for more keys than a transaction locks one by one.
    Whole,
}

/// Finds out which locks these keys come to, and remembers that the class is locked. An internal error where it was
/// already.
fn wanted<'a>(tx: &mut Recorder, class: i32, keys: &'a [i32]) -> Result<Wanted<'a>, Error> {
    if !keys.is_empty() {
        if tx.locked.contains(&class) {
            return Err(Error::internal("a class of locks is taken a second time in one transaction"));
        }
        tx.locked.push(class);
    }
    Ok(wanted_of(keys))
}

/// The locks to which keys come.
fn wanted_of(keys: &[i32]) -> Wanted<'_> {
    match keys.len() {
        0 => Wanted::Nothing,
        1..=KEYS_MAX => Wanted::Keys(keys),
        _ => Wanted::Whole,
    }
}

/// Locks keys of a class, `shared` or alone; the whole class, alone, where they are many. One round trip.
async fn once(tx: &mut Recorder, class: i32, keys: &[i32], shared: bool) -> Result<(), Error> {
    let wanted = wanted(tx, class, keys)?;
    let _waiting = Waiting::new(class);
    match wanted {
        Wanted::Nothing => Ok(()),
        Wanted::Whole => whole(tx.db(), class).await,
        Wanted::Keys(keys) => {
            let locks = sqlx::query!(
                "WITH whole AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared($1, $2))
                 SELECT CASE WHEN $4 THEN pg_advisory_xact_lock_shared($2, key)
                             ELSE pg_advisory_xact_lock($2, key) END
                   FROM whole, unnest($3::int4[]) AS key",
                WHOLE,
                class,
                keys,
                shared
            );
            locks.fetch_all(tx.db()).await?;
            Ok(())
        }
    }
}

async fn whole(db: &mut PgConnection, class: i32) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock($1, $2)", WHOLE, class).fetch_all(db).await?;
    Ok(())
}

/// Whether what is wanted of a class could be locked at once, without waiting.
async fn try_exclusive(db: &mut PgConnection, class: i32, wanted: Wanted<'_>) -> Result<bool, Error> {
    let taken = match wanted {
        Wanted::Nothing => true,
        Wanted::Whole => {
            let taken =
                sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock($1, $2) AS "taken!""#, WHOLE, class);
            taken.fetch_one(db).await?
        }
        Wanted::Keys(keys) => {
            let taken = sqlx::query_scalar!(
                r#"WITH whole AS MATERIALIZED (SELECT pg_try_advisory_xact_lock_shared($1, $2) AS shared)
                   SELECT bool_and(shared AND pg_try_advisory_xact_lock($2, key)) AS "taken!"
                     FROM whole, unnest($3::int4[]) AS key"#,
                WHOLE,
                class,
                keys
            );
            taken.fetch_one(db).await?
        }
    };
    Ok(taken)
}

async fn shared(db: &mut PgConnection, class: i32, keys: &[i32]) -> Result<(), Error> {
    let _waiting = Waiting::new(class);
    sqlx::query!("SELECT pg_advisory_xact_lock_shared($1, key) FROM unnest($2::int4[]) AS key", class, keys)
        .fetch_all(db)
        .await?;
    Ok(())
}

async fn exclusive(db: &mut PgConnection, class: i32, keys: &[i32]) -> Result<(), Error> {
    let _waiting = Waiting::new(class);
    sqlx::query!("SELECT pg_advisory_xact_lock($1, key) FROM unnest($2::int4[]) AS key", class, keys)
        .fetch_all(db)
        .await?;
    Ok(())
}

/// Measures how long a lock is waited for, the round trip included, until it is dropped.
struct Waiting {
    class: i32,
    since: Instant,
}

impl Waiting {
    fn new(class: i32) -> Self {
        Self { class, since: Instant::now() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let lock = match self.class {
            AGREEMENT => "agreement",
            PROGRAMME => "programme",
            PERSON => "person",
            ROOM => "room",
            VAULT => "vault",
            LINEAGE => "lineage",
            PROPOSALS => "proposals",
            ADMINISTRATORS => "administrators",
            _ => "authority",
        };
        histogram!(LOCK_WAIT_SECONDS, "lock" => lock).record(self.since.elapsed());
    }
}

/// Sorts keys and drops doubles: two transactions take the same keys in the same order.
fn sorted<'a>(ids: impl Iterator<Item = &'a [u8]>) -> Vec<i32> {
    let mut keys: Vec<_> = ids.map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(id: &[u8]) -> i32 {
    let hash = digest::digest(&digest::SHA256, id);
    let hash = hash.as_ref();
    i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}
