//! Signed notes: texts under a log's key, as C2SP's signed-note says (<https://c2sp.org/signed-note>), with Ed25519.
//!
//! Owns the log's name, its key and the text forms of both. What a note states is part of the name under which it is signed, so that
//! one statement never passes for another ([`Statement`]). Refuses to read a note that it would not write, but for signatures
//! by others' keys, which count for nothing.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};

use super::tree::sha256;

/// The most bytes of a note.
pub const NOTE_MAX: usize = 16 << 10;

/// The number of Ed25519 in keys and their ids.
const ED25519_KIND: u8 = 1;

/// With this and a space a signature's line begins.
const DASH: &str = "—";

/// The reason for which a text is not the statement that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum NoteError {
    #[error("it is not a signed note")]
    Malformed,
    #[error("it is signed, but not with the key {0}")]
    Unsigned(String),
    #[error("its signature is wrong")]
    Signature,
    #[error("what is signed is no statement of {0}")]
    Statement(String),
    #[error("the key that is to follow is of another log: {0}")]
    Successor(String),
}

/// The reason for which a text is not a log's name or public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum KeyError {
    #[error(
        "a log is named by a host and a path, as gerbang.example.go.id/ledger: lower-case letters, digits, dots, hyphens and \
         slashes, 100 bytes at most, and neither /receipt nor /successor at the end"
    )]
    Origin,
    #[error("a log's public key is a text as gerbang.example.go.id/ledger+1a2b3c4d+AbCd…, and this is none")]
    Verifier,
    #[error("the log's private key is not an Ed25519 key in PKCS#8")]
    Private,
}

/// The name of a log, which no other has: a host and a path, without a scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    const MAX: usize = 100;

    /// Reads a name. Error: `Origin`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_part = |part: &str| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(|byte| is_inner(*byte))
                && bytes.last().is_some_and(|byte| is_inner(*byte))
                && bytes.iter().all(|byte| is_inner(*byte) || matches!(byte, b'.' | b'-'))
        };
        let last = text.rsplit_once('/').map(|(_, last)| last);
        let is_other_statement = last.is_some_and(|last| ["receipt", "successor"].contains(&last));
        let fits = text.len() <= Self::MAX && text.split('/').all(is_part) && !is_other_statement;
        fits.then(|| Self(text.to_owned())).ok_or(KeyError::Origin)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a log states under its key.
pub trait Statement: Sized {
    /// What the key's name has behind the log's: each kind of statement another. The whole name is also the first line of what is
    /// signed, for a signature says nothing of the name under which it stands.
    const SUFFIX: &'static str;

    /// The lines behind the first, each with its end.
    fn lines(&self) -> String;

    /// Reads them; `None` where they state nothing of this kind. What it takes beside [`Statement::lines`]' own is refused.
    fn read(lines: &str) -> Option<Self>;
}

/// The public key of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    origin: Origin,
    public: [u8; 32],
}

impl VerifierKey {
    /// Reads what [`VerifierKey::fmt`] gives: `name+id+key`, the id in hexadecimal, the key in base64. Errors: `Origin`, `Verifier`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (origin, public) = read_key(ED25519_KIND, text)?;
        Ok(Self { origin, public })
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key without the name: 32 bytes.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Reads a note, verifies that this key has signed it as this kind of statement, and reads that. Errors: all.
    pub fn verify<S: Statement>(&self, note: &str) -> Result<S, NoteError> {
        let Note { text, signatures } = Note::parse(note)?;
        let name = self.name::<S>();
        let id = key_id(&name, &self.public);
        let mut of_key = signatures.iter().filter(|one| one.name == name && one.bytes.starts_with(&id));
        let signature = of_key.next().ok_or_else(|| NoteError::Unsigned(self.to_string()))?;
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        let is_right = key.verify(text.as_bytes(), &signature.bytes[id.len()..]).is_ok();
        if !is_right || of_key.next().is_some() {
            return Err(NoteError::Signature);
        }
        let lines = text.strip_prefix(&name).and_then(|lines| lines.strip_prefix('\n'));
        let stated = lines.and_then(S::read).filter(|stated| self.text(stated) == text);
        stated.ok_or(NoteError::Statement(name))
    }

    /// What is signed for a statement.
    fn text<S: Statement>(&self, statement: &S) -> String {
        format!("{}\n{}", self.name::<S>(), statement.lines())
    }

    fn name<S: Statement>(&self) -> String {
        format!("{}{}", self.origin, S::SUFFIX)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&key_text(ED25519_KIND, &self.origin, &self.public))
    }
}

/// The private key of a log, with its name. It signs nothing but statements of the log.
pub struct LogKey {
    pair: Ed25519KeyPair,
    public: VerifierKey,
}

impl LogKey {
    /// Takes a key from PKCS#8 in DER, of version 1 or 2. Error: `Private`.
    pub fn from_pkcs8(origin: Origin, der: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Private)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Private)?;
        Ok(Self { pair, public: VerifierKey { origin, public } })
    }

    /// The public key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }

    /// Signs a statement. Equal statements have equal bytes.
    pub fn sign<S: Statement>(&self, statement: &S) -> String {
        let text = self.public.text(statement);
        let name = self.public.name::<S>();
        let id = key_id(&name, &self.public.public);
        let signature = [&id[..], self.pair.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n{}", signature_line(&name, &signature))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LogKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// The id of a log's key under a name.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    id_of(ED25519_KIND, name, public)
}

/// The id of a key of this kind under a name: the first bytes of SHA-256(name ‖ LF ‖ kind ‖ public key).
pub(super) fn id_of(kind: u8, name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[kind], public]);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The text of a public key of this kind: `name+id+key`, the id in hexadecimal, the key in base64 with its kind before it.
pub(super) fn key_text(kind: u8, name: &Origin, public: &[u8; 32]) -> String {
    let key = [&[kind][..], public].concat();
    let id = id_of(kind, name.as_str(), public);
    format!("{name}+{}+{}", hex::encode(id), BASE64_STANDARD.encode(key))
}

/// Reads what [`key_text`] gives for this kind. Errors: `Origin`, `Verifier`.
pub(super) fn read_key(kind: u8, text: &str) -> Result<(Origin, [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Verifier);
    };
    let name = Origin::parse(name)?;
    let key = BASE64_STANDARD.decode(key).map_err(|_| KeyError::Verifier)?;
    let public = key.strip_prefix(&[kind]).and_then(|public| public.try_into().ok());
    let public = public.ok_or(KeyError::Verifier)?;
    // The id depends on the key, so that a slip of the pen is found.
    if key_text(kind, &name, &public) == text { Ok((name, public)) } else { Err(KeyError::Verifier) }
}

/// The line of a signature under this name, with its end.
pub(super) fn signature_line(name: &str, signature: &[u8]) -> String {
    format!("{DASH} {name} {}\n", BASE64_STANDARD.encode(signature))
}

/// A note as it is written, of which nothing is verified.
pub(super) struct Note<'a> {
    pub(super) text: &'a str,
    pub(super) signatures: Vec<Signature<'a>>,
}

pub(super) struct Signature<'a> {
    pub(super) name: &'a str,
    /// The key's id, and behind it the signature: five bytes at least.
    pub(super) bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Reads a text with its end of line, an empty line, and one or more lines of signatures.
    pub(super) fn parse(note: &'a str) -> Result<Self, NoteError> {
        let is_control = |character: char| character < ' ' && character != '\n';
        if note.len() > NOTE_MAX || note.contains(is_control) {
            return Err(NoteError::Malformed);
        }
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, lines) = (&note[..=end], &note[end + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Malformed)?;
        let signatures = lines.split('\n').map(Signature::parse).collect::<Option<_>>();
        Ok(Self { text, signatures: signatures.ok_or(NoteError::Malformed)? })
    }
}

impl<'a> Signature<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(DASH)?.strip_prefix(' ')?.split_once(' ')?;
        let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        let bytes = BASE64_STANDARD.decode(bytes).ok()?;
        (is_name && bytes.len() > 4).then_some(Self { name, bytes })
    }
}

#[cfg(test)]
pub(super) mod tests;
