//! A successor: the public key that replaces a log's, as the replaced one has signed (penggantian kunci). Whoever trusts the old key
//! comes by it to the new one, over as many replacements as there were.
//!
//! Owns the text that is signed, and the name that the new key has in the ledger. That a key was replaced is an entry too: who verifies an
//! export follows no key that the ledger does not tell of ([`super::export`]).

use super::note::{NoteError, Statement, VerifierKey};

/// What the ledger's names of keys begin with.
const COLLECTION: &str = "ledgerKeys/";

/// The key that replaces the one that has signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor(pub VerifierKey);

impl Statement for Successor {
    /// No log's name ends with it, so that it passes for nothing else.
    const SUFFIX: &'static str = "/successor";

    fn lines(&self) -> String {
        format!("{}\n", self.0)
    }

    fn read(lines: &str) -> Option<Self> {
        VerifierKey::parse(lines.strip_suffix('\n')?).ok().map(Self)
    }
}

/// The keys that have replaced this one, in their order, by the signed notes of a log's successors in theirs: each note behind the
/// first that this key has signed has to be signed by the key before. None where the key has signed none of them. Errors: those of
/// [`VerifierKey::verify`], and `Successor` for a key of another log.
pub fn follow<N: AsRef<str>>(key: &VerifierKey, notes: &[N]) -> Result<Vec<VerifierKey>, NoteError> {
    let is_of_another =
        |note: &&N| matches!(key.verify::<Successor>(note.as_ref()), Err(NoteError::Unsigned(_)));
    let mut keys: Vec<VerifierKey> = Vec::new();
    for note in notes.iter().skip_while(is_of_another) {
        let Successor(next) = keys.last().unwrap_or(key).verify(note.as_ref())?;
        if next.origin() != key.origin() {
            return Err(NoteError::Successor(next.to_string()));
        }
        keys.push(next);
    }
    Ok(keys)
}

/// The ledger's name of a key that replaces another: all of the key stands in it, so that the leaf says which it is.
pub fn resource(key: &VerifierKey) -> String {
    format!("{COLLECTION}{}", hex::encode(key.public()))
}

/// Whether a name in the ledger is one of a key that replaces another.
pub fn is_resource(name: &str) -> bool {
    name.starts_with(COLLECTION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{
        checkpoint::Checkpoint,
        note::{LogKey, Origin, tests::key_of},
        receipt::Receipt,
    };

    const LOG: &str = "log.example/gerbang";

    fn keys() -> [LogKey; 3] {
        [1, 2, 3].map(|seed| key_of(LOG, seed))
    }

    fn signed(by: &LogKey, next: &LogKey) -> String {
        by.sign(&Successor(next.verifier().clone()))
    }

    #[test]
    fn every_key_leads_to_the_last() {
        let [one, two, three] = keys();
        let notes = [signed(&one, &two), signed(&two, &three)];
        let all = [one.verifier(), two.verifier(), three.verifier()].map(Clone::clone);
        for from in 0..3 {
            assert_eq!(follow(&all[from], &notes).unwrap(), all[from + 1..]);
        }
        assert_eq!(follow::<&str>(&all[0], &[]).unwrap(), []);
        assert_eq!(
            follow(key_of(LOG, 4).verifier(), &notes).unwrap(),
            [],
            "a key of which they tell nothing"
        );
    }

    #[test]
    fn who_was_not_signed_is_not_followed() {
        let [one, two, three] = keys();
        let first = signed(&one, &two);
        let unsigned = Err(NoteError::Unsigned(two.verifier().to_string()));
        for second in
            [signed(&one, &three), signed(&three, &three), two.sign(&Checkpoint { size: 1, root: [0; 32] })]
        {
            assert_eq!(follow(one.verifier(), &[first.clone(), second]), unsigned);
        }
        let edited = first.replace(&two.verifier().to_string(), &three.verifier().to_string());
        assert_eq!(follow(one.verifier(), &[edited]), Err(NoteError::Signature));
        let elsewhere = key_of("other.example/gerbang", 2);
        let expected = Err(NoteError::Successor(elsewhere.verifier().to_string()));
        assert_eq!(follow(one.verifier(), &[signed(&one, &elsewhere)]), expected);
        assert!(matches!(follow(one.verifier(), &["nonsense"]), Err(NoteError::Malformed)));
    }

    #[test]
    fn a_successor_is_nothing_else_and_nothing_else_is_one() {
        let [one, two, _] = keys();
        let key = one.verifier();
        let note = signed(&one, &two);
        assert!(key.verify::<Checkpoint>(&note).is_err() && key.verify::<Receipt>(&note).is_err());
        let receipt = one.sign(&Receipt {
            entry: uuid::Uuid::nil(),
            leaf_hash: [0; 32],
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
        });
        assert!(key.verify::<Successor>(&receipt).is_err());
        assert!(Origin::parse("log.example/successor").is_err());
        let resource = resource(two.verifier());
        assert!(is_resource(&resource) && resource.len() == COLLECTION.len() + 64);
    }
}
