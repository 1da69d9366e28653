//! `gerbang audit replace-key`: another key for the ledger, as the database's owner, by the one that it replaces.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::{
    super::{
        Context,
        ask::{self, Asks},
        failure::{Exit, Failure, failed},
        options::Consent,
        screen, words,
    },
    live, log,
};
use crate::{
    config::ledger_key,
    exchange::succession::{self, Replaced},
    server::outside::{SystemClock, SystemEntropy},
    store::{Database, Outside},
};

#[derive(Debug, Args)]
pub struct ReplaceKey {
    /// The file with the key in force
    old: PathBuf,
    /// The file with the new key, made by gerbang audit key with the same --origin
    new: PathBuf,
    /// A checkpoint of this ledger that the key in force has signed, as gerbang audit checkpoint prints it
    #[arg(long, value_name = "FILE")]
    checkpoint: PathBuf,
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: String,
    #[command(flatten)]
    consent: Consent,
}

/// Replaces the key, and shows the new public one.
pub async fn replace(context: &Context<'_>, options: &ReplaceKey) -> Result<Exit, Failure> {
    let language = context.language;
    let (old, new) = (ledger_key::load(&options.old), ledger_key::load(&options.new));
    let (old, new) = (old.map_err(failed)?, new.map_err(failed)?);
    let (key, next) = (old.verifier(), new.verifier());
    if key.origin() != next.origin() {
        return Err(Failure::Failed(words::ledger_key_of_another_log(language, next.origin(), key.origin())));
    }
    if key == next {
        return Err(Failure::Failed(words::ledger_key_the_same(language)));
    }
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    // A key of which the ledger knows nothing would be replaced for good, and the true one could not be any more.
    let signed = log::read_signed(language, &options.checkpoint, key)?;
    live::check(language, &database, &signed).await?;
    let shown = || words::ledger_key_replacing(language, key, next);
    ask::before(language, options.consent.yes, Asks::Always, 1, shown, |_| {
        words::ledger_key_question(language)
    })?;
    let outside = Outside { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), keys: None };
    match succession::replace(&database, outside, &old, next).await.map_err(failed)? {
        Replaced::Now => screen::note(&words::ledger_key_replaced(language, options.new.display())),
        Replaced::Before => screen::note(&words::ledger_key_replaced_before(language)),
        Replaced::ByAnother(by) => {
            return Err(Failure::Failed(words::ledger_key_not_in_force(language, &by)));
        }
        Replaced::NotAgain => return Err(Failure::Failed(words::ledger_key_not_again(language))),
    }
    log::show(context, "key", &next.to_string())?;
    Ok(Exit::Ok)
}
