//! The story's files: the requests in `examples/`, carried in the binary, and copied to a folder with their
//! dates moved ahead.
//!
//! The whole year moves by the same number of whole weeks, so that weekdays, terms and validities keep fitting
//! each other. Copies that are there are not written again: what was sent once stays what it was.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, ToSpan, civil::Date};
use prost::{Message, Name};

use crate::{
    cli::failure::Failure,
    domain::{reason::Language, time::parse_date},
    format::json::request_from_json,
};

macro_rules! files {
    ($($file:literal)*) => { &[$(($file, include_str!(concat!("../../../examples/", $file)))),*] };
}

/// Path below `examples/`, and text. The order is the story's.
const FILES: &[(&str, &str)] = files! {
    "2026/agencies/lapas-tpi.json"
    "2026/agencies/blk-kepri.json"
    "2026/agencies/dkpp-bintan.json"
    "2026/agencies/dkp-kepri.json"
    "2026/agreements/blk.json"
    "2026/agreements/dkpp.json"
    "2026/agreements/dkp.json"
    "2026/facilities/lapas-bengkel-las.json"
    "2026/facilities/lapas-ruang-kelas.json"
    "2026/facilities/lapas-kolam.json"
    "2026/facilities/lapas-rumah-kaca.json"
    "2026/facilities/lapas-kandang.json"
    "2026/programmes/blk-las.json"
    "2026/programmes/dkpp-hidroponik.json"
    "2026/programmes/dkpp-ayam.json"
    "2026/programmes/dkp-lele.json"
    "2026/programmes/dkp-nila.json"
    "2026/trainers/blk-hendra.json"
    "2026/trainers/blk-yusuf.json"
    "2026/trainers/blk-rina.json"
    "2026/trainers/dkpp-siti.json"
    "2026/trainers/dkpp-bayu.json"
    "2026/trainers/dkpp-rina.json"
    "2026/trainers/dkp-agus.json"
    "2026/trainers/dkp-dewi.json"
    "2026/trainers/lapas-joko.json"
    "2026/trainers/lapas-fitri.json"
    "2026/schedules/blk-las.json"
    "2026/schedules/dkpp-hidroponik.json"
    "2026/schedules/dkpp-hidroponik-corrected.json"
    "2026/schedules/dkp-lele.json"
    "2026/schedules/dkpp-ayam.json"
    "2026/schedules/dkp-nila.json"
    "2026/rosters/blk-las.json"
    "2027/programmes/blk-las-lanjutan.json"
    "2027/programmes/blk-menjahit.json"
    "2027/programmes/blk-pangkas-rambut.json"
    "2027/programmes/blk-mebel.json"
    "2027/programmes/dkpp-hidroponik-lanjutan.json"
    "2027/programmes/dkpp-ayam-petelur.json"
    "2027/programmes/dkp-lele-bioflok.json"
    "2027/programmes/dkp-olahan-ikan.json"
};

/// The fields that hold dates of the year that is told. Names of agencies hold since when they hold.
const DATED: [&str; 6] =
    ["starts_at", "ends_at", "effective_from", "effective_until", "valid_from", "valid_until"];

/// How far ahead the first session lies at least.
const DAYS_AHEAD: i64 = 7;

/// A file of the story, as it was copied.
pub struct Copy {
    /// Whose it is, the name of a profile: who sends it, but for rosters, which the prison sends to this agency.
    pub profile: &'static str,
    pub path: PathBuf,
}

impl Copy {
    /// The request in it.
    pub fn read<M: Message + Default + Name>(&self, language: Language) -> Result<M, Failure> {
        let text =
            fs::read_to_string(&self.path).map_err(|error| Failure::io(language, &self.path, &error))?;
        request_from_json(&text).map_err(|errors| Failure::File { path: self.path.clone(), errors })
    }
}

/// The copies of one kind, in the story's order: `agencies`, `agreements`, `facilities`, `programmes`, `trainers`,
/// `schedules`, `rosters`.
pub fn copies(folder: &Path, kind: &str) -> Vec<Copy> {
    let of_kind = |(path, _): &(&'static str, &str)| {
        let (directory, file) = path.strip_prefix("2026/")?.split_once('/')?;
        let profile = file.split(['-', '.']).next()?;
        (directory == kind).then(|| Copy { profile, path: folder.join(copied(path)) })
    };
    FILES.iter().filter_map(of_kind).collect()
}

/// Writes the copies that are missing, so that the first session lies at least a week after `now`.
pub fn copy(folder: &Path, now: Timestamp) -> io::Result<()> {
    let weeks = weeks_ahead(now);
    for (path, text) in FILES {
        let to = folder.join(copied(path));
        if !to.exists() {
            fs::create_dir_all(to.parent().unwrap_or(folder))?;
            let moves = !path.contains("/agencies/");
            // Under another name first, so that a start that was killed leaves no half of a file behind.
            let half = to.with_extension("half");
            fs::write(&half, if moves { moved(text, weeks) } else { (*text).to_owned() })?;
            fs::rename(half, to)?;
        }
    }
    Ok(())
}

/// Where a file goes, below the folder.
fn copied(path: &str) -> String {
    path.replacen("2026/", "", 1).replacen("2027/", "next-year/", 1)
}

/// The fewest whole weeks that suffice.
fn weeks_ahead(now: Timestamp) -> i64 {
    const WEEK: i64 = 7 * 24 * 3600;
    let starts = FILES.iter().flat_map(|(_, text)| text.lines()).filter_map(|line| {
        let time = line.trim().strip_prefix("\"starts_at\": \"")?.split('"').next()?;
        time.parse::<Timestamp>().ok()
    });
    let first = starts.min().unwrap_or(now).as_second();
    let earliest = now.as_second() + DAYS_AHEAD * 24 * 3600;
    ((earliest - first).max(0) + WEEK - 1) / WEEK
}

/// The text with its dates moved. Everything else stays as it was typed.
fn moved(text: &str, weeks: i64) -> String {
    let mut moved = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let at = DATED.iter().find_map(|field| {
            let key = format!("\"{field}\": \"");
            Some(line.find(&key)? + key.len())
        });
        match at.and_then(|at| Some((at, later(line.get(at..at + 10)?, weeks)?))) {
            Some((at, date)) => moved.extend([&line[..at], &date.to_string(), &line[at + 10..]]),
            None => moved.push_str(line),
        }
    }
    moved
}

fn later(date: &str, weeks: i64) -> Option<Date> {
    parse_date(date).ok()?.checked_add(weeks.weeks()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn every_example_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut found = Vec::new();
        for year in ["2026", "2027"] {
            for kind in fs::read_dir(root.join(year)).unwrap() {
                for file in fs::read_dir(kind.unwrap().path()).unwrap() {
                    let path = file.unwrap().path();
                    found.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        let mut carried: Vec<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        found.sort();
        carried.sort();
        assert_eq!(carried, found);
    }

    #[test]
    fn the_year_moves_by_the_fewest_weeks() {
        // The first session is on 2026-12-07 at 01:00 UTC.
        for (now, weeks) in [
            ("2026-03-01T00:00:00Z", 0),
            ("2026-11-30T01:00:00Z", 0),
            ("2026-11-30T01:00:01Z", 1),
            ("2026-12-07T01:00:00Z", 1),
            ("2027-11-29T01:00:00Z", 52),
        ] {
            assert_eq!(weeks_ahead(at(now)), weeks, "{now}");
        }
    }

    #[test]
    fn dates_move_and_nothing_else() {
        let text =
            "{ \"starts_at\": \"2026-12-28T08:00:00+07:00\",\n  \"year\": 2026, \"topic\": \"2026-12-28\" }";
        assert_eq!(moved(text, 0), text);
        assert_eq!(moved(text, 1), text.replacen("2026-12-28", "2027-01-04", 1));
        for (path, text) in FILES.iter().filter(|(path, _)| path.contains("/schedules/")) {
            let before: v1::PushScheduleRequest = request_from_json(text).unwrap();
            let after: v1::PushScheduleRequest = request_from_json(&moved(text, 60)).unwrap();
            for (before, after) in before.sessions.iter().zip(&after.sessions) {
                let [from, to] = [before, after].map(|session| session.starts_at.unwrap().seconds);
                assert_eq!(to - from, 60 * 7 * 24 * 3600, "{path}");
            }
        }
    }
}
