//! Gateways and Postgres that are killed while a series is under way, cycle after cycle: each goes on from the first push without an
//! answer. Nothing that was acknowledged is lost, nothing is there twice, and whatever was unknown is settled by sending it again.
//! `make torture` has more cycles, and kills Postgres' processes with SIGKILL, of which all of the cluster starts anew.

use std::time::Instant;

use gerbang::agent::{Client, Profile};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::mpsc;

use super::Series;
use crate::{
    cast::Cast,
    dice::{self, Dice},
    push::{
        Answer,
        killed::{Asked, by_the_real_clock, connect},
    },
    revocation::Gateway,
    world::{reason, url},
};

/// The cycles that every run of the tests has.
const CYCLES: u64 = 6;
/// New pushes of each cycle.
const PUSHES: usize = 8;
/// Of which so many are answered before something is killed, at most.
const ANSWERED: usize = 4;
/// Round trips to the database by which the kill comes later, at most.
const LATER: usize = 30;

/// What became of the cycles.
#[derive(Default, Debug)]
struct Seen {
    gateways: usize,
    databases: usize,
    /// Cycles whose kill left pushes without an answer.
    cut: usize,
    /// Pushes without an answer of which it turned out that they were stored.
    stored_unheard: usize,
}

struct Cycles {
    cast: Cast,
    profile: Profile,
    asked: Asked,
    dice: Dice,
    /// Whether the cluster is this test's alone.
    torture: bool,
    seen: Seen,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_is_killed_under_a_series_nothing_is_lost_and_nothing_doubled() {
    let torture = std::env::var("KILL_CYCLES").is_ok_and(|cycles| !cycles.is_empty());
    let (cycles, seed) = (dice::number("KILL_CYCLES", CYCLES), dice::number("KILL_SEED", 20_260_302));
    println!("KILL_CYCLES={cycles} KILL_SEED={seed}");
    let (cast, profile) = by_the_real_clock().await;
    let (asked, dice, seen) = (Asked::default(), Dice(seed), Seen::default());
    let mut all = Cycles { cast, profile, asked, dice, torture, seen };
    if torture {
        all.have_commits_last().await;
    }
    let begun = Instant::now();
    let mut gateway = all.start(0).await;
    for cycle in 1..=cycles {
        gateway = all.cycle(cycle, gateway).await;
    }
    let client = all.settle(&gateway).await;
    println!("{:?} and {} pushes in {:.1?}", all.seen, all.asked.requests.len(), begun.elapsed());
    assert!(all.seen.cut > 0, "no kill came while a push was under way");
    all.asked.assert_once_each(&all.cast, &client).await;
}

impl Cycles {
    async fn start(&self, cycle: u64) -> Gateway {
        let real = |role: &str| url(role, &self.cast.world.database);
        Gateway::start(&self.cast.world, &format!("cycle-{cycle}"), real).await
    }

    /// Sends whatever has no answer and some more, and kills the gateway or Postgres meanwhile; answers with the gateway that serves.
    async fn cycle(&mut self, cycle: u64, gateway: Gateway) -> Gateway {
        self.asked.more(PUSHES);
        let (answered, later) = (self.dice.below(ANSWERED + 1), self.dice.below(LATER + 1));
        let client = connect(&self.profile, &gateway).await;
        let mut superuser = self.cast.world.superuser().await;
        let (numbers, mut answers) = self.push(client);
        for _ in 0..answered {
            let Some((number, answer)) = answers.recv().await else { break };
            self.asked.heard(number, answer);
        }
        for _ in 0..later {
            sqlx::query("SELECT 1").execute(&mut superuser).await.unwrap();
        }
        let gateway = if cycle % 2 == 1 {
            self.seen.gateways += 1;
            gateway.process.kill().await;
            self.start(cycle).await
        } else {
            self.seen.databases += 1;
            self.end_backends(superuser).await;
            gateway
        };
        while let Some((number, answer)) = answers.recv().await {
            self.asked.heard(number, answer);
        }
        let unheard = numbers.filter(|number| self.asked.answers[*number].is_none()).count();
        self.seen.cut += usize::from(unheard > 0);
        self.seen.stored_unheard += self.stored_unheard().await;
        gateway
    }

    /// Sends all pushes from the first without an answer in one series, whose answers come with their numbers, until it ends.
    fn push(&self, client: Client) -> (std::ops::Range<usize>, mpsc::UnboundedReceiver<(usize, Answer)>) {
        let numbers = self.asked.answers.iter().take_while(|answer| answer.is_some()).count()
            ..self.asked.requests.len();
        let pushes = self.asked.requests[numbers.clone()].to_vec();
        let (sender, answers) = mpsc::unbounded_channel();
        let all = numbers.clone();
        tokio::spawn(async move {
            let Ok(mut series) = Series::begin(&client, &pushes).await else { return };
            for number in all {
                let answer = series.hear().await;
                let ended = answer.is_err();
                let _ = sender.send((number, answer));
                if ended {
                    return;
                }
            }
            series.end().await;
        });
        (numbers, answers)
    }

    /// How many pushes are stored whose answer nobody has heard.
    async fn stored_unheard(&self) -> usize {
        let heard = self.asked.answers.iter().flatten().count();
        let mut owner = self.cast.world.owner().await;
        let stored: i64 = sqlx::query_scalar(super::SESSIONS).fetch_one(&mut owner).await.unwrap();
        usize::try_from(stored).unwrap().checked_sub(heard).expect("what was acknowledged is stored")
    }

    /// Sends what has no answer, until all have; the client that did.
    async fn settle(&mut self, gateway: &Gateway) -> Client {
        let client = connect(&self.profile, gateway).await;
        while self.asked.answers.iter().any(Option::is_none) {
            let (_, mut answers) = self.push(client.clone());
            while let Some((number, answer)) = answers.recv().await {
                if let Err(status) = &answer {
                    assert_eq!(reason(status), "DATABASE_AWAY", "{status:?}");
                }
                self.asked.heard(number, answer);
            }
        }
        client
    }

    /// Ends the gateways' backends; where nobody else has the cluster, by SIGKILL for one of them, which costs the cluster all its
    /// memory. Returns when Postgres is back.
    async fn end_backends(&mut self, mut superuser: PgConnection) {
        let of_gateways =
            "FROM pg_stat_activity WHERE datname = current_database() AND usename = 'gerbang_gateway'";
        if !self.torture {
            let end = format!("SELECT pg_terminate_backend(pid) {of_gateways}");
            sqlx::query(AssertSqlSafe(end)).execute(&mut superuser).await.unwrap();
            return;
        }
        let pids = format!("SELECT pid {of_gateways} ORDER BY state = 'idle', pid");
        let pids: Vec<i32> = sqlx::query_scalar(AssertSqlSafe(pids)).fetch_all(&mut superuser).await.unwrap();
        let pid = pids[self.dice.below(pids.len())];
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        // All backends end with it, this one too.
        while sqlx::query("SELECT 1").execute(&mut superuser).await.is_ok() {}
        let own = url("gerbang_owner", &self.cast.world.database);
        while PgConnection::connect(&own).await.is_err() {}
    }

    /// Has every commit outlast a crash of Postgres, as it does outside of tests: in all sessions from now on.
    async fn have_commits_last(&self) {
        let mut superuser = self.cast.world.superuser().await;
        let last = format!("ALTER DATABASE {} SET synchronous_commit = on", self.cast.world.database);
        for statement in [
            &last,
            // A backend that is killed may leave half a page.
            "ALTER SYSTEM SET full_page_writes = on",
            "SELECT pg_reload_conf()",
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid()",
        ] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut superuser).await.unwrap();
        }
    }
}
