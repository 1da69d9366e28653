//! How tables read at every width.

use super::*;

const ENDLESS: Page = Page { width: None, bold: false };

fn cells(row: &[&str]) -> Vec<String> {
    row.iter().map(|cell| (*cell).to_owned()).collect()
}

#[test]
fn tables_leave_out_empty_columns_and_speak_the_readers_language() {
    let rows = [cells(&["a", "", "AGREEMENT_STATE_ACTIVE", "EDUCATION_LEVEL_UNSPECIFIED"])];
    let headings = [("NAME", "NAMA"), ("NOTE", "CATATAN"), ("STATE", "STATUS"), ("KIND", "JENIS")];
    assert_eq!(table(ENDLESS, Language::Indonesian, &headings, &rows), "NAMA  STATUS\na     BERLAKU\n");
    assert_eq!(table(ENDLESS, Language::English, &headings, &rows), "NAME  STATE\na     ACTIVE\n");
}

const HEADINGS: &[Heading] =
    &[("WHEN", "WAKTU"), ("TOPIC", "MATERI"), ("ROLE", "PERAN"), ("SESSION", "SESI")];

fn at(width: u16) -> String {
    let when = "Mon 07 Dec 08:00–11:30 WIB";
    let row =
        cells(&[when, "Safety in the workshop, and first aid", "TRAINER_ROLE_LEAD", "blk-kepri/las-2026"]);
    table(Page { width: Some(width), bold: false }, Language::English, HEADINGS, &[row])
}

#[test]
fn texts_wrap_then_columns_go_then_rows_become_blocks() {
    assert_eq!(
        at(91),
        "WHEN                        TOPIC                                  ROLE  SESSION\n\
         Mon 07 Dec 08:00–11:30 WIB  Safety in the workshop, and first aid  LEAD  blk-kepri/las-2026\n"
    );
    assert_eq!(
        at(70),
        "WHEN                        TOPIC             ROLE  SESSION\n\
         Mon 07 Dec 08:00–11:30 WIB  Safety in the     LEAD  blk-kepri/las-2026\n\
         \x20                           workshop, and\n\
         \x20                           first aid\n"
    );
    assert_eq!(
        at(69),
        "WHEN                        TOPIC                  SESSION\n\
         Mon 07 Dec 08:00–11:30 WIB  Safety in the          blk-kepri/las-2026\n\
         \x20                           workshop, and first\n\
         \x20                           aid\n\
         Too wide for this window: ROLE. Widen it.\n"
    );
    assert_eq!(
        at(63),
        "WHEN                        ROLE  SESSION\n\
         Mon 07 Dec 08:00–11:30 WIB  LEAD  blk-kepri/las-2026\n\
         Too wide for this window: TOPIC. Widen it.\n"
    );
    assert_eq!(
        at(45),
        "WHEN     Mon 07 Dec 08:00–11:30 WIB\n\
         TOPIC    Safety in the workshop, and first\n\
         \x20        aid\n\
         ROLE     LEAD\n\
         SESSION  blk-kepri/las-2026\n"
    );
}

#[test]
fn identifiers_that_nobody_types_go_first_and_reasons_stand_below() {
    let headings = [("#", "#"), ("TRAINER", "PELATIH"), ("WHY", "SEBAB"), ("ASSIGNMENT", "PENUGASAN")];
    let rows = [
        cells(&["1", "Rina Maharani", "", "0192d4c0-7a1e-7000-8000-000000000001"]),
        cells(&["2", "Muhammad Fadillah Nasution", "Taken.\nAsk.", "0192d4c0-7a1e-7000-8000-000000000002"]),
    ];
    let at = |width| table(Page { width, bold: false }, Language::English, &headings, &rows);
    assert_eq!(
        at(Some(40)),
        "#  TRAINER\n\
         1  Rina Maharani\n\
         2  Muhammad Fadillah Nasution\n\
         Too wide for this window: ASSIGNMENT.\n\
         Widen it.\n\
         2  Taken.\n\
         \x20  Ask.\n"
    );
    assert!(at(Some(80)).contains("ASSIGNMENT\n1  Rina Maharani "), "{}", at(Some(80)));
    let pipe = at(None);
    assert!(pipe.starts_with("#  TRAINER                     WHY     ASSIGNMENT\n"), "{pipe}");
}

#[test]
fn reasons_break_at_words_and_a_word_that_is_too_long_stays_whole() {
    let long = "agencies/blk-kepri/trainers/instruktur-pengelasan-01";
    let headings = [("#", "#"), ("WHY", "SEBAB")];
    let rows = [cells(&["1", &format!("Trainer {long} is booked.")])];
    for width in 20..100 {
        let page = Page { width: Some(width), bold: false };
        let text = table(page, Language::English, &headings, &rows);
        assert!(text.contains(long) && text.contains("booked."), "{width}:\n{text}");
    }
}

#[test]
fn sentences_break_at_words_below_their_own_beginning() {
    let name = "agencies/blk-kepri/trainers/instruktur-pengelasan-01";
    let text = format!(
        "jadwal.json bukan permintaan yang benar:\n  sessions[0].trainers[0].trainer: Pelatih {name} sudah terjadwal.\n\
         ! Perjanjian ini tidak memiliki lampiran data, sehingga tidak ada program yang dapat dibuka.\n\
         \x20 gerbang join --server gerbang.example:7444 --server-name gerbang.example --name balai-contoh-jadwal\n"
    );
    assert_eq!(
        prose(&text, 60),
        "jadwal.json bukan permintaan yang benar:\n\
         \x20 sessions[0].trainers[0].trainer: Pelatih\n\
         \x20 agencies/blk-kepri/trainers/instruktur-pengelasan-01 sudah\n\
         \x20 terjadwal.\n\
         ! Perjanjian ini tidak memiliki lampiran data, sehingga\n\
         \x20 tidak ada program yang dapat dibuka.\n\
         \x20 gerbang join --server gerbang.example:7444 --server-name gerbang.example --name balai-contoh-jadwal\n"
    );
    for width in [80, 100] {
        let lines = prose(&text, width);
        let mut sentences = lines.lines().filter(|line| !line.contains("gerbang join"));
        assert!(sentences.all(|line| display_width(line) <= width), "{lines}");
        assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
    }
    assert_eq!(prose(&text, 200), text);
}

#[test]
fn a_note_that_finds_no_room_stands_below_and_the_sessions_identifier_stays() {
    let headings = [("WHEN", "WAKTU"), ("SESSION", "SESI"), ("STATE", "STATUS"), ("NOTE", "CATATAN")];
    let row = |note| cells(&["Mon 07 Dec 08:00–11:30 WIB", "blk-kepri/las-2026-04", "DECLINED", note]);
    let at = |note| table(Page { width: Some(66), bold: false }, Language::English, &headings, &[row(note)]);
    assert_eq!(
        at("The room is being repaired"),
        "WHEN                        SESSION                STATE\n\
         Mon 07 Dec 08:00–11:30 WIB  blk-kepri/las-2026-04  DECLINED\n\
         Mon 07 Dec 08:00–11:30 WIB  The room is being repaired\n"
    );
    assert!(at("").contains("blk-kepri/las-2026-04"), "{}", at(""));
}

#[test]
fn nothing_is_wider_than_its_page_and_neither_times_nor_identifiers_break() {
    for width in 40..140 {
        let text = at(width);
        let widest = text.lines().map(display_width).max().unwrap_or_default();
        assert!(widest <= usize::from(width), "{width}:\n{text}");
        for whole in ["Mon 07 Dec 08:00–11:30 WIB", "blk-kepri/las-2026"] {
            assert!(text.contains(whole), "{width}:\n{text}");
        }
    }
}

#[test]
fn a_bold_table_that_fills_its_page_is_no_wider() {
    let row = cells(&["Mon 07 Dec 08:00–11:30 WIB", "", "TRAINER_ROLE_LEAD", "blk-kepri/las-2026"]);
    let page = Page { width: Some(52), bold: true };
    let text = table(page, Language::English, HEADINGS, &[row]);
    let header = text.lines().next().unwrap_or_default();
    assert!(header.contains("\u{1b}["), "{header:?}");
    let plain: String = header
        .split('\u{1b}')
        .map(|part| {
            part.strip_prefix('[').and_then(|code| code.split_once('m')).map_or(part, |(_, rest)| rest)
        })
        .collect();
    assert!(display_width(&plain) <= 52, "{header:?}");
}
