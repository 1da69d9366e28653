//! What a push asks and finds, as the composite types of migration 0035: fields go by their order.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Ask, AskedRoom, Found, Ground, Met, Party};
use crate::{
    domain::{
        AgencyCode,
        agency::AgencyState,
        calendar::{Booking, Holder},
        name::{FacilityName, TrainerName},
        programme::Programme,
        time::Interval,
        trainer::{BookingKey, NamedTrainer, TrainerStatus},
    },
    store::{
        Document, Error, agreement, assignment, from_row, programme,
        registry::EnteredRow,
        replay::Remembered,
        schedule::{self, ScheduleKeys},
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
    counts_minutes: bool,
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
            counts_minutes: ask.counts_minutes,
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
        r#"SELECT g.agency, g.system, g.role, g.certified, g.agency_state, g.not_before, g.not_after, g.ends_at, g.revoked,
                  g.earlier_digest, g.earlier_answer AS "earlier_answer: Document",
                  g.programmes AS "programmes: Vec<programme::Row>",
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
        let entered = || {
            Some(EnteredRow {
                agency: row.agency?,
                system: row.system?,
                role: row.role?,
                certified: row.certified,
                agency_state: row.agency_state?,
                not_before: row.not_before?,
                not_after: row.not_after?,
                ends_at: row.ends_at,
                revoked: row.revoked?,
            })
        };
        let Some(entered) = entered() else { return Ok(None) };
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
            minutes_ahead: row.minutes_ahead,
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
