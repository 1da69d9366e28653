//! A throw-away authority that issues certificates for `dev` and for tests.
//!
//! Owns the profiles that `certs/profiles.toml` describes. It keeps no inventory, no revocation list and its
//! key in plain text, so it is nobody's real authority. A [`Profile`] may be wrong on purpose: tests need
//! certificates that Gerbang refuses. Keys are P-256 in PKCS#8 v1, which every client library reads.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, string::Ia5String,
};
use time::OffsetDateTime;
use x509_parser::{asn1_rs::FromDer, certificate::X509Certificate};

use super::certificate;

/// Clocks of two machines differ, so that validity begins this much before now.
const BACKDATED: SignedDuration = SignedDuration::from_hours(1);

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("The certificate cannot be made: {0}. Check the names and the times that it should carry.")]
    Make(#[from] rcgen::Error),
    #[error("The time {0} cannot stand in a certificate. Choose one between 1950 and 9999.")]
    Time(Timestamp),
    #[error("The authority cannot be read: {0}. Remove its files, and a new one is made.")]
    Authority(&'static str),
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    Client,
    Server,
    /// No extended key usage at all.
    Unstated,
}

/// What a certificate shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub common_name: String,
    pub uri_sans: Vec<String>,
    /// DNS names and IP addresses.
    pub hosts: Vec<String>,
    pub usage: Usage,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Profile {
    /// A client's: one URI SAN, `spiffe://(trust domain)/agency/(code)/(system)`.
    pub fn client(trust_domain: &str, agency: &str, system: &str, now: Timestamp, days: u32) -> Self {
        Self {
            common_name: format!("{agency}/{system}"),
            uri_sans: vec![format!("spiffe://{trust_domain}/agency/{agency}/{system}")],
            hosts: Vec::new(),
            usage: Usage::Client,
            not_before: now - BACKDATED,
            not_after: later(now, days),
        }
    }

    /// A gateway's, for these DNS names and IP addresses.
    pub fn server(hosts: &[&str], now: Timestamp, days: u32) -> Self {
        Self {
            common_name: "Gerbang".to_owned(),
            uri_sans: Vec::new(),
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            usage: Usage::Server,
            not_before: now - BACKDATED,
            not_after: later(now, days),
        }
    }

    fn params(&self) -> Result<CertificateParams, IssueError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, self.common_name.as_str());
        params.not_before = civil(self.not_before)?;
        params.not_after = civil(self.not_after)?;
        for host in &self.hosts {
            params.subject_alt_names.push(match host.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName(Ia5String::try_from(host.as_str())?),
            });
        }
        for uri in &self.uri_sans {
            params.subject_alt_names.push(SanType::URI(Ia5String::try_from(uri.as_str())?));
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = match self.usage {
            Usage::Client => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Usage::Server => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Usage::Unstated => Vec::new(),
        };
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

/// A certificate and its private key, both PEM.
pub struct Issued {
    pub certificate_pem: String,
    pub key_pem: String,
}

/// The throw-away authority: a self-signed certificate and its key.
pub struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate_pem: String,
    not_after: Timestamp,
}

impl Authority {
    /// A new one with a key of its own, valid for `days`.
    pub fn new(common_name: &str, now: Timestamp, days: u32) -> Result<Self, IssueError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let not_after = later(now, days);
        let mut params = authority_params(common_name);
        params.not_before = civil(now - BACKDATED)?;
        params.not_after = civil(not_after)?;
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self { params, key, certificate_pem, not_after })
    }

    /// One that was made by [`Authority::new`] and kept as PEM.
    pub fn from_pem(certificate_pem: &str, key_pem: &str) -> Result<Self, IssueError> {
        let read = certificate::read_pem(certificate_pem)
            .map_err(|_| IssueError::Authority("its certificate is damaged"))?;
        let (_, parsed) = X509Certificate::from_der(&read.der)
            .map_err(|_| IssueError::Authority("its certificate is damaged"))?;
        let common_name = parsed.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let common_name = common_name.ok_or(IssueError::Authority("its certificate has no common name"))?;
        let key = KeyPair::from_pem(key_pem).map_err(|_| IssueError::Authority("its key is damaged"))?;
        if key.public_key_raw() != parsed.public_key().subject_public_key.data.as_ref() {
            return Err(IssueError::Authority("its key is not its certificate's"));
        }
        Ok(Self {
            params: authority_params(common_name),
            key,
            certificate_pem: certificate_pem.to_owned(),
            not_after: read.not_after,
        })
    }

    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key: for a file that only its owner reads.
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The last second in which it is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// A certificate with a new key, saying what the profile says, be it wrong or right.
    pub fn issue(&self, profile: &Profile) -> Result<Issued, IssueError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate_pem = profile.params()?.signed_by(&key, &issuer)?.pem();
        Ok(Issued { certificate_pem, key_pem: key.serialize_pem() })
    }
}

/// What every authority says of itself, times apart. An issuer needs the name and the key usages alone.
fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn later(now: Timestamp, days: u32) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX)
}

fn civil(time: Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(time.as_second()).map_err(|_| IssueError::Time(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Reason;

    const DOMAIN: &str = "kepri.example";

    fn now() -> Timestamp {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn read(authority: &Authority, profile: &Profile) -> certificate::Certificate {
        certificate::read_pem(&authority.issue(profile).unwrap().certificate_pem).unwrap()
    }

    fn why(fault: crate::domain::Fault) -> String {
        assert_eq!(fault.reason, Reason::CertificateUnfit);
        fault.facts[0].1.clone()
    }

    #[test]
    fn a_client_is_who_the_profile_says() {
        let authority = Authority::new("Test", now(), 30).unwrap();
        let profile = Profile::client(DOMAIN, "blk-kepri", "jadwal", now(), 7);
        let client = read(&authority, &profile);
        client.check_client().unwrap();
        let identity = client.identity(DOMAIN).unwrap();
        assert_eq!((identity.agency.as_str(), identity.system.as_str()), ("blk-kepri", "jadwal"));
        assert_eq!(identity.fingerprint, certificate::fingerprint(&client.der));
        assert_eq!(client.identity("other.example"), Err(Reason::TrustDomainForeign));
        assert_eq!(client.not_after, later(now(), 7));
        assert!(client.serial.len() >= 16 && client.serial.chars().all(|c| c.is_ascii_hexdigit()));

        for uris in [
            vec![],
            vec![format!("spiffe://{DOMAIN}/agency/a1/b1"), format!("spiffe://{DOMAIN}/agency/a1/b2")],
            vec![format!("https://{DOMAIN}/agency/a1/b1")],
            vec![format!("spiffe://{DOMAIN}/agency/A1/b1")],
            vec![format!("spiffe://{DOMAIN}/agency/a1/b1/c1")],
            vec![format!("spiffe://{DOMAIN}/system/a1/b1")],
        ] {
            let client = read(&authority, &Profile { uri_sans: uris.clone(), ..profile.clone() });
            assert_eq!(client.identity(DOMAIN), Err(Reason::CertificateWithoutIdentity), "{uris:?}");
        }
    }

    #[test]
    fn what_tls_lets_pass_is_refused() {
        let authority = Authority::new("Test", now(), 30).unwrap();
        let client = Profile::client(DOMAIN, "blk-kepri", "jadwal", now(), 7);
        for usage in [Usage::Server, Usage::Unstated] {
            let certificate = read(&authority, &Profile { usage, ..client.clone() });
            assert!(why(certificate.check_client().unwrap_err()).contains("clientAuth"));
        }
        let named = read(&authority, &Profile { hosts: vec!["localhost".to_owned()], ..client });
        assert!(why(named.check_client().unwrap_err()).contains("other names"));
        let itself = certificate::read_pem(authority.certificate_pem()).unwrap();
        assert!(why(itself.check_client().unwrap_err()).contains("authority"));
    }

    #[test]
    fn a_text_holds_one_certificate_and_no_key() {
        let authority = Authority::new("Test", now(), 30).unwrap();
        let pem = authority.certificate_pem();
        let bad = |text: &str| why(certificate::read_pem(text).unwrap_err());
        assert!(bad("").contains("no CERTIFICATE block"));
        assert!(bad(&format!("{pem}{pem}")).contains("more than one"));
        assert!(bad(&format!("{pem}{}", authority.key_pem())).contains("private key"));
        assert!(
            bad("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").contains("not an X.509")
        );
        let mut der = certificate::read_pem(pem).unwrap().der;
        der.push(0);
        assert!(why(certificate::read(&der).unwrap_err()).contains("bytes follow"));
    }

    #[test]
    fn a_reloaded_authority_issues_what_verifies() {
        let made = Authority::new("Test", now(), 30).unwrap();
        let authority = Authority::from_pem(made.certificate_pem(), &made.key_pem()).unwrap();
        assert_eq!(authority.not_after(), made.not_after());
        let other = Authority::new("Other", now(), 30).unwrap();
        assert!(Authority::from_pem(made.certificate_pem(), &other.key_pem()).is_err());

        let profile = Profile::client(DOMAIN, "blk-kepri", "jadwal", now(), 7);
        let root = certificate::read_pem(made.certificate_pem()).unwrap().der;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.into()).unwrap();
        let provider = rustls::crypto::aws_lc_rs::default_provider().into();
        let verifier =
            rustls::server::WebPkiClientVerifier::builder_with_provider(std::sync::Arc::new(roots), provider)
                .build()
                .unwrap();
        let time = std::time::Duration::from_secs(now().as_second().unsigned_abs());
        let verify = |authority: &Authority| {
            let der = read(authority, &profile).der.into();
            verifier.verify_client_cert(&der, &[], rustls_pki_types::UnixTime::since_unix_epoch(time))
        };
        verify(&authority).unwrap();
        verify(&other).unwrap_err();
    }
}
