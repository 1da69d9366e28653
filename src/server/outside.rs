//! The real clock and the real randomness: the only place that touches either. `cli` and `dev` hand them to
//! everybody else, and tests hand in their own.

#![allow(clippy::disallowed_methods, reason = "this is the place")]

use std::time::Duration;

use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

use crate::domain::outside::{Clock, Entropy};

/// The system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Whatever `now` is lies in the range, so the fallback is never taken.
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// Randomness from aws-lc, seeded by the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Panics when there is no randomness to be had: nothing that the gateway makes would then be safe.
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system gives randomness");
    }
}

/// The time since the machine started. Goes on while the machine sleeps and while the process is stopped, and no
/// setting of the wall clock moves it: for bounds that are a promise.
pub fn boot() -> Duration {
    // Linux has had this clock since 2.6.39, so that nothing fails here.
    clock_gettime(ClockId::CLOCK_BOOTTIME).expect("the system has a boot-time clock").into()
}

/// For measuring how long something takes, and for deadlines; says nothing of the time of day.
pub(super) fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_cut_to_microseconds() {
        assert_eq!(SystemClock.now().as_nanosecond() % 1000, 0);
    }

    #[test]
    fn randomness_differs() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut one);
        SystemEntropy.fill(&mut other);
        assert_ne!(one, other);
    }
}
