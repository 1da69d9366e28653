//! The lint of a certificate before it is signed: other libraries than the one that wrote it read it, and it is compared
//! with the decision.
//!
//! rcgen writes; `form` reads the bytes as a certificate of ours, x509-parser takes it apart and each part is compared
//! with the wanted one, and rustls-webpki verifies it as a peer would, names constrained as by the authority itself. Refuses any
//! difference, and everything that the profile does not have.

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, Der, ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs::ECDSA_P256_SHA256};
use x509_parser::{
    asn1_rs::{FromDer, Oid},
    certificate::X509Certificate,
    oid_registry::{OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_SUBJECT_ALT_NAME},
};

use super::{
    authority::{Facts, IssueError},
    der::{self, SEQUENCE, element},
    form::{self, CLIENT_AUTH, COMMON_NAME, KEY_IDENTIFIER, SERVER_AUTH, SET, UTF8_STRING},
    profile::{Subject, Wanted, address},
    secret::{SecretKey, SecretKind},
};

/// Tags of general names (RFC 5280 §4.2.1.6).
const DNS_NAME: u8 = 0x82;
const URI: u8 = 0x86;
const IP_ADDRESS: u8 = 0x87;

/// Checks that these bytes to be signed say exactly what is wanted, below this authority. Errors: `Lint` with the
/// difference; `Subject`, `Key`, `Serial`, `Validity` and `Issuer` for a wish that may not be granted at all.
pub fn lint(issuer_certificate: &[u8], to_be_signed: &[u8], wanted: &Wanted) -> Result<(), IssueError> {
    wanted.check()?;
    let facts = Facts::read(issuer_certificate)?;
    let throw_away = SecretKey::generate(SecretKind::P256)?;
    let certificate = der::signed(to_be_signed, &throw_away.sign(to_be_signed)?);
    let (rest, parsed) =
        X509Certificate::from_der(&certificate).map_err(|_| IssueError::Lint("it cannot be read"))?;
    let purpose = match wanted.subject {
        Subject::Client { .. } => CLIENT_AUTH,
        Subject::Gateway { .. } => SERVER_AUTH,
    };
    let differences = [
        (rest.is_empty() && parsed.tbs_certificate.as_ref() == to_be_signed, "bytes follow it"),
        (parsed.raw_serial() == wanted.serial, "the serial number"),
        (parsed.issuer().as_raw() == facts.subject, "the authority's name"),
        (parsed.validity().not_before.timestamp() == wanted.not_before.as_second(), "the beginning"),
        (parsed.validity().not_after.timestamp() == wanted.not_after.as_second(), "the end"),
        (wanted.not_after <= facts.not_after, "the end, which is after the authority's"),
        (parsed.subject().as_raw() == common_name(&wanted.subject.common_name()), "the subject's name"),
        (parsed.public_key().raw == wanted.spki, "the key"),
    ];
    if let Some((_, what)) = differences.into_iter().find(|(same, _)| !same) {
        return Err(IssueError::Lint(what));
    }
    form::check(&certificate, purpose).map_err(IssueError::Lint)?;
    extensions(&parsed, &facts, wanted)?;
    peer(issuer_certificate, &certificate, &throw_away, wanted)
}

/// The extensions that speak of this authority and this subject; the rest is of the form.
fn extensions(parsed: &X509Certificate<'_>, facts: &Facts, wanted: &Wanted) -> Result<(), IssueError> {
    let profile: [(Oid<'_>, Vec<u8>, &'static str); 2] = [
        (
            OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
            element(SEQUENCE, &element(KEY_IDENTIFIER, &facts.key_id)),
            "the authority key identifier",
        ),
        (OID_X509_EXT_SUBJECT_ALT_NAME, names(&wanted.subject), "the subject's alternative names"),
    ];
    for (oid, value, what) in profile {
        let same =
            parsed.extensions().iter().any(|extension| extension.oid == oid && extension.value == value);
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
    let value = element(UTF8_STRING, text.as_bytes());
    let attribute = element(SEQUENCE, &[COMMON_NAME, &value].concat());
    element(SEQUENCE, &element(SET, &attribute))
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
