//! Prometheus metrics, on a loopback port of their own.
//!
//! Owns their names and labels. Labels come from closed lists only: methods, codes, reasons. The recorder is
//! one per process; each gateway in it may open a port, and all ports show the same numbers.

use std::{
    net::SocketAddr,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{Router, routing::get};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    call::Call,
    http_refused::{HTTP_REFUSED, HttpRefused},
    log,
    refused::Refused,
};
use crate::{
    domain::Reason,
    exchange::REPLAYS,
    keeper::task,
    store::{lock::LOCK_WAIT_SECONDS, push, transaction},
};

const CALLS: &str = "gerbang_calls_total";
const SECONDS: &str = "gerbang_call_seconds";
const REFUSALS: &str = "gerbang_refusals_total";
const TLS_REFUSED: &str = "gerbang_tls_refused_total";
const STALLED: &str = "gerbang_connections_stalled_total";

/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Upper bounds of the sizes of groups.
const SIZES: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];

/// The pause between two foldings of gathered samples into buckets, when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// A failure to serve metrics.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum MetricsError {
    #[error("the metrics cannot listen on {address}: {cause}")]
    Listen {
        address: SocketAddr,
        #[source]
        cause: std::io::Error,
    },
    #[error("the metrics cannot be recorded: {0}")]
    Recorder(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Opens the port, and answers `GET /metrics` on it until `end`. Port 0 takes a free one; the address that
/// it became is returned.
pub(super) async fn serve(address: SocketAddr, end: CancellationToken) -> Result<SocketAddr, MetricsError> {
    let handle = recorder()?;
    let failed = |cause| MetricsError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let upkeep = handle.clone();
    let router = Router::new().route("/metrics", get(move || async move { handle.render() }));
    tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(end.clone().cancelled_owned());
        let fold = async {
            loop {
                tokio::time::sleep(UPKEEP).await;
                upkeep.run_upkeep();
            }
        };
        tokio::select! {
            () = end.cancelled() => {}
            () = fold => {}
            ended = server => {
                if let Err(cause) = ended {
                    tracing::error!(%cause, "the metrics port has closed");
                }
            }
        }
    });
    Ok(address)
}

/// The process's recorder, installed by whoever asks first.
fn recorder() -> Result<PrometheusHandle, MetricsError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Full(push::GROUP_SIZE.to_owned()), &SIZES)
        })
        .map_err(|cause| MetricsError::Recorder(cause.into()))?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|cause| MetricsError::Recorder(cause.into()))?;
    describe_counter!(CALLS, "Calls by method and gRPC code.");
    describe_histogram!(SECONDS, "Seconds from a call's headers to its answer, by method.");
    describe_histogram!(transaction::TRANSACTION_SECONDS, "Seconds of a transaction, by name and outcome.");
    describe_counter!(transaction::RETRIES, "Transactions that lost a race and were run again.");
    describe_counter!(transaction::LOST, "Transactions that lost as often as they may be run.");
    describe_histogram!(transaction::POOL_WAIT_SECONDS, "Seconds until a connection of a pool was there.");
    describe_histogram!(LOCK_WAIT_SECONDS, "Seconds until a lock was there, by what is locked.");
    describe_histogram!(push::GROUP_SIZE, "Pushes that asked the database together.");
    describe_counter!(push::AGAIN, "Pushes that were judged again.");
    describe_counter!(push::ALONE, "Pushes that left their group, by why.");
    describe_counter!(REPLAYS, "Mutations that were answered again from memory.");
    describe_counter!(REFUSALS, "Refused calls, and refusals that ended a stream, by reason.");
    describe_counter!(TLS_REFUSED, "Connections refused before any call, by reason.");
    describe_counter!(HTTP_REFUSED, "HTTP requests that were refused and are no calls, by why.");
    describe_counter!(
        STALLED,
        "Connections cut because their clients did not take an answer, or too slowly."
    );
    describe_counter!(task::RUNS, "Turns of the gateway's own tasks that ended, well or not.");
    describe_counter!(task::FAILURES, "Turns that failed, panicked or took too long.");
    describe_counter!(task::PANICS, "Turns that panicked.");
    describe_gauge!(task::LAST_SUCCESS, "When a turn last ended well, in seconds of Unix time.");
    describe_gauge!(task::HELD, "1 where this gateway does a task that one alone does, else 0.");
    describe_counter!(log::LOST, "Lines of the log that could not be written.");
    counter!(log::LOST).absolute(0);
    counter!(STALLED).absolute(0);
    // From zero, so that the first refusal already shows as a rise.
    for reason in Refused::ALL {
        counter!(TLS_REFUSED, "reason" => reason.as_str()).absolute(0);
    }
    for why in HttpRefused::ALL {
        counter!(HTTP_REFUSED, "why" => why.as_str()).absolute(0);
    }
    Ok(HANDLE.get_or_init(|| handle).clone())
}

/// Counts a finished call.
pub(super) fn call(call: &Call) {
    counter!(CALLS, "method" => call.method, "code" => call.outcome.code_name()).increment(1);
    histogram!(SECONDS, "method" => call.method).record(call.took.as_secs_f64());
    if let Some(reason) = call.outcome.reason {
        refusal(reason);
    }
}

/// Counts a refusal, also one that ends a stream, which has been counted as a call when it began.
pub(super) fn refusal(reason: Reason) {
    counter!(REFUSALS, "reason" => reason.code()).increment(1);
}

/// Counts a connection that was refused.
pub(super) fn refused(reason: Refused) {
    counter!(TLS_REFUSED, "reason" => reason.as_str()).increment(1);
}

/// Counts a connection that was cut because its client took no answer.
pub(super) fn stalled() {
    counter!(STALLED).increment(1);
}
