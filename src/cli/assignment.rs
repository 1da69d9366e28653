//! `gerbang assignment`: trainer assignments (penugasan pelatih): the prison's daily pull, and who may enter.
//! What both sides answer is `answer`'s.

mod answer;

use clap::{Args, Subcommand};

use super::{
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Limit, Range},
    screen::Heading,
    when::{self, Reader, When},
};
use crate::{domain::name::Facilities, proto::v1};

/// See which trainers come and who may enter; accept, clear and withdraw
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List assignments whose session overlaps a range
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment list --from today --to tomorrow --profile lapas\n\
        \x20 gerbang assignment list --from today --facility bengkel-las --clearance missing\n\
        \x20 gerbang assignment list --from 2026-03-02 --to 2026-03-08 --trainer-agency blk-kepri -o json")]
    List(List),
    /// Show one assignment
    #[command(after_help = "Examples:\n  gerbang assignment show 0192d4c0-7a1e-7000-8000-000000000001")]
    Show {
        /// The UUID, or the full name
        name: String,
    },
    /// Who may enter today: cleared for a confirmed session under agreements in force, nobody else
    #[command(after_help = "Examples:\n  gerbang assignment today --profile p2u")]
    Today(Door),
    /// Who may enter tomorrow
    #[command(after_help = "Examples:\n  gerbang assignment tomorrow --profile p2u")]
    Tomorrow(Door),
    /// Who may enter on another day
    #[command(after_help = "Examples:\n  gerbang assignment on 2026-12-07 --profile p2u")]
    On {
        /// The day, of your agency's zone
        #[arg(value_parser = day)]
        day: When,
        #[command(flatten)]
        options: Door,
    },
    #[command(flatten)]
    Answer(answer::Verb),
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    range: Range,
    /// Only those in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("ASSIGNMENT_STATE_", v1::AssignmentState::as_str_name)
    )]
    state: Option<i32>,
    /// Only trainers of this agency
    #[arg(long, value_name = "AGENCY")]
    trainer_agency: Option<String>,
    /// Only sessions in this room
    #[arg(long)]
    facility: Option<String>,
    /// Only who may enter, or only who may not yet
    #[arg(long, ignore_case = true, value_parser = choice("CLEARANCE_", v1::Clearance::as_str_name))]
    clearance: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

/// Options of `today`, `tomorrow` and `on`.
#[derive(Debug, Args)]
pub struct Door {
    /// Only into this room
    #[arg(long)]
    facility: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("TRAINER", "PELATIH"),
    ("AGENCY", "INSTANSI"),
    ("ROLE", "PERAN"),
    ("PROGRAMME", "PROGRAM"),
    ("TOPIC", "MATERI"),
    ("STATE", "STATUS"),
    ("ASSIGNMENT", "PENUGASAN"),
];

/// What the door needs.
pub(super) const DOOR_HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("ROOM", "RUANG"),
    ("TRAINER", "PELATIH"),
    ("AGENCY", "INSTANSI"),
    ("ROLE", "PERAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(filters) => list(conn, filters).await,
        Verb::Show { name } => conn.show(&get(conn, &names::given("assignments", &name)).await?),
        Verb::Today(options) => door(conn, When::Ahead(0), options).await,
        Verb::Tomorrow(options) => door(conn, When::Ahead(1), options).await,
        Verb::On { day, options } => door(conn, day, options).await,
        Verb::Answer(verb) => answer::run(conn, verb).await,
    }
}

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::TrainerAssignment, Failure> {
    let request = v1::GetTrainerAssignmentRequest { name: name.to_owned() };
    let call = async || conn.client.assignment().get_trainer_assignment(request.clone()).await;
    Ok(conn.ask(call).await?.assignment.unwrap_or_default())
}

/// A day, no moment.
fn day(text: &str) -> Result<When, &'static str> {
    text.parse().ok().filter(|when: &When| when.is_day()).ok_or(when::DAY_FORM)
}

/// Who may enter on a day of the caller's zone, which at the door is the prison's.
async fn door(conn: &Connection<'_>, day: When, options: Door) -> Result<Exit, Failure> {
    let filters = List {
        range: Range { from: Some(day), to: Some(day) },
        state: None,
        trainer_agency: None,
        facility: options.facility,
        clearance: Some(v1::Clearance::Granted.into()),
        limit: options.limit,
    };
    let found = find(conn, filters).await?;
    conn.list(&found, DOOR_HEADINGS, |found| door_row(found, conn.context.reader()))
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let found = find(conn, filters).await?;
    conn.list(&found, HEADINGS, |assignment| row(assignment, conn.context.reader()))
}

async fn find(conn: &Connection<'_>, filters: List) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let (range_start, range_end) = conn.bounds(&filters.range).await?;
    let asked = v1::ListTrainerAssignmentsRequest {
        range_start,
        range_end,
        state: filters.state.unwrap_or_default(),
        trainer_agency: filters.trainer_agency.as_deref().map(names::agency).unwrap_or_default(),
        facility: filters.facility.map(|room| conn.full::<Facilities>(&room)).unwrap_or_default(),
        clearance: filters.clearance.unwrap_or_default(),
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListTrainerAssignmentsRequest { page_size, page_token, ..asked.clone() };
        conn.client.assignment().list_trainer_assignments(request).await
    };
    let split = |page: v1::ListTrainerAssignmentsResponse| (page.assignments, page.next_page_token);
    conn.pages(&filters.limit, fetch, split).await
}

pub(super) fn door_row(assignment: &v1::TrainerAssignment, reader: Reader) -> Vec<String> {
    let (start, end) = (assignment.starts_at.as_ref(), assignment.ends_at.as_ref());
    vec![
        when::span(start, end, &assignment.time_zone, reader),
        names::short(&assignment.facility),
        assignment.trainer_display_name.clone(),
        names::short(&assignment.trainer_agency),
        assignment.role().as_str_name().to_owned(),
    ]
}

pub(super) fn row(assignment: &v1::TrainerAssignment, reader: Reader) -> Vec<String> {
    let (start, end) = (assignment.starts_at.as_ref(), assignment.ends_at.as_ref());
    vec![
        when::span(start, end, &assignment.time_zone, reader),
        assignment.trainer_display_name.clone(),
        names::short(&assignment.trainer_agency),
        assignment.role().as_str_name().to_owned(),
        assignment.programme_title.clone(),
        assignment.topic.clone(),
        assignment.state().as_str_name().to_owned(),
        names::short(&assignment.name),
    ]
}
