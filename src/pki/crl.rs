//! Revocation lists (RFC 5280 §5): full ones, with a number and the authority's key identifier, and nothing else.
//!
//! No delta, since rustls-webpki refuses them, and no issuing distribution point, since OpenSSL then refuses
//! leaves without the matching one. Refuses a list whose times or serial numbers make no sense.

use jiff::Timestamp;
use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevokedCertParams, SerialNumber};
use rustls_pki_types::{CertificateRevocationListDer, pem::PemObject};
use webpki::BorrowedCertRevocationList;
use x509_parser::{
    asn1_rs::FromDer,
    certificate::X509Certificate,
    extensions::ParsedExtension,
    num_bigint::BigUint,
    revocation_list::{CertificateRevocationList, RevokedCertificate},
    x509::SubjectPublicKeyInfo,
};

use super::{
    authority::{IssueError, Issuer, civil},
    profile::check_serial,
};
use crate::domain::certificate::RevocationReason;

/// What the RFC has beside is for authorities that Gerbang has not, or can be taken back, which a revocation here cannot.
const fn rcgen_reason(reason: RevocationReason) -> rcgen::RevocationReason {
    match reason {
        RevocationReason::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
        RevocationReason::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
        RevocationReason::Superseded => rcgen::RevocationReason::Superseded,
        RevocationReason::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
    }
}

/// The CRLReason of a reason.
const fn number(reason: RevocationReason) -> u8 {
    match reason {
        RevocationReason::KeyCompromise => 1,
        RevocationReason::AffiliationChanged => 3,
        RevocationReason::Superseded => 4,
        RevocationReason::CessationOfOperation => 5,
    }
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// The serial number, big-endian, as in the certificate.
    pub serial: Vec<u8>,
    /// The second of the revocation.
    pub at: Timestamp,
    /// The reason, as the list gives it.
    pub reason: RevocationReason,
}

impl Issuer {
    /// Makes a full list in DER. Errors: `List` if the times or serial numbers make no list, or if the bytes do not read back
    /// as they should.
    pub fn crl(
        &self,
        number: u64,
        this_update: Timestamp,
        next_update: Timestamp,
        revoked: &[RevokedEntry],
    ) -> Result<Vec<u8>, IssueError> {
        if next_update.as_second() <= this_update.as_second() {
            return Err(IssueError::List("it would end before it begins"));
        }
        let mut serials: Vec<_> = revoked.iter().map(|entry| entry.serial.as_slice()).collect();
        serials.sort_unstable();
        if serials.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(IssueError::List("a serial number stands there twice"));
        }
        let mut entries = Vec::with_capacity(revoked.len());
        for entry in revoked {
            check_serial(&entry.serial)?;
            entries.push(RevokedCertParams {
                serial_number: SerialNumber::from_slice(&entry.serial),
                revocation_time: civil(entry.at)?,
                reason_code: Some(rcgen_reason(entry.reason)),
                invalidity_date: None,
            });
        }
        let params = CertificateRevocationListParams {
            this_update: civil(this_update)?,
            next_update: civil(next_update)?,
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: entries,
            key_identifier_method: KeyIdMethod::PreSpecified(self.facts.key_id.clone()),
        };
        let list = params.signed_by(&self.facts.rcgen(&self.key))?.der().to_vec();
        self.check_list(&list, number, [this_update, next_update], revoked)?;
        Ok(list)
    }

    fn check_list(
        &self,
        list: &[u8],
        number: u64,
        [this_update, next_update]: [Timestamp; 2],
        revoked: &[RevokedEntry],
    ) -> Result<(), IssueError> {
        let unread = |_| IssueError::List("it cannot be read back");
        BorrowedCertRevocationList::from_der(list).map_err(unread)?;
        let (rest, parsed) =
            CertificateRevocationList::from_der(list).map_err(|_| unread(webpki::Error::BadDer))?;
        let (_, key) = SubjectPublicKeyInfo::from_der(&self.facts.spki)
            .map_err(|_| IssueError::Issuer("its key cannot be read"))?;
        let key_id = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0),
            _ => None,
        });
        let mut read = parsed.iter_revoked_certificates();
        let differences = [
            (rest.is_empty(), "bytes follow it"),
            (parsed.issuer().as_raw() == self.facts.subject, "it names another authority"),
            (parsed.crl_number() == Some(&BigUint::from(number)), "its number differs"),
            (key_id == Some(self.facts.key_id.as_slice()), "its authority key identifier differs"),
            (parsed.extensions().len() == 2, "it has more extensions than two"),
            (parsed.last_update().timestamp() == this_update.as_second(), "its beginning differs"),
            (
                parsed.next_update().map(|end| end.timestamp()) == Some(next_update.as_second()),
                "its end differs",
            ),
            (
                revoked.iter().all(|entry| read.next().is_some_and(|read| same(read, entry))),
                "an entry differs",
            ),
            (read.next().is_none(), "it has more entries"),
            (parsed.verify_signature(&key).is_ok(), "its signature does not verify"),
        ];
        match differences.into_iter().find(|(same, _)| !same) {
            Some((_, what)) => Err(IssueError::List(what)),
            None => Ok(()),
        }
    }
}

/// A list, as its authority signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadList {
    /// Its number.
    pub number: i64,
    /// The certificates that it names.
    pub entries: Vec<RevokedEntry>,
}

/// Reads a list in DER; `None` where it is none of ours, or where this authority (its certificate, DER) did not sign it.
pub fn read(list: &[u8], authority: &[u8]) -> Option<ReadList> {
    BorrowedCertRevocationList::from_der(list).ok()?;
    let (rest, parsed) = CertificateRevocationList::from_der(list).ok()?;
    let (_, issuer) = X509Certificate::from_der(authority).ok()?;
    if !rest.is_empty() || parsed.issuer().as_raw() != issuer.subject().as_raw() {
        return None;
    }
    parsed.verify_signature(issuer.public_key()).ok()?;
    let number = i64::try_from(parsed.crl_number()?).ok()?;
    let entries = parsed.iter_revoked_certificates().map(|read| {
        let code = read.reason_code().map_or(0, |(_, reason)| reason.0);
        let reason = RevocationReason::ALL.iter().copied().find(|reason| self::number(*reason) == code)?;
        let at = Timestamp::from_second(read.revocation_date.timestamp()).ok()?;
        Some(RevokedEntry { serial: read.raw_serial().to_vec(), at, reason })
    });
    Some(ReadList { number, entries: entries.collect::<Option<_>>()? })
}

/// The DER of a list in PEM.
pub fn from_pem(pem: &[u8]) -> Option<Vec<u8>> {
    CertificateRevocationListDer::from_pem_slice(pem).ok().map(|der| der.to_vec())
}

fn same(read: &RevokedCertificate<'_>, entry: &RevokedEntry) -> bool {
    let reason = read.reason_code().map_or(0, |(_, reason)| reason.0);
    read.raw_serial() == entry.serial
        && read.revocation_date.timestamp() == entry.at.as_second()
        && reason == number(entry.reason)
        && read.extensions().len() == usize::from(reason != 0)
}
