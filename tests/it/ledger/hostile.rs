//! Exports that somebody has made up: this program and the one in Python take the same ones, and say of the others what is wrong.

use std::{path::PathBuf, process::Command};

use base64::{Engine, prelude::BASE64_STANDARD};
use gerbang::{
    config::ledger_key,
    ledger::{
        ChangeKind, Entry, Format, Line, Readers,
        checkpoint::Checkpoint,
        export::{self, head, line},
        note::{LogKey, Origin, Statement},
        successor::{self, Successor},
        tree::{Frontier, leaf_hash},
    },
};
use jiff::Timestamp;
use uuid::Uuid;

const LOG: &str = "log.example/ledger";

/// A statement as somebody wants it.
struct Any(String);

impl Statement for Any {
    const SUFFIX: &'static str = "";

    fn lines(&self) -> String {
        self.0.clone()
    }

    fn read(lines: &str) -> Option<Self> {
        Some(Self(lines.to_owned()))
    }
}

fn leaf(number: u128, resource: String) -> Vec<u8> {
    let line = Line {
        resource,
        version: 1,
        kind: ChangeKind::Created,
        disclosed: Vec::new(),
        digest: [7; 32],
        before: Readers::nobody(),
        after: Readers::everybody(),
    };
    let entry = Entry {
        format: Format::V2,
        id: Uuid::from_u128(number),
        recorded_at: Timestamp::UNIX_EPOCH,
        occurred_at: Timestamp::UNIX_EPOCH,
        agency: String::new(),
        system: String::new(),
        fingerprint: [0; 32],
        method: "owner/ledger.replace_key".to_owned(),
        request_id: None,
        agreement: None,
        lines: vec![line],
        purpose: String::new(),
    };
    entry.leaf()
}

struct Desk {
    folder: PathBuf,
    keys: Vec<LogKey>,
    /// Of a log of four entries; with the third the second key takes over, with the fourth the third.
    leaves: Vec<Vec<u8>>,
}

impl Desk {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("gerbang-hostile-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let make =
            |name: &str, of: &str| ledger_key::make(&folder.join(name), &Origin::parse(of).unwrap()).unwrap();
        let mut keys: Vec<_> = ["one", "two", "three", "thief"].iter().map(|name| make(name, LOG)).collect();
        keys.push(make("elsewhere", "elsewhere.example/ledger"));
        let name = |key: usize| successor::resource(keys[key].verifier());
        let leaves = vec![
            leaf(1, "agencies/a".into()),
            leaf(2, "agencies/b".into()),
            leaf(3, name(1)),
            leaf(4, name(2)),
        ];
        Self { folder, keys, leaves }
    }

    fn names(&self, by: usize, next: usize) -> String {
        self.keys[by].sign(&Successor(self.keys[next].verifier().clone()))
    }

    fn checkpoint(&self, leaves: &[Vec<u8>]) -> Checkpoint {
        let mut tree = Frontier::default();
        leaves.iter().for_each(|leaf| tree.push(leaf_hash(leaf), |_| {}));
        Checkpoint { size: tree.size(), root: tree.root() }
    }

    fn export_with(&self, note: &str, leaves: &[Vec<u8>], successors: Vec<String>) -> String {
        let mut text = head(LOG, &Frontier::default(), note, successors).unwrap();
        (0..).zip(leaves).for_each(|(index, leaf)| text += &line(index, leaf).unwrap());
        text
    }

    /// Of so many entries, signed with this key.
    fn export(&self, size: usize, by: usize, successors: Vec<String>) -> String {
        let leaves = &self.leaves[..size];
        self.export_with(&self.keys[by].sign(&self.checkpoint(leaves)), leaves, successors)
    }

    /// What both programs make of it, with the first key: what they say is wrong.
    fn judge(&self, export: &str) -> [Option<String>; 2] {
        let key = self.keys[0].verifier();
        let ours = export::verify(export.as_bytes(), key, None).err().map(|fault| fault.to_string());
        let file = self.folder.join("export.jsonl");
        std::fs::write(&file, export).unwrap();
        let mut python = Command::new("python3");
        python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/python/verify_log.py"));
        let output = python.arg(file).arg("--key").arg(key.to_string()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("Traceback"), "{said}");
        [ours, (output.status.code() != Some(0)).then_some(said)]
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn both_programs_follow_the_same_keys() {
    let desk = Desk::new();
    let true_notes = || vec![desk.names(0, 1), desk.names(1, 2)];
    for (size, by, notes) in [(2, 0, 0), (3, 1, 1), (4, 2, 2)] {
        let notes = true_notes()[..notes].to_vec();
        assert_eq!(desk.judge(&desk.export(size, by, notes)), [None, None], "{size}");
    }
    let second = desk.keys[1].verifier().to_string();
    let edited = desk.names(0, 1).replace(&second, &desk.keys[3].verifier().to_string());
    let long = desk.names(0, 1) + &format!("— other {}\n", BASE64_STANDARD.encode([0; 68])).repeat(200);
    let plus = desk.names(0, 1) + &format!("— oth+er {}\n", BASE64_STANDARD.encode([0; 68]));
    for (what, size, by, notes) in [
        ("the first key goes on", 3, 0, vec![]),
        ("the thief of the first key names one that no entry tells of", 2, 3, vec![desk.names(0, 3)]),
        ("likewise, behind entries of others", 4, 3, vec![desk.names(0, 3)]),
        ("the thief's key is named by nobody", 2, 3, vec![]),
        ("a note is edited", 2, 3, vec![edited]),
        ("notes are turned", 4, 2, vec![desk.names(1, 2), desk.names(0, 1)]),
        ("a note is twice there", 4, 2, vec![desk.names(0, 1), desk.names(0, 1), desk.names(1, 2)]),
        ("the second note is signed with the first key", 4, 2, vec![desk.names(0, 1), desk.names(0, 2)]),
        ("a key of another log", 2, 0, vec![desk.names(0, 4)]),
        ("a note that is longer than any", 3, 1, vec![long]),
        ("a signer with a plus", 3, 1, vec![plus]),
        ("no note at all", 3, 1, vec!["nonsense".to_owned()]),
        (
            "a checkpoint for a note",
            2,
            0,
            vec![desk.keys[0].sign(&desk.checkpoint(&desk.leaves)), desk.names(0, 1)],
        ),
    ] {
        let [ours, python] = desk.judge(&desk.export(size, by, notes));
        assert!(ours.is_some() && python.is_some(), "{what}: {ours:?} {python:?}");
    }
}

/// A leaf is read before anything vouches for it.
#[test]
fn both_programs_say_what_is_wrong_with_what_they_cannot_read() {
    let desk = Desk::new();
    let tail = |more: &[u8]| [&desk.leaves[0][..], more].concat();
    let by = |note: &str, leaves: &[Vec<u8>]| desk.export_with(note, leaves, Vec::new());
    let signed = |leaves: &[Vec<u8>]| by(&desk.keys[0].sign(&desk.checkpoint(leaves)), leaves);
    let size =
        |digits: &str| desk.keys[0].sign(&Any(format!("{digits}\n{}\n", BASE64_STANDARD.encode([0; 32]))));
    for (what, export) in [
        ("lines that are a number", signed(&[tail(&[0x60, 1])])),
        ("a name that is a number", signed(&[tail(&[0x62, 2, 8, 1])])),
        ("a field that does not end", signed(&[tail(&[0x62, 0x7f, 1])])),
        ("a number that does not end", signed(&[tail(&[0xff; 12])])),
        ("a kind of field that there is not", signed(&[tail(&[0x67])])),
        ("nothing", signed(&[Vec::new()])),
        ("a line of brackets", "[".repeat(100_000) + "\n"),
        ("a number of many digits", format!("{{\"format\":{}}}\n", "9".repeat(10_000))),
        ("a size of many digits", by(&size(&"9".repeat(5_000)), &desk.leaves)),
        ("a size of other digits", by(&size("٤"), &desk.leaves)),
        ("no text at all", String::from("\u{0}\n")),
    ] {
        let [ours, python] = desk.judge(&export);
        assert!(ours.is_some() && python.is_some(), "{what}: {ours:?} {python:?}");
    }
}
