//! What rests on agreements and agencies that are suspended or at their end holds nobody and no room, nor what an
//! administrator frees.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState as State, BatchOutcome, SessionState},
};

use super::{FIRST, LATER, OVERLAPPING, booked, double_bookings, farm, in_room, is_free, two_leads};
use crate::{
    access::suspend,
    acts::Act,
    cast::{
        AGREEMENT, Cast, FACILITY, FISHER, PUSH, TRAINER, again, agreement_etag, confirmation, errors, lead,
        led_session, session, session_name, trainer,
    },
    world::{reason, request_id},
};

const RESUME: &str = "AgreementService/ResumeAgreement";

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
async fn a_declined_session_is_refused_for_its_state_alone_after_a_suspension() {
    let cast = booked().await;
    let seen = cast.session("s1").await;
    let request = v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionDecline { name: seen.name, etag: seen.etag }],
        note: "Bengkel sedang diperbaiki".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().decline_sessions(request).await.unwrap();
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    resume(&cast, &cast.lapas, AGREEMENT).await;
    let refused = cast.confirm(&[("s1", FACILITY)]).await;
    let state = [("sessions[0].name".to_owned(), "STATE_FORBIDS".to_owned())];
    assert_eq!(errors(&refused.results), state, "the agreement is in force");
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
    let draft = v1::SessionDraft {
        trainers: vec![lead(TRAINER), assistant],
        sequence: 1,
        ..self::session("s1", FIRST)
    };
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
    assert_eq!(reason(&retire().await.unwrap_err()), "FACILITY_IN_USE");
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    retire().await.unwrap();
    assert_eq!(resume(&cast, &cast.blk, AGREEMENT).await.unconfirmed, [session_name("s1")]);
    assert_eq!(cast.session("s1").await.facility, "");
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
    assert_eq!(reason(&unknown), "NOT_FOUND");
}
