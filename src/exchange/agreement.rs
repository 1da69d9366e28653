//! Agreements: written, proposed, accepted, suspended, ended. Every transition locks the agreement exclusively,
//! so it cannot slip in between a gate's check and the commit behind it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Asking, Error, Read, Tx, Work, booking,
    page::{Page, PageRequest},
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Relation,
        agency::{Agency, AgencyKind},
        agreement::{Act, Agreement, AgreementFilter, AgreementState, Binding, Nature, PROPOSALS_MAX, Terms},
        batch::{ItemOutcome, MutationAnswer, Warning},
        name::{AgreementName, SessionName},
        remark::{self, Remark, RemarkAct},
        text::Text,
        time::AsOf,
    },
    ledger::{ChangeKind, Readers, Row},
    store::{
        self, agreement as rows,
        zone::{OfAgreements, Offsets},
    },
};

/// The answer to an act on an agreement.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgreementAnswer {
    /// The name, the etag and the outcome.
    pub change: MutationAnswer,
    /// The state after the act.
    pub state: AgreementState,
    /// What is legal and unwise about the terms.
    pub warnings: Vec<Warning>,
    /// The day on which a notice takes effect.
    pub terminates_on: Option<Date>,
    /// Sessions of the caller's that lost a room or a trainer while the agreement was suspended, and are TENTATIVE.
    #[serde(default)]
    pub unconfirmed: Vec<SessionName>,
}

/// Drafts an agreement.
pub struct CreateAgreement {
    /// The agreement's name.
    pub name: AgreementName,
    /// The terms.
    pub terms: Terms,
}

impl Work for CreateAgreement {
    type Answer = AgreementAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<AgreementAnswer, Error> {
        tx.must_own(&self.name.agency)?;
        let nature = nature_of(tx, &self.terms).await?;
        let author = tx.agency().clone();
        if rows::find(tx.db(), &self.name, &author).await?.is_some() {
            return Err(Reason::AgreementExists.into());
        }
        let agreement = Agreement {
            id: tx.uuid(),
            name: self.name.clone(),
            terms: self.terms.clone(),
            nature,
            act: Act::Draft,
            binding: None,
            accepted_by: Vec::new(),
            suspended_by: Vec::new(),
            terminates_on: None,
            remarks: Vec::new(),
            proposed_at: None,
            version: 1,
            created_at: tx.now(),
        };
        rows::insert(tx.db(), &agreement).await?;
        tx.changed(ChangeKind::Created, &agreement);
        Ok(answer(tx, &agreement, ItemOutcome::Created))
    }
}

/// Changes the terms of an agreement.
pub struct UpdateAgreement {
    /// The agreement's name.
    pub name: AgreementName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The terms.
    pub terms: Terms,
}

impl Work for UpdateAgreement {
    type Answer = AgreementAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<AgreementAnswer, Error> {
        let mut agreement = load(tx, &self.name, &self.etag).await?;
        let nature = nature_of(tx, &self.terms).await?;
        let same = agreement.terms == self.terms;
        let before = Row::readers(&agreement);
        agreement.redraft(self.terms.clone(), tx.now())?;
        if same {
            tx.unchanged();
            return Ok(answer(tx, &agreement, ItemOutcome::Unchanged));
        }
        agreement.nature = nature;
        save(tx, before, agreement).await
    }
}

/// Acts on an agreement that is there.
pub struct ActOn {
    /// The agreement's name.
    pub name: AgreementName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The act.
    pub act: Transition,
}

/// The acts, each with what it takes.
pub enum Transition {
    /// The author proposes it, by this kind of document.
    Propose(Binding),
    /// A party accepts it.
    Accept,
    /// A party rejects it, for this reason.
    Reject(Text<500>),
    /// The author takes a proposal back, for this reason.
    Withdraw(Text<500>),
    /// A party suspends it, for this reason.
    Suspend(Text<500>),
    /// The party that suspended it lifts that.
    Resume,
    /// A party gives notice, for this reason.
    Terminate(Text<500>),
}

impl Transition {
    /// The note, where the act takes one, which the parties read.
    fn noted(&self) -> Option<(RemarkAct, &Text<500>)> {
        match self {
            Self::Reject(note) => Some((RemarkAct::Reject, note)),
            Self::Withdraw(note) => Some((RemarkAct::Withdraw, note)),
            Self::Suspend(note) => Some((RemarkAct::Suspend, note)),
            Self::Terminate(note) => Some((RemarkAct::Terminate, note)),
            Self::Propose(_) | Self::Accept | Self::Resume => None,
        }
    }
}

impl Work for ActOn {
    type Answer = AgreementAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<AgreementAnswer, Error> {
        let mut agreement = load(tx, &self.name, &self.etag).await?;
        let before = Row::readers(&agreement);
        let (now, by) = (tx.now(), tx.agency().clone());
        if matches!(self.act, Transition::Propose(_)) {
            check_proposals(tx, &agreement).await?;
        }
        match &self.act {
            Transition::Propose(binding) => agreement.propose(*binding, now),
            Transition::Accept => agreement.accept(&by, now),
            Transition::Reject(_) => agreement.reject(&by, now),
            Transition::Withdraw(_) => agreement.withdraw(now),
            Transition::Suspend(_) => agreement.suspend(&by, now),
            Transition::Resume => agreement.resume(&by, now),
            Transition::Terminate(_) => agreement.terminate(now).map(drop),
        }?;
        if let Some((act, note)) = self.act.noted() {
            remark::add(&mut agreement.remarks, Remark::new(act, by, now, note.clone()));
        }
        let unconfirmed = self.book(tx, &agreement).await?;
        let mut answer = save(tx, before, agreement).await?;
        answer.unconfirmed = unconfirmed;
        Ok(answer)
    }
}

impl ActOn {
    /// Releases what rests on the agreement, or has it hold again what is free.
    async fn book(&self, tx: &mut Tx, agreement: &Agreement) -> Result<Vec<SessionName>, Error> {
        let (now, ids) = (tx.now(), [agreement.id]);
        match self.act {
            Transition::Suspend(_) => booking::release(tx, &ids, now).await?,
            Transition::Terminate(_) => {
                let from = agreement.terminates_at().unwrap_or(now);
                booking::release(tx, &ids, from).await?;
            }
            Transition::Resume => {
                let displaced = booking::hold_again(tx, std::slice::from_ref(agreement)).await?;
                return Ok(booking::names_for(tx, &displaced));
            }
            _ => {}
        }
        Ok(Vec::new())
    }
}

/// Refuses a proposal where too many between the author and another party are open: `PROPOSALS_TOO_MANY`.
async fn check_proposals(tx: &mut Tx, agreement: &Agreement) -> Result<(), Error> {
    let (now, author) = (tx.now(), agreement.name.agency.clone());
    let parties = agreement.terms.parties.iter().map(|party| party.agency.clone());
    let others: Vec<_> = parties.filter(|party| *party != author).collect();
    store::lock::proposals(tx.db(), &author, &others).await?;
    for other in &others {
        let mut open = rows::list_proposals(tx.db(), &author, other, now).await?;
        open.retain(|proposal| proposal.state(now) == AgreementState::Proposed);
        if open.len() >= PROPOSALS_MAX {
            let many = Fault::from(Reason::ProposalsTooMany).with("agency", other);
            return Err(many.with("max", PROPOSALS_MAX).into());
        }
    }
    Ok(())
}

/// Locks the agreement for a transition, then reads it again: what was read before the lock may be old.
async fn load(tx: &mut Tx, name: &AgreementName, etag: &str) -> Result<Agreement, Error> {
    let seen = find(tx, name).await?;
    store::lock::agreements_exclusive(tx, &[seen.id]).await?;
    let agreement = find(tx, name).await?;
    match_etag(etag, &agreement.etag(tx.now()))?;
    Ok(agreement)
}

async fn find(tx: &mut Tx, name: &AgreementName) -> Result<Agreement, Error> {
    let reader = tx.agency().clone();
    let found = rows::find(tx.db(), name, &reader).await?.ok_or_else(|| not_found("agreement"))?;
    tx.permit(&relations(&found, &reader), "agreement")?;
    Ok(found)
}

fn relations(agreement: &Agreement, caller: &AgencyCode) -> Vec<Relation> {
    let mut found = Vec::new();
    if agreement.readers().contains(caller) {
        found.push(Relation::Party);
    }
    if agreement.name.agency == *caller {
        found.push(Relation::Own);
    }
    found
}

/// Stores an agreement that changed, and tells of it. `before` could see it until now.
async fn save(tx: &mut Tx, before: Readers, mut agreement: Agreement) -> Result<AgreementAnswer, Error> {
    agreement.version += 1;
    rows::update(tx.db(), &agreement).await?;
    tx.updated(before, &agreement);
    Ok(answer(tx, &agreement, ItemOutcome::Updated))
}

fn answer(tx: &Tx, agreement: &Agreement, outcome: ItemOutcome) -> AgreementAnswer {
    AgreementAnswer {
        change: tx.change(&agreement.name, agreement.etag(tx.now()), outcome),
        state: agreement.state(tx.now()),
        warnings: agreement.terms.warnings(),
        terminates_on: agreement.terminates_on,
        unconfirmed: Vec::new(),
    }
}

/// Finds the nature of an agreement by its parties, who all must be known, exactly one prison among them.
async fn nature_of(tx: &mut Tx, terms: &Terms) -> Result<Nature, Error> {
    let codes: Vec<_> = terms.parties.iter().map(|party| party.agency.clone()).collect();
    let agencies = store::agency::find_all(tx.db(), &codes).await?;
    if let Some(unknown) = codes.iter().find(|code| agencies.iter().all(|agency| agency.code != **code)) {
        return Err(Fault::from(Reason::AgencyUnknown).with("agency", unknown).into());
    }
    let is_prison = |agency: &&Agency| agency.kind == AgencyKind::Prison;
    if agencies.iter().filter(is_prison).count() != 1 {
        return Err(Reason::AgreementWithoutPrison.into());
    }
    let functional = agencies.iter().all(|agency| agency.kind.is_government());
    Ok(if functional { Nature::Functional } else { Nature::Kemitraan })
}

/// Finds an agreement of the caller.
pub struct GetAgreement {
    /// The agreement's name.
    pub name: AgreementName,
}

impl Read for GetAgreement {
    type Answer = AsOf<Agreement>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let now = asking.now();
        let question = rows::One { fingerprint: asking.fingerprint(), name: &self.name };
        let (_, found) = asking.ask_as_caller(now, &question).await?;
        Ok(AsOf { value: found.ok_or_else(|| not_found("agreement"))?, now })
    }
}

/// Lists the caller's agreements, by name.
pub struct ListAgreements {
    /// The filters of the list.
    pub filter: AgreementFilter,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListAgreements {
    type Answer = AsOf<Page<Agreement>>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let (after, now) = (self.page.after(asking, Some), asking.now());
        let told = match self.filter.state {
            Some(_) => asking.ask(&OfAgreements(now)).await?,
            None => Offsets::default(),
        };
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            filter: &self.filter,
            now,
            told: &told,
            after: after.as_ref().ok().and_then(Option::as_ref),
            limit: self.page.limit(),
        };
        let (_, found) = asking.ask_as_caller(now, &question).await?;
        after?;
        let keys = |agreement: &Agreement| [agreement.name.agency.to_string(), agreement.name.id.clone()];
        Ok(AsOf { value: self.page.page(asking, found, keys), now })
    }
}
