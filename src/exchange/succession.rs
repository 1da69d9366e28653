//! Replacing the log's key (penggantian kunci buku besar): the old key signs that the new one follows, and an entry tells of it, so that
//! whoever verifies the ledger by the old key comes to the new one, and to no other.
//!
//! Runs as the database's owner, outside any call, who has both keys. Refuses an old key that was replaced. Whether the first one is the
//! ledger's only its checkpoints tell, which the owner's command asks for.

use super::Error;
use crate::{
    ledger::{
        ChangeKind,
        note::{LogKey, VerifierKey},
        row::LedgerKeyRow,
        successor::Successor,
    },
    store::{Actor, Database, Ended, Origin, Outside, Recorder, UnitOfWork, ledger_key as rows},
};

/// What became of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// The new key is in force.
    Now,
    /// It was already, by an earlier replacement.
    Before,
    /// The old key was replaced by this one, which is in force.
    ByAnother(VerifierKey),
    /// The new key was in force once, and was replaced.
    NotAgain,
}

/// Replaces `old`, the key in force, with `new`, which has the same name. May be run again.
pub async fn replace(
    database: &Database,
    outside: Outside,
    old: &LogKey,
    new: &VerifierKey,
) -> Result<Replaced, Error> {
    let origin = Origin::own(Actor::Owner, "ledger.replace_key", outside);
    database.transact(origin, &Replace { old, new }).await
}

struct Replace<'a> {
    old: &'a LogKey,
    new: &'a VerifierKey,
}

impl UnitOfWork for Replace<'_> {
    type Answer = Replaced;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Replaced>, Error> {
        let (old, new) = (self.old.verifier(), self.new);
        let stored = rows::list(tx.db()).await?;
        let last = stored.last().map(|last| &last.row);
        if let Some(last) = last.filter(|last| last.key != *old) {
            let is_done = last.key == *new && last.replaces == *old;
            return tx
                .discard(if is_done { Replaced::Before } else { Replaced::ByAnother(last.key.clone()) })
                .await;
        }
        if stored.iter().any(|one| one.row.replaces == *new || one.row.key == *new) {
            return tx.discard(Replaced::NotAgain).await;
        }
        let note = self.old.sign(&Successor(new.clone()));
        let row = LedgerKeyRow { key: new.clone(), replaces: old.clone(), note };
        tx.changed(ChangeKind::Created, &row);
        let entry = tx.close().await?.ok_or_else(|| Error::internal("a replacement without an entry"))?.entry;
        let number = stored.last().map_or(1, |last| last.number + 1);
        rows::insert(tx.db(), number, &row, entry).await?;
        tx.commit(Replaced::Now).await
    }
}
