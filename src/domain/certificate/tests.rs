//! When a certificate lets its holder in, when it is renewed, and what raises an alarm: each to the second.

use super::*;

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Ninety days from New Year's Day.
fn certificate() -> Issued {
    Issued {
        fingerprint: [1; 32],
        serial: "0a".to_owned(),
        system: None,
        authority: None,
        key_id: None,
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2026-04-01T00:00:00Z"),
        ends_at: None,
        administrator: false,
        role: None,
        role_found: None,
        created_at: at("2026-01-01T00:00:00Z"),
        collected_at: None,
        first_seen_at: None,
        seen: None,
        previous: None,
        successor: None,
        revoked: None,
        version: 1,
    }
}

#[test]
fn spans_of_time_are_as_the_documents_say() {
    let days = |days: i64| SignedDuration::from_secs(days * 86_400);
    assert_eq!([OVERLAP, UNSEEN, TOKEN_LIFE_MAX], [days(14), days(7), days(7)]);
    assert_eq!([ORDER_LIFE, AHEAD, COLLECTABLE], [days(30), days(30), days(1)]);
    assert_eq!((TOKEN_LIFE, ORDER_KEPT), (SignedDuration::from_secs(3_600), days(90)));
}

#[test]
fn a_certificate_lets_in_from_its_first_second_to_its_last() {
    use CertificateState::{Expired, NotYetValid, Revoked, Superseded, Valid};
    let validity = certificate().validity();
    let (first, last) = (validity.not_before, validity.not_after);
    assert_eq!(
        [first - SECOND, first, last, last + SECOND].map(|now| validity.state(now)),
        [NotYetValid, Valid, Valid, Expired]
    );
    let overlap = at("2026-03-01T00:00:00Z");
    let renewed = Validity { ends_at: Some(overlap), ..validity };
    assert_eq!(renewed.end(), overlap);
    assert_eq!(
        [overlap, overlap + SECOND, last, last + SECOND].map(|now| renewed.state(now)),
        [Valid, Superseded, Superseded, Expired]
    );
    let late = Validity { ends_at: Some(last + SECOND), ..validity };
    assert_eq!((late.end(), validity.end()), (last, last), "an overlap makes no certificate longer");
    let revoked = Validity { revoked: true, ..renewed };
    assert_eq!([first - SECOND, first, last + SECOND].map(|now| revoked.state(now)), [Revoked; 3]);
    let issued = Issued { ends_at: Some(overlap), ..certificate() };
    assert_eq!((issued.end(), issued.state(overlap + SECOND)), (overlap, Superseded));
}

#[test]
fn who_is_not_let_in_is_told_why() {
    let agency = AgencyCode::parse("blk").unwrap();
    let validity = certificate().validity();
    let now = at("2026-02-01T00:00:00Z");
    let reason = |validity: Validity, state, now| {
        let (role, certified) = (Role::Partner, Some(Role::Partner));
        validity
            .let_in(&Holder { agency: &agency, state, role, certified }, now)
            .map_err(|fault| fault.reason)
    };
    let (active, suspended) = (AgencyState::Active, AgencyState::Suspended);
    assert_eq!(reason(validity, active, now), Ok(()));
    assert_eq!(reason(validity, suspended, now), Err(Reason::AgencySuspended));
    let early = validity.not_before - SECOND;
    assert_eq!(reason(validity, active, early), Err(Reason::CertificateExpired));
    assert_eq!(reason(validity, active, validity.not_after + SECOND), Err(Reason::CertificateExpired));
    let renewed = Validity { ends_at: Some(now - SECOND), ..validity };
    assert_eq!(reason(renewed, active, now), Err(Reason::CertificateSuperseded));
    let revoked = Validity { revoked: true, ..validity };
    assert_eq!(reason(revoked, suspended, now), Err(Reason::CertificateRevoked));
    for certified in [None, Some(Role::Oversight)] {
        let holder = Holder { agency: &agency, state: active, role: Role::Partner, certified };
        assert_eq!(validity.let_in(&holder, now).unwrap_err().reason, Reason::RoleNotCertified);
    }
}

#[test]
fn a_certificate_is_renewed_after_two_thirds_and_overdue_after_three_quarters() {
    let certificate = certificate();
    assert_eq!(renew_at(certificate.not_before, certificate.not_after), at("2026-03-02T00:00:00Z"));
    let overdue = at("2026-03-09T12:00:00Z");
    assert_eq!(certificate.alarms(overdue - SECOND), []);
    assert_eq!(certificate.alarms(overdue), [Alarm::RenewalOverdue]);
    assert_eq!(certificate.alarms(certificate.not_after + SECOND), [], "what is over needs no renewal");
}

#[test]
fn a_successor_that_nobody_uses_for_seven_days_is_an_alarm() {
    let issued_at = at("2026-03-02T00:00:00Z");
    let renewed = |seen| Issued {
        successor: Some(Successor { serial: "0b".to_owned(), issued_at, seen }),
        ends_at: Some(issued_at + OVERLAP),
        ..certificate()
    };
    assert_eq!(renewed(false).alarms(issued_at + UNSEEN - SECOND), []);
    assert_eq!(renewed(false).alarms(issued_at + UNSEEN), [Alarm::SuccessorNotSeen]);
    assert_eq!(renewed(true).alarms(issued_at + UNSEEN), []);
    assert_eq!(renewed(false).alarms(issued_at + OVERLAP + SECOND), []);
}

#[test]
fn a_list_is_stale_when_half_of_its_life_is_over() {
    let crl = Crl {
        number: 1,
        der: Vec::new(),
        this_update: at("2026-01-01T00:00:00Z"),
        next_update: at("2026-01-01T23:00:00Z"),
    };
    let half = at("2026-01-01T11:30:00Z");
    assert!(crl.is_stale(half) && !crl.is_stale(half - SECOND));
}

#[test]
fn a_certificate_that_is_used_on_after_its_renewal_is_an_alarm() {
    let issued_at = at("2026-03-02T00:00:00Z");
    let hours = SignedDuration::from_hours;
    let renewed = |seen: Option<SignedDuration>| Issued {
        ends_at: Some(issued_at + OVERLAP),
        seen: seen.map(|after| Sighting { at: issued_at + after, address: String::new() }),
        successor: Some(Successor { serial: "0b".to_owned(), issued_at, seen: true }),
        ..certificate()
    };
    for (seen, alarms) in [
        (None, vec![]),
        (Some(hours(1)), vec![]),
        (Some(hours(24)), vec![]),
        (Some(hours(25)), vec![Alarm::StillUsed]),
    ] {
        assert_eq!(renewed(seen).alarms(issued_at + hours(48)), alarms, "{seen:?}");
    }
    let never = Issued { successor: None, ends_at: None, ..renewed(Some(hours(25))) };
    assert_eq!(never.alarms(issued_at + hours(26)), []);
}
