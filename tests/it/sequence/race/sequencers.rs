//! Sequencers: each is a process of its own, this test binary once more, which the race kills and stops at any moment, or just
//! between what it has put and its COMMIT.

use std::{process::Stdio, sync::Arc, time::Duration};

use gerbang::{
    domain::{Reason, name::TrustDomain},
    exchange::{Error, Outside},
    keeper::{Keeper, sequencer::SEQUENCE},
    server::outside::{SystemClock, SystemEntropy},
    vault::VaultKeys,
};
use nix::sys::{prctl::set_pdeathsig, signal::Signal};
use tokio::{process::Command, time::sleep};

use super::Course;
use crate::{deploy::process::Process, dice::Dice, trips::Counter, world::TRUST_DOMAIN};

/// The environment's name for the database of a sequencer.
const URL: &str = "RACE_SEQUENCER_URL";
/// How often something is done to each sequencer at least, however short the race. Among three, that is of every kind.
const ACTS_MIN: usize = 2;
/// A sequencer is left alone while so many entries are written, in the mean.
const LEFT_ALONE_MAX: usize = 1_000;
/// The longest that one is stopped, in milliseconds. Others wait for one that stands still for a second and a half.
const STOPPED_MAX: [usize; 2] = [300, 2_500];

/// How often which was done to a sequencer.
#[derive(Debug, Default)]
pub struct Acts {
    killed: usize,
    killed_before_commit: usize,
    stopped: usize,
    stopped_before_commit: usize,
}

impl Acts {
    pub fn sum(all: Vec<Self>) -> Self {
        all.into_iter().fold(Self::default(), |sum, one| Self {
            killed: sum.killed + one.killed,
            killed_before_commit: sum.killed_before_commit + one.killed_before_commit,
            stopped: sum.stopped + one.stopped,
            stopped_before_commit: sum.stopped_before_commit + one.stopped_before_commit,
        })
    }

    fn count(&mut self, kills: bool, before_commit: bool) {
        *match (kills, before_commit) {
            (true, true) => &mut self.killed_before_commit,
            (true, false) => &mut self.killed,
            (false, true) => &mut self.stopped_before_commit,
            (false, false) => &mut self.stopped,
        } += 1;
    }
}

/// Starts a sequencer, and kills and stops it again and again until the writers are nearly done. No process is left then.
pub async fn sequence(course: Arc<Course>, number: usize, counter: Counter, url: String) -> Acts {
    let (mut dice, mut acts) = (course.dice("sequencer", number), Acts::default());
    let left_alone = LEFT_ALONE_MAX.min(course.size / 4);
    let mut process = start(&url);
    for turn in 0.. {
        course.until_written(course.written() + 1 + dice.below(2 * left_alone)).await;
        if turn >= ACTS_MIN && course.written() >= course.size - course.tail() {
            break;
        }
        let kind = if turn < ACTS_MIN { number + turn } else { dice.below(4) };
        let (kills, before_commit) = (kind.is_multiple_of(2), kind / 2 % 2 == 0);
        if before_commit {
            counter.hold_commit();
            counter.until_held().await;
        }
        if kills {
            kill(process).await;
            if before_commit {
                counter.cut();
            }
            process = start(&url);
        } else {
            stop(&process, &counter, before_commit, &mut dice).await;
        }
        acts.count(kills, before_commit);
    }
    kill(process).await;
    acts
}

/// Stops it for a while. Where its COMMIT is held back, that reaches the server while it is stopped, or after it goes on.
async fn stop(process: &Process, counter: &Counter, before_commit: bool, dice: &mut Dice) {
    process.signal(Signal::SIGSTOP);
    let longest = STOPPED_MAX[dice.below(2)];
    sleep(Duration::from_millis(dice.below(longest) as u64)).await;
    let is_first = dice.percent(50);
    if before_commit && is_first {
        counter.let_through();
    }
    process.signal(Signal::SIGCONT);
    if before_commit && !is_first {
        counter.let_through();
    }
}

/// Kills it. It has met nothing by then but what others explain.
async fn kill(mut process: Process) {
    process.signal(Signal::SIGKILL);
    assert!(!process.says("panicked").await, "{}", process.log());
    process.kill().await;
}

fn start(url: &str) -> Process {
    let (_, module) = module_path!().split_once("::").unwrap();
    // By this name it is the same program still when a build has put another in its place.
    let mut command = Command::new("/proc/self/exe");
    command.args(["--exact", &format!("{module}::a_process_of_the_race"), "--ignored", "--nocapture"]);
    command.env(URL, url).stdin(Stdio::null()).stdout(Stdio::null());
    Process::start(command)
}

/// Gives entries their places, at the product's own pace, until it is killed.
#[tokio::test]
#[ignore = "the race starts it"]
async fn a_process_of_the_race() {
    let Ok(url) = std::env::var(URL) else { return };
    // It ends with the race, whatever becomes of that.
    set_pdeathsig(Signal::SIGKILL).unwrap();
    let outside = Outside {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(VaultKeys::generate(&SystemEntropy)),
        trust_domain: TrustDomain::parse(TRUST_DOMAIN).unwrap(),
    };
    let keeper = Keeper::open(&url, 1, outside).unwrap();
    loop {
        match keeper.sequence().await {
            // Another was faster, or the server ended it, for it stood still.
            Ok(_) | Err(Error::Lost(_) | Error::Locked(_) | Error::Broken(_) | Error::Away(_)) => {}
            Err(Error::Refused(refusal)) if refusal.reason() == Reason::ConflictLost => {}
            Err(error) => panic!("{error}"),
        }
        sleep(SEQUENCE.every).await;
    }
}
