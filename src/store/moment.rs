//! Moments at which time alone brings something about: when the next one is, and what the timekeeper has told. For the keeper, whose role
//! reads agreements, programmes and bookings by this alone; calls note here which rosters they have shown.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, agreement, assignment, from_row, programme, to_row};
use crate::domain::{
    agreement::Agreement, assignment::BookedAssignment, programme::Programme, roster::Window,
};

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
          WHERE agreement > $1 AND (look_at IS NULL OR look_at <= $2) ORDER BY agreement LIMIT $3",
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
        r#"SELECT agreement AS "agreement: agreement::Row", moment FROM agreement_to_look_at($1, $2)"#,
        id,
        to_row(now)
    );
    let row = row.fetch_one(db).await?;
    let agreement = row.agreement.map(Agreement::try_from).transpose()?;
    Ok(agreement.map(|agreement| (agreement, row.moment.map(from_row))))
}

/// The year 2200, in seconds: what is to come after it is not noted.
const END: i64 = 7_258_118_400;

/// Notes when time alone next brings something about of an agreement as it is now, and when it has ended, where it has: of an end that
/// was not noted before, it is to be told that bookings have ended too. One round trip.
pub async fn note(
    db: &mut PgConnection,
    agreement: Uuid,
    next: Option<Timestamp>,
    ended_at: Option<Timestamp>,
) -> Result<(), Error> {
    let end = OffsetDateTime::from_unix_timestamp(END).map_err(Error::internal)?;
    let next = next.map_or(end, |next| to_row(next).min(end));
    let note = sqlx::query!(
        "UPDATE agreement_moment
            SET next_at = $2, look_at = $2, ended_at = coalesce($3, ended_at),
                bookings_programme = CASE WHEN $3 <> ended_at OR ended_at IS NULL AND $3 IS NOT NULL THEN $4
                                          ELSE bookings_programme END,
                bookings_after = CASE WHEN $3 <> ended_at OR ended_at IS NULL AND $3 IS NOT NULL THEN $4 ELSE bookings_after END
          WHERE agreement = $1",
        agreement,
        next,
        ended_at.map(to_row) as Option<OffsetDateTime>,
        Uuid::nil()
    );
    note.execute(db).await?;
    Ok(())
}

/// Lists agreements of whose bookings it is still to be told that they have ended, behind an id, at most so many. One round trip.
pub async fn list_ended(db: &mut PgConnection, after: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
    let ended = sqlx::query_scalar!(
        "SELECT agreement FROM agreement_moment
          WHERE agreement > $1 AND bookings_programme IS NOT NULL ORDER BY agreement LIMIT $2",
        after,
        limit
    );
    Ok(ended.fetch_all(db).await?)
}

/// Up to which booking under an agreement it is told that they have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookingsTold {
    /// The programme, by id.
    pub programme: Uuid,
    /// The assignment of that programme, by id.
    pub after: Uuid,
}

/// Finds when an agreement has ended, and up to which booking that is told; `None` where all is told. One round trip.
pub async fn find_ended(
    db: &mut PgConnection,
    agreement: Uuid,
) -> Result<Option<(Timestamp, BookingsTold)>, Error> {
    let row = sqlx::query!(
        r#"SELECT ended_at AS "ended_at!", bookings_programme AS "programme!", bookings_after AS "after!" FROM agreement_moment
            WHERE agreement = $1 AND bookings_programme IS NOT NULL"#,
        agreement
    );
    let row = row.fetch_optional(db).await?;
    Ok(row.map(|row| (from_row(row.ended_at), BookingsTold { programme: row.programme, after: row.after })))
}

/// Finds the next programme under an agreement that has open assignments of sessions that end after a moment. One round trip.
pub async fn find_programme_with_bookings(
    db: &mut PgConnection,
    agreement: Uuid,
    told: BookingsTold,
    later_than: Timestamp,
) -> Result<Option<Uuid>, Error> {
    let programme = sqlx::query_scalar!(
        "SELECT programme_with_bookings($1, $2, $3, $4)",
        agreement,
        told.programme,
        told.after,
        to_row(later_than)
    );
    Ok(programme.fetch_one(db).await?)
}

/// Lists a programme's open assignments of sessions that end after a moment, behind an id, at most so many. One round trip.
pub async fn list_bookings(
    db: &mut PgConnection,
    programme: Uuid,
    after: Uuid,
    later_than: Timestamp,
    limit: i32,
) -> Result<Vec<BookedAssignment>, Error> {
    let rows = sqlx::query_scalar!(
        r#"SELECT b AS "assignment!: assignment::StoredRow" FROM bookings_of_programme($1, $2, $3, $4) AS b"#,
        programme,
        after,
        to_row(later_than),
        limit
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Notes up to which booking it is told now, `None` for all, if it was told up to this one before; false where somebody else has told
/// more. One round trip.
pub async fn note_bookings(
    db: &mut PgConnection,
    agreement: Uuid,
    before: BookingsTold,
    now: Option<BookingsTold>,
) -> Result<bool, Error> {
    let note = sqlx::query!(
        "UPDATE agreement_moment SET bookings_programme = $4, bookings_after = $5
          WHERE agreement = $1 AND bookings_programme = $2 AND bookings_after = $3",
        agreement,
        before.programme,
        before.after,
        now.map(|now| now.programme),
        now.map(|now| now.after)
    );
    Ok(note.execute(db).await?.rows_affected() > 0)
}

/// Notes that the roster of a programme was shown to its lead agency, with names, and when they will be shown no longer; nothing where that
/// is noted already. One round trip.
pub async fn note_shown(db: &mut PgConnection, programme: Uuid, until: Timestamp) -> Result<(), Error> {
    sqlx::query!("SELECT FROM note_shown_roster($1, $2)", programme, to_row(until)).execute(db).await?;
    Ok(())
}

/// Lists programmes whose rosters have to be looked at by now, behind an id, at most so many. One round trip.
pub async fn list_rosters_due(
    db: &mut PgConnection,
    after: Uuid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let due = sqlx::query_scalar!(
        "SELECT programme FROM shown_roster WHERE programme > $1 AND look_at <= $2 ORDER BY programme LIMIT $3",
        after,
        to_row(now),
        limit
    );
    Ok(due.fetch_all(db).await?)
}

/// Finds the programme of a roster, if it has still to be looked at, and the window in which it shows names. One round trip.
pub async fn find_roster_due(
    db: &mut PgConnection,
    programme: Uuid,
    now: Timestamp,
) -> Result<Option<(Programme, Window)>, Error> {
    let row = sqlx::query!(
        r#"SELECT programme AS "programme: programme::Row", anybody_confirmed, last_end FROM roster_to_look_at($1, $2)"#,
        programme,
        to_row(now)
    );
    let row = row.fetch_one(db).await?;
    let Some(programme) = row.programme.map(Programme::try_from).transpose()? else { return Ok(None) };
    let window =
        Window::of(&programme, row.anybody_confirmed.unwrap_or_default(), row.last_end.map(from_row));
    Ok(Some((programme, window)))
}

/// Notes when to look at a roster next; `None` for not before names are shown again. One round trip.
pub async fn note_roster(
    db: &mut PgConnection,
    programme: Uuid,
    next: Option<Timestamp>,
) -> Result<(), Error> {
    let next = next.map(to_row) as Option<OffsetDateTime>;
    sqlx::query!("UPDATE shown_roster SET look_at = $2 WHERE programme = $1", programme, next)
        .execute(db)
        .await?;
    Ok(())
}
