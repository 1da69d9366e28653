//! AgencyService.

use super::{
    Caller,
    choice::{Choice, choice},
    decode::{Decode, Parts, by_name},
    encode::{self, Encode},
    schedule::note,
};
use crate::{
    domain::{
        AgencyCode, Violations,
        agency::{Agency, AgencyState, DatedName, DatedNames, RegisteredCertificate, System},
        name::SystemName,
        text::Text,
        time::{Zone, parse_date},
    },
    exchange::agency as work,
    proto::v1,
};

impl Decode for v1::CreateAgencyRequest {
    type Work = work::CreateAgency;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let code = v.take("code", AgencyCode::parse(&self.code));
        let kind = v.take("kind", choice(self.kind));
        let tier = v.take("tier", choice(self.tier));
        let names = names(v, self.names);
        let zone = v.take("time_zone", Zone::parse(&self.time_zone));
        Some(work::CreateAgency { code: code?, kind: kind?, tier: tier?, names: names?, zone: zone? })
    }
}

impl Decode for v1::UpdateAgencyRequest {
    type Work = work::UpdateAgency;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let code = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let names = names(v, self.names);
        let zone = v.take("time_zone", Zone::parse(&self.time_zone));
        Some(work::UpdateAgency { code: code?, etag: etag?, names: names?, zone: zone? })
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

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let code = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let note = v.note(&self.note);
        Some(work::SuspendAgency { code: code?, etag: etag?, note: note? })
    }
}

impl Decode for v1::ReleaseBookingsRequest {
    type Work = work::ReleaseBookings;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let code = v.name("name", &self.name);
        let note = note(v, &self.note);
        Some(work::ReleaseBookings { code: code?, note: note? })
    }
}

impl Decode for v1::RegisterSystemRequest {
    type Work = work::RegisterSystem;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let agency = v.name("agency", &self.agency);
        let system = v.take("system", crate::domain::name::slug(&self.system));
        let role = v.take("role", choice(self.role));
        system?;
        let name = SystemName::from_store(agency?, self.system);
        Some(work::RegisterSystem { name, role: role? })
    }
}

impl Decode for v1::UpdateSystemRequest {
    type Work = work::UpdateSystem;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let role = v.take("role", choice(self.role));
        Some(work::UpdateSystem { name: name?, etag: etag?, role: role? })
    }
}

impl Decode for v1::RetireSystemRequest {
    type Work = work::RetireSystem;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let name = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let note = match self.note.as_str() {
            "" => Some(None),
            note => v.take("note", Text::parse_lines(note)).map(Some),
        };
        Some(work::RetireSystem { name: name?, etag: etag?, note: note? })
    }
}

by_name! {
    ResumeAgencyRequest => work::ResumeAgency { code, etag };
    ApproveSystemRequest => work::ApproveSystem { name, etag };
    GetAgencyRequest => work::GetAgency { code };
}

impl Decode for v1::ListAgenciesRequest {
    type Work = work::ListAgencies;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        page.map(|page| work::ListAgencies { page })
    }
}

impl Decode for v1::WhoAmIRequest {
    type Work = work::WhoAmI;

    fn decode(self, _: &mut Violations) -> Option<Self::Work> {
        Some(work::WhoAmI)
    }
}

impl From<work::FoundAgency> for v1::Agency {
    fn from(found: work::FoundAgency) -> Self {
        let remarks = encode::remarks(&found.agency.remark);
        Self { systems: found.systems.into_iter().map(system).collect(), remarks, ..found.agency.into() }
    }
}

/// Lists show neither systems nor remarks.
impl From<Agency> for v1::Agency {
    fn from(agency: Agency) -> Self {
        let names = agency.names.as_slice().iter().map(|name| v1::AgencyName {
            display_name: name.display_name.to_string(),
            valid_from: name.valid_from.to_string(),
            decree_number: encode::optional(name.decree_number.as_ref()),
        });
        Self {
            name: agency.code.name(),
            kind: agency.kind.to_wire(),
            tier: agency.tier.to_wire(),
            names: names.collect(),
            time_zone: agency.zone.name().to_owned(),
            state: agency.state.to_wire(),
            systems: Vec::new(),
            etag: agency.etag(),
            create_time: encode::time(agency.created_at),
            remarks: Vec::new(),
        }
    }
}

fn system(system: System) -> v1::System {
    v1::System {
        name: system.name.to_string(),
        role: system.role.map_or(0, Choice::to_wire),
        proposed_role: system.proposal.as_ref().map_or(0, |proposal| proposal.role.to_wire()),
        proposer: encode::optional(system.proposal.as_ref().map(|proposal| &proposal.proposer)),
        etag: system.etag(),
        retire_time: system.retired_at.and_then(encode::time),
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

impl Encode<work::SuspendedAgency> for v1::SuspendAgencyResponse {
    fn encode(answer: work::SuspendedAgency, _: &Caller) -> Self {
        Self {
            change: Some(answer.change.into()),
            state: AgencyState::Suspended.to_wire(),
            sessions_ahead: encode::count(answer.sessions_ahead),
            assignments_ahead: encode::count(answer.assignments_ahead),
            orders_ended: encode::count(answer.orders_ended),
        }
    }
}

impl Encode<work::ResumedAgency> for v1::ResumeAgencyResponse {
    fn encode(answer: work::ResumedAgency, _: &Caller) -> Self {
        Self {
            change: Some(answer.change.into()),
            state: AgencyState::Active.to_wire(),
            unconfirmed: encode::names(&answer.unconfirmed),
        }
    }
}

impl Encode<work::RetiredSystem> for v1::RetireSystemResponse {
    fn encode(answer: work::RetiredSystem, _: &Caller) -> Self {
        Self {
            change: Some(answer.change.into()),
            certificates_revoked: encode::count(answer.certificates),
            orders_ended: encode::count(answer.orders_ended),
            administrators_left: encode::count(answer.administrators_left),
        }
    }
}

impl Encode<work::ReleasedBookings> for v1::ReleaseBookingsResponse {
    fn encode(answer: work::ReleasedBookings, _: &Caller) -> Self {
        Self {
            entry: encode::optional(answer.entry.as_ref()),
            receipt: String::new(),
            sessions: encode::count(answer.sessions),
            assignments: encode::count(answer.assignments),
        }
    }
}

impl Encode<work::Known> for v1::WhoAmIResponse {
    fn encode(known: work::Known, caller: &Caller) -> Self {
        Self {
            agency: known.agency.name(),
            system: known.system.to_string(),
            agency_display_name: known.display_name.to_string(),
            role: known.role.to_wire(),
            certificate: Some(presented(caller)),
            methods: caller.access.methods_of(known.role),
        }
    }
}
