//! The one place through which every transaction goes: it is named, timed, run again where it lost a race, and
//! committed only with a ledger entry or with a stated reason for none.
//!
//! A push is stored by one statement that is a transaction by itself (`push::groups`).
//!
//! Owns `BEGIN` and `COMMIT`, which `open` sends; no other file has them (a test looks). A unit of work reads and writes through its
//! [`Recorder`] and tells it what it changed. [`Database::transact`] refuses to commit one that told nothing and gave
//! no reason. What only looks uses [`Database::look`], which cannot write.

use std::{
    ops::{Deref, DerefMut},
    time::{Duration, Instant},
};

use metrics::{counter, histogram};
use sqlx::PgConnection;
use tokio::time::timeout;
use tracing::Instrument;

pub(super) mod open;

use self::open::Open;
use super::{
    Actor, Database, Error, Lane, Origin, Recorder, notice::NOTIFY_SIGNER, places::Place, pool::Pooled,
};

/// The most runs of a transaction: once, and again where it lost to another.
const ATTEMPTS: u32 = 5;

/// The longest that a database may take to answer BEGIN, or a leader of pushes. One that takes longer stands still, and
/// would keep the caller until its deadline.
pub(super) const BEGIN_WAIT: Duration = Duration::from_secs(3);

/// The same for a question that is a transaction by itself, whose rows have to be found.
const QUESTION_WAIT: Duration = Duration::from_secs(10);

/// The outcome of a transaction that has stored something, with its entry if anything changed.
pub(super) const RECORDED: &str = "recorded";

/// Durations of transactions, by name and outcome.
pub const TRANSACTION_SECONDS: &str = "gerbang_transaction_seconds";
/// Transactions that lost a race and were run again, by name.
pub const RETRIES: &str = "gerbang_transaction_retries_total";
/// Transactions that lost as often as they may be run, by name.
pub const LOST: &str = "gerbang_transactions_lost_total";
/// Waits for a connection of the pool.
pub const POOL_WAIT_SECONDS: &str = "gerbang_pool_wait_seconds";

/// The work of one transaction.
pub trait UnitOfWork: Sync {
    /// The answer, given once the transaction has ended.
    type Answer: Send;

    /// Reads, decides, writes, tells the recorder what changed, and ends it by [`Recorder::commit`] or
    /// [`Recorder::discard`]. It may be run again from the start: whatever it did beside the database must bear that.
    fn run(&self, tx: Recorder) -> impl Future<Output = Result<Ended<Self::Answer>, Error>> + Send;
}

/// A question that one statement answers. PostgreSQL makes a transaction of it by itself: one round trip, where a
/// transaction of ours has three more.
pub trait Question: Sync {
    /// What is found.
    type Answer: Send;

    /// Sends the statement, and reads its rows.
    fn ask(&self, db: &mut PgConnection) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// The proof that a transaction has ended, with its answer. Only the two ends of a recorder make one.
pub struct Ended<A> {
    answer: A,
    outcome: &'static str,
}

impl Database {
    /// Runs a unit of work in a READ COMMITTED transaction and commits it, at most [`ATTEMPTS`] times, or once where
    /// the origin says so. Fails with what the unit failed with, and where the unit told nothing.
    pub async fn transact<W: UnitOfWork>(&self, origin: Origin, work: &W) -> Result<W::Answer, Error> {
        let attempts = if origin.once { 1 } else { ATTEMPTS };
        let span = tracing::info_span!("transaction", name = %origin.name, actor = origin.actor.as_str());
        async {
            let mut turn = None;
            for attempt in 1.. {
                let mut ended = self.attempt(&origin, work, turn.is_some()).await;
                if let Err(Error::Busy(keys)) = &ended {
                    // Behind those who wait already; by now the transaction holds nothing.
                    turn = Some(self.queues.enter(keys).await?);
                    ended = self.attempt(&origin, work, true).await;
                }
                match ended {
                    Err(error) if error.may_retry() && attempt < attempts => {
                        counter!(RETRIES, "transaction" => origin.name.to_string()).increment(1);
                        tracing::debug!(%error, attempt, "lost a race, running again");
                    }
                    Err(error) if error.may_retry() => {
                        counter!(LOST, "transaction" => origin.name.to_string()).increment(1);
                        return Err(error);
                    }
                    done => return done,
                }
            }
            Err(Error::internal("a transaction without an attempt"))
        }
        .instrument(span)
        .await
    }

    async fn attempt<W: UnitOfWork>(
        &self,
        origin: &Origin,
        work: &W,
        waits: bool,
    ) -> Result<W::Answer, Error> {
        let begun = Instant::now();
        let db = self.begin("BEGIN", &origin.lane).await?;
        let ended = work.run(Recorder::new(db, origin, waits)).await;
        let outcome = ended.as_ref().map_or("failed", |ended| ended.outcome);
        match &ended {
            Ok(Ended { outcome: RECORDED, .. }) => self.writes.succeeded(),
            Ok(_) => {}
            Err(error) => self.writes.failed(error),
        }
        took(&origin.name, outcome, begun);
        ended.map(|ended| ended.answer)
    }

    /// Begins a transaction that can read and nothing else, and sees the database as it is at its first statement; it
    /// ends when it is dropped.
    pub async fn look(&self) -> Result<Look, Error> {
        Ok(Look(self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &Lane::Own).await?))
    }

    /// Asks one question, which is a transaction by itself, in its turn. `name` is the transaction's in spans and series.
    pub async fn ask<Q: Question>(&self, lane: &Lane, name: &str, question: &Q) -> Result<Q::Answer, Error> {
        let begun = Instant::now();
        let span = tracing::info_span!("transaction", name, actor = Actor::Call.as_str());
        let asked = self.ask_first(lane, question).instrument(span).await;
        let outcome = if asked.is_ok() { "asked" } else { "failed" };
        took(name, outcome, begun);
        Ok(asked?.1)
    }

    /// Asks one question, in its turn; once more where a pooled connection turns out broken. Answers with the connection,
    /// for another.
    pub(super) async fn ask_first<Q: Question>(
        &self,
        lane: &Lane,
        question: &Q,
    ) -> Result<(Open, Q::Answer), Error> {
        let begun = Instant::now();
        let mut attempts = self.pool.most();
        loop {
            let (place, connection) = self.connection(lane).await?;
            histogram!(POOL_WAIT_SECONDS).record(begun.elapsed());
            let mut open = Open::outside(connection, place);
            match open.ask(question, QUESTION_WAIT).await {
                Err(Error::Broken(_)) if attempts > 0 => attempts -= 1,
                Err(error) => return Err(error),
                Ok(answer) => return Ok((open, answer)),
            }
        }
    }

    /// A connection, in its turn.
    async fn connection(&self, lane: &Lane) -> Result<(Option<Place>, Pooled), Error> {
        let place = match &self.places {
            Some(places) => Some(places.take(lane).await?),
            None => None,
        };
        Ok((place, self.pool.take().await.map_err(Error::away)?))
    }

    /// Begins a transaction, in its turn; a pooled connection that turns out broken is replaced.
    async fn begin(&self, statement: &'static str, lane: &Lane) -> Result<Open, Error> {
        let asked = Instant::now();
        let mut attempts = self.pool.most();
        loop {
            let (place, connection) = self.connection(lane).await?;
            let begun = timeout(BEGIN_WAIT, Open::begin(connection, place, statement)).await;
            match begun.unwrap_or_else(|_| Err(Error::Away("it does not answer BEGIN".to_owned()))) {
                Err(Error::Broken(_)) if attempts > 0 => attempts -= 1,
                begun => {
                    histogram!(POOL_WAIT_SECONDS).record(asked.elapsed());
                    return begun;
                }
            }
        }
    }
}

/// Records how long a transaction took, and what became of it.
pub(super) fn took(name: &str, outcome: &'static str, begun: Instant) {
    let seconds = histogram!(TRANSACTION_SECONDS, "transaction" => name.to_owned(), "outcome" => outcome);
    seconds.record(begun.elapsed());
}

/// A transaction that only reads.
pub struct Look(Open);

impl Deref for Look {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Look {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

impl Recorder {
    /// Commits with the entry of what was told, or without one where a reason was stated. An internal error, and
    /// nothing is committed, where the transaction told neither.
    pub async fn commit<A>(mut self, answer: A) -> Result<Ended<A>, Error> {
        let outcome = if self.append().await? { RECORDED } else { "unrecorded" };
        let notice = self.is_for_signer.then_some(NOTIFY_SIGNER);
        self.stored.set(true);
        self.db.commit(notice).await.map_err(Error::away)?;
        Ok(Ended { answer, outcome })
    }

    /// Commits what one statement has stored together with its entry.
    pub async fn commit_stored<A>(self, answer: A) -> Result<Ended<A>, Error> {
        self.stored.set(true);
        self.db.commit(None).await.map_err(Error::away)?;
        Ok(Ended { answer, outcome: RECORDED })
    }

    /// Rolls back, whatever was done, and answers all the same.
    pub async fn discard<A>(self, answer: A) -> Result<Ended<A>, Error> {
        self.db.rollback().await?;
        Ok(Ended { answer, outcome: "discarded" })
    }
}
