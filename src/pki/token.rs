//! The one-time token that lets a system fetch its first certificate, and know the gateway that it asks.
//!
//! Owns its text: `gerbang1.(secret).(root's fingerprint).(checksum)`, each base64url without padding. The
//! gateway keeps only the hash. Refuses a text that is damaged, without repeating it: what is almost a token still
//! holds its secret.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::public::sha256;
use crate::domain::outside::Entropy;

const PREFIX: &str = "gerbang1.";
const HASH_TAG: &[u8] = b"gerbang/token/v1\n";
const CHECKSUM: usize = 4;

/// The reason for which a text is not a token. Neither repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum TokenError {
    #[error("This is not a token. A token begins with \"gerbang1.\"; copy it whole, as it was given out.")]
    NotAToken,
    #[error("The token is damaged. Copy it whole, as it was given out.")]
    Damaged,
}

/// A token: a secret of 128 bits, and SHA-256 of the root's certificate that its holder shall trust.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    secret: Zeroizing<[u8; 16]>,
    root: [u8; 32],
}

impl Token {
    /// Draws a new token, for a gateway below this root.
    pub fn new(entropy: &dyn Entropy, root: [u8; 32]) -> Self {
        let mut secret = Zeroizing::new([0; 16]);
        entropy.fill(secret.as_mut_slice());
        Self { secret, root }
    }

    /// Reads a token's text; white space around it does not count.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if !text.starts_with(PREFIX) {
            return Err(TokenError::NotAToken);
        }
        let (body, checksum) = text.rsplit_once('.').ok_or(TokenError::Damaged)?;
        let (secret, root) =
            body.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')).ok_or(TokenError::Damaged)?;
        if decode::<CHECKSUM>(checksum)?.as_slice() != sum(body) {
            return Err(TokenError::Damaged);
        }
        Ok(Self { secret: decode(secret)?, root: *decode(root)? })
    }

    /// The token's text, with everything that its holder needs.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for all of it at once: what a growing string leaves behind would not be wiped.
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(self.secret.as_slice(), &mut text);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(self.root, &mut text);
        let checksum = sum(&text);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(checksum, &mut text);
        text
    }

    /// The secret in lower-case hexadecimal, as the gateway takes it.
    pub fn secret_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.secret.as_slice()))
    }

    /// The token's hash, SHA-256 over a tag and the secret. The gateway keeps it, and an invitation names it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.secret)
    }

    /// SHA-256 of the root's certificate.
    pub fn root(&self) -> [u8; 32] {
        self.root
    }
}

/// The hash of a token by its secret: SHA-256 over a tag and the secret. The gateway keeps it, and an invitation names it.
pub fn hash(secret: &[u8; 16]) -> [u8; 32] {
    let tagged = Zeroizing::new([HASH_TAG, secret.as_slice()].concat());
    sha256(&tagged)
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token").field("root", &hex::encode(self.root)).finish_non_exhaustive()
    }
}

/// Against slips in copying. It protects from nobody.
fn sum(body: &str) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = sha256(body.as_bytes());
    [a, b, c, d]
}

fn decode<const N: usize>(text: &str) -> Result<Zeroizing<[u8; N]>, TokenError> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Damaged)?);
    let mut out = Zeroizing::new([0; N]);
    if bytes.len() != N {
        return Err(TokenError::Damaged);
    }
    out.copy_from_slice(&bytes);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up.
    struct Steps;

    impl Entropy for Steps {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, step) in bytes.iter_mut().zip(0..) {
                *byte = step;
            }
        }
    }

    #[test]
    fn a_token_reads_as_it_was_written() {
        let token = Token::new(&Steps, [0xFF; 32]);
        let text = token.to_text();
        assert_eq!(
            text.as_str(),
            "gerbang1.AAECAwQFBgcICQoLDA0ODw.__________________________________________8.yBrFWg"
        );
        assert_eq!(Token::parse(&format!(" {}\r\n", text.as_str())).unwrap(), token);
        assert_eq!(token.root(), [0xFF; 32]);
        let hash =
            sha256(b"gerbang/token/v1\n\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
        assert_eq!(token.hash(), hash);
        assert!(!format!("{token:?}").contains("AAEC") && !format!("{token:?}").contains("0001"));
    }

    #[test]
    fn damage_is_seen_and_not_repeated() {
        let text = Token::new(&Steps, [7; 32]).to_text();
        for (at, _) in text.char_indices() {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            let other = String::from_utf8(other).unwrap();
            let error = Token::parse(&other).unwrap_err();
            let expected = if at < PREFIX.len() { TokenError::NotAToken } else { TokenError::Damaged };
            assert_eq!(error, expected, "{other}");
            assert!(!error.to_string().contains("AAEC"));
        }
        for cut in PREFIX.len()..text.len() {
            assert_eq!(Token::parse(&text[..cut]), Err(TokenError::Damaged));
        }
        for not in ["", "gerbang2.AAAA.AAAA.AAAA", "-----BEGIN CERTIFICATE-----"] {
            assert_eq!(Token::parse(not), Err(TokenError::NotAToken));
        }
        Token::parse(&format!("{}.AAAA", text.as_str())).unwrap_err();
    }
}
