//! The Indonesian texts of help pages, by the English ones. A test holds the tables against the command line: no text
//! lacks its translation, and no translation is of a text that is nowhere.
//!
//! The language is that of an office: terms as in docs/glossary.md, verbs in the imperative.

mod administration;
mod changes;
mod common;
mod operation;
mod training;
mod witness;

use std::{collections::HashMap, sync::LazyLock};

type Texts = &'static [(&'static str, &'static str)];

const TABLES: [Texts; 6] =
    [common::TEXTS, administration::TEXTS, operation::TEXTS, training::TEXTS, changes::TEXTS, witness::TEXTS];

static TEXTS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| TABLES.iter().flat_map(|table| table.iter().copied()).collect());

/// The Indonesian text for an English one; the English one where the tables have none.
pub fn indonesian(english: &str) -> &str {
    TEXTS.get(english).copied().unwrap_or(english)
}

/// The Indonesian name of an option's value, as it stands in angle brackets.
pub fn value_name(english: &str) -> &str {
    let found = common::VALUE_NAMES.iter().find(|(name, _)| *name == english);
    found.map_or(english, |(_, indonesian)| indonesian)
}

/// Why a value cannot be taken, in Indonesian where the reason is known.
pub fn fault(english: &str) -> String {
    if let Some((_, range)) = english.split_once(" is not in ") {
        let (least, most) = range.split_once("..=").unwrap_or((range, ""));
        return match most.parse() {
            Ok(u32::MAX) | Err(_) => format!("tulislah angka {least} atau lebih"),
            Ok(_) => format!("tulislah angka {least} sampai {most}"),
        };
    }
    let found = common::FAULTS.iter().find(|(text, _)| english.starts_with(text));
    found.map_or(english, |(_, indonesian)| indonesian).to_owned()
}

/// Every English text that has a translation, as often as it stands there.
#[cfg(test)]
pub fn all() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.iter().map(|(english, _)| *english))
}

/// Every name of a value that has a translation.
#[cfg(test)]
pub fn value_names() -> impl Iterator<Item = &'static str> {
    common::VALUE_NAMES.iter().map(|(english, _)| *english)
}
