//! Changes of what was pushed: times, trainers, and what may no longer change.

use gerbang::proto::v1::{self, AssignmentState, BatchOutcome, ItemOutcome, TrainerRole};

use crate::cast::{
    AGREEMENT, Cast, PUSH, TRAINER, again, best_effort, errors, lead, led_session, manpower, outcomes, plan,
    session, session_name, terms, timestamp, trainer,
};

const FIRST: &str = "2026-03-10T01:00:00Z";
const SECOND: &str = "2026-03-10T04:00:00Z";
const THIRD: &str = "2026-03-10T07:00:00Z";
const OTHER: &str = "agencies/blk-kepri/trainers/t2";

/// Start, state and version-bearing etag of the one assignment of a session.
async fn assignment(cast: &Cast, uid: &str) -> v1::TrainerAssignment {
    let mut pulled = cast.pull(&cast.lapas).await;
    pulled.retain(|assignment| assignment.session_uid == uid);
    assert_eq!(pulled.len(), 1, "{pulled:?}");
    pulled.remove(0)
}

#[tokio::test]
async fn a_rescheduled_session_keeps_its_name_and_takes_its_trainer_along() {
    let cast = Cast::ready().await;
    let draft = led_session("s1", FIRST, TRAINER);
    let first = cast.push(vec![draft]).await;
    let before = assignment(&cast, "s1").await;
    let answer = cast.push(vec![again(led_session("s1", THIRD, TRAINER))]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    assert_ne!(answer.results[0].etag, first.results[0].etag);
    let after = assignment(&cast, "s1").await;
    assert_eq!((after.name.as_str(), after.starts_at), (before.name.as_str(), timestamp(THIRD)));
    assert_ne!(after.etag, before.etag);
    assert_eq!(after.state(), AssignmentState::Proposed);
    assert_eq!(cast.session("s1").await.sequence, 1);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let moved = cast.push(vec![led_session("s2", FIRST, TRAINER)]).await;
    assert_eq!(moved.outcome(), BatchOutcome::Stored, "the old time is free again");
}

#[tokio::test]
async fn a_cleared_trainer_needs_clearance_again_at_another_time_only() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.clear(&[TRAINER]).await;
    let topic = v1::SessionDraft { topic: "Las gas".to_owned(), ..again(led_session("s1", FIRST, TRAINER)) };
    cast.push(vec![topic]).await;
    assert_eq!(assignment(&cast, "s1").await.state(), AssignmentState::Cleared);
    let moved = v1::SessionDraft { sequence: 2, ..led_session("s1", THIRD, TRAINER) };
    let answer = cast.push(vec![moved]).await;
    assert_eq!(assignment(&cast, "s1").await.state(), AssignmentState::Accepted);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn two_sessions_exchange_their_times_in_one_push() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER), led_session("s2", SECOND, TRAINER)]).await;
    let swapped = vec![again(led_session("s1", SECOND, TRAINER)), again(led_session("s2", FIRST, TRAINER))];
    let answer = cast.push(swapped).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated; 2], "{answer:?}");
    assert_eq!(assignment(&cast, "s1").await.starts_at, timestamp(SECOND));
    assert_eq!(assignment(&cast, "s2").await.starts_at, timestamp(FIRST));
    let names = ["s1", "s2"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn two_sessions_at_one_time_exchange_their_trainers_in_one_push() {
    let cast = Cast::ready().await;
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    cast.push(vec![led_session("s1", FIRST, TRAINER), led_session("s2", FIRST, OTHER)]).await;
    let swapped = vec![again(led_session("s1", FIRST, OTHER)), again(led_session("s2", FIRST, TRAINER))];
    let answer = cast.push(swapped).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated; 2], "{answer:?}");
    let names = ["s1", "s2"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
    let pulled = cast.pull(&cast.lapas).await;
    let held: Vec<_> = pulled.iter().filter(|a| a.state() == AssignmentState::Proposed).collect();
    assert_eq!((pulled.len(), held.len()), (4, 2));
}

#[tokio::test]
async fn a_session_moves_into_the_time_that_the_same_push_frees() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER), led_session("s2", SECOND, TRAINER)]).await;
    // The new session comes first in the push, and needs the time that s1 gives up; s2 takes over from nobody.
    let sessions = vec![
        led_session("s3", FIRST, TRAINER),
        again(led_session("s1", THIRD, TRAINER)),
        again(session("s2", SECOND)),
        led_session("s4", SECOND, TRAINER),
    ];
    let answer = cast.push(sessions).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    let names = ["s3", "s1", "s2", "s4"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

/// s2 cannot move, so what s1 wanted stays taken, although s1 stands earlier in the push.
#[tokio::test]
async fn a_time_that_is_not_freed_after_all_stays_taken() {
    let cast = Cast::ready().await;
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    let sessions = vec![
        led_session("s1", FIRST, TRAINER),
        v1::SessionDraft { trainers: vec![lead(TRAINER), lead(OTHER)], ..session("s2", SECOND) },
        led_session("busy", THIRD, OTHER),
    ];
    assert_eq!(cast.push(sessions).await.outcome(), BatchOutcome::Stored);
    let moved = vec![
        again(led_session("s1", SECOND, TRAINER)),
        v1::SessionDraft { trainers: vec![lead(TRAINER), lead(OTHER)], ..again(session("s2", THIRD)) },
    ];
    let answer = cast.blk.schedule().push_schedule(best_effort(moved)).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Rejected; 2]);
    let expected = ["sessions[0].trainers[0].trainer", "sessions[1].trainers[1].trainer"];
    assert_eq!(
        errors(&answer.results),
        expected.map(|field| (field.to_owned(), "TRAINER_CONFLICT".to_owned()))
    );
    assert_eq!(cast.recorded(PUSH).await, 1);
}

#[tokio::test]
async fn a_trainer_left_out_is_withdrawn_and_free_and_one_named_again_is_proposed_anew() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER)]).await;
    let before = assignment(&cast, "s1").await;
    let out = cast.push(vec![again(session("s1", FIRST))]).await;
    cast.world.assert_entry(&out.entry, PUSH, &[&session_name("s1")]).await;
    let withdrawn = assignment(&cast, "s1").await;
    assert_eq!(
        (withdrawn.name.as_str(), withdrawn.state()),
        (before.name.as_str(), AssignmentState::Withdrawn)
    );
    let elsewhere = cast.push(vec![led_session("s2", FIRST, TRAINER)]).await;
    assert_eq!(elsewhere.outcome(), BatchOutcome::Stored, "free again");

    let back = v1::SessionDraft { sequence: 2, ..led_session("s1", FIRST, TRAINER) };
    let answer = cast.push(vec![back]).await;
    assert_eq!(errors(&answer.results)[0].1, "TRAINER_CONFLICT", "and taken by the other session");
    let back = v1::SessionDraft { sequence: 2, ..led_session("s1", SECOND, TRAINER) };
    let answer = cast.push(vec![back]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let proposed = assignment(&cast, "s1").await;
    assert_eq!((proposed.name.as_str(), proposed.state()), (before.name.as_str(), AssignmentState::Proposed));
    assert_eq!(proposed.starts_at, timestamp(SECOND));
}

#[tokio::test]
async fn a_change_of_role_is_a_change_and_of_order_is_none() {
    let cast = Cast::ready().await;
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    let assistant = v1::SessionTrainer { role: TrainerRole::Assistant.into(), ..lead(OTHER) };
    let two = v1::SessionDraft { trainers: vec![lead(TRAINER), assistant.clone()], ..session("s1", FIRST) };
    cast.push(vec![two.clone()]).await;
    let turned = v1::SessionDraft { trainers: vec![assistant, lead(TRAINER)], ..again(two.clone()) };
    assert_eq!(cast.push(vec![turned]).await.outcome(), BatchOutcome::Unchanged);
    let both_lead = v1::SessionDraft { sequence: 2, trainers: vec![lead(TRAINER), lead(OTHER)], ..two };
    let answer = cast.push(vec![both_lead]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    assert!(cast.pull(&cast.lapas).await.iter().all(|assignment| assignment.role() == TrainerRole::Lead));
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn another_zone_is_another_content() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER)]).await;
    let request = v1::PushScheduleRequest {
        time_zone: "Asia/Makassar".to_owned(),
        ..crate::cast::push(vec![again(led_session("s1", FIRST, TRAINER))])
    };
    let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    assert_eq!(assignment(&cast, "s1").await.time_zone, "Asia/Makassar");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn within_a_day_of_its_start_only_the_prison_changes_a_session() {
    let cast = Cast::ready().await;
    // The prison leads a programme of its own under the same agreement.
    let own = "agencies/lapas-tpi/programmes/kayu";
    cast.open(&cast.lapas, own, AGREEMENT, plan(manpower())).await;
    let push_own = async |draft: v1::SessionDraft| {
        let request = v1::PushScheduleRequest {
            name: "agencies/lapas-tpi/schedules/kayu".to_owned(),
            programme: own.to_owned(),
            ..crate::cast::push(vec![draft])
        };
        cast.lapas.schedule().push_schedule(request).await.unwrap().into_inner()
    };
    cast.push(vec![session("s1", FIRST)]).await;
    push_own(session("s1", FIRST)).await;

    cast.world.set_clock("2026-03-09T01:00:01Z");
    let soon = cast.push(vec![again(session("s1", "2026-03-20T01:00:00Z"))]).await;
    assert_eq!(errors(&soon.results), [("sessions[0]".to_owned(), "SESSION_TOO_SOON".to_owned())]);
    assert_eq!(cast.push(vec![session("s1", FIRST)]).await.outcome(), BatchOutcome::Unchanged);
    let answer = push_own(again(session("s1", SECOND))).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated], "{answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &["agencies/lapas-tpi/sessions/s1"]).await;

    cast.world.set_clock("2026-03-09T01:00:00Z");
    let in_time = cast.push(vec![again(session("s1", "2026-03-20T01:00:00Z"))]).await;
    assert_eq!(outcomes(&in_time.results), [ItemOutcome::Updated], "24 hours are enough");
}

#[tokio::test]
async fn a_session_that_has_begun_changes_no_more() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", FIRST)]).await;
    cast.world.set_clock(FIRST);
    let late = cast.push(vec![again(session("s1", "2026-03-20T01:00:00Z"))]).await;
    assert_eq!(errors(&late.results), [("sessions[0]".to_owned(), "SESSION_IN_PAST".to_owned())]);
    let same = cast.push(vec![again(session("s1", FIRST))]).await;
    assert_eq!(
        same.outcome(),
        BatchOutcome::Unchanged,
        "a past start is refused only where something changes"
    );
    assert_eq!(cast.recorded(PUSH).await, 1);
}

/// The agreement's end does not move what was stored; a change is held against it.
#[tokio::test]
async fn a_change_is_held_against_the_term_anew() {
    let cast = Cast::gather().await;
    let short = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::EffectiveUntil("2026-03-31".to_owned())),
        duration_class: v1::DurationClass::Short.into(),
        ..terms("blk-kepri", manpower())
    };
    cast.agree(&cast.blk, AGREEMENT, short).await;
    cast.open(&cast.blk, crate::cast::PROGRAMME, AGREEMENT, plan(manpower())).await;
    cast.push(vec![session("s1", FIRST)]).await;
    let beyond = cast.push(vec![again(session("s1", "2026-03-31T17:00:00Z"))]).await;
    assert_eq!(
        errors(&beyond.results),
        [("sessions[0].starts_at".to_owned(), "SESSION_OUTSIDE_TERM".to_owned())]
    );
    let last = cast.push(vec![again(session("s1", "2026-03-31T14:00:00Z"))]).await;
    assert_eq!(outcomes(&last.results), [ItemOutcome::Updated]);
    cast.world.assert_entry(&last.entry, PUSH, &[&session_name("s1")]).await;
}
