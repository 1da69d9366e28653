//! `gerbang audit list`: what the ledger's entries tell of, for those who supervise.

use clap::Args;

use super::super::{
    Context,
    connection::Connection,
    disclosure,
    failure::{Exit, Failure},
    names,
    options::{Limit, Range},
    screen::Heading,
    select, when, words,
};
use crate::{domain::reason::Language, proto::v1};

#[derive(Debug, Args)]
pub struct List {
    /// Only what this agency's systems did: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Only what was done with this certificate
    #[arg(long, value_name = "SERIAL")]
    cert: Option<String>,
    /// Only this method, as this list shows it
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Only what tells of this resource, by its full name
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Only looks at trainees' data by another agency than their prison
    #[arg(long)]
    disclosures: bool,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    limit: Limit,
}

pub(in super::super) const HEADINGS: &[Heading] = &[
    ("TIME", "WAKTU"),
    ("SYSTEM", "SISTEM"),
    ("METHOD", "LAYANAN"),
    ("WHAT", "URAIAN"),
    ("AGREEMENT", "PERJANJIAN"),
    ("ENTRY", "ENTRI"),
];

/// Lists entries, the newest first.
pub async fn list(context: &Context<'_>, wanted: &List) -> Result<Exit, Failure> {
    let conn = Connection::open(context).await?;
    let (range_start, range_end) = conn.bounds(&wanted.range).await?;
    let agency = match &wanted.agency {
        Some(agency) => select::agency(&conn, agency).await?,
        None => String::new(),
    };
    let certificate = wanted.cert.as_deref().map(|serial| names::given("certificates", serial));
    let request = v1::ListEntriesRequest {
        agency,
        certificate: certificate.unwrap_or_default(),
        method: wanted.method.clone().unwrap_or_default(),
        resource: wanted.resource.clone().unwrap_or_default(),
        range_start,
        range_end,
        disclosures: wanted.disclosures,
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListEntriesRequest { page_size, page_token, ..request.clone() };
        conn.client.ledger().list_entries(request).await
    };
    let split = |page: v1::ListEntriesResponse| (page.entries, page.next_page_token);
    let found = conn.pages(&wanted.limit, fetch, split).await?;
    let zone = conn.told_zone().await;
    conn.list(&found, HEADINGS, |entry| row(entry, &zone, context.language))
}

/// An entry's row of a table.
pub(in super::super) fn row(entry: &v1::LedgerEntry, zone: &str, language: Language) -> Vec<String> {
    let count = |line: &v1::LineCount| {
        let kind = words::value(language, line.kind().as_str_name());
        format!("{kind} {} {}", line.count, words::collection(language, &line.collection))
    };
    vec![
        when::moment(entry.time.as_ref(), zone, language),
        if entry.agency.is_empty() {
            String::new()
        } else {
            format!("{}/{}", names::short(&entry.agency), entry.system)
        },
        entry.method.clone(),
        entry.lines.iter().map(count).collect::<Vec<_>>().join(", "),
        disclosure::agreement(&entry.agreement, entry.agreement_version, language),
        entry.entry.clone(),
    ]
}
