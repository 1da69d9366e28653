//! `gerbang schedule`: training schedules (jadwal pelatihan) and their sessions. Which sessions a verb acts on is
//! `choose`'s, which of them can be confirmed `ready`'s, and who has acknowledged them `readers`'.

mod choose;
pub(super) mod readers;
pub(super) mod ready;

use clap::{Args, Subcommand};

use super::{
    ask::Asks,
    batch,
    choice::choice,
    connection::Connection,
    failure::{Exit, Failure},
    missed::{Item, Near, Sought},
    names,
    options::{FromFile, Limit, Period},
    programme, remark,
    screen::{self, Heading, Output},
    select,
    when::{self, Reader},
    words,
};
use crate::{
    domain::{name::Facilities, time::Zone},
    proto::{shape::BatchRequest, v1},
};

use choose::{Agreed, Which, choose, named};

/// Push schedules, look at sessions, confirm and cancel them
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Push schedules from a file; shows what became of each session (lead agency)
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule push blk-las.json\n\
        \x20 gerbang schedule push blk-las.json --dry-run\n\
        \x20 gerbang schedule push - --best-effort -o json")]
    Push(Push),
    /// List sessions by their start, and how far the readers of your own have come
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule list --from today --to 2026-12-31\n\
        \x20 gerbang schedule list --day tomorrow\n\
        \x20 gerbang schedule list --programme blk-kepri/las-2026 --state tentative")]
    List(List),
    /// Show one session
    #[command(after_help = "Examples:\n  gerbang schedule show blk-kepri/las-2026-01")]
    Show {
        /// The name, in full or as CODE/UID; a bare UID is your own agency's
        session: String,
    },
    /// Confirm sessions, each in its room (prison)
    ///
    /// A session needs a room and one lead trainer who is accepted and competent. With a selection instead of
    /// names, every TENTATIVE session that it finds is confirmed; with --ready, those of them that can be.
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule confirm blk-kepri/las-2026-01 --facility bengkel-las\n\
        \x20 gerbang schedule confirm --from today --to tomorrow --ready\n\
        \x20 gerbang schedule confirm --programme blk-kepri/las-2026 --from today --dry-run\n\
        \x20 gerbang schedule confirm --from today --to 2026-12-31 --best-effort --yes")]
    Confirm(Confirm),
    /// Decline sessions and free their trainers and rooms (prison)
    ///
    /// With a selection instead of names, every session that it finds and that has not begun is declined.
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule decline blk-kepri/las-2026-01 --note \"The workshop is being repaired\"\n\
        \x20 gerbang schedule decline --day 2026-12-07 --note \"The workshop is being repaired\" --yes")]
    Decline(Decline),
    /// Cancel sessions for good and free their trainers; all or nothing
    ///
    /// With a selection instead of names, every session that it finds and that has not begun is cancelled.
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule cancel blk-kepri/las-2026-01 blk-kepri/las-2026-02 --note \"Flood\"\n\
        \x20 gerbang schedule cancel --day 2026-12-07 --programme las-2026 --note \"Flood\" --yes")]
    Cancel(Cancel),
}

/// Options of `push`.
#[derive(Debug, Args)]
pub struct Push {
    #[command(flatten)]
    pub(super) from: FromFile,
    /// Store what is good, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
}

/// Filters of `list`.
#[derive(Debug, Default, Clone, Args)]
pub struct List {
    #[command(flatten)]
    period: Period,
    /// Only those of this programme: CODE/ID, the ID, or a part of its title
    #[arg(long)]
    programme: Option<String>,
    /// Only those that this agency leads: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Only those in this state
    #[arg(long, ignore_case = true, value_parser = choice("SESSION_STATE_", v1::SessionState::as_str_name))]
    state: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

/// Options of `confirm`.
#[derive(Debug, Args)]
pub struct Confirm {
    #[command(flatten)]
    which: Which,
    /// The room for all of them, in full or as CODE/ID; a bare ID is your own. Else the one that each has
    #[arg(long)]
    facility: Option<String>,
    /// Of a selection, only those that the gateway would confirm now; the others are counted
    #[arg(long, conflicts_with = "sessions")]
    ready: bool,
    /// Confirm what is good, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
}

/// Options of `decline`.
#[derive(Debug, Args)]
pub struct Decline {
    #[command(flatten)]
    which: Which,
    /// Why, for the other side
    #[arg(long)]
    note: String,
    /// Decline what can be declined, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
}

/// Options of `cancel`.
#[derive(Debug, Args)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why, for the other side
    #[arg(long)]
    note: String,
}

pub(super) const SESSION_HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("SESSION", "SESI"),
    ("PROGRAMME", "PROGRAM"),
    ("TOPIC", "MATERI"),
    ("TRAINERS", "PELATIH"),
    ("ROOM", "RUANG"),
    ("STATE", "STATUS"),
    ("NOTE", "CATATAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Push(options) => push(conn, options).await,
        Verb::List(filters) => list(conn, filters).await,
        Verb::Show { session } => {
            let session = named(conn, &session).await?;
            let shown = conn.show(&session).await?;
            readers::print(conn, &[session]).await?;
            Ok(shown)
        }
        Verb::Confirm(options) => confirm(conn, options).await,
        Verb::Decline(options) => decline(conn, options).await,
        Verb::Cancel(options) => cancel(conn, options).await,
    }
}

async fn push(conn: &Connection<'_>, options: Push) -> Result<Exit, Failure> {
    let call = async |request: v1::PushScheduleRequest| conn.client.schedule().push_schedule(request).await;
    let known = |request: &v1::PushScheduleRequest| known_of_push(request, conn.context.reader());
    batch::submit(conn, &options.from, options.best_effort, known, call).await
}

async fn cancel(conn: &Connection<'_>, options: Cancel) -> Result<Exit, Failure> {
    let question = |count| words::ask_cancel_sessions(conn.context.language, count);
    let Some(Agreed { sessions, known, sending, .. }) =
        choose::<v1::CancelSessionsResponse>(conn, options.which, PLANNED, all, "", Asks::Always, question)
            .await?
    else {
        return Ok(Exit::Ok);
    };
    let sessions = sessions.into_iter().map(|(name, etag)| v1::SessionCancellation { name, etag }).collect();
    let request = v1::CancelSessionsRequest { sessions, note: options.note, ..Default::default() };
    let call = async |request| conn.client.schedule().cancel_sessions(request).await;
    batch::send(conn, &sending, request, &known, call).await
}

async fn decline(conn: &Connection<'_>, options: Decline) -> Result<Exit, Failure> {
    let question = |count| words::ask_decline_sessions(conn.context.language, count);
    let Some(Agreed { sessions, known, sending, .. }) =
        choose::<v1::DeclineSessionsResponse>(conn, options.which, PLANNED, all, "", Asks::Always, question)
            .await?
    else {
        return Ok(Exit::Ok);
    };
    let sessions = sessions.into_iter().map(|(name, etag)| v1::SessionDecline { name, etag }).collect();
    let mut request = v1::DeclineSessionsRequest { sessions, note: options.note, ..Default::default() };
    if options.best_effort {
        request.set_best_effort();
    }
    let call = async |request| conn.client.schedule().decline_sessions(request).await;
    batch::send(conn, &sending, request, &known, call).await
}

async fn confirm(conn: &Connection<'_>, options: Confirm) -> Result<Exit, Failure> {
    let question = |count| words::ask_confirm_sessions(conn.context.language, count);
    let room = options.facility.map(|room| conn.full::<Facilities>(&room)).unwrap_or_default();
    let eligible = async |found: Vec<v1::Session>| {
        if options.ready { ready::only(conn, found, &room).await } else { Ok(found) }
    };
    let states = &[v1::SessionState::Tentative];
    let Some(Agreed { sessions, known, any_declined, sending }) = choose::<v1::ConfirmSessionsResponse>(
        conn,
        options.which,
        states,
        eligible,
        &room,
        Asks::AboveOne,
        question,
    )
    .await?
    else {
        return Ok(Exit::Ok);
    };

    let confirmation = |(name, etag)| v1::SessionConfirmation { name, etag, facility: room.clone() };
    let sessions = sessions.into_iter().map(confirmation).collect();
    let mut request = v1::ConfirmSessionsRequest { sessions, ..Default::default() };
    if options.best_effort {
        request.set_best_effort();
    }
    let call = async |request| conn.client.schedule().confirm_sessions(request).await;
    let exit = batch::send(conn, &sending, request, &known, call).await?;
    if any_declined && conn.context.output == Output::Table {
        screen::note(&words::push_again_first(conn.context.language));
    }
    Ok(exit)
}

/// The states of sessions that still take place.
const PLANNED: &[v1::SessionState] = &[v1::SessionState::Tentative, v1::SessionState::Confirmed];

async fn all(found: Vec<v1::Session>) -> Result<Vec<v1::Session>, Failure> {
    Ok(found)
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let narrowed = filters.period.is_given() || filters.state.is_some();
    let found = find(conn, filters.clone()).await?;
    if found.is_empty() && narrowed && conn.context.output == Output::Table {
        let state = filters.state.and_then(|state| v1::SessionState::try_from(state).ok());
        screen::note(&why_none(conn, filters, state.as_slice()).await?);
        return Ok(Exit::Ok);
    }
    let shown = conn.list(&found, SESSION_HEADINGS, |session| session_row(session, conn.context.reader()))?;
    readers::print(conn, &found).await?;
    Ok(shown)
}

async fn find(conn: &Connection<'_>, filters: List) -> Result<Vec<v1::Session>, Failure> {
    let (range_start, range_end) = conn.bounds(&filters.period.range()).await?;
    let programme = match &filters.programme {
        Some(text) => programme::named(conn, text).await?,
        None => String::new(),
    };
    let agency = match &filters.agency {
        Some(text) => select::agency(conn, text).await?,
        None => String::new(),
    };
    let asked = v1::ListSessionsRequest {
        agency,
        programme,
        state: filters.state.unwrap_or_default(),
        range_start,
        range_end,
        ..Default::default()
    };
    pages(conn, &filters.limit, asked).await
}

/// Why there are no sessions of these states in the period; see [`missed`](super::missed). Three round trips at the most.
async fn why_none(
    conn: &Connection<'_>,
    filters: List,
    states: &[v1::SessionState],
) -> Result<String, Failure> {
    let sought = Sought::of(conn, Item::Session, &filters.period).await?;
    let wide = List { period: sought.wide(), state: None, limit: Limit::BATCH, ..filters };
    let near = |one: v1::Session| {
        Some(Near {
            start: when::of_proto(one.starts_at.as_ref())?,
            end: when::of_proto(one.ends_at.as_ref())?,
            state: one.state().as_str_name(),
            fits: states.is_empty() || states.contains(&one.state()),
            in_force: true,
            zone: Zone::from_store(one.time_zone),
        })
    };
    let near: Vec<_> = find(conn, wide).await?.into_iter().filter_map(near).collect();
    let states: Vec<_> = states.iter().map(v1::SessionState::as_str_name).collect();
    Ok(sought.text(conn.context.language, &states, &near))
}

/// The sessions that a request asks for, up to the limit.
pub(super) async fn pages(
    conn: &Connection<'_>,
    limit: &Limit,
    asked: v1::ListSessionsRequest,
) -> Result<Vec<v1::Session>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListSessionsRequest { page_size, page_token, ..asked.clone() };
        conn.client.schedule().list_sessions(request).await
    };
    let split = |page: v1::ListSessionsResponse| (page.sessions, page.next_page_token);
    conn.pages(limit, fetch, split).await
}

/// The sessions that the caller may see and that have not ended.
pub(super) async fn ahead(conn: &Connection<'_>) -> Result<Vec<v1::Session>, Failure> {
    let range_start = Some(when::to_proto(conn.now()));
    pages(conn, &Limit::BATCH, v1::ListSessionsRequest { range_start, ..Default::default() }).await
}

/// The sessions that the caller may see within a period.
pub(super) async fn within(conn: &Connection<'_>, period: Period) -> Result<Vec<v1::Session>, Failure> {
    find(conn, List { period, limit: Limit::BATCH, ..List::default() }).await
}

/// The sessions of a programme.
pub(super) async fn of_programme(
    conn: &Connection<'_>,
    programme: &str,
) -> Result<Vec<v1::Session>, Failure> {
    let asked = v1::ListSessionsRequest { programme: programme.to_owned(), ..Default::default() };
    pages(conn, &Limit::BATCH, asked).await
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Session, Failure> {
    let request = v1::GetSessionRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.schedule().get_session(request.clone()).await).await?;
    Ok(answer.session.unwrap_or_default())
}

/// As [`known`], of each session that is pushed.
pub(super) fn known_of_push(request: &v1::PushScheduleRequest, reader: Reader) -> Vec<Vec<String>> {
    let programme = names::short(&request.programme);
    let cells = |draft: &v1::SessionDraft| {
        let (start, end) = (draft.starts_at.as_ref(), draft.ends_at.as_ref());
        let when = when::span(start, end, &request.time_zone, reader);
        vec![when, programme.clone(), draft.topic.clone(), names::short(&draft.facility)]
    };
    request.sessions.iter().map(cells).collect()
}

/// What people know a session by: when, of which programme, on what, and where.
pub(super) fn known(session: &v1::Session, reader: Reader) -> Vec<String> {
    let (start, end) = (session.starts_at.as_ref(), session.ends_at.as_ref());
    let when = when::span(start, end, &session.time_zone, reader);
    vec![when, session.programme_title.clone(), session.topic.clone(), names::short(&session.facility)]
}

pub(super) fn session_row(session: &v1::Session, reader: Reader) -> Vec<String> {
    let trainers: Vec<_> = session.trainers.iter().map(|trainer| names::short(&trainer.trainer)).collect();
    vec![
        when::span(session.starts_at.as_ref(), session.ends_at.as_ref(), &session.time_zone, reader),
        names::short(&session.name),
        session.programme_title.clone(),
        session.topic.clone(),
        trainers.join(", "),
        names::short(&session.facility),
        session.state().as_str_name().to_owned(),
        remark::cell(session.remarks.last()),
    ]
}
