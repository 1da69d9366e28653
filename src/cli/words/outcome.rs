//! What became of a batch, in a sentence: what was done to how many, or why nothing was and what to do then. And the places
//! of a request that nobody wrote as a file, in words.

use std::fmt::Display;

use super::label;
use crate::{
    domain::reason::Language,
    proto::v1::{BatchOutcome, ItemOutcome},
};

/// What a batch does to its items.
pub struct Deed {
    /// One, several, and both in Indonesian.
    item: [&'static str; 3],
    /// What happened to a new one, in English and Indonesian.
    created: [&'static str; 2],
    /// What happened to one that was there.
    updated: [&'static str; 2],
    /// It can be done to those for which it can be done, by `--best-effort`.
    in_part: bool,
}

const SESSIONS: [&str; 3] = ["session", "sessions", "sesi"];
const ASSIGNMENTS: [&str; 3] = ["assignment", "assignments", "penugasan"];
const TRAINEES: [&str; 3] = ["trainee", "trainees", "peserta"];

const fn deed(item: [&'static str; 3], done: [&'static str; 2]) -> Deed {
    Deed { item, created: done, updated: done, in_part: true }
}

pub const PUSHED: Deed =
    Deed { updated: ["changed", "diperbarui"], ..deed(SESSIONS, ["added", "ditambahkan"]) };
pub const CANCELLED: Deed = Deed { in_part: false, ..deed(SESSIONS, ["cancelled", "dibatalkan"]) };
pub const CONFIRMED: Deed = deed(SESSIONS, ["confirmed", "dikonfirmasi"]);
pub const DECLINED: Deed = deed(SESSIONS, ["declined", "ditolak"]);
pub const ACCEPTED: Deed = deed(ASSIGNMENTS, ["accepted", "disetujui"]);
pub const TURNED_DOWN: Deed = deed(ASSIGNMENTS, ["declined", "ditolak"]);
pub const CLEARED: Deed = deed(ASSIGNMENTS, ["cleared to enter", "diberi izin masuk"]);
pub const REFUSED: Deed = deed(ASSIGNMENTS, ["refused entry", "ditolak izin masuknya"]);
pub const WITHDRAWN: Deed = deed(ASSIGNMENTS, ["withdrawn", "ditarik kembali"]);
pub const ALLOWED: Deed = deed(ASSIGNMENTS, ["opened for a new proposal", "dibuka untuk diusulkan kembali"]);
pub const NOMINATED: Deed =
    Deed { updated: ["changed", "diperbarui"], ..deed(TRAINEES, ["nominated", "diusulkan"]) };
pub const TAKEN_OFF: Deed = deed(TRAINEES, ["taken off the roster", "dikeluarkan dari daftar"]);
pub const PROMOTED: Deed = deed(TRAINEES, ["given a place", "diberi tempat"]);

/// `7 assignments cleared to enter, 1 unchanged.`; of a dry run, what would be. Of a batch that was refused as a whole, how
/// to go on.
pub fn summary(
    language: Language,
    deed: &Deed,
    outcome: BatchOutcome,
    items: &[ItemOutcome],
    dry_run: bool,
) -> String {
    let count = |of: ItemOutcome| items.iter().filter(|item| **item == of).count();
    match outcome {
        BatchOutcome::Unspecified | BatchOutcome::Rejected => {
            refused(language, deed, count(ItemOutcome::Rejected), items.len(), dry_run)
        }
        BatchOutcome::Unchanged => {
            let noun = noun(language, deed, items.len());
            nothing_to_change(language, items.len(), noun)
        }
        BatchOutcome::Stored | BatchOutcome::Partial => done(language, deed, count, dry_run),
    }
}

/// What was done to how many; the noun stands with the first number.
fn done(language: Language, deed: &Deed, count: impl Fn(ItemOutcome) -> usize, dry_run: bool) -> String {
    let at = usize::from(language == Language::Indonesian);
    let would = ["would be ", "akan "][at];
    let would = if dry_run { would } else { "" };
    let parts = [
        (ItemOutcome::Created, would, deed.created[at]),
        (ItemOutcome::Updated, would, deed.updated[at]),
        (ItemOutcome::Unchanged, "", ["unchanged", "tidak berubah"][at]),
        (ItemOutcome::Rejected, would, ["refused", "gagal"][at]),
    ];
    let mut said: Vec<String> = Vec::new();
    for (outcome, would, done) in parts {
        let number = count(outcome);
        if number == 0 {
            continue;
        }
        let noun = if said.is_empty() { format!(" {}", noun(language, deed, number)) } else { String::new() };
        said.push(format!("{number}{noun} {would}{done}"));
    }
    let why = if count(ItemOutcome::Rejected) > 0 {
        ["; above stands why", "; sebabnya disebutkan di atas"][at]
    } else {
        ""
    };
    format!("{}{why}.", said.join(", "))
}

fn noun(language: Language, deed: &Deed, count: usize) -> &'static str {
    match (language, count) {
        (Language::Indonesian, _) => deed.item[2],
        (Language::English, 1) => deed.item[0],
        (Language::English, _) => deed.item[1],
    }
}

/// That nothing was stored, and how to go on.
fn refused(language: Language, deed: &Deed, refused: usize, all: usize, dry_run: bool) -> String {
    let others = all.saturating_sub(refused);
    let text = match (others, dry_run) {
        (0, false) => none_stored(language),
        (0, true) => none_would_be_stored(language),
        (_, false) => none_stored_for_some(language, refused, all, noun(language, deed, all)),
        (_, true) => none_would_be_stored_for_some(language, refused, all, noun(language, deed, all)),
    };
    let next = match (others > 0 && deed.in_part, dry_run) {
        (true, _) => correct_or_in_part(language, others),
        (false, true) => correct(language),
        (false, false) => correct_and_repeat(language),
    };
    format!("{text} {next}")
}

words! {
    nothing_to_change(count, items)
        "Nothing to change in {count} {items}."
        "Tidak ada perubahan: {count} {items} sudah sesuai.";
    none_stored()
        "Nothing was stored; above stands why."
        "Tidak ada yang disimpan; sebabnya disebutkan di atas.";
    none_would_be_stored()
        "Nothing would be stored; above stands why."
        "Tidak akan ada yang disimpan; sebabnya disebutkan di atas.";
    none_stored_for_some(refused, all, items)
        "Nothing was stored, for {refused} of {all} {items} cannot be; above stands why."
        "Tidak ada yang disimpan karena {refused} dari {all} {items} gagal; sebabnya disebutkan di atas.";
    none_would_be_stored_for_some(refused, all, items)
        "Nothing would be stored, for {refused} of {all} {items} cannot be; above stands why."
        "Tidak akan ada yang disimpan karena {refused} dari {all} {items} akan gagal; sebabnya disebutkan di atas.";
    correct()
        "Correct what is named."
        "Perbaiki hal yang disebutkan.";
    correct_and_repeat()
        "Correct what is named, then repeat the command."
        "Perbaiki hal yang disebutkan, lalu ulangi perintahnya.";
    correct_or_in_part(others)
        "Correct what is named, or add --best-effort to store the other {others}."
        "Perbaiki hal yang disebutkan, atau tambahkan --best-effort agar {others} lainnya tetap disimpan.";
}

/// The heading of what became of an item, or would.
pub const fn became(dry_run: bool) -> (&'static str, &'static str) {
    if dry_run { ("PLAN", "RENCANA") } else { ("OUTCOME", "HASIL") }
}

/// What would become of one item, by the name of its outcome: the cell of a dry run.
pub fn plan(language: Language, outcome: &str) -> String {
    let plan = match ItemOutcome::from_str_name(outcome).unwrap_or_default() {
        ItemOutcome::Unspecified => ["", ""],
        ItemOutcome::Created => ["would be created", "akan dibuat"],
        ItemOutcome::Updated => ["would be updated", "akan diperbarui"],
        ItemOutcome::Unchanged => ["stays as it is", "tidak berubah"],
        ItemOutcome::Rejected => ["would be refused", "akan gagal"],
        ItemOutcome::NotStored => ["would not be stored", "tidak akan disimpan"],
    };
    plan[usize::from(language == Language::Indonesian)].to_owned()
}

/// The place of a value in a request that the command line made itself: `item 1, note` for `sessions[0].note`.
pub fn place(language: Language, path: &str) -> String {
    let number = path.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let item = number.and_then(|(index, _)| index.parse::<usize>().ok()).map(|index| index + 1);
    let field = path.rsplit('.').next().filter(|field| !field.ends_with(']'));
    let field = field.map(|field| match language {
        Language::English => field.replace('_', " "),
        Language::Indonesian => label(field).to_owned(),
    });
    let item = item.map(|number| match language {
        Language::English => format!("item {number}"),
        Language::Indonesian => format!("butir {number}"),
    });
    item.into_iter().chain(field).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ItemOutcome::{Created, NotStored, Rejected, Unchanged, Updated};

    const EN: Language = Language::English;
    const ID: Language = Language::Indonesian;

    #[test]
    fn a_batch_is_told_by_what_was_done() {
        for (deed, outcome, items, dry_run, english, indonesian) in [
            (
                &CLEARED,
                BatchOutcome::Stored,
                &[Updated; 7][..],
                false,
                "7 assignments cleared to enter.",
                "7 penugasan diberi izin masuk.",
            ),
            (
                &CLEARED,
                BatchOutcome::Stored,
                &[Updated],
                true,
                "1 assignment would be cleared to enter.",
                "1 penugasan akan diberi izin masuk.",
            ),
            (
                &PUSHED,
                BatchOutcome::Partial,
                &[Unchanged, Created, Rejected, Updated],
                false,
                "1 session added, 1 changed, 1 unchanged, 1 refused; above stands why.",
                "1 sesi ditambahkan, 1 diperbarui, 1 tidak berubah, 1 gagal; sebabnya disebutkan di atas.",
            ),
            (
                &PUSHED,
                BatchOutcome::Unchanged,
                &[Unchanged, Unchanged],
                true,
                "Nothing to change in 2 sessions.",
                "Tidak ada perubahan: 2 sesi sudah sesuai.",
            ),
            (
                &PROMOTED,
                BatchOutcome::Rejected,
                &[Rejected],
                false,
                "Nothing was stored; above stands why. Correct what is named, then repeat the command.",
                "Tidak ada yang disimpan; sebabnya disebutkan di atas. Perbaiki hal yang disebutkan, lalu ulangi \
                 perintahnya.",
            ),
            (
                &PUSHED,
                BatchOutcome::Rejected,
                &[Rejected, NotStored, NotStored],
                true,
                "Nothing would be stored, for 1 of 3 sessions cannot be; above stands why. Correct what is named, or add \
                 --best-effort to store the other 2.",
                "Tidak akan ada yang disimpan karena 1 dari 3 sesi akan gagal; sebabnya disebutkan di atas. Perbaiki hal \
                 yang disebutkan, atau tambahkan --best-effort agar 2 lainnya tetap disimpan.",
            ),
            (
                &CANCELLED,
                BatchOutcome::Rejected,
                &[Rejected, NotStored],
                false,
                "Nothing was stored, for 1 of 2 sessions cannot be; above stands why. Correct what is named, then repeat the \
                 command.",
                "Tidak ada yang disimpan karena 1 dari 2 sesi gagal; sebabnya disebutkan di atas. Perbaiki hal yang \
                 disebutkan, lalu ulangi perintahnya.",
            ),
        ] {
            assert_eq!(summary(EN, deed, outcome, items, dry_run), english);
            assert_eq!(summary(ID, deed, outcome, items, dry_run), indonesian);
        }
    }

    #[test]
    fn a_place_is_told_in_words() {
        for (path, english, indonesian) in [
            ("sessions[0].note", "item 1, note", "butir 1, catatan"),
            ("sessions[2]", "item 3", "butir 3"),
            ("register_number", "register number", "nomor register"),
            ("", "", ""),
        ] {
            assert_eq!(place(EN, path), english);
            assert_eq!(place(ID, path), indonesian);
        }
    }
}
