//! ScheduleService. A push is decoded item by item: what is wrong with one session is said of that session.

use super::{
    choice::{Choice, choice},
    decode::{self, Decode, Parts, by_name},
    encode,
};
use crate::{
    domain::{
        AgencyCode, Reason, Violation, Violations,
        batch::BatchMode,
        bounds,
        name::{ScheduleName, SessionName},
        schedule::{SESSION_TRAINERS_MAX, SESSIONS_MAX, SessionDraft, SessionFilter, SessionState},
        text::Text,
        time::{Interval, Zone},
        trainer::SessionTrainer,
        words,
    },
    exchange::schedule::{self as work, Item, SeenSession},
    proto::v1,
};

impl Decode for v1::PushScheduleRequest {
    type Work = work::PushSchedule;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "sessions", self.sessions.len(), SESSIONS_MAX)?;
        let name: Option<ScheduleName> = v.name("name", &self.name);
        let programme = v.name("programme", &self.programme);
        let zone = v.take("time_zone", Zone::parse(&self.time_zone));
        let mode = decode::mode(v, self.mode);
        v.take("sessions", bounds::count(self.sessions.len(), 1, SESSIONS_MAX));
        let name = name?;
        let items = self.sessions.into_iter().enumerate();
        let items = items.map(|(index, session)| item(&name.agency, index, session)).collect();
        Some(work::PushSchedule { name, programme: programme?, zone: zone?, mode: mode?, items })
    }

    fn item_violations(work: &Self::Work) -> Vec<Violation> {
        work.items.iter().filter_map(|item| item.draft.as_ref().err()).flatten().cloned().collect()
    }
}

fn item(lead: &AgencyCode, index: usize, session: v1::SessionDraft) -> Item {
    let mut v = Violations::default();
    let at = |field: &str| format!("sessions[{index}].{field}");
    let name = v.take(at("uid"), SessionName::new(lead.clone(), &session.uid));
    let sequence = v.take(at("sequence"), bounds::within(session.sequence, 0, i32::MAX));
    let start = v.time(&at("starts_at"), session.starts_at);
    let end = v.time(&at("ends_at"), session.ends_at);
    let topic = v.take(at("topic"), Text::parse(&session.topic).and_then(words::in_curriculum));
    let facility = v.optional_name(&at("facility"), &session.facility);
    let trainers = trainers(&mut v, &at("trainers"), &session.trainers);
    let draft = || {
        let when = Interval { start: start?, end: end? };
        let (topic, trainers, facility) = (topic?, trainers?, facility?);
        Some(SessionDraft { name: name?, sequence: sequence?, when, topic, trainers, facility })
    };
    let draft = v.finish(draft()).map_err(|refusal| refusal.violations);
    Item { uid: session.uid, draft }
}

fn trainers(v: &mut Violations, at: &str, named: &[v1::SessionTrainer]) -> Option<Vec<SessionTrainer>> {
    v.take(at, bounds::count(named.len(), 0, SESSION_TRAINERS_MAX))?;
    let mut trainers: Vec<SessionTrainer> = Vec::with_capacity(named.len());
    for (index, one) in named.iter().enumerate() {
        let trainer = v.name(&format!("{at}[{index}].trainer"), &one.trainer);
        let role = v.take(format!("{at}[{index}].role"), choice(one.role));
        if let Some((trainer, role)) = trainer.zip(role) {
            if trainers.iter().any(|earlier| earlier.trainer == trainer) {
                v.add(format!("{at}[{index}].trainer"), Reason::DuplicateItem);
            }
            trainers.push(SessionTrainer { trainer, role });
        }
    }
    (trainers.len() == named.len()).then_some(trainers)
}

impl Decode for v1::CancelSessionsRequest {
    type Work = work::CloseSessions;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "sessions", self.sessions.len(), SESSIONS_MAX)?;
        let named = self.sessions.iter().map(|session| (&session.name, &session.etag));
        let sessions = seen(v, named);
        let note = note(v, &self.note);
        let (state, mode) = (SessionState::Cancelled, BatchMode::Atomic);
        Some(work::CloseSessions { state, mode, sessions: sessions?, note: note? })
    }
}

impl Decode for v1::DeclineSessionsRequest {
    type Work = work::CloseSessions;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "sessions", self.sessions.len(), SESSIONS_MAX)?;
        let mode = decode::mode(v, self.mode);
        let named = self.sessions.iter().map(|session| (&session.name, &session.etag));
        let sessions = seen(v, named);
        let note = note(v, &self.note);
        let state = SessionState::Declined;
        Some(work::CloseSessions { state, mode: mode?, sessions: sessions?, note: note? })
    }
}

impl Decode for v1::ConfirmSessionsRequest {
    type Work = work::ConfirmSessions;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        decode::check_size(v, "sessions", self.sessions.len(), SESSIONS_MAX)?;
        let mode = decode::mode(v, self.mode);
        let named = self.sessions.iter().map(|session| (&session.name, &session.etag));
        let sessions = seen(v, named);
        let rooms = self.sessions.iter().enumerate();
        let rooms: Vec<_> = rooms
            .map(|(index, session)| {
                v.optional_name(&format!("sessions[{index}].facility"), &session.facility)
            })
            .collect();
        let rooms = rooms.into_iter().collect::<Option<_>>()?;
        Some(work::ConfirmSessions { sessions: sessions?, rooms, mode: mode? })
    }
}

/// Names and etags of sessions.
fn seen<'a>(
    v: &mut Violations,
    sessions: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
) -> Option<Vec<(SessionName, String)>> {
    decode::seen(v, "sessions", sessions, SESSIONS_MAX, SessionName::parse)
}

/// Parses a note for the other side, which says nothing about persons.
pub(super) fn note(v: &mut Violations, note: &str) -> Option<Text<500>> {
    let note = v.note(note)?;
    v.take("note", words::about_persons(note))
}

by_name! {
    GetSessionRequest => work::GetSession { name };
}

impl Decode for v1::ListSessionsRequest {
    type Work = work::ListSessions;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let lead = v.optional_name("agency", &self.agency);
        let programme = v.optional_name("programme", &self.programme);
        let state = decode::state(v, self.state);
        let range = v.range(self.range_start, self.range_end);
        let (range_start, range_end) = range?;
        let filter =
            SessionFilter { lead: lead?, programme: programme?, state: state?, range_start, range_end };
        Some(work::ListSessions { filter, page: page? })
    }
}

impl From<SeenSession> for v1::Session {
    fn from(seen: SeenSession) -> Self {
        let SeenSession { session, whole } = seen;
        let named = |name: &dyn ToString| if whole { name.to_string() } else { String::new() };
        let trainers = session.trainers_in_order().into_iter().map(|named| v1::SessionTrainer {
            trainer: named.trainer.to_string(),
            role: named.role.to_wire(),
        });
        Self {
            name: session.name.to_string(),
            schedule: named(&session.schedule),
            programme: named(&session.programme),
            programme_title: session.programme_title.to_string(),
            sequence: session.sequence,
            starts_at: encode::time(session.when.start),
            ends_at: encode::time(session.when.end),
            time_zone: session.zone.name().to_owned(),
            topic: session.topic.to_string(),
            trainers: trainers.collect(),
            state: session.state.to_wire(),
            note: encode::optional(session.remark.as_ref().map(|remark| &remark.note)),
            etag: session.etag(),
            facility: encode::optional(session.facility.as_ref()),
            dormant: session.dormant,
            remarks: encode::remarks(&session.remark),
        }
    }
}
