//! Tells the lead agency of a programme, and its prison, that the roster shows names no longer, because the last session was thirty days
//! ago: by then the lead agency should have deleted what it has copied. Nobody is told who was shown none.

use jiff::SignedDuration;
use uuid::Uuid;

use super::{DUE, Told};
use crate::{
    domain::{change::Moment, roster::NamesHidden},
    keeper::Keeper,
    store::{Ended, Error, Recorder, UnitOfWork, lock, moment},
};

/// How long nobody looks at a roster that shows names: a session may be cancelled or moved meanwhile, so that it shows them less long.
const LOOK: SignedDuration = SignedDuration::from_hours(24);

impl Keeper {
    /// Tells of the rosters that show names no longer.
    pub(super) async fn tell_rosters(&self, told: &mut Told) -> Result<(), Error> {
        let list = |after| async move { self.transact("roster.list_due", &ListDue { after }).await };
        let tell = |programme| async move { self.transact("roster.tell", &Tell { programme }).await };
        told.each(list, tell).await
    }
}

struct ListDue {
    after: Uuid,
}

impl UnitOfWork for ListDue {
    type Answer = Vec<Uuid>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let now = tx.now();
        let due = moment::list_rosters_due(tx.db(), self.after, now, DUE).await?;
        tx.discard(due).await
    }
}

/// Looks at a roster, and tells that its window is over. Says how many entries that took.
struct Tell {
    programme: Uuid,
}

impl UnitOfWork for Tell {
    type Answer = usize;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<usize>, Error> {
        lock::programme(&mut tx, self.programme).await?;
        let now = tx.now();
        let Some((programme, window)) = moment::find_roster_due(tx.db(), self.programme, now).await? else {
            return tx.discard(0).await;
        };
        let hidden = window.hidden(now);
        let next = match hidden {
            // Whoever cancelled the programme has told it.
            Some(NamesHidden::WindowOver | NamesHidden::ProgrammeCancelled) => None,
            Some(NamesHidden::NotConfirmed) | None => Some(window.ends_at().min(now + LOOK)),
        };
        moment::note_roster(tx.db(), self.programme, next).await?;
        let is_over = hidden == Some(NamesHidden::WindowOver);
        if is_over {
            tx.tells_again(Moment::NamesHidden, &programme);
        } else {
            tx.records_nothing("when to look at a roster next is no change");
        }
        tx.commit(usize::from(is_over)).await
    }
}
