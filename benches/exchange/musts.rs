//! What a gateway must reach, each held against the figures of the same run.

use serde::Serialize;

use crate::{
    growth::Growth, live::Live, memory::Memory, meter::Round, proofs::Proofs, report::named,
    streams::Streams, turns::Figures,
};

/// One bound, and what was measured.
#[derive(Debug, Serialize)]
pub struct Must {
    /// What is bounded, with its unit.
    pub what: String,
    pub at_most: bool,
    pub bound: f64,
    pub measured: f64,
    pub met: bool,
}

impl Must {
    fn new(what: impl Into<String>, at_most: bool, measured: f64, bound: f64) -> Self {
        let met = if at_most { measured <= bound } else { measured >= bound };
        Self { what: what.into(), at_most, bound, measured, met }
    }
}

/// The bounds of the jobs. One whose job, or whose limit, was not measured is not among them.
pub struct Musts<'a> {
    pub figures: &'a Figures,
    pub growth: &'a Growth,
    pub memory: &'a Memory,
    pub live: &'a [Live],
    pub streams: Option<&'a Streams>,
    pub proofs: Option<&'a Proofs>,
}

impl Musts<'_> {
    pub fn of(&self, job: &str) -> Vec<Must> {
        match job {
            "push" => {
                self.costs(job, 150.0, 600.0)
                    .and(self.not_above_go())
                    .and(self.throughput(job, 1.1, "pgbench_six"))
                    .and(self.tail(job, 1.0, "pgbench_six"))
                    .0
            }
            "push_48" => self.costs(job, 125.0, 450.0).and(self.throughput(job, 1.5, "pgbench_six_48")).0,
            "push_1" => self.costs(job, 320.0, 1_050.0).0,
            "push_one_programme" => self.within(job, 1.1, "push").0,
            "push_unchanged" => self.costs(job, 120.0, 230.0).0,
            "batch" => {
                self.gateway(job, 8_000.0)
                    .and(self.postgres_against(job, 1.1, "pgbench_batch"))
                    .and(self.flat(job))
                    .0
            }
            "batch_json" => self.gateway_against(job, 1.3, "batch").0,
            "batch_unchanged" => self.costs(job, 5_000.0, 12_000.0).0,
            "page" => self.costs(job, 350.0, 600.0).and(self.tail(job, 2.0, "pgbench_page")).0,
            "page_json" => self.gateway_against(job, 1.25, "page").0,
            "page_by_token" => self.costs(job, 350.0, 600.0).0,
            "who_am_i" => self.costs(job, 100.0, 90.0).0,
            "handshake" => self.handshake().0,
            _ => Vec::new(),
        }
    }

    /// What is not a job's: memory, and cost against size.
    pub fn others(&self) -> Vec<Must> {
        let memory = [
            ("memory idle, MB", self.memory.idle_mb, 14.0),
            ("memory loaded, MB", self.memory.loaded_mb, 40.0),
            ("an idle connection, KB", self.memory.connection_kb, 36.0),
        ];
        let memory = memory.into_iter().filter(|(_, measured, _)| *measured > 0.0);
        let memory = memory.map(|(what, measured, bound)| Must::new(what, true, measured, bound));
        let sizes = self.growth.rounds.keys().filter_map(|job| {
            let ratio = self.growth.ratio(job)?;
            Some(Must::new(format!("{job}, largest size ÷ smallest"), true, ratio, 1.2))
        });
        memory.chain(sizes).chain(self.told()).chain(self.proofs()).collect()
    }

    /// How soon a reader is told, at the highest rate, and what streams cost of which nobody is told anything.
    fn told(&self) -> impl Iterator<Item = Must> {
        let live = self.live.first().map(|live| {
            let told = |share| format!("told of a push, {share}, ms, at {:.0} a second", live.reached);
            [
                // Of a thousand that are offered, some come late.
                Must::new("pushes a second while readers are told", false, live.reached, 990.0),
                Must::new(told("p50"), true, live.of_few.p50_ms, 10.0),
                Must::new(told("p99"), true, live.of_few.p99_ms, 100.0),
            ]
        });
        let streams = self.streams.map(|streams| {
            let what = |what| format!("{} streams, {what}", streams.streams);
            [
                Must::new(what("gateway, % of a core"), true, streams.gateway_added(), 5.0),
                Must::new(what("questions of each a second"), true, streams.questions_per_stream, 10.0),
                Must::new(what("memory, end ÷ begin"), true, streams.end_mb / streams.begin_mb, 1.1),
            ]
        });
        live.into_iter().flatten().chain(streams.into_iter().flatten())
    }

    fn proofs(&self) -> impl Iterator<Item = Must> {
        let of = |proofs: &Proofs, what, latency: f64| {
            Must::new(
                format!("proof of {what} among {} entries, p99, ms", proofs.entries),
                true,
                latency,
                5.0,
            )
        };
        let both = self.proofs.map(|proofs| {
            let consistency = of(proofs, "consistency", proofs.consistency.p99_ms);
            [of(proofs, "inclusion", proofs.inclusion.p99_ms), consistency]
        });
        both.into_iter().flatten()
    }

    fn costs(&self, job: &str, gateway: f64, postgres: f64) -> Found {
        let spent = self.figures.median(job, |round| Some(round.postgres_us));
        self.gateway(job, gateway)
            .and(Found::of(spent.map(|us| Must::new("Postgres µs", true, us, postgres))))
    }

    fn gateway(&self, job: &str, bound: f64) -> Found {
        let spent = self.figures.median(job, |round| round.server_us);
        Found::of(spent.map(|us| Must::new("gateway µs", true, us, bound)))
    }

    /// The gateway's cost as a multiple of another job's.
    fn gateway_against(&self, job: &str, times: f64, other: &str) -> Found {
        let what = format!("gateway µs ÷ {}", named(other));
        self.against(&what, true, (job, |round| round.server_us), times, (other, |round| round.server_us))
    }

    fn not_above_go(&self) -> Found {
        self.against(
            "gateway µs ÷ Go's",
            true,
            ("push", |round| round.server_us),
            1.0,
            ("go_push", |round| round.server_us),
        )
    }

    fn throughput(&self, job: &str, times: f64, limit: &str) -> Found {
        let per_second: Figure = |round| Some(round.per_second());
        self.against(
            &format!("calls/s ÷ {}", named(limit)),
            false,
            (job, per_second),
            times,
            (limit, per_second),
        )
    }

    fn tail(&self, job: &str, times: f64, limit: &str) -> Found {
        let p99: Figure = |round| Some(round.p99_ms);
        self.against(&format!("p99 ÷ {}", named(limit)), true, (job, p99), times, (limit, p99))
    }

    fn postgres_against(&self, job: &str, times: f64, limit: &str) -> Found {
        let spent: Figure = |round| Some(round.postgres_us);
        self.against(&format!("Postgres µs ÷ {}", named(limit)), true, (job, spent), times, (limit, spent))
    }

    fn within(&self, job: &str, times: f64, of: &str) -> Found {
        let cpu: Figure = |round| Some(round.cpu_us());
        let cpu = self.against(&format!("CPU µs ÷ {}", named(of)), true, (job, cpu), times, (of, cpu));
        cpu.and(self.throughput(job, 1.0 / times, of))
    }

    fn handshake(&self) -> Found {
        let spent: Figure = |round| round.server_us;
        self.against("server µs ÷ nginx", true, ("handshake", spent), 0.55, ("nginx_handshake", spent))
    }

    /// The last round against the first: the same trainers have five bookings more from each batch to the next.
    fn flat(&self, job: &str) -> Found {
        let rounds = self.figures.rounds(job);
        let ends = rounds.first().zip(rounds.last()).filter(|_| rounds.len() > 1);
        Found::of(ends.map(|(first, last)| {
            Must::new("Postgres µs, last round ÷ first", true, last.postgres_us / first.postgres_us, 1.2)
        }))
    }

    /// A ratio of two medians.
    fn against(
        &self,
        what: &str,
        at_most: bool,
        job: (&str, Figure),
        times: f64,
        limit: (&str, Figure),
    ) -> Found {
        let (measured, limit) = (self.figures.median(job.0, job.1), self.figures.median(limit.0, limit.1));
        let ratio =
            measured.zip(limit).filter(|(_, limit)| *limit > 0.0).map(|(measured, limit)| measured / limit);
        Found::of(ratio.map(|ratio| Must::new(what, at_most, ratio, times)))
    }
}

type Figure = fn(&Round) -> Option<f64>;

struct Found(Vec<Must>);

impl Found {
    fn of(must: Option<Must>) -> Self {
        Self(must.into_iter().collect())
    }

    fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}
