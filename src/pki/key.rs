//! Which public keys a client may have: P-256 or Ed25519, whose private half nobody but its owner can know.
//!
//! TLS libraries verify signatures of keys that anybody can sign for (neutral and small-order points, keys
//! printed in RFCs), so those are refused here. Called by `certificate`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use x509_parser::{
    oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ED25519},
    x509::SubjectPublicKeyInfo,
};

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

/// Ed25519 keys whose private half is printed, with the sign bit cleared: the base point, RFC 8032 §7.1
/// (tests 1 to 3), RFC 8410 §10.1.
const KNOWN_ED25519: [&str; 5] = [
    "5866666666666666666666666666666666666666666666666666666666666666",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad70316661",
];

/// The x coordinate of P-256 keys whose private half is printed: the generator (and its negative), RFC 6979
/// §A.2.5, RFC 9500 §2.3.
const KNOWN_P256: [&str; 3] = [
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "422548f88fb782ffb5eca3744452c72a1e558fbd6f73be5e48e93232cc45c5b1",
];

/// Why the key cannot be a client's; `None` when it can.
pub fn flaw(key: &SubjectPublicKeyInfo<'_>) -> Option<&'static str> {
    let algorithm = &key.algorithm;
    let bytes = key.subject_public_key.data.as_ref();
    if algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
        if curve != Some(OID_EC_P256) {
            return Some("its key is on another curve than P-256");
        }
        return p256_flaw(bytes);
    }
    if algorithm.algorithm == OID_SIG_ED25519 && algorithm.parameters.is_none() {
        return ed25519_flaw(bytes);
    }
    Some("its key is neither P-256 nor Ed25519")
}

fn p256_flaw(bytes: &[u8]) -> Option<&'static str> {
    if bytes.len() != 65 || bytes[0] != 4 {
        return Some("its key is not an uncompressed point");
    }
    if ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, bytes).is_err() {
        return Some("its key is not a point of P-256");
    }
    KNOWN_P256.contains(&hex::encode(&bytes[1..33]).as_str()).then_some("its key is a published one")
}

fn ed25519_flaw(bytes: &[u8]) -> Option<&'static str> {
    let Ok(mut point) = <[u8; 32]>::try_from(bytes) else { return Some("its key has not 32 bytes") };
    // A point and its negative differ in this bit alone.
    point[31] &= 0x7f;
    let point = hex::encode(point);
    if SMALL_ORDER.contains(&point.as_str()) {
        return Some("its key is a point of small order");
    }
    KNOWN_ED25519.contains(&point.as_str()).then_some("its key is a published one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_anybody_holds_are_refused() {
        let generator_y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
        let point = |x: &str, y: &str| hex::decode(format!("04{x}{y}")).unwrap();
        assert_eq!(p256_flaw(&point(KNOWN_P256[0], generator_y)), Some("its key is a published one"));
        assert_eq!(p256_flaw(&point(generator_y, KNOWN_P256[0])), Some("its key is not a point of P-256"));
        assert_eq!(p256_flaw(&[0]), Some("its key is not an uncompressed point"));

        for known in SMALL_ORDER.iter().chain(&KNOWN_ED25519) {
            let mut bytes = hex::decode(known).unwrap();
            assert!(ed25519_flaw(&bytes).is_some(), "{known}");
            bytes[31] |= 0x80;
            assert!(ed25519_flaw(&bytes).is_some(), "{known}, negative");
        }
        assert_eq!(ed25519_flaw(&[7; 32]), None);
        assert_eq!(ed25519_flaw(&[7; 31]), Some("its key has not 32 bytes"));
    }
}
