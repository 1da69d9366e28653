//! Rounds: every job once, then every job again, so that a slow minute of the machine meets all of them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{
    Result,
    jobs::{Job, Of, Work},
    load::measure,
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

/// Makes so many rounds of all jobs. Rounds are repeated as long as `patience` lasts; then what was disturbed stays, marked.
pub async fn take_turns(
    stage: &mut Stage,
    figures: &mut Figures,
    jobs: &[Job],
    rounds: usize,
    mut patience: Duration,
) -> Result<()> {
    for number in 1..=rounds {
        for job in jobs {
            let begun = Instant::now();
            let mut round = stage.run(job).await;
            if round.as_ref().is_ok_and(|round| round.other > OTHER_MAX) && patience > begun.elapsed() {
                let again = Instant::now();
                let second = stage.run(job).await;
                patience = patience.saturating_sub(again.elapsed());
                if let (Ok(first), Ok(second)) = (&round, second)
                    && second.other < first.other
                {
                    round = Ok(second);
                }
            }
            match round {
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
                Err(error) => {
                    eprintln!("  round {number}  {:20} failed: {error}", job.name);
                    figures.failed.insert(job.name, error.to_string());
                }
            }
        }
    }
    Ok(())
}

impl Stage {
    async fn run(&mut self, job: &Job) -> Result<Round> {
        match &job.work {
            Work::Script(script) => self.scripts.run(&self.cluster, script).await,
            Work::Calls(of, drive, call) => measure(self.watched(*of)?, *drive, call).await,
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
