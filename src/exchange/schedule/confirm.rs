//! The prison's yes to sessions: that it can secure them, in a room that is free and large enough, with one leading
//! trainer who has been accepted and is competent on the day. What loses either is TENTATIVE again.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    BatchAnswer,
    batch::{self, Judged, Loaded, SessionBatch},
    push::span,
};
use crate::{
    domain::{
        Fault, Reason, Violations,
        access::DataKind,
        batch::{BatchMode, BatchOutcome},
        calendar::{self, Booking, Holder, Wanted, Wish},
        facility::{Facility, FacilityStatus},
        name::{FacilityName, ProgrammeName, SessionName},
        schedule::{Session, SessionState},
        trainer::TrainerRole,
    },
    exchange::{Error, Tx, Work, programme},
    ledger::ChangeKind,
    store::{
        self,
        assignment::{StoredAssignment, TrainerSummary},
    },
};

/// The prison confirms sessions.
pub struct ConfirmSessions {
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    /// For each of them; `None` for the room that it holds.
    pub rooms: Vec<Option<FacilityName>>,
    pub mode: BatchMode,
}

impl Work for ConfirmSessions {
    type Answer = BatchAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<BatchAnswer, Error> {
        let batch = SessionBatch(&self.sessions);
        let loaded = batch.lock_and_load(tx, true).await?;
        let context = self.load_context(tx, &loaded).await?;
        let judge = |index: usize| self.judge(tx, index, &batch, &loaded, &context);
        let mut judged: Vec<_> = (0..self.sessions.len()).map(judge).collect();
        settle(tx, &loaded, &mut judged).await?;
        let outcome = batch::outcome(self.mode, &judged);
        if outcome == BatchOutcome::Rejected {
            tx.unchanged();
        } else {
            let good: Vec<_> = judged.iter().filter_map(|judged| judged.as_ref().ok()).collect();
            store::schedule::update_sessions(tx.db(), &good).await?;
            for session in good {
                tx.changed(ChangeKind::Updated, session);
            }
        }
        Ok(batch.answer(tx, outcome, &loaded, judged))
    }
}

/// What confirmations are held against, read under the locks of programmes, leading trainers and rooms.
struct ConfirmContext {
    /// Programmes whose gate is closed, and why.
    closed: HashMap<ProgrammeName, Fault>,
    /// How many trainees have a place, where any has.
    confirmed: HashMap<ProgrammeName, i32>,
    rooms: HashMap<FacilityName, Facility>,
    /// By session, the leading trainers who have been accepted.
    leads: HashMap<Uuid, Vec<StoredAssignment>>,
    summaries: HashMap<Uuid, TrainerSummary>,
}

impl ConfirmSessions {
    async fn load_context(&self, tx: &mut Tx, loaded: &Loaded) -> Result<ConfirmContext, Error> {
        let ids: Vec<_> = loaded.sessions.values().map(|session| session.id).collect();
        let mut held = store::assignment::list_stored(tx.db(), &ids).await?;
        held.retain(|held| held.role == TrainerRole::Lead && held.state.is_accepted());
        let persons: Vec<_> = held.iter().map(|held| held.booking_key).collect();
        store::lock::persons(tx.db(), &persons).await?;
        let kept = loaded.sessions.values().filter_map(|session| session.facility.clone());
        let named = self.rooms.iter().flatten().cloned();
        let mut rooms: Vec<_> = kept.chain(named).collect();
        rooms.sort();
        rooms.dedup();
        store::lock::rooms(tx.db(), &rooms).await?;

        let rooms = store::facility::find_all(tx.db(), &rooms).await?;
        let leads: Vec<_> = held.iter().map(|held| held.id).collect();
        let summaries = store::assignment::list_trainer_summaries(tx.db(), &leads).await?;
        let mut by_session: HashMap<_, Vec<_>> = HashMap::new();
        for held in held {
            by_session.entry(held.session).or_default().push(held);
        }
        let mut closed = HashMap::new();
        let mut confirmed = HashMap::new();
        for (name, programme) in &loaded.programmes {
            let fault = programme::closed(tx, programme, Some(DataKind::Schedule)).await?;
            closed.extend(fault.map(|fault| (name.clone(), fault)));
            confirmed.insert(name.clone(), programme::confirmed(tx, programme.id).await?);
        }
        Ok(ConfirmContext {
            closed,
            confirmed,
            rooms: rooms.into_iter().map(|room| (room.name.clone(), room)).collect(),
            leads: by_session,
            summaries,
        })
    }

    fn judge(
        &self,
        tx: &Tx,
        index: usize,
        batch: &SessionBatch<'_>,
        loaded: &Loaded,
        context: &ConfirmContext,
    ) -> Judged {
        let session = batch.judge(tx, index, loaded).map_err(|violation| vec![violation])?;
        let wanted = self.rooms[index].as_ref();
        let at = |field: &str| format!("sessions[{index}].{field}");
        let moves = wanted.is_some() && wanted != session.facility.as_ref();
        let may = match session.state {
            SessionState::Tentative => true,
            // A confirmed session may be given another room; twice the same is an error of the caller's.
            SessionState::Confirmed => moves,
            SessionState::Cancelled | SessionState::Declined => false,
        };
        let mut violations = Violations::default();
        if !may {
            violations.add(at("name"), Fault::state_forbids(session.state, &[SessionState::Tentative]));
        }
        if let Some(fault) = context.closed.get(&session.programme) {
            violations.add(at("name"), fault.clone());
        }
        let room = wanted.or(session.facility.as_ref());
        violations.take(at("facility"), context.check_room(session, room));
        violations.take(at("name"), context.check_lead(session));
        let confirmed = Session {
            state: SessionState::Confirmed,
            facility: room.cloned(),
            note: None,
            version: session.version + 1,
            ..session.clone()
        };
        batch::finish(violations, confirmed)
    }
}

impl ConfirmContext {
    fn check_room(&self, session: &Session, room: Option<&FacilityName>) -> Result<(), Fault> {
        let name = room.ok_or_else(|| Fault::from(Reason::SessionWithoutRoom))?;
        let usable = self.rooms.get(name).filter(|room| {
            room.name.agency == session.prison && room.profile.status == FacilityStatus::Available
        });
        let room = usable.ok_or_else(|| Fault::from(Reason::FacilityNotAvailable).with("facility", name))?;
        let confirmed = self.confirmed.get(&session.programme).copied().unwrap_or_default();
        if room.profile.capacity < confirmed {
            return Err(Fault::from(Reason::FacilityTooSmall)
                .with("facility", name)
                .with("capacity", room.profile.capacity)
                .with("confirmed", confirmed));
        }
        Ok(())
    }

    fn check_lead(&self, session: &Session) -> Result<(), Fault> {
        let leads = self.leads.get(&session.id).map_or(&[][..], Vec::as_slice);
        let leads: Vec<_> = leads
            .iter()
            .map(|lead| {
                (
                    &lead.trainer,
                    self.summaries.get(&lead.id).map_or(&[][..], |summary| summary.competences.as_slice()),
                )
            })
            .collect();
        session.check_lead(&leads)
    }
}

/// Refuses what wants a room that is taken: in the database, by any agency, or by an earlier item.
async fn settle(tx: &mut Tx, loaded: &Loaded, judged: &mut [Judged]) -> Result<(), Error> {
    let booking = |session: &Session, room: &FacilityName| Booking {
        holder: Holder::Room(room.clone()),
        when: session.when,
    };
    let mut wishes = Vec::new();
    let mut held = Vec::new();
    let mut moving = Vec::new();
    for (item, session) in
        judged.iter().enumerate().filter_map(|(item, judged)| Some((item, judged.as_ref().ok()?)))
    {
        let Some(room) = &session.facility else { continue };
        wishes.push(Wish { item, wanted: Wanted::Room(room.clone()), booking: booking(session, room) });
        moving.push(session.id);
        let before = &loaded.sessions[&session.name];
        held.extend(before.facility.as_ref().map(|room| (item, booking(before, room))));
    }
    let Some(range) = span(&wishes) else { return Ok(()) };
    let prison = tx.agency().clone();
    let rooms: Vec<_> = judged.iter().flatten().filter_map(|session| session.facility.clone()).collect();
    let taken = store::facility::list_busy(tx.db(), &prison, &rooms, range, &moving).await?;
    let refused: Vec<_> = judged.iter().map(Result::is_err).collect();
    calendar::settle(&wishes, &taken, &held, &refused, |wish, fault| {
        judged[wish.item] = Err(vec![fault.at(wish.path())]);
    });
    Ok(())
}

/// Puts those of the sessions back to TENTATIVE that are CONFIRMED, for they lost what that asked for; answers with
/// their names.
pub(in crate::exchange) async fn unconfirm(
    tx: &mut Tx,
    sessions: Vec<Session>,
) -> Result<Vec<SessionName>, Error> {
    let confirmed = |session: &Session| session.state == SessionState::Confirmed;
    let ids: Vec<_> =
        sessions.iter().filter(|session| confirmed(session)).map(|session| session.id).collect();
    let lost = store::schedule::unconfirm(tx.db(), &ids).await?;
    let mut names = Vec::new();
    for session in sessions.into_iter().filter(|session| lost.contains(&session.id)) {
        let session = Session { state: SessionState::Tentative, version: session.version + 1, ..session };
        tx.changed(ChangeKind::Updated, &session);
        names.push(session.name);
    }
    Ok(names)
}
