//! Whether the database stores what it is given, as far as the last transactions have shown (it may answer, and read, while
//! its disk is full), and that it has just done so.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::{Error, error::Impairment};

/// After so long without another failure, a failure says nothing any more.
const FORGET: Duration = Duration::from_secs(60);

/// The outcome of the last writes. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Writes(Arc<Last>);

#[derive(Default)]
struct Last {
    /// The last failure to store, until something was stored.
    failed: Mutex<Option<Instant>>,
    recorded: Notify,
}

impl Writes {
    /// Notes that something was stored, with its entry.
    pub fn succeeded(&self) {
        self.set(None);
        self.0.recorded.notify_one();
    }

    /// Waits until something was stored, or has been since the last time. For one who waits.
    pub async fn recorded(&self) {
        self.0.recorded.notified().await;
    }

    /// Notes a failure, if it says something about storing.
    pub fn failed(&self, error: &Error) {
        match error {
            Error::Impaired { cause: Impairment::TooManyConnections, .. } => {}
            Error::Impaired { .. } => self.set(Some(Instant::now())),
            _ => {}
        }
    }

    /// Whether nothing speaks against storing.
    pub fn work(&self) -> bool {
        let failed = *self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|at| at.elapsed() > FORGET)
    }

    fn set(&self, failed: Option<Instant>) {
        *self.0.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}
