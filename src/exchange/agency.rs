//! Agencies: registered and changed by administrators, listed by all. `system.rs` has what is done to their systems.

mod system;

pub use system::{ApproveSystem, RegisterSystem, RetireSystem, RetiredSystem, UpdateSystem};

use serde::{Deserialize, Serialize};

use super::{
    Asking, Error, Read, Tx, Work, booking,
    page::{Page, PageRequest},
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Role,
        agency::{Agency, AgencyKind, AgencyState, AgencyTier, DatedNames, System, Upcoming},
        batch::{ItemOutcome, MutationAnswer},
        name::{SessionName, SystemName},
        text::Text,
        time::Zone,
    },
    ledger::ChangeKind,
    store::{self, Holder, WhoHolds, agency as rows},
};

/// Registers an agency.
pub struct CreateAgency {
    /// The agency's code.
    pub code: AgencyCode,
    /// The kind of institution.
    pub kind: AgencyKind,
    /// The level of government.
    pub tier: AgencyTier,
    /// The names, each from its day on.
    pub names: DatedNames,
    /// The time zone in which its days begin.
    pub zone: Zone,
}

impl Work for CreateAgency {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        if rows::find(tx.db(), &self.code).await?.is_some() {
            return Err(Fault::from(Reason::AgencyExists).with("agency", &self.code).into());
        }
        let agency = Agency {
            code: self.code.clone(),
            kind: self.kind,
            tier: self.tier,
            names: self.names.clone(),
            zone: self.zone.clone(),
            state: AgencyState::Active,
            remark: None,
            version: 1,
            created_at: tx.now(),
        };
        agency.names.must_hold_on(agency.day(tx.now()))?;
        rows::insert(tx.db(), &agency).await?;
        Ok(created(tx, &agency))
    }
}

fn created(tx: &mut Tx, agency: &Agency) -> MutationAnswer {
    tx.changed(ChangeKind::Created, agency);
    tx.change(agency.code.name(), agency.etag(), ItemOutcome::Created)
}

/// Changes an agency's names and zone. Names whose day has come stay as they are.
pub struct UpdateAgency {
    /// The agency's code.
    pub code: AgencyCode,
    /// The etag that the caller saw.
    pub etag: String,
    /// The names, each from its day on.
    pub names: DatedNames,
    /// The time zone in which its days begin.
    pub zone: Zone,
}

impl Work for UpdateAgency {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let mut agency = load(tx, &self.code, &self.etag).await?;
        if agency.names == self.names && agency.zone == self.zone {
            tx.unchanged();
            return Ok(tx.change(agency.code.name(), agency.etag(), ItemOutcome::Unchanged));
        }
        agency.rename(self.names.clone(), self.zone.clone(), tx.now())?;
        save(tx, agency).await
    }
}

/// Suspends an agency. Its agreements' gates close in the same commit, and what rests on them holds nobody and no room:
/// pushes under way are waited for.
pub struct SuspendAgency {
    /// The agency's code.
    pub code: AgencyCode,
    /// The etag that the caller saw.
    pub etag: String,
    /// The reason for the suspension.
    pub note: Text<500>,
}

/// The answer to a suspension: what stops with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SuspendedAgency {
    /// The name, the etag and the outcome.
    #[serde(flatten)]
    pub change: MutationAnswer,
    /// Sessions ahead that the agency leads.
    #[serde(default)]
    pub sessions_ahead: i64,
    /// Open assignments ahead of its trainers.
    #[serde(default)]
    pub assignments_ahead: i64,
    /// Its open invitations and requests, which end.
    #[serde(default)]
    pub orders_ended: usize,
}

impl Work for SuspendAgency {
    type Answer = SuspendedAgency;

    /// Somebody who holds a lock keeps it waiting for five seconds, and is named.
    async fn run(&self, tx: &mut Tx) -> Result<SuspendedAgency, Error> {
        store::lock::waits_briefly(tx).await?;
        match self.suspend(tx).await {
            Err(error) => Err(store::lock::held(tx, error).await),
            suspended => suspended,
        }
    }
}

impl SuspendAgency {
    async fn suspend(&self, tx: &mut Tx) -> Result<SuspendedAgency, Error> {
        let ids = store::agreement::list_ids_of(tx.db(), &self.code).await?;
        store::lock::agreements_exclusive(tx, &ids).await?;
        let now = tx.now();
        booking::release(tx, &ids, now).await?;
        let mut agency = load(tx, &self.code, &self.etag).await?;
        agency.suspend(&tx.caller().agency, now, self.note.clone())?;
        let orders_ended = super::certificate::order::void_all(tx, &self.code).await?;
        let Upcoming { sessions: sessions_ahead, assignments: assignments_ahead } =
            store::certificate::ahead(tx.db(), std::slice::from_ref(&self.code), now).await?;
        let change = save(tx, agency).await?;
        Ok(SuspendedAgency { change, sessions_ahead, assignments_ahead, orders_ended })
    }
}

/// Lifts the suspension of an agency.
pub struct ResumeAgency {
    /// The agency's code.
    pub code: AgencyCode,
    /// The etag that the caller saw.
    pub etag: String,
}

/// Frees what an agency holds by the sessions ahead that it leads.
pub struct ReleaseBookings {
    /// The agency's code.
    pub code: AgencyCode,
    /// The reason, for the readers of the sessions.
    pub note: Text<500>,
}

/// The answer to a release: counts, and the ledger's entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleasedBookings {
    /// The ledger entry; `None` where nothing was held.
    pub entry: Option<uuid::Uuid>,
    /// The sessions that lost their room or trainers.
    pub sessions: usize,
    /// The assignments that were withdrawn.
    pub assignments: usize,
}

impl Work for ReleaseBookings {
    type Answer = ReleasedBookings;

    async fn run(&self, tx: &mut Tx) -> Result<ReleasedBookings, Error> {
        rows::find(tx.db(), &self.code).await?.ok_or_else(|| not_found("agency"))?;
        let freed = booking::free(tx, &self.code, &self.note).await?;
        if freed.sessions == 0 {
            tx.unchanged();
        }
        Ok(ReleasedBookings { entry: tx.entry(), sessions: freed.sessions, assignments: freed.assignments })
    }
}

/// The answer to a resumption.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResumedAgency {
    /// The name, the etag and the outcome.
    #[serde(flatten)]
    pub change: MutationAnswer,
    /// Sessions that lost a room or a trainer while the agency was suspended, and are TENTATIVE.
    #[serde(default)]
    pub unconfirmed: Vec<SessionName>,
}

impl Work for ResumeAgency {
    type Answer = ResumedAgency;

    /// Locks the agency's agreements as a suspension does, for what rests on them holds again what is free.
    async fn run(&self, tx: &mut Tx) -> Result<ResumedAgency, Error> {
        let ids = store::agreement::list_ids_of(tx.db(), &self.code).await?;
        store::lock::agreements_exclusive(tx, &ids).await?;
        let mut agency = load(tx, &self.code, &self.etag).await?;
        agency.resume()?;
        let change = save(tx, agency).await?;
        let mut agreements = store::agreement::list_of(tx.db(), &self.code).await?;
        agreements.retain(|agreement| ids.contains(&agreement.id));
        let displaced = booking::hold_again(tx, &agreements).await?;
        Ok(ResumedAgency { change, unconfirmed: booking::names_for(tx, &displaced) })
    }
}

async fn load(tx: &mut Tx, code: &AgencyCode, etag: &str) -> Result<Agency, Error> {
    let agency = rows::find_for_update(tx.db(), code).await?.ok_or_else(|| not_found("agency"))?;
    match_etag(etag, &agency.etag())?;
    Ok(agency)
}

async fn save(tx: &mut Tx, mut agency: Agency) -> Result<MutationAnswer, Error> {
    agency.version += 1;
    rows::update(tx.db(), &agency).await?;
    tx.changed(ChangeKind::Updated, &agency);
    Ok(tx.change(agency.code.name(), agency.etag(), ItemOutcome::Updated))
}

/// Finds an agency. `NOT_FOUND`.
pub struct GetAgency {
    /// The agency's code.
    pub code: AgencyCode,
}

/// An agency that was found.
#[derive(Debug, Clone)]
pub struct FoundAgency {
    /// The agency.
    pub agency: Agency,
    /// Only for an administrator and for the agency itself, as is the agency's remark.
    pub systems: Vec<System>,
}

impl Work for GetAgency {
    type Answer = FoundAgency;

    async fn run(&self, tx: &mut Tx) -> Result<FoundAgency, Error> {
        let mut agency = rows::find(tx.db(), &self.code).await?.ok_or_else(|| not_found("agency"))?;
        let sees = tx.caller().role == Role::Administrator || tx.caller().agency == self.code;
        agency.remark = agency.remark.filter(|_| sees);
        let systems = if sees { rows::list_systems(tx.db(), &self.code).await? } else { Vec::new() };
        Ok(FoundAgency { agency, systems })
    }
}

/// Lists all agencies, by code.
pub struct ListAgencies {
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListAgencies {
    type Answer = Page<Agency>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after = self.page.after(asking, |[code]| Some(code));
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            after: after.as_ref().ok().and_then(Option::as_deref),
            limit: self.page.limit(),
        };
        let (_, found) = asking.ask_as_caller(asking.now(), &question).await?;
        after?;
        Ok(self.page.page(asking, found, |agency| [agency.code.to_string()]))
    }
}

/// Tells the caller who it is: the agency, and the role of its system.
pub struct WhoAmI;

impl Read for WhoAmI {
    type Answer = Known;

    async fn find(&self, asking: &Asking<'_>) -> Result<Known, Error> {
        let now = asking.now();
        let Some(Holder { entered, names, zone }) = asking.ask(&WhoHolds(asking.fingerprint())).await? else {
            return Err(Reason::CertificateNotRegistered.into());
        };
        let caller = asking.let_in(Some(entered), now)?;
        Ok(Known {
            display_name: names.on(zone.shown(now).date()).clone(),
            system: caller.system_name(),
            agency: caller.agency,
            role: caller.role,
        })
    }
}

/// A caller, as the registry knows it.
pub struct Known {
    /// The agency.
    pub agency: AgencyCode,
    /// The agency's name today.
    pub display_name: Text<200>,
    /// The caller's full name.
    pub system: SystemName,
    /// The system's role.
    pub role: Role,
}
