//! `vault.toml` against the keys that the database was begun with and uses, as a gateway compares them at its start.

use super::Finding;
use crate::{
    cli::words,
    domain::reason::Language,
    exchange::{self, SealKeys},
    store::{self, Database},
    vault::VaultKeys,
};

/// The key file against the database's keys: a gateway that lacks one still serves, and does not start again.
pub async fn compare(language: Language, database: &Database, keys: &VaultKeys) -> Finding {
    const CHECK: &str = "vault-keys";
    match exchange::compare_keys(database, keys).await {
        Ok(SealKeys { held, active }) => {
            let held = held.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Finding::ok(
                CHECK,
                match active {
                    Some(active) => words::doctor_vault(language, held, active),
                    None => words::doctor_vault_not_begun(language, held),
                },
            )
        }
        Err(store::Error::ForeignKeys(what)) => {
            Finding::failed(CHECK, words::doctor_vault_foreign(language, words::told(language, what)))
        }
        Err(error) => Finding::failed(CHECK, words::told(language, error)),
    }
}
