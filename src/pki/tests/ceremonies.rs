//! The authorities' own certificates, as OpenSSL reads them, and plans that are none.

use super::{House, Scratch, now, openssl, p256, plan, serial};
use crate::pki::{
    authority::IssueError,
    ceremony::{self, Kind, Plan},
    secret::{SecretKey, SecretKind},
};

#[test]
fn the_authorities_say_what_they_may() {
    let (house, scratch) = (House::new(), Scratch::new());
    let text = |der: &[u8]| {
        let path = scratch.pem("authority.pem", "CERTIFICATE", der);
        openssl(&["x509", "-in", &path, "-noout", "-text", "-nameopt", "utf8,sname,sep_comma_plus_space"])
            .unwrap()
    };
    let root = text(house.root.certificate());
    let clients = text(house.clients.certificate());
    let gateways = text(house.gateways.certificate());
    for text in [&root, &clients, &gateways] {
        assert!(text.contains("Certificate Sign, CRL Sign"), "{text}");
        assert!(text.contains("X509v3 Subject Key Identifier"), "{text}");
        assert!(
            text.contains("Issuer: O=Kanwil Ditjenpas Kepulauan Riau, CN=Gerbang Kepri – Akar"),
            "{text}"
        );
    }
    assert!(root.contains("CA:TRUE, pathlen:1") && !root.contains("Extended Key Usage"), "{root}");
    assert!(clients.contains("CA:TRUE, pathlen:0") && clients.contains("TLS Web Client Auth"), "{clients}");
    assert!(
        !clients.contains("TLS Web Server Auth") && clients.contains("X509v3 Name Constraints: critical")
    );
    assert!(clients.contains("IP:0.0.0.0/0.0.0.0"), "{clients}");
    assert!(
        gateways.contains("CA:TRUE, pathlen:0") && gateways.contains("TLS Web Server Auth"),
        "{gateways}"
    );
    assert!(!gateways.contains("TLS Web Client Auth") && !gateways.contains("Name Constraints"));
}

#[test]
fn a_plan_that_is_none_is_refused() {
    let key = p256();
    for bad in [
        Plan { clients_name: plan().root_name, ..plan() },
        Plan { gateways_name: plan().clients_name, ..plan() },
        Plan { organisation: " ".to_owned(), ..plan() },
        Plan { root_name: "a".repeat(65), ..plan() },
        Plan { root_name: "a\nb".to_owned(), ..plan() },
    ] {
        let refused = ceremony::root(&bad, &key, &serial(), now());
        assert!(matches!(refused, Err(IssueError::Subject(_))), "{bad:?}");
    }
    let edwards = SecretKey::generate(SecretKind::Ed25519).unwrap();
    assert!(matches!(ceremony::root(&plan(), &edwards, &serial(), now()), Err(IssueError::Issuer(_))));

    let house = House::new();
    let issuing = |plan: &Plan, key: &SecretKey| {
        ceremony::issuing(&house.root, plan, Kind::Clients, &key.spki(), &serial(), now())
    };
    let longer = Plan { issuing_days: plan().root_days + 1, ..plan() };
    assert!(matches!(issuing(&longer, &key), Err(IssueError::Validity(_))));
    assert!(matches!(issuing(&plan(), &edwards), Err(IssueError::Key(_))));
    // A plan that forgot what the root is called.
    let forgot = Plan { root_name: "Lain".to_owned(), clients_name: plan().root_name, ..plan() };
    assert!(matches!(issuing(&forgot, &key), Err(IssueError::Subject(_))));
    assert!(matches!(
        ceremony::root_crl(&house.root, &plan(), 1, &[], jiff::Timestamp::MAX),
        Err(IssueError::List(_))
    ));
}
