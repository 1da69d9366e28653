//! What goes wrong around a call: the database goes away, the caller hangs up, a party suspends the agreement in
//! the same moment. Nothing is lost, and nothing is half done.
//!
//! A test stops a call at a known point by locking a table that the call comes to, and waits until it is there.

use std::time::Duration;

use gerbang::{
    agent::Profile,
    proto::v1::{self, BatchOutcome},
};
use sqlx::PgConnection;
use tonic::{
    Code, Streaming,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
    health_client::HealthClient,
};

use crate::{
    cast::{AGREEMENT, Cast, PUSH, TRAINER, again, agreement_etag, led_session, push, session, session_name},
    push::{Answer, start_push},
    world::{World, details, reason, request_id},
};

const START: &str = "2026-03-10T01:00:00Z";
const SUSPEND: &str = "AgreementService/SuspendAgreement";
const RESUME: &str = "AgreementService/ResumeAgreement";

/// Whoever comes to `table` waits until the connection that this answers with is dropped.
pub async fn block(world: &World, table: &str) -> PgConnection {
    lock(world, table, "ACCESS EXCLUSIVE").await
}

/// Whoever writes to `table` waits: a push that has read what it is held against, where it stores.
pub async fn block_writers(world: &World, table: &str) -> PgConnection {
    lock(world, table, "SHARE").await
}

async fn lock(world: &World, table: &str, mode: &str) -> PgConnection {
    let mut holder = world.owner().await;
    let lock = format!("BEGIN; LOCK TABLE {table} IN {mode} MODE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut holder).await.unwrap();
    holder
}

pub async fn release(mut holder: PgConnection) {
    sqlx::raw_sql("COMMIT").execute(&mut holder).await.unwrap();
}

/// Waits until so many transactions of this database wait for a lock of this kind: `relation` or `advisory`.
pub async fn until_waiting(world: &World, kind: &str, count: i64) {
    let mut owner = world.owner().await;
    let waiting =
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype = $1 AND database =
                          (SELECT oid FROM pg_database WHERE datname = current_database())";
    while sqlx::query_scalar::<_, i64>(waiting).bind(kind).fetch_one(&mut owner).await.unwrap() < count {}
}

/// Waits until so many pushes wait for `table`: where they store, when each has the lock of its request, or where they ask,
/// when none has. Others may wait for the same table, such as who notes in the ledger that a certificate was seen.
pub async fn until_pushes_wait(world: &World, count: i64, table: &str, stores: bool) {
    let mut owner = world.owner().await;
    let waiting = "SELECT count(*) FROM pg_locks waits
                    WHERE NOT granted AND locktype = 'relation' AND relation = to_regclass($1)::oid
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND $2 = EXISTS (SELECT FROM pg_locks has
                                        WHERE has.pid = waits.pid AND has.granted AND has.locktype = 'advisory'
                                          AND has.classid = 11 AND has.objsubid = 2)";
    let now = || sqlx::query_scalar::<_, i64>(waiting).bind(table).bind(stores);
    while now().fetch_one(&mut owner).await.unwrap() < count {}
}

/// How many deadlocks this database has seen, which a retry would hide. A backend hands in its count at the latest when it
/// ends, so the database goes away for a moment.
pub async fn deadlocks(world: &World) -> i64 {
    world.take_database_away().await;
    world.give_database_back().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    sqlx::query_scalar(deadlocks).fetch_one(&mut world.owner().await).await.unwrap()
}

/// Waits until a transaction that has an agreement, to itself or with others, waits for a table. Who notes in the ledger
/// that a certificate was seen may wait for the same table, and has no agreement.
async fn until_one_with_an_agreement_waits(world: &World, mode: &str) {
    let mut owner = world.owner().await;
    let waiting = "SELECT EXISTS (SELECT FROM pg_locks waits JOIN pg_locks has USING (pid)
                    WHERE NOT waits.granted AND waits.locktype = 'relation'
                      AND waits.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                      AND has.granted AND has.locktype = 'advisory' AND has.classid = 1 AND has.objsubid = 2
                      AND has.mode = $1)";
    while !sqlx::query_scalar::<_, bool>(waiting).bind(mode).fetch_one(&mut owner).await.unwrap() {}
}

/// Where a push stands still: where it asks, and where it stores a row of each of these tables.
const POINTS: [Option<&str>; 5] =
    [None, Some("replay"), Some("session"), Some("assignment"), Some("ledger_entry")];

/// Has the next push stand still there; begins it and waits until it does.
async fn hold_push(
    cast: &Cast,
    request: v1::PushScheduleRequest,
    point: Option<&str>,
) -> (PgConnection, tokio::task::JoinHandle<Answer>) {
    let holder = match point {
        Some(table) => block_writers(&cast.world, table).await,
        None => block(&cast.world, "session").await,
    };
    let pushing = start_push(&cast.blk, request);
    until_pushes_wait(&cast.world, 1, point.unwrap_or("session"), point.is_some()).await;
    (holder, pushing)
}

fn assert_away(status: &tonic::Status) {
    assert_eq!((status.code(), reason(status).as_str()), (Code::Unavailable, "DATABASE_AWAY"), "{status:?}");
    let retry = details(status).retry_info().and_then(|info| info.retry_delay);
    assert_eq!(retry, Some(Duration::from_secs(2)));
    assert!(!status.message().contains("terminating"), "nothing of Postgres' own text: {status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_database_goes_away_during_a_push_and_the_retry_succeeds_once() {
    for point in POINTS {
        let cast = Cast::ready().await;
        let request = push(vec![led_session("s1", START, TRAINER)]);
        let (holder, pushing) = hold_push(&cast, request.clone(), point).await;
        cast.world.take_database_away().await;
        drop(holder);
        assert_away(&pushing.await.unwrap().unwrap_err());
        assert_away(&start_push(&cast.blk, request.clone()).await.unwrap().unwrap_err());
        let read = v1::GetSessionRequest { name: session_name("s1") };
        assert_away(&cast.lapas.schedule().get_session(read).await.unwrap_err());

        cast.world.give_database_back().await;
        assert_eq!(cast.recorded(PUSH).await, 0, "{point:?}");
        let answer = start_push(&cast.blk, request.clone()).await.unwrap().unwrap();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{point:?}");
        let again = start_push(&cast.blk, request.clone()).await.unwrap().unwrap();
        assert_eq!(again, answer);
        cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
        assert_eq!(cast.recorded(PUSH).await, 1, "{point:?}");
    }
}

/// A connection as a client of any language has it.
pub async fn channel(profile: &Profile) -> Channel {
    let read = |path| std::fs::read_to_string(path).unwrap();
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read(&profile.ca)))
        .identity(Identity::from_pem(read(&profile.certificate), read(&profile.key)))
        .domain_name(&profile.server_name);
    let endpoint = Endpoint::from_shared(profile.address.clone()).unwrap().tls_config(tls).unwrap();
    endpoint.connect().await.unwrap()
}

#[tokio::test]
async fn health_says_when_the_database_is_away_and_when_it_is_back() {
    let world = World::start().await;
    let mut health = HealthClient::new(channel(&world.profile("operator", "admin")).await);
    let request = HealthCheckRequest { service: "gerbang.v1.ScheduleService".to_owned() };
    let until = async |watch: &mut Streaming<HealthCheckResponse>, wanted: ServingStatus| {
        while watch.message().await.unwrap().unwrap().status() != wanted {}
    };
    let mut watch = health.watch(request.clone()).await.unwrap().into_inner();
    until(&mut watch, ServingStatus::Serving).await;
    world.take_database_away().await;
    let whole = HealthCheckRequest::default();
    let answer = health.check(whole.clone()).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::NotServing, "it answers at once, and says no");
    until(&mut watch, ServingStatus::NotServing).await;
    assert_away(&watch.message().await.unwrap_err());
    world.issue("blk-kepri", "lain");
    let mut anybody = HealthClient::new(channel(&world.profile("blk-kepri", "lain")).await);
    let answer = anybody.check(whole.clone()).await.unwrap().into_inner();
    assert_eq!(answer.status(), ServingStatus::NotServing, "also to who cannot be looked up");
    world.give_database_back().await;
    let mut watch = health.watch(request).await.unwrap().into_inner();
    until(&mut watch, ServingStatus::Serving).await;
    assert_eq!(reason(&anybody.check(whole).await.unwrap_err()), "CERTIFICATE_NOT_REGISTERED");
}

/// The caller hangs up while its push waits at a table. Whether the push then ends or is undone, the same request
/// sent again finds it done whole, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_whose_caller_hangs_up_is_not_half_done() {
    let cast = Cast::ready().await;
    for (round, point) in POINTS.into_iter().enumerate() {
        let uids = [format!("a{round}"), format!("b{round}")];
        let day = format!("2026-03-{}T01:00:00Z", 10 + round);
        let request = push(vec![led_session(&uids[0], &day, TRAINER), session(&uids[1], &day)]);
        let (holder, pushing) = hold_push(&cast, request.clone(), point).await;
        pushing.abort();
        assert!(pushing.await.unwrap_err().is_cancelled());
        release(holder).await;
        let answer = start_push(&cast.blk, request.clone()).await.unwrap().unwrap();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{point:?}");
        let names = uids.each_ref().map(|uid| session_name(uid));
        cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
        assert_eq!(cast.recorded(PUSH).await, round + 1, "{point:?}");
        assert_eq!(cast.pull(&cast.lapas).await.len(), round + 1, "{point:?}");
    }
}

/// Who suspends waits for a push that has passed the gate.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_suspension_comes_after_a_push_that_passed_the_gate() {
    let cast = Cast::ready().await;
    // One that is stored in part keeps its locks as long as it has to wait; another would be judged again.
    let nobody = "agencies/blk-kepri/trainers/nobody";
    let sessions = vec![session("s1", START), led_session("s2", START, nobody)];
    let request = v1::PushScheduleRequest { mode: v1::BatchMode::BestEffort.into(), ..push(sessions) };
    let holder = block_writers(&cast.world, "ledger_entry").await;
    let pushing = start_push(&cast.blk, request.clone());
    until_one_with_an_agreement_waits(&cast.world, "ShareLock").await;
    let (suspended, ()) = tokio::join!(cast.suspend(&cast.lapas, AGREEMENT), async {
        until_waiting(&cast.world, "advisory", 1).await;
        release(holder).await;
    });
    let (pushed, suspended) = (pushing.await.unwrap().unwrap(), suspended.unwrap());
    assert_eq!(pushed.outcome(), BatchOutcome::Partial);
    cast.world.assert_entry(&pushed.entry, PUSH, &[&session_name("s1")]).await;
    cast.world.assert_entry(&suspended.change.unwrap().entry, SUSPEND, &[AGREEMENT]).await;
    let methods: Vec<_> = cast.world.entries().await.into_iter().map(|entry| entry.method).collect();
    assert_eq!(methods[methods.len() - 2..], [PUSH, SUSPEND]);
}

/// A push waits for a suspension under way, and is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_that_comes_after_a_suspension_has_begun_is_refused() {
    let cast = Cast::ready().await;
    let holder = block_writers(&cast.world, "ledger_entry").await;
    let (suspended, refused) = tokio::join!(cast.suspend(&cast.lapas, AGREEMENT), async {
        until_one_with_an_agreement_waits(&cast.world, "ExclusiveLock").await;
        let pushing = start_push(&cast.blk, push(vec![session("s1", START)]));
        until_waiting(&cast.world, "advisory", 1).await;
        release(holder).await;
        pushing.await.unwrap().unwrap_err()
    });
    cast.world.assert_entry(&suspended.unwrap().change.unwrap().entry, SUSPEND, &[AGREEMENT]).await;
    assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE");
    assert_eq!(cast.recorded(PUSH).await, 0);
}

/// Whatever the timing: no push is recorded between a suspension and the resumption after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_push_is_stored_under_a_suspended_agreement() {
    let cast = Cast::ready().await;
    let mut draft = session("s1", START);
    for round in 0..25 {
        draft = v1::SessionDraft { topic: format!("Materi {round}"), ..again(draft) };
        let later = async |turns: usize| {
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
        };
        let request = push(vec![draft.clone()]);
        let (pushed, suspended) = tokio::join!(
            async {
                later(round * 20).await;
                start_push(&cast.blk, request.clone()).await.unwrap()
            },
            async {
                later((24 - round) * 20).await;
                cast.suspend(&cast.lapas, AGREEMENT).await
            }
        );
        cast.world.assert_entry(&suspended.unwrap().change.unwrap().entry, SUSPEND, &[AGREEMENT]).await;
        match pushed {
            Ok(answer) => cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await,
            Err(refused) => assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE"),
        }
        let resume = v1::ResumeAgreementRequest {
            request_id: request_id(),
            name: AGREEMENT.to_owned(),
            etag: agreement_etag(&cast.lapas, AGREEMENT).await,
            ..Default::default()
        };
        cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    }
    let mut open = true;
    for entry in cast.world.entries().await {
        match entry.method.as_str() {
            SUSPEND => open = false,
            RESUME => open = true,
            PUSH => assert!(open, "a push behind a suspension"),
            _ => {}
        }
    }
}
