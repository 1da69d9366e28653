//! The order of the ledger: every entry that has committed has one place, behind those that it waited for, whatever was slow,
//! was rolled back, or stood still; and the tree over them is the one that RFC 6962 defines.

mod cost;
pub mod leaves;
mod race;
pub mod writing;

use std::collections::{BTreeSet, HashMap};

use futures_util::FutureExt;
use gerbang::{
    domain::{certificate::Sighting, outside::Clock},
    exchange::Exchange,
    keeper::{Keeper, sequencer::Sequencer, task::Work},
    ledger::tree::{Frontier, Hash, leaf_hash},
    store::{audit::Flaw, sequence::Sequenced},
};
use sqlx::{AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

use self::writing::{count, make_counters, write};
use crate::{
    cast::{Cast, push, session},
    world::{World, audit_rows},
};

/// A world without a gateway, whose own entries have their places.
async fn settled() -> (World, Keeper) {
    let mut world = World::start().await;
    world.stop().await;
    world.tampers();
    let keeper = world.keeper();
    while is_elsewhere(&keeper).await {}
    (world, keeper)
}

/// Takes a turn. Whether another keeper is at it.
async fn is_elsewhere(keeper: &Keeper) -> bool {
    matches!(keeper.sequence().await.unwrap(), Sequenced::Elsewhere { .. })
}

/// How many entries the next batch gives places, and whether it leaves some.
async fn batch(keeper: &Keeper) -> (u64, bool) {
    match keeper.sequence().await.unwrap() {
        Sequenced::Placed { entries, more, .. } => (entries, more),
        Sequenced::Elsewhere { .. } => panic!("somebody else is at it"),
    }
}

/// How many entries the next batch gives places, which are all that there are.
async fn placed(keeper: &Keeper) -> u64 {
    let (entries, more) = batch(keeper).await;
    assert!(!more);
    entries
}

/// The size of the tree with it and before it, root and frontier.
type Batch = (i64, Option<i64>, Vec<u8>, Vec<u8>);

/// The entries by their places. Holds what is stored of the tree against the leaves: places without gaps, each batch's root and
/// frontier, each subtree; and each entry once.
async fn order(world: &World) -> Vec<(Uuid, Vec<u8>)> {
    let mut owner = world.owner().await;
    let rows = "SELECT i.index, i.entry, i.leaf_hash, e.leaf FROM ledger_index i
        LEFT JOIN ledger_entry e ON e.id = i.entry ORDER BY i.index";
    let rows: Vec<(i64, Uuid, Vec<u8>, Vec<u8>)> = sqlx::query_as(rows).fetch_all(&mut owner).await.unwrap();
    let batches = "SELECT tree_size, first_index, root, frontier FROM ledger_batch ORDER BY tree_size";
    let batches: Vec<Batch> = sqlx::query_as(batches).fetch_all(&mut owner).await.unwrap();
    let (mut tree, mut subtrees) = (Frontier::default(), Vec::new());
    let mut batches = batches.into_iter().peekable();
    let mut before = None;
    for place in 0..=rows.len() {
        if let Some((size, first, root, frontier)) = batches.next_if(|batch| batch.0 == place as i64) {
            assert_eq!((first, root, frontier), (before, tree.root().to_vec(), tree.to_bytes()), "{place}");
            before = Some(size);
        }
        let Some((index, _, hash, leaf)) = rows.get(place) else { continue };
        assert_eq!((*index, hash), (place as i64, &leaf_hash(leaf).to_vec()));
        tree.push(leaf_hash(leaf), |whole| {
            subtrees.push((whole.level as i16, whole.index as i64, whole.hash))
        });
    }
    assert_eq!(
        (batches.next(), before),
        (None, Some(rows.len() as i64)),
        "the last batch has the last entry"
    );
    let stored: Vec<(i16, i64, Vec<u8>)> =
        sqlx::query_as("SELECT level, index, hash FROM ledger_subtree ORDER BY level, index")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    subtrees.sort();
    let stored: Vec<(i16, i64, Hash)> =
        stored.into_iter().map(|(level, index, hash)| (level, index, hash.try_into().unwrap())).collect();
    assert_eq!(stored, subtrees);
    // Without the format, by which each begins.
    rows.into_iter().map(|(_, entry, _, leaf)| (entry, leaf[2..].to_vec())).collect()
}

#[tokio::test]
async fn what_a_gateway_records_has_its_place_soon() {
    let Cast { mut world, blk, .. } = Cast::ready().await;
    let pushed = blk.schedule().push_schedule(push(vec![session("s1", "2026-03-10T01:00:00Z")])).await;
    let pushed: Uuid = pushed.unwrap().into_inner().entry.parse().unwrap();
    // Those that the owner wrote before there was a gateway, too.
    world.until_placed().await;
    world.stop().await;
    let placed: BTreeSet<_> = order(&world).await.into_iter().map(|(id, _)| id).collect();
    assert!(placed.contains(&pushed));
    // What the gateway noted meanwhile.
    world.keeper().sequence().await.unwrap();
    let placed: BTreeSet<_> = order(&world).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(placed, world.all_entries().await.iter().map(|entry| entry.id).collect());
}

/// A transaction that is open for long keeps nobody waiting, and its entry is not lost: it has its place once it has committed.
#[tokio::test]
async fn a_slow_transaction_holds_nobody_back_and_is_not_lost() {
    let (world, keeper) = settled().await;
    let [mut slow, mut undone, mut quick] = [world.owner().await, world.owner().await, world.owner().await];
    let before = order(&world).await.len();
    let mut slow = slow.begin().await.unwrap();
    let slow_entry = write(&mut slow, "slow").await;
    let mut undone = undone.begin().await.unwrap();
    write(&mut undone, "undone").await;
    let mut expected = Vec::new();
    for round in 0..4 {
        expected.push(write(&mut quick, &format!("quick {round}")).await);
        assert_eq!(placed(&keeper).await, 1);
        assert_eq!(placed(&keeper).await, 0);
    }
    slow.commit().await.unwrap();
    undone.rollback().await.unwrap();
    assert_eq!(placed(&keeper).await, 1);
    expected.push(slow_entry);
    let order: Vec<_> = order(&world).await.split_off(before).into_iter().map(|(id, _)| id).collect();
    assert_eq!(order, expected);
}

/// The numbers of transactions begin anew where a dump is put back: entries have numbers that are yet to come, and the last
/// batch has a snapshot of another cluster, or one that is ahead of this one's.
#[tokio::test]
async fn a_database_that_was_put_back_goes_on() {
    for elsewhere in ["SET cluster = 1", "SET snapshot = '4000000000000:4000000000000:'"] {
        let (world, keeper) = settled().await;
        let before = order(&world).await.len();
        let mut db = world.superuser().await;
        let behave = |sql: String| AssertSqlSafe(format!("SET session_replication_role = replica; {sql}"));
        db.execute(sqlx::raw_sql(behave(format!(
            "UPDATE ledger_batch {elsewhere} WHERE tree_size = (SELECT max(tree_size) FROM ledger_batch)"
        ))))
        .await
        .unwrap();
        // Of the old cluster: one whose number comes next here, one whose number is far away.
        for ahead in [3, 1_000_000_000_i64] {
            let write = "INSERT INTO ledger_entry (id, recorded_at, leaf, xid) VALUES (gen_random_uuid(), \
                '2026-03-02T01:00:00Z', '\\x0802', ((pg_snapshot_xmax(pg_current_snapshot())::text::int8 + $1)::text)::xid8)";
            sqlx::query(write).bind(ahead).execute(&mut db).await.unwrap();
        }
        let new = write(&mut db, "new").await;
        assert_eq!(placed(&keeper).await, 3, "{elsewhere}");
        let mut expected = vec![new];
        for _ in 0..9 {
            expected.push(write(&mut db, "newer").await);
            assert_eq!(placed(&keeper).await, 1, "{elsewhere}");
            assert_eq!(placed(&keeper).await, 0, "{elsewhere}");
        }
        let order: Vec<_> = order(&world).await.split_off(before + 2).into_iter().map(|(id, _)| id).collect();
        assert_eq!(order, expected, "{elsewhere}");
    }
}

/// A session of the keeper's role that is at work is waited for. One that stands still, and whoever else has the lock, keeps
/// nobody waiting.
#[tokio::test]
async fn the_lock_is_a_courtesy_among_keepers() {
    let (world, keeper) = settled().await;
    write(&mut world.owner().await, "entry").await;
    let mut at_work = world.keepers_connection().await;
    at_work.execute("SELECT pg_advisory_lock(12, 0)").await.unwrap();
    while !is_elsewhere(&keeper).await {
        at_work.execute("SELECT 1").await.unwrap();
    }
    // From here on it stands still.
    while is_elsewhere(&keeper).await {}
    at_work.close().await.unwrap();

    write(&mut world.owner().await, "entry").await;
    let mut another = world.runtime().await;
    another.execute("SELECT pg_advisory_lock(12, 0)").await.unwrap();
    assert_eq!(placed(&keeper).await, 1);
    order(&world).await;
}

/// Nobody has the lock, for a session of another role keeps it: the keys of the batches alone keep the tree whole. Some writers
/// roll back, some are slow, and of those who wait for each other the first one's entry comes first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_sequencers_without_a_lock_make_one_order() {
    const WRITERS: usize = 8;
    const EACH: usize = 40;
    const COUNTERS: usize = 5;
    let (world, _) = settled().await;
    let before = order(&world).await.len();
    make_counters(&world, COUNTERS).await;
    let mut holder = world.runtime().await;
    let mut lock = holder.begin().await.unwrap();
    lock.execute("SELECT pg_advisory_xact_lock(12, 0)").await.unwrap();
    let writers = (0..WRITERS).map(|writer| {
        let owner = world.owner();
        async move {
            let mut db = owner.await;
            for turn in 0..EACH {
                let counter = (writer + turn) % COUNTERS;
                let mut tx = db.begin().await.unwrap();
                let value = count(&mut tx, counter).await;
                write(&mut tx, &format!("{counter} {value}")).await;
                match turn % 7 {
                    3 => tx.rollback().await.unwrap(),
                    _ => tx.commit().await.unwrap(),
                }
            }
        }
    });
    let done = tokio_util::sync::CancellationToken::new();
    let sequencers = (0..3).map(|_| {
        let (keeper, done) = (world.keeper(), done.clone());
        tokio::spawn(async move {
            let mut batches = 0;
            loop {
                let ended = done.is_cancelled();
                match keeper.sequence().await {
                    Ok(Sequenced::Placed { entries: 0, .. }) if ended => break batches,
                    Ok(Sequenced::Placed { entries: 1.., .. }) => batches += 1,
                    Ok(_) => {}
                    // It lost as often as it may.
                    Err(error) => assert!(error.to_string().contains("CONFLICT_LOST"), "{error}"),
                }
            }
        })
    });
    let sequencers: Vec<_> = sequencers.collect();
    futures_util::future::join_all(writers).await;
    done.cancel();
    let batches = futures_util::future::join_all(sequencers).await.into_iter().map(Result::unwrap);
    assert!(batches.sum::<usize>() > 3, "they were at work together");
    let order = order(&world).await.split_off(before);
    assert_eq!(order.len(), WRITERS * EACH - WRITERS * (0..EACH).filter(|turn| turn % 7 == 3).count());
    let mut last: HashMap<String, i64> = HashMap::new();
    for (_, leaf) in order {
        let leaf = String::from_utf8(leaf).unwrap();
        let (counter, value) = leaf.split_once(' ').unwrap();
        let value: i64 = value.parse().unwrap();
        let before = last.insert(counter.to_owned(), value).unwrap_or_default();
        assert_eq!(value, before + 1, "{counter}");
    }
}

/// A sequencer that stands still in a batch that it has not committed: another one gives the same entries their places, once
/// the server has ended it.
#[tokio::test]
async fn one_that_stands_still_is_replaced() {
    let (world, keeper) = settled().await;
    let before = order(&world).await.len();
    let entry = write(&mut world.owner().await, "entry").await;
    let mut still = world.keepers_connection().await;
    let batch = format!(
        "SET idle_in_transaction_session_timeout = '1s'; BEGIN; SELECT pg_advisory_xact_lock(12, 0);
         INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at)
         SELECT tree_size + 1, tree_size, root, repeat('x', 32 * bit_count((tree_size + 1)::bit(64))::integer)::bytea,
                snapshot, cluster, indexed_at FROM ledger_batch WHERE tree_size = {before}"
    );
    sqlx::raw_sql(AssertSqlSafe(batch)).execute(&mut still).await.unwrap();
    let mut sequencer = Sequencer::new(keeper.clone(), world.exchange("gerbang_gateway"));
    let has_place = "SELECT EXISTS (SELECT FROM ledger_index WHERE entry = $1)";
    let mut owner = world.owner().await;
    while !sqlx::query_scalar::<_, bool>(has_place).bind(entry).fetch_one(&mut owner).await.unwrap() {
        let _ = sequencer.turn().await;
    }
    let order = order(&world).await.split_off(before);
    assert_eq!(order, [(entry, b"entry".to_vec())]);
}

/// Notes that a certificate was seen for the first time, of which an entry tells.
async fn see(world: &World, exchange: &Exchange) {
    let certificate =
        "SELECT sha256 FROM certificate WHERE sha256 NOT IN (SELECT certificate FROM first_sighting) LIMIT 1";
    let certificate: Vec<u8> =
        sqlx::query_scalar(certificate).fetch_one(&mut world.owner().await).await.unwrap();
    let seen = Sighting { at: world.clock.now(), address: "192.0.2.1".to_owned() };
    exchange.saw(&certificate.try_into().unwrap(), &seen).await.unwrap();
}

/// Else an entry would wait for the look of each second.
#[tokio::test]
async fn what_is_recorded_wakes_who_waits_for_it_once() {
    let (world, _) = settled().await;
    let exchange = world.exchange("gerbang_keeper");
    assert!(exchange.recorded().now_or_never().is_none());
    see(&world, &exchange).await;
    assert!(exchange.recorded().now_or_never().is_some());
    assert!(exchange.recorded().now_or_never().is_none());
}

/// A snapshot that was made up has the sequencer leave entries out: the audit names them. One whose turn is yet to come it does
/// not.
#[tokio::test]
async fn an_entry_that_was_left_out_is_found() {
    let (world, keeper) = settled().await;
    let audit = async || audit_rows(&world.database, &world.keys, world.clock.now()).await;
    see(&world, &world.exchange("gerbang_keeper")).await;
    assert_eq!(audit().await, []);
    let ahead =
        "SET session_replication_role = replica; UPDATE ledger_batch SET snapshot = pg_current_snapshot()
         WHERE tree_size = (SELECT max(tree_size) FROM ledger_batch)";
    sqlx::raw_sql(ahead).execute(&mut world.superuser().await).await.unwrap();
    assert_eq!(placed(&keeper).await, 0);
    let found: Vec<_> = audit().await.into_iter().map(|found| (found.flaw, found.detail)).collect();
    assert_eq!(found, [(Flaw::Order, "was left out of the order".to_owned())]);
}

/// A place that the keeper's role made up, of an entry that there is not.
#[tokio::test]
async fn a_place_without_an_entry_is_found() {
    let (world, _) = settled().await;
    let made_up = "INSERT INTO ledger_index (index, entry, leaf_hash)
        SELECT max(index) + 1, gen_random_uuid(), sha256('x') FROM ledger_index";
    world.keepers_connection().await.execute(made_up).await.unwrap();
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!(found.flaw, Flaw::Order);
    assert!(found.detail.contains("the last batch says"), "{}", found.detail);
}

/// What no role that runs may write: whose place is chosen, or taken back.
#[tokio::test]
async fn the_order_is_the_keepers_and_only_grows() {
    let (world, _) = settled().await;
    let grow = [
        "INSERT INTO ledger_index (index, entry, leaf_hash) VALUES (1000000, gen_random_uuid(), sha256('x'))",
        "INSERT INTO ledger_subtree (level, index, hash) VALUES (1, 1000000, sha256('x'))",
        "INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at) \
         SELECT 4096, tree_size, root, sha256('x'), snapshot, cluster, indexed_at FROM ledger_batch \
          ORDER BY tree_size DESC LIMIT 1",
    ];
    let change = [
        "INSERT INTO ledger_entry (id, recorded_at, leaf, xid) VALUES (gen_random_uuid(), '2026-03-02T01:00:00Z', 'x', '9')",
        "UPDATE ledger_entry SET xid = '9'",
        "UPDATE ledger_index SET index = index + 1",
        "DELETE FROM ledger_index",
        "UPDATE ledger_subtree SET hash = sha256('x')",
        "DELETE FROM ledger_subtree",
        "UPDATE ledger_batch SET root = sha256('x')",
        "DELETE FROM ledger_batch",
        "TRUNCATE ledger_index",
    ];
    for mut db in [world.runtime().await, world.signers_connection().await] {
        for write in grow.iter().chain(&change) {
            let refused = sqlx::query(*write).execute(&mut db).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{write}: {refused}");
        }
    }
    let mut keeper = world.keepers_connection().await;
    for write in change {
        let refused = sqlx::query(write).execute(&mut keeper).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{write}: {refused}");
    }
    // The keeper may, and the chain of batches refuses a second successor.
    for write in grow {
        let mut tx = keeper.begin().await.unwrap();
        sqlx::query(write).execute(&mut *tx).await.unwrap();
        tx.rollback().await.unwrap();
    }
    let fork = "INSERT INTO ledger_batch (tree_size, first_index, root, frontier, snapshot, cluster, indexed_at) \
        SELECT 4096, first_index, root, sha256('x'), snapshot, cluster, indexed_at FROM ledger_batch \
         ORDER BY tree_size DESC LIMIT 1";
    let refused = sqlx::query(fork).execute(&mut keeper).await.unwrap_err();
    assert!(refused.to_string().contains("ledger_batch_first_index_key"), "{refused}");
    let mut owner = world.owner().await;
    for change in
        ["UPDATE ledger_index SET index = index + 1", "DELETE FROM ledger_batch", "TRUNCATE ledger_subtree"]
    {
        let refused = sqlx::query(change).execute(&mut owner).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{change}: {refused}");
    }
}
