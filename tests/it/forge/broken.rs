//! Keys that no client may have, and certificates that cannot be read or were changed after signing.

use super::{
    der::{bit_string, context_plain, null, oid, sequence},
    form::ECDSA_SHA384,
    hostile::{Hostile, Stage, tls},
    key::{ED25519, Key, P256, SECP256K1, ec_public, ed25519_public},
};

/// The point that P-256 counts from: the public key of the private key 1.
const GENERATOR: [&str; 2] = [
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
];

/// RFC 6979 §A.2.5: the private key and the point.
const RFC_6979: [&str; 3] = [
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
];

/// RFC 8032 §7.1, test 1: the seed and the public key.
const RFC_8032: [&str; 2] = [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
];

/// A point of small order on Ed25519, for which anybody can sign.
const SMALL_ORDER: &str = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";

pub(super) fn keys(stage: &Stage<'_>) -> Vec<Hostile> {
    // With the private half that belongs to it: the handshake itself is right.
    let with = |name, key: Key| stage.profile(name, tls("client_key"), |profile| profile.key = key);
    // With a public key that has no private half. The certificate is judged before the handshake's signature.
    let public = |name, public: Vec<u8>| with(name, Key { public, ..Key::p256() });
    let mut wrong = stage.profile("another key in the handshake", tls("handshake_signature"), |_| ());
    wrong.key_pem = Key::p256().pem();

    let mut one = [0; 32];
    one[31] = 1;
    let p256 = Key::p256();
    let point = p256.point();
    let mut off_curve = point.to_vec();
    off_curve[64] ^= 1;
    let compressed = ec_public(P256, &[&[2 | point[64] & 1], &point[1..33]].concat());
    let elsewhere = ec_public(SECP256K1, point);
    let ed25519 = Key::ed25519();
    let parameters = sequence(&[oid(ED25519), null()]);
    let parameters = sequence(&[parameters, bit_string(&ed25519.public[ed25519.public.len() - 32..])]);
    let neutral = [&[1][..], &[0; 31]].concat();
    vec![
        wrong,
        with("a P-384 key", Key::p384()),
        with("an RSA key", Key::rsa()),
        with("the P-256 key of RFC 6979", Key::known_p256(RFC_6979[0], RFC_6979[1], RFC_6979[2])),
        with("the generator as a key", Key::known_p256(&hex::encode(one), GENERATOR[0], GENERATOR[1])),
        with("the Ed25519 key of RFC 8032", Key::known_ed25519(RFC_8032[0], RFC_8032[1])),
        public("an Ed25519 point of small order", ed25519_public(&hex::decode(SMALL_ORDER).unwrap())),
        public("the neutral element of Ed25519", ed25519_public(&neutral)),
        with("an Ed25519 key with parameters", Key { public: parameters, ..ed25519 }),
        with("a compressed point", Key { public: compressed, ..p256.clone() }),
        public("the point at infinity", ec_public(P256, &[0])),
        public("a point off the curve", ec_public(P256, &off_curve)),
        with("a point that claims another curve", Key { public: elsewhere, ..p256.clone() }),
    ]
}

pub(super) fn encodings(stage: &Stage<'_>) -> Vec<Hostile> {
    let malformed = tls("malformed");
    vec![
        stage.form("of version 1", malformed, |form| form.version = None),
        stage.form("of version 2", malformed, |form| form.version = Some(1)),
        stage.form("two signature algorithms", malformed, |form| form.algorithm = ECDSA_SHA384),
        stage.form("a unique id of the subject", malformed, |form| {
            // It stands behind the key. Nobody issues it, and webpki cannot read it.
            form.public_key.extend(context_plain(2, &[0, 1]));
        }),
        stage.bytes("changed after signing", tls("unknown_ca"), |leaf| {
            // The path ends with the system's name. Another letter is another system.
            let needle = format!("/agency/{}/{}", stage.agency, stage.system);
            let at = leaf.windows(needle.len()).position(|window| window == needle.as_bytes()).unwrap();
            leaf[at + needle.len() - 1] ^= 1;
        }),
        stage.bytes("another signature", tls("unknown_ca"), |leaf| {
            // The last byte of s: still a number, but not the right one.
            *leaf.last_mut().unwrap() ^= 1;
        }),
        stage.bytes("a byte behind it", malformed, |leaf| leaf.push(0)),
        stage.bytes("another certificate behind it", malformed, |leaf| leaf.extend(leaf.clone())),
        stage.bytes("the last byte missing", malformed, |leaf| leaf.truncate(leaf.len() - 1)),
        stage.bytes("its first half", malformed, |leaf| leaf.truncate(leaf.len() / 2)),
        stage.bytes("a length of indefinite form", malformed, |leaf| {
            // 30 82 hh ll … becomes 30 80 … 00 00, as BER allows and DER does not.
            leaf.splice(1..4, [0x80]);
            leaf.extend([0, 0]);
        }),
        stage.bytes("a length with a leading zero", malformed, |leaf| {
            leaf.splice(1..2, [0x83, 0]);
        }),
        stage.bytes("no certificate but random bytes", malformed, |leaf| {
            aws_lc_rs::rand::fill(leaf).unwrap();
            // Nothing of DER begins so.
            leaf[0] = 0xff;
        }),
    ]
}
