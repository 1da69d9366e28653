//! `gerbang ca init`: the ceremony itself.
//!
//! Files first, the database last. A crash in between leaves keys on the disk that nobody trusts yet, and the same
//! command records what is there. The other way round the database would trust keys that are gone for ever, and
//! nobody could found another authority in it.

use std::{fs, path::Path};

use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject};

use super::{
    Hold, Owner,
    ceremony_folder::{self, Content, Folder, FolderState, ROOT, ROOT_KEY, file_of},
    passphrase::{self, Source},
    transcript,
};
use crate::{
    cli::{
        Context,
        failure::{Exit, Failure, failed},
        outside, screen, words,
    },
    config::ceremony::Ceremony,
    domain::{
        agency::{Agency, AgencyKind, AgencyState, DatedName, DatedNames},
        name::SystemName,
    },
    exchange::founding::{self, Founding},
    pki::{
        der::pem,
        founding::{Appointee, CeremonyKeys, Founded, hold},
        request,
    },
    store::Database,
};

const CERTIFICATE: &str = "CERTIFICATE";
const LIST: &str = "X509 CRL";
const TRANSCRIPT: &str = "transcript.txt";

pub(super) async fn init(context: &Context<'_>, options: &Hold, owner: &Owner) -> Result<Exit, Failure> {
    let language = context.language;
    let ceremony = Ceremony::load(&options.ceremony).map_err(failed)?;
    let appointees = appointees(context, &ceremony)?;
    let (out, root_out) = (options.out.as_path(), options.root_out.as_path());
    let unusable = |error| Failure::io(language, out, &error);
    if ceremony_folder::overlap(out, root_out).map_err(unusable)? {
        return Err(Failure::Usage(words::ca_same_folder(language)));
    }
    let database = Database::open(&owner.database_url, 1).map_err(failed)?;
    founding::check_new(&database).await?;
    let founded = match ceremony_folder::state(out, root_out).map_err(unusable)? {
        FolderState::Nothing => make(context, options, &ceremony, &appointees)?,
        FolderState::Cut => {
            let text = words::ca_cut_off(language, root_out.display(), out.display());
            return Err(Failure::Failed(text));
        }
        FolderState::Taken => {
            return Err(Failure::Failed(words::ca_folder_taken(language, root_out.display())));
        }
        FolderState::Whole => read_back(context, options, &ceremony)?,
    };
    let operator = operator(context, &ceremony)?;
    let founding = Founding { founded: &founded, operator: &operator };
    founding::found(&database, outside(None), &founding).await?;
    screen::note(&words::ca_founded(language, out.display(), root_out.display()));
    Ok(Exit::Ok)
}

/// The administrators with the keys that they brought; each has one of their own.
fn appointees(context: &Context<'_>, ceremony: &Ceremony) -> Result<Vec<Appointee>, Failure> {
    let language = context.language;
    let mut found: Vec<Appointee> = Vec::new();
    for one in &ceremony.administrators {
        let bytes = fs::read(&one.request).map_err(|error| Failure::io(language, &one.request, &error))?;
        let request = request::read_text(&bytes).map_err(|fault| {
            let why = words::ca_request_unfit(language, fault.text(language));
            failed(ceremony.refuse(one, why))
        })?;
        if found.iter().any(|earlier| earlier.spki == request.spki) {
            return Err(failed(ceremony.refuse(one, words::ca_same_key(language))));
        }
        found.push(Appointee { system: one.system.clone(), spki: request.spki, days: one.days });
    }
    Ok(found)
}

/// Makes the keys and what they sign, and writes both folders.
fn make(
    context: &Context<'_>,
    options: &Hold,
    ceremony: &Ceremony,
    appointees: &[Appointee],
) -> Result<Founded, Failure> {
    let language = context.language;
    let issuing = Source { file: options.passphrase_file.as_deref(), option: "--passphrase-file" };
    let issuing = passphrase::new(context, &issuing, &words::ca_passphrase_issuing(language))?;
    let root = Source { file: options.root_passphrase_file.as_deref(), option: "--root-passphrase-file" };
    let root = passphrase::new(context, &root, &words::ca_passphrase_root(language))?;
    if *root == *issuing {
        return Err(Failure::Failed(words::ca_passphrase_one(language)));
    }
    let keys = CeremonyKeys::generate().map_err(failed)?;
    let (now, entropy) = (context.clock.now(), context.entropy);
    let founded = hold(&ceremony.plan, &ceremony.trust_domain, &keys, appointees, now, entropy);
    let founded = founded.map_err(failed)?;

    let text = transcript::text(context, options, ceremony, &founded);
    let text = text.map_err(|fault| Failure::Failed(fault.text(language)))?;
    let public = |name: &str, text: String| (name.to_owned(), Content::Public(text));
    let certificate = |der: &[u8]| pem(CERTIFICATE, der).to_string();
    let secret = |name: &str, key: &crate::pki::secret::SecretKey, passphrase: &str| {
        let text = key.to_encrypted_pem(passphrase, entropy).map_err(failed)?;
        Ok::<_, Failure>((name.to_owned(), Content::Secret(text)))
    };
    let mut files = vec![
        public(ROOT, certificate(&founded.root)),
        public("clients.pem", certificate(&founded.clients)),
        public("gateways.pem", certificate(&founded.gateways)),
        public("root.crl.pem", pem(LIST, &founded.root_crl).to_string()),
        secret("clients.key", &keys.clients, &issuing)?,
        secret("gateways.key", &keys.gateways, &issuing)?,
        public(TRANSCRIPT, text),
    ];
    for (system, der) in &founded.administrators {
        // With its issuer's: so it stands in a profile.
        let chain = certificate(der) + &certificate(&founded.clients);
        files.push(public(&file_of(system), chain));
    }
    let out = Folder { path: options.out.clone(), files };
    let root = secret(ROOT_KEY, &keys.root, &root)?;
    let root = Folder {
        path: options.root_out.clone(),
        files: vec![root, public(ROOT, certificate(&founded.root))],
    };
    ceremony_folder::put(&root, &out).map_err(|error| Failure::io(language, &options.out, &error))?;
    Ok(founded)
}

/// What an earlier run wrote, by the same ceremony file, and did not come to record.
fn read_back(context: &Context<'_>, options: &Hold, ceremony: &Ceremony) -> Result<Founded, Failure> {
    let (language, out) = (context.language, &options.out);
    let path = out.join(TRANSCRIPT);
    let transcript = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::Failed(words::ca_folder_taken(language, out.display())));
        }
        Err(error) => return Err(Failure::io(language, &path, &error)),
    };
    if !transcript.contains(&hex::encode(ceremony.sha256)) {
        return Err(Failure::Failed(words::ca_other_ceremony(language, out.display())));
    }
    screen::note(&words::ca_resumed(language, out.display()));
    let unusable = |path: &Path, error: rustls_pki_types::pem::Error| {
        Failure::Failed(words::file_unusable(language, path.display(), error))
    };
    let certificate = |name: &str| {
        let path = out.join(name);
        let der = CertificateDer::from_pem_file(&path).map_err(|error| unusable(&path, error))?;
        Ok::<_, Failure>(der.to_vec())
    };
    let list = out.join("root.crl.pem");
    let root_crl =
        CertificateRevocationListDer::from_pem_file(&list).map_err(|error| unusable(&list, error))?;
    let administrator = |system: &SystemName| Ok((system.clone(), certificate(&file_of(system))?));
    Ok(Founded {
        root: certificate(ROOT)?,
        clients: certificate("clients.pem")?,
        gateways: certificate("gateways.pem")?,
        root_crl: root_crl.to_vec(),
        administrators: ceremony
            .administrators
            .iter()
            .map(|one| administrator(&one.system))
            .collect::<Result<_, Failure>>()?,
    })
}

/// The operator's agency, under its name from today on.
fn operator(context: &Context<'_>, ceremony: &Ceremony) -> Result<Agency, Failure> {
    let (operator, now) = (&ceremony.operator, context.clock.now());
    let name = DatedName {
        display_name: operator.display_name.clone(),
        valid_from: operator.zone.shown(now).date(),
        decree_number: None,
    };
    let names = DatedNames::new(vec![name]);
    Ok(Agency {
        code: operator.code.clone(),
        kind: AgencyKind::Operator,
        tier: operator.tier,
        names: names.map_err(|fault| Failure::Failed(fault.text(context.language)))?,
        zone: operator.zone.clone(),
        state: AgencyState::Active,
        remark: None,
        version: 1,
        created_at: now,
    })
}
