//! One push stands at a lock that somebody holds. Fifteen others do not: they are answered while it is held.

use gerbang::proto::v1;
use sqlx::PgConnection;

use super::{
    CALLERS, LEADS, agreement, client, facts::assert_whole, push_as, start_push, three_leads, trainer_name,
};
use crate::{
    cast::{Cast, led_session, session},
    failure::until_waiting,
};

/// The key of `store::lock` for an id.
macro_rules! key {
    ($id:literal) => {
        concat!("('x' || encode(substr(sha256(", $id, "), 1, 4), 'hex'))::bit(32)::int4")
    };
}

/// Holds an agreement as a transition does, until the connection is dropped.
async fn hold_agreement(cast: &Cast, lead: &str) -> PgConnection {
    const HOLD: &str = concat!(
        "SELECT pg_advisory_lock(1, ",
        key!("uuid_send(id)"),
        ") FROM agreement WHERE 'agencies/' || author || '/agreements/' || ref = $1"
    );
    hold(cast, HOLD, &agreement(lead)).await
}

/// Holds a person as a push that books the trainer does.
async fn hold_trainer(cast: &Cast, name: &str) -> PgConnection {
    const HOLD: &str = concat!(
        "SELECT pg_advisory_lock(3, ",
        key!("booking_key"),
        ") FROM trainer WHERE 'agencies/' || agency || '/trainers/' || ref = $1"
    );
    hold(cast, HOLD, name).await
}

async fn hold(cast: &Cast, hold: &'static str, name: &str) -> PgConnection {
    let mut holder = cast.world.owner().await;
    let held = sqlx::query(hold).bind(name).execute(&mut holder).await.unwrap();
    assert_eq!(held.rows_affected(), 1, "{name}");
    holder
}

fn day(number: usize) -> String {
    format!("2026-04-{:02}T01:00:00Z", number + 1)
}

/// Fifteen pushes of the other two agencies.
fn others() -> Vec<(usize, v1::PushScheduleRequest)> {
    let pushes = (1..CALLERS).map(|number| {
        let lead = 1 + number % 2;
        let draft = led_session(&format!("o{number}"), &day(number), &trainer_name(LEADS[lead], 1));
        (lead, push_as(LEADS[lead], vec![draft]))
    });
    pushes.collect()
}

/// The stuck push is sent first and waits already when the others come, or is sent among them.
async fn fifteen_are_answered_before_the_one(
    cast: &Cast,
    holder: PgConnection,
    one: v1::PushScheduleRequest,
    first: bool,
) {
    let mut stuck = None;
    if first {
        stuck = Some(start_push(&cast.blk, one.clone()));
        until_waiting(&cast.world, "advisory", 1).await;
    }
    let mut calls = Vec::new();
    for (place, (lead, request)) in others().into_iter().enumerate() {
        if place == CALLERS / 2 && !first {
            stuck = Some(start_push(&cast.blk, one.clone()));
        }
        calls.push(start_push(client(cast, LEADS[lead]), request));
    }
    for call in calls {
        let answer = call.await.unwrap().unwrap();
        assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    }
    let stuck = stuck.unwrap();
    until_waiting(&cast.world, "advisory", 1).await;
    assert!(!stuck.is_finished(), "it came past the lock");
    drop(holder);
    let answer = stuck.await.unwrap().unwrap();
    assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
    assert_whole(&cast.world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifteen_are_answered_while_one_waits_for_its_agreement() {
    for first in [true, false] {
        let cast = three_leads().await;
        let holder = hold_agreement(&cast, LEADS[0]).await;
        let one = push_as(LEADS[0], vec![session("one", &day(0))]);
        fifteen_are_answered_before_the_one(&cast, holder, one, first).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifteen_are_answered_while_one_waits_for_its_trainer() {
    for first in [true, false] {
        let cast = three_leads().await;
        let holder = hold_trainer(&cast, &trainer_name(LEADS[0], 2)).await;
        let one = push_as(LEADS[0], vec![led_session("one", &day(0), &trainer_name(LEADS[0], 2))]);
        fifteen_are_answered_before_the_one(&cast, holder, one, first).await;
    }
}
