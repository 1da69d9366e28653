//! Times as programs and people write them. Owns which forms are taken: whatever can mean one moment only. Refuses a time
//! without its distance from UTC, since a zone that is guessed books another hour.

use std::str::FromStr;

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use crate::domain::{Fault, Reason};

/// An example of a time, for the messages about others.
pub const TIME_FORM: &str = "2026-03-02T08:00:00+07:00";

/// Parses RFC 3339 and what differs from it in form alone: a space or a lower-case `t` between day and time, no seconds, no
/// hyphens and colons (ISO 8601, basic), `z`, `+0700`, `+07`, a space before these. A second of 60 is refused, for no clock of an
/// agency shows it. Errors: `TIME_WITHOUT_OFFSET`, `FIELD_FORMAT`.
pub fn parse_time(text: &str) -> Result<Timestamp, Fault> {
    let other = || Fault::from(Reason::FieldFormat).with("expected", TIME_FORM);
    let (date, rest) = date(text).ok_or_else(other)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(other)?;
    let (time, rest) = time(rest).ok_or_else(other)?;
    if rest.is_empty() {
        return Err(Reason::TimeWithoutOffset.into());
    }
    let offset = offset(rest.strip_prefix(' ').unwrap_or(rest)).ok_or_else(other)?;
    let at = offset.to_timestamp(DateTime::from_parts(date, time)).ok();
    // Protobuf's times begin with the year 1, in UTC.
    at.filter(|at| at.as_second() >= YEAR_1).ok_or_else(other)
}

/// 0001-01-01T00:00:00Z.
const YEAR_1: i64 = -62_135_596_800;

/// `2026-03-02` or `20260302`, and the rest.
fn date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = digits(text, 4)?;
    let hyphen = if rest.starts_with('-') { "-" } else { "" };
    let (month, rest) = digits(rest.strip_prefix(hyphen)?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(hyphen)?, 2)?;
    let date = Date::new(number(year)?, number(month)?, number(day)?).ok()?;
    Some((date, rest))
}

/// `08:00`, `08:00:00`, `08:00:00.25`, or the same without colons; and the rest.
fn time(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let colon = if rest.starts_with(':') { ":" } else { "" };
    let (minute, rest) = digits(rest.strip_prefix(colon)?, 2)?;
    let time = |second, nanosecond| Time::new(number(hour)?, number(minute)?, second, nanosecond).ok();
    let Some((second, rest)) = rest.strip_prefix(colon).and_then(|rest| digits(rest, 2)) else {
        return Some((time(0, 0)?, rest));
    };
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some((time(number(second)?, 0)?, rest));
    };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = digits(fraction, length).filter(|_| (1..=9).contains(&length))?;
    let nanosecond = number::<i32>(fraction)? * 10_i32.pow(9 - u32::try_from(length).ok()?);
    Some((time(number(second)?, nanosecond)?, rest))
}

/// `Z`, `z`, `+07:00`, `+0700`, `+07`; no place on earth is more than 14 hours ahead of UTC, or 12 behind.
fn offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let (sign, rest) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = match rest {
        "" => ("00", ""),
        _ => digits(rest.strip_prefix(':').unwrap_or(rest), 2)?,
    };
    let far = number::<i32>(hours)? * 60 + number::<i32>(minutes)?;
    let (sign, furthest) = if sign == "+" { (1, 14 * 60) } else { (-1, 12 * 60) };
    let fits = rest.is_empty() && far <= furthest && minutes < "60";
    fits.then(|| Offset::from_seconds(sign * far * 60).ok()).flatten()
}

fn digits(text: &str, count: usize) -> Option<(&str, &str)> {
    text.split_at_checked(count).filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn number<T: FromStr>(digits: &str) -> Option<T> {
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_means_one_moment_is_taken() {
        for text in [
            "2027-01-11T08:00:00+07:00",
            "2027-01-11T08:00:00+0700",
            "2027-01-11T08:00:00+07",
            "2027-01-11 08:00:00+07:00",
            "2027-01-11 08:00:00 +0700",
            "2027-01-11t08:00:00+07:00",
            "2027-01-11T08:00+07:00",
            "2027-01-11 08:00+07",
            "2027-01-11T08:00:00.000+07:00",
            "2027-01-11T01:00:00Z",
            "2027-01-11t01:00:00z",
            "2027-01-11T01:00Z",
            "2027-01-11 01:00:00 Z",
            "2027-01-10T13:00:00-12:00",
            "20270111T010000Z",
            "20270111T080000+0700",
            "20270111T0100Z",
        ] {
            assert_eq!(parse_time(text).unwrap().to_string(), "2027-01-11T01:00:00Z", "{text}");
        }
        let half = parse_time("2027-01-11T08:00:00.5+07:00").unwrap();
        assert_eq!(half.subsec_nanosecond(), 500_000_000, "which the gateway refuses as a fraction");
        for text in ["0001-01-01T00:00:00Z", "0001-01-01T07:00:00+07:00"] {
            assert_eq!(parse_time(text).unwrap().to_string(), "0001-01-01T00:00:00Z", "{text}");
        }
        let before_1970 = parse_time("1969-12-31T23:59:59.999999999Z").unwrap();
        assert_eq!(before_1970.as_nanosecond(), -1);
    }

    #[test]
    fn a_time_without_its_offset_is_told_apart() {
        for text in ["2027-01-11T08:00:00", "2027-01-11 08:00", "20270111T080000", "2027-01-11t08:00:00.5"] {
            assert_eq!(parse_time(text).unwrap_err().reason, Reason::TimeWithoutOffset, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2027-01-11",
            "2027-01-11T",
            "11/01/2027 08:00",
            "2027-1-11T08:00:00Z",
            "2027-01-11T8:00:00Z",
            "2027-01-11T08:00:00+25:00",
            "2027-01-11T08:00:00+14:01",
            "2027-01-11T08:00:00-12:30",
            "2027-01-11T08:00:00+07:60",
            "2027-01-11T08:00:00+7",
            "2027-01-11T08:00:00+07:00:00",
            "2027-01-11T08:00:00+7:00",
            "2027-01-11T08:00:00 WIB",
            "2027-01-11T08:00:00+07:00[Asia/Jakarta]",
            "2027-13-11T08:00:00Z",
            "2027-02-29T08:00:00Z",
            "2027-01-11T24:00:00Z",
            "2027-01-11T08:61:00Z",
            "2027-01-11T08:00:60Z",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60",
            "0000-03-02T08:00:00Z",
            "0001-01-01T06:59:59+07:00",
            "9999-12-31T23:59:59-12:00",
            "2027-01-11T08:00:00.0000000001Z",
            "2027-01-11T08:00:00.Z",
            "2027-01-11T08:00:00,5Z",
            "2027-01-11T08.00+07:00",
            "2027-01-11T08:0000Z",
            "2027-0111T08:00:00Z",
            "2027-01-11  08:00:00Z",
            " 2027-01-11T08:00:00Z",
            "2027-01-11T08:00:00Z ",
            "2027-01-11T08:00:00  Z",
            "2027-01-11T08:00:00ZZ",
            "1768093200",
            "46398.33",
            "２０２７-01-11T08:00:00Z",
            "2027-01-11T08:00:00−07:00",
            "2027-01-11T25:00:00",
            "besok 08:00",
        ] {
            let fault = parse_time(text).unwrap_err();
            assert_eq!(fault.reason, Reason::FieldFormat, "{text}");
        }
    }
}
