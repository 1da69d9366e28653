//! The bytes of a ledger entry: the content of a leaf of the log, the digests by which it refers to rows, and the tree over all
//! leaves.
//!
//! Owns the leaf format and the canonical rows, both versioned and pinned by golden files, and the hashes of RFC 6962. Holds no
//! personal data: of a row, only its salted digest enters a leaf. Knows no clock, randomness or database.

pub mod batch;
pub mod checkpoint;
pub mod cosignature;
pub mod disclosure;
pub mod entry;
pub mod erasure;
pub mod export;
pub mod feed;
pub mod note;
pub mod proof;
pub mod readers;
pub mod receipt;
pub mod row;
pub mod successor;
pub mod tree;

pub use entry::{ChangeKind, DisclosedField, Entry, Format, Line, digest};
pub use readers::Readers;
pub use row::Row;
