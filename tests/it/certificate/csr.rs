//! The way by signing request: the agency asks, administrators sign, the signer issues.

use gerbang::{
    pki::{
        secret::SecretKey,
        statement::{Purpose, Statement},
    },
    proto::v1::{self, CertificateOrderState as State},
};
use jiff::SignedDuration;

use super::{BLK, SDP, approval, join, order, partner, request, who_am_i};
use crate::{
    cast::orders,
    world::{World, reason, request_id},
};

#[tokio::test]
async fn an_agency_asks_and_fetches_what_was_approved() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, key) = (world.admin().await, orders::key());
    let name = request(&blk, BLK, &key).await.unwrap();
    let (waiting, chain) = order(&blk, &name).await;
    assert_eq!((waiting.state(), waiting.approvals_needed), (State::AwaitingApproval, 1));
    assert!(chain.is_empty() && waiting.requester == BLK && waiting.role() == v1::Role::Partner);
    let entry = &world.entries().await.pop().unwrap();
    world.assert_entry(&entry.id.to_string(), "CertificateService/RequestCertificate", &[&name]).await;

    let approve = approval(&world, "admin", &name).await;
    let stale = v1::ApproveCertificateOrderRequest {
        request_id: request_id(),
        etag: "0".repeat(32),
        ..approve.clone()
    };
    let stale = admin.certificate().approve_certificate_order(stale).await.unwrap_err();
    assert_eq!(reason(&stale), "ETAG_MISMATCH");
    let done = admin.certificate().approve_certificate_order(approve).await.unwrap().into_inner();
    assert_eq!(done.state(), State::Waiting);

    world.signer().await.turn().await.unwrap();
    let (issued, chain) = order(&blk, &name).await;
    assert_eq!((issued.state(), issued.lifetime_days), (State::Issued, 90));
    assert_eq!(issued.approvals[0].administrator, "agencies/operator/systems/admin");
    assert!(chain.ends_with(&world.forge.clients_pem()));
    let get = v1::GetCertificateRequest { name: issued.certificate };
    let stored = blk.certificate().get_certificate(get).await.unwrap().into_inner();
    let certificate = stored.certificate.unwrap();
    assert_eq!((stored.chain_pem, certificate.state()), (chain.clone(), v1::CertificateState::Valid));
    assert_eq!(certificate.key_sha256, hex::encode(key.key_id()));
    world.keep("blk-kepri", "jadwal", &chain, &key.to_pem());
    let who = who_am_i(&world.connect("blk-kepri", "jadwal").await).await.unwrap();
    assert_eq!(who.certificate.unwrap().serial, certificate.serial);
}

#[tokio::test]
async fn who_is_turned_down_reads_why() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let admin = world.admin().await;
    let name = request(&blk, BLK, &orders::key()).await.unwrap();
    let approve = approval(&world, "admin", &name).await;
    let reject = v1::RejectCertificateOrderRequest {
        request_id: request_id(),
        name: name.clone(),
        etag: approve.etag.clone(),
        note: "Tidak ada surat permohonan".to_owned(),
        ..Default::default()
    };
    admin.certificate().reject_certificate_order(reject.clone()).await.unwrap();
    let (rejected, _) = order(&blk, &name).await;
    assert_eq!((rejected.state(), rejected.note.as_str()), (State::Rejected, "Tidak ada surat permohonan"));
    let again =
        v1::RejectCertificateOrderRequest { request_id: request_id(), etag: rejected.etag.clone(), ..reject };
    let again = admin.certificate().reject_certificate_order(again).await.unwrap_err();
    assert_eq!(reason(&again), "STATE_FORBIDS");
    let late = v1::ApproveCertificateOrderRequest { etag: rejected.etag, ..approve };
    let late = admin.certificate().approve_certificate_order(late).await.unwrap_err();
    assert_eq!(reason(&late), "STATE_FORBIDS");
    world.signer().await.turn().await.unwrap();
    assert_eq!(world.inventory().await, 3);
}

#[tokio::test]
async fn an_approval_says_exactly_what_it_is_for() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, key) = (world.admin().await, orders::key());
    let name = request(&blk, BLK, &key).await.unwrap();
    let right = approval(&world, "admin", &name).await;
    let good = || orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let text = str::to_owned;
    let now: jiff::Timestamp = crate::world::NOW.parse().unwrap();
    let day = SignedDuration::from_hours(24);
    let cases = [
        ("another purpose", Statement { purpose: Purpose::Invite, ..good() }),
        ("a root's purpose", Statement { purpose: Purpose::Admit, ..good() }),
        ("another trust domain", Statement { trust_domain: text("x.example"), ..good() }),
        ("another agency", Statement { agency: text("dkp-kepri"), ..good() }),
        ("another system", Statement { system: text("lain"), ..good() }),
        ("another role", Statement { role: text("PRISON"), ..good() }),
        ("another key", Statement { subject: orders::key().key_id(), ..good() }),
        ("over", Statement { expires_at: now, ..good() }),
        ("too far ahead", Statement { expires_at: now + day * 30 + SignedDuration::from_secs(1), ..good() }),
    ];
    let mut requests: Vec<_> = cases
        .iter()
        .map(|(what, statement)| (*what, "STATEMENT_INVALID", world.signed_by("admin", statement)))
        .collect();
    let long = Statement { lifetime_days: 398, ..good() };
    requests.push(("too long", "LIFETIME_TOO_LONG", world.signed_by("admin", &long)));
    requests.push(("another administrator's", "STATEMENT_INVALID", world.signed_by("admin2", &good())));
    let own = orders::signed(&world.key_of("blk-kepri", "jadwal"), &good());
    requests.push(("the agency's own", "STATEMENT_INVALID", own));
    let bytes = v1::SignedStatement { statement: "AAAA".to_owned(), signature: "AAAA".to_owned() };
    requests.push(("no statement", "STATEMENT_INVALID", Some(bytes)));
    for (what, expected, statement) in requests {
        let request =
            v1::ApproveCertificateOrderRequest { request_id: request_id(), statement, ..right.clone() };
        let refused = admin.certificate().approve_certificate_order(request).await.expect_err(what);
        assert_eq!(reason(&refused), expected, "{what}");
    }
    admin.certificate().approve_certificate_order(right).await.unwrap();
}

#[tokio::test]
async fn a_prisons_request_takes_two_administrators_and_one_of_them_may_have_handed_it_in() {
    let world = World::start().await;
    world.join("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let (admin, admin2, key) = (world.admin().await, world.admin2().await, orders::key());
    let name = request(&admin, SDP, &key).await.unwrap();
    let first = approval(&world, "admin", &name).await;
    let first = admin.certificate().approve_certificate_order(first).await.unwrap().into_inner();
    assert_eq!(first.state(), State::AwaitingApproval);
    let twice = approval(&world, "admin", &name).await;
    let twice = admin.certificate().approve_certificate_order(twice).await.unwrap_err();
    assert_eq!(reason(&twice), "APPROVED_BY_YOU");
    let mut signer = world.signer().await;
    signer.turn().await.unwrap();
    assert_eq!(order(&admin, &name).await.0.state(), State::AwaitingApproval);
    // The two sign for the same lifetime.
    let second = approval(&world, "admin2", &name).await;
    let other = orders::statement(&world, Purpose::Approve, SDP, "PRISON", key.key_id());
    let longer = v1::ApproveCertificateOrderRequest {
        request_id: request_id(),
        statement: world.signed_by("admin2", &Statement { lifetime_days: 397, ..other }),
        ..second.clone()
    };
    let longer = admin2.certificate().approve_certificate_order(longer).await.unwrap_err();
    assert_eq!(reason(&longer), "STATEMENT_INVALID");
    let second = admin2.certificate().approve_certificate_order(second).await.unwrap().into_inner();
    assert_eq!(second.state(), State::Waiting);
    signer.turn().await.unwrap();
    assert_eq!(order(&admin, &name).await.0.state(), State::Issued);
}

#[tokio::test]
async fn nobody_asks_with_anothers_key_or_an_authoritys() {
    let world = World::start().await;
    let blk = partner(&world).await;
    world.join("dkp-kepri", v1::AgencyKind::Fisheries, "jadwal", v1::Role::Partner).await;
    let authority = SecretKey::from_pem(&world.forge.clients.key.pem(), None).unwrap();
    let cases = [
        (world.key_of("dkp-kepri", "jadwal"), "KEY_OF_OTHER_AGENCY"),
        (world.key_of("operator", "admin"), "KEY_OF_OTHER_AGENCY"),
        (authority, "KEY_OF_AUTHORITY"),
    ];
    for (key, expected) in cases {
        assert_eq!(reason(&request(&blk, BLK, &key).await.unwrap_err()), expected);
    }
    // Its own once more is its own affair.
    request(&blk, BLK, &world.key_of("blk-kepri", "jadwal")).await.unwrap();
}

#[tokio::test]
async fn a_request_that_nobody_answers_ends_after_thirty_days() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let name = request(&blk, BLK, &orders::key()).await.unwrap();
    let list = async |open_only| {
        let request = v1::ListCertificateOrdersRequest { open_only, ..Default::default() };
        blk.certificate().list_certificate_orders(request).await.unwrap().into_inner().orders.len()
    };
    assert_eq!(list(true).await, 1);
    world.pass(SignedDuration::from_hours(30 * 24));
    assert_eq!(order(&blk, &name).await.0.state(), State::Expired);
    assert_eq!((list(true).await, list(false).await), (0, 1));
    let late = approval(&world, "admin", &name).await;
    let late = world.admin().await.certificate().approve_certificate_order(late).await.unwrap_err();
    assert_eq!(reason(&late), "STATE_FORBIDS");
}

/// Handed in twice, by whomever, it is one order and one certificate; until it is time for the next.
#[tokio::test]
async fn the_same_request_is_the_same_order() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, admin2, key) = (world.admin().await, world.admin2().await, orders::key());
    let ask = async |client: &gerbang::agent::Client, key: &SecretKey| {
        let request = v1::RequestCertificateRequest {
            request_id: request_id(),
            system: BLK.to_owned(),
            csr_pem: orders::csr(key),
            ..Default::default()
        };
        let answer = client.certificate().request_certificate(request).await.unwrap().into_inner();
        let (state, change) = (answer.state(), answer.change.unwrap());
        (change.name.clone(), change.outcome(), state)
    };
    let (first, outcome, _) = ask(&blk, &key).await;
    assert_eq!(outcome, v1::ItemOutcome::Created);
    let again = (first.clone(), v1::ItemOutcome::Unchanged, State::AwaitingApproval);
    assert_eq!(ask(&admin, &key).await, again);
    let (both, other) = tokio::join!(ask(&admin, &key), ask(&admin2, &key));
    assert_eq!((both, other), (again.clone(), again));
    let approve = approval(&world, "admin", &first).await;
    admin.certificate().approve_certificate_order(approve).await.unwrap();
    assert_eq!(ask(&admin2, &key).await, (first.clone(), v1::ItemOutcome::Unchanged, State::Waiting));
    let mut signer = world.signer().await;
    signer.turn().await.unwrap();
    assert_eq!(ask(&admin2, &key).await, (first.clone(), v1::ItemOutcome::Unchanged, State::Issued));
    // At two thirds of the certificate's life it is time for another.
    world.pass(SignedDuration::from_hours(60 * 24));
    let (next, outcome, _) = ask(&blk, &key).await;
    assert_eq!((outcome, next == first), (v1::ItemOutcome::Created, false));
    // What was turned down may be asked for again.
    let reject = v1::RejectCertificateOrderRequest {
        request_id: request_id(),
        name: next.clone(),
        etag: order(&admin, &next).await.0.etag,
        note: "Salah kunci".to_owned(),
        ..Default::default()
    };
    admin.certificate().reject_certificate_order(reject).await.unwrap();
    assert_eq!(ask(&blk, &key).await.1, v1::ItemOutcome::Created);
    assert_eq!(world.inventory().await, 4);
}

/// A key that has a certificate, by whichever way it came, gets no second one beside it: approving the same file again finds
/// what there is, and many at once make one order.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_certificate_at_a_time() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, key) = (world.admin().await, orders::key());
    let mut signer = world.signer().await;
    let (secret, invite) = world.invitation(BLK, "PARTNER");
    let invited = admin.certificate().create_invitation(invite).await.unwrap().into_inner();
    join(&world, &mut signer, &secret, &key).await.unwrap();
    let before = world.inventory().await;
    let found = request(&blk, BLK, &key).await.unwrap();
    assert_eq!(found, invited.change.unwrap().name, "the order by which the key has its certificate");
    signer.turn().await.unwrap();
    assert_eq!(world.inventory().await, before);

    let other = orders::key();
    let many = (0..8).map(|_| request(&blk, BLK, &other));
    let names: std::collections::BTreeSet<_> =
        futures_util::future::join_all(many).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

/// However short it is, a suspension ends what was asked for: the agency asks anew, and then all is as it was.
#[tokio::test]
async fn a_suspension_ends_open_requests_for_good() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let (admin, key) = (world.admin().await, orders::key());
    let name = request(&blk, BLK, &key).await.unwrap();
    let approve = approval(&world, "admin", &name).await;
    crate::access::suspend(&admin, "agencies/blk-kepri").await;
    let get = v1::GetAgencyRequest { name: "agencies/blk-kepri".to_owned() };
    let agency = admin.agency().get_agency(get).await.unwrap().into_inner().agency.unwrap();
    let resume = v1::ResumeAgencyRequest {
        request_id: request_id(),
        name: agency.name,
        etag: agency.etag,
        ..Default::default()
    };
    admin.agency().resume_agency(resume).await.unwrap();
    let (ended, _) = order(&blk, &name).await;
    assert_eq!((ended.state(), ended.note.as_str()), (State::Rejected, "AGENCY_SUSPENDED"));
    let approve = v1::ApproveCertificateOrderRequest { etag: ended.etag, ..approve };
    let late = admin.certificate().approve_certificate_order(approve).await.unwrap_err();
    assert_eq!(reason(&late), "STATE_FORBIDS");
    let next = request(&blk, BLK, &key).await.unwrap();
    assert_ne!(next, name);
    assert_eq!(order(&blk, &next).await.0.state(), State::AwaitingApproval);
}

/// Ten open requests of a system for a system; nobody uses up what is another's.
#[tokio::test]
async fn each_system_has_its_own_open_requests() {
    let world = World::start().await;
    let blk = partner(&world).await;
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    let other = world.join("blk-kepri", kind, "lain", v1::Role::Partner).await;
    let lain = "agencies/blk-kepri/systems/lain";
    for _ in 0..10 {
        request(&blk, lain, &orders::key()).await.unwrap();
    }
    let refused = request(&blk, lain, &orders::key()).await.unwrap_err();
    assert_eq!(reason(&refused), "ORDERS_TOO_MANY");
    request(&blk, BLK, &orders::key()).await.unwrap();
    request(&other, lain, &orders::key()).await.unwrap();
    request(&world.admin().await, lain, &orders::key()).await.unwrap();
    world.pass(SignedDuration::from_hours(30 * 24));
    request(&blk, lain, &orders::key()).await.unwrap();
}
