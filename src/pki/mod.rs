//! Keys and certificates: what a certificate says, which ones Gerbang takes, and issuing them.
//!
//! Owns every reading of X.509 and of certificate requests. Refuses nothing by itself but what a certificate or a
//! request says wrongly: chains and revocation are others' (`server::tls`, the registry). Pure, given time; keys come
//! from `aws-lc-rs`.

pub mod authority;
pub mod ceremony;
pub mod certificate;
pub mod crl;
pub mod der;
mod error;
pub mod founding;
pub mod inventory;
pub mod key;
pub mod lint;
pub mod p12;
pub mod profile;
mod public;
pub mod request;
pub mod secret;
pub mod statement;
mod strict;
pub mod token;

#[cfg(test)]
mod tests;
