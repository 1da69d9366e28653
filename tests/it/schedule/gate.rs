//! The gate: a push is refused whole unless an agreement in force covers it; and who lends trainers.

use gerbang::proto::v1::{self, AgencyKind, BatchOutcome, DataKind, Role};

use crate::{
    cast::{
        AGREEMENT, Cast, FISHER, PROGRAMME, PUSH, TRAINER, agreement_etag, create_programme, errors, lead,
        led_session, manpower, plan, push, push_fish, session, session_name, terms, trainer,
    },
    world::{details, reason, request_id},
};

const START: &str = "2026-03-10T01:00:00Z";

async fn refusal(cast: &Cast, request: v1::PushScheduleRequest) -> tonic::Status {
    let refused = cast.blk.schedule().push_schedule(request).await;
    let refused = refused.expect_err("the gate is closed");
    assert_eq!(cast.recorded(PUSH).await, 0);
    refused
}

fn fact(status: &tonic::Status, key: &str) -> String {
    details(status).error_info().unwrap().metadata.get(key).cloned().unwrap_or_default()
}

#[tokio::test]
async fn an_agreement_opens_the_gate_on_its_days_alone() {
    let cast = Cast::ready().await;
    cast.world.prolong().await;
    for (now, state) in [("2026-03-01T16:59:59Z", "PENDING"), ("2028-03-01T17:00:00Z", "EXPIRED")] {
        cast.world.set_clock(now);
        let refused = refusal(&cast, push(vec![session("s1", "2028-03-10T01:00:00Z")])).await;
        assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE", "{now}");
        assert_eq!((fact(&refused, "state"), fact(&refused, "agreement")), (state.into(), AGREEMENT.into()));
    }
    cast.world.set_clock("2028-03-01T16:59:59Z");
    let answer = cast.push(vec![session("s1", "2028-03-01T16:59:59Z")]).await;
    assert_eq!(errors(&answer.results)[0].1, "SESSION_OUTSIDE_TERM", "in force, to midnight: {answer:?}");
    cast.world.set_clock("2026-03-01T17:00:00Z");
    assert_eq!(cast.push(vec![session("s1", START)]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test]
async fn a_suspended_agreement_opens_no_gate() {
    let cast = Cast::ready().await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    let refused = refusal(&cast, push(vec![session("s1", START)])).await;
    assert_eq!(
        (reason(&refused), fact(&refused, "state")),
        ("AGREEMENT_NOT_IN_FORCE".into(), "SUSPENDED".into())
    );
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    assert_eq!(cast.push(vec![session("s1", START)]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test]
async fn a_terminated_agreement_opens_the_gate_until_the_notice_is_over() {
    let cast = Cast::ready().await;
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    let answer = cast.blk.agreement().terminate_agreement(terminate).await.unwrap().into_inner();
    assert_eq!(answer.terminates_on, "2026-04-01", "30 days' notice");
    cast.world.set_clock("2026-03-31T17:00:00Z");
    let refused = refusal(&cast, push(vec![session("s1", "2026-05-10T01:00:00Z")])).await;
    assert_eq!(
        (reason(&refused), fact(&refused, "state")),
        ("AGREEMENT_NOT_IN_FORCE".into(), "TERMINATED".into())
    );
    cast.world.set_clock("2026-03-31T16:59:59Z");
    let behind = cast.push(vec![session("s1", "2026-05-10T01:00:00Z")]).await;
    assert_eq!(errors(&behind.results)[0].1, "SESSION_OUTSIDE_TERM", "in force, to midnight: {behind:?}");
    cast.world.set_clock("2026-03-31T00:00:00Z");
    assert_eq!(cast.push(vec![session("s1", "2026-03-31T13:00:00Z")]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test]
async fn an_agreement_with_a_suspended_party_opens_no_gate() {
    let cast = Cast::ready().await;
    let name = "agencies/lapas-tpi".to_owned();
    let get = v1::GetAgencyRequest { name: name.clone() };
    let prison = cast.admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
    let suspend = v1::SuspendAgencyRequest {
        request_id: request_id(),
        name,
        etag: prison.etag,
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    };
    cast.admin.agency().suspend_agency(suspend).await.unwrap();
    let refused = refusal(&cast, push(vec![session("s1", START)])).await;
    assert_eq!(reason(&refused), "AGREEMENT_NOT_IN_FORCE");
    assert!(fact(&refused, "state").contains("lapas-tpi"), "{refused:?}");
}

#[tokio::test]
async fn only_an_open_programme_takes_a_schedule() {
    let cast = Cast::gather().await;
    cast.agree(&cast.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
    let create = create_programme(PROGRAMME, AGREEMENT, plan(manpower()));
    let created = cast.blk.programme().create_programme(create).await.unwrap().into_inner();
    let refused = refusal(&cast, push(vec![session("s1", START)])).await;
    assert_eq!((reason(&refused), fact(&refused, "state")), ("PROGRAMME_NOT_OPEN".into(), "PLANNED".into()));
    let approve = v1::ApproveProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: created.change.unwrap().etag,
        ..Default::default()
    };
    let approved = cast.lapas.programme().approve_programme(approve).await.unwrap().into_inner();
    let refused = refusal(&cast, push(vec![session("s1", START)])).await;
    assert_eq!((reason(&refused), fact(&refused, "state")), ("PROGRAMME_NOT_OPEN".into(), "APPROVED".into()));
    let cancel = v1::CancelProgrammeRequest {
        request_id: request_id(),
        name: PROGRAMME.to_owned(),
        etag: approved.change.unwrap().etag,
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.programme().cancel_programme(cancel).await.unwrap();
    let refused = refusal(&cast, push(vec![session("s1", START)])).await;
    assert_eq!(
        (reason(&refused), fact(&refused, "state")),
        ("PROGRAMME_NOT_OPEN".into(), "CANCELLED".into())
    );
    assert!(refused.message().contains("CANCELLED, that is for good: plan a new programme"), "{refused:?}");
}

/// No call changes the terms of an agreement that the prison has accepted; somebody at the database may.
#[tokio::test]
async fn an_agreement_of_others_or_in_another_field_opens_no_gate() {
    let cases = [
        ("{parties,1,agency}", "\"lapas-btm\"", "AGREEMENT_NOT_BETWEEN_PARTIES"),
        ("{fields,0,kind}", "\"AGRICULTURE\"", "AGREEMENT_WITHOUT_FIELD"),
    ];
    for (place, value, expected) in cases {
        let cast = Cast::ready().await;
        cast.world.join("lapas-btm", AgencyKind::Prison, "sdp", Role::Prison).await;
        let change = "UPDATE agreement SET terms = jsonb_set(terms, $1::text[], $2::jsonb, false)";
        let done = sqlx::query(change).bind(place).bind(value).execute(&mut cast.world.owner().await).await;
        assert_eq!(done.unwrap().rows_affected(), 1);
        cast.world.tampers();
        let refused = refusal(&cast, push(vec![session("s1", START)])).await;
        assert_eq!(
            (reason(&refused), fact(&refused, "agreement")),
            (expected.to_owned(), AGREEMENT.to_owned())
        );
    }
}

#[tokio::test]
async fn an_agreement_covers_the_kinds_of_data_in_its_annex_alone() {
    // A programme opens under none that lets no schedules pass; somebody at the database may take that away later.
    for (left, missing, without_trainers) in [("TRAINER", "SCHEDULE", false), ("SCHEDULE", "TRAINER", true)] {
        let cast = Cast::ready().await;
        let change = "UPDATE agreement SET terms = jsonb_set(terms, '{annex,data_kinds}', jsonb_build_array($1::text))";
        sqlx::query(change).bind(left).execute(&mut cast.world.owner().await).await.unwrap();
        cast.world.tampers();
        let refused = refusal(&cast, push(vec![led_session("s1", START, TRAINER)])).await;
        assert_eq!(reason(&refused), "AGREEMENT_WITHOUT_DATA_KIND");
        assert_eq!(fact(&refused, "data_kind"), missing);
        let bare = cast.blk.schedule().push_schedule(push(vec![session("s1", START)])).await;
        assert_eq!(bare.is_ok(), without_trainers, "{bare:?}");
    }
}

#[tokio::test]
async fn another_agencys_names_are_not_the_callers_to_use() {
    let cast = Cast::ready().await.with_fisheries("").await;
    let theirs = v1::PushScheduleRequest {
        name: "agencies/dkp-kepri/schedules/las".to_owned(),
        ..push(vec![session("s1", START)])
    };
    assert_eq!(reason(&refusal(&cast, theirs).await), "NAME_OF_OTHER_AGENCY");
    let unseen = refusal(&cast, push_fish(vec![session("s1", START)])).await;
    let unknown = v1::PushScheduleRequest {
        programme: "agencies/dkp-kepri/programmes/none".to_owned(),
        ..push(vec![session("s1", START)])
    };
    let unknown = refusal(&cast, unknown).await;
    assert_eq!(reason(&unseen), "NOT_FOUND");
    assert_eq!((unseen.code(), unseen.details()), (unknown.code(), unknown.details()), "one answer for both");
    let prison = cast.lapas.schedule().push_schedule(push(vec![session("s1", START)])).await.unwrap_err();
    assert_eq!(reason(&prison), "RELATION_NOT_ALLOWED");
}

#[tokio::test]
async fn a_schedule_stays_with_its_programme() {
    let cast = Cast::ready().await;
    cast.open(&cast.blk, "agencies/blk-kepri/programmes/las-2", AGREEMENT, plan(manpower())).await;
    let first = cast.push(vec![session("s1", START)]).await;
    cast.world.assert_entry(&first.entry, PUSH, &[&session_name("s1")]).await;
    let other = v1::PushScheduleRequest {
        programme: "agencies/blk-kepri/programmes/las-2".to_owned(),
        ..push(vec![session("s2", START)])
    };
    let refused = cast.blk.schedule().push_schedule(other).await.unwrap_err();
    assert_eq!(reason(&refused), "SCHEDULE_OF_OTHER_PROGRAMME");
    assert_eq!(cast.recorded(PUSH).await, 1);
}

/// A third agency's trainer comes under that agency's own agreement with the prison: in force, and with TRAINER.
#[tokio::test]
async fn a_third_agency_lends_trainers_under_its_own_agreement_alone() {
    let cast = Cast::ready().await;
    let lent = || push(vec![led_session("s1", START, FISHER)]);
    let unavailable = |answer: v1::PushScheduleResponse| {
        let expected = [("sessions[0].trainers[0].trainer".to_owned(), "TRAINER_NOT_AVAILABLE".to_owned())];
        assert_eq!(errors(&answer.results), expected);
        answer.results[0].errors[0].text.clone()
    };
    let unknown = unavailable(cast.push(vec![led_session("s1", START, FISHER)]).await);
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let push_lent = async || cast.blk.schedule().push_schedule(lent()).await.unwrap().into_inner();
    assert_eq!(unavailable(push_lent().await), unknown, "no agreement and unknown are one answer");

    let mut without = terms("dkp-kepri", manpower());
    without.data_annex.as_mut().unwrap().data_kinds = vec![DataKind::Schedule.into()];
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/without", without).await;
    assert_eq!(unavailable(push_lent().await), unknown, "an agreement without TRAINER");

    let with = "agencies/dkp-kepri/agreements/with";
    cast.agree(&cast.dkp, with, terms("dkp-kepri", manpower())).await;
    let answer = push_lent().await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;

    cast.suspend(&cast.dkp, with).await.unwrap();
    let more = push(vec![led_session("s2", "2026-03-11T01:00:00Z", FISHER)]);
    let answer = cast.blk.schedule().push_schedule(more).await.unwrap().into_inner();
    assert_eq!(unavailable(answer), unknown, "an agreement that is suspended");
    let moved = v1::SessionDraft { sequence: 1, ..led_session("s1", "2026-03-12T01:00:00Z", FISHER) };
    let answer = cast.push(vec![moved]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "who is booked in the session already stays so");
}

#[tokio::test]
async fn the_prisons_own_trainers_need_no_agreement_and_inactive_ones_are_not_available() {
    let cast = Cast::gather().await;
    let mut terms = terms("blk-kepri", manpower());
    terms.data_annex.as_mut().unwrap().data_kinds = vec![DataKind::Schedule.into()];
    cast.agree(&cast.blk, AGREEMENT, terms).await;
    cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
    let own = "agencies/lapas-tpi/trainers/giatja";
    let registered = cast.lapas.trainer().register_trainer(trainer(own, "")).await.unwrap().into_inner();
    let answer = cast.push(vec![led_session("s1", START, own)]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;

    let mut profile = trainer(own, "").profile.unwrap();
    profile.status = v1::TrainerStatus::Inactive.into();
    let update = v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: own.to_owned(),
        etag: registered.change.unwrap().etag,
        profile: Some(profile),
        ..Default::default()
    };
    cast.lapas.trainer().update_trainer(update).await.unwrap();
    let draft = v1::SessionDraft { trainers: vec![lead(own)], ..session("s2", "2026-03-11T01:00:00Z") };
    let answer = cast.push(vec![draft]).await;
    assert_eq!(errors(&answer.results)[0].1, "TRAINER_NOT_AVAILABLE");
}

/// Days are counted in the agreement's zone, whatever zone the schedule is planned in.
#[tokio::test]
async fn the_term_begins_at_the_agreements_midnight() {
    for (zone, first) in [
        ("Asia/Jakarta", "2026-04-30T17:00:00Z"),
        ("Asia/Makassar", "2026-04-30T16:00:00Z"),
        ("Asia/Jayapura", "2026-04-30T15:00:00Z"),
    ] {
        let cast = Cast::gather().await;
        cast.world.set_clock("2026-05-01T01:00:00Z");
        let terms = v1::AgreementTerms {
            effective_from: "2026-05-01".to_owned(),
            time_zone: zone.to_owned(),
            ..terms("blk-kepri", manpower())
        };
        cast.agree(&cast.blk, AGREEMENT, terms).await;
        cast.open(&cast.blk, PROGRAMME, AGREEMENT, plan(manpower())).await;
        cast.world.set_clock(first);
        let at = |zone: &str| v1::PushScheduleRequest {
            time_zone: zone.to_owned(),
            ..push(vec![session("s1", first)])
        };
        let answer = cast.blk.schedule().push_schedule(at("Asia/Jayapura")).await.unwrap().into_inner();
        assert_eq!(answer.outcome(), BatchOutcome::Stored, "{zone}: {answer:?}");
        assert_eq!(cast.session("s1").await.time_zone, "Asia/Jayapura");
        let before: jiff::Timestamp = first.parse().unwrap();
        cast.world.set_clock(&(before - jiff::SignedDuration::from_secs(1)).to_string());
        let refused = cast.blk.schedule().push_schedule(at("Asia/Jakarta")).await.unwrap_err();
        assert_eq!(fact(&refused, "state"), "PENDING", "{zone}");
        let unknown = cast.blk.schedule().push_schedule(at("Asia/Nowhere")).await.unwrap_err();
        assert_eq!(crate::world::violations(&unknown), [("time_zone".into(), "ZONE_UNKNOWN".into())]);
    }
}
