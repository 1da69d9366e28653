//! `gerbang contract`: the contract for stock tools, and the errors page. Needs no gateway.

mod plain;

use std::{
    borrow::Cow,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{
    failure::{Exit, Failure},
    screen, words,
};
use crate::{
    domain::{
        Reason,
        reason::{Kind, Language},
    },
    proto,
};

/// Export the contract and the list of error reasons
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write the .proto files, with all that protoc does not bring itself, to a folder
    #[command(after_help = "Examples:\n\
        \x20 gerbang contract export contract\n\
        \x20 protoc -I contract --python_out=. contract/gerbang/v1/*.proto\n\
        \x20 gerbang contract export --plain contract")]
    Export {
        /// Leave out the rules for values (buf.validate) and Gerbang's own options, which some tools cannot read
        #[arg(long)]
        plain: bool,
        /// The folder; made where it is missing
        folder: PathBuf,
    },
    /// Print the errors page in Markdown
    #[command(after_help = "Examples:\n  gerbang contract reasons > docs/errors.md")]
    Reasons,
}

/// Does what the verb says.
pub fn run(verb: Verb, language: Language) -> Result<Exit, Failure> {
    match verb {
        Verb::Export { plain, folder } => {
            let count = export(&folder, plain).map_err(|error| Failure::io(language, &folder, &error))?;
            screen::note(&words::exported(language, count, folder.display()));
        }
        Verb::Reasons => screen::print(&errors_page())?,
    }
    Ok(Exit::Ok)
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

/// The errors page: every reason with its kind and both texts.
pub fn errors_page() -> String {
    let mut page = String::from(
        "# Error reasons\n\n\
        Written by `gerbang contract reasons` from the table in the code; do not edit.\n\n\
        Program against the reason: it never changes, the texts may. It comes as `reason` in \
        `google.rpc.ErrorInfo` (domain `gerbang`), in the field violations of `BadRequest`, and in the results of \
        a batch. `{…}` stands for a fact of the case. They stand here by the gRPC code with which they refuse a call; \
        in a batch, an item's reason comes with OK. Warnings come beside an answer: the call went through.\n",
    );
    for kind in Kind::ALL {
        // Writing to a String cannot fail.
        let _ = match kind {
            Kind::Warning => write!(page, "\n## Warnings\n"),
            kind => write!(page, "\n## gRPC code {kind}\n"),
        };
        for reason in Reason::ALL.iter().filter(|reason| reason.kind() == *kind) {
            let [english, indonesian] = [Language::English, Language::Indonesian].map(|language| {
                let (what, next) = reason.template(language);
                format!("{what} *{next}*")
            });
            let _ = write!(page, "\n### {}\n\n- en: {english}\n- id: {indonesian}\n", reason.code());
        }
    }
    page
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
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_errors_page_lists_every_reason() {
        let page = errors_page();
        assert_eq!(page.matches("\n### ").count(), Reason::ALL.len());
        assert!(page.contains("\n### ETAG_MISMATCH\n"));
    }
}
