//! Help pages and usage errors in the reader's language.
//!
//! English texts stand at the commands and options themselves. Here the command line is walked and each text replaced
//! by its Indonesian one, and what is wrong with a command line is said in Indonesian. Example lines stay.

mod texts;
mod usage;

use std::ffi::OsString;

use clap::{
    Arg, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{Cli, words};
use crate::domain::reason::Language;

/// The words that `clap` writes around our texts, each in one piece wherever lines break.
const FRAME: &[(&str, &str)] = &[
    ("Usage:", "Penggunaan:"),
    ("Commands:", "Perintah:"),
    ("Arguments:", "Argumen:"),
    ("Options:", "Opsi:"),
    ("[OPTIONS]", "[OPSI]"),
    ("<COMMAND>", "<PERINTAH>"),
    ("[COMMAND]", "[PERINTAH]"),
    ("[default:", "[bawaan:"),
];

/// Options for programs and for whoever sends something again, apart from those of every day.
const ADVANCED: [&str; 2] = ["etag", "request_id"];

/// The heading under which they stand.
const ADVANCED_HEADING: &str = "Advanced options";

/// The line before examples.
const EXAMPLES: (&str, &str) = ("Examples:", "Contoh:");

/// Days in examples.
const DAYS: &[(&str, &str)] =
    &[("--from today", "--from hari-ini"), ("--to today", "--to hari-ini"), ("--to tomorrow", "--to besok")];

/// The command line, with its pages in this language and at most this wide.
pub fn command(language: Language, width: usize) -> Command {
    let mut command = set_apart(Cli::command().term_width(width).mut_subcommands(named_by_noun));
    if language == Language::Indonesian {
        // Before this, the commands that clap adds are not there.
        command.build();
        command = localized(command);
    }
    folded(command, width)
}

/// The nouns whose verbs take the name of one.
const NOUNS: &[&str] = &["agency", "agreement", "assignment", "facility", "programme", "trainer"];

/// A noun whose verbs say of which thing they take the name: `<AGREEMENT>` and not `<NAME>`.
fn named_by_noun(noun: Command) -> Command {
    let Some(word) = NOUNS.iter().find(|word| **word == noun.get_name()).map(|word| word.to_uppercase())
    else {
        return noun;
    };
    // Where it is the only thing that is named: `agency rename` takes an agency, and the name that it is to have.
    noun.mut_subcommands(|verb| match verb.get_positionals().count() {
        1 => verb.mut_args(|arg| match arg.is_positional() && arg.get_id() == "name" {
            true => arg.value_name(word.clone()),
            false => arg,
        }),
        _ => verb,
    })
}

/// Reads a command line; see [`text`] for what the error says.
pub fn read(
    words: impl IntoIterator<Item = OsString>,
    language: Language,
    width: usize,
) -> Result<Cli, clap::Error> {
    let mut command = command(language, width);
    let mut matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// A help page that was asked for, or what is wrong with the command line, with colours or without.
pub fn text(said: &clap::Error, language: Language, colours: bool) -> String {
    let page = || match colours {
        true => said.render().ansi().to_string(),
        false => said.render().to_string(),
    };
    match (language, said.kind()) {
        (Language::English, _) => match instead(said, language) {
            Some(instead) => format!("{}\n\n{instead}", page().trim_end()),
            None => page(),
        },
        (
            Language::Indonesian,
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::DisplayVersion,
        ) => framed(page()),
        (Language::Indonesian, _) => usage::wrong(said, instead(said, language)),
    }
}

/// What goes in place of names that are missing: a selection, where the verb takes one.
fn instead(said: &clap::Error, language: Language) -> Option<String> {
    let missing = match (said.kind(), said.get(ContextKind::InvalidArg)) {
        (ErrorKind::MissingRequiredArgument, Some(ContextValue::Strings(missing))) => missing,
        _ => return None,
    };
    let is_missing = |name: &str| {
        let named = [name, texts::value_name(name)].map(|name| format!("<{name}>..."));
        missing.iter().any(|one| named.contains(one))
    };
    match () {
        () if is_missing("SESSION") => Some(words::name_or_select_sessions(language)),
        () if is_missing("ASSIGNMENT") => Some(words::name_or_select_assignments(language)),
        () => None,
    }
}

/// A page of `clap`'s with its frame in Indonesian.
fn framed(page: String) -> String {
    FRAME.iter().fold(page, |page, (english, indonesian)| page.replace(english, indonesian))
}

/// A command and all below it, with the advanced options under a heading of their own.
fn set_apart(command: Command) -> Command {
    command.mut_subcommands(set_apart).mut_args(|arg| match ADVANCED.contains(&arg.get_id().as_str()) {
        true => arg.help_heading(ADVANCED_HEADING),
        false => arg,
    })
}

/// A command and all below it, with example lines that are too long broken as a shell takes them.
fn folded(command: Command, width: usize) -> Command {
    let command = command.mut_subcommands(|sub| folded(sub, width));
    let Some(after) = command.get_after_help().map(ToString::to_string) else { return command };
    let lines: Vec<_> = after.lines().map(|line| folded_line(line, width)).collect();
    command.after_help(lines.join("\n"))
}

/// An example, broken before an option wherever it would be too long; any other line as it is.
fn folded_line(line: &str, width: usize) -> String {
    if !line.starts_with("  gerbang ") || line.chars().count() <= width {
        return line.to_owned();
    }
    let mut parts = line.split(" --");
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut last = text.chars().count();
    for part in parts {
        let length = part.chars().count();
        // Room for " --" before it and " \\" after it.
        if last + 3 + length + 2 > width {
            text.push_str(" \\\n     ");
            last = 5;
        }
        text.push_str(&format!(" --{part}"));
        last += 3 + length;
    }
    text
}

/// A command and all below it, in Indonesian.
fn localized(command: Command) -> Command {
    let mut command = command.mut_subcommands(localized).mut_args(localized_arg);
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(texts::indonesian(&about).to_owned());
    }
    if let Some(about) = command.get_long_about().map(ToString::to_string) {
        command = command.long_about(paragraphs(&about));
    }
    if let Some(after) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(paragraphs(&after));
    }
    command
}

fn localized_arg(mut arg: Arg) -> Arg {
    let names: Vec<_> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    if !names.is_empty() {
        arg = arg.value_names(names.iter().map(|name| texts::value_name(name).to_owned()));
    }
    if let Some(heading) = arg.get_help_heading().map(str::to_owned) {
        arg = arg.help_heading(texts::indonesian(&heading).to_owned());
    }
    let values = values(&arg);
    if let Some(help) = arg.get_help().map(ToString::to_string) {
        arg = arg.help(format!("{}{values}", texts::indonesian(&help)));
    }
    if let Some(help) = arg.get_long_help().map(ToString::to_string) {
        arg = arg.long_help(format!("{}{values}", paragraphs(&help)));
    }
    arg.hide_possible_values(true)
}

/// ` [nilai: ACTIVE (BERLAKU), …]`: what may be written, beside what tables show for it.
fn values(arg: &Arg) -> String {
    if !arg.get_action().takes_values() || arg.is_hide_possible_values_set() {
        return String::new();
    }
    let values: Vec<_> = arg
        .get_possible_values()
        .iter()
        .map(|value| match value.get_name_and_aliases().nth(1) {
            Some(word) if word != value.get_name() => format!("{} ({word})", value.get_name()),
            _ => value.get_name().to_owned(),
        })
        .collect();
    if values.is_empty() { String::new() } else { format!(" [nilai: {}]", values.join(", ")) }
}

/// A text of paragraphs. Of examples, only what stands in quotation marks is translated: the notes.
fn paragraphs(text: &str) -> String {
    let translated = text.split("\n\n").map(|paragraph| match paragraph.strip_prefix(EXAMPLES.0) {
        Some(examples) => {
            let parts = examples.split('"').enumerate();
            let parts =
                parts.map(|(index, part)| if index % 2 == 0 { part } else { texts::indonesian(part) });
            let examples = parts.collect::<Vec<_>>().join("\"");
            let examples = DAYS.iter().fold(examples, |text, (english, day)| text.replace(english, day));
            format!("{}{examples}", EXAMPLES.1)
        }
        None => texts::indonesian(paragraph).to_owned(),
    });
    translated.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests;
