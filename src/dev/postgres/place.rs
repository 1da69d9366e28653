//! The place of the database: in the folder, unless its account cannot get there or the path cannot be a socket's: too
//! long, or with a comma.

use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, symlink},
    path::{Path, PathBuf},
};

use super::account::Account;
use crate::dev::{DevError, folder::make_folder};

/// The bytes of a socket's address at most, on Linux, without the closing zero.
const SOCKET_BYTES_MAX: usize = 107;

/// Postgres names its socket so. The folder is its own, so that the number is no more than a name.
pub const SOCKET: &str = ".s.PGSQL.5432";

/// The folders of a database.
pub struct Place {
    /// Holds `data`, and `data.new` while it is being made.
    pub root: PathBuf,
    /// Holds the socket.
    pub run: PathBuf,
    /// Says whether `root` is not in the folder that was asked for.
    pub elsewhere: bool,
}

impl Place {
    /// Finds or makes them, for `account`.
    pub fn open(folder: &Path, account: &Account) -> Result<Self, DevError> {
        let inside = folder.join("postgres");
        if fs::symlink_metadata(&inside).is_err() && !account.reaches(folder) {
            let outside = make_outside()?;
            symlink(&outside, &inside).map_err(DevError::io("Linking", &inside))?;
        }
        // A link whose target somebody removed: the target is made again.
        let root = match fs::read_link(&inside) {
            Ok(outside) => outside,
            Err(_) => inside.clone(),
        };
        make_owned(&root, account)?;
        let root = root.canonicalize().map_err(DevError::io("Finding", &root))?;
        let mut run = root.join("run");
        // With a comma, clients of Postgres take the folder for two hosts, whether it is encoded or not.
        let several_hosts = run.as_os_str().as_encoded_bytes().contains(&b',');
        if several_hosts || run.join(SOCKET).as_os_str().len() > SOCKET_BYTES_MAX {
            run = short_run(&root, account);
        }
        make_owned(&run, account)?;
        Ok(Self { elsewhere: root != inside, root, run })
    }

    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }
}

/// A new folder where system accounts keep their state, else where temporary files lie.
fn make_outside() -> Result<PathBuf, DevError> {
    let state = PathBuf::from("/var/lib/gerbang-dev");
    let base = match make_folder(&state, 0o711) {
        Ok(()) => state,
        Err(_) => std::env::temp_dir().join("gerbang-dev"),
    };
    make_folder(&base, 0o711)?;
    for number in 1_u32.. {
        let folder = base.join(number.to_string());
        match make_private(&folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|()| folder.clone()).map_err(DevError::io("Making the folder", &folder)),
        }
    }
    Err(DevError::io("Making a folder in", &base)(ErrorKind::AlreadyExists.into()))
}

/// A name of its own for every database, so that it is the same at each start.
fn short_run(root: &Path, account: &Account) -> PathBuf {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, root.as_os_str().as_encoded_bytes());
    std::env::temp_dir().join(format!("gerbang-{}-{}", account.uid, hex::encode(&digest.as_ref()[..6])))
}

/// A folder for the account alone. One that is there must be its own: below the temporary folder anybody may
/// have put one in the way.
fn make_owned(path: &Path, account: &Account) -> Result<(), DevError> {
    let failed = |error| DevError::io("Making the folder", path)(error);
    match make_private(path) {
        Ok(()) => account.give(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = fs::symlink_metadata(path).map_err(failed)?;
            let owned = there.uid() == account.uid || there.uid() == 0;
            if there.is_dir() && owned && there.mode() & 0o077 == 0 {
                return account.give(path);
            }
            Err(failed(io::Error::other("what is there belongs to others, or others may enter it")))
        }
        Err(error) => Err(failed(error)),
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}
