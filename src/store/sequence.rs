//! The order of the ledger: gives every entry that has committed its place in the tree, in batches.
//!
//! New is what this batch can see and the last one could not: the difference between two snapshots, which no slow
//! transaction holds back and of which nothing is left out. Each batch names its predecessor by a key, so that two sequencers
//! at once cannot fork the tree; the lock between them saves work and decides nothing, for a session of any role may keep it.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Ended, Error, Recorder, UnitOfWork, lock, text, to_row};
use crate::ledger::tree::{Frontier, Hash, Subtree, leaf_hash};

/// Leaves that are read, and places that are stored, in one statement.
const CHUNK: usize = 5_000;

/// What came of a turn of the sequencer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequenced {
    /// So many entries have got their places; the tree has so many now.
    Placed {
        /// The entries of this batch; 0 where there was nothing new.
        entries: u64,
        /// All entries that have a place.
        size: u64,
    },
    /// Another gateway is at it.
    Elsewhere,
}

/// Gives every entry that can be seen its place, all in one transaction: six round trips, and two more for every further
/// [`CHUNK`]. `Lost` where another sequencer was faster.
pub struct Sequence;

impl UnitOfWork for Sequence {
    type Answer = Sequenced;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Sequenced>, Error> {
        tx.records_nothing("an entry's place tells of no change");
        if !begin(tx.db()).await? {
            return tx.discard(Sequenced::Elsewhere).await;
        }
        // A statement of its own: its snapshot is younger than the lock.
        let unplaced = find(tx.db()).await?;
        let mut tree = unplaced.tree;
        if unplaced.entries.is_empty() {
            return tx.discard(Sequenced::Placed { entries: 0, size: tree.size() }).await;
        }
        let (first, now) = (tree.size(), tx.now());
        // All are read before anything is stored: who stands still here has nothing that others wait for.
        let (mut hashes, mut subtrees) = (Vec::new(), Vec::new());
        for entries in unplaced.entries.chunks(CHUNK) {
            let read_before = hashes.len();
            read(tx.db(), entries, &mut hashes).await?;
            for hash in &hashes[read_before..] {
                tree.push(*hash, |subtree| subtrees.push(subtree));
            }
        }
        let batch =
            Batch { first, tree: &tree, snapshot: &unplaced.snapshot, cluster: unplaced.cluster, now };
        let mut begins = first;
        let mut chunks = unplaced.entries.chunks(CHUNK).zip(hashes.chunks(CHUNK)).peekable();
        while let Some((entries, hashes)) = chunks.next() {
            let last = chunks.peek().is_none();
            let (subtrees, batch) = if last { (&subtrees[..], Some(&batch)) } else { (&[][..], None) };
            place(tx.db(), begins, entries, hashes, subtrees, batch).await?;
            begins += entries.len() as u64;
        }
        let size = tree.size();
        tx.commit(Sequenced::Placed { entries: size - first, size }).await
    }
}

/// Takes the lock of the ledger's order for this transaction, and sets it up: it waits for another sequencer's batch for a
/// second, stands still no longer itself, and its plans do not grow with the log. False where another keeper has the lock and has
/// asked something within a second and a half. One that stands still is passed by, and so is whoever else has the lock: the keys of
/// the batches decide.
/// One round trip, two where the lock is held.
async fn begin(db: &mut PgConnection) -> Result<bool, Error> {
    let taken = sqlx::query!(
        r#"SELECT set_config('lock_timeout', '1s', true) AS waits,
                  set_config('idle_in_transaction_session_timeout', '1s', true) AS stands,
                  -- A log of millions is gone through once.
                  set_config('statement_timeout', '300s', true) AS takes,
                  set_config('synchronous_commit', 'on', true) AS commits,
                  set_config('enable_seqscan', 'off', true) AS scans,
                  set_config('enable_hashjoin', 'off', true) AS hashes,
                  set_config('enable_mergejoin', 'off', true) AS merges,
                  pg_try_advisory_xact_lock($1, 0) AS "taken!""#,
        lock::SEQUENCE
    );
    if taken.fetch_one(&mut *db).await?.taken {
        return Ok(true);
    }
    // By the server's clock, of the server's own sessions.
    let at_work = sqlx::query_scalar!(
        r#"SELECT coalesce(a.usename = current_user AND a.query_start > clock_timestamp() - interval '1500 ms', false)
                  AS "at_work!"
             FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int4::oid AND l.objid = 0 AND l.objsubid = 2
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"#,
        lock::SEQUENCE
    );
    Ok(!at_work.fetch_optional(db).await?.unwrap_or(true))
}

/// The tree as it is, and the entries that have no place in it.
struct Unplaced {
    tree: Frontier,
    /// What the database showed, as Postgres writes it.
    snapshot: String,
    cluster: i64,
    entries: Vec<Uuid>,
}

async fn find(db: &mut PgConnection) -> Result<Unplaced, Error> {
    let row = sqlx::query!(
        r#"SELECT tree_size AS "tree_size!", frontier AS "frontier!", snapshot AS "snapshot!", cluster AS "cluster!",
                  entries AS "entries!" FROM ledger_unplaced()"#
    );
    let row = row.fetch_one(db).await?;
    let size = u64::try_from(row.tree_size).map_err(Error::internal)?;
    let tree = text(Frontier::from_bytes(size, &row.frontier))?;
    Ok(Unplaced { tree, snapshot: row.snapshot, cluster: row.cluster, entries: row.entries })
}

/// Reads the leaves of these entries, one after another, and adds their hashes.
async fn read(db: &mut PgConnection, entries: &[Uuid], hashes: &mut Vec<Hash>) -> Result<(), Error> {
    let expected = hashes.len() + entries.len();
    let leaves = sqlx::query_scalar!(
        "SELECT e.leaf FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place) JOIN ledger_entry e USING (id)
          ORDER BY wanted.place",
        entries
    );
    let mut leaves = leaves.fetch(db);
    while let Some(leaf) = leaves.try_next().await? {
        hashes.push(leaf_hash(&leaf));
    }
    if hashes.len() == expected { Ok(()) } else { Err(Error::internal("an entry is gone")) }
}

/// The batch, as the next one has to know it.
struct Batch<'a> {
    first: u64,
    tree: &'a Frontier,
    snapshot: &'a str,
    cluster: i64,
    now: Timestamp,
}

/// Stores the places of entries from one on, subtrees, and with the last of them the batch, in one statement.
async fn place(
    db: &mut PgConnection,
    begins: u64,
    entries: &[Uuid],
    hashes: &[Hash],
    subtrees: &[Subtree],
    batch: Option<&Batch<'_>>,
) -> Result<(), Error> {
    let number = |number: u64| i64::try_from(number).map_err(Error::internal);
    let bytes = |hash: &Hash| hash.to_vec();
    let hashes: Vec<_> = hashes.iter().map(bytes).collect();
    let levels: Vec<_> =
        subtrees.iter().map(|subtree| i16::try_from(subtree.level).unwrap_or(i16::MAX)).collect();
    let places = subtrees.iter().map(|subtree| number(subtree.index)).collect::<Result<Vec<_>, _>>()?;
    let roots: Vec<_> = subtrees.iter().map(|subtree| bytes(&subtree.hash)).collect();
    sqlx::query!(
        "WITH placed AS (
             INSERT INTO ledger_index (index, entry, leaf_hash)
             SELECT $1 + x.place - 1, x.entry, x.hash
               FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS x (entry, hash, place)
         ), whole AS (
             INSERT INTO ledger_subtree (level, index, hash)
             SELECT x.level, x.place, x.hash FROM unnest($4::int2[], $5::int8[], $6::bytea[]) AS x (level, place, hash)
         )
         INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at)
         SELECT $7, $8, $9, $10, $11::text::pg_snapshot, $12, $13 WHERE $7::bigint IS NOT NULL",
        number(begins)?,
        entries,
        &hashes,
        &levels,
        &places,
        &roots,
        batch.map(|batch| number(batch.tree.size())).transpose()?,
        batch.map(|batch| number(batch.first)).transpose()?,
        batch.map(|batch| batch.tree.root().to_vec()),
        batch.map(|batch| batch.tree.to_bytes()),
        batch.map(|batch| batch.snapshot),
        batch.map(|batch| batch.cluster),
        batch.map(|batch| to_row(batch.now))
    )
    .execute(db)
    .await?;
    Ok(())
}
