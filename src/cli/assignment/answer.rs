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
        options::{Limit, Range, SendOptions},
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
    /// Let the lead agency propose trainers again whom your agency declined, or did not let in
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment allow 0192d4c0-7a1e-7000-8000-000000000001\n\
        \x20 gerbang assignment allow --from today --state declined")]
    Allow(Answers),
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
    sending: SendOptions,
}

/// Narrows a selection to the assignments that the verb can apply to, where the selection does not say so itself.
struct Eligible {
    states: &'static [State],
    ownership: Ownership,
}

/// The owner of the assignments that a verb applies to, among those that the caller sees.
enum Ownership {
    Any,
    OwnTrainers,
    OwnSessions,
}

/// The states from which an assignment can still be ended.
const OPEN: &[State] = &[State::Proposed, State::Accepted, State::Cleared];

/// The states in which an agency has said no.
const REFUSED: &[State] = &[State::Declined, State::ClearanceRefused];

/// Does what the verb says, each verb with the assignments that it can apply to.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let assignments = || conn.client.assignment();
    macro_rules! answer {
        ($options:expr, $states:expr, $ownership:ident, $request:ident, $call:ident) => {{
            let eligible = Eligible { states: $states, ownership: Ownership::$ownership };
            let with = |assignments| v1::$request { assignments, ..Default::default() };
            send(conn, $options, eligible, with, async |request| assignments().$call(request).await).await
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
            answer!(options, &[State::Accepted], Any, ClearAssignmentsRequest, clear_assignments)
        }
        Verb::Refuse(options) => answer!(options, OPEN, Any, RefuseClearanceRequest, refuse_clearance),
        Verb::Withdraw(options) => {
            answer!(options, OPEN, OwnSessions, WithdrawAssignmentsRequest, withdraw_assignments)
        }
        Verb::Allow(options) => {
            answer!(options, REFUSED, Any, AllowAssignmentsRequest, allow_assignments)
        }
    }
}

async fn send<Q: BatchRequest, A: Answer>(
    conn: &Connection<'_>,
    options: Answers,
    eligible: Eligible,
    with: impl Fn(Vec<v1::SeenAssignment>) -> Q,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let seen = if options.assignments.is_empty() {
        select(conn, &options, &eligible).await?
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

/// Finds the selected assignments whose sessions have not begun: name and etag of each.
async fn select(
    conn: &Connection<'_>,
    options: &Answers,
    eligible: &Eligible,
) -> Result<Vec<(String, String)>, Failure> {
    let own = names::agency(&conn.agency);
    let trainer_agency = match eligible.ownership {
        Ownership::OwnTrainers => Some(own.clone()),
        _ => None,
    };
    let filters = List {
        range: options.range,
        state: options.state.or(match eligible.states {
            [only] => Some((*only).into()),
            _ => None,
        }),
        trainer_agency: options.trainer_agency.clone().or(trainer_agency),
        facility: options.facility.clone(),
        clearance: None,
        limit: Limit::BATCH,
    };
    let any_state = options.state.is_some();
    let now = conn.context.clock.now().as_second();
    let found = find(conn, filters).await?.into_iter();
    let found = found.filter(|found| {
        found.starts_at.is_some_and(|start| start.seconds > now) && eligible.matches(found, any_state, &own)
    });
    Ok(found.map(|found| (found.name, found.etag)).collect())
}

impl Eligible {
    /// Says whether the verb can apply to an assignment that the filters let through.
    fn matches(&self, found: &v1::TrainerAssignment, any_state: bool, own: &str) -> bool {
        let state = any_state || self.states.contains(&found.state());
        let owned = match self.ownership {
            Ownership::Any => true,
            Ownership::OwnTrainers => found.trainer_agency == own,
            Ownership::OwnSessions => found.session.starts_with(&format!("{own}/")),
        };
        state && owned
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
        let accept = Eligible { states: &[State::Proposed], ownership: Ownership::OwnTrainers };
        assert!(accept.matches(&found(State::Proposed, "dkp"), false, "agencies/blk"));
        assert!(!accept.matches(&found(State::Accepted, "dkp"), false, "agencies/blk"));
        assert!(!accept.matches(&found(State::Proposed, "dkp"), false, "agencies/dkp"));
        let withdraw = Eligible { states: OPEN, ownership: Ownership::OwnSessions };
        assert!(withdraw.matches(&found(State::Cleared, "dkp"), false, "agencies/dkp"));
        assert!(!withdraw.matches(&found(State::Cleared, "dkp-2"), false, "agencies/dkp"));
        assert!(!withdraw.matches(&found(State::Withdrawn, "dkp"), false, "agencies/dkp"));
        let refuse = Eligible { states: OPEN, ownership: Ownership::Any };
        assert!(refuse.matches(&found(State::Proposed, "dkp"), false, "agencies/lapas"));
        assert!(refuse.matches(&found(State::Declined, "dkp"), true, "agencies/lapas"));
    }
}
