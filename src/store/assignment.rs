//! Assignments. Under row-level security: the prison's, the lead agency's and the trainer's agency's. A trainer's
//! name comes through a function of its own, for the trainer's row is the employing agency's alone.

mod page;

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

pub use page::{Asked, Found, PartOfList, Place, Question, Sought};

use super::{Document, Error, document, from_row, readable, text, to_row};
use crate::domain::{
    AgencyCode,
    assignment::{AssignmentState, BookedAssignment, Times},
    calendar::{Booking, Holder},
    field::Field,
    name::{SessionName, TrainerName},
    text::Text,
    time::Interval,
    trainer::{BookingKey, Competence, TrainerRole, TrainerSummary},
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "assignment_row")]
pub(super) struct StoredRow {
    id: Uuid,
    session: Uuid,
    session_uid: String,
    lead: String,
    prison: String,
    trainer: Uuid,
    trainer_agency: String,
    trainer_ref: String,
    booking_key: Vec<u8>,
    starts_at: time::OffsetDateTime,
    ends_at: time::OffsetDateTime,
    time_zone: String,
    role: String,
    state: String,
    dormant: bool,
    version: i64,
}

impl TryFrom<StoredRow> for BookedAssignment {
    type Error = Error;

    fn try_from(row: StoredRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            session: row.session,
            session_name: SessionName::from_store(AgencyCode::from_store(row.lead), row.session_uid),
            prison: AgencyCode::from_store(row.prison),
            trainer_id: row.trainer,
            trainer: TrainerName::from_store(AgencyCode::from_store(row.trainer_agency), row.trainer_ref),
            booking_key: text(BookingKey::try_from(row.booking_key).ok())?,
            when: Times { starts_at: from_row(row.starts_at), ends_at: from_row(row.ends_at) },
            time_zone: row.time_zone,
            role: text(TrainerRole::from_text(&row.role))?,
            state: text(AssignmentState::from_text(&row.state))?,
            dormant: row.dormant,
            version: row.version,
        })
    }
}

/// Lists every assignment of these sessions that the caller may see, the closed ones too.
pub async fn list_stored(db: &mut PgConnection, sessions: &[Uuid]) -> Result<Vec<BookedAssignment>, Error> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        StoredRow,
        "SELECT id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at,
                ends_at, time_zone, role, state, dormant, version
           FROM assignment WHERE session = ANY ($1) ORDER BY id",
        sessions
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Finds those of the named assignments that the reader leads, hosts or staffs.
pub async fn find_stored(
    db: &mut PgConnection,
    ids: &[Uuid],
    reader: &AgencyCode,
) -> Result<Vec<BookedAssignment>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        StoredRow,
        "SELECT id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at,
                ends_at, time_zone, role, state, dormant, version
           FROM assignment WHERE id = ANY ($1) AND $2 IN (prison, lead, trainer_agency) ORDER BY id",
        ids,
        reader.as_str()
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Lists the open assignments of these sessions, past the policies; dormant ones too. By start.
pub async fn list_booked(db: &mut PgConnection, sessions: &[Uuid]) -> Result<Vec<BookedAssignment>, Error> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        StoredRow,
        r#"SELECT id AS "id!", session AS "session!", session_uid AS "session_uid!", lead AS "lead!",
                  prison AS "prison!", trainer AS "trainer!", trainer_agency AS "trainer_agency!",
                  trainer_ref AS "trainer_ref!", booking_key AS "booking_key!", starts_at AS "starts_at!",
                  ends_at AS "ends_at!", time_zone AS "time_zone!", role AS "role!", state AS "state!",
                  dormant AS "dormant!", version AS "version!"
             FROM booked_assignments($1)"#,
        sessions
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Lists a trainer's accepted assignments as LEAD in confirmed sessions ahead.
pub async fn list_led(
    db: &mut PgConnection,
    trainer: Uuid,
    now: Timestamp,
) -> Result<Vec<BookedAssignment>, Error> {
    let rows = sqlx::query_as!(
        StoredRow,
        "SELECT a.id, a.session, session_uid, a.lead, a.prison, trainer, trainer_agency, trainer_ref, booking_key,
                a.starts_at, a.ends_at, a.time_zone, role, a.state, a.dormant, a.version
           FROM assignment a JOIN session s ON s.id = a.session
          WHERE a.trainer = $1 AND a.starts_at > $2 AND a.role = 'LEAD' AND a.state IN ('ACCEPTED', 'CLEARED')
            AND s.state = 'CONFIRMED'
          ORDER BY a.id",
        trainer,
        to_row(now)
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Finds the names of the trainers in these assignments, and their competences in the field that is taught.
pub async fn list_trainer_summaries(
    db: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, TrainerSummary>, Error> {
    let rows = sqlx::query!(
        r#"SELECT assignment AS "assignment!", full_name AS "full_name!", competences AS "competences!: Document",
                  field AS "field!: Document" FROM assigned_trainers($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    let read = readable(
        rows,
        |row| format!("the trainer of assignments/{}", row.assignment),
        |row| {
            let field: Field = document(&row.field)?;
            let mut competences: Vec<Competence> = document(&row.competences)?;
            competences.retain(|competence| competence.field == field);
            let name = Text::from_store(row.full_name);
            Ok((row.assignment, TrainerSummary { name, competences }))
        },
    );
    Ok(read.into_iter().collect())
}

/// Stores times, roles and states of assignments that change, in one statement: what moves and what makes room are
/// judged together by the exclusion.
pub async fn update(db: &mut PgConnection, assignments: &[BookedAssignment]) -> Result<(), Error> {
    if assignments.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = assignments.iter().map(|held| held.id).collect();
    let starts: Vec<_> = assignments.iter().map(|held| to_row(held.when.starts_at)).collect();
    let ends: Vec<_> = assignments.iter().map(|held| to_row(held.when.ends_at)).collect();
    let zones: Vec<_> = assignments.iter().map(|held| held.time_zone.clone()).collect();
    let roles: Vec<_> = assignments.iter().map(|held| held.role.as_str().to_owned()).collect();
    let states: Vec<_> = assignments.iter().map(|held| held.state.as_str().to_owned()).collect();
    let dormant: Vec<_> = assignments.iter().map(|held| held.dormant).collect();
    let versions: Vec<_> = assignments.iter().map(|held| held.version).collect();
    sqlx::query!(
        "UPDATE assignment AS a
            SET starts_at = r.starts_at, ends_at = r.ends_at, time_zone = r.time_zone, role = r.role,
                state = r.state, dormant = r.dormant, version = r.version
           FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::bool[],
                       $8::int8[])
             AS r (id, starts_at, ends_at, time_zone, role, state, dormant, version)
          WHERE a.id = r.id",
        &ids,
        &starts,
        &ends,
        &zones,
        &roles,
        &states,
        &dormant,
        &versions
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lists the times at which these persons are taken within the range, over all agencies, leaving out these sessions.
pub async fn list_busy(
    db: &mut PgConnection,
    persons: &[BookingKey],
    range: Interval,
    except_sessions: &[Uuid],
) -> Result<Vec<Booking>, Error> {
    if persons.is_empty() {
        return Ok(Vec::new());
    }
    let persons: Vec<Vec<u8>> = persons.iter().map(|key| key.to_vec()).collect();
    let rows = sqlx::query_as!(
        RangeRow,
        r#"SELECT booking_key AS "booking_key!", starts_at AS "starts_at!", ends_at AS "ends_at!"
             FROM busy($1, $2, $3, $4)"#,
        &persons,
        to_row(range.start),
        to_row(range.end),
        except_sessions
    );
    rows.fetch_all(db).await?.into_iter().map(Booking::try_from).collect()
}

/// Persons and when each is wanted, as arrays of equal length; rooms are left out.
fn persons_wanted(
    wanted: &[Booking],
) -> (Vec<Vec<u8>>, Vec<time::OffsetDateTime>, Vec<time::OffsetDateTime>) {
    let persons = wanted.iter().filter_map(|booking| match &booking.holder {
        Holder::Person(key) => Some((key.to_vec(), to_row(booking.when.start), to_row(booking.when.end))),
        Holder::Room(_) => None,
    });
    persons.collect()
}

/// Asks one of the functions about persons at the times at which each is wanted, which answer alike. A macro, for checked
/// queries take literals alone.
macro_rules! select_ranges {
    ($function:literal, $db:ident, $wanted:ident, $except_sessions:ident) => {{
        let (persons, starts, ends) = persons_wanted($wanted);
        if persons.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query_as!(
            RangeRow,
            r#"SELECT booking_key AS "booking_key!", starts_at AS "starts_at!", ends_at AS "ends_at!"
             FROM "#
                + $function
                + "($1, $2, $3, $4)",
            &persons,
            &starts,
            &ends,
            $except_sessions
        );
        rows.fetch_all($db).await?.into_iter().map(Booking::try_from).collect()
    }};
}

/// Lists what is in the way of persons at the times at which each is wanted, over all agencies, leaving out these
/// sessions; rooms are not asked for.
pub async fn list_taken(
    db: &mut PgConnection,
    wanted: &[Booking],
    except_sessions: &[Uuid],
) -> Result<Vec<Booking>, Error> {
    select_ranges!("persons_taken", db, wanted, except_sessions)
}

/// Lists when persons are proposed and held by nobody at the times at which each is wanted, over all agencies, leaving
/// out these sessions.
pub async fn list_asked_for(
    db: &mut PgConnection,
    wanted: &[Booking],
    except_sessions: &[Uuid],
) -> Result<Vec<Booking>, Error> {
    select_ranges!("persons_asked_for", db, wanted, except_sessions)
}

struct RangeRow {
    booking_key: Vec<u8>,
    starts_at: time::OffsetDateTime,
    ends_at: time::OffsetDateTime,
}

impl TryFrom<RangeRow> for Booking {
    type Error = Error;

    fn try_from(row: RangeRow) -> Result<Self, Error> {
        Ok(Self {
            holder: Holder::Person(text(BookingKey::try_from(row.booking_key).ok())?),
            when: Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) },
        })
    }
}

/// Lists every assignment, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<BookedAssignment>, Error> {
    let rows = sqlx::query_as!(
        StoredRow,
        "SELECT id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at,
                ends_at, time_zone, role, state, dormant, version
           FROM assignment ORDER BY id"
    );
    Ok(readable(
        rows.fetch_all(db).await?,
        |row| format!("assignments/{}", row.id),
        BookedAssignment::try_from,
    ))
}
