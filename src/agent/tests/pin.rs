//! Whom the holder of a token takes for the gateway.

use std::{sync::Arc, time::Duration};

use rustls::{
    client::danger::ServerCertVerifier,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{
    super::{pin::*, verifier::ByRule},
    *,
};

fn judge(root: [u8; 32], chain: &[&[u8]], name: &str, days: i64) -> Result<(), Flaw> {
    let chain: Vec<_> = chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    let at = now().as_second() + 60 + days * 24 * 3600;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.try_into().unwrap()));
    let pin = Arc::new(PinnedRoot::new(root));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let verified = ByRule::new(pin.clone()).verify_server_cert(&chain[0], &chain[1..], &name, &[], at);
    assert_eq!(verified.is_err(), pin.flaw().is_some());
    pin.flaw().map_or(Ok(()), Err)
}

#[test]
fn only_a_server_below_the_tokens_root_is_the_gateway() {
    let (ours, others) = (Authorities::new(), Authorities::new());
    let root = ours.root_fingerprint();
    let leaf = ours.gateway(&["localhost", "10.0.0.1"]);
    let chain = [leaf.as_slice(), ours.gateways.certificate(), ours.root.certificate()];
    for name in ["localhost", "10.0.0.1"] {
        assert_eq!(judge(root, &chain, name, 0), Ok(()));
    }
    // The order of what follows the leaf does not count.
    assert_eq!(judge(root, &[chain[0], chain[2], chain[1]], "localhost", 0), Ok(()));

    let chain_flaw = |found: Result<(), Flaw>| assert!(matches!(found, Err(Flaw::Chain(_))), "{found:?}");
    assert_eq!(judge(others.root_fingerprint(), &chain, "localhost", 0), Err(Flaw::Root));
    assert_eq!(judge(root, &chain[..2], "localhost", 0), Err(Flaw::Root));
    assert_eq!(judge(root, &chain, "gerbang.example", 0), Err(Flaw::Name));
    assert_eq!(judge(root, &chain, "localhost", 91), Err(Flaw::Time));
    // The root alone proves nothing: it can be copied into any chain.
    let foreign = others.gateway(&["localhost"]);
    let borrowed = [&foreign, others.gateways.certificate(), others.root.certificate(), chain[2]];
    chain_flaw(judge(root, &borrowed, "localhost", 0));
    chain_flaw(judge(root, &[&foreign, others.gateways.certificate(), chain[2]], "localhost", 0));
    // A client's certificate is no server's.
    let key = SecretKey::generate(SecretKind::P256).unwrap();
    let client = crate::pki::certificate::chain(&ours.client(&key)).unwrap();
    chain_flaw(judge(root, &[&client[0], &client[1], chain[2]], "localhost", 0));
    // Nor is an authority below the root, pinned by mistake, enough to be taken for it.
    assert_eq!(judge(fingerprint(&leaf), &chain, "localhost", 0), Err(Flaw::Root));
}
