//! The time and randomness, which pure code takes from outside. `server::outside` has the real ones, tests have their
//! own; clippy refuses every other way to either.

use jiff::Timestamp;
use uuid::Uuid;

/// A clock. It counts in microseconds; finer parts are cut off, since Postgres has none.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// A source of randomness fit for keys.
pub trait Entropy: Send + Sync {
    /// Fills the bytes with randomness.
    fn fill(&self, bytes: &mut [u8]);

    /// Draws a UUIDv7 of the given time.
    fn uuid(&self, now: Timestamp) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
