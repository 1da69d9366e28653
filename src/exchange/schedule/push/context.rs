//! What a push is held against: read under its locks, behind the gate. Whole calls are refused here; `push.rs`
//! then judges items.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Item, PushSchedule};
use crate::{
    domain::{
        AgencyCode, Fault, Reason, Violations,
        access::DataKind,
        agreement::Agreement,
        assignment::{AssignmentState, BookedAssignment},
        facility::FacilityStatus,
        name::{FacilityName, SessionName, TrainerName},
        programme::Programme,
        schedule::{PUSH_TRAINERS_MAX, Session, SessionDraft},
        time::Interval,
        trainer::{BookingKey, NamedTrainer},
    },
    exchange::{
        Error, Tx,
        batch::{At, distinct},
        gate, programme,
    },
    store,
};

/// The facts that a push is held against, read under its locks.
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
    /// The minutes that the programme's sessions ahead hold as they are stored.
    pub(super) minutes_ahead: i64,
    /// Sessions whose content stays, with their higher sequences.
    pub(super) raised: Vec<(Uuid, i32)>,
}

impl PushSchedule {
    /// Takes the locks in the house's order, passes the gate, and reads the facts that the push is held against.
    pub(super) async fn context(&self, tx: &mut Tx) -> Result<PushContext, Error> {
        let seen = programme::find(tx, &self.programme).await?;
        tx.must_own(&self.name.agency)?;
        let named = self.find_trainers(tx).await?;
        let lenders = lending_agencies(&named, &seen);
        let mut agreements: Vec<_> =
            gate::lenders(tx, &seen.prison, &lenders).await?.iter().map(|a| a.id).collect();
        agreements.push(seen.agreement_id);
        store::lock::agreements_shared(tx, &agreements).await?;
        store::lock::programme(tx, seen.id).await?;
        let persons: Vec<_> = named.iter().map(|trainer| trainer.booking_key).collect();
        store::lock::persons(tx, &persons).await?;
        let rooms = distinct(self.drafts().filter_map(|draft| draft.facility.clone()));
        store::lock::rooms(tx, &rooms).await?;
        // Who was made inactive while we waited is not booked.
        let named = self.find_trainers(tx).await?;
        if named.iter().any(|trainer| !persons.contains(&trainer.booking_key)) {
            return Err(Error::Lost("a trainer came to be, or to be another's, while we waited".to_owned()));
        }

        let programme = programme::find(tx, &self.programme).await?;
        programme::must_rest_on(&programme, seen.agreement_id)?;
        let agreement = programme::pass(tx, &programme, Some(DataKind::Schedule)).await?;
        programme.must_be_open()?;
        let trainers = self.available(tx, &programme, &agreement, named, &lenders, &agreements).await?;
        let mut rooms = store::facility::find_all(tx.db(), &rooms).await?;
        rooms.retain(|room| {
            room.name.agency == programme.prison && room.profile.status == FacilityStatus::Available
        });
        let schedule = store::schedule::find(tx.db(), &self.name).await?;
        if schedule.is_some_and(|keys| keys.programme != programme.id) {
            return Err(Reason::ScheduleOfOtherProgramme.into());
        }
        let names: Vec<_> = self.drafts().map(|draft| &draft.name).collect();
        let reader = tx.agency().clone();
        let stored = store::schedule::find_sessions(tx.db(), &names, &reader).await?;
        let ids: Vec<_> = stored.iter().map(|session| session.id).collect();
        let mut held: HashMap<_, Vec<_>> = HashMap::new();
        for assignment in store::assignment::list_stored(tx.db(), &ids).await? {
            held.entry(assignment.session).or_default().push(assignment);
        }
        let now = tx.now();
        let ids: Vec<_> = trainers.values().map(|trainer| trainer.id).collect();
        let refused = store::assignment::list_refused(tx.db(), &reader, &ids, now).await?;
        let minutes_ahead =
            store::schedule::minutes_ahead(tx.db(), programme.id, &programme.plan, now).await?;
        Ok(PushContext {
            refused,
            minutes_ahead,
            programme,
            agreement,
            schedule: schedule.map(|keys| keys.id),
            trainers,
            rooms: rooms.into_iter().map(|room| room.name).collect(),
            stored: stored.into_iter().map(|session| (session.name.clone(), session)).collect(),
            held,
            raised: Vec::new(),
        })
    }

    fn drafts(&self) -> impl Iterator<Item = &SessionDraft> {
        self.items.iter().filter_map(|item| item.draft.as_ref().ok())
    }

    async fn find_trainers(&self, tx: &mut Tx) -> Result<Vec<NamedTrainer>, Error> {
        let named = self.drafts().flat_map(|draft| &draft.trainers);
        let names = distinct(named.map(|named| &named.trainer));
        if names.len() > PUSH_TRAINERS_MAX {
            let many = Fault::from(Reason::TrainersTooMany);
            return Err(many.with("count", names.len()).with("max", PUSH_TRAINERS_MAX).into());
        }
        store::trainer::find_named(tx.db(), &names).await
    }

    /// Finds those of the named trainers that the push may book: active, and lent under an agreement that covers them.
    /// The lead's own need TRAINER in the programme's agreement, the prison's need nothing.
    async fn available(
        &self,
        tx: &mut Tx,
        programme: &Programme,
        agreement: &Agreement,
        named: Vec<NamedTrainer>,
        lenders: &[AgencyCode],
        locked: &[Uuid],
    ) -> Result<HashMap<TrainerName, NamedTrainer>, Error> {
        let lead = &programme.name.agency;
        let names_own = *lead != programme.prison && named.iter().any(|trainer| trainer.name.agency == *lead);
        if names_own && !agreement.terms.covers_kind(DataKind::Trainer) {
            let missing = Fault::from(Reason::AgreementWithoutDataKind).with("agreement", &agreement.name);
            return Err(missing.with("data_kind", DataKind::Trainer).into());
        }
        let mut lending = gate::may_lend(tx, &programme.prison, lenders, locked).await?;
        lending.extend([lead.clone(), programme.prison.clone()]);
        let may = |trainer: &NamedTrainer| trainer.active && lending.contains(&trainer.name.agency);
        Ok(named.into_iter().filter(may).map(|trainer| (trainer.name.clone(), trainer)).collect())
    }
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

/// Agencies other than lead and prison whose trainers are named.
fn lending_agencies(named: &[NamedTrainer], programme: &Programme) -> Vec<AgencyCode> {
    let others = named.iter().map(|trainer| &trainer.name.agency);
    let others = others.filter(|agency| **agency != programme.name.agency && **agency != programme.prison);
    distinct(others.cloned())
}
