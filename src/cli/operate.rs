//! `gerbang dev | serve | migrate | vault`: running a gateway.
//!
//! Owns the options; the work is done by `dev`, `server`, `store` and `vault`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{
    Context,
    failure::{Exit, Failure},
    words,
};

/// Options of `dev`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Dev {
    #[command(subcommand)]
    pub verb: Option<DevVerb>,
    /// Where the database, the certificates and the profiles are kept
    #[arg(long, default_value = ".gerbang", value_name = "DIR")]
    pub folder: PathBuf,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:7443", value_name = "ADDRESS")]
    pub listen: String,
    /// An existing Postgres to use, instead of starting a private one
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Tell the story, then stop; exit status 0 only if every step held
    #[arg(long)]
    pub demo: bool,
}

/// What else `dev` does.
#[derive(Debug, Subcommand)]
pub enum DevVerb {
    /// Make a throw-away certificate and a profile for a system of an agency
    #[command(after_help = "Examples:\n  gerbang dev cert dinas-koperasi sim")]
    Cert(DevCert),
}

/// Options of `dev cert`.
#[derive(Debug, Args)]
pub struct DevCert {
    /// The agency's code
    pub agency: String,
    /// The system's own name
    pub system: String,
    /// The folder of gerbang dev
    #[arg(long, default_value = ".gerbang", value_name = "DIR")]
    pub folder: PathBuf,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration, a TOML file
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
    /// The first administrator's certificate, a PEM file
    #[arg(long, value_name = "FILE")]
    pub admin_cert: PathBuf,
}

/// Make the gateway's key file
#[derive(Debug, Subcommand)]
pub enum Vault {
    /// Make a new key file; refuses to overwrite one
    #[command(after_help = "Examples:\n  gerbang vault init /etc/gerbang/vault.toml")]
    Init {
        /// The file to write, readable by you alone
        file: PathBuf,
    },
}

/// Runs the whole gateway on this machine, tells the story, and serves until Ctrl-C.
pub async fn dev(context: &Context<'_>, options: Dev) -> Result<Exit, Failure> {
    match options.verb {
        Some(DevVerb::Cert(_)) => not_wired(context, "dev cert"),
        None => not_wired(context, "dev"),
    }
}

/// Serves until told to stop.
pub async fn serve(context: &Context<'_>, _options: Serve) -> Result<Exit, Failure> {
    not_wired(context, "serve")
}

/// Brings the schema up to date and registers the first administrator.
pub async fn migrate(context: &Context<'_>, _options: Migrate) -> Result<Exit, Failure> {
    not_wired(context, "migrate")
}

/// Makes the key file.
pub async fn vault(context: &Context<'_>, _verb: Vault) -> Result<Exit, Failure> {
    not_wired(context, "vault")
}

fn not_wired(context: &Context<'_>, command: &str) -> Result<Exit, Failure> {
    Err(Failure::Failed(words::not_wired(context.language, command)))
}
