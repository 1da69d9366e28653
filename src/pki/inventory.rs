//! Rows of the inventory, for authorities, lists and certificates. They are read from the signed bytes, so that a row can
//! say nothing that is not signed.

use jiff::Timestamp;
use webpki::BorrowedCertRevocationList;
use x509_parser::{
    asn1_rs::FromDer, certificate::X509Certificate, revocation_list::CertificateRevocationList,
};

use super::{
    certificate::{self, fingerprint},
    public::key_id,
};
use crate::domain::{
    Fault, Reason,
    access::Role,
    certificate::{Authority, AuthorityKind, Crl, Issued},
    name::SystemName,
};

/// Reads an authority from its certificate in DER. Errors: `CERTIFICATE_UNFIT`.
pub fn authority(kind: AuthorityKind, der: &[u8]) -> Result<Authority, Fault> {
    let read = certificate::read(der)?;
    let (_, parsed) = X509Certificate::from_der(der).map_err(|_| unfit("it is not an X.509 certificate"))?;
    let name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    Ok(Authority {
        fingerprint: read.fingerprint,
        kind,
        name: name.ok_or_else(|| unfit("it has no common name"))?.to_owned(),
        der: der.to_vec(),
        key_id: key_id(parsed.public_key().raw),
        not_after: read.not_after,
        crl: None,
        version: 1,
    })
}

/// Reads a certificate in DER for the inventory: a system's, with the role that it was made for, or a gateway's. Errors: `CERTIFICATE_UNFIT`.
pub fn issued(
    der: &[u8],
    system: Option<SystemName>,
    authority: &Authority,
    role: Option<Role>,
    now: Timestamp,
) -> Result<Issued, Fault> {
    let read = certificate::read(der)?;
    let (_, parsed) = X509Certificate::from_der(der).map_err(|_| unfit("it is not an X.509 certificate"))?;
    Ok(Issued {
        fingerprint: fingerprint(der),
        serial: read.serial,
        system,
        authority: Some(authority.name.clone()),
        key_id: Some(key_id(parsed.public_key().raw)),
        not_before: read.not_before,
        not_after: read.not_after,
        ends_at: None,
        administrator: role == Some(Role::Administrator),
        role,
        role_found: None,
        created_at: now,
        collected_at: None,
        first_seen_at: None,
        seen: None,
        previous: None,
        successor: None,
        revoked: None,
        version: 1,
    })
}

/// Reads a revocation list in DER, and counts the certificates that it names. Errors: `CERTIFICATE_UNFIT`.
pub fn list(der: &[u8]) -> Result<(Crl, i32), Fault> {
    BorrowedCertRevocationList::from_der(der).map_err(|_| unfit("it is not a revocation list"))?;
    let (_, parsed) =
        CertificateRevocationList::from_der(der).map_err(|_| unfit("it is not a revocation list"))?;
    let number = parsed.crl_number().and_then(|number| i64::try_from(number).ok());
    let at = |seconds| Timestamp::from_second(seconds).map_err(|_| unfit("a time is outside the calendar"));
    let next_update = parsed.next_update().ok_or_else(|| unfit("it has no end"))?;
    let crl = Crl {
        number: number.ok_or_else(|| unfit("it has no number"))?,
        der: der.to_vec(),
        this_update: at(parsed.last_update().timestamp())?,
        next_update: at(next_update.timestamp())?,
    };
    let count = parsed.iter_revoked_certificates().count();
    Ok((crl, i32::try_from(count).unwrap_or(i32::MAX)))
}

fn unfit(why: &'static str) -> Fault {
    Fault::from(Reason::CertificateUnfit).with("why", why)
}
