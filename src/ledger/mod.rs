//! The bytes of a ledger entry: the content of a leaf of the log, and the digests by which it refers to rows.
//!
//! Owns the leaf format and the canonical rows, both versioned and pinned by golden files. Holds no personal
//! data: of a row, only its salted digest enters a leaf. Knows no clock, randomness or database.

pub mod entry;
pub mod row;

pub use entry::{ChangeKind, DisclosedField, Entry, Line, digest};
pub use row::Row;
