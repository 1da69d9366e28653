//! The file with the key that signs the ledger's checkpoints, apart from every key of the authorities: one line with the log's name,
//! `origin: gerbang.example.go.id/ledger`, and behind it an Ed25519 key in PKCS#8 as PEM, for its owner alone.
//!
//! Name and key stand in one file, for auditors know them as one: whoever changes either changes the log's public key.

use std::path::Path;

use zeroize::Zeroizing;

use super::secret::{self, SecretFileError};
use crate::{
    ledger::note::{KeyError, LogKey, Origin},
    pki::secret::{SecretKey, SecretKind},
};

/// What a file of a named key is for: what stands before the name, and what to say of another file.
pub(super) struct Named {
    pub(super) first: &'static str,
    pub(super) no_name: &'static str,
    pub(super) no_key: &'static str,
}

const LOG: Named = Named {
    first: "origin: ",
    no_name: "its first line is not the name of a log",
    no_key: "the key of a log is on Ed25519",
};

/// Reads the key. Errors: all but `Exists`.
pub fn load(path: &Path) -> Result<LogKey, SecretFileError> {
    read(path, &LOG, LogKey::from_pkcs8)
}

/// Draws a key for a log of this name, and writes a new file with it. Errors: `Exists`, `Io`, and `Key` where the library has no
/// randomness.
pub fn make(path: &Path, name: &Origin) -> Result<LogKey, SecretFileError> {
    write(path, &LOG, name)?;
    load(path)
}

/// Reads a name and its key, and makes of both what they are for.
pub(super) fn read<K>(
    path: &Path,
    kind: &Named,
    take: impl FnOnce(Origin, &[u8]) -> Result<K, KeyError>,
) -> Result<K, SecretFileError> {
    let unfit = |why| SecretFileError::Unfit { path: path.to_owned(), why };
    let text = secret::read(path)?;
    let (name, pem) = text.split_once('\n').unwrap_or_default();
    let name = name.strip_prefix(kind.first).and_then(|name| Origin::parse(name).ok());
    let name = name.ok_or_else(|| unfit(kind.no_name))?;
    let key = SecretKey::from_pem(pem, None);
    let key = key.map_err(|source| SecretFileError::Key { path: path.to_owned(), source })?;
    if key.kind() != SecretKind::Ed25519 {
        return Err(unfit(kind.no_key));
    }
    take(name, key.pkcs8()).map_err(|_| unfit(kind.no_key))
}

/// Draws a key, and writes a new file with it under this name.
pub(super) fn write(path: &Path, kind: &Named, name: &Origin) -> Result<(), SecretFileError> {
    let key = SecretKey::generate(SecretKind::Ed25519);
    let key = key.map_err(|source| SecretFileError::Key { path: path.to_owned(), source })?;
    let text = Zeroizing::new(format!("{}{name}\n{}", kind.first, key.to_pem().as_str()));
    secret::write_new(path, &text)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_made_and_nothing_else_is() {
        let folder = std::env::temp_dir().join(format!("gerbang-ledger-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("ledger.key");
        let name = Origin::parse("gerbang.example.go.id/ledger").unwrap();
        let made = make(&path, &name).unwrap();
        assert_eq!(load(&path).unwrap().verifier(), made.verifier());
        assert_eq!(made.verifier().origin(), &name);
        assert!(matches!(make(&path, &name), Err(SecretFileError::Exists(_))));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        let other = SecretKey::generate(SecretKind::P256).unwrap().to_pem();
        for (unfit, why) in [
            (text.split_once('\n').unwrap().1.to_owned(), "its first line is not the name of a log"),
            (text.replace("origin: ", "witness: "), "its first line is not the name of a log"),
            (text.replace("gerbang", "Gerbang"), "its first line is not the name of a log"),
            (format!("{}{name}\n{}", LOG.first, other.as_str()), "the key of a log is on Ed25519"),
            (format!("{}{name}\n", LOG.first), "The private key is damaged"),
            (String::new(), "its first line is not the name of a log"),
        ] {
            fs::write(&path, unfit).unwrap();
            let refused = load(&path).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(&path), Err(SecretFileError::ReadableByOthers { .. })));
        fs::remove_dir_all(&folder).unwrap();
    }
}
