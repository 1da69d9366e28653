//! Files that hold secrets: private keys and passphrases, each for its owner alone.
//!
//! Owns how they are written, and the errors of those that cannot be used. Refuses a file that others can read,
//! whoever asks for it: gateway, signer or command line. No error repeats what stands in a file.

use std::{
    io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::{
    files::{self, Reach, SecretFault},
    pki::secret::{SecretError, SecretKey},
};

/// The bytes of a key or passphrase at most.
const BYTES_MAX: u64 = 64 * 1024;

/// A failure with a file of secrets; each text says the fault, its cause and the next step.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum SecretFileError {
    #[error(
        "The file {} can be read by others (mode {mode:03o}). Keys and passphrases are for one user alone. \
         Run: chmod 600 {}",
        path.display(), path.display()
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error("The file {} cannot be used: {why}. Bring the right one.", path.display())]
    Unfit { path: PathBuf, why: &'static str },
    #[error("The file {}: {source}", path.display())]
    Key { path: PathBuf, source: SecretError },
    #[error("There is a file {} already, and it is never overwritten. Keep it, or name another place.", .0.display())]
    Exists(PathBuf),
    #[error("The file {} cannot be reached: {source}. Check the path and its owner.", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// Reads the text of a file that its owner alone can read.
pub fn read(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    files::read_secret(path, BYTES_MAX, Reach::Owner).map_err(at(path))
}

/// Checks that a file can be read by its owner alone, without reading it.
pub fn check(path: &Path) -> Result<(), SecretFileError> {
    let metadata = std::fs::metadata(path).map_err(SecretFault::Io);
    metadata.and_then(|metadata| files::guard(&metadata, Reach::Owner)).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(SecretFault) -> SecretFileError {
    let path = path.to_owned();
    move |fault| match fault {
        SecretFault::ReadableByOthers { mode } => SecretFileError::ReadableByOthers { path, mode },
        SecretFault::Unfit(why) => SecretFileError::Unfit { path, why },
        SecretFault::Io(source) => SecretFileError::Io { path, source },
    }
}

/// Reads a passphrase: the file's one line, without its end.
pub fn passphrase(path: &Path) -> Result<Zeroizing<String>, SecretFileError> {
    let text = read(path)?;
    let line = text.trim_end_matches(['\n', '\r']);
    if line.is_empty() || line.contains('\n') {
        return Err(SecretFileError::Unfit { path: path.to_owned(), why: "a passphrase is one line" });
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// Reads a private key, with its passphrase where it is encrypted.
pub fn key(path: &Path, passphrase: Option<&str>) -> Result<SecretKey, SecretFileError> {
    let text = read(path)?;
    SecretKey::from_pem(&text, passphrase)
        .map_err(|source| SecretFileError::Key { path: path.to_owned(), source })
}

/// Writes a new file for its owner alone, and syncs it to the disk. `Exists` where there is one.
pub fn write_new(path: &Path, text: &str) -> Result<(), SecretFileError> {
    write(path, 0o600, text)
}

/// Writes as [`write_new`] does, for a file beside the secrets that everybody may read.
pub fn write_new_public(path: &Path, text: &str) -> Result<(), SecretFileError> {
    write(path, 0o644, text)
}

fn write(path: &Path, mode: u32, text: &str) -> Result<(), SecretFileError> {
    files::write_new(path, mode, text.as_bytes()).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => SecretFileError::Exists(path.to_owned()),
        _ => SecretFileError::Io { path: path.to_owned(), source },
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::pki::secret::SecretKind;

    #[test]
    fn what_others_can_read_is_refused() {
        let folder = std::env::temp_dir().join(format!("gerbang-secret-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.key");
        let made = SecretKey::generate(SecretKind::P256).unwrap();
        write_new(&path, &made.to_pem()).unwrap();
        assert!(matches!(write_new(&path, "x"), Err(SecretFileError::Exists(_))));
        assert_eq!(key(&path, None).unwrap().key_id(), made.key_id());
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = key(&path, None).unwrap_err();
            assert!(matches!(refused, SecretFileError::ReadableByOthers { .. }), "{mode:o}");
            assert!(refused.to_string().contains("chmod 600"));
            check(&path).unwrap_err();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        check(&path).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_passphrase_is_one_line() {
        let folder = std::env::temp_dir().join(format!("gerbang-passphrase-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("p");
        for (text, line) in [("a b\n", Some("a b")), ("ab", Some("ab")), ("a\nb\n", None), ("\n", None)] {
            let _ = fs::remove_file(&path);
            write_new(&path, text).unwrap();
            assert_eq!(passphrase(&path).ok().as_deref().map(String::as_str), line, "{text:?}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
