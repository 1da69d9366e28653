//! `gerbang cert renew`: now, or as a daemon whenever it is due. The loop that sleeps is here; what is due is the
//! daemon's to say.

use std::{path::Path, time::Duration};

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::{
    agent::{
        Profile, Trouble,
        renewal::{
            Renewal, Renewed,
            daemon::{Daemon, Next},
            status::{State, Status},
        },
    },
    cli::{
        Context,
        connection::Connection,
        failure::{Exit, Failure},
        operate::Stop,
        screen::{self, Output},
        when, words,
    },
    config::LogFormat,
    domain::reason::Language,
    server::{log, outside::boot},
};

/// Options of `renew`.
#[derive(Debug, Args)]
pub struct Renew {
    /// Stay, and renew whenever it is due
    #[arg(long)]
    daemon: bool,
    /// Run this by sh -c after each renewal
    #[arg(long, value_name = "CMD", requires = "daemon")]
    exec: Option<String>,
    /// Keep the key
    #[arg(long)]
    same_key: bool,
}

/// The longest sleep: a clock that was set, or a machine that slept, is noticed after so long.
const LOOK: Duration = Duration::from_secs(600);

pub async fn run(context: &Context<'_>, options: Renew) -> Result<Exit, Failure> {
    let path = Profile::find_path(context.profile.as_deref())?;
    // The command may change its folder.
    let path = std::path::absolute(&path).map_err(Trouble::file(&path))?;
    let renewal = Renewal {
        profile: &path,
        same_key: options.same_key,
        language: context.language,
        clock: context.clock,
        entropy: context.entropy,
    };
    if !options.daemon {
        let renewed = renewal.run().await?;
        return report(context, &renewed, &zone_of(context, &path).await);
    }
    log::init(LogFormat::Text);
    let mut stop = Stop::listen()?;
    let mut daemon = Daemon::open(&path, options.exec, context.entropy)?;
    let mut said = String::new();
    loop {
        let next = daemon.step(context.clock.now(), boot(), async || renewal.run().await).await;
        let Next::At(at) = next else {
            let why = daemon.status().last_error.clone().unwrap_or_default();
            return Err(Failure::Failed(words::renewal_stopped(context.language, why)));
        };
        // Once for each thing that there is to say, and not at every look.
        let text = watching(context.language, &path, daemon.status());
        if text != said {
            screen::note(&text);
            said = text;
        }
        let wait = at.duration_since(context.clock.now());
        let wait = Duration::try_from(wait).unwrap_or_default().clamp(Duration::from_secs(1), LOOK);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.requested() => return Ok(Exit::Ok),
        }
    }
}

/// What a daemon does, for whoever looks at its terminal.
fn watching(language: Language, profile: &Path, status: &Status) -> String {
    let moment = |at: Option<Timestamp>| when::moment(at.map(when::to_proto).as_ref(), "UTC", language);
    let next = moment(status.next_try);
    match (status.state, &status.last_error) {
        (State::Failed | State::CommandFailed, Some(why)) => {
            words::renewal_failing(language, profile.display(), why, next)
        }
        _ => {
            let file = profile.with_extension("renewal.json");
            let until = moment(status.certificate_expires);
            words::renewal_watches(language, profile.display(), until, next, file.display())
        }
    }
}

/// The zone of the agency whose profile this is; UTC where it cannot be asked for, which is no reason to fail.
async fn zone_of(context: &Context<'_>, profile: &Path) -> String {
    let zone = async {
        let conn = Connection::of_profile(context, Profile::read(profile)?).await?;
        Ok::<_, Failure>(conn.told_zone().await)
    };
    zone.await.unwrap_or_else(|_| "UTC".to_owned())
}

fn report(context: &Context<'_>, renewed: &Renewed, zone: &str) -> Result<Exit, Failure> {
    let leaf = &renewed.leaf;
    if context.output == Output::Json {
        screen::print_json(&json!({
            "serial": leaf.serial,
            "not_after": leaf.not_after.to_string(),
            "certificate": renewed.certificate,
            "key": renewed.key,
        }))?;
    }
    let until = when::moment(Some(&when::to_proto(leaf.not_after)), zone, context.language);
    screen::note(&words::renewed(context.language, &leaf.serial, until, renewed.certificate.display()));
    Ok(Exit::Ok)
}
