//! Takes a refused request to its end before the answer goes out. HTTP/2 lets a server answer early and reset what still
//! comes (RFC 9113 §8.1); libraries whose message is on its way then report the reset and never show the answer.
//!
//! Bounded by bytes and by time: beyond either, the answer goes out all the same.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::timeout;
use tonic::{Status, body::Body};

use super::{
    method,
    step::{Next, Step},
};

/// The bytes that are read of what nobody wants: a message of the ordinary size.
const BYTES_MAX: usize = 256 * 1024;
/// The time that the rest of the request may take to come.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads what a refusal has left of the request. Methods that stream are left out: their callers go on sending for as long
/// as they please.
#[derive(Clone)]
pub(super) struct Drain;

impl Step for Drain {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        if method::streams(request.uri().path()) {
            return next.run(request).await;
        }
        let left = Left::default();
        let response = next.run(request.map(|body| Body::new(Kept { body, left: left.clone() }))).await;
        let rest = left.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(rest) = rest {
            // Where it takes too long, the answer goes out early, as it would without this step.
            let _ = timeout(PATIENCE, read(rest)).await;
        }
        response
    }
}

/// A body that was let go of before its end.
type Left = Arc<Mutex<Option<Body>>>;

/// Reads to the end, or as much as is read of what nobody wants.
async fn read(mut body: Body) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > BYTES_MAX {
            return;
        }
    }
}

/// The body of a request; it leaves the inner one behind where it is let go of before its end.
struct Kept {
    body: Body,
    left: Left,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let body = std::mem::replace(&mut self.body, Body::empty());
        if !body.is_end_stream() {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

impl http_body::Body for Kept {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            self.body = Body::empty();
        }
        frame
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::stream;
    use http_body_util::StreamBody;

    use super::*;

    const PUSH: &str = "/gerbang.v1.ScheduleService/PushSchedule";

    /// A request of so many pieces of a KiB; the counter says how many were read, and one more for the end.
    fn request(path: &str, pieces: usize) -> (Request<Body>, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = read.clone();
        let all = (0..=pieces).map(move |piece| {
            counter.fetch_add(1, Ordering::Relaxed);
            (piece < pieces).then(|| Ok::<_, Status>(Frame::data(Bytes::from(vec![0; 1024]))))
        });
        let body = Body::new(StreamBody::new(stream::iter(all.flatten())));
        (Request::post(path).body(body).unwrap(), read)
    }

    async fn refuse(_: Request<Body>) -> Response<Body> {
        Response::new(Body::empty())
    }

    #[tokio::test]
    async fn what_a_refusal_left_is_read_within_bounds() {
        for (path, pieces, read_at_the_answer) in [
            (PUSH, 3, 4),
            ("/x.Y/Z", 3, 4),
            (PUSH, 10_000, BYTES_MAX / 1024 + 1),
            ("/grpc.health.v1.Health/Watch", 3, 0),
        ] {
            let (request, read) = request(path, pieces);
            Drain.run(request, Next::new(refuse)).await;
            assert_eq!(read.load(Ordering::Relaxed), read_at_the_answer, "{path} {pieces}");
        }
    }

    #[tokio::test]
    async fn who_reads_to_the_end_reads_all_of_it() {
        let (request, _) = request(PUSH, 3);
        let answer =
            Drain.run(request, Next::new(|request| async { Response::new(request.into_body()) })).await;
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), 3 * 1024);
    }

    /// A client that never ends its request is answered when the patience is over.
    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_an_end_that_does_not_come() {
        let body = Body::new(StreamBody::new(stream::pending::<Result<Frame<Bytes>, Status>>()));
        let begun = tokio::time::Instant::now();
        Drain.run(Request::post(PUSH).body(body).unwrap(), Next::new(refuse)).await;
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    }
}
