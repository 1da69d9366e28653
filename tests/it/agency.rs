//! Agencies and systems: registered, changed, suspended; and who the gateway takes a caller for.

use gerbang::{agent::Client, pki::issue, proto::v1};
use tonic::Code;

use crate::{
    cast::{self, Cast, TRAINER},
    world::{NOW, TRUST_DOMAIN, World, long_lived, reason, request_id, violations},
};

const BLK: &str = "agencies/blk-kepri";

async fn show(client: &Client, name: &str) -> v1::Agency {
    let request = v1::GetAgencyRequest { name: name.to_owned() };
    client.agency().get_agency(request).await.unwrap().into_inner().agency.unwrap()
}

fn suspend(name: &str, etag: &str) -> v1::SuspendAgencyRequest {
    v1::SuspendAgencyRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: etag.to_owned(),
        note: "Pemeriksaan".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn an_agency_is_created_once_and_its_names_change() {
    let world = World::start().await;
    let admin = world.admin().await;
    let request = || cast::agency("blk-kepri", v1::AgencyKind::VocationalTrainingCentre);
    let made = admin.agency().create_agency(request()).await.unwrap().into_inner().change.unwrap();
    world.assert_entry(&made.entry, "AgencyService/CreateAgency", &[BLK]).await;
    let twice = admin.agency().create_agency(request()).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "AGENCY_EXISTS"));
    let mut names = request().names;
    let update = |etag: &str, names: &[v1::AgencyName]| v1::UpdateAgencyRequest {
        request_id: request_id(),
        name: BLK.to_owned(),
        etag: etag.to_owned(),
        names: names.to_vec(),
        time_zone: "Asia/Jakarta".to_owned(),
        ..Default::default()
    };
    let same = admin.agency().update_agency(update(&made.etag, &names)).await.unwrap().into_inner();
    assert_eq!(same.change.unwrap().outcome(), v1::ItemOutcome::Unchanged);
    let later = v1::AgencyName {
        valid_from: "2026-01-01".to_owned(),
        display_name: "BPVP".to_owned(),
        ..names[0].clone()
    };
    names.push(later);
    let changed = admin.agency().update_agency(update(&made.etag, &names)).await.unwrap().into_inner();
    world.assert_entry(&changed.change.unwrap().entry, "AgencyService/UpdateAgency", &[BLK]).await;
    assert_eq!(show(&admin, BLK).await.names, names);
    let stale = admin.agency().update_agency(update(&made.etag, &names)).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
}

#[tokio::test]
async fn a_suspension_closes_calls_and_gates_until_it_is_lifted() {
    let cast = Cast::ready().await;
    let etag = show(&cast.admin, "agencies/lapas-tpi").await.etag;
    let done = cast.admin.agency().suspend_agency(suspend("agencies/lapas-tpi", &etag)).await.unwrap();
    let entry = done.into_inner().change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgencyService/SuspendAgency", &["agencies/lapas-tpi"]).await;
    let who = cast.lapas.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(reason(&who), "AGENCY_SUSPENDED");
    let sessions = || vec![cast::led_session("s1", "2026-03-10T01:00:00Z", TRAINER)];
    let closed = cast.blk.schedule().push_schedule(cast::push(sessions())).await.unwrap_err();
    assert_eq!(reason(&closed), "AGREEMENT_NOT_IN_FORCE");
    let resume = v1::ResumeAgencyRequest {
        request_id: request_id(),
        name: "agencies/lapas-tpi".to_owned(),
        etag: show(&cast.admin, "agencies/lapas-tpi").await.etag,
        ..Default::default()
    };
    let resumed = cast.admin.agency().resume_agency(resume).await.unwrap().into_inner();
    assert_eq!(resumed.state(), v1::AgencyState::Active);
    let entry = resumed.change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgencyService/ResumeAgency", &["agencies/lapas-tpi"]).await;
    assert_eq!(cast.push(sessions()).await.outcome(), v1::BatchOutcome::Stored);
}

#[tokio::test]
async fn nobody_suspends_the_own_agency() {
    let world = World::start().await;
    let admin = world.admin().await;
    let etag = show(&admin, "agencies/operator").await.etag;
    let own = admin.agency().suspend_agency(suspend("agencies/operator", &etag)).await.unwrap_err();
    assert_eq!(reason(&own), "OWN_AGENCY_SUSPENSION");
}

#[tokio::test]
async fn a_system_is_registered_with_its_own_fit_certificate_once() {
    let cast = Cast::gather().await;
    let pem = |system: &str| cast.world.issue("blk-kepri", system).certificate_pem;
    let register = |role: v1::Role, certificate_pem: String| v1::RegisterSystemRequest {
        request_id: request_id(),
        agency: BLK.to_owned(),
        system: "kedua".to_owned(),
        role: role.into(),
        certificate_pem,
        ..Default::default()
    };
    let client = issue::Profile::client(TRUST_DOMAIN, "blk-kepri", "kedua", NOW.parse().unwrap(), 1);
    let server = long_lived(issue::Profile { usage: issue::Usage::Server, ..client });
    let unfit = cast.world.authority.issue(&server).unwrap().certificate_pem;
    let cases = [
        (v1::Role::Partner, pem("jadwal"), "CERTIFICATE_NOT_OF_SYSTEM"),
        (v1::Role::Partner, unfit, "CERTIFICATE_UNFIT"),
        (v1::Role::Prison, pem("kedua"), "ROLE_NOT_OF_AGENCY"),
    ];
    for (role, pem, expected) in cases {
        let refused = cast.admin.agency().register_system(register(role, pem)).await.unwrap_err();
        // What is wrong with the text of the certificate alone is a violation of its field.
        let violation = violations(&refused).pop().map(|(_, reason)| reason);
        assert_eq!(violation.unwrap_or_else(|| reason(&refused)), expected);
    }
    let made = cast.admin.agency().register_system(register(v1::Role::Partner, pem("kedua"))).await.unwrap();
    let made = made.into_inner().change.unwrap();
    let name = "agencies/blk-kepri/systems/kedua";
    cast.world.assert_entry(&made.entry, "AgencyService/RegisterSystem", &[name]).await;
    let twice =
        cast.admin.agency().register_system(register(v1::Role::Partner, pem("kedua"))).await.unwrap_err();
    assert_eq!(twice.code(), Code::AlreadyExists);
    let update = v1::UpdateSystemRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: made.etag,
        role: v1::Role::Partner.into(),
        certificate_pem: pem("kedua"),
        ..Default::default()
    };
    let in_use = cast.admin.agency().update_system(update).await.unwrap_err();
    assert_eq!(reason(&in_use), "CERTIFICATE_IN_USE");
}

#[tokio::test]
async fn agencies_are_listed_in_pages_by_code_and_without_systems() {
    let cast = Cast::gather().await;
    let mut request = v1::ListAgenciesRequest { page_size: 2, ..Default::default() };
    let mut codes = Vec::new();
    loop {
        let page = cast.dkp.agency().list_agencies(request.clone()).await.unwrap().into_inner();
        assert!(page.agencies.len() <= 2 && page.agencies.iter().all(|agency| agency.systems.is_empty()));
        codes.extend(page.agencies.into_iter().map(|agency| agency.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let expected = ["blk-kepri", "dkp-kepri", "dkpp-bintan", "lapas-tpi", "operator"];
    assert_eq!(codes, expected.map(|code| format!("agencies/{code}")));
}

#[tokio::test]
async fn whoami_says_role_certificate_and_methods() {
    let cast = Cast::gather().await;
    let known = cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!((known.agency.as_str(), known.role()), (BLK, v1::Role::Partner));
    assert_eq!(known.system, "agencies/blk-kepri/systems/jadwal");
    let stored = show(&cast.admin, BLK).await.systems[0].certificates[0].clone();
    assert_eq!(known.certificate, Some(stored));
    assert!(known.methods.contains(&"ScheduleService/PushSchedule".to_owned()));
    assert!(!known.methods.contains(&"AgencyService/CreateAgency".to_owned()));
    assert!(
        show(&cast.dkp, BLK).await.systems.is_empty(),
        "systems are the agency's and the administrator's"
    );
}
