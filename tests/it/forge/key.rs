//! Keys to certify: right ones, ones of a kind that nobody may have, and ones that everybody knows.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use rcgen::{
    KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData,
    SignatureAlgorithm,
};

use super::der::{bit_string, context, integer, octet_string, oid, pem, sequence};

const EC: &str = "1.2.840.10045.2.1";
pub const P256: &str = "1.2.840.10045.3.1.7";
pub const SECP256K1: &str = "1.3.132.0.10";
pub const ED25519: &str = "1.3.101.112";

/// A key: what a certificate says of it, and the private half.
#[derive(Clone)]
pub struct Key {
    /// The SubjectPublicKeyInfo in DER.
    pub public: Vec<u8>,
    /// PKCS#8 v1 in DER.
    pub private: Vec<u8>,
}

impl Key {
    pub fn p256() -> Self {
        Self::generate(&PKCS_ECDSA_P256_SHA256)
    }

    pub fn p384() -> Self {
        Self::generate(&PKCS_ECDSA_P384_SHA384)
    }

    /// Of 2048 bits.
    pub fn rsa() -> Self {
        Self::generate(&PKCS_RSA_SHA256)
    }

    pub fn ed25519() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        // rcgen writes PKCS#8 v2, which OpenSSL and grpcio cannot load. The seed stands at a fixed place.
        let private = ed25519_private(&pair.serialized_der()[16..48]);
        Self { public: pair.subject_public_key_info(), private }
    }

    /// A P-256 key whose private half is printed somewhere: the scalar and the point, in hex.
    pub fn known_p256(scalar: &str, x: &str, y: &str) -> Self {
        let point = hex::decode(format!("04{x}{y}")).unwrap();
        let scalar = octet_string(&hex::decode(scalar).unwrap());
        let inner = sequence(&[integer(&[1]), scalar, context(1, &bit_string(&point))]);
        let private = sequence(&[integer(&[0]), sequence(&[oid(EC), oid(P256)]), octet_string(&inner)]);
        Self { public: ec_public(P256, &point), private }
    }

    /// An Ed25519 key whose private half is printed somewhere: the seed and the public key, in hex.
    pub fn known_ed25519(seed: &str, public: &str) -> Self {
        let private = ed25519_private(&hex::decode(seed).unwrap());
        Self { public: ed25519_public(&hex::decode(public).unwrap()), private }
    }

    fn generate(algorithm: &'static SignatureAlgorithm) -> Self {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        Self { public: pair.subject_public_key_info(), private: pair.serialize_der() }
    }

    pub fn pem(&self) -> String {
        pem("PRIVATE KEY", &self.private)
    }

    /// The point of a P-256 key, uncompressed.
    pub fn point(&self) -> &[u8] {
        &self.public[self.public.len() - 65..]
    }

    /// Signs as an authority does: ECDSA on P-256 with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.private).unwrap();
        pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}

/// What a certificate says of a key on this curve.
pub fn ec_public(curve: &str, point: &[u8]) -> Vec<u8> {
    sequence(&[sequence(&[oid(EC), oid(curve)]), bit_string(point)])
}

pub fn ed25519_public(bytes: &[u8]) -> Vec<u8> {
    sequence(&[sequence(&[oid(ED25519)]), bit_string(bytes)])
}

fn ed25519_private(seed: &[u8]) -> Vec<u8> {
    sequence(&[integer(&[0]), sequence(&[oid(ED25519)]), octet_string(&octet_string(seed))])
}
