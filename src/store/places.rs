//! Who gets the next connection for calls: as many places as the pool has connections, so that nobody waits in the
//! pool, where no order is kept.
//!
//! Owns the order and the bounds. Agencies take turns, however much one of them asks for; one agency holds a third at
//! most, and one place more for what must come through. [`KEPT`] places are for what must come through however busy the others are. A place belongs to its connection
//! until that is back in the pool, also where the caller has long gone. Refuses with `OVERLOADED` who waits too long.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::Error;
use crate::domain::{AgencyCode, Reason};

/// The places that are kept for revocations, looks and administrators.
const KEPT: usize = 2;

/// The longest that a call waits for its place.
const WAIT: Duration = Duration::from_secs(10);

/// The queue in which a transaction waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lane {
    /// What the gateway does by itself.
    Own,
    /// Systems that join, all together.
    Joining,
    /// The calls of an agency, as its certificate names it.
    Agency(AgencyCode),
    /// Those of its calls that must come through: a revocation, an administrator's.
    Urgent(AgencyCode),
}

impl Lane {
    fn is_urgent(&self) -> bool {
        matches!(self, Self::Own | Self::Urgent(_))
    }

    /// The other lane of the same agency.
    fn other(&self) -> Option<Self> {
        match self {
            Self::Agency(agency) => Some(Self::Urgent(agency.clone())),
            Self::Urgent(agency) => Some(Self::Agency(agency.clone())),
            Self::Own | Self::Joining => None,
        }
    }
}

/// The places of one pool. Cheap to clone.
#[derive(Clone)]
pub struct Places(Arc<Mutex<State>>);

struct State {
    free: usize,
    kept: usize,
    /// Places that one lane may hold.
    share: usize,
    held: HashMap<Lane, usize>,
    waiting: HashMap<Lane, VecDeque<oneshot::Sender<Place>>>,
    /// The lanes in which somebody waits, in the order in which they are served.
    turns: VecDeque<Lane>,
}

/// A place, given back when it is dropped.
pub(super) struct Place {
    lane: Lane,
    /// Not where it came to nobody.
    of: Option<Places>,
}

impl Places {
    /// The places of a pool of so many connections.
    pub fn new(connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX).max(1);
        let kept = KEPT.min(connections - 1);
        let share = ((connections - kept) / 3).max(1);
        Self(Arc::new(Mutex::new(State {
            free: connections,
            kept,
            share,
            held: HashMap::new(),
            waiting: HashMap::new(),
            turns: VecDeque::new(),
        })))
    }

    /// Waits for a place. `OVERLOADED` where there is none in ten seconds.
    pub(super) async fn take(&self, lane: &Lane) -> Result<Place, Error> {
        let (sender, place) = oneshot::channel();
        {
            let mut state = self.state();
            let waiting = state.waiting.entry(lane.clone()).or_default();
            waiting.retain(|sender| !sender.is_closed());
            waiting.push_back(sender);
            if !state.turns.contains(lane) {
                state.turns.push_back(lane.clone());
            }
        }
        self.serve();
        match timeout(WAIT, place).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Reason::Overloaded.into()),
        }
    }

    /// Gives free places to who may have them, each lane in its turn.
    fn serve(&self) {
        let mut state = self.state();
        while let Some((lane, sender)) = state.next() {
            let place = Place { lane, of: Some(self.clone()) };
            // Who went away meanwhile leaves the place to the next.
            if let Err(mut place) = sender.send(place) {
                place.of = None;
                state.give_back(&place.lane);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the next who may have a place out of its queue, and counts the place as held.
    fn next(&mut self) -> Option<(Lane, oneshot::Sender<Place>)> {
        let turn = self.turns.iter().position(|lane| self.may_have(lane))?;
        let lane = self.turns.remove(turn)?;
        let waiting = self.waiting.get_mut(&lane)?;
        let sender = waiting.pop_front();
        if waiting.is_empty() {
            self.waiting.remove(&lane);
        } else {
            self.turns.push_back(lane.clone());
        }
        self.free -= 1;
        *self.held.entry(lane.clone()).or_default() += 1;
        Some((lane, sender?))
    }

    fn may_have(&self, lane: &Lane) -> bool {
        let held = |lane: &Lane| self.held.get(lane).copied().unwrap_or_default();
        // An agency has its share once, however it calls.
        let of_all = held(lane) + lane.other().as_ref().map_or(0, held);
        let of_share = self.free > self.kept && of_all < self.share;
        // What must come through gets one beyond that; not more, for a lane may be urgent by the method alone.
        of_share || (self.free > 0 && held(lane) == 0 && lane.is_urgent())
    }

    fn give_back(&mut self, lane: &Lane) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(lane) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(lane);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.of.take() {
            places.state().give_back(&self.lane);
            places.serve();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinHandle;

    use super::*;

    fn lane(agency: &str) -> Lane {
        Lane::Agency(AgencyCode::parse(agency).unwrap())
    }

    async fn waits(places: &Places, lane: &Lane) -> JoinHandle<Result<Place, Error>> {
        let (places, lane) = (places.clone(), lane.clone());
        let waiting = tokio::spawn(async move { places.take(&lane).await });
        tokio::task::yield_now().await;
        waiting
    }

    #[tokio::test(start_paused = true)]
    async fn two_that_want_everything_leave_a_third_its_place() {
        let places = Places::new(16);
        let mut held = Vec::new();
        for hostile in ["blk-kepri", "dkp-kepri"] {
            for _ in 0..4 {
                held.push(places.take(&lane(hostile)).await.unwrap());
            }
            assert!(!waits(&places, &lane(hostile)).await.is_finished());
        }
        places.take(&lane("dinas-ikan")).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_agency_has_its_share_once_and_one_place_more_for_what_is_urgent() {
        let agency = AgencyCode::parse("operator").unwrap();
        let (calls, urgent) = (Lane::Agency(agency.clone()), Lane::Urgent(agency));
        for (first, second) in [(&calls, &urgent), (&urgent, &calls)] {
            let places = Places::new(16);
            let mut held = Vec::new();
            for _ in 0..4 {
                held.push(places.take(first).await.unwrap());
            }
            assert!(!waits(&places, first).await.is_finished());
            let one_more = waits(&places, second).await;
            assert_eq!(one_more.is_finished(), second.is_urgent());
            assert!(!waits(&places, second).await.is_finished());
            // The wait of who is not urgent ends with the first place that comes back.
            held.pop();
            one_more.await.unwrap().unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lanes_take_turns_and_the_kept_places_stay_free() {
        let places = Places::new(5);
        let [a, b, c] = ["blk-a", "blk-b", "blk-c"].map(lane);
        let held =
            [places.take(&a).await.unwrap(), places.take(&b).await.unwrap(), places.take(&c).await.unwrap()];
        let many = [waits(&places, &a).await, waits(&places, &a).await, waits(&places, &a).await];
        let one = waits(&places, &b).await;
        let urgent = Lane::Urgent(AgencyCode::parse("operator").unwrap());
        let mine = places.take(&urgent).await.unwrap();
        assert!(!waits(&places, &urgent).await.is_finished(), "one of the kept for each");
        let own = places.take(&Lane::Own).await.unwrap();
        drop((mine, own));
        let [first, second, third] = held;
        drop(third);
        tokio::task::yield_now().await;
        assert!(many.iter().all(|waiting| !waiting.is_finished()), "it holds its share");
        assert!(!one.is_finished());
        drop(second);
        drop(one.await.unwrap().unwrap());
        drop(first);
        let [next, ..] = many;
        next.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_in_vain_is_refused_and_who_left_takes_no_place() {
        let places = Places::new(1);
        let a = lane("blk-a");
        let held = places.take(&a).await.unwrap();
        let gone = waits(&places, &a).await;
        gone.abort();
        let Err(refused) = places.take(&a).await else { panic!("there was none") };
        assert!(matches!(refused, Error::Refused(refusal) if refusal.reason() == Reason::Overloaded));
        drop(held);
        places.take(&a).await.unwrap();
        assert_eq!(places.state().free, 1);
    }
}
