//! Lists who was shown whom, behind the ledger's order: so that a report on one person reads that person's entries and no others.

use std::time::Duration;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::store::{Ended, Error, Recorder, UnitOfWork, disclosure};

/// Says when disclosures are listed.
pub const LIST_DISCLOSURES: Plan =
    Plan { name: "list_disclosures", every: Duration::from_secs(1), patience: Duration::from_secs(600) };

/// Transactions in a turn.
const BATCHES: usize = 100;

impl Keeper {
    /// Lists the disclosures of entries that come next. How many entries these were, and whether there are more. One transaction.
    pub async fn list_disclosures(&self) -> Result<(i64, bool), Error> {
        self.transact("ledger.list_disclosures", &ListDisclosures).await
    }
}

struct ListDisclosures;

impl UnitOfWork for ListDisclosures {
    type Answer = (i64, bool);

    async fn run(&self, mut tx: Recorder) -> Result<Ended<(i64, bool)>, Error> {
        tx.records_nothing("a list of what entries tell changes nothing");
        match disclosure::list_next(tx.db()).await? {
            (0, more) => tx.discard((0, more)).await,
            listed => tx.commit(listed).await,
        }
    }
}

/// Lists disclosures.
pub struct Disclosures(pub Keeper);

impl Work for Disclosures {
    async fn turn(&mut self) -> Result<(), Failure> {
        for _ in 0..BATCHES {
            let (_, more) = self.0.list_disclosures().await?;
            if !more {
                break;
            }
        }
        Ok(())
    }
}
