//! What the tests of the agency's side share: authorities that were made by the ceremony, and certificates of theirs.

use jiff::Timestamp;

use crate::{
    domain::{
        name::TrustDomain,
        outside::{Clock, Entropy},
    },
    pki::{
        authority::{Issuer, to_be_signed},
        ceremony::{self, Kind, Plan},
        certificate::fingerprint,
        der::pem,
        profile::{LIFETIME_DAYS, Subject, Wanted, new_serial, validity},
        secret::{SecretKey, SecretKind},
    },
};

mod pin;

pub struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

/// A clock that stands still.
pub struct At(pub Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

pub fn now() -> Timestamp {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

/// A root, and below it the authorities for clients and for gateways.
pub struct Authorities {
    pub root: Issuer,
    pub clients: Issuer,
    pub gateways: Issuer,
}

impl Authorities {
    pub fn new() -> Self {
        let plan = Plan {
            organisation: "Kanwil Ditjenpas Kepulauan Riau".to_owned(),
            root_name: "Gerbang Kepri – Akar".to_owned(),
            clients_name: "Gerbang Kepri – Instansi".to_owned(),
            gateways_name: "Gerbang Kepri – Gerbang".to_owned(),
            root_days: 7300,
            issuing_days: 1825,
            root_crl_days: 365,
        };
        let key = SecretKey::generate(SecretKind::P256).unwrap();
        let der = ceremony::root(&plan, &key, &new_serial(&Random), now()).unwrap();
        let root = Issuer::open(&der, key).unwrap();
        let issuing = |kind| {
            let key = SecretKey::generate(SecretKind::P256).unwrap();
            let serial = new_serial(&Random);
            let der = ceremony::issuing(&root, &plan, kind, &key.spki(), &serial, now()).unwrap();
            Issuer::open(&der, key).unwrap()
        };
        let (clients, gateways) = (issuing(Kind::Clients), issuing(Kind::Gateways));
        Self { root, clients, gateways }
    }

    pub fn root_fingerprint(&self) -> [u8; 32] {
        fingerprint(self.root.certificate())
    }

    /// The authorities, the root first, PEM.
    pub fn bundle(&self) -> String {
        [&self.root, &self.clients, &self.gateways].map(|issuer| text(issuer.certificate())).concat()
    }

    /// A certificate of blk-kepri/jadwal with its issuer, PEM.
    pub fn client(&self, key: &SecretKey) -> String {
        let trust_domain = TrustDomain::parse("kepri.example").unwrap();
        let [agency, system] = ["blk-kepri", "jadwal"].map(str::to_owned);
        let leaf = issue(&self.clients, key, Subject::Client { trust_domain, agency, system });
        [leaf.as_slice(), self.clients.certificate()].map(text).concat()
    }

    /// A gateway's certificate, DER.
    pub fn gateway(&self, hosts: &[&str]) -> Vec<u8> {
        self.gateway_with(&SecretKey::generate(SecretKind::P256).unwrap(), hosts)
    }

    /// A gateway's certificate for this key, DER.
    pub fn gateway_with(&self, key: &SecretKey, hosts: &[&str]) -> Vec<u8> {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        issue(&self.gateways, key, Subject::Gateway { hosts })
    }
}

fn issue(issuer: &Issuer, key: &SecretKey, subject: Subject) -> Vec<u8> {
    let (not_before, not_after) = validity(now(), LIFETIME_DAYS).unwrap();
    let wanted = Wanted { subject, spki: key.spki(), serial: new_serial(&Random), not_before, not_after };
    issuer.sign(&to_be_signed(issuer.certificate(), &wanted).unwrap()).unwrap()
}

fn text(der: &[u8]) -> String {
    pem("CERTIFICATE", der).to_string()
}
