//! The gateway as it runs: listener, mutual TLS, limits, the layers around every call, health, metrics, and
//! the shutdown.
//!
//! Knows no use case: [`gateway`] hands in the routes of `rpc`. Refuses to start, with a reason that names the
//! file or the address, on anything that it cannot use.
//!
//! | file | what it owns |
//! |---|---|
//! | `gateway` | a whole gateway from its parts, for `serve`, `dev` and the tests |
//! | `accept`, `entrance`, `handshakes`, `connection`, `refused` | from a socket to a connection with a peer, or to a counted refusal |
//! | `tls`, `verifier` | the gateway's own certificate, and who may connect |
//! | `http1`, `loose`, `http_refused` | HTTP/1.1 beside HTTP/2, and requests that are refused and are no calls |
//! | `trust` | which certificates are good now; ends what outlives a revocation |
//! | `under_way`, `drain`, `connect`, `observe`, `not_grpc`, `error_details`, `limits`, `registry_check`, `rate` | the steps around a call; `step` is their plumbing |
//! | `pace` | how often somebody may begin something |
//! | `health`, `reflection`, `metrics`, `log`, `method` | the state, the contract, the counters and the lines that are shown |
//! | `outside` | the real clock and randomness |

mod accept;
mod call;
mod connect;
mod connection;
mod drain;
mod entrance;
mod error_details;
pub mod gateway;
mod handshakes;
pub mod health;
pub mod http1;
pub mod http_refused;
mod limits;
pub mod log;
mod loose;
mod method;
pub mod metrics;
mod not_grpc;
mod observe;
pub mod outside;
mod pace;
mod rate;
mod reflection;
pub mod refused;
mod registry_check;
mod step;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod trust;
mod under_way;
mod verifier;

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use nix::sys::resource::{Resource, getrlimit};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport::Server};
use tonic_health::pb::health_server::HealthServer;
use tower::ServiceBuilder;

use self::{
    accept::{Accepted, Acceptor, Incoming},
    connect::Connect,
    connection::Client,
    drain::Drain,
    entrance::{ByAddress, ByCertificate, ConnectionLimit},
    error_details::{CatchPanic, ErrorDetails},
    handshakes::Handshakes,
    health::{Ask, Health, Healthy},
    limits::Limit,
    not_grpc::NotGrpc,
    observe::Observe,
    rate::Rate,
    reflection::with_reflection,
    registry_check::RegistryCheck,
    step::StepLayer,
    tls::OwnCertificate,
    trust::{BootClock, FindGood, FindRefusal, Trust, Watch},
    under_way::{PATIENCE, PATIENCE_AT_STOP, UnderWay},
};
use crate::{
    config::{Config, Limits},
    domain::outside::{Clock, Entropy},
    keeper::{
        held::Held,
        refused::RefusedCalls,
        sightings::{NOTE_SIGHTINGS, Note, Noting, Sightings},
        task::Supervisor,
    },
};

/// Open files that are not connections of clients: the database's, the log, the listeners.
const OTHER_FILES: usize = 128;

/// The time that cut connections get to notice.
const CUT_WAIT: Duration = Duration::from_secs(1);

/// The limits of the join listener: connections in all and of one address, calls under way, the longest that a call may
/// take, and the longest that a connection may last.
const JOIN_CONNECTIONS: usize = 64;
const JOIN_CONNECTIONS_PER_ADDRESS: usize = 8;
const JOIN_CALLS: usize = 8;
const JOIN_DEADLINE: Duration = Duration::from_secs(15);
const JOIN_AGE: Duration = Duration::from_secs(60);

/// A failure to start a gateway.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum StartError {
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        address: SocketAddr,
        #[source]
        cause: std::io::Error,
    },
    #[error(transparent)]
    Metrics(#[from] metrics::MetricsError),
    #[error("no thread for handshakes can be started: {0}")]
    Handshakes(#[source] std::io::Error),
    #[error("the contract cannot be served as JSON: {0}")]
    Contract(&'static str),
    #[error(transparent)]
    Reflection(#[from] reflection::ReflectionError),
}

/// A gateway that runs. Dropping it cuts everything at once.
pub struct Running {
    /// The address on which agencies connect; with port 0 configured, with the port that was taken.
    pub address: SocketAddr,
    /// The address on which systems join, if they can.
    pub join: Option<SocketAddr>,
    /// The address of the metrics, if there are any.
    pub metrics: Option<SocketAddr>,
    own: Arc<OwnCertificate>,
    supervisor: Supervisor,
    ends: Ends,
    under_way: UnderWay,
    server: JoinHandle<()>,
}

/// The parts of a gateway, beside its configuration.
pub struct Parts {
    /// The services where agencies connect, each with its limit on the size of a message.
    pub routes: Routes,
    /// The services of the join listener, each with its limit on the size of a message. Without them, or without
    /// `[join]`, there is no such listener.
    pub join_routes: Option<Routes>,
    /// The address of the exchange as seen from outside, for who calls the exchange's methods where systems join; set
    /// late where it is the listener's own.
    pub exchange: Arc<OnceLock<String>>,
    /// Says whether the gateway can do its work; asked every second.
    pub healthy: Healthy,
    /// Finds the good ones among certificates; asked four times a second while a stream is open, else once a second,
    /// and in every call of health and reflection.
    pub find_good: FindGood,
    /// Finds the reason of a refusal where no use case gives one.
    pub find_refusal: FindRefusal,
    /// Certificates that revocation lists on this machine have named: refused whatever the database says.
    pub held: Held,
    /// Notes which certificates were used.
    pub note: Note,
    /// Where calls that were refused are counted.
    pub refused: RefusedCalls,
    /// The times that clients of HTTP/1.1 may take.
    pub http1: http1::Patience,
    /// The wall clock, by which client certificates are judged, too.
    pub clock: Arc<dyn Clock>,
    /// The clock for promises about time, which no setting of the wall clock moves.
    pub boot: BootClock,
    /// The randomness for correlation ids and jitter.
    pub entropy: Arc<dyn Entropy>,
}

/// The two ways to end.
#[derive(Default)]
struct Ends {
    /// Accept nothing more, finish what is under way.
    soft: CancellationToken,
    /// End every connection now.
    hard: CancellationToken,
}

/// Starts a gateway and returns once it accepts connections.
pub async fn start(config: &Config, parts: Parts) -> Result<Running, StartError> {
    let Parts {
        routes,
        join_routes,
        exchange,
        healthy,
        find_good,
        find_refusal,
        held,
        note,
        refused,
        http1: patience,
        clock,
        boot,
        entropy,
    } = parts;
    let connect = Connect::new().map_err(StartError::Contract)?;
    let own = OwnCertificate::load(&config.tls)?;
    let tls = tls::server_config(&config.tls, own.clone(), clock.clone())?;
    let (listener, address) = listen(config.listen).await?;
    let health = Health::new().await;
    let routes = with_reflection(routes)?.add_service(
        HealthServer::new(health.service()).max_decoding_message_size(reflection::SMALL_MESSAGE),
    );

    let (ends, under_way) = (Ends::default(), UnderWay::default());
    // Before any task begins, which makes its series.
    let metrics = match &config.metrics {
        Some(metrics) => Some(metrics::serve(metrics.listen, ends.hard.clone()).await?),
        None => None,
    };
    let handshakes = Arc::new(Handshakes::start().map_err(StartError::Handshakes)?);
    let supervisor = Supervisor::new(clock.clone(), entropy.clone());
    let sightings = Sightings::new(clock.clone());
    let observe =
        Observe { clock: clock.clone(), entropy, sightings: Some(sightings.clone()), refused: Some(refused) };
    let joining = match (&config.join, join_routes) {
        (Some(join), Some(routes)) => {
            let (listener, address) = listen(join.listen).await?;
            let tls = tls::join_config(own.clone(), clock)?;
            let limits = Limits {
                connections: JOIN_CONNECTIONS,
                handshakes: JOIN_CONNECTIONS,
                ..config.limits.clone()
            };
            let limit = ConnectionLimit::new(JOIN_CONNECTIONS_PER_ADDRESS);
            let entrance = ByAddress { limit, cut: ends.hard.clone() };
            let acceptor = Acceptor::new(tls, entrance, &limits, boot.clone(), handshakes.clone());
            // There is no HTTP/1.1.
            let Accepted { http2: connections, .. } = acceptor.run(listener, ends.soft.clone());
            let end = ends.soft.clone().cancelled_owned();
            let steps = (under_way.clone(), observe.clone(), ErrorDetails { exchange: Some(exchange) });
            Some((address, serve_join(connections, routes, steps, boot.clone(), end)))
        }
        _ => None,
    };
    let (join, joining) = joining.unzip();

    let limits = Limits { connections: connections(&config.limits), ..config.limits.clone() };
    let trust = Trust::new(find_good, boot.clone(), ends.hard.clone());
    let entrance = ByCertificate::new(config.trust_domain.clone(), &limits, trust.clone(), boot.clone());
    let acceptor = Acceptor::new(tls, entrance, &limits, boot, handshakes);
    let connections = acceptor.run(listener, ends.soft.clone());
    let noting = Noting { sightings, note };
    supervisor.task(NOTE_SIGHTINGS, noting).start(ends.hard.clone());
    let watch = Watch { trust: trust.clone(), health: health.clone() };
    supervisor.task(trust::WATCH_TRUST, watch).start(ends.hard.clone());
    let ask = Ask { health: health.clone(), healthy };
    supervisor.task(health::WATCH_HEALTH, ask).start(ends.soft.clone());
    let (end, ending) = (ends.soft.clone(), health.clone());
    let (looks, cut) = (under_way.clone(), ends.hard.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = cut.cancelled() => {}
            never = looks.cut_stalled(PATIENCE) => match never {},
        }
    });
    // The way in, outermost first; an answer takes the way out. One for both protocols.
    let service = ServiceBuilder::new()
        // Counts a call until its answer is out, and cuts off who does not take it.
        .layer(StepLayer(under_way.clone()))
        // Whoever refuses further inside, the request is taken to its end first: as it came, so that no message is read of a call that was
        // refused.
        .layer(StepLayer(Drain))
        // What is JSON becomes gRPC, and its answer JSON; what is no call is told so.
        .layer(StepLayer(connect))
        // Sees every call, and its answer as it goes out.
        .layer(StepLayer(observe))
        // A panic further inside costs one call.
        .layer(StepLayer(CatchPanic))
        // What tonic itself refuses gets a reason.
        .layer(StepLayer(ErrorDetails { exchange: None }))
        // So that the deadline covers decoding and the use case, and waiting for a place.
        .layer(StepLayer(Limit::new(Duration::from_secs(limits.deadline_seconds), limits.calls_per_agency)))
        // Innermost, so within the deadline: asks the registry about callers of health and reflection, and ends streams.
        .layer(StepLayer(RegistryCheck { trust, health, find_refusal, held }))
        .service(routes.prepare());
    let http1 = http1::serve(connections.http1, service.clone(), patience, ends.soft.clone());
    let server =
        http2().serve_with_incoming_shutdown(service, connections.http2, ends.soft.clone().cancelled_owned());
    let server = tokio::spawn(async move {
        let joining = async {
            match joining {
                Some(joining) => joining.await,
                None => Ok(()),
            }
        };
        let serving = async {
            let (server, (), joining) = tokio::join!(server, http1, joining);
            for cause in [server, joining].into_iter().filter_map(Result::err) {
                tracing::error!(%cause, "the server has ended");
            }
        };
        let ending = async {
            end.cancelled().await;
            ending.end().await;
        };
        tokio::join!(serving, ending);
    });
    tracing::info!(%address, "listening");
    Ok(Running { address, join, metrics, own, supervisor, ends, under_way, server })
}

/// Serves where systems join. The steps are the other listener's, with a limit by address in place of the registry.
async fn serve_join(
    connections: Incoming<Client>,
    routes: Routes,
    (under_way, observe, details): (UnderWay, Observe, ErrorDetails),
    boot: BootClock,
    end: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    http2()
        .max_connection_age(JOIN_AGE)
        .max_connection_age_grace(JOIN_DEADLINE)
        .layer(StepLayer(under_way))
        .layer(StepLayer(Observe { sightings: None, refused: None, ..observe }))
        .layer(StepLayer(Drain))
        .layer(StepLayer(NotGrpc))
        .layer(StepLayer(CatchPanic))
        .layer(StepLayer(details))
        .layer(StepLayer(Rate::new(boot)))
        .layer(StepLayer(Limit::new(JOIN_DEADLINE, JOIN_CALLS)))
        .add_routes(routes)
        .serve_with_incoming_shutdown(connections, end)
        .await
}

/// Binds, and says where: port 0 takes a free one.
async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |cause| StartError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

impl Running {
    /// The gateway's own certificate, which can be replaced while it runs.
    pub fn own(&self) -> Arc<OwnCertificate> {
        self.own.clone()
    }

    /// The supervisor, for further work that nobody calls.
    pub fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    /// A token that is cancelled when the gateway ends.
    pub fn end(&self) -> CancellationToken {
        self.ends.soft.clone()
    }

    /// A token that is cancelled when every connection is ended: what calls leave behind is looked after until then.
    fn over(&self) -> CancellationToken {
        self.ends.hard.clone()
    }

    /// Accepts nothing more and lets what is under way finish for at most `grace`; then cuts the rest. A
    /// call that is cut may have been stored: its caller sends the same again. A connection without a call is cut after
    /// a second: its client answers nothing; and one whose client takes nothing of an answer, after two.
    pub async fn shutdown(mut self, grace: Duration) {
        self.ends.soft.cancel();
        tokio::select! {
            _ = &mut self.server => return,
            never = self.under_way.cut_stalled(PATIENCE_AT_STOP) => match never {},
            () = self.under_way.none() => tracing::info!("connections without a call are cut"),
            () = tokio::time::sleep(grace) => tracing::warn!("connections are cut after the grace"),
        }
        self.ends.hard.cancel();
        // They end by themselves now; there is nothing to do about one that does not.
        let _ = timeout(CUT_WAIT, &mut self.server).await;
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

/// The limit on connections, kept below the limit on open files: beyond that, accepting would spin.
fn connections(limits: &Limits) -> usize {
    let Ok((files, _)) = getrlimit(Resource::RLIMIT_NOFILE) else { return limits.connections };
    let room = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES).max(1);
    if room < limits.connections {
        tracing::warn!(configured = limits.connections, used = room, "connections lowered by ulimit -n");
    }
    limits.connections.min(room)
}
