//! A connection of the pool inside a transaction, and what becomes of it where the transaction is broken off.
//!
//! sqlx 0.9.0 gives a connection back whose BEGIN was cut, and later callers find themselves in a transaction; so the
//! three statements are our own.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use sqlx::{Connection, PgConnection};
use tokio::time::timeout;

use crate::store::{Error, Question, places::Place, pool::Pooled};

/// The longest that the end of a connection keeps its place.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// The longest that a transaction that was broken off keeps its connection: somewhat longer than a statement may take.
const ROLLBACK_WAIT: Duration = Duration::from_secs(30);

/// A connection of the pool inside a transaction. Dropped before the transaction has ended, it is rolled back before
/// anybody else gets it; dropped before BEGIN was answered, it is thrown away, for nobody knows what it is in.
pub(in crate::store) struct Open {
    connection: Option<Pooled>,
    place: Option<Place>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Something was sent outside of a transaction, and not answered.
    Unknown,
    Open,
    Ended,
}

impl Open {
    pub async fn begin(
        connection: Pooled,
        place: Option<Place>,
        statement: &'static str,
    ) -> Result<Self, Error> {
        let mut open = Self { connection: Some(connection), place, state: State::Unknown };
        sqlx::raw_sql(statement).execute(&mut *open).await?;
        open.state = State::Open;
        Ok(open)
    }

    /// A connection outside of any transaction, for questions by [`ask`](Self::ask); thrown away where one was not answered.
    pub fn outside(connection: Pooled, place: Option<Place>) -> Self {
        Self { connection: Some(connection), place, state: State::Ended }
    }

    /// Asks one question outside of a transaction, within the time. The connection is kept where the server has answered,
    /// if only by a refusal.
    pub async fn ask<Q: Question>(&mut self, question: &Q, within: Duration) -> Result<Q::Answer, Error> {
        self.state = State::Unknown;
        let asked = timeout(within, question.ask(&mut *self)).await;
        let asked = asked.unwrap_or_else(|_| Err(Error::Away("it does not answer a question".to_owned())));
        if asked.as_ref().err().is_none_or(Error::is_answer) {
            self.state = State::Ended;
        }
        asked
    }

    async fn end(&mut self, statement: &'static str) -> Result<(), Error> {
        sqlx::raw_sql(statement).execute(&mut **self).await?;
        self.state = State::Ended;
        Ok(())
    }

    /// Commits, and then sends a notice, if there is one. A notice within the transaction could keep it from being
    /// committed: any session may fill the server's queue of notices.
    pub async fn commit(mut self, notice: Option<&'static str>) -> Result<(), Error> {
        self.end("COMMIT").await?;
        if let Some(notice) = notice
            && let Err(error) = sqlx::raw_sql(notice).execute(&mut *self).await
        {
            tracing::warn!(%error, "the signer is not woken; it looks by itself");
        }
        Ok(())
    }

    /// Marks a point to go back to, from which on no lock is waited for longer than five seconds.
    pub async fn mark(&mut self) -> Result<(), Error> {
        sqlx::raw_sql("SET LOCAL lock_timeout = '5s'; SAVEPOINT mark").execute(&mut **self).await?;
        Ok(())
    }

    /// Goes back to the mark, so that a transaction in which a statement failed can ask something more.
    pub async fn back(&mut self) -> Result<(), Error> {
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT mark").execute(&mut **self).await?;
        Ok(())
    }

    pub async fn rollback(mut self) -> Result<(), Error> {
        self.end("ROLLBACK").await
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let place = self.place.take();
        match self.state {
            State::Unknown => {
                tokio::spawn(async move {
                    let _ = timeout(CLOSE_WAIT, connection.keep().close()).await;
                    drop(place);
                });
            }
            // Given back by itself.
            State::Ended => drop((connection, place)),
            State::Open => {
                tokio::spawn(async move {
                    // A connection on which that fails is of no use to anybody.
                    let rolled_back =
                        timeout(ROLLBACK_WAIT, sqlx::raw_sql("ROLLBACK").execute(&mut *connection)).await;
                    if !matches!(rolled_back, Ok(Ok(_))) {
                        drop(connection.keep());
                        return drop(place);
                    }
                    drop((connection, place));
                });
            }
        }
    }
}

impl Deref for Open {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        // Taken by the drop alone.
        self.connection.as_ref().expect("a transaction has its connection until it is dropped")
    }
}

impl DerefMut for Open {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("a transaction has its connection until it is dropped")
    }
}
