//! The pace at which somebody may begin something: so many at once, and then one in so long. Who is too early is told how
//! long to wait.
//!
//! Keeps one moment per caller, of a bounded number of callers; beyond that, newcomers share one. An IPv6 caller counts
//! by its network, of which it may use every address.
//!
//! By hand, for `governor` does not say whether it knows a key: where no more callers may be kept, newcomers could
//! not be told from those who have a bucket.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::trust::BootClock;

const CALLERS_MAX: usize = 10_000;

/// Holds each caller to its pace.
pub(super) struct Pace<K> {
    buckets: Mutex<Buckets<K>>,
    clock: BootClock,
}

impl<K: Copy + Eq + Hash> Pace<K> {
    /// `burst` at once, and then one `each`.
    pub fn new(each: Duration, burst: u32, clock: BootClock) -> Self {
        Self { buckets: Mutex::new(Buckets { full: HashMap::new(), each, burst }), clock }
    }

    /// Takes a turn, and says how long it is until then. `None`, and nothing taken, where that is more than `patience`.
    pub fn turn(&self, caller: Option<K>, patience: Duration) -> Option<Duration> {
        let now = (self.clock)();
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).take(caller, now, patience)
    }
}

/// The time at which the bucket of each caller is full again; a full bucket has no entry. Callers of whom nothing is
/// known, or for whom there is no room, share `None`.
struct Buckets<K> {
    full: HashMap<Option<K>, Duration>,
    each: Duration,
    burst: u32,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    fn take(&mut self, mut key: Option<K>, now: Duration, patience: Duration) -> Option<Duration> {
        if self.full.len() >= CALLERS_MAX && !self.full.contains_key(&key) {
            self.full.retain(|_, full| *full > now);
            if self.full.len() >= CALLERS_MAX {
                key = None;
            }
        }
        let full = self.full.entry(key).or_insert(now);
        let after = (*full).max(now) + self.each;
        let wait = after.saturating_sub(now + self.each * self.burst);
        if wait > patience {
            return None;
        }
        *full = after;
        Some(wait)
    }
}

/// A /64 for IPv6, the address for IPv4.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EACH: Duration = Duration::from_secs(6);

    fn buckets() -> Buckets<u32> {
        Buckets { full: HashMap::new(), each: EACH, burst: 20 }
    }

    #[test]
    fn twenty_at_once_and_then_one_in_six_seconds() {
        let mut buckets = buckets();
        let mut take = |caller, now| buckets.take(Some(caller), now, Duration::ZERO).is_some();
        let mut now = Duration::from_secs(1);
        assert_eq!((0..30).filter(|_| take(1, now)).count(), 20);
        assert!(take(2, now));
        now += EACH - Duration::from_millis(1);
        assert!(!take(1, now));
        now += Duration::from_millis(1);
        assert!(take(1, now));
        assert!(!take(1, now));
        now += EACH * 100;
        assert_eq!((0..30).filter(|_| take(1, now)).count(), 20);
    }

    #[test]
    fn who_has_patience_is_told_its_turn() {
        let mut buckets = buckets();
        let now = Duration::from_secs(1);
        let waits: Vec<_> = (0..100).filter_map(|_| buckets.take(Some(1), now, EACH * 3)).collect();
        assert_eq!(waits.len(), 23);
        assert!(waits[..20].iter().all(Duration::is_zero));
        assert_eq!(waits[20..], [EACH, EACH * 2, EACH * 3]);
        assert_eq!(
            buckets.take(Some(1), now + EACH, EACH * 3),
            Some(EACH * 3),
            "who was refused took no turn"
        );
    }

    #[test]
    fn the_number_of_callers_is_bounded() {
        let mut buckets = buckets();
        let mut take = |caller, now| buckets.take(Some(caller), now, Duration::ZERO).is_some();
        let now = Duration::from_secs(1);
        for number in 0..CALLERS_MAX as u32 {
            assert!(take(number, now));
        }
        let newcomers = (20_000..20_100).filter(|&number| take(number, now)).count();
        assert_eq!(newcomers, 20, "they share a bucket");
        assert!(take(3, now), "who is known keeps its own");
        assert!(take(20_000, now + EACH));
        assert!(buckets.full.len() <= 3, "full buckets are forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(network(parse("2001:db8::1")), network(parse("2001:db8::ffff:1")));
        assert_ne!(network(parse("2001:db8::1")), network(parse("2001:db8:0:1::1")));
        assert_eq!(network(parse("::ffff:10.0.0.1")), parse("10.0.0.1"));
    }
}
