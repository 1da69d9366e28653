//! Whether the database stores what it is given, as far as the last transactions have shown: it may answer, and read,
//! while its disk is full.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Error, error::Impairment};

/// After so long without another failure, a failure says nothing any more.
const FORGET: Duration = Duration::from_secs(60);

/// The last failure to store, until something was stored. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Writes(Arc<Mutex<Option<Instant>>>);

impl Writes {
    /// Notes that something was stored.
    pub fn succeeded(&self) {
        self.set(None);
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
        let failed = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|at| at.elapsed() > FORGET)
    }

    fn set(&self, failed: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}
