//! A database that answers and cannot do what is asked, and one that stands still: the caller learns which it is, and
//! that nothing was stored.

use gerbang::proto::v1::{self, BatchOutcome};
use tonic::Code;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    cast::{Cast, PUSH, push, session, session_name, trainer},
    failure::channel,
    link::Link,
    world::{World, details, reason},
};

const START: &str = "2026-03-10T01:00:00Z";

/// From here on the database cannot append to the ledger, for a reason of this code.
async fn break_it(world: &World, code: &str) {
    let statement = format!(
        "CREATE OR REPLACE FUNCTION test_break() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$;
         CREATE OR REPLACE TRIGGER test_break BEFORE INSERT ON ledger_entry EXECUTE FUNCTION test_break()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut world.owner().await).await.unwrap();
}

async fn mend_it(world: &World) {
    sqlx::raw_sql("DROP TRIGGER test_break ON ledger_entry").execute(&mut world.owner().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_cannot_store_says_so_and_goes_on_reading() {
    let cast = Cast::ready().await;
    let mut health = HealthClient::new(channel(&cast.world.profile("operator", "admin")).await);
    let mut until = async |service: &str, wanted: ServingStatus| {
        let request = HealthCheckRequest { service: service.to_owned() };
        while health.check(request.clone()).await.unwrap().into_inner().status() != wanted {}
    };
    let request = push(vec![session("s1", START)]);
    for (code, cause) in [
        ("53100", "DISK_FULL"),
        ("53200", "OUT_OF_MEMORY"),
        ("58030", "IO_ERROR"),
        ("53300", "TOO_MANY_CONNECTIONS"),
        ("25006", "READ_ONLY"),
    ] {
        break_it(&cast.world, code).await;
        let refused = cast.blk.schedule().push_schedule(request.clone()).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::Unavailable, "DATABASE_IMPAIRED"),
            "{cause}"
        );
        assert_eq!(details(&refused).error_info().unwrap().metadata["cause"], cause);
        assert!(details(&refused).retry_info().is_some());
        cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    }
    until("writes", ServingStatus::NotServing).await;
    until("", ServingStatus::Serving).await;
    assert_eq!(cast.recorded(PUSH).await, 0);

    mend_it(&cast.world).await;
    let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    until("writes", ServingStatus::Serving).await;
}

/// The database stands still before anything is stored: who waits for as long as a call may take learns that nothing was.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_whose_time_is_over_before_a_commit_learns_that_nothing_was_stored() {
    let mut cast = Cast::ready().await;
    // The gateway's own clock ends the call: before a client's, and before the three seconds after which a BEGIN that nobody
    // answers says that the database is away.
    cast.world.config.limits.deadline_seconds = 2;
    let (link, _other) = Link::before_a_gateway(&mut cast.world).await;
    let channel = channel(&cast.world.profile("blk-kepri", "jadwal")).await;
    let client = v1::schedule_service_client::ScheduleServiceClient::new(channel.clone());
    let trainers = v1::trainer_service_client::TrainerServiceClient::new(channel);
    let told = |refused: tonic::Status| {
        link.release();
        assert_eq!(refused.code(), Code::DeadlineExceeded, "{refused:?}");
        reason(&refused)
    };
    // A statement is sent by its text once on a connection: what is held first is what is asked first.
    for (held, expected) in [("push_ground", "NOT_STORED_IN_TIME"), ("push_store", "DEADLINE_PASSED")] {
        link.hold(held);
        let request = push(vec![session("s1", START)]);
        assert_eq!(told(client.clone().push_schedule(request).await.unwrap_err()), expected, "{held}");
    }
    for (held, expected) in [
        ("BEGIN", "NOT_STORED_IN_TIME"),
        ("INSERT INTO trainer", "NOT_STORED_IN_TIME"),
        ("COMMIT", "DEADLINE_PASSED"),
    ] {
        link.hold(held);
        let request = trainer("agencies/blk-kepri/trainers/t9", "");
        assert_eq!(told(trainers.clone().register_trainer(request).await.unwrap_err()), expected, "{held}");
    }
}
