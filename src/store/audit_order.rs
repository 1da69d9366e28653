//! The ledger's order held against its leaves: every place, and the tree over them as batches and subtrees have it.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::ledger::tree::{Frontier, Hash, leaf_hash};

/// An entry with its place, as they are stored; and the batch that ends with it, if one does.
pub(super) struct Placed<'a> {
    pub entry: Uuid,
    pub leaf: &'a [u8],
    pub index: i64,
    pub leaf_hash: Vec<u8>,
    pub batch: Option<Batch>,
}

/// A batch as it is stored.
pub(super) struct Batch {
    pub first: Option<i64>,
    pub root: Vec<u8>,
    pub frontier: Vec<u8>,
}

/// What is found: a resource's name, and what is wrong with it.
pub(super) type Found = (String, String);

/// The tree as it grows over the leaves.
#[derive(Default)]
pub(super) struct OrderAudit {
    tree: Frontier,
    subtrees: BTreeMap<(i16, i64), Hash>,
    /// The size of the tree with the last batch.
    batched: i64,
    found: Vec<Found>,
}

impl OrderAudit {
    /// Takes the next entry, by its place.
    pub fn take(&mut self, placed: &Placed<'_>) {
        let hash = leaf_hash(placed.leaf);
        let (entry, expected) = (format!("entries/{}", placed.entry), self.size());
        if placed.index != expected {
            self.found.push((entry.clone(), format!("has place {}, expected {expected}", placed.index)));
        }
        if placed.leaf_hash != hash {
            self.found.push((entry, format!("another leaf has place {}", placed.index)));
        }
        let Self { tree, subtrees, .. } = self;
        tree.push(hash, |whole| {
            let place = (
                i16::try_from(whole.level).unwrap_or(i16::MAX),
                i64::try_from(whole.index).unwrap_or(i64::MAX),
            );
            subtrees.insert(place, whole.hash);
        });
        let Some(batch) = &placed.batch else { return };
        let size = self.size();
        if batch.root != self.tree.root() || batch.frontier != self.tree.to_bytes() {
            self.found.push((format!("batches/{size}"), "is not the tree of its entries".to_owned()));
        }
        if batch.first != Some(self.batched) {
            self.found.push((format!("batches/{size}"), format!("does not follow batch {}", self.batched)));
        }
        self.batched = size;
    }

    /// Takes an entry that has no place, though the last batch could see it.
    pub fn take_left_out(&mut self, entry: Uuid) {
        self.found.push((format!("entries/{entry}"), "was left out of the order".to_owned()));
    }

    fn size(&self) -> i64 {
        i64::try_from(self.tree.size()).unwrap_or(i64::MAX)
    }

    /// Compares subtrees, the last batch, and how many places are stored; answers with all that was found. Two round trips.
    pub async fn finish(mut self, db: &mut PgConnection) -> Result<Vec<Found>, Error> {
        let last = sqlx::query!(
            r#"SELECT b.tree_size, (SELECT count(*) FROM ledger_index) AS "places!"
                 FROM ledger_batch b ORDER BY b.tree_size DESC LIMIT 1"#
        );
        let last = last.fetch_one(&mut *db).await?;
        // A place without an entry is not among those that were taken.
        if [self.size(), last.tree_size, last.places] != [self.batched; 3] {
            let why = format!("{} entries have places, the last batch says {}", last.places, last.tree_size);
            self.found.push((format!("batches/{}", last.tree_size), why));
        }
        for stored in sqlx::query!("SELECT level, index, hash FROM ledger_subtree").fetch_all(db).await? {
            if self.subtrees.remove(&(stored.level, stored.index)).is_none_or(|hash| hash[..] != stored.hash)
            {
                let subtree = format!("subtrees/{}/{}", stored.level, stored.index);
                self.found.push((subtree, "is not the tree of its entries".to_owned()));
            }
        }
        for (level, index) in self.subtrees.into_keys() {
            self.found.push((format!("subtrees/{level}/{index}"), "is not stored".to_owned()));
        }
        Ok(self.found)
    }
}
