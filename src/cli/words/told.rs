//! The Indonesian of failures whose rooms tell them in English alone, which logs keep: configuration, files of secrets,
//! the start of a gateway or a signer, the database.
//!
//! Their errors stay the one home of the English; a `{}` stands for what differs from case to case, which is told in turn. A
//! test reads the sources and finds what is missing.

use std::fmt::Display;

use super::raw;
use crate::domain::{
    Reason,
    reason::{Language, parts, phrase},
};

mod authority;
mod away;
mod ledger;
mod operation;

/// Every failure that is known, in English and in Indonesian with the number of each `{}` that it repeats.
fn failures() -> impl Iterator<Item = (&'static str, &'static str)> {
    [away::FAILURES, operation::FAILURES, authority::FAILURES, ledger::FAILURES, operation::LIBRARIES]
        .into_iter()
        .flatten()
        .copied()
}

/// A failure in the reader's language, as far as it is known, without the numbers of the operating system.
pub fn told(language: Language, failure: impl Display) -> String {
    let text = failure.to_string();
    if language == Language::English {
        return without_number(&text);
    }
    let found = failures().find_map(|(english, indonesian)| {
        let parts = parts(english, &text)?;
        let fill = |text: String, (index, part): (usize, &&str)| {
            text.replace(&format!("{{{}}}", index + 1), &told(language, part))
        };
        Some(parts.iter().enumerate().fold(indonesian.to_owned(), fill))
    });
    found.or_else(|| of_reason(&text)).or_else(|| phrase(&text)).unwrap_or_else(|| {
        match text.split_once(": ") {
            // A place, such as a file's or an address, and what is wrong with it.
            Some((place, why)) if !place.contains(' ') => format!("{place}: {}", told(language, why)),
            _ => match text.split_once(", line ") {
                Some((place, rest)) if !place.contains(' ') => {
                    format!("{place}, baris {}", told_at(language, rest))
                }
                _ => raw::plain(language, text),
            },
        }
    })
}

/// A text of the table of reasons that was made in English, as where a file is read.
fn of_reason(text: &str) -> Option<String> {
    Reason::ALL.iter().find_map(|reason| {
        let (what, next) = reason.template(Language::English);
        let template = format!("{what} {next}");
        let (mut pattern, mut keys) = (String::new(), Vec::new());
        for (index, piece) in template.split(['{', '}']).enumerate() {
            if index % 2 == 0 {
                pattern.push_str(piece);
            } else {
                pattern.push_str("{}");
                keys.push(piece.to_owned());
            }
        }
        let facts = keys.into_iter().zip(parts(&pattern, text)?.into_iter().map(str::to_owned));
        Some(reason.text(Language::Indonesian, &facts.collect()))
    })
}

/// What follows the word for a line: its number, its key, and what is wrong.
fn told_at(language: Language, rest: &str) -> String {
    match rest.split_once(": ") {
        Some((line, why)) => format!("{line}: {}", told(language, why)),
        None => rest.to_owned(),
    }
}

fn without_number(text: &str) -> String {
    let Some((before, after)) = text.split_once(" (os error ") else { return text.to_owned() };
    let after = after.split_once(')').map_or("", |(_, after)| after);
    format!("{before}{}", without_number(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rooms whose failures are told here.
    const SOURCES: &[&str] = &[
        include_str!("../../config/mod.rs"),
        include_str!("../../config/secret.rs"),
        include_str!("../../dev/error.rs"),
        include_str!("../../keeper/own.rs"),
        include_str!("../../ledger/entry.rs"),
        include_str!("../../ledger/export.rs"),
        include_str!("../../ledger/note.rs"),
        include_str!("../../pki/error.rs"),
        include_str!("../../pki/secret.rs"),
        include_str!("../../pki/statement.rs"),
        include_str!("../../pki/token.rs"),
        include_str!("../../server/metrics.rs"),
        include_str!("../../server/mod.rs"),
        include_str!("../../server/tls.rs"),
        include_str!("../../signer/mod.rs"),
        include_str!("../../store/error.rs"),
        include_str!("../../vault/file.rs"),
    ];

    /// What stands in quotation marks at the start of a text, as the compiler reads it, with `{}` for each placeholder.
    fn literal(text: &str) -> Option<String> {
        let mut chars = text.trim_start().strip_prefix('"')?.chars().peekable();
        let mut read = String::new();
        loop {
            match chars.next()? {
                '"' => return Some(read),
                '\\' => match chars.next()? {
                    '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    'n' => read.push('\n'),
                    other => read.push(other),
                },
                '{' => {
                    chars.by_ref().find(|c| *c == '}')?;
                    read.push_str("{}");
                }
                other => read.push(other),
            }
        }
    }

    #[test]
    fn every_failure_of_these_rooms_is_told_in_indonesian() {
        let mut missing = Vec::new();
        let mut found = 0;
        for text in SOURCES.iter().flat_map(|source| source.split("#[error(").skip(1)).filter_map(literal) {
            found += 1;
            let sample = text.replace("{}", "x");
            let is_place = matches!(text.as_str(), "{}: {}" | "{}{}: {}" | "{}: {}: {}");
            if !is_place && told(Language::Indonesian, &sample) == sample {
                missing.push(text);
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
        assert!(found > 50, "{found}");
    }

    /// The sentences that are made where the answer is looked at.
    #[test]
    fn every_answer_that_does_not_fit_is_told_in_indonesian() {
        let sources = [
            include_str!("../../agent/credential.rs"),
            include_str!("../../agent/join.rs"),
            include_str!("../../agent/renewal.rs"),
            include_str!("../cert/order.rs"),
            include_str!("../story/join.rs"),
        ];
        let texts =
            sources.iter().flat_map(|source| source.split("Trouble::Unfit(").skip(1)).filter_map(literal);
        let texts: Vec<_> = texts.collect();
        assert!(texts.len() > 8, "{texts:?}");
        let english: Vec<_> =
            texts.iter().filter(|text| told(Language::Indonesian, text) == **text).collect();
        assert!(english.is_empty(), "{english:?}");
    }

    /// What is said of a certificate that cannot be made, wherever it is.
    #[test]
    fn every_fault_of_issuing_is_told_in_indonesian() {
        let sources = [
            include_str!("../../pki/authority.rs"),
            include_str!("../../pki/ceremony.rs"),
            include_str!("../../pki/crl.rs"),
            include_str!("../../pki/form.rs"),
            include_str!("../../pki/founding.rs"),
            include_str!("../../pki/lint.rs"),
            include_str!("../../pki/profile.rs"),
        ];
        let mut found = std::collections::BTreeSet::new();
        for source in sources {
            for kind in ["Subject(", "Key(", "Validity(", "Issuer(", "Lint(", "List("] {
                found.extend(source.split(&format!("IssueError::{kind}")).skip(1).filter_map(literal));
            }
            // What a comparison names: the text at the end of its line, before or after a bracket.
            let ends = source.lines().filter_map(|line| {
                line.trim_end_matches([',', ')', ';', '?']).strip_suffix('"')?.rsplit_once('"')
            });
            found.extend(ends.map(|(_, text)| text.to_owned()).filter(|text| text.contains(' ')));
        }
        let english: Vec<_> =
            found.iter().filter(|text| told(Language::Indonesian, text) == **text).collect();
        assert!(english.is_empty(), "{english:#?}");
        assert!(found.len() > 50, "{found:#?}");
    }

    /// A translation of a text that the program no longer has would mislead whoever looks for it.
    #[test]
    fn no_translation_is_of_a_text_that_is_nowhere() {
        let mut all = String::new();
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("words") {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    all.push_str(&with_places(&std::fs::read_to_string(path).unwrap()));
                }
            }
        }
        // A text may be put together where it is told, by sentences or within one, so its fixed pieces are looked for.
        let is_there = |english: &str| {
            english.split("{}").all(|piece| all.contains(piece.strip_prefix(". ").unwrap_or(piece)))
        };
        let stale = |table: &'static [(&str, &str)]| -> Vec<_> {
            table.iter().map(|(english, _)| *english).filter(|english| !is_there(english)).collect()
        };
        assert_eq!(stale(away::FAILURES), [""; 0]);
        assert_eq!(stale(operation::FAILURES), [""; 0]);
        assert_eq!(stale(authority::FAILURES), [""; 0]);
        assert_eq!(stale(ledger::FAILURES), [""; 0]);
        assert!(!is_there(concat!("nobody ", "says {}", " this")), "it finds what is stale");
    }

    /// Source text with its strings as they are printed, and `{}` for each placeholder.
    fn with_places(source: &str) -> String {
        let mut chars = source.chars().peekable();
        let mut text = String::new();
        while let Some(char) = chars.next() {
            match char {
                '\\' => match chars.next() {
                    Some('\n') => while chars.next_if(|next| next.is_whitespace()).is_some() {},
                    Some('n') => text.push('\n'),
                    next => text.extend(next),
                },
                '{' => {
                    let mut name = String::new();
                    let is_name = |next: &char| next.is_alphanumeric() || "_.:?#".contains(*next);
                    while let Some(next) = chars.next_if(is_name) {
                        name.push(next);
                    }
                    text.push('{');
                    if chars.peek() != Some(&'}') {
                        text.push_str(&name);
                    }
                }
                other => text.push(other),
            }
        }
        text
    }

    #[test]
    fn no_place_of_an_indonesian_text_is_without_its_part() {
        for (english, indonesian) in failures() {
            let count = english.matches("{}").count();
            let numbers = indonesian.split('{').skip(1).filter_map(|part| part.split('}').next());
            for number in numbers {
                assert!((1..=count).any(|at| at.to_string() == number), "{indonesian}");
            }
        }
    }

    #[test]
    fn a_failure_is_told_whole_with_its_causes() {
        for (failure, english, indonesian) in [
            (
                "/etc/g.toml: cannot be read: No such file or directory (os error 2)",
                "/etc/g.toml: cannot be read: No such file or directory",
                "/etc/g.toml tidak dapat dibaca: berkas itu tidak ada",
            ),
            (
                "g.toml, line 4 (listen): invalid socket address syntax",
                "g.toml, line 4 (listen): invalid socket address syntax",
                "g.toml, baris 4 (listen): harus berupa alamat IP dan port, misalnya 127.0.0.1:7443",
            ),
            (
                "g.toml: limits.handshakes: from 1 to 1000000",
                "g.toml: limits.handshakes: from 1 to 1000000",
                "g.toml: limits.handshakes: harus antara 1 dan 1000000",
            ),
            (
                "The gateway cannot listen on 127.0.0.1:7443: Address already in use (os error 98). If another gateway \
                 runs there, stop it, or listen elsewhere: --listen 127.0.0.1:7444",
                "The gateway cannot listen on 127.0.0.1:7443: Address already in use. If another gateway runs there, \
                 stop it, or listen elsewhere: --listen 127.0.0.1:7444",
                "Gerbang tidak dapat melayani di 127.0.0.1:7443: alamat itu sudah dipakai. Apabila gerbang lain berjalan \
                 di sana, hentikan, atau pilih alamat lain: --listen 127.0.0.1:7444",
            ),
            (
                "the database is away: error communicating with database: Connection refused (os error 111)",
                "the database is away: error communicating with database: Connection refused",
                "basis data tidak dapat dihubungi: tidak ada yang melayani di sana",
            ),
            (
                "told at 3, stored at 4",
                "told at 3, stored at 4",
                "tercatat pada versi 3, tersimpan pada versi 4",
            ),
            (
                "certs/ceremony.toml, line 12 (code): The text has 70 characters; at most 64 are allowed. Shorten it.",
                "certs/ceremony.toml, line 12 (code): The text has 70 characters; at most 64 are allowed. Shorten it.",
                "certs/ceremony.toml, baris 12 (code): Teks ini terdiri atas 70 karakter; paling banyak 64 karakter. \
                 Ringkaslah teks tersebut.",
            ),
            (
                "The validity is not possible: it would outlive the root, which ends before. Choose other times.",
                "The validity is not possible: it would outlive the root, which ends before. Choose other times.",
                "Masa berlakunya tidak dapat dipakai: melampaui akhir masa berlaku akar. Pilih waktu lain.",
            ),
            ("nobody foresaw this", "nobody foresaw this", "nobody foresaw this"),
        ] {
            assert_eq!(told(Language::English, failure), english);
            assert_eq!(told(Language::Indonesian, failure), indonesian);
        }
    }
}
