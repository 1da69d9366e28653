//! Following changes: one stream, opened again wherever it breaks, from what was handed out last.
//!
//! Owns which ends of a stream are worth another try, without end, for who follows along outlives every restart of the gateway.

use std::time::Duration;

use tonic::{Request, Status, Streaming};

use super::{
    client::{Client, Endless, wait_after},
    refused::Refused,
};
use crate::{domain::outside::Entropy, proto::v1};

/// Follows what changes of what a system's agency may see.
pub struct Watch<'a> {
    client: &'a Client,
    entropy: &'a dyn Entropy,
    request: v1::WatchChangesRequest,
    stream: Option<Streaming<v1::WatchChangesResponse>>,
    failures: u32,
}

impl<'a> Watch<'a> {
    /// Follows from the request's cursor on. Nothing is asked yet.
    pub fn new(client: &'a Client, entropy: &'a dyn Entropy, request: v1::WatchChangesRequest) -> Self {
        Self { client, entropy, request, stream: None, failures: 0 }
    }

    /// The next answer. Where the stream breaks, tells why and how long it waits, and opens it again; the refusal where that
    /// helps nobody.
    pub async fn next(
        &mut self,
        broken: impl Fn(&Refused, Duration),
    ) -> Result<v1::WatchChangesResponse, Refused> {
        loop {
            let refused = match self.message().await {
                Ok(answer) => {
                    self.failures = 0;
                    self.request.cursor.clone_from(&answer.next_cursor);
                    return Ok(answer);
                }
                Err(status) => Refused::from(status),
            };
            self.stream = None;
            self.failures += 1;
            let Some(wait) = wait_after(&refused, self.failures, self.entropy) else { return Err(refused) };
            broken(&refused, wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn message(&mut self) -> Result<v1::WatchChangesResponse, Status> {
        if self.stream.is_none() {
            let mut request = Request::new(self.request.clone());
            request.extensions_mut().insert(Endless);
            self.stream = Some(self.client.change().watch_changes(request).await?.into_inner());
        }
        let message = match &mut self.stream {
            Some(stream) => stream.message().await?,
            None => None,
        };
        message.ok_or_else(|| Status::unavailable("the stream has ended"))
    }
}
