//! A series of mutations over one stream. Each is a call of its own, by its own request id; the next one is taken when it has been
//! answered and the answer is on its way, so that whoever sends faster than the database stores, or reads slower, is slowed.

use std::time::Duration;

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout_at};
use tonic::{Request, Response, Status, Streaming};

use super::{Caller, Gateway, decode::Decode, encode::Encode, status};
use crate::{
    domain::{Reason, access::Deadline},
    exchange::Write,
    proto::shape::{MutationRequest, MutationResponse},
};

/// The answers, in the order of the mutations.
type Answers<R> = BoxStream<'static, Result<R, Status>>;

impl Gateway {
    /// Serves a method that takes one mutation of `each`, `Service/Method`, after another. The first answer is there before the stream
    /// begins, so that a refusal is one of the call; the first refusal ends the stream, and whatever came behind it is not done.
    pub(super) async fn series<M, R>(
        &self,
        each: &'static str,
        request: Request<Streaming<M>>,
    ) -> Result<Response<Answers<R>>, Status>
    where
        M: Decode + MutationRequest + Default + 'static,
        M::Work: Write + Send,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse + Send + 'static,
    {
        let caller = self.caller(&request)?;
        let granted = caller.deadline.map(|Deadline(end)| Instant::from_std(end) - Instant::now());
        let mut series =
            Series { gateway: self.clone(), each, caller, granted, messages: request.into_inner() };
        // Who sends none is told what one must have.
        let first = series.next().await?.unwrap_or_default();
        let first = series.answer(first).await?;
        let rest = stream::try_unfold(series, |mut series| async move {
            let Some(message) = series.next().await? else { return Ok(None) };
            let answer = series.answer(message).await?;
            Ok(Some((answer, series)))
        });
        Ok(Response::new(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }
}

/// A stream of mutations.
struct Series<M> {
    gateway: Gateway,
    each: &'static str,
    caller: Caller,
    /// The time that each may take.
    granted: Option<Duration>,
    messages: Streaming<M>,
}

impl<M> Series<M> {
    /// The next one; `None` where the caller has said that there is none. `GATEWAY_STOPPING` once the gateway stops.
    async fn next(&mut self) -> Result<Option<M>, Status> {
        let refuse = |fault| status::status(&fault, self.caller.language);
        tokio::select! {
            biased;
            () = self.gateway.exchange.ends() => Err(refuse(Reason::GatewayStopping.into())),
            message = self.messages.message() => {
                message.map_err(|status| status::fault_of_tonic(&status).map_or(status, |fault| refuse(fault.into())))
            }
        }
    }

    /// Carries one out, within its time.
    async fn answer<R>(&mut self, message: M) -> Result<R, Status>
    where
        M: Decode + MutationRequest,
        M::Work: Write,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse,
    {
        let until = self.granted.map(|granted| Instant::now() + granted);
        self.caller.deadline = until.map(|until| Deadline(until.into_std()));
        self.caller.stored.set(false);
        let call = self.gateway.mutate(self.each, &self.caller, message);
        let Some(until) = until else { return call.await };
        timeout_at(until, call).await.unwrap_or_else(|_| {
            let late =
                if self.caller.stored.get() { Reason::DeadlinePassed } else { Reason::NotStoredInTime };
            Err(status::status(&late.into(), self.caller.language))
        })
    }
}
