//! Lent trainers: a proposal asks for their time, and their agency's acceptance holds it.

use gerbang::{
    domain::{
        AgencyCode,
        assignment::{AssignmentState, BookedAssignment, Times},
        name::{SessionName, TrainerName},
        trainer::TrainerRole,
    },
    proto::v1::{self, AssignmentState as State, BatchOutcome, ItemOutcome},
};
use sqlx::Connection;

use super::{FIRST, LATER, OVERLAPPING, double_bookings, farm, two_leads};
use crate::{
    acts::{Act, Ask, ask, faults, send},
    cast::{Cast, FISHER, TRAINER, again, errors, lead, led_session, seen_assignment, session, session_name},
};

fn warned(answer: &v1::PushScheduleResponse) -> Vec<(&str, &str)> {
    answer.warnings.iter().map(|warning| (warning.field.as_str(), warning.reason.as_str())).collect()
}

/// Start and end of each range in which an assignment's trainer is wanted elsewhere.
fn overlaps(assignment: &v1::TrainerAssignment) -> Vec<i64> {
    assignment
        .overlaps
        .iter()
        .flat_map(|range| [range.starts_at, range.ends_at])
        .map(|at| at.unwrap().seconds)
        .collect()
}

fn range(start: &str) -> Vec<i64> {
    let start: jiff::Timestamp = start.parse().unwrap();
    vec![start.as_second(), start.as_second() + 3 * 3600]
}

async fn seen(cast: &Cast, uid: &str) -> v1::SeenAssignment {
    seen_assignment(&cast.assignment(uid, FISHER).await)
}

#[tokio::test]
async fn a_lent_trainer_is_held_once_the_agency_has_accepted() {
    let cast = two_leads().await;
    let answer = cast.push(vec![led_session("s1", FIRST, FISHER)]).await;
    assert_eq!((answer.outcome(), warned(&answer)), (BatchOutcome::Stored, vec![]));
    let answer = farm(&cast, led_session("a1", OVERLAPPING, FISHER)).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "a proposal holds nobody: {answer:?}");
    assert_eq!(warned(&answer), [("sessions[0].trainers[0].trainer", "TRAINER_OVERLAP")]);
    let text = &answer.warnings[0].text;
    assert!(
        text.contains("Tue 10 Mar 2026 08:00 WIB (+07:00) to Tue 10 Mar 2026 11:00 WIB (+07:00)"),
        "{text}"
    );
    for secret in ["blk-kepri", "s1", "Las"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    for client in [&cast.dkp, &cast.lapas] {
        let pulled = cast.pull(client).await;
        assert_eq!(pulled.iter().map(overlaps).collect::<Vec<_>>(), [range(OVERLAPPING), range(FIRST)]);
    }
    assert_eq!(overlaps(&cast.pull(&cast.blk).await[0]), range(OVERLAPPING), "who asked first is told too");

    let accepted = cast.act(&cast.dkp, Act::Accept, "a1", FISHER).await;
    assert_eq!(accepted.outcome(), BatchOutcome::Stored);
    cast.world.assert_entry(&accepted.entry, Act::Accept.method(), &[]).await;
    let late = cast.act(&cast.dkp, Act::Accept, "s1", FISHER).await;
    assert_eq!(faults(&late), [("assignments[0].name".to_owned(), "TRAINER_CONFLICT".to_owned())]);
    let text = &late.results[0].errors[0].text;
    assert!(
        text.contains("from Tue 10 Mar 2026 10:00 WIB (+07:00) to Tue 10 Mar 2026 13:00 WIB (+07:00)"),
        "{text}"
    );
    assert!(!text.contains("dkpp") && !text.contains("a1"), "{text}");
    assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Proposed);
    let answer = cast.push(vec![led_session("s2", OVERLAPPING, FISHER)]).await;
    assert_eq!(errors(&answer.results)[0].1, "TRAINER_CONFLICT", "who is held is not even asked");
    assert_eq!(
        overlaps(&cast.assignment("a1", FISHER).await),
        [0i64; 0],
        "of what is decided nothing is said"
    );
    assert_eq!(double_bookings(&cast).await, 0);
}

#[tokio::test]
async fn of_two_acceptances_in_a_batch_the_first_stands() {
    let cast = two_leads().await;
    cast.push(vec![led_session("s1", FIRST, FISHER)]).await;
    farm(&cast, led_session("a1", OVERLAPPING, FISHER)).await;
    let both = vec![seen(&cast, "a1").await, seen(&cast, "s1").await];
    let whole = send(&cast.dkp, Act::Accept, ask(both.clone())).await.unwrap();
    assert_eq!(whole.outcome(), BatchOutcome::Rejected);
    let partial = Ask { mode: v1::BatchMode::BestEffort, ..ask(both) };
    let acted = send(&cast.dkp, Act::Accept, partial).await.unwrap();
    let outcomes: Vec<_> = acted.results.iter().map(v1::AssignmentResult::outcome).collect();
    assert_eq!(outcomes, [ItemOutcome::Updated, ItemOutcome::Rejected]);
    assert_eq!(faults(&acted), [("assignments[1].name".to_owned(), "TRAINER_CONFLICT".to_owned())]);
    assert_eq!(double_bookings(&cast).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_acceptances_at_once_one_stands() {
    let cast = two_leads().await;
    for round in 0..10 {
        let start = format!("2026-04-{:02}T01:00:00Z", round + 1);
        let (ours, theirs) = (format!("s{round}"), format!("a{round}"));
        cast.push(vec![led_session(&ours, &start, FISHER)]).await;
        farm(&cast, led_session(&theirs, &start, FISHER)).await;
        let (ours, theirs) = (seen(&cast, &ours).await, seen(&cast, &theirs).await);
        let (ours, theirs) = tokio::join!(
            send(&cast.dkp, Act::Accept, ask(vec![ours])),
            send(&cast.dkp, Act::Accept, ask(vec![theirs]))
        );
        let outcomes = [ours.unwrap().outcome(), theirs.unwrap().outcome()];
        assert!(outcomes.contains(&BatchOutcome::Stored) && outcomes.contains(&BatchOutcome::Rejected));
    }
    assert_eq!(double_bookings(&cast).await, 0);
}

/// The yes was to the old time: at another one a lent trainer is asked anew, and held by nobody.
#[tokio::test]
async fn a_lent_trainer_is_asked_anew_for_another_time() {
    let cast = two_leads().await;
    let both = v1::SessionDraft { trainers: vec![lead(FISHER), lead(TRAINER)], ..session("s1", FIRST) };
    cast.push(vec![both.clone()]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    let topic = v1::SessionDraft { topic: "Las gas".to_owned(), ..again(both.clone()) };
    cast.push(vec![topic]).await;
    assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Accepted, "the time is the same");
    let moved = v1::SessionDraft { trainers: both.trainers, sequence: 2, ..session("s1", LATER) };
    assert_eq!(cast.push(vec![moved]).await.outcome(), BatchOutcome::Stored);
    assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Proposed);
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), State::Accepted, "the lead agency's own");
    farm(&cast, led_session("a1", LATER, FISHER)).await;
    let accepted = cast.act(&cast.dkp, Act::Accept, "a1", FISHER).await;
    assert_eq!(accepted.outcome(), BatchOutcome::Stored, "{accepted:?}");
}

/// The column and the domain are one rule, over every state, whose trainer it is, and dormant or not.
#[tokio::test]
async fn what_holds_in_sql_holds_in_the_domain() {
    let cast = two_leads().await;
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(FISHER)], ..session("s1", FIRST) };
    cast.push(vec![both]).await;
    let (when, mut owner) = (FIRST.parse().unwrap(), cast.world.owner().await);
    let mut tx = owner.begin().await.unwrap();
    let mut held = BookedAssignment {
        id: uuid::Uuid::nil(),
        session: uuid::Uuid::nil(),
        session_name: SessionName::parse(&session_name("s1")).unwrap(),
        prison: AgencyCode::parse("lapas-tpi").unwrap(),
        trainer_id: uuid::Uuid::nil(),
        trainer: TrainerName::parse(TRAINER).unwrap(),
        booking_key: [0; 32],
        when: Times { starts_at: when, ends_at: when },
        time_zone: "Asia/Jakarta".to_owned(),
        role: TrainerRole::Lead,
        state: AssignmentState::Proposed,
        dormant: false,
        version: 1,
    };
    let mut holding = 0;
    for (state, dormant) in AssignmentState::ALL.iter().flat_map(|state| [(*state, false), (*state, true)]) {
        let update =
            "UPDATE assignment SET state = $1, dormant = $2 RETURNING trainer_agency, trainer_ref, holds";
        let rows = sqlx::query_as::<_, (String, String, bool)>(update).bind(state.as_str()).bind(dormant);
        for (agency, reference, holds) in rows.fetch_all(&mut *tx).await.unwrap() {
            held.trainer = TrainerName::parse(&format!("agencies/{agency}/trainers/{reference}")).unwrap();
            (held.state, held.dormant) = (state, dormant);
            assert_eq!(held.holds(), holds, "{state} {agency} {dormant}");
            holding += usize::from(holds);
        }
    }
    assert_eq!(holding, 5, "ACCEPTED and CLEARED of both, PROPOSED of the lead agency's own");
}
