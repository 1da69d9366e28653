//! A forge of certificates for tests: a hierarchy as the real authority has it, and hostile certificates, each wrong
//! in exactly one way.
//!
//! Certificates are assembled from DER by hand, because no library makes the wrong ones; `tests.rs` asks webpki
//! whether the right ones are right. Keys are P-256 in PKCS#8 v1, which every client library reads.

mod broken;
mod content;
mod der;
mod form;
mod hostile;
mod identity;
mod key;
mod odd;
mod origin;
mod tests;

use jiff::{SignedDuration, Timestamp};

pub use form::{Name, Profile, SERVER_AUTH};
pub use hostile::{Expect, Hostile, hostile};
pub use key::Key;

use form::{CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, Form, KEY_CERT_SIGN, PURPOSES};

/// An authority and two below it, one for clients and one for gateways. The root issues nothing else.
pub struct Forge {
    pub root: Authority,
    pub clients: Authority,
    pub gateways: Authority,
}

/// A certificate and its private key, all PEM.
pub struct Issued {
    /// The certificate alone.
    pub certificate_pem: String,
    /// The certificate and what leads to the root: what goes into a handshake.
    pub chain_pem: String,
    pub key_pem: String,
}

impl Forge {
    pub fn new() -> Self {
        Self::named("Gerbang test")
    }

    /// One whose authorities' names begin so. Another forge of the same name is an impostor.
    pub fn named(name: &str) -> Self {
        let root = Authority::root(&format!("{name} root"));
        let clients = root.below(&format!("{name} clients"), CLIENT_AUTH);
        let gateways = root.below(&format!("{name} gateways"), SERVER_AUTH);
        Self { root, clients, gateways }
    }

    pub fn root_pem(&self) -> String {
        self.root.pem()
    }

    pub fn clients_pem(&self) -> String {
        self.clients.pem()
    }

    pub fn gateways_pem(&self) -> String {
        self.gateways.pem()
    }

    /// A system's certificate as it should be.
    pub fn client(&self, trust_domain: &str, agency: &str, system: &str) -> Issued {
        self.client_with(Profile::client(trust_domain, agency, system))
    }

    /// A certificate from the authority of the clients, whatever it says.
    pub fn client_with(&self, profile: Profile) -> Issued {
        self.clients.issue(&profile, &[&self.clients])
    }

    /// A gateway's certificate for these DNS names and addresses, with all that leads to the root and the root:
    /// its clients can take their trust from the same file.
    pub fn server(&self, hosts: &[&'static str]) -> Issued {
        self.server_with(Profile::server(hosts))
    }

    /// A certificate from the authority of the gateways, whatever it says.
    pub fn server_with(&self, profile: Profile) -> Issued {
        self.gateways.issue(&profile, &[&self.gateways, &self.root])
    }
}

impl Profile {
    /// A client's: one URI SAN, `spiffe://(trust domain)/agency/(agency)/(system)`, and a key of its own. Valid around the time
    /// at which tests begin, and no longer than ours are: only gateways look at it, by the tests' clocks.
    pub fn client(trust_domain: &str, agency: &str, system: &str) -> Self {
        let uri = format!("spiffe://{trust_domain}/agency/{agency}/{system}");
        let (not_before, not_after) = validity("2025-10-01T00:00:00Z", 396);
        let name = format!("{agency}/{system}");
        Self { not_before, not_after, ..Self::of(&name, vec![Name::Uri(uri)], CLIENT_AUTH) }
    }

    /// Valid around this time, for a gateway that goes by the real clock.
    pub fn around(self, now: Timestamp) -> Self {
        let half = SignedDuration::from_hours(24 * 190);
        Self { not_before: now - half, not_after: now + half, ..self }
    }

    /// A gateway's.
    pub fn server(hosts: &[&'static str]) -> Self {
        let names = hosts.iter().map(|host| host.parse().map_or(Name::Dns(host), Name::Ip));
        Self::of("Gerbang", names.collect(), SERVER_AUTH)
    }

    /// Valid from 2021 for eighteen years: the tests' clocks and the real one both like it.
    fn of(common_name: &str, names: Vec<Name>, purpose: &'static str) -> Self {
        let (not_before, not_after) = validity("2021-01-01T00:00:00Z", 18 * 365);
        Self {
            common_name: common_name.to_owned(),
            names,
            purposes: vec![purpose],
            key_usage: vec![DIGITAL_SIGNATURE],
            key: Key::p256(),
            not_before,
            not_after,
        }
    }
}

/// An authority with its key and its certificate in DER.
pub struct Authority {
    pub name: String,
    pub key: Key,
    pub certificate: Vec<u8>,
}

impl Authority {
    fn root(name: &str) -> Self {
        let key = Key::p256();
        let mut form = Form::new(name, &key, (name, &key), validity("2020-01-01T00:00:00Z", 20 * 365));
        form.authority(1, &[KEY_CERT_SIGN, CRL_SIGN]);
        Self { name: name.to_owned(), certificate: form.signed_by(&key), key }
    }

    /// One that issues leaves for this purpose and nothing else.
    fn below(&self, name: &str, purpose: &'static str) -> Self {
        self.below_with(name, purpose, &[KEY_CERT_SIGN, CRL_SIGN])
    }

    fn below_with(&self, name: &str, purpose: &'static str, key_usage: &[u8]) -> Self {
        let key = Key::p256();
        let mut form = Form::new(name, &key, self.issuer(), validity("2020-01-01T00:00:00Z", 20 * 365));
        form.authority(0, key_usage);
        form.put(PURPOSES, false, form::purposes(&[purpose]));
        if purpose == CLIENT_AUTH {
            form.exclude_hosts();
        }
        Self { name: name.to_owned(), certificate: form.signed_by(&self.key), key }
    }

    /// Its name and key, as what it signs refers to them.
    fn issuer(&self) -> (&str, &Key) {
        (&self.name, &self.key)
    }

    /// A leaf in DER.
    fn sign(&self, profile: &Profile) -> Vec<u8> {
        Form::leaf(profile, self.issuer()).signed_by(&self.key)
    }

    fn issue(&self, profile: &Profile, chain: &[&Self]) -> Issued {
        let certificate_pem = pem(&self.sign(profile));
        let mut chain_pem = certificate_pem.clone();
        chain_pem.extend(chain.iter().map(|authority| authority.pem()));
        Issued { certificate_pem, chain_pem, key_pem: profile.key.pem() }
    }

    fn pem(&self) -> String {
        pem(&self.certificate)
    }
}

/// PEM text of a certificate in DER.
pub fn pem(certificate: &[u8]) -> String {
    der::pem("CERTIFICATE", certificate)
}

fn validity(from: &str, days: i64) -> (Timestamp, Timestamp) {
    let from: Timestamp = from.parse().unwrap();
    (from, from + SignedDuration::from_hours(24 * days))
}
