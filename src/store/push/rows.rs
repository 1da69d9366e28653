//! The composite types of the push's two functions, as migration 0035 has them: fields go by their order.

use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Ask, AskedRoom, Found, Ground, Met, Party, Push, Stands};
use crate::{
    domain::{
        AgencyCode,
        agency::AgencyState,
        assignment::BookedAssignment,
        calendar::{Booking, Holder},
        name::{FacilityName, TrainerName},
        programme::Programme,
        schedule::Session,
        time::Interval,
        trainer::{BookingKey, NamedTrainer, SessionTrainer, TrainerStatus},
    },
    store::{
        Error, agreement, assignment, from_row, lock, programme,
        registry::EnteredRow,
        replay::Remembered,
        schedule::{self, ScheduleKeys, trainer_agencies},
        text, to_row,
    },
};

/// Places in arrays count from 1.
fn place(index: usize) -> i32 {
    i32::try_from(index + 1).unwrap_or(i32::MAX)
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_ask")]
pub(super) struct AskRow {
    fingerprint: Vec<u8>,
    request: Uuid,
    at: OffsetDateTime,
    lead: String,
    programme: String,
    schedule_lead: String,
    schedule: String,
    uids: Vec<String>,
    firsts: Vec<OffsetDateTime>,
    lasts: Vec<OffsetDateTime>,
    room_prisons: Vec<String>,
    rooms: Vec<String>,
    session_rooms: Vec<i32>,
    trainer_agencies: Vec<String>,
    trainers: Vec<String>,
    wish_sessions: Vec<i32>,
    wish_trainers: Vec<i32>,
}

impl From<&Ask> for AskRow {
    fn from(ask: &Ask) -> Self {
        let sessions = || ask.sessions.iter();
        let wishes = ask.sessions.iter().enumerate();
        let wishes = wishes.flat_map(|(index, session)| {
            session.trainers.iter().map(move |trainer| (place(index), place(*trainer)))
        });
        let (wish_sessions, wish_trainers) = wishes.unzip();
        Self {
            fingerprint: ask.fingerprint.to_vec(),
            request: ask.request_id,
            at: to_row(ask.now),
            lead: ask.programme.agency.to_string(),
            programme: ask.programme.id.clone(),
            schedule_lead: ask.schedule.agency.to_string(),
            schedule: ask.schedule.id.clone(),
            uids: sessions().map(|session| session.uid.clone()).collect(),
            firsts: sessions().map(|session| to_row(session.when.start)).collect(),
            lasts: sessions().map(|session| to_row(session.when.end)).collect(),
            room_prisons: ask.rooms.iter().map(|room| room.agency.to_string()).collect(),
            rooms: ask.rooms.iter().map(|room| room.id.clone()).collect(),
            session_rooms: sessions().map(|session| session.room.map_or(0, place)).collect(),
            trainer_agencies: ask.trainers.iter().map(|trainer| trainer.agency.to_string()).collect(),
            trainers: ask.trainers.iter().map(|trainer| trainer.id.clone()).collect(),
            wish_sessions,
            wish_trainers,
        }
    }
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "push_party")]
struct PartyRow {
    code: String,
    state: String,
    version: i64,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "push_trainer")]
struct TrainerRow {
    id: Uuid,
    agency: String,
    r#ref: String,
    booking_key: Vec<u8>,
    status: String,
    version: i64,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "push_room")]
struct RoomRow {
    prison: String,
    r#ref: String,
    available: bool,
    id: Uuid,
    version: i64,
}

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "push_booking")]
struct BookingRow {
    booking_key: Option<Vec<u8>>,
    room: Option<String>,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    session: Uuid,
    assignment: Option<Uuid>,
    version: Option<i64>,
}

impl BookingRow {
    fn read(self, prison: &AgencyCode) -> Result<Met, Error> {
        let holder = match (self.booking_key, self.room) {
            (Some(key), _) => Holder::Person(text(BookingKey::try_from(key).ok())?),
            (None, Some(room)) => Holder::Room(FacilityName::from_store(prison.clone(), room)),
            (None, None) => return Err(Error::internal("a booking of nobody and no room")),
        };
        let when = Interval { start: from_row(self.starts_at), end: from_row(self.ends_at) };
        let assignment = self.assignment.zip(self.version);
        Ok(Met { booking: Booking { holder, when }, session: self.session, assignment })
    }
}

/// Asks what pushes are held against.
pub(super) async fn select_grounds(
    db: &mut PgConnection,
    asks: Vec<AskRow>,
) -> Result<Vec<Option<Found>>, Error> {
    let rows = sqlx::query!(
        r#"SELECT g.agency, g.system AS "system!", g.role AS "role!", g.certified, g.agency_state AS "agency_state!",
                  g.not_before AS "not_before!", g.not_after AS "not_after!", g.ends_at, g.revoked AS "revoked!",
                  g.earlier_digest, g.earlier_answer, g.programmes AS "programmes: Vec<programme::Row>",
                  g.agreements AS "agreements: Vec<agreement::Row>", g.parties AS "parties: Vec<PartyRow>",
                  g.schedule, g.schedule_programme, g.sessions AS "sessions: Vec<schedule::Row>",
                  g.assignments AS "assignments: Vec<assignment::StoredRow>", g.minutes_ahead,
                  g.rooms AS "rooms: Vec<RoomRow>", g.trainers AS "trainers: Vec<TrainerRow>",
                  g.refused AS "refused: Vec<assignment::StoredRow>", g.taken AS "taken: Vec<BookingRow>",
                  g.asked AS "asked: Vec<BookingRow>"
             FROM generate_subscripts($1::push_ask[], 1) AS n CROSS JOIN LATERAL push_ground(($1::push_ask[])[n]) AS g
            ORDER BY n"#,
        asks as _
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let found = rows.map(|row| {
        let Some(agency) = row.agency else { return Ok(None) };
        let ground = row.programmes.into_iter().flatten().next().map(|programme| GroundRow {
            programme,
            agreements: row.agreements,
            parties: row.parties,
            schedule: row.schedule.zip(row.schedule_programme),
            sessions: row.sessions,
            assignments: row.assignments,
            minutes_ahead: row.minutes_ahead,
            rooms: row.rooms,
            trainers: row.trainers,
            refused: row.refused,
            taken: row.taken,
            asked: row.asked,
        });
        let earlier = row.earlier_digest.map(|digest| Remembered { digest, answer: row.earlier_answer });
        let entered = EnteredRow {
            agency,
            system: row.system,
            role: row.role,
            certified: row.certified,
            agency_state: row.agency_state,
            not_before: row.not_before,
            not_after: row.not_after,
            ends_at: row.ends_at,
            revoked: row.revoked,
        };
        Ok(Some(Found {
            entered: entered.try_into()?,
            earlier,
            ground: ground.map(Ground::try_from).transpose()?,
        }))
    });
    found.collect()
}

/// The parts of an answer that are there where a programme is; an array of nothing is NULL.
struct GroundRow {
    programme: programme::Row,
    agreements: Option<Vec<agreement::Row>>,
    parties: Option<Vec<PartyRow>>,
    schedule: Option<(Uuid, Uuid)>,
    sessions: Option<Vec<schedule::Row>>,
    assignments: Option<Vec<assignment::StoredRow>>,
    minutes_ahead: Option<i64>,
    rooms: Option<Vec<RoomRow>>,
    trainers: Option<Vec<TrainerRow>>,
    refused: Option<Vec<assignment::StoredRow>>,
    taken: Option<Vec<BookingRow>>,
    asked: Option<Vec<BookingRow>>,
}

impl TryFrom<GroundRow> for Ground {
    type Error = Error;

    fn try_from(row: GroundRow) -> Result<Self, Error> {
        let programme = Programme::try_from(row.programme)?;
        let prison = programme.prison.clone();
        let bookings = |rows: Option<Vec<BookingRow>>| {
            rows.into_iter().flatten().map(|row| row.read(&prison)).collect::<Result<_, _>>()
        };
        Ok(Self {
            agreements: read_all(row.agreements)?,
            parties: read_all(row.parties)?,
            schedule: row.schedule.map(|(id, programme)| ScheduleKeys { id, programme }),
            sessions: read_all(row.sessions)?,
            held: read_all(row.assignments)?,
            minutes_ahead: row.minutes_ahead.unwrap_or_default(),
            rooms: read_all(row.rooms)?,
            trainers: read_all(row.trainers)?,
            refused: read_all(row.refused)?,
            taken: bookings(row.taken)?,
            asked: bookings(row.asked)?,
            programme,
        })
    }
}

fn read_all<R, T: TryFrom<R, Error = Error>>(rows: Option<Vec<R>>) -> Result<Vec<T>, Error> {
    rows.into_iter().flatten().map(T::try_from).collect()
}

impl TryFrom<PartyRow> for Party {
    type Error = Error;

    fn try_from(row: PartyRow) -> Result<Self, Error> {
        let state = text(AgencyState::from_text(&row.state))?;
        Ok(Self { agency: AgencyCode::from_store(row.code), state, version: row.version })
    }
}

impl TryFrom<RoomRow> for AskedRoom {
    type Error = Error;

    fn try_from(row: RoomRow) -> Result<Self, Error> {
        let name = FacilityName::from_store(AgencyCode::from_store(row.prison), row.r#ref);
        Ok(Self { name, available: row.available, key: (row.id, row.version) })
    }
}

impl TryFrom<TrainerRow> for (NamedTrainer, i64) {
    type Error = Error;

    fn try_from(row: TrainerRow) -> Result<Self, Error> {
        let trainer = NamedTrainer {
            id: row.id,
            name: TrainerName::from_store(AgencyCode::from_store(row.agency), row.r#ref),
            booking_key: text(BookingKey::try_from(row.booking_key).ok())?,
            active: row.status == TrainerStatus::Active.as_str(),
        };
        Ok((trainer, row.version))
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_call")]
pub(super) struct CallRow {
    n: i32,
    fingerprint: Vec<u8>,
    agency: String,
    system: String,
    role: String,
    certified: Option<String>,
    agency_state: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    ends_at: Option<OffsetDateTime>,
    lock_classes: Vec<i32>,
    lock_keys: Vec<i32>,
    lock_shared: Vec<bool>,
    programme: Uuid,
    programme_version: i64,
    agreements: Vec<Uuid>,
    agreement_versions: Vec<i64>,
    parties: Vec<String>,
    party_versions: Vec<i64>,
    trainers: Vec<Uuid>,
    trainer_versions: Vec<i64>,
    trainer_keys: Vec<Vec<u8>>,
    refused: Vec<Uuid>,
    rooms: Vec<Uuid>,
    room_versions: Vec<i64>,
    sessions: Vec<Uuid>,
    session_versions: Vec<i64>,
    session_sequences: Vec<i32>,
    assignments: Vec<Uuid>,
    assignment_versions: Vec<i64>,
    met: Vec<Uuid>,
    met_versions: Vec<i64>,
    lesson_minutes: i32,
    minutes_more: i64,
    minutes_before_max: i64,
    at: OffsetDateTime,
    schedule: Uuid,
    schedule_ref: String,
    schedule_is_new: bool,
    programme_ref: String,
    programme_title: String,
    prison: String,
    raised: Vec<Uuid>,
    raised_to: Vec<i32>,
    entry: Option<Uuid>,
    leaf: Option<Vec<u8>>,
    salts: Vec<Vec<u8>>,
    request: Uuid,
    digest: Option<Vec<u8>>,
    answer: Option<String>,
}

impl CallRow {
    pub fn new(n: i32, push: &Push) -> Self {
        let Push { entered, writes, entry, .. } = push;
        let Stands { programme, agreements, parties, trainers, refused, rooms, sessions, assignments, met } =
            &writes.stands;
        let locks = lock::of_push(&entered.agency, push.request_id, writes);
        let (raised, raised_to) = writes.raised.iter().copied().unzip();
        let leaf = entry.as_ref().map(|entry| &entry.leaf);
        Self {
            n,
            fingerprint: push.fingerprint.to_vec(),
            agency: entered.agency.to_string(),
            system: entered.system.clone(),
            role: entered.role.as_str().to_owned(),
            certified: entered.certified.map(|role| role.as_str().to_owned()),
            agency_state: entered.agency_state.as_str().to_owned(),
            not_before: to_row(entered.validity.not_before),
            not_after: to_row(entered.validity.not_after),
            ends_at: entered.validity.ends_at.map(to_row),
            lock_classes: locks.iter().map(|lock| lock.class).collect(),
            lock_keys: locks.iter().map(|lock| lock.key).collect(),
            lock_shared: locks.iter().map(|lock| lock.shared).collect(),
            programme: programme.0,
            programme_version: programme.1,
            agreements: agreements.iter().map(|(id, _)| *id).collect(),
            agreement_versions: agreements.iter().map(|(_, version)| *version).collect(),
            parties: parties.iter().map(|(code, _)| code.to_string()).collect(),
            party_versions: parties.iter().map(|(_, version)| *version).collect(),
            trainers: trainers.iter().map(|(id, ..)| *id).collect(),
            trainer_versions: trainers.iter().map(|(_, version, _)| *version).collect(),
            trainer_keys: trainers.iter().map(|(_, _, key)| key.to_vec()).collect(),
            refused: refused.clone(),
            rooms: rooms.iter().map(|(id, _)| *id).collect(),
            room_versions: rooms.iter().map(|(_, version)| *version).collect(),
            sessions: sessions.iter().map(|(id, ..)| *id).collect(),
            session_versions: sessions.iter().map(|(_, version, _)| *version).collect(),
            session_sequences: sessions.iter().map(|(_, _, sequence)| *sequence).collect(),
            assignments: assignments.iter().map(|(id, _)| *id).collect(),
            assignment_versions: assignments.iter().map(|(_, version)| *version).collect(),
            met: met.iter().map(|(id, _)| *id).collect(),
            met_versions: met.iter().map(|(_, version)| *version).collect(),
            lesson_minutes: writes.lesson_minutes,
            minutes_more: writes.minutes_more,
            minutes_before_max: writes.minutes_before_max,
            at: to_row(push.now),
            schedule: writes.schedule.0,
            schedule_ref: writes.schedule.1.id.clone(),
            schedule_is_new: writes.schedule_is_new,
            programme_ref: writes.programme.id.clone(),
            programme_title: writes.programme_title.clone(),
            prison: writes.prison.to_string(),
            raised,
            raised_to,
            entry: leaf.map(|leaf| leaf.id),
            leaf: leaf.map(|leaf| leaf.bytes.clone()),
            salts: leaf.map_or(Vec::new(), |leaf| leaf.salts.iter().map(|(_, salt)| salt.to_vec()).collect()),
            request: push.request_id,
            digest: entry.as_ref().map(|entry| entry.digest.to_vec()),
            answer: entry.as_ref().map(|entry| entry.answer.clone()),
        }
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_session")]
pub(super) struct SessionRow {
    call: i32,
    id: Uuid,
    uid: String,
    sequence: i32,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    time_zone: String,
    topic: String,
    trainers: Json<Vec<SessionTrainer>>,
    trainer_agencies: Vec<String>,
    facility: Option<String>,
    facility_pushed: Option<String>,
    state: String,
    note: Option<String>,
    noted_by: Option<String>,
    noted_at: Option<OffsetDateTime>,
    dormant: bool,
    version: i64,
}

impl SessionRow {
    pub fn new(call: i32, session: &Session) -> Self {
        let remark = session.remark.as_ref();
        let room = |name: &Option<FacilityName>| name.as_ref().map(|name| name.id.clone());
        Self {
            call,
            id: session.id,
            uid: session.name.id.clone(),
            sequence: session.sequence,
            starts_at: to_row(session.when.start),
            ends_at: to_row(session.when.end),
            time_zone: session.zone.name().to_owned(),
            topic: session.topic.as_str().to_owned(),
            trainers: Json(session.trainers.clone()),
            trainer_agencies: trainer_agencies(session).into_iter().map(str::to_owned).collect(),
            facility: room(&session.facility),
            facility_pushed: room(&session.facility_pushed),
            state: session.state.as_str().to_owned(),
            note: remark.map(|remark| remark.note.as_str().to_owned()),
            noted_by: remark.and_then(|remark| remark.agency.as_ref()).map(AgencyCode::to_string),
            noted_at: remark.and_then(|remark| remark.at).map(to_row),
            dormant: session.dormant,
            version: session.version,
        }
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_assignment")]
pub(super) struct AssignmentRow {
    call: i32,
    id: Uuid,
    session: Uuid,
    session_uid: String,
    trainer: Uuid,
    trainer_agency: String,
    trainer_ref: String,
    booking_key: Vec<u8>,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    time_zone: String,
    role: String,
    state: String,
    dormant: bool,
    version: i64,
}

impl AssignmentRow {
    pub fn new(call: i32, held: &BookedAssignment) -> Self {
        Self {
            call,
            id: held.id,
            session: held.session,
            session_uid: held.session_name.id.clone(),
            trainer: held.trainer_id,
            trainer_agency: held.trainer.agency.to_string(),
            trainer_ref: held.trainer.id.clone(),
            booking_key: held.booking_key.to_vec(),
            starts_at: to_row(held.when.starts_at),
            ends_at: to_row(held.when.ends_at),
            time_zone: held.time_zone.clone(),
            role: held.role.as_str().to_owned(),
            state: held.state.as_str().to_owned(),
            dormant: held.dormant,
            version: held.version,
        }
    }
}
