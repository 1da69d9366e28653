//! Canonical rows, version 2: rows whose version 1 held parts of other rows, and rows that had no version 1.

use prost::Message;

use super::{sha256, v1::optional};
use crate::domain::{agency, certificate};

/// A system, without its certificates, which are rows of their own.
#[derive(Clone, PartialEq, Message)]
pub struct System {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    role: String,
    #[prost(string, tag = "3")]
    proposed_role: String,
    #[prost(string, tag = "4")]
    proposer: String,
    /// µs since 1970, 0 unless it was retired.
    #[prost(int64, tag = "5")]
    retired_at: i64,
}

impl From<&agency::System> for System {
    fn from(system: &agency::System) -> Self {
        let proposal = system.proposal.as_ref();
        Self {
            name: system.name.to_string(),
            role: optional(system.role.as_ref()),
            proposed_role: optional(proposal.map(|proposal| &proposal.role)),
            proposer: optional(proposal.map(|proposal| &proposal.proposer)),
            retired_at: system.retired_at.map_or(0, |at| at.as_microsecond()),
        }
    }
}

/// A certificate, with everything that ends it, and with its collection and first use.
#[derive(Clone, PartialEq, Message)]
pub struct Certificate {
    #[prost(string, tag = "1")]
    serial: String,
    #[prost(string, tag = "2")]
    system: String,
    #[prost(bytes = "vec", tag = "3")]
    fingerprint: Vec<u8>,
    /// The authority's name.
    #[prost(string, tag = "4")]
    authority: String,
    #[prost(bytes = "vec", tag = "5")]
    key_id: Vec<u8>,
    /// Serial number of the certificate that it renewed.
    #[prost(string, tag = "6")]
    previous: String,
    #[prost(int64, tag = "7")]
    not_before: i64,
    #[prost(int64, tag = "8")]
    not_after: i64,
    #[prost(bool, tag = "9")]
    administrator: bool,
    /// Times are µs since 1970, 0 for what has not happened.
    #[prost(int64, tag = "10")]
    ends_at: i64,
    #[prost(int64, tag = "11")]
    collected_at: i64,
    /// To the minute.
    #[prost(int64, tag = "12")]
    first_seen_at: i64,
    /// The reason, empty while it is not revoked.
    #[prost(string, tag = "13")]
    revoked: String,
    #[prost(int64, tag = "14")]
    revoked_at: i64,
    /// The role that was signed for; empty from before it was kept, so that such a row digests as it did.
    #[prost(string, tag = "15")]
    role: String,
}

impl From<&certificate::Issued> for Certificate {
    fn from(issued: &certificate::Issued) -> Self {
        let micros = |at: Option<jiff::Timestamp>| at.map_or(0, jiff::Timestamp::as_microsecond);
        let revoked = issued.revoked.as_ref();
        Self {
            serial: issued.serial.clone(),
            system: optional(issued.system.as_ref()),
            fingerprint: issued.fingerprint.to_vec(),
            authority: issued.authority.clone().unwrap_or_default(),
            key_id: issued.key_id.map_or_else(Vec::new, |id| id.to_vec()),
            previous: issued.previous.clone().unwrap_or_default(),
            not_before: issued.not_before.as_microsecond(),
            not_after: issued.not_after.as_microsecond(),
            administrator: issued.administrator,
            ends_at: micros(issued.ends_at),
            collected_at: micros(issued.collected_at),
            first_seen_at: micros(issued.first_seen_at),
            revoked: optional(revoked.map(|revoked| &revoked.reason)),
            revoked_at: micros(revoked.map(|revoked| revoked.at)),
            role: optional(issued.role.as_ref()),
        }
    }
}

/// An order, without its certificate's collection and use, which are in the certificate's row.
#[derive(Clone, PartialEq, Message)]
pub struct Order {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    way: String,
    #[prost(string, tag = "3")]
    system: String,
    #[prost(string, tag = "4")]
    role: String,
    #[prost(bytes = "vec", tag = "5")]
    token: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    key_id: Vec<u8>,
    #[prost(int32, tag = "7")]
    lifetime_days: i32,
    #[prost(bytes = "vec", tag = "8")]
    previous: Vec<u8>,
    #[prost(string, tag = "9")]
    requester: String,
    #[prost(bool, tag = "10")]
    rejected: bool,
    /// SHA-256 of every signed statement, in the order in which they came.
    #[prost(bytes = "vec", repeated, tag = "11")]
    statements: Vec<Vec<u8>>,
    /// The signer's stage, empty before it.
    #[prost(string, tag = "12")]
    stage: String,
    /// The signer's reason for a refusal.
    #[prost(string, tag = "13")]
    reason: String,
    #[prost(bytes = "vec", tag = "14")]
    certificate: Vec<u8>,
    #[prost(int64, tag = "15")]
    other_key_at: i64,
    #[prost(string, repeated, tag = "16")]
    hosts: Vec<String>,
    /// What else the signing request said.
    #[prost(string, repeated, tag = "17")]
    ignored: Vec<String>,
    #[prost(int64, tag = "18")]
    expires_at: i64,
}

impl From<&certificate::Order> for Order {
    fn from(order: &certificate::Order) -> Self {
        let statement = |approval: &certificate::Approval| sha256(&approval.statement).to_vec();
        Self {
            name: order.id.to_string(),
            way: order.way.to_string(),
            system: optional(order.system.as_ref()),
            role: optional(order.role.as_ref()),
            token: order.token.map_or_else(Vec::new, |token| token.to_vec()),
            key_id: order.key.as_ref().map_or_else(Vec::new, |key| key.id.to_vec()),
            lifetime_days: order.lifetime_days,
            previous: order.previous.map_or_else(Vec::new, |sha256| sha256.to_vec()),
            requester: order.requester.clone(),
            rejected: order.rejected,
            statements: order.approvals.iter().map(statement).collect(),
            stage: optional(order.progress.stage.as_ref()),
            reason: order.progress.reason.clone().unwrap_or_default(),
            certificate: order.progress.certificate.map_or_else(Vec::new, |sha256| sha256.to_vec()),
            other_key_at: order.other_key_at.map_or(0, |at| at.as_microsecond()),
            hosts: order.hosts.clone(),
            ignored: order.ignored.clone(),
            expires_at: order.expires_at.as_microsecond(),
        }
    }
}
