//! `gerbang cert revoke`: at once and for good, so what would stop is shown before, and the agency's code typed.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::inventory;
use crate::{
    cli::{
        ask,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::SendOptions,
        screen::{self, Output},
        words,
    },
    domain::reason::Language,
    format::json::to_json,
    proto::v1,
};

/// Options of `revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The serial number, hexadecimal
    #[arg(required_unless_present = "agency")]
    serial: Option<String>,
    /// All certificates of this agency
    #[arg(long, value_name = "CODE", conflicts_with = "serial")]
    agency: Option<String>,
    /// Why, as the revocation list says it; key-compromise also ends what was renewed from it
    #[arg(long, ignore_case = true, value_parser = reason())]
    reason: Option<i32>,
    /// Why, for the file
    #[arg(long, default_value = "")]
    note: String,
    /// Go ahead although fewer than two administrators would be left
    #[arg(long)]
    break_glass: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    sending: SendOptions,
}

const REASONS: [(&str, v1::RevocationReason); 4] = [
    ("key-compromise", v1::RevocationReason::KeyCompromise),
    ("affiliation-changed", v1::RevocationReason::AffiliationChanged),
    ("superseded", v1::RevocationReason::Superseded),
    ("cessation-of-operation", v1::RevocationReason::CessationOfOperation),
];

fn reason() -> impl TypedValueParser<Value = i32> {
    PossibleValuesParser::new(REASONS.map(|(text, _)| text)).map(|text| {
        let found = REASONS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(&text));
        found.map_or(0, |(_, reason)| reason.into())
    })
}

pub async fn run(conn: &Connection<'_>, options: Revoke) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let certificate = options.serial.map(|serial| names::given("certificates", &serial.to_lowercase()));
    let request = v1::RevokeCertificatesRequest {
        certificate: certificate.unwrap_or_default(),
        agency: options.agency.as_deref().map(names::agency).unwrap_or_default(),
        reason: options.reason.unwrap_or_default(),
        note: options.note,
        break_glass: options.break_glass,
        ..Default::default()
    };
    let call = async |request| conn.client.certificate().revoke_certificates(request).await;
    if !options.yes && !options.sending.dry_run {
        let dry_run = SendOptions { dry_run: true, ..SendOptions::default() };
        let preview = conn.send(&dry_run, request.clone(), call).await?;
        if preview.certificates.is_empty() && preview.orders_ended == 0 {
            return finish(conn, &preview, false).await;
        }
        if !preview.certificates.is_empty() {
            let zone = conn.told_zone().await;
            screen::note(inventory::table(&preview.certificates, &zone, language).trim_end());
        }
        screen::note(&stops(&preview, language));
        let code = code_of(&request, &preview);
        if ask::line(language, &words::type_code(language, &code))? != code {
            return Err(Failure::Failed(words::nothing_done(language)));
        }
    }
    let answer = conn.send(&options.sending, request, call).await?;
    finish(conn, &answer, options.sending.dry_run).await
}

/// What the answer says beside the certificates.
fn stops(answer: &v1::RevokeCertificatesResponse, language: Language) -> String {
    words::revocation_stops(
        language,
        answer.certificates.len(),
        answer.orders_ended,
        answer.sessions_ahead,
        answer.assignments_ahead,
        answer.administrators_left,
    )
}

/// The code of the agency that loses certificates.
fn code_of(request: &v1::RevokeCertificatesRequest, preview: &v1::RevokeCertificatesResponse) -> String {
    let first = preview.certificates.first().map(|certificate| certificate.system.as_str());
    let name = if request.agency.is_empty() { first.unwrap_or_default() } else { &request.agency };
    name.split('/').nth(1).unwrap_or(name).to_owned()
}

async fn finish(
    conn: &Connection<'_>,
    answer: &v1::RevokeCertificatesResponse,
    dry_run: bool,
) -> Result<Exit, Failure> {
    let language = conn.context.language;
    match conn.context.output {
        Output::Json => screen::print_json(&to_json(answer))?,
        Output::Table if answer.certificates.is_empty() => {}
        Output::Table => {
            let zone = conn.told_zone().await;
            screen::print(&inventory::table(&answer.certificates, &zone, language))?;
        }
    }
    if dry_run {
        screen::note(&stops(answer, language));
        screen::note(&words::only_checked(language));
    } else {
        let (now, before) = (answer.certificates.len(), answer.already_revoked);
        let (orders, left) = (answer.orders_ended, answer.administrators_left);
        screen::note(&words::revoked(language, now, before, orders, left));
    }
    Ok(Exit::Ok)
}
