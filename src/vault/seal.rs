//! Sealing: AES-256-GCM-SIV over padded bytes, bound to the place where they lie.
//!
//! Owns the format of sealed bytes: nonce ‖ ciphertext ‖ tag. Refuses, as [`VaultError::Damaged`], bytes that were
//! changed, or moved to another row, table, purpose or key version. SIV, so that a nonce drawn twice by a broken
//! source of randomness tells no more than that two contents are the same.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::{Key, KeyUse, VaultError, VaultKeys};
use crate::domain::outside::Entropy;

/// The kind of content that is sealed. Two purposes never open each other's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A trainee's name, register number, NIK and education level.
    TraineeRecord,
    /// The salt of a ledger line about a trainee.
    LedgerSalt,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::TraineeRecord => "trainee record",
            Self::LedgerSalt => "ledger salt",
        }
    }

    /// The table in which the sealed bytes lie.
    pub const fn table(self) -> &'static str {
        match self {
            Self::TraineeRecord => "trainee",
            Self::LedgerSalt => "ledger_sealed_salt",
        }
    }

    /// The size to a multiple of which plain bytes are filled up, so that a length tells nothing; `None` where every content
    /// has one length anyway.
    pub const fn block(self) -> Option<usize> {
        match self {
            Self::TraineeRecord => Some(1_024),
            Self::LedgerSalt => None,
        }
    }
}

/// The place in which sealed bytes lie, to which they are bound.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The purpose, which decides the table and the padding.
    pub purpose: Purpose,
    /// The row's id: the bytes of its uuid; for a salt those of the entry, then its line as four bytes, big endian.
    pub row: &'a [u8],
}

impl VaultKeys {
    /// Seals bytes under the sealing key of this version: nonce ‖ ciphertext ‖ tag. The version must be one that
    /// [`VaultKeys::knows`] has compared with the database's: `KeyMissing` for one that is not in memory.
    pub fn seal(
        &self,
        version: i32,
        place: &Place<'_>,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, VaultError> {
        let missing = VaultError::KeyMissing { key_use: KeyUse::Seal, version };
        let key = cipher(&self.key(KeyUse::Seal, version).ok_or(missing)?)?;
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce);
        let mut padded = pad(plain, place.purpose.block());
        let tag = key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated(version, place)),
            padded.as_mut_slice(),
        );
        let tag = tag.map_err(|_| VaultError::Damaged)?;
        Ok([nonce.as_slice(), &padded, tag.as_ref()].concat())
    }

    /// Opens sealed bytes. A version that is not in memory is looked for in the key file once more;
    /// `KeyMissing` where it is not there either. `Damaged` for bytes that were not sealed in this place.
    pub fn open(
        &self,
        version: i32,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        if let Some(key) = self.key(KeyUse::Seal, version) {
            return open(&key, version, place, sealed);
        }
        let missing = VaultError::KeyMissing { key_use: KeyUse::Seal, version };
        let key = self.reread(KeyUse::Seal, version).ok_or(missing)?;
        let plain = open(&key, version, place, sealed)?;
        // The tag has shown it to be the right one.
        self.keep(KeyUse::Seal, version, key);
        Ok(plain)
    }
}

fn open(key: &Key, version: i32, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Damaged)?;
    let mut bytes = Zeroizing::new(ciphertext.to_vec());
    let opened =
        cipher(key)?.open_in_place(nonce, Aad::from(associated(version, place)), bytes.as_mut_slice());
    let padded = opened.map_err(|_| VaultError::Damaged)?.len();
    bytes.truncate(padded);
    unpad(bytes, place.purpose.block())
}

fn cipher(key: &Key) -> Result<LessSafeKey, VaultError> {
    let key = UnboundKey::new(&AES_256_GCM_SIV, key.as_slice()).map_err(|_| VaultError::Damaged)?;
    Ok(LessSafeKey::new(key))
}

/// The associated data that bind the bytes to their place, each part behind its length, so that no two places are alike.
fn associated(version: i32, place: &Place<'_>) -> Vec<u8> {
    let version = version.to_be_bytes();
    let purpose = place.purpose;
    let parts =
        [b"gerbang seal v1", purpose.name().as_bytes(), purpose.table().as_bytes(), place.row, &version];
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part);
    }
    bytes
}

/// The content, one byte 0x80, then zeros up to the block (ISO/IEC 7816-4).
fn pad(plain: &[u8], block: Option<usize>) -> Zeroizing<Vec<u8>> {
    let Some(block) = block else { return Zeroizing::new(plain.to_vec()) };
    let length = (plain.len() + 1).next_multiple_of(block);
    // The whole at once: a vector that grows would leave a copy behind.
    let mut padded = Zeroizing::new(vec![0; length]);
    padded[..plain.len()].copy_from_slice(plain);
    padded[plain.len()] = 0x80;
    padded
}

fn unpad(mut padded: Zeroizing<Vec<u8>>, block: Option<usize>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if block.is_some() {
        let end = padded.iter().rposition(|byte| *byte != 0).ok_or(VaultError::Damaged)?;
        if padded[end] != 0x80 {
            return Err(VaultError::Damaged);
        }
        padded.truncate(end);
    }
    Ok(padded)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Counting, *};

    const NAME: &[u8] = b"Siti Aminah";

    fn place(purpose: Purpose, row: &[u8]) -> Place<'_> {
        Place { purpose, row }
    }

    fn sealed(keys: &VaultKeys, plain: &[u8]) -> Vec<u8> {
        keys.seal(1, &place(Purpose::TraineeRecord, &[1; 16]), plain, &Counting::from(9)).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let keys = VaultKeys::generate(&Counting::from(0));
        for plain in [b"".as_slice(), NAME, &[0; 1_023], &[0x80; 1_024]] {
            let bytes = sealed(&keys, plain);
            let opened = keys.open(1, &place(Purpose::TraineeRecord, &[1; 16]), &bytes).unwrap();
            assert_eq!(opened.as_slice(), plain);
            let salt = place(Purpose::LedgerSalt, &[1; 20]);
            let bytes = keys.seal(1, &salt, plain, &Counting::from(9)).unwrap();
            assert_eq!(bytes.len(), 12 + plain.len() + 16);
            assert_eq!(keys.open(1, &salt, &bytes).unwrap().as_slice(), plain);
        }
    }

    #[test]
    fn a_length_tells_nothing_of_a_name() {
        let keys = VaultKeys::generate(&Counting::from(0));
        let lengths = [1, 100, 1_023].map(|length| sealed(&keys, &vec![b'a'; length]).len());
        assert_eq!(lengths, [12 + 1_024 + 16; 3]);
    }

    #[test]
    fn nothing_opens_elsewhere() {
        let keys = VaultKeys::generate(&Counting::from(0));
        let bytes = sealed(&keys, NAME);
        let damaged = |version, place: Place<'_>, bytes: &[u8]| {
            assert_eq!(keys.open(version, &place, bytes).unwrap_err(), VaultError::Damaged);
        };
        damaged(1, place(Purpose::TraineeRecord, &[2; 16]), &bytes);
        damaged(1, place(Purpose::LedgerSalt, &[1; 16]), &bytes);
        // The same key as another version, as a hand-edited file may have it.
        keys.keep(KeyUse::Seal, 2, keys.key(KeyUse::Seal, 1).unwrap());
        damaged(2, place(Purpose::TraineeRecord, &[1; 16]), &bytes);
        let other = VaultKeys::generate(&Counting::from(1));
        let opened = other.open(1, &place(Purpose::TraineeRecord, &[1; 16]), &bytes);
        assert_eq!(opened.unwrap_err(), VaultError::Damaged);
        let missing = keys.open(3, &place(Purpose::TraineeRecord, &[1; 16]), &bytes);
        assert_eq!(missing.unwrap_err(), VaultError::KeyMissing { key_use: KeyUse::Seal, version: 3 });
    }

    #[test]
    fn no_bit_may_change_and_no_byte_be_missing() {
        let keys = VaultKeys::generate(&Counting::from(0));
        let place = place(Purpose::LedgerSalt, &[1; 20]);
        let bytes = keys.seal(1, &place, NAME, &Counting::from(9)).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keys.open(1, &place, &changed).unwrap_err(), VaultError::Damaged, "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert_eq!(keys.open(1, &place, &bytes[..length]).unwrap_err(), VaultError::Damaged);
        }
    }

    #[test]
    fn the_same_content_never_looks_the_same() {
        let keys = VaultKeys::generate(&Counting::from(0));
        let entropy = Counting::from(9);
        let place = place(Purpose::TraineeRecord, &[1; 16]);
        let [one, two] = [(); 2].map(|()| keys.seal(1, &place, NAME, &entropy).unwrap());
        assert_ne!(one, two);
        assert_eq!(
            &one[..12],
            (9..21).collect::<Vec<u8>>(),
            "the nonce comes from the entropy that is passed in"
        );
    }

    #[test]
    fn sealed_bytes_never_change() {
        // What a database holds must open for ever.
        let keys = VaultKeys::generate(&Counting::from(0));
        let bytes =
            keys.seal(1, &place(Purpose::LedgerSalt, &[1; 20]), &[7; 16], &Counting::from(9)).unwrap();
        assert_eq!(
            hex::encode(bytes),
            "090a0b0c0d0e0f1011121314ba1c49dd1cf41188e03a876c07f6b25d709667dbe1d45b978322b6d83493e8ff"
        );
    }
}
