//! The ledger as a whole: what checkpoints and proofs are made of, for calls; and all entries by their places, for the owner.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Database, Entered, Error, Look, Question,
    change::{self, BYTES_MAX, Row, Told},
    ledger_key::{self, Replacement},
    registry::{ask_as_caller, entered_row},
    to_row,
};
use crate::{
    domain::access::Fingerprint,
    ledger::{
        checkpoint::Checkpoint,
        proof::{self, Kept},
        tree::{Frontier, Hash, leaf_hash},
    },
};

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "ledger_node")]
struct Node {
    level: i16,
    index: i64,
    hash: Vec<u8>,
}

/// The question for the tree as it is, and for what a proof is made of. One round trip.
pub struct Ledger {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The entry that is to be proved.
    pub entry: Option<Uuid>,
    /// The size of the tree that is to be proved the beginning of the other; without it, an entry is.
    pub smaller: Option<i64>,
    /// The size of the tree in which something is to be proved.
    pub size: Option<i64>,
}

/// What is asked of the ledger.
pub struct Found {
    /// The tree as it is.
    pub checkpoint: Checkpoint,
    /// The entry, if it has a place.
    pub entry: Option<Placed>,
    /// The hashes of which the proof is made; none where there is no tree of that size yet.
    pub kept: Kept,
    /// The notes of the keys that have replaced one of the log's, in their order; none where a proof is asked for.
    pub successors: Vec<String>,
    /// The last of these keys, which is in force; `None` where the log has its first key.
    pub key: Option<String>,
}

/// An entry in its place.
pub struct Placed {
    /// Its place, from 0.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf_hash: Hash,
    /// The bytes of its leaf.
    pub leaf: Vec<u8>,
}

impl Question for Ledger {
    type Answer = (Option<Entered>, Option<Found>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let row = ask_as_caller!(
            db,
            r#"q.tree_size AS "tree_size!", q.root AS "root!", q.index, q.leaf_hash, q.leaf, q.nodes AS "nodes?: Vec<Node>",
               CASE WHEN $4::bigint IS NULL THEN ARRAY(SELECT k.note FROM ledger_key k ORDER BY k.number) END AS successors,
               (SELECT k.key FROM ledger_key k ORDER BY k.number DESC LIMIT 1) AS key
               FROM (SELECT c AS caller, p.* FROM let_in($1) AS c
                      CROSS JOIN LATERAL ledger_for_caller(c.agency, $2, $3, $4) AS p) AS q"#,
            &self.fingerprint[..],
            self.entry,
            self.smaller,
            self.size
        );
        let Some(row) = row else { return Ok((None, None)) };
        let entered: Entered = entered_row!(row).try_into()?;
        let placed = |((index, leaf_hash), leaf)| {
            Ok::<_, Error>(Placed { index: size(index)?, leaf_hash: hash(leaf_hash)?, leaf })
        };
        let found = Found {
            checkpoint: Checkpoint { size: size(row.tree_size)?, root: hash(row.root)? },
            entry: row.index.zip(row.leaf_hash).zip(row.leaf).map(placed).transpose()?,
            kept: kept(row.nodes.unwrap_or_default())?,
            successors: row.successors.unwrap_or_default(),
            key: row.key,
        };
        Ok((Some(entered), Some(found)))
    }
}

/// The question for the leaf of an entry that is recorded. One round trip.
pub struct Recorded {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The entry.
    pub entry: Uuid,
}

impl Question for Recorded {
    /// The leaf, and the key that has replaced the log's others, which is in force.
    type Answer = (Option<Entered>, (Option<Vec<u8>>, Option<String>));

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let row = ask_as_caller!(
            db,
            r#"q.leaf AS "leaf?", (SELECT k.key FROM ledger_key k ORDER BY k.number DESC LIMIT 1) AS key
               FROM (SELECT c AS caller, e.leaf FROM let_in($1) AS c LEFT JOIN ledger_entry AS e ON e.id = $2) AS q"#,
            &self.fingerprint[..],
            self.entry
        );
        let Some(row) = row else { return Ok((None, (None, None))) };
        Ok((Some(entered_row!(row).try_into()?), (row.leaf, row.key)))
    }
}

fn size(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(Error::internal)
}

fn hash(bytes: Vec<u8>) -> Result<Hash, Error> {
    bytes.try_into().map_err(|_| Error::internal("a hash of another length"))
}

fn kept(nodes: Vec<Node>) -> Result<Kept, Error> {
    let place = |node: Node| {
        Ok(((u32::try_from(node.level).map_err(Error::internal)?, size(node.index)?), hash(node.hash)?))
    };
    nodes.into_iter().map(place).collect()
}

/// Entries before a place, the newest first.
pub struct Before {
    /// The entries, but for those that do not read.
    pub entries: Vec<Told>,
    /// Where there are earlier ones: the place of the last that was looked at.
    pub more: Option<i64>,
}

/// Lists entries before a place, or the last ones, that were recorded in this range: at most so many.
pub async fn list_before(
    db: &mut PgConnection,
    before: Option<i64>,
    (start, end): (Option<Timestamp>, Option<Timestamp>),
    entries_max: i32,
) -> Result<Before, Error> {
    let row = sqlx::query!(
        r#"SELECT entries AS "entries!: Vec<Row>", more AS "more!" FROM ledger_entries_before($1, $2, $3, $4, $5)"#,
        before,
        start.map(to_row) as Option<OffsetDateTime>,
        end.map(to_row) as Option<OffsetDateTime>,
        entries_max,
        BYTES_MAX
    );
    let row = row.fetch_one(db).await?;
    let (entries, last) = change::readable(row.entries);
    Ok(Before { entries, more: last.filter(|_| row.more) })
}

/// All entries by their places, as the owner sees them in one snapshot.
pub struct Export {
    look: Look,
    /// The tree as its last batch left it.
    pub checkpoint: Checkpoint,
    /// The keys that have replaced one of the log's.
    pub replacements: Vec<Replacement>,
}

impl Database {
    /// Begins to export the ledger, as the owner. Three round trips.
    pub async fn export_ledger(&self) -> Result<Export, Error> {
        let mut look = self.look().await?;
        // A log of millions is gone through once.
        let last = sqlx::query!(
            r#"SELECT set_config('statement_timeout', '0', true) AS takes, tree_size, root
                 FROM ledger_batch ORDER BY tree_size DESC LIMIT 1"#
        );
        let last = last.fetch_one(&mut *look).await?;
        let checkpoint = Checkpoint { size: size(last.tree_size)?, root: hash(last.root)? };
        let replacements = ledger_key::list(&mut look).await?;
        Ok(Export { look, checkpoint, replacements })
    }
}

impl Export {
    /// Finds the tree of the first so many entries; `None` where there are fewer. One round trip.
    pub async fn tree(&mut self, of: u64) -> Result<Option<Frontier>, Error> {
        if of > self.checkpoint.size {
            return Ok(None);
        }
        let place = i64::try_from(of).map_err(Error::internal)?;
        let nodes = sqlx::query_scalar!(r#"SELECT ledger_nodes($1, $1) AS "nodes!: Vec<Node>""#, place);
        let kept = kept(nodes.fetch_one(&mut *self.look).await?)?;
        proof::frontier(of, &kept).map(Some).ok_or_else(|| Error::internal("a hash of the tree is missing"))
    }

    /// Hands out the leaves of all entries behind this tree, by their places, and ends. True where they lead to the root of
    /// the checkpoint; what was handed out else is not to be believed. One round trip.
    pub async fn leaves<E: From<Error>>(
        mut self,
        mut tree: Frontier,
        mut hand_out: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<bool, E> {
        let end = |number: u64| i64::try_from(number).map_err(Error::internal);
        let (first, size) = (end(tree.size())?, end(self.checkpoint.size)?);
        let mut rows = sqlx::query!(
            r#"SELECT e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry
                WHERE i.index >= $1 AND i.index < $2 ORDER BY i.index"#,
            first,
            size
        )
        .fetch(&mut *self.look);
        while let Some(row) = rows.try_next().await.map_err(Error::from)? {
            hand_out(tree.size(), &row.leaf)?;
            tree.push(leaf_hash(&row.leaf), |_| {});
        }
        Ok(tree.size() == self.checkpoint.size && tree.root() == self.checkpoint.root)
    }
}
