//! The use cases, and the one way in. A use case is a struct with one `run(&self, tx)`; [`Exchange::write`] and
//! [`Exchange::read`] run it inside a transaction that has let the caller in.
//!
//! `write` owns what no use case may forget: replay by request id, retry after a lost race, the ledger entry and
//! the remembered answer in the transaction's last statement. It refuses to commit a mutation that recorded
//! neither a change nor [`Tx::unchanged`]. `read` lets no trainee's data out before the entry that tells of it is
//! committed. `rpc` calls this room and no other below it.

pub mod agency;
pub mod agreement;
pub mod assignment;
mod batch;
pub mod certificate;
mod error;
pub mod facility;
pub mod founding;
mod gate;
pub mod health;
pub mod own;
pub mod page;
pub mod programme;
pub mod roster;
pub mod rotation;
pub mod schedule;
pub mod trainer;
mod tx;
mod vault;

use std::{future::Future, sync::Arc};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

pub use error::Error;
pub use tx::Tx;
pub use vault::{Versions, has_keys, has_versions};

use crate::{
    domain::{
        Fault, Reason,
        access::{Caller, Fingerprint, Identity, Rule},
        name::TrustDomain,
        outside::{Clock, Entropy},
    },
    store::{self, Database, record},
    vault::VaultKeys,
};

/// How often a transaction that lost to another is run again.
const ATTEMPTS: usize = 5;

/// One use case.
pub trait Work: Sync {
    type Answer: Send;
    /// Loads, decides by domain rules, stores, and records what changed.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// Who calls what: the identity that TLS found, and the rule of the method from the contract.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub rule: &'a Rule,
    pub identity: &'a Identity,
}

/// What makes a call a mutation.
#[derive(Debug, Clone, Copy)]
pub struct MutationContext {
    pub request_id: Uuid,
    /// [`VaultKeys::replay_digest`] over the method and the message without its request id.
    pub digest: [u8; 32],
    /// Run everything, store nothing.
    pub validate_only: bool,
}

/// The way in. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    database: Database,
    outside: Outside,
}

/// What the house takes from outside.
#[derive(Clone)]
pub struct Outside {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub keys: Arc<VaultKeys>,
    /// In which certificates name agencies.
    pub trust_domain: TrustDomain,
}

impl Exchange {
    pub fn new(database: Database, outside: Outside) -> Self {
        Self { database, outside }
    }

    /// The keys, for the digest of a request.
    pub fn keys(&self) -> &VaultKeys {
        &self.outside.keys
    }

    /// A number for an internal error: all that its caller learns, and what the log says it under.
    pub fn correlation(&self) -> String {
        self.outside.entropy.uuid(self.outside.clock.now()).to_string()
    }

    pub async fn is_up(&self) -> bool {
        self.database.is_up().await
    }

    /// Of these certificates, those whose holders may come in now: registered, not ended, of an active agency.
    pub async fn good(&self, certificates: &[Fingerprint]) -> Result<Vec<Fingerprint>, Error> {
        let mut db = self.database.begin().await?;
        let good = store::certificate::good(&mut db, certificates, self.outside.clock.now()).await?;
        db.rollback().await.map_err(store::Error::from)?;
        Ok(good)
    }

    /// Why a certificate lets nobody in; one that does by now counts as not registered before.
    pub async fn why_not(&self, certificate: &Fingerprint) -> Result<Fault, Error> {
        let mut db = self.database.begin().await?;
        let entered = store::enter(&mut db, certificate).await?;
        db.rollback().await.map_err(store::Error::from)?;
        let now = self.outside.clock.now();
        Ok(check_certificate(entered, now).err().unwrap_or_else(|| Reason::CertificateNotRegistered.into()))
    }

    /// Runs a use case that changes nothing. What it disclosed of trainees is in the ledger before it is answered;
    /// where that cannot be, the call fails.
    pub async fn read<W: Work>(&self, call: Call<'_>, work: &W) -> Result<W::Answer, Error> {
        retried(call, || self.read_once(call, work)).await
    }

    async fn read_once<W: Work>(&self, call: Call<'_>, work: &W) -> Result<W::Answer, Error> {
        let mut tx = self.open(call, None).await?;
        let answer = work.run(&mut tx).await?;
        match tx.leaf().await? {
            None => tx.rollback().await?,
            Some(leaf) => {
                record::append(tx.db(), &leaf, None).await?;
                tx.commit().await?;
            }
        }
        Ok(answer)
    }

    /// Runs a mutation: once per request id, however often it comes.
    pub async fn write<W>(
        &self,
        call: Call<'_>,
        mutation: MutationContext,
        work: &W,
    ) -> Result<W::Answer, Error>
    where
        W: Work,
        W::Answer: Serialize + DeserializeOwned,
    {
        retried(call, || self.write_once(call, mutation, work)).await
    }

    async fn write_once<W>(
        &self,
        call: Call<'_>,
        mutation: MutationContext,
        work: &W,
    ) -> Result<W::Answer, Error>
    where
        W: Work,
        W::Answer: Serialize + DeserializeOwned,
    {
        let mut tx = self.open(call, Some(mutation)).await?;
        let (agency, now) = (tx.agency().clone(), tx.now());
        let earlier = record::claim(tx.db(), &agency, mutation.request_id, &mutation.digest, now).await?;
        if let Some(earlier) = earlier {
            tx.rollback().await?;
            return replayed(earlier, &mutation);
        }
        let answer = work.run(&mut tx).await?;
        match tx.leaf().await? {
            _ if mutation.validate_only => tx.rollback().await?,
            None => {
                record::unclaim(tx.db(), &agency, mutation.request_id).await?;
                tx.commit().await?;
            }
            Some(leaf) => {
                let text = serde_json::to_string(&answer).map_err(Error::internal)?;
                let remembered =
                    record::Answer { agency: &agency, request_id: mutation.request_id, text: &text };
                record::append(tx.db(), &leaf, Some(remembered)).await?;
                tx.commit().await?;
            }
        }
        Ok(answer)
    }

    /// `BEGIN`, then `enter`: from here on the caller is known and sees its own rows. Two round trips.
    async fn open(&self, call: Call<'_>, mutation: Option<MutationContext>) -> Result<Tx, Error> {
        let mut db = self.database.begin().await?;
        let now = self.outside.clock.now();
        let entered = store::enter(&mut db, &call.identity.fingerprint).await?;
        let caller = authorize(entered, call, now)?;
        Ok(Tx::new(db, caller, call.rule.clone(), mutation, now, self.outside.clone()))
    }
}

/// Runs a transaction again, a few times, where it lost to another.
async fn retried<A, F>(call: Call<'_>, once: impl Fn() -> F) -> Result<A, Error>
where
    F: Future<Output = Result<A, Error>>,
{
    for _ in 1..ATTEMPTS {
        match once().await {
            Err(error) if error.may_retry() => {
                tracing::debug!(method = call.rule.method, "lost a race, retrying")
            }
            done => return done,
        }
    }
    once().await
}

/// Whether the registry lets the certificate's holder call the method at all.
fn authorize(entered: Option<store::Entered>, call: Call<'_>, now: Timestamp) -> Result<Caller, Error> {
    let identity = call.identity;
    let known = entered.filter(|e| e.agency == identity.agency && e.system == identity.system);
    let store::Entered { agency, system, role, .. } = check_certificate(known, now)?;
    if !call.rule.roles.contains(&role) {
        return Err(Fault::from(Reason::RoleNotAllowed).with("role", role).into());
    }
    Ok(Caller { agency, system, role, fingerprint: identity.fingerprint })
}

/// Refuses a certificate that is not in the inventory, or that does not let its holder in now.
fn check_certificate(entered: Option<store::Entered>, now: Timestamp) -> Result<store::Entered, Fault> {
    let known = entered.ok_or(Reason::CertificateNotRegistered)?;
    known.validity.authorize(&known.agency, known.agency_state, now)?;
    Ok(known)
}

/// The first answer again, or `REQUEST_ID_REUSED`.
fn replayed<A: DeserializeOwned>(
    earlier: record::Remembered,
    mutation: &MutationContext,
) -> Result<A, Error> {
    if earlier.digest[..] != mutation.digest[..] {
        return Err(Reason::RequestIdReused.into());
    }
    let answer = earlier.answer.ok_or_else(|| Error::internal("a committed call left no answer"))?;
    serde_json::from_value(answer).map_err(Error::internal)
}
