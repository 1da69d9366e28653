//! A gateway, or the way to its database, that stands still: what it holds it gives back soon, and what it meets
//! afterwards is no fault of the next caller.

use gerbang::{
    proto::v1::{self, BatchOutcome},
    store::Database,
};

use crate::{
    cast::{Cast, TRAINER, led_session, push, session, session_name},
    failure::channel,
    link::Link,
    world::{World, request_id},
};

const START: &str = "2026-03-10T01:00:00Z";

async fn backend(database: &Database) -> i32 {
    let mut look = database.look().await.unwrap();
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *look).await.unwrap()
}

/// Nobody knows what such a connection is in, so nobody gets it.
#[tokio::test]
async fn a_connection_whose_begin_was_cut_is_thrown_away() {
    let world = World::start().await;
    let link = Link::new(&world.folder);
    let database = Database::open(&link.url(&world.config.database_url), 1).unwrap();
    let before = backend(&database).await;
    assert_eq!(backend(&database).await, before, "a connection is used again");
    link.hold("BEGIN");
    tokio::select! {
        _ = database.look() => panic!("BEGIN was held"),
        () = link.until_held(1) => {}
    }
    link.release();
    assert_ne!(backend(&database).await, before);
}

/// A gateway that stands still with a programme locked stops it for others for a few seconds, and finds its own cancellation
/// done once it goes on: by another connection, for the database has ended the one that it had.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_frozen_in_a_transaction_gives_its_locks_back() {
    let mut cast = Cast::ready().await;
    let honest = channel(&cast.world.profile("blk-kepri", "jadwal")).await;
    let (link, _other) = Link::before_a_gateway(&mut cast.world).await;
    let frozen = cast.world.connect("blk-kepri", "jadwal").await;

    let etag = cast.push(vec![led_session("s1", START, TRAINER)]).await.results[0].etag.clone();
    link.hold("UPDATE session");
    let held = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: session_name("s1"), etag }],
        note: "Ruang dipakai".to_owned(),
        ..Default::default()
    };
    let cancelling = tokio::spawn({
        let held = held.clone();
        async move { frozen.schedule().cancel_sessions(held).await.map(tonic::Response::into_inner) }
    });
    link.until_held(1).await;
    // Longer than the four seconds after which the database ends a session that stands still in a transaction.
    let mut other = tonic::Request::new(push(vec![session("s2", "2026-03-11T01:00:00Z")]));
    other.set_timeout(std::time::Duration::from_secs(15));
    // By the gateway that goes on, without our own client's idea of how long a call may take.
    let stored = v1::schedule_service_client::ScheduleServiceClient::new(honest)
        .push_schedule(other)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(stored.outcome(), BatchOutcome::Stored);

    link.release();
    let answer = cancelling.await.unwrap().unwrap();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    let again = cast.blk.schedule().cancel_sessions(held).await.unwrap().into_inner();
    assert_eq!(again, answer, "it was stored once");
}
