//! Tests of the texts that are signed, shown before signing, and typed on another machine.

use super::{
    bundle::file_name,
    invite::{Invited, join_line, join_server},
    order::{draft, review},
    *,
};
use crate::{
    agent::Profile,
    domain::{outside::Entropy, reason::Language},
    pki::{
        secret::{SecretKey, SecretKind},
        statement::Purpose,
        token::Token,
    },
};

struct Sevens;

impl Entropy for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn jadwal() -> Identity {
    let [trust_domain, agency, system] = ["kepri.example", "blk-kepri", "jadwal"].map(str::to_owned);
    Identity { trust_domain, agency, system }
}

fn now() -> jiff::Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

fn order_of(way: v1::CertificateOrderWay) -> v1::CertificateOrder {
    let mut order = v1::CertificateOrder {
        name: "certificateOrders/0192e6a0-0000-7000-8000-000000000001".into(),
        system: "agencies/blk-kepri/systems/jadwal".into(),
        key_sha256: "ab".repeat(32),
        token_sha256: "cd".repeat(32),
        ignored: vec!["subject CN=x".into()],
        expire_time: Some(crate::cli::when::to_proto(now() + SignedDuration::from_hours(1))),
        ..Default::default()
    };
    order.set_way(way);
    order.set_role(v1::Role::Partner);
    order
}

#[test]
fn an_invitation_states_the_tokens_hash_and_not_the_token() {
    let token = Token::new(&Sevens, [1; 32]);
    let (role, until) = (v1::Role::Oversight, now() + SignedDuration::from_hours(1));
    let invited = Invited { identity: jadwal(), role, days: 30, until };
    let statement = invited.draft(&token).statement(&Sevens);
    assert_eq!((statement.purpose, statement.subject), (Purpose::Invite, token.hash()));
    assert_eq!((statement.role.as_str(), statement.lifetime_days), ("OVERSIGHT", 30));
    assert_eq!((statement.expires_at, statement.previous), (until, None));
    let secret = hex::decode(token.secret_hex().as_str()).unwrap();
    // The nonce of this test is all sevens, as is the secret: it stands there once.
    let bytes = statement.bytes();
    assert_eq!(bytes.windows(16).filter(|window| *window == secret).count(), 1);
    let key = SecretKey::generate(SecretKind::P256).unwrap();
    assert!(statement.verify(&key.spki(), &statement.sign(&key).unwrap()));
}

#[test]
fn an_approval_states_the_key_for_no_longer_than_the_order() {
    let of = |way| draft(&order_of(way), jadwal(), 90, now()).unwrap().statement(&Sevens);
    let approval = of(v1::CertificateOrderWay::Csr);
    assert_eq!((approval.purpose, approval.subject), (Purpose::Approve, [0xAB; 32]));
    assert_eq!((approval.role.as_str(), approval.lifetime_days), ("PARTNER", 90));
    assert_eq!(approval.expires_at, now() + SignedDuration::from_hours(1));
    // However long an order lives, a statement has to be below 30 days.
    let mut long = order_of(v1::CertificateOrderWay::Csr);
    long.expire_time = None;
    assert_eq!(draft(&long, jadwal(), 90, now()).unwrap().expires_at, now() + GOOD_FOR);
    long.key_sha256.clear();
    assert!(draft(&long, jadwal(), 90, now()).is_none());
}

#[test]
fn who_signs_sees_what_differs() {
    let order = order_of(v1::CertificateOrderWay::Csr);
    let shown = |last: Option<&v1::Certificate>| {
        let rows = review(&order, 90, last, "Asia/Jakarta", Language::English);
        rows.into_iter().map(|(label, text)| format!("{label}: {text}\n")).collect::<String>()
    };
    let first = shown(None);
    for line in
        ["system: blk-kepri/jadwal", "role: PARTNER", "ignored: subject CN=x", "last certificate: none"]
    {
        assert!(first.contains(line), "{first}");
    }
    let seconds = now().as_second();
    let last = v1::Certificate {
        name: "certificates/5a0c".into(),
        key_sha256: "ef".repeat(32),
        not_before: Some(prost_types::Timestamp { seconds: seconds - 3600, nanos: 0 }),
        not_after: Some(prost_types::Timestamp { seconds: seconds + 30 * 24 * 3600, nanos: 0 }),
        ..Default::default()
    };
    let text = shown(Some(&last));
    assert!(text.contains("5a0c, until") && text.contains("the key is another"), "{text}");
    assert!(text.contains("90 days instead of 30"), "{text}");
    let same = v1::Certificate { key_sha256: order.key_sha256.clone(), ..last };
    assert!(shown(Some(&same)).contains("the key is the same"));
}

#[test]
fn the_line_to_type_parses_and_holds_no_token() {
    let mut profile = Profile {
        address: "https://gerbang.example:7443".into(),
        server_name: "gerbang.example".into(),
        ca: "ca.pem".into(),
        certificate: "admin.pem".into(),
        key: "admin.key".into(),
        agency: "operator".into(),
        system: "admin".into(),
    };
    let server = join_server(&profile);
    assert_eq!(
        join_line(&profile, &server, &jadwal()),
        "gerbang join --server gerbang.example:7444 --name blk-kepri-jadwal"
    );
    profile.address = "[::1]:7443".into();
    let server = join_server(&profile);
    let line = join_line(&profile, &server, &jadwal());
    assert_eq!(
        line,
        "gerbang join --server [::1]:7444 --server-name gerbang.example --name blk-kepri-jadwal"
    );
    clap::Parser::try_parse_from(line.split(' ')).map(|_: crate::cli::Cli| ()).unwrap();
}

#[test]
fn an_authoritys_name_is_no_path() {
    assert_eq!(file_name("Gerbang Kepri – Instansi"), "gerbang-kepri-instansi");
    assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
    assert_eq!(file_name("…"), "authority");
}

#[test]
fn what_a_revocation_does_not_reach_is_named_with_its_command() {
    let certificate = |serial: &str| v1::Certificate {
        name: format!("certificates/{serial}"),
        system: "agencies/blk-kepri/systems/jadwal".into(),
        ..Default::default()
    };
    let answer =
        v1::RevokeCertificatesResponse { certificates: vec![certificate("5a0c")], ..Default::default() };
    let others = |valid: &[v1::Certificate]| revoke::others(valid, &answer, Language::English);
    assert_eq!(others(&[certificate("5a0c")]), None);
    assert_eq!(
        others(&[certificate("4b1d"), certificate("5a0c")]).unwrap(),
        "! Still valid, and not ended by this: other certificates of blk-kepri/jadwal (1), such as the one that was renewed into \
         it. If their keys may be in other hands as well, type:\n  gerbang cert revoke 4b1d --reason key-compromise"
    );
}

#[test]
fn a_request_for_another_system_is_noticed() {
    let named = |subject: &str| {
        let ignored = ["attribute challengePassword".to_owned(), format!("subject {subject}")];
        order::other_system(&ignored, "agencies/blk-kepri/systems/jadwal")
    };
    assert_eq!(named("CN=blk-kepri/sim").as_deref(), Some("blk-kepri/sim"));
    for subject in ["CN=blk-kepri/jadwal", "CN=gerbang", "CN=x", "CN=Balai/Las, O=BLK", "O=blk-kepri/sim"] {
        assert_eq!(named(subject), None, "{subject}");
    }
}
