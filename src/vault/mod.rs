//! Keyed digests: of person numbers (booking), of requests (replay), of page tokens.
//!
//! Owns the three keys, each for one purpose, and their file, `vault.toml`, which stands outside the database
//! so that a dump of it confirms no guess. Refuses a file that others may read, and never overwrites one.
//! Called by `exchange` and `store` with loaded keys, by `cli` and `dev` for the file.

mod file;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

pub use file::KeyFileError;

use crate::domain::outside::Entropy;

type Key = Zeroizing<[u8; 32]>;

/// The keys. They are wiped from memory when dropped, and never shown.
pub struct Keys {
    booking: Key,
    replay: Key,
    page: Key,
}

impl Keys {
    /// New ones, for a new database.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let key = || {
            let mut key = Key::default();
            entropy.fill(key.as_mut());
            key
        };
        Self { booking: key(), replay: key(), page: key() }
    }

    /// Who is booked: the same for the same person in every agency. `person_number` is a NIP or NIK as
    /// `domain` normalised it, digits alone.
    pub fn booking_key(&self, person_number: &str) -> [u8; 32] {
        digest(&self.booking, b"gerbang booking v1", &[person_number.as_bytes()])
    }

    /// Whether two requests are the same: the method, and the message encoded without its `request_id`.
    pub fn replay_digest(&self, method: &str, message: &[u8]) -> [u8; 32] {
        digest(&self.replay, b"gerbang replay v1", &[method.as_bytes(), message])
    }

    /// Shows that a page token was written here. Compare it in constant time.
    pub fn page_tag(&self, bytes: &[u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest(&self.page, b"gerbang page v1", &[bytes])[..16]);
        tag
    }

    /// A value for each purpose, by which a database knows its keys again. It reveals nothing of them.
    pub fn check_values(&self) -> [(&'static str, [u8; 32]); 3] {
        [("booking", &self.booking), ("replay", &self.replay), ("page", &self.page)]
            .map(|(purpose, key)| (purpose, digest(key, b"gerbang check v1", &[purpose.as_bytes()])))
    }
}

/// HMAC-SHA-256 over the tag and the parts, each behind its length, so that no two inputs read the same.
fn digest(key: &Key, tag: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()));
    for part in std::iter::once(&tag).chain(parts) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.sign().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up, so that every key is another and each run the same.
    pub(super) struct Counting(std::sync::atomic::AtomicU8);

    impl Counting {
        pub(super) fn from(start: u8) -> Self {
            Self(std::sync::atomic::AtomicU8::new(start))
        }
    }

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn digests_depend_on_key_purpose_and_content() {
        let keys = Keys::generate(&Counting::from(0));
        let other = Keys::generate(&Counting::from(1));
        let person = "9901010101900001";
        assert_eq!(keys.booking_key(person), Keys::generate(&Counting::from(0)).booking_key(person));
        assert_ne!(keys.booking_key(person), other.booking_key(person));
        assert_ne!(keys.booking_key(person), keys.booking_key("9901010101900002"));
        assert_ne!(keys.replay_digest("a", b"bc"), keys.replay_digest("ab", b"c"));
        assert_ne!(keys.page_tag(b"x"), other.page_tag(b"x"));
        assert_ne!(keys.check_values(), other.check_values());
        let [booking, replay, page] = keys.check_values().map(|(_, value)| value);
        assert!(booking != replay && replay != page && booking != page);
    }

    #[test]
    fn digests_never_change() {
        // What a database holds was made with these bytes.
        let keys = Keys::generate(&Counting::from(0));
        assert_eq!(
            hex::encode(keys.booking_key("9901010101900001")),
            "995e9bb69db2c5a7daf72a3c0ab922a7b88fd45d699fc98307dce820c76a4190"
        );
        assert_eq!(
            hex::encode(keys.replay_digest("AgencyService/CreateAgency", b"message")),
            "443ee087395bcf4e92a4a36232099bac636af657ce3c8d45f4e00c59f594bb98"
        );
        assert_eq!(hex::encode(keys.page_tag(b"token")), "f165992d396660ce06cb0044e7f3e90c");
    }
}
