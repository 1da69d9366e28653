//! How far the readers of an agency's own sessions have come.

use std::collections::BTreeMap;

use tonic::Code;

use super::super::{
    connection::Connection,
    failure::Failure,
    names,
    screen::{self, Heading, Output},
    when, words,
};
use crate::{
    domain::{name::SessionName, reason::Language},
    proto::v1,
};

/// Sessions of one request.
const SESSIONS_MAX: usize = 100;

/// Sessions that a row names.
const NAMED_MAX: usize = 5;

pub(in super::super) const HEADINGS: &[Heading] = &[
    ("READER", "PENERIMA"),
    ("ACKNOWLEDGED", "DIBACA"),
    ("WAITING SINCE", "MENUNGGU SEJAK"),
    ("NOT YET", "BELUM DIBACA"),
];

/// Prints, below a table of sessions, which agencies have acknowledged the last changes of those that the caller's agency leads. A
/// gateway that does not say it fails nothing.
pub async fn print(conn: &Connection<'_>, sessions: &[v1::Session]) -> Result<(), Failure> {
    let language = conn.context.language;
    let is_own = |name: &&str| SessionName::parse(name).is_ok_and(|name| name.agency.as_str() == conn.agency);
    let own: Vec<_> = sessions.iter().map(|session| session.name.as_str()).filter(is_own).collect();
    if own.is_empty() || conn.context.output == Output::Json {
        return Ok(());
    }
    let found = match find(conn, &own).await {
        Ok(found) => found,
        // Who may not ask, such as a door, and a gateway of before.
        Err(Failure::Refused(refused))
            if [Code::PermissionDenied, Code::Unimplemented].contains(&refused.code) =>
        {
            return Ok(());
        }
        Err(failure) => {
            screen::note(&words::readers_unknown(language, failure.report(language, false)));
            return Ok(());
        }
    };
    if found.is_empty() {
        return Ok(());
    }
    let zone = conn.told_zone().await;
    screen::print(&format!("\n{}", screen::table(language, HEADINGS, &rows(&found, &zone, language))))
}

async fn find(conn: &Connection<'_>, sessions: &[&str]) -> Result<Vec<v1::Acknowledgement>, Failure> {
    let mut found = Vec::new();
    for some in sessions.chunks(SESSIONS_MAX) {
        let sessions = some.iter().map(|name| (*name).to_owned()).collect();
        let request = v1::ListAcknowledgementsRequest { sessions };
        let answer =
            conn.ask(async || conn.client.change().list_acknowledgements(request.clone()).await).await?;
        found.extend(answer.acknowledgements);
    }
    Ok(found)
}

/// A row for each agency that was told: of how many sessions it has acknowledged the last change, and of which not yet.
pub(in super::super) fn rows(
    found: &[v1::Acknowledgement],
    zone: &str,
    language: Language,
) -> Vec<Vec<String>> {
    let mut readers = BTreeMap::<_, Vec<_>>::new();
    for one in found {
        readers.entry(one.agency.as_str()).or_default().push(one);
    }
    let row = |(agency, told): (&str, Vec<&v1::Acknowledgement>)| {
        let waiting: Vec<_> = told.iter().filter(|one| one.acknowledge_time.is_none()).collect();
        let since =
            waiting.iter().filter_map(|one| one.tell_time.as_ref()).min_by_key(|at| (at.seconds, at.nanos));
        let mut named: Vec<_> = waiting.iter().map(|one| names::short(&one.session)).collect();
        let more = named.len().saturating_sub(NAMED_MAX);
        named.truncate(NAMED_MAX);
        if more > 0 {
            named.push(words::and_more(language, more));
        }
        vec![
            names::short(agency),
            words::of_all(language, told.len() - waiting.len(), told.len()),
            when::moment(since, zone, language),
            named.join(", "),
        ]
    };
    readers.into_iter().map(row).collect()
}
