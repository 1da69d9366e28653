//! The failures of `dev`: each text says what happened, why, and what to do next.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{config::secret::SecretFileError, signer::SignerError, store, vault::KeyFileError};

/// The error behind one of ours.
pub(super) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure to make or run the gateway on this machine.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum DevError {
    #[error(
        "The programs of a Postgres server (initdb, postgres) are neither below /usr/lib/postgresql nor on the \
         PATH. The gateway keeps its data with them. Run: make setup"
    )]
    BinariesMissing,
    #[error(
        "The folder {} is in use by another gerbang dev. Two cannot share one database. Stop the other, or \
         name another folder.",
        .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "The database in {} is not whole: {missing} is missing. It was damaged or partly removed. If there is \
         nothing in it to keep, remove the folder and start again: rm -r {}",
        path.display(), path.display()
    )]
    HalfMade { path: PathBuf, missing: &'static str },
    #[error(
        "A Postgres server (process {pid}) still runs on {}, and none but this program should start one there. \
         Stop it, then start again: kill -INT {pid}",
        path.display()
    )]
    StillRunning { pid: i32, path: PathBuf },
    #[error(
        "Started as root, the database needs an ordinary account to run as, and this machine has neither \
         \"postgres\" nor \"nobody\". Run: make setup"
    )]
    NoAccount,
    #[error(
        "The user with the number {0} has no name on this machine, and Postgres knows users by name. Start as \
         another user, or give this one a line in /etc/passwd."
    )]
    NoUserName(u32),
    #[error(
        "The database could not be made: {program} failed. The half-made folder is cleared at the next start. \
         {program} says:\n{output}"
    )]
    Making { program: &'static str, output: String },
    #[error("The database did not start. Its log, {}, ends with:\n{tail}", log.display())]
    Starting { log: PathBuf, tail: String },
    #[error(
        "The database did not stop in time and was ended by force. Nothing that was stored is lost; the next \
         start takes a moment longer."
    )]
    Stopping,
    #[error("{what} {} failed: {source}. Check that the folder is yours and that the disk has room.", path.display())]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error(
        "The gateway cannot listen on {address}: {cause}. If another gateway runs there, stop it, or listen \
         elsewhere: --listen {}:{}", address.ip(), address.port().wrapping_add(1).max(1024)
    )]
    Address {
        address: SocketAddr,
        #[source]
        cause: io::Error,
    },
    #[error(
        "The key file {} is missing, and the database was begun with its keys: without them nobody is known \
         again. Bring the file back. If there is nothing in the database to keep, begin anew with an empty one.",
        .0.display()
    )]
    VaultMissing(PathBuf),
    #[error(transparent)]
    Vault(#[from] KeyFileError),
    #[error(transparent)]
    LedgerKey(#[from] SecretFileError),
    #[error("The database cannot be used: {0}")]
    Store(#[from] store::Error),
    #[error(
        "The database's role may not become {0}, in which a gateway runs, so that it sees what it may and no \
         more. As the server's superuser, run: GRANT {0} TO (the role in the URL);"
    )]
    NotMember(&'static str),
    #[error("The gateway did not start: {0}")]
    Gateway(#[source] Cause),
    #[error(
        "The folder {} lacks the authority that the database was founded with, and nobody would be let in any more. \
         Bring the folder back. If there is nothing in the database to keep, begin anew: make clean-state.",
        .0.display()
    )]
    PkiMissing(PathBuf),
    #[error(
        "The authority cannot be made or read: {0}. If there is nothing to keep, begin anew: make clean-state."
    )]
    Ceremony(#[source] Cause),
    #[error("The signer did not start: {0}")]
    Signer(#[from] SignerError),
}

impl DevError {
    pub(super) fn ceremony(error: impl Into<Cause>) -> Self {
        Self::Ceremony(error.into())
    }

    /// For `map_err`: `what` begins a sentence, such as "Writing".
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}
