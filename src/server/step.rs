//! A layer as one async function: from a request to an answer, with `next` in the middle.
//!
//! Owns the plumbing between tower and the steps of `server`, so that each of them reads from top to bottom.

use std::{
    convert::Infallible,
    future::Future,
    mem,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

/// One step around every call.
pub(super) trait Step: Clone + Send + Sync + 'static {
    fn run(&self, request: Request<Body>, next: Next) -> impl Future<Output = Response<Body>> + Send;
}

/// The rest of the way in, to be run once or not at all.
pub(super) struct Next(Box<dyn FnOnce(Request<Body>) -> BoxFuture<'static, Response<Body>> + Send>);

impl Next {
    pub fn new<F>(inner: impl FnOnce(Request<Body>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        Self(Box::new(move |request| Box::pin(inner(request))))
    }

    pub async fn run(self, request: Request<Body>) -> Response<Body> {
        (self.0)(request).await
    }
}

/// The tower layer of a step.
#[derive(Clone)]
pub(super) struct StepLayer<T>(pub T);

impl<T: Step, S> Layer<S> for StepLayer<T> {
    type Service = StepService<T, S>;

    fn layer(&self, inner: S) -> Self::Service {
        StepService { step: self.0.clone(), inner }
    }
}

/// A service with a step around it.
#[derive(Clone)]
pub(super) struct StepService<T, S> {
    step: T,
    inner: S,
}

impl<T, S> Service<Request<Body>> for StepService<T, S>
where
    T: Step,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let step = self.step.clone();
        // The clone has not been polled ready, so it stays behind and the ready one is used.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let next = Next::new(move |request| {
            let answer = inner.call(request);
            async move {
                match answer.await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        });
        Box::pin(async move { Ok(step.run(request, next).await) })
    }
}
