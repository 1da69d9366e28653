//! `gerbang cert list | show`: the inventory.

use clap::Args;
use jiff::SignedDuration;

use crate::{
    cli::{
        agency,
        choice::choice,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::Limit,
        screen::{self, Heading, Output},
        when, words,
    },
    domain::reason::Language,
    format::json::to_json,
    proto::v1,
};

/// Options of `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only of this agency
    #[arg(long)]
    agency: Option<String>,
    /// Only those that are good and end within so many days
    #[arg(long, value_name = "DAYS", value_parser = days)]
    expiring: Option<u32>,
    /// Only in this state
    #[arg(
        long,
        ignore_case = true,
        value_parser = choice("CERTIFICATE_STATE_", v1::CertificateState::as_str_name)
    )]
    state: Option<i32>,
    #[command(flatten)]
    limit: Limit,
}

/// `30d`, or `30`.
fn days(text: &str) -> Result<u32, &'static str> {
    text.trim_end_matches('d').parse().ok().filter(|days| *days <= 36_500).ok_or("write days, such as 30d")
}

pub(in crate::cli) const HEADINGS: &[Heading] = &[
    ("SYSTEM", "SISTEM"),
    ("STATE", "STATUS"),
    ("ENDS", "BERAKHIR"),
    ("SEEN", "DIPAKAI"),
    ("FROM", "DARI"),
    ("ALARMS", "PERINGATAN"),
    ("SERIAL", "NOMOR SERI"),
];

pub async fn list(conn: &Connection<'_>, options: List) -> Result<Exit, Failure> {
    let ahead = |days: u32| SignedDuration::from_hours(24 * i64::from(days));
    // The wire takes whole seconds.
    let whole = |at| prost_types::Timestamp { nanos: 0, ..when::to_proto(at) };
    let before = options.expiring.map(|days| whole(conn.context.clock.now() + ahead(days)));
    let agency = known_agency(conn, options.agency.as_deref()).await?;
    let found = all(conn, &options.limit, &agency, options.state.unwrap_or_default(), before).await?;
    let zone = conn.told_zone().await;
    conn.list(&found, HEADINGS, |certificate| row(certificate, &zone, conn.context.language))
}

/// The full name of the agency that a list is narrowed to, empty where it is not; a failure where there is no such agency,
/// of which an empty list would say that all is well.
pub(super) async fn known_agency(conn: &Connection<'_>, text: Option<&str>) -> Result<String, Failure> {
    match text.map(names::agency) {
        None => Ok(String::new()),
        Some(name) => Ok(agency::get(conn, &name).await?.name),
    }
}

pub(in crate::cli) async fn all(
    conn: &Connection<'_>,
    limit: &Limit,
    agency: &str,
    state: i32,
    expire_before: Option<prost_types::Timestamp>,
) -> Result<Vec<v1::Certificate>, Failure> {
    let fetch = async |page_size, page_token| {
        let agency = agency.to_owned();
        let request = v1::ListCertificatesRequest { page_size, page_token, agency, state, expire_before };
        conn.client.certificate().list_certificates(request).await
    };
    conn.pages(limit, fetch, |page: v1::ListCertificatesResponse| (page.certificates, page.next_page_token))
        .await
}

/// The certificate that a system got last.
pub(super) async fn last_of(conn: &Connection<'_>, system: &str) -> Result<Option<v1::Certificate>, Failure> {
    let agency = system.split_once("/systems/").map_or(system, |(agency, _)| agency);
    let found = all(conn, &Limit::BATCH, agency, 0, None).await?;
    let mine = found.into_iter().filter(|certificate| certificate.system == system);
    Ok(mine.max_by_key(|certificate| certificate.not_before.map(|at| at.seconds)))
}

/// For how many whole days a certificate was made.
pub(super) fn days_of(certificate: &v1::Certificate) -> Option<i64> {
    Some((certificate.not_after?.seconds - certificate.not_before?.seconds) / (24 * 3600))
}

/// Shows a certificate.
pub async fn show(conn: &Connection<'_>, serial: &str) -> Result<Exit, Failure> {
    let name = names::given("certificates", &serial.to_lowercase());
    let request = v1::GetCertificateRequest { name };
    let call = async || conn.client.certificate().get_certificate(request.clone()).await;
    let answer = conn.ask(call).await?;
    if conn.context.output == Output::Json {
        screen::print_json(&to_json(&answer))?;
        return Ok(Exit::Ok);
    }
    conn.show(&answer.certificate.unwrap_or_default()).await?;
    if answer.lineage.is_empty() {
        return Ok(Exit::Ok);
    }
    let language = conn.context.language;
    screen::print(&format!("\n{}\n", words::lineage(language)))?;
    let zone = conn.told_zone().await;
    conn.list(&answer.lineage, HEADINGS, |certificate| row(certificate, &zone, language))
}

pub(in crate::cli) fn row(certificate: &v1::Certificate, zone: &str, language: Language) -> Vec<String> {
    vec![
        match certificate.system.as_str() {
            // It names hosts, and no system.
            "" => words::of_a_gateway(language),
            system => names::short(system),
        },
        // UNSPECIFIED, and so left out, of what is only named, as where it is revoked.
        certificate.state().as_str_name().to_owned(),
        when::moment(certificate.end_time.as_ref(), zone, language),
        when::moment(certificate.seen_time.as_ref(), zone, language),
        certificate.seen_from.clone(),
        remarks(certificate, language),
        names::short(&certificate.name),
    ]
}

/// The alarms; where there are none and it was renewed, that: its end is near because there is another.
fn remarks(certificate: &v1::Certificate, language: Language) -> String {
    match certificate.alarms.is_empty() && is_renewed(certificate) {
        true => words::was_renewed(language),
        false => certificate.alarms.join(", "),
    }
}

/// Whether another certificate came of it.
pub(in crate::cli) fn is_renewed(certificate: &v1::Certificate) -> bool {
    !certificate.successor.is_empty()
}

/// As `list` shows them, for a question.
pub(in crate::cli) fn table(certificates: &[v1::Certificate], zone: &str, language: Language) -> String {
    let rows: Vec<_> = certificates.iter().map(|certificate| row(certificate, zone, language)).collect();
    screen::table(language, HEADINGS, &rows)
}
