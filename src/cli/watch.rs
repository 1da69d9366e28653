//! `gerbang watch`: tells each change as it comes, and hands it to a command.

use std::{collections::BTreeSet, fs, io, path::PathBuf, process::Stdio, time::Duration};

use clap::Args;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};
use tonic::Code;

use super::{
    change,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    screen::{self, Output},
    when::{self, When},
    words,
};
use crate::{
    agent::{Client, Profile, Refused, watch},
    domain::{reason::Language, time::Zone},
    files::{Lock, LockError, write_file},
    format::json::to_json,
    proto::v1,
};

/// How far ahead of every clock there may be is "from now on": no entry has its place so late.
const FROM_NOW: SignedDuration = SignedDuration::from_hours(24);

/// What stands for all kinds in the file that remembers.
const ALL_KINDS: &str = "*";

/// What is followed, and what is done with it.
#[derive(Debug, Args)]
pub struct Watch {
    #[command(flatten)]
    following: Following,
    #[command(flatten)]
    kinds: change::Kinds,
    #[command(flatten)]
    resources: change::Resources,
}

/// From where on it is followed, and what is done with it.
#[derive(Debug, Args)]
pub struct Following {
    /// Since when, where no cursor is remembered: a day (2026-12-07, yesterday) of your agency's zone, or a time with offset;
    /// without it, from now on
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Run this for each change, with the change as JSON on its standard input; the shell reads it
    #[arg(long, value_name = "CMD")]
    exec: Option<String>,
    /// The file that remembers what was dealt with; with --exec it is beside the profile unless named here
    #[arg(long, value_name = "FILE")]
    cursor: Option<PathBuf>,
}

/// A change as it is told: its line on the screen, and what a command is given.
pub struct Told {
    pub row: Vec<String>,
    pub json: Value,
}

/// Follows changes as the gateway tells them.
pub async fn run(conn: &Connection<'_>, wanted: Watch) -> Result<Exit, Failure> {
    let shown = |change: &v1::ResourceChange, zone: &str| Told {
        row: change::row(conn, change, zone),
        json: to_json(change),
    };
    let (kinds, with_resources) = (wanted.kinds.kinds, wanted.resources.with_resources);
    let request = v1::WatchChangesRequest { kinds, with_resources, ..Default::default() };
    follow(conn, &wanted.following, request, "cursor", shown).await
}

/// Follows the changes that the request asks for until it is interrupted, or refused for good, or the command fails; tells each as it is
/// shown. Beside the profile, a file with this ending remembers what was dealt with, from where it begins.
pub async fn follow(
    conn: &Connection<'_>,
    wanted: &Following,
    request: v1::WatchChangesRequest,
    ending: &str,
    shown: impl Fn(&v1::ResourceChange, &str) -> Told,
) -> Result<Exit, Failure> {
    let kinds = request.kinds.clone();
    let memory = Memory::open(conn, wanted, &kinds, ending)?;
    let remembered = memory.as_ref().map(Memory::read).transpose()?.unwrap_or_default();
    let zone = conn.told_zone().await;
    let since = remembered.is_empty().then(|| begin(conn, wanted, &zone));
    let request = v1::WatchChangesRequest { cursor: remembered.clone(), since, ..request };
    let language = conn.context.language;
    screen::note(&words::watching(language));
    let (client, entropy) = (conn.client.clone(), conn.context.entropy);
    let mut watch = watch::Watch::new(client, &conn.profile, language, entropy, request);
    // As far as it came before, if it was ended before it could say so.
    if wanted.exec.is_some() && !remembered.is_empty() {
        acknowledge(watch.client(), language, &remembered, &kinds).await;
    }
    loop {
        let answer = watch.next(broken(language)).await?;
        for change in &answer.changes {
            let told = shown(change, &zone);
            tell(conn, &told)?;
            if let Some(command) = &wanted.exec {
                hand_over(conn, command, &change.name, &told.json).await?;
            }
            if let Some(memory) = &memory {
                memory.keep(&change.cursor)?;
            }
        }
        if let Some(memory) = &memory {
            memory.keep(&answer.next_cursor)?;
        }
        // Not before a command has dealt with something: who follows from now on has not read what was before.
        if wanted.exec.is_some() && !answer.changes.is_empty() {
            acknowledge(watch.client(), language, &answer.next_cursor, &kinds).await;
        }
    }
}

/// Says why it waits, and how long.
pub fn broken(language: Language) -> impl Fn(&Refused, Duration) {
    move |refused, wait| {
        let why = words::plain(language, &refused.message);
        screen::note(&words::watch_broken(language, why, wait.as_secs().max(1)));
    }
}

/// Says that everything up to the cursor was dealt with. What fails is said with the next cursor.
async fn acknowledge(client: &Client, language: Language, cursor: &str, kinds: &[i32]) {
    let request = v1::AcknowledgeChangesRequest { cursor: cursor.to_owned(), kinds: kinds.to_vec() };
    // A gateway of before takes none.
    if let Err(status) = client.change().acknowledge_changes(request).await
        && status.code() != Code::Unimplemented
    {
        let why = Refused::from(status).message;
        screen::note(&words::watch_not_acknowledged(language, words::plain(language, &why)));
    }
}

/// Where it begins without a cursor.
fn begin(conn: &Connection<'_>, wanted: &Following, zone: &str) -> prost_types::Timestamp {
    let zone = Zone::from_store(zone.to_owned());
    let since = wanted.since.and_then(|since| since.start(&zone, conn.now()));
    let later = || conn.now().checked_add(FROM_NOW).unwrap_or_else(|_| conn.now());
    when::to_proto(since.unwrap_or_else(later))
}

/// Prints a change as a line: a table has its width from all its rows, which are never all there.
fn tell(conn: &Connection<'_>, told: &Told) -> Result<(), Failure> {
    match conn.context.output {
        Output::Json => screen::print(&format!("{}\n", told.json)),
        Output::Table => screen::print(&format!("{}\n", told.row.join("  "))),
    }
}

/// Runs the command for a change. What it did not do well is not remembered as dealt with.
async fn hand_over(conn: &Connection<'_>, command: &str, name: &str, json: &Value) -> Result<(), Failure> {
    let language = conn.context.language;
    let failed =
        |why: String| Failure::Failed(words::watch_command_failed(language, names::short(name), why));
    let unusable = |error: &io::Error| failed(words::plain(language, error));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::piped()).kill_on_drop(true);
    let mut running = shell.spawn().map_err(|error| unusable(&error))?;
    if let Some(mut input) = running.stdin.take() {
        match input.write_all(format!("{json}\n").as_bytes()).await {
            // It need not read what it is given.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(unusable(&error)),
            _ => {}
        }
    }
    let ended = running.wait().await.map_err(|error| unusable(&error))?;
    if ended.success() { Ok(()) } else { Err(failed(ended.to_string())) }
}

/// The file that remembers the cursor, kept from others who would remember theirs in it: the cursor on a line, and on the next one the
/// kinds that are followed, of which alone it tells what was dealt with.
struct Memory<'a> {
    conn: &'a Connection<'a>,
    path: PathBuf,
    kinds: String,
    _lock: Lock,
}

impl<'a> Memory<'a> {
    /// `None` where nothing is to be remembered.
    fn open(
        conn: &'a Connection<'a>,
        wanted: &Following,
        kinds: &[i32],
        ending: &str,
    ) -> Result<Option<Self>, Failure> {
        let path = match (&wanted.cursor, &wanted.exec) {
            (Some(path), _) => path.clone(),
            (None, Some(_)) => Profile::find_path(conn.context.profile.as_deref())?.with_extension(ending),
            (None, None) => return Ok(None),
        };
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let language = conn.context.language;
        let lock = Lock::take(&lock).map_err(|error| match error {
            LockError::Held(process) => Failure::Failed(words::watch_held(language, path.display(), process)),
            LockError::File(error) => Failure::io(language, &lock, &error),
        })?;
        let kinds: BTreeSet<_> =
            kinds.iter().filter_map(|kind| v1::ResourceKind::try_from(*kind).ok()).collect();
        let kinds: Vec<_> = kinds.iter().map(v1::ResourceKind::as_str_name).collect();
        let kinds = if kinds.is_empty() { ALL_KINDS.to_owned() } else { kinds.join(" ") };
        Ok(Some(Self { conn, path, kinds, _lock: lock }))
    }

    /// The cursor of what was dealt with; empty where there is none yet. Refuses one of other kinds: changes would be missed.
    fn read(&self) -> Result<String, Failure> {
        match fs::read_to_string(&self.path) {
            Ok(text) => match text.trim().split_once('\n') {
                Some((cursor, kinds)) if kinds.trim() == self.kinds => Ok(cursor.trim().to_owned()),
                _ => Err(Failure::Usage(words::watch_other_kinds(
                    self.conn.context.language,
                    self.path.display(),
                ))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Failure::io(self.conn.context.language, &self.path, &error)),
        }
    }

    fn keep(&self, cursor: &str) -> Result<(), Failure> {
        write_file(&self.path, 0o600, format!("{cursor}\n{}\n", self.kinds).as_bytes())
            .map_err(|error| Failure::io(self.conn.context.language, &self.path, &error))
    }
}
