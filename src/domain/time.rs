//! Times, days and zones. Times are UTC to the microsecond; a zone stands beside what people planned in it.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Fault, Reason};

/// A half-open range of time, `[start, end)`: back to back is not overlapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The first moment.
    pub start: Timestamp,
    /// The moment that ends the range and is no part of it.
    pub end: Timestamp,
}

impl Interval {
    /// Whether the two ranges share a moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// An IANA zone (zona waktu): Asia/Jakarta is WIB, Asia/Makassar WITA, Asia/Jayapura WIT.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Parses an IANA name. Errors: `ZONE_UNKNOWN`, `FIELD_REQUIRED`, `FIELD_TOO_LONG`.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let length = name.chars().count();
        if length == 0 {
            return Err(Reason::FieldRequired.into());
        }
        if length > 60 {
            return Err(Fault::from(Reason::FieldTooLong).with("max", 60).with("length", length));
        }
        let zone = TimeZone::get(name).map_err(|_| Fault::from(Reason::ZoneUnknown))?;
        let name = zone.iana_name().ok_or(Reason::ZoneUnknown)?.to_owned();
        Ok(Self { name, zone })
    }

    /// Takes a name from our own tables. A zone that the binary no longer knows counts as UTC.
    pub fn from_store(name: String) -> Self {
        let zone = TimeZone::get(&name).unwrap_or(TimeZone::UTC);
        Self { name, zone }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day that it is in the zone at a moment.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// The moment at which a day begins in the zone; `None` past the calendar's end.
    pub fn start_of(&self, day: Date) -> Option<Timestamp> {
        day.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from_store)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}

/// Parses `YYYY-MM-DD`, in the years 2000 to 2199. Errors: `DATE_INVALID`, `FIELD_REQUIRED`.
pub fn parse_date(value: &str) -> Result<Date, Fault> {
    if value.is_empty() {
        return Err(Reason::FieldRequired.into());
    }
    let shaped = value.len() == 10
        && value
            .bytes()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    let date: Option<Date> = if shaped { value.parse().ok() } else { None };
    date.filter(|date| (2000..2200).contains(&date.year())).ok_or_else(|| Reason::DateInvalid.into())
}

/// Parses as [`parse_date`] does; the empty text is `None`.
pub fn parse_optional_date(value: &str) -> Result<Option<Date>, Fault> {
    if value.is_empty() { Ok(None) } else { parse_date(value).map(Some) }
}

/// Makes a point in time of seconds since 1970 and nanoseconds, in the years 2000 to 2199 and in whole seconds, as people
/// plan. Errors: `TIME_OUT_OF_RANGE`, `TIME_FRACTION`.
pub fn parse_seconds(seconds: i64, nanos: i32) -> Result<Timestamp, Fault> {
    const FIRST: i64 = 946_684_800; // 2000-01-01T00:00:00Z
    const END: i64 = 7_258_118_400; // 2200-01-01T00:00:00Z
    if !(FIRST..END).contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
        return Err(Reason::TimeOutOfRange.into());
    }
    if nanos != 0 {
        return Err(Reason::TimeFraction.into());
    }
    Timestamp::from_second(seconds).map_err(|_| Reason::TimeOutOfRange.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_depends_on_the_zone() {
        let at: Timestamp = "2026-03-01T16:30:00Z".parse().unwrap();
        assert_eq!(Zone::parse("Asia/Jakarta").unwrap().day(at).to_string(), "2026-03-01");
        assert_eq!(Zone::parse("Asia/Jayapura").unwrap().day(at).to_string(), "2026-03-02");
        assert_eq!(Zone::parse("Asia/Nowhere").unwrap_err().reason, Reason::ZoneUnknown);
    }

    #[test]
    fn days_and_times_are_bounded() {
        assert!(parse_date("2026-02-28").is_ok());
        for bad in ["2026-02-29", "2026-2-1", "02/03/2026", "1999-12-31", "+002026-01", "2026-13-01"] {
            assert_eq!(parse_date(bad).unwrap_err().reason, Reason::DateInvalid, "{bad}");
        }
        assert_eq!(parse_seconds(i64::MAX, 0).unwrap_err().reason, Reason::TimeOutOfRange);
        assert_eq!(parse_seconds(1_772_000_000, 5).unwrap_err().reason, Reason::TimeFraction);
    }

    #[test]
    fn back_to_back_is_not_overlapping() {
        let at = |s| Timestamp::from_second(s).unwrap();
        let (a, b) = (Interval { start: at(0), end: at(10) }, Interval { start: at(10), end: at(20) });
        assert!(!a.overlaps(&b) && a.overlaps(&Interval { start: at(9), end: at(11) }));
    }

    #[test]
    fn neither_of_two_ranges_in_a_row_overlaps_the_other() {
        let at = |s| Timestamp::from_second(s).unwrap();
        let range = |start, end| Interval { start: at(start), end: at(end) };
        assert!(!range(10, 20).overlaps(&range(0, 10)) && !range(0, 10).overlaps(&range(10, 20)));
        assert!(range(10, 20).overlaps(&range(0, 11)) && range(0, 30).overlaps(&range(10, 20)));
    }

    #[test]
    fn the_bounds_of_times_hold_to_the_second() {
        let reason = |seconds, nanos| parse_seconds(seconds, nanos).map_err(|fault| fault.reason);
        for (seconds, text) in
            [(946_684_800, "2000-01-01T00:00:00Z"), (7_258_118_399, "2199-12-31T23:59:59Z")]
        {
            assert_eq!(reason(seconds, 0).map(|time| time.to_string()), Ok(text.to_owned()));
        }
        for (seconds, nanos) in
            [(946_684_799, 0), (7_258_118_400, 0), (1_772_000_000, -1), (1_772_000_000, 1_000_000_000)]
        {
            assert_eq!(reason(seconds, nanos), Err(Reason::TimeOutOfRange), "{seconds} {nanos}");
        }
        let long = "x".repeat(60);
        assert_eq!(Zone::parse(&long).unwrap_err().reason, Reason::ZoneUnknown);
        assert_eq!(Zone::parse(&format!("{long}x")).unwrap_err().reason, Reason::FieldTooLong);
        assert_eq!(Zone::parse("").unwrap_err().reason, Reason::FieldRequired);
    }
}
