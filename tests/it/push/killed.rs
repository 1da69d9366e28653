//! Gateways that are killed and connections that break under load, between what is stored and the reply too: the same
//! requests again have the same answers, each with one entry, and nothing is there twice.

use gerbang::{
    agent::{Client, Profile},
    domain::{outside::Clock, reason::Language},
    proto::v1::{self, BatchOutcome},
    server::outside::SystemClock,
};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{Answer, CALLERS, SESSIONS, count, crowded, facts::assert_whole, roomy, start_push};
use crate::{
    cast::{AGREEMENT, Cast, PROGRAMME, PUSH, TRAINER, led_session, manpower, plan, push, terms, trainer},
    forge,
    revocation::Gateway,
    trips::{Counter, counted},
    world::{TRUST_DOMAIN, World, der, reason, url},
};

/// The push of this number: of [`TRAINER`], at an hour of its own, from tomorrow by either clock.
fn numbered(number: usize) -> v1::PushScheduleRequest {
    let hours = 48 + 4 * i64::try_from(number).unwrap();
    let start = SystemClock.now() + SignedDuration::from_hours(hours);
    let start = jiff::Timestamp::from_second(start.as_second()).unwrap();
    push(vec![led_session(&format!("s{number}"), &start.to_string(), TRAINER)])
}

/// What was asked and answered so far.
#[derive(Default)]
pub(super) struct Asked {
    pub requests: Vec<v1::PushScheduleRequest>,
    pub answers: Vec<Option<v1::PushScheduleResponse>>,
}

impl Asked {
    /// So many new ones; their numbers.
    pub fn more(&mut self, some: usize) -> std::ops::Range<usize> {
        let from = self.requests.len();
        self.requests.extend((from..from + some).map(numbered));
        self.answers.resize(from + some, None);
        from..from + some
    }

    pub fn heard(&mut self, number: usize, answer: Answer) {
        let Ok(answer) = answer else { return };
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
        let first = self.answers[number].get_or_insert_with(|| answer.clone());
        assert_eq!(*first, answer, "the same request has the same answer");
    }

    /// Sends all of them again, and asserts that each has one entry and one session.
    pub async fn assert_once_each(&mut self, cast: &Cast, client: &Client) {
        for number in 0..self.requests.len() {
            let answer = start_push(client, self.requests[number].clone()).await.unwrap();
            assert!(answer.is_ok(), "{answer:?}");
            self.heard(number, answer);
        }
        let entries = self.answers.iter().map(|answer| answer.as_ref().unwrap().entry.clone());
        let mut entries: Vec<_> = entries.collect();
        let pushed = cast.world.entries().await.into_iter().filter(|entry| entry.method == PUSH);
        let mut recorded: Vec<_> = pushed.map(|entry| entry.id.to_string()).collect();
        entries.sort_unstable();
        recorded.sort_unstable();
        assert_eq!(recorded, entries, "an entry for each");
        assert_eq!(count(&cast.world, SESSIONS).await, i64::try_from(entries.len()).unwrap());
        assert_whole(&cast.world).await;
    }
}

/// A programme that is open by the real clock too, by which gateways in processes of their own go, and a profile for it.
pub(super) async fn by_the_real_clock() -> (Cast, Profile) {
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", roomy()).await).await;
    let long = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::TermMonths(600)),
        duration_class: v1::DurationClass::Long.into(),
        ..terms("blk-kepri", manpower())
    };
    cast.agree(&cast.blk, AGREEMENT, long).await;
    // Thousands of sessions are within it.
    let long = v1::ProgrammePlan { lesson_minutes: 180, ..plan(manpower()) };
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, long).await;
    cast.blk.trainer().register_trainer(trainer(TRAINER, "")).await.unwrap();
    cast.world.keys.write_new(&cast.world.config.vault).unwrap();
    let today = forge::Profile::client(TRUST_DOMAIN, "blk-kepri", "jadwal").around(SystemClock.now());
    let issued = cast.world.issue_as("blk-kepri", "jadwal", today);
    cast.world.register_certificate("blk-kepri", "jadwal", &der(&issued.certificate_pem)).await;
    let profile = cast.world.profile("blk-kepri", "jadwal");
    (cast, profile)
}

pub(super) async fn connect(profile: &Profile, gateway: &Gateway) -> Client {
    let profile = Profile { address: gateway.address.clone(), ..profile.clone() };
    Client::connect(&profile, Language::English).await.unwrap()
}

/// Killed once so many of sixteen have their answer, and the others are under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_that_is_killed_under_sixteen_callers_loses_and_doubles_nothing() {
    let (cast, profile) = by_the_real_clock().await;
    let mut asked = Asked::default();
    for (round, answered) in [1, 3, 7, 12].into_iter().enumerate() {
        let real = |role: &str| url(role, &cast.world.database);
        let gateway = Gateway::start(&cast.world, &format!("killed-{round}"), real).await;
        let client = connect(&profile, &gateway).await;
        let mut calls = JoinSet::new();
        for number in asked.more(CALLERS) {
            let (mut schedule, request) = (client.schedule(), asked.requests[number].clone());
            calls.spawn(async move {
                (number, schedule.push_schedule(request).await.map(tonic::Response::into_inner))
            });
        }
        for _ in 0..answered {
            let (number, answer) = calls.join_next().await.unwrap().unwrap();
            asked.heard(number, answer);
        }
        gateway.process.kill().await;
        while let Some(call) = calls.join_next().await {
            let (number, answer) = call.unwrap();
            asked.heard(number, answer);
        }
    }
    let real = |role: &str| url(role, &cast.world.database);
    let gateway = Gateway::start(&cast.world, "last", real).await;
    let client = connect(&profile, &gateway).await;
    asked.assert_once_each(&cast, &client).await;
}

/// Killed when the database has answered one of the last round trips of a push, and the gateway has not heard it; at the latest
/// when that was the one that stores.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_that_is_killed_between_the_store_and_the_reply_loses_and_doubles_nothing() {
    let (cast, profile) = by_the_real_clock().await;
    let counter = Counter::new(&cast.world);
    // The keeper gives entries their places meanwhile.
    let counted = |role: &str| {
        let url = url(role, &cast.world.database);
        if role == "gerbang_keeper" { url } else { counter.url(&url) }
    };
    let mut asked = Asked::default();
    let mut was_between = false;
    // The last is the one that stores; a gateway that looks after the database meanwhile makes a trip of its own.
    for (round, before_the_last) in [1, 2, 0, 0, 0, 0].into_iter().enumerate() {
        let gateway = Gateway::start(&cast.world, &format!("killed-{round}"), counted).await;
        let client = connect(&profile, &gateway).await;
        // By the third the connection has parsed everything.
        let mut trips = 0;
        for number in asked.more(3) {
            counter.take();
            let answer = start_push(&client, asked.requests[number].clone()).await.unwrap();
            asked.heard(number, answer);
            trips = counter.take();
        }
        counter.lose(trips.saturating_sub(before_the_last).max(1));
        let number = asked.more(1).start;
        let mut call = start_push(&client, asked.requests[number].clone());
        let answer = tokio::select! {
            () = counter.until_lost() => {
                let stored = count(&cast.world, SESSIONS).await;
                gateway.process.kill().await;
                counter.cut();
                let answer = call.await.unwrap();
                was_between |= answer.is_err() && stored == i64::try_from(number).unwrap() + 1;
                answer
            }
            answer = &mut call => {
                counter.lose(0);
                gateway.process.kill().await;
                answer.unwrap()
            }
        };
        asked.heard(number, answer);
        let again = start_push(&cast.blk, asked.requests[number].clone()).await.unwrap();
        assert!(again.is_ok(), "{again:?}");
        asked.heard(number, again);
        if was_between {
            break;
        }
    }
    assert!(was_between, "no kill came between the store and the reply");
    let gateway = Gateway::start(&cast.world, "last", counted).await;
    let client = connect(&profile, &gateway).await;
    asked.assert_once_each(&cast, &client).await;
}

/// The connection breaks at each of the round trips of a push in turn, after the database has answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_whose_connection_breaks_after_any_trip_is_stored_once() {
    let (cast, counter) = counted(1).await;
    let mut asked = Asked::default();
    for trip in 1.. {
        let number = asked.more(1).start;
        counter.lose(trip);
        let mut call = start_push(&cast.blk, asked.requests[number].clone());
        let answer = tokio::select! {
            () = counter.until_lost() => None,
            answer = &mut call => Some(answer.unwrap()),
        };
        if let Some(answer) = answer {
            counter.lose(0);
            assert!(trip > 1 && answer.is_ok(), "trip {trip}: {answer:?}");
            asked.heard(number, answer);
            break;
        }
        counter.cut();
        let answer = call.await.unwrap();
        if let Err(status) = &answer {
            assert_eq!(reason(status), "DATABASE_AWAY", "trip {trip}: {status:?}");
        }
        asked.heard(number, answer);
        let again = start_push(&cast.blk, asked.requests[number].clone()).await.unwrap();
        assert!(again.is_ok(), "trip {trip}: {again:?}");
        asked.heard(number, again);
        assert_eq!(cast.recorded(PUSH).await, asked.requests.len(), "trip {trip}");
    }
    asked.assert_once_each(&cast, &cast.blk).await;
}

/// Pushes of each caller while backends are ended.
const EACH: usize = 5;

/// All backends of the gateway are ended whenever some more pushes have been stored; each caller sends the same again until
/// it is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_whose_backends_are_ended_under_sixteen_callers_are_stored_once() {
    let cast = crowded().await;
    let mut asked = Asked::default();
    let (heard, mut answers) = tokio::sync::mpsc::channel(CALLERS);
    for _ in 0..CALLERS {
        let numbers = asked.more(EACH);
        let requests = asked.requests[numbers.clone()].to_vec();
        let (client, heard) = (cast.blk.clone(), heard.clone());
        tokio::spawn(async move {
            for (number, request) in numbers.zip(requests) {
                heard.send((number, until_answered(&client, &request).await)).await.unwrap();
            }
        });
    }
    drop(heard);
    let mut superuser = cast.world.superuser().await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'gerbang_gateway'";
    let mut stored = 0;
    while let Some((number, answer)) = answers.recv().await {
        asked.heard(number, Ok(answer));
        stored += 1;
        if stored % 7 == 0 {
            sqlx::query(end).execute(&mut superuser).await.unwrap();
        }
    }
    assert_eq!(stored, CALLERS * EACH);
    asked.assert_once_each(&cast, &cast.blk).await;
}

async fn until_answered(client: &Client, request: &v1::PushScheduleRequest) -> v1::PushScheduleResponse {
    loop {
        match start_push(client, request.clone()).await.unwrap() {
            Ok(answer) => return answer,
            Err(status) => assert_eq!(reason(&status), "DATABASE_AWAY", "{status:?}"),
        }
    }
}
