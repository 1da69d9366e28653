//! Bounds the calls of one address on the join listener: ten a minute, and twenty at once.
//!
//! Refuses with `OVERLOADED`. Keeps one moment per address, of a bounded number of addresses; beyond that, newcomers
//! share one. An IPv6 caller counts by its network, of which it may use every address.
//!
//! By hand, for `governor` does not say whether it knows a key: where no more addresses may be kept, newcomers could
//! not be told from those who have a bucket.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{Request, Response};
use http_body_util::Limited;
use tonic::body::Body;

use super::{
    connection::Client,
    error_details,
    step::{Next, Step},
    trust::BootClock,
};
use crate::{domain::Reason, rpc::status};

/// The time in which one call is allowed, on average.
const EACH: Duration = Duration::from_secs(6);
/// The calls that are allowed at once.
const BURST: u32 = 20;
const ADDRESSES_MAX: usize = 10_000;
/// The bytes of one request, however many messages it holds.
const BYTES_MAX: usize = 64 * 1024;

/// Holds each address to its number of calls, and each call to its size.
#[derive(Clone)]
pub(super) struct Rate {
    buckets: Arc<Mutex<Buckets>>,
    clock: BootClock,
}

impl Rate {
    pub fn new(clock: BootClock) -> Self {
        Self { buckets: Arc::default(), clock }
    }
}

impl Step for Rate {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let language = status::language(request.headers());
        let address = request.extensions().get::<Client>().map(|client| client.0.ip());
        let now = (self.clock)();
        if !self.buckets.lock().unwrap_or_else(PoisonError::into_inner).take(address, now) {
            return error_details::refuse(Reason::Overloaded, language);
        }
        next.run(request.map(|body| Body::new(Limited::new(body, BYTES_MAX)))).await
    }
}

/// The time at which the bucket of each address is full again; a full bucket has no entry. Callers without an address,
/// or for whom there is no room, share `None`.
#[derive(Default)]
struct Buckets(HashMap<Option<IpAddr>, Duration>);

impl Buckets {
    /// Takes a token, if there is one.
    fn take(&mut self, address: Option<IpAddr>, now: Duration) -> bool {
        let mut key = address.map(network);
        if self.0.len() >= ADDRESSES_MAX && !self.0.contains_key(&key) {
            self.0.retain(|_, full| *full > now);
            if self.0.len() >= ADDRESSES_MAX {
                key = None;
            }
        }
        let full = self.0.entry(key).or_insert(now);
        let after = (*full).max(now) + EACH;
        if after > now + EACH * BURST {
            return false;
        }
        *full = after;
        true
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

    fn address(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(number.into()))
    }

    #[test]
    fn twenty_at_once_and_then_one_in_six_seconds() {
        let mut buckets = Buckets::default();
        let mut now = Duration::from_secs(1);
        assert_eq!((0..30).filter(|_| buckets.take(address(1), now)).count(), 20);
        assert!(buckets.take(address(2), now));
        now += EACH - Duration::from_millis(1);
        assert!(!buckets.take(address(1), now));
        now += Duration::from_millis(1);
        assert!(buckets.take(address(1), now));
        assert!(!buckets.take(address(1), now));
        now += EACH * 100;
        assert_eq!((0..30).filter(|_| buckets.take(address(1), now)).count(), 20);
    }

    #[test]
    fn the_number_of_addresses_is_bounded() {
        let mut buckets = Buckets::default();
        let now = Duration::from_secs(1);
        for number in 0..ADDRESSES_MAX as u32 {
            assert!(buckets.take(address(number), now));
        }
        let newcomers = (20_000..20_100).filter(|&number| buckets.take(address(number), now)).count();
        assert_eq!(newcomers, 20, "they share a bucket");
        assert!(buckets.take(address(3), now), "who is known keeps its own");
        assert!(buckets.take(address(20_000), now + EACH));
        assert!(buckets.0.len() <= 3, "full buckets are forgotten");
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let parse = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(network(parse("2001:db8::1")), network(parse("2001:db8::ffff:1")));
        assert_ne!(network(parse("2001:db8::1")), network(parse("2001:db8:0:1::1")));
        assert_eq!(network(parse("::ffff:10.0.0.1")), parse("10.0.0.1"));
    }
}
