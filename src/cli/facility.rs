//! `gerbang facility`: rooms and other places in a prison (sarana).

use clap::{Args, Subcommand};

use super::{
    choice::{choice, short},
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{FromFile, Limit, Target},
    screen::Heading,
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
    Retire(Target),
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

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// The prison; without it, your own
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
        Verb::Retire(target) => {
            let name = conn.full::<Facilities>(&target.name);
            let etag = match &target.etag {
                Some(etag) => etag.clone(),
                None => get(conn, &name).await?.etag,
            };
            let request = v1::RetireFacilityRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| facilities().retire_facility(q).await).await
        }
        Verb::Show { name } => conn.show(&get(conn, &conn.full::<Facilities>(&name)).await?),
        Verb::List(filters) => {
            let found = find(conn, &filters).await?;
            conn.list(&found, HEADINGS, row)
        }
    }
}

async fn find(conn: &Connection<'_>, filters: &List) -> Result<Vec<v1::Facility>, Failure> {
    let prison = names::agency(filters.of.as_deref().or(filters.prison.as_deref()).unwrap_or(&conn.agency));
    let status = filters.status.unwrap_or_default();
    let fetch = async |page_size, page_token| {
        let request = v1::ListFacilitiesRequest { page_size, page_token, prison: prison.clone(), status };
        conn.client.facility().list_facilities(request).await
    };
    let split = |page: v1::ListFacilitiesResponse| (page.facilities, page.next_page_token);
    conn.pages(&filters.limit, fetch, split).await
}

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Facility, Failure> {
    let request = v1::GetFacilityRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.facility().get_facility(request.clone()).await).await?;
    Ok(answer.facility.unwrap_or_default())
}

fn row(facility: &v1::Facility) -> Vec<String> {
    let profile = facility.profile.clone().unwrap_or_default();
    let equipment = profile.equipment.iter().map(|item| format!("{} {}", item.quantity, item.name));
    vec![
        names::short(&facility.name),
        profile.display_name.clone(),
        short("FACILITY_KIND_", profile.kind().as_str_name()).to_owned(),
        profile.capacity.to_string(),
        equipment.collect::<Vec<_>>().join(", "),
        short("FACILITY_STATUS_", profile.status().as_str_name()).to_owned(),
    ]
}
