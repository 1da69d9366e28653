//! Facts that are times, as people read them.
//!
//! A time travels in RFC 3339, which programs read; its offset is the zone's, whose abbreviation is a fact beside it.
//! Owns the spelling for people and nothing else: no zone database, no clock.

use jiff::{
    civil::{DateTime, Weekday},
    fmt::temporal::{Pieces, PiecesOffset},
    tz::Offset,
};

use super::Language;

/// `Tue 10 Mar 2026 08:00 WIB (+07:00)` for `2026-03-10T08:00:00+07:00`; `None` for what is no time with an offset. A zone
/// without an abbreviation is told by its offset alone.
pub(super) fn spell(value: &str, zone: Option<&str>, language: Language) -> Option<String> {
    let pieces = Pieces::parse(value).ok()?;
    let at = DateTime::from_parts(pieces.date(), pieces.time()?);
    let day = day(&at, language);
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

fn day(at: &DateTime, language: Language) -> String {
    if language == Language::English {
        return at.strftime("%a %d %b %Y").to_string();
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
    format!("{weekday} {:02} {month} {}", at.day(), at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

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
