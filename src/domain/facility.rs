//! Facilities (sarana): rooms and other places of a prison, which hold so many and one session at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Fault, bounds, name::FacilityName, text::Text};
use crate::text_enum;

text_enum! {
    /// What a facility is.
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

/// Equipment (peralatan) that stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    pub name: Text<100>,
    pub quantity: i32,
    pub condition: Option<Text<100>>,
}

/// What is known of a facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacilityProfile {
    pub display_name: Text<200>,
    pub kind: FacilityKind,
    /// How many trainees it holds.
    pub capacity: i32,
    pub equipment: Vec<Equipment>,
    pub status: FacilityStatus,
}

/// A facility.
#[derive(Debug, Clone)]
pub struct Facility {
    pub id: Uuid,
    /// Under the prison's code.
    pub name: FacilityName,
    pub profile: FacilityProfile,
    pub version: i64,
    pub created_at: Timestamp,
}

impl Facility {
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.profile.status.as_str())
    }

    /// `STATE_FORBIDS` for one that is retired.
    pub fn may_change(&self) -> Result<(), Fault> {
        if self.profile.status == FacilityStatus::Retired {
            let allowed = [FacilityStatus::Available, FacilityStatus::Maintenance];
            return Err(Fault::state_forbids(self.profile.status, &allowed));
        }
        Ok(())
    }
}
