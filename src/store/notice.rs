//! Notices, which are sent once the transaction that caused them has committed. A notice says that there may be something
//! new, never what; and one may be lost, so that whoever listens looks now and then all the same.

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};

use super::Error;

/// The channel of the signer: orders, approvals, revocations.
pub const WAKE_SIGNER: &str = "gerbang_signer";

/// The channel of the ledger's order: each batch that gave entries their places, as [`crate::ledger::batch`] writes it.
pub const PLACED: &str = "gerbang_ledger";

/// The statement that wakes the signer.
pub(super) const NOTIFY_SIGNER: &str = "NOTIFY gerbang_signer";

/// Hears one channel.
pub struct Listener(PgListener);

impl Listener {
    pub(super) async fn open(options: &PgConnectOptions, channel: &str) -> Result<Self, Error> {
        // sqlx listens by a pool only; this one has the listener's connection and no other.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let mut listener = PgListener::connect_with(&pool.connect_lazy_with(options.clone())).await?;
        listener.listen(channel).await?;
        Ok(Self(listener))
    }

    /// Returns once something was notified since the last call, or may have been while the connection was lost. On an
    /// error the listener is of no use any more. Nothing is lost by dropping the future.
    pub async fn heard(&mut self) -> Result<(), Error> {
        self.0.try_recv().await?;
        while self.0.next_buffered().is_some() {}
        Ok(())
    }

    /// Returns the text of the next notice. What was sent while the connection was lost is not among them. On an error the
    /// listener is of no use any more. Nothing is lost by dropping the future.
    pub async fn text(&mut self) -> Result<String, Error> {
        Ok(self.0.recv().await?.payload().to_owned())
    }
}
