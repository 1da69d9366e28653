//! Things as people know them: a trainer by name, a session by its uid, a programme or an agency by a part of its name,
//! a trainee by register number.
//!
//! Owns what such a text may mean. A text that must mean one thing and may mean several is refused with the list of
//! them, and nothing is done. Judges nothing else: what it finds goes to the gateway under its full name.

use super::{
    agency,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::Limit,
    programme, roster, schedule, words,
};
use crate::{
    domain::{
        name::{Programmes, Sessions},
        reason::Language,
        trainee::RegisterNumber,
    },
    proto::v1,
};

/// The characters of an enrolment's reference: 128 bits in hexadecimal.
const REFERENCE_LENGTH: usize = 32;

/// The only thing that a text may mean; `shown` is how people read it.
pub fn only<T>(
    language: Language,
    text: &str,
    found: Vec<T>,
    shown: impl Fn(&T) -> String,
) -> Result<T, Failure> {
    if found.len() > 1 {
        let lines = found.iter().map(|one| format!("  {}", shown(one))).collect::<Vec<_>>().join("\n");
        return Err(Failure::Usage(words::several_match(language, text, lines)));
    }
    found.into_iter().next().ok_or_else(|| Failure::NotFound(words::none_matches(language, text)))
}

/// Whether a name holds a text, whatever the case of the letters.
pub fn holds(name: &str, text: &str) -> bool {
    name.to_lowercase().contains(&text.to_lowercase())
}

/// Whether a text names a resource: in full, as CODE/ID, or by its ID alone.
pub fn is_named(name: &str, text: &str) -> bool {
    name == text || names::short(name) == text || name.rsplit('/').next() == Some(text)
}

/// The full name of a programme: CODE/ID as it stands, else the one with this ID, else the one with this in its title.
/// One round trip where a text is not CODE/ID.
pub async fn programme(conn: &Connection<'_>, text: &str) -> Result<String, Failure> {
    if text.contains('/') {
        return Ok(conn.full::<Programmes>(text));
    }
    let all = programme::all(conn, &Limit::BATCH, 0, "").await?;
    let own = conn.full::<Programmes>(text);
    let found = match all.iter().any(|programme| programme.name == own) {
        true => vec![own],
        false => named_or_titled(text, all.iter().map(|one| (one.name.as_str(), title_of(one)))),
    };
    let titled = |name: &String| {
        let title = all.iter().find(|one| one.name == *name).map(title_of).unwrap_or_default();
        format!("{}  {title}", names::short(name))
    };
    only(conn.context.language, text, found, titled)
}

/// Every agency's full name, with the name that it holds today. One round trip for each 500.
pub async fn agency_names(conn: &Connection<'_>) -> Result<Vec<(String, String)>, Failure> {
    let today = conn.context.clock.now().to_string();
    let shown = |agency: v1::Agency| (agency.name.clone(), names::held(&agency, &today).to_owned());
    Ok(agency::all(conn, &Limit { limit: u32::MAX }).await?.into_iter().map(shown).collect())
}

fn title_of(programme: &v1::Programme) -> &str {
    programme.plan.as_ref().map(|plan| plan.title.as_str()).unwrap_or_default()
}

/// Those of the names that the text names; if it names none, those whose title holds it.
fn named_or_titled<'a>(text: &str, all: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<String> {
    let named: Vec<_> = all.clone().filter(|(name, _)| is_named(name, text)).collect();
    let found = if named.is_empty() { all.filter(|(_, title)| holds(title, text)).collect() } else { named };
    found.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The full name of an agency: by its code, else by a part of the name that holds today. One round trip.
pub async fn agency(conn: &Connection<'_>, text: &str) -> Result<String, Failure> {
    if text.contains('/') {
        return Ok(text.to_owned());
    }
    let all = agency_names(conn).await?;
    let found = named_or_titled(text, all.iter().map(|(name, shown)| (name.as_str(), shown.as_str())));
    let shown = |name: &String| {
        let known = all.iter().find(|(other, _)| other == name).map(|(_, shown)| shown.as_str());
        format!("{}  {}", names::short(name), known.unwrap_or_default())
    };
    only(conn.context.language, text, found, shown)
}

/// A session by its name, or by a uid that one agency alone uses. One round trip, two where another agency leads it.
pub async fn session(conn: &Connection<'_>, text: &str) -> Result<v1::Session, Failure> {
    match schedule::get(conn, &conn.full::<Sessions>(text)).await {
        Err(failure) if failure.exit() == Exit::NotFound && !text.contains('/') => {
            let named = |session: &v1::Session| is_named(&session.name, text);
            let found = schedule::ahead(conn).await?.into_iter().filter(named).collect();
            only(conn.context.language, text, found, |one| names::short(&one.name))
        }
        read => read,
    }
}

/// Those of the assignments whose trainer goes by this text: the reference, CODE/REF, or a part of the name. The text
/// must mean one trainer.
pub fn of_trainer(
    language: Language,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let named: Vec<_> = all.iter().filter(|one| is_named(&one.trainer, text)).collect();
    let matching = match named.is_empty() {
        true => all.iter().filter(|one| holds(&one.trainer_display_name, text)).collect(),
        false => named,
    };
    let trainer = one_of(language, text, matching, |one| {
        (one.trainer.clone(), format!("{}  {}", names::short(&one.trainer), one.trainer_display_name))
    })?;
    Ok(all.into_iter().filter(|one| one.trainer == trainer).collect())
}

/// Those of the assignments that are in the session with this uid. The uid must mean one session.
pub fn of_uid(
    language: Language,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    let matching = all.iter().filter(|one| one.session_uid == text || is_named(&one.session, text)).collect();
    let session = one_of(language, text, matching, |one| (one.session.clone(), names::short(&one.session)))?;
    Ok(all.into_iter().filter(|one| one.session == session).collect())
}

/// Those of the assignments in a programme, by CODE/ID or a part of the title. The text must mean one programme.
pub async fn of_programme(
    conn: &Connection<'_>,
    text: &str,
    all: Vec<v1::TrainerAssignment>,
) -> Result<Vec<v1::TrainerAssignment>, Failure> {
    match programme(conn, text).await {
        Ok(name) => {
            let sessions = schedule::of_programme(conn, &name).await?;
            let held = |one: &v1::TrainerAssignment| sessions.iter().any(|other| other.name == one.session);
            Ok(all.into_iter().filter(held).collect())
        }
        // Who only lends a trainer sees of a programme its title alone.
        Err(failure) if failure.exit() == Exit::NotFound => {
            let matching = all.iter().filter(|one| holds(&one.programme_title, text)).collect();
            let title = one_of(conn.context.language, text, matching, |one| {
                (one.programme_title.clone(), one.programme_title.clone())
            })?;
            Ok(all.into_iter().filter(|one| one.programme_title == title).collect())
        }
        Err(failure) => Err(failure),
    }
}

/// The one key that all of what matches has; `of` gives the key, and how people read it.
fn one_of<T>(
    language: Language,
    text: &str,
    matching: Vec<&T>,
    of: impl Fn(&T) -> (String, String),
) -> Result<String, Failure> {
    let mut keys: Vec<_> = matching.into_iter().map(of).collect();
    keys.sort();
    keys.dedup();
    only(language, text, keys, |(_, shown)| shown.clone()).map(|(key, _)| key)
}

/// Places on a roster: by reference, else by register number, else by a part of the name. A text that is no reference is
/// looked up in the roster, all of which the ledger then counts as shown.
pub async fn enrolments(
    conn: &Connection<'_>,
    programme: &str,
    texts: &[String],
) -> Result<Vec<v1::Enrolment>, Failure> {
    let mut listed: Option<Vec<v1::Enrolment>> = None;
    let mut found = Vec::with_capacity(texts.len());
    for text in texts {
        if is_reference(text) {
            let read = roster::get(conn, &names::given("enrolments", text)).await?;
            found.push(read.enrolment.unwrap_or_default());
            continue;
        }
        let all = match &listed {
            Some(all) => all,
            None => listed.insert(roster::find(conn, programme, 0, &Limit::BATCH).await?.0),
        };
        found.push(of_roster(conn.context.language, text, all)?);
    }
    Ok(found)
}

/// The one place that a register number or a part of a name means. Of a trainee who left and came back, the last place.
fn of_roster(language: Language, text: &str, all: &[v1::Enrolment]) -> Result<v1::Enrolment, Failure> {
    let number = |one: &v1::Enrolment| {
        one.prison_record.as_ref().is_some_and(|record| same_number(&record.register_number, text))
    };
    let mut found: Vec<_> = all.iter().filter(|one| number(one)).cloned().collect();
    if found.is_empty() {
        found = all.iter().filter(|one| holds(&one.full_name, text)).cloned().collect();
    }
    let on_it = |one: &v1::Enrolment| one.state() != v1::EnrolmentState::Left;
    if found.iter().any(on_it) {
        found.retain(on_it);
    }
    only(language, text, found, |one| roster::known(one).join("  "))
}

/// Whether two spellings are of one register number.
fn same_number(one: &str, other: &str) -> bool {
    let number = |text: &str| RegisterNumber::parse(text).map(|number| number.normalised()).ok();
    number(one).is_some_and(|one| number(other).is_some_and(|other| one == other))
}

/// Whether a text is an enrolment's reference or full name, and no register number.
pub fn is_reference(text: &str) -> bool {
    let bare = text.strip_prefix("enrolments/").unwrap_or(text);
    bare.len() == REFERENCE_LENGTH && bare.chars().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::English;

    fn assignment(trainer: &str, name: &str, session: &str) -> v1::TrainerAssignment {
        v1::TrainerAssignment {
            trainer: format!("agencies/{}", trainer.replace('/', "/trainers/")),
            trainer_display_name: name.into(),
            session: format!("agencies/{}", session.replace('/', "/sessions/")),
            session_uid: session.rsplit('/').next().unwrap().into(),
            ..Default::default()
        }
    }

    fn all() -> Vec<v1::TrainerAssignment> {
        vec![
            assignment("blk/t1", "Sari Contohwati", "blk/s1"),
            assignment("blk/t1", "Sari Contohwati", "blk/s2"),
            assignment("dkp/t1", "Budi Sarifudin", "dkp/s1"),
        ]
    }

    #[test]
    fn a_trainer_is_meant_by_reference_or_by_a_part_of_the_name() {
        let count = |text: &str| of_trainer(EN, text, all()).map(|found| found.len());
        assert_eq!(count("contoh").unwrap(), 2);
        assert_eq!(count("blk/t1").unwrap(), 2);
        assert_eq!(count("BUDI").unwrap(), 1);
        for several in ["sari", "t1"] {
            let failure = count(several).unwrap_err();
            assert_eq!(failure.exit(), Exit::Usage);
            let said = failure.report(EN, false);
            assert!(said.contains("blk/t1  Sari Contohwati\n  dkp/t1  Budi Sarifudin"), "{said}");
        }
        assert_eq!(count("rina").unwrap_err().exit(), Exit::NotFound);
    }

    #[test]
    fn a_uid_means_one_session() {
        assert_eq!(of_uid(EN, "s2", all()).unwrap().len(), 1);
        assert_eq!(of_uid(EN, "dkp/s1", all()).unwrap().len(), 1);
        assert_eq!(of_uid(EN, "s1", all()).unwrap_err().exit(), Exit::Usage);
        assert_eq!(of_uid(EN, "s", all()).unwrap_err().exit(), Exit::NotFound, "a uid is whole");
    }

    #[test]
    fn a_name_goes_before_a_title() {
        let all =
            [("agencies/blk/programmes/las", "Pengelasan"), ("agencies/dkp/programmes/lele", "Las ikan")];
        let found = |text| named_or_titled(text, all.iter().copied());
        assert_eq!(found("las"), ["agencies/blk/programmes/las"]);
        assert_eq!(found("IKAN"), ["agencies/dkp/programmes/lele"]);
        assert_eq!(found("bengkel"), Vec::<String>::new());
    }

    #[test]
    fn a_trainee_is_meant_by_register_number_then_by_name() {
        let place = |number: &str, name: &str, state: v1::EnrolmentState| v1::Enrolment {
            name: format!("enrolments/{number}{}", state as i32),
            full_name: name.into(),
            state: state.into(),
            prison_record: Some(v1::PrisonRecord { register_number: number.into(), ..Default::default() }),
            ..Default::default()
        };
        use v1::EnrolmentState::{Confirmed, Left, Waitlisted};
        let all = [
            place("BI 1/2026", "Contoh Satu", Left),
            place("BI 1/2026", "Contoh Satu", Waitlisted),
            place("BI 12/2026", "Contoh Dua", Confirmed),
        ];
        let found = |text| of_roster(EN, text, &all).map(|one| one.name);
        assert_eq!(found("bi 1/2026").unwrap(), "enrolments/BI 1/20262", "whole numbers, and who is on it");
        assert_eq!(found("bi  12/2026 ").unwrap(), "enrolments/BI 12/20261");
        assert_eq!(found("dua").unwrap(), "enrolments/BI 12/20261");
        let several = found("contoh").unwrap_err().report(EN, false);
        assert!(several.contains("Contoh Satu  BI 1/2026") && several.contains("Contoh Dua"), "{several}");
        assert!(is_reference("07f3ab5c9e114d0f8a62b7c1d94e5f08") && !is_reference("BI 12/2026"));
        assert!(is_reference("enrolments/07f3ab5c9e114d0f8a62b7c1d94e5f08"));
    }
}
