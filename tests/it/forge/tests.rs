//! The forge's own proof: what is right is right by webpki, the cases are what they claim, and why Gerbang checks
//! more than webpki does.

use std::{collections::HashSet, time::Duration};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{Expect, Forge, Hostile, Key, Profile, hostile};
use crate::world::{NOW, TRUST_DOMAIN};

/// webpki's verdict on a chain, with our root and whatever the client presents.
fn verify(forge: &Forge, chain: &[CertificateDer<'_>], usage: KeyUsage) -> Result<(), webpki::Error> {
    let root = forge.root.certificate.clone().into();
    let anchors = [anchor_from_trusted_cert(&root).unwrap()];
    let leaf = EndEntityCert::try_from(&chain[0])?;
    let seconds = now().as_second().unsigned_abs();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &chain[1..], time, usage, None, None).map(drop)
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn chain(pem: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect()
}

#[test]
fn what_is_right_verifies() {
    let forge = Forge::new();
    let client = forge.client(TRUST_DOMAIN, "operator", "admin");
    verify(&forge, &chain(&client.chain_pem), KeyUsage::client_auth()).unwrap();
    assert_eq!(client.chain_pem, client.certificate_pem.clone() + &forge.clients_pem());

    let server = forge.server(&["localhost", "127.0.0.1"]);
    verify(&forge, &chain(&server.chain_pem), KeyUsage::server_auth()).unwrap();
    let whole = server.certificate_pem.clone() + &forge.gateways_pem() + &forge.root_pem();
    assert_eq!(server.chain_pem, whole);

    let key = Key::ed25519();
    let ed25519 = forge.client_with(Profile { key, ..Profile::client(TRUST_DOMAIN, "operator", "admin") });
    verify(&forge, &chain(&ed25519.chain_pem), KeyUsage::client_auth()).unwrap();
    for issued in [client, server, ed25519] {
        let key = PrivateKeyDer::from_pem_slice(issued.key_pem.as_bytes()).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let chain = chain(&issued.chain_pem);
        rustls::sign::CertifiedKey::from_der(chain, key, &provider).unwrap().keys_match().unwrap();
    }
}

#[test]
fn the_cases_are_many_and_each_has_a_name_of_its_own() {
    let forge = Forge::new();
    let cases = hostile(&forge, TRUST_DOMAIN, "operator", "admin", now());
    let names: HashSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len());
    let leaves: HashSet<_> = cases.iter().map(|case| &case.chain[0]).collect();
    assert_eq!(leaves.len(), cases.len());
    let calls = cases.iter().filter(|case| matches!(case.expect, Expect::Call { .. })).count();
    assert!(cases.len() - calls >= 44 && calls >= 12, "{calls} of {}", cases.len());
}

/// The chains that webpki lets pass although the handshake has to fail; keys and their signatures it leaves to others.
const WEBPKI_ACCEPTS: &[&str] = &[
    "straight below the root",
    "straight below the root, with our authority",
    "from a third authority below the root",
    "from an authority that may not sign",
    "for no purpose",
    "for clients and any purpose",
    "no key usage",
    "a key for key agreement only",
    "a key that may sign certificates",
    "a key that may sign revocation lists",
    "an e-mail address beside the URI",
    "a directory name beside the URI",
    "a registered id beside the URI",
    "a principal's name beside the URI",
    "another key in the handshake",
    "a P-384 key",
    "an RSA key",
    "the P-256 key of RFC 6979",
    "the generator as a key",
    "the Ed25519 key of RFC 8032",
    "an Ed25519 point of small order",
    "the neutral element of Ed25519",
    "an Ed25519 key with parameters",
    "a compressed point",
    "the point at infinity",
    "a point off the curve",
    "a point that claims another curve",
    "no alternative names",
    "the serial number 0",
    "a negative serial number",
    "a serial number of 21 bytes",
    "a serial number with a leading zero",
    "a serial number that needs a leading zero",
    "a serial number of no byte",
    "a serial number of one byte",
    "a serial number of 15 bytes",
    "a subject of bytes that are no UTF-8",
    "a subject with a line break",
    "a subject of two-byte letters",
    "a subject of another kind of text",
    "a subject that is a number",
    "a subject without text",
    "no subject",
    "two common names",
    "an organisation for a subject",
    "a common name of 65 letters",
    "valid for twenty years",
    "valid until 2051",
    "valid for a second too long",
    "a time with four digits for an early year",
    "two subject key identifiers",
    "two authority key identifiers",
    "an unknown extension that is not critical",
    "an alternative name of the issuer",
    "no subject key identifier",
    "no authority key identifier",
    "no basic constraints",
    "the identifier of another key",
    "an authority key identifier of a name",
    "bytes behind the authority key identifier",
    "constraints that are not critical",
    "constraints that write their default",
    "a path length without an authority",
    "a key usage that is not critical",
    "a key usage with bits to spare",
    "a key that may also promise",
    "for clients and servers",
    "for clients and signing code",
    "for clients twice",
    "purposes that are critical",
    "a default that is written out",
    "a length longer than it needs",
];

#[test]
fn webpki_alone_would_let_these_pass() {
    let forge = Forge::new();
    let cases = hostile(&forge, TRUST_DOMAIN, "operator", "admin", now());
    let accepted = |case: &&Hostile| verify(&forge, &case.chain, KeyUsage::client_auth()).is_ok();
    let (calls, handshakes): (Vec<_>, Vec<_>) =
        cases.iter().partition(|case| matches!(case.expect, Expect::Call { .. }));
    for case in calls {
        verify(&forge, &case.chain, KeyUsage::client_auth()).expect(case.name);
    }
    let found: Vec<_> = handshakes.into_iter().filter(accepted).map(|case| case.name).collect();
    assert_eq!(found, WEBPKI_ACCEPTS);
}
