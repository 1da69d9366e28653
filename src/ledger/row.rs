//! Canonical rows, version 1: the bytes over which the digest of a ledger line is taken, [`super::entry::digest`].
//!
//! They are internal protobufs, not the API's messages, so that the contract may grow without touching a
//! digest. Like leaf bytes they can never change: what is new gets a new tag. They may hold personal data and
//! therefore never leave. Sets are sorted here, so that a row read back digests as the row that was written;
//! lists whose order was agreed keep it. Not in a row: its version, which the line has, and what belongs to
//! another row (a programme's title in a session) or must not be confirmed by anybody (a booking key).

mod v1;

use prost::Message;

use crate::domain::{
    agency::{Agency, System},
    agreement::Agreement,
    assignment::AssignmentState,
    certificate::{Authority, Issued, Order},
    facility::Facility,
    name::{SessionName, TrainerName},
    programme::Programme,
    roster::{Enrolment, EnrolmentRef},
    schedule::Session,
    time::Interval,
    trainee::{Record, Trainee},
    trainer::{Trainer, TrainerRole},
};

/// What a ledger line can be about.
pub trait Row {
    /// The domain tag: kind and version. Ends in its only line break, so that no tag begins another.
    const TAG: &'static str;
    /// Whether the row holds personal data, so that the salt of its digest is sealed.
    const PERSONAL: bool = false;

    /// The same bytes for the same content, for ever.
    fn canonical(&self) -> Vec<u8>;
}

/// What of an assignment is digested: its own content, without what its readers see beside it.
#[derive(Debug, Clone)]
pub struct AssignmentRow {
    pub session: SessionName,
    pub trainer: TrainerName,
    pub role: TrainerRole,
    pub state: AssignmentState,
    pub when: Interval,
}

/// What was shown of a person.
#[derive(Debug, Clone)]
pub struct ShownRow {
    pub enrolment: EnrolmentRef,
    pub record: Record,
    /// Register number and NIK too.
    pub whole: bool,
}

impl Row for Agency {
    const TAG: &'static str = "gerbang/agency/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Agency::from(self).encode_to_vec()
    }
}

impl Row for System {
    const TAG: &'static str = "gerbang/system/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::System::from(self).encode_to_vec()
    }
}

impl Row for Agreement {
    const TAG: &'static str = "gerbang/agreement/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Agreement::from(self).encode_to_vec()
    }
}

impl Row for Programme {
    const TAG: &'static str = "gerbang/programme/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Programme::from(self).encode_to_vec()
    }
}

impl Row for Trainer {
    const TAG: &'static str = "gerbang/trainer/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Trainer::from(self).encode_to_vec()
    }
}

impl Row for Facility {
    const TAG: &'static str = "gerbang/facility/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Facility::from(self).encode_to_vec()
    }
}

impl Row for Session {
    const TAG: &'static str = "gerbang/session/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Session::from(self).encode_to_vec()
    }
}

impl Row for Issued {
    const TAG: &'static str = "gerbang/certificate/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Certificate::from(self).encode_to_vec()
    }
}

impl Row for Order {
    const TAG: &'static str = "gerbang/order/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Order::from(self).encode_to_vec()
    }
}

impl Row for Enrolment {
    const TAG: &'static str = "gerbang/enrolment/v1\n";
    const PERSONAL: bool = true;

    fn canonical(&self) -> Vec<u8> {
        v1::Enrolment::from(self).encode_to_vec()
    }
}

impl Row for Trainee {
    const TAG: &'static str = "gerbang/trainee/v1\n";
    const PERSONAL: bool = true;

    fn canonical(&self) -> Vec<u8> {
        v1::Trainee::from(self).encode_to_vec()
    }
}

impl Row for ShownRow {
    const TAG: &'static str = "gerbang/shown/v1\n";
    const PERSONAL: bool = true;

    fn canonical(&self) -> Vec<u8> {
        v1::Shown::from(self).encode_to_vec()
    }
}

impl Row for AssignmentRow {
    const TAG: &'static str = "gerbang/assignment/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Assignment::from(self).encode_to_vec()
    }
}

impl Row for Authority {
    const TAG: &'static str = "gerbang/authority/v1\n";

    fn canonical(&self) -> Vec<u8> {
        v1::Authority::from(self).encode_to_vec()
    }
}

#[cfg(test)]
mod tests;
