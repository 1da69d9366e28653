//! Rosters through the wire, a file per topic.

mod disclosures;
mod nominate;
mod person;
mod place;
mod sight;
