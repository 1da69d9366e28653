//! The public keys that a client may have: P-256 or Ed25519, whose private half nobody but its owner can know.
//!
//! TLS libraries verify signatures of keys that anybody can sign for (neutral and small-order points, keys
//! printed in RFCs), so those are refused here.

mod published;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use x509_parser::{
    asn1_rs::{Any, Oid, Tag, oid},
    oid_registry::{
        OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_NIST_EC_P521, OID_PKCS1_RSAENCRYPTION,
        OID_SIG_ED448, OID_SIG_ED25519,
    },
    x509::SubjectPublicKeyInfo,
};

use crate::{
    domain::{Fault, Reason},
    text_enum,
};

text_enum! {
    /// The kinds of key that a client may have.
    KeyAlgorithm {
        /// ECDSA on NIST's curve P-256 (RFC 5480).
        P256 = "P-256",
        /// Ed25519 (RFC 8410).
        Ed25519 = "Ed25519",
    }
}

/// The flaw for which a key cannot be a client's. Each variant holds the fact `why`, half a sentence about "its key".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFlaw {
    /// The key is of a kind or on a curve that is not taken.
    Algorithm(&'static str),
    /// The key is of the right kind, but not written in the one way that is taken, or is no key at all.
    Encoding(&'static str),
    /// Others can sign for the key.
    Weak(&'static str),
}

impl KeyFlaw {
    /// The fact `why`: half a sentence about "its key".
    pub fn why(self) -> &'static str {
        match self {
            Self::Algorithm(why) | Self::Encoding(why) | Self::Weak(why) => why,
        }
    }
}

/// Becomes `KEY_ALGORITHM_REFUSED`, `KEY_ENCODING_REFUSED` or `KEY_WEAK` with the fact `why`.
impl From<KeyFlaw> for Fault {
    fn from(flaw: KeyFlaw) -> Self {
        let reason = match flaw {
            KeyFlaw::Algorithm(_) => Reason::KeyAlgorithmRefused,
            KeyFlaw::Encoding(_) => Reason::KeyEncodingRefused,
            KeyFlaw::Weak(_) => Reason::KeyWeak,
        };
        Self::from(reason).with("why", flaw.why())
    }
}

/// The encodings of Ed25519's points of small order, with the sign bit cleared.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// The bytes before the 65 bytes of the point in a P-256 key (RFC 5480 §2).
const P256_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The bytes before the 32 bytes of an Ed25519 key (RFC 8410 §4).
const ED25519_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Other kinds of key that tools make.
static OTHER_KINDS: [(Oid<'static>, &str); 4] = [
    (OID_PKCS1_RSAENCRYPTION, "its key is RSA, neither P-256 nor Ed25519"),
    // RSASSA-PSS.
    (oid!(1.2.840.113549.1.1.10), "its key is RSA, neither P-256 nor Ed25519"),
    (OID_SIG_ED448, "its key is Ed448, neither P-256 nor Ed25519"),
    (oid!(1.3.101.110), "its key is X25519, which cannot sign"),
];

/// Other curves that tools offer.
static OTHER_CURVES: [(Oid<'static>, &str); 3] = [
    (OID_NIST_EC_P384, "its key is on P-384, another curve than P-256"),
    (OID_NIST_EC_P521, "its key is on P-521, another curve than P-256"),
    (oid!(1.3.132.0.10), "its key is on secp256k1, another curve than P-256"),
];

/// Checks that a key can be a client's, and tells its kind. A key that passes has one encoding only, so that equal bytes
/// mean equal keys.
pub fn read(key: &SubjectPublicKeyInfo<'_>) -> Result<KeyAlgorithm, KeyFlaw> {
    let algorithm = &key.algorithm;
    let bytes = key.subject_public_key.data.as_ref();
    let (kind, head) = if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        check_curve(algorithm.parameters.as_ref())?;
        check_p256(bytes)?;
        (KeyAlgorithm::P256, P256_HEAD.as_slice())
    } else if algorithm.algorithm == OID_SIG_ED25519 {
        if algorithm.parameters.is_some() {
            return Err(KeyFlaw::Encoding("its key's algorithm carries parameters, which Ed25519 has not"));
        }
        check_ed25519(bytes)?;
        (KeyAlgorithm::Ed25519, ED25519_HEAD.as_slice())
    } else {
        let why = why(&OTHER_KINDS, &algorithm.algorithm).unwrap_or("its key is neither P-256 nor Ed25519");
        return Err(KeyFlaw::Algorithm(why));
    };
    if key.raw.strip_prefix(head) != Some(bytes) {
        return Err(KeyFlaw::Encoding("its key is not written in DER"));
    }
    Ok(kind)
}

/// The parameters name the curve; RFC 5480 §2.1.1 forbids everything else.
fn check_curve(parameters: Option<&Any<'_>>) -> Result<(), KeyFlaw> {
    let curve = match parameters {
        Some(any) if any.tag() == Tag::Sequence => {
            return Err(KeyFlaw::Encoding("its key spells a curve out instead of naming P-256"));
        }
        Some(any) if any.tag() == Tag::Oid => any.as_oid().ok(),
        _ => None,
    };
    let curve = curve.ok_or(KeyFlaw::Encoding("its key does not name its curve"))?;
    if curve != OID_EC_P256 {
        let why = why(&OTHER_CURVES, &curve).unwrap_or("its key is on another curve than P-256");
        return Err(KeyFlaw::Algorithm(why));
    }
    Ok(())
}

fn why(known: &[(Oid<'static>, &'static str)], found: &Oid<'_>) -> Option<&'static str> {
    known.iter().find(|(oid, _)| oid == found).map(|(_, why)| *why)
}

/// A point as SEC 1 §2.3.3 writes it; only the uncompressed form is read everywhere.
fn check_p256(bytes: &[u8]) -> Result<(), KeyFlaw> {
    match bytes {
        [0] => return Err(KeyFlaw::Encoding("its key is the point at infinity")),
        [2 | 3, ..] => return Err(KeyFlaw::Encoding("its key is a compressed point")),
        [6 | 7, ..] => return Err(KeyFlaw::Encoding("its key is a hybrid point")),
        [4, ..] if bytes.len() == 65 => {}
        _ => return Err(KeyFlaw::Encoding("its key is not an uncompressed point of 65 bytes")),
    }
    if ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes).is_err() {
        return Err(KeyFlaw::Encoding("its key is not a point of P-256"));
    }
    if published::P256.contains(&hex::encode(&bytes[1..33]).as_str()) {
        return Err(KeyFlaw::Weak("its key is a published one"));
    }
    Ok(())
}

/// Whether the bytes are a point at all is left to the signature, which nobody can make for what is none.
fn check_ed25519(bytes: &[u8]) -> Result<(), KeyFlaw> {
    let Ok(mut point) = <[u8; 32]>::try_from(bytes) else {
        return Err(KeyFlaw::Encoding("its key has not 32 bytes"));
    };
    // A point and its negative differ in this bit alone.
    point[31] &= 0x7f;
    let text = hex::encode(point);
    if SMALL_ORDER.contains(&text.as_str()) {
        return Err(KeyFlaw::Weak("its key is a point of small order"));
    }
    if published::ED25519.contains(&text.as_str()) {
        return Err(KeyFlaw::Weak("its key is a published one"));
    }
    // RFC 8032 §5.1.3: the coordinate is below 2^255 - 19.
    let beyond = point[0] >= 0xed && point[31] == 0x7f && point[1..31].iter().all(|byte| *byte == 0xff);
    if beyond {
        return Err(KeyFlaw::Encoding("its key is not written as RFC 8032 asks"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_anybody_holds_are_refused() {
        let generator_y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
        let point = |x: &str, y: &str| hex::decode(format!("04{x}{y}")).unwrap();
        let generator = point(published::P256[0], generator_y);
        assert_eq!(check_p256(&generator), Err(KeyFlaw::Weak("its key is a published one")));
        let turned = point(generator_y, published::P256[0]);
        assert_eq!(check_p256(&turned), Err(KeyFlaw::Encoding("its key is not a point of P-256")));
        assert_eq!(check_p256(&[0]), Err(KeyFlaw::Encoding("its key is the point at infinity")));

        for known in SMALL_ORDER.iter().chain(&published::ED25519) {
            let mut bytes = hex::decode(known).unwrap();
            assert!(matches!(check_ed25519(&bytes), Err(KeyFlaw::Weak(_))), "{known}");
            bytes[31] |= 0x80;
            assert!(matches!(check_ed25519(&bytes), Err(KeyFlaw::Weak(_))), "{known}, negative");
        }
        assert_eq!(check_ed25519(&[7; 32]), Ok(()));
        assert_eq!(check_ed25519(&[7; 31]), Err(KeyFlaw::Encoding("its key has not 32 bytes")));
    }
}
