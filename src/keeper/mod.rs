//! Work that nobody calls: what the gateway looks at, looks after and forgets by itself.
//!
//! Owns the supervisor ([`task`]), under which every such work runs, and [`Keeper`], its way into the database: in the
//! role `gerbang_keeper`, by connections that calls cannot reach. Knows no wire and no listener; the server's own looks
//! (trust, health) live in `server` and run under the same supervisor.
//!
//! | file | what it owns |
//! |---|---|
//! | `task` | one supervisor: periods, back-off, panics, one holder among gateways, metrics |
//! | `own` | the gateway's own certificate |
//! | `authority` | the authority's alarms, and the files of the trust bundle |
//! | `held` | what revocation lists on this machine have named |
//! | `sightings` | when certificates were last used |
//! | `refused` | which calls were refused, and how often |
//! | `retention` | what is kept for a while, and then deleted |
//! | `sequencer` | the order of the ledger |
//! | `hearing` | what other gateways' batches tell those who wait |
//! | `listing` | lists of what entries tell: who was shown whom, which tell of a session |
//! | `timekeeper` | what a date brings about |

pub mod authority;
pub mod hearing;
pub mod held;
pub mod listing;
pub mod own;
pub mod refused;
pub mod retention;
pub mod sequencer;
pub mod sightings;
pub mod task;
pub mod timekeeper;

use std::sync::Arc;

use crate::{
    domain::{
        Fault,
        access::Fingerprint,
        certificate::Sighting,
        outside::{Clock, Entropy},
    },
    exchange::{Error, Exchange, Outside},
    store::{self, Actor, Database, Origin, UnitOfWork},
};

/// The gateway's own way into the database. Holds the pool of the role `gerbang_keeper` and gives it to nobody, so that
/// no call can run in it. Cheap to clone.
#[derive(Clone)]
pub struct Keeper {
    database: Database,
    exchange: Exchange,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Keeper {
    /// Opens a pool of `connections` at `url`, which names the role `gerbang_keeper`. Connects when it is first used.
    pub fn open(url: &str, connections: u32, outside: Outside) -> Result<Self, store::Error> {
        let database = Database::open(url, connections)?;
        let (clock, entropy) = (outside.clock.clone(), outside.entropy.clone());
        Ok(Self { exchange: Exchange::new(database.clone(), outside), database, clock, entropy })
    }

    async fn transact<W: UnitOfWork>(&self, name: &'static str, work: &W) -> Result<W::Answer, Error> {
        let outside = store::Outside { clock: self.clock.clone(), entropy: self.entropy.clone(), keys: None };
        self.database.transact(Origin::own(Actor::Keeper, name, outside), work).await
    }

    /// Makes a task one of a single gateway among those that share this database.
    pub fn alone<W: task::Work>(&self, task: task::Task<W>) -> task::Task<W> {
        task.alone(self.database.clone())
    }

    /// Finds those of these certificates whose holders may come in now. One transaction.
    pub async fn good(&self, certificates: &[Fingerprint]) -> Result<Vec<Fingerprint>, Error> {
        self.exchange.good(certificates).await
    }

    /// Says why a certificate lets nobody in. One transaction.
    pub async fn find_refusal(&self, certificate: &Fingerprint) -> Result<Fault, Error> {
        self.exchange.find_refusal(certificate).await
    }

    /// Notes that a certificate let its holder in. One transaction.
    pub async fn saw(&self, certificate: &Fingerprint, seen: &Sighting) -> Result<(), Error> {
        self.exchange.saw(certificate, seen).await
    }
}
