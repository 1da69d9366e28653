//! Following changes: one stream, opened again wherever it breaks, from what was handed out last.
//!
//! Owns which ends of a stream are worth another try, without end, for who follows along outlives every restart of the gateway and
//! every renewal of its certificate.

use std::{fs, time::Duration};

use tonic::{Request, Status, Streaming};

use super::{
    client::{Client, Endless, wait_to_read},
    profile::Profile,
    refused::Refused,
};
use crate::{
    domain::{outside::Entropy, reason::Language},
    proto::v1,
};

/// Follows what changes of what a system's agency may see.
pub struct Watch<'a> {
    profile: &'a Profile,
    language: Language,
    entropy: &'a dyn Entropy,
    client: Client,
    /// The profile's certificate when the client was made.
    certificate: Option<Vec<u8>>,
    request: v1::WatchChangesRequest,
    stream: Option<Streaming<v1::WatchChangesResponse>>,
    failures: u32,
}

impl<'a> Watch<'a> {
    /// Follows from the request's cursor on, by a client of this profile. Nothing is asked yet.
    pub fn new(
        client: Client,
        profile: &'a Profile,
        language: Language,
        entropy: &'a dyn Entropy,
        request: v1::WatchChangesRequest,
    ) -> Self {
        let certificate = fs::read(&profile.certificate).ok();
        Self { profile, language, entropy, client, certificate, request, stream: None, failures: 0 }
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
            if self.is_renewed().await {
                continue;
            }
            let Some(wait) = wait_to_read(&refused, self.failures, self.entropy) else { return Err(refused) };
            broken(&refused, wait);
            tokio::time::sleep(wait).await;
        }
    }

    /// The client by which it follows now: it has the certificate of today.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the profile has another certificate than the client came with, which has a client now.
    async fn is_renewed(&mut self) -> bool {
        let now = fs::read(&self.profile.certificate).ok();
        if now.is_none() || now == self.certificate {
            return false;
        }
        let Ok(client) = Client::connect(self.profile, self.language).await else { return false };
        (self.client, self.certificate) = (client, now);
        true
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
