//! `gerbang join`: this machine's first certificate, and the profile that goes by it.
//!
//! The token is a secret: it is asked for, or read from a file or from standard input, and never an argument, which
//! everybody on the machine could read.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use zeroize::Zeroizing;

use super::{
    Context, ask,
    cert::order::with_profile,
    connection::Connection,
    failure::{Exit, Failure},
    screen, words,
};
use crate::{
    agent::{
        Profile, Trouble,
        join::{self, Joined},
        profile::folder_for_new,
    },
    files::{read_text, text_of, write_file},
    pki::{p12::p12, secret::SecretKind, token::Token},
    proto::v1,
};

/// Options of `join`.
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// Where the gateway lets systems join
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// The name in the gateway's certificate; the host where it is not given
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// The file with the token, - for standard input; without it the token is asked for
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// What the new profile is called
    #[arg(long, value_name = "PROFILE", default_value = "gerbang", value_parser = profile_name)]
    name: String,
    /// Where it goes: $GERBANG_PROFILES, else ~/.config/gerbang/profiles
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Replace a profile of this name even if its certificate may be good; its files are kept aside
    #[arg(long)]
    replace: bool,
    /// An Ed25519 key instead of one on P-256
    #[arg(long)]
    ed25519: bool,
    /// Also write key and certificate in PKCS#12, for Windows and Java
    #[arg(long, value_name = "FILE", requires = "p12_passphrase_file")]
    p12: Option<PathBuf>,
    /// The file whose first line is the passphrase of the PKCS#12 file
    #[arg(long, value_name = "FILE", requires = "p12")]
    p12_passphrase_file: Option<PathBuf>,
}

/// A name that is a file's, and no path.
fn profile_name(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match !text.is_empty() && !text.starts_with('.') && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("write letters, digits, dots, hyphens and underscores"),
    }
}

/// Joins, then asks the exchange who we are.
pub async fn run(context: &Context<'_>, options: JoinArgs) -> Result<Exit, Failure> {
    let language = context.language;
    let passphrase = options.p12_passphrase_file.as_deref().map(first_line).transpose()?;
    let token = token(context, options.token_file.as_deref())?;
    let folder = options.folder.unwrap_or_else(folder_for_new);
    let join = join::JoinClient {
        server: &options.server,
        server_name: options.server_name.as_deref(),
        token: &token,
        folder: &folder,
        name: &options.name,
        kind: if options.ed25519 { SecretKind::Ed25519 } else { SecretKind::P256 },
        replace: options.replace,
        clock: context.clock,
        language,
        entropy: context.entropy,
    };
    let joined = join.run().await?;
    if let (Some(path), Some(passphrase)) = (&options.p12, passphrase) {
        write_p12(&joined, path, &passphrase)?;
    }
    screen::note(&words::joined(language, joined.profile.display()));
    if let Some(aside) = &joined.replaced {
        screen::note(&words::profile_put_aside(language, aside.display()));
    }
    let profile = Profile::read(&joined.profile)?;
    let by_curl = curl(&profile);
    let conn = Connection::of_profile(context, profile).await?;
    let exit = super::whoami::run(&conn, false).await?;
    if has_no_agreement(&conn).await {
        let command = with_profile("agreement create --example", &joined.profile);
        screen::note(&words::no_agreement_yet(language, command));
    }
    screen::note(&words::the_same_by_curl(language, by_curl));
    screen::note(&words::renew_in_time(language, with_profile("cert renew --daemon", &joined.profile)));
    Ok(exit)
}

/// The call that asks who we are, in lines for a shell. Where the certificate is for another name than the address has, curl goes to
/// the address by that name.
fn curl(profile: &Profile) -> String {
    let address = profile.address.trim_start_matches("https://");
    let (host, port) = address.rsplit_once(':').unwrap_or((address, "443"));
    let [ca, certificate, key] =
        [&profile.ca, &profile.certificate, &profile.key].map(|path| screen::quoted(path));
    let name = &profile.server_name;
    let to = if host == name { String::new() } else { format!("--connect-to ::{address} ") };
    format!(
        "  curl --cacert {ca} \\\n    --cert {certificate} \\\n    --key {key} \\\n    {to}--json '{{}}' \\\n    \
         https://{name}:{port}/gerbang.v1.AgencyService/WhoAmI"
    )
}

/// Says whether the caller is one who makes agreements, and has none. Who may not list them is not, and joining does not fail
/// over it.
async fn has_no_agreement(conn: &Connection<'_>) -> bool {
    let first = v1::ListAgreementsRequest { page_size: 1, ..Default::default() };
    conn.client
        .agreement()
        .list_agreements(first)
        .await
        .is_ok_and(|page| page.get_ref().agreements.is_empty())
}

fn token(context: &Context<'_>, file: Option<&Path>) -> Result<Token, Failure> {
    let language = context.language;
    let text = match file {
        Some(path) if path != Path::new("-") => read_text(path).map_err(Trouble::file(path))?,
        None if ask::is_possible() => ask::secret(&words::token_question(language))?,
        _ => {
            let mut bytes = Zeroizing::new(Vec::with_capacity(1024));
            io::stdin().lock().take(1024).read_to_end(&mut bytes).map_err(super::failure::failed)?;
            text_of(&bytes).map_err(super::failure::failed)?
        }
    };
    Token::parse(&text).map_err(|error| Failure::Failed(words::token_error(language, error)))
}

fn first_line(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = read_text(path).map_err(Trouble::file(path))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn write_p12(joined: &Joined, path: &Path, passphrase: &str) -> Result<(), Failure> {
    let file = p12(&joined.key, &joined.chain, passphrase).map_err(Trouble::key(path))?;
    write_file(path, 0o600, &file).map_err(Trouble::file(path))?;
    Ok(())
}
