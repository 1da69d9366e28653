//! When a certificate was last used: noted once a minute for each, beside the calls, so that no call waits for it.
//!
//! Counts what let its holder in: calls that were answered OK. What cannot be noted in time is not; it says less than a
//! call, and the next minute brings another.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::task::{Failure, Plan, Work};
use crate::domain::{
    access::{Fingerprint, Peer},
    certificate::Sighting,
    outside::Clock,
};

/// Notes that a certificate was used.
pub type Note = Arc<dyn Fn(Fingerprint, Sighting) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Says when sightings are noted.
pub const NOTE_SIGHTINGS: Plan =
    Plan { name: "note_sightings", every: Duration::from_millis(250), patience: Duration::from_secs(60) };

/// Certificates that wait to be noted; more than that at once are left out.
const WAITING: usize = 1_024;
/// What is remembered of certificates, at most; then all is forgotten, and noted once more.
const REMEMBERED: usize = 100_000;

/// Where calls drop what they saw. Cheap to clone.
#[derive(Clone)]
pub struct Sightings {
    seen: Arc<Mutex<Seen>>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Seen {
    /// The minute of Unix time in which each certificate was last dropped here.
    minutes: HashMap<Fingerprint, i64>,
    waiting: VecDeque<(Fingerprint, Sighting)>,
}

impl Sightings {
    /// Begins with nothing seen. The clock says in which minute something is seen.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { seen: Arc::default(), clock }
    }

    /// Drops a caller's certificate, unless it was seen in this minute. Never waits for the database.
    pub fn saw(&self, peer: &Peer) {
        let now = self.clock.now();
        let minute = now.as_second().div_euclid(60);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.minutes.get(&peer.fingerprint) == Some(&minute) || seen.waiting.len() >= WAITING {
            return;
        }
        if seen.minutes.len() >= REMEMBERED {
            seen.minutes.clear();
        }
        seen.minutes.insert(peer.fingerprint, minute);
        let at = Timestamp::from_second(minute * 60).unwrap_or(now);
        seen.waiting.push_back((peer.fingerprint, Sighting { at, address: peer.address.to_string() }));
    }

    fn take(&self) -> Option<(Fingerprint, Sighting)> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
    }
}

/// Notes what calls dropped.
pub struct Noting {
    /// The sightings that wait.
    pub sightings: Sightings,
    /// Notes one in the database.
    pub note: Note,
}

impl Work for Noting {
    /// Notes all that waits, up to the first that cannot be noted: that one is left out, and the rest is the next
    /// turn's.
    async fn turn(&mut self) -> Result<(), Failure> {
        while let Some((fingerprint, sighting)) = self.sightings.take() {
            (self.note)(fingerprint, sighting).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    struct At(Mutex<Timestamp>);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    fn peer(number: u8) -> Peer {
        Peer {
            fingerprint: [number; 32],
            address: [127, 0, 0, number].into(),
            identity: Err(Reason::CertificateWithoutIdentity),
            serial: String::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn each_certificate_is_noted_once_a_minute_whatever_comes_of_another() {
        let clock = Arc::new(At(Mutex::new("2026-03-02T01:00:59Z".parse().unwrap())));
        let sightings = Sightings::new(clock.clone());
        let noted = Arc::new(Mutex::new(Vec::new()));
        let written = noted.clone();
        let note: Note = Arc::new(move |fingerprint, sighting| {
            written.lock().unwrap().push((fingerprint[0], sighting.at.to_string()));
            let bad = fingerprint[0] == 1;
            Box::pin(async move { if bad { Err("impossible".into()) } else { Ok(()) } })
        });
        let mut noting = Noting { sightings: sightings.clone(), note };
        for number in [1, 2, 1, 2] {
            sightings.saw(&peer(number));
        }
        assert!(noting.turn().await.is_err(), "what failed is told");
        noting.turn().await.unwrap();
        *clock.0.lock().unwrap() += jiff::SignedDuration::from_secs(1);
        sightings.saw(&peer(2));
        noting.turn().await.unwrap();
        let first = "2026-03-02T01:00:00Z".to_owned();
        let expected = [(1, first.clone()), (2, first), (2, "2026-03-02T01:01:00Z".to_owned())];
        assert_eq!(*noted.lock().unwrap(), expected);
    }
}
