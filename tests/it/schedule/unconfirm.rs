//! What takes a confirmation away again: other times and content, the loss of the one leading trainer, of the
//! competence, of the room. And what does not.

use gerbang::proto::v1::{self, AssignmentState, BatchOutcome, SessionState, TrainerRole};

use crate::{
    acts::{Act, Acted},
    cast::{
        Cast, FACILITY, FISHER, PUSH, TRAINER, again, facility, lead, led_session, manpower, outcomes,
        session, session_name, terms, trainer,
    },
    world::request_id,
};

const START: &str = "2026-03-10T01:00:00Z";
const LATER: &str = "2026-03-11T01:00:00Z";
const OTHER: &str = "agencies/blk-kepri/trainers/t2";

fn assistant(trainer: &str) -> v1::SessionTrainer {
    v1::SessionTrainer { role: TrainerRole::Assistant.into(), ..lead(trainer) }
}

/// s1 confirmed with [`TRAINER`] leading, who is accepted; [`OTHER`] is named as `second`, and proposed.
async fn with_second(second: v1::SessionTrainer) -> Cast {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), second], ..session("s1", START) };
    cast.push(vec![both]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    assert_eq!(cast.confirm(&[("s1", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    cast
}

async fn assert_unconfirmed(cast: &Cast, act: Act, acted: Acted) {
    assert_eq!((acted.outcome(), acted.unconfirmed), (BatchOutcome::Stored, vec![session_name("s1")]));
    cast.world.assert_entry(&acted.entry, act.method(), &[&session_name("s1")]).await;
    let session = cast.session("s1").await;
    assert_eq!(session.state(), SessionState::Tentative);
    assert_eq!(session.facility, FACILITY, "the room stays its own");
}

async fn assert_still_confirmed(cast: &Cast, act: Act, acted: Acted) {
    assert_eq!((acted.outcome(), acted.unconfirmed), (BatchOutcome::Stored, Vec::new()), "{act:?}");
    cast.world.assert_entry(&acted.entry, act.method(), &[]).await;
    assert_eq!(cast.session("s1").await.state(), SessionState::Confirmed, "{act:?}");
}

#[tokio::test]
async fn a_reschedule_takes_confirmation_and_clearance_back() {
    let cast = Cast::confirmed(START).await;
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), AssignmentState::Cleared);
    let answer = cast.push(vec![again(led_session("s1", LATER, TRAINER))]).await;
    assert_eq!(outcomes(&answer.results), [v1::ItemOutcome::Updated]);
    assert_eq!(answer.results[0].state(), SessionState::Tentative);
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let seen = cast.assignment("s1", TRAINER).await;
    assert_eq!((seen.state(), seen.session_state()), (AssignmentState::Accepted, SessionState::Tentative));
    assert_eq!(seen.facility, "", "the prison chose the room for the old time");
    // The old time of the room is free.
    cast.blk.trainer().register_trainer(trainer(OTHER, "")).await.unwrap();
    let room = v1::SessionDraft { facility: FACILITY.to_owned(), ..led_session("s2", START, OTHER) };
    assert_eq!(cast.push(vec![room]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test]
async fn another_topic_takes_the_confirmation_and_leaves_clearance_and_room() {
    let cast = Cast::confirmed(START).await;
    let topic = v1::SessionDraft { topic: "Las gas".to_owned(), ..again(led_session("s1", START, TRAINER)) };
    let answer = cast.push(vec![topic]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let seen = cast.assignment("s1", TRAINER).await;
    assert_eq!((seen.state(), seen.session_state()), (AssignmentState::Cleared, SessionState::Tentative));
    assert_eq!(seen.facility, FACILITY);
    let answer = cast.confirm(&[("s1", "")]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
}

#[tokio::test]
async fn a_session_that_loses_its_lead_is_tentative_again() {
    for act in [Act::Decline, Act::Refuse, Act::Withdraw] {
        let cast = Cast::confirmed(START).await;
        let client = if act == Act::Refuse { &cast.lapas } else { &cast.blk };
        let acted = cast.act(client, act, "s1", TRAINER).await;
        assert_unconfirmed(&cast, act, acted).await;
    }
}

#[tokio::test]
async fn a_second_lead_who_is_accepted_is_one_too_many() {
    let cast = with_second(lead(OTHER)).await;
    let acted = cast.act(&cast.blk, Act::Accept, "s1", OTHER).await;
    assert_unconfirmed(&cast, Act::Accept, acted).await;
}

#[tokio::test]
async fn a_second_lead_who_was_never_accepted_does_not_matter() {
    for act in [Act::Decline, Act::Refuse, Act::Withdraw] {
        let cast = with_second(lead(OTHER)).await;
        let client = if act == Act::Refuse { &cast.lapas } else { &cast.blk };
        let acted = cast.act(client, act, "s1", OTHER).await;
        assert_still_confirmed(&cast, act, acted).await;
    }
}

#[tokio::test]
async fn assistants_do_not_matter() {
    let cast = with_second(assistant(OTHER)).await;
    for act in [Act::Accept, Act::Clear] {
        let client = if act == Act::Accept { &cast.blk } else { &cast.lapas };
        let acted = cast.act(client, act, "s1", OTHER).await;
        assert_still_confirmed(&cast, act, acted).await;
    }
    let acted = cast.act(&cast.blk, Act::Decline, "s1", OTHER).await;
    assert_still_confirmed(&cast, Act::Decline, acted).await;
}

/// Clearing changes nothing that a confirmation asks for.
#[tokio::test]
async fn clearing_the_lead_leaves_the_confirmation() {
    let cast = with_second(assistant(OTHER)).await;
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", TRAINER).await;
    assert_still_confirmed(&cast, Act::Clear, acted).await;
}

#[tokio::test]
async fn an_agency_that_lends_the_lead_takes_the_confirmation_with_it() {
    let cast = Cast::ready().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 16)).await.unwrap();
    let pks = "agencies/dkp-kepri/agreements/pks-1";
    cast.agree(&cast.dkp, pks, terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    cast.push(vec![led_session("s1", START, FISHER)]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    assert_eq!(cast.confirm(&[("s1", FACILITY)]).await.outcome(), BatchOutcome::Stored);
    let get = v1::GetSessionRequest { name: session_name("s1") };
    let seen = cast.dkp.schedule().get_session(get).await.unwrap().into_inner().session.unwrap();
    assert_eq!((seen.state(), seen.facility.as_str()), (SessionState::Confirmed, FACILITY));
    let acted = cast.act(&cast.dkp, Act::Decline, "s1", FISHER).await;
    assert_unconfirmed(&cast, Act::Decline, acted).await;
}

/// The trainer's profile, changed in one thing.
async fn update(cast: &Cast, change: impl Fn(&mut v1::TrainerProfile)) -> v1::UpdateTrainerResponse {
    let get = v1::GetTrainerRequest { name: TRAINER.to_owned() };
    let stored = cast.blk.trainer().get_trainer(get).await.unwrap().into_inner().trainer.unwrap();
    let mut profile = stored.profile.unwrap();
    change(&mut profile);
    let request = v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: TRAINER.to_owned(),
        etag: stored.etag,
        profile: Some(profile),
        ..Default::default()
    };
    cast.blk.trainer().update_trainer(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_competence_that_ends_before_the_day_takes_the_confirmation() {
    const UPDATE: &str = "TrainerService/UpdateTrainer";
    let cast = Cast::confirmed(START).await;
    cast.push(vec![led_session("s2", LATER, TRAINER)]).await;
    cast.act(&cast.blk, Act::Accept, "s2", TRAINER).await;
    assert_eq!(cast.confirm(&[("s2", FACILITY)]).await.outcome(), BatchOutcome::Stored);

    let until = |day: &'static str| {
        move |profile: &mut v1::TrainerProfile| profile.competences[0].valid_until = day.to_owned()
    };
    let renamed = update(&cast, |profile| profile.full_name = "Budi Baru".to_owned()).await;
    assert_eq!(renamed.unconfirmed, [""; 0]);
    let enough = update(&cast, until("2026-03-11")).await;
    assert_eq!(enough.unconfirmed, [""; 0]);
    cast.world.assert_entry(&enough.change.unwrap().entry, UPDATE, &[TRAINER]).await;
    let short = update(&cast, until("2026-03-10")).await;
    assert_eq!(short.unconfirmed, [session_name("s2")]);
    cast.world.assert_entry(&short.change.unwrap().entry, UPDATE, &[TRAINER, &session_name("s2")]).await;
    assert_eq!(cast.session("s2").await.state(), SessionState::Tentative);
    assert_eq!(cast.session("s1").await.state(), SessionState::Confirmed);
    let none = update(&cast, |profile| profile.competences.clear()).await;
    assert_eq!(none.unconfirmed, [session_name("s1")]);
    let seen = cast.assignment("s1", TRAINER).await;
    assert_eq!((seen.state(), seen.session_state()), (AssignmentState::Cleared, SessionState::Tentative));
}

#[tokio::test]
async fn a_room_that_is_out_of_use_takes_its_confirmations() {
    const UPDATE: &str = "FacilityService/UpdateFacility";
    let cast = Cast::confirmed(START).await;
    cast.push(vec![v1::SessionDraft { facility: FACILITY.to_owned(), ..session("s2", LATER) }]).await;
    let get = v1::GetFacilityRequest { name: FACILITY.to_owned() };
    let stored = cast.lapas.facility().get_facility(get).await.unwrap().into_inner().facility.unwrap();
    let mut profile = stored.profile.unwrap();
    let update = |etag: &str, profile: &v1::FacilityProfile| v1::UpdateFacilityRequest {
        request_id: request_id(),
        name: FACILITY.to_owned(),
        etag: etag.to_owned(),
        profile: Some(profile.clone()),
        ..Default::default()
    };
    profile.capacity = 20;
    let larger = cast.lapas.facility().update_facility(update(&stored.etag, &profile)).await.unwrap();
    let larger = larger.into_inner();
    assert_eq!(larger.unconfirmed, [""; 0]);
    profile.status = v1::FacilityStatus::Maintenance.into();
    let etag = larger.change.unwrap().etag;
    let closed = cast.lapas.facility().update_facility(update(&etag, &profile)).await.unwrap().into_inner();
    assert_eq!(closed.unconfirmed, [session_name("s1")], "s2 was not confirmed");
    let change = closed.change.unwrap();
    cast.world.assert_entry(&change.entry, UPDATE, &[FACILITY, &session_name("s1")]).await;
    let answer = cast.confirm(&[("s1", "")]).await;
    assert_eq!(answer.results[0].errors[0].reason, "FACILITY_NOT_AVAILABLE");
    profile.status = v1::FacilityStatus::Available.into();
    let opened = cast.lapas.facility().update_facility(update(&change.etag, &profile)).await.unwrap();
    assert_eq!(opened.into_inner().unconfirmed, [""; 0]);
    let answer = cast.confirm(&[("s1", "")]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "it kept its room: {answer:?}");
}
