//! What the gateway does by itself: one holder of a task among gateways, what is deleted and what is kept, and how much an
//! idle gateway asks of its database.

use std::{sync::Arc, time::Duration};

use gerbang::{
    domain::{certificate::ORDER_KEPT, outside::Clock},
    keeper::{
        authority::{self, WATCH_AUTHORITY},
        held::Held,
        retention::{ANSWERS_KEPT, Answers, Orders},
        sequencer,
        task::{Failure, Outcome, Plan, Supervisor, Task, Work},
    },
    ledger::ChangeKind,
    proto::v1,
    server::{health::WATCH_HEALTH, outside::SystemEntropy, trust},
    signer,
    store::{Database, notice::WAKE_SIGNER},
};
use jiff::SignedDuration;
use sqlx::{Connection, PgConnection};

use crate::{
    cast::orders,
    certificate::{BLK, approval, approved, id, partner, request},
    world::{World, request_id, url},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn supervisor(world: &World) -> Supervisor {
    Supervisor::new(world.clock.clone(), Arc::new(SystemEntropy))
}

/// Does nothing, well.
struct Nothing;

impl Work for Nothing {
    async fn turn(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

/// A gateway's part in a task of which there is one.
fn part(world: &World, name: &'static str) -> Task<Nothing> {
    let plan = Plan { name, every: Duration::from_secs(1), patience: Duration::from_secs(60) };
    world.keeper().alone(supervisor(world).task(plan, Nothing))
}

#[tokio::test]
async fn a_task_has_one_holder_and_a_holder_that_is_lost_is_replaced() {
    let mut world = World::start().await;
    world.stop().await;
    until_alone(&world).await;
    let [mut first, mut second] = ["only_one"; 2].map(|name| part(&world, name));
    let mut other = part(&world, "another");
    assert_eq!(first.turn().await, Outcome::Done);
    let holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = $1)";
    let mut superuser = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
    let holder = sqlx::query_scalar::<_, i32>(holder).bind(&world.database);
    let holder = holder.fetch_one(&mut superuser).await.unwrap();
    for _ in 0..2 {
        assert_eq!(second.turn().await, Outcome::HeldElsewhere);
        assert_eq!(first.turn().await, Outcome::Done);
        assert_eq!(other.turn().await, Outcome::Done, "another task has a lease of its own");
    }
    // Waits until the session has ended.
    let end = sqlx::query_scalar::<_, bool>("SELECT pg_terminate_backend($1, 60000)").bind(holder);
    assert!(end.fetch_one(&mut superuser).await.unwrap());
    assert_eq!(second.turn().await, Outcome::Done);
    assert_eq!(first.turn().await, Outcome::HeldElsewhere);
}

/// The days from when the remembered answers are, the oldest first.
async fn answers(world: &World) -> Vec<i64> {
    let age = "SELECT round(extract(epoch FROM $1::timestamptz - created_at) / 86400)::bigint FROM replay ORDER BY created_at";
    let age = sqlx::query_scalar(age).bind(world.clock.now().to_string());
    age.fetch_all(&mut world.owner().await).await.unwrap()
}

#[tokio::test]
async fn answers_are_remembered_for_thirty_days_and_deleted_in_batches() {
    let mut world = World::start().await;
    world.stop().await;
    let now = world.clock.now();
    for days in [29, 30, 31, 32, 33, 34] {
        let insert = "INSERT INTO replay (agency, request_id, digest, answer, created_at) \
            VALUES ('operator', $1::uuid, sha256('x'), '{}', $2::timestamptz)";
        let insert = sqlx::query(insert).bind(request_id()).bind((now - DAY * days).to_string());
        insert.execute(&mut world.owner().await).await.unwrap();
    }
    let (keeper, until) = (world.keeper(), now - ANSWERS_KEPT);
    let deleted = keeper.forget_answers(None, until, 2).await.unwrap();
    assert_eq!((deleted.rows, deleted.last), (2, Some(now - DAY * 33)));
    assert_eq!(answers(&world).await, [32, 31, 30, 29]);
    let deleted = keeper.forget_answers(Some(now - DAY * 31), until, 2).await.unwrap();
    assert_eq!((deleted.rows, deleted.last), (1, Some(now - DAY * 31)), "none from before");
    let nothing = keeper.forget_answers(deleted.last, until, 2).await.unwrap();
    assert_eq!((nothing.rows, nothing.last), (0, None));
    assert_eq!(answers(&world).await, [32, 30, 29]);
    let mut task = supervisor(&world).task(gerbang::keeper::retention::FORGET_ANSWERS, Answers(keeper));
    assert_eq!(task.turn().await, Outcome::Done);
    assert_eq!(answers(&world).await, [30, 29], "what is thirty days old is remembered still");
}

/// Names of the orders that there are, the oldest first.
async fn orders_left(world: &World) -> Vec<String> {
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM certificate_order ORDER BY id");
    let ids = ids.fetch_all(&mut world.owner().await).await.unwrap();
    ids.into_iter().map(|id| format!("certificateOrders/{id}")).collect()
}

#[tokio::test]
async fn orders_that_came_to_nothing_are_removed_ninety_days_after_their_end() {
    let mut world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    // An invitation that nobody uses, good for an hour; and what is good for thirty days: turned down, half approved, for
    // the signer, issued, refused.
    let invitation = admin.certificate().create_invitation(world.invitation(BLK, "PARTNER").1).await.unwrap();
    let invitation = invitation.into_inner().change.unwrap();
    let rejected = request(&blk, BLK, &orders::key()).await.unwrap();
    let reject = v1::RejectCertificateOrderRequest {
        request_id: request_id(),
        name: rejected.clone(),
        etag: approval(&world, "admin", &rejected).await.etag,
        note: "Salah".to_owned(),
        ..Default::default()
    };
    admin.certificate().reject_certificate_order(reject).await.unwrap();
    let unapproved = request(&blk, BLK, &orders::key()).await.unwrap();
    let issued = approved(&world, &blk, &orders::key()).await;
    world.signer().await.turn().await.unwrap();
    let refused = approved(&world, &blk, &orders::key()).await;
    world.pass(SignedDuration::from_hours(48));
    world.signer().await.turn().await.unwrap();
    let waits = approved(&world, &blk, &orders::key()).await;
    world.stop().await;
    let mut kept = [issued, refused, waits];
    kept.sort();
    let at_first = orders_left(&world).await;
    assert_eq!(at_first.len(), 6);
    let keeper = world.keeper();

    // Two days have passed since the invitation, which was good for an hour.
    world.pass(ORDER_KEPT - DAY * 2 + SignedDuration::from_hours(1) - SignedDuration::from_secs(1));
    assert_eq!(keeper.forget_orders(None, 10).await.unwrap().orders, 0);
    assert_eq!(orders_left(&world).await, at_first);
    world.pass(SignedDuration::from_secs(1));
    let entries = world.entries().await.len();
    let forgotten = keeper.forget_orders(None, 10).await.unwrap();
    assert_eq!((forgotten.orders, forgotten.last.map(|(_, order)| order)), (1, Some(id(&invitation.name))));
    assert_removed(&world, entries, &[&invitation.name]).await;

    world.pass(DAY * 30);
    let (mut after, mut batches) = (None, Vec::new());
    loop {
        let batch = keeper.forget_orders(after, 1).await.unwrap();
        after = batch.last;
        if after.is_none() {
            break;
        }
        batches.push(batch.orders);
    }
    assert_eq!(batches, [1, 1], "one at a time, and nothing that the signer has taken up");
    // Both ended in the same moment: which comes first is chance.
    let told = &world.entries().await[entries + 1..];
    let [first, second] = if told[0].lines[0].resource == unapproved {
        [&unapproved, &rejected]
    } else {
        [&rejected, &unapproved]
    };
    assert_removed(&world, entries + 1, &[first]).await;
    assert_removed(&world, entries + 2, &[second]).await;
    world.pass(DAY * 3);
    let mut task = supervisor(&world).task(gerbang::keeper::retention::FORGET_ORDERS, Orders(keeper));
    assert_eq!(task.turn().await, Outcome::Done);
    assert_eq!(orders_left(&world).await, kept, "what the signer has to decide or has decided stays");
    assert_eq!(world.entries().await.len(), entries + 3);
}

/// The entry of this number says of these orders that they were removed, each after what was told of it before.
async fn assert_removed(world: &World, number: usize, names: &[&String]) {
    let entries = world.entries().await;
    let entry = &entries[number];
    assert_eq!((entry.method.as_str(), entry.agency.as_str()), ("keeper/order.forget", ""));
    let lines: Vec<_> = entry.lines.iter().map(|line| &line.resource).collect();
    assert_eq!(lines, names);
    for line in &entry.lines {
        assert_eq!(line.kind, ChangeKind::Removed);
        let before = entries[..number].iter().flat_map(|entry| &entry.lines);
        let before = before.filter(|told| told.resource == line.resource).map(|told| told.version).max();
        assert_eq!(Some(line.version), before.map(|version| version + 1), "{}", line.resource);
        let order = id(&line.resource).0;
        let left = "SELECT (SELECT count(*) FROM certificate_order WHERE id = $1)
            + (SELECT count(*) FROM order_approval WHERE certificate_order = $1)";
        let left = sqlx::query_scalar::<_, i64>(left).bind(order);
        assert_eq!(left.fetch_one(&mut world.owner().await).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_signer_is_woken_by_orders_approvals_and_revocations() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let database = Database::open(&url("gerbang_signer", &world.database), 1).unwrap();
    let mut listener = database.listen(WAKE_SIGNER).await.unwrap();
    let name = request(&blk, BLK, &orders::key()).await.unwrap();
    listener.heard().await.unwrap();
    let approve = approval(&world, "admin", &name).await;
    world.admin().await.certificate().approve_certificate_order(approve).await.unwrap();
    listener.heard().await.unwrap();
    let revoke = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        agency: "agencies/blk-kepri".to_owned(),
        reason: v1::RevocationReason::Superseded.into(),
        ..Default::default()
    };
    world.admin().await.certificate().revoke_certificates(revoke).await.unwrap();
    listener.heard().await.unwrap();
}

/// Waits until nobody is connected to the world's database: what its sessions did is then counted.
async fn until_alone(world: &World) -> PgConnection {
    let mut maintenance = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
    let connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1";
    while sqlx::query_scalar::<_, i64>(connected)
        .bind(&world.database)
        .fetch_one(&mut maintenance)
        .await
        .unwrap()
        > 0
    {
        tokio::task::yield_now().await;
    }
    maintenance
}

/// How many transactions the database has had.
async fn transactions(world: &World) -> i64 {
    let count = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1";
    let count = sqlx::query_scalar(count).bind(&world.database);
    count.fetch_one(&mut until_alone(world).await).await.unwrap()
}

/// How many transactions one more of these takes, on an average of ten.
async fn each(world: &World, times: impl AsyncFn(usize)) -> f64 {
    let mut counts = Vec::new();
    // The first time there may be more to do.
    for count in [1, 1, 11] {
        let before = transactions(world).await;
        times(count).await;
        counts.push(transactions(world).await - before);
    }
    (counts[2] - counts[1]) as f64 / 10.0
}

/// An idle gateway looks at trust, health, the authority and the ledger's order, and its signer looks for work; nothing else
/// asks the database more often than once an hour.
#[tokio::test]
async fn an_idle_gateway_with_its_signer_makes_at_most_five_transactions_a_second() {
    let mut world = World::start().await;
    world.stop().await;
    let signers_turn = each(&world, async |count| {
        let mut signer = world.signer().await;
        signer.remember(world.folder.join("mark.toml")).unwrap();
        for _ in 0..count {
            signer.turn().await.unwrap();
        }
    });
    let look = each(&world, async |count| {
        let keeper = world.keeper();
        for _ in 0..count {
            keeper.good(&[[1; 32]]).await.unwrap();
        }
    });
    let health = each(&world, async |count| {
        let database = Database::open(&url("gerbang_gateway", &world.database), 1).unwrap();
        for _ in 0..count {
            assert!(database.is_up().await);
        }
    });
    let status = each(&world, async |count| {
        let mut watch = authority::Watch::new(world.keeper(), None, Held::default());
        for _ in 0..count {
            watch.turn().await.unwrap();
        }
    });
    let order = each(&world, async |count| {
        let keeper = world.keeper();
        for _ in 0..count {
            keeper.sequence().await.unwrap();
        }
    });
    let (signers_turn, look, health, status) = (signers_turn.await, look.await, health.await, status.await);
    let order = order.await;
    let each = [signers_turn, look, health, status, order];
    assert!(each.into_iter().all(|counted| counted > 0.0), "all is counted");
    // Chance shortens the pauses of the gateway's tasks by a fifth at most.
    let often = |every: Duration| 1.0 / (0.8 * every.as_secs_f64());
    let in_a_second = signers_turn / signer::EVERY.as_secs_f64()
        + look / trust::IDLE.as_secs_f64()
        + health * often(WATCH_HEALTH.every)
        + status * often(WATCH_AUTHORITY.every)
        + order / sequencer::LOOK.as_secs_f64();
    let counted = format!("{in_a_second}: {signers_turn} {look} {health} {status} {order}");
    assert!(in_a_second <= 5.0, "{counted}");
}
