//! Facilities: the prison's own; agencies with an agreement in force with it may look.

use serde::{Deserialize, Serialize};

use super::{
    Error, Tx, Work, gate,
    page::{Page, PageRequest},
    programme,
    schedule::unconfirm,
    tx::{match_etag, not_found},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Relation,
        batch::{ItemOutcome, MutationAnswer},
        facility::{Facility, FacilityProfile, FacilityStatus},
        name::{FacilityName, SessionName},
        schedule::Session,
    },
    ledger::ChangeKind,
    store::{self, facility as rows},
};

/// Registers a facility of a prison.
pub struct CreateFacility {
    /// The facility's name.
    pub name: FacilityName,
    /// The facility as it shall be.
    pub profile: FacilityProfile,
}

impl Work for CreateFacility {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        tx.must_own(&self.name.agency)?;
        if rows::find(tx.db(), &self.name).await?.is_some() {
            return Err(Reason::FacilityExists.into());
        }
        let facility = Facility {
            id: tx.uuid(),
            name: self.name.clone(),
            profile: self.profile.clone(),
            version: 1,
            created_at: tx.now(),
        };
        rows::insert(tx.db(), &facility).await?;
        tx.changed(ChangeKind::Created, &facility);
        Ok(tx.change(&facility.name, facility.etag(), ItemOutcome::Created))
    }
}

/// Changes a facility; sessions that it does not suit any more are TENTATIVE again.
pub struct UpdateFacility {
    /// The facility's name.
    pub name: FacilityName,
    /// The etag that the caller saw.
    pub etag: String,
    /// The facility as it shall be.
    pub profile: FacilityProfile,
}

/// The answer to a change of a facility or a trainer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unconfirming {
    /// The name, the etag and the outcome.
    pub change: MutationAnswer,
    /// Sessions that are TENTATIVE again for it.
    pub unconfirmed: Vec<SessionName>,
}

impl Work for UpdateFacility {
    type Answer = Unconfirming;

    async fn run(&self, tx: &mut Tx) -> Result<Unconfirming, Error> {
        let (mut facility, booked) = load(tx, &self.name, &self.etag).await?;
        facility.may_change()?;
        if facility.profile == self.profile {
            tx.unchanged();
            let change = tx.change(&facility.name, facility.etag(), ItemOutcome::Unchanged);
            return Ok(Unconfirming { change, unconfirmed: Vec::new() });
        }
        if self.profile.capacity < facility.profile.capacity {
            check_capacity(tx, &booked, self.profile.capacity).await?;
        }
        facility.profile = self.profile.clone();
        facility.version += 1;
        rows::update(tx.db(), &facility).await?;
        tx.changed(ChangeKind::Updated, &facility);
        let (now, mut lost) = (tx.now(), booked);
        lost.retain(|session| {
            facility.profile.status != FacilityStatus::Available && session.when.start > now
        });
        let unconfirmed = unconfirm(tx, lost).await?;
        let change = tx.change(&facility.name, facility.etag(), ItemOutcome::Updated);
        Ok(Unconfirming { change, unconfirmed })
    }
}

/// Refuses with `CAPACITY_BELOW_CONFIRMED` where a programme that has booked the room has more trainees than it is to
/// hold.
async fn check_capacity(tx: &mut Tx, booked: &[Session], capacity: i32) -> Result<(), Error> {
    let ids: Vec<_> = booked.iter().map(|session| session.id).collect();
    for id in store::schedule::list_programmes_of(tx.db(), &ids).await? {
        programme::check_capacity(tx, id, capacity, true).await?;
    }
    Ok(())
}

/// Retires a facility, for good.
pub struct RetireFacility {
    /// The facility's name.
    pub name: FacilityName,
    /// The etag that the caller saw.
    pub etag: String,
}

impl Work for RetireFacility {
    type Answer = MutationAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<MutationAnswer, Error> {
        let (mut facility, booked) = load(tx, &self.name, &self.etag).await?;
        facility.may_change()?;
        let held = booked.iter().filter(|session| session.room_booking().is_some()).count();
        if held > 0 {
            return Err(Fault::from(Reason::FacilityInUse).with("count", held).into());
        }
        facility.profile.status = FacilityStatus::Retired;
        facility.version += 1;
        rows::update(tx.db(), &facility).await?;
        tx.changed(ChangeKind::Updated, &facility);
        Ok(tx.change(&facility.name, facility.etag(), ItemOutcome::Updated))
    }
}

/// Finds the facility and the sessions ahead that hold it, under the locks of their programmes and its own.
async fn load(tx: &mut Tx, name: &FacilityName, etag: &str) -> Result<(Facility, Vec<Session>), Error> {
    let own = if name.agency == *tx.agency() { &[Relation::Own][..] } else { &[] };
    tx.permit(own, "facility")?;
    let now = tx.now();
    let seen = store::schedule::list_in_room(tx.db(), name, now).await?;
    let ids: Vec<_> = seen.iter().map(|session| session.id).collect();
    let locked = store::schedule::list_programmes_of(tx.db(), &ids).await?;
    store::lock::programmes(tx, &locked).await?;
    store::lock::rooms(tx, std::slice::from_ref(name)).await?;
    let facility = rows::find(tx.db(), name).await?.ok_or_else(|| not_found("facility"))?;
    match_etag(etag, &facility.etag())?;
    let booked = store::schedule::list_in_room(tx.db(), name, now).await?;
    let ids: Vec<_> = booked.iter().map(|session| session.id).collect();
    let of = store::schedule::list_programmes_of(tx.db(), &ids).await?;
    if of.iter().any(|programme| !locked.contains(programme)) {
        return Err(Error::Lost("the room was booked while we waited for it".to_owned()));
    }
    Ok((facility, booked))
}

/// Whether the caller may see the prison's facilities: its own, or with an agreement in force.
async fn may_see(tx: &mut Tx, prison: &AgencyCode) -> Result<bool, Error> {
    let caller = tx.agency().clone();
    Ok(caller == *prison || gate::is_open_between(tx, prison, &caller).await?)
}

/// Finds a facility that the caller may see.
pub struct GetFacility {
    /// The facility's name.
    pub name: FacilityName,
}

impl Work for GetFacility {
    type Answer = Facility;

    async fn run(&self, tx: &mut Tx) -> Result<Facility, Error> {
        let seen = may_see(tx, &self.name.agency).await?;
        let found = if seen { rows::find(tx.db(), &self.name).await? } else { None };
        found.ok_or_else(|| not_found("facility"))
    }
}

/// Lists a prison's facilities, by name.
pub struct ListFacilities {
    /// The prison.
    pub prison: AgencyCode,
    /// The status of the facilities; `None` for all.
    pub status: Option<FacilityStatus>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListFacilities {
    type Answer = Page<Facility>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after(tx, |[reference]| Some(reference))?;
        let found = if may_see(tx, &self.prison).await? {
            rows::list(tx.db(), &self.prison, self.status, after.as_deref(), self.page.limit()).await?
        } else {
            Vec::new().into()
        };
        Ok(self.page.page(tx, found, |facility| [facility.name.id.clone()]))
    }
}
