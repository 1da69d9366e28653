//! Calls that were refused: counted beside the calls, and added every two seconds to the days' counts, so that no call waits for it and
//! a flood of what is alike costs a row. What was counted in the last two seconds of a gateway is in its log alone, and where the
//! database went away while it was being added, it is added twice.
//!
//! Counts what a caller could have done otherwise: not what passes when it is sent again, nor what the gateway could not do.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Keeper,
    task::{Failure, Plan, Work},
};
use crate::{
    domain::{
        AgencyCode, Reason,
        access::{Fingerprint, Peer},
        outside::Clock,
        reason::{Kind, Resend},
        refused::Refused,
    },
    store::{Ended, Error, Recorder, UnitOfWork, refused},
};

/// Says when refused calls are added.
pub const NOTE_REFUSED: Plan =
    Plan { name: "note_refused", every: Duration::from_secs(2), patience: Duration::from_secs(60) };

/// What is told apart between two turns, at most; more is left out, and the log says so.
const ALIKE_MAX: usize = 10_000;

type Key = (Date, Fingerprint, &'static str, Reason);

struct Count {
    system: Option<(AgencyCode, String)>,
    calls: i64,
    first: Timestamp,
    last: Timestamp,
}

#[derive(Default)]
struct Counts {
    alike: BTreeMap<Key, Count>,
    left_out: i64,
}

/// Where refused calls are counted. Cheap to clone.
#[derive(Clone)]
pub struct RefusedCalls {
    counts: Arc<Mutex<Counts>>,
    clock: Arc<dyn Clock>,
}

impl RefusedCalls {
    /// Begins with none. The clock says when something is refused.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { counts: Arc::default(), clock }
    }

    /// Counts a refused call. Never waits for the database.
    pub fn saw(&self, peer: &Peer, method: &'static str, reason: Reason) {
        if !is_for_the_caller(reason) {
            return;
        }
        let now = self.clock.now();
        let system = peer.identity.as_ref().ok();
        let system = system.map(|identity| (identity.agency.clone(), identity.system.clone()));
        let count = Count { system, calls: 1, first: now, last: now };
        self.counts().add((day(now), peer.fingerprint, method, reason), count);
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the caller could have done otherwise.
fn is_for_the_caller(reason: Reason) -> bool {
    let is_gateways =
        matches!(reason.kind(), Kind::Unavailable | Kind::Deadline | Kind::Internal | Kind::Warning);
    let is_operators = matches!(reason, Reason::LedgerKeyMissing | Reason::LedgerKeyReplaced);
    !is_gateways && !is_operators && reason.resend() != Resend::Same
}

/// The day in UTC.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Counts {
    fn add(&mut self, key: Key, count: Count) {
        if let Some(known) = self.alike.get_mut(&key) {
            known.calls = known.calls.saturating_add(count.calls);
            known.first = known.first.min(count.first);
            known.last = known.last.max(count.last);
        } else if self.alike.len() < ALIKE_MAX {
            self.alike.insert(key, count);
        } else {
            self.left_out += count.calls;
        }
    }

    fn rows(&self) -> Vec<Refused> {
        let row = |(key, count): (&Key, &Count)| Refused {
            day: key.0,
            certificate: key.1,
            method: key.2.to_owned(),
            reason: key.3.code().to_owned(),
            system: count.system.clone(),
            calls: count.calls,
            first: count.first,
            last: count.last,
        };
        self.alike.iter().map(row).collect()
    }
}

/// Adds what was counted to the days' counts.
pub struct Noting {
    refused: RefusedCalls,
    keeper: Keeper,
    /// What is not known to be added yet.
    pending: Counts,
}

impl Noting {
    /// Begins with nothing to add.
    pub fn new(refused: RefusedCalls, keeper: Keeper) -> Self {
        Self { refused, keeper, pending: Counts::default() }
    }
}

impl Work for Noting {
    /// Adds all that there is; what cannot be added is the next turn's.
    async fn turn(&mut self) -> Result<(), Failure> {
        let Counts { alike, left_out } = std::mem::take(&mut *self.refused.counts());
        alike.into_iter().for_each(|(key, count)| self.pending.add(key, count));
        self.pending.left_out += left_out;
        if self.pending.alike.is_empty() {
            return Ok(());
        }
        self.keeper.note_refused(&self.pending.rows()).await?;
        let Counts { left_out, .. } = std::mem::take(&mut self.pending);
        if left_out > 0 {
            tracing::warn!(calls = left_out, "refused calls of too many kinds at once are not counted");
        }
        Ok(())
    }
}

impl Keeper {
    /// Adds refused calls to the days' counts. One transaction.
    pub async fn note_refused(&self, refused: &[Refused]) -> Result<(), Error> {
        self.transact("call.note_refused", &Note(refused)).await
    }
}

struct Note<'a>(&'a [Refused]);

impl UnitOfWork for Note<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.records_nothing("what was refused has changed nothing and shown nothing");
        refused::add(tx.db(), self.0).await?;
        tx.commit(()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Now(Mutex<Timestamp>);

    impl Clock for Now {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }
    }

    fn peer(number: u8) -> Peer {
        Peer {
            fingerprint: [number; 32],
            address: [127, 0, 0, number].into(),
            identity: Err(Reason::CertificateWithoutIdentity),
            serial: String::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::UNIX_EPOCH,
        }
    }

    fn counting() -> (RefusedCalls, Arc<Now>) {
        let clock = Arc::new(Now(Mutex::new("2026-03-02T23:59:59Z".parse().unwrap())));
        (RefusedCalls::new(clock.clone()), clock)
    }

    #[test]
    fn what_is_alike_is_one_count_and_a_new_day_another() {
        let (refused, clock) = counting();
        refused.saw(&peer(1), "A/B", Reason::NotFound);
        refused.saw(&peer(1), "A/B", Reason::NotFound);
        refused.saw(&peer(2), "A/B", Reason::NotFound);
        refused.saw(&peer(1), "A/C", Reason::NotFound);
        refused.saw(&peer(1), "A/B", Reason::RoleNotAllowed);
        *clock.0.lock().unwrap() += jiff::SignedDuration::from_secs(1);
        refused.saw(&peer(1), "A/B", Reason::NotFound);
        let counts: Vec<_> = refused.counts().alike.values().map(|count| count.calls).collect();
        assert_eq!((counts.len(), counts.iter().sum::<i64>(), counts.iter().max()), (5, 6, Some(&2)));
    }

    /// A gateway that is busy, or whose database is away, has refused nobody, and who was slower than another sends it again.
    #[test]
    fn what_the_gateway_could_not_do_is_not_counted() {
        let (refused, _) = counting();
        for reason in Reason::ALL {
            refused.saw(&peer(1), "A/B", *reason);
        }
        let counts = refused.counts();
        let counted = |reason: Reason| counts.alike.keys().any(|key| key.3 == reason);
        for reason in [
            Reason::DatabaseAway,
            Reason::GatewayStopping,
            Reason::InternalError,
            Reason::DeadlinePassed,
            Reason::Overloaded,
            Reason::ConflictLost,
            Reason::LedgerKeyMissing,
            Reason::LedgerKeyReplaced,
        ] {
            assert!(!counted(reason), "{reason:?}");
        }
        for reason in
            [Reason::RoleNotAllowed, Reason::FieldsInvalid, Reason::EtagMismatch, Reason::CertificateRevoked]
        {
            assert!(counted(reason), "{reason:?}");
        }
    }

    /// A caller who makes up kinds without end takes a bounded room, and what is known is counted on.
    #[test]
    fn too_many_kinds_at_once_are_left_out() {
        let mut counts = Counts::default();
        let now = Timestamp::UNIX_EPOCH;
        let count = || Count { system: None, calls: 1, first: now, last: now };
        for number in 0..ALIKE_MAX + 5 {
            let mut fingerprint = [0; 32];
            fingerprint[..8].copy_from_slice(&number.to_be_bytes());
            counts.add((day(now), fingerprint, "A/B", Reason::NotFound), count());
        }
        counts.add((day(now), [0; 32], "A/B", Reason::NotFound), count());
        assert_eq!((counts.alike.len(), counts.left_out), (ALIKE_MAX, 5));
        assert_eq!(counts.alike.values().next().unwrap().calls, 2);
    }
}
