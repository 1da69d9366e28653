//! `gerbang audit`: the ledger held against the rows that it tells of, as the database's owner; in `list`, what its entries tell, and in
//! `refused`, what was refused; and, in `log`, what others need to hold the ledger against itself.

pub(super) mod list;
mod live;
pub(super) mod log;
pub(super) mod refused;
pub(super) mod replace;
pub(super) mod witness;

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
    /// List what was done and looked at, by whom and when, the newest first (administrator, oversight)
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit list --from yesterday --profile admin\n\
        \x20 gerbang audit list --agency blk-kepri --disclosures --from 2026-12-01 --to 2026-12-07 --profile admin\n\
        \x20 gerbang audit list --cert 5a0c77 --limit 1000 -o json --profile admin\n\n\
        Each line is an entry of the ledger: a call that changed something, or that showed data of trainees. It says how much of \
        which kind, and no content.")]
    List(list::List),
    /// List calls that were refused, by day: who called what, and why it was refused (administrator, oversight)
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit refused --from yesterday --profile admin\n\
        \x20 gerbang audit refused --agency blk-kepri --reason AGREEMENT_NOT_IN_FORCE --profile admin\n\
        \x20 gerbang audit refused --cert 5a0c77 -o json --profile admin\n\n\
        A line counts the calls of one day that came by one certificate, to one method, and were refused for one reason. What the \
        gateway could not do is not counted, nor are items of a batch that was answered.")]
    Refused(refused::Refused),
    /// Make a key that signs the ledger's checkpoints, or one that witnesses them, or show the public key of one
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit key /etc/gerbang/ledger.key --origin gerbang.example.go.id/ledger\n\
        \x20 gerbang audit key /etc/gerbang/ledger.key\n\
        \x20 gerbang audit key witness.key --witness saksi.blk-kepri.example\n\n\
        A log's key: name the file in the configuration of every gateway, as ledger_key. A log keeps its name for ever, and its key until \
        gerbang audit replace-key replaces it. A witness's key is for the machine that verifies checkpoints. Publish the public key \
        where others find it without the gateway.")]
    Key(log::Key),
    /// Replace the key that signs the ledger's checkpoints and receipts, so that who has the old public key comes to the new one
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit key /etc/gerbang/ledger-2.key --origin gerbang.example.go.id/ledger\n\
        \x20 gerbang audit checkpoint --profile admin > ledger.checkpoint\n\
        \x20 gerbang audit replace-key /etc/gerbang/ledger.key /etc/gerbang/ledger-2.key --checkpoint ledger.checkpoint \
        --database-url postgres://gerbang_owner@db/gerbang\n\n\
        The old key signs that the new one follows, and an entry of the ledger tells of it. From then on gateways with the old key \
        prove nothing: put the new file in its place at each of them and start them anew, then publish the new public key.")]
    ReplaceKey(replace::ReplaceKey),
    /// Get a signed checkpoint of the ledger from the gateway, and prove that the ledger only grew
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit checkpoint --profile blk\n\
        \x20 gerbang audit checkpoint --profile blk --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint\n\
        \x20 gerbang audit checkpoint --profile blk --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint --cosign witness.key\n\
        \x20 gerbang audit checkpoint --profile lapas --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint --witness \
        saksi.test+761d106c+BNVCB9oZSXfc9Grb/sK8LnW1LVqKQhhP7f3AACTw4+ja\n\n\
        With --keep, the gateway has to prove that the ledger of the kept checkpoint is the beginning of today's, and the new \
        one takes its place. Do so every day, on a machine that is not the operator's. With --cosign, your agency witnesses what was \
        proved; with --witness, you take what another has witnessed.")]
    Checkpoint(log::CheckpointOptions),
    /// List what witnesses have cosigned, the newest checkpoint first
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit cosignatures --profile lapas\n\
        \x20 gerbang audit cosignatures --agency blk-kepri -o json --profile lapas\n\n\
        Each comes with its checkpoint (in JSON), which the log's key and the witness's verify without a gateway.")]
    Cosignatures(witness::Cosignatures),
    /// Write the whole ledger to a file that can be verified without a gateway
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit export ledger.jsonl --database-url postgres://gerbang_owner@db/gerbang --ledger-key \
        /etc/gerbang/ledger.key\n\
        \x20 gerbang audit export later.jsonl --database-url postgres://gerbang_owner@db/gerbang --ledger-key \
        /etc/gerbang/ledger.key --from ledger.checkpoint\n\n\
        The entries hold digests and the names of agencies and resources, and no personal data. With --from, those before the \
        checkpoint are left out: whoever has it needs them no more.")]
    Export(log::Export),
    /// Verify an export with the log's public key alone; with --live, the database against its own entries
    #[command(after_help = "Examples:\n\
        \x20 gerbang audit verify ledger.jsonl --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint\n\
        \x20 gerbang audit verify later.jsonl --key \
        log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint\n\
        \x20 gerbang audit verify --live --database-url postgres://gerbang_owner@db/gerbang --vault /etc/gerbang/vault.toml \
        --key log.example+891bac2d+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs --keep ledger.checkpoint\n\n\
        An export needs no gateway, no database and no network. With --keep, the export has to go on from the kept checkpoint or lead \
        through it, and the checkpoint with which it ends takes its place. examples/python/verify_log.py does the same with \
        nothing of this program. With --live, the \
        database is read as gerbang audit rows reads it. The exit status is 1 where anything is not as it was signed or told.")]
    Verify(log::Verify),
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
    match verb {
        Verb::Rows(options) => rows(context, options).await,
        Verb::List(options) => list::list(context, &options).await,
        Verb::Refused(options) => refused::list(context, &options).await,
        Verb::Key(options) => log::key(context, &options),
        Verb::ReplaceKey(options) => replace::replace(context, &options).await,
        Verb::Checkpoint(options) => log::checkpoint(context, &options).await,
        Verb::Cosignatures(options) => witness::list(context, &options).await,
        Verb::Export(options) => log::export(context, &options).await,
        Verb::Verify(options) => log::verify(context, &options).await,
    }
}

async fn rows(context: &Context<'_>, options: Rows) -> Result<Exit, Failure> {
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
    if report.erased > 0 {
        screen::note(&words::rows_erased(language, report.erased));
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
