//! Revoked means out, also for what outlives a call: open streams and connections.
//!
//! Looks which certificates of live connections are good: four times a second while a stream is open, else once. A
//! stream may go on only while its certificate is good, and while the last look that succeeded *began* less than a
//! second ago on the boot-time clock, which goes on while the machine sleeps or the process is stopped. Connections
//! whose certificate was good and is no more are cut a moment later; that is tidiness, since every call asks for
//! itself. `registry_check` asks here for the calls that no use case serves.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::health::Health;
use crate::{
    domain::{Fault, Reason, access::Fingerprint},
    keeper::task::{Failure, Plan, Work},
};

/// Finds those of these certificates that are good now: registered, not revoked, superseded or ended, of an active
/// agency.
/// `None` while the database does not answer.
pub type FindGood =
    Arc<dyn Fn(Vec<Fingerprint>) -> BoxFuture<'static, Option<Vec<Fingerprint>>> + Send + Sync>;

/// Finds the reason why a certificate that is not good lets nobody in.
pub type FindRefusal = Arc<dyn Fn(Fingerprint) -> BoxFuture<'static, Fault> + Send + Sync>;

/// Reads the time since the machine started, sleep included.
pub type BootClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The task that looks which certificates are good.
pub const WATCH_TRUST: Plan =
    Plan { name: "watch_trust", every: Duration::from_millis(250), patience: Duration::from_secs(10) };
/// The age that the last look may reach while no stream is open: then only the cutting of connections depends on it.
pub const IDLE: Duration = Duration::from_secs(1);
/// The age that the beginning of the last look may reach before streams end.
const FRESH: Duration = Duration::from_secs(1);
/// The longest that one look may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time that streams get to say why they end, before their connection is cut.
const CUT_AFTER: Duration = Duration::from_millis(500);

/// The gateway's knowledge of which certificates are good. Cheap to clone.
#[derive(Clone)]
pub(super) struct Trust(Arc<Inner>);

struct Inner {
    find_good: FindGood,
    boot: BootClock,
    /// The beginning of the last successful look.
    looked: Moment,
    live: Mutex<HashMap<Fingerprint, Entry>>,
    streams: AtomicUsize,
    /// Ends every connection.
    cut: CancellationToken,
}

/// The connections of one certificate.
struct Entry {
    known: Arc<Known>,
    connections: usize,
    /// The beginning of the look that first found it bad.
    bad_since: Option<u64>,
}

/// The findings of looks and calls about one certificate.
#[derive(Default)]
pub(super) struct Known {
    good: Moment,
    bad: Moment,
    cut: CancellationToken,
}

/// The beginning of the latest of some looks: microseconds on the boot-time clock, 0 for never.
#[derive(Default)]
struct Moment(AtomicU64);

impl Moment {
    /// Keeps the latest: looks may end in another order than they began in.
    fn note(&self, begun: u64) {
        self.0.fetch_max(begun, Ordering::SeqCst);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Known {
    /// Says whether the certificate was good and is no more. A certificate that never was is told so by its calls.
    fn is_lost(&self) -> bool {
        let good = self.good.get();
        good > 0 && self.bad.get() > good
    }
}

impl Trust {
    /// `cut` ends every connection.
    pub fn new(find_good: FindGood, boot: BootClock, cut: CancellationToken) -> Self {
        let (looked, live, streams) = (Moment::default(), Mutex::default(), AtomicUsize::new(0));
        Self(Arc::new(Inner { find_good, boot, looked, live, streams, cut }))
    }

    async fn look(&self) -> bool {
        let begun = self.now();
        let asked: Vec<_> = self.live().keys().copied().collect();
        let Some(good) = self.ask(asked.clone()).await else { return false };
        let good: HashSet<_> = good.into_iter().collect();
        let mut live = self.live();
        for fingerprint in asked {
            let Some(entry) = live.get_mut(&fingerprint) else { continue };
            if good.contains(&fingerprint) {
                entry.known.good.note(begun);
            } else {
                entry.known.bad.note(begun);
            }
            if !entry.known.is_lost() {
                entry.bad_since = None;
                continue;
            }
            let since = *entry.bad_since.get_or_insert(begun);
            if begun.saturating_sub(since) >= micros(CUT_AFTER) {
                let (sha256, connections) = (hex::encode(fingerprint), entry.connections);
                tracing::info!(
                    sha256,
                    connections,
                    "connections of a certificate that is good no more are cut"
                );
                entry.known.cut.cancel();
                live.remove(&fingerprint);
            }
        }
        drop(live);
        self.0.looked.note(begun);
        true
    }

    /// Says whether a look is due: always while a stream is open or about to be, else when the last one began a while
    /// ago.
    fn is_due(&self) -> bool {
        let idle = self.0.streams.load(Ordering::SeqCst) == 0;
        !idle || self.now().saturating_sub(self.0.looked.get()) >= micros(IDLE)
    }

    /// Has looks come often for as long as the answer is kept. Taken before the call that opens the stream begins, so
    /// that no stream waits for its first look.
    pub fn stream(&self) -> Stream {
        self.0.streams.fetch_add(1, Ordering::SeqCst);
        Stream(self.clone())
    }

    /// Asks whether this certificate is good now, in one round trip; `None` while the database does not answer.
    pub async fn is_good(&self, fingerprint: Fingerprint, known: &Known) -> Option<bool> {
        let begun = self.now();
        let good = self.ask(vec![fingerprint]).await?.contains(&fingerprint);
        if good {
            known.good.note(begun);
        }
        Some(good)
    }

    /// Notes that a use case that began at `begun` let the certificate in.
    pub fn let_in(&self, known: &Known, begun: u64) {
        known.good.note(begun);
    }

    /// Checks whether a stream of this certificate may go on; `CERTIFICATE_NOT_REGISTERED` or `DATABASE_AWAY` if not.
    pub fn check_stream(&self, known: &Known) -> Result<(), Reason> {
        if known.is_lost() {
            return Err(Reason::CertificateNotRegistered);
        }
        let last = self.0.looked.get().max(known.good.get());
        if self.now().saturating_sub(last) >= micros(FRESH) { Err(Reason::DatabaseAway) } else { Ok(()) }
    }

    /// The findings about a certificate that is connected.
    pub fn known(&self, fingerprint: &Fingerprint) -> Arc<Known> {
        self.live().get(fingerprint).map(|entry| entry.known.clone()).unwrap_or_default()
    }

    /// Counts one more connection of this certificate, for as long as the answer is kept.
    pub fn connect(&self, fingerprint: Fingerprint) -> Live {
        let mut live = self.live();
        let entry = live.entry(fingerprint).or_insert_with(|| Entry {
            known: Arc::new(Known { cut: self.0.cut.child_token(), ..Known::default() }),
            connections: 0,
            bad_since: None,
        });
        entry.connections += 1;
        Live { fingerprint, known: entry.known.clone(), trust: self.clone() }
    }

    /// Reads the boot-time clock, in microseconds.
    pub fn now(&self) -> u64 {
        micros((self.0.boot)())
    }

    async fn ask(&self, fingerprints: Vec<Fingerprint>) -> Option<Vec<Fingerprint>> {
        timeout(PATIENCE, (self.0.find_good)(fingerprints)).await.ok().flatten()
    }

    fn live(&self) -> MutexGuard<'_, HashMap<Fingerprint, Entry>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A stream that is open, or about to be.
pub(super) struct Stream(Trust);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.0.streams.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Looks when a look is due, and tells health whether that succeeds.
pub(super) struct Watch {
    pub trust: Trust,
    pub health: Health,
}

impl Work for Watch {
    async fn turn(&mut self) -> Result<(), Failure> {
        if !self.trust.is_due() {
            return Ok(());
        }
        let begun = self.trust.now();
        let sees = self.trust.look().await;
        self.health.sees(begun, sees).await;
        if sees { Ok(()) } else { Err("certificates cannot be looked up".into()) }
    }
}

/// A connection that looks include.
pub(super) struct Live {
    fingerprint: Fingerprint,
    known: Arc<Known>,
    trust: Trust,
}

impl Live {
    /// Ends the connection.
    pub fn cut(&self) -> CancellationToken {
        self.known.cut.clone()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut live = self.trust.live();
        let Some(entry) = live.get_mut(&self.fingerprint) else { return };
        // After a cut the entry may be that of newer connections.
        if !Arc::ptr_eq(&entry.known, &self.known) {
            return;
        }
        entry.connections -= 1;
        if entry.connections == 0 {
            live.remove(&self.fingerprint);
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
