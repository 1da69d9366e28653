//! Deletes, in batches, what is kept for a while only: in the role `gerbang_keeper`, which alone may delete it.

use jiff::{Timestamp, civil::Date};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, date_to_row, from_row, to_row};
use crate::domain::certificate::{Order, OrderId};

/// The outcome of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// The number of rows.
    pub rows: i64,
    /// The time of the newest row deleted: the next batch begins there.
    pub last: Option<Timestamp>,
}

/// Deletes remembered answers of calls that came from `since` on (`None` is the beginning) and before `until`, the
/// oldest first, at most `limit` of them. One round trip.
pub async fn delete_answers(
    db: &mut PgConnection,
    since: Option<Timestamp>,
    until: Timestamp,
    limit: i64,
) -> Result<Deleted, Error> {
    let row = sqlx::query!(
        r#"SELECT rows AS "rows!", last FROM forget_answers($1, $2, $3)"#,
        since.map(to_row),
        to_row(until),
        limit
    )
    .fetch_one(db)
    .await?;
    Ok(Deleted { rows: row.rows, last: row.last.map(from_row) })
}

/// Finds orders that ended at `until` or before and that the signer never took up, with the time of their end: those
/// after the one that is named, in the order of their ends, at most `limit`. One round trip.
pub async fn ended_orders(
    db: &mut PgConnection,
    after: Option<(Timestamp, OrderId)>,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(Timestamp, OrderId)>, Error> {
    let rows = sqlx::query!(
        "SELECT o.id, o.expires_at FROM certificate_order o
          WHERE o.expires_at <= $1 AND (o.expires_at, o.id) > (coalesce($2::timestamptz, '-infinity'), $3)
            AND NOT EXISTS (SELECT FROM issuance i WHERE i.certificate_order = o.id)
          ORDER BY o.expires_at, o.id LIMIT $4",
        to_row(until),
        after.map(|(at, _)| to_row(at)),
        after.map_or(Uuid::nil(), |(_, id)| id.0),
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (from_row(row.expires_at), OrderId(row.id))).collect())
}

/// Deletes an order with its approvals. `Lost` where it has changed since it was read. One round trip.
pub async fn delete_order(db: &mut PgConnection, order: &Order) -> Result<(), Error> {
    let deleted =
        sqlx::query_scalar!(r#"SELECT forget_order($1, $2) AS "deleted!""#, order.id.0, order.version);
    match deleted.fetch_one(db).await? {
        true => Ok(()),
        false => Err(Error::Lost("an order changed while it was deleted".to_owned())),
    }
}

/// Deletes the counts of refused calls of days before this one, none of the last five years, at most `limit` rows, and says how many.
/// One round trip.
pub async fn delete_refused(db: &mut PgConnection, before: Date, limit: i32) -> Result<i64, Error> {
    let deleted =
        sqlx::query_scalar!(r#"SELECT forget_refused_calls($1, $2) AS "rows!""#, date_to_row(before), limit);
    Ok(deleted.fetch_one(db).await?)
}
