//! Agencies that take all they can get: whoever else calls is served, whatever must come through does, and nobody holds
//! a connection who only waits for somebody else.

use gerbang::{
    agent::Client,
    config::Limits,
    proto::v1::{self, BatchOutcome},
};
use tonic::Status;

use crate::{
    cast::{Cast, push, session, trainer},
    failure::{block, release, until_waiting},
    world::{World, details, reason},
};

const WHO: v1::WhoAmIRequest = v1::WhoAmIRequest {};

type Registering = tokio::task::JoinHandle<Result<tonic::Response<v1::RegisterTrainerResponse>, Status>>;

/// As many calls as the agency may have under way, each with a connection if it gets one.
fn take_all(client: &Client, agency: &str) -> Vec<Registering> {
    let calls = (0..Limits::default().calls_per_agency).map(|number| {
        let (mut trainers, number) = (client.trainer(), format!("{number:02}"));
        let name = format!("agencies/{agency}/trainers/t-{number}");
        let request = trainer(&name, &format!("9901011201800{number}0"));
        tokio::spawn(async move { trainers.register_trainer(request).await })
    });
    calls.collect()
}

/// Two agencies at full tilt: all that they have under way waits at a table, and holds its connection meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_agencies_that_take_all_they_get_starve_nobody() {
    let cast = Cast::ready().await;
    let holder = block(&cast.world, "trainer").await;
    let mut hostile = take_all(&cast.dkpp, "dkpp-bintan");
    hostile.extend(take_all(&cast.dkp, "dkp-kepri"));
    until_waiting(&cast.world, "relation", 8).await;

    for _ in 0..20 {
        cast.blk.agency().who_am_i(WHO).await.unwrap();
        cast.lapas.agency().who_am_i(WHO).await.unwrap();
    }
    // A third of what is for everybody is the most that one agency holds.
    let mut owner = cast.world.owner().await;
    let held = "SELECT a.usename::text FROM pg_stat_activity a WHERE a.datname = current_database() AND EXISTS \
        (SELECT FROM pg_locks l WHERE l.pid = a.pid AND NOT l.granted AND l.locktype = 'relation')";
    let held: Vec<String> = sqlx::query_scalar(held).fetch_all(&mut owner).await.unwrap();
    assert_eq!(held.len(), 8, "{held:#?}");
    // What must come through.
    let another = crate::cast::agency("dinas-baru", v1::AgencyKind::Fisheries);
    cast.admin.agency().create_agency(another).await.unwrap();

    release(holder).await;
    for call in hostile {
        let answer = call.await.unwrap();
        // Who found no place in time may send the same again.
        let Err(refused) = answer else { continue };
        assert_eq!(reason(&refused), "OVERLOADED", "{refused:?}");
        assert!(details(&refused).retry_info().is_some());
    }
}

/// One push has the programme, one waits for it in the database; the others wait without a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_of_one_programme_wait_without_a_connection() {
    // Three places for each agency.
    let limits = Limits { pool_size: 11, calls_per_agency: 10, ..Limits::default() };
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", limits).await).await.with_programme().await;
    let holder = block(&cast.world, "session").await;
    let pushes: Vec<_> = (0..8)
        .map(|number| {
            let (mut schedule, start) = (cast.blk.schedule(), format!("2026-03-{}T01:00:00Z", 10 + number));
            let request = push(vec![session(&format!("s{number}"), &start)]);
            tokio::spawn(async move { schedule.push_schedule(request).await })
        })
        .collect();
    until_waiting(&cast.world, "advisory", 1).await;
    let mut owner = cast.world.owner().await;
    let waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    for _ in 0..50 {
        cast.blk.agency().who_am_i(WHO).await.unwrap();
        assert_eq!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut owner).await.unwrap(), 1);
    }
    release(holder).await;
    for push in pushes {
        assert_eq!(push.await.unwrap().unwrap().into_inner().outcome(), BatchOutcome::Stored);
    }
}
