//! What holds over any history of an agreement, whatever is tried, by whom and when; and in which times it was in force.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// What a history should have led to, kept apart from the agreement itself.
#[derive(Default)]
struct Model {
    accepted: Vec<AgencyCode>,
    suspended: Vec<AgencyCode>,
    closed: bool,
    ends: Option<Date>,
}

impl Model {
    fn note(&mut self, event: Event, by: &AgencyCode, agreement: &Agreement, today: Date) {
        match event {
            Event::Redraft => {}
            Event::Propose => self.accepted.push(agreement.name.agency.clone()),
            Event::Accept => self.accepted.push(by.clone()),
            Event::Reject | Event::Withdraw => self.closed = true,
            Event::Suspend => self.suspended.push(by.clone()),
            Event::Resume => self.suspended.retain(|agency| agency != by),
            Event::Terminate => {
                self.ends = Some(today.saturating_add(Span::new().days(agreement.terms.notice_days)));
            }
        }
    }

    fn is_in_force(&self, terms: &Terms, today: Date) -> bool {
        terms.parties.iter().all(|party| self.accepted.contains(&party.agency))
            && self.suspended.is_empty()
            && !self.closed
            && terms.term.covers(today)
            && self.ends.is_none_or(|ends| today < ends)
    }
}

fn drafts() -> impl Strategy<Value = Agreement> {
    let zone = prop::sample::select(vec!["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]);
    (1usize..4, prop::option::of(1i32..6), 0i32..40, zone).prop_map(|(parties, months, notice_days, zone)| {
        let mut terms = terms();
        terms.parties.push(Party { agency: code("blk-kepri"), ..terms.parties[0].clone() });
        terms.parties.truncate(parties);
        terms.term = Term::new(day("2026-03-02"), months.map(End::Months)).unwrap();
        terms.notice_days = notice_days;
        terms.zone = Zone::parse(zone).unwrap();
        draft(terms)
    })
}

/// Events by parties, with the hours that pass before each.
fn histories() -> impl Strategy<Value = Vec<(Event, usize, i64)>> {
    let likely = [Event::Accept, Event::Accept, Event::Suspend, Event::Resume];
    let events = [EVENTS.as_slice(), &likely].concat();
    prop::collection::vec((prop::sample::select(events), 0usize..3, 0i64..300), 1..40)
}

proptest! {
    #[test]
    fn in_force_is_what_all_accepted_and_nobody_stopped(agreement in drafts(), history in histories()) {
        let (mut agreement, mut now, mut model) = (agreement, at(BEFORE), Model::default());
        let mut etags = HashMap::new();
        // Most histories begin with the proposal, or they would hardly leave DRAFT.
        for (event, by, hours) in [(Event::Propose, 0, 0)].into_iter().chain(history) {
            now += SignedDuration::from_hours(hours);
            let party = &agreement.terms.parties[by % agreement.terms.parties.len()];
            let (by, today) = (party.agency.clone(), agreement.terms.zone.day(now).unwrap());
            let before = (format!("{agreement:?}"), agreement.state(now));
            if apply(&mut agreement, event, &by, now).is_ok() {
                prop_assert!(expected(before.1, event).is_some(), "{:?} from {}", event, before.1);
                model.note(event, &by, &agreement, today);
                agreement.version += 1;
            } else {
                prop_assert_eq!(&format!("{agreement:?}"), &before.0);
            }
            for days in [0, 1, 30, 400] {
                let later = now + SignedDuration::from_hours(24 * days);
                let (state, day) = (agreement.state(later), agreement.terms.zone.day(later).unwrap());
                prop_assert_eq!(state == AgreementState::Active, model.is_in_force(&agreement.terms, day));
                let shown = (agreement.version, state);
                prop_assert_eq!(*etags.entry(agreement.etag(later)).or_insert(shown), shown);
            }
        }
    }

    #[test]
    fn what_has_ended_stays_ended(agreement in drafts(), history in histories()) {
        let (mut agreement, mut now, mut ended) = (agreement, at(BEFORE), None);
        for (event, by, hours) in [(Event::Propose, 0, 0)].into_iter().chain(history) {
            now += SignedDuration::from_hours(hours);
            let party = &agreement.terms.parties[by % agreement.terms.parties.len()];
            let by = party.agency.clone();
            let result = apply(&mut agreement, event, &by, now);
            let state = agreement.state(now);
            if let Some(ended) = ended {
                prop_assert!(result.is_err());
                prop_assert_eq!(state, ended);
            }
            use AgreementState::{Expired, Lapsed, Rejected, Terminated, Withdrawn};
            if matches!(state, Expired | Lapsed | Rejected | Terminated | Withdrawn) {
                ended = Some(state);
            }
        }
    }
}

#[test]
fn it_was_in_force_in_a_time_that_reaches_into_its_own() {
    let (first, over) = ("2026-03-02T00:00:00+07:00", "2028-03-02T00:00:00+07:00");
    let second = |time: &str, seconds| Some(at(time) + SignedDuration::from_secs(seconds));
    let mut agreement = agreed();
    for (start, end, expected) in [
        (None, None, true),
        (None, second(first, 0), false),
        (None, second(first, 1), true),
        (second(over, 0), None, false),
        (second(over, -1), None, true),
        (second(first, -9), second(over, 9), true),
        (second(WITHIN, 0), second(WITHIN, 1), true),
    ] {
        assert_eq!(agreement.held_within(start, end), expected, "{start:?} {end:?}");
    }
    // A suspension may be lifted for a moment; a termination is for good.
    agreement.suspended_by = vec![code(PRISON)];
    assert!(agreement.held_within(second(WITHIN, 0), None));
    agreement.terminates_on = Some(day("2026-06-03"));
    assert!(agreement.held_within(second("2026-06-02T23:59:59+07:00", 0), None));
    assert!(!agreement.held_within(second("2026-06-03T00:00:00+07:00", 0), None));
}
