//! The story that `gerbang dev` tells: four agencies exchange agreements, programmes, schedules, assignments and a
//! roster, each step through the wire with that agency's own certificate.
//!
//! Owns the steps and what is shown of them. Each step looks, or takes "exists already" for done, so that a
//! story that was interrupted goes on at the next start. A step that does not hold ends the story with why.
//! `operate` tells it.

mod door;
mod files;
mod join;
mod ledger;
mod roster;
mod steps;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{
    Context, assignment,
    connection::{Bounds, Connection},
    disclosure,
    failure::Failure,
    names,
    options::Limit,
    screen::{self, Heading},
    when, words,
};
use crate::{
    agent::Profile,
    dev::pki::{ADMINISTRATORS, SYSTEMS, System},
    domain::reason::Language,
    proto::v1,
};

#[cfg(test)]
pub(super) use self::{
    door::CLEARED,
    join::AGENCIES,
    roster::BOTH,
    steps::{AGREEMENTS, PROGRAMMES, PUSHES, ROOMS, TRAINERS},
};

type Rows = Vec<Vec<String>>;

/// The folder of the story within that of `dev` is marked once all of it was told.
const MARK: &str = "told";

/// How many days of assignments the prison pulls.
const PULLED_DAYS: i64 = 14;

pub(super) const PULLED: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("TRAINER", "PELATIH"),
    ("AGENCY", "INSTANSI"),
    ("ROLE", "PERAN"),
    ("PROGRAMME", "PROGRAM"),
];

/// The connection of a system, by its profile.
async fn conn<'a>(context: &'a Context<'a>, dev: &Path, system: &System) -> Result<Connection<'a>, Failure> {
    let profile = Profile::read(&dev.join(format!("profiles/{}.toml", system.profile)))?;
    Connection::of_profile(context, profile).await
}

/// Everybody in the story, each connected with its own certificate.
pub struct Story<'a> {
    context: &'a Context<'a>,
    /// As the user typed it.
    dev: &'a Path,
    /// The story's files.
    folder: PathBuf,
    /// Where systems join.
    join: String,
    conns: Vec<(&'static str, Connection<'a>)>,
    sections: std::cell::Cell<u32>,
}

impl<'a> Story<'a> {
    /// Connects the administrators, and copies the story's files to the folder. Everybody else joins as it is told, at
    /// the address `join`.
    pub async fn open(context: &'a Context<'a>, dev: &'a Path, join: SocketAddr) -> Result<Self, Failure> {
        let mut conns = Vec::with_capacity(ADMINISTRATORS.len() + SYSTEMS.len());
        for system in &ADMINISTRATORS {
            conns.push((system.profile, conn(context, dev, system).await?));
        }
        let folder = dev.join("story");
        files::copy(&folder, context.clock.now())
            .map_err(|error| Failure::io(context.language, &folder, &error))?;
        Ok(Self { context, dev, folder, join: join.to_string(), conns, sections: std::cell::Cell::new(0) })
    }

    /// Tells the story; of one that was told before, only its end.
    pub async fn tell(&mut self) -> Result<(), Failure> {
        let language = self.language();
        let mark = self.folder.join(MARK);
        let told = mark.exists() && join::agency_is_known(self, "lapas-tpi").await?;
        if told {
            self.gather().await?;
            self.say(&words::story_was_told(language, self.dev.display()))?;
            self.say(&format!("{}\n", words::story_pull(language, PULLED_DAYS)))?;
        } else {
            self.say(&words::story_begins(language))?;
            self.section(&words::story_agencies(language))?;
            let agencies = self.gather().await?;
            self.table(join::AGENCIES, &agencies)?;
            self.section(&words::story_agreements(language))?;
            self.table(steps::AGREEMENTS, &steps::agree(self).await?)?;
            self.section(&words::story_rooms(language))?;
            self.table(steps::ROOMS, &steps::furnish(self).await?)?;
            self.section(&words::story_programmes(language))?;
            self.table(steps::PROGRAMMES, &steps::open_programmes(self).await?)?;
            self.section(&words::story_trainers(language))?;
            self.table(steps::TRAINERS, &steps::register_trainers(self).await?)?;
            steps::push_all(self).await?;
            self.section(&words::story_pull(language, PULLED_DAYS))?;
        }
        self.pull().await?;
        if !told {
            self.section(&words::story_cleared(language))?;
            self.table(door::CLEARED, &door::clear(self).await?)?;
            self.section(&words::story_confirmed(language))?;
            door::confirm(self).await?;
            self.section(&words::story_door(language))?;
            self.table(assignment::door::HEADINGS, &door::who_may_enter(self).await?)?;
            self.section(&words::story_nominated(language))?;
            roster::nominate(self).await?;
            self.section(&words::story_roster(language))?;
            roster::withhold(self).await?;
            self.table(roster::BOTH, &roster::both(self).await?)?;
            self.section(&words::story_disclosed(language))?;
            self.table(disclosure::HEADINGS, &ledger::who_saw_the_first(self).await?)?;
            self.section(&words::story_changes(language))?;
            let changes = ledger::changes(self).await?;
            self.table(ledger::CHANGES, &ledger::count(&changes))?;
            if let Some(last) = changes.last() {
                let (checkpoint, index, size) = ledger::prove(self, last).await?;
                self.section(&words::story_proved(language, names::short(&last.name), index, size))?;
                self.say(checkpoint.trim_end())?;
            }
            fs::write(&mark, "").map_err(|error| Failure::io(language, &mark, &error))?;
        }
        Ok(())
    }

    /// Lets everybody in, and gives each a connection.
    async fn gather(&mut self) -> Result<Rows, Failure> {
        let rows = join::register(self).await?;
        for system in &SYSTEMS {
            let conn = conn(self.context, self.dev, system).await?;
            self.conns.push((system.profile, conn));
        }
        Ok(rows)
    }

    /// What to type next, with the program as the user called it.
    pub fn suggest(&self) -> Result<(), Failure> {
        let program = std::env::args().next().unwrap_or_else(|| "gerbang".to_owned());
        let story = |file: &str| screen::quoted(&self.folder.join(file));
        let mut lines = vec![String::new(), words::story_next(self.language())];
        if self.dev != Path::new(".gerbang") {
            lines.push(format!("  export GERBANG_PROFILES={}", screen::quoted(&self.dev.join("profiles"))));
        }
        lines.extend(
            [
                "--profile lapas today".to_owned(),
                "--profile lapas assignment list --from today --clearance missing".to_owned(),
                "--profile dkpp assignment accept --from today --dry-run".to_owned(),
                "--profile blk roster list las-2026".to_owned(),
                format!("--profile blk schedule push {}", story("schedules/blk-las.json")),
                format!(
                    "--profile dkp programme create {}",
                    story("next-year/programmes/dkp-lele-bioflok.json")
                ),
                "--profile admin agency list".to_owned(),
            ]
            .map(|arguments| format!("  {program} {arguments}")),
        );
        self.say(&lines.join("\n"))
    }

    /// The days that the story tells of: from the first session on, or from now where that has begun.
    fn days_told(&self) -> Result<Bounds, Failure> {
        let mut starts = Vec::new();
        for copy in files::copies(&self.folder, "schedules") {
            let request: v1::PushScheduleRequest = copy.read(self.language())?;
            starts.extend(request.sessions.iter().filter_map(|session| Some(session.starts_at?.seconds)));
        }
        let from = starts.into_iter().min().unwrap_or_default().max(self.context.clock.now().as_second());
        let [start, end] = [from, from + PULLED_DAYS * 24 * 3600]
            .map(|seconds| Some(prost_types::Timestamp { seconds, nanos: 0 }));
        Ok((start, end))
    }

    /// The prison pulls the first weeks of assignments.
    async fn pull(&self) -> Result<(), Failure> {
        let (range_start, range_end) = self.days_told()?;
        let lapas = self.conn("lapas");
        let fetch = async |page_size, page_token| {
            let request = v1::ListTrainerAssignmentsRequest {
                page_size,
                page_token,
                range_start,
                range_end,
                ..Default::default()
            };
            lapas.client.assignment().list_trainer_assignments(request).await
        };
        let split = |page: v1::ListTrainerAssignmentsResponse| (page.assignments, page.next_page_token);
        let found = lapas.pages(&Limit { limit: 1_000 }, fetch, split).await?;
        let rows: Vec<_> = found.iter().map(|found| assignment::row(found, self.context.reader())).collect();
        match rows.is_empty() {
            true => self.say(&words::nothing_found(self.language())),
            false => self.table(PULLED, &rows),
        }
    }

    fn language(&self) -> Language {
        self.context.language
    }

    /// The connection of a profile.
    fn conn(&self, profile: &str) -> &Connection<'a> {
        let found = self.conns.iter().find(|(name, _)| *name == profile);
        // Profiles are named in this room alone: by SYSTEMS and by the files that we carry.
        &found.expect("the profile is one of SYSTEMS").1
    }

    fn section(&self, text: &str) -> Result<(), Failure> {
        self.sections.update(|number| number + 1);
        screen::print(&format!("\n{}. {text}\n\n", self.sections.get()))
    }

    fn table(&self, headings: &[Heading], rows: &[Vec<String>]) -> Result<(), Failure> {
        screen::print(&screen::table(self.language(), headings, rows))
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        screen::print(&format!("{text}\n"))
    }

    /// `Mon 07 Dec 08:00–11:30 WIB`, from the first session to the last.
    fn days(&self, request: &v1::PushScheduleRequest) -> [String; 2] {
        let ends = [request.sessions.first(), request.sessions.last()];
        ends.map(|session| {
            let (start, end) =
                session.map(|session| (session.starts_at, session.ends_at)).unwrap_or_default();
            when::span(start.as_ref(), end.as_ref(), &request.time_zone, self.context.reader())
        })
    }
}
