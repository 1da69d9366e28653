//! `gerbang cert request`: a key and a signing request, made here without any connection, or handed in.

use std::path::{Path, PathBuf};

use clap::Args;

use super::system_name;
use crate::{
    agent::Trouble,
    cli::{
        Context,
        connection::{Connection, Submitted},
        failure::{Exit, Failure},
        names,
        options::SendOptions,
        screen, words,
    },
    files::{remove_file, text_of, write_new},
    pki::{
        der::pem,
        request,
        secret::{SecretKey, SecretKind},
    },
    proto::v1,
};

/// Options of `request`.
#[derive(Debug, Args)]
pub struct Request {
    /// Make a key, in this new file, readable by you alone
    #[arg(long, value_name = "FILE", required_unless_present = "submit", requires = "out")]
    key: Option<PathBuf>,
    /// Where the signing request goes
    #[arg(long, value_name = "CSR", requires = "key")]
    out: Option<PathBuf>,
    /// An Ed25519 key instead of one on P-256
    #[arg(long, requires = "key")]
    ed25519: bool,
    /// Hand a signing request in; - reads standard input
    #[arg(long, value_name = "CSR", conflicts_with = "key", requires = "system")]
    submit: Option<PathBuf>,
    /// For which system: AGENCY/SYSTEM, or a bare name of your own agency's where it is handed in
    #[arg(long, value_name = "AGENCY/SYSTEM")]
    system: Option<String>,
    #[command(flatten)]
    sending: SendOptions,
}

pub async fn run(context: &Context<'_>, options: Request) -> Result<Exit, Failure> {
    let system = options.system.unwrap_or_default();
    match (&options.key, &options.out, &options.submit) {
        (Some(key), Some(out), _) => {
            let kind = if options.ed25519 { SecretKind::Ed25519 } else { SecretKind::P256 };
            let name = common_name(&system)
                .ok_or_else(|| Failure::Usage(words::not_a_system(context.language, &system)))?;
            make(context, key, out, kind, &name)
        }
        (_, _, Some(file)) => {
            let conn = Connection::open(context).await?;
            let csr_pem = read_request(&conn, file)?;
            let answer = submit(&conn, &options.sending, &system, csr_pem).await?;
            let dry_run = options.sending.dry_run;
            conn.print_changes(Submitted {
                answers: vec![answer],
                many: false,
                dry_run,
                of_file: false,
                failure: None,
            })
        }
        // The options above let nothing else through.
        _ => Err(Failure::Usage(words::nothing_done(context.language))),
    }
}

/// The name that a request carries: the system's, as its certificate will, so that who signs sees whose it is.
fn common_name(system: &str) -> Option<String> {
    if system.is_empty() {
        return Some("gerbang".to_owned());
    }
    let (agency, system) = names::system(system, None)?;
    Some(request::common_name(&names::short(&agency), &system))
}

/// A signing request as text. Many tools write DER, of which the contract takes the text form alone.
fn read_request(conn: &Connection<'_>, file: &Path) -> Result<String, Failure> {
    let bytes = conn.read_bytes(file)?;
    if request::is_der(&bytes) {
        return Ok(pem("CERTIFICATE REQUEST", &bytes).to_string());
    }
    let text = text_of(&bytes).map_err(|error| Failure::io(conn.context.language, file, &error))?;
    Ok(text.to_string())
}

/// Writes a new key and its signing request; both files must be new.
fn make(
    context: &Context<'_>,
    key_path: &Path,
    out: &Path,
    kind: SecretKind,
    name: &str,
) -> Result<Exit, Failure> {
    for path in [key_path, out] {
        if path.exists() {
            return Err(Trouble::Exists(path.to_owned()).into());
        }
    }
    let key = SecretKey::generate(kind).map_err(Trouble::key(key_path))?;
    let csr = key.request_pem(name).map_err(Trouble::key(key_path))?;
    write_new(key_path, 0o600, key.to_pem().as_bytes()).map_err(Trouble::file(key_path))?;
    if let Err(error) = write_new(out, 0o644, csr.as_bytes()) {
        // Nobody knows the key yet; alone it would be in the way of the next try.
        remove_file(key_path).map_err(Trouble::file(key_path))?;
        return Err(Trouble::file(out)(error).into());
    }
    let id = hex::encode(key.key_id());
    screen::note(&words::request_made(context.language, key_path.display(), out.display(), id));
    Ok(Exit::Ok)
}

/// Hands a signing request in; says what of it is ignored, and how its key is known.
pub(super) async fn submit(
    conn: &Connection<'_>,
    sending: &SendOptions,
    system: &str,
    csr_pem: String,
) -> Result<v1::RequestCertificateResponse, Failure> {
    let key_id = request::read_text(csr_pem.as_bytes()).ok().map(|read| hex::encode(read.key_id));
    let request =
        v1::RequestCertificateRequest { system: system_name(conn, system), csr_pem, ..Default::default() };
    let call = async |request| conn.client.certificate().request_certificate(request).await;
    let answer = conn.send(sending, request, call).await?;
    let language = conn.context.language;
    if !answer.ignored.is_empty() {
        screen::note(&words::request_ignored(language, answer.ignored.join("; ")));
    }
    if let Some(id) = key_id {
        screen::note(&words::key_fingerprint(language, id));
    }
    Ok(answer)
}
