//! `gerbang cert approve | reject | requests | collect`: requests and invitations, as administrators judge them and
//! agencies follow them.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::{GOOD_FOR, identity, inventory, order, order_name, request, role_text, sign};
use crate::{
    agent::{
        Credential, Profile, Trouble, beside,
        credential::{Draft, Identity},
    },
    cli::{
        ask,
        connection::Connection,
        failure::{Exit, Failure},
        names,
        options::{Limit, NotedTarget, SendOptions},
        screen::{self, Heading},
        wait, when, words,
    },
    domain::{certificate::LIFETIME_DAYS, reason::Language},
    files::write_file,
    pki::{request as csr, statement::Purpose},
    proto::v1,
};

/// Options of `approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// A signing request's file, or a request by its UUID
    #[arg(value_name = "FILE|ORDER")]
    target: String,
    /// For which system the file is
    #[arg(long, value_name = "AGENCY/SYSTEM")]
    system: Option<String>,
    /// For how many days the certificate will be valid; 90, or what the first administrator signed for
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=397))]
    days: Option<u32>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Options of `requests`.
#[derive(Debug, Args)]
pub struct Requests {
    /// Only those that wait for somebody
    #[arg(long)]
    open: bool,
    /// Only of this agency
    #[arg(long)]
    agency: Option<String>,
    #[command(flatten)]
    limit: Limit,
}

/// Options of `collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// The request, by its UUID
    order: String,
    /// Where the certificate goes, with its issuer's
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// For how many seconds the signer is waited for, once all have signed
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=3600))]
    wait: u32,
    /// The certificate alone, without a profile for the system beside it
    #[arg(long)]
    no_profile: bool,
    /// Asked for a profile before one was written anyway
    #[arg(long, hide = true)]
    with_profile: bool,
}

/// For so many days it is told that a used token was tried with another key.
const TRIED_DAYS: i64 = 30;

pub(in crate::cli) const HEADINGS: &[Heading] = &[
    ("ORDER", "PERMOHONAN"),
    ("SYSTEM", "SISTEM"),
    ("ROLE", "PERAN"),
    ("WAY", "CARA"),
    ("STATE", "STATUS"),
    ("SIGNED", "DITANDATANGANI"),
    ("MADE", "DIBUAT"),
    ("UNTIL", "SAMPAI"),
    ("CERTIFICATE", "SERTIFIKAT"),
    ("NOTE", "CATATAN"),
];

pub async fn approve(conn: &Connection<'_>, options: Approve) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let credential = Credential::read(&conn.profile)?;
    let file = Path::new(&options.target);
    let (name, key_id) = if file.is_file() {
        let system = options.system.ok_or_else(|| Failure::Usage(words::system_of_file(language)))?;
        hand_in(conn, file, &system).await?
    } else {
        (order_name(&options.target), None)
    };
    let (order, _) = order(conn, &name).await?;
    // The gateway could show another key than the one in the file; what is signed is what was looked at.
    if key_id.as_ref().is_some_and(|id| *id != order.key_sha256) {
        return Err(Trouble::Unfit("the gateway shows another key than the file").into());
    }
    let own = format!("agencies/{}/systems/{}", credential.identity.agency, credential.identity.system);
    if key_id.is_some() && order.approvals.iter().any(|approval| approval.administrator == own) {
        screen::note(&words::signed_before(language, names::short(&order.name)));
        return conn.show(&order).await;
    }
    let now = conn.context.clock.now();
    let days = options.days.or(granted(&order)).unwrap_or(LIFETIME_DAYS.unsigned_abs());
    let last = inventory::last_of(conn, &order.system).await?;
    let review = review(&order, days, last.as_ref(), &conn.told_zone().await, language);
    screen::note(screen::pairs(&review).trim_end());
    screen::note(&words::compare_key(language, names::short(&order.name)));
    if !options.yes
        && let Err(refused) = ask::yes(language, &words::approve_question(language))
    {
        if key_id.is_some() {
            screen::note(&words::filed_unsigned(language, names::short(&order.name)));
        }
        return Err(refused);
    }
    let draft = draft(&order, identity(conn, &credential, &order.system)?, days, now)
        .ok_or(Trouble::Unfit("the request names no key"))?;
    let statement = Some(sign(conn, &credential, draft)?);
    let etag = order.etag.clone();
    let request = v1::ApproveCertificateOrderRequest { name, etag, statement, ..Default::default() };
    let call = async |request| conn.client.certificate().approve_certificate_order(request).await;
    let exit = conn.change(&SendOptions::default(), request, call).await?;
    let wanting = order.approvals.len() + 1 < usize::try_from(order.approvals_needed).unwrap_or_default();
    let short = names::short(&order.name);
    screen::note(&match wanting {
        true => words::second_administrator(language, short),
        false => words::approved(language, short),
    });
    Ok(exit)
}

/// Hands the file in. The order's name, and the key as it stands in the file.
async fn hand_in(
    conn: &Connection<'_>,
    file: &Path,
    system: &str,
) -> Result<(String, Option<String>), Failure> {
    let text = conn.read_file(file)?;
    let read = csr::read_text(text.as_bytes());
    let read = read.map_err(|fault| Failure::Failed(fault.text(conn.context.language)))?;
    if let Some(named) = other_system(&read.ignored, &super::system_name(conn, system)) {
        let system = names::short(&super::system_name(conn, system));
        return Err(Failure::Usage(words::other_system_in_request(conn.context.language, named, system)));
    }
    let answer = request::submit(conn, &SendOptions::default(), system, text).await?;
    Ok((answer.change.unwrap_or_default().name, Some(hex::encode(read.key_id))))
}

/// The system that a request's subject names as `gerbang cert request --system` writes it, if it is another than this one,
/// `agencies/{code}/systems/{system}`. Subjects of other tools name no system, and are shown as ignored.
pub(super) fn other_system(ignored: &[String], system: &str) -> Option<String> {
    let named = ignored.iter().find_map(|line| line.strip_prefix("subject CN="))?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
    let (agency, id) = names::system(named, None).filter(|_| named.chars().all(plain))?;
    let own = names::short(system).split_once('/').map(|(agency, id)| csr::common_name(agency, id));
    let named = csr::common_name(&names::short(&agency), &id);
    (own.as_ref() != Some(&named)).then_some(named)
}

/// For how many days another administrator has signed.
fn granted(order: &v1::CertificateOrder) -> Option<u32> {
    u32::try_from(order.lifetime_days).ok().filter(|days| *days > 0)
}

/// What is signed for an order: its key, as the order shows it. `None` where it shows none.
pub(in crate::cli) fn draft(
    order: &v1::CertificateOrder,
    identity: Identity,
    days: u32,
    now: Timestamp,
) -> Option<Draft> {
    let until = order.expire_time.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
    Some(Draft {
        purpose: Purpose::Approve,
        identity,
        role: role_text(order.role()).to_owned(),
        subject: hex::decode(&order.key_sha256).ok()?.try_into().ok()?,
        lifetime_days: days,
        expires_at: until.unwrap_or(now + GOOD_FOR).min(now + GOOD_FOR),
        previous: None,
    })
}

/// What an administrator looks at before signing: the order, and what differs from the last certificate.
pub(super) fn review(
    order: &v1::CertificateOrder,
    days: u32,
    last: Option<&v1::Certificate>,
    zone: &str,
    language: Language,
) -> Vec<(String, String)> {
    let signed: Vec<_> = order.approvals.iter().map(|one| names::short(&one.administrator)).collect();
    let mut rows = vec![
        (("order", "permohonan"), names::short(&order.name)),
        (("system", "sistem"), names::short(&order.system)),
        (("role", "peran"), words::value(language, order.role().as_str_name())),
        (("requester", "pemohon"), names::short(&order.requester)),
        (("key, SHA-256", "kunci, SHA-256"), order.key_sha256.clone()),
        (("days", "hari"), days.to_string()),
        (("ignored", "diabaikan"), order.ignored.join("\n")),
        (("signed by", "ditandatangani oleh"), signed.join(", ")),
    ];
    let last_text = match last {
        None => words::no_certificate_before(language),
        Some(last) => {
            let end = when::moment(last.end_time.as_ref(), zone, language);
            let mut text = words::last_certificate(language, names::short(&last.name), end);
            if last.state() == v1::CertificateState::Revoked {
                text.push('\n');
                text.push_str(&words::last_revoked(language));
            }
            if !order.key_sha256.is_empty() {
                text.push('\n');
                text.push_str(&match last.key_sha256 == order.key_sha256 {
                    true => words::same_key(language),
                    false => words::other_key(language),
                });
            }
            if let Some(before) = inventory::days_of(last).filter(|before| *before != i64::from(days)) {
                text.push('\n');
                text.push_str(&words::other_lifetime(language, before, days));
            }
            text
        }
    };
    rows.push((("last certificate", "sertifikat terakhir"), last_text));
    let english = language == Language::English;
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    rows.map(|((en, id), text)| ((if english { en } else { id }).to_owned(), text)).collect()
}

pub async fn reject(
    conn: &Connection<'_>,
    NotedTarget { target, note }: NotedTarget,
) -> Result<Exit, Failure> {
    let name = order_name(&target.name);
    let etag = match target.etag {
        Some(etag) => etag,
        None => order(conn, &name).await?.0.etag,
    };
    let request = v1::RejectCertificateOrderRequest { name, etag, note, ..Default::default() };
    let call = async |request| conn.client.certificate().reject_certificate_order(request).await;
    conn.change(&target.sending, request, call).await
}

pub async fn requests(conn: &Connection<'_>, options: Requests) -> Result<Exit, Failure> {
    let agency = inventory::known_agency(conn, options.agency.as_deref()).await?;
    let mut found = find(conn, &options.limit, &agency, options.open).await?;
    if options.open {
        // They wait for somebody, too: whoever finds out who tried the token.
        let tried = tried_again(conn, &agency).await?;
        found.retain(|order| tried.iter().all(|one| one.name != order.name));
        found.splice(..0, tried);
    }
    let language = conn.context.language;
    for order in found.iter().filter(|order| order.other_key_time.is_some()) {
        screen::note(&words::token_tried_again(language, names::short(&order.name)));
    }
    let zone = conn.told_zone().await;
    conn.list(&found, HEADINGS, |order| row(order, &zone, language))
}

async fn find(
    conn: &Connection<'_>,
    limit: &Limit,
    agency: &str,
    open_only: bool,
) -> Result<Vec<v1::CertificateOrder>, Failure> {
    let fetch = async |page_size, page_token| {
        let agency = agency.to_owned();
        let request = v1::ListCertificateOrdersRequest { page_size, page_token, agency, open_only };
        conn.client.certificate().list_certificate_orders(request).await
    };
    let split = |page: v1::ListCertificateOrdersResponse| (page.orders, page.next_page_token);
    conn.pages(limit, fetch, split).await
}

/// The open requests and invitations of an agency, as far as the caller may see them.
pub(in crate::cli) async fn open_of(
    conn: &Connection<'_>,
    agency: &str,
) -> Result<Vec<v1::CertificateOrder>, Failure> {
    find(conn, &Limit::BATCH, agency, true).await
}

/// The orders whose tokens were tried with another key in the last [`TRIED_DAYS`] days, and that still let somebody in: by a
/// certificate that is valid, or one that may yet come. Of an agency, or of all. One call for each such order, which are few.
pub(in crate::cli) async fn tried_again(
    conn: &Connection<'_>,
    agency: &str,
) -> Result<Vec<v1::CertificateOrder>, Failure> {
    let since = conn.now().as_second() - TRIED_DAYS * 24 * 3600;
    let mut tried = find(conn, &Limit::BATCH, agency, false).await?;
    tried.retain(|order| order.other_key_time.is_some_and(|at| at.seconds > since));
    let mut open = Vec::new();
    for order in tried {
        let lets_in = match order.certificate.as_str() {
            "" => order.state() != v1::CertificateOrderState::Rejected,
            name => {
                let request = v1::GetCertificateRequest { name: name.to_owned() };
                let call = async || conn.client.certificate().get_certificate(request.clone()).await;
                let found = conn.ask(call).await?.certificate.unwrap_or_default();
                found.state() == v1::CertificateState::Valid
            }
        };
        if lets_in {
            open.push(order);
        }
    }
    Ok(open)
}

/// As `requests` shows them, for another screen.
pub(in crate::cli) fn table(orders: &[v1::CertificateOrder], zone: &str, language: Language) -> String {
    let rows: Vec<_> = orders.iter().map(|order| row(order, zone, language)).collect();
    screen::table(language, HEADINGS, &rows)
}

pub(in crate::cli) fn row(order: &v1::CertificateOrder, zone: &str, language: Language) -> Vec<String> {
    vec![
        names::short(&order.name),
        names::short(&order.system),
        order.role().as_str_name().to_owned(),
        order.way().as_str_name().to_owned(),
        order.state().as_str_name().to_owned(),
        format!("{}/{}", order.approvals.len(), order.approvals_needed),
        when::moment(order.create_time.as_ref(), zone, language),
        when::moment(order.expire_time.as_ref(), zone, language),
        names::short(&order.certificate),
        words::order_note(language, &order.note),
    ]
}

/// Says whether an order waits for nothing but the signer.
fn at_signer(order: &v1::CertificateOrder) -> bool {
    use v1::CertificateOrderState::{Intent, Linted, Recorded, Waiting};
    [Waiting, Recorded, Linted, Intent].contains(&order.state())
}

/// Fetches the certificate once it is there. What waits for people is not waited for.
pub async fn collect(conn: &Connection<'_>, options: &Collect) -> Result<Exit, Failure> {
    let language = conn.context.language;
    let name = order_name(&options.order);
    let folder = options.out.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(Failure::Usage(words::folder_missing(language, folder.display())));
    }
    let (order, chain_pem) =
        wait::until(options.wait, async || order(conn, &name).await, |(order, _)| !at_signer(order)).await?;
    if chain_pem.is_empty() && order.state() == v1::CertificateOrderState::AwaitingApproval {
        let (given, needed) = (order.approvals.len(), order.approvals_needed);
        let text = words::waits_for_signatures(language, given, needed, names::short(&order.name));
        return Err(Failure::Failed(text));
    }
    if chain_pem.is_empty() {
        let state = words::value(language, order.state().as_str_name());
        return Err(Failure::Failed(
            words::not_issued(language, state, words::order_note(language, &order.note))
                .trim_end()
                .to_owned(),
        ));
    }
    write_file(&options.out, 0o644, chain_pem.as_bytes()).map_err(Trouble::file(&options.out))?;
    screen::note(&words::collected(language, options.out.display(), names::short(&order.certificate)));
    if !options.no_profile {
        let (path, profile) = write_profile(conn, &order.system, &options.out)?;
        tell_of_profile(language, &path, &profile);
    }
    Ok(Exit::Ok)
}

/// Says what is still to be done with a new profile: nothing where its key is beside it.
pub(in crate::cli) fn tell_of_profile(language: Language, path: &Path, profile: &Profile) {
    let text = match Credential::read(profile) {
        Ok(credential) if credential.fits() => {
            words::profile_complete(language, path.display(), with_profile("whoami", path))
        }
        _ => words::profile_to_bring(language, path.display(), profile.key.display()),
    };
    screen::note(&text);
}

/// A command as it is typed to use this profile: with its folder, where no command looks into that by itself.
pub(in crate::cli) fn with_profile(command: &str, path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let found = Profile::find_path(Some(&name)).ok();
    let same = |found: &PathBuf| found.canonicalize().ok() == path.canonicalize().ok();
    match found.filter(same) {
        Some(_) => format!("gerbang {command} --profile {name}"),
        None => {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            let folder = screen::quoted(path.parent().unwrap_or(Path::new(".")));
            format!("GERBANG_PROFILES={folder} gerbang {command} --profile {name}")
        }
    }
}

/// Writes the profile of a system beside its certificate, and a copy of this profile's authorities, which the new one
/// names. The key is expected beside them, under the certificate's name.
pub(in crate::cli) fn write_profile(
    conn: &Connection<'_>,
    system: &str,
    certificate: &Path,
) -> Result<(PathBuf, Profile), Failure> {
    let own = &conn.profile;
    let authorities = std::fs::read(&own.ca).map_err(Trouble::file(&own.ca))?;
    let (agency, system) = system.trim_start_matches("agencies/").split_once("/systems/").unwrap_or_default();
    let profile = Profile { agency: agency.to_owned(), system: system.to_owned(), ..own.clone() };
    Ok(beside::write(profile, certificate, &authorities)?)
}
