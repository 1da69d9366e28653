//! The integration tests: through the wire, against a real Postgres and real certificates. `world.rs` gives each
//! test its own database, authority, clock and gateway; `cast.rs` the agencies and what they agree on.
//! `tools/with-postgres` starts the cluster that they share.

mod access;
mod agency;
mod agreement;
mod assignment;
mod cast;
mod cli;
mod contract;
mod failure;
mod house;
mod isolation;
mod programme;
mod python;
mod replay;
mod schedule;
mod tls;
mod trainer;
mod world;
