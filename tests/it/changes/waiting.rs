//! Calls that wait for changes: told at once, of their own, and kept by nobody beyond their time.

use gerbang::{agent::Client, config::Limits, proto::v1};
use tokio::task::JoinHandle;
use tonic::Status;

use super::{end, seen};
use crate::{
    cast::{Cast, push, session},
    isolation::SESSION,
    push::shut,
    world::{World, reason},
};

type Answer = Result<v1::ListChangesResponse, Status>;

/// Asks for what comes after a cursor, and waits for it. Returns once the gateway has looked for the first time.
async fn waits(world: &World, client: &Client, wait_seconds: i32) -> JoinHandle<Answer> {
    let cursor = end(world, client).await;
    let mut superuser = world.superuser().await;
    let began: f64 = sqlx::query_scalar("SELECT extract(epoch FROM clock_timestamp())::float8")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    let request = v1::ListChangesRequest { cursor, wait_seconds, ..Default::default() };
    let client = client.clone();
    let waiting =
        tokio::spawn(
            async move { client.change().list_changes(request).await.map(tonic::Response::into_inner) },
        );
    let asked =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
        AND query LIKE '%changes_of_caller%' AND query_start > to_timestamp($1) AND pid <> pg_backend_pid())";
    while !sqlx::query_scalar::<_, bool>(asked).bind(began).fetch_one(&mut superuser).await.unwrap() {}
    waiting
}

/// A call that waits is answered once there is something for it, and not by what is for others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_is_told_at_once_and_of_its_own() {
    let cast = Cast::ready().await;
    let others = waits(&cast.world, &cast.dkp, 2).await;
    let own = waits(&cast.world, &cast.lapas, 20).await;
    let answer = cast.blk.schedule().push_schedule(push(vec![session("s1", "2026-03-10T01:00:00Z")])).await;
    let entry = answer.unwrap().into_inner().entry;
    let told = own.await.unwrap().unwrap();
    assert_eq!(seen(&told.changes), [(v1::ChangeEffect::Created, SESSION.to_owned(), 1)]);
    assert_eq!(told.changes[0].entry, entry);
    let others = others.await.unwrap().unwrap();
    assert_eq!((others.changes, others.caught_up), (Vec::new(), true), "it has no part in it");
}

/// A gateway that ends answers those that wait with what there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_that_ends_leaves_nobody_waiting() {
    let mut cast = Cast::ready().await;
    let waiting = waits(&cast.world, &cast.blk, 20).await;
    cast.world.stop().await;
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!((answer.changes, answer.caught_up), (Vec::new(), true));
}

/// A call whose time is over before its wait is answered with what there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wait_ends_before_its_call() {
    let limits = Limits { deadline_seconds: 3, ..Limits::default() };
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", limits).await).await;
    let answer = waits(&cast.world, &cast.blk, 20).await.await.unwrap().unwrap();
    assert_eq!((answer.changes, answer.caught_up), (Vec::new(), true));
}

/// Each look asks the registry: who is no longer let in is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_revoked_meanwhile_is_told_nothing_more() {
    let cast = Cast::ready().await;
    let waiting = waits(&cast.world, &cast.blk, 20).await;
    shut::revoke(&cast).await;
    let refused = waiting.await.unwrap().unwrap_err();
    assert_eq!(reason(&refused), "CERTIFICATE_REVOKED");
}

/// Those who follow along have places of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_keeps_no_call_of_its_agency_out() {
    let limits = Limits { calls_per_agency: 2, pool_size: 8, ..Limits::default() };
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", limits).await).await;
    let mut waiting = Vec::new();
    for _ in 0..5 {
        waiting.push(waits(&cast.world, &cast.blk, 20).await);
    }
    for _ in 0..5 {
        cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    }
    assert!(!waiting.iter().any(JoinHandle::is_finished));
    waiting.iter().for_each(JoinHandle::abort);
}
