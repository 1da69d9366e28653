//! Commands in the pages: what begins with `gerbang` parses as the program parses it, and targets of make are in the
//! Makefile.
//!
//! In a block of commands (`console`, `sh`) a command has all that it needs. In a line of text, as in `gerbang cert revoke`,
//! arguments may be missing, for it names the command. A word of capitals (`CODE`, `AGENCY/SYSTEM`) stands for a value
//! of the right form; so does `…` behind an option, and elsewhere for the rest. The database may be left to the
//! environment.

use std::fs;

use clap::{Parser, error::ErrorKind};
use gerbang::cli::Cli;

use super::{links::without_blocks, pages, root};

/// What a word of capitals may stand for; one of these has to fit.
const VALUES: [&str; 6] = [
    "blk-kepri",
    "blk-kepri/jadwal",
    "2026-03-02",
    "0192d4c0-7a1e-7000-8000-000000000001",
    "5a0c1d2e3f405162738495a6b7c8d9ea",
    "127.0.0.1:7444",
];

/// A command of a page, and whether it is one to be typed as it stands.
struct Found {
    page: String,
    text: String,
    whole: bool,
}

/// The commands of the blocks, and those that the text names.
fn commands() -> Vec<Found> {
    let mut found = Vec::new();
    for (page, text) in pages() {
        for block in format!("\n{text}").split("\n```").skip(1).step_by(2) {
            let (kind, lines) = block.split_once('\n').unwrap_or((block, ""));
            if ["console", "sh", "bash"].contains(&kind.split(' ').next().unwrap_or_default()) {
                let lines = lines.replace("\\\n", " ").replace("|\n", "| ");
                let typed =
                    lines.lines().filter(|line| !kind.starts_with("console") || line.starts_with("$ "));
                let typed = typed.map(|line| line.trim_start_matches("$ ").to_owned());
                found.extend(typed.map(|text| Found { page: page.clone(), text, whole: true }));
            }
        }
        for span in without_blocks(&text).split('`').skip(1).step_by(2) {
            let text = span.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Found { page: page.clone(), text, whole: false });
        }
    }
    found
}

/// The commands of one line: cut where a shell ends one, without what it redirects; words in quotation marks are one.
fn parts(line: &str) -> Vec<Vec<String>> {
    let (mut parts, mut word, mut quote) = (vec![vec![]], String::new(), None);
    let mut given = false;
    for c in line.chars().chain([' ']) {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => (quote, given) = (Some(c), true),
            (None, ' ') => {
                let word = std::mem::take(&mut word);
                let (word, ended) = word.strip_suffix(';').map_or((&*word, false), |word| (word, true));
                match word {
                    "|" | "&&" | "||" | "&" | ";" => parts.push(vec![]),
                    _ if word.is_empty() && !given => {}
                    _ => parts.last_mut().unwrap().push(word.to_owned()),
                }
                if ended {
                    parts.push(vec![]);
                }
                given = false;
            }
            _ => word.push(c),
        }
    }
    for part in &mut parts {
        // `until gerbang …; do`
        part.drain(
            ..usize::from(part.first().is_some_and(|word| ["until", "while", "do"].contains(&word.as_str()))),
        );
        let redirected = |word: &String| word.starts_with(['>', '<', '#']) || word.starts_with("2>");
        part.truncate(part.iter().position(redirected).unwrap_or(part.len()));
    }
    parts
}

fn stands_for_a_value(word: &str) -> bool {
    word.len() > 1
        && word.chars().all(|c| c.is_ascii_uppercase() || "/_-:".contains(c))
        && !word.starts_with('-')
}

/// Whether the program takes these words; why not otherwise.
fn parses(words: &[String], whole: bool) -> Result<(), String> {
    let open = !whole || words.iter().any(|word| word.contains('…'));
    let mut given: Vec<&str> = Vec::new();
    for word in words {
        match given.last().is_some_and(|before| before.starts_with("--")) {
            true if word == "…" => given.push("VALUE"),
            _ if word.contains('…') => {}
            _ => given.push(word),
        }
    }
    let mut last = String::new();
    // The database may be named by the environment.
    let endings: [&[&str]; 2] = [&[], &["--database-url", "VALUE"]];
    for (value, ending) in VALUES.iter().flat_map(|value| endings.map(|ending| (value, ending))) {
        let tried = given.iter().map(|word| if stands_for_a_value(word) { value } else { word });
        let Err(error) = Cli::try_parse_from(tried.chain(ending)) else { return Ok(()) };
        let named_only = [
            ErrorKind::MissingRequiredArgument,
            ErrorKind::MissingSubcommand,
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
        ];
        let help = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind());
        let bare_option =
            error.kind() == ErrorKind::InvalidValue && error.to_string().contains("none was supplied");
        if help || open && named_only.contains(&error.kind()) || !whole && bare_option {
            return Ok(());
        }
        if ending.is_empty() {
            last = error.to_string();
        }
    }
    Err(last)
}

#[test]
fn every_command_parses() {
    let mut faults = Vec::new();
    let mut count = 0;
    for Found { page, text, whole } in commands() {
        let parts = parts(&text);
        let ours = parts.iter().filter(|part| part.first().is_some_and(|word| word == "gerbang"));
        for words in ours.filter(|words| words.len() > 1 || whole) {
            count += 1;
            if let Err(error) = parses(words, whole) {
                faults.push(format!("{page}: {text}\n    {}", error.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 80, "{count}");
}

#[test]
fn every_target_of_make_is_there() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let targets: Vec<_> =
        makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    let mut count = 0;
    for Found { page, text, .. } in commands() {
        for words in parts(&text).iter().filter(|words| words.first().is_some_and(|word| word == "make")) {
            for target in words[1..].iter().filter(|word| !word.contains('=')) {
                count += 1;
                assert!(targets.contains(&target.as_str()), "{page}: {text}");
            }
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn wrong_commands_are_found() {
    let words = |line: &str| parts(line).remove(0);
    assert!(parses(&words("gerbang cert invite AGENCY --system SYSTEM"), true).is_ok());
    assert!(parses(&words("gerbang cert revoke SERIAL > out"), true).is_ok());
    assert!(parses(&words("gerbang roster list"), false).is_ok(), "named only");
    assert!(parses(&words("gerbang roster list"), true).is_err(), "typed, and the programme is missing");
    assert!(parses(&words("gerbang roster list …"), true).is_ok(), "the rest is left out");
    assert!(parses(&words("gerbang migrate --database-url …"), true).is_ok(), "a value is left out");
    assert!(parses(&words("gerbang migrate"), true).is_ok(), "the environment names the database");
    assert!(parses(&words("gerbang cert list --agency"), false).is_ok(), "an option is named");
    assert!(parses(&words("gerbang cert list --agency"), true).is_err(), "the option has no value");
    assert!(parses(&words("gerbang roster lists"), false).is_err(), "no such verb");
    assert!(parses(&words("gerbang roster list a/b --flag"), false).is_err(), "no such option");
    assert_eq!(parts("a 'b c' \"\" | gerbang d && e").len(), 3);
    assert_eq!(parts("until gerbang a --b; do c; done")[0], ["gerbang", "a", "--b"]);
    assert_eq!(parts("a 'b c' \"\" | gerbang d")[0], ["a", "b c", ""]);
}
