//! `make bench`: what a call costs the gateway and its database, beside the limits of the same machine in the same minutes.
//!
//! Runs the built gateway over a Postgres of its own, with the gateway's own calls and its peers in turns, and writes
//! `report.md`, `report.json` and `report.svg` into `target/bench`. `README.md` beside this folder says what is measured and
//! how to read it. Ends with an error where a job fails; a bound that is missed is a line of the report.

mod bare;
mod cluster;
mod copies;
mod diary;
mod fixture;
mod founding;
mod gateway;
mod growth;
mod jobs;
mod live;
mod load;
mod memory;
mod meter;
mod morning;
mod musts;
mod peers;
mod pgbench;
mod plot;
mod proofs;
mod report;
mod server;
mod stage;
mod streams;
mod turns;
mod wire;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use gerbang::dev::Folder;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::{
    jobs::Of,
    load::{Drive, measure},
    report::Report,
    stage::Stage,
    turns::{Turns, take_turns},
};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How much is done.
struct Scale {
    name: &'static str,
    /// Of the counts of a quick run.
    calls: usize,
    rounds: usize,
    /// The sizes at which growth is measured; the jobs are done among the first ones up to the given one.
    sizes: &'static [usize],
    jobs_at: usize,
    /// The time for all rounds, and the part of it in which disturbed ones are repeated.
    time: Duration,
    patience: Duration,
    /// Batches of the stream, and the part of the nation.
    stream: usize,
    nation: usize,
    /// How long pushes go on that readers are told of, and each window with or without streams.
    live: Duration,
    window: Duration,
    /// Entries of the ledger over which proofs are made.
    entries: i64,
}

const QUICK: Scale = Scale {
    name: "quick",
    calls: 1,
    rounds: 3,
    sizes: &[10_000, 100_000],
    jobs_at: 100_000,
    time: Duration::from_secs(125),
    patience: Duration::from_secs(15),
    stream: 0,
    nation: 10,
    live: Duration::from_secs(10),
    window: Duration::from_secs(5),
    entries: 100_000,
};
const FULL: Scale = Scale {
    name: "full",
    calls: 4,
    rounds: 5,
    sizes: &[10_000, 100_000, 1_000_000],
    jobs_at: 100_000,
    time: Duration::from_secs(40 * 60),
    patience: Duration::from_secs(10 * 60),
    stream: 100,
    nation: 1,
    live: Duration::from_secs(30),
    window: Duration::from_secs(15),
    entries: 1_000_000,
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ended = match words[..] {
        ["bare", address, folder, database] => runtime.block_on(bare(address, folder, database)),
        [] => runtime.block_on(run(&FULL, None)),
        ["--quick"] => runtime.block_on(run(&QUICK, None)),
        ["--only", only] => runtime.block_on(run(&FULL, Some(only))),
        ["--quick", "--only", only] => runtime.block_on(run(&QUICK, Some(only))),
        _ => Err("give nothing, --quick, or --only JOB,JOB with or without it".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn bare(address: &str, folder: &str, database: &str) -> Result<()> {
    bare::serve(address.parse()?, Path::new(folder), database).await
}

/// Runs everything, or of the jobs only these, and writes the report.
async fn run(scale: &Scale, only: Option<&str>) -> Result<()> {
    let begun = Instant::now();
    // Every caller of the morning keeps its connection.
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let (target, folder) = fresh_folder()?;
    println!("setting the stage ({} run)", scale.name);
    let first = scale.sizes[0];
    let mut stage = Stage::set(folder.path(), first).await?;
    println!("{} sessions after {:.0} s", first, begun.elapsed().as_secs_f64());
    let mut report = Report::new(scale.name, scale.jobs_at);
    everything(scale, only, &mut stage, &mut report).await;
    report.rows_written = stage.rows_written().await.unwrap_or_else(|error| error.to_string());
    let ended = stage.strike();
    report.seconds = begun.elapsed().as_secs_f64();
    report.write(&target)?;
    ended?;
    println!("{}", fs::read_to_string(target.join("report.md"))?);
    match report.figures.failed.iter().next() {
        None => Ok(()),
        Some((job, why)) => Err(format!("{job} failed: {why} (logs in {})", folder.path().display()).into()),
    }
}

/// Measures all that was asked for; what fails is told in the report, and the rest goes on.
async fn everything(scale: &Scale, only: Option<&str>, stage: &mut Stage, report: &mut Report) {
    let wanted = |name: &str| only.is_none_or(|only| only.split(',').any(|job| job == name));
    for &size in scale.sizes {
        if wanted("growth")
            && let Err(error) = report.growth.at(stage, size, scale.calls).await
        {
            report.figures.fail("growth", &error);
        }
        if size == scale.jobs_at {
            let mut jobs = stage.jobs(scale.calls);
            jobs.retain(|job| wanted(job.name));
            let turns = Turns { rounds: scale.rounds, time: scale.time, patience: scale.patience };
            take_turns(stage, &mut report.figures, &jobs, turns).await;
            if wanted("memory") {
                match memory::measure(stage).await {
                    Ok(measured) => report.memory = measured,
                    Err(error) => report.figures.fail("memory", &error),
                }
            }
        }
    }
    if wanted("live") {
        for offered in live::OFFERED {
            match live::measure(stage, offered, scale.live).await {
                Ok(measured) => report.live.push(measured),
                Err(error) => report.figures.fail("live", &error),
            }
        }
    }
    if wanted("streams") {
        match streams::measure(stage, scale.window).await {
            Ok(measured) => report.streams = Some(measured),
            Err(error) => report.figures.fail("streams", &error),
        }
    }
    if wanted("proofs") {
        match proofs::measure(stage, scale.entries).await {
            Ok(measured) => report.proofs = Some(measured),
            Err(error) => report.figures.fail("proofs", &error),
        }
    }
    if scale.stream > 0 && wanted("stream") {
        match stream(stage, scale.stream).await {
            Ok(round) => report.figures.add("stream", round),
            Err(error) => report.figures.fail("stream", &error),
        }
    }
    if wanted("morning") {
        match morning::play(stage, scale.nation).await {
            Ok(played) => report.morning = Some(played),
            Err(error) => report.figures.fail("morning", &error),
        }
    }
}

/// So many batches of new sessions, one of each agency at a time.
async fn stream(stage: &Stage, batches: usize) -> Result<meter::Round> {
    println!("a stream of {batches} batches");
    let drive = Drive { calls: batches, in_flight: diary::LEADS, longest: Duration::from_secs(300) };
    measure(stage.watched(Of::Gateway)?, drive, &stage.batch()).await
}

/// `target/bench`, and in it a folder for this run alone; what an earlier run left there is gone.
fn fresh_folder() -> Result<(PathBuf, Folder)> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&target)?;
    let run = target.join("run");
    drop(Folder::open(&run)?);
    fs::remove_dir_all(&run)?;
    Ok((target, Folder::open(&run)?))
}
