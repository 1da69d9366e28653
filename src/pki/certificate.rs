//! What a certificate says, and whether a client may use it.
//!
//! Refuses what cannot be read and what TLS libraries let pass but Gerbang does not. Says nothing about
//! chain, revocation or whether it is registered. Called by `server::tls`, by the registry and by `dev`.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{
    asn1_rs::FromDer,
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    time::ASN1Time,
    x509::X509Version,
};

use super::key;
use crate::domain::{
    AgencyCode, Fault, Reason,
    access::{Fingerprint, Identity},
    name::slug,
};

/// A certificate that was read. Reading does not make it fit for anything: see [`Certificate::identity`] and
/// [`Certificate::check_client`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub der: Vec<u8>,
    /// SHA-256 over `der`.
    pub fingerprint: Fingerprint,
    /// Lower-case hex, two digits a byte, as in the certificate.
    pub serial: String,
    /// The first and the last second of validity, both within.
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Every URI among the subject's alternative names, in order.
    pub uri_sans: Vec<String>,
    client_flaw: Option<&'static str>,
}

/// Reads one certificate in DER, nothing behind it. `CERTIFICATE_UNFIT` with the fact `why`.
pub fn read(der: &[u8]) -> Result<Certificate, Fault> {
    let (rest, parsed) =
        X509Certificate::from_der(der).map_err(|_| unfit("it is not an X.509 certificate"))?;
    if !rest.is_empty() {
        return Err(unfit("bytes follow it"));
    }
    let validity = parsed.validity();
    let names = Names::read(&parsed)?;
    Ok(Certificate {
        der: der.to_vec(),
        fingerprint: fingerprint(der),
        serial: hex::encode(parsed.raw_serial()),
        not_before: timestamp(validity.not_before)?,
        not_after: timestamp(validity.not_after)?,
        client_flaw: client_flaw(&parsed, &names),
        uri_sans: names.uris,
    })
}

/// Reads a text that holds exactly one CERTIFICATE block. `CERTIFICATE_UNFIT` with the fact `why`.
pub fn read_pem(pem: &str) -> Result<Certificate, Fault> {
    // Whoever sent it should learn that the key is known now, not that a block is unknown.
    if pem.contains("PRIVATE KEY-----") {
        return Err(unfit("a private key stands beside it, and private keys never leave their owner"));
    }
    let mut blocks = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificate = match blocks.next() {
        Some(Ok(certificate)) => certificate,
        Some(Err(_)) => return Err(unfit("its PEM text is damaged")),
        None => return Err(unfit("there is no CERTIFICATE block")),
    };
    match blocks.next() {
        None => read(&certificate),
        Some(_) => Err(unfit("there is more than one CERTIFICATE block")),
    }
}

/// SHA-256 over a certificate in DER: how the inventory knows it.
pub fn fingerprint(der: &[u8]) -> Fingerprint {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, der).as_ref());
    fingerprint
}

impl Certificate {
    /// Who it says it is: its one URI SAN, `spiffe://(trust domain)/agency/(code)/(system)`.
    /// `CERTIFICATE_WITHOUT_IDENTITY` or `TRUST_DOMAIN_FOREIGN`.
    pub fn identity(&self, trust_domain: &str) -> Result<Identity, Reason> {
        let [uri] = self.uri_sans.as_slice() else { return Err(Reason::CertificateWithoutIdentity) };
        let without = Reason::CertificateWithoutIdentity;
        let (domain, path) =
            uri.strip_prefix("spiffe://").and_then(|rest| rest.split_once('/')).ok_or(without)?;
        let (code, system) =
            path.strip_prefix("agency/").and_then(|rest| rest.split_once('/')).ok_or(without)?;
        let agency = AgencyCode::parse(code).map_err(|_| without)?;
        slug(system).map_err(|_| without)?;
        if domain != trust_domain {
            return Err(Reason::TrustDomainForeign);
        }
        Ok(Identity { agency, system: system.to_owned(), fingerprint: self.fingerprint })
    }

    /// Whether it is a client's, in what chain validation leaves open: clientAuth, no authority, no name but
    /// the URI, a key of its own. `CERTIFICATE_UNFIT` with the fact `why`.
    pub fn check_client(&self) -> Result<(), Fault> {
        self.client_flaw.map_or(Ok(()), |why| Err(unfit(why)))
    }
}

/// The subject's alternative names.
struct Names {
    uris: Vec<String>,
    /// Whether there is any that is not a URI.
    others: bool,
}

impl Names {
    fn read(parsed: &X509Certificate<'_>) -> Result<Self, Fault> {
        let extension = parsed
            .subject_alternative_name()
            .map_err(|_| unfit("its alternative names stand there twice or cannot be read"))?;
        let mut names = Self { uris: Vec::new(), others: false };
        for name in extension.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::URI(uri) => names.uris.push((*uri).to_owned()),
                _ => names.others = true,
            }
        }
        Ok(names)
    }
}

/// rustls-webpki accepts each of these, and so does OpenSSL most.
fn client_flaw(parsed: &X509Certificate<'_>, names: &Names) -> Option<&'static str> {
    if parsed.version() != X509Version::V3 {
        return Some("it is not of version 3");
    }
    let unreadable =
        |extension: &ParsedExtension<'_>| matches!(extension, ParsedExtension::ParseError { .. });
    if parsed.extensions().iter().any(|extension| unreadable(extension.parsed_extension())) {
        return Some("an extension cannot be read");
    }
    let (Ok(constraints), Ok(usage), Ok(extended)) =
        (parsed.basic_constraints(), parsed.key_usage(), parsed.extended_key_usage())
    else {
        return Some("an extension stands there twice");
    };
    if constraints.is_some_and(|extension| extension.value.ca) {
        return Some("it is an authority's");
    }
    if let Some(usage) = usage {
        if usage.value.key_cert_sign() || usage.value.crl_sign() {
            return Some("its key may sign certificates");
        }
        if !usage.value.digital_signature() {
            return Some("its key may not sign, as TLS needs");
        }
    }
    if !extended.is_some_and(|extension| extension.value.client_auth && !extension.value.any) {
        return Some("it is not made for clients (extended key usage clientAuth)");
    }
    if names.others {
        return Some("it carries other names beside the URI");
    }
    key::flaw(parsed.public_key())
}

fn timestamp(time: ASN1Time) -> Result<Timestamp, Fault> {
    Timestamp::from_second(time.timestamp()).map_err(|_| unfit("its validity is outside the calendar"))
}

fn unfit(why: &'static str) -> Fault {
    Fault::from(Reason::CertificateUnfit).with("why", why)
}
