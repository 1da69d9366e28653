//! Changing the sealing key while gateways serve: activate the next version, re-seal in batches, retire the old one.
//!
//! Each step is a transaction of its own that may be taken again, so that a rotation killed at any point goes on
//! where it stood; the database says where that is. Refuses to begin one while another is under way, and to retire
//! a version that anything is sealed with. Run by `cli` as the database's owner, outside any call; it changes
//! neither versions, etags nor the ledger.

use super::{Error, Outside, vault};
use crate::{
    store::{
        self, Database, lock,
        vault::{self as rows, KeyState, Sealed, VaultKey},
    },
    vault::{KeyUse, Place, Purpose, VaultError},
};

/// Rows in a batch: few enough that who seals never waits long.
const BATCH: i64 = 500;
const ATTEMPTS: usize = 5;

/// A change of the sealing key, under way or not.
pub struct Rotation {
    database: Database,
    outside: Outside,
}

/// Where the sealing key's versions stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationStatus {
    pub active: i32,
    /// Not empty while a rotation is under way.
    pub outgoing: Vec<i32>,
    pub retired: Vec<i32>,
    /// Rows that wait to be sealed again.
    pub waiting: i64,
}

impl Rotation {
    /// As the database's owner, with the keys of the key file.
    pub fn new(database: Database, outside: Outside) -> Self {
        Self { database, outside }
    }

    /// Compares the keys with the database's, as a gateway does at start, then says where the rotation stands.
    pub async fn status(&self) -> Result<RotationStatus, Error> {
        let mut db = self.database.begin().await?;
        vault::begin_or_compare(&mut db, &self.outside.keys, self.outside.clock.now()).await?;
        let stored = seal_keys(rows::list(&mut db).await?);
        let of = |state| {
            let found = stored.iter().filter(|key| key.state == state);
            found.map(|key| key.version).collect::<Vec<_>>()
        };
        let (outgoing, retired) = (of(KeyState::Outgoing), of(KeyState::Retired));
        let mut waiting = 0;
        for version in &outgoing {
            waiting += rows::sealed_with(&mut db, *version).await?;
        }
        let active = active(&stored)?.version;
        db.commit().await.map_err(store::Error::from)?;
        Ok(RotationStatus { active, outgoing, retired, waiting })
    }

    /// Makes `version` the active one and the present one outgoing; nothing where it is active already. Waits until
    /// nobody seals.
    pub async fn activate(&self, version: i32) -> Result<(), Error> {
        again(|| self.activate_once(version)).await
    }

    async fn activate_once(&self, version: i32) -> Result<(), Error> {
        let keys = &self.outside.keys;
        let value = keys.check_value(KeyUse::Seal, version);
        let value = value.ok_or(VaultError::KeyMissing { key_use: KeyUse::Seal, version })?;
        let mut db = self.database.begin().await?;
        lock::vault_exclusive(&mut db).await?;
        let stored = seal_keys(rows::list(&mut db).await?);
        if active(&stored)?.version == version {
            // The same version with another key would be another file's.
            return match active(&stored)?.check_value[..] == value[..] {
                true => Ok(db.rollback().await.map_err(store::Error::from)?),
                false => Err(VaultError::KeyMissing { key_use: KeyUse::Seal, version }.into()),
            };
        }
        if stored.iter().any(|key| key.state == KeyState::Outgoing || key.version >= version) {
            return Err(Error::internal("another rotation is under way, or the version is not a new one"));
        }
        rows::activate(&mut db, version, &value, self.outside.clock.now()).await?;
        Ok(db.commit().await.map_err(store::Error::from)?)
    }

    /// Seals one batch of rows with the active version; answers with how many it found, 0 for none left. A row that
    /// somebody changes at the same time is left to the next batch.
    pub async fn reseal(&self) -> Result<usize, Error> {
        again(|| self.reseal_once()).await
    }

    async fn reseal_once(&self) -> Result<usize, Error> {
        let mut db = self.database.begin().await?;
        lock::vault_shared(&mut db).await?;
        let stored = seal_keys(rows::list(&mut db).await?);
        let to = active(&stored)?.version;
        for key in stored.iter().filter(|key| key.state == KeyState::Outgoing) {
            for purpose in [Purpose::TraineeRecord, Purpose::LedgerSalt] {
                let found = rows::list_sealed(&mut db, purpose, key.version, BATCH).await?;
                if found.is_empty() {
                    continue;
                }
                let again = found.iter().map(|row| self.seal_again(purpose, row, key.version, to));
                let again = again.collect::<Result<Vec<_>, _>>()?;
                rows::reseal(&mut db, purpose, key.version, to, &found, &again).await?;
                db.commit().await.map_err(store::Error::from)?;
                return Ok(found.len());
            }
        }
        db.rollback().await.map_err(store::Error::from)?;
        Ok(0)
    }

    fn seal_again(&self, purpose: Purpose, row: &Sealed, from: i32, to: i32) -> Result<Vec<u8>, Error> {
        let id = row.place();
        let place = Place { purpose, row: &id };
        let keys = &self.outside.keys;
        let plain = keys.open(from, &place, &row.sealed).map_err(|error| match error {
            VaultError::Damaged => {
                let (table, id) = (purpose.table(), row.id);
                Error::Internal(format!("{error}: {table} {id}; bring this row back from a backup"))
            }
            missing => missing.into(),
        })?;
        Ok(keys.seal(to, &place, &plain, &*self.outside.entropy)?)
    }

    /// Retires every outgoing version that nothing is sealed with any more; answers with these. Waits until nobody
    /// seals, then counts.
    pub async fn retire(&self) -> Result<Vec<i32>, Error> {
        again(|| self.retire_once()).await
    }

    async fn retire_once(&self) -> Result<Vec<i32>, Error> {
        let mut db = self.database.begin().await?;
        lock::vault_exclusive(&mut db).await?;
        let mut retired = Vec::new();
        let stored = seal_keys(rows::list(&mut db).await?);
        for key in stored.iter().filter(|key| key.state == KeyState::Outgoing) {
            if rows::sealed_with(&mut db, key.version).await? == 0 {
                rows::retire(&mut db, key.version).await?;
                retired.push(key.version);
            }
        }
        db.commit().await.map_err(store::Error::from)?;
        Ok(retired)
    }
}

fn seal_keys(mut stored: Vec<VaultKey>) -> Vec<VaultKey> {
    stored.retain(|key| key.key_use == KeyUse::Seal);
    stored
}

fn active(stored: &[VaultKey]) -> Result<&VaultKey, Error> {
    let active = stored.iter().find(|key| key.state == KeyState::Active);
    active.ok_or_else(|| Error::internal("the database has no active sealing key"))
}

/// Takes a step again where it lost to another transaction.
async fn again<A, F: Future<Output = Result<A, Error>>>(step: impl Fn() -> F) -> Result<A, Error> {
    for _ in 1..ATTEMPTS {
        match step().await {
            Err(error) if error.may_retry() => {}
            done => return done,
        }
    }
    step().await
}
