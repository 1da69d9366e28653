//! The same request again: answered again and done once, however often, however it comes.

use std::collections::HashSet;

use gerbang::{
    config::Limits,
    proto::v1::{self, BatchOutcome, ItemOutcome},
};
use prost::Message;

use crate::{
    bridge::both_ways,
    cast::{Cast, PUSH, TRAINER, errors, led_session, nominate, outcomes, push, session, session_name},
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

async fn the_same_content_under_a_new_id_is_nothing_new() {
    let cast = Cast::ready().await;
    let first = cast.blk.schedule().push_schedule(request()).await.unwrap().into_inner();
    let again = cast.blk.schedule().push_schedule(request()).await.unwrap().into_inner();
    assert_eq!((again.outcome(), again.entry.as_str()), (BatchOutcome::Unchanged, ""));
    assert_eq!(again.results[0].etag, first.results[0].etag);
    assert_eq!(cast.recorded(PUSH).await, 1);
}

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

async fn an_id_that_is_no_uuid_is_refused_beside_what_else_is_wrong() {
    let cast = Cast::ready().await;
    let bad = v1::PushScheduleRequest { request_id: "1".to_owned(), time_zone: String::new(), ..request() };
    let refused = cast.blk.schedule().push_schedule(bad).await.unwrap_err();
    let expected = [("request_id", "REQUEST_ID_INVALID"), ("time_zone", "FIELD_REQUIRED")];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(crate::world::violations(&refused), expected);
}

/// What a program sends that never drew one: two of its requests would be one.
async fn an_id_that_nobody_drew_is_refused() {
    let cast = Cast::ready().await;
    for id in [uuid::Uuid::nil(), uuid::Uuid::max()] {
        let undrawn = v1::PushScheduleRequest { request_id: id.to_string(), ..request() };
        let refused = cast.blk.schedule().push_schedule(undrawn).await.unwrap_err();
        let expected = ("request_id".to_owned(), "REQUEST_ID_INVALID".to_owned());
        assert_eq!(crate::world::violations(&refused), [expected], "{id}");
    }
}

/// What changed nothing is evaluated anew under the same id.
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

/// What the landing before [`gerbang::exchange::BatchAnswer`] remembered of a push, an act on assignments and a
/// nomination: answers that may be asked for again for 30 days.
const REMEMBERED: &str = include_str!("../golden/remembered-v1.jsonl");

/// Puts an answer in the place of the one that is remembered of a request.
async fn remember(cast: &Cast, request_id: &str, answer: &str) {
    let update = "UPDATE replay SET answer = $2::text::json WHERE request_id = $1::text::uuid";
    let update = sqlx::query(update).bind(request_id).bind(answer);
    assert_eq!(update.execute(&mut cast.world.owner().await).await.unwrap().rows_affected(), 1);
}

fn texts(errors: &[v1::ItemError]) -> Vec<(&str, &str)> {
    errors.iter().map(|error| (error.field.as_str(), error.reason.as_str())).collect()
}

async fn an_answer_of_the_previous_landing_is_given_again() {
    use v1::{AssignmentState, EnrolmentState, SessionState};
    const ENTRY: &str = "0192d4c0-7a1e-7000-8000-000000000001";
    let mut remembered = REMEMBERED.lines();
    let cast = Cast::ready().await;

    let request = request();
    cast.blk.schedule().push_schedule(request.clone()).await.unwrap();
    remember(&cast, &request.request_id, remembered.next().unwrap()).await;
    let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Partial, ENTRY));
    let [made, unnamed, late] = answer.results.as_slice() else { panic!("{answer:?}") };
    assert_eq!((made.index, made.uid.as_str(), made.name.as_str()), (0, "s1", session_name("s1").as_str()));
    assert_eq!((made.outcome(), made.state()), (ItemOutcome::Created, SessionState::Tentative));
    assert_eq!((made.etag.as_str(), texts(&made.errors)), ("e1", vec![]));
    assert_eq!((unnamed.index, unnamed.uid.as_str(), unnamed.name.as_str()), (1, "?", ""));
    assert_eq!((unnamed.outcome(), unnamed.state()), (ItemOutcome::Rejected, SessionState::Unspecified));
    assert_eq!(texts(&unnamed.errors), [("sessions[1].uid", "FIELD_REQUIRED")]);
    assert_eq!((late.uid.as_str(), late.name.as_str()), ("s3", session_name("s3").as_str()));
    assert_eq!(texts(&late.errors), [("sessions[2].sequence", "STALE_SEQUENCE")]);
    assert!(late.errors[0].text.contains('2'), "with its facts: {late:?}");

    let assignments = cast.seen(&[TRAINER]).await;
    let request_id = crate::world::request_id();
    let request = v1::AcceptAssignmentsRequest { request_id, assignments, ..Default::default() };
    cast.blk.assignment().accept_assignments(request.clone()).await.unwrap();
    remember(&cast, &request.request_id, remembered.next().unwrap()).await;
    let answer = cast.blk.assignment().accept_assignments(request).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Partial, ENTRY));
    assert_eq!(answer.unconfirmed, [session_name("s1")]);
    let [done, refused] = answer.results.as_slice() else { panic!("{answer:?}") };
    assert_eq!(done.name, "assignments/0192d4c0-7a1e-7000-8000-00000000000a");
    assert_eq!((done.outcome(), done.state()), (ItemOutcome::Updated, AssignmentState::ClearanceRefused));
    assert_eq!((refused.index, refused.etag.as_str()), (1, "e9"));
    assert_eq!((refused.outcome(), refused.state()), (ItemOutcome::Rejected, AssignmentState::Cleared));
    assert_eq!(texts(&refused.errors), [("assignments[1].etag", "ETAG_MISMATCH")]);

    let request = nominate(&[1]);
    cast.lapas.roster().nominate_trainees(request.clone()).await.unwrap();
    remember(&cast, &request.request_id, remembered.next().unwrap()).await;
    let answer = cast.lapas.roster().nominate_trainees(request).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Partial, ENTRY));
    assert_eq!(answer.places, Some(v1::RosterPlaces { capacity: 2, confirmed: 2, waitlisted: 1 }));
    let warnings: Vec<_> =
        answer.warnings.iter().map(|one| (one.field.as_str(), one.reason.as_str())).collect();
    assert_eq!(warnings, [("trainees[0].trainee", "TRAINEE_CLASH")]);
    let [made, double] = answer.results.as_slice() else { panic!("{answer:?}") };
    assert_eq!(made.name, "enrolments/000102030405060708090a0b0c0d0e0f");
    assert_eq!((made.outcome(), made.state()), (ItemOutcome::Created, EnrolmentState::Waitlisted));
    assert_eq!((made.etag.as_str(), double.name.as_str(), double.etag.as_str()), ("e3", "", ""));
    assert_eq!(texts(&double.errors), [("trainees[1].trainee.nik", "DUPLICATE_IN_BATCH")]);
}

/// The other batches remember what they answered, byte for byte.
async fn every_kind_of_batch_is_answered_again_as_it_was() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER), session("s2", "2026-03-11T01:00:00Z")]).await;
    let assignments = cast.seen(&[TRAINER]).await;
    let request_id = crate::world::request_id();
    let accept = v1::AcceptAssignmentsRequest { request_id, assignments, ..Default::default() };
    let first = cast.blk.assignment().accept_assignments(accept.clone()).await.unwrap().into_inner();
    let again = cast.blk.assignment().accept_assignments(accept).await.unwrap().into_inner();
    assert_eq!(first.outcome(), BatchOutcome::Stored);
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());

    let nomination = nominate(&[1, 2]);
    let first = cast.lapas.roster().nominate_trainees(nomination.clone()).await.unwrap().into_inner();
    let again = cast.lapas.roster().nominate_trainees(nomination).await.unwrap().into_inner();
    assert_eq!(first.outcome(), BatchOutcome::Stored);
    assert_eq!(first.places.map(|places| places.confirmed), Some(2), "{first:?}");
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());

    let etag = cast.session("s2").await.etag;
    let cancel = v1::CancelSessionsRequest {
        request_id: crate::world::request_id(),
        sessions: vec![v1::SessionCancellation { name: session_name("s2"), etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    let first = cast.blk.schedule().cancel_sessions(cancel.clone()).await.unwrap().into_inner();
    let again = cast.blk.schedule().cancel_sessions(cancel).await.unwrap().into_inner();
    assert_eq!((first.outcome(), first.results[0].uid.as_str()), (BatchOutcome::Stored, "s2"));
    assert_eq!(again.encode_to_vec(), first.encode_to_vec());
}

both_ways! {
    the_same_request_gets_the_same_answer_and_is_done_once,
    the_same_content_under_a_new_id_is_nothing_new,
    twenty_at_once_with_one_id_are_one,
    twenty_at_once_with_their_own_ids_create_once,
    an_id_with_another_request_is_refused,
    an_id_that_is_no_uuid_is_refused_beside_what_else_is_wrong,
    an_id_that_nobody_drew_is_refused,
    refusals_and_no_ops_are_not_remembered,
    a_renewed_certificate_may_send_the_same_again,
    an_answer_of_the_previous_landing_is_given_again,
    every_kind_of_batch_is_answered_again_as_it_was,
}
