//! Public keys as SubjectPublicKeyInfo, and the check of their signatures: P-256 with SHA-256 or Ed25519, nothing else.
//!
//! Refuses every encoding but the one in DER, and keys for which anybody can sign (see `key`). The key decides
//! how its signature is checked; the sender of a signature has no say.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, VerificationAlgorithm},
};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData, SignatureAlgorithm};
use x509_parser::{asn1_rs::FromDer, x509::SubjectPublicKeyInfo};

use super::key;

/// All of an SPKI of P-256 that comes before the uncompressed point (RFC 5480 §2).
const P256_HEAD: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// All of an SPKI of Ed25519 that comes before the key (RFC 8410 §4).
const ED25519_HEAD: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

pub use super::key::KeyAlgorithm as SecretKind;

/// A public key that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The kind of key.
    pub kind: SecretKind,
    raw: Vec<u8>,
}

impl PublicKey {
    /// Reads an SPKI in DER. The error says why the key may not be used.
    pub fn parse(spki: &[u8]) -> Result<Self, &'static str> {
        let heads = [(SecretKind::P256, P256_HEAD, 65), (SecretKind::Ed25519, ED25519_HEAD, 32)];
        let (rest, parsed) =
            SubjectPublicKeyInfo::from_der(spki).map_err(|_| "it is not a public key (SPKI)")?;
        if !rest.is_empty() {
            return Err("bytes follow the key");
        }
        key::read(&parsed).map_err(key::KeyFlaw::why)?;
        // After this there is one encoding for each key, so that a digest of it names the key.
        heads
            .into_iter()
            .find_map(|(kind, head, length)| {
                let raw = spki.strip_prefix(head).filter(|raw| raw.len() == length)?;
                Some(Self { kind, raw: raw.to_vec() })
            })
            .ok_or("its key is not written in DER")
    }

    /// The SPKI of a key of ours.
    pub(super) fn wrap(kind: SecretKind, raw: &[u8]) -> Vec<u8> {
        match kind {
            SecretKind::P256 => [P256_HEAD, raw].concat(),
            SecretKind::Ed25519 => [ED25519_HEAD, raw].concat(),
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match self.kind {
            SecretKind::P256 => &ECDSA_P256_SHA256_ASN1,
            SecretKind::Ed25519 => &ED25519,
        };
        let key = ParsedPublicKey::new(algorithm, &self.raw);
        key.is_ok_and(|key| key.verify_sig(message, signature).is_ok())
    }
}

/// Whether the key of this SPKI made the signature: ECDSA on P-256 with SHA-256, as an ASN.1 sequence, or
/// Ed25519. A key that may not be used has signed nothing.
pub fn verify(spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    PublicKey::parse(spki).is_ok_and(|key| key.verifies(message, signature))
}

/// SHA-256 of an SPKI, by which keys are named.
pub fn key_id(spki: &[u8]) -> [u8; 32] {
    sha256(spki)
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

pub(super) fn rcgen_algorithm(kind: SecretKind) -> &'static SignatureAlgorithm {
    match kind {
        SecretKind::P256 => &PKCS_ECDSA_P256_SHA256,
        SecretKind::Ed25519 => &PKCS_ED25519,
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.raw
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        rcgen_algorithm(self.kind)
    }
}
