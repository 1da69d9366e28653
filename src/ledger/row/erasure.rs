//! Rows of retention: what is told when a trainee's record or a salt is erased, or must be kept. None holds personal data. They came
//! with version 2.

use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::{Readers, Row, readers_of_trainee};
use crate::domain::{AgencyCode, roster::TraineeRef};

/// What is left of a trainee whose record is erased.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of the domain by these names")]
pub struct ErasedTraineeRow {
    pub reference: TraineeRef,
    pub prison: AgencyCode,
    pub version: i64,
}

/// The salt of a line about a trainee. A line tells of it when it is erased, and no other does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaltRow {
    /// The entry.
    pub entry: Uuid,
    /// The line in it, from 0.
    pub line: i32,
}

/// A legal hold (penangguhan pemusnahan) on a trainee.
#[derive(Debug, Clone)]
pub struct LegalHoldRow {
    /// The hold's own id.
    pub id: Uuid,
    /// The trainee.
    pub trainee: TraineeRef,
    /// Their prison, which is the only reader.
    pub prison: AgencyCode,
    /// When it was placed.
    pub since: Timestamp,
    /// 1 while the hold stands, 2 once it is lifted.
    pub version: i64,
}

impl SaltRow {
    /// Reads the name of a salt, as a line has it; `None` for any other.
    pub fn parse(resource: &str) -> Option<Self> {
        let (entry, line) = resource.strip_prefix("entries/")?.split_once("/salts/")?;
        let row = Self { entry: entry.parse().ok()?, line: line.parse().ok()? };
        (row.resource() == resource).then_some(row)
    }
}

impl Row for ErasedTraineeRow {
    const TAG: &'static str = "gerbang/erased-trainee/v1\n";

    fn resource(&self) -> String {
        self.reference.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        readers_of_trainee(&self.prison)
    }

    fn canonical(&self) -> Vec<u8> {
        Named { name: self.resource() }.encode_to_vec()
    }
}

impl Row for SaltRow {
    const TAG: &'static str = "gerbang/salt/v1\n";

    fn resource(&self) -> String {
        format!("entries/{}/salts/{}", self.entry, self.line)
    }

    fn version(&self) -> i64 {
        1
    }

    fn readers(&self) -> Readers {
        Readers::nobody()
    }

    fn canonical(&self) -> Vec<u8> {
        Named { name: self.resource() }.encode_to_vec()
    }
}

impl Row for LegalHoldRow {
    const TAG: &'static str = "gerbang/legal-hold/v1\n";

    fn resource(&self) -> String {
        format!("{}/legalHolds/{}", self.trainee, self.id)
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        readers_of_trainee(&self.prison)
    }

    fn canonical(&self) -> Vec<u8> {
        LegalHold { name: self.resource(), since: self.since.as_microsecond() }.encode_to_vec()
    }
}

#[derive(Clone, PartialEq, Message)]
struct LegalHold {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "2")]
    since: i64,
}

/// A row that says no more than that there is something of this name.
#[derive(Clone, PartialEq, Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}
