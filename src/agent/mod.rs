//! The agency's side of the gateway.
//!
//! Owns profiles (where the gateway is and which certificate speaks for us) and the typed client. Knows the
//! contract and nothing of the gateway's own rooms. `cli` and `dev` call it.

pub mod client;
pub mod profile;
pub mod refused;
pub mod request;

pub use client::{Client, ClientError, retry};
pub use profile::{Profile, ProfileError};
pub use refused::Refused;
