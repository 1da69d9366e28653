//! How a use case fails: refused with a reason that the caller can act on, or because of us.

use crate::{
    domain::{Fault, Reason, Refusal},
    store,
    vault::VaultError,
};

/// Why a call did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// Lost to another transaction; tried again a few times.
    #[error("lost to another transaction: {0}")]
    Lost(String),
    #[error("the database is away: {0}")]
    Away(String),
    /// `vault.toml` lacks a key that the database knows, or holds another in its place; the text says which.
    #[error("vault.toml holds {0}; put the right file in place, from its backup or from another gateway")]
    ForeignKeys(String),
    /// A defect. The text is for the log; the caller gets a number.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    pub fn internal(error: impl ToString) -> Self {
        Self::Internal(error.to_string())
    }

    /// Whether the same transaction, run again, may go through. A constraint that a race ran into is looked at
    /// again by the checks, which then find the reason.
    pub(super) fn may_retry(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Refused(refusal) => refusal.reason() == Reason::ConflictLost,
            _ => false,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Constraint(reason) => reason.into(),
            store::Error::Lost(text) => Self::Lost(text),
            store::Error::Away(text) => Self::Away(text),
            store::Error::Internal { what, .. } => Self::Internal(what),
            missing @ store::Error::RoleMissing(_) => Self::Internal(missing.to_string()),
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::KeyMissing { key_use, version } => {
                tracing::error!(%error, "the vault lacks a key");
                let missing = Fault::from(Reason::VaultKeyMissing);
                missing.with("purpose", key_use).with("version", version).into()
            }
            VaultError::Damaged => Self::internal(error),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Refusal::from(fault).into()
    }
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        Refusal::from(reason).into()
    }
}
