//! `gerbang changes`: what has become of what the caller's agency may see (perubahan).

use clap::{Args, Subcommand};
use jiff::SignedDuration;

use super::{
    choice::choice,
    clock,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::Limit,
    screen::{self, Heading, Output},
    when::{self, When},
    words,
};
use crate::{
    domain::{reason::Language, time::Zone},
    format::json::to_json,
    proto::v1,
};

/// See what has changed
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what has changed of what your agency may see, the oldest first
    #[command(after_help = "Examples:\n\
        \x20 gerbang changes list --since yesterday\n\
        \x20 gerbang changes list --since 2026-12-01 --kind session --kind assignment\n\
        \x20 gerbang changes list --after AAAAAAAAAAEAAAAAq83vEjRWeJA --with-resources -o json\n\n\
        What is named is shown as it is now by the list or show command of its kind, or beside its change by --with-resources. \
        Of a roster it is told that it has changed, and nothing of whom. Systems and certificates are not among the changes.")]
    List(List),
    /// Say that your system has dealt with the changes up to a cursor, for those who made them
    #[command(after_help = "Examples:\n\
        \x20 gerbang changes acknowledge AAAAAAAAAAEAAAAAq83vEjRWeJA\n\
        \x20 gerbang changes acknowledge AAAAAAAAAAEAAAAAq83vEjRWeJA --kind session\n\n\
        gerbang watch --exec does it by itself. It goes forward only: an earlier cursor changes nothing.")]
    Acknowledge {
        /// The cursor, which a list of changes has told
        #[arg(value_name = "CURSOR")]
        cursor: String,
        #[command(flatten)]
        kinds: Kinds,
    },
    /// List how soon agencies acknowledge what they are told of sessions; a partner sees its own
    #[command(after_help = "Examples:\n\
        \x20 gerbang changes answers\n\
        \x20 gerbang changes answers --since 2026-12-01 -o json\n\n\
        Counted are calls of others that told an agency of sessions, among the last 1000 that told it of anything. The median is \
        of the time until each was acknowledged, nights and holidays included; what is not acknowledged counts with the time \
        that it has been waiting.")]
    Answers {
        /// Of what they were told since when: a day (2026-12-07, yesterday) of your agency's zone, or a time with offset; without it,
        /// in the last 30 days
        #[arg(long, value_name = "WHEN")]
        since: Option<When>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// The kinds of which changes are told.
#[derive(Debug, Args)]
pub struct Kinds {
    /// Only resources of this kind; may be repeated
    #[arg(
        long = "kind",
        value_name = "KIND",
        ignore_case = true,
        value_parser = choice("RESOURCE_KIND_", v1::ResourceKind::as_str_name)
    )]
    pub kinds: Vec<i32>,
}

/// Whether resources are shown beside their changes.
#[derive(Debug, Args)]
pub struct Resources {
    /// In JSON, show each resource too, as it is now
    #[arg(long)]
    pub with_resources: bool,
}

/// What is wanted of the changes.
#[derive(Debug, Args)]
pub struct List {
    /// Since when: a day (2026-12-07, 7/12/2026, yesterday, today) of your agency's zone, or a time with offset; without it, from
    /// the first change
    #[arg(long, value_name = "WHEN", conflicts_with = "after")]
    since: Option<When>,
    /// Only what came after this cursor, which an earlier list has told
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    #[command(flatten)]
    kinds: Kinds,
    #[command(flatten)]
    resources: Resources,
    #[command(flatten)]
    limit: Limit,
}

const HEADINGS: &[Heading] = &[
    ("TIME", "WAKTU"),
    ("CHANGE", "PERUBAHAN"),
    ("KIND", "JENIS"),
    ("NAME", "PENGENAL"),
    ("VERSION", "VERSI"),
];

/// The most changes of one answer.
const PAGE_MAX: usize = 500;

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(wanted) => list(conn, wanted).await,
        Verb::Acknowledge { cursor, kinds } => {
            let request = v1::AcknowledgeChangesRequest { cursor, kinds: kinds.kinds };
            let answer =
                conn.ask(async || conn.client.change().acknowledge_changes(request.clone()).await).await?;
            acknowledged(conn, &answer).await
        }
        Verb::Answers { since, limit } => answers(conn, since, &limit).await,
    }
}

async fn list(conn: &Connection<'_>, wanted: List) -> Result<Exit, Failure> {
    let limit = usize::try_from(wanted.limit.limit).unwrap_or(usize::MAX);
    let found = find(conn, &wanted, limit).await?;
    let language = conn.context.language;
    if conn.context.output == Output::Json {
        // With the cursor by which to go on, which a list of changes alone would not tell of where it is empty.
        screen::print_json(&to_json(&found))?;
        return Ok(Exit::Ok);
    }
    let zone = conn.told_zone().await;
    conn.list(&found.changes, HEADINGS, |change| row(conn, change, &zone))?;
    if !found.caught_up {
        screen::note(&words::limit_reached(language, limit));
    }
    if !found.next_cursor.is_empty() {
        screen::note(&words::go_on_after(language, &found.next_cursor));
    }
    Ok(Exit::Ok)
}

/// All that there are, up to the limit, as one answer.
async fn find(
    conn: &Connection<'_>,
    wanted: &List,
    limit: usize,
) -> Result<v1::ListChangesResponse, Failure> {
    let since = start(conn, wanted.since).await;
    let cursor = wanted.after.clone().unwrap_or_default();
    let with_resources = wanted.resources.with_resources;
    let kinds = wanted.kinds.kinds.clone();
    let request = v1::ListChangesRequest { cursor, since, kinds, with_resources, ..Default::default() };
    up_to(conn, request, limit).await
}

/// The beginning of a time, in the zone of the caller's agency.
async fn start(conn: &Connection<'_>, since: Option<When>) -> Option<prost_types::Timestamp> {
    let since = since?;
    since.start(&Zone::from_store(conn.told_zone().await), conn.now()).map(when::to_proto)
}

/// Says since when as much is acknowledged.
async fn acknowledged(
    conn: &Connection<'_>,
    answer: &v1::AcknowledgeChangesResponse,
) -> Result<Exit, Failure> {
    let language = conn.context.language;
    if conn.context.output == Output::Json {
        screen::print_json(&to_json(answer))?;
        return Ok(Exit::Ok);
    }
    let zone = conn.told_zone().await;
    screen::note(&match &answer.acknowledge_time {
        Some(at) => words::changes_acknowledged(language, when::moment(Some(at), &zone, language)),
        None => words::nothing_to_acknowledge(language),
    });
    Ok(Exit::Ok)
}

pub(super) const ANSWER_HEADINGS: &[Heading] = &[
    ("AGENCY", "INSTANSI"),
    ("TOLD", "DIBERITAHUKAN"),
    ("ACKNOWLEDGED", "DIBACA"),
    ("MEDIAN", "MEDIAN"),
    ("WAITING SINCE", "MENUNGGU SEJAK"),
    ("LAST", "TERAKHIR"),
];

async fn answers(conn: &Connection<'_>, since: Option<When>, limit: &Limit) -> Result<Exit, Failure> {
    let since = start(conn, since).await;
    let fetch = async |page_size, page_token| {
        let request = v1::ListAnswerTimesRequest { since, page_size, page_token };
        conn.client.change().list_answer_times(request).await
    };
    let split = |page: v1::ListAnswerTimesResponse| (page.answer_times, page.next_page_token);
    let found = conn.pages(limit, fetch, split).await?;
    let zone = conn.told_zone().await;
    conn.list(&found, ANSWER_HEADINGS, |one| answer_row(one, &zone, conn.context.language))
}

/// An agency's row of the table of answer times.
pub(super) fn answer_row(one: &v1::AnswerTime, zone: &str, language: Language) -> Vec<String> {
    let median = clock::span(language, SignedDuration::from_secs(one.median_seconds));
    vec![
        names::short(&one.agency),
        one.told.to_string(),
        one.acknowledged.to_string(),
        if one.told == 0 { String::new() } else { median },
        when::moment(one.waiting_since.as_ref(), zone, language),
        when::moment(one.last_acknowledge_time.as_ref(), zone, language),
    ]
}

/// What there is from a request's cursor on, up to the limit, as one answer.
pub(super) async fn up_to(
    conn: &Connection<'_>,
    mut request: v1::ListChangesRequest,
    limit: usize,
) -> Result<v1::ListChangesResponse, Failure> {
    let mut all = v1::ListChangesResponse { next_cursor: request.cursor.clone(), ..Default::default() };
    while !all.caught_up && all.changes.len() < limit {
        request.cursor.clone_from(&all.next_cursor);
        request.page_size = i32::try_from((limit - all.changes.len()).min(PAGE_MAX)).unwrap_or_default();
        let page = conn.ask(async || conn.client.change().list_changes(request.clone()).await).await?;
        all.changes.extend(page.changes);
        (all.next_cursor, all.caught_up) = (page.next_cursor, page.caught_up);
    }
    Ok(all)
}

/// A change's row of a table. What a date has brought about says more than that the resource is another; a roster has no version.
pub(super) fn row(conn: &Connection<'_>, change: &v1::ResourceChange, zone: &str) -> Vec<String> {
    let effect = match change.moment() {
        v1::ChangeMoment::Unspecified => change.effect().as_str_name(),
        moment => moment.as_str_name(),
    };
    vec![
        when::moment(change.time.as_ref(), zone, conn.context.language),
        effect.to_owned(),
        change.kind().as_str_name().to_owned(),
        names::short(&change.name),
        if change.version == 0 { String::new() } else { change.version.to_string() },
    ]
}
