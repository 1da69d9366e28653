//! The calls whose answers are not out yet. A gateway that is told to stop waits for them and for nobody else: a client
//! that has no call and answers nothing keeps it no longer. And whoever does not take an answer is cut off: a reader that
//! stands still would keep the answer in our memory for good.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body};

use super::{
    connection, metrics, outside,
    step::{Next, Step},
};

/// The pause between two looks, and the looks in a row that must find nothing: what was answered last is then on its way.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: u32 = 4;

/// The longest that a client may leave a piece of an answer where it is.
const STALLED: Duration = Duration::from_secs(60);
/// The pause between two looks for such clients.
const STALLED_LOOK: Duration = Duration::from_secs(5);
/// A piece of an answer, as large as a frame of HTTP/2 is unless its reader allows more (RFC 9113 §4.2). So a slow reader
/// is seen to read, however large the message.
const PIECE: usize = 16_384;

/// The calls under way, of all listeners. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Inner>);

#[derive(Default)]
struct Inner {
    next: AtomicU64,
    calls: Mutex<HashMap<u64, Call>>,
}

/// One call under way.
#[derive(Default)]
struct Call {
    /// Cuts the call's connection.
    cut: CancellationToken,
    /// Since when a piece of the answer, or its beginning, waits to be taken. `None` while there is nothing to take.
    offered: Option<Instant>,
}

impl UnderWay {
    /// Returns once there has been no call for a second.
    pub async fn none(&self) {
        let mut looks = 0;
        while looks < LOOKS {
            sleep(LOOK).await;
            looks = if self.calls().is_empty() { looks + 1 } else { 0 };
        }
    }

    /// Cuts the connections of clients that take nothing of an answer for a minute, until `end`.
    pub async fn cut_stalled(self, end: CancellationToken) {
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                () = sleep(STALLED_LOOK) => {}
            }
            for call in self.calls().values() {
                if call.offered.is_some_and(|since| since.elapsed() >= STALLED) && !call.cut.is_cancelled() {
                    metrics::stalled();
                    tracing::info!("a connection is cut: its client takes no answer");
                    call.cut.cancel();
                }
            }
        }
    }

    fn begin(&self, cut: CancellationToken) -> One {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.calls().insert(number, Call { cut, offered: None });
        One { of: self.clone(), number }
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<u64, Call>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Step for UnderWay {
    async fn run(&self, mut request: Request<Body>, next: Next) -> Response<Body> {
        let cut = connection::take_cut(&mut request).unwrap_or_default();
        let one = self.begin(cut);
        next.run(request).await.map(|inner| {
            one.offer(Some(outside::instant()));
            Body::new(Answer { inner, rest: Bytes::new(), one })
        })
    }
}

/// One call, until it is dropped.
struct One {
    of: UnderWay,
    number: u64,
}

impl One {
    fn offer(&self, since: Option<Instant>) {
        if let Some(call) = self.of.calls().get_mut(&self.number) {
            call.offered = since;
        }
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.of.calls().remove(&self.number);
    }
}

/// An answer, which counts until it has been taken, piece by piece.
struct Answer {
    inner: Body,
    /// What is left of the message that is being taken.
    rest: Bytes,
    one: One,
}

impl Answer {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.rest.is_empty() {
            let frame = match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                other => return other,
            };
            match frame.into_data() {
                Ok(message) => self.rest = message,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = self.poll_piece(cx);
        self.one.offer(frame.is_ready().then(outside::instant));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.rest.is_empty() {
            true => self.inner.size_hint(),
            false => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    /// The answer of a call that was made over a connection, and what cuts the connection.
    async fn answered(under_way: &UnderWay, body: Body) -> (Body, CancellationToken) {
        let next = Next::new(|_| async { Response::new(body) });
        let cut = CancellationToken::new();
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(connection::Wire::of(cut.clone()));
        (under_way.run(request, next).await.into_body(), cut)
    }

    fn message(bytes: usize) -> Body {
        let frame = Ok::<_, Status>(Frame::data(Bytes::from(vec![7; bytes])));
        Body::new(StreamBody::new(futures_util::stream::iter([frame])))
    }

    fn watched() -> UnderWay {
        let under_way = UnderWay::default();
        tokio::spawn(under_way.clone().cut_stalled(CancellationToken::new()));
        under_way
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_for_a_minute_is_cut_off() {
        let under_way = watched();
        let (never_begun, cut) = answered(&under_way, message(10)).await;
        let (mut begun, cut_later) = answered(&under_way, message(3 * PIECE)).await;
        sleep(STALLED / 2).await;
        assert_eq!(begun.frame().await.unwrap().unwrap().into_data().unwrap().len(), PIECE);
        sleep(STALLED / 2 + STALLED_LOOK).await;
        assert!(cut.is_cancelled() && !cut_later.is_cancelled());
        sleep(STALLED / 2).await;
        assert!(cut_later.is_cancelled());
        drop((never_begun, begun));
        assert!(under_way.calls().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_it_all() {
        let under_way = watched();
        let (mut body, cut) = answered(&under_way, message(3 * PIECE + 1)).await;
        let mut sizes = Vec::new();
        while let Some(frame) = body.frame().await {
            sizes.push(frame.unwrap().into_data().unwrap().len());
            sleep(STALLED - STALLED_LOOK).await;
        }
        assert_eq!(sizes, [PIECE, PIECE, PIECE, 1]);
        assert!(!cut.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_say_yet_stalls_nobody() {
        let under_way = watched();
        let silent = futures_util::stream::pending::<Result<Frame<Bytes>, Status>>().boxed();
        let (mut body, cut) = answered(&under_way, Body::new(StreamBody::new(silent))).await;
        assert!(body.frame().now_or_never().is_none());
        sleep(10 * STALLED).await;
        assert!(!cut.is_cancelled());
    }
}
