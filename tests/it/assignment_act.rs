//! What the agencies do to assignments: whose act it is, from which state, until when, and under which agreements.

use gerbang::{
    agent::Client,
    proto::{
        self,
        v1::{self, AssignmentState as State, BatchMode, BatchOutcome, DataKind, ItemOutcome},
    },
};

use crate::{
    acts::{Act, Acted, Ask, ask, faults, send},
    cast::{
        AGREEMENT, Cast, FISHER, TRAINER, agreement_etag, lead, led_session, manpower, seen_assignment,
        session, session_name, terms, trainer,
    },
    world::{reason, request_id, violations},
};

const START: &str = "2026-03-10T01:00:00Z";
const LENDING: &str = "agencies/dkp-kepri/agreements/lending";

fn item(field: &str, reason: &str) -> Vec<(String, String)> {
    vec![(format!("assignments[0].{field}"), reason.to_owned())]
}

impl Act {
    /// One who may do it to an assignment of BLK's own trainer in BLK's own session.
    fn by(self, cast: &Cast) -> &Client {
        if matches!(self, Self::Clear | Self::Refuse) { &cast.lapas } else { &cast.blk }
    }
}

/// What the ledger's entry says of assignments.
async fn lines(cast: &Cast, entry: &str) -> Vec<String> {
    let entries = cast.world.entries().await;
    let entry = entries.into_iter().find(|one| one.id.to_string() == entry).unwrap();
    entry.lines.into_iter().map(|line| line.resource).collect()
}

/// s1 with [`TRAINER`] and with [`FISHER`], whom the fisheries agency lends.
async fn lent() -> Cast {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, LENDING, terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(trainer(FISHER, "")).await.unwrap();
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(FISHER)], ..session("s1", START) };
    assert_eq!(cast.push(vec![both]).await.outcome(), BatchOutcome::Stored);
    cast
}

/// Every act from every state: what comes of it, or that the state forbids it.
#[tokio::test]
async fn each_act_goes_from_its_states_alone() {
    let ways: [(State, &[Act]); 6] = [
        (State::Proposed, &[]),
        (State::Accepted, &[Act::Accept]),
        (State::Cleared, &[Act::Accept, Act::Clear]),
        (State::Withdrawn, &[Act::Withdraw]),
        (State::Declined, &[Act::Decline]),
        (State::ClearanceRefused, &[Act::Refuse]),
    ];
    let allowed = |state: State, act: Act| match act {
        Act::Accept => state == State::Proposed,
        Act::Clear => state == State::Accepted,
        Act::Allow => [State::Declined, State::ClearanceRefused].contains(&state),
        _ => [State::Proposed, State::Accepted, State::Cleared].contains(&state),
    };
    let cast = Cast::ready().await;
    let at = |place: usize| (format!("s{place}"), format!("2026-03-{:02}T01:00:00Z", 10 + place));
    let sessions = (0..ways.len()).map(|place| led_session(&at(place).0, &at(place).1, TRAINER)).collect();
    cast.push(sessions).await;
    for (place, (state, way)) in ways.into_iter().enumerate() {
        let uid = at(place).0;
        for act in way {
            let acted = cast.act(act.by(&cast), *act, &uid, TRAINER).await;
            let name = cast.assignment(&uid, TRAINER).await.name;
            assert_eq!((acted.outcome(), acted.results[0].state()), (BatchOutcome::Stored, act.state()));
            cast.world.assert_entry(&acted.entry, act.method(), &[]).await;
            assert_eq!(lines(&cast, &acted.entry).await, [name]);
        }
        let seen = cast.assignment(&uid, TRAINER).await;
        assert_eq!(seen.state(), state);
        for act in Act::ALL {
            let dry = Ask { validate_only: true, ..ask(vec![seen_assignment(&seen)]) };
            let by = if state == State::ClearanceRefused && act == Act::Allow {
                &cast.lapas
            } else {
                act.by(&cast)
            };
            let acted = send(by, act, dry).await.unwrap();
            let result = &acted.results[0];
            if allowed(state, act) {
                assert_eq!(
                    (result.outcome(), result.state()),
                    (ItemOutcome::Updated, act.state()),
                    "{act:?}"
                );
            } else {
                assert_eq!(faults(&acted), item("name", "STATE_FORBIDS"), "{act:?} from {state:?}");
                assert_eq!((result.state(), result.etag.as_str()), (state, seen.etag.as_str()));
            }
        }
        assert_eq!(cast.assignment(&uid, TRAINER).await.etag, seen.etag, "a dry run does nothing");
    }
}

/// A trainer whom a third agency lends: the trainer's agency, the lead agency and the prison each do their own.
#[tokio::test]
async fn each_agency_does_what_is_its_own_to_do() {
    let cast = lent().await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    let seen = seen_assignment(&cast.assignment("s1", FISHER).await);
    let callers = [("dkp", &cast.dkp), ("blk", &cast.blk), ("lapas", &cast.lapas), ("dkpp", &cast.dkpp)];
    let table = [
        (Act::Accept, ["STATE_FORBIDS", "RELATION_NOT_ALLOWED", "RELATION_NOT_ALLOWED", "NOT_FOUND"]),
        (Act::Decline, ["", "RELATION_NOT_ALLOWED", "RELATION_NOT_ALLOWED", "NOT_FOUND"]),
        (Act::Withdraw, ["RELATION_NOT_ALLOWED", "", "RELATION_NOT_ALLOWED", "NOT_FOUND"]),
        (Act::Clear, ["ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWED", "", "ROLE_NOT_ALLOWED"]),
        (Act::Refuse, ["ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWED", "", "ROLE_NOT_ALLOWED"]),
    ];
    for (act, expected) in table {
        for ((who, client), expected) in callers.into_iter().zip(expected) {
            let dry = Ask { validate_only: true, ..ask(vec![seen.clone()]) };
            let found = match send(client, act, dry).await {
                Ok(acted) => faults(&acted).into_iter().map(|(_, reason)| reason).collect(),
                Err(status) => reason(&status),
            };
            assert_eq!(found, expected, "{act:?} by {who}");
        }
    }
    let hidden = send(&cast.dkpp, Act::Accept, ask(vec![seen])).await.unwrap();
    assert_eq!((hidden.results[0].state(), hidden.results[0].etag.as_str()), (State::Unspecified, ""));
}

#[tokio::test]
async fn a_batch_says_of_each_assignment_what_is_wrong_with_it() {
    let cast = Cast::ready().await;
    let days = [("s1", START), ("s2", "2026-03-11T01:00:00Z"), ("s3", "2026-03-12T01:00:00Z")];
    cast.push(days.map(|(uid, start)| led_session(uid, start, TRAINER)).to_vec()).await;
    cast.act(&cast.lapas, Act::Refuse, "s3", TRAINER).await;
    let good = seen_assignment(&cast.assignment("s1", TRAINER).await);
    let second = cast.assignment("s2", TRAINER).await;
    let stale = v1::SeenAssignment { name: second.name.clone(), etag: "0000000000000000".to_owned() };
    let unknown = v1::SeenAssignment {
        name: "assignments/0199aaaa-0000-7000-8000-000000000000".to_owned(),
        ..good.clone()
    };
    let refused = seen_assignment(&cast.assignment("s3", TRAINER).await);
    let items = vec![good.clone(), good.clone(), unknown, stale, refused];
    let expected = [
        ("assignments[1].name", "DUPLICATE_IN_BATCH"),
        ("assignments[2].name", "NOT_FOUND"),
        ("assignments[3].etag", "ETAG_MISMATCH"),
        ("assignments[4].name", "STATE_FORBIDS"),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    let acted = send(&cast.blk, Act::Accept, ask(items.clone())).await.unwrap();
    assert_eq!((acted.outcome(), acted.entry.as_str()), (BatchOutcome::Rejected, ""));
    assert_eq!(faults(&acted), expected);
    assert_eq!(acted.results[0].outcome(), ItemOutcome::NotStored);
    assert_eq!(acted.results[3].etag, second.etag, "the etag that holds");
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), State::Proposed);

    let partial = Ask { mode: BatchMode::BestEffort, ..ask(items) };
    let acted = send(&cast.blk, Act::Accept, partial.clone()).await.unwrap();
    assert_eq!((acted.outcome(), faults(&acted)), (BatchOutcome::Partial, expected.to_vec()));
    cast.world.assert_entry(&acted.entry, Act::Accept.method(), &[]).await;
    assert_eq!(lines(&cast, &acted.entry).await, [good.name]);
    let replayed = send(&cast.blk, Act::Accept, partial.clone()).await.unwrap();
    assert_eq!(replayed, acted, "the first answer again");
    assert_eq!(cast.recorded(Act::Accept.method()).await, 1);
    let other = send(&cast.blk, Act::Decline, partial).await.unwrap_err();
    assert_eq!(reason(&other), "REQUEST_ID_REUSED", "another act is another request");
}

#[tokio::test]
async fn an_etag_that_is_out_of_date_does_nothing() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    let old = seen_assignment(&cast.assignment("s1", TRAINER).await);
    cast.act(&cast.blk, Act::Accept, "s1", TRAINER).await;
    for act in Act::ALL {
        let acted = send(act.by(&cast), act, ask(vec![old.clone()])).await.unwrap();
        assert_eq!(faults(&acted), item("etag", "ETAG_MISMATCH"), "{act:?}");
    }
    assert_eq!(cast.assignment("s1", TRAINER).await.state(), State::Accepted);
}

#[tokio::test]
async fn who_was_withdrawn_is_not_cleared() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    let seen = seen_assignment(&cast.assignment("s1", TRAINER).await);
    cast.act(&cast.blk, Act::Withdraw, "s1", TRAINER).await;
    let late = send(&cast.lapas, Act::Clear, ask(vec![seen])).await.unwrap();
    assert_eq!(faults(&late), item("etag", "ETAG_MISMATCH"), "the prison saw it before");
    let late = cast.act(&cast.lapas, Act::Clear, "s1", TRAINER).await;
    assert_eq!(faults(&late), item("name", "STATE_FORBIDS"));
    assert!(late.results[0].errors[0].text.contains("WITHDRAWN"), "{late:?}");
    assert_eq!(cast.recorded(Act::Clear.method()).await, 0);
}

#[tokio::test]
async fn who_is_declined_refused_or_withdrawn_is_free() {
    for act in [Act::Decline, Act::Refuse, Act::Withdraw] {
        let cast = Cast::ready().await;
        cast.push(vec![led_session("s1", START, TRAINER)]).await;
        cast.act(act.by(&cast), act, "s1", TRAINER).await;
        let elsewhere = cast.push(vec![led_session("s2", START, TRAINER)]).await;
        assert_eq!(elsewhere.outcome(), BatchOutcome::Stored, "{act:?}: {elsewhere:?}");
    }
}

/// From 24 hours before the start on only the prison does anything, its own trainers included; then nobody.
#[tokio::test]
async fn within_a_day_only_the_prison_acts_and_after_the_start_nobody() {
    let cast = Cast::ready().await;
    let own = "agencies/lapas-tpi/trainers/giatja";
    cast.lapas.trainer().register_trainer(trainer(own, "")).await.unwrap();
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(own)], ..session("s1", START) };
    cast.push(vec![both]).await;
    let dry = async |client: &Client, act: Act, trainer: &str| {
        let seen = seen_assignment(&cast.assignment("s1", trainer).await);
        let acted = send(client, act, Ask { validate_only: true, ..ask(vec![seen]) }).await.unwrap();
        faults(&acted).pop().map(|(_, reason)| reason)
    };
    let soon = Some("SESSION_TOO_SOON".to_owned());
    let begun = Some("SESSION_IN_PAST".to_owned());
    for (now, partner, prison) in [
        ("2026-03-09T01:00:00Z", None, None),
        ("2026-03-09T01:00:01Z", soon.clone(), None),
        ("2026-03-10T00:59:59Z", soon, None),
        (START, begun.clone(), begun),
    ] {
        cast.world.set_clock(now);
        for act in [Act::Accept, Act::Decline, Act::Withdraw] {
            assert_eq!(dry(&cast.blk, act, TRAINER).await, partner, "{act:?} at {now}");
        }
        assert_eq!(dry(&cast.lapas, Act::Refuse, TRAINER).await, prison, "refuse at {now}");
        for act in [Act::Accept, Act::Decline] {
            assert_eq!(dry(&cast.lapas, act, own).await, prison, "{act:?} its own at {now}");
        }
    }
    cast.world.set_clock("2026-03-10T00:59:59Z");
    let acted = cast.act(&cast.lapas, Act::Accept, "s1", own).await;
    cast.world.assert_entry(&acted.entry, Act::Accept.method(), &[]).await;
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", own).await;
    cast.world.assert_entry(&acted.entry, Act::Clear.method(), &[]).await;
}

/// Only a clearance rests on the agreement: who does not come any more needs none.
#[tokio::test]
async fn nobody_is_cleared_under_an_agreement_that_is_suspended() {
    let cast = Cast::ready().await;
    cast.push(vec![led_session("s1", START, TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.suspend(&cast.blk, AGREEMENT).await.unwrap();
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", TRAINER).await;
    assert_eq!(faults(&acted), item("name", "AGREEMENT_NOT_IN_FORCE"));
    assert!(acted.results[0].errors[0].text.contains(AGREEMENT), "{acted:?}");
    for act in [Act::Decline, Act::Refuse, Act::Withdraw] {
        let seen = seen_assignment(&cast.assignment("s1", TRAINER).await);
        let dry = Ask { validate_only: true, ..ask(vec![seen]) };
        assert_eq!(faults(&send(act.by(&cast), act, dry).await.unwrap()), [], "{act:?}");
    }
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        ..Default::default()
    };
    cast.blk.agreement().resume_agreement(resume).await.unwrap();
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", TRAINER).await;
    assert_eq!(acted.results[0].state(), State::Cleared);
    cast.world.assert_entry(&acted.entry, Act::Clear.method(), &[]).await;
}

#[tokio::test]
async fn who_is_lent_is_cleared_under_the_lending_agreement_alone() {
    let cast = lent().await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    cast.suspend(&cast.dkp, LENDING).await.unwrap();
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", FISHER).await;
    assert_eq!(faults(&acted), item("name", "AGREEMENT_NOT_IN_FORCE"));
    let mut without = terms("dkp-kepri", manpower());
    without.data_annex.as_mut().unwrap().data_kinds = vec![DataKind::Schedule.into()];
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/without", without).await;
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", FISHER).await;
    assert_eq!(faults(&acted), item("name", "AGREEMENT_NOT_IN_FORCE"), "one that covers no trainers");
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", TRAINER).await;
    assert_eq!(acted.outcome(), BatchOutcome::Stored, "the lead agency's own: {acted:?}");
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/again", terms("dkp-kepri", manpower())).await;
    let acted = cast.act(&cast.lapas, Act::Clear, "s1", FISHER).await;
    assert_eq!(acted.results[0].state(), State::Cleared, "{acted:?}");
    cast.world.assert_entry(&acted.entry, Act::Clear.method(), &[]).await;
}

/// Who declined, or refused to let a trainer in, takes that back; and nobody for another.
#[tokio::test]
async fn a_refusal_is_taken_back_by_whose_it_is() {
    let cast = lent().await;
    for (act, by, others) in [
        (Act::Decline, &cast.dkp, [("blk", &cast.blk), ("lapas", &cast.lapas)]),
        (Act::Refuse, &cast.lapas, [("blk", &cast.blk), ("dkp", &cast.dkp)]),
    ] {
        assert_eq!(cast.act(by, act, "s1", FISHER).await.outcome(), BatchOutcome::Stored);
        let seen = seen_assignment(&cast.assignment("s1", FISHER).await);
        for (who, other) in others {
            let refused = send(other, Act::Allow, ask(vec![seen.clone()])).await.unwrap();
            assert_eq!(faults(&refused), item("name", "RELATION_NOT_ALLOWED"), "{act:?} by {who}");
        }
        let stranger = send(&cast.dkpp, Act::Allow, ask(vec![seen.clone()])).await.unwrap();
        assert_eq!(faults(&stranger), item("name", "NOT_FOUND"));
        let allowed = send(by, Act::Allow, ask(vec![seen])).await.unwrap();
        assert_eq!((allowed.outcome(), allowed.results[0].state()), (BatchOutcome::Stored, State::Withdrawn));
        cast.world.assert_entry(&allowed.entry, Act::Allow.method(), &[]).await;
        let sequence = cast.session("s1").await.sequence + 1;
        let draft = v1::SessionDraft {
            trainers: vec![lead(TRAINER), lead(FISHER)],
            sequence,
            ..session("s1", START)
        };
        let pushed = cast.push(vec![draft]).await;
        assert_eq!((pushed.outcome(), pushed.warnings.len()), (BatchOutcome::Stored, 0));
        assert_eq!(cast.assignment("s1", FISHER).await.state(), State::Proposed, "asked anew after {act:?}");
    }
}

/// There is no field for a reason, and the partners see the state and nothing else of it.
#[tokio::test]
async fn a_refusal_of_clearance_says_no_more() {
    let request = proto::descriptor().get_message_by_name("gerbang.v1.RefuseClearanceRequest").unwrap();
    let fields: Vec<_> = request.fields().map(|field| field.name().to_owned()).collect();
    assert_eq!(fields, ["request_id", "validate_only", "mode", "assignments"]);
    let cast = lent().await;
    let before = cast.session("s1").await;
    let acted = cast.act(&cast.lapas, Act::Refuse, "s1", FISHER).await;
    cast.world.assert_entry(&acted.entry, Act::Refuse.method(), &[]).await;
    for client in [&cast.blk, &cast.dkp] {
        let seen = cast.pull(client).await.into_iter().find(|one| one.trainer == FISHER).unwrap();
        assert_eq!(seen.state(), State::ClearanceRefused);
    }
    assert_eq!(cast.session("s1").await, before, "the session says nothing of it");
}

#[tokio::test]
async fn the_envelope_of_an_act_is_bounded() {
    let cast = Cast::ready().await;
    let one = v1::SeenAssignment { name: "assignments/x".to_owned(), etag: String::new() };
    for act in Act::ALL {
        let many = send(act.by(&cast), act, ask(vec![one.clone(); 1001])).await.unwrap_err();
        assert_eq!(reason(&many), "BATCH_TOO_LARGE", "{act:?}");
        let none = send(act.by(&cast), act, ask(Vec::new())).await.unwrap_err();
        assert_eq!(violations(&none), [("assignments".to_owned(), "ITEMS_TOO_FEW".to_owned())]);
        let wrong = send(act.by(&cast), act, ask(vec![one.clone()])).await.unwrap_err();
        let expected = [item("name", "NAME_INVALID"), item("etag", "ETAG_REQUIRED")].concat();
        assert_eq!(violations(&wrong), expected);
    }
}

/// The prison clears while the lead agency withdraws: one of them has seen what the other made of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_acts_at_once_one_is_done() {
    let cast = Cast::ready().await;
    for round in 0..10 {
        let (uid, start) = (format!("r{round}"), format!("2026-04-{:02}T01:00:00Z", round + 1));
        cast.push(vec![led_session(&uid, &start, TRAINER)]).await;
        cast.act(&cast.blk, Act::Accept, &uid, TRAINER).await;
        let seen = seen_assignment(&cast.assignment(&uid, TRAINER).await);
        let (cleared, withdrawn) = tokio::join!(
            send(&cast.lapas, Act::Clear, ask(vec![seen.clone()])),
            send(&cast.blk, Act::Withdraw, ask(vec![seen]))
        );
        let (cleared, withdrawn): (Acted, Acted) = (cleared.unwrap(), withdrawn.unwrap());
        let (act, won, lost) = match cleared.outcome() {
            BatchOutcome::Stored => (Act::Clear, cleared, withdrawn),
            _ => (Act::Withdraw, withdrawn, cleared),
        };
        assert_eq!((won.outcome(), faults(&lost)), (BatchOutcome::Stored, item("etag", "ETAG_MISMATCH")));
        assert_eq!(cast.assignment(&uid, TRAINER).await.state(), act.state());
        cast.world.assert_entry(&won.entry, act.method(), &[]).await;
    }
}

/// A clearance that is recorded was given before the suspension, never after.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_clearance_and_a_suspension_at_once_come_in_order() {
    for _ in 0..5 {
        let cast = Cast::ready().await;
        cast.push(vec![led_session("s1", START, TRAINER)]).await;
        cast.accept(&cast.blk, &[TRAINER]).await;
        let seen = seen_assignment(&cast.assignment("s1", TRAINER).await);
        let (cleared, suspended) =
            tokio::join!(send(&cast.lapas, Act::Clear, ask(vec![seen])), cast.suspend(&cast.blk, AGREEMENT));
        suspended.unwrap();
        let methods: Vec<_> = cast.world.entries().await.into_iter().map(|entry| entry.method).collect();
        let last = methods.last().unwrap();
        assert_eq!(last, "AgreementService/SuspendAgreement");
        let cleared = cleared.unwrap();
        let state = cast.assignment("s1", TRAINER).await.state();
        match cleared.outcome() {
            BatchOutcome::Stored => assert_eq!(state, State::Cleared),
            _ => {
                assert_eq!(faults(&cleared), item("name", "AGREEMENT_NOT_IN_FORCE"));
                assert_eq!(state, State::Accepted);
            }
        }
    }
}

/// The agency of a trainer who was left out sees the assignment, and not the session any more.
#[tokio::test]
async fn an_agency_whose_trainer_was_left_out_can_do_nothing_more() {
    let cast = lent().await;
    cast.push(vec![v1::SessionDraft { sequence: 1, ..led_session("s1", START, TRAINER) }]).await;
    for act in [Act::Accept, Act::Decline] {
        let acted = cast.act(&cast.dkp, act, "s1", FISHER).await;
        assert_eq!(faults(&acted), item("name", "STATE_FORBIDS"), "{act:?}");
        assert_eq!(acted.unconfirmed, [""; 0]);
    }
    let hidden = v1::GetSessionRequest { name: session_name("s1") };
    assert_eq!(reason(&cast.dkp.schedule().get_session(hidden).await.unwrap_err()), "NOT_FOUND");
}
