//! The only tonic services. Each RPC decodes by parsing into the domain, calls one use case, and encodes; who may
//! call is read from the contract (`access.rs`), what a refusal looks like on the wire is in `status.rs`.

pub mod access;
mod agency;
mod agreement;
mod assignment;
mod certificate;
mod choice;
mod decode;
mod encode;
mod facility;
pub mod join;
mod programme;
mod roster;
mod schedule;
pub mod status;
mod trainer;

use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};
use tonic::{Request, Response, Status, service::Routes};
use uuid::Uuid;

pub use access::{Access, AccessError};
pub use decode::check_shape;

use crate::{
    domain::{
        Reason, Refusal, Violation,
        access::{Identity, Peer, Rule},
        reason::Language,
    },
    exchange::{Call, Exchange, MutationContext, Work},
    proto::v1::{
        agency_service_server::AgencyServiceServer, agreement_service_server::AgreementServiceServer,
        assignment_service_server::AssignmentServiceServer,
        certificate_service_server::CertificateServiceServer, facility_service_server::FacilityServiceServer,
        programme_service_server::ProgrammeServiceServer, roster_service_server::RosterServiceServer,
        schedule_service_server::ScheduleServiceServer, trainer_service_server::TrainerServiceServer,
    },
};
use decode::{Decode, Mutating};

/// Bytes of a request at most; a push of 1,000 sessions fits into the larger.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
const PUSH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Every service of the contract.
#[derive(Clone)]
struct Gateway {
    exchange: Exchange,
    access: Arc<Access>,
}

/// The services over the use cases, each with the size of request that it takes.
pub fn routes(exchange: Exchange) -> Result<Routes, AccessError> {
    let gateway = Gateway { exchange, access: Arc::new(Access::from_contract()?) };
    Ok(Routes::new(AgencyServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(
            AgreementServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(
            ProgrammeServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(
            CertificateServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX),
        )
        .add_service(FacilityServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(RosterServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(TrainerServiceServer::new(gateway.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(ScheduleServiceServer::new(gateway.clone()).max_decoding_message_size(PUSH_BYTES_MAX))
        .add_service(AssignmentServiceServer::new(gateway).max_decoding_message_size(MESSAGE_BYTES_MAX)))
}

/// What a handler knows of its caller before the registry is asked.
struct Caller {
    identity: Identity,
    language: Language,
    serial: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Gateway {
    /// A call that changes nothing.
    async fn read<M, R>(
        &self,
        method: &'static str,
        request: Request<M>,
        encode: impl FnOnce(<M::Work as Work>::Answer, &Caller) -> R,
    ) -> Result<Response<R>, Status>
    where
        M: Decode,
        M::Work: Work,
    {
        let caller = caller(&request)?;
        let work =
            request.into_inner().decode().map_err(|refusal| status::status(&refusal, caller.language))?;
        let call = Call { rule: self.rule(method, &caller)?, identity: &caller.identity };
        let answer = self.exchange.read(call, &work).await.map_err(|error| self.failed(error, &caller))?;
        Ok(Response::new(encode(answer, &caller)))
    }

    /// A mutation: its request id makes it safe to send again.
    async fn write<M, R>(
        &self,
        method: &'static str,
        request: Request<M>,
        encode: impl FnOnce(<M::Work as Work>::Answer, &Caller) -> R,
    ) -> Result<Response<R>, Status>
    where
        M: Decode + Mutating + Message + Default,
        M::Work: Work,
        <M::Work as Work>::Answer: Serialize + DeserializeOwned,
    {
        let caller = caller(&request)?;
        let mut message = request.into_inner();
        let request_id = parse_request_id(&std::mem::take(message.request_id()));
        let digest = self.exchange.keys().replay_digest(method, &message.encode_to_vec());
        let validate_only = message.validate_only();
        let work = with_request_id(request_id, message.decode());
        let (request_id, work) = work.map_err(|refusal| status::status(&refusal, caller.language))?;
        let call = Call { rule: self.rule(method, &caller)?, identity: &caller.identity };
        let mutation = MutationContext { request_id, digest, validate_only };
        let answer =
            self.exchange.write(call, mutation, &work).await.map_err(|error| self.failed(error, &caller))?;
        Ok(Response::new(encode(answer, &caller)))
    }

    fn rule(&self, method: &str, caller: &Caller) -> Result<&Rule, Status> {
        self.access.rule(method).ok_or_else(|| status::status(&Reason::MethodUnknown.into(), caller.language))
    }

    fn failed(&self, error: crate::exchange::Error, caller: &Caller) -> Status {
        let refusal = status::refusal(error, || self.exchange.correlation());
        status::status(&refusal, caller.language)
    }
}

/// Who TLS says is calling. A certificate that names nobody stops here; the registry is asked in the transaction.
fn caller<M>(request: &Request<M>) -> Result<Caller, Status> {
    let language = status::language(&request.metadata().clone().into_headers());
    let refuse = |reason: Reason| status::status(&reason.into(), language);
    let peer =
        request.extensions().get::<Peer>().ok_or_else(|| refuse(Reason::CertificateWithoutIdentity))?;
    let identity = peer.identity.clone().map_err(refuse)?;
    Ok(Caller {
        identity,
        language,
        serial: peer.serial.clone(),
        not_before: peer.not_before,
        not_after: peer.not_after,
    })
}

/// A UUID with its hyphens, as the contract's rule has it: not in braces, as a URN or as bare digits.
fn parse_request_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|_| text.len() == 36)
}

/// Joins a bad request id to whatever else is wrong with the request.
fn with_request_id<W>(request_id: Option<Uuid>, decoded: Result<W, Refusal>) -> Result<(Uuid, W), Refusal> {
    let bad = || Violation { field: "request_id".to_owned(), fault: Reason::RequestIdInvalid.into() };
    match (request_id, decoded) {
        (Some(request_id), Ok(work)) => Ok((request_id, work)),
        (Some(_), Err(refusal)) => Err(refusal),
        (None, Ok(_)) => Err(Refusal { fault: Reason::FieldsInvalid.into(), violations: vec![bad()] }),
        (None, Err(mut refusal)) => {
            refusal.violations.insert(0, bad());
            Err(refusal)
        }
    }
}
