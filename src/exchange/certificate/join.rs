//! Joining: a token and a key for a certificate. The one way in without a certificate; it leads to this use case alone.
//!
//! Binds the key to the invitation, once, and answers what has become of it. A token with another key is refused and
//! remembered, for it may have been stolen.

use super::{
    super::{Error, Exchange},
    gateway::collect,
    order::takes_two,
};
use crate::{
    domain::{
        Fault, Reason,
        access::MayBeStored,
        agency::AgencyState,
        certificate::{Authority, COLLECTABLE, Order, OrderFilter, OrderKey, OrderState},
        name::SystemName,
    },
    ledger::ChangeKind,
    pki::{request, token},
    store::{
        self, Actor, Ended, Lane, Origin, Recorder, UnitOfWork, authority,
        certificate::{self as inventory, check_key},
        order as orders,
    },
};

/// An invitation, as it stands after a key came for it.
pub struct Joined {
    /// The order's state.
    pub state: OrderState,
    /// The system that the invitation is for.
    pub system: SystemName,
    /// Certificate and issuer, DER, once there is one.
    pub chain: Option<[Vec<u8>; 2]>,
    /// The root first.
    pub authorities: Vec<Authority>,
}

impl Exchange {
    /// Binds the key of the request to the invitation, once, and answers how far it has come. `TOKEN_UNKNOWN`,
    /// `TOKEN_CANCELLED`, `TOKEN_EXPIRED`, `ROLE_TAKES_TWO`, `TOKEN_ALREADY_USED`, `AGENCY_SUSPENDED`,
    /// `CERTIFICATE_ORDER_REJECTED`, the reasons of a signing request and of its key.
    pub async fn join(&self, secret: &[u8; 16], csr_pem: &str) -> Result<Joined, Error> {
        let request = request::read_text(csr_pem.as_bytes())?;
        let key = OrderKey { spki: request.spki, id: request.key_id };
        let redemption = Redemption { token: token::hash(secret), key, ignored: request.ignored };
        let (name, method) = ("certificate.join".into(), "JoinService/Join".to_owned());
        let outside = (&self.outside).into();
        let (lane, stored) = (Lane::Joining, MayBeStored::default());
        let origin = Origin { name, method, actor: Actor::Join, lane, outside, stored, once: false };
        Ok(self.database.transact(origin, &redemption).await??)
    }
}

/// The redemption of a token.
struct Redemption {
    token: [u8; 32],
    key: OrderKey,
    ignored: Vec<String>,
}

impl UnitOfWork for Redemption {
    /// A token that comes with another key is refused, and the refusal is remembered: that much is committed.
    type Answer = Result<Joined, Reason>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        tx.unchanged();
        let now = tx.now();
        let (mut order, system) = self.open(&mut tx).await?;
        if order.rejected {
            return Err(Reason::TokenCancelled.into());
        }
        match &order.key {
            None => self.bind(&mut tx, &mut order, &system).await?,
            Some(bound) if bound.id != self.key.id => {
                order.other_key_at = Some(now);
                change(&mut tx, &mut order).await?;
                return tx.commit(Err(Reason::TokenAlreadyUsed)).await;
            }
            Some(_) => {}
        }
        let state = order.state(now);
        if state == OrderState::Rejected {
            let why = order.progress.reason.clone().unwrap_or_default();
            return Err(Fault::from(Reason::CertificateOrderRejected).with("why", why).into());
        }
        let late = order.progress.issued_at.is_some_and(|at| now > at + COLLECTABLE);
        if state == OrderState::Seen || late {
            return tx.commit(Err(Reason::TokenAlreadyUsed)).await;
        }
        let mut chain = None;
        if let Some(certificate) = order.progress.certificate {
            chain = inventory::chain(tx.db(), &certificate).await?;
            collect(&mut tx, &certificate).await?;
            order.progress.collected = true;
        }
        let authorities = authority::list(tx.db()).await?;
        tx.commit(Ok(Joined { state: order.state(now), system, chain, authorities })).await
    }
}

impl Redemption {
    /// Finds the invitation under its lock, if its agency takes part.
    async fn open(&self, tx: &mut Recorder) -> Result<(Order, SystemName), Error> {
        let filter = OrderFilter { token: Some(self.token), ..Default::default() };
        let found = orders::list(tx.db(), &filter).await?.pop().ok_or(Reason::TokenUnknown)?;
        orders::lock(tx.db(), found.id).await?;
        let order = orders::list(tx.db(), &filter).await?.pop().ok_or(Reason::TokenUnknown)?;
        let system = order.system.clone().ok_or(Reason::TokenUnknown)?;
        let agency = store::agency::find(tx.db(), &system.agency).await?.ok_or(Reason::TokenUnknown)?;
        if agency.state != AgencyState::Active {
            return Err(Fault::from(Reason::AgencySuspended).with("agency", &agency.code).into());
        }
        Ok((order, system))
    }

    /// Binds the first key that a token comes with: the token is for it.
    async fn bind(&self, tx: &mut Recorder, order: &mut Order, system: &SystemName) -> Result<(), Error> {
        // Of a version that let them: the signer would refuse it, and no key is bound in vain.
        if let Some(role) = order.role.filter(|role| role.takes_two()) {
            return Err(takes_two(role).into());
        }
        if order.state(tx.now()) != OrderState::AwaitingKey {
            return Err(Reason::TokenExpired.into());
        }
        check_key(tx.db(), &self.key.id, Some(system)).await?;
        order.key = Some(self.key.clone());
        order.ignored.clone_from(&self.ignored);
        change(tx, order).await
    }
}

async fn change(tx: &mut Recorder, order: &mut Order) -> Result<(), Error> {
    order.version += 1;
    orders::update(tx.db(), order).await?;
    tx.changed(ChangeKind::Updated, order);
    Ok(())
}
