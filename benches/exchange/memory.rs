//! What a gateway takes before anybody calls it, what a connection adds that does nothing, and how soon a new one answers.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_rustls::client::TlsStream;

use crate::{
    Result, gateway,
    jobs::who_am_i,
    meter::{pss_kib, quantile},
    stage::Stage,
    wire::Wire,
};

/// Idle connections, spread over certificates: one may have 64.
const CONNECTIONS: usize = 180;
const STARTS: usize = 5;
/// What is left over of a start is freed by then.
const REST: Duration = Duration::from_millis(1_500);

#[derive(Debug, Default, Serialize)]
pub struct Memory {
    pub idle_mb: f64,
    pub connection_kb: f64,
    /// Of the gateway that all jobs were done by, after them.
    pub loaded_mb: f64,
    /// From the start of the program to its first answer: median, least, most.
    pub cold_start_ms: [f64; 3],
}

pub async fn measure(stage: &Stage) -> Result<Memory> {
    let loaded_mb = pss_kib(stage.gateway.pid())? / 1024.0;
    let mut starts = Vec::new();
    let (mut idle_mb, mut connection_kb) = (0.0, 0.0);
    for start in 0..STARTS {
        let begun = Instant::now();
        let server = gateway::start(&stage.folder, &stage.cluster, &stage.founded, "cold").await?;
        let wire = Wire::connect(server.address, &stage.fixture.credential).await?;
        who_am_i(vec![wire])(0).await?;
        starts.push(begun.elapsed().as_secs_f64() * 1e3);
        if start == 0 {
            tokio::time::sleep(REST).await;
            let before = pss_kib(server.pid())?;
            idle_mb = before / 1024.0;
            let mut held: Vec<TlsStream<_>> = Vec::new();
            for number in 0..CONNECTIONS {
                held.push(stage.hands[number % stage.hands.len()].shake(server.address).await?);
            }
            tokio::time::sleep(REST).await;
            connection_kb = (pss_kib(server.pid())? - before) / CONNECTIONS as f64;
        }
    }
    starts.sort_by(f64::total_cmp);
    let cold_start_ms = [0.5, 0.0, 1.0].map(|share| quantile(&starts, share));
    Ok(Memory { idle_mb, connection_kb, loaded_mb, cold_start_ms })
}
