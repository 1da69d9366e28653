//! Bounds the calls of one address on the join listener: ten a minute, and twenty at once.
//!
//! Refuses with `OVERLOADED`.

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use http_body_util::Limited;
use tonic::body::Body;

use super::{
    connection::Client,
    error_details,
    pace::{Pace, network},
    step::{Next, Step},
    trust::BootClock,
};
use crate::{domain::Reason, rpc::status};

/// The time in which one call is allowed, on average.
const EACH: Duration = Duration::from_secs(6);
/// The calls that are allowed at once.
const BURST: u32 = 20;
/// The bytes of one request, however many messages it holds.
const BYTES_MAX: usize = 64 * 1024;

/// Holds each address to its number of calls, and each call to its size.
#[derive(Clone)]
pub(super) struct Rate(Arc<Pace<std::net::IpAddr>>);

impl Rate {
    pub fn new(clock: BootClock) -> Self {
        Self(Arc::new(Pace::new(EACH, BURST, clock)))
    }
}

impl Step for Rate {
    async fn run(&self, request: Request<Body>, next: Next) -> Response<Body> {
        let language = status::language(request.headers());
        let address = request.extensions().get::<Client>().map(|client| network(client.0.ip()));
        if self.0.turn(address, Duration::ZERO).is_none() {
            return error_details::refuse(Reason::Overloaded, language);
        }
        next.run(request.map(|body| Body::new(Limited::new(body, BYTES_MAX)))).await
    }
}
