//! `gerbang ca`: founding an authority, the later ceremonies of its root, and how it fares.
//!
//! Owns the options and the order of the ceremonies. Refuses passphrases on the command line, where others can see
//! them. What ceremonies record is `exchange::founding`'s; what they sign, `pki`'s.

mod ceremony_folder;
mod init;
mod passphrase;
mod root;
mod transcript;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    Context,
    answers::warnings_of,
    connection::Connection,
    failure::{Exit, Failure},
    screen::{self, Heading, Output},
    when, words,
};
use crate::{format::json::to_json, proto::v1};

/// Found the authority that issues certificates, and look after it
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Hold the ceremony that founds an authority: once, with the root's key on a medium of its own
    #[command(
        after_help = "Examples:\n\
        \x20 gerbang ca init --ceremony certs/ceremony.toml --out /etc/gerbang/ca --root-out /media/root \
        --database-url $GERBANG_DATABASE_URL\n\n\
        Makes the root, the two authorities below it and the first administrators' certificates, and records them. \
        Run it again with the same options if it was cut off: what is whole on the disk is recorded, and no key is \
        made twice. certs/README.md says how a ceremony goes.\n\n\
        GERBANG_DATABASE_URL names the database as its owner, with sslmode=verify-full and sslrootcert=FILE: \
        docs/operate.md has the file that sets it.",
        mut_args(unless_example)
    )]
    Init(Init),
    /// Show how the authority fares; the exit status is 1 where something needs attention (administrator)
    #[command(after_help = "Examples:\n  gerbang ca status --profile admin\n  gerbang ca status -o json")]
    Status,
    /// Admit an administrator by the root's key, in place of one who was lost, and fetch the certificate
    #[command(after_help = "Examples:\n\
        \x20 gerbang ca admit --csr admin3.csr --system operator/admin3 --root-key /media/root/root.key \
        --root /etc/gerbang/ca/root.pem --server gerbang.example:7443 --database-url \
        $GERBANG_DATABASE_URL\n\n\
        Compares the ceremony's file and the root with the database, has the root's key sign, waits for the signer and \
        writes the certificate. With --server, a profile comes with it, so that it works where no administrator is left. \
        If the certificate is not there in time, type the same again: no second one is made.\n\n\
        GERBANG_DATABASE_URL names the database as its owner, with sslmode=verify-full and sslrootcert=FILE: \
        docs/operate.md has the file that sets it.")]
    Admit(Admit),
    /// Make a new revocation list of the root, before the old one ends
    #[command(after_help = "Examples:\n\
        \x20 gerbang ca renew-crl --root-key /media/root/root.key --root /etc/gerbang/ca/root.pem \
        --database-url $GERBANG_DATABASE_URL\n\n\
        GERBANG_DATABASE_URL names the database as its owner, with sslmode=verify-full and sslrootcert=FILE: \
        docs/operate.md has the file that sets it.")]
    RenewCrl(RenewCrl),
}

/// What is required, only where no example is asked for.
fn unless_example(arg: clap::Arg) -> clap::Arg {
    if arg.is_required_set() { arg.required(false).required_unless_present("example") } else { arg }
}

/// Options of `init`.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    hold: Option<Hold>,
    // Apart from what is held: the environment may name the database when an example is asked for.
    #[command(flatten)]
    owner: Option<Owner>,
    /// Print a file to begin with; what its fields mean is told on standard error
    #[arg(long, conflicts_with = "ceremony")]
    pub example: bool,
}

/// A ceremony to hold.
#[derive(Debug, Args)]
struct Hold {
    /// The ceremony file, as it was reviewed
    #[arg(long, value_name = "FILE")]
    ceremony: PathBuf,
    /// A new folder for certificates, issuing keys and the transcript
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Another new folder, for the root's key alone: on a medium that is put away
    #[arg(long, value_name = "DIR")]
    root_out: PathBuf,
    /// A file that holds the passphrase for the issuing keys, one line; asked for where it is not given
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file that holds the passphrase for the root's key, one line; asked for where it is not given
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
}

/// The database that ceremonies are recorded in.
#[derive(Debug, Args)]
struct Owner {
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
}

/// The root, brought for the occasion.
#[derive(Debug, Args)]
struct RootKey {
    /// The root's key
    #[arg(long, value_name = "FILE")]
    root_key: PathBuf,
    /// The root's certificate
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// A file that holds the passphrase of the root's key, one line; asked for where it is not given
    #[arg(long, value_name = "FILE")]
    root_passphrase_file: Option<PathBuf>,
}

/// Options of `admit`.
#[derive(Debug, Args)]
pub struct Admit {
    /// The administrator's request for a certificate (PKCS#10)
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// The administrator's system, as AGENCY/SYSTEM; it is registered where there is none
    #[arg(long, value_name = "NAME")]
    system: String,
    #[command(flatten)]
    root: RootKey,
    #[command(flatten)]
    owner: Owner,
    /// The ceremony file, for trust domain and operator
    #[arg(long, value_name = "FILE", default_value = "certs/ceremony.toml")]
    ceremony: PathBuf,
    /// For how many days the certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=397))]
    days: u32,
    /// Where the certificate goes, with its issuer's; NAME.pem beside the request where it is not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where the gateway is: writes a profile and the authorities beside the certificate
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// The name in the gateway's certificate; the host where it is not given
    #[arg(long, value_name = "NAME", requires = "server")]
    server_name: Option<String>,
    /// For how many seconds the signer is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=3600))]
    wait: u32,
}

/// Options of `renew-crl`.
#[derive(Debug, Args)]
pub struct RenewCrl {
    #[command(flatten)]
    root: RootKey,
    #[command(flatten)]
    owner: Owner,
    /// For how many days the list counts
    #[arg(long, value_name = "DAYS", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=400))]
    days: u32,
    /// Write the list to this new file too, in PEM
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Does what the verb says.
pub async fn run(context: &Context<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(Init { hold: Some(hold), owner: Some(owner), .. }) => {
            init::init(context, &hold, &owner).await
        }
        // An example was printed before; nothing else comes without these.
        Verb::Init(_) => Err(Failure::Usage("--ceremony --out --root-out --database-url".to_owned())),
        Verb::Status => status(&Connection::open(context).await?).await,
        Verb::Admit(options) => root::admit(context, &options).await,
        Verb::RenewCrl(options) => root::renew_crl(context, &options).await,
    }
}

pub(super) const HEADINGS: &[Heading] = &[
    ("AUTHORITY", "OTORITAS"),
    ("ISSUES", "MENERBITKAN"),
    ("VALID TO", "SAMPAI"),
    ("LIST", "DAFTAR"),
    ("MADE", "DIBUAT"),
    ("NEXT", "BERIKUTNYA"),
];

/// Ends with 1 where there are alarms, so that a machine may watch it.
async fn status(conn: &Connection<'_>) -> Result<Exit, Failure> {
    let request = v1::GetAuthorityStatusRequest {};
    let answer = conn.ask(async || conn.client.certificate().get_authority_status(request).await).await?;
    let language = conn.context.language;
    match conn.context.output {
        Output::Json => screen::print_json(&to_json(&answer))?,
        Output::Table => {
            let zone = conn.told_zone().await;
            let time = |at: Option<&prost_types::Timestamp>| when::moment(at, &zone, language);
            let rows: Vec<_> = answer.authorities.iter().map(|one| row(one, time)).collect();
            screen::print(&screen::table(language, HEADINGS, &rows))?;
            let signer = match answer.signer_time.as_ref() {
                None => words::ca_never(language),
                at => time(at),
            };
            screen::print(&format!(
                "\n{}",
                screen::pairs(&[
                    (words::ca_status_signer(language), signer),
                    (words::ca_status_administrators(language), answer.administrators.to_string()),
                    (words::ca_status_awaiting_approval(language), answer.awaiting_approval.to_string()),
                    (words::ca_status_awaiting_signer(language), answer.awaiting_signer.to_string()),
                ])
            ))?;
            let alarms = serde_json::json!({ "warnings": to_json(&answer)["alarms"] });
            warnings_of(&alarms, false, language).iter().for_each(|alarm| screen::note(alarm));
        }
    }
    Ok(if answer.alarms.is_empty() { Exit::Ok } else { Exit::Failed })
}

pub(super) fn row(
    one: &v1::Authority,
    time: impl Fn(Option<&prost_types::Timestamp>) -> String,
) -> Vec<String> {
    let list = !one.crl_pem.is_empty();
    vec![
        one.display_name.clone(),
        one.kind().as_str_name().to_owned(),
        time(one.not_after.as_ref()),
        if list { one.crl_number.to_string() } else { String::new() },
        time(one.crl_time.as_ref()),
        time(one.crl_next_time.as_ref()),
    ]
}
