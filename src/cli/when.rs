//! Times, as people type and read them.
//!
//! Owns `--from` and `--to`, and the spelling of times in the zone of what they belong to. Calls nothing.

use std::str::FromStr;

use jiff::{
    Span, Timestamp, Zoned,
    civil::{Date, Weekday},
};

use crate::domain::{
    reason::Language,
    time::{Zone, parse_date, parse_time},
};

/// What `--from` and `--to` take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    At(Timestamp),
    Day(Date),
    /// So many days from today.
    Ahead(i8),
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "today" | "hari-ini" => return Ok(Self::Ahead(0)),
            "tomorrow" | "besok" => return Ok(Self::Ahead(1)),
            _ => {}
        }
        let day = parse_date(text).map(Self::Day).ok();
        day.or_else(|| parse_time(text).map(Self::At).ok())
            .ok_or("write a day (2026-03-02, today, tomorrow) or a time (2026-03-02T08:00:00+07:00)")
    }
}

impl When {
    /// Says whether the answer depends on a zone.
    pub fn is_day(self) -> bool {
        !matches!(self, Self::At(_))
    }

    /// The moment itself, or the first of the day. `None` past the calendar's end.
    pub fn start(self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            _ => zone.start_of(self.day(zone, now)?),
        }
    }

    /// The moment itself, or the end of the day: the day that was named belongs to the range.
    pub fn end(self, zone: &Zone, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            _ => zone.start_of(self.day(zone, now)?.tomorrow().ok()?),
        }
    }

    fn day(self, zone: &Zone, now: Timestamp) -> Option<Date> {
        match self {
            Self::At(at) => zone.day(at),
            Self::Day(day) => Some(day),
            Self::Ahead(days) => zone.day(now)?.checked_add(Span::new().days(days)).ok(),
        }
    }
}

/// For the wire.
pub fn to_proto(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// `Mon 02 Mar 2026 08:00 WIB`; empty where there is no time.
pub fn moment(at: Option<&prost_types::Timestamp>, zone: &str, language: Language) -> String {
    at.and_then(|at| zoned(at, zone))
        .map(|at| {
            format!("{} {} {} {}", day(&at, language), at.year(), at.strftime("%H:%M"), at.strftime("%Z"))
        })
        .unwrap_or_default()
}

/// `Mon 02 Mar 08:00–11:00 WIB`, in the zone's own abbreviation.
pub fn span(
    start: Option<&prost_types::Timestamp>,
    end: Option<&prost_types::Timestamp>,
    zone: &str,
    language: Language,
) -> String {
    let (Some(start), Some(end)) = (start.and_then(|at| zoned(at, zone)), end.and_then(|at| zoned(at, zone)))
    else {
        return String::new();
    };
    let until = if start.date() == end.date() { String::new() } else { format!("{} ", day(&end, language)) };
    let [from, to, zone] = [start.strftime("%H:%M"), end.strftime("%H:%M"), end.strftime("%Z")];
    format!("{} {from}–{until}{to} {zone}", day(&start, language))
}

fn zoned(at: &prost_types::Timestamp, zone: &str) -> Option<Zoned> {
    let zone = Zone::from_store(zone.to_owned());
    Timestamp::new(at.seconds, at.nanos).ok().map(|at| zone.shown(at))
}

fn day(at: &Zoned, language: Language) -> String {
    if language == Language::English {
        return at.strftime("%a %d %b").to_string();
    }
    let weekday = match at.weekday() {
        Weekday::Monday => "Sen",
        Weekday::Tuesday => "Sel",
        Weekday::Wednesday => "Rab",
        Weekday::Thursday => "Kam",
        Weekday::Friday => "Jum",
        Weekday::Saturday => "Sab",
        Weekday::Sunday => "Min",
    };
    let months = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"];
    let month = usize::try_from(at.month() - 1).ok().and_then(|index| months.get(index)).unwrap_or(&"");
    format!("{weekday} {:02} {month}", at.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> prost_types::Timestamp {
        to_proto(text.parse().unwrap())
    }

    #[test]
    fn times_read_in_the_zone_that_they_were_planned_in() {
        let (start, end) = (at("2026-03-02T01:00:00Z"), at("2026-03-02T04:00:00Z"));
        let spell = |zone, language| span(Some(&start), Some(&end), zone, language);
        assert_eq!(spell("Asia/Jakarta", Language::English), "Mon 02 Mar 08:00–11:00 WIB");
        assert_eq!(spell("Asia/Makassar", Language::English), "Mon 02 Mar 09:00–12:00 WITA");
        assert_eq!(spell("Asia/Jayapura", Language::Indonesian), "Sen 02 Mar 10:00–13:00 WIT");
        let late = at("2026-05-03T16:30:00Z");
        assert_eq!(
            span(Some(&late), Some(&at("2026-05-03T18:00:00Z")), "Asia/Jakarta", Language::Indonesian),
            "Min 03 Mei 23:30–Sen 04 Mei 01:00 WIB"
        );
        assert_eq!(moment(Some(&late), "Asia/Pontianak", Language::English), "Sun 03 May 2026 23:30 WIB");
        assert_eq!(moment(None, "Asia/Jakarta", Language::English), "");
        assert_eq!(moment(Some(&late), "", Language::English), "Sun 03 May 2026 16:30 UTC");
    }

    #[test]
    fn a_day_is_whole_in_the_agencys_zone() {
        let zone = Zone::parse("Asia/Jakarta").unwrap();
        let now: Timestamp = "2026-03-01T20:00:00Z".parse().unwrap();
        let day: When = "2026-03-02".parse().unwrap();
        let today: When = "today".parse().unwrap();
        for when in [day, today] {
            assert_eq!(when.start(&zone, now).unwrap().to_string(), "2026-03-01T17:00:00Z");
            assert_eq!(when.end(&zone, now).unwrap().to_string(), "2026-03-02T17:00:00Z");
        }
        let exact: When = "2026-03-02T08:00:00+07:00".parse().unwrap();
        assert_eq!(exact.end(&zone, now), exact.start(&zone, now));
        let spaced: When = "2026-03-02 08:00 +0700".parse().unwrap();
        assert_eq!(spaced, exact, "as other programs write it");
        assert!(!exact.is_day() && "2026-03-02T08:00".parse::<When>().is_err());
    }
}
