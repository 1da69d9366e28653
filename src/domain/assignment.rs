//! Trainer assignments (penugasan pelatih): their states, and what the agencies do to them.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{
    AgencyCode, Fault, bounds,
    calendar::{Booking, Holder},
    name::{FacilityName, SessionName, TrainerName},
    schedule::SessionState,
    text::Text,
    time::{Interval, Zone},
    trainer::{BookingKey, Competence, TrainerRole},
};
use crate::text_enum;

text_enum! {
    /// Where an assignment stands. The first three are open: they hold the trainer's time.
    AssignmentState {
        Proposed = "PROPOSED",
        Accepted = "ACCEPTED",
        Cleared = "CLEARED",
        /// By who proposed it, or with its session.
        Withdrawn = "WITHDRAWN",
        /// By the trainer's agency.
        Declined = "DECLINED",
        /// By the prison, which says no more.
        ClearanceRefused = "CLEARANCE_REFUSED",
    }
}

impl AssignmentState {
    /// Whether it holds the trainer's time.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted | Self::Cleared)
    }

    /// Whether the trainer's agency has said yes.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Cleared)
    }
}

/// What the agencies do to assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The trainer's agency.
    Accept,
    /// The trainer's agency.
    Decline,
    /// The prison.
    Clear,
    /// The prison.
    RefuseClearance,
    /// The lead agency, which proposed it.
    Withdraw,
}

impl Act {
    /// The state after the act; `STATE_FORBIDS`.
    pub fn apply(self, state: AssignmentState) -> Result<AssignmentState, Fault> {
        use AssignmentState::{Accepted, ClearanceRefused, Cleared, Declined, Proposed, Withdrawn};
        let (allowed, next) = match self {
            Self::Accept => (&[Proposed][..], Accepted),
            Self::Clear => (&[Accepted][..], Cleared),
            Self::Decline => (&[Proposed, Accepted, Cleared][..], Declined),
            Self::RefuseClearance => (&[Proposed, Accepted, Cleared][..], ClearanceRefused),
            Self::Withdraw => (&[Proposed, Accepted, Cleared][..], Withdrawn),
        };
        if allowed.contains(&state) {
            return Ok(next);
        }
        Err(Fault::state_forbids(state, allowed))
    }
}

text_enum! {
    /// A filter by whether a trainer may enter.
    Clearance {
        /// CLEARED for a CONFIRMED session, under agreements in force.
        Granted = "GRANTED",
        /// Open, and something is still missing.
        Missing = "MISSING",
    }
}

/// An assignment as its readers see it.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub id: Uuid,
    pub session: SessionName,
    pub when: Interval,
    pub zone: Zone,
    pub programme_title: Text<200>,
    pub topic: Text<200>,
    pub trainer: TrainerName,
    pub trainer_display_name: Text<200>,
    /// In the programme's field.
    pub competences: Vec<Competence>,
    pub role: TrainerRole,
    pub state: AssignmentState,
    /// The session's; `None` where its reader no longer sees the session.
    pub facility: Option<FacilityName>,
    pub session_state: Option<SessionState>,
    pub version: i64,
}

/// An assignment with the person whom it books, as far as use cases decide by it. It is written to a batch of rows as it is
/// serialised.
#[derive(Debug, Clone, Serialize)]
pub struct BookedAssignment {
    pub id: Uuid,
    pub session: Uuid,
    #[serde(skip)]
    pub session_name: SessionName,
    #[serde(skip)]
    pub prison: AgencyCode,
    pub trainer_id: Uuid,
    #[serde(skip)]
    pub trainer: TrainerName,
    #[serde(skip)]
    pub booking_key: BookingKey,
    #[serde(flatten)]
    pub when: Times,
    pub time_zone: String,
    pub role: TrainerRole,
    pub state: AssignmentState,
    pub version: i64,
}

/// An interval under the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Times {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

impl From<Interval> for Times {
    fn from(when: Interval) -> Self {
        Self { starts_at: when.start, ends_at: when.end }
    }
}

impl BookedAssignment {
    /// `assignments/{uuid}`.
    pub fn name(&self) -> String {
        format!("assignments/{}", self.id)
    }

    pub fn etag(&self) -> String {
        bounds::etag(&self.name(), self.version, self.state.as_str())
    }

    pub fn interval(&self) -> Interval {
        Interval { start: self.when.starts_at, end: self.when.ends_at }
    }

    pub fn booking(&self) -> Booking {
        Booking { holder: Holder::Person(self.booking_key), when: self.interval() }
    }
}

/// Which of a reader's assignments a list holds; a part that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    pub id: Option<Uuid>,
    pub state: Option<AssignmentState>,
    /// The agency that employs the trainer.
    pub trainer_agency: Option<AgencyCode>,
    /// The first moment of a half-open range; a session that overlaps the range counts.
    pub range_start: Option<Timestamp>,
    /// The moment that ends the range and is no part of it.
    pub range_end: Option<Timestamp>,
    pub facility: Option<FacilityName>,
    /// Whether the trainer is cleared and may enter, or is not yet.
    pub clearance: Option<Clearance>,
}

impl Assignment {
    /// What a device at the door sees: who, of which agency, when and where.
    #[must_use]
    pub fn at_the_door(self) -> Self {
        let nothing = || Text::from_store(String::new());
        Self { programme_title: nothing(), topic: nothing(), competences: Vec::new(), ..self }
    }

    /// `assignments/{uuid}`.
    pub fn name(&self) -> String {
        format!("assignments/{}", self.id)
    }

    pub fn etag(&self) -> String {
        bounds::etag(&self.name(), self.version, self.state.as_str())
    }
}
