//! Calls that wait at one gateway for what another one has given its place: told by the notice of the batch, and not by any look.

use std::{sync::Arc, time::Duration};

use gerbang::{
    domain::{
        AgencyCode,
        access::{Identity, MayBeStored},
    },
    exchange::{
        Call, Exchange,
        change::{Changes, ListChanges, Wanted},
    },
    keeper::{
        hearing::{HEAR_BATCHES, Hearing},
        task::Supervisor,
    },
    pki::certificate::fingerprint,
    rpc::Access,
    server::outside::SystemEntropy,
    store::Database,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{end, watching::push};
use crate::{
    cast::Cast,
    trips::Counter,
    world::{World, der},
};

/// A second gateway over the same database, as far as it hears: it has no sequencer, and so never looks.
struct Other {
    exchange: Exchange,
    /// Counts what its calls ask of the database.
    counter: Counter,
    _ends: DropGuard,
}

impl Other {
    /// Returns once it listens, beside the world's gateway.
    async fn start(world: &World) -> Self {
        let (counter, end) = (Counter::new(world), CancellationToken::new());
        let database = Database::open(&counter.url(&world.config.database_url), 1).unwrap();
        let exchange = Exchange::new(database, world.outside());
        let tasks = Supervisor::new(world.clock.clone(), Arc::new(SystemEntropy));
        tasks.task(HEAR_BATCHES, Hearing::new(world.keeper(), exchange.clone())).start(end.clone());
        while listeners(world).await.len() < 2 {}
        Self { exchange, counter, _ends: end.drop_guard() }
    }

    /// Waits until it has heard of every batch.
    async fn until_heard(&self, world: &World) {
        let size = "SELECT max(tree_size) FROM ledger_batch";
        let mut owner = world.owner().await;
        while sqlx::query_scalar::<_, i64>(size).fetch_one(&mut owner).await.unwrap().cast_unsigned()
            != self.exchange.told_size()
        {}
    }

    /// Has an agency wait for what comes after a cursor, for an hour: longer than any test. Returns once it has looked.
    async fn wait(&self, world: &World, agency: &str, cursor: String) -> tokio::task::JoinHandle<Changes> {
        let issued = world.issue(agency, "jadwal");
        let identity = Identity {
            agency: AgencyCode::parse(agency).unwrap(),
            system: "jadwal".to_owned(),
            fingerprint: fingerprint(&der(&issued.certificate_pem)),
        };
        let exchange = self.exchange.clone();
        let before = looks(world).await;
        let waiting = tokio::spawn(async move {
            let (access, stored) = (Access::from_contract().unwrap(), MayBeStored::default());
            let rule = access.rule("ChangeService/ListChanges").unwrap();
            let call = Call { rule, identity: &identity, stored: &stored, deadline: None };
            let wanted = Wanted { cursor, since: None, kinds: Vec::new(), size: 10, with_resources: false };
            exchange.read(call, &ListChanges { wanted, wait: Duration::from_secs(3_600) }).await.unwrap()
        });
        while looks(world).await.iter().all(|look| before.contains(look)) {}
        waiting
    }
}

/// The sessions that listen for batches.
async fn listeners(world: &World) -> Vec<i32> {
    let listening = "SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN \"gerbang_ledger\"%' ORDER BY pid";
    sqlx::query_scalar(listening).fetch_all(&mut world.superuser().await).await.unwrap()
}

/// When each session has looked for changes last, and has its answer.
async fn looks(world: &World) -> Vec<(i32, String)> {
    let looked = "SELECT pid, query_start::text FROM pg_stat_activity WHERE datname = current_database()
        AND state = 'idle' AND query LIKE '%changes_of_caller%' AND pid <> pg_backend_pid() ORDER BY pid";
    sqlx::query_as(looked).fetch_all(&mut world.superuser().await).await.unwrap()
}

/// What is pushed at one gateway is told at another, which looks at nothing by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_hears_of_what_another_has_placed() {
    let cast = Cast::ready().await;
    let other = Other::start(&cast.world).await;
    let waiting = other.wait(&cast.world, "blk-kepri", end(&cast.world, &cast.blk).await).await;
    push(&cast, "s1", 10).await;
    assert_eq!(waiting.await.unwrap().items.len(), 1);
}

/// Whom a batch does not concern, that one asks the database nothing, however many batches there are; whom it does, is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_has_no_part_in_a_batch_asks_nothing() {
    let cast = Cast::ready().await;
    let other = Other::start(&cast.world).await;
    // Of the first batch of which it hears, it does not know what was before; and its connection has yet to parse what it asks.
    let first = other.wait(&cast.world, "blk-kepri", end(&cast.world, &cast.blk).await).await;
    push(&cast, "s0", 12).await;
    first.await.unwrap();
    // That each has called for the first time concerns it, too.
    let cursor = end(&cast.world, &cast.dkp).await;
    cast.world
        .until(
            "SELECT NOT EXISTS (SELECT FROM certificate c WHERE agency IN ('blk-kepri', 'dkp-kepri')
              AND NOT EXISTS (SELECT FROM first_sighting f WHERE f.certificate = c.sha256))",
        )
        .await;
    cast.world.until_placed().await;
    other.until_heard(&cast.world).await;
    let others = other.wait(&cast.world, "dkp-kepri", cursor).await;
    for (uid, day) in [("s1", 10), ("s2", 11)] {
        let own = other.wait(&cast.world, "blk-kepri", end(&cast.world, &cast.blk).await).await;
        other.counter.take();
        push(&cast, uid, day).await;
        assert_eq!(own.await.unwrap().items.len(), 1);
        // The others have rested no less: they would have looked by now.
        assert_eq!(other.counter.take(), 1);
    }
    assert!(!others.is_finished());
    others.abort();
}

/// A connection that listens and was ended is replaced, and what comes is heard of again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gateway_listens_again_after_its_connection_was_ended() {
    let cast = Cast::ready().await;
    let other = Other::start(&cast.world).await;
    let ended = listeners(&cast.world).await;
    sqlx::query("SELECT pg_terminate_backend(pid, 60000) FROM unnest($1) AS pid")
        .bind(&ended)
        .execute(&mut cast.world.superuser().await)
        .await
        .unwrap();
    push(&cast, "s1", 10).await;
    let again = loop {
        let now = listeners(&cast.world).await;
        if now.len() == ended.len() {
            break now;
        }
    };
    assert!(ended.iter().all(|pid| !again.contains(pid)));
    let waiting = other.wait(&cast.world, "blk-kepri", end(&cast.world, &cast.blk).await).await;
    push(&cast, "s2", 11).await;
    assert_eq!(waiting.await.unwrap().items.len(), 1);
}
