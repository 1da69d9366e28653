//! The file with the key by which an agency witnesses checkpoints: one line with the witness's name,
//! `witness: saksi.blk-kepri.example.go.id`, and behind it an Ed25519 key in PKCS#8 as PEM, for its owner alone.

use std::path::Path;

use super::{
    ledger_key::{self, Named},
    secret::SecretFileError,
};
use crate::ledger::{cosignature::WitnessKey, note::Origin};

const WITNESS: Named = Named {
    first: "witness: ",
    no_name: "its first line is not the name of a witness",
    no_key: "the key of a witness is on Ed25519",
};

/// Reads the key. Errors: all but `Exists`.
pub fn load(path: &Path) -> Result<WitnessKey, SecretFileError> {
    ledger_key::read(path, &WITNESS, WitnessKey::from_pkcs8)
}

/// Draws a key for a witness of this name, and writes a new file with it. Errors: `Exists`, `Io`, and `Key` where the library has
/// no randomness.
pub fn make(path: &Path, name: &Origin) -> Result<WitnessKey, SecretFileError> {
    ledger_key::write(path, &WITNESS, name)?;
    load(path)
}

/// Whether a file says of itself that it has the key of a witness. What cannot be read does not.
pub fn is_one(path: &Path) -> bool {
    super::secret::read(path).is_ok_and(|text| text.starts_with(WITNESS.first))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_made_and_a_log_s_key_is_none() {
        let folder = std::env::temp_dir().join(format!("gerbang-witness-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("witness.key");
        let name = Origin::parse("saksi.blk-kepri.example.go.id").unwrap();
        let made = make(&path, &name).unwrap();
        assert_eq!(load(&path).unwrap().verifier(), made.verifier());
        assert_eq!(made.verifier().name(), &name);
        assert!(is_one(&path));
        assert!(matches!(make(&path, &name), Err(SecretFileError::Exists(_))));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = ledger_key::load(&path).unwrap_err().to_string();
        assert!(refused.contains("its first line is not the name of a log"), "{refused}");
        let log = folder.join("ledger.key");
        ledger_key::make(&log, &name).unwrap();
        let refused = load(&log).unwrap_err().to_string();
        assert!(refused.contains("its first line is not the name of a witness"), "{refused}");
        assert!(!is_one(&log));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(&path), Err(SecretFileError::ReadableByOthers { .. })));
        fs::remove_dir_all(&folder).unwrap();
    }
}
