//! The little of DER that certificates need. It writes what it is told: hostile certificates are made with it.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// Tag, length and content.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = content.len().to_be_bytes();
    let digits = &length[length.iter().take_while(|&&digit| digit == 0).count()..];
    match content.len() {
        short @ 0..0x80 => der.push(u8::try_from(short).unwrap()),
        _ => {
            der.push(0x80 | u8::try_from(digits.len()).unwrap());
            der.extend(digits);
        }
    }
    der.extend(content);
    der
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// `[number] EXPLICIT` around one element, or `[number] IMPLICIT` around the parts of a sequence.
pub fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// `[number] IMPLICIT` of something that has no parts.
pub fn context_plain(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

pub fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

/// An integer whose big-endian bytes are these; a first bit of one makes it negative.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    tlv(0x02, bytes)
}

pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

/// A bit string in which the bits of these numbers are set, as short as DER wants it.
pub fn named_bits(bits: &[u8]) -> Vec<u8> {
    let Some(last) = bits.iter().max() else { return tlv(0x03, &[0]) };
    let mut bytes = vec![0; usize::from(last / 8) + 1];
    for bit in bits {
        bytes[usize::from(bit / 8)] |= 0x80 >> (bit % 8);
    }
    tlv(0x03, &[&[7 - last % 8], bytes.as_slice()].concat())
}

pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

pub fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

/// An object identifier from its dotted form.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut bytes = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let mut digits = vec![u8::try_from(arc & 0x7f).unwrap()];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
            rest >>= 7;
        }
        bytes.extend(digits.iter().rev());
    }
    tlv(0x06, &bytes)
}

/// A time as RFC 5280 wants it: two digits for the year until 2049, four from then on.
pub fn time(time: Timestamp) -> Vec<u8> {
    let long = time.strftime("%Y%m%d%H%M%SZ").to_string();
    if long.as_str() < "2050" { tlv(0x17, &long.as_bytes()[2..]) } else { tlv(0x18, long.as_bytes()) }
}

/// A distinguished name of a common name alone.
pub fn common_name(name: &str) -> Vec<u8> {
    let attribute = sequence(&[oid("2.5.4.3"), utf8(name)]);
    sequence(&[tlv(SET, &attribute)])
}

/// PEM text of one block.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
