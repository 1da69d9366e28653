//! The protobuf of a leaf, and the bounds within which one is read: a leaf that somebody forged keeps nobody busy for longer than
//! the largest that a call writes.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::{ChangeKind, DisclosedField, Entry, Format, Line};
use crate::ledger::{Readers, readers::READERS_MAX};

/// The most lines and sets of readers of an entry: a push of a thousand sessions of ten trainers, each of whom is exchanged, writes
/// some twenty thousand.
pub(super) const PARTS_MAX: usize = 100_000;

/// The most bytes of a line: a resource's name has some hundred.
pub(super) const LINE_MAX: usize = 1_024;

/// Bytes of the purpose: an annex states it in a thousand characters.
pub(super) const PURPOSE_MAX: usize = 4_096;

/// The most readers of all lines of an entry, before and after, and of all sets, named by a line or not: that push has some three for
/// each of its lines, twice.
pub(super) const SEEN_MAX: usize = 500_000;

/// The most readers that an entry names, each counted once.
pub(super) const NAMED_MAX: usize = 1_000;

/// The number of [`Leaf::lines`] in the protobuf.
const LINES: usize = 12;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Leaf {
    #[prost(uint32, tag = "1")]
    pub format: u32,
    #[prost(bytes = "vec", tag = "2")]
    pub id: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub recorded_at: i64,
    #[prost(int64, tag = "4")]
    pub occurred_at: i64,
    #[prost(string, tag = "5")]
    pub agency: String,
    #[prost(string, tag = "6")]
    pub system: String,
    #[prost(bytes = "vec", tag = "7")]
    pub fingerprint: Vec<u8>,
    #[prost(string, tag = "8")]
    pub method: String,
    #[prost(bytes = "vec", tag = "9")]
    pub request_id: Vec<u8>,
    #[prost(string, tag = "10")]
    pub agreement: String,
    #[prost(int64, tag = "11")]
    pub agreement_version: i64,
    #[prost(message, repeated, tag = "12")]
    pub lines: Vec<LeafLine>,
    #[prost(string, tag = "13")]
    pub purpose: String,
    /// From format 2 on: the sets of readers that lines name, each once, in the order in which they are named. A set is the texts of
    /// its readers, sorted, with a space between.
    #[prost(string, repeated, tag = "14")]
    pub readers: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LeafLine {
    #[prost(string, tag = "1")]
    pub resource: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
    #[prost(int32, tag = "3")]
    pub kind: i32,
    #[prost(int32, repeated, tag = "4")]
    pub disclosed: Vec<i32>,
    #[prost(bytes = "vec", tag = "5")]
    pub digest: Vec<u8>,
    /// The readers before, by their number among the leaf's sets, from 1; 0 is nobody.
    #[prost(uint32, tag = "6")]
    pub before: u32,
    #[prost(uint32, tag = "7")]
    pub after: u32,
}

impl Leaf {
    pub fn new(entry: &Entry) -> Self {
        let (agreement, agreement_version) = entry.agreement.clone().unwrap_or_default();
        let fingerprint = if entry.fingerprint == [0; 32] { Vec::new() } else { entry.fingerprint.to_vec() };
        let mut sets = Sets::default();
        Self {
            format: entry.format as u32,
            id: entry.id.as_bytes().to_vec(),
            recorded_at: entry.recorded_at.as_microsecond(),
            occurred_at: entry.occurred_at.as_microsecond(),
            agency: entry.agency.clone(),
            system: entry.system.clone(),
            fingerprint,
            method: entry.method.clone(),
            request_id: entry.request_id.map_or_else(Vec::new, |id| id.as_bytes().to_vec()),
            agreement,
            agreement_version,
            lines: entry.lines.iter().map(|line| LeafLine::new(line, &mut sets)).collect(),
            purpose: entry.purpose.clone(),
            readers: sets.named.into_iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether the leaf is within all bounds.
    pub fn is_bounded(&self) -> bool {
        let counts: Vec<_> = self.readers.iter().map(|set| set.split(' ').count()).collect();
        let count = |number: u32| {
            let place = usize::try_from(number).unwrap_or_default().checked_sub(1);
            place.and_then(|place| counts.get(place)).copied().unwrap_or_default()
        };
        let texts = [&self.agency, &self.system, &self.method, &self.agreement];
        self.lines.len() + self.readers.len() <= PARTS_MAX
            && texts.iter().all(|text| text.len() <= LINE_MAX)
            && self.purpose.len() <= PURPOSE_MAX
            && self.lines.iter().all(|line| line.encoded_len() <= LINE_MAX)
            && counts.iter().all(|count| *count <= READERS_MAX)
            && counts.iter().sum::<usize>() <= SEEN_MAX
            && self.lines.iter().map(|line| count(line.before) + count(line.after)).sum::<usize>() <= SEEN_MAX
            && self.readers.iter().flat_map(|set| set.split(' ')).collect::<BTreeSet<_>>().len() <= NAMED_MAX
    }

    /// The entry of a bounded leaf; `None` where it says what cannot be.
    pub fn entry(self, format: Format) -> Option<Entry> {
        let has_certificate = !self.fingerprint.is_empty();
        let has_request = !self.request_id.is_empty();
        if format == Format::V1 && !self.readers.is_empty() {
            return None;
        }
        let sets: Vec<_> = self.readers.iter().map(|set| Readers::from_text(set)).collect::<Option<_>>()?;
        Some(Entry {
            format,
            id: Uuid::from_slice(&self.id).ok()?,
            recorded_at: Timestamp::from_microsecond(self.recorded_at).ok()?,
            occurred_at: Timestamp::from_microsecond(self.occurred_at).ok()?,
            agency: self.agency,
            system: self.system,
            fingerprint: if has_certificate { self.fingerprint.try_into().ok()? } else { [0; 32] },
            method: self.method,
            request_id: if has_request { Some(Uuid::from_slice(&self.request_id).ok()?) } else { None },
            agreement: (!self.agreement.is_empty()).then_some((self.agreement, self.agreement_version)),
            lines: self.lines.into_iter().map(|line| line.line(&sets)).collect::<Option<_>>()?,
            purpose: self.purpose,
        })
    }
}

impl LeafLine {
    /// Writes a line, and names its readers.
    fn new<'a>(line: &'a Line, sets: &mut Sets<'a>) -> Self {
        Self {
            resource: line.resource.clone(),
            version: line.version,
            kind: line.kind.number(),
            disclosed: line.disclosed.iter().map(|field| field.number()).collect(),
            digest: line.digest.to_vec(),
            before: sets.number_of(&line.before),
            after: sets.number_of(&line.after),
        }
    }

    fn line(self, sets: &[Readers]) -> Option<Line> {
        let readers = |number: u32| match usize::try_from(number).ok()?.checked_sub(1) {
            None => Some(Readers::nobody()),
            Some(place) => sets.get(place).cloned(),
        };
        let kind = ChangeKind::ALL.iter().copied().find(|kind| kind.number() == self.kind)?;
        let field = |number: i32| DisclosedField::ALL.iter().copied().find(|field| field.number() == number);
        let (before, after) = (readers(self.before)?, readers(self.after)?);
        let fits = match kind {
            ChangeKind::Created => before.is_empty(),
            ChangeKind::Updated => true,
            ChangeKind::Removed => after.is_empty(),
            ChangeKind::Disclosed | ChangeKind::OwnRead => before.is_empty() && after.is_empty(),
        };
        fits.then_some(())?;
        Some(Line {
            resource: self.resource,
            version: self.version,
            kind,
            disclosed: self.disclosed.into_iter().map(field).collect::<Option<_>>()?,
            digest: self.digest.try_into().ok()?,
            before,
            after,
        })
    }
}

/// Whether decoding these bytes takes no more than a bounded leaf does: what is in a field is not read for it. `None` where they are no
/// protobuf of ours.
pub(super) fn decodes_in_bounds(mut leaf: &[u8]) -> Option<bool> {
    // The fields that stand in a leaf once come on top.
    let mut left = PARTS_MAX + 12;
    while !leaf.is_empty() {
        let key = prost::decode_length_delimiter(&mut leaf).ok()?;
        let length = match key & 7 {
            0 => prost::decode_length_delimiter(&mut leaf).ok().map(|_| 0)?,
            2 => prost::decode_length_delimiter(&mut leaf).ok()?,
            _ => return None,
        };
        if left == 0 || key >> 3 == LINES && length > LINE_MAX {
            return Some(false);
        }
        left -= 1;
        leaf = leaf.get(length..)?;
    }
    Some(true)
}

/// The sets of readers that a leaf's lines name.
#[derive(Default)]
struct Sets<'a> {
    named: Vec<&'a Readers>,
    numbers: HashMap<&'a Readers, u32>,
}

impl<'a> Sets<'a> {
    /// The number of a set, from 1, which is named if it was not; 0 of nobody.
    fn number_of(&mut self, readers: &'a Readers) -> u32 {
        if readers.is_empty() {
            return 0;
        }
        *self.numbers.entry(readers).or_insert_with(|| {
            self.named.push(readers);
            u32::try_from(self.named.len()).unwrap_or(u32::MAX)
        })
    }
}
