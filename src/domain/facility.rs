//! Facilities (sarana): rooms and other places of a prison. A facility has a capacity and holds one session at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Fault, bounds, name::FacilityName, text::Text};
use crate::text_enum;

text_enum! {
    /// The kind of a facility.
    FacilityKind {
        Classroom = "CLASSROOM",
        Workshop = "WORKSHOP",
        Pond = "POND",
        Greenhouse = "GREENHOUSE",
        /// Lahan sarana asimilasi dan edukasi.
        SaePlot = "SAE_PLOT",
        Kitchen = "KITCHEN",
        Other = "OTHER",
    }
}

text_enum! {
    /// Whether a facility can be used. AVAILABLE ⇄ MAINTENANCE → RETIRED.
    FacilityStatus { Available = "AVAILABLE", Maintenance = "MAINTENANCE", Retired = "RETIRED" }
}

/// Equipment (peralatan) in a facility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// The name of the equipment.
    pub name: Text<100>,
    /// The number of pieces.
    pub quantity: i32,
    /// The condition of the equipment.
    pub condition: Option<Text<100>>,
}

/// The description of a facility, which its prison may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityProfile {
    /// The name that people use.
    pub display_name: Text<200>,
    /// The kind of facility.
    pub kind: FacilityKind,
    /// The most trainees that the facility holds.
    pub capacity: i32,
    /// The equipment in the facility.
    pub equipment: Vec<Equipment>,
    /// Whether the facility can be used.
    pub status: FacilityStatus,
}

/// A facility.
#[derive(Debug, Clone)]
pub struct Facility {
    /// The id in our own tables.
    pub id: Uuid,
    /// `agencies/{code}/facilities/{ref}`, under the prison's code.
    pub name: FacilityName,
    /// The description of the facility.
    pub profile: FacilityProfile,
    /// Counts the changes of the facility, from 1.
    pub version: i64,
    /// The time at which the facility was added.
    pub created_at: Timestamp,
}

impl Facility {
    /// The etag, which changes with the version and the status.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.profile.status.as_str())
    }

    /// Errs with `STATE_FORBIDS` if the facility is RETIRED.
    pub fn may_change(&self) -> Result<(), Fault> {
        if self.profile.status == FacilityStatus::Retired {
            let allowed = [FacilityStatus::Available, FacilityStatus::Maintenance];
            return Err(Fault::state_forbids("facility", self.profile.status, &allowed));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    #[test]
    fn a_retired_facility_stays_as_it_is() {
        let facility = |status| Facility {
            id: Uuid::nil(),
            name: FacilityName::parse("agencies/lapas/facilities/bengkel").unwrap(),
            profile: FacilityProfile {
                display_name: Text::parse("Bengkel").unwrap(),
                kind: FacilityKind::Workshop,
                capacity: 16,
                equipment: Vec::new(),
                status,
            },
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let retired = facility(FacilityStatus::Retired);
        let fault = retired.may_change().unwrap_err();
        assert_eq!(fault.reason, Reason::StateForbids);
        assert_eq!(fault.facts[2].1, "AVAILABLE, MAINTENANCE");
        for status in [FacilityStatus::Available, FacilityStatus::Maintenance] {
            assert_eq!(facility(status).may_change(), Ok(()));
            assert_ne!(facility(status).etag(), retired.etag());
        }
    }
}
