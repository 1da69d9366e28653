//! The row of a cosignature: what a witness says of a checkpoint, and who has added it. It came with version 2.

use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::{Readers, Row};
use crate::{domain::AgencyCode, ledger::cosignature::WitnessVerifier};

/// A cosignature (tanda tangan saksi) on a checkpoint. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignatureRow {
    /// Its own id.
    pub id: Uuid,
    /// The agency that has added it.
    pub agency: AgencyCode,
    /// The witness.
    pub witness: WitnessVerifier,
    /// The entries of the tree.
    pub size: u64,
    /// When the witness has cosigned it, to the second.
    pub at: Timestamp,
    /// The checkpoint's note with the signature of the log and that of the witness.
    pub note: String,
}

impl Row for CosignatureRow {
    const TAG: &'static str = "gerbang/cosignature/v1\n";

    fn resource(&self) -> String {
        format!("cosignatures/{}", self.id)
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::everybody()
    }

    fn canonical(&self) -> Vec<u8> {
        Cosignature::from(self).encode_to_vec()
    }
}

#[derive(Clone, PartialEq, Message)]
struct Cosignature {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    agency: String,
    /// The witness's public key as text.
    #[prost(string, tag = "3")]
    witness: String,
    #[prost(uint64, tag = "4")]
    size: u64,
    #[prost(int64, tag = "5")]
    at: i64,
    #[prost(string, tag = "6")]
    note: String,
}

impl From<&CosignatureRow> for Cosignature {
    fn from(row: &CosignatureRow) -> Self {
        Self {
            name: row.resource(),
            agency: row.agency.to_string(),
            witness: row.witness.to_string(),
            size: row.size,
            at: row.at.as_microsecond(),
            note: row.note.clone(),
        }
    }
}
