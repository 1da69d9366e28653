//! Training programmes (paket pembinaan): planned by a lead agency, approved by the prison, opened, cancelled.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AgencyCode, Fault, Reason,
    agreement::Agreement,
    bounds,
    field::Field,
    name::{AgreementName, ProgrammeName},
    remark::Remark,
    text::Text,
    time::Interval,
};
use crate::text_enum;

text_enum! {
    /// The state of a programme.
    ProgrammeState { Planned = "PLANNED", Approved = "APPROVED", Open = "OPEN", Cancelled = "CANCELLED" }
}

/// One unit of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// The code of the SKKNI unit.
    pub skkni_code: Option<Text<60>>,
    /// The unit's title.
    pub title: Text<200>,
    /// The number of lessons.
    pub lessons: i32,
}

/// The plan of a programme, which its lead agency may replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The title (nama paket).
    pub title: Text<200>,
    /// The field of cooperation, one of the agreement's.
    pub field: Field,
    /// The year to which the programme belongs.
    pub year: i32,
    /// Minutes of one lesson (jam pelajaran), 45 by default.
    pub lesson_minutes: i32,
    /// The units, in the order in which they are taught.
    pub units: Vec<Unit>,
    /// The least attendance for which a trainee gets a certificate, in percent, 80 by default.
    pub attendance_pct_min: i32,
    /// The most trainees that the programme takes.
    pub capacity: i32,
}

impl Plan {
    /// The length of all lessons together, in minutes.
    pub fn total_minutes(&self) -> i32 {
        self.units.iter().map(|unit| unit.lessons).sum::<i32>().saturating_mul(self.lesson_minutes)
    }

    /// The most minutes that the programme's sessions ahead may hold: one and a half times its lessons, for what is
    /// moved, repeated or made up for.
    pub fn minutes_ahead_max(&self) -> i64 {
        i64::from(self.total_minutes()) * 3 / 2
    }

    /// The minutes that a session of this length takes of what its programme may hold: a lesson at least, since however
    /// short, it keeps a person and a room from others.
    pub fn minutes_of(&self, when: Interval) -> i64 {
        let seconds = when.end.duration_since(when.start).as_secs();
        seconds.div_euclid(60).max(i64::from(self.lesson_minutes))
    }

    /// Checks that sessions may take `more` minutes where the plan leaves `left`. Errors: `PLAN_EXCEEDED`.
    pub fn check_left(&self, more: i64, left: i64) -> Result<(), Fault> {
        if more <= left {
            return Ok(());
        }
        let left = left.max(0);
        let exceeded = Fault::from(Reason::PlanExceeded).with("minutes_left", left);
        Err(exceeded.with("lessons_left", left / i64::from(self.lesson_minutes.max(1))))
    }
}

/// A programme.
#[derive(Debug, Clone)]
pub struct Programme {
    /// The id in our own tables.
    pub id: Uuid,
    /// `agencies/{code}/programmes/{ref}`, under the agency that leads the programme.
    pub name: ProgrammeName,
    /// The agreement's id in our own tables.
    pub agreement_id: Uuid,
    /// The agreement under which the programme runs.
    pub agreement: AgreementName,
    /// The prison, a party of the agreement.
    pub prison: AgencyCode,
    /// The plan of the programme.
    pub plan: Plan,
    /// The state of the programme.
    pub state: ProgrammeState,
    /// Who cancelled it, when and why.
    pub remark: Option<Remark>,
    /// Counts the changes of the programme, from 1.
    pub version: i64,
    /// The time at which the programme was opened; `None` before, and for programmes that were opened before it was kept.
    pub opened_at: Option<Timestamp>,
    /// The time at which the programme was first stored.
    pub created_at: Timestamp,
}

/// Which of a reader's programmes a list holds; a part that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct ProgrammeFilter {
    /// The state of the programme.
    pub state: Option<ProgrammeState>,
    /// The agency that leads the programme.
    pub lead: Option<AgencyCode>,
}

impl Programme {
    /// The etag, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.state.as_str())
    }

    /// Replaces the plan. An APPROVED programme becomes PLANNED again; of an OPEN one only the capacity may differ. Errors:
    /// `PROGRAMME_FIXED_ONCE_OPEN`, `STATE_FORBIDS`.
    pub fn replan(&mut self, plan: Plan) -> Result<(), Fault> {
        match self.state {
            ProgrammeState::Planned | ProgrammeState::Approved => self.state = ProgrammeState::Planned,
            ProgrammeState::Open => {
                let same = Plan { capacity: plan.capacity, ..self.plan.clone() };
                if same != plan {
                    return Err(Reason::ProgrammeFixedOnceOpen.into());
                }
            }
            ProgrammeState::Cancelled => {
                return Err(self.forbids(&[
                    ProgrammeState::Planned,
                    ProgrammeState::Approved,
                    ProgrammeState::Open,
                ]));
            }
        }
        self.plan = plan;
        Ok(())
    }

    /// Moves the programme to another agreement, while it is PLANNED or APPROVED: sessions and trainees come with OPEN, so
    /// nothing has passed under the first one yet. An APPROVED programme becomes PLANNED again, since the prison approved
    /// it under the first agreement, as after [`Programme::replan`]. Errors: `STATE_FORBIDS`.
    pub fn move_to(&mut self, agreement: &Agreement) -> Result<(), Fault> {
        if !matches!(self.state, ProgrammeState::Planned | ProgrammeState::Approved) {
            return Err(self.forbids(&[ProgrammeState::Planned, ProgrammeState::Approved]));
        }
        self.state = ProgrammeState::Planned;
        self.agreement_id = agreement.id;
        self.agreement = agreement.name.clone();
        Ok(())
    }

    /// Approves for the prison: PLANNED → APPROVED. Errors: `STATE_FORBIDS`.
    pub fn approve(&mut self) -> Result<(), Fault> {
        self.change(ProgrammeState::Planned, ProgrammeState::Approved)
    }

    /// Opens for the lead agency: APPROVED → OPEN. Errors: `STATE_FORBIDS`.
    pub fn open(&mut self, now: Timestamp) -> Result<(), Fault> {
        self.change(ProgrammeState::Approved, ProgrammeState::Open)?;
        self.opened_at = Some(now);
        Ok(())
    }

    /// Errs with `PROGRAMME_NOT_OPEN` unless the programme is OPEN.
    pub fn must_be_open(&self) -> Result<(), Fault> {
        if self.state == ProgrammeState::Open {
            return Ok(());
        }
        let closed = Fault::from(Reason::ProgrammeNotOpen);
        Err(closed.with("programme", &self.name).with("state", self.state))
    }

    /// Cancels the programme in any state but CANCELLED. Errors: `STATE_FORBIDS`.
    pub fn cancel(&mut self, remark: Remark) -> Result<(), Fault> {
        if self.state == ProgrammeState::Cancelled {
            return Err(self.forbids(&[
                ProgrammeState::Planned,
                ProgrammeState::Approved,
                ProgrammeState::Open,
            ]));
        }
        self.state = ProgrammeState::Cancelled;
        self.remark = Some(remark);
        Ok(())
    }

    fn change(&mut self, from: ProgrammeState, to: ProgrammeState) -> Result<(), Fault> {
        if self.state != from {
            return Err(self.forbids(&[from]));
        }
        self.state = to;
        Ok(())
    }

    fn forbids(&self, allowed: &[ProgrammeState]) -> Fault {
        Fault::state_forbids("programme", self.state, allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{field::FieldKind, remark::RemarkAct};

    fn text<const MAX: usize>(value: &str) -> Text<MAX> {
        Text::parse(value).unwrap()
    }

    fn plan() -> Plan {
        let unit = |title, lessons| Unit { skkni_code: None, title: text(title), lessons };
        Plan {
            title: text("Las listrik"),
            field: Field::new(FieldKind::Manpower, None).unwrap(),
            year: 2026,
            lesson_minutes: 45,
            units: vec![unit("Keselamatan kerja", 10), unit("Las datar", 150)],
            attendance_pct_min: 80,
            capacity: 20,
        }
    }

    fn in_state(state: ProgrammeState) -> Programme {
        Programme {
            id: Uuid::from_u128(1),
            name: ProgrammeName::parse("agencies/blk-kepri/programmes/las-2026").unwrap(),
            agreement_id: Uuid::from_u128(2),
            agreement: AgreementName::parse("agencies/blk-kepri/agreements/pks-2026-01").unwrap(),
            prison: AgencyCode::parse("lapas-batam").unwrap(),
            plan: plan(),
            state,
            remark: None,
            version: 1,
            opened_at: None,
            created_at: "2026-01-05T00:00:00Z".parse().unwrap(),
        }
    }

    fn remark() -> Remark {
        let at = "2026-02-01T00:00:00Z".parse().unwrap();
        Remark::new(RemarkAct::Cancel, AgencyCode::parse("lapas-batam").unwrap(), at, text("Renovasi"))
    }

    fn larger() -> Plan {
        Plan { capacity: 25, ..plan() }
    }

    #[test]
    fn every_event_from_every_state() {
        use ProgrammeState::{Approved, Cancelled, Open, Planned};
        type Event = fn(&mut Programme) -> Result<(), Fault>;
        let replan: Event = |programme| programme.replan(larger());
        let open: Event = |programme| programme.open("2026-02-01T00:00:00Z".parse().unwrap());
        let cancel: Event = |programme| programme.cancel(remark());
        // From PLANNED, APPROVED, OPEN, CANCELLED; `None` where the state forbids it.
        let table: [(&str, Event, [Option<ProgrammeState>; 4]); 4] = [
            ("replan", replan, [Some(Planned), Some(Planned), Some(Open), None]),
            ("approve", Programme::approve, [Some(Approved), None, None, None]),
            ("open", open, [None, Some(Open), None, None]),
            ("cancel", cancel, [Some(Cancelled), Some(Cancelled), Some(Cancelled), None]),
        ];
        for (name, event, row) in table {
            for (&from, to) in ProgrammeState::ALL.iter().zip(row) {
                let mut programme = in_state(from);
                let result = event(&mut programme);
                assert_eq!(programme.state, to.unwrap_or(from), "{name} from {from}");
                let cancelled = name == "cancel" && to.is_some();
                assert_eq!(programme.remark, cancelled.then(remark), "{name} from {from}");
                assert_eq!(
                    programme.opened_at.is_some(),
                    name == "open" && to.is_some(),
                    "{name} from {from}"
                );
                assert_eq!(
                    result.err().map(|fault| fault.reason),
                    to.map_or(Some(Reason::StateForbids), |_| None)
                );
            }
        }
    }

    #[test]
    fn once_open_only_the_capacity_changes() {
        let mut programme = in_state(ProgrammeState::Open);
        let changes: [fn(&mut Plan); 6] = [
            |plan| plan.title = text("Las argon"),
            |plan| plan.field = Field::new(FieldKind::Agriculture, None).unwrap(),
            |plan| plan.year = 2027,
            |plan| plan.lesson_minutes = 60,
            |plan| plan.units[0].lessons = 11,
            |plan| plan.attendance_pct_min = 75,
        ];
        for change in changes {
            let mut other = larger();
            change(&mut other);
            let fault = programme.replan(other).unwrap_err();
            assert_eq!((fault.reason, &programme.plan), (Reason::ProgrammeFixedOnceOpen, &plan()));
        }
        programme.replan(larger()).unwrap();
        assert_eq!(programme.plan, larger());
    }

    #[test]
    fn a_refused_plan_is_not_kept() {
        let mut programme = in_state(ProgrammeState::Cancelled);
        assert!(programme.replan(larger()).is_err());
        assert_eq!(programme.plan, plan());
    }

    #[test]
    fn sessions_ahead_hold_one_and_a_half_times_the_lessons() {
        let plan = plan();
        assert_eq!(plan.minutes_ahead_max(), 160 * 45 * 3 / 2);
        let start: Timestamp = "2026-04-06T01:00:00Z".parse().unwrap();
        let lasting = |seconds| Interval { start, end: start + jiff::SignedDuration::from_secs(seconds) };
        assert_eq!(
            [1, 59, 45 * 60, 46 * 60 + 59].map(|seconds| plan.minutes_of(lasting(seconds))),
            [45, 45, 45, 46]
        );
        assert_eq!(plan.check_left(100, 100), Ok(()));
        let fault = plan.check_left(101, 100).unwrap_err();
        assert_eq!(fault.reason, Reason::PlanExceeded);
        let facts = [("minutes_left", "100"), ("lessons_left", "2")]
            .map(|(key, fact)| (key.to_owned(), fact.to_owned()));
        assert_eq!(fault.facts, facts);
        assert_eq!(plan.check_left(1, -30).unwrap_err().facts[0].1, "0");
    }

    #[test]
    fn the_hours_are_those_of_all_lessons() {
        assert_eq!(plan().total_minutes(), 160 * 45);
    }

    #[test]
    fn the_etag_tells_state_and_version() {
        let (planned, open) = (in_state(ProgrammeState::Planned), in_state(ProgrammeState::Open));
        let next = Programme { version: 2, ..planned.clone() };
        assert_ne!(planned.etag(), open.etag());
        assert_ne!(planned.etag(), next.etag());
    }
}
