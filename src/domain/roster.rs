//! Rosters (daftar peserta): who has a place in a programme, who waits, and what of it a partner may see.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use super::{AgencyCode, Fault, Reason, bounds, name::ProgrammeName, outside::Entropy};
use crate::text_enum;

/// Most trainees of a batch.
pub const BATCH_MAX: usize = 200;
/// So long after the end of the last session a partner sees names.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Counts below this are not told.
const COUNT_MIN: i64 = 5;

text_enum! {
    /// Where an enrolment stands.
    EnrolmentState { Confirmed = "CONFIRMED", Waitlisted = "WAITLISTED", Left = "LEFT" }
}

text_enum! {
    /// Why somebody is promoted before others. It says nothing of anybody's health or offence.
    PromotionReason { Security = "SECURITY", OtherDuty = "OTHER_DUTY", Declined = "DECLINED" }
}

text_enum! {
    /// Why a partner sees no names on a roster. Of the whole roster, never of one person.
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
            pub fn random(entropy: &dyn Entropy) -> Self {
                let mut bits = [0; 16];
                entropy.fill(&mut bits);
                Self(bits)
            }

            #[doc = concat!("From `", $collection, "/{32 hex digits}`.")]
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

            /// For rows of our own tables.
            pub fn from_store(bits: &[u8]) -> Option<Self> {
                bits.try_into().ok().map(Self)
            }

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
    /// A person, to the prison alone.
    TraineeRef "trainees";
}

/// A place on a roster.
#[derive(Debug, Clone)]
pub struct Enrolment {
    pub id: Uuid,
    pub reference: EnrolmentRef,
    pub programme: ProgrammeName,
    pub prison: AgencyCode,
    pub trainee: Uuid,
    pub state: EnrolmentState,
    /// The order of nomination within the programme, from 1. For the prison alone.
    pub place: i32,
    /// For the prison alone.
    pub out_of_rank: Option<PromotionReason>,
    pub version: i64,
}

/// How many places on one roster stand in each state, and of which programme the roster is.
#[derive(Debug)]
pub struct RosterTotal {
    pub programme: ProgrammeName,
    pub title: String,
    pub confirmed: i64,
    pub waitlisted: i64,
    pub left: i64,
}

impl Enrolment {
    pub fn etag(&self) -> String {
        bounds::etag(&self.reference.to_string(), self.version, self.state.as_str())
    }

    /// One that changes with the state alone: how often the prison changed something is not a partner's business.
    pub fn etag_for_partner(&self) -> String {
        bounds::etag(&self.reference.to_string(), 0, self.state.as_str())
    }

    /// `STATE_FORBIDS` unless it stands in one of these.
    pub fn must_be(&self, allowed: &[EnrolmentState]) -> Result<(), Fault> {
        if allowed.contains(&self.state) {
            return Ok(());
        }
        Err(Fault::state_forbids(self.state, allowed))
    }
}

/// The places of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterPlaces {
    /// The smaller of the programme's capacity and the smallest room booked ahead.
    pub capacity: i32,
    pub confirmed: i32,
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

    /// Gives up the place of one who was in this state.
    pub fn give_up(&mut self, state: EnrolmentState) {
        match state {
            EnrolmentState::Confirmed => self.confirmed -= 1,
            EnrolmentState::Waitlisted => self.waitlisted -= 1,
            EnrolmentState::Left => {}
        }
    }
}

/// What decides whether a partner sees names on a roster at all; the gate has been passed.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub programme_cancelled: bool,
    pub anybody_confirmed: bool,
    /// The end of the last session; `None` while none is planned.
    pub last_end: Option<Timestamp>,
}

impl Window {
    /// Why not, or `None`.
    pub fn hidden(&self, now: Timestamp) -> Option<NamesHidden> {
        let over = self.last_end.is_some_and(|end| now.duration_since(end) >= WINDOW);
        match () {
            () if self.programme_cancelled => Some(NamesHidden::ProgrammeCancelled),
            () if over => Some(NamesHidden::WindowOver),
            () if !self.anybody_confirmed => Some(NamesHidden::NotConfirmed),
            () => None,
        }
    }
}

/// How a programme's roster stands.
#[derive(Debug, Clone, Copy)]
pub struct RosterCount {
    pub confirmed: i32,
    pub waitlisted: i32,
    /// The last place given, of those who left too.
    pub last_place: i32,
}

/// A count as it is told: 1 to 4 reads `<5`.
pub fn told(count: i64) -> String {
    if (1..COUNT_MIN).contains(&count) { format!("<{COUNT_MIN}") } else { count.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_on_the_second() {
        let end: Timestamp = "2026-05-01T04:00:00Z".parse().unwrap();
        let now = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window { programme_cancelled: false, anybody_confirmed: true, last_end: Some(end) };
        for (window, at, hidden) in [
            (window, "2026-05-31T03:59:59Z", None),
            (window, "2026-05-31T04:00:00Z", Some(NamesHidden::WindowOver)),
            (Window { last_end: None, ..window }, "2030-01-01T00:00:00Z", None),
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
}
