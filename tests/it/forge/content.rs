//! Certificates from the right issuer that say the wrong thing: of time, usage, names and extensions.

use jiff::SignedDuration;

use super::{
    der::{octet_string, sequence, utf8},
    form::{
        ANY_PURPOSE, BASIC_CONSTRAINTS, CLIENT_AUTH, CODE_SIGNING, CRL_SIGN, DIGITAL_SIGNATURE, Extension,
        KEY_AGREEMENT, KEY_CERT_SIGN, KEY_USAGE, NAMES, Name, PURPOSES, SERVER_AUTH,
        names as alternative_names, purposes,
    },
    hostile::{Hostile, Stage, tls},
};

pub(super) fn times(stage: &Stage<'_>) -> Vec<Hostile> {
    let second = SignedDuration::from_secs(1);
    let day = SignedDuration::from_hours(24);
    vec![
        stage.profile("expired a second ago", tls("expired"), |profile| {
            profile.not_after = stage.now - second;
        }),
        stage.profile("valid in a second", tls("not_yet_valid"), |profile| {
            profile.not_before = stage.now + second;
        }),
        stage.profile("ends before it begins", tls("expired"), |profile| {
            profile.not_before = stage.now + day;
            profile.not_after = stage.now - day;
        }),
    ]
}

pub(super) fn usages(stage: &Stage<'_>) -> Vec<Hostile> {
    let purposes = |name, purposes: &[&'static str]| {
        stage.profile(name, tls("extended_key_usage"), |profile| profile.purposes = purposes.to_vec())
    };
    let usage = |name, bits: &[u8]| {
        stage.profile(name, tls("key_usage"), |profile| profile.key_usage = bits.to_vec())
    };
    vec![
        purposes("for servers only", &[SERVER_AUTH]),
        purposes("for no purpose", &[]),
        purposes("for any purpose", &[ANY_PURPOSE]),
        purposes("for clients and any purpose", &[CLIENT_AUTH, ANY_PURPOSE]),
        purposes("for signing code only", &[CODE_SIGNING]),
        usage("no key usage", &[]),
        usage("a key for key agreement only", &[KEY_AGREEMENT]),
        usage("a key that may sign certificates", &[DIGITAL_SIGNATURE, KEY_CERT_SIGN]),
        usage("a key that may sign revocation lists", &[DIGITAL_SIGNATURE, CRL_SIGN]),
    ]
}

/// Names of other kinds, beside the right URI.
pub(super) fn names(stage: &Stage<'_>) -> Vec<Hostile> {
    let beside =
        |name, reason, other: Name| stage.profile(name, tls(reason), |profile| profile.names.push(other));
    vec![
        beside("a DNS name beside the URI", "name_constraints", Name::Dns("localhost")),
        beside("an address beside the URI", "name_constraints", Name::Ip([127, 0, 0, 1].into())),
        beside(
            "an IPv6 address beside the URI",
            "name_constraints",
            Name::Ip([0, 0, 0, 0, 0, 0, 0, 1u16].into()),
        ),
        beside("an e-mail address beside the URI", "other_names", Name::Email("admin@operator.example")),
        beside("a directory name beside the URI", "other_names", Name::Directory("operator/admin")),
        beside("a registered id beside the URI", "other_names", Name::RegisteredId("1.3.6.1.4.1.55555")),
        beside("a principal's name beside the URI", "other_names", Name::Principal("admin@operator.example")),
    ]
}

pub(super) fn extensions(stage: &Stage<'_>) -> Vec<Hostile> {
    // An extension that stands there twice, both times as it should be.
    let twice = |name, oid: &'static str| {
        stage.form(name, tls("malformed"), |form| {
            let found = form.extensions.iter().find(|extension| extension.oid == oid).unwrap().clone();
            form.extensions.push(found);
        })
    };
    let put =
        |name, oid, value: Vec<u8>| stage.form(name, tls("malformed"), |form| form.put(oid, false, value));
    let mut trailing = purposes(&[CLIENT_AUTH]);
    trailing.push(0);
    vec![
        stage.form("an unknown critical extension", tls("critical_extension"), |form| {
            form.put("1.3.6.1.4.1.55555.1", true, utf8("obey"));
        }),
        twice("two extended key usages", PURPOSES),
        twice("two lists of alternative names", NAMES),
        twice("two key usages", KEY_USAGE),
        twice("two basic constraints", BASIC_CONSTRAINTS),
        stage.form("a second list of alternative names, of another system", tls("malformed"), |form| {
            let other = format!("spiffe://{}/agency/{}/other", stage.trust_domain, stage.agency);
            let value = alternative_names(&[Name::Uri(other)]);
            form.extensions.push(Extension { oid: NAMES, critical: false, value });
        }),
        put("an extended key usage without content", PURPOSES, Vec::new()),
        put("alternative names without content", NAMES, Vec::new()),
        stage.form("an empty list of purposes", tls("extended_key_usage"), |form| {
            form.put(PURPOSES, false, sequence(&[]));
        }),
        put("bytes behind the list of purposes", PURPOSES, trailing),
        put("an extended key usage of another type", PURPOSES, octet_string(&[1])),
    ]
}
