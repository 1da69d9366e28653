//! The comparison of the keys in memory with the database's check values, at start and whenever a version is new.
//!
//! Refuses keys that are another file's, and keys that lack a version in use.

use super::{Error, Exchange};
use crate::{
    ledger::ChangeKind,
    store::{
        Database, Ended, Recorder, UnitOfWork,
        vault::{self as rows, KeyState},
        vault_check,
    },
    vault::{KeyUse, VaultKeys},
};

impl Exchange {
    /// Compares the keys with the database's check values. A database that has none of a purpose yet is begun with
    /// these; where two gateways begin one at once, the later compares with the earlier.
    pub async fn check_keys(&self) -> Result<(), Error> {
        self.database.transact(self.own("vault.begin"), &BeginKeys { keys: &self.outside.keys }).await
    }
}

/// Begins a database with keys, or compares them with those that it was begun with.
pub(super) struct BeginKeys<'a> {
    pub keys: &'a VaultKeys,
}

impl UnitOfWork for BeginKeys<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        let keys = self.keys;
        for (purpose, value) in keys.check_values() {
            if vault_check::insert(tx.db(), purpose, &value).await? {
                tx.changed(ChangeKind::Created, &vault_check::row(purpose, &value));
            }
        }
        check_values(keys, &vault_check::list(tx.db()).await?)?;
        let now = tx.now();
        for key_use in KeyUse::ALL {
            let version = keys.newest(*key_use);
            let value = keys.check_value(*key_use, version);
            let value = value.ok_or_else(|| Error::internal("keys without a version"))?;
            if rows::begin(tx.db(), *key_use, version, &value, now).await? {
                let check_value = value.to_vec();
                let begun =
                    rows::VaultKey { key_use: *key_use, version, check_value, state: KeyState::Active };
                tx.changed(ChangeKind::Created, &begun.row());
            }
        }
        check_versions(keys, &rows::list(tx.db()).await?)?;
        tx.unchanged();
        tx.commit(()).await
    }
}

/// Whether a database was begun with keys already, so that it must never get others.
pub async fn has_keys(database: &Database) -> Result<bool, Error> {
    let mut db = database.look().await?;
    Ok(vault_check::is_begun(&mut db).await? || rows::is_begun(&mut db).await?)
}

/// Whether a database knows keys with versions, so that a key file of version 1 is not the one it was used with.
pub async fn has_versions(database: &Database) -> Result<bool, Error> {
    let mut db = database.look().await?;
    rows::is_begun(&mut db).await
}

/// The sealing keys of a key file, beside the database's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealKeys {
    /// The versions that the file holds, ascending.
    pub held: Vec<i32>,
    /// The version that seals; `None` for a database that no gateway has begun yet.
    pub active: Option<i32>,
}

/// Compares the keys with the database's as a gateway does at its start, and stores nothing. Error: `ForeignKeys`, of
/// keys with which no gateway starts.
pub async fn compare_keys(database: &Database, keys: &VaultKeys) -> Result<SealKeys, Error> {
    let mut db = database.look().await?;
    let begun = vault_check::list(&mut db).await?;
    if !begun.is_empty() {
        check_values(keys, &begun)?;
    }
    let stored = rows::list(&mut db).await?;
    check_versions(keys, &stored)?;
    let active = stored.iter().find(|key| key.key_use == KeyUse::Seal && key.state == KeyState::Active);
    Ok(SealKeys { held: keys.versions(KeyUse::Seal), active: active.map(|key| key.version) })
}

/// Refuses keys without versions that are not those that the database was begun with.
fn check_values(keys: &VaultKeys, begun: &[(String, Vec<u8>)]) -> Result<(), Error> {
    for (purpose, value) in keys.check_values() {
        if !begun.iter().any(|(known, stored)| known == purpose && stored[..] == value[..]) {
            let what = format!("another {purpose} key than this database was begun with");
            return Err(Error::ForeignKeys(what));
        }
    }
    Ok(())
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
