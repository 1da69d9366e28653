//! What it takes to prove that an entry is in the ledger, and that one tree is the beginning of another, over all entries that there are by
//! then: one call after another, of entries and trees drawn anywhere.

use std::{sync::Arc, time::Duration};

use gerbang::proto::v1::{GetConsistencyProofRequest, GetInclusionProofRequest};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Result,
    load::{Call, Drive, call, drive},
    meter::quantile,
    stage::Stage,
};

const CALLS: usize = 1_000;

#[derive(Debug, Serialize)]
pub struct Proofs {
    pub entries: i64,
    /// Milliseconds at the client.
    pub inclusion: Latency,
    pub consistency: Latency,
}

#[derive(Debug, Serialize)]
pub struct Latency {
    pub p50_ms: f64,
    pub p99_ms: f64,
}

pub async fn measure(stage: &Stage) -> Result<Proofs> {
    let mut db = stage.cluster.superuser().await?;
    let size = "SELECT tree_size FROM ledger_batch ORDER BY tree_size DESC LIMIT 1";
    let entries: i64 = sqlx::query_scalar(size).fetch_one(&mut db).await?;
    println!("proofs among {entries} entries");
    // As many as calls, evenly spread.
    let drawn = "SELECT i.entry FROM generate_series(0, $1 - 1, greatest(1, $1 / $2)) AS n JOIN ledger_index i ON i.index = n";
    let drawn: Vec<Uuid> =
        sqlx::query_scalar(drawn).bind(entries).bind(CALLS as i64).fetch_all(&mut db).await?;
    let (wire, drawn) = (stage.fixture.prison.clone(), Arc::new(drawn));
    let inclusion = call({
        let wire = wire.clone();
        move |number| {
            let (mut ledger, entry) = (wire.ledger(), drawn[number % drawn.len()].to_string());
            async move {
                let request = GetInclusionProofRequest { entry, tree_size: entries };
                let proof = ledger.get_inclusion_proof(request).await?.into_inner();
                if proof.hashes.is_empty() { Err("no proof".into()) } else { Ok(()) }
            }
        }
    });
    let consistency = call(move |number| {
        let mut ledger = wire.ledger();
        let from_size = 1 + number as i64 * entries / CALLS as i64 * 997 % (entries - 1);
        async move {
            let request = GetConsistencyProofRequest { from_size, to_size: entries };
            ledger.get_consistency_proof(request).await?;
            Ok(())
        }
    });
    Ok(Proofs { entries, inclusion: timed(&inclusion).await?, consistency: timed(&consistency).await? })
}

async fn timed(call: &Call) -> Result<Latency> {
    let plan = Drive { calls: CALLS, in_flight: 1, longest: Duration::from_secs(30) };
    drive(Drive { calls: CALLS / 8, ..plan }, call).await?;
    let made = drive(plan, call).await?;
    Ok(Latency { p50_ms: quantile(&made.0, 0.5), p99_ms: quantile(&made.0, 0.99) })
}
