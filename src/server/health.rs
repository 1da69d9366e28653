//! Health (`grpc.health.v1`): SERVING while the gateway can do its work, for the whole and for each service.
//!
//! Asks once a second and remembers the answer. NOT_SERVING until the first answer, when an answer takes too
//! long, and while the gateway shuts down.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use super::method;

const EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the gateway can do its work now; in practice, whether it reaches its database.
pub type Healthy = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// The reporter, everything NOT_SERVING.
pub(super) async fn reporter() -> HealthReporter {
    let reporter = HealthReporter::new();
    set(&reporter, ServingStatus::NotServing).await;
    reporter
}

/// Keeps `reporter` true until `end`, then says NOT_SERVING and ends all watching.
pub(super) async fn watch(mut reporter: HealthReporter, healthy: Healthy, end: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = false;
    let watching = async {
        loop {
            ticks.tick().await;
            let now = timeout(PATIENCE, healthy()).await.unwrap_or(false);
            if now != last {
                tracing::info!(serving = now, "health");
                set(&reporter, if now { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
                last = now;
            }
        }
    };
    tokio::select! {
        () = watching => {}
        () = end.cancelled() => {}
    }
    set(&reporter, ServingStatus::NotServing).await;
    // A client that watches would keep its connection, and the shutdown, waiting.
    for service in names() {
        reporter.clear_service_status(&service).await;
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
