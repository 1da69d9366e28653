//! The integration tests: through the wire, against a real Postgres and real certificates. `world.rs` gives each
//! test its own database, authority, clock and gateway; `cast.rs` the agencies and what they agree on.
//! `tools/with-postgres` starts the cluster that they share.

mod access;
mod acts;
mod agency;
mod agreement;
mod ailing;
mod assignment;
mod assignment_act;
mod audit;
mod ca;
mod cast;
mod certificate;
mod cli;
mod contract;
mod deploy;
mod door;
mod facility;
mod failure;
mod forge;
mod frozen;
mod hostile;
mod house;
mod isolation;
mod isolation_rooms;
mod keeper;
mod leak;
mod link;
mod metrics;
mod own;
mod programme;
mod python;
mod replay;
mod revocation;
mod roster;
mod schedule;
mod starving;
mod tls;
mod trainer;
mod vault;
mod wire;
mod world;
