//! What a push costs the database beside a hundred thousand sessions: nothing is planned, buffers are few, and one that
//! changes nothing writes nothing.

use gerbang::{agent::Client, proto::v1};
use sqlx::{Executor, PgConnection};

use super::Crowd;
use crate::{
    cast::{self, AGREEMENT, TRAINER, led_session, push},
    push::at_once,
    world::{World, request_id},
};

/// Of agencies that lend: booked in every fortieth session.
const LENT: &str = "agencies/dkpp-bintan/trainers/siti";
const NEW: &str = "agencies/blk-kepri/programmes/baru";

/// What a push of a session with a trainer of the lead's own may cost in buffers: to read its ground, and to store it.
const ALONE: (i64, i64) = (45, 160);

/// How often it is pushed until every plan is kept, and how often it is counted.
const WARM: u32 = 12;
const COUNTED: u32 = 6;

/// What the statements of a push have cost, by the server's own count.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Cost {
    pub calls: i64,
    /// Of it and of every statement within.
    pub plans: i64,
    pub buffers: i64,
    pub wal: i64,
}

/// Statements that reach the gateway's functions, and what is within them.
const COST: &str = "SELECT coalesce(sum(calls) FILTER (WHERE toplevel), 0)::int8 AS calls, coalesce(sum(plans), 0)::int8 AS plans, \
    coalesce(sum(shared_blks_hit + shared_blks_read) FILTER (WHERE toplevel), 0)::int8 AS buffers, \
    coalesce(sum(wal_records) FILTER (WHERE toplevel), 0)::int8 AS wal \
    FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database() \
    JOIN pg_roles r ON r.oid = s.userid AND r.rolname IN ('gerbang_gateway', 'gerbang_owner') \
    WHERE query LIKE $1 OR NOT toplevel";

impl Cost {
    pub async fn of(db: &mut PgConnection, function: &str) -> Self {
        sqlx::query_as(COST).bind(format!("%{function}(%")).fetch_one(db).await.unwrap()
    }
}

pub(super) async fn reset(db: &mut PgConnection) {
    db.execute("SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)")
        .await
        .unwrap();
}

/// How often it is counted, if each time before was too much. The keeper has some ten tasks, each of which plans what is its own.
const TRIES: usize = 20;

/// Counts, and anew where it was more than is right: what the keeper does meanwhile is checked by keys as the owner, and planned once;
/// of a table that was just analysed, plans are made and catalogues read anew; and who reads a page first tidies it up, which is
/// written. What a call does by itself, it does each time.
pub(super) async fn counted<const N: usize>(
    fits: impl Fn(&[Cost; N]) -> bool,
    mut count: impl AsyncFnMut() -> [Cost; N],
) -> [Cost; N] {
    let mut costs = count().await;
    for _ in 1..TRIES {
        if fits(&costs) {
            break;
        }
        costs = count().await;
    }
    costs
}

/// Sessions of the programme one after another, each with one trainer.
fn sessions(from: u32, trainer: &str) -> impl Iterator<Item = v1::PushScheduleRequest> {
    let trainer = trainer.to_owned();
    (from..).map(move |n| {
        let start = format!("2026-{:02}-{:02}T{:02}:00:00Z", 4 + n / 60, 1 + n / 3 % 20, n % 3 * 4);
        v1::PushScheduleRequest {
            name: "agencies/blk-kepri/schedules/baru-1".to_owned(),
            programme: NEW.to_owned(),
            ..push(vec![led_session(&format!("p{n}-{}", &trainer[9..12]), &start, &trainer)])
        }
    })
}

/// A plan that holds all of them.
fn long_plan() -> v1::ProgrammePlan {
    let mut plan = cast::plan(cast::manpower());
    plan.units.iter_mut().for_each(|unit| unit.lessons = 720);
    plan
}

async fn store(client: &Client, request: v1::PushScheduleRequest) {
    let answer = client.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
}

#[tokio::test]
async fn a_push_is_planned_never_and_reads_what_it_names() {
    let Crowd { cast, .. } = Crowd::gather().await;
    cast.open(&cast.blk, NEW, AGREEMENT, long_plan()).await;
    let mut db = cast.world.superuser().await;
    db.execute("CREATE EXTENSION pg_stat_statements").await.unwrap();
    // The agreements by which a trainer is lent are found by an index over their parties, here ten thousand of the prison's.
    for (trainer, ground_max, store_max) in [(TRAINER, ALONE.0, ALONE.1), (LENT, 65, 210)] {
        // As tables are that have been there for a day. Who locks a row of a page that was vacuumed reads one page more, that of
        // the visibility map; left to itself, Postgres vacuums them some time in between.
        db.execute("VACUUM").await.unwrap();
        let mut pushes = sessions(0, trainer);
        for request in pushes.by_ref().take(WARM as usize) {
            store(&cast.blk, request).await;
        }
        let (mut last, calls) = (None, i64::from(COUNTED));
        let fits = |[ground, store]: &[Cost; 2]| {
            (ground.plans, store.plans, ground.wal) == (0, 0, 0)
                && ground.buffers <= ground_max * calls
                && store.buffers <= store_max * calls
        };
        let [ground, store] = counted(fits, async || {
            reset(&mut db).await;
            for request in pushes.by_ref().take(COUNTED as usize) {
                last = Some(request.clone());
                store(&cast.blk, request).await;
            }
            [Cost::of(&mut db, "push_ground").await, Cost::of(&mut db, "push_store").await]
        })
        .await;
        println!("{trainer}: {ground:?} {store:?}");
        assert_eq!((ground.calls, store.calls), (calls, calls), "{trainer}");
        assert_eq!((ground.plans, store.plans, ground.wal), (0, 0, 0), "{trainer}");
        assert!(ground.buffers <= ground_max * calls, "{trainer}: {ground:?}");
        assert!(store.buffers <= store_max * calls, "{trainer}: {store:?}");

        // The first time, what reads a stored session is planned.
        let unchanged = last.unwrap();
        let fits = |[all]: &[Cost; 1]| (all.plans, all.wal) == (0, 0) && all.buffers <= ground_max + 10;
        let [all] = counted(fits, async || {
            reset(&mut db).await;
            let request = v1::PushScheduleRequest { request_id: request_id(), ..unchanged.clone() };
            let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
            assert_eq!(answer.outcome(), v1::BatchOutcome::Unchanged);
            [Cost::of(&mut db, "").await]
        })
        .await;
        println!("{trainer}, unchanged: {all:?}");
        assert_eq!((all.calls, all.plans, all.wal), (1, 0, 0), "{trainer}");
        assert!(all.buffers <= ground_max + 10, "{trainer}: {all:?}");
    }
}

/// What sixteen pushes that come at once may cost in buffers: no more than sixteen that come alone, however many sessions
/// their programme has, and a quarter for the more groups in which a busy machine stores them.
const TOGETHER: i64 = 16 * (ALONE.0 + ALONE.1) * 5 / 4;

/// How often they are pushed before it counts, how often it must count, and how often it may: a connection that is new plans first.
const ROUNDS_BEFORE: usize = 5;
const ROUNDS_COUNTED: usize = 3;
const ROUNDS_MAX: usize = 33;

/// Tables that grow, which no push may read from end to end, and which the gateway reads by keys alone in what it does by itself.
const GROWING: [&str; 7] =
    ["agreement", "assignment", "ledger_entry", "programme", "replay", "session", "trainer"];

/// What earlier pushes have left: the plans of tables that were empty would read them from end to end.
const APPENDED: &str = "SET session_replication_role = replica;
    INSERT INTO replay (agency, request_id, digest, answer, created_at)
    SELECT 'blk-kepri', gen_random_uuid(), sha256(n::text::bytea), '{}', '2026-03-01T00:00:00Z'
      FROM generate_series(1, 100000) AS n;
    INSERT INTO ledger_entry (id, recorded_at, leaf)
    SELECT gen_random_uuid(), '2026-03-01T00:00:00Z', '\\x0802'::bytea || sha256(n::text::bytea) FROM generate_series(1, 100000) AS n;
    RESET session_replication_role;
    ANALYZE replay, ledger_entry";

/// How often each of them was, since the database was made. Backends hand in what they count at the latest when they end.
async fn scans(world: &World) -> Vec<(String, i64)> {
    world.take_database_away().await;
    world.give_database_back().await;
    let scans =
        "SELECT relname::text, seq_scan FROM pg_stat_user_tables WHERE relname = ANY ($1) ORDER BY relname";
    sqlx::query_as(scans).bind(GROWING).fetch_all(&mut world.owner().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_pushes_at_once_share_what_they_read() {
    let Crowd { cast, .. } = Crowd::gather().await;
    cast.open(&cast.blk, NEW, AGREEMENT, long_plan()).await;
    let mut db = cast.world.superuser().await;
    db.execute("CREATE EXTENSION pg_stat_statements").await.unwrap();
    db.execute(APPENDED).await.unwrap();
    let before = scans(&cast.world).await;
    let mut db = cast.world.superuser().await;
    let mut pushes = sessions(0, TRAINER);
    let mut counted = Vec::new();
    for round in 0..ROUNDS_MAX {
        reset(&mut db).await;
        let together = pushes.by_ref().take(16).map(|request| (&cast.blk, request));
        for answer in at_once(together).await {
            let answer = answer.unwrap();
            assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
        }
        let (ground, store) = (Cost::of(&mut db, "push_ground").await, Cost::of(&mut db, "push_store").await);
        println!("{ground:?} {store:?}");
        if round >= ROUNDS_BEFORE && ground.plans == 0 {
            counted.push(ground.buffers + store.buffers);
        }
        if counted.len() == ROUNDS_COUNTED {
            break;
        }
    }
    let least = counted.into_iter().min().expect("no round in which nothing was planned");
    assert!(least <= TOGETHER, "{least} buffers, not {TOGETHER}");
    assert_eq!(scans(&cast.world).await, before);
}
