//! The signer: it alone holds the keys that issue, has no listener, and takes its orders from the database.
//!
//! One at a time, by an advisory lock. For each order it checks the whole policy again, by signatures and not by rows;
//! writes down what it will sign, checks these bytes under a throw-away key, and signs them. A certificate leaves it
//! only by the commit that puts it into the inventory. It publishes revocation lists.

mod follow;
mod kept;
mod lists;
pub mod mark;
mod policy;
mod step;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use metrics::counter;
use sqlx::PgConnection;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        access::Fingerprint,
        certificate::{OrderFilter, OrderId, OrderState, Stage},
        name::TrustDomain,
        outside::{Clock, Entropy},
    },
    pki::{authority::Issuer, certificate},
    store::{
        self, Actor, Database, Ended, Error, Origin, Outside, Recorder, UnitOfWork, issuance,
        issuance::Place,
        lock,
        notice::{Listener, WAKE_SIGNER},
        order as orders, revocation,
    },
};

/// The period in which the signer looks for work that nobody woke it for.
pub const EVERY: Duration = Duration::from_secs(5);
/// The pause between two turns, however often it is woken; and the whole pause after one that failed or left orders behind.
const REST: Duration = Duration::from_millis(250);
/// Turns for which a lease that was lost may be taken: longer than the server keeps a dead session.
const LOST_TURNS_MAX: u32 = 600;
/// The most orders of one turn. Whoever has a gateway's role may forge any number of them.
const ORDERS_MAX: i64 = 100;
/// How often old sightings and lists are cleared away.
const TIDY_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How long sightings are kept by the minute.
const SIGHTINGS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Signatures that were about to be made, by kind: `client`, `gateway`, `crl`.
pub const SIGNATURES_BEGUN: &str = "gerbang_signatures_begun_total";
/// Signatures that were made.
pub const SIGNATURES_MADE: &str = "gerbang_signatures_made_total";

/// Says why there is no signer.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// Another signer has the lease.
    #[error(
        "Another signer is at work on this database, and there may be one. Stop the other, or leave the work to it; \
         gerbang ca status says whether it is alive."
    )]
    Another,
    /// The database, or a key, does not do.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The keys that issue, and the bounds of what they may issue.
pub struct IssuingKeys {
    /// Issues to systems.
    pub clients: Issuer,
    /// Issues to gateways.
    pub gateways: Issuer,
    /// The root's certificate: its key admits administrators.
    pub root: Vec<u8>,
    /// The names that gateways may have.
    pub hosts: Vec<String>,
    /// The trust domain in which certificates name agencies.
    pub trust_domain: TrustDomain,
}

/// A signer at work.
pub struct Signer {
    keys: IssuingKeys,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    database: Database,
    /// Holds the lock for as long as it lives.
    lease: PgConnection,
    /// For how many turns the lease was found taken after the database was away.
    lost_turns: u32,
    tidied: Option<Timestamp>,
    /// The last order of a turn that had not time for all: the next goes on behind it, so that orders which stay in front,
    /// since nobody can read them, keep none from its turn.
    after: Option<Place>,
    mark: Option<mark::MarkFile>,
    /// The last lists, of clients and of gateways; none where nothing is remembered.
    kept: Vec<kept::KeptList>,
}

impl Signer {
    /// Takes the signer's lease. `Another` where it is taken.
    pub async fn open(
        database: Database,
        keys: IssuingKeys,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SignerError> {
        let mut lease = database.session().await?;
        if !lock::signer(&mut lease).await? {
            return Err(SignerError::Another);
        }
        let signer = Self {
            keys,
            clock,
            entropy,
            database,
            lease,
            lost_turns: 0,
            tidied: None,
            after: None,
            mark: None,
            kept: Vec::new(),
        };
        signer.check_authorities().await?;
        Ok(signer)
    }

    /// Remembers beside the database what it found there: see [`mark`], and its last lists.
    pub fn remember(&mut self, path: std::path::PathBuf) -> std::io::Result<()> {
        for (name, issuer) in [("clients", &self.keys.clients), ("gateways", &self.keys.gateways)] {
            let list = path.with_added_extension(format!("{name}.crl.pem"));
            self.kept.push(kept::KeptList::open(list, issuer.certificate().to_vec())?);
        }
        self.mark = Some(mark::MarkFile::open(path)?);
        Ok(())
    }

    /// Works off what waits: lists, and then orders, [`ORDERS_MAX`] at most, with the lists that have become due after each;
    /// answers whether more orders wait. What is wrong with one order keeps nothing else from its turn; the first error is
    /// the turn's, and the next turn goes on.
    pub async fn turn(&mut self) -> Result<bool, SignerError> {
        // The lock is gone with its session; without it another signer may be at work.
        if !lock::signer_still(&mut self.lease).await? {
            return Err(SignerError::Another);
        }
        // Before anything is issued, which could make up for what a restored database lacks.
        self.mark().await?;
        let beat = Beat { after: self.after };
        let (waiting, stragglers) = self.database.transact(self.once("signer.beat"), &beat).await?;
        if stragglers {
            self.follow().await?;
        }
        let more = i64::try_from(waiting.len()).is_ok_and(|count| count >= ORDERS_MAX);
        self.after = waiting.last().copied().filter(|_| more);
        let mut failed = self.publish().await.err();
        for (_, order) in waiting {
            // What the exchange may write, nobody vouches for: an order that cannot even be read stops no other.
            let worked = AssertUnwindSafe(self.work_off(order)).catch_unwind().await;
            let panicked = |_| Err(Error::internal("working the order off panicked").into());
            if let Err(error) = worked.unwrap_or_else(panicked) {
                tracing::error!(%order, %error, "an order cannot be worked off");
                failed.get_or_insert(error);
            }
            // A revocation waits for no orders, of which any number may be forged.
            if let Err(error) = self.publish().await {
                failed.get_or_insert(error);
            }
        }
        self.mark().await?;
        self.tidy().await?;
        failed.map_or(Ok(more), Err)
    }

    async fn work_off(&self, order: OrderId) -> Result<(), SignerError> {
        while let Some(stage) = self.step(order).await? {
            if matches!(stage, Stage::Issued | Stage::Rejected) {
                break;
            }
        }
        Ok(())
    }

    /// Takes one step of one order, in one transaction: answers with the stage that it has come to, or `None` where it
    /// is not the signer's.
    pub async fn step(&self, order: OrderId) -> Result<Option<Stage>, SignerError> {
        // It may sign, so it is never run again; the next turn is.
        let stage =
            self.database.transact(self.once("certificate.issue"), &Step { signer: self, order }).await?;
        if let Some(stage) = stage {
            tracing::info!(%order, %stage, "order");
        }
        Ok(stage)
    }

    fn once(&self, name: &'static str) -> Origin {
        let outside = Outside { clock: self.clock.clone(), entropy: self.entropy.clone(), keys: None };
        Origin { once: true, ..Origin::own(Actor::Signer, name, outside) }
    }

    /// Compares the database with the mark and with the lists that are kept beside it: what these name and the database has
    /// forgotten is put back. A file that cannot be written is told of, and stops nothing.
    async fn mark(&mut self) -> Result<(), SignerError> {
        let Some(mark) = &mut self.mark else { return Ok(()) };
        let mut db = self.database.look().await?;
        let certificates = issuance::count(&mut db).await?;
        let authorities = store::authority::list(&mut db).await?;
        drop(db);
        let newest = |issuer: &Issuer| {
            let ours = Self::fingerprint(issuer);
            authorities.iter().find(|authority| authority.fingerprint == ours)?.crl.as_ref()
        };
        let lists = [&self.keys.clients, &self.keys.gateways].map(newest);
        let number = lists.iter().flatten().map(|crl| crl.number).max();
        if let Err(error) = mark.found(certificates, number.unwrap_or_default(), self.clock.now()) {
            tracing::warn!(%error, "the signer's mark is not written");
        }
        let mut forgotten = Vec::new();
        for (kept, newest) in self.kept.iter_mut().zip(lists) {
            if newest.map_or(0, |newest| newest.number) < kept.number {
                forgotten.extend(kept.entries.iter().cloned());
            }
            if let Some(Err(error)) = newest.map(|newest| kept.keep(newest)) {
                tracing::warn!(%error, "the signer's last list is not written");
            }
        }
        if !forgotten.is_empty() {
            self.put_back(&forgotten).await?;
        }
        Ok(())
    }

    async fn tidy(&mut self) -> Result<(), SignerError> {
        let now = self.clock.now();
        if self.tidied.is_some_and(|at| now.duration_since(at) < TIDY_EVERY) {
            return Ok(());
        }
        self.database.transact(self.once("signer.tidy"), &Tidy).await?;
        self.tidied = Some(now);
        Ok(())
    }

    /// Refuses a database that does not know our authorities: else it is another's, or no ceremony was held.
    async fn check_authorities(&self) -> Result<(), SignerError> {
        let mut db = self.database.look().await?;
        let known = store::authority::list(&mut db).await?;
        for issuer in [&self.keys.clients, &self.keys.gateways] {
            let ours = certificate::fingerprint(issuer.certificate());
            if known.iter().all(|authority| authority.fingerprint != ours) {
                let text = "the database does not know the issuing authorities of this configuration; hold the \
                            ceremony for it: gerbang ca init";
                return Err(Error::internal(text).into());
            }
        }
        Ok(())
    }

    fn fingerprint(issuer: &Issuer) -> Fingerprint {
        certificate::fingerprint(issuer.certificate())
    }
}

/// Notes that the signer is at work, and finds its work: orders, and whether revocations are to be followed.
struct Beat {
    after: Option<Place>,
}

impl UnitOfWork for Beat {
    type Answer = (Vec<Place>, bool);

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Self::Answer>, Error> {
        tx.records_nothing("that the signer is alive is no change");
        let now = tx.now();
        issuance::beat(tx.db(), now).await?;
        let waiting = issuance::candidates(tx.db(), self.after, ORDERS_MAX).await?;
        let stragglers = !revocation::stragglers(tx.db()).await?.is_empty();
        tx.commit((waiting, stragglers)).await
    }
}

/// One step of one order.
struct Step<'a> {
    signer: &'a Signer,
    order: OrderId,
}

impl UnitOfWork for Step<'_> {
    type Answer = Option<Stage>;

    async fn run(&self, mut tx: Recorder) -> Result<Ended<Option<Stage>>, Error> {
        let (signer, now) = (self.signer, tx.now());
        if issuance::next_version(tx.db(), self.order).await?.is_none() {
            return tx.discard(None).await;
        }
        let filter = OrderFilter { id: Some(self.order), ..Default::default() };
        let order = orders::list(tx.db(), &filter).await?.pop();
        let order = order.ok_or_else(|| Error::internal("an order that was locked is gone"))?;
        let stage = match order.state(now) {
            OrderState::Waiting => signer.record(&mut tx, order).await?,
            OrderState::Recorded => signer.lint(&mut tx, order).await?,
            OrderState::Linted => signer.intend(&mut tx, order).await?,
            OrderState::Intent => signer.issue(&mut tx, order).await?,
            _ => return tx.discard(None).await,
        };
        tx.commit(Some(stage)).await
    }
}

/// Clears away old sightings and lists.
struct Tidy;

impl UnitOfWork for Tidy {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        tx.records_nothing("the newest list and the first sighting, which are told, stay");
        let before = tx.now() - SIGHTINGS_KEPT;
        issuance::tidy(tx.db(), before).await?;
        tx.commit(()).await
    }
}

/// Signs, and counts before and after: what was begun and not made shows.
fn counted<T, E>(kind: &'static str, sign: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    counter!(SIGNATURES_BEGUN, "kind" => kind).increment(1);
    let signed = sign()?;
    counter!(SIGNATURES_MADE, "kind" => kind).increment(1);
    Ok(signed)
}

/// Works until `end`: whenever there may be work, and every few seconds. A database that is away is waited for; a lease
/// that was lost ends it.
pub async fn run(mut signer: Signer, end: CancellationToken) -> Result<(), SignerError> {
    let (mut away, mut wake) = (false, None);
    while !end.is_cancelled() {
        if wake.is_none() {
            // Before the turn, so that nothing comes between what it finds and what it is woken for.
            wake = signer.database.listen(WAKE_SIGNER).await.ok();
        }
        let turn = AssertUnwindSafe(signer.turn()).catch_unwind().await;
        let turn = turn.unwrap_or_else(|_| Err(Error::internal("it panicked").into()));
        let soon = !matches!(turn, Ok(false));
        match turn {
            Ok(_) => away = false,
            Err(SignerError::Another) => return Err(SignerError::Another),
            Err(error) if error.is_away() => {
                if !away {
                    tracing::warn!(%error, "the signer waits for the database");
                }
                away = true;
                signer.reacquire_lease().await?;
            }
            Err(error) => tracing::error!(%error, "a turn of the signer failed"),
        }
        let _ = end.run_until_cancelled(rest(&mut wake, soon)).await;
    }
    Ok(())
}

/// Waits until there may be work again: after a turn that failed or left orders behind, `soon`; else until the signer is woken, or a few
/// seconds are over.
async fn rest(wake: &mut Option<Listener>, soon: bool) {
    sleep(REST).await;
    let Some(listener) = wake.as_mut().filter(|_| !soon) else { return };
    if let Ok(Err(error)) = timeout(EVERY - REST, listener.heard()).await {
        tracing::debug!(%error, "the signer is not woken any more, and listens anew");
        *wake = None;
    }
}

impl SignerError {
    fn is_away(&self) -> bool {
        matches!(self, Self::Failed(Error::Away(_) | Error::Broken(_)))
    }
}

impl Signer {
    /// Takes the lease anew after the database was away, if it answers. `Another` where somebody has it meanwhile.
    async fn reacquire_lease(&mut self) -> Result<(), SignerError> {
        // Another connection was away, and the lease is ours still.
        if lock::signer_still(&mut self.lease).await.unwrap_or(false) {
            return Ok(());
        }
        let Ok(mut lease) = self.database.session().await else { return Ok(()) };
        match lock::signer(&mut lease).await {
            Ok(true) => {
                self.lease = lease;
                self.lost_turns = 0;
                Ok(())
            }
            // It may be our own old session, which the database has yet to notice the end of.
            Ok(false) if self.lost_turns < LOST_TURNS_MAX => {
                self.lost_turns += 1;
                Ok(())
            }
            Ok(false) => Err(SignerError::Another),
            Err(_) => Ok(()),
        }
    }
}
