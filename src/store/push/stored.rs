//! What a push stores, as the composite types of migration 0035: fields go by their order.

use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Entry, Push, Stands, ToLock};
use crate::{
    domain::{
        AgencyCode, assignment::BookedAssignment, name::FacilityName, schedule::Session,
        trainer::SessionTrainer,
    },
    store::{
        lock::{self, Lock},
        schedule::trainer_agencies,
        to_row,
    },
};

/// What pushes stand on and store: the arguments of `push_store`, in their order. Each row says by the place of its push,
/// from 1, whose it is.
#[derive(Default)]
pub(super) struct Rows {
    pub calls: Vec<CallRow>,
    pub locks: Vec<LockRow>,
    pub facts: Vec<FactRow>,
    pub raised: Vec<RaiseRow>,
    pub sessions: Vec<SessionRow>,
    pub changed_sessions: Vec<SessionRow>,
    pub assignments: Vec<AssignmentRow>,
    pub changed_assignments: Vec<AssignmentRow>,
    pub kept_assignments: Vec<AssignmentRow>,
    pub entries: Vec<EntryRow>,
}

impl Rows {
    pub fn of(pushes: &[&Push]) -> Self {
        let mut rows = Self::default();
        for (n, push) in (1..).zip(pushes) {
            rows.add(n, push);
        }
        rows
    }

    fn add(&mut self, n: i32, push: &Push) {
        let writes = &push.writes;
        let same = self.calls.iter().filter(|call| call.programme == writes.stands.programme.0);
        let minutes_between = same.map(|call| call.minutes_more.max(0)).sum();
        self.calls.push(CallRow::new(n, push, minutes_between));
        self.locks.extend(LockRow::all(n, push));
        self.facts.extend(FactRow::all(n, &writes.stands));
        let raised = writes.raised.iter();
        self.raised.extend(raised.map(|(session, sequence)| RaiseRow {
            call: n,
            session: *session,
            sequence: *sequence,
        }));
        self.sessions.extend(writes.sessions.iter().map(|session| SessionRow::new(n, session)));
        self.changed_sessions
            .extend(writes.changed_sessions.iter().map(|session| SessionRow::new(n, session)));
        let assignment = |held| AssignmentRow::new(n, push, held);
        self.assignments.extend(writes.assignments.iter().map(assignment));
        self.changed_assignments.extend(writes.changed_assignments.iter().map(assignment));
        self.kept_assignments.extend(writes.kept_assignments.iter().map(assignment));
        self.entries.extend(EntryRow::new(n, push));
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_call")]
pub(super) struct CallRow {
    n: i32,
    request: Uuid,
    fingerprint: Vec<u8>,
    agency: String,
    system: String,
    role: String,
    certified: Option<String>,
    agency_state: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    ends_at: Option<OffsetDateTime>,
    at: OffsetDateTime,
    programme: Uuid,
    programme_ref: String,
    programme_title: String,
    prison: String,
    schedule: Uuid,
    schedule_ref: String,
    schedule_is_new: bool,
    refused: Vec<Uuid>,
    lesson_minutes: i32,
    minutes_more: i64,
    minutes_before_max: i64,
}

impl CallRow {
    /// `minutes_between` is what calls before it add to the same programme.
    fn new(n: i32, push: &Push, minutes_between: i64) -> Self {
        let Push { entered, writes, .. } = push;
        Self {
            n,
            request: push.request_id,
            fingerprint: push.fingerprint.to_vec(),
            agency: entered.agency.to_string(),
            system: entered.system.clone(),
            role: entered.role.as_str().to_owned(),
            certified: entered.certified.map(|role| role.as_str().to_owned()),
            agency_state: entered.agency_state.as_str().to_owned(),
            not_before: to_row(entered.validity.not_before),
            not_after: to_row(entered.validity.not_after),
            ends_at: entered.validity.ends_at.map(to_row),
            at: to_row(push.now),
            programme: writes.stands.programme.0,
            programme_ref: writes.programme.id.clone(),
            programme_title: writes.programme_title.clone(),
            prison: writes.prison.to_string(),
            schedule: writes.schedule.0,
            schedule_ref: writes.schedule.1.id.clone(),
            schedule_is_new: writes.schedule_is_new,
            refused: writes.stands.refused.clone(),
            lesson_minutes: writes.lesson_minutes,
            minutes_more: writes.minutes_more,
            minutes_before_max: writes.minutes_before_max - minutes_between,
        }
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_lock")]
pub(super) struct LockRow {
    call: i32,
    class: i32,
    key: i32,
    shared: bool,
}

impl LockRow {
    fn all(call: i32, push: &Push) -> Vec<Self> {
        let request = lock::request(&push.entered.agency, push.request_id);
        let ToLock { programme, agreements, persons, rooms } = &push.writes.stands.locks;
        let locks = lock::of_call(request, agreements, *programme, persons, rooms).into_iter();
        locks.map(|Lock { class, key, shared }| Self { call, class, key, shared }).collect()
    }
}

#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum FactKind {
    Agreement,
    Party,
    Programme,
    Trainer,
    Facility,
    Session,
    Assignment,
    Met,
}

/// A row that a judgement stands on.
#[derive(sqlx::Type)]
#[sqlx(type_name = "push_fact")]
pub(super) struct FactRow {
    call: i32,
    kind: FactKind,
    id: Option<Uuid>,
    code: Option<String>,
    version: i64,
    booking_key: Option<Vec<u8>>,
    sequence: Option<i32>,
}

impl FactRow {
    fn new(call: i32, kind: FactKind, (id, version): (Uuid, i64)) -> Self {
        Self { call, kind, id: Some(id), code: None, version, booking_key: None, sequence: None }
    }

    fn all(call: i32, stands: &Stands) -> Vec<Self> {
        let Stands { programme, agreements, parties, trainers, rooms, sessions, assignments, met, .. } =
            stands;
        let mut facts = vec![Self::new(call, FactKind::Programme, *programme)];
        for (kind, rows) in [
            (FactKind::Agreement, agreements),
            (FactKind::Facility, rooms),
            (FactKind::Assignment, assignments),
            (FactKind::Met, met),
        ] {
            facts.extend(rows.iter().map(|row| Self::new(call, kind, *row)));
        }
        facts.extend(parties.iter().map(|(code, version)| Self {
            id: None,
            code: Some(code.to_string()),
            ..Self::new(call, FactKind::Party, (Uuid::nil(), *version))
        }));
        facts.extend(trainers.iter().map(|(id, version, key)| Self {
            booking_key: Some(key.to_vec()),
            ..Self::new(call, FactKind::Trainer, (*id, *version))
        }));
        facts.extend(sessions.iter().map(|(id, version, sequence)| Self {
            sequence: Some(*sequence),
            ..Self::new(call, FactKind::Session, (*id, *version))
        }));
        facts
    }
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_raise")]
pub(super) struct RaiseRow {
    call: i32,
    session: Uuid,
    sequence: i32,
}

#[derive(sqlx::Type)]
#[sqlx(type_name = "push_entry")]
pub(super) struct EntryRow {
    call: i32,
    agency: String,
    at: OffsetDateTime,
    id: Uuid,
    leaf: Vec<u8>,
    salts: Vec<Vec<u8>>,
    request: Uuid,
    digest: Vec<u8>,
    answer: String,
}

impl EntryRow {
    fn new(call: i32, push: &Push) -> Option<Self> {
        let Entry { leaf, digest, answer } = push.entry.as_ref()?;
        Some(Self {
            call,
            agency: push.entered.agency.to_string(),
            at: to_row(push.now),
            id: leaf.id,
            leaf: leaf.bytes.clone(),
            salts: leaf.salts.iter().map(|(_, salt)| salt.to_vec()).collect(),
            request: push.request_id,
            digest: digest.to_vec(),
            answer: answer.clone(),
        })
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
    fn new(call: i32, session: &Session) -> Self {
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
    is_lent: bool,
}

impl AssignmentRow {
    fn new(call: i32, push: &Push, held: &BookedAssignment) -> Self {
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
            is_lent: held.trainer.agency != push.entered.agency,
        }
    }
}
