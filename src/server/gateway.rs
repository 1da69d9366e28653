//! A gateway from its parts: database, keys, use cases, services, listener. `serve`, `dev` and the tests start it
//! by the same function.

use std::sync::Arc;

use super::{Running, StartError};
use crate::{
    config::Config,
    domain::outside::{Clock, Entropy},
    exchange::{self, Exchange, Outside},
    rpc,
    store::{self, Database},
    vault::Keys,
};

/// Why a gateway was not assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    #[error(transparent)]
    Database(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] exchange::Error),
    #[error(transparent)]
    Contract(#[from] rpc::AccessError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Opens the database in the runtime role, compares its check values with the keys, and starts to listen.
pub async fn assemble(
    config: &Config,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, AssembleError> {
    let database = Database::open(&config.database_url, config.limits.pool_size)?;
    let outside = Outside {
        clock: clock.clone(),
        entropy: entropy.clone(),
        keys,
        trust_domain: config.trust_domain.as_str().into(),
    };
    let exchange = Exchange::new(database, outside);
    exchange.check_keys().await?;
    let routes = rpc::routes(exchange.clone())?;
    let healthy = Arc::new(move || {
        let exchange = exchange.clone();
        Box::pin(async move { exchange.is_up().await }) as futures_util::future::BoxFuture<'static, bool>
    });
    Ok(super::start(config, routes, healthy, clock, entropy).await?)
}
