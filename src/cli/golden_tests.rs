//! Every table and every view of the command line against golden files, in both languages and, for tables, at three
//! widths and in a pipe. `GOLDEN=write` writes the files anew; read the difference before it is committed.

use std::{collections::BTreeMap, fs, path::PathBuf};

use prost::{Message, Name};
use serde_json::Value;

use super::{
    agency, agreement, answers, assignment, audit,
    batch::{self, Answer, Telling},
    ca,
    cert::{inventory, order},
    change, disclosure, doctor, facility, names, programme, roster, schedule, story,
    table::{self, Heading, Page},
    trainer, view,
    when::{self, Reader},
    words,
};
use crate::{
    domain::reason::Language,
    format::json::{requests_from_json, to_json},
    proto::v1,
};

pub const LANGUAGES: [(Language, &str); 2] = [(Language::English, "en"), (Language::Indonesian, "id")];

pub const WIDTHS: [Option<u16>; 4] = [Some(80), Some(100), Some(120), None];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cli")
}

/// Compares a text with its golden file, or writes that with `GOLDEN=write`.
pub fn check(name: &str, text: &str) {
    let path = folder().join(name);
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "{name}: run with GOLDEN=write, and read the difference");
}

/// The made-up answers of one kind.
pub fn samples<M: Message + Default + Name>(kind: &str) -> Vec<M> {
    let text = fs::read_to_string(folder().join("samples.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    requests_from_json(&all[kind].to_string()).unwrap_or_else(|errors| panic!("{kind}: {errors:?}")).all
}

pub fn reader(language: Language) -> Reader {
    Reader { language, now: "2026-11-27T02:00:00Z".parse().unwrap() }
}

/// The zone of the reader's agency.
pub const ZONE: &str = "Asia/Jakarta";

type Rows = Vec<Vec<String>>;

fn check_table(name: &str, headings: &[Heading], rows: impl Fn(Language) -> Rows) {
    for (language, code) in LANGUAGES {
        let mut text = String::new();
        for width in WIDTHS {
            let page = Page { width, bold: false };
            let title = width.map_or("pipe".to_owned(), |width| width.to_string());
            let table = table::table(page, language, headings, &rows(language));
            for line in table.lines().filter(|_| width.is_some()) {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= usize::from(width.unwrap_or_default()), "{name}, {title}: {line}");
            }
            text.push_str(&format!("== {title}\n{table}\n"));
        }
        check(&format!("{name}.{code}.txt"), &text);
    }
}

/// A table of which every row is one sample.
fn check_list<M: Message + Default + Name>(
    name: &str,
    kind: &str,
    headings: &[Heading],
    row: impl Fn(&M, Language) -> Vec<String>,
) {
    check_table(name, headings, |language| samples(kind).iter().map(|one| row(one, language)).collect());
}

#[test]
fn lists_of_training_fit_their_page() {
    check_list("agreement-list", "agreements", agreement::HEADINGS, |one, _| agreement::row(one));
    check_list("programme-list", "programmes", programme::HEADINGS, |one, _| programme::row(one));
    check_list("trainer-list", "trainers", trainer::HEADINGS, |one, _| trainer::row(one));
    check_list("trainer-claims", "claims", trainer::CLAIM_HEADINGS, |one, _| trainer::claim_row(one));
    check_list("schedule-list", "sessions", schedule::SESSION_HEADINGS, |one, language| {
        schedule::session_row(one, reader(language))
    });
    check_list("facility-list", "facilities", facility::HEADINGS, |one, _| facility::row(one));
    check_list("assignment-list", "assignments", assignment::HEADINGS, |one, language| {
        assignment::row(one, reader(language))
    });
    check_list("assignment-today", "assignments", assignment::door::HEADINGS, |one, language| {
        assignment::door::row(one, &agencies(), reader(language))
    });
}

#[test]
fn rosters_fit_their_page() {
    check_list("roster-list", "enrolments", roster::HEADINGS, |one, _| roster::row(one));
    check_list("audit-list", "entries", audit::list::HEADINGS, |one, language| {
        audit::list::row(one, ZONE, language)
    });
    check_list("audit-refused", "refused_calls", audit::refused::HEADINGS, |one, language| {
        audit::refused::row(one, ZONE, language)
    });
    check_list("audit-cosignatures", "cosignatures", audit::witness::HEADINGS, |one, language| {
        audit::witness::row(one, ZONE, language)
    });
    check_list("changes-answers", "answer_times", change::ANSWER_HEADINGS, |one, language| {
        change::answer_row(one, ZONE, language)
    });
    check_table("schedule-readers", schedule::readers::HEADINGS, |language| {
        schedule::readers::rows(&samples("acknowledgements"), ZONE, language)
    });
    check_list("disclosure-report", "disclosures", disclosure::HEADINGS, |one, language| {
        disclosure::row(one, ZONE, language)
    });
    check_list("disclosure-breach", "disclosures", disclosure::breach::HEADINGS, |one, language| {
        disclosure::breach::row(one, ZONE, language)
    });
    check_list("disclosure-reachable", "reachable", disclosure::breach::REACHABLE, |one, _| {
        disclosure::breach::reachable_row(one)
    });
    check_list("roster-counts", "counts", roster::COUNT_HEADINGS, |one, _| roster::count_row(one));
    let partners = |mut one: v1::Enrolment| {
        one.prison_record = None;
        roster::row(&one)
    };
    check_table("roster-list-partner", roster::HEADINGS, |_| {
        samples("enrolments").into_iter().map(partners).collect()
    });
}

#[test]
fn lists_of_administration_fit_their_page() {
    check_list("agency-list", "agencies", agency::HEADINGS, |one, _| agency::row(one, "2026-11-27"));
    check_list("cert-list", "certificates", inventory::HEADINGS, |one, language| {
        inventory::row(one, ZONE, language)
    });
    check_list("cert-requests", "orders", order::HEADINGS, |one, language| order::row(one, ZONE, language));
    check_list("ca-status", "authorities", ca::HEADINGS, |one, language| {
        ca::row(one, |at| when::moment(at, ZONE, language))
    });
    check_table("doctor", doctor::HEADINGS, |language| {
        let findings = [
            doctor::Finding {
                check: "database",
                level: doctor::Level::Ok,
                text: words::doctor_database(language),
            },
            doctor::Finding {
                check: "inventory",
                level: doctor::Level::Failed,
                text: words::doctor_inventory_unknown(language),
            },
        ];
        findings.iter().map(|finding| doctor::row(language, finding)).collect()
    });
}

/// The agencies' names, as a door's list shows them.
pub fn agencies() -> BTreeMap<String, String> {
    let named = |one: v1::Agency| (one.name.clone(), names::held(&one, "2026-11-27").to_owned());
    samples("agencies").into_iter().map(named).collect()
}

fn check_batch<A: Answer + Default>(name: &str, kind: &str, known: &[&str]) {
    let answer: A = samples(kind).remove(0);
    let known: Rows =
        answer.items().iter().map(|_| known.iter().map(ToString::to_string).collect()).collect();
    for (dry_run, name) in [(false, name.to_owned()), (true, format!("{name}-planned"))] {
        let rows = |language| {
            let telling = Telling { language, dry_run, of_file: dry_run };
            answer.items().iter().map(|item| batch::row::<A>(item, &known, telling)).collect()
        };
        check_table(&name, &batch::headings::<A>(dry_run), rows);
    }
    for (language, code) in LANGUAGES {
        let [done, dry] = [false, true].map(|dry_run| batch::summary(&answer, dry_run, language));
        check(&format!("{name}-summary.{code}.txt"), &format!("{done}\n{dry}\n"));
    }
}

#[test]
fn results_fit_their_page() {
    check_list(
        "change",
        "changes",
        &answers::change_headings(false),
        |one: &v1::TerminateAgreementResponse, language| answers::change_row(&to_json(one), false, language),
    );
    check_list(
        "change-planned",
        "changes",
        &answers::change_headings(true),
        |one: &v1::TerminateAgreementResponse, language| answers::change_row(&to_json(one), true, language),
    );
    let (when, programme) = ("Mon 07 Dec 08:00–11:30 WIB", "Pengelasan Busur Manual (SMAW)");
    let pushed =
        [when, "blk-kepri/las-2026", "Persiapan tempat kerja dan K3 pengelasan", "lapas-tpi/bengkel-las"];
    check_batch::<v1::PushScheduleResponse>("schedule-push", "pushes", &pushed);
    let cleared = [when, "Rina Maharani, S.P., M.Si.", programme];
    check_batch::<v1::ClearAssignmentsResponse>("assignment-clear", "clearances", &cleared);
    let nominated = ["Raden Mas Contoh Panjangwinata", "CONTOH-0117/2026"];
    check_batch::<v1::NominateTraineesResponse>("roster-nominate", "nominations", &nominated);
}

/// Tables that the story alone shows.
#[test]
fn tables_of_the_story_fit_their_page() {
    let cells = |rows: &[&[&str]]| -> Rows {
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let (blk, dkpp) = ("Balai Latihan Kerja Provinsi Kepulauan Riau", "Dinas Ketahanan Pangan dan Pertanian");
    let table = |name: &str, headings: &[Heading], rows: &[&[&str]]| {
        check_table(&format!("story-{name}"), headings, |_| cells(rows));
    };
    table(
        "agencies",
        story::AGENCIES,
        &[
            &["blk-kepri", blk, "blk-kepri/jadwal", "ROLE_PARTNER"],
            &["lapas-tpi", "Lapas Kelas IIA Tanjungpinang", "lapas-tpi/sdp", "ROLE_PRISON"],
        ],
    );
    let title = "Perjanjian Kerja Sama Penyelenggaraan Pelatihan Las bagi Warga Binaan";
    table(
        "agreements",
        story::AGREEMENTS,
        &[&["blk-kepri/pks-las-2026", title, "blk-kepri, lapas-tpi", "2027-11-26", "AGREEMENT_STATE_ACTIVE"]],
    );
    table(
        "rooms",
        story::ROOMS,
        &[&["lapas-tpi/bengkel-las", "Bengkel Las", "FACILITY_KIND_WORKSHOP", "16"]],
    );
    table(
        "programmes",
        story::PROGRAMMES,
        &[&[
            "blk-kepri/las-2026",
            "Pelatihan Las SMAW 3G bagi Warga Binaan",
            "78:00",
            "PROGRAMME_STATE_OPEN",
        ]],
    );
    table(
        "trainers",
        story::TRAINERS,
        &[&["blk-kepri/instruktur-01", "Muhammad Fadillah Nasution", "Teknik Pengelasan Pipa"]],
    );
    let (first, last) = ("Mon 07 Dec 08:00–11:30 WIB", "Fri 08 Jan 2027 08:00–11:30 WIB");
    table("pushes", story::PUSHES, &[&["blk-kepri/las-2026", first, last, "14", "BATCH_OUTCOME_STORED"]]);
    check_table("story-pulled", story::PULLED, |language| {
        let found = samples::<v1::TrainerAssignment>("assignments");
        found.iter().map(|one| assignment::row(one, reader(language))).collect()
    });
    table("cleared", story::CLEARED, &[&[dkpp, "12", "11", "1"]]);
    table(
        "both",
        story::BOTH,
        &[
            &[
                "1",
                "Contoh Satu bin Contoh",
                "CONTOH-0101/2026",
                "ENROLMENT_STATE_CONFIRMED",
                "Contoh Satu bin Contoh",
                "EDUCATION_LEVEL_LOWER_SECONDARY",
                "",
            ],
            &[
                "3",
                "Contoh Tiga Panjangwinata",
                "CONTOH-0103/2026",
                "ENROLMENT_STATE_CONFIRMED",
                "",
                "",
                "tidak ditampilkan oleh lapas",
            ],
        ],
    );
}

fn check_view<M: Message + Default + Name>(name: &str, kind: &str) {
    let shown: M = samples(kind).remove(0);
    for (language, code) in LANGUAGES {
        let zone = view::zone(&shown).unwrap_or(ZONE.to_owned());
        let page = |width| table::pairs(Page { width, bold: false }, &view::lines(&shown, &zone, language));
        let text = format!("== 80\n{}\n== pipe\n{}", page(Some(80)), page(None));
        check(&format!("{name}.{code}.txt"), &text);
    }
}

#[test]
fn views_wrap_beside_their_labels() {
    check_view::<v1::Agency>("agency-show", "agencies");
    check_view::<v1::Agreement>("agreement-show", "agreements");
    check_view::<v1::Programme>("programme-show", "programmes");
    check_view::<v1::Trainer>("trainer-show", "trainers");
    check_view::<v1::Session>("schedule-show", "sessions");
    check_view::<v1::TrainerAssignment>("assignment-show", "assignments");
    check_view::<v1::Facility>("facility-show", "facilities");
    check_view::<v1::Enrolment>("roster-show", "enrolments");
    check_view::<v1::Certificate>("cert-show", "certificates");
    check_view::<v1::CertificateOrder>("order-show", "orders");
    check_view::<v1::WhoAmIResponse>("whoami", "whoami");
}
