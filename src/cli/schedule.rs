//! `gerbang schedule`: training schedules (jadwal pelatihan) and their sessions.

use clap::{Args, Subcommand};

use super::{
    choice::{choice, short},
    desk::{Desk, Sent, warnings_of},
    failure::{Exit, Failure},
    names,
    options::{FromFile, Limit, Range, Sending},
    screen::{self, Heading, Output, Progress},
    when, words,
};
use crate::{
    domain::{
        name::{Programmes, Sessions},
        reason::Language,
    },
    format::json::to_json,
    proto::v1,
};

/// Push schedules, look at sessions and cancel them
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
    /// Cancel sessions for good and free their trainers; all or nothing
    #[command(after_help = "Examples:\n\
        \x20 gerbang schedule cancel blk-kepri/las-2026-01 blk-kepri/las-2026-02 --note \"Flood\"")]
    Cancel(Cancel),
}

/// Options of `push`.
#[derive(Debug, Args)]
pub struct Push {
    #[command(flatten)]
    from: FromFile,
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
    sending: Sending,
}

const SESSION_HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("SESSION", "SESI"),
    ("PROGRAMME", "PROGRAM"),
    ("TOPIC", "MATERI"),
    ("TRAINERS", "PELATIH"),
    ("STATE", "KEADAAN"),
];

pub(super) const RESULT_HEADINGS: &[Heading] =
    &[("#", "#"), ("UID", "UID"), ("OUTCOME", "HASIL"), ("STATE", "KEADAAN"), ("WHY", "SEBAB")];

/// Does what the verb says.
pub async fn run(desk: &Desk<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Push(options) => push(desk, options).await,
        Verb::List(filters) => list(desk, filters).await,
        Verb::Show { session } => desk.show(&get(desk, &desk.full::<Sessions>(&session)).await?),
        Verb::Cancel(options) => cancel(desk, options).await,
    }
}

async fn push(desk: &Desk<'_>, options: Push) -> Result<Exit, Failure> {
    let prepare = async |request: &mut v1::PushScheduleRequest| {
        if options.best_effort {
            request.set_mode(v1::BatchMode::BestEffort);
        }
        Ok(())
    };
    let call = async |request| desk.client.schedule().push_schedule(request).await;
    let sent: Sent<v1::PushScheduleResponse> = desk.send_file(&options.from, prepare, call).await?;
    if desk.context.output == Output::Json {
        desk.print_json_answers(&sent)?;
    }
    let mut exit = Exit::Ok;
    for answer in &sent.answers {
        let batch = Batch { outcome: answer.outcome(), results: &answer.results, entry: &answer.entry };
        if desk.context.output == Output::Table {
            batch.print(desk.context.language)?;
            warnings_of(&to_json(answer)).iter().for_each(|warning| screen::note(warning));
        }
        if exit == Exit::Ok {
            exit = batch.exit();
        }
    }
    if sent.dry_run {
        screen::note(&words::only_checked(desk.context.language));
    }
    sent.failure.map_or(Ok(exit), Err)
}

async fn cancel(desk: &Desk<'_>, options: Cancel) -> Result<Exit, Failure> {
    let language = desk.context.language;
    if options.etag.is_some() && options.sessions.len() > 1 {
        return Err(Failure::Usage(words::etag_for_one(language)));
    }
    let progress = Progress::of(options.sessions.len(), words::fetched(language));
    let mut sessions = Vec::with_capacity(options.sessions.len());
    for text in &options.sessions {
        let name = desk.full::<Sessions>(text);
        let etag = match &options.etag {
            Some(etag) => etag.clone(),
            None => get(desk, &name).await?.etag,
        };
        sessions.push(v1::SessionCancellation { name, etag });
        progress.reached(sessions.len());
    }
    drop(progress);
    let request = v1::CancelSessionsRequest { sessions, note: options.note, ..Default::default() };
    let call = async |request| desk.client.schedule().cancel_sessions(request).await;
    let answer: v1::CancelSessionsResponse = desk.send(&options.sending, request, call).await?;
    let batch = Batch { outcome: answer.outcome(), results: &answer.results, entry: &answer.entry };
    match desk.context.output {
        Output::Json => screen::print_json(&to_json(&answer))?,
        Output::Table => batch.print(language)?,
    }
    if options.sending.dry_run {
        screen::note(&words::only_checked(language));
    }
    Ok(batch.exit())
}

async fn list(desk: &Desk<'_>, filters: List) -> Result<Exit, Failure> {
    let (range_start, range_end) = desk.bounds(&filters.range).await?;
    let asked = v1::ListSessionsRequest {
        agency: filters.agency.as_deref().map(names::agency).unwrap_or_default(),
        programme: filters.programme.map(|name| desk.full::<Programmes>(&name)).unwrap_or_default(),
        state: filters.state.unwrap_or_default(),
        range_start,
        range_end,
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListSessionsRequest { page_size, page_token, ..asked.clone() };
        desk.client.schedule().list_sessions(request).await
    };
    let split = |page: v1::ListSessionsResponse| (page.sessions, page.next_page_token);
    let found = desk.pages(&filters.limit, fetch, split).await?;
    desk.list(&found, SESSION_HEADINGS, |session| session_row(session, desk.context.language))
}

pub(super) async fn get(desk: &Desk<'_>, name: &str) -> Result<v1::Session, Failure> {
    let request = v1::GetSessionRequest { name: name.to_owned() };
    let answer = desk.ask(async || desk.client.schedule().get_session(request.clone()).await).await?;
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
        short("SESSION_STATE_", session.state().as_str_name()).to_owned(),
    ]
}

/// The answer to a push or a cancellation.
pub(super) struct Batch<'a> {
    pub outcome: v1::BatchOutcome,
    pub results: &'a [v1::SessionResult],
    pub entry: &'a str,
}

impl Batch<'_> {
    /// Each item on a line, with its errors, then the whole.
    fn print(&self, language: Language) -> Result<(), Failure> {
        let rows: Vec<_> = self.results.iter().map(result_row).collect();
        screen::print(&screen::table(language, RESULT_HEADINGS, &rows))?;
        screen::print(&format!("{}\n", self.summary(language)))
    }

    /// `STORED: 11 CREATED, 1 UNCHANGED. Entry 0192…`
    pub fn summary(&self, language: Language) -> String {
        let counts = (1..).map_while(|number| v1::ItemOutcome::try_from(number).ok()).filter_map(|outcome| {
            let count = self.results.iter().filter(|result| result.outcome() == outcome).count();
            (count > 0).then(|| format!("{count} {}", short("ITEM_OUTCOME_", outcome.as_str_name())))
        });
        let outcome = short("BATCH_OUTCOME_", self.outcome.as_str_name());
        let whole = format!("{outcome}: {}.", counts.collect::<Vec<_>>().join(", "));
        if self.entry.is_empty() { whole } else { format!("{whole} {}", words::entry(language, self.entry)) }
    }

    fn exit(&self) -> Exit {
        match self.outcome {
            v1::BatchOutcome::Stored | v1::BatchOutcome::Unchanged => Exit::Ok,
            _ => {
                let errors = self.results.iter().flat_map(|result| &result.errors);
                Exit::of_reasons(errors.map(|error| error.reason.as_str()))
            }
        }
    }
}

pub(super) fn result_row(result: &v1::SessionResult) -> Vec<String> {
    let errors = result.errors.iter().map(|error| match error.field.as_str() {
        "" => format!("{} ({})", error.text, error.reason),
        field => format!("{field}: {} ({})", error.text, error.reason),
    });
    let state = match result.state() {
        v1::SessionState::Unspecified => "",
        state => short("SESSION_STATE_", state.as_str_name()),
    };
    vec![
        result.index.to_string(),
        if result.uid.is_empty() { names::short(&result.name) } else { result.uid.clone() },
        short("ITEM_OUTCOME_", result.outcome().as_str_name()).to_owned(),
        state.to_owned(),
        errors.collect::<Vec<_>>().join("\n"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(index: i32, outcome: v1::ItemOutcome, reason: Option<&str>) -> v1::SessionResult {
        let error = reason.map(|reason| v1::ItemError {
            reason: reason.into(),
            field: format!("sessions[{index}].trainers[0]"),
            text: "Taken.".into(),
        });
        v1::SessionResult {
            index,
            uid: format!("las-{index}"),
            outcome: outcome.into(),
            errors: error.into_iter().collect(),
            ..Default::default()
        }
    }

    #[test]
    fn a_push_says_what_became_of_each_and_ends_accordingly() {
        let results = [
            result(0, v1::ItemOutcome::NotStored, None),
            result(1, v1::ItemOutcome::Rejected, Some("TRAINER_CONFLICT")),
        ];
        let batch = Batch { outcome: v1::BatchOutcome::Rejected, results: &results, entry: "" };
        assert_eq!(batch.summary(Language::English), "REJECTED: 1 REJECTED, 1 NOT_STORED.");
        assert_eq!(batch.exit(), Exit::Conflict);
        assert_eq!(
            result_row(&results[1]),
            ["1", "las-1", "REJECTED", "", "sessions[1].trainers[0]: Taken. (TRAINER_CONFLICT)"]
        );
        let stored = Batch { outcome: v1::BatchOutcome::Stored, results: &results[..0], entry: "0192" };
        assert_eq!(stored.exit(), Exit::Ok);
    }
}
