//! The authority of a run: a ceremony as `gerbang dev` holds it, whose keys lie in the folder and issue every certificate
//! here. What the signer would do for days is done at once: certificates are put into the inventory by SQL.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use gerbang::{
    config::ledger_key,
    dev::pki::{Authority, trust_domain},
    domain::outside::Clock,
    ledger::note::Origin,
    pki::{
        authority::to_be_signed,
        certificate::{fingerprint, read},
        der::pem,
        profile::{LIFETIME_DAYS, Subject, Wanted, new_serial, validity},
        secret::{SecretKey, SecretKind, key_id},
    },
    server::outside::{SystemClock, SystemEntropy},
    signer::IssuingKeys,
    store::{self, Database},
    vault::VaultKeys,
};
use sqlx::PgConnection;

use crate::{Result, cluster::Cluster, wire::Credential};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

pub struct Founded {
    folder: PathBuf,
    keys: IssuingKeys,
    root: String,
}

impl Founded {
    /// Migrates the database, holds the ceremony, and writes what a gateway needs into the folder.
    pub async fn found(folder: &Path, cluster: &Cluster) -> Result<Self> {
        let outside =
            store::Outside { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), keys: None };
        store::migrate(&cluster.owner_url(), outside.clone()).await?;
        VaultKeys::generate(&SystemEntropy).write_new(&folder.join("vault.toml"))?;
        ledger_key::make(&folder.join("ledger.key"), &Origin::parse("localhost/ledger")?)?;
        let owner = Database::open(&cluster.owner_url(), 1)?;
        let authority = Authority::open(folder, &owner, &outside).await?;
        owner.close().await;
        let founded = Self {
            folder: folder.to_owned(),
            keys: authority.signer_keys(&HOSTS)?,
            root: std::fs::read_to_string(authority.path("root.pem"))?,
        };
        let (chain, key) = founded.server()?;
        std::fs::write(authority.path("gateway.pem"), chain)?;
        gerbang::config::secret::write_new(&authority.path("gateway.key"), &key)?;
        Ok(founded)
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join("pki").join(file)
    }

    /// One of the operator's two administrators.
    pub fn administrator(&self, system: &str) -> Result<Credential> {
        let file = |end: &str| std::fs::read_to_string(self.path(&format!("operator.{system}.{end}")));
        Ok(Credential { chain: file("pem")?, key: file("key")?, root: self.root.clone() })
    }

    /// A certificate for a system that is registered, in the inventory.
    pub async fn issue(&self, db: &mut PgConnection, agency: &str, system: &str) -> Result<Credential> {
        let subject = Subject::Client {
            trust_domain: trust_domain()?,
            agency: agency.to_owned(),
            system: system.to_owned(),
        };
        let (der, key) = self.sign(subject)?;
        let certificate = read(&der).map_err(|fault| format!("{fault:?}"))?;
        let insert = "INSERT INTO certificate (sha256, agency, system, serial, not_before, not_after, created_at, \
                                               authority, der, key_id, administrator, role) \
                      SELECT $1, agency, system, $2, $3::timestamptz, $4::timestamptz, $3::timestamptz, $5, $6, $7, false, role \
                        FROM system WHERE agency = $8 AND system = $9";
        let insert = sqlx::query(insert)
            .bind(&fingerprint(&der)[..])
            .bind(&certificate.serial)
            .bind(certificate.not_before.to_string())
            .bind(certificate.not_after.to_string())
            .bind(&fingerprint(self.keys.clients.certificate())[..])
            .bind(&der)
            .bind(&key_id(&key.spki())[..])
            .bind(agency)
            .bind(system);
        if insert.execute(db).await?.rows_affected() != 1 {
            return Err(format!("agencies/{agency}/systems/{system} is not registered").into());
        }
        let chain =
            [&der[..], self.keys.clients.certificate()].map(|der| pem("CERTIFICATE", der).to_string());
        Ok(Credential { chain: chain.concat(), key: key.to_pem().to_string(), root: self.root.clone() })
    }

    fn server(&self) -> Result<(String, String)> {
        let (der, key) = self.sign(Subject::Gateway { hosts: HOSTS.map(str::to_owned).to_vec() })?;
        let chain = [&der, self.keys.gateways.certificate(), &self.keys.root];
        Ok((chain.map(|der| pem("CERTIFICATE", der).to_string()).concat(), key.to_pem().to_string()))
    }

    fn sign(&self, subject: Subject) -> Result<(Vec<u8>, SecretKey)> {
        let issuer = match subject {
            Subject::Client { .. } => &self.keys.clients,
            Subject::Gateway { .. } => &self.keys.gateways,
        };
        let key = SecretKey::generate(SecretKind::P256)?;
        let (not_before, not_after) = validity(SystemClock.now(), LIFETIME_DAYS)?;
        let serial = new_serial(&SystemEntropy);
        let wanted = Wanted { subject, spki: key.spki(), serial, not_before, not_after };
        Ok((issuer.sign(&to_be_signed(issuer.certificate(), &wanted)?)?, key))
    }
}
