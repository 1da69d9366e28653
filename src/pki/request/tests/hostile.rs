//! Requests that somebody made wrong on purpose, in bytes and in text.

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, UnparsedPublicKey,
};

use super::{
    build::{
        Csr, EC, ED25519, NULL, P256, P384, P521, SECP256K1, SHA256, SHA384, SHA512, Signer, algorithm,
        attribute, der, ed25519, hexed, p256, pem, spki,
    },
    tools::golden,
    *,
};
use Reason::{
    CsrSignatureInvalid, CsrTooLarge, CsrUnreadable, KeyAlgorithmRefused, KeyEncodingRefused, KeyWeak,
    SignatureAlgorithmRefused,
};

type Cases = Vec<(&'static str, Vec<u8>, Reason, &'static str)>;

fn check(cases: Cases, read: fn(&[u8]) -> Result<Request, Fault>) {
    for (name, bytes, reason, why) in cases {
        let (found, said) = refusal(read(&bytes));
        assert_eq!(found, reason, "{name}: {said}");
        assert!(said.contains(why), "{name}: {said}");
    }
}

/// What stands in the one block of a text.
fn golden_der(text: &[u8]) -> Vec<u8> {
    super::text::block(text).unwrap()
}

/// A request for the key of `signer` on this curve, signed by it.
fn on_curve(curve: &str, digest: &str, signer: &Signer) -> Vec<u8> {
    Csr::with(spki(&[EC, curve].concat(), &signer.key()), digest).signed(signer)
}

/// A request for a key of P-256 in these bytes. The signature is another key's, as nobody has this one's.
fn for_point(point: &[u8]) -> Vec<u8> {
    Csr::with(spki(&[EC, P256].concat(), point), SHA256).signed(&p256())
}

#[test]
fn kinds_and_curves_that_are_not_taken() {
    let ecdsa = Signer::ecdsa;
    let p384 = ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING);
    let p521 = ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING);
    let k1 = ecdsa(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING);
    let x25519 = Csr::with(spki("06032b656e", &[9; 32]), SHA256).signed(&p256());
    let dsa = Csr::with(spki("06072a8648ce380401", &hexed("020105")), SHA256).signed(&p256());
    let brainpool = Csr::with(spki(&[EC, "06092b2403030208010107"].concat(), &[4; 65]), SHA256);
    let cases = vec![
        ("P-384 with SHA-384", on_curve(P384, SHA384, &p384), KeyAlgorithmRefused, "P-384"),
        ("P-384 with SHA-256", golden_der(golden!("openssl-p384-sha256")), KeyAlgorithmRefused, "P-384"),
        ("P-521", on_curve(P521, SHA512, &p521), KeyAlgorithmRefused, "P-521"),
        ("secp256k1", on_curve(SECP256K1, SHA256, &k1), KeyAlgorithmRefused, "secp256k1"),
        ("brainpoolP256r1", brainpool.signed(&p256()), KeyAlgorithmRefused, "another curve"),
        ("X25519", x25519, KeyAlgorithmRefused, "X25519"),
        ("DSA", dsa, KeyAlgorithmRefused, "neither"),
    ];
    check(cases, read_der);
}

#[test]
fn keys_that_are_not_written_as_they_must_be() {
    // One whose point still is one without its last bit.
    let signer = std::iter::repeat_with(p256).find(|signer| signer.key()[64] & 1 == 0).unwrap();
    let key = signer.key();
    let compressed = [&[2 + (key[64] & 1)][..], &key[1..33]].concat();
    let hybrid = [&[6 + (key[64] & 1)][..], &key[1..]].concat();
    let mut off_curve = key.clone();
    off_curve[64] ^= 1;
    // The prime of P-256 as a coordinate: zero, written beyond the field.
    let prime = hexed("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let beyond = [&[4][..], &prime, &key[33..]].concat();
    let own = |elements: &str, key: &[u8]| Csr::with(spki(elements, key), SHA256).signed(&signer);
    let in_place = |key_bits: &[u8]| {
        let spki = der("30", &[&algorithm(&[EC, P256].concat()), &der("03", &[key_bits])]);
        Csr::with(spki, SHA256).signed(&signer)
    };
    // A key whose last bit is zero, as an unused bit must be.
    let even = std::iter::repeat_with(|| p256().key()).find(|key| key[64] & 1 == 0).unwrap();
    let unused_bits = [&[1][..], &even].concat();
    let edwards = ed25519();
    let with_null = Csr::with(spki(&[ED25519, NULL].concat(), &edwards.key()), ED25519).signed(&edwards);
    let ed = |key: &[u8]| Csr::with(spki(ED25519, key), ED25519).signed(&edwards);
    let mut not_canonical = [0xff; 32];
    not_canonical[0] = 0xf0;
    let cases = vec![
        ("compressed", own(&[EC, P256].concat(), &compressed), KeyEncodingRefused, "compressed"),
        ("hybrid", own(&[EC, P256].concat(), &hybrid), KeyEncodingRefused, "hybrid"),
        ("off the curve", for_point(&off_curve), KeyEncodingRefused, "not a point"),
        ("coordinate beyond the field", for_point(&beyond), KeyEncodingRefused, "not a point"),
        ("coordinates of zero", for_point(&[&[4][..], &[0; 64]].concat()), KeyEncodingRefused, "not a point"),
        ("infinity", for_point(&[0]), KeyEncodingRefused, "infinity"),
        ("no key", for_point(&[]), KeyEncodingRefused, "65 bytes"),
        ("a byte too few", for_point(&key[..64]), KeyEncodingRefused, "65 bytes"),
        ("a byte too many", for_point(&[&key[..], &[0]].concat()), KeyEncodingRefused, "65 bytes"),
        ("no curve", own(EC, &key), KeyEncodingRefused, "does not name"),
        ("curve of the issuer", own(&[EC, NULL].concat(), &key), KeyEncodingRefused, "does not name"),
        ("explicit curve", own(&[EC, "3003020101"].concat(), &key), KeyEncodingRefused, "spells"),
        ("unused bits", in_place(&unused_bits), KeyEncodingRefused, "not written in DER"),
        ("Ed25519 with NULL", with_null, KeyEncodingRefused, "parameters"),
        ("Ed25519 of 31 bytes", ed(&edwards.key()[..31]), KeyEncodingRefused, "32 bytes"),
        ("Ed25519 of 33 bytes", ed(&[&edwards.key()[..], &[0]].concat()), KeyEncodingRefused, "32 bytes"),
        ("Ed25519 beyond the field", ed(&not_canonical), KeyEncodingRefused, "RFC 8032"),
    ];
    check(cases, read_der);
}

#[test]
fn keys_that_others_hold() {
    // The private half of RFC 6979 §A.2.5, and 1, whose point is the generator.
    let rfc6979 = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
    let held = |scalar: &str, point: &str| {
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(kind, &hexed(scalar), &hexed(point)).unwrap();
        let signer = Signer::Ecdsa(pair);
        Csr::of(&signer).signed(&signer)
    };
    let generator = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
        4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let rfc6979_point = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
        7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
    let seed = |seed: &str| {
        let signer = Signer::Ed25519(Ed25519KeyPair::from_seed_unchecked(&hexed(seed)).unwrap());
        Csr::of(&signer).signed(&signer)
    };
    let rfc8032 = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    // With the neutral element for a key, R = B and S = 1 are a signature of anything: S B = R + h A. The
    // library takes it, so that nothing but our own check stands against it.
    let base = hexed("5866666666666666666666666666666666666666666666666666666666666666");
    let one = [&[1][..], &[0; 31]].concat();
    let forged = Signer::Fixed([base, one.clone()].concat());
    let neutral = Csr::with(spki(ED25519, &one), ED25519);
    let public = UnparsedPublicKey::new(&signature::ED25519, &one);
    public
        .verify(&neutral.info(), &forged.sign(&neutral.info()))
        .expect("the library takes the neutral element");
    let order_two = hexed("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    let cases = vec![
        ("generator", held(&format!("{}01", "00".repeat(31)), generator), KeyWeak, "published"),
        ("RFC 6979", held(rfc6979, rfc6979_point), KeyWeak, "published"),
        ("RFC 8032", seed(rfc8032), KeyWeak, "published"),
        ("seed of zeros", seed(&"00".repeat(32)), KeyWeak, "published"),
        ("neutral element", neutral.signed(&forged), KeyWeak, "small order"),
        ("order two", Csr::with(spki(ED25519, &order_two), ED25519).signed(&forged), KeyWeak, "small order"),
    ];
    check(cases, read_der);
}

#[test]
fn signatures_that_prove_nothing() {
    let signer = p256();
    let edwards = ed25519();
    let good = Csr::of(&signer);
    // The library signs by SHA-384 with greater curves only, so that OpenSSL signed this one.
    let sha384 = golden_der(golden!("openssl-p256-sha384"));
    let mut says_sha256 = sha384.clone();
    let digest = sha384.windows(10).rposition(|window| window == hexed(SHA384)).unwrap() + 9;
    says_sha256[digest] = 2;
    let says = |csr: &Csr, elements: &str| Csr { signature_algorithm: algorithm(elements), ..csr.clone() };
    let specified = ["06072a8648ce3d0403", "300b0609608648016503040201"].concat();
    let good_edwards = Csr::of(&edwards);
    let rsa = "06092a864886f70d01010b0500";

    let mut edited = good.signed(&signer);
    let at = edited.windows(6).position(|window| window == b"jadwal").unwrap();
    edited[at] = b'J';
    let raw = {
        // r and s side by side (IEEE P1363) instead of a SEQUENCE.
        let fixed = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let signer = Signer::Ecdsa(fixed);
        Csr::of(&signer).signed(&signer)
    };
    let not_a_point = Csr::with(spki(ED25519, &[&[2][..], &[0; 31]].concat()), ED25519).signed(&edwards);
    let cases = vec![
        ("another key's", good.signed(&p256()), CsrSignatureInvalid, ""),
        ("Ed25519, another key's", good_edwards.signed(&ed25519()), CsrSignatureInvalid, ""),
        ("edited", edited, CsrSignatureInvalid, ""),
        ("empty", good.signed(&Signer::Fixed(Vec::new())), CsrSignatureInvalid, ""),
        ("zeros", good.signed(&Signer::Fixed(hexed("3006020100020100"))), CsrSignatureInvalid, ""),
        ("raw", raw, CsrSignatureInvalid, ""),
        ("Ed25519 of what is no point", not_a_point, CsrSignatureInvalid, ""),
        ("says SHA-256, is SHA-384", says_sha256, CsrSignatureInvalid, ""),
        ("SHA-384", sha384, SignatureAlgorithmRefused, "SHA-384"),
        ("SHA-512", says(&good, SHA512).signed(&signer), SignatureAlgorithmRefused, "SHA-512"),
        ("specifiedECDSA", says(&good, &specified).signed(&signer), SignatureAlgorithmRefused, "Alternate"),
        ("RSA", says(&good, rsa).signed(&signer), SignatureAlgorithmRefused, "another kind"),
        ("Ed25519 for P-256", says(&good, ED25519).signed(&edwards), SignatureAlgorithmRefused, "P-256"),
        (
            "P-256 for Ed25519",
            says(&good_edwards, SHA256).signed(&signer),
            SignatureAlgorithmRefused,
            "Ed25519",
        ),
        (
            "SHA-256 with NULL",
            says(&good, &[SHA256, NULL].concat()).signed(&signer),
            SignatureAlgorithmRefused,
            "parameters",
        ),
    ];
    check(cases, read_der);
}

#[test]
fn bytes_that_are_no_request() {
    let signer = p256();
    let good = Csr::of(&signer);
    let bytes = good.signed(&signer);
    let info = good.info();
    let rest = &bytes[3 + info.len()..];
    assert_eq!(der("30", &[&info, rest]), bytes);
    // Outer length left open, with two zero bytes at the end.
    let open = [&[0x30, 0x80][..], &info, rest, &[0, 0]].concat();
    let long = [&[0x30, 0x82, 0x00, bytes[2]][..], &bytes[3..]].concat();
    let inner = |change: fn(&mut Csr)| {
        let mut csr = good.clone();
        change(&mut csr);
        csr.signed(&signer)
    };
    // x509-parser takes what stands behind the attributes' [0] for more of them.
    let stray = inner(|csr| csr.behind = attribute("0603550403", "0500"));
    X509CertificationRequest::from_der(&stray).expect("the library takes the stray attribute");
    let spki_tail = inner(|csr| csr.spki = der("30", &[&csr.spki[2..], &hexed("0500")]));
    let version = inner(|csr| csr.version = hexed("020101"));
    let padded = inner(|csr| csr.version = hexed("02020000"));
    let no_attributes = {
        let info = der("30", &[&good.version, &good.subject, &good.spki]);
        der("30", &[&info, rest])
    };
    let pkcs8 = der("30", &[&hexed("020100"), &algorithm(ED25519), &der("04", &[&der("04", &[&[7; 32]])])]);
    let cases = vec![
        ("empty", Vec::new(), CsrUnreadable, "cut short"),
        ("cut", bytes[..bytes.len() - 1].to_vec(), CsrUnreadable, "cut short"),
        ("a byte more", [&bytes[..], &[0]].concat(), CsrUnreadable, "bytes follow"),
        ("twice", [&bytes[..], &bytes].concat(), CsrUnreadable, "bytes follow"),
        ("open length", open, CsrUnreadable, "left open"),
        ("long length", long, CsrUnreadable, "more bytes than it needs"),
        ("stray attribute", stray, CsrUnreadable, "RFC 2986"),
        ("behind the key", spki_tail, CsrUnreadable, "RFC 2986"),
        ("version 2", version, CsrUnreadable, "version"),
        ("padded version", padded, CsrUnreadable, "INTEGER"),
        ("no attributes", no_attributes, CsrUnreadable, "RFC 2986"),
        ("a private key", pkcs8, CsrUnreadable, "private key"),
        ("a lone key", good.spki.clone(), CsrUnreadable, "RFC 2986"),
        ("too large", vec![0x30; BYTES_MAX + 1], CsrTooLarge, ""),
    ];
    check(cases, read_der);
}

#[test]
fn texts_that_hold_more_or_less_than_a_request() {
    let signer = p256();
    let bytes = Csr::of(&signer).signed(&signer);
    let good = pem("CERTIFICATE REQUEST", &bytes);
    read_text(good.as_bytes()).unwrap();
    read_text(format!("\u{feff}{}", good.replace('\n', "\r\n")).as_bytes()).unwrap();
    read_text(format!("Sent by BLK\n\n  {}", good.replace('\n', " \n  ")).as_bytes()).unwrap();
    let text = |text: &str| text.as_bytes().to_vec();
    let certificate = String::from_utf8(golden!("openssl-certificate").to_vec()).unwrap();
    let key = pem("EC PRIVATE KEY", &[7; 32]);
    let encrypted = pem("ENCRYPTED PRIVATE KEY", &[7; 32]);
    let new = pem("NEW CERTIFICATE REQUEST", &bytes);
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let crossed = good.replace("END CERTIFICATE", "END NEW CERTIFICATE");
    let cases = vec![
        ("empty", text(""), CsrUnreadable, "no CERTIFICATE REQUEST"),
        ("no block", text("hello"), CsrUnreadable, "no CERTIFICATE REQUEST"),
        ("not base64", text(&good.replacen('M', "!", 1)), CsrUnreadable, "damaged"),
        ("no end", text(&good[..good.len() - 10]), CsrUnreadable, "damaged"),
        ("another end", text(&crossed), CsrUnreadable, "damaged"),
        ("headers", text(&good.replacen("-----\n", "-----\nProc-Type: 4\n\n", 1)), CsrUnreadable, "damaged"),
        ("nothing in it", text(&pem("CERTIFICATE REQUEST", &[])), CsrUnreadable, "cut short"),
        ("two", text(&format!("{good}{good}")), CsrUnreadable, "more than one"),
        ("two kinds", text(&format!("{good}{new}")), CsrUnreadable, "more than one"),
        ("certificate", text(&certificate), CsrUnreadable, "certificate in it"),
        ("certificate behind", text(&format!("{good}{certificate}")), CsrUnreadable, "certificate in it"),
        ("certificate labelled so", text(&pem("CERTIFICATE REQUEST", &[0x30, 0])), CsrUnreadable, "RFC 2986"),
        ("wrong label", text(&pem("CERTIFICATE REQUESTS", &bytes)), CsrUnreadable, "that is no"),
        ("PKCS#7", text(&format!("{}{good}", pem("PKCS7", &bytes))), CsrUnreadable, "that is no"),
        ("private key before", text(&format!("{key}{good}")), CsrUnreadable, "private key"),
        ("private key behind", text(&format!("{good}{encrypted}")), CsrUnreadable, "private key"),
        ("UTF-16", wide, CsrUnreadable, "UTF-16"),
        (
            "a byte more inside",
            text(&pem("CERTIFICATE REQUEST", &[&bytes[..], &[0]].concat())),
            CsrUnreadable,
            "follow",
        ),
        ("DER, open length", vec![0x30, 0x80, 0, 0], CsrUnreadable, "left open"),
        ("oversized", text(&format!("{good}{}", "\n".repeat(BYTES_MAX))), CsrTooLarge, ""),
    ];
    check(cases, read_text);
}
