//! Tells what a date has brought about, of what nobody has changed: that an agreement has come into force, has ended, has lapsed or will
//! end soon, that a trainer is not expected any more, that a roster shows names no longer.
//!
//! Nothing is decided by it: what somebody may do or see follows from the day, whoever asks. What is told is a line of the ledger with
//! the version that the resource has, for nobody has changed it. It may be told twice where somebody acts within a minute of the moment,
//! and several moments that nobody looked between are told as one.

mod agreement;
mod roster;

use std::{future::Future, time::Duration};

use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::store::Error;

/// Says when moments are told.
pub const KEEP_TIME: Plan =
    Plan { name: "keep_time", every: Duration::from_secs(5), patience: Duration::from_secs(600) };

/// As close before a moment as times are told apart.
const INSTANT: SignedDuration = SignedDuration::from_micros(1);

/// Agreements or programmes that are found at a time.
const DUE: i64 = 1_000;

impl Keeper {
    /// Tells every moment that has come and was not told, and says how many entries it took. Each has a transaction of its own; one that
    /// cannot be told keeps no other from it, and is looked at again the next time.
    pub async fn keep_time(&self) -> Result<usize, Error> {
        let mut told = Told::default();
        self.tell_agreements(&mut told).await?;
        self.tell_bookings(&mut told).await?;
        self.tell_rosters(&mut told).await?;
        match told.failed {
            Some(error) => Err(error),
            None => Ok(told.entries),
        }
    }
}

/// What was told so far.
#[derive(Default)]
struct Told {
    entries: usize,
    /// Why one could not be told, the last of them.
    failed: Option<Error>,
}

impl Told {
    /// Goes through all ids, some at a time, and has each one told of.
    async fn each<L, T>(&mut self, list: impl Fn(Uuid) -> L, tell: impl Fn(Uuid) -> T) -> Result<(), Error>
    where
        L: Future<Output = Result<Vec<Uuid>, Error>> + Send,
        T: Future<Output = Result<usize, Error>> + Send,
    {
        let mut after = Uuid::nil();
        loop {
            let due = list(after).await?;
            for &id in &due {
                match tell(id).await {
                    Ok(entries) => self.entries += entries,
                    Err(error) => {
                        tracing::error!(%id, %error, "what a date has brought about cannot be told");
                        self.failed = Some(error);
                    }
                }
            }
            match due.last() {
                Some(last) => after = *last,
                None => return Ok(()),
            }
        }
    }
}

/// Tells moments.
pub struct Timekeeper(pub Keeper);

impl Work for Timekeeper {
    async fn turn(&mut self) -> Result<(), Failure> {
        let told = self.0.keep_time().await?;
        if told > 0 {
            tracing::info!(entries = told, "what a date has brought about is told");
        }
        Ok(())
    }
}
