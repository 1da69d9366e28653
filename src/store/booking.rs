//! What agreements and agencies hold, past the policies: the time of persons and rooms, by their sessions. Who may
//! release it or have it held again, the caller decides.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, to_row};
use crate::domain::{AgencyCode, remark::Remark};

/// Lists the programmes under these agreements, or led by the agency: to lock them. One round trip.
pub async fn list_programmes(
    db: &mut PgConnection,
    agreements: &[Uuid],
    lead: Option<&AgencyCode>,
) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM booking_programmes($1, $2) AS id"#,
        agreements,
        lead.map(AgencyCode::as_str)
    );
    Ok(ids.fetch_all(db).await?)
}

/// Has sessions under these agreements that end after `from` hold no room and nobody. One round trip.
pub async fn release(db: &mut PgConnection, agreements: &[Uuid], from: Timestamp) -> Result<(), Error> {
    sqlx::query!("SELECT release_bookings($1, $2)", agreements, to_row(from)).fetch_one(db).await?;
    Ok(())
}

/// Has dormant sessions hold again what is theirs. One round trip.
pub async fn hold(db: &mut PgConnection, sessions: &[Uuid]) -> Result<(), Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    sqlx::query!("SELECT hold_bookings($1)", sessions).fetch_one(db).await?;
    Ok(())
}

/// Puts sessions back to TENTATIVE, with or without their room, and withdraws assignments; `remark` becomes that of
/// the sessions where there is one. Versions rise by one. One round trip.
pub async fn give_up(
    db: &mut PgConnection,
    sessions: &[(Uuid, bool)],
    remark: Option<&Remark>,
    assignments: &[Uuid],
) -> Result<(), Error> {
    if sessions.is_empty() && assignments.is_empty() {
        return Ok(());
    }
    let (ids, keep): (Vec<_>, Vec<_>) = sessions.iter().copied().unzip();
    sqlx::query!(
        "SELECT give_up_sessions($1, $2, $3, $4, $5, $6)",
        &ids,
        &keep,
        remark.map(|remark| remark.note.as_str()),
        remark.and_then(|remark| remark.agency.as_ref()).map(AgencyCode::as_str),
        remark.and_then(|remark| remark.at).map(to_row),
        assignments
    )
    .fetch_one(db)
    .await?;
    Ok(())
}
