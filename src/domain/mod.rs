//! Types, states and rules. A value in here is right, for a parser is the only way in.
//!
//! Owns the meaning of everything that is exchanged, and the table of reasons for refusing it. Knows no
//! network, no database, no clock and no randomness of its own.

pub mod access;
pub mod agency;
pub mod agreement;
pub mod assignment;
pub mod backoff;
pub mod batch;
pub mod bounds;
pub mod calendar;
pub mod certificate;
pub mod change;
pub mod claim;
pub mod facility;
pub mod field;
pub mod name;
pub mod outside;
pub mod person;
pub mod programme;
pub mod reason;
pub mod refusal;
pub mod refused;
pub mod remark;
pub mod retention;
pub mod roster;
pub mod schedule;
pub mod term;
pub mod text;
pub mod time;
pub mod trainee;
pub mod trainer;
pub mod words;

pub use name::AgencyCode;
pub use reason::Reason;
pub use refusal::{Fault, Refusal, Violation, Violations};
