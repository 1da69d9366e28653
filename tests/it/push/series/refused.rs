//! What ends a series from within: a push that is refused, as PushSchedule refuses it. And what does not.

use std::collections::BTreeMap;

use gerbang::proto::v1::{self, BatchOutcome, ItemOutcome};
use tonic::Status;

use super::{Series, again, assert_stored, entries, part, parts, recorded};
use crate::{
    cast::{Cast, errors, outcomes, timestamp},
    metrics::scrape,
    push::{SESSIONS, count},
    world::{details, reason, request_id, violations},
};

/// What a caller is told by a refusal: its code, its text, and its details but for the order of their map.
fn told(status: &Status) -> impl PartialEq + std::fmt::Debug + use<> {
    let info = details(status).error_info().cloned();
    let facts = info.map(|info| (info.reason, info.metadata));
    (status.code(), status.message().to_owned(), facts, violations(status))
}

/// Pushes that are refused as a whole, and why.
fn wrong() -> Vec<(v1::PushScheduleRequest, &'static str)> {
    let right = part(100, 1);
    let with = |change: fn(&mut v1::PushScheduleRequest)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        wrong
    };
    vec![
        (with(|push| push.programme = "agencies/blk-kepri/programmes/none".to_owned()), "NOT_FOUND"),
        (with(|push| push.name = "agencies/dkp-kepri/schedules/las-1".to_owned()), "NAME_OF_OTHER_AGENCY"),
        (with(|push| push.sessions.clear()), "FIELDS_INVALID"),
        (with(|push| push.request_id = "7".to_owned()), "FIELDS_INVALID"),
        (with(|push| push.sessions = part(0, 1001).sessions), "BATCH_TOO_LARGE"),
        (too_large(), "MESSAGE_TOO_LARGE"),
    ]
}

fn too_large() -> v1::PushScheduleRequest {
    let mut push = part(100, 1);
    push.sessions[0].topic = "a".repeat(5 * 1024 * 1024);
    push
}

/// What stands before it is stored, and what stands behind it is not; the caller is told what PushSchedule tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_that_is_refused_ends_the_series() {
    let cast = Cast::ready().await;
    let (mut stored, mut answers) = (Vec::new(), Vec::new());
    for (number, (wrong, expected)) in (0..).zip(wrong()) {
        let right = [part(2 * number, 1), part(200, 1)];
        let pushes = [right[0].clone(), wrong.clone(), right[1].clone()];
        let mut series = Series::begin(&cast.blk, &pushes).await.unwrap();
        answers.extend(series.hear_stored(1).await);
        stored.push(right[0].clone());
        let refused = series.hear().await.unwrap_err();
        assert_eq!(reason(&refused), expected, "{refused:?}");
        let alone = again(&cast.blk, &wrong).await.unwrap_err();
        assert_eq!(told(&refused), told(&alone), "{expected}");
    }
    assert_stored(&cast, &stored, &answers).await;
}

/// There is no stream then, and nothing is stored of what was sent behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_first_push_that_is_refused_is_a_refusal_of_the_call() {
    let cast = Cast::ready().await;
    for (wrong, expected) in wrong() {
        let refused = Series::begin(&cast.blk, &[wrong.clone(), part(0, 1)]).await.err().unwrap();
        assert_eq!(reason(&refused), expected, "{refused:?}");
        let alone = again(&cast.blk, &wrong).await.unwrap_err();
        assert_eq!(told(&refused), told(&alone), "{expected}");
    }
    // The prison sees the programme, and does not lead it.
    let refused = Series::begin(&cast.lapas, &parts(2)).await.err().unwrap();
    assert_eq!(reason(&refused), "RELATION_NOT_ALLOWED");
    assert_eq!(told(&refused), told(&again(&cast.lapas, &part(0, 1)).await.unwrap_err()));
    let nothing = tokio_stream::empty::<v1::PushScheduleRequest>();
    let refused = cast.blk.schedule().push_sessions(nothing).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let empty = again(&cast.blk, &v1::PushScheduleRequest::default()).await.unwrap_err();
    assert_eq!(told(&refused), told(&empty));
    assert_eq!((count(&cast.world, SESSIONS).await, recorded(&cast.world).await.len()), (0, 0));
}

/// The stream has begun by then, and so it is no refused call; it is counted as one all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_within_a_series_is_counted() {
    let mut cast = Cast::ready().await;
    cast.world.stop().await;
    cast.world.config.metrics = Some(gerbang::config::Metrics { listen: "127.0.0.1:0".parse().unwrap() });
    cast.world.start_gateway().await;
    cast.blk = cast.world.connect("blk-kepri", "jadwal").await;
    cast.admin = cast.world.connect("operator", "admin").await;
    for (number, (wrong, _)) in (0..).zip(wrong()) {
        let mut series = Series::begin(&cast.blk, &[part(number, 1), wrong]).await.unwrap();
        series.hear_stored(1).await;
        series.hear().await.unwrap_err();
    }
    cast.world
        .until("SELECT coalesce(sum(calls), 0) >= 6 FROM refused_call WHERE agency = 'blk-kepri'")
        .await;
    let request =
        v1::ListRefusedCallsRequest { agency: "agencies/blk-kepri".to_owned(), ..Default::default() };
    let listed = cast.admin.ledger().list_refused_calls(request).await.unwrap().into_inner().refused_calls;
    let told: BTreeMap<_, _> = listed
        .iter()
        .map(|one| {
            assert_eq!(
                (one.method.as_str(), one.system.as_str()),
                ("ScheduleService/PushSessions", "jadwal")
            );
            (one.reason.as_str(), one.calls)
        })
        .collect();
    let mut expected = BTreeMap::new();
    wrong().iter().for_each(|(_, reason)| *expected.entry(*reason).or_insert(0) += 1);
    assert_eq!(told, expected);
    let shown = scrape(&cast.world).await;
    for (reason, count) in expected {
        let series = format!("gerbang_refusals_total{{reason=\"{reason}\"}} {count}");
        assert!(shown.lines().any(|line| line == series), "{series}: {shown}");
    }
}

/// The metadata says how large it may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_sends_too_much_is_told_how_much_may_come() {
    let cast = Cast::ready().await;
    let right = part(0, 1);
    let mut series = Series::begin(&cast.blk, &[right.clone(), too_large()]).await.unwrap();
    let answers = series.hear_stored(1).await;
    let later = series.hear().await.unwrap_err();
    let first = Series::begin(&cast.blk, &[too_large()]).await.err().unwrap();
    for refused in [first, later] {
        let info = details(&refused).error_info().cloned().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.metadata["max_bytes"].as_str()),
            ("MESSAGE_TOO_LARGE", "4194304")
        );
    }
    assert_stored(&cast, &[right], &answers).await;
}

/// Its items are refused, and the push is answered: what comes behind it is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_push_of_which_nothing_is_stored_is_an_answer() {
    let cast = Cast::ready().await;
    let mut mixed = part(10, 2);
    mixed.sessions[1].ends_at = timestamp("2026-03-09T00:00:00Z");
    let right = parts(2);
    let pushes = [right[0].clone(), mixed.clone(), right[1].clone()];
    let mut series = Series::begin(&cast.blk, &pushes).await.unwrap();
    let mut answers = series.hear_stored(1).await;
    let rejected = series.hear().await.unwrap();
    assert_eq!((rejected.outcome(), rejected.entry.as_str()), (BatchOutcome::Rejected, ""));
    assert_eq!(outcomes(&rejected.results), [ItemOutcome::NotStored, ItemOutcome::Rejected]);
    assert_eq!(errors(&rejected.results)[0].1, "SESSION_REVERSED");
    assert_eq!(rejected, again(&cast.blk, &mixed).await.unwrap());
    answers.extend(series.hear_stored(1).await);
    series.end().await;
    assert_stored(&cast, &right, &answers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_id_is_one_push_whatever_stream_it_comes_by() {
    let cast = Cast::ready().await;
    let first = part(0, 1);
    let other = v1::PushScheduleRequest { request_id: first.request_id.clone(), ..part(1, 1) };
    let mut series = Series::begin(&cast.blk, &[first.clone(), first.clone(), other.clone()]).await.unwrap();
    let answers = series.hear_stored(2).await;
    assert_eq!(answers[0], answers[1]);
    assert_eq!(reason(&series.hear().await.unwrap_err()), "REQUEST_ID_REUSED");
    // As PushSchedule had it.
    let alone = part(2, 1);
    let answer = again(&cast.blk, &alone).await.unwrap();
    let mut series = Series::begin(&cast.blk, std::slice::from_ref(&alone)).await.unwrap();
    assert_eq!(series.hear().await.unwrap(), answer);
    series.end().await;
    assert_stored(&cast, &[first, alone], &[answers[0].clone(), answer]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dry_run_stores_nothing_and_the_next_push_is_stored() {
    let cast = Cast::ready().await;
    let right = part(0, 1);
    let dry = v1::PushScheduleRequest { validate_only: true, request_id: request_id(), ..right.clone() };
    let mut series = Series::begin(&cast.blk, std::slice::from_ref(&dry)).await.unwrap();
    let seen = series.hear().await.unwrap();
    assert_eq!((seen.outcome(), seen.entry.as_str(), seen.receipt.as_str()), (BatchOutcome::Stored, "", ""));
    assert_eq!((count(&cast.world, SESSIONS).await, recorded(&cast.world).await.len()), (0, 0));
    series.send(&right);
    let answers = series.hear_stored(1).await;
    assert_eq!(outcomes(&answers[0].results), [ItemOutcome::Created]);
    series.end().await;
    assert_stored(&cast, &[right], &answers).await;
    assert_eq!(recorded(&cast.world).await, entries(&answers));
}
