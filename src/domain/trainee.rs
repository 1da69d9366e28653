//! Trainees (warga binaan). Owns the record of a person on a roster, which holds what a course needs and nothing beyond
//! it. The vault seals a record before it is stored; its numbers are wiped from memory when they are dropped.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{AgencyCode, Fault, Reason, bounds, person::Nik, roster::TraineeRef, text::Text, words};
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
    /// Parses a full name, the only free text on a roster; white space around it is left out, and within it becomes one
    /// space. Errors: those of [`Text::parse`], `FORBIDDEN_WORD` where more than a
    /// name is in it.
    pub fn parse_name(value: &str) -> Result<Text<100>, Fault> {
        // The contract bounds what was sent, not what is left of it.
        let folded = if value.chars().count() > 100 { value.to_owned() } else { fold_space(value) };
        Text::parse(&folded).and_then(words::in_name)
    }

    /// The names of the fields in which another record of the same register number differs. A NIK that is left out does not
    /// differ, nor does another spelling of a name: in capitals, with another apostrophe or space, with accents composed or
    /// not.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if spelling(self.full_name.as_str()) != spelling(other.full_name.as_str()) {
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

/// One space for all white space within a text, none around it.
fn fold_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A form of a name that is the same for all spellings of it.
fn spelling(name: &str) -> String {
    let apostrophe = |c| match c {
        '\u{2018}'
        | '\u{2019}'
        | '\u{201B}'
        | '\u{02B9}'..='\u{02BD}'
        | '\u{2032}'
        | '\u{FF07}'
        | '`'
        | '\u{00B4}' => '\'',
        c => c,
    };
    // Composed before and after: capitals of some letters are written with two.
    fold_space(name).nfc().map(apostrophe).flat_map(char::to_lowercase).nfc().collect()
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
    /// The trainee's prison.
    pub prison: AgencyCode,
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
    fn spellings_of_a_name_are_one() {
        for (one, other) in [
            ("Nur'aini  Contoh", "NUR\u{2019}AINI CONTOH"),
            (" Contoh Satu ", "Contoh Satu"),
            ("Contoh\u{00A0}Satu", "contoh\tsatu"),
            ("Jos\u{00E9} Contoh", "JOSE\u{0301} CONTOH"),
            ("Ma`ruf", "Ma\u{02BC}ruf"),
        ] {
            assert_eq!(spelling(one), spelling(other), "{one:?} {other:?}");
        }
        assert_ne!(spelling("Contoh Satu"), spelling("Contohsatu"));
        assert_ne!(spelling("Jose"), spelling("Jos\u{00E9}"));
    }

    #[test]
    fn a_name_is_kept_without_idle_space() {
        let parsed = |name: &str| Record::parse_name(name).map(|name| name.to_string());
        assert_eq!(parsed("  Contoh \t Satu\n").unwrap(), "Contoh Satu");
        assert_eq!(parsed("   ").unwrap_err().reason, Reason::FieldRequired);
        let long = format!("Contoh{}Satu", " ".repeat(91));
        assert_eq!(parsed(&long).unwrap_err().reason, Reason::FieldTooLong, "as the contract says");
        assert_eq!(parsed("a\u{200B}b").unwrap_err().reason, Reason::ForbiddenCharacter);
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
            prison: AgencyCode::parse("lapas-tpi").unwrap(),
            record,
            withheld: false,
            version: 1,
        };
        let etag = trainee.etag();
        assert_ne!(etag, Trainee { withheld: true, ..trainee.clone() }.etag());
        assert_ne!(etag, Trainee { version: 2, ..trainee }.etag());
    }
}
