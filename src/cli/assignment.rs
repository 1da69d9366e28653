//! `gerbang assignment`: trainer assignments (penugasan pelatih), the prison's daily pull.

use clap::{Args, Subcommand};

use super::{
    choice::{choice, short},
    desk::Desk,
    failure::{Exit, Failure},
    names,
    options::{Limit, Range},
    screen::Heading,
    when,
};
use crate::{domain::reason::Language, proto::v1};

/// See which trainers come, and when
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List assignments whose session overlaps a range
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment list --from today --to tomorrow --profile lapas\n\
        \x20 gerbang assignment list --from 2026-03-02 --to 2026-03-08 --trainer-agency blk-kepri -o json")]
    List(List),
    /// Show one assignment
    #[command(after_help = "Examples:\n  gerbang assignment show 0192d4c0-7a1e-7000-8000-000000000001")]
    Show {
        /// The UUID, or the full name
        name: String,
    },
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
    #[command(flatten)]
    limit: Limit,
}

const HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("TRAINER", "PELATIH"),
    ("AGENCY", "INSTANSI"),
    ("ROLE", "PERAN"),
    ("PROGRAMME", "PROGRAM"),
    ("TOPIC", "MATERI"),
    ("STATE", "KEADAAN"),
    ("ASSIGNMENT", "PENUGASAN"),
];

/// Does what the verb says.
pub async fn run(desk: &Desk<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(filters) => list(desk, filters).await,
        Verb::Show { name } => {
            let request = v1::GetTrainerAssignmentRequest { name: names::assignment(&name) };
            let call = async || desk.client.assignment().get_trainer_assignment(request.clone()).await;
            desk.show(&desk.ask(call).await?.assignment.unwrap_or_default())
        }
    }
}

async fn list(desk: &Desk<'_>, filters: List) -> Result<Exit, Failure> {
    let (range_start, range_end) = desk.bounds(&filters.range).await?;
    let asked = v1::ListTrainerAssignmentsRequest {
        range_start,
        range_end,
        state: filters.state.unwrap_or_default(),
        trainer_agency: filters.trainer_agency.as_deref().map(names::agency).unwrap_or_default(),
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListTrainerAssignmentsRequest { page_size, page_token, ..asked.clone() };
        desk.client.assignment().list_trainer_assignments(request).await
    };
    let split = |page: v1::ListTrainerAssignmentsResponse| (page.assignments, page.next_page_token);
    let found = desk.pages(&filters.limit, fetch, split).await?;
    desk.list(&found, HEADINGS, |assignment| row(assignment, desk.context.language))
}

pub(super) fn row(assignment: &v1::TrainerAssignment, language: Language) -> Vec<String> {
    let (start, end) = (assignment.starts_at.as_ref(), assignment.ends_at.as_ref());
    vec![
        when::span(start, end, &assignment.time_zone, language),
        assignment.trainer_display_name.clone(),
        names::short(&assignment.trainer_agency),
        short("TRAINER_ROLE_", assignment.role().as_str_name()).to_owned(),
        assignment.programme_title.clone(),
        assignment.topic.clone(),
        short("ASSIGNMENT_STATE_", assignment.state().as_str_name()).to_owned(),
        names::short(&assignment.name),
    ]
}
