//! Where transactions of this process wait for a programme that another has locked: outside of the database, so that
//! whoever waits holds neither a connection nor a lock that others need.
//!
//! One at a time of those that queue for a programme goes on to wait in the database, where other gateways' wait too.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::OwnedMutexGuard, time::timeout};

use super::Error;
use crate::domain::Reason;

/// The longest that a call queues.
const WAIT: Duration = Duration::from_secs(20);

/// The queues of one process, by the key of the lock. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Queues(Arc<Mutex<HashMap<i32, Arc<tokio::sync::Mutex<()>>>>>);

/// The head of some queues, until it is dropped.
pub(super) struct Turn(#[allow(dead_code, reason = "held, not read")] Vec<OwnedMutexGuard<()>>);

impl Queues {
    /// Waits until it is at the head of all these queues; the keys are sorted. `OVERLOADED` after twenty seconds.
    pub async fn enter(&self, keys: &[i32]) -> Result<Turn, Error> {
        let queues = self.queues(keys);
        let heads = async {
            let mut heads = Vec::new();
            for queue in queues {
                heads.push(queue.lock_owned().await);
            }
            heads
        };
        timeout(WAIT, heads).await.map(Turn).map_err(|_| Reason::Overloaded.into())
    }

    fn queues(&self, keys: &[i32]) -> Vec<Arc<tokio::sync::Mutex<()>>> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody is in.
        queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        keys.iter().map(|key| queues.entry(*key).or_default().clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_and_each_programme_for_itself() {
        let queues = Queues::default();
        let first = queues.enter(&[1, 2]).await.unwrap();
        queues.enter(&[3]).await.unwrap();
        let Err(refused) = queues.enter(&[2]).await else { panic!("two at the head") };
        assert!(matches!(refused, Error::Refused(refusal) if refusal.reason() == Reason::Overloaded));
        drop(first);
        let _second = queues.enter(&[2]).await.unwrap();
        assert_eq!(queues.0.lock().unwrap().len(), 1);
    }
}
