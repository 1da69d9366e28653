//! Canonical rows of rosters, version 1. They hold personal data, and so their salts are sealed.

use prost::Message;

use super::optional;
use crate::{
    domain::{roster, trainee},
    ledger::row::ShownRow,
};

#[derive(Clone, PartialEq, Message)]
pub struct Enrolment {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    programme: String,
    #[prost(string, tag = "3")]
    prison: String,
    #[prost(string, tag = "4")]
    state: String,
    #[prost(int32, tag = "5")]
    place: i32,
    #[prost(string, tag = "6")]
    out_of_rank: String,
}

impl From<&roster::Enrolment> for Enrolment {
    fn from(enrolment: &roster::Enrolment) -> Self {
        Self {
            name: enrolment.reference.to_string(),
            programme: enrolment.programme.to_string(),
            prison: enrolment.prison.to_string(),
            state: enrolment.state.to_string(),
            place: enrolment.place,
            out_of_rank: optional(enrolment.out_of_rank.as_ref()),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Record {
    #[prost(string, tag = "1")]
    full_name: String,
    #[prost(string, tag = "2")]
    education_level: String,
    #[prost(string, tag = "3")]
    register_number: String,
    #[prost(string, tag = "4")]
    nik: String,
}

impl From<&trainee::Record> for Record {
    fn from(record: &trainee::Record) -> Self {
        Self {
            full_name: record.full_name.to_string(),
            education_level: record.education_level.to_string(),
            register_number: record.register_number.as_str().to_owned(),
            nik: record.nik.as_ref().map(|nik| nik.digits().to_owned()).unwrap_or_default(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Trainee {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    record: Option<Record>,
    #[prost(bool, tag = "3")]
    withheld: bool,
}

impl From<&trainee::Trainee> for Trainee {
    fn from(trainee: &trainee::Trainee) -> Self {
        Self {
            name: trainee.reference.to_string(),
            record: Some(Record::from(&trainee.record)),
            withheld: trainee.withheld,
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Shown {
    #[prost(string, tag = "1")]
    enrolment: String,
    #[prost(message, optional, tag = "2")]
    record: Option<Record>,
}

impl From<&ShownRow> for Shown {
    fn from(row: &ShownRow) -> Self {
        let mut record = Record::from(&row.record);
        if !row.whole {
            record.register_number.clear();
            record.nik.clear();
        }
        Self { enrolment: row.enrolment.to_string(), record: Some(record) }
    }
}
