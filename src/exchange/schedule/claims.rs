//! What the sessions of a batch claim at once: nobody is in two places, and no room holds two sessions.

use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode,
        calendar::{self, Booking, Holder, Wanted, Wish},
        schedule::Session,
        time::Interval,
        trainer::BookingKey,
    },
    exchange::{
        Error, Tx,
        batch::{Verdict, distinct},
    },
    store,
};

/// The persons and rooms that the changing sessions of a batch want, and those that they hold as they are stored.
#[derive(Default)]
pub(super) struct Claims {
    wishes: Vec<Wish>,
    held: Vec<(usize, Booking)>,
    moving: Vec<Uuid>,
}

impl Claims {
    /// Adds an item's session: it is to have its room and these persons, and holds its room and `held` as it is
    /// `stored`. Items come in the order of the request.
    pub fn add(
        &mut self,
        item: usize,
        session: &Session,
        stored: Option<&Session>,
        persons: impl Iterator<Item = (Wanted, BookingKey)>,
        held: impl Iterator<Item = Booking>,
    ) {
        let persons = persons.map(|(wanted, person)| (wanted, Holder::Person(person)));
        let room = session.facility.clone().map(|room| (Wanted::Room(room.clone()), Holder::Room(room)));
        let wish = |(wanted, holder)| Wish { item, wanted, booking: Booking { holder, when: session.when } };
        self.wishes.extend(persons.chain(room).map(wish));
        self.moving.extend(stored.map(|stored| stored.id));
        let held = held.chain(stored.and_then(Session::room_booking));
        self.held.extend(held.map(|booking| (item, booking)));
    }

    /// Refuses items that claim who or what is taken: in the database, by any agency, or by an earlier item. Two round
    /// trips at most.
    pub async fn settle(
        self,
        tx: &mut Tx,
        prison: &AgencyCode,
        verdicts: &mut [Verdict<Session>],
    ) -> Result<(), Error> {
        let when = || self.wishes.iter().map(|wish| wish.booking.when);
        let (start, end) = (when().map(|when| when.start).min(), when().map(|when| when.end).max());
        let Some((start, end)) = start.zip(end) else { return Ok(()) };
        let range = Interval { start, end };
        let holders = || self.wishes.iter().map(|wish| &wish.booking.holder);
        let persons = distinct(holders().filter_map(|holder| match holder {
            Holder::Person(person) => Some(*person),
            Holder::Room(_) => None,
        }));
        let rooms = distinct(holders().filter_map(|holder| match holder {
            Holder::Room(room) => Some(room.clone()),
            Holder::Person(_) => None,
        }));
        let mut taken = store::assignment::list_busy(tx.db(), &persons, range, &self.moving).await?;
        taken.extend(store::facility::list_busy(tx.db(), prison, &rooms, range, &self.moving).await?);
        let refused: Vec<_> = verdicts.iter().map(Result::is_err).collect();
        calendar::settle(&self.wishes, &taken, &self.held, &refused, |wish, fault| {
            let violation = fault.at(wish.path());
            match &mut verdicts[wish.item] {
                Err(violations) => violations.push(violation),
                verdict => *verdict = Err(violation.into()),
            }
        });
        Ok(())
    }
}
