//! The effect of a push on a stored session, and the rules of confirming.

use super::*;
use crate::domain::term::End;

const NOW: &str = "2026-03-01T00:00:00Z";

fn draft(start: &str, hours: i64) -> SessionDraft {
    let start: Timestamp = start.parse().unwrap();
    SessionDraft {
        name: SessionName::parse("agencies/blk-kepri/sessions/a").unwrap(),
        sequence: 0,
        when: Interval { start, end: start + SignedDuration::from_hours(hours) },
        topic: Text::parse("Las").unwrap(),
        trainers: vec![],
        facility: None,
    }
}

fn stored(draft: &SessionDraft) -> Session {
    Session {
        id: Uuid::nil(),
        name: draft.name.clone(),
        schedule: ScheduleName::parse("agencies/blk-kepri/schedules/s").unwrap(),
        programme: ProgrammeName::parse("agencies/blk-kepri/programmes/p").unwrap(),
        programme_title: Text::parse("Pengelasan").unwrap(),
        prison: AgencyCode::parse("lapas-tpi").unwrap(),
        sequence: draft.sequence,
        when: draft.when,
        zone: Zone::parse("Asia/Jakarta").unwrap(),
        topic: draft.topic.clone(),
        trainers: draft.trainers.clone(),
        facility: None,
        facility_pushed: None,
        state: SessionState::Tentative,
        remark: None,
        dormant: false,
        version: 1,
    }
}

fn judge(
    draft: &SessionDraft,
    stored: Option<&Session>,
    now: &str,
    prison: bool,
) -> Result<Effect, Vec<Reason>> {
    let zone = Zone::parse("Asia/Jakarta").unwrap();
    let term =
        Term::new("2026-03-02".parse().unwrap(), Some(End::Until("2026-03-31".parse().unwrap()))).unwrap();
    let schedule = ScheduleName::parse("agencies/blk-kepri/schedules/s").unwrap();
    let rules = SessionRules {
        now: now.parse().unwrap(),
        schedule: &schedule,
        zone: &zone,
        term: &term,
        term_zone: &zone,
        terminates_on: Some("2026-04-05".parse().unwrap()),
        caller_is_prison: prison,
    };
    let faults = |violations: Violations| violations.into_vec().into_iter().map(|v| v.fault.reason).collect();
    draft.judge(stored, false, &rules, "sessions[0]").map_err(faults)
}

#[test]
fn times_are_held_against_clock_length_and_term() {
    assert_eq!(judge(&draft("2026-03-02T01:00:00Z", 8), None, NOW, false), Ok(Effect::Create));
    assert_eq!(judge(&draft("2026-03-02T01:00:00Z", 9), None, NOW, false), Err(vec![Reason::SessionTooLong]));
    assert_eq!(
        judge(&draft("2026-03-02T01:00:00Z", 0), None, NOW, false),
        Err(vec![Reason::SessionReversed])
    );
    assert_eq!(
        judge(&draft("2026-03-02T01:00:00Z", 3), None, "2026-03-02T02:00:00Z", false),
        Err(vec![Reason::SessionInPast])
    );
}

#[test]
fn the_term_ends_at_local_midnight() {
    assert_eq!(judge(&draft("2026-03-01T17:00:00Z", 2), None, NOW, false), Ok(Effect::Create));
    assert_eq!(
        judge(&draft("2026-03-01T16:59:59Z", 2), None, NOW, false),
        Err(vec![Reason::SessionOutsideTerm])
    );
    assert_eq!(judge(&draft("2026-03-31T14:00:00Z", 3), None, NOW, false), Ok(Effect::Create));
    assert_eq!(
        judge(&draft("2026-03-31T15:00:00Z", 3), None, NOW, false),
        Err(vec![Reason::SessionOutsideTerm])
    );
}

#[test]
fn a_notice_ends_the_term_before_its_last_day() {
    let zone = Zone::parse("Asia/Jakarta").unwrap();
    let term = Term::new("2026-03-02".parse().unwrap(), None).unwrap();
    let schedule = ScheduleName::parse("agencies/blk-kepri/schedules/s").unwrap();
    let rules = SessionRules {
        now: NOW.parse().unwrap(),
        schedule: &schedule,
        zone: &zone,
        term: &term,
        term_zone: &zone,
        terminates_on: Some("2026-03-20".parse().unwrap()),
        caller_is_prison: false,
    };
    let judged = |start: &str| draft(start, 3).judge(None, false, &rules, "sessions[0]");
    assert_eq!(judged("2026-03-19T14:00:00Z").unwrap(), Effect::Create, "to midnight");
    let fault = judged("2026-03-19T15:00:00Z").unwrap_err().into_vec().remove(0).fault;
    assert_eq!(fault.reason, Reason::SessionOutsideTerm);
    assert!(fault.facts.contains(&("effective_until".to_owned(), "2026-03-19".to_owned())), "{fault:?}");
}

#[test]
fn content_decides_and_sequence_orders() {
    let first = draft("2026-03-10T01:00:00Z", 3);
    let row = stored(&first);
    assert_eq!(judge(&first, Some(&row), NOW, false), Ok(Effect::Unchanged));
    let mut moved = draft("2026-03-11T01:00:00Z", 3);
    assert_eq!(judge(&moved, Some(&row), NOW, false), Err(vec![Reason::StaleSequence]));
    moved.sequence = 1;
    assert_eq!(judge(&moved, Some(&row), NOW, false), Ok(Effect::Update));
    let higher = SessionDraft { sequence: 9, ..first };
    assert_eq!(judge(&higher, Some(&row), NOW, false), Ok(Effect::Unchanged));
}

#[test]
fn within_a_day_only_the_prison_changes() {
    let row = stored(&draft("2026-03-10T01:00:00Z", 3));
    let moved = SessionDraft { sequence: 1, ..draft("2026-03-12T01:00:00Z", 3) };
    let late = "2026-03-09T01:00:01Z";
    assert_eq!(judge(&moved, Some(&row), late, false), Err(vec![Reason::SessionTooSoon]));
    assert_eq!(judge(&moved, Some(&row), late, true), Ok(Effect::Update));
    assert_eq!(judge(&moved, Some(&row), "2026-03-09T01:00:00Z", false), Ok(Effect::Update));
    let begun = "2026-03-10T01:00:00Z";
    assert_eq!(judge(&moved, Some(&row), begun, true), Err(vec![Reason::SessionInPast]));
}

#[test]
fn what_is_cancelled_stays_so() {
    let first = draft("2026-03-10T01:00:00Z", 3);
    let row = Session { state: SessionState::Cancelled, ..stored(&first) };
    assert_eq!(judge(&first, Some(&row), NOW, false), Ok(Effect::Unchanged));
    let moved = SessionDraft { sequence: 1, ..draft("2026-03-12T01:00:00Z", 3) };
    assert_eq!(judge(&moved, Some(&row), NOW, false), Err(vec![Reason::SessionFinal]));
    let same = SessionDraft { sequence: 1, ..first };
    assert_eq!(
        judge(&same, Some(&row), NOW, false),
        Err(vec![Reason::SessionFinal]),
        "raised, and nothing else"
    );
}

#[test]
fn what_was_declined_opens_again_with_a_higher_sequence() {
    let first = draft("2026-03-10T01:00:00Z", 3);
    let row = Session { state: SessionState::Declined, ..stored(&first) };
    assert_eq!(judge(&first, Some(&row), NOW, false), Ok(Effect::Unchanged));
    let again = SessionDraft { sequence: 1, ..first };
    assert_eq!(judge(&again, Some(&row), NOW, false), Ok(Effect::Update));
}

#[test]
fn one_lead_with_a_competence_of_the_day() {
    let row = stored(&draft("2026-03-09T18:00:00Z", 3));
    assert_eq!(row.day().unwrap().to_string(), "2026-03-10", "in the session's zone");
    let name = |id: &str| TrainerName::parse(&format!("agencies/blk-kepri/trainers/{id}")).unwrap();
    let (a, b) = (name("a"), name("b"));
    let competence = |from: &str, until: Option<&str>| Competence {
        title: Text::parse("Las").unwrap(),
        field: crate::domain::field::Field::new(crate::domain::field::FieldKind::Manpower, None).unwrap(),
        certificate_number: None,
        issuer: None,
        valid_from: from.parse().unwrap(),
        valid_until: until.map(|day| day.parse().unwrap()),
    };
    let reason = |leads: &[(&TrainerName, &[Competence])]| row.check_lead(leads).err().map(|f| f.reason);
    let good = [competence("2026-03-10", Some("2026-03-10"))];
    assert_eq!(reason(&[(&a, &good)]), None);
    assert_eq!(
        reason(&[(&a, &[competence("2026-03-11", None)])]),
        Some(Reason::CompetenceExpiredOnSessionDate)
    );
    let over = [competence("2025-01-01", Some("2026-03-09"))];
    assert_eq!(reason(&[(&a, &over)]), Some(Reason::CompetenceExpiredOnSessionDate));
    assert_eq!(reason(&[]), Some(Reason::SessionWithoutLead));
    assert_eq!(reason(&[(&a, &good), (&b, &good)]), Some(Reason::SessionWithoutLead));
}
