//! A push: what each session would do, who is free, then everything at once or nothing. Whether a whole call is
//! acceptable is a refusal; whether a session is, is said per item. It is judged on its [`Ground`] and without a
//! database; `way.rs` reads the one and stores the other.

mod context;
mod way;

use jiff::Timestamp;

use context::PushContext;

use super::{
    SessionsAnswer,
    claims::{Claims, WantedPerson},
};
use crate::{
    domain::{
        Violation, Violations,
        assignment::{AssignmentState, BookedAssignment, Times},
        batch::{BatchMode, BatchOutcome},
        calendar::Wanted,
        name::{ProgrammeName, ScheduleName, SessionName},
        schedule::{Effect, Session, SessionDraft, SessionRules, SessionState},
        time::Zone,
    },
    exchange::{
        Bench, Error,
        batch::{self, At, Judge, Judged, Judgement, Verdict, changing},
    },
    ledger::{
        ChangeKind, Row,
        row::{AssignmentRow, ScheduleRow},
    },
    store::push::{Ground, Writes},
};

/// A schedule as pushed: at most 1,000 sessions, each parsed or with what is wrong with its shape.
pub struct PushSchedule {
    /// The schedule's name.
    pub name: ScheduleName,
    /// The programme that the sessions are of.
    pub programme: ProgrammeName,
    /// The time zone in which the sessions are planned.
    pub zone: Zone,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
    /// The sessions.
    pub items: Vec<Item>,
}

/// One session of a push.
pub struct Item {
    /// As sent.
    pub uid: String,
    /// The session, or all that is wrong with its shape.
    pub draft: Result<SessionDraft, Vec<Violation>>,
}

impl batch::Item<SessionName> for Item {
    const NAME_FIELD: &'static str = "uid";

    fn name(&self) -> Option<&SessionName> {
        Some(&self.draft.as_ref().ok()?.name)
    }

    fn uid(&self) -> &str {
        &self.uid
    }
}

impl Judge for PushSchedule {
    type Item = Item;
    type Resource = Session;
    type Context = PushContext;
    const ITEMS: &'static str = "sessions";

    fn items(&self) -> (BatchMode, &[Item]) {
        (self.mode, &self.items)
    }

    fn judge(&self, bench: &Bench<'_>, at: &mut At<'_, Item>, context: &mut PushContext) -> Verdict<Session> {
        let draft = at.item.draft.as_ref().map_err(Clone::clone)?;
        let stored = context.stored.get(&draft.name);
        let terms = &context.agreement.terms;
        let rules = SessionRules {
            now: bench.now(),
            schedule: &self.name,
            zone: &self.zone,
            term: &terms.term,
            term_zone: &terms.zone,
            terminates_on: context.agreement.terminates_on,
            caller_is_prison: *bench.agency() == context.programme.prison,
        };
        let judged = draft.judge(stored, context.is_out(draft), &rules, &at.path);
        for (place, fault) in context.staying_out(draft) {
            at.warn(&format!("trainers[{place}].trainer"), fault);
        }
        if let (Ok(Effect::Unchanged), Some(stored)) = (&judged, stored) {
            context.raised.extend((draft.sequence > stored.sequence).then_some((stored.id, draft.sequence)));
            if let Some(fault) = stored.declined() {
                at.warn("uid", fault);
            }
            return Ok(Judgement::Unchanged(stored.clone()));
        }
        let missing = context.check_wanted(draft, at);
        if let Err(violations) = judged {
            return Err([violations, missing].map(Violations::into_vec).concat());
        }
        let session = self.session(bench, context, draft);
        missing.or_ok(match stored.cloned() {
            Some(stored) => Judgement::Update(stored, session),
            None => Judgement::Create(session),
        })
    }
}

/// What becomes of a push, judged on its ground.
pub(super) enum Decision {
    /// Nothing is to be stored.
    Answer(SessionsAnswer),
    /// This is, and then answered; and whether some of the sessions are refused.
    Store(SessionsAnswer, Box<Writes>, bool),
}

impl PushSchedule {
    /// Judges the push on what was read, and notes what it changes. `None` where nobody can say before the minutes of the
    /// programme's sessions ahead are counted.
    pub(super) fn decide(
        &self,
        bench: &mut Bench<'_>,
        ground: Option<Ground>,
    ) -> Result<Option<Decision>, Error> {
        let mut context = self.context(bench, ground)?;
        let mut judged = batch::judge(self, bench, &mut context);
        let is_sure = self.settle(bench, &context, &mut judged);
        if !is_sure && (judged.refused() > 0 || bench.validates_only()) {
            return Ok(None);
        }
        let outcome = judged.outcome(self.mode);
        let good = judged.good();
        if outcome == BatchOutcome::Rejected || good.is_empty() && context.raised.is_empty() {
            bench.notes.unchanged();
            return Ok(Some(Decision::Answer(judged.answer(self, context, outcome, None))));
        }
        if good.is_empty() {
            bench.notes.unchanged();
        }
        let writes = self.writes(bench, &mut context, &good);
        let (entry, mixed) = (bench.entry(), judged.refused() > 0);
        let answer = judged.answer(self, context, outcome, entry);
        Ok(Some(Decision::Store(answer, Box::new(writes), mixed)))
    }

    /// Refuses sessions for which the plan leaves no time, or whose trainers or rooms are taken. `false` where the minutes
    /// that the plan leaves would have to be known and are not: then nothing is refused for them here, and the store looks.
    fn settle(&self, bench: &Bench<'_>, context: &PushContext, judged: &mut Judged<Session>) -> bool {
        let is_sure = context.keep_to_the_plan(bench.now(), &mut judged.verdicts);
        let mut claims = Claims::default();
        for (item, session) in changing(&judged.verdicts) {
            let persons = session.trainers.iter().enumerate().filter_map(|(place, named)| {
                let state = context.state_after(session, &named.trainer);
                let person = context.person(&session.name, &named.trainer).filter(|_| state.is_open())?;
                let asks = state == AssignmentState::Proposed && named.trainer.agency != session.name.agency;
                Some(WantedPerson {
                    wanted: Wanted::Trainer { place, name: named.trainer.clone() },
                    person,
                    asks,
                })
            });
            let held = context.assigned(&session.name).iter().filter(|held| held.holds());
            let held = held.map(BookedAssignment::booking);
            claims.add(item, session, context.stored.get(&session.name), persons, held);
        }
        claims.settle_by(&context.taken, &context.asked, judged);
        is_sure
    }

    /// What is stored of the good sessions, and told.
    fn writes(&self, bench: &mut Bench<'_>, context: &mut PushContext, good: &[&Session]) -> Writes {
        let programme = &context.programme;
        let schedule_is_new = context.schedule.is_none() && !good.is_empty();
        let schedule = context.schedule.unwrap_or_else(|| bench.uuid());
        if schedule_is_new {
            let (name, prison) = (self.name.clone(), programme.prison.clone());
            let programme = programme.name.clone();
            bench.notes.changed(ChangeKind::Created, &ScheduleRow { name, programme, prison });
        }
        for session in good {
            match context.stored.get(&session.name) {
                Some(stored) => bench.notes.updated(stored.readers(), *session),
                None => bench.notes.changed(ChangeKind::Created, *session),
            }
        }
        let Assignments { created: assignments, changed: changed_assignments, kept: kept_assignments } =
            assignments(bench, context, good);
        let (changed, created): (Vec<_>, Vec<_>) = good.iter().partition(|session| session.version > 1);
        let minutes_more = good.iter().map(|session| context.minutes_more(session, bench.now()).max(0)).sum();
        Writes {
            schedule: (schedule, self.name.clone()),
            schedule_is_new,
            programme: programme.name.clone(),
            programme_title: programme.plan.title.as_str().to_owned(),
            prison: programme.prison.clone(),
            sessions: created.into_iter().copied().cloned().collect(),
            changed_sessions: changed.into_iter().copied().cloned().collect(),
            assignments,
            changed_assignments,
            kept_assignments,
            raised: std::mem::take(&mut context.raised),
            lesson_minutes: programme.plan.lesson_minutes,
            minutes_more,
            minutes_before_max: programme.plan.minutes_ahead_max() - minutes_more,
            stands: std::mem::take(&mut context.stands),
        }
    }

    /// The session as it will stand; any change of content asks for the prison's confirmation anew.
    fn session(&self, bench: &Bench<'_>, context: &PushContext, draft: &SessionDraft) -> Session {
        let stored = context.stored.get(&draft.name);
        Session {
            id: stored.map_or_else(|| bench.uuid(), |session| session.id),
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
            remark: None,
            dormant: false,
            version: stored.map_or(1, |session| session.version + 1),
        }
    }
}

impl PushContext {
    /// By how many minutes a changed session makes the programme's sessions ahead longer.
    fn minutes_more(&self, session: &Session, now: Timestamp) -> i64 {
        let plan = &self.programme.plan;
        let stored = self.stored.get(&session.name).filter(|stored| stored.is_held_ahead(now));
        plan.minutes_of(session.when) - stored.map_or(0, |stored| plan.minutes_of(stored.when))
    }

    /// Refuses sessions, the later ones first, that would make the sessions ahead longer than the plan allows. What the
    /// push shortens counts from the next push on, for it may still be refused. `false` where it would have to be known how
    /// long they are, and is not.
    fn keep_to_the_plan(&self, now: Timestamp, verdicts: &mut [Verdict<Session>]) -> bool {
        let plan = &self.programme.plan;
        let growth = changing(verdicts).map(|(item, session)| (item, self.minutes_more(session, now)));
        let growth: Vec<_> = growth.filter(|(_, more)| *more > 0).collect();
        let Some(ahead) = self.minutes_ahead else { return growth.is_empty() };
        let mut left = plan.minutes_ahead_max() - ahead;
        for (item, more) in growth {
            match plan.check_left(more, left) {
                Ok(()) => left -= more,
                Err(fault) => verdicts[item] = Err(fault.at(format!("sessions[{item}]")).into()),
            }
        }
        true
    }
}

/// What becomes of the assignments of changed sessions.
#[derive(Default)]
struct Assignments {
    created: Vec<BookedAssignment>,
    changed: Vec<BookedAssignment>,
    /// As they are, and open.
    kept: Vec<BookedAssignment>,
}

/// Withdraws, moves, proposes: who is no longer named, who stays, who is new.
fn assignments(bench: &mut Bench<'_>, context: &PushContext, sessions: &[&Session]) -> Assignments {
    let mut of = Assignments::default();
    for session in sessions {
        let held = context.held.get(&session.id).map_or(&[][..], Vec::as_slice);
        let asked = |trainer| context.no_to(&session.name, session.when, trainer).is_none();
        for held in held.iter().filter(|held| held.state.is_open() || asked(&held.trainer)) {
            match renewed(held, session) {
                Some(renewed) => of.changed.push(renewed),
                None if held.state.is_open() => of.kept.push(held.clone()),
                None => {}
            }
        }
        let new = session
            .trainers
            .iter()
            .filter(|named| held.iter().all(|held| held.trainer != named.trainer) && asked(&named.trainer));
        let new = new.filter_map(|named| Some((named, context.trainers.get(&named.trainer)?)));
        of.created.extend(new.map(|(named, trainer)| BookedAssignment {
            id: bench.uuid(),
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
            dormant: false,
            version: 1,
        }));
    }
    for held in &of.changed {
        bench.notes.changed(ChangeKind::Updated, &AssignmentRow::from(held));
    }
    for held in &of.created {
        bench.notes.changed(ChangeKind::Created, &AssignmentRow::from(held));
    }
    of
}

/// An assignment as the changed session leaves it; `None` where it stays as it is.
fn renewed(held: &BookedAssignment, session: &Session) -> Option<BookedAssignment> {
    let named = session.trainers.iter().find(|named| named.trainer == held.trainer);
    let when = Times::from(session.when);
    let moved = held.when != when;
    let state = held.pushed(named.is_some(), moved);
    let role = named.map_or(held.role, |named| named.role);
    let time_zone = session.zone.name();
    let same =
        !moved && state == held.state && role == held.role && time_zone == held.time_zone && !held.dormant;
    let closed_before = !state.is_open() && !held.state.is_open();
    (!same && !closed_before).then(|| BookedAssignment {
        when,
        time_zone: time_zone.to_owned(),
        role,
        state,
        dormant: false,
        version: held.version + 1,
        ..held.clone()
    })
}
