//! A push in two questions, of which each serves many calls at once: everything that it is held against, in one snapshot
//! and without a lock ([`Grounds`]); and what was judged, stored in one transaction that waits for nobody ([`store`]).
//!
//! Decides nothing: what a judgement stands on is compared with what was read. Under row-level security, each call under its
//! own certificate's agency.

mod groups;
mod rows;
mod stored;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) use self::groups::Groups;
pub use self::groups::{AGAIN, ALONE, GROUP_SIZE, Stored, Turn};
use self::{rows::AskRow, stored::Rows};
use super::{Entered, Error, Notes, Question, record::Leaf, replay::Remembered};
use crate::{
    domain::{
        AgencyCode,
        access::Fingerprint,
        agency::AgencyState,
        agreement::Agreement,
        assignment::BookedAssignment,
        calendar::Booking,
        name::{FacilityName, ProgrammeName, ScheduleName, TrainerName},
        programme::Programme,
        schedule::Session,
        time::Interval,
        trainer::{BookingKey, NamedTrainer},
    },
    ledger::receipt::Receipt,
};

/// What a push names.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The certificate by which the caller comes.
    pub fingerprint: Fingerprint,
    /// The request's id.
    pub request_id: Uuid,
    /// The time of the call.
    pub now: Timestamp,
    /// The programme.
    pub programme: ProgrammeName,
    /// The schedule, under the agency whose sessions these are.
    pub schedule: ScheduleName,
    /// The rooms, each once.
    pub rooms: Vec<FacilityName>,
    /// The trainers, each once.
    pub trainers: Vec<TrainerName>,
    /// The sessions.
    pub sessions: Vec<AskedSession>,
    /// Whether the minutes of the programme's sessions ahead are wanted, which are summed.
    pub counts_minutes: bool,
}

/// A session that a push names.
#[derive(Debug, Clone)]
pub struct AskedSession {
    /// The session's uid.
    pub uid: String,
    /// When it is to be.
    pub when: Interval,
    /// The place of its room among the rooms.
    pub room: Option<usize>,
    /// The places of its trainers among the trainers.
    pub trainers: Vec<usize>,
}

/// What the database has for a push: who calls, and what the call is held against.
#[derive(Debug)]
pub struct Found {
    /// The caller.
    pub entered: Entered,
    /// What was answered to the same request before. Nothing else is read then.
    pub earlier: Option<Remembered>,
    /// What the push is held against; `None` where there is no such programme of the caller's.
    pub ground: Option<Ground>,
}

/// Everything that a push is held against, as it stood in one snapshot.
#[derive(Debug)]
pub struct Ground {
    /// The programme.
    pub programme: Programme,
    /// Its agreement, as far as the caller reads it, and those by which other agencies lend trainers to the prison.
    pub agreements: Vec<Agreement>,
    /// The agencies that are parties of these.
    pub parties: Vec<Party>,
    /// The schedule's key and its programme's, where it was pushed before.
    pub schedule: Option<super::schedule::ScheduleKeys>,
    /// Those of the sessions that are stored already.
    pub sessions: Vec<Session>,
    /// All assignments of these.
    pub held: Vec<BookedAssignment>,
    /// The minutes that the programme's sessions ahead hold; `None` where they were not wanted.
    pub minutes_ahead: Option<i64>,
    /// The rooms that there are.
    pub rooms: Vec<AskedRoom>,
    /// Those of the trainers whom the caller may name, or has in a session already.
    pub trainers: Vec<(NamedTrainer, i64)>,
    /// What was declined or refused to the lead agency of these trainers, and is not over.
    pub refused: Vec<BookedAssignment>,
    /// When the persons and rooms are taken at the times that are wanted.
    pub taken: Vec<Met>,
    /// When the persons are asked for then.
    pub asked: Vec<Met>,
}

/// A booking that is met.
#[derive(Debug)]
pub struct Met {
    /// Who or what is booked, and when.
    pub booking: Booking,
    /// The session that books it.
    pub session: Uuid,
    /// Of a person, the assignment's key and version.
    pub assignment: Option<(Uuid, i64)>,
}

/// An agency that is a party.
#[derive(Debug)]
pub struct Party {
    /// The agency's code.
    pub agency: AgencyCode,
    /// The agency's state.
    pub state: AgencyState,
    /// The agency's version.
    pub version: i64,
}

/// A room that a push names.
#[derive(Debug)]
pub struct AskedRoom {
    /// The room's name.
    pub name: FacilityName,
    /// Whether it may be used.
    pub available: bool,
    /// The room's key and version.
    pub key: (Uuid, i64),
}

/// What a judgement stands on: keys with the versions that were read.
#[derive(Debug, Default)]
pub struct Stands {
    programme: (Uuid, i64),
    agreements: Vec<(Uuid, i64)>,
    parties: Vec<(AgencyCode, i64)>,
    trainers: Vec<(Uuid, i64, BookingKey)>,
    refused: Vec<Uuid>,
    rooms: Vec<(Uuid, i64)>,
    sessions: Vec<(Uuid, i64, i32)>,
    assignments: Vec<(Uuid, i64)>,
    met: Vec<(Uuid, i64)>,
    pub(super) locks: ToLock,
}

impl Stands {
    /// Whether both read one session that is stored.
    fn reads_session_of(&self, other: &Self) -> bool {
        let reads = |id| other.sessions.iter().any(|(read, ..)| *read == id);
        self.sessions.iter().any(|(id, ..)| reads(*id))
    }

    fn reads_assignment(&self, id: Uuid) -> bool {
        let versioned = self.assignments.iter().chain(&self.met).map(|(read, _)| *read);
        versioned.chain(self.refused.iter().copied()).any(|read| read == id)
    }
}

/// What is locked while a push is stored: a programme, agreements (shared), persons and rooms. Those that it gives up too, for
/// who is refused them meanwhile is refused rightly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToLock {
    /// The programme.
    pub programme: Uuid,
    /// The agreements, sorted.
    pub agreements: Vec<Uuid>,
    /// The persons, sorted.
    pub persons: Vec<BookingKey>,
    /// The rooms, sorted.
    pub rooms: Vec<FacilityName>,
}

impl Ground {
    /// What is locked while the push is stored.
    pub fn to_lock(&self) -> ToLock {
        let named = self.trainers.iter().map(|(trainer, _)| trainer.booking_key);
        let mut persons: Vec<_> = named.chain(self.held.iter().map(|held| held.booking_key)).collect();
        let kept = self.sessions.iter().filter_map(|session| session.facility.clone());
        let mut rooms: Vec<_> = self.rooms.iter().map(|room| room.name.clone()).chain(kept).collect();
        let mut agreements: Vec<_> = self.agreements.iter().map(|agreement| agreement.id).collect();
        agreements.sort_unstable();
        persons.sort_unstable();
        rooms.sort_unstable();
        ToLock { programme: self.programme.id, agreements, persons, rooms }
    }

    /// Everything that was read, by key and version.
    pub fn stands(&self) -> Stands {
        let trainer = |(trainer, version): &(NamedTrainer, i64)| (trainer.id, *version, trainer.booking_key);
        Stands {
            locks: self.to_lock(),
            programme: (self.programme.id, self.programme.version),
            agreements: self.agreements.iter().map(|one| (one.id, one.version)).collect(),
            parties: self.parties.iter().map(|party| (party.agency.clone(), party.version)).collect(),
            trainers: self.trainers.iter().map(trainer).collect(),
            refused: self.refused.iter().map(|refused| refused.id).collect(),
            rooms: self.rooms.iter().map(|room| room.key).collect(),
            sessions: self.sessions.iter().map(|one| (one.id, one.version, one.sequence)).collect(),
            assignments: self.held.iter().map(|held| (held.id, held.version)).collect(),
            met: self.taken.iter().chain(&self.asked).filter_map(|met| met.assignment).collect(),
        }
    }
}

/// What a push stores, all of it or nothing.
#[derive(Debug)]
pub struct Writes {
    /// The schedule, and whether it is new.
    pub schedule: (Uuid, ScheduleName),
    /// Whether the schedule is stored with it.
    pub schedule_is_new: bool,
    /// The programme's name.
    pub programme: ProgrammeName,
    /// The programme's title.
    pub programme_title: String,
    /// The prison.
    pub prison: AgencyCode,
    /// New sessions.
    pub sessions: Vec<Session>,
    /// Changed sessions.
    pub changed_sessions: Vec<Session>,
    /// New assignments.
    pub assignments: Vec<BookedAssignment>,
    /// Changed assignments.
    pub changed_assignments: Vec<BookedAssignment>,
    /// Those of changed sessions that stay as they are, and hold or ask for somebody: judged, and not stored.
    pub kept_assignments: Vec<BookedAssignment>,
    /// Sessions of which the sequence alone rises, and to what.
    pub raised: Vec<(Uuid, i32)>,
    /// The minutes of a lesson.
    pub lesson_minutes: i32,
    /// By how many minutes it makes the programme's sessions ahead longer.
    pub minutes_more: i64,
    /// How long these may be before it.
    pub minutes_before_max: i64,
    /// What the judgement stands on.
    pub stands: Stands,
}

impl Writes {
    /// What its sessions hold and ask for of persons and rooms once it is stored.
    fn wanted(&self) -> Vec<Booking> {
        let held = self.assignments.iter().chain(&self.changed_assignments).chain(&self.kept_assignments);
        let held = held.filter(|held| held.state.is_open());
        let rooms = self.sessions.iter().chain(&self.changed_sessions).filter_map(Session::room_booking);
        held.map(BookedAssignment::booking).chain(rooms).collect()
    }
}

/// A push that was judged and is to be stored.
pub struct Push {
    /// Who calls, as it was read.
    pub entered: Entered,
    /// The certificate by which the caller comes.
    pub fingerprint: Fingerprint,
    /// The request's id.
    pub request_id: Uuid,
    /// The time of the call.
    pub now: Timestamp,
    /// What is stored.
    pub writes: Box<Writes>,
    /// Its entry; `None` where sequences rise and nothing changes.
    pub entry: Option<Entry>,
}

/// The entry of a push, with the answer that is remembered.
pub struct Entry {
    pub(super) leaf: Leaf,
    /// The request's digest.
    pub digest: [u8; 32],
    /// The answer, as a JSON text.
    pub answer: String,
}

impl Entry {
    /// Makes the entry of what was told; `None` where nothing was. The answer is made of what a receipt states of it. An internal
    /// error where it tells of a person, whose salt would have to be sealed.
    pub fn of(
        notes: &mut Notes,
        digest: [u8; 32],
        answer: impl FnOnce(&Receipt) -> Result<String, Error>,
    ) -> Result<Option<Self>, Error> {
        if !notes.has_lines() {
            return Ok(None);
        }
        let (leaf, personal) = notes.leaf()?;
        if !personal.is_empty() {
            return Err(Error::internal("a push that tells of a person"));
        }
        let answer = answer(&leaf.receipt())?;
        Ok(Some(Self { leaf, digest, answer }))
    }
}

/// The question what several pushes are held against; the answers are in the order of the asks, `None` where the certificate
/// is not in the inventory. One round trip.
pub struct Grounds<'a>(pub &'a [&'a Ask]);

impl Question for Grounds<'_> {
    type Answer = Vec<Option<Found>>;

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let asks: Vec<_> = self.0.iter().map(|ask| AskRow::from(*ask)).collect();
        rows::select_grounds(db, asks).await
    }
}

/// Stores pushes, and says of each, in order, whether it is stored: the others are locked by somebody, or something that
/// they were held against is no longer as it was read. One round trip, which is a transaction by itself outside of one.
pub async fn store(db: &mut PgConnection, pushes: &[&Push]) -> Result<Vec<bool>, Error> {
    let rows = Rows::of(pushes);
    let stored = sqlx::query_scalar!(
        r#"SELECT push_store($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS "stored!""#,
        rows.calls as _,
        rows.locks as _,
        rows.facts as _,
        rows.raised as _,
        rows.sessions as _,
        rows.changed_sessions as _,
        rows.assignments as _,
        rows.changed_assignments as _,
        rows.kept_assignments as _,
        rows.entries as _,
        pushes.iter().any(|push| push.writes.schedule_is_new)
    );
    let stored = stored.fetch_one(db).await?;
    Ok((1..).zip(pushes).map(|(n, _)| stored.contains(&n)).collect())
}
