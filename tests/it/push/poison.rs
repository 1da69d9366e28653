//! One push of sixteen breaks what stores or reads it. It is told of an internal error; the fifteen others are stored, and so
//! are those that come after it, however often it comes again.

use gerbang::{agent::Client, proto::v1};
use sqlx::Executor;

use super::{CALLERS, LEADS, SESSIONS, at_once, client, count, facts::assert_whole, push_as, three_leads};
use crate::{
    cast::{Cast, led_session, session},
    world::reason,
};

/// How often it comes.
const ROUNDS: usize = 5;

/// Fifteen pushes of all agencies, and the one in their midst.
async fn fifteen_are_stored_beside_the_one(cast: &Cast, by: &Client) {
    for round in 0..ROUNDS {
        let start = |number: usize| format!("2026-{:02}-{:02}T01:00:00Z", 4 + round, 1 + number);
        let pushes = (0..CALLERS).map(|number| {
            if number == CALLERS / 2 {
                return (by, push_as(LEADS[0], vec![session("poison", &start(number))]));
            }
            let lead = LEADS[number % 3];
            let draft =
                led_session(&format!("r{round}-{number}"), &start(number), &super::trainer_name(lead, 1));
            (client(cast, lead), push_as(lead, vec![draft]))
        });
        for (number, answer) in at_once(pushes).await.into_iter().enumerate() {
            match answer {
                Ok(answer) => assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}"),
                Err(status) => {
                    assert_eq!((number, reason(&status).as_str()), (CALLERS / 2, "INTERNAL_ERROR"))
                }
            }
        }
    }
    let stored = i64::try_from(ROUNDS * (CALLERS - 1)).unwrap();
    assert_eq!(count(&cast.world, SESSIONS).await, stored);
    assert_eq!(count(&cast.world, "SELECT count(*) FROM session WHERE uid = 'poison'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_the_database_refuses_to_store_takes_nobody_with_it() {
    let cast = three_leads().await;
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON session FOR EACH ROW WHEN (NEW.uid = 'poison') EXECUTE FUNCTION refuse()";
    cast.world.owner().await.execute(sqlx::raw_sql(refuse)).await.unwrap();
    fifteen_are_stored_beside_the_one(&cast, &cast.blk).await;
    assert_whole(&cast.world).await;
}

/// A time that no program can read, at the caller's certificate: whoever reads it there panics.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_at_whom_the_gateway_panics_takes_nobody_with_it() {
    let cast = three_leads().await;
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    let broken = cast.world.join(LEADS[0], kind, "rusak", v1::Role::Partner).await;
    cast.world.tampers();
    let spoil = "ALTER TABLE certificate DROP CONSTRAINT certificate_ends_at_check;
        UPDATE certificate SET ends_at = 'infinity' WHERE system = 'rusak'";
    let mut superuser = cast.world.superuser().await;
    superuser.execute(sqlx::raw_sql(spoil)).await.unwrap();
    fifteen_are_stored_beside_the_one(&cast, &broken).await;
}
