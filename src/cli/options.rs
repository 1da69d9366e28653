//! Options that verbs of several nouns share.

use std::path::{Path, PathBuf};

use clap::Args;
use uuid::Uuid;

use super::when::{self, When};

/// Options of every verb that changes something.
#[derive(Debug, Default, Args)]
pub struct SendOptions {
    /// Only check; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The request's UUID, to send again what may have arrived; made anew where it is not given
    #[arg(long, value_name = "UUID")]
    pub request_id: Option<Uuid>,
}

/// The answer to the question that a verb asks before it acts.
#[derive(Debug, Default, Args)]
pub struct Consent {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// A verb on one resource that was read before.
#[derive(Debug, Args)]
pub struct Target {
    /// The name, in full or as CODE/ID; a bare ID is your own agency's
    pub name: String,
    /// The etag that was read; read now where it is not given
    #[arg(long)]
    pub etag: Option<String>,
    #[command(flatten)]
    pub sending: SendOptions,
}

/// As [`Target`], with a note for the other side.
#[derive(Debug, Args)]
pub struct NotedTarget {
    #[command(flatten)]
    pub target: Target,
    /// Why, for the other side
    #[arg(long)]
    pub note: String,
}

/// As [`NotedTarget`], for what is asked for before: what cannot be undone, or stops others' work.
#[derive(Debug, Args)]
pub struct FinalTarget {
    #[command(flatten)]
    pub noted: NotedTarget,
    #[command(flatten)]
    pub consent: Consent,
}

/// A verb that takes a file.
#[derive(Debug, Args)]
pub struct FromFile {
    /// One request in JSON, or an array of them; - reads standard input
    #[arg(required_unless_present = "example")]
    pub file: Option<PathBuf>,
    /// Print a file to begin with; what its fields mean is told on standard error
    #[arg(long, conflicts_with = "file")]
    pub example: bool,
    #[command(flatten)]
    pub sending: SendOptions,
}

impl FromFile {
    /// The file; standard input where there is none, which the command line does not let come to pass.
    pub fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }
}

/// How much of a list.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limit {
    /// At most so many
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

impl Default for Limit {
    fn default() -> Self {
        Self { limit: 200 }
    }
}

impl Limit {
    /// All that there are.
    pub const ALL: Self = Self { limit: u32::MAX };

    /// What one batch may hold.
    pub const BATCH: Self = Self { limit: 1_000 };
}

/// A day, no moment.
pub fn day(text: &str) -> Result<When, &'static str> {
    match text.parse::<When>() {
        Ok(when) if when.is_day() => Ok(when),
        Err(why) if why != when::WHEN_FORM => Err(why),
        _ => Err(when::DAY_FORM),
    }
}

/// A range of time, or one day.
#[derive(Debug, Default, Clone, Copy, Args)]
pub struct Period {
    #[command(flatten)]
    pub range: Range,
    /// Only on this day: 2026-03-02, today, tomorrow
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with_all = ["from", "to"])]
    pub day: Option<When>,
}

impl Period {
    /// The day as a range, where one was given.
    pub fn range(&self) -> Range {
        self.day.map_or(self.range, |day| Range { from: Some(day), to: Some(day) })
    }
}

impl Period {
    /// Whether anything was given.
    pub fn is_given(&self) -> bool {
        self.day.is_some() || self.range.from.is_some() || self.range.to.is_some()
    }
}

/// A range of time, for lists.
#[derive(Debug, Default, Clone, Copy, Args)]
pub struct Range {
    /// From when: a day (2026-12-07, 7/12/2026, today, tomorrow) of your agency's zone, or a time with offset
    #[arg(long, value_name = "WHEN")]
    pub from: Option<When>,
    /// To when: to the end of a day, or a time with offset, exclusive
    #[arg(long, value_name = "WHEN")]
    pub to: Option<When>,
}
