//! Agencies that take all they can get: whoever else calls is served, whatever must come through does, and nobody holds
//! a connection who only waits for somebody else.

use gerbang::{
    agent::Client,
    config::Limits,
    proto::v1::{self, BatchOutcome},
};
use tonic::Status;

use crate::{
    cast::{Cast, lead, led_session, manpower, plan, push, session, terms, trainer},
    failure::{block, block_writers, release, until_pushes_wait, until_waiting},
    push::start_push,
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
    let holder = block_writers(&cast.world, "ledger_entry").await;
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
    // Few: who waits for a table for ten seconds is refused.
    for _ in 0..10 {
        cast.blk.agency().who_am_i(WHO).await.unwrap();
        // None, while the next one comes.
        assert!(sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut owner).await.unwrap() <= 1);
    }
    release(holder).await;
    for push in pushes {
        assert_eq!(push.await.unwrap().unwrap().into_inner().outcome(), BatchOutcome::Stored);
    }
}

const FARM_AGREEMENT: &str = "agencies/dkpp-bintan/agreements/pks-1";
const FARMS: [&str; 2] = ["tani", "tambak"];
const FIRST: &str = "2026-03-10T01:00:00Z";

fn fisher(number: usize) -> String {
    format!("agencies/dkp-kepri/trainers/f{number}")
}

/// The farm's agency has two programmes, and the fisheries agency lends it and BLK more trainers than a transaction locks
/// one by one.
async fn with_many_trainers() -> Cast {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/lending", terms("dkp-kepri", manpower())).await;
    cast.agree(&cast.dkpp, FARM_AGREEMENT, terms("dkpp-bintan", manpower())).await;
    for farm in FARMS {
        let name = format!("agencies/dkpp-bintan/programmes/{farm}");
        cast.open(&cast.dkpp, &name, FARM_AGREEMENT, plan(manpower())).await;
    }
    for number in 0..70 {
        cast.dkp.trainer().register_trainer(trainer(&fisher(number), "")).await.unwrap();
    }
    cast
}

/// Seven sessions, of ten trainers each.
fn with_all(prefix: &str) -> Vec<v1::SessionDraft> {
    let of = |place: usize| {
        let trainers = (10 * place..10 * place + 10).map(|number| lead(&fisher(number))).collect();
        let start = format!("2026-03-{}T01:00:00Z", 10 + place);
        v1::SessionDraft { trainers, ..session(&format!("{prefix}{place}"), &start) }
    };
    (0..7).map(of).collect()
}

fn farm(name: &str, sessions: Vec<v1::SessionDraft>) -> v1::PushScheduleRequest {
    v1::PushScheduleRequest {
        name: format!("agencies/dkpp-bintan/schedules/{name}"),
        programme: format!("agencies/dkpp-bintan/programmes/{name}"),
        ..push(sessions)
    }
}

/// How many advisory locks the pushes of this database have that store.
async fn held(world: &World) -> i64 {
    let held = "SELECT count(*) FROM pg_locks held WHERE locktype = 'advisory' AND objsubid = 2 AND granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND EXISTS \
        (SELECT FROM pg_locks l WHERE l.pid = held.pid AND l.granted AND l.locktype = 'advisory' AND l.objsubid = 2 AND l.classid = 11)";
    sqlx::query_scalar::<_, i64>(held).fetch_one(&mut world.owner().await).await.unwrap()
}

/// The server's table of locks is one for everybody: a push that books 70 trainers has no lock for each, and yet nobody books
/// one of them meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_of_many_trainers_holds_few_locks_and_keeps_others_out() {
    let cast = with_many_trainers().await;
    let holder = block_writers(&cast.world, "ledger_entry").await;
    let large = start_push(&cast.blk, push(with_all("s")));
    until_pushes_wait(&cast.world, 1, "ledger_entry", true).await;
    let few = held(&cast.world).await;
    assert!((2..=8).contains(&few), "{few} locks");
    let others = [
        start_push(&cast.dkpp, farm("tani", with_all("t"))),
        start_push(&cast.dkpp, farm("tambak", vec![led_session("u", FIRST, &fisher(69))])),
    ];
    until_waiting(&cast.world, "advisory", 2).await;
    release(holder).await;
    for push in [large].into_iter().chain(others) {
        assert_eq!(push.await.unwrap().unwrap().outcome(), BatchOutcome::Stored);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_of_many_trainers_waits_for_a_small_one() {
    let cast = with_many_trainers().await;
    let holder = block_writers(&cast.world, "ledger_entry").await;
    let small = start_push(&cast.dkpp, farm("tambak", vec![led_session("u", FIRST, &fisher(69))]));
    until_pushes_wait(&cast.world, 1, "ledger_entry", true).await;
    // Two small ones of other trainers do not wait for each other.
    let other = start_push(&cast.dkpp, farm("tani", vec![led_session("t", FIRST, &fisher(1))]));
    until_pushes_wait(&cast.world, 2, "ledger_entry", true).await;
    let large = start_push(&cast.blk, push(with_all("s")));
    until_waiting(&cast.world, "advisory", 1).await;
    release(holder).await;
    for push in [small, other, large] {
        assert_eq!(push.await.unwrap().unwrap().outcome(), BatchOutcome::Stored);
    }
}
