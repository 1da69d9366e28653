//! Health (`grpc.health.v1`): SERVING while the gateway can do its work, for the whole and for each service.
//!
//! Asks once a second and remembers the answer. NOT_SERVING until the first answer, when an answer takes too
//! long, while certificates cannot be looked up (`trust` and `registry_check` say so), and while the gateway shuts down.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::{
    sync::Mutex,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic_health::{
    ServingStatus,
    server::{HealthReporter, HealthService},
};

use super::method;

const EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the gateway can do its work now; in practice, whether it reaches its database.
pub type Healthy = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// What health says. Cheap to clone.
#[derive(Clone)]
pub(super) struct Health {
    reporter: HealthReporter,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    /// The gateway can do its work.
    up: bool,
    /// Its last look at certificates succeeded.
    sees: bool,
    ended: bool,
}

impl State {
    fn serving(self) -> bool {
        self.up && self.sees && !self.ended
    }
}

impl Health {
    /// Everything NOT_SERVING.
    pub async fn new() -> Self {
        let reporter = HealthReporter::new();
        set(&reporter, ServingStatus::NotServing).await;
        let state = State { up: false, sees: true, ended: false };
        Self { reporter, state: Arc::new(Mutex::new(state)) }
    }

    pub fn service(&self) -> HealthService {
        HealthService::from_health_reporter(self.reporter.clone())
    }

    /// Whether a look at certificates succeeded. NOT_SERVING follows at once, since nobody can be let in.
    pub async fn sees(&self, sees: bool) {
        self.change(|state| state.sees = sees).await;
    }

    /// Asks `healthy` until `end`, then says NOT_SERVING and ends all watching.
    pub async fn watch(mut self, healthy: Healthy, end: CancellationToken) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let watching = async {
            loop {
                ticks.tick().await;
                let up = timeout(PATIENCE, healthy()).await.unwrap_or(false);
                self.change(|state| state.up = up).await;
            }
        };
        tokio::select! {
            () = watching => {}
            () = end.cancelled() => {}
        }
        self.change(|state| state.ended = true).await;
        // A client that watches would keep its connection, and the shutdown, waiting.
        for service in names() {
            self.reporter.clear_service_status(&service).await;
        }
    }

    /// Tells the reporter, once for each change: whoever watches hears every word.
    async fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().await;
        let before = state.serving();
        change(&mut state);
        let now = state.serving();
        if now != before {
            tracing::info!(serving = now, "health");
            set(&self.reporter, if now { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
        }
    }
}

async fn set(reporter: &HealthReporter, status: ServingStatus) {
    for service in names() {
        reporter.set_service_status(service, status).await;
    }
}

/// The whole gateway, which the protocol names by the empty string, and each service.
fn names() -> impl Iterator<Item = String> {
    std::iter::once(String::new()).chain(method::services())
}
