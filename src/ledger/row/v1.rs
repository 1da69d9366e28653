//! The messages of canonical rows, version 1. Field numbers, types and meanings are fixed for ever. Enums and
//! days are texts, times microseconds since 1970; an empty text or 0 stands for what is not there.

use prost::Message;

use super::AssignmentRow;
use crate::domain::{
    AgencyCode, agency, agreement, field, programme, schedule,
    term::{End, Term},
    text::Text,
    trainer,
};

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
}

impl From<&agency::System> for System {
    fn from(system: &agency::System) -> Self {
        let mut fingerprints: Vec<_> =
            system.certificates.iter().map(|certificate| certificate.fingerprint.to_vec()).collect();
        fingerprints.sort();
        Self { name: system.name.to_string(), role: system.role.to_string(), fingerprints }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Agreement {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    terms: Option<Terms>,
    #[prost(string, tag = "3")]
    nature: String,
    #[prost(string, tag = "4")]
    act: String,
    #[prost(string, tag = "5")]
    binding: String,
    /// Sorted, as is the next.
    #[prost(string, repeated, tag = "6")]
    accepted_by: Vec<String>,
    #[prost(string, repeated, tag = "7")]
    suspended_by: Vec<String>,
    #[prost(string, tag = "8")]
    terminates_on: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Terms {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    title: String,
    #[prost(string, tag = "3")]
    purpose: String,
    #[prost(message, repeated, tag = "4")]
    fields: Vec<Field>,
    #[prost(string, repeated, tag = "5")]
    legal_basis: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    parties: Vec<Party>,
    #[prost(string, tag = "7")]
    effective_from: String,
    /// As agreed: months or the last day, or neither.
    #[prost(int32, tag = "8")]
    term_months: i32,
    #[prost(string, tag = "9")]
    effective_until: String,
    #[prost(string, tag = "10")]
    declared_class: String,
    #[prost(string, tag = "11")]
    zone: String,
    #[prost(int32, tag = "12")]
    notice_days: i32,
    #[prost(message, optional, tag = "13")]
    annex: Option<DataAnnex>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Field {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    label: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Party {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(string, tag = "2")]
    number: String,
    #[prost(string, tag = "3")]
    signatory_title: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct DataAnnex {
    #[prost(string, tag = "1")]
    purpose: String,
    #[prost(string, repeated, tag = "2")]
    data_kinds: Vec<String>,
    #[prost(string, tag = "3")]
    contact_point: String,
    #[prost(int32, tag = "4")]
    retention_days: i32,
}

impl From<&agreement::Agreement> for Agreement {
    fn from(agreement: &agreement::Agreement) -> Self {
        Self {
            name: agreement.name.to_string(),
            terms: Some(Terms::from(&agreement.terms)),
            nature: agreement.nature.to_string(),
            act: agreement.act.to_string(),
            binding: optional(agreement.binding.as_ref()),
            accepted_by: sorted(&agreement.accepted_by),
            suspended_by: sorted(&agreement.suspended_by),
            terminates_on: optional(agreement.terminates_on.as_ref()),
        }
    }
}

impl From<&agreement::Terms> for Terms {
    fn from(terms: &agreement::Terms) -> Self {
        let (term_months, effective_until) = end(&terms.term);
        Self {
            kind: terms.kind.to_string(),
            title: terms.title.to_string(),
            purpose: terms.purpose.to_string(),
            fields: terms.fields.iter().map(Field::from).collect(),
            legal_basis: terms.legal_basis.iter().map(Text::to_string).collect(),
            parties: terms.parties.iter().map(Party::from).collect(),
            effective_from: terms.term.from.to_string(),
            term_months,
            effective_until,
            declared_class: optional(terms.declared_class.as_ref()),
            zone: terms.zone.name().to_owned(),
            notice_days: terms.notice_days,
            annex: terms.annex.as_ref().map(DataAnnex::from),
        }
    }
}

impl From<&field::Field> for Field {
    fn from(field: &field::Field) -> Self {
        Self { kind: field.kind.to_string(), label: optional(field.label.as_ref()) }
    }
}

impl From<&agreement::Party> for Party {
    fn from(party: &agreement::Party) -> Self {
        Self {
            agency: party.agency.to_string(),
            number: optional(party.number.as_ref()),
            signatory_title: optional(party.signatory_title.as_ref()),
        }
    }
}

impl From<&agreement::DataAnnex> for DataAnnex {
    fn from(annex: &agreement::DataAnnex) -> Self {
        Self {
            purpose: annex.purpose.to_string(),
            data_kinds: annex.data_kinds.iter().map(ToString::to_string).collect(),
            contact_point: annex.contact_point.to_string(),
            retention_days: annex.retention_days,
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
            note: optional(session.note.as_ref()),
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

fn optional(value: Option<&impl ToString>) -> String {
    value.map_or_else(String::new, ToString::to_string)
}

fn sorted(agencies: &[AgencyCode]) -> Vec<String> {
    let mut codes: Vec<_> = agencies.iter().map(AgencyCode::to_string).collect();
    codes.sort();
    codes
}

fn end(term: &Term) -> (i32, String) {
    match term.end {
        None => (0, String::new()),
        Some(End::Months(months)) => (months, String::new()),
        Some(End::Until(day)) => (0, day.to_string()),
    }
}
