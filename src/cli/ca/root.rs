//! The later ceremonies, for which the root's key is brought: admitting an administrator, renewing the root's list.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Admit, RenewCrl, RootKey,
    passphrase::{self, Source},
};
use crate::{
    agent::{Profile, Trouble, beside},
    cli::{
        Context,
        cert::order::tell_of_profile,
        failure::{Exit, Failure, failed},
        names, outside, screen, wait, words,
    },
    config::{ceremony::Ceremony, secret},
    domain::{
        access::Role,
        certificate::{OrderId, OrderState, TOKEN_LIFE_MAX},
        name::{SystemName, Systems},
    },
    exchange::founding::{self, Admission, Admitted},
    files::write_file,
    pki::{
        authority::Issuer,
        certificate::{read, read_pem},
        der::pem,
        founding::crl_number,
        request,
        statement::{Purpose, Statement},
    },
    store::Database,
};

pub(super) async fn admit(context: &Context<'_>, options: &Admit) -> Result<Exit, Failure> {
    let (language, now) = (context.language, context.clock.now());
    let ceremony = Ceremony::load(&options.ceremony).map_err(failed)?;
    let operator = &ceremony.operator.code;
    let full = names::full::<Systems>(&options.system, operator.as_str());
    let system = SystemName::parse(&full).ok().filter(|system| system.agency == *operator);
    let system = system.ok_or_else(|| Failure::Usage(words::ca_system_unfit(language, &options.system)))?;
    let out = options.out.clone().unwrap_or_else(|| options.csr.with_extension("pem"));
    if out == options.csr {
        return Err(Failure::Usage(words::ca_out_is_request(language, out.display())));
    }
    let database = Database::open(&options.owner.database_url, 1).map_err(failed)?;
    let certificate = root_der(context, &options.root)?;
    founding::check_ceremony(&database, now, &certificate, &ceremony.trust_domain, operator).await?;
    let bytes = fs::read(&options.csr).map_err(|error| Failure::io(language, &options.csr, &error))?;
    let request = request::read_text(&bytes).map_err(|fault| {
        let why = words::ca_request_unfit(language, fault.text(language));
        Failure::Failed(format!("{}: {why}", options.csr.display()))
    })?;
    let (root, issuer) = open(context, &options.root)?;
    let mut nonce = [0; 16];
    context.entropy.fill(&mut nonce);
    let statement = Statement {
        purpose: Purpose::Admit,
        trust_domain: ceremony.trust_domain.to_string(),
        agency: system.agency.to_string(),
        system: system.id.clone(),
        role: Role::Administrator.to_string(),
        subject: request.key_id,
        lifetime_days: options.days,
        expires_at: whole(now + TOKEN_LIFE_MAX),
        previous: None,
        nonce,
    };
    let admission = Admission {
        root: issuer.certificate(),
        signature: statement.sign(&root).map_err(failed)?,
        spki: request.spki.clone(),
        ignored: request.ignored_for(system.agency.as_str(), &system.id),
        system,
        statement: &statement,
    };
    let order = founding::admit(&database, outside(None), &admission).await?;
    screen::note(&words::ca_admitted(language, &admission.system, order, options.wait));
    let admitted = wait(context, &database, order, options.wait).await?;
    write(context, options, &admission.system, &out, &admitted)
}

/// Waits for the certificate. A failure where the signer refused, or did not come to it in time.
async fn wait(
    context: &Context<'_>,
    database: &Database,
    order: OrderId,
    seconds: u32,
) -> Result<Admitted, Failure> {
    let language = context.language;
    let look = async || Ok(founding::admitted(database, order, context.clock.now()).await?);
    let done = |seen: &Admitted| seen.chain.is_some() || seen.state == OrderState::Rejected;
    let admitted = wait::until(seconds, look, done).await?;
    if admitted.state == OrderState::Rejected {
        let why = admitted.reason.unwrap_or_default();
        return Err(Failure::Failed(words::ca_not_admitted(language, order, why)));
    }
    if admitted.chain.is_none() {
        return Err(Failure::Failed(words::ca_admission_waits(language, order, admitted.state)));
    }
    Ok(admitted)
}

/// Writes the certificate with its issuer's and, where it is known where the gateway is, a profile.
fn write(
    context: &Context<'_>,
    options: &Admit,
    system: &SystemName,
    out: &Path,
    admitted: &Admitted,
) -> Result<Exit, Failure> {
    let language = context.language;
    let text = |der: &[u8]| pem("CERTIFICATE", der).to_string();
    let chain: String = admitted.chain.iter().flatten().map(|der| text(der)).collect();
    write_file(out, 0o644, chain.as_bytes()).map_err(Trouble::file(out))?;
    let issued = admitted.chain.as_ref().and_then(|[certificate, _]| read(certificate).ok());
    let serial = issued.map(|read| read.serial).unwrap_or_default();
    screen::note(&words::collected(language, out.display(), serial));
    let Some(server) = &options.server else {
        screen::note(&words::ca_without_profile(language));
        return Ok(Exit::Ok);
    };
    let host = server.rsplit_once(':').map_or(server.as_str(), |(host, _)| host).trim_matches(['[', ']']);
    let bundle: String = admitted.authorities.iter().map(|one| text(&one.der)).collect();
    let profile = Profile {
        address: server.clone(),
        server_name: options.server_name.clone().unwrap_or_else(|| host.to_owned()),
        ca: PathBuf::new(),
        certificate: PathBuf::new(),
        key: PathBuf::new(),
        agency: system.agency.to_string(),
        system: system.id.clone(),
    };
    let (path, profile) = beside::write(profile, out, bundle.as_bytes())?;
    tell_of_profile(language, &path, &profile);
    Ok(Exit::Ok)
}

/// The root's certificate, before its key is asked for.
fn root_der(context: &Context<'_>, options: &RootKey) -> Result<Vec<u8>, Failure> {
    let language = context.language;
    let text =
        fs::read_to_string(&options.root).map_err(|error| Failure::io(language, &options.root, &error))?;
    let read = read_pem(&text).map_err(|fault| {
        let why = fault.text(language);
        Failure::Failed(words::ca_authority_unfit(language, options.root.display(), why))
    })?;
    Ok(read.der)
}

pub(super) async fn renew_crl(context: &Context<'_>, options: &RenewCrl) -> Result<Exit, Failure> {
    let (language, now) = (context.language, context.clock.now());
    let (_, issuer) = open(context, &options.root)?;
    let end = whole(now + SignedDuration::from_hours(24 * i64::from(options.days)));
    let make = |last: Option<i64>| {
        let last = last.and_then(|last| u64::try_from(last).ok());
        // An issuing authority that was lost is replaced together with the root: lists of the root name nobody.
        issuer.crl(crl_number(now, last), now, end, &[]).map_err(|error| error.to_string())
    };
    let database = Database::open(&options.owner.database_url, 1).map_err(failed)?;
    let list = founding::renew_root_list(&database, outside(None), issuer.certificate(), &make).await?;
    screen::note(&words::ca_list_renewed(language, list.crl.number, list.crl.next_update));
    if let Some(out) = &options.out {
        secret::write_new_public(out, &pem("X509 CRL", &list.der)).map_err(failed)?;
    }
    Ok(Exit::Ok)
}

/// The root's key, and the root: the key must be its certificate's.
fn open(
    context: &Context<'_>,
    options: &RootKey,
) -> Result<(crate::pki::secret::SecretKey, Issuer), Failure> {
    let language = context.language;
    let source = Source { file: options.root_passphrase_file.as_deref(), option: "--root-passphrase-file" };
    let key = passphrase::root_key(context, &options.root_key, &source)?;
    let text =
        fs::read_to_string(&options.root).map_err(|error| Failure::io(language, &options.root, &error))?;
    let copy = crate::pki::secret::SecretKey::from_pkcs8(key.pkcs8()).map_err(failed)?;
    let issuer = Issuer::open_pem(&text, copy).map_err(|error| {
        Failure::Failed(words::ca_authority_unfit(language, options.root.display(), error))
    })?;
    Ok((key, issuer))
}

/// The second that it lies in: neither lists nor people need finer ones.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
