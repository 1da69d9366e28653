//! A push, step by step: locks, gate, what each session would do, who is free, then everything at once or nothing.
//! Whether a whole call is acceptable is a refusal; whether a session is, is said per item.

mod context;

use std::collections::HashMap;

use jiff::SignedDuration;

use context::PushContext;

use super::{BatchAnswer, ItemAnswer, assignment_changed};
use crate::{
    domain::{
        Fault, Reason, Violation, Violations,
        assignment::AssignmentState,
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        calendar::{self, Booking, Holder, Wanted, Wish},
        name::{FacilityName, ProgrammeName, ScheduleName, SessionName},
        schedule::{Effect, Session, SessionDraft, SessionRules, SessionState},
        time::{Interval, Zone},
        trainer::BookingKey,
    },
    exchange::{Error, Tx, Work},
    ledger::{ChangeKind, row::ScheduleRow},
    store::{
        self,
        assignment::{StoredAssignment, Times},
    },
};

/// A schedule as pushed: at most 1,000 sessions, each parsed or with what is wrong with its shape.
pub struct PushSchedule {
    pub name: ScheduleName,
    pub programme: ProgrammeName,
    pub zone: Zone,
    pub mode: BatchMode,
    pub items: Vec<Item>,
}

/// One session of a push.
pub struct Item {
    /// As sent.
    pub uid: String,
    pub draft: Result<SessionDraft, Vec<Violation>>,
}

/// What an item would do: nothing yet, for it may still be refused.
struct Planned {
    name: Option<SessionName>,
    verdict: Result<Effect, Vec<Violation>>,
}

impl Work for PushSchedule {
    type Answer = BatchAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<BatchAnswer, Error> {
        let context = self.load_context(tx).await?;
        let mut planned = self.judge(tx, &context);
        self.settle(tx, &context, &mut planned).await?;
        let refused = planned.iter().filter(|item| item.verdict.is_err()).count();
        let unchanged = planned.iter().filter(|item| item.verdict == Ok(Effect::Unchanged)).count();
        let changed = planned.len() - refused - unchanged;
        let outcome = BatchOutcome::of(self.mode, changed, unchanged, refused);
        if outcome == BatchOutcome::Rejected {
            tx.unchanged();
            return Ok(self.answer(tx, &context, planned, outcome));
        }
        let stored = self.store(tx, &context, &planned).await?;
        let context = PushContext { stored: context.stored.into_iter().chain(stored).collect(), ..context };
        Ok(self.answer(tx, &context, planned, outcome))
    }
}

impl PushSchedule {
    fn drafts(&self) -> impl Iterator<Item = (usize, &SessionDraft)> {
        self.items.iter().enumerate().filter_map(|(index, item)| Some((index, item.draft.as_ref().ok()?)))
    }

    /// What each item would do by itself.
    fn judge(&self, tx: &Tx, context: &PushContext) -> Vec<Planned> {
        let rules = SessionRules {
            now: tx.now(),
            schedule: &self.name,
            zone: &self.zone,
            term: &context.agreement.terms.term,
            term_zone: &context.agreement.terms.zone,
            caller_is_prison: *tx.agency() == context.programme.prison,
        };
        let mut first_at = HashMap::new();
        let mut planned = Vec::with_capacity(self.items.len());
        for (index, item) in self.items.iter().enumerate() {
            let draft = match &item.draft {
                Ok(draft) => draft,
                Err(violations) => {
                    planned.push(Planned { name: None, verdict: Err(violations.clone()) });
                    continue;
                }
            };
            let path = format!("sessions[{index}]");
            let first = *first_at.entry(&draft.name).or_insert(index);
            let verdict = if first == index {
                let stored = context.stored.get(&draft.name);
                let out = context.is_out(draft);
                let verdict = draft.judge(stored, out, &rules, &path).map_err(Violations::into_vec);
                self.check_wanted(verdict, draft, context, &path)
            } else {
                let double = Fault::from(Reason::DuplicateInBatch).with("index", first);
                Err(vec![double.at(format!("{path}.uid"))])
            };
            planned.push(Planned { name: Some(draft.name.clone()), verdict });
        }
        planned
    }

    /// `TRAINER_NOT_AVAILABLE` where a change names a trainer who may not be booked, `FACILITY_NOT_AVAILABLE` for a
    /// room; what the session holds already it may keep.
    fn check_wanted(
        &self,
        verdict: Result<Effect, Vec<Violation>>,
        draft: &SessionDraft,
        context: &PushContext,
        path: &str,
    ) -> Result<Effect, Vec<Violation>> {
        if verdict == Ok(Effect::Unchanged) {
            return verdict;
        }
        let missing = draft.trainers.iter().enumerate().filter(|(_, named)| {
            !context.trainers.contains_key(&named.trainer) && context.booked(draft, &named.trainer).is_none()
        });
        let missing = missing.map(|(place, named)| {
            let fault = Fault::from(Reason::TrainerNotAvailable).with("trainer", &named.trainer);
            fault.at(format!("{path}.trainers[{place}].trainer"))
        });
        let room = draft.facility.as_ref().filter(|room| !context.may_use(draft, room)).map(|room| {
            let fault = Fault::from(Reason::FacilityNotAvailable).with("facility", room);
            fault.at(format!("{path}.facility"))
        });
        let missing: Vec<_> = missing.chain(room).collect();
        match verdict {
            Ok(effect) if missing.is_empty() => Ok(effect),
            Ok(_) => Err(missing),
            Err(violations) => Err(violations.into_iter().chain(missing).collect()),
        }
    }

    /// Refuses items whose trainers or rooms are taken: in the database, by any agency, or by an earlier item.
    async fn settle(&self, tx: &mut Tx, context: &PushContext, planned: &mut [Planned]) -> Result<(), Error> {
        let changing = |index: usize| matches!(planned[index].verdict, Ok(Effect::Create | Effect::Update));
        let mut wishes = Vec::new();
        let mut held = Vec::new();
        let mut moving = Vec::new();
        for (item, draft) in self.drafts().filter(|(index, _)| changing(*index)) {
            for (place, named) in draft.trainers.iter().enumerate() {
                let Some(person) = context.person(draft, &named.trainer) else { continue };
                let booking = Booking { holder: Holder::Person(person), when: draft.when };
                wishes.push(Wish {
                    item,
                    wanted: Wanted::Trainer { place, name: named.trainer.clone() },
                    booking,
                });
            }
            wishes.extend(context.room(draft).map(|room| Wish {
                item,
                wanted: Wanted::Room(room.clone()),
                booking: Booking { holder: Holder::Room(room), when: draft.when },
            }));
            if let Some(session) = context.stored.get(&draft.name) {
                moving.push(session.id);
                held.extend(context.holds(session.id).map(|assignment| (item, assignment.booking())));
                held.extend(session.room_booking().map(|booking| (item, booking)));
            }
        }
        let Some(range) = span(&wishes) else { return Ok(()) };
        let (persons, rooms) = holders(&wishes);
        let mut taken = store::assignment::list_busy(tx.db(), &persons, range, &moving).await?;
        let prison = &context.programme.prison;
        taken.extend(store::facility::list_busy(tx.db(), prison, &rooms, range, &moving).await?);
        let refused: Vec<_> = planned.iter().map(|item| item.verdict.is_err()).collect();
        calendar::settle(&wishes, &taken, &held, &refused, |wish, fault| {
            let violation = fault.at(wish.path());
            match &mut planned[wish.item].verdict {
                Err(violations) => violations.push(violation),
                verdict => *verdict = Err(vec![violation]),
            }
        });
        Ok(())
    }

    /// Stores what was not refused and records it; answers with the sessions that changed.
    async fn store(
        &self,
        tx: &mut Tx,
        context: &PushContext,
        planned: &[Planned],
    ) -> Result<HashMap<SessionName, Session>, Error> {
        let good = || {
            self.drafts().filter_map(|(index, draft)| Some((draft, planned[index].verdict.as_ref().ok()?)))
        };
        let changing: Vec<_> = good().filter(|(_, effect)| **effect != Effect::Unchanged).collect();
        let raised: Vec<_> = good()
            .filter(|(_, effect)| **effect == Effect::Unchanged)
            .filter_map(|(draft, _)| Some((context.stored.get(&draft.name)?.id, draft.sequence)))
            .collect();
        store::schedule::raise_sequences(tx.db(), &raised).await?;
        if changing.is_empty() {
            tx.unchanged();
            return Ok(HashMap::new());
        }
        let now = tx.now();
        let schedule = match context.schedule {
            Some(id) => id,
            None => {
                let id = tx.uuid();
                let of = (context.programme.id, &context.programme.prison);
                store::schedule::insert(tx.db(), id, &self.name, of.0, of.1, now).await?;
                let (name, prison) = (self.name.clone(), of.1.clone());
                let programme = context.programme.name.clone();
                tx.changed(ChangeKind::Created, &ScheduleRow { name, programme, prison });
                id
            }
        };
        let sessions: Vec<_> = changing.iter().map(|(draft, _)| self.session(tx, context, draft)).collect();
        let (updated, created): (Vec<_>, Vec<_>) = sessions.iter().partition(|session| session.version > 1);
        // What moves makes room first for what is new.
        store::schedule::update_sessions(tx.db(), &updated).await?;
        store::schedule::insert_sessions(tx.db(), &created, schedule, context.programme.id, now).await?;
        for session in &sessions {
            let kind = if session.version == 1 { ChangeKind::Created } else { ChangeKind::Updated };
            tx.changed(kind, session);
        }
        self.store_assignments(tx, context, &sessions).await?;
        Ok(sessions.into_iter().map(|session| (session.name.clone(), session)).collect())
    }

    /// The session as it will stand; any change of content asks for the prison's confirmation anew.
    fn session(&self, tx: &Tx, context: &PushContext, draft: &SessionDraft) -> Session {
        let stored = context.stored.get(&draft.name);
        Session {
            id: stored.map_or_else(|| tx.uuid(), |session| session.id),
            name: draft.name.clone(),
            schedule: self.name.clone(),
            programme: context.programme.name.clone(),
            programme_title: context.programme.plan.title.clone(),
            prison: context.programme.prison.clone(),
            sequence: draft.sequence,
            when: draft.when,
            zone: self.zone.clone(),
            topic: draft.topic.clone(),
            trainers: draft.trainers.clone(),
            facility: context.room(draft),
            facility_pushed: draft.facility.clone(),
            state: SessionState::Tentative,
            note: None,
            version: stored.map_or(1, |session| session.version + 1),
        }
    }

    /// Withdraws, moves, proposes: who is no longer named, who stays, who is new.
    async fn store_assignments(
        &self,
        tx: &mut Tx,
        context: &PushContext,
        sessions: &[Session],
    ) -> Result<(), Error> {
        let mut created = Vec::new();
        let mut updated = Vec::new();
        for session in sessions {
            let held = context.held.get(&session.id).map_or(&[][..], Vec::as_slice);
            updated.extend(held.iter().filter_map(|held| renewed(held, session)));
            let new =
                session.trainers.iter().filter(|named| held.iter().all(|held| held.trainer != named.trainer));
            let new = new.filter_map(|named| Some((named, context.trainers.get(&named.trainer)?)));
            created.extend(new.map(|(named, trainer)| StoredAssignment {
                id: tx.uuid(),
                session: session.id,
                session_name: session.name.clone(),
                prison: session.prison.clone(),
                trainer_id: trainer.id,
                trainer: trainer.name.clone(),
                booking_key: trainer.booking_key,
                when: session.when.into(),
                time_zone: session.zone.name().to_owned(),
                role: named.role,
                state: AssignmentState::Proposed,
                version: 1,
            }));
        }
        let now = tx.now();
        store::assignment::update(tx.db(), &updated).await?;
        store::assignment::insert(tx.db(), &created, now).await?;
        updated.iter().for_each(|held| assignment_changed(tx, ChangeKind::Updated, held));
        created.iter().for_each(|held| assignment_changed(tx, ChangeKind::Created, held));
        Ok(())
    }

    fn answer(
        &self,
        tx: &Tx,
        context: &PushContext,
        planned: Vec<Planned>,
        outcome: BatchOutcome,
    ) -> BatchAnswer {
        let rejected = outcome == BatchOutcome::Rejected;
        let items = planned.into_iter().zip(&self.items).map(|(planned, item)| {
            let session = planned.name.as_ref().and_then(|name| context.stored.get(name));
            match (planned.verdict, session) {
                (Err(errors), _) => ItemAnswer::rejected(item.uid.clone(), planned.name, errors),
                (Ok(Effect::Unchanged), Some(session)) => ItemAnswer::stored(session, ItemOutcome::Unchanged),
                (Ok(Effect::Create), Some(session)) if !rejected => {
                    ItemAnswer::stored(session, ItemOutcome::Created)
                }
                (Ok(Effect::Update), Some(session)) if !rejected => {
                    ItemAnswer::stored(session, ItemOutcome::Updated)
                }
                (Ok(_), session) => ItemAnswer {
                    uid: item.uid.clone(),
                    name: planned.name,
                    outcome: ItemOutcome::NotStored,
                    state: session.map(|session| session.state),
                    etag: session.map(Session::etag),
                    errors: Vec::new(),
                },
            }
        });
        BatchAnswer { outcome, items: items.collect(), entry: tx.entry() }
    }
}

/// An assignment as the changed session leaves it; `None` where it stays as it is. Another time asks for another
/// clearance; who is named again is proposed anew.
fn renewed(held: &StoredAssignment, session: &Session) -> Option<StoredAssignment> {
    let named = session.trainers.iter().find(|named| named.trainer == held.trainer);
    let when = Times::from(session.when);
    let moved = held.when != when;
    let state = match (named, held.state) {
        (None, state) if state.is_open() => AssignmentState::Withdrawn,
        (Some(_), state) if !state.is_open() => AssignmentState::Proposed,
        (Some(_), AssignmentState::Cleared) if moved => AssignmentState::Accepted,
        (_, state) => state,
    };
    let role = named.map_or(held.role, |named| named.role);
    let time_zone = session.zone.name();
    let same = !moved && state == held.state && role == held.role && time_zone == held.time_zone;
    let closed_before = !state.is_open() && !held.state.is_open();
    (!same && !closed_before).then(|| StoredAssignment {
        when,
        time_zone: time_zone.to_owned(),
        role,
        state,
        version: held.version + 1,
        ..held.clone()
    })
}

/// From the first start to the last end. Wishes are of sessions whose times were judged.
pub(super) fn span(wishes: &[Wish]) -> Option<Interval> {
    let start = wishes.iter().map(|wish| wish.booking.when.start).min()?;
    let end = wishes.iter().map(|wish| wish.booking.when.end).max()?;
    Some(Interval {
        start,
        end: end.max(start.saturating_add(SignedDuration::from_micros(1)).unwrap_or(end)),
    })
}

/// The persons and the rooms that are wanted, each once.
fn holders(wishes: &[Wish]) -> (Vec<BookingKey>, Vec<FacilityName>) {
    let (mut persons, mut rooms) = (Vec::new(), Vec::new());
    for wish in wishes {
        match &wish.booking.holder {
            Holder::Person(person) => persons.push(*person),
            Holder::Room(room) => rooms.push(room.clone()),
        }
    }
    persons.sort_unstable();
    persons.dedup();
    rooms.sort();
    rooms.dedup();
    (persons, rooms)
}
