//! Rosters through the wire, a file per topic.

mod disclosures;
mod nominate;
mod person;
mod place;
pub mod retention;
mod sight;
