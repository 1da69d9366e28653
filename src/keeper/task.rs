//! One supervisor for all work that nobody calls. A task has a name, a period and one turn after another; its name is
//! the label of its metrics.
//!
//! A turn that fails, takes too long or panics is logged and counted, and the next one comes all the same: sooner than
//! usual at first, and then less and less often until it is the period again. A task that one gateway alone may do
//! holds a lease in the database ([`Lease`]); the others try again at every turn, so that a holder that is lost is
//! replaced.

use std::{error::Error, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use metrics::{counter, gauge};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::outside::{Clock, Entropy},
    store::{Database, lock::Lease},
};

/// Turns that ended, well or not.
pub const RUNS: &str = "gerbang_task_runs_total";
/// Turns that failed, panicked or took too long.
pub const FAILURES: &str = "gerbang_task_failures_total";
/// Turns that panicked; each counts as a failure, too.
pub const PANICS: &str = "gerbang_task_panics_total";
/// When a turn last ended well, in seconds of Unix time.
pub const LAST_SUCCESS: &str = "gerbang_task_last_success_seconds";
/// 1 where this gateway does the task, 0 where another one has its lease.
pub const HELD: &str = "gerbang_task_held";

/// The pause after the first of several failures; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// By how much chance shortens a pause, at most, so that gateways do not act in step.
const JITTER: f64 = 0.2;

/// Says why a turn failed.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The work of a task.
pub trait Work: Send + 'static {
    /// Does one turn. May be broken off at any await, by the task's patience or a panic, and must then be fit for
    /// another.
    fn turn(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// When a task takes its turns.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The task's name in the log and in metrics.
    pub name: &'static str,
    /// The longest pause between the end of a turn and the beginning of the next.
    pub every: Duration,
    /// The longest that a turn may take; then it is broken off, and has failed.
    pub patience: Duration,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Well, or with nothing to do.
    Done,
    /// With an error, or not in time.
    Failed,
    /// By a panic.
    Panicked,
    /// Another gateway does this task.
    HeldElsewhere,
}

/// Makes tasks. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A work with its plan.
pub struct Task<W> {
    plan: Plan,
    work: W,
    lease: Option<Lease>,
    failures: u32,
    supervisor: Supervisor,
}

impl Supervisor {
    /// Takes the clock for the time of the last success, and randomness for the jitter.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// Makes a task that every gateway does. Its series begin at zero here.
    pub fn task<W: Work>(&self, plan: Plan, work: W) -> Task<W> {
        for series in [RUNS, FAILURES, PANICS] {
            counter!(series, "task" => plan.name).increment(0);
        }
        Task { plan, work, lease: None, failures: 0, supervisor: self.clone() }
    }

    /// A factor from 1 - [`JITTER`] to 1.
    fn jitter(&self) -> f64 {
        let mut random = [0; 2];
        self.entropy.fill(&mut random);
        1.0 - JITTER * f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX)
    }
}

impl<W: Work> Task<W> {
    /// Makes it a task of one gateway at a time among those that share the database. The lease takes a connection of
    /// its own for as long as it is held. A gateway that has lost its lease may be at work for the rest of a turn when
    /// the next holder begins, so that two at once must do no harm.
    pub fn alone(self, database: Database) -> Self {
        gauge!(HELD, "task" => self.plan.name).set(0.0);
        Self { lease: Some(Lease::new(database, self.plan.name)), ..self }
    }

    /// Takes turns until `end`, in a task of the runtime. What is under way then is broken off.
    pub fn start(self, end: CancellationToken) {
        tokio::spawn(end.run_until_cancelled_owned(self.run()));
    }

    async fn run(mut self) {
        loop {
            self.turn().await;
            sleep(self.pause()).await;
        }
    }

    /// Takes one turn, and tells how it ended to the log and the metrics. Never fails or panics itself.
    pub async fn turn(&mut self) -> Outcome {
        let Self { plan, work, lease, .. } = self;
        let turn = async {
            if let Some(lease) = lease
                && !lease.hold().await?
            {
                return Ok(false);
            }
            work.turn().await.map(|()| true)
        };
        match AssertUnwindSafe(timeout(plan.patience, turn)).catch_unwind().await {
            Ok(Ok(Ok(held))) => self.well(held),
            Ok(Ok(Err(error))) => self.failed(&*error),
            Ok(Err(late)) => self.failed(&late),
            // The panic's own text may hold anything; the panic hook has written where it happened.
            Err(_) => self.panicked(),
        }
    }

    fn well(&mut self, held: bool) -> Outcome {
        let task = self.plan.name;
        if self.lease.is_some() {
            gauge!(HELD, "task" => task).set(f64::from(u8::from(held)));
        }
        if !held {
            return Outcome::HeldElsewhere;
        }
        if self.failures > 0 {
            tracing::info!(task, failures = self.failures, "the task is well again");
        }
        self.failures = 0;
        counter!(RUNS, "task" => task).increment(1);
        gauge!(LAST_SUCCESS, "task" => task).set(self.supervisor.clock.now().as_second() as f64);
        Outcome::Done
    }

    fn failed(&mut self, error: &dyn Error) -> Outcome {
        let task = self.plan.name;
        if self.failures == 0 {
            tracing::warn!(task, %error, "a task has failed, and tries again");
        } else {
            tracing::debug!(task, %error, failures = self.failures, "a task fails still");
        }
        self.count_failure();
        Outcome::Failed
    }

    fn panicked(&mut self) -> Outcome {
        let task = self.plan.name;
        tracing::error!(task, "a task panicked, and is started again");
        counter!(PANICS, "task" => task).increment(1);
        self.count_failure();
        Outcome::Panicked
    }

    fn count_failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
        counter!(RUNS, "task" => self.plan.name).increment(1);
        counter!(FAILURES, "task" => self.plan.name).increment(1);
    }

    /// How long to rest before the next turn.
    fn pause(&self) -> Duration {
        let longest = match self.failures.checked_sub(1) {
            None => self.plan.every,
            Some(more) => FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(more)).min(self.plan.every),
        };
        longest.mul_f64(self.supervisor.jitter())
    }
}

#[cfg(test)]
mod tests;
