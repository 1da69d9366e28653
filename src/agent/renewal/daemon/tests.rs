//! The daemon under a clock that is moved: nothing here sleeps, and nothing goes over a wire.

use std::{cell::RefCell, fs};

use tonic::Code;

use super::{super::tests::profile, *};
use crate::{
    agent::{
        Refused,
        tests::{Authorities, now},
    },
    domain::outside::Entropy,
    files::tests::Temporary,
};

struct Always(u8);

impl Entropy for Always {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

const NONE: Always = Always(0);

/// A gateway that answers what it is told to, and how often it was asked.
#[derive(Default)]
struct Gateway {
    answers: RefCell<Vec<Result<Renewed, Trouble>>>,
}

impl Gateway {
    async fn step(&self, daemon: &mut Daemon<'_>, now: Timestamp) -> Next {
        self.step_at(daemon, now, Duration::from_secs(now.as_second().unsigned_abs())).await
    }

    async fn step_at(&self, daemon: &mut Daemon<'_>, now: Timestamp, boot: Duration) -> Next {
        daemon.step(now, boot, async || self.answers.borrow_mut().pop().expect("nothing was due")).await
    }

    fn say(&self, answer: Result<Renewed, Trouble>) {
        self.answers.borrow_mut().push(answer);
    }

    fn was_asked(&self) -> bool {
        self.answers.borrow().is_empty()
    }
}

fn refused(reason: &str) -> Trouble {
    let (reason, message) = (reason.to_owned(), "No.".to_owned());
    Trouble::Refused(Refused {
        code: Code::Unavailable,
        reason,
        message,
        violations: Vec::new(),
        broken: false,
        retry_after: None,
    })
}

/// As if it had been renewed: the profile's own pair, with its certificate's dates as they are.
fn renewed(path: &Path) -> Renewed {
    let profile = Profile::read(path).unwrap();
    let (leaf, _) = read_certificate(&profile.certificate).unwrap();
    Renewed { leaf, certificate: profile.certificate, key: profile.key }
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The certificate begins an hour before now and lasts 90 days.
fn due() -> Timestamp {
    now() - hours(1) + SignedDuration::from_secs((90 * 24 + 1) * 3600 / 3 * 2)
}

#[tokio::test]
async fn it_is_due_at_two_thirds_and_a_little_later() {
    let (place, authorities) = (Temporary::new("daemon"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let gateway = Gateway::default();
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    assert_eq!(gateway.step(&mut daemon, now()).await, Next::At(due()));
    assert_eq!(gateway.step(&mut daemon, due() - hours(1)).await, Next::At(due()));
    drop(daemon);
    let mut late = Daemon::open(&path, None, &Always(255)).unwrap();
    let Next::At(at) = gateway.step(&mut late, now()).await else { panic!() };
    // Just below a tenth of the last third, which is 720 hours and 20 minutes.
    assert!(at > due() + hours(71) && at < due() + hours(73), "{at}");
    // The draw holds.
    assert_eq!(gateway.step(&mut late, at - hours(1)).await, Next::At(at));
    gateway.say(Ok(renewed(&path)));
    gateway.step(&mut late, at).await;
    assert!(gateway.was_asked());
    assert_eq!(late.status().last_success, Some(at));
}

#[tokio::test]
async fn a_failure_is_shown_and_tried_again_ever_more_rarely() {
    let (place, authorities) = (Temporary::new("daemon-fails"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let gateway = Gateway::default();
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    let mut at = due();
    for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
        gateway.say(Err(refused("AGENCY_SUSPENDED")));
        let next = gateway.step(&mut daemon, at).await;
        assert_eq!(next, Next::At(at + SignedDuration::from_mins(minutes)));
        // Before its time nothing is tried.
        assert_eq!(gateway.step(&mut daemon, at + SignedDuration::from_secs(1)).await, next);
        at += SignedDuration::from_mins(minutes);
    }
    let status = Status::read(&path);
    assert_eq!((status.state, status.error_since, status.next_try), (State::Failed, Some(due()), Some(at)));
    assert_eq!(status.last_error.as_deref(), Some("No."));
    let gauges = fs::read_to_string(place.0.join("blk.renewal.prom")).unwrap();
    assert!(gauges.contains("gerbang_renewal_failed{profile=\"blk\"} 1\n"), "{gauges}");
    gateway.say(Ok(renewed(&path)));
    gateway.step(&mut daemon, at).await;
    let status = Status::read(&path);
    assert_eq!((status.state, status.error_since, status.last_error), (State::Waiting, None, None));
    assert!(
        fs::read_to_string(place.0.join("blk.renewal.prom")).unwrap().contains("failed{profile=\"blk\"} 0")
    );
}

#[tokio::test]
async fn only_what_is_revoked_is_given_up() {
    let (place, authorities) = (Temporary::new("daemon-revoked"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let gateway = Gateway::default();
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    let expired = now() + hours(90 * 24 + 1);
    assert!(matches!(gateway.step(&mut daemon, expired).await, Next::At(_)));
    assert!(daemon.status().last_error.as_deref().unwrap().contains("gerbang cert invite"));
    drop(daemon);
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    gateway.say(Err(refused("CERTIFICATE_REVOKED")));
    assert_eq!(gateway.step(&mut daemon, due()).await, Next::Stop);
    assert_eq!((daemon.status().state, daemon.status().next_try), (State::Stopped, None));
}

#[tokio::test]
async fn a_command_that_fails_is_run_again_and_the_renewal_stands() {
    let (place, authorities) = (Temporary::new("daemon-exec"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let (gateway, flag) = (Gateway::default(), place.0.join("ready"));
    let command = format!(
        "test -e {0} && echo \"$GERBANG_CERTIFICATE $GERBANG_KEY $GERBANG_PROFILE\" > {0}",
        flag.display()
    );
    let mut daemon = Daemon::open(&path, Some(command.clone()), &NONE).unwrap();
    gateway.say(Ok(renewed(&path)));
    let next = gateway.step(&mut daemon, due()).await;
    assert_eq!(next, Next::At(due() + BACKOFF.first));
    let status = Status::read(&path);
    assert_eq!((status.state, status.last_success), (State::CommandFailed, Some(due())));
    // Another daemon knows that the command is owed, and does not renew again.
    drop(daemon);
    fs::write(&flag, "").unwrap();
    let mut daemon = Daemon::open(&path, Some(command), &NONE).unwrap();
    gateway.step(&mut daemon, due() + BACKOFF.first).await;
    assert_eq!(daemon.status().state, State::Waiting);
    let told = fs::read_to_string(&flag).unwrap();
    let expected = ["blk.pem", "blk.key", "blk.toml"].map(|name| place.0.join(name).display().to_string());
    assert_eq!(told.trim(), expected.join(" "));
}

/// The clock is 25 hours ahead for a moment: the pause after a failure is waited out by the clock that nobody sets.
#[tokio::test]
async fn a_clock_that_was_ahead_delays_nothing() {
    let (place, authorities) = (Temporary::new("daemon-ahead"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let gateway = Gateway::default();
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    let boot = Duration::from_secs(1000);
    gateway.say(Err(refused("UNAVAILABLE")));
    let ahead = due() + hours(25);
    assert_eq!(gateway.step_at(&mut daemon, ahead, boot).await, Next::At(ahead + hours(1) / 60));
    // Right again. Half a minute of the pause is left, by whatever clock it is told.
    let next = gateway.step_at(&mut daemon, due(), boot + Duration::from_secs(30)).await;
    assert_eq!(next, Next::At(due() + SignedDuration::from_secs(30)));
    gateway.say(Ok(renewed(&path)));
    gateway.step_at(&mut daemon, due(), boot + Duration::from_mins(1)).await;
    assert!(gateway.was_asked());
}

/// The clock is ahead by more than two thirds of the life: what is renewed is due again at once, by that clock.
#[tokio::test]
async fn a_clock_that_is_far_ahead_is_named_and_renews_nothing_twice() {
    let (place, authorities) = (Temporary::new("daemon-far"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let gateway = Gateway::default();
    let mut daemon = Daemon::open(&path, None, &NONE).unwrap();
    let mut now = due() + hours(24);
    gateway.say(Ok(renewed(&path)));
    gateway.step(&mut daemon, now).await;
    assert!(gateway.was_asked());
    for _ in 0..3 {
        now += hours(2);
        let Next::At(next) = gateway.step(&mut daemon, now).await else { panic!() };
        assert!(next > now, "{next}");
        let why = daemon.status().last_error.clone().unwrap();
        assert!(why.contains(&now.to_string()) && why.contains("set the clock"), "{why}");
        // Nor by a daemon that is started anew.
        drop(daemon);
        daemon = Daemon::open(&path, None, &NONE).unwrap();
    }
    assert_eq!(daemon.status().state, State::Failed);
    // A tenth of the life after the last time it is a renewal like any other, by whatever clock.
    now = due() + hours(24) + hours(90 * 24 + 1) / 10;
    gateway.say(Ok(renewed(&path)));
    gateway.step(&mut daemon, now).await;
    assert!(gateway.was_asked());
}

#[test]
fn one_daemon_for_a_profile() {
    let (place, authorities) = (Temporary::new("daemon-two"), Authorities::new());
    let path = profile(&place.0, &authorities);
    let _first = Daemon::open(&path, None, &NONE).unwrap();
    let second = Daemon::open(&path, None, &NONE).err().unwrap();
    assert!(matches!(second, Trouble::Busy { pid, .. } if pid == std::process::id().to_string()));
}
