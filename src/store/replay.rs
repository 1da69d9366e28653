//! Remembers answers, which are given again when the same request comes again (replay).

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, to_row};
use crate::domain::AgencyCode;

/// The record of an earlier call under the same request id.
#[derive(Debug)]
pub struct Remembered {
    /// The digest of the first request.
    pub digest: Vec<u8>,
    /// The first answer; `None` while its call is under way.
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
    sqlx::query!("SELECT unclaim($1, $2)", agency.as_str(), request_id).execute(db).await?;
    Ok(())
}
