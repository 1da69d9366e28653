//! Making the authorities: a root, and below it one for clients and one for gateways.
//!
//! Owns the content of their certificates. Every name is written once and then copied from the certificate, so that it
//! is the same bytes everywhere. Keeps no key: the caller holds the root's key offline and brings it for the
//! occasion.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SerialNumber,
};
use x509_parser::{asn1_rs::FromDer, certificate::X509Certificate};

use super::{
    authority::{Facts, IssueError, Issuer, civil},
    crl::RevokedEntry,
    profile::{COMMON_NAME_MAX, check_serial, validity},
    public::{PublicKey, SecretKind},
    secret::SecretKey,
};

/// The names and lifetimes of the authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The organisation in every authority's name.
    pub organisation: String,
    /// The root's common name.
    pub root_name: String,
    /// The common name of the authority for clients.
    pub clients_name: String,
    /// The common name of the authority for gateways.
    pub gateways_name: String,
    /// The days for which the root is valid.
    pub root_days: u32,
    /// The days for which the issuing authorities are valid.
    pub issuing_days: u32,
    /// The days for which a list of the root is valid; many, since its key is offline.
    pub root_crl_days: u32,
}

/// The kind of an issuing authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The authority for systems of agencies.
    Clients,
    /// The authority for gateways.
    Gateways,
}

impl Plan {
    /// Authorities of one name would be taken for each other.
    fn check(&self) -> Result<(), IssueError> {
        let names = [&self.root_name, &self.clients_name, &self.gateways_name];
        // The bound on an organisation's name is the same (RFC 5280 appendix A.1).
        let fits = |text: &String| {
            !text.trim().is_empty()
                && text.chars().count() <= COMMON_NAME_MAX
                && !text.chars().any(char::is_control)
        };
        if !names.into_iter().chain([&self.organisation]).all(fits) {
            return Err(IssueError::Subject("an authority's name or its organisation is empty or too long"));
        }
        if names[0] == names[1] || names[0] == names[2] || names[1] == names[2] {
            return Err(IssueError::Subject("two authorities have one name"));
        }
        Ok(())
    }

    fn params(
        &self,
        common_name: &str,
        path_length: u8,
        serial: &[u8],
        (not_before, not_after): (Timestamp, Timestamp),
    ) -> Result<CertificateParams, IssueError> {
        self.check()?;
        check_serial(serial)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, self.organisation.as_str());
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.serial_number = Some(SerialNumber::from_slice(serial));
        params.not_before = civil(not_before)?;
        params.not_after = civil(not_after)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(path_length));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(params)
    }
}

/// Makes the root's own certificate in DER: self-signed, for one authority below it and leaves below that.
pub fn root(plan: &Plan, key: &SecretKey, serial: &[u8], now: Timestamp) -> Result<Vec<u8>, IssueError> {
    let params = plan.params(&plan.root_name, 1, serial, validity(now, plan.root_days)?)?;
    let der = params.self_signed(key)?.der().to_vec();
    // Refuses a key that is not on P-256, too.
    let facts = Facts::read(&der)?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| IssueError::Lint("it cannot be read"))?;
    if parsed.verify_signature(None).is_err() || parsed.issuer().as_raw() != facts.subject {
        return Err(IssueError::Issuer("its signature does not verify"));
    }
    Ok(der)
}

/// Makes an issuing authority's certificate in DER, for the key of this SPKI. Errors: `Validity` if it would outlive the
/// root, `Key` if the key is not on P-256.
pub fn issuing(
    root: &Issuer,
    plan: &Plan,
    kind: Kind,
    spki: &[u8],
    serial: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, IssueError> {
    let key = PublicKey::parse(spki).map_err(IssueError::Key)?;
    if key.kind != SecretKind::P256 {
        return Err(IssueError::Key("an authority's is on P-256"));
    }
    let (not_before, not_after) = validity(now, plan.issuing_days)?;
    if not_after > root.not_after() {
        return Err(IssueError::Validity("it would outlive the root, which ends before"));
    }
    let name = match kind {
        Kind::Clients => &plan.clients_name,
        Kind::Gateways => &plan.gateways_name,
    };
    let mut params = plan.params(name, 0, serial, (not_before, not_after))?;
    match kind {
        Kind::Clients => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            params.name_constraints = Some(no_hosts());
        }
        Kind::Gateways => params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
    }
    let certificate = root.sign(&root.facts.build(params, &key)?)?;
    if Facts::read(&certificate)?.subject == root.facts.subject {
        return Err(IssueError::Subject("two authorities have one name"));
    }
    Ok(certificate)
}

/// Makes the root's revocation list, which a check of the whole chain needs as well.
pub fn root_crl(
    root: &Issuer,
    plan: &Plan,
    number: u64,
    revoked: &[RevokedEntry],
    now: Timestamp,
) -> Result<Vec<u8>, IssueError> {
    let length = SignedDuration::from_hours(24 * i64::from(plan.root_crl_days));
    let end = now.checked_add(length).map_err(|_| IssueError::List("it ends outside the calendar"))?;
    root.crl(number, now, end, revoked)
}

/// The name constraints of the clients' authority: it can name no host, whatever it is made to sign (RFC 5280 §4.2.1.10). A constraint on
/// URIs would be better still, but rustls-webpki refuses every URI below one.
fn no_hosts() -> NameConstraints {
    let (v4, v6) = (Ipv4Addr::UNSPECIFIED.octets(), Ipv6Addr::UNSPECIFIED.octets());
    NameConstraints {
        permitted_subtrees: Vec::new(),
        excluded_subtrees: vec![
            GeneralSubtree::DnsName(String::new()),
            GeneralSubtree::IpAddress(CidrSubnet::V4(v4, v4)),
            GeneralSubtree::IpAddress(CidrSubnet::V6(v6, v6)),
        ],
    }
}
