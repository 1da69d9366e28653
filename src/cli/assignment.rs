//! `gerbang assignment`: trainer assignments (penugasan pelatih): the prison's daily pull, and who may enter.
//! What both sides answer is `answer`'s, who may enter `door`'s, and the door's sheet for paper `gate`'s.

mod answer;
pub(super) mod door;
mod gate;
mod watch;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    missed::{Item, Near, Sought},
    names,
    options::{Limit, Period, Range, day},
    programme, schedule,
    screen::{self, Heading, Output},
    select,
    when::{self, Reader, When},
    words,
};
use crate::{
    domain::{name::Facilities, time::Zone},
    proto::v1::{self, AssignmentState as State},
};

/// See which trainers come and who may enter; accept, clear and withdraw
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List assignments whose session overlaps a range, with what each still needs
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment list --from today --to tomorrow --profile lapas\n\
        \x20 gerbang assignment list --day tomorrow --trainer maharani\n\
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
    Today(door::Door),
    /// Who may enter tomorrow
    #[command(after_help = "Examples:\n  gerbang assignment tomorrow --profile p2u")]
    Tomorrow(door::Door),
    /// Who may enter on another day
    #[command(after_help = "Examples:\n  gerbang assignment on 2026-12-07 --profile p2u")]
    On {
        /// The day, of your agency's zone
        #[arg(value_parser = day)]
        day: When,
        #[command(flatten)]
        options: door::Door,
    },
    /// Print the door's list of a day as a sheet for paper, with a line to sign (prison and door)
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment gate --date tomorrow --profile p2u\n\
        \x20 gerbang assignment gate --date 2026-12-07 --facility bengkel-las --profile lapas > gate.txt")]
    Gate(gate::Gate),
    /// Follow assignments: tells each as it is whenever it changes, and hands it to a command
    ///
    /// With --exec, what was dealt with is remembered and acknowledged, as gerbang watch does. The command is given JSON with the
    /// change and, unless you see it no more, the assignment as it is.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment watch\n\
        \x20 gerbang assignment watch --since today --exec ./door-list.sh --profile lapas")]
    Watch(super::watch::Following),
    #[command(flatten)]
    Answer(answer::Verb),
}

/// Which assignments, as people know them.
#[derive(Debug, Default, Clone, Args)]
pub struct Selection {
    #[command(flatten)]
    period: Period,
    /// Only those in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("ASSIGNMENT_STATE_", v1::AssignmentState::as_str_name)
    )]
    state: Option<i32>,
    /// Only this trainer: a part of the name, the reference, or CODE/REF
    #[arg(long)]
    trainer: Option<String>,
    /// Only trainers of this agency: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    trainer_agency: Option<String>,
    /// Only this programme: CODE/ID, the ID, or a part of its title
    #[arg(long)]
    programme: Option<String>,
    /// Only the session with this uid
    #[arg(long)]
    uid: Option<String>,
    /// Only sessions in this room
    #[arg(long)]
    facility: Option<String>,
}

/// Filters of `list`.
#[derive(Debug, Default, Clone, Args)]
pub struct List {
    #[command(flatten)]
    selection: Selection,
    /// Only who may enter, or only who may not yet
    #[arg(long, ignore_case = true, value_parser = choice("CLEARANCE_", v1::Clearance::as_str_name))]
    clearance: Option<i32>,
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
    ("STILL NEEDED", "MASIH DIPERLUKAN"),
    ("ASSIGNMENT", "PENUGASAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(filters) => list(conn, filters).await,
        Verb::Watch(wanted) => watch::run(conn, &wanted).await,
        Verb::Show { name } => conn.show(&get(conn, &names::given("assignments", &name)).await?).await,
        Verb::Today(options) => door::print(conn, When::Ahead(0), options).await,
        Verb::Tomorrow(options) => door::print(conn, When::Ahead(1), options).await,
        Verb::On { day, options } => door::print(conn, day, options).await,
        Verb::Gate(options) => gate::print(conn, options).await,
        Verb::Answer(verb) => answer::run(conn, verb).await,
    }
}

async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::TrainerAssignment, Failure> {
    let request = v1::GetTrainerAssignmentRequest { name: name.to_owned() };
    let call = async || conn.client.assignment().get_trainer_assignment(request.clone()).await;
    Ok(conn.ask(call).await?.assignment.unwrap_or_default())
}

/// The open assignments that end after a time, and that still need something.
pub(super) async fn missing_from(
    conn: &Connection<'_>,
    from: Timestamp,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let range = Range { from: Some(When::At(from)), to: None };
    let selection = Selection { period: Period { range, day: None }, ..Selection::default() };
    find(conn, List { selection, clearance: Some(v1::Clearance::Missing.into()), limit: Limit::BATCH }).await
}

/// Whether the agreements that a visit rests on are in force on its day; no trainer is cleared under others.
pub(super) fn in_force(assignment: &v1::TrainerAssignment) -> bool {
    assignment.missing().all(|step| step != v1::ClearanceStep::AgreementInForce)
}

/// The assignments in this state that end after a time.
pub(super) async fn of_state(
    conn: &Connection<'_>,
    state: v1::AssignmentState,
    from: Timestamp,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let range = Range { from: Some(When::At(from)), to: None };
    let period = Period { range, day: None };
    let selection = Selection { period, state: Some(state.into()), ..Selection::default() };
    find(conn, List { selection, clearance: None, limit: Limit::BATCH }).await
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let Selection { period, state, .. } = filters.selection;
    let narrowed = period.is_given() || state.is_some() || filters.clearance.is_some();
    let found = find(conn, filters.clone()).await;
    if narrowed && conn.context.output == Output::Table && is_none(&found) {
        let clearance = filters.clearance.and_then(|it| v1::Clearance::try_from(it).ok());
        let state = state.and_then(|it| State::try_from(it).ok());
        let fits = |one: &v1::TrainerAssignment| {
            state.is_none_or(|state| one.state() == state) && clearance.is_none_or(|it| has(one, it))
        };
        let sought: Vec<_> = state
            .iter()
            .map(State::as_str_name)
            .chain(clearance.iter().map(v1::Clearance::as_str_name))
            .collect();
        return said(found, why_none(conn, filters.selection, &sought, fits, |_| true).await?.0);
    }
    conn.list(&found?, HEADINGS, |assignment| row(assignment, conn.context.reader()))
}

/// Whether a selection found nothing, or nobody of that name.
fn is_none<T>(found: &Result<Vec<T>, Failure>) -> bool {
    found.as_ref().map_or_else(|failure| failure.exit() == Exit::NotFound, Vec::is_empty)
}

/// Says why there is nothing: no failure of a selection by day or state, and one where a name was typed.
fn said<T>(found: Result<Vec<T>, Failure>, why: String) -> Result<Exit, Failure> {
    match found {
        Err(_) => Err(Failure::NotFound(why)),
        Ok(_) => {
            screen::note(&why);
            Ok(Exit::Ok)
        }
    }
}

/// Why a selection found nothing, and what there is without its period and state: `fits` says what is looked for, of the
/// states `sought`, and `in_force` whether agreements let it pass. A failure where a text names nobody at all. Three round
/// trips at the least.
async fn why_none(
    conn: &Connection<'_>,
    selection: Selection,
    sought: &[&str],
    fits: impl Fn(&v1::TrainerAssignment) -> bool,
    in_force: impl Fn(&v1::TrainerAssignment) -> bool,
) -> Result<(String, Vec<v1::TrainerAssignment>), Failure> {
    let missed = Sought::of(conn, Item::Assignment, &selection.period).await?;
    let selection = Selection { period: missed.wide(), state: None, ..selection };
    let all = find(conn, List { selection, clearance: None, limit: Limit::BATCH }).await?;
    let near = |one: &v1::TrainerAssignment| {
        Some(Near {
            start: when::of_proto(one.starts_at.as_ref())?,
            end: when::of_proto(one.ends_at.as_ref())?,
            zone: Zone::from_store(one.time_zone.clone()),
            state: one.state().as_str_name(),
            fits: fits(one),
            in_force: in_force(one),
        })
    };
    let near: Vec<_> = all.iter().filter_map(near).collect();
    Ok((missed.text(conn.context.language, sought, &near), all))
}

/// Whether a trainer may enter, or may not yet, as the gateway filters it.
fn has(assignment: &v1::TrainerAssignment, clearance: v1::Clearance) -> bool {
    match clearance {
        v1::Clearance::Missing => assignment.missing().next().is_some(),
        _ => assignment.state() == State::Cleared && assignment.missing().next().is_none(),
    }
}

/// Finds the assignments that are selected: by what the gateway filters, then by what people know of those.
pub(super) async fn find(
    conn: &Connection<'_>,
    filters: List,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let Selection { period, state, trainer, trainer_agency, programme, uid, facility } = filters.selection;
    let (range_start, range_end) = conn.bounds(&period.range()).await?;
    let trainer_agency = match trainer_agency {
        Some(agency) => select::agency(conn, &agency).await?,
        None => String::new(),
    };
    let asked = v1::ListTrainerAssignmentsRequest {
        range_start,
        range_end,
        state: state.unwrap_or_default(),
        trainer_agency,
        facility: facility.map(|room| conn.full::<Facilities>(&room)).unwrap_or_default(),
        clearance: filters.clearance.unwrap_or_default(),
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListTrainerAssignmentsRequest { page_size, page_token, ..asked.clone() };
        conn.client.assignment().list_trainer_assignments(request).await
    };
    let split = |page: v1::ListTrainerAssignmentsResponse| (page.assignments, page.next_page_token);
    let mut found = conn.pages(&filters.limit, fetch, split).await?;
    if let Some(programme) = programme {
        found = of_programme(conn, &programme, found).await?;
    }
    if let Some(uid) = uid {
        found = select::of_uid(conn.context.language, &uid, found)?;
    }
    match trainer {
        Some(trainer) => select::of_trainer(conn.context.language, &trainer, found),
        None => Ok(found),
    }
}

/// Those of the assignments in a programme, by CODE/ID or a part of the title. The text must mean one programme.
async fn of_programme(
    conn: &Connection<'_>,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    match programme::named(conn, text).await {
        Ok(name) => {
            let sessions = schedule::of_programme(conn, &name).await?;
            let held = |one: &v1::TrainerAssignment| sessions.iter().any(|other| other.name == one.session);
            Ok(all.into_iter().filter(held).collect())
        }
        // Who only lends a trainer sees of a programme its title alone.
        Err(failure) if failure.exit() == Exit::NotFound => {
            let matching: Vec<_> =
                all.iter().filter(|one| select::holds(&one.programme_title, text)).collect();
            if matching.is_empty() {
                return Err(failure);
            }
            let title = select::one_of(conn.context.language, text, matching, |one| {
                (one.programme_title.clone(), one.programme_title.clone())
            })?;
            Ok(all.into_iter().filter(|one| one.programme_title == title).collect())
        }
        Err(failure) => Err(failure),
    }
}

fn when(assignment: &v1::TrainerAssignment, reader: Reader) -> String {
    let (start, end) = (assignment.starts_at.as_ref(), assignment.ends_at.as_ref());
    when::span(start, end, &assignment.time_zone, reader)
}

/// What people know an assignment by: when, who, and for what.
pub(super) fn known(assignment: &v1::TrainerAssignment, reader: Reader) -> Vec<String> {
    let who = match assignment.trainer_display_name.as_str() {
        // Of a lent trainer the lead agency sees the name once the trainer's agency has accepted.
        "" => names::short(&assignment.trainer),
        name => name.to_owned(),
    };
    vec![when(assignment, reader), who, assignment.programme_title.clone()]
}

pub(super) fn row(assignment: &v1::TrainerAssignment, reader: Reader) -> Vec<String> {
    let missing: Vec<_> = assignment.missing().map(|step| words::step(reader.language, step)).collect();
    vec![
        when(assignment, reader),
        assignment.trainer_display_name.clone(),
        names::short(&assignment.trainer_agency),
        assignment.role().as_str_name().to_owned(),
        assignment.programme_title.clone(),
        assignment.topic.clone(),
        assignment.state().as_str_name().to_owned(),
        missing.join(", "),
        names::short(&assignment.name),
    ]
}
