//! **Gerbang** ("gate"): a gateway through which agencies exchange partnership agreements, training
//! schedules and trainer assignments.
//!
//! The house, from the cellar up. Imports go down this list only; `tests/it/house.rs` holds them to it.
//!
//! | room | what lives there |
//! |---|---|
//! | [`domain`] | types, states, rules, the table of reasons; pure |
//! | [`pki`] | keys and certificates: profiles, issuing, reading; pure |
//! | [`vault`] | keyed digests, sealing of trainees' data, and their key file; pure |
//! | [`ledger`] | the bytes of a ledger entry; pure |
//! | [`format`] | what people have on disk: requests as JSON |
//! | [`store`] | the only SQL |
//! | [`exchange`] | the use cases, and the one way in: `read` and `write` |
//! | [`signer`] | the keys that issue: policy, steps of issuing, revocation lists |
//! | [`keeper`] | work that nobody calls: one supervisor, named tasks, a database role of its own |
//! | [`rpc`] | the only tonic services: decode, call one use case, encode |
//! | [`server`] | listener, mutual TLS, identity, limits, metrics, shutdown |
//! | [`agent`] | the agency's side: profiles and the typed client |
//! | [`dev`] | the whole gateway on one machine: Postgres, PKI, sample agencies, the story |
//! | [`cli`] | the command line, one file per noun |
//!
//! Beside the rooms: [`proto`], the generated contract, [`config`], the configuration, and [`files`], how a file is written
//! whole, and how one with secrets is guarded.

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
