//! The issuing side of an authority: it writes the content of a certificate, and signs exactly that content.
//!
//! Two steps, so that they can be far apart: [`to_be_signed`] needs no key, is the same bytes each time and can
//! be kept and looked at ([`super::lint`]); [`Issuer::sign`] signs the bytes it is given and nothing else. Owns no
//! inventory. Refuses an issuer that is no authority, a key that is not the issuer's, and bytes that it cannot read back.

use std::cell::RefCell;

use jiff::Timestamp;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    SigningKey, string::Ia5String,
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use time::OffsetDateTime;
use x509_parser::{
    asn1_rs::{FromDer, Tag},
    certificate::X509Certificate,
    extensions::ParsedExtension,
    x509::{X509Name, X509Version},
};

use super::{
    der,
    profile::{Subject, Wanted, address},
    public::{PublicKey, SecretKind, verify},
    secret::SecretKey,
};

pub use super::error::IssueError;

/// The facts of an authority's certificate that show in the certificates that it issues.
pub(super) struct Facts {
    /// The name as rcgen writes it, and the bytes it must come out as.
    pub name: DistinguishedName,
    pub subject: Vec<u8>,
    pub key_id: Vec<u8>,
    pub spki: Vec<u8>,
    pub not_after: Timestamp,
    clients: bool,
    gateways: bool,
}

impl Facts {
    pub(super) fn read(certificate: &[u8]) -> Result<Self, IssueError> {
        let bad = IssueError::Issuer;
        let (rest, parsed) = X509Certificate::from_der(certificate)
            .map_err(|_| bad("its certificate is not an X.509 certificate"))?;
        if !rest.is_empty() || parsed.version() != X509Version::V3 {
            return Err(bad("its certificate is not of version 3, or bytes follow it"));
        }
        let twice = |_| bad("an extension of its certificate cannot be read, or stands there twice");
        if !parsed.basic_constraints().map_err(twice)?.is_some_and(|found| found.value.ca) {
            return Err(bad("its certificate is not an authority's"));
        }
        let usage = parsed.key_usage().map_err(twice)?;
        if !usage.is_some_and(|found| found.value.key_cert_sign() && found.value.crl_sign()) {
            return Err(bad("its key may not sign certificates and revocation lists"));
        }
        let extended = parsed.extended_key_usage().map_err(twice)?;
        let key_id = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        });
        let spki = parsed.public_key().raw.to_vec();
        if PublicKey::parse(&spki).map_err(bad)?.kind != SecretKind::P256 {
            return Err(bad("its key is not on P-256"));
        }
        Ok(Self {
            name: name(parsed.subject())?,
            subject: parsed.subject().as_raw().to_vec(),
            key_id: key_id.ok_or(bad("its certificate has no subject key identifier"))?,
            spki,
            not_after: Timestamp::from_second(parsed.validity().not_after.timestamp())
                .map_err(|_| bad("its validity is outside the calendar"))?,
            clients: extended.as_ref().is_some_and(|found| found.value.client_auth),
            gateways: extended.as_ref().is_some_and(|found| found.value.server_auth),
        })
    }

    /// A leaf straight below the root, or below the authority for the other kind, would be trusted by nobody.
    fn check(&self, wanted: &Wanted) -> Result<(), IssueError> {
        match wanted.subject {
            Subject::Client { .. } if !self.clients => {
                Err(IssueError::Issuer("it is not the clients' (extended key usage clientAuth)"))
            }
            Subject::Gateway { .. } if !self.gateways => {
                Err(IssueError::Issuer("it is not the gateways' (extended key usage serverAuth)"))
            }
            _ if wanted.not_after > self.not_after => {
                Err(IssueError::Validity("it would outlive the authority, which ends before"))
            }
            _ => Ok(()),
        }
    }

    /// Has rcgen write a certificate below this authority, and keeps only the bytes that it would have signed.
    pub(super) fn build(
        &self,
        mut params: CertificateParams,
        key: &PublicKey,
    ) -> Result<Vec<u8>, IssueError> {
        params.use_authority_key_identifier_extension = true;
        let capture = Capture::default();
        params.signed_by(key, &self.rcgen(&capture))?;
        Ok(capture.asked.into_inner())
    }

    /// The key identifier is given, so that none is derived from whichever key signs.
    pub(super) fn rcgen<S: SigningKey>(&self, key: S) -> rcgen::Issuer<'static, S> {
        let mut params = CertificateParams::default();
        params.distinguished_name = self.name.clone();
        params.key_identifier_method = KeyIdMethod::PreSpecified(self.key_id.clone());
        rcgen::Issuer::new(params, key)
    }
}

/// Reads a name for rcgen, which writes it again; whether the bytes are the same is checked on what it wrote.
fn name(read: &X509Name<'_>) -> Result<DistinguishedName, IssueError> {
    let foreign = || IssueError::Issuer("its name is not made of one UTF-8 text for each part");
    let mut name = DistinguishedName::new();
    for part in read.iter_rdn() {
        let mut attributes = part.iter();
        let (Some(attribute), None) = (attributes.next(), attributes.next()) else { return Err(foreign()) };
        let value = attribute.attr_value();
        if value.tag() != Tag::Utf8String {
            return Err(foreign());
        }
        let oid: Vec<u64> = attribute.attr_type().iter().ok_or_else(foreign)?.collect();
        name.push(DnType::from_oid(&oid), attribute.as_str().map_err(|_| foreign())?);
    }
    Ok(name)
}

/// Takes the place of a key in rcgen: it shows the authority's public key, and signs nothing.
#[derive(Default)]
struct Capture {
    asked: RefCell<Vec<u8>>,
}

impl PublicKeyData for Capture {
    fn der_bytes(&self) -> &[u8] {
        &[]
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Capture {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        *self.asked.borrow_mut() = message.to_vec();
        Ok(Vec::new())
    }
}

/// Writes the TBSCertificate in DER (RFC 5280 §4.1.2) of a wanted certificate below this authority: the same bytes each
/// time, without a key. Nothing is made to fit: a lifetime beyond 397 days or beyond the authority's is an error.
pub fn to_be_signed(issuer_certificate: &[u8], wanted: &Wanted) -> Result<Vec<u8>, IssueError> {
    let key = wanted.check()?;
    let facts = Facts::read(issuer_certificate)?;
    facts.check(wanted)?;

    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, wanted.subject.common_name());
    params.serial_number = Some(SerialNumber::from_slice(&wanted.serial));
    params.not_before = civil(wanted.not_before)?;
    params.not_after = civil(wanted.not_after)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    match &wanted.subject {
        Subject::Client { .. } => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            let uri = wanted.subject.uri().unwrap_or_default();
            params.subject_alt_names = vec![SanType::URI(Ia5String::try_from(uri)?)];
        }
        Subject::Gateway { hosts } => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            for host in hosts {
                params.subject_alt_names.push(match address(host) {
                    Some(address) => SanType::IpAddress(address),
                    None => SanType::DnsName(Ia5String::try_from(host.as_str())?),
                });
            }
        }
    }
    facts.build(params, &key)
}

pub(super) fn civil(time: Timestamp) -> Result<OffsetDateTime, IssueError> {
    OffsetDateTime::from_unix_timestamp(time.as_second())
        .map_err(|_| IssueError::Validity("it lies outside the calendar"))
}

/// An authority that can sign: its certificate and its key.
pub struct Issuer {
    certificate: Vec<u8>,
    pub(super) facts: Facts,
    pub(super) key: SecretKey,
}

impl Issuer {
    /// Makes an issuer of a certificate in DER and its key. Errors: `Issuer` if the certificate is not an authority's on
    /// P-256, or the key is not the certificate's.
    pub fn open(certificate: &[u8], key: SecretKey) -> Result<Self, IssueError> {
        let facts = Facts::read(certificate)?;
        if facts.spki != key.spki() {
            return Err(IssueError::Issuer("the key is not its certificate's"));
        }
        Ok(Self { certificate: certificate.to_vec(), facts, key })
    }

    /// Makes an issuer as [`Issuer::open`] does, of the first CERTIFICATE block of a PEM text.
    pub fn open_pem(certificate: &str, key: SecretKey) -> Result<Self, IssueError> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes())
            .map_err(|_| IssueError::Issuer("there is no CERTIFICATE block that can be read"))?;
        Self::open(&der, key)
    }

    /// The authority's certificate in DER.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The last second of the authority's validity.
    pub fn not_after(&self) -> Timestamp {
        self.facts.not_after
    }

    /// Signs exactly these bytes, which must be a TBSCertificate below this authority, and answers with the certificate
    /// in DER. Reads it back and verifies the signature first: a signature that a fault of the machine spoiled
    /// can give the key away.
    pub fn sign(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, IssueError> {
        // Read before signing, under no signature: otherwise the key would sign whatever it is given.
        self.check(&der::signed(to_be_signed, &[]), to_be_signed)?;
        let signature = self.key.sign(to_be_signed)?;
        let certificate = der::signed(to_be_signed, &signature);
        self.check(&certificate, to_be_signed)?;
        if !verify(&self.facts.spki, to_be_signed, &signature) {
            return Err(IssueError::Issuer("its signature does not verify"));
        }
        Ok(certificate)
    }

    fn check(&self, certificate: &[u8], to_be_signed: &[u8]) -> Result<(), IssueError> {
        let (rest, parsed) = X509Certificate::from_der(certificate)
            .map_err(|_| IssueError::Lint("it cannot be read as a certificate"))?;
        if !rest.is_empty() || parsed.tbs_certificate.as_ref() != to_be_signed {
            return Err(IssueError::Lint("it holds other bytes than those to be signed"));
        }
        if parsed.issuer().as_raw() != self.facts.subject {
            return Err(IssueError::Lint("it names another authority"));
        }
        if parsed.tbs_certificate.signature != parsed.signature_algorithm {
            return Err(IssueError::Lint("it names two algorithms"));
        }
        Ok(())
    }
}
