//! `gerbang agency`: the registry of agencies and systems.

mod shown;
mod system;

use clap::{Args, Subcommand};

use super::{
    ask::{self, Asks},
    connection::{Connection, Submitted},
    failure::{Exit, Failure},
    names,
    options::{Consent, FinalTarget, FromFile, Limit, NotedTarget, SendOptions, Target},
    screen::{self, Heading, Output},
    when::When,
    words,
};
use crate::{
    domain::{reason::Language, time::Zone},
    format::json::to_json,
    proto::v1,
};

/// Register agencies and their systems, and look them up
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Register agencies from a file (administrator)
    #[command(after_help = "Examples:\n  gerbang agency create dinas-koperasi.json --profile admin")]
    Create(FromFile),
    /// Replace an agency's names ahead and its zone; names whose day has come stay (administrator)
    #[command(after_help = "Examples:\n  gerbang agency update dinas-koperasi.json --profile admin")]
    Update(FromFile),
    /// Give an agency a new name from a day on; its earlier names stay on record (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency rename blk-kepri \"Balai Pelatihan Vokasi\" --from 2027-01-01 --decree 12/2026")]
    Rename(Rename),
    /// Suspend an agency: its systems are refused everything (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency suspend blk-kepri --note \"Key lost\" --dry-run --profile admin\n\
        \x20 gerbang agency suspend blk-kepri --note \"Key lost\" --profile admin")]
    #[command(mut_arg("name", |arg| arg.help("The agency's code, or its full name")))]
    #[command(mut_arg("note", |arg| arg.help(
        "Why: administrators read it, and the agency itself once it is let in again; nobody else does"
    )))]
    Suspend(FinalTarget),
    /// Let a suspended agency in again (administrator)
    #[command(after_help = "Examples:\n  gerbang agency resume blk-kepri --profile admin")]
    #[command(mut_arg("name", |arg| arg.help("The agency's code, or its full name")))]
    Resume(Target),
    /// Free the rooms and trainers that an agency's sessions ahead hold (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency release blk-kepri --note \"Booked by mistake\" --dry-run\n\
        \x20 gerbang agency release blk-kepri --note \"Booked by mistake\" --profile admin")]
    Release(Release),
    /// Register a system with its role; what has to follow is said (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency register-system blk-kepri/jadwal --role partner")]
    RegisterSystem(system::RegisterSystem),
    /// Change a system's role (administrator)
    #[command(after_help = "Examples:\n  gerbang agency update-system blk-kepri/jadwal --role partner")]
    #[command(mut_arg("name", |arg| arg.value_name("AGENCY/SYSTEM").help("The system, as AGENCY/SYSTEM")))]
    UpdateSystem(system::UpdateSystem),
    /// Approve the role that another administrator proposed for a system (administrator)
    #[command(after_help = "Examples:\n  gerbang agency approve-system lapas-tpi/sdp --profile admin2")]
    #[command(mut_arg("name", |arg| arg.value_name("AGENCY/SYSTEM").help("The system, as AGENCY/SYSTEM")))]
    ApproveSystem(Target),
    /// Retire a system for good: its certificates are revoked, its open requests end (administrator)
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency retire-system blk-kepri/jadwal --dry-run\n\
        \x20 gerbang agency retire-system blk-kepri/jadwal --note \"Replaced by sim\" --yes --profile admin")]
    #[command(mut_arg("name", |arg| arg.value_name("AGENCY/SYSTEM").help("The system, as AGENCY/SYSTEM")))]
    RetireSystem(system::RetireSystem),
    /// Show one system: role, state, certificates, last use, open requests
    #[command(after_help = "Examples:\n\
        \x20 gerbang agency system blk-kepri/jadwal --profile admin\n\
        \x20 gerbang agency system jadwal --profile blk")]
    System {
        /// The system, as AGENCY/SYSTEM; a bare SYSTEM is your own agency's
        #[arg(value_name = "AGENCY/SYSTEM")]
        name: String,
    },
    /// Show one agency: its names with their days, and its systems
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

/// Options of `rename`.
#[derive(Debug, Args)]
pub struct Rename {
    /// The agency's code
    #[arg(value_name = "AGENCY")]
    agency: String,
    /// The full official name
    name: String,
    /// The first day on which the name holds
    #[arg(long, value_name = "DAY")]
    from: When,
    /// The number of the decree that gives the name
    #[arg(long, value_name = "NUMBER", default_value = "")]
    decree: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    sending: SendOptions,
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
            let etag = async |name: &str| etag_of(conn, name).await;
            let call = async |request: v1::UpdateAgencyRequest| agencies().update_agency(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Suspend(options) => suspend(conn, options).await,
        Verb::Resume(target) => {
            let name = names::agency(&target.name);
            let agency = get(conn, &name).await?;
            if agency.state() == v1::AgencyState::Active {
                screen::note(&words::not_suspended(conn.context.language, names::short(&name)));
            }
            let etag = target.etag.unwrap_or(agency.etag);
            let request = v1::ResumeAgencyRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| agencies().resume_agency(q).await).await
        }
        Verb::Release(release) => self::release(conn, release).await,
        Verb::Rename(rename) => self::rename(conn, rename).await,
        Verb::RegisterSystem(options) => system::register(conn, options).await,
        Verb::UpdateSystem(options) => system::update(conn, options).await,
        Verb::ApproveSystem(target) => system::approve(conn, target).await,
        Verb::RetireSystem(options) => system::retire(conn, options).await,
        Verb::System { name } => shown::system(conn, &name).await,
        Verb::Show { name } => shown::agency(conn, &name).await,
        Verb::List(limit) => {
            let found = all(conn, &limit).await?;
            let today = conn.context.clock.now().to_string();
            conn.list(&found, HEADINGS, |agency| row(agency, &today))
        }
    }
}

/// Shows what would stop and asks, then suspends.
async fn suspend(conn: &Connection<'_>, options: FinalTarget) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let FinalTarget { noted: NotedTarget { target, note }, consent } = options;
    let name = names::agency(&target.name);
    let agency = get(conn, &name).await?;
    let short = names::short(&name);
    if agency.state() == v1::AgencyState::Suspended {
        screen::note(&words::suspended_already(language, &short));
    }
    let etag = target.etag.unwrap_or_else(|| agency.etag.clone());
    let request = v1::SuspendAgencyRequest { name, etag, note, ..Default::default() };
    let call = async |request| conn.client.agency().suspend_agency(request).await;
    let stops = |answer: &v1::SuspendAgencyResponse| {
        let (sessions, assignments) = (answer.sessions_ahead, answer.assignments_ahead);
        words::suspension_stops(language, &short, sessions, assignments, answer.orders_ended)
    };
    if !consent.yes && !target.sending.dry_run {
        let dry_run = SendOptions { dry_run: true, ..SendOptions::default() };
        let preview = conn.send(&dry_run, request.clone(), call).await?;
        let today = conn.context.clock.now().to_string();
        let question = |_| words::ask_suspend_agency(language, &short, names::held(&agency, &today));
        ask::before(language, false, Asks::Always, 1, || stops(&preview), question)?;
    }
    let answer = conn.send(&target.sending, request, call).await?;
    let said = match target.sending.dry_run {
        true => stops(&answer),
        false => words::suspended(language, &short, answer.orders_ended),
    };
    let dry_run = target.sending.dry_run;
    let exit = conn.print_changes(Submitted {
        answers: vec![answer],
        many: false,
        dry_run,
        of_file: false,
        failure: None,
    })?;
    screen::note(&said);
    Ok(exit)
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

/// Adds a name to those that the agency has. A name of the same day is replaced, which the gateway refuses once that day
/// has come.
async fn rename(conn: &Connection<'_>, rename: Rename) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let agency = get(conn, &names::agency(&rename.agency)).await?;
    let zone = Zone::from_store(agency.time_zone.clone());
    let start = Some(rename.from).filter(|when| when.is_day());
    let day = start.and_then(|when| zone.day(when.start(&zone, conn.context.clock.now())?));
    let day = day.ok_or_else(|| Failure::Usage(words::day_only(language, "--from")))?.to_string();
    let new = v1::AgencyName {
        display_name: rename.name.clone(),
        valid_from: day.clone(),
        decree_number: rename.decree,
    };
    let mut all = agency.names;
    all.retain(|name| name.valid_from != new.valid_from);
    all.push(new);
    all.sort_by(|one, other| one.valid_from.cmp(&other.valid_from));
    let today = zone.shown(conn.context.clock.now()).date().to_string();
    let shown = shown::names(&v1::Agency { names: all.clone(), ..Default::default() }, &today, language);
    screen::note(&words::names_will_be(language, names::short(&agency.name), shown.trim_end()));
    if day <= today && !rename.consent.yes && !rename.sending.dry_run {
        ask::yes(language, &words::ask_rename(language, &day))?;
    }
    // Another name may follow already; then this one holds to the day before.
    let next = all.iter().find(|name| name.valid_from > day).map(|name| name.valid_from.clone());
    let request = v1::UpdateAgencyRequest {
        name: agency.name.clone(),
        etag: agency.etag,
        names: all,
        time_zone: agency.time_zone,
        ..Default::default()
    };
    let call = async |request| conn.client.agency().update_agency(request).await;
    let exit = conn.change(&rename.sending, request, call).await?;
    if !rename.sending.dry_run {
        let code = names::short(&agency.name);
        screen::note(&match next {
            None => words::renamed(language, code, rename.name, day),
            Some(next) => words::renamed_until(language, code, rename.name, day, next),
        });
    }
    Ok(exit)
}

/// The word of a role in the reader's language; empty where there is none.
fn role_text(language: Language, role: v1::Role) -> String {
    words::value(language, role.as_str_name())
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

async fn etag_of(conn: &Connection<'_>, name: &str) -> Result<String, Failure> {
    Ok(get(conn, name).await?.etag)
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
