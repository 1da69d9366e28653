//! An order of a certificate, canonical, version 1.

use prost::Message;

use super::optional;
use crate::domain::certificate;

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
    #[prost(bool, tag = "15")]
    collected: bool,
    #[prost(int64, tag = "16")]
    other_key_at: i64,
    #[prost(string, repeated, tag = "17")]
    hosts: Vec<String>,
}

impl From<&certificate::Order> for Order {
    fn from(order: &certificate::Order) -> Self {
        let hash =
            |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec();
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
            statements: order.approvals.iter().map(|approval| hash(&approval.statement)).collect(),
            stage: optional(order.progress.stage.as_ref()),
            reason: order.progress.reason.clone().unwrap_or_default(),
            certificate: order.progress.certificate.map_or_else(Vec::new, |sha256| sha256.to_vec()),
            collected: order.progress.collected,
            other_key_at: order.other_key_at.map_or(0, |at| at.as_microsecond()),
            hosts: order.hosts.clone(),
        }
    }
}
