//! Zones (zona waktu) and the days in them. The zone database is in the binary: which day it is depends on no machine's
//! files. Refuses names that are no place and not UTC; other names of a place are taken as its canonical one.

use std::{collections::HashMap, fmt, sync::LazyLock};

use jiff::{
    Timestamp, Zoned,
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};

use crate::domain::{Fault, Reason};

/// Rules of zones as the release of the library has them, never the machine's.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Canonical names by every name that may be written, in lower case.
static CANONICAL: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("zones.txt").lines().filter(|line| !line.starts_with('#'));
    let names = lines.flat_map(|line| {
        let canonical = line.split(' ').next().unwrap_or_default();
        line.split(' ').map(move |name| (name.to_ascii_lowercase(), canonical))
    });
    names.collect()
});

/// An IANA zone (zona waktu): Asia/Jakarta is WIB, Asia/Makassar WITA, Asia/Jayapura WIT.
#[derive(Clone)]
pub struct Zone {
    name: String,
    /// `None` where the binary does not know the zone.
    rules: Option<TimeZone>,
}

impl Zone {
    /// Parses a name of a place, in any case, into its canonical zone: Asia/Ujung_Pandang is Asia/Makassar. Of what is no
    /// place, UTC alone is taken. Errors: `ZONE_UNKNOWN`, `FIELD_REQUIRED`, `FIELD_TOO_LONG`.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        let length = name.chars().count();
        if length == 0 {
            return Err(Reason::FieldRequired.into());
        }
        if length > 60 {
            return Err(Fault::from(Reason::FieldTooLong).with("max", 60).with("length", length));
        }
        let canonical = canonical(name).ok_or(Reason::ZoneUnknown)?;
        let zone = Self::from_store(canonical.to_owned());
        if zone.is_known() { Ok(zone) } else { Err(Reason::ZoneUnknown.into()) }
    }

    /// Takes a name from our own tables or from an answer, as it stands. No day is known in a zone that the binary does
    /// not know.
    pub fn from_store(name: String) -> Self {
        let rules = DATABASE.get(&name).ok();
        Self { name, rules }
    }

    /// UTC, for what belongs to no place.
    pub fn utc() -> Self {
        Self { name: "Etc/UTC".to_owned(), rules: Some(TimeZone::UTC) }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the binary knows the zone's rules.
    pub fn is_known(&self) -> bool {
        self.rules.is_some()
    }

    /// The day that it is in the zone at a moment; `None` in an unknown zone, where no rule about days may hold.
    pub fn day(&self, at: Timestamp) -> Option<Date> {
        Some(at.to_zoned(self.rules.clone()?).date())
    }

    /// The moment at which a day begins in the zone; `None` past the calendar's end, and in an unknown zone.
    pub fn start_of(&self, day: Date) -> Option<Timestamp> {
        day.to_zoned(self.rules.clone()?).ok().map(|zoned| zoned.timestamp())
    }

    /// The local time for people to read: in UTC where the zone is unknown. Nothing may be decided by it.
    pub fn shown(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.rules.clone().unwrap_or(TimeZone::UTC))
    }

    /// The zone's distance from UTC in seconds, east being positive: at `from`, and from each change before `until` on.
    /// `None` in an unknown zone.
    pub fn offsets(&self, from: Timestamp, until: Timestamp) -> Option<Vec<(Timestamp, i32)>> {
        let rules = self.rules.as_ref()?;
        let changes = rules.following(from).take_while(|change| change.timestamp() < until);
        let changes = changes.map(|change| (change.timestamp(), change.offset().seconds()));
        Some(std::iter::once((from, rules.to_offset(from).seconds())).chain(changes).collect())
    }
}

fn canonical(name: &str) -> Option<&'static str> {
    CANONICAL.get(&name.to_ascii_lowercase()).copied()
}

/// Two names of one place are one zone: rows from before names were made canonical hold others.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        let known = |name| canonical(name).unwrap_or(name);
        known(&self.name) == known(&other.name)
    }
}

impl Eq for Zone {}

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_depends_on_the_zone() {
        let at = at("2026-03-01T16:30:00Z");
        let day = |name| Zone::parse(name).unwrap().day(at).unwrap().to_string();
        assert_eq!(day("Asia/Jakarta"), "2026-03-01");
        assert_eq!(day("Asia/Jayapura"), "2026-03-02");
    }

    #[test]
    fn a_place_has_one_name() {
        for (written, canonical) in [
            ("Asia/Ujung_Pandang", "Asia/Makassar"),
            ("asia/jakarta", "Asia/Jakarta"),
            ("Asia/Pontianak", "Asia/Pontianak"),
            ("Singapore", "Asia/Singapore"),
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("UTC", "Etc/UTC"),
            ("Zulu", "Etc/UTC"),
        ] {
            assert_eq!(Zone::parse(written).unwrap().name(), canonical, "{written}");
            assert_eq!(
                Zone::from_store(written.to_owned()),
                Zone::parse(canonical).unwrap(),
                "as stored before"
            );
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for name in [
            "localtime",
            "Factory",
            "posixrules",
            "Etc/GMT-7",
            "GMT+7",
            "WIB",
            "EST5EDT",
            "UTC+7",
            "Etc/Unknown",
            "Asia/Nowhere",
            "right/Asia/Jakarta",
            "posix/Asia/Jakarta",
            "../etc/localtime",
            "/usr/share/zoneinfo/UTC",
            "Asia/Jakarta\0",
            " Asia/Jakarta",
            "Asia",
        ] {
            assert_eq!(Zone::parse(name).unwrap_err().reason, Reason::ZoneUnknown, "{name}");
        }
    }

    /// The list of names and the zone database belong to each other: who brings a newer database adds its new places and
    /// names to the list.
    #[test]
    fn every_name_of_the_database_is_judged() {
        let database: BTreeSet<_> = DATABASE.available().map(|name| name.to_string()).collect();
        let listed: BTreeSet<_> = include_str!("zones.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| line.split(' '))
            .map(str::to_owned)
            .collect();
        assert!(
            listed.is_subset(&database),
            "unknown: {:?}",
            listed.difference(&database).collect::<Vec<_>>()
        );
        let no_place: Vec<_> = database.difference(&listed).filter(|name| !name.contains("GMT")).collect();
        assert_eq!(
            no_place,
            [
                "CET",
                "CST6CDT",
                "EET",
                "EST",
                "EST5EDT",
                "Etc/Greenwich",
                "Factory",
                "Greenwich",
                "HST",
                "MET",
                "MST",
                "MST7MDT",
                "PST8PDT",
                "WET"
            ]
        );
    }

    #[test]
    fn another_name_means_the_same_times() {
        for (name, canonical) in CANONICAL.iter() {
            let [other, zone] = [name.as_str(), canonical].map(|name| DATABASE.get(name).unwrap());
            for year in 2000..2040 {
                for month in [1, 7] {
                    let moment = Date::new(year, month, 15).unwrap().at(12, 0, 0, 0);
                    let offset = |zone: &TimeZone| zone.to_ambiguous_timestamp(moment).offset();
                    assert_eq!(offset(&other), offset(&zone), "{name} is {canonical}? {moment}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_zone_has_no_days() {
        let zone = Zone::from_store("Mars/Olympus".to_owned());
        let now = at("2026-03-01T16:30:00Z");
        assert_eq!(
            (zone.day(now), zone.start_of(Date::constant(2026, 3, 1)), zone.offsets(now, now)),
            (None, None, None)
        );
        assert_eq!((zone.is_known(), zone.name()), (false, "Mars/Olympus"));
        assert_ne!(zone, Zone::from_store("Mars/Arsia".to_owned()));
        assert_eq!(zone.shown(now).date().to_string(), "2026-03-01");
    }

    #[test]
    fn offsets_change_where_clocks_do() {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let [from, until] = ["2026-03-01T00:00:00Z", "2027-01-01T00:00:00Z"].map(at);
        let expected = [(from, 3600), (at("2026-03-29T01:00:00Z"), 7200), (at("2026-10-25T01:00:00Z"), 3600)];
        assert_eq!(zone.offsets(from, until).unwrap(), expected);
        assert_eq!(Zone::parse("Asia/Jakarta").unwrap().offsets(from, until).unwrap(), [(from, 25_200)]);
    }
}
