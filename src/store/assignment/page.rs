//! Assignments as their readers are shown them: one, or a page of a list, by one question that lets its caller in. What the
//! rows share comes once beside them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode,
        access::{Fingerprint, Role},
        assignment::{Assignment, AssignmentFilter, AssignmentState, Clearance, Times},
        field::Field,
        name::{FacilityName, SessionName, TrainerName},
        schedule::{SessionState, first_start},
        term::DaysInForce,
        text::Text,
        time::{END as TIME_END, Interval, Zone},
        trainer::{Competence, TrainerRole},
    },
    store::{
        self, Entered, Error, Part, from_row, last_of, readable,
        registry::{ask_as_caller, entered_row},
        text, to_row,
        zone::Offsets,
    },
};

/// The keys by which assignments are listed: start, the session's lead agency and uid, whether it is the assistant's, id.
pub type Place = (Timestamp, AgencyCode, String, bool, Uuid);

/// What a question for assignments asks for.
#[derive(Debug)]
pub enum Sought<'a> {
    /// The assignment of this id.
    One(Uuid),
    /// A part of the list.
    Part(PartOfList<'a>),
}

/// A part of the list of assignments, from a place on.
#[derive(Debug)]
pub struct PartOfList<'a> {
    /// The filters of the list.
    pub filter: &'a AssignmentFilter,
    /// The place after which the part begins; `None` for the beginning.
    pub after: Option<&'a Place>,
    /// The most rows.
    pub limit: i64,
    /// The distances of the agreements' zones from UTC, where days decide what the list holds; `None` to learn the zones.
    pub told: Option<Offsets>,
    /// What the digest of the answer is made with: another for another list.
    pub seed: [u8; 16],
    /// A digest of an earlier answer; `None` to be shown the rows in any case.
    pub seen: Option<[u8; 16]>,
}

/// The question for one assignment, or for a part of a list. One round trip.
#[derive(Debug)]
pub struct Question<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The roles that are shown anything by this question.
    pub roles: &'a [Role],
    /// The time of the call, from which days are counted.
    pub now: Timestamp,
    /// What is asked for.
    pub sought: Sought<'a>,
}

/// Who asked, and what was found.
#[derive(Debug)]
pub struct Asked {
    /// The caller; `None` where the certificate is not in the inventory.
    pub caller: Option<Entered>,
    /// The zone of the caller's agency.
    pub zone: Zone,
    /// What was found.
    pub found: Found,
}

/// What a question for assignments found.
#[derive(Debug)]
pub enum Found {
    /// The zones in which agreements are counted, which must be told first; or the caller has none of the roles.
    Zones(Vec<Zone>),
    /// All is as seen.
    Unchanged,
    /// The assignments, by start and session, LEAD first.
    Shown {
        /// The assignments.
        part: Part<Assignment>,
        /// The digest of all that is shown.
        digest: [u8; 16],
        /// When time alone may next show something else.
        until: Option<Timestamp>,
    },
}

impl Found {
    /// Makes something else of each assignment that is shown.
    pub fn map(self, make: impl FnMut(Assignment) -> Assignment) -> Self {
        match self {
            Self::Shown { part, digest, until } => Self::Shown { part: part.map(make), digest, until },
            other => other,
        }
    }
}

impl store::Question for Question<'_> {
    type Answer = Asked;

    async fn ask(&self, db: &mut PgConnection) -> Result<Asked, Error> {
        let nothing = AssignmentFilter::default();
        let (only_one, list) = match &self.sought {
            Sought::One(id) => (Some(*id), None),
            Sought::Part(list) => (None, Some(list)),
        };
        let filter = list.map_or(&nothing, |list| list.filter);
        let after = list.and_then(|list| list.after);
        let start = after.map_or_else(|| first_start(filter.range_start), |(start, ..)| *start);
        let told = list.and_then(|list| list.told.as_ref());
        let roles: Vec<_> = self.roles.iter().map(|role| role.as_str().to_owned()).collect();
        let limit = list.map_or(1, |list| list.limit);
        let row = ask_as_caller!(
            db,
            r#"(q.caller).time_zone AS "zone!", q.etag, q.shared AS "shared: Json<Shared>", q.page AS "page: Vec<Row>"
               FROM assignment_page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                                    $20, $21, $22) AS q"#,
            &self.fingerprint[..],
            &roles,
            only_one,
            filter.state.map(AssignmentState::as_str),
            filter.trainer_agency.as_ref().map(AgencyCode::as_str),
            filter.range_start.map(to_row),
            to_row(filter.range_end.unwrap_or(TIME_END)),
            filter.facility.as_ref().map(|name| name.agency.as_str()),
            filter.facility.as_ref().map(|name| name.id.as_str()),
            filter.clearance.map(Clearance::as_str),
            to_row(self.now),
            told.map(|told| &told.zones[..]),
            told.map(|told| &told.since[..]),
            told.map(|told| &told.seconds[..]),
            to_row(start),
            after.map_or("", |(_, lead, ..)| lead.as_str()),
            after.map_or("", |(_, _, uid, ..)| uid.as_str()),
            after.is_some_and(|(.., assists, _)| *assists),
            after.map_or(Uuid::nil(), |(.., id)| *id),
            limit,
            list.map_or(&[][..], |list| &list.seed[..]),
            list.and_then(|list| list.seen.as_ref()).map(|seen| &seen[..])
        );
        let Some(row) = row else {
            return Ok(Asked { caller: None, zone: Zone::utc(), found: Found::Zones(Vec::new()) });
        };
        let (shared, page, digest) = (row.shared, row.page.unwrap_or_default(), row.etag);
        let found = match (digest, shared) {
            (None, shared) => {
                let zones = shared.map(|Json(shared)| shared.zones).unwrap_or_default();
                Found::Zones(zones.into_iter().map(Zone::from_store).collect())
            }
            (Some(_), None) => Found::Unchanged,
            (Some(digest), Some(Json(shared))) => Found::Shown {
                until: shared.next_change(self.now),
                part: shared.show(page, limit, self.now),
                digest: text(digest.try_into().ok())?,
            },
        };
        let zone = Zone::from_store(row.zone);
        Ok(Asked { caller: Some(entered_row!(row).try_into()?), zone, found })
    }
}

/// The type `shown_assignment`.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "shown_assignment")]
struct Row {
    id: Uuid,
    lead: String,
    session_uid: String,
    prison: String,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    time_zone: String,
    trainer_agency: String,
    trainer_ref: String,
    role: String,
    state: String,
    version: i64,
    agreement: Option<Uuid>,
    field: Option<String>,
    title: Option<String>,
    topic: Option<String>,
    room: Option<String>,
    session_state: Option<String>,
    trainer_name: Option<String>,
    competences: Option<String>,
}

/// What rows of a page share, and what not every reader of them may know.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shared {
    zones: Vec<String>,
    #[serde(deserialize_with = "or_none")]
    sessions: Vec<OwnSession>,
    #[serde(deserialize_with = "or_none")]
    trainers: Vec<OwnTrainer>,
    #[serde(deserialize_with = "or_none")]
    overlaps: Vec<Overlap>,
    #[serde(deserialize_with = "or_none")]
    lending: Vec<Lending>,
    #[serde(deserialize_with = "or_none")]
    agreements: Vec<InForce>,
    #[serde(deserialize_with = "or_none")]
    rooms: Vec<Room>,
}

/// An aggregate over no rows is NULL.
fn or_none<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The session of an assignment whose trainer's agency does not read it.
#[derive(Debug, Deserialize)]
struct OwnSession {
    assignment: Uuid,
    agreement: Uuid,
    field: String,
    title: String,
    topic: String,
    room: Option<String>,
    state: String,
}

/// The trainer of an assignment, whom its lead agency may not know.
#[derive(Debug, Deserialize)]
struct OwnTrainer {
    assignment: Uuid,
    name: String,
    competences: String,
    field: String,
}

#[derive(Debug, Deserialize)]
struct Overlap {
    assignment: Uuid,
    #[serde(flatten)]
    when: Times,
}

#[derive(Debug, Deserialize)]
struct Lending {
    prison: String,
    lender: String,
    #[serde(flatten)]
    days: DaysInForce,
}

#[derive(Debug, Deserialize)]
struct InForce {
    agreement: Uuid,
    #[serde(flatten)]
    days: DaysInForce,
}

#[derive(Debug, Deserialize)]
struct Room {
    prison: String,
    r#ref: String,
    name: String,
}

impl Shared {
    /// The first moment after `now` at which an agreement comes into force or is over.
    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let own = self.agreements.iter().map(|one| &one.days);
        own.chain(self.lending.iter().map(|one| &one.days)).filter_map(|days| days.next_change(now)).min()
    }

    /// Makes assignments of the rows; one that cannot be read is left out.
    fn show(self, mut rows: Vec<Row>, limit: i64, now: Timestamp) -> Part<Assignment> {
        self.complete(&mut rows);
        let last = last_of(&rows, limit, |row| {
            let assists = row.role == TrainerRole::Assistant.as_str();
            let (start, id) = (from_row(row.starts_at).to_string(), row.id.to_string());
            vec![start, row.lead.clone(), row.session_uid.clone(), assists.to_string(), id]
        });
        let mut overlaps: HashMap<_, Vec<_>> = HashMap::new();
        for Overlap { assignment, when } in &self.overlaps {
            let when = Interval { start: when.starts_at, end: when.ends_at };
            overlaps.entry(*assignment).or_default().push(when);
        }
        let mut taught = Taught::default();
        let items = readable(
            rows,
            |row| format!("assignments/{}", row.id),
            |row| {
                let overlaps = overlaps.remove(&row.id).unwrap_or_default();
                self.assignment(row, overlaps, &mut taught, now)
            },
        );
        Part { items, last }
    }

    /// Fills in what the rows lack and this reader may know.
    fn complete(&self, rows: &mut [Row]) {
        if self.sessions.is_empty() && self.trainers.is_empty() {
            return;
        }
        let mut by_id: HashMap<_, _> = rows.iter_mut().map(|row| (row.id, row)).collect();
        for session in &self.sessions {
            let Some(row) = by_id.get_mut(&session.assignment) else { continue };
            (row.agreement, row.room) = (Some(session.agreement), session.room.clone());
            (row.title, row.topic) = (Some(session.title.clone()), Some(session.topic.clone()));
            (row.field, row.session_state) = (Some(session.field.clone()), Some(session.state.clone()));
        }
        for trainer in &self.trainers {
            let Some(row) = by_id.get_mut(&trainer.assignment) else { continue };
            (row.trainer_name, row.competences) =
                (Some(trainer.name.clone()), Some(trainer.competences.clone()));
            row.field = Some(trainer.field.clone());
        }
    }

    /// Whether the agreements that the trainer's coming rests on are in force: the programme's, and that of an agency which
    /// lends the trainer. `opens_door` is the same rule; a test holds the two against each other.
    fn in_force(&self, row: &Row, at: Timestamp) -> bool {
        let own = self.agreements.iter().filter(|one| Some(one.agreement) == row.agreement);
        let is_lent = row.trainer_agency != row.lead && row.trainer_agency != row.prison;
        let mut lending =
            self.lending.iter().filter(|one| one.prison == row.prison && one.lender == row.trainer_agency);
        own.into_iter().any(|one| one.days.include(at))
            && (!is_lent || lending.any(|one| one.days.include(at)))
    }

    fn assignment(
        &self,
        row: Row,
        overlaps: Vec<Interval>,
        taught: &mut Taught,
        now: Timestamp,
    ) -> Result<Assignment, Error> {
        let when = Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) };
        let state = text(AssignmentState::from_text(&row.state))?;
        let in_force = state.is_open() && self.in_force(&row, when.start.max(now));
        let room = |room: &&Room| Some(&room.r#ref) == row.room.as_ref() && room.prison == row.prison;
        let room_name = self.rooms.iter().find(room).map(|room| room.name.clone());
        let session_state = row.session_state.map(|state| text(SessionState::from_text(&state)));
        let prison = AgencyCode::from_store(row.prison);
        let competences = match (row.competences, row.field) {
            (Some(competences), Some(field)) => taught.read(competences, field)?,
            _ => Vec::new(),
        };
        Ok(Assignment {
            id: row.id,
            session: SessionName::from_store(AgencyCode::from_store(row.lead), row.session_uid),
            when,
            zone: Zone::from_store(row.time_zone),
            programme_title: Text::from_store(row.title.unwrap_or_default()),
            topic: Text::from_store(row.topic.unwrap_or_default()),
            facility: row.room.map(|reference| FacilityName::from_store(prison, reference)),
            facility_display_name: Text::from_store(room_name.unwrap_or_default()),
            session_state: session_state.transpose()?,
            in_force,
            trainer: TrainerName::from_store(AgencyCode::from_store(row.trainer_agency), row.trainer_ref),
            trainer_display_name: Text::from_store(row.trainer_name.unwrap_or_default()),
            competences,
            role: text(TrainerRole::from_text(&row.role))?,
            state,
            overlaps,
            version: row.version,
        })
    }
}

/// Competences in the field that is taught, each document read once.
#[derive(Default)]
struct Taught(HashMap<(String, String), Vec<Competence>>);

impl Taught {
    fn read(&mut self, competences: String, field: String) -> Result<Vec<Competence>, Error> {
        let key = (competences, field);
        if let Some(read) = self.0.get(&key) {
            return Ok(read.clone());
        }
        let parsed = serde_json::from_str(&key.0).and_then(|all| Ok((all, serde_json::from_str(&key.1)?)));
        let (mut competences, field): (Vec<Competence>, Field) =
            parsed.map_err(|error| Error::internal(format!("a document in the database: {error}")))?;
        competences.retain(|competence| competence.field == field);
        self.0.insert(key, competences.clone());
        Ok(competences)
    }
}
