//! `gerbang retention`: what is known of trainees whose courses are long over, listed and erased, as the database's owner. The gateway
//! does the same by itself.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    Context,
    ask::{self, Asks},
    clock,
    failure::{Exit, Failure, failed},
    options::Consent,
    screen::{self, Heading, Output},
    when::{self, When},
    words,
};
use crate::{
    domain::{name::TrustDomain, outside::Clock, reason::Language, retention::Part, time::Zone},
    exchange::{
        Outside,
        retention::{Due, Failures, Retention, Turn},
    },
    server::outside::{SystemClock, SystemEntropy},
    store::{Actor, Database},
    vault::VaultKeys,
};

/// Options of `retention`.
#[derive(Debug, Args)]
pub struct Options {
    /// The key file: a record has to be opened to take the NIK out of it
    file: PathBuf,
    /// The database, as its owner
    #[arg(long, env = "GERBANG_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: String,
    /// Only list what is due; erase nothing
    #[arg(long)]
    dry_run: bool,
    /// List what will be due by the end of this day
    #[arg(long, requires = "dry_run", value_name = "WHEN")]
    until: Option<When>,
    /// Have gateways erase nothing for so many days, and do nothing else
    #[arg(long, value_name = "DAYS", conflicts_with = "dry_run", value_parser = clap::value_parser!(u16).range(1..=366))]
    postpone: Option<u16>,
    #[command(flatten)]
    consent: Consent,
}

const HEADINGS: &[Heading] = &[
    ("PRISON", "LAPAS"),
    ("TRAINEE", "PESERTA"),
    ("WHAT", "DATA"),
    ("DUE SINCE", "JATUH TEMPO"),
    ("LEGAL HOLD", "PEMUSNAHAN DITANGGUHKAN"),
];

/// Lists what is due, and erases it after a question.
pub async fn run(context: &Context<'_>, options: Options) -> Result<Exit, Failure> {
    let database = Database::open(&options.database_url, 1).map_err(failed)?;
    let outside = Outside {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(VaultKeys::load(&options.file).map_err(failed)?),
        // No certificate is looked at.
        trust_domain: TrustDomain::parse("none.invalid").map_err(failed)?,
    };
    let retention = Retention::new(database, &outside, Actor::Owner);
    let (language, now) = (context.language, SystemClock.now());
    if let Some(days) = options.postpone {
        let until = now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).map_err(failed)?;
        retention.postpone(until).await.map_err(failed)?;
        screen::note(&words::erasure_postponed(language, days));
        return Ok(Exit::Ok);
    }
    let until = options.until.map_or(Some(now), |until| until.end(&Zone::utc(), now));
    // Past the calendar's end is all that there is.
    let until = until.unwrap_or(Timestamp::MAX);
    let (due, unread) = retention.preview(until).await.map_err(failed)?;
    if options.dry_run {
        show(context, &due)?;
        return judge(language, &unread);
    }
    let going = due.iter().filter(|due| !due.held).count();
    let shown = || screen::table(language, HEADINGS, &rows(&due, language));
    ask::before(language, options.consent.yes, Asks::Always, going, shown, |going| {
        words::erase_question(language, going)
    })?;
    if let Some(ahead) = retention.clock_ahead().await.map_err(failed)? {
        return Err(Failure::Failed(words::erasure_ahead(language, clock::span(language, ahead))));
    }
    let mut turn = retention.run(&due).await.map_err(failed)?;
    turn.failed.extend(unread);
    tell(context, &turn)
}

/// Prints what is due.
fn show(context: &Context<'_>, due: &[Due]) -> Result<(), Failure> {
    if context.output == Output::Json {
        let item = |due: &Due| {
            json!({
                "prison": due.prison.name(),
                "trainee": due.trainee.to_string(),
                "part": due.part.as_str(),
                "since": due.since.to_string(),
                "legal_hold": due.held,
            })
        };
        return screen::print_json(&json!({ "due": due.iter().map(item).collect::<Vec<_>>() }));
    }
    if !due.is_empty() {
        screen::print(&screen::table(context.language, HEADINGS, &rows(due, context.language)))?;
    }
    let held = due.iter().filter(|due| due.held).count();
    screen::note(&words::erasure_due(context.language, due.len() - held, held));
    Ok(())
}

fn rows(due: &[Due], language: Language) -> Vec<Vec<String>> {
    let row = |due: &Due| {
        vec![
            due.prison.to_string(),
            due.trainee.to_string(),
            part(due.part, language).to_owned(),
            when::moment(Some(&when::to_proto(due.since)), "UTC", language),
            if due.held { "✓".to_owned() } else { String::new() },
        ]
    };
    due.iter().map(row).collect()
}

fn part(part: Part, language: Language) -> &'static str {
    match (part, language) {
        (Part::Nik, _) => "NIK",
        (Part::Record, Language::English) => "everything",
        (Part::Record, Language::Indonesian) => "semua data",
    }
}

/// Says what was done, and what is left to do.
fn tell(context: &Context<'_>, turn: &Turn) -> Result<Exit, Failure> {
    let language = context.language;
    if context.output == Output::Json {
        screen::print_json(&json!({
            "erased": turn.persons, "failed": turn.failed.len(), "salts": turn.salts, "under_way": turn.under_way,
        }))?;
    } else {
        screen::note(&words::erased(language, turn.persons, turn.salts));
        if turn.under_way > 0 {
            screen::note(&words::salts_wait(language, turn.under_way));
        }
    }
    judge(language, &turn.failed)
}

/// Says of whom it could not be done, and why.
fn judge(language: Language, unread: &Failures) -> Result<Exit, Failure> {
    for (trainee, error) in unread {
        screen::note(&format!("{trainee}: {error}"));
    }
    match unread.len() {
        0 => Ok(Exit::Ok),
        failed => Err(Failure::Failed(words::not_erased(language, failed))),
    }
}
