//! The authority of a `.gerbang/` folder: a ceremony held once, with its keys in plain text beside it, the two
//! administrators and their profiles.
//!
//! Everything else comes in as it would anywhere: by an administrator's token, or by a request that both approve. What is there is used again. Keys are
//! readable by their owner alone. Called by `dev` at its start.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    DevError,
    folder::{make_folder, write_file},
};
use crate::{
    domain::{
        AgencyCode,
        access::Role,
        agency::{Agency, AgencyKind, AgencyState, AgencyTier, DatedName, DatedNames},
        certificate::OrderState,
        name::{SystemName, TrustDomain},
        text::Text,
        time::Zone,
    },
    exchange::{self, Exchange, founding},
    pki::{
        authority::Issuer,
        ceremony::Plan,
        certificate::read_pem,
        der::pem,
        founding::{Appointee, CeremonyKeys, hold},
        profile::LIFETIME_DAYS,
        request,
        secret::{SecretKey, SecretKind},
        statement::{Purpose, Statement},
    },
    signer,
    store::{Database, Outside},
};

/// The trust domain of every folder; `.internal` is nobody's.
pub fn trust_domain() -> Result<TrustDomain, DevError> {
    TrustDomain::parse("dev.gerbang.internal").map_err(DevError::ceremony)
}

/// Certificates with less time left are made anew.
const LEFT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long the signer beside may take for an administrator, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// A system of the sample agencies.
#[derive(Debug, Clone, Copy)]
pub struct System {
    /// The name of its profile.
    pub profile: &'static str,
    /// The agency's code.
    pub agency: &'static str,
    /// The system's name within its agency.
    pub system: &'static str,
    /// The system's role.
    pub role: Role,
}

/// The operator's two administrators.
pub const ADMINISTRATORS: [System; 2] = [
    System { profile: "admin", agency: "operator", system: "admin", role: Role::Administrator },
    System { profile: "admin2", agency: "operator", system: "admin2", role: Role::Administrator },
];

/// The prison with its door (P2U), which come by requests, and three partners, which join by tokens.
pub const SYSTEMS: [System; 5] = [
    System { profile: "lapas", agency: "lapas-tpi", system: "sdp", role: Role::Prison },
    System { profile: "p2u", agency: "lapas-tpi", system: "p2u", role: Role::Door },
    System { profile: "blk", agency: "blk-kepri", system: "jadwal", role: Role::Partner },
    System { profile: "dkpp", agency: "dkpp-bintan", system: "jadwal", role: Role::Partner },
    System { profile: "dkp", agency: "dkp-kepri", system: "jadwal", role: Role::Partner },
];

/// The folder's authority.
pub struct Authority {
    folder: PathBuf,
}

/// A profile as the command line reads it; paths are relative to the file.
#[derive(Serialize)]
struct ProfileFile<'a> {
    address: &'a str,
    server_name: &'a str,
    ca: &'a str,
    certificate: String,
    key: String,
    agency: &'a str,
    system: &'a str,
}

impl Authority {
    /// The one that is there, else a new one, which the database records. `PkiMissing` where the database knows
    /// another.
    pub async fn open(folder: &Path, owner: &Database, outside: &Outside) -> Result<Self, DevError> {
        let authority = Self { folder: folder.to_owned() };
        let whole = authority.path("whole");
        let founded = founding::is_founded(owner).await?;
        if founded && !whole.exists() {
            return Err(DevError::PkiMissing(authority.path("")));
        }
        if !founded {
            // What an earlier authority issued is of no use, so that none may stay and be taken for good.
            for stale in ["pki", "profiles"].map(|name| folder.join(name)) {
                if stale.exists() {
                    fs::remove_dir_all(&stale).map_err(DevError::io("Removing", &stale))?;
                }
                make_folder(&stale, 0o700)?;
            }
            authority.hold(owner, outside).await?;
            write_file(&whole, 0o600, "")?;
        }
        Ok(authority)
    }

    async fn hold(&self, owner: &Database, outside: &Outside) -> Result<(), DevError> {
        let now = outside.clock.now();
        let keys = CeremonyKeys::generate().map_err(DevError::ceremony)?;
        let mut appointees = Vec::new();
        for one in ADMINISTRATORS {
            let key = SecretKey::generate(SecretKind::P256).map_err(DevError::ceremony)?;
            write_file(&self.file(&one, "key"), 0o600, &key.to_pem())?;
            appointees.push(Appointee { system: name(&one)?, spki: key.spki(), days: LIFETIME_DAYS });
        }
        let founded = hold(&plan(), &trust_domain()?, &keys, &appointees, now, &*outside.entropy)
            .map_err(DevError::ceremony)?;
        for (file, key) in [("root", &keys.root), ("clients", &keys.clients), ("gateways", &keys.gateways)] {
            write_file(&self.path(&format!("{file}.key")), 0o600, &key.to_pem())?;
        }
        for (file, der) in
            [("root", &founded.root), ("clients", &founded.clients), ("gateways", &founded.gateways)]
        {
            write_file(&self.path(&format!("{file}.pem")), 0o644, &pem("CERTIFICATE", der))?;
        }
        for (one, (_, der)) in ADMINISTRATORS.iter().zip(&founded.administrators) {
            self.write_chain(one, &[der.clone(), founded.clients.clone()])?;
        }
        let founding = founding::Founding { founded: &founded, operator: &operator(now)? };
        Ok(founding::found(owner, outside.clone(), &founding).await?)
    }

    /// What the signer beside the gateway needs.
    pub fn signer_keys(&self, hosts: &[&str]) -> Result<signer::IssuingKeys, DevError> {
        let issuer = |name: &str| {
            let key =
                SecretKey::from_pem(&self.read(&format!("{name}.key"))?, None).map_err(DevError::ceremony)?;
            Issuer::open_pem(&self.read(&format!("{name}.pem"))?, key).map_err(DevError::ceremony)
        };
        Ok(signer::IssuingKeys {
            clients: issuer("clients")?,
            gateways: issuer("gateways")?,
            root: self.root()?,
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            trust_domain: trust_domain()?,
        })
    }

    /// Administrators whose certificates end soon are admitted anew, by the root and the signer that runs beside.
    pub async fn readmit(
        &self,
        owner: &Database,
        exchange: &Exchange,
        outside: &Outside,
    ) -> Result<(), DevError> {
        let now = outside.clock.now();
        for one in &ADMINISTRATORS {
            let certificate = self.file(one, "pem");
            let first = fs::read_to_string(&certificate).ok();
            let first =
                first.as_deref().and_then(|text| text.split_inclusive("END CERTIFICATE-----\n").next());
            if first.and_then(|text| read_pem(text).ok()).is_some_and(|read| read.not_after > now + LEFT) {
                continue;
            }
            let key = SecretKey::generate(SecretKind::P256).map_err(DevError::ceremony)?;
            let csr = key.request_pem("gerbang").map_err(DevError::ceremony)?;
            let asked = request::read_text(csr.as_bytes())
                .map_err(|fault| DevError::Gateway(fault.reason.code().into()))?;
            let root = SecretKey::from_pem(&self.read("root.key")?, None).map_err(DevError::ceremony)?;
            let mut nonce = [0; 16];
            outside.entropy.fill(&mut nonce);
            let statement = Statement {
                purpose: Purpose::Admit,
                trust_domain: trust_domain()?.to_string(),
                agency: one.agency.to_owned(),
                system: one.system.to_owned(),
                role: one.role.to_string(),
                subject: asked.key_id,
                lifetime_days: LIFETIME_DAYS,
                expires_at: now + SignedDuration::from_hours(1),
                previous: None,
                nonce,
            };
            let admission = founding::Admission {
                root: &self.root()?,
                spki: asked.spki,
                ignored: asked.ignored,
                system: name(one)?,
                signature: statement.sign(&root).map_err(DevError::ceremony)?,
                statement: &statement,
            };
            let order = founding::admit(owner, outside.clone(), &admission).await?;
            let chain = wait(exchange, order).await?;
            write_file(&self.file(one, "key"), 0o600, &key.to_pem())?;
            self.write_chain(one, &chain)?;
        }
        Ok(())
    }

    /// The administrators' profiles, for a gateway at `https://…`.
    pub fn write_profiles(&self, address: &str) -> Result<(), DevError> {
        for one in ADMINISTRATORS {
            let file = format!("{}.{}", one.agency, one.system);
            let content = ProfileFile {
                address,
                server_name: "localhost",
                ca: "../pki/root.pem",
                certificate: format!("../pki/{file}.pem"),
                key: format!("../pki/{file}.key"),
                agency: one.agency,
                system: one.system,
            };
            let path = self.folder.join("profiles").join(format!("{}.toml", one.profile));
            let text = toml::to_string(&content)
                .map_err(|error| DevError::io("Writing", &path)(std::io::Error::other(error)))?;
            write_file(&path, 0o600, &text)?;
        }
        Ok(())
    }

    /// A file of the authority.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join("pki").join(file)
    }

    fn root(&self) -> Result<Vec<u8>, DevError> {
        let read = read_pem(&self.read("root.pem")?);
        Ok(read.map_err(|fault| DevError::Gateway(fault.reason.code().into()))?.der)
    }

    fn file(&self, of: &System, end: &str) -> PathBuf {
        self.path(&format!("{}.{}.{end}", of.agency, of.system))
    }

    fn read(&self, file: &str) -> Result<String, DevError> {
        let path = self.path(file);
        fs::read_to_string(&path).map_err(DevError::io("Reading", &path))
    }

    fn write_chain(&self, of: &System, chain: &[Vec<u8>; 2]) -> Result<(), DevError> {
        let text: String = chain.iter().map(|der| pem("CERTIFICATE", der).to_string()).collect();
        write_file(&self.file(of, "pem"), 0o644, &text)
    }
}

/// The chain of an order that the signer beside works off.
async fn wait(
    exchange: &Exchange,
    order: crate::domain::certificate::OrderId,
) -> Result<[Vec<u8>; 2], DevError> {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        let (state, chain) = exchange.progress(order).await?;
        if let Some(chain) = chain {
            return Ok(chain);
        }
        if state == OrderState::Rejected {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
    Err(DevError::Gateway(format!("{order} was not granted").into()))
}

fn plan() -> Plan {
    Plan {
        organisation: "Gerbang dev (throw-away)".to_owned(),
        root_name: "Gerbang dev root".to_owned(),
        clients_name: "Gerbang dev clients".to_owned(),
        gateways_name: "Gerbang dev gateways".to_owned(),
        root_days: 20 * 365,
        issuing_days: 10 * 365,
        root_crl_days: 10 * 365,
    }
}

fn name(of: &System) -> Result<SystemName, DevError> {
    let agency = AgencyCode::parse(of.agency).map_err(exchange::Error::from)?;
    Ok(SystemName::new(agency, of.system).map_err(exchange::Error::from)?)
}

fn operator(now: Timestamp) -> Result<Agency, DevError> {
    let names = vec![DatedName {
        display_name: Text::parse("Operator Gerbang").map_err(exchange::Error::from)?,
        valid_from: jiff::civil::Date::constant(2000, 1, 1),
        decree_number: None,
    }];
    Ok(Agency {
        code: AgencyCode::parse(ADMINISTRATORS[0].agency).map_err(exchange::Error::from)?,
        kind: AgencyKind::Operator,
        tier: AgencyTier::None,
        names: DatedNames::new(names).map_err(exchange::Error::from)?,
        zone: Zone::parse("Asia/Jakarta").map_err(exchange::Error::from)?,
        state: AgencyState::Active,
        remark: None,
        version: 1,
        created_at: now,
    })
}
