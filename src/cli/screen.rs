//! The terminal: answers on standard output, everything else on standard error.
//!
//! Owns the width, JSON and progress. With `-o json` standard output holds JSON alone.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

pub use super::table::Heading;
use super::{
    failure::Failure,
    table::{self, Page},
};
use crate::domain::reason::Language;

/// The form in which answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    Table,
    Json,
}

/// The width of help pages where no terminal says its own.
const HELP_WIDTH: usize = 100;

/// Writes to standard output. A reader that went away, as `head` does, is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Failed(error.to_string())),
        _ => Ok(()),
    }
}

/// Writes JSON to standard output.
pub fn print_json(value: &Value) -> Result<(), Failure> {
    print(&format!("{value:#}\n"))
}

/// Says something on standard error, on a terminal in lines that break at words. If even that is gone there is nobody left
/// to tell.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", for_terminal(text));
}

/// A text as a terminal on standard error shows it; as it is where there is none.
pub fn for_terminal(text: &str) -> String {
    if !io::stderr().is_terminal() {
        return text.to_owned();
    }
    let width = said_width().or_else(|| comfy_table::Table::new().use_stderr().width());
    width.filter(|width| *width > 0).map_or_else(|| text.to_owned(), |width| table::prose(text, width.into()))
}

/// The width that $COLUMNS says.
fn said_width() -> Option<u16> {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok())
}

/// A path as a shell takes it, for lines that are copied and typed.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Says whether standard error shows colours.
pub fn colours() -> bool {
    io::stderr().is_terminal() && wanted()
}

/// Standard output: as wide as $COLUMNS or the terminal says where it is one, and without a width where it is not.
pub fn page() -> Page {
    if !io::stdout().is_terminal() {
        return Page { width: None, bold: false };
    }
    let width = said_width().or_else(|| comfy_table::Table::new().width()).filter(|width| *width > 0);
    Page { width, bold: wanted() }
}

/// Says whether the user wants colours where there may be any.
fn wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Says whether help pages on standard output show colours.
pub fn help_colours() -> bool {
    page().bold
}

/// The width to which help pages and usage errors wrap.
pub fn help_width() -> usize {
    page().width.map_or(HELP_WIDTH, usize::from)
}

/// A table for standard output; see [`table::table`].
pub fn table(language: Language, headings: &[Heading], rows: &[Vec<String>]) -> String {
    table::table(page(), language, headings, rows)
}

/// Pairs of label and text for standard output; see [`table::pairs`].
pub fn pairs(rows: &[(String, String)]) -> String {
    table::pairs(page(), rows)
}

/// Progress of long work, on standard error and only where that is a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// Of so many steps.
    pub fn of(steps: usize, label: String) -> Self {
        Self::new(ProgressBar::new(steps as u64), "{pos}/{len} {msg} {bar:30}", label)
    }

    /// Of who knows how many.
    pub fn endless(label: String) -> Self {
        Self::new(ProgressBar::no_length(), "{spinner} {pos} {msg}", label)
    }

    fn new(bar: ProgressBar, template: &str, label: String) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        bar.set_draw_target(target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar.with_message(label))
    }

    pub fn reached(&self, steps: usize) {
        self.0.set_position(steps as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_pasted_into_a_shell() {
        for (path, quoted_path) in [
            (".gerbang/story/las.json", ".gerbang/story/las.json"),
            ("/srv/balai kerja/a,b", "'/srv/balai kerja/a,b'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
        ] {
            assert_eq!(quoted(Path::new(path)), quoted_path);
            let mut shell = std::process::Command::new("sh");
            let said = shell.arg("-c").arg(format!("printf %s {quoted_path}")).output().unwrap().stdout;
            assert_eq!(String::from_utf8(said).unwrap(), path);
        }
    }
}
