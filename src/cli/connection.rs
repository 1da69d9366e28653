//! The connection that every verb works on, and the ways of asking and sending that all verbs share.
//!
//! Owns request ids, etags that are read before a change, and paging. The noun files call it; `answers.rs` prints
//! what it was answered.

use std::{
    cell::RefCell,
    fs,
    io::{self, Read},
    path::Path,
};

use jiff::Timestamp;
use prost::{Message, Name};
use serde_json::Value;
use tonic::{Response, Status};

use super::{
    Context,
    failure::{Exit, Failure},
    input, names,
    options::{FromFile, Limit, Range, SendOptions, Target},
    screen::{self, Progress},
    when::{self, When},
    words,
};
use crate::{
    agent::{Client, Profile, client::retry},
    domain::{name::Collection, time::Zone},
    files::text_of,
    format::json::{Requests, requests_from_json, to_json},
    proto::{
        shape::{ChangeRequest, MutationRequest},
        v1,
    },
};

/// The largest page that the contract allows.
const PAGE_MAX: usize = 500;

/// A start and an end, as lists take them.
pub type Bounds = (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>);

/// The answers to the requests of one file, as far as they were sent.
pub struct Submitted<A> {
    pub answers: Vec<A>,
    /// Says that the file held an array.
    pub many: bool,
    pub dry_run: bool,
    /// Says that there was a file, so that paths lead somewhere.
    pub of_file: bool,
    /// The failure after which the rest was not sent.
    pub failure: Option<Failure>,
}

/// A resource as its change names it.
pub struct Resolved {
    pub name: String,
    pub etag: String,
}

/// A connection with everything that verbs need.
pub struct Connection<'a> {
    pub context: &'a Context<'a>,
    pub client: Client,
    pub profile: Profile,
    /// The caller's own agency, by its code.
    pub agency: String,
}

impl<'a> Connection<'a> {
    /// Finds the profile and connects.
    pub async fn open(context: &'a Context<'a>) -> Result<Self, Failure> {
        Self::of_profile(context, Profile::find(context.profile.as_deref())?).await
    }

    /// Connects as this profile.
    pub async fn of_profile(context: &'a Context<'a>, profile: Profile) -> Result<Self, Failure> {
        let client = Client::connect_again(&profile, context.language, context.entropy).await?;
        let agency = profile.agency.trim_start_matches("agencies/").to_owned();
        Ok(Self { context, client, profile, agency })
    }

    /// The full name of a resource.
    pub fn full<K: Collection>(&self, text: &str) -> String {
        names::full::<K>(text, &self.agency)
    }

    /// The full name of what a verb works on, and the etag that was typed; else the one that is read now.
    pub async fn resolve<K: Collection>(
        &self,
        target: &Target,
        read: impl AsyncFn(&str) -> Result<String, Failure>,
    ) -> Result<Resolved, Failure> {
        let name = self.full::<K>(&target.name);
        let etag = match &target.etag {
            Some(etag) => etag.clone(),
            None => read(&name).await?,
        };
        Ok(Resolved { name, etag })
    }

    /// Makes a call that reads.
    pub async fn ask<A>(&self, call: impl AsyncFn() -> Result<Response<A>, Status>) -> Result<A, Failure> {
        Ok(retry(self.context.entropy, call).await?)
    }

    /// Makes a call that changes something, under one request id however often it is tried.
    pub async fn send<Q: MutationRequest, A>(
        &self,
        sending: &SendOptions,
        mut request: Q,
        call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
    ) -> Result<A, Failure> {
        let id = sending.request_id.unwrap_or_else(|| self.context.entropy.uuid(self.context.clock.now()));
        *request.request_id_mut() = id.to_string();
        *request.validate_only_mut() |= sending.dry_run;
        let answer = retry(self.context.entropy, async || call(request.clone()).await).await;
        if answer.as_ref().is_err_and(|refused| refused.is_uncertain() && !sending.dry_run) {
            screen::note(&words::send_again(self.context.language, same_again(&to_json(&request))));
        }
        Ok(answer?)
    }

    /// Sends one request and prints what it changed.
    pub async fn change<Q: MutationRequest, A: Message + Name>(
        &self,
        sending: &SendOptions,
        request: Q,
        call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
    ) -> Result<Exit, Failure> {
        let answer = self.send(sending, request, call).await?;
        let dry_run = sending.dry_run;
        let answers = vec![answer];
        self.print_changes(Submitted { answers, many: false, dry_run, of_file: false, failure: None })
    }

    /// Sends what a file holds, each request in turn up to the first that is refused, and prints the changes.
    pub async fn submit<Q: MutationRequest, A: Message + Name>(
        &self,
        from: &FromFile,
        call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
    ) -> Result<Exit, Failure> {
        let sent = self.send_file(from, async |_| Ok(()), call).await?;
        self.print_changes(sent)
    }

    /// As [`Connection::submit`], for changes: where the file carries no etag, it is read before.
    pub async fn resubmit<Q: ChangeRequest, A: Message + Name>(
        &self,
        from: &FromFile,
        etag: impl AsyncFn(&str) -> Result<String, Failure>,
        call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
    ) -> Result<Exit, Failure> {
        let prepare = async |request: &mut Q| {
            if request.etag_mut().is_empty() {
                *request.etag_mut() = etag(request.resource()).await?;
            }
            Ok(())
        };
        let sent = self.send_file(from, prepare, call).await?;
        self.print_changes(sent)
    }

    /// Sends what a file holds, each request in turn up to the first that is refused.
    pub async fn send_file<Q: MutationRequest, A>(
        &self,
        from: &FromFile,
        prepare: impl AsyncFn(&mut Q) -> Result<(), Failure>,
        call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
    ) -> Result<Submitted<A>, Failure> {
        let path = from.path();
        let text = input::json_text(self.context.language, path, &self.read_bytes(path)?)?;
        let Requests { all: requests, many } = requests_from_json::<Q>(&text)
            .map_err(|errors| Failure::File { path: from.path().to_owned(), errors })?;
        if requests.len() > 1 && from.sending.request_id.is_some() {
            return Err(Failure::Usage(words::request_id_for_one(self.context.language)));
        }
        let all = requests.len();
        let progress = Progress::of(all, words::sent(self.context.language));
        let dry_run = from.sending.dry_run;
        let mut sent = Submitted { answers: Vec::new(), many, dry_run, of_file: true, failure: None };
        for mut request in requests {
            let prepared = prepare(&mut request).await;
            let answer = match prepared {
                Ok(()) => self.send(&from.sending, request, &call).await,
                Err(failure) => Err(failure),
            };
            match answer {
                Ok(answer) => sent.answers.push(answer),
                Err(failure) => {
                    sent.failure = Some(failure.of_file());
                    break;
                }
            }
            progress.reached(sent.answers.len());
        }
        drop(progress);
        if sent.failure.is_some() && !sent.answers.is_empty() {
            screen::note(&words::sent_before_failure(self.context.language, sent.answers.len(), all));
        }
        Ok(sent)
    }

    /// A text file, or standard input for `-`.
    pub fn read_file(&self, path: &Path) -> Result<String, Failure> {
        let text = text_of(&self.read_bytes(path)?);
        text.map(|text| text.to_string()).map_err(|error| Failure::io(self.context.language, path, &error))
    }

    /// A file, or standard input for `-`.
    pub fn read_bytes(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        let bytes = if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            fs::read(path)
        };
        bytes.map_err(|error| Failure::io(self.context.language, path, &error))
    }

    /// All pages of a list, up to the limit; says so on standard error where there is more.
    pub async fn pages<T, A>(
        &self,
        limit: &Limit,
        fetch: impl AsyncFn(i32, String) -> Result<Response<A>, Status>,
        split: impl Fn(A) -> (Vec<T>, String),
    ) -> Result<Vec<T>, Failure> {
        let limit = usize::try_from(limit.limit).unwrap_or(usize::MAX);
        let page_size = i32::try_from(limit.min(PAGE_MAX)).unwrap_or_default();
        let progress = Progress::endless(words::fetched(self.context.language));
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let (items, next) = split(self.ask(async || fetch(page_size, token.clone()).await).await?);
            all.extend(items);
            progress.reached(all.len());
            if next.is_empty() || all.len() >= limit {
                drop(progress);
                if all.len() > limit || !next.is_empty() {
                    screen::note(&words::limit_reached(self.context.language, limit));
                }
                all.truncate(limit);
                return Ok(all);
            }
            token = next;
        }
    }

    /// All pages of a list, and the last of them, which says more than its items.
    pub async fn whole<T, A: Default>(
        &self,
        fetch: impl AsyncFn(i32, String) -> Result<Response<A>, Status>,
        split: impl Fn(&mut A) -> (Vec<T>, String),
    ) -> Result<(Vec<T>, A), Failure> {
        let last = RefCell::new(A::default());
        let keep = |mut page: A| {
            let found = split(&mut page);
            last.replace(page);
            found
        };
        let items = self.pages(&Limit::ALL, fetch, keep).await?;
        Ok((items, last.into_inner()))
    }

    /// Now, in whole seconds, as the wire takes times.
    pub fn now(&self) -> Timestamp {
        let now = self.context.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// A range as lists take it. Days are those of the caller's agency, whose zone is asked for.
    pub async fn bounds(&self, range: &Range) -> Result<Bounds, Failure> {
        let days = [range.from, range.to].into_iter().flatten().any(When::is_day);
        let zone = if days { self.own_zone().await? } else { Zone::utc() };
        let now: Timestamp = self.context.clock.now();
        let from = range.from.and_then(|when| when.start(&zone, now)).map(when::to_proto);
        let to = range.to.and_then(|when| when.end(&zone, now)).map(when::to_proto);
        let seconds = |at: &Option<prost_types::Timestamp>| at.map(|at| at.seconds);
        if seconds(&from).zip(seconds(&to)).is_some_and(|(from, to)| to <= from) {
            return Err(Failure::Usage(words::to_before_from(self.context.language)));
        }
        Ok((from, to))
    }

    async fn own_zone(&self) -> Result<Zone, Failure> {
        let request = v1::GetAgencyRequest { name: names::agency(&self.agency) };
        let answer = self.ask(async || self.client.agency().get_agency(request.clone()).await).await?;
        Ok(Zone::from_store(answer.agency.unwrap_or_default().time_zone))
    }

    /// The name of the zone in which times are told that have none of their own: the caller's agency's. UTC where it
    /// cannot be learned; a screen does not fail over it.
    pub async fn told_zone(&self) -> String {
        match self.own_zone().await {
            Ok(zone) if zone.is_known() => zone.name().to_owned(),
            _ => "UTC".to_owned(),
        }
    }
}

/// The options that make a request the same as this one was.
fn same_again(request: &Value) -> String {
    let option = |field: &str| Some(format!("--{} {}", field.replace('_', "-"), request[field].as_str()?));
    ["request_id", "etag"].into_iter().filter_map(option).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_the_same_again_by_two_options() {
        let request =
            v1::ResumeAgencyRequest { request_id: "0192".into(), etag: "e".into(), ..Default::default() };
        assert_eq!(same_again(&to_json(&request)), "--request-id 0192 --etag e");
    }
}
