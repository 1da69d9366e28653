//! Rounds: every job once, then every job again, so that a slow minute of the machine meets all of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    Error, Result,
    jobs::{Job, Of, Work},
    load::{Drive, measure},
    meter::{Round, Watched, quantile},
    stage::Stage,
};

/// A round in which other work took more of the machine is made once more.
pub const OTHER_MAX: f64 = 0.15;

/// The rounds of each job.
#[derive(Default, Serialize)]
pub struct Figures {
    rounds: BTreeMap<&'static str, Vec<Round>>,
    /// Why a job has no round, or too few.
    pub failed: BTreeMap<&'static str, String>,
}

impl Figures {
    pub fn add(&mut self, job: &'static str, round: Round) {
        self.rounds.entry(job).or_default().push(round);
    }

    pub fn rounds(&self, job: &str) -> &[Round] {
        self.rounds.get(job).map_or(&[], Vec::as_slice)
    }

    /// Says why a job has no round.
    pub fn fail(&mut self, job: &'static str, error: &Error) {
        eprintln!("  {job} failed: {error}");
        let text = error.to_string();
        self.failed.insert(job, text.lines().next().unwrap_or_default().to_owned());
    }

    /// The median of a figure over the job's rounds; nothing where the job was not done, or the figure is none of its.
    pub fn median(&self, job: &str, figure: impl Fn(&Round) -> Option<f64>) -> Option<f64> {
        let values = self.sorted(job, figure);
        (!values.is_empty()).then(|| quantile(&values, 0.5))
    }

    /// The least and the most of a figure.
    pub fn spread(&self, job: &str, figure: impl Fn(&Round) -> Option<f64>) -> Option<(f64, f64)> {
        let values = self.sorted(job, figure);
        Some((*values.first()?, *values.last()?))
    }

    fn sorted(&self, job: &str, figure: impl Fn(&Round) -> Option<f64>) -> Vec<f64> {
        let mut values: Vec<_> = self.rounds(job).iter().filter_map(figure).collect();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// How rounds are made.
pub struct Turns {
    pub rounds: usize,
    /// The time for all of them, shared among the jobs that are left.
    pub time: Duration,
    /// The part of it in which rounds are made once more that other work disturbed; then what was disturbed stays, marked.
    pub patience: Duration,
}

/// A job may be twice as long as its share, for most are shorter; and is never too short to be counted.
const SHARES: u32 = 2;
const SHORTEST: Duration = Duration::from_millis(500);

/// Makes the rounds.
pub async fn take_turns(stage: &mut Stage, figures: &mut Figures, jobs: &[Job], mut turns: Turns) {
    let (ends, mut left) = (Instant::now() + turns.time, (turns.rounds * jobs.len()) as u32);
    for number in 1..=turns.rounds {
        for job in jobs {
            let share = ends.saturating_duration_since(Instant::now()) * SHARES / left.max(1);
            let longest = share.max(SHORTEST);
            left -= 1;
            match stage.run_undisturbed(job, longest, &mut turns.patience).await {
                Ok(round) => {
                    println!(
                        "  round {number}  {:20} {:>8.0} / {:>8.0} µs  {:>8.0} calls/s  p99 {:>7.1} ms  other {:>3.0} %",
                        job.name,
                        round.server_us.unwrap_or_default(),
                        round.postgres_us,
                        round.per_second(),
                        round.p99_ms,
                        round.other * 100.0
                    );
                    figures.add(job.name, round);
                }
                Err(error) => figures.fail(job.name, &error),
            }
        }
    }
}

impl Stage {
    /// Runs a job, and once more where other work took too much; the round that was less disturbed.
    async fn run_undisturbed(
        &mut self,
        job: &Job,
        longest: Duration,
        patience: &mut Duration,
    ) -> Result<Round> {
        let begun = Instant::now();
        let first = self.run(job, longest).await?;
        if first.other <= OTHER_MAX || begun.elapsed() > *patience {
            return Ok(first);
        }
        let again = Instant::now();
        let second = self.run(job, longest).await?;
        *patience = patience.saturating_sub(again.elapsed());
        Ok(if second.other < first.other { second } else { first })
    }

    async fn run(&mut self, job: &Job, longest: Duration) -> Result<Round> {
        match &job.work {
            Work::Script(script) => self.scripts.run(&self.cluster, script).await,
            Work::Calls(of, drive, call) => {
                measure(self.watched(*of)?, Drive { longest, ..*drive }, call).await
            }
        }
    }

    /// The process whose CPU counts, and the cluster.
    pub fn watched(&self, of: Of) -> Result<Watched> {
        let server = self.server(of).ok_or("not here")?;
        // The first process of nginx does nothing but watch over the second.
        let pid = if of == Of::Nginx { server.worker()? } else { server.pid() };
        Ok(Watched { server: Some(pid), cluster: self.cluster.pid })
    }
}
