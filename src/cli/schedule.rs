//! `gerbang schedule`: training schedules (jadwal pelatihan) and their sessions.

use clap::{Args, Subcommand};

use super::{
    batch,
    choice::{choice, short},
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{FromFile, Limit, Range, SendOptions},
    screen::{self, Heading},
    when, words,
};
use crate::{
    domain::{
        name::{Facilities, Programmes, Sessions},
        reason::Language,
    },
    proto::{shape::BatchRequest, v1},
};

/// Push schedules, look at sessions, confirm and cancel them
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Push schedules from a file; shows what became of each session (lead agency)
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule push blk-las.json\n\
        \x20 gerbang schedule push blk-las.json --dry-run\n\
        \x20 gerbang schedule push - --best-effort -o json")]
    Push(Push),
    /// List sessions by their start
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule list --from today --to 2026-12-31\n\
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
    /// names, every TENTATIVE session that it finds is confirmed.
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule confirm blk-kepri/las-2026-01 --facility bengkel-las\n\
        \x20 gerbang schedule confirm --programme blk-kepri/las-2026 --from today --dry-run\n\
        \x20 gerbang schedule confirm --from today --to 2026-12-31 --best-effort")]
    Confirm(Confirm),
    /// Decline sessions and free their trainers and rooms (prison)
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule decline blk-kepri/las-2026-01 --note \"The workshop is being repaired\"")]
    Decline(Decline),
    /// Cancel sessions for good and free their trainers; all or nothing
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule cancel blk-kepri/las-2026-01 blk-kepri/las-2026-02 --note \"Flood\"")]
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
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    range: Range,
    /// Only those of this programme
    #[arg(long)]
    programme: Option<String>,
    /// Only those that this agency leads
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
    /// The names, in full or as CODE/UID; a bare UID is your own agency's
    #[arg(
        value_name = "SESSION",
        required_unless_present_any = ["from", "to", "programme"],
        conflicts_with_all = ["from", "to", "programme"]
    )]
    sessions: Vec<String>,
    /// The etag that was read, with a single session; read now where it is not given
    #[arg(long, requires = "sessions")]
    etag: Option<String>,
    /// The room for all of them, in full or as CODE/ID; a bare ID is your own. Else the one that each has
    #[arg(long)]
    facility: Option<String>,
    /// Confirm what is good, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
    #[command(flatten)]
    range: Range,
    /// All of this programme
    #[arg(long)]
    programme: Option<String>,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `decline`.
#[derive(Debug, Args)]
pub struct Decline {
    /// The names, in full or as CODE/UID; a bare UID is your own agency's
    #[arg(required = true, value_name = "SESSION")]
    sessions: Vec<String>,
    /// The etag that was read, with a single session; read now where it is not given
    #[arg(long)]
    etag: Option<String>,
    /// Why, for the other side
    #[arg(long)]
    note: String,
    /// Decline what can be declined, instead of all or nothing
    #[arg(long)]
    best_effort: bool,
    #[command(flatten)]
    sending: SendOptions,
}

/// Options of `cancel`.
#[derive(Debug, Args)]
pub struct Cancel {
    /// The names, in full or as CODE/UID; a bare UID is your own agency's
    #[arg(required = true, value_name = "SESSION")]
    sessions: Vec<String>,
    /// The etag that was read, with a single session; read now where it is not given
    #[arg(long)]
    etag: Option<String>,
    /// Why, for the other side
    #[arg(long)]
    note: String,
    #[command(flatten)]
    sending: SendOptions,
}

const SESSION_HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("SESSION", "SESI"),
    ("PROGRAMME", "PROGRAM"),
    ("TOPIC", "MATERI"),
    ("TRAINERS", "PELATIH"),
    ("ROOM", "RUANG"),
    ("STATE", "KEADAAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Push(options) => push(conn, options).await,
        Verb::List(filters) => list(conn, filters).await,
        Verb::Show { session } => conn.show(&get(conn, &conn.full::<Sessions>(&session)).await?),
        Verb::Confirm(options) => confirm(conn, options).await,
        Verb::Decline(options) => decline(conn, options).await,
        Verb::Cancel(options) => cancel(conn, options).await,
    }
}

async fn push(conn: &Connection<'_>, options: Push) -> Result<Exit, Failure> {
    let call = async |request: v1::PushScheduleRequest| conn.client.schedule().push_schedule(request).await;
    batch::submit(conn, &options.from, options.best_effort, call).await
}

async fn cancel(conn: &Connection<'_>, options: Cancel) -> Result<Exit, Failure> {
    let sessions = seen(conn, &options.sessions, options.etag).await?;
    let sessions = sessions.into_iter().map(|(name, etag)| v1::SessionCancellation { name, etag }).collect();
    let request = v1::CancelSessionsRequest { sessions, note: options.note, ..Default::default() };
    let call = async |request| conn.client.schedule().cancel_sessions(request).await;
    batch::send(conn, &options.sending, request, call).await
}

async fn decline(conn: &Connection<'_>, options: Decline) -> Result<Exit, Failure> {
    let sessions = seen(conn, &options.sessions, options.etag).await?;
    let sessions = sessions.into_iter().map(|(name, etag)| v1::SessionDecline { name, etag }).collect();
    let mut request = v1::DeclineSessionsRequest { sessions, note: options.note, ..Default::default() };
    if options.best_effort {
        request.set_best_effort();
    }
    let call = async |request| conn.client.schedule().decline_sessions(request).await;
    batch::send(conn, &options.sending, request, call).await
}

async fn confirm(conn: &Connection<'_>, options: Confirm) -> Result<Exit, Failure> {
    let sessions = if options.sessions.is_empty() {
        tentative(conn, &options).await?
    } else {
        seen(conn, &options.sessions, options.etag).await?
    };
    if sessions.is_empty() {
        screen::note(&words::nothing_found(conn.context.language));
        return Ok(Exit::Ok);
    }
    let room = options.facility.map(|room| conn.full::<Facilities>(&room)).unwrap_or_default();
    let confirmation = |(name, etag)| v1::SessionConfirmation { name, etag, facility: room.clone() };
    let sessions = sessions.into_iter().map(confirmation).collect();
    let mut request = v1::ConfirmSessionsRequest { sessions, ..Default::default() };
    if options.best_effort {
        request.set_best_effort();
    }
    let call = async |request| conn.client.schedule().confirm_sessions(request).await;
    batch::send(conn, &options.sending, request, call).await
}

/// The sessions that a selection means: TENTATIVE ones that have not begun.
async fn tentative(conn: &Connection<'_>, options: &Confirm) -> Result<Vec<(String, String)>, Failure> {
    let filters = List {
        range: options.range,
        programme: options.programme.clone(),
        agency: None,
        state: Some(v1::SessionState::Tentative.into()),
        limit: Limit::BATCH,
    };
    let ahead = |session: &v1::Session| {
        session.starts_at.is_some_and(|start| start.seconds > conn.context.clock.now().as_second())
    };
    let found = find(conn, filters).await?.into_iter().filter(ahead);
    Ok(found.map(|session| (session.name, session.etag)).collect())
}

/// The sessions that were named, each with its etag.
async fn seen(
    conn: &Connection<'_>,
    sessions: &[String],
    etag: Option<String>,
) -> Result<Vec<(String, String)>, Failure> {
    let names = sessions.iter().map(|text| conn.full::<Sessions>(text)).collect();
    batch::seen(conn, names, etag, async |name| Ok(get(conn, name).await?.etag)).await
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let found = find(conn, filters).await?;
    conn.list(&found, SESSION_HEADINGS, |session| session_row(session, conn.context.language))
}

async fn find(conn: &Connection<'_>, filters: List) -> Result<Vec<v1::Session>, Failure> {
    let (range_start, range_end) = conn.bounds(&filters.range).await?;
    let asked = v1::ListSessionsRequest {
        agency: filters.agency.as_deref().map(names::agency).unwrap_or_default(),
        programme: filters.programme.map(|name| conn.full::<Programmes>(&name)).unwrap_or_default(),
        state: filters.state.unwrap_or_default(),
        range_start,
        range_end,
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListSessionsRequest { page_size, page_token, ..asked.clone() };
        conn.client.schedule().list_sessions(request).await
    };
    let split = |page: v1::ListSessionsResponse| (page.sessions, page.next_page_token);
    conn.pages(&filters.limit, fetch, split).await
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Session, Failure> {
    let request = v1::GetSessionRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.schedule().get_session(request.clone()).await).await?;
    Ok(answer.session.unwrap_or_default())
}

fn session_row(session: &v1::Session, language: Language) -> Vec<String> {
    let trainers: Vec<_> = session.trainers.iter().map(|trainer| names::short(&trainer.trainer)).collect();
    vec![
        when::span(session.starts_at.as_ref(), session.ends_at.as_ref(), &session.time_zone, language),
        names::short(&session.name),
        session.programme_title.clone(),
        session.topic.clone(),
        trainers.join(", "),
        names::short(&session.facility),
        short("SESSION_STATE_", session.state().as_str_name()).to_owned(),
    ]
}
