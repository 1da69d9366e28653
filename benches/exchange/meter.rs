//! What a round cost: CPU of one server, of the database's cluster, and of everything else on the machine, as `/proc` counts
//! it: of a process that lives its own clock in nanoseconds, of all else steps of 10 ms.
//!
//! A cluster is its first process, the children of that one, and the children that have ended meanwhile. Other work is what
//! the machine did beside server, cluster and ourselves, our pgbench included.

use std::{fs, time::Instant};

use nix::{
    sys::time::TimeValLike,
    time::{clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};
use serde::Serialize;

use crate::Result;

/// Nanoseconds of a tick of `/proc/*/stat` and of `/proc/stat` (USER_HZ, which is 100 on every Linux).
const TICK_NS: u64 = 10_000_000;

/// The figures of one round of one job. Microseconds are of CPU and per call.
#[derive(Debug, Clone, Serialize)]
pub struct Round {
    pub calls: usize,
    pub seconds: f64,
    /// Nothing where no server stands between client and database.
    pub server_us: Option<f64>,
    pub postgres_us: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The share of the machine that other work took, 0 to 1.
    pub other: f64,
}

impl Round {
    pub fn per_second(&self) -> f64 {
        self.calls as f64 / self.seconds
    }

    /// CPU of server and database together.
    pub fn cpu_us(&self) -> f64 {
        self.server_us.unwrap_or_default() + self.postgres_us
    }
}

/// The processes that are told apart.
#[derive(Debug, Clone, Copy)]
pub struct Watched {
    pub server: Option<u32>,
    pub cluster: u32,
}

/// All counters at one moment, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    at: Instant,
    server: u64,
    cluster: u64,
    ours: u64,
    machine: u64,
}

/// What passed between two readings, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub seconds: f64,
    server: u64,
    cluster: u64,
    other: u64,
}

impl Watched {
    pub fn read(&self) -> Result<Reading> {
        Ok(Reading {
            at: Instant::now(),
            server: self.server.map_or(Ok(0), |pid| stat(pid).map(|it| it.own))?,
            cluster: cluster(self.cluster)?,
            ours: stat(std::process::id()).map(|it| it.own + it.waited)?,
            machine: machine()?,
        })
    }
}

impl Reading {
    pub fn until(&self, later: &Self) -> Spent {
        let since = |of: fn(&Self) -> u64| of(later).saturating_sub(of(self));
        let known = since(|it| it.server) + since(|it| it.cluster) + since(|it| it.ours);
        Spent {
            seconds: later.at.duration_since(self.at).as_secs_f64(),
            server: since(|it| it.server),
            cluster: since(|it| it.cluster),
            other: since(|it| it.machine).saturating_sub(known),
        }
    }
}

impl Spent {
    /// CPU of the server for each of so many calls, in microseconds.
    pub fn server_us(&self, calls: usize) -> f64 {
        self.server as f64 / 1e3 / calls.max(1) as f64
    }

    /// The same of the database.
    pub fn postgres_us(&self, calls: usize) -> f64 {
        self.cluster as f64 / 1e3 / calls.max(1) as f64
    }

    /// CPU of the database in all, in microseconds.
    pub fn postgres_all_us(&self) -> f64 {
        self.cluster as f64 / 1e3
    }

    /// The share of the machine that other work took.
    pub fn other(&self) -> f64 {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        self.other as f64 / 1e9 / (self.seconds.max(0.01) * cores)
    }
}

/// The value below which this share of the sorted values lies; 0 of none.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// Memory of a process in KiB, what it shares counted in shares (PSS of `smaps_rollup`).
pub fn pss_kib(pid: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    Ok(line.and_then(|line| line.split_whitespace().next()).ok_or("smaps_rollup has no Pss")?.parse()?)
}

/// CPU of a process and of its children that have ended, in nanoseconds.
struct Stat {
    parent: u32,
    own: u64,
    waited: u64,
}

fn stat(pid: u32) -> Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold anything; behind it stand numbers (proc(5)), the state first.
    let fields: Vec<&str> =
        text.rsplit_once(") ").map(|(_, rest)| rest.split(' ').collect()).unwrap_or_default();
    let number = |place: usize| -> Result<u64> { Ok(fields.get(place).ok_or("a short stat")?.parse()?) };
    let own = clock_gettime(clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))?)?;
    Ok(Stat {
        parent: u32::try_from(number(1)?)?,
        own: u64::try_from(own.num_nanoseconds())?,
        waited: (number(13)? + number(14)?) * TICK_NS,
    })
}

fn cluster(first: u32) -> Result<u64> {
    let postmaster = stat(first)?;
    let mut spent = postmaster.own + postmaster.waited;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that has ended since is among those waited for at the next reading.
        if let Ok(child) = stat(pid)
            && child.parent == first
        {
            spent += child.own;
        }
    }
    Ok(spent)
}

/// The time in which the machine did something, whoever it was, in nanoseconds.
fn machine() -> Result<u64> {
    let text = fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().ok_or("/proc/stat is empty")?;
    let ticks: Vec<u64> =
        line.split_whitespace().skip(1).map(str::parse).collect::<std::result::Result<_, _>>()?;
    // user, nice, system; not idle and not waiting for a disk; interrupts, and what the host took.
    Ok([0, 1, 2, 5, 6, 7].iter().filter_map(|&place| ticks.get(place)).sum::<u64>() * TICK_NS)
}
