//! Postgres' errors, sorted by what can be done about them. Their text goes to the log and never to a caller.

use sqlx::error::DatabaseError;

use crate::domain::Reason;

/// What went wrong with a statement.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A named constraint said no, and the schema knows what that means.
    #[error("{}", .0.code())]
    Constraint(Reason),
    /// A deadlock, a serialization failure or a lock that did not come: the transaction may be run again.
    #[error("the transaction lost to another: {0}")]
    Lost(String),
    /// The database does not answer, or not us.
    #[error("the database is away: {0}")]
    Away(String),
    /// The roles that the schema grants to belong to the whole server; migrations do not make them.
    #[error(
        "The database server lacks a role that the schema needs: {0}. As its superuser, run:\n  \
         CREATE ROLE gerbang_owner LOGIN;\n  CREATE ROLE gerbang_gateway LOGIN;\n  \
         CREATE ROLE gerbang_signer LOGIN;\n  \
         CREATE ROLE gerbang_keeper LOGIN;"
    )]
    RoleMissing(String),
    #[error("{0}")]
    Internal(String),
}

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
];

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => from_database(&**database),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Away(error.to_string()),
            _ if is_broken_connection(&error) => Self::Away(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) => error.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

fn from_database(error: &dyn DatabaseError) -> Error {
    let constraint = error.constraint().and_then(|name| CONSTRAINTS.iter().find(|(known, _)| *known == name));
    if let Some((_, reason)) = constraint {
        return Error::Constraint(*reason);
    }
    let message = || error.message().to_owned();
    match error.code().as_deref() {
        Some("42704" | "28000") if error.message().starts_with("role \"gerbang_") => {
            Error::RoleMissing(message())
        }
        // Undefined table, column, function: not ours, or not up to date.
        Some("42P01" | "42703" | "42883") => {
            Error::Internal(format!("{}; the schema does not fit: run gerbang migrate", error.message()))
        }
        // Serialization failure, deadlock, lock not available, a statement past its time.
        Some("40001" | "40P01" | "55P03" | "57014") => Error::Lost(message()),
        // Shut down, starting up, too many connections, database gone or not ours to connect to.
        Some("57P01" | "57P02" | "57P03" | "53300" | "3D000" | "55000" | "08006") => Error::Away(message()),
        code => Error::Internal(format!("{} ({})", error.message(), code.unwrap_or("no code"))),
    }
}

/// Whether the connection is gone, and with it the transaction.
pub(super) fn is_broken_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Protocol(message) => message.contains("closed") || message.contains("unexpected"),
        sqlx::Error::Database(database) => database.code().as_deref() == Some("57P01"),
        _ => false,
    }
}
