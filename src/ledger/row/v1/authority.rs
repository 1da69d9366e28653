//! An authority, canonical, version 1. Without its revocation list, which is another thing.

use prost::Message;

use crate::domain::certificate;

#[derive(Clone, PartialEq, Message)]
pub struct Authority {
    #[prost(bytes = "vec", tag = "1")]
    fingerprint: Vec<u8>,
    #[prost(string, tag = "2")]
    kind: String,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(bytes = "vec", tag = "4")]
    key_id: Vec<u8>,
    #[prost(int64, tag = "5")]
    not_after: i64,
}

impl From<&certificate::Authority> for Authority {
    fn from(authority: &certificate::Authority) -> Self {
        Self {
            fingerprint: authority.fingerprint.to_vec(),
            kind: authority.kind.to_string(),
            name: authority.name.clone(),
            key_id: authority.key_id.to_vec(),
            not_after: authority.not_after.as_microsecond(),
        }
    }
}
