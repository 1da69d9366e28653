//! Outcomes of one item, of a batch and of a single change. Owns the rule by which a batch is stored or not.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Violation;
use crate::text_enum;

text_enum! {
    /// The outcome of one item.
    ItemOutcome {
        Created = "CREATED",
        Updated = "UPDATED",
        Unchanged = "UNCHANGED",
        Rejected = "REJECTED",
        /// The item is good, but another item of an ATOMIC batch was refused.
        NotStored = "NOT_STORED",
    }
}

text_enum! {
    /// The outcome of a batch.
    BatchOutcome {
        Stored = "STORED",
        Partial = "PARTIAL",
        Unchanged = "UNCHANGED",
        Rejected = "REJECTED",
    }
}

text_enum! {
    /// The way in which a batch is stored: all or nothing, or all that is good.
    BatchMode {
        Atomic = "ATOMIC",
        BestEffort = "BEST_EFFORT",
    }
}

impl BatchOutcome {
    /// Decides the outcome, and with it whether anything is stored, from the numbers of items that change something, that
    /// are as asked already, and that are refused.
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

/// The answer to a call that changes one resource. It is remembered for replays and therefore holds no resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationAnswer {
    /// The resource's name.
    pub name: String,
    /// The resource's etag after the call.
    pub etag: String,
    /// The outcome: CREATED, UPDATED or UNCHANGED.
    pub outcome: ItemOutcome,
    /// The ledger entry; `None` for UNCHANGED and for a dry run.
    pub entry: Option<Uuid>,
}

/// A warning about something legal but unwise: the reason, at a field.
pub type Warning = Violation;
