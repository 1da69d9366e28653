//! What a push is held against, behind the gate. Whole calls are refused here; `push.rs` then judges items.

use std::{
    collections::{HashMap, HashSet},
    iter,
};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Item, PushSchedule};
use crate::{
    domain::{
        AgencyCode, Fault, Reason, Violations,
        access::{DataKind, Fingerprint},
        agreement::Agreement,
        assignment::{AssignmentState, BookedAssignment},
        name::{FacilityName, SessionName, TrainerName},
        programme::Programme,
        schedule::{PUSH_TRAINERS_MAX, Session, SessionDraft},
        time::Interval,
        trainer::{BookingKey, NamedTrainer},
    },
    exchange::{
        Bench, Error,
        batch::{At, distinct},
        gate, programme,
        tx::{not_found, relations},
    },
    store::push::{Ask, AskedSession, Ground, Met, Stands},
};

/// The facts that a push is held against.
pub struct PushContext {
    pub(super) programme: Programme,
    pub(super) agreement: Agreement,
    pub(super) schedule: Option<Uuid>,
    pub(super) trainers: HashMap<TrainerName, NamedTrainer>,
    /// Those of the named rooms that may be used.
    pub(super) rooms: Vec<FacilityName>,
    pub(super) stored: HashMap<SessionName, Session>,
    pub(super) held: HashMap<Uuid, Vec<BookedAssignment>>,
    /// What was declined or refused to the lead agency of the named trainers, in any session that is not over.
    pub(super) refused: Vec<BookedAssignment>,
    /// The minutes that the programme's sessions ahead hold as they are stored, where they were counted.
    pub(super) minutes_ahead: Option<i64>,
    /// When the persons and rooms are taken that the push wants.
    pub(super) taken: Vec<Met>,
    /// When they are asked for.
    pub(super) asked: Vec<Met>,
    /// Sessions whose content stays, with their higher sequences.
    pub(super) raised: Vec<(Uuid, i32)>,
    /// By what the judgement stands.
    pub(super) stands: Stands,
}

impl PushSchedule {
    /// What the push names: the question for its ground.
    pub(super) fn ask(
        &self,
        fingerprint: Fingerprint,
        request_id: Uuid,
        now: Timestamp,
        counts_minutes: bool,
    ) -> Ask {
        let trainers = Some(self.named_trainers()).filter(|named| named.len() <= PUSH_TRAINERS_MAX);
        let trainers = trainers.unwrap_or_default();
        let rooms = distinct(self.drafts().filter_map(|draft| draft.facility.as_ref()));
        // Who says a uid again is refused for it.
        let mut uids = HashSet::new();
        let once = self.drafts().filter(move |draft| uids.insert(&draft.name.id));
        let sessions = once.map(|draft| {
            // Whoever ends before the start wants nobody.
            let wants = draft.when.start < draft.when.end;
            let named = draft.trainers.iter().filter(|_| wants);
            let room = draft.facility.as_ref().filter(|_| wants);
            AskedSession {
                uid: draft.name.id.clone(),
                when: draft.when,
                room: room.and_then(|room| rooms.binary_search(&room).ok()),
                trainers: named.filter_map(|one| trainers.binary_search(&&one.trainer).ok()).collect(),
            }
        });
        Ask {
            fingerprint,
            request_id,
            now,
            programme: self.programme.clone(),
            schedule: self.name.clone(),
            sessions: sessions.collect(),
            rooms: rooms.into_iter().cloned().collect(),
            trainers: trainers.into_iter().cloned().collect(),
            counts_minutes,
        }
    }

    /// Passes the gate, and takes the facts that the push is held against. Whole calls are refused here.
    pub(super) fn context(
        &self,
        bench: &mut Bench<'_>,
        ground: Option<Ground>,
    ) -> Result<PushContext, Error> {
        let ground = ground.ok_or_else(|| not_found("programme"))?;
        let stands = ground.stands();
        let programme = ground.programme;
        bench.permit(&relations(&programme.name.agency, &programme.prison, bench.agency()), "programme")?;
        bench.must_own(&self.name.agency)?;
        let named = self.named_trainers().len();
        if named > PUSH_TRAINERS_MAX {
            let many = Fault::from(Reason::TrainersTooMany);
            return Err(many.with("count", named).with("max", PUSH_TRAINERS_MAX).into());
        }
        let parties: Vec<_> = ground.parties.into_iter().map(|party| (party.agency, party.state)).collect();
        let (own, lending): (Vec<_>, Vec<_>) =
            ground.agreements.into_iter().partition(|agreement| agreement.id == programme.agreement_id);
        let agreement = own.into_iter().next().ok_or(Reason::AgreementUnknown)?;
        let (passage, now) = (programme::passage(&programme, Some(DataKind::Schedule)), bench.now());
        gate::passes(&agreement, &parties, &passage, now)?;
        bench.notes.passed_gate(&agreement.name, agreement.version);
        programme.must_be_open()?;
        let lenders = lenders(iter::once(&agreement).chain(&lending), &parties, &programme.prison, now);
        let trainers: Vec<_> = ground.trainers.into_iter().map(|(trainer, _)| trainer).collect();
        let trainers = available(&programme, &agreement, trainers, lenders)?;
        let rooms = ground.rooms.into_iter().filter(|room| room.available);
        let rooms = rooms.map(|room| room.name).filter(|room| room.agency == programme.prison);
        if ground.schedule.is_some_and(|keys| keys.programme != programme.id) {
            return Err(Reason::ScheduleOfOtherProgramme.into());
        }
        let mut held: HashMap<_, Vec<_>> = HashMap::new();
        for assignment in ground.held {
            held.entry(assignment.session).or_default().push(assignment);
        }
        let stored = ground.sessions.into_iter();
        Ok(PushContext {
            trainers,
            rooms: rooms.collect(),
            schedule: ground.schedule.map(|keys| keys.id),
            stored: stored.map(|session| (session.name.clone(), session)).collect(),
            held,
            refused: ground.refused,
            minutes_ahead: ground.minutes_ahead,
            taken: ground.taken,
            asked: ground.asked,
            raised: Vec::new(),
            stands,
            programme,
            agreement,
        })
    }

    pub(super) fn drafts(&self) -> impl Iterator<Item = &SessionDraft> {
        self.items.iter().filter_map(|item| item.draft.as_ref().ok())
    }

    /// The trainers whom the push names, sorted.
    fn named_trainers(&self) -> Vec<&TrainerName> {
        let named = self.drafts().flat_map(|draft| &draft.trainers);
        distinct(named.map(|named| &named.trainer))
    }
}

/// Agencies that may lend trainers to the prison now: parties of an agreement with it that is in force and covers them.
fn lenders<'a>(
    agreements: impl Iterator<Item = &'a Agreement>,
    parties: &[gate::Party],
    prison: &AgencyCode,
    now: Timestamp,
) -> Vec<AgencyCode> {
    let covers = |agreement: &&Agreement| {
        agreement.terms.has_party(prison)
            && agreement.terms.covers_kind(DataKind::Trainer)
            && gate::is_in_force(agreement, parties, now).is_ok()
    };
    let parties = agreements.filter(covers).flat_map(|agreement| &agreement.terms.parties);
    parties.map(|party| party.agency.clone()).collect()
}

/// Finds those of the named trainers that the push may book: active, and lent under an agreement that covers them.
/// The lead's own need TRAINER in the programme's agreement, the prison's need nothing.
fn available(
    programme: &Programme,
    agreement: &Agreement,
    named: Vec<NamedTrainer>,
    mut lenders: Vec<AgencyCode>,
) -> Result<HashMap<TrainerName, NamedTrainer>, Error> {
    let lead = &programme.name.agency;
    let names_own = *lead != programme.prison && named.iter().any(|trainer| trainer.name.agency == *lead);
    if names_own && !agreement.terms.covers_kind(DataKind::Trainer) {
        let missing = Fault::from(Reason::AgreementWithoutDataKind).with("agreement", &agreement.name);
        return Err(missing.with("data_kind", DataKind::Trainer).into());
    }
    lenders.extend([lead.clone(), programme.prison.clone()]);
    let may = |trainer: &NamedTrainer| trainer.active && lenders.contains(&trainer.name.agency);
    Ok(named.into_iter().filter(may).map(|trainer| (trainer.name.clone(), trainer)).collect())
}

impl PushContext {
    /// All assignments of a session as it is stored.
    pub(super) fn assigned(&self, session: &SessionName) -> &[BookedAssignment] {
        let held = self.stored.get(session).and_then(|session| self.held.get(&session.id));
        held.map_or(&[], Vec::as_slice)
    }

    /// The no that keeps a trainer out of a session at this time: to the session itself, or to another of the lead
    /// agency's at that time, since the same question under another uid is the same question. `None` where there is none.
    pub(super) fn no_to(
        &self,
        session: &SessionName,
        when: Interval,
        trainer: &TrainerName,
    ) -> Option<AssignmentState> {
        let held = self.assigned(session).iter().find(|held| held.trainer == *trainer);
        match held.map(|held| held.state) {
            Some(state @ (AssignmentState::Declined | AssignmentState::ClearanceRefused)) => Some(state),
            Some(state) if state.is_open() => None,
            _ => {
                let same = |no: &&BookedAssignment| no.trainer == *trainer && no.interval().overlaps(&when);
                self.refused.iter().find(same).map(|no| no.state)
            }
        }
    }

    /// Whether somebody whom the draft names is not in the stored session, and is proposed anew by it: withdrawn, or kept
    /// out of it by a no that stands no more.
    pub(super) fn is_out(&self, draft: &SessionDraft) -> bool {
        let out = |trainer: &TrainerName| {
            let held = self.assigned(&draft.name).iter().find(|held| held.trainer == *trainer);
            match held {
                Some(held) => held.state == AssignmentState::Withdrawn,
                None => self.trainers.contains_key(trainer),
            }
        };
        let asked = |trainer: &TrainerName| self.no_to(&draft.name, draft.when, trainer).is_none();
        draft.trainers.iter().any(|named| out(&named.trainer) && asked(&named.trainer))
    }

    /// `TRAINER_NOT_PROPOSED`, with the place in the draft, for each trainer who declined or was refused clearance.
    pub(super) fn staying_out(&self, draft: &SessionDraft) -> Vec<(usize, Fault)> {
        let mut staying = Vec::new();
        for (place, named) in draft.trainers.iter().enumerate() {
            if let Some(state) = self.no_to(&draft.name, draft.when, &named.trainer) {
                let fault = Fault::from(Reason::TrainerNotProposed).with("trainer", &named.trainer);
                staying.push((place, fault.with("state", state)));
            }
        }
        staying
    }

    /// The state of a trainer's assignment once the changed session, which names the trainer, is stored.
    pub(super) fn state_after(&self, session: &Session, trainer: &TrainerName) -> AssignmentState {
        if let Some(state) = self.no_to(&session.name, session.when, trainer) {
            return state;
        }
        let held = self.assigned(&session.name).iter().find(|held| held.trainer == *trainer);
        held.map_or(AssignmentState::Proposed, |held| held.pushed(true, held.interval() != session.when))
    }

    /// `TRAINER_NOT_AVAILABLE` where the draft names a trainer who may not be booked, `FACILITY_NOT_AVAILABLE` for a
    /// room; what the session holds already it may keep.
    pub(super) fn check_wanted(&self, draft: &SessionDraft, at: &At<'_, Item>) -> Violations {
        let mut violations = Violations::default();
        for (place, named) in draft.trainers.iter().enumerate() {
            if self.person(&draft.name, &named.trainer).is_none() {
                let fault = Fault::from(Reason::TrainerNotAvailable).with("trainer", &named.trainer);
                violations.add(at.field(&format!("trainers[{place}].trainer")), fault);
            }
        }
        let stored = self.stored.get(&draft.name).and_then(|session| session.facility.as_ref());
        let may_use = |room: &FacilityName| self.rooms.contains(room) || stored == Some(room);
        if let Some(room) = draft.facility.as_ref().filter(|room| !may_use(room)) {
            let fault = Fault::from(Reason::FacilityNotAvailable).with("facility", room);
            violations.add(at.field("facility"), fault);
        }
        violations
    }

    /// The room that the session will hold: the one that the draft names; else the one that the prison chose, as
    /// long as the time stays.
    pub(super) fn room(&self, draft: &SessionDraft) -> Option<FacilityName> {
        let chosen = || {
            let stored = self.stored.get(&draft.name)?;
            let by_prison = stored.facility != stored.facility_pushed;
            let stays = by_prison && stored.is_open() && stored.when == draft.when;
            stored.facility.clone().filter(|_| stays)
        };
        draft.facility.clone().or_else(chosen)
    }

    /// The person whom a session may book by this name: an available trainer, or one whom it holds already.
    pub(super) fn person(&self, session: &SessionName, trainer: &TrainerName) -> Option<BookingKey> {
        let open = |held: &&BookedAssignment| held.state.is_open() && held.trainer == *trainer;
        let held = || self.assigned(session).iter().find(open).map(|held| held.booking_key);
        self.trainers.get(trainer).map(|named| named.booking_key).or_else(held)
    }
}
