//! Calls that read the ledger, and what agencies say of it.

use gerbang::{agent::Client, proto::v1};
use tonic::Response;

use super::{
    super::stand::{DRAFT, Stand},
    Outcome, seen,
};
use crate::{
    isolation::SESSION,
    ledger::witness::{SAKSI, request as cosignature, witness},
};

/// Acknowledges what the lead agency is told, and asks for the readers of its session.
pub async fn change_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    match method {
        "WatchChanges" => first_change(client).await,
        "ListChanges" => look!(client.change.list_changes, v1::ListChangesRequest::default(), changes),
        "AcknowledgeChanges" => {
            stand.cast.world.until_placed().await;
            let request = v1::ListChangesRequest::default();
            let cursor =
                stand.cast.blk.change().list_changes(request).await.unwrap().into_inner().next_cursor;
            let request = v1::AcknowledgeChangesRequest { cursor, ..Default::default() };
            look!(client.change.acknowledge_changes, request)
        }
        "ListAcknowledgements" => {
            let request = v1::ListAcknowledgementsRequest { sessions: vec![SESSION.to_owned()] };
            look!(client.change.list_acknowledgements, request)
        }
        _ => {
            let request = v1::ListAnswerTimesRequest::default();
            look!(client.change.list_answer_times, request, answer_times)
        }
    }
}

/// The first answer of a stream.
async fn first_change(client: &Client) -> Outcome {
    let first = match client.change().watch_changes(v1::WatchChangesRequest::default()).await {
        Ok(stream) => stream.into_inner().message().await,
        Err(refused) => Err(refused),
    };
    seen(first.map(|first| Response::new(first.unwrap())), |first| first.changes.is_empty())
}

/// Of the entry in which a draft was made, in the tree as it is then.
pub async fn ledger_call(method: &str, client: &Client, stand: &Stand) -> Outcome {
    let blk = &stand.cast.blk;
    stand.cast.world.until_placed().await;
    let checkpoint = blk.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.unwrap().into_inner();
    let tree_size = checkpoint.checkpoint.lines().nth(1).unwrap().parse().unwrap();
    match method {
        "GetCheckpoint" => look!(client.ledger.get_checkpoint, v1::GetCheckpointRequest {}),
        "GetInclusionProof" | "GetReceipt" => {
            let request = v1::ListChangesRequest { page_size: 500, ..Default::default() };
            let changes = blk.change().list_changes(request).await.unwrap().into_inner().changes;
            let entry = changes.into_iter().find(|change| change.name == DRAFT).unwrap().entry;
            match method {
                "GetReceipt" => look!(client.ledger.get_receipt, v1::GetReceiptRequest { entry }),
                _ => look!(
                    client.ledger.get_inclusion_proof,
                    v1::GetInclusionProofRequest { entry, tree_size }
                ),
            }
        }
        "AddCosignature" => {
            let saksi = witness(SAKSI, 21);
            let request = cosignature(&stand.cast.world, &saksi, &checkpoint.checkpoint);
            let request = v1::AddCosignatureRequest { validate_only: true, ..request };
            look!(client.ledger.add_cosignature, request)
        }
        "ListCosignatures" => {
            look!(client.ledger.list_cosignatures, v1::ListCosignaturesRequest::default())
        }
        "ListRefusedCalls" => {
            let request =
                v1::ListRefusedCallsRequest { reason: "VAULT_LOCKED".to_owned(), ..Default::default() };
            look!(client.ledger.list_refused_calls, request)
        }
        "ListEntries" => look!(client.ledger.list_entries, v1::ListEntriesRequest::default(), entries),
        _ => {
            let request = v1::GetConsistencyProofRequest { from_size: 1, to_size: tree_size };
            look!(client.ledger.get_consistency_proof, request)
        }
    }
}
