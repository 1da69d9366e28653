//! Postgres' errors, sorted by what can be done about them. Their text goes to the log and never to a caller.

use std::fmt;

use sqlx::error::DatabaseError;

use super::hint;
use crate::{
    domain::{Fault, Reason, Refusal},
    text_enum,
    vault::VaultError,
};

/// Why something did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no, or a named constraint whose meaning the schema knows.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A deadlock, a serialization failure or a statement that took too long: the transaction may be run again.
    #[error("lost to another transaction: {0}")]
    Lost(String),
    /// A lock did not come in time: the transaction may be run again.
    #[error("another transaction has a lock: {0}")]
    Locked(String),
    /// Somebody else has a programme, whose locks have these keys: the transaction queues and is run again.
    #[error("a programme is locked by somebody else")]
    Busy(Vec<i32>),
    /// The connection ended before anything was committed: the transaction may be run again on another.
    #[error("the connection to the database has ended: {0}")]
    Broken(String),
    /// The database does not answer, or not us; or the connection ended at the commit, and what became of it is not
    /// known.
    #[error("the database is away: {0}")]
    Away(String),
    /// The database answers and cannot do what was asked; nothing was stored.
    #[error("the database cannot do this now ({cause}): {why}")]
    Impaired {
        /// What it lacks.
        cause: Impairment,
        /// Its own words, for the log.
        why: String,
    },
    /// `vault.toml` lacks a key that the database knows, or holds another in its place; the text says which.
    #[error("vault.toml holds {0}; put the right file in place, from its backup or from another gateway")]
    ForeignKeys(String),
    /// The roles that the schema grants to belong to the whole server; migrations do not make them.
    #[error(
        "The database server lacks a role that the schema needs: {0}. As its superuser, run:\n  \
         CREATE ROLE gerbang_owner LOGIN;\n  CREATE ROLE gerbang_gateway LOGIN CONNECTION LIMIT 60;\n  \
         CREATE ROLE gerbang_keeper LOGIN CONNECTION LIMIT 20;\n  \
         CREATE ROLE gerbang_signer LOGIN CONNECTION LIMIT 8;\ndocs/operate.md has more for a server that others reach."
    )]
    RoleMissing(String),
    /// A defect. The text, with its source, is for the log; the caller gets a number.
    #[error(transparent)]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

text_enum! {
    /// What a database lacks that answers and cannot do what was asked.
    Impairment {
        DiskFull = "DISK_FULL",
        OutOfMemory = "OUT_OF_MEMORY",
        InputOutput = "IO_ERROR",
        TooManyConnections = "TOO_MANY_CONNECTIONS",
        ReadOnly = "READ_ONLY",
    }
}

impl Impairment {
    fn of(code: &str) -> Option<Self> {
        match code {
            "53100" => Some(Self::DiskFull),
            "53200" => Some(Self::OutOfMemory),
            "53300" => Some(Self::TooManyConnections),
            // Whatever else it runs short of, and what its disk says.
            "53000" | "53400" | "58000" | "58030" => Some(Self::InputOutput),
            "25006" => Some(Self::ReadOnly),
            _ => None,
        }
    }
}

impl Error {
    /// A defect, by what went wrong or in words.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// Whether the same transaction, run again, may go through. A constraint that a race ran into is looked at
    /// again by the checks, which then find the reason.
    pub(super) fn may_retry(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Locked(_) | Self::Broken(_) => true,
            Self::Refused(refusal) => refusal.reason() == Reason::ConflictLost,
            _ => false,
        }
    }

    /// Whether the server has said so itself, and its connection is in order.
    pub(super) fn is_answer(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Lost(_) | Self::Locked(_) | Self::Impaired { .. } => true,
            Self::Internal(error) => error.is::<Said>(),
            _ => false,
        }
    }

    /// The same error where no other connection helps: the commit met it, so that what became of it is not known and
    /// it is not run again (who sent a request id learns by sending the same again), or there was no connection yet.
    pub(super) fn away(self) -> Self {
        match self {
            Self::Broken(why) => Self::Away(why),
            other => other,
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

/// A defect, in the server's own words.
#[derive(Debug)]
struct Said(String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

/// Constraints that a race can reach although the use case checked before.
const CONSTRAINTS: &[(&str, Reason)] = &[
    ("agency_pkey", Reason::AgencyExists),
    ("system_pkey", Reason::SystemExists),
    ("certificate_order_token_sha256_key", Reason::TokenExists),
    ("agreement_author_ref_key", Reason::AgreementExists),
    ("programme_lead_ref_key", Reason::ProgrammeExists),
    ("trainer_agency_ref_key", Reason::TrainerExists),
    ("facility_prison_ref_key", Reason::FacilityExists),
    ("enrolment_programme_place_key", Reason::ConflictLost),
    ("enrolment_programme_trainee_idx", Reason::ConflictLost),
    ("schedule_lead_ref_key", Reason::ConflictLost),
    ("session_lead_uid_key", Reason::ConflictLost),
    ("session_prison_facility_excl", Reason::ConflictLost),
    ("assignment_session_trainer_key", Reason::ConflictLost),
    ("assignment_booking_key_excl", Reason::ConflictLost),
    ("ledger_key_pkey", Reason::ConflictLost),
    ("ledger_key_key_key", Reason::ConflictLost),
    ("ledger_key_replaces_key", Reason::ConflictLost),
    ("ledger_cosignature_agency_witness_public_key_tree_size_key", Reason::ConflictLost),
    ("ledger_batch_pkey", Reason::ConflictLost),
    ("ledger_batch_first_index_key", Reason::ConflictLost),
    ("ledger_index_pkey", Reason::ConflictLost),
    ("ledger_index_entry_key", Reason::ConflictLost),
    ("ledger_subtree_pkey", Reason::ConflictLost),
];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => from_database(&**database),
            _ if is_broken_connection(&error) => Self::Broken(error.to_string()),
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::Away(hint::of_connection(error.to_string())),
            _ => Self::internal(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) => error.into(),
            other => Self::internal(other),
        }
    }
}

fn from_database(error: &dyn DatabaseError) -> Error {
    let constraint = error.constraint().and_then(|name| CONSTRAINTS.iter().find(|(known, _)| *known == name));
    if let Some((_, reason)) = constraint {
        return (*reason).into();
    }
    let message = || error.message().to_owned();
    let code = error.code();
    if let Some(cause) = code.as_deref().and_then(Impairment::of) {
        return Error::Impaired { cause, why: message() };
    }
    match code.as_deref() {
        Some("42704" | "28000") if error.message().starts_with("role \"gerbang_") => {
            Error::RoleMissing(message())
        }
        // Undefined table, column, function: not ours, or not up to date.
        Some("42P01" | "42703" | "42883") => Error::internal(Said(format!(
            "{}; the schema does not fit: run gerbang migrate",
            error.message()
        ))),
        // Serialization failure, deadlock, a statement past its time.
        Some("40001" | "40P01" | "57014") => Error::Lost(message()),
        Some("55P03") => Error::Locked(message()),
        // Ended by an administrator or by a crash, idle in a transaction for too long; the connection's exceptions.
        Some("57P01" | "57P02" | "57P04" | "57P05" | "25P03" | "25P04") => Error::Broken(message()),
        Some(code) if code.starts_with("08") => Error::Broken(message()),
        Some("28P01") => Error::Away(hint::of_password(&message())),
        // Starting up or shutting down, database gone or not ours to connect to.
        Some("57P03" | "3D000" | "55000") => Error::Away(message()),
        code => Error::internal(Said(format!("{} ({})", error.message(), code.unwrap_or("no code")))),
    }
}

/// Whether a connection that was there has ended, and with it the transaction.
fn is_broken_connection(error: &sqlx::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    match error {
        sqlx::Error::Io(error) => {
            [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof]
                .contains(&error.kind())
        }
        sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Protocol(message) => message.contains("closed") || message.contains("unexpected"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_has_ended_is_told_from_none() {
        let of = |kind: std::io::ErrorKind| Error::from(sqlx::Error::Io(kind.into()));
        for ended in [std::io::ErrorKind::UnexpectedEof, std::io::ErrorKind::ConnectionReset] {
            assert!(of(ended).may_retry());
            assert!(!of(ended).away().may_retry());
        }
        for none in [std::io::ErrorKind::ConnectionRefused, std::io::ErrorKind::NotFound] {
            assert!(matches!(of(none), Error::Away(_)));
        }
    }

    #[test]
    fn a_defect_keeps_the_error_behind_it() {
        let error = Error::from(sqlx::Error::RowNotFound);
        let Error::Internal(behind) = error else { panic!("{error:?}") };
        assert!(behind.is::<sqlx::Error>(), "{behind:?}");
    }
}
