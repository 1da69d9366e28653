//! The state table of an agreement, event by event; its laws over any history are in `laws.rs`.

mod laws;

use super::*;
use crate::domain::{
    access::DataKind,
    field::{Field, FieldKind},
    term::{DurationClass, End, Term},
    text::Text,
    time::Zone,
};

const AUTHOR: &str = "dkp-kepri";
const PRISON: &str = "lapas-batam";
const BEFORE: &str = "2026-02-20T10:00:00+07:00";
const WITHIN: &str = "2026-05-04T10:00:00+07:00";
const AFTER: &str = "2028-03-02T00:00:00+07:00";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn day(day: &str) -> Date {
    day.parse().unwrap()
}

fn code(value: &str) -> AgencyCode {
    AgencyCode::parse(value).unwrap()
}

fn text<const MAX: usize>(value: &str) -> Text<MAX> {
    Text::parse(value).unwrap()
}

/// A PKS of 24 months from 2 March 2026, in WIB, with 30 days of notice.
fn terms() -> Terms {
    let party = |agency, title: &str| Party {
        agency: code(agency),
        number: None,
        signatory_title: Some(text(title)),
    };
    Terms {
        kind: AgreementKind::Pks,
        title: text("Pelatihan budidaya nila"),
        purpose: text("Pembinaan kemandirian"),
        fields: vec![Field::new(FieldKind::Other, Some(text("Kelautan dan Perikanan"))).unwrap()],
        legal_basis: vec![text("PP 57/1999")],
        parties: vec![party(AUTHOR, "Kepala Dinas"), party(PRISON, "Kepala Lapas")],
        term: Term::new(day("2026-03-02"), Some(End::Months(24))).unwrap(),
        declared_class: Some(DurationClass::Medium),
        zone: Zone::parse("Asia/Jakarta").unwrap(),
        notice_days: 30,
        annex: Some(DataAnnex {
            purpose: text("Penjadwalan"),
            data_kinds: vec![DataKind::Schedule],
            contact_point: text("Seksi Bimbingan Kerja"),
            retention_days: 730,
        }),
    }
}

fn draft(terms: Terms) -> Agreement {
    Agreement {
        id: Uuid::from_u128(1),
        name: AgreementName::parse("agencies/dkp-kepri/agreements/pks-2026-01").unwrap(),
        terms,
        nature: Nature::Functional,
        act: Act::Draft,
        binding: None,
        accepted_by: vec![],
        suspended_by: vec![],
        terminates_on: None,
        remarks: vec![],
        proposed_at: None,
        version: 1,
        created_at: at("2026-02-01T00:00:00Z"),
    }
}

fn proposed() -> Agreement {
    let mut agreement = draft(terms());
    agreement.propose(Binding::Acceptance, at(BEFORE)).unwrap();
    agreement
}

fn agreed() -> Agreement {
    let mut agreement = proposed();
    agreement.accept(&code(PRISON), at(BEFORE)).unwrap();
    agreement
}

/// An agreement in the state, and a moment at which it is. A suspension is the prison's.
fn in_state(state: AgreementState) -> (Agreement, Timestamp) {
    let (before, within) = (at(BEFORE), at(WITHIN));
    let mut agreement = match state {
        AgreementState::Draft => draft(terms()),
        AgreementState::Proposed
        | AgreementState::Lapsed
        | AgreementState::Rejected
        | AgreementState::Withdrawn => proposed(),
        _ => agreed(),
    };
    let now = match state {
        AgreementState::Active | AgreementState::Suspended => within,
        AgreementState::Expired | AgreementState::Lapsed => at(AFTER),
        AgreementState::Terminated => at("2026-06-03T00:00:00+07:00"),
        _ => before,
    };
    match state {
        AgreementState::Suspended => agreement.suspend(&code(PRISON), within).unwrap(),
        AgreementState::Rejected => agreement.reject(&code(PRISON), before).unwrap(),
        AgreementState::Withdrawn => agreement.withdraw(before).unwrap(),
        AgreementState::Terminated => drop(agreement.terminate(within).unwrap()),
        _ => {}
    }
    assert_eq!(agreement.state(now), state);
    (agreement, now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Event {
    Redraft,
    Propose,
    Accept,
    Reject,
    Withdraw,
    Suspend,
    Resume,
    Terminate,
}

const EVENTS: [Event; 8] = [
    Event::Redraft,
    Event::Propose,
    Event::Accept,
    Event::Reject,
    Event::Withdraw,
    Event::Suspend,
    Event::Resume,
    Event::Terminate,
];

fn apply(agreement: &mut Agreement, event: Event, by: &AgencyCode, now: Timestamp) -> Result<(), Fault> {
    match event {
        Event::Redraft => agreement.redraft(agreement.terms.clone(), now),
        Event::Propose => agreement.propose(Binding::Acceptance, now),
        Event::Accept => agreement.accept(by, now),
        Event::Reject => agreement.reject(by, now),
        Event::Withdraw => agreement.withdraw(now),
        Event::Suspend => agreement.suspend(by, now),
        Event::Resume => agreement.resume(by, now),
        Event::Terminate => agreement.terminate(now).map(drop),
    }
}

/// The state after the event; `None` where the state forbids it. The author suspends, the prison does the rest.
fn expected(from: AgreementState, event: Event) -> Option<AgreementState> {
    use AgreementState::{Active, Draft, Pending, Proposed, Rejected, Suspended, Withdrawn};
    match (from, event) {
        (Draft, Event::Redraft) => Some(Draft),
        (Draft, Event::Propose) => Some(Proposed),
        (Proposed, Event::Accept) => Some(Pending),
        (Proposed | Pending, Event::Reject) => Some(Rejected),
        (Draft | Proposed | Pending, Event::Withdraw) => Some(Withdrawn),
        (Active | Suspended, Event::Suspend) => Some(Suspended),
        (Suspended, Event::Resume) => Some(Active),
        // Until the day comes, notice leaves the state as it is.
        (Active, Event::Terminate) => Some(Active),
        (Suspended, Event::Terminate) => Some(Suspended),
        _ => None,
    }
}

#[test]
fn every_event_from_every_state() {
    for &state in AgreementState::ALL {
        for event in EVENTS {
            let (mut agreement, now) = in_state(state);
            let before = format!("{agreement:?}");
            let by = code(if event == Event::Suspend { AUTHOR } else { PRISON });
            let result = apply(&mut agreement, event, &by, now);
            match expected(state, event) {
                Some(to) => {
                    assert_eq!((&result, agreement.state(now)), (&Ok(()), to), "{event:?} from {state}");
                }
                None => {
                    let fault = result.unwrap_err();
                    assert_eq!(fault.reason, Reason::StateForbids, "{event:?} from {state}");
                    assert!(fault.facts.contains(&("state".into(), state.to_string())), "{fault:?}");
                    assert_eq!(format!("{agreement:?}"), before, "{event:?} from {state}");
                }
            }
        }
    }
}

#[test]
fn each_party_accepts_for_itself() {
    let mut three = terms();
    three.parties.push(Party { agency: code("blk-kepri"), ..three.parties[0].clone() });
    let (mut agreement, now) = (draft(three), at(WITHIN));
    agreement.propose(Binding::Acceptance, now).unwrap();
    assert_eq!(agreement.accepted_by, [code(AUTHOR)]);
    assert_eq!(agreement.accept(&code(AUTHOR), now).unwrap_err().reason, Reason::AlreadyAccepted);
    agreement.accept(&code(PRISON), now).unwrap();
    assert_eq!((agreement.act, agreement.state(now)), (Act::Proposed, AgreementState::Proposed));
    agreement.accept(&code("blk-kepri"), now).unwrap();
    assert_eq!((agreement.act, agreement.state(now)), (Act::Agreed, AgreementState::Active));
}

#[test]
fn a_decree_of_one_party_is_agreed_when_proposed() {
    let mut one = terms();
    one.kind = AgreementKind::Sk;
    one.parties.truncate(1);
    let mut agreement = draft(one);
    agreement.propose(Binding::Acceptance, at(BEFORE)).unwrap();
    assert_eq!(agreement.act, Act::Agreed);
    assert_eq!(agreement.state(at(BEFORE)), AgreementState::Pending);
    assert_eq!(agreement.state(at(WITHIN)), AgreementState::Active);
}

#[test]
fn what_cannot_be_proposed_stays_a_draft() {
    let refused = |agreement: &mut Agreement, binding, now| {
        let fault = agreement.propose(binding, at(now)).unwrap_err();
        assert_eq!((agreement.act, agreement.binding), (Act::Draft, None));
        assert!(agreement.accepted_by.is_empty());
        fault.reason
    };
    let mut agreement = draft(terms());
    assert_eq!(refused(&mut agreement, Binding::Signature, BEFORE), Reason::BindingUnimplemented);
    assert_eq!(refused(&mut agreement, Binding::Acceptance, AFTER), Reason::AgreementTermOver);
    agreement.terms.parties[1].signatory_title = None;
    assert_eq!(refused(&mut agreement, Binding::Acceptance, BEFORE), Reason::AgreementIncomplete);
}

#[test]
fn a_mere_proposal_is_refused_or_taken_back_at_any_time() {
    let first = at("2026-03-02T00:00:00+07:00");
    for event in [Event::Reject, Event::Withdraw] {
        assert_eq!(apply(&mut proposed(), event, &code(PRISON), at(WITHIN)), Ok(()), "{event:?}");
        // Once it binds, it is ended by notice.
        let before = at("2026-03-01T23:59:59+07:00");
        assert_eq!(apply(&mut agreed(), event, &code(PRISON), before), Ok(()), "{event:?}");
        let fault = apply(&mut agreed(), event, &code(PRISON), first).unwrap_err();
        assert_eq!(fault.reason, Reason::StateForbids, "{event:?}");
    }
    let mut agreement = proposed();
    agreement.accept(&code(PRISON), at(WITHIN)).unwrap();
    assert_eq!(agreement.state(at(WITHIN)), AgreementState::Active);
}

#[test]
fn a_proposal_lapses_after_90_days_or_its_last_day() {
    let agreement = proposed();
    let end = at(BEFORE) + SignedDuration::from_hours(90 * 24);
    assert_eq!(agreement.state(end - SignedDuration::from_micros(1)), AgreementState::Proposed);
    assert_eq!(agreement.state(end), AgreementState::Lapsed);
    assert_ne!(agreement.etag(end - SignedDuration::from_micros(1)), agreement.etag(end));
    for event in EVENTS {
        let fault = apply(&mut agreement.clone(), event, &code(PRISON), end).unwrap_err();
        assert_eq!(fault.reason, Reason::StateForbids, "{event:?}");
    }
    // Where it was not noted when it was proposed, the draft's own time counts.
    let unnoted = Agreement { proposed_at: None, ..agreement.clone() };
    assert_eq!(unnoted.lapses_at(), unnoted.created_at + SignedDuration::from_hours(90 * 24));

    let mut short = draft(terms());
    short.terms.term = Term::new(day("2026-02-01"), Some(End::Until(day("2026-02-28")))).unwrap();
    short.propose(Binding::Acceptance, at(BEFORE)).unwrap();
    assert_eq!(short.state(at("2026-02-28T23:59:59+07:00")), AgreementState::Proposed);
    assert_eq!(short.state(at("2026-03-01T00:00:00+07:00")), AgreementState::Lapsed);
}

#[test]
fn others_plan_on_what_the_prison_has_accepted() {
    let prison = code(PRISON);
    let check = |agreement: &Agreement| agreement.must_be_accepted_by(&prison).map_err(|fault| fault.reason);
    assert_eq!(check(&draft(terms())), Err(Reason::AgreementNotAccepted));
    assert_eq!(check(&proposed()), Err(Reason::AgreementNotAccepted));
    assert_eq!(check(&agreed()), Ok(()));
    let mut rejected = agreed();
    rejected.reject(&prison, at(BEFORE)).unwrap();
    assert_eq!(check(&rejected), Err(Reason::AgreementNotAccepted), "taken back before the first day");
}

#[test]
fn the_proposer_withdraws_and_does_not_reject() {
    for mut agreement in [proposed(), agreed()] {
        let fault = agreement.reject(&code(AUTHOR), at(BEFORE)).unwrap_err();
        assert_eq!(fault.reason, Reason::ProposerCannotReject);
    }
    // A draft has bound nobody: it may be withdrawn at any time.
    assert!(draft(terms()).withdraw(at(AFTER)).is_ok());
}

#[test]
fn who_suspended_resumes() {
    let (mut agreement, now) = in_state(AgreementState::Suspended);
    let again = agreement.suspend(&code(PRISON), now).unwrap_err();
    assert_eq!(again.reason, Reason::AlreadySuspended);
    let foreign = agreement.resume(&code(AUTHOR), now).unwrap_err();
    assert_eq!(foreign.reason, Reason::NotSuspendedByYou);
    assert_eq!(foreign.facts, [("suspended_by".to_owned(), PRISON.to_owned())]);

    agreement.suspend(&code(AUTHOR), now).unwrap();
    agreement.resume(&code(PRISON), now).unwrap();
    assert_eq!(agreement.state(now), AgreementState::Suspended);
    agreement.resume(&code(AUTHOR), now).unwrap();
    assert_eq!(agreement.state(now), AgreementState::Active);
}

#[test]
fn a_suspension_hides_neither_the_last_day_nor_the_notice() {
    let (mut agreement, now) = in_state(AgreementState::Suspended);
    assert_eq!(agreement.state(at(AFTER)), AgreementState::Expired);
    let day = agreement.terminate(now).unwrap();
    let ends = agreement.terms.zone.start_of(day).unwrap();
    assert_eq!(agreement.state(ends), AgreementState::Terminated);
}

#[test]
fn notice_runs_to_its_day() {
    let (mut agreement, now) = in_state(AgreementState::Active);
    // Late on 4 May in Batam it is 4 May, whatever it is elsewhere.
    assert_eq!(agreement.clone().terminate(at("2026-05-04T23:59:59+07:00")), Ok(day("2026-06-03")));
    assert_eq!(agreement.terminate(now), Ok(day("2026-06-03")));
    assert_eq!(agreement.state(at("2026-06-02T23:59:59+07:00")), AgreementState::Active);
    assert_eq!(agreement.state(at("2026-06-03T00:00:00+07:00")), AgreementState::Terminated);
    assert_eq!(agreement.state(at(AFTER)), AgreementState::Terminated);

    assert_eq!(agreement.terminate(now).unwrap_err().reason, Reason::StateForbids);
    agreement.suspend(&code(PRISON), now).unwrap();
    assert_eq!(agreement.state(now), AgreementState::Suspended);
}

#[test]
fn without_notice_it_ends_at_once_and_late_notice_changes_nothing() {
    let mut agreement = agreed();
    agreement.terms.notice_days = 0;
    assert_eq!(agreement.terminate(at(WITHIN)), Ok(day("2026-05-04")));
    assert_eq!(agreement.state(at(WITHIN)), AgreementState::Terminated);

    // Notice that would end after the last day: the term ends it first.
    let (mut agreement, late) = (agreed(), at("2028-02-15T10:00:00+07:00"));
    assert_eq!(agreement.terminate(late), Ok(day("2028-03-16")));
    assert_eq!(agreement.state(at("2028-03-01T23:59:59+07:00")), AgreementState::Active);
    assert_eq!(agreement.state(at(AFTER)), AgreementState::Expired);
    assert_eq!(agreement.state(at("2028-03-20T00:00:00+07:00")), AgreementState::Expired);
}

#[test]
fn days_turn_at_midnight_of_its_own_zone() {
    for (zone, hour) in [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)] {
        let mut agreement = agreed();
        agreement.terms.zone = Zone::parse(zone).unwrap();
        let (begins, ends) =
            (at(&format!("2026-03-01T{hour}:00:00Z")), at(&format!("2028-03-01T{hour}:00:00Z")));
        let around = |moment: Timestamp| {
            let moment_before = moment - SignedDuration::from_micros(1);
            (agreement.state(moment_before), agreement.state(moment))
        };
        assert_eq!(around(begins), (AgreementState::Pending, AgreementState::Active), "{zone}");
        assert_eq!(around(ends), (AgreementState::Active, AgreementState::Expired), "{zone}");
        assert_ne!(agreement.etag(ends - SignedDuration::from_micros(1)), agreement.etag(ends), "{zone}");
    }
}

#[test]
fn a_draft_is_its_authors_alone() {
    assert_eq!(draft(terms()).readers(), [code(AUTHOR)]);
    assert_eq!(proposed().readers(), [code(AUTHOR), code(PRISON)]);
}

/// Field and reason of each violation, in order.
fn wrong(change: impl FnOnce(&mut Terms)) -> Vec<(String, Reason)> {
    let mut terms = terms();
    change(&mut terms);
    let mut violations = crate::domain::Violations::default();
    terms.check(&code(AUTHOR), &mut violations);
    violations.into_vec().into_iter().map(|violation| (violation.field, violation.fault.reason)).collect()
}

#[test]
fn terms_must_fit_together() {
    let at = |field: &str, reason| vec![(field.to_owned(), reason)];
    assert_eq!(wrong(|_| ()), []);
    assert_eq!(wrong(|t| t.parties.truncate(1)), at("terms.parties", Reason::AgreementPartiesTooFew));
    assert_eq!(wrong(|t| drop(t.parties.remove(0)))[1..], at("terms.parties", Reason::PartyMissing));
    assert_eq!(
        wrong(|t| t.parties.push(t.parties[1].clone())),
        at("terms.parties[2].agency", Reason::DuplicateItem)
    );
    assert_eq!(
        wrong(|t| {
            let label = Some(text("kelautan  dan perikanan"));
            t.fields.push(Field::new(FieldKind::Other, label).unwrap());
        }),
        at("terms.fields[1]", Reason::DuplicateItem)
    );
    for kind in [AgreementKind::Mou, AgreementKind::Pks] {
        assert_eq!(
            wrong(|t| (t.kind, t.term.end) = (kind, None)),
            at("terms.term_months", Reason::TermRequired)
        );
    }
    let long = |t: &mut Terms| t.declared_class = Some(DurationClass::Long);
    assert_eq!(wrong(long), at("terms.duration_class", Reason::DurationClassMismatch));
}

#[test]
fn a_decree_may_stand_alone_and_without_end() {
    let decree = |t: &mut Terms| {
        t.kind = AgreementKind::Sk;
        t.parties.truncate(1);
        t.term.end = None;
    };
    assert_eq!(wrong(decree), []);
}

#[test]
fn everything_wrong_is_said_at_once() {
    let reasons = wrong(|t| {
        t.parties.remove(0);
        t.fields.push(t.fields[0].clone());
        t.declared_class = Some(DurationClass::Short);
        t.term.end = Some(End::Months(25));
    });
    let reasons: Vec<_> = reasons.into_iter().map(|(_, reason)| reason).collect();
    let parties = [Reason::AgreementPartiesTooFew, Reason::PartyMissing];
    assert_eq!(reasons[..2], parties);
    assert_eq!(reasons[2..], [Reason::DuplicateItem, Reason::DurationClassMismatch]);
}

#[test]
fn what_is_legal_and_unwise_is_warned_of() {
    let warned = |change: fn(&mut Terms)| {
        let mut terms = terms();
        change(&mut terms);
        let warnings = terms.warnings().into_iter();
        warnings.map(|warning| (warning.field, warning.fault.reason)).collect::<Vec<_>>()
    };
    let at = |field: &str, reason| vec![(field.to_owned(), reason)];
    assert_eq!(warned(|_| ()), []);
    assert_eq!(warned(|t| t.annex = None), at("terms.data_annex", Reason::DataAnnexMissing));
    let ambiguous = at("terms.duration_class", Reason::DurationBoundaryAmbiguous);
    assert_eq!(warned(|t| t.declared_class = None), ambiguous);
    let superseded = at("terms.legal_basis[1]", Reason::LegalBasisSuperseded);
    assert_eq!(warned(|t| t.legal_basis.push(text("UU 12/1995"))), superseded);
    assert_eq!(warned(|t| t.legal_basis.push(text("UU Nomor 12 Tahun 1995"))), superseded);
    assert_eq!(
        warned(|t| {
            t.legal_basis.push(text("UU 12/1995"));
            t.term.from = day("2021-03-02");
        }),
        []
    );
}

#[test]
fn the_annex_names_the_kinds_of_data_that_pass() {
    let mut terms = terms();
    terms.annex.as_mut().unwrap().data_kinds = vec![DataKind::Schedule];
    let kinds: Vec<_> = DataKind::ALL.iter().copied().filter(|kind| terms.covers_kind(*kind)).collect();
    assert_eq!(kinds, [DataKind::Schedule]);
    terms.annex = None;
    assert!(!terms.covers_kind(DataKind::Schedule));
}
