//! Who may enter on a day, as the door asks for it.

use std::collections::{BTreeMap, btree_map::Entry};

use clap::Args;

use super::{List, Selection, find, when};
use crate::{
    cli::{
        agency,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Limit, Period},
        screen::{self, Heading, Output},
        when::{Reader, When},
        words,
    },
    domain::time::Zone,
    proto::v1,
};

/// Options of `today`, `tomorrow` and `on`.
#[derive(Debug, Args)]
pub struct Door {
    /// Only into this room
    #[arg(long)]
    pub facility: Option<String>,
    #[command(flatten)]
    pub limit: Limit,
}

/// What the door needs.
pub const HEADINGS: &[Heading] = &[
    ("WHEN", "WAKTU"),
    ("ROOM NAME", "NAMA RUANG"),
    ("TRAINER", "PELATIH"),
    ("TRAINER'S AGENCY", "INSTANSI PELATIH"),
    ("ROLE", "PERAN"),
];

/// Who may enter on a day of the caller's zone, which at the door is the prison's.
pub async fn print(conn: &Connection<'_>, day: When, options: Door) -> Result<Exit, Failure> {
    let found = granted(conn, day, options).await?;
    if found.is_empty() {
        let beyond = is_beyond_the_door(conn, day).await?;
        // The device knows nothing of other days, not even that nobody comes.
        let said =
            if beyond { words::door_sees_two_days(conn.context.language) } else { nobody(conn, day).await };
        screen::note(&said);
        if conn.context.output == Output::Table {
            return Ok(Exit::Ok);
        }
    }
    let agencies = agencies_of(conn, &found).await?;
    let reader = conn.context.reader();
    conn.list(&found, HEADINGS, |found| row(found, &agencies, reader))
}

/// That nobody may enter, with the day written out.
async fn nobody(conn: &Connection<'_>, day: When) -> String {
    let (language, zone) = (conn.context.language, Zone::from_store(conn.told_zone().await));
    let date = zone.shown(day.start(&zone, conn.now()).unwrap_or(conn.now())).date();
    let date = words::long_day(language, date);
    let when = match day {
        When::Ahead(0) => words::door_today(language, date),
        When::Ahead(1) => words::door_tomorrow(language, date),
        _ => words::door_day(language, date),
    };
    words::door_nobody(language, when)
}

/// Whether a device at the door asks for another day than today and tomorrow, of which the gateway tells it nothing. One
/// round trip, two for another day.
pub async fn is_beyond_the_door(conn: &Connection<'_>, day: When) -> Result<bool, Failure> {
    let own = agency::get(conn, &names::agency(&conn.agency)).await?;
    let (zone, now) = (Zone::from_store(own.time_zone), conn.context.clock.now());
    if [0, 1].iter().any(|ahead| When::Ahead(*ahead).start(&zone, now) == day.start(&zone, now)) {
        return Ok(false);
    }
    let me = conn.ask(async || conn.client.agency().who_am_i(v1::WhoAmIRequest {}).await).await?;
    Ok(me.role() == v1::Role::Door)
}

pub async fn granted(
    conn: &Connection<'_>,
    day: When,
    options: Door,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let period = Period { day: Some(day), ..Period::default() };
    let selection = Selection { period, facility: options.facility, ..Selection::default() };
    let clearance = Some(v1::Clearance::Granted.into());
    find(conn, List { selection, clearance, limit: options.limit }).await
}

/// Who may enter on a day of the caller's zone.
pub async fn may_enter(conn: &Connection<'_>, day: When) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    granted(conn, day, Door { facility: None, limit: Limit::BATCH }).await
}

/// Room and agency by their names, for whoever stands at the door knows no codes.
pub fn row(
    assignment: &v1::TrainerAssignment,
    agencies: &BTreeMap<String, String>,
    reader: Reader,
) -> Vec<String> {
    let agency = agencies.get(&assignment.trainer_agency).cloned();
    vec![
        when(assignment, reader),
        room(assignment),
        assignment.trainer_display_name.clone(),
        agency.unwrap_or_else(|| names::short(&assignment.trainer_agency)),
        assignment.role().as_str_name().to_owned(),
    ]
}

/// The room's name; its reference where the gateway is too old to tell the name.
pub fn room(assignment: &v1::TrainerAssignment) -> String {
    match assignment.facility_display_name.as_str() {
        "" => names::short(&assignment.facility),
        name => name.to_owned(),
    }
}

/// The names that the trainers' agencies hold today, by `agencies/{code}`. One round trip for each agency.
pub async fn agencies_of(
    conn: &Connection<'_>,
    assignments: &[v1::TrainerAssignment],
) -> Result<BTreeMap<String, String>, Failure> {
    let today = conn.context.clock.now().to_string();
    let mut names = BTreeMap::new();
    for assignment in assignments {
        if let Entry::Vacant(entry) = names.entry(assignment.trainer_agency.clone()) {
            let read = agency::get(conn, &assignment.trainer_agency).await?;
            entry.insert(names::held(&read, &today).to_owned());
        }
    }
    Ok(names)
}
