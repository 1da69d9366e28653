//! The failures of joining, renewing and signing: a certificate did not come, or could not be used.
//!
//! Owns the cases; the English texts are for logs and status files, `cli` has its own in both languages.

use std::{io, path::PathBuf};

use super::{ClientError, ProfileError, Refused, pin::Flaw};
use crate::pki::secret::SecretError;

/// A failure to join, to renew or to sign.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum Trouble {
    #[error("{} cannot be used: {why}", .path.display())]
    File {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    #[error("{}: {why}", .path.display())]
    Key {
        path: PathBuf,
        #[source]
        why: SecretError,
    },
    /// A file that should hold certificates does not hold the right ones.
    #[error("{} holds no certificate of a system", .path.display())]
    Certificate { path: PathBuf },
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}")]
    Refused(#[from] Refused),
    /// The server is not the one that the token names. Nothing was sent.
    #[error("the server is not the one that the token names: {0}")]
    Untrusted(Flaw),
    /// The server is of the token's root, and lets nobody join.
    #[error("{0} closes the connection; most likely it is not where systems join")]
    Closed(String),
    /// A file is there that this would replace.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// A profile is there already, and may be of use still.
    #[error("the profile {} is there already", .0.display())]
    ProfileInUse(PathBuf),
    /// The gateway's answer is not what was asked for.
    #[error("the gateway's answer does not fit: {0}")]
    Unfit(&'static str),
    /// Nothing is lost; the key waits in the file.
    #[error("the certificate is not there yet ({state}); the key waits in {}", .key.display())]
    Pending { state: &'static str, key: PathBuf },
    #[error("process {pid} renews {} already", .profile.display())]
    Busy { pid: String, profile: PathBuf },
    #[error("the request was turned down: {note}")]
    Rejected { note: String },
    #[error("the certificate ended at {0}; ask an administrator for an invitation (gerbang cert invite)")]
    Expired(jiff::Timestamp),
}

impl Trouble {
    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |why| Self::File { path, why }
    }

    /// A key that cannot be read or made.
    pub fn key(path: &std::path::Path) -> impl FnOnce(SecretError) -> Self {
        let path = path.to_owned();
        move |why| Self::Key { path, why }
    }

    /// Says whether no later try can succeed.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.reason == "CERTIFICATE_REVOKED")
    }
}
