//! What an audit of the rows has found.

use serde::Serialize;

use super::derived::Stray;
use crate::text_enum;

text_enum! {
    /// The kinds of faults of a resource.
    Flaw {
        /// Its row is not as the ledger last told.
        Differs = "DIFFERS",
        /// A column does not say what follows from others.
        Derived = "DERIVED",
        /// There is a row and the ledger never told of it.
        NeverTold = "NEVER_TOLD",
        /// The ledger tells of it and there is no row.
        Gone = "GONE",
        /// Who could see it is not as the ledger last told, or who can see it now is not.
        Readers = "READERS",
        /// Its versions in the ledger do not rise by one, or the row's is another than the last told.
        Version = "VERSION",
        /// The entry is none that this program knows.
        Unreadable = "UNREADABLE",
        /// The salt of a line is gone, and no entry says that it was erased, or that of its last line does not open; or one that
        /// was erased is still there.
        Salt = "SALT",
        /// What its readers are told of the entry is not what its leaf says.
        Feed = "FEED",
        /// The entry's place, or what is stored of the tree over all entries, is not that of the leaves.
        Order = "ORDER",
    }
}

/// A fault that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The resource's name in the ledger.
    pub resource: String,
    /// The kind of the fault.
    pub flaw: Flaw,
    /// In words, for who looks into it: versions, no content.
    pub detail: String,
}

/// The outcome of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// Resources whose row was digested again.
    pub checked: u64,
    /// Resources about persons that were not, for want of the vault's keys.
    pub sealed: u64,
    /// Trainees of whom everything is erased, as the ledger tells.
    pub erased: u64,
    /// All faults, by resource.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds a fault.
    pub(super) fn found(&mut self, resource: &str, flaw: Flaw, detail: String) {
        self.findings.push(Finding { resource: resource.to_owned(), flaw, detail });
    }

    /// Adds columns that do not say what follows from others.
    pub(super) fn strayed(&mut self, strays: impl IntoIterator<Item = Stray>) {
        for Stray { resource, column } in strays {
            self.found(&resource, Flaw::Derived, format!("column {column}"));
        }
    }
}
