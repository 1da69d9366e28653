//! Keys and certificates: reading them, checking them against Gerbang's rules, and issuing them.
//!
//! Owns every reading of X.509 and of certificate requests, and refuses certificates and requests by their content alone:
//! `server::tls` verifies chains, the registry decides about revocation. Pure, given time; keys come
//! from `aws-lc-rs`.

pub mod authority;
pub mod ceremony;
pub mod certificate;
pub mod crl;
pub mod der;
mod error;
mod form;
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
