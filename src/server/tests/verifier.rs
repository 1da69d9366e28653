//! Each flaw of a client certificate has its own reason, whatever the client presents beside it.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose as Eku, IsCa, KeyPair,
    KeyUsagePurpose as Ku, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType, date_time_ymd,
};
use rustls::{
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::danger::ClientCertVerifier,
};

use super::pki::{Ca, Pki, client};
use crate::server::{
    refused::Refused,
    verifier::{Seen, Verifier, watched},
};

fn verifier(pki: &Pki) -> Verifier {
    Verifier::new(pki.root.der(), vec![pki.clients.der()], vec![pki.gateways.der()]).unwrap()
}

/// What the verifier says of a chain in PEM, leaf first, on 2 March 2026.
async fn judge(verifier: &Verifier, chain: &str) -> Option<Refused> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>().unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(1_772_413_200));
    let (judged, seen) =
        watched(async { verifier.verify_client_cert(&chain[0], &chain[1..], now).map(drop) }).await;
    assert_eq!(judged.is_err(), seen.refused.is_some());
    assert_eq!(seen.certificate.unwrap().der, *chain[0]);
    seen.refused
}

fn with(tweak: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = client(2027);
    tweak(&mut params);
    params
}

#[tokio::test]
async fn what_a_certificate_says_is_refused_by_its_own_reason() {
    let pki = Pki::new("says");
    let verifier = verifier(&pki);
    let mut foreign = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
    foreign.set_criticality(true);
    let cases = [
        (None, client(2027)),
        // Whom it names is for the call.
        (None, with(|params| params.subject_alt_names[0] = SanType::URI("spiffe://x/y".try_into().unwrap()))),
        (Some(Refused::Malformed), with(|params| params.subject_alt_names.clear())),
        (Some(Refused::Malformed), with(|params| params.extended_key_usages.push(Eku::ServerAuth))),
        (Some(Refused::Expired), client(2026)),
        (Some(Refused::NotYetValid), with(|params| params.not_before = date_time_ymd(2026, 6, 1))),
        (Some(Refused::CaAsClient), with(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))),
        (Some(Refused::ExtendedKeyUsage), with(|params| params.extended_key_usages.clear())),
        (Some(Refused::ExtendedKeyUsage), with(|params| params.extended_key_usages = vec![Eku::ServerAuth])),
        (Some(Refused::ExtendedKeyUsage), with(|params| params.extended_key_usages.push(Eku::Any))),
        (Some(Refused::KeyUsage), with(|params| params.key_usages.clear())),
        (Some(Refused::KeyUsage), with(|params| params.key_usages = vec![Ku::KeyAgreement])),
        (Some(Refused::KeyUsage), with(|params| params.key_usages.push(Ku::KeyCertSign))),
        (
            Some(Refused::OtherNames),
            with(|params| {
                params.subject_alt_names.push(SanType::Rfc822Name("a@b.example".try_into().unwrap()))
            }),
        ),
        (
            Some(Refused::NameConstraints),
            with(|params| params.subject_alt_names.push(SanType::DnsName("localhost".try_into().unwrap()))),
        ),
        (Some(Refused::CriticalExtension), with(|params| params.custom_extensions.push(foreign))),
    ];
    for (index, (expected, params)) in cases.into_iter().enumerate() {
        assert_eq!(judge(&verifier, &pki.clients.issue(&params).0).await, expected, "{index}");
    }
    for (expected, algorithm) in [(None, &PKCS_ED25519), (Some(Refused::ClientKey), &PKCS_ECDSA_P384_SHA384)]
    {
        let key = KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(judge(&verifier, &pki.clients.issue_for(&client(2027), &key).0).await, expected);
    }
}

#[tokio::test]
async fn where_a_certificate_comes_from_is_refused_by_its_own_reason() {
    let pki = Pki::new("comes");
    let verifier = verifier(&pki);
    let leaf = |ca: &Ca| ca.issue(&client(2027)).0;
    let below = |signer: &Ca, pathlen| Ca::new("below", Some(signer), pathlen, |_| {});
    let (sub, third) = (below(&pki.clients, None), below(&pki.root, Some(0)));
    let stranger = Ca::new("root", None, None, |_| {});
    // Signs although it is nobody's authority.
    let holder = Ca::new("holder", Some(&pki.clients), None, |params| *params = client(2027));
    let own = KeyPair::generate().unwrap();
    let self_signed = client(2020).self_signed(&own).unwrap().pem();
    let with = |ca: &Ca, rest: &[&Ca]| {
        rest.iter().fold(format!("{}{}", leaf(ca), ca.pem), |chain, ca| chain + &ca.pem)
    };
    let cases = [
        (None, with(&pki.clients, &[&pki.root])),
        (None, with(&pki.clients, &[&stranger])),
        (Some(Refused::SelfSigned), self_signed),
        (Some(Refused::SelfSigned), stranger.pem.clone()),
        (Some(Refused::CaAsClient), pki.root.pem.clone()),
        (Some(Refused::CaAsClient), pki.clients.pem.clone()),
        (Some(Refused::CaAsClient), sub.pem.clone()),
        (Some(Refused::NotFromIssuingCa), leaf(&pki.root)),
        (Some(Refused::NotFromIssuingCa), leaf(&pki.gateways)),
        (Some(Refused::NotFromIssuingCa), with(&third, &[])),
        (Some(Refused::UnknownCa), leaf(&third)),
        (Some(Refused::PathLength), with(&sub, &[])),
        (Some(Refused::PathLength), with(&sub, &[&pki.clients, &pki.root])),
        (Some(Refused::PathLength), with(&below(&sub, None), &[&sub])),
        (Some(Refused::IssuerNotCa), with(&holder, &[])),
        (Some(Refused::UnknownCa), with(&stranger, &[])),
        // From a stranger, everything else is beside the point.
        (Some(Refused::UnknownCa), stranger.issue(&client(2001)).0),
    ];
    for (index, (expected, chain)) in cases.into_iter().enumerate() {
        assert_eq!(judge(&verifier, &chain).await, expected, "{index}");
    }
}

#[tokio::test]
async fn an_authority_that_is_the_root_issues_itself() {
    let root = Ca::new("throw-away", None, Some(0), |_| {});
    let verifier = Verifier::new(root.der(), vec![root.der()], Vec::new()).unwrap();
    assert_eq!(judge(&verifier, &root.issue(&client(2027)).0).await, None);
    let other = Ca::new("throw-away", None, Some(0), |_| {});
    assert_eq!(judge(&verifier, &other.issue(&client(2027)).0).await, Some(Refused::UnknownCa));
}

/// That the root signed it is known, and yet it ends.
#[tokio::test]
async fn an_authority_that_is_out_of_time_lets_nobody_in() {
    let pki = Pki::new("out of time");
    for (expected, from, to) in
        [(None, 2020, 2030), (Some(Refused::Expired), 2020, 2026), (Some(Refused::NotYetValid), 2027, 2030)]
    {
        let clients = Ca::new("clients", Some(&pki.root), Some(0), |params| {
            (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        });
        let verifier = Verifier::new(pki.root.der(), vec![clients.der()], Vec::new()).unwrap();
        assert_eq!(judge(&verifier, &clients.issue(&client(2027)).0).await, expected);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_malformed() {
    let pki = Pki::new("malformed");
    let verifier = verifier(&pki);
    let leaf = CertificateDer::from_pem_slice(pki.issue(2027).0.as_bytes()).unwrap();
    for der in [&b"nothing"[..], &leaf[..100]] {
        let der = CertificateDer::from(der.to_vec());
        let judged =
            async { verifier.verify_client_cert(&der, &[], UnixTime::since_unix_epoch(Duration::ZERO)) };
        let seen = Seen { certificate: None, refused: Some(Refused::Malformed) };
        assert_eq!(watched(judged).await.1, seen);
    }
}

#[test]
fn authorities_that_are_none_are_not_taken() {
    let pki = Pki::new("none");
    let stranger = Ca::new("stranger", None, None, |_| {});
    let take = |ca| Verifier::new(pki.root.der(), vec![pki.clients.der(), ca], Vec::new()).map(drop);
    assert_eq!(take(stranger.der()).unwrap_err().to_string(), "certificate 2 was not issued by the root");
    let leaf = CertificateDer::from_pem_slice(pki.issue(2027).0.as_bytes()).unwrap();
    assert_eq!(take(leaf).unwrap_err().to_string(), "certificate 2 is not an authority's");
}
