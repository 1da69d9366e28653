//! Certificate signing requests (PKCS#10, RFC 2986), which ask for a certificate for their key, and no more.
//!
//! Owns the reading of requests and the proof that whoever made one holds its private key. Whatever else a
//! request says, names and extensions, is ignored and reported, since the registry says what a certificate
//! holds. Says nothing about keys that are blocked or another's: that needs the registry.

mod ignored;
mod text;

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey, VerificationAlgorithm},
};
use x509_parser::{
    asn1_rs::{FromDer, Oid, oid},
    certification_request::{X509CertificationRequest, X509CertificationRequestInfo},
    oid_registry::{
        OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED25519,
    },
    x509::{AlgorithmIdentifier, X509Version},
};

use super::{
    key,
    profile::COMMON_NAME_MAX,
    strict::{self, BIT_STRING, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, SEQUENCE},
};
use crate::domain::{Fault, Reason};

pub use super::key::KeyAlgorithm;

/// The most bytes of a request. Those of the tools have less than 1 KiB; this leaves room for large attributes.
pub const BYTES_MAX: usize = 16 * 1024;

/// The kinds of signature that tools make, by the names that people know them by.
static SIGNATURES: [(Oid<'static>, &str); 6] = [
    (OID_SIG_ECDSA_WITH_SHA256, "ECDSA with SHA-256"),
    (OID_SIG_ECDSA_WITH_SHA384, "ECDSA with SHA-384"),
    (OID_SIG_ECDSA_WITH_SHA512, "ECDSA with SHA-512"),
    (oid!(1.2.840.10045.4.1), "ECDSA with SHA-1"),
    // X9.62 has the digest in the parameters.
    (oid!(1.2.840.10045.4.3), "specifiedECDSA (of certreq with AlternateSignatureAlgorithm)"),
    (OID_SIG_ED25519, "Ed25519"),
];

/// A request whose key can be a client's and whose signature proves that its maker holds the private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The SubjectPublicKeyInfo in DER. A key has one encoding only: equal bytes, equal keys.
    pub spki: Vec<u8>,
    /// SHA-256 of `spki`, by which the registry knows the key.
    pub key_id: [u8; 32],
    /// The kind of key.
    pub algorithm: KeyAlgorithm,
    /// The parts of the request beside its key, all of them ignored: `subject CN=…`, `extension (name or OID)`,
    /// `attribute (name or OID)`. At most 32 lines of at most 200 characters, none of which is invisible.
    pub ignored: Vec<String>,
}

impl Request {
    /// The ignored parts, but a subject that says the system's name and no more, as `gerbang cert request --system` writes
    /// it: there is nothing in it to look at.
    pub fn ignored_for(self, agency: &str, system: &str) -> Vec<String> {
        let own = format!("subject CN={}", common_name(agency, system));
        self.ignored.into_iter().filter(|line| *line != own).collect()
    }
}

/// The common name of a system, in its requests as in its certificates: `agency/system`, cut at 64 characters.
pub fn common_name(agency: &str, system: &str) -> String {
    format!("{agency}/{system}").chars().take(COMMON_NAME_MAX).collect()
}

/// Reads one request in DER, nothing behind it.
///
/// Refused in this order: `CSR_TOO_LARGE`; `CSR_UNREADABLE`; the key by `KEY_ALGORITHM_REFUSED`,
/// `KEY_ENCODING_REFUSED` or `KEY_WEAK`; `SIGNATURE_ALGORITHM_REFUSED`; `CSR_SIGNATURE_INVALID`. All but the
/// first and the last carry the fact `why`.
pub fn read_der(der: &[u8]) -> Result<Request, Fault> {
    check_size(der)?;
    let parts = Parts::read(der)?;
    let (rest, parsed) = X509CertificationRequest::from_der(der)
        .map_err(|_| unreadable("it is not a certificate request of RFC 2986"))?;
    let info = &parsed.certification_request_info;
    // Two readings of the same bytes: were they to differ, what is verified would not be what is taken.
    if !rest.is_empty() || info.raw != parts.info || info.subject_pki.raw != parts.spki {
        return Err(unreadable("it is not a certificate request of RFC 2986"));
    }
    if info.version != X509Version::V1 {
        return Err(unreadable("its version is not 1"));
    }
    let algorithm = key::read(&info.subject_pki)?;
    check_signature_algorithm(algorithm, &parsed.signature_algorithm)?;
    check_signature(algorithm, info, &parsed)?;
    let mut key_id = [0; 32];
    key_id.copy_from_slice(digest(&SHA256, parts.spki).as_ref());
    Ok(Request { spki: parts.spki.to_vec(), key_id, algorithm, ignored: ignored::list(info) })
}

/// Reads a PEM text that holds exactly one CERTIFICATE REQUEST (or NEW CERTIFICATE REQUEST) block, or one
/// request in DER. Refused as by [`read_der`]; `CSR_UNREADABLE` also when a private key or another block
/// stands beside it.
pub fn read_text(bytes: &[u8]) -> Result<Request, Fault> {
    check_size(bytes)?;
    if is_der(bytes) {
        return read_der(bytes);
    }
    read_der(&text::block(bytes).map_err(unreadable)?)
}

/// Whether these are the bytes of DER rather than of a text: a request in DER is longer than 127 bytes and so begins 30 81
/// or 30 82, as no text does.
pub fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [SEQUENCE, 0x80..=0xff, ..])
}

/// The bytes of a request that matter, after it was found to be DER to its leaves.
struct Parts<'a> {
    /// The CertificationRequestInfo, which is what was signed.
    info: &'a [u8],
    spki: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Whether each SEQUENCE holds what RFC 2986 §4 and RFC 5280 §4.1 put there, and nothing behind it.
    fn read(der: &'a [u8]) -> Result<Self, Fault> {
        let outer = strict::strict(der).map_err(unreadable)?;
        let other = || unreadable("it is not a certificate request of RFC 2986");
        // x509-parser looks at the number of a tag and not at its class.
        if outer.tag != SEQUENCE {
            return Err(other());
        }
        let children = |element: &strict::Element<'a>| element.children().map_err(unreadable);
        let outer = children(&outer)?;
        // PKCS#8, SEC 1 and PKCS#12 begin with a version.
        if outer.first().is_some_and(|first| first.tag == INTEGER) {
            return Err(unreadable("it looks like a private key, and private keys never leave their owner"));
        }
        let tags = |elements: &[strict::Element<'a>], wanted: &[u8]| {
            elements.iter().map(|element| element.tag).eq(wanted.iter().copied())
        };
        if !tags(&outer, &[SEQUENCE, SEQUENCE, BIT_STRING]) {
            return Err(other());
        }
        let info = children(&outer[0])?;
        if info.first().is_some_and(|first| first.tag == CONTEXT_0) {
            return Err(unreadable("it is a certificate, not a request"));
        }
        if !tags(&info, &[INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0]) {
            return Err(other());
        }
        let spki = children(&info[2])?;
        if !tags(&spki, &[SEQUENCE, BIT_STRING]) {
            return Err(other());
        }
        // Nor does x509-parser look at the tag of an identifier, and these of the signature are not signed.
        for algorithm in [&outer[1], &spki[0]] {
            let elements = children(algorithm)?;
            let identifier = elements.first().is_some_and(|first| first.tag == OBJECT_IDENTIFIER);
            if !identifier || elements.len() > 2 {
                return Err(other());
            }
        }
        Ok(Self { info: outer[0].whole, spki: info[2].whole })
    }
}

/// Each key has one kind of signature: RFC 5758 §3.2 with SHA-256, and RFC 8410 §3; both without parameters.
fn check_signature_algorithm(key: KeyAlgorithm, found: &AlgorithmIdentifier<'_>) -> Result<(), Fault> {
    let (wanted, name) = match key {
        KeyAlgorithm::P256 => (OID_SIG_ECDSA_WITH_SHA256, "ECDSA with SHA-256"),
        KeyAlgorithm::Ed25519 => (OID_SIG_ED25519, "Ed25519"),
    };
    let refused = |why: String| Err(Fault::from(Reason::SignatureAlgorithmRefused).with("why", why));
    if found.algorithm != wanted {
        let known = SIGNATURES.iter().find(|(oid, _)| *oid == found.algorithm);
        let found = known.map_or("another kind of signature", |(_, name)| name);
        return refused(format!("it is {found}, where a key of {key} signs by {name}"));
    }
    if found.parameters.is_some() {
        return refused(format!("its algorithm carries parameters, which {name} has not"));
    }
    Ok(())
}

/// The proof of possession, over the bytes as they were sent.
fn check_signature(
    key: KeyAlgorithm,
    info: &X509CertificationRequestInfo<'_>,
    request: &X509CertificationRequest<'_>,
) -> Result<(), Fault> {
    let algorithm: &'static dyn VerificationAlgorithm = match key {
        KeyAlgorithm::P256 => &ECDSA_P256_SHA256_ASN1,
        KeyAlgorithm::Ed25519 => &ED25519,
    };
    let signature = &request.signature_value;
    let public = UnparsedPublicKey::new(algorithm, info.subject_pki.subject_public_key.data.as_ref());
    // Both kinds of signature are whole bytes.
    if signature.unused_bits != 0 || public.verify(info.raw, signature.data.as_ref()).is_err() {
        return Err(Reason::CsrSignatureInvalid.into());
    }
    Ok(())
}

fn check_size(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.len() > BYTES_MAX {
        return Err(Fault::from(Reason::CsrTooLarge).with("max_bytes", BYTES_MAX));
    }
    Ok(())
}

fn unreadable(why: &'static str) -> Fault {
    Fault::from(Reason::CsrUnreadable).with("why", why)
}

#[cfg(test)]
mod tests;
