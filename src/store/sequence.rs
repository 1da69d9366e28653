//! The order of the ledger: gives every entry that has committed its place in the tree, in batches.
//!
//! New is what this batch can see and the last one could not: the difference between two snapshots, which no slow
//! transaction holds back. Where a batch leaves some of it to the next, it keeps the older snapshot, so that nothing is forgotten.
//! Each batch names its predecessor by a key, so that two sequencers at once cannot fork the tree; the lock between them saves
//! work and decides nothing, for a session of any role may keep it.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Ended, Error, Recorder, UnitOfWork, lock, notice::PLACED, text, to_row};
use crate::ledger::{
    Entry,
    batch::Batch,
    feed,
    tree::{Frontier, Subtree, leaf_hash},
};

/// The most entries of a batch.
const ENTRIES_MAX: i32 = 10_000;

/// The most bytes of their leaves, but for one that is larger: what is in memory at a time.
const BYTES_MAX: i64 = 4 << 20;

/// What came of a turn of the sequencer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sequenced {
    /// So many entries have got their places.
    Placed {
        /// The entries of this batch; 0 where there was nothing new.
        entries: u64,
        /// The batch, and whom it concerns.
        batch: Batch,
        /// Whether some that could be seen are left to the next batch.
        more: bool,
    },
    /// Another gateway is at it.
    Elsewhere {
        /// All entries that have a place by now.
        size: u64,
    },
}

/// Gives entries that can be seen their places, as many as a batch takes, in one transaction of five round trips. What others wait
/// for is written by its last statement. `Lost` where another sequencer was faster.
pub struct Sequence;

impl UnitOfWork for Sequence {
    type Answer = Sequenced;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Sequenced>, Error> {
        tx.records_nothing("an entry's place tells of no change");
        if let Some(size) = begin(tx.db()).await? {
            return tx.discard(Sequenced::Elsewhere { size }).await;
        }
        // A statement of its own: its snapshot is younger than the lock.
        let mut unplaced = find(tx.db()).await?;
        let places = Places::of(std::mem::take(&mut unplaced.entries), &mut unplaced.tree)?;
        let (first, size) = (places.first, unplaced.tree.size());
        let batch = Batch::new(first, size, places.readers.iter().map(String::as_str));
        let placed = |batch| Sequenced::Placed { entries: size - first, batch, more: unplaced.more };
        if size == first {
            return tx.discard(placed(batch)).await;
        }
        let now = tx.now();
        place(tx.db(), places, &unplaced, now, &batch).await?;
        tx.commit(placed(batch)).await
    }
}

/// Takes the lock of the ledger's order for this transaction, and sets it up: it waits for another sequencer's batch for a
/// second, is ended where it stands still for one, and its plans do not grow with the log. The size of the tree where another keeper
/// has the lock and has asked something within a second and a half. A keeper that stands still is passed by, and so is whoever else
/// has the lock: the keys of the batches decide. One round trip, two where the lock is held.
async fn begin(db: &mut PgConnection) -> Result<Option<u64>, Error> {
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
        return Ok(None);
    }
    // By the server's clock, of the server's own sessions.
    let holder = sqlx::query!(
        r#"SELECT coalesce(a.usename = current_user AND a.query_start > clock_timestamp() - interval '1500 ms', false)
                  AS "is_at_work!",
                  (SELECT b.tree_size FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1) AS "size!"
             FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int4::oid AND l.objid = 0 AND l.objsubid = 2
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"#,
        lock::SEQUENCE
    );
    let holder = holder.fetch_optional(db).await?.filter(|holder| holder.is_at_work);
    holder.map(|holder| u64::try_from(holder.size).map_err(Error::internal)).transpose()
}

/// The tree as it is, and entries that have no place in it.
struct Unplaced {
    tree: Frontier,
    /// What the database showed when nothing was left, as Postgres writes it: the next batch takes the rest.
    snapshot: String,
    cluster: i64,
    /// Each with its leaf, in the order of their places.
    entries: Vec<(Uuid, Vec<u8>)>,
    more: bool,
}

async fn find(db: &mut PgConnection) -> Result<Unplaced, Error> {
    let row = sqlx::query!(
        r#"SELECT b.tree_size AS "tree_size!", b.frontier AS "frontier!", b.snapshot AS "snapshot!", b.cluster AS "cluster!",
                  b.entries AS "entries!", b.more AS "more!",
                  ARRAY(SELECT e.leaf FROM unnest(b.entries) WITH ORDINALITY AS wanted (id, place) JOIN ledger_entry e USING (id)
                         ORDER BY wanted.place) AS "leaves!"
             FROM ledger_next_batch($1, $2) AS b"#,
        ENTRIES_MAX,
        BYTES_MAX
    );
    let row = row.fetch_one(db).await?;
    if row.entries.len() != row.leaves.len() {
        return Err(Error::internal("an entry is gone"));
    }
    let size = u64::try_from(row.tree_size).map_err(Error::internal)?;
    let tree = text(Frontier::from_bytes(size, &row.frontier))?;
    let entries = row.entries.into_iter().zip(row.leaves).collect();
    Ok(Unplaced { tree, snapshot: row.snapshot, cluster: row.cluster, entries, more: row.more })
}

/// What is stored of entries that come one after another: their places, the subtrees that they make whole, and by reader the lines that
/// are seen, as Postgres writes them; `None` for all.
#[derive(Default)]
struct Places {
    first: u64,
    entries: Vec<Uuid>,
    hashes: Vec<Vec<u8>>,
    subtrees: Vec<Subtree>,
    seen: Vec<i64>,
    readers: Vec<String>,
    lines: Vec<Option<String>>,
}

impl Places {
    /// The places of these entries, which come next in the tree.
    fn of(entries: Vec<(Uuid, Vec<u8>)>, tree: &mut Frontier) -> Result<Self, Error> {
        let mut places = Self { first: tree.size(), ..Self::default() };
        for (entry, leaf) in entries {
            places.add(entry, &leaf, tree)?;
        }
        Ok(places)
    }

    /// Adds the entry that comes next. What does not read has its place, and nobody is told of it: the audit says so.
    fn add(&mut self, entry: Uuid, leaf: &[u8], tree: &mut Frontier) -> Result<(), Error> {
        let (index, hash) = (number(tree.size())?, leaf_hash(leaf));
        tree.push(hash, |subtree| self.subtrees.push(subtree));
        self.entries.push(entry);
        self.hashes.push(hash.to_vec());
        match Entry::read(leaf) {
            Ok(read) => {
                for (reader, lines) in feed::rows(&read) {
                    self.seen.push(index);
                    self.readers.push(reader.to_string());
                    self.lines.push(lines.map(|lines| lines.to_string()));
                }
            }
            Err(error) => tracing::error!(%entry, %error, "an entry does not read"),
        }
        Ok(())
    }
}

fn number(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

/// Stores places, who sees what of their entries, subtrees, and the batch as the next one has to know it, in one statement. No batch
/// is before its predecessor, whatever the clocks of two gateways say. Every gateway is told of the batch once it has committed.
async fn place(
    db: &mut PgConnection,
    places: Places,
    unplaced: &Unplaced,
    now: Timestamp,
    batch: &Batch,
) -> Result<(), Error> {
    let Places { first, entries, hashes, subtrees, seen, readers, lines } = places;
    let levels: Vec<_> =
        subtrees.iter().map(|subtree| i16::try_from(subtree.level).unwrap_or(i16::MAX)).collect();
    let indexes = subtrees.iter().map(|subtree| number(subtree.index)).collect::<Result<Vec<_>, _>>()?;
    let roots: Vec<_> = subtrees.iter().map(|subtree| subtree.hash.to_vec()).collect();
    let stored = sqlx::query!(
        "WITH placed AS (
             INSERT INTO ledger_index (index, entry, leaf_hash)
             SELECT $1 + x.place - 1, x.entry, x.hash
               FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS x (entry, hash, place)
         ), feed AS (
             INSERT INTO ledger_feed (reader, index, lines)
             SELECT f.reader, f.index, f.lines::int4multirange
               FROM unnest($13::int8[], $14::text[], $15::text[]) AS f (index, reader, lines)
         ), whole AS (
             INSERT INTO ledger_subtree (level, index, hash)
             SELECT x.level, x.place, x.hash FROM unnest($4::int2[], $5::int8[], $6::bytea[]) AS x (level, place, hash)
         )
         INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at)
         SELECT $7, b.tree_size, $8, $9, $10::text::pg_snapshot, $11, greatest($12, b.indexed_at)
           FROM ledger_batch b WHERE b.tree_size = $1
         RETURNING pg_notify($16, $17)",
        number(first)?,
        &entries,
        &hashes,
        &levels,
        &indexes,
        &roots,
        number(unplaced.tree.size())?,
        &unplaced.tree.root(),
        unplaced.tree.to_bytes(),
        unplaced.snapshot,
        unplaced.cluster,
        to_row(now),
        &seen,
        &readers,
        &lines as &[Option<String>],
        PLACED,
        batch.to_text()
    )
    .fetch_optional(db)
    .await?;
    if stored.is_some() { Ok(()) } else { Err(Error::internal("the batch before is gone")) }
}
