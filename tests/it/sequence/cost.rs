//! What it costs to find what is new, however long a transaction has been open and however much has been rolled back.

use gerbang::store::Database;
use sqlx::{Connection, PgConnection};

use super::{placed, settled, writing::write};
use crate::{growth::buffers, world::url};

/// Entries of each round; of so many rounds, one is rolled back.
const ENTRIES: u64 = 15;
const UNDONE: usize = 7;
/// Pages that a find may ask for: the way to each entry by its transaction, and nothing that grows.
const PAGES: i64 = 100;

/// The pages of tables and indexes of ours for which the keeper's question for the next batch asks, as the sequencer sets it up.
async fn pages(keeper: &mut PgConnection) -> i64 {
    let mut tx = keeper.begin().await.unwrap();
    let plain =
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
    sqlx::raw_sql(plain).execute(&mut *tx).await.unwrap();
    let before = buffers(&mut tx).await;
    let find = "SELECT cardinality(entries)::bigint FROM ledger_next_batch(10000, 4194304)";
    let found: i64 = sqlx::query_scalar(find).fetch_one(&mut *tx).await.unwrap();
    assert_eq!(found.unsigned_abs(), ENTRIES);
    let pages = buffers(&mut tx).await - before;
    tx.rollback().await.unwrap();
    pages
}

/// Where no table may be read as a whole, a plan looks so dear that Postgres would compile it for each batch, which took half of the
/// sequencer's time.
#[tokio::test]
async fn no_session_compiles_its_statements() {
    let (world, _keeper) = settled().await;
    for role in ["gerbang_gateway", "gerbang_keeper", "gerbang_signer", "gerbang_owner"] {
        let database = Database::open(&url(role, &world.database), 1).unwrap();
        let mut session = database.session().await.unwrap();
        let jit: String = sqlx::query_scalar("SHOW jit").fetch_one(&mut session).await.unwrap();
        assert_eq!(jit, "off", "{role}");
    }
}

#[tokio::test]
async fn a_find_costs_the_same_however_long_a_transaction_is_open() {
    let (world, keeper) = settled().await;
    let [mut slow, mut quick] = [world.owner().await, world.owner().await];
    let mut by_keeper = world.keepers_connection().await;
    let mut slow = slow.begin().await.unwrap();
    write(&mut slow, "slow").await;
    let mut costs = Vec::new();
    for round in 0..200 {
        if round % UNDONE == 0 {
            let mut undone = quick.begin().await.unwrap();
            write(&mut undone, "undone").await;
            undone.rollback().await.unwrap();
        }
        let mut tx = quick.begin().await.unwrap();
        for entry in 0..ENTRIES {
            write(&mut tx, &format!("{round}.{entry}")).await;
        }
        tx.commit().await.unwrap();
        costs.push(pages(&mut by_keeper).await);
        assert_eq!(placed(&keeper).await, ENTRIES);
    }
    let most = |of: &[i64]| of.iter().copied().max().unwrap();
    let (first, last) = (most(&costs[..20]), most(&costs[180..]));
    println!("pages of a find: {first} at first, {last} at last, {} at most", most(&costs));
    assert!(most(&costs) < PAGES, "{costs:?}");
    slow.commit().await.unwrap();
    assert_eq!(placed(&keeper).await, 1);
}
