//! `gerbang doctor`: is everything as it must be, and what to do where it is not.
//!
//! Owns the list of checks and the exit status. Changes nothing. Looking is [`look`]'s, judging [`judge`]'s, so
//! that judgements are tested with made-up clocks. A check that cannot be made because an earlier one failed is
//! left out.

mod greet;
mod judge;
mod keys;
mod look;
mod vault;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{
    Context,
    failure::{Exit, Failure},
    screen::{self, Heading, Output},
    words,
};
use crate::domain::reason::Language;

/// Options of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// A gateway's configuration: its files, its database, its certificate, and the gateway itself
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A signer's configuration: its files, its keys and its database
    #[arg(long, value_name = "FILE")]
    signer_config: Option<PathBuf>,
}

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Ok,
    /// The thing works, and somebody should look after it.
    Warning,
    Failed,
}

/// A finding of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check, by a name that does not change.
    pub check: &'static str,
    pub level: Level,
    /// The text: the fault, and the remedy.
    pub text: String,
}

impl Finding {
    fn ok(check: &'static str, text: String) -> Self {
        Self { check, level: Level::Ok, text }
    }

    fn warning(check: &'static str, text: String) -> Self {
        Self { check, level: Level::Warning, text }
    }

    fn failed(check: &'static str, text: impl ToString) -> Self {
        Self { check, level: Level::Failed, text: text.to_string() }
    }
}

pub(super) const HEADINGS: &[Heading] = &[("", ""), ("CHECK", "PEMERIKSAAN"), ("FOUND", "HASIL")];

/// Checks whatever is named. Ends with 1 where a check failed; a warning alone leaves 0.
pub async fn doctor(context: &Context<'_>, options: &Doctor) -> Result<Exit, Failure> {
    let nothing = options.config.is_none() && options.signer_config.is_none() && context.profile.is_none();
    if nothing {
        return Err(Failure::Usage(words::doctor_nothing_to_do(context.language)));
    }
    let mut findings = Vec::new();
    if let Some(file) = &options.config {
        look::gateway(context, file, &mut findings).await;
    }
    if let Some(file) = &options.signer_config {
        look::signer(context, file, &mut findings).await;
    }
    if context.profile.is_some() {
        look::own_files(context, &mut findings);
        findings.push(look::profile(context).await);
        findings.extend(look::gateway_clock(context).await);
    }
    match context.output {
        Output::Json => screen::print_json(&serde_json::json!(findings))?,
        Output::Table => {
            let rows: Vec<_> = findings.iter().map(|finding| row(context.language, finding)).collect();
            screen::print(&screen::table(context.language, HEADINGS, &rows))?;
        }
    }
    Ok(exit(&findings))
}

fn exit(findings: &[Finding]) -> Exit {
    match findings.iter().any(|finding| finding.level == Level::Failed) {
        true => Exit::Failed,
        false => Exit::Ok,
    }
}

/// A sign and a word, so that nobody depends on colours or on one of the two.
pub(super) fn row(language: Language, finding: &Finding) -> Vec<String> {
    let (sign, word) = match finding.level {
        Level::Ok => ("✓", words::doctor_ok(language)),
        Level::Warning => ("!", words::doctor_warning(language)),
        Level::Failed => ("✗", words::doctor_failed(language)),
    };
    vec![
        format!("{sign} {word}"),
        words::doctor_check(language, finding.check).to_owned(),
        finding.text.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_decides_and_warnings_do_not() {
        let ok = Finding::ok("clock", String::new());
        let warning = Finding::warning("clock", String::new());
        let failed = Finding::failed("clock", "");
        assert_eq!(exit(&[ok.clone(), warning.clone()]), Exit::Ok);
        assert_eq!(exit(&[ok.clone(), failed, warning.clone()]), Exit::Failed);
        assert_eq!(row(Language::Indonesian, &warning)[0], "! periksa");
        assert_eq!(serde_json::json!(ok)["level"], "OK");
    }
}
