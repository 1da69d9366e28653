//! What is issued, as peers read it; and what must not be issued.

use jiff::SignedDuration;
use rcgen::{
    CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SanType, SerialNumber,
};
use webpki::KeyUsage;

use super::{
    House, Scratch, client, empty_list, gateway, now, openssl, openssl_verify, p256, serial, webpki_verify,
};
use crate::{
    domain::name::TrustDomain,
    pki::{
        authority::{IssueError, Issuer, civil, to_be_signed},
        certificate,
        lint::lint,
        profile::{self, Subject, Wanted},
        public::PublicKey,
        secret::{SecretKey, SecretKind},
    },
};

fn issue(issuer: &Issuer, wanted: &Wanted) -> Vec<u8> {
    let tbs = to_be_signed(issuer.certificate(), wanted).unwrap();
    lint(issuer.certificate(), &tbs, wanted).unwrap();
    issuer.sign(&tbs).unwrap()
}

fn lint_error(issuer: &Issuer, tbs: &[u8], wanted: &Wanted) -> &'static str {
    match lint(issuer.certificate(), tbs, wanted).unwrap_err() {
        IssueError::Lint(what) => what,
        other => panic!("{other}"),
    }
}

#[test]
fn a_client_verifies_everywhere() {
    let house = House::new();
    let list = empty_list(&house.clients);
    for kind in [SecretKind::P256, SecretKind::Ed25519] {
        let wanted = client(&SecretKey::generate(kind).unwrap());
        let leaf = issue(&house.clients, &wanted);
        openssl_verify(&house, &house.clients, &leaf, &list, "sslclient").unwrap();
        openssl_verify(&house, &house.clients, &leaf, &list, "sslserver").unwrap_err();
        webpki_verify(&house, &house.clients, &leaf, &list, KeyUsage::client_auth()).unwrap();
        webpki_verify(&house, &house.clients, &leaf, &list, KeyUsage::server_auth()).unwrap_err();

        let read = certificate::read(&leaf).unwrap();
        read.check_client().unwrap();
        let identity = read.identity("kepri.example").unwrap();
        assert_eq!((identity.agency.as_str(), identity.system.as_str()), ("blk-kepri", "jadwal"));
        assert_eq!((read.not_before, read.not_after), (wanted.not_before, wanted.not_after));
        assert_eq!(read.serial, hex::encode(&wanted.serial));
    }
}

#[test]
fn a_gateway_verifies_everywhere_and_by_each_host() {
    let house = House::new();
    let leaf = issue(&house.gateways, &gateway(&p256()));
    let list = empty_list(&house.gateways);
    openssl_verify(&house, &house.gateways, &leaf, &list, "sslserver").unwrap();
    openssl_verify(&house, &house.gateways, &leaf, &list, "sslclient").unwrap_err();
    webpki_verify(&house, &house.gateways, &leaf, &list, KeyUsage::server_auth()).unwrap();
    let scratch = Scratch::new();
    let path = scratch.pem("leaf.pem", "CERTIFICATE", &leaf);
    let text = openssl(&["x509", "-in", &path, "-noout", "-ext", "subjectAltName"]).unwrap();
    let names =
        "DNS:gerbang.kepri.example, DNS:localhost, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1";
    assert!(text.contains(names), "{text}");
}

#[test]
fn signing_again_signs_the_same_bytes() {
    let house = House::new();
    let wanted = client(&p256());
    let tbs = to_be_signed(house.clients.certificate(), &wanted).unwrap();
    assert_eq!(to_be_signed(house.clients.certificate(), &wanted).unwrap(), tbs);
    for certificate in [house.clients.sign(&tbs).unwrap(), house.clients.sign(&tbs).unwrap()] {
        // Behind the outer sequence's tag and its length in two bytes.
        assert!(certificate[4..].starts_with(&tbs));
    }
}

#[test]
fn each_altered_field_is_caught() {
    let house = House::new();
    let issuer = house.clients.certificate();
    let wanted = client(&p256());
    let tbs = to_be_signed(issuer, &wanted).unwrap();
    let second = SignedDuration::from_secs(1);
    let subject = |agency: &str, system: &str, trust_domain: &str| Subject::Client {
        trust_domain: TrustDomain::parse(trust_domain).unwrap(),
        agency: agency.to_owned(),
        system: system.to_owned(),
    };
    for (altered, what) in [
        (Wanted { serial: serial(), ..wanted.clone() }, "the serial number"),
        (Wanted { not_before: wanted.not_before + second, ..wanted.clone() }, "the beginning"),
        (Wanted { not_after: wanted.not_after - second, ..wanted.clone() }, "the end"),
        (Wanted { spki: p256().spki(), ..wanted.clone() }, "the key"),
        (
            Wanted { subject: subject("blk-lain", "jadwal", "kepri.example"), ..wanted.clone() },
            "the subject's name",
        ),
        (
            Wanted { subject: subject("blk-kepri", "jadwal", "lain.example"), ..wanted.clone() },
            "the subject's alternative names",
        ),
        (
            Wanted { subject: Subject::Gateway { hosts: vec!["x.example".to_owned()] }, ..wanted.clone() },
            "the subject's name",
        ),
    ] {
        assert_eq!(lint_error(&house.clients, &tbs, &altered), what);
    }
    // Another authority, and one of the same name with another key.
    assert_eq!(lint_error(&house.gateways, &tbs, &wanted), "the authority's name");
    assert_eq!(lint_error(&House::new().clients, &tbs, &wanted), "the authority key identifier");

    for cut in [0, 1, tbs.len() / 2, tbs.len() - 1] {
        assert!(lint(issuer, &tbs[..cut], &wanted).is_err());
    }
    let more = [tbs.as_slice(), &[0x05, 0x00]].concat();
    assert!(lint(issuer, &more, &wanted).is_err());
}

/// What the profile would have rcgen write, to be altered.
fn params(wanted: &Wanted) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, wanted.subject.common_name());
    params.serial_number = Some(SerialNumber::from_slice(&wanted.serial));
    params.not_before = civil(wanted.not_before).unwrap();
    params.not_after = civil(wanted.not_after).unwrap();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.subject_alt_names = vec![SanType::URI(wanted.subject.uri().unwrap().try_into().unwrap())];
    params
}

#[test]
fn what_the_profile_does_not_have_is_caught() {
    let house = House::new();
    let wanted = client(&p256());
    let key = PublicKey::parse(&wanted.spki).unwrap();
    let facts = &house.clients.facts;
    let right = facts.build(params(&wanted), &key).unwrap();
    assert_eq!(right, to_be_signed(house.clients.certificate(), &wanted).unwrap());

    type Alter = fn(&mut CertificateParams);
    let alterations: [(Alter, &str); 6] = [
        (|p| p.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained), "the basic constraints"),
        (|p| p.is_ca = IsCa::NoCa, "the number of extensions"),
        (|p| p.key_usages.push(KeyUsagePurpose::KeyCertSign), "the key usage"),
        (|p| p.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth), "the extended key usage"),
        (
            |p| p.subject_alt_names.push(SanType::DnsName("x.example".try_into().unwrap())),
            "the subject's alternative names",
        ),
        (
            |p| p.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 2, 3], vec![5, 0])],
            "the number of extensions",
        ),
    ];
    for (alter, what) in alterations {
        let mut params = params(&wanted);
        alter(&mut params);
        assert_eq!(lint_error(&house.clients, &facts.build(params, &key).unwrap(), &wanted), what);
    }
}

#[test]
fn the_clients_authority_names_no_host() {
    let house = House::new();
    let wanted = client(&p256());
    let key = PublicKey::parse(&wanted.spki).unwrap();
    let list = empty_list(&house.clients);
    for name in [
        SanType::DnsName("gerbang.kepri.example".try_into().unwrap()),
        SanType::IpAddress([10, 0, 0, 1].into()),
        SanType::IpAddress([0xFD00, 0, 0, 0, 0, 0, 0, 1].into()),
    ] {
        let mut params = params(&wanted);
        params.subject_alt_names.push(name);
        // As if the authority's machine had been made to sign it.
        let leaf = house.clients.sign(&house.clients.facts.build(params, &key).unwrap()).unwrap();
        let refused = webpki_verify(&house, &house.clients, &leaf, &list, KeyUsage::client_auth());
        assert_eq!(refused, Err(webpki::Error::NameConstraintViolation));
        let refused = openssl_verify(&house, &house.clients, &leaf, &list, "sslclient").unwrap_err();
        assert!(refused.contains("excluded subtree violation"), "{refused}");
    }
}

#[test]
fn too_long_is_an_error_and_not_cut() {
    let house = House::new();
    let made = |issuer: &Issuer, wanted: &Wanted| to_be_signed(issuer.certificate(), wanted);
    let wanted = client(&p256());
    let days = |days| {
        let (not_before, not_after) = profile::validity(now(), days).unwrap();
        Wanted { not_before, not_after, ..wanted.clone() }
    };
    made(&house.clients, &days(profile::LIFETIME_DAYS_MAX)).unwrap();
    assert!(matches!(made(&house.clients, &days(398)), Err(IssueError::Validity(_))));
    profile::validity(now(), 0).unwrap_err();
    let backwards = Wanted { not_after: wanted.not_before, ..wanted.clone() };
    assert!(matches!(made(&house.clients, &backwards), Err(IssueError::Validity(_))));

    // Near the authority's own end.
    let late = house.clients.not_after() - SignedDuration::from_hours(24 * 30);
    let beyond = Wanted {
        not_before: late,
        not_after: house.clients.not_after() + SignedDuration::from_secs(1),
        ..wanted.clone()
    };
    assert!(matches!(made(&house.clients, &beyond), Err(IssueError::Validity(_))));
    let within = Wanted { not_after: house.clients.not_after(), ..beyond };
    let tbs = made(&house.clients, &within).unwrap();
    lint(house.clients.certificate(), &tbs, &within).unwrap();
}

#[test]
fn each_authority_issues_its_own_kind() {
    let house = House::new();
    let (client, gateway) = (client(&p256()), gateway(&p256()));
    for (issuer, wanted) in [
        (&house.gateways, &client),
        (&house.root, &client),
        (&house.clients, &gateway),
        (&house.root, &gateway),
    ] {
        let refused = to_be_signed(issuer.certificate(), wanted);
        assert!(matches!(refused, Err(IssueError::Issuer(_))), "{refused:?}");
    }
    let edwards = super::gateway(&SecretKey::generate(SecretKind::Ed25519).unwrap());
    assert!(matches!(to_be_signed(house.gateways.certificate(), &edwards), Err(IssueError::Key(_))));
    let none = Wanted { serial: vec![0], ..client.clone() };
    assert!(matches!(to_be_signed(house.clients.certificate(), &none), Err(IssueError::Serial)));
}

#[test]
fn an_authority_is_one_and_signs_nothing_else() {
    let house = House::new();
    let key = p256();
    let leaf = issue(&house.clients, &client(&key));
    assert!(matches!(Issuer::open(&leaf, key), Err(IssueError::Issuer(_))));
    assert!(matches!(Issuer::open(house.root.certificate(), p256()), Err(IssueError::Issuer(_))));
    assert!(matches!(Issuer::open_pem("", p256()), Err(IssueError::Issuer(_))));

    let foreign = to_be_signed(house.gateways.certificate(), &gateway(&p256())).unwrap();
    for bytes in [foreign.as_slice(), b"", b"gerbang/statement/v1\n", &foreign[..foreign.len() - 1]] {
        assert!(matches!(house.clients.sign(bytes), Err(IssueError::Lint(_))));
    }
}
