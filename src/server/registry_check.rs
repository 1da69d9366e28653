//! Asks the registry about the callers of health and reflection, which no use case serves, and of every stream; and refuses
//! every call with a certificate that a revocation list on this machine has named, whatever a restored database says.
//!
//! The innermost step where agencies connect, within the deadline of `limits`; there is none where systems join.
//! Refuses a certificate that is not good with `CERTIFICATE_NOT_REGISTERED`; while the database is away, reflection
//! with `DATABASE_AWAY`, and health answers NOT_SERVING to any certificate that TLS accepted. A stream ends as soon as
//! [`Trust::check_stream`] says so, with the reason in its trailers, whether anything flows in it or not.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tonic::{Status, body::Body};
use tonic_health::pb::{HealthCheckResponse, health_check_response::ServingStatus};

use super::{
    error_details,
    health::Health,
    method,
    step::{Next, Step},
    trust::{FindRefusal, Known, Stream, Trust},
};
use crate::{
    domain::{Fault, Reason, Refusal, access::Peer, reason::Language},
    keeper::held::Held,
    rpc::{access::BUILT_IN, status},
};

/// The pause between two checks whether an open stream may go on.
const EVERY: Duration = Duration::from_millis(200);

const HEALTH: &str = "grpc.health.v1.Health";

/// Asks the registry where no transaction does.
#[derive(Clone)]
pub(super) struct RegistryCheck {
    pub trust: Trust,
    pub health: Health,
    pub find_refusal: FindRefusal,
    pub held: Held,
}

impl Step for RegistryCheck {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let path = request.uri().path();
        let service = path.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned();
        let (built_in, streams) = (BUILT_IN.contains(&service.as_str()), method::streams(path));
        let held = request.extensions().get::<Peer>().is_some_and(|peer| self.held.names(&peer.serial));
        if !built_in && !streams && !held {
            return next.run(request).await;
        }
        let language = status::language(request.headers());
        let Some(peer) = request.extensions().get::<Peer>().cloned() else {
            return error_details::refuse(Reason::CertificateWithoutIdentity, language);
        };
        if held {
            return error_details::refuse(Reason::CertificateRevoked, language);
        }
        let fingerprint = peer.fingerprint;
        let (known, begun) = (self.trust.known(&fingerprint), self.trust.now());
        let stream = streams.then(|| self.trust.stream());
        if built_in {
            match self.trust.is_good(fingerprint, &known).await {
                Some(true) => {
                    if let Err(reason) = peer.identity {
                        return error_details::refuse(reason, language);
                    }
                }
                Some(false) => {
                    return error_details::refuse((self.find_refusal)(fingerprint).await, language);
                }
                None => {
                    self.health.sees(begun, false).await;
                    if service == HEALTH {
                        return not_serving(
                            if streams { Err(Reason::DatabaseAway) } else { Ok(()) },
                            language,
                        );
                    }
                    return error_details::refuse(Reason::DatabaseAway, language);
                }
            }
        }
        let response = next.run(request).await;
        if !streams || response.headers().contains_key(Status::GRPC_STATUS) {
            return response;
        }
        // Whoever answers with a stream has let the caller in.
        self.trust.let_in(&known, begun);
        let trust = self.trust.clone();
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        response.map(|inner| {
            Body::new(Guarded { inner, trust, known, language, ticks, ended: false, _stream: stream })
        })
    }
}

/// Answers NOT_SERVING while nobody can be looked up; a stream is told once, since nothing may keep it open.
fn not_serving(end: Result<(), Reason>, language: Language) -> Response<Body> {
    let message = HealthCheckResponse { status: ServingStatus::NotServing.into() }.encode_to_vec();
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.len()).unwrap_or_default());
    bytes.put_slice(&message);
    let status = end.map_or_else(|reason| refusal(reason, language), |()| Status::ok(""));
    let frames = [Frame::data(bytes.freeze()), Frame::trailers(trailers(&status))].map(Ok::<_, Status>);
    let mut response = Response::new(Body::new(StreamBody::new(tokio_stream::iter(frames))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

fn refusal(reason: Reason, language: Language) -> Status {
    status::status(&Refusal::from(Fault::from(reason)), language)
}

fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    // Fails on a byte that cannot stand in a header; the texts are ours.
    let _ = status.add_header(&mut trailers);
    trailers
}

/// A stream that ends when its caller may not have it any more.
struct Guarded {
    inner: Body,
    trust: Trust,
    known: Arc<Known>,
    language: Language,
    ticks: Interval,
    ended: bool,
    _stream: Option<Stream>,
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // Has the task woken in time, whether or not anything flows.
        while self.ticks.poll_tick(cx).is_ready() {}
        if let Err(reason) = self.trust.check_stream(&self.known) {
            self.ended = true;
            self.inner = Body::empty();
            return Poll::Ready(Some(Ok(Frame::trailers(trailers(&refusal(reason, self.language))))));
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }
}
