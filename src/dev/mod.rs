//! The whole gateway on one machine: a private Postgres, a throw-away authority with a signer beside the
//! gateway, and the administrators' profiles.
//!
//! Owns the `.gerbang/` folder. Refuses to share it between two that run at once. Nothing in here is for a
//! real deployment. Called by `cli` and, for a database, by the tests.

pub mod error;
pub mod folder;
mod gateway;
pub mod pki;
pub mod postgres;

pub use error::DevError;
pub use folder::Folder;
pub use gateway::{Gateway, Options};
