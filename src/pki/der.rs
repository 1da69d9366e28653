//! The few pieces of DER (X.690) that are put together by hand: a tag with a length, and what a signature is
//! wrapped in; and PEM around them (RFC 7468).
//!
//! Exists so that exactly the bytes that were approved are signed: rcgen always builds and signs in one step.
//! Called by the files that issue and by their lint.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

pub const SEQUENCE: u8 = 0x30;
pub const OCTETS: u8 = 0x04;
const BITS: u8 = 0x03;

/// `AlgorithmIdentifier` of ecdsa-with-SHA256, which has no parameters (RFC 5758 §3.2).
const ECDSA_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// One element: tag, length in the shortest form, content.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let skipped = length.iter().take_while(|&&byte| byte == 0).count();
    let significant = &length[skipped..];
    let mut out = vec![tag];
    match significant {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        // A usize has at most eight bytes, so that the count fits.
        long => {
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
    out
}

/// What certificates, requests and revocation lists are alike: `SEQUENCE { what is signed, ecdsa-with-SHA256,
/// BIT STRING }` (RFC 5280 §4.1.1).
pub fn signed(to_be_signed: &[u8], signature: &[u8]) -> Vec<u8> {
    // The first byte of a BIT STRING counts the unused bits of its last.
    let bits = element(BITS, &[&[0], signature].concat());
    element(SEQUENCE, &[to_be_signed, ECDSA_SHA256, &bits].concat())
}

/// A PEM block with lines of 64 characters. Wiped when dropped, since it may hold a key.
pub fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    // Room for all of it at once: what a growing string leaves behind would not be wiped.
    let lines = encoded.len() / 64 + 1;
    let mut out = Zeroizing::new(String::with_capacity(encoded.len() + lines + 2 * label.len() + 40));
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            out.push('\n');
        }
        out.push(character);
    }
    out.push_str("\n-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
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
