//! What is kept for a while and then deleted: remembered answers, orders of certificates that came to nothing, the counts of
//! refused calls, and what is known of trainees.
//!
//! It deletes in batches, each in a transaction of its own, until nothing is left that is old enough, or its turn is over. Trainees'
//! part is [`crate::exchange::retention`], which the owner's command does too.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{
    domain::certificate::{ORDER_KEPT, Order, OrderFilter, OrderId},
    exchange::retention::Turn,
    ledger::ChangeKind,
    store::{
        Ended, Error, Recorder, UnitOfWork, order as orders,
        retention::{self, Deleted},
    },
};

/// How long answers are remembered: a request that comes again after that meets the natural keys.
pub const ANSWERS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many years refused calls are kept: as any record of who looked at what.
pub const REFUSED_KEPT: i8 = 5;

/// Answers in a batch, and batches in a turn.
const ANSWERS: i64 = 1_000;
const BATCHES: usize = 100;
/// Orders in a batch: each is read, and is a line of the ledger.
const ORDERS: i64 = 50;
/// Rows of refused calls in a batch.
const REFUSED: i32 = 1_000;

/// Says when answers are forgotten.
pub const FORGET_ANSWERS: Plan =
    Plan { name: "forget_answers", every: Duration::from_secs(3_600), patience: Duration::from_secs(600) };
/// Says when orders are forgotten.
pub const FORGET_ORDERS: Plan = Plan { name: "forget_orders", ..FORGET_ANSWERS };
/// Says when refused calls are forgotten.
pub const FORGET_REFUSED: Plan = Plan { name: "forget_refused", ..FORGET_ANSWERS };
/// Says when trainees are looked at of whom something may have to be erased.
pub const ERASE_TRAINEES: Plan =
    Plan { name: "erase_trainees", every: Duration::from_secs(600), ..FORGET_ANSWERS };

/// Tells what a batch of orders did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// The number of orders that were deleted.
    pub orders: usize,
    /// The last order that was looked at; `None` where there was none.
    pub last: Option<(Timestamp, OrderId)>,
}

impl Keeper {
    /// Deletes remembered answers of calls that came from `since` on and before `until`, at most `limit` of them.
    pub async fn forget_answers(
        &self,
        since: Option<Timestamp>,
        until: Timestamp,
        limit: i64,
    ) -> Result<Deleted, Error> {
        self.transact("replay.forget", &ForgetAnswers { since, until, limit }).await
    }

    /// Deletes orders that came to nothing, by the rule of [`Order::is_forgettable`], among at most `limit` that ended
    /// after the one that is named. One entry of the ledger says of each that it was removed.
    pub async fn forget_orders(
        &self,
        after: Option<(Timestamp, OrderId)>,
        limit: i64,
    ) -> Result<Forgotten, Error> {
        self.transact("order.forget", &ForgetOrders { after, limit }).await
    }

    /// Deletes the counts of refused calls of days before this one, at most `limit` rows, and says how many. One transaction.
    pub async fn forget_refused(&self, before: Date, limit: i32) -> Result<i64, Error> {
        self.transact("call.forget_refused", &ForgetRefused { before, limit }).await
    }
}

struct ForgetAnswers {
    since: Option<Timestamp>,
    until: Timestamp,
    limit: i64,
}

impl UnitOfWork for ForgetAnswers {
    type Answer = Deleted;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Deleted>, Error> {
        tx.records_nothing("what a call did is in the ledger; its remembered answer is no resource");
        let deleted = retention::delete_answers(tx.db(), self.since, self.until, self.limit).await?;
        tx.commit(deleted).await
    }
}

struct ForgetOrders {
    after: Option<(Timestamp, OrderId)>,
    limit: i64,
}

impl UnitOfWork for ForgetOrders {
    type Answer = Forgotten;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Forgotten>, Error> {
        tx.unchanged();
        let now = tx.now();
        let ended = retention::ended_orders(tx.db(), self.after, now - ORDER_KEPT, self.limit).await?;
        let mut count = 0;
        for (_, id) in &ended {
            let filter = OrderFilter { id: Some(*id), ..Default::default() };
            let found = orders::list(tx.db(), &filter).await?.pop();
            let Some(order) = found.filter(|order| order.is_forgettable(now)) else { continue };
            retention::delete_order(tx.db(), &order).await?;
            let version = order.version + 1;
            tx.changed(ChangeKind::Removed, &Order { version, ..order });
            count += 1;
        }
        tx.commit(Forgotten { orders: count, last: ended.last().copied() }).await
    }
}

struct ForgetRefused {
    before: Date,
    limit: i32,
}

impl UnitOfWork for ForgetRefused {
    type Answer = i64;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<i64>, Error> {
        tx.records_nothing("a count of what was refused is no resource");
        let deleted = retention::delete_refused(tx.db(), self.before, self.limit).await?;
        tx.commit(deleted).await
    }
}

/// Forgets answers that are old enough.
pub struct Answers(pub Keeper);

impl Work for Answers {
    async fn turn(&mut self) -> Result<(), Failure> {
        let until = self.0.clock.now() - ANSWERS_KEPT;
        let (mut since, mut total) = (None, 0);
        for _ in 0..BATCHES {
            let deleted = self.0.forget_answers(since, until, ANSWERS).await?;
            total += deleted.rows;
            since = deleted.last;
            if deleted.rows < ANSWERS {
                break;
            }
        }
        if total > 0 {
            tracing::info!(answers = total, "remembered answers are deleted");
        }
        Ok(())
    }
}

/// Forgets orders that came to nothing.
pub struct Orders(pub Keeper);

impl Work for Orders {
    async fn turn(&mut self) -> Result<(), Failure> {
        let (mut after, mut total) = (None, 0);
        for _ in 0..BATCHES {
            let forgotten = self.0.forget_orders(after, ORDERS).await?;
            total += forgotten.orders;
            after = forgotten.last;
            if after.is_none() {
                break;
            }
        }
        if total > 0 {
            tracing::info!(orders = total, "orders that came to nothing are deleted");
        }
        Ok(())
    }
}

/// Forgets refused calls of long ago.
pub struct RefusedCalls(pub Keeper);

impl Work for RefusedCalls {
    async fn turn(&mut self) -> Result<(), Failure> {
        let today = self.0.clock.now().to_zoned(TimeZone::UTC).date();
        let before = today.saturating_sub(REFUSED_KEPT.years());
        for _ in 0..BATCHES {
            if self.0.forget_refused(before, REFUSED).await? < i64::from(REFUSED) {
                break;
            }
        }
        Ok(())
    }
}

/// Erases what is known of trainees whose courses are long over.
pub struct Trainees(pub Keeper);

/// Why a turn erased less than it should.
#[derive(Debug, thiserror::Error)]
enum NotErased {
    #[error("this machine's clock is {0:#} ahead of the database's; nothing of trainees is erased by it")]
    Ahead(SignedDuration),
    #[error("{0} trainees could not be erased")]
    Some(usize),
}

impl Work for Trainees {
    async fn turn(&mut self) -> Result<(), Failure> {
        let retention = self.0.exchange.retention();
        if let Some(ahead) = retention.clock_ahead().await? {
            return Err(NotErased::Ahead(ahead).into());
        }
        let Turn { persons, salts, failed, under_way } = retention.turn().await?;
        if persons > 0 || salts > 0 {
            tracing::info!(persons, salts, under_way, "what was known of trainees is erased");
        }
        for (trainee, error) in &failed {
            tracing::error!(%trainee, %error, "a trainee cannot be erased");
        }
        if failed.is_empty() { Ok(()) } else { Err(NotErased::Some(failed.len()).into()) }
    }
}
