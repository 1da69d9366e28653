//! A certificate before it is signed, every part of it open to change, and what a leaf shall say.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use super::{
    der::{
        bit_string, boolean, common_name, context, context_plain, integer, named_bits, octet_string, oid,
        sequence, time, utf8,
    },
    key::Key,
};

pub const SUBJECT_KEY: &str = "2.5.29.14";
pub const KEY_USAGE: &str = "2.5.29.15";
pub const NAMES: &str = "2.5.29.17";
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub const AUTHORITY_KEY: &str = "2.5.29.35";
pub const PURPOSES: &str = "2.5.29.37";

pub const ANY_PURPOSE: &str = "2.5.29.37.0";
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";

pub const DIGITAL_SIGNATURE: u8 = 0;
pub const KEY_AGREEMENT: u8 = 4;
pub const KEY_CERT_SIGN: u8 = 5;
pub const CRL_SIGN: u8 = 6;

pub const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
pub const ECDSA_SHA384: &str = "1.2.840.10045.4.3.3";

/// What a leaf shall say, be it wrong or right.
#[derive(Clone)]
pub struct Profile {
    pub common_name: String,
    /// The subject's alternative names; with none there is no such extension.
    pub names: Vec<Name>,
    /// Object identifiers; with none there is no such extension.
    pub purposes: Vec<&'static str>,
    /// Numbers of bits; with none there is no such extension.
    pub key_usage: Vec<u8>,
    pub key: Key,
    pub not_before: Timestamp,
    /// The last second of validity.
    pub not_after: Timestamp,
}

/// One of the subject's alternative names.
#[derive(Clone)]
pub enum Name {
    Uri(String),
    Dns(&'static str),
    Ip(IpAddr),
    Email(&'static str),
    Directory(&'static str),
    RegisteredId(&'static str),
    /// A user's principal name, as Windows writes it.
    Principal(&'static str),
}

impl Name {
    fn der(&self) -> Vec<u8> {
        match self {
            Self::Uri(uri) => context_plain(6, uri.as_bytes()),
            Self::Dns(name) => context_plain(2, name.as_bytes()),
            Self::Ip(IpAddr::V4(address)) => context_plain(7, &address.octets()),
            Self::Ip(IpAddr::V6(address)) => context_plain(7, &address.octets()),
            Self::Email(address) => context_plain(1, address.as_bytes()),
            Self::Directory(name) => context(4, &common_name(name)),
            // The tag takes the place of the identifier's own.
            Self::RegisteredId(dotted) => context_plain(8, &oid(dotted)[2..]),
            Self::Principal(name) => {
                context(0, &[oid("1.3.6.1.4.1.311.20.2.3"), context(0, &utf8(name))].concat())
            }
        }
    }
}

#[derive(Clone)]
pub struct Extension {
    pub oid: &'static str,
    pub critical: bool,
    pub value: Vec<u8>,
}

/// A certificate before it is signed.
#[derive(Clone)]
pub struct Form {
    /// 2 for version 3; `None` leaves the field out, which means version 1.
    pub version: Option<u8>,
    pub serial: Vec<u8>,
    /// As it stands within what is signed; outside it is always [`ECDSA_SHA256`].
    pub algorithm: &'static str,
    pub issuer: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub subject: String,
    /// The SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    pub extensions: Vec<Extension>,
    /// Parts of what is signed that are written otherwise, whole elements.
    parts: Vec<(Part, Vec<u8>)>,
}

/// A part of what is signed, by its place there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Version = 0,
    Algorithm = 2,
    Validity = 4,
    Subject = 5,
    Extensions = 7,
}

impl Form {
    /// One with a random serial number and the key identifiers; `issuer` is a name and a public key.
    pub fn new(subject: &str, key: &Key, issuer: (&str, &Key), validity: (Timestamp, Timestamp)) -> Self {
        let mut serial = vec![0; 16];
        aws_lc_rs::rand::fill(&mut serial).unwrap();
        // Positive, and the same length each time.
        serial[0] = serial[0] & 0x3f | 0x40;
        let mut form = Self {
            version: Some(2),
            serial,
            algorithm: ECDSA_SHA256,
            issuer: issuer.0.to_owned(),
            not_before: validity.0,
            not_after: validity.1,
            subject: subject.to_owned(),
            public_key: key.public.clone(),
            extensions: Vec::new(),
            parts: Vec::new(),
        };
        form.put(SUBJECT_KEY, false, octet_string(&identifier(key)));
        form.put(AUTHORITY_KEY, false, sequence(&[context_plain(0, &identifier(issuer.1))]));
        form
    }

    /// A leaf as the profile wants it.
    pub fn leaf(profile: &Profile, issuer: (&str, &Key)) -> Self {
        let validity = (profile.not_before, profile.not_after);
        let mut form = Self::new(&profile.common_name, &profile.key, issuer, validity);
        form.put(BASIC_CONSTRAINTS, true, sequence(&[]));
        if !profile.key_usage.is_empty() {
            form.put(KEY_USAGE, true, named_bits(&profile.key_usage));
        }
        if !profile.purposes.is_empty() {
            form.put(PURPOSES, false, purposes(&profile.purposes));
        }
        if !profile.names.is_empty() {
            form.put(NAMES, false, names(&profile.names));
        }
        form
    }

    /// Makes it an authority's.
    pub fn authority(&mut self, path_length: u8, key_usage: &[u8]) {
        self.put(BASIC_CONSTRAINTS, true, authority_constraints(Some(path_length)));
        self.put(KEY_USAGE, true, named_bits(key_usage));
    }

    /// Excludes every DNS name and every address below this authority.
    pub fn exclude_hosts(&mut self) {
        let excluded = [context_plain(2, b""), context_plain(7, &[0; 8]), context_plain(7, &[0; 32])];
        let excluded: Vec<_> = excluded.into_iter().map(|base| sequence(&[base])).collect();
        self.put(NAME_CONSTRAINTS, true, sequence(&[context(1, &excluded.concat())]));
    }

    /// Adds an extension, in the place of one of the same kind if there is one.
    pub fn put(&mut self, oid: &'static str, critical: bool, value: Vec<u8>) {
        let extension = Extension { oid, critical, value };
        match self.extensions.iter_mut().find(|found| found.oid == oid) {
            Some(found) => *found = extension,
            None => self.extensions.push(extension),
        }
    }

    /// Writes a part of what is signed so, whatever it says else.
    pub fn put_part(&mut self, part: Part, der: Vec<u8>) {
        self.parts.push((part, der));
    }

    /// The certificate in DER.
    pub fn signed_by(&self, key: &Key) -> Vec<u8> {
        let signed = self.to_be_signed();
        let signature = bit_string(&key.sign(&signed));
        sequence(&[signed, sequence(&[oid(ECDSA_SHA256)]), signature])
    }

    fn to_be_signed(&self) -> Vec<u8> {
        let version = self.version.map_or_else(Vec::new, |version| context(0, &integer(&[version])));
        let extensions: Vec<_> = self.extensions.iter().map(Extension::der).collect();
        let mut parts = [
            version,
            integer(&self.serial),
            sequence(&[oid(self.algorithm)]),
            common_name(&self.issuer),
            sequence(&[time(self.not_before), time(self.not_after)]),
            common_name(&self.subject),
            self.public_key.clone(),
            context(3, &sequence(&extensions)),
        ];
        for (part, der) in &self.parts {
            parts[*part as usize].clone_from(der);
        }
        sequence(&parts)
    }
}

impl Extension {
    pub fn der(&self) -> Vec<u8> {
        // What is not critical does not say so: DER leaves defaults out.
        let critical = if self.critical { boolean(true) } else { Vec::new() };
        sequence(&[oid(self.oid), critical, octet_string(&self.value)])
    }
}

/// The value of an authority's basic constraints.
pub fn authority_constraints(path_length: Option<u8>) -> Vec<u8> {
    let length = path_length.map_or_else(Vec::new, |length| integer(&[length]));
    sequence(&[boolean(true), length])
}

/// The value of an extended key usage.
pub fn purposes(purposes: &[&str]) -> Vec<u8> {
    sequence(&purposes.iter().map(|purpose| oid(purpose)).collect::<Vec<_>>())
}

/// The value of the subject's alternative names.
pub fn names(names: &[Name]) -> Vec<u8> {
    sequence(&names.iter().map(Name::der).collect::<Vec<_>>())
}

/// A key's identifier: the first 160 bits of a hash, as RFC 7093 has it.
fn identifier(key: &Key) -> Vec<u8> {
    digest(&SHA256, &key.public).as_ref()[..20].to_vec()
}
