//! Notes and checkpoints, judged by signed_note and tlog_tiles.

use signed_note::{Note as Judged, StandardVerifier, Verifier, VerifierList};

use super::*;
use crate::ledger::checkpoint::Checkpoint;

const ORIGIN: &str = "gerbang.example.go.id/ledger";

/// A key that everybody can make, for this origin.
pub(in crate::ledger) fn key(seed: u8) -> LogKey {
    key_of(ORIGIN, seed)
}

/// The same, for any origin.
pub(in crate::ledger) fn key_of(origin: &str, seed: u8) -> LogKey {
    // RFC 8410, section 7: a sequence with version, algorithm and the seed.
    let head = hex::decode("302e020100300506032b657004220420").unwrap();
    LogKey::from_pkcs8(Origin::parse(origin).unwrap(), &[head, vec![seed; 32]].concat()).unwrap()
}

/// Any lines under the name of receipts.
#[derive(Debug, PartialEq)]
struct Receipt(String);

impl Statement for Receipt {
    const SUFFIX: &'static str = "/receipt";

    fn lines(&self) -> String {
        self.0.clone()
    }

    fn read(lines: &str) -> Option<Self> {
        Some(Self(lines.to_owned()))
    }
}

fn checkpoint() -> Checkpoint {
    Checkpoint { size: 1_234, root: [9; 32] }
}

/// Whether signed_note takes the note, and what tlog_tiles reads in it.
fn judged(key: &VerifierKey, note: &str) -> Option<(String, u64, [u8; 32])> {
    let key = StandardVerifier::new(&key.to_string()).unwrap();
    let note = Judged::from_bytes(note.as_bytes()).ok()?;
    note.verify(&VerifierList::new(vec![Box::new(key)])).ok()?;
    let read = tlog_tiles::checkpoint::Checkpoint::from_bytes(note.text()).ok()?;
    Some((read.origin().to_owned(), read.size(), read.hash().0))
}

#[test]
fn a_checkpoint_is_what_the_standard_says() {
    let key = key(7);
    let note = key.sign(&checkpoint());
    assert_eq!(note, include_str!("../../../tests/golden/checkpoint.txt"));
    assert_eq!(key.verifier().to_string(), include_str!("../../../tests/golden/log-key.txt").trim_end());
    assert_eq!(key.verifier().verify(&note), Ok(checkpoint()));
    assert_eq!(judged(key.verifier(), &note), Some((ORIGIN.to_owned(), 1_234, [9; 32])));
    assert_eq!(VerifierKey::parse(&key.verifier().to_string()).as_ref(), Ok(key.verifier()));
    for size in [0, 1, u64::MAX] {
        let checkpoint = Checkpoint { size, root: [0; 32] };
        let note = key.sign(&checkpoint);
        assert_eq!(key.verifier().verify(&note), Ok(checkpoint));
        assert_eq!(judged(key.verifier(), &note), Some((ORIGIN.to_owned(), size, [0; 32])));
    }
}

#[test]
fn a_receipt_is_no_checkpoint_and_the_reverse() {
    let key = key(7);
    let unsigned = NoteError::Unsigned(key.verifier().to_string());
    // The same lines, under the other name.
    let receipt = key.sign(&Receipt(checkpoint().lines()));
    assert_eq!(key.verifier().verify::<Checkpoint>(&receipt), Err(unsigned.clone()));
    assert_eq!(judged(key.verifier(), &receipt), None);
    assert_eq!(key.verifier().verify::<Receipt>(&key.sign(&checkpoint())), Err(unsigned));
    // A signature says nothing of the name before it: who exchanges that has no checkpoint either.
    let (text, signature) = receipt.split_once("\n\n").unwrap();
    let (_, signature) = signature.rsplit_once(' ').unwrap();
    let mut bytes = BASE64_STANDARD.decode(signature.trim_end()).unwrap();
    bytes[..4].copy_from_slice(&key_id(ORIGIN, &key.verifier().public));
    let renamed = format!("{text}\n\n{DASH} {ORIGIN} {}\n", BASE64_STANDARD.encode(&bytes));
    let refused = key.verifier().verify::<Checkpoint>(&renamed);
    assert_eq!(refused, Err(NoteError::Statement(ORIGIN.to_owned())));
    let text = text.replace("/ledger/receipt", "/ledger");
    let altered = format!("{text}\n\n{DASH} {ORIGIN} {}\n", BASE64_STANDARD.encode(&bytes));
    assert_eq!(key.verifier().verify::<Checkpoint>(&altered), Err(NoteError::Signature));
}

#[test]
fn any_byte_that_is_changed_is_noticed() {
    let key = key(7);
    let note = key.sign(&checkpoint());
    for place in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(key.verifier().verify::<Checkpoint>(&changed).is_err(), "{changed:?}");
        }
        if note.is_char_boundary(place) {
            assert!(key.verifier().verify::<Checkpoint>(&note[..place]).is_err(), "{place}");
        }
    }
}

#[test]
fn what_is_not_written_so_is_not_read() {
    let key = key(7);
    let note = key.sign(&checkpoint());
    let (_, signature) = note.split_once("\n\n").unwrap();
    let other = self::key(8);
    let line = other.sign(&checkpoint()).split_once("\n\n").unwrap().1.to_owned();
    let malformed = [
        String::new(),
        note.trim_end().to_owned(),
        note.replace("\n\n", "\n"),
        note.replace('\n', "\r\n"),
        note.replace(DASH, "-"),
        format!("{note}\n"),
        format!("{note}{DASH} \n"),
        format!("{note}{DASH} a+b AAAAAAA=\n"),
        format!("{note}{DASH} other AAAAAA==\n"),
        format!("{note}{}", line.repeat(NOTE_MAX / line.len())),
    ];
    for note in malformed {
        assert_eq!(key.verifier().verify::<Checkpoint>(&note), Err(NoteError::Malformed), "{note:?}");
    }
    // Another's signature counts for nothing, and a second one by the key is one too many.
    assert_eq!(key.verifier().verify(&format!("{note}{line}")), Ok(checkpoint()));
    let twice = key.verifier().verify::<Checkpoint>(&format!("{note}{signature}"));
    assert_eq!(twice, Err(NoteError::Signature));
    let unsigned = other.verifier().verify::<Checkpoint>(&note);
    assert_eq!(unsigned, Err(NoteError::Unsigned(other.verifier().to_string())));
}

#[test]
fn a_text_that_is_no_checkpoint_is_none_though_it_is_signed() {
    let key = key(7);
    let root = BASE64_STANDARD.encode([9; 32]);
    let texts = [
        format!("gerbang.example.go.id\n1\n{root}\n"),
        format!("{ORIGIN}\n01\n{root}\n"),
        format!("{ORIGIN}\n+1\n{root}\n"),
        format!("{ORIGIN}\n-1\n{root}\n"),
        format!("{ORIGIN}\n18446744073709551616\n{root}\n"),
        format!("{ORIGIN}\n1\n{root}\nextension\n"),
        format!("{ORIGIN}\n1\n{root}=\n"),
        format!("{ORIGIN}\n1\n{}\n", BASE64_STANDARD.encode([9; 31])),
        format!("{ORIGIN}\n1\n"),
        "\n".to_owned(),
    ];
    let id = key_id(ORIGIN, &key.verifier().public);
    for text in texts {
        let signature = [&id[..], key.pair.sign(text.as_bytes()).as_ref()].concat();
        let note = format!("{text}\n{DASH} {ORIGIN} {}\n", BASE64_STANDARD.encode(signature));
        let read = key.verifier().verify::<Checkpoint>(&note);
        assert_eq!(read, Err(NoteError::Statement(ORIGIN.to_owned())), "{text:?}");
    }
}

#[test]
fn a_log_has_a_name_that_stands_in_notes() {
    for good in [ORIGIN, "g", "a-b.c/1.2/3", "localhost"] {
        assert_eq!(Origin::parse(good).unwrap().as_str(), good);
    }
    let long = "a".repeat(101);
    for bad in [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        "A",
        "a b",
        "a+b",
        "a/receipt",
        "a/successor",
        "receipt/receipt",
        "https://a",
        "a\n",
        "é",
        ".a",
        "a-",
        &long,
    ] {
        assert_eq!(Origin::parse(bad), Err(KeyError::Origin), "{bad}");
    }
}

#[test]
fn a_public_key_is_read_as_it_is_written() {
    let written = key(7).verifier().to_string();
    let (name, rest) = written.split_once('+').unwrap();
    let (id, public) = rest.split_once('+').unwrap();
    assert_eq!(signed_note::key_id(name, &BASE64_STANDARD.decode(public).unwrap()), {
        u32::from_str_radix(id, 16).unwrap()
    });
    assert_eq!(StandardVerifier::new(&written).unwrap().name(), ORIGIN);
    let other = key(8).verifier().to_string();
    let other = other.rsplit_once('+').unwrap().1;
    for bad in [
        String::new(),
        name.to_owned(),
        format!("{name}+{id}"),
        format!("{name}+{id}+{other}"),
        format!("{name}+{}+{public}", id.to_uppercase()),
        format!("{name}+{id}+{public}+"),
        format!("{name}+{id}+{}", &public[1..]),
        format!("{name}+{id}+{}", BASE64_STANDARD.encode([1; 32])),
        format!("{name}+{id}+{}", BASE64_STANDARD.encode([2; 33])),
        format!("{written}\n"),
    ] {
        assert_eq!(VerifierKey::parse(&bad), Err(KeyError::Verifier), "{bad}");
    }
    assert_eq!(VerifierKey::parse(&format!("Name+{id}+{public}")), Err(KeyError::Origin));
}
