//! `gerbang audit refused`: calls that were refused, for those who supervise.

use clap::Args;

use super::super::{
    Context,
    connection::Connection,
    failure::{Exit, Failure},
    names,
    options::{Limit, Range},
    screen::Heading,
    select, when,
};
use crate::{domain::reason::Language, proto::v1};

#[derive(Debug, Args)]
pub struct Refused {
    /// Only what this agency's systems called: its code, or a part of its name
    #[arg(long, value_name = "AGENCY")]
    agency: Option<String>,
    /// Only what was called with this certificate
    #[arg(long, value_name = "SERIAL")]
    cert: Option<String>,
    /// Only what was refused for this reason
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    limit: Limit,
}

pub(in super::super) const HEADINGS: &[Heading] = &[
    ("LAST", "TERAKHIR"),
    ("SYSTEM", "SISTEM"),
    ("METHOD", "LAYANAN"),
    ("REASON", "ALASAN"),
    ("CALLS", "JUMLAH"),
    ("FIRST", "PERTAMA"),
];

/// Lists refused calls, those of the newest day first.
pub async fn list(context: &Context<'_>, wanted: &Refused) -> Result<Exit, Failure> {
    let conn = Connection::open(context).await?;
    let (range_start, range_end) = conn.bounds(&wanted.range).await?;
    let agency = match &wanted.agency {
        Some(agency) => select::agency(&conn, agency).await?,
        None => String::new(),
    };
    let certificate = wanted.cert.as_deref().map(|serial| names::given("certificates", serial));
    let request = v1::ListRefusedCallsRequest {
        agency,
        certificate: certificate.unwrap_or_default(),
        reason: wanted.reason.as_deref().map(str::to_uppercase).unwrap_or_default(),
        range_start,
        range_end,
        ..Default::default()
    };
    let fetch = async |page_size, page_token| {
        let request = v1::ListRefusedCallsRequest { page_size, page_token, ..request.clone() };
        conn.client.ledger().list_refused_calls(request).await
    };
    let split = |page: v1::ListRefusedCallsResponse| (page.refused_calls, page.next_page_token);
    let found = conn.pages(&wanted.limit, fetch, split).await?;
    let zone = conn.told_zone().await;
    conn.list(&found, HEADINGS, |one| row(one, &zone, context.language))
}

/// A row of the table. Whose certificate names nobody is told by the first bytes of its fingerprint.
pub(in super::super) fn row(one: &v1::RefusedCalls, zone: &str, language: Language) -> Vec<String> {
    let system = if one.agency.is_empty() {
        one.certificate_sha256.chars().take(16).collect()
    } else {
        format!("{}/{}", names::short(&one.agency), one.system)
    };
    vec![
        when::moment(one.last_time.as_ref(), zone, language),
        system,
        one.method.clone(),
        one.reason.clone(),
        one.calls.to_string(),
        when::moment(one.first_time.as_ref(), zone, language),
    ]
}
