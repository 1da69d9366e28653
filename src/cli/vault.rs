//! `gerbang vault`: the key file, and the change of the sealing key.
//!
//! Owns the order of a rotation's steps; each of them may be taken again, so a rotation that was stopped is run
//! again by the same command. Refuses keys for a database that has some.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};

use super::{
    Context,
    ask::{self, Asks},
    failure::{Exit, Failure, failed},
    options::Consent,
    screen, words,
};
use crate::{
    domain::name::TrustDomain,
    exchange::{
        self, Outside,
        rotation::{Rotation, RotationStatus},
    },
    server::outside::{SystemClock, SystemEntropy},
    store::Database,
    vault::{KeyFileError, KeyUse, VaultKeys},
};

/// Make the gateway's key file, and change its sealing key
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a new key file, or upgrade one of the previous version; refuses to overwrite keys
    #[command(after_help = "Examples:\n  gerbang vault init /etc/gerbang/vault.toml")]
    Init {
        /// The file to write, readable by you alone
        file: PathBuf,
        /// The database that it is for: refused where that has its keys already
        #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
        database_url: Option<String>,
    },
    /// Change the key that seals trainees' data, while gateways serve; run it again if it was stopped
    #[command(after_help = "Examples:\n\
        \x20 gerbang vault rotate /etc/gerbang/vault.toml --database-url postgres://gerbang_owner@db/gerbang\n\n\
        Gateways on other machines have copies of the file. For these, first add the key by --prepare, copy the \
        file to every one of them, look there by gerbang doctor --config FILE, then rotate; it asks first. A gateway \
        without the new key answers VAULT_KEY_MISSING and does not start again.")]
    Rotate(Rotate),
}

/// Options of `rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The key file; it gets the new key, and a gateway that runs reads it again by itself
    file: PathBuf,
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// Only add the next key to the file
    #[arg(long, conflicts_with = "destroy_retired")]
    prepare: bool,
    /// Only remove from the file the keys that nothing in the database needs any more; backups sealed with them
    /// become unreadable for ever
    #[arg(long)]
    destroy_retired: bool,
    #[command(flatten)]
    consent: Consent,
}

/// Makes, upgrades or changes the key file.
pub async fn run(context: &Context<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Init { file, database_url } => init(context, &file, database_url.as_deref()).await,
        Verb::Rotate(options) => rotate(context, &options).await,
    }
}

async fn init(context: &Context<'_>, file: &Path, database_url: Option<&str>) -> Result<Exit, Failure> {
    let old = match VaultKeys::load(file) {
        Err(KeyFileError::Missing(_)) => false,
        Err(KeyFileError::OldVersion(_)) => true,
        Ok(_) => return Err(failed(KeyFileError::Exists(file.to_owned()))),
        Err(unusable) => return Err(failed(unusable)),
    };
    if let Some(url) = database_url {
        let database = Database::open(url, 1).map_err(failed)?;
        let known = match old {
            true => exchange::has_versions(&database).await,
            false => exchange::has_keys(&database).await,
        };
        if known.map_err(failed)? {
            return Err(Failure::Failed(words::keys_exist(context.language)));
        }
    }
    if old {
        VaultKeys::upgrade(file, context.entropy).map_err(failed)?;
        screen::note(&words::key_file_upgraded(context.language, file.display()));
    } else {
        VaultKeys::generate(context.entropy).write_new(file).map_err(failed)?;
        screen::note(&words::key_file_made(context.language, file.display()));
    }
    Ok(Exit::Ok)
}

async fn rotate(context: &Context<'_>, options: &Rotate) -> Result<Exit, Failure> {
    let (language, file) = (context.language, options.file.display());
    let keys = Arc::new(VaultKeys::load(&options.file).map_err(failed)?);
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    let outside = Outside {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        keys: keys.clone(),
        // No certificate is looked at.
        trust_domain: TrustDomain::parse("none.invalid").map_err(failed)?,
    };
    let rotation = Rotation::new(database, outside);
    let status = rotation.status().await.map_err(failed)?;
    if options.destroy_retired {
        return destroy_retired(context, options, &keys, &status);
    }
    if options.prepare || status.outgoing.is_empty() {
        let before = keys.newest(KeyUse::Seal);
        let version = keys.add_seal_key(&options.file, status.active, context.entropy).map_err(failed)?;
        if options.prepare {
            screen::note(&words::key_prepared(language, &file, version));
            return Ok(Exit::Ok);
        }
        if version != before {
            screen::note(&words::key_added(language, &file, version));
        }
        let shown = || words::activate_shown(language, &file, version);
        let question = |_| words::activate_question(language, version);
        ask::before(language, options.consent.yes, Asks::Always, 1, shown, question)?;
        rotation.activate(version).await.map_err(failed)?;
        screen::note(&words::key_active(language, version));
    } else {
        screen::note(&words::rotation_resumed(language, status.active));
    }
    finish(context, &rotation).await
}

/// Re-seals until nothing is left, then retires.
async fn finish(context: &Context<'_>, rotation: &Rotation) -> Result<Exit, Failure> {
    let language = context.language;
    let all = rotation.status().await.map_err(failed)?.waiting;
    let mut done = 0;
    loop {
        match rotation.reseal().await.map_err(failed)? {
            0 => break,
            rows => done += rows,
        }
        screen::note(&words::resealed(language, done, all));
    }
    let retired = rotation.retire().await.map_err(failed)?;
    for version in &retired {
        screen::note(&words::key_retired(language, version));
    }
    let left = rotation.status().await.map_err(failed)?;
    match left.outgoing.is_empty() {
        true => Ok(Exit::Ok),
        false => Err(Failure::Failed(words::rotation_unfinished(language, left.waiting))),
    }
}

fn destroy_retired(
    context: &Context<'_>,
    options: &Rotate,
    keys: &VaultKeys,
    status: &RotationStatus,
) -> Result<Exit, Failure> {
    let language = context.language;
    let held = keys.versions(KeyUse::Seal);
    let going: Vec<_> = status.retired.iter().filter(|version| held.contains(version)).collect();
    let versions = going.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let shown = || words::destroy_shown(language, options.file.display(), &versions, status.active);
    let question = |_| words::destroy_question(language, &versions);
    ask::before(language, options.consent.yes, Asks::Always, going.len(), shown, question)?;
    let removed = VaultKeys::remove_seal_keys(&options.file, &status.retired).map_err(failed)?;
    for version in &removed {
        screen::note(&words::key_destroyed(language, version, options.file.display()));
    }
    if removed.is_empty() {
        screen::note(&words::nothing_retired(language));
    }
    Ok(Exit::Ok)
}
