//! Observes each call: writes one log line and three metrics, from one description of the call.
//!
//! A step of `server`'s list, outside of whatever refuses a call, so that it sees what the caller sees, by gRPC or by JSON. Holds no personal data and
//! no message text: method, code, reason, who, how long.

use std::{net::SocketAddr, sync::Arc};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use tonic::{Code, Status, body::Body};
use tonic_types::StatusExt;
use tracing::{Instrument, Span};

use super::{
    call::{Call, Outcome},
    connection::Client,
    log, method, metrics, outside,
    step::{Next, Step},
};
use crate::{
    domain::{
        Reason,
        access::{Correlation, Identity, Peer},
        outside::{Clock, Entropy},
    },
    keeper::{refused::RefusedCalls, sightings::Sightings},
};

/// Logs and counts every call, and gives it a number: whatever the call writes to the log, it writes in a span that has
/// the number, and an internal error is answered with it. A stream is a call that has answered once it begins; the refusal that ends it
/// later is told of besides.
#[derive(Clone)]
pub(super) struct Observe {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// The notes of which certificates were used, where callers have any.
    pub sightings: Option<Sightings>,
    /// The counts of calls that were refused, likewise.
    pub refused: Option<RefusedCalls>,
}

impl Step for Observe {
    async fn run(&self, mut request: Request<Body>, next: Next) -> Response<Body> {
        let begin = outside::instant();
        let path = request.uri().path();
        let (method, streams) = (method::name(path).unwrap_or("unknown"), method::streams(path));
        let takes_series = method::takes_series(path);
        let peer = request.extensions().get::<Peer>().cloned();
        let caller = peer.as_ref().and_then(|peer| peer.identity.clone().ok());
        let client = request.extensions().get::<Client>().map(|client| client.0);
        // A caller that goes away drops this future; the call is then told as cancelled.
        let mut guard = Unfinished { method, caller, client, begin, told: false };
        let correlation = Correlation(self.entropy.uuid(self.clock.now()));
        request.extensions_mut().insert(correlation);
        let span = tracing::info_span!("call", method, %correlation);
        let response = next.run(request).instrument(span.clone()).await;
        let outcome = outcome(response.headers());
        if let (Some(sightings), Some(peer), Code::Ok) = (&self.sightings, &peer, outcome.code) {
            sightings.saw(peer);
        }
        let refusals = Refusals { refused: self.refused.clone(), peer, method };
        refusals.saw(&outcome);
        let begins = streams && outcome.code == Code::Ok;
        guard.tell(outcome);
        if begins { response.map(|body| until_refused(body, refusals, takes_series, span)) } else { response }
    }
}

/// Where the refusals of one call are counted.
struct Refusals {
    refused: Option<RefusedCalls>,
    peer: Option<Peer>,
    method: &'static str,
}

impl Refusals {
    fn saw(&self, outcome: &Outcome) {
        if let (Some(refused), Some(peer), Some(reason)) = (&self.refused, &self.peer, outcome.reason) {
            refused.saw(peer, self.method, reason);
        }
    }
}

/// The answers of a stream, until their end. A refusal that ends it is counted as the caller's only where `takes_series`: there the
/// caller goes on sending, and so may be refused; what ends another stream is not its caller's doing. The line has the call's number by
/// its span.
fn until_refused(body: Body, refusals: Refusals, takes_series: bool, span: Span) -> Body {
    Body::new(body.map_frame(move |frame| {
        if let Some(outcome) = frame.trailers_ref().map(outcome)
            && let Some(reason) = outcome.reason
        {
            if takes_series {
                refusals.saw(&outcome);
            }
            metrics::refusal(reason);
            let caller = refusals.peer.as_ref().and_then(|peer| peer.identity.as_ref().ok());
            span.in_scope(|| log::end(&outcome, caller));
        }
        frame
    }))
}

/// A call that has not been told of yet.
struct Unfinished {
    method: &'static str,
    caller: Option<Identity>,
    client: Option<SocketAddr>,
    begin: tokio::time::Instant,
    told: bool,
}

impl Unfinished {
    fn tell(&mut self, outcome: Outcome) {
        self.told = true;
        let took = self.begin.elapsed();
        let (caller, client) = (self.caller.take(), self.client);
        let call = Call { method: self.method, outcome, caller, client, took };
        metrics::call(&call);
        log::call(&call);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.told {
            self.tell(Outcome::of(Code::Cancelled));
        }
    }
}

/// Code, reason and correlation of an answer, by its head or what follows its stream.
fn outcome(headers: &HeaderMap) -> Outcome {
    let Some(status) = Status::from_header_map(headers) else { return Outcome::of(Code::Ok) };
    let info = status.get_details_error_info();
    let reason = info.as_ref().and_then(|info| Reason::from_code(&info.reason));
    let correlation = info.and_then(|mut info| info.metadata.remove("correlation"));
    Outcome { code: status.code(), reason, correlation }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;
    use crate::{
        domain::{Fault, reason::Language},
        server::error_details,
    };

    /// What is written to the log.
    #[derive(Clone, Default)]
    struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

    impl Lines {
        fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
            let lines = Self::default();
            let writer = lines.clone();
            let subscriber =
                tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
            (lines, tracing::subscriber::set_default(subscriber))
        }

        fn all(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Observe {
        fn alone() -> Self {
            Self {
                clock: Arc::new(outside::SystemClock),
                entropy: Arc::new(outside::SystemEntropy),
                sightings: None,
                refused: None,
            }
        }
    }

    /// Whatever a call writes to the log has the number with which an internal error is answered.
    #[tokio::test]
    async fn every_line_of_a_call_has_its_number() {
        let (lines, _logging) = Lines::begin();
        let observe = Observe::alone();
        let next = Next::new(|request: Request<Body>| async move {
            tracing::error!("deep inside");
            let number = *request.extensions().get::<Correlation>().unwrap();
            error_details::refuse(
                Fault::from(Reason::InternalError).with("correlation", number),
                Language::English,
            )
        });
        let response = observe.run(Request::new(Body::empty()), next).await;
        let number = outcome(response.headers()).correlation.unwrap();
        let all = lines.all();
        let told: Vec<_> = all.iter().filter(|line| line.contains(&number)).collect();
        assert_eq!(told.len(), 2, "the line from inside, and the call's: {all:?}");
        assert!(told[0].contains("deep inside"));
    }

    /// A line for the call when it begins, and one for the refusal that ends it, with its reason and the call's method.
    #[tokio::test]
    async fn the_refusal_that_ends_a_stream_has_a_line_of_its_own() {
        let (lines, _logging) = Lines::begin();
        let next = Next::new(|_| async {
            let refused = error_details::refuse(Reason::GatewayStopping, Language::English);
            let end = Frame::<Bytes>::trailers(refused.headers().clone());
            Response::new(Body::new(StreamBody::new(stream::iter([Ok::<_, Status>(end)]))))
        });
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/gerbang.v1.ChangeService/WatchChanges".parse().unwrap();
        let mut response = Observe::alone().run(request, next).await;
        let calls = lines.all();
        assert!(calls.len() == 1 && calls[0].contains("code=\"OK\""), "{calls:?}");
        let end = response.body_mut().frame().await.unwrap().unwrap();
        assert!(end.is_trailers(), "it comes through");
        let told = lines.all();
        assert_eq!(told.len(), 2, "{told:?}");
        for what in ["a stream was ended", "ChangeService/WatchChanges", "GATEWAY_STOPPING"] {
            assert!(told[1].contains(what), "{what}: {told:?}");
        }
    }

    #[test]
    fn an_answer_is_read_back() {
        let fault = Fault::from(Reason::InternalError).with("correlation", "42");
        let response = error_details::refuse(fault, Language::English);
        let Outcome { code, reason, correlation } = outcome(response.headers());
        assert_eq!((code, reason), (Code::Internal, Some(Reason::InternalError)));
        assert_eq!(correlation.as_deref(), Some("42"));
        let none = outcome(&HeaderMap::new());
        assert_eq!((none.code, none.reason, none.correlation), (Code::Ok, None, None));
    }
}
