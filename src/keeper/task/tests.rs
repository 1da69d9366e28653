//! The supervisor by a clock that jumps: what fails, hangs or panics comes again, is counted, and waits as it should.

use std::sync::Mutex;

use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::time::Instant;

use super::*;

const NOW: i64 = 1_772_413_200;
const PLAN: Plan = Plan { name: "test", every: Duration::from_secs(60), patience: Duration::from_secs(10) };

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }
}

/// Randomness that is all this byte.
struct Same(u8);

impl Entropy for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn supervisor(random: u8) -> Supervisor {
    Supervisor::new(Arc::new(Fixed), Arc::new(Same(random)))
}

#[derive(Clone, Copy)]
enum Turn {
    Well,
    Fails,
    Hangs,
    Panics,
}

/// Does these turns, then well for ever, and notes when each began.
#[derive(Clone)]
struct Script {
    turns: &'static [Turn],
    begun: Arc<Mutex<Vec<Instant>>>,
}

impl Script {
    fn new(turns: &'static [Turn]) -> Self {
        Self { turns, begun: Arc::default() }
    }

    /// Seconds from the beginning of each turn to that of the next.
    fn gaps(&self) -> Vec<u64> {
        let begun = self.begun.lock().unwrap();
        begun.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect()
    }
}

impl Work for Script {
    async fn turn(&mut self) -> Result<(), Failure> {
        let number = {
            let mut begun = self.begun.lock().unwrap();
            begun.push(Instant::now());
            begun.len() - 1
        };
        match self.turns.get(number) {
            None | Some(Turn::Well) => Ok(()),
            Some(Turn::Fails) => Err("no".into()),
            Some(Turn::Hangs) => std::future::pending().await,
            Some(Turn::Panics) => panic!("an impossible row"),
        }
    }
}

/// Runs a future by a paused clock, and returns what it added to the metrics.
fn measured(work: impl Future<Output = ()>) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    metrics::with_local_recorder(&recorder, || runtime.unwrap().block_on(work));
    recorder.handle().render()
}

#[track_caller]
fn assert_series(metrics: &str, expected: &[(&str, i64)]) {
    for (series, value) in expected {
        let line = format!("{series}{{task=\"test\"}} {value}");
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
}

#[test]
fn a_task_that_panics_is_counted_and_started_again() {
    let script = Script::new(&[Turn::Panics, Turn::Panics]);
    let seen = script.clone();
    let metrics = measured(async move {
        let end = CancellationToken::new();
        supervisor(0).task(PLAN, script.clone()).start(end.clone());
        while script.begun.lock().unwrap().len() < 4 {
            sleep(Duration::from_secs(1)).await;
        }
        end.cancel();
        sleep(PLAN.every * 3).await;
    });
    assert_eq!(
        seen.gaps(),
        [1, 2, 60],
        "again after a second, after two, and then in time; and not after the end"
    );
    let expected = [(PANICS, 2), (FAILURES, 2), (RUNS, 4), (LAST_SUCCESS, NOW)];
    assert_series(&metrics, &expected);
}

#[test]
fn a_turn_that_fails_or_hangs_waits_longer_each_time_and_no_longer_than_the_period() {
    const FAILS: &[Turn] = &[Turn::Fails; 9];
    let failing = Script::new(FAILS);
    let seen = failing.clone();
    let metrics = measured(async move {
        let mut task = supervisor(0).task(PLAN, failing);
        for _ in 0..9 {
            assert_eq!(task.turn().await, Outcome::Failed);
            sleep(task.pause()).await;
        }
    });
    assert_eq!(seen.gaps(), [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_series(&metrics, &[(PANICS, 0), (FAILURES, 9), (RUNS, 9)]);
    assert!(!metrics.contains(LAST_SUCCESS), "it never was well: {metrics}");

    let hanging = Script::new(&[Turn::Hangs, Turn::Well]);
    let seen = hanging.clone();
    let metrics = measured(async move {
        let mut task = supervisor(0).task(PLAN, hanging);
        assert_eq!(task.turn().await, Outcome::Failed);
        sleep(task.pause()).await;
        assert_eq!(task.turn().await, Outcome::Done);
        assert_eq!(task.pause(), PLAN.every, "what is well again is in step again");
    });
    assert_eq!(seen.gaps(), [PLAN.patience.as_secs() + 1]);
    assert_series(&metrics, &[(PANICS, 0), (FAILURES, 1), (RUNS, 2), (LAST_SUCCESS, NOW)]);
}

#[test]
fn chance_shortens_a_pause_by_a_fifth_at_most_and_never_lengthens_it() {
    for (random, expected) in [(0, 60.0), (255, 48.0), (128, 54.0)] {
        let pause = supervisor(random).task(PLAN, Script::new(&[])).pause().as_secs_f64();
        assert!((pause - expected).abs() < 0.1, "{random}: {pause}");
    }
}
