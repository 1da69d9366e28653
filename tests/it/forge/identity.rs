//! Certificates without fault that do not name a system of this trust domain as it must be named.

use super::{
    form::Name,
    hostile::{Hostile, Stage, call, tls},
};

pub(super) fn list(stage: &Stage<'_>) -> Vec<Hostile> {
    let mut list = foreign(stage);
    list.extend(unnamed(stage));
    list
}

/// The right path in another trust domain, or in what looks like ours.
fn foreign(stage: &Stage<'_>) -> Vec<Hostile> {
    let in_domain = |name, domain: String| {
        stage.profile(name, call("TRUST_DOMAIN_FOREIGN"), |profile| {
            let uri = format!("spiffe://{domain}/agency/{}/{}", stage.agency, stage.system);
            profile.names = vec![Name::Uri(uri)];
        })
    };
    let ours = stage.trust_domain;
    vec![
        in_domain("another trust domain", "foreign.example".to_owned()),
        in_domain("no trust domain", String::new()),
        in_domain("the trust domain in capitals", ours.to_uppercase()),
        in_domain("the trust domain with a final dot", format!("{ours}.")),
        in_domain("the trust domain as a prefix", format!("{ours}.evil.example")),
        in_domain("the trust domain as a suffix", format!("evil.{ours}")),
        in_domain("the trust domain behind letters", format!("evil{ours}")),
        in_domain("the trust domain with a port", format!("{ours}:443")),
        in_domain("the trust domain behind a user", format!("user@{ours}")),
        in_domain("the trust domain as a user", format!("{ours}@evil.example")),
        in_domain("the trust domain percent-encoded", ours.replace('.', "%2E")),
        in_domain("the trust domain in look-alike letters", format!("xn--{ours}-9ya")),
        in_domain("the trust domain before a null", format!("{ours}\0.evil.example")),
        in_domain("the trust domain behind a space", format!(" {ours}")),
    ]
}

/// No URI, two, or one that is no system's name.
fn unnamed(stage: &Stage<'_>) -> Vec<Hostile> {
    let without = call("CERTIFICATE_WITHOUT_IDENTITY");
    let (domain, agency, system) = (stage.trust_domain, stage.agency, stage.system);
    let uris = |name, uris: Vec<String>| {
        stage.profile(name, without, |profile| profile.names = uris.into_iter().map(Name::Uri).collect())
    };
    let path = |name, path: String| uris(name, vec![format!("spiffe://{domain}/{path}")]);
    let good = format!("agency/{agency}/{system}");
    let full = format!("spiffe://{domain}/{good}");
    vec![
        // Without the extension it has not even the form of one.
        stage.profile("no alternative names", tls("malformed"), |profile| profile.names.clear()),
        stage.profile("a common name of another system", without, |profile| {
            profile.common_name = format!("{agency}/other");
        }),
        uris("two URIs", vec![full.clone(), format!("spiffe://{domain}/agency/{agency}/other")]),
        uris("the same URI twice", vec![full.clone(), full]),
        uris("a web address", vec![format!("https://{domain}/{good}")]),
        uris("the scheme in capitals", vec![format!("SPIFFE://{domain}/{good}")]),
        uris("no scheme", vec![format!("{domain}/{good}")]),
        uris("one slash", vec![format!("spiffe:/{domain}/{good}")]),
        path("a further part of the path", format!("{good}/more")),
        path("a slash at the end", format!("{good}/")),
        path("no system", format!("agency/{agency}")),
        path("no path", String::new()),
        path("an empty agency", format!("agency//{system}")),
        path("two slashes before the path", format!("/{good}")),
        path("a query", format!("{good}?role=admin")),
        path("a fragment", format!("{good}#admin")),
        path("the agency in capitals", format!("agency/{}/{system}", agency.to_uppercase())),
        path("the system in capitals", format!("agency/{agency}/{}", system.to_uppercase())),
        path("another word than agency", format!("system/{agency}/{system}")),
        path("a way back in the path", format!("agency/{agency}/../{agency}/{system}")),
        path("a percent-encoded path", format!("agency/{agency}%2F{system}")),
        path("a line break at the end", format!("{good}\n")),
        path("a null at the end", format!("{good}\0")),
    ]
}
