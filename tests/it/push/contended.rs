//! Many want the same at once: a trainer, a request id, a uid, a schedule, the last hours of a plan. One gets it, the
//! others are told, and nobody runs into a deadlock.

use std::collections::BTreeMap;

use gerbang::proto::v1::{self, BatchOutcome, ItemOutcome};
use prost::Message;

use super::{
    Answer, CALLERS, LEADS, SESSIONS, at_once, client, count, crowded, facts::assert_whole, push_as, refusal,
    roomy, second_gateway, start_push, three_leads, trainer_name,
};
use crate::{
    cast::{
        AGREEMENT, Cast, PROGRAMME, PUSH, TRAINER, again, led_session, manpower, plan, push, session,
        session_name, terms,
    },
    failure::deadlocks,
    link::Link,
    world::{World, reason, request_id},
};

fn start(day: usize) -> String {
    format!("2026-04-{day:02}T01:00:00Z")
}

/// How many were stored, and how often each refusal came.
fn tally(answers: &[Answer]) -> (usize, BTreeMap<String, usize>) {
    let mut refused = BTreeMap::new();
    let refusals = answers.iter().filter_map(refusal);
    refusals.for_each(|reason| *refused.entry(reason).or_default() += 1);
    (answers.len() - refused.values().sum::<usize>(), refused)
}

fn refused(reason: &str, times: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([(reason.to_owned(), times)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_pushes_of_one_trainer_at_one_hour_one_is_stored() {
    let cast = crowded().await;
    for day in 1..=5 {
        let pushes = (0..CALLERS).map(|number| {
            let draft = led_session(&format!("d{day}-{number}"), &start(day), TRAINER);
            (&cast.blk, push(vec![draft]))
        });
        let answers = at_once(pushes).await;
        assert_eq!(tally(&answers), (1, refused("TRAINER_CONFLICT", CALLERS - 1)));
        let won = answers.into_iter().flatten().find(|answer| !answer.entry.is_empty()).unwrap();
        cast.world.assert_entry(&won.entry, PUSH, &[&won.results[0].name]).await;
    }
    assert_eq!(count(&cast.world, SESSIONS).await, 5);
    assert_eq!(deadlocks(&cast.world).await, 0);
    assert_whole(&cast.world).await;
}

/// One person, registered by two agencies; half of the callers come by another gateway.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_pushes_of_one_person_by_two_agencies_and_two_gateways_one_is_stored() {
    let mut cast = three_leads().await;
    let (_first, others) = second_gateway(&mut cast).await;
    for day in 1..=5 {
        let pushes = (0..CALLERS).map(|number| {
            let place = [0, 2][number % 2];
            let by = if number < CALLERS / 2 { client(&cast, LEADS[place]) } else { &others[place] };
            let uid = format!("d{day}-{number}");
            (by, push_as(LEADS[place], vec![led_session(&uid, &start(day), &trainer_name(LEADS[place], 0))]))
        });
        let answers = at_once(pushes).await;
        assert_eq!(tally(&answers), (1, refused("TRAINER_CONFLICT", CALLERS - 1)));
    }
    assert_eq!(count(&cast.world, SESSIONS).await, 5);
    assert_eq!(deadlocks(&cast.world).await, 0);
    assert_whole(&cast.world).await;
}

/// Two agencies want two persons at two hours, and name them in opposite order: what one is about to give up and to take
/// the other is about to take. Each round one of them has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pushes_that_exchange_two_trainers_times_in_opposite_order_run_into_no_deadlock() {
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", roomy()).await).await;
    let cast = cast.with_programme().await.with_fisheries("").await;
    let persons = [["blk-kepri", "dkp-kepri"]; 2];
    for (person, agencies) in persons.iter().enumerate() {
        for agency in agencies {
            let nik = format!("990101010190001{person}");
            let register = crate::cast::trainer(&trainer_name(agency, 10 + person), &nik);
            client(&cast, agency).trainer().register_trainer(register).await.unwrap();
        }
    }
    assert_eq!(cast.confirm_claims().await, 2);
    for round in 0..50 {
        let at = |hour: usize| format!("2026-{:02}-{:02}T{hour:02}:00:00Z", 4 + round / 25, 1 + round % 25);
        // Sessions a and b of BLK, of the first person and the second.
        let ours = |first: usize, second: usize, sequence: i32| {
            let draft = |uid: &str, hour, person: usize| v1::SessionDraft {
                sequence,
                ..led_session(&format!("{uid}{round}"), &at(hour), &trainer_name("blk-kepri", 10 + person))
            };
            push(vec![draft("a", first, 0), draft("b", second, 1)])
        };
        let before = cast.blk.schedule().push_schedule(ours(1, 5, 0)).await.unwrap().into_inner();
        assert_eq!(before.outcome(), BatchOutcome::Stored, "{before:?}");
        let theirs = |uid: &str, hour, person: usize| {
            led_session(&format!("{uid}{round}"), &at(hour), &trainer_name("dkp-kepri", 10 + person))
        };
        let theirs = crate::cast::push_fish(vec![theirs("y", 1, 1), theirs("x", 5, 0)]);
        let answers = at_once([(&cast.blk, ours(5, 1, 1)), (&cast.dkp, theirs)]).await;
        assert_eq!(tally(&answers), (1, refused("TRAINER_CONFLICT", 1)), "round {round}: {answers:#?}");
    }
    assert_eq!(deadlocks(&cast.world).await, 0);
    assert_whole(&cast.world).await;
}

/// Sixteen times one request, and among them four times another under its id. One of the two is stored, once; all who sent
/// it have the same answer, to the byte, and the others are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_of_one_request_id_are_one_and_another_message_is_refused() {
    let mut cast = three_leads().await;
    let (_first, others) = second_gateway(&mut cast).await;
    for day in 1..=10 {
        let id = request_id();
        let message = |topic: &str| {
            let draft = led_session(&format!("d{day}"), &start(day), &trainer_name(LEADS[0], 0));
            let draft = v1::SessionDraft { topic: topic.to_owned(), ..draft };
            v1::PushScheduleRequest { request_id: id.clone(), ..push_as(LEADS[0], vec![draft]) }
        };
        let pushes = (0..CALLERS + 4).map(|number| {
            let by = if number % 2 == 0 { &cast.blk } else { &others[0] };
            (by, message(if number % 5 == 4 { "Las gas" } else { "Las busur" }))
        });
        let answers = at_once(pushes).await;
        let of = |other: bool| answers.iter().enumerate().filter(move |(it, _)| (it % 5 == 4) == other);
        let won = of(true).any(|(_, answer)| answer.is_ok());
        let told: Vec<_> = of(won).map(|(_, it)| it.as_ref().unwrap().encode_to_vec()).collect();
        assert!(told.iter().all(|answer| *answer == told[0]), "{answers:#?}");
        let answer = v1::PushScheduleResponse::decode(&told[0][..]).unwrap();
        assert_eq!(answer.results[0].outcome(), ItemOutcome::Created);
        cast.world.assert_entry(&answer.entry, PUSH, &[&session_name(&format!("d{day}"))]).await;
        for (_, answer) in of(!won) {
            assert_eq!(reason(answer.as_ref().unwrap_err()), "REQUEST_ID_REUSED");
        }
        assert_eq!(cast.recorded(PUSH).await, day, "one entry each day");
    }
    assert_whole(&cast.world).await;
}

/// Sixteen versions of one session at once: whichever are stored, each is newer than the one before, and the newest stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_versions_of_a_session_at_once_the_newest_stays() {
    let cast = crowded().await;
    for round in 1..=5 {
        let uid = format!("s{round}");
        let version = |sequence: i32| {
            let topic = format!("Materi {sequence}");
            v1::SessionDraft { sequence, topic, ..led_session(&uid, &start(round), TRAINER) }
        };
        let pushes = (0..CALLERS as i32).map(|sequence| (&cast.blk, push(vec![version(sequence)])));
        let answers = at_once(pushes).await;
        let (stored, stale) = tally(&answers);
        assert_eq!(stale.keys().filter(|reason| *reason != "STALE_SEQUENCE").count(), 0, "{stale:?}");
        let created = |it: &&Answer| it.as_ref().unwrap().results[0].outcome() == ItemOutcome::Created;
        assert_eq!(answers.iter().filter(created).count(), 1);
        let session = cast.session(&uid).await;
        assert_eq!((session.sequence, session.topic.as_str()), (15, "Materi 15"));
        let versions = cast.world.entries().await.into_iter().flat_map(|entry| entry.lines);
        let versions = versions.filter(|line| line.resource == session.name).map(|line| line.version);
        let expected: Vec<_> = (1..=i64::try_from(stored).unwrap()).collect();
        assert_eq!(versions.collect::<Vec<_>>(), expected, "an entry for each that was stored");
    }
    assert_whole(&cast.world).await;
}

/// The first sixteen sessions of a schedule that nobody has pushed to yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_pushes_to_a_new_schedule_make_it_once() {
    let cast = crowded().await;
    let pushes =
        (0..CALLERS).map(|number| (&cast.blk, push(vec![session(&format!("s{number}"), &start(1))])));
    let answers = at_once(pushes).await;
    assert_eq!(tally(&answers), (CALLERS, BTreeMap::new()));
    assert_eq!(count(&cast.world, "SELECT count(*) FROM schedule").await, 1);
    let lines = cast.world.entries().await.into_iter().flat_map(|entry| entry.lines);
    assert_eq!(lines.filter(|line| line.resource == crate::cast::SCHEDULE).count(), 1);
    assert_whole(&cast.world).await;
}

/// A plan that leaves time for three sessions of three hours: eight lessons of 45 minutes, and half as many again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_sessions_at_once_the_plan_takes_as_many_as_it_has_time_for() {
    let cast = Cast::gather_in(World::start_as("gerbang_gateway", roomy()).await).await;
    cast.agree(&cast.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
    let mut short = plan(manpower());
    short.units.truncate(1);
    short.units[0].lessons = 8;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, short).await;
    let pushes = (0..CALLERS).map(|number| {
        let draft = session(&format!("s{number}"), &start(1 + number));
        let name = format!("agencies/blk-kepri/schedules/j{}", number % 4);
        (&cast.blk, v1::PushScheduleRequest { name, ..push(vec![draft]) })
    });
    let answers = at_once(pushes).await;
    assert_eq!(tally(&answers), (3, refused("PLAN_EXCEEDED", CALLERS - 3)));
    assert_eq!(count(&cast.world, SESSIONS).await, 3);
    assert_whole(&cast.world).await;
}

/// A session keeps a lent trainer and changes its topic, and between judging and storing another agency asks for the same
/// trainer at that time: who comes second is warned.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whom_a_changed_session_keeps_is_looked_at_when_it_is_stored() {
    let mut cast = three_leads().await;
    let lent = trainer_name(LEADS[2], 1);
    let draft = led_session("s1", &start(1), &lent);
    let stored = start_push(&cast.blk, push_as(LEADS[0], vec![draft.clone()])).await.unwrap().unwrap();
    assert_eq!((stored.outcome(), stored.warnings.len()), (BatchOutcome::Stored, 0), "{stored:?}");

    let (link, _other) = Link::before_a_gateway(&mut cast.world).await;
    let held = cast.world.connect(LEADS[0], "jadwal").await;
    link.hold("push_store");
    let changed = v1::SessionDraft { topic: "Lain".to_owned(), ..again(draft) };
    let pushing = start_push(&held, push_as(LEADS[0], vec![changed]));
    link.until_held(1).await;
    let other = push_as(LEADS[1], vec![led_session("s2", &start(1), &lent)]);
    let first = start_push(&cast.dkpp, other).await.unwrap().unwrap();
    link.release();
    let second = pushing.await.unwrap().unwrap();
    for answer in [first, second] {
        let warned: Vec<_> = answer.warnings.iter().map(|warning| warning.reason.as_str()).collect();
        assert_eq!((answer.outcome(), &warned[..]), (BatchOutcome::Stored, &["TRAINER_OVERLAP"][..]));
    }
    assert_whole(&cast.world).await;
}
