//! Tells the parties of an agreement what a day has made of it; and, where it has ended, each reader of what was booked under it for a
//! later time that nobody is expected.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{DUE, INSTANT, Told};
use crate::{
    domain::change::Moment,
    keeper::Keeper,
    ledger::row::AssignmentRow,
    store::{
        Ended, Error, Recorder, UnitOfWork, lock,
        moment::{self, BookingsTold},
    },
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
        let tell = |id| async move { self.transact("agreement.tell", &Tell { id, since }).await };
        told.each(list, tell).await?;
        match &told.failed {
            Some(_) => Ok(()),
            None => self.transact("agreement.note_look", &NoteLook(now)).await,
        }
    }

    /// Tells of what was booked under agreements that have ended, from where it was told before.
    pub(super) async fn tell_bookings(&self, told: &mut Told) -> Result<(), Error> {
        let list = |after| async move { self.transact("assignment.list_ended", &ListEnded { after }).await };
        told.each(list, |id| self.end_bookings(id)).await
    }

    async fn end_bookings(&self, agreement: Uuid) -> Result<usize, Error> {
        let (mut entries, work) = (0, EndBookings { agreement });
        while let Some(told) = self.transact("assignment.end_booking", &work).await? {
            entries += told;
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

/// Looks at an agreement, and tells its parties what a date has brought about since the moment that was noted, however long ago it came, or
/// since the last look: of what somebody has changed since, the change was told, and not what a day made of it. Says how many entries
/// that took.
struct Tell {
    id: Uuid,
    /// The last look at all.
    since: Option<Timestamp>,
}

impl UnitOfWork for Tell {
    type Answer = usize;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<usize>, Error> {
        lock::agreements_exclusive(&mut tx, &[self.id]).await?;
        let now = tx.now();
        let Some((agreement, noted)) = moment::find_due(tx.db(), self.id, now).await? else {
            return tx.discard(0).await;
        };
        let looked = self.since.map(|since| since.min(now) - UNSEEN);
        let since = noted.map(|noted| noted - INSTANT).or(looked);
        moment::note(tx.db(), self.id, agreement.next_moment(now), agreement.ended_at(now)).await?;
        let moment = since.and_then(|since| agreement.moment(since, now));
        match moment {
            Some(moment) => tx.tells_again(moment, &agreement),
            None => tx.records_nothing("when to look at an agreement next is no change"),
        }
        tx.commit(moment.iter().count()).await
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

/// Tells of the next assignments under an agreement that has ended, of one programme: how many entries that took, or `None` where all are
/// told. Nobody need hear of sessions that are over.
struct EndBookings {
    agreement: Uuid,
}

impl UnitOfWork for EndBookings {
    type Answer = Option<usize>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let Some((ended_at, told)) = moment::find_ended(tx.db(), self.agreement).await? else {
            return tx.discard(None).await;
        };
        let later_than = ended_at.max(tx.now());
        let next = moment::find_programme_with_bookings(tx.db(), self.agreement, told, later_than).await?;
        let Some(programme) = next else {
            tx.records_nothing("what is told is no change");
            moment::note_bookings(tx.db(), self.agreement, told, None).await?;
            return tx.commit(None).await;
        };
        // Nothing more is booked under it, but what is booked may be cancelled meanwhile.
        lock::programme(&mut tx, programme).await?;
        let after = if programme == told.programme { told.after } else { Uuid::nil() };
        let bookings = moment::list_bookings(tx.db(), programme, after, later_than, PAGE).await?;
        let last = bookings.last().map_or(after, |last| last.id);
        let now = BookingsTold { programme, after: last };
        if bookings.is_empty() || !moment::note_bookings(tx.db(), self.agreement, told, Some(now)).await? {
            return tx.discard(Some(0)).await;
        }
        for booking in &bookings {
            tx.tells_again(Moment::BookingEnded, &AssignmentRow::from(booking));
        }
        tx.commit(Some(1)).await
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
