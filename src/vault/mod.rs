//! Keyed digests of person numbers, requests and page tokens, and the sealing of trainees' records.
//!
//! Owns the keys, each for one use, and their file, `vault.toml`, which stands outside the database so that a dump
//! of it opens nothing and confirms no guess. Keys for sealing and for digests of trainees have versions, of which
//! the database says which are in use; one that is not in memory is looked for in the file again. Refuses a file
//! that others may read.

mod change;
mod file;
mod seal;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{PoisonError, RwLock},
};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use zeroize::Zeroizing;

pub use file::KeyFileError;
pub use seal::{Place, Purpose};

use crate::{domain::outside::Entropy, text_enum};

type Key = Zeroizing<[u8; 32]>;

text_enum! {
    /// The use of a key with versions.
    KeyUse {
        /// Seals trainees' records and the salts of ledger lines about them.
        Seal = "SEAL",
        /// Digests trainees' numbers, by which duplicates are found.
        Digest = "DIGEST",
    }
}

/// The reason for which the vault cannot seal, open or digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub enum VaultError {
    /// The key file lacks a key that the database uses; bringing it back or copying it over ends this.
    #[error("vault.toml has no {key_use} key of version {version}, or another one than the database knows")]
    KeyMissing { key_use: KeyUse, version: i32 },
    /// The sealed bytes were changed, or were not sealed for this place.
    #[error("sealed bytes do not open: they were changed, or belong to another place")]
    Damaged,
}

/// The keys of the vault. They are wiped from memory when dropped, and never shown.
pub struct VaultKeys {
    booking: Key,
    replay: Key,
    page: Key,
    /// Grows while the gateway runs, when another process has added a version to the file.
    versioned: RwLock<Versioned>,
    /// Where they were loaded from; `None` for keys that have no file.
    path: Option<PathBuf>,
}

/// Keys by use and version.
type Versioned = BTreeMap<(KeyUse, i32), Key>;

fn draw(entropy: &dyn Entropy) -> Key {
    let mut key = Key::default();
    entropy.fill(key.as_mut());
    key
}

impl VaultKeys {
    /// Draws new keys, for a new database. They have no file until they are written and loaded.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let [booking, replay, page] = [(); 3].map(|()| draw(entropy));
        let versioned = KeyUse::ALL.iter().map(|key_use| ((*key_use, 1), draw(entropy))).collect();
        Self { booking, replay, page, versioned: RwLock::new(versioned), path: None }
    }

    /// The key by which a person is booked, the same in every agency. `person_number` is a NIP or NIK as
    /// `domain` normalised it, digits alone.
    pub fn booking_key(&self, person_number: &str) -> [u8; 32] {
        digest(&self.booking, b"gerbang booking v1", &[person_number.as_bytes()])
    }

    /// The digest by which two requests are found to be the same: over the method, and the message encoded without its
    /// `request_id`.
    pub fn replay_digest(&self, method: &str, message: &[u8]) -> [u8; 32] {
        digest(&self.replay, b"gerbang replay v1", &[method.as_bytes(), message])
    }

    /// The tag that shows that a page token was written here. It must be compared in constant time.
    pub fn page_tag(&self, bytes: &[u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest(&self.page, b"gerbang page v1", &[bytes])[..16]);
        tag
    }

    /// The digest by which a prison's trainee is found again: `kind` says of which number, and `value` is the number as
    /// `domain` normalised it. Two prisons' digests of one person differ. The version must be one that
    /// [`VaultKeys::knows`] has compared with the database's; `KeyMissing` for one that is not in memory.
    pub fn person_digest(
        &self,
        version: i32,
        kind: &str,
        prison: &str,
        value: &str,
    ) -> Result<[u8; 32], VaultError> {
        let missing = VaultError::KeyMissing { key_use: KeyUse::Digest, version };
        let key = self.key(KeyUse::Digest, version).ok_or(missing)?;
        Ok(digest(&key, b"gerbang person v1", &[kind, prison, value].map(str::as_bytes)))
    }

    /// A value for each key without versions, by which a database knows them again. It reveals nothing of them.
    pub fn check_values(&self) -> [(&'static str, [u8; 32]); 3] {
        [("booking", &self.booking), ("replay", &self.replay), ("page", &self.page)]
            .map(|(purpose, key)| (purpose, digest(key, b"gerbang check v1", &[purpose.as_bytes()])))
    }

    /// The same for a key with versions; `None` where memory has none of this version.
    pub fn check_value(&self, key_use: KeyUse, version: i32) -> Option<[u8; 32]> {
        Some(check_value(&self.key(key_use, version)?, key_use, version))
    }

    /// Whether these keys have the key of which the database keeps this check value. If memory has not, the key
    /// file is read once more, for another process may have added it.
    pub fn knows(&self, key_use: KeyUse, version: i32, stored: &[u8]) -> bool {
        let is_it = |key: &Key| verify_slices_are_equal(&check_value(key, key_use, version), stored).is_ok();
        if self.key(key_use, version).is_some_and(|key| is_it(&key)) {
            return true;
        }
        match self.reread(key_use, version) {
            Some(key) if is_it(&key) => {
                self.keep(key_use, version, key);
                true
            }
            _ => false,
        }
    }

    /// The versions in memory, ascending.
    pub fn versions(&self, key_use: KeyUse) -> Vec<i32> {
        let versioned = self.versioned.read().unwrap_or_else(PoisonError::into_inner);
        versioned.keys().filter(|(of, _)| *of == key_use).map(|(_, version)| *version).collect()
    }

    /// The highest version in memory; 0 for none.
    pub fn newest(&self, key_use: KeyUse) -> i32 {
        self.versions(key_use).last().copied().unwrap_or_default()
    }

    fn key(&self, key_use: KeyUse, version: i32) -> Option<Key> {
        let versioned = self.versioned.read().unwrap_or_else(PoisonError::into_inner);
        versioned.get(&(key_use, version)).cloned()
    }

    fn keep(&self, key_use: KeyUse, version: i32, key: Key) {
        self.versioned.write().unwrap_or_else(PoisonError::into_inner).insert((key_use, version), key);
    }

    /// The key as the file has it now. A file whose other keys are not ours is somebody else's: nothing of it is
    /// taken.
    fn reread(&self, key_use: KeyUse, version: i32) -> Option<Key> {
        let path = self.path.as_ref()?;
        let found = match Self::load(path) {
            Ok(found) if found.check_values() == self.check_values() => found,
            Ok(_) => {
                tracing::error!("the key file holds other keys than this gateway was started with");
                return None;
            }
            Err(error) => {
                tracing::error!(%error, "the key file cannot be read again");
                return None;
            }
        };
        tracing::info!(%key_use, version, "looked for a new key in the key file");
        found.key(key_use, version)
    }
}

fn check_value(key: &Key, key_use: KeyUse, version: i32) -> [u8; 32] {
    digest(key, b"gerbang check v1", &[key_use.as_str().as_bytes(), &version.to_be_bytes()])
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
        let keys = VaultKeys::generate(&Counting::from(0));
        let other = VaultKeys::generate(&Counting::from(1));
        let person = "9901010101900001";
        assert_eq!(keys.booking_key(person), VaultKeys::generate(&Counting::from(0)).booking_key(person));
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
        let keys = VaultKeys::generate(&Counting::from(0));
        assert_eq!(
            hex::encode(keys.booking_key("9901010101900001")),
            "995e9bb69db2c5a7daf72a3c0ab922a7b88fd45d699fc98307dce820c76a4190"
        );
        assert_eq!(
            hex::encode(keys.replay_digest("AgencyService/CreateAgency", b"message")),
            "443ee087395bcf4e92a4a36232099bac636af657ce3c8d45f4e00c59f594bb98"
        );
        assert_eq!(hex::encode(keys.page_tag(b"token")), "f165992d396660ce06cb0044e7f3e90c");
        assert_eq!(
            hex::encode(keys.person_digest(1, "nik", "lapas-tpi", "9901010101900001").unwrap()),
            "34b2221c6378f7aa5a1fb46876cedaedd0ca1086d88a9370ab0808baa3f09c2a"
        );
        let values = KeyUse::ALL.iter().map(|key_use| keys.check_value(*key_use, 1).unwrap());
        let values: Vec<_> = keys.check_values().map(|(_, value)| value).into_iter().chain(values).collect();
        assert_eq!(
            values.iter().map(hex::encode).collect::<Vec<_>>(),
            [
                "195e923d3aae2a4d2461e76606a410fe797cd5b4a6e45ec60232dd84271afc4c",
                "67217a3a8dfbd200aa371b96e9118979e50dec3d81c64920402c8c4085df640c",
                "f84da0490b38a4af7e5ef6a1ba5547460af6f0151be832e06ca190b34f925238",
                "4937c4b1d1a6266dabf784d095244938358f125f0e17c437c83d5a36d4a8d3a7",
                "d2db1d42537fe03307aaee33967d2b27cbce399a6debc7d4b8fce1af44d75d7c"
            ]
        );
    }

    #[test]
    fn a_person_is_known_again_by_kind_and_prison_alone() {
        let keys = VaultKeys::generate(&Counting::from(0));
        let digest = |kind, prison, value| keys.person_digest(1, kind, prison, value).unwrap();
        let one = digest("nik", "lapas-tpi", "9901010101900001");
        assert_eq!(one, digest("nik", "lapas-tpi", "9901010101900001"));
        for other in [
            digest("register", "lapas-tpi", "9901010101900001"),
            digest("nik", "lapas-btm", "9901010101900001"),
            digest("nik", "lapas-tpi", "9901010101900002"),
            digest("niklapas-tpi", "", "9901010101900001"),
        ] {
            assert_ne!(one, other);
        }
        let missing = VaultError::KeyMissing { key_use: KeyUse::Digest, version: 2 };
        assert_eq!(keys.person_digest(2, "nik", "lapas-tpi", "9901010101900001").unwrap_err(), missing);
    }
}
