//! The content of a certificate, and the check that it is fit for a client.
//!
//! Refuses bytes that cannot be read, and certificates that TLS libraries let pass but Gerbang does not. Says nothing about
//! the chain, revocation or registration.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{
    asn1_rs::FromDer,
    certificate::X509Certificate,
    extensions::{GeneralName, ParsedExtension},
    oid_registry::OID_X509_COMMON_NAME,
    time::ASN1Time,
    x509::X509Version,
};

use super::{
    form::{self, CLIENT_AUTH},
    key,
    profile::COMMON_NAME_MAX,
};
use crate::domain::{
    AgencyCode, Fault, Reason,
    access::{Fingerprint, Identity},
    name::slug,
};

/// A certificate that was read. To have been read does not make it fit for anything: see [`Certificate::identity`] and
/// [`Certificate::check_client`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate's bytes.
    pub der: Vec<u8>,
    /// SHA-256 over `der`.
    pub fingerprint: Fingerprint,
    /// The serial number in lower-case hex, two digits a byte, as in the certificate.
    pub serial: String,
    /// The first second of validity, itself within.
    pub not_before: Timestamp,
    /// The last second of validity, itself within.
    pub not_after: Timestamp,
    /// Every URI among the subject's alternative names, in order.
    pub uri_sans: Vec<String>,
    /// The subject's common name, if that is all that the subject says.
    common_name: Option<String>,
    client_flaw: Option<ClientFlaw>,
}

/// The flaw for which a certificate is no client's, whoever issued it. The text goes on after "The certificate cannot be used:".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum ClientFlaw {
    Version,
    Unreadable,
    Twice,
    /// It is an authority's.
    Authority,
    /// It has no key usage.
    NoKeyUsage,
    /// Its key may sign certificates or revocation lists.
    SignsCertificates,
    /// Its key may not sign handshakes.
    NoSignature,
    ExtendedKeyUsage,
    /// It has a DNS name, an IP address, an e-mail address or any other that is no URI.
    OtherNames,
    /// Anybody can sign with its key, or TLS here cannot use it.
    Key(&'static str),
    /// Its bytes are not those of a certificate of ours, by this part of them.
    Form(&'static str),
}

impl fmt::Display for ClientFlaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Version => "it is not of version 3",
            Self::Unreadable => "an extension cannot be read",
            Self::Twice => "an extension stands there twice",
            Self::Authority => "it is an authority's",
            Self::NoKeyUsage => "it does not say what its key is for (key usage digitalSignature)",
            Self::SignsCertificates => "its key may sign certificates",
            Self::NoSignature => "its key may not sign, as TLS needs",
            Self::ExtendedKeyUsage => "it is not made for clients (extended key usage clientAuth)",
            Self::OtherNames => "it carries other names beside the URI",
            Self::Key(why) => why,
            Self::Form(part) => {
                return write!(out, "it is not as our authorities write one: {part}");
            }
        })
    }
}

/// Reads one certificate in DER, with nothing behind it. Errors: `CERTIFICATE_UNFIT` with the fact `why`.
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
        common_name: common_name(&parsed),
        client_flaw: client_flaw(der, &parsed, &names),
        uri_sans: names.uris,
    })
}

/// Reads a text that holds exactly one CERTIFICATE block. Errors: `CERTIFICATE_UNFIT` with the fact `why`.
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

/// Whether `issuer`'s key signed the certificate `der`, and `der` names `issuer`. This tells where a certificate comes from,
/// not whether to accept it: dates and the issuer's permissions are not checked.
pub fn is_signed_by(der: &[u8], issuer: &[u8]) -> bool {
    signed(der, issuer).is_some()
}

/// A signature that was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The key that made it, as the bits of an SPKI.
    pub key: Vec<u8>,
    /// The bytes that it is over.
    pub message: Vec<u8>,
    /// The signature itself.
    pub signature: Vec<u8>,
}

/// The signature of `issuer` on the certificate `der`, if [`is_signed_by`].
pub fn signed(der: &[u8], issuer: &[u8]) -> Option<Signed> {
    let ((_, parsed), (_, issuer)) =
        (X509Certificate::from_der(der).ok()?, X509Certificate::from_der(issuer).ok()?);
    let key = issuer.public_key();
    (parsed.issuer().as_raw() == issuer.subject().as_raw()).then_some(())?;
    parsed.verify_signature(Some(key)).ok()?;
    Some(Signed {
        key: key.subject_public_key.data.to_vec(),
        message: parsed.tbs_certificate.as_ref().to_vec(),
        signature: parsed.signature_value.data.to_vec(),
    })
}

/// Whether a certificate in DER says that it is an authority's, whose key signs certificates.
pub fn is_authority(der: &[u8]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return false };
    parsed.is_ca() && matches!(parsed.key_usage(), Ok(Some(usage)) if usage.value.key_cert_sign())
}

/// SHA-256 of a certificate in DER, by which the inventory knows it.
pub fn fingerprint(der: &[u8]) -> Fingerprint {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, der).as_ref());
    fingerprint
}

/// The SubjectPublicKeyInfo of a certificate in DER, as it stands there.
pub fn public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.public_key().raw.to_vec())
}

/// The certificates of a PEM text, in order, in DER; `None` where one is damaged.
pub fn chain(pem: &str) -> Option<Vec<Vec<u8>>> {
    let blocks = CertificateDer::pem_slice_iter(pem.as_bytes());
    blocks.map(|block| block.ok().map(|der| der.to_vec())).collect()
}

/// Whether a certificate in DER has the same name as subject and as issuer, as a root has.
pub fn is_self_issued(der: &[u8]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(der) else { return false };
    parsed.issuer().as_raw() == parsed.subject().as_raw()
}

impl Certificate {
    /// The identity that the certificate states by its one URI SAN, `spiffe://(trust domain)/agency/(code)/(system)`. The
    /// common name, which people read, says the same. Errors: `CERTIFICATE_WITHOUT_IDENTITY`, `TRUST_DOMAIN_FOREIGN`.
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
        let said: String = format!("{agency}/{system}").chars().take(COMMON_NAME_MAX).collect();
        if self.common_name.as_deref() != Some(&said) {
            return Err(without);
        }
        Ok(Identity { agency, system: system.to_owned(), fingerprint: self.fingerprint })
    }

    /// Checks the points of a client's certificate that chain validation leaves open: clientAuth, no authority, no name but
    /// the URI, a key that only its owner can have, and the form in which our authorities write. Errors: `CERTIFICATE_UNFIT` with the fact `why`.
    pub fn check_client(&self) -> Result<(), Fault> {
        self.client_flaw.map_or(Ok(()), |flaw| Err(unfit(flaw)))
    }

    /// The flaw that [`Certificate::check_client`] finds, if any.
    pub fn client_flaw(&self) -> Option<ClientFlaw> {
        self.client_flaw
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
fn client_flaw(der: &[u8], parsed: &X509Certificate<'_>, names: &Names) -> Option<ClientFlaw> {
    if parsed.version() != X509Version::V3 {
        return Some(ClientFlaw::Version);
    }
    let unreadable =
        |extension: &ParsedExtension<'_>| matches!(extension, ParsedExtension::ParseError { .. });
    if parsed.extensions().iter().any(|extension| unreadable(extension.parsed_extension())) {
        return Some(ClientFlaw::Unreadable);
    }
    let (Ok(constraints), Ok(usage), Ok(extended)) =
        (parsed.basic_constraints(), parsed.key_usage(), parsed.extended_key_usage())
    else {
        return Some(ClientFlaw::Twice);
    };
    if constraints.is_some_and(|extension| extension.value.ca) {
        return Some(ClientFlaw::Authority);
    }
    let Some(usage) = usage else { return Some(ClientFlaw::NoKeyUsage) };
    if usage.value.key_cert_sign() || usage.value.crl_sign() {
        return Some(ClientFlaw::SignsCertificates);
    }
    if !usage.value.digital_signature() {
        return Some(ClientFlaw::NoSignature);
    }
    if !extended.is_some_and(|extension| extension.value.client_auth && !extension.value.any) {
        return Some(ClientFlaw::ExtendedKeyUsage);
    }
    if names.others {
        return Some(ClientFlaw::OtherNames);
    }
    if let Err(flaw) = key::read(parsed.public_key()) {
        return Some(ClientFlaw::Key(flaw.why()));
    }
    form::check(der, CLIENT_AUTH).err().map(ClientFlaw::Form)
}

fn common_name(parsed: &X509Certificate<'_>) -> Option<String> {
    let mut attributes = parsed.subject().iter_attributes();
    let (only, None) = (attributes.next()?, attributes.next()) else { return None };
    let named = *only.attr_type() == OID_X509_COMMON_NAME;
    only.as_str().ok().filter(|_| named).map(str::to_owned)
}

fn timestamp(time: ASN1Time) -> Result<Timestamp, Fault> {
    Timestamp::from_second(time.timestamp()).map_err(|_| unfit("its validity is outside the calendar"))
}

fn unfit(why: impl fmt::Display) -> Fault {
    Fault::from(Reason::CertificateUnfit).with("why", why)
}
