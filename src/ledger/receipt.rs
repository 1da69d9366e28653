//! A receipt (tanda terima): that the log has taken an entry, with its hash and its time. Who keeps one can prove later that it
//! did, whatever the log says then.
//!
//! Owns the text that is signed.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use uuid::Uuid;

use super::{note::Statement, tree::Hash};

/// What is stated of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The entry's id.
    pub entry: Uuid,
    /// The hash of its leaf, by which it stands in the tree.
    pub leaf_hash: Hash,
    /// When it was recorded, as its leaf says: to the microsecond.
    pub recorded_at: Timestamp,
}

impl Statement for Receipt {
    /// No log's name ends with it, so that a receipt is no checkpoint, and no checkpoint a receipt.
    const SUFFIX: &'static str = "/receipt";

    fn lines(&self) -> String {
        let Self { entry, leaf_hash, recorded_at } = self;
        let time = recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ");
        format!("{entry}\n{}\n{time}\n", BASE64_STANDARD.encode(leaf_hash))
    }

    fn read(lines: &str) -> Option<Self> {
        let mut lines = lines.split_terminator('\n');
        let (entry, leaf_hash, time) = (lines.next()?, lines.next()?, lines.next()?);
        Some(Self {
            entry: entry.parse().ok()?,
            leaf_hash: BASE64_STANDARD.decode(leaf_hash).ok()?.try_into().ok()?,
            recorded_at: time.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use signed_note::{Note, StandardVerifier, VerifierList};

    use super::*;
    use crate::ledger::{
        checkpoint::Checkpoint,
        note::{LogKey, NoteError, VerifierKey, tests::key},
    };

    fn receipt() -> Receipt {
        Receipt {
            entry: "0192d4c0-7a1e-7000-8000-000000000001".parse().unwrap(),
            leaf_hash: [9; 32],
            recorded_at: "2026-03-02T01:30:00.123456Z".parse().unwrap(),
        }
    }

    /// Whether signed_note takes it as signed under the name of receipts.
    fn is_judged_signed(key: &LogKey, note: &str) -> bool {
        let verifier = key.verifier().to_string();
        let (name, public) =
            (format!("{}/receipt", key.verifier().origin()), verifier.rsplit_once('+').unwrap().1);
        let id = signed_note::key_id(&name, &BASE64_STANDARD.decode(public).unwrap());
        let verifier = StandardVerifier::new(&format!("{name}+{id:08x}+{public}")).unwrap();
        let note = Note::from_bytes(note.as_bytes()).unwrap();
        note.verify(&VerifierList::new(vec![Box::new(verifier)])).is_ok()
    }

    #[test]
    fn a_receipt_is_a_note_under_a_name_of_its_own() {
        let key = key(7);
        let note = key.sign(&receipt());
        assert_eq!(note, include_str!("../../tests/golden/receipt.txt"));
        assert_eq!(key.verifier().verify(&note), Ok(receipt()));
        assert!(is_judged_signed(&key, &note));
        assert_eq!(
            key.verifier().verify::<Checkpoint>(&note),
            Err(NoteError::Unsigned(key.verifier().to_string()))
        );
    }

    /// A clock that knows nanoseconds makes the receipt that the stored entry makes, which has microseconds.
    #[test]
    fn a_receipt_has_the_time_of_the_leaf() {
        let finer = Receipt { recorded_at: "2026-03-02T01:30:00.123456789Z".parse().unwrap(), ..receipt() };
        assert_eq!(finer.lines(), receipt().lines());
        for time in ["2026-03-02T01:30:00Z", "2026-03-02T01:30:00.000001Z", "1969-12-31T23:59:59.5Z"] {
            let receipt = Receipt { recorded_at: time.parse().unwrap(), ..receipt() };
            assert_eq!(key(7).verifier().verify(&key(7).sign(&receipt)), Ok(receipt), "{time}");
        }
    }

    #[test]
    fn any_byte_that_is_changed_is_noticed() {
        let (key, note) = (key(7), key(7).sign(&receipt()));
        let refuses = |key: &VerifierKey, note: &str| key.verify::<Receipt>(note).is_err();
        assert!(refuses(super::super::note::tests::key(8).verifier(), &note));
        for place in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                assert!(refuses(key.verifier(), &changed), "{changed:?}");
            }
        }
    }

    /// Signed, and not as a receipt is written.
    #[test]
    fn one_statement_has_one_text() {
        struct Lines(String);

        impl Statement for Lines {
            const SUFFIX: &'static str = Receipt::SUFFIX;

            fn lines(&self) -> String {
                self.0.clone()
            }

            fn read(_: &str) -> Option<Self> {
                None
            }
        }

        let key = key(7);
        let (lines, hash) = (receipt().lines(), BASE64_STANDARD.encode([9; 32]));
        for other in [
            String::new(),
            lines.to_uppercase(),
            lines.replacen('\n', "\r\n", 1),
            lines.replace('-', ""),
            lines.replace(&hash, &BASE64_STANDARD.encode([9; 31])),
            lines.replace(".123456Z", ".1234560Z"),
            lines.replace(".123456Z", ".123456+00:00"),
            lines.replace(".123456Z", ""),
            format!("{lines}\n"),
            format!("{lines}more\n"),
            lines.trim_end().to_owned(),
        ] {
            let refused = key.verifier().verify::<Receipt>(&key.sign(&Lines(other.clone())));
            assert!(refused.is_err(), "{other:?}");
        }
    }
}
