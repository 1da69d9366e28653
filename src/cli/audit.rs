//! `gerbang audit`: the ledger held against the rows that it tells of, as the database's owner.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};

use super::{
    Context,
    failure::{Exit, Failure, failed},
    screen::{self, Heading, Output},
    words,
};
use crate::{
    domain::{outside::Clock, reason::Language},
    server::outside::SystemClock,
    store::{
        Database,
        audit::{Finding, Flaw, Report},
    },
    vault::VaultKeys,
};

/// Check the ledger
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Digest every row again and compare it with what the ledger last told of it
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit rows --database-url postgres://gerbang_owner@db/gerbang --vault /etc/gerbang/vault.toml\n\n\
        Changes nothing, and may run while gateways serve. Without --vault, rows about trainees are counted and not \
        compared. The exit status is 1 where a row differs, is missing, or was never told of.")]
    Rows(Rows),
}

#[derive(Debug, Args)]
pub struct Rows {
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: String,
    /// The key file, to compare rows about trainees too
    #[arg(long, value_name = "FILE")]
    vault: Option<PathBuf>,
}

const HEADINGS: &[Heading] = &[("RESOURCE", "PENGENAL"), ("FLAW", "PERBEDAAN"), ("DETAIL", "RINCIAN")];

pub async fn run(context: &Context<'_>, verb: Verb) -> Result<Exit, Failure> {
    let Verb::Rows(options) = verb;
    let keys = options.vault.as_deref().map(VaultKeys::load).transpose().map_err(failed)?.map(Arc::new);
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    let report = database.audit_rows(keys.as_deref(), SystemClock.now()).await.map_err(failed)?;
    if context.output == Output::Json {
        screen::print_json(&serde_json::to_value(&report).map_err(failed)?)?;
    } else {
        show(context, &report)?;
    }
    Ok(if report.findings.is_empty() { Exit::Ok } else { Exit::Failed })
}

/// Prints what was found, and what to do about it.
pub(super) fn show(context: &Context<'_>, report: &Report) -> Result<(), Failure> {
    let language = context.language;
    if !report.findings.is_empty() {
        let row = |found: &Finding| {
            vec![found.resource.clone(), flaw(language, found.flaw), words::told(language, &found.detail)]
        };
        let rows: Vec<_> = report.findings.iter().map(row).collect();
        screen::print(&screen::table(language, HEADINGS, &rows))?;
        screen::note(&words::rows_differ(language, report.findings.len()));
    }
    if report.sealed > 0 {
        screen::note(&words::rows_sealed(language, report.sealed));
    }
    screen::note(&words::rows_audited(language, report.checked, report.entries));
    Ok(())
}

/// The kind of a finding in the reader's language.
fn flaw(language: Language, flaw: Flaw) -> String {
    let indonesian = match flaw {
        _ if language == Language::English => return flaw.to_string(),
        Flaw::Differs => "BERBEDA",
        Flaw::Derived => "TURUNAN BERBEDA",
        Flaw::NeverTold => "TIDAK TERCATAT",
        Flaw::Gone => "HILANG",
        Flaw::Version => "VERSI BERBEDA",
        Flaw::Unreadable => "TIDAK TERBACA",
        Flaw::Salt => "SALT TIDAK TERBACA",
        Flaw::Readers => "PEMBACA BERBEDA",
        Flaw::Feed => "PEMBERITAHUAN BERBEDA",
        Flaw::Order => "URUTAN BERBEDA",
    };
    indonesian.to_owned()
}
