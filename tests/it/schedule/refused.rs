//! Bad sessions: each is refused by itself, at its field, with its reason; the call is answered OK.

use gerbang::proto::v1::{self, BatchOutcome, ItemOutcome};

use crate::{
    cast::{
        Cast, PUSH, TRAINER, best_effort, errors, lead, led_session, outcomes, push, session, session_name,
        timestamp,
    },
    world::{details, reason, violations},
};

const START: &str = "2026-03-10T01:00:00Z";

/// Pushes one session, which is refused for these errors and nothing is stored.
async fn refuse(cast: &Cast, draft: v1::SessionDraft, expected: &[(&str, &str)]) {
    let case = format!("{draft:?}");
    let answer = cast.push(vec![draft]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Rejected, "{case}");
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Rejected], "{case}");
    let expected: Vec<_> = expected.iter().map(|(f, r)| ((*f).to_owned(), (*r).to_owned())).collect();
    assert_eq!(errors(&answer.results), expected, "{case}");
    assert_eq!(answer.entry, "", "{case}");
    assert!(answer.results[0].errors.iter().all(|error| error.text.ends_with('.')), "{answer:?}");
}

#[tokio::test]
async fn times_that_cannot_be_are_refused_at_their_field() {
    let cast = Cast::ready().await;
    let from_to = |start: &str, end: &str| v1::SessionDraft {
        starts_at: timestamp(start),
        ends_at: timestamp(end),
        ..session("s1", START)
    };
    let (start, end) = ("sessions[0].starts_at", "sessions[0].ends_at");
    for (draft, field, reason) in [
        (from_to(START, "2026-03-10T09:00:01Z"), end, "SESSION_TOO_LONG"),
        (from_to(START, "2026-03-10T00:00:00Z"), end, "SESSION_REVERSED"),
        (from_to(START, START), end, "SESSION_REVERSED"),
        (from_to("2026-03-02T00:59:59Z", "2026-03-02T02:00:00Z"), start, "SESSION_IN_PAST"),
        // The term, 2 March 2026 to 1 March 2028, ends at midnight of Jakarta.
        (from_to("2028-03-01T16:00:00Z", "2028-03-01T17:00:01Z"), start, "SESSION_OUTSIDE_TERM"),
        (from_to("2028-03-01T17:00:00Z", "2028-03-01T18:00:00Z"), start, "SESSION_OUTSIDE_TERM"),
    ] {
        refuse(&cast, draft, &[(field, reason)]).await;
    }
    assert_eq!(cast.recorded(PUSH).await, 0);

    let longest = from_to(START, "2026-03-10T09:00:00Z");
    let last =
        v1::SessionDraft { uid: "s2".to_owned(), ..from_to("2028-03-01T16:00:00Z", "2028-03-01T17:00:00Z") };
    let now =
        v1::SessionDraft { uid: "s3".to_owned(), ..from_to("2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z") };
    let answer = cast.push(vec![longest, last, now]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "the bounds themselves are fine: {answer:?}");
    let names = ["s1", "s2", "s3"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn timestamps_out_of_range_are_refused_at_their_field() {
    let cast = Cast::ready().await;
    let at = |seconds, nanos| v1::SessionDraft {
        starts_at: Some(prost_types::Timestamp { seconds, nanos }),
        ..session("s1", START)
    };
    let seconds = 1_773_104_400;
    for (draft, reason) in [
        (at(253_402_300_799, 0), "TIME_OUT_OF_RANGE"),
        (at(i64::MAX, 0), "TIME_OUT_OF_RANGE"),
        (at(i64::MIN, 0), "TIME_OUT_OF_RANGE"),
        (at(-1, 0), "TIME_OUT_OF_RANGE"),
        (at(seconds, -1), "TIME_OUT_OF_RANGE"),
        (at(seconds, 1_000_000_000), "TIME_OUT_OF_RANGE"),
        (at(seconds, i32::MIN), "TIME_OUT_OF_RANGE"),
        (at(seconds, 1), "TIME_FRACTION"),
        (v1::SessionDraft { starts_at: None, ..session("s1", START) }, "FIELD_REQUIRED"),
    ] {
        refuse(&cast, draft, &[("sessions[0].starts_at", reason)]).await;
    }
    let range = v1::ListTrainerAssignmentsRequest {
        range_start: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
        ..Default::default()
    };
    let refused = cast.lapas.assignment().list_trainer_assignments(range).await.unwrap_err();
    assert_eq!(violations(&refused), [("range_start".to_owned(), "TIME_OUT_OF_RANGE".to_owned())]);
}

#[tokio::test]
async fn characters_that_cannot_be_seen_are_refused() {
    let cast = Cast::ready().await;
    for bad in ['\0', '\u{7}', '\n', '\u{7f}', '\u{85}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'] {
        let draft = v1::SessionDraft { topic: format!("Las{bad}busur"), ..session("s1", START) };
        refuse(&cast, draft, &[("sessions[0].topic", "FORBIDDEN_CHARACTER")]).await;
        let uid = v1::SessionDraft { uid: format!("s{bad}1"), ..session("s1", START) };
        refuse(&cast, uid, &[("sessions[0].uid", "NAME_INVALID")]).await;
    }
    let trainer =
        v1::SessionDraft { trainers: vec![lead(&format!("{TRAINER}\u{200b}"))], ..session("s1", START) };
    refuse(&cast, trainer, &[("sessions[0].trainers[0].trainer", "NAME_INVALID")]).await;
}

#[tokio::test]
async fn shapes_are_refused_all_at_once() {
    let cast = Cast::ready().await;
    let draft = v1::SessionDraft {
        uid: String::new(),
        sequence: -1,
        starts_at: None,
        ends_at: None,
        topic: "x".repeat(201),
        trainers: vec![lead(TRAINER), lead(TRAINER), v1::SessionTrainer { role: 0, ..lead("agencies/x") }],
        facility: "agencies/lapas-tpi/rooms/x".to_owned(),
    };
    let expected = [
        ("sessions[0].uid", "FIELD_REQUIRED"),
        ("sessions[0].sequence", "FIELD_OUT_OF_RANGE"),
        ("sessions[0].starts_at", "FIELD_REQUIRED"),
        ("sessions[0].ends_at", "FIELD_REQUIRED"),
        ("sessions[0].topic", "FIELD_TOO_LONG"),
        ("sessions[0].facility", "NAME_INVALID"),
        ("sessions[0].trainers[1].trainer", "DUPLICATE_ITEM"),
        ("sessions[0].trainers[2].trainer", "NAME_INVALID"),
        ("sessions[0].trainers[2].role", "FIELD_REQUIRED"),
    ];
    refuse(&cast, draft, &expected).await;
    let many = (0..11).map(|index| lead(&format!("agencies/blk-kepri/trainers/t{index}"))).collect();
    let many = v1::SessionDraft { trainers: many, ..session("s1", START) };
    refuse(&cast, many, &[("sessions[0].trainers", "ITEMS_TOO_MANY")]).await;
}

#[tokio::test]
async fn the_same_uid_twice_refuses_the_second() {
    let cast = Cast::ready().await;
    let later = session("s1", "2026-03-11T01:00:00Z");
    let request = best_effort(vec![session("s1", START), later]);
    let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Partial);
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Created, ItemOutcome::Rejected]);
    assert_eq!(errors(&answer.results), [("sessions[1].uid".to_owned(), "DUPLICATE_IN_BATCH".to_owned())]);
    assert_eq!(cast.session("s1").await.starts_at, timestamp(START));
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn a_uid_belongs_to_one_schedule() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START)]).await;
    let other = v1::PushScheduleRequest {
        name: "agencies/blk-kepri/schedules/las-2".to_owned(),
        ..push(vec![session("s1", START)])
    };
    let answer = cast.blk.schedule().push_schedule(other).await.unwrap().into_inner();
    assert_eq!(
        errors(&answer.results),
        [("sessions[0].uid".to_owned(), "SESSION_OF_OTHER_SCHEDULE".to_owned())]
    );
    assert_eq!(cast.recorded(PUSH).await, 1);
}

#[tokio::test]
async fn a_batch_over_the_limit_is_refused_whole() {
    let cast = Cast::ready().await;
    let sessions = |count: usize| (0..count).map(|index| session(&format!("s{index}"), START)).collect();
    let refused = cast.blk.schedule().push_schedule(push(sessions(1001))).await.unwrap_err();
    assert_eq!(reason(&refused), "BATCH_TOO_LARGE");
    assert_eq!(details(&refused).error_info().unwrap().metadata["max"], "1000");
    assert_eq!(violations(&refused), [("sessions".to_owned(), "BATCH_TOO_LARGE".to_owned())]);
    let refused = cast.blk.schedule().push_schedule(push(Vec::new())).await.unwrap_err();
    assert_eq!(violations(&refused), [("sessions".to_owned(), "ITEMS_TOO_FEW".to_owned())]);
    assert_eq!(cast.recorded(PUSH).await, 0);
    let answer = cast.push(sessions(1000)).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "1,000 are not over it");
}

#[tokio::test]
async fn more_trainers_than_a_push_may_lock_refuse_it_whole() {
    let cast = Cast::ready().await;
    let crew = |first: usize| (first..first + 10).map(|n| lead(&format!("agencies/blk-kepri/trainers/x{n}")));
    let day =
        |n: usize| v1::SessionDraft { trainers: crew(n * 10).collect(), ..session(&format!("s{n}"), START) };
    let refused = cast.blk.schedule().push_schedule(push((0..21).map(day).collect())).await.unwrap_err();
    assert_eq!(reason(&refused), "TRAINERS_TOO_MANY");
    assert_eq!(details(&refused).error_info().unwrap().metadata["count"], "210");
}

#[tokio::test]
async fn a_message_over_the_size_limit_says_how_large_it_may_be() {
    let cast = Cast::ready().await;
    let padded = v1::SessionDraft { topic: "x".repeat(5 * 1024 * 1024), ..session("s1", START) };
    let refused = cast.blk.schedule().push_schedule(push(vec![padded])).await.unwrap_err();
    assert_eq!(reason(&refused), "MESSAGE_TOO_LARGE");
    assert_eq!(details(&refused).error_info().unwrap().metadata["max_bytes"], "4194304");
    let padded = v1::GetSessionRequest { name: "x".repeat(300 * 1024) };
    let refused = cast.blk.schedule().get_session(padded).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "a push's service takes as much: {refused:?}");
    let padded = v1::GetTrainerAssignmentRequest { name: "x".repeat(300 * 1024) };
    let refused = cast.blk.assignment().get_trainer_assignment(padded).await.unwrap_err();
    assert_eq!(details(&refused).error_info().unwrap().metadata["max_bytes"], "262144");
    assert_eq!(cast.push(vec![session("s1", START)]).await.outcome(), BatchOutcome::Stored);
}

/// All that can be wrong with a session is wrong with each of a thousand; a stock client, which takes answers of
/// 4 MiB, can read the answer.
#[tokio::test]
async fn a_thousand_errors_are_answered_one_by_one() {
    let cast = Cast::ready().await;
    let bad = |index: usize| v1::SessionDraft {
        uid: format!("s {index}"),
        sequence: -1,
        starts_at: None,
        ends_at: None,
        topic: "\u{202e}".to_owned(),
        trainers: (0..10).map(|_| v1::SessionTrainer { trainer: "x".to_owned(), role: 9 }).collect(),
        facility: "x".to_owned(),
    };
    let answer = cast.push((0..1000).map(bad).collect()).await;
    assert_eq!(answer.outcome(), BatchOutcome::Rejected);
    assert_eq!(answer.results.len(), 1000);
    assert!(answer.results.iter().zip(0..).all(|(result, index)| result.index == index));
    assert!(answer.results.iter().all(|result| result.errors.len() >= 5), "{:?}", answer.results[0]);
    let bytes = prost::Message::encoded_len(&answer);
    assert!(bytes < 4 * 1024 * 1024, "{bytes}");

    let unknown =
        |index: usize| led_session(&format!("s{index}"), START, "agencies/blk-kepri/trainers/nobody");
    let answer = cast.push((0..1000).map(unknown).collect()).await;
    let reasons: Vec<_> = errors(&answer.results).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, ["TRAINER_NOT_AVAILABLE"; 1000]);
    assert_eq!(cast.recorded(PUSH).await, 0);
}
