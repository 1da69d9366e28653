//! The only tonic services. Each RPC decodes by parsing into the domain, calls one use case, and encodes; who may
//! call is read from the contract (`access.rs`), what a refusal looks like on the wire is in `status.rs`.

pub mod access;
mod agency;
mod agreement;
mod assignment;
mod batch;
mod certificate;
mod change;
mod choice;
mod decode;
mod disclosure;
mod encode;
mod facility;
pub mod join;
mod ledger;
mod programme;
mod roster;
mod schedule;
mod series;
pub mod status;
mod trainer;

use std::sync::Arc;

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use jiff::Timestamp;
use tonic::{Request, Response, Status, Streaming, service::Routes};
use uuid::Uuid;

pub use access::{Access, AccessError};
pub use decode::check_shape;

use self::{decode::Decode, encode::Encode};
use crate::{
    domain::{
        Reason, Refusal, Violation,
        access::{Correlation, Deadline, Identity, MayBeStored, Peer},
        reason::Language,
    },
    exchange::{Call, Exchange, MutationContext, Read, Receipted, Watch, Write},
    proto::{
        for_each_service,
        shape::{MutationRequest, MutationResponse},
        v1,
    },
};

/// Every service of the contract.
#[derive(Clone)]
struct Gateway {
    exchange: Exchange,
    access: Arc<Access>,
}

macro_rules! serve {
    (
        certificate {$(
            $service:ident $noun:ident ($server_mod:ident $server:ident) $client:tt ($request_max:literal $answer_max:literal) {$(
                $way:ident $name:ident $path:literal ($request:ident $($shape:ident)*) ($answer:ident $($value:ident)*);
            )*} {$(
                $stream:ident $watch:ident $stream_path:literal ($stream_request:ident) ($stream_answer:ident);
            )*} {$(
                $each:literal $answers:ident $series:ident $series_path:literal ($taken:ident $($taken_shape:ident)*) ($given:ident $($given_value:ident)*);
            )*}
        )*}
        token { $($token:tt)* }
    ) => {
        $(#[tonic::async_trait]
        impl v1::$server_mod::$service for Gateway {
            $(async fn $name(&self, request: Request<v1::$request>) -> Result<Response<v1::$answer>, Status> {
                self.$way($path, request).await
            })*

            $(type $stream = BoxStream<'static, Result<v1::$stream_answer, Status>>;

            async fn $watch(&self, request: Request<v1::$stream_request>) -> Result<Response<Self::$stream>, Status> {
                self.watch($stream_path, request).await
            })*

            $(type $answers = BoxStream<'static, Result<v1::$given, Status>>;

            async fn $series(&self, request: Request<Streaming<v1::$taken>>) -> Result<Response<Self::$answers>, Status> {
                self.series($each, request).await
            })*
        })*

        /// The services over the use cases, each with the size of request that it takes. JoinService is not among
        /// them: `join` has it.
        pub fn routes(exchange: Exchange) -> Result<Routes, AccessError> {
            let gateway = Gateway { exchange, access: Arc::new(Access::from_contract()?) };
            Ok(Routes::default()$(.add_service(
                v1::$server_mod::$server::new(gateway.clone()).max_decoding_message_size($request_max),
            ))*)
        }
    };
}

for_each_service!(serve);

/// A caller as its handler knows it before the registry is asked.
#[derive(Clone)]
struct Caller {
    identity: Identity,
    language: Language,
    serial: String,
    not_before: Timestamp,
    not_after: Timestamp,
    /// The number of the call in the log.
    correlation: Correlation,
    /// Told when the call commits.
    stored: MayBeStored,
    /// When it has to be answered.
    deadline: Option<Deadline>,
    /// The rules of who may call which method.
    access: Arc<Access>,
}

impl Gateway {
    /// Serves a method that changes nothing: `Service/Method`.
    async fn read<M, R>(&self, method: &'static str, request: Request<M>) -> Result<Response<R>, Status>
    where
        M: Decode,
        M::Work: Read,
        R: Encode<<M::Work as Read>::Answer>,
    {
        let caller = self.caller(&request)?;
        let work = decode::parse(request.into_inner())
            .map_err(|refusal| status::status(&refusal, caller.language))?;
        let call = self.call(method, &caller)?;
        let answer = self.exchange.read(call, &work).await.map_err(|error| self.failed(error, &caller))?;
        let collected = R::collected(&answer, &caller);
        if let Some(certificate) = collected
            && let Err(error) = self.exchange.collected(&certificate).await
        {
            tracing::debug!(%error, "that a certificate was fetched is not noted");
        }
        Ok(Response::new(R::encode(answer, &caller)))
    }

    /// Serves a method that answers with a stream, `Service/Method`. The first answer is there before the stream begins, so that a
    /// refusal is one of the call; each further one is made when the caller has taken the one before it.
    async fn watch<M, R>(
        &self,
        method: &'static str,
        request: Request<M>,
    ) -> Result<Response<BoxStream<'static, Result<R, Status>>>, Status>
    where
        M: Decode,
        M::Work: Watch + 'static,
        R: Encode<<M::Work as Watch>::Answer> + Send + 'static,
    {
        let caller = self.caller(&request)?;
        let mut work = decode::parse(request.into_inner())
            .map_err(|refusal| status::status(&refusal, caller.language))?;
        let first = self.next(method, &caller, &mut work).await?;
        let state = (self.clone(), caller, work);
        let rest = stream::try_unfold(state, move |(gateway, caller, mut work)| async move {
            let answer = gateway.next(method, &caller, &mut work).await?;
            Ok(Some((answer, (gateway, caller, work))))
        });
        Ok(Response::new(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }

    /// The next answer of a stream.
    async fn next<W: Watch, R: Encode<W::Answer>>(
        &self,
        method: &'static str,
        caller: &Caller,
        work: &mut W,
    ) -> Result<R, Status> {
        let call = self.call(method, caller)?;
        let answer = self.exchange.watch(call, work).await.map_err(|error| self.failed(error, caller))?;
        Ok(R::encode(answer, caller))
    }

    /// Serves a method that changes something, `Service/Method`: its request id makes it safe to send again.
    async fn write<M, R>(&self, method: &'static str, request: Request<M>) -> Result<Response<R>, Status>
    where
        M: Decode + MutationRequest,
        M::Work: Write,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse,
    {
        let caller = self.caller(&request)?;
        self.mutate(method, &caller, request.into_inner()).await.map(Response::new)
    }

    /// Carries out one mutation of a caller.
    async fn mutate<M, R>(&self, method: &'static str, caller: &Caller, mut message: M) -> Result<R, Status>
    where
        M: Decode + MutationRequest,
        M::Work: Write,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse,
    {
        let request_id = parse_request_id(&std::mem::take(message.request_id_mut()));
        let digest = self.exchange.keys().replay_digest(method, &message.encode_to_vec());
        let validate_only = *message.validate_only_mut();
        let work = with_request_id(request_id, decode::parse(message));
        let (request_id, work) = work.map_err(|refusal| status::status(&refusal, caller.language))?;
        let call = self.call(method, caller)?;
        let mutation = MutationContext { request_id, digest, validate_only };
        let written = self.exchange.write(call, mutation, &work).await;
        let Receipted { answer, receipt } = written.map_err(|error| self.failed(error, caller))?;
        let mut answer = R::encode(answer, caller);
        answer.set_receipt(receipt.unwrap_or_default());
        Ok(answer)
    }

    /// Finds the caller by the certificate that TLS accepted. One that names nobody stops here; the registry is asked
    /// in the transaction.
    fn caller<M>(&self, request: &Request<M>) -> Result<Caller, Status> {
        let language = status::language(&request.metadata().clone().into_headers());
        let refuse = |reason: Reason| status::status(&reason.into(), language);
        let peer =
            request.extensions().get::<Peer>().ok_or_else(|| refuse(Reason::CertificateWithoutIdentity))?;
        let identity = peer.identity.clone().map_err(refuse)?;
        let stored = request.extensions().get::<MayBeStored>().cloned().unwrap_or_default();
        // Nothing is stored but by a transaction, which none has begun yet.
        stored.set(false);
        Ok(Caller {
            identity,
            language,
            serial: peer.serial.clone(),
            not_before: peer.not_before,
            not_after: peer.not_after,
            correlation: request.extensions().get::<Correlation>().copied().unwrap_or_default(),
            stored,
            deadline: request.extensions().get::<Deadline>().copied(),
            access: self.access.clone(),
        })
    }

    fn call<'a>(&'a self, method: &str, caller: &'a Caller) -> Result<Call<'a>, Status> {
        let rule = self.access.rule(method);
        let rule = rule.ok_or_else(|| status::status(&Reason::MethodUnknown.into(), caller.language))?;
        Ok(Call { rule, identity: &caller.identity, stored: &caller.stored, deadline: caller.deadline })
    }

    fn failed(&self, error: crate::exchange::Error, caller: &Caller) -> Status {
        let refusal = status::refusal(error, caller.correlation);
        status::status(&refusal, caller.language)
    }
}

/// A UUID with its hyphens, as the contract's rule has it: not in braces, as a URN or as bare digits. Nobody has drawn one
/// of zeros alone, or of ones: a program that forgot to would be told the answer to another request of its own.
fn parse_request_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| text.len() == 36 && !id.is_nil() && !id.is_max())
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
