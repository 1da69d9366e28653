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

impl BatchOutcome {
    /// Of so many items that change something, stand so already, and are refused. Decides whether anything is
    /// stored at all.
    pub fn of(mode: BatchMode, changed: usize, unchanged: usize, refused: usize) -> Self {
        match (changed, unchanged, refused) {
            (_, _, 1..) if mode == BatchMode::Atomic => Self::Rejected,
            (0, 0, _) => Self::Rejected,
            (_, _, 1..) => Self::Partial,
            (0, _, 0) => Self::Unchanged,
            (_, _, 0) => Self::Stored,
        }
    }
}

/// What a mutation did to one resource. This is remembered for replays, so it holds no resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationAnswer {
    pub name: String,
    pub etag: String,
    pub outcome: ItemOutcome,
    /// The ledger entry; `None` for UNCHANGED and for a dry run.
    pub entry: Option<Uuid>,
}

/// Something legal and unwise: the reason, at a field.
pub type Warning = Violation;
