//! The gateway as it runs: listener, mutual TLS, limits, the layers around every call, health, metrics, and
//! the shutdown.
//!
//! Knows no use case: [`gateway`] hands in the routes of `rpc`. Refuses to start, with a reason that names the
//! file or the address, on anything that it cannot use.
//!
//! | file | what it owns |
//! |---|---|
//! | `gateway` | a whole gateway from its parts, for `serve`, `dev` and the tests |
//! | `accept`, `connection`, `refused` | from a socket to a connection with a peer, or to a counted refusal |
//! | `tls` | who may connect |
//! | `observe`, `dress`, `limits` | the steps around a call; `step` is their plumbing |
//! | `health`, `metrics`, `log`, `method` | what the outside is told |
//! | `outside` | the real clock and randomness |

mod accept;
mod connection;
mod dress;
pub mod gateway;
pub mod health;
mod limits;
pub mod log;
mod method;
pub mod metrics;
mod observe;
pub mod outside;
pub mod refused;
mod step;
#[cfg(test)]
mod tests;
pub mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use nix::sys::resource::{Resource, getrlimit};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport::Server};
use tonic_health::pb::health_server::HealthServer;

use self::{
    accept::Acceptor,
    dress::{CatchPanic, Dress},
    health::Healthy,
    limits::Limit,
    observe::Observe,
    step::Around,
};
use crate::{
    config::{Config, Limits},
    domain::outside::{Clock, Entropy},
    proto,
};

/// The largest request to health and reflection, in bytes; `rpc` sets those of its own services.
const SMALL_MESSAGE: usize = 16 * 1024;

/// Open files that are not connections of clients: the database's, the log, the listeners.
const OTHER_FILES: usize = 128;

/// How long cut connections get to notice.
const CUT_WAIT: Duration = Duration::from_secs(1);

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("cannot listen on {address}: {cause}")]
    Listen { address: SocketAddr, cause: std::io::Error },
    #[error(transparent)]
    Metrics(#[from] metrics::MetricsError),
    #[error("reflection cannot read the contract: {0}")]
    Reflection(String),
}

/// A gateway that runs. Dropping it cuts everything at once.
pub struct Running {
    /// Where it listens; with port 0 configured, the port that it got.
    pub address: SocketAddr,
    /// Where its metrics are, if it has any.
    pub metrics: Option<SocketAddr>,
    ends: Ends,
    server: JoinHandle<()>,
}

/// The two ways to end.
#[derive(Default)]
struct Ends {
    /// Accept nothing more, finish what is under way.
    soft: CancellationToken,
    /// End every connection now.
    hard: CancellationToken,
}

/// Starts a gateway and returns once it accepts connections. `clock` also judges client certificates;
/// `healthy` is asked every second.
pub async fn start(
    config: &Config,
    routes: Routes,
    healthy: Healthy,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, StartError> {
    let tls = tls::server_config(&config.tls, clock.clone())?;
    let listening = |cause| StartError::Listen { address: config.listen, cause };
    let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let reporter = health::reporter().await;
    let routes = with_reflection(routes)?.add_service(
        HealthServer::new(tonic_health::server::HealthService::from_health_reporter(reporter.clone()))
            .max_decoding_message_size(SMALL_MESSAGE),
    );

    let ends = Ends::default();
    let metrics = match &config.metrics {
        Some(metrics) => Some(metrics::serve(metrics.listen, ends.hard.clone()).await?),
        None => None,
    };
    let limits = Limits { connections: connections(&config.limits), ..config.limits.clone() };
    let connections =
        Acceptor::new(tls, &config.trust_domain, &limits, ends.hard.clone()).run(listener, ends.soft.clone());
    tokio::spawn(health::watch(reporter, healthy, ends.soft.clone()));
    let server = http2()
        // The way in, outermost first; an answer takes the way out.
        // Sees every answer as the caller sees it.
        .layer(Around(Observe))
        // A panic further inside costs one call.
        .layer(Around(CatchPanic { clock, entropy }))
        // What tonic itself refuses gets a reason.
        .layer(Around(Dress))
        // Innermost, so that the deadline covers decoding and the use case, and waiting for a place.
        .layer(Around(Limit::new(Duration::from_secs(limits.deadline_seconds), limits.calls_per_agency)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(connections, ends.soft.clone().cancelled_owned());
    let server = tokio::spawn(async move {
        if let Err(cause) = server.await {
            tracing::error!(%cause, "the server has ended");
        }
    });
    tracing::info!(%address, "listening");
    Ok(Running { address, metrics, ends, server })
}

impl Running {
    /// Accepts nothing more and lets what is under way finish for at most `grace`; then cuts the rest. A
    /// call that is cut may have been stored: its caller sends the same again.
    pub async fn shutdown(mut self, grace: Duration) {
        self.ends.soft.cancel();
        if timeout(grace, &mut self.server).await.is_err() {
            tracing::warn!("connections are cut after the grace");
            self.ends.hard.cancel();
            // They end by themselves now; there is nothing to do about one that does not.
            let _ = timeout(CUT_WAIT, &mut self.server).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.ends.soft.cancel();
        self.ends.hard.cancel();
    }
}

/// HTTP/2 with every limit set: tonic passes "none" where hyper has a default, which would switch it off.
fn http2() -> Server {
    Server::builder()
        .max_concurrent_streams(100)
        .http2_max_local_error_reset_streams(Some(1024))
        .http2_max_pending_accept_reset_streams(Some(20))
        .http2_max_header_list_size(16 * 1024)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
}

/// Reflection, v1 and v1alpha, over the contract as it was compiled, options included.
fn with_reflection(routes: Routes) -> Result<Routes, StartError> {
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let failed = |cause: tonic_reflection::server::Error| StartError::Reflection(cause.to_string());
    let v1 = reflection().build_v1().map_err(failed)?.max_decoding_message_size(SMALL_MESSAGE);
    let v1alpha = reflection().build_v1alpha().map_err(failed)?.max_decoding_message_size(SMALL_MESSAGE);
    Ok(routes.add_service(v1).add_service(v1alpha))
}

/// The limit on connections, kept below the limit on open files: beyond that, accepting would spin.
fn connections(limits: &Limits) -> usize {
    let Ok((files, _)) = getrlimit(Resource::RLIMIT_NOFILE) else { return limits.connections };
    let room = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES).max(1);
    if room < limits.connections {
        tracing::warn!(configured = limits.connections, used = room, "connections lowered by ulimit -n");
    }
    limits.connections.min(room)
}
