//! A ledger entry and its leaf bytes, format 1: a protobuf in field order, defaults omitted, no maps.
//!
//! One entry per call that changed or disclosed something. Its bytes are hashed into a log that others keep
//! proofs of, so that the bytes which this file writes can never change: a new need is a new field number, or a new format.
//! Refuses to read bytes that it would not write itself.

use aws_lc_rs::digest;
use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::row::Row;
use crate::text_enum;

/// The format that [`Entry::leaf`] writes.
const FORMAT: u32 = 1;

text_enum! {
    /// The kind of a line: a change of a resource, or a disclosure.
    ChangeKind {
        Created = "CREATED",
        Updated = "UPDATED",
        Removed = "REMOVED",
        /// Nothing changed; personal data were shown to another agency.
        Disclosed = "DISCLOSED",
        /// Nothing changed; the prison read its own personal data.
        OwnRead = "OWN_READ",
    }
}

impl ChangeKind {
    /// The number in a leaf; a number is never reused, and 0 is none.
    const fn number(self) -> i32 {
        match self {
            Self::Created => 1,
            Self::Updated => 2,
            Self::Removed => 3,
            Self::Disclosed => 4,
            Self::OwnRead => 5,
        }
    }

    /// Whether the line tells of a change, not of a disclosure.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Removed)
    }
}

text_enum! {
    /// A field of personal data that a call showed to its caller.
    DisclosedField {
        TraineeName = "TRAINEE_NAME",
        TraineeEducation = "TRAINEE_EDUCATION",
        TraineeRegisterNumber = "TRAINEE_REGISTER_NUMBER",
        TraineeNik = "TRAINEE_NIK",
    }
}

impl DisclosedField {
    /// The number in a leaf; a number is never reused, and 0 is none.
    const fn number(self) -> i32 {
        match self {
            Self::TraineeName => 1,
            Self::TraineeEducation => 2,
            Self::TraineeRegisterNumber => 3,
            Self::TraineeNik => 4,
        }
    }
}

/// An entry of the ledger: the effects of one call. The gateway's own entries leave `agency` and `system` empty and `fingerprint` zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's UUIDv7; the receipt names it.
    pub id: Uuid,
    /// The time at which it was written. Times are kept to the microsecond; finer parts are cut off.
    pub recorded_at: Timestamp,
    /// The time at which it happened, which may be earlier: a door's event, a day that began.
    pub occurred_at: Timestamp,
    /// The code of the caller's agency.
    pub agency: String,
    /// The caller's system within it.
    pub system: String,
    /// SHA-256 of the caller's certificate.
    pub fingerprint: [u8; 32],
    /// The RPC, as `ScheduleService/PushSchedule`.
    pub method: String,
    /// The caller's request id; `None` for the gateway's own entries.
    pub request_id: Option<Uuid>,
    /// The name, never empty, and version of the agreement whose gate the call passed.
    pub agreement: Option<(String, i64)>,
    /// The changes and disclosures, in the order in which the call made them.
    pub lines: Vec<Line>,
    /// The purpose for which personal data were shown: from the agreement's annex, never from the caller.
    pub purpose: String,
}

/// A change or a disclosure of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The resource's name in the contract.
    pub resource: String,
    /// Its version after the change.
    pub version: i64,
    /// The kind of change or disclosure.
    pub kind: ChangeKind,
    /// The fields that were shown, of a disclosure alone.
    pub disclosed: Vec<DisclosedField>,
    /// The [`digest`] of the row after the change.
    pub digest: [u8; 32],
}

/// The reason for which bytes are not a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum LeafError {
    #[error("the leaf has format {0}; this version reads format 1")]
    Format(u32),
    #[error("the bytes are not those of a ledger entry")]
    Malformed,
}

impl Entry {
    /// Writes the leaf's bytes. Equal entries have equal bytes, for ever.
    pub fn leaf(&self) -> Vec<u8> {
        let (agreement, agreement_version) = self.agreement.clone().unwrap_or_default();
        let fingerprint = if self.fingerprint == [0; 32] { Vec::new() } else { self.fingerprint.to_vec() };
        let leaf = LeafV1 {
            format: FORMAT,
            id: self.id.as_bytes().to_vec(),
            recorded_at: self.recorded_at.as_microsecond(),
            occurred_at: self.occurred_at.as_microsecond(),
            agency: self.agency.clone(),
            system: self.system.clone(),
            fingerprint,
            method: self.method.clone(),
            request_id: self.request_id.map_or_else(Vec::new, |id| id.as_bytes().to_vec()),
            agreement,
            agreement_version,
            lines: self.lines.iter().map(LineV1::from).collect(),
            purpose: self.purpose.clone(),
        };
        leaf.encode_to_vec()
    }

    /// Reads an entry from exactly the bytes that [`Entry::leaf`] gives for it. Errors: `Format`, `Malformed`.
    pub fn read(leaf: &[u8]) -> Result<Self, LeafError> {
        let read = LeafV1::decode(leaf).map_err(|_| LeafError::Malformed)?;
        if read.format != FORMAT {
            return Err(LeafError::Format(read.format));
        }
        // Unknown fields, other orders and wide numbers decode all the same; only this tells.
        read.entry().filter(|entry| entry.leaf() == leaf).ok_or(LeafError::Malformed)
    }
}

/// The salted digest of a row: SHA-256(domain tag ‖ salt ‖ canonical row). The salt is drawn for this line and person alone; once it is
/// deleted, no guess at the row can be confirmed.
pub fn digest<R: Row>(salt: &[u8; 16], row: &R) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(R::TAG.as_bytes());
    context.update(salt);
    context.update(&row.canonical());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[derive(Clone, PartialEq, Message)]
struct LeafV1 {
    #[prost(uint32, tag = "1")]
    format: u32,
    #[prost(bytes = "vec", tag = "2")]
    id: Vec<u8>,
    #[prost(int64, tag = "3")]
    recorded_at: i64,
    #[prost(int64, tag = "4")]
    occurred_at: i64,
    #[prost(string, tag = "5")]
    agency: String,
    #[prost(string, tag = "6")]
    system: String,
    #[prost(bytes = "vec", tag = "7")]
    fingerprint: Vec<u8>,
    #[prost(string, tag = "8")]
    method: String,
    #[prost(bytes = "vec", tag = "9")]
    request_id: Vec<u8>,
    #[prost(string, tag = "10")]
    agreement: String,
    #[prost(int64, tag = "11")]
    agreement_version: i64,
    #[prost(message, repeated, tag = "12")]
    lines: Vec<LineV1>,
    #[prost(string, tag = "13")]
    purpose: String,
}

#[derive(Clone, PartialEq, Message)]
struct LineV1 {
    #[prost(string, tag = "1")]
    resource: String,
    #[prost(int64, tag = "2")]
    version: i64,
    #[prost(int32, tag = "3")]
    kind: i32,
    #[prost(int32, repeated, tag = "4")]
    disclosed: Vec<i32>,
    #[prost(bytes = "vec", tag = "5")]
    digest: Vec<u8>,
}

impl LeafV1 {
    fn entry(self) -> Option<Entry> {
        let has_certificate = !self.fingerprint.is_empty();
        let has_request = !self.request_id.is_empty();
        Some(Entry {
            id: Uuid::from_slice(&self.id).ok()?,
            recorded_at: Timestamp::from_microsecond(self.recorded_at).ok()?,
            occurred_at: Timestamp::from_microsecond(self.occurred_at).ok()?,
            agency: self.agency,
            system: self.system,
            fingerprint: if has_certificate { self.fingerprint.try_into().ok()? } else { [0; 32] },
            method: self.method,
            request_id: if has_request { Some(Uuid::from_slice(&self.request_id).ok()?) } else { None },
            agreement: (!self.agreement.is_empty()).then_some((self.agreement, self.agreement_version)),
            lines: self.lines.into_iter().map(LineV1::line).collect::<Option<_>>()?,
            purpose: self.purpose,
        })
    }
}

impl LineV1 {
    fn line(self) -> Option<Line> {
        let kind = ChangeKind::ALL.iter().copied().find(|kind| kind.number() == self.kind)?;
        let field = |number: i32| DisclosedField::ALL.iter().copied().find(|field| field.number() == number);
        Some(Line {
            resource: self.resource,
            version: self.version,
            kind,
            disclosed: self.disclosed.into_iter().map(field).collect::<Option<_>>()?,
            digest: self.digest.try_into().ok()?,
        })
    }
}

impl From<&Line> for LineV1 {
    fn from(line: &Line) -> Self {
        Self {
            resource: line.resource.clone(),
            version: line.version,
            kind: line.kind.number(),
            disclosed: line.disclosed.iter().map(|field| field.number()).collect(),
            digest: line.digest.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOLDEN: &str = include_str!("../../tests/golden/leaf-v1.hex");

    fn full() -> Entry {
        let line = |resource: &str, version, kind, disclosed: &[_], byte| Line {
            resource: resource.to_owned(),
            version,
            kind,
            disclosed: disclosed.to_vec(),
            digest: [byte; 32],
        };
        let fields = [DisclosedField::TraineeName, DisclosedField::TraineeEducation];
        Entry {
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

    #[test]
    fn leaf_bytes_never_change() {
        let lines: Vec<_> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
        let leaves = [full().leaf(), own().leaf(), disclosure().leaf()].map(hex::encode);
        assert_eq!(
            lines, leaves,
            "Leaf bytes of format 1 can never change: others hold proofs over them. Do not touch \
             tests/golden/leaf-v1.hex; give what is new another field number, or write another format."
        );
        assert_eq!(Entry::read(&hex::decode(lines[0]).unwrap()).unwrap(), full());
        assert_eq!(Entry::read(&hex::decode(lines[1]).unwrap()).unwrap(), own());
        assert_eq!(Entry::read(&hex::decode(lines[2]).unwrap()).unwrap(), disclosure());
    }

    #[test]
    fn only_what_we_write_is_read() {
        let leaf = full().leaf();
        let malformed = |bytes: &[u8]| assert_eq!(Entry::read(bytes).unwrap_err(), LeafError::Malformed);
        malformed(&leaf[..leaf.len() - 1]);
        // An unknown field, and a field of the default value, which is never written.
        malformed(&[leaf.as_slice(), &[0xF8, 0x01, 0x01]].concat());
        malformed(&[own().leaf().as_slice(), &[0x58, 0x00]].concat());
        assert_eq!(Entry::read(&[0x08, 0x02]).unwrap_err(), LeafError::Format(2));
        assert_eq!(Entry::read(&[]).unwrap_err(), LeafError::Format(0));
    }

    #[test]
    fn numbers_are_distinct() {
        let kinds: Vec<_> = ChangeKind::ALL.iter().map(|kind| kind.number()).collect();
        let fields: Vec<_> = DisclosedField::ALL.iter().map(|field| field.number()).collect();
        assert_eq!((kinds, fields), (vec![1, 2, 3, 4, 5], vec![1, 2, 3, 4]));
    }

    fn lines() -> impl Strategy<Value = Vec<Line>> {
        let kind = prop::sample::select(ChangeKind::ALL);
        let disclosed = prop::collection::vec(prop::sample::select(DisclosedField::ALL), 0..3);
        let line = (".{0,20}", any::<i64>(), kind, disclosed, any::<[u8; 32]>()).prop_map(
            |(resource, version, kind, disclosed, digest)| Line {
                resource,
                version,
                kind,
                disclosed,
                digest,
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
        (uuid.clone(), times, caller, prop::option::of(uuid), agreement, lines(), ".{0,30}").prop_map(
            |(id, times, caller, request_id, agreement, lines, purpose)| Entry {
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
            },
        )
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
}
