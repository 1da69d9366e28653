//! Gives the ledger's entries their places, soon after they have committed.
//!
//! Every gateway does it for what it has recorded itself, and looks now and then for what others have: the signer, the owner, a
//! gateway that is gone. The database keeps them from doing it at once; where it fails to, the keys of the batches do.

use std::time::Duration;

use metrics::{counter, gauge};
use tokio::time::timeout;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{
    exchange::{Error, Exchange},
    store::sequence::{Sequence, Sequenced},
};

/// Says when entries get their places: ten milliseconds after the batch before, if there are any.
pub const SEQUENCE: Plan = Plan {
    name: "sequence",
    every: Duration::from_millis(10),
    // A log of millions that has no order yet is gone through once a batch.
    patience: Duration::from_secs(600),
};

/// How long it waits to be told of an entry before it looks by itself.
pub const LOOK: Duration = Duration::from_secs(1);

/// The entries that have a place.
pub const SIZE: &str = "gerbang_ledger_size";
/// Batches in which entries got their places.
pub const BATCHES: &str = "gerbang_ledger_batches_total";

impl Keeper {
    /// Gives entries that have committed their places, as many as a batch takes. One transaction.
    pub async fn sequence(&self) -> Result<Sequenced, Error> {
        self.transact("ledger.sequence", &Sequence).await
    }
}

/// Gives the entries of one gateway their places, and others' that it finds.
pub struct Sequencer {
    keeper: Keeper,
    calls: Exchange,
    /// Whether it looks again at once: what somebody else is at may not be all.
    behind: bool,
}

impl Sequencer {
    /// Is woken by what the keeper and the calls record. It begins with what there is.
    pub fn new(keeper: Keeper, calls: Exchange) -> Self {
        counter!(BATCHES).increment(0);
        Self { keeper, calls, behind: true }
    }

    /// Returns once something was recorded here.
    async fn told(&self) {
        tokio::select! {
            () = self.keeper.database.recorded() => {}
            () = self.calls.recorded() => {}
        }
    }
}

impl Work for Sequencer {
    async fn turn(&mut self) -> Result<(), Failure> {
        // After a turn that failed, too: the database may be away.
        if !std::mem::take(&mut self.behind) {
            let _ = timeout(LOOK, self.told()).await;
        }
        let known = self.calls.told_size();
        match self.keeper.sequence().await? {
            // Whoever is at it notifies, and what is lost of that the next turn finds.
            Sequenced::Elsewhere { size } => {
                gauge!(SIZE).set(size as f64);
                self.behind = true;
            }
            Sequenced::Placed { entries, batch, more } => {
                gauge!(SIZE).set(batch.size as f64);
                self.calls.has_placed(&batch, known);
                self.behind = more;
                if entries > 0 {
                    counter!(BATCHES).increment(1);
                }
            }
        }
        Ok(())
    }
}
