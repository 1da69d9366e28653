//! Ledger entries of what nobody's call did: the gateway's and the signer's own work, and joining. They name no agency,
//! system or certificate.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::Error;
use crate::{
    domain::outside::Entropy,
    ledger::{self, ChangeKind, Row},
    store::record::{self, Leaf},
};

/// What one transaction of ours did, as far as it was told.
pub struct Book<'a> {
    entropy: &'a dyn Entropy,
    method: &'static str,
    now: Timestamp,
    lines: Vec<ledger::Line>,
    salts: Vec<(i32, [u8; 16])>,
}

impl<'a> Book<'a> {
    pub fn new(entropy: &'a dyn Entropy, method: &'static str, now: Timestamp) -> Self {
        Self { entropy, method, now, lines: Vec::new(), salts: Vec::new() }
    }

    /// Tells that something changed. Rows about persons have no place here.
    pub fn changed<R: Row>(&mut self, kind: ChangeKind, resource: impl ToString, version: i64, row: &R) {
        debug_assert!(!R::PERSONAL);
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let index = i32::try_from(self.lines.len()).unwrap_or(i32::MAX);
        let digest = ledger::digest(&salt, row);
        self.lines.push(ledger::Line {
            resource: resource.to_string(),
            version,
            kind,
            disclosed: Vec::new(),
            digest,
        });
        self.salts.push((index, salt));
    }

    /// Writes the entry, if anything was told: the transaction's last statement.
    pub async fn write(self, db: &mut PgConnection) -> Result<(), Error> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let entry = ledger::Entry {
            id: self.entropy.uuid(self.now),
            recorded_at: self.now,
            occurred_at: self.now,
            agency: String::new(),
            system: String::new(),
            fingerprint: [0; 32],
            method: self.method.to_owned(),
            request_id: None,
            agreement: None,
            lines: self.lines,
            purpose: String::new(),
        };
        let (id, recorded_at, bytes) = (entry.id, entry.recorded_at, entry.leaf());
        let leaf = Leaf { id, recorded_at, bytes, salts: self.salts, sealed: Vec::new() };
        Ok(record::append(db, &leaf, None).await?)
    }
}
