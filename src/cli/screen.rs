//! The terminal: answers on standard output, everything else on standard error.
//!
//! Owns tables, JSON and progress. With `-o json` standard output holds JSON alone.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    path::Path,
};

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets::NOTHING};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::failure::Failure;
use crate::domain::reason::Language;

/// The form in which answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    Table,
    Json,
}

/// A column's heading, in English and Indonesian.
pub type Heading = (&'static str, &'static str);

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

/// Says something on standard error. If even that is gone there is nobody left to tell.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says whether standard error shows colours.
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

pub fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A table without borders, as wide as the terminal; columns in which nothing stands are left out.
pub fn table(language: Language, headings: &[Heading], rows: &[Vec<String>]) -> String {
    let used: Vec<usize> = (0..headings.len())
        .filter(|column| rows.iter().any(|row| row.get(*column).is_some_and(|cell| !cell.is_empty())))
        .collect();
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(used.iter().map(|column| {
        let (english, indonesian) = headings[*column];
        let heading = if language == Language::English { english } else { indonesian };
        Cell::new(heading).add_attribute(Attribute::Bold)
    }));
    for row in rows {
        table.add_row(used.iter().map(|column| row[*column].as_str()));
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    format!("{}\n", table.trim_fmt())
}

/// Pairs of label and text, one a line.
pub fn pairs(rows: &[(String, String)]) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    for (label, text) in rows {
        table.add_row([Cell::new(label).add_attribute(Attribute::Bold), Cell::new(text)]);
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, 2));
    });
    format!("{}\n", table.trim_fmt())
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
    fn tables_leave_out_empty_columns_and_speak_the_readers_language() {
        let rows = vec![vec!["a".to_owned(), String::new(), "b".to_owned()]];
        let headings = [("NAME", "NAMA"), ("NOTE", "CATATAN"), ("STATE", "KEADAAN")];
        let lines: Vec<_> = table(Language::Indonesian, &headings, &rows).lines().map(String::from).collect();
        assert_eq!(lines, ["NAMA  KEADAAN", "a     b"]);
    }

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
