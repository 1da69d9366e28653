//! Health (`grpc.health.v1`): SERVING while the gateway can do its work, for the whole and for each service.
//!
//! Asks once a second and remembers the answer. NOT_SERVING until the first answer, when an answer takes too
//! long, while certificates cannot be looked up (`trust` and `registry_check` say so), and while the gateway shuts
//! down.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{sync::Mutex, time::timeout};
use tonic_health::{
    ServingStatus,
    server::{HealthReporter, HealthService},
};

use super::method;
use crate::keeper::task::{Failure, Plan, Work};

/// The task that asks, every second, whether the gateway can do its work.
pub const WATCH_HEALTH: Plan =
    Plan { name: "watch_health", every: Duration::from_secs(1), patience: Duration::from_secs(10) };

/// The longest that one answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The name under which health says whether the gateway stores: NOT_SERVING, while the rest is SERVING, where its
/// database reads and does not write.
pub const WRITES: &str = "writes";

/// The work that a gateway can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// It reaches its database.
    pub up: bool,
    /// The database stores what it is given, as far as is known.
    pub stores: bool,
}

impl Condition {
    const NONE: Self = Self { up: false, stores: false };
}

/// Asks what the gateway can do now.
pub type Healthy = Arc<dyn Fn() -> BoxFuture<'static, Condition> + Send + Sync>;

/// The state that the health service reports. Cheap to clone.
#[derive(Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    can: Condition,
    /// Whether the look at certificates that began last succeeded, and when that was, in microseconds of the boot-time clock.
    sees: bool,
    looked: u64,
    ended: bool,
}

impl State {
    fn serving(self) -> bool {
        self.can.up && self.sees && !self.ended
    }

    fn storing(self) -> bool {
        self.serving() && self.can.stores
    }
}

impl Health {
    /// Begins with every service NOT_SERVING.
    pub async fn new() -> Self {
        let reporter = HealthReporter::new();
        set(&reporter, names(), false).await;
        set(&reporter, [WRITES.to_owned()], false).await;
        let state = State { can: Condition::NONE, sees: true, looked: 0, ended: false };
        Self { reporter, state: Arc::new(Mutex::new(state)) }
    }

    pub fn service(&self) -> HealthService {
        HealthService::from_health_reporter(self.reporter.clone())
    }

    /// Notes whether a look at certificates that began then succeeded. If not, NOT_SERVING follows at once, since nobody can be let
    /// in. One that began before another that is noted says nothing any more.
    pub async fn sees(&self, begun: u64, sees: bool) {
        self.change(|state| {
            if begun >= state.looked {
                (state.looked, state.sees) = (begun, sees);
            }
        })
        .await;
    }

    /// Says NOT_SERVING from now on, and ends all watching.
    pub async fn end(mut self) {
        self.change(|state| state.ended = true).await;
        // A client that watches would keep its connection, and the shutdown, waiting.
        for service in names().chain([WRITES.to_owned()]) {
            self.reporter.clear_service_status(&service).await;
        }
    }

    /// Tells the reporter, once for each change: whoever watches hears every word.
    async fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().await;
        let before = *state;
        change(&mut state);
        let (serving, storing) = (state.serving(), state.storing());
        if (serving, storing) != (before.serving(), before.storing()) {
            tracing::info!(serving, storing, "health");
        }
        if serving != before.serving() {
            set(&self.reporter, names(), serving).await;
        }
        if storing != before.storing() {
            set(&self.reporter, [WRITES.to_owned()], storing).await;
        }
    }
}

/// Asks whether the gateway can do its work.
pub(super) struct Ask {
    pub health: Health,
    pub healthy: Healthy,
}

impl Work for Ask {
    async fn turn(&mut self) -> Result<(), Failure> {
        let can = timeout(PATIENCE, (self.healthy)()).await.unwrap_or(Condition::NONE);
        self.health.change(|state| state.can = can).await;
        if can.up { Ok(()) } else { Err("the gateway cannot do its work".into()) }
    }
}

async fn set(reporter: &HealthReporter, services: impl IntoIterator<Item = String>, serving: bool) {
    let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
    for service in services {
        reporter.set_service_status(service, status).await;
    }
}

/// The whole gateway, which the protocol names by the empty string, and each service.
fn names() -> impl Iterator<Item = String> {
    std::iter::once(String::new()).chain(method::services())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The database answers a look, goes away, and does not answer the next one, which is noted first.
    #[tokio::test]
    async fn a_look_that_is_noted_late_says_nothing_any_more() {
        let health = Health::new().await;
        health.change(|state| state.can.up = true).await;
        let serves = async || health.state.lock().await.serving();
        for (begun, sees, expected) in
            [(1, true, true), (3, false, false), (2, true, false), (4, true, true), (3, false, true)]
        {
            health.sees(begun, sees).await;
            assert_eq!(serves().await, expected, "{begun} {sees}");
        }
    }
}
