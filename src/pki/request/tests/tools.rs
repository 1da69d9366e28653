//! Requests of OpenSSL 3.0 and keytool 17, made with those programs and kept in `tests/golden/csr/`, and one
//! after the shape of certreq, made by hand.

use super::{
    build::{Csr, Signer, attribute, der, hexed, p256, pem},
    *,
};

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/csr/", $name, ".pem")).as_slice()
    };
}
pub(super) use golden;

#[test]
fn requests_of_openssl_and_keytool_are_read() {
    let of = |text: &[u8]| read_text(text).unwrap();
    let full = [
        "subject C=ID, O=BLK Kepri, CN=jadwal.blk-kepri.example",
        "attribute unstructuredName",
        "attribute challengePassword",
        "extension subjectAltName",
        "extension keyUsage",
        "extension extendedKeyUsage",
    ];
    for (text, algorithm) in
        [(golden!("openssl-p256"), KeyAlgorithm::P256), (golden!("openssl-ed25519"), KeyAlgorithm::Ed25519)]
    {
        let request = of(text);
        assert_eq!(request.algorithm, algorithm);
        let mut ignored = request.ignored;
        // OpenSSL sorts attributes by their bytes.
        ignored.sort();
        let mut full = full;
        full.sort_unstable();
        assert_eq!(ignored, full);
    }
    assert!(of(golden!("openssl-bare")).ignored.is_empty());
    // One key, in three requests.
    assert_eq!(of(golden!("openssl-bare")).key_id, of(golden!("openssl-p256")).key_id);
    assert_eq!(of(golden!("openssl-text")).key_id, of(golden!("openssl-p256")).key_id);

    let keytool = of(golden!("keytool-p256"));
    assert_eq!(keytool.algorithm, KeyAlgorithm::P256);
    let ignored = [
        "subject C=ID, O=BLK Kepri, CN=jadwal",
        "extension subjectKeyIdentifier",
        "extension subjectAltName",
    ];
    assert_eq!(keytool.ignored, ignored);
    assert_eq!(of(golden!("keytool-ed25519")).algorithm, KeyAlgorithm::Ed25519);
}

/// Made by hand after the shape of requests that Windows' certreq writes; no Windows was asked. Its
/// attributes: OS version, client info (client, machine, user, program), extensionRequest with key usage,
/// certificate template name and subject key identifier, and the enrollment CSP.
pub(super) fn like_certreq(signer: &Signer) -> Vec<u8> {
    let mut csr = Csr::of(signer);
    let extension = |oid: &str, value: &[u8]| der("30", &[&hexed(oid), &der("04", &[value])]);
    let critical = der("30", &[&hexed("0603551d0f 0101ff 0404 03020780")]);
    // "GerbangKlien" as a BMPString.
    let template = extension(
        "06092b0601040182371402",
        &hexed("1e18 0047 0065 0072 0062 0061 006e 0067 004b 006c 0069 0065 006e"),
    );
    let identifier = extension("0603551d0e", &der("04", &[&[0xab; 20]]));
    let requested = der("30", &[&critical, &template, &identifier]);
    let client = der(
        "30",
        &[
            &hexed("020105"),
            &der("0c", &[b"desk.blk-kepri.example"]),
            &der("0c", &[b"BLK\\operator"]),
            &der("0c", &[b"certreq.exe"]),
        ],
    );
    let provider: Vec<u8> =
        "Microsoft Software Key Storage Provider".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let provider = der("30", &[&hexed("020100"), &der("1e", &[&provider]), &hexed("030100")]);
    csr.attributes = vec![
        attribute("060a2b060104018237 0d0203", &hex::encode(der("16", &[b"10.0.20348.2"]))),
        attribute("06092b0601040182371514", &hex::encode(client)),
        attribute("06092a864886f70d01090e", &hex::encode(requested)),
        attribute("060a2b060104018237 0d0202", &hex::encode(provider)),
    ];
    csr.signed(signer)
}

#[test]
fn a_request_like_those_of_certreq_is_read() {
    let request = like_certreq(&p256());
    let ignored = [
        "subject CN=jadwal",
        "attribute 1.3.6.1.4.1.311.13.2.3",
        "attribute 1.3.6.1.4.1.311.21.20",
        "extension keyUsage",
        "extension 1.3.6.1.4.1.311.20.2",
        "extension subjectKeyIdentifier",
        "attribute 1.3.6.1.4.1.311.13.2.2",
    ];
    assert_eq!(read_der(&request).unwrap().ignored, ignored);
    let text = pem("NEW CERTIFICATE REQUEST", &request).replace('\n', "\r\n");
    assert_eq!(read_text(text.as_bytes()).unwrap().ignored, ignored);
    assert_eq!(read_text(&request).unwrap().ignored, ignored);
}

#[test]
fn keys_and_signatures_that_tools_offer_beside_are_refused() {
    use Reason::{KeyAlgorithmRefused, KeyEncodingRefused, SignatureAlgorithmRefused};
    for (text, reason, why) in [
        (golden!("openssl-rsa2048"), KeyAlgorithmRefused, "RSA"),
        (golden!("openssl-secp256k1"), KeyAlgorithmRefused, "secp256k1"),
        (golden!("openssl-p384-sha256"), KeyAlgorithmRefused, "P-384"),
        (golden!("openssl-p384-sha384"), KeyAlgorithmRefused, "P-384"),
        (golden!("openssl-p521"), KeyAlgorithmRefused, "P-521"),
        (golden!("openssl-ed448"), KeyAlgorithmRefused, "Ed448"),
        (golden!("openssl-explicit"), KeyEncodingRefused, "spells a curve out"),
        (golden!("openssl-compressed"), KeyEncodingRefused, "compressed"),
        (golden!("openssl-hybrid"), KeyEncodingRefused, "hybrid"),
        (golden!("openssl-p256-sha1"), SignatureAlgorithmRefused, "SHA-1,"),
        (golden!("openssl-p256-sha384"), SignatureAlgorithmRefused, "SHA-384"),
        (golden!("openssl-p256-sha512"), SignatureAlgorithmRefused, "SHA-512"),
        (golden!("openssl-certificate"), Reason::CsrUnreadable, "certificate"),
    ] {
        let (found, said) = refusal(read_text(text));
        assert_eq!(found, reason, "{said}");
        assert!(said.contains(why), "{said}");
    }
}
