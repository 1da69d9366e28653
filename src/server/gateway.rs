//! A gateway from its parts: database, keys, use cases, services, listener, keeper. `serve`, `dev` and the tests start
//! it by the same function.

use std::sync::{Arc, OnceLock};

use super::{
    Parts, Running, StartError,
    health::{Condition, Healthy},
    http1, outside,
    trust::{FindGood, FindRefusal},
};
use crate::{
    config::{Config, ledger_key, secret::SecretFileError},
    domain::{
        Reason,
        outside::{Clock, Entropy},
    },
    exchange::{Exchange, Outside},
    keeper::{
        Keeper, authority,
        hearing::{HEAR_BATCHES, Hearing},
        held::Held,
        listing::{LIST_ENTRIES, Listing},
        own::{RENEW_OWN, Upkeep, UpkeepError},
        refused::{NOTE_REFUSED, Noting, RefusedCalls},
        retention::{self, Answers, ERASE_TRAINEES, FORGET_ANSWERS, FORGET_ORDERS, FORGET_REFUSED, Orders},
        sequencer::{SEQUENCE, Sequencer},
        sightings::Note,
        timekeeper::{KEEP_TIME, Timekeeper},
    },
    rpc::{self, join::ExchangeEndpoint},
    store::{self, Database},
    vault::VaultKeys,
};

/// Connections of the keeper.
const KEEPER: u32 = 3;

/// A failure to assemble a gateway.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant's text says what it is")]
pub enum AssembleError {
    #[error(transparent)]
    Database(#[from] store::Error),
    #[error(transparent)]
    Contract(#[from] rpc::AccessError),
    #[error(transparent)]
    Certificate(#[from] UpkeepError),
    #[error(transparent)]
    LedgerKey(#[from] SecretFileError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Opens the database in the runtime role, compares its check values with the keys, and starts to listen; and, in the
/// keeper's role, what the gateway does by itself.
pub async fn assemble(
    config: &Config,
    keys: Arc<VaultKeys>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, AssembleError> {
    let outside = Outside {
        clock: clock.clone(),
        entropy: entropy.clone(),
        keys,
        trust_domain: config.trust_domain.clone(),
    };
    let database = Database::open_for_calls(&config.database_url, config.limits.pool_size)?;
    let ledger_key = config.ledger_key.as_deref().map(ledger_key::load).transpose()?;
    let exchange = Exchange::new(database, outside.clone()).signing_with(ledger_key);
    let keeper = Keeper::open(&config.keeper.database_url, KEEPER, outside)?;
    exchange.check_keys().await?;
    let upkeep = Upkeep { keeper: keeper.clone(), tls: config.tls.clone() };
    upkeep.first().await?;
    let routes = rpc::routes(exchange.clone())?;
    let endpoint = endpoint(config);
    let join_routes = Some(rpc::join::routes(exchange.clone(), endpoint.clone()));
    // Asked in the role of calls, by a connection of its own: a pool that is full of calls must not look like a database
    // that is away.
    let healthy = healthy(Database::open(&config.database_url, 1)?, exchange.clone());
    let (find_good, find_refusal, note) =
        (find_good(keeper.clone()), find_refusal(keeper.clone()), note(keeper.clone()));
    let boot = Arc::new(outside::boot);
    let held = Held::load(config.trust_folder.as_deref(), &config.tls.clients_ca);
    let refused = RefusedCalls::new(clock.clone());
    let parts = Parts {
        held: held.clone(),
        routes,
        join_routes,
        exchange: endpoint.address.clone(),
        healthy,
        find_good,
        find_refusal,
        note,
        refused: refused.clone(),
        http1: http1::Patience::default(),
        clock,
        boot,
        entropy,
    };
    let running = super::start(config, parts).await?;
    let noting = Noting::new(refused, keeper.clone());
    running.supervisor().task(NOTE_REFUSED, noting).start(running.over());
    keep(&running, config, keeper, exchange, upkeep, held);
    // Set where the configuration says nothing else; it is the only one who sets it late.
    let _ = endpoint.address.set(running.address.to_string());
    Ok(running)
}

/// Starts what the keeper does beside the looks of a running gateway.
fn keep(running: &Running, config: &Config, keeper: Keeper, exchange: Exchange, upkeep: Upkeep, held: Held) {
    let (tasks, end) = (running.supervisor(), running.end());
    let (waiting, ends) = (exchange.clone(), end.clone());
    tokio::spawn(async move {
        ends.cancelled().await;
        waiting.waits_no_more();
    });
    tasks.task(HEAR_BATCHES, Hearing::new(keeper.clone(), exchange.clone())).start(end.clone());
    tasks.task(SEQUENCE, Sequencer::new(keeper.clone(), exchange)).start(end.clone());
    tasks.task(RENEW_OWN, upkeep.renewal(running.own())).start(end.clone());
    let watch = authority::Watch::new(keeper.clone(), config.trust_folder.clone(), held);
    tasks.task(authority::WATCH_AUTHORITY, watch).start(end.clone());
    let answers = tasks.task(FORGET_ANSWERS, Answers(keeper.clone()));
    keeper.alone(answers).start(end.clone());
    let orders = tasks.task(FORGET_ORDERS, Orders(keeper.clone()));
    keeper.alone(orders).start(end.clone());
    // Of every gateway: what is deleted twice is deleted once.
    tasks.task(FORGET_REFUSED, retention::RefusedCalls(keeper.clone())).start(end.clone());
    let trainees = tasks.task(ERASE_TRAINEES, retention::Trainees(keeper.clone()));
    keeper.alone(trainees).start(end.clone());
    let listing = tasks.task(LIST_ENTRIES, Listing(keeper.clone()));
    // Of every gateway, likewise: who comes second finds nothing to tell.
    tasks.task(KEEP_TIME, Timekeeper(keeper.clone())).start(end.clone());
    keeper.alone(listing).start(end);
}

fn find_refusal(keeper: Keeper) -> FindRefusal {
    Arc::new(move |certificate| {
        let keeper = keeper.clone();
        Box::pin(async move {
            let away = |_| Reason::DatabaseAway.into();
            keeper.find_refusal(&certificate).await.unwrap_or_else(away)
        })
    })
}

fn note(keeper: Keeper) -> Note {
    Arc::new(move |certificate, seen| {
        let keeper = keeper.clone();
        Box::pin(async move { Ok(keeper.saw(&certificate, &seen).await?) })
    })
}

fn healthy(database: Database, calls: Exchange) -> Healthy {
    Arc::new(move || {
        let (database, stores) = (database.clone(), calls.stores());
        Box::pin(async move { Condition { up: database.is_up().await, stores } })
    })
}

fn find_good(keeper: Keeper) -> FindGood {
    Arc::new(move |certificates| {
        let keeper = keeper.clone();
        Box::pin(async move {
            let good = keeper.good(&certificates).await;
            good.inspect_err(|error| tracing::debug!(%error, "certificates cannot be looked up")).ok()
        })
    })
}

/// The exchange as joining systems are told of it; its address is set later where it is not configured.
fn endpoint(config: &Config) -> ExchangeEndpoint {
    let address = Arc::new(OnceLock::new());
    if let Some(said) = config.join.as_ref().and_then(|join| join.exchange.clone()) {
        let _ = address.set(said);
    }
    let server_name = config.tls.hosts.first().cloned().unwrap_or_default();
    ExchangeEndpoint { address, server_name, trust_domain: config.trust_domain.to_string() }
}
