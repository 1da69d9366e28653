//! Changes (perubahan) as a reader is told of them: what became of which resource, and where in the ledger to go on.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use jiff::Timestamp;

use super::{AgencyCode, Fault, Reason, name::SessionName};
use crate::text_enum;

text_enum! {
    /// What a change is for the agency that is told of it.
    Effect {
        Created = "CREATED",
        Updated = "UPDATED",
        /// It was there before, and may be seen from now on.
        BecameVisible = "BECAME_VISIBLE",
        /// It is gone, or may be seen no longer.
        Removed = "REMOVED",
    }
}

text_enum! {
    /// What a date has brought about, of what nobody has changed.
    Moment {
        /// The state of an agreement is another.
        State = "STATE",
        /// An agreement ends in 180, 90 or 30 days.
        EndsSoon = "ENDS_SOON",
        /// The roster of a programme shows names to its lead agency no more.
        NamesHidden = "NAMES_HIDDEN",
        /// A trainer is not expected any more: the agreement on which the session rests has ended before.
        BookingEnded = "BOOKING_ENDED",
    }
}

text_enum! {
    /// A kind of resource of which changes tell.
    ResourceKind {
        Agency = "AGENCY",
        Agreement = "AGREEMENT",
        Programme = "PROGRAMME",
        Trainer = "TRAINER",
        TrainerClaim = "TRAINER_CLAIM",
        Facility = "FACILITY",
        Session = "SESSION",
        Assignment = "ASSIGNMENT",
        /// The roster of a programme.
        Roster = "ROSTER",
    }
}

impl ResourceKind {
    /// The kind of a resource by its name in the ledger; `None` where changes do not tell of it. Of a place on a roster they tell as of
    /// the roster.
    pub fn of(name: &str) -> Option<Self> {
        let parts: Vec<_> = name.split('/').collect();
        Some(match parts[..] {
            ["agencies", _] => Self::Agency,
            ["agencies", _, "agreements", _] => Self::Agreement,
            ["agencies", _, "programmes", _] => Self::Programme,
            ["agencies", _, "trainers", _] => Self::Trainer,
            ["agencies", _, "facilities", _] => Self::Facility,
            ["agencies", _, "sessions", _] => Self::Session,
            ["trainerClaims", _] => Self::TrainerClaim,
            ["assignments", _] => Self::Assignment,
            ["enrolments", _] => Self::Roster,
            _ => return None,
        })
    }
}

/// What another agency has said of the last change of a session (pernyataan sudah dibaca).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The session.
    pub session: SessionName,
    /// The version that the session has since that change.
    pub version: i64,
    /// An agency that was told of it.
    pub agency: AgencyCode,
    /// When it could first be told.
    pub told_at: Timestamp,
    /// When the first of its systems that follow sessions had dealt with it; `None` while none has.
    pub acknowledged_at: Option<Timestamp>,
}

/// How soon an agency acknowledges what it is told of sessions (waktu tanggap). Counted are entries of the ledger that are others'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerTime {
    /// The agency.
    pub agency: AgencyCode,
    /// How many entries it was told of.
    pub told: i64,
    /// How many of these a system of it has dealt with.
    pub acknowledged: i64,
    /// The median of how long that took; of the others, of how long they have been waiting. 0 where it was told of nothing.
    pub median_seconds: i64,
    /// When the oldest of those was told that it has not dealt with.
    pub waits_since: Option<Timestamp>,
    /// When it last came further with sessions.
    pub last_at: Option<Timestamp>,
}

/// A place in the ledger: everything up to a line of an entry has been dealt with. It names the entry's leaf too, so that a
/// cursor of another log, or of one that was put back from a backup and went on otherwise, is told from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The entry's place, from 0.
    pub index: i64,
    /// The line, from 0; [`Cursor::ALL`] for the whole entry.
    pub line: u32,
    /// The first bytes of the hash of the entry's leaf.
    leaf: [u8; 8],
}

impl Cursor {
    /// The line of a cursor that is behind all lines of its entry.
    pub const ALL: u32 = u32::MAX;

    /// The place behind a line of an entry with this leaf.
    pub fn new(index: i64, line: u32, leaf: &[u8; 32]) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&leaf[..8]);
        Self { index, line, leaf: first }
    }

    /// The place of the first entry that may have lines that were not dealt with.
    pub fn next_index(self) -> i64 {
        if self.line == Self::ALL { self.index.saturating_add(1) } else { self.index }
    }

    /// Whether the entry at its place has this leaf.
    pub fn is_of(&self, leaf: &[u8; 32]) -> bool {
        self.leaf == leaf[..8]
    }

    /// Reads what [`Cursor::to_text`] wrote. `CURSOR_INVALID` for any other text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let read = || {
            let bytes: [u8; 20] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (index, rest) = bytes.split_at(8);
            let (line, leaf) = rest.split_at(4);
            let index = i64::from_be_bytes(index.try_into().ok()?);
            let line = u32::from_be_bytes(line.try_into().ok()?);
            (index >= 0).then_some(Self { index, line, leaf: leaf.try_into().ok()? })
        };
        read().ok_or_else(|| Reason::CursorInvalid.into())
    }

    /// The cursor as it is sent: 27 characters.
    pub fn to_text(self) -> String {
        let bytes = [&self.index.to_be_bytes()[..], &self.line.to_be_bytes(), &self.leaf].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_no_other_text_is_one() {
        for (index, line) in [(0, 0), (7, Cursor::ALL), (i64::MAX, 3)] {
            let cursor = Cursor::new(index, line, &[9; 32]);
            assert_eq!(Cursor::parse(&cursor.to_text()), Ok(cursor));
            assert!(cursor.is_of(&[9; 32]) && !cursor.is_of(&[8; 32]));
        }
        let text = Cursor::new(1, 2, &[9; 32]).to_text();
        let negative = BASE64_URL_SAFE_NO_PAD.encode([0xFF; 20]);
        for other in ["", "cursor", &text[1..], &format!("{text}A"), &text.replace('A', "!"), &negative] {
            assert_eq!(Cursor::parse(other).unwrap_err().reason, Reason::CursorInvalid, "{other}");
        }
    }

    #[test]
    fn a_resource_is_known_by_its_name() {
        for (name, kind) in [
            ("agencies/blk-kepri", Some(ResourceKind::Agency)),
            ("agencies/blk-kepri/agreements/pks-1", Some(ResourceKind::Agreement)),
            ("agencies/blk-kepri/programmes/las", Some(ResourceKind::Programme)),
            ("agencies/blk-kepri/trainers/t1", Some(ResourceKind::Trainer)),
            ("agencies/lapas-tpi/facilities/bengkel", Some(ResourceKind::Facility)),
            ("agencies/blk-kepri/sessions/las%2F01", Some(ResourceKind::Session)),
            ("trainerClaims/0192d4c0-7a1e-7000-8000-000000000001", Some(ResourceKind::TrainerClaim)),
            ("assignments/0192d4c0-7a1e-7000-8000-000000000001", Some(ResourceKind::Assignment)),
            ("agencies/blk-kepri/systems/jadwal", None),
            ("agencies/blk-kepri/schedules/las", None),
            ("enrolments/00ff", Some(ResourceKind::Roster)),
            ("trainees/00ff", None),
            ("", None),
        ] {
            assert_eq!(ResourceKind::of(name), kind, "{name}");
        }
    }
}
