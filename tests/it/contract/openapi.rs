//! The OpenAPI document: two independent judges find it valid, and what it says of every call is what the gateway answers.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use gerbang::format::openapi::{OF_EVERY_CALL, OF_FIELDS};

use super::GENERAL;

#[test]
fn two_judges_find_it_valid_in_both_languages() {
    let folder = std::env::temp_dir().join(format!("gerbang-openapi-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let files = ["en", "id"].map(|language| {
        let file = folder.join(format!("{language}.json"));
        let mut export = Command::new(env!("CARGO_BIN_EXE_gerbang"));
        export.args(["contract", "export", "--openapi", "--lang", language]).arg(&file);
        assert!(export.output().unwrap().status.success());
        file
    });
    let mut judges = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/run.sh"));
    let said = judges.args(&files).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}{err}");
    assert_eq!(out.matches(": OK").count(), files.len(), "{out}");
    // Where no file is named it goes to standard output.
    let mut export = Command::new(env!("CARGO_BIN_EXE_gerbang"));
    let printed = export.args(["contract", "export", "--openapi", "--lang", "id"]).output().unwrap();
    assert!(printed.status.success() && printed.stdout == fs::read(&files[1]).unwrap());
    fs::remove_dir_all(folder).unwrap();
}

/// Reasons of other ways in than JSON, of the other port, of paths that are not here, and those that have a status of their own.
const NOT_OF_JSON: &[&str] = &[
    "NOT_GRPC",
    "GRPC_ONLY",
    "METHOD_UNKNOWN",
    "JOINING_ONLY",
    "CONTENT_TYPE_REFUSED",
    "HTTP_METHOD_REFUSED",
];

/// What a comment names of another agency, and any caller may hear of its own.
const ALSO: &[&str] = &["AGENCY_SUSPENDED"];

#[test]
fn what_any_call_may_get_is_what_it_says_of_every_call() {
    let said: BTreeSet<_> = OF_EVERY_CALL.iter().chain(OF_FIELDS).copied().collect();
    let general = GENERAL.iter().filter(|code| !NOT_OF_JSON.contains(code));
    let expected: BTreeSet<_> = general.chain(ALSO).copied().collect();
    assert_eq!(said, expected);
}
