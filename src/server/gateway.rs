//! A gateway from its parts: database, keys, use cases, services, listener. `serve`, `dev` and the tests start it
//! by the same function.

use std::sync::{Arc, OnceLock};

use super::{
    Parts, Running, StartError,
    health::Healthy,
    outside,
    sightings::Note,
    trust::{Vouch, Why},
    upkeep::{Upkeep, UpkeepError},
};
use crate::{
    config::Config,
    domain::{
        Reason,
        outside::{Clock, Entropy},
    },
    exchange::{Exchange, Outside},
    rpc::{self, join::Welcome},
    store::{self, Database},
    vault::VaultKeys,
};

/// Connections for looks: trust, health, sightings and upkeep.
const LOOKS: u32 = 3;

/// Why a gateway was not assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    #[error(transparent)]
    Database(#[from] store::Error),
    #[error(transparent)]
    Contract(#[from] rpc::AccessError),
    #[error(transparent)]
    Certificate(#[from] UpkeepError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Opens the database in the runtime role, compares its check values with the keys, and starts to listen.
pub async fn assemble(
    config: &Config,
    keys: Arc<VaultKeys>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, AssembleError> {
    let database = Database::open(&config.database_url, config.limits.pool_size)?;
    // Looks have connections of their own: a pool that is full of calls must not look like a database that is away.
    let looks = Database::open(&config.database_url, LOOKS)?;
    let outside = Outside {
        clock: clock.clone(),
        entropy: entropy.clone(),
        keys,
        trust_domain: config.trust_domain.clone(),
    };
    let exchange = Exchange::new(database, outside.clone());
    let looking = Exchange::new(looks, outside);
    exchange.check_keys().await?;
    let upkeep = Upkeep {
        exchange: looking.clone(),
        tls: config.tls.clone(),
        trust_folder: config.trust_folder.clone(),
        clock: clock.clone(),
    };
    upkeep.first().await?;
    let routes = rpc::routes(exchange.clone())?;
    let welcome = welcome(config);
    let join_routes = rpc::join::routes(exchange, welcome.clone());
    let (healthy, vouch) = (healthy(looking.clone()), vouch(looking.clone()));
    let (why, note) = (why(looking.clone()), note(looking));
    let boot = Arc::new(outside::boot);
    let parts =
        Parts { routes, join_routes: Some(join_routes), healthy, vouch, why, note, clock, boot, entropy };
    let running = super::start(config, parts).await?;
    tokio::spawn(upkeep.run(running.own(), running.end()));
    // Set where the configuration says nothing else; it is the only one who sets it late.
    let _ = welcome.address.set(running.address.to_string());
    Ok(running)
}

fn why(exchange: Exchange) -> Why {
    Arc::new(move |certificate| {
        let exchange = exchange.clone();
        Box::pin(async move {
            let away = |_| Reason::DatabaseAway.into();
            exchange.why_not(&certificate).await.unwrap_or_else(away)
        })
    })
}

fn note(exchange: Exchange) -> Note {
    Arc::new(move |certificate, seen| {
        let exchange = exchange.clone();
        Box::pin(async move {
            if let Err(error) = exchange.saw(&certificate, &seen).await {
                tracing::debug!(%error, "a sighting is not noted");
            }
        })
    })
}

/// What who joins is told of the exchange.
fn welcome(config: &Config) -> Welcome {
    let address = Arc::new(OnceLock::new());
    if let Some(said) = config.join.as_ref().and_then(|join| join.exchange.clone()) {
        let _ = address.set(said);
    }
    let server_name = config.tls.hosts.first().cloned().unwrap_or_default();
    Welcome { address, server_name, trust_domain: config.trust_domain.to_string() }
}

fn healthy(exchange: Exchange) -> Healthy {
    Arc::new(move || {
        let exchange = exchange.clone();
        Box::pin(async move { exchange.is_up().await })
    })
}

fn vouch(exchange: Exchange) -> Vouch {
    Arc::new(move |certificates| {
        let exchange = exchange.clone();
        Box::pin(async move {
            let good = exchange.good(&certificates).await;
            good.inspect_err(|error| tracing::debug!(%error, "certificates cannot be looked up")).ok()
        })
    })
}
