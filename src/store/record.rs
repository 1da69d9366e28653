//! What is remembered of a mutation: its answer for replays, and its ledger entry. Called by `exchange::write`
//! alone, so no use case can forget it.

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
    pub salts: Vec<[u8; 16]>,
}

/// Writes the entry and the remembered answer, a JSON text, in one statement: the last of the transaction.
pub async fn remember(
    db: &mut PgConnection,
    leaf: &Leaf,
    agency: &AgencyCode,
    request_id: Uuid,
    answer: &str,
) -> Result<(), Error> {
    let salts: Vec<Vec<u8>> = leaf.salts.iter().map(|salt| salt.to_vec()).collect();
    let remembered = sqlx::query!(
        "WITH entry AS (
             INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES ($1, $2, $3) RETURNING id
         ), salts AS (
             INSERT INTO ledger_salt (entry, line, salt)
             SELECT entry.id, (s.line - 1)::int4, s.salt
               FROM entry, unnest($4::bytea[]) WITH ORDINALITY AS s (salt, line)
         )
         UPDATE replay SET answer = $7::text::json WHERE agency = $5 AND request_id = $6",
        leaf.id,
        to_row(leaf.recorded_at),
        leaf.bytes,
        &salts,
        agency.as_str(),
        request_id,
        answer
    )
    .execute(db)
    .await?;
    match remembered.rows_affected() {
        1 => Ok(()),
        _ => Err(Error::Internal("the claimed request id is gone".to_owned())),
    }
}
