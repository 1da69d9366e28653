//! Canonical rows: the bytes over which the digest of a ledger line is taken, [`super::entry::digest`].
//!
//! They are internal protobufs, not the API's messages, so that the contract may grow without touching a
//! digest. Like leaf bytes they can never change: what is new gets a new tag. They may hold personal data and
//! therefore never leave. A canonical row holds what its own table rows hold and nothing else, so that it can be digested
//! again at any time. Sets are sorted here, so that a row read back digests as the row that was written; lists whose
//! order was agreed keep it. Not in a row: its version, which the line has, and what belongs to
//! another row (a programme's title in a session) or must not be confirmed by anybody (a booking key).

mod cosignature;
mod erasure;
mod old;
mod own;
mod v1;
mod v2;

pub use cosignature::CosignatureRow;
pub use erasure::{ErasedTraineeRow, LegalHoldRow, SaltRow};
pub use old::V1;
pub use own::{BarredKeyRow, LedgerKeyRow, RevocationListRow, ScheduleRow, VaultKeyRow};

use aws_lc_rs::digest;
use prost::Message;
use uuid::Uuid;

use super::Readers;
use crate::domain::{
    AgencyCode,
    agency::{Agency, System},
    agreement::Agreement,
    assignment::{AssignmentState, BookedAssignment},
    certificate::{Authority, Issued, Order},
    claim::Claim,
    facility::Facility,
    name::{SessionName, TrainerName},
    programme::Programme,
    roster::{Enrolment, EnrolmentRef},
    schedule::Session,
    time::Interval,
    trainee::{Record, Trainee},
    trainer::{Trainer, TrainerRole},
};

/// A row that a ledger line can tell of.
pub trait Row {
    /// The domain tag: kind and version. It ends in its only line break, so that no tag begins another.
    const TAG: &'static str;
    /// Whether the row holds personal data, so that the salt of its digest is sealed.
    const PERSONAL: bool = false;

    /// The ledger's name of the resource: its name in the contract, if it has one.
    fn resource(&self) -> String;
    /// The resource's version, which counts its changes from 1.
    fn version(&self) -> i64;
    /// Who may see the row, by what it holds: the rule of its table's policy. What hangs on a date or on a caller's role is
    /// asked when somebody asks. No default, so that no row forgets.
    fn readers(&self) -> Readers;
    /// The canonical bytes: the same for the same content, for ever.
    fn canonical(&self) -> Vec<u8>;
}

/// The part of an assignment that is digested: its own row, without the parts of other rows that its readers see.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of the domain by these names")]
pub struct AssignmentRow {
    pub id: Uuid,
    pub version: i64,
    pub session: SessionName,
    pub trainer: TrainerName,
    pub role: TrainerRole,
    pub state: AssignmentState,
    pub when: Interval,
    /// The session's prison, which is not digested.
    pub prison: AgencyCode,
}

impl From<&BookedAssignment> for AssignmentRow {
    fn from(assignment: &BookedAssignment) -> Self {
        Self {
            id: assignment.id,
            version: assignment.version,
            session: assignment.session_name.clone(),
            trainer: assignment.trainer.clone(),
            role: assignment.role,
            state: assignment.state,
            when: assignment.interval(),
            prison: assignment.prison.clone(),
        }
    }
}

/// The data of a person that were shown.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are those of the domain by these names")]
pub struct ShownRow {
    pub enrolment: EnrolmentRef,
    /// The enrolment's version.
    pub version: i64,
    pub record: Record,
    /// Whether register number and NIK were shown too.
    pub whole: bool,
}

impl Row for Agency {
    const TAG: &'static str = "gerbang/agency/v1\n";

    fn resource(&self) -> String {
        self.code.name()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::everybody()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Agency::from(self).encode_to_vec()
    }
}

impl Row for System {
    const TAG: &'static str = "gerbang/system/v2\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::administrators_and([&self.name.agency])
    }

    fn canonical(&self) -> Vec<u8> {
        v2::System::from(self).encode_to_vec()
    }
}

impl Row for Agreement {
    const TAG: &'static str = "gerbang/agreement/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies(&Agreement::readers(self))
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Agreement::from(self).encode_to_vec()
    }
}

impl Row for Programme {
    const TAG: &'static str = "gerbang/programme/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.name.agency, &self.prison])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Programme::from(self).encode_to_vec()
    }
}

impl Row for Trainer {
    const TAG: &'static str = "gerbang/trainer/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.name.agency])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Trainer::from(self).encode_to_vec()
    }
}

impl Row for Claim {
    const TAG: &'static str = "gerbang/trainer-claim/v1\n";

    fn resource(&self) -> String {
        self.name()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.claimed.agency, &self.held.agency])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::TrainerClaim::from(self).encode_to_vec()
    }
}

impl Row for Facility {
    const TAG: &'static str = "gerbang/facility/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    /// The prison. A partner may list its facilities while an agreement is in force, which is a date's matter; what becomes of a
    /// room that it uses is told of its sessions.
    fn readers(&self) -> Readers {
        Readers::agencies([&self.name.agency])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Facility::from(self).encode_to_vec()
    }
}

impl Row for Session {
    const TAG: &'static str = "gerbang/session/v1\n";

    fn resource(&self) -> String {
        self.name.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        let lenders = self.trainers.iter().map(|named| &named.trainer.agency);
        Readers::agencies([&self.name.agency, &self.prison].into_iter().chain(lenders))
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Session::from(self).encode_to_vec()
    }
}

impl Row for Issued {
    const TAG: &'static str = "gerbang/certificate/v2\n";

    fn resource(&self) -> String {
        self.name().to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::administrators_and(self.system.as_ref().map(|system| &system.agency))
    }

    fn canonical(&self) -> Vec<u8> {
        v2::Certificate::from(self).encode_to_vec()
    }
}

impl Row for Order {
    const TAG: &'static str = "gerbang/order/v2\n";

    fn resource(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::administrators_and(self.system.as_ref().map(|system| &system.agency))
    }

    fn canonical(&self) -> Vec<u8> {
        v2::Order::from(self).encode_to_vec()
    }
}

impl Row for Enrolment {
    const TAG: &'static str = "gerbang/enrolment/v1\n";
    const PERSONAL: bool = true;

    fn resource(&self) -> String {
        self.reference.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.programme.agency, &self.prison])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Enrolment::from(self).encode_to_vec()
    }
}

/// Who may see a person of this prison: it is known of a sealed record too.
pub fn readers_of_trainee(prison: &AgencyCode) -> Readers {
    Readers::agencies([prison])
}

impl Row for Trainee {
    const TAG: &'static str = "gerbang/trainee/v1\n";
    const PERSONAL: bool = true;

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
        v1::Trainee::from(self).encode_to_vec()
    }
}

impl Row for ShownRow {
    const TAG: &'static str = "gerbang/shown/v1\n";
    const PERSONAL: bool = true;

    fn resource(&self) -> String {
        self.enrolment.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    /// Nobody follows who was shown what.
    fn readers(&self) -> Readers {
        Readers::nobody()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Shown::from(self).encode_to_vec()
    }
}

impl Row for AssignmentRow {
    const TAG: &'static str = "gerbang/assignment/v1\n";

    fn resource(&self) -> String {
        format!("assignments/{}", self.id)
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::agencies([&self.session.agency, &self.prison, &self.trainer.agency])
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Assignment::from(self).encode_to_vec()
    }
}

impl Row for Authority {
    const TAG: &'static str = "gerbang/authority/v1\n";

    fn resource(&self) -> String {
        format!("authorities/{}", hex::encode(self.fingerprint))
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn readers(&self) -> Readers {
        Readers::everybody()
    }

    fn canonical(&self) -> Vec<u8> {
        v1::Authority::from(self).encode_to_vec()
    }
}

/// Makes the SHA-256 of bytes.
fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests;
