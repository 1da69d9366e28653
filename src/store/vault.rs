//! Versions of the vault's keys, and rows that are sealed with them. Holds no key.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, text, to_row};
use crate::{
    ledger::row::VaultKeyRow,
    text_enum,
    vault::{KeyUse, Purpose},
};

text_enum! {
    /// What a version is to the database.
    KeyState {
        /// New bytes are made with it.
        Active = "ACTIVE",
        /// Older bytes may still need it.
        Outgoing = "OUTGOING",
        /// Nothing in the database needs it.
        Retired = "RETIRED",
    }
}

/// A version, and the value by which its key is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKey {
    /// Seals, or makes digests.
    pub key_use: KeyUse,
    /// The number in the key file.
    pub version: i32,
    /// The value by which the key is known again.
    pub check_value: Vec<u8>,
    /// What the version is to the database.
    pub state: KeyState,
}

impl VaultKey {
    /// Whether digests of persons are made with it now.
    pub fn makes_digests(&self) -> bool {
        self.key_use == KeyUse::Digest && self.state == KeyState::Active
    }

    /// Makes the ledger's row of the version. The states follow each other, so that their number is the row's version.
    pub fn row(&self) -> VaultKeyRow {
        VaultKeyRow {
            purpose: self.key_use.to_string(),
            version: self.version,
            state: self.state.to_string(),
            check_value: self.check_value.clone(),
            states: match self.state {
                KeyState::Active => 1,
                KeyState::Outgoing => 2,
                KeyState::Retired => 3,
            },
        }
    }
}

/// The active versions of the vault's keys: what is made now is made with these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// The version that seals.
    pub seal: i32,
    /// The version that makes digests.
    pub digest: i32,
}

/// Lists every version that the database has known.
pub async fn list(db: &mut PgConnection) -> Result<Vec<VaultKey>, Error> {
    let rows =
        sqlx::query!("SELECT purpose, version, check_value, state FROM vault_key ORDER BY purpose, version");
    let key = |row: (String, i32, Vec<u8>, String)| {
        let (purpose, version, check_value, state) = row;
        Ok(VaultKey {
            key_use: text(KeyUse::from_text(&purpose))?,
            version,
            check_value,
            state: text(KeyState::from_text(&state))?,
        })
    };
    let rows = rows.fetch_all(db).await?.into_iter();
    rows.map(|row| key((row.purpose, row.version, row.check_value, row.state))).collect()
}

/// Makes this the active version, unless the database has begun with one; another that begins it now is waited for.
/// Whether it did.
pub async fn begin(
    db: &mut PgConnection,
    key_use: KeyUse,
    version: i32,
    check_value: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    let begun = sqlx::query!(
        "INSERT INTO vault_key (purpose, version, check_value, state, created_at)
         VALUES ($1, $2, $3, 'ACTIVE', $4) ON CONFLICT DO NOTHING",
        key_use.as_str(),
        version,
        &check_value[..],
        to_row(now)
    );
    Ok(begun.execute(db).await?.rows_affected() == 1)
}

/// Makes a new sealing version the active one, and the present one outgoing. Two round trips.
pub async fn activate(
    db: &mut PgConnection,
    version: i32,
    check_value: &[u8; 32],
    now: Timestamp,
) -> Result<bool, Error> {
    sqlx::query!("UPDATE vault_key SET state = 'OUTGOING' WHERE purpose = 'SEAL' AND state = 'ACTIVE'")
        .execute(&mut *db)
        .await?;
    begin(db, KeyUse::Seal, version, check_value, now).await
}

/// Retires an outgoing sealing version.
pub async fn retire(db: &mut PgConnection, version: i32) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE vault_key SET state = 'RETIRED' WHERE purpose = 'SEAL' AND version = $1 AND state = 'OUTGOING'",
        version
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts the rows that are sealed with a version, in every table that has any.
pub async fn sealed_with(db: &mut PgConnection, version: i32) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM trainee WHERE key_version = $1 AND octet_length(sealed) > 0)
                + (SELECT count(*) FROM ledger_sealed_salt WHERE key_version = $1) AS "count!""#,
        version
    );
    Ok(count.fetch_one(db).await?)
}

/// Sealed bytes and the row that has them.
pub struct Sealed {
    /// The trainee, or the entry.
    pub id: Uuid,
    /// The entry's line.
    pub line: Option<i32>,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

impl Sealed {
    /// Makes the row's key, as [`crate::vault::Place`] has it.
    pub fn place(&self) -> Vec<u8> {
        let line = self.line.map(i32::to_be_bytes);
        [self.id.as_bytes().as_slice(), line.as_ref().map_or(&[], <[u8; 4]>::as_slice)].concat()
    }
}

/// Lists some rows that are sealed with a version, in the order of their keys.
pub async fn list_sealed(
    db: &mut PgConnection,
    purpose: Purpose,
    version: i32,
    limit: i64,
) -> Result<Vec<Sealed>, Error> {
    Ok(match purpose {
        Purpose::TraineeRecord => {
            sqlx::query_as!(
                Sealed,
                r#"SELECT id, NULL::int4 AS line, sealed FROM trainee
                    WHERE key_version = $1 AND octet_length(sealed) > 0 ORDER BY id LIMIT $2"#,
                version,
                limit
            )
            .fetch_all(db)
            .await?
        }
        Purpose::LedgerSalt => {
            sqlx::query_as!(
                Sealed,
                r#"SELECT entry AS id, line AS "line?", sealed FROM ledger_sealed_salt
                    WHERE key_version = $1 ORDER BY entry, line LIMIT $2"#,
                version,
                limit
            )
            .fetch_all(db)
            .await?
        }
    })
}

/// Puts `again` in the place of what `rows` had, where they have it still.
pub async fn reseal(
    db: &mut PgConnection,
    purpose: Purpose,
    from: i32,
    to: i32,
    rows: &[Sealed],
    again: &[Vec<u8>],
) -> Result<(), Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let before: Vec<_> = rows.iter().map(|row| row.sealed.clone()).collect();
    match purpose {
        Purpose::TraineeRecord => {
            sqlx::query!(
                "UPDATE trainee t SET sealed = s.again, key_version = $2
                   FROM unnest($3::uuid[], $4::bytea[], $5::bytea[]) AS s (id, before, again)
                  WHERE t.id = s.id AND t.key_version = $1 AND t.sealed = s.before",
                from,
                to,
                &ids,
                &before,
                again
            )
            .execute(db)
            .await?
        }
        Purpose::LedgerSalt => {
            let lines: Vec<_> = rows.iter().map(|row| row.line.unwrap_or_default()).collect();
            sqlx::query!(
                "UPDATE ledger_sealed_salt t SET sealed = s.again, key_version = $2
                   FROM unnest($3::uuid[], $4::int4[], $5::bytea[], $6::bytea[]) AS s (entry, line, before, again)
                  WHERE t.entry = s.entry AND t.line = s.line AND t.key_version = $1 AND t.sealed = s.before",
                from,
                to,
                &ids,
                &lines,
                &before,
                again
            )
            .execute(db)
            .await?
        }
    };
    Ok(())
}

/// Whether the database knows a key with versions; one without our tables does not. Two round trips.
pub async fn is_begun(db: &mut PgConnection) -> Result<bool, Error> {
    let migrated = sqlx::query_scalar("SELECT to_regclass('vault_key') IS NOT NULL");
    let migrated: bool = migrated.fetch_one(&mut *db).await?;
    Ok(migrated && !list(db).await?.is_empty())
}
