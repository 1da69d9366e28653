//! `gerbang facility`: rooms and other places in a prison (sarana).

use clap::{Args, Subcommand};

use super::{
    agency, agreement,
    ask::{self, Asks},
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Consent, FromFile, Limit, Target},
    screen::{self, Heading},
    words,
};
use crate::{domain::name::Facilities, proto::v1};

/// Keep a prison's rooms and look them up
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add rooms from a file (prison)
    #[command(after_help = "Examples:\n  gerbang facility create lapas-bengkel-las.json")]
    Create(FromFile),
    /// Replace what is known of a room; shows which sessions lose their confirmation in JSON (prison)
    #[command(after_help = "Examples:\n  gerbang facility update lapas-bengkel-las.json")]
    Update(FromFile),
    /// Take a room out of use for good (prison)
    #[command(after_help = "Examples:\n  gerbang facility retire bengkel-las")]
    Retire(Retire),
    /// Show one room
    #[command(after_help = "Examples:\n  gerbang facility show lapas-tpi/bengkel-las --profile blk")]
    Show {
        /// The name, in full or as CODE/ID; a bare ID is your own agency's
        name: String,
    },
    /// List the rooms of a prison
    #[command(after_help = "Examples:\n\
        \x20 gerbang facility list\n\
        \x20 gerbang facility list lapas-tpi --status available --profile blk")]
    List(List),
}

/// Options of `retire`.
#[derive(Debug, Args)]
pub struct Retire {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    consent: Consent,
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The prison; without it, your own, or the only one that your agency has an agreement with
    #[arg(value_name = "AGENCY")]
    of: Option<String>,
    /// The prison: the earlier spelling
    #[arg(long, hide = true, value_name = "AGENCY", conflicts_with = "of")]
    prison: Option<String>,
    /// Only those with this status
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("FACILITY_STATUS_", v1::FacilityStatus::as_str_name)
    )]
    status: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("ROOM", "RUANG"),
    ("NAME", "NAMA"),
    ("KIND", "JENIS"),
    ("CAPACITY", "KAPASITAS"),
    ("EQUIPMENT", "PERALATAN"),
    ("STATUS", "STATUS"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let facilities = || conn.client.facility();
    match verb {
        Verb::Create(from) => {
            let call = async |request: v1::CreateFacilityRequest| facilities().create_facility(request).await;
            conn.submit(&from, call).await
        }
        Verb::Update(from) => {
            let etag = async |name: &str| Ok(get(conn, name).await?.etag);
            let call = async |request: v1::UpdateFacilityRequest| facilities().update_facility(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Retire(options) => retire(conn, options).await,
        Verb::Show { name } => conn.show(&get(conn, &conn.full::<Facilities>(&name)).await?).await,
        Verb::List(filters) => {
            let found = find(conn, &filters).await?;
            conn.list(&found, HEADINGS, row)
        }
    }
}

async fn find(conn: &Connection<'_>, filters: &List) -> Result<Vec<v1::Facility>, Failure> {
    let prison = match filters.of.as_deref().or(filters.prison.as_deref()) {
        Some(prison) => names::agency(prison),
        None => prison_of(conn).await?,
    };
    list(conn, &prison, filters.status.unwrap_or_default(), &filters.limit).await
}

/// All rooms of a prison, `agencies/{code}`.
pub(super) async fn of_prison(conn: &Connection<'_>, prison: &str) -> Result<Vec<v1::Facility>, Failure> {
    list(conn, prison, 0, &Limit::BATCH).await
}

async fn list(
    conn: &Connection<'_>,
    prison: &str,
    status: i32,
    limit: &Limit,
) -> Result<Vec<v1::Facility>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListFacilitiesRequest { page_size, page_token, prison: prison.to_owned(), status };
        conn.client.facility().list_facilities(request).await
    };
    let split = |page: v1::ListFacilitiesResponse| (page.facilities, page.next_page_token);
    conn.pages(limit, fetch, split).await
}

/// The caller's own agency where that is a prison; else the only prison with which it has an agreement in force.
async fn prison_of(conn: &Connection<'_>) -> Result<String, Failure> {
    let own = names::agency(&conn.agency);
    let is_prison = |agency: &v1::Agency| agency.kind() == v1::AgencyKind::Prison;
    let agencies = agency::all(conn, &Limit::ALL).await?;
    if agencies.iter().any(|agency| agency.name == own && is_prison(agency)) {
        return Ok(own);
    }
    let language = conn.context.language;
    let active = v1::AgreementState::Active.into();
    let agreements = agreement::all(conn, &Limit::BATCH, active, "").await?;
    let terms = agreements.into_iter().filter_map(|agreement| agreement.terms);
    let parties: Vec<_> = terms.flat_map(|terms| terms.parties).map(|party| party.agency).collect();
    let known = agencies.iter().filter(|agency| is_prison(agency) && parties.contains(&agency.name));
    match known.map(|agency| agency.name.as_str()).collect::<Vec<_>>()[..] {
        [] => Err(Failure::Usage(words::no_prison(language))),
        [only] => {
            screen::note(&words::rooms_of(language, names::short(only)));
            Ok(only.to_owned())
        }
        ref several => {
            let codes: Vec<_> = several.iter().map(|name| names::short(name)).collect();
            Err(Failure::Usage(words::several_prisons(language, codes.join(", "))))
        }
    }
}

/// Retires a room, after a question.
async fn retire(conn: &Connection<'_>, Retire { target, consent }: Retire) -> Result<Exit, Failure> {
    let read = get(conn, &conn.full::<Facilities>(&target.name)).await?;
    let title = read.profile.map(|profile| profile.display_name).unwrap_or_default();
    let question = |_| words::ask_retire(conn.context.language, names::short(&read.name), title);
    let waived = consent.yes || target.sending.dry_run;
    ask::before(conn.context.language, waived, Asks::Always, 1, String::new, question)?;
    let etag = target.etag.unwrap_or(read.etag);
    let request = v1::RetireFacilityRequest { name: read.name, etag, ..Default::default() };
    let call = async |request| conn.client.facility().retire_facility(request).await;
    conn.change(&target.sending, request, call).await
}

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Facility, Failure> {
    let request = v1::GetFacilityRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.facility().get_facility(request.clone()).await).await?;
    Ok(answer.facility.unwrap_or_default())
}

pub(super) fn row(facility: &v1::Facility) -> Vec<String> {
    let profile = facility.profile.clone().unwrap_or_default();
    let equipment = profile.equipment.iter().map(|item| format!("{} {}", item.quantity, item.name));
    vec![
        names::short(&facility.name),
        profile.display_name.clone(),
        profile.kind().as_str_name().to_owned(),
        profile.capacity.to_string(),
        equipment.collect::<Vec<_>>().join(", "),
        profile.status().as_str_name().to_owned(),
    ]
}
