//! An export that is whole is found so; whatever was done to one is noticed, and said where.

mod replaced;

use jiff::Timestamp;

use super::*;
use crate::ledger::{
    ChangeKind, Format, Readers,
    note::{LogKey, tests::key},
};

/// Numbers that look drawn, and are the same in every run (SplitMix64).
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

fn a_leaf(number: u128) -> Vec<u8> {
    leaf_of(number, format!("agencies/blk-kepri/sessions/s{number}"))
}

fn leaf_of(number: u128, resource: String) -> Vec<u8> {
    let line = crate::ledger::Line {
        resource,
        version: 1,
        kind: ChangeKind::Created,
        disclosed: Vec::new(),
        digest: [number as u8; 32],
        before: Readers::nobody(),
        after: Readers::nobody(),
    };
    let entry = Entry {
        format: Format::V2,
        id: Uuid::from_u128(number + 1),
        recorded_at: Timestamp::UNIX_EPOCH,
        occurred_at: Timestamp::UNIX_EPOCH,
        agency: "blk-kepri".to_owned(),
        system: "jadwal".to_owned(),
        fingerprint: [7; 32],
        method: "ScheduleService/PushSchedule".to_owned(),
        request_id: None,
        agreement: None,
        lines: vec![line],
        purpose: String::new(),
    };
    entry.leaf()
}

/// A log as somebody has it, true or not.
#[derive(Clone)]
struct Log(Vec<Vec<u8>>);

impl Log {
    fn of(count: u128) -> Self {
        Self((0..count).map(a_leaf).collect())
    }

    fn tree(&self, size: usize) -> Frontier {
        let mut tree = Frontier::default();
        self.0[..size].iter().for_each(|leaf| tree.push(leaf_hash(leaf), |_| {}));
        tree
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        Checkpoint { size: size as u64, root: self.tree(size).root() }
    }

    /// The lines of an export from an entry on to a size.
    fn export(&self, key: &LogKey, first: usize, size: usize) -> Vec<String> {
        self.export_by(key, first, size, Vec::new())
    }

    /// The same, with the notes of the keys that replaced one.
    fn export_by(&self, key: &LogKey, first: usize, size: usize, successors: Vec<String>) -> Vec<String> {
        let note = key.sign(&self.checkpoint(size));
        let origin = key.verifier().origin().as_str();
        let mut lines = vec![head(origin, &self.tree(first), &note, successors).unwrap()];
        let entries = self.0[first..size].iter().zip(first as u64..);
        lines.extend(entries.map(|(leaf, index)| line(index, leaf).unwrap()));
        lines
    }
}

fn verified(lines: &[String], kept: Option<&Checkpoint>) -> Result<Verified, Fault> {
    verify(lines.concat().as_bytes(), key(7).verifier(), kept)
}

#[track_caller]
fn fault(lines: &[String], kept: Option<&Checkpoint>, expected: &str) {
    assert_eq!(verified(lines, kept).unwrap_err().to_string(), expected);
}

#[test]
fn an_export_that_is_whole_is_found_so() {
    let (log, key) = (Log::of(40), key(7));
    for first in 0..=40 {
        for size in first..=40 {
            let export = log.export(&key, first, size);
            let expected = Verified {
                first: first as u64,
                checkpoint: log.checkpoint(size),
                note: key.sign(&log.checkpoint(size)),
                key: key.verifier().clone(),
            };
            if first == 0 {
                assert_eq!(verified(&export, None).unwrap(), expected);
            }
            // The kept checkpoint may be any of those that the export leads through.
            for kept in [first, first.midpoint(size), size] {
                assert_eq!(
                    verified(&export, Some(&log.checkpoint(kept))).unwrap(),
                    expected,
                    "{first} {kept} {size}"
                );
            }
        }
    }
}

/// The bytes that auditors' own programs read.
#[test]
fn the_bytes_of_an_export_are_these() {
    let lines = Log::of(4).export(&key(7), 3, 4);
    assert_eq!(lines.concat(), include_str!("../../../tests/golden/export.jsonl"));
}

#[test]
fn what_is_wrong_is_said() {
    let (log, key) = (Log::of(9), key(7));
    let export = log.export(&key, 0, 9);
    let with = |line: usize, text: &str| {
        let mut lines = export.clone();
        lines[line] = text.to_owned();
        lines
    };
    let head_is = "it is not the first line of an export in the format gerbang-ledger-export/1 or gerbang-ledger-export/2";
    fault(&[], None, &format!("line 1: {head_is}"));
    fault(&export[1..], None, &format!("line 1: {head_is}"));
    fault(&with(0, &export[0].replace("export/1", "export/2")), None, &format!("line 1: {head_is}"));
    fault(&with(0, &export[0].replace(":0,", ": 0,")), None, &format!("line 1: {head_is}"));
    let renamed = with(0, &export[0].replace("\"origin\":\"gerbang", "\"origin\":\"gerbong"));
    fault(
        &renamed,
        None,
        "line 1: the export is of the log gerbong.example.go.id/ledger, the key is of gerbang.example.go.id/ledger",
    );
    let other = Log::of(9).export(&self::key(8), 0, 9);
    let unsigned =
        format!("line 1: of the checkpoint, it is signed, but not with the key {}", key.verifier());
    fault(&other, None, &unsigned);
    fault(
        &with(0, &export[0].replace("\"frontier\":[]", "\"frontier\":[\"\"]")),
        None,
        "line 1: the frontier is not that of a tree of 0 entries",
    );
    fault(
        &with(0, &export[0].replace("\"first\":0", "\"first\":10")),
        None,
        "line 1: the checkpoint has 9 entries, fewer than the 10 before the export's first",
    );
    fault(
        &log.export(&key, 4, 9),
        None,
        "line 1: the export begins with entry 4, and only a kept checkpoint of as many entries or more tells whether those before it are the log's",
    );
    fault(
        &log.export(&key, 4, 9),
        Some(&log.checkpoint(3)),
        "line 1: the export begins with entry 4, and only a kept checkpoint of as many entries or more tells whether those before it are the log's",
    );
    fault(
        &log.export(&key, 0, 8),
        Some(&log.checkpoint(9)),
        "line 1: the log has 8 entries now and had 9 when the kept checkpoint was made: it was cut off",
    );
    let mut forked = log.clone();
    forked.0[2] = a_leaf(1_000);
    let fork =
        "the first 5 entries are not those of the kept checkpoint: they were changed, or this is another log";
    fault(&forked.export(&key, 0, 9), Some(&log.checkpoint(5)), &format!("line 6: {fork}"));
    fault(&forked.export(&key, 5, 9), Some(&log.checkpoint(5)), &format!("line 1: {fork}"));
    fault(&with(4, "{}\n"), None, "line 5: it is not a line of an entry");
    fault(&with(4, "\n"), None, "line 5: it is not a line of an entry");
    fault(&with(4, &export[5]), None, "line 5: it has entry 4, expected 3");
    fault(
        &with(4, &line(3, &a_leaf(2)).unwrap()),
        None,
        "line 5: entry 3 has the id 00000000-0000-0000-0000-000000000003, which one before it has",
    );
    fault(
        &with(4, &line(3, b"no leaf").unwrap()),
        None,
        "line 5: of entry 3, the bytes are not those of a ledger entry",
    );
    fault(
        &with(4, &line(3, &a_leaf(99)).unwrap()),
        None,
        "line 10: the entries are not those of the checkpoint: one of them from entry 0 on was changed",
    );
    fault(
        &with(8, &line(7, &a_leaf(99)).unwrap()),
        Some(&log.checkpoint(5)),
        "line 10: the entries are not those of the checkpoint: one of them from entry 5 on was changed",
    );
    fault(&export[..6], None, "line 7: the export ends before entry 5, and its checkpoint has 9 entries");
    fault(
        &[&export[..], &export[9..]].concat(),
        None,
        "line 11: the export goes on behind its checkpoint, which has 9 entries",
    );
    fault(&with(9, export[9].trim_end()), None, "line 10: it has no end: the export was cut off");
    fault(
        &with(9, &format!("{}\n", "x".repeat(LINE_MAX))),
        None,
        "line 10: it is longer than any line of an export",
    );
    assert!(line(u64::MAX, &vec![0; 16 << 20]).unwrap().len() <= LINE_MAX);
}

/// A leaf that was edited, and the places counted anew behind what was taken away or put in.
fn edited(drawn: &mut Drawn, log: &Log, first: usize) -> (Log, &'static str) {
    let mut leaves = log.0.clone();
    let at = first + drawn.below(leaves.len() - first);
    let to = first + drawn.below(leaves.len() - first);
    let what = match drawn.below(6) {
        0 => {
            let byte = drawn.below(leaves[at].len());
            leaves[at][byte] ^= 1 << drawn.below(8);
            "edit"
        }
        1 => {
            leaves.remove(at);
            "delete"
        }
        2 => {
            leaves.swap(at, to);
            "swap"
        }
        3 => {
            leaves.insert(at, a_leaf(1_000));
            "insert"
        }
        4 => {
            let leaf = leaves.remove(at);
            leaves.insert(to.min(leaves.len()), leaf);
            "move"
        }
        _ => {
            let leaf = leaves[at].clone();
            leaves.insert(to, leaf);
            "twice"
        }
    };
    (Log(leaves), what)
}

/// Lines as they are, with one of them edited, gone, elsewhere, twice or cut off.
fn lines_edited(drawn: &mut Drawn, lines: &[String]) -> (Vec<String>, &'static str) {
    let mut lines = lines.to_vec();
    let (at, to) = (drawn.below(lines.len()), drawn.below(lines.len()));
    let what = match drawn.below(6) {
        0 => {
            let line = &lines[at];
            let place = drawn.below(line.len());
            // Of one byte it makes another one that is text.
            let mut bytes = line.clone().into_bytes();
            bytes[place] = b' ' + (bytes[place].wrapping_add(1 + drawn.below(90) as u8)) % 95;
            lines[at] = String::from_utf8_lossy(&bytes).into_owned();
            "byte"
        }
        1 => {
            lines.remove(at);
            "line deleted"
        }
        2 => {
            lines.swap(at, to);
            "lines swapped"
        }
        3 => {
            let line = lines.remove(at);
            lines.insert(to.min(lines.len()), line);
            "line moved"
        }
        4 => {
            let line = lines[at].clone();
            lines.insert(to, line);
            "line twice"
        }
        _ => {
            let whole = lines.concat();
            let cut = drawn.below(whole.len());
            lines = vec![String::from_utf8_lossy(&whole.as_bytes()[..cut]).into_owned()];
            "cut"
        }
    };
    (lines, what)
}

/// The first line states something else.
fn head_edited(drawn: &mut Drawn, log: &Log, first: usize, lines: &[String]) -> (Vec<String>, &'static str) {
    let mut header: Header = serde_json::from_str(&lines[0]).unwrap();
    let what = match drawn.below(6) {
        0 => {
            header.first = header.first.wrapping_add(drawn.next() >> drawn.below(64));
            "first"
        }
        1 if first > 0 => {
            let place = drawn.below(header.frontier.len());
            let mut root = BASE64_STANDARD.decode(&header.frontier[place]).unwrap();
            root[drawn.below(32)] ^= 1 << drawn.below(8);
            header.frontier[place] = BASE64_STANDARD.encode(root);
            "frontier"
        }
        1 | 2 => {
            header.frontier.push(BASE64_STANDARD.encode([9; 32]));
            "root more"
        }
        3 => {
            // Signed by the log, of another size.
            header.checkpoint = key(7).sign(&log.checkpoint(drawn.below(log.0.len())));
            "older checkpoint"
        }
        4 => {
            let checkpoint = log.checkpoint(log.0.len());
            let root = BASE64_STANDARD.encode(checkpoint.root);
            let other = Log::of(drawn.below(90) as u128).checkpoint(0).root;
            header.checkpoint = header.checkpoint.replace(&root, &BASE64_STANDARD.encode(other));
            "root stated"
        }
        _ => {
            header.checkpoint = key(8).sign(&log.checkpoint(log.0.len()));
            "another's key"
        }
    };
    let mut lines = lines.to_vec();
    lines[0] = json_line(&header).unwrap();
    (lines, what)
}

/// What an export may have gone through, by whoever has it on the way; and what the log itself may have done, which has the
/// key and signs anew: that only a kept checkpoint tells.
#[test]
fn ten_thousand_tamperings_are_noticed() {
    const COUNT: usize = 14;
    let (log, key) = (Log::of(COUNT as u128), key(7));
    let exports: Vec<_> = (0..COUNT).map(|first| log.export(&key, first, COUNT)).collect();
    let mut drawn = Drawn(2_026);
    let mut seen: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let mut tampered = 0;
    while tampered < 10_000 {
        let first = [0, drawn.below(COUNT)][drawn.below(2)];
        let kept = first + drawn.below(COUNT + 1 - first);
        let true_lines = &exports[first];
        let mut known = (first > 0 || drawn.below(2) == 0).then(|| log.checkpoint(kept));
        let (lines, what) = match drawn.below(4) {
            0 => {
                let (edited, what) = edited(&mut drawn, &log, first);
                let mut lines = edited.export(&key, first, edited.0.len());
                lines[0].clone_from(&true_lines[0]);
                (lines, what)
            }
            1 => lines_edited(&mut drawn, true_lines),
            2 => head_edited(&mut drawn, &log, first, true_lines),
            _ if kept == 0 => continue,
            _ => {
                // Rewritten before the kept checkpoint, or cut off there.
                known = Some(log.checkpoint(kept));
                let early = Log(log.0[..kept].to_vec());
                let (mut forked, _) = edited(&mut drawn, &early, 0);
                if drawn.below(3) > 0 {
                    forked.0.extend_from_slice(&log.0[kept..]);
                }
                // Twice the last one, say: that is one entry more behind the checkpoint.
                if forked.0.starts_with(&early.0) {
                    continue;
                }
                let first = first.min(forked.0.len());
                (forked.export(&key, first, forked.0.len()), "fork")
            }
        };
        // Some exchange what is equal.
        if lines.concat() == true_lines.concat() {
            continue;
        }
        let found = verified(&lines, known.as_ref());
        assert!(found.is_err(), "{what}: {first} {kept} {known:?}: {found:?}");
        *seen.entry(what).or_default() += 1;
        tampered += 1;
        if tampered % 100 == 0 {
            verified(true_lines, Some(&log.checkpoint(kept))).unwrap();
        }
    }
    assert_eq!(seen.len(), 19, "{seen:?}");
    assert!(seen.values().all(|count| *count > 150), "{seen:?}");
}
