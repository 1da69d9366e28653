//! The agency's side of the gateway.
//!
//! Owns profiles (where the gateway is and which certificate speaks for us), the typed client, and the certificate's
//! own life: joining and renewal. Knows the contract and nothing of the gateway's own rooms. `cli` and `dev` call it.

pub mod beside;
pub mod client;
pub mod clock;
pub mod credential;
mod current;
pub mod join;
mod kept;
pub mod pin;
pub mod profile;
pub mod refused;
pub mod renewal;
pub mod trouble;
mod verifier;
pub mod watch;

#[cfg(test)]
mod tests;

pub use client::{Client, ClientError, retry};
pub use credential::Credential;
pub use profile::{Profile, ProfileError, Searched};
pub use refused::Refused;
pub use trouble::Trouble;
