//! What the owner writes before a test begins, past the signer: the authorities, the operator with its administrators, and
//! certificates of any content. Each is a unit of work that tells the ledger, so that the audit at the end finds it.

use gerbang::{
    domain::{
        AgencyCode,
        access::Role,
        agency::{Agency, AgencyKind, AgencyState, AgencyTier, DatedName, DatedNames, System},
        certificate::{AuthorityKind, CertificateFilter},
        text::Text,
        time::Zone,
    },
    ledger::ChangeKind,
    pki::{
        certificate::{self, fingerprint, public_key},
        inventory,
        secret::key_id,
    },
    store::{self, Ended, Recorder, UnitOfWork},
};

use super::{now, request_id, system_name};
use crate::forge::Forge;

/// What a ceremony leaves behind, as far as tests need it.
pub(super) struct Ceremony<'a> {
    pub forge: &'a Forge,
}

impl UnitOfWork for Ceremony<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, store::Error> {
        let Forge { root, clients, gateways } = self.forge;
        let kinds = [AuthorityKind::Root, AuthorityKind::Clients, AuthorityKind::Gateways];
        for (kind, authority) in kinds.into_iter().zip([root, clients, gateways]) {
            let authority = inventory::authority(kind, &authority.certificate).unwrap();
            store::authority::insert(tx.db(), &authority, now()).await?;
            tx.changed(ChangeKind::Created, &authority);
        }
        let name = DatedName {
            display_name: Text::parse("Operator Gerbang").unwrap(),
            valid_from: "2000-01-01".parse().unwrap(),
            decree_number: None,
        };
        let operator = Agency {
            code: AgencyCode::parse("operator").unwrap(),
            kind: AgencyKind::Operator,
            tier: AgencyTier::None,
            names: DatedNames::new(vec![name]).unwrap(),
            zone: Zone::parse("Asia/Jakarta").unwrap(),
            state: AgencyState::Active,
            remark: None,
            version: 1,
            created_at: now(),
        };
        store::agency::insert(tx.db(), &operator).await?;
        tx.changed(ChangeKind::Created, &operator);
        for system in ["admin", "admin2"] {
            let system = System {
                name: system_name("operator", system),
                role: Some(Role::Administrator),
                proposal: None,
                certificates: Vec::new(),
                retired_at: None,
                version: 1,
            };
            store::agency::insert_system(tx.db(), &system, now()).await?;
            tx.changed(ChangeKind::Created, &system);
        }
        tx.commit(()).await
    }
}

/// A certificate that is put into the inventory past the signer.
pub(super) struct Registration<'a> {
    pub agency: &'a str,
    pub system: &'a str,
    pub der: &'a [u8],
    pub clients: &'a [u8],
    pub administrator: bool,
}

impl UnitOfWork for Registration<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, store::Error> {
        let read = certificate::read(self.der).ok();
        // The inventory takes no certificate without one.
        let serial = read.as_ref().map(|read| read.serial.clone()).filter(|serial| !serial.is_empty());
        let serial = serial.unwrap_or_else(request_id);
        let from =
            read.as_ref().map_or_else(|| "2021-01-01T00:00:00Z".to_owned(), |it| it.not_before.to_string());
        let to =
            read.as_ref().map_or_else(|| "2039-01-01T00:00:00Z".to_owned(), |it| it.not_after.to_string());
        let authority =
            certificate::is_signed_by(self.der, self.clients).then(|| fingerprint(self.clients).to_vec());
        let insert = "INSERT INTO certificate (sha256, agency, system, serial, not_before, not_after, created_at, \
            authority, der, key_id, administrator, role) \
            VALUES ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7::timestamptz, $8, $9, $10, $11, \
                (SELECT role FROM system WHERE agency = $2 AND system = $3)) \
            ON CONFLICT (sha256) DO NOTHING";
        let insert = sqlx::query(insert).bind(&fingerprint(self.der)[..]).bind(self.agency).bind(self.system);
        let insert = insert.bind(serial).bind(from).bind(to).bind(tx.now().to_string()).bind(authority);
        let key = public_key(self.der).map(|spki| key_id(&spki).to_vec());
        let insert = insert.bind(self.der).bind(key).bind(self.administrator);
        if insert.execute(tx.db()).await?.rows_affected() == 0 {
            return tx.discard(()).await;
        }
        let filter = CertificateFilter { fingerprint: Some(fingerprint(self.der)), ..Default::default() };
        let now = tx.now();
        let issued = store::certificate::list(tx.db(), &filter, now).await?.pop().unwrap();
        tx.changed(ChangeKind::Created, &issued);
        tx.commit(()).await
    }
}
