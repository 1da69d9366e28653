//! The gateway's own part: its certificate, what it saw of others', and what needs attention. Outside any call.

use jiff::Timestamp;

use super::{
    super::{Error, Exchange, own::Book},
    check_key,
    read::{Status, status},
};
use crate::{
    domain::{
        access::Fingerprint,
        certificate::{
            Authority, LIFETIME_DAYS, ORDER_LIFE, Order, OrderId, OrderKey, OrderState, Progress, Sighting,
            Way,
        },
    },
    ledger::ChangeKind,
    store::{self, authority, certificate as inventory, order as orders},
};

impl Exchange {
    /// Asks the signer for a certificate for this key and these hosts, once; what has become of it, with certificate and
    /// issuer once there is one.
    pub async fn order_own(
        &self,
        key: &OrderKey,
        hosts: &[String],
    ) -> Result<(Order, Option<[Vec<u8>; 2]>), Error> {
        let mut db = self.database.begin().await?;
        let now = self.outside.clock.now();
        store::lock::lineage(&mut db, &key.id).await?;
        let filter = orders::OrderFilter { key: Some(key.id), ..Default::default() };
        let known = orders::list(&mut db, &filter).await?.into_iter().find(|order| order.way == Way::Gateway);
        if let Some(order) = known {
            let chain = match order.progress.certificate {
                Some(certificate) => inventory::chain(&mut db, &certificate).await?,
                None => None,
            };
            return Ok((order, chain));
        }
        check_key(&mut db, &key.id, None).await?;
        let order = self.draft_own(key, hosts, now);
        orders::insert(&mut db, &order).await?;
        let mut book = Book::new(&*self.outside.entropy, "gateway/order", now);
        book.changed(ChangeKind::Created, order.id, order.version, &order);
        book.write(&mut db).await?;
        db.commit().await.map_err(store::Error::from)?;
        Ok((order, None))
    }

    fn draft_own(&self, key: &OrderKey, hosts: &[String], now: Timestamp) -> Order {
        Order {
            id: OrderId(self.outside.entropy.uuid(now)),
            way: Way::Gateway,
            system: None,
            role: None,
            token: None,
            key: Some(key.clone()),
            ignored: Vec::new(),
            hosts: hosts.to_vec(),
            lifetime_days: LIFETIME_DAYS,
            previous: None,
            requester: "gateway".to_owned(),
            rejected: false,
            note: None,
            other_key_at: None,
            version: 1,
            created_at: now,
            expires_at: now + ORDER_LIFE,
            approvals: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// Notes that a certificate let its holder in. The first time is a step of its own, and an entry.
    pub async fn saw(&self, certificate: &Fingerprint, seen: &Sighting) -> Result<(), Error> {
        let mut db = self.database.begin().await?;
        let now = self.outside.clock.now();
        let filter = inventory::CertificateFilter { fingerprint: Some(*certificate), ..Default::default() };
        let Some(known) = inventory::list(&mut db, &filter, now).await?.pop() else { return Ok(()) };
        inventory::see(&mut db, certificate, seen).await?;
        if known.seen.is_none() {
            let mut book = Book::new(&*self.outside.entropy, "gateway/see", now);
            book.changed(ChangeKind::Updated, known.name(), 1, &known);
            book.write(&mut db).await?;
        }
        db.commit().await.map_err(store::Error::from)?;
        Ok(())
    }

    /// Notes that a certificate was fetched by its holder.
    pub async fn collected(&self, certificate: &Fingerprint) -> Result<(), Error> {
        let mut db = self.database.begin().await?;
        let now = self.outside.clock.now();
        if inventory::collect(&mut db, certificate, now).await? {
            let filter =
                inventory::CertificateFilter { fingerprint: Some(*certificate), ..Default::default() };
            let mut book = Book::new(&*self.outside.entropy, "gateway/collect", now);
            if let Some(known) = inventory::list(&mut db, &filter, now).await?.pop() {
                book.changed(ChangeKind::Updated, known.name(), 1, &known);
            }
            book.write(&mut db).await?;
            db.commit().await.map_err(store::Error::from)?;
        }
        Ok(())
    }

    /// How the authority fares, and its authorities with their lists.
    pub async fn authority_status(&self) -> Result<Status, Error> {
        let mut db = self.database.begin().await?;
        let found = status(&mut db, self.outside.clock.now()).await?;
        db.rollback().await.map_err(store::Error::from)?;
        Ok(found)
    }

    /// How far an order is, with its chain once there is one.
    pub async fn progress(&self, id: OrderId) -> Result<(OrderState, Option<[Vec<u8>; 2]>), Error> {
        let mut db = self.database.begin().await?;
        let filter = orders::OrderFilter { id: Some(id), ..Default::default() };
        let order = orders::list(&mut db, &filter).await?.pop();
        let order = order.ok_or_else(|| super::super::tx::not_found("certificate order"))?;
        let chain = match order.progress.certificate {
            Some(certificate) => inventory::chain(&mut db, &certificate).await?,
            None => None,
        };
        db.rollback().await.map_err(store::Error::from)?;
        Ok((order.state(self.outside.clock.now()), chain))
    }

    /// The root's certificate, for the end of the gateway's chain.
    pub async fn root(&self) -> Result<Option<Authority>, Error> {
        let mut db = self.database.begin().await?;
        let found = authority::list(&mut db).await?;
        db.rollback().await.map_err(store::Error::from)?;
        let root = crate::domain::certificate::AuthorityKind::Root;
        Ok(found.into_iter().find(|authority| authority.kind == root))
    }
}
