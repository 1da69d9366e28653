//! Schedules (jadwal) and their sessions. Owns the effect of a push on the stored sessions, and the rules of confirming.
//! The lead agency's uid identifies a session; its content is what was last pushed, not what became of it (RFC 5545, UID
//! and SEQUENCE).

use jiff::{SignedDuration, Timestamp, civil::Date};
use uuid::Uuid;

use super::{
    AgencyCode, Fault, Reason, Violations, bounds,
    calendar::{Booking, Holder},
    name::{FacilityName, ProgrammeName, ScheduleName, SessionName, TrainerName},
    remark::{Remark, RemarkAct},
    term::Term,
    text::Text,
    time::{Interval, START, Zone},
    trainer::{Competence, SessionTrainer},
};
use crate::text_enum;

/// The most sessions of a push.
pub const SESSIONS_MAX: usize = 1_000;
/// The most trainers of a session.
pub const SESSION_TRAINERS_MAX: usize = 10;
/// The most different trainers of a push: each is locked for the time of the transaction.
pub const PUSH_TRAINERS_MAX: usize = 200;
/// The longest session.
const LENGTH_MAX: SignedDuration = SignedDuration::from_hours(8);
/// The time before a session's start in which only the prison changes it.
const NOTICE: SignedDuration = SignedDuration::from_hours(24);

text_enum! {
    /// The state of a session.
    SessionState {
        Tentative = "TENTATIVE",
        /// The prison has confirmed it, in a room and with one leading trainer.
        Confirmed = "CONFIRMED",
        /// It was cancelled for good.
        Cancelled = "CANCELLED",
        /// The prison has declined it; a push with a higher sequence opens it again.
        Declined = "DECLINED",
    }
}

/// A session as its lead agency plans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDraft {
    /// The session's name, with the lead agency's uid.
    pub name: SessionName,
    /// The version of the content, raised by the lead agency.
    pub sequence: i32,
    /// The planned time.
    pub when: Interval,
    /// The topic (materi).
    pub topic: Text<200>,
    /// The trainers; none twice, and their order says nothing.
    pub trainers: Vec<SessionTrainer>,
    /// The room that is asked for; `None` leaves the choice to the prison.
    pub facility: Option<FacilityName>,
}

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The id in our own tables.
    pub id: Uuid,
    /// `agencies/{code}/sessions/{uid}`, under the lead agency.
    pub name: SessionName,
    /// The schedule of the session.
    pub schedule: ScheduleName,
    /// The programme of the schedule.
    pub programme: ProgrammeName,
    /// The programme's title.
    pub programme_title: Text<200>,
    /// The programme's prison.
    pub prison: AgencyCode,
    /// The sequence last pushed.
    pub sequence: i32,
    /// The planned time.
    pub when: Interval,
    /// The zone of the schedule.
    pub zone: Zone,
    /// The topic (materi).
    pub topic: Text<200>,
    /// The trainers as last pushed.
    pub trainers: Vec<SessionTrainer>,
    /// The room that the session holds.
    pub facility: Option<FacilityName>,
    /// The room as last pushed.
    pub facility_pushed: Option<FacilityName>,
    /// The state of the session.
    pub state: SessionState,
    /// Who cancelled or declined it, or released what it held, when and why.
    pub remark: Option<Remark>,
    /// Whether the session's agreement is suspended or over by then, or a party of it suspended: it holds no room and
    /// nobody.
    pub dormant: bool,
    /// Counts the changes of the session, from 1.
    pub version: i64,
}

/// The effect of a draft on the stored session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The session is new.
    Create,
    /// The session is replaced.
    Update,
    /// The content is equal. A higher sequence is stored, and counts as no change.
    Unchanged,
}

/// The facts against which a draft is judged.
#[derive(Debug)]
pub struct SessionRules<'a> {
    /// The time of the call.
    pub now: Timestamp,
    /// The schedule that is pushed.
    pub schedule: &'a ScheduleName,
    /// The zone of the pushed schedule.
    pub zone: &'a Zone,
    /// The agreement's days, counted in its own zone.
    pub term: &'a Term,
    /// The agreement's zone.
    pub term_zone: &'a Zone,
    /// The first day on which the agreement no longer holds, where notice was given.
    pub terminates_on: Option<Date>,
    /// Whether the caller is the programme's prison, whom no notice binds.
    pub caller_is_prison: bool,
}

/// Which of a reader's sessions a list holds; a part that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// The agency whose session it is.
    pub lead: Option<AgencyCode>,
    /// The programme of the session.
    pub programme: Option<ProgrammeName>,
    /// The state of the session.
    pub state: Option<SessionState>,
    /// The first moment of a half-open range; a session that overlaps the range counts.
    pub range_start: Option<Timestamp>,
    /// The moment that ends the range and is no part of it.
    pub range_end: Option<Timestamp>,
}

/// The moment from which sessions start that may overlap a range: as long before it as a session lasts at most, and the
/// first of all times where the range has no start.
pub fn first_start(range_start: Option<Timestamp>) -> Timestamp {
    range_start.map_or(START, |start| start.checked_sub(LENGTH_MAX).unwrap_or(START))
}

impl SessionState {
    /// The act that a note on a session of this state was given with.
    pub fn remarked(self) -> RemarkAct {
        match self {
            Self::Cancelled => RemarkAct::Cancel,
            Self::Declined => RemarkAct::Decline,
            Self::Tentative | Self::Confirmed => RemarkAct::Release,
        }
    }
}

impl SessionDraft {
    /// Decides the effect of the draft on `stored`, or collects everything that forbids it. `path` is the item's, such as
    /// `sessions[3]`. `out` says that a trainer of the session is no longer in it. Equal content with a higher sequence
    /// changes something only if the session was declined or lost its room, or a trainer is out: those are asked for anew.
    /// Errors:
    /// `SESSION_OF_OTHER_SCHEDULE`, `STALE_SEQUENCE`, those of [`Session::may_change`], `SESSION_REVERSED`,
    /// `SESSION_TOO_LONG`, `SESSION_IN_PAST`, `SESSION_OUTSIDE_TERM`.
    pub fn judge(
        &self,
        stored: Option<&Session>,
        out: bool,
        rules: &SessionRules<'_>,
        path: &str,
    ) -> Result<Effect, Violations> {
        let mut violations = Violations::default();
        if let Some(stored) = stored {
            if stored.schedule != *rules.schedule {
                violations.add(format!("{path}.uid"), Reason::SessionOfOtherSchedule);
                return Err(violations);
            }
            let revives = stored.state == SessionState::Cancelled && self.sequence > stored.sequence;
            if self.has_content_of(stored, rules.zone) && !revives && !self.reopens(stored, out) {
                return Ok(Effect::Unchanged);
            }
            violations.take(path, stored.may_change(rules.now, rules.caller_is_prison));
            if self.sequence <= stored.sequence {
                let stale = Fault::from(Reason::StaleSequence);
                let stale = stale.with("sequence", self.sequence).with("stored", stored.sequence);
                let stale = stale.with("next", stored.sequence.saturating_add(1));
                violations.add(format!("{path}.sequence"), stale);
            }
        }
        self.check_times(rules, path, &mut violations);
        match (violations.is_empty(), stored) {
            (false, _) => Err(violations),
            (true, Some(_)) => Ok(Effect::Update),
            (true, None) => Ok(Effect::Create),
        }
    }

    fn check_times(&self, rules: &SessionRules<'_>, path: &str, violations: &mut Violations) {
        let Interval { start, end } = self.when;
        if end <= start {
            violations.add(format!("{path}.ends_at"), Reason::SessionReversed);
            return;
        }
        if end.duration_since(start) > LENGTH_MAX {
            violations.add(format!("{path}.ends_at"), Reason::SessionTooLong);
        }
        if start < rules.now {
            violations.add(format!("{path}.starts_at"), Reason::SessionInPast);
        }
        // The end is exclusive: a session that ends at midnight belongs to the day before.
        let last_moment = end.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(end);
        let covered = |at| {
            rules.term_zone.day(at).is_some_and(|day| {
                rules.term.covers(day) && rules.terminates_on.is_none_or(|terminates| day < terminates)
            })
        };
        if !covered(start) || !covered(last_moment) {
            let before = rules.terminates_on.and_then(|day| day.yesterday().ok());
            let until = rules.term.last_day().into_iter().chain(before).min();
            let until = until.map_or_else(|| "…".to_owned(), |day| day.to_string());
            let outside = Fault::from(Reason::SessionOutsideTerm);
            let outside = outside.with("effective_from", rules.term.from).with("effective_until", until);
            violations.add(format!("{path}.starts_at"), outside);
        }
    }

    fn reopens(&self, stored: &Session, out: bool) -> bool {
        let lost_room = stored.facility_pushed.is_some() && stored.facility.is_none();
        let again = stored.state == SessionState::Declined || out || lost_room;
        again && stored.state != SessionState::Cancelled && self.sequence > stored.sequence
    }

    fn has_content_of(&self, stored: &Session, zone: &Zone) -> bool {
        let sorted = |trainers: &[SessionTrainer]| {
            let mut trainers = trainers.to_vec();
            trainers.sort();
            trainers
        };
        self.when == stored.when
            && self.topic == stored.topic
            && *zone == stored.zone
            && sorted(&self.trainers) == sorted(&stored.trainers)
            && self.facility == stored.facility_pushed
    }
}

/// Checks that a session with this start, or an assignment in it, may still be changed: by the prison until the start, by
/// others until 24 hours before. Errors: `SESSION_IN_PAST`, `SESSION_TOO_SOON`.
pub fn in_time(start: Timestamp, now: Timestamp, caller_is_prison: bool) -> Result<(), Fault> {
    match start.duration_since(now) {
        ahead if ahead <= SignedDuration::ZERO => Err(Reason::SessionInPast.into()),
        ahead if ahead < NOTICE && !caller_is_prison => Err(Reason::SessionTooSoon.into()),
        _ => Ok(()),
    }
}

impl Session {
    /// The etag, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.state.as_str())
    }

    /// Checks that the session may still be changed. Errors: `SESSION_FINAL`, `SESSION_IN_PAST`, and `SESSION_TOO_SOON` within
    /// 24 hours of the start for all but the prison.
    pub fn may_change(&self, now: Timestamp, caller_is_prison: bool) -> Result<(), Fault> {
        if self.state == SessionState::Cancelled {
            return Err(Fault::from(Reason::SessionFinal).with("state", self.state));
        }
        in_time(self.when.start, now, caller_is_prison)
    }

    /// Says what the prison noted when it declined the session: `SESSION_DECLINED`; `None` while it has not.
    pub fn declined(&self) -> Option<Fault> {
        let note = self.remark.as_ref().map_or("–", |remark| remark.note.as_str());
        (self.state == SessionState::Declined)
            .then(|| Fault::from(Reason::SessionDeclined).with("note", note))
    }

    /// The trainers, LEAD first, then by name.
    pub fn trainers_in_order(&self) -> Vec<&SessionTrainer> {
        let mut trainers: Vec<_> = self.trainers.iter().collect();
        trainers.sort_by_key(|named| (named.role, &named.trainer));
        trainers
    }

    /// Whether the session may still take place.
    pub fn is_open(&self) -> bool {
        matches!(self.state, SessionState::Tentative | SessionState::Confirmed)
    }

    /// Whether the session counts against its programme's plan: while it is ahead and holds something.
    pub fn is_held_ahead(&self, now: Timestamp) -> bool {
        self.is_open() && !self.dormant && self.when.start > now
    }

    /// The booking of the session's room, while it holds one.
    pub fn room_booking(&self) -> Option<Booking> {
        let room = self.facility.clone().filter(|_| self.is_open() && !self.dormant)?;
        Some(Booking { holder: Holder::Room(room), when: self.when })
    }

    /// The day on which competences must hold, in the session's zone; `None` where the zone is unknown, and none holds.
    pub fn day(&self) -> Option<Date> {
        self.zone.day(self.when.start)
    }

    /// Checks the trainers for a confirmation. `leads` are the accepted LEADs, each with the competences in the programme's
    /// field; there must be exactly one, and a competence must hold on the session's day. Errors: `SESSION_WITHOUT_LEAD`,
    /// `COMPETENCE_EXPIRED_ON_SESSION_DATE`.
    pub fn check_lead(&self, leads: &[(&TrainerName, &[Competence])]) -> Result<(), Fault> {
        let [(trainer, competences)] = leads else {
            return Err(Fault::from(Reason::SessionWithoutLead).with("count", leads.len()));
        };
        let day = self.day();
        if day.is_some_and(|day| competences.iter().any(|competence| competence.holds_on(day))) {
            return Ok(());
        }
        let date = self.zone.shown(self.when.start).date();
        Err(Fault::from(Reason::CompetenceExpiredOnSessionDate).with("trainer", trainer).with("date", date))
    }
}

#[cfg(test)]
mod tests;
