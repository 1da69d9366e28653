//! The story's middle: the answers to what was pushed, and who may enter the prison for it.

use super::{Rows, Story, steps, steps::ONCE};
use crate::{
    cli::{
        assignment, connection::Connection, failure::Failure, names, options::Limit, schedule,
        screen::Heading,
    },
    proto::v1,
};

pub const CLEARED: &[Heading] = &[
    ("AGENCY", "INSTANSI"),
    ("ASSIGNMENTS", "PENUGASAN"),
    ("CLEARED", "DIIZINKAN"),
    ("STILL OPEN", "BELUM SELESAI"),
];

/// DKPP has not yet answered for its trainer in this session. So it stays TENTATIVE, and nobody enters for it.
const UNANSWERED: &str = "agencies/dkpp-bintan/sessions/hidroponik-2026-01";

/// The rooms that the prison chooses where the schedule names none.
const ROOMS: [(&str, &str); 2] =
    [("agencies/blk-kepri/", "ruang-kelas"), ("agencies/dkpp-bintan/", "rumah-kaca")];

/// How long after the first session a door still asks for the same day.
const DAY_SECONDS: i64 = 12 * 3600;

/// The trainers' agencies accept, all but one, and the prison clears who was accepted.
pub async fn clear(story: &Story<'_>) -> Result<Rows, Failure> {
    for profile in ["blk", "dkpp", "lapas"] {
        let conn = story.conn(profile);
        let own = names::agency(&conn.agency);
        let mut proposed = list(story, conn, v1::Clearance::Missing).await?;
        proposed.retain(|found| {
            found.trainer_agency == own
                && found.state() == v1::AssignmentState::Proposed
                && (found.session != UNANSWERED || profile != "dkpp")
        });
        if let Some(assignments) = seen(proposed) {
            let request = v1::AcceptAssignmentsRequest { assignments, ..Default::default() };
            let call = async |request| conn.client.assignment().accept_assignments(request).await;
            let answer: v1::AcceptAssignmentsResponse = conn.send(&ONCE, request, call).await?;
            steps::stored(story, &answer, &own)?;
        }
    }
    let lapas = story.conn("lapas");
    let mut accepted = list(story, lapas, v1::Clearance::Missing).await?;
    accepted.retain(|found| found.state() == v1::AssignmentState::Accepted);
    if let Some(assignments) = seen(accepted) {
        let request = v1::ClearAssignmentsRequest { assignments, ..Default::default() };
        let call = async |request| lapas.client.assignment().clear_assignments(request).await;
        let answer: v1::ClearAssignmentsResponse = lapas.send(&ONCE, request, call).await?;
        steps::stored(story, &answer, &lapas.agency)?;
    }
    let all = list(story, lapas, v1::Clearance::Unspecified).await?;
    let rows = ["blk", "dkpp", "lapas"].map(|profile| {
        let own = names::agency(&story.conn(profile).agency);
        let count = |states: &[v1::AssignmentState]| {
            all.iter().filter(|found| found.trainer_agency == own && states.contains(&found.state())).count()
        };
        use v1::AssignmentState::{Accepted, Cleared, Proposed};
        let [all, cleared, open] =
            [count(&[Proposed, Accepted, Cleared]), count(&[Cleared]), count(&[Proposed, Accepted])];
        let open = if open > 0 { open.to_string() } else { String::new() };
        vec![names::short(&own), all.to_string(), cleared.to_string(), open]
    });
    Ok(rows.into())
}

/// The prison confirms the sessions of these days, each in its room, as far as that can be.
pub async fn confirm(story: &Story<'_>) -> Result<(), Failure> {
    let lapas = story.conn("lapas");
    let tentative = sessions(story, lapas, v1::SessionState::Tentative).await?;
    if tentative.is_empty() {
        return Ok(());
    }
    let known: Vec<_> =
        tentative.iter().map(|session| schedule::known(session, story.context.reader())).collect();
    let confirmations = tentative.into_iter().map(|session| {
        let chosen = ROOMS.iter().find(|(lead, _)| session.name.starts_with(lead));
        let facility = match chosen {
            Some((_, room)) if session.facility.is_empty() => {
                format!("agencies/{}/facilities/{room}", lapas.agency)
            }
            _ => String::new(),
        };
        v1::SessionConfirmation { name: session.name, etag: session.etag, facility }
    });
    let mut request = v1::ConfirmSessionsRequest { sessions: confirmations.collect(), ..Default::default() };
    request.set_mode(v1::BatchMode::BestEffort);
    let call = async |request| lapas.client.schedule().confirm_sessions(request).await;
    let answer: v1::ConfirmSessionsResponse = lapas.send(&ONCE, request, call).await?;
    steps::show(story, &answer, &known)?;
    let left = sessions(story, lapas, v1::SessionState::Tentative).await?;
    match left.iter().find(|session| session.name != UNANSWERED) {
        Some(session) => steps::holds(story, false, &names::short(&session.name), "SESSION_STATE_TENTATIVE"),
        None => Ok(()),
    }
}

/// Who may enter on the first day. The prison knows by now; the device at its door sees today and tomorrow, and nobody
/// else than the prison does.
pub async fn who_may_enter(story: &Story<'_>) -> Result<Rows, Failure> {
    let mut granted = list(story, story.conn("lapas"), v1::Clearance::Granted).await?;
    let door = list(story, story.conn("p2u"), v1::Clearance::Granted).await?;
    let known = |one: &v1::TrainerAssignment| granted.iter().any(|other| other.name == one.name);
    steps::holds(story, door.iter().all(known), "assignment tomorrow", "CLEARANCE_GRANTED")?;
    let start = |found: &v1::TrainerAssignment| found.starts_at.unwrap_or_default().seconds;
    let first = granted.iter().map(start).min().unwrap_or_default();
    granted.retain(|found| start(found) < first + DAY_SECONDS);
    let unanswered = granted.iter().any(|found| found.session == UNANSWERED);
    steps::holds(story, !unanswered && !granted.is_empty(), "assignment list", "CLEARANCE_GRANTED")?;
    let agencies = assignment::door::agencies_of(story.conn("lapas"), &granted).await?;
    let reader = story.context.reader();
    Ok(granted.iter().map(|found| assignment::door::row(found, &agencies, reader)).collect())
}

/// The assignments of the days that are told of, as the caller sees them.
async fn list(
    story: &Story<'_>,
    conn: &Connection<'_>,
    clearance: v1::Clearance,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let (range_start, range_end) = story.days_told()?;
    let fetch = async |page_size, page_token| {
        let clearance = clearance.into();
        let request = v1::ListTrainerAssignmentsRequest {
            page_size,
            page_token,
            range_start,
            range_end,
            clearance,
            ..Default::default()
        };
        conn.client.assignment().list_trainer_assignments(request).await
    };
    let split = |page: v1::ListTrainerAssignmentsResponse| (page.assignments, page.next_page_token);
    conn.pages(&Limit::BATCH, fetch, split).await
}

async fn sessions(
    story: &Story<'_>,
    conn: &Connection<'_>,
    state: v1::SessionState,
) -> Result<Vec<v1::Session>, Failure> {
    let (range_start, range_end) = story.days_told()?;
    let fetch = async |page_size, page_token| {
        let state = state.into();
        let request = v1::ListSessionsRequest {
            page_size,
            page_token,
            state,
            range_start,
            range_end,
            ..Default::default()
        };
        conn.client.schedule().list_sessions(request).await
    };
    let split = |page: v1::ListSessionsResponse| (page.sessions, page.next_page_token);
    conn.pages(&Limit::BATCH, fetch, split).await
}

/// `None` where there is nothing left to do.
fn seen(found: Vec<v1::TrainerAssignment>) -> Option<Vec<v1::SeenAssignment>> {
    let seen = found.into_iter().map(|found| v1::SeenAssignment { name: found.name, etag: found.etag });
    Some(seen.collect()).filter(|seen: &Vec<_>| !seen.is_empty())
}
