//! What it takes to prove that an entry is in the ledger, and that one tree is the beginning of another: one call after another, of
//! entries and trees from everywhere. Most entries are made up, one as the other; a proof goes by their number alone.

use std::{sync::Arc, time::Duration};

use gerbang::{
    ledger::{ChangeKind, Entry, Format, Line, Readers},
    proto::v1::{GetConsistencyProofRequest, GetInclusionProofRequest},
};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use tokio::time::sleep;
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

pub async fn measure(stage: &Stage, wanted: i64) -> Result<Proofs> {
    let mut db = stage.cluster.superuser().await?;
    println!("proofs among {wanted} entries");
    let first: i64 = sqlx::query_scalar("SELECT max(tree_size) FROM ledger_batch").fetch_one(&mut db).await?;
    let fill = "INSERT INTO ledger_entry (id, recorded_at, leaf) SELECT gen_random_uuid(), now(), $2 FROM generate_series($1, $3)";
    sqlx::query(fill).bind(first + 1).bind(made_up().leaf()).bind(wanted).execute(&mut db).await?;
    let entries = placed(&mut db, wanted).await?;
    // As many as calls, evenly spread.
    let drawn = "SELECT i.entry FROM generate_series($1, $2 - 1, greatest(1, ($2 - $1) / $3)) AS n JOIN ledger_index i ON i.index = n";
    let drawn = sqlx::query_scalar(drawn).bind(first).bind(entries).bind(CALLS as i64);
    let drawn: Vec<Uuid> = drawn.fetch_all(&mut db).await?;
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

/// An entry of which everybody is told.
fn made_up() -> Entry {
    let line = Line {
        resource: "agencies/x".to_owned(),
        version: 1,
        kind: ChangeKind::Updated,
        disclosed: Vec::new(),
        digest: [0; 32],
        before: Readers::everybody(),
        after: Readers::everybody(),
    };
    Entry {
        format: Format::V2,
        id: Uuid::nil(),
        recorded_at: Timestamp::UNIX_EPOCH,
        occurred_at: Timestamp::UNIX_EPOCH,
        agency: String::new(),
        system: String::new(),
        fingerprint: [0; 32],
        method: "keeper/made_up".to_owned(),
        request_id: None,
        agreement: None,
        lines: vec![line],
        purpose: String::new(),
    }
}

/// Waits until so many entries have their places; how many have.
async fn placed(db: &mut PgConnection, wanted: i64) -> Result<i64> {
    for _ in 0..300 {
        let entries: i64 =
            sqlx::query_scalar("SELECT max(tree_size) FROM ledger_batch").fetch_one(&mut *db).await?;
        if entries >= wanted {
            return Ok(entries);
        }
        sleep(Duration::from_secs(1)).await;
    }
    Err(format!("not {wanted} entries have their places after five minutes").into())
}

async fn timed(call: &Call) -> Result<Latency> {
    let plan = Drive { calls: CALLS, in_flight: 1, longest: Duration::from_secs(30) };
    drive(Drive { calls: CALLS / 8, ..plan }, call).await?;
    let made = drive(plan, call).await?;
    Ok(Latency { p50_ms: quantile(&made.0, 0.5), p99_ms: quantile(&made.0, 0.99) })
}
