//! Check values of the keys in `vault.toml`: a gateway with another key does not start.

use sqlx::PgConnection;

use super::{Error, vault::KeyState};
use crate::ledger::row::VaultKeyRow;

/// Whether the database was begun with keys; one without our tables was not. Two round trips.
pub async fn is_begun(db: &mut PgConnection) -> Result<bool, Error> {
    let migrated = sqlx::query_scalar("SELECT to_regclass('vault_check') IS NOT NULL");
    let migrated: bool = migrated.fetch_one(&mut *db).await?;
    Ok(migrated && !list(db).await?.is_empty())
}

/// Lists the stored check values, by purpose.
pub async fn list(db: &mut PgConnection) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows = sqlx::query!("SELECT purpose, value FROM vault_check ORDER BY purpose").fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.purpose, row.value)).collect())
}

/// Makes the ledger's row of a key without versions.
pub fn row(purpose: &str, value: &[u8]) -> VaultKeyRow {
    let (purpose, state) = (purpose.to_ascii_uppercase(), KeyState::Active.to_string());
    VaultKeyRow { purpose, version: 1, state, check_value: value.to_vec(), states: 1 }
}

/// Stores the check value of a key that the database sees for the first time; whether it does.
pub async fn insert(db: &mut PgConnection, purpose: &str, value: &[u8]) -> Result<bool, Error> {
    let inserted = sqlx::query!(
        "INSERT INTO vault_check (purpose, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        purpose,
        value
    );
    Ok(inserted.execute(db).await?.rows_affected() == 1)
}
