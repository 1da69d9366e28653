//! DisclosureService.

use super::{
    Caller,
    choice::Choice,
    decode::{Decode, Parts},
    encode::{self, Encode},
};
use crate::{
    domain::{Fault, Reason, Violations, roster::RosterTotal, trainee::RegisterNumber},
    exchange::disclosure as work,
    proto::{shape::ListPage, v1},
};

impl Decode for v1::ListDisclosuresRequest {
    type Work = work::ListDisclosures;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let subject = subject(v, &self);
        Some(work::ListDisclosures { subject: subject?, own_reads: self.own_reads, page: page? })
    }
}

/// One of three.
fn subject(v: &mut Violations, request: &v1::ListDisclosuresRequest) -> Option<work::Subject> {
    match [&request.trainee, &request.enrolment, &request.register_number].map(String::as_str) {
        ["", "", number] => {
            v.take("register_number", RegisterNumber::parse(number)).map(work::Subject::Register)
        }
        [name, "", ""] => v.name("trainee", name).map(work::Subject::Trainee),
        ["", name, ""] => v.name("enrolment", name).map(work::Subject::Enrolment),
        _ => {
            let expected = "a trainee, an enrolment or a register number";
            v.add("trainee", Fault::from(Reason::FieldFormat).with("expected", expected));
            None
        }
    }
}

impl Decode for v1::ListCertificateDisclosuresRequest {
    type Work = work::ListCertificateDisclosures;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let certificate = v.name("certificate", &self.certificate);
        let range = v.range(self.range_start, self.range_end);
        Some(work::ListCertificateDisclosures { certificate: certificate?, range: range?, page: page? })
    }
}

impl Encode<work::Breach> for v1::ListCertificateDisclosuresResponse {
    fn encode(found: work::Breach, _: &Caller) -> Self {
        let ListPage { items, next_page_token } = ListPage::from(found.page);
        Self {
            disclosures: items,
            next_page_token,
            agency: format!("agencies/{}", found.holder.agency),
            system: found.holder.id.clone(),
            reachable: found.reachable.into_iter().map(v1::ReachableRoster::from).collect(),
            entries: found.listing.size,
            until: encode::time(found.listing.until),
        }
    }
}

impl From<RosterTotal> for v1::ReachableRoster {
    fn from(total: RosterTotal) -> Self {
        Self {
            programme: total.programme.to_string(),
            programme_title: total.title,
            places: total.confirmed + total.left,
        }
    }
}

impl Encode<work::Disclosures> for v1::ListDisclosuresResponse {
    fn encode(found: work::Disclosures, _: &Caller) -> Self {
        let ListPage { items, next_page_token } = ListPage::from(found.page);
        let mut enrolments: Vec<_> = found.enrolments.iter().map(ToString::to_string).collect();
        enrolments.sort();
        Self {
            disclosures: items,
            next_page_token,
            trainee: found.trainee.to_string(),
            enrolments,
            entries: found.entries,
            until: encode::time(found.until),
        }
    }
}

impl From<work::Disclosure> for v1::TraineeDisclosure {
    fn from(one: work::Disclosure) -> Self {
        let (agreement, agreement_version) = one.agreement.unwrap_or_default();
        Self {
            time: encode::time(one.at),
            entry: one.entry.to_string(),
            agency: format!("agencies/{}", one.agency),
            system: one.system,
            certificate_sha256: hex::encode(one.fingerprint),
            method: one.method,
            enrolment: one.enrolment.to_string(),
            programme: one.programme.to_string(),
            fields: one.fields.into_iter().map(Choice::to_wire).collect(),
            agreement,
            agreement_version,
            purpose: one.purpose,
            own_read: one.own_read,
        }
    }
}
