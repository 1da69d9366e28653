//! The way by token: an invitation, a key, a certificate.

use gerbang::{
    domain::{
        access::Role,
        certificate::{Approval, Order, OrderId, OrderKey, Sighting, Way},
        name::SystemName,
        outside::Clock,
    },
    pki::{
        certificate::fingerprint,
        statement::{Purpose, Statement},
        token,
    },
    proto::v1::{self, CertificateOrderState as State, join_service_client::JoinServiceClient},
    store,
};
use jiff::SignedDuration;

use super::{BLK, SDP, join, order, who_am_i};
use crate::{
    cast::orders,
    wire,
    world::{TRUST_DOMAIN, World, der, reason, request_id},
};

const KIND: v1::AgencyKind = v1::AgencyKind::VocationalTrainingCentre;

#[tokio::test]
async fn a_token_and_a_key_become_a_certificate_once() {
    let world = World::start().await;
    let mut signer = world.signer().await;
    world.register("blk-kepri", KIND, "jadwal", v1::Role::Partner).await;
    let admin = world.admin().await;
    let (secret, invite) = world.invitation(BLK, "PARTNER");
    let made = admin.certificate().create_invitation(invite.clone()).await.unwrap().into_inner();
    assert_eq!(made.state(), State::AwaitingKey);
    let made = made.change.unwrap();
    world.assert_entry(&made.entry, "CertificateService/CreateInvitation", &[&made.name]).await;
    let twice = v1::CreateInvitationRequest { request_id: request_id(), ..invite };
    let twice = admin.certificate().create_invitation(twice).await.unwrap_err();
    assert_eq!(reason(&twice), "TOKEN_EXISTS");

    let before = world.entries().await.len();
    let key = orders::key();
    let joined = join(&world, &mut signer, &secret, &key).await.unwrap();
    assert_eq!((joined.state(), joined.system.as_str()), (State::Collected, BLK));
    let bundle = world.forge.root_pem() + &world.forge.clients_pem() + &world.forge.gateways_pem();
    assert_eq!(joined.bundle_pem, bundle);
    let told = (joined.address.as_str(), joined.server_name.as_str(), joined.trust_domain.as_str());
    assert_eq!(told, (world.address.to_string().as_str(), "localhost", TRUST_DOMAIN));
    let steps = &world.methods().await[before..];
    let issue = ["signer/certificate.issue"; 4];
    assert_eq!(steps, [&["JoinService/Join"][..], &issue, &["JoinService/Join"]].concat());

    // Fetched, the same again is the same; and it lets its holder in.
    let again = join(&world, &mut signer, &secret, &key).await.unwrap();
    assert_eq!(again.chain_pem, joined.chain_pem);
    assert_eq!(world.entries().await.len(), before + 6, "nothing changed");
    world.keep("blk-kepri", "jadwal", &joined.chain_pem, &key.to_pem());
    let client = world.connect("blk-kepri", "jadwal").await;
    let who = who_am_i(&client).await.unwrap();
    assert_eq!((who.system.as_str(), who.role()), (BLK, v1::Role::Partner));

    // Another key may be a thief's, or the holder's after a thief's: both sides see it.
    let stolen = join(&world, &mut signer, &secret, &orders::key()).await.unwrap_err();
    assert_eq!(reason(&stolen), "TOKEN_ALREADY_USED");
    for reader in [&admin, &client] {
        let (seen, chain) = order(reader, &made.name).await;
        assert!(seen.other_key_time.is_some() && chain == joined.chain_pem);
    }

    // Once it was used, it is not handed out again.
    let mut db = world.keepers_connection().await;
    let seen = Sighting { at: world.clock.now(), address: "192.0.2.1".to_owned() };
    store::certificate::see(&mut db, &fingerprint(&der(&joined.chain_pem)), &seen).await.unwrap();
    assert_eq!(order(&admin, &made.name).await.0.state(), State::Seen);
    let used = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&used), "TOKEN_ALREADY_USED");
}

#[tokio::test]
async fn a_certificate_that_nobody_fetches_is_kept_for_a_day() {
    let world = World::start().await;
    let mut signer = world.signer().await;
    world.register("blk-kepri", KIND, "jadwal", v1::Role::Partner).await;
    let (secret, invite) = world.invitation(BLK, "PARTNER");
    world.admin().await.certificate().create_invitation(invite).await.unwrap();
    // Who joins goes away, and the signer is late: the token was used in time.
    let key = orders::key();
    let mut client = JoinServiceClient::new(wire::joining(&world).await);
    let ask = v1::JoinRequest { secret: secret.clone(), csr_pem: orders::csr(&key) };
    let asking = tokio::spawn(async move { client.join(ask).await });
    world.until("SELECT EXISTS (SELECT FROM certificate_order WHERE key_id IS NOT NULL)").await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    world.pass(SignedDuration::from_hours(3));
    signer.turn().await.unwrap();
    world.pass(SignedDuration::from_hours(24));
    join(&world, &mut signer, &secret, &key).await.unwrap();
    world.pass(SignedDuration::from_secs(1));
    let late = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&late), "TOKEN_ALREADY_USED");
}

#[tokio::test]
async fn tokens_that_open_nothing_say_why() {
    let world = World::start().await;
    let mut signer = world.signer().await;
    world.register("blk-kepri", KIND, "jadwal", v1::Role::Partner).await;
    let (admin, key) = (world.admin().await, orders::key());
    let invite = async || {
        let (secret, invite) = world.invitation(BLK, "PARTNER");
        let made = admin.certificate().create_invitation(invite).await.unwrap().into_inner();
        (secret, made.change.unwrap())
    };
    let unknown = join(&world, &mut signer, &"0".repeat(32), &key).await.unwrap_err();
    assert_eq!(reason(&unknown), "TOKEN_UNKNOWN");

    let (secret, made) = invite().await;
    let cancel = v1::RejectCertificateOrderRequest {
        request_id: request_id(),
        name: made.name.clone(),
        etag: made.etag,
        note: "Salah kirim".to_owned(),
        ..Default::default()
    };
    let cancelled = admin.certificate().reject_certificate_order(cancel).await.unwrap().into_inner();
    assert_eq!(cancelled.state(), State::Rejected);
    let entry = cancelled.change.unwrap().entry;
    world.assert_entry(&entry, "CertificateService/RejectCertificateOrder", &[&made.name]).await;
    let refused = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_CANCELLED");

    // A suspension voids what is open.
    let (secret, _) = invite().await;
    let get = v1::GetAgencyRequest { name: "agencies/blk-kepri".to_owned() };
    let etag = async || {
        let found = admin.agency().get_agency(get.clone()).await.unwrap().into_inner();
        found.agency.unwrap().etag
    };
    crate::access::suspend(&admin, &get.name).await;
    let refused = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&refused), "AGENCY_SUSPENDED");
    let (_, new) = world.invitation(BLK, "PARTNER");
    let refused = admin.certificate().create_invitation(new).await.unwrap_err();
    assert_eq!(reason(&refused), "AGENCY_SUSPENDED");
    let resume = v1::ResumeAgencyRequest {
        request_id: request_id(),
        name: get.name.clone(),
        etag: etag().await,
        ..Default::default()
    };
    admin.agency().resume_agency(resume).await.unwrap();
    let refused = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_CANCELLED");

    let (secret, made) = invite().await;
    world.pass(SignedDuration::from_hours(1));
    let refused = join(&world, &mut signer, &secret, &key).await.unwrap_err();
    assert_eq!(reason(&refused), "TOKEN_EXPIRED");
    assert_eq!(order(&admin, &made.name).await.0.state(), State::Expired);
    assert_eq!(world.inventory().await, 2, "nobody has got a certificate");
}

/// A token names no key: of two administrators, the one who drew it could bring a key of their own.
#[tokio::test]
async fn a_role_that_takes_two_comes_by_no_token() {
    let world = World::start().await;
    world.register("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    world.register("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    world.register("operator", v1::AgencyKind::Operator, "admin3", v1::Role::Administrator).await;
    world.register("kanwil-kepri", v1::AgencyKind::RegionalOffice, "pantau", v1::Role::Oversight).await;
    let admin = world.admin().await;
    for (system, role) in [
        (SDP, "PRISON"),
        ("agencies/lapas-tpi/systems/p2u", "DOOR"),
        ("agencies/operator/systems/admin3", "ADMINISTRATOR"),
    ] {
        let (_, invite) = world.invitation(system, role);
        let refused = admin.certificate().create_invitation(invite).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLE_TAKES_TWO", "{role}");
    }
    let (_, invite) = world.invitation("agencies/kanwil-kepri/systems/pantau", "OVERSIGHT");
    admin.certificate().create_invitation(invite).await.unwrap();
}

/// Invitations of the version before, and those that a gateway that was taken over writes: with both signatures.
#[tokio::test]
async fn a_token_that_two_have_signed_for_opens_nothing() {
    let world = World::start().await;
    let mut signer = world.signer().await;
    world.register("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    world.tampers();
    let (now, key) = (world.clock.now(), orders::key());
    let invitation = |secret: [u8; 16], administrators: &[&str], key: Option<OrderKey>| {
        let statement = orders::statement(&world, Purpose::Invite, SDP, "PRISON", token::hash(&secret));
        let approvals = administrators.iter().map(|name| Approval {
            approver: format!("agencies/operator/systems/{name}"),
            certificate: fingerprint(&der(&world.issue("operator", name).certificate_pem)),
            statement: Statement { nonce: orders::nonce(), ..statement.clone() }.bytes(),
            signature: Vec::new(),
            approved_at: now,
        });
        let signed = approvals.zip(administrators).map(|(approval, name)| {
            let statement = Statement::read(&approval.statement).unwrap();
            let signature = statement.sign(&world.key_of("operator", name)).unwrap();
            Approval { signature, ..approval }
        });
        let id = OrderId(request_id().parse().unwrap());
        let maker = "agencies/operator/systems/admin".to_owned();
        Order {
            system: Some(SystemName::parse(SDP).unwrap()),
            role: Some(Role::Prison),
            token: Some(token::hash(&secret)),
            lifetime_days: 90,
            approvals: signed.collect(),
            key,
            ..Order::new(id, Way::Token, maker, now, now + SignedDuration::from_hours(1))
        }
    };
    let mut gateway = world.runtime().await;
    for administrators in [&["admin"][..], &["admin", "admin2"]] {
        let secret = orders::nonce();
        let order = invitation(secret, administrators, None);
        store::order::insert(&mut gateway, &order).await.unwrap();
        let refused = join(&world, &mut signer, &hex::encode(secret), &key).await.unwrap_err();
        assert_eq!(reason(&refused), "ROLE_TAKES_TWO");
        let approve = approval_by_token(&world, &order).await;
        let refused =
            world.admin2().await.certificate().approve_certificate_order(approve).await.unwrap_err();
        let expected = if administrators.len() == 1 { "ROLE_TAKES_TWO" } else { "STATE_FORBIDS" };
        assert_eq!(reason(&refused), expected);
    }
    // A key is bound to it already: the signer goes by signatures, and these are not enough for a token.
    let bound = OrderKey { spki: key.spki(), id: key.key_id() };
    let order = invitation(orders::nonce(), &["admin", "admin2"], Some(bound));
    store::order::insert(&mut gateway, &order).await.unwrap();
    signer.turn().await.unwrap();
    let (seen, _) = super::order(&world.admin().await, &order.id.to_string()).await;
    assert_eq!((seen.state(), seen.note.as_str()), (State::Rejected, "APPROVALS_INVALID"));
    assert_eq!(world.inventory().await, 2, "nobody has got a certificate");
}

/// What the second administrator of an older version signs.
async fn approval_by_token(world: &World, order: &Order) -> v1::ApproveCertificateOrderRequest {
    let (seen, _) = super::order(&world.admin2().await, &order.id.to_string()).await;
    let statement = orders::statement(world, Purpose::Invite, SDP, "PRISON", order.token.unwrap());
    v1::ApproveCertificateOrderRequest {
        request_id: request_id(),
        name: seen.name,
        etag: seen.etag,
        statement: world.signed_by("admin2", &statement),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_system_without_a_role_is_not_invited() {
    let world = World::start().await;
    let admin = world.admin().await;
    let agency = crate::cast::agency("lapas-tpi", v1::AgencyKind::Prison);
    admin.agency().create_agency(agency).await.unwrap();
    let register = v1::RegisterSystemRequest {
        request_id: request_id(),
        agency: "agencies/lapas-tpi".to_owned(),
        system: "sdp".to_owned(),
        role: v1::Role::Prison.into(),
        ..Default::default()
    };
    admin.agency().register_system(register).await.unwrap();
    let (_, invite) = world.invitation(SDP, "PRISON");
    let early = admin.certificate().create_invitation(invite).await.unwrap_err();
    assert_eq!(reason(&early), "SYSTEM_NOT_APPROVED");
    let (_, invite) = world.invitation("agencies/lapas-tpi/systems/lain", "PRISON");
    let unknown = admin.certificate().create_invitation(invite).await.unwrap_err();
    assert_eq!(reason(&unknown), "NOT_FOUND");
}
