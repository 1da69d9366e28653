//! Whatever sixteen callers of three lead agencies push at once: rows, entries and answers are those of some order one by
//! one. `order.rs` says which, and how it is found out.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use gerbang::agent::Client;

use super::{
    Answer, LEADS, client,
    drafts::{draw, lead_of},
    facts::Facts,
    order::{Call, number_commits, replay},
    second_gateway, three_leads,
};
use crate::{cast::Cast, world::reason};

/// Pushes of each caller.
const EACH: usize = 12;

/// A seed in the environment is taken in place of a test's own.
fn seed(own: u64) -> u64 {
    let seed = std::env::var("PUSH_SEED").ok().map_or(own, |seed| seed.parse().unwrap());
    println!("PUSH_SEED={seed}");
    seed
}

/// Each caller one after the other, all callers at once; the callers of an agency take turns between its clients.
async fn history(clients: &[Vec<Client>; 3], seed: u64) -> Vec<Call> {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    let tick = || COUNTER.fetch_add(1, Ordering::SeqCst);
    let callers = draw(seed, EACH).into_iter().enumerate().map(|(caller, requests)| {
        let lead = lead_of(caller);
        let clients = &clients[lead];
        let mut schedule = clients[caller / LEADS.len() % clients.len()].schedule();
        tokio::spawn(async move {
            let mut calls = Vec::new();
            for request in requests {
                let (begun, sent) = (tick(), request.clone());
                let answer = schedule.push_schedule(sent).await.map(tonic::Response::into_inner);
                calls.push(Call { lead, request, begun, ended: tick(), answer });
            }
            calls
        })
    });
    let mut calls = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        calls.extend(caller.await.unwrap());
    }
    calls
}

/// How often each kind of answer came.
fn census(calls: &[Call]) -> BTreeMap<String, usize> {
    let mut census = BTreeMap::new();
    for call in calls {
        let mut kinds = Vec::from_iter(call.answer.as_ref().err().map(reason));
        if let Ok(answer) = &call.answer {
            kinds.push(format!("batch {:?}", answer.outcome()));
            kinds.extend(answer.warnings.iter().map(|warning| warning.reason.clone()));
            kinds.extend(answer.results.iter().flat_map(|it| &it.errors).map(|error| error.reason.clone()));
            kinds.extend(answer.results.iter().map(|it| format!("item {:?}", it.outcome())));
        }
        kinds.into_iter().for_each(|kind| *census.entry(kind).or_default() += 1);
    }
    census
}

/// What must have come up, for the history to say something. Other kinds come most of the time.
const KINDS: [&str; 11] = [
    "batch Stored",
    "batch Partial",
    "batch Rejected",
    "item Created",
    "item Updated",
    "item Unchanged",
    "item NotStored",
    "TRAINER_CONFLICT",
    "TRAINER_NOT_AVAILABLE",
    "FACILITY_CONFLICT",
    "STALE_SEQUENCE",
];

/// Every call that stored something is answered again as it was, and what the others say has its place in the order.
async fn assert_some_order(cast: &Cast, calls: &[Call]) {
    let census = census(calls);
    println!("{census:#?}");
    let missing: Vec<_> = KINDS.iter().filter(|kind| !census.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "drawn too tamely: {missing:?}");
    let facts = Facts::of(&cast.world).await;
    for call in calls.iter().filter(|call| call.answer.as_ref().is_ok_and(|it| !it.entry.is_empty())) {
        let mut schedule = client(cast, LEADS[call.lead]).schedule();
        let again: Answer =
            schedule.push_schedule(call.request.clone()).await.map(tonic::Response::into_inner);
        assert_eq!(again.as_ref().ok(), call.answer.as_ref().ok(), "{again:?}");
    }
    assert!(Facts::of(&cast.world).await == facts, "answered again, and something was done");
    let alone = three_leads().await;
    replay(cast, calls, &alone).await;
    let one_by_one = Facts::of(&alone.world).await;
    assert!(facts == one_by_one, "at once, and one by one:\n{}", facts.differences(&one_by_one));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_at_once_are_as_one_by_one_in_some_order() {
    let cast = three_leads().await;
    number_commits(&cast.world).await;
    let clients = LEADS.map(|lead| vec![client(&cast, lead).clone()]);
    let calls = history(&clients, seed(20_260_302)).await;
    assert_some_order(&cast, &calls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_at_once_by_two_gateways_are_as_one_by_one_in_some_order() {
    let mut cast = three_leads().await;
    number_commits(&cast.world).await;
    let (_first, others) = second_gateway(&mut cast).await;
    let mut others = others.into_iter();
    let clients = LEADS.map(|lead| vec![client(&cast, lead).clone(), others.next().unwrap()]);
    let calls = history(&clients, seed(7)).await;
    assert_some_order(&cast, &calls).await;
}

/// The drawing is of the seed alone.
#[test]
fn a_seed_draws_the_same_again() {
    assert_eq!(draw(1, 4), draw(1, 4));
    assert_ne!(draw(1, 4), draw(2, 4));
}
