//! `gerbang dev | serve | migrate`: running a gateway.
//!
//! Owns the options; the work is done by `dev`, `server`, `store`.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::{Args, Subcommand};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    Context,
    failure::{Exit, Failure},
    screen,
    story::Story,
    words,
};
use crate::{
    agent::Profile,
    config::Config,
    dev::{self, Gateway},
    exchange::{self, Outside},
    server::{
        gateway::assemble,
        log,
        outside::{SystemClock, SystemEntropy},
    },
    store::{self, Database},
    vault::Keys,
};

/// How long calls under way get when a gateway is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Where `dev` listens.
const LISTEN: &str = "127.0.0.1:7443";

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
    #[arg(long, default_value = LISTEN, value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// An existing Postgres to use, instead of starting a private one; its role must be allowed to create
    /// tables, and be a member of the role gerbang_gateway
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
    /// The first administrator's certificate, a PEM file; for a new database
    #[arg(long, value_name = "FILE", requires = "trust_domain")]
    pub admin_cert: Option<PathBuf>,
    /// The trust domain of client certificates, as in the gateway's configuration
    #[arg(long, value_name = "DOMAIN", requires = "admin_cert")]
    pub trust_domain: Option<String>,
}

/// Runs the whole gateway on this machine, tells the story, and serves until Ctrl-C.
pub async fn dev(context: &Context<'_>, options: Dev) -> Result<Exit, Failure> {
    if let Some(DevVerb::Cert(cert)) = options.verb {
        return dev_cert(context, &cert);
    }
    let mut stop = Stop::listen()?;
    screen::note(&words::starting(context.language));
    let start = dev::Options {
        folder: options.folder.clone(),
        listen: options.listen,
        database_url: options.database_url.clone(),
    };
    let gateway = tokio::select! {
        started = Gateway::start(start, Arc::new(SystemClock), Arc::new(SystemEntropy)) => started.map_err(failed)?,
        () = stop.told() => return Ok(stopped(&options)),
    };
    let served = tokio::select! {
        served = tell_and_serve(context, &options, &gateway) => served,
        () = stop.told() => Ok(stopped(&options)),
    };
    if !options.demo {
        screen::note(&words::stopping(context.language));
    }
    gateway.stop().await.map_err(failed)?;
    served
}

/// Ends with the story for a demo, else never.
async fn tell_and_serve(context: &Context<'_>, options: &Dev, gateway: &Gateway) -> Result<Exit, Failure> {
    let language = context.language;
    screen::note(&words::running(language, gateway.address(), options.folder.display()));
    if let Some(elsewhere) = gateway.elsewhere() {
        screen::note(&words::data_elsewhere(language, elsewhere.display()));
    }
    screen::note("");
    let story = Story::open(context, &options.folder).await?;
    story.tell().await?;
    if options.demo {
        screen::note(&format!("\n{}", words::every_step_held(language)));
        return Ok(Exit::Ok);
    }
    story.suggest()?;
    screen::note(&format!("\n{}", words::until_stopped(language)));
    std::future::pending().await
}

/// Told to stop, a gateway has done what it should; a demo has not.
fn stopped(options: &Dev) -> Exit {
    if options.demo { Exit::Failed } else { Exit::Ok }
}

/// A throw-away certificate, with a profile for the gateway of the folder.
fn dev_cert(context: &Context<'_>, options: &DevCert) -> Result<Exit, Failure> {
    let known = Profile::read(&options.folder.join("profiles/admin.toml"));
    let address = known.map_or_else(|_| format!("https://{LISTEN}"), |profile| profile.address);
    let DevCert { agency, system, folder } = options;
    let paths = dev::certificate(folder, agency, system, &address, context.clock.now()).map_err(failed)?;
    let (path, profile) = (paths.certificate.display(), format!("{agency}.{system}"));
    screen::note(&words::certificate_made(context.language, path, profile, agency, system));
    Ok(Exit::Ok)
}

/// Serves until told to stop.
pub async fn serve(context: &Context<'_>, options: Serve) -> Result<Exit, Failure> {
    let mut stop = Stop::listen()?;
    let config = Config::load(&options.config).map_err(failed)?;
    log::init(config.log);
    let keys = Arc::new(Keys::load(&config.vault).map_err(failed)?);
    let running = assemble(&config, keys, Arc::new(SystemClock), Arc::new(SystemEntropy)).await;
    let running = running.map_err(|error| Failure::Failed(words::gateway_away(context.language, error)))?;
    stop.told().await;
    tracing::info!("told to stop");
    running.shutdown(GRACE).await;
    Ok(Exit::Ok)
}

/// Brings the schema up to date and registers the first administrator.
pub async fn migrate(context: &Context<'_>, options: Migrate) -> Result<Exit, Failure> {
    store::migrate(&options.database_url).await.map_err(failed)?;
    screen::note(&words::migrated(context.language));
    let (Some(path), Some(trust_domain)) = (options.admin_cert, options.trust_domain) else {
        return Ok(Exit::Ok);
    };
    let certificate = dev::read_certificate(&path).map_err(failed)?;
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    let outside = Outside {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        // Registering a certificate digests nothing.
        keys: Arc::new(Keys::generate(context.entropy)),
        trust_domain: trust_domain.into(),
    };
    let name = exchange::agency::first_administrator(&database, &outside, &certificate).await;
    let name = name.map_err(|error| match error {
        exchange::Error::Refused(refusal) => Failure::Failed(refusal.fault.text(context.language)),
        other => failed(other),
    })?;
    screen::note(&words::administrator_registered(context.language, name));
    Ok(Exit::Ok)
}

pub(super) fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Failed(error.to_string())
}

/// Ctrl-C, or a service manager's SIGTERM. From here on neither ends the process by itself.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(failed);
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
