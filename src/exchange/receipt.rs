//! Receipts (tanda terima): what the log states, under its key, of the entry that a call has written. They are given with the answer,
//! and again to whoever may know of the entry.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Asking, Error, Read, ledger};
use crate::{
    domain::Reason,
    ledger::{Entry, note::LogKey, receipt::Receipt, tree::leaf_hash},
    store::ledger::Recorded,
};

/// The answer to a mutation, with the receipt of its entry. It is remembered as a whole, so that the same request gets the same
/// bytes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Receipted<A> {
    /// The answer: an object in JSON, without a field `receipt`.
    #[serde(flatten)]
    pub answer: A,
    /// The signed note; `None` where nothing was stored, where the gateway has no log key, and of what was remembered before there
    /// were receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

impl<A> Receipted<A> {
    /// An answer without a receipt.
    pub(super) fn without(answer: A) -> Self {
        Self { answer, receipt: None }
    }
}

impl<A: Serialize> Receipted<A> {
    /// Signs what is stated of the entry, and makes the text that is remembered.
    pub(super) fn sign(&mut self, key: Option<&LogKey>, stated: &Receipt) -> Result<String, Error> {
        self.receipt = key.map(|key| key.sign(stated));
        serde_json::to_string(self).map_err(Error::internal)
    }
}

/// Gets the receipt of an entry that is recorded, whether it has its place yet or not.
pub struct GetReceipt {
    /// The entry.
    pub entry: Uuid,
}

impl Read for GetReceipt {
    type Answer = String;

    async fn find(&self, asking: &Asking<'_>) -> Result<String, Error> {
        let question = Recorded { fingerprint: asking.fingerprint(), entry: self.entry };
        let (caller, (leaf, in_force)) = asking.ask_as_caller(asking.now(), &question).await?;
        let key = ledger::key(asking, in_force.as_deref())?;
        let leaf = leaf.ok_or(Reason::LedgerEntryUnknown)?;
        let entry = Entry::read(&leaf).map_err(Error::internal)?;
        if !ledger::may_know(&caller, &entry) {
            return Err(Reason::LedgerEntryUnknown.into());
        }
        let Entry { id, recorded_at, .. } = entry;
        Ok(key.sign(&Receipt { entry: id, leaf_hash: leaf_hash(&leaf), recorded_at }))
    }
}
