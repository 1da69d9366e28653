//! The looking: files, the database, the gateway. What is seen goes to [`judge`].

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::{
    Finding, greet,
    judge::{self, MarkSeen},
    keys::{self, Known},
    vault,
};
use crate::{
    agent::{Client, Credential, Profile, client::retry, clock::gateway_ahead},
    cli::{Context, failure::Failure, words},
    config::{
        Config, Tls, ledger_key,
        secret::{self, SecretFileError},
        signer::{Issuing, Signer},
    },
    domain::{access::Fingerprint, certificate::Authority, reason::Language},
    exchange::health::{self, Health},
    pki::{
        authority::Issuer,
        certificate::{self, fingerprint, public_key},
        secret::key_id,
    },
    proto::v1,
    signer::mark::Mark,
    store::Database,
    vault::VaultKeys,
};

/// A gateway: its files, its database, its certificate, and the gateway itself.
pub async fn gateway(context: &Context<'_>, file: &Path, findings: &mut Vec<Finding>) {
    let (language, now) = (context.language, context.clock.now());
    let config = match Config::load(file) {
        Ok(config) => config,
        Err(error) => return findings.push(Finding::failed("configuration", words::told(language, error))),
    };
    findings.push(Finding::ok("configuration", words::doctor_configuration(language, file.display())));
    let vault = VaultKeys::load(&config.vault);
    let unfit = vault.as_ref().err().map(|error| words::told(language, error));
    let key = secret::check(&config.tls.key).err().map(|error| words::told(language, error));
    let ledger = config.ledger_key.as_deref().map(|path| ledger_key::load(path).err());
    let ledger = ledger.map(|error| error.map(|error| words::told(language, error)));
    let checked: Vec<_> = [unfit, key].into_iter().chain(ledger).collect();
    key_files(language, &checked, findings);

    let own = Own::read(&config.tls);
    let ours = own.as_ref().ok().map(|own| fingerprint(&own.chain[0]));
    let asker = Asker::Gateway { certificate: ours.as_ref(), vault: vault.as_ref().ok() };
    let health = database(context, &config.database_url, asker, findings).await;
    let authorities = health.as_ref().map(|health| health.authorities.as_slice()).unwrap_or_default();
    match &own {
        Ok(own) => {
            own.judge(language, &config.tls, now, findings);
            if let Some(known) = health.as_ref().and_then(|health| health.known) {
                findings.push(judge::inventory(language, known));
            }
        }
        Err(why) => {
            let text = words::doctor_certificate_unreadable(language, why);
            findings.push(Finding::failed("certificate", text));
        }
    }
    findings.extend(keys::find(language, &folders(file, &config), &known(authorities, &config.tls)));
    // A profile makes a whole call, which says more.
    if context.profile.is_none()
        && let Ok(own) = &own
    {
        findings.push(greeting(language, &config, own, now).await);
    }
}

/// A signer: its files, its keys and its database.
pub async fn signer(context: &Context<'_>, file: &Path, findings: &mut Vec<Finding>) {
    let language = context.language;
    let signer = match Signer::load(file) {
        Ok(signer) => signer,
        Err(error) => return findings.push(Finding::failed("configuration", words::told(language, error))),
    };
    findings.push(Finding::ok("configuration", words::doctor_configuration(language, file.display())));
    let issuers = [signer.clients.clone(), signer.gateways()];
    let files: Vec<_> = issuers
        .iter()
        .flat_map(|issuer| [&issuer.key, &issuer.passphrase_file])
        .map(|path| secret::check(path).err().map(|error| words::told(language, error)))
        .collect();
    let guarded = files.iter().all(Option::is_none);
    key_files(language, &files, findings);
    // What others can read is not opened.
    for issuer in issuers.iter().filter(|_| guarded) {
        findings.push(match open(issuer) {
            Ok(name) => Finding::ok("issuing-keys", words::doctor_issuer(language, name)),
            Err(error) => Finding::failed("issuing-keys", words::told(language, error)),
        });
    }
    let mut further = Vec::new();
    let answers = database(context, &signer.database_url, Asker::Signer, &mut further).await.is_some();
    let seen = MarkSeen { written: signer.mark.exists(), answers };
    findings.push(match Mark::read(&signer.mark) {
        Ok(mark) => judge::mark(language, mark.restored_at, &signer.mark, seen),
        Err(error) => {
            Finding::failed("mark", format!("{}: {}", signer.mark.display(), words::plain(language, error)))
        }
    });
    findings.extend(further);
}

/// The profile's own files: a key that is for its owner alone and the certificate's, and a certificate that is renewed in
/// time. Left out where there is no profile, which the call tells.
pub fn own_files(context: &Context<'_>, findings: &mut Vec<Finding>) {
    const CHECK: &str = "profile-files";
    let (language, now) = (context.language, context.clock.now());
    let Ok(profile) = Profile::find(context.profile.as_deref()) else { return };
    match Credential::read(&profile) {
        Err(trouble) => findings.push(Finding::failed(CHECK, words::trouble(language, &trouble))),
        Ok(credential) => {
            let key = profile.key.display();
            findings.push(match credential.fits() {
                true => Finding::ok(CHECK, words::doctor_own_key(language, key)),
                false => Finding::failed(CHECK, words::other_key_of_pair(language, key)),
            });
            let certificate = credential.certificate;
            findings.push(judge::own_validity(language, certificate.not_before, certificate.not_after, now));
        }
    }
}

/// A whole call with the profile's certificate.
pub async fn profile(context: &Context<'_>) -> Finding {
    const CHECK: &str = "call";
    let call = async || -> Result<v1::WhoAmIResponse, Failure> {
        let profile = Profile::find(context.profile.as_deref())?;
        let client = Client::connect(&profile, context.language).await?;
        Ok(retry(context.entropy, async || client.agency().who_am_i(v1::WhoAmIRequest {}).await).await?)
    };
    match call().await {
        Ok(known) => {
            let role = words::value(context.language, known.role().as_str_name());
            Finding::ok(CHECK, words::doctor_called(context.language, &known.system, role))
        }
        Err(failure) => {
            let why = failure.report(context.language, false);
            Finding::failed(CHECK, words::doctor_not_called(context.language, why))
        }
    }
}

/// The gateway's clock against ours; left out where no answer comes, which the call tells.
pub async fn gateway_clock(context: &Context<'_>) -> Option<Finding> {
    let profile = Profile::find(context.profile.as_deref()).ok()?;
    let ahead = gateway_ahead(&profile, context.clock).await?;
    Some(judge::gateway_clock(context.language, ahead))
}

/// One finding for each file that cannot be used, else one for all.
fn key_files(language: Language, checked: &[Option<String>], findings: &mut Vec<Finding>) {
    const CHECK: &str = "key-files";
    findings.extend(checked.iter().flatten().map(|error| Finding::failed(CHECK, error)));
    if checked.iter().all(Option::is_none) {
        findings.push(Finding::ok(CHECK, words::doctor_keys_guarded(language, checked.len())));
    }
}

/// The name of an authority whose key opens.
fn open(issuer: &Issuing) -> Result<String, String> {
    let text = |error: SecretFileError| error.to_string();
    let passphrase = secret::passphrase(&issuer.passphrase_file).map_err(text)?;
    let key = secret::key(&issuer.key, Some(&passphrase)).map_err(text)?;
    let path = issuer.certificate.display();
    let pem = std::fs::read_to_string(&issuer.certificate).map_err(|error| format!("{path}: {error}"))?;
    Issuer::open_pem(&pem, key).map_err(|error| format!("{path}: {error}"))?;
    Ok(path.to_string())
}

/// As whom the database is asked.
#[derive(Clone, Copy)]
enum Asker<'a> {
    /// The gateway, with its certificate and its keys, as far as it has them.
    Gateway { certificate: Option<&'a Fingerprint>, vault: Option<&'a VaultKeys> },
    /// The signer, who may not ask for what agencies stored.
    Signer,
}

/// The database, and what it says of the authority.
async fn database(
    context: &Context<'_>,
    url: &str,
    asker: Asker<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Health> {
    let (language, now) = (context.language, context.clock.now());
    let away = |error: &dyn std::fmt::Display| {
        Finding::failed("database", words::doctor_database_away(language, words::told(language, error)))
    };
    let database = match Database::open(url, 1) {
        Ok(database) => database,
        Err(error) => {
            findings.push(away(&error));
            return None;
        }
    };
    if !database.is_up().await {
        // Asked again for the reason.
        let why = database.look().await.err().map(|error| error.to_string()).unwrap_or_default();
        findings.push(away(&why));
        return None;
    }
    findings.push(Finding::ok("database", words::doctor_database(language)));
    findings.push(match health::schema(&database).await {
        Ok(schema) => judge::schema(language, &schema),
        Err(error) => {
            Finding::warning("schema", words::doctor_schema_unknown(language, words::told(language, error)))
        }
    });
    let ours = if let Asker::Gateway { certificate, .. } = asker { certificate } else { None };
    let health = match health::look(&database, context.clock, ours).await {
        Ok(health) => health,
        Err(error) => {
            findings.push(Finding::failed("database", words::told(language, error)));
            return None;
        }
    };
    findings.push(judge::clock(language, health.ahead));
    // Left out where the schema, which is told of above, lacks the question.
    if let Asker::Gateway { vault, .. } = asker {
        if let Ok(unknown) = health::zones_unknown(&database).await {
            findings.push(judge::zones(language, &unknown));
        }
        if let Some(keys) = vault {
            findings.push(vault::compare(language, &database, keys).await);
        }
    }
    if let Ok(bounds) = health::bounds(&database).await {
        findings.extend(judge::bounds(language, &bounds));
    }
    findings.extend(judge::lists(language, &health.authorities, now));
    findings.push(judge::signer(language, health.signer_beat, now));
    findings.push(judge::administrators(language, health.administrators));
    Some(health)
}

/// The gateway's own files.
struct Own {
    /// Leaf first, not empty.
    chain: Vec<CertificateDer<'static>>,
    root: CertificateDer<'static>,
}

impl Own {
    fn read(tls: &Tls) -> Result<Self, String> {
        let bad = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let chain = CertificateDer::pem_file_iter(&tls.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| bad(&tls.certificate, &error))?;
        if chain.is_empty() {
            return Err(bad(&tls.certificate, &"no CERTIFICATE block"));
        }
        let root = CertificateDer::from_pem_file(&tls.root).map_err(|error| bad(&tls.root, &error))?;
        Ok(Self { chain, root })
    }

    fn judge(&self, language: Language, tls: &Tls, now: Timestamp, findings: &mut Vec<Finding>) {
        let leaf = &self.chain[0];
        match certificate::read(leaf) {
            Ok(read) => findings.push(judge::validity(language, read.not_before, read.not_after, now)),
            Err(fault) => findings.push(Finding::failed("certificate", fault.text(language))),
        }
        // A key that others can read was told of, and is not opened.
        if let Ok(key) = secret::key(&tls.key, None)
            && public_key(leaf).as_deref() != Some(&key.spki()[..])
        {
            let text = words::doctor_pair_differs(language, tls.key.display());
            findings.push(Finding::failed("certificate", text));
        }
        findings.push(judge::chain(language, &self.root, &self.chain, &tls.hosts, now));
    }
}

/// What the gateway shows, against its file.
async fn greeting(language: Language, config: &Config, own: &Own, now: Timestamp) -> Finding {
    const CHECK: &str = "handshake";
    let address = greet::reachable(config.listen);
    let host = config.tls.hosts.first().map(String::as_str).unwrap_or_default();
    match greet::chain_at(address, host).await {
        Err(why) => {
            Finding::failed(CHECK, words::doctor_not_greeted(language, address, words::plain(language, why)))
        }
        Ok(shown) => match judge::leads_to(&own.root, &shown, now) {
            Err(why) => Finding::failed(
                CHECK,
                words::doctor_greeted_stranger(language, address, words::plain(language, why)),
            ),
            Ok(()) if shown.first() == own.chain.first() => {
                Finding::ok(CHECK, words::doctor_greeted(language, address))
            }
            Ok(()) => Finding::warning(CHECK, words::doctor_greeted_other(language, address)),
        },
    }
}

/// Wherever the gateway has a file.
fn folders(file: &Path, config: &Config) -> BTreeSet<std::path::PathBuf> {
    let tls = &config.tls;
    [file, config.vault.as_path(), &tls.certificate, &tls.key, &tls.root, &tls.clients_ca]
        .into_iter()
        .chain(config.ledger_key.as_deref())
        .filter_map(|path| std::path::absolute(path).ok()?.parent().map(Path::to_owned))
        .collect()
}

/// The authorities' keys: of the database, and of the files, where the database is away.
fn known(authorities: &[Authority], tls: &Tls) -> Vec<Known> {
    let stored = authorities.iter().map(|one| Known { name: one.name.clone(), key_id: one.key_id });
    let files = [&tls.root, &tls.clients_ca].into_iter().flat_map(|path| {
        let certificates = CertificateDer::pem_file_iter(path).into_iter().flatten().flatten();
        certificates.filter_map(|der| {
            Some(Known { name: path.display().to_string(), key_id: key_id(&public_key(&der)?) })
        })
    });
    stored.chain(files).collect()
}
