//! The wait after a failure, which grows with each failure and differs among those who failed at the same moment.
//!
//! Owns the rule and keeps no count: the caller says how often it has failed, and brings the randomness.

use std::time::Duration;

use super::outside::Entropy;

/// Waits that double from the first to the longest, each shortened by chance by up to a fifth.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The bound on every wait.
    pub longest: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row; after none it is the first.
    pub fn wait(&self, failures: u32, entropy: &dyn Entropy) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        let mut random = [0; 4];
        entropy.fill(&mut random);
        let shorter = f64::from(u32::from_be_bytes(random)) / f64::from(u32::MAX) / 5.0;
        doubled.min(self.longest).mul_f64(1.0 - shorter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Entropy for Always {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
        let waits =
            [0, 1, 2, 3, 6, 7, 40, u32::MAX].map(|failures| backoff.wait(failures, &Always(0)).as_secs());
        assert_eq!(waits, [1, 1, 2, 4, 32, 60, 60, 60]);
    }

    #[test]
    fn chance_takes_up_to_a_fifth() {
        let backoff = Backoff { first: Duration::from_secs(10), longest: Duration::from_secs(60) };
        assert_eq!(backoff.wait(1, &Always(255)), Duration::from_secs(8));
        let between = backoff.wait(1, &Always(127));
        assert!(between > Duration::from_secs(8) && between < Duration::from_secs(10), "{between:?}");
        assert_eq!(backoff.wait(9, &Always(255)), Duration::from_secs(48), "the longest, too");
    }
}
