//! The prison's confirmation: what it asks for, one session or many.

use gerbang::proto::v1::{self, BatchMode, BatchOutcome, ItemOutcome, SessionState, TrainerRole};

use crate::{
    acts::Act,
    cast::{
        AGREEMENT, Cast, FACILITY, PUSH, TRAINER, again, agriculture, confirmation, errors, facility, lead,
        led_session, outcomes, session, session_name, timestamp, trainer,
    },
    world::{reason, request_id, violations},
};

const CONFIRM: &str = "ScheduleService/ConfirmSessions";
const START: &str = "2026-03-10T01:00:00Z";
const LATER: &str = "2026-03-11T01:00:00Z";
const OTHER: &str = "agencies/blk-kepri/trainers/t2";
const OTHER_ROOM: &str = "agencies/lapas-tpi/facilities/kelas";

fn item(field: &str, reason: &str) -> Vec<(String, String)> {
    vec![(format!("sessions[0].{field}"), reason.to_owned())]
}

/// [`FACILITY`], [`OTHER_ROOM`], and s1 of [`TRAINER`], who has been accepted.
async fn accepted() -> Cast {
    let cast = Cast::ready().await;
    for room in [FACILITY, OTHER_ROOM] {
        cast.lapas.facility().create_facility(facility(room, 16)).await.unwrap();
    }
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast
}

async fn send(cast: &Cast, items: Vec<v1::SessionConfirmation>) -> v1::ConfirmSessionsResponse {
    let request =
        v1::ConfirmSessionsRequest { request_id: request_id(), sessions: items, ..Default::default() };
    cast.lapas.schedule().confirm_sessions(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_session_is_confirmed_in_a_room_with_an_accepted_lead() {
    let cast = accepted().await;
    let before = cast.session("s1").await;
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(
        (answer.outcome(), outcomes(&answer.results)),
        (BatchOutcome::Stored, vec![ItemOutcome::Updated])
    );
    assert_eq!(answer.results[0].state(), SessionState::Confirmed);
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
    let after = cast.session("s1").await;
    assert_eq!((after.state(), after.facility.as_str()), (SessionState::Confirmed, FACILITY));
    assert_eq!((after.etag.as_str(), after.sequence), (answer.results[0].etag.as_str(), before.sequence));
    assert_ne!(after.etag, before.etag);
    let seen = cast.assignment("s1", TRAINER).await;
    assert_eq!((seen.session_state(), seen.facility.as_str()), (SessionState::Confirmed, FACILITY));
}

#[tokio::test]
async fn a_session_whose_lead_is_cleared_already_is_confirmed_too() {
    let cast = accepted().await;
    cast.clear(&[TRAINER]).await;
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn confirming_asks_for_a_room() {
    let cast = accepted().await;
    let bare = cast.confirm(&[("s1", "")]).await;
    assert_eq!(errors(&bare.results), item("facility", "SESSION_WITHOUT_ROOM"));
    assert_eq!((bare.outcome(), bare.entry.as_str()), (BatchOutcome::Rejected, ""));
    // The room that was pushed is enough.
    let pushed =
        v1::SessionDraft { facility: FACILITY.to_owned(), ..again(led_session("s1", START, TRAINER)) };
    cast.push(vec![pushed]).await;
    let answer = cast.confirm(&[("s1", "")]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
    assert_eq!(cast.session("s1").await.facility, FACILITY);
}

#[tokio::test]
async fn confirming_asks_for_exactly_one_lead_who_was_accepted() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    let without = async |count: usize| {
        let answer = cast.confirm(&[("s1", FACILITY)]).await;
        assert_eq!(errors(&answer.results), item("name", "SESSION_WITHOUT_LEAD"));
        let text = &answer.results[0].errors[0].text;
        assert!(text.contains(&format!("(now: {count})")), "{text}");
    };
    cast.push(vec![session("s1", START)]).await;
    without(0).await;
    let assistant = v1::SessionTrainer { role: TrainerRole::Assistant.into(), ..lead(TRAINER) };
    let assisted = v1::SessionDraft { trainers: vec![assistant], ..again(session("s1", START)) };
    cast.push(vec![assisted]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    without(0).await;
    let two =
        v1::SessionDraft { sequence: 2, trainers: vec![lead(TRAINER), lead(OTHER)], ..session("s1", START) };
    cast.push(vec![two]).await;
    // One was accepted as an assistant, and leads now; the other is still proposed.
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
    cast.accept(&cast.blk, &[OTHER]).await;
    without(2).await;
    cast.act(&cast.blk, Act::Decline, "s1", TRAINER).await;
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
}

#[tokio::test]
async fn a_lead_who_is_only_proposed_is_none() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(errors(&answer.results), item("name", "SESSION_WITHOUT_LEAD"));
    assert_eq!(cast.recorded(CONFIRM).await, 0);
}

/// Both sessions start on one day in London; in Jakarta the second starts on the next.
#[tokio::test]
async fn a_competence_holds_on_the_day_in_the_sessions_zone() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    let mut register = trainer(OTHER, "");
    register.profile.as_mut().unwrap().competences[0].valid_until = "2026-03-09".to_owned();
    cast.blk.trainer().register_trainer(register).await.unwrap();
    let (late, after) = ("2026-03-09T16:00:00Z", "2026-03-09T19:00:00Z");
    cast.push(vec![led_session("late", late, OTHER), led_session("after", after, OTHER)]).await;
    let eastern = v1::PushScheduleRequest {
        name: "agencies/blk-kepri/schedules/wit".to_owned(),
        time_zone: "Asia/Jayapura".to_owned(),
        ..crate::cast::push(vec![led_session("east", "2026-03-09T13:00:00Z", OTHER)])
    };
    cast.blk.schedule().push_schedule(eastern).await.unwrap();
    cast.accept(&cast.blk, &[OTHER]).await;
    let expired = cast.confirm(&[("after", FACILITY)]).await;
    assert_eq!(errors(&expired.results), item("name", "COMPETENCE_EXPIRED_ON_SESSION_DATE"));
    let text = &expired.results[0].errors[0].text;
    assert!(text.contains("2026-03-10") && text.contains(OTHER), "{text}");
    let answer = cast.confirm(&[("late", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("late")]).await;
    let answer = cast.confirm(&[("east", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "22:00 in Jayapura: {answer:?}");
}

#[tokio::test]
async fn a_competence_counts_in_the_programmes_field_alone() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    let mut register = trainer(OTHER, "");
    register.profile.as_mut().unwrap().competences[0].field = Some(agriculture());
    cast.blk.trainer().register_trainer(register).await.unwrap();
    cast.push(vec![led_session("s1", START, OTHER)]).await;
    cast.accept(&cast.blk, &[OTHER]).await;
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(errors(&answer.results), item("name", "COMPETENCE_EXPIRED_ON_SESSION_DATE"));
}

#[tokio::test]
async fn everything_that_is_missing_is_said_at_once() {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", START)]).await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    let answer = cast.confirm(&[("s1", "")]).await;
    let expected = [
        ("sessions[0].name", "AGREEMENT_NOT_IN_FORCE"),
        ("sessions[0].facility", "SESSION_WITHOUT_ROOM"),
        ("sessions[0].name", "SESSION_WITHOUT_LEAD"),
    ];
    assert_eq!(errors(&answer.results), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn nothing_is_confirmed_under_an_agreement_that_is_not_in_force() {
    let cast = accepted().await;
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(errors(&answer.results), item("name", "AGREEMENT_NOT_IN_FORCE"));
    assert_eq!(cast.session("s1").await.state(), SessionState::Tentative);
    assert_eq!(cast.recorded(CONFIRM).await, 0);
}

#[tokio::test]
async fn a_session_is_confirmed_once_and_may_then_be_given_another_room() {
    let cast = accepted().await;
    let seen = cast.session("s1").await;
    cast.confirm(&[("s1", FACILITY)]).await;
    let stale = send(&cast, vec![confirmation(&seen, FACILITY)]).await;
    assert_eq!(errors(&stale.results), item("etag", "ETAG_MISMATCH"));
    for room in ["", FACILITY] {
        let twice = cast.confirm(&[("s1", room)]).await;
        assert_eq!(errors(&twice.results), item("name", "STATE_FORBIDS"), "{room:?}");
    }
    assert_eq!(cast.recorded(CONFIRM).await, 1);
    let moved = cast.confirm(&[("s1", OTHER_ROOM)]).await;
    cast.world.assert_entry(&moved.entry, CONFIRM, &[&session_name("s1")]).await;
    let after = cast.session("s1").await;
    assert_eq!((after.state(), after.facility.as_str()), (SessionState::Confirmed, OTHER_ROOM));
}

#[tokio::test]
async fn a_batch_says_of_each_item_what_is_wrong_with_it() {
    let cast = accepted().await;
    cast.push(vec![session("gone", LATER), session("no", LATER)]).await;
    let (gone, no) = (cast.session("gone").await, cast.session("no").await);
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: gone.name, etag: gone.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.schedule().cancel_sessions(cancel).await.unwrap();
    let decline = v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionDecline { name: no.name, etag: no.etag }],
        note: "Penuh".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().decline_sessions(decline).await.unwrap();
    let seen = cast.session("s1").await;
    let stale = v1::Session { etag: "0000000000000000".to_owned(), ..seen.clone() };
    let unknown = v1::Session { name: session_name("s9"), ..seen.clone() };
    let items = vec![
        confirmation(&seen, FACILITY),
        confirmation(&stale, FACILITY),
        confirmation(&unknown, FACILITY),
        confirmation(&cast.session("gone").await, FACILITY),
        confirmation(&cast.session("no").await, FACILITY),
    ];
    let expected = [
        ("sessions[1].name", "DUPLICATE_IN_BATCH"),
        ("sessions[2].name", "NOT_FOUND"),
        ("sessions[3].name", "SESSION_FINAL"),
        ("sessions[4].name", "STATE_FORBIDS"),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    let answer = send(&cast, items.clone()).await;
    assert_eq!(errors(&answer.results), expected);
    assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Rejected, ""));
    assert_eq!(answer.results[0].outcome(), ItemOutcome::NotStored);
    assert_eq!(answer.results[0].etag, seen.etag, "the etag that still holds");
    assert_eq!(cast.session("s1").await.state(), SessionState::Tentative);

    let request = v1::ConfirmSessionsRequest {
        request_id: request_id(),
        mode: BatchMode::BestEffort.into(),
        sessions: items,
        ..Default::default()
    };
    let answer = cast.lapas.schedule().confirm_sessions(request.clone()).await.unwrap().into_inner();
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Partial, expected.to_vec()));
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
    let replayed = cast.lapas.schedule().confirm_sessions(request).await.unwrap().into_inner();
    assert_eq!(replayed, answer);
    assert_eq!(cast.recorded(CONFIRM).await, 1);
}

#[tokio::test]
async fn the_prison_confirms_until_the_start_and_not_after_it() {
    let cast = accepted().await;
    cast.world.set_clock(START);
    let begun = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(errors(&begun.results), item("name", "SESSION_IN_PAST"));
    cast.world.set_clock("2026-03-10T00:59:59Z");
    let answer = cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, CONFIRM, &[&session_name("s1")]).await;
}

#[tokio::test]
async fn a_dry_confirmation_confirms_nothing_and_the_envelope_is_bounded() {
    let cast = accepted().await;
    let one = confirmation(&cast.session("s1").await, FACILITY);
    let request = |sessions| v1::ConfirmSessionsRequest {
        request_id: request_id(),
        validate_only: true,
        sessions,
        ..Default::default()
    };
    let dry = cast.lapas.schedule().confirm_sessions(request(vec![one.clone()])).await.unwrap().into_inner();
    assert_eq!((dry.outcome(), dry.entry.as_str()), (BatchOutcome::Stored, ""));
    assert_eq!(cast.session("s1").await.state(), SessionState::Tentative);
    assert_eq!(cast.recorded(CONFIRM).await, 0);
    let many = cast.lapas.schedule().confirm_sessions(request(vec![one; 1001])).await.unwrap_err();
    assert_eq!(reason(&many), "BATCH_TOO_LARGE");
    let none = cast.lapas.schedule().confirm_sessions(request(Vec::new())).await.unwrap_err();
    assert_eq!(violations(&none), [("sessions".to_owned(), "ITEMS_TOO_FEW".to_owned())]);
}

/// What was pushed is content; what the prison made of it is not.
#[tokio::test]
async fn the_same_push_after_a_confirmation_is_nothing_new_and_keeps_the_room() {
    let cast = accepted().await;
    cast.confirm(&[("s1", FACILITY)]).await;
    let confirmed = cast.session("s1").await;
    for sequence in [0, 5] {
        let same = v1::SessionDraft { sequence, ..led_session("s1", START, TRAINER) };
        let answer = cast.push(vec![same]).await;
        assert_eq!((answer.outcome(), answer.entry.as_str()), (BatchOutcome::Unchanged, ""), "{sequence}");
        assert_eq!(answer.results[0].state(), SessionState::Confirmed);
    }
    let after = cast.session("s1").await;
    assert_eq!((after.etag, after.facility), (confirmed.etag, confirmed.facility));
    assert_eq!(cast.recorded(PUSH).await, 1);
}

/// Whichever comes first, what is confirmed is never what was before the reschedule.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_confirmation_and_a_reschedule_at_once_never_confirm_the_old_time() {
    let cast = accepted().await;
    let (mut won, mut lost) = (0, 0);
    for round in 0..10 {
        let uid = format!("r{round}");
        let at = |hour: i64| format!("2026-04-{:02}T{hour:02}:00:00Z", round + 1);
        cast.push(vec![led_session(&uid, &at(1), TRAINER)]).await;
        cast.act(&cast.blk, Act::Accept, &uid, TRAINER).await;
        let item = confirmation(&cast.session(&uid).await, FACILITY);
        let moved = again(led_session(&uid, &at(5), TRAINER));
        let (pushed, confirmed) = tokio::join!(cast.push(vec![moved]), send(&cast, vec![item]));
        assert_eq!(pushed.outcome(), BatchOutcome::Stored, "{pushed:?}");
        match confirmed.outcome() {
            BatchOutcome::Stored => won += 1,
            _ => {
                assert_eq!(errors(&confirmed.results), [("sessions[0].etag".into(), "ETAG_MISMATCH".into())]);
                lost += 1;
            }
        }
        let now = cast.session(&uid).await;
        assert_eq!((now.state(), now.starts_at), (SessionState::Tentative, timestamp(&at(5))));
        cast.world.assert_entry(&pushed.entry, PUSH, &[&session_name(&uid)]).await;
    }
    assert_eq!((won + lost, cast.recorded(CONFIRM).await), (10, won));
}
