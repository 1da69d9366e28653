//! Hears of the batches by which any gateway has given entries their places, and tells the calls that wait here.
//!
//! Owns one connection that listens, and no fact: a notice may be lost, or made up by whoever has a role, and the sequencer's look
//! of each second finds what nobody was told of.

use std::time::Duration;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{exchange::Exchange, ledger::batch::Batch, store::notice::PLACED};

/// Says how long the gateway rests before it listens anew. A turn lasts for as long as its listener does.
pub const HEAR_BATCHES: Plan =
    Plan { name: "hear_batches", every: Duration::from_secs(1), patience: Duration::MAX };

/// Hears of batches for the calls of one gateway.
pub struct Hearing {
    keeper: Keeper,
    calls: Exchange,
}

impl Hearing {
    /// Tells these calls.
    pub fn new(keeper: Keeper, calls: Exchange) -> Self {
        Self { keeper, calls }
    }
}

impl Work for Hearing {
    async fn turn(&mut self) -> Result<(), Failure> {
        let mut listener = self.keeper.database.listen(PLACED).await?;
        loop {
            match listener.text().await {
                // Of this gateway's own batches too, which it has told by then, or tells now.
                Ok(text) => Batch::from_text(&text).iter().for_each(|batch| self.calls.has_placed(batch, 0)),
                // It has heard until then. Where the database is away, the next turn fails, and says so.
                Err(error) => {
                    tracing::debug!(%error, "the gateway hears of no batches any more, and listens anew");
                    return Ok(());
                }
            }
        }
    }
}
