//! Bounds on a single call: how long it may take, and how many of its agency may be under way.
//!
//! A call keeps its agency's place until its answer has been taken (`under_way` holds it so long): what an agency leaves
//! unread keeps out its own calls and nobody else's; nor its own revocations, for of two holders of a certificate one may
//! be a thief. They have places of their own, which no unread answer keeps.
//!
//! Refuses with `DEADLINE_PASSED`, or `NOT_STORED_IN_TIME` where that is known, and `OVERLOADED`. The order in which calls
//! get connections to the database is kept further inside, by `store::places`. Where agencies connect, only `registry_check` lies further inside;
//! where systems join, nothing but the routes does. So the deadline covers all that can take long: waiting for a place,
//! the registry, decoding, the use case. An agency here is the one that the certificate names, not yet looked up: that
//! is enough to keep agencies apart, since only our authority makes such certificates.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, Request, Response};
use tokio::{
    sync::Semaphore,
    time::{timeout, timeout_at},
};
use tonic::body::Body;

use super::{
    error_details, method, outside,
    step::{Next, Step},
    under_way::Place,
};
use crate::{
    domain::{
        AgencyCode, Reason,
        access::{Deadline, Granted, MayBeStored, Peer, REVOCATION},
    },
    rpc::status,
};

/// The longest that a call waits for a place among those of its agency: a burst of small calls, one behind the other
/// at a programme's lock, is served in order rather than refused.
const PLACE_WAIT: Duration = Duration::from_secs(10);

/// Streams that one agency may have open: each of its systems may watch the gateway's health.
const STREAMS_PER_AGENCY: usize = 100;

/// Series of mutations that one agency may have open. Each does one at a time, so a system gains little by more of them, and all of
/// them together do not take the places of calls.
const SERIES_PER_AGENCY: usize = 4;

/// The call that may wait for seconds. It has a place among its own kind: who follows along keeps no call out, and no stream.
const WAITING: &str = "ChangeService/ListChanges";

/// Such calls of one agency under way: a few for each of its systems.
const WAITS_PER_AGENCY: usize = 20;

/// Revocations of one agency under way.
const REVOCATIONS_PER_AGENCY: usize = 2;

/// The time by which our deadline strikes before the caller's own: tonic enforces `grpc-timeout` too, from
/// outside and without details, and would win a tie.
const MARGIN: Duration = Duration::from_millis(20);

/// Holds each call to its deadline, and each agency to its number of calls.
#[derive(Clone)]
pub(super) struct Limit(Arc<Inner>);

struct Inner {
    longest: Duration,
    calls_per_agency: usize,
    /// Callers whose certificate names no agency share one entry: each such call is refused anyway, or joins.
    places: Mutex<HashMap<Option<AgencyCode>, Places>>,
}

/// The places of one agency.
#[derive(Clone)]
struct Places {
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    series: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    revocations: Arc<Semaphore>,
}

impl Limit {
    pub fn new(longest: Duration, calls_per_agency: usize) -> Self {
        Self(Arc::new(Inner { longest, calls_per_agency, places: Mutex::default() }))
    }

    fn places(&self, agency: Option<AgencyCode>) -> Places {
        let mut places = self.0.places.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Places {
            calls: Arc::new(Semaphore::new(self.0.calls_per_agency)),
            streams: Arc::new(Semaphore::new(STREAMS_PER_AGENCY)),
            series: Arc::new(Semaphore::new(SERIES_PER_AGENCY)),
            waits: Arc::new(Semaphore::new(WAITS_PER_AGENCY)),
            revocations: Arc::new(Semaphore::new(REVOCATIONS_PER_AGENCY)),
        };
        places.entry(agency).or_insert_with(new).clone()
    }
}

impl Step for Limit {
    async fn run(&self, mut request: Request<Body>, next: Next) -> Response<Body> {
        let language = status::language(request.headers());
        let granted = granted(request.headers(), self.0.longest);
        let deadline = outside::instant() + granted;
        let peer = request.extensions().get::<Peer>();
        let agency =
            peer.and_then(|peer| peer.identity.as_ref().ok()).map(|identity| identity.agency.clone());
        let path = request.uri().path();
        let (streams, revokes) = (method::streams(path), method::name(path) == Some(REVOCATION));
        let waits = method::name(path) == Some(WAITING);
        // Strangers share their places: none of them may keep one by not reading.
        let keeps = agency.is_some() && !revokes;
        let places = self.places(agency);
        let open = if method::takes_series(path) { places.series } else { places.streams };
        let among = match (revokes, waits) {
            (true, _) => places.revocations,
            (_, true) => places.waits,
            _ => places.calls,
        };
        let stored = MayBeStored::default();
        request.extensions_mut().insert(stored.clone());
        request.extensions_mut().insert(Deadline(deadline.into_std()));
        request.extensions_mut().insert(Granted(granted));
        let call = async {
            // Nobody closes the semaphores, so all that fails here is the wait, or a place.
            let Ok(Ok(place)) = timeout(PLACE_WAIT, among.acquire_owned()).await else {
                return error_details::refuse(Reason::Overloaded, language);
            };
            // An open stream would keep its place among the calls for good; once it has begun, it has another.
            let stream = streams.then(|| open.try_acquire_owned()).transpose();
            let Ok(stream) = stream else { return error_details::refuse(Reason::Overloaded, language) };
            // Until who commits says what is known.
            stored.set(true);
            let mut response = next.run(request).await;
            if keeps {
                response.extensions_mut().insert(Place::of(stream.unwrap_or(place)));
            }
            response
        };
        match timeout_at(deadline, call).await {
            Ok(response) => response,
            Err(_) if stored.get() => error_details::refuse(Reason::DeadlinePassed, language),
            Err(_) => error_details::refuse(Reason::NotStoredInTime, language),
        }
    }
}

/// The time that the call may take: the time that the caller grants, less the margin, and `longest` at most.
fn granted(headers: &HeaderMap, longest: Duration) -> Duration {
    let asked = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(grpc_timeout);
    asked.map_or(longest, |asked| (asked - MARGIN.min(asked / 10)).min(longest))
}

/// Reads `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Timeout"). A value of any other
/// form counts as none.
fn grpc_timeout(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tonic::Status;
    use tonic_types::StatusExt;

    use super::*;
    use crate::domain::access::Identity;

    fn request(agency: &str) -> Request<Body> {
        let identity = Identity {
            agency: AgencyCode::parse(agency).unwrap(),
            system: "sim".to_owned(),
            fingerprint: [0; 32],
        };
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer {
            identity: Ok(identity),
            fingerprint: [0; 32],
            serial: "01".to_owned(),
            not_before: jiff::Timestamp::UNIX_EPOCH,
            not_after: jiff::Timestamp::UNIX_EPOCH,
            address: [127, 0, 0, 1].into(),
        });
        request
    }

    fn reason(response: &Response<Body>) -> String {
        let status = Status::from_header_map(response.headers());
        status.and_then(|status| status.get_details_error_info()).map(|info| info.reason).unwrap_or_default()
    }

    fn answering() -> Next {
        Next::new(|_| async { Response::new(Body::empty()) })
    }

    #[test]
    fn the_timeout_is_read_as_grpc_writes_it() {
        assert_eq!(grpc_timeout("3S"), Some(Duration::from_secs(3)));
        assert_eq!(grpc_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(grpc_timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        for wrong in ["", "S", "3", "3s", "-3S", "123456789S", "3é"] {
            assert_eq!(grpc_timeout(wrong), None, "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_the_shorter_deadline() {
        let limit = Limit::new(Duration::from_secs(30), 1);
        for (asked, millis) in [(None, 30_000), (Some("2S"), 1_980), (Some("1H"), 30_000), (Some("10m"), 9)] {
            let mut request = request("blk-kepri");
            if let Some(asked) = asked {
                request.headers_mut().insert("grpc-timeout", asked.parse().unwrap());
            }
            let begin = outside::instant();
            let response = limit.run(request, Next::new(|_| pending())).await;
            assert_eq!(reason(&response), "DEADLINE_PASSED");
            assert_eq!(begin.elapsed().as_millis().abs_diff(millis), 0, "{asked:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_agency_with_all_places_taken_is_refused_and_others_are_not() {
        let limit = Limit::new(Duration::from_secs(30), 1);
        let busy = limit.clone();
        let holder =
            tokio::spawn(async move { busy.run(request("blk-kepri"), Next::new(|_| pending())).await });
        tokio::task::yield_now().await;
        let begin = outside::instant();
        assert_eq!(reason(&limit.run(request("dinas-ikan"), answering()).await), "");
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert_eq!(reason(&limit.run(request("blk-kepri"), answering()).await), "OVERLOADED");
        assert_eq!(begin.elapsed(), PLACE_WAIT);
        holder.abort();
        let _ = holder.await;
        assert_eq!(reason(&limit.run(request("blk-kepri"), answering()).await), "");
    }

    /// The series of an agency have places of their own: they take none from its calls or its other streams, nor these from them.
    #[tokio::test(start_paused = true)]
    async fn a_fifth_series_is_refused_and_nothing_else() {
        let limit = Limit::new(Duration::from_secs(30), 1);
        let at = |agency: &str, path: &str| {
            let mut request = request(agency);
            *request.uri_mut() = path.parse().unwrap();
            request
        };
        let series = "/gerbang.v1.ScheduleService/PushSessions";
        let others = ["/gerbang.v1.ScheduleService/PushSchedule", "/gerbang.v1.ChangeService/WatchChanges"];
        let mut open = Vec::new();
        for number in 0..4 {
            let answer = limit.run(at("blk-kepri", series), answering()).await;
            assert_eq!(reason(&answer), "", "{number}");
            open.push(answer);
        }
        let begin = outside::instant();
        assert_eq!(reason(&limit.run(at("blk-kepri", series), answering()).await), "OVERLOADED");
        for other in others {
            assert_eq!(reason(&limit.run(at("blk-kepri", other), answering()).await), "", "{other}");
        }
        assert_eq!(reason(&limit.run(at("dinas-ikan", series), answering()).await), "");
        assert_eq!(begin.elapsed(), Duration::ZERO, "none of them waits");
        open.pop();
        assert_eq!(reason(&limit.run(at("blk-kepri", series), answering()).await), "");
    }

    /// A place comes back with the answer, not with its head; a stream has one of its own; and strangers keep none.
    #[tokio::test(start_paused = true)]
    async fn an_answer_keeps_its_place() {
        let limit = Limit::new(Duration::from_secs(30), 1);
        let held = limit.run(request("blk-kepri"), answering()).await;
        assert_eq!(reason(&limit.run(request("blk-kepri"), answering()).await), "OVERLOADED");
        assert_eq!(reason(&limit.run(request("dinas-ikan"), answering()).await), "");
        let mut revocations = Vec::new();
        for _ in 0..3 {
            let mut request = request("blk-kepri");
            *request.uri_mut() = format!("/gerbang.v1.{REVOCATION}").parse().unwrap();
            revocations.push(limit.run(request, answering()).await);
        }
        assert!(revocations.iter().all(|answer| reason(answer).is_empty()));
        drop(held);
        let watch = || {
            let mut request = request("blk-kepri");
            *request.uri_mut() = "/grpc.health.v1.Health/Watch".parse().unwrap();
            request
        };
        let mut open = Vec::new();
        for _ in 0..STREAMS_PER_AGENCY {
            let answer = limit.run(watch(), answering()).await;
            assert_eq!(reason(&answer), "");
            open.push(answer);
        }
        assert_eq!(reason(&limit.run(watch(), answering()).await), "OVERLOADED");
        assert_eq!(reason(&limit.run(request("blk-kepri"), answering()).await), "");
        open.pop();
        assert_eq!(reason(&limit.run(watch(), answering()).await), "");
        // Those that wait for changes have their own: they take none from calls or streams, which are all taken here.
        let changes = || {
            let mut request = request("blk-kepri");
            *request.uri_mut() = "/gerbang.v1.ChangeService/ListChanges".parse().unwrap();
            request
        };
        let held = limit.run(request("blk-kepri"), answering()).await;
        let mut waiting = Vec::new();
        for _ in 0..WAITS_PER_AGENCY {
            let answer = limit.run(changes(), answering()).await;
            assert_eq!(reason(&answer), "");
            waiting.push(answer);
        }
        assert_eq!(reason(&limit.run(changes(), answering()).await), "OVERLOADED");
        drop((held, waiting));
        assert_eq!(reason(&limit.run(changes(), answering()).await), "");
        for _ in 0..2 {
            open.push(limit.run(Request::new(Body::empty()), answering()).await);
        }
        assert!(open.iter().all(|answer| reason(answer).is_empty()));
    }
}
