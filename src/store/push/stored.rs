//! What a push stores, as the composite types of migration 0035: fields go by their order.

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Push, Stands, ToLock};
use crate::{
    domain::{
        AgencyCode, assignment::BookedAssignment, name::FacilityName, schedule::Session,
        trainer::SessionTrainer,
    },
    store::{lock, schedule::trainer_agencies, to_row},
};

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
        let Stands {
            programme,
            agreements,
            parties,
            trainers,
            refused,
            rooms,
            sessions,
            assignments,
            met,
            locks: to_lock,
        } = &writes.stands;
        let request = lock::request(&entered.agency, push.request_id);
        let ToLock { programme: of_programme, agreements: of_agreements, persons, rooms: of_rooms } = to_lock;
        let locks = lock::of_call(request, of_agreements, *of_programme, persons, of_rooms);
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
