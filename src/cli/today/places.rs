//! Places on rosters that came free while somebody waits: the prison fills them, nobody else.
//!
//! Owns how the numbers that disclose nobody are read. The gateway counts 1 to 4 as `<5`; where that leaves it open
//! whether a place is free, nothing is told.

use jiff::Timestamp;

use crate::proto::v1;

/// What `<5` may be at the most.
const FEW_MAX: i32 = 4;

/// The counts of rosters on which somebody waits and that may be filled: of open programmes under agreements in force.
pub fn waiting<'a>(
    counts: &'a [v1::RosterCount],
    programmes: &'a [v1::Programme],
    agreements: &'a [v1::Agreement],
) -> impl Iterator<Item = (&'a v1::RosterCount, &'a v1::Programme)> {
    let in_force = |name: &str| {
        agreements.iter().any(|one| one.name == name && one.state() == v1::AgreementState::Active)
    };
    counts.iter().filter(|count| at_most(&count.waitlisted) > 0).filter_map(move |count| {
        let programme = programmes.iter().find(|one| one.name == count.programme)?;
        let is_open = programme.state() == v1::ProgrammeState::Open && in_force(&programme.agreement);
        is_open.then_some((count, programme))
    })
}

/// The number of places where one is free and may still be filled: the smaller of the programme's capacity and the
/// smallest room booked ahead, until the session at the programme's half starts (`PROGRAMME_PAST_HALFWAY`).
pub fn free(
    count: &v1::RosterCount,
    programme: &v1::Programme,
    sessions: &[v1::Session],
    rooms: &[v1::Facility],
    now: Timestamp,
) -> Option<i32> {
    use v1::SessionState::{Confirmed, Tentative};
    let standing = sessions.iter().filter(|one| [Tentative, Confirmed].contains(&one.state()));
    let mut standing: Vec<_> = standing.collect();
    standing.sort_by_key(|one| one.starts_at.map(|start| start.seconds));
    let half = standing.get(standing.len().saturating_sub(1) / 2).and_then(|one| one.starts_at);
    if half.is_some_and(|start| start.seconds <= now.as_second()) {
        return None;
    }
    let ahead = standing.iter().filter(|one| one.ends_at.is_some_and(|end| end.seconds > now.as_second()));
    let capacity = |name: &str| {
        rooms
            .iter()
            .find(|room| room.name == name)
            .and_then(|room| room.profile.as_ref())
            .map(|it| it.capacity)
    };
    let smallest = ahead.filter_map(|one| capacity(&one.facility)).min();
    let planned = programme.plan.as_ref().map(|plan| plan.capacity).unwrap_or_default();
    let places = smallest.map_or(planned, |room| room.min(planned));
    (at_most(&count.confirmed) < places).then_some(places)
}

/// The largest number that a count can stand for.
fn at_most(count: &str) -> i32 {
    if count.starts_with('<') { FEW_MAX } else { count.parse().unwrap_or(i32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(start: i64, room: &str) -> v1::Session {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        v1::Session {
            starts_at: at(start),
            ends_at: at(start + 10),
            facility: room.into(),
            state: v1::SessionState::Tentative.into(),
            ..Default::default()
        }
    }

    fn count(confirmed: &str, waitlisted: &str) -> v1::RosterCount {
        v1::RosterCount {
            programme: "agencies/blk/programmes/las".into(),
            confirmed: confirmed.into(),
            waitlisted: waitlisted.into(),
            ..Default::default()
        }
    }

    fn programme(state: v1::ProgrammeState, capacity: i32) -> v1::Programme {
        v1::Programme {
            name: "agencies/blk/programmes/las".into(),
            agreement: "agencies/blk/agreements/pks".into(),
            state: state.into(),
            plan: Some(v1::ProgrammePlan { capacity, ..Default::default() }),
            ..Default::default()
        }
    }

    #[test]
    fn a_place_is_free_below_capacity_and_the_smallest_room_ahead_until_half_of_the_programme() {
        let room = |name: &str, capacity| v1::Facility {
            name: name.into(),
            profile: Some(v1::FacilityProfile { capacity, ..Default::default() }),
            ..Default::default()
        };
        let rooms = [room("besar", 30), room("kecil", 8)];
        let sessions = [session(100, "kecil"), session(200, "besar"), session(300, ""), session(400, "")];
        let open = programme(v1::ProgrammeState::Open, 16);
        let free = |confirmed: &str, now: i64| {
            free(&count(confirmed, "5"), &open, &sessions, &rooms, Timestamp::from_second(now).unwrap())
        };
        assert_eq!([free("7", 50), free("8", 50), free("<5", 50)], [Some(8), None, Some(8)]);
        assert_eq!(free("15", 115), Some(16), "the small room is behind");
        assert_eq!(free("16", 115), None);
        assert_eq!([free("7", 199), free("7", 200)], [Some(16), None], "the second of four is the half");
    }

    #[test]
    fn who_waits_is_told_of_where_a_place_can_be_given() {
        use v1::{AgreementState, ProgrammeState};
        let told = |waitlisted: &str, state, agreement: AgreementState| {
            let agreement = v1::Agreement {
                name: "agencies/blk/agreements/pks".into(),
                state: agreement.into(),
                ..Default::default()
            };
            waiting(&[count("5", waitlisted)], &[programme(state, 16)], &[agreement]).count()
        };
        assert_eq!(told("<5", ProgrammeState::Open, AgreementState::Active), 1);
        assert_eq!(told("12", ProgrammeState::Open, AgreementState::Active), 1);
        assert_eq!(told("0", ProgrammeState::Open, AgreementState::Active), 0);
        assert_eq!(told("<5", ProgrammeState::Cancelled, AgreementState::Active), 0);
        assert_eq!(told("<5", ProgrammeState::Open, AgreementState::Suspended), 0);
        let small =
            free(&count("<5", "5"), &programme(ProgrammeState::Open, 4), &[], &[], Timestamp::UNIX_EPOCH);
        assert_eq!(small, None, "four places may be taken");
    }
}
