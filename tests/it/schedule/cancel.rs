//! Cancellation: by lead agency or prison, for good, all or nothing.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState, BatchOutcome, ItemOutcome, SessionState},
};

use crate::{
    cast::{
        Cast, FISHER, TRAINER, again, errors, led_session, manpower, outcomes, session, session_name, terms,
        trainer,
    },
    world::{reason, request_id, violations},
};

const CANCEL: &str = "ScheduleService/CancelSessions";
const FIRST: &str = "2026-03-10T01:00:00Z";
const SECOND: &str = "2026-03-11T01:00:00Z";

fn cancel(sessions: &[(&str, &str)]) -> v1::CancelSessionsRequest {
    let sessions = sessions
        .iter()
        .map(|(uid, etag)| v1::SessionCancellation { name: session_name(uid), etag: (*etag).to_owned() });
    v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: sessions.collect(),
        note: "Ruang dipakai".to_owned(),
        ..Default::default()
    }
}

async fn send(client: &Client, request: v1::CancelSessionsRequest) -> v1::CancelSessionsResponse {
    client.schedule().cancel_sessions(request).await.unwrap().into_inner()
}

/// Two sessions, the first with a trainer; their etags.
async fn two_sessions(cast: &Cast) -> (String, String) {
    let answer = cast.push(vec![led_session("s1", FIRST, TRAINER), session("s2", SECOND)]).await;
    (answer.results[0].etag.clone(), answer.results[1].etag.clone())
}

#[tokio::test]
async fn lead_and_prison_cancel_and_the_trainer_is_free() {
    for by_prison in [false, true] {
        let cast = Cast::ready().await;
        let (etag, _) = two_sessions(&cast).await;
        let client = if by_prison { &cast.lapas } else { &cast.blk };
        let answer = send(client, cancel(&[("s1", &etag)])).await;
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
        assert_eq!(answer.results[0].state(), SessionState::Cancelled);
        cast.world.assert_entry(&answer.entry, CANCEL, &[&session_name("s1")]).await;
        let seen = cast.session("s1").await;
        assert_eq!((seen.state(), seen.note.as_str()), (SessionState::Cancelled, "Ruang dipakai"));
        assert_eq!(seen.etag, answer.results[0].etag);
        assert_eq!(cast.pull(&cast.lapas).await[0].state(), AssignmentState::Withdrawn);
        let free = cast.push(vec![led_session("s3", FIRST, TRAINER)]).await;
        assert_eq!(free.outcome(), BatchOutcome::Stored);
    }
}

#[tokio::test]
async fn what_is_cancelled_stays_so() {
    let cast = Cast::ready().await;
    let (etag, _) = two_sessions(&cast).await;
    let cancelled = send(&cast.blk, cancel(&[("s1", &etag)])).await;
    let changed = cast.push(vec![again(session("s1", SECOND))]).await;
    assert_eq!(errors(&changed.results), [("sessions[0]".to_owned(), "SESSION_FINAL".to_owned())]);
    let same = cast.push(vec![led_session("s1", FIRST, TRAINER)]).await;
    assert_eq!(same.outcome(), BatchOutcome::Unchanged, "the content is what was last pushed");
    assert_eq!(same.results[0].state(), SessionState::Cancelled);
    let twice = send(&cast.lapas, cancel(&[("s1", &cancelled.results[0].etag)])).await;
    assert_eq!(errors(&twice.results), [("sessions[0].name".to_owned(), "SESSION_FINAL".to_owned())]);
    assert_eq!((twice.outcome(), twice.entry.as_str()), (BatchOutcome::Rejected, ""));
    assert_eq!(cast.recorded(CANCEL).await, 1);
}

#[tokio::test]
async fn cancellation_is_all_or_nothing() {
    let cast = Cast::ready().await;
    let (first, second) = two_sessions(&cast).await;
    let none = "0000000000000000";
    let request = cancel(&[("s1", &first), ("s2", none), ("s9", none), ("s1", &first)]);
    let answer = send(&cast.blk, request).await;
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Rejected, ""));
    let expected =
        [ItemOutcome::NotStored, ItemOutcome::Rejected, ItemOutcome::Rejected, ItemOutcome::Rejected];
    assert_eq!(outcomes(&answer.results), expected);
    let expected = [
        ("sessions[1].etag", "ETAG_MISMATCH"),
        ("sessions[2].name", "NOT_FOUND"),
        ("sessions[3].name", "DUPLICATE_IN_BATCH"),
    ];
    assert_eq!(errors(&answer.results), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    assert_eq!(cast.session("s1").await.state(), SessionState::Tentative);
    assert_eq!(cast.recorded(CANCEL).await, 0);

    let answer = send(&cast.blk, cancel(&[("s1", &first), ("s2", &second)])).await;
    let names = ["s1", "s2"].map(session_name);
    cast.world.assert_entry(&answer.entry, CANCEL, &names.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn an_etag_that_is_out_of_date_cancels_nothing() {
    let cast = Cast::ready().await;
    let (old, _) = two_sessions(&cast).await;
    let moved = cast.push(vec![again(led_session("s1", SECOND, TRAINER))]).await;
    let answer = send(&cast.lapas, cancel(&[("s1", &old)])).await;
    assert_eq!(errors(&answer.results), [("sessions[0].etag".to_owned(), "ETAG_MISMATCH".to_owned())]);
    let answer = send(&cast.lapas, cancel(&[("s1", &moved.results[0].etag)])).await;
    cast.world.assert_entry(&answer.entry, CANCEL, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn within_a_day_only_the_prison_cancels_and_after_the_start_nobody() {
    let cast = Cast::ready().await;
    let (first, second) = two_sessions(&cast).await;
    cast.world.set_clock("2026-03-09T01:00:01Z");
    let answer = send(&cast.blk, cancel(&[("s1", &first)])).await;
    assert_eq!(errors(&answer.results), [("sessions[0].name".to_owned(), "SESSION_TOO_SOON".to_owned())]);
    let answer = send(&cast.lapas, cancel(&[("s1", &first)])).await;
    cast.world.assert_entry(&answer.entry, CANCEL, &[&session_name("s1")]).await;
    cast.world.set_clock(SECOND);
    let answer = send(&cast.lapas, cancel(&[("s2", &second)])).await;
    assert_eq!(errors(&answer.results), [("sessions[0].name".to_owned(), "SESSION_IN_PAST".to_owned())]);
}

#[tokio::test]
async fn others_cancel_nothing() {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/a", terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let answer = cast.push(vec![led_session("s1", FIRST, FISHER)]).await;
    let request = || cancel(&[("s1", &answer.results[0].etag)]);
    let trainers_agency = send(&cast.dkp, request()).await;
    assert_eq!(errors(&trainers_agency.results)[0].1, "RELATION_NOT_ALLOWED");
    let stranger = send(&cast.dkpp, request()).await;
    assert_eq!(errors(&stranger.results)[0].1, "NOT_FOUND");
    assert_eq!(cast.recorded(CANCEL).await, 0);
}

#[tokio::test]
async fn a_dry_cancellation_cancels_nothing() {
    let cast = Cast::ready().await;
    let (etag, _) = two_sessions(&cast).await;
    let dry = v1::CancelSessionsRequest { validate_only: true, ..cancel(&[("s1", &etag)]) };
    let answer = send(&cast.blk, dry).await;
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Stored, ""));
    assert_eq!(cast.session("s1").await.state(), SessionState::Tentative);
    assert_eq!(cast.recorded(CANCEL).await, 0);
}

#[tokio::test]
async fn the_envelope_of_a_cancellation_is_bounded() {
    let cast = Cast::ready().await;
    let many: Vec<_> = (0..1001).map(|index| format!("s{index}")).collect();
    let many: Vec<_> = many.iter().map(|uid| (uid.as_str(), "x")).collect();
    let refused = cast.blk.schedule().cancel_sessions(cancel(&many)).await.unwrap_err();
    assert_eq!(reason(&refused), "BATCH_TOO_LARGE");
    let answer = send(&cast.blk, cancel(&many[..1000])).await;
    assert_eq!(answer.results.len(), 1000);
    let bare = v1::CancelSessionsRequest { note: "a\u{202e}b".to_owned(), ..cancel(&[]) };
    let refused = cast.blk.schedule().cancel_sessions(bare).await.unwrap_err();
    let expected = [("sessions", "ITEMS_TOO_FEW"), ("note", "FORBIDDEN_CHARACTER")];
    assert_eq!(violations(&refused), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

/// What is cancelled stays so, also where a push changes nothing but the sequence.
#[tokio::test]
async fn a_cancelled_session_is_not_revived_by_a_higher_sequence() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", FIRST)]).await;
    let seen = cast.session("s1").await;
    let request = v1::CancelSessionsRequest {
        request_id: crate::world::request_id(),
        sessions: vec![v1::SessionCancellation { name: seen.name, etag: seen.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.schedule().cancel_sessions(request).await.unwrap();
    let same = cast.push(vec![session("s1", FIRST)]).await;
    assert_eq!(same.outcome(), v1::BatchOutcome::Unchanged, "sent once more");
    let raised = cast.push(vec![again(session("s1", FIRST))]).await;
    assert_eq!(errors(&raised.results), [("sessions[0]".to_owned(), "SESSION_FINAL".to_owned())]);
    assert_eq!(cast.session("s1").await.sequence, 0);
}
