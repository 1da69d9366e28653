//! Programmes: planned, approved, opened, cancelled with all that lies ahead.

use gerbang::{agent::Client, proto::v1};

use crate::{
    cast::{self, AGREEMENT, Cast, PROGRAMME, TRAINER},
    world::{reason, request_id},
};
use v1::ProgrammeState as State;

async fn etag(client: &Client) -> String {
    let request = v1::GetProgrammeRequest { name: PROGRAMME.to_owned() };
    client.programme().get_programme(request).await.unwrap().into_inner().programme.unwrap().etag
}

/// An act on [`PROGRAMME`] with the etag that holds.
macro_rules! act {
    ($client:expr, $method:ident, $request:ident $(, $field:ident : $value:expr)*) => {{
        let etag = etag(&$client).await;
        $client.programme().$method(v1::$request {
            request_id: request_id(), name: PROGRAMME.to_owned(), etag, $($field: $value.into(),)*
            ..Default::default()
        }).await.map(tonic::Response::into_inner)
    }};
}

fn plan() -> v1::ProgrammePlan {
    cast::plan(cast::manpower())
}

#[tokio::test]
async fn a_changed_plan_needs_approval_again_and_is_fixed_once_open() {
    let cast = Cast::gather().await;
    cast.agree(&cast.blk, AGREEMENT, cast::terms("blk-kepri", cast::manpower())).await;
    let create = cast::create_programme(PROGRAMME, AGREEMENT, plan());
    let made = cast.blk.programme().create_programme(create).await.unwrap().into_inner().change.unwrap();
    cast.world.assert_entry(&made.entry, "ProgrammeService/CreateProgramme", &[PROGRAMME]).await;
    let twice = cast::create_programme(PROGRAMME, AGREEMENT, plan());
    let twice = cast.blk.programme().create_programme(twice).await.unwrap_err();
    assert_eq!(reason(&twice), "PROGRAMME_EXISTS");
    let approved = act!(cast.lapas, approve_programme, ApproveProgrammeRequest).unwrap();
    assert_eq!(approved.state(), State::Approved);
    let entry = approved.change.unwrap().entry;
    cast.world.assert_entry(&entry, "ProgrammeService/ApproveProgramme", &[PROGRAMME]).await;
    let other = v1::ProgrammePlan { title: "Pengelasan lanjutan".to_owned(), ..plan() };
    let updated = act!(cast.blk, update_programme, UpdateProgrammeRequest, plan: other.clone()).unwrap();
    assert_eq!(updated.state(), State::Planned);
    let entry = updated.change.unwrap().entry;
    cast.world.assert_entry(&entry, "ProgrammeService/UpdateProgramme", &[PROGRAMME]).await;
    let early = act!(cast.blk, open_programme, OpenProgrammeRequest).unwrap_err();
    assert_eq!(reason(&early), "STATE_FORBIDS");
    act!(cast.lapas, approve_programme, ApproveProgrammeRequest).unwrap();
    let opened = act!(cast.blk, open_programme, OpenProgrammeRequest).unwrap();
    assert_eq!(opened.state(), State::Open);
    let entry = opened.change.unwrap().entry;
    cast.world.assert_entry(&entry, "ProgrammeService/OpenProgramme", &[PROGRAMME]).await;
    let fixed = act!(cast.blk, update_programme, UpdateProgrammeRequest, plan: plan()).unwrap_err();
    assert_eq!(reason(&fixed), "PROGRAMME_FIXED_ONCE_OPEN");
    let larger = v1::ProgrammePlan { capacity: 20, ..other };
    let larger = act!(cast.blk, update_programme, UpdateProgrammeRequest, plan: larger).unwrap();
    assert_eq!(larger.state(), State::Open);
}

#[tokio::test]
async fn cancelling_cancels_what_lies_ahead_and_frees_the_trainers() {
    let cast = Cast::ready().await;
    cast.push(vec![cast::led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    let done = act!(cast.lapas, cancel_programme, CancelProgrammeRequest, note: "Renovasi").unwrap();
    assert_eq!((done.sessions_cancelled, done.assignments_withdrawn), (1, 1));
    let entry = done.change.unwrap().entry;
    let session = "agencies/blk-kepri/sessions/s1";
    cast.world.assert_entry(&entry, "ProgrammeService/CancelProgramme", &[session, PROGRAMME]).await;
    assert_eq!(cast.pull(&cast.lapas).await[0].state(), v1::AssignmentState::Withdrawn);
}

#[tokio::test]
async fn a_programme_opens_only_under_an_agreement_in_force() {
    let cast = Cast::gather().await;
    cast.agree(&cast.blk, AGREEMENT, cast::terms("blk-kepri", cast::manpower())).await;
    let create = cast::create_programme(PROGRAMME, AGREEMENT, plan());
    cast.blk.programme().create_programme(create).await.unwrap();
    act!(cast.lapas, approve_programme, ApproveProgrammeRequest).unwrap();
    cast.world.prolong().await;
    cast.world.set_clock("2028-03-02T01:00:00Z");
    let over = act!(cast.blk, open_programme, OpenProgrammeRequest).unwrap_err();
    assert_eq!(reason(&over), "AGREEMENT_NOT_IN_FORCE");
}

#[tokio::test]
async fn a_field_must_be_the_agreements_and_other_matches_by_label() {
    let cast = Cast::gather().await;
    let other = |label: &str| v1::Field { kind: v1::FieldKind::Other.into(), label: label.to_owned() };
    cast.agree(&cast.blk, AGREEMENT, cast::terms("blk-kepri", other("Kelautan"))).await;
    for (field, allowed) in
        [(cast::manpower(), false), (other("Kehutanan"), false), (other("Kelautan"), true)]
    {
        let create = cast::create_programme(PROGRAMME, AGREEMENT, cast::plan(field));
        match cast.blk.programme().create_programme(create).await {
            Ok(_) => assert!(allowed),
            Err(status) => {
                assert_eq!((reason(&status).as_str(), allowed), ("AGREEMENT_WITHOUT_FIELD", false))
            }
        }
    }
}

/// A programme hangs on nothing that the prison has not accepted.
#[tokio::test]
async fn a_programme_is_planned_on_what_the_prison_has_accepted() {
    let cast = Cast::gather().await;
    let draft = cast::create_agreement(AGREEMENT, cast::terms("blk-kepri", cast::manpower()));
    let draft = cast.blk.agreement().create_agreement(draft).await.unwrap().into_inner();
    let plan_it = async || {
        let request = cast::create_programme(PROGRAMME, AGREEMENT, plan());
        cast.blk.programme().create_programme(request).await
    };
    assert_eq!(reason(&plan_it().await.unwrap_err()), "AGREEMENT_NOT_ACCEPTED", "a draft");
    let propose = v1::ProposeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: draft.change.unwrap().etag,
        binding: v1::AgreementBinding::Acceptance.into(),
        ..Default::default()
    };
    let proposed = cast.blk.agreement().propose_agreement(propose).await.unwrap().into_inner();
    assert_eq!(reason(&plan_it().await.unwrap_err()), "AGREEMENT_NOT_ACCEPTED", "a proposal");
    let accept = v1::AcceptAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: proposed.change.unwrap().etag,
        ..Default::default()
    };
    cast.lapas.agreement().accept_agreement(accept).await.unwrap();
    let made = plan_it().await.unwrap().into_inner();
    cast.world
        .assert_entry(&made.change.unwrap().entry, "ProgrammeService/CreateProgramme", &[PROGRAMME])
        .await;
}
