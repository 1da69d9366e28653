//! What a hostile certificate is, who has to refuse it, and the whole list.
//!
//! Each is wrong in one way and right in every other, and the test puts each into the inventory: nothing but the
//! check for what is wrong with it stands between it and a call.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;

use super::{
    Authority, Forge, broken, content,
    form::{Form, Profile},
    identity,
    key::Key,
    odd, origin,
};

pub struct Hostile {
    /// What is wrong with it.
    pub name: &'static str,
    /// As presented: the leaf, then what shall lead to the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key for the handshake.
    pub key_pem: String,
    pub expect: Expect,
}

/// Who refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The handshake fails: the counter's label, and a part of the client's `AlertReceived(…)`.
    Tls { reason: &'static str, alert: &'static str },
    /// The connection stands, and a call is refused as UNAUTHENTICATED.
    Call { reason: &'static str },
}

/// Every hostile certificate there is for a system, at this time.
pub fn hostile(
    forge: &Forge,
    trust_domain: &str,
    agency: &str,
    system: &str,
    now: Timestamp,
) -> Vec<Hostile> {
    let stage = Stage { forge, trust_domain, agency, system, now };
    let lists = [origin::list, content::times, content::usages, content::names, content::extensions];
    let more = [broken::keys, broken::encodings, identity::list];
    let odd = [odd::serials, odd::subjects, odd::times, odd::extensions, odd::encodings];
    lists.iter().chain(&more).chain(&odd).flat_map(|list| list(&stage)).collect()
}

/// What the cases are made from.
pub(super) struct Stage<'a> {
    pub forge: &'a Forge,
    pub trust_domain: &'a str,
    pub agency: &'a str,
    pub system: &'a str,
    pub now: Timestamp,
}

impl Stage<'_> {
    /// A profile without fault, with a key of its own.
    pub fn good(&self) -> Profile {
        Profile::client(self.trust_domain, self.agency, self.system)
    }

    /// A form without fault, for a change to it.
    pub fn good_form(&self, key: &Key) -> Form {
        let profile = Profile { key: key.clone(), ..self.good() };
        Form::leaf(&profile, self.forge.clients.issuer())
    }

    /// From the right authority, after a change to the profile.
    pub fn profile(&self, name: &'static str, expect: Expect, change: impl FnOnce(&mut Profile)) -> Hostile {
        let mut profile = self.good();
        change(&mut profile);
        let leaf = self.forge.clients.sign(&profile);
        self.present(name, expect, leaf, &profile.key)
    }

    /// From the right authority, after a change to the form.
    pub fn form(&self, name: &'static str, expect: Expect, change: impl FnOnce(&mut Form)) -> Hostile {
        let key = Key::p256();
        let mut form = self.good_form(&key);
        change(&mut form);
        let leaf = form.signed_by(&self.forge.clients.key);
        self.present(name, expect, leaf, &key)
    }

    /// A good certificate after a change to its bytes.
    pub fn bytes(&self, name: &'static str, expect: Expect, change: impl FnOnce(&mut Vec<u8>)) -> Hostile {
        let profile = self.good();
        let mut leaf = self.forge.clients.sign(&profile);
        change(&mut leaf);
        self.present(name, expect, leaf, &profile.key)
    }

    /// With the authority of the clients in the chain, as a good client presents it.
    pub fn present(&self, name: &'static str, expect: Expect, leaf: Vec<u8>, key: &Key) -> Hostile {
        chain(name, expect, leaf, key, &[&self.forge.clients])
    }
}

/// With these authorities in the chain.
pub(super) fn chain(
    name: &'static str,
    expect: Expect,
    leaf: Vec<u8>,
    key: &Key,
    authorities: &[&Authority],
) -> Hostile {
    let mut chain = vec![CertificateDer::from(leaf)];
    chain.extend(authorities.iter().map(|authority| authority.certificate.clone().into()));
    Hostile { name, chain, key_pem: key.pem(), expect }
}

/// Refused in the handshake, with the alert that belongs to the reason.
pub(super) fn tls(reason: &'static str) -> Expect {
    let alert = match reason {
        "expired" | "not_yet_valid" => "CertificateExpired",
        "unknown_ca" | "self_signed" | "not_from_issuing_ca" | "path_length" | "issuer_not_ca" => "UnknownCA",
        "ca_as_client" | "extended_key_usage" | "key_usage" | "client_key" => "UnsupportedCertificate",
        "handshake_signature" => "DecryptError",
        "other_names" | "name_constraints" | "critical_extension" | "malformed" => "BadCertificate",
        other => panic!("{other} is no reason to refuse a certificate"),
    };
    Expect::Tls { reason, alert }
}

pub(super) fn call(reason: &'static str) -> Expect {
    Expect::Call { reason }
}
