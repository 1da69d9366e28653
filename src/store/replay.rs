//! Remembers answers, which are given again when the same request comes again (replay).

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Document, Entered, Error, lock, registry::entered_row};
use crate::domain::AgencyCode;

/// The record of an earlier call under the same request id.
#[derive(Debug)]
pub struct Remembered {
    /// The digest of the first request.
    pub digest: Vec<u8>,
    /// The first answer; `None` while an earlier program's call is under way.
    pub answer: Option<Document>,
}

/// Looks the caller up as [`super::enter`] does, and what was answered before under the request id. Waits for a call under
/// way with the same id, and keeps others with it waiting until the transaction ends. One round trip.
pub async fn enter(
    db: &mut PgConnection,
    fingerprint: &[u8; 32],
    agency: &AgencyCode,
    request_id: Uuid,
) -> Result<Option<(Entered, Option<Remembered>)>, Error> {
    let (class, key) = lock::request(agency, request_id);
    let row = sqlx::query!(
        r#"SELECT agency AS "agency!", system AS "system!", role AS "role!", certified, agency_state AS "agency_state!",
                  not_before AS "not_before!", not_after AS "not_after!", ends_at, revoked AS "revoked!",
                  earlier_digest, earlier_answer AS "earlier_answer: Document"
             FROM enter_for_request($1, $2, $3, $4)"#,
        &fingerprint[..],
        request_id,
        class,
        key
    );
    let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
    let entered = entered_row!(row);
    let earlier = row.earlier_digest.map(|digest| Remembered { digest, answer: row.earlier_answer });
    Ok(Some((entered.try_into()?, earlier)))
}
