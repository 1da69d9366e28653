//! The door's list of a day as a sheet for paper: who may enter, when, into which room, and a line to sign.
//!
//! Owns the layout: plain text of a fixed width, which fits A4 in any type of one width. Who may enter is the gateway's
//! answer, and what it does not say is not on the sheet.

use std::collections::BTreeMap;

use clap::Args;
use jiff::{Timestamp, civil::Date};

use super::door::{Door, agencies_of, granted, is_beyond_the_door, room};
use crate::{
    cli::{
        agency,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Limit, day},
        screen::{self, Output},
        when::When,
        words,
    },
    domain::{reason::Language, time::Zone},
    format::json::to_json,
    proto::v1,
};

/// Options of `gate`.
#[derive(Debug, Args)]
pub struct Gate {
    /// The day, of the prison's zone: 2026-12-07, today, tomorrow
    #[arg(long, alias = "day", value_name = "DAY", value_parser = day)]
    date: When,
    /// Only into this room
    #[arg(long)]
    facility: Option<String>,
}

/// The width of the sheet, in characters: a terminal's, so that it can be read there too.
const WIDTH: usize = 80;
/// The columns: number, time, room, who, signature. Together they are [`WIDTH`] wide.
const COLUMNS: [usize; 5] = [4, 14, 16, 24, 22];

/// What stands on the sheet.
struct Sheet<'a> {
    prison: &'a str,
    zone: Zone,
    day: Date,
    printed: Timestamp,
    entries: &'a [v1::TrainerAssignment],
    /// The names of agencies, by `agencies/{code}`.
    agencies: &'a BTreeMap<String, String>,
}

/// Prints the sheet of a day.
pub async fn print(conn: &Connection<'_>, options: Gate) -> Result<Exit, Failure> {
    let (language, now) = (conn.context.language, conn.context.clock.now());
    let own = agency::get(conn, &names::agency(&conn.agency)).await?;
    if own.kind() != v1::AgencyKind::Prison {
        return Err(Failure::Usage(words::gate_is_the_prisons(language)));
    }
    let door = Door { facility: options.facility, limit: Limit::BATCH };
    let entries = granted(conn, options.date, door).await?;
    // An empty sheet would say that nobody may enter, and the device cannot know.
    if entries.is_empty() && is_beyond_the_door(conn, options.date).await? {
        return Err(Failure::Usage(words::door_sees_two_days(language)));
    }
    if conn.context.output == Output::Json {
        screen::print_json(&entries.iter().map(to_json).collect())?;
        return Ok(Exit::Ok);
    }
    let agencies = agencies_of(conn, &entries).await?;
    let prison = names::held(&own, &now.to_string()).to_owned();
    let zone = Zone::from_store(own.time_zone);
    let starts = options.date.start(&zone, now).unwrap_or(now);
    let day = zone.shown(starts).date();
    let sheet = Sheet { prison: &prison, zone, day, printed: now, entries: &entries, agencies: &agencies };
    screen::print(&text_of(&sheet, language))?;
    Ok(Exit::Ok)
}

/// The sheet as text, each line at most [`WIDTH`] wide.
fn text_of(sheet: &Sheet<'_>, language: Language) -> String {
    let english = language == Language::English;
    let zone = sheet.zone.shown(sheet.printed).strftime("%Z").to_string();
    let mut lines = vec![centred(&words::gate_title(language))];
    lines.extend(wrapped(sheet.prison, WIDTH).iter().map(|line| centred(line)));
    lines.push(centred(&format!("{} ({zone})", words::long_day(language, sheet.day))));
    lines.push("=".repeat(WIDTH));
    let headings = match english {
        true => ["No.", "Time", "Room", "Trainer, agency", "Times and signature"],
        false => ["No.", "Waktu", "Ruang", "Pelatih, instansi", "Jam dan tanda tangan"],
    };
    lines.push(row(headings));
    lines.push("-".repeat(WIDTH));
    for (index, entry) in sheet.entries.iter().enumerate() {
        lines.extend(lines_of(sheet, index, entry, language));
        lines.push("-".repeat(WIDTH));
    }
    if sheet.entries.is_empty() {
        lines.extend([centred(&words::gate_nobody(language)), "-".repeat(WIDTH)]);
    }
    lines.push(words::gate_count(language, sheet.entries.len()));
    let sign = |label: String| format!("{label}: {}", "_".repeat(20));
    let signs = [words::gate_officer(language), words::gate_signature(language)].map(sign);
    lines.extend([String::new(), signs.join("   "), String::new()]);
    let at = sheet.zone.shown(sheet.printed);
    let printed = format!("{}, {} {zone}", words::long_day(language, at.date()), at.strftime("%H:%M"));
    lines.extend(wrapped(&words::gate_printed(language, printed), WIDTH));
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// One who may enter: the name and the agency below each other, and a line to sign beside them.
fn lines_of(
    sheet: &Sheet<'_>,
    index: usize,
    entry: &v1::TrainerAssignment,
    language: Language,
) -> Vec<String> {
    let agency = sheet.agencies.get(&entry.trainer_agency).cloned();
    let agency = agency.unwrap_or_else(|| names::short(&entry.trainer_agency));
    let mut who = wrapped(&entry.trainer_display_name, COLUMNS[3] - 1);
    who.extend(wrapped(&agency, COLUMNS[3] - 1));
    if entry.role() == v1::TrainerRole::Assistant {
        who.push(words::assistant(language));
    }
    let room = wrapped(&room(entry), COLUMNS[2] - 1);
    let sign = [words::gate_in_out(language), String::new(), "_".repeat(COLUMNS[4])];
    let height = who.len().max(room.len()).max(sign.len());
    let line = |of: &[String], at: usize| of.get(at).cloned().unwrap_or_default();
    let first = |text: String, at: usize| if at == 0 { text } else { String::new() };
    let lines = (0..height).map(|at| {
        let number = first(format!("{}.", index + 1), at);
        let when = first(hours(entry, &sheet.zone), at);
        row([&number, &when, &line(&room, at), &line(&who, at), &line(&sign, at)])
    });
    lines.collect()
}

/// `08:00–11:30`; `22:00–02:00+1` over midnight.
fn hours(entry: &v1::TrainerAssignment, zone: &Zone) -> String {
    let at = |at: Option<prost_types::Timestamp>| {
        at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok()).map(|at| zone.shown(at))
    };
    let (Some(start), Some(end)) = (at(entry.starts_at), at(entry.ends_at)) else { return String::new() };
    let over = if start.date() == end.date() { "" } else { "+1" };
    format!("{}–{}{over}", start.strftime("%H:%M"), end.strftime("%H:%M"))
}

fn row(cells: [&str; 5]) -> String {
    cells.iter().zip(COLUMNS).map(|(cell, width)| format!("{cell:<width$}")).collect()
}

fn centred(text: &str) -> String {
    format!("{text:^WIDTH$}")
}

/// A text in lines of this width at most, broken between words, and within one that is wider.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for part in letters.chunks(width) {
            let part: String = part.iter().collect();
            let line = lines.last().map(|line| line.chars().count()).unwrap_or_default();
            match lines.last_mut() {
                Some(last) if line == 0 => last.push_str(&part),
                Some(last) if line + 1 + part.chars().count() <= width => {
                    last.push(' ');
                    last.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, start: &str, end: &str, role: v1::TrainerRole) -> v1::TrainerAssignment {
        let at = |text: &str| Some(crate::cli::when::to_proto(text.parse().unwrap()));
        v1::TrainerAssignment {
            trainer_display_name: name.into(),
            trainer_agency: "agencies/blk".into(),
            facility: "agencies/lapas/facilities/las".into(),
            facility_display_name: "Bengkel las dan pertukangan logam".into(),
            starts_at: at(start),
            ends_at: at(end),
            role: role.into(),
            ..Default::default()
        }
    }

    fn sheet(language: Language, entries: &[v1::TrainerAssignment]) -> String {
        let name = "Balai Latihan Kerja Provinsi Kepulauan Riau".to_owned();
        let sheet = Sheet {
            prison: "Lembaga Pemasyarakatan Kelas IIA Tanjungpinang",
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            day: Date::constant(2026, 12, 7),
            printed: "2026-12-06T23:05:00Z".parse().unwrap(),
            entries,
            agencies: &BTreeMap::from([("agencies/blk".to_owned(), name)]),
        };
        text_of(&sheet, language)
    }

    #[test]
    fn the_sheet_is_as_it_is_printed() {
        use v1::TrainerRole::{Assistant, Lead};
        let entries = [
            entry("Rina Maharani", "2026-12-07T01:00:00Z", "2026-12-07T04:30:00Z", Lead),
            entry(
                "Raden Mas Contoh Panjangwinata Kusumaningrat",
                "2026-12-07T15:00:00Z",
                "2026-12-07T19:00:00Z",
                Assistant,
            ),
        ];
        let (indonesian, english) = (
            include_str!("../../../tests/golden/gate.id.txt"),
            include_str!("../../../tests/golden/gate.en.txt"),
        );
        assert_eq!(sheet(Language::Indonesian, &entries), indonesian);
        assert_eq!(sheet(Language::English, &entries), english);
        for said in [indonesian, english, &sheet(Language::English, &[])] {
            assert!(said.lines().all(|line| line.chars().count() <= WIDTH), "{said}");
        }
        assert!(sheet(Language::English, &[]).contains("No trainer may enter on that day."));
    }

    #[test]
    fn columns_fill_the_sheet() {
        assert_eq!(COLUMNS.iter().sum::<usize>(), WIDTH);
        assert_eq!(wrapped("Balai Latihan", 8), ["Balai", "Latihan"]);
        assert_eq!(wrapped("Pemasyarakatan", 8), ["Pemasyar", "akatan"]);
        assert_eq!(wrapped("", 8), [""]);
    }
}
