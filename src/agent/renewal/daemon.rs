//! Renewal in time: at two thirds of the certificate's life, again and again until it succeeds.
//!
//! Owns when, and what is said of it. Sleeps nowhere: [`Daemon::step`] does what is due now and says when there is more
//! to do, so that `cli` has the loop and a test the clock. One daemon for a profile, by a lock.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{process::Command, time::timeout};

use super::{
    Renewed,
    status::{State, Status},
};
use crate::{
    agent::{Profile, Trouble, credential::read_certificate, profile::beside},
    domain::{access::Fingerprint, backoff::Backoff, certificate::renew_at, outside::Entropy},
    files::{Lock, LockError},
    pki::certificate::Certificate,
};

const BACKOFF: Backoff = Backoff { first: Duration::from_mins(1), longest: Duration::from_hours(1) };
/// The longest that the command may take.
const COMMAND: Duration = Duration::from_secs(300);

/// The time to call [`Daemon::step`] again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At this time.
    At(Timestamp),
    /// Never: it cannot succeed.
    Stop,
}

/// Keeps one profile's certificate renewed, and its lock, for as long as this lives.
pub struct Daemon<'a> {
    profile: PathBuf,
    /// Run by `sh -c` once the profile names a new certificate.
    command: Option<String>,
    entropy: &'a dyn Entropy,
    status: Status,
    /// The certificate that was planned for, and when it is due.
    plan: Option<(Fingerprint, Timestamp)>,
    /// The number of tries that have failed in a row; with it, the time of the next.
    failures: u32,
    retry_at: Option<Duration>,
    _lock: Lock,
}

impl<'a> Daemon<'a> {
    /// Takes the profile's lock; `Busy` where another daemon has it.
    pub fn open(profile: &Path, command: Option<String>, entropy: &'a dyn Entropy) -> Result<Self, Trouble> {
        let path = beside(profile, "renewal.lock");
        let lock = Lock::take(&path).map_err(|error| match error {
            LockError::Held(pid) => Trouble::Busy { pid, profile: profile.to_owned() },
            LockError::File(why) => Trouble::File { path, why },
        })?;
        let status = Status::read(profile);
        Ok(Self {
            profile: profile.to_owned(),
            command,
            entropy,
            status,
            plan: None,
            failures: 0,
            retry_at: None,
            _lock: lock,
        })
    }

    /// The status that was written last.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Does what is due now. `boot` is the time since the machine started, by which pauses are waited out: the wall clock
    /// may be set in between. `renew` is [`super::Renewal::run`], or a test's.
    pub async fn step(
        &mut self,
        now: Timestamp,
        boot: Duration,
        renew: impl AsyncFn() -> Result<Renewed, Trouble>,
    ) -> Next {
        let next = self.act(now, boot, renew).await;
        self.status.next_try = match next {
            Next::At(at) => Some(at),
            Next::Stop => None,
        };
        if let Err(error) = self.status.write(&self.profile) {
            tracing::warn!(profile = %self.profile.display(), %error, "the status of the renewal cannot be written");
        }
        next
    }

    async fn act(
        &mut self,
        now: Timestamp,
        boot: Duration,
        renew: impl AsyncFn() -> Result<Renewed, Trouble>,
    ) -> Next {
        // Read each time: somebody may have renewed by hand.
        let (paths, leaf) = match self.current() {
            Ok(found) => found,
            Err(trouble) => return self.failed(State::Failed, &trouble.to_string(), now, boot),
        };
        // A daemon that ended between the renewal and its command left the old certificate in its status.
        let renewed_since = self.status.certificate.as_ref().is_some_and(|known| *known != leaf.serial);
        let due = self.due(&leaf);
        if let Some(left) = self.retry_at.and_then(|at| at.checked_sub(boot)).filter(|left| !left.is_zero()) {
            return Next::At(now + left);
        }
        // Owed since the last renewal, perhaps by a daemon that has ended.
        if self.status.state == State::CommandFailed || renewed_since {
            return self.follow(&paths, due, now, boot).await;
        }
        if now < due {
            self.succeeded();
            return Next::At(due);
        }
        if now > leaf.not_after {
            return self.failed(State::Failed, &Trouble::Expired(leaf.not_after).to_string(), now, boot);
        }
        if let Some(why) = self.clock_is_wrong(&leaf, now) {
            return self.failed(State::Failed, &why, now, boot);
        }
        match renew().await {
            Err(trouble) if trouble.is_final() => {
                self.failed(State::Stopped, &trouble.to_string(), now, boot);
                Next::Stop
            }
            Err(trouble) => self.failed(State::Failed, &trouble.to_string(), now, boot),
            Ok(renewed) => {
                tracing::info!(profile = %self.profile.display(), serial = renewed.leaf.serial, "renewed");
                self.status.last_success = Some(now);
                let due = self.due(&renewed.leaf);
                let paths = Profile { certificate: renewed.certificate, key: renewed.key, ..paths };
                self.follow(&paths, due, now, boot).await
            }
        }
    }

    fn current(&self) -> Result<(Profile, Certificate), Trouble> {
        let profile = Profile::read(&self.profile)?;
        let (leaf, _) = read_certificate(&profile.certificate)?;
        Ok((profile, leaf))
    }

    /// The time at which this certificate is due: after two thirds of its life, and up to a tenth of the rest later, so
    /// that certificates that were issued together are not renewed together. Drawn once for each.
    fn due(&mut self, leaf: &Certificate) -> Timestamp {
        self.status.certificate = Some(leaf.serial.clone());
        self.status.certificate_expires = Some(leaf.not_after);
        match self.plan {
            Some((fingerprint, due)) if fingerprint == leaf.fingerprint => due,
            _ => {
                let first = renew_at(leaf.not_before, leaf.not_after);
                let slack = leaf.not_after.duration_since(first).as_secs() / 10;
                let mut random = [0; 4];
                self.entropy.fill(&mut random);
                let later = slack * i64::from(u32::from_be_bytes(random)) / (1 << 32);
                let due = first + SignedDuration::from_secs(later);
                tracing::info!(profile = %self.profile.display(), serial = leaf.serial, %due, "the renewal is planned");
                self.plan = Some((leaf.fingerprint, due));
                due
            }
        }
    }

    /// Says what is wrong with this machine's clock, if a certificate that it got lately is due by it already. Without
    /// this, a clock that is far ahead would have every new certificate renewed at once, for ever.
    fn clock_is_wrong(&self, leaf: &Certificate, now: Timestamp) -> Option<String> {
        let held = now.duration_since(self.status.last_success?);
        let young = leaf.not_after.duration_since(leaf.not_before) / 10;
        (held < young).then(|| {
            format!(
                "this machine's clock says {now}, by which the certificate that it got {} h ago, valid from {} to {}, is due \
                 already; set the clock",
                held.as_hours(),
                leaf.not_before,
                leaf.not_after
            )
        })
    }

    /// Runs the command, if there is one. Its failure does not undo the renewal.
    async fn follow(&mut self, paths: &Profile, due: Timestamp, now: Timestamp, boot: Duration) -> Next {
        if let Some(command) = &self.command
            && let Err(why) = run(command, paths, &self.profile).await
        {
            return self.failed(State::CommandFailed, &format!("{command}: {why}"), now, boot);
        }
        self.succeeded();
        Next::At(due)
    }

    fn succeeded(&mut self) {
        (self.failures, self.retry_at) = (0, None);
        self.status.state = State::Waiting;
        self.status.error_since = None;
        self.status.last_error = None;
    }

    fn failed(&mut self, state: State, why: &str, now: Timestamp, boot: Duration) -> Next {
        self.failures = self.failures.saturating_add(1);
        let wait = BACKOFF.wait(self.failures, self.entropy);
        let at = now + wait;
        self.retry_at = Some(boot + wait);
        tracing::warn!(profile = %self.profile.display(), state = state.as_str(), why, next = %at, "the renewal failed");
        self.status.state = state;
        self.status.last_error = Some(why.to_owned());
        self.status.error_since.get_or_insert(now);
        Next::At(at)
    }
}

/// The command, told by its environment where the new pair is.
async fn run(command: &str, paths: &Profile, profile: &Path) -> Result<(), String> {
    let child = Command::new("sh")
        .args(["-c", command])
        .env("GERBANG_CERTIFICATE", &paths.certificate)
        .env("GERBANG_KEY", &paths.key)
        .env("GERBANG_PROFILE", profile)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status();
    match timeout(COMMAND, child).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(status.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it did not end within five minutes".to_owned()),
    }
}

#[cfg(test)]
mod tests;
