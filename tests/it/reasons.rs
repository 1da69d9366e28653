//! The table of reasons against those who raise them, by reading the sources: every placeholder of a text is filled, and
//! every half sentence has its Indonesian.

use std::{collections::BTreeSet, path::Path};

use gerbang::domain::{Fault, Reason, reason::Language};

/// The sources of the program, each without its tests.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
            if path.is_dir() && !name.ends_with("/tests") {
                walk(&path, found);
            } else if name.ends_with(".rs")
                && !name.starts_with("src/domain/reason")
                && !name.ends_with("tests.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                found.push((name, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 200, "{}", found.len());
    found.sort();
    found
}

/// The name of a reason's variant, as the sources write it.
fn variant(reason: Reason) -> String {
    format!("{reason:?}")
}

fn placeholders(reason: Reason) -> BTreeSet<String> {
    let (what, next) = reason.template(Language::Indonesian);
    let text = format!("{what} {next}");
    let keys = text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(key, _)| key.to_owned());
    keys.collect()
}

/// Places that name a reason without raising it, or whose facts another function adds: file, reason, and why.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("src/cli/roster.rs", "OutOfRank", "compares"),
    ("src/cli/story/steps.rs", "TrainerConflict", "compares"),
    ("src/cli/words.rs", "FieldUnknown", "compares"),
    ("src/domain/calendar.rs", "TrainerConflict", "Interval::tell_busy"),
    ("src/domain/calendar.rs", "FacilityConflict", "Interval::tell_busy"),
    ("src/domain/calendar.rs", "TrainerOverlap", "Interval::tell_busy"),
    ("src/domain/claim.rs", "ClaimConflict", "Interval::tell_busy"),
    ("src/keeper/authority.rs", "AdministratorsFew", "a list of alarms"),
    ("src/keeper/authority.rs", "SignerAway", "a list of alarms"),
    ("src/keeper/authority.rs", "CrlStale", "a list of alarms"),
    ("src/rpc/decode.rs", "BatchTooLarge", "compares"),
    ("src/rpc/status.rs", "DatabaseImpaired", "compares"),
    ("src/rpc/status.rs", "VaultKeyMissing", "compares"),
    ("src/signer/step.rs", "KeyWeak", "kept by its code alone"),
    ("src/store/error.rs", "AgencyExists", "the fact is the constraint's value"),
];

/// The function in which something stands: from the line that begins it to the next that does.
fn function(text: &str, at: usize) -> &str {
    let starts = |line: &str| {
        let line = line.trim_start();
        ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(super) async fn ", "pub(in "]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let mut begin = 0;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        if position > at && starts(line) {
            return &text[begin..position];
        }
        if position <= at && starts(line) {
            begin = position;
        }
        position += line.len();
    }
    &text[begin..]
}

#[test]
fn whoever_raises_a_reason_fills_its_placeholders() {
    let sources = sources();
    let (mut faults, mut excused, mut looked_at) = (Vec::new(), BTreeSet::new(), 0);
    for reason in Reason::ALL {
        let keys = placeholders(*reason);
        let name = variant(*reason);
        for (file, text) in &sources {
            for (at, found) in text.match_indices(&format!("Reason::{name}")) {
                // A longer name begins with this one.
                if text[at + found.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()) {
                    continue;
                }
                looked_at += 1;
                let body = function(text, at);
                let missing: Vec<_> =
                    keys.iter().filter(|key| !body.contains(&format!("\"{key}\""))).collect();
                if missing.is_empty() {
                    continue;
                }
                match ELSEWHERE.iter().position(|(f, n, _)| f == file && *n == name) {
                    Some(index) => drop(excused.insert(index)),
                    None => {
                        let line = text[..at].matches('\n').count() + 1;
                        faults.push(format!("{file}:{line}: {name} without {missing:?}"));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(looked_at > 200, "{looked_at}");
    let idle: Vec<_> = (0..ELSEWHERE.len()).filter(|index| !excused.contains(index)).collect();
    assert!(
        idle.is_empty(),
        "excused for nothing: {:?}",
        idle.iter().map(|index| ELSEWHERE[*index]).collect::<Vec<_>>()
    );
}

/// The functions and variants that take half a sentence for the fact `why`, and the files in which they do.
const SENTENCES: &[(&str, &str)] = &[
    ("src/pki/inventory.rs", "unfit(\""),
    ("src/pki/certificate.rs", "unfit(\""),
    ("src/pki/request.rs", "unreadable(\""),
    ("src/pki/key.rs", "KeyFlaw::Encoding(\""),
    ("src/pki/key.rs", "KeyFlaw::Weak(\""),
    ("src/pki/key.rs", "\"its key is "),
    ("src/pki/certificate.rs", " => \"it"),
    ("src/pki/certificate.rs", " => \"an"),
    ("src/exchange/certificate/signed.rs", "invalid(\""),
    ("src/exchange/founding.rs", "invalid(\""),
    ("src/signer/policy.rs", "invalid(\""),
    ("src/signer/step.rs", "let why = \""),
];

#[test]
fn every_half_sentence_has_its_indonesian() {
    let mut missing = Vec::new();
    let mut found = 0;
    let sources = sources();
    for (file, before) in SENTENCES {
        let (_, text) = sources.iter().find(|(name, _)| name == file).unwrap_or_else(|| panic!("no {file}"));
        let mut here = 0;
        for (at, _) in text.match_indices(before) {
            let quote = at + before.find('"').unwrap() + 1;
            let sentence = text[quote..].split('"').next().unwrap_or_default();
            here += 1;
            let told = Fault::from(Reason::CertificateUnfit).with("why", sentence).text(Language::Indonesian);
            if told.contains(sentence) {
                missing.push(format!("{file}: {sentence}"));
            }
        }
        assert!(here > 0, "{file} has no {before}");
        found += here;
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(found > 60, "{found}");
}

/// The nouns of resources, as `NOT_FOUND` is given them.
#[test]
fn every_noun_has_its_indonesian() {
    let mut nouns = BTreeSet::new();
    for (_, text) in sources() {
        for before in ["not_found(\"", "const NOUN: &'static str = \""] {
            let words = text.split(before).skip(1).filter_map(|rest| rest.split('"').next());
            nouns.extend(words.map(str::to_owned));
        }
    }
    assert!(nouns.len() > 8, "{nouns:?}");
    let tell =
        |noun: &String| Fault::from(Reason::NotFound).with("resource", noun).text(Language::Indonesian);
    let english: Vec<_> =
        nouns.iter().filter(|noun| tell(noun).starts_with(&format!("Tidak ada {noun} dengan"))).collect();
    assert!(english.is_empty(), "{english:?}");
}
