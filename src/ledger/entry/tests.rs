//! Leaves whose bytes never change, and what is read of others.

use proptest::prelude::*;

use super::{
    wire::{LINE_MAX, Leaf, NAMED_MAX, PARTS_MAX, SEEN_MAX},
    *,
};
use crate::{domain::AgencyCode, ledger::readers::READERS_MAX};

const GOLDEN_V1: &str = include_str!("../../../tests/golden/leaf-v1.hex");
const GOLDEN_V2: &str = include_str!("../../../tests/golden/leaf-v2.hex");

fn readers(codes: &[&str]) -> Readers {
    let codes: Vec<_> = codes.iter().map(|code| AgencyCode::parse(code).unwrap()).collect();
    Readers::agencies(&codes)
}

fn full() -> Entry {
    let line = |resource: &str, version, kind, disclosed: &[_], byte| Line {
        resource: resource.to_owned(),
        version,
        kind,
        disclosed: disclosed.to_vec(),
        digest: [byte; 32],
        before: Readers::nobody(),
        after: Readers::nobody(),
    };
    let fields = [DisclosedField::TraineeName, DisclosedField::TraineeEducation];
    Entry {
        format: Format::V1,
        id: Uuid::from_u128(0x0192_d4c0_7a1e_7000_8000_0000_0000_0001),
        recorded_at: "2026-03-02T01:30:00.123456Z".parse().unwrap(),
        occurred_at: "2026-03-02T01:29:59.5Z".parse().unwrap(),
        agency: "blk-kepri".to_owned(),
        system: "scheduling".to_owned(),
        fingerprint: [0xAB; 32],
        method: "ScheduleService/PushSchedule".to_owned(),
        request_id: Some(Uuid::from_u128(0x5a0f_3e0c_9a54_4c39_8d8f_0000_0000_0002)),
        agreement: Some(("agencies/blk-kepri/agreements/pks-2026-01".to_owned(), 4)),
        lines: vec![
            line("agencies/blk-kepri/sessions/las-01", 1, ChangeKind::Created, &[], 0x11),
            line("agencies/blk-kepri/sessions/las-02", 300, ChangeKind::Updated, &fields, 0x22),
            line("agencies/blk-kepri/sessions/las-03", 2, ChangeKind::Removed, &[], 0x33),
        ],
        purpose: String::new(),
    }
}

fn own() -> Entry {
    let full = full();
    Entry {
        agency: String::new(),
        system: String::new(),
        fingerprint: [0; 32],
        method: "migrate".to_owned(),
        request_id: None,
        agreement: None,
        lines: full.lines[..1].to_vec(),
        ..full
    }
}

fn disclosure() -> Entry {
    let full = full();
    let fields = vec![DisclosedField::TraineeName, DisclosedField::TraineeEducation];
    let lines = full.lines[..1].iter().map(|line| Line {
        resource: "enrolments/000102030405060708090a0b0c0d0e0f".to_owned(),
        kind: ChangeKind::Disclosed,
        disclosed: fields.clone(),
        ..line.clone()
    });
    Entry {
        method: "RosterService/ListRoster".to_owned(),
        request_id: None,
        lines: lines.collect(),
        purpose: "Penyelenggaraan pelatihan".to_owned(),
        ..full
    }
}

/// In format 2: what came to be, what a lender's trainer was named in, what two sets of agencies saw, what is gone, what
/// everybody sees, and a disclosure.
fn with_readers() -> Entry {
    let full = full();
    let (both, all) = (["blk-kepri", "lapas-tpi"], ["blk-kepri", "dkp-kepri", "lapas-tpi"]);
    let line = |place: usize, kind, before: Readers, after: Readers| Line {
        kind,
        before,
        after,
        disclosed: if kind == ChangeKind::Disclosed { full.lines[1].disclosed.clone() } else { Vec::new() },
        ..full.lines[place].clone()
    };
    Entry {
        format: Format::V2,
        lines: vec![
            line(0, ChangeKind::Created, Readers::nobody(), readers(&both)),
            line(1, ChangeKind::Updated, readers(&both), readers(&all)),
            line(1, ChangeKind::Updated, readers(&all), readers(&all)),
            line(2, ChangeKind::Removed, Readers::administrators_and(&[]), Readers::nobody()),
            line(0, ChangeKind::Created, Readers::nobody(), Readers::everybody()),
            line(1, ChangeKind::Disclosed, Readers::nobody(), Readers::nobody()),
        ],
        ..full
    }
}

fn assert_golden(golden: &str, file: &str, entries: &[Entry]) {
    let lines: Vec<_> = golden.lines().filter(|line| !line.starts_with('#')).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| hex::encode(entry.leaf())).collect();
    assert_eq!(
        lines, leaves,
        "Leaf bytes can never change: others hold proofs over them. Do not touch tests/golden/{file}; write another format."
    );
    for (line, entry) in lines.iter().zip(entries) {
        assert_eq!(Entry::read(&hex::decode(line).unwrap()).as_ref(), Ok(entry));
    }
}

#[test]
fn leaf_bytes_never_change() {
    assert_golden(GOLDEN_V1, "leaf-v1.hex", &[full(), own(), disclosure()]);
    let own = Entry { format: Format::V2, ..own() };
    assert_golden(GOLDEN_V2, "leaf-v2.hex", &[with_readers(), own]);
}

/// What the reader of format 1 makes of a leaf of format 2: it has read the number before it refuses the rest.
#[test]
fn a_leaf_of_another_format_says_which() {
    assert_eq!(with_readers().leaf()[..2], [0x08, 0x02]);
    assert_eq!(Entry::read(&[0x08, 0x03]).unwrap_err(), LeafError::Format(3));
    assert_eq!(Entry::read(&[]).unwrap_err(), LeafError::Format(0));
}

#[test]
fn readers_that_say_what_cannot_be_are_not_read() {
    let of = |change: &dyn Fn(&mut Entry)| {
        let mut entry = with_readers();
        change(&mut entry);
        Entry::read(&entry.leaf())
    };
    assert!(of(&|_| {}).is_ok());
    let malformed = Err(LeafError::Malformed);
    assert_eq!(of(&|entry| entry.format = Format::V1), malformed, "readers in format 1");
    assert_eq!(
        of(&|entry| entry.lines[0].before = readers(&["lapas-tpi"])),
        malformed,
        "before it was created"
    );
    assert_eq!(
        of(&|entry| entry.lines[3].after = readers(&["lapas-tpi"])),
        malformed,
        "after it was removed"
    );
    assert_eq!(of(&|entry| entry.lines[5].after = Readers::everybody()), malformed, "of a disclosure");

    let bytes = |change: &dyn Fn(&mut Leaf)| {
        let mut leaf = Leaf::decode(&with_readers().leaf()[..]).unwrap();
        change(&mut leaf);
        Entry::read(&leaf.encode_to_vec())
    };
    assert!(bytes(&|_| {}).is_ok());
    assert_eq!(bytes(&|leaf| leaf.readers[0] = "lapas-tpi blk-kepri".to_owned()), malformed, "not sorted");
    assert_eq!(bytes(&|leaf| leaf.readers[0] = "BLK lapas-tpi".to_owned()), malformed, "no reader");
    assert_eq!(bytes(&|leaf| leaf.readers.push("dkp-kepri".to_owned())), malformed, "named by no line");
    assert_eq!(bytes(&|leaf| leaf.readers.push(String::new())), malformed, "nobody has no number");
    let renumbered = |leaf: &mut Leaf| {
        leaf.readers.swap(0, 1);
        let other = |number: u32| [0, 2, 1].get(number as usize).copied().unwrap_or(number);
        for line in &mut leaf.lines {
            (line.before, line.after) = (other(line.before), other(line.after));
        }
    };
    assert_eq!(bytes(&renumbered), malformed, "not in the order of their naming");
    assert_eq!(bytes(&|leaf| leaf.lines[0].after = 9), malformed, "no such set");
}

#[test]
fn only_what_we_write_is_read() {
    let leaf = full().leaf();
    let malformed = |bytes: &[u8]| assert_eq!(Entry::read(bytes).unwrap_err(), LeafError::Malformed);
    malformed(&leaf[..leaf.len() - 1]);
    // An unknown field, and a field of the default value, which is never written.
    malformed(&[leaf.as_slice(), &[0xF8, 0x01, 0x01]].concat());
    malformed(&[own().leaf().as_slice(), &[0x58, 0x00]].concat());
}

/// Readers of so many agencies, from a number on.
fn agencies(first: usize, count: usize) -> Readers {
    let codes: Vec<_> =
        (first..first + count).map(|number| AgencyCode::parse(&format!("dinas-{number}")).unwrap()).collect();
    Readers::agencies(&codes)
}

/// An entry of so many lines, each of which has readers before and after.
fn lines_of(count: usize, readers: impl Fn(usize) -> Readers) -> Entry {
    let full = with_readers();
    let line = |number| Line { before: readers(number), after: readers(number), ..full.lines[1].clone() };
    Entry { lines: (0..count).map(line).collect(), ..full }
}

/// A line whose resource's name has so many bytes.
fn long(bytes: usize) -> Entry {
    let mut entry = own();
    entry.lines[0].resource = "x".repeat(bytes);
    entry
}

/// What is written is read, and what is not read is not written, at each bound and one beyond.
#[test]
fn no_entry_is_written_that_would_not_be_read() {
    // The rest of such a line: the keys and lengths, version, kind and digest.
    let name_max = LINE_MAX - 3 - 2 - 2 - 34;
    let full_sets = SEEN_MAX / READERS_MAX / 2;
    let (two, three) = (agencies(100, READERS_MAX), agencies(200, READERS_MAX));
    let cases = [
        ("lines", lines_of(PARTS_MAX, |_| Readers::nobody()), true),
        ("lines", lines_of(PARTS_MAX + 1, |_| Readers::nobody()), false),
        ("lines and sets", lines_of(PARTS_MAX - 1, |_| agencies(1, 1)), true),
        ("lines and sets", lines_of(PARTS_MAX, |_| agencies(1, 1)), false),
        ("a line", long(name_max), true),
        ("a line", long(name_max + 1), false),
        ("a set", lines_of(1, |_| agencies(1, READERS_MAX)), true),
        ("a set", lines_of(1, |_| agencies(1, READERS_MAX + 1)), false),
        ("readers in all", lines_of(NAMED_MAX, |number| agencies(1_000 + number, 1)), true),
        ("readers in all", lines_of(NAMED_MAX + 1, |number| agencies(1_000 + number, 1)), false),
        (
            "readers of lines",
            lines_of(full_sets, |number| if number % 2 == 0 { two.clone() } else { three.clone() }),
            true,
        ),
        ("readers of lines", lines_of(full_sets + 1, |_| two.clone()), false),
    ];
    for (what, entry, fits) in cases {
        let (leaf, stored) = (entry.leaf(), entry.leaf_to_store());
        if fits {
            assert!(stored == Ok(leaf.clone()) && Entry::read(&leaf) == Ok(entry), "{what}");
        } else {
            assert_eq!(stored, Err(LeafError::TooLarge), "{what}");
            assert_eq!(Entry::read(&leaf).unwrap_err(), LeafError::TooLarge, "{what}");
        }
    }
}

/// Bytes that would take up many times as much memory: they are refused before they are decoded.
#[test]
fn bytes_that_swell_are_not_decoded() {
    // Fields of two bytes: empty sets of readers, empty lines; and one line that shows a field sixteen million times.
    let swollen = [
        [&[0x08, 0x02], &[0x72, 0x00].repeat(8_000_000)[..]].concat(),
        [&[0x08, 0x02], &[0x62, 0x00].repeat(8_000_000)[..]].concat(),
        [
            &[0x08, 0x02, 0x62, 0x85, 0x80, 0x80, 0x08, 0x22, 0x80, 0x80, 0x80, 0x08],
            &[1].repeat(16 << 20)[..],
        ]
        .concat(),
    ];
    for bytes in swollen {
        assert_eq!(wire::decodes_in_bounds(&bytes), Some(false));
        assert_eq!(Entry::read(&bytes).unwrap_err(), LeafError::TooLarge);
    }
    // It begins a line that is longer than all that follows.
    assert_eq!(wire::decodes_in_bounds(&[0x62, 0x05, 0x00]), None);
}

#[test]
fn numbers_are_distinct() {
    let kinds: Vec<_> = ChangeKind::ALL.iter().map(|kind| kind.number()).collect();
    let fields: Vec<_> = DisclosedField::ALL.iter().map(|field| field.number()).collect();
    assert_eq!((kinds, fields), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4]));
}

fn sets() -> impl Strategy<Value = Readers> {
    let codes = prop::collection::vec(prop::sample::select(&["aa", "blk-kepri", "lapas-tpi"][..]), 0..4);
    (codes, any::<bool>()).prop_map(|(codes, administrators)| {
        let codes: Vec<_> = codes.into_iter().map(|code| AgencyCode::parse(code).unwrap()).collect();
        if administrators { Readers::administrators_and(&codes) } else { Readers::agencies(&codes) }
    })
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let kind = prop::sample::select(ChangeKind::ALL);
    let disclosed = prop::collection::vec(prop::sample::select(DisclosedField::ALL), 0..3);
    let line = (".{0,20}", any::<i64>(), kind, disclosed, any::<[u8; 32]>(), sets(), sets()).prop_map(
        |(resource, version, kind, disclosed, digest, before, after)| Line {
            resource,
            version,
            kind,
            disclosed,
            digest,
            before: if [ChangeKind::Updated, ChangeKind::Removed].contains(&kind) {
                before
            } else {
                Readers::nobody()
            },
            after: if [ChangeKind::Updated, ChangeKind::Created].contains(&kind) {
                after
            } else {
                Readers::nobody()
            },
        },
    );
    prop::collection::vec(line, 0..5)
}

fn entries() -> impl Strategy<Value = Entry> {
    let micros = -60_000_000_000_000_000i64..250_000_000_000_000_000;
    let times = (micros.clone(), micros);
    let caller = (".{0,9}", ".{0,9}", any::<[u8; 32]>(), ".{0,30}");
    let uuid = any::<u128>().prop_map(Uuid::from_u128);
    let agreement = prop::option::of((".{1,30}", any::<i64>()));
    let entry = (uuid.clone(), times, caller, prop::option::of(uuid), agreement, lines(), ".{0,30}")
        .prop_map(|(id, times, caller, request_id, agreement, lines, purpose)| Entry {
            format: Format::V2,
            id,
            recorded_at: Timestamp::from_microsecond(times.0).unwrap(),
            occurred_at: Timestamp::from_microsecond(times.1).unwrap(),
            agency: caller.0,
            system: caller.1,
            fingerprint: caller.2,
            method: caller.3,
            request_id,
            agreement,
            lines,
            purpose,
        });
    (entry, any::<bool>()).prop_map(|(entry, old)| if old { without_readers(entry) } else { entry })
}

fn without_readers(mut entry: Entry) -> Entry {
    for line in &mut entry.lines {
        (line.before, line.after) = (Readers::nobody(), Readers::nobody());
    }
    Entry { format: Format::V1, ..entry }
}

proptest! {
    #[test]
    fn an_entry_reads_as_it_was_written(entry in entries()) {
        prop_assert_eq!(Entry::read(&entry.leaf()), Ok(entry));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(entry) = Entry::read(&bytes) {
            prop_assert_eq!(entry.leaf(), bytes);
        }
    }
}

#[test]
fn a_disclosure_is_no_change() {
    let changes: Vec<_> = ChangeKind::ALL.iter().copied().filter(|kind| kind.is_change()).collect();
    assert_eq!(changes, [ChangeKind::Created, ChangeKind::Updated, ChangeKind::Removed]);
}
