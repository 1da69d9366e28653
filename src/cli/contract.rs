//! `gerbang contract`: the contract for stock tools, as .proto files or as an OpenAPI document, and the errors page. Needs no
//! gateway.

mod errors_page;
mod plain;

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

use clap::{
    Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{
    failure::{Exit, Failure},
    screen, words,
};
use crate::{domain::reason::Language, format::openapi, proto};

pub use errors_page::errors_page;

/// Export the contract and the list of error reasons
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the .proto files, with all that protoc does not bring itself, to a folder; or an OpenAPI document
    #[command(after_help = "Examples:\n\
        \x20 gerbang contract export contract\n\
        \x20 protoc -I contract --python_out=. contract/gerbang/v1/*.proto\n\
        \x20 gerbang contract export --plain contract\n\
        \x20 gerbang contract export --openapi --lang id openapi.json")]
    Export {
        /// Leave out the rules for values (buf.validate) and Gerbang's own options, which some tools cannot read
        #[arg(long, conflicts_with = "openapi")]
        plain: bool,
        /// Write one OpenAPI document instead, which describes the calls in JSON
        #[arg(long)]
        openapi: bool,
        /// The language of that document's own texts; the contract's comments are in English [default: en]
        #[arg(long, value_name = "LANG", requires = "openapi", value_parser = language())]
        lang: Option<Language>,
        /// The folder, made where it is missing; with --openapi the file, or - for standard output, where it also goes without one
        #[arg(value_name = "FOLDER|FILE", required_unless_present = "openapi")]
        to: Option<PathBuf>,
    },
    /// Print the errors page in Markdown
    #[command(after_help = "Examples:\n  gerbang contract reasons > docs/errors.md")]
    Reasons,
}

/// Does what the verb says.
pub fn run(verb: Verb, language: Language) -> Result<Exit, Failure> {
    match verb {
        Verb::Export { openapi: true, lang, to, .. } => {
            let text = document(lang.unwrap_or(Language::English))?;
            match to.filter(|file| file.as_os_str() != "-") {
                Some(file) => {
                    fs::write(&file, text).map_err(|error| Failure::io(language, &file, &error))?;
                    screen::note(&words::document_written(language, file.display()));
                }
                None => screen::print(&text)?,
            }
        }
        Verb::Export { plain, to, .. } => {
            let folder = to.unwrap_or_default();
            let count = export(&folder, plain).map_err(|error| Failure::io(language, &folder, &error))?;
            screen::note(&words::exported(language, count, folder.display()));
        }
        Verb::Reasons => screen::print(&errors_page())?,
    }
    Ok(Exit::Ok)
}

/// A parser of the codes of languages.
fn language() -> impl TypedValueParser<Value = Language> {
    let codes = Language::ALL.iter().map(|language| language.as_str());
    PossibleValuesParser::new(codes).map(|code| Language::from_text(&code).unwrap_or(Language::English))
}

/// The OpenAPI document as JSON, with the command line's words for fields and values.
fn document(language: Language) -> Result<String, Failure> {
    let words = openapi::Words { language, label, value: words::value };
    let document = openapi::document(proto::commented_descriptor(), words)
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let text = serde_json::to_string_pretty(&document).map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(format!("{text}\n"))
}

/// The label of a field where people read another word than the field's name.
fn label(language: Language, message: &str, field: &str) -> Option<String> {
    let label = words::label_in(message, field);
    (language == Language::Indonesian && label != field).then(|| label.to_owned())
}

/// Writes the contract to a folder, with or without its options, and returns how many files that were.
pub fn export(folder: &Path, without_options: bool) -> std::io::Result<usize> {
    let validate = ("buf/validate/validate.proto", proto::VALIDATE_PROTO);
    let others = proto::RPC_PROTOS.iter().chain((!without_options).then_some(&validate));
    let files: Vec<_> = proto::FILES.iter().chain(others).collect();
    for (path, text) in &files {
        let text = match names_of(path) {
            Some(_) if without_options => Cow::Owned(plain::plain(text, names_of)),
            _ => Cow::Borrowed(*text),
        };
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text.as_bytes())?;
    }
    Ok(files.len())
}

/// The names that a file of the contract declares.
fn names_of(path: &str) -> Option<Vec<&'static str>> {
    let (_, text) = proto::FILES.iter().find(|(known, _)| *known == path)?;
    Some(plain::declared(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_contract_is_exported() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto/gerbang/v1");
        let mut found: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("gerbang/v1/{}", entry.unwrap().file_name().display()))
            .collect();
        found.sort();
        let listed: Vec<_> = proto::FILES.iter().map(|(path, _)| *path).collect();
        assert_eq!(listed, found);
    }

    #[test]
    fn the_export_holds_all_that_it_imports() {
        let folder = std::env::temp_dir().join(format!("gerbang-export-{}", std::process::id()));
        export(&folder, false).unwrap();
        let imports = proto::FILES.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| {
            line.strip_prefix("import \"")?
                .strip_suffix("\";")
                .filter(|path| !path.starts_with("google/protobuf/"))
        });
        for import in imports {
            assert!(folder.join(import).is_file(), "{import}");
        }
        for details in ["google/rpc/status.proto", "google/rpc/error_details.proto"] {
            assert!(folder.join(details).is_file(), "{details}, by which errors are read");
        }
        fs::remove_dir_all(folder).unwrap();
    }
    #[test]
    fn the_document_is_the_same_each_time_and_its_words_are_the_readers() {
        let [english, indonesian] =
            [Language::English, Language::Indonesian].map(|language| document(language).unwrap());
        assert_eq!(document(Language::English).unwrap(), english);
        assert!(!english.contains("zona waktu") && indonesian.contains("\"title\": \"zona waktu\""));
        assert!(indonesian.contains("- `SESSION_STATE_TENTATIVE` (TENTATIF)"));
    }
}
