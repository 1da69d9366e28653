//! The term of an agreement and its class (PP 57/1999): short up to 2 years, medium 2 to 5, long 5 and more.
//! Exactly 2 and exactly 5 years are claimed by two classes; the text does not settle it, so both are
//! permitted, and where none is declared the higher holds. Terms are counted in calendar months, not days.

use std::fmt;

use jiff::{Span, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Fault, Reason, time::Zone};
use crate::text_enum;

text_enum! {
    /// The duration class: jangka pendek, menengah, panjang.
    DurationClass { Short = "SHORT", Medium = "MEDIUM", Long = "LONG" }
}

/// The end of an agreement, as its document states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// A number of calendar months, 1 to 600.
    Months(i32),
    /// The last day, inclusive.
    Until(Date),
}

/// The days on which an agreement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The first day.
    pub from: Date,
    /// The length or the last day; `None` for no end.
    pub end: Option<End>,
}

impl Term {
    /// Makes a term. Errors: `TERM_REVERSED` if the last day comes before the first.
    pub fn new(from: Date, end: Option<End>) -> Result<Self, Fault> {
        let term = Self { from, end };
        if term.last_day().is_some_and(|last| last < from) {
            Err(Reason::TermReversed.into())
        } else {
            Ok(term)
        }
    }

    /// The last day, inclusive: `from` + months − 1 day, 29 February clamped to 28.
    pub fn last_day(&self) -> Option<Date> {
        match self.end? {
            End::Until(day) => Some(day),
            End::Months(months) => plus_months(self.from, months).yesterday().ok(),
        }
    }

    /// Whether the term holds on a day.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.last_day().is_none_or(|last| day <= last)
    }

    /// Whole calendar months, and the days that remain.
    fn length(&self) -> Option<(i32, i32)> {
        let after = self.last_day()?.tomorrow().ok()?;
        let mut months = (i32::from(after.year()) - i32::from(self.from.year())) * 12
            + i32::from(after.month())
            - i32::from(self.from.month());
        while months > 0 && plus_months(self.from, months) > after {
            months -= 1;
        }
        let days = plus_months(self.from, months).until(after).map_or(0, |span| span.get_days());
        Some((months, days))
    }

    /// The classes that the term permits, lowest first; none for a term without end.
    pub fn permitted_classes(&self) -> &'static [DurationClass] {
        use DurationClass::{Long, Medium, Short};
        match self.length() {
            None => &[],
            Some((months, _)) if months < 24 => &[Short],
            Some((24, 0)) => &[Short, Medium],
            Some((months, _)) if months < 60 => &[Medium],
            Some((60, 0)) => &[Medium, Long],
            Some(_) => &[Long],
        }
    }

    /// The class that holds: the declared one, or else the higher permitted one. Errors: `DURATION_CLASS_MISMATCH`.
    pub fn class(&self, declared: Option<DurationClass>) -> Result<Option<DurationClass>, Fault> {
        let permitted = self.permitted_classes();
        match declared {
            Some(declared) if !permitted.is_empty() && !permitted.contains(&declared) => {
                let permitted: Vec<_> = permitted.iter().map(|class| class.as_str()).collect();
                Err(Fault::from(Reason::DurationClassMismatch)
                    .with("declared", declared)
                    .with("permitted", permitted.join(", ")))
            }
            Some(declared) => Ok(Some(declared)),
            None => Ok(permitted.last().copied()),
        }
    }

    /// Whether two classes claim the term's length.
    pub fn is_ambiguous(&self) -> bool {
        self.permitted_classes().len() > 1
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.last_day().map_or_else(|| "…".to_owned(), |day| day.to_string());
        write!(out, "{} – {last}", self.from)
    }
}

/// The same day so many months later, clamped to the month's last day.
fn plus_months(day: Date, months: i32) -> Date {
    day.saturating_add(Span::new().months(months.clamp(-12_000, 12_000)))
}

/// A range of days, counted in a zone, of an agreement that nobody has suspended. [`Agreement::state`](super::agreement::Agreement::state)
/// is ACTIVE on them.
#[derive(Debug, Clone, Deserialize)]
pub struct DaysInForce {
    /// The zone in which the days are counted.
    #[serde(rename = "time_zone")]
    pub zone: Zone,
    /// The first day.
    pub first: Date,
    /// The last day, inclusive; `None` for no end.
    pub last: Option<Date>,
}

impl DaysInForce {
    /// Whether a moment lies in the range. None does where the zone is unknown.
    pub fn include(&self, at: Timestamp) -> bool {
        let within = |day| self.first <= day && self.last.is_none_or(|last| day <= last);
        self.zone.day(at).is_some_and(within)
    }

    /// The first moment after `at` at which [`DaysInForce::include`] answers otherwise; `None` where it never does.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let end = self.last.and_then(|last| last.tomorrow().ok());
        let changes = [Some(self.first), end].into_iter().flatten().filter_map(|day| self.zone.start_of(day));
        changes.filter(|change| *change > at).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term(from: &str, end: End) -> Term {
        Term::new(from.parse().unwrap(), Some(end)).unwrap()
    }

    #[test]
    fn months_end_the_day_before() {
        let last = |from, months| term(from, End::Months(months)).last_day().unwrap().to_string();
        assert_eq!(last("2026-03-02", 24), "2028-03-01");
        assert_eq!(last("2024-02-29", 24), "2026-02-27");
        assert_eq!(last("2026-01-31", 1), "2026-02-27");
        assert_eq!(last("2026-01-01", 12), "2026-12-31");
    }

    #[test]
    fn two_and_five_years_permit_two_classes() {
        use DurationClass::{Long, Medium, Short};
        let classes = |end| term("2026-03-02", end).permitted_classes();
        let until = |day: &str| End::Until(day.parse().unwrap());
        assert_eq!(classes(End::Months(23)), [Short]);
        assert_eq!(classes(until("2028-02-29")), [Short]);
        assert_eq!(classes(End::Months(24)), [Short, Medium]);
        assert_eq!(classes(until("2028-03-01")), [Short, Medium]);
        assert_eq!(classes(until("2028-03-02")), [Medium]);
        assert_eq!(classes(End::Months(59)), [Medium]);
        assert_eq!(classes(End::Months(60)), [Medium, Long]);
        assert_eq!(classes(until("2031-03-02")), [Long]);
        assert_eq!(classes(End::Months(61)), [Long]);
    }

    #[test]
    fn the_higher_class_holds_where_none_is_declared() {
        let term = term("2026-03-02", End::Months(24));
        assert_eq!(term.class(None).unwrap(), Some(DurationClass::Medium));
        assert_eq!(term.class(Some(DurationClass::Short)).unwrap(), Some(DurationClass::Short));
        let fault = term.class(Some(DurationClass::Long)).unwrap_err();
        assert_eq!(fault.reason, Reason::DurationClassMismatch);
        assert!(term.is_ambiguous());
        let open = Term::new("2026-03-02".parse().unwrap(), None).unwrap();
        assert_eq!(open.class(None).unwrap(), None);
        assert!(open.covers("2199-01-01".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn a_term_in_months_has_that_length(day in 0i32..20_000, months in 1i32..600) {
            let from = Date::constant(2000, 1, 1).saturating_add(Span::new().days(day));
            let term = Term::new(from, Some(End::Months(months))).unwrap();
            prop_assert_eq!(term.length(), Some((months, 0)));
            let as_day = Term::new(from, Some(End::Until(term.last_day().unwrap()))).unwrap();
            prop_assert_eq!(term.permitted_classes(), as_day.permitted_classes());
        }
    }

    #[test]
    fn only_two_and_five_years_are_ambiguous() {
        let ambiguous: Vec<_> =
            (1..=600).filter(|months| term("2026-03-02", End::Months(*months)).is_ambiguous()).collect();
        assert_eq!(ambiguous, [24, 60]);
        assert!(!Term::new("2026-03-02".parse().unwrap(), None).unwrap().is_ambiguous());
    }

    #[test]
    fn a_length_is_whole_months_and_the_days_that_remain() {
        let length = |from, until: &str| term(from, End::Until(until.parse().unwrap())).length();
        assert_eq!(length("2026-11-20", "2027-01-19"), Some((2, 0)));
        assert_eq!(length("2026-11-20", "2027-01-18"), Some((1, 30)));
        assert_eq!(length("2026-12-31", "2027-02-27"), Some((2, 0)));
        assert_eq!(length("2026-03-02", "2026-03-02"), Some((0, 1)));
    }

    #[test]
    fn days_are_whole_and_counted_in_their_zone() {
        let date = |day: &str| day.parse::<Date>().unwrap();
        let at = |time: &str| time.parse::<Timestamp>().unwrap();
        let zone = Zone::parse("Asia/Jakarta").unwrap();
        let days = DaysInForce { zone, first: date("2026-03-02"), last: Some(date("2026-03-03")) };
        let (first, end) = (at("2026-03-01T17:00:00Z"), at("2026-03-03T17:00:00Z"));
        for (moment, included, next) in [
            ("2026-03-01T16:59:59Z", false, Some(first)),
            ("2026-03-01T17:00:00Z", true, Some(end)),
            ("2026-03-03T16:59:59Z", true, Some(end)),
            ("2026-03-03T17:00:00Z", false, None),
        ] {
            assert_eq!(
                (days.include(at(moment)), days.next_change(at(moment))),
                (included, next),
                "{moment}"
            );
        }
        let endless = DaysInForce { last: None, ..days.clone() };
        assert!(endless.include(at("2199-01-01T00:00:00Z")));
        assert_eq!(endless.next_change(first), None);
        let unknown = DaysInForce { zone: Zone::from_store("Asia/Nowhere".to_owned()), ..days };
        assert_eq!((unknown.include(first), unknown.next_change(first)), (false, None));
    }
}
