//! Certificates of the right content from the wrong issuer.

use rustls::pki_types::CertificateDer;

use super::{
    Authority, Forge,
    form::{
        BASIC_CONSTRAINTS, CLIENT_AUTH, CRL_SIGN, DIGITAL_SIGNATURE, Form, KEY_CERT_SIGN,
        authority_constraints,
    },
    hostile::{Hostile, Stage, chain, tls},
    key::Key,
};

pub(super) fn list(stage: &Stage<'_>) -> Vec<Hostile> {
    [foreign(stage), alone(stage), misplaced(stage), deep(stage)].into_iter().flatten().collect()
}

/// From authorities that are not ours, some in our name.
fn foreign(stage: &Stage<'_>) -> Vec<Hostile> {
    let impostor = Forge::new();
    let stranger = Forge::named("Stranger");
    let from = |name, forge: &Forge, authorities: &[&Authority]| {
        let profile = stage.good();
        chain(name, tls("unknown_ca"), forge.clients.sign(&profile), &profile.key, authorities)
    };
    let ours = &stage.forge.clients;
    vec![
        from("an impostor's, with its authorities", &impostor, &[&impostor.clients, &impostor.root]),
        from("an impostor's, with our authority", &impostor, &[ours]),
        from("an impostor's, without a chain", &impostor, &[]),
        from("a stranger's, with its authorities", &stranger, &[&stranger.clients, &stranger.root]),
        from("a stranger's, with our authority", &stranger, &[ours]),
    ]
}

/// Signed by its own key.
fn alone(stage: &Stage<'_>) -> Vec<Hostile> {
    let signed = |name, reason, issuer: Option<&str>, authorities: &[&Authority]| {
        let profile = stage.good();
        let form = Form::leaf(&profile, (issuer.unwrap_or(&profile.common_name), &profile.key));
        chain(name, tls(reason), form.signed_by(&profile.key), &profile.key, authorities)
    };
    let ours = &stage.forge.clients;
    vec![
        signed("self-signed", "self_signed", None, &[]),
        signed("self-signed, with our authority", "self_signed", None, &[ours]),
        signed("signed by its own key in our authority's name", "unknown_ca", Some(&ours.name), &[ours]),
    ]
}

/// From an authority of ours, but the wrong one.
fn misplaced(stage: &Stage<'_>) -> Vec<Hostile> {
    let forge = stage.forge;
    let third = forge.root.below("Gerbang test partners", CLIENT_AUTH);
    let may_not_sign = forge.root.below_with("Gerbang test silent", CLIENT_AUTH, &[CRL_SIGN]);
    let by = |name, reason, authority: &Authority, authorities: &[&Authority]| {
        let profile = stage.good();
        chain(name, tls(reason), authority.sign(&profile), &profile.key, authorities)
    };
    let from =
        |name, authority, authorities: &[&Authority]| by(name, "not_from_issuing_ca", authority, authorities);
    vec![
        from("straight below the root", &forge.root, &[]),
        from("straight below the root, with our authority", &forge.root, &[&forge.clients]),
        from("from the authority of the gateways", &forge.gateways, &[&forge.gateways]),
        from("from a third authority below the root", &third, &[&third]),
        by("from an authority that may not sign", "issuer_not_ca", &may_not_sign, &[&may_not_sign]),
    ]
}

/// Below the authority of the clients, with something in between, or an authority itself.
fn deep(stage: &Stage<'_>) -> Vec<Hostile> {
    let clients = &stage.forge.clients;
    let sub = clients.below("Gerbang test clients of clients", CLIENT_AUTH);
    let profile = stage.good();
    let too_deep =
        chain("path too long", tls("path_length"), sub.sign(&profile), &profile.key, &[&sub, clients]);

    // A good leaf signs another.
    let good = stage.good();
    let form = Form::leaf(&profile, (&good.common_name, &good.key));
    let mut by_leaf =
        chain("issued by a leaf", tls("issuer_not_ca"), form.signed_by(&good.key), &profile.key, &[clients]);
    by_leaf.chain.insert(1, CertificateDer::from(clients.sign(&good)));

    let authority = stage.form("an authority as a leaf", tls("ca_as_client"), |form| {
        form.put(BASIC_CONSTRAINTS, true, authority_constraints(None));
    });
    let itself = clients.certificate.clone();
    let itself = chain("the authority of the clients itself", tls("ca_as_client"), itself, &clients.key, &[]);
    let key = Key::p256();
    let mut sub = stage.good_form(&key);
    sub.authority(0, &[DIGITAL_SIGNATURE, KEY_CERT_SIGN]);
    let sub = stage.present(
        "an authority that may sign certificates as a leaf",
        tls("ca_as_client"),
        sub.signed_by(&clients.key),
        &key,
    );
    vec![too_deep, by_leaf, authority, itself, sub]
}
