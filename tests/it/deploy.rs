//! A deployment through the built binary, as an operator runs one: the ceremony, a signer and gateways in processes of
//! their own, and everything else typed. `deployment.rs` sets one up; each other file is about one way in which it is
//! used, hindered or killed.

mod admin;
mod deployment;
mod dev;
mod disk;
mod files;
mod filled;
mod foreign;
mod forms;
mod killed;
mod logging;
pub mod process;
mod refused;
mod renewal;
mod restored;
mod setup;
mod start;
mod whole;

use deployment::Deployment;
