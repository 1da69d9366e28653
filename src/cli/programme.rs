//! `gerbang programme`: training programmes (paket pembinaan), from plan to end.

use clap::{Args, Subcommand};

use super::{
    ask::{self, Asks},
    choice::choice,
    connection::{Connection, Resolved},
    failure::{Exit, Failure},
    names,
    options::{Consent, FinalTarget, FromFile, Limit, NotedTarget, Target},
    remark,
    screen::{self, Heading},
    select, words,
};
use crate::{
    domain::name::{Agreements, Programmes},
    proto::v1,
};

/// Plan, approve and open training programmes
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Plan programmes from a file (lead agency)
    #[command(after_help = "Examples:\n  gerbang programme create blk-las.json")]
    Create(FromFile),
    /// Replace a plan; after approval it needs approval again (lead agency)
    #[command(after_help = "Examples:\n  gerbang programme update blk-las.json")]
    Update(FromFile),
    /// Move a programme that is not open yet to another agreement with the same prison (lead agency)
    #[command(after_help = "Examples:\n  gerbang programme move las-2026 --to pks-las-2027")]
    Move(Move),
    /// Approve a plan (prison)
    #[command(after_help = "Examples:\n  gerbang programme approve blk-kepri/las-2026 --profile lapas")]
    Approve(Target),
    /// Open an approved programme: schedules may be pushed (lead agency)
    #[command(after_help = "Examples:\n  gerbang programme open las-2026")]
    Open(Target),
    /// Cancel a programme with every session that lies ahead
    #[command(after_help = "Examples:\n  gerbang programme cancel las-2026 --note \"Workshop closed\"")]
    Cancel(FinalTarget),
    /// Show one programme
    #[command(after_help = "Examples:\n  gerbang programme show blk-kepri/las-2026")]
    Show {
        /// The name, in full or as CODE/ID; a bare ID is your own agency's
        name: String,
    },
    /// List the programmes that your agency leads or hosts
    #[command(after_help = "Examples:\n  gerbang programme list --state open --lead blk-kepri")]
    List(List),
}

/// Options of `move`.
#[derive(Debug, Args)]
pub struct Move {
    #[command(flatten)]
    target: Target,
    /// The agreement, in full or as CODE/ID; a bare ID is your own agency's
    #[arg(long, value_name = "AGREEMENT")]
    to: String,
}

/// Filters of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only those in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("PROGRAMME_STATE_", v1::ProgrammeState::as_str_name)
    )]
    state: Option<i32>,
    /// Only those that this agency leads: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    lead: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("PROGRAMME", "PROGRAM"),
    ("TITLE", "JUDUL"),
    ("FIELD", "BIDANG"),
    ("YEAR", "TAHUN"),
    ("HOURS", "JAM"),
    ("CAPACITY", "KAPASITAS"),
    ("AGREEMENT", "PERJANJIAN"),
    ("STATE", "STATUS"),
    ("NOTE", "CATATAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let programmes = || conn.client.programme();
    let etag = async |name: &str| Ok(get(conn, name).await?.etag);
    let resolve = async |target: &Target| conn.resolve::<Programmes>(target, etag).await;
    match verb {
        Verb::Create(from) => {
            let call =
                async |request: v1::CreateProgrammeRequest| programmes().create_programme(request).await;
            conn.submit(&from, call).await
        }
        Verb::Update(from) => {
            let call =
                async |request: v1::UpdateProgrammeRequest| programmes().update_programme(request).await;
            conn.resubmit(&from, etag, call).await
        }
        Verb::Move(options) => move_to(conn, options).await,
        Verb::Approve(target) => {
            let Resolved { name, etag } = resolve(&target).await?;
            let request = v1::ApproveProgrammeRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| programmes().approve_programme(q).await).await
        }
        Verb::Open(target) => {
            let Resolved { name, etag } = resolve(&target).await?;
            let request = v1::OpenProgrammeRequest { name, etag, ..Default::default() };
            conn.change(&target.sending, request, async |q| programmes().open_programme(q).await).await
        }
        Verb::Cancel(FinalTarget { noted: NotedTarget { target, note }, consent }) => {
            let Resolved { name, etag } = asked(conn, &target, &consent).await?;
            let request = v1::CancelProgrammeRequest { name, etag, note, ..Default::default() };
            conn.change(&target.sending, request, async |q| programmes().cancel_programme(q).await).await
        }
        Verb::Show { name } => conn.show(&get(conn, &conn.full::<Programmes>(&name)).await?).await,
        Verb::List(filters) => list(conn, filters).await,
    }
}

/// Moves a programme as it is planned. One that the prison had approved is to be approved anew, which the lead agency is told.
async fn move_to(conn: &Connection<'_>, Move { target, to }: Move) -> Result<Exit, Failure> {
    let read = get(conn, &conn.full::<Programmes>(&target.name)).await?;
    let approved = read.state() == v1::ProgrammeState::Approved;
    let v1::Programme { name, plan, etag, .. } = read;
    let agreement = conn.full::<Agreements>(&to);
    let told = (approved && agreement != read.agreement)
        .then(|| words::approve_anew(conn.context.language, names::short(&name)));
    let etag = target.etag.unwrap_or(etag);
    let request = v1::UpdateProgrammeRequest { name, etag, plan, agreement, ..Default::default() };
    let call = async |request| conn.client.programme().update_programme(request).await;
    let exit = conn.change(&target.sending, request, call).await?;
    if let Some(told) = told.filter(|_| !target.sending.dry_run) {
        screen::note(&told);
    }
    Ok(exit)
}

/// Reads a programme that is to be cancelled, and asks.
async fn asked(conn: &Connection<'_>, target: &Target, consent: &Consent) -> Result<Resolved, Failure> {
    let read = get(conn, &conn.full::<Programmes>(&target.name)).await?;
    let title = read.plan.as_ref().map(|plan| plan.title.as_str()).unwrap_or_default();
    let question = |_| words::ask_cancel_programme(conn.context.language, names::short(&read.name), title);
    let waived = consent.yes || target.sending.dry_run;
    ask::before(conn.context.language, waived, Asks::Always, 1, String::new, question)?;
    Ok(Resolved { etag: target.etag.clone().unwrap_or(read.etag), name: read.name })
}

async fn list(conn: &Connection<'_>, filters: List) -> Result<Exit, Failure> {
    let lead = match &filters.lead {
        Some(text) => select::agency(conn, text).await?,
        None => String::new(),
    };
    conn.list(&all(conn, &filters.limit, filters.state.unwrap_or_default(), &lead).await?, HEADINGS, row)
}

/// The full name of a programme: CODE/ID as it stands, else the one with this ID, else the one with this in its title.
/// One round trip where a text is not CODE/ID.
pub(super) async fn named(conn: &Connection<'_>, text: &str) -> Result<String, Failure> {
    if text.contains('/') {
        return Ok(conn.full::<Programmes>(text));
    }
    let all = all(conn, &Limit::BATCH, 0, "").await?;
    let own = conn.full::<Programmes>(text);
    let found = match all.iter().any(|programme| programme.name == own) {
        true => vec![own],
        false => select::named_or_titled(text, all.iter().map(|one| (one.name.as_str(), title_of(one)))),
    };
    let titled = |name: &String| {
        let title = all.iter().find(|one| one.name == *name).map(title_of).unwrap_or_default();
        format!("{}  {title}", names::short(name))
    };
    let language = conn.context.language;
    if found.is_empty() {
        return Err(select::none_of(language, text, all.iter().map(|one| titled(&one.name)).collect()));
    }
    select::only(language, text, found, titled)
}

fn title_of(programme: &v1::Programme) -> &str {
    programme.plan.as_ref().map(|plan| plan.title.as_str()).unwrap_or_default()
}

/// The programmes that the caller's agency leads or hosts, narrowed by state and lead where these say something.
pub(super) async fn all(
    conn: &Connection<'_>,
    limit: &Limit,
    state: i32,
    lead: &str,
) -> Result<Vec<v1::Programme>, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListProgrammesRequest { page_size, page_token, state, lead: lead.to_owned() };
        conn.client.programme().list_programmes(request).await
    };
    conn.pages(limit, fetch, |page: v1::ListProgrammesResponse| (page.programmes, page.next_page_token)).await
}

pub(super) async fn get(conn: &Connection<'_>, name: &str) -> Result<v1::Programme, Failure> {
    let request = v1::GetProgrammeRequest { name: name.to_owned() };
    let answer = conn.ask(async || conn.client.programme().get_programme(request.clone()).await).await?;
    Ok(answer.programme.unwrap_or_default())
}

pub(super) fn row(programme: &v1::Programme) -> Vec<String> {
    let plan = programme.plan.clone().unwrap_or_default();
    let field = plan.field.unwrap_or_default();
    let kind = field.kind().as_str_name();
    vec![
        names::short(&programme.name),
        plan.title,
        if field.label.is_empty() { kind.to_owned() } else { field.label },
        plan.year.to_string(),
        format!("{}:{:02}", programme.total_minutes / 60, programme.total_minutes % 60),
        plan.capacity.to_string(),
        names::short(&programme.agreement),
        programme.state().as_str_name().to_owned(),
        remark::cell(programme.remarks.last()),
    ]
}
