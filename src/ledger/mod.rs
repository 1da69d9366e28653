//! The bytes of a ledger entry: what a leaf of the log holds, and the digests by which it speaks of rows.
//!
//! Owns the leaf format and the canonical rows, both versioned and pinned by golden files. Holds no personal
//! data: of a row, only its salted digest enters a leaf. Knows no clock, randomness or database; `store` writes
//! what `exchange` has it record.

pub mod entry;
pub mod row;

pub use entry::{ChangeKind, DisclosedField, Entry, Line, digest};
pub use row::Row;
