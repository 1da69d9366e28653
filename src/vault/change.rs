//! Changes of a key file that is in use: an upgrade of its version, a new sealing key, the removal of sealing keys.
//!
//! The file is replaced whole or not at all, and those who change it take turns, so that a gateway that reads it at
//! any moment finds every key that it had.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
    sync::PoisonError,
};

use super::{
    KeyFileError, KeyUse, VaultKeys, draw,
    file::{Digits, Version, beside, folder_of, io_at, keys, read, text},
};
use crate::domain::outside::Entropy;

impl VaultKeys {
    /// Adds the keys that version 2 of the file has to a file of version 1. Errors: `Exists` if it is of version 2 already.
    pub fn upgrade(path: &Path, entropy: &dyn Entropy) -> Result<(), KeyFileError> {
        let _turn = turn(path)?;
        let mut content = read(path)?;
        if content.version != 1 {
            return Err(KeyFileError::Exists(path.to_owned()));
        }
        for of in [&mut content.seal, &mut content.digest] {
            of.push(Version { version: 1, key: Digits::of(&draw(entropy)) });
        }
        keys(path, &content)?.replace(path)
    }

    /// Adds a sealing key to the file, unless it has one above version `active` already; answers with the newest,
    /// which these keys have then too.
    pub fn add_seal_key(&self, path: &Path, active: i32, entropy: &dyn Entropy) -> Result<i32, KeyFileError> {
        let _turn = turn(path)?;
        let in_file = Self::load(path)?;
        if in_file.newest(KeyUse::Seal) <= active {
            in_file.keep(KeyUse::Seal, active + 1, draw(entropy));
            in_file.replace(path)?;
        }
        let newest = in_file.newest(KeyUse::Seal);
        if let Some(key) = in_file.key(KeyUse::Seal, newest) {
            self.keep(KeyUse::Seal, newest, key);
        }
        Ok(newest)
    }

    /// Removes sealing keys from the file; answers with the versions that it had of them.
    pub fn remove_seal_keys(path: &Path, versions: &[i32]) -> Result<Vec<i32>, KeyFileError> {
        let _turn = turn(path)?;
        let keys = Self::load(path)?;
        let mut versioned = keys.versioned.write().unwrap_or_else(PoisonError::into_inner);
        let had = |version: &i32| versioned.remove(&(KeyUse::Seal, *version)).is_some();
        let removed: Vec<_> = versions.iter().copied().filter(had).collect();
        drop(versioned);
        if !removed.is_empty() {
            keys.replace(path)?;
        }
        Ok(removed)
    }

    /// Puts the keys in the place of a file that is there, whole or not at all. The file stays its owner's, whoever
    /// does this, and where a link leads to it, there.
    fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        let text = text(self, path)?;
        let place = || {
            let path = path.canonicalize()?;
            let owner = fs::metadata(&path)?;
            beside(&path, text.as_bytes(), |new| {
                chown(new, Some(owner.uid()), Some(owner.gid()))?;
                fs::rename(new, &path)
            })
        };
        place().map_err(io_at(path))
    }
}

/// Takes the turn to change the file, else one of two processes would lose what the other added. The turn ends when the
/// answer is dropped. The lock is the folder's, for the file itself is replaced.
fn turn(path: &Path) -> Result<File, KeyFileError> {
    let place = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(KeyFileError::Missing(path.to_owned()));
        }
        found => found.map_err(io_at(path))?,
    };
    let folder = File::open(folder_of(&place)).map_err(io_at(path))?;
    folder.lock().map_err(io_at(path))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{
        super::{Place, Purpose, VaultError, file::tests::Folder, tests::Counting},
        *,
    };

    /// What the previous landing wrote.
    fn old(keys: &VaultKeys) -> String {
        let digits = [&keys.booking, &keys.replay, &keys.page].map(|key| hex::encode(key.as_slice()));
        let [booking, replay, page] = digits;
        format!("version = 1\nbooking = \"{booking}\"\nreplay = \"{replay}\"\npage = \"{page}\"\n")
    }

    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn an_old_file_is_refused_and_upgraded_once() {
        let folder = Folder::new("upgrade");
        let path = folder.0.join("vault.toml");
        let keys = VaultKeys::generate(&Counting::from(0));
        write(&path, &old(&keys));
        assert!(matches!(VaultKeys::load(&path), Err(KeyFileError::OldVersion(_))));
        VaultKeys::upgrade(&path, &Counting::from(7)).unwrap();
        let upgraded = VaultKeys::load(&path).unwrap();
        assert_eq!(upgraded.check_values(), keys.check_values());
        assert_eq!(KeyUse::ALL.iter().map(|of| upgraded.newest(*of)).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        let before = fs::read(&path).unwrap();
        let again = VaultKeys::upgrade(&path, &Counting::from(8));
        assert!(matches!(again, Err(KeyFileError::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
        let missing = folder.0.join("none.toml");
        assert!(matches!(turn(&missing), Err(KeyFileError::Missing(path)) if path == missing));
        let below_a_file = path.join("vault.toml");
        assert!(matches!(turn(&below_a_file), Err(error) if !matches!(error, KeyFileError::Missing(_))));
    }

    fn add(path: &Path, active: i32, start: u8) -> i32 {
        VaultKeys::load(path).unwrap().add_seal_key(path, active, &Counting::from(start)).unwrap()
    }

    #[test]
    fn sealing_keys_come_one_at_a_time_and_go() {
        let folder = Folder::new("versions");
        let path = folder.0.join("vault.toml");
        VaultKeys::generate(&Counting::from(0)).write_new(&path).unwrap();
        assert_eq!(add(&path, 1, 1), 2);
        let added = VaultKeys::load(&path).unwrap().check_value(KeyUse::Seal, 2);
        assert_eq!(add(&path, 1, 2), 2, "it is there already");
        assert_eq!(VaultKeys::load(&path).unwrap().check_value(KeyUse::Seal, 2), added);
        assert_eq!(VaultKeys::remove_seal_keys(&path, &[1, 9]).unwrap(), [1]);
        let left = VaultKeys::load(&path).unwrap();
        assert_eq!((left.check_value(KeyUse::Seal, 1), left.check_value(KeyUse::Seal, 2)), (None, added));
        assert_eq!(VaultKeys::remove_seal_keys(&path, &[1]).unwrap(), [0; 0]);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    /// Two processes that add a key to one file agree on one.
    #[test]
    fn changes_take_turns() {
        let folder = Folder::new("turns");
        let path = folder.0.join("vault.toml");
        VaultKeys::generate(&Counting::from(0)).write_new(&path).unwrap();
        std::thread::scope(|scope| {
            for start in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    add(path, 1, start);
                });
            }
        });
        assert_eq!(VaultKeys::load(&path).unwrap().newest(KeyUse::Seal), 2);
    }

    #[test]
    fn a_version_that_came_later_is_read_from_the_file_unless_the_file_is_another() {
        let folder = Folder::new("reread");
        let path = folder.0.join("vault.toml");
        VaultKeys::generate(&Counting::from(0)).write_new(&path).unwrap();
        let place = Place { purpose: Purpose::LedgerSalt, row: &[1; 20] };
        let [sealing, opening] = [(); 2].map(|()| VaultKeys::load(&path).unwrap());
        add(&path, 1, 5);
        let value = VaultKeys::load(&path).unwrap().check_value(KeyUse::Seal, 2).unwrap();
        assert!(!sealing.knows(KeyUse::Seal, 2, &[0; 32]) && sealing.check_value(KeyUse::Seal, 2).is_none());
        assert!(sealing.knows(KeyUse::Seal, 2, &value));
        let sealed = sealing.seal(2, &place, &[7; 16], &Counting::from(9)).unwrap();
        assert_eq!(opening.open(2, &place, &sealed).unwrap().as_slice(), &[7; 16]);
        assert!(!opening.knows(KeyUse::Seal, 3, &value));

        let missing = VaultError::KeyMissing { key_use: KeyUse::Seal, version: 3 };
        fs::remove_file(&path).unwrap();
        VaultKeys::generate(&Counting::from(1)).write_new(&path).unwrap();
        for active in [1, 2] {
            add(&path, active, 5);
        }
        let foreign = VaultKeys::load(&path).unwrap().check_value(KeyUse::Seal, 3).unwrap();
        assert!(!sealing.knows(KeyUse::Seal, 3, &foreign), "its other keys are not ours");
        assert_eq!(sealing.open(3, &place, &sealed).unwrap_err(), missing);
        fs::remove_file(&path).unwrap();
        assert_eq!(sealing.open(3, &place, &sealed).unwrap_err(), missing);
    }
}
