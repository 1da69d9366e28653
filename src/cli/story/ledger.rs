//! The story's end: who was shown whom, what the prison is told has changed, and the proof that the ledger has it.

use std::collections::BTreeMap;

use super::{Rows, Story, roster};
use crate::{
    cli::{
        change, disclosure,
        failure::{Failure, failed},
        screen::Heading,
        wait, words,
    },
    config::ledger_key,
    ledger::{checkpoint::Checkpoint, proof::verify_inclusion, tree::Hash},
    proto::v1::{self, ChangeEffect},
};

pub const CHANGES: &[Heading] = &[
    ("KIND", "JENIS"),
    ("CREATED", "BARU"),
    ("UPDATED", "DIPERBARUI"),
    ("BECAME VISIBLE", "MENJADI TERLIHAT"),
    ("REMOVED", "TIDAK TERLIHAT LAGI"),
];

/// How long the story waits for the ledger to have a place for what was just read.
const PLACED_WITHIN: u32 = 30;

/// To whom the first on the roster was shown.
pub async fn who_saw_the_first(story: &Story<'_>) -> Result<Rows, Failure> {
    let lapas = story.conn("lapas");
    let first = roster::list(story, "lapas").await?.into_iter().next().unwrap_or_default();
    let ask = async || disclosure::find(lapas, &first.name, false).await;
    let found = wait::until(PLACED_WITHIN, ask, |found| !found.disclosures.is_empty()).await?;
    let zone = lapas.told_zone().await;
    Ok(found.disclosures.iter().map(|one| disclosure::row(one, &zone, story.language())).collect())
}

/// All that the prison is told of.
pub async fn changes(story: &Story<'_>) -> Result<Vec<v1::ResourceChange>, Failure> {
    let all = v1::ListChangesRequest::default();
    Ok(change::up_to(story.conn("lapas"), all, usize::MAX).await?.changes)
}

/// How many there are, by kind and by what they are for the prison.
pub fn count(told: &[v1::ResourceChange]) -> Rows {
    let mut counts: BTreeMap<_, [usize; 4]> = BTreeMap::new();
    for change in told {
        let column = match change.effect() {
            ChangeEffect::Created => 0,
            ChangeEffect::Updated => 1,
            ChangeEffect::BecameVisible => 2,
            ChangeEffect::Removed | ChangeEffect::Unspecified => 3,
        };
        counts.entry(change.kind).or_default()[column] += 1;
    }
    let kind = |kind: i32| v1::ResourceKind::try_from(kind).unwrap_or_default().as_str_name().to_owned();
    let row = |(number, counts): (i32, [usize; 4])| {
        [kind(number)].into_iter().chain(counts.map(|count| count.to_string())).collect()
    };
    counts.into_iter().map(row).collect()
}

/// Has the gateway prove that the entry of a change is in the ledger, and verifies it with the log's public key, as an auditor would, who
/// has it from the operator; here it comes from the folder's own key. The signed checkpoint, and in which place of how many the entry is.
pub async fn prove(story: &Story<'_>, change: &v1::ResourceChange) -> Result<(String, u64, u64), Failure> {
    let lapas = story.conn("lapas");
    let note =
        lapas.ask(async || lapas.client.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await).await?;
    let key = ledger_key::load(&story.dev.join("ledger.key")).map_err(failed)?;
    let checkpoint: Checkpoint = key.verifier().verify(&note.checkpoint).map_err(failed)?;
    let tree_size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    let request = v1::GetInclusionProofRequest { entry: change.entry.clone(), tree_size };
    let proof = lapas.ask(async || lapas.client.ledger().get_inclusion_proof(request.clone()).await).await?;
    let hash = |bytes: Vec<u8>| Hash::try_from(bytes).ok();
    let hashes: Option<Vec<_>> = proof.hashes.into_iter().map(hash).collect();
    let index = u64::try_from(proof.index).unwrap_or(u64::MAX);
    let is_proved = hash(proof.leaf_hash).zip(hashes).is_some_and(|(leaf, hashes)| {
        verify_inclusion(index, checkpoint.size, &leaf, &hashes, &checkpoint.root)
    });
    if is_proved {
        return Ok((note.checkpoint, index, checkpoint.size));
    }
    Err(Failure::Failed(words::story_broken(story.language(), &change.entry, "-")))
}
