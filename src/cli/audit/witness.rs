//! Witnesses (saksi): agencies that sign checkpoints which they have verified, so that others need not take the operator's word.
//!
//! A witness signs nothing but what was proved to go on from the checkpoint that it keeps; the first one it takes on trust, where it is told to.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::SignedDuration;

use super::super::{
    Context,
    connection::Connection,
    failure::{Exit, Failure, failed},
    names,
    options::{Limit, SendOptions},
    screen::{self, Heading},
    select, when, words,
};
use crate::{
    config::witness_key,
    domain::reason::Language,
    ledger::{
        checkpoint::Checkpoint,
        cosignature::{CosignatureError, Cosigned, WitnessKey, WitnessVerifier},
        note::{NoteError, Origin, VerifierKey},
    },
    proto::v1,
};

/// What `checkpoint` does as a witness, or with what one has said.
#[derive(Debug, Args)]
pub struct Witnessing {
    /// Cosign the checkpoint with the witness's key in this file, once it is proved and kept, and send that to the gateway
    #[arg(long, value_name = "FILE", requires = "keep")]
    cosign: Option<PathBuf>,
    /// Cosign though no checkpoint is kept yet: the first one is taken on trust
    #[arg(long, requires = "cosign")]
    pub(super) first: bool,
    /// Take the newest checkpoint that the witness with this public key has cosigned, and not the newest of all
    #[arg(long, value_name = "KEY", value_parser = WitnessVerifier::parse, requires = "key", conflicts_with = "cosign")]
    pub(super) witness: Option<WitnessVerifier>,
}

#[derive(Debug, Args)]
pub struct Cosignatures {
    /// Only those of this agency's witnesses: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

/// Makes a witness's key, or reads it: the public one.
pub(super) fn key(
    language: Language,
    file: &Path,
    name: Option<&Origin>,
) -> Result<WitnessVerifier, Failure> {
    let key = match name {
        Some(name) => {
            let key = witness_key::make(file, name).map_err(failed)?;
            screen::note(&words::witness_key_made(language, file.display()));
            key
        }
        None => witness_key::load(file).map_err(failed)?,
    };
    Ok(key.verifier().clone())
}

/// How long ago a witness that looks every day may have cosigned last.
const OLD: SignedDuration = SignedDuration::from_hours(72);

/// A checkpoint that a witness has cosigned.
pub(super) struct Newest {
    /// The note, with the signatures of both.
    pub note: String,
    /// What it states.
    pub checkpoint: Checkpoint,
    /// Whether that was long ago, by this machine's clock.
    pub is_old: bool,
}

/// Gets the newest checkpoint that this witness has cosigned, verified by its key and by any of the log's.
pub(super) async fn newest(
    conn: &Connection<'_>,
    witness: &WitnessVerifier,
    keys: &[VerifierKey],
) -> Result<Newest, Failure> {
    let language = conn.context.language;
    let request =
        v1::ListCosignaturesRequest { key: witness.to_string(), page_size: 1, ..Default::default() };
    let page = conn.ask(async || conn.client.ledger().list_cosignatures(request.clone()).await).await?;
    let found = page.cosignatures.into_iter().next();
    let found = found
        .ok_or_else(|| Failure::Failed(words::witness_has_cosigned_nothing(language, witness.name())))?;
    let mut cosigned = Err(CosignatureError::Log(NoteError::Malformed));
    for log in keys {
        cosigned = witness.verify(&found.checkpoint, log);
        if !matches!(cosigned, Err(CosignatureError::Log(NoteError::Unsigned(_)))) {
            break;
        }
    }
    let Cosigned { checkpoint, at } = cosigned.map_err(failed)?;
    let zone = conn.told_zone().await;
    let told = when::moment(Some(&when::to_proto(at)), &zone, language);
    screen::note(&words::witness_has_cosigned(language, witness.name(), checkpoint.size, told));
    Ok(Newest { note: found.checkpoint, checkpoint, is_old: conn.now().duration_since(at) > OLD })
}

impl Witnessing {
    /// The key by which the checkpoint is to be cosigned.
    pub(super) fn cosigner(&self) -> Result<Option<WitnessKey>, Failure> {
        self.cosign.as_deref().map(witness_key::load).transpose().map_err(failed)
    }
}

/// Cosigns a checkpoint that was proved and kept, and sends it.
pub(super) async fn cosign(
    conn: &Connection<'_>,
    key: &WitnessKey,
    log: &VerifierKey,
    note: &str,
) -> Result<(), Failure> {
    let language = conn.context.language;
    let checkpoint = key.cosign(note, log, conn.now()).map_err(failed)?;
    let request =
        v1::AddCosignatureRequest { checkpoint, key: key.verifier().to_string(), ..Default::default() };
    let call = async |request| conn.client.ledger().add_cosignature(request).await;
    let answer = conn.send(&SendOptions::default(), request, call).await?;
    let is_new = answer.change.unwrap_or_default().outcome() == v1::ItemOutcome::Created;
    let name = key.verifier().name();
    screen::note(&match is_new {
        true => words::checkpoint_cosigned(language, name),
        false => words::checkpoint_was_cosigned(language, name),
    });
    Ok(())
}

pub(in super::super) const HEADINGS: &[Heading] =
    &[("AGENCY", "INSTANSI"), ("WITNESS", "SAKSI"), ("ENTRIES", "ENTRI"), ("TIME", "WAKTU")];

/// Lists cosignatures, those of the largest tree first.
pub async fn list(context: &Context<'_>, wanted: &Cosignatures) -> Result<Exit, Failure> {
    let conn = Connection::open(context).await?;
    let agency = match &wanted.agency {
        Some(agency) => select::agency(&conn, agency).await?,
        None => String::new(),
    };
    let fetch = async |page_size, page_token| {
        let agency = agency.clone();
        let request = v1::ListCosignaturesRequest { agency, page_size, page_token, ..Default::default() };
        conn.client.ledger().list_cosignatures(request).await
    };
    let split = |page: v1::ListCosignaturesResponse| (page.cosignatures, page.next_page_token);
    let found = conn.pages(&wanted.limit, fetch, split).await?;
    let zone = conn.told_zone().await;
    conn.list(&found, HEADINGS, |one| row(one, &zone, context.language))
}

/// A row of the table, with the name out of the witness's key.
pub(in super::super) fn row(one: &v1::Cosignature, zone: &str, language: Language) -> Vec<String> {
    vec![
        names::short(&one.agency),
        one.key.split('+').next().unwrap_or_default().to_owned(),
        one.tree_size.to_string(),
        when::moment(one.time.as_ref(), zone, language),
    ]
}
