//! The connections to the database, handed out and taken back without a question to the server: sqlx's own pool asks one
//! each time a connection comes back, which is a round trip a call.
//!
//! A connection is in order when it comes back, for `transaction::open` throws away those that may not be. One that broke
//! meanwhile is found out by the next BEGIN, which is repeated on another.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use deadpool::{
    Runtime,
    managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, Timeouts},
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::time::{Instant, sleep};

use super::Error;

/// The longest that a caller waits for a connection, and that a server which takes none yet is tried.
const WAIT: Duration = Duration::from_secs(3);

/// The age at which a connection is replaced, for a server's process grows with what it was asked.
const AGE: Duration = Duration::from_secs(1_800);

/// The first pause between two tries to connect; each is twice the one before.
const PAUSE: Duration = Duration::from_millis(10);

/// Makes connections.
struct Connect(PgConnectOptions);

impl managed::Manager for Connect {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        let (deadline, mut pause) = (Instant::now() + WAIT, PAUSE);
        loop {
            match PgConnection::connect_with(&self.0).await {
                Err(error) if may_come(&error) && Instant::now() + pause < deadline => {
                    sleep(pause).await;
                    pause *= 2;
                }
                done => return done,
            }
        }
    }

    async fn recycle(&self, _: &mut PgConnection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() < AGE { Ok(()) } else { Err(RecycleError::message("the connection is old")) }
    }
}

/// Whether a server that does not take a connection may take one in a moment: it starts, or has too many.
fn may_come(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}

/// Connections in one role to one database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pool(managed::Pool<Connect>);

impl Pool {
    /// A pool of so many connections at most, made when they are first wanted.
    pub fn new(options: PgConnectOptions, connections: u32) -> Result<Self, Error> {
        let size = usize::try_from(connections).unwrap_or(usize::MAX).max(1);
        let pool = managed::Pool::builder(Connect(options))
            .max_size(size)
            .timeouts(Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: None })
            // Those that were used last know most plans.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1);
        Ok(Self(pool.build().map_err(Error::internal)?))
    }

    /// The most connections that there may be.
    pub fn most(&self) -> usize {
        self.0.status().max_size
    }

    /// The server, the role and the session's settings.
    pub fn options(&self) -> &PgConnectOptions {
        &self.0.manager().0
    }

    /// Hands out a connection. `Away` where there is none within three seconds.
    pub async fn take(&self) -> Result<Pooled, Error> {
        match self.0.get().await {
            Ok(connection) => Ok(Pooled(connection)),
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(error) => Err(Error::Away(error.to_string())),
        }
    }

    /// Ends every connection that nobody uses, gracefully; those in use end when they come back.
    pub async fn close(&self) {
        let idle = self.0.retain(|_, _| false).removed;
        self.0.close();
        for connection in idle {
            let _ = connection.close().await;
        }
    }
}

/// A connection of the pool, which goes back when it is dropped.
pub(super) struct Pooled(Object<Connect>);

impl Pooled {
    /// Takes it out of the pool for good, which may make another in its place.
    pub fn keep(self) -> PgConnection {
        Object::take(self.0)
    }
}

impl Deref for Pooled {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
