//! The ceremonies of the root, as the database's owner records them: founding an authority, admitting an
//! administrator in place of a lost one, renewing the root's revocation list.
//!
//! They stand outside every call: who holds the ceremony has no certificate yet, or has lost it. Each is one
//! transaction with a ledger entry of its own, without agency, system and certificate. Refuses a second founding,
//! and whatever another root signed. Called by `cli`, by `dev` and by tests.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, certificate::check_key, own::Book};
use crate::{
    domain::{
        Fault, Reason,
        access::Role,
        agency::{Agency, AgencyKind, RegisteredCertificate, System},
        certificate::{Approval, Authority, AuthorityKind, Crl, Issued, Order, OrderId, OrderKey, Way},
        name::SystemName,
        outside::Entropy,
    },
    ledger::ChangeKind,
    pki::{
        certificate::{fingerprint, is_signed_by, public_key},
        founding::Founded,
        inventory,
        secret::key_id,
        statement::{Purpose, Statement},
    },
    store::{self, Database, agency, authority, issuance, lock, order},
};

/// What a ceremony founded, and for whom.
pub struct Founding<'a> {
    pub founded: &'a Founded,
    /// The operator's agency, as it shall be registered.
    pub operator: &'a Agency,
}

/// What the root's key signed for an administrator.
pub struct Admission<'a> {
    /// The root's certificate in DER.
    pub root: &'a [u8],
    /// The SubjectPublicKeyInfo of a request whose signature was verified, and what else the request said.
    pub spki: Vec<u8>,
    pub ignored: Vec<String>,
    pub system: SystemName,
    pub statement: &'a Statement,
    /// By the root's key over the statement.
    pub signature: Vec<u8>,
}

/// Whether the database has an authority already.
pub async fn is_founded(database: &Database) -> Result<bool, Error> {
    let mut db = database.begin().await?;
    Ok(!authority::list(&mut db).await?.is_empty())
}

/// Whether a founding would be recorded. `AUTHORITY_EXISTS`; [`found`] looks again.
pub async fn check_new(database: &Database) -> Result<(), Error> {
    let mut db = database.begin().await?;
    must_be_new(&mut db).await
}

async fn must_be_new(db: &mut PgConnection) -> Result<(), Error> {
    match authority::list(db).await?.first() {
        Some(earlier) => Err(Fault::from(Reason::AuthorityExists).with("name", &earlier.name).into()),
        None => Ok(()),
    }
}

/// Records a founding as the database's owner: authorities, the root's list, the operator's agency, and its
/// administrators, whom the ceremony itself approved. `AUTHORITY_EXISTS`.
pub async fn found(
    database: &Database,
    now: Timestamp,
    entropy: &dyn Entropy,
    founding: &Founding<'_>,
) -> Result<(), Error> {
    let Founding { founded, operator } = founding;
    let root = inventory::authority(AuthorityKind::Root, &founded.root)?;
    let clients = inventory::authority(AuthorityKind::Clients, &founded.clients)?;
    let gateways = inventory::authority(AuthorityKind::Gateways, &founded.gateways)?;
    let (crl, revoked) = inventory::list(&founded.root_crl)?;
    if !is_signed_by(&clients.der, &root.der) || !is_signed_by(&gateways.der, &root.der) {
        return Err(Error::internal("an issuing authority of the ceremony is not signed by its root"));
    }

    let mut db = database.begin().await?;
    lock::authority(&mut db).await?;
    must_be_new(&mut db).await?;
    let mut book = Book::new(entropy, "ca init", now);
    for one in [&root, &clients, &gateways] {
        authority::insert(&mut db, one, now).await?;
        book.changed(ChangeKind::Created, one.resource(), 1, one);
    }
    authority::insert_crl(&mut db, &root.fingerprint, &crl, revoked).await?;
    register(&mut db, operator, &mut book).await?;
    for (name, der) in &founded.administrators {
        let issued = inventory::issued(der, Some(name.clone()), &clients, true, now)?;
        appoint(&mut db, name, Some(&issued), now, &mut book).await?;
        issuance::insert_certificate(&mut db, &new(&issued, der, &clients)?).await?;
        book.changed(ChangeKind::Created, issued.name(), 1, &issued);
    }
    book.write(&mut db).await?;
    Ok(db.commit().await.map_err(store::Error::from)?)
}

/// Writes an order that the root's key authorises, as the database's owner; the signer then issues. The system is
/// registered where there is none. `AUTHORITY_UNKNOWN`, `STATEMENT_INVALID`, `KEY_BLOCKED`, `KEY_IN_USE`,
/// `KEY_OF_OTHER_AGENCY`, `KEY_OF_AUTHORITY`, `NOT_FOUND`, `ROLE_NOT_OF_AGENCY`.
pub async fn admit(
    database: &Database,
    now: Timestamp,
    entropy: &dyn Entropy,
    admission: &Admission<'_>,
) -> Result<OrderId, Error> {
    let mut db = database.begin().await?;
    lock::authority(&mut db).await?;
    known_root(&mut db, admission.root).await?;
    admission.check(now)?;
    let name = &admission.system;
    let key = OrderKey { spki: admission.spki.clone(), id: key_id(&admission.spki) };
    check_key(&mut db, &key.id, Some(name)).await?;
    let agency = agency::find_for_update(&mut db, &name.agency).await?;
    let agency = agency.ok_or_else(|| super::tx::not_found("agency"))?;
    fits(&agency)?;

    let mut book = Book::new(entropy, "ca admit", now);
    appoint(&mut db, name, None, now, &mut book).await?;
    let statement = admission.statement;
    let order = Order {
        id: OrderId(entropy.uuid(now)),
        way: Way::Ceremony,
        system: Some(name.clone()),
        role: Some(Role::Administrator),
        token: None,
        key: Some(key),
        ignored: admission.ignored.clone(),
        hosts: Vec::new(),
        lifetime_days: i32::try_from(statement.lifetime_days).unwrap_or(i32::MAX),
        previous: None,
        requester: ROOT.to_owned(),
        rejected: false,
        note: None,
        other_key_at: None,
        version: 1,
        created_at: now,
        expires_at: statement.expires_at,
        approvals: vec![Approval {
            approver: ROOT.to_owned(),
            certificate: fingerprint(admission.root),
            statement: statement.bytes(),
            signature: admission.signature.clone(),
            approved_at: now,
        }],
        progress: Default::default(),
    };
    order::insert(&mut db, &order).await?;
    book.changed(ChangeKind::Created, order.id, order.version, &order);
    book.write(&mut db).await?;
    db.commit().await.map_err(store::Error::from)?;
    Ok(order.id)
}

/// How an order and an approval name the root.
const ROOT: &str = "root";

impl Admission<'_> {
    /// As the signer will see it, so that who holds the ceremony learns at once what would be refused.
    fn check(&self, now: Timestamp) -> Result<(), Fault> {
        let invalid = |why: &str| Fault::from(Reason::StatementInvalid).with("why", why);
        let said = self.statement;
        let right = said.purpose == Purpose::Admit
            && said.agency == self.system.agency.as_str()
            && said.system == self.system.id
            && said.role == Role::Administrator.as_str()
            && said.subject == key_id(&self.spki);
        if !right {
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

/// Why a list is to be made by a closure: its number is known under the lock alone.
pub type MakeList<'a> = &'a (dyn Fn(Option<i64>) -> Result<Vec<u8>, String> + Sync);

/// Puts a new list of the root into the database, as its owner; `make` gets the number of the last one. Answers
/// with the list in DER, and what it says. `AUTHORITY_UNKNOWN`.
pub async fn renew_root_list(
    database: &Database,
    now: Timestamp,
    entropy: &dyn Entropy,
    root: &[u8],
    make: MakeList<'_>,
) -> Result<(Vec<u8>, Crl), Error> {
    let mut db = database.begin().await?;
    lock::authority(&mut db).await?;
    let known = known_root(&mut db, root).await?;
    let list = make(known.crl.as_ref().map(|crl| crl.number)).map_err(Error::Internal)?;
    let (crl, revoked) = inventory::list(&list)?;
    authority::insert_crl(&mut db, &known.fingerprint, &crl, revoked).await?;
    let mut book = Book::new(entropy, "ca renew-crl", now);
    book.changed(ChangeKind::Updated, known.resource(), crl.number, &known);
    book.write(&mut db).await?;
    db.commit().await.map_err(store::Error::from)?;
    Ok((list, crl))
}

/// The root, if this is its certificate. `AUTHORITY_UNKNOWN`.
async fn known_root(db: &mut PgConnection, der: &[u8]) -> Result<Authority, Error> {
    let known = authority::list(db).await?;
    let ours = fingerprint(der);
    let root = known.into_iter().find(|one| one.kind == AuthorityKind::Root && one.fingerprint == ours);
    Ok(root.ok_or(Reason::AuthorityUnknown)?)
}

/// The operator's agency, unless it is there. `ROLE_NOT_OF_AGENCY` where it is another kind of agency.
async fn register(db: &mut PgConnection, operator: &Agency, book: &mut Book<'_>) -> Result<(), Error> {
    let found = agency::find_for_update(db, &operator.code).await?;
    fits(found.as_ref().unwrap_or(operator))?;
    if found.is_none() {
        agency::insert(db, operator).await?;
        book.changed(ChangeKind::Created, operator.code.name(), operator.version, operator);
    }
    Ok(())
}

fn fits(agency: &Agency) -> Result<(), Fault> {
    match agency.kind {
        AgencyKind::Operator => Ok(()),
        kind => {
            Err(Fault::from(Reason::RoleNotOfAgency).with("kind", kind).with("role", Role::Administrator))
        }
    }
}

/// Makes a system an administrator: the ceremony stands for the two who would have to approve it.
async fn appoint(
    db: &mut PgConnection,
    name: &SystemName,
    issued: Option<&Issued>,
    now: Timestamp,
    book: &mut Book<'_>,
) -> Result<(), Error> {
    let certificate = issued.map(|issued| RegisteredCertificate {
        fingerprint: issued.fingerprint,
        serial: issued.serial.clone(),
        not_before: issued.not_before,
        not_after: issued.not_after,
    });
    let role = Some(Role::Administrator);
    match agency::find_system_for_update(db, name).await? {
        None => {
            let certificates = certificate.into_iter().collect();
            let system = System { name: name.clone(), role, proposal: None, certificates, version: 1 };
            agency::insert_system(db, &system, now).await?;
            book.changed(ChangeKind::Created, name, 1, &system);
        }
        Some(mut system) => {
            let before = (system.role, system.proposal.take());
            system.role = role;
            system.certificates.extend(certificate);
            if before != (role, None) || issued.is_some() {
                system.version += 1;
                agency::update_system(db, &system).await?;
                book.changed(ChangeKind::Updated, name, system.version, &system);
            }
        }
    }
    Ok(())
}

fn new<'a>(issued: &'a Issued, der: &'a [u8], by: &Authority) -> Result<issuance::New<'a>, Error> {
    if !is_signed_by(der, &by.der) {
        return Err(Error::internal("a certificate of the ceremony is not signed by its authority"));
    }
    Ok(issuance::New {
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
    })
}
