//! Numbers by which a person is known outside the gateway: the NIK of the civil registry, the NIP of the civil service. They
//! are wiped from memory when they are dropped, and printed nowhere.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Fault, Reason};

/// A NIK (nomor induk kependudukan): 16 digits, of which the seventh to twelfth are the date of birth.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nik(Zeroizing<String>);

impl Nik {
    /// Parses a NIK; the empty text is `None`. Errors: `NIK_SCIENTIFIC`, `FIELD_FORMAT`, `NIK_DATE_UNKNOWN`.
    pub fn parse_optional(value: &str) -> Result<Option<Self>, Fault> {
        if value.is_empty() {
            return Ok(None);
        }
        if is_scientific(value) {
            return Err(Reason::NikScientific.into());
        }
        if !is_digits(value, 16) {
            return Err(Fault::from(Reason::FieldFormat).with("expected", "16 digits"));
        }
        if !has_birth_date(value) {
            return Err(Reason::NikDateUnknown.into());
        }
        Ok(Some(Self(Zeroizing::new(value.to_owned()))))
    }

    /// The 16 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// A NIP (nomor induk pegawai), 18 digits: the date of birth, the month of appointment, the sex, and a serial number. The
/// number of an employee under contract (NI PPPK) has 21 to 29 where the others have the month.
#[derive(Clone, PartialEq, Eq)]
pub struct Nip(Zeroizing<String>);

impl Nip {
    /// Parses a NIP; the empty text is `None`. Errors: `NIK_SCIENTIFIC`, `FIELD_FORMAT`, `NIP_DATE_UNKNOWN`.
    pub fn parse_optional(value: &str) -> Result<Option<Self>, Fault> {
        if value.is_empty() {
            return Ok(None);
        }
        if is_scientific(value) {
            return Err(Reason::NikScientific.into());
        }
        if !is_digits(value, 18) {
            return Err(Fault::from(Reason::FieldFormat).with("expected", "18 digits"));
        }
        if !is_civil_servant(value) {
            return Err(Reason::NipDateUnknown.into());
        }
        Ok(Some(Self(Zeroizing::new(value.to_owned()))))
    }

    /// The 18 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Shows no digit, wherever it is printed.
impl fmt::Debug for Nik {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Nik(…)")
    }
}

/// Shows no digit, wherever it is printed.
impl fmt::Debug for Nip {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Nip(…)")
    }
}

fn is_digits(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a value looks as a spreadsheet shows 16 digits: `9,99E+15`.
fn is_scientific(value: &str) -> bool {
    let Some((mantissa, exponent)) = value.split_once(['e', 'E']) else { return false };
    let number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    !mantissa.is_empty() && number(mantissa) && number(exponent.trim_start_matches(['+', '-']))
}

/// The number that digits from one place to another write.
fn part<N: std::str::FromStr>(digits: &str, from: usize, to: usize) -> Option<N> {
    digits.get(from..to)?.parse().ok()
}

/// Whether digits 7 to 12 are a date: DDMMYY, women's days plus 40. The century is not written: a day counts that exists
/// in one of them, and so 29 February of year 00 does.
fn has_birth_date(nik: &str) -> bool {
    let date = || {
        let (day, month): (i8, i8) = (part(nik, 6, 8)?, part(nik, 8, 10)?);
        let (day, year): (i8, i16) = (if day > 40 { day - 40 } else { day }, part(nik, 10, 12)?);
        [1900, 2000].into_iter().find_map(|century| Date::new(century + year, month, day).ok())
    };
    date().is_some()
}

/// Whether 18 digits are a birth date, a later month of appointment, and a sex: 1 for men, 2 for women.
fn is_civil_servant(nip: &str) -> bool {
    let fits = || {
        let birth = Date::new(part(nip, 0, 4)?, part(nip, 4, 6)?, part(nip, 6, 8)?).ok()?;
        let (year, month): (i16, i8) = (part(nip, 8, 12)?, part(nip, 12, 14)?);
        let years = (1900..2100).contains(&birth.year()) && birth.year() < year && year < 2100;
        let sex = matches!(nip.as_bytes().get(14), Some(b'1' | b'2'));
        (years && sex && matches!(month, 1..=12 | 21..=29)).then_some(())
    };
    fits().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_nik(nik: &str) -> Option<Reason> {
        Nik::parse_optional(nik).err().map(|fault| fault.reason)
    }

    fn of_nip(nip: &str) -> Option<Reason> {
        Nip::parse_optional(nip).err().map(|fault| fault.reason)
    }

    #[test]
    fn a_nik_has_16_digits_and_a_date_that_exists() {
        for good in ["9901011708900001", "9901015708900001", "9901012902000001", "9901016902040001", ""] {
            assert_eq!(of_nik(good), None, "{good}");
        }
        for bad in ["990101170890001", "99010117089000011", "99010117089000O1", "9901 11708900001"] {
            assert_eq!(of_nik(bad), Some(Reason::FieldFormat), "{bad}");
        }
        for bad in ["9,90101E+15", "9.9e15", "9E+15"] {
            assert_eq!(of_nik(bad), Some(Reason::NikScientific), "{bad}");
        }
        for bad in [
            "0000000000000000",
            "9901012902010001",
            "9901013104900001",
            "9901010001900001",
            "9901011713900001",
            "9901014001900001",
        ] {
            assert_eq!(of_nik(bad), Some(Reason::NikDateUnknown), "{bad}");
        }
    }

    #[test]
    fn a_nip_has_18_digits_and_dates_that_exist() {
        for good in ["190008172015031001", "190008172015122999", "190002282024211001", ""] {
            assert_eq!(of_nip(good), None, "{good}");
        }
        for bad in ["19000817201503100", "1900081720150310011", "19000817201503100O", "9901011708900001"] {
            assert_eq!(of_nip(bad), Some(Reason::FieldFormat), "{bad}");
        }
        assert_eq!(of_nip("1,99008E+17"), Some(Reason::NikScientific));
        for bad in [
            "000000000000000000",
            "190013172015031001",
            "190002302015031001",
            "190008172015131001",
            "190008172015001001",
            "190008172015033001",
            "190008172015030001",
            "190008171899031001",
            "190008172115031001",
            "179008172015031001",
        ] {
            assert_eq!(of_nip(bad), Some(Reason::NipDateUnknown), "{bad}");
        }
    }

    #[test]
    fn numbers_are_never_printed() {
        let shown = (Nik::parse_optional("9901011708900001"), Nip::parse_optional("190008172015031001"));
        assert_eq!(format!("{shown:?}"), "(Ok(Some(Nik(…))), Ok(Some(Nip(…))))");
    }

    #[test]
    fn a_womans_day_of_birth_is_41_to_71() {
        for (day, reads) in [(40, false), (41, true), (71, true), (72, false), (31, true), (32, false)] {
            assert_eq!(of_nik(&format!("990101{day}01900001")).is_none(), reads, "{day}");
        }
    }
}
