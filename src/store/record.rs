//! Writes the ledger's entry as rows: leaf, salts, and the answer that is remembered with it, in one statement.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, to_row};
use crate::{
    domain::AgencyCode,
    ledger::{receipt::Receipt, tree::leaf_hash},
};

/// The answer of a mutation, to be given again.
pub(super) struct Remembered {
    pub agency: AgencyCode,
    pub request_id: Uuid,
    /// The digest of the request.
    pub digest: [u8; 32],
    /// A JSON text.
    pub answer: String,
}

/// A ledger entry as bytes, with the salt of each of its lines.
pub(super) struct Leaf {
    pub id: Uuid,
    pub recorded_at: Timestamp,
    pub bytes: Vec<u8>,
    /// By line, from 0; each line's is here or among the sealed.
    pub salts: Vec<(i32, [u8; 16])>,
    pub sealed: Vec<SealedSalt>,
}

impl Leaf {
    /// What a receipt states of the entry.
    pub fn receipt(&self) -> Receipt {
        Receipt { entry: self.id, leaf_hash: leaf_hash(&self.bytes), recorded_at: self.recorded_at }
    }
}

/// The salt of a line about a trainee.
pub(super) struct SealedSalt {
    pub line: i32,
    pub key_version: i32,
    pub sealed: Vec<u8>,
}

/// Writes the entry and, of a mutation, the remembered answer, in one statement: the last of the transaction.
pub(super) async fn append(
    db: &mut PgConnection,
    leaf: &Leaf,
    answer: Option<&Remembered>,
) -> Result<(), Error> {
    let Some(answer) = answer else { return append_alone(db, leaf).await };
    let (lines, salts) = open_salts(leaf);
    let (sealed_lines, versions, sealed) = sealed_salts(leaf);
    let remembered = sqlx::query!(
        "WITH entry AS (
             INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES ($1, $2, $3) RETURNING id
         ), salts AS (
             INSERT INTO ledger_salt (entry, line, salt)
             SELECT entry.id, s.line, s.salt FROM entry, unnest($4::int4[], $5::bytea[]) AS s (line, salt)
         ), sealed AS (
             INSERT INTO ledger_sealed_salt (entry, line, key_version, sealed)
             SELECT entry.id, s.line, s.key_version, s.sealed
               FROM entry, unnest($6::int4[], $7::int4[], $8::bytea[]) AS s (line, key_version, sealed)
         )
         INSERT INTO replay (agency, request_id, digest, answer, created_at)
         VALUES ($9, $10, $11, $12::text::json, $2)
         ON CONFLICT DO NOTHING",
        leaf.id,
        to_row(leaf.recorded_at),
        leaf.bytes,
        &lines,
        &salts,
        &sealed_lines,
        &versions,
        &sealed,
        answer.agency.as_str(),
        answer.request_id,
        &answer.digest[..],
        answer.answer
    )
    .execute(db)
    .await?;
    match remembered.rows_affected() {
        1 => Ok(()),
        // Only a gateway of an earlier program takes request ids without their lock.
        _ => Err(Error::Lost("another call took the request id".to_owned())),
    }
}

/// Writes the entry of what nobody asked for by a request id: a look, or the house's own work.
async fn append_alone(db: &mut PgConnection, leaf: &Leaf) -> Result<(), Error> {
    let (lines, salts) = open_salts(leaf);
    let (sealed_lines, versions, sealed) = sealed_salts(leaf);
    sqlx::query!(
        "WITH entry AS (
             INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES ($1, $2, $3) RETURNING id
         ), salts AS (
             INSERT INTO ledger_salt (entry, line, salt)
             SELECT entry.id, s.line, s.salt FROM entry, unnest($4::int4[], $5::bytea[]) AS s (line, salt)
         )
         INSERT INTO ledger_sealed_salt (entry, line, key_version, sealed)
         SELECT entry.id, s.line, s.key_version, s.sealed
           FROM entry, unnest($6::int4[], $7::int4[], $8::bytea[]) AS s (line, key_version, sealed)",
        leaf.id,
        to_row(leaf.recorded_at),
        leaf.bytes,
        &lines,
        &salts,
        &sealed_lines,
        &versions,
        &sealed
    )
    .execute(db)
    .await?;
    Ok(())
}

fn open_salts(leaf: &Leaf) -> (Vec<i32>, Vec<Vec<u8>>) {
    leaf.salts.iter().map(|(line, salt)| (*line, salt.to_vec())).unzip()
}

fn sealed_salts(leaf: &Leaf) -> (Vec<i32>, Vec<i32>, Vec<Vec<u8>>) {
    let sealed = || leaf.sealed.iter();
    (
        sealed().map(|salt| salt.line).collect(),
        sealed().map(|salt| salt.key_version).collect(),
        sealed().map(|salt| salt.sealed.clone()).collect(),
    )
}
