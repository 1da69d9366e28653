//! The messages of canonical rows, version 1. Field numbers, types and meanings are fixed for ever. Enums and
//! days are texts, times microseconds since 1970; an empty text or 0 stands for what is not there.

mod agreement;
mod authority;
mod certificate;
mod order;
mod roster;

use prost::Message;

pub use self::{
    agreement::Agreement,
    authority::Authority,
    certificate::Certificate,
    order::Order,
    roster::{Enrolment, Shown, Trainee},
};
use super::AssignmentRow;
use crate::domain::{agency, claim, facility, field, programme, remark, schedule, trainer};

#[derive(Clone, PartialEq, Message)]
pub struct Agency {
    #[prost(string, tag = "1")]
    code: String,
    #[prost(string, tag = "2")]
    kind: String,
    #[prost(string, tag = "3")]
    tier: String,
    #[prost(message, repeated, tag = "4")]
    names: Vec<DatedName>,
    #[prost(string, tag = "5")]
    zone: String,
    #[prost(string, tag = "6")]
    state: String,
    /// Why it was last suspended.
    #[prost(message, optional, tag = "7")]
    remark: Option<Remark>,
}

#[derive(Clone, PartialEq, Message)]
pub struct DatedName {
    #[prost(string, tag = "1")]
    display_name: String,
    #[prost(string, tag = "2")]
    valid_from: String,
    #[prost(string, tag = "3")]
    decree_number: String,
}

impl From<&agency::Agency> for Agency {
    fn from(agency: &agency::Agency) -> Self {
        let names = agency.names.as_slice().iter().map(|name| DatedName {
            display_name: name.display_name.to_string(),
            valid_from: name.valid_from.to_string(),
            decree_number: optional(name.decree_number.as_ref()),
        });
        Self {
            code: agency.code.to_string(),
            kind: agency.kind.to_string(),
            tier: agency.tier.to_string(),
            names: names.collect(),
            zone: agency.zone.name().to_owned(),
            state: agency.state.to_string(),
            remark: agency.remark.as_ref().and_then(Remark::of),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct System {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    role: String,
    /// Sorted.
    #[prost(bytes = "vec", repeated, tag = "3")]
    fingerprints: Vec<Vec<u8>>,
    #[prost(string, tag = "4")]
    proposed_role: String,
    #[prost(string, tag = "5")]
    proposer: String,
}

impl From<&agency::System> for System {
    fn from(system: &agency::System) -> Self {
        let mut fingerprints: Vec<_> =
            system.certificates.iter().map(|certificate| certificate.fingerprint.to_vec()).collect();
        fingerprints.sort();
        let proposal = system.proposal.as_ref();
        Self {
            name: system.name.to_string(),
            role: optional(system.role.as_ref()),
            fingerprints,
            proposed_role: optional(proposal.map(|proposal| &proposal.role)),
            proposer: optional(proposal.map(|proposal| &proposal.proposer)),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Programme {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    agreement: String,
    #[prost(string, tag = "3")]
    prison: String,
    #[prost(string, tag = "4")]
    title: String,
    #[prost(message, optional, tag = "5")]
    field: Option<Field>,
    #[prost(int32, tag = "6")]
    year: i32,
    #[prost(int32, tag = "7")]
    lesson_minutes: i32,
    #[prost(message, repeated, tag = "8")]
    units: Vec<Unit>,
    #[prost(int32, tag = "9")]
    attendance_pct_min: i32,
    #[prost(int32, tag = "10")]
    capacity: i32,
    #[prost(string, tag = "11")]
    state: String,
    #[prost(int64, tag = "12")]
    opened_at: i64,
    /// Left out while it is not cancelled, and for a note from before who gave it was kept.
    #[prost(message, optional, tag = "13")]
    remark: Option<Remark>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Unit {
    #[prost(string, tag = "1")]
    skkni_code: String,
    #[prost(string, tag = "2")]
    title: String,
    #[prost(int32, tag = "3")]
    lessons: i32,
}

impl From<&programme::Programme> for Programme {
    fn from(programme: &programme::Programme) -> Self {
        let plan = &programme.plan;
        let units = plan.units.iter().map(|unit| Unit {
            skkni_code: optional(unit.skkni_code.as_ref()),
            title: unit.title.to_string(),
            lessons: unit.lessons,
        });
        Self {
            name: programme.name.to_string(),
            agreement: programme.agreement.to_string(),
            prison: programme.prison.to_string(),
            title: plan.title.to_string(),
            field: Some(Field::from(&plan.field)),
            year: plan.year,
            lesson_minutes: plan.lesson_minutes,
            units: units.collect(),
            attendance_pct_min: plan.attendance_pct_min,
            capacity: plan.capacity,
            state: programme.state.to_string(),
            opened_at: programme.opened_at.map_or(0, jiff::Timestamp::as_microsecond),
            remark: programme.remark.as_ref().and_then(Remark::of),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Trainer {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    full_name: String,
    #[prost(string, tag = "3")]
    kind: String,
    #[prost(message, repeated, tag = "4")]
    competences: Vec<Competence>,
    #[prost(string, tag = "5")]
    status: String,
    /// Codes, sorted.
    #[prost(string, repeated, tag = "6")]
    lendable_to: Vec<String>,
    #[prost(bool, tag = "7")]
    lendable_to_all: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Competence {
    #[prost(string, tag = "1")]
    title: String,
    #[prost(message, optional, tag = "2")]
    field: Option<Field>,
    #[prost(string, tag = "3")]
    certificate_number: String,
    #[prost(string, tag = "4")]
    issuer: String,
    #[prost(string, tag = "5")]
    valid_from: String,
    #[prost(string, tag = "6")]
    valid_until: String,
}

impl From<&trainer::Trainer> for Trainer {
    fn from(trainer: &trainer::Trainer) -> Self {
        let competences = trainer.profile.competences.iter().map(|competence| Competence {
            title: competence.title.to_string(),
            field: Some(Field::from(&competence.field)),
            certificate_number: optional(competence.certificate_number.as_ref()),
            issuer: optional(competence.issuer.as_ref()),
            valid_from: competence.valid_from.to_string(),
            valid_until: optional(competence.valid_until.as_ref()),
        });
        Self {
            name: trainer.name.to_string(),
            full_name: trainer.profile.full_name.to_string(),
            kind: trainer.profile.kind.to_string(),
            competences: competences.collect(),
            status: trainer.profile.status.to_string(),
            lendable_to: trainer.profile.lending.to.iter().map(ToString::to_string).collect(),
            lendable_to_all: trainer.profile.lending.to_all,
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct TrainerClaim {
    #[prost(string, tag = "1")]
    claimed: String,
    #[prost(string, tag = "2")]
    held: String,
    #[prost(string, tag = "3")]
    state: String,
    #[prost(string, tag = "4")]
    confirmed_by: String,
}

impl From<&claim::Claim> for TrainerClaim {
    fn from(claim: &claim::Claim) -> Self {
        Self {
            claimed: claim.claimed.to_string(),
            held: claim.held.to_string(),
            state: claim.state.to_string(),
            confirmed_by: optional(claim.confirmed_by.as_ref()),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Facility {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    display_name: String,
    #[prost(string, tag = "3")]
    kind: String,
    #[prost(int32, tag = "4")]
    capacity: i32,
    #[prost(message, repeated, tag = "5")]
    equipment: Vec<Equipment>,
    #[prost(string, tag = "6")]
    status: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Equipment {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int32, tag = "2")]
    quantity: i32,
    #[prost(string, tag = "3")]
    condition: String,
}

impl From<&facility::Facility> for Facility {
    fn from(facility: &facility::Facility) -> Self {
        let equipment = facility.profile.equipment.iter().map(|one| Equipment {
            name: one.name.to_string(),
            quantity: one.quantity,
            condition: optional(one.condition.as_ref()),
        });
        Self {
            name: facility.name.to_string(),
            display_name: facility.profile.display_name.to_string(),
            kind: facility.profile.kind.to_string(),
            capacity: facility.profile.capacity,
            equipment: equipment.collect(),
            status: facility.profile.status.to_string(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Session {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    schedule: String,
    #[prost(string, tag = "3")]
    programme: String,
    #[prost(string, tag = "4")]
    prison: String,
    #[prost(int64, tag = "5")]
    starts_at: i64,
    #[prost(int64, tag = "6")]
    ends_at: i64,
    #[prost(string, tag = "7")]
    zone: String,
    #[prost(string, tag = "8")]
    topic: String,
    /// Sorted by trainer.
    #[prost(message, repeated, tag = "9")]
    trainers: Vec<SessionTrainer>,
    #[prost(string, tag = "10")]
    state: String,
    #[prost(string, tag = "11")]
    note: String,
    /// The room that it holds.
    #[prost(string, tag = "12")]
    facility: String,
    /// The room as pushed.
    #[prost(string, tag = "13")]
    facility_pushed: String,
    /// The agency that gave the note, and when, in microseconds; both left out for a note from before they were kept.
    #[prost(string, tag = "14")]
    noted_by: String,
    #[prost(int64, tag = "15")]
    noted_at: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct SessionTrainer {
    #[prost(string, tag = "1")]
    trainer: String,
    #[prost(string, tag = "2")]
    role: String,
}

impl From<&schedule::Session> for Session {
    fn from(session: &schedule::Session) -> Self {
        let trainers = session.trainers.iter().map(|trainer| SessionTrainer {
            trainer: trainer.trainer.to_string(),
            role: trainer.role.to_string(),
        });
        let remark = session.remark.as_ref();
        Self {
            name: session.name.to_string(),
            schedule: session.schedule.to_string(),
            programme: session.programme.to_string(),
            prison: session.prison.to_string(),
            starts_at: session.when.start.as_microsecond(),
            ends_at: session.when.end.as_microsecond(),
            zone: session.zone.name().to_owned(),
            topic: session.topic.to_string(),
            trainers: trainers.collect(),
            state: session.state.to_string(),
            note: optional(remark.map(|remark| &remark.note)),
            facility: optional(session.facility.as_ref()),
            facility_pushed: optional(session.facility_pushed.as_ref()),
            noted_by: optional(remark.and_then(|remark| remark.agency.as_ref())),
            noted_at: remark.and_then(|remark| remark.at).map_or(0, jiff::Timestamp::as_microsecond),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Assignment {
    #[prost(string, tag = "1")]
    session: String,
    #[prost(string, tag = "2")]
    trainer: String,
    #[prost(string, tag = "3")]
    role: String,
    #[prost(string, tag = "4")]
    state: String,
    #[prost(int64, tag = "5")]
    starts_at: i64,
    #[prost(int64, tag = "6")]
    ends_at: i64,
}

impl From<&AssignmentRow> for Assignment {
    fn from(row: &AssignmentRow) -> Self {
        Self {
            session: row.session.to_string(),
            trainer: row.trainer.to_string(),
            role: row.role.to_string(),
            state: row.state.to_string(),
            starts_at: row.when.start.as_microsecond(),
            ends_at: row.when.end.as_microsecond(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Remark {
    #[prost(string, tag = "1")]
    act: String,
    #[prost(string, tag = "2")]
    agency: String,
    /// Microseconds.
    #[prost(int64, tag = "3")]
    at: i64,
    #[prost(string, tag = "4")]
    note: String,
}

impl Remark {
    /// `None` for a note from before who gave it was kept: rows were digested without it.
    fn of(remark: &remark::Remark) -> Option<Self> {
        remark.is_signed().then(|| Self {
            act: optional(remark.act.as_ref()),
            agency: optional(remark.agency.as_ref()),
            at: remark.at.map_or(0, jiff::Timestamp::as_microsecond),
            note: remark.note.to_string(),
        })
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Field {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    label: String,
}

impl From<&field::Field> for Field {
    fn from(field: &field::Field) -> Self {
        Self { kind: field.kind.to_string(), label: optional(field.label.as_ref()) }
    }
}

pub(super) fn optional(value: Option<&impl ToString>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}
