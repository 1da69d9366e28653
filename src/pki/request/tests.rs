//! Requests of real tools are read, and each wrong one is refused for its own reason.
//!
//! The wrong ones carry real signatures wherever such a signature can be made, so that it is our own check
//! that refuses them and no earlier one.

mod build;
mod hostile;
mod tools;

use proptest::prelude::*;

use self::build::{Csr, Signer, ed25519, p256};
use super::*;

/// The reason, and the fact `why` where there is one.
fn refusal(result: Result<Request, Fault>) -> (Reason, String) {
    let fault = result.expect_err("a refusal");
    let why = fault.facts.iter().find(|(key, _)| key == "why");
    (fault.reason, why.map(|(_, why)| why.clone()).unwrap_or_default())
}

#[test]
fn the_key_is_taken_and_the_rest_is_reported() {
    for (signer, algorithm) in [(p256(), KeyAlgorithm::P256), (ed25519(), KeyAlgorithm::Ed25519)] {
        let csr = Csr::of(&signer);
        let request = read_der(&csr.signed(&signer)).unwrap();
        assert_eq!(request.spki, csr.spki);
        assert_eq!(request.key_id.as_slice(), digest(&SHA256, &csr.spki).as_ref());
        assert_eq!(request.algorithm, algorithm);
        assert_eq!(request.ignored, ["subject CN=jadwal"]);
    }
}

#[test]
fn what_is_reported_is_bounded_and_visible() {
    let signer = p256();
    let mut csr = Csr::of(&signer);
    csr.subject = build::subject("a\u{202e}b\nc\u{7}");
    assert_eq!(read_der(&csr.signed(&signer)).unwrap().ignored, ["subject CN=abc"]);
    csr.subject = build::subject(&"é".repeat(400));
    csr.attributes = vec![build::attribute("0603550403", "0c0161"); 40];
    let ignored = read_der(&csr.signed(&signer)).unwrap().ignored;
    assert_eq!(ignored.len(), 32);
    assert_eq!(ignored[0].chars().count(), 200);
    assert!(ignored[0].ends_with("é…"));
    assert_eq!(ignored[31], "and 10 more");
    // An identifier with numbers beyond 64 bits.
    csr.attributes = vec![build::attribute(&format!("068181{}01", "ff".repeat(128)), "0500")];
    let ignored = read_der(&csr.signed(&signer)).unwrap().ignored;
    assert!(ignored[1].starts_with("attribute ") && ignored[1].chars().count() <= 200, "{ignored:?}");
    csr.subject = build::der("30", &[]);
    csr.attributes = Vec::new();
    assert!(read_der(&csr.signed(&signer)).unwrap().ignored.is_empty());
}

/// Good requests, made once.
fn good() -> &'static [Vec<u8>] {
    static GOOD: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let sign = |signer: Signer| Csr::of(&signer).signed(&signer);
        vec![sign(p256()), sign(ed25519()), tools::like_certreq(&p256())]
    });
    &GOOD
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read_der(&bytes).is_err());
        prop_assert!(read_text(&bytes).is_err());
    }

    #[test]
    fn a_changed_request_is_refused(
        which in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..4),
    ) {
        let good = &good()[which];
        let mut bytes = good.clone();
        for (place, byte, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => drop(bytes.remove(place)),
            }
        }
        prop_assert_eq!(read_der(&bytes).is_ok(), &bytes == good);
        prop_assert_eq!(read_text(&bytes).is_ok(), &bytes == good);
    }

    #[test]
    fn a_changed_text_holds_the_same_request_or_none(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = build::pem("CERTIFICATE REQUEST", &good()[0]).into_bytes();
        let place = place.index(text.len());
        text[place] = byte;
        if let Ok(request) = read_text(&text) {
            prop_assert_eq!(request, read_der(&good()[0]).unwrap());
        }
    }
}

#[test]
fn every_bit_and_every_cut_counts() {
    for good in good() {
        assert!(read_der(good).is_ok());
        for place in 0..good.len() {
            assert!(read_der(&good[..place]).is_err(), "cut at {place}");
            for bit in 0..8 {
                let mut bytes = good.clone();
                bytes[place] ^= 1 << bit;
                assert!(read_der(&bytes).is_err(), "byte {place}, bit {bit}");
            }
        }
    }
}
