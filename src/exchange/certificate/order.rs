//! Orders: invitations, signing requests, and what administrators say to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    super::{Error, Tx, Work, tx::match_etag},
    approved_role, find, key_of, locked, save,
    signed::Signed,
};
use crate::{
    domain::{
        Fault, Reason,
        access::Role,
        batch::{ItemOutcome, MutationAnswer},
        certificate::{
            CertificateFilter, CertificateState, ORDER_LIFE, Order, OrderFilter, OrderId, OrderKey,
            OrderState, Way, renew_at,
        },
        name::SystemName,
        text::Text,
    },
    ledger::ChangeKind,
    pki::statement::{ExpectedStatement, Purpose},
    store::{
        certificate::{self as inventory, check_key},
        lock, order as orders,
    },
};

/// Open requests for a system that another system may have handed in before it hands in one more. They count for the two
/// of them, so that nobody uses up what is another's.
const OPEN_MAX: i64 = 10;
/// The most earlier requests for a key that are looked at.
const SAME_MAX: i64 = 20;

/// An order as it stands after a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ordered {
    /// The name, the etag and the outcome.
    pub change: MutationAnswer,
    /// The order's state.
    pub state: OrderState,
    /// The parts of the signing request that are not taken over.
    pub ignored: Vec<String>,
}

impl Ordered {
    fn of(tx: &Tx, order: &Order, outcome: ItemOutcome) -> Self {
        let (state, etag) = (order.state(tx.now()), order.etag(tx.now()));
        Self { change: tx.change(order.id, etag, outcome), state, ignored: order.ignored.clone() }
    }
}

/// Makes a new order of a system, by the caller; nothing of it is approved.
pub(super) fn draft(tx: &Tx, way: Way, system: &SystemName) -> Order {
    let (id, now) = (OrderId(tx.uuid()), tx.now());
    let requester = tx.caller().system_name().to_string();
    Order { system: Some(system.clone()), ..Order::new(id, way, requester, now, now + ORDER_LIFE) }
}

pub(super) async fn create(tx: &mut Tx, order: &Order) -> Result<Ordered, Error> {
    orders::insert(tx.db(), order).await?;
    tx.changed(ChangeKind::Created, order);
    Ok(Ordered::of(tx, order, ItemOutcome::Created))
}

pub(super) fn unchanged(tx: &mut Tx, order: &Order) -> Ordered {
    tx.unchanged();
    Ordered::of(tx, order, ItemOutcome::Unchanged)
}

/// An administrator invites a system by a token whose hash is in the statement.
pub struct CreateInvitation {
    /// The system that the certificate is for.
    pub system: SystemName,
    /// The caller's statement, signed by its key.
    pub signed: Signed,
}

impl Work for CreateInvitation {
    type Answer = Ordered;

    async fn run(&self, tx: &mut Tx) -> Result<Ordered, Error> {
        let role = approved_role(tx, &self.system).await?;
        by_one(role)?;
        let trust_domain = tx.outside().trust_domain.clone();
        let expected = ExpectedStatement {
            purpose: Purpose::Invite,
            trust_domain: &trust_domain,
            system: &self.system,
            role: Some(role),
            subject: None,
            previous: None,
            lifetime_days: None,
        };
        let statement = self.signed.check(tx, &expected).await?;
        let mut order = draft(tx, Way::Token, &self.system);
        order.role = Some(role);
        order.token = Some(statement.subject);
        order.lifetime_days = i32::try_from(statement.lifetime_days).unwrap_or_default();
        order.expires_at = statement.expires_at;
        order.approvals = vec![self.signed.approval(tx)];
        create(tx, &order).await
    }
}

/// Refuses a token for a role that takes two administrators: it would authorise whichever key comes first, so that who
/// drew it could join in the system's name without the other. `ROLE_TAKES_TWO`.
fn by_one(role: Role) -> Result<(), Fault> {
    if role.takes_two() { Err(takes_two(role)) } else { Ok(()) }
}

pub(super) fn takes_two(role: Role) -> Fault {
    Fault::from(Reason::RoleTakesTwo).with("role", role)
}

/// An agency, or an administrator for it, hands a signing request in.
pub struct RequestCertificate {
    /// The system that the certificate is for.
    pub system: SystemName,
    /// The signing request (PKCS #10), PEM.
    pub csr_pem: String,
}

impl Work for RequestCertificate {
    type Answer = Ordered;

    async fn run(&self, tx: &mut Tx) -> Result<Ordered, Error> {
        let role = approved_role(tx, &self.system).await?;
        let (key, ignored) = key_of(tx.db(), &self.csr_pem, &self.system).await?;
        // Two at once: the second waits, and finds the first.
        lock::lineage(tx.db(), &key.id).await?;
        if let Some(order) = self.same(tx, &key).await? {
            return Ok(unchanged(tx, &order));
        }
        let requester = tx.caller().system_name().to_string();
        let filter = OrderFilter {
            system: Some(&self.system),
            requester: Some(&requester),
            open_at: Some(tx.now()),
            limit: Some(OPEN_MAX),
            ..Default::default()
        };
        if i64::try_from(orders::list(tx.db(), &filter).await?.len()).unwrap_or(i64::MAX) >= OPEN_MAX {
            return Err(Fault::from(Reason::OrdersTooMany).with("max", OPEN_MAX).into());
        }
        let mut order = draft(tx, Way::Csr, &self.system);
        order.role = Some(role);
        order.key = Some(key);
        order.ignored = ignored;
        create(tx, &order).await
    }
}

impl RequestCertificate {
    /// Finds the order that there is for this key already, whoever made it and in whichever way: it is open, or its
    /// certificate lets its holder in and is not yet to be renewed. So one key has one certificate at a time.
    async fn same(&self, tx: &mut Tx, key: &OrderKey) -> Result<Option<Order>, Error> {
        let now = tx.now();
        let (system, key, limit) = (Some(&self.system), Some(key.id), Some(SAME_MAX));
        let filter = OrderFilter { system, key, limit, ..Default::default() };
        for order in orders::list(tx.db(), &filter).await? {
            let counts = match (order.state(now), order.progress.certificate) {
                (OrderState::Rejected | OrderState::Expired, _) => false,
                (_, None) => true,
                (_, fingerprint) => {
                    let filter = CertificateFilter { fingerprint, ..Default::default() };
                    inventory::list(tx.db(), &filter, now).await?.iter().any(|one| {
                        one.state(now) == CertificateState::Valid
                            && now < renew_at(one.not_before, one.not_after)
                    })
                }
            };
            if counts {
                return Ok(Some(order));
            }
        }
        Ok(None)
    }
}

/// An administrator signs for the key of a signing request. Who handed it in for a system that takes two administrators
/// may be one of the two. An invitation is signed by its maker, and by nobody else.
pub struct ApproveOrder {
    /// The order's key.
    pub id: OrderId,
    /// The etag that the caller saw.
    pub etag: String,
    /// The caller's statement, signed by its key.
    pub signed: Signed,
}

impl Work for ApproveOrder {
    type Answer = Ordered;

    async fn run(&self, tx: &mut Tx) -> Result<Ordered, Error> {
        let mut order = locked(tx, self.id).await?;
        match_etag(&self.etag, &order.etag(tx.now()))?;
        order.must_be(&[OrderState::AwaitingApproval], tx.now())?;
        let approver = tx.caller().system_name().to_string();
        if order.approvals.iter().any(|approval| approval.approver == approver) {
            return Err(Reason::ApprovedByYou.into());
        }
        let system =
            order.system.clone().ok_or_else(|| Error::internal("an order of no system awaits approval"))?;
        let role = approved_role(tx, &system).await?;
        let subject = match (order.way, &order.key) {
            (Way::Csr, Some(key)) => key.id,
            // Of a version that let systems which take two administrators come by a token.
            (Way::Token, _) => return Err(takes_two(role).into()),
            _ => return Err(Error::internal("an order that nobody can approve awaits approval")),
        };
        check_key(tx.db(), &subject, Some(&system)).await?;
        let trust_domain = tx.outside().trust_domain.clone();
        let expected = ExpectedStatement {
            purpose: Purpose::Approve,
            trust_domain: &trust_domain,
            system: &system,
            role: Some(role),
            subject: Some(subject),
            previous: None,
            lifetime_days: None,
        };
        let statement = self.signed.check(tx, &expected).await?;
        let days = i32::try_from(statement.lifetime_days).unwrap_or_default();
        if !order.approvals.is_empty() && days != order.lifetime_days {
            let why = format!("the other administrator signed for {} days", order.lifetime_days);
            return Err(Fault::from(Reason::StatementInvalid).with("why", why).into());
        }
        order.lifetime_days = days;
        let approval = self.signed.approval(tx);
        orders::insert_approval(tx.db(), order.id, &approval).await?;
        order.approvals.push(approval);
        save(tx, &mut order).await?;
        Ok(Ordered::of(tx, &order, ItemOutcome::Updated))
    }
}

/// An administrator turns an order down, or cancels an invitation.
pub struct RejectOrder {
    /// The order's key.
    pub id: OrderId,
    /// The etag that the caller saw.
    pub etag: String,
    /// The reason, for those who asked.
    pub note: Text<500>,
}

impl Work for RejectOrder {
    type Answer = Ordered;

    async fn run(&self, tx: &mut Tx) -> Result<Ordered, Error> {
        let mut order = locked(tx, self.id).await?;
        match_etag(&self.etag, &order.etag(tx.now()))?;
        order.must_be(&[OrderState::AwaitingApproval, OrderState::AwaitingKey], tx.now())?;
        order.rejected = true;
        order.note = Some(self.note.to_string());
        save(tx, &mut order).await?;
        Ok(Ordered::of(tx, &order, ItemOutcome::Updated))
    }
}

/// Voids what an agency has open, in the transaction that suspends it.
pub(in super::super) async fn void_all(
    tx: &mut Tx,
    agency: &crate::domain::AgencyCode,
) -> Result<usize, Error> {
    let mut ended = 0;
    let (open_at, limit) = (Some(tx.now()), Some(orders::ENDED_MAX));
    let filter = OrderFilter { agency: Some(agency), open_at, limit, ..Default::default() };
    for order in orders::list(tx.db(), &filter).await? {
        let mut order = locked(tx, order.id).await?;
        if order.progress.stage.is_none() && !order.rejected {
            order.rejected = true;
            order.note = Some("AGENCY_SUSPENDED".to_owned());
            save(tx, &mut order).await?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Finds one order.
pub struct GetOrder {
    /// The order's key.
    pub id: OrderId,
}

/// An order that was found, with its certificate.
pub struct FoundOrder {
    /// The order.
    pub order: Order,
    /// Certificate and issuer, DER, once there is one.
    pub chain: Option<[Vec<u8>; 2]>,
    /// The moment at which the order's state is computed.
    pub now: Timestamp,
}

impl Work for GetOrder {
    type Answer = FoundOrder;

    async fn run(&self, tx: &mut Tx) -> Result<FoundOrder, Error> {
        let order = find(tx, self.id).await?;
        let chain = match order.progress.certificate {
            Some(certificate) => inventory::chain(tx.db(), &certificate).await?,
            None => None,
        };
        Ok(FoundOrder { order, chain, now: tx.now() })
    }
}
