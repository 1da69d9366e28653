//! A programme's sessions ahead hold so much time as its plan gives them.

use gerbang::proto::v1::{self, BatchOutcome, ItemOutcome};

use crate::{
    cast::{
        AGREEMENT, Cast, PROGRAMME, PUSH, again, errors, manpower, plan, push, session, session_name, terms,
    },
    world::request_id,
};

/// 40 lessons of 45 minutes: 30 hours, so 45 hours of sessions ahead, which are 15 of three hours.
async fn short_plan() -> Cast {
    let cast = Cast::gather().await;
    cast.agree(&cast.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
    let mut plan = plan(manpower());
    plan.units.truncate(1);
    plan.units[0].lessons = 40;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan).await;
    cast
}

fn day(place: usize) -> v1::SessionDraft {
    session(&format!("s{place:02}"), &format!("2026-04-{:02}T01:00:00Z", place + 1))
}

/// However short, a session keeps a person and a room from others: each counts as a lesson at least.
#[tokio::test]
async fn many_short_sessions_are_many_lessons() {
    let cast = short_plan().await;
    let short = |place: usize| {
        let start = format!("2026-04-{:02}T{:02}:00:00Z", 1 + place / 20, place % 20);
        let mut session = session(&format!("s{place:02}"), &start);
        session.ends_at.as_mut().unwrap().seconds = session.starts_at.as_ref().unwrap().seconds + 59;
        session
    };
    assert_eq!(cast.push((0..59).map(short).collect()).await.outcome(), BatchOutcome::Stored);
    let refused = cast.push(vec![short(59), short(60)]).await;
    assert_eq!(errors(&refused.results), [("sessions[1]".to_owned(), "PLAN_EXCEEDED".to_owned())]);
}

#[tokio::test]
async fn sessions_ahead_hold_one_and_a_half_times_the_lessons_of_the_plan() {
    let cast = short_plan().await;
    let whole = cast.push((0..16).map(day).collect()).await;
    assert_eq!(errors(&whole.results), [("sessions[15]".to_owned(), "PLAN_EXCEEDED".to_owned())]);
    assert!(whole.results[15].errors[0].text.contains("0 minutes (0 lessons)"), "{whole:?}");
    assert_eq!(cast.push((0..14).map(day).collect()).await.outcome(), BatchOutcome::Stored);
    let mut long = day(14);
    long.ends_at.as_mut().unwrap().seconds += 60;
    let refused = cast.push(vec![long]).await;
    assert_eq!(errors(&refused.results), [("sessions[0]".to_owned(), "PLAN_EXCEEDED".to_owned())]);
    assert!(refused.results[0].errors[0].text.contains("180 minutes (4 lessons)"), "{refused:?}");
    let last = cast.push(vec![day(14)]).await;
    cast.world.assert_entry(&last.entry, PUSH, &[&session_name("s14")]).await;
    let best = v1::PushScheduleRequest {
        mode: v1::BatchMode::BestEffort.into(),
        ..push(vec![day(15), again(v1::SessionDraft { topic: "Las gas".to_owned(), ..day(0) })])
    };
    let best = cast.blk.schedule().push_schedule(best).await.unwrap().into_inner();
    let outcomes: Vec<_> = best.results.iter().map(v1::SessionResult::outcome).collect();
    assert_eq!(
        outcomes,
        [ItemOutcome::Rejected, ItemOutcome::Updated],
        "what grows is refused, and nothing else"
    );
    // What is cancelled, or over, leaves room.
    let seen = cast.session("s00").await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation { name: seen.name, etag: seen.etag }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.schedule().cancel_sessions(cancel).await.unwrap();
    assert_eq!(cast.push(vec![day(15)]).await.outcome(), BatchOutcome::Stored);
    assert_eq!(cast.push(vec![day(16)]).await.outcome(), BatchOutcome::Rejected);
    cast.world.set_clock("2026-04-02T01:00:00Z");
    assert_eq!(cast.push(vec![day(16)]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_pushes_at_once_do_not_go_past_the_plan() {
    let cast = short_plan().await;
    let send = async |ref_: &str, from: usize| {
        let name = format!("agencies/blk-kepri/schedules/{ref_}");
        let request = v1::PushScheduleRequest { name, ..push((from..from + 8).map(day).collect()) };
        cast.blk.schedule().push_schedule(request).await.unwrap().into_inner().outcome()
    };
    let (one, two) = tokio::join!(send("a", 0), send("b", 8));
    assert!([one, two].contains(&BatchOutcome::Stored) && [one, two].contains(&BatchOutcome::Rejected));
}
