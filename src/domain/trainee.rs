//! Trainees (warga binaan). Owns the record of a person on a roster, which holds what a course needs and nothing beyond
//! it. The vault seals a record before it is stored; its numbers are wiped from memory when they are dropped.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Fault, Reason, bounds, person::Nik, roster::TraineeRef, text::Text, words};
use crate::text_enum;

text_enum! {
    /// The highest level of schooling (jenjang pendidikan).
    EducationLevel {
        None = "NONE",
        Primary = "PRIMARY",
        LowerSecondary = "LOWER_SECONDARY",
        UpperSecondary = "UPPER_SECONDARY",
        Tertiary = "TERTIARY",
        Postgraduate = "POSTGRADUATE",
    }
}

text_enum! {
    /// A number by which a person is found again.
    NumberKind {
        /// Of the prison.
        Register = "REGISTER_NUMBER",
        /// Of the civil registry.
        Nik = "NIK",
    }
}

/// A prison's register number (nomor register), which identifies a person within the prison.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegisterNumber(Zeroizing<String>);

impl RegisterNumber {
    /// Parses 1 to 40 of letters, digits, `.`, `/`, `-` and spaces. Errors: `FIELD_REQUIRED`, `FIELD_TOO_LONG`,
    /// `FIELD_FORMAT`.
    pub fn parse(value: &str) -> Result<Self, Fault> {
        let length = value.chars().count();
        if length == 0 {
            return Err(Reason::FieldRequired.into());
        }
        if length > 40 {
            return Err(Fault::from(Reason::FieldTooLong).with("max", 40).with("length", length));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "./ -".contains(c);
        if !value.starts_with(|c: char| c.is_ascii_alphanumeric()) || !value.chars().all(fits) {
            return Err(Fault::from(Reason::FieldFormat).with("expected", "A-Za-z0-9./ -"));
        }
        Ok(Self(Zeroizing::new(value.to_owned())))
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number in upper case with single spaces, which is the same for all spellings of one number.
    pub fn normalised(&self) -> Zeroizing<String> {
        let parts: Vec<_> = self.0.split_ascii_whitespace().collect();
        Zeroizing::new(parts.join(" ").to_ascii_uppercase())
    }
}

/// The record of a trainee, sealed as a whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The full name.
    pub full_name: Text<100>,
    /// The prison's register number.
    pub register_number: RegisterNumber,
    /// The NIK, where there is one.
    pub nik: Option<Nik>,
    /// The highest level of schooling.
    pub education_level: EducationLevel,
}

impl Record {
    /// Parses a full name, the only free text on a roster. Errors: those of [`Text::parse`], `FORBIDDEN_WORD` where more than a
    /// name is in it.
    pub fn parse_name(value: &str) -> Result<Text<100>, Fault> {
        Text::parse(value).and_then(words::in_name)
    }

    /// The names of the fields in which another record of the same register number differs. A NIK that is left out does not
    /// differ.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if self.full_name != other.full_name {
            fields.push("full_name");
        }
        if other.nik.is_some() && self.nik != other.nik {
            fields.push("nik");
        }
        if self.education_level != other.education_level {
            fields.push("education_level");
        }
        fields
    }
}

/// Shows nothing, wherever it is printed.
impl fmt::Debug for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Record(…)")
    }
}

/// A trainee with the opened record.
#[derive(Debug, Clone)]
pub struct Trainee {
    /// The id in our own tables.
    pub id: uuid::Uuid,
    /// The name by which the prison knows the trainee.
    pub reference: TraineeRef,
    /// The opened record.
    pub record: Record,
    /// Whether the trainee is withheld from every partner.
    pub withheld: bool,
    /// Counts the changes of the trainee, from 1.
    pub version: i64,
}

impl Trainee {
    /// The etag, which changes with the version and with withholding.
    pub fn etag(&self) -> String {
        bounds::etag(&self.reference.to_string(), self.version, if self.withheld { "WITHHELD" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_register_number_are_one() {
        let of = |value: &str| RegisterNumber::parse(value).unwrap().normalised();
        assert_eq!(of("b.i  12/2026 "), of("B.I 12/2026"));
        assert_ne!(of("B.I 12/2026"), of("B.I 12/2027"));
        assert!(RegisterNumber::parse("-1").is_err() && RegisterNumber::parse("é").is_err());
    }

    #[test]
    fn a_record_is_never_printed() {
        let record = Record {
            full_name: Text::parse("Contoh Satu").unwrap(),
            register_number: RegisterNumber::parse("BI 1").unwrap(),
            nik: None,
            education_level: EducationLevel::Primary,
        };
        assert_eq!(format!("{record:?}"), "Record(…)");
        let other = Record { nik: Nik::parse_optional("9901011708900001").unwrap(), ..record.clone() };
        assert_eq!(record.differing(&other), ["nik"]);
        assert_eq!(other.differing(&record), [""; 0], "a NIK that is left out says nothing");
    }

    #[test]
    fn a_register_number_has_40_characters_at_most() {
        let long = "B".repeat(40);
        assert_eq!(RegisterNumber::parse(&long).unwrap().as_str(), long);
        let fault = RegisterNumber::parse(&format!("{long}1")).err().unwrap();
        assert_eq!(fault, Fault::from(Reason::FieldTooLong).with("max", 40).with("length", 41));
    }

    #[test]
    fn withholding_shows_in_the_etag() {
        let record = Record {
            full_name: Text::parse("Contoh Satu").unwrap(),
            register_number: RegisterNumber::parse("BI 1").unwrap(),
            nik: None,
            education_level: EducationLevel::Primary,
        };
        let trainee = Trainee {
            id: uuid::Uuid::nil(),
            reference: TraineeRef::from_store(&[2; 16]).unwrap(),
            record,
            withheld: false,
            version: 1,
        };
        let etag = trainee.etag();
        assert_ne!(etag, Trainee { withheld: true, ..trainee.clone() }.etag());
        assert_ne!(etag, Trainee { version: 2, ..trainee }.etag());
    }
}
