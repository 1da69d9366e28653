//! Trainees as the prison knows them: by register number or name, on one roster.

use super::{find, get, known};
use crate::{
    cli::{ask, connection::Connection, failure::Failure, names, options::Limit, select},
    domain::{reason::Language, trainee::RegisterNumber},
    proto::v1,
};

/// The characters of an enrolment's reference: 128 bits in hexadecimal.
const REFERENCE_LENGTH: usize = 32;

/// Places on a roster: by reference, else by register number, else by a part of the name. A text that is no reference is
/// looked up in the roster, all of which the ledger then counts as shown.
pub async fn find_all(
    conn: &Connection<'_>,
    programme: &str,
    texts: &[String],
) -> Result<Vec<v1::Enrolment>, Failure> {
    let mut listed: Option<Vec<v1::Enrolment>> = None;
    let mut found = Vec::with_capacity(texts.len());
    for text in texts {
        if is_reference(text) {
            let read = get(conn, &names::given("enrolments", text)).await?;
            found.push(read.enrolment.unwrap_or_default());
            continue;
        }
        let all = match &listed {
            Some(all) => all,
            None => listed.insert(find(conn, programme, 0, &Limit::BATCH).await?.0),
        };
        found.push(of_roster(conn.context.language, text, all, ask::is_possible())?);
    }
    Ok(found)
}

/// The one place that a register number or a part of a name means; of a trainee who left and came back, the one that is
/// still on the roster. Of several, names are listed for somebody at a terminal, and references for a log.
fn of_roster(
    language: Language,
    text: &str,
    all: &[v1::Enrolment],
    at_a_terminal: bool,
) -> Result<v1::Enrolment, Failure> {
    let number = |one: &v1::Enrolment| {
        one.prison_record.as_ref().is_some_and(|record| same_number(&record.register_number, text))
    };
    let mut found: Vec<_> = all.iter().filter(|one| number(one)).cloned().collect();
    if found.is_empty() {
        found = all.iter().filter(|one| select::holds(&one.full_name, text)).cloned().collect();
    }
    let on_it = |one: &v1::Enrolment| one.state() != v1::EnrolmentState::Left;
    if found.iter().any(on_it) {
        found.retain(on_it);
    }
    if found.is_empty() && at_a_terminal {
        return Err(select::none_of(language, text, all.iter().map(|one| known(one).join("  ")).collect()));
    }
    select::only(language, text, found, |one| match at_a_terminal {
        true => known(one).join("  "),
        false => names::short(&one.name),
    })
}

/// Whether a text means a place by its reference, its whole register number or the whole name, and not by a part.
pub fn is_exact(text: &str, found: &v1::Enrolment) -> bool {
    let number = found.prison_record.as_ref().map(|record| record.register_number.as_str());
    is_reference(text)
        || number.is_some_and(|number| same_number(number, text))
        || select::is_whole(&found.full_name, text)
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
        let found = |text| of_roster(EN, text, &all, true).map(|one| one.name);
        assert_eq!(found("bi 1/2026").unwrap(), "enrolments/BI 1/20262", "whole numbers, and who is on it");
        assert_eq!(found("bi  12/2026 ").unwrap(), "enrolments/BI 12/20261");
        assert_eq!(found("dua").unwrap(), "enrolments/BI 12/20261");
        let several = found("contoh").unwrap_err().report(EN, false);
        assert!(several.contains("Contoh Satu  BI 1/2026") && several.contains("Contoh Dua"), "{several}");
        let exact = |text: &str| is_exact(text, &all[2]);
        assert!(exact("contoh dua") && exact("bi 12/2026") && !exact("dua") && !exact("BI 1/2026"));
        let nearest = found("BI 13/2026").unwrap_err().report(EN, false);
        assert!(nearest.lines().nth(1).is_some_and(|line| line.ends_with("2026")), "{nearest}");
        let logged = of_roster(EN, "BI 13/2026", &all, false).unwrap_err().report(EN, false);
        assert!(!logged.contains("Contoh"), "no names in a log: {logged}");
        let logged = of_roster(EN, "contoh", &all, false).unwrap_err().report(EN, false);
        assert!(!logged.contains("Satu") && !logged.contains("Dua"), "no names in a log: {logged}");
        assert!(is_reference("07f3ab5c9e114d0f8a62b7c1d94e5f08") && !is_reference("BI 12/2026"));
        assert!(is_reference("enrolments/07f3ab5c9e114d0f8a62b7c1d94e5f08"));
    }
}
