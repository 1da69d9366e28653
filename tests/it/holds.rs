//! Who holds a person's or a room's time, and who only asks for it: lent trainers, and what rests on agreements and
//! agencies that are suspended or at their end.

use gerbang::{
    agent::Client,
    domain::{
        AgencyCode,
        assignment::{AssignmentState, BookedAssignment, Times},
        name::{SessionName, TrainerName},
        trainer::TrainerRole,
    },
    proto::v1::{self, AssignmentState as State, BatchOutcome, ItemOutcome, SessionState},
};

use sqlx::Connection;

use crate::{
    access::suspend,
    acts::{Act, Ask, ask, faults, send},
    cast::{
        AGREEMENT, Cast, FACILITY, FISHER, PROGRAMME, PUSH, TRAINER, again, agreement_etag, confirmation,
        errors, facility, lead, led_session, manpower, plan, push, seen_assignment, session, session_name,
        terms, trainer,
    },
    world::request_id,
};

const FIRST: &str = "2026-03-10T01:00:00Z";
const OVERLAPPING: &str = "2026-03-10T03:00:00Z";
const LATER: &str = "2026-03-12T01:00:00Z";
const LENDING: &str = "agencies/dkp-kepri/agreements/lending";
const FARM_AGREEMENT: &str = "agencies/dkpp-bintan/agreements/pks-1";
const FARM: &str = "agencies/dkpp-bintan/programmes/tani";
const RESUME: &str = "AgreementService/ResumeAgreement";

/// Two lead agencies, BLK and the agriculture agency, and [`FISHER`], whom the fisheries agency lends to both.
async fn two_leads() -> Cast {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, LENDING, terms("dkp-kepri", manpower())).await;
    cast.agree(&cast.dkpp, FARM_AGREEMENT, terms("dkpp-bintan", manpower())).await;
    cast.open(&cast.dkpp, FARM, FARM_AGREEMENT, plan(manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast
}

/// A push of the agriculture agency.
async fn farm(cast: &Cast, session: v1::SessionDraft) -> v1::PushScheduleResponse {
    let request = v1::PushScheduleRequest {
        name: "agencies/dkpp-bintan/schedules/tani-1".to_owned(),
        programme: FARM.to_owned(),
        ..push(vec![session])
    };
    cast.dkpp.schedule().push_schedule(request).await.unwrap().into_inner()
}

fn in_room(session: v1::SessionDraft) -> v1::SessionDraft {
    v1::SessionDraft { facility: FACILITY.to_owned(), ..session }
}

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

/// Pairs of assignments that hold one person, and of sessions that hold one room, at one time.
async fn double_bookings(cast: &Cast) -> i64 {
    let pairs = "SELECT (SELECT count(*) FROM assignment a JOIN assignment b
                           ON a.booking_key = b.booking_key AND a.id < b.id AND a.holds AND b.holds
                          AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)
                      + (SELECT count(*) FROM session a JOIN session b
                           ON a.prison = b.prison AND a.facility = b.facility AND a.id < b.id
                          AND NOT a.dormant AND NOT b.dormant AND a.state IN ('TENTATIVE', 'CONFIRMED')
                          AND b.state IN ('TENTATIVE', 'CONFIRMED')
                          AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at)";
    sqlx::query_scalar(pairs).fetch_one(&mut cast.world.owner().await).await.unwrap()
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
    assert!(text.contains("2026-03-10T01:00:00Z to 2026-03-10T04:00:00Z"), "{text}");
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
    assert!(text.contains("from 2026-03-10T03:00:00Z to 2026-03-10T06:00:00Z"), "{text}");
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

async fn resume(cast: &Cast, party: &Client, name: &str) -> v1::ResumeAgreementResponse {
    let request = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agreement_etag(party, name).await,
        ..Default::default()
    };
    let answer = party.agreement().resume_agreement(request).await.unwrap().into_inner();
    assert_eq!(double_bookings(cast).await, 0);
    answer
}

/// s1 of BLK, CONFIRMED in [`FACILITY`], with [`TRAINER`] and, as an assistant, [`FISHER`], both accepted.
async fn booked() -> Cast {
    let cast = two_leads().await;
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    let draft = v1::SessionDraft { trainers: vec![lead(TRAINER), assistant], ..session("s1", FIRST) };
    cast.push(vec![in_room(draft)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    assert_eq!(cast.confirm(&[("s1", "")]).await.outcome(), BatchOutcome::Stored);
    cast
}

/// Whether the agriculture agency gets room and trainer at the time of s1; by a dry run.
async fn is_free(cast: &Cast) -> bool {
    let request = v1::PushScheduleRequest {
        validate_only: true,
        name: "agencies/dkpp-bintan/schedules/tani-1".to_owned(),
        programme: FARM.to_owned(),
        ..push(vec![in_room(led_session("dry", OVERLAPPING, FISHER))])
    };
    let answer = cast.dkpp.schedule().push_schedule(request).await.unwrap().into_inner();
    let reasons: Vec<_> = errors(&answer.results).into_iter().map(|(_, reason)| reason).collect();
    assert!(
        reasons.is_empty() || reasons == ["TRAINER_CONFLICT", "FACILITY_CONFLICT"],
        "both or none: {reasons:?}"
    );
    reasons.is_empty()
}

#[tokio::test]
async fn a_suspended_agreement_holds_nobody_and_no_room() {
    let cast = booked().await;
    assert!(!is_free(&cast).await);
    for party in [&cast.blk, &cast.lapas] {
        cast.suspend(party, AGREEMENT).await.unwrap();
        assert!(is_free(&cast).await, "from the suspension on");
    }
    let session = cast.session("s1").await;
    assert!(session.dormant, "its readers see why");
    let session = v1::Session { dormant: false, ..session };
    assert_eq!(
        (session.state(), session.facility.as_str()),
        (SessionState::Confirmed, FACILITY),
        "it stays as it is"
    );
    assert_eq!(resume(&cast, &cast.blk, AGREEMENT).await.unconfirmed, [""; 0]);
    assert!(is_free(&cast).await, "the prison's suspension is still open");
    let answer = resume(&cast, &cast.lapas, AGREEMENT).await;
    assert_eq!(answer.unconfirmed, [""; 0], "all of it was free");
    cast.world.assert_entry(&answer.change.unwrap().entry, RESUME, &[AGREEMENT]).await;
    assert!(!is_free(&cast).await);
    assert_eq!(cast.session("s1").await, session);
}

#[tokio::test]
async fn what_was_taken_during_a_suspension_is_named_when_it_ends() {
    let cast = booked().await;
    cast.push(vec![led_session("s2", LATER, TRAINER)]).await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!(
        farm(&cast, in_room(led_session("a1", OVERLAPPING, FISHER))).await.outcome(),
        BatchOutcome::Stored
    );
    assert_eq!(cast.act(&cast.dkp, Act::Accept, "a1", FISHER).await.outcome(), BatchOutcome::Stored);
    let answer = resume(&cast, &cast.lapas, AGREEMENT).await;
    assert_eq!(answer.unconfirmed, [session_name("s1")]);
    let lines = [session_name("s1"), AGREEMENT.to_owned()];
    cast.world
        .assert_entry(&answer.change.unwrap().entry, RESUME, &lines.each_ref().map(String::as_str))
        .await;
    let session = cast.session("s1").await;
    assert_eq!((session.state(), session.facility.as_str()), (SessionState::Tentative, ""));
    assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Withdrawn);
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), State::Accepted, "who was free is held again");
    // Both are asked for anew by a push, and are still another's.
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    let draft = v1::SessionDraft {
        trainers: vec![lead(TRAINER), assistant],
        sequence: 1,
        ..self::session("s1", FIRST)
    };
    let answer = cast.push(vec![in_room(draft)]).await;
    let reasons: Vec<_> = errors(&answer.results).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, ["TRAINER_CONFLICT", "FACILITY_CONFLICT"]);
}

/// A room that was taken, and nothing else: the same content with a higher sequence asks for it anew.
#[tokio::test]
async fn a_lost_room_is_asked_for_anew() {
    let cast = booked().await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    farm(&cast, in_room(session("a1", OVERLAPPING))).await;
    assert_eq!(resume(&cast, &cast.lapas, AGREEMENT).await.unconfirmed, [session_name("s1")]);
    assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Accepted);
    farm(&cast, again(session("a1", OVERLAPPING))).await;
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    let draft =
        v1::SessionDraft { trainers: vec![lead(TRAINER), assistant], sequence: 1, ..session("s1", FIRST) };
    let answer = cast.push(vec![in_room(draft)]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(cast.session("s1").await.facility, FACILITY);
}

#[tokio::test]
async fn a_suspended_agency_holds_nobody_and_no_room() {
    for agency in ["agencies/blk-kepri", "agencies/lapas-tpi"] {
        let cast = booked().await;
        suspend(&cast.admin, agency).await;
        if agency == "agencies/blk-kepri" {
            assert!(is_free(&cast).await, "from the suspension on");
        }
        let dormant = "SELECT bool_and(dormant) FROM session";
        assert!(
            sqlx::query_scalar::<_, bool>(dormant).fetch_one(&mut cast.world.owner().await).await.unwrap()
        );
        let taken = agency == "agencies/blk-kepri";
        if taken {
            farm(&cast, in_room(session("a1", OVERLAPPING))).await;
        }
        let get = v1::GetAgencyRequest { name: agency.to_owned() };
        let found = cast.admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
        let request = v1::ResumeAgencyRequest {
            request_id: request_id(),
            name: agency.to_owned(),
            etag: found.etag,
            ..Default::default()
        };
        let answer = cast.admin.agency().resume_agency(request.clone()).await.unwrap().into_inner();
        let lost = if taken { vec![session_name("s1")] } else { vec![] };
        assert_eq!(answer.unconfirmed, lost);
        assert_eq!(
            cast.admin.agency().resume_agency(request).await.unwrap().into_inner(),
            answer,
            "replayed"
        );
        let lines: Vec<_> = [agency].into_iter().chain(lost.iter().map(String::as_str)).collect();
        cast.world.assert_entry(&answer.change.unwrap().entry, "AgencyService/ResumeAgency", &lines).await;
        assert!(!is_free(&cast).await);
        assert_eq!(double_bookings(&cast).await, 0);
    }
}

/// 30 days of notice from 2 March: what lies on 1 April or later holds nothing, what lies before does.
#[tokio::test]
async fn a_notice_frees_what_lies_behind_its_day() {
    let (before, behind) = ("2026-03-31T13:00:00Z", "2026-03-31T15:00:00Z");
    let cast = two_leads().await;
    cast.blk.trainer().register_trainer(trainer("agencies/blk-kepri/trainers/t2", "")).await.unwrap();
    let sessions = vec![
        led_session("s1", before, TRAINER),
        in_room(led_session("s2", behind, "agencies/blk-kepri/trainers/t2")),
        led_session("s3", "2026-05-10T01:00:00Z", FISHER),
    ];
    assert_eq!(cast.push(sessions).await.outcome(), BatchOutcome::Stored);
    cast.accept(&cast.blk, &["agencies/blk-kepri/trainers/t2"]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    let answer = cast.blk.agreement().terminate_agreement(terminate).await.unwrap().into_inner();
    assert_eq!(answer.terminates_on, "2026-04-01");
    cast.world
        .assert_entry(&answer.change.unwrap().entry, "AgreementService/TerminateAgreement", &[AGREEMENT])
        .await;
    let dormant = "SELECT array_agg(uid ORDER BY uid) FROM session WHERE dormant";
    let dormant: Vec<String> =
        sqlx::query_scalar(dormant).fetch_one(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(dormant, ["s2", "s3"], "s2 would end after midnight");
    assert_eq!(
        farm(&cast, in_room(led_session("a1", "2026-05-10T01:00:00Z", FISHER))).await.outcome(),
        BatchOutcome::Stored
    );
    assert_eq!(cast.act(&cast.dkp, Act::Accept, "a1", FISHER).await.outcome(), BatchOutcome::Stored);

    let confirm = v1::ConfirmSessionsRequest {
        request_id: request_id(),
        sessions: vec![confirmation(&cast.session("s2").await, "")],
        ..Default::default()
    };
    let refused = cast.lapas.schedule().confirm_sessions(confirm).await.unwrap().into_inner();
    assert_eq!(errors(&refused.results)[0].1, "AGREEMENT_NOT_IN_FORCE");
    let more = cast.push(vec![session("s4", behind)]).await;
    assert_eq!(
        errors(&more.results),
        [("sessions[0].starts_at".to_owned(), "SESSION_OUTSIDE_TERM".to_owned())]
    );
    // Moved before the day, it holds again.
    let moved = again(in_room(led_session("s2", "2026-03-20T01:00:00Z", "agencies/blk-kepri/trainers/t2")));
    let answer = cast.push(vec![moved]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s2")]).await;
    let clash = farm(&cast, in_room(session("a2", "2026-03-20T01:00:00Z"))).await;
    assert_eq!(errors(&clash.results)[0].1, "FACILITY_CONFLICT");
    assert_eq!(double_bookings(&cast).await, 0);
}

/// A room that nobody holds may be retired; a suspended session finds that out when it is resumed.
#[tokio::test]
async fn a_room_that_was_retired_meanwhile_is_lost() {
    let cast = booked().await;
    let retire = async || {
        let get = v1::GetFacilityRequest { name: FACILITY.to_owned() };
        let room = cast.lapas.facility().get_facility(get).await.unwrap().into_inner().facility.unwrap();
        let (name, etag) = (room.name, room.etag);
        let request =
            v1::RetireFacilityRequest { request_id: request_id(), name, etag, ..Default::default() };
        cast.lapas.facility().retire_facility(request).await
    };
    assert_eq!(crate::world::reason(&retire().await.unwrap_err()), "FACILITY_IN_USE");
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    retire().await.unwrap();
    assert_eq!(resume(&cast, &cast.blk, AGREEMENT).await.unconfirmed, [session_name("s1")]);
    assert_eq!(cast.session("s1").await.facility, "");
}

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

#[tokio::test]
async fn an_administrator_frees_what_an_agency_holds() {
    let cast = booked().await;
    cast.push(vec![session("s2", LATER)]).await;
    farm(&cast, in_room(session("a1", LATER))).await;
    let release = async |validate_only: bool, request_id: String| {
        let (name, note) = ("agencies/blk-kepri".to_owned(), "Keliru".to_owned());
        let request = v1::ReleaseBookingsRequest { request_id, validate_only, name, note };
        cast.admin.agency().release_bookings(request).await.unwrap().into_inner()
    };
    let dry = release(true, request_id()).await;
    assert_eq!((dry.sessions, dry.assignments, dry.entry.as_str()), (1, 2, ""), "s2 holds nothing");
    assert!(!is_free(&cast).await);
    let id = request_id();
    let done = release(false, id.clone()).await;
    cast.world.assert_entry(&done.entry, "AgencyService/ReleaseBookings", &[&session_name("s1")]).await;
    assert_eq!((done.sessions, done.assignments), (1, 2));
    assert_eq!(release(false, id).await, done, "once");
    let nothing = release(false, request_id()).await;
    assert_eq!((nothing.sessions, nothing.assignments, nothing.entry.as_str()), (0, 0, ""));
    assert!(is_free(&cast).await);
    let seen = cast.session("s1").await;
    assert_eq!(
        (seen.state(), seen.facility.as_str(), seen.note.as_str()),
        (SessionState::Tentative, "", "Keliru")
    );
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), State::Withdrawn);
    let unknown = v1::ReleaseBookingsRequest {
        request_id: request_id(),
        name: "agencies/nobody".to_owned(),
        note: "Keliru".to_owned(),
        ..Default::default()
    };
    let unknown = cast.admin.agency().release_bookings(unknown).await.unwrap_err();
    assert_eq!(crate::world::reason(&unknown), "NOT_FOUND");
}
