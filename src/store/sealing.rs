//! The vault as a transaction sees it: which key versions are active, sealing and opening under them.
//!
//! Refuses to seal with a version that the database does not call active, or whose key is another than the database
//! knows.

use zeroize::Zeroizing;

use super::{
    Error, Recorder, lock,
    record::SealedSalt,
    vault::{self, KeyState, Versions},
};
use crate::vault::{KeyUse, Place, Purpose, VaultError};

impl Recorder {
    /// The active versions. They stay active until the transaction ends, for it takes the vault's shared lock: call
    /// it after every other lock. `VAULT_KEY_MISSING` where the key file lacks one. Two round trips, once.
    pub async fn vault(&mut self) -> Result<Versions, Error> {
        if let Some(versions) = self.versions {
            return Ok(versions);
        }
        lock::vault_shared(self.db()).await?;
        let stored = vault::list(self.db()).await?;
        let keys = self.keys()?;
        let active = |key_use: KeyUse| {
            let active = stored.iter().find(|key| key.key_use == key_use && key.state == KeyState::Active);
            let active = active.ok_or_else(|| Error::internal("the database has no active vault key"))?;
            if keys.knows(key_use, active.version, &active.check_value) {
                return Ok(active.version);
            }
            Err(Error::from(VaultError::KeyMissing { key_use, version: active.version }))
        };
        let versions = Versions { seal: active(KeyUse::Seal)?, digest: active(KeyUse::Digest)? };
        self.versions = Some(versions);
        Ok(versions)
    }

    /// Seals with the active version, and says which that is. Takes the vault's lock, as [`Recorder::vault`].
    pub async fn seal(&mut self, place: &Place<'_>, plain: &[u8]) -> Result<(i32, Vec<u8>), Error> {
        let version = self.vault().await?.seal;
        Ok((version, self.keys()?.seal(version, place, plain, self.entropy())?))
    }

    /// Opens what lies in this place, sealed with the version that stands beside it.
    pub fn open(&self, version: i32, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(self.keys()?.open(version, place, sealed)?)
    }

    /// Seals the salt of a line of this transaction's entry.
    pub(super) async fn seal_salt(&mut self, line: i32, salt: &[u8; 16]) -> Result<SealedSalt, Error> {
        let row = salt_place(&self.entry_id(), line);
        let place = Place { purpose: Purpose::LedgerSalt, row: &row };
        let (key_version, sealed) = self.seal(&place, salt).await?;
        Ok(SealedSalt { line, key_version, sealed })
    }
}

/// The row of a sealed salt, as [`Place`] has it.
pub(super) fn salt_place(entry: &uuid::Uuid, line: i32) -> Vec<u8> {
    [entry.as_bytes().as_slice(), &line.to_be_bytes()].concat()
}
