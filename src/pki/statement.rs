//! Statements, which the keys of people sign to let a system in: a signature authorises an authority to issue, a row in
//! the database does not.
//!
//! Owns the bytes of a statement, format 1: a line that no other protocol signs, and a protobuf in field order,
//! defaults omitted. Refuses to read bytes that it would not write itself, and statements that say too
//! much or too little for their purpose. Says nothing of who may sign.

use jiff::Timestamp;
use prost::Message;

use super::{
    public::{sha256, verify},
    secret::{SecretError, SecretKey},
};
use crate::{
    domain::{
        access::{Fingerprint, Role},
        name::SystemName,
    },
    text_enum,
};

/// The line with which every statement begins.
const HEAD: &[u8] = b"gerbang/statement/v1\n";

text_enum! {
    /// The act that a statement authorises.
    Purpose {
        /// Certify the key of whoever brings a token.
        Invite = "INVITE",
        /// Certify a key that was asked for.
        Approve = "APPROVE",
        /// Certify a key in place of a certificate that is there.
        Renew = "RENEW",
        /// Take a key whose certificate others issued.
        Admit = "ADMIT",
    }
}

impl Purpose {
    /// The purpose's number in a statement; a number is never reused, and 0 is none.
    const fn number(self) -> i32 {
        match self {
            Self::Invite => 1,
            Self::Approve => 2,
            Self::Renew => 3,
            Self::Admit => 4,
        }
    }
}

/// A statement: it authorises one act for one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The act that the statement authorises.
    pub purpose: Purpose,
    /// The trust domain of the certificate.
    pub trust_domain: String,
    /// The code of the agency.
    pub agency: String,
    /// The system's own name within the agency.
    pub system: String,
    /// The system's role; empty in a renewal, which does not change it.
    pub role: String,
    /// The token's hash in an invitation, else SHA-256 of the SPKI.
    pub subject: [u8; 32],
    /// The longest lifetime of certificates from it, in days.
    pub lifetime_days: u32,
    /// The moment after which the statement authorises nothing. Kept to the microsecond; finer parts are cut off.
    pub expires_at: Timestamp,
    /// SHA-256 of the certificate that is renewed; only a renewal has it.
    pub previous: Option<[u8; 32]>,
    /// Random bytes, so that no two statements are alike.
    pub nonce: [u8; 16],
}

/// The reason for which bytes are not a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum StatementError {
    #[error("The statement is of a format that this version does not read. Use a newer version of Gerbang.")]
    Format,
    #[error("The statement is damaged. Have it sent again.")]
    Malformed,
}

/// The content that a statement has to have. A part that is `None` is not compared.
pub struct ExpectedStatement<'a> {
    /// The act that the statement must authorise.
    pub purpose: Purpose,
    /// The gateway's trust domain.
    pub trust_domain: &'a str,
    /// The system that gets the certificate.
    pub system: &'a SystemName,
    /// The system's role; a renewal has none.
    pub role: Option<Role>,
    /// The token's hash or the key's id.
    pub subject: Option<[u8; 32]>,
    /// The certificate that is renewed.
    pub previous: Option<Fingerprint>,
    /// The lifetime that was granted, in days.
    pub lifetime_days: Option<i32>,
}

impl Statement {
    /// Whether the statement says exactly this.
    pub fn says(&self, expected: &ExpectedStatement<'_>) -> bool {
        let days = i64::from(self.lifetime_days);
        self.purpose == expected.purpose
            && self.trust_domain == expected.trust_domain
            && self.agency == expected.system.agency.as_str()
            && self.system == expected.system.id
            && self.role == expected.role.map_or("", Role::as_str)
            && expected.subject.is_none_or(|subject| subject == self.subject)
            && self.previous == expected.previous
            && expected.lifetime_days.is_none_or(|expected| i64::from(expected) == days)
    }

    /// Writes the bytes that are signed. Equal statements have equal bytes, for ever.
    pub fn bytes(&self) -> Vec<u8> {
        let body = StatementV1 {
            purpose: self.purpose.number(),
            trust_domain: self.trust_domain.clone(),
            agency: self.agency.clone(),
            system: self.system.clone(),
            role: self.role.clone(),
            subject: self.subject.to_vec(),
            lifetime_days: self.lifetime_days,
            expires_at: self.expires_at.as_microsecond(),
            previous: self.previous.map_or_else(Vec::new, |hash| hash.to_vec()),
            nonce: self.nonce.to_vec(),
        };
        [HEAD, &body.encode_to_vec()].concat()
    }

    /// Reads a statement from exactly the bytes that [`Statement::bytes`] gives for it. Errors: `Format`, `Malformed`.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        let body = bytes.strip_prefix(HEAD).ok_or(StatementError::Format)?;
        let read = StatementV1::decode(body).map_err(|_| StatementError::Malformed)?;
        // Unknown fields, other orders and wide numbers decode all the same; only the comparison tells.
        read.statement()
            .filter(|statement| statement.is_whole() && statement.bytes() == bytes)
            .ok_or(StatementError::Malformed)
    }

    /// Whether the statement says what its purpose needs, and no more. One that is not whole is never read.
    fn is_whole(&self) -> bool {
        let names = [&self.trust_domain, &self.agency, &self.system];
        let renewal = self.purpose == Purpose::Renew;
        names.iter().all(|name| !name.is_empty())
            && self.lifetime_days > 0
            && renewal == self.previous.is_some()
            && renewal == self.role.is_empty()
    }

    /// Signs the statement's bytes with the key.
    pub fn sign(&self, key: &SecretKey) -> Result<Vec<u8>, SecretError> {
        key.sign(&self.bytes())
    }

    /// Whether the key of this SPKI signed the statement. Whether that key may sign it is for the caller to decide.
    pub fn verify(&self, spki: &[u8], signature: &[u8]) -> bool {
        verify(spki, &self.bytes(), signature)
    }

    /// SHA-256 of the bytes, by which a statement is named.
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.bytes())
    }
}

#[derive(Clone, PartialEq, Message)]
struct StatementV1 {
    #[prost(int32, tag = "1")]
    purpose: i32,
    #[prost(string, tag = "2")]
    trust_domain: String,
    #[prost(string, tag = "3")]
    agency: String,
    #[prost(string, tag = "4")]
    system: String,
    #[prost(string, tag = "5")]
    role: String,
    #[prost(bytes = "vec", tag = "6")]
    subject: Vec<u8>,
    #[prost(uint32, tag = "7")]
    lifetime_days: u32,
    #[prost(int64, tag = "8")]
    expires_at: i64,
    #[prost(bytes = "vec", tag = "9")]
    previous: Vec<u8>,
    #[prost(bytes = "vec", tag = "10")]
    nonce: Vec<u8>,
}

impl StatementV1 {
    fn statement(self) -> Option<Statement> {
        let has_previous = !self.previous.is_empty();
        Some(Statement {
            purpose: Purpose::ALL.iter().copied().find(|purpose| purpose.number() == self.purpose)?,
            trust_domain: self.trust_domain,
            agency: self.agency,
            system: self.system,
            role: self.role,
            subject: self.subject.try_into().ok()?,
            lifetime_days: self.lifetime_days,
            expires_at: Timestamp::from_microsecond(self.expires_at).ok()?,
            previous: if has_previous { Some(self.previous.try_into().ok()?) } else { None },
            nonce: self.nonce.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pki::secret::SecretKind;

    const GOLDEN: &str = include_str!("../../tests/golden/statement-v1.hex");

    fn invitation() -> Statement {
        Statement {
            purpose: Purpose::Invite,
            trust_domain: "kepri.example".to_owned(),
            agency: "blk-kepri".to_owned(),
            system: "jadwal".to_owned(),
            role: "PARTNER".to_owned(),
            subject: [0xAB; 32],
            lifetime_days: 90,
            expires_at: "2026-03-03T01:30:00.123456Z".parse().unwrap(),
            previous: None,
            nonce: [0xCD; 16],
        }
    }

    fn renewal() -> Statement {
        let role = String::new();
        Statement { purpose: Purpose::Renew, role, previous: Some([0xEF; 32]), ..invitation() }
    }

    #[test]
    fn statement_bytes_never_change() {
        let lines: Vec<_> = GOLDEN.lines().filter(|line| !line.starts_with('#')).collect();
        let bytes = [invitation().bytes(), renewal().bytes()].map(hex::encode);
        assert_eq!(
            lines, bytes,
            "Bytes of statements of format 1 can never change: people signed them. Do not touch \
             tests/golden/statement-v1.hex; write another format."
        );
        assert_eq!(Statement::read(&hex::decode(lines[0]).unwrap()), Ok(invitation()));
        assert_eq!(Statement::read(&hex::decode(lines[1]).unwrap()), Ok(renewal()));
    }

    #[test]
    fn only_what_we_write_is_read() {
        let bytes = invitation().bytes();
        let malformed = |bytes: &[u8]| assert_eq!(Statement::read(bytes), Err(StatementError::Malformed));
        malformed(&bytes[..bytes.len() - 1]);
        // An unknown field, a field of the default value, and one that stands there twice.
        malformed(&[bytes.as_slice(), &[0xF8, 0x01, 0x01]].concat());
        malformed(&[bytes.as_slice(), &[0x4A, 0x00]].concat());
        malformed(&[bytes.as_slice(), &bytes[HEAD.len()..]].concat());
        malformed(HEAD);
        assert_eq!(Statement::read(b"gerbang/statement/v2\n"), Err(StatementError::Format));
        assert_eq!(Statement::read(&bytes[HEAD.len()..]), Err(StatementError::Format));
    }

    #[test]
    fn a_statement_says_what_its_purpose_needs() {
        let (invitation, renewal) = (invitation, renewal);
        for bad in [
            Statement { previous: Some([1; 32]), ..invitation() },
            Statement { role: String::new(), ..invitation() },
            Statement { lifetime_days: 0, ..invitation() },
            Statement { system: String::new(), ..invitation() },
            Statement { previous: None, ..renewal() },
            Statement { role: "PARTNER".to_owned(), ..renewal() },
        ] {
            assert_eq!(Statement::read(&bad.bytes()), Err(StatementError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn a_signature_is_of_one_key_over_one_statement() {
        for kind in [SecretKind::P256, SecretKind::Ed25519] {
            let key = SecretKey::generate(kind).unwrap();
            let signature = invitation().sign(&key).unwrap();
            assert!(invitation().verify(&key.spki(), &signature));
            assert!(!renewal().verify(&key.spki(), &signature));
            assert!(!Statement { lifetime_days: 91, ..invitation() }.verify(&key.spki(), &signature));
            assert!(!invitation().verify(&SecretKey::generate(kind).unwrap().spki(), &signature));
        }
        assert_ne!(invitation().digest(), renewal().digest());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [HEAD, &body].concat();
            if let Ok(statement) = Statement::read(&bytes) {
                prop_assert_eq!(statement.bytes(), bytes);
            }
        }
    }
}
