//! What a push stores: as a whole or what is good, and what is nothing new.

use gerbang::proto::v1::{self, BatchOutcome, ItemOutcome, SessionState};

use crate::{
    cast::{
        Cast, PUSH, TRAINER, again, best_effort, errors, led_session, outcomes, push, session, session_name,
        timestamp, trainer,
    },
    world::{reason, request_id},
};

const START: &str = "2026-03-10T01:00:00Z";
const LATER: &str = "2026-03-11T01:00:00Z";

#[tokio::test]
async fn a_push_is_stored_and_the_prison_pulls_it() {
    let cast = Cast::ready().await;
    let answer = cast.push(vec![led_session("s1", START, TRAINER)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    assert_eq!(answer.results[0].outcome(), ItemOutcome::Created);
    assert_eq!(answer.results[0].state(), SessionState::Tentative);
    let session = session_name("s1");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session]).await;
    let pulled = cast.pull(&cast.lapas).await;
    assert_eq!(pulled.len(), 1);
    assert_eq!((pulled[0].session.as_str(), pulled[0].trainer.as_str()), (session.as_str(), TRAINER));
    assert_eq!(pulled[0].trainer_display_name, "Budi Contoh");
    assert_eq!(cast.session("s1").await.etag, answer.results[0].etag);
}

/// One good session, one that is not, and one that stands already.
fn mixed(mode: v1::BatchMode) -> v1::PushScheduleRequest {
    let bad = v1::SessionDraft { ends_at: timestamp(START), ..session("bad", START) };
    let sessions = vec![session("good", START), bad, session("old", LATER)];
    v1::PushScheduleRequest { mode: mode.into(), ..push(sessions) }
}

#[tokio::test]
async fn an_atomic_push_stores_all_or_nothing_and_is_the_default() {
    let cast = Cast::ready().await;
    cast.push(vec![session("old", LATER)]).await;
    for mode in [v1::BatchMode::Unspecified, v1::BatchMode::Atomic] {
        let answer = cast.blk.schedule().push_schedule(mixed(mode)).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), BatchOutcome::Rejected);
        let expected = [ItemOutcome::NotStored, ItemOutcome::Rejected, ItemOutcome::Unchanged];
        assert_eq!(outcomes(&answer.results), expected);
        assert_eq!((answer.entry.as_str(), answer.results[0].etag.as_str()), ("", ""));
        let names: Vec<_> = answer.results.iter().map(|result| result.name.clone()).collect();
        assert_eq!(names, [session_name("good"), session_name("bad"), session_name("old")]);
    }
    assert_eq!(cast.recorded(PUSH).await, 1);
    let request = v1::GetSessionRequest { name: session_name("good") };
    assert_eq!(reason(&cast.blk.schedule().get_session(request).await.unwrap_err()), "NOT_FOUND");
}

#[tokio::test]
async fn a_best_effort_push_stores_what_is_good_and_a_resend_repairs_the_rest() {
    let cast = Cast::ready().await;
    cast.push(vec![session("old", LATER)]).await;
    let request = mixed(v1::BatchMode::BestEffort);
    let answer = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Partial);
    let expected = [ItemOutcome::Created, ItemOutcome::Rejected, ItemOutcome::Unchanged];
    assert_eq!(outcomes(&answer.results), expected);
    assert_eq!(errors(&answer.results), [("sessions[1].ends_at".to_owned(), "SESSION_REVERSED".to_owned())]);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("good")]).await;

    let mut repaired = v1::PushScheduleRequest { request_id: request_id(), ..request };
    repaired.sessions[1] = session("bad", START);
    let answer = cast.blk.schedule().push_schedule(repaired).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    let expected = [ItemOutcome::Unchanged, ItemOutcome::Created, ItemOutcome::Unchanged];
    assert_eq!(outcomes(&answer.results), expected);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("bad")]).await;
}

#[tokio::test]
async fn a_best_effort_push_of_nothing_good_is_rejected() {
    let cast = Cast::ready().await;
    let bad = v1::SessionDraft { ends_at: timestamp(START), ..session("bad", START) };
    let answer = cast.blk.schedule().push_schedule(best_effort(vec![bad])).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Rejected, ""));
    assert_eq!(cast.recorded(PUSH).await, 0);
}

/// What cannot even be written down, remembered beside what was stored.
#[tokio::test]
async fn a_best_effort_push_survives_a_uid_with_a_null_character() {
    let cast = Cast::ready().await;
    let request = best_effort(vec![session("good", START), session("s\0", START)]);
    let answer = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Created, ItemOutcome::Rejected]);
    assert_eq!(answer.results[1].uid, "s\0", "as sent");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("good")]).await;
    let replayed = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(replayed, answer);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_and_stores_nothing() {
    let cast = Cast::ready().await;
    let dry =
        v1::PushScheduleRequest { validate_only: true, ..push(vec![led_session("s1", START, TRAINER)]) };
    let answer = cast.blk.schedule().push_schedule(dry.clone()).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Stored, ""));
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Created]);
    assert_eq!(cast.recorded(PUSH).await, 0);
    assert!(cast.pull(&cast.lapas).await.is_empty());
    let real = v1::PushScheduleRequest { validate_only: false, ..dry };
    let answer = cast.blk.schedule().push_schedule(real).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "the request id of a dry run is not remembered");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn equal_content_is_nothing_new_and_its_higher_sequence_is_kept() {
    let cast = Cast::ready().await;
    let draft = led_session("s1", START, TRAINER);
    let first = cast.push(vec![draft.clone()]).await;
    let higher = v1::SessionDraft { sequence: 7, ..draft.clone() };
    let answer = cast.push(vec![higher]).await;
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Unchanged, ""));
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Unchanged]);
    assert_eq!(answer.results[0].etag, first.results[0].etag);
    assert_eq!(cast.session("s1").await.sequence, 7);
    assert_eq!(cast.recorded(PUSH).await, 1);

    let topic = |sequence| v1::SessionDraft { sequence, topic: "Las gas".to_owned(), ..draft.clone() };
    for stale in [0, 1, 7] {
        let answer = cast.push(vec![topic(stale)]).await;
        assert_eq!(
            errors(&answer.results),
            [("sessions[0].sequence".into(), "STALE_SEQUENCE".into())],
            "{stale}"
        );
    }
    let lower = cast.push(vec![draft.clone()]).await;
    assert_eq!(lower.outcome(), BatchOutcome::Unchanged, "a lower sequence of the same content");
    assert_eq!(cast.session("s1").await.sequence, 7, "does not lower it");
    let answer = cast.push(vec![topic(8)]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    assert_ne!(answer.results[0].etag, first.results[0].etag);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn a_change_of_topic_leaves_the_assignments_as_they_were() {
    let cast = Cast::ready().await;
    let draft = led_session("s1", START, TRAINER);
    cast.push(vec![draft.clone()]).await;
    let before = cast.pull(&cast.lapas).await;
    let answer = cast.push(vec![v1::SessionDraft { topic: "Las gas".to_owned(), ..again(draft) }]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated]);
    let after = cast.pull(&cast.lapas).await;
    assert_eq!((after[0].etag.as_str(), after[0].state), (before[0].etag.as_str(), before[0].state));
    assert_eq!(after[0].topic, "Las gas");
    let entries = cast.world.entries().await;
    assert_eq!(entries.last().unwrap().lines.len(), 1, "no line for the assignment");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn sessions_that_a_push_does_not_name_stay() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START), session("s2", LATER)]).await;
    let before = cast.session("s2").await;
    let answer = cast.push(vec![again(session("s1", "2026-03-12T01:00:00Z"))]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    assert_eq!(cast.session("s2").await, before);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}

/// A refusal, of the call and of an item, in the caller's language.
#[tokio::test]
async fn refusals_come_in_both_languages() {
    let mut cast = Cast::ready().await;
    let wrong = || push(vec![session("s1", "2026-03-01T01:00:00Z")]);
    let unknown = || v1::PushScheduleRequest {
        programme: "agencies/blk-kepri/programmes/none".to_owned(),
        ..push(vec![session("s1", START)])
    };
    let mut texts = Vec::new();
    for language in
        [gerbang::domain::reason::Language::English, gerbang::domain::reason::Language::Indonesian]
    {
        cast.world.language = language;
        let blk = cast.world.connect("blk-kepri", "jadwal").await;
        let answer = blk.schedule().push_schedule(wrong()).await.unwrap().into_inner();
        let refused = blk.schedule().push_schedule(unknown()).await.unwrap_err();
        let localized = crate::world::details(&refused).localized_message().cloned().unwrap();
        assert_eq!(localized.locale, language.as_str());
        let errors = &answer.results[0].errors;
        assert_eq!(errors[0].reason, "SESSION_IN_PAST", "the reason is the same in both");
        texts.push((errors[0].text.clone(), localized.message));
    }
    assert!(texts[0].0.starts_with("The session has begun"), "{texts:?}");
    assert!(texts[1].0.starts_with("Sesi ini sudah dimulai. Kirimkan hanya"), "{texts:?}");
    assert_ne!(texts[0].1, texts[1].1);
}

#[tokio::test]
async fn a_trainer_registered_after_a_refusal_makes_the_same_push_go_through() {
    let cast = Cast::ready().await;
    let name = "agencies/blk-kepri/trainers/t2";
    let request = push(vec![led_session("s1", START, name)]);
    let refused = cast.blk.schedule().push_schedule(request.clone()).await.unwrap().into_inner();
    assert_eq!(refused.outcome(), BatchOutcome::Rejected);
    cast.blk.trainer().register_trainer(trainer(name, "")).await.unwrap();
    let answer = cast.blk.schedule().push_schedule(request).await.unwrap().into_inner();
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "a refusal is not remembered: {answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
}
