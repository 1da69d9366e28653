//! Training programmes (paket pembinaan): planned by a lead agency, approved by the prison, opened, cancelled.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AgencyCode, Fault, Reason, bounds,
    field::Field,
    name::{AgreementName, ProgrammeName},
    text::Text,
};
use crate::text_enum;

text_enum! {
    /// Where a programme stands.
    ProgrammeState { Planned = "PLANNED", Approved = "APPROVED", Open = "OPEN", Cancelled = "CANCELLED" }
}

/// One unit of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    pub skkni_code: Option<Text<60>>,
    pub title: Text<200>,
    pub lessons: i32,
}

/// What a programme is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub title: Text<200>,
    pub field: Field,
    pub year: i32,
    /// Minutes of one lesson (jam pelajaran), 45 by default.
    pub lesson_minutes: i32,
    pub units: Vec<Unit>,
    /// What a certificate asks for, 80 by default.
    pub attendance_pct_min: i32,
    pub capacity: i32,
}

impl Plan {
    /// All lessons together, in minutes.
    pub fn total_minutes(&self) -> i32 {
        self.units.iter().map(|unit| unit.lessons).sum::<i32>().saturating_mul(self.lesson_minutes)
    }
}

/// A programme.
#[derive(Debug, Clone)]
pub struct Programme {
    pub id: Uuid,
    /// Under the agency that leads it.
    pub name: ProgrammeName,
    pub agreement_id: Uuid,
    pub agreement: AgreementName,
    pub prison: AgencyCode,
    pub plan: Plan,
    pub state: ProgrammeState,
    pub version: i64,
    pub created_at: Timestamp,
}

impl Programme {
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.state.as_str())
    }

    /// Another plan: what was approved needs approval again; once open, only the capacity may differ.
    pub fn replan(&mut self, plan: Plan) -> Result<(), Fault> {
        match self.state {
            ProgrammeState::Planned | ProgrammeState::Approved => self.state = ProgrammeState::Planned,
            ProgrammeState::Open => {
                let same = Plan { capacity: plan.capacity, ..self.plan.clone() };
                if same != plan {
                    return Err(Reason::ProgrammeFixedOnceOpen.into());
                }
            }
            ProgrammeState::Cancelled => return Err(self.forbids("PLANNED, APPROVED, OPEN")),
        }
        self.plan = plan;
        Ok(())
    }

    /// PLANNED → APPROVED, by the prison.
    pub fn approve(&mut self) -> Result<(), Fault> {
        self.change(ProgrammeState::Planned, ProgrammeState::Approved)
    }

    /// APPROVED → OPEN, by the lead agency.
    pub fn open(&mut self) -> Result<(), Fault> {
        self.change(ProgrammeState::Approved, ProgrammeState::Open)
    }

    /// Any but CANCELLED → CANCELLED.
    pub fn cancel(&mut self) -> Result<(), Fault> {
        if self.state == ProgrammeState::Cancelled {
            return Err(self.forbids("PLANNED, APPROVED, OPEN"));
        }
        self.state = ProgrammeState::Cancelled;
        Ok(())
    }

    fn change(&mut self, from: ProgrammeState, to: ProgrammeState) -> Result<(), Fault> {
        if self.state != from {
            return Err(self.forbids(from.as_str()));
        }
        self.state = to;
        Ok(())
    }

    fn forbids(&self, allowed: &str) -> Fault {
        Fault::from(Reason::StateForbids).with("state", self.state).with("allowed", allowed)
    }
}
