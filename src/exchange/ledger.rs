//! The ledger as a whole: checkpoints, and proofs over the tree.

use std::sync::Arc;

use uuid::Uuid;

use super::{Asking, Error, Read};
use crate::{
    domain::{
        Fault, Reason,
        access::{Caller, Role},
    },
    ledger::{
        Entry, feed,
        note::{LogKey, VerifierKey},
        proof,
        readers::Reader,
        tree::Hash,
    },
    store::ledger as rows,
};

/// Gets the signed checkpoint of the tree as it is.
pub struct GetCheckpoint;

/// A checkpoint as the log's key in force has signed it.
pub struct SignedCheckpoint {
    /// The signed note.
    pub note: String,
    /// The notes of the keys that have replaced one of the log's, in their order.
    pub successors: Vec<String>,
}

/// Proves that an entry is in a tree.
pub struct GetInclusionProof {
    /// The entry.
    pub entry: Uuid,
    /// The entries of the tree.
    pub size: u64,
}

/// The proof that an entry is in a tree.
pub struct InclusionProof {
    /// The entry's place, from 0.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf_hash: Hash,
    /// The hashes from the leaf up.
    pub hashes: Vec<Hash>,
}

/// Proves that a tree is the beginning of another, which has as many entries at the least.
pub struct GetConsistencyProof {
    /// The entries of the smaller tree.
    pub from: u64,
    /// The entries of the larger tree.
    pub to: u64,
}

/// The proof that a tree is the beginning of another: the hashes from below.
pub struct ConsistencyProof(pub Vec<Hash>);

impl Read for GetCheckpoint {
    type Answer = SignedCheckpoint;

    async fn find(&self, asking: &Asking<'_>) -> Result<SignedCheckpoint, Error> {
        let (_, found) = ask(asking, None, None, None).await?;
        let note = key(asking, found.key.as_deref())?.sign(&found.checkpoint);
        Ok(SignedCheckpoint { note, successors: found.successors })
    }
}

impl Read for GetInclusionProof {
    type Answer = InclusionProof;

    async fn find(&self, asking: &Asking<'_>) -> Result<InclusionProof, Error> {
        let (caller, found) = ask(asking, Some(self.entry), None, Some(self.size)).await?;
        key(asking, found.key.as_deref())?;
        let placed = found.entry.ok_or(Reason::LedgerEntryUnknown)?;
        let entry = Entry::read(&placed.leaf).map_err(Error::internal)?;
        if !may_know(&caller, &entry) {
            return Err(Reason::LedgerEntryUnknown.into());
        }
        check_size(self.size, found.checkpoint.size)?;
        if placed.index >= self.size {
            return Err(Fault::from(Reason::LedgerEntryLater).with("index", placed.index).into());
        }
        let hashes = proof::inclusion(placed.index, self.size, &found.kept).ok_or_else(incomplete)?;
        Ok(InclusionProof { index: placed.index, leaf_hash: placed.leaf_hash, hashes })
    }
}

impl Read for GetConsistencyProof {
    type Answer = ConsistencyProof;

    async fn find(&self, asking: &Asking<'_>) -> Result<ConsistencyProof, Error> {
        let (_, found) = ask(asking, None, Some(self.from), Some(self.to)).await?;
        key(asking, found.key.as_deref())?;
        check_size(self.to, found.checkpoint.size)?;
        proof::consistency(self.from, self.to, &found.kept).map(ConsistencyProof).ok_or_else(incomplete)
    }
}

async fn ask(
    asking: &Asking<'_>,
    entry: Option<Uuid>,
    smaller: Option<u64>,
    size: Option<u64>,
) -> Result<(Caller, rows::Found), Error> {
    let number = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    let question = rows::Ledger {
        fingerprint: asking.fingerprint(),
        entry,
        smaller: smaller.map(number),
        size: size.map(number),
    };
    let (caller, found) = asking.ask_as_caller(asking.now(), &question).await?;
    Ok((caller, found.ok_or_else(|| Error::internal("a caller without an answer"))?))
}

/// The key that signs checkpoints and receipts, without which proofs prove nothing: the one in force, if any has replaced another.
pub(super) fn key<'a>(asking: &'a Asking<'_>, in_force: Option<&str>) -> Result<&'a Arc<LogKey>, Error> {
    let key = asking.exchange.ledger_key.as_ref().ok_or(Reason::LedgerKeyMissing)?;
    check_in_force(key.verifier(), in_force).map(|()| key)
}

/// Refuses a key that was replaced, `LEDGER_KEY_REPLACED`: `in_force` is the one that has, if any.
pub(super) fn check_in_force(key: &VerifierKey, in_force: Option<&str>) -> Result<(), Error> {
    match in_force {
        Some(in_force) if key.to_string() != in_force => {
            tracing::warn!(in_force, "this gateway has not the ledger's key that is in force");
            Err(Reason::LedgerKeyReplaced.into())
        }
        _ => Ok(()),
    }
}

/// Whether the caller may know of an entry: its agency has written it, or may see a change that it tells of, or supervises.
pub(super) fn may_know(caller: &Caller, entry: &Entry) -> bool {
    let supervises = matches!(caller.role, Role::Administrator | Role::Oversight);
    let readers = feed::rows(entry);
    let is_told = [Reader::Agency(caller.agency.clone()), Reader::Everybody]
        .iter()
        .any(|name| readers.contains_key(name));
    supervises || is_told || entry.agency == caller.agency.as_str()
}

/// Refuses the size of a tree that the ledger does not have yet: `LEDGER_SIZE_BEYOND_END`.
pub(super) fn check_size(size: u64, entries: u64) -> Result<(), Error> {
    if size <= entries {
        return Ok(());
    }
    Err(Fault::from(Reason::LedgerSizeBeyondEnd).with("size", size).with("entries", entries).into())
}

fn incomplete() -> Error {
    Error::internal("a hash of the tree is missing")
}
