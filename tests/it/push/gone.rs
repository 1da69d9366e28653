//! Callers that go away while their push is judged or stored: the others go on, and nothing stays behind, neither half of
//! a push nor a connection.

use gerbang::proto::v1::{self, BatchOutcome};

use super::{
    CALLERS, SESSIONS, count, crowded, facts::assert_whole, push_as, roomy, start_push, three_leads,
};
use crate::{
    cast::{Cast, PUSH, TRAINER, led_session, push, session},
    failure::{block_writers, release, until_pushes_wait},
    world::World,
};

/// Transactions of a gateway that nobody works in.
const NONE_IDLE: &str = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND usename = 'gerbang_gateway' AND state LIKE 'idle in transaction%')";
const CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'gerbang_gateway'";

/// The pool of calls, the connections of the two leaders, and the one by which a gateway asks whether the database is there.
async fn assert_left_in_order(world: &World) {
    world.until(NONE_IDLE).await;
    let connections = count(world, CONNECTIONS).await;
    assert!(connections <= i64::from(roomy().pool_size) + 3, "{connections} connections");
    let locks = "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid <> 9
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    world.until(locks).await;
}

fn request(number: usize) -> v1::PushScheduleRequest {
    let start = format!("2026-{:02}-{:02}T01:00:00Z", 4 + number / 28, 1 + number % 28);
    push(vec![led_session(&format!("s{number}"), &start, TRAINER)])
}

/// All of them, sent again, are stored once.
async fn assert_sent_again(cast: &Cast, requests: &[v1::PushScheduleRequest]) {
    for request in requests {
        let answer = start_push(&cast.blk, request.clone()).await.unwrap().unwrap();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    }
    let sessions = i64::try_from(requests.len()).unwrap();
    assert_eq!(count(&cast.world, SESSIONS).await, sessions);
    assert_eq!(cast.recorded(PUSH).await, requests.len());
    assert_whole(&cast.world).await;
}

/// One of two that store at a time hangs up. The other one, of another agency, is stored once the table is free.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_hang_up_while_they_wait_take_nobody_with_them() {
    for table in ["session", "assignment", "ledger_entry"] {
        let cast = three_leads().await;
        let holder = block_writers(&cast.world, table).await;
        let sessions =
            |lead: &str| vec![led_session("s1", "2026-04-10T01:00:00Z", &super::trainer_name(lead, 1))];
        let [leaving, staying] = [super::LEADS[0], super::LEADS[1]];
        let leaves = start_push(&cast.blk, push_as(leaving, sessions(leaving)));
        let stays = start_push(&cast.dkpp, push_as(staying, sessions(staying)));
        until_pushes_wait(&cast.world, 1, table, true).await;
        leaves.abort();
        assert!(leaves.await.unwrap_err().is_cancelled());
        release(holder).await;
        let answer = stays.await.unwrap().unwrap();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{table}: {answer:?}");
        assert_left_in_order(&cast.world).await;
        assert_whole(&cast.world).await;
    }
}

/// Each caller hangs up somewhere on its way: after some turns of the runtime.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_hang_up_anywhere_leave_nothing_half_done() {
    let cast = crowded().await;
    let requests: Vec<_> = (0..4 * CALLERS).map(request).collect();
    for (round, some) in requests.chunks(CALLERS).enumerate() {
        let calls: Vec<_> = some.iter().map(|request| start_push(&cast.blk, request.clone())).collect();
        for (place, call) in calls.iter().enumerate() {
            let mut owner = cast.world.owner().await;
            for _ in 0..(round * 3 + place) % 7 {
                sqlx::query("SELECT 1").execute(&mut owner).await.unwrap();
            }
            if place % 4 != 3 {
                call.abort();
            }
        }
        for (place, call) in calls.into_iter().enumerate() {
            match call.await {
                Ok(answer) => assert_eq!(answer.unwrap().outcome(), BatchOutcome::Stored),
                Err(gone) => assert!(gone.is_cancelled() && place % 4 != 3),
            }
        }
    }
    assert_left_in_order(&cast.world).await;
    assert_sent_again(&cast, &requests).await;
    let more =
        start_push(&cast.blk, push(vec![session("more", "2026-08-01T01:00:00Z")])).await.unwrap().unwrap();
    assert_eq!(more.outcome(), BatchOutcome::Stored);
    assert_left_in_order(&cast.world).await;
}
