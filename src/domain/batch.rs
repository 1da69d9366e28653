//! Outcomes: of one item, of a batch, of a single change.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Violation;
use crate::text_enum;

text_enum! {
    /// What became of one item.
    ItemOutcome {
        Created = "CREATED",
        Updated = "UPDATED",
        Unchanged = "UNCHANGED",
        Rejected = "REJECTED",
        /// Good, but another item of an ATOMIC batch was refused.
        NotStored = "NOT_STORED",
    }
}

text_enum! {
    /// What became of a batch.
    BatchOutcome {
        Stored = "STORED",
        Partial = "PARTIAL",
        Unchanged = "UNCHANGED",
        Rejected = "REJECTED",
    }
}

text_enum! {
    /// How a batch is stored.
    BatchMode {
        Atomic = "ATOMIC",
        BestEffort = "BEST_EFFORT",
    }
}

/// What a mutation did to one resource. This is remembered for replays, so it holds no resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub name: String,
    pub etag: String,
    pub outcome: ItemOutcome,
    /// The ledger entry; `None` for UNCHANGED and for a dry run.
    pub entry: Option<Uuid>,
}

/// Something legal and unwise: the reason, at a field.
pub type Warning = Violation;
