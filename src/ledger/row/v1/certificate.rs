//! A certificate of the inventory, canonical, version 1.

use prost::Message;

use super::optional;
use crate::domain::certificate;

#[derive(Clone, PartialEq, Message)]
pub struct Certificate {
    #[prost(string, tag = "1")]
    serial: String,
    #[prost(string, tag = "2")]
    system: String,
    #[prost(bytes = "vec", tag = "3")]
    fingerprint: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    key_id: Vec<u8>,
    /// Serial number of the certificate that it renewed.
    #[prost(string, tag = "5")]
    previous: String,
    #[prost(int64, tag = "6")]
    not_before: i64,
    #[prost(int64, tag = "7")]
    not_after: i64,
    #[prost(bool, tag = "8")]
    administrator: bool,
    /// The reason, empty while it is not revoked.
    #[prost(string, tag = "9")]
    revoked: String,
    #[prost(int64, tag = "10")]
    revoked_at: i64,
}

impl From<&certificate::Issued> for Certificate {
    fn from(issued: &certificate::Issued) -> Self {
        let revoked = issued.revoked.as_ref();
        Self {
            serial: issued.serial.clone(),
            system: optional(issued.system.as_ref()),
            fingerprint: issued.fingerprint.to_vec(),
            key_id: issued.key_id.map_or_else(Vec::new, |id| id.to_vec()),
            previous: issued.previous.clone().unwrap_or_default(),
            not_before: issued.not_before.as_microsecond(),
            not_after: issued.not_after.as_microsecond(),
            administrator: issued.administrator,
            revoked: optional(revoked.map(|revoked| &revoked.reason)),
            revoked_at: revoked.map_or(0, |revoked| revoked.at.as_microsecond()),
        }
    }
}
