//! What the agencies do to assignments: the trainer's accepts or declines, the prison clears or refuses clearance, the
//! lead agency withdraws. Each item carries the etag that its caller saw. Where a confirmed session gains or loses a
//! leading trainer by it, the session is TENTATIVE again.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode, Fault, Reason, Violation,
        access::{DataKind, Relation},
        assignment::{Act, AssignmentState},
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        name::{ProgrammeName, SessionName},
        schedule::{self, Session},
        trainer::TrainerRole,
    },
    exchange::{
        Error, Tx, Work,
        batch::Items,
        gate, programme,
        schedule::{assignment_changed, unconfirm},
        tx::relations,
    },
    ledger::ChangeKind,
    store::{self, assignment::StoredAssignment},
};

/// What became of a batch of assignments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AssignmentsAnswer {
    pub outcome: BatchOutcome,
    pub items: Vec<AssignmentAnswer>,
    /// Sessions that are TENTATIVE again for it.
    pub unconfirmed: Vec<SessionName>,
    pub entry: Option<Uuid>,
}

/// What became of one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AssignmentAnswer {
    pub id: Uuid,
    pub outcome: ItemOutcome,
    pub state: Option<AssignmentState>,
    pub etag: Option<String>,
    pub errors: Vec<Violation>,
}

/// One act on up to 1,000 assignments.
pub struct ActOnAssignments {
    pub act: Act,
    /// Key and etag.
    pub items: Vec<(Uuid, String)>,
    pub mode: BatchMode,
}

/// The assignments that the caller may see, read under their programmes' locks.
struct ActContext {
    held: HashMap<Uuid, StoredAssignment>,
    sessions: HashMap<Uuid, Session>,
    /// For a clearance: programmes whose gate is closed, and why.
    closed: HashMap<ProgrammeName, Fault>,
    /// For a clearance: agencies that may lend trainers to the prison.
    lending: Vec<AgencyCode>,
}

impl Work for ActOnAssignments {
    type Answer = AssignmentsAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<AssignmentsAnswer, Error> {
        let context = self.load_context(tx).await?;
        let judged: Vec<_> = (0..self.items.len()).map(|index| self.judge(tx, index, &context)).collect();
        let refused = judged.iter().filter(|judged| judged.is_err()).count();
        let outcome = BatchOutcome::of(self.mode, judged.len() - refused, 0, refused);
        let mut unconfirmed = Vec::new();
        if outcome == BatchOutcome::Rejected {
            tx.unchanged();
        } else {
            let changed: Vec<_> = judged.iter().flatten().cloned().collect();
            store::assignment::update(tx.db(), &changed).await?;
            changed.iter().for_each(|held| assignment_changed(tx, ChangeKind::Updated, held));
            unconfirmed = unconfirm(tx, context.affected(&changed)).await?;
        }
        let items = judged.into_iter().zip(&self.items).map(|(judged, (id, _))| {
            let stored = |held: &StoredAssignment, outcome| AssignmentAnswer {
                id: *id,
                outcome,
                state: Some(held.state),
                etag: Some(held.etag()),
                errors: Vec::new(),
            };
            match judged {
                Ok(_) if outcome == BatchOutcome::Rejected => {
                    stored(&context.held[id], ItemOutcome::NotStored)
                }
                Ok(held) => stored(&held, ItemOutcome::Updated),
                Err(error) => AssignmentAnswer {
                    id: *id,
                    outcome: ItemOutcome::Rejected,
                    state: context.held.get(id).map(|held| held.state),
                    etag: context.held.get(id).map(StoredAssignment::etag),
                    errors: vec![error],
                },
            }
        });
        Ok(AssignmentsAnswer { outcome, items: items.collect(), unconfirmed, entry: tx.entry() })
    }
}

impl ActOnAssignments {
    async fn load_context(&self, tx: &mut Tx) -> Result<ActContext, Error> {
        let seen = self.held(tx).await?;
        let mut sessions: Vec<_> = seen.values().map(|held| held.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        let clears = self.act == Act::Clear;
        let agreements = if clears { self.agreements(tx, &seen, &sessions).await? } else { Vec::new() };
        store::lock::agreements_shared(tx.db(), &agreements).await?;
        let programmes = store::schedule::list_programmes_of(tx.db(), &sessions).await?;
        store::lock::programmes(tx.db(), &programmes).await?;

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
        Ok(ActContext { held, sessions, closed, lending })
    }

    async fn held(&self, tx: &mut Tx) -> Result<HashMap<Uuid, StoredAssignment>, Error> {
        let ids: Vec<_> = self.items.iter().map(|(id, _)| *id).collect();
        let reader = tx.agency().clone();
        let found = store::assignment::find_stored(tx.db(), &ids, &reader).await?;
        Ok(found.into_iter().map(|held| (held.id, held)).collect())
    }

    /// Those that a clearance rests on: the programmes' own, and those of agencies that lend trainers.
    async fn agreements(
        &self,
        tx: &mut Tx,
        held: &HashMap<Uuid, StoredAssignment>,
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

    /// The assignment as it is to stand, or why not.
    fn judge(&self, tx: &Tx, index: usize, context: &ActContext) -> Result<StoredAssignment, Violation> {
        let items = Items { field: "assignments", resource: "assignment", items: &self.items };
        let at = |field: &str| items.at(index, field);
        let held = items.find(index, &context.held)?;
        let mut found = relations(&held.session_name.agency, &held.prison, tx.agency());
        if held.trainer.agency == *tx.agency() {
            found.push(Relation::TrainerAgency);
        }
        tx.fits(&found).map_err(|fault| fault.at(at("name")))?;
        items.match_etag(index, &held.etag())?;
        let state = self.act.apply(held.state).map_err(|fault| fault.at(at("name")))?;
        schedule::in_time(held.when.starts_at, tx.now(), found.contains(&Relation::Party))
            .map_err(|fault| fault.at(at("name")))?;
        context.check_gate(self.act, held).map_err(|fault| fault.at(at("name")))?;
        Ok(StoredAssignment { state, version: held.version + 1, ..held.clone() })
    }
}

impl ActContext {
    fn check_gate(&self, act: Act, held: &StoredAssignment) -> Result<(), Fault> {
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
                .with("state", format!("none covers {} now", DataKind::Trainer)));
        }
        Ok(())
    }

    /// The sessions that gain or lose an accepted leading trainer.
    fn affected(&self, changed: &[StoredAssignment]) -> Vec<Session> {
        let accepted = |held: &StoredAssignment| held.state.is_accepted();
        let leads = changed.iter().filter(|held| held.role == TrainerRole::Lead);
        let mut affected: Vec<_> = leads
            .filter(|held| accepted(held) != self.held.get(&held.id).is_some_and(accepted))
            .map(|held| held.session)
            .collect();
        affected.sort_unstable();
        affected.dedup();
        affected.iter().filter_map(|id| self.sessions.get(id).cloned()).collect()
    }
}

/// Whether an agency that is neither lead nor prison employs the trainer.
fn is_lent(held: &StoredAssignment) -> bool {
    held.trainer.agency != held.session_name.agency && held.trainer.agency != held.prison
}

fn lenders(held: &HashMap<Uuid, StoredAssignment>) -> Vec<AgencyCode> {
    let mut lenders: Vec<_> =
        held.values().filter(|held| is_lent(held)).map(|held| held.trainer.agency.clone()).collect();
    lenders.sort();
    lenders.dedup();
    lenders
}

fn programmes_of(sessions: &[Session]) -> Vec<ProgrammeName> {
    let mut names: Vec<_> = sessions.iter().map(|session| session.programme.clone()).collect();
    names.sort();
    names.dedup();
    names
}
