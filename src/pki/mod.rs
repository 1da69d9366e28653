//! Keys and certificates: what a certificate says, which ones Gerbang takes, and issuing throw-away ones.
//!
//! Owns every reading of X.509. Refuses nothing by itself but what a certificate says wrongly: chains and
//! revocation are others' (`server::tls`, the registry). Pure, given time; keys come from `aws-lc-rs`.

pub mod certificate;
pub mod issue;
mod key;
