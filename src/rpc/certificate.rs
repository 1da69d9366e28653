//! CertificateService. What is shown of certificates is in `certificate/shown.rs`.

pub(super) mod shown;

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    Caller, Gateway,
    choice::{Choice, optional_choice},
    decode::{Decode, Parts},
    encode,
};
use crate::{
    domain::{
        Fault, Reason, Refusal, Violations,
        certificate::{Authority, Issued, Order, OrderId, Revocable, RevocationReason, Serial},
        text::Text,
    },
    exchange::{
        certificate::{order, order::Ordered, read, renew, revoke, signed::Signed},
        page::Page,
    },
    proto::v1::{self, certificate_service_server::CertificateService},
};

/// Characters of a signing request at most.
pub(super) const CSR_MAX: usize = 16_384;

/// PEM has line breaks, so it is no [`Text`]; its length is bounded all the same. It is read by the use case.
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

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let system = v.name("system", &self.system);
        let signed = signed(&mut v, self.statement);
        let work = || Some(order::CreateInvitation { system: system?, signed: signed? });
        v.finish(work())
    }
}

impl Decode for v1::RequestCertificateRequest {
    type Work = order::RequestCertificate;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let system = v.name("system", &self.system);
        let csr_pem = csr(&mut v, self.csr_pem);
        let work = || Some(order::RequestCertificate { system: system?, csr_pem: csr_pem? });
        v.finish(work())
    }
}

impl Decode for v1::ApproveCertificateOrderRequest {
    type Work = order::ApproveOrder;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let id = v.take("name", OrderId::parse(&self.name));
        let etag = v.etag("etag", &self.etag);
        let signed = signed(&mut v, self.statement);
        let work = || Some(order::ApproveOrder { id: id?, etag: etag?, signed: signed? });
        v.finish(work())
    }
}

impl Decode for v1::RejectCertificateOrderRequest {
    type Work = order::RejectOrder;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let id = v.take("name", OrderId::parse(&self.name));
        let etag = v.etag("etag", &self.etag);
        let note = v.note(&self.note);
        let work = || Some(order::RejectOrder { id: id?, etag: etag?, note: note? });
        v.finish(work())
    }
}

impl Decode for v1::RenewCertificateRequest {
    type Work = renew::RenewCertificate;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let csr_pem = csr(&mut v, self.csr_pem);
        let signed = signed(&mut v, self.statement);
        let work = || Some(renew::RenewCertificate { csr_pem: csr_pem?, signed: signed? });
        v.finish(work())
    }
}

impl Decode for v1::GetCertificateOrderRequest {
    type Work = order::GetOrder;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let id = v.take("name", OrderId::parse(&self.name));
        v.finish(id.map(|id| order::GetOrder { id }))
    }
}

impl Decode for v1::ListCertificateOrdersRequest {
    type Work = read::ListOrders;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (self.page_size, std::mem::take(&mut self.page_token));
        self.page_size = 0;
        let page = v.page(size, token, self.encode_to_vec());
        let agency = v.optional_agency("agency", &self.agency);
        let open_only = self.open_only;
        let work = || Some(read::ListOrders { agency: agency?, open_only, page: page? });
        v.finish(work())
    }
}

impl Decode for v1::GetCertificateRequest {
    type Work = read::GetCertificate;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let serial = v.take("name", Serial::parse(&self.name));
        v.finish(serial.map(|serial| read::GetCertificate { serial }))
    }
}

impl Decode for v1::ListCertificatesRequest {
    type Work = read::ListCertificates;

    fn decode(mut self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let (size, token) = (self.page_size, std::mem::take(&mut self.page_token));
        self.page_size = 0;
        let page = v.page(size, token, self.encode_to_vec());
        let agency = v.optional_agency("agency", &self.agency);
        let state = super::decode::state(&mut v, self.state);
        let expire_before = v.optional_time("expire_before", self.expire_before);
        let work = || {
            let (agency, state, expire_before) = (agency?, state?, expire_before?);
            Some(read::ListCertificates { agency, state, expire_before, page: page? })
        };
        v.finish(work())
    }
}

impl Decode for v1::RevokeCertificatesRequest {
    type Work = revoke::RevokeCertificates;

    fn decode(self) -> Result<Self::Work, Refusal> {
        let mut v = Violations::default();
        let what = match (self.certificate.as_str(), self.agency.as_str()) {
            ("", agency) => v.agency("agency", agency).map(Revocable::Agency),
            (serial, "") => v.take("certificate", Serial::parse(serial)).map(Revocable::Certificate),
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
        let work =
            || Some(revoke::RevokeCertificates { what: what?, reason: reason?, note: note?, break_glass });
        v.finish(work())
    }
}

impl Decode for v1::GetTrustBundleRequest {
    type Work = read::GetTrustBundle;

    fn decode(self) -> Result<Self::Work, Refusal> {
        Ok(read::GetTrustBundle)
    }
}

impl Decode for v1::GetAuthorityStatusRequest {
    type Work = read::GetAuthorityStatus;

    fn decode(self) -> Result<Self::Work, Refusal> {
        Ok(read::GetAuthorityStatus)
    }
}

#[tonic::async_trait]
impl CertificateService for Gateway {
    async fn create_invitation(
        &self,
        request: Request<v1::CreateInvitationRequest>,
    ) -> Result<Response<v1::CreateInvitationResponse>, Status> {
        let encode = |ordered: Ordered, _: &Caller| v1::CreateInvitationResponse {
            change: encode::change(ordered.change),
            state: ordered.state.to_wire(),
        };
        self.write("CertificateService/CreateInvitation", request, encode).await
    }

    async fn request_certificate(
        &self,
        request: Request<v1::RequestCertificateRequest>,
    ) -> Result<Response<v1::RequestCertificateResponse>, Status> {
        let encode = |ordered: Ordered, _: &Caller| v1::RequestCertificateResponse {
            change: encode::change(ordered.change),
            state: ordered.state.to_wire(),
            ignored: ordered.ignored,
        };
        self.write("CertificateService/RequestCertificate", request, encode).await
    }

    async fn approve_certificate_order(
        &self,
        request: Request<v1::ApproveCertificateOrderRequest>,
    ) -> Result<Response<v1::ApproveCertificateOrderResponse>, Status> {
        let encode = |ordered: Ordered, _: &Caller| v1::ApproveCertificateOrderResponse {
            change: encode::change(ordered.change),
            state: ordered.state.to_wire(),
        };
        self.write("CertificateService/ApproveCertificateOrder", request, encode).await
    }

    async fn reject_certificate_order(
        &self,
        request: Request<v1::RejectCertificateOrderRequest>,
    ) -> Result<Response<v1::RejectCertificateOrderResponse>, Status> {
        let encode = |ordered: Ordered, _: &Caller| v1::RejectCertificateOrderResponse {
            change: encode::change(ordered.change),
            state: ordered.state.to_wire(),
        };
        self.write("CertificateService/RejectCertificateOrder", request, encode).await
    }

    async fn renew_certificate(
        &self,
        request: Request<v1::RenewCertificateRequest>,
    ) -> Result<Response<v1::RenewCertificateResponse>, Status> {
        let encode = |ordered: Ordered, _: &Caller| v1::RenewCertificateResponse {
            change: encode::change(ordered.change),
            state: ordered.state.to_wire(),
        };
        self.write("CertificateService/RenewCertificate", request, encode).await
    }

    async fn get_certificate_order(
        &self,
        request: Request<v1::GetCertificateOrderRequest>,
    ) -> Result<Response<v1::GetCertificateOrderResponse>, Status> {
        let mut fetched = None;
        let encode = |(order, found, now): (Order, Option<_>, Timestamp), caller: &Caller| {
            // Its holder fetches it; an administrator only looks.
            let own = order.system.as_ref().is_some_and(|system| system.agency == caller.identity.agency);
            fetched = order.progress.certificate.filter(|_| own);
            v1::GetCertificateOrderResponse {
                order: Some(shown::order(&order, now)),
                chain_pem: shown::chain(found),
            }
        };
        let answer = self.read("CertificateService/GetCertificateOrder", request, encode).await?;
        if let Some(certificate) = fetched
            && let Err(error) = self.exchange.collected(&certificate).await
        {
            tracing::debug!(%error, "that a certificate was fetched is not noted");
        }
        Ok(answer)
    }

    async fn list_certificate_orders(
        &self,
        request: Request<v1::ListCertificateOrdersRequest>,
    ) -> Result<Response<v1::ListCertificateOrdersResponse>, Status> {
        let encode = |(page, now): (Page<Order>, Timestamp), _: &Caller| v1::ListCertificateOrdersResponse {
            orders: page.items.iter().map(|order| shown::order(order, now)).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("CertificateService/ListCertificateOrders", request, encode).await
    }

    async fn get_certificate(
        &self,
        request: Request<v1::GetCertificateRequest>,
    ) -> Result<Response<v1::GetCertificateResponse>, Status> {
        let encode = |found: read::Found, _: &Caller| v1::GetCertificateResponse {
            certificate: Some(shown::certificate(found.certificate, found.now)),
            lineage: found.lineage.into_iter().map(|one| shown::certificate(one, found.now)).collect(),
            chain_pem: shown::chain(found.chain),
        };
        self.read("CertificateService/GetCertificate", request, encode).await
    }

    async fn list_certificates(
        &self,
        request: Request<v1::ListCertificatesRequest>,
    ) -> Result<Response<v1::ListCertificatesResponse>, Status> {
        let encode = |(page, now): (Page<Issued>, Timestamp), _: &Caller| v1::ListCertificatesResponse {
            certificates: page.items.into_iter().map(|one| shown::certificate(one, now)).collect(),
            next_page_token: page.next_page_token,
        };
        self.read("CertificateService/ListCertificates", request, encode).await
    }

    async fn revoke_certificates(
        &self,
        request: Request<v1::RevokeCertificatesRequest>,
    ) -> Result<Response<v1::RevokeCertificatesResponse>, Status> {
        let number = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
        let encode = |stopped: revoke::Stopped, _: &Caller| v1::RevokeCertificatesResponse {
            entry: encode::optional(stopped.entry.as_ref()),
            certificates: stopped
                .revoked
                .into_iter()
                .map(|(serial, system)| v1::Certificate {
                    name: format!("certificates/{serial}"),
                    serial,
                    system,
                    ..Default::default()
                })
                .collect(),
            already_revoked: i32::try_from(stopped.already).unwrap_or(i32::MAX),
            sessions_ahead: number(stopped.sessions_ahead),
            assignments_ahead: number(stopped.assignments_ahead),
            administrators_left: i32::try_from(stopped.administrators_left).unwrap_or(i32::MAX),
        };
        self.write("CertificateService/RevokeCertificates", request, encode).await
    }

    async fn get_trust_bundle(
        &self,
        request: Request<v1::GetTrustBundleRequest>,
    ) -> Result<Response<v1::GetTrustBundleResponse>, Status> {
        let encode = |authorities: Vec<Authority>, _: &Caller| v1::GetTrustBundleResponse {
            authorities: authorities.into_iter().map(shown::authority).collect(),
        };
        self.read("CertificateService/GetTrustBundle", request, encode).await
    }

    async fn get_authority_status(
        &self,
        request: Request<v1::GetAuthorityStatusRequest>,
    ) -> Result<Response<v1::GetAuthorityStatusResponse>, Status> {
        let encode = |status: read::Status, caller: &Caller| v1::GetAuthorityStatusResponse {
            signer_time: status.signer_at.and_then(encode::time),
            administrators: i32::try_from(status.administrators).unwrap_or(i32::MAX),
            awaiting_approval: i32::try_from(status.awaiting_approval).unwrap_or(i32::MAX),
            awaiting_signer: i32::try_from(status.awaiting_signer).unwrap_or(i32::MAX),
            alarms: status
                .alarms
                .iter()
                .map(|alarm| v1::Warning {
                    reason: alarm.reason.code().to_owned(),
                    field: String::new(),
                    text: alarm.text(caller.language),
                })
                .collect(),
            authorities: status.authorities.into_iter().map(shown::authority).collect(),
        };
        self.read("CertificateService/GetAuthorityStatus", request, encode).await
    }
}
