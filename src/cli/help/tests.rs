//! Tests of the pages: that every text has its translation, and that each page reads as the golden files say.

use std::collections::BTreeSet;

use super::*;
use crate::cli::golden_tests::check;

/// Every text that is translated, of a command and all below it.
fn collect(command: &Command, texts: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    let parts = |text: &str| {
        let parts = text.split("\n\n").flat_map(|part| match part.starts_with(EXAMPLES.0) {
            true => part.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
            false => vec![part.to_owned()],
        });
        parts.collect::<Vec<_>>()
    };
    texts.extend(command.get_about().map(ToString::to_string));
    let long = [command.get_long_about(), command.get_after_help()];
    texts.extend(long.into_iter().flatten().flat_map(|text| parts(&text.to_string())));
    for arg in command.get_arguments() {
        texts.extend(arg.get_help().map(ToString::to_string));
        texts.extend(arg.get_long_help().into_iter().flat_map(|text| parts(&text.to_string())));
        texts.extend(arg.get_help_heading().map(str::to_owned));
        if arg.get_action().takes_values() {
            names.extend(arg.get_value_names().into_iter().flatten().map(ToString::to_string));
        }
    }
    command.get_subcommands().for_each(|sub| collect(sub, texts, names));
}

#[test]
fn every_text_has_its_translation_and_every_translation_is_used() {
    let mut command = set_apart(Cli::command());
    command.build();
    let (mut english, mut names) = (BTreeSet::new(), BTreeSet::new());
    collect(&command, &mut english, &mut names);
    let known: BTreeSet<_> = texts::all().collect();
    assert_eq!(known.len(), texts::all().count(), "a text stands twice");
    let missing: Vec<_> = english.iter().filter(|text| !known.contains(text.as_str())).collect();
    assert!(missing.is_empty(), "without a translation, to be added in help/texts:\n{missing:#?}");
    let unused: Vec<_> = texts::all().filter(|text| !english.contains(*text)).collect();
    assert!(unused.is_empty(), "translations of texts that are nowhere:\n{unused:#?}");
    let known: BTreeSet<_> = texts::value_names().collect();
    let missing: Vec<_> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "names of values without a translation:\n{missing:#?}");
    let unused: Vec<_> = texts::value_names().filter(|name| !names.contains(*name)).collect();
    assert!(unused.is_empty(), "translations of names of values that are nowhere:\n{unused:#?}");
}

/// The pages of a command and of all below it, each under its path.
fn pages(command: &mut Command, path: &str, language: Language, all: &mut String) {
    let page = command.render_long_help().to_string();
    let page = if language == Language::Indonesian { framed(page) } else { page };
    let lines: Vec<_> = page.lines().map(str::trim_end).collect();
    all.push_str(&format!("== {path}\n{}\n\n", lines.join("\n")));
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        pages(sub, &format!("{path} {}", sub.get_name()), language, all);
    }
}

#[test]
fn every_page_reads_as_the_golden_files_say() {
    for (language, code) in [(Language::English, "en"), (Language::Indonesian, "id")] {
        let mut command = command(language, 100);
        command.build();
        let nouns: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        let first = command.render_long_help().to_string();
        let first = if language == Language::Indonesian { framed(first) } else { first };
        let lines: Vec<_> = first.lines().map(str::trim_end).collect();
        check(&format!("help/gerbang.{code}.txt"), &format!("{}\n", lines.join("\n")));
        for noun in nouns.iter().filter(|noun| *noun != "help") {
            let mut all = String::new();
            pages(command.find_subcommand_mut(noun).unwrap(), &format!("gerbang {noun}"), language, &mut all);
            check(&format!("help/{noun}.{code}.txt"), &all);
        }
    }
}

/// Command lines that are wrong in every way that there is, with what is said.
#[test]
fn what_is_wrong_with_a_command_line_is_said_in_the_readers_language() {
    for (language, code) in [(Language::English, "en"), (Language::Indonesian, "id")] {
        let mut all = String::new();
        for line in [
            "gerbang",
            "gerbang agrement list",
            "gerbang agreement",
            "gerbang agreement list --stat active",
            "gerbang agreement list --state unknown",
            "gerbang agreement list --state",
            "gerbang agreement reject blk/pks",
            "gerbang agreement show a b",
            "gerbang schedule confirm",
            "gerbang schedule decline --note x",
            "gerbang assignment clear",
            "gerbang agency list --limit 0",
            "gerbang agency list --limit ten",
            "gerbang agency list --limit 1 --limit 2",
            "gerbang assignment list --from someday",
            "gerbang assignment on 2026-03-02T08:00:00+07:00",
            "gerbang cert revoke 5a0c --agency blk",
            "gerbang cert list --expiring soon",
            "gerbang join --server a:1 --name ../a",
            "gerbang schedule push a.json --request-id 7",
            "gerbang dev --listen here",
        ] {
            let words = line.split(' ').map(OsString::from);
            let said = read(words, language, 100).unwrap_err();
            let said = text(&said, language, false);
            let lines: Vec<_> = said.lines().map(str::trim_end).collect();
            all.push_str(&format!("$ {line}\n{}\n\n", lines.join("\n")));
        }
        check(&format!("usage.{code}.txt"), &all);
    }
}

#[test]
fn no_page_is_wider_than_its_terminal() {
    for (language, width) in
        [(Language::English, 80), (Language::Indonesian, 80), (Language::Indonesian, 120)]
    {
        let mut command = command(language, width);
        command.build();
        for noun in ["schedule", "assignment", "roster", "agreement", "cert", "ca"] {
            let mut all = String::new();
            pages(command.find_subcommand_mut(noun).unwrap(), noun, language, &mut all);
            // Clap breaks no usage.
            for line in all.lines().filter(|line| !line.contains("Usage:") && !line.contains("Penggunaan:")) {
                assert!(line.chars().count() <= width, "{noun}: {line}");
            }
        }
    }
}

#[test]
fn long_examples_are_broken_as_a_shell_takes_them() {
    let line = "  gerbang ca admit --csr a.csr --root /etc/root.pem --days 30";
    assert_eq!(folded_line(line, 80), line);
    let folded = folded_line(line, 40);
    assert_eq!(folded, "  gerbang ca admit --csr a.csr \\\n      --root /etc/root.pem --days 30");
    let mut command = command(Language::Indonesian, 80);
    command.build();
    let mut all = String::new();
    pages(&mut command, "gerbang", Language::Indonesian, &mut all);
    let examples = all.replace(" \\\n     ", "");
    for line in examples.lines().filter(|line| line.starts_with("  gerbang ") && !line.contains(['"', '>'])) {
        let words: Vec<_> = line.split_whitespace().map(OsString::from).collect();
        assert!(read(words, Language::Indonesian, 80).is_ok(), "{line}");
    }
}
