//! Tells the lead agency of a programme, and its prison, that the roster shows names no longer, because the last session was thirty days
//! ago: by then the lead agency should have deleted what it has copied.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{DUE, Told};
use crate::{
    domain::{
        change::Moment,
        programme::ProgrammeState,
        roster::{NamesHidden, Window},
    },
    keeper::Keeper,
    ledger::ChangeKind,
    store::{
        Ended, Error, Recorder, UnitOfWork, lock,
        moment::{self, ProgrammeDue},
    },
};

/// How long nobody looks at a roster that may show names: a session may be cancelled or moved meanwhile, so that it ends sooner.
const LOOK: SignedDuration = SignedDuration::from_hours(24);

/// The same of one that shows none: further sessions may be confirmed, and then it shows names for thirty days at least.
const LOOK_CLOSED: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Keeper {
    /// Tells of the rosters that show names no longer.
    pub(super) async fn tell_programmes(&self, told: &mut Told) -> Result<(), Error> {
        let list = |after| async move { self.transact("programme.list_due", &ListDue { after }).await };
        told.each(list, |id| self.tell_programme(id)).await
    }

    async fn tell_programme(&self, id: Uuid) -> Result<usize, Error> {
        if !self.transact("programme.look", &Look { id, tells: false }).await? {
            return Ok(0);
        }
        let tells = Look { id, tells: true };
        self.transact(Moment::NamesHidden.transaction(), &tells).await.map(usize::from)
    }
}

struct ListDue {
    after: Uuid,
}

impl UnitOfWork for ListDue {
    type Answer = Vec<Uuid>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let now = tx.now();
        let due = moment::list_programmes_due(tx.db(), self.after, now, DUE).await?;
        tx.discard(due).await
    }
}

/// Looks at a programme. True where there is something to tell, which is told, or left as it is; else it notes when to look next.
struct Look {
    id: Uuid,
    tells: bool,
}

impl UnitOfWork for Look {
    type Answer = bool;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<bool>, Error> {
        lock::programme(&mut tx, self.id).await?;
        let now = tx.now();
        let Some(due) = moment::find_programme_due(tx.db(), self.id, now).await? else {
            return tx.discard(false).await;
        };
        let hidden = hidden(&due, now);
        let is_told = due.shows_names && hidden == Some(NamesHidden::WindowOver);
        match (is_told, self.tells) {
            (true, true) => tx.changed(ChangeKind::Updated, &due.programme),
            (false, false) => tx.records_nothing("when a roster shows names is no change"),
            // What was seen before is not so any more, or is told in a transaction of its own.
            _ => return tx.discard(is_told).await,
        }
        moment::note_programme(tx.db(), self.id, hidden.is_none(), next_look(&due, hidden, now)).await?;
        tx.commit(is_told).await
    }
}

/// Why a roster shows no names; `None` where it shows them.
fn hidden(due: &ProgrammeDue, now: Timestamp) -> Option<NamesHidden> {
    window(due).hidden(now)
}

fn window(due: &ProgrammeDue) -> Window {
    let ProgrammeDue { programme, anybody_confirmed, last_end, .. } = due;
    Window::of(programme, *anybody_confirmed, *last_end)
}

fn next_look(due: &ProgrammeDue, hidden: Option<NamesHidden>, now: Timestamp) -> Option<Timestamp> {
    match (due.programme.state, hidden) {
        (ProgrammeState::Open, Some(NamesHidden::WindowOver)) => Some(now + LOOK_CLOSED),
        (ProgrammeState::Open, _) => Some(window(due).ends_at().min(now + LOOK)),
        _ => None,
    }
}
