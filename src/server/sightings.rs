//! When a certificate was last used: noted once a minute for each, beside the calls, so that no call waits for it.
//!
//! Counts what let its holder in: calls that were answered OK. What cannot be noted in time is not; it says less than a
//! call, and the next minute brings another.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    access::{Fingerprint, Peer},
    certificate::Sighting,
    outside::Clock,
};

/// Notes that a certificate was used.
pub type Note = Arc<dyn Fn(Fingerprint, Sighting) -> BoxFuture<'static, ()> + Send + Sync>;

/// Certificates that wait to be noted; more than that at once are left out.
const QUEUE: usize = 1_024;
/// What is remembered of certificates, at most; then all is forgotten, and noted once more.
const REMEMBERED: usize = 100_000;

/// Where calls drop what they saw. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sightings(mpsc::Sender<(Fingerprint, IpAddr)>);

impl Sightings {
    /// Starts noting, until `end`.
    pub fn start(note: Note, clock: Arc<dyn Clock>, end: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            tokio::select! {
                () = run(receiver, note, clock) => {}
                () = end.cancelled() => {}
            }
        });
        Self(sender)
    }

    pub fn saw(&self, peer: &Peer) {
        // A full queue is no reason to hold a call up.
        let _ = self.0.try_send((peer.fingerprint, peer.address));
    }
}

async fn run(mut seen: mpsc::Receiver<(Fingerprint, IpAddr)>, note: Note, clock: Arc<dyn Clock>) {
    let mut last: HashMap<Fingerprint, i64> = HashMap::new();
    while let Some((fingerprint, address)) = seen.recv().await {
        let now = clock.now();
        let minute = now.as_second().div_euclid(60);
        if last.get(&fingerprint) == Some(&minute) {
            continue;
        }
        if last.len() >= REMEMBERED {
            last.clear();
        }
        last.insert(fingerprint, minute);
        let at = Timestamp::from_second(minute * 60).unwrap_or(now);
        note(fingerprint, Sighting { at, address: address.to_string() }).await;
    }
}
