//! A key and its certificates in one file under a passphrase (PKCS#12, RFC 7292), for systems on Windows and Java.
//!
//! Owns the choice of algorithms: PBES2 with AES-256-CBC, and HMAC with SHA-256, which Windows reads from Server
//! 2019 on and Java from 8u301 on. Refuses an empty passphrase.

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};

use super::secret::{SecretError, SecretKey};

/// The name of the entry in the file.
const ALIAS: &str = "gerbang";

/// Makes the file's bytes. The chain is in DER, the key's own certificate first. Errors: `PassphraseNeeded` if the
/// passphrase is empty, `Damaged` if a certificate cannot be read, `Failed` if the library cannot write the file.
pub fn p12(key: &SecretKey, chain: &[Vec<u8>], passphrase: &str) -> Result<Vec<u8>, SecretError> {
    if passphrase.is_empty() {
        return Err(SecretError::PassphraseNeeded);
    }
    let mut certificates = Vec::with_capacity(chain.len());
    for der in chain {
        certificates.push(Certificate::from_der(der).map_err(|_| SecretError::Damaged)?);
    }
    let private = PrivateKey::from_der(key.pkcs8()).map_err(|_| SecretError::Failed)?;
    // The identifier ties the key to its certificate within the file, and only there.
    let id = key.key_id()[..20].to_vec();
    let mut store = KeyStore::new();
    store.add_entry(ALIAS, KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new(id, private, certificates)));
    store.writer(passphrase).write().map_err(|_| SecretError::Failed)
}
