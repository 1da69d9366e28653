//! `vault.toml`, the file that holds the keys: version 2, each key as 64 hex digits, mode 0600.
//!
//! ```toml
//! version = 2
//! booking = "…"
//! replay = "…"
//! page = "…"
//!
//! [[seal]]
//! version = 1
//! key = "…"
//!
//! [[digest]]
//! version = 1
//! key = "…"
//! ```
//!
//! No error repeats what stands in the file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{Key, KeyUse, VaultKeys, Versioned};
use crate::files::{Reach, SecretFault, read_secret};

const VERSION: u32 = 2;
/// The most bytes of the file. A key takes a hundred, so that no number of rotations comes near.
const BYTES_MAX: u64 = 1024 * 1024;

/// The reason for which the key file cannot be used; its text says what is wrong and what to do next.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the text of each variant says all")]
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
        "The key file {} is of version 1, from before trainees' data were sealed. Its keys stay, and it needs two \
         more. Run: gerbang vault init {}",
        .0.display(), .0.display()
    )]
    OldVersion(PathBuf),
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
pub(super) struct Content {
    pub version: u32,
    booking: Digits,
    replay: Digits,
    page: Digits,
    /// Version 1 of the file had none of these.
    #[serde(default)]
    pub seal: Vec<Version>,
    #[serde(default)]
    pub digest: Vec<Version>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    pub version: i32,
    pub key: Digits,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Digits(String);

impl Drop for Digits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Digits {
    pub fn of(key: &Key) -> Self {
        Self(hex::encode(key.as_slice()))
    }

    fn key(&self) -> Option<Key> {
        let mut key = Key::default();
        hex::decode_to_slice(&self.0, key.as_mut_slice()).ok()?;
        Some(key)
    }
}

impl VaultKeys {
    /// Reads the key file. The keys remember its path, to read it again when a version is missing. Errors: `Missing`,
    /// `ReadableByOthers`, `Malformed`, `OldVersion`, `Io`.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let content = read(path)?;
        match content.version {
            VERSION => keys(path, &content),
            1 => Err(KeyFileError::OldVersion(path.to_owned())),
            other => Err(malformed(path, &format!("its version is {other}, not {VERSION}"))),
        }
    }

    /// Writes a new key file, readable by its owner alone and whole or not at all. Errors: `Exists` if there is one, `Io`.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        write_whole(path, text(self, path)?.as_bytes()).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => KeyFileError::Io { path: path.to_owned(), source: error },
        })
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn malformed(path: &Path, why: &str) -> KeyFileError {
    KeyFileError::Malformed { path: path.to_owned(), why: why.to_owned() }
}

pub(super) fn io_at(path: &Path) -> impl Fn(io::Error) -> KeyFileError {
    move |source| KeyFileError::Io { path: path.to_owned(), source }
}

pub(super) fn read(path: &Path) -> Result<Content, KeyFileError> {
    let text = read_secret(path, BYTES_MAX, Reach::Owner).map_err(|fault| match fault {
        SecretFault::ReadableByOthers { mode } => {
            KeyFileError::ReadableByOthers { path: path.to_owned(), mode }
        }
        SecretFault::Unfit(why) => malformed(path, why),
        SecretFault::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            KeyFileError::Missing(path.to_owned())
        }
        SecretFault::Io(error) => io_at(path)(error),
    })?;
    // The error of toml quotes the line that it met, which may hold a key.
    toml::from_str(&text).map_err(|_| {
        malformed(path, "it is not TOML with version, booking, replay, page, seal and digest, and no more")
    })
}

pub(super) fn keys(path: &Path, content: &Content) -> Result<VaultKeys, KeyFileError> {
    let key = |name: &str, digits: &Digits| {
        digits.key().ok_or_else(|| malformed(path, &format!("the key {name} has not 64 hex digits")))
    };
    let mut versioned = Versioned::new();
    for (key_use, name, of) in
        [(KeyUse::Seal, "seal", &content.seal), (KeyUse::Digest, "digest", &content.digest)]
    {
        let mut last = 0;
        for Version { version, key: digits } in of {
            if *version <= last {
                return Err(malformed(path, &format!("the versions of {name} do not ascend from 1")));
            }
            last = *version;
            versioned.insert((key_use, *version), key(&format!("{name} {version}"), digits)?);
        }
        if last == 0 {
            return Err(malformed(path, &format!("it has no key {name}")));
        }
    }
    Ok(VaultKeys {
        booking: key("booking", &content.booking)?,
        replay: key("replay", &content.replay)?,
        page: key("page", &content.page)?,
        versioned: RwLock::new(versioned),
        path: Some(path.to_owned()),
    })
}

pub(super) fn text(keys: &VaultKeys, path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let versioned = keys.versioned.read().unwrap_or_else(PoisonError::into_inner);
    let of = |wanted: KeyUse| {
        let found = versioned.iter().filter(|((key_use, _), _)| *key_use == wanted);
        found.map(|((_, version), key)| Version { version: *version, key: Digits::of(key) }).collect()
    };
    let content = Content {
        version: VERSION,
        booking: Digits::of(&keys.booking),
        replay: Digits::of(&keys.replay),
        page: Digits::of(&keys.page),
        seal: of(KeyUse::Seal),
        digest: of(KeyUse::Digest),
    };
    let text = toml::to_string(&content).map(Zeroizing::new);
    let text = text.map_err(|error| io_at(path)(io::Error::other(error)))?;
    Ok(Zeroizing::new(format!(
        "# Keys of one Gerbang database. Keep a backup, apart from the database's. Never edit.\n{}",
        *text
    )))
}

/// Writes beside, then links: unlike a rename, a link never replaces what is there.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    beside(path, bytes, |new| fs::hard_link(new, path))
}

/// Writes a file beside `path` and has it put in place; what is in the folder then is on the disk.
pub(super) fn beside(
    path: &Path,
    bytes: &[u8],
    place: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        place(&new)
    })();
    // A key must not stay behind under another name, whatever happened.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => written.and(Err(error)),
        _ => written,
    }?;
    File::open(folder_of(path))?.sync_all()
}

#[cfg(test)]
pub(super) mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::{super::tests::Counting, *};

    /// A folder of its own, removed in the end.
    pub struct Folder(pub PathBuf);

    impl Folder {
        pub fn new(name: &str) -> Self {
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
        let keys = VaultKeys::generate(&Counting::from(0));
        keys.write_new(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
        assert_eq!(VaultKeys::load(&path).unwrap().check_values(), keys.check_values());

        let other = VaultKeys::generate(&Counting::from(1));
        assert!(matches!(other.write_new(&path), Err(KeyFileError::Exists(_))));
        assert_eq!(VaultKeys::load(&path).unwrap().check_values(), keys.check_values());
    }

    #[test]
    fn a_bad_file_says_why_and_shows_no_key() {
        let folder = Folder::new("bad");
        let path = folder.0.join("vault.toml");
        let error = || VaultKeys::load(&path).err().unwrap().to_string();
        assert!(error().contains("gerbang vault init"));

        VaultKeys::generate(&Counting::from(0)).write_new(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(error().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

        let secret = hex::encode((0..32).collect::<Vec<u8>>());
        assert!(good.contains(&secret));
        for (bad, why) in [
            (good.replace("version = 2", "version = 3"), "its version is 3"),
            (good.replace("version = 2", "version = 1"), "gerbang vault init"),
            (good.replace("version = 2", ""), "not TOML with"),
            (good.replace("[[digest]]", "[[seal]]"), "versions of seal do not ascend"),
            (good.replace("[[digest]]\nversion = 1", "[[digest]]\nversion = 0"), "versions of digest do not"),
            (good.split("\n[[digest]]").next().unwrap().to_owned(), "it has no key digest"),
            (good.replace(&secret, &format!("{secret}00")), "the key booking has not"),
            (good.replace(&secret, "no key"), "the key booking has not"),
            (good.replace(&format!("\"{secret}\""), &secret), "not TOML with"),
            (format!("more = 1\n{good}"), "not TOML with"),
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
