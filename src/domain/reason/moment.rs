//! Times as people read them: the names of days and months, and facts that are times.
//!
//! A time travels in RFC 3339, which programs read; its offset is the zone's, whose abbreviation is a fact beside it.
//! Owns the spelling for people, which the command line shares, and nothing else: no zone database, no clock.

use jiff::{
    civil::{Date, DateTime, Weekday},
    fmt::temporal::{Pieces, PiecesOffset},
    tz::Offset,
};

use super::Language;

/// `Tue 10 Mar 2026 08:00 WIB (+07:00)` for `2026-03-10T08:00:00+07:00`; `None` for what is no time with an offset. A zone
/// without an abbreviation is told by its offset alone.
pub(super) fn spell(value: &str, zone: Option<&str>, language: Language) -> Option<String> {
    let pieces = Pieces::parse(value).ok()?;
    let at = DateTime::from_parts(pieces.date(), pieces.time()?);
    let day = format!("{} {}", day(at.date(), language), at.year());
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    let zone = zone.filter(|zone| zone.starts_with(|first: char| first.is_ascii_alphabetic()));
    let place = match pieces.offset()? {
        PiecesOffset::Zulu => "UTC".to_owned(),
        offset => {
            let offset = offset_text(offset.to_numeric_offset());
            zone.map_or_else(|| format!("({offset})"), |zone| format!("{zone} ({offset})"))
        }
    };
    Some(format!("{day} {clock} {place}"))
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `Tue 10 Mar`: the day of the week, the day and the month, each name by its first three letters.
pub fn day(at: Date, language: Language) -> String {
    let (weekday, month) = names(at, language);
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    format!("{} {:02} {}", short(weekday), at.day(), short(month))
}

/// A day of the week in English and in Indonesian.
const fn weekday(of: Weekday) -> (&'static str, &'static str) {
    match of {
        Weekday::Monday => ("Monday", "Senin"),
        Weekday::Tuesday => ("Tuesday", "Selasa"),
        Weekday::Wednesday => ("Wednesday", "Rabu"),
        Weekday::Thursday => ("Thursday", "Kamis"),
        Weekday::Friday => ("Friday", "Jumat"),
        Weekday::Saturday => ("Saturday", "Sabtu"),
        Weekday::Sunday => ("Sunday", "Minggu"),
    }
}

/// Whether a word names a day of the week in either language, whole or by its first three letters.
pub fn is_weekday(word: &str) -> bool {
    Weekday::Monday.cycle_forward().take(7).any(|day| is_named(day, word))
}

/// Whether a date is on the day of the week that a word names.
pub fn is_on(at: Date, word: &str) -> bool {
    is_named(at.weekday(), word)
}

/// `Jum'at` is an old spelling that many keep.
fn is_named(day: Weekday, word: &str) -> bool {
    let word = word.replace(['\'', '’'], "");
    let (english, indonesian) = weekday(day);
    let names = |name: &str| {
        name.eq_ignore_ascii_case(&word)
            || name.get(..3).is_some_and(|short| short.eq_ignore_ascii_case(&word))
    };
    names(english) || names(indonesian)
}

/// The names of a day of the week and of a month.
pub fn names(at: Date, language: Language) -> (&'static str, &'static str) {
    let weekday = weekday(at.weekday());
    let month = usize::try_from(at.month() - 1).ok().and_then(|index| MONTHS.get(index));
    let month = month.copied().unwrap_or_default();
    match language {
        Language::English => (weekday.0, month.0),
        Language::Indonesian => (weekday.1, month.1),
    }
}

/// The months in order, in English and in Indonesian.
pub const MONTHS: [(&str, &str); 12] = [
    ("January", "Januari"),
    ("February", "Februari"),
    ("March", "Maret"),
    ("April", "April"),
    ("May", "Mei"),
    ("June", "Juni"),
    ("July", "Juli"),
    ("August", "Agustus"),
    ("September", "September"),
    ("October", "Oktober"),
    ("November", "November"),
    ("December", "Desember"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_and_month_has_its_name_in_both_languages() {
        let days = (1..=7).map(|day| Date::constant(2026, 6, day));
        let spelt = |language| days.clone().map(|at| day(at, language)).collect::<Vec<_>>().join(", ");
        assert_eq!(
            spelt(Language::English),
            "Mon 01 Jun, Tue 02 Jun, Wed 03 Jun, Thu 04 Jun, Fri 05 Jun, Sat 06 Jun, Sun 07 Jun"
        );
        assert_eq!(
            spelt(Language::Indonesian),
            "Sen 01 Jun, Sel 02 Jun, Rab 03 Jun, Kam 04 Jun, Jum 05 Jun, Sab 06 Jun, Min 07 Jun"
        );
        let months = (1..=12).map(|month| day(Date::constant(2026, month, 1), Language::Indonesian));
        let months: Vec<_> = months.filter_map(|day| day.get(7..).map(str::to_owned)).collect();
        assert_eq!(months.join(" "), "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des");
    }

    #[test]
    fn a_time_is_told_with_its_zone_and_what_is_no_time_is_left_alone() {
        for (value, zone, told) in [
            ("2026-12-06T08:00:00+09:00", Some("WIT"), Some("Min 06 Des 2026 08:00 WIT (+09:00)")),
            ("2026-12-06T08:00:00+08:00", Some("+08"), Some("Min 06 Des 2026 08:00 (+08:00)")),
            ("2026-12-06T08:00:00-03:30", None, Some("Min 06 Des 2026 08:00 (-03:30)")),
            ("2026-12-06T08:00:00Z", Some("WIT"), Some("Min 06 Des 2026 08:00 UTC")),
            ("2026-12-06T08:00:00", Some("WIB"), None),
            ("2026-12-06", Some("WIB"), None),
            ("agencies/blk-kepri", Some("WIB"), None),
            ("", None, None),
        ] {
            assert_eq!(spell(value, zone, Language::Indonesian).as_deref(), told, "{value}");
        }
    }
}
