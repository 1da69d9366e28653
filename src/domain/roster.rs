//! Rosters (daftar peserta): the trainees who have a place in a programme and those who wait. Owns the rules by which
//! places are given, and those by which a partner sees names.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use super::{
    AgencyCode, Fault, Reason, bounds,
    name::ProgrammeName,
    outside::Entropy,
    programme::{Programme, ProgrammeState},
};
use crate::text_enum;

/// The most trainees of a batch.
pub const BATCH_MAX: usize = 200;
/// The time after the end of the last session, or without one after the opening, in which a partner still sees names.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The least count that is told exactly.
const COUNT_MIN: i32 = 5;

text_enum! {
    /// The state of an enrolment.
    EnrolmentState { Confirmed = "CONFIRMED", Waitlisted = "WAITLISTED", Left = "LEFT" }
}

text_enum! {
    /// The reason for which somebody is promoted before others. It says nothing about anybody's health or offence.
    PromotionReason { Security = "SECURITY", OtherDuty = "OTHER_DUTY", Declined = "DECLINED" }
}

text_enum! {
    /// The reason for which a partner sees no names on a roster. It holds for the whole roster, never for one person.
    NamesHidden {
        NotConfirmed = "NOT_CONFIRMED",
        ProgrammeCancelled = "PROGRAMME_CANCELLED",
        WindowOver = "WINDOW_OVER",
    }
}

macro_rules! references {
    ($($(#[$doc:meta])* $name:ident $collection:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a new reference of 128 random bits.
            pub fn random(entropy: &dyn Entropy) -> Self {
                let mut bits = [0; 16];
                entropy.fill(&mut bits);
                Self(bits)
            }

            #[doc = concat!("Parses `", $collection, "/{32 hex digits}`. Errors: `FIELD_REQUIRED`, `NAME_INVALID`.")]
            pub fn parse(name: &str) -> Result<Self, Fault> {
                if name.is_empty() {
                    return Err(Reason::FieldRequired.into());
                }
                let parse = || {
                    let digits = name.strip_prefix(concat!($collection, "/"))?;
                    let lower = digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                    let mut bits = [0; 16];
                    hex::decode_to_slice(digits, &mut bits).ok().filter(|()| lower)?;
                    Some(Self(bits))
                };
                let invalid = Fault::from(Reason::NameInvalid);
                parse().ok_or_else(|| invalid.with("expected", concat!($collection, "/{reference}")))
            }

            /// Takes the 16 bytes from our own tables; `None` for any other length.
            pub fn from_store(bits: &[u8]) -> Option<Self> {
                bits.try_into().ok().map(Self)
            }

            /// The 16 bytes of the reference.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!($collection, "/{}"), hex::encode(self.0))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::parse(&name).map_err(|_| D::Error::custom("not a reference"))
            }
        }
    )*};
}

references! {
    /// A person's place on one roster: 128 random bits, the only handle that a partner ever gets.
    EnrolmentRef "enrolments";
    /// The name of a person, which the prison alone gets: 128 random bits.
    TraineeRef "trainees";
}

/// A place on a roster.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The id in our own tables.
    pub id: Uuid,
    /// The name by which callers know the enrolment.
    pub reference: EnrolmentRef,
    /// The programme of the roster.
    pub programme: ProgrammeName,
    /// The prison that nominated the trainee.
    pub prison: AgencyCode,
    /// The trainee's id in our own tables.
    pub trainee: Uuid,
    /// The state of the enrolment.
    pub state: EnrolmentState,
    /// The place in the programme's order of nomination, from 1. The prison alone sees it.
    pub place: i32,
    /// The reason of a promotion before others. The prison alone sees it.
    pub out_of_rank: Option<PromotionReason>,
    /// Counts the changes of the enrolment, from 1.
    pub version: i64,
}

/// The numbers of enrolments on one roster, by state.
#[derive(Debug)]
pub struct RosterTotal {
    /// The programme of the roster.
    pub programme: ProgrammeName,
    /// The programme's title.
    pub title: String,
    /// The number of CONFIRMED enrolments.
    pub confirmed: i64,
    /// The number of WAITLISTED enrolments.
    pub waitlisted: i64,
    /// The number of enrolments that have LEFT.
    pub left: i64,
}

impl Enrolment {
    /// The etag for the prison, which changes with the version and the state.
    pub fn etag(&self) -> String {
        bounds::etag(&self.reference.to_string(), self.version, self.state.as_str())
    }

    /// The etag for a partner, which changes with the state alone: a partner has no business knowing how often the prison
    /// changed something.
    pub fn etag_for_partner(&self) -> String {
        bounds::etag(&self.reference.to_string(), 0, self.state.as_str())
    }

    /// Errs with `STATE_FORBIDS` unless the enrolment is in one of the allowed states.
    pub fn must_be(&self, allowed: &[EnrolmentState]) -> Result<(), Fault> {
        if allowed.contains(&self.state) {
            return Ok(());
        }
        Err(Fault::state_forbids("enrolment", self.state, allowed))
    }
}

/// The places of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterPlaces {
    /// The smaller of the programme's capacity and the smallest room booked ahead.
    pub capacity: i32,
    /// The number of CONFIRMED trainees.
    pub confirmed: i32,
    /// The number of WAITLISTED trainees.
    pub waitlisted: i32,
}

impl RosterPlaces {
    /// Takes a place for a newcomer: CONFIRMED while one is free and nobody waits, else WAITLISTED.
    pub fn take(&mut self) -> EnrolmentState {
        if self.confirmed < self.capacity && self.waitlisted == 0 {
            self.confirmed += 1;
            EnrolmentState::Confirmed
        } else {
            self.waitlisted += 1;
            EnrolmentState::Waitlisted
        }
    }

    /// Gives up the place of a trainee who was in this state.
    pub fn give_up(&mut self, state: EnrolmentState) {
        match state {
            EnrolmentState::Confirmed => self.confirmed -= 1,
            EnrolmentState::Waitlisted => self.waitlisted -= 1,
            EnrolmentState::Left => {}
        }
    }
}

/// The facts that decide whether a partner sees names on a roster at all, once an agreement allows it.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Whether the programme was cancelled.
    pub programme_cancelled: bool,
    /// Whether at least one trainee is CONFIRMED.
    pub anybody_confirmed: bool,
    /// The end of the last session that the prison has confirmed; `None` while it has confirmed none.
    pub last_end: Option<Timestamp>,
    /// The time at which the programme was opened.
    pub opened_at: Timestamp,
}

impl Window {
    /// The window of a programme's roster.
    pub fn of(programme: &Programme, anybody_confirmed: bool, last_end: Option<Timestamp>) -> Self {
        Self {
            programme_cancelled: programme.state == ProgrammeState::Cancelled,
            anybody_confirmed,
            last_end,
            opened_at: programme.opened_at.unwrap_or(programme.created_at),
        }
    }

    /// The moment from which it is over. Without a session that the prison has confirmed, it runs from the opening: a lead agency could
    /// plan others for ever.
    pub fn ends_at(&self) -> Timestamp {
        self.last_end.unwrap_or(self.opened_at).checked_add(WINDOW).unwrap_or(Timestamp::MAX)
    }

    /// The reason for which names are hidden at a moment; `None` if they are shown.
    pub fn hidden(&self, now: Timestamp) -> Option<NamesHidden> {
        match () {
            () if self.programme_cancelled => Some(NamesHidden::ProgrammeCancelled),
            () if self.ends_at() <= now => Some(NamesHidden::WindowOver),
            () if !self.anybody_confirmed => Some(NamesHidden::NotConfirmed),
            () => None,
        }
    }
}

/// How a programme's roster stands.
#[derive(Debug, Clone, Copy)]
pub struct RosterCount {
    /// Trainees who have a place.
    pub confirmed: i32,
    /// Trainees who wait for one.
    pub waitlisted: i32,
    /// The last place given, of those who left too.
    pub last_place: i32,
}

/// A count as it is told: 1 to 4 reads `<5`.
pub fn told(count: i64) -> String {
    if (1..COUNT_MIN.into()).contains(&count) { format!("<{COUNT_MIN}") } else { count.to_string() }
}

/// A count rounded up to what may be told: 1 to 4 counts as 5, so that no question of the form "at most?" finds it out.
pub fn told_at_least(count: i32) -> i32 {
    if (1..COUNT_MIN).contains(&count) { COUNT_MIN } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_on_the_second() {
        let end: Timestamp = "2026-05-01T04:00:00Z".parse().unwrap();
        let now = |text: &str| text.parse::<Timestamp>().unwrap();
        let opened_at = now("2026-03-02T01:00:00Z");
        let (programme_cancelled, anybody_confirmed) = (false, true);
        let window = Window { programme_cancelled, anybody_confirmed, last_end: Some(end), opened_at };
        for (window, at, hidden) in [
            (window, "2026-05-31T03:59:59Z", None),
            (window, "2026-05-31T04:00:00Z", Some(NamesHidden::WindowOver)),
            (Window { last_end: None, ..window }, "2026-04-01T00:59:59Z", None),
            (Window { last_end: None, ..window }, "2026-04-01T01:00:00Z", Some(NamesHidden::WindowOver)),
            (
                Window { anybody_confirmed: false, ..window },
                "2026-04-01T00:00:00Z",
                Some(NamesHidden::NotConfirmed),
            ),
            (
                Window { programme_cancelled: true, ..window },
                "2026-04-01T00:00:00Z",
                Some(NamesHidden::ProgrammeCancelled),
            ),
        ] {
            assert_eq!(window.hidden(now(at)), hidden, "{window:?} at {at}");
        }
    }

    #[test]
    fn places_go_in_order_and_nobody_passes_who_waits() {
        let mut places = RosterPlaces { capacity: 2, confirmed: 0, waitlisted: 0 };
        let taken: Vec<_> = (0..3).map(|_| places.take()).collect();
        use EnrolmentState::{Confirmed, Waitlisted};
        assert_eq!(taken, [Confirmed, Confirmed, Waitlisted]);
        places.confirmed -= 1;
        assert_eq!(places.take(), Waitlisted, "a place that comes free is not filled by the machine");
    }

    #[test]
    fn small_counts_are_not_told() {
        assert_eq!([0, 1, 4, 5, 17].map(told), ["0", "<5", "<5", "5", "17"]);
        assert_eq!([0, 1, 4, 5, 17].map(told_at_least), [0, 5, 5, 5, 17]);
    }

    #[test]
    fn references_read_as_they_are_written() {
        let name = "enrolments/000102030405060708090a0b0c0d0e0f";
        assert_eq!(EnrolmentRef::parse(name).unwrap().to_string(), name);
        for bad in [
            "",
            "enrolments/0",
            "enrolments/000102030405060708090A0B0C0D0E0F",
            "trainees/000102030405060708090a0b0c0d0e0f",
        ] {
            assert!(EnrolmentRef::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn who_leaves_gives_up_the_place_that_he_had() {
        let places = RosterPlaces { capacity: 5, confirmed: 4, waitlisted: 3 };
        let after = |state| {
            let mut left = places;
            left.give_up(state);
            (left.confirmed, left.waitlisted)
        };
        assert_eq!(after(EnrolmentState::Confirmed), (3, 3));
        assert_eq!(after(EnrolmentState::Waitlisted), (4, 2));
        assert_eq!(after(EnrolmentState::Left), (4, 3));
    }

    #[test]
    fn a_partners_etag_does_not_count_the_prisons_changes() {
        let enrolment = |version, state| Enrolment {
            id: uuid::Uuid::nil(),
            reference: EnrolmentRef::from_store(&[1; 16]).unwrap(),
            programme: ProgrammeName::parse("agencies/blk/programmes/las").unwrap(),
            prison: AgencyCode::parse("lapas").unwrap(),
            trainee: uuid::Uuid::nil(),
            state,
            place: 1,
            out_of_rank: None,
            version,
        };
        let one = enrolment(1, EnrolmentState::Confirmed);
        let two = enrolment(2, EnrolmentState::Confirmed);
        assert_eq!(one.etag_for_partner(), two.etag_for_partner());
        assert_ne!(one.etag(), two.etag());
        let left = enrolment(1, EnrolmentState::Left);
        assert!(left.etag_for_partner() != one.etag_for_partner() && left.etag() != one.etag());
        assert_eq!(left.must_be(&[EnrolmentState::Confirmed]).unwrap_err().reason, Reason::StateForbids);
        assert_eq!(left.must_be(&[EnrolmentState::Left]), Ok(()));
    }
}
