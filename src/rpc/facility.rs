//! FacilityService.

use super::{
    Caller,
    choice::{Choice, choice, optional_choice},
    decode::{Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        Reason, Violations, bounds,
        facility::{Equipment, Facility, FacilityProfile, FacilityStatus},
        text::Text,
    },
    exchange::facility::{self as work, Unconfirming},
    proto::v1,
};

impl Decode for v1::CreateFacilityRequest {
    type Work = work::CreateFacility;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let profile = profile(v, self.profile);
        Some(work::CreateFacility { name: name?, profile: profile? })
    }
}

impl Decode for v1::UpdateFacilityRequest {
    type Work = work::UpdateFacility;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let profile = profile(v, self.profile);
        Some(work::UpdateFacility { name: name?, etag: etag?, profile: profile? })
    }
}

fn profile(v: &mut Violations, profile: Option<v1::FacilityProfile>) -> Option<FacilityProfile> {
    let profile = v.take("profile", profile.ok_or_else(|| Reason::FieldRequired.into()))?;
    let display_name = v.take("profile.display_name", Text::parse(&profile.display_name));
    let kind = v.take("profile.kind", choice(profile.kind));
    let capacity = v.take("profile.capacity", bounds::within(profile.capacity, 1, 1_000));
    v.take("profile.equipment", bounds::count(profile.equipment.len(), 0, 100));
    let equipment = profile.equipment.iter().enumerate();
    let equipment: Vec<_> = equipment.map(|(index, one)| self::equipment(v, index, one)).collect();
    // Out of use for good is an act of its own.
    let status = optional_choice(profile.status).and_then(|status| match status {
        Some(FacilityStatus::Retired) => Err(Reason::FieldUnknownValue.into()),
        status => Ok(status.unwrap_or(FacilityStatus::Available)),
    });
    let status = v.take("profile.status", status);
    Some(FacilityProfile {
        display_name: display_name?,
        kind: kind?,
        capacity: capacity?,
        equipment: equipment.into_iter().collect::<Option<_>>()?,
        status: status?,
    })
}

fn equipment(v: &mut Violations, index: usize, equipment: &v1::Equipment) -> Option<Equipment> {
    let at = |field: &str| format!("profile.equipment[{index}].{field}");
    let name = v.take(at("name"), Text::parse(&equipment.name));
    let quantity = v.take(at("quantity"), bounds::within(equipment.quantity, 1, 100_000));
    let condition = v.take(at("condition"), Text::parse_optional(&equipment.condition));
    Some(Equipment { name: name?, quantity: quantity?, condition: condition? })
}

by_name! {
    RetireFacilityRequest => work::RetireFacility { name, etag };
    GetFacilityRequest => work::GetFacility { name };
}

impl Decode for v1::ListFacilitiesRequest {
    type Work = work::ListFacilities;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let prison = v.name("prison", &self.prison);
        let status = v.take("status", optional_choice(self.status));
        Some(work::ListFacilities { prison: prison?, status: status?, page: page? })
    }
}

impl From<Facility> for v1::Facility {
    fn from(facility: Facility) -> Self {
        let equipment = facility.profile.equipment.iter().map(|one| v1::Equipment {
            name: one.name.to_string(),
            quantity: one.quantity,
            condition: encode::optional(one.condition.as_ref()),
        });
        Self {
            name: facility.name.to_string(),
            etag: facility.etag(),
            create_time: encode::time(facility.created_at),
            profile: Some(v1::FacilityProfile {
                display_name: facility.profile.display_name.to_string(),
                kind: facility.profile.kind.to_wire(),
                capacity: facility.profile.capacity,
                equipment: equipment.collect(),
                status: facility.profile.status.to_wire(),
            }),
        }
    }
}

impl Encode<Unconfirming> for v1::UpdateFacilityResponse {
    fn encode(answer: Unconfirming, _: &Caller) -> Self {
        Self { change: Some(answer.change.into()), unconfirmed: encode::names(&answer.unconfirmed) }
    }
}
