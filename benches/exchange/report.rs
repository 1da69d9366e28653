//! The report: a table for people, the same with every round as JSON, and a plot. No figure in it is written by hand.

use std::{fmt::Write, fs, path::Path, process::Command};

use gerbang::{domain::outside::Clock, server::outside::SystemClock};
use serde_json::json;

use crate::{
    Result,
    growth::Growth,
    live::{Live, Told},
    memory::Memory,
    meter::Round,
    morning::Morning,
    musts::{Must, Musts},
    plot,
    proofs::Proofs,
    streams::{Streams, median},
    turns::{Figures, OTHER_MAX},
};

/// The gateway's jobs with what they are, and the limits that each stands beside.
pub const ROWS: &[(&str, &str, &[&str])] = &[
    (
        "push",
        "push one session with one trainer, new, 16 in flight",
        &["pgbench_six", "pgbench_one", "bare_push", "go_push"],
    ),
    ("push_48", "the same, 48 in flight", &["pgbench_six_48", "bare_push_48", "go_push_48"]),
    ("push_1", "the same, one by one", &["bare_push_1"]),
    ("push_one_programme", "the same, all into one programme", &["push"]),
    ("push_unchanged", "the same push again, unchanged", &[]),
    ("batch", "batch of 1,000 sessions, new", &["pgbench_batch", "bare_batch"]),
    ("batch_json", "another such batch, as JSON", &["batch"]),
    ("batch_unchanged", "the same batch again, unchanged", &[]),
    ("page", "page of 100 assignments, the first", &["pgbench_page", "bare_page", "go_page"]),
    ("page_json", "the same, as JSON", &["page"]),
    ("page_by_token", "the same, by token", &["pgbench_page", "bare_page", "go_page"]),
    ("page_unchanged", "the first page again, unchanged", &[]),
    ("who_am_i", "WhoAmI", &["bare_trivial"]),
    ("handshake", "mutual handshake, and go", &["nginx_handshake", "bare_handshake"]),
    ("stream", "stream of 100,000 sessions, in batches of 1,000", &[]),
];

/// What a limit is called.
pub fn named(limit: &str) -> &str {
    match limit {
        "pgbench_one" => "pgbench, one row",
        "pgbench_six" | "pgbench_six_48" => "pgbench, our rows",
        "pgbench_batch" => "pgbench, the same rows",
        "pgbench_page" => "pgbench, a page",
        "push" => "many programmes",
        "batch" | "page" => "by gRPC",
        _ if limit.starts_with("bare") => "bare tonic",
        _ if limit.starts_with("go") => "Go",
        _ => "nginx",
    }
}

pub struct Report {
    pub scale: &'static str,
    pub seconds: f64,
    /// Stored when the jobs began.
    pub sessions: usize,
    /// By one push of a session, table by table.
    pub rows_written: String,
    pub figures: Figures,
    pub growth: Growth,
    pub memory: Memory,
    pub morning: Option<Morning>,
    pub live: Vec<Live>,
    pub streams: Option<Streams>,
    pub proofs: Option<Proofs>,
}

impl Report {
    /// An empty one.
    pub fn new(scale: &'static str, sessions: usize) -> Self {
        Self {
            scale,
            seconds: 0.0,
            sessions,
            rows_written: String::new(),
            figures: Figures::default(),
            growth: Growth::default(),
            memory: Memory::default(),
            morning: None,
            live: Vec::new(),
            streams: None,
            proofs: None,
        }
    }

    /// Writes `report.md`, `report.json` and `report.svg`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let musts = Musts {
            figures: &self.figures,
            growth: &self.growth,
            memory: &self.memory,
            live: &self.live,
            streams: self.streams.as_ref(),
            proofs: self.proofs.as_ref(),
        };
        fs::write(folder.join("report.md"), self.text(&musts)?)?;
        let held: serde_json::Map<_, _> =
            ROWS.iter().map(|(job, ..)| (job.to_string(), json!(musts.of(job)))).collect();
        let whole = json!({
            "run": self.scale,
            "machine": machine(),
            "seconds": self.seconds,
            "sessions": self.sessions,
            "rows_of_a_push": self.rows_written,
            "jobs": self.figures,
            "musts": held,
            "other_musts": musts.others(),
            "growth": self.growth,
            "memory": self.memory,
            "morning": self.morning,
            "live": self.live,
            "streams": self.streams,
            "proofs": self.proofs,
        });
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(&whole)?)?;
        fs::write(folder.join("report.svg"), plot::plot(&self.figures))?;
        Ok(())
    }

    fn text(&self, musts: &Musts<'_>) -> Result<String> {
        let mut text = String::new();
        let rounds = self.figures.rounds("push").len();
        writeln!(
            text,
            "# What a call costs\n\n{}. A {} run of {:.0} minutes, {rounds} rounds of each job, among {} sessions.\n\n\
             µs are of CPU and per call: median of the rounds, the least and the most behind it. Postgres: the whole cluster. \
             Limits: server / Postgres, calls/s. A push of one session writes {}.\n",
            machine(),
            self.scale,
            self.seconds / 60.0,
            grouped(self.sessions as f64),
            self.rows_written,
        )?;
        writeln!(
            text,
            "| job | gateway µs | Postgres µs | calls/s | p50 ms | p99 ms | limits | must | met | other work |"
        )?;
        writeln!(text, "|---|---|---|---|---|---|---|---|---|---|")?;
        for (job, what, limits) in ROWS {
            if !self.figures.rounds(job).is_empty() {
                writeln!(text, "{}", self.row(job, what, limits, &musts.of(job)))?;
            }
        }
        for (job, why) in &self.figures.failed {
            writeln!(text, "\n{job} failed: {why}")?;
        }
        self.others(&mut text, musts)?;
        Ok(text)
    }

    fn row(&self, job: &str, what: &str, limits: &[&str], musts: &[Must]) -> String {
        let limits: Vec<_> = limits.iter().map(|limit| self.limit(limit)).collect();
        let others = self.figures.spread(job, |round| Some(round.other));
        let (_, other) = others.unwrap_or_default();
        let mark = if other > OTHER_MAX { " (!)" } else { "" };
        format!(
            "| {what} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} %{mark} |",
            self.cell(job, |round| round.server_us),
            self.cell(job, |round| Some(round.postgres_us)),
            self.cell(job, |round| Some(round.per_second())),
            self.cell(job, |round| Some(round.p50_ms)),
            self.cell(job, |round| Some(round.p99_ms)),
            limits.join("; "),
            bounds(musts),
            met(musts),
            other * 100.0,
        )
    }

    fn cell(&self, job: &str, figure: fn(&Round) -> Option<f64>) -> String {
        match (self.figures.median(job, figure), self.figures.spread(job, figure)) {
            (Some(median), Some((least, most))) => {
                format!("**{}** ({}–{})", grouped(median), grouped(least), grouped(most))
            }
            _ => "–".to_owned(),
        }
    }

    fn limit(&self, limit: &str) -> String {
        let median = |figure: fn(&Round) -> Option<f64>| self.figures.median(limit, figure);
        let Some(per_second) = median(|round| Some(round.per_second())) else {
            return format!("{}: not here", named(limit));
        };
        let server = median(|round| round.server_us).map_or_else(|| "–".to_owned(), grouped);
        let postgres = median(|round| Some(round.postgres_us)).unwrap_or_default();
        format!("{} {server} / {}, {}/s", named(limit), grouped(postgres), grouped(per_second))
    }

    fn others(&self, text: &mut String, musts: &Musts<'_>) -> Result<()> {
        let Memory { idle_mb, connection_kb, loaded_mb, cold_start_ms: [start, least, most] } = self.memory;
        writeln!(text, "\n## Beside the jobs\n\n| | measured | must | met |\n|---|---|---|---|")?;
        for must in musts.others() {
            let (what, one) = (must.what.clone(), [must]);
            writeln!(text, "| {what} | {} | {} | {} |", grouped(one[0].measured), bound(&one[0]), met(&one))?;
        }
        if start > 0.0 {
            writeln!(text, "| from exec to the first answer, ms | {start:.0} ({least:.0}–{most:.0}) | | |")?;
        }
        writeln!(
            text,
            "\nMemory is PSS: idle {idle_mb:.1} MB after one call, {loaded_mb:.1} MB after all jobs, {connection_kb:.1} KB a connection.\n"
        )?;
        if self.growth.sizes.len() > 1 {
            let sizes: Vec<_> = self.growth.sizes.iter().map(|size| grouped(*size as f64)).collect();
            writeln!(
                text,
                "## Cost against size\n\nGateway and Postgres, µs a call, among so many sessions.\n"
            )?;
            writeln!(text, "| job | {} |\n|---|{}", sizes.join(" | "), "---|".repeat(sizes.len()))?;
            for job in self.growth.rounds.keys() {
                let costs: Vec<_> = self.growth.cpu_us(job).into_iter().map(grouped).collect();
                writeln!(text, "| {job} | {} |", costs.join(" | "))?;
            }
        }
        self.told(text)?;
        if let Some(morning) = &self.morning {
            writeln!(
                text,
                "\n## A nation's morning\n\n{} prisons pulled their day and {} partner systems pushed 40 sessions each in {:.1} s, each over \
                 a connection of its own: the nation would take {:.2} of its 30 minutes. CPU: gateway {:.1} s, Postgres {:.1} s; asked \
                 again: {}; the gateway then held {:.0} MB; other work {:.0} %.",
                morning.prisons,
                morning.partners,
                morning.seconds,
                morning.minutes_of_30,
                morning.gateway_cpu_seconds,
                morning.postgres_cpu_seconds,
                morning.asked_again,
                morning.gateway_mb,
                morning.other * 100.0,
            )?;
        }
        Ok(())
    }
}

impl Report {
    /// How soon readers are told, and what they cost who are not.
    fn told(&self, text: &mut String) -> Result<()> {
        if !self.live.is_empty() {
            writeln!(
                text,
                "## Told of changes\n\nms from the answer of a push to the answer of a reader's stream; in brackets, of how many \
                 entries it was told, and how many it lacked five seconds after the last.\n\n\
                 | pushes/s, offered | reached | gateway / Postgres µs | reader of few, p50 / p99 | reader of all others | other work |\n\
                 |---|---|---|---|---|---|"
            )?;
        }
        let told = |told: &Told| {
            format!(
                "{} / {} ({}, {})",
                grouped(told.p50_ms),
                grouped(told.p99_ms),
                grouped(told.entries as f64),
                told.missing
            )
        };
        for live in &self.live {
            writeln!(
                text,
                "| {} | {} | {} / {} | {} | {} | {:.0} % |",
                live.offered,
                grouped(live.reached),
                grouped(live.gateway_us),
                grouped(live.postgres_us),
                told(&live.of_few),
                told(&live.of_all),
                live.other * 100.0,
            )?;
        }
        if let Some(streams) = &self.streams {
            writeln!(
                text,
                "\n{} streams of which nobody is told anything, at {:.0} batches a second: they add {:.1} % of a core to the gateway's \
                 {:.1} and {:.1} % to Postgres' {:.1}, and each asks the database {:.2} times a second. The gateway held {:.0} MB before \
                 them, {:.0} MB with them, and {:.0} MB at the end; other work {:.0} %.",
                grouped(streams.streams as f64),
                streams.batches_per_second,
                streams.gateway_added(),
                median(&streams.gateway_without),
                streams.postgres_added(),
                median(&streams.postgres_without),
                streams.questions_per_stream,
                streams.before_mb,
                streams.begin_mb,
                streams.end_mb,
                streams.other * 100.0,
            )?;
        }
        Ok(())
    }
}

fn bounds(musts: &[Must]) -> String {
    let each = musts.iter().map(|must| format!("{} {}", must.what, bound(must)));
    each.collect::<Vec<_>>().join("; ")
}

fn bound(must: &Must) -> String {
    format!("{} {}", if must.at_most { "≤" } else { "≥" }, grouped(must.bound))
}

fn met(musts: &[Must]) -> String {
    let missed: Vec<_> = musts.iter().filter(|must| !must.met).collect();
    match (musts.is_empty(), missed.is_empty()) {
        (true, _) => String::new(),
        (_, true) => "yes".to_owned(),
        _ => {
            let each = missed.iter().map(|must| format!("{} is {}", must.what, grouped(must.measured)));
            format!("no: {}", each.collect::<Vec<_>>().join("; "))
        }
    }
}

/// Three digits that count: 0.55, 13.4, 783; whole thousands with commas.
pub fn grouped(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The machine, the day, and the commit, in one line.
fn machine() -> String {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().ok().filter(|output| output.status.success());
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let commit = said("git", &["describe", "--always", "--dirty"]).unwrap_or_else(|| "no commit".to_owned());
    format!(
        "{} UTC, {}; {cores} cores of {}, {:.0} GB, Linux {}",
        SystemClock.now().strftime("%Y-%m-%d %H:%M"),
        commit,
        cpu.unwrap_or_else(|| "an unnamed processor".to_owned()),
        memory / 1024.0 / 1024.0,
        said("uname", &["-r"]).unwrap_or_default(),
    )
}
