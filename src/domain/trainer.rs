//! Trainers (instruktur, pelatih) and their competences. Who a trainer is, is known to the employing agency;
//! others see a name once the trainer takes part in their sessions.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Fault, Reason, bounds, field::Field, name::TrainerName, text::Text};
use crate::text_enum;

text_enum! {
    /// Who employs a trainer: the prison, or a partner.
    TrainerKind { Internal = "INTERNAL", External = "EXTERNAL" }
}

text_enum! {
    /// Whether schedules may name a trainer.
    TrainerStatus { Active = "ACTIVE", Inactive = "INACTIVE" }
}

text_enum! {
    /// What a trainer does in a session (pelatih utama, pendamping).
    TrainerRole { Lead = "LEAD", Assistant = "ASSISTANT" }
}

/// A trainer in a session, as pushed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionTrainer {
    pub trainer: TrainerName,
    pub role: TrainerRole,
}

/// Proof of what a trainer can teach (sertifikat kompetensi), with the days on which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Competence {
    pub title: Text<200>,
    pub field: Field,
    pub certificate_number: Option<Text<100>>,
    pub issuer: Option<Text<200>>,
    pub valid_from: Date,
    /// Inclusive; `None` for no end.
    pub valid_until: Option<Date>,
}

impl Competence {
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// What is known of a trainer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub full_name: Text<200>,
    pub kind: TrainerKind,
    pub competences: Vec<Competence>,
    pub status: TrainerStatus,
}

/// A trainer.
#[derive(Debug, Clone)]
pub struct Trainer {
    pub id: Uuid,
    pub name: TrainerName,
    pub profile: Profile,
    pub version: i64,
    pub created_at: Timestamp,
}

impl Trainer {
    pub fn etag(&self) -> String {
        bounds::etag(&self.name.to_string(), self.version, self.profile.status.as_str())
    }
}

/// One person, over all agencies: a keyed digest of the NIP or NIK, else random.
pub type BookingKey = [u8; 32];

/// A trainer's name and competences.
#[derive(Debug, Clone)]
pub struct TrainerSummary {
    pub name: Text<200>,
    /// Those in the field that is taught.
    pub competences: Vec<Competence>,
}

/// A trainer whom a push names, of any agency: no name, no competence.
#[derive(Debug, Clone)]
pub struct NamedTrainer {
    pub id: Uuid,
    pub name: TrainerName,
    pub booking_key: BookingKey,
    pub active: bool,
}

/// A NIP (18 digits) or NIK (16 digits). Never stored, never shown; wiped when dropped.
pub struct PersonNumber(Zeroizing<String>);

impl PersonNumber {
    /// `FIELD_FORMAT`; the empty text is `None`.
    pub fn parse_optional(value: &str) -> Result<Option<Self>, Fault> {
        match value.len() {
            0 => Ok(None),
            16 | 18 if value.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Some(Self(Zeroizing::new(value.to_owned()))))
            }
            _ => Err(Fault::from(Reason::FieldFormat).with("expected", "16 or 18 digits")),
        }
    }

    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PersonNumber {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PersonNumber(…)")
    }
}
