//! Revocation lists, as peers read them.

use jiff::SignedDuration;
use webpki::KeyUsage;

use super::{House, Scratch, client, now, openssl, openssl_verify, p256, serial, webpki_verify};
use crate::{
    domain::certificate::RevocationReason,
    pki::{
        authority::{IssueError, to_be_signed},
        crl::{self, RevokedEntry},
    },
};

fn entry(reason: RevocationReason) -> RevokedEntry {
    RevokedEntry { serial: serial(), at: now(), reason }
}

#[test]
fn a_list_tells_number_and_reasons() {
    let house = House::new();
    let revoked: Vec<_> = RevocationReason::ALL.iter().map(|&reason| entry(reason)).collect();
    let end = now() + SignedDuration::from_hours(24);
    let scratch = Scratch::new();
    for (number, shown) in [(0, "0"), (7, "7"), (300, "300")] {
        let list = house.clients.crl(number, now(), end, &revoked).unwrap();
        let path = scratch.pem("list.pem", "X509 CRL", &list);
        let text = openssl(&["crl", "-in", &path, "-noout", "-text"]).unwrap();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let at = lines.iter().position(|&line| line == "X509v3 CRL Number:").unwrap();
        assert_eq!(lines[at + 1], shown);
        assert!(lines.contains(&"Next Update: Mar  3 08:00:00 2026 GMT"), "{text}");
        for entry in &revoked {
            assert!(text.contains(&hex::encode_upper(&entry.serial)), "{text}");
        }
        for reason in ["Key Compromise", "Affiliation Changed", "Superseded", "Cessation Of Operation"] {
            assert_eq!(lines.iter().filter(|&&line| line == reason).count(), 1, "{text}");
        }
        assert!(!text.contains("Unspecified") && !text.contains("Distribution Point"), "{text}");
    }
}

#[test]
fn a_revoked_client_is_refused() {
    let house = House::new();
    let wanted = client(&p256());
    let tbs = to_be_signed(house.clients.certificate(), &wanted).unwrap();
    let leaf = house.clients.sign(&tbs).unwrap();
    let revoked = RevokedEntry { serial: wanted.serial, at: now(), reason: RevocationReason::KeyCompromise };
    let end = now() + SignedDuration::from_hours(24);
    let list = house.clients.crl(2, now(), end, &[entry(RevocationReason::Superseded), revoked]).unwrap();
    let refused = openssl_verify(&house, &house.clients, &leaf, &list, "sslclient").unwrap_err();
    assert!(refused.contains("certificate revoked"), "{refused}");
    let refused = webpki_verify(&house, &house.clients, &leaf, &list, KeyUsage::client_auth());
    assert_eq!(refused, Err(webpki::Error::CertRevoked));
}

#[test]
fn a_list_without_sense_is_not_made() {
    let house = House::new();
    let end = now() + SignedDuration::from_hours(24);
    assert!(matches!(house.root.crl(1, now(), now(), &[]), Err(IssueError::List(_))));
    let one = entry(RevocationReason::Superseded);
    let twice = [one.clone(), one.clone()];
    assert!(matches!(house.root.crl(1, now(), end, &twice), Err(IssueError::List(_))));
    let zero = [RevokedEntry { serial: vec![0, 1], ..one }];
    assert!(matches!(house.root.crl(1, now(), end, &zero), Err(IssueError::Serial)));
}

#[test]
fn a_list_reads_as_it_was_signed_and_for_its_authority_alone() {
    let house = House::new();
    let revoked: Vec<_> = RevocationReason::ALL.iter().map(|&reason| entry(reason)).collect();
    let end = now() + SignedDuration::from_hours(24);
    let list = house.clients.crl(300, now(), end, &revoked).unwrap();
    let read = crl::read(&list, house.clients.certificate()).unwrap();
    assert_eq!((read.number, &read.entries), (300, &revoked));
    assert_eq!(crl::read(&list, house.gateways.certificate()), None, "another authority's");
    let mut changed = list.clone();
    // Within the last entry, or what follows it: whatever is changed, the signature does not fit.
    let at = changed.len() / 2;
    changed[at] ^= 1;
    assert_eq!(crl::read(&changed, house.clients.certificate()), None);
    let pem = crate::pki::der::pem("X509 CRL", &list);
    assert_eq!(crl::from_pem(pem.as_bytes()).as_deref(), Some(list.as_slice()));
    assert_eq!(crl::from_pem(b"junk"), None);
}
