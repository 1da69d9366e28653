//! The use cases, and the one way in for a call. A use case is a struct with one `run(&self, tx)`; [`Exchange::write`]
//! and [`Exchange::read`] run it inside a transaction that has let the caller in.
//!
//! `write` owns what no use case may forget: replay by request id, retry after a lost race, the ledger entry and
//! the remembered answer. It refuses to commit a mutation that recorded
//! neither a change nor [`Tx::unchanged`]. `read` lets no trainee's data out before the entry that tells of it is
//! committed.
//!
//! The reasons for which a use case refuses stand in the contract, at its RPC. Ceremonies,
//! the vault's rotation and the gateway's own part are no calls and have functions of their own.

pub mod acknowledgement;
mod admission;
pub mod agency;
pub mod agreement;
pub mod assignment;
mod batch;
mod booking;
pub mod certificate;
pub mod change;
pub mod claim;
pub mod cosignature;
pub mod disclosure;
pub mod entries;
pub mod facility;
pub mod founding;
mod gate;
pub mod health;
pub mod ledger;
pub mod page;
pub mod programme;
pub mod receipt;
pub mod refused;
pub mod retention;
pub mod roster;
pub mod rotation;
pub mod schedule;
pub mod succession;
pub mod trainer;
mod tx;
mod vault;
mod waiting;

use std::{future::Future, sync::Arc};

use jiff::Timestamp;
use metrics::counter;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use admission::{authorize, check_certificate, let_in};
pub use batch::{BatchAnswer, ItemAnswer};
pub use receipt::Receipted;
pub use tx::{Acting, Bench, Tx};
pub use vault::{SealKeys, compare_keys, has_keys, has_versions};
use waiting::{Placed, Waiting};

pub use crate::store::Error;

use crate::{
    domain::{
        Fault, Reason,
        access::{Caller, Deadline, Fingerprint, Identity, MayBeStored, Rule},
        name::TrustDomain,
        outside::{Clock, Entropy},
    },
    ledger::{batch::Batch, note::LogKey},
    store::{self, Actor, Database, Ended, Lane, Origin, Question, Recorder, UnitOfWork, replay},
    vault::VaultKeys,
};

/// Mutations that were answered again from memory.
pub const REPLAYS: &str = "gerbang_replays_total";

/// One use case.
pub trait Work: Sync {
    /// The answer of the use case.
    type Answer: Send;
    /// Loads, decides by domain rules, stores, and records what changed.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// A read, as a call runs it: a use case inside a transaction, or one question outside of any.
pub trait Read: Sync {
    /// What is found.
    type Answer: Send;
    /// Lets the caller in and finds it.
    fn find(&self, asking: &Asking<'_>) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

impl<W: Work> Read for W {
    type Answer = W::Answer;

    async fn find(&self, asking: &Asking<'_>) -> Result<W::Answer, Error> {
        let Asking { exchange, call } = *asking;
        let reading = Reading { call, work: self, outside: &exchange.outside };
        exchange.database.transact(exchange.origin(call), &reading).await
    }
}

/// What a call follows, answer by answer, until its caller goes or the gateway ends.
pub trait Watch: Send + Sync {
    /// What it answers with, again and again.
    type Answer: Send;
    /// Lets the caller in, and answers once there is something to say.
    fn next(&mut self, asking: &Asking<'_>) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// A mutation, as a call runs it: a use case inside a transaction, or one that is judged before it has any.
pub trait Write: Sync {
    /// What became of it.
    type Answer: Send;
    /// Lets the caller in and does it, once per request id.
    fn perform(
        &self,
        changing: &Changing<'_>,
    ) -> impl Future<Output = Result<Receipted<Self::Answer>, Error>> + Send;
}

impl<W> Write for W
where
    W: Work,
    W::Answer: Serialize + DeserializeOwned,
{
    type Answer = W::Answer;

    async fn perform(&self, changing: &Changing<'_>) -> Result<Receipted<W::Answer>, Error> {
        let Changing { exchange, call, .. } = *changing;
        exchange.database.transact(exchange.origin(call), &Writing { changing, work: self }).await
    }
}

/// A call: the identity that TLS found, and the rule of the method from the contract.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The rule of the method.
    pub rule: &'a Rule,
    /// The caller's certificate, as TLS found it.
    pub identity: &'a Identity,
    /// Told when the call commits.
    pub stored: &'a MayBeStored,
    /// When it has to be answered; `None` where nobody keeps its time.
    pub deadline: Option<Deadline>,
}

impl Call<'_> {
    /// Where it waits for a connection.
    fn lane(&self) -> Lane {
        let agency = self.identity.agency.clone();
        if self.rule.is_urgent() { Lane::Urgent(agency) } else { Lane::Agency(agency) }
    }
}

/// A call that reads. What it asks outside of a transaction must disclose nothing of trainees: no entry is written.
pub struct Asking<'a> {
    exchange: &'a Exchange,
    call: Call<'a>,
}

impl Asking<'_> {
    /// The one time for everything that is decided.
    fn now(&self) -> Timestamp {
        self.exchange.outside.clock.now()
    }

    /// The certificate by which the caller comes.
    fn fingerprint(&self) -> Fingerprint {
        self.call.identity.fingerprint
    }

    /// Asks in the caller's turn.
    async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, Error> {
        self.exchange.database.ask(&self.call.lane(), &self.call.rule.transaction(), question).await
    }

    /// Asks as the caller: the caller, whom the registry lets call the method at this time, and what was found.
    async fn ask_as_caller<F, Q>(&self, now: Timestamp, question: &Q) -> Result<(Caller, F), Error>
    where
        Q: Question<Answer = (Option<store::Entered>, F)>,
    {
        let (entered, found) = self.ask(question).await?;
        Ok((self.let_in(entered, now)?, found))
    }

    /// Whether the registry lets the caller call the method.
    fn let_in(&self, entered: Option<store::Entered>, now: Timestamp) -> Result<Caller, Error> {
        authorize(entered, self.call, now)
    }
}

/// The parts of a call that make it a mutation.
#[derive(Debug, Clone, Copy)]
pub struct MutationContext {
    /// The request's id, chosen by the caller.
    pub request_id: Uuid,
    /// [`VaultKeys::replay_digest`] over the method and the message without its request id.
    pub digest: [u8; 32],
    /// Whether everything is run and nothing stored.
    pub validate_only: bool,
}

/// A call that changes something.
pub struct Changing<'a> {
    exchange: &'a Exchange,
    call: Call<'a>,
    mutation: MutationContext,
}

impl Changing<'_> {
    /// The caller, whom the registry lets call the method.
    fn let_in(&self, entered: Option<store::Entered>, now: Timestamp) -> Result<Acting, Error> {
        let caller = authorize(entered, self.call, now)?;
        let outside = self.exchange.outside.clone();
        Ok(Acting::new(caller, self.call.rule.clone(), Some(self.mutation), outside))
    }

    /// The answer of an earlier call with the same request id. `REQUEST_ID_REUSED` where the content differs.
    fn replayed<A: DeserializeOwned>(&self, earlier: replay::Remembered) -> Result<Receipted<A>, Error> {
        counter!(REPLAYS).increment(1);
        if earlier.digest[..] != self.mutation.digest[..] {
            return Err(Reason::RequestIdReused.into());
        }
        let answer = earlier.answer.ok_or_else(|| Error::internal("a committed call left no answer"))?;
        serde_json::from_str(answer.get()).map_err(Error::internal)
    }

    /// The key that signs receipts, if there is one.
    fn ledger_key(&self) -> Option<&LogKey> {
        self.exchange.ledger_key.as_deref()
    }
}

/// The way into the use cases. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
    database: Database,
    outside: Outside,
    /// The calls that wait for changes.
    waiting: Waiting,
    /// Signs checkpoints and receipts; without it nothing is proved.
    ledger_key: Option<Arc<LogKey>>,
}

/// Everything that use cases take from outside.
#[derive(Clone)]
pub struct Outside {
    /// The only clock.
    pub clock: Arc<dyn Clock>,
    /// The only source of randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The vault's keys.
    pub keys: Arc<VaultKeys>,
    /// The trust domain in which certificates name agencies.
    pub trust_domain: TrustDomain,
}

impl From<&Outside> for store::Outside {
    fn from(outside: &Outside) -> Self {
        let Outside { clock, entropy, keys, .. } = outside.clone();
        Self { clock, entropy, keys: Some(keys) }
    }
}

impl Exchange {
    /// Makes the way in over this pool of connections.
    pub fn new(database: Database, outside: Outside) -> Self {
        Self { database, outside, waiting: Waiting::default(), ledger_key: None }
    }

    /// The same, with the key that signs the ledger's checkpoints and receipts, if there is one.
    pub fn signing_with(self, ledger_key: Option<LogKey>) -> Self {
        Self { ledger_key: ledger_key.map(Arc::new), ..self }
    }

    /// The size of the tree up to which the calls that wait for changes were told.
    pub fn told_size(&self) -> u64 {
        self.waiting.size()
    }

    /// Tells calls that wait for changes of a batch, as far as it concerns them. The tree had at least `known` entries when the batch
    /// began, if it was not put back since.
    pub fn has_placed(&self, batch: &Batch, known: u64) {
        self.waiting.tell(batch, known);
    }

    /// Ends every wait for changes: those calls are answered with what there is.
    pub fn waits_no_more(&self) {
        self.waiting.end();
    }

    /// Returns once the gateway ends, for who would wait for something else.
    pub async fn ends(&self) {
        self.waiting.ended().await;
    }

    /// The vault's keys, for the digest of a request.
    pub fn keys(&self) -> &VaultKeys {
        &self.outside.keys
    }

    /// Whether the database stores what it is given, as far as calls have shown. Asks nobody.
    pub fn stores(&self) -> bool {
        self.database.stores()
    }

    /// Waits until a call has recorded something, or has since the last time. For one who waits.
    pub async fn recorded(&self) {
        self.database.recorded().await;
    }

    /// Finds those of these certificates whose holders may come in now: registered, not ended, of an active agency.
    pub async fn good(&self, certificates: &[Fingerprint]) -> Result<Vec<Fingerprint>, Error> {
        let mut db = self.database.look().await?;
        store::certificate::good(&mut db, certificates, self.outside.clock.now()).await
    }

    /// Finds the reason why a certificate lets nobody in; one that does by now counts as not registered before.
    pub async fn find_refusal(&self, certificate: &Fingerprint) -> Result<Fault, Error> {
        let mut db = self.database.look().await?;
        let entered = store::enter(&mut db, certificate).await?;
        let now = self.outside.clock.now();
        Ok(check_certificate(entered, now).err().unwrap_or_else(|| Reason::CertificateNotRegistered.into()))
    }

    /// Runs a use case that changes nothing. What it disclosed of trainees is in the ledger before it is answered;
    /// where that cannot be, the call fails.
    pub async fn read<R: Read>(&self, call: Call<'_>, read: &R) -> Result<R::Answer, Error> {
        read.find(&Asking { exchange: self, call }).await
    }

    /// The next answer of what a call follows.
    pub async fn watch<W: Watch>(&self, call: Call<'_>, watch: &mut W) -> Result<W::Answer, Error> {
        watch.next(&Asking { exchange: self, call }).await
    }

    /// Runs a mutation: once per request id, however often it comes. Its receipt is given once the entry is committed.
    pub async fn write<W: Write>(
        &self,
        call: Call<'_>,
        mutation: MutationContext,
        write: &W,
    ) -> Result<Receipted<W::Answer>, Error> {
        write.perform(&Changing { exchange: self, call, mutation }).await
    }

    fn origin(&self, call: Call<'_>) -> Origin {
        let (name, method) = (call.rule.transaction().into(), call.rule.method.clone());
        let lane = call.lane();
        let (outside, stored) = ((&self.outside).into(), call.stored.clone());
        Origin { name, method, actor: Actor::Call, lane, outside, stored, once: false }
    }

    /// The origin of what the gateway does on its own.
    fn own(&self, name: &'static str) -> Origin {
        Origin::own(Actor::Gateway, name, (&self.outside).into())
    }
}

/// The unit of work of a read.
struct Reading<'a, W> {
    call: Call<'a>,
    work: &'a W,
    outside: &'a Outside,
}

impl<W: Work> UnitOfWork for Reading<'_, W> {
    type Answer = W::Answer;

    async fn run(&self, mut recorder: Recorder) -> Result<Ended<W::Answer>, Error> {
        let entered = store::enter(recorder.db(), &self.call.identity.fingerprint).await?;
        let mut tx = let_in(recorder, entered, self.call, None, self.outside)?;
        let answer = self.work.run(&mut tx).await?;
        tx.check()?;
        match tx.has_told() {
            true => tx.into_recorder().commit(answer).await,
            false => tx.into_recorder().discard(answer).await,
        }
    }
}

/// The unit of work of a mutation.
struct Writing<'a, W> {
    changing: &'a Changing<'a>,
    work: &'a W,
}

impl<W> UnitOfWork for Writing<'_, W>
where
    W: Work,
    W::Answer: Serialize + DeserializeOwned,
{
    type Answer = Receipted<W::Answer>;

    async fn run(&self, mut recorder: Recorder) -> Result<Ended<Self::Answer>, Error> {
        let Changing { exchange, call, mutation } = *self.changing;
        let identity = call.identity;
        let entered =
            replay::enter(recorder.db(), &identity.fingerprint, &identity.agency, mutation.request_id);
        let (entered, earlier) = entered.await?.unzip();
        let mut tx = let_in(recorder, entered, call, Some(mutation), &exchange.outside)?;
        if let Some(earlier) = earlier.flatten() {
            return tx.into_recorder().discard(self.changing.replayed(earlier)?).await;
        }
        let mut answer = Receipted::without(self.work.run(&mut tx).await?);
        tx.check()?;
        if mutation.validate_only {
            return tx.into_recorder().discard(answer).await;
        }
        if let Some(stated) = tx.close().await? {
            let text = answer.sign(self.changing.ledger_key(), &stated)?;
            let agency = tx.agency().clone();
            tx.remember(agency, mutation.request_id, mutation.digest, text);
        }
        tx.into_recorder().commit(answer).await
    }
}
