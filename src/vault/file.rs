//! `vault.toml`, the file that holds the keys: version 1, each key as 64 hex digits, mode 0600.
//!
//! No error repeats what stands in the file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{Key, Keys};

const VERSION: u32 = 1;

/// Why the key file cannot be used: what, why, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error(
        "There is no key file {}. The gateway needs the keys that its database was made with. Bring the file \
         back from its backup, or, for a new database only, make one: gerbang vault init.",
        .0.display()
    )]
    Missing(PathBuf),
    #[error(
        "The key file {} can be read by others (mode {mode:03o}). Keys are for the gateway's user alone. \
         Run: chmod 600 {}",
        path.display(), path.display()
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error(
        "The key file {} cannot be used: {why}. It was changed or damaged. Bring it back from its backup.",
        path.display()
    )]
    Malformed { path: PathBuf, why: String },
    #[error(
        "There is a key file {} already, and it is never overwritten: without its keys the database is of no \
         use. Keep it, or name another place.",
        .0.display()
    )]
    Exists(PathBuf),
    #[error("The key file {} cannot be reached: {source}. Check the folder and its owner.", path.display())]
    Io { path: PathBuf, source: io::Error },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    booking: Digits,
    replay: Digits,
    page: Digits,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Digits(String);

impl Drop for Digits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Digits {
    fn of(key: &Key) -> Self {
        Self(hex::encode(key.as_slice()))
    }

    fn key(&self) -> Option<Key> {
        let mut key = Key::default();
        hex::decode_to_slice(&self.0, key.as_mut_slice()).ok()?;
        Some(key)
    }
}

impl Keys {
    /// Reads the key file.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let malformed = |why: &str| KeyFileError::Malformed { path: path.to_owned(), why: why.to_owned() };
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeyFileError::Missing(path.to_owned()));
            }
            opened => opened.map_err(io)?,
        };
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(malformed("it is not a file"));
        }
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::ReadableByOthers { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        match file.read_to_string(&mut text) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(malformed("it is not text"));
            }
            read => read.map_err(io)?,
        };
        // The error of toml quotes the line that it met, which may hold a key.
        let content: Content = toml::from_str(&text)
            .map_err(|_| malformed("it is not TOML with version, booking, replay and page, and no more"))?;
        if content.version != VERSION {
            return Err(malformed(&format!("its version is {}, not {VERSION}", content.version)));
        }
        let key = |name: &str, digits: &Digits| {
            digits.key().ok_or_else(|| malformed(&format!("the key {name} has not 64 hex digits")))
        };
        Ok(Self {
            booking: key("booking", &content.booking)?,
            replay: key("replay", &content.replay)?,
            page: key("page", &content.page)?,
        })
    }

    /// Writes the key file, readable by its owner alone and whole or not at all. `Exists` if there is one.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        let content = Content {
            version: VERSION,
            booking: Digits::of(&self.booking),
            replay: Digits::of(&self.replay),
            page: Digits::of(&self.page),
        };
        let io = |source| KeyFileError::Io { path: path.to_owned(), source };
        let text = toml::to_string(&content).map_err(|error| io(io::Error::other(error)))?;
        let text = Zeroizing::new(format!(
            "# Keys of one Gerbang database. Keep a backup, apart from the database's. Never edit.\n{text}"
        ));
        let written = write_whole(path, text.as_bytes());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => io(error),
        })
    }
}

/// Writes beside, then links: unlike a rename, a link never replaces what is there.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::hard_link(&beside, path)
    })();
    // A key must not stay behind under another name, whatever happened.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => written.and(Err(error)),
        _ => written,
    }?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{super::tests::Counting, *};

    /// A folder of its own, removed in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gerbang-vault-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn keys_come_back_as_they_were_written() {
        let folder = Folder::new("roundtrip");
        let path = folder.0.join("vault.toml");
        let keys = Keys::generate(&Counting::from(0));
        keys.write_new(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        assert_eq!(Keys::load(&path).unwrap().check_values(), keys.check_values());

        let other = Keys::generate(&Counting::from(1));
        assert!(matches!(other.write_new(&path), Err(KeyFileError::Exists(_))));
        assert_eq!(Keys::load(&path).unwrap().check_values(), keys.check_values());
    }

    #[test]
    fn a_bad_file_says_why_and_shows_no_key() {
        let folder = Folder::new("bad");
        let path = folder.0.join("vault.toml");
        let error = || Keys::load(&path).err().unwrap().to_string();
        assert!(error().contains("gerbang vault init"));

        Keys::generate(&Counting::from(0)).write_new(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(error().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

        let secret = hex::encode((0..32).collect::<Vec<u8>>());
        assert!(good.contains(&secret));
        for (bad, why) in [
            (good.replace("version = 1", "version = 2"), "its version is 2"),
            (good.replace("version = 1", ""), "not TOML with"),
            (good.replace(&secret, &format!("{secret}00")), "the key booking has not"),
            (good.replace(&secret, "no key"), "the key booking has not"),
            (good.replace(&format!("\"{secret}\""), &secret), "not TOML with"),
            (format!("{good}more = 1\n"), "not TOML with"),
            (String::new(), "not TOML with"),
        ] {
            fs::write(&path, bad).unwrap();
            let error = error();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains(&secret), "{error}");
        }
    }
}
