//! The recorder: a transaction under way, with the notes of what it changes or shows, of which it makes the ledger entry.
//!
//! Refuses a transaction that told nothing and says not why. Salts of lines about persons are sealed by a property of the
//! row, so that no writer can forget it.

use std::ops::{Deref, DerefMut};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Error, Notes,
    notes::Origin,
    record::{self, Leaf, Remembered},
    transaction::open::Open,
    vault::Versions,
};
use crate::{
    domain::{AgencyCode, access::MayBeStored},
    ledger::receipt::Receipt,
};

/// A transaction under way.
pub struct Recorder {
    pub(super) db: Open,
    /// Whether it may wait for a programme's lock where it is; else it is broken off and queues.
    pub(super) waits: bool,
    /// The classes of locks that are taken once, and are taken: [`super::lock`].
    pub(super) locked: Vec<i32>,
    /// Told when it commits.
    pub(super) stored: MayBeStored,
    pub(super) notes: Notes,
    /// The entry of what was told, once that is all.
    leaf: Option<Leaf>,
    /// Whether the entry tells what the signer waits for.
    pub(super) is_for_signer: bool,
    remembered: Option<Remembered>,
    /// The vault's active versions, once its lock is held.
    pub(super) versions: Option<Versions>,
}

impl Deref for Recorder {
    type Target = Notes;

    fn deref(&self) -> &Notes {
        &self.notes
    }
}

impl DerefMut for Recorder {
    fn deref_mut(&mut self) -> &mut Notes {
        &mut self.notes
    }
}

impl Recorder {
    pub(super) fn new(db: Open, origin: &Origin, waits: bool) -> Self {
        Self {
            db,
            waits,
            locked: Vec::new(),
            stored: origin.stored.clone(),
            notes: Notes::new(origin),
            leaf: None,
            is_for_signer: false,
            remembered: None,
            versions: None,
        }
    }

    /// The connection, inside the transaction.
    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.db
    }

    /// What the transaction tells.
    pub fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    /// Stores the answer with the entry, in one statement.
    pub fn remember(&mut self, agency: AgencyCode, request_id: Uuid, digest: [u8; 32], answer: String) {
        self.remembered = Some(Remembered { agency, request_id, digest, answer });
    }

    /// Makes the entry of what was told, which is all: what a receipt states of it; `None` where nothing was told. Takes the
    /// vault's lock where lines are about persons.
    pub async fn close(&mut self) -> Result<Option<Receipt>, Error> {
        if self.has_lines() {
            if self.leaf.is_some() {
                return Err(Error::internal("something was told when the entry was made"));
            }
            self.is_for_signer = self.concerns_signer();
            let (mut leaf, personal) = self.notes.leaf()?;
            for (line, salt) in personal {
                let sealed = self.seal_salt(line, &salt).await?;
                leaf.sealed.push(sealed);
            }
            self.leaf = Some(leaf);
        }
        Ok(self.leaf.as_ref().map(Leaf::receipt))
    }

    /// Writes the entry, the transaction's last statement; false where there is none, for a reason.
    pub(super) async fn append(&mut self) -> Result<bool, Error> {
        self.close().await?;
        let Some(leaf) = &self.leaf else {
            let reason = self.reason_for_none()?;
            tracing::trace!(reason, "no entry");
            return Ok(false);
        };
        record::append(&mut self.db, leaf, self.remembered.as_ref()).await?;
        Ok(true)
    }
}
