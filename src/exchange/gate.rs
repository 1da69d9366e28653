//! The gate: nothing passes between two agencies unless an agreement in force between them covers it. It is
//! checked in the transaction that writes, under a shared lock that every transition of the agreement waits for; a push
//! is checked before, and stored under that lock only if agreement and parties are as they were read (decision 0021).

use jiff::Timestamp;
use uuid::Uuid;

use super::{Error, Tx};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::DataKind,
        agency::AgencyState,
        agreement::{Agreement, AgreementState},
        field::Field,
    },
    store,
};

/// A passage of data that asks to be let through.
pub(super) struct Passage<'a> {
    pub lead: &'a AgencyCode,
    pub prison: &'a AgencyCode,
    pub field: &'a Field,
    /// `None` where only the agreement itself is asked for.
    pub kind: Option<DataKind>,
}

/// Refuses unless `agreement`, read under its lock, lets the passage through now.
pub(super) async fn check(tx: &mut Tx, agreement: &Agreement, passage: &Passage<'_>) -> Result<(), Error> {
    let parties = parties(tx, agreement).await?;
    Ok(passes(agreement, &parties, passage, tx.now())?)
}

/// An agency that is a party, and its state.
pub(super) type Party = (AgencyCode, AgencyState);

/// Refuses unless an agreement, of which these are the parties, lets the passage through at the time.
pub(super) fn passes(
    agreement: &Agreement,
    parties: &[Party],
    passage: &Passage<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    is_in_force(agreement, parties, now)?;
    let named = |reason: Reason| Fault::from(reason).with("agreement", &agreement.name);
    let terms = &agreement.terms;
    if !terms.has_party(passage.lead) || !terms.has_party(passage.prison) {
        return Err(named(Reason::AgreementNotBetweenParties));
    }
    if terms.parties.len() < 2 {
        return Err(Reason::AgreementSingleParty.into());
    }
    if !terms.fields.contains(passage.field) {
        return Err(agreement.without_field());
    }
    if let Some(kind) = passage.kind.filter(|kind| !terms.covers_kind(*kind)) {
        return Err(named(Reason::AgreementWithoutDataKind).with("data_kind", kind));
    }
    Ok(())
}

/// Whether an agreement is in force now: active, and none of its parties suspended. The inner error says why not.
pub(super) async fn in_force(tx: &mut Tx, agreement: &Agreement) -> Result<Result<(), Fault>, Error> {
    let parties = parties(tx, agreement).await?;
    Ok(is_in_force(agreement, &parties, tx.now()))
}

/// The same of an agreement of which these are the parties, at the time; others than its parties do not count.
pub(super) fn is_in_force(agreement: &Agreement, parties: &[Party], now: Timestamp) -> Result<(), Fault> {
    let closed = |state: &str| {
        Fault::from(Reason::AgreementNotInForce).with("agreement", &agreement.name).with("state", state)
    };
    let (state, zone) = (agreement.state(now), &agreement.terms.zone);
    if !zone.is_known() {
        let (agreement, zone) = (&agreement.name, zone.name());
        tracing::error!(%agreement, zone, "an agreement is counted in a time zone that this program does not know");
        return Err(closed(&format!("{zone} is no time zone that the gateway knows")));
    }
    if state != AgreementState::Active {
        return Err(closed(state.as_str()));
    }
    let suspended = |(code, state): &&Party| *state != AgencyState::Active && agreement.terms.has_party(code);
    match parties.iter().find(suspended) {
        Some((code, _)) => Err(closed(&format!("{code} is suspended"))),
        None => Ok(()),
    }
}

async fn parties(tx: &mut Tx, agreement: &Agreement) -> Result<Vec<Party>, Error> {
    let parties: Vec<_> = agreement.terms.parties.iter().map(|party| party.agency.clone()).collect();
    let agencies = store::agency::find_all(tx.db(), &parties).await?;
    Ok(agencies.into_iter().map(|agency| (agency.code, agency.state)).collect())
}

/// Finds agreements by which other agencies lend trainers to the prison: to be locked with the programme's own.
pub(super) async fn lenders(
    tx: &mut Tx,
    prison: &AgencyCode,
    agencies: &[AgencyCode],
) -> Result<Vec<Agreement>, Error> {
    if agencies.is_empty() {
        return Ok(Vec::new());
    }
    store::agreement::list_with(tx.db(), prison, agencies).await
}

/// Whether any agreement between a prison and an agency is in force now.
pub(super) async fn is_open_between(
    tx: &mut Tx,
    prison: &AgencyCode,
    agency: &AgencyCode,
) -> Result<bool, Error> {
    for agreement in lenders(tx, prison, std::slice::from_ref(agency)).await? {
        if in_force(tx, &agreement).await?.is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Finds those of `agencies` that may lend trainers now, by agreements read under the lock (`locked`).
pub(super) async fn may_lend(
    tx: &mut Tx,
    prison: &AgencyCode,
    agencies: &[AgencyCode],
    locked: &[Uuid],
) -> Result<Vec<AgencyCode>, Error> {
    let mut lending = Vec::new();
    for agreement in lenders(tx, prison, agencies).await? {
        let covers = locked.contains(&agreement.id) && agreement.terms.covers_kind(DataKind::Trainer);
        if covers && in_force(tx, &agreement).await?.is_ok() {
            lending.extend(agencies.iter().filter(|agency| agreement.terms.has_party(agency)).cloned());
        }
    }
    Ok(lending)
}

/// Finds the agreements between a prison and an agency that let a kind of data pass now, and locks them, shared.
pub(super) async fn open_between(
    tx: &mut Tx,
    prison: &AgencyCode,
    agency: &AgencyCode,
    kind: DataKind,
) -> Result<Vec<Uuid>, Error> {
    let with = [agency.clone()];
    let seen = store::agreement::list_with(tx.db(), prison, &with).await?;
    let locked: Vec<_> = seen.iter().map(|agreement| agreement.id).collect();
    store::lock::agreements_shared(tx, &locked).await?;
    let mut open = Vec::new();
    for agreement in store::agreement::list_with(tx.db(), prison, &with).await? {
        let covers = locked.contains(&agreement.id) && agreement.terms.covers_kind(kind);
        if covers && in_force(tx, &agreement).await?.is_ok() {
            open.push(agreement.id);
        }
    }
    Ok(open)
}
