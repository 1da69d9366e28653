//! Assignments. Under row-level security: the prison's, the lead agency's and the trainer's agency's. A trainer's
//! name comes through a function of its own, for the trainer's row is the employing agency's alone.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Error, Part, document, from_row, last_of, readable, text, to_document, to_row,
    zone::offsets_of_agreements,
};
use crate::domain::{
    AgencyCode,
    assignment::{Assignment, AssignmentFilter, AssignmentState, BookedAssignment, Clearance, Times},
    calendar::{Booking, Holder},
    field::Field,
    name::{FacilityName, SessionName, TrainerName},
    schedule::SessionState,
    text::Text,
    time::{END as TIME_END, Interval, Zone},
    trainer::{BookingKey, Competence, TrainerRole, TrainerSummary},
};

struct StoredRow {
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

/// Lists what was declined or refused to a lead agency of these trainers, as far as it is not over.
pub async fn list_refused(
    db: &mut PgConnection,
    lead: &AgencyCode,
    trainers: &[Uuid],
    now: Timestamp,
) -> Result<Vec<BookedAssignment>, Error> {
    let rows = sqlx::query_as!(
        StoredRow,
        "SELECT id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key, starts_at,
                ends_at, time_zone, role, state, dormant, version
           FROM assignment
          WHERE trainer = ANY ($1) AND lead = $2 AND state IN ('DECLINED', 'CLEARANCE_REFUSED') AND ends_at > $3
          ORDER BY id",
        trainers,
        lead.as_str(),
        to_row(now)
    );
    rows.fetch_all(db).await?.into_iter().map(BookedAssignment::try_from).collect()
}

/// Finds those of the named assignments that the reader leads, hosts or staffs.
pub async fn find_stored(
    db: &mut PgConnection,
    ids: &[Uuid],
    reader: &AgencyCode,
) -> Result<Vec<BookedAssignment>, Error> {
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

/// Inserts assignments. One round trip.
pub async fn insert(
    db: &mut PgConnection,
    assignments: &[BookedAssignment],
    now: Timestamp,
) -> Result<(), Error> {
    if assignments.is_empty() {
        return Ok(());
    }
    let keys: Vec<Vec<u8>> = assignments.iter().map(|held| held.booking_key.to_vec()).collect();
    let ids: Vec<_> = assignments.iter().map(|held| held.id).collect();
    let uids: Vec<_> = assignments.iter().map(|held| held.session_name.id.clone()).collect();
    let leads: Vec<_> = assignments.iter().map(|held| held.session_name.agency.to_string()).collect();
    let agencies: Vec<_> = assignments.iter().map(|held| held.trainer.agency.to_string()).collect();
    let refs: Vec<_> = assignments.iter().map(|held| held.trainer.id.clone()).collect();
    let prisons: Vec<_> = assignments.iter().map(|held| held.prison.to_string()).collect();
    sqlx::query!(
        "INSERT INTO assignment (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref,
                                 booking_key, starts_at, ends_at, time_zone, role, state, dormant, version, created_at)
         SELECT r.id, r.session, k.uid, k.lead, k.prison, r.trainer_id, k.agency, k.ref, k.booking_key, r.starts_at,
                r.ends_at, r.time_zone, r.role, r.state, r.dormant, r.version, $8
           FROM jsonb_to_recordset($1) AS r (
                id uuid, session uuid, trainer_id uuid, starts_at timestamptz, ends_at timestamptz, time_zone text,
                role text, state text, dormant bool, version int8)
           JOIN unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $9::bytea[])
             AS k (id, uid, lead, agency, ref, prison, booking_key) ON k.id = r.id",
        to_document(&assignments)?,
        &ids,
        &uids,
        &leads,
        &agencies,
        &refs,
        &prisons,
        to_row(now),
        &keys
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores times, roles and states of assignments that change, in one statement: what moves and what makes room are
/// judged together by the exclusion.
pub async fn update(db: &mut PgConnection, assignments: &[BookedAssignment]) -> Result<(), Error> {
    if assignments.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE assignment AS a
            SET starts_at = r.starts_at, ends_at = r.ends_at, time_zone = r.time_zone, role = r.role,
                state = r.state, dormant = r.dormant, version = r.version
           FROM jsonb_to_recordset($1) AS r (
                id uuid, starts_at timestamptz, ends_at timestamptz, time_zone text, role text, state text,
                dormant bool, version int8)
          WHERE a.id = r.id",
        to_document(&assignments)?
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

/// Lists the times within the range at which these persons are proposed and held by nobody, over all agencies, leaving
/// out these sessions.
pub async fn list_asked_for(
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
             FROM asked_for($1, $2, $3, $4)"#,
        &persons,
        to_row(range.start),
        to_row(range.end),
        except_sessions
    );
    rows.fetch_all(db).await?.into_iter().map(Booking::try_from).collect()
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

/// Lists when else the trainers of these assignments are proposed or taken: of the PROPOSED ones that the caller sees,
/// at most ten ranges each, by start.
async fn list_overlaps(
    db: &mut PgConnection,
    proposed: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Interval>>, Error> {
    if proposed.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT assignment AS "assignment!", starts_at AS "starts_at!", ends_at AS "ends_at!" FROM overlaps_of($1)"#,
        proposed
    );
    let mut overlaps: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.fetch_all(db).await? {
        let overlap = Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) };
        overlaps.entry(row.assignment).or_default().push(overlap);
    }
    Ok(overlaps)
}

/// The keys by which assignments are listed: start, the session's lead agency and uid, whether it is the assistant's, id.
pub type Place = (Timestamp, AgencyCode, String, bool, Uuid);

/// Lists the reader's assignments, by start and session, LEAD first, after `after`. No session is longer than 8 hours, so
/// a range bounds the starts on both sides, and the index on them leaves only those of one start to be sorted. Four round
/// trips: the zones of agreements, the page, the trainers in it, and what the proposals among them overlap with.
pub async fn list(
    db: &mut PgConnection,
    reader: &AgencyCode,
    filter: &AssignmentFilter,
    now: Timestamp,
    after: Option<&Place>,
    limit: i64,
) -> Result<Part<Assignment>, Error> {
    let told = offsets_of_agreements(db, now, filter.range_end.unwrap_or(TIME_END)).await?;
    let rows = sqlx::query!(
        r#"SELECT a.id, a.lead, a.session_uid, a.starts_at, a.ends_at, a.time_zone, a.trainer_agency, a.trainer_ref,
                  a.role, a.state, a.version, a.prison, s.programme_title AS "programme_title?", s.topic AS "topic?",
                  s.facility, s.state AS "session_state?", f.display_name AS "facility_display_name?",
                  door.opens AS "in_force!"
             FROM assignment a LEFT JOIN session s ON s.id = a.session
              AND ($1 IN (s.lead, s.prison) OR $1 = ANY (s.trainer_agencies))
             LEFT JOIN facility f ON f.prison = a.prison AND f.ref = s.facility
            CROSS JOIN LATERAL (
                  SELECT a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
                     AND opens_door(s.programme, a.lead, a.prison, a.trainer_agency, greatest(a.starts_at, $13),
                                    $14, $15, $16)) AS door (opens)
            WHERE $1 IN (a.prison, a.lead, a.trainer_agency)
              AND ($2::uuid IS NULL OR a.id = $2)
              AND ($3::text IS NULL OR a.state = $3)
              AND ($4::text IS NULL OR a.trainer_agency = $4)
              AND a.ends_at > coalesce($5::timestamptz, '-infinity')
              AND a.starts_at > coalesce($5::timestamptz, '-infinity') - interval '8 hours'
              AND a.starts_at < coalesce($6::timestamptz, 'infinity')
              AND ($10::text IS NULL OR (a.prison = $10 AND s.facility = $11))
              AND ($12::text IS NULL
                   OR a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')
                      AND ($12 = 'GRANTED') = (
                          a.state = 'CLEARED' AND coalesce(s.state = 'CONFIRMED', false) AND door.opens))
              AND ($7::timestamptz IS NULL
                   OR (a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id) > ($7, $17, $18, $19, $8))
              AND a.starts_at >= coalesce($7, '-infinity')
            ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT $9"#,
        reader.as_str(),
        filter.id,
        filter.state.map(AssignmentState::as_str),
        filter.trainer_agency.as_ref().map(AgencyCode::as_str),
        filter.range_start.map(to_row),
        filter.range_end.map(to_row),
        after.map(|(start, ..)| to_row(*start)),
        after.map(|(.., id)| *id),
        limit,
        filter.facility.as_ref().map(|name| name.agency.as_str()),
        filter.facility.as_ref().map(|name| name.id.as_str()),
        filter.clearance.map(Clearance::as_str),
        to_row(now),
        &told.zones,
        &told.since,
        &told.seconds,
        after.map(|(_, lead, ..)| lead.as_str()),
        after.map(|(_, _, uid, ..)| uid.as_str()),
        after.map(|(.., assists, _)| *assists)
    )
    .fetch_all(&mut *db)
    .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut summaries = list_trainer_summaries(&mut *db, &ids).await?;
    let proposed = rows.iter().filter(|row| row.state == AssignmentState::Proposed.as_str());
    let proposed: Vec<_> = proposed.map(|row| row.id).collect();
    let mut overlaps = list_overlaps(db, &proposed).await?;
    let last = last_of(&rows, limit, |row| {
        let assists = row.role == TrainerRole::Assistant.as_str();
        let (start, id) = (from_row(row.starts_at).to_string(), row.id.to_string());
        vec![start, row.lead.clone(), row.session_uid.clone(), assists.to_string(), id]
    });
    let items = readable(
        rows,
        |row| format!("assignments/{}", row.id),
        |row| {
            let TrainerSummary { name: trainer_display_name, competences } = text(summaries.remove(&row.id))?;
            let prison = AgencyCode::from_store(row.prison);
            Ok(Assignment {
                facility: row.facility.map(|reference| FacilityName::from_store(prison, reference)),
                facility_display_name: Text::from_store(row.facility_display_name.unwrap_or_default()),
                in_force: row.in_force,
                session_state: row
                    .session_state
                    .map(|state| text(SessionState::from_text(&state)))
                    .transpose()?,
                id: row.id,
                session: SessionName::from_store(AgencyCode::from_store(row.lead), row.session_uid),
                when: Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) },
                zone: Zone::from_store(row.time_zone),
                programme_title: Text::from_store(row.programme_title.unwrap_or_default()),
                topic: Text::from_store(row.topic.unwrap_or_default()),
                trainer: TrainerName::from_store(AgencyCode::from_store(row.trainer_agency), row.trainer_ref),
                trainer_display_name,
                competences,
                role: text(TrainerRole::from_text(&row.role))?,
                state: text(AssignmentState::from_text(&row.state))?,
                overlaps: overlaps.remove(&row.id).unwrap_or_default(),
                version: row.version,
            })
        },
    );
    Ok(Part { items, last })
}

/// Finds the names of the trainers in these assignments, and their competences in the field that is taught.
pub async fn list_trainer_summaries(
    db: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, TrainerSummary>, Error> {
    let rows = sqlx::query!(
        r#"SELECT assignment AS "assignment!", full_name AS "full_name!", competences AS "competences!",
                  field AS "field!" FROM assigned_trainers($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    let read = readable(
        rows,
        |row| format!("the trainer of assignments/{}", row.assignment),
        |row| {
            let field: Field = document(row.field)?;
            let mut competences: Vec<Competence> = document(row.competences)?;
            competences.retain(|competence| competence.field == field);
            let name = Text::from_store(row.full_name);
            Ok((row.assignment, TrainerSummary { name, competences }))
        },
    );
    Ok(read.into_iter().collect())
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
