//! What the agencies do to assignments: the trainer's accepts or declines, the prison clears or refuses clearance, the
//! lead agency withdraws; who declined or refused allows a new proposal. Each item carries the etag that its caller saw. Where a confirmed session gains or loses a
//! leading trainer by it, the session is TENTATIVE again.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Relation,
        assignment::{Act, AssignmentState, BookedAssignment},
        batch::{BatchMode, ItemOutcome},
        name::{ProgrammeName, SessionName},
        schedule::{self, Session},
        time::Zone,
        trainer::TrainerRole,
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, Batch, BatchAnswer, Judge, Judged, Judgement, Resource, Verdict, changing, distinct},
        gate, programme,
        schedule::{Claims, assignment_changed, unconfirm},
        tx::relations,
    },
    ledger::ChangeKind,
    store,
};

/// The answer to a batch of assignments.
pub type AssignmentsAnswer = BatchAnswer<Uuid, AssignmentState>;

impl Resource for BookedAssignment {
    type Name = Uuid;
    type State = AssignmentState;
    const NOUN: &'static str = "assignment";

    fn told(&self) -> (Uuid, AssignmentState, String) {
        (self.id, self.state, self.etag())
    }
}

/// One act on up to 1,000 assignments.
pub struct ActOnAssignments {
    /// The act.
    pub act: Act,
    /// Key and etag.
    pub items: Vec<(Uuid, String)>,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
}

/// The assignments that the caller may see, read under their programmes' locks.
pub struct ActContext {
    held: HashMap<Uuid, BookedAssignment>,
    sessions: HashMap<Uuid, Session>,
    /// For a clearance: programmes whose gate is closed, and why.
    closed: HashMap<ProgrammeName, Fault>,
    /// For a clearance: agencies that may lend trainers to the prison.
    lending: Vec<AgencyCode>,
    /// Sessions that the act has made TENTATIVE again.
    unconfirmed: Vec<SessionName>,
}

impl Judge for ActOnAssignments {
    type Item = (Uuid, String);
    type Resource = BookedAssignment;
    type Context = ActContext;
    const ITEMS: &'static str = "assignments";

    fn items(&self) -> (BatchMode, &[(Uuid, String)]) {
        (self.mode, &self.items)
    }

    fn judge(
        &self,
        bench: &Bench<'_>,
        at: &mut At<'_, Self::Item>,
        context: &mut ActContext,
    ) -> Verdict<BookedAssignment> {
        let refuse = |fault: Fault| fault.at(at.field("name"));
        let held = at.find(&context.held)?;
        let mut found = relations(&held.session_name.agency, &held.prison, bench.agency());
        if held.trainer.agency == *bench.agency() {
            found.push(Relation::TrainerAgency);
        }
        bench.check_relations(&found).map_err(refuse)?;
        at.match_etag(&held.etag())?;
        if let Some(needed) = self.act.relation(held.state).filter(|needed| !found.contains(needed)) {
            return Err(refuse(Fault::from(Reason::RelationNotAllowed).with("allowed", needed)).into());
        }
        let state = self.act.apply(held.state).map_err(refuse)?;
        let is_prison = found.contains(&Relation::Party);
        schedule::in_time(held.when.starts_at, bench.now(), is_prison).map_err(refuse)?;
        context.check_gate(self.act, held).map_err(refuse)?;
        Ok(Judgement::Update(
            held.clone(),
            BookedAssignment { state, version: held.version + 1, ..held.clone() },
        ))
    }

    fn finish(context: ActContext, answer: &mut AssignmentsAnswer) {
        // What was refused shows where it stands, to whom may see it.
        for item in answer.items.iter_mut().filter(|item| item.outcome == ItemOutcome::Rejected) {
            let held = item.name.and_then(|id| context.held.get(&id));
            (item.state, item.etag) = (held.map(|held| held.state), held.map(BookedAssignment::etag));
        }
        answer.unconfirmed = context.unconfirmed;
    }
}

impl Batch for ActOnAssignments {
    async fn load(&self, tx: &mut Tx) -> Result<ActContext, Error> {
        let seen = self.held(tx).await?;
        let sessions = distinct(seen.values().map(|held| held.session));
        let clears = self.act == Act::Clear;
        let agreements = if clears { self.agreements(tx, &seen, &sessions).await? } else { Vec::new() };
        store::lock::agreements_shared(tx, &agreements).await?;
        let programmes = store::schedule::list_programmes_of(tx.db(), &sessions).await?;
        store::lock::programmes(tx, &programmes).await?;
        if self.act == Act::Accept {
            let persons: Vec<_> = seen.values().map(|held| held.booking_key).collect();
            store::lock::persons(tx, &persons).await?;
        }

        let held = self.held(tx).await?;
        let sessions = store::schedule::find_by_ids(tx.db(), &sessions).await?;
        let (mut closed, mut lending) = (HashMap::new(), Vec::new());
        if clears {
            let prison = tx.agency().clone();
            lending = gate::may_lend(tx, &prison, &lenders(&held), &agreements).await?;
            for name in programmes_of(&sessions) {
                let programme = programme::find(tx, &name).await?;
                let fault = programme::closed(tx, &programme, None).await?;
                closed.extend(fault.map(|fault| (name, fault)));
            }
        }
        let sessions = sessions.into_iter().map(|session| (session.id, session)).collect();
        Ok(ActContext { held, sessions, closed, lending, unconfirmed: Vec::new() })
    }

    /// Refuses to accept trainers who are taken meanwhile.
    async fn settle(
        &self,
        tx: &mut Tx,
        context: &ActContext,
        judged: &mut Judged<BookedAssignment>,
    ) -> Result<(), Error> {
        let mut claims = Claims::default();
        let holds = |id| context.held.get(id).is_some_and(BookedAssignment::holds);
        for (item, held) in changing(&judged.verdicts).filter(|(_, held)| held.holds() && !holds(&held.id)) {
            let zone =
                context.sessions.get(&held.session).map_or_else(Zone::utc, |session| session.zone.clone());
            claims.add_assignment(item, held, zone);
        }
        let agency = tx.agency().clone();
        claims.settle(tx, &agency, judged).await
    }

    async fn store(
        &self,
        tx: &mut Tx,
        context: &mut ActContext,
        good: &[&BookedAssignment],
    ) -> Result<(), Error> {
        let changed: Vec<_> = good.iter().copied().cloned().collect();
        store::assignment::update(tx.db(), &changed).await?;
        changed.iter().for_each(|held| assignment_changed(tx, ChangeKind::Updated, held));
        context.unconfirmed = unconfirm(tx, context.affected(&changed)).await?;
        Ok(())
    }
}

impl ActOnAssignments {
    async fn held(&self, tx: &mut Tx) -> Result<HashMap<Uuid, BookedAssignment>, Error> {
        let ids: Vec<_> = self.items.iter().map(|(id, _)| *id).collect();
        let reader = tx.agency().clone();
        let found = store::assignment::find_stored(tx.db(), &ids, &reader).await?;
        Ok(found.into_iter().map(|held| (held.id, held)).collect())
    }

    /// Those that a clearance rests on: the programmes' own, and those of agencies that lend trainers.
    async fn agreements(
        &self,
        tx: &mut Tx,
        held: &HashMap<Uuid, BookedAssignment>,
        sessions: &[Uuid],
    ) -> Result<Vec<Uuid>, Error> {
        let prison = tx.agency().clone();
        let lenders = gate::lenders(tx, &prison, &lenders(held)).await?;
        let mut agreements: Vec<_> = lenders.iter().map(|agreement| agreement.id).collect();
        let sessions = store::schedule::find_by_ids(tx.db(), sessions).await?;
        for name in programmes_of(&sessions) {
            let programme = store::programme::find(tx.db(), &name, &prison).await?;
            agreements.extend(programme.map(|programme| programme.agreement_id));
        }
        Ok(agreements)
    }
}

impl ActContext {
    fn check_gate(&self, act: Act, held: &BookedAssignment) -> Result<(), Fault> {
        if act != Act::Clear {
            return Ok(());
        }
        let session = self.sessions.get(&held.session);
        if let Some(fault) = session.and_then(|session| self.closed.get(&session.programme)) {
            return Err(fault.clone());
        }
        if is_lent(held) && !self.lending.contains(&held.trainer.agency) {
            let lender = format!("{} – {}", held.trainer.agency, held.prison);
            return Err(Fault::from(Reason::AgreementNotInForce)
                .with("agreement", lender)
                .with("state", "none covers TRAINER now"));
        }
        Ok(())
    }

    /// The sessions that gain or lose an accepted leading trainer.
    fn affected(&self, changed: &[BookedAssignment]) -> Vec<Session> {
        let accepted = |held: &BookedAssignment| held.state.is_accepted();
        let leads = changed.iter().filter(|held| held.role == TrainerRole::Lead);
        let affected = leads.filter(|held| accepted(held) != self.held.get(&held.id).is_some_and(accepted));
        let affected = distinct(affected.map(|held| held.session));
        affected.iter().filter_map(|id| self.sessions.get(id).cloned()).collect()
    }
}

/// Whether an agency that is neither lead nor prison employs the trainer.
fn is_lent(held: &BookedAssignment) -> bool {
    held.trainer.agency != held.session_name.agency && held.trainer.agency != held.prison
}

fn lenders(held: &HashMap<Uuid, BookedAssignment>) -> Vec<AgencyCode> {
    distinct(held.values().filter(|held| is_lent(held)).map(|held| held.trainer.agency.clone()))
}

fn programmes_of(sessions: &[Session]) -> Vec<ProgrammeName> {
    distinct(sessions.iter().map(|session| session.programme.clone()))
}
