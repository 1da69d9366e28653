//! A whole gateway from its parts: database, use cases, services, listener.
//!
//! The one place that puts them together, so that `serve`, `dev` and the tests run the same thing. Refuses to
//! start with other keys than the database was begun with, and while the database is away.

use std::sync::Arc;

use super::{Running, StartError, health::Healthy};
use crate::{
    config::Config,
    domain::outside::{Clock, Entropy},
    exchange::{self, Exchange, Outside},
    rpc::{self, AccessError},
    store::{self, Database},
    vault::Keys,
};

/// Why a gateway could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// `database_url` cannot be used.
    #[error("database_url cannot be used: {0}")]
    Database(#[from] store::Error),
    /// The database is away, or the keys are not its own.
    #[error(transparent)]
    Exchange(#[from] exchange::Error),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Starts a gateway as configured and returns once it accepts connections. The database must be migrated; one
/// that has no check values yet takes those of `keys`. Does not set up the log, and does not read
/// `config.vault`.
pub async fn assemble(
    config: &Config,
    keys: Keys,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, GatewayError> {
    let database = Database::open(&config.database_url, config.limits.pool_size)?;
    let outside = Outside {
        clock: clock.clone(),
        entropy: entropy.clone(),
        keys: Arc::new(keys),
        trust_domain: config.trust_domain.as_str().into(),
    };
    let exchange = Exchange::new(database, outside);
    exchange.check_keys().await?;
    let asked = exchange.clone();
    let healthy: Healthy = Arc::new(move || {
        let exchange = asked.clone();
        Box::pin(async move { exchange.is_up().await })
    });
    Ok(super::start(config, rpc::routes(exchange)?, healthy, clock, entropy).await?)
}
