//! What people have on disk, as bytes, and the contract's messages. Pure.
//!
//! Owns the reading and writing of requests as JSON. Refuses what the contract does not know. `agent`, `cli`
//! and `dev` call it.

pub mod json;
