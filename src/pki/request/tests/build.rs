//! Puts requests together byte by byte, right or wrong, and signs them in earnest.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// A tag in hex, and what stands in the element.
pub fn der(tag: &str, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = hex::decode(tag).unwrap();
    match content.len() {
        length @ 0..0x80 => bytes.push(u8::try_from(length).unwrap()),
        length @ 0x80..0x100 => bytes.extend([0x81, u8::try_from(length).unwrap()]),
        length => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

pub fn hexed(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

/// An AlgorithmIdentifier of these elements.
pub fn algorithm(elements: &str) -> Vec<u8> {
    der("30", &[&hexed(elements)])
}

pub const EC: &str = "06072a8648ce3d0201";
pub const P256: &str = "06082a8648ce3d030107";
pub const P384: &str = "06052b81040022";
pub const P521: &str = "06052b81040023";
pub const SECP256K1: &str = "06052b8104000a";
pub const ED25519: &str = "06032b6570";
pub const SHA256: &str = "06082a8648ce3d040302";
pub const SHA384: &str = "06082a8648ce3d040303";
pub const SHA512: &str = "06082a8648ce3d040304";
pub const NULL: &str = "0500";

/// A SubjectPublicKeyInfo with the elements of its algorithm in hex.
pub fn spki(elements: &str, key: &[u8]) -> Vec<u8> {
    der("30", &[&algorithm(elements), &der("03", &[&[0], key])])
}

/// A Name of one common name.
pub fn subject(common_name: &str) -> Vec<u8> {
    let value = der("0c", &[common_name.as_bytes()]);
    der("30", &[&der("31", &[&der("30", &[&hexed("0603550403"), &value])])])
}

/// An attribute: its identifier and its one value, both whole elements in hex.
pub fn attribute(oid: &str, value: &str) -> Vec<u8> {
    der("30", &[&hexed(oid), &der("31", &[&hexed(value)])])
}

pub enum Signer {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    /// Signs everything with these bytes.
    Fixed(Vec<u8>),
}

impl Signer {
    pub fn ecdsa(kind: &'static EcdsaSigningAlgorithm) -> Self {
        Self::Ecdsa(EcdsaKeyPair::generate(kind).unwrap())
    }

    /// The public key as it stands in the BIT STRING.
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Self::Fixed(_) => Vec::new(),
        }
    }

    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Ecdsa(pair) => pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(bytes).as_ref().to_vec(),
            Self::Fixed(signature) => signature.clone(),
        }
    }
}

pub fn p256() -> Signer {
    Signer::ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)
}

pub fn ed25519() -> Signer {
    Signer::Ed25519(Ed25519KeyPair::generate().unwrap())
}

/// The parts of a request, each a whole element, before it is signed.
#[derive(Clone)]
pub struct Csr {
    pub version: Vec<u8>,
    pub subject: Vec<u8>,
    pub spki: Vec<u8>,
    pub attributes: Vec<Vec<u8>>,
    pub signature_algorithm: Vec<u8>,
    /// Behind the attributes, where nothing should stand.
    pub behind: Vec<u8>,
}

impl Csr {
    /// A right one for this key of P-256 or Ed25519.
    pub fn of(signer: &Signer) -> Self {
        match signer {
            Signer::Ed25519(_) => Self::with(spki(ED25519, &signer.key()), ED25519),
            _ => Self::with(spki(&[EC, P256].concat(), &signer.key()), SHA256),
        }
    }

    pub fn with(spki: Vec<u8>, signature_algorithm: &str) -> Self {
        Self {
            version: hexed("020100"),
            subject: subject("jadwal"),
            spki,
            attributes: Vec::new(),
            signature_algorithm: algorithm(signature_algorithm),
            behind: Vec::new(),
        }
    }

    /// The CertificationRequestInfo.
    pub fn info(&self) -> Vec<u8> {
        let attributes = der("a0", &[&self.attributes.concat()]);
        der("30", &[&self.version, &self.subject, &self.spki, &attributes, &self.behind])
    }

    pub fn signed(&self, signer: &Signer) -> Vec<u8> {
        let info = self.info();
        let signature = der("03", &[&[0], &signer.sign(&info)]);
        der("30", &[&info, &self.signature_algorithm, &signature])
    }
}

pub fn pem(label: &str, bytes: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(bytes).as_bytes().chunks(64) {
        text.push_str(str::from_utf8(line).unwrap());
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}
