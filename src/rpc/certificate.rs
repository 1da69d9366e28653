//! CertificateService. What is shown of certificates is in `certificate/shown.rs`.

pub(super) mod shown;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{
    Caller,
    choice::{Choice, optional_choice},
    decode::{Decode, Parts, by_name},
    encode::{self, Encode},
};
use crate::{
    domain::{
        Fault, Reason, Violations,
        access::Fingerprint,
        certificate::{Authority, Revocable, RevocationReason},
        text::Text,
        time::AsOf,
    },
    exchange::certificate::{order, order::Ordered, read, renew, revoke, signed::Signed},
    proto::{shape::StateChange, v1},
};

/// Characters of a signing request at most.
pub(super) const CSR_MAX: usize = 16_384;

/// Parses a signing request as bounded text; PEM has line breaks, so it is no [`Text`]. The use case reads it.
pub(super) fn csr(v: &mut Violations, text: String) -> Option<String> {
    let length = text.chars().count();
    let parsed = match length {
        0 => Err(Reason::FieldRequired.into()),
        1..=CSR_MAX => Ok(text),
        _ => Err(Fault::from(Reason::FieldTooLong).with("max", CSR_MAX).with("length", length)),
    };
    v.take("csr_pem", parsed)
}

fn signed(v: &mut Violations, statement: Option<v1::SignedStatement>) -> Option<Signed> {
    let statement = v.take("statement", statement.ok_or_else(|| Reason::FieldRequired.into()))?;
    let mut bytes = |field: &str, text: &str, max: usize| {
        let length = text.chars().count();
        let parsed = match length {
            0 => Err(Reason::FieldRequired.into()),
            _ if length > max => {
                Err(Fault::from(Reason::FieldTooLong).with("max", max).with("length", length))
            }
            _ => BASE64_STANDARD
                .decode(text)
                .map_err(|_| Fault::from(Reason::FieldFormat).with("expected", "base64")),
        };
        v.take(format!("statement.{field}"), parsed)
    };
    let (statement, signature) =
        (bytes("statement", &statement.statement, 2_000), bytes("signature", &statement.signature, 200));
    Some(Signed { statement: statement?, signature: signature? })
}

impl Decode for v1::CreateInvitationRequest {
    type Work = order::CreateInvitation;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let system = v.name("system", &self.system);
        let signed = signed(v, self.statement);
        Some(order::CreateInvitation { system: system?, signed: signed? })
    }
}

impl Decode for v1::RequestCertificateRequest {
    type Work = order::RequestCertificate;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let system = v.name("system", &self.system);
        let csr_pem = csr(v, self.csr_pem);
        Some(order::RequestCertificate { system: system?, csr_pem: csr_pem? })
    }
}

impl Decode for v1::ApproveCertificateOrderRequest {
    type Work = order::ApproveOrder;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let id = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let signed = signed(v, self.statement);
        Some(order::ApproveOrder { id: id?, etag: etag?, signed: signed? })
    }
}

impl Decode for v1::RejectCertificateOrderRequest {
    type Work = order::RejectOrder;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let id = v.name("name", &self.name);
        let etag = v.etag("etag", &self.etag);
        let note = v.note(&self.note);
        Some(order::RejectOrder { id: id?, etag: etag?, note: note? })
    }
}

impl Decode for v1::RenewCertificateRequest {
    type Work = renew::RenewCertificate;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let csr_pem = csr(v, self.csr_pem);
        let signed = signed(v, self.statement);
        Some(renew::RenewCertificate { csr_pem: csr_pem?, signed: signed? })
    }
}

impl Decode for v1::ListCertificateOrdersRequest {
    type Work = read::ListOrders;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let agency = v.optional_name("agency", &self.agency);
        let open_only = self.open_only;
        Some(read::ListOrders { agency: agency?, open_only, page: page? })
    }
}

by_name! {
    GetCertificateOrderRequest => order::GetOrder { id };
    GetCertificateRequest => read::GetCertificate { serial };
}

impl Decode for v1::ListCertificatesRequest {
    type Work = read::ListCertificates;

    fn decode(mut self, v: &mut Violations) -> Option<Self::Work> {
        let page = v.page(&mut self);
        let agency = v.optional_name("agency", &self.agency);
        let state = super::decode::state(v, self.state);
        let expire_before = v.optional_time("expire_before", self.expire_before);
        let (agency, state, expire_before) = (agency?, state?, expire_before?);
        Some(read::ListCertificates { agency, state, expire_before, page: page? })
    }
}

impl Decode for v1::RevokeCertificatesRequest {
    type Work = revoke::RevokeCertificates;

    fn decode(self, v: &mut Violations) -> Option<Self::Work> {
        let what = match (self.certificate.as_str(), self.agency.as_str()) {
            ("", agency) => v.name("agency", agency).map(Revocable::Agency),
            (serial, "") => v.name("certificate", serial).map(Revocable::Certificate),
            _ => {
                v.add(
                    "agency",
                    Fault::from(Reason::FieldFormat).with("expected", "a certificate or an agency"),
                );
                None
            }
        };
        let reason = v.take("reason", optional_choice(self.reason));
        let reason = reason.map(|reason| reason.unwrap_or(RevocationReason::CessationOfOperation));
        let note = match self.note.as_str() {
            "" => Some(None),
            note => v.take("note", Text::parse_lines(note)).map(Some),
        };
        let break_glass = self.break_glass;
        Some(revoke::RevokeCertificates { what: what?, reason: reason?, note: note?, break_glass })
    }
}

impl Decode for v1::GetTrustBundleRequest {
    type Work = read::GetTrustBundle;

    fn decode(self, _: &mut Violations) -> Option<Self::Work> {
        Some(read::GetTrustBundle)
    }
}

impl Decode for v1::GetAuthorityStatusRequest {
    type Work = read::GetAuthorityStatus;

    fn decode(self, _: &mut Violations) -> Option<Self::Work> {
        Some(read::GetAuthorityStatus)
    }
}

impl From<Ordered> for StateChange {
    fn from(ordered: Ordered) -> Self {
        Self::new(ordered.change, ordered.state)
    }
}

impl Encode<Ordered> for v1::RequestCertificateResponse {
    fn encode(ordered: Ordered, _: &Caller) -> Self {
        Self { change: Some(ordered.change.into()), state: ordered.state.to_wire(), ignored: ordered.ignored }
    }
}

impl Encode<order::FoundOrder> for v1::GetCertificateOrderResponse {
    fn encode(found: order::FoundOrder, _: &Caller) -> Self {
        Self {
            order: Some(AsOf { value: found.order, now: found.now }.into()),
            chain_pem: shown::chain(found.chain),
        }
    }

    /// Notes a collection by the holder alone; an administrator only looks.
    fn collected(found: &order::FoundOrder, caller: &Caller) -> Option<Fingerprint> {
        let own = found.order.system.as_ref().is_some_and(|system| system.agency == caller.identity.agency);
        found.order.progress.certificate.filter(|_| own)
    }
}

impl Encode<read::Found> for v1::GetCertificateResponse {
    fn encode(found: read::Found, _: &Caller) -> Self {
        let now = found.now;
        Self {
            certificate: Some(AsOf { value: found.certificate, now }.into()),
            lineage: found.lineage.into_iter().map(|value| AsOf { value, now }.into()).collect(),
            chain_pem: shown::chain(found.chain),
        }
    }
}

impl Encode<revoke::Stopped> for v1::RevokeCertificatesResponse {
    fn encode(stopped: revoke::Stopped, _: &Caller) -> Self {
        let revoked = stopped.revoked.into_iter().map(|(serial, system)| v1::Certificate {
            name: format!("certificates/{serial}"),
            serial,
            system,
            ..Default::default()
        });
        Self {
            entry: encode::optional(stopped.entry.as_ref()),
            receipt: String::new(),
            certificates: revoked.collect(),
            already_revoked: encode::count(stopped.already),
            sessions_ahead: encode::count(stopped.sessions_ahead),
            assignments_ahead: encode::count(stopped.assignments_ahead),
            administrators_left: encode::count(stopped.administrators_left),
            orders_ended: encode::count(stopped.orders_ended),
        }
    }
}

impl Encode<Vec<Authority>> for v1::GetTrustBundleResponse {
    fn encode(authorities: Vec<Authority>, _: &Caller) -> Self {
        Self { authorities: authorities.into_iter().map(Into::into).collect() }
    }
}

impl Encode<read::Status> for v1::GetAuthorityStatusResponse {
    fn encode(status: read::Status, caller: &Caller) -> Self {
        let alarms = status.alarms.iter().map(|alarm| v1::Warning {
            reason: alarm.reason.code().to_owned(),
            field: String::new(),
            text: alarm.text(caller.language),
        });
        Self {
            signer_time: status.signer_at.and_then(encode::time),
            administrators: encode::count(status.administrators),
            awaiting_approval: encode::count(status.awaiting_approval),
            awaiting_signer: encode::count(status.awaiting_signer),
            alarms: alarms.collect(),
            authorities: status.authorities.into_iter().map(Into::into).collect(),
        }
    }
}
