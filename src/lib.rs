//! **Gerbang** ("gate"): a gateway through which agencies exchange partnership agreements, training
//! schedules and trainer assignments.
//!
//! The rooms, from the lowest up. A room imports only rooms that stand above it in this table, and not all of those:
//! `tests/it/house.rs` lists the rooms that each may know, and fails for any other.
//!
//! | room | what lives there |
//! |---|---|
//! | [`domain`] | types, states, rules, the table of reasons; pure |
//! | [`pki`] | keys and certificates: profiles, issuing, reading; pure |
//! | [`vault`] | keyed digests, sealing of trainees' data, and their key file; pure |
//! | [`ledger`] | the bytes of a ledger entry; pure |
//! | [`format`] | what people have on disk: requests as JSON |
//! | [`store`] | the only SQL |
//! | [`exchange`] | the use cases, and the one way in for calls: `read` and `write` |
//! | [`signer`] | alone holds the issuing keys: checks each order again, signs it, publishes revocation lists; has no listener |
//! | [`keeper`] | the gateway's own work, called by nobody: one supervisor, named tasks, a database role of its own |
//! | [`rpc`] | the only tonic services: decode, call one use case, encode |
//! | [`server`] | listener, mutual TLS, identity, limits, metrics, shutdown |
//! | [`agent`] | the agency's side: profiles and the typed client |
//! | [`dev`] | the whole gateway on one machine: Postgres, PKI, sample agencies, the story |
//! | [`cli`] | the command line, one file per noun |
//!
//! Beside the rooms, for those that the same list allows: [`proto`], the generated contract, which knows `domain`;
//! [`config`], the configuration, which knows `domain`, `pki` and `files`; and [`files`], which writes a file whole and
//! guards one with secrets, and knows no room.

#![warn(missing_docs)]

pub mod agent;
pub mod cli;
pub mod config;
pub mod dev;
pub mod domain;
pub mod exchange;
pub mod files;
pub mod format;
pub mod keeper;
pub mod ledger;
pub mod pki;
pub mod proto;
pub mod rpc;
pub mod server;
pub mod signer;
pub mod store;
pub mod vault;
