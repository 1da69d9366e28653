//! The gateway's own certificate: asked for at the first start, renewed while it serves, and only for names that the
//! signer knows. And the files that it keeps of the trust bundle.

use gerbang::{
    domain::outside::Clock,
    proto::v1,
    server::{
        gateway::assemble,
        outside::{SystemClock, SystemEntropy},
    },
    signer::{self, Signer},
};
use jiff::SignedDuration;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_util::sync::CancellationToken;

use crate::{
    forge,
    world::{TRUST_DOMAIN, World, der},
};

/// A signer that works until this is dropped.
struct AtWork(CancellationToken);

impl AtWork {
    fn start(signer: Signer) -> Self {
        let end = CancellationToken::new();
        tokio::spawn(signer::run(signer, end.clone()));
        Self(end)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A world whose gateway has neither key nor certificate, and does not run.
async fn bare() -> World {
    let mut world = World::start().await;
    world.stop().await;
    std::fs::remove_file(&world.config.tls.certificate).unwrap();
    std::fs::remove_file(&world.config.tls.key).unwrap();
    world
}

fn serial(path: &std::path::Path) -> String {
    let pem = std::fs::read(path).unwrap();
    let leaf = CertificateDer::pem_slice_iter(&pem).next().unwrap().unwrap();
    gerbang::pki::certificate::read(&leaf).unwrap().serial
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_a_certificate_gets_one_and_renews_it_while_it_serves() {
    let mut world = bare().await;
    let folder = world.folder.join("trust");
    std::fs::create_dir(&folder).unwrap();
    world.config.trust_folder = Some(folder.clone());
    // Clients judge the gateway by the real time, so the test's ends there: 61 days of 90, two thirds, have passed by then.
    let real = SystemClock.now();
    world.set_clock(&(real - SignedDuration::from_hours(61 * 24)).to_string());
    let _signer = AtWork::start(world.signer().await);
    world.start_gateway().await;
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&world.config.tls.key).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let first = serial(&world.config.tls.certificate);
    let profile = forge::Profile::client(TRUST_DOMAIN, "operator", "admin").around(real);
    let issued = world.issue_as("operator", "admin", profile);
    world.register_certificate("operator", "admin", &der(&issued.certificate_pem)).await;
    let admin = world.admin().await;
    admin.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();

    world.set_clock(&real.to_string());
    // Who is connected stays so, and who comes is served.
    while serial(&world.config.tls.certificate) == first {
        admin.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    }
    admin.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    world.admin().await.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap();
    for file in ["bundle.pem", "clients.crl.pem", "gateways.crl.pem"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.starts_with("-----BEGIN "), "{file}");
    }
    let orders = v1::ListCertificateOrdersRequest::default();
    let orders = admin.certificate().list_certificate_orders(orders).await.unwrap().into_inner().orders;
    let own = orders.iter().filter(|order| order.way() == v1::CertificateOrderWay::Gateway);
    assert_eq!(own.count(), 2, "one order for each certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_signer_does_not_know_is_refused() {
    let mut world = bare().await;
    world.config.tls.hosts = vec!["localhost".to_owned(), "elsewhere.example".to_owned()];
    let _signer = AtWork::start(world.signer().await);
    let refused =
        assemble(&world.config, world.keys.clone(), world.clock.clone(), std::sync::Arc::new(SystemEntropy))
            .await;
    let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("HOST_NOT_ALLOWED"), "{error}");
    assert!(!world.config.tls.certificate.exists());
    assert!(!world.config.tls.key.with_added_extension("next").exists(), "the next try begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authoritys_key_does_not_serve() {
    let mut world = World::start().await;
    world.stop().await;
    std::fs::write(&world.config.tls.key, world.forge.root.key.pem()).unwrap();
    let refused =
        assemble(&world.config, world.keys.clone(), world.clock.clone(), std::sync::Arc::new(SystemEntropy))
            .await;
    let error = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("Gerbang test root") && error.contains("no gateway holds one"), "{error}");
}
