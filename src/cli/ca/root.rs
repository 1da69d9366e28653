//! The later ceremonies, for which the root's key is brought: admitting an administrator, renewing the root's list.

use std::fs;

use jiff::{SignedDuration, Timestamp};

use super::{
    Admit, RenewCrl, RootKey,
    passphrase::{self, Source},
};
use crate::{
    cli::{
        Context,
        failure::{Exit, Failure, failed},
        names, outside, screen, words,
    },
    config::{ceremony::Ceremony, secret},
    domain::{
        access::Role,
        certificate::TOKEN_LIFE_MAX,
        name::{SystemName, Systems},
    },
    exchange::founding::{self, Admission},
    pki::{
        authority::Issuer,
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
        spki: request.spki,
        ignored: request.ignored,
        system,
        statement: &statement,
    };
    let database = Database::open(&options.owner.database_url, 1).map_err(failed)?;
    let order = founding::admit(&database, outside(None), &admission).await?;
    screen::note(&words::ca_admitted(language, &admission.system, order));
    Ok(Exit::Ok)
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
