//! Tells the parties of an agreement what a day has made of it; and, where it has ended, each reader of what was booked under it for a
//! later time that nobody is expected.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{DUE, INSTANT, Told};
use crate::{
    domain::{agreement::Agreement, change::Moment},
    keeper::Keeper,
    ledger::{ChangeKind, row::AssignmentRow},
    store::{Ended, Error, Recorder, UnitOfWork, lock, moment},
};

/// How long before the last look an act may have been decided that was not to be seen yet: it waits for locks, and gateways' clocks
/// differ.
const UNSEEN: SignedDuration = SignedDuration::from_mins(1);

/// The most assignments of an entry.
const PAGE: i32 = 1_000;

impl Keeper {
    /// Tells the moments of agreements that have come, and notes that it has looked, unless one could not be told: it is compared with how
    /// it was at the last look at all.
    pub(super) async fn tell_agreements(&self, told: &mut Told) -> Result<(), Error> {
        let now = self.clock.now();
        let since = self.transact("agreement.find_look", &FindLook).await?;
        let list = |after| async move { self.transact("agreement.list_due", &ListDue { after }).await };
        told.each(list, |id| self.tell_agreement(id, since)).await?;
        match &told.failed {
            Some(_) => Ok(()),
            None => self.transact("agreement.note_look", &NoteLook(now)).await,
        }
    }

    async fn tell_agreement(&self, id: Uuid, since: Option<Timestamp>) -> Result<usize, Error> {
        let due = Due { id, since };
        match self.transact("agreement.look", &Look(&due)).await? {
            Some(moment) => {
                self.transact(moment.transaction(), &Tell { due: &due, moment }).await.map(usize::from)
            }
            None => Ok(0),
        }
    }

    /// Tells of what was booked under agreements that have ended, from where it was told before.
    pub(super) async fn tell_bookings(&self, told: &mut Told) -> Result<(), Error> {
        let list = |after| async move { self.transact("assignment.list_ended", &ListEnded { after }).await };
        told.each(list, |id| self.end_bookings(id)).await
    }

    async fn end_bookings(&self, agreement: Uuid) -> Result<usize, Error> {
        let (mut entries, work) = (0, EndBookings { agreement });
        while let Some(told) = self.transact(Moment::BookingEnded.transaction(), &work).await? {
            entries += usize::from(told);
        }
        Ok(entries)
    }
}

struct FindLook;

impl UnitOfWork for FindLook {
    type Answer = Option<Timestamp>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let since = moment::looked_at(tx.db()).await?;
        tx.discard(since).await
    }
}

struct ListDue {
    after: Uuid,
}

impl UnitOfWork for ListDue {
    type Answer = Vec<Uuid>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let now = tx.now();
        let due = moment::list_due(tx.db(), self.after, now, DUE).await?;
        tx.discard(due).await
    }
}

/// An agreement that is to be looked at.
struct Due {
    id: Uuid,
    /// The last look at all.
    since: Option<Timestamp>,
}

impl Due {
    /// Locks the agreement, and finds it, if it is still to be looked at, with what a date has brought about since the moment that was noted,
    /// however long ago it came, or since the last look. Of what somebody has changed since, the change was told, and not what a day
    /// made of it.
    async fn find(&self, tx: &mut Recorder) -> Result<Option<(Agreement, Option<Moment>)>, Error> {
        lock::agreements_exclusive(tx, &[self.id]).await?;
        let now = tx.now();
        let Some((agreement, noted)) = moment::find_due(tx.db(), self.id, now).await? else {
            return Ok(None);
        };
        let looked = self.since.map(|since| since.min(now) - UNSEEN);
        let since = noted.map(|noted| noted - INSTANT).or(looked);
        let moment = since.and_then(|since| agreement.moment(since, now));
        Ok(Some((agreement, moment)))
    }

    async fn note(&self, tx: &mut Recorder, agreement: &Agreement) -> Result<(), Error> {
        let now = tx.now();
        moment::note(tx.db(), self.id, agreement.next_moment(now)).await
    }
}

/// Says what there is to tell of an agreement; where there is nothing, it notes when to look next.
struct Look<'a>(&'a Due);

impl UnitOfWork for Look<'_> {
    type Answer = Option<Moment>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        match self.0.find(&mut tx).await? {
            Some((agreement, None)) => {
                tx.records_nothing("when an agreement changes next is no change");
                self.0.note(&mut tx, &agreement).await?;
                tx.commit(None).await
            }
            found => tx.discard(found.and_then(|(_, moment)| moment)).await,
        }
    }
}

/// Tells the parties of an agreement what a date has brought about, if it is still this.
struct Tell<'a> {
    due: &'a Due,
    moment: Moment,
}

impl UnitOfWork for Tell<'_> {
    type Answer = bool;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<bool>, Error> {
        let found = self.due.find(&mut tx).await?;
        let Some((agreement, _)) = found.filter(|(_, moment)| *moment == Some(self.moment)) else {
            return tx.discard(false).await;
        };
        self.due.note(&mut tx, &agreement).await?;
        tx.changed(ChangeKind::Updated, &agreement);
        if agreement.ended_at(tx.now()).is_some() {
            moment::note_bookings(tx.db(), agreement.id, Some(Uuid::nil())).await?;
        }
        tx.commit(true).await
    }
}

struct ListEnded {
    after: Uuid,
}

impl UnitOfWork for ListEnded {
    type Answer = Vec<Uuid>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let ended = moment::list_ended(tx.db(), self.after, DUE).await?;
        tx.discard(ended).await
    }
}

/// Tells of the next assignments under an agreement that has ended: whether there was one, or `None` where all are told.
struct EndBookings {
    agreement: Uuid,
}

impl UnitOfWork for EndBookings {
    type Answer = Option<bool>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        lock::agreements_exclusive(&mut tx, &[self.agreement]).await?;
        let now = tx.now();
        let found = moment::find_ended(tx.db(), self.agreement).await?;
        // By the clock of another gateway it may have ended already.
        let found = found.and_then(|(agreement, after)| Some((agreement.ended_at(now)?, after)));
        let Some((ended_at, after)) = found else { return tx.discard(None).await };
        let seen = moment::list_bookings(tx.db(), self.agreement, after, ended_at, PAGE).await?;
        let last = seen.last().map(|(_, last)| last.id);
        let programmes: BTreeSet<_> = seen.into_iter().map(|(programme, _)| programme).collect();
        // Nothing more is booked under it, but what is booked may be cancelled meanwhile.
        lock::programmes(&mut tx, &Vec::from_iter(programmes)).await?;
        let booked = moment::list_bookings(tx.db(), self.agreement, after, ended_at, PAGE).await?;
        let booked = booked.iter().map(|(_, one)| one).filter(|one| last.is_some_and(|last| one.id <= last));
        let mut told = false;
        for one in booked {
            tx.changed(ChangeKind::Updated, &AssignmentRow::from(one));
            told = true;
        }
        if !told {
            tx.records_nothing("how far the timekeeper is is no change");
        }
        moment::note_bookings(tx.db(), self.agreement, last).await?;
        tx.commit(last.map(|_| told)).await
    }
}

struct NoteLook(Timestamp);

impl UnitOfWork for NoteLook {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.records_nothing("how far the timekeeper is is no change");
        moment::note_look(tx.db(), self.0).await?;
        tx.commit(()).await
    }
}
