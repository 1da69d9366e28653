//! Moments at which time alone changes the state of agreements: when the next one is, and how far the timekeeper is. For the keeper,
//! whose role reads agreements by this alone.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, agreement::Row, from_row, to_row};
use crate::domain::agreement::Agreement;

/// When the timekeeper looked last; `None` before the first time. One round trip.
pub async fn looked_at(db: &mut PgConnection) -> Result<Option<Timestamp>, Error> {
    let looked_at = sqlx::query_scalar!("SELECT looked_at FROM timekeeping").fetch_one(db).await?;
    Ok(looked_at.map(from_row))
}

/// Notes when it looked; never an earlier time than before. One round trip.
pub async fn note_look(db: &mut PgConnection, at: Timestamp) -> Result<(), Error> {
    sqlx::query!("UPDATE timekeeping SET looked_at = greatest(looked_at, $1)", to_row(at))
        .execute(db)
        .await?;
    Ok(())
}

/// Lists agreements that have to be looked at by now, behind an id, at most so many. One round trip.
pub async fn list_due(
    db: &mut PgConnection,
    after: Uuid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let due = sqlx::query_scalar!(
        "SELECT agreement FROM agreement_moment
          WHERE agreement > $1 AND (next_at IS NULL OR next_at <= $2) ORDER BY agreement LIMIT $3",
        after,
        to_row(now),
        limit
    );
    Ok(due.fetch_all(db).await?)
}

/// Finds an agreement, if it has still to be looked at, and the moment that has come; `None` where it has changed since moments were
/// noted. One round trip.
pub async fn find_due(
    db: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<(Agreement, Option<Timestamp>)>, Error> {
    let row = sqlx::query!(
        r#"SELECT agreement AS "agreement: Row", moment FROM agreement_due($1, $2)"#,
        id,
        to_row(now)
    );
    let row = row.fetch_one(db).await?;
    let agreement = row.agreement.map(Agreement::try_from).transpose()?;
    Ok(agreement.map(|agreement| (agreement, row.moment.map(from_row))))
}

/// The year 2200, in seconds: what is to come after it is not noted.
const END: i64 = 7_258_118_400;

/// Notes when time alone next changes the state of an agreement as it is now. One round trip.
pub async fn note(db: &mut PgConnection, agreement: Uuid, next: Option<Timestamp>) -> Result<(), Error> {
    let end = OffsetDateTime::from_unix_timestamp(END).map_err(Error::internal)?;
    let next = next.map_or(end, |next| to_row(next).min(end));
    sqlx::query!("UPDATE agreement_moment SET next_at = $2 WHERE agreement = $1", agreement, next)
        .execute(db)
        .await?;
    Ok(())
}
