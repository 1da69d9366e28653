//! JoinService: served on the join listener, where callers have no certificate yet, and nowhere else.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use tonic::{Request, Response, Status, service::Routes};

use super::{
    certificate::{csr, shown::chain},
    choice::Choice,
    decode::{self, Decode},
    status,
};
use crate::{
    domain::{Fault, Reason, Violations, access::Correlation},
    exchange::{Error, Exchange, certificate::join::Joined},
    pki::der::pem,
    proto::{
        method,
        v1::{
            self,
            join_service_server::{JoinService, JoinServiceServer},
        },
    },
};

/// How long the signer may take before the answer is that it has not; and how often it is looked for meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);
const ASKS_MAX: u32 = 40;

/// The exchange as a joining system is told of it, for its profile.
#[derive(Debug, Clone)]
pub struct ExchangeEndpoint {
    /// The address, `host:port`, as seen from outside; set once the exchange listens, unless configured.
    pub address: Arc<OnceLock<String>>,
    /// The name in the gateway's certificate.
    pub server_name: String,
    /// The trust domain of every certificate.
    pub trust_domain: String,
}

/// A token's secret and a signing request, as a use case takes them.
pub struct JoinAttempt {
    secret: [u8; 16],
    csr_pem: String,
}

impl Decode for v1::JoinRequest {
    type Work = JoinAttempt;

    fn decode(self, v: &mut Violations) -> Option<JoinAttempt> {
        let lower = !self.secret.contains(|c: char| c.is_ascii_uppercase());
        let secret = hex::decode(&self.secret).ok().filter(|_| lower).and_then(|bytes| bytes.try_into().ok());
        let format = || Fault::from(Reason::FieldFormat).with("expected", "32 hexadecimal digits");
        let secret = v.take("secret", secret.ok_or_else(format));
        let csr_pem = csr(v, self.csr_pem);
        Some(JoinAttempt { secret: secret?, csr_pem: csr_pem? })
    }
}

/// The name of the one service of the join listener, without its package.
pub const SERVICE: &str = "JoinService";

/// That service.
pub fn routes(exchange: Exchange, endpoint: ExchangeEndpoint) -> Routes {
    let service = JoinServiceServer::new(JoinHandler { exchange, endpoint });
    // A service that the contract did not list would take nothing.
    let bytes_max = method::service(SERVICE).map_or(0, |service| service.request_bytes_max);
    Routes::new(service.max_decoding_message_size(bytes_max))
}

#[derive(Clone)]
struct JoinHandler {
    exchange: Exchange,
    endpoint: ExchangeEndpoint,
}

impl JoinHandler {
    /// Asks until the signer has done its part, or for [`PATIENCE`].
    async fn wait(&self, work: &JoinAttempt) -> Result<Joined, Error> {
        let mut asked = 1;
        loop {
            let joined = self.exchange.join(&work.secret, &work.csr_pem).await?;
            if joined.chain.is_some() || asked == ASKS_MAX {
                return Ok(joined);
            }
            tokio::time::sleep(PATIENCE / ASKS_MAX).await;
            asked += 1;
        }
    }
}

#[tonic::async_trait]
impl JoinService for JoinHandler {
    async fn join(&self, request: Request<v1::JoinRequest>) -> Result<Response<v1::JoinResponse>, Status> {
        let language = status::language(&request.metadata().clone().into_headers());
        let correlation = request.extensions().get::<Correlation>().copied().unwrap_or_default();
        let work =
            decode::parse(request.into_inner()).map_err(|refusal| status::status(&refusal, language))?;
        let joined = self
            .wait(&work)
            .await
            .map_err(|error| status::status(&status::refusal(error, correlation), language))?;
        let bundle =
            joined.authorities.iter().map(|authority| pem("CERTIFICATE", &authority.der).to_string());
        Ok(Response::new(v1::JoinResponse {
            state: joined.state.to_wire(),
            system: joined.system.to_string(),
            chain_pem: chain(joined.chain),
            bundle_pem: bundle.collect(),
            address: self.endpoint.address.get().cloned().unwrap_or_default(),
            server_name: self.endpoint.server_name.clone(),
            trust_domain: self.endpoint.trust_domain.clone(),
        }))
    }
}
