//! Tells the parties of an agreement when a day has changed what it is: that it has come into force, has ended, or has lapsed.
//!
//! Nothing is decided by it: the state follows from the day, whoever asks. What is told is a line of the ledger with the version that
//! the agreement has, for nobody has changed it. It may be told twice where somebody acts within a minute of the moment, and several
//! moments that nobody looked between are told as one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{
    ledger::ChangeKind,
    store::{Ended, Error, Recorder, UnitOfWork, lock, moment},
};

/// Says when moments are told.
pub const KEEP_TIME: Plan =
    Plan { name: "keep_time", every: Duration::from_secs(5), patience: Duration::from_secs(600) };

/// How long before the last look an act may have been decided that was not to be seen yet: it waits for locks, and gateways' clocks
/// differ.
const UNSEEN: SignedDuration = SignedDuration::from_mins(1);

/// As close before a moment as times are told apart.
const INSTANT: SignedDuration = SignedDuration::from_micros(1);

/// Agreements that are found at a time.
const DUE: i64 = 1_000;

impl Keeper {
    /// Tells every moment that has come and was not told, and says how many these were. Each agreement has a transaction of its own;
    /// one that cannot be told keeps no other from it, and is looked at again the next time.
    pub async fn keep_time(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let (mut told, mut failed, mut after) = (0, None, Uuid::nil());
        loop {
            let (since, due) = self.transact("agreement.list_due", &ListDue { after }).await?;
            for &id in &due {
                match self.transact(TELL, &Tell { id, since }).await {
                    Ok(tells) => told += usize::from(tells),
                    Err(error) => {
                        tracing::error!(agreement = %id, %error, "a moment of an agreement cannot be told");
                        failed = Some(error);
                    }
                }
            }
            match due.last() {
                Some(last) => after = *last,
                None => break,
            }
        }
        match failed {
            // What could not be looked at is compared with how it was at the last look at all.
            Some(error) => Err(error),
            None => self.transact("agreement.note_look", &NoteLook(now)).await.map(|()| told),
        }
    }
}

/// The name of the transaction that tells; [`crate::ledger::Entry::tells_again`] knows its entries by it.
const TELL: &str = "agreement.tell";

struct ListDue {
    after: Uuid,
}

impl UnitOfWork for ListDue {
    type Answer = (Option<Timestamp>, Vec<Uuid>);

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let now = tx.now();
        let since = moment::looked_at(tx.db()).await?;
        let due = moment::list_due(tx.db(), self.after, now, DUE).await?;
        tx.discard((since, due)).await
    }
}

/// Looks at an agreement, and tells its parties if its state is another than it was just before the moment, or at the last look.
struct Tell {
    id: Uuid,
    since: Option<Timestamp>,
}

impl UnitOfWork for Tell {
    type Answer = bool;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<bool>, Error> {
        lock::agreements_exclusive(&mut tx, &[self.id]).await?;
        let now = tx.now();
        let Some((agreement, moment)) = moment::find_due(tx.db(), self.id, now).await? else {
            return tx.discard(false).await;
        };
        // However long ago a noted moment came. Of what somebody has changed since, the change was told, and not what a day made of it.
        let looked = self.since.map(|since| since.min(now) - UNSEEN);
        let since = moment.map(|moment| moment - INSTANT).or(looked);
        moment::note(tx.db(), self.id, agreement.next_moment(now)).await?;
        let tells = since.is_some_and(|since| agreement.state(since) != agreement.state(now));
        if tells {
            tx.changed(ChangeKind::Updated, &agreement);
        } else {
            tx.records_nothing("when an agreement changes next is no change");
        }
        tx.commit(tells).await
    }
}

struct NoteLook(Timestamp);

impl UnitOfWork for NoteLook {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.records_nothing("how far the timekeeper is is no change");
        moment::note_look(tx.db(), self.0).await?;
        tx.commit(()).await
    }
}

/// Tells moments.
pub struct Timekeeper(pub Keeper);

impl Work for Timekeeper {
    async fn turn(&mut self) -> Result<(), Failure> {
        let told = self.0.keep_time().await?;
        if told > 0 {
            tracing::info!(agreements = told, "what a day has changed is told");
        }
        Ok(())
    }
}
