//! The same request again: answered again and done once, however often, however it comes.

use std::collections::HashSet;

use gerbang::{
    config::Limits,
    proto::v1::{self, BatchOutcome, ItemOutcome},
};
use prost::Message;

use crate::{
    cast::{Cast, PUSH, TRAINER, errors, led_session, outcomes, push, session, session_name},
    forge::Profile,
    world::{TRUST_DOMAIN, World, der, reason},
};

const START: &str = "2026-03-10T01:00:00Z";

fn request() -> v1::PushScheduleRequest {
    push(vec![led_session("s1", START, TRAINER)])
}

/// A world in which twenty calls of one agency may be under way.
async fn roomy() -> Cast {
    let limits = Limits { pool_size: 24, calls_per_agency: 20, ..Limits::default() };
    Cast::gather_in(World::start_as("gerbang_gateway", limits).await).await.with_programme().await
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_is_done_once() {
    let cast = Cast::ready().await;
    let request = request();
    let first = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    // What has changed since does not change the answer.
    cast.world.set_clock("2026-03-10T02:00:00Z");
    let again = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
    assert_eq!(cast.recorded(PUSH).await, 1);
    cast.world.assert_entry(&first.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn the_same_content_under_a_new_id_is_nothing_new() {
    let cast = Cast::ready().await;
    let first = cast.blk.schedule().push_schedule(request()).await.unwrap().into_inner();
    let again = cast.blk.schedule().push_schedule(request()).await.unwrap().into_inner();
    assert_eq!((again.outcome(), again.entry.as_str()), (BatchOutcome::Unchanged, ""));
    assert_eq!(again.results[0].etag, first.results[0].etag);
    assert_eq!(cast.recorded(PUSH).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_at_once_with_one_id_are_one() {
    let cast = roomy().await;
    let request = request();
    let calls = (0..20).map(|_| {
        let (mut schedule, request) = (cast.blk.schedule(), request.clone());
        tokio::spawn(async move { schedule.push_schedule(request).await.unwrap().into_inner() })
    });
    let calls: Vec<_> = calls.collect();
    let mut answers = HashSet::new();
    for call in calls {
        answers.insert(call.await.unwrap().encode_to_vec());
    }
    assert_eq!(answers.len(), 1, "twenty equal answers");
    let answer = v1::PushScheduleResponse::decode(&answers.into_iter().next().unwrap()[..]).unwrap();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(cast.recorded(PUSH).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_at_once_with_their_own_ids_create_once() {
    let cast = roomy().await;
    let calls = (0..20).map(|_| {
        let mut schedule = cast.blk.schedule();
        tokio::spawn(async move { schedule.push_schedule(request()).await.unwrap().into_inner() })
    });
    let calls: Vec<_> = calls.collect();
    let mut stored = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        match answer.outcome() {
            BatchOutcome::Stored => stored.push(answer),
            outcome => assert_eq!((outcome, answer.entry.as_str()), (BatchOutcome::Unchanged, "")),
        }
    }
    assert_eq!(stored.len(), 1);
    cast.world.assert_entry(&stored[0].entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(cast.recorded(PUSH).await, 1);
    assert_eq!(cast.pull(&cast.lapas).await.len(), 1);
}

#[tokio::test]
async fn an_id_with_another_request_is_refused() {
    let cast = Cast::ready().await;
    let first = request();
    let stored = cast.blk.schedule().push_schedule(first.clone()).await.unwrap().into_inner();
    let mut other = first.clone();
    other.sessions[0].topic = "Las gas".to_owned();
    let dry = v1::PushScheduleRequest { validate_only: true, ..first.clone() };
    for request in [other, dry] {
        let refused = cast.blk.schedule().push_schedule(request).await.unwrap_err();
        assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    }
    let cancel = v1::CancelSessionsRequest {
        request_id: first.request_id.clone(),
        sessions: vec![v1::SessionCancellation {
            name: session_name("s1"),
            etag: stored.results[0].etag.clone(),
        }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    let refused = cast.blk.schedule().cancel_sessions(cancel.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED", "another method's");
    let by_prison = cast.lapas.schedule().cancel_sessions(cancel).await.unwrap().into_inner();
    assert_eq!(by_prison.outcome(), BatchOutcome::Stored, "an id is the agency's own: {by_prison:?}");
    let entry = "ScheduleService/CancelSessions";
    cast.world.assert_entry(&by_prison.entry, entry, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn an_id_that_is_no_uuid_is_refused_beside_what_else_is_wrong() {
    let cast = Cast::ready().await;
    let bad = v1::PushScheduleRequest { request_id: "1".to_owned(), time_zone: String::new(), ..request() };
    let refused = cast.blk.schedule().push_schedule(bad).await.unwrap_err();
    let expected = [("request_id", "REQUEST_ID_INVALID"), ("time_zone", "FIELD_REQUIRED")];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(crate::world::violations(&refused), expected);
}

/// What changed nothing is evaluated anew under the same id.
#[tokio::test]
async fn refusals_and_no_ops_are_not_remembered() {
    let cast = Cast::ready().await;
    let early = push(vec![session("s1", "2026-03-01T01:00:00Z")]);
    let answer = cast.blk.schedule().push_schedule(early.clone()).await.unwrap().into_inner();
    assert_eq!(errors(&answer.results)[0].1, "SESSION_IN_PAST");
    let another = v1::PushScheduleRequest { request_id: early.request_id.clone(), ..request() };
    let answer = cast.blk.schedule().push_schedule(another).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Created], "a refused request used up no id");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;

    let same = request();
    let noop = cast.blk.schedule().push_schedule(same.clone()).await.unwrap().into_inner();
    assert_eq!(noop.outcome(), BatchOutcome::Unchanged);
    let mut changed = v1::PushScheduleRequest { request_id: same.request_id, ..request() };
    changed.sessions[0].sequence = 1;
    changed.sessions[0].topic = "Las gas".to_owned();
    let answer = cast.blk.schedule().push_schedule(changed).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated], "nor did one that changed nothing");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn a_renewed_certificate_may_send_the_same_again() {
    let cast = Cast::ready().await;
    let request = request();
    let first = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    let renewed =
        cast.world.issue_as("blk-kepri", "jadwal", Profile::client(TRUST_DOMAIN, "blk-kepri", "jadwal"));
    cast.world.register_certificate("blk-kepri", "jadwal", &der(&renewed.certificate_pem)).await;
    let blk = cast.world.connect("blk-kepri", "jadwal").await;
    let serial = async |client: &gerbang::agent::Client| {
        let who = client.agency().who_am_i(v1::WhoAmIRequest::default()).await.unwrap().into_inner();
        format!("{who:?}")
    };
    assert_ne!(serial(&blk).await, serial(&cast.blk).await, "another certificate");
    let again = blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
    cast.world.assert_entry(&first.entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(cast.recorded(PUSH).await, 1);
}
