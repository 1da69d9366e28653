//! Cosignatures (tanda tangan saksi): a witness has verified that the log only grew up to a checkpoint, and signs that, as C2SP's
//! tlog-cosignature says (<https://c2sp.org/tlog-cosignature>), version 1.
//!
//! Owns the witness's key and what it signs. A cosignature stands in the checkpoint's note, behind the log's signature. What it
//! signs begins otherwise than what a log signs, and its key is of another kind, so that neither ever passes for the other.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use jiff::Timestamp;

use super::{
    checkpoint::Checkpoint,
    note::{
        KeyError, Note, NoteError, Origin, Signature, VerifierKey, id_of, key_text, read_key, signature_line,
    },
};

/// The number of Ed25519 cosignatures in keys and their ids.
const COSIGNATURE_KIND: u8 = 4;

/// The bytes of a cosignature: the key's id, the time in seconds, and Ed25519's signature.
const BYTES: usize = 4 + 8 + 64;

/// The reason for which a text is not a checkpoint that a witness has cosigned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum CosignatureError {
    #[error(transparent)]
    Log(NoteError),
    #[error("the witness has the name of the log")]
    Name,
    #[error("it has other signatures than the log's and the one of the witness {0}")]
    Signatures(String),
    #[error("the cosignature is wrong")]
    Wrong,
}

/// The reason for which a text is not a witness's public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a witness's public key is a text as saksi.example.go.id+1a2b3c4d+BAbC…, and this is none")]
pub struct WitnessKeyError;

/// The public key of a witness, with its name, which has the form of a log's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier {
    name: Origin,
    public: [u8; 32],
}

/// A checkpoint that a log has signed, and a witness at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// When the witness has cosigned it, to the second.
    pub at: Timestamp,
}

impl WitnessVerifier {
    /// Takes the parts of a key.
    pub fn new(name: Origin, public: [u8; 32]) -> Self {
        Self { name, public }
    }

    /// Reads what [`WitnessVerifier::fmt`] gives: `name+id+key`, the id in hexadecimal, the key in base64.
    pub fn parse(text: &str) -> Result<Self, WitnessKeyError> {
        let (name, public) = read_key(COSIGNATURE_KIND, text).map_err(|_| WitnessKeyError)?;
        Ok(Self { name, public })
    }

    /// The witness's name.
    pub fn name(&self) -> &Origin {
        &self.name
    }

    /// The 32 bytes of the key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Reads a checkpoint's note that has two signatures: the log's, and this witness's. Errors: all.
    pub fn verify(&self, note: &str, log: &VerifierKey) -> Result<Cosigned, CosignatureError> {
        let checkpoint = log.verify::<Checkpoint>(note).map_err(CosignatureError::Log)?;
        self.must_differ(log)?;
        let Note { text, signatures } = Note::parse(note).map_err(CosignatureError::Log)?;
        let id = id_of(COSIGNATURE_KIND, self.name.as_str(), &self.public);
        let is_own = |one: &&Signature<'_>| one.name == self.name.as_str() && one.bytes.starts_with(&id);
        let mut own = signatures.iter().filter(is_own);
        let (Some(cosignature), None, 2) = (own.next(), own.next(), signatures.len()) else {
            return Err(CosignatureError::Signatures(self.to_string()));
        };
        let bytes: [u8; BYTES] = cosignature.bytes[..].try_into().map_err(|_| CosignatureError::Wrong)?;
        let (time, signature) = bytes[id.len()..].split_at(8);
        let seconds = time.try_into().ok().map(i64::from_be_bytes);
        let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let at = at.filter(|at| *at >= Timestamp::UNIX_EPOCH).ok_or(CosignatureError::Wrong)?;
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        key.verify(signed(text, at).as_bytes(), signature).map_err(|_| CosignatureError::Wrong)?;
        Ok(Cosigned { checkpoint, at })
    }

    fn must_differ(&self, log: &VerifierKey) -> Result<(), CosignatureError> {
        if self.name == *log.origin() { Err(CosignatureError::Name) } else { Ok(()) }
    }
}

impl fmt::Display for WitnessVerifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&key_text(COSIGNATURE_KIND, &self.name, &self.public))
    }
}

/// The private key of a witness, with its name. It signs nothing but checkpoints that a log has signed.
pub struct WitnessKey {
    pair: Ed25519KeyPair,
    public: WitnessVerifier,
}

impl WitnessKey {
    /// Takes a key from PKCS#8 in DER, of version 1 or 2. Error: `Private`.
    pub fn from_pkcs8(name: Origin, der: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyError::Private)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Private)?;
        Ok(Self { pair, public: WitnessVerifier { name, public } })
    }

    /// The public key.
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.public
    }

    /// Adds a cosignature of this time, cut to the second, to a checkpoint's note that the log has signed. Errors: `Log`, `Name`.
    pub fn cosign(&self, note: &str, log: &VerifierKey, at: Timestamp) -> Result<String, CosignatureError> {
        log.verify::<Checkpoint>(note).map_err(CosignatureError::Log)?;
        self.public.must_differ(log)?;
        let text = Note::parse(note).map_err(CosignatureError::Log)?.text;
        let name = self.public.name.as_str();
        let id = id_of(COSIGNATURE_KIND, name, &self.public.public);
        let signature = self.pair.sign(signed(text, at).as_bytes());
        let time = at.as_second().to_be_bytes();
        let line = signature_line(name, &[&id[..], &time, signature.as_ref()].concat());
        Ok(format!("{note}{line}"))
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WitnessKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// What a witness signs of a checkpoint's text.
fn signed(text: &str, at: Timestamp) -> String {
    format!("cosignature/v1\ntime {}\n{text}", at.as_second())
}

#[cfg(test)]
mod tests;
