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
use crate::ledger::{
    Entry, feed,
    tree::{Frontier, Subtree, leaf_hash},
};

/// The most entries that are read, and placed, in one statement.
const CHUNK: usize = 5_000;

/// The most bytes of their leaves, but for one that is larger: what is in memory at a time.
const CHUNK_BYTES: usize = 4 << 20;

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
        let mut unplaced = find(tx.db()).await?;
        let first = unplaced.tree.size();
        let mut rest = &unplaced.entries[..];
        while !rest.is_empty() {
            let (chunk, further) = rest.split_at(chunk(rest));
            let places = read(tx.db(), chunk, &mut unplaced.tree).await?;
            let batch = further.is_empty().then(|| Batch {
                first,
                tree: &unplaced.tree,
                snapshot: &unplaced.snapshot,
                cluster: unplaced.cluster,
                now: tx.now(),
            });
            place(tx.db(), places, batch.as_ref()).await?;
            rest = further;
        }
        let size = unplaced.tree.size();
        let placed = Sequenced::Placed { entries: size - first, size };
        if size == first { tx.discard(placed).await } else { tx.commit(placed).await }
    }
}

/// Takes the lock of the ledger's order for this transaction, and sets it up: it waits for another sequencer's batch for a
/// second, and its plans do not grow with the log. False where another keeper has the lock and has
/// asked something within a second and a half. One that stands still is passed by, and so is whoever else has the lock: the keys of
/// the batches decide.
/// One round trip, two where the lock is held.
async fn begin(db: &mut PgConnection) -> Result<bool, Error> {
    let taken = sqlx::query!(
        r#"SELECT set_config('lock_timeout', '1s', true) AS waits,
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
    entries: Vec<Unread>,
}

/// An entry, and the bytes of its leaf, which is not read yet.
struct Unread {
    entry: Uuid,
    bytes: usize,
}

/// How many of these entries, from the first on, are taken together: one at least.
fn chunk(entries: &[Unread]) -> usize {
    let mut bytes = 0;
    let fits = |unread: &&Unread| {
        bytes += unread.bytes;
        bytes <= CHUNK_BYTES
    };
    entries.iter().take(CHUNK).take_while(fits).count().max(1)
}

async fn find(db: &mut PgConnection) -> Result<Unplaced, Error> {
    let row = sqlx::query!(
        r#"SELECT tree_size AS "tree_size!", frontier AS "frontier!", snapshot AS "snapshot!", cluster AS "cluster!",
                  entries AS "entries!", sizes AS "sizes!" FROM ledger_without_place()"#
    );
    let row = row.fetch_one(db).await?;
    let size = u64::try_from(row.tree_size).map_err(Error::internal)?;
    let tree = text(Frontier::from_bytes(size, &row.frontier))?;
    let unread = |(entry, bytes)| Unread { entry, bytes: usize::try_from(bytes).unwrap_or(usize::MAX) };
    let entries = row.entries.into_iter().zip(row.sizes).map(unread).collect();
    Ok(Unplaced { tree, snapshot: row.snapshot, cluster: row.cluster, entries })
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

/// Reads the leaves of these entries, one after another, and adds them to the tree.
async fn read(db: &mut PgConnection, unread: &[Unread], tree: &mut Frontier) -> Result<Places, Error> {
    let entries: Vec<_> = unread.iter().map(|unread| unread.entry).collect();
    let rows = sqlx::query!(
        "SELECT e.id, e.leaf FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place) JOIN ledger_entry e USING (id)
          ORDER BY wanted.place",
        &entries
    );
    let mut places = Places { first: tree.size(), ..Places::default() };
    let mut rows = rows.fetch(db);
    while let Some(row) = rows.try_next().await? {
        places.add(row.id, &row.leaf, tree)?;
    }
    if places.entries.len() == entries.len() { Ok(places) } else { Err(Error::internal("an entry is gone")) }
}

fn number(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

/// The batch, as the next one has to know it.
struct Batch<'a> {
    first: u64,
    tree: &'a Frontier,
    snapshot: &'a str,
    cluster: i64,
    now: Timestamp,
}

/// Stores places, who sees what of their entries, subtrees, and with the last of them the batch, in one statement.
async fn place(db: &mut PgConnection, places: Places, batch: Option<&Batch<'_>>) -> Result<(), Error> {
    let Places { first, entries, hashes, subtrees, seen, readers, lines } = places;
    let levels: Vec<_> =
        subtrees.iter().map(|subtree| i16::try_from(subtree.level).unwrap_or(i16::MAX)).collect();
    let indexes = subtrees.iter().map(|subtree| number(subtree.index)).collect::<Result<Vec<_>, _>>()?;
    let roots: Vec<_> = subtrees.iter().map(|subtree| subtree.hash.to_vec()).collect();
    sqlx::query!(
        "WITH placed AS (
             INSERT INTO ledger_index (index, entry, leaf_hash)
             SELECT $1 + x.place - 1, x.entry, x.hash
               FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS x (entry, hash, place)
         ), feed AS (
             INSERT INTO ledger_feed (reader, index, lines)
             SELECT f.reader, f.index, f.lines::int4multirange
               FROM unnest($14::int8[], $15::text[], $16::text[]) AS f (index, reader, lines)
         ), whole AS (
             INSERT INTO ledger_subtree (level, index, hash)
             SELECT x.level, x.place, x.hash FROM unnest($4::int2[], $5::int8[], $6::bytea[]) AS x (level, place, hash)
         )
         INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at)
         SELECT $7, $8, $9, $10, $11::text::pg_snapshot, $12, $13 WHERE $7::bigint IS NOT NULL",
        number(first)?,
        &entries,
        &hashes,
        &levels,
        &indexes,
        &roots,
        batch.map(|batch| number(batch.tree.size())).transpose()?,
        batch.map(|batch| number(batch.first)).transpose()?,
        batch.map(|batch| batch.tree.root().to_vec()),
        batch.map(|batch| batch.tree.to_bytes()),
        batch.map(|batch| batch.snapshot),
        batch.map(|batch| batch.cluster),
        batch.map(|batch| to_row(batch.now)),
        &seen,
        &readers,
        &lines as &[Option<String>]
    )
    .execute(db)
    .await?;
    Ok(())
}
