//! The vault as a transaction sees it: which key versions are active, sealing and opening under them.
//!
//! Owns the comparison of the keys in memory with the database's check values, at start and whenever a version is
//! new. Refuses to seal with a version that the database does not call active. Use cases call it through [`Tx`].

use jiff::Timestamp;
use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::{Error, Exchange, Tx};
use crate::{
    store::{
        self, Database, lock,
        record::SealedSalt,
        vault::{self as rows, KeyState},
        vault_check,
    },
    vault::{KeyUse, Place, Purpose, VaultError, VaultKeys},
};

/// The active versions of the vault's keys: what is made now is made with these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub seal: i32,
    pub digest: i32,
}

impl Tx {
    /// The active versions. They stay active until the transaction ends, for it takes the vault's shared lock:
    /// call it after every other lock. `VAULT_KEY_MISSING` where the key file lacks one. Two round trips, once.
    pub async fn vault(&mut self) -> Result<Versions, Error> {
        if let Some(versions) = self.versions {
            return Ok(versions);
        }
        lock::vault_shared(self.db()).await?;
        let stored = rows::list(self.db()).await?;
        let active = |key_use: KeyUse| {
            let active = stored.iter().find(|key| key.key_use == key_use && key.state == KeyState::Active);
            let active = active.ok_or_else(|| Error::internal("the database has no active vault key"))?;
            if self.outside().keys.knows(key_use, active.version, &active.check_value) {
                return Ok(active.version);
            }
            Err(Error::from(VaultError::KeyMissing { key_use, version: active.version }))
        };
        let versions = Versions { seal: active(KeyUse::Seal)?, digest: active(KeyUse::Digest)? };
        self.versions = Some(versions);
        Ok(versions)
    }

    /// Seals with the active version, and says which that is. Takes the vault's lock, as [`Tx::vault`].
    pub async fn seal(&mut self, place: &Place<'_>, plain: &[u8]) -> Result<(i32, Vec<u8>), Error> {
        let version = self.vault().await?.seal;
        let outside = self.outside();
        Ok((version, outside.keys.seal(version, place, plain, &*outside.entropy)?))
    }

    /// Opens what lies in this place, sealed with the version that stands beside it.
    pub fn open(&self, version: i32, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(self.outside().keys.open(version, place, sealed)?)
    }

    /// Seals the salt of a line of this call's entry.
    pub(super) async fn seal_salt(&mut self, line: i32, salt: &[u8; 16]) -> Result<SealedSalt, Error> {
        let row = [self.entry.as_bytes().as_slice(), &line.to_be_bytes()].concat();
        let place = Place { purpose: Purpose::LedgerSalt, row: &row };
        let (key_version, sealed) = self.seal(&place, salt).await?;
        Ok(SealedSalt { line, key_version, sealed })
    }
}

impl Exchange {
    /// Compares the keys with the database's check values. A database that has none of a purpose yet is begun with
    /// these; where two gateways begin one at once, the later compares with the earlier.
    pub async fn check_keys(&self) -> Result<(), Error> {
        let mut db = self.database.begin().await?;
        begin_or_compare(&mut db, &self.outside.keys, self.outside.clock.now()).await?;
        Ok(db.commit().await.map_err(store::Error::from)?)
    }
}

pub(super) async fn begin_or_compare(
    db: &mut PgConnection,
    keys: &VaultKeys,
    now: Timestamp,
) -> Result<(), Error> {
    for (purpose, value) in keys.check_values() {
        vault_check::insert(db, purpose, &value).await?;
    }
    let stored = vault_check::list(db).await?;
    for (purpose, value) in keys.check_values() {
        if !stored.iter().any(|(known, stored)| known == purpose && stored[..] == value[..]) {
            let what = format!("another {purpose} key than this database was begun with");
            return Err(Error::ForeignKeys(what));
        }
    }
    for key_use in KeyUse::ALL {
        let version = keys.newest(*key_use);
        let value = keys.check_value(*key_use, version);
        let value = value.ok_or_else(|| Error::internal("keys without a version"))?;
        rows::begin(db, *key_use, version, &value, now).await?;
    }
    check_versions(keys, &rows::list(db).await?)
}

/// Whether a database was begun with keys already, so that it must never get others.
pub async fn has_keys(database: &Database) -> Result<bool, Error> {
    let mut db = database.begin().await?;
    Ok(vault_check::is_begun(&mut db).await? || rows::is_begun(&mut db).await?)
}

/// Whether a database knows keys with versions, so that a key file of version 1 is not the one it was used with.
pub async fn has_versions(database: &Database) -> Result<bool, Error> {
    let mut db = database.begin().await?;
    Ok(rows::is_begun(&mut db).await?)
}

/// Refuses keys that lack a version in use, or have another key under its number.
fn check_versions(keys: &VaultKeys, stored: &[rows::VaultKey]) -> Result<(), Error> {
    for key in stored.iter().filter(|key| key.state != KeyState::Retired) {
        if keys.knows(key.key_use, key.version, &key.check_value) {
            continue;
        }
        let (key_use, version) = (key.key_use, key.version);
        return Err(Error::ForeignKeys(match keys.check_value(key_use, version) {
            Some(_) => format!("another {key_use} key of version {version} than this database uses"),
            None => format!("no {key_use} key of version {version}, which this database uses"),
        }));
    }
    Ok(())
}
