//! Nobody is in two places at once: inside a push, against the database, over agencies, and in a race.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState, BatchOutcome, ItemOutcome},
};

use crate::{
    cast::{
        Cast, FISHER, PUSH, TRAINER, best_effort, errors, lead, led_session, outcomes, push, push_fish,
        session, session_name, trainer,
    },
    failure::{deadlocks, until_waiting},
};

const FIRST: &str = "2026-03-10T01:00:00Z";
const OVERLAPPING: &str = "2026-03-10T03:59:59Z";
const BACK_TO_BACK: &str = "2026-03-10T04:00:00Z";
/// An invented NIK: no province has the number 99.
const NIK: &str = "9901010101900001";

fn conflict(item: usize) -> (String, String) {
    (format!("sessions[{item}].trainers[0].trainer"), "TRAINER_CONFLICT".to_owned())
}

async fn send(client: &Client, request: v1::PushScheduleRequest) -> v1::PushScheduleResponse {
    client.schedule().push_schedule(request).await.unwrap().into_inner()
}

/// Pairs of assignments that hold one person at one time.
async fn double_bookings(cast: &Cast) -> i64 {
    let pairs =
        "SELECT count(*) FROM assignment a JOIN assignment b ON a.booking_key = b.booking_key AND a.id < b.id
                  WHERE a.holds AND b.holds
                    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
    sqlx::query_scalar(pairs).fetch_one(&mut cast.world.owner().await).await.unwrap()
}

#[tokio::test]
async fn a_trainer_is_booked_once_inside_one_push() {
    let cast = Cast::ready().await;
    let sessions = vec![
        led_session("s1", FIRST, TRAINER),
        led_session("s2", OVERLAPPING, TRAINER),
        led_session("s3", BACK_TO_BACK, TRAINER),
    ];
    let answer = send(&cast.blk, push(sessions.clone())).await;
    assert_eq!(errors(&answer.results), [conflict(1)], "the earlier item wins");
    let expected = [ItemOutcome::NotStored, ItemOutcome::Rejected, ItemOutcome::NotStored];
    assert_eq!(outcomes(&answer.results), expected);
    let answer = send(&cast.blk, best_effort(sessions)).await;
    let expected = [ItemOutcome::Created, ItemOutcome::Rejected, ItemOutcome::Created];
    assert_eq!(outcomes(&answer.results), expected);
    let names = ["s1", "s3"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

#[tokio::test]
async fn a_trainer_who_is_booked_already_is_refused_with_the_busy_range() {
    let cast = Cast::ready().await;
    let first = cast.push(vec![led_session("s1", FIRST, TRAINER)]).await;
    cast.world.assert_entry(&first.entry, PUSH, &[&session_name("s1")]).await;
    let answer = cast.push(vec![led_session("s2", OVERLAPPING, TRAINER)]).await;
    assert_eq!(errors(&answer.results), [conflict(0)]);
    let text = &answer.results[0].errors[0].text;
    assert!(
        text.contains("from Tue 10 Mar 2026 08:00 WIB (+07:00) to Tue 10 Mar 2026 11:00 WIB (+07:00)"),
        "{text}"
    );
    let answer = cast.push(vec![led_session("s2", BACK_TO_BACK, TRAINER)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "back to back is fine");
}

/// One person, registered by two agencies under one number, is one; the refusal says when, and of whom nothing.
#[tokio::test]
async fn one_person_of_two_agencies_is_in_one_place() {
    let cast = Cast::gather().await;
    let cast = cast.with_programme().await.with_fisheries(NIK).await;
    let same = "agencies/blk-kepri/trainers/t9";
    cast.blk.trainer().register_trainer(trainer(same, NIK)).await.unwrap();
    assert_eq!(cast.confirm_claims().await, 1);
    let first = send(&cast.dkp, push_fish(vec![led_session("f1", FIRST, FISHER)])).await;
    cast.world.assert_entry(&first.entry, PUSH, &["agencies/dkp-kepri/sessions/f1"]).await;
    let answer = cast.push(vec![led_session("s1", OVERLAPPING, same)]).await;
    assert_eq!(errors(&answer.results), [conflict(0)]);
    let said = format!("{answer:?}");
    for secret in ["dkp-kepri", "f1", "ikan", "Las busur", NIK] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
    let answer = cast.push(vec![led_session("s1", OVERLAPPING, TRAINER)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "another person, without a number");
}

/// Two registrations of one person, named in one session.
#[tokio::test]
async fn one_person_is_in_a_session_once() {
    let cast = Cast::ready().await.with_fisheries(NIK).await;
    let same = "agencies/blk-kepri/trainers/t9";
    cast.blk.trainer().register_trainer(trainer(same, NIK)).await.unwrap();
    assert_eq!(cast.confirm_claims().await, 1);
    let both = v1::SessionDraft { trainers: vec![lead(same), lead(FISHER)], ..session("s1", FIRST) };
    let answer = cast.push(vec![both]).await;
    let expected = ("sessions[0].trainers[1].trainer".to_owned(), "TRAINER_CONFLICT".to_owned());
    assert_eq!(errors(&answer.results), [expected]);
    let one = cast.push(vec![led_session("s1", FIRST, same)]).await;
    assert_eq!(one.outcome(), BatchOutcome::Stored);
    // The other registration takes over: one goes as the other comes.
    let other = v1::SessionDraft { sequence: 1, ..led_session("s1", FIRST, FISHER) };
    let answer = cast.push(vec![other]).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated], "{answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(double_bookings(&cast).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_pushes_at_once_one_gets_the_trainer() {
    let cast = Cast::ready().await.with_fisheries(NIK).await;
    let same = "agencies/blk-kepri/trainers/t9";
    cast.blk.trainer().register_trainer(trainer(same, NIK)).await.unwrap();
    assert_eq!(cast.confirm_claims().await, 1);
    for round in 0..10 {
        let start = format!("2026-04-{:02}T01:00:00Z", round + 1);
        let ours = send(&cast.blk, push(vec![led_session(&format!("s{round}"), &start, same)]));
        let theirs = send(&cast.dkp, push_fish(vec![led_session(&format!("f{round}"), &start, FISHER)]));
        let (ours, theirs) = tokio::join!(ours, theirs);
        let (won, lost) = match ours.outcome() {
            BatchOutcome::Stored => (ours, theirs),
            _ => (theirs, ours),
        };
        assert_eq!(won.outcome(), BatchOutcome::Stored, "{won:?}");
        assert_eq!((lost.outcome(), errors(&lost.results)), (BatchOutcome::Rejected, vec![conflict(0)]));
        cast.world.assert_entry(&won.entry, PUSH, &[&won.results[0].name]).await;
    }
    assert_eq!(double_bookings(&cast).await, 0);
    assert_eq!(cast.recorded(PUSH).await, 10);
}

/// Two pushes name the same three persons in opposite order, at times that do not clash. The test holds the lock of
/// the second person until both wait: had each taken its first by then, they would be in each other's way for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_that_name_the_same_persons_in_opposite_order_both_finish() {
    let cast = Cast::ready().await.with_fisheries("").await;
    let name = |agency: &str, place: i64| format!("agencies/{agency}/trainers/p{place}");
    for place in 0..3 {
        let ours = trainer(&name("blk-kepri", place), &format!("990101010190000{place}"));
        cast.blk.trainer().register_trainer(ours).await.unwrap();
        let theirs = trainer(&name("dkp-kepri", place), &format!("990101010190000{}", 2 - place));
        cast.dkp.trainer().register_trainer(theirs).await.unwrap();
    }
    assert_eq!(cast.confirm_claims().await, 3);
    let sessions = |agency: &str, hour: i64| {
        let at = |place: i64| format!("2026-05-01T{:02}:00:00Z", hour + 3 * place);
        (0..3).map(|place| led_session(&format!("r{place}"), &at(place), &name(agency, place))).collect()
    };
    let mut holder = cast.world.owner().await;
    // The key space of `store::lock`: persons are class 3.
    let hold =
        "SELECT pg_advisory_lock(3, ('x' || encode(substr(sha256(booking_key), 1, 4), 'hex'))::bit(32)::int4)
                  FROM trainer WHERE agency = 'blk-kepri' AND ref = 'p1'";
    assert_eq!(sqlx::query(hold).execute(&mut holder).await.unwrap().rows_affected(), 1);
    let (ours, theirs, ()) = tokio::join!(
        send(&cast.blk, push(sessions("blk-kepri", 0))),
        send(&cast.dkp, push_fish(sessions("dkp-kepri", 10))),
        async {
            until_waiting(&cast.world, "advisory", 2).await;
            sqlx::query("SELECT pg_advisory_unlock_all()").execute(&mut holder).await.unwrap();
        }
    );
    assert_eq!((ours.outcome(), theirs.outcome()), (BatchOutcome::Stored, BatchOutcome::Stored));
    for answer in [ours, theirs] {
        let names: Vec<_> = answer.results.iter().map(|result| result.name.as_str()).collect();
        cast.world.assert_entry(&answer.entry, PUSH, &names).await;
    }
    assert_eq!(double_bookings(&cast).await, 0);
    assert_eq!(deadlocks(&cast.world).await, 0);
}

#[tokio::test]
async fn a_withdrawn_trainer_holds_no_time_and_a_rejected_push_none_either() {
    let cast = Cast::ready().await;
    let bad = v1::SessionDraft { topic: String::new(), ..session("bad", FIRST) };
    let answer = cast.push(vec![led_session("s1", FIRST, TRAINER), bad]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Rejected);
    let answer = cast.push(vec![led_session("s2", FIRST, TRAINER)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s2")]).await;
    let held = cast.pull(&cast.lapas).await;
    assert!(held.iter().all(|assignment| assignment.state() == AssignmentState::Proposed) && held.len() == 1);
}
