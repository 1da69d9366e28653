//! How everybody in the story gets its certificate: an administrator registers the system. A partner's is invited and
//! joins by the token; the prison's and its door's make a request, which both administrators approve.

use std::{fs, path::Path};

use jiff::SignedDuration;
use tonic::Code;

use super::{
    Rows, Story, files,
    steps::{ONCE, send},
};
use crate::{
    agent::{
        Profile, Trouble,
        credential::{Credential, Draft, Identity},
        join::JoinClient,
        renewal::issued,
    },
    cli::{
        cert::order::{draft, write_profile},
        connection::Connection,
        failure::Failure,
        names,
        screen::Heading,
    },
    dev::pki::{SYSTEMS, System},
    domain::certificate::TOKEN_LIFE,
    files::{write_file, write_new},
    pki::{
        certificate::fingerprint,
        profile::LIFETIME_DAYS,
        secret::{SecretKey, SecretKind},
        statement::Purpose,
        token::Token,
    },
    proto::v1,
};

/// A certificate that has less left is replaced.
const LEFT: SignedDuration = SignedDuration::from_hours(7 * 24);

pub const AGENCIES: &[Heading] =
    &[("AGENCY", "INSTANSI"), ("NAME", "NAMA"), ("SYSTEM", "SISTEM"), ("ROLE", "PERAN")];

/// Says whether the agency is registered.
pub async fn agency_is_known(story: &Story<'_>, code: &str) -> Result<bool, Failure> {
    let admin = story.conn("admin");
    match get_agency(admin, code).await {
        Err(Failure::Refused(refused)) if refused.code == Code::NotFound => Ok(false),
        found => found.map(|_| true),
    }
}

/// The administrators register the agencies and let their systems in.
pub async fn register(story: &Story<'_>) -> Result<Rows, Failure> {
    let admin = story.conn("admin");
    let mut rows = Rows::new();
    for copy in files::copies(&story.folder, "agencies") {
        let request: v1::CreateAgencyRequest = copy.read(story.language())?;
        let code = request.code.clone();
        send(admin, request, async |q| admin.client.agency().create_agency(q).await).await?;
        let agency = get_agency(admin, &code).await?;
        let display_name = agency.names.last().map(|name| name.display_name.clone()).unwrap_or_default();
        for system in SYSTEMS.iter().filter(|system| system.agency == code) {
            let_in(story, &agency, system).await?;
            let (name, role) = (system.system.to_owned(), format!("ROLE_{}", system.role));
            rows.push(vec![code.clone(), display_name.clone(), name, role]);
        }
    }
    Ok(rows)
}

async fn get_agency(conn: &Connection<'_>, code: &str) -> Result<v1::Agency, Failure> {
    let request = v1::GetAgencyRequest { name: names::agency(code) };
    let answer = conn.ask(async || conn.client.agency().get_agency(request.clone()).await).await?;
    Ok(answer.agency.unwrap_or_default())
}

/// Registers an agency's system, unless it is, and lets it in, unless its certificate lasts.
async fn let_in(story: &Story<'_>, agency: &v1::Agency, system: &System) -> Result<(), Failure> {
    let name = format!("{}/systems/{}", agency.name, system.system);
    let role = v1::Role::from_str_name(&format!("ROLE_{}", system.role)).unwrap_or_default();
    let known = agency.systems.iter().find(|known| known.name == name);
    let etag = match known {
        Some(known) => (known.proposed_role() == role).then(|| known.etag.clone()),
        None => register_system(story, agency, system, role).await?,
    };
    if let Some(etag) = etag.filter(|_| system.role.takes_two()) {
        let second = story.conn("admin2");
        let request = v1::ApproveSystemRequest { name: name.clone(), etag, ..Default::default() };
        send(second, request, async |q| second.client.agency().approve_system(q).await).await?;
    }
    let path = story.dev.join(format!("profiles/{}.toml", system.profile));
    let held = Profile::read(&path).ok().and_then(|profile| Credential::read(&profile).ok());
    if held.is_some_and(|held| held.certificate.not_after > story.context.clock.now() + LEFT) {
        return Ok(());
    }
    // What ends soon makes way, for joining replaces nothing.
    for end in ["toml", "key", "pem", "ca.pem"] {
        let _ = fs::remove_file(path.with_extension(end));
    }
    if system.role.takes_two() {
        return request(story, &name, &path).await;
    }
    let token = invite(story, &name, system).await?;
    join(story, system, &token).await
}

/// A key and a request, made on the system's machine; both administrators approve the key.
async fn request(story: &Story<'_>, system: &str, profile: &Path) -> Result<(), Failure> {
    let [key_path, certificate] = ["key", "pem"].map(|end| profile.with_extension(end));
    let key = SecretKey::generate(SecretKind::P256).map_err(Trouble::key(&key_path))?;
    write_new(&key_path, 0o600, key.to_pem().as_bytes()).map_err(Trouble::file(&key_path))?;
    let csr_pem = key.request_pem("gerbang").map_err(Trouble::key(&key_path))?;
    let admin = story.conn("admin");
    let request = v1::RequestCertificateRequest { system: system.to_owned(), csr_pem, ..Default::default() };
    let call = async |q| admin.client.certificate().request_certificate(q).await;
    let order = admin.send(&ONCE, request, call).await?.change.unwrap_or_default().name;
    for administrator in ["admin", "admin2"] {
        approve(story, administrator, &order).await?;
    }
    let chain_pem = issued(&admin.client, order, &key_path, story.context.entropy).await?;
    write_file(&certificate, 0o644, chain_pem.as_bytes()).map_err(Trouble::file(&certificate))?;
    write_profile(admin, system, &certificate).map(drop)
}

/// An administrator looks at an order, and signs for its key.
async fn approve(story: &Story<'_>, administrator: &str, order: &str) -> Result<(), Failure> {
    let conn = story.conn(administrator);
    let get = v1::GetCertificateOrderRequest { name: order.to_owned() };
    let found = conn.ask(async || conn.client.certificate().get_certificate_order(get.clone()).await).await?;
    let order = found.order.unwrap_or_default();
    let credential = Credential::read(&conn.profile)?;
    let identity = Identity::of_system(&order.system, &credential.identity.trust_domain);
    let now = story.context.clock.now();
    let draft = identity.and_then(|identity| draft(&order, identity, LIFETIME_DAYS, now));
    let draft = draft.ok_or(Trouble::Unfit("the order names no key"))?;
    let request = v1::ApproveCertificateOrderRequest {
        statement: Some(signed(story, &credential, draft)?),
        name: order.name,
        etag: order.etag,
        ..Default::default()
    };
    send(conn, request, async |q| conn.client.certificate().approve_certificate_order(q).await).await
}

/// The etag of the system as registered.
async fn register_system(
    story: &Story<'_>,
    agency: &v1::Agency,
    system: &System,
    role: v1::Role,
) -> Result<Option<String>, Failure> {
    let admin = story.conn("admin");
    let request = v1::RegisterSystemRequest {
        agency: agency.name.clone(),
        system: system.system.to_owned(),
        role: role.into(),
        ..Default::default()
    };
    let registered = async |q| admin.client.agency().register_system(q).await;
    let answer = admin.send(&ONCE, request, registered).await?;
    Ok(answer.change.map(|change| change.etag))
}

/// A token, whose hash an administrator has signed on its own machine.
async fn invite(story: &Story<'_>, name: &str, system: &System) -> Result<Token, Failure> {
    let admin = story.conn("admin");
    let root = fs::read_to_string(story.dev.join("pki/root.pem")).unwrap_or_default();
    let root = crate::pki::certificate::read_pem(&root)
        .map_err(|fault| Failure::Failed(fault.text(story.language())))?;
    let token = Token::new(story.context.entropy, fingerprint(&root.der));
    let credential = Credential::read(&admin.profile)?;
    let draft = Draft {
        purpose: Purpose::Invite,
        identity: Identity {
            trust_domain: credential.identity.trust_domain.clone(),
            agency: system.agency.to_owned(),
            system: system.system.to_owned(),
        },
        role: system.role.to_string(),
        subject: token.hash(),
        lifetime_days: LIFETIME_DAYS,
        expires_at: story.context.clock.now() + TOKEN_LIFE,
        previous: None,
    };
    let request = v1::CreateInvitationRequest {
        system: name.to_owned(),
        statement: Some(signed(story, &credential, draft)?),
        ..Default::default()
    };
    send(admin, request, async |q| admin.client.certificate().create_invitation(q).await).await?;
    Ok(token)
}

fn signed(story: &Story<'_>, credential: &Credential, draft: Draft) -> Result<v1::SignedStatement, Failure> {
    let signed = credential.sign(&draft.statement(story.context.entropy));
    signed.map_err(|error| Failure::Failed(error.to_string()))
}

async fn join(story: &Story<'_>, system: &System, token: &Token) -> Result<(), Failure> {
    let join = JoinClient {
        server: &story.join,
        server_name: Some("localhost"),
        token,
        folder: &story.dev.join("profiles"),
        name: system.profile,
        kind: SecretKind::P256,
        replace: false,
        clock: story.context.clock,
        language: story.language(),
        entropy: story.context.entropy,
    };
    join.run().await.map(drop).map_err(|trouble| Failure::Failed(trouble.to_string()))
}
