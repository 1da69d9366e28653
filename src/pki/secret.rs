//! Private keys: making, reading, writing and signing with them.
//!
//! Owns the form of a key on disk: PKCS#8 version 1, also for Ed25519, since OpenSSL and Python's grpcio
//! cannot read version 2. Refuses all kinds but P-256 and Ed25519. Never shows a key in `Debug` or an error, and
//! wipes it when dropped.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use pkcs8::{
    EncryptedPrivateKeyInfo, ObjectIdentifier, PrivateKeyInfo, SecretDocument,
    der::Decode,
    pkcs5::{
        self,
        pbes2::{EncryptionScheme, Kdf, Parameters, ScryptParams},
    },
};
use rcgen::{CertificateParams, DistinguishedName, DnType, PublicKeyData, SignatureAlgorithm, SigningKey};
use zeroize::Zeroizing;

use super::{der, public};
use crate::domain::outside::Entropy;

pub use super::public::{PublicKey, SecretKind, key_id, verify};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The reason for which there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
pub enum SecretError {
    #[error("The private key is damaged. Take it from a copy, or make a new one.")]
    Damaged,
    #[error("The passphrase does not open the private key. Check it and try again.")]
    PassphraseWrong,
    #[error("The private key is encrypted, or shall be. Give its passphrase.")]
    PassphraseNeeded,
    #[error("The private key is of another kind. Give a PKCS#8 key on P-256 or Ed25519.")]
    Kind,
    #[error("The cryptographic library refused its work. Try again; if it persists, check the machine.")]
    Failed,
}

/// A private key, and with it its public one.
pub struct SecretKey {
    pkcs8: Zeroizing<Vec<u8>>,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SecretKey {
    /// Draws a new key. Errors: `Failed` if the library has no randomness.
    pub fn generate(kind: SecretKind) -> Result<Self, SecretError> {
        let pair = match kind {
            SecretKind::P256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Pair::P256),
            SecretKind::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Self::from_pair(pair.map_err(|_| SecretError::Failed)?)
    }

    /// Reads a key from one PEM block: `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` with its passphrase (PBES2, RFC 8018). A
    /// passphrase that is not needed is not used. All errors but `Failed` are possible.
    pub fn from_pem(text: &str, passphrase: Option<&str>) -> Result<Self, SecretError> {
        let (label, document) = SecretDocument::from_pem(text.trim()).map_err(|_| SecretError::Damaged)?;
        match label {
            PLAIN => Self::from_pkcs8(document.as_bytes()),
            ENCRYPTED => {
                let encrypted = EncryptedPrivateKeyInfo::from_der(document.as_bytes())
                    .map_err(|_| SecretError::Damaged)?;
                let passphrase = passphrase.ok_or(SecretError::PassphraseNeeded)?;
                let plain = encrypted.decrypt(passphrase).map_err(|error| match error {
                    pkcs8::Error::EncryptedPrivateKey(
                        pkcs5::Error::UnsupportedAlgorithm { .. } | pkcs5::Error::NoPbes1CryptSupport,
                    ) => SecretError::Kind,
                    pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::AlgorithmParametersInvalid {
                        ..
                    }) => SecretError::Damaged,
                    _ => SecretError::PassphraseWrong,
                })?;
                // One wrong passphrase in 256 leaves padding that looks right, and bytes that are no key.
                Self::from_pkcs8(plain.as_bytes()).map_err(|error| match error {
                    SecretError::Damaged => SecretError::PassphraseWrong,
                    other => other,
                })
            }
            _ => Err(SecretError::Kind),
        }
    }

    /// Reads a key from PKCS#8 in DER, of version 1 or 2. Errors: `Damaged`, `Kind`.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SecretError> {
        let info = PrivateKeyInfo::from_der(der).map_err(|_| SecretError::Damaged)?;
        let pair = if info.algorithm.oid == EC_PUBLIC_KEY {
            if info.algorithm.parameters_oid() != Ok(P256) {
                return Err(SecretError::Kind);
            }
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map(Pair::P256)
        } else if info.algorithm.oid == ED25519 {
            Ed25519KeyPair::from_pkcs8(der).map(Pair::Ed25519)
        } else {
            return Err(SecretError::Kind);
        };
        Self::from_pair(pair.map_err(|_| SecretError::Damaged)?)
    }

    fn from_pair(pair: Pair) -> Result<Self, SecretError> {
        let document = match &pair {
            Pair::P256(pair) => pair.to_pkcs8v1(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1(),
        };
        let document = document.map_err(|_| SecretError::Failed)?;
        Ok(Self { pkcs8: Zeroizing::new(document.as_ref().to_vec()), pair })
    }

    /// The kind of key.
    pub fn kind(&self) -> SecretKind {
        match self.pair {
            Pair::P256(_) => SecretKind::P256,
            Pair::Ed25519(_) => SecretKind::Ed25519,
        }
    }

    /// The key as PKCS#8 version 1 in DER, for libraries that take a key. Nobody wipes a copy of it.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The key as PEM without a passphrase, for a file that only its owner may open.
    pub fn to_pem(&self) -> Zeroizing<String> {
        der::pem(PLAIN, &self.pkcs8)
    }

    /// The key as PEM under a passphrase: PBES2 with scrypt and AES-256-CBC. Errors: `PassphraseNeeded` if the passphrase is
    /// empty, `Failed`.
    pub fn to_encrypted_pem(
        &self,
        passphrase: &str,
        entropy: &dyn Entropy,
    ) -> Result<Zeroizing<String>, SecretError> {
        if passphrase.is_empty() {
            return Err(SecretError::PassphraseNeeded);
        }
        let (mut salt, mut iv) = ([0; 16], [0; 16]);
        entropy.fill(&mut salt);
        entropy.fill(&mut iv);
        // The largest cost that OpenSSL opens without being told to (32 MiB), and OWASP's for that memory.
        let scrypt = ScryptParams {
            salt: &salt,
            cost_parameter: 1 << 14,
            block_size: 8,
            parallelization: 5,
            key_length: None,
        };
        let scheme =
            Parameters { kdf: Kdf::Scrypt(scrypt), encryption: EncryptionScheme::Aes256Cbc { iv: &iv } };
        let info = PrivateKeyInfo::from_der(&self.pkcs8).map_err(|_| SecretError::Failed)?;
        let encrypted = info.encrypt_with_params(scheme, passphrase).map_err(|_| SecretError::Failed)?;
        Ok(der::pem(ENCRYPTED, encrypted.as_bytes()))
    }

    /// The public key as SubjectPublicKeyInfo in DER.
    pub fn spki(&self) -> Vec<u8> {
        PublicKey::wrap(self.kind(), self.der_bytes())
    }

    /// The key's id: SHA-256 of the SPKI.
    pub fn key_id(&self) -> [u8; 32] {
        public::key_id(&self.spki())
    }

    /// Signs a message, by the kind of the key: ECDSA with SHA-256 as an ASN.1 sequence, or Ed25519.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SecretError> {
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::Ed25519(pair) => pair.try_sign(message),
        };
        Ok(signature.map_err(|_| SecretError::Failed)?.as_ref().to_vec())
    }

    /// Makes a certificate signing request (PKCS#10, RFC 2986) with nothing but the name and the key: the authority decides
    /// the rest of the certificate.
    pub fn request_pem(&self, common_name: &str) -> Result<String, SecretError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let request = params.serialize_request(self).map_err(|_| SecretError::Failed)?;
        Ok(der::pem("CERTIFICATE REQUEST", request.der()).to_string())
    }
}

impl PublicKeyData for SecretKey {
    fn der_bytes(&self) -> &[u8] {
        match &self.pair {
            Pair::P256(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        public::rcgen_algorithm(self.kind())
    }
}

impl SigningKey for SecretKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Self::sign(self, message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SecretKey")
            .field("kind", &self.kind())
            .field("id", &hex::encode(self.key_id()))
            .finish()
    }
}
