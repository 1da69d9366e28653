//! The file with the key that signs the ledger's checkpoints, apart from every key of the authorities: one line with the log's name,
//! `origin: gerbang.example.go.id/ledger`, and behind it an Ed25519 key in PKCS#8 as PEM, for its owner alone.
//!
//! Name and key stand in one file, for auditors know them as one: whoever changes either changes the log's public key.

use std::path::Path;

use zeroize::Zeroizing;

use super::secret::{self, SecretFileError};
use crate::{
    ledger::note::{LogKey, Origin},
    pki::secret::{SecretKey, SecretKind},
};

/// What stands before the log's name.
const ORIGIN: &str = "origin: ";

/// Reads the key. Errors: all but `Exists`.
pub fn load(path: &Path) -> Result<LogKey, SecretFileError> {
    let unfit = |why| SecretFileError::Unfit { path: path.to_owned(), why };
    let text = secret::read(path)?;
    let (name, pem) = text.split_once('\n').unwrap_or_default();
    let name = name.strip_prefix(ORIGIN).and_then(|name| Origin::parse(name).ok());
    let name = name.ok_or_else(|| unfit("its first line is not the name of a log"))?;
    let key = SecretKey::from_pem(pem, None);
    let key = key.map_err(|source| SecretFileError::Key { path: path.to_owned(), source })?;
    if key.kind() != SecretKind::Ed25519 {
        return Err(unfit("the key of a log is on Ed25519"));
    }
    LogKey::from_pkcs8(name, key.pkcs8()).map_err(|_| unfit("the key of a log is on Ed25519"))
}

/// Draws a key for a log of this name, and writes a new file with it. Errors: `Exists`, `Io`, and `Key` where the library has no
/// randomness.
pub fn make(path: &Path, name: &Origin) -> Result<LogKey, SecretFileError> {
    let key = SecretKey::generate(SecretKind::Ed25519);
    let key = key.map_err(|source| SecretFileError::Key { path: path.to_owned(), source })?;
    let text = Zeroizing::new(format!("{ORIGIN}{name}\n{}", key.to_pem().as_str()));
    secret::write_new(path, &text)?;
    load(path)
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
            (text.replace("gerbang", "Gerbang"), "its first line is not the name of a log"),
            (format!("{ORIGIN}{name}\n{}", other.as_str()), "the key of a log is on Ed25519"),
            (format!("{ORIGIN}{name}\n"), "The private key is damaged"),
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
