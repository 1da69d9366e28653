//! Changing the sealing key while gateways serve: activate the next version, re-seal in batches, retire the old one.
//!
//! Each step is a transaction of its own that may be taken again, so that a rotation killed at any point goes on
//! where it stood; the database says where that is. Refuses to begin one while another is under way, and to retire
//! a version that anything is sealed with. Runs as the database's owner, outside any call. It tells of keys; what is
//! sealed again keeps its content, and so its version, etag and digest.

use super::{Error, Outside, vault::BeginKeys};
use crate::{
    ledger::ChangeKind,
    store::{
        Actor, Database, Ended, Origin, Recorder, UnitOfWork, lock,
        vault::{self as rows, KeyState, Sealed, VaultKey},
    },
    vault::{KeyUse, Place, Purpose, VaultError},
};

/// Rows in a batch: few enough that who seals never waits long.
const BATCH: i64 = 500;

/// A change of the sealing key, under way or not.
pub struct Rotation {
    database: Database,
    outside: Outside,
}

/// The versions of the sealing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationStatus {
    /// The version that seals.
    pub active: i32,
    /// Not empty while a rotation is under way.
    pub outgoing: Vec<i32>,
    /// The versions that nothing needs any more.
    pub retired: Vec<i32>,
    /// Rows that wait to be sealed again.
    pub waiting: i64,
}

impl Rotation {
    /// Begins as the database's owner, with the keys of the key file.
    pub fn new(database: Database, outside: Outside) -> Self {
        Self { database, outside }
    }

    /// Compares the keys with the database's, as a gateway does at start, then says where the rotation stands.
    pub async fn status(&self) -> Result<RotationStatus, Error> {
        let begin = BeginKeys { keys: &self.outside.keys };
        self.database.transact(self.origin("vault.begin"), &begin).await?;
        let mut db = self.database.look().await?;
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
        Ok(RotationStatus { active: active(&stored)?.version, outgoing, retired, waiting })
    }

    /// Makes `version` the active one and the present one outgoing; nothing where it is active already. Waits until
    /// nobody seals.
    pub async fn activate(&self, version: i32) -> Result<(), Error> {
        let activate = Activate { outside: &self.outside, version };
        self.database.transact(self.origin("vault.activate"), &activate).await
    }

    /// Seals one batch of rows with the active version; answers with how many it found, 0 for none left. A row that
    /// somebody changes at the same time is left to the next batch.
    pub async fn reseal(&self) -> Result<usize, Error> {
        let reseal = Reseal { outside: &self.outside };
        self.database.transact(self.origin("vault.reseal"), &reseal).await
    }

    /// Retires every outgoing version that nothing is sealed with any more; answers with these. Waits until nobody
    /// seals, then counts.
    pub async fn retire(&self) -> Result<Vec<i32>, Error> {
        self.database.transact(self.origin("vault.retire"), &Retire).await
    }

    fn origin(&self, name: &'static str) -> Origin {
        Origin::own(Actor::Owner, name, (&self.outside).into())
    }
}

struct Activate<'a> {
    outside: &'a Outside,
    version: i32,
}

impl UnitOfWork for Activate<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        let version = self.version;
        let value = self.outside.keys.check_value(KeyUse::Seal, version);
        let value = value.ok_or(VaultError::KeyMissing { key_use: KeyUse::Seal, version })?;
        lock::vault_exclusive(tx.db()).await?;
        let stored = seal_keys(rows::list(tx.db()).await?);
        let before = active(&stored)?;
        if before.version == version {
            // The same version with another key would be another file's.
            return match before.check_value[..] == value[..] {
                true => tx.discard(()).await,
                false => Err(VaultError::KeyMissing { key_use: KeyUse::Seal, version }.into()),
            };
        }
        if stored.iter().any(|key| key.state == KeyState::Outgoing || key.version >= version) {
            return Err(Error::internal("another rotation is under way, or the version is not a new one"));
        }
        let now = tx.now();
        rows::activate(tx.db(), version, &value, now).await?;
        let outgoing = VaultKey { state: KeyState::Outgoing, ..before.clone() };
        let begun = VaultKey { version, check_value: value.to_vec(), ..before.clone() };
        tx.changed(ChangeKind::Updated, &outgoing.row());
        tx.changed(ChangeKind::Created, &begun.row());
        tx.commit(()).await
    }
}

struct Reseal<'a> {
    outside: &'a Outside,
}

impl UnitOfWork for Reseal<'_> {
    type Answer = usize;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<usize>, Error> {
        tx.records_nothing("what is sealed again says what it said");
        lock::vault_shared(tx.db()).await?;
        let stored = seal_keys(rows::list(tx.db()).await?);
        let to = active(&stored)?.version;
        for key in stored.iter().filter(|key| key.state == KeyState::Outgoing) {
            for purpose in [Purpose::TraineeRecord, Purpose::LedgerSalt] {
                let found = rows::list_sealed(tx.db(), purpose, key.version, BATCH).await?;
                if found.is_empty() {
                    continue;
                }
                let again = found.iter().map(|row| self.seal_again(purpose, row, key.version, to));
                let again = again.collect::<Result<Vec<_>, _>>()?;
                rows::reseal(tx.db(), purpose, key.version, to, &found, &again).await?;
                return tx.commit(found.len()).await;
            }
        }
        tx.discard(0).await
    }
}

impl Reseal<'_> {
    fn seal_again(&self, purpose: Purpose, row: &Sealed, from: i32, to: i32) -> Result<Vec<u8>, Error> {
        let id = row.place();
        let place = Place { purpose, row: &id };
        let keys = &self.outside.keys;
        let plain = keys.open(from, &place, &row.sealed).map_err(|error| match error {
            VaultError::Damaged => {
                let (table, id) = (purpose.table(), row.id);
                Error::internal(format!("{error}: {table} {id}; bring this row back from a backup"))
            }
            missing => missing.into(),
        })?;
        Ok(keys.seal(to, &place, &plain, &*self.outside.entropy)?)
    }
}

struct Retire;

impl UnitOfWork for Retire {
    type Answer = Vec<i32>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Vec<i32>>, Error> {
        tx.unchanged();
        lock::vault_exclusive(tx.db()).await?;
        let mut retired = Vec::new();
        for key in seal_keys(rows::list(tx.db()).await?) {
            if key.state == KeyState::Outgoing && rows::sealed_with(tx.db(), key.version).await? == 0 {
                rows::retire(tx.db(), key.version).await?;
                retired.push(key.version);
                let key = VaultKey { state: KeyState::Retired, ..key };
                tx.changed(ChangeKind::Updated, &key.row());
            }
        }
        tx.commit(retired).await
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
