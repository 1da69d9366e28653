//! `gerbang audit verify --live`: the database as it is, held against the entries and against a checkpoint that was kept.

use std::path::PathBuf;

use clap::Args;

use super::{
    super::{
        Context,
        failure::{Exit, Failure, failed},
        screen, words,
    },
    Rows,
};
use crate::{domain::reason::Language, ledger::checkpoint::Checkpoint, store::Database};

/// Where the database is.
#[derive(Debug, Args)]
pub struct Live {
    /// Verify the database itself: rows, order and feed against the entries, and these against the kept checkpoint
    #[arg(long, conflicts_with = "file", requires = "database_url")]
    pub(super) live: bool,
    /// The database that --live verifies, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The key file, to compare rows about trainees too
    #[arg(long, value_name = "FILE", requires = "live")]
    vault: Option<PathBuf>,
}

/// Audits rows, order and feed, and compares the tree of the database with that of the kept checkpoint, which stays as it is.
pub(super) async fn verify(
    context: &Context<'_>,
    live: &Live,
    kept: Option<Checkpoint>,
) -> Result<Exit, Failure> {
    let language = context.language;
    let database_url = live.database_url.clone().unwrap_or_default();
    if let Some(kept) = kept {
        let database = Database::open(&database_url, 1).map_err(failed)?;
        let now = check(language, &database, &kept).await?;
        screen::note(&words::ledger_grew(language, kept.size, now));
    }
    super::rows(context, Rows { database_url, vault: live.vault.clone() }).await
}

/// Compares the tree of the database with that of a checkpoint: how many entries it has now.
pub(super) async fn check(
    language: Language,
    database: &Database,
    kept: &Checkpoint,
) -> Result<u64, Failure> {
    let mut ledger = database.export_ledger().await.map_err(failed)?;
    let now = ledger.checkpoint.size;
    match ledger.tree(kept.size).await.map_err(failed)? {
        None => Err(Failure::Failed(words::ledger_shrank(language, kept.size, now))),
        Some(tree) if tree.root() != kept.root => {
            Err(Failure::Failed(words::ledger_forked(language, kept.size)))
        }
        Some(_) => Ok(now),
    }
}
