//! A system's credential: its key with its certificate, and what the two are used for beside TLS, signing statements.
//!
//! Owns the reading of a profile's files and the making of statements. Says nothing of who may sign what. `renewal`
//! and `cli` call it.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::{Profile, Trouble, client::key_text};
use crate::{
    domain::outside::Entropy,
    pki::{
        certificate::{self, Certificate, chain},
        secret::{SecretError, SecretKey},
        statement::{Purpose, Statement},
    },
    proto::v1,
};

/// A key and its certificate.
#[derive(Debug)]
pub struct Credential {
    /// The private key.
    pub key: SecretKey,
    /// The certificate for this key.
    pub certificate: Certificate,
    /// The system that the certificate names.
    pub identity: Identity,
}

/// A system's identity, as the URI of its certificate says it: `spiffe://{trust_domain}/agency/{agency}/{system}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The trust domain, without a scheme.
    pub trust_domain: String,
    /// The code.
    pub agency: String,
    /// The system's name within its agency.
    pub system: String,
}

impl Identity {
    /// Reads the identity of a certificate; `None` unless it has exactly one URI, of this form.
    pub fn of(certificate: &Certificate) -> Option<Self> {
        let [uri] = certificate.uri_sans.as_slice() else { return None };
        let (trust_domain, path) = uri.strip_prefix("spiffe://")?.split_once('/')?;
        let (agency, system) = path.strip_prefix("agency/")?.split_once('/')?;
        let [trust_domain, agency, system] = [trust_domain, agency, system].map(str::to_owned);
        Some(Self { trust_domain, agency, system })
    }

    /// Reads the identity from the system's full name, `agencies/{code}/systems/{system}`.
    pub fn of_system(name: &str, trust_domain: &str) -> Option<Self> {
        let (agency, system) = name.strip_prefix("agencies/")?.split_once("/systems/")?;
        let [trust_domain, agency, system] = [trust_domain, agency, system].map(str::to_owned);
        Some(Self { trust_domain, agency, system })
    }
}

/// A statement before it has its time and its nonce.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The act that the statement is about.
    pub purpose: Purpose,
    /// The system that the statement is about.
    pub identity: Identity,
    /// The system's role; empty in a renewal, which keeps it.
    pub role: String,
    /// The key's id, or the token's hash.
    pub subject: [u8; 32],
    /// The days that the certificate is asked for.
    pub lifetime_days: u32,
    /// The time after which the statement counts no more.
    pub expires_at: Timestamp,
    /// In a renewal, the fingerprint of the certificate that is to be replaced.
    pub previous: Option<[u8; 32]>,
}

impl Draft {
    /// Completes the statement with a nonce of 16 random bytes.
    pub fn statement(self, entropy: &dyn Entropy) -> Statement {
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        Statement {
            purpose: self.purpose,
            trust_domain: self.identity.trust_domain,
            agency: self.identity.agency,
            system: self.identity.system,
            role: self.role,
            subject: self.subject,
            lifetime_days: self.lifetime_days,
            expires_at: self.expires_at,
            previous: self.previous,
            nonce,
        }
    }
}

impl Credential {
    /// The one that a profile names.
    pub fn read(profile: &Profile) -> Result<Self, Trouble> {
        let pem = key_text(&profile.key)?;
        let key = SecretKey::from_pem(&pem, None).map_err(Trouble::key(&profile.key))?;
        let (certificate, identity) = read_certificate(&profile.certificate)?;
        Ok(Self { key, certificate, identity })
    }

    /// Says whether key and certificate belong together.
    pub fn fits(&self) -> bool {
        certificate::public_key(&self.certificate.der).as_deref() == Some(&self.key.spki()[..])
    }

    /// For how many whole days the certificate was made. It begins a little before it was made.
    pub fn lifetime_days(&self) -> u32 {
        let length = self.certificate.not_after.duration_since(self.certificate.not_before);
        u32::try_from(length.as_hours() / 24).unwrap_or_default().max(1)
    }

    /// A statement with our signature, for the wire.
    pub fn sign(&self, statement: &Statement) -> Result<v1::SignedStatement, SecretError> {
        Ok(v1::SignedStatement {
            statement: STANDARD.encode(statement.bytes()),
            signature: STANDARD.encode(statement.sign(&self.key)?),
        })
    }
}

/// The first certificate of a file, which is a system's.
pub fn read_certificate(path: &Path) -> Result<(Certificate, Identity), Trouble> {
    let pem = fs::read_to_string(path).map_err(Trouble::file(path))?;
    let unfit = || Trouble::Certificate { path: path.to_owned() };
    let leaf = chain(&pem).and_then(|chain| certificate::read(chain.first()?).ok()).ok_or_else(unfit)?;
    let identity = Identity::of(&leaf).ok_or_else(unfit)?;
    Ok((leaf, identity))
}

/// The leaf of a chain as the gateway gives it, if it is this system's, for this key.
pub fn leaf_for(chain_pem: &str, key: &SecretKey, identity: &Identity) -> Result<Certificate, Trouble> {
    let leaf = chain(chain_pem).and_then(|chain| certificate::read(chain.first()?).ok());
    let leaf = leaf.ok_or(Trouble::Unfit("it holds no certificate that can be read"))?;
    if certificate::public_key(&leaf.der).is_none_or(|spki| spki != key.spki()) {
        return Err(Trouble::Unfit("the certificate is for another key"));
    }
    if Identity::of(&leaf).as_ref() != Some(identity) {
        return Err(Trouble::Unfit("the certificate names another system"));
    }
    Ok(leaf)
}
