//! `gerbang dev | serve | signer | migrate`: running a gateway and its signer.
//!
//! Owns the options; the work is done by `dev`, `server`, `signer`, `store`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{
    Context, audit,
    failure::{Exit, Failure, failed},
    outside, screen,
    story::Story,
    words,
};
use crate::{
    config::{self, Config, secret},
    dev::{self, Gateway},
    domain::reason::Language,
    pki::{authority::Issuer, certificate::read_pem},
    server::{
        gateway::assemble,
        log,
        outside::{SystemClock, SystemEntropy},
    },
    signer::{self, Signer},
    store::{self, Database},
    vault::VaultKeys,
};

/// How long calls under way get when a gateway is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Where `dev` listens.
const LISTEN: &str = "127.0.0.1:7443";

/// Options of `dev`.
#[derive(Debug, Args)]
pub struct Dev {
    /// Where the database, the certificates and the profiles are kept
    #[arg(long, default_value = ".gerbang", value_name = "DIR")]
    pub folder: PathBuf,
    /// The address to listen on
    #[arg(long, default_value = LISTEN, value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// An existing Postgres to use, instead of starting a private one; its role must be allowed to create
    /// tables, and be a member of the roles gerbang_gateway, gerbang_keeper and gerbang_signer
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Listen where others can reach it, although its keys are for nobody but this machine
    #[arg(long)]
    pub i_know: bool,
    /// Tell the story, then stop; exit status 0 only if every step held
    #[arg(long)]
    pub demo: bool,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration, a TOML file
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    pub config: Option<PathBuf>,
    /// Print a file to begin with; what its fields mean is told on standard error
    #[arg(long, conflicts_with = "config")]
    pub example: bool,
}

/// Options of `signer`.
#[derive(Debug, Args)]
pub struct SignerOptions {
    /// The signer's configuration, a TOML file
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    pub config: Option<PathBuf>,
    /// Print a file to begin with; what its fields mean is told on standard error
    #[arg(long, conflicts_with = "config")]
    pub example: bool,
}

/// Options of `migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: String,
}

/// Runs the whole gateway on this machine, tells the story, and serves until Ctrl-C.
pub async fn dev(context: &Context<'_>, options: Dev) -> Result<Exit, Failure> {
    if !options.listen.ip().is_loopback() && !options.i_know {
        return Err(Failure::Usage(words::dev_exposed(context.language, options.listen)));
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
        () = stop.requested() => return Ok(stopped(&options)),
    };
    let served = tokio::select! {
        served = tell_and_serve(context, &options, &gateway) => served,
        () = stop.requested() => Ok(stopped(&options)),
        () = gateway.database_ended() => {
            let log = options.folder.join("postgres.log");
            Err(Failure::Failed(words::database_ended(context.language, log.display())))
        }
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
    if let Some(join) = gateway.join() {
        screen::note(&words::joining_at(language, join));
    }
    if let Some(elsewhere) = gateway.elsewhere() {
        screen::note(&words::data_elsewhere(language, elsewhere.display()));
    }
    if let Some(metrics) = gateway.metrics() {
        screen::note(&words::metrics_at(language, metrics));
    }
    screen::note("");
    let join = gateway.join().unwrap_or_else(|| gateway.address());
    let mut story = Story::open(context, &options.folder, join).await?;
    story.tell().await?;
    if options.demo {
        let report = gateway.audit().await.map_err(failed)?;
        screen::note("");
        audit::show(context, &report)?;
        if !report.findings.is_empty() {
            return Ok(Exit::Failed);
        }
        screen::note(&words::every_step_held(language));
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

/// Serves until told to stop. Without a file, which the command line does not let come to pass, there is no configuration.
pub async fn serve(context: &Context<'_>, options: Serve) -> Result<Exit, Failure> {
    let mut stop = Stop::listen()?;
    let config = Config::load(&options.config.unwrap_or_default()).map_err(failed)?;
    log::init(config.log);
    let keys = Arc::new(VaultKeys::load(&config.vault).map_err(failed)?);
    let running = assemble(&config, keys, Arc::new(SystemClock), Arc::new(SystemEntropy)).await;
    let language = context.language;
    let away = |error| Failure::Failed(words::gateway_away(language, words::told(language, error)));
    let running = running.map_err(away)?;
    stop.requested().await;
    tracing::info!("told to stop");
    running.shutdown(GRACE).await;
    Ok(Exit::Ok)
}

/// Signs until told to stop; of its file see [`serve`].
pub async fn signer(context: &Context<'_>, options: SignerOptions) -> Result<Exit, Failure> {
    let mut stop = Stop::listen()?;
    let config = config::signer::Signer::load(&options.config.unwrap_or_default()).map_err(failed)?;
    log::init(config.log);
    let keys = signer_keys(context.language, &config)?;
    let database = Database::open(&config.database_url, 3).map_err(failed)?;
    let signer = Signer::open(database, keys, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let mut signer = signer.await.map_err(failed)?;
    signer
        .remember(config.mark.clone())
        .map_err(|error| failed(format!("{}: {error}", config.mark.display())))?;
    screen::note(&words::signer_at_work(context.language));
    let end = CancellationToken::new();
    let mut work = tokio::spawn(signer::run(signer, end.clone()));
    let ended = tokio::select! {
        ended = &mut work => ended,
        () = stop.requested() => {
            end.cancel();
            work.await
        }
    };
    ended.map_err(failed)?.map_err(failed)?;
    Ok(Exit::Ok)
}

/// The keys that issue, each opened with its passphrase.
fn signer_keys(language: Language, config: &config::signer::Signer) -> Result<signer::IssuingKeys, Failure> {
    let issuer = |certificate: &Path, key: &Path, passphrase: &Path| {
        let passphrase = secret::passphrase(passphrase).map_err(failed)?;
        let key = secret::key(key, Some(&passphrase)).map_err(failed)?;
        let text = fs::read_to_string(certificate)
            .map_err(|error| failed(format!("{}: {error}", certificate.display())))?;
        Issuer::open_pem(&text, key).map_err(|error| failed(format!("{}: {error}", certificate.display())))
    };
    let (clients, gateways) = (&config.clients, &config.gateways);
    let root = fs::read_to_string(&config.root)
        .map_err(|error| failed(format!("{}: {error}", config.root.display())))?;
    let root = read_pem(&root).map_err(|fault| failed(fault.text(language)))?;
    Ok(signer::IssuingKeys {
        clients: issuer(&clients.certificate, &clients.key, &clients.passphrase_file)?,
        gateways: issuer(&gateways.certificate, &gateways.key, &gateways.passphrase_file)?,
        root: root.der,
        hosts: gateways.hosts.clone(),
        trust_domain: config.trust_domain.clone(),
    })
}

/// Brings the schema up to date.
pub async fn migrate(context: &Context<'_>, options: Migrate) -> Result<Exit, Failure> {
    store::migrate(&options.database_url, outside(None)).await.map_err(failed)?;
    screen::note(&words::migrated(context.language));
    Ok(Exit::Ok)
}

/// Ctrl-C, or a service manager's SIGTERM. From here on neither ends the process by itself.
pub(super) struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    pub(super) fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(failed);
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    pub(super) async fn requested(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
