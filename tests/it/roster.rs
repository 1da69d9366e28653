//! Rosters through the wire, a file per topic.

mod nominate;
mod person;
mod place;
mod sight;
