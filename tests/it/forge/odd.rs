//! Certificates from the right issuer that read well and that our own linter would not have signed: other numbers,
//! names, times and extensions than a certificate of ours has, and bytes that are no DER.

use gerbang::pki::profile::{BACKDATED, LIFETIME_DAYS_MAX};
use jiff::SignedDuration;

use super::{
    der::{
        boolean, common_name, context, context_plain, integer, null, octet_string, oid, sequence, tlv, utf8,
    },
    form::{
        AUTHORITY_KEY, BASIC_CONSTRAINTS, CLIENT_AUTH, CODE_SIGNING, Extension, KEY_USAGE, NAMES, PURPOSES,
        Part, SERVER_AUTH, SUBJECT_KEY, purposes,
    },
    hostile::{Hostile, Stage, tls},
};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const BMP: u8 = 0x1e;
const PRINTABLE: u8 = 0x13;
const BITS: u8 = 0x03;

pub(super) fn serials(stage: &Stage<'_>) -> Vec<Hostile> {
    let serial = |name, bytes: &[u8]| stage.form(name, tls("malformed"), |form| form.serial = bytes.to_vec());
    vec![
        serial("the serial number 0", &[0]),
        serial("a negative serial number", &[0x80, 1, 2, 3]),
        serial("a serial number of 21 bytes", &[0x41; 21]),
        serial("a serial number with a leading zero", &[0, 0x41, 2, 3]),
        serial("a serial number that needs a leading zero", &[0, 0x81, 2, 3]),
        serial("a serial number of no byte", &[]),
        serial("a serial number of one byte", &[0x41]),
        serial("a serial number of 15 bytes", &[0x41; 15]),
    ]
}

/// The subject says nothing that could be read, or more than one thing.
pub(super) fn subjects(stage: &Stage<'_>) -> Vec<Hostile> {
    let subject =
        |name, value: Vec<u8>| stage.form(name, tls("malformed"), |form| form.put_part(Part::Subject, value));
    let said = format!("{}/{}", stage.agency, stage.system);
    let attribute = |value: Vec<u8>| sequence(&[oid("2.5.4.3"), value]);
    let one = |value: Vec<u8>| sequence(&[tlv(super::der::SET, &attribute(value))]);
    let wide: Vec<u8> = said.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let twice = [common_name(&said)[2..].to_vec(), common_name("lain/lain")[2..].to_vec()];
    let organisation = sequence(&[tlv(super::der::SET, &sequence(&[oid("2.5.4.10"), utf8(&said)]))]);
    vec![
        subject("a subject of bytes that are no UTF-8", one(tlv(0x0c, &[0xff, 0xfe, b'a']))),
        subject("a subject with a line break", one(utf8(&format!("{said}\nlain")))),
        subject("a subject of two-byte letters", one(tlv(BMP, &wide))),
        subject("a subject of another kind of text", one(tlv(PRINTABLE, said.as_bytes()))),
        subject("a subject that is a number", one(integer(&[1]))),
        subject("a subject without text", one(utf8(""))),
        subject("no subject", sequence(&[])),
        subject("two common names", sequence(&twice)),
        subject("an organisation for a subject", organisation),
        subject("a common name of 65 letters", one(utf8(&"a".repeat(65)))),
    ]
}

pub(super) fn times(stage: &Stage<'_>) -> Vec<Hostile> {
    let validity = |name, from: Vec<u8>| {
        let validity = sequence(&[from, tlv(UTC_TIME, b"261001000000Z")]);
        stage.form(name, tls("malformed"), |form| form.put_part(Part::Validity, validity))
    };
    let longest = BACKDATED + SignedDuration::from_hours(24 * i64::from(LIFETIME_DAYS_MAX));
    let lasting = |name, lasts: SignedDuration| {
        stage.profile(name, tls("malformed"), |profile| profile.not_after = profile.not_before + lasts)
    };
    vec![
        lasting("valid for twenty years", SignedDuration::from_hours(24 * 365 * 20)),
        lasting("valid until 2051", SignedDuration::from_hours(24 * 365 * 26)),
        lasting("valid for a second too long", longest + SignedDuration::from_secs(1)),
        validity("a time with four digits for an early year", tlv(GENERALIZED_TIME, b"20260101000000Z")),
        validity("a time without seconds", tlv(UTC_TIME, b"2601010000Z")),
        validity("a time of another zone", tlv(UTC_TIME, b"260101000000+0700")),
        validity("a time with parts of a second", tlv(GENERALIZED_TIME, b"20260101000000.5Z")),
    ]
}

pub(super) fn extensions(stage: &Stage<'_>) -> Vec<Hostile> {
    let malformed = tls("malformed");
    let twice = |name, id: &'static str| {
        stage.form(name, malformed, |form| {
            let found = form.extensions.iter().find(|one| one.oid == id).unwrap().clone();
            form.extensions.push(found);
        })
    };
    let put = |name, id, critical, value: Vec<u8>| {
        stage.form(name, malformed, |form| form.put(id, critical, value))
    };
    let without = |name, id: &'static str| {
        stage.form(name, malformed, |form| form.extensions.retain(|one| one.oid != id))
    };
    // The list of extensions, with one of them written otherwise.
    let written = |name, id: &'static str, other: &dyn Fn(&Extension) -> Vec<u8>| {
        stage.form(name, malformed, |form| {
            let list: Vec<_> = form
                .extensions
                .iter()
                .map(|one| if one.oid == id { other(one) } else { one.der() })
                .collect();
            form.put_part(Part::Extensions, context(3, &sequence(&list)));
        })
    };
    vec![
        twice("two subject key identifiers", SUBJECT_KEY),
        twice("two authority key identifiers", AUTHORITY_KEY),
        put("an unknown extension that is not critical", "1.3.6.1.4.1.55555.2", false, utf8("psst")),
        put("an alternative name of the issuer", "2.5.29.18", false, sequence(&[])),
        without("no subject key identifier", SUBJECT_KEY),
        without("no authority key identifier", AUTHORITY_KEY),
        without("no basic constraints", BASIC_CONSTRAINTS),
        put("the identifier of another key", SUBJECT_KEY, false, octet_string(&[7; 20])),
        put(
            "an authority key identifier of a name",
            AUTHORITY_KEY,
            false,
            sequence(&[context_plain(2, &[1])]),
        ),
        put("bytes behind the authority key identifier", AUTHORITY_KEY, false, {
            let mut value = sequence(&[context_plain(0, &[7; 20])]);
            value.push(0);
            value
        }),
        put("constraints that are not critical", BASIC_CONSTRAINTS, false, sequence(&[])),
        put("constraints that write their default", BASIC_CONSTRAINTS, true, sequence(&[boolean(false)])),
        put("a path length without an authority", BASIC_CONSTRAINTS, true, sequence(&[integer(&[0])])),
        put("a key usage that is not critical", KEY_USAGE, false, tlv(BITS, &[7, 0x80])),
        put("a key usage with bits to spare", KEY_USAGE, true, tlv(BITS, &[0, 0x80])),
        put("a key that may also promise", KEY_USAGE, true, tlv(BITS, &[6, 0xc0])),
        put("for clients and servers", PURPOSES, false, purposes(&[CLIENT_AUTH, SERVER_AUTH])),
        put("for clients and signing code", PURPOSES, false, purposes(&[CLIENT_AUTH, CODE_SIGNING])),
        put("for clients twice", PURPOSES, false, purposes(&[CLIENT_AUTH, CLIENT_AUTH])),
        put("purposes that are critical", PURPOSES, true, purposes(&[CLIENT_AUTH])),
        written("a default that is written out", NAMES, &|one| {
            sequence(&[oid(one.oid), boolean(false), octet_string(&one.value)])
        }),
        written("a truth that is not FF", KEY_USAGE, &|one| {
            sequence(&[oid(one.oid), tlv(0x01, &[1]), octet_string(&one.value)])
        }),
    ]
}

/// What BER allows and DER does not, in what is signed.
pub(super) fn encodings(stage: &Stage<'_>) -> Vec<Hostile> {
    let part =
        |name, part, value: Vec<u8>| stage.form(name, tls("malformed"), |form| form.put_part(part, value));
    let said = format!("{}/{}", stage.agency, stage.system);
    // 0c 0e … becomes 0c 81 0e …: one byte more than the length needs.
    let long = [&[0x0c, 0x81, u8::try_from(said.len()).unwrap()], said.as_bytes()].concat();
    let long = sequence(&[tlv(super::der::SET, &sequence(&[oid("2.5.4.3"), long]))]);
    let algorithm = sequence(&[oid("1.2.840.10045.4.3.2"), null()]);
    let padded = sequence(&[tlv(0x06, &[0x80, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])]);
    vec![
        part("a length longer than it needs", Part::Subject, long),
        part("an algorithm with parameters", Part::Algorithm, algorithm),
        part("an algorithm with a leading zero", Part::Algorithm, padded),
        part("a version with a leading zero", Part::Version, context(0, &integer(&[0, 2]))),
    ]
}
