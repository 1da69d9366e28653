//! The calls whose answers are not out yet. A gateway that is told to stop waits for them and for nobody else: a client
//! that has no call and answers nothing keeps it no longer. And whoever does not take an answer is cut off: a reader that
//! stands still, or nearly so, would keep the answer in our memory for good. Until then the answer keeps its agency's
//! place, also where HTTP/2 has taken all of it and waits for the client: so nobody has more answers lie about than calls.

use std::{
    collections::HashMap,
    convert::Infallible,
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
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use tonic::{Status, body::Body};

use super::{
    connection, metrics, outside,
    step::{Next, Step},
};

/// The pause between two looks, and the looks in a row that must find nothing: what was answered last is then on its way.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: u32 = 4;

/// The longest that a client may leave an answer as it is before it is cut off: in ordinary times, and while the gateway
/// stops.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const PATIENCE_AT_STOP: Duration = Duration::from_secs(2);
/// The pauses between two looks for such clients, as a part of the patience.
const LOOKS_OF_PATIENCE: u32 = 12;
/// The bytes that a client takes in a second at the least, beyond its patience: a poor mobile connection does.
const PACE: u64 = 8 * 1024;
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
    /// What waits to be taken, once there is an answer.
    answer: Option<Offer>,
    /// The agency's place, which its call keeps until the answer is taken.
    _place: Option<Place>,
}

/// A place among the calls of an agency, left among an answer's extensions by who gave it.
#[derive(Clone)]
pub(super) struct Place {
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Place {
    pub fn of(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: Arc::new(permit) }
    }
}

/// How far a client has come in taking an answer.
struct Offer {
    /// Pieces that HTTP/2 has not written yet.
    out: usize,
    /// There is nothing more to take at present.
    silent: bool,
    /// When the client last took something, or the answer began.
    taken: Instant,
    /// When the client must have taken the whole message.
    due: Instant,
}

impl Offer {
    fn begun() -> Self {
        let now = outside::instant();
        Self { out: 0, silent: false, taken: now, due: now + PATIENCE }
    }

    fn is_stalled(&self, patience: Duration) -> bool {
        let offered = self.out > 0 || !self.silent;
        offered && (self.taken.elapsed() >= patience || outside::instant() >= self.due)
    }
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

    /// Cuts the connections of clients that take nothing of an answer for so long, or take it at less than the least pace.
    pub async fn cut_stalled(&self, patience: Duration) -> Infallible {
        loop {
            sleep(patience / LOOKS_OF_PATIENCE).await;
            for call in self.calls().values() {
                let stalled = call.answer.as_ref().is_some_and(|answer| answer.is_stalled(patience));
                if stalled && !call.cut.is_cancelled() {
                    metrics::stalled();
                    tracing::info!("a connection is cut: its client takes no answer");
                    call.cut.cancel();
                }
            }
        }
    }

    fn begin(&self, cut: CancellationToken) -> One {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        self.calls().insert(number, Call { cut, ..Call::default() });
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
        let mut response = next.run(request).await;
        one.answers(response.extensions_mut().remove());
        response.map(|inner| Body::new(Answer { inner, rest: Bytes::new(), one: Arc::new(one) }))
    }
}

/// One call, until it is dropped: by its answer, and by every piece of it that HTTP/2 has not written yet.
struct One {
    of: UnderWay,
    number: u64,
}

impl One {
    fn answers(&self, place: Option<Place>) {
        if let Some(call) = self.of.calls().get_mut(&self.number) {
            (call.answer, call._place) = (Some(Offer::begun()), place);
        }
    }

    fn offer(&self, change: impl FnOnce(&mut Offer)) {
        if let Some(answer) = self.of.calls().get_mut(&self.number).and_then(|call| call.answer.as_mut()) {
            change(answer);
        }
    }
}

impl Drop for One {
    fn drop(&mut self) {
        // The place is given back outside the lock.
        let _call = self.of.calls().remove(&self.number);
    }
}

/// A piece of an answer. HTTP/2 drops it once it is written, and may keep it for as long as its client likes.
struct Piece {
    bytes: Bytes,
    one: Arc<One>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.one.offer(|answer| {
            answer.out -= 1;
            answer.taken = outside::instant();
        });
    }
}

/// An answer, which counts until it has been taken, piece by piece.
struct Answer {
    inner: Body,
    /// What is left of the message that is being taken.
    rest: Bytes,
    one: Arc<One>,
}

impl Answer {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => frame,
            other => return other,
        };
        match frame.into_data() {
            Ok(message) => {
                let time = PATIENCE + Duration::from_secs(message.len() as u64 / PACE);
                self.one.offer(|answer| answer.due = outside::instant() + time);
                self.rest = message;
                Poll::Ready(Some(Ok(Frame::data(self.piece()))))
            }
            Err(trailers) => Poll::Ready(Some(Ok(trailers))),
        }
    }

    fn piece(&mut self) -> Bytes {
        let bytes = self.rest.split_to(self.rest.len().min(PIECE));
        self.one.offer(|answer| answer.out += 1);
        Bytes::from_owner(Piece { bytes, one: self.one.clone() })
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match self.rest.is_empty() {
            true => self.poll_message(cx),
            false => Poll::Ready(Some(Ok(Frame::data(self.piece())))),
        };
        self.one.offer(|answer| {
            answer.silent = frame.is_pending();
            // Who asks for more has taken what was there.
            if frame.is_ready() {
                answer.taken = outside::instant();
            }
        });
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
    use futures_util::FutureExt;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    const LOOK_PAUSE: Duration = Duration::from_secs(5);

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
        let looks = under_way.clone();
        tokio::spawn(async move { looks.cut_stalled(PATIENCE).await });
        under_way
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_for_a_minute_is_cut_off() {
        let under_way = watched();
        let (never_begun, cut) = answered(&under_way, message(10)).await;
        let (mut begun, cut_later) = answered(&under_way, message(3 * PIECE)).await;
        sleep(PATIENCE / 2).await;
        let piece = begun.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(piece.len(), PIECE);
        sleep(PATIENCE / 2 + LOOK_PAUSE).await;
        assert!(cut.is_cancelled() && !cut_later.is_cancelled());
        sleep(PATIENCE / 2).await;
        assert!(cut_later.is_cancelled());
        drop((never_begun, begun));
        assert_eq!(under_way.calls().len(), 1, "a piece is not written yet");
        drop(piece);
        assert!(under_way.calls().is_empty());
    }

    /// As HTTP/2 does it that keeps what it is given until the client's window opens.
    #[tokio::test(start_paused = true)]
    async fn what_http_has_taken_and_not_written_is_not_taken() {
        let under_way = watched();
        let (mut body, cut) = answered(&under_way, message(100 * PIECE)).await;
        let mut pieces = Vec::new();
        while let Some(frame) = body.frame().await {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        drop(body);
        sleep(PATIENCE / 2).await;
        pieces.pop();
        sleep(PATIENCE - LOOK_PAUSE).await;
        assert!(!cut.is_cancelled(), "it took a piece meanwhile");
        sleep(2 * LOOK_PAUSE).await;
        assert!(cut.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_it_all_and_one_that_pretends_to_read_does_not() {
        let under_way = watched();
        let length = 100 * PIECE;
        for (pause, finishes) in [(PIECE as u64 / PACE, true), (50, false)] {
            let (mut body, cut) = answered(&under_way, message(length)).await;
            let (begin, mut read) = (outside::instant(), 0);
            while let Some(frame) = body.frame().await
                && !cut.is_cancelled()
            {
                read += frame.unwrap().into_data().unwrap().len();
                sleep(Duration::from_secs(pause)).await;
            }
            assert_eq!(read == length, finishes, "{read} bytes with pauses of {pause} s");
            let longest = PATIENCE + Duration::from_secs(length as u64 / PACE + 50) + LOOK_PAUSE;
            assert!(begin.elapsed() <= longest);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_nothing_to_say_yet_stalls_nobody() {
        let under_way = watched();
        let (sender, messages) = tokio::sync::mpsc::channel(1);
        let messages = tokio_stream::wrappers::ReceiverStream::new(messages);
        let (mut body, cut) = answered(&under_way, Body::new(StreamBody::new(messages))).await;
        for _ in 0..3 {
            assert!(body.frame().now_or_never().is_none());
            sleep(10 * PATIENCE).await;
            assert!(!cut.is_cancelled());
            sender.send(Ok::<_, Status>(Frame::data(Bytes::from_static(b"one")))).await.unwrap();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "one");
        }
    }
}
