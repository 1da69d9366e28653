//! The formats of files that people have on disk, read into the contract's messages and written from them, and the contract
//! itself in a form that is not its own. Pure.
//!
//! Owns the reading and writing of requests as JSON, and the OpenAPI document. Refuses everything that the contract does not know.

pub mod json;
pub mod openapi;
