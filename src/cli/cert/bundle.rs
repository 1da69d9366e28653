//! `gerbang cert bundle`: the authorities' certificates and revocation lists, for programs that check themselves.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;

use super::root;
use crate::{
    agent::Trouble,
    cli::{
        connection::Connection,
        failure::{Exit, Failure},
        screen, words,
    },
    files::{make_folder, write_file},
    proto::v1,
};

/// Options of `bundle`.
#[derive(Debug, Args)]
pub struct Bundle {
    /// The folder to write bundle.pem and NAME.crl.pem into
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub async fn run(conn: &Connection<'_>, options: &Bundle) -> Result<Exit, Failure> {
    let (language, folder) = (conn.context.language, &options.folder);
    let call = async || conn.client.certificate().get_trust_bundle(v1::GetTrustBundleRequest {}).await;
    let authorities = conn.ask(call).await?.authorities;
    if authorities.first().is_none_or(|first| first.sha256 != root(conn).map(hex::encode).unwrap_or_default())
    {
        screen::note(&words::root_differs(language));
    }
    make_folder(folder, 0o755).map_err(Trouble::file(folder))?;
    let bundle: String =
        authorities.iter().map(|one| format!("{}\n", one.certificate_pem.trim_end())).collect();
    let mut files = vec![("bundle.pem".to_owned(), bundle)];
    let mut taken = BTreeSet::new();
    for one in authorities.into_iter().filter(|one| !one.crl_pem.is_empty()) {
        let mut name = file_name(&one.display_name);
        if !taken.insert(name.clone()) {
            name = format!("{name}-{}", one.sha256.get(..8).unwrap_or_default());
        }
        files.push((format!("{name}.crl.pem"), one.crl_pem));
    }
    let count = files.len();
    for (name, text) in files {
        let path = folder.join(name);
        write_file(&path, 0o644, text.as_bytes()).map_err(Trouble::file(&path))?;
    }
    screen::note(&words::exported(language, count, folder.display()));
    Ok(Exit::Ok)
}

/// Lower-case letters, digits and hyphens of an authority's name: it comes from outside, and becomes a path.
pub(super) fn file_name(display_name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let spelled: String = display_name.chars().map(plain).collect();
    let words: Vec<_> = spelled.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "authority".to_owned() } else { words.join("-") }
}
