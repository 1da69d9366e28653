//! The canonical row of an agreement, version 1.

use prost::Message;

use super::{Field, Remark, optional};
use crate::domain::{
    AgencyCode, agreement,
    term::{End, Term},
    text::Text,
};

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
    /// Microseconds; left out where it was not noted.
    #[prost(int64, tag = "9")]
    proposed_at: i64,
    /// In their order; without those from before who gave them was kept.
    #[prost(message, repeated, tag = "10")]
    remarks: Vec<Remark>,
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
            proposed_at: agreement.proposed_at.map_or(0, jiff::Timestamp::as_microsecond),
            remarks: agreement.remarks.iter().filter_map(Remark::of).collect(),
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
