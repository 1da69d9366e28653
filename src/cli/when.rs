//! Times, as people type and read them.
//!
//! Owns `--from` and `--to`, and the spelling of times in the zone of what they belong to. Calls nothing.

use std::str::FromStr;

use jiff::{Span, Timestamp, Zoned, civil::Date};

use crate::domain::{
    reason::{
        Language,
        moment::{self, MONTHS},
    },
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
        let text = text.trim();
        if let Some(days) = named_day(text) {
            return Ok(Self::Ahead(days));
        }
        if let Ok(at) = parse_time(text) {
            return Ok(Self::At(at));
        }
        parse_date(text).or_else(|_| written(text)).map(Self::Day)
    }
}

/// What is written instead of a text that is no [`When`]; help pages say the same.
pub const WHEN_FORM: &str =
    "write a day (2026-12-07, 7/12/2026, today, tomorrow) or a time (2026-12-07T08:00:00+07:00)";

/// What is written instead of a text that is no day.
pub const DAY_FORM: &str = "write a day (2026-12-07, 7/12/2026, today, tomorrow)";

/// What is wrong with a day that the calendar does not have.
pub const NO_SUCH_DAY: &str = "there is no such day; the day stands before the month, as in 7/12/2026";

/// What is missing in a day without its year.
pub const YEAR_MISSING: &str = "add the year in four digits, as in 7/12/2026";

/// What is wrong where the day of the week is another.
pub const OTHER_WEEKDAY: &str = "that date is another day of the week; check both";

/// How many days from today a day is that goes by a word, in either language.
fn named_day(text: &str) -> Option<i8> {
    let word: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match word.as_str() {
        "yesterday" | "kemarin" => Some(-1),
        "today" | "hariini" => Some(0),
        "tomorrow" | "besok" => Some(1),
        "lusa" => Some(2),
        _ => None,
    }
}

/// A day as it is written in Indonesia, the day before the month: `7/12/2026`, `7-12-2026`, `7 Desember 2026`, also after its
/// day of the week, as in `Senin, 7 Desember 2026`. The year has four digits, so that no other order can be meant.
fn written(text: &str) -> Result<Date, &'static str> {
    let mut parts: Vec<_> = text.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let weekday = parts.first().copied().filter(|first| moment::is_weekday(first));
    if weekday.is_some() {
        parts.remove(0);
    }
    let month = |text: &str| text.parse().ok().or_else(|| month_named(text));
    let number = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    let (day, month, year) = match parts[..] {
        [day, of, year] if number(day) && day.len() <= 2 && number(year) && year.len() == 4 => {
            (day, month(of), year)
        }
        [year, of, day] if text.contains('-') && number(year) && year.len() == 4 && number(day) => {
            (day, month(of), year)
        }
        [day, of, year] if number(day) && number(year) && year.len() == 2 && month(of).is_some() => {
            return Err(YEAR_MISSING);
        }
        [day, of] if number(day) && day.len() <= 2 && month(of).is_some() => return Err(YEAR_MISSING),
        _ => return Err(WHEN_FORM),
    };
    let month: i8 = month.ok_or(WHEN_FORM)?;
    let date =
        year.parse().ok().zip(day.parse().ok()).and_then(|(year, day)| Date::new(year, month, day).ok());
    let date = date.and_then(|date| parse_date(&date.to_string()).ok()).ok_or(NO_SUCH_DAY)?;
    match weekday {
        Some(weekday) if !moment::is_on(date, weekday) => Err(OTHER_WEEKDAY),
        _ => Ok(date),
    }
}

/// A month by its name in either language, or by the first three letters of it.
fn month_named(text: &str) -> Option<i8> {
    let is_named = |name: &str| {
        name.eq_ignore_ascii_case(text) || name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(text))
    };
    let found = MONTHS.iter().position(|(english, indonesian)| is_named(english) || is_named(indonesian));
    i8::try_from(found? + 1).ok()
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

/// Who reads a time: in which language, and when, for the year of that moment goes without saying.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    pub language: Language,
    pub now: Timestamp,
}

/// For the wire.
pub fn to_proto(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// From the wire; `None` where there is none, or one that the calendar does not have.
pub fn of_proto(at: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

/// `Mon 02 Mar 2026 08:00 WIB`; empty where there is no time.
pub fn moment(at: Option<&prost_types::Timestamp>, zone: &str, language: Language) -> String {
    at.and_then(|at| zoned(at, zone))
        .map(|at| {
            format!(
                "{} {} {} {}",
                moment::day(at.date(), language),
                at.year(),
                at.strftime("%H:%M"),
                at.strftime("%Z")
            )
        })
        .unwrap_or_default()
}

/// `Mon 02 Mar 08:00–11:00 WIB`, in the zone's own abbreviation; with its year where that is not the reader's.
pub fn span(
    start: Option<&prost_types::Timestamp>,
    end: Option<&prost_types::Timestamp>,
    zone: &str,
    reader: Reader,
) -> String {
    let (Some(start), Some(end)) = (start.and_then(|at| zoned(at, zone)), end.and_then(|at| zoned(at, zone)))
    else {
        return String::new();
    };
    let this_year = reader.now.to_zoned(start.time_zone().clone()).year();
    let day = |at: &Zoned| match at.year() {
        year if year == this_year => moment::day(at.date(), reader.language),
        year => format!("{} {year}", moment::day(at.date(), reader.language)),
    };
    let until = if start.date() == end.date() { String::new() } else { format!("{} ", day(&end)) };
    let [from, to, zone] = [start.strftime("%H:%M"), end.strftime("%H:%M"), end.strftime("%Z")];
    format!("{} {from}–{until}{to} {zone}", day(&start))
}

fn zoned(at: &prost_types::Timestamp, zone: &str) -> Option<Zoned> {
    let zone = Zone::from_store(zone.to_owned());
    Timestamp::new(at.seconds, at.nanos).ok().map(|at| zone.shown(at))
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
        let reader = |language| Reader { language, now: "2026-11-27T00:00:00Z".parse().unwrap() };
        let spell = |zone, language| span(Some(&start), Some(&end), zone, reader(language));
        assert_eq!(spell("Asia/Jakarta", Language::English), "Mon 02 Mar 08:00–11:00 WIB");
        assert_eq!(spell("Asia/Makassar", Language::English), "Mon 02 Mar 09:00–12:00 WITA");
        assert_eq!(spell("Asia/Jayapura", Language::Indonesian), "Sen 02 Mar 10:00–13:00 WIT");
        let late = at("2026-05-03T16:30:00Z");
        assert_eq!(
            span(
                Some(&late),
                Some(&at("2026-05-03T18:00:00Z")),
                "Asia/Jakarta",
                reader(Language::Indonesian)
            ),
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

    #[test]
    fn the_year_is_said_where_it_is_not_the_readers() {
        let (start, end) = (at("2027-06-07T01:00:00Z"), at("2027-06-07T04:00:00Z"));
        let spell = |language, now: &str| {
            span(Some(&start), Some(&end), "Asia/Jakarta", Reader { language, now: now.parse().unwrap() })
        };
        let november = "2026-11-27T00:00:00Z";
        assert_eq!(spell(Language::English, november), "Mon 07 Jun 2027 08:00–11:00 WIB");
        assert_eq!(spell(Language::Indonesian, november), "Sen 07 Jun 2027 08:00–11:00 WIB");
        // In Jakarta it is New Year already.
        assert_eq!(spell(Language::English, "2026-12-31T17:00:00Z"), "Mon 07 Jun 08:00–11:00 WIB");
        let night = span(
            Some(&at("2026-12-31T16:30:00Z")),
            Some(&at("2026-12-31T18:00:00Z")),
            "Asia/Jakarta",
            Reader { language: Language::English, now: november.parse().unwrap() },
        );
        assert_eq!(night, "Thu 31 Dec 23:30–Fri 01 Jan 2027 01:00 WIB");
    }

    #[test]
    fn days_are_taken_as_indonesians_and_others_write_them() {
        for text in [
            "2026-12-07",
            "7/12/2026",
            "07/12/2026",
            "7-12-2026",
            "7.12.2026",
            "7 Desember 2026",
            "7 des 2026",
            "7 December 2026",
            " 7 DESEMBER 2026 ",
            "Senin 7 Desember 2026",
            "Senin, 7 Desember 2026",
            "sen 7/12/2026",
            "Monday, 7 December 2026",
        ] {
            assert_eq!(text.parse::<When>(), Ok(When::Day(Date::constant(2026, 12, 7))), "{text}");
        }
        for (text, days) in [
            ("kemarin", -1),
            ("yesterday", -1),
            ("hari ini", 0),
            ("hariini", 0),
            ("hari-ini", 0),
            ("today", 0),
            ("Besok", 1),
            ("tomorrow", 1),
            ("lusa", 2),
        ] {
            assert_eq!(text.parse::<When>(), Ok(When::Ahead(days)), "{text}");
        }
        for (text, why) in [
            ("12/7/26", YEAR_MISSING),
            ("7/12", YEAR_MISSING),
            ("7 Desember", YEAR_MISSING),
            ("Senin, 7 Desember", YEAR_MISSING),
            ("31/2/2027", NO_SUCH_DAY),
            ("2027-02-31", NO_SUCH_DAY),
            ("7/13/2026", NO_SUCH_DAY),
            ("Selasa, 7 Desember 2026", OTHER_WEEKDAY),
            ("2026/12/7", WHEN_FORM),
            ("7 Dezember 2026", WHEN_FORM),
            ("minggu depan", WHEN_FORM),
            ("Senin", WHEN_FORM),
            ("", WHEN_FORM),
        ] {
            assert_eq!(text.parse::<When>(), Err(why), "{text}");
        }
        let friday = "Jum'at, 11 Desember 2026".parse::<When>();
        assert_eq!(friday, Ok(When::Day(Date::constant(2026, 12, 11))), "as it is often written");
    }
}
