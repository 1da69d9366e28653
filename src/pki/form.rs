//! The form that every end certificate of ours has, to the byte: what the linter demands before one is signed, and the
//! verifier before one is believed.
//!
//! Certificate libraries read more than they should: numbers with leading zeros, defaults that are written out, an
//! extension that stands there twice. What they let pass, our authorities never issue, so that a certificate of
//! another form is none of ours, whoever signed it; so is one that lasts longer than ours may, or whose serial number could be
//! guessed. Owns no name, key or time: those are for who knows what is wanted.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{
    der::{ECDSA_SHA256, OCTETS, SEQUENCE, element},
    profile::{COMMON_NAME_MAX, check_leaf_serial, check_validity},
    public::sha256,
    strict::{CONTEXT_0, Element, INTEGER, OBJECT_IDENTIFIER, strict},
};

/// The object identifiers of clientAuth and serverAuth (RFC 5280 §4.2.1.12), whole elements.
pub const CLIENT_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
pub const SERVER_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

/// The tag of the key identifier within its extension (RFC 5280 §4.2.1.1).
pub const KEY_IDENTIFIER: u8 = 0x80;
/// The object identifier of a common name (RFC 5280 appendix A.1), a whole element.
pub const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
pub const UTF8_STRING: u8 = 0x0c;
pub const SET: u8 = 0x31;

/// Version 3, which is written as 2 (RFC 5280 §4.1.2.1).
const VERSION_3: &[u8] = &[CONTEXT_0, 0x03, INTEGER, 0x01, 0x02];
/// digitalSignature alone (RFC 5280 §4.2.1.3): seven unused bits, and the first is set.
const DIGITAL_SIGNATURE: &[u8] = &[0x03, 0x02, 0x07, 0x80];
/// cA is false by default, so that it is not written (RFC 5280 §4.2.1.9).
const NO_AUTHORITY: &[u8] = &[SEQUENCE, 0x00];

const CONTEXT_3: u8 = 0xa3;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The last byte of the object identifiers 2.5.29.x of our extensions (RFC 5280 §4.2.1).
const SUBJECT_KEY: u8 = 14;
const KEY_USAGE: u8 = 15;
const NAMES: u8 = 17;
const BASIC_CONSTRAINTS: u8 = 19;
const AUTHORITY_KEY: u8 = 35;
const PURPOSES: u8 = 37;
/// Each of them, whether it is critical, and its name.
const EXTENSIONS: [(u8, bool, &str); 6] = [
    (SUBJECT_KEY, false, "the subject key identifier"),
    (KEY_USAGE, true, "the key usage"),
    (NAMES, false, "the subject's alternative names"),
    (BASIC_CONSTRAINTS, true, "the basic constraints"),
    (AUTHORITY_KEY, false, "the authority key identifier"),
    (PURPOSES, false, "the extended key usage"),
];

/// Checks that a certificate has our form and is for this purpose alone ([`CLIENT_AUTH`] or [`SERVER_AUTH`]). The error
/// names the part that has not.
pub fn check(der: &[u8], purpose: &[u8]) -> Result<(), &'static str> {
    let [signed, algorithm, _] = parts(&strict(der)?, "the number of its parts")?;
    let [version, serial, inner, _, validity, subject, key, extensions] =
        parts(&signed, "the number of the parts that are signed")?;
    let [from, to] = parts(&validity, "the number of times")?.map(|one| time(&one));
    let says = [
        (version.whole == VERSION_3, "the version"),
        (serial.tag == INTEGER && check_leaf_serial(serial.content).is_ok(), "the serial number"),
        (inner.whole == ECDSA_SHA256 && algorithm.whole == ECDSA_SHA256, "the algorithm of the signature"),
        (from.is_some() && to.is_some(), "how a time is written"),
        (from.zip(to).is_some_and(|(from, to)| check_validity(from, to).is_ok()), "how long it lasts"),
        (is_common_name(&subject)?, "the subject, which is not one common name"),
        (extensions.tag == CONTEXT_3, "the extensions"),
    ];
    if let Some((_, what)) = says.into_iter().find(|(right, _)| !right) {
        return Err(what);
    }
    let [list] = parts(&extensions, "the extensions")?;
    check_extensions(&list, &key, purpose)
}

/// Exactly our extensions, in any order, each with the bytes that are the same in every certificate of ours.
fn check_extensions(list: &Element<'_>, key: &Element<'_>, purpose: &[u8]) -> Result<(), &'static str> {
    let list = list.children()?;
    if list.len() != EXTENSIONS.len() {
        return Err("the number of extensions");
    }
    // As many as there should be, each of which is found: none stands there twice.
    for (id, critical, what) in EXTENSIONS {
        let value = list.iter().find_map(|one| value(one, id, critical)).ok_or(what)?;
        let right = match id {
            SUBJECT_KEY => value == element(OCTETS, &sha256(key.whole)[..20]),
            KEY_USAGE => value == DIGITAL_SIGNATURE,
            BASIC_CONSTRAINTS => value == NO_AUTHORITY,
            PURPOSES => value == element(SEQUENCE, purpose),
            AUTHORITY_KEY => {
                let [id] = parts(&strict(value)?, what)?;
                id.tag == KEY_IDENTIFIER
            }
            _ => strict(value)?.tag == SEQUENCE,
        };
        if !right {
            return Err(what);
        }
    }
    Ok(())
}

/// The value of the extension 2.5.29.`id`, if this is it, and says that it is critical in the one way in which DER does.
fn value<'a>(extension: &Element<'a>, id: u8, critical: bool) -> Option<&'a [u8]> {
    let children = extension.children().ok()?;
    let (oid, value) = match (children.as_slice(), critical) {
        ([oid, value], false) => (oid, value),
        ([oid, flag, value], true) if flag.whole == [0x01, 0x01, 0xff] => (oid, value),
        _ => return None,
    };
    let ours = oid.whole == [OBJECT_IDENTIFIER, 0x03, 0x55, 0x1d, id] && value.tag == OCTETS;
    ours.then_some(value.content)
}

/// Whether it is one common name of readable text in UTF-8.
fn is_common_name(subject: &Element<'_>) -> Result<bool, &'static str> {
    let what = "the subject, which is not one common name";
    let [set] = parts(subject, what)?;
    let [attribute] = parts(&set, what)?;
    let [kind, text] = parts(&attribute, what)?;
    let readable = str::from_utf8(text.content).is_ok_and(|text| {
        (1..=COMMON_NAME_MAX).contains(&text.chars().count()) && !text.contains(char::is_control)
    });
    Ok(set.tag == SET && kind.whole == COMMON_NAME && text.tag == UTF8_STRING && readable)
}

/// Reads a time that is to the second and in UTC, with two digits for the year until 2049 and four from then on (RFC 5280
/// §4.1.2.5).
fn time(time: &Element<'_>) -> Option<Timestamp> {
    let Some((b'Z', digits)) = time.content.split_last() else { return None };
    let (year, rest) = match time.tag {
        UTC_TIME if digits.len() == 12 => digits.split_at(2),
        GENERALIZED_TIME if digits.len() == 14 && digits >= b"2050".as_slice() => digits.split_at(4),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
    let year = match (year.len(), number(year)) {
        (2, short @ ..50) => 2000 + short,
        (2, short) => 1900 + short,
        (_, long) => long,
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let [month, day, hour, minute, second] = pairs else { return None };
    let part = |digits: &[u8; 2]| i8::try_from(number(digits)).ok();
    let civil = DateTime::new(year, part(month)?, part(day)?, part(hour)?, part(minute)?, part(second)?, 0);
    TimeZone::UTC.to_timestamp(civil.ok()?).ok()
}

/// The elements within, if there are so many.
fn parts<'a, const N: usize>(of: &Element<'a>, what: &'static str) -> Result<[Element<'a>; N], &'static str> {
    of.children()?.try_into().map_err(|_| what)
}
