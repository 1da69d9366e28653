//! The judgements of certificates: their time, their chain, and how many administrators have one. Pure, given the time.

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::{super::Finding, minute};
use crate::{
    cli::words,
    domain::{
        certificate::{ADMINISTRATORS_MIN, renew_at},
        reason::Language,
    },
};

/// A profile's certificate and the time, as [`validity`] judges a gateway's.
pub fn own_validity(language: Language, from: Timestamp, to: Timestamp, now: Timestamp) -> Finding {
    const CHECK: &str = "profile-certificate";
    let until = minute(to);
    match stage(from, to, now) {
        Stage::Over => Finding::failed(CHECK, words::doctor_own_expired(language, until)),
        Stage::Early => Finding::failed(CHECK, words::doctor_own_early(language, minute(from))),
        Stage::Late => Finding::warning(CHECK, words::doctor_own_late(language, until)),
        Stage::Good => Finding::ok(CHECK, words::doctor_own_certificate(language, until)),
    }
}

/// Where in its life a certificate is.
enum Stage {
    Early,
    Good,
    /// It should be renewed by now.
    Late,
    Over,
}

/// A certificate is renewed after two thirds of its life; a quarter of the rest later, something hinders it.
fn stage(from: Timestamp, to: Timestamp, now: Timestamp) -> Stage {
    let due = renew_at(from, to);
    if now > to {
        Stage::Over
    } else if now < from {
        Stage::Early
    } else if now >= due + to.duration_since(due) / 4 {
        Stage::Late
    } else {
        Stage::Good
    }
}

/// How many are valid now, and still are in 30 days.
pub fn administrators(language: Language, [count, soon]: [usize; 2]) -> Finding {
    const CHECK: &str = "administrators";
    if count < ADMINISTRATORS_MIN {
        return Finding::failed(CHECK, words::doctor_administrators_few(language, count));
    }
    match soon < ADMINISTRATORS_MIN {
        true => Finding::warning(CHECK, words::doctor_administrators_soon(language, count, soon)),
        false => Finding::ok(CHECK, words::doctor_administrators(language, soon)),
    }
}

/// The gateway's certificate and the time. It renews itself.
pub fn validity(language: Language, from: Timestamp, to: Timestamp, now: Timestamp) -> Finding {
    const CHECK: &str = "certificate";
    let until = minute(to);
    match stage(from, to, now) {
        Stage::Over => Finding::failed(CHECK, words::doctor_certificate_expired(language, until)),
        Stage::Early => Finding::failed(CHECK, words::doctor_certificate_early(language, minute(from))),
        Stage::Late => Finding::warning(CHECK, words::doctor_certificate_late(language, until)),
        Stage::Good => Finding::ok(CHECK, words::doctor_certificate(language, until)),
    }
}

pub fn inventory(language: Language, known: bool) -> Finding {
    match known {
        true => Finding::ok("inventory", words::doctor_inventory(language)),
        false => Finding::failed("inventory", words::doctor_inventory_unknown(language)),
    }
}

/// Whether the chain, leaf first, leads to the root for a server, at this time. The error is webpki's word for it.
pub fn leads_to(
    root: &CertificateDer<'_>,
    chain: &[CertificateDer<'_>],
    now: Timestamp,
) -> Result<(), String> {
    let bad = |error: webpki::Error| format!("{error:?}");
    let (leaf, above) = chain.split_first().ok_or("there is no certificate")?;
    let leaf = EndEntityCert::try_from(leaf).map_err(bad)?;
    let anchor = anchor_from_trusted_cert(root).map_err(bad)?;
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let server = KeyUsage::server_auth();
    leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &[anchor], above, time, server, None, None)
        .map(drop)
        .map_err(bad)
}

/// The gateway's chain and the names by which it is reached.
pub fn chain(
    language: Language,
    root: &CertificateDer<'_>,
    chain: &[CertificateDer<'_>],
    hosts: &[String],
    now: Timestamp,
) -> Finding {
    const CHECK: &str = "chain";
    if let Err(why) = leads_to(root, chain, now) {
        return Finding::failed(CHECK, words::doctor_chain_broken(language, words::plain(language, why)));
    }
    match hosts.iter().find(|host| !has_name(&chain[0], host)) {
        Some(host) => Finding::failed(CHECK, words::doctor_host_missing(language, host)),
        None => Finding::ok(CHECK, words::doctor_chain(language)),
    }
}

fn has_name(leaf: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(leaf), Ok(name)) = (EndEntityCert::try_from(leaf), ServerName::try_from(host)) else {
        return false;
    };
    leaf.verify_is_valid_for_subject_name(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{super::super::Level, *};
    use crate::{
        domain::{name::TrustDomain, outside::Entropy},
        pki::{
            authority::{Issuer, to_be_signed},
            ceremony::Plan,
            founding::{CeremonyKeys, hold},
            profile::{Subject, Wanted, new_serial},
            secret::{SecretKey, SecretKind},
        },
    };

    const EN: Language = Language::English;

    struct Random;

    impl Entropy for Random {
        fn fill(&self, bytes: &mut [u8]) {
            aws_lc_rs::rand::fill(bytes).unwrap();
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn two_administrators_must_be_there_and_stay() {
        assert_eq!(administrators(EN, [2, 2]).level, Level::Ok);
        assert_eq!(administrators(EN, [2, 1]).level, Level::Warning);
        assert_eq!(administrators(EN, [1, 1]).level, Level::Failed);
    }

    #[test]
    fn a_certificate_is_renewed_in_time() {
        let (from, to) = (at("2026-03-01T00:00:00Z"), at("2026-05-30T00:00:00Z"));
        let level = |now: &str| validity(EN, from, to, at(now)).level;
        assert_eq!(level("2026-02-28T23:59:59Z"), Level::Failed);
        assert_eq!(level("2026-05-01T00:00:00Z"), Level::Ok);
        // Due after 60 of 90 days, late 7.5 days later.
        assert_eq!(level("2026-05-07T11:59:00Z"), Level::Ok);
        assert_eq!(level("2026-05-07T12:00:00Z"), Level::Warning);
        assert_eq!(level("2026-05-30T00:00:01Z"), Level::Failed);
    }

    #[test]
    fn a_profiles_certificate_is_looked_after_too() {
        let (from, to) = (at("2026-03-01T00:00:00Z"), at("2026-05-30T00:00:00Z"));
        let judged = |now: &str| own_validity(EN, from, to, at(now));
        assert_eq!(judged("2026-02-28T23:59:59Z").level, Level::Failed);
        assert_eq!(judged("2026-05-07T11:59:00Z").level, Level::Ok);
        let late = judged("2026-05-07T12:00:00Z");
        assert!(late.level == Level::Warning && late.text.contains("gerbang cert renew"), "{late:?}");
        let over = judged("2026-05-30T00:00:01Z");
        assert!(over.level == Level::Failed && over.text.contains("gerbang join"), "{over:?}");
    }

    #[test]
    fn a_chain_leads_to_the_root_and_has_its_names() {
        let plan = Plan {
            organisation: "Kanwil".to_owned(),
            root_name: "Akar".to_owned(),
            clients_name: "Klien".to_owned(),
            gateways_name: "Gerbang".to_owned(),
            root_days: 7300,
            issuing_days: 1825,
            root_crl_days: 400,
        };
        let now = at("2026-03-02T08:00:00Z");
        let keys = CeremonyKeys::generate().unwrap();
        let founded =
            hold(&plan, &TrustDomain::parse("kepri.example").unwrap(), &keys, &[], now, &Random).unwrap();
        let gateways = Issuer::open(&founded.gateways, keys.gateways).unwrap();
        let hosts = ["gerbang.example".to_owned(), "10.0.0.5".to_owned()];
        let wanted = Wanted {
            subject: Subject::Gateway { hosts: hosts.to_vec() },
            spki: SecretKey::generate(SecretKind::P256).unwrap().spki(),
            serial: new_serial(&Random),
            not_before: now,
            not_after: at("2026-05-30T00:00:00Z"),
        };
        let leaf = gateways.sign(&to_be_signed(&founded.gateways, &wanted).unwrap()).unwrap();
        let der = |bytes: &[u8]| CertificateDer::from(bytes.to_vec());
        let (root, above) = (der(&founded.root), der(&founded.gateways));
        let level = |certificates: &[CertificateDer<'_>], names: &[String], when: &str| {
            chain(EN, &root, certificates, names, at(when)).level
        };
        let whole = [der(&leaf), above];
        assert_eq!(level(&whole, &hosts, "2026-03-03T00:00:00Z"), Level::Ok);
        assert_eq!(level(&whole, &["other.example".to_owned()], "2026-03-03T00:00:00Z"), Level::Failed);
        assert_eq!(level(&whole, &hosts, "2026-06-01T00:00:00Z"), Level::Failed);
        assert_eq!(level(&whole[..1], &hosts, "2026-03-03T00:00:00Z"), Level::Failed);
        assert_eq!(level(&[], &hosts, "2026-03-03T00:00:00Z"), Level::Failed);
        let other = [der(&leaf), der(&founded.clients)];
        assert_eq!(level(&other, &hosts, "2026-03-03T00:00:00Z"), Level::Failed);
    }
}
