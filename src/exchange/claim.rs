//! Claims on trainers: told to both agencies and the prison, confirmed by the first agency or the prison. Nobody learns
//! another agency's name of a person by them, but for the prison, where both will come.

use uuid::Uuid;

use super::{
    Asking, Error, Read, Tx, Work,
    page::{Page, PageRequest},
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        AgencyCode,
        access::Relation,
        batch::{ItemOutcome, MutationAnswer},
        calendar::{self, Booking, Holder},
        claim::{self, Claim},
        time::{Interval, Zone},
        trainer::BookingKey,
    },
    ledger::ChangeKind,
    store::{self, claim as rows},
};

/// A claim, and the agency that reads it.
#[derive(Debug, Clone)]
pub struct SeenClaim {
    /// The claim.
    pub claim: Claim,
    /// The agency that reads it.
    pub reader: AgencyCode,
}

/// Finds a claim that the caller may see. `NOT_FOUND`.
pub struct GetTrainerClaim {
    /// The claim's id.
    pub id: Uuid,
}

impl Work for GetTrainerClaim {
    type Answer = SeenClaim;

    async fn run(&self, tx: &mut Tx) -> Result<SeenClaim, Error> {
        let claim = rows::find(tx.db(), self.id).await?.ok_or_else(|| not_found("trainer claim"))?;
        Ok(SeenClaim { claim, reader: tx.agency().clone() })
    }
}

/// Lists the claims that the caller may see, the oldest first.
pub struct ListTrainerClaims {
    /// Whether those that are confirmed are left out.
    pub open_only: bool,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListTrainerClaims {
    type Answer = Page<SeenClaim>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after = self.page.after(asking, |[id]| id.parse::<Uuid>().ok());
        let question = rows::List {
            fingerprint: asking.fingerprint(),
            open_only: self.open_only,
            after: *after.as_ref().unwrap_or(&None),
            limit: self.page.limit(),
        };
        let (caller, found) = asking.ask_as_caller(asking.now(), &question).await?;
        after?;
        let seen = found.map(|claim| SeenClaim { claim, reader: caller.agency.clone() });
        Ok(self.page.page(asking, seen, |seen: &SeenClaim| [seen.claim.id.to_string()]))
    }
}

/// Confirms that both registrations are one person.
pub struct ConfirmTrainerClaim {
    /// The claim's id.
    pub id: Uuid,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for ConfirmTrainerClaim {
    type Answer = MutationAnswer;

    /// Locks both persons, so that no push books one of them meanwhile.
    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let keys = rows::find_keys(tx.db(), self.id).await?.ok_or_else(unknown)?;
        store::lock::persons(tx, &keys).await?;
        let mut claim = rows::find(tx.db(), self.id).await?.ok_or_else(unknown)?;
        tx.permit(&[relation(&claim, tx.agency())], "trainer claim")?;
        match_etag(&self.etag, &claim.etag())?;
        claim.confirm(tx.agency().clone())?;
        check_free(tx, keys).await?;
        let now = tx.now();
        if !rows::confirm(tx.db(), claim.id, now).await? {
            return Err(Error::internal("a claim that was seen under its lock cannot be confirmed"));
        }
        tx.changed(ChangeKind::Updated, &claim);
        Ok(tx.change(claim.name(), claim.etag(), ItemOutcome::Updated))
    }
}

/// The caller's relation to a claim that it may see.
fn relation(claim: &Claim, caller: &AgencyCode) -> Relation {
    match caller {
        caller if *caller == claim.held.agency => Relation::TrainerAgency,
        caller if *caller == claim.claimed.agency => Relation::Own,
        _ => Relation::Party,
    }
}

/// Refuses where both registrations are booked at one time ahead: `CLAIM_CONFLICT`, told in the zone of the caller's agency.
async fn check_free(tx: &mut Tx, [later, earlier]: [BookingKey; 2]) -> Result<(), Error> {
    let ahead = Interval { start: tx.now(), end: calendar::END };
    let taken = store::assignment::list_busy(tx.db(), &[earlier], ahead, &[]).await?;
    let moving = store::assignment::list_busy(tx.db(), &[later], ahead, &[]).await?;
    let moving: Vec<_> =
        moving.into_iter().map(|one| Booking { holder: Holder::Person(earlier), ..one }).collect();
    match calendar::find_clash(&taken, &moving) {
        Some(busy) => {
            let code = tx.agency().clone();
            let agency = store::agency::find(tx.db(), &code).await?;
            let zone = agency.map_or_else(Zone::utc, |agency| agency.zone);
            Err(claim::conflict(busy, &zone).into())
        }
        None => Ok(()),
    }
}

fn unknown() -> Error {
    not_found("trainer claim")
}
