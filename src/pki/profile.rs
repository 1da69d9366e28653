//! The two profiles of certificates that an authority issues, and the bounds on them.
//!
//! Owns names, lifetimes and serial numbers. Refuses names that do not belong to a subject, keys that may not be
//! used and lifetimes beyond the bound; never mends them.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::ServerName;

use super::{
    error::IssueError,
    public::{PublicKey, SecretKind},
};
use crate::domain::{
    AgencyCode, certificate,
    name::{TrustDomain, slug},
    outside::Entropy,
};

/// The lifetime of a certificate for which nothing else was agreed, in days.
pub const LIFETIME_DAYS: u32 = certificate::LIFETIME_DAYS.unsigned_abs();
/// The longest lifetime, in days, as public authorities were advised until March 2026 (CA/Browser Forum BR §6.3.2).
pub const LIFETIME_DAYS_MAX: u32 = certificate::LIFETIME_DAYS_MAX.unsigned_abs();
/// The time by which validity begins before now, since clocks of two machines differ; it is no part of the lifetime.
pub const BACKDATED: SignedDuration = SignedDuration::from_hours(1);

/// The longest common name (RFC 5280 appendix A.1, ub-common-name).
pub(super) const COMMON_NAME_MAX: usize = 64;

/// The subject of a certificate, which decides its use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub enum Subject {
    /// A system of an agency: exactly one URI SAN, clientAuth.
    Client { trust_domain: TrustDomain, agency: String, system: String },
    /// A gateway: DNS names and IP addresses, serverAuth, P-256 alone, since grpcio cannot talk to others.
    Gateway { hosts: Vec<String> },
}

impl Subject {
    /// The common name, for people who read a certificate; Gerbang looks at the SAN alone. It is "agency/system", cut off where X.509
    /// ends a common name, or "Gerbang". The slash keeps OpenSSL from taking it for a host name, which the
    /// clients' authority excludes.
    pub fn common_name(&self) -> String {
        match self {
            Self::Client { agency, system, .. } => {
                format!("{agency}/{system}").chars().take(COMMON_NAME_MAX).collect()
            }
            Self::Gateway { .. } => "Gerbang".to_owned(),
        }
    }

    /// The URI SAN of a client, `spiffe://(trust domain)/agency/(code)/(system)`; `None` for a gateway.
    pub fn uri(&self) -> Option<String> {
        match self {
            Self::Client { trust_domain, agency, system } => {
                Some(format!("spiffe://{trust_domain}/agency/{agency}/{system}"))
            }
            Self::Gateway { .. } => None,
        }
    }

    fn check(&self) -> Result<(), IssueError> {
        match self {
            Self::Client { agency, system, .. } => {
                AgencyCode::parse(agency).map_err(|_| IssueError::Subject("the agency's code is not one"))?;
                slug(system).map_err(|_| IssueError::Subject("the system's name is not one"))
            }
            Self::Gateway { hosts } => {
                if hosts.is_empty() {
                    return Err(IssueError::Subject("a gateway needs a host name or an address"));
                }
                for (index, host) in hosts.iter().enumerate() {
                    if ServerName::try_from(host.as_str()).is_err() || host.ends_with('.') {
                        return Err(IssueError::Subject("a host is neither a DNS name nor an address"));
                    }
                    if hosts[..index].contains(host) {
                        return Err(IssueError::Subject("a host stands there twice"));
                    }
                }
                Ok(())
            }
        }
    }
}

/// An address, or else a DNS name.
pub(super) fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// A certificate that was decided on, and not yet made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The subject, which decides the profile.
    pub subject: Subject,
    /// The SubjectPublicKeyInfo in DER.
    pub spki: Vec<u8>,
    /// The serial number, big-endian, from [`new_serial`].
    pub serial: Vec<u8>,
    /// The first second of validity. Of both, finer parts are cut off, as X.509 has none.
    pub not_before: Timestamp,
    /// The last second of validity.
    pub not_after: Timestamp,
}

impl Wanted {
    /// Everything that can be said without the issuer.
    pub(super) fn check(&self) -> Result<PublicKey, IssueError> {
        self.subject.check()?;
        check_leaf_serial(&self.serial)?;
        let key = PublicKey::parse(&self.spki).map_err(IssueError::Key)?;
        if matches!(self.subject, Subject::Gateway { .. }) && key.kind != SecretKind::P256 {
            return Err(IssueError::Key("a gateway's is on P-256, or clients in Python cannot talk to it"));
        }
        check_validity(self.not_before, self.not_after)?;
        Ok(key)
    }
}

/// The first and the last second of a certificate that is made now for this number of days.
pub fn validity(now: Timestamp, days: u32) -> Result<(Timestamp, Timestamp), IssueError> {
    let outside = |_| IssueError::Validity("it lies outside the calendar");
    if days == 0 {
        return Err(IssueError::Validity("it would last no day"));
    }
    let now = Timestamp::from_second(now.as_second()).map_err(outside)?;
    let length = SignedDuration::from_hours(24 * i64::from(days));
    Ok((now.checked_sub(BACKDATED).map_err(outside)?, now.checked_add(length).map_err(outside)?))
}

/// Whether it ends after it begins, and lasts no longer than an end certificate may.
pub(super) fn check_validity(not_before: Timestamp, not_after: Timestamp) -> Result<(), IssueError> {
    if not_after <= not_before {
        return Err(IssueError::Validity("it would end before it begins"));
    }
    let longest = BACKDATED + SignedDuration::from_hours(24 * i64::from(LIFETIME_DAYS_MAX));
    if not_after.duration_since(not_before) > longest {
        return Err(IssueError::Validity("it would last longer than 397 days"));
    }
    Ok(())
}

/// Draws a serial number that cannot be guessed: one fixed byte that keeps it positive and its length the same, and
/// 128 random bits (RFC 5280 §4.1.2.2: at most 20 octets; CA/Browser Forum BR §7.1: at least 64 random bits).
pub fn new_serial(entropy: &dyn Entropy) -> Vec<u8> {
    let mut serial = vec![0; 17];
    entropy.fill(&mut serial[1..]);
    serial[0] = 1;
    serial
}

/// Whether it stands in DER as it is: positive, without a leading zero, at most 20 octets.
pub(super) fn check_serial(serial: &[u8]) -> Result<(), IssueError> {
    match serial.first() {
        Some(1..=0x7f) if serial.len() <= 20 => Ok(()),
        _ => Err(IssueError::Serial),
    }
}

/// Whether it is an end certificate's, too: long enough that nobody guessed it, as [`new_serial`] draws one.
pub(super) fn check_leaf_serial(serial: &[u8]) -> Result<(), IssueError> {
    check_serial(serial)?;
    if serial.len() < 16 { Err(IssueError::Serial) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trust_domain: &str, agency: &str, system: &str) -> Subject {
        let trust_domain = TrustDomain::parse(trust_domain).unwrap();
        Subject::Client { trust_domain, agency: agency.to_owned(), system: system.to_owned() }
    }

    fn gateway(hosts: &[&str]) -> Subject {
        Subject::Gateway { hosts: hosts.iter().map(|&host| host.to_owned()).collect() }
    }

    #[test]
    fn subjects_are_who_they_may_be() {
        client("kepri.example", "blk-kepri", "jadwal").check().unwrap();
        for (agency, system) in
            [("blk.example.com", "jadwal"), ("blk", "www.example.com"), ("blk", "a/b"), ("blk", "")]
        {
            client("kepri.example", agency, system).check().unwrap_err();
        }
        gateway(&["gerbang.kepri.example", "localhost", "10.0.0.1", "::1"]).check().unwrap();
        for hosts in [&[][..], &["*.example"], &["a b"], &["a.example."], &["x", "x"], &["https://x"]] {
            gateway(hosts).check().unwrap_err();
        }
    }

    #[test]
    fn common_names_fit() {
        assert_eq!(client("t", "blk-kepri", "jadwal").common_name(), "blk-kepri/jadwal");
        let long = client("t", &"a".repeat(40), &"b".repeat(40));
        assert_eq!(long.common_name().len(), COMMON_NAME_MAX);
        assert_eq!(gateway(&["x"]).common_name(), "Gerbang");
    }

    #[test]
    fn serials_stand_as_they_are() {
        for bad in [&[][..], &[0, 1], &[0x80], &[1; 21]] {
            check_serial(bad).unwrap_err();
        }
        for good in [&[1][..], &[1; 20]] {
            check_serial(good).unwrap();
        }
        for bad in [&[][..], &[1], &[1; 15], &[1; 21], &[0x80; 17]] {
            check_leaf_serial(bad).unwrap_err();
        }
        for good in [16, 17, 20] {
            check_leaf_serial(&vec![1; good]).unwrap();
        }
    }

    #[test]
    fn a_validity_of_the_longest_lifetime_is_within_the_bound() {
        let now = "2026-03-02T08:00:00.75Z".parse().unwrap();
        let (from, to) = validity(now, 90).unwrap();
        assert_eq!(
            (from.to_string(), to.to_string()),
            ("2026-03-02T07:00:00Z".into(), "2026-05-31T08:00:00Z".into())
        );
        validity(Timestamp::MAX, 1).unwrap_err();
    }
}
