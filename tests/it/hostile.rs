//! Every hostile certificate of the forge against a gateway. Each is in the inventory, so that only the check for
//! what is wrong with it can refuse it; and each is refused for that and nothing else.

use std::{collections::BTreeMap, sync::Arc};

use gerbang::{agent::Client, proto::v1};
use rustls::{
    SignatureAlgorithm, SignatureScheme,
    sign::{Signer, SigningKey},
    version::TLS13,
};
use tonic::Code;

use crate::{
    forge::{self, Expect, Hostile, hostile},
    tls::{self, alert, identity, refusals},
    world::{NOW, TRUST_DOMAIN, World, der, reason},
};

const AGENCY: &str = "operator";
const SYSTEM: &str = "admin";

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_certificate_is_refused_for_what_is_wrong_with_it() {
    let world = tls::world().await;

    // Without a fault the same way leads to a call.
    let good = world.forge.client(TRUST_DOMAIN, AGENCY, SYSTEM);
    world.register_certificate(AGENCY, SYSTEM, &der(&good.chain_pem)).await;
    who_am_i(&world, &good.chain_pem, &good.key_pem).await.unwrap();

    let mut faults = Vec::new();
    for case in hostile(&world.forge, TRUST_DOMAIN, AGENCY, SYSTEM, NOW.parse().unwrap()) {
        world.register_certificate(AGENCY, SYSTEM, &case.chain[0]).await;
        let verdict = match case.expect {
            Expect::Tls { reason, alert } => refused_by_tls(&world, &case, reason, alert).await,
            Expect::Call { reason } => refused_in_a_call(&world, &case, reason).await,
        };
        faults.extend(verdict.err().map(|fault| format!("{}: {fault}", case.name)));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// The alert is the right one, and of all counters only the one for the reason has risen, by one.
async fn refused_by_tls(
    world: &World,
    case: &Hostile,
    reason: &'static str,
    expected: &'static str,
) -> Result<(), String> {
    let before = refusals(world).await;
    let mut certified = identity(case.chain.clone(), &case.key_pem);
    certified.key = Arc::new(Stubborn(certified.key));
    let told = alert(world, &TLS13, Some(certified)).await;
    if !(told.contains("AlertReceived") && told.contains(expected)) {
        return Err(format!("expected {expected}, got {told}"));
    }
    match risen(world, &before).await {
        rise if rise == [(reason.to_owned(), 1)] => Ok(()),
        rise => Err(format!("expected {reason}, got {rise:?}")),
    }
}

/// Waits for the counters, which may lag behind what the client sees; those that have risen, with their rise.
async fn risen(world: &World, before: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    loop {
        let after = refusals(world).await;
        let rise = |(reason, count): (String, u64)| {
            let rise = count - before.get(&reason).copied().unwrap_or_default();
            (rise > 0).then_some((reason, rise))
        };
        let risen: Vec<_> = after.into_iter().filter_map(rise).collect();
        if !risen.is_empty() {
            return risen;
        }
    }
}

async fn refused_in_a_call(world: &World, case: &Hostile, expected: &'static str) -> Result<(), String> {
    let chain: String = case.chain.iter().map(|certificate| forge::pem(certificate)).collect();
    match who_am_i(world, &chain, &case.key_pem).await {
        Ok(()) => Err(format!("expected {expected}, got in")),
        // Without a reason it is TLS that refused.
        Err(status) if status.code() != Code::Unauthenticated => {
            Err(format!("expected {expected}, got {status:?}"))
        }
        Err(status) if reason(&status) != expected => {
            Err(format!("expected {expected}, got {}", reason(&status)))
        }
        Err(_) => Ok(()),
    }
}

/// A call with this chain and key.
async fn who_am_i(world: &World, chain_pem: &str, key_pem: &str) -> Result<(), tonic::Status> {
    world.keep(AGENCY, SYSTEM, chain_pem, key_pem);
    let client = Client::connect(&world.profile(AGENCY, SYSTEM), world.language).await.unwrap();
    client.agency().who_am_i(v1::WhoAmIRequest {}).await.map(drop)
}

/// A key that signs whether the gateway likes its algorithm or not, else the client would send no certificate.
#[derive(Debug)]
struct Stubborn(Arc<dyn SigningKey>);

impl SigningKey for Stubborn {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        self.0.choose_scheme(offered).or_else(|| {
            self.0.choose_scheme(&[
                SignatureScheme::ECDSA_NISTP256_SHA256,
                SignatureScheme::ECDSA_NISTP384_SHA384,
                SignatureScheme::ED25519,
                SignatureScheme::RSA_PSS_SHA256,
            ])
        })
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
}
