//! The answers to assignments: accept and decline by the trainer's agency, clear and refuse by the prison, withdraw
//! by who proposed them.
//!
//! Owns what a selection means where no names are typed, for twenty trainers are cleared at once. Judges nothing.

use std::path::Path;

use clap::{Args, Subcommand};
use tonic::{Response, Status};
use uuid::Uuid;

use super::{List, Selection, find, get, in_force, is_none, known, said, why_none};
use crate::{
    cli::{
        ask::Asks,
        batch::{self, Answer, Chosen},
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Consent, Limit, SendOptions},
        screen,
        when::Reader,
        words,
    },
    domain::reason::Language,
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
        \x20 gerbang assignment accept --from today --to 2026-12-31 --dry-run\n\
        \x20 gerbang assignment accept --day tomorrow --trainer maharani --yes")]
    Accept(Answers),
    /// Decline for your own trainers; they are free again
    ///
    /// With a selection instead of names: all that are open.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment decline 0192d4c0-7a1e-7000-8000-000000000001\n\
        \x20 gerbang assignment decline --uid las-2026-01 --trainer maharani --yes")]
    Decline(Answers),
    /// Clear trainers to enter (prison)
    ///
    /// With a selection instead of names: all that are ACCEPTED, under an agreement in force.
    #[command(after_help = "Examples:\n\
        \x20 gerbang assignment clear 0192d4c0-7a1e-7000-8000-000000000001\n\
        \x20 gerbang assignment clear --from today --to tomorrow --trainer-agency blk-kepri\n\
        \x20 gerbang assignment clear --day 2026-12-07 --programme las-2026 --yes")]
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

/// The options of [`Selection`], which go without names.
const SELECTING: [&str; 9] =
    ["from", "to", "day", "state", "trainer", "trainer_agency", "programme", "uid", "facility"];

/// Options of the verbs that answer.
#[derive(Debug, Args)]
pub struct Answers {
    /// The UUIDs, or the full names
    #[arg(
        value_name = "ASSIGNMENT",
        required_unless_present_any = SELECTING,
        conflicts_with_all = SELECTING
    )]
    assignments: Vec<String>,
    /// The etag that was read, with a single assignment; read now where it is not given
    #[arg(long, requires = "assignments")]
    etag: Option<String>,
    /// Do what can be done, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    consent: Consent,
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

/// The states from which a trainer is cleared, which needs agreements in force too.
const CLEARABLE: &[State] = &[State::Accepted];

/// The states in which an agency has said no.
const REFUSED: &[State] = &[State::Declined, State::ClearanceRefused];

/// Does what the verb says, each verb with the assignments that it can apply to.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let assignments = || conn.client.assignment();
    macro_rules! answer {
        ($options:expr, $states:expr, $ownership:ident, $asks:ident, $ask:ident, $request:ident, $call:ident) => {{
            let eligible = Eligible { states: $states, ownership: Ownership::$ownership };
            let asks = Asks::$asks;
            let with = |assignments| v1::$request { assignments, ..Default::default() };
            let question = |chosen: &[Chosen]| words::$ask(conn.context.language, chosen.len());
            let call = async |request| assignments().$call(request).await;
            send(conn, $options, eligible, asks, question, with, call).await
        }};
    }
    match verb {
        Verb::Accept(options) => {
            answer!(
                options,
                &[State::Proposed],
                OwnTrainers,
                AboveOne,
                ask_accept,
                AcceptAssignmentsRequest,
                accept_assignments
            )
        }
        Verb::Decline(options) => {
            answer!(
                options,
                OPEN,
                OwnTrainers,
                Always,
                ask_decline,
                DeclineAssignmentsRequest,
                decline_assignments
            )
        }
        Verb::Clear(options) => {
            answer!(options, CLEARABLE, Any, AboveOne, ask_clear, ClearAssignmentsRequest, clear_assignments)
        }
        Verb::Refuse(options) => {
            let eligible = Eligible { states: OPEN, ownership: Ownership::Any };
            let with = |assignments| v1::RefuseClearanceRequest { assignments, ..Default::default() };
            let question = |chosen: &[Chosen]| refusal(conn.context.language, chosen);
            let call = async |request| assignments().refuse_clearance(request).await;
            send(conn, options, eligible, Asks::Always, question, with, call).await
        }
        Verb::Withdraw(options) => {
            answer!(
                options,
                OPEN,
                OwnSessions,
                AboveOne,
                ask_withdraw,
                WithdrawAssignmentsRequest,
                withdraw_assignments
            )
        }
        Verb::Allow(options) => {
            answer!(options, REFUSED, Any, AboveOne, ask_allow, AllowAssignmentsRequest, allow_assignments)
        }
    }
}

/// The question before trainers are refused entry, with what they lose who were let in.
fn refusal(language: Language, chosen: &[Chosen]) -> String {
    let cleared = chosen.iter().filter(|one| one.state == State::Cleared.as_str_name()).count();
    match cleared {
        0 => words::ask_refuse(language, chosen.len()),
        _ => words::ask_refuse_cleared(language, chosen.len(), cleared),
    }
}

async fn send<Q: BatchRequest, A: Answer>(
    conn: &Connection<'_>,
    options: Answers,
    eligible: Eligible,
    asks: Asks,
    question: impl Fn(&[Chosen]) -> String,
    with: impl Fn(Vec<v1::SeenAssignment>) -> Q,
    call: impl AsyncFn(Q) -> Result<Response<A>, Status>,
) -> Result<Exit, Failure> {
    let Answers { assignments, etag, best_effort, selection, consent, sending } = options;
    let (language, reader) = (conn.context.language, conn.context.reader());
    let (chosen, asks) = if assignments.is_empty() {
        // A selection finds what it finds, and so is asked for even where that is one.
        let found = select(conn, selection.clone(), &eligible).await;
        if is_none(&found) {
            return said(found, none(conn, selection, &eligible).await?);
        }
        (found?, Asks::Always)
    } else {
        if let Some(text) = assignments.iter().find(|text| !is_reference(text)) {
            return Err(Failure::Usage(words::clear_by_name(language, text)));
        }
        let names = assignments.iter().map(|text| names::given("assignments", text)).collect();
        let read = async |name: &str| Ok(chosen(get(conn, name).await?, reader));
        (batch::seen(conn, names, etag, read).await?, asks)
    };
    batch::ask::<A>(conn, &consent, &sending, asks, &chosen, |_| question(&chosen))?;
    let (mut seen, mut known) = (Vec::new(), Vec::new());
    for Chosen { name, etag, known: cells, .. } in chosen {
        seen.push(v1::SeenAssignment { name, etag });
        known.push(cells);
    }
    let mut request = with(seen);
    if best_effort {
        request.set_best_effort();
    }
    batch::send(conn, &sending, request, &known, call).await
}

fn chosen(read: v1::TrainerAssignment, reader: Reader) -> Chosen {
    Chosen {
        known: known(&read, reader),
        state: read.state().as_str_name(),
        name: read.name,
        etag: read.etag,
    }
}

/// Whether a text is an assignment's UUID, or its full name.
fn is_reference(text: &str) -> bool {
    text.contains('/') || Uuid::parse_str(text).is_ok()
}

/// Why the verb applies to nothing in a selection, and the command that helps where trainers were refused.
async fn none(conn: &Connection<'_>, selection: Selection, eligible: &Eligible) -> Result<String, Failure> {
    let (own, language) = (names::agency(&conn.agency), conn.context.language);
    let selection = eligible.own_trainers(selection, &own);
    let sought: Vec<_> = match selection.state.and_then(|state| State::try_from(state).ok()) {
        Some(state) => vec![state],
        None => eligible.states.to_vec(),
    };
    let fits = |one: &v1::TrainerAssignment| sought.contains(&one.state()) && eligible.owns(one, &own);
    let in_force = |one: &v1::TrainerAssignment| eligible.states != CLEARABLE || in_force(one);
    let sought_names: Vec<_> = sought.iter().map(State::as_str_name).collect();
    let [trainer, uid] = [&selection.trainer, &selection.uid].map(Clone::clone);
    let (mut text, all) = why_none(conn, selection, &sought_names, fits, in_force).await?;
    let refused = all.iter().any(|one| one.state() == State::ClearanceRefused);
    let named = [("--trainer", trainer), ("--uid", uid)].into_iter().filter_map(|(option, text)| {
        text.map(|text| format!("{option} {}", screen::quoted(Path::new(&text))))
    });
    let named: Vec<_> = named.collect();
    if refused && !named.is_empty() && eligible.states == CLEARABLE {
        text = format!("{text}\n{}", words::allow_again(language, named.join(" ")));
    }
    Ok(text)
}

/// Finds the selected assignments whose sessions have not begun.
async fn select(
    conn: &Connection<'_>,
    selection: Selection,
    eligible: &Eligible,
) -> Result<Vec<Chosen>, Failure> {
    let own = names::agency(&conn.agency);
    let mut selection = eligible.own_trainers(selection, &own);
    let any_state = selection.state.is_some();
    if let [only] = eligible.states {
        selection.state.get_or_insert((*only).into());
    }
    let now = conn.context.clock.now().as_second();
    let found = find(conn, List { selection, clearance: None, limit: Limit::BATCH }).await?.into_iter();
    let found = found.filter(|found| {
        found.starts_at.is_some_and(|start| start.seconds > now) && eligible.matches(found, any_state, &own)
    });
    Ok(found.map(|found| chosen(found, conn.context.reader())).collect())
}

impl Eligible {
    /// Says whether the verb can apply to an assignment that the filters let through.
    fn matches(&self, found: &v1::TrainerAssignment, any_state: bool, own: &str) -> bool {
        let state = any_state || self.states.contains(&found.state());
        let passes = self.states != CLEARABLE || in_force(found);
        state && self.owns(found, own) && passes
    }

    /// Says whether the assignment is among those that the verb applies to.
    fn owns(&self, found: &v1::TrainerAssignment, own: &str) -> bool {
        match self.ownership {
            Ownership::Any => true,
            Ownership::OwnTrainers => found.trainer_agency == own,
            Ownership::OwnSessions => found.session.starts_with(&format!("{own}/")),
        }
    }

    /// The selection, of the caller's own trainers where the verb is for these.
    fn own_trainers(&self, selection: Selection, own: &str) -> Selection {
        let Selection { trainer_agency, .. } = selection;
        let trainer_agency = match self.ownership {
            Ownership::OwnTrainers => trainer_agency.or_else(|| Some(own.to_owned())),
            _ => trainer_agency,
        };
        Selection { trainer_agency, ..selection }
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
        let clear = Eligible { states: CLEARABLE, ownership: Ownership::Any };
        let mut accepted = found(State::Accepted, "dkp");
        accepted.missing = vec![v1::ClearanceStep::PrisonClears.into()];
        assert!(clear.matches(&accepted, false, "agencies/lapas"));
        accepted.missing.push(v1::ClearanceStep::AgreementInForce.into());
        assert!(!clear.matches(&accepted, false, "agencies/lapas"), "nothing passes under it");
        let refuse = Eligible { states: OPEN, ownership: Ownership::Any };
        assert!(refuse.matches(&found(State::Proposed, "dkp"), false, "agencies/lapas"));
        assert!(refuse.matches(&found(State::Declined, "dkp"), true, "agencies/lapas"));
    }
}
