//! The folder `.gerbang/`: where everything lies that `dev` makes, and that only one `dev` uses at a time.
//!
//! ```text
//! lock             held while a dev runs
//! postgres/        the database: data/, run/ (socket); a link, where Postgres could not reach this folder
//! postgres.log     what the database says, since its last start
//! gateway.log      what the gateway says, since its last start
//! pki/             the authority, certificates and keys, for the owner alone
//! profiles/        one file per system, for the command line
//! vault.toml       the keys of the database
//! ledger.key       the key that signs the ledger's checkpoints
//! story/           the story's files, moved to dates that lie ahead
//! ```

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::DevError;
use crate::files;

/// A folder that is ours until this is dropped.
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if there is none, and locks it. `InUse` if another process has it.
    pub fn open(path: &Path) -> Result<Self, DevError> {
        // Others may pass through, for Postgres does, and read nothing.
        make_folder(path, 0o711)?;
        let path = path.canonicalize().map_err(DevError::io("Finding", path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(DevError::io("Opening", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DevError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(DevError::io("Locking", &lock_path)(source)),
        }
    }

    /// The folder, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the keys for sealed data.
    pub fn vault(&self) -> PathBuf {
        self.path.join("vault.toml")
    }

    /// The file of the key that signs the ledger's checkpoints.
    pub fn ledger_key(&self) -> PathBuf {
        self.path.join("ledger.key")
    }

    /// The gateway's log.
    pub fn log(&self) -> PathBuf {
        self.path.join("gateway.log")
    }

    /// The folder of the story's files.
    pub fn story(&self) -> PathBuf {
        self.path.join("story")
    }
}

/// Makes a folder with this mode, parents included, unless it is there.
pub(super) fn make_folder(path: &Path, mode: u32) -> Result<(), DevError> {
    files::make_folder(path, mode).map_err(DevError::io("Making the folder", path))
}

/// Writes a file with this mode, whole or not at all, in place of one that may be there.
pub(super) fn write_file(path: &Path, mode: u32, text: &str) -> Result<(), DevError> {
    files::write_file(path, mode, text.as_bytes()).map_err(DevError::io("Writing", path))
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use super::*;

    /// A folder below the temporary one, removed in the end.
    pub struct Temporary(pub PathBuf);

    impl Temporary {
        pub fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gerbang-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn only_one_has_the_folder() {
        let place = Temporary::new("folder");
        let first = Folder::open(&place.0).unwrap();
        assert!(matches!(Folder::open(&place.0), Err(DevError::InUse(_))));
        drop(first);
        Folder::open(&place.0).unwrap();
    }
}
