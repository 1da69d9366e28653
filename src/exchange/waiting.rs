//! Who waits for changes, and who of them is told that there may be some.
//!
//! Owns what this gateway has told, and to whom: of a batch, the agencies whose feed it touched. Where a batch may have been missed,
//! everybody is told. That is a hint alone: who waits looks by itself in the end, and what it is shown the database says.

use std::{
    collections::HashMap,
    iter,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{domain::AgencyCode, ledger::batch::Batch};

/// What a call that waits for changes is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Placed {
    /// The entries that have places.
    size: u64,
    /// The gateway ends, and nobody shall wait any more.
    pub is_ending: bool,
}

/// Those who wait, by their agencies. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Waiting(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    /// What everybody was told whom it concerned.
    all: watch::Sender<Placed>,
    /// An agency stays until it is to be told and nobody of it waits.
    agencies: HashMap<AgencyCode, watch::Sender<Placed>>,
}

impl Waiting {
    /// The size of the tree up to which everybody was told whom it concerned.
    pub fn size(&self) -> u64 {
        self.told().all.borrow().size
    }

    /// Tells those whom a batch concerns, or everybody where one before it may have been missed. The tree had at least `known` entries
    /// when the batch began: where it has fewer, it was put back.
    pub fn tell(&self, batch: &Batch, known: u64) {
        let mut told = self.told();
        let size = told.all.borrow().size;
        let was_put_back = batch.first < known;
        if batch.first == size && !was_put_back {
            told.tell(batch.size, batch.agencies());
        } else if batch.size > size || was_put_back {
            told.tell(batch.size, None::<iter::Empty<_>>);
        }
    }

    /// Ends every wait, and those that are yet to begin.
    pub fn end(&self) {
        let told = self.told();
        for one in told.agencies.values().chain([&told.all]) {
            one.send_modify(|placed| placed.is_ending = true);
        }
    }

    /// Returns once every wait has ended.
    pub async fn ended(&self) {
        let mut all = self.told().all.subscribe();
        // Nobody is told where the way in is gone, and then it has ended.
        let _ = all.wait_for(|placed| placed.is_ending).await;
    }

    /// Tells a call of this agency, from now on.
    pub fn subscribe(&self, agency: &AgencyCode) -> watch::Receiver<Placed> {
        let mut told = self.told();
        if let Some(one) = told.agencies.get(agency) {
            return one.subscribe();
        }
        let one = watch::Sender::new(*told.all.borrow());
        let waits = one.subscribe();
        told.agencies.insert(agency.clone(), one);
        waits
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    /// Tells these, or everybody.
    fn tell<'a>(&mut self, size: u64, these: Option<impl Iterator<Item = &'a AgencyCode>>) {
        self.all.send_modify(|placed| placed.size = size);
        let placed = *self.all.borrow();
        let Some(these) = these else { return self.agencies.retain(|_, one| one.send(placed).is_ok()) };
        for agency in these {
            if self.agencies.get(agency).is_some_and(|one| one.send(placed).is_err()) {
                self.agencies.remove(agency);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two {
        waiting: Waiting,
        blk: watch::Receiver<Placed>,
        dkp: watch::Receiver<Placed>,
    }

    impl Two {
        /// Two agencies wait, and everybody knows of seven entries.
        fn at_seven() -> Self {
            let waiting = Waiting::default();
            waiting.tell(&Batch::new(7, 7, []), 0);
            let wait = |code| waiting.subscribe(&AgencyCode::parse(code).unwrap());
            let (blk, dkp) = (wait("blk"), wait("dkp"));
            Self { waiting, blk, dkp }
        }

        /// Tells of a batch; whether each agency was told.
        fn told(&mut self, first: u64, size: u64, readers: &str, known: u64) -> (bool, bool) {
            self.waiting.tell(&Batch::new(first, size, readers.split_whitespace()), known);
            let now = [&mut self.blk, &mut self.dkp].map(|one| one.has_changed().unwrap());
            self.blk.mark_unchanged();
            self.dkp.mark_unchanged();
            (now[0], now[1])
        }
    }

    #[test]
    fn who_is_touched_is_told_and_once() {
        let mut two = Two::at_seven();
        assert_eq!(two.told(7, 9, "blk", 7), (true, false));
        assert_eq!(two.told(7, 9, "blk", 0), (false, false), "by its notice, too");
        assert_eq!(two.told(9, 10, "*", 0), (true, true));
        assert_eq!(two.told(9, 9, "", 9), (false, false), "looked before that batch");
        assert_eq!(two.told(10, 11, "lapas", 0), (false, false));
        assert_eq!(two.waiting.size(), 11);
    }

    #[test]
    fn everybody_is_told_where_a_batch_was_missed_or_the_tree_was_put_back() {
        let mut two = Two::at_seven();
        assert_eq!(two.told(8, 9, "blk", 0), (true, true), "the notice of the eighth is lost");
        assert_eq!(two.told(12, 12, "", 9), (true, true), "so are these, which a look finds");
        assert_eq!(two.told(12, 12, "", 12), (false, false), "and nothing since");
        assert_eq!(two.told(5, 6, "blk", 12), (true, true), "a backup was put back");
        assert_eq!(two.told(6, 7, "blk", 6), (true, false));
    }

    #[test]
    fn an_agency_of_which_nobody_waits_is_forgotten() {
        let two = Two::at_seven();
        let Two { waiting, blk, dkp } = two;
        drop(blk);
        waiting.tell(&Batch::new(7, 8, ["blk", "dkp"]), 7);
        assert_eq!(waiting.told().agencies.len(), 1);
        drop(dkp);
    }

    #[test]
    fn everybody_is_told_of_the_end_and_who_comes_then() {
        let two = Two::at_seven();
        two.waiting.end();
        let late = two.waiting.subscribe(&AgencyCode::parse("lapas").unwrap());
        assert!(two.blk.borrow().is_ending && two.dkp.borrow().is_ending && late.borrow().is_ending);
    }
}
