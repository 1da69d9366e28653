//! Drives calls: so many in all, so many at a time, each timed.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    Result,
    meter::{Round, Spent, Watched, quantile},
};

/// One call, by its number.
pub type Call = Arc<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// Makes a [`Call`] of an async closure's parts.
pub fn call<F, A>(make: F) -> Call
where
    F: Fn(usize) -> A + Send + Sync + 'static,
    A: Future<Output = Result<()>> + Send + 'static,
{
    Arc::new(move |number| Box::pin(make(number)))
}

/// How a job is driven.
#[derive(Debug, Clone, Copy)]
pub struct Drive {
    pub calls: usize,
    pub in_flight: usize,
    /// No call is begun after this; what was made until then counts.
    pub longest: Duration,
}

/// Latencies of calls that were made, sorted, in milliseconds.
pub struct Made(pub Vec<f64>);

/// Makes the calls; the first that fails ends it.
pub async fn drive(drive: Drive, call: &Call) -> Result<Made> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..drive.in_flight {
        let (next, call) = (next.clone(), call.clone());
        callers.spawn(async move {
            let mut latencies = Vec::new();
            while begun.elapsed() < drive.longest {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= drive.calls {
                    break;
                }
                let sent = Instant::now();
                call(number).await?;
                latencies.push(sent.elapsed().as_secs_f64() * 1e3);
            }
            Result::Ok(latencies)
        });
    }
    let mut latencies = Vec::with_capacity(drive.calls);
    while let Some(ended) = callers.join_next().await {
        latencies.extend(ended??);
    }
    latencies.sort_by(f64::total_cmp);
    Ok(Made(latencies))
}

/// Warms up with an eighth of the calls, then makes and measures them all.
pub async fn measure(watched: Watched, plan: Drive, call: &Call) -> Result<Round> {
    let warm = Drive { calls: (plan.calls / 8).max(plan.in_flight.min(plan.calls)), ..plan };
    drive(warm, call).await?;
    let before = watched.read()?;
    let made = drive(plan, call).await?;
    let spent = before.until(&watched.read()?);
    Ok(round(watched, &made, spent))
}

/// The figures of calls that were made in `spent`.
pub fn round(watched: Watched, made: &Made, spent: Spent) -> Round {
    let calls = made.0.len();
    Round {
        calls,
        seconds: spent.seconds,
        server_us: watched.server.map(|_| spent.server_us(calls)),
        postgres_us: spent.postgres_us(calls),
        p50_ms: quantile(&made.0, 0.5),
        p99_ms: quantile(&made.0, 0.99),
        other: spent.other(),
    }
}
