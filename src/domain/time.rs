//! Times, days and zones. Times are UTC to the microsecond; a zone stands beside what people planned in it.

mod written;
mod zone;

use jiff::{Timestamp, Zoned, civil::Date};
use serde::{Deserialize, Serialize};

pub use written::{TIME_FORM, parse_time};
pub use zone::Zone;

use super::{Fault, Reason, reason::ZONE};

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

    /// Adds the facts `busy_start` and `busy_end`, RFC 3339 with the zone's offset, and the zone's abbreviation, by which
    /// people are told of them.
    #[must_use]
    pub fn tell_busy(&self, fault: Fault, zone: &Zone) -> Fault {
        let (start, end) = (zone.shown(self.start), zone.shown(self.end));
        let fact = |at: &Zoned| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        let fault = fault.with("busy_start", fact(&start)).with("busy_end", fact(&end));
        fault.with(ZONE, start.strftime("%Z"))
    }
}

/// A value with the time as of which its state is told: some states follow from the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsOf<T> {
    /// The value.
    pub value: T,
    /// The time of the call.
    pub now: Timestamp,
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

/// The first of the times that are exchanged: 2000-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::constant(946_684_800, 0);

/// The end of the times that are exchanged: 2200-01-01T00:00:00Z.
pub const END: Timestamp = Timestamp::constant(7_258_118_400, 0);

/// Makes a point in time of seconds since 1970 and nanoseconds, in the years 2000 to 2199 and in whole seconds, as people
/// plan. Errors: `TIME_OUT_OF_RANGE`, `TIME_FRACTION`.
pub fn parse_seconds(seconds: i64, nanos: i32) -> Result<Timestamp, Fault> {
    if !(START.as_second()..END.as_second()).contains(&seconds) || !(0..1_000_000_000).contains(&nanos) {
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
