//! A whole ceremony at once: root, issuing authorities, the root's first list, the first administrators.
//!
//! Owns the order of the steps. Refuses one key in two places, for its holder could act as another. Everything is linted
//! before it is signed. Keeps no key.

use jiff::Timestamp;

use super::{
    authority::{IssueError, Issuer, to_be_signed},
    ceremony::{self, Kind, Plan},
    lint::lint,
    profile::{Subject, Wanted, new_serial, validity},
    secret::{SecretError, SecretKey, SecretKind, key_id},
};
use crate::domain::{
    name::{SystemName, TrustDomain},
    outside::Entropy,
};

/// The keys of the three authorities.
pub struct CeremonyKeys {
    /// The root's key.
    pub root: SecretKey,
    /// The key of the authority for clients.
    pub clients: SecretKey,
    /// The key of the authority for gateways.
    pub gateways: SecretKey,
}

impl CeremonyKeys {
    /// Draws three new keys, all on P-256.
    pub fn generate() -> Result<Self, SecretError> {
        let key = || SecretKey::generate(SecretKind::P256);
        Ok(Self { root: key()?, clients: key()?, gateways: key()? })
    }
}

/// A first administrator: a system, and the key that it brought.
#[derive(Debug, Clone)]
pub struct Appointee {
    /// The administrator's system.
    pub system: SystemName,
    /// The SubjectPublicKeyInfo of a request whose signature was verified.
    pub spki: Vec<u8>,
    /// The days for which its certificate is valid.
    pub days: u32,
}

/// The result of a ceremony; certificates and the list in DER.
#[derive(Debug, Clone)]
pub struct Founded {
    /// The root's certificate.
    pub root: Vec<u8>,
    /// The certificate of the authority for clients.
    pub clients: Vec<u8>,
    /// The certificate of the authority for gateways.
    pub gateways: Vec<u8>,
    /// The root's revocation list.
    pub root_crl: Vec<u8>,
    /// The first administrators' systems, each with its certificate.
    pub administrators: Vec<(SystemName, Vec<u8>)>,
}

/// Holds the ceremony. Errors: `Key` if two of the keys are the same, and those of the steps.
pub fn hold(
    plan: &Plan,
    trust_domain: &TrustDomain,
    keys: &CeremonyKeys,
    administrators: &[Appointee],
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Founded, IssueError> {
    check_keys(keys, administrators)?;
    let root = ceremony::root(plan, &keys.root, &new_serial(entropy), now)?;
    let root = Issuer::open(&root, copy(&keys.root)?)?;
    let issuing = |kind, key: &SecretKey| {
        let der = ceremony::issuing(&root, plan, kind, &key.spki(), &new_serial(entropy), now)?;
        Issuer::open(&der, copy(key)?)
    };
    let clients = issuing(Kind::Clients, &keys.clients)?;
    let gateways = issuing(Kind::Gateways, &keys.gateways)?;
    let number = crl_number(now, None);
    let issue = |one: &Appointee| {
        let certificate = administrator(&clients, trust_domain, one, now, entropy)?;
        Ok((one.system.clone(), certificate))
    };
    Ok(Founded {
        root_crl: ceremony::root_crl(&root, plan, number, &[], now)?,
        administrators: administrators.iter().map(issue).collect::<Result<_, IssueError>>()?,
        root: root.certificate().to_vec(),
        clients: clients.certificate().to_vec(),
        gateways: gateways.certificate().to_vec(),
    })
}

/// The number of the next list: above the last, and never below the Unix time, so that a database that was
/// restored from a backup gives no number twice.
pub fn crl_number(now: Timestamp, last: Option<u64>) -> u64 {
    let time = u64::try_from(now.as_second()).unwrap_or_default();
    last.map_or(time, |last| time.max(last.saturating_add(1)))
}

fn check_keys(keys: &CeremonyKeys, administrators: &[Appointee]) -> Result<(), IssueError> {
    let authorities = [&keys.root, &keys.clients, &keys.gateways].map(SecretKey::key_id);
    let mut all: Vec<_> =
        authorities.into_iter().chain(administrators.iter().map(|one| key_id(&one.spki))).collect();
    all.sort_unstable();
    match all.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(IssueError::Key("it stands there twice, and its holder could act as two")),
        false => Ok(()),
    }
}

fn administrator(
    clients: &Issuer,
    trust_domain: &TrustDomain,
    one: &Appointee,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, IssueError> {
    let (not_before, not_after) = validity(now, one.days)?;
    let wanted = Wanted {
        subject: Subject::Client {
            trust_domain: trust_domain.clone(),
            agency: one.system.agency.to_string(),
            system: one.system.id.clone(),
        },
        spki: one.spki.clone(),
        serial: new_serial(entropy),
        not_before,
        not_after,
    };
    let bytes = to_be_signed(clients.certificate(), &wanted)?;
    lint(clients.certificate(), &bytes, &wanted)?;
    clients.sign(&bytes)
}

/// Copies a key, since an [`Issuer`] owns its key.
fn copy(key: &SecretKey) -> Result<SecretKey, SecretError> {
    SecretKey::from_pkcs8(key.pkcs8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::certificate::read;

    struct Random;

    impl Entropy for Random {
        fn fill(&self, bytes: &mut [u8]) {
            aws_lc_rs::rand::fill(bytes).unwrap();
        }
    }

    fn plan() -> Plan {
        Plan {
            organisation: "Kanwil".to_owned(),
            root_name: "Akar".to_owned(),
            clients_name: "Klien".to_owned(),
            gateways_name: "Gerbang".to_owned(),
            root_days: 7300,
            issuing_days: 1825,
            root_crl_days: 400,
        }
    }

    fn trust_domain() -> TrustDomain {
        TrustDomain::parse("kepri.example").unwrap()
    }

    fn now() -> Timestamp {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn appointee(system: &str, key: &SecretKey) -> Appointee {
        let system = SystemName::parse(&format!("agencies/operator/systems/{system}")).unwrap();
        Appointee { system, spki: key.spki(), days: 90 }
    }

    #[test]
    fn a_ceremony_makes_authorities_and_administrators() {
        let keys = CeremonyKeys::generate().unwrap();
        let [one, other] =
            [SecretKind::P256, SecretKind::Ed25519].map(|kind| SecretKey::generate(kind).unwrap());
        let both = [appointee("admin1", &one), appointee("admin2", &other)];
        let founded = hold(&plan(), &trust_domain(), &keys, &both, now(), &Random).unwrap();
        assert_eq!(founded.administrators.len(), 2);
        for (system, der) in &founded.administrators {
            let read = read(der).unwrap();
            read.check_client().unwrap();
            let identity = read.identity("kepri.example").unwrap();
            assert_eq!((identity.agency, identity.system), (system.agency.clone(), system.id.clone()));
        }
        Issuer::open(&founded.gateways, copy(&keys.gateways).unwrap()).unwrap();
    }

    #[test]
    fn a_key_stands_there_once() {
        let keys = CeremonyKeys::generate().unwrap();
        let key = SecretKey::generate(SecretKind::P256).unwrap();
        for both in [
            [appointee("admin1", &key), appointee("admin2", &key)],
            [appointee("admin1", &key), appointee("admin2", &keys.clients)],
            [appointee("admin1", &key), appointee("admin2", &keys.root)],
        ] {
            let refused = hold(&plan(), &trust_domain(), &keys, &both, now(), &Random);
            assert!(matches!(refused, Err(IssueError::Key(_))));
        }
        let twice = CeremonyKeys { clients: copy(&keys.root).unwrap(), ..CeremonyKeys::generate().unwrap() };
        let twice = CeremonyKeys { root: keys.root, ..twice };
        assert!(hold(&plan(), &trust_domain(), &twice, &[], now(), &Random).is_err());
    }

    #[test]
    fn numbers_of_lists_never_fall() {
        let time = u64::try_from(now().as_second()).unwrap();
        assert_eq!(crl_number(now(), None), time);
        assert_eq!(crl_number(now(), Some(5)), time);
        assert_eq!(crl_number(now(), Some(time + 7)), time + 8);
    }
}
