//! Agencies and systems: registered, changed, suspended; and who the gateway takes a caller for.

use gerbang::{agent::Client, proto::v1};
use tonic::Code;

use crate::{
    cast::{self, Cast, TRAINER, orders},
    certificate,
    world::{World, der, reason, request_id},
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

/// It is Monday, 2 March 2026, in Jakarta.
#[tokio::test]
async fn what_an_agency_was_called_stays_on_record() {
    let world = World::start().await;
    let admin = world.admin().await;
    let request = cast::agency("blk-kepri", v1::AgencyKind::VocationalTrainingCentre);
    let first = request.names[0].clone();
    let name = |text: &str, day: &str| v1::AgencyName {
        display_name: text.to_owned(),
        valid_from: day.to_owned(),
        ..Default::default()
    };
    let early = v1::CreateAgencyRequest {
        request_id: request_id(),
        names: vec![name("BLK Kepri", "2026-03-03")],
        ..request.clone()
    };
    let early = admin.agency().create_agency(early).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "NO_NAME_TODAY"));
    admin.agency().create_agency(request).await.unwrap();
    let update = async |names: &[&v1::AgencyName]| {
        let request = v1::UpdateAgencyRequest {
            request_id: request_id(),
            name: BLK.to_owned(),
            etag: show(&admin, BLK).await.etag,
            names: names.iter().map(|name| (*name).clone()).collect(),
            time_zone: "Asia/Jakarta".to_owned(),
            ..Default::default()
        };
        admin.agency().update_agency(request).await.map(|answer| answer.into_inner().change.unwrap())
    };
    let (now, ahead) = (name("BPVP Kepri", "2026-03-02"), name("BBPVP Kepri", "2026-03-03"));
    update(&[&first, &now, &ahead]).await.unwrap();
    let other = name("BLK Kepulauan Riau", &first.valid_from);
    let decree = v1::AgencyName { decree_number: "12/2026".to_owned(), ..now.clone() };
    let later = v1::AgencyName { valid_from: "2026-03-04".to_owned(), ..now.clone() };
    for lost in [
        vec![&now, &ahead],
        vec![&first, &ahead],
        vec![&ahead],
        vec![&other, &now, &ahead],
        vec![&first, &decree, &ahead],
        vec![&first, &later],
    ] {
        let refused = update(&lost).await.unwrap_err();
        assert_eq!(reason(&refused), "PAST_NAME_CHANGED", "{lost:?}");
        assert_eq!(show(&admin, BLK).await.names, [first.clone(), now.clone(), ahead.clone()]);
    }
    let planned = name("Balai Besar", "2026-04-01");
    let changed = update(&[&first, &now, &planned]).await.unwrap();
    assert_eq!(changed.outcome(), v1::ItemOutcome::Updated, "what is ahead comes and goes");
    world.assert_entry(&changed.entry, "AgencyService/UpdateAgency", &[BLK]).await;
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
    // Why, for the administrators at once, and for the agency when it is back; for nobody else.
    let why = v1::Remark {
        act: v1::RemarkAct::Suspend.into(),
        agency: "agencies/operator".to_owned(),
        time: show(&cast.admin, "agencies/lapas-tpi").await.remarks[0].time,
        note: suspend("", "").note,
    };
    assert!(why.time.is_some());
    assert_eq!(show(&cast.admin, "agencies/lapas-tpi").await.remarks, std::slice::from_ref(&why));
    assert_eq!(show(&cast.blk, "agencies/lapas-tpi").await.remarks, []);
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
    assert_eq!(show(&cast.lapas, "agencies/lapas-tpi").await.remarks, [why]);
    assert_eq!(show(&cast.blk, "agencies/lapas-tpi").await.remarks, []);
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

fn register(agency: &str, system: &str, role: v1::Role) -> v1::RegisterSystemRequest {
    v1::RegisterSystemRequest {
        request_id: request_id(),
        agency: agency.to_owned(),
        system: system.to_owned(),
        role: role.into(),
        ..Default::default()
    }
}

fn update(system: &v1::System, role: v1::Role) -> v1::UpdateSystemRequest {
    v1::UpdateSystemRequest {
        request_id: request_id(),
        name: system.name.clone(),
        etag: system.etag.clone(),
        role: role.into(),
        ..Default::default()
    }
}

fn approve(name: &str, etag: &str) -> v1::ApproveSystemRequest {
    v1::ApproveSystemRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: etag.to_owned(),
        ..Default::default()
    }
}

/// One system as an administrator sees it.
async fn system(admin: &Client, name: &str) -> v1::System {
    let (agency, _) = name.split_once("/systems/").unwrap();
    show(admin, agency).await.systems.into_iter().find(|system| system.name == name).unwrap()
}

#[tokio::test]
async fn a_partners_system_is_registered_once_by_one_administrator() {
    let cast = Cast::gather().await;
    let refused = cast.admin.agency().register_system(register(BLK, "kedua", v1::Role::Prison)).await;
    assert_eq!(reason(&refused.unwrap_err()), "ROLE_NOT_OF_AGENCY");
    let made = cast.admin.agency().register_system(register(BLK, "kedua", v1::Role::Partner)).await.unwrap();
    let made = made.into_inner().change.unwrap();
    let name = "agencies/blk-kepri/systems/kedua";
    assert_eq!((made.name.as_str(), made.outcome()), (name, v1::ItemOutcome::Created));
    cast.world.assert_entry(&made.entry, "AgencyService/RegisterSystem", &[name]).await;
    let stored = system(&cast.admin, name).await;
    assert_eq!((stored.role(), stored.proposed_role()), (v1::Role::Partner, v1::Role::Unspecified));
    assert!(stored.certificates.is_empty(), "its certificate comes by CertificateService");
    let twice = cast.admin.agency().register_system(register(BLK, "kedua", v1::Role::Partner)).await;
    let twice = twice.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "SYSTEM_EXISTS"));
    let nothing = cast.world.admin2().await.agency().approve_system(approve(name, &made.etag)).await;
    assert_eq!(reason(&nothing.unwrap_err()), "STATE_FORBIDS");
    let unknown =
        cast.admin.agency().register_system(register("agencies/none", "x1", v1::Role::Partner)).await;
    assert_eq!(reason(&unknown.unwrap_err()), "NOT_FOUND");
}

#[tokio::test]
async fn a_prisons_system_has_no_role_until_a_second_administrator_approves() {
    let cast = Cast::gather().await;
    let (world, admin2) = (&cast.world, cast.world.admin2().await);
    let prison = "agencies/lapas-tpi";
    let made =
        cast.admin.agency().register_system(register(prison, "kedua", v1::Role::Prison)).await.unwrap();
    let made = made.into_inner().change.unwrap();
    let name = "agencies/lapas-tpi/systems/kedua";
    let waiting = system(&cast.admin, name).await;
    assert_eq!((waiting.role(), waiting.proposed_role()), (v1::Role::Unspecified, v1::Role::Prison));

    // Even with a certificate in the inventory.
    let certificate = world.issue("lapas-tpi", "kedua").certificate_pem;
    world.register_certificate("lapas-tpi", "kedua", &der(&certificate)).await;
    let client = world.connect("lapas-tpi", "kedua").await;
    let early = client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(reason(&early), "CERTIFICATE_NOT_REGISTERED");

    let own = cast.admin.agency().approve_system(approve(name, &made.etag)).await.unwrap_err();
    assert_eq!(reason(&own), "APPROVED_BY_YOU");
    let stale = admin2.agency().approve_system(approve(name, "00000000000000000000000000000000")).await;
    assert_eq!(reason(&stale.unwrap_err()), "ETAG_MISMATCH");
    let done = admin2.agency().approve_system(approve(name, &made.etag)).await.unwrap();
    let done = done.into_inner().change.unwrap();
    world.assert_entry(&done.entry, "AgencyService/ApproveSystem", &[name]).await;
    // That certificate was signed for no role, and one that is signed for now is another.
    let bare = client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!(reason(&bare), "ROLE_NOT_CERTIFIED");
    let profile = crate::forge::Profile::client(crate::world::TRUST_DOMAIN, "lapas-tpi", "kedua");
    let certificate = world.issue_as("lapas-tpi", "kedua", profile).certificate_pem;
    world.register_certificate("lapas-tpi", "kedua", &der(&certificate)).await;
    let client = world.connect("lapas-tpi", "kedua").await;
    let who = client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!(who.role(), v1::Role::Prison);
    let again = admin2.agency().approve_system(approve(name, &done.etag)).await.unwrap_err();
    assert_eq!(reason(&again), "STATE_FORBIDS");
}

fn retire(system: &v1::System) -> v1::RetireSystemRequest {
    v1::RetireSystemRequest {
        request_id: request_id(),
        name: system.name.clone(),
        etag: system.etag.clone(),
        note: "Diganti".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_retired_system_is_out_at_once_and_for_good() {
    let cast = Cast::gather().await;
    let (world, admin, name) = (&cast.world, &cast.admin, certificate::BLK);
    let order = certificate::request(&cast.blk, name, &orders::key()).await.unwrap();
    let before = system(admin, name).await;
    let check = v1::RetireSystemRequest { validate_only: true, ..retire(&before) };
    let would = admin.agency().retire_system(check).await.unwrap().into_inner();
    assert_eq!((would.certificates_revoked, would.orders_ended, would.administrators_left), (1, 1, 2));
    let stale = v1::RetireSystemRequest { etag: "0".repeat(32), ..retire(&before) };
    assert_eq!(reason(&admin.agency().retire_system(stale).await.unwrap_err()), "ETAG_MISMATCH");
    let nobody = v1::RetireSystemRequest { name: format!("{BLK}/systems/lain"), ..retire(&before) };
    assert_eq!(reason(&admin.agency().retire_system(nobody).await.unwrap_err()), "NOT_FOUND");
    cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    assert_eq!(system(admin, name).await, before, "nothing of these was stored");

    let done = admin.agency().retire_system(retire(&before)).await.unwrap().into_inner();
    assert_eq!((done.certificates_revoked, done.orders_ended, done.administrators_left), (1, 1, 2));
    let serial = format!("certificates/{}", before.certificates[0].serial);
    let entry = done.change.unwrap().entry;
    world.assert_entry(&entry, "AgencyService/RetireSystem", &[&order, &serial, name]).await;
    let out = cast.blk.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!((out.code(), reason(&out).as_str()), (Code::Unauthenticated, "CERTIFICATE_NOT_REGISTERED"));
    let asked = v1::GetCertificateOrderRequest { name: order };
    let asked = admin.certificate().get_certificate_order(asked).await.unwrap().into_inner().order.unwrap();
    assert_eq!((asked.state(), asked.note.as_str()), (v1::CertificateOrderState::Rejected, "SYSTEM_RETIRED"));
    let asked = v1::GetCertificateRequest { name: serial };
    let asked = admin.certificate().get_certificate(asked).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(asked.revoke_note, "CESSATION_OF_OPERATION: Diganti");

    let retired = system(admin, name).await;
    assert_eq!((retired.role(), retired.proposed_role()), (v1::Role::Unspecified, v1::Role::Unspecified));
    assert!(retired.retire_time.is_some());
    let agencies = || admin.agency();
    let gone = [
        agencies().update_system(update(&retired, v1::Role::Partner)).await.map(drop),
        agencies().approve_system(approve(name, &retired.etag)).await.map(drop),
        agencies().retire_system(retire(&retired)).await.map(drop),
        certificate::request(admin, name, &orders::key()).await.map(drop),
    ];
    assert_eq!(gone.map(|refused| reason(&refused.unwrap_err())), ["SYSTEM_RETIRED"; 4]);
    let again = agencies().register_system(register(BLK, "jadwal", v1::Role::Partner)).await.unwrap_err();
    assert_eq!(reason(&again), "SYSTEM_RETIRED", "the name is not used again");
}

#[tokio::test]
async fn a_retirement_leaves_two_administrators() {
    let world = World::start().await;
    let (admin, name) = (world.admin().await, "agencies/operator/systems/admin2");
    let few = admin.agency().retire_system(retire(&system(&admin, name).await)).await.unwrap_err();
    assert_eq!(reason(&few), "ADMINISTRATORS_TOO_FEW");
    world.admin2().await.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    // A third one, by the signer, who alone makes administrators.
    let (third, key) = ("agencies/operator/systems/admin3", orders::key());
    world.register("operator", v1::AgencyKind::Operator, "admin3", v1::Role::Administrator).await;
    let order = certificate::request(&admin, third, &key).await.unwrap();
    for (client, by) in [(&admin, "admin"), (&world.admin2().await, "admin2")] {
        let approval = certificate::approval(&world, by, &order).await;
        client.certificate().approve_certificate_order(approval).await.unwrap();
    }
    world.signer().await.turn().await.unwrap();
    let done = admin.agency().retire_system(retire(&system(&admin, name).await)).await.unwrap();
    assert_eq!(done.into_inner().administrators_left, 2);
    // One's own is no exception.
    let own = system(&admin, "agencies/operator/systems/admin").await;
    let few = admin.agency().retire_system(retire(&own)).await.unwrap_err();
    assert_eq!(reason(&few), "ADMINISTRATORS_TOO_FEW");
}

#[tokio::test]
async fn until_a_change_of_role_is_approved_the_earlier_role_holds() {
    let cast = Cast::gather().await;
    let (admin, admin2) = (&cast.admin, cast.world.admin2().await);
    let name = "agencies/lapas-tpi/systems/sdp";
    let before = system(admin, name).await;
    let changed = admin.agency().update_system(update(&before, v1::Role::Door)).await.unwrap();
    let entry = changed.into_inner().change.unwrap().entry;
    cast.world.assert_entry(&entry, "AgencyService/UpdateSystem", &[name]).await;
    let waiting = system(&admin2, name).await;
    assert_eq!((waiting.role(), waiting.proposed_role()), (v1::Role::Prison, v1::Role::Door));
    let who = cast.lapas.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap().into_inner();
    assert_eq!(who.role(), v1::Role::Prison);
    let same = admin.agency().update_system(update(&waiting, v1::Role::Door)).await.unwrap().into_inner();
    assert_eq!(same.change.unwrap().outcome(), v1::ItemOutcome::Unchanged);

    // Who proposes last is the proposer; what it has already ends the proposal.
    admin2.agency().update_system(update(&waiting, v1::Role::Door)).await.unwrap();
    let waiting = system(admin, name).await;
    let own = admin2.agency().approve_system(approve(name, &waiting.etag)).await.unwrap_err();
    assert_eq!(reason(&own), "APPROVED_BY_YOU");
    admin.agency().update_system(update(&waiting, v1::Role::Prison)).await.unwrap();
    let kept = system(admin, name).await;
    assert_eq!((kept.role(), kept.proposed_role()), (v1::Role::Prison, v1::Role::Unspecified));

    admin.agency().update_system(update(&kept, v1::Role::Door)).await.unwrap();
    let etag = system(admin, name).await.etag;
    admin2.agency().approve_system(approve(name, &etag)).await.unwrap();
    assert_eq!(system(admin, name).await.role(), v1::Role::Door);
    // Its certificate was signed for another role, and a door is not let in with a prison's.
    let old = cast.lapas.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    assert_eq!((old.code(), reason(&old).as_str()), (Code::Unauthenticated, "ROLE_NOT_CERTIFIED"));
    let stale = admin.agency().update_system(update(&kept, v1::Role::Prison)).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
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
