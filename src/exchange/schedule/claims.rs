//! What the items of a batch claim at once: nobody is in two places, and no room holds two sessions. What is only asked
//! for is warned of where others ask for it too.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode,
        assignment::BookedAssignment,
        calendar::{self, Booking, Holder, Wanted, Wish},
        schedule::Session,
        time::Zone,
        trainer::BookingKey,
    },
    exchange::{Error, Tx, batch::Judged},
    store::{self, push::Met},
};

/// The persons and rooms that the changing items of a batch want, and those that they hold as they are stored.
#[derive(Default)]
pub(in crate::exchange) struct Claims {
    wishes: Vec<Wish>,
    held: Vec<(usize, Booking)>,
    moving: Vec<Uuid>,
}

/// A person whom a session is to have.
pub(super) struct WantedPerson {
    pub wanted: Wanted,
    pub person: BookingKey,
    /// Whether the session only asks for the person.
    pub asks: bool,
}

impl Claims {
    /// Adds an item's session: it is to have its room and these persons, and holds its room and `held` as it is
    /// `stored`. Items come in the order of the request.
    pub(super) fn add(
        &mut self,
        item: usize,
        session: &Session,
        stored: Option<&Session>,
        persons: impl Iterator<Item = WantedPerson>,
        held: impl Iterator<Item = Booking>,
    ) {
        let wish = |(wanted, holder, asks)| {
            let booking = Booking { holder, when: session.when };
            Wish { item, wanted, booking, asks, zone: session.zone.clone() }
        };
        let persons = persons.map(|one| (one.wanted, Holder::Person(one.person), one.asks));
        let room =
            session.facility.clone().map(|room| (Wanted::Room(room.clone()), Holder::Room(room), false));
        self.wishes.extend(persons.chain(room).map(wish));
        self.moving.extend(stored.map(|stored| stored.id));
        let held = held.chain(stored.and_then(Session::room_booking));
        self.held.extend(held.map(|booking| (item, booking)));
    }

    /// Adds an item's assignment, which is to hold its trainer from now on; `zone` is that of its session's schedule.
    pub fn add_assignment(&mut self, item: usize, held: &BookedAssignment, zone: Zone) {
        let wanted = Wanted::Assigned(held.trainer.clone());
        self.wishes.push(Wish { item, wanted, booking: held.booking(), asks: false, zone });
    }

    /// Refuses items that claim who or what is taken: in the database, by any agency, or by an earlier item; and warns
    /// of trainers whom others ask for too. Three round trips at most.
    pub async fn settle<R>(
        self,
        tx: &mut Tx,
        prison: &AgencyCode,
        judged: &mut Judged<R>,
    ) -> Result<(), Error> {
        let wanted = self.not_held();
        let mut taken = store::assignment::list_taken(tx.db(), &wanted, &self.moving).await?;
        taken.extend(store::facility::list_taken(tx.db(), prison, &wanted, &self.moving).await?);
        let asking = self.wishes.iter().filter(|wish| wish.asks).map(|wish| wish.booking.clone());
        let asking: Vec<_> = asking.collect();
        let asked = store::assignment::list_asked_for(tx.db(), &asking, &self.moving).await?;
        self.decide(&taken, &asked, judged);
        Ok(())
    }

    /// The same, where it is known when persons and rooms are taken and asked for.
    pub fn settle_by<R>(self, taken: &[Met], asked: &[Met], judged: &mut Judged<R>) {
        let moving: HashSet<_> = self.moving.iter().collect();
        let others = |found: &[Met]| {
            let others = found.iter().filter(|met| !moving.contains(&met.session));
            others.map(|met| met.booking.clone()).collect::<Vec<_>>()
        };
        self.decide(&others(taken), &others(asked), judged);
    }

    fn decide<R>(&self, taken: &[Booking], asked: &[Booking], judged: &mut Judged<R>) {
        let Judged { verdicts, warnings } = judged;
        let refused: Vec<_> = verdicts.iter().map(Result::is_err).collect();
        calendar::settle(&self.wishes, taken, &self.held, &refused, |wish, fault| {
            let violation = fault.at(wish.path());
            match &mut verdicts[wish.item] {
                Err(violations) => violations.push(violation),
                verdict => *verdict = Err(violation.into()),
            }
        });
        calendar::overlaps(&self.wishes, asked, |wish, fault| {
            warnings.push((wish.item, fault.at(wish.path())))
        });
    }

    /// What is wanted and not held at that time by the item itself already: nobody else can be in the way of that.
    fn not_held(&self) -> Vec<Booking> {
        let held: HashSet<_> =
            self.held.iter().map(|(item, held)| (*item, &held.holder, held.when)).collect();
        let wanted = self.wishes.iter().map(|wish| (wish.item, &wish.booking));
        let missing =
            wanted.filter(|(item, booking)| !held.contains(&(*item, &booking.holder, booking.when)));
        missing.map(|(_, booking)| booking.clone()).collect()
    }
}
