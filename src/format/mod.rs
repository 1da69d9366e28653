//! The formats of files that people have on disk, read into the contract's messages and written from them. Pure.
//!
//! Owns the reading and writing of requests as JSON. Refuses everything that the contract does not know.

pub mod json;
