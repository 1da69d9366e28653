//! Revocation: it holds at once, for ever, and in lists that others read.

use std::process::Command;

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    pki::certificate,
    proto::v1::{self, CertificateOrderState as State, RevocationReason as Why},
};
use jiff::SignedDuration;
use tonic::Code;

use super::{BLK, order, partner, request, who_am_i};
use crate::{
    cast::{Cast, TRAINER, led_session, orders},
    world::{World, der, reason, request_id},
};

fn serial(world: &World, agency: &str, system: &str) -> String {
    certificate::read(&der(&world.issue(agency, system).certificate_pem)).unwrap().serial
}

fn revoke(serial: &str, why: Why) -> v1::RevokeCertificatesRequest {
    v1::RevokeCertificatesRequest {
        request_id: request_id(),
        certificate: format!("certificates/{serial}"),
        reason: why.into(),
        note: "Laptop hilang".to_owned(),
        ..Default::default()
    }
}

/// The clients' authority with its newest list.
async fn clients_authority(client: &Client) -> v1::Authority {
    let bundle =
        client.certificate().get_trust_bundle(v1::GetTrustBundleRequest {}).await.unwrap().into_inner();
    let mut authorities = bundle.authorities.into_iter();
    assert_eq!(authorities.next().unwrap().kind(), v1::AuthorityKind::Root);
    authorities.find(|authority| authority.kind() == v1::AuthorityKind::Clients).unwrap()
}

/// What openssl says of a list that it has verified under the authority.
fn openssl(world: &World, authority: &v1::Authority) -> String {
    let list = world.folder.join("list.pem");
    std::fs::write(&list, &authority.crl_pem).unwrap();
    let mut command = Command::new("openssl");
    command
        .args(["crl", "-noout", "-text", "-CAfile"])
        .arg(world.folder.join("clients.pem"))
        .arg("-in")
        .arg(&list);
    let said = command.output().unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let verified = String::from_utf8(said.stderr).unwrap();
    assert!(said.status.success() && verified.contains("verify OK"), "{verified}{text}");
    text
}

/// Whoever has a gateway's role may add revocations: none takes the place of one for a compromised key, or of the first.
#[tokio::test]
async fn a_forged_revocation_makes_none_a_lesser_or_an_earlier_one() {
    let forge = "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
        SELECT sha256, $2, 'agencies/operator/systems/lain', '2000-01-01' FROM certificate WHERE serial = $1";
    for (why, forged, listed) in [
        (Why::KeyCompromise, "SUPERSEDED", "Key Compromise"),
        (Why::KeyCompromise, "KEY_COMPROMISE", "Key Compromise"),
        (Why::CessationOfOperation, "SUPERSEDED", "Cessation Of Operation"),
    ] {
        let world = World::start().await;
        world.tampers();
        partner(&world).await;
        let (admin, mut signer) = (world.admin().await, world.signer().await);
        let serial = serial(&world, "blk-kepri", "jadwal");
        admin.certificate().revoke_certificates(revoke(&serial, why)).await.unwrap();
        let seen = async || {
            let get = v1::GetCertificateRequest { name: format!("certificates/{serial}") };
            admin.certificate().get_certificate(get).await.unwrap().into_inner().certificate.unwrap()
        };
        let before = seen().await;
        let forged = sqlx::query(forge).bind(&serial).bind(forged).execute(&mut world.runtime().await).await;
        assert_eq!(forged.unwrap().rows_affected(), 1);
        let after = seen().await;
        assert_eq!((after.revoke_time, &after.revoke_note), (before.revoke_time, &before.revoke_note));
        signer.turn().await.unwrap();
        let text = openssl(&world, &clients_authority(&admin).await);
        assert!(text.contains(listed) && !text.contains("2000 GMT"), "{text}");
    }
}

#[tokio::test]
async fn a_revocation_holds_at_once_and_is_in_the_next_list() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, mut signer) = (world.admin().await, world.signer().await);
    signer.turn().await.unwrap();
    let before = clients_authority(&admin).await;
    assert!(before.crl_number >= world.clock.now().as_second());
    let serial = serial(&world, "blk-kepri", "jadwal");
    let needle = serial.to_uppercase();
    assert!(!openssl(&world, &before).contains(&needle));

    who_am_i(&blk).await.unwrap();
    let done = admin.certificate().revoke_certificates(revoke(&serial, Why::CessationOfOperation)).await;
    let done = done.unwrap().into_inner();
    let name = format!("certificates/{serial}");
    assert_eq!((done.certificates.len(), done.certificates[0].name.as_str()), (1, name.as_str()));
    assert_eq!((done.already_revoked, done.administrators_left), (0, 2));
    world.assert_entry(&done.entry, "CertificateService/RevokeCertificates", &[&name]).await;
    let refused = who_am_i(&blk).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, "CERTIFICATE_REVOKED"));
    let get = v1::GetCertificateRequest { name: name.clone() };
    let seen = admin.certificate().get_certificate(get).await.unwrap().into_inner().certificate.unwrap();
    assert_eq!(seen.state(), v1::CertificateState::Revoked);
    assert_eq!(seen.revoke_note, "CESSATION_OF_OPERATION: Laptop hilang");

    signer.turn().await.unwrap();
    let after = clients_authority(&admin).await;
    assert!(after.crl_number > before.crl_number);
    let (made, next) = (after.crl_time.unwrap().seconds, after.crl_next_time.unwrap().seconds);
    assert_eq!(made, world.clock.now().as_second());
    assert!(next > made && next - made < 24 * 3600);
    let text = openssl(&world, &after);
    assert!(text.contains(&needle) && text.contains("Cessation Of Operation"), "{text}");
    // Nothing new, no new list; until it grows old.
    signer.turn().await.unwrap();
    assert_eq!(clients_authority(&admin).await.crl_number, after.crl_number);
    world.pass(SignedDuration::from_hours(6));
    signer.turn().await.unwrap();
    let later = clients_authority(&admin).await;
    assert!(later.crl_number > after.crl_number && openssl(&world, &later).contains(&needle));

    // Once more changes nothing, not even the reason; but a key that turns out to be compromised is barred all the same.
    let entries = world.entries().await.len();
    for (why, changes) in [(Why::Superseded, 0), (Why::KeyCompromise, 1), (Why::KeyCompromise, 1)] {
        let again = admin.certificate().revoke_certificates(revoke(&serial, why)).await.unwrap().into_inner();
        assert_eq!((again.certificates.len(), again.already_revoked), (0, 1));
        assert_eq!(world.entries().await.len(), entries + changes);
    }
    let barred = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM barred_key");
    assert_eq!(barred.fetch_one(&mut world.owner().await).await.unwrap(), 1);
    let unknown = admin.certificate().revoke_certificates(revoke("01ab", Why::Superseded)).await.unwrap_err();
    assert_eq!(reason(&unknown), "NOT_FOUND");
}

#[tokio::test]
async fn an_agency_revokes_its_own_and_an_administrator_all_of_an_agency() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    let second = world.join("blk-kepri", kind, "kedua", v1::Role::Partner).await;
    let dkp = world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let others = serial(&world, "dkp-kepri", "jadwal");
    let refused =
        blk.certificate().revoke_certificates(revoke(&others, Why::KeyCompromise)).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_FOUND");
    let own = serial(&world, "blk-kepri", "kedua");
    blk.certificate().revoke_certificates(revoke(&own, Why::Superseded)).await.unwrap();
    assert_eq!(reason(&who_am_i(&second).await.unwrap_err()), "CERTIFICATE_REVOKED");

    let all = v1::RevokeCertificatesRequest {
        certificate: String::new(),
        agency: "agencies/blk-kepri".to_owned(),
        ..revoke("", Why::AffiliationChanged)
    };
    let done = world.admin().await.certificate().revoke_certificates(all.clone()).await.unwrap().into_inner();
    assert_eq!((done.certificates.len(), done.already_revoked), (1, 1));
    assert_eq!(done.certificates[0].system, BLK);
    assert_eq!(reason(&who_am_i(&blk).await.unwrap_err()), "CERTIFICATE_REVOKED");
    who_am_i(&dkp).await.unwrap();
    let nobody =
        v1::RevokeCertificatesRequest { request_id: request_id(), agency: "agencies/none".to_owned(), ..all };
    let nobody = world.admin().await.certificate().revoke_certificates(nobody).await.unwrap_err();
    assert_eq!(reason(&nobody), "NOT_FOUND");
}

#[tokio::test]
async fn a_preview_says_what_would_stop_and_stops_nothing() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    let entries = cast.world.entries().await.len();
    let preview = v1::RevokeCertificatesRequest {
        validate_only: true,
        ..revoke(&serial(&cast.world, "blk-kepri", "jadwal"), Why::KeyCompromise)
    };
    let shown = cast.admin.certificate().revoke_certificates(preview).await.unwrap().into_inner();
    assert_eq!((shown.certificates.len(), shown.entry.as_str()), (1, ""));
    assert_eq!((shown.sessions_ahead, shown.assignments_ahead, shown.administrators_left), (1, 1, 2));
    who_am_i(&cast.blk).await.unwrap();
    assert_eq!(cast.world.entries().await.len(), entries);
}

#[tokio::test]
async fn a_compromised_key_takes_what_was_renewed_from_it_and_never_comes_back() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, mut signer) = (world.admin().await, world.signer().await);
    let (old_key, old) = (world.key_of("blk-kepri", "jadwal"), serial(&world, "blk-kepri", "jadwal"));
    let mut keys = vec![old_key];
    for _ in 0..2 {
        let client = world.connect("blk-kepri", "jadwal").await;
        let key = orders::key();
        let renewal = world.renewal("blk-kepri", "jadwal", &key);
        let made = client.certificate().renew_certificate(renewal).await.unwrap().into_inner();
        signer.turn().await.unwrap();
        let (_, chain) = order(&client, &made.change.unwrap().name).await;
        world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
        keys.push(key);
    }
    let newest = world.connect("blk-kepri", "jadwal").await;
    who_am_i(&newest).await.unwrap();
    let waiting = super::approved(&world, &blk, &keys[0]).await;
    let done = admin.certificate().revoke_certificates(revoke(&old, Why::KeyCompromise)).await.unwrap();
    let done = done.into_inner();
    assert_eq!(done.certificates.len(), 3, "it and its two successors");
    for client in [&blk, &newest] {
        assert_eq!(reason(&who_am_i(client).await.unwrap_err()), "CERTIFICATE_REVOKED");
    }
    for key in &keys {
        assert_eq!(reason(&request(&admin, BLK, key).await.unwrap_err()), "KEY_BLOCKED");
    }
    signer.turn().await.unwrap();
    let (rejected, _) = order(&admin, &waiting).await;
    // The revocation has ended it; before, the signer refused its key.
    assert_eq!((rejected.state(), rejected.note.as_str()), (State::Rejected, "CERTIFICATE_REVOKED"));
    let text = openssl(&world, &clients_authority(&admin).await);
    assert_eq!(text.matches("Key Compromise").count(), 3, "{text}");
}

/// A key may be certified twice for one system. Who has stolen it has both.
#[tokio::test]
async fn a_compromised_key_takes_every_certificate_that_has_it() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, old) = (world.admin().await, serial(&world, "blk-kepri", "jadwal"));
    let name = super::approved(&world, &blk, &world.key_of("blk-kepri", "jadwal")).await;
    world.signer().await.turn().await.unwrap();
    let twin = order(&blk, &name).await.0.certificate;
    // For another reason it is one certificate's affair.
    let preview = v1::RevokeCertificatesRequest { validate_only: true, ..revoke(&old, Why::Superseded) };
    let shown = admin.certificate().revoke_certificates(preview).await.unwrap().into_inner();
    assert_eq!(shown.certificates.len(), 1);
    let done = admin.certificate().revoke_certificates(revoke(&old, Why::KeyCompromise)).await.unwrap();
    let names: Vec<_> = done.into_inner().certificates.into_iter().map(|one| one.name).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&twin), "{names:?}");
}

#[tokio::test]
async fn two_administrators_are_left_unless_glass_is_broken() {
    let world = World::start().await;
    let admin = world.admin().await;
    let second = serial(&world, "operator", "admin2");
    let preview =
        v1::RevokeCertificatesRequest { validate_only: true, ..revoke(&second, Why::KeyCompromise) };
    let shown = admin.certificate().revoke_certificates(preview).await.unwrap().into_inner();
    assert_eq!(shown.administrators_left, 1);
    let refused = admin.certificate().revoke_certificates(revoke(&second, Why::KeyCompromise)).await;
    assert_eq!(reason(&refused.unwrap_err()), "ADMINISTRATORS_TOO_FEW");
    who_am_i(&world.admin2().await).await.unwrap();
    let glass = v1::RevokeCertificatesRequest { break_glass: true, ..revoke(&second, Why::KeyCompromise) };
    let done = admin.certificate().revoke_certificates(glass).await.unwrap().into_inner();
    assert_eq!(done.administrators_left, 1);
    assert_eq!(reason(&who_am_i(&world.admin2().await).await.unwrap_err()), "CERTIFICATE_REVOKED");
    // Whose certificate is no administrator's concerns nobody.
    partner(&world).await;
    let blk = serial(&world, "blk-kepri", "jadwal");
    admin.certificate().revoke_certificates(revoke(&blk, Why::Superseded)).await.unwrap();
}

async fn revoke_agency(admin: &Client, why: Why) -> v1::RevokeCertificatesResponse {
    let request = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        agency: "agencies/blk-kepri".to_owned(),
        reason: why.into(),
        ..Default::default()
    };
    admin.certificate().revoke_certificates(request).await.unwrap().into_inner()
}

/// What was open when an agency is put out brings nobody back.
#[tokio::test]
async fn with_an_agency_go_its_invitations_and_requests() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, mut signer) = (world.admin().await, world.signer().await);
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    world.register("blk-kepri", kind, "lain", v1::Role::Partner).await;
    world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let other = world.connect("dkp-kepri", "jadwal").await;
    let others = request(&other, "agencies/dkp-kepri/systems/jadwal", &orders::key()).await.unwrap();

    // One of each kind: a token, a request that nobody has approved, and three that the signer has begun with.
    let (secret, invite) = world.invitation("agencies/blk-kepri/systems/lain", "PARTNER");
    let invited = admin.certificate().create_invitation(invite).await.unwrap().into_inner();
    let invited = invited.change.unwrap().name;
    let waiting = request(&blk, BLK, &orders::key()).await.unwrap();
    let mut open = vec![invited, waiting];
    for steps in 1..=3 {
        let name = super::approved(&world, &blk, &orders::key()).await;
        for _ in 0..steps {
            signer.step(super::id(&name)).await.unwrap();
        }
        open.push(name);
    }
    let issued = super::approved(&world, &blk, &orders::key()).await;
    while signer.step(super::id(&issued)).await.unwrap().is_some() {}

    let preview = v1::RevokeCertificatesRequest {
        request_id: request_id(),
        validate_only: true,
        agency: "agencies/blk-kepri".to_owned(),
        reason: Why::CessationOfOperation.into(),
        ..Default::default()
    };
    let preview = admin.certificate().revoke_certificates(preview).await.unwrap().into_inner();
    assert_eq!((preview.certificates.len(), preview.orders_ended), (2, 5));
    assert_eq!(order(&admin, &open[0]).await.0.state(), State::AwaitingKey);

    let before = world.inventory().await;
    let done = revoke_agency(&admin, Why::CessationOfOperation).await;
    assert_eq!((done.certificates.len(), done.orders_ended), (2, 5));
    let method = "CertificateService/RevokeCertificates";
    let mut told: Vec<&str> = open.iter().map(String::as_str).collect();
    told.sort_unstable();
    told.extend(done.certificates.iter().map(|one| one.name.as_str()));
    world.assert_entry(&done.entry, method, &told).await;
    for name in &open {
        let (ended, chain) = order(&admin, name).await;
        assert_eq!((ended.state(), ended.note.as_str()), (State::Rejected, "CERTIFICATE_REVOKED"), "{name}");
        assert!(chain.is_empty());
    }
    signer.turn().await.unwrap();
    let key = orders::key();
    let refused = super::join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_CANCELLED");
    assert_eq!(world.inventory().await, before, "nothing came of what was open");
    assert_eq!(order(&admin, &issued).await.0.state(), State::Issued);
    assert_eq!(order(&admin, &others).await.0.state(), State::AwaitingApproval, "another agency's");

    // Once more: nothing is left to end. A new invitation alone is something.
    assert_eq!(revoke_agency(&admin, Why::CessationOfOperation).await.entry, "");
    let (_, invite) = world.invitation(BLK, "PARTNER");
    admin.certificate().create_invitation(invite).await.unwrap();
    let again = revoke_agency(&admin, Why::CessationOfOperation).await;
    assert_eq!((again.certificates.len(), again.orders_ended), (0, 1));
    assert_ne!(again.entry, "");
}

/// Whoever has the key may have asked for more, in the agency's other systems' names too; an administrator's may have
/// invited and approved.
#[tokio::test]
async fn with_a_compromised_key_goes_what_it_had_to_do_with() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    let other = world.join("blk-kepri", kind, "lain", v1::Role::Partner).await;
    let lain = "agencies/blk-kepri/systems/lain";
    let admin2 = world.admin2().await;
    let own = request(&blk, BLK, &orders::key()).await.unwrap();
    let for_other = request(&blk, lain, &orders::key()).await.unwrap();
    let by_other = request(&other, lain, &orders::key()).await.unwrap();
    let serial = serial(&world, "blk-kepri", "jadwal");
    let mild = admin2.certificate().revoke_certificates(revoke(&serial, Why::Superseded)).await.unwrap();
    assert_eq!(mild.into_inner().orders_ended, 0, "another reason leaves requests alone");
    // Known to be compromised later, when it was revoked already.
    let done = admin2.certificate().revoke_certificates(revoke(&serial, Why::KeyCompromise)).await.unwrap();
    assert_eq!(done.into_inner().orders_ended, 2);
    for (name, state) in
        [(&own, State::Rejected), (&for_other, State::Rejected), (&by_other, State::AwaitingApproval)]
    {
        assert_eq!(order(&admin2, name).await.0.state(), state, "{name}");
    }

    let admin = world.admin().await;
    let (_, invite) = world.invitation(lain, "PARTNER");
    let invited =
        admin.certificate().create_invitation(invite).await.unwrap().into_inner().change.unwrap().name;
    let approve = super::approval(&world, "admin", &by_other).await;
    admin.certificate().approve_certificate_order(approve).await.unwrap();
    let serial = self::serial(&world, "operator", "admin");
    let glass = v1::RevokeCertificatesRequest { break_glass: true, ..revoke(&serial, Why::KeyCompromise) };
    let done = admin2.certificate().revoke_certificates(glass).await.unwrap().into_inner();
    assert_eq!(done.orders_ended, 2);
    for name in [&invited, &by_other] {
        assert_eq!(order(&admin2, name).await.0.state(), State::Rejected, "{name}");
    }
}

/// An order that makes no sense keeps no certificate in force.
#[tokio::test]
async fn an_order_that_cannot_be_read_does_not_stop_a_revocation() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (bad, good) = (
        request(&blk, BLK, &orders::key()).await.unwrap(),
        request(&blk, BLK, &orders::key()).await.unwrap(),
    );
    world.tampers();
    let mut owner = world.owner().await;
    for check in ["certificate_order_role_check", "certificate_order_way_check"] {
        let drop = format!("ALTER TABLE certificate_order DROP CONSTRAINT IF EXISTS {check}");
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut owner).await.unwrap();
    }
    let spoil = "UPDATE certificate_order SET role = 'JUNK' WHERE id = $1";
    sqlx::query(spoil).bind(super::id(&bad).0).execute(&mut owner).await.unwrap();
    let done = revoke_agency(&world.admin().await, Why::KeyCompromise).await;
    assert_eq!((done.certificates.len(), done.orders_ended), (1, 1));
    assert_eq!(reason(&who_am_i(&blk).await.unwrap_err()), "CERTIFICATE_REVOKED");
    assert_eq!(order(&world.admin().await, &good).await.0.state(), State::Rejected);
}

/// A device at the door, and an office that only looks, deal with their own certificates and with nothing else.
#[tokio::test]
async fn door_and_oversight_act_for_themselves_alone() {
    let world = World::start().await;
    world.join("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let door = world.join("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    let kanwil = v1::AgencyKind::RegionalOffice;
    let office = world.join("kanwil-kepri", kanwil, "pantau", v1::Role::Oversight).await;
    world.join("kanwil-kepri", kanwil, "lain", v1::Role::Oversight).await;
    for (client, agency, own, other) in
        [(&door, "lapas-tpi", "p2u", "sdp"), (&office, "kanwil-kepri", "pantau", "lain")]
    {
        let system = |name: &str| format!("agencies/{agency}/systems/{name}");
        let [own_serial, other_serial] = [own, other].map(|name| serial(&world, agency, name));
        let refused = client.certificate().revoke_certificates(revoke(&other_serial, Why::Superseded)).await;
        assert_eq!(reason(&refused.unwrap_err()), "NOT_FOUND", "{own}: another's certificate");
        let all = v1::RevokeCertificatesRequest {
            certificate: String::new(),
            agency: format!("agencies/{agency}"),
            ..revoke(&own_serial, Why::Superseded)
        };
        let refused = client.certificate().revoke_certificates(all).await;
        assert_eq!(reason(&refused.unwrap_err()), "NOT_FOUND", "{own}: all of its agency");
        let refused = request(client, &system(other), &orders::key()).await;
        assert_eq!(reason(&refused.unwrap_err()), "NOT_FOUND", "{own}: a request for another");
        let get = v1::GetCertificateRequest { name: format!("certificates/{other_serial}") };
        let refused = client.certificate().get_certificate(get).await;
        assert_eq!(reason(&refused.unwrap_err()), "NOT_FOUND", "{own}: a look at another");
        let theirs = request(&world.admin().await, &system(other), &orders::key()).await.unwrap();
        let get = v1::GetCertificateOrderRequest { name: theirs };
        let refused = client.certificate().get_certificate_order(get).await;
        assert_eq!(reason(&refused.unwrap_err()), "NOT_FOUND", "{own}: a look at another's order");

        let mine = request(client, &system(own), &orders::key()).await.unwrap();
        let orders = v1::ListCertificateOrdersRequest::default();
        let orders = client.certificate().list_certificate_orders(orders).await.unwrap().into_inner().orders;
        assert_eq!(orders.iter().map(|one| &one.name).collect::<Vec<_>>(), [&mine]);
        let seen = v1::ListCertificatesRequest::default();
        let seen = client.certificate().list_certificates(seen).await.unwrap().into_inner().certificates;
        assert_eq!(seen.iter().map(|one| &one.serial).collect::<Vec<_>>(), [&own_serial]);
        let renewal = world.renewal(agency, own, &orders::key());
        client.certificate().renew_certificate(renewal).await.unwrap();
        let done = client.certificate().revoke_certificates(revoke(&own_serial, Why::KeyCompromise)).await;
        let done = done.unwrap().into_inner();
        assert_eq!((done.certificates.len(), done.orders_ended), (1, 2), "{own}: its own");
    }
    who_am_i(&world.connect("lapas-tpi", "sdp").await).await.unwrap();
}
