//! What the same calls cost among ten thousand, a hundred thousand and a million sessions.

use std::{collections::BTreeMap, time::Duration};

use gerbang::proto::v1;
use serde::Serialize;

use crate::{
    Result, copies,
    jobs::{Of, first_page, page, page_first, who_am_i},
    load::{Call, Drive, call, measure},
    meter::{Round, quantile},
    stage::Stage,
};

const IN_FLIGHT: usize = 8;
/// No round of a quick run goes on longer.
const LONGEST: Duration = Duration::from_millis(1_500);

/// The rounds of each job at each size.
#[derive(Default, Serialize)]
pub struct Growth {
    pub sizes: Vec<usize>,
    pub rounds: BTreeMap<&'static str, Vec<Vec<Round>>>,
}

impl Growth {
    /// The median CPU of a call, gateway and database together, at each size.
    pub fn cpu_us(&self, job: &str) -> Vec<f64> {
        let median = |rounds: &Vec<Round>| {
            let mut values: Vec<_> = rounds.iter().map(Round::cpu_us).collect();
            values.sort_by(f64::total_cmp);
            quantile(&values, 0.5)
        };
        self.rounds.get(job).map_or(Vec::new(), |sizes| sizes.iter().map(median).collect())
    }

    /// How much dearer the largest size is than the smallest.
    pub fn ratio(&self, job: &str) -> Option<f64> {
        let cpu = self.cpu_us(job);
        (cpu.len() > 1).then(|| cpu[cpu.len() - 1] / cpu[0])
    }

    /// Fills up to `size` and measures there.
    pub async fn at(&mut self, stage: &Stage, size: usize, scale: usize) -> Result<()> {
        println!("cost among {size} sessions");
        let mut db = stage.cluster.superuser().await?;
        copies::fill(&mut db, &stage.fixture.diary, size).await?;
        self.sizes.push(size);
        let watched = stage.watched(Of::Gateway)?;
        let jobs: [(&str, usize, Call); 6] = [
            ("page_from_any_day", 160, from_any_day(stage)),
            ("page_of_few_rows", 160, page_first(stage.fixture.small_prison.clone())),
            ("page_by_token", 160, stage.page_by_token()),
            ("push", 300, stage.push()),
            ("who_am_i", 1_500, who_am_i(stage.fixture.leads.clone())),
            ("batch", 2, stage.batch()),
        ];
        for (name, _, _) in &jobs {
            self.rounds.entry(name).or_default().push(Vec::new());
        }
        for _ in 0..2 {
            for (name, calls, call) in &jobs {
                let in_flight = if *name == "batch" { 1 } else { IN_FLIGHT };
                let drive = Drive { calls: calls * scale, in_flight, longest: LONGEST * scale as u32 };
                let round = measure(watched, drive, call).await?;
                println!("  {name:20} {:>9.0} µs", round.cpu_us());
                if let Some(sizes) = self.rounds.get_mut(name).and_then(|sizes| sizes.last_mut()) {
                    sizes.push(round);
                }
            }
        }
        Ok(())
    }
}

/// The first page from a moment anywhere among the sessions, another in each call.
fn from_any_day(stage: &Stage) -> Call {
    let (wire, diary) = (stage.fixture.prison.clone(), stage.diary());
    call(move |number| {
        // The last day may hold less than a page.
        let span = (diary.end() - diary.first - 2 * 86_400).max(1) as u64;
        let past = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) % span;
        let range_start = prost_types::Timestamp { seconds: diary.first + past as i64, nanos: 0 };
        let request = v1::ListTrainerAssignmentsRequest { range_start: Some(range_start), ..first_page() };
        let wire = wire.clone();
        async move { page(&wire, request, 100).await }
    })
}
