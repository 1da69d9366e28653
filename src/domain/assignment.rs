//! Trainer assignments (penugasan pelatih): owns their states and the acts of the agencies on them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AgencyCode, Fault,
    access::Relation,
    bounds,
    calendar::{Booking, Holder},
    name::{FacilityName, SessionName, TrainerName},
    schedule::SessionState,
    text::Text,
    time::{Interval, Zone},
    trainer::{BookingKey, Competence, TrainerRole},
};
use crate::text_enum;

text_enum! {
    /// The state of an assignment. The first three are open.
    AssignmentState {
        Proposed = "PROPOSED",
        Accepted = "ACCEPTED",
        Cleared = "CLEARED",
        /// The lead agency withdrew it, or its session was closed.
        Withdrawn = "WITHDRAWN",
        /// The trainer's agency declined.
        Declined = "DECLINED",
        /// The prison does not let the trainer in, and gives no reason.
        ClearanceRefused = "CLEARANCE_REFUSED",
    }
}

impl AssignmentState {
    /// Whether the trainer may still come by the assignment.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Accepted | Self::Cleared)
    }

    /// Whether the trainer's agency has said yes.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Cleared)
    }
}

/// An act of an agency on an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The trainer's agency accepts.
    Accept,
    /// The trainer's agency declines.
    Decline,
    /// The prison clears the trainer to enter.
    Clear,
    /// The prison refuses to let the trainer in.
    RefuseClearance,
    /// The lead agency withdraws its proposal.
    Withdraw,
    /// Who declined, or refused to let the trainer in, allows the lead agency to propose the trainer again.
    Allow,
}

impl Act {
    /// The state after the act. Errors: `STATE_FORBIDS`.
    pub fn apply(self, state: AssignmentState) -> Result<AssignmentState, Fault> {
        use AssignmentState::{Accepted, ClearanceRefused, Cleared, Declined, Proposed, Withdrawn};
        let (allowed, next) = match self {
            Self::Accept => (&[Proposed][..], Accepted),
            Self::Clear => (&[Accepted][..], Cleared),
            Self::Decline => (&[Proposed, Accepted, Cleared][..], Declined),
            Self::RefuseClearance => (&[Proposed, Accepted, Cleared][..], ClearanceRefused),
            Self::Withdraw => (&[Proposed, Accepted, Cleared][..], Withdrawn),
            Self::Allow => (&[Declined, ClearanceRefused][..], Withdrawn),
        };
        if allowed.contains(&state) {
            return Ok(next);
        }
        Err(Fault::state_forbids("assignment", state, allowed))
    }
}

impl Act {
    /// The relation to an assignment in `state` that the act takes beyond those of its method: what an agency refused,
    /// it alone allows again.
    pub fn relation(self, state: AssignmentState) -> Option<Relation> {
        match (self, state) {
            (Self::Allow, AssignmentState::Declined) => Some(Relation::TrainerAgency),
            (Self::Allow, AssignmentState::ClearanceRefused) => Some(Relation::Party),
            _ => None,
        }
    }
}

text_enum! {
    /// A filter by whether a trainer may enter.
    Clearance {
        /// The trainer is CLEARED for a CONFIRMED session, under agreements in force.
        Granted = "GRANTED",
        /// The assignment is open, and something is still missing.
        Missing = "MISSING",
    }
}

text_enum! {
    /// A step on the way into the prison. A trainer may enter if none is missing.
    ClearanceStep {
        /// The trainer's agency accepts the assignment.
        AgencyAccepts = "AGENCY_ACCEPTS",
        /// The prison clears the trainer.
        PrisonClears = "PRISON_CLEARS",
        /// The prison confirms the session.
        SessionConfirmed = "SESSION_CONFIRMED",
        /// The agreements that the visit rests on are in force on the day of the session.
        AgreementInForce = "AGREEMENT_IN_FORCE",
    }
}

/// An assignment as its readers see it.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The id, which is also the assignment's name.
    pub id: Uuid,
    /// The session of the assignment.
    pub session: SessionName,
    /// The session's time.
    pub when: Interval,
    /// The zone of the session's schedule.
    pub zone: Zone,
    /// The title of the session's programme.
    pub programme_title: Text<200>,
    /// The session's topic.
    pub topic: Text<200>,
    /// The assigned trainer.
    pub trainer: TrainerName,
    /// The trainer's full name.
    pub trainer_display_name: Text<200>,
    /// The trainer's competences in the programme's field.
    pub competences: Vec<Competence>,
    /// The trainer's role in the session.
    pub role: TrainerRole,
    /// The state of the assignment.
    pub state: AssignmentState,
    /// The session's room; `None` where there is none or the reader no longer sees the session.
    pub facility: Option<FacilityName>,
    /// The room's name, as its prison calls it; empty where there is no `facility`.
    pub facility_display_name: Text<200>,
    /// The state of the session; `None` where its reader no longer sees the session.
    pub session_state: Option<SessionState>,
    /// Whether the agreements that the visit rests on are in force on the day of the session, as the gate sees it.
    pub in_force: bool,
    /// When else the trainer is proposed or taken, while the assignment is PROPOSED: at most ten intervals, by start.
    pub overlaps: Vec<Interval>,
    /// Counts the changes of the assignment, from 1.
    pub version: i64,
}

/// An assignment with the person whom it books, as far as use cases decide by it.
#[derive(Debug, Clone)]
pub struct BookedAssignment {
    /// The id, as in `assignments/{uuid}`.
    pub id: Uuid,
    /// The id of the session.
    pub session: Uuid,
    /// The name of the session.
    pub session_name: SessionName,
    /// The prison that the trainer comes into.
    pub prison: AgencyCode,
    /// The id of the trainer.
    pub trainer_id: Uuid,
    /// The name of the trainer.
    pub trainer: TrainerName,
    /// The key by which the person is known across agencies.
    pub booking_key: BookingKey,
    /// The interval of the session.
    pub when: Times,
    /// The IANA zone in which the session is planned.
    pub time_zone: String,
    /// The part that the trainer has in the session.
    pub role: TrainerRole,
    /// How far the assignment has come.
    pub state: AssignmentState,
    /// Whether the session is dormant, as [`Session::dormant`](super::schedule::Session::dormant) says.
    pub dormant: bool,
    /// Counts the changes of the assignment, from 1.
    pub version: i64,
}

/// An interval under the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The start.
    pub starts_at: Timestamp,
    /// The end, exclusive.
    pub ends_at: Timestamp,
}

impl From<Interval> for Times {
    fn from(when: Interval) -> Self {
        Self { starts_at: when.start, ends_at: when.end }
    }
}

impl BookedAssignment {
    /// Makes the resource name, `assignments/{uuid}`.
    pub fn name(&self) -> String {
        format!("assignments/{}", self.id)
    }

    /// Makes the etag of the assignment as it stands.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name(), self.version, self.state.as_str())
    }

    /// Makes the interval of the session.
    pub fn interval(&self) -> Interval {
        Interval { start: self.when.starts_at, end: self.when.ends_at }
    }

    /// Whether another agency than the lead employs the trainer.
    pub fn is_of_other_agency(&self) -> bool {
        self.trainer.agency != self.session_name.agency
    }

    /// Whether the assignment holds the trainer's time. A lent trainer's time is held once the trainer's agency has
    /// accepted; before that the lead agency only asks for it. The column `assignment.holds` is the same rule.
    pub fn holds(&self) -> bool {
        !self.dormant
            && (self.state.is_accepted()
                || (self.state == AssignmentState::Proposed && !self.is_of_other_agency()))
    }

    /// The state after a push of the session: `named` says whether the push names the trainer, `moved` whether the
    /// session has another time. Another time asks for another clearance, and of a lent trainer for another
    /// acceptance, which was given for the old time. Who was withdrawn and is named again is proposed anew; who
    /// declined or was refused stays out.
    pub fn pushed(&self, named: bool, moved: bool) -> AssignmentState {
        use AssignmentState::{Accepted, Cleared, Proposed, Withdrawn};
        match self.state {
            state if !named => {
                if state.is_open() {
                    Withdrawn
                } else {
                    state
                }
            }
            Withdrawn => Proposed,
            Accepted | Cleared if moved && self.is_of_other_agency() => Proposed,
            Cleared if moved => Accepted,
            state => state,
        }
    }

    /// Makes the booking of the assignment: the person, for the interval.
    pub fn booking(&self) -> Booking {
        Booking { holder: Holder::Person(self.booking_key), when: self.interval() }
    }
}

/// Which of a reader's assignments a list holds; a part that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// The state of the assignment.
    pub state: Option<AssignmentState>,
    /// The agency that employs the trainer.
    pub trainer_agency: Option<AgencyCode>,
    /// The first moment of a half-open range; a session that overlaps the range counts.
    pub range_start: Option<Timestamp>,
    /// The moment that ends the range and is no part of it.
    pub range_end: Option<Timestamp>,
    /// The room that the session holds.
    pub facility: Option<FacilityName>,
    /// Whether the trainer is cleared and may enter, or is not yet.
    pub clearance: Option<Clearance>,
}

impl Assignment {
    /// Leaves only the parts that a device at the door sees: trainer, agency, role, session, time and room with its name.
    #[must_use]
    pub fn at_the_door(self) -> Self {
        let nothing = || Text::from_store(String::new());
        Self { programme_title: nothing(), topic: nothing(), competences: Vec::new(), ..self }
    }

    /// The steps that are still needed before the trainer may enter, in their order; none for an assignment that is no
    /// longer open. [`Clearance`] is the same rule, in the filter of the list: GRANTED is open with no step missing, and
    /// MISSING is open with one. A test holds the two against each other.
    pub fn missing(&self) -> Vec<ClearanceStep> {
        if !self.state.is_open() {
            return Vec::new();
        }
        let missing = |step: &ClearanceStep| match step {
            ClearanceStep::AgencyAccepts => !self.state.is_accepted(),
            ClearanceStep::PrisonClears => self.state != AssignmentState::Cleared,
            ClearanceStep::SessionConfirmed => self.session_state != Some(SessionState::Confirmed),
            ClearanceStep::AgreementInForce => !self.in_force,
        };
        ClearanceStep::ALL.iter().copied().filter(missing).collect()
    }

    /// Makes the resource name, `assignments/{uuid}`.
    pub fn name(&self) -> String {
        format!("assignments/{}", self.id)
    }

    /// The etag, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name(), self.version, self.state.as_str())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::domain::field::{Field, FieldKind};

    fn assignment() -> Assignment {
        let text = |value: &str| Text::parse(value).unwrap();
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        Assignment {
            id: Uuid::from_u128(1),
            session: SessionName::parse("agencies/blk/sessions/las-01").unwrap(),
            when: Interval { start: at("2026-04-06T01:00:00Z"), end: at("2026-04-06T04:00:00Z") },
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            programme_title: text("Las"),
            topic: text("Dasar"),
            trainer: TrainerName::parse("agencies/blk/trainers/t-1").unwrap(),
            trainer_display_name: text("Sari Contohwati"),
            competences: vec![Competence {
                title: text("Instruktur"),
                field: Field::new(FieldKind::Manpower, None).unwrap(),
                certificate_number: None,
                issuer: None,
                valid_from: Date::constant(2025, 1, 1),
                valid_until: None,
            }],
            role: TrainerRole::Lead,
            state: AssignmentState::Cleared,
            facility: None,
            facility_display_name: text("Bengkel las"),
            session_state: Some(SessionState::Confirmed),
            in_force: true,
            overlaps: Vec::new(),
            version: 3,
        }
    }

    #[test]
    fn accepted_is_what_the_trainers_agency_said_yes_to() {
        use AssignmentState::{Accepted, Cleared, Proposed};
        let of = |test: fn(AssignmentState) -> bool| -> Vec<_> {
            AssignmentState::ALL.iter().copied().filter(|state| test(*state)).collect()
        };
        assert_eq!(of(AssignmentState::is_open), [Proposed, Accepted, Cleared]);
        assert_eq!(of(AssignmentState::is_accepted), [Accepted, Cleared]);
    }

    #[test]
    fn each_step_that_is_missing_is_named_and_none_of_what_is_closed() {
        use AssignmentState::{Accepted, Cleared, Declined, Proposed, Withdrawn};
        use ClearanceStep::{AgencyAccepts, AgreementInForce, PrisonClears, SessionConfirmed};
        let of = |state, session_state, in_force| {
            Assignment { state, session_state, in_force, ..assignment() }.missing()
        };
        let (confirmed, tentative) = (Some(SessionState::Confirmed), Some(SessionState::Tentative));
        assert_eq!(of(Cleared, confirmed, true), []);
        assert_eq!(of(Accepted, confirmed, true), [PrisonClears]);
        assert_eq!(of(Proposed, confirmed, true), [AgencyAccepts, PrisonClears]);
        assert_eq!(of(Cleared, tentative, true), [SessionConfirmed]);
        assert_eq!(of(Cleared, None, true), [SessionConfirmed], "an unseen session opens no door");
        assert_eq!(of(Cleared, confirmed, false), [AgreementInForce]);
        let all = [AgencyAccepts, PrisonClears, SessionConfirmed, AgreementInForce];
        assert_eq!(of(Proposed, tentative, false), all);
        for closed in [Withdrawn, Declined, AssignmentState::ClearanceRefused] {
            assert_eq!(of(closed, tentative, false), [], "{closed}");
        }
    }

    #[test]
    fn the_door_sees_who_comes_and_not_what_is_taught() {
        let whole = assignment();
        let shown = whole.clone().at_the_door();
        assert_eq!((shown.programme_title.as_str(), shown.topic.as_str()), ("", ""));
        assert!(shown.competences.is_empty());
        assert_eq!(shown.trainer_display_name, whole.trainer_display_name);
        assert_eq!(shown.facility_display_name, whole.facility_display_name);
        assert_eq!((shown.name(), shown.etag()), (whole.name(), whole.etag()));
    }

    #[test]
    fn name_and_etag_are_those_of_the_assignment() {
        let one = assignment();
        assert_eq!(one.name(), "assignments/00000000-0000-0000-0000-000000000001");
        assert_ne!(one.etag(), Assignment { version: 4, ..one.clone() }.etag());
        assert_ne!(one.etag(), Assignment { state: AssignmentState::Accepted, ..one.clone() }.etag());
        let booked = BookedAssignment {
            id: one.id,
            session: Uuid::nil(),
            session_name: one.session.clone(),
            prison: AgencyCode::parse("lapas").unwrap(),
            trainer_id: Uuid::nil(),
            trainer: one.trainer.clone(),
            booking_key: [7; 32],
            when: one.when.into(),
            time_zone: one.zone.name().to_owned(),
            role: one.role,
            state: one.state,
            dormant: false,
            version: one.version,
        };
        assert_eq!((booked.name(), booked.etag()), (one.name(), one.etag()));
        assert_eq!(booked.booking().holder, Holder::Person([7; 32]));
        assert_eq!(booked.booking().when, one.when);
    }
}
