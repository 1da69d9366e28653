//! Joining: a token and a key for a certificate. The one way in without a certificate; it leads to this use case alone.
//!
//! Binds the key to the invitation, once, and answers what has become of it. A token with another key is refused and
//! remembered, for it may have been stolen.

use jiff::Timestamp;

use super::{
    super::{Error, Exchange, own},
    check_key,
};
use crate::{
    domain::{
        Fault, Reason,
        agency::AgencyState,
        certificate::{Authority, COLLECTABLE, Order, OrderKey, OrderState},
        name::SystemName,
    },
    ledger::ChangeKind,
    pki::{request, token},
    store::{self, authority, certificate as inventory, order as orders},
};

/// What became of an invitation.
pub struct Joined {
    pub state: OrderState,
    pub system: SystemName,
    /// Certificate and issuer, DER, once there is one.
    pub chain: Option<[Vec<u8>; 2]>,
    /// The root first.
    pub authorities: Vec<Authority>,
}

impl Exchange {
    /// `TOKEN_UNKNOWN`, `TOKEN_CANCELLED`, `TOKEN_EXPIRED`, `TOKEN_NOT_APPROVED`, `TOKEN_ALREADY_USED`,
    /// `AGENCY_SUSPENDED`, `CERTIFICATE_ORDER_REJECTED`, the reasons of a signing request and of its key.
    pub async fn join(&self, secret: &[u8; 16], csr_pem: &str) -> Result<Joined, Error> {
        let request = request::read_text(csr_pem.as_bytes())?;
        let key = OrderKey { spki: request.spki, id: request.key_id };
        let mut db = self.database.begin().await?;
        let now = self.outside.clock.now();
        let mut book = own::Book::new(&*self.outside.entropy, "JoinService/Join", now);
        let joined = trade(&mut db, &mut book, token::hash(secret), key, request.ignored, now).await;
        let refused =
            matches!(&joined, Err(Error::Refused(refusal)) if refusal.reason() == Reason::TokenAlreadyUsed);
        if joined.is_ok() || refused {
            book.write(&mut db).await?;
            db.commit().await.map_err(store::Error::from)?;
        }
        joined
    }
}

async fn trade(
    db: &mut sqlx::PgConnection,
    book: &mut own::Book<'_>,
    token: [u8; 32],
    key: OrderKey,
    ignored: Vec<String>,
    now: Timestamp,
) -> Result<Joined, Error> {
    let (mut order, system) = open(db, token).await?;
    if order.rejected {
        return Err(Reason::TokenCancelled.into());
    }
    match &order.key {
        None => bind(db, book, &mut order, &system, key, ignored, now).await?,
        Some(bound) if bound.id != key.id => {
            order.other_key_at = Some(now);
            change(db, book, &mut order).await?;
            return Err(Reason::TokenAlreadyUsed.into());
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
        return Err(Reason::TokenAlreadyUsed.into());
    }
    let mut chain = None;
    if let Some(certificate) = order.progress.certificate {
        chain = inventory::chain(db, &certificate).await?;
        if inventory::collect(db, &certificate, now).await? {
            order.progress.collected = true;
            change(db, book, &mut order).await?;
        }
    }
    let authorities = authority::list(db).await?;
    Ok(Joined { state: order.state(now), system, chain, authorities })
}

/// The invitation under its lock, if its agency takes part.
async fn open(db: &mut sqlx::PgConnection, token: [u8; 32]) -> Result<(Order, SystemName), Error> {
    let filter = orders::OrderFilter { token: Some(token), ..Default::default() };
    let found = orders::list(db, &filter).await?.pop().ok_or(Reason::TokenUnknown)?;
    orders::lock(db, found.id).await?;
    let order = orders::list(db, &filter).await?.pop().ok_or(Reason::TokenUnknown)?;
    let system = order.system.clone().ok_or(Reason::TokenUnknown)?;
    let agency = store::agency::find(db, &system.agency).await?.ok_or(Reason::TokenUnknown)?;
    if agency.state != AgencyState::Active {
        return Err(Fault::from(Reason::AgencySuspended).with("agency", &agency.code).into());
    }
    Ok((order, system))
}

/// The first key that a token comes with is the one that it is for.
async fn bind(
    db: &mut sqlx::PgConnection,
    book: &mut own::Book<'_>,
    order: &mut Order,
    system: &SystemName,
    key: OrderKey,
    ignored: Vec<String>,
    now: Timestamp,
) -> Result<(), Error> {
    match order.state(now) {
        OrderState::AwaitingKey => {}
        OrderState::AwaitingApproval => return Err(Reason::TokenNotApproved.into()),
        _ => return Err(Reason::TokenExpired.into()),
    }
    check_key(db, &key.id, Some(system)).await?;
    order.key = Some(key);
    order.ignored = ignored;
    change(db, book, order).await
}

async fn change(
    db: &mut sqlx::PgConnection,
    book: &mut own::Book<'_>,
    order: &mut Order,
) -> Result<(), Error> {
    order.version += 1;
    orders::update(db, order).await?;
    book.changed(ChangeKind::Updated, order.id, order.version, order);
    Ok(())
}
