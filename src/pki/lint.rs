//! The lint of a certificate before it is signed: other libraries than the one that wrote it read it, and it is compared
//! with the decision.
//!
//! rcgen writes; x509-parser takes it apart, extensions are compared as bytes with those of the profile, and
//! rustls-webpki verifies it as a peer would, names constrained as by the authority itself. Refuses any
//! difference, and everything that the profile does not have.

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, Der, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs::ECDSA_P256_SHA256};
use x509_parser::{
    asn1_rs::{FromDer, Oid},
    certificate::X509Certificate,
    oid_registry::{
        OID_SIG_ECDSA_WITH_SHA256, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS,
        OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE, OID_X509_EXT_SUBJECT_ALT_NAME,
        OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
    },
    x509::X509Version,
};

use super::{
    authority::{Facts, IssueError},
    der::{self, OCTETS, SEQUENCE, element},
    profile::{Subject, Wanted, address},
    public::sha256,
    secret::{SecretKey, SecretKind},
};

/// The object identifiers of clientAuth and serverAuth (RFC 5280 §4.2.1.12), whole elements.
const CLIENT_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
const SERVER_AUTH: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// digitalSignature alone (RFC 5280 §4.2.1.3): seven unused bits, and the first is set.
const DIGITAL_SIGNATURE: &[u8] = &[0x03, 0x02, 0x07, 0x80];
/// cA is false by default, so that it is not written (RFC 5280 §4.2.1.9).
const NO_AUTHORITY: &[u8] = &[0x30, 0x00];

/// Tags of general names (RFC 5280 §4.2.1.6) and of the key identifier within its extension (§4.2.1.1).
const DNS_NAME: u8 = 0x82;
const URI: u8 = 0x86;
const IP_ADDRESS: u8 = 0x87;
const KEY_IDENTIFIER: u8 = 0x80;

/// Checks that these bytes to be signed say exactly what is wanted, below this authority. Errors: `Lint` with the
/// difference; `Subject`, `Key`, `Serial`, `Validity` and `Issuer` for a wish that may not be granted at all.
pub fn lint(issuer_certificate: &[u8], to_be_signed: &[u8], wanted: &Wanted) -> Result<(), IssueError> {
    wanted.check()?;
    let facts = Facts::read(issuer_certificate)?;
    let throw_away = SecretKey::generate(SecretKind::P256)?;
    let certificate = der::signed(to_be_signed, &throw_away.sign(to_be_signed)?);
    let (rest, parsed) =
        X509Certificate::from_der(&certificate).map_err(|_| IssueError::Lint("it cannot be read"))?;
    let differences = [
        (rest.is_empty() && parsed.tbs_certificate.as_ref() == to_be_signed, "bytes follow it"),
        (parsed.version() == X509Version::V3, "the version"),
        (parsed.raw_serial() == wanted.serial, "the serial number"),
        (parsed.signature.algorithm == OID_SIG_ECDSA_WITH_SHA256, "the algorithm of the signature"),
        (parsed.signature == parsed.signature_algorithm, "the parameters of the signature"),
        (parsed.issuer().as_raw() == facts.subject, "the authority's name"),
        (parsed.validity().not_before.timestamp() == wanted.not_before.as_second(), "the beginning"),
        (parsed.validity().not_after.timestamp() == wanted.not_after.as_second(), "the end"),
        (wanted.not_after <= facts.not_after, "the end, which is after the authority's"),
        (parsed.subject().as_raw() == common_name(&wanted.subject.common_name()), "the subject's name"),
        (parsed.public_key().raw == wanted.spki, "the key"),
        (parsed.issuer_uid.is_none() && parsed.subject_uid.is_none(), "a unique identifier"),
    ];
    if let Some((_, what)) = differences.into_iter().find(|(same, _)| !same) {
        return Err(IssueError::Lint(what));
    }
    extensions(&parsed, &facts, wanted)?;
    peer(issuer_certificate, &certificate, &throw_away, wanted)
}

/// Exactly the profile's extensions, in any order, each with the profile's bytes.
fn extensions(parsed: &X509Certificate<'_>, facts: &Facts, wanted: &Wanted) -> Result<(), IssueError> {
    let purpose = match wanted.subject {
        Subject::Client { .. } => CLIENT_AUTH,
        Subject::Gateway { .. } => SERVER_AUTH,
    };
    // RFC 7093 §2, method 1 over the whole SPKI: the leftmost 160 bits of SHA-256.
    let key_id = &sha256(&wanted.spki)[..20];
    let profile: [(Oid<'_>, bool, Vec<u8>, &'static str); 6] = [
        (
            OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
            false,
            element(SEQUENCE, &element(KEY_IDENTIFIER, &facts.key_id)),
            "the authority key identifier",
        ),
        (OID_X509_EXT_SUBJECT_KEY_IDENTIFIER, false, element(OCTETS, key_id), "the subject key identifier"),
        (OID_X509_EXT_BASIC_CONSTRAINTS, true, NO_AUTHORITY.to_vec(), "the basic constraints"),
        (OID_X509_EXT_KEY_USAGE, true, DIGITAL_SIGNATURE.to_vec(), "the key usage"),
        (OID_X509_EXT_EXTENDED_KEY_USAGE, false, element(SEQUENCE, purpose), "the extended key usage"),
        (OID_X509_EXT_SUBJECT_ALT_NAME, false, names(&wanted.subject), "the subject's alternative names"),
    ];
    if parsed.extensions().len() != profile.len() {
        return Err(IssueError::Lint("the number of extensions"));
    }
    for (oid, critical, value, what) in profile {
        let same = parsed.extensions().iter().any(|extension| {
            extension.oid == oid && extension.critical == critical && extension.value == value
        });
        if !same {
            return Err(IssueError::Lint(what));
        }
    }
    Ok(())
}

fn names(subject: &Subject) -> Vec<u8> {
    let names: Vec<u8> = match subject {
        Subject::Client { .. } => element(URI, subject.uri().unwrap_or_default().as_bytes()),
        Subject::Gateway { hosts } => hosts
            .iter()
            .flat_map(|host| match address(host) {
                Some(IpAddr::V4(address)) => element(IP_ADDRESS, &address.octets()),
                Some(IpAddr::V6(address)) => element(IP_ADDRESS, &address.octets()),
                None => element(DNS_NAME, host.as_bytes()),
            })
            .collect(),
    };
    element(SEQUENCE, &names)
}

/// A name of one common name in UTF-8 (RFC 5280 §4.1.2.4).
fn common_name(text: &str) -> Vec<u8> {
    let value = element(0x0c, text.as_bytes());
    let attribute = element(SEQUENCE, &[&[0x06, 0x03, 0x55, 0x04, 0x03], value.as_slice()].concat());
    element(SEQUENCE, &element(0x31, &attribute))
}

/// As a peer verifies it: below the authority with all that its certificate says, the key apart.
fn peer(
    issuer_certificate: &[u8],
    certificate: &[u8],
    throw_away: &SecretKey,
    wanted: &Wanted,
) -> Result<(), IssueError> {
    let refused = |_| IssueError::Lint("a peer would refuse it");
    let issuer = CertificateDer::from(issuer_certificate);
    let mut anchor = anchor_from_trusted_cert(&issuer).map_err(refused)?;
    let spki = throw_away.spki();
    // webpki wants the content alone, behind a tag and a length of one byte each.
    anchor.subject_public_key_info = Der::from_slice(&spki[2..]);
    let certificate = CertificateDer::from(certificate);
    let leaf = EndEntityCert::try_from(&certificate).map_err(refused)?;
    let usage = match wanted.subject {
        Subject::Client { .. } => KeyUsage::client_auth(),
        Subject::Gateway { .. } => KeyUsage::server_auth(),
    };
    for time in [wanted.not_before, wanted.not_after] {
        leaf.verify_for_usage(&[ECDSA_P256_SHA256], &[anchor.clone()], &[], unix(time)?, usage, None, None)
            .map_err(refused)?;
    }
    if let Subject::Gateway { hosts } = &wanted.subject {
        for host in hosts {
            let host = ServerName::try_from(host.as_str())
                .map_err(|_| IssueError::Lint("the subject's alternative names"))?;
            leaf.verify_is_valid_for_subject_name(&host).map_err(refused)?;
        }
    }
    Ok(())
}

fn unix(time: Timestamp) -> Result<UnixTime, IssueError> {
    let seconds = u64::try_from(time.as_second())
        .map_err(|_| IssueError::Validity("it begins before 1970, when certificates were not yet"))?;
    Ok(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}
