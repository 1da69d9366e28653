//! Programmes: planned by the lead agency, approved by the prison, opened under an agreement in force, cancelled
//! by either with everything that lies ahead.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Asking, Error, Read, Tx, Work,
    gate::{self, Passage},
    page::{Page, PageRequest},
    tx::{match_etag, not_found, relations},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::DataKind,
        agency::AgencyKind,
        agreement::Agreement,
        batch::{ItemOutcome, MutationAnswer, Warning},
        field::Field,
        name::{AgreementName, ProgrammeName},
        programme::{Plan, Programme, ProgrammeFilter, ProgrammeState},
        remark::{Remark, RemarkAct},
        roster,
        schedule::SessionState,
        text::Text,
    },
    ledger::ChangeKind,
    store::{self, programme as rows},
};

/// The answer to an act on a programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProgrammeAnswer {
    /// The name, the etag and the outcome.
    pub change: MutationAnswer,
    /// The state after the act.
    pub state: ProgrammeState,
    /// The number of sessions that were cancelled with the programme.
    pub sessions_cancelled: usize,
    /// The number of assignments that were withdrawn with them.
    pub assignments_withdrawn: usize,
    /// What is legal and unwise: an agreement under which the programme can never be opened.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Plans a programme under an agreement that the prison has accepted.
pub struct CreateProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
    /// The agreement that lets its data pass.
    pub agreement: AgreementName,
    /// The plan.
    pub plan: Plan,
}

impl Work for CreateProgramme {
    type Answer = ProgrammeAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<ProgrammeAnswer, Error> {
        tx.must_own(&self.name.agency)?;
        let lead = tx.agency().clone();
        let (agreement, prison) = find_basis(tx, &self.agreement, &self.plan.field).await?;
        if rows::find(tx.db(), &self.name, &lead).await?.is_some() {
            return Err(Reason::ProgrammeExists.into());
        }
        let warnings = warnings(tx, &agreement);
        let programme = Programme {
            id: tx.uuid(),
            name: self.name.clone(),
            agreement_id: agreement.id,
            agreement: agreement.name,
            prison,
            plan: self.plan.clone(),
            state: ProgrammeState::Planned,
            remark: None,
            version: 1,
            opened_at: None,
            created_at: tx.now(),
        };
        rows::insert(tx.db(), &programme).await?;
        tx.changed(ChangeKind::Created, &programme);
        Ok(ProgrammeAnswer { warnings, ..answer(tx, &programme, ItemOutcome::Created) })
    }
}

/// Finds an agreement on which the caller's programme in a field may rest, and its prison. Refuses an agreement that the
/// caller does not see, of one party, without the field, or that the prison has not accepted.
async fn find_basis(
    tx: &mut Tx,
    name: &AgreementName,
    field: &Field,
) -> Result<(Agreement, AgencyCode), Error> {
    let lead = tx.agency().clone();
    let agreement = store::agreement::find(tx.db(), name, &lead).await?.ok_or(Reason::AgreementUnknown)?;
    if agreement.terms.parties.len() < 2 {
        return Err(Reason::AgreementSingleParty.into());
    }
    if !agreement.terms.fields.contains(field) {
        return Err(agreement.without_field().into());
    }
    let parties: Vec<_> = agreement.terms.parties.iter().map(|party| party.agency.clone()).collect();
    let parties = store::agency::find_all(tx.db(), &parties).await?;
    let prison = parties.into_iter().find(|agency| agency.kind == AgencyKind::Prison);
    let prison = prison.ok_or(Reason::AgreementWithoutPrison)?.code;
    agreement.must_be_accepted_by(&prison)?;
    Ok((agreement, prison))
}

/// Says where an agreement lets no programme be opened, ever.
fn warnings(tx: &Tx, agreement: &Agreement) -> Vec<Warning> {
    agreement.opens_no_programme(tx.now()).map(|fault| fault.at("agreement")).into_iter().collect()
}

/// Changes the plan of a programme, or moves it to another agreement.
pub struct UpdateProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The plan.
    pub plan: Plan,
    /// The agreement to which the programme moves; `None` to stay.
    pub agreement: Option<AgreementName>,
}

impl Work for UpdateProgramme {
    type Answer = ProgrammeAnswer;

    /// A capacity that is to be lowered is held against the roster, of which nothing passes while the gate is closed.
    async fn run(&self, tx: &mut Tx) -> Result<ProgrammeAnswer, Error> {
        // Agreements are locked before programmes.
        let seen = find(tx, &self.name).await?;
        let moves_to = self.agreement.as_ref().filter(|name| **name != seen.agreement);
        let mut agreements = vec![seen.agreement_id];
        if let Some(name) = moves_to {
            let (agreement, _) = find_basis(tx, name, &self.plan.field).await?;
            agreements.push(agreement.id);
        }
        store::lock::agreements_shared(tx, &agreements).await?;
        let mut programme = load(tx, &self.name, &self.etag).await?;
        must_rest_on(&programme, seen.agreement_id)?;
        let agreement = match moves_to {
            Some(name) => self.move_to(tx, &mut programme, name).await?,
            None => find_agreement(tx, &programme).await?,
        };
        let warnings = warnings(tx, &agreement);
        if moves_to.is_none() && programme.plan == self.plan {
            tx.unchanged();
            return Ok(ProgrammeAnswer { warnings, ..answer(tx, &programme, ItemOutcome::Unchanged) });
        }
        if programme.state == ProgrammeState::Open && self.plan.capacity < programme.plan.capacity {
            pass(tx, &programme, None).await?;
            let is_prison = *tx.agency() == programme.prison;
            check_capacity(tx, programme.id, self.plan.capacity, is_prison).await?;
        }
        programme.replan(self.plan.clone())?;
        if !agreement.terms.fields.contains(&self.plan.field) {
            return Err(agreement.without_field().into());
        }
        Ok(ProgrammeAnswer { warnings, ..save(tx, programme).await? })
    }
}

impl UpdateProgramme {
    /// Moves the programme to an agreement with the same prison that is not over; the locks of both are held.
    async fn move_to(
        &self,
        tx: &mut Tx,
        programme: &mut Programme,
        name: &AgreementName,
    ) -> Result<Agreement, Error> {
        let (agreement, prison) = find_basis(tx, name, &self.plan.field).await?;
        if prison != programme.prison {
            return Err(Fault::from(Reason::AgreementNotBetweenParties).with("agreement", name).into());
        }
        if agreement.is_over(tx.now()) {
            let over = Fault::from(Reason::AgreementNotInForce).with("agreement", name);
            return Err(over.with("state", agreement.state(tx.now())).into());
        }
        programme.move_to(&agreement)?;
        Ok(agreement)
    }
}

/// The prison approves a programme.
pub struct ApproveProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for ApproveProgramme {
    type Answer = ProgrammeAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<ProgrammeAnswer, Error> {
        let mut programme = load(tx, &self.name, &self.etag).await?;
        programme.approve()?;
        let agreement = find_agreement(tx, &programme).await?;
        let warnings = warnings(tx, &agreement);
        Ok(ProgrammeAnswer { warnings, ..save(tx, programme).await? })
    }
}

/// The lead agency opens a programme for sessions and trainees.
pub struct OpenProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for OpenProgramme {
    type Answer = ProgrammeAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<ProgrammeAnswer, Error> {
        // Agreements are locked before programmes, so it is looked up first and loaded under both locks.
        let agreement = find(tx, &self.name).await?.agreement_id;
        store::lock::agreements_shared(tx, &[agreement]).await?;
        let mut programme = load(tx, &self.name, &self.etag).await?;
        must_rest_on(&programme, agreement)?;
        pass(tx, &programme, Some(DataKind::Schedule)).await?;
        programme.open(tx.now())?;
        save(tx, programme).await
    }
}

/// Refuses a capacity below the places that are taken: `CAPACITY_BELOW_CONFIRMED`. The programme's lock is held. Only the
/// prison may find out a number from 1 to 4: of so few, every capacity below five is refused to others.
pub(super) async fn check_capacity(
    tx: &mut Tx,
    programme: Uuid,
    capacity: i32,
    is_prison: bool,
) -> Result<(), Error> {
    let confirmed = confirmed(tx, programme).await?;
    let (least, shown) = match is_prison {
        true => (confirmed, confirmed.to_string()),
        false => (roster::told_at_least(confirmed), roster::told(confirmed.into())),
    };
    if least <= capacity {
        return Ok(());
    }
    let below = Fault::from(Reason::CapacityBelowConfirmed).with("capacity", capacity);
    Err(below.with("confirmed", shown).into())
}

/// Counts the trainees who have a place. The programme's lock is held.
pub(super) async fn confirmed(tx: &mut Tx, programme: Uuid) -> Result<i32, Error> {
    Ok(store::roster::count(tx.db(), programme).await?.confirmed)
}

/// Passes the gate of the programme's own agreement, whose lock the transaction holds.
pub(super) async fn pass(
    tx: &mut Tx,
    programme: &Programme,
    kind: Option<DataKind>,
) -> Result<Agreement, Error> {
    let agreement = find_agreement(tx, programme).await?;
    gate::check(tx, &agreement, &passage(programme, kind)).await?;
    tx.passed_gate(&agreement.name, agreement.version);
    Ok(agreement)
}

/// What passes between the two sides of a programme.
pub(super) fn passage(programme: &Programme, kind: Option<DataKind>) -> Passage<'_> {
    Passage { lead: &programme.name.agency, prison: &programme.prison, field: &programme.plan.field, kind }
}

/// Finds why the gate of the programme's own agreement is closed, for a batch that says so of single items; `None` once
/// passed.
pub(super) async fn closed(
    tx: &mut Tx,
    programme: &Programme,
    kind: Option<DataKind>,
) -> Result<Option<Fault>, Error> {
    match pass(tx, programme, kind).await {
        Ok(_) => Ok(None),
        Err(Error::Refused(refusal)) => Ok(Some(refusal.fault)),
        Err(error) => Err(error),
    }
}

/// Cancels a programme with every session ahead.
pub struct CancelProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The reason, for the other agency.
    pub note: Text<500>,
}

impl Work for CancelProgramme {
    type Answer = ProgrammeAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<ProgrammeAnswer, Error> {
        let mut programme = load(tx, &self.name, &self.etag).await?;
        let now = tx.now();
        let remark = Remark::new(RemarkAct::Cancel, tx.agency().clone(), now, self.note.clone());
        programme.cancel(remark.clone())?;
        let ahead = store::schedule::list_ahead(tx.db(), programme.id, now).await?;
        let is_prison = *tx.agency() == programme.prison;
        for session in ahead.iter().filter(|session| session.is_open()) {
            session.may_change(now, is_prison)?;
        }
        let sessions_cancelled = ahead.len();
        let withdrawn = super::schedule::close(tx, &ahead, SessionState::Cancelled, &remark).await?;
        let assignments_withdrawn = withdrawn.len();
        let mut answer = save(tx, programme).await?;
        answer.sessions_cancelled = sessions_cancelled;
        answer.assignments_withdrawn = assignments_withdrawn;
        Ok(answer)
    }
}

/// Locks the programme, then reads it again.
async fn load(tx: &mut Tx, name: &ProgrammeName, etag: &str) -> Result<Programme, Error> {
    let seen = find(tx, name).await?;
    store::lock::programme(tx, seen.id).await?;
    let programme = find(tx, name).await?;
    match_etag(etag, &programme.etag())?;
    Ok(programme)
}

/// Finds the agreement of a programme that the caller leads or hosts.
async fn find_agreement(tx: &mut Tx, programme: &Programme) -> Result<Agreement, Error> {
    let reader = tx.agency().clone();
    let agreement = store::agreement::find(tx.db(), &programme.agreement, &reader).await?;
    Ok(agreement.ok_or(Reason::AgreementUnknown)?)
}

/// Holds a programme against the agreement that was locked for it: a programme that is not open yet may be moved meanwhile,
/// and the call is tried again.
pub(super) fn must_rest_on(programme: &Programme, agreement: Uuid) -> Result<(), Error> {
    if programme.agreement_id == agreement {
        return Ok(());
    }
    Err(Error::Lost("a programme was moved while its agreement was locked".to_owned()))
}

pub(super) async fn find(tx: &mut Tx, name: &ProgrammeName) -> Result<Programme, Error> {
    let reader = tx.agency().clone();
    let programme = rows::find(tx.db(), name, &reader).await?.ok_or_else(|| not_found("programme"))?;
    tx.permit(&relations(&programme.name.agency, &programme.prison, &reader), "programme")?;
    Ok(programme)
}

async fn save(tx: &mut Tx, mut programme: Programme) -> Result<ProgrammeAnswer, Error> {
    programme.version += 1;
    rows::update(tx.db(), &programme).await?;
    tx.changed(ChangeKind::Updated, &programme);
    Ok(answer(tx, &programme, ItemOutcome::Updated))
}

fn answer(tx: &Tx, programme: &Programme, outcome: ItemOutcome) -> ProgrammeAnswer {
    ProgrammeAnswer {
        change: tx.change(&programme.name, programme.etag(), outcome),
        state: programme.state,
        sessions_cancelled: 0,
        assignments_withdrawn: 0,
        warnings: Vec::new(),
    }
}

/// Finds a programme that the caller leads or hosts.
pub struct GetProgramme {
    /// The programme's name.
    pub name: ProgrammeName,
}

impl Read for GetProgramme {
    type Answer = Programme;

    async fn find(&self, asking: &Asking<'_>) -> Result<Programme, Error> {
        let question = rows::One { fingerprint: asking.fingerprint(), name: &self.name };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        found.ok_or_else(|| not_found("programme"))
    }
}

/// Lists the caller's programmes, by name.
pub struct ListProgrammes {
    /// The filters of the list.
    pub filter: ProgrammeFilter,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListProgrammes {
    type Answer = Page<Programme>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after = self.page.after(asking, Some);
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            filter: &self.filter,
            after: after.as_ref().ok().and_then(Option::as_ref),
            limit: self.page.limit(),
        };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        after?;
        Ok(self
            .page
            .page(asking, found, |programme| [programme.name.agency.to_string(), programme.name.id.clone()]))
    }
}
