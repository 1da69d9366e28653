//! What is wrong with a command line, in Indonesian.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{framed, texts};
use crate::cli::words;

/// The fault, what goes in place of what is missing, what else was perhaps meant, the usage, and where to read on.
pub fn wrong(said: &clap::Error, instead: Option<String>) -> String {
    let mut text = format!("kesalahan: {}\n", fault(said));
    if let Some(instead) = instead {
        text.push_str(&format!("\n{instead}\n"));
    }
    for (kind, what) in [
        (ContextKind::SuggestedSubcommand, "perintah"),
        (ContextKind::SuggestedArg, "argumen"),
        (ContextKind::SuggestedValue, "nilai"),
    ] {
        let suggested = said.get(kind).map(quoted).filter(|suggested| !suggested.is_empty());
        if let Some(suggested) = suggested {
            text.push_str(&format!("\n  saran: ada {what} yang mirip: {suggested}\n"));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = said.get(ContextKind::Usage) {
        text.push_str(&format!("\n{}\n", framed(usage.to_string())));
    }
    text.push_str("\nKeterangan lebih lanjut: tambahkan --help.\n");
    text
}

fn fault(said: &clap::Error) -> String {
    let of = |kind| said.get(kind).map(plain).unwrap_or_default();
    let (arg, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    match said.kind() {
        ErrorKind::InvalidValue if value.is_empty() => format!("'{arg}' memerlukan nilai."),
        ErrorKind::InvalidValue => {
            format!("nilai '{value}' tidak dikenal untuk '{arg}'.{}", known(said, ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            let why = said.source().map(|why| texts::fault(&why.to_string())).unwrap_or_default();
            format!("nilai '{value}' tidak dapat diterima untuk '{arg}': {why}.")
        }
        ErrorKind::UnknownArgument => format!("argumen '{arg}' tidak dikenal."),
        ErrorKind::InvalidSubcommand => {
            format!("perintah '{}' tidak dikenal.", of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingSubcommand => {
            let command = of(ContextKind::InvalidSubcommand);
            format!("'{command}' memerlukan perintah lanjutan.{}", known(said, ContextKind::ValidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = said.get(ContextKind::InvalidArg).map(listed).unwrap_or_default();
            format!("argumen berikut wajib diisi:{missing}")
        }
        ErrorKind::ArgumentConflict => conflict(said, &arg),
        ErrorKind::NoEquals => format!("nilai untuk '{arg}' ditulis setelah tanda sama dengan."),
        ErrorKind::TooManyValues => format!("nilai '{value}' berlebih untuk '{arg}'."),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("jumlah nilai untuk '{arg}' tidak sesuai.")
        }
        ErrorKind::InvalidUtf8 => "baris perintah memuat karakter yang bukan UTF-8.".to_owned(),
        _ => said.to_string(),
    }
}

fn conflict(said: &clap::Error, arg: &str) -> String {
    match said.get(ContextKind::PriorArg) {
        Some(ContextValue::String(prior)) if prior == arg => {
            format!("argumen '{arg}' hanya boleh disebut satu kali.")
        }
        Some(ContextValue::String(prior)) => {
            format!("argumen '{arg}' tidak dapat dipakai bersama '{prior}'.")
        }
        Some(others) => format!("argumen '{arg}' tidak dapat dipakai bersama:{}", listed(others)),
        None => format!("argumen '{arg}' tidak dapat dipakai bersama argumen lain yang disebut."),
    }
}

/// The values that there are.
fn known(said: &clap::Error, kind: ContextKind) -> String {
    match said.get(kind) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            let words = words::typed(values).unwrap_or_else(|| values.clone());
            format!("\n  [yang ada: {}]", words.join(", "))
        }
        _ => String::new(),
    }
}

fn plain(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(" "),
        other => other.to_string(),
    }
}

fn quoted(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => format!("'{text}'"),
        ContextValue::Strings(texts) => {
            texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// One on each line.
fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.iter().map(|text| format!("\n  {text}")).collect(),
        other => format!("\n  {other}"),
    }
}
