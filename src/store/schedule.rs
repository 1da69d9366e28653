//! Schedules and sessions. Under row-level security: the lead agency's and the prison's; a session's time and
//! topic also its trainers' agencies'. A batch of rows travels as one document, a statement a batch.

mod page;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

pub use page::{Question, Sought};

use super::{Document, Error, document, from_row, readable, remark, text, to_document, to_row};
use crate::{
    domain::{
        AgencyCode,
        name::{FacilityName, ProgrammeName, ScheduleName, SessionName},
        schedule::{Session, SessionState},
        text::Text,
        time::{Interval, Zone},
    },
    ledger::row::ScheduleRow,
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "session_row")]
pub(super) struct Row {
    id: Uuid,
    lead: String,
    uid: String,
    schedule_ref: String,
    programme_ref: String,
    programme_title: String,
    prison: String,
    sequence: i32,
    starts_at: time::OffsetDateTime,
    ends_at: time::OffsetDateTime,
    time_zone: String,
    topic: String,
    trainers: Document,
    facility: Option<String>,
    facility_pushed: Option<String>,
    state: String,
    note: Option<String>,
    noted_by: Option<String>,
    noted_at: Option<time::OffsetDateTime>,
    dormant: bool,
    version: i64,
}

impl TryFrom<Row> for Session {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let lead = AgencyCode::from_store(row.lead);
        let prison = AgencyCode::from_store(row.prison);
        let room = |reference| FacilityName::from_store(prison.clone(), reference);
        let state = text(SessionState::from_text(&row.state))?;
        Ok(Self {
            facility: row.facility.map(room),
            facility_pushed: row.facility_pushed.map(room),
            id: row.id,
            schedule: ScheduleName::from_store(lead.clone(), row.schedule_ref),
            programme: ProgrammeName::from_store(lead.clone(), row.programme_ref),
            name: SessionName::from_store(lead, row.uid),
            programme_title: Text::from_store(row.programme_title),
            prison,
            sequence: row.sequence,
            when: Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) },
            zone: Zone::from_store(row.time_zone),
            topic: Text::from_store(row.topic),
            trainers: document(&row.trainers)?,
            state,
            remark: remark(state.remarked(), row.note, row.noted_by, row.noted_at),
            dormant: row.dormant,
            version: row.version,
        })
    }
}

/// Reads sessions: all columns of [`Row`], for the rest of a query over sessions `s`, of the table or of a function, and its
/// arguments. One round trip. A macro, for checked queries take literals alone.
macro_rules! select_sessions {
    ($db:expr, $rest:literal $(, $argument:expr)* $(,)?) => {{
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT s.id AS "id!", s.lead AS "lead!", s.uid AS "uid!", schedule_ref AS "schedule_ref!",
                      programme_ref AS "programme_ref!", programme_title AS "programme_title!", prison AS "prison!",
                      sequence AS "sequence!", starts_at AS "starts_at!", ends_at AS "ends_at!",
                      time_zone AS "time_zone!", topic AS "topic!", trainers AS "trainers!: _", facility, facility_pushed,
                      state AS "state!", note, noted_by, noted_at, dormant AS "dormant!", version AS "version!" "# + $rest
            $(, $argument)*
        );
        rows.fetch_all($db).await?.into_iter().map(Session::try_from).collect()
    }};
}

fn name_of(row: &Row) -> String {
    format!("agencies/{}/sessions/{}", row.lead, row.uid)
}

/// A schedule's keys.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleKeys {
    /// The schedule's key.
    pub id: Uuid,
    /// Its programme's key.
    pub programme: Uuid,
}

/// A session as a row of a batch; the columns that a change may touch.
#[derive(Serialize)]
struct SessionRow<'a> {
    id: Uuid,
    uid: &'a str,
    sequence: i32,
    starts_at: Timestamp,
    ends_at: Timestamp,
    time_zone: &'a str,
    topic: &'a str,
    trainers: &'a [crate::domain::trainer::SessionTrainer],
    trainer_agencies: Vec<&'a str>,
    facility: Option<&'a str>,
    facility_pushed: Option<&'a str>,
    state: &'static str,
    note: Option<&'a str>,
    noted_by: Option<&'a str>,
    noted_at: Option<Timestamp>,
    dormant: bool,
    version: i64,
}

impl<'a> From<&'a Session> for SessionRow<'a> {
    fn from(session: &'a Session) -> Self {
        let remark = session.remark.as_ref();
        Self {
            id: session.id,
            uid: &session.name.id,
            sequence: session.sequence,
            starts_at: session.when.start,
            ends_at: session.when.end,
            time_zone: session.zone.name(),
            topic: session.topic.as_str(),
            trainers: &session.trainers,
            trainer_agencies: trainer_agencies(session),
            facility: session.facility.as_ref().map(|name| name.id.as_str()),
            facility_pushed: session.facility_pushed.as_ref().map(|name| name.id.as_str()),
            state: session.state.as_str(),
            note: remark.map(|remark| remark.note.as_str()),
            noted_by: remark.and_then(|remark| remark.agency.as_ref()).map(AgencyCode::as_str),
            noted_at: remark.and_then(|remark| remark.at),
            dormant: session.dormant,
            version: session.version,
        }
    }
}

/// The agencies of a session's trainers, by which they read it.
pub(super) fn trainer_agencies(session: &Session) -> Vec<&str> {
    let mut agencies: Vec<_> = session.trainers.iter().map(|named| named.trainer.agency.as_str()).collect();
    agencies.sort_unstable();
    agencies.dedup();
    agencies
}

fn batch(sessions: &[&Session]) -> Result<serde_json::Value, Error> {
    to_document(&sessions.iter().map(|session| SessionRow::from(*session)).collect::<Vec<_>>())
}

/// Stores changed sessions. One round trip.
pub async fn update_sessions(db: &mut PgConnection, sessions: &[&Session]) -> Result<(), Error> {
    if sessions.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE session AS s
            SET sequence = r.sequence, starts_at = r.starts_at, ends_at = r.ends_at, time_zone = r.time_zone,
                topic = r.topic, trainers = r.trainers, trainer_agencies = r.trainer_agencies, state = r.state,
                note = r.note, noted_by = r.noted_by, noted_at = r.noted_at, facility = r.facility,
                facility_pushed = r.facility_pushed, dormant = r.dormant, version = r.version
           FROM jsonb_to_recordset($1) AS r (
                id uuid, sequence int4, starts_at timestamptz, ends_at timestamptz, time_zone text, topic text,
                trainers jsonb, trainer_agencies text[], facility text, facility_pushed text, state text, note text,
                noted_by text, noted_at timestamptz, dormant bool, version int8)
          WHERE s.id = r.id",
        batch(sessions)?
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds those of the named sessions that the reader leads or hosts, or has a trainer in.
pub async fn find_sessions(
    db: &mut PgConnection,
    names: &[&SessionName],
    reader: &AgencyCode,
) -> Result<Vec<Session>, Error> {
    let leads: Vec<_> = names.iter().map(|name| name.agency.to_string()).collect();
    let uids: Vec<_> = names.iter().map(|name| name.id.clone()).collect();
    select_sessions!(
        db,
        "FROM unnest($1::text[], $2::text[]) AS named (lead, uid)
           JOIN session s ON s.lead = named.lead AND s.uid = named.uid
          WHERE $3 IN (s.lead, s.prison) OR $3 = ANY (s.trainer_agencies)",
        &leads,
        &uids,
        reader.as_str()
    )
}

/// Lists a programme's sessions that have not begun and are not cancelled, by uid.
pub async fn list_ahead(
    db: &mut PgConnection,
    programme: Uuid,
    now: Timestamp,
) -> Result<Vec<Session>, Error> {
    select_sessions!(
        db,
        "FROM session s WHERE programme = $1 AND starts_at > $2 AND state <> 'CANCELLED' ORDER BY uid",
        programme,
        to_row(now)
    )
}

/// Lists the programmes of these sessions, as far as the reader sees them: to lock them.
pub async fn list_programmes_of(db: &mut PgConnection, sessions: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!("SELECT DISTINCT programme FROM session WHERE id = ANY ($1)", sessions);
    Ok(ids.fetch_all(db).await?)
}

/// Finds sessions by key, as far as the reader sees them.
pub async fn find_by_ids(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Session>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    select_sessions!(db, "FROM session s WHERE id = ANY ($1) ORDER BY lead, uid", ids)
}

/// Lists sessions ahead that hold the room, by name.
pub async fn list_in_room(
    db: &mut PgConnection,
    room: &FacilityName,
    now: Timestamp,
) -> Result<Vec<Session>, Error> {
    select_sessions!(
        db,
        "FROM session s
          WHERE prison = $1 AND facility = $2 AND ends_at > $3 AND state IN ('TENTATIVE', 'CONFIRMED')
          ORDER BY lead, uid",
        room.agency.as_str(),
        room.id,
        to_row(now)
    )
}

/// Lists TENTATIVE and CONFIRMED sessions under these agreements, or led by the agency, that end after `from`, past the
/// policies; dormant ones too. By start and name.
pub async fn list_booked(
    db: &mut PgConnection,
    agreements: &[Uuid],
    lead: Option<&AgencyCode>,
    from: Timestamp,
) -> Result<Vec<Session>, Error> {
    select_sessions!(
        db,
        "FROM booked_sessions($1, $2, $3) AS s",
        agreements,
        lead.map(AgencyCode::as_str),
        to_row(from)
    )
}

/// Puts CONFIRMED ones back to TENTATIVE and answers with those that were; the trainer's agency may do that too.
pub async fn unconfirm(db: &mut PgConnection, sessions: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM unconfirm($1) AS id"#, sessions);
    Ok(ids.fetch_all(db).await?)
}

/// Lists every session, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Session>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, lead, uid, schedule_ref, programme_ref, programme_title, prison, sequence, starts_at, ends_at,
                time_zone, topic, trainers AS "trainers: _", facility, facility_pushed, state, note, noted_by, noted_at, dormant, version
           FROM session ORDER BY id"#
    );
    Ok(readable(rows.fetch_all(db).await?, name_of, Session::try_from))
}

/// Lists every schedule, for the owner.
pub(super) async fn all_schedules(db: &mut PgConnection) -> Result<Vec<ScheduleRow>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.lead, s.ref, s.prison, p.lead AS programme_lead, p.ref AS programme_ref
             FROM schedule s JOIN programme p ON p.id = s.programme ORDER BY s.id"#
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let code = AgencyCode::from_store;
    let schedules = rows.map(|row| ScheduleRow {
        name: ScheduleName::from_store(code(row.lead), row.r#ref),
        programme: ProgrammeName::from_store(code(row.programme_lead), row.programme_ref),
        prison: code(row.prison),
    });
    Ok(schedules.collect())
}
