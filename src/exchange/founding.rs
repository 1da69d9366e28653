//! The ceremonies of the root, as the database's owner records them: founding an authority, admitting an
//! administrator in place of a lost one, renewing the root's revocation list.
//!
//! They stand outside every call: who holds the ceremony has no certificate yet, or has lost it. Each is one
//! transaction with a ledger entry of its own, without agency, system and certificate. Refuses a second founding,
//! and whatever another root signed. Called by `cli`, by `dev` and by tests.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::Error;
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Role,
        agency::{Agency, AgencyKind, System},
        certificate::{
            Approval, Authority, AuthorityKind, CertificateFilter, CertificateState, Crl, Issued, Order,
            OrderFilter, OrderId, OrderKey, OrderState, Way,
        },
        name::{SystemName, TrustDomain},
    },
    ledger::{ChangeKind, row::RevocationListRow},
    pki::{
        certificate::{fingerprint, is_signed_by, public_key, read},
        founding::Founded,
        inventory,
        secret::key_id,
        statement::{ExpectedStatement, Purpose, Statement},
    },
    store::{
        Actor, Database, Ended, Origin, Outside, Recorder, UnitOfWork, agency, authority,
        certificate::{self, check_key},
        issuance, lock, order,
    },
};

/// The outcome of a founding ceremony, and the operator for whom it was held.
pub struct Founding<'a> {
    /// The authorities, the root's list, and the first certificates.
    pub founded: &'a Founded,
    /// The operator's agency, as it shall be registered.
    pub operator: &'a Agency,
}

/// An admission of an administrator, signed by the root's key.
pub struct Admission<'a> {
    /// The root's certificate in DER.
    pub root: &'a [u8],
    /// The SubjectPublicKeyInfo of a request whose signature was verified, and what else the request said.
    pub spki: Vec<u8>,
    /// The parts of the request that are not taken over.
    pub ignored: Vec<String>,
    /// The administrator's system.
    pub system: SystemName,
    /// The statement that the root's key signed.
    pub statement: &'a Statement,
    /// The signature of the root's key over the statement.
    pub signature: Vec<u8>,
}

/// Whether the database has an authority already.
pub async fn is_founded(database: &Database) -> Result<bool, Error> {
    Ok(!authority::list(&mut *database.look().await?).await?.is_empty())
}

/// Whether a founding would be recorded. `AUTHORITY_EXISTS`; [`found`] looks again.
pub async fn check_new(database: &Database) -> Result<(), Error> {
    must_be_new(&mut *database.look().await?).await
}

async fn must_be_new(db: &mut PgConnection) -> Result<(), Error> {
    match authority::list(db).await?.first() {
        Some(earlier) => Err(Fault::from(Reason::AuthorityExists).with("name", &earlier.name).into()),
        None => Ok(()),
    }
}

/// Records a founding as the database's owner: authorities, the root's list, the operator's agency, and its
/// administrators, whom the ceremony itself approved. `AUTHORITY_EXISTS`.
pub async fn found(database: &Database, outside: Outside, founding: &Founding<'_>) -> Result<(), Error> {
    database.transact(Origin::own(Actor::Owner, "ca.init", outside), founding).await
}

impl UnitOfWork for Founding<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        let Founding { founded, operator } = self;
        let root = inventory::authority(AuthorityKind::Root, &founded.root)?;
        let clients = inventory::authority(AuthorityKind::Clients, &founded.clients)?;
        let gateways = inventory::authority(AuthorityKind::Gateways, &founded.gateways)?;
        if !is_signed_by(&clients.der, &root.der) || !is_signed_by(&gateways.der, &root.der) {
            return Err(Error::internal("an issuing authority of the ceremony is not signed by its root"));
        }
        lock::authority(tx.db()).await?;
        must_be_new(tx.db()).await?;
        let now = tx.now();
        for one in [&root, &clients, &gateways] {
            authority::insert(tx.db(), one, now).await?;
            tx.changed(ChangeKind::Created, one);
        }
        let (crl, revoked) = inventory::list(&founded.root_crl)?;
        publish(&mut tx, &root, &crl, revoked).await?;
        register(&mut tx, operator).await?;
        for (name, der) in &founded.administrators {
            appoint(&mut tx, name).await?;
            let issued =
                inventory::issued(der, Some(name.clone()), &clients, Some(Role::Administrator), now)?;
            issuance::insert_certificate(tx.db(), &new(&issued, der, &clients)?).await?;
            tx.changed(ChangeKind::Created, &issued);
        }
        tx.commit(()).await
    }
}

/// Compares a ceremony's file and root with what was founded in this database, before the root's key is brought. The trust
/// domain and the operator are those of the administrators' certificates. `AUTHORITY_UNKNOWN`, `CEREMONY_DIFFERS`.
pub async fn check_ceremony(
    database: &Database,
    now: Timestamp,
    root: &[u8],
    trust_domain: &TrustDomain,
    operator: &AgencyCode,
) -> Result<(), Error> {
    let mut db = database.look().await?;
    known_root(&mut db, root).await?;
    let certificates = certificate::list(&mut db, &CertificateFilter::default(), now).await?;
    let administrator = certificates.into_iter().find(|one| one.administrator);
    let administrator = administrator.ok_or_else(|| Error::internal("no administrator was ever issued"))?;
    let der = certificate::client_der(&mut db, &administrator.fingerprint).await?;
    let read = der.and_then(|der| read(&der).ok());
    let uris = read.map(|read| read.uri_sans).unwrap_or_default();
    let known = uris.first().and_then(|uri| uri.strip_prefix("spiffe://")?.split_once('/'));
    let code = administrator.system.map(|system| system.agency.to_string()).unwrap_or_default();
    let differs = |field: &str, said: &str, known: &str| {
        let fault = Fault::from(Reason::CeremonyDiffers).with("field", field);
        Err(fault.with("said", said).with("known", known).into())
    };
    match known {
        Some((known, _)) if known != trust_domain.to_string() => {
            differs("trust_domain", &trust_domain.to_string(), known)
        }
        _ if code != operator.as_str() => differs("operator.code", operator.as_str(), &code),
        _ => Ok(()),
    }
}

/// The most earlier orders for a key that an admission looks at.
const SAME_MAX: i64 = 20;

/// Writes an order that the root's key authorises, as the database's owner; the signer then issues. The system is
/// registered where there is none. The same admission again is the same order, as long as that is open or its certificate
/// is good. `AUTHORITY_UNKNOWN`, `SYSTEM_RETIRED`, `STATEMENT_INVALID`, `KEY_BLOCKED`, `KEY_IN_USE`,
/// `KEY_OF_OTHER_AGENCY`, `KEY_OF_AUTHORITY`, `NOT_FOUND`, `ROLE_NOT_OF_AGENCY`.
pub async fn admit(
    database: &Database,
    outside: Outside,
    admission: &Admission<'_>,
) -> Result<OrderId, Error> {
    database.transact(Origin::own(Actor::Owner, "ca.admit", outside), admission).await
}

impl UnitOfWork for Admission<'_> {
    type Answer = OrderId;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<OrderId>, Error> {
        lock::authority(tx.db()).await?;
        known_root(tx.db(), self.root).await?;
        self.check(tx.now())?;
        let name = &self.system;
        let key = OrderKey { spki: self.spki.clone(), id: key_id(&self.spki) };
        if let Some(earlier) = self.same(&mut tx, &key).await? {
            tx.unchanged();
            return tx.commit(earlier).await;
        }
        check_key(tx.db(), &key.id, Some(name)).await?;
        let agency = agency::find_for_update(tx.db(), &name.agency).await?;
        check_operator(&agency.ok_or_else(|| super::tx::not_found("agency"))?)?;
        appoint(&mut tx, name).await?;
        let order = self.order(&tx, key);
        order::insert(tx.db(), &order).await?;
        tx.changed(ChangeKind::Created, &order);
        tx.commit(order.id).await
    }
}

/// How an order and an approval name the root.
const ROOT: &str = "root";

/// How far an admission has come.
pub struct Admitted {
    /// The order's state.
    pub state: OrderState,
    /// The reason of the signer, where it refused.
    pub reason: Option<String>,
    /// Certificate and issuer, DER, once there is one.
    pub chain: Option<[Vec<u8>; 2]>,
    /// The root first.
    pub authorities: Vec<Authority>,
}

/// Looks how far an admission has come, as the database's owner. `NOT_FOUND`.
pub async fn admitted(database: &Database, id: OrderId, now: Timestamp) -> Result<Admitted, Error> {
    let mut db = database.look().await?;
    let filter = OrderFilter { id: Some(id), ..Default::default() };
    let found = order::list(&mut db, &filter).await?.pop();
    let found = found.ok_or_else(|| super::tx::not_found("certificate order"))?;
    let chain = match &found.progress.certificate {
        Some(issued) => certificate::chain(&mut db, issued).await?,
        None => None,
    };
    let authorities = authority::list(&mut db).await?;
    Ok(Admitted { state: found.state(now), reason: found.progress.reason, chain, authorities })
}

impl Admission<'_> {
    /// Finds the order that this admission has made before, if it is still good for something.
    async fn same(&self, tx: &mut Recorder, key: &OrderKey) -> Result<Option<OrderId>, Error> {
        let now = tx.now();
        let (system, limit) = (Some(&self.system), Some(SAME_MAX));
        let filter = OrderFilter { system, key: Some(key.id), limit, ..Default::default() };
        for order in
            order::list(tx.db(), &filter).await?.into_iter().filter(|order| order.way == Way::Ceremony)
        {
            let good = match (order.state(now), order.progress.certificate) {
                (OrderState::Rejected | OrderState::Expired, _) => false,
                (_, None) => true,
                (_, fingerprint) => {
                    let filter = CertificateFilter { fingerprint, ..Default::default() };
                    let issued = certificate::list(tx.db(), &filter, now).await?;
                    issued.iter().any(|one| one.state(now) == CertificateState::Valid)
                }
            };
            if good {
                return Ok(Some(order.id));
            }
        }
        Ok(None)
    }

    fn order(&self, tx: &Recorder, key: OrderKey) -> Order {
        let (id, expires_at) = (OrderId(tx.uuid()), self.statement.expires_at);
        Order {
            system: Some(self.system.clone()),
            role: Some(Role::Administrator),
            key: Some(key),
            ignored: self.ignored.clone(),
            lifetime_days: i32::try_from(self.statement.lifetime_days).unwrap_or(i32::MAX),
            approvals: vec![Approval {
                approver: ROOT.to_owned(),
                certificate: fingerprint(self.root),
                statement: self.statement.bytes(),
                signature: self.signature.clone(),
                approved_at: tx.now(),
            }],
            ..Order::new(id, Way::Ceremony, ROOT.to_owned(), tx.now(), expires_at)
        }
    }

    /// Checks the admission as the signer will, so that who holds the ceremony learns at once what would be refused.
    fn check(&self, now: jiff::Timestamp) -> Result<(), Fault> {
        let invalid = |why: &str| Fault::from(Reason::StatementInvalid).with("why", why);
        let said = self.statement;
        let expected = ExpectedStatement {
            purpose: Purpose::Admit,
            // The signer knows its own, and checks it.
            trust_domain: &said.trust_domain,
            system: &self.system,
            role: Some(Role::Administrator),
            subject: Some(key_id(&self.spki)),
            previous: None,
            lifetime_days: None,
        };
        if !said.says(&expected) {
            return Err(invalid("it speaks of something else"));
        }
        if said.expires_at <= now {
            return Err(invalid("its time is over"));
        }
        let spki = public_key(self.root).ok_or_else(|| invalid("the root cannot be read"))?;
        match said.verify(&spki, &self.signature) {
            true => Ok(()),
            false => Err(invalid("the root's key did not sign it")),
        }
    }
}

/// Makes a list of the root: its number is known under the lock alone.
pub type MakeList<'a> = &'a (dyn Fn(Option<i64>) -> Result<Vec<u8>, String> + Sync);

/// A list of the root, of the certificates that it took back.
pub struct RootList {
    /// As it was signed, in DER.
    pub der: Vec<u8>,
    /// What it says.
    pub crl: Crl,
}

/// Puts a new list of the root into the database, as its owner; `make` gets the number of the last one. Answers
/// with the list. `AUTHORITY_UNKNOWN`.
pub async fn renew_root_list(
    database: &Database,
    outside: Outside,
    root: &[u8],
    make: MakeList<'_>,
) -> Result<RootList, Error> {
    // Signed in the transaction, so never run again.
    let origin = Origin { once: true, ..Origin::own(Actor::Owner, "ca.renew_crl", outside) };
    database.transact(origin, &RenewRootList { root, make }).await
}

struct RenewRootList<'a> {
    root: &'a [u8],
    make: MakeList<'a>,
}

impl UnitOfWork for RenewRootList<'_> {
    type Answer = RootList;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        lock::authority(tx.db()).await?;
        let known = known_root(tx.db(), self.root).await?;
        let list = (self.make)(known.crl.as_ref().map(|crl| crl.number)).map_err(Error::internal)?;
        let (crl, revoked) = inventory::list(&list)?;
        publish(&mut tx, &known, &crl, revoked).await?;
        tx.commit(RootList { der: list, crl }).await
    }
}

/// Inserts a list and tells of it.
async fn publish(tx: &mut Recorder, authority: &Authority, crl: &Crl, revoked: i32) -> Result<(), Error> {
    let version = authority::insert_crl(tx.db(), &authority.fingerprint, crl, revoked).await?;
    let row = RevocationListRow { authority: authority.fingerprint, version, crl };
    tx.changed(if version == 1 { ChangeKind::Created } else { ChangeKind::Updated }, &row);
    Ok(())
}

/// Finds the root, if this is its certificate. `AUTHORITY_UNKNOWN`.
async fn known_root(db: &mut PgConnection, der: &[u8]) -> Result<Authority, Error> {
    let known = authority::list(db).await?;
    let ours = fingerprint(der);
    let root = known.into_iter().find(|one| one.kind == AuthorityKind::Root && one.fingerprint == ours);
    Ok(root.ok_or(Reason::AuthorityUnknown)?)
}

/// Registers the operator's agency, unless it is there. `ROLE_NOT_OF_AGENCY` where it is another kind of agency.
async fn register(tx: &mut Recorder, operator: &Agency) -> Result<(), Error> {
    let found = agency::find_for_update(tx.db(), &operator.code).await?;
    check_operator(found.as_ref().unwrap_or(operator))?;
    if found.is_none() {
        agency::insert(tx.db(), operator).await?;
        tx.changed(ChangeKind::Created, operator);
    }
    Ok(())
}

fn check_operator(agency: &Agency) -> Result<(), Fault> {
    match agency.kind {
        AgencyKind::Operator => Ok(()),
        kind => {
            Err(Fault::from(Reason::RoleNotOfAgency).with("kind", kind).with("role", Role::Administrator))
        }
    }
}

/// Makes a system an administrator: the ceremony stands for the two who would have to approve it.
async fn appoint(tx: &mut Recorder, name: &SystemName) -> Result<(), Error> {
    let (now, role) = (tx.now(), Some(Role::Administrator));
    match agency::find_system_for_update(tx.db(), name).await? {
        None => {
            let system = System {
                name: name.clone(),
                role,
                proposal: None,
                certificates: Vec::new(),
                retired_at: None,
                version: 1,
            };
            agency::insert_system(tx.db(), &system, now).await?;
            tx.changed(ChangeKind::Created, &system);
        }
        Some(system) if system.role == role && system.proposal.is_none() => {}
        Some(mut system) => {
            system.must_serve()?;
            (system.role, system.proposal) = (role, None);
            system.version += 1;
            agency::update_system(tx.db(), &system).await?;
            tx.changed(ChangeKind::Updated, &system);
        }
    }
    Ok(())
}

fn new<'a>(issued: &'a Issued, der: &'a [u8], by: &Authority) -> Result<issuance::NewCertificate<'a>, Error> {
    if !is_signed_by(der, &by.der) {
        return Err(Error::internal("a certificate of the ceremony is not signed by its authority"));
    }
    Ok(issuance::NewCertificate {
        fingerprint: issued.fingerprint,
        holder: issued.system.as_ref().map(|system| (system.agency.as_str(), system.id.as_str())),
        serial: &issued.serial,
        not_before: issued.not_before,
        not_after: issued.not_after,
        created_at: issued.created_at,
        authority: by.fingerprint,
        der,
        key_id: issued.key_id.ok_or_else(|| Error::internal("a certificate without a key"))?,
        previous: None,
        administrator: issued.administrator,
        role: issued.role,
    })
}
