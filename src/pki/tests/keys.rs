//! Keys as others read them: OpenSSL opens what is written here, and what it writes is read.

use super::{Random, Scratch, openssl, p256};
use crate::pki::{
    p12::p12,
    public::PublicKey,
    secret::{SecretError, SecretKey, SecretKind, verify},
};

const KINDS: [SecretKind; 2] = [SecretKind::P256, SecretKind::Ed25519];

#[test]
fn a_key_reads_as_it_was_written_and_is_version_1() {
    let scratch = Scratch::new();
    for kind in KINDS {
        let key = SecretKey::generate(kind).unwrap();
        // INTEGER 0 is version 1; before it stands the outer sequence's tag and length.
        let version = if key.pkcs8()[1] < 0x80 { 2 } else { 3 };
        assert_eq!(key.pkcs8()[version..version + 3], [2, 1, 0], "{kind:?}");
        let read = SecretKey::from_pem(&format!("\n{}\r\n", key.to_pem().as_str()), None).unwrap();
        assert_eq!((read.pkcs8(), read.kind(), read.key_id()), (key.pkcs8(), kind, key.key_id()));
        let path = scratch.file("key.pem", key.to_pem().as_bytes());
        let public = openssl(&["pkey", "-in", &path, "-pubout"]).unwrap();
        let expected = crate::pki::der::pem("PUBLIC KEY", &key.spki());
        assert_eq!(public, expected.as_str(), "{kind:?}");
        assert!(!format!("{key:?}").contains(&hex::encode(&key.pkcs8()[20..40])));
    }
}

#[test]
fn an_encrypted_key_opens_here_and_in_openssl() {
    let scratch = Scratch::new();
    let key = SecretKey::generate(SecretKind::Ed25519).unwrap();
    let pem = key.to_encrypted_pem("rahasia é", &Random).unwrap();
    assert_eq!(SecretKey::from_pem(&pem, Some("rahasia é")).unwrap().pkcs8(), key.pkcs8());
    assert_eq!(SecretKey::from_pem(&pem, Some("rahasia")).unwrap_err(), SecretError::PassphraseWrong);
    assert_eq!(SecretKey::from_pem(&pem, None).unwrap_err(), SecretError::PassphraseNeeded);
    assert_eq!(key.to_encrypted_pem("", &Random).unwrap_err(), SecretError::PassphraseNeeded);

    let path = scratch.file("key.pem", pem.as_bytes());
    let plain = openssl(&["pkey", "-in", &path, "-passin", "pass:rahasia é"]).unwrap();
    assert_eq!(plain, key.to_pem().as_str());
    openssl(&["pkey", "-in", &path, "-passin", "pass:rahasia"]).unwrap_err();
}

#[test]
fn keys_of_openssl_are_read() {
    for (arguments, expected) in [
        (&["genpkey", "-algorithm", "ed25519"][..], Ok(SecretKind::Ed25519)),
        (&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], Ok(SecretKind::P256)),
        (
            &["genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:kata"],
            Ok(SecretKind::Ed25519),
        ),
        (&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], Err(SecretError::Kind)),
        (&["genpkey", "-algorithm", "RSA"], Err(SecretError::Kind)),
        (&["ecparam", "-name", "prime256v1", "-genkey", "-noout"], Err(SecretError::Kind)),
    ] {
        let pem = openssl(arguments).unwrap();
        let read = SecretKey::from_pem(&pem, Some("kata"));
        assert_eq!(read.map(|key| key.kind()), expected, "{arguments:?}");
    }
}

#[test]
fn what_is_no_key_says_so() {
    let pem = p256().to_pem();
    let damaged = [
        "",
        "rahasia",
        &pem[..pem.len() / 2],
        &pem.replacen("MIG", "MIH", 1),
        &format!("{}{}", pem.as_str(), pem.as_str()),
        "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ];
    for text in damaged {
        assert_eq!(SecretKey::from_pem(text, Some("kata")).unwrap_err(), SecretError::Damaged, "{text}");
    }
}

#[test]
fn signatures_are_of_the_key_alone() {
    for kind in KINDS {
        let (key, other) = (SecretKey::generate(kind).unwrap(), SecretKey::generate(kind).unwrap());
        let signature = key.sign(b"pesan").unwrap();
        assert!(verify(&key.spki(), b"pesan", &signature));
        assert!(!verify(&key.spki(), b"pesan lain", &signature));
        assert!(!verify(&other.spki(), b"pesan", &signature));
        assert!(!verify(&key.spki(), b"pesan", &[signature.as_slice(), &[0]].concat()));
        assert!(!verify(&key.spki(), b"pesan", &[]));
        assert!(!verify(&[key.spki().as_slice(), &[0]].concat(), b"pesan", &signature));
        assert!(!verify(&[], b"pesan", &signature));
    }
}

#[test]
fn a_key_is_written_in_one_way() {
    let spki = p256().spki();
    PublicKey::parse(&spki).unwrap();
    // A length in two bytes where one does, and a compressed point.
    let long = [&[0x30, 0x81, 0x59], &spki[2..]].concat();
    let mut compressed = spki[..59].to_vec();
    compressed[1] = 0x39;
    compressed[24] = 0x22;
    compressed[26] = 2;
    // Ed25519 with parameters, which it has not.
    let edwards = SecretKey::generate(SecretKind::Ed25519).unwrap().spki();
    let null = [&[0x30, 0x2c, 0x30, 0x07, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0x00], &edwards[9..]].concat();
    for bad in [long, compressed, null, crate::pki::der::element(0x30, &[])] {
        PublicKey::parse(&bad).unwrap_err();
    }
    // The neutral element, for which anybody can sign.
    let neutral = [&edwards[..12], &[1], &[0; 31]].concat();
    assert!(!verify(&neutral, b"", &[[1].as_slice(), &[0; 63]].concat()));
}

#[test]
fn a_request_holds_name_and_key_and_verifies() {
    let scratch = Scratch::new();
    for kind in KINDS {
        let key = SecretKey::generate(kind).unwrap();
        let path = scratch.file("request.pem", key.request_pem("blk-kepri/jadwal").unwrap());
        let text = openssl(&["req", "-in", &path, "-verify", "-noout", "-subject", "-pubkey"]).unwrap();
        assert!(text.contains("CN = blk-kepri/jadwal"), "{text}");
        assert!(text.contains(crate::pki::der::pem("PUBLIC KEY", &key.spki()).as_str()), "{text}");
    }
}

#[test]
fn a_p12_opens_in_openssl() {
    let (house, key, scratch) = (super::House::new(), p256(), Scratch::new());
    let tbs = crate::pki::authority::to_be_signed(house.clients.certificate(), &super::client(&key)).unwrap();
    let leaf = house.clients.sign(&tbs).unwrap();
    let chain = [leaf.clone(), house.clients.certificate().to_vec(), house.root.certificate().to_vec()];
    let file = p12(&key, &chain, "rahasia").unwrap();
    let path = scratch.file("client.p12", file);
    let text = openssl(&["pkcs12", "-in", &path, "-passin", "pass:rahasia", "-nodes"]).unwrap();
    assert!(text.contains(key.to_pem().as_str()), "{text}");
    for der in &chain {
        assert!(text.contains(crate::pki::der::pem("CERTIFICATE", der).as_str()), "{text}");
    }
    let wrong = openssl(&["pkcs12", "-in", &path, "-passin", "pass:salah", "-nodes"]).unwrap_err();
    assert!(wrong.contains("invalid password"), "{wrong}");
    assert_eq!(p12(&key, &chain, "").unwrap_err(), SecretError::PassphraseNeeded);
    assert_eq!(p12(&key, &[vec![0]], "rahasia").unwrap_err(), SecretError::Damaged);
}
