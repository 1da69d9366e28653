//! Claims on trainers: an agency has registered a person whom another agency had registered first. Until that agency or the
//! prison says that both are one, the later registration is booked as a person of its own.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    AgencyCode, Fault, Reason, bounds,
    name::{TrainerName, parse_numbered},
    time::{Interval, Zone},
    trainer::{BookingKey, Trainer},
};
use crate::text_enum;

text_enum! {
    /// The state of a claim.
    ClaimState { Pending = "PENDING", Confirmed = "CONFIRMED" }
}

/// A claim that two registrations are one person.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The id, as in `trainerClaims/{uuid}`.
    pub id: Uuid,
    /// The key of the later registration.
    pub claimed_id: Uuid,
    /// The later registration.
    pub claimed: TrainerName,
    /// The key of the earlier registration.
    pub held_id: Uuid,
    /// The earlier registration.
    pub held: TrainerName,
    /// The state of the claim.
    pub state: ClaimState,
    /// The agency that confirmed it.
    pub confirmed_by: Option<AgencyCode>,
    /// Counts the changes of the claim, from 1.
    pub version: i64,
    /// The time of the later registration.
    pub created_at: Timestamp,
}

impl Claim {
    /// Makes a claim that a trainer is the person of an earlier registration.
    pub fn new(id: Uuid, claimed: &Trainer, held: Registration) -> Self {
        Self {
            id,
            claimed_id: claimed.id,
            claimed: claimed.name.clone(),
            held_id: held.id,
            held: held.name,
            state: ClaimState::Pending,
            confirmed_by: None,
            version: 1,
            created_at: claimed.created_at,
        }
    }

    /// Makes the resource name, `trainerClaims/{uuid}`.
    pub fn name(&self) -> String {
        format!("trainerClaims/{}", self.id)
    }

    /// The etag, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name(), self.version, self.state.as_str())
    }

    /// Confirms the claim for an agency. Errors: `STATE_FORBIDS`.
    pub fn confirm(&mut self, by: AgencyCode) -> Result<(), Fault> {
        if self.state != ClaimState::Pending {
            return Err(Fault::state_forbids("trainer claim", self.state, &[ClaimState::Pending]));
        }
        self.state = ClaimState::Confirmed;
        self.confirmed_by = Some(by);
        self.version += 1;
        Ok(())
    }
}

/// Parses `trainerClaims/{uuid}`. Errors: `FIELD_REQUIRED`, `NAME_INVALID`.
pub fn parse_name(name: &str) -> Result<Uuid, Fault> {
    parse_numbered(name, "trainerClaims")
}

/// An earlier registration of a person by one of the numbers that a later one gives.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The key of the registration.
    pub id: Uuid,
    /// Its name.
    pub name: TrainerName,
    /// The key by which the person is booked.
    pub booking_key: BookingKey,
}

/// Decides whose a person is that `agency` registers, by earlier registrations under the same numbers, the oldest first.
/// Another agency's counts, unless `agency` has the same person registered already.
pub fn find_holder<'a>(earlier: &'a [Registration], agency: &AgencyCode) -> Option<&'a Registration> {
    let own = |key| earlier.iter().any(|one| one.name.agency == *agency && one.booking_key == key);
    earlier.iter().find(|one| one.name.agency != *agency && !own(one.booking_key))
}

/// `CLAIM_CONFLICT`: the person is booked twice at the time, which is told in the reader's zone.
pub fn conflict(busy: Interval, zone: &Zone) -> Fault {
    busy.tell_busy(Reason::ClaimConflict.into(), zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(trainer: &str, key: u8) -> Registration {
        let name = TrainerName::parse(trainer).unwrap();
        Registration { id: Uuid::nil(), name, booking_key: [key; 32] }
    }

    #[test]
    fn the_first_other_agency_holds_a_person_whom_one_does_not_have() {
        let blk = AgencyCode::parse("blk-kepri").unwrap();
        let (ours, theirs) = ("agencies/blk-kepri/trainers/t1", "agencies/dkp-kepri/trainers/f1");
        let third = "agencies/dkpp-bintan/trainers/p1";
        for (earlier, holder) in [
            (vec![], None),
            (vec![registration(ours, 1)], None),
            (vec![registration(theirs, 1), registration(third, 1)], Some(theirs)),
            (vec![registration(theirs, 1), registration(ours, 1)], None),
            // A number of one's own beside somebody else's: the other person is still the other agency's.
            (vec![registration(ours, 1), registration(theirs, 2)], Some(theirs)),
        ] {
            let found = find_holder(&earlier, &blk).map(|one| one.name.to_string());
            assert_eq!(found.as_deref(), holder, "{earlier:?}");
        }
    }

    #[test]
    fn a_claim_is_confirmed_once() {
        let agency = AgencyCode::parse("dkp-kepri").unwrap();
        let mut claim = Claim {
            id: Uuid::nil(),
            claimed_id: Uuid::nil(),
            claimed: TrainerName::parse("agencies/blk-kepri/trainers/t1").unwrap(),
            held_id: Uuid::nil(),
            held: TrainerName::parse("agencies/dkp-kepri/trainers/f1").unwrap(),
            state: ClaimState::Pending,
            confirmed_by: None,
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let before = claim.etag();
        claim.confirm(agency.clone()).unwrap();
        assert_eq!((claim.version, claim.confirmed_by.as_ref()), (2, Some(&agency)));
        assert_ne!(claim.etag(), before);
        assert_eq!(claim.confirm(agency).unwrap_err().reason, Reason::StateForbids);
    }
}
