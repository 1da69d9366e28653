//! What was shown by one certificate, and what could have been: what the notice of a breach has to state.

use std::collections::BTreeSet;

use super::data;
use crate::{
    cli::{
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::Range,
        screen::{self, Heading, Output},
        when, words,
    },
    domain::reason::Language,
    format::json::to_json,
    proto::v1,
};

pub const HEADINGS: &[Heading] = &[
    ("TIME", "WAKTU"),
    ("REFERENCE", "KODE ACUAN"),
    ("DATA", "DATA"),
    ("PROGRAMME", "PROGRAM"),
    ("METHOD", "LAYANAN"),
    ("ENTRY", "ENTRI"),
];

pub const REACHABLE: &[Heading] =
    &[("PROGRAMME", "PROGRAM"), ("TITLE", "JUDUL"), ("AT MOST", "PALING BANYAK")];

type Found = v1::ListCertificateDisclosuresResponse;

/// Prints what was shown, then what could have been, and how many both are.
pub async fn report(conn: &Connection<'_>, serial: &str, range: &Range) -> Result<Exit, Failure> {
    let (range_start, range_end) = conn.bounds(range).await?;
    let certificate = names::given("certificates", serial);
    let request =
        v1::ListCertificateDisclosuresRequest { certificate, range_start, range_end, ..Default::default() };
    let found = find(conn, &request).await?;
    if conn.context.output == Output::Json {
        screen::print_json(&to_json(&found))?;
        return Ok(Exit::Ok);
    }
    let (zone, language) = (conn.told_zone().await, conn.context.language);
    for (headings, rows) in [
        (HEADINGS, found.disclosures.iter().map(|one| row(one, &zone, language)).collect::<Vec<_>>()),
        (REACHABLE, found.reachable.iter().map(reachable_row).collect()),
    ] {
        if !rows.is_empty() {
            screen::print(&screen::table(language, headings, &rows))?;
            screen::print("\n")?;
        }
    }
    screen::note(&summary(&found, language));
    let until = when::moment(found.until.as_ref(), &zone, language);
    screen::note(&words::disclosures_until(language, found.entries, until));
    Ok(Exit::Ok)
}

/// All of it, as one answer.
async fn find(
    conn: &Connection<'_>,
    request: &v1::ListCertificateDisclosuresRequest,
) -> Result<Found, Failure> {
    let fetch = async |page_size, page_token| {
        let request = v1::ListCertificateDisclosuresRequest { page_size, page_token, ..request.clone() };
        conn.client.disclosure().list_certificate_disclosures(request).await
    };
    let split =
        |page: &mut Found| (std::mem::take(&mut page.disclosures), std::mem::take(&mut page.next_page_token));
    let (disclosures, last) = conn.whole(fetch, split).await?;
    Ok(Found { disclosures, ..last })
}

/// How many were shown in how many answers, and how many could have been at most.
fn summary(found: &Found, language: Language) -> String {
    let count = |name: fn(&v1::TraineeDisclosure) -> &String| {
        found.disclosures.iter().map(name).collect::<BTreeSet<_>>().len()
    };
    let (shown, answers) = (count(|one| &one.enrolment), count(|one| &one.entry));
    let reachable: i64 = found.reachable.iter().map(|roster| roster.places).sum();
    let holder = format!("{}/{}", names::short(&found.agency), found.system);
    words::breach_summary(language, holder, shown, answers, reachable, found.reachable.len())
}

/// A row of what was shown: the place on a roster stands for the trainee, whose name no list needs.
pub fn row(one: &v1::TraineeDisclosure, zone: &str, language: Language) -> Vec<String> {
    vec![
        when::moment(one.time.as_ref(), zone, language),
        names::short(&one.enrolment),
        data(one, language),
        names::short(&one.programme),
        one.method.clone(),
        one.entry.clone(),
    ]
}

/// A row of what could have been shown.
pub fn reachable_row(roster: &v1::ReachableRoster) -> Vec<String> {
    vec![names::short(&roster.programme), roster.programme_title.clone(), roster.places.to_string()]
}
