//! Rows of what the contract has no resource for, or no more than a name: schedules, revocation lists, barred keys, the vault's
//! keys, the log's. They came with version 2.

use jiff::Timestamp;
use prost::Message;

use super::{Readers, Row, sha256};
use crate::{
    domain::{
        AgencyCode,
        access::Fingerprint,
        certificate::{Crl, KeyId},
        name::{ProgrammeName, ScheduleName},
    },
    ledger::{note::VerifierKey, successor},
};

/// A schedule (jadwal), with the programme under which its sessions are pushed.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of the domain by these names")]
pub struct ScheduleRow {
    pub name: ScheduleName,
    pub programme: ProgrammeName,
    pub prison: AgencyCode,
}

/// A revocation list (daftar pencabutan): of each authority the newest is the resource, its version counts the lists.
#[derive(Debug, Clone)]
pub struct RevocationListRow<'a> {
    /// SHA-256 of the authority's certificate.
    pub authority: Fingerprint,
    /// Counts the authority's lists, from 1.
    pub version: i64,
    /// The list.
    pub crl: &'a Crl,
}

/// A key that is never certified again.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub struct BarredKeyRow {
    pub key_id: KeyId,
    pub barred_at: Timestamp,
}

/// A key of the vault, by purpose and version; its states follow each other and count as versions of the row.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names of the fields say all")]
pub struct VaultKeyRow {
    pub purpose: String,
    pub version: i32,
    pub state: String,
    pub check_value: Vec<u8>,
    /// The number of states that the key has had.
    pub states: i64,
}

/// A public key of the log that has replaced another.
#[derive(Debug, Clone)]
pub struct LedgerKeyRow {
    /// The new key.
    pub key: VerifierKey,
    /// The key that it replaces.
    pub replaces: VerifierKey,
    /// The note by which that key says so.
    pub note: String,
}

impl Row for RevocationListRow<'_> {
    const TAG: &'static str = "gerbang/revocation-list/v1\n";

    fn resource(&self) -> String {
        format!("authorities/{}/revocationList", hex::encode(self.authority))
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::everybody()
    }

    fn canonical(&self) -> Vec<u8> {
        RevocationList::from(self).encode_to_vec()
    }
}

impl Row for ScheduleRow {
    const TAG: &'static str = "gerbang/schedule/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.name.agency, &self.prison])
    }

    fn canonical(&self) -> Vec<u8> {
        Schedule::from(self).encode_to_vec()
    }
}

impl Row for BarredKeyRow {
    const TAG: &'static str = "gerbang/barred-key/v1\n";

    fn resource(&self) -> String {
        format!("barredKeys/{}", hex::encode(self.key_id))
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::nobody()
    }

    fn canonical(&self) -> Vec<u8> {
        BarredKey::from(self).encode_to_vec()
    }
}

impl Row for VaultKeyRow {
    const TAG: &'static str = "gerbang/vault-key/v1\n";

    fn resource(&self) -> String {
        format!("vaultKeys/{}.{}", self.purpose.to_ascii_lowercase(), self.version)
    }

    fn version(&self) -> i64 {
        self.states
    }

    fn readers(&self) -> Readers {
        Readers::nobody()
    }

    fn canonical(&self) -> Vec<u8> {
        VaultKey::from(self).encode_to_vec()
    }
}

impl Row for LedgerKeyRow {
    const TAG: &'static str = "gerbang/ledger-key/v1\n";

    fn resource(&self) -> String {
        successor::resource(&self.key)
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::everybody()
    }

    fn canonical(&self) -> Vec<u8> {
        LedgerKey::from(self).encode_to_vec()
    }
}

#[derive(Clone, PartialEq, Message)]
struct RevocationList {
    /// SHA-256 of the authority's certificate.
    #[prost(bytes = "vec", tag = "1")]
    authority: Vec<u8>,
    #[prost(int64, tag = "2")]
    number: i64,
    /// SHA-256 of the list's bytes.
    #[prost(bytes = "vec", tag = "3")]
    sha256: Vec<u8>,
    #[prost(int64, tag = "4")]
    next_update: i64,
}

impl From<&RevocationListRow<'_>> for RevocationList {
    fn from(row: &RevocationListRow<'_>) -> Self {
        Self {
            authority: row.authority.to_vec(),
            number: row.crl.number,
            sha256: sha256(&row.crl.der).to_vec(),
            next_update: row.crl.next_update.as_microsecond(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct Schedule {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    programme: String,
    #[prost(string, tag = "3")]
    prison: String,
}

impl From<&ScheduleRow> for Schedule {
    fn from(row: &ScheduleRow) -> Self {
        Self {
            name: row.name.to_string(),
            programme: row.programme.to_string(),
            prison: row.prison.to_string(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct BarredKey {
    #[prost(bytes = "vec", tag = "1")]
    key_id: Vec<u8>,
    #[prost(int64, tag = "2")]
    barred_at: i64,
}

impl From<&BarredKeyRow> for BarredKey {
    fn from(row: &BarredKeyRow) -> Self {
        Self { key_id: row.key_id.to_vec(), barred_at: row.barred_at.as_microsecond() }
    }
}

#[derive(Clone, PartialEq, Message)]
struct VaultKey {
    #[prost(string, tag = "1")]
    purpose: String,
    #[prost(int32, tag = "2")]
    version: i32,
    #[prost(string, tag = "3")]
    state: String,
    /// By which the key is known again; says nothing of it.
    #[prost(bytes = "vec", tag = "4")]
    check_value: Vec<u8>,
}

impl From<&VaultKeyRow> for VaultKey {
    fn from(row: &VaultKeyRow) -> Self {
        Self {
            purpose: row.purpose.clone(),
            version: row.version,
            state: row.state.clone(),
            check_value: row.check_value.clone(),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct LedgerKey {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    replaces: String,
    #[prost(string, tag = "3")]
    note: String,
}

impl From<&LedgerKeyRow> for LedgerKey {
    fn from(row: &LedgerKeyRow) -> Self {
        Self { key: row.key.to_string(), replaces: row.replaces.to_string(), note: row.note.clone() }
    }
}
