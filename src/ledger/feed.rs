//! The feed: which lines of an entry each reader sees. It follows from the leaf alone, so that whoever has the leaves can make it
//! again and compare.

use std::{collections::BTreeMap, fmt, ops::Range};

use super::{ChangeKind, Entry, Line, Readers, readers::Reader};
use crate::domain::{change::Effect, name::SessionName};

/// The lines of an entry that a reader sees, by number from 0: ranges that neither touch nor overlap, rising.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Vec<Range<i32>>);

impl Lines {
    /// Adds a line that comes after all that are in it, or is the last of them.
    fn add(&mut self, line: i32) {
        match self.0.last_mut() {
            Some(last) if last.contains(&line) => {}
            Some(last) if last.end == line => last.end = line + 1,
            _ => self.0.push(line..line + 1),
        }
    }

    /// Whether these are all of so many lines.
    fn are_all(&self, count: i32) -> bool {
        matches!(&self.0[..], [all] if *all == (0..count))
    }
}

impl fmt::Display for Lines {
    /// As Postgres writes an `int4multirange`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<_> = self.0.iter().map(|range| format!("[{},{})", range.start, range.end)).collect();
        write!(out, "{{{}}}", ranges.join(","))
    }
}

/// Makes the feed's rows of an entry, by reader: the lines of changes that the reader could see before or can see after;
/// `None` for all lines of the entry.
pub fn rows(entry: &Entry) -> BTreeMap<Reader, Option<Lines>> {
    let mut seen: BTreeMap<Reader, Lines> = BTreeMap::new();
    let mut count = 0;
    for line in &entry.lines {
        for reader in [&line.before, &line.after].into_iter().flat_map(Readers::iter) {
            match seen.get_mut(reader) {
                Some(lines) => lines.add(count),
                None => seen.entry(reader.clone()).or_default().add(count),
            }
        }
        count += 1;
    }
    let all = |lines: Lines| (!lines.are_all(count)).then_some(lines);
    seen.into_iter().map(|(reader, lines)| (reader, all(lines))).collect()
}

/// The largest version that a list takes.
const VERSION_MAX: i64 = 1_000_000_000_000;

/// The lines of changes that tell of a session, by number from 0; none that names no session, for whoever may append an entry may write
/// anything.
pub fn of_sessions(entry: &Entry) -> impl Iterator<Item = (i32, &Line)> {
    let names_one = |name: &str| SessionName::parse(name).is_ok_and(|parsed| parsed.to_string() == name);
    let tells = move |line: &Line| {
        line.kind.is_change() && (1..=VERSION_MAX).contains(&line.version) && names_one(&line.resource)
    };
    (0..).zip(&entry.lines).filter(move |(_, line)| tells(line))
}

/// What a line is for a reader who goes by these names; `None` where it does not see it.
pub fn effect(line: &Line, names: &[Reader]) -> Option<Effect> {
    let is_in = |readers: &Readers| readers.iter().any(|reader| names.contains(reader));
    match (is_in(&line.before), is_in(&line.after)) {
        (true, true) => Some(Effect::Updated),
        (false, true) if line.kind == ChangeKind::Created => Some(Effect::Created),
        (false, true) => Some(Effect::BecameVisible),
        (true, false) => Some(Effect::Removed),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::AgencyCode,
        ledger::{ChangeKind, Format, Line},
    };

    fn readers(codes: &str) -> Readers {
        let codes: Vec<_> = codes.split_whitespace().map(|code| AgencyCode::parse(code).unwrap()).collect();
        Readers::agencies(&codes)
    }

    fn entry(lines: Vec<Line>) -> Entry {
        Entry {
            format: Format::V2,
            id: Uuid::nil(),
            recorded_at: Timestamp::UNIX_EPOCH,
            occurred_at: Timestamp::UNIX_EPOCH,
            agency: String::new(),
            system: String::new(),
            fingerprint: [0; 32],
            method: String::new(),
            request_id: None,
            agreement: None,
            lines,
            purpose: String::new(),
        }
    }

    fn seen_by(lines: &[(&str, &str)]) -> Vec<String> {
        let line = |(before, after): &(&str, &str)| Line {
            resource: "agencies/blk-kepri/sessions/s1".to_owned(),
            version: 2,
            kind: ChangeKind::Updated,
            disclosed: Vec::new(),
            digest: [0; 32],
            before: readers(before),
            after: readers(after),
        };
        let entry = entry(lines.iter().map(line).collect());
        let text = |lines: Option<Lines>| lines.map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        rows(&entry).into_iter().map(|(reader, lines)| format!("{reader} {}", text(lines))).collect()
    }

    #[test]
    fn a_reader_sees_what_it_could_see_before_or_can_see_after() {
        assert_eq!(seen_by(&[("", "blk lapas")]), ["blk all", "lapas all"]);
        assert_eq!(seen_by(&[("blk", "blk dkp"), ("blk dkp", "blk")]), ["blk all", "dkp all"]);
        assert_eq!(seen_by(&[("blk", "blk"), ("dkp", "")]), ["blk {[0,1)}", "dkp {[1,2)}"]);
        let gaps = [("blk", "blk"), ("", ""), ("blk", ""), ("", "blk"), ("dkp", "dkp"), ("", "blk")];
        assert_eq!(seen_by(&gaps), ["blk {[0,1),[2,4),[5,6)}", "dkp {[4,5)}"]);
        assert_eq!(seen_by(&[("", "")]), [] as [&str; 0]);
    }

    #[test]
    fn only_lines_that_name_a_session_tell_of_one() {
        let line = |resource: &str, version, kind| {
            let (resource, disclosed) = (resource.to_owned(), Vec::new());
            Line {
                resource,
                version,
                kind,
                disclosed,
                digest: [0; 32],
                before: Readers::nobody(),
                after: Readers::nobody(),
            }
        };
        let good = "agencies/blk/sessions/las%2F01";
        let lines = vec![
            line("agencies/blk/trainers/t1", 1, ChangeKind::Created),
            line(good, 0, ChangeKind::Created),
            line(good, i64::MAX, ChangeKind::Created),
            line(good, 2, ChangeKind::Updated),
            line(good, 2, ChangeKind::Disclosed),
            line("agencies/blk/sessions/las%2f01", 2, ChangeKind::Updated),
            line("agencies/blk/sessions/a\0", 2, ChangeKind::Updated),
            line(&format!("agencies/blk/sessions/{}", "a".repeat(300)), 2, ChangeKind::Updated),
            line(good, 3, ChangeKind::Removed),
        ];
        let entry = entry(lines);
        let told: Vec<_> = of_sessions(&entry).map(|(number, line)| (number, line.version)).collect();
        assert_eq!(told, [(3, 2), (8, 3)]);
    }
}
