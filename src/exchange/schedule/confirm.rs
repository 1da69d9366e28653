//! The prison's yes to sessions: that it can secure them, in a room that is free and large enough, with one leading
//! trainer who has been accepted and is competent on the day. What loses either is TENTATIVE again.

use std::{collections::HashMap, iter};

use uuid::Uuid;

use super::{
    claims::Claims,
    named::{self, Seen, SessionsContext},
};
use crate::{
    domain::{
        Fault, Reason, Violations,
        access::DataKind,
        assignment::BookedAssignment,
        batch::BatchMode,
        facility::{Facility, FacilityStatus},
        name::{FacilityName, ProgrammeName, SessionName},
        schedule::{Session, SessionState},
        trainer::{TrainerRole, TrainerSummary},
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, Batch, Judge, Judged, Judgement, Verdict, changing, distinct},
        programme,
    },
    ledger::ChangeKind,
    store,
};

/// The prison confirms sessions.
pub struct ConfirmSessions {
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    /// For each of them; `None` for the room that it holds.
    pub rooms: Vec<Option<FacilityName>>,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
}

/// The facts that confirmations are held against, read under the locks of programmes, leading trainers and rooms.
pub struct ConfirmContext {
    named: SessionsContext,
    /// Programmes whose gate is closed, and why.
    closed: HashMap<ProgrammeName, Fault>,
    /// How many trainees have a place, where any has.
    confirmed: HashMap<ProgrammeName, i32>,
    rooms: HashMap<FacilityName, Facility>,
    /// By session, the leading trainers who have been accepted.
    leads: HashMap<Uuid, Vec<BookedAssignment>>,
    summaries: HashMap<Uuid, TrainerSummary>,
}

impl Judge for ConfirmSessions {
    type Item = Seen;
    type Resource = Session;
    type Context = ConfirmContext;
    const ITEMS: &'static str = "sessions";

    fn items(&self) -> (BatchMode, &[Seen]) {
        (self.mode, &self.sessions)
    }

    fn judge(
        &self,
        bench: &Bench<'_>,
        at: &mut At<'_, Seen>,
        context: &mut ConfirmContext,
    ) -> Verdict<Session> {
        let session = context.named.find(bench, at)?;
        let wanted = self.rooms[at.index].as_ref();
        let may = match session.state {
            SessionState::Tentative => true,
            // A confirmed session may be given another room; twice the same is an error of the caller's.
            SessionState::Confirmed => wanted.is_some() && wanted != session.facility.as_ref(),
            SessionState::Cancelled | SessionState::Declined => false,
        };
        let forbids = || Fault::state_forbids("session", session.state, &[SessionState::Tentative]);
        // A session that is closed holds nothing, and is not resumed with its agreement: what it lacks, or whether it is
        // dormant, says nothing. Pushed again, it is judged anew.
        if !session.is_open() {
            return Err(forbids().at(at.field("name")).into());
        }
        let mut violations = Violations::default();
        if !may {
            violations.add(at.field("name"), forbids());
        }
        if let Some(fault) = context.closed(session) {
            violations.add(at.field("name"), fault);
        }
        let room = wanted.or(session.facility.as_ref());
        violations.take(at.field("facility"), context.check_room(session, room));
        violations.take(at.field("name"), context.check_lead(session));
        let confirmed = Session {
            state: SessionState::Confirmed,
            facility: room.cloned(),
            remark: None,
            version: session.version + 1,
            ..session.clone()
        };
        violations.or_ok(Judgement::Update(session.clone(), confirmed))
    }
}

impl Batch for ConfirmSessions {
    async fn load(&self, tx: &mut Tx) -> Result<ConfirmContext, Error> {
        let named = named::load(tx, &self.sessions, true).await?;
        let ids: Vec<_> = named.sessions.values().map(|session| session.id).collect();
        let mut held = store::assignment::list_stored(tx.db(), &ids).await?;
        held.retain(|held| held.role == TrainerRole::Lead && held.state.is_accepted());
        let persons: Vec<_> = held.iter().map(|held| held.booking_key).collect();
        store::lock::persons(tx, &persons).await?;
        let kept = named.sessions.values().filter_map(|session| session.facility.clone());
        let rooms = distinct(kept.chain(self.rooms.iter().flatten().cloned()));
        store::lock::rooms(tx, &rooms).await?;

        let rooms = store::facility::find_all(tx.db(), &rooms).await?;
        let leads: Vec<_> = held.iter().map(|held| held.id).collect();
        let summaries = store::assignment::list_trainer_summaries(tx.db(), &leads).await?;
        let mut by_session: HashMap<_, Vec<_>> = HashMap::new();
        for held in held {
            by_session.entry(held.session).or_default().push(held);
        }
        let (mut closed, mut confirmed) = (HashMap::new(), HashMap::new());
        for (name, programme) in &named.programmes {
            let fault = programme::closed(tx, programme, Some(DataKind::Schedule)).await?;
            closed.extend(fault.map(|fault| (name.clone(), fault)));
            confirmed.insert(name.clone(), programme::confirmed(tx, programme.id).await?);
        }
        let rooms = rooms.into_iter().map(|room| (room.name.clone(), room)).collect();
        Ok(ConfirmContext { named, closed, confirmed, rooms, leads: by_session, summaries })
    }

    /// Refuses sessions whose room is taken.
    async fn settle(
        &self,
        tx: &mut Tx,
        context: &ConfirmContext,
        judged: &mut Judged<Session>,
    ) -> Result<(), Error> {
        let mut claims = Claims::default();
        for (item, session) in changing(&judged.verdicts) {
            let stored = context.named.sessions.get(&session.name);
            claims.add(item, session, stored, iter::empty(), iter::empty());
        }
        let prison = tx.agency().clone();
        claims.settle(tx, &prison, judged).await
    }

    async fn store(&self, tx: &mut Tx, _: &mut Self::Context, good: &[&Session]) -> Result<(), Error> {
        store::schedule::update_sessions(tx.db(), good).await?;
        for session in good {
            tx.changed(ChangeKind::Updated, *session);
        }
        Ok(())
    }
}

impl ConfirmContext {
    /// Why the session's agreement lets nothing pass now, or will not on the session's day.
    fn closed(&self, session: &Session) -> Option<Fault> {
        let over = || {
            let programme = self.named.programmes.get(&session.programme).filter(|_| session.dormant)?;
            let closed = Fault::from(Reason::AgreementNotInForce).with("agreement", &programme.agreement);
            Some(closed.with("state", "TERMINATED by then"))
        };
        self.closed.get(&session.programme).cloned().or_else(over)
    }

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
