//! A series of mutations over one stream. Each is a call of its own, by its own request id; the next one is taken when it has been
//! answered and HTTP/2 asks for more, so that whoever sends faster than the database stores, or reads slower, is slowed.

use std::time::Duration;

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};
use tonic::{Request, Response, Status, Streaming};
use tracing::{Instrument, Span};

use super::{Caller, Gateway, decode::Decode, encode::Encode, status};
use crate::{
    domain::{
        Fault, Reason,
        access::{Deadline, Granted},
    },
    exchange::{Error, Write},
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
        M: Decode + MutationRequest + Default + Send + 'static,
        M::Work: Write + Send,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse + Send + 'static,
    {
        let caller = self.caller(&request)?;
        let granted = request.extensions().get::<Granted>().copied();
        let defect = || self.failed(Error::internal("a series to which no time was granted"), &caller);
        let Granted(granted) = granted.ok_or_else(defect)?;
        let of = Each { gateway: self.clone(), method: each, caller, granted };
        let mut series = Series { of, span: Span::current(), messages: request.into_inner() };
        // The call has a deadline until here. Who sends none is told what one must have.
        let first = series.next().await?.unwrap_or_default();
        // Here and not in a task: who keeps the call's time must end it before asking whether it may be stored.
        let first = series.of.clone().answer(first).await?;
        let rest = stream::try_unfold(series, |mut series| async move {
            let answer = series.go_on().await?;
            Ok(answer.map(|answer| (answer, series)))
        });
        Ok(Response::new(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }
}

/// A stream of mutations.
struct Series<M> {
    of: Each,
    /// The call's span, whose number stands in what its mutations write to the log.
    span: Span,
    messages: Streaming<M>,
}

impl<M: Decode + MutationRequest + Send + 'static> Series<M> {
    /// Takes the next one and answers it; `None` where the caller has said that there is none.
    async fn go_on<R>(&mut self) -> Result<Option<R>, Status>
    where
        M::Work: Write + Send,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse + Send + 'static,
    {
        let (granted, language) = (self.of.granted, self.of.caller.language);
        let idle = |_| Err(status::status(&Reason::SeriesIdle.into(), language));
        match timeout(granted, self.next()).await.unwrap_or_else(idle)? {
            Some(message) => self.answer(message).await.map(Some),
            None => Ok(None),
        }
    }

    /// The next one, likewise. `GATEWAY_STOPPING` once the gateway stops.
    async fn next(&mut self) -> Result<Option<M>, Status> {
        let caller = &self.of.caller;
        let refuse = |fault: Fault| status::status(&fault.into(), caller.language);
        tokio::select! {
            biased;
            () = self.of.gateway.exchange.ends() => Err(refuse(Reason::GatewayStopping.into())),
            message = self.messages.message() => {
                message.map_err(|status| status::fault_of_tonic(&status).map_or(status, refuse))
            }
        }
    }

    /// Carries one out, in a task of its own, which ends where nobody waits for the answer any more. HTTP/2 drives a stream only
    /// while its client reads: a mutation that waited for that would keep its locks and its connection meanwhile.
    async fn answer<R>(&mut self, message: M) -> Result<R, Status>
    where
        M::Work: Write + Send,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse + Send + 'static,
    {
        let mut task = JoinSet::new();
        task.spawn(self.of.clone().answer(message).instrument(self.span.clone()));
        match task.join_next().await {
            Some(Ok(answer)) => answer,
            _ => Err(self.of.panicked()),
        }
    }
}

/// How each mutation of a stream is carried out.
#[derive(Clone)]
struct Each {
    gateway: Gateway,
    method: &'static str,
    caller: Caller,
    /// The time that each has to come, once the one before it is answered, and then to be answered.
    granted: Duration,
}

impl Each {
    /// Carries one out, within its time.
    async fn answer<M, R>(mut self, message: M) -> Result<R, Status>
    where
        M: Decode + MutationRequest,
        M::Work: Write,
        R: Encode<<M::Work as Write>::Answer> + MutationResponse,
    {
        let until = Instant::now() + self.granted;
        self.caller.deadline = Some(Deadline(until.into_std()));
        self.caller.stored.set(false);
        let call = self.gateway.mutate(self.method, &self.caller, message);
        timeout_at(until, call).await.unwrap_or_else(|_| {
            let late =
                if self.caller.stored.get() { Reason::DeadlinePassed } else { Reason::NotStoredInTime };
            Err(status::status(&late.into(), self.caller.language))
        })
    }

    /// `INTERNAL_ERROR`, so that a panic costs one stream and its caller is told. The panic hook has written where it happened.
    fn panicked(&self) -> Status {
        let correlation = self.caller.correlation;
        tracing::error!(%correlation, "a mutation of a series panicked");
        let fault = Fault::from(Reason::InternalError).with("correlation", correlation);
        status::status(&fault.into(), self.caller.language)
    }
}
