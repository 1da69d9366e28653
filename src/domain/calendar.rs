//! The calendar of trainers and rooms. Owns one rule: nobody is in two places at once, and no room holds two sessions.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{
    Fault, Reason,
    name::{FacilityName, TrainerName},
    time::{Interval, Zone},
    trainer::BookingKey,
};

/// A person or a room, who serves one session at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A trainer, as one person over all agencies.
    Person(BookingKey),
    /// A room of a prison.
    Room(FacilityName),
}

/// A person's or a room's time: taken already, or wanted by a session of a batch.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The person or the room.
    pub holder: Holder,
    /// The time for which it is taken.
    pub when: Interval,
}

/// A trainer or a room that a session of a batch wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The session's place in the batch.
    pub item: usize,
    /// The trainer or the room, as the batch names it.
    pub wanted: Wanted,
    /// The person's or the room's time.
    pub booking: Booking,
    /// Whether the wish is a proposal that holds nothing: a lent trainer whose agency has not accepted.
    pub asks: bool,
    /// The zone of the session's schedule, in which a conflict is told.
    pub zone: Zone,
}

/// The trainer or the room, as the batch names it.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// A trainer for the session.
    Trainer {
        /// The trainer's place in the session.
        place: usize,
        /// The trainer's name in the batch.
        name: TrainerName,
    },
    /// The trainer of an assignment that is accepted.
    Assigned(TrainerName),
    /// A room for the session.
    Room(FacilityName),
}

impl Wish {
    /// The path of the batch's field that holds the wish.
    pub fn path(&self) -> String {
        match &self.wanted {
            Wanted::Trainer { place, .. } => format!("sessions[{}].trainers[{place}].trainer", self.item),
            Wanted::Assigned(_) => format!("assignments[{}].name", self.item),
            Wanted::Room(_) => format!("sessions[{}].facility", self.item),
        }
    }
}

/// Decides which wishes cannot be granted, and calls `refuse` once for each of them (`TRAINER_CONFLICT`,
/// `FACILITY_CONFLICT`). `taken` are bookings outside the push. `held` are bookings that the push's own sessions have in
/// the database; they count again once the change of their session is refused, since a refused item frees nothing. Wishes
/// and `held` come in the order of items; an earlier item wins over a later one. A wish that only asks gives way to what
/// is taken, and is in nobody's way.
pub fn settle(
    wishes: &[Wish],
    taken: &[Booking],
    held: &[(usize, Booking)],
    already_refused: &[bool],
    mut refuse: impl FnMut(&Wish, Fault),
) {
    let mut refused = already_refused.to_vec();
    let mut calendar = Calendar::default();
    taken.iter().for_each(|booking| calendar.add(booking));
    held.iter().filter(|(item, _)| refused[*item]).for_each(|(_, booking)| calendar.add(booking));
    let mut granted: HashMap<Holder, BTreeMap<Timestamp, &Wish>> = HashMap::new();
    let mut kept = Vec::new();
    for group in wishes.chunk_by(|a, b| a.item == b.item) {
        let item = group[0].item;
        if refused[item] {
            continue;
        }
        for (place, wish) in group.iter().enumerate() {
            // One person registered by two agencies, and named twice in the session.
            let twice = group[..place].iter().any(|other| other.booking.holder == wish.booking.holder);
            let busy = calendar.clash(&wish.booking).or(twice.then_some(wish.booking.when));
            if let Some(busy) = busy {
                refuse(wish, conflict(wish, busy));
                refused[item] = true;
            }
        }
        if refused[item] {
            kept.extend(holdings(held, item));
            continue;
        }
        for wish in group.iter().filter(|wish| !wish.asks) {
            calendar.add(&wish.booking);
            granted.entry(wish.booking.holder.clone()).or_default().insert(wish.booking.when.start, wish);
        }
    }
    // A refused item keeps its bookings, so wishes that were granted on them fail too, and so on.
    while let Some((holder, booking)) = kept.pop() {
        let Some(granted) = granted.get_mut(&booking.holder) else { continue };
        let before_its_end = granted.range(..booking.when.end).rev();
        let clashing = before_its_end.take_while(|(_, wish)| wish.booking.when.overlaps(&booking.when));
        let clashing: Vec<_> = clashing.map(|(_, wish)| *wish).filter(|wish| wish.item != *holder).collect();
        for wish in clashing {
            granted.remove(&wish.booking.when.start);
            refuse(wish, conflict(wish, booking.when));
            if !std::mem::replace(&mut refused[wish.item], true) {
                kept.extend(holdings(held, wish.item));
            }
        }
    }
}

/// Says of each booking, in order, whether it clashes with one that is taken or with an earlier one that did not clash.
pub fn clashes<'a>(bookings: impl IntoIterator<Item = &'a Booking>, taken: &[Booking]) -> Vec<bool> {
    let mut calendar = Calendar::default();
    taken.iter().for_each(|booking| calendar.add(booking));
    let clashes = bookings.into_iter().map(|booking| {
        let clashes = calendar.clash(booking).is_some();
        if !clashes {
            calendar.add(booking);
        }
        clashes
    });
    clashes.collect()
}

/// The moment before which every session ends.
pub const END: Timestamp = Timestamp::constant(7_258_118_400, 0); // 2200-01-01T00:00:00Z

/// Finds the first of `taken` that is in the way of one of `wanted`.
pub fn find_clash(taken: &[Booking], wanted: &[Booking]) -> Option<Interval> {
    let mut calendar = Calendar::default();
    taken.iter().for_each(|booking| calendar.add(booking));
    wanted.iter().find_map(|booking| calendar.clash(booking))
}

/// The bookings of one item in the database.
fn holdings(held: &[(usize, Booking)], item: usize) -> &[(usize, Booking)] {
    let first = held.partition_point(|(holder, _)| *holder < item);
    let end = held.partition_point(|(holder, _)| *holder <= item);
    &held[first..end]
}

fn conflict(wish: &Wish, busy: Interval) -> Fault {
    let fault = match &wish.wanted {
        Wanted::Trainer { name, .. } | Wanted::Assigned(name) => {
            Fault::from(Reason::TrainerConflict).with("trainer", name)
        }
        Wanted::Room(name) => Fault::from(Reason::FacilityConflict).with("facility", name),
    };
    busy.tell_busy(fault, &wish.zone)
}

/// Calls `warn` once for each wish that asks for a trainer at a time at which the trainer is asked for elsewhere too, by
/// `asked` or by another item of the batch (`TRAINER_OVERLAP`).
pub fn overlaps(wishes: &[Wish], asked: &[Booking], mut warn: impl FnMut(&Wish, Fault)) {
    let mut times: HashMap<&Holder, Vec<(Option<usize>, Interval)>> = HashMap::new();
    for booking in asked {
        times.entry(&booking.holder).or_default().push((None, booking.when));
    }
    for wish in wishes {
        times.entry(&wish.booking.holder).or_default().push((Some(wish.item), wish.booking.when));
    }
    for wish in wishes.iter().filter(|wish| wish.asks) {
        let Wanted::Trainer { name, .. } = &wish.wanted else { continue };
        let others = times.get(&wish.booking.holder).into_iter().flatten();
        let mut others = others.filter(|(item, _)| *item != Some(wish.item));
        if let Some((_, when)) = others.find(|(_, when)| when.overlaps(&wish.booking.when)) {
            let fault = Fault::from(Reason::TrainerOverlap).with("trainer", name);
            warn(wish, when.tell_busy(fault, &wish.zone));
        }
    }
}

/// The busy times of each holder. Bookings of one holder in it never overlap, so each knows its neighbours by start.
#[derive(Default)]
struct Calendar(HashMap<Holder, BTreeMap<Timestamp, Timestamp>>);

impl Calendar {
    fn add(&mut self, booking: &Booking) {
        let end = self
            .0
            .entry(booking.holder.clone())
            .or_default()
            .entry(booking.when.start)
            .or_insert(booking.when.end);
        *end = (*end).max(booking.when.end);
    }

    fn clash(&self, booking: &Booking) -> Option<Interval> {
        let (&start, &end) = self.0.get(&booking.holder)?.range(..booking.when.end).next_back()?;
        let busy = Interval { start, end };
        busy.overlaps(&booking.when).then_some(busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: i64, end: i64) -> Interval {
        Interval { start: Timestamp::from_second(start).unwrap(), end: Timestamp::from_second(end).unwrap() }
    }

    fn booking(person: u8, start: i64, end: i64) -> Booking {
        Booking { holder: Holder::Person([person; 32]), when: at(start, end) }
    }

    fn wish(item: usize, person: u8, start: i64, end: i64) -> Wish {
        let trainer = TrainerName::parse(&format!("agencies/blk-kepri/trainers/t{person}")).unwrap();
        Wish {
            item,
            wanted: Wanted::Trainer { place: 0, name: trainer },
            booking: booking(person, start, end),
            asks: false,
            zone: Zone::parse("Asia/Makassar").unwrap(),
        }
    }

    #[test]
    fn a_conflict_is_told_in_the_zone_of_the_schedule() {
        let mut told = Vec::new();
        settle(
            &[wish(0, 1, 1_773_104_400, 1_773_108_000)],
            &[booking(1, 1_773_100_800, 1_773_108_000)],
            &[],
            &[false],
            |_, fault| {
                told.push(fault.facts);
            },
        );
        let facts = [
            ("trainer", "agencies/blk-kepri/trainers/t1"),
            ("busy_start", "2026-03-10T08:00:00+08:00"),
            ("busy_end", "2026-03-10T10:00:00+08:00"),
            ("zone", "WITA"),
        ];
        assert_eq!(told, [facts.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()]);
    }

    fn refused(wishes: &[Wish], taken: &[Booking], held: &[(usize, Booking)]) -> Vec<usize> {
        let mut items = Vec::new();
        let count = wishes.iter().map(|wish| wish.item + 1).max().unwrap_or(0);
        settle(wishes, taken, held, &vec![false; count], |wish, fault| {
            assert_eq!(fault.reason, Reason::TrainerConflict);
            items.push(wish.item);
        });
        items
    }

    #[test]
    fn back_to_back_is_fine_and_overlap_is_not() {
        assert_eq!(refused(&[wish(0, 1, 0, 10), wish(1, 1, 10, 20)], &[], &[]), [0usize; 0]);
        assert_eq!(refused(&[wish(0, 1, 0, 10), wish(1, 1, 9, 20)], &[], &[]), [1]);
        assert_eq!(refused(&[wish(0, 1, 5, 6)], &[booking(1, 0, 10)], &[]), [0]);
        assert_eq!(refused(&[wish(0, 1, 0, 10)], &[booking(1, 5, 6)], &[]), [0]);
        assert_eq!(refused(&[wish(0, 1, 5, 6)], &[booking(2, 0, 10)], &[]), [0usize; 0]);
    }

    #[test]
    fn who_only_asks_gives_way_and_is_in_nobodys_way() {
        let asks = |item, start, end| Wish { asks: true, ..wish(item, 1, start, end) };
        assert_eq!(refused(&[asks(0, 0, 10)], &[booking(1, 5, 6)], &[]), [0], "taken");
        assert_eq!(refused(&[wish(0, 1, 0, 10), asks(1, 5, 6)], &[], &[]), [1], "taken by the batch");
        assert_eq!(refused(&[asks(0, 5, 6), wish(1, 1, 0, 10), asks(2, 10, 20)], &[], &[]), [0usize; 0]);
        assert_eq!(refused(&[asks(0, 0, 10), asks(1, 5, 6)], &[], &[]), [0usize; 0]);
        assert_eq!(refused(&[asks(0, 0, 10), asks(0, 0, 10)], &[], &[]), [0], "twice in one session");
    }

    #[test]
    fn who_asks_is_warned_of_others_who_ask() {
        let asks = |item, start, end| Wish { asks: true, ..wish(item, 1, start, end) };
        let warned = |wishes: &[Wish], asked: &[Booking]| {
            let mut items = Vec::new();
            overlaps(wishes, asked, |wish, fault| {
                assert_eq!(fault.reason, Reason::TrainerOverlap);
                items.push(wish.item);
            });
            items
        };
        assert_eq!(warned(&[asks(0, 0, 10), asks(1, 10, 20)], &[]), [0usize; 0], "back to back");
        assert_eq!(warned(&[asks(0, 0, 10), asks(1, 9, 20)], &[]), [0, 1]);
        assert_eq!(warned(&[asks(0, 0, 10), asks(1, 20, 30)], &[booking(1, 9, 11)]), [0]);
        assert_eq!(
            warned(&[wish(0, 1, 0, 10)], &[booking(1, 9, 11)]),
            [0usize; 0],
            "who holds needs no warning"
        );
        assert_eq!(warned(&[asks(0, 0, 10)], &[booking(2, 0, 10)]), [0usize; 0], "another person");
    }

    #[test]
    fn the_earlier_of_two_bookings_goes_before_the_later() {
        let wanted = [booking(1, 0, 10), booking(1, 5, 15), booking(1, 10, 20), booking(2, 0, 10)];
        assert_eq!(clashes(&wanted, &[]), [false, true, false, false]);
        assert_eq!(clashes(&wanted, &[booking(1, 9, 11)]), [true, true, true, false]);
    }

    #[test]
    fn a_chain_of_moves_fails_from_its_end() {
        // Each wants the time of the next, and the last cannot have what it wants; others are not touched.
        let wishes: Vec<_> = (0_u8..4)
            .map(|item| wish(usize::from(item), 1, i64::from(item + 1) * 10, i64::from(item + 2) * 10))
            .collect();
        let held: Vec<_> = (0_u8..4)
            .map(|item| (usize::from(item), booking(1, i64::from(item) * 10, i64::from(item + 1) * 10)))
            .collect();
        assert_eq!(refused(&wishes, &[booking(1, 40, 50)], &held), [3, 2, 1, 0]);
        assert_eq!(refused(&wishes, &[booking(2, 40, 50)], &held), [0usize; 0]);
    }

    #[test]
    fn one_person_is_not_twice_in_one_session() {
        assert_eq!(refused(&[wish(0, 1, 0, 10), wish(0, 2, 0, 10), wish(0, 1, 0, 10)], &[], &[]), [0]);
    }

    #[test]
    fn two_sessions_may_exchange_their_times() {
        let held = [(0, booking(1, 0, 10)), (1, booking(1, 10, 20))];
        assert_eq!(refused(&[wish(0, 1, 10, 20), wish(1, 1, 0, 10)], &[], &held), [0usize; 0]);
    }

    #[test]
    fn a_clash_is_found_where_both_are_busy() {
        let taken = [booking(1, 0, 10), booking(1, 20, 30)];
        assert_eq!(find_clash(&taken, &[booking(1, 10, 20), booking(2, 5, 6)]), None);
        assert_eq!(find_clash(&taken, &[booking(1, 10, 20), booking(1, 29, 40)]), Some(at(20, 30)));
    }

    #[test]
    fn a_refused_item_keeps_what_it_holds() {
        // Item 1 cannot move, so its old time stays taken, and item 0 cannot have it.
        let held = [(0, booking(1, 0, 10)), (1, booking(1, 10, 20))];
        let taken = [booking(1, 30, 40)];
        assert_eq!(refused(&[wish(0, 1, 10, 20), wish(1, 1, 30, 40)], &taken, &held), [1, 0]);
    }
}
