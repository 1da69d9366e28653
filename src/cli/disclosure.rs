//! `gerbang disclosure`: to whom the personal data of a trainee were shown (pengungkapan data pribadi).

pub(super) mod breach;
mod letter;

use clap::{Args, Subcommand};

use super::{
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::Range,
    roster,
    screen::{self, Heading, Output},
    when, words,
};
use crate::{domain::reason::Language, format::json::to_json, proto::v1};

/// Say who was shown a trainee's personal data
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List to whom a trainee's data were shown, when, which, and under which agreement (prison)
    #[command(after_help = "Examples:\n\
        \x20 gerbang disclosure report --trainee \"B.I 12/2026\"\n\
        \x20 gerbang disclosure report --trainee 07f3ab5c9e114d0f8a62b7c1d94e5f08 --own-reads -o json\n\
        \x20 gerbang disclosure report --trainee \"B.I 12/2026\" --letter > surat.txt\n\
        \x20 gerbang disclosure report --cert 5a0c77 --from 2026-12-01 --to 2026-12-07\n\n\
        Read from the ledger, which has an entry of each answer that held personal data. A letter is written in Indonesian, in \
        lines of 78 characters, to be printed and handed to the person; it reads the name, and that stands in the ledger too.")]
    Report(Report),
}

/// Options of `report`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("of").required(true).args(["trainee", "cert"]))]
pub struct Report {
    /// The trainee: the register number, or the reference of a place on a roster
    #[arg(long, value_name = "TRAINEE")]
    trainee: Option<String>,
    /// List too what the prison itself has read
    #[arg(long, requires = "trainee")]
    own_reads: bool,
    /// Write a letter to the person
    #[arg(long, requires = "trainee")]
    letter: bool,
    /// What was shown of all trainees by this certificate, and what could have been: for the notice of a breach
    #[arg(long, value_name = "SERIAL")]
    cert: Option<String>,
    #[command(flatten)]
    range: Range,
}

pub(super) const HEADINGS: &[Heading] = &[
    ("TIME", "WAKTU"),
    ("SYSTEM", "SISTEM"),
    ("DATA", "DATA"),
    ("PROGRAMME", "PROGRAM"),
    ("AGREEMENT", "PERJANJIAN"),
    ("PURPOSE", "TUJUAN"),
];

/// Does what the verb says.
pub async fn run(conn: &Connection<'_>, verb: Verb) -> Result<Exit, Failure> {
    let Verb::Report(wanted) = verb;
    if wanted.letter && conn.context.output == Output::Json {
        return Err(Failure::Usage(words::letter_is_no_json(conn.context.language)));
    }
    if wanted.cert.is_none() && (wanted.range.from.is_some() || wanted.range.to.is_some()) {
        return Err(Failure::Usage(words::range_for_cert(conn.context.language)));
    }
    if let Some(serial) = &wanted.cert {
        return breach::report(conn, serial, &wanted.range).await;
    }
    let found = find(conn, wanted.trainee.as_deref().unwrap_or_default(), wanted.own_reads).await?;
    if conn.context.output == Output::Json {
        screen::print_json(&to_json(&found))?;
        return Ok(Exit::Ok);
    }
    if wanted.letter {
        screen::print(&letter::write(conn, &found).await?)?;
        return Ok(Exit::Ok);
    }
    let (zone, language) = (conn.told_zone().await, conn.context.language);
    if found.disclosures.is_empty() {
        screen::note(&words::disclosed_to_nobody(language));
    } else {
        let rows: Vec<_> = found.disclosures.iter().map(|one| row(one, &zone, language)).collect();
        screen::print(&screen::table(language, HEADINGS, &rows))?;
    }
    let until = when::moment(found.until.as_ref(), &zone, language);
    screen::note(&words::disclosures_until(language, found.entries, until));
    Ok(Exit::Ok)
}

/// All disclosures of a trainee, as one answer.
pub(super) async fn find(
    conn: &Connection<'_>,
    trainee: &str,
    own_reads: bool,
) -> Result<v1::ListDisclosuresResponse, Failure> {
    let mut request = v1::ListDisclosuresRequest { own_reads, ..Default::default() };
    if roster::is_reference(trainee) {
        request.enrolment = names::given("enrolments", trainee);
    } else if trainee.starts_with("trainees/") {
        trainee.clone_into(&mut request.trainee);
    } else {
        request.register_number = trainee.to_owned();
    }
    let fetch = async |page_size, page_token| {
        let request = v1::ListDisclosuresRequest { page_size, page_token, ..request.clone() };
        conn.client.disclosure().list_disclosures(request).await
    };
    let split = |page: &mut v1::ListDisclosuresResponse| {
        (std::mem::take(&mut page.disclosures), std::mem::take(&mut page.next_page_token))
    };
    let (disclosures, last) = conn.whole(fetch, split).await?;
    Ok(v1::ListDisclosuresResponse { disclosures, ..last })
}

/// A disclosure's row of a table.
pub(super) fn row(one: &v1::TraineeDisclosure, zone: &str, language: Language) -> Vec<String> {
    vec![
        when::moment(one.time.as_ref(), zone, language),
        format!("{}/{}", names::short(&one.agency), one.system),
        data(one, language),
        names::short(&one.programme),
        agreement(&one.agreement, one.agreement_version, language),
        one.purpose.clone(),
    ]
}

/// The agreement that allowed it, with its version then; nothing where there was none.
pub(super) fn agreement(name: &str, version: i64, language: Language) -> String {
    if name.is_empty() { String::new() } else { words::version_of(language, names::short(name), version) }
}

/// What was shown, in words.
fn data(one: &v1::TraineeDisclosure, language: Language) -> String {
    let word = |field: v1::DisclosedField| words::value(language, field.as_str_name());
    one.fields().map(word).collect::<Vec<_>>().join(", ")
}
