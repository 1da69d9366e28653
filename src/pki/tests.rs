//! What the tests of certificates share: authorities that were made by the ceremony, and OpenSSL, which is a
//! tool of the house and reads what is written here with other eyes.

use std::{fs, path::PathBuf, process::Command};

use jiff::Timestamp;

use super::{
    authority::Issuer,
    ceremony::{self, Kind, Plan},
    der,
    profile::{self, Subject, Wanted},
    secret::{SecretKey, SecretKind},
};
use crate::domain::{name::TrustDomain, outside::Entropy};

mod ceremonies;
mod issuing;
mod keys;
mod lists;

struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

fn now() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

fn p256() -> SecretKey {
    SecretKey::generate(SecretKind::P256).unwrap()
}

fn serial() -> Vec<u8> {
    profile::new_serial(&Random)
}

fn plan() -> Plan {
    Plan {
        organisation: "Kanwil Ditjenpas Kepulauan Riau".to_owned(),
        root_name: "Gerbang Kepri – Akar".to_owned(),
        clients_name: "Gerbang Kepri – Instansi".to_owned(),
        gateways_name: "Gerbang Kepri – Gerbang".to_owned(),
        root_days: 7300,
        issuing_days: 1825,
        root_crl_days: 365,
    }
}

/// All authorities.
struct House {
    root: Issuer,
    clients: Issuer,
    gateways: Issuer,
}

impl House {
    fn new() -> Self {
        let key = p256();
        let der = ceremony::root(&plan(), &key, &serial(), now()).unwrap();
        let root = Issuer::open(&der, key).unwrap();
        let issuing = |kind| {
            let key = p256();
            let der = ceremony::issuing(&root, &plan(), kind, &key.spki(), &serial(), now()).unwrap();
            Issuer::open_pem(&der::pem("CERTIFICATE", &der), key).unwrap()
        };
        let (clients, gateways) = (issuing(Kind::Clients), issuing(Kind::Gateways));
        Self { root, clients, gateways }
    }
}

fn client(key: &SecretKey) -> Wanted {
    wanted(
        key,
        Subject::Client {
            trust_domain: TrustDomain::parse("kepri.example").unwrap(),
            agency: "blk-kepri".to_owned(),
            system: "jadwal".to_owned(),
        },
    )
}

fn gateway(key: &SecretKey) -> Wanted {
    let hosts = ["gerbang.kepri.example", "localhost", "10.0.0.1", "fd00::1"].map(str::to_owned).to_vec();
    wanted(key, Subject::Gateway { hosts })
}

fn wanted(key: &SecretKey, subject: Subject) -> Wanted {
    let (not_before, not_after) = profile::validity(now(), profile::LIFETIME_DAYS).unwrap();
    Wanted { subject, spki: key.spki(), serial: serial(), not_before, not_after }
}

/// A folder of its own, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let mut name = [0; 8];
        Random.fill(&mut name);
        let path = std::env::temp_dir().join(format!("gerbang-pki-{}", hex::encode(name)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Writes a file and gives its path.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn pem(&self, name: &str, label: &'static str, der: &[u8]) -> String {
        self.file(name, der::pem(label, der).as_bytes())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs `openssl`: what it wrote to standard output, or to standard error when it failed.
fn openssl(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl is a tool of the tests");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Verifies a leaf as OpenSSL does when it is most strict, with lists for the whole chain.
fn openssl_verify(
    house: &House,
    issuer: &Issuer,
    leaf: &[u8],
    list: &[u8],
    purpose: &str,
) -> Result<String, String> {
    let scratch = Scratch::new();
    let root_list = ceremony::root_crl(&house.root, &plan(), 1, &[], now()).unwrap();
    openssl(&[
        "verify",
        "-x509_strict",
        "-crl_check_all",
        "-purpose",
        purpose,
        "-attime",
        &now().as_second().to_string(),
        "-CAfile",
        &scratch.pem("root.pem", "CERTIFICATE", house.root.certificate()),
        "-untrusted",
        &scratch.pem("issuing.pem", "CERTIFICATE", issuer.certificate()),
        "-CRLfile",
        &scratch.pem("root-list.pem", "X509 CRL", &root_list),
        "-CRLfile",
        &scratch.pem("list.pem", "X509 CRL", list),
        &scratch.pem("leaf.pem", "CERTIFICATE", leaf),
    ])
}

/// Verifies a leaf as the gateway's TLS library does, with lists for the whole chain.
fn webpki_verify(
    house: &House,
    issuer: &Issuer,
    leaf: &[u8],
    list: &[u8],
    usage: webpki::KeyUsage,
) -> Result<(), webpki::Error> {
    let root_list = ceremony::root_crl(&house.root, &plan(), 1, &[], now()).unwrap();
    let owned = |der: &[u8]| webpki::OwnedCertRevocationList::from_der(der).unwrap().into();
    let lists: [webpki::CertRevocationList<'_>; 2] = [owned(&root_list), owned(list)];
    let lists = [&lists[0], &lists[1]];
    let revocation = webpki::RevocationOptionsBuilder::new(&lists)
        .unwrap()
        .with_depth(webpki::RevocationCheckDepth::Chain)
        .with_status_policy(webpki::UnknownStatusPolicy::Deny)
        .with_expiration_policy(webpki::ExpirationPolicy::Enforce)
        .build();
    let (root, leaf) = (house.root.certificate().into(), leaf.into());
    let anchor = webpki::anchor_from_trusted_cert(&root).unwrap();
    let seconds = std::time::Duration::from_secs(now().as_second().unsigned_abs());
    let time = rustls_pki_types::UnixTime::since_unix_epoch(seconds);
    webpki::EndEntityCert::try_from(&leaf)
        .unwrap()
        .verify_for_usage(
            &[webpki::aws_lc_rs::ECDSA_P256_SHA256],
            &[anchor],
            &[issuer.certificate().into()],
            time,
            usage,
            Some(revocation),
            None,
        )
        .map(drop)
}

/// An empty list of this authority.
fn empty_list(issuer: &Issuer) -> Vec<u8> {
    let end = now() + jiff::SignedDuration::from_hours(24);
    issuer.crl(1, now(), end, &[]).unwrap()
}
