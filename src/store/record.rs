//! What is remembered of a call: a mutation's answer for replays, and the ledger entry of a mutation or disclosure.
//! Called by `exchange::write` and `exchange::read` alone, so no use case can forget it.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, to_row};
use crate::domain::AgencyCode;

/// What an earlier call under the same request id left.
#[derive(Debug)]
pub struct Remembered {
    pub digest: Vec<u8>,
    pub answer: Option<serde_json::Value>,
}

/// Takes the request id, or says who has it. Waits for a call under way with the same id; two round trips then.
pub async fn claim(
    db: &mut PgConnection,
    agency: &AgencyCode,
    request_id: Uuid,
    digest: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Remembered>, Error> {
    let claimed = sqlx::query!(
        "INSERT INTO replay (agency, request_id, digest, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        agency.as_str(),
        request_id,
        &digest[..],
        to_row(now)
    )
    .execute(&mut *db)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let earlier = sqlx::query_as!(
        Remembered,
        "SELECT digest, answer FROM replay WHERE agency = $1 AND request_id = $2",
        agency.as_str(),
        request_id
    )
    .fetch_optional(db)
    .await?;
    earlier.map(Some).ok_or_else(|| Error::Lost("the request id was given up while we waited".to_owned()))
}

/// Gives the request id up: nothing changed, so nothing is remembered.
pub async fn unclaim(db: &mut PgConnection, agency: &AgencyCode, request_id: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM replay WHERE agency = $1 AND request_id = $2", agency.as_str(), request_id)
        .execute(db)
        .await?;
    Ok(())
}

/// A ledger entry as bytes, with the salt of each of its lines.
pub struct Leaf {
    pub id: Uuid,
    pub recorded_at: Timestamp,
    pub bytes: Vec<u8>,
    /// By line, from 0; each line's is here or among the sealed.
    pub salts: Vec<(i32, [u8; 16])>,
    pub sealed: Vec<SealedSalt>,
}

/// The salt of a line about a trainee.
pub struct SealedSalt {
    pub line: i32,
    pub key_version: i32,
    pub sealed: Vec<u8>,
}

/// What a mutation answered.
pub struct Answer<'a> {
    pub agency: &'a AgencyCode,
    pub request_id: Uuid,
    /// A JSON text.
    pub text: &'a str,
}

/// Writes the entry and, of a mutation, the remembered answer, in one statement: the last of the transaction.
pub async fn append(db: &mut PgConnection, leaf: &Leaf, answer: Option<Answer<'_>>) -> Result<(), Error> {
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
         UPDATE replay SET answer = $11::text::json WHERE agency = $9 AND request_id = $10",
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
        answer.text
    )
    .execute(db)
    .await?;
    match remembered.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::internal("the claimed request id is gone")),
    }
}

/// The entry of what nobody asked for by a request id: a look, or the gateway's and the signer's own work.
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
