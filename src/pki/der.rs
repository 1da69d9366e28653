//! The few pieces of DER (X.690) that are put together here, element by element, and PEM around them (RFC 7468).
//!
//! Exists so that exactly the bytes that were approved are signed: rcgen always builds and signs in one step. `der` and
//! `pem-rfc7468` do the writing.

use pkcs8::der::{
    Encode, Tag,
    asn1::AnyRef,
    pem::{LineEnding, encode_string},
};
use zeroize::Zeroizing;

/// The tag of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// The tag of an OCTET STRING.
pub const OCTETS: u8 = 0x04;
const BITS: u8 = 0x03;

/// `AlgorithmIdentifier` of ecdsa-with-SHA256, which has no parameters (RFC 5758 §3.2).
pub const ECDSA_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// Writes one element. The answer is empty, which no reader takes, if the content exceeds the 256 MiB that `der` writes.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let tag = Tag::try_from(tag);
    let whole = tag.and_then(|tag| AnyRef::new(tag, content)).and_then(|element| element.to_der());
    whole.unwrap_or_default()
}

/// Joins signed bytes and their signature, as in certificates, requests and revocation lists: `SEQUENCE { to be signed,
/// ecdsa-with-SHA256, BIT STRING }` (RFC 5280 §4.1.1).
pub fn signed(to_be_signed: &[u8], signature: &[u8]) -> Vec<u8> {
    // The first byte of a BIT STRING counts the unused bits of its last.
    let bits = element(BITS, &[&[0], signature].concat());
    element(SEQUENCE, &[to_be_signed, ECDSA_SHA256, &bits].concat())
}

/// Writes a PEM block with lines of 64 characters. It is wiped when dropped, since it may hold a key. The label is one of
/// RFC 7468.
pub fn pem(label: &'static str, der: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(encode_string(label, LineEnding::LF, der).expect("labels of ours are labels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_of_the_shortest_form() {
        for (length, head) in [
            (0, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (256, vec![4, 0x82, 1, 0]),
            (70_000, vec![4, 0x83, 1, 0x11, 0x70]),
        ] {
            let element = element(OCTETS, &vec![7; length]);
            assert_eq!(element[..head.len()], head);
            assert_eq!(element.len(), head.len() + length);
        }
    }

    #[test]
    fn pem_has_lines_of_64() {
        let text = pem("X", &[0; 96]);
        assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), [17, 64, 64, 15]);
        assert!(text.capacity() >= text.len());
    }
}
