//! Trainers (instruktur, pelatih) and their competences. The employing agency alone sees its trainers' profiles; others
//! see a name once the trainer takes part in their sessions.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AgencyCode, bounds,
    field::Field,
    name::TrainerName,
    person::{Nik, Nip},
    text::Text,
};
use crate::text_enum;

text_enum! {
    /// The employer of a trainer: the prison, or a partner.
    TrainerKind { Internal = "INTERNAL", External = "EXTERNAL" }
}

text_enum! {
    /// Whether schedules may name a trainer.
    TrainerStatus { Active = "ACTIVE", Inactive = "INACTIVE" }
}

text_enum! {
    /// Whether a registration counts as the person whose numbers it gives, or as a person of its own for now.
    RegistrationState { Confirmed = "CONFIRMED", Pending = "PENDING" }
}

text_enum! {
    /// The role of a trainer in a session (pelatih utama, pendamping).
    TrainerRole { Lead = "LEAD", Assistant = "ASSISTANT" }
}

/// A trainer in a session, as pushed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionTrainer {
    /// The trainer.
    pub trainer: TrainerName,
    /// The trainer's role in the session.
    pub role: TrainerRole,
}

/// A certificate of a trainer's competence in one field (sertifikat kompetensi), with the days on which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Competence {
    /// The title of the competence.
    pub title: Text<200>,
    /// The field in which the trainer is competent.
    pub field: Field,
    /// The number of the certificate.
    pub certificate_number: Option<Text<100>>,
    /// The issuer of the certificate.
    pub issuer: Option<Text<200>>,
    /// The first day on which the competence holds.
    pub valid_from: Date,
    /// The last day on which the competence holds; `None` for no end.
    pub valid_until: Option<Date>,
}

impl Competence {
    /// Whether the competence holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// The agencies that may name a trainer of another agency in sessions that they lead; by default none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lending {
    /// Whether every agency may that leads sessions under an agreement with the prison.
    pub to_all: bool,
    /// Those that may.
    pub to: BTreeSet<AgencyCode>,
}

/// The description of a trainer, which the employing agency may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The full name.
    pub full_name: Text<200>,
    /// The employer: the prison or a partner.
    pub kind: TrainerKind,
    /// The competences.
    pub competences: Vec<Competence>,
    /// Whether schedules may name the trainer.
    pub status: TrainerStatus,
    /// Which agencies besides the employing one may name the trainer.
    pub lending: Lending,
}

/// A trainer.
#[derive(Debug, Clone)]
pub struct Trainer {
    /// The id in our own tables.
    pub id: Uuid,
    /// `agencies/{code}/trainers/{ref}`, under the employing agency.
    pub name: TrainerName,
    /// The description of the trainer.
    pub profile: Profile,
    /// Whether the person is confirmed; no part of the row that the ledger digests.
    pub registration: RegistrationState,
    /// Counts the changes of the trainer, from 1.
    pub version: i64,
    /// The time at which the trainer was registered.
    pub created_at: Timestamp,
}

impl Trainer {
    /// The etag, which changes with the version and the status.
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.profile.status.as_str())
    }
}

/// The key by which one person is booked over all agencies: a keyed digest of the NIP or NIK, or random bytes if neither is
/// given.
pub type BookingKey = [u8; 32];

/// A trainer's name and competences, as far as the reader may know them.
#[derive(Debug, Clone)]
pub struct TrainerSummary {
    /// The full name; empty where the reader may not know it.
    pub name: Text<200>,
    /// Those in the field that is taught.
    pub competences: Vec<Competence>,
}

/// A trainer whom a push names and its caller may name, or has in a session already: no name, no competence.
#[derive(Debug, Clone)]
pub struct NamedTrainer {
    /// The id of the trainer.
    pub id: Uuid,
    /// The resource name.
    pub name: TrainerName,
    /// The key by which the person is known across agencies.
    pub booking_key: BookingKey,
    /// Whether the caller may name the trainer in a session that does not have the trainer yet.
    pub active: bool,
}

/// The numbers of a person: always the NIK, by which all agencies know the person, and the NIP beside it.
#[derive(Debug, Clone)]
pub struct PersonNumbers {
    /// The NIK.
    pub nik: Nik,
    /// The NIP, of civil servants.
    pub nip: Option<Nip>,
}

/// The keyed digests that are stored of a trainer.
#[derive(Debug, Clone, Copy)]
pub struct PersonKeys {
    /// The key by which the trainer is booked.
    pub booking: BookingKey,
    /// The digest of the NIK, where one is given.
    pub nik: Option<BookingKey>,
    /// The digest of the NIP, where one is given.
    pub nip: Option<BookingKey>,
}
