//! `gerbang agency`: the registry of agencies and systems.

use clap::{Args, Subcommand};

use super::{
    ask::{self, Asks},
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, Limit, NotedTarget, SendOptions, Target},
    screen::{self, Heading, Output},
    words,
};
use crate::{domain::name::Systems, format::json::to_json, proto::v1};

/// Register agencies and their systems, and look them up
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Register agencies from a file (administrator)
    #[command(after_help = "Examples:\n  gerbang agency create dinas-koperasi.json --profile admin")]
    Create(FromFile),
    /// Replace an agency's names and zone (administrator)
    #[command(after_help = "Examples:\n  gerbang agency update dinas-koperasi.json --profile admin")]
    Update(FromFile),
    /// Suspend an agency: its systems are refused everything (administrator)
    #[command(
        after_help = "Examples:\n  gerbang agency suspend blk-kepri --note \"Key lost\" --profile admin"
    )]
    #[command(mut_arg("name", |arg| arg.help("The agency's code, or its full name")))]
    Suspend(NotedTarget),
    /// Let a suspended agency in again (administrator)
    #[command(after_help = "Examples:\n  gerbang agency resume blk-kepri --profile admin")]
    #[command(mut_arg("name", |arg| arg.help("The agency's code, or its full name")))]
    Resume(Target),
    /// Free the rooms and trainers that an agency's sessions ahead hold (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency release blk-kepri --note \"Booked by mistake\" --dry-run\n\
        \x20 gerbang agency release blk-kepri --note \"Booked by mistake\" --profile admin")]
    Release(Release),
    /// Register a system with its role; then invite it: gerbang cert invite (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency register-system blk-kepri jadwal --role partner")]
    RegisterSystem(RegisterSystem),
    /// Change a system's role (administrator)
    #[command(after_help = "Examples:\n  gerbang agency update-system blk-kepri/jadwal --role partner")]
    UpdateSystem(UpdateSystem),
    /// Approve the role that another administrator proposed for a system (administrator)
    #[command(after_help = "Examples:\n  gerbang agency approve-system lapas-tpi/sdp --profile admin2")]
    ApproveSystem(Target),
    /// Show one agency
    #[command(
        after_help = "Examples:\n  gerbang agency show blk-kepri\n  gerbang agency show blk-kepri -o json"
    )]
    Show {
        /// The agency's code, or its full name
        name: String,
    },
    /// List all agencies
    #[command(after_help = "Examples:\n  gerbang agency list")]
    List(Limit),
}

/// Options of `release`.
#[derive(Debug, Args)]
pub struct Release {
    /// The agency's code, or its full name
    name: String,
    /// Why, for those whom the sessions concern
    #[arg(long)]
    note: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `register-system`.
#[derive(Debug, Args)]
pub struct RegisterSystem {
    /// The agency's code
    agency: String,
    /// The system's own name
    system: String,
    /// What it may do
    #[arg(long, ignore_case = true, value_parser = choice("ROLE_", v1::Role::as_str_name))]
    role: i32,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `update-system`.
#[derive(Debug, Args)]
pub struct UpdateSystem {
    #[command(flatten)]
    target: Target,
    /// What it may do from now on
    #[arg(long, ignore_case = true, value_parser = choice("ROLE_", v1::Role::as_str_name))]
    role: i32,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("AGENCY", "INSTANSI"),
    ("NAME", "NAMA"),
    ("KIND", "JENIS"),
    ("TIER", "TINGKAT"),
    ("ZONE", "ZONA"),
    ("STATE", "STATUS"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let agencies = || conn.client.agency();
    match verb {
        Verb::Create(from) => {
            let call = async |request: v1::CreateAgencyRequest| agencies().create_agency(request).await;
            conn.submit(&from, call).await
        }
        Verb::Update(from) => {
            let etag = async |name: &str| etag_of(conn, name, None).await;
            let call = async |request: v1::UpdateAgencyRequest| agencies().update_agency(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Suspend(NotedTarget { target, note }) => {
            let name = names::agency(&target.name);
            let etag = etag_of(conn, &name, target.etag).await?;
            let request = v1::SuspendAgencyRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| agencies().suspend_agency(q).await).await
        }
        Verb::Resume(target) => {
            let name = names::agency(&target.name);
            let etag = etag_of(conn, &name, target.etag).await?;
            let request = v1::ResumeAgencyRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| agencies().resume_agency(q).await).await
        }
        Verb::Release(release) => self::release(conn, release).await,
        Verb::RegisterSystem(system) => register_system(conn, system).await,
        Verb::UpdateSystem(system) => update_system(conn, system).await,
        Verb::ApproveSystem(target) => approve_system(conn, target).await,
        Verb::Show { name } => conn.show(&get(conn, &names::agency(&name)).await?),
        Verb::List(limit) => {
            let found = all(conn, &limit).await?;
            let today = conn.context.clock.now().to_string();
            conn.list(&found, HEADINGS, |agency| row(agency, &today))
        }
    }
}

async fn release(conn: &Connection<'_>, release: Release) -> Result<Exit, Failure> {
    let (name, language) = (names::agency(&release.name), conn.context.language);
    let request = v1::ReleaseBookingsRequest { name, note: release.note, ..Default::default() };
    let call = async |request| conn.client.agency().release_bookings(request).await;
    if !release.consent.yes && !release.sending.dry_run {
        let dry_run = SendOptions { dry_run: true, ..SendOptions::default() };
        let preview = conn.send(&dry_run, request.clone(), call).await?;
        let shown = || words::released(language, preview.sessions, preview.assignments);
        let question = |_| words::ask_release(language, names::short(&request.name));
        ask::before(language, false, Asks::Always, 1, shown, question)?;
    }
    let answer = conn.send(&release.sending, request, call).await?;
    if let Output::Json = conn.context.output {
        screen::print_json(&to_json(&answer))?;
    }
    screen::note(&words::released(language, answer.sessions, answer.assignments));
    if release.sending.dry_run {
        screen::note(&words::only_checked(language));
    }
    Ok(Exit::Ok)
}

async fn register_system(conn: &Connection<'_>, system: RegisterSystem) -> Result<Exit, Failure> {
    let request = v1::RegisterSystemRequest {
        agency: names::agency(&system.agency),
        system: system.system,
        role: system.role,
        ..Default::default()
    };
    let call = async |request| conn.client.agency().register_system(request).await;
    conn.change(&system.sending, request, call).await
}

async fn update_system(conn: &Connection<'_>, system: UpdateSystem) -> Result<Exit, Failure> {
    let UpdateSystem { target, role } = system;
    let name = conn.full::<Systems>(&target.name);
    let etag = system_etag(conn, &name, target.etag).await?;
    let request = v1::UpdateSystemRequest { name, etag, role, ..Default::default() };
    let call = async |request| conn.client.agency().update_system(request).await;
    conn.change(&target.sending, request, call).await
}

async fn approve_system(conn: &Connection<'_>, target: Target) -> Result<Exit, Failure> {
    let name = conn.full::<Systems>(&target.name);
    let etag = system_etag(conn, &name, target.etag).await?;
    let request = v1::ApproveSystemRequest { name, etag, ..Default::default() };
    let call = async |request| conn.client.agency().approve_system(request).await;
    conn.change(&target.sending, request, call).await
}

/// The one that was given; else read, with the system's agency.
async fn system_etag(conn: &Connection<'_>, name: &str, given: Option<String>) -> Result<String, Failure> {
    if let Some(etag) = given {
        return Ok(etag);
    }
    let agency = name.split_once("/systems/").map_or(name, |(agency, _)| agency);
    let systems = get(conn, agency).await?.systems;
    let found = systems.into_iter().find(|system| system.name == name);
    found
        .map(|system| system.etag)
        .ok_or_else(|| Failure::NotFound(words::system_missing(conn.context.language, name)))
}

/// Every agency, without its systems.
pub(super) async fn all(conn: &Connection<'_>, limit: &Limit) -> Result<Vec<v1::Agency>, Failure> {
    let fetch = async |page_size, page_token| {
        conn.client.agency().list_agencies(v1::ListAgenciesRequest { page_size, page_token }).await
    };
    conn.pages(limit, fetch, |page: v1::ListAgenciesResponse| (page.agencies, page.next_page_token)).await
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Agency, Failure> {
    let request = v1::GetAgencyRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.agency().get_agency(request.clone()).await).await?;
    Ok(answer.agency.unwrap_or_default())
}

async fn etag_of(conn: &Connection<'_>, name: &str, given: Option<String>) -> Result<String, Failure> {
    match given {
        Some(etag) => Ok(etag),
        None => Ok(get(conn, name).await?.etag),
    }
}

pub(super) fn row(agency: &v1::Agency, today: &str) -> Vec<String> {
    vec![
        names::short(&agency.name),
        names::held(agency, today).to_owned(),
        agency.kind().as_str_name().to_owned(),
        agency.tier().as_str_name().to_owned(),
        agency.time_zone.clone(),
        agency.state().as_str_name().to_owned(),
    ]
}
