//! Authority is a signature. Who has taken an exchange over may write any order and any approval into the database, in
//! the gateway's own role; the signer issues nothing for it.

use gerbang::{
    domain::{
        access::{Fingerprint, Role},
        certificate::{Approval, Order, OrderId, OrderKey, Way},
        name::SystemName,
        outside::Clock,
    },
    pki::{
        certificate::fingerprint,
        secret::SecretKey,
        statement::{Purpose, Statement},
    },
    proto::v1,
    store,
};
use jiff::SignedDuration;

use super::{BLK, SDP, partner};
use crate::{
    cast::orders,
    world::{World, der, request_id},
};

const ADMIN: &str = "agencies/operator/systems/admin";

/// An order as the gateway would store it: for BLK, by a signing request, with these approvals.
fn order(world: &World, key: &SecretKey, approvals: Vec<Approval>) -> Order {
    let (id, now) = (OrderId(request_id().parse().unwrap()), world.clock.now());
    Order {
        system: Some(SystemName::parse(BLK).unwrap()),
        role: Some(Role::Partner),
        key: Some(OrderKey { spki: key.spki(), id: key.key_id() }),
        lifetime_days: 90,
        approvals,
        ..Order::new(id, Way::Csr, BLK.to_owned(), now, now + SignedDuration::from_hours(24))
    }
}

/// The fingerprint of the certificate that a system of the world has.
pub fn held(world: &World, agency: &str, system: &str) -> Fingerprint {
    fingerprint(&der(&world.issue(agency, system).certificate_pem))
}

/// An approval that claims to be by `approver`, with the certificate of `holder` and the signature of `key`.
fn approval(
    world: &World,
    approver: &str,
    holder: (&str, &str),
    key: &SecretKey,
    statement: &Statement,
) -> Approval {
    Approval {
        approver: approver.to_owned(),
        certificate: held(world, holder.0, holder.1),
        statement: statement.bytes(),
        signature: statement.sign(key).unwrap(),
        approved_at: world.clock.now(),
    }
}

/// An administrator's right approval.
pub fn right(world: &World, administrator: &str, statement: &Statement) -> Approval {
    let approver = format!("agencies/operator/systems/{administrator}");
    let key = world.key_of("operator", administrator);
    approval(world, &approver, ("operator", administrator), &key, statement)
}

pub async fn store(world: &World, order: &Order) {
    world.tampers();
    store::order::insert(&mut world.runtime().await, order).await.unwrap();
}

/// What the signer makes of it: state and reason.
async fn verdict(world: &World, order: &Order) -> (String, Option<String>) {
    let found = sqlx::query_as("SELECT state, reason FROM issuance WHERE certificate_order = $1");
    let found: Option<_> = found.bind(order.id.0).fetch_optional(&mut world.owner().await).await.unwrap();
    found.unwrap_or_else(|| ("UNTOUCHED".to_owned(), None))
}

fn rejected() -> (String, Option<String>) {
    ("REJECTED".to_owned(), Some("APPROVALS_INVALID".to_owned()))
}

#[tokio::test]
async fn rows_without_the_right_signatures_are_worth_nothing() {
    let world = World::start().await;
    partner(&world).await;
    world.join("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let (mut signer, key) = (world.signer().await, orders::key());
    let said = || orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let prisons = || orders::statement(&world, Purpose::Approve, SDP, "PRISON", key.key_id());
    let blk = world.key_of("blk-kepri", "jadwal");
    let prison = |approvals| Order {
        system: Some(SystemName::parse(SDP).unwrap()),
        role: Some(Role::Prison),
        ..order(&world, &key, approvals)
    };
    let of = |approval: Approval| order(&world, &key, vec![approval]);
    let by_admin = |statement: Statement| of(right(&world, "admin", &statement));
    let renewal = Statement {
        role: String::new(),
        previous: Some(held(&world, "blk-kepri", "jadwal")),
        ..orders::statement(&world, Purpose::Renew, BLK, "PARTNER", key.key_id())
    };
    let cut = Approval { signature: Vec::new(), ..right(&world, "admin", &said()) };
    let twice = Approval {
        approver: "agencies/operator/systems/admin2".to_owned(),
        ..right(&world, "admin", &prisons())
    };
    let text = str::to_owned;
    let cases = vec![
        ("a stranger's key", of(approval(&world, ADMIN, ("operator", "admin"), &orders::key(), &said()))),
        ("no signature", of(cut)),
        ("a partner's key", of(approval(&world, BLK, ("blk-kepri", "jadwal"), &blk, &said()))),
        (
            "a partner's in an administrator's name",
            of(approval(&world, ADMIN, ("blk-kepri", "jadwal"), &blk, &said())),
        ),
        (
            "one administrator in another's name",
            of(Approval { approver: text(BLK), ..right(&world, "admin", &said()) }),
        ),
        (
            "a certificate that nobody has",
            of(Approval { certificate: [7; 32], ..right(&world, "admin", &said()) }),
        ),
        ("one administrator twice", prison(vec![right(&world, "admin", &prisons()), twice])),
        (
            "one where two are needed, since the row says so",
            Order { role: Some(Role::Partner), ..prison(vec![right(&world, "admin", &prisons())]) },
        ),
        (
            "two, one of them for another key",
            prison(vec![
                right(&world, "admin", &prisons()),
                right(&world, "admin2", &Statement { subject: [9; 32], ..prisons() }),
            ]),
        ),
        ("another key", by_admin(Statement { subject: orders::key().key_id(), ..said() })),
        (
            "another key under the hash of the one that was signed for",
            Order {
                key: Some(OrderKey { spki: orders::key().spki(), id: key.key_id() }),
                ..by_admin(said())
            },
        ),
        ("another system", by_admin(Statement { system: text("lain"), ..said() })),
        ("another agency", by_admin(Statement { agency: text("dkp-kepri"), ..said() })),
        ("another role", by_admin(Statement { role: text("OVERSIGHT"), ..said() })),
        ("another trust domain", by_admin(Statement { trust_domain: text("x.example"), ..said() })),
        ("an invitation", by_admin(Statement { purpose: Purpose::Invite, ..said() })),
        ("longer than was signed", Order { lifetime_days: 397, ..by_admin(said()) }),
        (
            "too old",
            by_admin(Statement { expires_at: world.clock.now() - SignedDuration::from_hours(25), ..said() }),
        ),
        (
            "a renewal by an administrator",
            Order {
                way: Way::Renewal,
                previous: Some(held(&world, "blk-kepri", "jadwal")),
                ..of(right(&world, "admin", &renewal))
            },
        ),
        (
            "a renewal by another agency's key",
            Order {
                way: Way::Renewal,
                previous: Some(held(&world, "lapas-tpi", "sdp")),
                ..of(approval(
                    &world,
                    SDP,
                    ("lapas-tpi", "sdp"),
                    &world.key_of("lapas-tpi", "sdp"),
                    &Statement { previous: Some(held(&world, "lapas-tpi", "sdp")), ..renewal.clone() },
                ))
            },
        ),
        (
            "the root's way by an administrator",
            Order { way: Way::Ceremony, ..by_admin(Statement { purpose: Purpose::Admit, ..said() }) },
        ),
        ("a gateway's way for a system", Order { way: Way::Gateway, ..by_admin(said()) }),
    ];
    let before = world.inventory().await;
    for (what, case) in cases {
        store(&world, &case).await;
        signer.turn().await.unwrap();
        assert_eq!(verdict(&world, &case).await, rejected(), "{what}");
    }
    assert_eq!(world.inventory().await, before);

    // Nobody's signature at all is no order for the signer.
    let bare = order(&world, &key, Vec::new());
    store(&world, &bare).await;
    signer.turn().await.unwrap();
    assert_eq!(verdict(&world, &bare).await.0, "UNTOUCHED");

    // The same way, with what is right, leads to a certificate: what failed above failed for what was wrong with it.
    let two = || vec![right(&world, "admin", &prisons()), right(&world, "admin2", &prisons())];
    for good in [by_admin(said()), Order { key: by_admin(said()).key, ..prison(two()) }] {
        let before = world.inventory().await;
        store(&world, &good).await;
        signer.turn().await.unwrap();
        let expected = if good.role == Some(Role::Partner) {
            ("ISSUED".to_owned(), None)
        } else {
            // By now the key is the other agency's.
            ("REJECTED".to_owned(), Some("KEY_OF_OTHER_AGENCY".to_owned()))
        };
        assert_eq!(verdict(&world, &good).await, expected);
        assert_eq!(world.inventory().await, before + i64::from(good.role == Some(Role::Partner)));
    }
}

#[tokio::test]
async fn two_administrators_signatures_let_a_prison_in() {
    let world = World::start().await;
    world.join("lapas-tpi", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let key = orders::key();
    let said = || orders::statement(&world, Purpose::Approve, SDP, "PRISON", key.key_id());
    let good = Order {
        system: Some(SystemName::parse(SDP).unwrap()),
        role: Some(Role::Prison),
        ..order(&world, &key, vec![right(&world, "admin", &said()), right(&world, "admin2", &said())])
    };
    store(&world, &good).await;
    world.signer().await.turn().await.unwrap();
    assert_eq!(verdict(&world, &good).await, ("ISSUED".to_owned(), None));
}

#[tokio::test]
async fn a_statement_is_good_for_one_certificate() {
    let world = World::start().await;
    partner(&world).await;
    let (mut signer, key) = (world.signer().await, orders::key());
    let statement = orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let first = order(&world, &key, vec![right(&world, "admin", &statement)]);
    store(&world, &first).await;
    signer.turn().await.unwrap();
    assert_eq!(verdict(&world, &first).await.0, "ISSUED");
    let before = world.inventory().await;
    // A new signature on it does not make another statement of it.
    for approval in [first.approvals[0].clone(), right(&world, "admin", &statement)] {
        let again = order(&world, &key, vec![approval]);
        store(&world, &again).await;
        signer.turn().await.unwrap();
        assert_eq!(verdict(&world, &again).await, rejected());
    }
    assert_eq!(world.inventory().await, before);
}

/// The gateway's role may change a system's role: that makes no administrator of whose certificate was not issued as
/// one. A revoked administrator's signature is worth nothing either.
#[tokio::test]
async fn an_administrator_is_who_was_certified_as_one_and_still_is() {
    let world = World::start().await;
    partner(&world).await;
    let (mut signer, key, mut gateway) = (world.signer().await, orders::key(), world.runtime().await);
    let said = || orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let promote = "UPDATE system SET role = 'ADMINISTRATOR' WHERE agency = 'blk-kepri'";
    sqlx::query(promote).execute(&mut gateway).await.unwrap();
    let own = orders::statement(&world, Purpose::Approve, BLK, "ADMINISTRATOR", key.key_id());
    let blk = world.key_of("blk-kepri", "jadwal");
    let promoted = approval(&world, BLK, ("blk-kepri", "jadwal"), &blk, &own);
    let both = vec![promoted, right(&world, "admin", &own)];
    let case = Order { role: Some(Role::Administrator), ..order(&world, &key, both) };
    store(&world, &case).await;
    signer.turn().await.unwrap();
    assert_eq!(verdict(&world, &case).await, rejected(), "promoted by a row");

    let back = "UPDATE system SET role = 'PARTNER' WHERE agency = 'blk-kepri'";
    sqlx::query(back).execute(&mut gateway).await.unwrap();
    let revoke = "INSERT INTO revocation (certificate, reason, revoker, revoked_at) \
        VALUES ($1, 'CESSATION_OF_OPERATION', 'x', '2026-03-02T00:00:00Z')";
    let revoke = sqlx::query(revoke).bind(held(&world, "operator", "admin2").to_vec());
    revoke.execute(&mut gateway).await.unwrap();
    let case = order(&world, &key, vec![right(&world, "admin2", &said())]);
    store(&world, &case).await;
    signer.turn().await.unwrap();
    assert_eq!(verdict(&world, &case).await, rejected(), "revoked");
}

/// What cannot even be read keeps neither other orders nor the revocation lists from their turn.
#[tokio::test]
async fn an_order_that_makes_no_sense_stops_nobody_else() {
    let world = World::start().await;
    partner(&world).await;
    let (mut signer, key) = (world.signer().await, orders::key());
    let said = || orders::statement(&world, Purpose::Approve, BLK, "PARTNER", key.key_id());
    let poison = order(&world, &key, vec![right(&world, "admin", &said())]);
    store(&world, &poison).await;
    // Past the check that now keeps it out.
    let unchecked = "ALTER TABLE certificate_order DROP CONSTRAINT certificate_order_role_check";
    sqlx::query(unchecked).execute(&mut world.owner().await).await.unwrap();
    let spoil = "UPDATE certificate_order SET role = 'KING' WHERE id = $1";
    sqlx::query(spoil).bind(poison.id.0).execute(&mut world.owner().await).await.unwrap();
    let good = order(&world, &key, vec![right(&world, "admin", &said())]);
    store(&world, &good).await;
    signer.turn().await.unwrap_err();
    assert_eq!(verdict(&world, &good).await.0, "ISSUED");
    let lists = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM crl");
    assert_eq!(lists.fetch_one(&mut world.owner().await).await.unwrap(), 2);
}

/// Names of gateways stand in the signer's own configuration.
#[tokio::test]
async fn a_gateway_gets_the_names_that_the_signer_knows_and_no_others() {
    let world = World::start().await;
    let mut signer = world.signer().await;
    let of = |key: &SecretKey, hosts: &[&str]| Order {
        way: Way::Gateway,
        system: None,
        role: None,
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        requester: "gateway".to_owned(),
        ..order(&world, key, Vec::new())
    };
    let good = of(&orders::key(), &["localhost"]);
    let evil = of(&orders::key(), &["localhost", "evil.example"]);
    let none = of(&orders::key(), &[]);
    // A gateway's certificate that a system held could be renewed into the system's own; and one that renewed an
    // administrator's would end it.
    let kind = v1::AgencyKind::VocationalTrainingCentre;
    world.register("blk-kepri", kind, "jadwal", v1::Role::Partner).await;
    let system = order(&world, &orders::key(), Vec::new()).system;
    let held = Order { system, ..of(&orders::key(), &["localhost"]) };
    let admin = crate::world::der(&world.issue("operator", "admin").certificate_pem);
    let previous = Some(gerbang::pki::certificate::fingerprint(&admin));
    let ending = Order { previous, ..of(&orders::key(), &["localhost"]) };
    for case in [&good, &evil, &none, &held, &ending] {
        store(&world, case).await;
    }
    signer.turn().await.unwrap();
    for case in [&held, &ending] {
        assert_eq!(verdict(&world, case).await, rejected());
    }
    assert_eq!(verdict(&world, &good).await.0, "ISSUED");
    assert_eq!(verdict(&world, &evil).await.1.as_deref(), Some("HOST_NOT_ALLOWED"));
    assert_eq!(verdict(&world, &none).await, rejected());
    let authority: String = sqlx::query_scalar(
        "SELECT a.kind FROM certificate c JOIN authority a ON a.sha256 = c.authority WHERE c.system IS NULL",
    )
    .fetch_one(&mut world.owner().await)
    .await
    .unwrap();
    assert_eq!(authority, "GATEWAYS");
}
