//! Facilities: a prison's own, read by who has an agreement in force with it, held by sessions.

use gerbang::{
    agent::Client,
    proto::v1::{self, AgencyKind, BatchOutcome, FacilityKind, FacilityStatus, ItemOutcome, Role},
};
use tonic::Code;

use crate::{
    cast::{
        AGREEMENT, Cast, FACILITY, agreement_etag, create_agreement, errors, facility, led_session, manpower,
        push_fish, session, session_name, terms, timestamp,
    },
    world::{NOW, details, reason, request_id, violations},
};

const CREATE: &str = "FacilityService/CreateFacility";
const UPDATE: &str = "FacilityService/UpdateFacility";
const RETIRE: &str = "FacilityService/RetireFacility";
const START: &str = "2026-03-10T01:00:00Z";

fn named(reference: &str) -> String {
    format!("agencies/lapas-tpi/facilities/{reference}")
}

async fn create(client: &Client, request: v1::CreateFacilityRequest) -> Result<v1::Change, tonic::Status> {
    let answer = client.facility().create_facility(request).await?;
    Ok(answer.into_inner().change.unwrap())
}

async fn get(client: &Client, name: &str) -> Result<v1::Facility, tonic::Status> {
    let request = v1::GetFacilityRequest { name: name.to_owned() };
    Ok(client.facility().get_facility(request).await?.into_inner().facility.unwrap())
}

async fn update(
    client: &Client,
    etag: &str,
    profile: &v1::FacilityProfile,
) -> Result<v1::Change, tonic::Status> {
    let request = v1::UpdateFacilityRequest {
        request_id: request_id(),
        name: FACILITY.to_owned(),
        etag: etag.to_owned(),
        profile: Some(profile.clone()),
        ..Default::default()
    };
    Ok(client.facility().update_facility(request).await?.into_inner().change.unwrap())
}

async fn retire(client: &Client, name: &str, etag: &str) -> Result<v1::Change, tonic::Status> {
    let request = v1::RetireFacilityRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    };
    Ok(client.facility().retire_facility(request).await?.into_inner().change.unwrap())
}

async fn list(client: &Client, request: v1::ListFacilitiesRequest) -> Vec<String> {
    let answer = client.facility().list_facilities(request).await.unwrap().into_inner();
    answer.facilities.into_iter().map(|one| one.name.rsplit('/').next().unwrap().to_owned()).collect()
}

fn of_lapas() -> v1::ListFacilitiesRequest {
    v1::ListFacilitiesRequest { prison: "agencies/lapas-tpi".to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_facility_is_added_once_changed_and_left_alone() {
    let cast = Cast::gather().await;
    let mut request = facility(FACILITY, 16);
    let profile = request.profile.as_mut().unwrap();
    profile.equipment =
        vec![v1::Equipment { name: "Mesin las".to_owned(), quantity: 4, condition: "Baik".to_owned() }];
    profile.status = FacilityStatus::Unspecified.into();
    let made = create(&cast.lapas, request.clone()).await.unwrap();
    assert_eq!((made.outcome(), made.name.as_str()), (ItemOutcome::Created, FACILITY));
    cast.world.assert_entry(&made.entry, CREATE, &[FACILITY]).await;
    assert_eq!(create(&cast.lapas, request.clone()).await.unwrap(), made, "the first answer again");
    let twice = create(&cast.lapas, facility(FACILITY, 8)).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "FACILITY_EXISTS"));

    let stored = get(&cast.lapas, FACILITY).await.unwrap();
    let mut profile = request.profile.unwrap();
    profile.status = FacilityStatus::Available.into();
    assert_eq!((stored.profile.as_ref(), stored.etag.as_str()), (Some(&profile), made.etag.as_str()));
    assert_eq!(stored.create_time, timestamp(NOW));

    let same = update(&cast.lapas, &made.etag, &profile).await.unwrap();
    assert_eq!((same.outcome(), same.entry.as_str(), &same.etag), (ItemOutcome::Unchanged, "", &made.etag));
    profile.kind = FacilityKind::Classroom.into();
    profile.capacity = 20;
    profile.equipment.clear();
    let changed = update(&cast.lapas, &made.etag, &profile).await.unwrap();
    assert_eq!(changed.outcome(), ItemOutcome::Updated);
    cast.world.assert_entry(&changed.entry, UPDATE, &[FACILITY]).await;
    assert_eq!(get(&cast.lapas, FACILITY).await.unwrap().profile, Some(profile.clone()));
    let stale = update(&cast.lapas, &made.etag, &profile).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let stale = retire(&cast.lapas, FACILITY, &made.etag).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
}

#[tokio::test]
async fn what_is_retired_changes_no_more_and_keeps_its_name() {
    let cast = Cast::gather().await;
    let made = create(&cast.lapas, facility(FACILITY, 16)).await.unwrap();
    let mut profile = get(&cast.lapas, FACILITY).await.unwrap().profile.unwrap();
    profile.status = FacilityStatus::Maintenance.into();
    let closed = update(&cast.lapas, &made.etag, &profile).await.unwrap();
    let retired = retire(&cast.lapas, FACILITY, &closed.etag).await.unwrap();
    cast.world.assert_entry(&retired.entry, RETIRE, &[FACILITY]).await;
    let stored = get(&cast.lapas, FACILITY).await.unwrap();
    assert_eq!(stored.profile.unwrap().status(), FacilityStatus::Retired);
    let changed = update(&cast.lapas, &retired.etag, &profile).await.unwrap_err();
    assert_eq!((changed.code(), reason(&changed).as_str()), (Code::FailedPrecondition, "STATE_FORBIDS"));
    let twice = retire(&cast.lapas, FACILITY, &retired.etag).await.unwrap_err();
    assert_eq!(reason(&twice), "STATE_FORBIDS");
    let again = create(&cast.lapas, facility(FACILITY, 16)).await.unwrap_err();
    assert_eq!(reason(&again), "FACILITY_EXISTS");
}

/// Retiring is an act of its own.
#[tokio::test]
async fn nobody_retires_a_facility_by_its_profile() {
    let cast = Cast::gather().await;
    let mut request = facility(FACILITY, 16);
    request.profile.as_mut().unwrap().status = FacilityStatus::Retired.into();
    let refused = create(&cast.lapas, request).await.unwrap_err();
    assert_eq!(violations(&refused), [("profile.status".to_owned(), "FIELD_UNKNOWN_VALUE".to_owned())]);
}

#[tokio::test]
async fn a_room_that_sessions_hold_is_not_retired() {
    let cast = Cast::confirmed(START).await;
    cast.push(vec![v1::SessionDraft {
        facility: FACILITY.to_owned(),
        ..session("s2", "2026-03-11T01:00:00Z")
    }])
    .await;
    let etag = get(&cast.lapas, FACILITY).await.unwrap().etag;
    let in_use = retire(&cast.lapas, FACILITY, &etag).await.unwrap_err();
    assert_eq!((in_use.code(), reason(&in_use).as_str()), (Code::FailedPrecondition, "FACILITY_IN_USE"));
    let count = details(&in_use).error_info().unwrap().metadata.get("count").cloned();
    assert_eq!(count.as_deref(), Some("2"));
    let mut sessions = Vec::new();
    for uid in ["s1", "s2"] {
        let seen = cast.session(uid).await;
        sessions.push(v1::SessionDecline { name: seen.name, etag: seen.etag });
    }
    let decline = v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions,
        note: "Renovasi".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().decline_sessions(decline).await.unwrap();
    let retired = retire(&cast.lapas, FACILITY, &etag).await.unwrap();
    cast.world.assert_entry(&retired.entry, RETIRE, &[FACILITY]).await;
}

#[tokio::test]
async fn a_room_whose_sessions_are_over_is_retired() {
    let cast = Cast::confirmed(START).await;
    let etag = get(&cast.lapas, FACILITY).await.unwrap().etag;
    cast.world.set_clock("2026-03-10T03:59:59Z");
    assert_eq!(reason(&retire(&cast.lapas, FACILITY, &etag).await.unwrap_err()), "FACILITY_IN_USE");
    cast.world.set_clock("2026-03-10T04:00:00Z");
    let retired = retire(&cast.lapas, FACILITY, &etag).await.unwrap();
    cast.world.assert_entry(&retired.entry, RETIRE, &[FACILITY]).await;
    assert_eq!(cast.session("s1").await.facility, FACILITY, "where it was held");
}

#[tokio::test]
async fn a_prison_changes_its_own_facilities_alone() {
    let cast = Cast::gather().await;
    let other = cast.world.join("lapas-btm", AgencyKind::Prison, "sdp", Role::Prison).await;
    let foreign = create(&other, facility(FACILITY, 16)).await.unwrap_err();
    assert_eq!((foreign.code(), reason(&foreign).as_str()), (Code::PermissionDenied, "NAME_OF_OTHER_AGENCY"));
    let made = create(&cast.lapas, facility(FACILITY, 16)).await.unwrap();
    let profile = facility(FACILITY, 20).profile.unwrap();
    assert_eq!(reason(&update(&other, &made.etag, &profile).await.unwrap_err()), "NOT_FOUND");
    assert_eq!(reason(&retire(&other, FACILITY, &made.etag).await.unwrap_err()), "NOT_FOUND");
    assert_eq!(reason(&get(&other, FACILITY).await.unwrap_err()), "NOT_FOUND");
    assert_eq!(list(&other, of_lapas()).await, [""; 0]);
    let unknown = retire(&cast.lapas, &named("tiada"), &made.etag).await.unwrap_err();
    assert_eq!(reason(&unknown), "NOT_FOUND");
    let own = "agencies/lapas-btm/facilities/bengkel";
    assert_eq!(create(&other, facility(own, 16)).await.unwrap().outcome(), ItemOutcome::Created);
    assert_eq!(list(&cast.lapas, of_lapas()).await, ["bengkel"], "one reference, two prisons");
}

/// From the first day of an agreement to its last, and not while it or a party of it is suspended.
#[tokio::test]
async fn partners_read_while_an_agreement_is_in_force() {
    let cast = Cast::gather().await;
    cast.world.prolong().await;
    create(&cast.lapas, facility(FACILITY, 16)).await.unwrap();
    let sees = async |client: &Client, expected: bool, why: &str| {
        match get(client, FACILITY).await {
            Ok(seen) => assert!(expected && seen.name == FACILITY, "{why}"),
            Err(status) => assert_eq!((expected, reason(&status).as_str()), (false, "NOT_FOUND"), "{why}"),
        }
        let listed = list(client, of_lapas()).await;
        assert_eq!(!listed.is_empty(), expected, "{why}: {listed:?}");
    };
    sees(&cast.blk, false, "no agreement").await;
    let draft = "agencies/blk-kepri/agreements/draft";
    let request = create_agreement(draft, terms("blk-kepri", manpower()));
    cast.blk.agreement().create_agreement(request).await.unwrap();
    sees(&cast.blk, false, "a draft").await;
    cast.agree(&cast.blk, AGREEMENT, terms("blk-kepri", manpower())).await;
    sees(&cast.blk, true, "in force").await;
    sees(&cast.dkp, false, "another's agreement").await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    sees(&cast.blk, false, "suspended a moment ago").await;
    sees(&cast.lapas, true, "its own").await;
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    sees(&cast.blk, true, "resumed").await;
    for (now, expected) in [
        ("2026-03-01T16:59:59Z", false),
        ("2026-03-01T17:00:00Z", true),
        ("2028-03-01T16:59:59Z", true),
        ("2028-03-01T17:00:00Z", false),
    ] {
        cast.world.set_clock(now);
        sees(&cast.blk, expected, now).await;
    }
}

#[tokio::test]
async fn facilities_of_a_suspended_prison_are_read_by_no_partner() {
    let cast = Cast::ready().await;
    create(&cast.lapas, facility(FACILITY, 16)).await.unwrap();
    assert!(get(&cast.blk, FACILITY).await.is_ok());
    let name = "agencies/lapas-tpi".to_owned();
    let seen = cast.admin.agency().get_agency(v1::GetAgencyRequest { name: name.clone() }).await.unwrap();
    let suspend = v1::SuspendAgencyRequest {
        request_id: request_id(),
        name,
        etag: seen.into_inner().agency.unwrap().etag,
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    };
    cast.admin.agency().suspend_agency(suspend).await.unwrap();
    assert_eq!(reason(&get(&cast.blk, FACILITY).await.unwrap_err()), "NOT_FOUND");
    assert_eq!(list(&cast.blk, of_lapas()).await, [""; 0]);
}

#[tokio::test]
async fn pages_hold_every_facility_once_and_a_token_goes_with_its_query() {
    let cast = Cast::ready().await;
    let mut expected: Vec<_> = (0..7).map(|index| format!("r{index}")).collect();
    for reference in &expected {
        create(&cast.lapas, facility(&named(reference), 16)).await.unwrap();
    }
    let last = get(&cast.lapas, &named("r6")).await.unwrap();
    retire(&cast.lapas, &last.name, &last.etag).await.unwrap();
    let mut request = v1::ListFacilitiesRequest { page_size: 3, ..of_lapas() };
    let (mut seen, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = cast.blk.facility().list_facilities(request.clone()).await.unwrap().into_inner();
        sizes.push(page.facilities.len());
        seen.extend(page.facilities.into_iter().map(|one| one.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!(seen, expected.iter().map(|reference| named(reference)).collect::<Vec<_>>());
    let status = FacilityStatus::Available.into();
    let other = v1::ListFacilitiesRequest { status, ..request.clone() };
    let refused = cast.blk.facility().list_facilities(other).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID");
    let refused = cast.lapas.facility().list_facilities(request).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "another caller's");
    expected.pop();
    let available = v1::ListFacilitiesRequest { status, ..of_lapas() };
    assert_eq!(list(&cast.blk, available).await, expected);
    let retired = v1::ListFacilitiesRequest { status: FacilityStatus::Retired.into(), ..of_lapas() };
    assert_eq!(list(&cast.blk, retired).await, ["r6"]);
}

#[tokio::test]
async fn a_dry_run_adds_changes_and_retires_nothing() {
    let cast = Cast::gather().await;
    let dry = v1::CreateFacilityRequest { validate_only: true, ..facility(FACILITY, 16) };
    let change = create(&cast.lapas, dry).await.unwrap();
    assert_eq!((change.outcome(), change.entry.as_str()), (ItemOutcome::Created, ""));
    assert_eq!(reason(&get(&cast.lapas, FACILITY).await.unwrap_err()), "NOT_FOUND");
    let made = create(&cast.lapas, facility(FACILITY, 16)).await.unwrap();
    let request = v1::RetireFacilityRequest {
        request_id: request_id(),
        validate_only: true,
        name: FACILITY.to_owned(),
        etag: made.etag.clone(),
    };
    cast.lapas.facility().retire_facility(request).await.unwrap();
    assert_eq!(get(&cast.lapas, FACILITY).await.unwrap().etag, made.etag);
    assert_eq!((cast.recorded(CREATE).await, cast.recorded(RETIRE).await), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_that_add_one_facility_at_once_one_does() {
    let cast = Cast::gather().await;
    for round in 0..10 {
        let name = named(&format!("r{round}"));
        let (one, other) =
            tokio::join!(create(&cast.lapas, facility(&name, 16)), create(&cast.lapas, facility(&name, 8)));
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(reason(&lost.unwrap_err()), "FACILITY_EXISTS");
        cast.world.assert_entry(&won.unwrap().entry, CREATE, &[&name]).await;
    }
}

/// A confirmation and the room's maintenance: whichever is first, nothing stays confirmed in a room out of use.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_confirmation_and_maintenance_at_once_leave_nothing_confirmed() {
    let cast = Cast::ready().await.with_fisheries("").await;
    for room in 0..10 {
        create(&cast.lapas, facility(&named(&format!("r{room}")), 16)).await.unwrap();
    }
    let trainer = crate::cast::TRAINER;
    for round in 0..10 {
        let (uid, room) = (format!("r{round}"), named(&format!("r{round}")));
        cast.push(vec![led_session(&uid, &format!("2026-04-{:02}T01:00:00Z", round + 1), trainer)]).await;
        cast.act(&cast.blk, crate::acts::Act::Accept, &uid, trainer).await;
        // Another lead agency's session in the room, so that its programme is locked too.
        let theirs = v1::SessionDraft { facility: room.clone(), ..session(&uid, "2026-05-01T01:00:00Z") };
        cast.dkp.schedule().push_schedule(push_fish(vec![theirs])).await.unwrap();
        let stored = get(&cast.lapas, &room).await.unwrap();
        let mut profile = stored.profile.unwrap();
        profile.status = FacilityStatus::Maintenance.into();
        let request = v1::UpdateFacilityRequest {
            request_id: request_id(),
            name: room.clone(),
            etag: stored.etag,
            profile: Some(profile),
            ..Default::default()
        };
        let mut prison = cast.lapas.facility();
        let sessions = [(uid.as_str(), room.as_str())];
        let (confirmed, closed) = tokio::join!(cast.confirm(&sessions), prison.update_facility(request));
        let closed = closed.unwrap().into_inner();
        match confirmed.outcome() {
            BatchOutcome::Stored => assert_eq!(closed.unconfirmed, [session_name(&uid)]),
            _ => {
                assert_eq!(errors(&confirmed.results)[0].1, "FACILITY_NOT_AVAILABLE");
                assert_eq!(closed.unconfirmed, [""; 0]);
            }
        }
        assert_eq!(cast.session(&uid).await.state(), v1::SessionState::Tentative);
    }
}
