//! Moments at which time alone brings something about: when the next one is, and how far the timekeeper is. For the keeper, whose role
//! reads agreements, programmes and bookings by this alone.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, agreement, assignment, from_row, programme, to_row};
use crate::domain::{agreement::Agreement, assignment::BookedAssignment, programme::Programme};

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
        r#"SELECT agreement AS "agreement: agreement::Row", moment FROM agreement_due($1, $2)"#,
        id,
        to_row(now)
    );
    let row = row.fetch_one(db).await?;
    let agreement = row.agreement.map(Agreement::try_from).transpose()?;
    Ok(agreement.map(|agreement| (agreement, row.moment.map(from_row))))
}

/// The year 2200, in seconds: what is to come after it is not noted.
const END: i64 = 7_258_118_400;

/// A moment as it is noted; the year 2200 for none.
fn noted(next: Option<Timestamp>) -> Result<OffsetDateTime, Error> {
    let end = OffsetDateTime::from_unix_timestamp(END).map_err(Error::internal)?;
    Ok(next.map_or(end, |next| to_row(next).min(end)))
}

/// Notes when time alone next brings something about of an agreement as it is now. One round trip.
pub async fn note(db: &mut PgConnection, agreement: Uuid, next: Option<Timestamp>) -> Result<(), Error> {
    sqlx::query!("UPDATE agreement_moment SET next_at = $2 WHERE agreement = $1", agreement, noted(next)?)
        .execute(db)
        .await?;
    Ok(())
}

/// Lists agreements of whose bookings it is still to be told that they have ended, behind an id, at most so many. One round trip.
pub async fn list_ended(db: &mut PgConnection, after: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
    let ended = sqlx::query_scalar!(
        "SELECT agreement FROM agreement_moment
          WHERE agreement > $1 AND bookings_after IS NOT NULL ORDER BY agreement LIMIT $2",
        after,
        limit
    );
    Ok(ended.fetch_all(db).await?)
}

/// Finds such an agreement, and the assignment up to which it is told. One round trip.
pub async fn find_ended(db: &mut PgConnection, id: Uuid) -> Result<Option<(Agreement, Uuid)>, Error> {
    let row = sqlx::query!(
        r#"SELECT agreement AS "agreement: agreement::Row", bookings_after FROM agreement_ended($1)"#,
        id
    );
    let row = row.fetch_one(db).await?;
    let agreement = row.agreement.map(Agreement::try_from).transpose()?;
    Ok(agreement.zip(row.bookings_after))
}

/// Lists the open assignments, each with its programme, of sessions under an agreement that end after it has: behind an id, at most so
/// many. One round trip.
pub async fn list_bookings(
    db: &mut PgConnection,
    agreement: Uuid,
    after: Uuid,
    ended_at: Timestamp,
    limit: i32,
) -> Result<Vec<(Uuid, BookedAssignment)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT programme AS "programme!", assignment AS "assignment!: assignment::StoredRow"
             FROM bookings_ended($1, $2, $3, $4)"#,
        agreement,
        after,
        to_row(ended_at),
        limit
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    rows.map(|row| Ok((row.programme, BookedAssignment::try_from(row.assignment)?))).collect()
}

/// Notes up to which assignment it is told that bookings have ended with an agreement; `None` where all is told. One round trip.
pub async fn note_bookings(db: &mut PgConnection, agreement: Uuid, after: Option<Uuid>) -> Result<(), Error> {
    sqlx::query!("UPDATE agreement_moment SET bookings_after = $2 WHERE agreement = $1", agreement, after)
        .execute(db)
        .await?;
    Ok(())
}

/// Lists programmes that have to be looked at by now, behind an id, at most so many. One round trip.
pub async fn list_programmes_due(
    db: &mut PgConnection,
    after: Uuid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let due = sqlx::query_scalar!(
        "SELECT programme FROM programme_moment
          WHERE programme > $1 AND (next_at IS NULL OR next_at <= $2) ORDER BY programme LIMIT $3",
        after,
        to_row(now),
        limit
    );
    Ok(due.fetch_all(db).await?)
}

/// A programme that has to be looked at.
pub struct ProgrammeDue {
    /// The programme.
    pub programme: Programme,
    /// Whether anybody is CONFIRMED on its roster.
    pub anybody_confirmed: bool,
    /// When the last session ends that its prison has confirmed; `None` without any.
    pub last_end: Option<Timestamp>,
    /// Whether the roster showed names to the lead agency at the last look.
    pub shows_names: bool,
}

/// Finds a programme, if it has still to be looked at. One round trip.
pub async fn find_programme_due(
    db: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<ProgrammeDue>, Error> {
    let row = sqlx::query!(
        r#"SELECT programme AS "programme: programme::Row", anybody_confirmed, last_end, shows_names
             FROM programme_due($1, $2)"#,
        id,
        to_row(now)
    );
    let row = row.fetch_one(db).await?;
    let Some(programme) = row.programme.map(Programme::try_from).transpose()? else { return Ok(None) };
    Ok(Some(ProgrammeDue {
        programme,
        anybody_confirmed: row.anybody_confirmed.unwrap_or_default(),
        last_end: row.last_end.map(from_row),
        shows_names: row.shows_names.unwrap_or_default(),
    }))
}

/// Notes whether a programme's roster shows names now, and when to look next; `None` for never, unless it changes. One round trip.
pub async fn note_programme(
    db: &mut PgConnection,
    programme: Uuid,
    shows_names: bool,
    next: Option<Timestamp>,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE programme_moment SET shows_names = $2, next_at = $3 WHERE programme = $1",
        programme,
        shows_names,
        noted(next)?
    )
    .execute(db)
    .await?;
    Ok(())
}
