//! `gerbang cert invite`: the token is drawn here, and its hash signed here; the gateway sees the secret when it is
//! used, not before.

use std::path::PathBuf;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{identity, order, order_name, role_text, root, sign};
use crate::{
    agent::{
        Credential, Profile, Trouble,
        credential::{Draft, Identity},
    },
    cli::{
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::SendOptions,
        screen::{self, Output},
        when, words,
    },
    domain::{access::Role, reason::Language},
    files::{remove_file, write_new},
    pki::{statement::Purpose, token::Token},
    proto::v1,
};

/// Where the exchange listens where a profile does not say; systems join at the next port, unless it is said.
const EXCHANGE_PORT: u16 = 7443;

/// Options of `invite`.
#[derive(Debug, Args)]
pub struct Invite {
    /// The system, as AGENCY/SYSTEM
    #[arg(value_name = "AGENCY/SYSTEM", required_unless_present = "cancel")]
    name: Option<String>,
    /// The system's own name, where the agency's code alone stands first: the earlier spelling
    #[arg(long, hide = true, requires = "name")]
    system: Option<String>,
    /// For how many days the certificate will be valid
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=397))]
    days: u32,
    /// For how many hours the token is good
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=168))]
    hours: u32,
    /// Write the token to this new file, readable by you alone, instead of standard output
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Where systems join, for the line to type; the profile's host and next port where it is not given
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// Cancel an invitation instead
    #[arg(long, value_name = "ORDER", conflicts_with_all = ["name", "system", "token_file", "server"])]
    cancel: Option<String>,
    /// Why it is cancelled, for the agency
    #[arg(long, requires = "cancel")]
    note: Option<String>,
}

pub async fn run(conn: &Connection<'_>, options: Invite) -> Result<Exit, Failure> {
    if let Some(text) = &options.cancel {
        return cancel(
            conn,
            &order_name(text),
            options.note.unwrap_or_else(|| words::cancelled(conn.context.language)),
        )
        .await;
    }
    let language = conn.context.language;
    let name = options.name.unwrap_or_default();
    let (agency, system) = names::system(&name, options.system.as_deref())
        .ok_or_else(|| Failure::Usage(words::not_a_system(language, &name)))?;
    let system = format!("{agency}/systems/{system}");
    let credential = Credential::read(&conn.profile)?;
    let invited = Invited {
        identity: identity(conn, &credential, &system)?,
        role: by_one(role_of(conn, &system).await?, &system, language)?,
        days: options.days,
        until: conn.context.clock.now() + SignedDuration::from_hours(options.hours.into()),
    };
    let token = Token::new(conn.context.entropy, root(conn)?);
    let statement = Some(sign(conn, &credential, invited.draft(&token))?);

    // A token that cannot be written down must not be good for anything.
    if let Some(file) = &options.token_file {
        let text = token.to_text();
        write_new(file, 0o600, text.as_bytes()).map_err(Trouble::file(file))?;
    }
    let request = v1::CreateInvitationRequest { system, statement, ..Default::default() };
    let call = async |request| conn.client.certificate().create_invitation(request).await;
    let answer = match conn.send(&SendOptions::default(), request, call).await {
        Ok(answer) => answer,
        Err(failure) => {
            if let Some(file) = &options.token_file {
                remove_file(file).map_err(Trouble::file(file))?;
            }
            return Err(failure);
        }
    };
    let order = answer.change.unwrap_or_default().name;
    let server = options.server.unwrap_or_else(|| join_server(&conn.profile));
    let line = join_line(&conn.profile, &server, &invited.identity);
    match (conn.context.output, &options.token_file) {
        (Output::Json, file) => {
            let token = file.is_none().then(|| token.to_text().to_string());
            let until = invited.until.to_string();
            screen::print_json(&json!({
                "order": order, "token": token, "token_file": file, "expire_time": until, "command": line,
            }))?;
        }
        (Output::Table, None) => screen::print(&format!("{}\n", token.to_text().as_str()))?,
        (Output::Table, Some(_)) => {}
    }
    let order = names::short(&order);
    let until = when::moment(Some(&when::to_proto(invited.until)), &conn.told_zone().await, language);
    screen::note(&words::invited(language, &order, until, line));
    Ok(Exit::Ok)
}

/// What an invitation lets happen.
pub(super) struct Invited {
    pub identity: Identity,
    pub role: v1::Role,
    pub days: u32,
    pub until: Timestamp,
}

impl Invited {
    pub(super) fn draft(&self, token: &Token) -> Draft {
        Draft {
            purpose: Purpose::Invite,
            identity: self.identity.clone(),
            role: role_text(self.role).to_owned(),
            subject: token.hash(),
            lifetime_days: self.days,
            expires_at: self.until,
            previous: None,
        }
    }
}

/// The role that the registry has approved for the system.
async fn role_of(conn: &Connection<'_>, system: &str) -> Result<v1::Role, Failure> {
    let language = conn.context.language;
    let name = system.split_once("/systems/").map_or(system, |(agency, _)| agency).to_owned();
    let request = v1::GetAgencyRequest { name };
    let answer = conn.ask(async || conn.client.agency().get_agency(request.clone()).await).await?;
    let agency = answer.agency.unwrap_or_default();
    if agency.state() == v1::AgencyState::Suspended {
        let code = names::short(&agency.name);
        return Err(Failure::Failed(words::agency_is_suspended(language, code)));
    }
    let systems = agency.systems;
    let found = systems.into_iter().find(|found| found.name == system);
    let found = found.ok_or_else(|| Failure::NotFound(words::system_missing(language, system)))?;
    match found.role() {
        _ if found.retire_time.is_some() => {
            Err(Failure::Failed(words::system_is_retired(language, names::short(system))))
        }
        v1::Role::Unspecified => {
            Err(Failure::Failed(words::role_not_approved(language, names::short(system))))
        }
        role => Ok(role),
    }
}

/// The role, if one administrator may let it in; else a failure that says what to do instead. The gateway refuses it
/// too; here nothing has been drawn or written yet.
fn by_one(role: v1::Role, system: &str, language: Language) -> Result<v1::Role, Failure> {
    let text = role_text(role);
    match Role::from_text(text).filter(|role| role.takes_two()) {
        Some(_) => Err(Failure::Failed(words::comes_by_request(language, text, names::short(system)))),
        None => Ok(role),
    }
}

/// The host of the exchange, at the port after it.
pub(super) fn join_server(profile: &Profile) -> String {
    let address = profile.address.trim_start_matches("https://").trim_end_matches('/');
    let split = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    let (host, port) = split.unwrap_or((address, EXCHANGE_PORT));
    format!("{host}:{}", port.saturating_add(1))
}

/// What is typed on the system's machine. The token is not in it: it is asked for. The profile is named after the system
/// and not the agency alone, whose other systems have profiles too.
pub(super) fn join_line(profile: &Profile, server: &str, invited: &Identity) -> String {
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host).trim_matches(['[', ']']);
    let name = match profile.server_name.as_str() {
        name if name == host => String::new(),
        name => format!(" --server-name {name}"),
    };
    format!("gerbang join --server {server}{name} --name {}-{}", invited.agency, invited.system)
}

async fn cancel(conn: &Connection<'_>, name: &str, note: String) -> Result<Exit, Failure> {
    let etag = order(conn, name).await?.0.etag;
    let request =
        v1::RejectCertificateOrderRequest { name: name.to_owned(), etag, note, ..Default::default() };
    let call = async |request| conn.client.certificate().reject_certificate_order(request).await;
    conn.change(&SendOptions::default(), request, call).await
}
