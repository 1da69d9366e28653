//! `gerbang receipt`: receipts of ledger entries (tanda terima), got from a gateway, and held against the log's key, a checkpoint, or an
//! export.

use std::{fs::File, io::BufReader, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Context,
    audit::log::{keys_since, read_signed, read_signed_by, show},
    connection::Connection,
    failure::{Exit, Failure},
    screen::{self, Output},
    words,
};
use crate::{
    domain::Reason,
    ledger::{
        checkpoint::Checkpoint, export, note::VerifierKey, proof::verify_inclusion, receipt::Receipt,
        tree::Hash,
    },
    proto::v1,
};

/// Get and verify receipts of ledger entries
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Get the receipt of an entry from the gateway
    #[command(after_help = "Examples:\n\
        \x20 gerbang receipt get 0192d4c0-7a1e-7000-8000-000000000001 > pks-2026.receipt\n\n\
        The answer to whatever changes something has it too (receipt, in JSON). Keep it where the gateway's operator cannot \
        change it: it proves that the log took the entry.")]
    Get {
        /// The entry's id, as an answer, a change or gerbang audit list shows it
        entry: String,
    },
    /// Verify a receipt with the log's public key: by itself, or that its entry is in the ledger
    #[command(after_help = "Examples:\n\
        \x20 gerbang receipt verify pks-2026.receipt --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\n\
        \x20 gerbang receipt verify pks-2026.receipt --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --checkpoint ledger.checkpoint --profile blk\n\
        \x20 gerbang receipt verify pks-2026.receipt --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --export ledger.jsonl\n\n\
        Only --checkpoint needs a gateway, which has to prove it; --export needs an export of the whole ledger. The exit status \
        is not 0 where the receipt is not as it was signed, or it is not shown that its entry is in the ledger.")]
    Verify(Verify),
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The file with the receipt
    file: PathBuf,
    /// The log's public key, as its operator has published it
    #[arg(long, value_name = "KEY", value_parser = VerifierKey::parse)]
    key: VerifierKey,
    /// Have the gateway prove that the entry is in the ledger of this checkpoint
    #[arg(long, value_name = "FILE", conflicts_with = "export")]
    checkpoint: Option<PathBuf>,
    /// Look for the entry in this export, which is verified first
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// Does what the verb says.
pub async fn run(context: &Context<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Get { entry } => get(context, entry).await,
        Verb::Verify(options) => verify(context, &options).await,
    }
}

async fn get(context: &Context<'_>, entry: String) -> Result<Exit, Failure> {
    let conn = Connection::open(context).await?;
    let request = v1::GetReceiptRequest { entry };
    let answer = conn.ask(async || conn.client.ledger().get_receipt(request.clone()).await).await?;
    show(context, "receipt", &answer.receipt)?;
    Ok(Exit::Ok)
}

async fn verify(context: &Context<'_>, options: &Verify) -> Result<Exit, Failure> {
    let language = context.language;
    let (receipt, place): (Receipt, _) = match (&options.checkpoint, &options.export) {
        (Some(file), _) => {
            let conn = Connection::open(context).await?;
            // The log's key may have been replaced between the receipt and the checkpoint, or the reverse.
            let request = v1::GetCheckpointRequest {};
            let now = conn.ask(async || conn.client.ledger().get_checkpoint(request).await).await?;
            let keys = keys_since(&options.key, &now.successors)?;
            let receipt = read_signed_by(language, &options.file, &keys)?;
            let checkpoint: Checkpoint = read_signed_by(language, file, &keys)?;
            let place = prove(&conn, &receipt, &checkpoint).await?;
            (receipt, Some((place, checkpoint.size)))
        }
        (None, Some(file)) => {
            let receipt = read_signed(language, &options.file, &options.key)?;
            let export = File::open(file).map_err(|error| Failure::io(language, file, &error))?;
            let (checkpoint, place) = export::find(BufReader::new(export), &options.key, &receipt)
                .map_err(|fault| Failure::Raw(format!("{}: {fault}", file.display())))?;
            let place = place.ok_or_else(|| Failure::Failed(words::receipt_not_exported(language)))?;
            (receipt, Some((place, checkpoint.size)))
        }
        (None, None) => (read_signed(language, &options.file, &options.key)?, None),
    };
    if context.output == Output::Json {
        screen::print_json(&json!({
            "entry": receipt.entry,
            "leaf_hash": BASE64_STANDARD.encode(receipt.leaf_hash),
            "recorded_at": receipt.recorded_at,
            "index": place.map(|(index, _)| index),
            "tree_size": place.map(|(_, size)| size),
        }))?;
        return Ok(Exit::Ok);
    }
    screen::print(&format!("{}\n", words::receipt_signed(language, receipt.entry, receipt.recorded_at)))?;
    match place {
        Some((index, size)) => screen::print(&format!("{}\n", words::receipt_placed(language, index, size)))?,
        None => screen::note(&words::receipt_not_held_against(language)),
    }
    Ok(Exit::Ok)
}

/// Has the gateway prove that the entry is in the tree of the checkpoint: its place.
async fn prove(conn: &Connection<'_>, receipt: &Receipt, checkpoint: &Checkpoint) -> Result<u64, Failure> {
    let language = conn.context.language;
    let tree_size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    let request = v1::GetInclusionProofRequest { entry: receipt.entry.to_string(), tree_size };
    let asked = conn.ask(async || conn.client.ledger().get_inclusion_proof(request.clone()).await).await;
    let proof = asked.map_err(|failure| match failure {
        Failure::Refused(refused) if refused.reason == Reason::LedgerEntryUnknown.code() => {
            Failure::Failed(words::receipt_unknown(language))
        }
        other => other,
    })?;
    let hashes: Option<Vec<Hash>> = proof.hashes.into_iter().map(|hash| hash.try_into().ok()).collect();
    let proved = u64::try_from(proof.index).ok().zip(hashes).filter(|(index, hashes)| {
        verify_inclusion(*index, checkpoint.size, &receipt.leaf_hash, hashes, &checkpoint.root)
    });
    let unproved = || Failure::Failed(words::receipt_unproved(language, checkpoint.size));
    proved.map(|(index, _)| index).ok_or_else(unproved)
}
