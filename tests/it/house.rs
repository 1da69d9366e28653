//! The house keeps its own rules: imports go down, files open with what they own, samples parse, every reason is
//! documented and in use, the schema is commented and its constraints are named by one rule.

mod imports;

use std::{
    fs,
    path::{Path, PathBuf},
};

use gerbang::{
    config::{Config, ceremony::Ceremony, signer::Signer},
    domain::Reason,
    format::json::requests_from_json,
    proto::v1,
};

use self::imports::Sources;
use crate::world::World;

/// Each room, and the rooms of which it may know.
const ROOMS: &[(&str, &str)] = &[
    ("domain", ""),
    ("pki", "domain"),
    ("vault", "domain files"),
    ("ledger", "domain"),
    ("format", "domain pki ledger proto"),
    ("store", "domain pki vault ledger"),
    ("exchange", "domain pki vault ledger format store"),
    ("signer", "domain pki ledger store files"),
    ("rpc", "domain pki vault ledger format exchange proto"),
    ("keeper", "domain pki vault ledger store exchange config files"),
    ("server", "domain pki vault ledger format store exchange keeper rpc proto config files"),
    ("agent", "domain pki ledger format proto files"),
    (
        "dev",
        "domain pki vault ledger format store exchange keeper signer rpc server agent proto config files",
    ),
    (
        "cli",
        "domain pki vault ledger format store exchange keeper signer rpc server agent dev proto config files",
    ),
    ("proto", "domain"),
    ("config", "domain pki ledger files"),
    ("files", ""),
];

/// The circles that there still are; none may be added, and one that is gone leaves this list.
const CIRCLES: &[&str] = &[];

/// Longer than the rest, with the reason.
const LONG: &[&str] = &["domain/reason/table.rs"];
const LINES_MAX: usize = 470;

#[test]
fn imports_go_down_only() {
    let files = sources();
    let files = Sources::of(files.iter().map(|(path, text)| (path.as_str(), without_tests(text))));
    let mut faults = Vec::new();
    for (file, rooms) in files.rooms() {
        let room = file.split('/').next().unwrap().to_owned();
        let (_, allowed) = ROOMS.iter().find(|(name, _)| *name == room).expect(&file);
        let above = rooms.iter().filter(|known| **known != room);
        let above = above.filter(|known| !allowed.split(' ').any(|name| name == *known));
        faults.extend(above.map(|known| format!("{file}: {room} knows {known}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Two files that know each other are one that was cut in the wrong place.
#[test]
fn no_file_knows_one_that_knows_it() {
    let mut files = sources();
    files.retain(|(path, _)| !is_of_tests(path));
    let files = Sources::of(files.iter().map(|(path, text)| (path.as_str(), without_tests(text))));
    assert_eq!(files.circles(), CIRCLES);
}

#[test]
fn files_open_with_what_they_own_and_stay_short() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{path} does not open with //!");
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX || LONG.contains(&path.as_str()), "{path} has {lines} lines");
    }
}

/// Where `expect` may stand outside tests: what it says cannot fail is ours alone.
const EXPECTS: &[&str] = &[
    "cli/story.rs",
    "proto.rs",
    "server/outside.rs",
    "format/json.rs",
    "pki/der.rs",
    // A connection is taken out by the drop alone.
    "store/transaction/open.rs",
];

#[test]
fn nothing_from_outside_is_unwrapped() {
    for (path, text) in sources() {
        if is_of_tests(&path) {
            continue;
        }
        for line in without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(!line.contains(".unwrap()"), "{path}: {line}");
            let expects = line.contains(".expect(") && !EXPECTS.contains(&path.as_str());
            assert!(!expects, "{path}: {line}");
        }
    }
}

#[test]
fn the_errors_page_is_made_from_the_table() {
    let page = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    assert!(page == gerbang::cli::errors_page(), "write it anew: gerbang contract reasons > docs/errors.md");
    for reason in Reason::ALL {
        assert!(page.contains(&format!("\n### {}\n", reason.code())), "{}", reason.code());
    }
}

#[test]
fn every_reason_is_in_use() {
    let sources: Vec<_> =
        sources().into_iter().filter(|(path, _)| path != "domain/reason/table.rs").collect();
    for reason in Reason::ALL {
        let written = format!("Reason::{reason:?}");
        let used = sources.iter().any(|(_, text)| without_tests(text).contains(&written));
        assert!(used, "{} is never given", reason.code());
    }
}

#[test]
fn samples_parse() {
    let text = fs::read_to_string(root().join("docs/gerbang.sample.toml")).unwrap();
    assert!(!text.is_empty());
    Config::load(&root().join("docs/gerbang.sample.toml")).expect("docs/gerbang.sample.toml");
    Signer::load(&root().join("docs/signer.sample.toml")).expect("docs/signer.sample.toml");
    Ceremony::load(&root().join("certs/ceremony.toml")).expect("certs/ceremony.toml");
    let mut count = 0;
    // What Node reads is no request.
    let requests = files(&root().join("examples"), "json").into_iter();
    for path in requests.filter(|path| !path.starts_with(root().join("examples/node"))) {
        let text = fs::read_to_string(&path).unwrap();
        let noun = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap();
        let parsed = match noun {
            "agencies" => requests_from_json::<v1::CreateAgencyRequest>(&text).map(drop),
            "agreements" => requests_from_json::<v1::CreateAgreementRequest>(&text).map(drop),
            "facilities" => requests_from_json::<v1::CreateFacilityRequest>(&text).map(drop),
            "rosters" => requests_from_json::<v1::NominateTraineesRequest>(&text).map(drop),
            "programmes" => requests_from_json::<v1::CreateProgrammeRequest>(&text).map(drop),
            "schedules" => requests_from_json::<v1::PushScheduleRequest>(&text).map(drop),
            "trainers" => requests_from_json::<v1::RegisterTrainerRequest>(&text).map(drop),
            other => panic!("{}: no request for {other}", path.display()),
        };
        parsed.unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn numbers_of_persons_are_invented() {
    let folders = ["examples", "docs", "tests"].map(|name| root().join(name));
    for path in folders.iter().flat_map(|folder| files(folder, "")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for run in text.split(|c: char| !c.is_ascii_alphanumeric()) {
            let number = [16, 18].contains(&run.len()) && run.bytes().all(|byte| byte.is_ascii_digit());
            // Zeros alone are an etag that nothing has.
            let zeros = run.bytes().all(|digit| digit == b'0');
            // A NIP begins with the birth date: nobody who was born in 1900 is in service.
            let invented = run.starts_with("99") || run.len() == 18 && run.starts_with("1900");
            assert!(!number || zeros || invented, "{}: {run}", path.display());
        }
    }
}

#[tokio::test]
async fn the_schema_is_commented_and_its_constraints_are_named_by_one_rule() {
    let world = World::start().await;
    let mut db = world.owner().await;
    let bare = "SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c \
        LEFT JOIN LATERAL (SELECT NULL::name AS attname, 0 AS attnum UNION ALL SELECT attname, attnum \
            FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) a ON true \
        WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = 'public'::regnamespace \
            AND c.relname <> '_sqlx_migrations' AND col_description(c.oid, a.attnum) IS NULL \
            AND (a.attnum > 0 OR obj_description(c.oid, 'pg_class') IS NULL)";
    let bare: Vec<String> = sqlx::query_scalar(bare).fetch_all(&mut db).await.unwrap();
    assert!(bare.is_empty(), "without a comment: {bare:?}");

    // For each constraint its table, its kind, its name and its columns, in the order of the constraint.
    let constraints = "SELECT t.relname::text, c.contype::text, c.conname::text, coalesce((SELECT \
            array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k (attnum, place) \
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum), '{}') \
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
        WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '_sqlx_migrations' AND c.contype <> 'n'";
    let found: Vec<(String, String, String, Vec<String>)> =
        sqlx::query_as(constraints).fetch_all(&mut db).await.unwrap();
    assert!(found.len() > 40, "{}", found.len());
    for (table, kind, name, columns) in found {
        let columns = columns.join("_");
        let right = match kind.as_str() {
            "p" => name == format!("{table}_pkey"),
            "u" => name == format!("{table}_{columns}_key"),
            "f" => name == format!("{table}_{columns}_fkey"),
            "c" => name == format!("{table}_{columns}_check"),
            // An exclusion names the column of the thing that is taken; the times go without saying.
            "x" => name.starts_with(&format!("{table}_")) && name.ends_with("_excl"),
            other => panic!("{name}: kind {other}"),
        };
        assert!(right, "{name} of {table} ({columns})");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of `src/` with its path below it.
fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let found = files(&src, "rs").into_iter().map(|path| {
        let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(&path).unwrap())
    });
    found.collect()
}

fn is_of_tests(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/")
}

/// What stands before the unit tests at the foot of a file.
fn without_tests(text: &str) -> &str {
    text.split("mod tests {").next().unwrap_or(text)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("node_modules") {
            // What npm brought is not ours.
        } else if path.is_dir() {
            found.extend(files(&path, extension));
        } else if extension.is_empty() || path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Names that begin like a series and are none: roles of the database, and the channels of notices.
const NO_SERIES: &[&str] =
    &["gerbang_", "gerbang_owner", "gerbang_gateway", "gerbang_keeper", "gerbang_signer", "gerbang_ledger"];

#[test]
fn the_operators_page_lists_every_series() {
    let mut used = std::collections::BTreeSet::new();
    for (_, text) in sources() {
        for part in without_tests(&text).split('"').filter(|part| part.starts_with("gerbang_")) {
            if part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                && !NO_SERIES.contains(&part)
            {
                used.insert(part.to_owned());
            }
        }
    }
    let page = std::fs::read_to_string("docs/operate.md").unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `gerbang_")?.split('`').next());
    let listed: Vec<_> = rows.map(|row| format!("gerbang_{row}")).collect();
    let listed_once: std::collections::BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), listed_once.len(), "a series stands there twice");
    assert_eq!(used, listed_once);
}

/// Where a transaction may begin and end: elsewhere nobody would see that an entry is missing.
#[test]
fn one_function_begins_and_one_commits() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for line in without_tests(&text).lines().map(str::trim) {
            let ends = line.contains(".commit(notice).await")
                || line.contains(".commit().await")
                || line.contains(".rollback().await");
            let begins = [
                "pool.begin",
                "begin_with(",
                "Open::begin(",
                ".begin().await",
                "\"BEGIN",
                "\"COMMIT",
                "\"ROLLBACK",
            ];
            if ends || begins.iter().any(|begin| line.contains(begin)) {
                found.push(format!("{path}: {line}"));
            }
        }
    }
    assert!(found.iter().all(|line| line.starts_with("store/transaction")), "{found:#?}");
    assert_eq!(found.iter().filter(|line| line.contains(".commit(")).count(), 1, "{found:#?}");
    assert_eq!(found.iter().filter(|line| line.contains("Open::begin(")).count(), 1, "{found:#?}");
}
