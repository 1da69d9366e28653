//! Wrong texts: a golden list of what is told of each, and that no value is.

use std::{fs, path::PathBuf};

use super::{arbitrary, *};
use crate::domain::reason::Language;

/// The message, and the text.
const WRONG: &[(&str, &[u8])] = &[
    // No JSON.
    ("PushScheduleRequest", b""),
    ("PushScheduleRequest", b"  \n "),
    ("PushScheduleRequest", b"nama,nik"),
    ("PushScheduleRequest", b"{\"name\": "),
    ("PushScheduleRequest", b"{\"name\": \"a\""),
    ("PushScheduleRequest", b"{\"name\": \"a"),
    ("PushScheduleRequest", b"{\"name\": \"a\",}"),
    ("PushScheduleRequest", b"{\"name\" \"a\"}"),
    ("PushScheduleRequest", b"{name: \"a\"}"),
    ("PushScheduleRequest", b"{'name': 'a'}"),
    ("PushScheduleRequest", b"{\"name\": \"a\" \"mode\": \"b\"}"),
    ("PushScheduleRequest", b"{} {}"),
    ("PushScheduleRequest", b"{},"),
    ("PushScheduleRequest", b"{}\0"),
    ("PushScheduleRequest", b"\xef\xbb\xbf\xef\xbb\xbf{}"),
    ("PushScheduleRequest", b"{\n  \"name\": \"a\", // the schedule\n}"),
    ("PushScheduleRequest", b"{\"name\": /* a */ \"a\"}"),
    ("PushScheduleRequest", b"{\"name\": \"a\nb\"}"),
    ("PushScheduleRequest", b"{\"name\": \"\\ud800\"}"),
    ("PushScheduleRequest", b"{\"name\": \"\\ud800\\u0041\"}"),
    ("PushScheduleRequest", b"{\"name\": \"\\udc00\"}"),
    ("PushScheduleRequest", b"{\"name\": \"\\x41\"}"),
    ("PushScheduleRequest", b"{\n\"name\": \"Kep\xe9\"}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": NaN}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": Infinity}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": 01}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": +1}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": 1e999}]}"),
    ("PushScheduleRequest", b"{\"validate_only\": True}"),
    // JSON, but no object.
    ("PushScheduleRequest", b"null"),
    ("PushScheduleRequest", b"true"),
    ("PushScheduleRequest", b"7"),
    ("PushScheduleRequest", b"\"{}\""),
    ("PushScheduleRequest", b"[]"),
    // Names.
    ("PushScheduleRequest", b"{\"nama\": 1}"),
    ("PushScheduleRequest", b"{\"Name\": \"a\"}"),
    ("PushScheduleRequest", b"{\"time-zone\": \"Asia/Jakarta\"}"),
    ("PushScheduleRequest", b"{\"\": 1}"),
    ("PushScheduleRequest", b"{\"Nama Lengkap\": 1}"),
    ("PushScheduleRequest", b"{\"9901011708900001\": 1}"),
    ("PushScheduleRequest", b"{\"$schema\": \"https://example.org\"}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"room\": {\"deep\": [1, {\"er\": null}]}, \"topik\": null}]}"),
    ("WhoAmIRequest", b"{\"agency\": \"agencies/blk-kepri\"}"),
    ("PushScheduleRequest", b"{\"request_id\": \"0192d4c0-7a1e-7000-8000-000000000001\"}"),
    ("PushScheduleRequest", b"{\"requestId\": 7, \"request_id\": null}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"request_id\": \"x\"}]}"),
    // One field twice.
    ("PushScheduleRequest", b"{\"name\": \"a\", \"name\": \"b\"}"),
    ("PushScheduleRequest", b"{\"name\": \"a\", \"name\": 7}"),
    ("PushScheduleRequest", b"{\"time_zone\": \"a\", \"timeZone\": \"b\"}"),
    ("PushScheduleRequest", b"{\"timeZone\": null, \"time_zone\": \"b\"}"),
    ("PushScheduleRequest", b"{\"timeZone\": \"a\", \"timeZone\": \"b\", \"time_zone\": \"c\"}"),
    ("PushScheduleRequest", b"{\"time\\u005fzone\": \"a\", \"time_zone\": \"b\"}"),
    ("PushScheduleRequest", b"{\"sessions\": [{}, {\"startsAt\": \"besok\", \"starts_at\": \"lusa\"}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [], \"sessions\": [{\"room\": 1}]}"),
    // Two that exclude each other.
    ("AgreementTerms", b"{\"term_months\": 12, \"effective_until\": \"2027-03-01\"}"),
    ("AgreementTerms", b"{\"effectiveUntil\": \"\", \"termMonths\": \"x\"}"),
    ("ResourceChange", b"{\"agency\": {}, \"session\": {}, \"programme\": {\"nama\": 1}}"),
    // Values of another type.
    ("PushScheduleRequest", b"{\"name\": 9901011708900001, \"programme\": 1e3, \"time_zone\": -1}"),
    ("PushScheduleRequest", b"{\"name\": true, \"programme\": {}, \"time_zone\": []}"),
    ("PushScheduleRequest", b"{\"validate_only\": \"true\"}"),
    ("PushScheduleRequest", b"{\"validate_only\": 1}"),
    ("PushScheduleRequest", b"{\"validate_only\": [true]}"),
    ("PushScheduleRequest", b"{\"sessions\": {}}"),
    ("PushScheduleRequest", b"{\"sessions\": \"a\"}"),
    ("PushScheduleRequest", b"{\"sessions\": [null, 7, \"a\", [], true, {}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"trainers\": [{}, {\"trainer\": 1, \"role\": \"x\"}, null]}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": 1.0}, {\"sequence\": 1e2}, {\"sequence\": -0}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": \"+1\"}, {\"sequence\": \"01\"}, {\"sequence\": \"\"}, {\"sequence\": \"1.0\"}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": 2147483648}, {\"sequence\": \"-2147483649\"}, {\"sequence\": true}]}"),
    ("PushScheduleRequest", b"{\"sessions\": [{\"sequence\": 123456789012345678901234567890}]}"),
    ("GetConsistencyProofRequest", b"{\"to_size\": 9223372036854775808, \"from_size\": \"-9223372036854775809\"}"),
    ("GetConsistencyProofRequest", b"{\"to_size\": 1.5, \"from_size\": [1]}"),
    ("GetInclusionProofResponse", b"{\"leaf_hash\": \"A\", \"hashes\": [\"AAAA\", \"A-+A\", 7, null, \"AB\"]}"),
    // Names of enums.
    ("PushScheduleRequest", b"{\"mode\": 1}"),
    ("PushScheduleRequest", b"{\"mode\": 77}"),
    ("PushScheduleRequest", b"{\"mode\": \"ATOMIC\"}"),
    ("PushScheduleRequest", b"{\"mode\": \"batch_mode_atomic\"}"),
    ("PushScheduleRequest", b"{\"mode\": \"1\"}"),
    ("PushScheduleRequest", b"{\"mode\": [\"BATCH_MODE_ATOMIC\"]}"),
    ("ListChangesRequest", b"{\"kinds\": [\"RESOURCE_KIND_SESSION\", null, 1, \"SESSION\"]}"),
    ("ListChangesRequest", b"{\"kinds\": \"RESOURCE_KIND_SESSION\"}"),
    // Times.
    ("SessionDraft", b"{\"starts_at\": \"2026-03-02T08:00:00\", \"ends_at\": \"2026-03-02 08:00\"}"),
    ("SessionDraft", b"{\"starts_at\": \"2026-03-02\", \"ends_at\": \"besok\"}"),
    ("SessionDraft", b"{\"starts_at\": \"2026-03-02T08:00:60+07:00\", \"ends_at\": \"2026-02-29T08:00:00Z\"}"),
    ("SessionDraft", b"{\"starts_at\": \"2026-03-02T08:00:00+07:00[Asia/Jakarta]\", \"ends_at\": \"\"}"),
    ("SessionDraft", b"{\"starts_at\": 1772413200, \"ends_at\": {\"seconds\": 1772413200}}"),
    ("SessionDraft", b"{\"starts_at\": \"0000-01-01T00:00:00Z\", \"ends_at\": [\"2026-03-02T08:00:00Z\"]}"),
    // Everything at once, in the order of the text.
    ("PushScheduleRequest", b"{\"sessions\": [{\"uid\": \"a\", \"starts_at\": \"2026-03-02T08:00:00\", \"ends_at\": \"tomorrow\", \"sequence\": 1.5}, \
      {\"startsAt\": \"2026-03-02 08:00\", \"room\": \"x\", \"trainers\": {}}, 7], \"name\": 1, \"validate_only\": \"yes\", \
      \"request_id\": \"x\", \"mode\": \"ATOMIC\", \"name\": null}"),
    // In an array of requests.
    ("PushScheduleRequest", b"[{}, {\"nama\": 1, \"request_id\": \"x\"}, null, [{}], {\"sessions\": [{\"sequence\": \"x\"}]}]"),
];

fn told(errors: &JsonErrors) -> Vec<String> {
    match errors {
        JsonErrors::Syntax { line, column, why } => vec![format!("line {line}, column {column}: {why}")],
        JsonErrors::Problems(problems) => {
            let lines = problems.iter().map(|Violation { field, fault }| {
                let facts = fault.facts.iter().map(|(key, value)| format!(" {key}={value}"));
                format!("{field}: {}{}", fault.reason.code(), facts.collect::<String>())
            });
            lines.collect()
        }
    }
}

/// What is told of a text, of each as the command line reads a file and the gateway a call; as one where both are alike.
fn entry(message: &str, text: &[u8]) -> String {
    let shape = contract().unwrap().shape(&format!("gerbang.v1.{message}")).unwrap();
    let told =
        |errors: Option<JsonErrors>| errors.map_or_else(|| vec!["taken".to_owned()], |errors| told(&errors));
    let file = told(read::messages(text, shape, RequestIds::Drawn).err());
    let call = told(read(text, shape, RequestIds::Given).err());
    let shown = String::from_utf8_lossy(text).replace('\n', "⏎").replace('\0', "␀");
    let mut lines = vec![format!("{message} {shown}")];
    if file == call {
        lines.extend(file.iter().map(|line| format!("    {line}")));
    } else {
        lines.extend(file.iter().map(|line| format!("    file: {line}")));
        lines.extend(call.iter().map(|line| format!("    call: {line}")));
    }
    lines.join("\n") + "\n"
}

/// `GOLDEN=write` writes the list anew; read the difference before it is committed.
#[test]
fn of_every_wrong_text_is_told_what_the_golden_list_says() {
    assert!(WRONG.len() >= 60, "{}", WRONG.len());
    let list: String = WRONG.iter().map(|(message, text)| entry(message, text)).collect();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/json-problems.txt");
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, &list).unwrap();
    }
    assert_eq!(list, fs::read_to_string(&path).unwrap_or_default(), "run with GOLDEN=write");
}

/// Values that nobody may find in what is told, in every place and type where they do not belong.
#[test]
fn no_value_of_the_text_is_told() {
    const SECRETS: [&str; 3] = ["RAHASIA", "99010117", "Budi"];
    let values = [
        "\"RAHASIA\"",
        "9901011708900001",
        "9901011708900001.5",
        "\"9901011708900001\"",
        "[\"RAHASIA\", 9901011708900001]",
        "{\"9901011708900001\": \"RAHASIA\"}",
        "{\"Budi Contoh\": \"RAHASIA\"}",
        "[{\"9901011708900001\": 9901011708900001}]",
        "\"RAHASIA\\ud800\"",
        "RAHASIA",
        "\"RAHASIA",
        "9901011708900001x",
    ];
    let mut told = 0;
    for of in arbitrary::all() {
        let shape = contract().unwrap().shape(of.full_name()).unwrap();
        for field in of.fields() {
            for value in values {
                let name = field.name();
                for text in [
                    format!("{{\"{name}\": {value}}}"),
                    format!("{{\"{name}\": [{value}, {value}]}}"),
                    format!(
                        "{{\"{name}\": {value}, \"{}\": {value}, \"other\": {value}}}",
                        field.json_name()
                    ),
                ] {
                    let Err(errors) = read(text.as_bytes(), shape, RequestIds::Given) else { continue };
                    let refusal = Refusal::from(errors.clone());
                    let violations = refusal.violations.iter().map(|violation| &violation.fault);
                    let texts = std::iter::once(&refusal.fault)
                        .chain(violations)
                        .flat_map(|fault| Language::ALL.iter().map(|language| fault.text(*language)));
                    let all = format!("{errors:?} {errors} {}", texts.collect::<String>());
                    for secret in SECRETS {
                        assert!(!all.contains(secret), "{text}: {all}");
                    }
                    told += 1;
                }
            }
        }
    }
    assert!(told > 10_000, "{told}");
}
