//! Times as programs and people write them. Owns which forms are taken: whatever can mean one moment only. Refuses a time
//! without its distance from UTC, since a zone that is guessed books another hour.

use jiff::Timestamp;

use crate::domain::{Fault, Reason};

/// An example of a time, for the messages about others.
pub const TIME_FORM: &str = "2026-03-02T08:00:00+07:00";

/// Parses RFC 3339 and what differs from it in form alone: a space or a lower-case `t` between day and time, no seconds, no
/// hyphens and colons (ISO 8601, basic), `z`, `+0700`, `+07`, a space before these. Errors: `TIME_WITHOUT_OFFSET`,
/// `FIELD_FORMAT`.
pub fn parse_time(text: &str) -> Result<Timestamp, Fault> {
    let other = || Fault::from(Reason::FieldFormat).with("expected", TIME_FORM);
    let (date, rest) = date(text).ok_or_else(other)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(other)?;
    let (time, rest) = time(rest).ok_or_else(other)?;
    if rest.is_empty() {
        // Whether it would be a time shows with any distance.
        let local = format!("{date}T{time}Z").parse::<Timestamp>();
        return Err(local.map_or_else(|_| other(), |_| Reason::TimeWithoutOffset.into()));
    }
    let offset = offset(rest.strip_prefix(' ').unwrap_or(rest)).ok_or_else(other)?;
    format!("{date}T{time}{offset}").parse().map_err(|_| other())
}

/// `2026-03-02` or `20260302`, and the rest.
fn date(text: &str) -> Option<(String, &str)> {
    let (year, rest) = digits(text, 4)?;
    let hyphen = if rest.starts_with('-') { "-" } else { "" };
    let (month, rest) = digits(rest.strip_prefix(hyphen)?, 2)?;
    let (day, rest) = digits(rest.strip_prefix(hyphen)?, 2)?;
    Some((format!("{year}-{month}-{day}"), rest))
}

/// `08:00`, `08:00:00`, `08:00:00.25`, or the same without colons; and the rest.
fn time(text: &str) -> Option<(String, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let colon = if rest.starts_with(':') { ":" } else { "" };
    let (minute, rest) = digits(rest.strip_prefix(colon)?, 2)?;
    let Some((second, rest)) = rest.strip_prefix(colon).and_then(|rest| digits(rest, 2)) else {
        return Some((format!("{hour}:{minute}:00"), rest));
    };
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some((format!("{hour}:{minute}:{second}"), rest));
    };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = digits(fraction, length).filter(|_| (1..=9).contains(&length))?;
    Some((format!("{hour}:{minute}:{second}.{fraction}"), rest))
}

/// `Z`, `z`, `+07:00`, `+0700`, `+07`; no place on earth is more than 14 hours ahead of UTC, or 12 behind.
fn offset(text: &str) -> Option<String> {
    if matches!(text, "Z" | "z") {
        return Some("Z".to_owned());
    }
    let (sign, rest) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = match rest {
        "" => ("00", ""),
        _ => digits(rest.strip_prefix(':').unwrap_or(rest), 2)?,
    };
    let far: u32 = hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?;
    let furthest = if sign == "+" { 14 * 60 } else { 12 * 60 };
    let fits = rest.is_empty() && far <= furthest && minutes < "60";
    fits.then(|| format!("{sign}{hours}:{minutes}"))
}

fn digits(text: &str, count: usize) -> Option<(&str, &str)> {
    text.split_at_checked(count).filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_digit()))
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
