//! Public keys of the log that have replaced another. The first key stands nowhere: whoever verifies has it from the operator.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::ledger::{note::VerifierKey, row::LedgerKeyRow};

/// A replacement, as it is stored.
pub struct Replacement {
    /// Counts the replacements, from 1.
    pub number: i32,
    /// The keys, and the note.
    pub row: LedgerKeyRow,
    /// The entry that tells of it.
    pub entry: Uuid,
    /// Whether that entry has its place.
    pub is_placed: bool,
}

/// Lists replacements in their order, as the owner. One round trip.
pub async fn list(db: &mut PgConnection) -> Result<Vec<Replacement>, Error> {
    let rows = sqlx::query!(
        r#"SELECT k.number, k.key, k.replaces, k.note, k.entry, (i.entry IS NOT NULL) AS "is_placed!"
             FROM ledger_key k LEFT JOIN ledger_index i ON i.entry = k.entry ORDER BY k.number"#
    );
    let key = |text: &str| VerifierKey::parse(text).map_err(Error::internal);
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        let keys = LedgerKeyRow { key: key(&row.key)?, replaces: key(&row.replaces)?, note: row.note };
        Ok(Replacement { number: row.number, row: keys, entry: row.entry, is_placed: row.is_placed })
    });
    rows.collect()
}

/// Stores one, as the owner. A second that replaces the same key is refused by the schema. One round trip.
pub async fn insert(
    db: &mut PgConnection,
    number: i32,
    row: &LedgerKeyRow,
    entry: Uuid,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO ledger_key (number, key, replaces, note, entry) VALUES ($1, $2, $3, $4, $5)",
        number,
        row.key.to_string(),
        row.replaces.to_string(),
        row.note,
        entry
    )
    .execute(db)
    .await?;
    Ok(())
}
