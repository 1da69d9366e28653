//! A ledger entry and its leaf bytes: a protobuf in field order, defaults omitted, no maps. Format 2 says of each change who
//! could see the resource before it and who can after; format 1, which is read for ever, does not.
//!
//! One entry per call that changed or disclosed something. Its bytes are hashed into a log that others keep
//! proofs of, so that the bytes which this file writes can never change: a new need is a new format.
//! Refuses to read bytes that it would not write itself.

mod wire;

use aws_lc_rs::digest;
use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::{Readers, row::Row};
use crate::{
    domain::change::{Moment, ResourceKind},
    text_enum,
};

/// The format of a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Without readers. It is written no more.
    V1 = 1,
    /// With readers.
    V2 = 2,
}

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
    /// The format of its bytes.
    pub format: Format,
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
    /// Who could see the resource before the change; nobody where it was created, and in format 1. A disclosure has no readers.
    pub before: Readers,
    /// Who can see it after the change; nobody where it was removed, and in format 1.
    pub after: Readers,
}

/// The reason for which bytes are not a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum LeafError {
    #[error("the leaf has format {0}; this version reads formats 1 and 2")]
    Format(u32),
    #[error("the bytes are not those of a ledger entry")]
    Malformed,
    #[error("the entry is larger than any call writes")]
    TooLarge,
}

impl Moment {
    /// The method of the entries that tell of it, which can never change.
    pub const fn method(self) -> &'static str {
        match self {
            Self::State => "keeper/agreement.tell",
            Self::EndsSoon => "keeper/agreement.remind",
            Self::NamesHidden => "keeper/programme.hide_names",
            Self::BookingEnded => "keeper/assignment.end_booking",
        }
    }

    /// The kind of resource of which it tells.
    const fn kind(self) -> ResourceKind {
        match self {
            Self::State | Self::EndsSoon => ResourceKind::Agreement,
            Self::NamesHidden => ResourceKind::Programme,
            Self::BookingEnded => ResourceKind::Assignment,
        }
    }
}

impl Entry {
    /// What a date has brought about, by a line that tells again of a resource which nobody has changed, with the version that it has;
    /// `None` for any other line.
    pub fn moment(&self, line: &Line) -> Option<Moment> {
        let tells_again =
            self.agency.is_empty() && line.kind == ChangeKind::Updated && line.before == line.after;
        let moment = Moment::ALL.iter().find(|moment| moment.method() == self.method)?;
        (tells_again && ResourceKind::of(&line.resource) == Some(moment.kind())).then_some(*moment)
    }

    /// Writes the leaf's bytes. Equal entries have equal bytes, for ever.
    pub fn leaf(&self) -> Vec<u8> {
        wire::Leaf::new(self).encode_to_vec()
    }

    /// The same of an entry that is to be stored. Error: `TooLarge` where [`Entry::read`] would refuse the bytes.
    pub fn leaf_to_store(&self) -> Result<Vec<u8>, LeafError> {
        let leaf = wire::Leaf::new(self);
        if leaf.is_bounded() { Ok(leaf.encode_to_vec()) } else { Err(LeafError::TooLarge) }
    }

    /// Reads an entry from exactly the bytes that [`Entry::leaf`] gives for it, in time and memory that no forged leaf exceeds.
    /// Errors: `Format`, `Malformed`, `TooLarge`.
    pub fn read(leaf: &[u8]) -> Result<Self, LeafError> {
        if !wire::decodes_in_bounds(leaf).ok_or(LeafError::Malformed)? {
            return Err(LeafError::TooLarge);
        }
        let read = wire::Leaf::decode(leaf).map_err(|_| LeafError::Malformed)?;
        let format = match read.format {
            1 => Format::V1,
            2 => Format::V2,
            other => return Err(LeafError::Format(other)),
        };
        if !read.is_bounded() {
            return Err(LeafError::TooLarge);
        }
        // Unknown fields, other orders and wide numbers decode all the same; only this tells.
        read.entry(format).filter(|entry| entry.leaf() == leaf).ok_or(LeafError::Malformed)
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

#[cfg(test)]
mod tests;
