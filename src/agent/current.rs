//! The path that stays: `NAME.current/certificate.pem` and `NAME.current/key.pem` are the pair that the profile names, for
//! programs that know no profile and cannot be told a new path.
//!
//! `NAME.current` is a link to a folder of one pair, so that one rename changes both files at once. `join` and `renewal`
//! call it; what it does not manage is told of, and stops neither.

use std::{fs, io, os::unix::fs::symlink, path::Path};

use super::{Profile, profile::beside};
use crate::files::{make_folder, replace_link};

/// Points `NAME.current` at the pair that the profile names.
pub fn point(path: &Path, profile: &Profile, serial: &str) {
    if let Err(error) = try_point(path, profile, serial) {
        let current = beside(path, "current");
        tracing::warn!(path = %current.display(), %error, "the stable path does not lead to the new pair");
    }
}

fn try_point(path: &Path, profile: &Profile, serial: &str) -> io::Result<()> {
    let pair = beside(path, &format!("{serial}.pair"));
    make_folder(&pair, 0o755)?;
    for (name, file) in [("certificate.pem", &profile.certificate), ("key.pem", &profile.key)] {
        match symlink(fs::canonicalize(file)?, pair.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let name = pair.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    replace_link(&beside(path, "current"), Path::new(name))
}
