//! The gateway's own part: its certificate, what it saw of others', and what needs attention. Outside any call.

use super::{
    super::{Error, Exchange, tx::not_found},
    read::{Status, status},
};
use crate::{
    domain::{
        access::Fingerprint,
        certificate::{
            Authority, AuthorityKind, LIFETIME_DAYS, ORDER_LIFE, Order, OrderFilter, OrderId, OrderKey,
            OrderState, Sighting, Way,
        },
    },
    ledger::ChangeKind,
    store::{
        self, Ended, Recorder, UnitOfWork, authority,
        certificate::{self as inventory, check_key},
        order as orders,
    },
};

impl Exchange {
    /// Asks the signer for a certificate for this key and these hosts, once. Answers with the order, and with
    /// certificate and issuer once there is one.
    pub async fn order_own(
        &self,
        key: &OrderKey,
        hosts: &[String],
    ) -> Result<(Order, Option<[Vec<u8>; 2]>), Error> {
        self.database.transact(self.own("order.create"), &OrderOwn { key, hosts }).await
    }

    /// Notes that a certificate let its holder in. The first time is a step of its own, and an entry.
    pub async fn saw(&self, certificate: &Fingerprint, seen: &Sighting) -> Result<(), Error> {
        self.database.transact(self.own("certificate.see"), &See { certificate, seen }).await
    }

    /// Notes that a certificate was fetched by its holder.
    pub async fn collected(&self, certificate: &Fingerprint) -> Result<(), Error> {
        self.database.transact(self.own("certificate.collect"), &Collect { certificate }).await
    }

    /// Reads the state of the authority, and the authorities with their lists.
    pub async fn authority_status(&self) -> Result<Status, Error> {
        let mut db = self.database.look().await?;
        status(&mut db, self.outside.clock.now()).await
    }

    /// Reads how far an order is, with its chain once there is one.
    pub async fn progress(&self, id: OrderId) -> Result<(OrderState, Option<[Vec<u8>; 2]>), Error> {
        let mut db = self.database.look().await?;
        let filter = OrderFilter { id: Some(id), ..Default::default() };
        let order = orders::list(&mut db, &filter).await?.pop();
        let order = order.ok_or_else(|| not_found("certificate order"))?;
        let chain = match order.progress.certificate {
            Some(certificate) => inventory::chain(&mut db, &certificate).await?,
            None => None,
        };
        Ok((order.state(self.outside.clock.now()), chain))
    }

    /// Finds the root's certificate, for the end of the gateway's chain.
    pub async fn root(&self) -> Result<Option<Authority>, Error> {
        let found = authority::list(&mut *self.database.look().await?).await?;
        Ok(found.into_iter().find(|authority| authority.kind == AuthorityKind::Root))
    }
}

struct OrderOwn<'a> {
    key: &'a OrderKey,
    hosts: &'a [String],
}

impl UnitOfWork for OrderOwn<'_> {
    type Answer = (Order, Option<[Vec<u8>; 2]>);

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        store::lock::lineage(tx.db(), &self.key.id).await?;
        let filter = OrderFilter { key: Some(self.key.id), ..Default::default() };
        let known = orders::list(tx.db(), &filter).await?.into_iter().find(|order| order.way == Way::Gateway);
        if let Some(order) = known {
            let chain = match order.progress.certificate {
                Some(certificate) => inventory::chain(tx.db(), &certificate).await?,
                None => None,
            };
            return tx.discard((order, chain)).await;
        }
        check_key(tx.db(), &self.key.id, None).await?;
        let order = self.draft(&tx);
        orders::insert(tx.db(), &order).await?;
        tx.changed(ChangeKind::Created, &order);
        tx.commit((order, None)).await
    }
}

impl OrderOwn<'_> {
    fn draft(&self, tx: &Recorder) -> Order {
        let now = tx.now();
        let id = OrderId(tx.uuid());
        Order {
            key: Some(self.key.clone()),
            hosts: self.hosts.to_vec(),
            lifetime_days: LIFETIME_DAYS,
            ..Order::new(id, Way::Gateway, "gateway".to_owned(), now, now + ORDER_LIFE)
        }
    }
}

struct See<'a> {
    certificate: &'a Fingerprint,
    seen: &'a Sighting,
}

impl UnitOfWork for See<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.records_nothing(
            "which minutes a certificate is used in is no change of it, nor of who may do what",
        );
        inventory::see(tx.db(), self.certificate, self.seen).await?;
        if inventory::see_first(tx.db(), self.certificate, self.seen.at).await? {
            inventory::changed(&mut tx, self.certificate).await?;
        }
        tx.commit(()).await
    }
}

struct Collect<'a> {
    certificate: &'a Fingerprint,
}

impl UnitOfWork for Collect<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.unchanged();
        collect(&mut tx, self.certificate).await?;
        tx.commit(()).await
    }
}

/// Notes that a certificate was fetched; the first time is told.
pub(super) async fn collect(tx: &mut Recorder, certificate: &Fingerprint) -> Result<(), Error> {
    let now = tx.now();
    match inventory::collect(tx.db(), certificate, now).await? {
        true => inventory::changed(tx, certificate).await,
        false => Ok(()),
    }
}
