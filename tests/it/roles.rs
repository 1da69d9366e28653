//! The roles in the database are for the day a process is taken over: what somebody can do who has a gateway's, a keeper's
//! or the signer's connection and a client of Postgres.

pub mod bounds;
mod grants;
mod locks;
mod powers;
mod server;
mod unreadable;
