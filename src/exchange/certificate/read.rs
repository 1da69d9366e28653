//! Reads of certificates, orders and authorities. Changes nothing.

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        Error, Tx, Work,
        page::{Page, PageRequest},
    },
    relations,
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason,
        access::Role,
        certificate::{
            ADMINISTRATORS_MIN, AHEAD, Authority, CertificateFilter, CertificateState, Issued, Order,
            OrderFilter, Serial, WaitingOrders,
        },
        name::SystemName,
        time::AsOf,
    },
    store::{authority, certificate as inventory, order as orders},
};

/// A signer that has not been at work for so long is away.
const SIGNER_PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// How far a lineage is followed to each side.
const LINEAGE_MAX: usize = 100;

/// The part of a list that a caller may see.
struct Visible {
    agency: Option<AgencyCode>,
    system: Option<SystemName>,
}

/// Everything for an administrator, the caller's own for a system that keeps to itself, its agency's for any other; of
/// it, what was asked for. `None` is nothing.
fn visible(tx: &Tx, asked: Option<&AgencyCode>) -> Option<Visible> {
    let role = tx.caller().role;
    if role == Role::Administrator {
        return Some(Visible { agency: asked.cloned(), system: None });
    }
    let system = role.keeps_to_itself().then(|| tx.caller().system_name());
    let own = asked.is_none_or(|agency| agency == tx.agency());
    own.then(|| Visible { agency: Some(tx.agency().clone()), system })
}

/// Lists orders, newest first: all for an administrator, else those of the caller's agency or of itself.
pub struct ListOrders {
    /// The agency whose systems they are for; `None` for all that the caller may see.
    pub agency: Option<AgencyCode>,
    /// Whether only those that wait for somebody are listed.
    pub open_only: bool,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListOrders {
    type Answer = AsOf<Page<Order>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let now = tx.now();
        let Some(seen) = visible(tx, self.agency.as_ref()) else {
            let value = self.page.page(tx, Vec::new(), |_: &Order| [String::new()]);
            return Ok(AsOf { value, now });
        };
        let after = self.page.after(tx, |[at, id]| Some((at.parse().ok()?, id.parse().ok()?)))?;
        let filter = OrderFilter {
            agency: seen.agency.as_ref(),
            system: seen.system.as_ref(),
            open_at: self.open_only.then(|| tx.now()),
            after,
            limit: Some(self.page.limit()),
            ..Default::default()
        };
        let found = orders::list(tx.db(), &filter).await?;
        let page = self.page.page(tx, found, |order| [order.created_at.to_string(), order.id.0.to_string()]);
        Ok(AsOf { value: page, now })
    }
}

/// Lists certificates, those that end first first: all for an administrator, else those of the caller's agency or of itself.
pub struct ListCertificates {
    /// The agency whose systems they are for; `None` for all that the caller may see.
    pub agency: Option<AgencyCode>,
    /// The state of the certificates; `None` for all.
    pub state: Option<CertificateState>,
    /// The moment before which they end; `None` for all.
    pub expire_before: Option<Timestamp>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListCertificates {
    type Answer = AsOf<Page<Issued>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let now = tx.now();
        let Some(seen) = visible(tx, self.agency.as_ref()) else {
            let value = self.page.page(tx, Vec::new(), |_: &Issued| [String::new()]);
            return Ok(AsOf { value, now });
        };
        let after = self.page.after(tx, |[at, serial]| Some((at.parse().ok()?, serial)))?;
        let filter = CertificateFilter {
            agency: seen.agency.as_ref(),
            system: seen.system.as_ref(),
            state: self.state,
            expire_before: self.expire_before,
            after: after.as_ref().map(|(at, serial)| (*at, serial.as_str())),
            limit: Some(self.page.limit()),
            ..Default::default()
        };
        let found = inventory::list(tx.db(), &filter, now).await?;
        let page = self.page.page(tx, found, |one| [one.end().to_string(), one.serial.clone()]);
        Ok(AsOf { value: page, now })
    }
}

/// Finds one certificate with its chain and its lineage: the certificates that it was renewed from and into.
pub struct GetCertificate {
    /// The serial number.
    pub serial: Serial,
}

/// A certificate that was found.
pub struct Found {
    /// The certificate.
    pub certificate: Issued,
    /// Backwards, newest first; then forwards.
    pub lineage: Vec<Issued>,
    /// Certificate and issuer, DER.
    pub chain: Option<[Vec<u8>; 2]>,
    /// The moment at which states are computed.
    pub now: Timestamp,
}

impl Work for GetCertificate {
    type Answer = Found;

    async fn run(&self, tx: &mut Tx) -> Result<Found, Error> {
        let certificate = one(tx, &self.serial.0).await?;
        let found = certificate.as_ref().map(|one| relations(tx, one.system.as_ref())).unwrap_or_default();
        tx.permit(&found, "certificate")?;
        let certificate = certificate.ok_or_else(|| super::super::tx::not_found("certificate"))?;
        let mut lineage = Vec::new();
        let mut earlier = certificate.previous.clone();
        while let Some(serial) = earlier.take().filter(|_| lineage.len() < LINEAGE_MAX) {
            let Some(found) = one(tx, &serial).await? else { break };
            earlier = found.previous.clone();
            lineage.push(found);
        }
        let mut later = certificate.successor.as_ref().map(|successor| successor.serial.clone());
        while let Some(serial) = later.take().filter(|_| lineage.len() < 2 * LINEAGE_MAX) {
            let Some(found) = one(tx, &serial).await? else { break };
            later = found.successor.as_ref().map(|successor| successor.serial.clone());
            lineage.push(found);
        }
        let chain = inventory::chain(tx.db(), &certificate.fingerprint).await?;
        Ok(Found { certificate, lineage, chain, now: tx.now() })
    }
}

async fn one(tx: &mut Tx, serial: &str) -> Result<Option<Issued>, Error> {
    let filter = CertificateFilter { serial: Some(serial), ..Default::default() };
    let now = tx.now();
    Ok(inventory::list(tx.db(), &filter, now).await?.pop())
}

/// Lists the authorities, the root first, each with its newest list.
pub struct GetTrustBundle;

impl Work for GetTrustBundle {
    type Answer = Vec<Authority>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Authority>, Error> {
        authority::list(tx.db()).await
    }
}

/// Asks how the authority fares.
pub struct GetAuthorityStatus;

/// The state of the authority.
pub struct Status {
    /// The authorities, the root first, each with its newest list.
    pub authorities: Vec<Authority>,
    /// The moment at which the signer was last at work.
    pub signer_at: Option<Timestamp>,
    /// Administrators whose certificates are valid, and are for 30 days more.
    pub administrators: usize,
    /// Orders that wait for administrators.
    pub awaiting_approval: i64,
    /// Orders that wait for the signer.
    pub awaiting_signer: i64,
    /// The alarms that stand.
    pub alarms: Vec<Fault>,
}

impl Work for GetAuthorityStatus {
    type Answer = Status;

    async fn run(&self, tx: &mut Tx) -> Result<Status, Error> {
        let now = tx.now();
        status(tx.db(), now).await
    }
}

/// Reads the state of the authority, for a call or the gateway's own watch. A few round trips.
pub(super) async fn status(db: &mut sqlx::PgConnection, now: Timestamp) -> Result<Status, Error> {
    let authorities = authority::list(db).await?;
    let signer_at = inventory::signer_beat(db).await?;
    let administrators = inventory::count_administrators(db, now, now + AHEAD, &[]).await?;
    let WaitingOrders { for_approval: awaiting_approval, for_signer: awaiting_signer } =
        orders::count_waiting(db, now).await?;
    let mut alarms = Vec::new();
    if administrators < ADMINISTRATORS_MIN {
        alarms.push(Fault::from(Reason::AdministratorsFew).with("count", administrators));
    }
    if signer_at.is_none_or(|at| now.duration_since(at) > SIGNER_PATIENCE) {
        let since = signer_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        alarms.push(Fault::from(Reason::SignerAway).with("since", since));
    }
    for authority in &authorities {
        if authority.crl.as_ref().is_none_or(|crl| crl.is_stale(now)) {
            alarms.push(Fault::from(Reason::CrlStale).with("authority", &authority.name));
        }
    }
    Ok(Status { authorities, signer_at, administrators, awaiting_approval, awaiting_signer, alarms })
}
