//! The shape of the house: imports go one way, every file says what it owns, what is shipped beside the code is
//! true, and the schema explains itself.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use gerbang::{config::Config, format::json::requests_from_json, proto::v1};

use crate::world::World;

/// What each room may import; itself always. From DESIGN's "The rooms".
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("proto", &[]),
    ("config", &[]),
    ("pki", &["domain"]),
    ("vault", &["domain"]),
    ("ledger", &["domain"]),
    ("format", &["domain", "pki", "ledger", "proto"]),
    ("store", &["domain", "vault", "pki", "ledger"]),
    ("exchange", &["domain", "vault", "pki", "ledger", "format", "store"]),
    ("rpc", &["domain", "vault", "pki", "ledger", "format", "store", "exchange", "proto"]),
    (
        "server",
        &["domain", "vault", "pki", "ledger", "format", "store", "exchange", "rpc", "proto", "config"],
    ),
    ("agent", &["domain", "pki", "ledger", "format", "proto"]),
    (
        "dev",
        &[
            "domain", "vault", "pki", "ledger", "format", "store", "exchange", "rpc", "server", "agent",
            "proto", "config",
        ],
    ),
    (
        "cli",
        &[
            "domain", "vault", "pki", "ledger", "format", "store", "exchange", "rpc", "server", "agent",
            "dev", "proto", "config",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file with this ending below a folder of the project.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{ending} below {folder:?}");
    found
}

/// The rooms that a file names after `crate::`, alone or in braces.
fn imports(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => rooms.push(std::mem::take(&mut name)),
                    c if depth == 1 => name.push(c),
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            rooms.push(name);
        } else {
            rooms.push(rest.to_owned());
        }
    }
    let first = |text: String| {
        text.trim()
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    rooms.into_iter().map(first).filter(|room| !room.is_empty()).collect()
}

#[test]
fn no_arrow_goes_up() {
    let rooms: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut arrows = 0;
    for file in files("src", "rs") {
        let path = file.strip_prefix(root().join("src")).unwrap();
        let room = path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some(allowed) = rooms.get(room) else {
            assert!(matches!(room, "lib" | "main"), "{room} is no room of the house");
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        // Tests at the foot of a file may stand on anything.
        let code = text.split("#[cfg(test)]").next().unwrap();
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        for target in
            imports(code).iter().filter(|target| rooms.contains_key(target.as_str()) && *target != room)
        {
            arrows += 1;
            if !allowed.contains(&target.as_str()) {
                wrong.push(format!("{}: {room} → {target}", path.display()));
            }
        }
    }
    assert!(arrows > 50, "the imports were not read: {arrows}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_read_in_every_form() {
    let text = "use crate::store;\nuse crate::{\n    domain::{Fault, Reason},\n    rpc,\n};\nlet x = crate::pki::read();";
    assert_eq!(imports(text), ["store", "domain", "rpc", "pki"]);
}

#[test]
fn every_file_says_what_it_owns() {
    for file in files("src", "rs").into_iter().chain(files("tests/it", "rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{}", file.display());
    }
}

#[test]
fn the_errors_page_is_made_from_the_table() {
    let page = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    assert!(page == gerbang::cli::errors_page(), "docs/errors.md is stale; type: make docs");
}

#[test]
fn the_sample_configuration_parses() {
    Config::load(&root().join("docs/gerbang.sample.toml")).unwrap();
}

#[test]
fn every_example_is_a_request() {
    let mut seen = 0;
    for file in files("examples", "json") {
        let text = std::fs::read_to_string(&file).unwrap();
        let noun = file.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let problem = match noun {
            "agencies" => requests_from_json::<v1::CreateAgencyRequest>(&text).err(),
            "agreements" => requests_from_json::<v1::CreateAgreementRequest>(&text).err(),
            "programmes" => requests_from_json::<v1::CreateProgrammeRequest>(&text).err(),
            "trainers" => requests_from_json::<v1::RegisterTrainerRequest>(&text).err(),
            "schedules" => requests_from_json::<v1::PushScheduleRequest>(&text).err(),
            other => panic!("{}: no request is called {other}", file.display()),
        };
        assert!(problem.is_none(), "{}: {problem:?}", file.display());
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn person_numbers_belong_to_a_province_that_does_not_exist() {
    for file in files("examples", "json").into_iter().chain(files("tests/it", "rs")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for number in
            text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 16 || run.len() == 18)
        {
            assert!(
                number.starts_with("99") || number.bytes().all(|digit| digit == b'0'),
                "{}: {number}",
                file.display()
            );
        }
    }
}

#[tokio::test]
async fn the_schema_explains_itself() {
    let world = World::start().await;
    let uncommented = sqlx::query_scalar::<_, String>(
        "SELECT c.relname || coalesce('.' || a.attname, '')
           FROM pg_class c
           LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_sqlx_migrations'
            AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)",
    );
    let uncommented = uncommented.fetch_all(&mut world.owner().await).await.unwrap();
    assert!(uncommented.is_empty(), "without a comment: {uncommented:?}");
    let odd = sqlx::query_scalar::<_, String>(
        "SELECT conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> '_sqlx_migrations'
            AND conname !~ ('^' || c.relname || '_([a-z0-9_]+_)?(pkey|key|fkey|check|excl)$')",
    );
    let odd = odd.fetch_all(&mut world.owner().await).await.unwrap();
    assert!(odd.is_empty(), "not named by the house's rule: {odd:?}");
}
