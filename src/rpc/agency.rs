//! AgencyService.

use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, choice},
    decode::{Decode, Parts},
    encode,
};
use crate::{
    domain::{
        AgencyCode, Refusal, Violations,
        agency::{Agency, DatedName, DatedNames, RegisteredCertificate, System},
        name::SystemName,
        text::Text,
        time::{Zone, parse_date},
    },
    exchange::agency as work,
    proto::v1::{self, agency_service_server::AgencyService},
};

impl Decode for v1::CreateAgencyRequest {
    type Work = work::CreateAgency;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let code = v.take("code", AgencyCode::parse(&self.code));
        let kind = v.take("kind", choice(self.kind));
        let tier = v.take("tier", choice(self.tier));
        let names = names(&mut v, self.names);
        let zone = v.take("time_zone", Zone::parse(&self.time_zone));
        let work =
            || Some(work::CreateAgency { code: code?, kind: kind?, tier: tier?, names: names?, zone: zone? });
        v.finish(work())
    }
}

impl Decode for v1::UpdateAgencyRequest {
    type Work = work::UpdateAgency;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let code = v.agency("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let names = names(&mut v, self.names);
        let zone = v.take("time_zone", Zone::parse(&self.time_zone));
        let work = || Some(work::UpdateAgency { code: code?, etag: etag?, names: names?, zone: zone? });
        v.finish(work())
    }
}

fn names(v: &mut Violations, names: Vec<v1::AgencyName>) -> Option<DatedNames> {
    v.take("names", crate::domain::bounds::count(names.len(), 1, 50))?;
    let parsed: Vec<_> = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| {
            let at = |field: &str| format!("names[{index}].{field}");
            let display_name = v.take(at("display_name"), Text::parse(&name.display_name));
            let valid_from = v.take(at("valid_from"), parse_date(&name.valid_from));
            let decree_number = v.take(at("decree_number"), Text::parse_optional(&name.decree_number));
            Some(DatedName {
                display_name: display_name?,
                valid_from: valid_from?,
                decree_number: decree_number?,
            })
        })
        .collect();
    if parsed.len() < names.len() { None } else { v.take("names", DatedNames::new(parsed)) }
}

impl Decode for v1::SuspendAgencyRequest {
    type Work = work::SuspendAgency;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let code = v.agency("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let note = v.note(&self.note);
        let work = || Some(work::SuspendAgency { code: code?, etag: etag?, note: note? });
        v.finish(work())
    }
}

impl Decode for v1::ResumeAgencyRequest {
    type Work = work::ResumeAgency;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let code = v.agency("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let work = || Some(work::ResumeAgency { code: code?, etag: etag? });
        v.finish(work())
    }
}

impl Decode for v1::RegisterSystemRequest {
    type Work = work::RegisterSystem;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let agency = v.agency("agency", &self.agency);
        let system = v.take("system", crate::domain::name::slug(&self.system));
        let role = v.take("role", choice(self.role));
        let work = || {
            system?;
            let name = SystemName::from_store(agency?, self.system);
            Some(work::RegisterSystem { name, role: role? })
        };
        v.finish(work())
    }
}

impl Decode for v1::UpdateSystemRequest {
    type Work = work::UpdateSystem;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let role = v.take("role", choice(self.role));
        let work = || Some(work::UpdateSystem { name: name?, etag: etag?, role: role? });
        v.finish(work())
    }
}

impl Decode for v1::ApproveSystemRequest {
    type Work = work::ApproveSystem;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let work = || Some(work::ApproveSystem { name: name?, etag: etag? });
        v.finish(work())
    }
}

impl Decode for v1::GetAgencyRequest {
    type Work = work::GetAgency;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let code = v.agency("name", &self.name);
        v.finish(code.map(|code| work::GetAgency { code }))
    }
}

impl Decode for v1::ListAgenciesRequest {
    type Work = work::ListAgencies;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let page = v.page(self.page_size, self.page_token, Vec::new());
        v.finish(page.map(|page| work::ListAgencies { page }))
    }
}

impl Decode for v1::WhoAmIRequest {
    type Work = work::WhoAmI;

    fn decode(self) -> Result<Self::Work, Refusal> {
        Ok(work::WhoAmI)
    }
}

fn agency(agency: Agency, systems: Vec<System>) -> v1::Agency {
    v1::Agency {
        name: agency.code.name(),
        kind: agency.kind.to_wire(),
        tier: agency.tier.to_wire(),
        time_zone: agency.zone.name().to_owned(),
        state: agency.state.to_wire(),
        systems: systems.into_iter().map(system).collect(),
        etag: agency.etag(),
        create_time: encode::time(agency.created_at),
        names: agency
            .names
            .as_slice()
            .iter()
            .map(|name| v1::AgencyName {
                display_name: name.display_name.to_string(),
                valid_from: name.valid_from.to_string(),
                decree_number: encode::optional(name.decree_number.as_ref()),
            })
            .collect(),
    }
}

fn system(system: System) -> v1::System {
    v1::System {
        name: system.name.to_string(),
        role: system.role.map_or(0, Choice::to_wire),
        proposed_role: system.proposal.as_ref().map_or(0, |proposal| proposal.role.to_wire()),
        proposer: encode::optional(system.proposal.as_ref().map(|proposal| &proposal.proposer)),
        etag: system.etag(),
        certificates: system.certificates.into_iter().map(certificate).collect(),
    }
}

fn certificate(certificate: RegisteredCertificate) -> v1::Certificate {
    v1::Certificate {
        sha256: hex::encode(certificate.fingerprint),
        serial: certificate.serial.clone(),
        not_before: encode::time(certificate.not_before),
        not_after: encode::time(certificate.not_after),
        name: format!("certificates/{}", certificate.serial),
        ..Default::default()
    }
}

/// The certificate of the call, as TLS saw it.
fn presented(caller: &Caller) -> v1::Certificate {
    certificate(RegisteredCertificate {
        fingerprint: caller.identity.fingerprint,
        serial: caller.serial.clone(),
        not_before: caller.not_before,
        not_after: caller.not_after,
    })
}

#[tonic::async_trait]
impl AgencyService for Gateway {
    async fn create_agency(
        &self,
        request: Request<v1::CreateAgencyRequest>,
    ) -> Result<Response<v1::CreateAgencyResponse>, Status> {
        let encode = |change, _: &Caller| v1::CreateAgencyResponse { change: encode::change(change) };
        self.write("AgencyService/CreateAgency", request, encode).await
    }

    async fn update_agency(
        &self,
        request: Request<v1::UpdateAgencyRequest>,
    ) -> Result<Response<v1::UpdateAgencyResponse>, Status> {
        let encode = |change, _: &Caller| v1::UpdateAgencyResponse { change: encode::change(change) };
        self.write("AgencyService/UpdateAgency", request, encode).await
    }

    async fn suspend_agency(
        &self,
        request: Request<v1::SuspendAgencyRequest>,
    ) -> Result<Response<v1::SuspendAgencyResponse>, Status> {
        let encode = |change, _: &Caller| v1::SuspendAgencyResponse {
            change: encode::change(change),
            state: v1::AgencyState::Suspended.into(),
        };
        self.write("AgencyService/SuspendAgency", request, encode).await
    }

    async fn resume_agency(
        &self,
        request: Request<v1::ResumeAgencyRequest>,
    ) -> Result<Response<v1::ResumeAgencyResponse>, Status> {
        let encode = |change, _: &Caller| v1::ResumeAgencyResponse {
            change: encode::change(change),
            state: v1::AgencyState::Active.into(),
        };
        self.write("AgencyService/ResumeAgency", request, encode).await
    }

    async fn register_system(
        &self,
        request: Request<v1::RegisterSystemRequest>,
    ) -> Result<Response<v1::RegisterSystemResponse>, Status> {
        let encode = |change, _: &Caller| v1::RegisterSystemResponse { change: encode::change(change) };
        self.write("AgencyService/RegisterSystem", request, encode).await
    }

    async fn approve_system(
        &self,
        request: Request<v1::ApproveSystemRequest>,
    ) -> Result<Response<v1::ApproveSystemResponse>, Status> {
        let encode = |change, _: &Caller| v1::ApproveSystemResponse { change: encode::change(change) };
        self.write("AgencyService/ApproveSystem", request, encode).await
    }

    async fn update_system(
        &self,
        request: Request<v1::UpdateSystemRequest>,
    ) -> Result<Response<v1::UpdateSystemResponse>, Status> {
        let encode = |change, _: &Caller| v1::UpdateSystemResponse { change: encode::change(change) };
        self.write("AgencyService/UpdateSystem", request, encode).await
    }

    async fn get_agency(
        &self,
        request: Request<v1::GetAgencyRequest>,
    ) -> Result<Response<v1::GetAgencyResponse>, Status> {
        let encode =
            |(found, systems), _: &Caller| v1::GetAgencyResponse { agency: Some(agency(found, systems)) };
        self.read("AgencyService/GetAgency", request, encode).await
    }

    async fn list_agencies(
        &self,
        request: Request<v1::ListAgenciesRequest>,
    ) -> Result<Response<v1::ListAgenciesResponse>, Status> {
        let encode = |page: crate::exchange::page::Page<Agency>, _: &Caller| v1::ListAgenciesResponse {
            agencies: page.items.into_iter().map(|found| agency(found, Vec::new())).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("AgencyService/ListAgencies", request, encode).await
    }

    async fn who_am_i(
        &self,
        request: Request<v1::WhoAmIRequest>,
    ) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let encode = |answer: work::Known, caller: &Caller| v1::WhoAmIResponse {
            agency: answer.agency.name(),
            system: answer.system.to_string(),
            agency_display_name: answer.display_name.to_string(),
            role: answer.role.to_wire(),
            certificate: Some(presented(caller)),
            methods: self.access.methods_of(answer.role),
        };
        self.read("AgencyService/WhoAmI", request, encode).await
    }
}
