//! `gerbang cert revoke`: at once and for good, so what would stop is shown before, and the agency's code typed. Of a
//! compromised key, the system's other certificates are named, which the revocation does not reach.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::inventory;
use crate::{
    cli::{
        agency, ask,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Limit, SendOptions},
        screen::{self, Output},
        words,
    },
    domain::{Fault, Reason, certificate::ADMINISTRATORS_MIN, reason::Language},
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
    /// Why, as the revocation list says it; key-compromise also ends what was renewed from it, but not what it was renewed
    /// from
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
    // Read before: whoever revokes its own certificate hears nothing afterwards.
    let valid = match request.reason() {
        v1::RevocationReason::KeyCompromise if !request.certificate.is_empty() => {
            valid_of_system(conn, &request.certificate).await
        }
        _ => Ok(Vec::new()),
    };
    if !options.yes && !options.sending.dry_run {
        let dry_run = SendOptions { dry_run: true, ..SendOptions::default() };
        let preview = conn.send(&dry_run, request.clone(), call).await?;
        if preview.certificates.is_empty() && preview.orders_ended == 0 {
            return finish(conn, &preview, &valid, false).await;
        }
        if !preview.certificates.is_empty() {
            let zone = conn.told_zone().await;
            screen::note(inventory::table(&preview.certificates, &zone, language).trim_end());
        }
        screen::note(&stops(&preview, language));
        tell_of_others(&valid, &preview, language);
        let code = code_of(&request, &preview);
        if !request.break_glass {
            enough_left(conn, &preview, language).await?;
        }
        if ask::line(language, &words::type_code(language, &code))? != code {
            return Err(Failure::Failed(words::nothing_done(language)));
        }
    }
    let answer = conn.send(&options.sending, request, call).await?;
    finish(conn, &answer, &valid, options.sending.dry_run).await
}

/// The certificates of a certificate's system that are valid, itself among them. Nothing is revoked later because this
/// cannot be read.
async fn valid_of_system(conn: &Connection<'_>, name: &str) -> Result<Vec<v1::Certificate>, Failure> {
    let request = v1::GetCertificateRequest { name: name.to_owned() };
    let found = conn.ask(async || conn.client.certificate().get_certificate(request.clone()).await).await?;
    let system = found.certificate.unwrap_or_default().system;
    let Some((agency, _)) = system.split_once("/systems/") else { return Ok(Vec::new()) };
    let valid = v1::CertificateState::Valid.into();
    let mut all = inventory::all(conn, &Limit::BATCH, agency, valid, None).await?;
    all.retain(|certificate| certificate.system == system);
    Ok(all)
}

/// Names the system's certificates that are still valid beside those that are revoked: what a renewal left behind opens as
/// well as what came of it.
fn tell_of_others(
    valid: &Result<Vec<v1::Certificate>, Failure>,
    answer: &v1::RevokeCertificatesResponse,
    language: Language,
) {
    match valid {
        Ok(valid) => {
            if let Some(text) = others(valid, answer, language) {
                screen::note(&text);
            }
        }
        Err(_) => screen::note(&words::look_for_others(language)),
    }
}

/// The system's other valid certificates, each with the command that ends it; `None` where there is none.
pub(super) fn others(
    valid: &[v1::Certificate],
    answer: &v1::RevokeCertificatesResponse,
    language: Language,
) -> Option<String> {
    let revoked = |one: &&v1::Certificate| answer.certificates.iter().any(|revoked| revoked.name == one.name);
    let left: Vec<_> = valid.iter().filter(|one| !revoked(one)).collect();
    let system = names::short(&left.first()?.system);
    let line = |one: &&v1::Certificate| {
        format!("  gerbang cert revoke {} --reason key-compromise", names::short(&one.name))
    };
    let lines: Vec<_> = left.iter().map(line).collect();
    Some(words::others_still_valid(language, left.len(), system, lines.join("\n")))
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

/// Refuses before the question what the gateway would refuse after it: fewer than two administrators would be left.
async fn enough_left(
    conn: &Connection<'_>,
    preview: &v1::RevokeCertificatesResponse,
    language: Language,
) -> Result<(), Failure> {
    let left = preview.administrators_left;
    if usize::try_from(left).is_ok_and(|left| left >= ADMINISTRATORS_MIN) {
        return Ok(());
    }
    let own = names::agency(&conn.agency);
    let systems = agency::get(conn, &own).await?.systems;
    let is_administrator = |one: &v1::Certificate| {
        systems.iter().any(|system| system.name == one.system && system.role() == v1::Role::Administrator)
    };
    match preview.certificates.iter().any(is_administrator) {
        true => {
            let few = Fault::from(Reason::AdministratorsTooFew).with("left", left);
            Err(Failure::Failed(few.text(language)))
        }
        false => Ok(()),
    }
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
    valid: &Result<Vec<v1::Certificate>, Failure>,
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
    tell_of_others(valid, answer, language);
    Ok(Exit::Ok)
}
