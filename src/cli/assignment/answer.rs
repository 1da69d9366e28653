//! The answers to assignments: accept and decline by the trainer's agency, clear and refuse by the prison, withdraw
//! by who proposed them.
//!
//! Owns what a selection means where no names are typed, for twenty trainers are cleared at once. Judges nothing.

use clap::{Args, Subcommand};
use tonic::{Response, Status};

use super::{List, find, get};
use crate::{
    cli::{
        batch::{self, Answer},
        choice::choice,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Limit, Range, Sending},
        screen, words,
    },
    proto::{
        shape::BatchRequest,
        v1::{self, AssignmentState as State},
    },
};

/// Answer to assignments
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Accept for your own trainers
    ///
    /// With a selection instead of names: all that are PROPOSED.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment accept 0192d4c0-7a1e-7000-8000-000000000001\n\
        \x20 gerbang assignment accept --from today --to 2026-12-31 --dry-run")]
    Accept(Answers),
    /// Decline for your own trainers; they are free again
    ///
    /// With a selection instead of names: all that are open.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment decline 0192d4c0-7a1e-7000-8000-000000000001")]
    Decline(Answers),
    /// Clear trainers to enter (prison)
    ///
    /// With a selection instead of names: all that are ACCEPTED.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment clear 0192d4c0-7a1e-7000-8000-000000000001\n\
        \x20 gerbang assignment clear --from today --to tomorrow --trainer-agency blk-kepri")]
    Clear(Answers),
    /// Refuse to let trainers in; no reason is given (prison)
    ///
    /// With a selection instead of names: all that are open.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment refuse 0192d4c0-7a1e-7000-8000-000000000001")]
    Refuse(Answers),
    /// Take back what your agency proposed; the trainers are free again
    ///
    /// With a selection instead of names: all that are open in your own sessions.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment withdraw 0192d4c0-7a1e-7000-8000-000000000001")]
    Withdraw(Answers),
}

/// Options of the verbs that answer.
#[derive(Debug, Args)]
pub struct Answers {
    /// The UUIDs, or the full names
    #[arg(
        value_name = "ASSIGNMENT",
        required_unless_present_any = ["from", "to", "state", "trainer_agency", "facility"],
        conflicts_with_all = ["from", "to", "state", "trainer_agency", "facility"]
    )]
    assignments: Vec<String>,
    /// The etag that was read, with a single assignment; read now where it is not given
    #[arg(long, requires = "assignments")]
    etag: Option<String>,
    /// Do what can be done, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
    #[command(flatten)]
    range: Range,
    /// All that are in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("ASSIGNMENT_STATE_", v1::AssignmentState::as_str_name)
    )]
    state: Option<i32>,
    /// All trainers of this agency
    #[arg(long, value_name = "AGENCY")]
    trainer_agency: Option<String>,
    /// All sessions in this room
    #[arg(long)]
    facility: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

/// What a selection means where it does not say so itself.
struct Meant {
    states: &'static [State],
    whose: Whose,
}

/// Whose assignments a verb can be meant for, among those that the caller sees.
enum Whose {
    Anybodys,
    OwnTrainers,
    OwnSessions,
}

/// What can still be ended.
const OPEN: &[State] = &[State::Proposed, State::Accepted, State::Cleared];

/// Does what the verb says, each with what a selection means to it.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let assignments = || conn.client.assignment();
    macro_rules! answer {
        ($options:expr, $states:expr, $whose:ident, $request:ident, $call:ident) => {{
            let meant = Meant { states: $states, whose: Whose::$whose };
            let with = |assignments| v1::$request { assignments, ..Default::default() };
            send(conn, $options, meant, with, async |request| assignments().$call(request).await).await
        }};
    }
    match verb {
        Verb::Accept(options) => {
            answer!(options, &[State::Proposed], OwnTrainers, AcceptAssignmentsRequest, accept_assignments)
        }
        Verb::Decline(options) => {
            answer!(options, OPEN, OwnTrainers, DeclineAssignmentsRequest, decline_assignments)
        }
        Verb::Clear(options) => {
            answer!(options, &[State::Accepted], Anybodys, ClearAssignmentsRequest, clear_assignments)
        }
        Verb::Refuse(options) => answer!(options, OPEN, Anybodys, RefuseClearanceRequest, refuse_clearance),
        Verb::Withdraw(options) => {
            answer!(options, OPEN, OwnSessions, WithdrawAssignmentsRequest, withdraw_assignments)
        }
    }
}

async fn send<Q: BatchRequest, A: Answer>(
    conn: &Connection<'_>,
    options: Answers,
    meant: Meant,
    with: impl Fn(Vec<v1::SeenAssignment>) -> Q,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let seen = if options.assignments.is_empty() {
        select(conn, &options, &meant).await?
    } else {
        let names = options.assignments.iter().map(|text| names::given("assignments", text)).collect();
        batch::seen(conn, names, options.etag, async |name| Ok(get(conn, name).await?.etag)).await?
    };
    if seen.is_empty() {
        screen::note(&words::nothing_found(conn.context.language));
        return Ok(Exit::Ok);
    }
    let mut request = with(seen.into_iter().map(|(name, etag)| v1::SeenAssignment { name, etag }).collect());
    if options.best_effort {
        request.set_best_effort();
    }
    batch::send(conn, &options.sending, request, call).await
}

/// What the selection finds of sessions that have not begun.
async fn select(
    conn: &Connection<'_>,
    options: &Answers,
    meant: &Meant,
) -> Result<Vec<(String, String)>, Failure> {
    let own = names::agency(&conn.agency);
    let whose = match meant.whose {
        Whose::OwnTrainers => Some(own.clone()),
        _ => None,
    };
    let filters = List {
        range: options.range,
        state: options.state.or(match meant.states {
            [only] => Some((*only).into()),
            _ => None,
        }),
        trainer_agency: options.trainer_agency.clone().or(whose),
        facility: options.facility.clone(),
        clearance: None,
        limit: Limit::BATCH,
    };
    let any_state = options.state.is_some();
    let now = conn.context.clock.now().as_second();
    let found = find(conn, filters).await?.into_iter();
    let meant = found.filter(|found| {
        found.starts_at.is_some_and(|start| start.seconds > now) && meant.is_meant(found, any_state, &own)
    });
    Ok(meant.map(|found| (found.name, found.etag)).collect())
}

impl Meant {
    /// Whether an assignment that the filters let through is one that the verb can be meant for.
    fn is_meant(&self, found: &v1::TrainerAssignment, any_state: bool, own: &str) -> bool {
        let state = any_state || self.states.contains(&found.state());
        let whose = match self.whose {
            Whose::Anybodys => true,
            Whose::OwnTrainers => found.trainer_agency == own,
            Whose::OwnSessions => found.session.starts_with(&format!("{own}/")),
        };
        state && whose
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_means_what_the_verb_can_be_meant_for() {
        let found = |state: State, lead: &str| v1::TrainerAssignment {
            session: format!("agencies/{lead}/sessions/s1"),
            trainer_agency: "agencies/blk".into(),
            state: state.into(),
            ..Default::default()
        };
        let accept = Meant { states: &[State::Proposed], whose: Whose::OwnTrainers };
        assert!(accept.is_meant(&found(State::Proposed, "dkp"), false, "agencies/blk"));
        assert!(!accept.is_meant(&found(State::Accepted, "dkp"), false, "agencies/blk"));
        assert!(!accept.is_meant(&found(State::Proposed, "dkp"), false, "agencies/dkp"));
        let withdraw = Meant { states: OPEN, whose: Whose::OwnSessions };
        assert!(withdraw.is_meant(&found(State::Cleared, "dkp"), false, "agencies/dkp"));
        assert!(!withdraw.is_meant(&found(State::Cleared, "dkp-2"), false, "agencies/dkp"));
        assert!(!withdraw.is_meant(&found(State::Withdrawn, "dkp"), false, "agencies/dkp"));
        let refuse = Meant { states: OPEN, whose: Whose::Anybodys };
        assert!(refuse.is_meant(&found(State::Proposed, "dkp"), false, "agencies/lapas"));
        assert!(refuse.is_meant(&found(State::Declined, "dkp"), true, "agencies/lapas"));
    }
}
