//! HTTP/1.1 where agencies connect, beside HTTP/2: the same connections, the same steps, in a loop of its own over hyper.
//! tonic's own way to HTTP/1.1 leaves hyper's bounds as they are.
//!
//! Bounds the header of a request by size, number of fields and time, and the time that a connection may be idle, after
//! which it is closed as TLS would have it, so that a client's pool sees an end and no fault. Refuses what two readers could
//! understand in two ways. How long a request's body and its answer may take is the business of `limits` and `under_way`.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONNECTION};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body, transport::server::Connected};
use tower::{Service, ServiceExt};

use super::{
    accept,
    connection::{Connection, Wire, peer},
    http_refused::HttpRefused,
    loose::loose,
    outside,
};
use crate::domain::access::Peer;

/// The largest header, with the request line, in bytes; and the most fields.
const HEADER_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;
/// The largest buffer of a connection, in bytes, for reading and for writing.
const BUFFER_MAX: usize = 64 * 1024;

/// The time that a client gets to read the last answer and the end. Closing with its bytes unread would reset the
/// connection and could take the answer with it. And the bytes of it that are read.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// The times that clients of HTTP/1.1 may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the first byte of a header to its last.
    pub header: Duration,
    /// Between an answer and the next request.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { header: Duration::from_secs(20), idle: Duration::from_secs(60) }
    }
}

/// Serves every connection until it ends. From `end` on takes no more, closes those that are idle, and the others once their
/// request is answered.
pub(super) async fn serve<S>(
    mut connections: accept::Incoming<Peer>,
    service: S,
    patience: Patience,
    end: CancellationToken,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            () = end.cancelled() => break,
            connection = connections.next() => match connection {
                Some(Ok(connection)) => {
                    open.spawn(converse(connection, service.clone(), patience, end.clone()));
                }
                None => break,
            },
            // So that nothing is kept of those that have ended.
            Some(_) = open.join_next() => {}
        }
    }
    drop(connections);
    while open.join_next().await.is_some() {}
}

/// Serves one connection until either side ends it, or its client's time is over.
async fn converse<S>(connection: Connection<Peer>, service: S, patience: Patience, end: CancellationToken)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let wire = connection.connect_info();
    let (mut turns, read) = (Turns::new(patience), connection.bytes_read());
    let requests = turns.requests.clone();
    let caller = wire.clone();
    let answers = service_fn(move |request| {
        answer(request, caller.clone(), Turn::begin(requests.clone()), service.clone())
    });
    let mut http = http1::Builder::new()
        // The times are kept here: hyper's covers idle time too, and ends the connection as if it had broken.
        .header_read_timeout(None)
        .max_header_size(HEADER_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(BUFFER_MAX)
        .serve_connection(TokioIo::new(connection), answers);
    let (mut limit, mut stop, mut stopping) = (pin!(sleep(patience.header)), pin!(end.cancelled()), false);
    let refused = poll_fn(|cx| {
        if !stopping && stop.as_mut().poll(cx).is_ready() {
            stopping = true;
            Pin::new(&mut http).graceful_shutdown();
        }
        loop {
            // Whatever is read, or answered, is so in here.
            if let Poll::Ready(ended) = Pin::new(&mut http).poll(cx) {
                return Poll::Ready(ended.err().and_then(refusal));
            }
            if let Some(time) = turns.look(read.load(Ordering::Relaxed)) {
                limit.as_mut().reset(outside::instant() + time);
            }
            if turns.now == Now::Answering || limit.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match turns.now {
                Now::Idle => {
                    Pin::new(&mut http).graceful_shutdown();
                    turns.now = Now::Closing;
                    limit.as_mut().reset(outside::instant() + LINGER);
                }
                Now::Header => return Poll::Ready(Some(HttpRefused::HeaderSlow)),
                Now::Answering | Now::Closing => return Poll::Ready(None),
            }
        }
    });
    if let Some(why) = refused.await {
        why.tell(Some(wire.info()));
    }
    linger(http.into_parts().io.into_inner()).await;
}

/// What hyper refuses by itself, and answers.
fn refusal(error: hyper::Error) -> Option<HttpRefused> {
    match (error.is_parse_too_large(), error.is_parse()) {
        (true, _) => Some(HttpRefused::HeaderTooLarge),
        (_, true) => Some(HttpRefused::Malformed),
        _ => None,
    }
}

/// Ends the connection as TLS would have it, and takes what its client still sends, so that it can read the last answer.
async fn linger(mut connection: Connection<Peer>) {
    let drain = async {
        // hyper may have done so already.
        let _ = connection.shutdown().await;
        let (mut taken, mut bytes) = ([0; 1024], 0);
        while bytes < LINGER_BYTES
            && let Ok(count @ 1..) = connection.read(&mut taken).await
        {
            bytes += count;
        }
    };
    // Best effort: it ends either way.
    let _ = timeout(LINGER, drain).await;
}

/// What a connection's client is doing, or waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Now {
    /// Sending a header.
    Header,
    /// Waiting for an answer, sending the request's body or taking the answer.
    Answering,
    /// Nothing.
    Idle,
    /// It was idle for too long.
    Closing,
}

/// The requests of one connection, one after the other, and what was last seen of them.
struct Turns {
    patience: Patience,
    requests: Arc<Requests>,
    now: Now,
    begun: u64,
    /// The bytes that had been read when a request was last under way. What comes after them is the next one's.
    read: u64,
}

/// How many requests have begun, and how many of them are answered.
#[derive(Default)]
struct Requests {
    begun: AtomicU64,
    answered: AtomicU64,
}

impl Turns {
    fn new(patience: Patience) -> Self {
        Self { patience, requests: Arc::default(), now: Now::Header, begun: 0, read: 0 }
    }

    /// Looks again, now that so many bytes have been read in all. Says how long the client may go on so, where it has begun
    /// something else.
    fn look(&mut self, read: u64) -> Option<Duration> {
        let begun = self.requests.begun.load(Ordering::Relaxed);
        let answering = begun != self.requests.answered.load(Ordering::Relaxed);
        // A request may have come and been answered since the last look.
        let another = begun != self.begun;
        if answering || another {
            (self.begun, self.read) = (begun, read);
        }
        let now = match (self.now, answering, read > self.read) {
            (Now::Closing, ..) => Now::Closing,
            (_, true, _) => Now::Answering,
            (_, false, true) => Now::Header,
            (_, false, false) if begun == 0 => Now::Header,
            (_, false, false) => Now::Idle,
        };
        let changed = another || now != self.now;
        self.now = now;
        match now {
            Now::Header if changed => Some(self.patience.header),
            Now::Idle if changed => Some(self.patience.idle),
            _ => None,
        }
    }
}

/// One request, until its answer has been handed over for writing, or is dropped.
struct Turn(Arc<Requests>);

impl Turn {
    fn begin(requests: Arc<Requests>) -> Self {
        requests.begun.fetch_add(1, Ordering::Relaxed);
        Self(requests)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes one request through the steps, as tonic does with those of HTTP/2, unless it is refused before them.
async fn answer<S>(
    request: Request<Incoming>,
    wire: Wire<Peer>,
    turn: Turn,
    service: S,
) -> Result<Response<Body>, Infallible>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let (mut head, body) = request.into_parts();
    head.extensions.insert(wire);
    if let Some(why) = loose(&head) {
        why.tell(peer(&head.extensions));
        let mut answer = why.answer();
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        return Ok(answer);
    }
    let answer = service.oneshot(Request::from_parts(head, Body::new(body))).await?;
    Ok(answer.map(|body| Body::new(Answer { body, _turn: turn })))
}

/// The body of an answer, which keeps its request's turn.
struct Answer {
    body: Body,
    _turn: Turn,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_tells_a_header_from_a_body_and_idle_time_begins_anew() {
        let patience = Patience { header: Duration::from_secs(1), idle: Duration::from_secs(2) };
        let mut turns = Turns::new(patience);
        assert_eq!(turns.look(5), None, "the first header has its time from the beginning");
        let turn = Turn::begin(turns.requests.clone());
        assert_eq!(turns.look(100), None);
        assert!(turns.now == Now::Answering);
        assert_eq!(turns.look(900), None, "its body");
        drop(turn);
        assert_eq!(turns.look(900), Some(patience.idle));
        assert_eq!(turns.look(900), None);
        // One that comes and is answered between two looks.
        drop(Turn::begin(turns.requests.clone()));
        assert_eq!(turns.look(1000), Some(patience.idle));
        assert_eq!(turns.look(1001), Some(patience.header));
        assert_eq!(turns.look(1002), None, "more of it gives no more time");
        assert!(turns.now == Now::Header);
    }
}
