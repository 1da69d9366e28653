//! Lists what entries tell, behind the ledger's order: who was shown whom, and which entries tell of a session.

use std::time::Duration;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::store::{Ended, Error, Recorder, UnitOfWork, listing};

/// Says when entries are listed.
pub const LIST_ENTRIES: Plan =
    Plan { name: "list_entries", every: Duration::from_secs(1), patience: Duration::from_secs(600) };

/// Transactions in a turn.
const BATCHES: usize = 100;

impl Keeper {
    /// Lists what the entries tell that come next. How many entries these were, and whether there are more. One transaction.
    pub async fn list_entries(&self) -> Result<(i64, bool), Error> {
        self.transact("ledger.list_entries", &ListEntries).await
    }
}

struct ListEntries;

impl UnitOfWork for ListEntries {
    type Answer = (i64, bool);

    async fn run(&self, mut tx: Recorder) -> Result<Ended<(i64, bool)>, Error> {
        tx.records_nothing("a list of what entries tell changes nothing");
        match listing::list_next(tx.db()).await? {
            (0, more) => tx.discard((0, more)).await,
            listed => tx.commit(listed).await,
        }
    }
}

/// Lists what entries tell.
pub struct Listing(pub Keeper);

impl Work for Listing {
    async fn turn(&mut self) -> Result<(), Failure> {
        for _ in 0..BATCHES {
            let (_, more) = self.0.list_entries().await?;
            if !more {
                break;
            }
        }
        Ok(())
    }
}
