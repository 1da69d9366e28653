//! The signer's mark: remembers, in a file beside the database, the number of certificates and the highest number of a
//! list.
//!
//! A database with less was restored from an old backup: certificates issued since are unknown, and refused. The signer
//! says so, goes on, and leaves the moment in the file for `gerbang doctor`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::files::write_file;

/// The file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The number of certificates in the inventory.
    pub certificates: i64,
    /// The highest number of a list.
    pub crl_number: i64,
    /// When the signer last found less in the database than it remembered.
    pub restored_at: Option<Timestamp>,
}

/// The file, if the signer keeps one.
pub(super) struct MarkFile {
    path: PathBuf,
    mark: Mark,
}

impl Mark {
    /// Reads the file; an empty mark where there is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Makes the mark to remember after these were found.
    fn after(&self, certificates: i64, crl_number: i64, now: Timestamp) -> Self {
        let less = certificates < self.certificates || crl_number < self.crl_number;
        Self { certificates, crl_number, restored_at: if less { Some(now) } else { self.restored_at } }
    }
}

impl MarkFile {
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let mark = Mark::read(&path)?;
        Ok(Self { path, mark })
    }

    /// Compares with what is remembered, and remembers this.
    pub fn found(&mut self, certificates: i64, crl_number: i64, now: Timestamp) -> io::Result<()> {
        let next = self.mark.after(certificates, crl_number, now);
        if next == self.mark {
            return Ok(());
        }
        if next.restored_at != self.mark.restored_at {
            tracing::error!(
                certificates,
                remembered = self.mark.certificates,
                "the database is older than what was issued from it: was it restored from a backup? Certificates \
                 issued since are refused; invite their systems anew"
            );
        }
        let text = toml::to_string(&next).map_err(io::Error::other)?;
        write_file(&self.path, 0o644, text.as_bytes())?;
        self.mark = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_remembered_is_noticed_and_stays_noticed() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mark = Mark::default().after(10, 1_700_000_000, at("2026-01-01T00:00:00Z"));
        assert_eq!(mark.restored_at, None);
        let restored = mark.after(8, 1_700_000_000, at("2026-01-02T00:00:00Z"));
        assert_eq!(restored.restored_at, Some(at("2026-01-02T00:00:00Z")));
        assert_eq!(
            restored.after(12, 1_700_000_100, at("2026-01-03T00:00:00Z")).restored_at,
            restored.restored_at
        );
    }
}
