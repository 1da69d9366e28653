//! Counts the calls whose answers are not out yet, so that a gateway that is told to stop waits for them and for nobody
//! else: a client that has no call and answers nothing keeps it no longer.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use tokio::time::sleep;
use tonic::{Status, body::Body};

use super::step::{Next, Step};

/// The pause between two looks, and the looks in a row that must find nothing: what was answered last is then on its way.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: u32 = 4;

/// The calls under way, of all listeners. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    /// Returns once there has been no call for a second.
    pub async fn none(&self) {
        let mut looks = 0;
        while looks < LOOKS {
            sleep(LOOK).await;
            looks = if self.0.load(Ordering::Relaxed) == 0 { looks + 1 } else { 0 };
        }
    }

    fn one(&self) -> One {
        self.0.fetch_add(1, Ordering::Relaxed);
        One(self.clone())
    }
}

impl Step for UnderWay {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let one = self.one();
        next.run(request).await.map(|inner| Body::new(Counted { inner, _one: one }))
    }
}

/// One call, until it is dropped.
struct One(UnderWay);

impl Drop for One {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer that counts until it has been taken.
struct Counted {
    inner: Body,
    _one: One,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
