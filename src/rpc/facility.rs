//! FacilityService.

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, choice, optional_choice},
    decode::{Decode, Parts},
    encode,
};
use crate::{
    domain::{
        Reason, Refusal, Violations, bounds,
        facility::{Equipment, Facility, FacilityProfile, FacilityStatus},
        text::Text,
    },
    exchange::{
        facility::{self as work, Unconfirming},
        page::Page,
    },
    proto::v1::{self, facility_service_server::FacilityService},
};

impl Decode for v1::CreateFacilityRequest {
    type Work = work::CreateFacility;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let profile = profile(&mut v, self.profile);
        let work = || Some(work::CreateFacility { name: name?, profile: profile? });
        v.finish(work())
    }
}

impl Decode for v1::UpdateFacilityRequest {
    type Work = work::UpdateFacility;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let profile = profile(&mut v, self.profile);
        let work = || Some(work::UpdateFacility { name: name?, etag: etag?, profile: profile? });
        v.finish(work())
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

impl Decode for v1::RetireFacilityRequest {
    type Work = work::RetireFacility;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let work = || Some(work::RetireFacility { name: name?, etag: etag? });
        v.finish(work())
    }
}

impl Decode for v1::GetFacilityRequest {
    type Work = work::GetFacility;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        v.finish(name.map(|name| work::GetFacility { name }))
    }
}

impl Decode for v1::ListFacilitiesRequest {
    type Work = work::ListFacilities;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (std::mem::take(&mut self.page_size), std::mem::take(&mut self.page_token));
        let page = v.page(size, token, self.encode_to_vec());
        let prison = v.agency("prison", &self.prison);
        let status = v.take("status", optional_choice(self.status));
        let work = || Some(work::ListFacilities { prison: prison?, status: status?, page: page? });
        v.finish(work())
    }
}

fn facility(facility: Facility) -> v1::Facility {
    let equipment = facility.profile.equipment.iter().map(|one| v1::Equipment {
        name: one.name.to_string(),
        quantity: one.quantity,
        condition: encode::optional(one.condition.as_ref()),
    });
    v1::Facility {
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

#[tonic::async_trait]
impl FacilityService for Gateway {
    async fn create_facility(
        &self,
        request: Request<v1::CreateFacilityRequest>,
    ) -> Result<Response<v1::CreateFacilityResponse>, Status> {
        let encode = |change, _: &Caller| v1::CreateFacilityResponse { change: encode::change(change) };
        self.write("FacilityService/CreateFacility", request, encode).await
    }

    async fn update_facility(
        &self,
        request: Request<v1::UpdateFacilityRequest>,
    ) -> Result<Response<v1::UpdateFacilityResponse>, Status> {
        let encode = |answer: Unconfirming, _: &Caller| v1::UpdateFacilityResponse {
            change: encode::change(answer.change),
            unconfirmed: answer.unconfirmed.iter().map(ToString::to_string).collect(),
        };
        self.write("FacilityService/UpdateFacility", request, encode).await
    }

    async fn retire_facility(
        &self,
        request: Request<v1::RetireFacilityRequest>,
    ) -> Result<Response<v1::RetireFacilityResponse>, Status> {
        let encode = |change, _: &Caller| v1::RetireFacilityResponse { change: encode::change(change) };
        self.write("FacilityService/RetireFacility", request, encode).await
    }

    async fn get_facility(
        &self,
        request: Request<v1::GetFacilityRequest>,
    ) -> Result<Response<v1::GetFacilityResponse>, Status> {
        let encode = |found, _: &Caller| v1::GetFacilityResponse { facility: Some(facility(found)) };
        self.read("FacilityService/GetFacility", request, encode).await
    }

    async fn list_facilities(
        &self,
        request: Request<v1::ListFacilitiesRequest>,
    ) -> Result<Response<v1::ListFacilitiesResponse>, Status> {
        let encode = |page: Page<Facility>, _: &Caller| v1::ListFacilitiesResponse {
            facilities: page.items.into_iter().map(facility).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("FacilityService/ListFacilities", request, encode).await
    }
}
