//! Cosignatures: one that was computed apart from this code, and all that is none.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{super::note::tests::key as log_key, *};
use crate::ledger::receipt::Receipt;

const NAME: &str = "saksi.blk-kepri.example.go.id";
/// Computed by Python's `cryptography`, of the log's key of seeds 7 and the witness's of seeds 21.
const GOLDEN: &str = include_str!("../../../tests/golden/cosignature.txt");
const GOLDEN_KEY: &str = include_str!("../../../tests/golden/witness-key.txt");

fn der(seed: u8) -> Vec<u8> {
    // RFC 8410, section 7: a sequence with version, algorithm and the seed.
    [hex::decode("302e020100300506032b657004220420").unwrap(), vec![seed; 32]].concat()
}

fn witness(name: &str, seed: u8) -> WitnessKey {
    WitnessKey::from_pkcs8(Origin::parse(name).unwrap(), &der(seed)).unwrap()
}

fn at() -> Timestamp {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { size: 1_234, root: [9; 32] }
}

/// A cosignature of seeds 21 under this name over this text, whatever that is.
fn line(text: &str, name: &str, time: i64, kind: u8) -> String {
    let key = witness(name, 21);
    let signature = key.pair.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
    let id = id_of(kind, name, &key.public.public);
    signature_line(name, &[&id[..], &time.to_be_bytes(), signature.as_ref()].concat())
}

#[test]
fn a_cosignature_is_what_the_standard_says() {
    let (log, witness) = (log_key(7), witness(NAME, 21));
    let note = log.sign(&checkpoint());
    // A clock that is finer than the time that is signed.
    let finer = at() + jiff::SignedDuration::from_millis(999);
    assert_eq!(witness.cosign(&note, log.verifier(), finer).unwrap(), GOLDEN);
    assert_eq!(witness.verifier().to_string(), GOLDEN_KEY.trim_end());
    let key = WitnessVerifier::parse(GOLDEN_KEY.trim_end()).unwrap();
    assert_eq!(&key, witness.verifier());
    assert_eq!(key.verify(GOLDEN, log.verifier()), Ok(Cosigned { checkpoint: checkpoint(), at: at() }));
    // Who knows nothing of witnesses reads the checkpoint.
    assert_eq!(log.verifier().verify(GOLDEN), Ok(checkpoint()));
}

#[test]
fn any_byte_that_is_changed_is_noticed() {
    let (log, witness) = (log_key(7), witness(NAME, 21));
    for place in 0..GOLDEN.len() {
        for bit in 0..8 {
            let mut bytes = GOLDEN.to_owned().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(witness.verifier().verify(&changed, log.verifier()).is_err(), "{changed:?}");
        }
    }
}

#[test]
fn a_cosignature_is_of_one_text_one_time_one_witness_and_one_log() {
    let (log, key) = (log_key(7), witness(NAME, 21));
    let note = log.sign(&checkpoint());
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let right = line(&text, NAME, at().as_second(), COSIGNATURE_KIND);
    assert_eq!(format!("{note}{right}"), GOLDEN);
    let signatures = CosignatureError::Signatures(key.verifier().to_string());
    let verify = |note: &str| key.verifier().verify(note, log.verifier()).unwrap_err();

    // Another text, which the log has signed too.
    let later = log.sign(&Checkpoint { size: 1_235, ..checkpoint() });
    assert_eq!(verify(&format!("{later}{right}")), CosignatureError::Wrong);
    // Another time than the one that is signed.
    let bytes = BASE64_STANDARD.decode(right.trim_end().rsplit_once(' ').unwrap().1).unwrap();
    let mut moved = bytes.clone();
    moved[11] += 1;
    assert_eq!(verify(&format!("{note}{}", signature_line(NAME, &moved))), CosignatureError::Wrong);
    for time in [-1, i64::MAX] {
        let timeless = line(&text, NAME, time, COSIGNATURE_KIND);
        assert_eq!(verify(&format!("{note}{timeless}")), CosignatureError::Wrong, "{time}");
    }
    let shorter = signature_line(NAME, &bytes[..BYTES - 1]);
    assert_eq!(verify(&format!("{note}{shorter}")), CosignatureError::Wrong);
    // Another witness, by name or by key.
    for other in [witness("saksi.lain.example", 21), witness(NAME, 22)] {
        let cosigned = other.cosign(&note, log.verifier(), at()).unwrap();
        assert_eq!(verify(&cosigned), signatures);
        assert!(other.verifier().verify(&cosigned, log.verifier()).is_ok());
    }
    // None, two, and one beside another's.
    let other = line(&text, "saksi.lain.example", at().as_second(), COSIGNATURE_KIND);
    for lines in [String::new(), format!("{right}{right}"), format!("{right}{other}")] {
        assert_eq!(verify(&format!("{note}{lines}")), signatures, "{lines}");
    }
    // Another log.
    let unsigned = NoteError::Unsigned(log_key(8).verifier().to_string());
    assert_eq!(key.verifier().verify(GOLDEN, log_key(8).verifier()), Err(CosignatureError::Log(unsigned)));
    assert!(key.cosign(&note, log_key(8).verifier(), at()).is_err(), "not signed by the log");
    // The log's own name.
    let named = witness(log.verifier().origin().as_str(), 21);
    assert_eq!(named.cosign(&note, log.verifier(), at()), Err(CosignatureError::Name));
    assert_eq!(named.verifier().verify(&note, log.verifier()), Err(CosignatureError::Name));
}

/// With one pair of keys, and under one name, as nobody may have them.
#[test]
fn what_a_witness_signs_is_no_statement_of_a_log_and_the_reverse() {
    let log = log_key(7);
    let name = log.verifier().origin().clone();
    let same = WitnessKey::from_pkcs8(name.clone(), &der(7)).unwrap();
    let note = log.sign(&checkpoint());
    let (text, _) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let signature = same.pair.sign(signed(&text, at()).as_bytes());
    let id = id_of(1, name.as_str(), &same.public.public);
    for as_log in
        [signature.as_ref().to_vec(), [&at().as_second().to_be_bytes(), signature.as_ref()].concat()]
    {
        let passed = format!("{text}\n{}", signature_line(name.as_str(), &[&id[..], &as_log].concat()));
        assert_eq!(log.verifier().verify::<Checkpoint>(&passed), Err(NoteError::Signature));
    }
    // The whole of what is signed, as a log's note.
    let whole = format!(
        "{}\n{}",
        signed(&text, at()),
        signature_line(name.as_str(), &[&id[..], signature.as_ref()].concat())
    );
    let statement = NoteError::Statement(name.to_string());
    assert_eq!(log.verifier().verify::<Checkpoint>(&whole), Err(statement));
    assert!(log.verifier().verify::<Receipt>(&whole).is_err());

    // The log's signature as a cosignature.
    let other = WitnessKey::from_pkcs8(Origin::parse(NAME).unwrap(), &der(7)).unwrap();
    let by_log = BASE64_STANDARD.decode(note.trim_end().rsplit_once(' ').unwrap().1).unwrap()[4..].to_vec();
    let id = id_of(COSIGNATURE_KIND, NAME, &other.public.public);
    let time = at().as_second().to_be_bytes();
    let passed = format!("{note}{}", signature_line(NAME, &[&id[..], &time, &by_log].concat()));
    assert_eq!(other.verifier().verify(&passed, log.verifier()), Err(CosignatureError::Wrong));
    let receipt = log.sign(&Receipt { entry: uuid::Uuid::nil(), leaf_hash: [9; 32], recorded_at: at() });
    assert!(other.cosign(&receipt, log.verifier(), at()).is_err());
}

#[test]
fn a_public_key_is_read_as_it_is_written() {
    let (name, rest) = GOLDEN_KEY.trim_end().split_once('+').unwrap();
    let (id, public) = rest.split_once('+').unwrap();
    let log = log_key(7).verifier().to_string();
    for bad in [
        "",
        name,
        &format!("{name}+{id}"),
        &format!("{name}+{}+{public}", id.to_uppercase()),
        &format!("{name}+00000000+{public}"),
        &format!("{name}+{id}+{public}+"),
        &format!("Saksi+{id}+{public}"),
        &format!("{GOLDEN_KEY}\n"),
        &log,
    ] {
        assert_eq!(WitnessVerifier::parse(bad), Err(WitnessKeyError), "{bad}");
    }
    assert!(VerifierKey::parse(GOLDEN_KEY.trim_end()).is_err(), "a witness is no log");
}
