//! The door's question: who may enter is CLEARED in a CONFIRMED session under agreements in force, and nobody else.

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    proto::v1::{
        self, AgencyKind, AssignmentState as State, BatchOutcome, Clearance, ClearanceStep as Step, Role,
        SessionState,
    },
};

use crate::{
    acts::Act,
    cast::{
        AGREEMENT, Cast, FACILITY, FISHER, PROGRAMME, TRAINER, again, agreement_etag, facility, lead,
        led_session, manpower, plan, session, terms, timestamp, trainer,
    },
    world::{reason, request_id},
};

type Request = v1::ListTrainerAssignmentsRequest;

const START: &str = "2026-03-10T01:00:00Z";
const END: &str = "2026-03-10T04:00:00Z";
const LENDING: &str = "agencies/dkp-kepri/agreements/lending";
const OTHER_ROOM: &str = "agencies/lapas-tpi/facilities/kelas";

async fn list(client: &Client, request: Request) -> Vec<v1::TrainerAssignment> {
    client.assignment().list_trainer_assignments(request).await.unwrap().into_inner().assignments
}

/// The door, on the day before [`START`].
async fn door(cast: &Cast) -> Client {
    cast.world.set_clock("2026-03-09T01:00:00Z");
    cast.world.join("lapas-tpi", AgencyKind::Prison, "p2u", Role::Door).await
}

fn clearance(clearance: Clearance) -> Request {
    Request { clearance: clearance.into(), ..Default::default() }
}

/// Session and trainer of each.
fn who(assignments: &[v1::TrainerAssignment]) -> Vec<(&str, &str)> {
    assignments
        .iter()
        .map(|one| (one.session_uid.as_str(), one.trainer.rsplit('/').next().unwrap()))
        .collect()
}

/// s1 of [`TRAINER`] and, as an assistant, of [`FISHER`], whom the fisheries agency lends under `lending`: both
/// cleared, and the session confirmed.
async fn with_lent(start: &str, lending: v1::AgreementTerms) -> Cast {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.agree(&cast.dkp, LENDING, lending).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let assistant = v1::SessionTrainer { role: v1::TrainerRole::Assistant.into(), ..lead(FISHER) };
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), assistant], ..session("s1", start) };
    assert_eq!(cast.push(vec![both]).await.outcome(), BatchOutcome::Stored);
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    cast.clear(&[TRAINER, FISHER]).await;
    assert_eq!(cast.confirm(&[("s1", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    cast
}

/// Who is let in and who is not yet, as door and prison see it.
async fn assert_granted(cast: &Cast, door: &Client, granted: &[&str], missing: &[&str], why: &str) {
    let names = |found: &[v1::TrainerAssignment]| {
        let mut names: Vec<_> = who(found).into_iter().map(|(_, trainer)| trainer.to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&list(door, Request::default()).await), granted, "at the door: {why}");
    let [may, may_not] = [Clearance::Granted, Clearance::Missing].map(clearance);
    let (may, may_not) = (list(&cast.lapas, may).await, list(&cast.lapas, may_not).await);
    assert_eq!(names(&may), granted, "granted: {why}");
    assert_eq!(names(&may_not), missing, "missing: {why}");
    // The filter, which is the database's, and the steps, which are the domain's, are one rule.
    assert!(may.iter().all(|one| one.missing.is_empty()), "{why}: {may:?}");
    assert!(may_not.iter().all(|one| !one.missing.is_empty()), "{why}: {may_not:?}");
    for one in list(&cast.lapas, Request::default()).await {
        let listed = may.iter().chain(&may_not).find(|other| other.name == one.name);
        let missing = listed.map(|other| other.missing.as_slice()).unwrap_or_default();
        assert_eq!(one.missing, missing, "{why}: the same without a filter, and nothing of what is closed");
    }
}

#[tokio::test]
async fn the_door_sees_who_comes_when_and_where_and_nothing_else() {
    let cast = Cast::confirmed(START).await;
    let door = door(&cast).await;
    let granted = list(&cast.lapas, clearance(Clearance::Granted)).await;
    assert_eq!(who(&granted), [("s1", "t1")]);
    let known = &granted[0];
    assert_eq!((known.topic.as_str(), known.programme_title.as_str()), ("Las busur", "Pengelasan dasar"));
    assert_eq!(known.competences.len(), 1);
    let seen = list(&door, Request::default()).await;
    let expected = v1::TrainerAssignment {
        topic: String::new(),
        programme_title: String::new(),
        competences: Vec::new(),
        ..known.clone()
    };
    assert_eq!(seen, [expected]);
    let seen = &seen[0];
    assert_eq!((seen.starts_at, seen.ends_at), (timestamp(START), timestamp(END)));
    assert_eq!((seen.trainer_display_name.as_str(), seen.facility.as_str()), ("Budi Contoh", FACILITY));
    assert_eq!(seen.facility_display_name, facility(FACILITY, 16).profile.unwrap().display_name);
    assert!(!seen.facility_display_name.is_empty());
    assert_eq!(seen.trainer_agency, "agencies/blk-kepri");
    assert_eq!((seen.state(), seen.session_state()), (State::Cleared, SessionState::Confirmed));
    let said = format!("{seen:?}");
    for secret in ["Las busur", "Pengelasan", "Instruktur"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

/// A door system asks for what it likes, and gets who may enter.
#[tokio::test]
async fn no_filter_shows_the_door_more() {
    let cast = Cast::confirmed(START).await;
    let door = door(&cast).await;
    cast.push(vec![led_session("s2", "2026-03-10T05:00:00Z", TRAINER)]).await;
    for request in [
        clearance(Clearance::Granted),
        Request { facility: FACILITY.to_owned(), ..Default::default() },
        Request { trainer_agency: "agencies/blk-kepri".to_owned(), ..Default::default() },
        Request { state: State::Cleared.into(), ..Default::default() },
        Request { range_start: timestamp(START), range_end: timestamp(END), ..Default::default() },
    ] {
        assert_eq!(who(&list(&door, request.clone()).await), [("s1", "t1")], "{request:?}");
    }
    for request in [
        clearance(Clearance::Missing),
        Request { state: State::Proposed.into(), ..Default::default() },
        Request { facility: OTHER_ROOM.to_owned(), ..Default::default() },
        Request { range_start: timestamp(END), ..Default::default() },
        Request { range_end: timestamp(START), ..Default::default() },
    ] {
        assert_eq!(list(&door, request.clone()).await, [], "{request:?}");
    }
}

#[tokio::test]
async fn the_door_asks_nothing_else() {
    let cast = Cast::confirmed(START).await;
    let door = door(&cast).await;
    let assignment = list(&door, Request::default()).await.remove(0);
    let get = v1::GetTrainerAssignmentRequest { name: assignment.name };
    let session = v1::GetSessionRequest { name: assignment.session };
    let room = v1::GetFacilityRequest { name: assignment.facility };
    let rooms = v1::ListFacilitiesRequest { prison: "agencies/lapas-tpi".to_owned(), ..Default::default() };
    for refused in [
        door.assignment().get_trainer_assignment(get).await.map(drop),
        door.schedule().get_session(session).await.map(drop),
        door.schedule().list_sessions(v1::ListSessionsRequest::default()).await.map(drop),
        door.facility().get_facility(room).await.map(drop),
        door.facility().list_facilities(rooms).await.map(drop),
        door.agreement().list_agreements(v1::ListAgreementsRequest::default()).await.map(drop),
        door.programme().list_programmes(v1::ListProgrammesRequest::default()).await.map(drop),
        door.trainer().list_trainers(v1::ListTrainersRequest::default()).await.map(drop),
    ] {
        assert_eq!(reason(&refused.unwrap_err()), "ROLE_NOT_ALLOWED");
    }
    let other = cast.world.join("lapas-btm", AgencyKind::Prison, "p2u", Role::Door).await;
    assert_eq!(list(&other, Request::default()).await, [], "another prison's door");
}

/// The steps that the only assignment of the prison still needs.
async fn missing(cast: &Cast) -> Vec<Step> {
    let found = list(&cast.lapas, Request::default()).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].missing().collect()
}

#[tokio::test]
async fn each_step_that_is_missing_is_named_until_none_is() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    assert_eq!(missing(&cast).await, [Step::AgencyAccepts, Step::PrisonClears, Step::SessionConfirmed]);
    cast.accept(&cast.blk, &[TRAINER]).await;
    assert_eq!(missing(&cast).await, [Step::PrisonClears, Step::SessionConfirmed]);
    cast.confirm(&[("s1", FACILITY)]).await;
    assert_eq!(missing(&cast).await, [Step::PrisonClears]);
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    assert!(missing(&cast).await.contains(&Step::AgreementInForce));
    resume(&cast.blk, AGREEMENT).await;
    cast.clear(&[TRAINER]).await;
    assert_eq!(missing(&cast).await, []);
    cast.act(&cast.lapas, Act::Refuse, "s1", TRAINER).await;
    assert_eq!(missing(&cast).await, [], "who was refused is on no way in");
}

#[tokio::test]
async fn who_is_not_cleared_or_not_in_a_confirmed_session_does_not_enter() {
    let cast = Cast::ready().await;
    let door = door(&cast).await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    assert_granted(&cast, &door, &[], &["t1"], "proposed").await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    assert_granted(&cast, &door, &[], &["t1"], "accepted").await;
    cast.clear(&[TRAINER]).await;
    assert_granted(&cast, &door, &[], &["t1"], "cleared for a tentative session").await;
    cast.confirm(&[("s1", FACILITY)]).await;
    assert_granted(&cast, &door, &["t1"], &[], "all of it").await;
    let topic = v1::SessionDraft { topic: "Las gas".to_owned(), ..again(led_session("s1", START, TRAINER)) };
    cast.push(vec![topic]).await;
    assert_granted(&cast, &door, &[], &["t1"], "tentative again").await;
    cast.confirm(&[("s1", "")]).await;
    assert_granted(&cast, &door, &["t1"], &[], "confirmed again").await;
    let moved = v1::SessionDraft { sequence: 2, ..led_session("s1", "2026-03-10T06:00:00Z", TRAINER) };
    cast.push(vec![moved]).await;
    cast.confirm(&[("s1", FACILITY)]).await;
    assert_granted(&cast, &door, &[], &["t1"], "confirmed, and to be cleared anew").await;
    cast.clear(&[TRAINER]).await;
    assert_granted(&cast, &door, &["t1"], &[], "cleared anew").await;
    cast.act(&cast.lapas, Act::Refuse, "s1", TRAINER).await;
    assert_granted(&cast, &door, &[], &[], "refused: neither in nor open").await;
}

#[tokio::test]
async fn a_session_that_has_ended_lets_nobody_in() {
    for by_prison in [true, false] {
        let cast = Cast::confirmed(START).await;
        let door = door(&cast).await;
        let seen = cast.session("s1").await;
        let note = "Ruang dipakai".to_owned();
        if by_prison {
            let sessions = vec![v1::SessionDecline { name: seen.name, etag: seen.etag }];
            let request =
                v1::DeclineSessionsRequest { request_id: request_id(), sessions, note, ..Default::default() };
            cast.lapas.schedule().decline_sessions(request).await.unwrap();
        } else {
            let sessions = vec![v1::SessionCancellation { name: seen.name, etag: seen.etag }];
            let request =
                v1::CancelSessionsRequest { request_id: request_id(), sessions, note, ..Default::default() };
            cast.blk.schedule().cancel_sessions(request).await.unwrap();
        }
        assert_granted(&cast, &door, &[], &[], "withdrawn with the session").await;
    }
}

async fn resume(party: &Client, name: &str) {
    let request = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: agreement_etag(party, name).await,
        ..Default::default()
    };
    party.agreement().resume_agreement(request).await.unwrap();
}

/// The programme's agreement carries everybody, the lending agreement those who are lent.
#[tokio::test]
async fn an_agreement_that_is_suspended_lets_nobody_in() {
    let cast = with_lent(START, terms("dkp-kepri", manpower())).await;
    let door = door(&cast).await;
    assert_granted(&cast, &door, &["f1", "t1"], &[], "both agreements in force").await;
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    assert_granted(&cast, &door, &[], &["f1", "t1"], "the programme's is suspended").await;
    resume(&cast.blk, AGREEMENT).await;
    cast.suspend(&cast.dkp, LENDING).await.unwrap();
    assert_granted(&cast, &door, &["t1"], &["f1"], "the lending one is suspended").await;
    resume(&cast.dkp, LENDING).await;
    assert_granted(&cast, &door, &["f1", "t1"], &[], "both in force again").await;
}

#[tokio::test]
async fn a_suspended_agency_sends_nobody_in() {
    let cast = with_lent(START, terms("dkp-kepri", manpower())).await;
    let door = door(&cast).await;
    let suspend = async |code: &str| {
        let name = format!("agencies/{code}");
        let get = v1::GetAgencyRequest { name: name.clone() };
        let agency = cast.admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
        let request = v1::SuspendAgencyRequest {
            request_id: request_id(),
            name,
            etag: agency.etag,
            note: "Pemeriksaan".to_owned(),
            ..Default::default()
        };
        cast.admin.agency().suspend_agency(request).await.unwrap();
    };
    suspend("dkp-kepri").await;
    assert_granted(&cast, &door, &["t1"], &["f1"], "who lends is suspended").await;
    suspend("blk-kepri").await;
    assert_granted(&cast, &door, &[], &["f1", "t1"], "who leads is suspended").await;
}

/// What counts is the day of the session, not the day of the question; afterwards it is the day of the question.
#[tokio::test]
async fn an_agreement_that_has_ended_by_the_day_lets_nobody_in() {
    let short = v1::AgreementTerms {
        term: Some(v1::agreement_terms::Term::EffectiveUntil("2026-03-31".to_owned())),
        duration_class: v1::DurationClass::Short.into(),
        ..terms("dkp-kepri", manpower())
    };
    // 23:30 WIB on the last day, and half an hour after midnight.
    for (start, granted, missing) in
        [("2026-03-31T16:30:00Z", vec!["f1", "t1"], vec![]), ("2026-03-31T17:30:00Z", vec!["t1"], vec!["f1"])]
    {
        let cast = with_lent(start, short.clone()).await;
        let door = door(&cast).await;
        cast.world.set_clock("2026-03-31T01:00:00Z");
        assert_granted(&cast, &door, &granted, &missing, start).await;
        cast.world.set_clock(start);
        assert_granted(&cast, &door, &granted, &missing, start).await;
    }
}

#[tokio::test]
async fn an_agreement_that_is_terminated_by_the_day_lets_nobody_in() {
    let cast = Cast::confirmed("2026-03-31T13:00:00Z").await;
    let door = door(&cast).await;
    cast.world.set_clock(crate::world::NOW);
    cast.push(vec![led_session("s2", "2026-03-31T17:00:00Z", TRAINER)]).await;
    cast.act(&cast.blk, Act::Accept, "s2", TRAINER).await;
    cast.act(&cast.lapas, Act::Clear, "s2", TRAINER).await;
    cast.confirm(&[("s2", FACILITY)]).await;
    let at_the_door = async || {
        let asked = cast.world.clock.now();
        cast.world.set_clock("2026-03-31T01:00:00Z");
        let seen = list(&door, Request::default()).await;
        cast.world.set_clock(&asked.to_string());
        seen
    };
    assert_eq!(who(&at_the_door().await), [("s1", "t1"), ("s2", "t1")]);
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    let answer = cast.blk.agreement().terminate_agreement(terminate).await.unwrap().into_inner();
    assert_eq!(answer.terminates_on, "2026-04-01");
    assert_eq!(who(&at_the_door().await), [("s1", "t1")], "the last day still counts");
    assert_eq!(who(&list(&cast.lapas, clearance(Clearance::Missing)).await), [("s2", "t1")]);
}

/// Nobody lends the prison its own trainers.
#[tokio::test]
async fn the_prisons_own_trainers_come_under_the_programmes_agreement_alone() {
    let cast = Cast::gather().await;
    let mut bare = terms("blk-kepri", manpower());
    bare.data_annex.as_mut().unwrap().data_kinds = vec![v1::DataKind::Schedule.into()];
    cast.agree(&cast.blk, AGREEMENT, bare).await;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
    let own = "agencies/lapas-tpi/trainers/giatja";
    cast.lapas.trainer().register_trainer(trainer(own, "")).await.unwrap();
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.push(vec![led_session("s1", START, own)]).await;
    cast.accept(&cast.lapas, &[own]).await;
    cast.clear(&[own]).await;
    cast.confirm(&[("s1", FACILITY)]).await;
    let door = door(&cast).await;
    assert_granted(&cast, &door, &["giatja"], &[], "accepted and cleared by the prison").await;
}

/// The prison's daily pull by room and by clearance.
#[tokio::test]
async fn the_prison_filters_by_room_and_by_clearance() {
    let cast = Cast::confirmed(START).await;
    cast.lapas.facility().create_facility(facility(OTHER_ROOM, 8)).await.unwrap();
    let second = "agencies/blk-kepri/trainers/t2";
    cast.blk.trainer().register_trainer(trainer(second, "")).await.unwrap();
    let elsewhere = v1::SessionDraft { facility: OTHER_ROOM.to_owned(), ..led_session("s2", START, second) };
    let nowhere = led_session("s3", "2026-03-11T01:00:00Z", second);
    cast.push(vec![elsewhere, nowhere]).await;
    let room = |name: &str, clearance: Clearance| Request {
        facility: name.to_owned(),
        clearance: clearance.into(),
        ..Default::default()
    };
    for (request, expected) in [
        (room(FACILITY, Clearance::Unspecified), vec!["s1"]),
        (room(OTHER_ROOM, Clearance::Unspecified), vec!["s2"]),
        (room(FACILITY, Clearance::Missing), vec![]),
        (room(OTHER_ROOM, Clearance::Missing), vec!["s2"]),
        (room(OTHER_ROOM, Clearance::Granted), vec![]),
        (clearance(Clearance::Granted), vec!["s1"]),
        (clearance(Clearance::Missing), vec!["s2", "s3"]),
        (room("agencies/lapas-btm/facilities/bengkel", Clearance::Unspecified), vec![]),
    ] {
        let found = list(&cast.lapas, request.clone()).await;
        let found: Vec<_> = who(&found).into_iter().map(|(uid, _)| uid).collect();
        assert_eq!(found, expected, "{request:?}");
    }
}

/// Pages are of who may enter: nobody else takes a place in them.
#[tokio::test]
async fn the_door_turns_pages() {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    let door = door(&cast).await;
    // All of them tomorrow, by the prison's clock.
    let days = ["2026-03-10T05:00", "2026-03-10T08:00", "2026-03-10T12:00", "2026-03-10T16:00"];
    let days = days.map(|day| (day.replace([':', 'T'], "-"), format!("{day}:00Z")));
    let sessions = days.iter().map(|(uid, start)| led_session(uid, start, TRAINER)).collect();
    cast.push(sessions).await;
    let days = days.each_ref().map(|(uid, _)| uid.as_str());
    for day in [days[1], days[3]] {
        cast.act(&cast.blk, Act::Accept, day, TRAINER).await;
        cast.act(&cast.lapas, Act::Clear, day, TRAINER).await;
        assert_eq!(cast.confirm(&[(day, FACILITY)]).await.outcome(), BatchOutcome::Stored);
    }
    let mut request = Request { page_size: 2, ..Default::default() };
    let first = door.assignment().list_trainer_assignments(request.clone()).await.unwrap().into_inner();
    assert_eq!(who(&first.assignments), [("s1", "t1"), (days[1], "t1")]);
    request.page_token = first.next_page_token;
    let second = door.assignment().list_trainer_assignments(request).await.unwrap().into_inner();
    assert_eq!((who(&second.assignments), second.next_page_token.as_str()), (vec![(days[3], "t1")], ""));
}

/// A stolen device tells of two days, by the prison's clock and whatever it asks for.
#[tokio::test]
async fn the_door_sees_today_and_tomorrow() {
    let cast = Cast::confirmed("2026-03-11T16:30:00Z").await;
    let door = door(&cast).await;
    cast.world.set_clock(crate::world::NOW);
    // Half past eleven in the evening of the 11th, and half past two in the night of the 12th: WIB is seven hours ahead.
    cast.push(vec![led_session("s2", "2026-03-11T19:30:00Z", TRAINER)]).await;
    cast.act(&cast.blk, Act::Accept, "s2", TRAINER).await;
    cast.act(&cast.lapas, Act::Clear, "s2", TRAINER).await;
    assert_eq!(cast.confirm(&[("s2", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    let year = Request {
        range_start: timestamp("2026-01-01T00:00:00Z"),
        range_end: timestamp("2027-01-01T00:00:00Z"),
        ..Default::default()
    };
    let later = Request { range_start: timestamp("2026-03-12T00:00:00Z"), ..Default::default() };
    for (now, seen) in [
        (crate::world::NOW, vec![]),
        ("2026-03-09T16:59:59Z", vec![]),
        ("2026-03-09T17:00:00Z", vec!["s1"]),
        ("2026-03-10T16:59:59Z", vec!["s1"]),
        ("2026-03-10T17:00:00Z", vec!["s1", "s2"]),
    ] {
        cast.world.set_clock(now);
        for request in [Request::default(), year.clone()] {
            let found = list(&door, request).await;
            let found: Vec<_> = who(&found).into_iter().map(|(uid, _)| uid).collect();
            assert_eq!(found, seen, "{now}");
        }
        assert_eq!(list(&door, later.clone()).await, [], "{now}");
    }
    assert_eq!(list(&cast.lapas, clearance(Clearance::Granted)).await.len(), 2, "the prison sees all");
}

#[tokio::test]
async fn a_session_that_is_over_is_not_the_doors_question() {
    let cast = Cast::confirmed(START).await;
    let door = door(&cast).await;
    cast.world.set_clock("2026-03-10T03:59:59Z");
    assert_eq!(who(&list(&door, Request::default()).await), [("s1", "t1")], "late, and still");
    cast.world.set_clock("2026-03-10T04:00:00Z");
    assert_eq!(list(&door, Request::default()).await, []);
    assert_eq!(
        who(&list(&cast.lapas, clearance(Clearance::Granted)).await),
        [("s1", "t1")],
        "the prison's record"
    );
}
