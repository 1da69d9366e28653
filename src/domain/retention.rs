//! Retention (retensi): for how long what is known of a trainee is kept once the courses are over. The periods are those of the
//! design, to be aligned with the agencies' schedule of records (jadwal retensi arsip).
//!
//! A course is over with the last of its sessions that are confirmed or planned, whether they were confirmed in time or not; one
//! without any, with its opening; for nobody before they were nominated for it. Of a person, the last of all courses counts on whose
//! rosters the person is or was, whether they left it or not.

use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};

use crate::text_enum;

text_enum! {
    /// What is erased of a trainee at once.
    Part {
        /// The NIK, which nothing but a certificate of the course needs.
        Nik = "NIK",
        /// Everything: name, register number, NIK and education level. What is left of a roster names nobody.
        Record = "RECORD",
    }
}

/// How long a NIK is kept.
const NIK_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many years a record is kept.
const RECORD_KEPT_YEARS: i16 = 2;
/// The longest between two looks at a person: sessions are added and cancelled.
const LOOK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The same while nothing may be erased.
const LOOK_HELD: SignedDuration = SignedDuration::from_hours(24);

impl Part {
    /// From when on this is to be erased, of a person whose last course ended at this time.
    pub fn due(self, ended: Timestamp) -> Timestamp {
        match self {
            Self::Nik => ended.saturating_add(NIK_KEPT).unwrap_or(Timestamp::MAX),
            Self::Record => {
                ended.to_zoned(TimeZone::UTC).saturating_add(RECORD_KEPT_YEARS.years()).timestamp()
            }
        }
    }
}

/// What is to be erased now of a person whose last course ended at this time, or will; `None` for nothing. A NIK, where there is one.
pub fn due(ended: Timestamp, now: Timestamp) -> Option<Part> {
    [Part::Record, Part::Nik].into_iter().find(|part| part.due(ended) <= now)
}

/// When to look next at a person of whom nothing is to be erased now.
pub fn next_look(ended: Timestamp, held: bool, now: Timestamp) -> Timestamp {
    let after = |wait| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
    if held {
        return after(LOOK_HELD);
    }
    let ahead = [Part::Nik, Part::Record].map(|part| part.due(ended)).into_iter().filter(|due| *due > now);
    ahead.min().unwrap_or(Timestamp::MAX).min(after(LOOK))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_part_goes_on_the_second() {
        let ended = at("2028-02-29T09:00:00Z");
        for (now, part) in [
            ("2028-05-29T08:59:59Z", None),
            ("2028-05-29T09:00:00Z", Some(Part::Nik)),
            ("2030-02-28T08:59:59Z", Some(Part::Nik)),
            ("2030-02-28T09:00:00Z", Some(Part::Record)),
        ] {
            assert_eq!(due(ended, at(now)), part, "{now}");
        }
        assert_eq!(Part::Record.due(Timestamp::MAX), Timestamp::MAX, "a course that never ends");
    }

    #[test]
    fn a_person_is_looked_at_when_something_is_due_and_every_thirty_days() {
        let ended = at("2026-03-10T03:00:00Z");
        for (now, next) in [
            ("2026-03-10T00:00:00Z", "2026-04-09T00:00:00Z"),
            ("2026-06-01T00:00:00Z", "2026-06-08T03:00:00Z"),
            ("2026-06-08T03:00:00Z", "2026-07-08T03:00:00Z"),
            ("2028-03-01T00:00:00Z", "2028-03-10T03:00:00Z"),
        ] {
            assert_eq!(next_look(ended, false, at(now)), at(next), "{now}");
        }
        assert_eq!(next_look(ended, true, at("2028-03-09T00:00:00Z")), at("2028-03-10T00:00:00Z"));
    }
}
