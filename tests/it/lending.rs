//! Trainers of other agencies: who may name them, and what the lead agency learns of them, when.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState as State, BatchOutcome},
};

use crate::{
    acts::Act,
    cast::{
        Cast, FISHER, TRAINER, again, errors, lead, led_session, manpower, push, session, terms, trainer,
    },
    world::{request_id, violations},
};

const START: &str = "2026-03-10T01:00:00Z";
const LENDING: &str = "agencies/dkp-kepri/agreements/lending";

/// The fisheries agency may lend trainers to the prison, and has registered none.
async fn lender() -> Cast {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, LENDING, terms("dkp-kepri", manpower())).await;
    cast
}

/// [`FISHER`], as changed.
fn fisher(change: impl Fn(&mut v1::TrainerProfile)) -> v1::RegisterTrainerRequest {
    let mut request = trainer(FISHER, "");
    let profile = request.profile.as_mut().unwrap();
    profile.lendable_to_all = false;
    change(profile);
    request
}

async fn update(client: &Client, profile: v1::TrainerProfile) {
    let get = v1::GetTrainerRequest { name: FISHER.to_owned() };
    let stored = client.trainer().get_trainer(get).await.unwrap().into_inner().trainer.unwrap();
    let update = v1::UpdateTrainerRequest {
        request_id: request_id(),
        name: FISHER.to_owned(),
        etag: stored.etag,
        profile: Some(profile),
        ..Default::default()
    };
    client.trainer().update_trainer(update).await.unwrap();
}

/// What a push of one session with [`FISHER`] is answered, in every mode, dry and for good.
async fn answers(cast: &Cast) -> Vec<v1::PushScheduleResponse> {
    let mut answers = Vec::new();
    for mode in [v1::BatchMode::Atomic, v1::BatchMode::BestEffort] {
        for validate_only in [true, false] {
            let request = v1::PushScheduleRequest {
                mode: mode.into(),
                validate_only,
                ..push(vec![led_session("s1", START, FISHER)])
            };
            answers.push(cast.blk.schedule().push_schedule(request).await.unwrap().into_inner());
        }
    }
    answers
}

/// The whole answer is compared: no reference is found out by it.
#[tokio::test]
async fn unknown_inactive_and_not_lent_are_one_answer() {
    let cast = lender().await;
    let unknown = answers(&cast).await;
    assert_eq!(unknown[0].results[0].errors[0].reason, "TRAINER_NOT_AVAILABLE");
    cast.dkp.trainer().register_trainer(fisher(|_| ())).await.unwrap();
    assert_eq!(answers(&cast).await, unknown, "not marked is not lent");
    type Change = fn(&mut v1::TrainerProfile);
    let cases: [(&str, Change); 2] = [
        ("lent to another", |profile| profile.lendable_to = vec!["agencies/dkpp-bintan".to_owned()]),
        ("inactive", |profile| {
            profile.lendable_to_all = true;
            profile.status = v1::TrainerStatus::Inactive.into();
        }),
    ];
    for (why, change) in cases {
        update(&cast.dkp, fisher(change).profile.unwrap()).await;
        assert_eq!(answers(&cast).await, unknown, "{why}");
    }
    update(
        &cast.dkp,
        fisher(|profile| profile.lendable_to = vec!["agencies/blk-kepri".to_owned()]).profile.unwrap(),
    )
    .await;
    let lent = cast.push(vec![led_session("s1", START, FISHER)]).await;
    assert_eq!(lent.outcome(), BatchOutcome::Stored, "{lent:?}");
}

#[tokio::test]
async fn a_prisons_trainer_is_named_by_whom_the_prison_allows() {
    let cast = Cast::ready().await;
    let own = "agencies/lapas-tpi/trainers/giatja";
    let mut register = trainer(own, "");
    register.profile.as_mut().unwrap().lendable_to_all = false;
    cast.lapas.trainer().register_trainer(register).await.unwrap();
    let answer = cast.push(vec![led_session("s1", START, own)]).await;
    assert_eq!(errors(&answer.results)[0].1, "TRAINER_NOT_AVAILABLE");
}

/// Who was lent and is no longer stays in the sessions that have the trainer, and comes into no other.
#[tokio::test]
async fn who_is_lent_no_longer_stays_where_named_and_comes_nowhere_else() {
    let cast = lender().await;
    cast.dkp.trainer().register_trainer(fisher(|profile| profile.lendable_to_all = true)).await.unwrap();
    let first = led_session("s1", START, FISHER);
    assert_eq!(cast.push(vec![first.clone()]).await.outcome(), BatchOutcome::Stored);
    update(&cast.dkp, fisher(|_| ()).profile.unwrap()).await;
    let moved = led_session("s1", "2026-03-12T01:00:00Z", FISHER);
    let moved = cast.push(vec![again(moved)]).await;
    assert_eq!(moved.outcome(), BatchOutcome::Stored, "{moved:?}");
    let more = cast.push(vec![led_session("s2", "2026-03-13T01:00:00Z", FISHER)]).await;
    assert_eq!(errors(&more.results)[0].1, "TRAINER_NOT_AVAILABLE");
}

#[tokio::test]
async fn an_agency_that_is_lent_to_must_be_known() {
    let cast = Cast::gather().await;
    let unknown = fisher(|profile| profile.lendable_to = vec!["agencies/nobody".to_owned()]);
    let refused = cast.dkp.trainer().register_trainer(unknown).await.unwrap_err();
    assert_eq!(crate::world::reason(&refused), "AGENCY_UNKNOWN");
    let wrong =
        fisher(|profile| profile.lendable_to = vec!["agencies/dkpp-bintan".to_owned(), "x".to_owned()]);
    let refused = cast.dkp.trainer().register_trainer(wrong).await.unwrap_err();
    assert_eq!(violations(&refused), [("profile.lendable_to[1]".to_owned(), "NAME_INVALID".to_owned())]);
    let both = ["agencies/dkpp-bintan", "agencies/blk-kepri"].map(str::to_owned).to_vec();
    let request = fisher(|profile| profile.lendable_to = both.clone());
    cast.dkp.trainer().register_trainer(request).await.unwrap();
    let get = v1::GetTrainerRequest { name: FISHER.to_owned() };
    let stored = cast.dkp.trainer().get_trainer(get).await.unwrap().into_inner().trainer.unwrap();
    let mut sorted = both;
    sorted.sort();
    assert_eq!(stored.profile.unwrap().lendable_to, sorted);
}

/// The assignment of a trainer in s1 as a client reads it, one by one and in its list.
async fn seen(client: &Client, trainer: &str) -> v1::TrainerAssignment {
    let request = v1::ListTrainerAssignmentsRequest { page_size: 500, ..Default::default() };
    let listed =
        client.assignment().list_trainer_assignments(request).await.unwrap().into_inner().assignments;
    let one = listed.into_iter().find(|one| one.trainer == trainer).unwrap();
    let get = v1::GetTrainerAssignmentRequest { name: one.name.clone() };
    let got = client.assignment().get_trainer_assignment(get).await.unwrap().into_inner().assignment.unwrap();
    assert_eq!(got, one, "Get and List show the same");
    one
}

/// Names and certificates are the lead agency's to read while the trainer's agency has said yes: not before, and not after.
#[tokio::test]
async fn a_lent_trainer_has_a_name_while_the_yes_stands() {
    for (acts, shown) in [
        (&[][..], false),
        (&[Act::Accept], true),
        (&[Act::Accept, Act::Clear], true),
        (&[Act::Decline], false),
        (&[Act::Accept, Act::Decline], false),
        (&[Act::Withdraw], false),
        (&[Act::Accept, Act::Clear, Act::Withdraw], false),
        (&[Act::Accept, Act::Refuse], false),
        (&[Act::Refuse], false),
        (&[Act::Accept, Act::Decline, Act::Allow], false),
    ] {
        let cast = lender().await;
        let request = fisher(|profile| {
            profile.lendable_to_all = true;
            profile.full_name = "Sari Pinjaman".to_owned();
            profile.competences[0].certificate_number = "KP-9917".to_owned();
        });
        cast.dkp.trainer().register_trainer(request).await.unwrap();
        let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(FISHER)], ..session("s1", START) };
        assert_eq!(cast.push(vec![both]).await.outcome(), BatchOutcome::Stored);
        for act in acts {
            let by = match act {
                Act::Accept | Act::Decline | Act::Allow => &cast.dkp,
                Act::Clear | Act::Refuse => &cast.lapas,
                Act::Withdraw => &cast.blk,
            };
            let acted = cast.act(by, *act, "s1", FISHER).await;
            assert_eq!(acted.outcome(), BatchOutcome::Stored, "{acts:?}: {acted:?}");
        }
        let read = seen(&cast.blk, FISHER).await;
        let expected = if shown { ("Sari Pinjaman", 1) } else { ("", 0) };
        assert_eq!((read.trainer_display_name.as_str(), read.competences.len()), expected, "{acts:?}");
        assert_eq!(format!("{read:?}").contains("KP-9917"), shown, "{acts:?}");
        for client in [&cast.lapas, &cast.dkp] {
            let read = seen(client, FISHER).await;
            assert_eq!((read.trainer_display_name.as_str(), read.competences.len()), ("Sari Pinjaman", 1));
        }
        let own = seen(&cast.blk, TRAINER).await;
        assert_eq!((own.state(), own.trainer_display_name.as_str()), (State::Proposed, "Budi Contoh"));
    }
}

/// What a lent trainer can do is not found out by naming the trainer: a push asks for no competence.
#[tokio::test]
async fn a_push_tells_nothing_of_a_lent_trainers_competences() {
    let cast = lender().await;
    let good = |profile: &mut v1::TrainerProfile| profile.lendable_to_all = true;
    cast.dkp.trainer().register_trainer(fisher(good)).await.unwrap();
    let dry = async || {
        let request =
            v1::PushScheduleRequest { validate_only: true, ..push(vec![led_session("s1", START, FISHER)]) };
        cast.blk.schedule().push_schedule(request).await.unwrap().into_inner()
    };
    let able = dry().await;
    assert!(able.warnings.is_empty() && able.results[0].errors.is_empty(), "{able:?}");
    for unable in [
        fisher(|profile| {
            good(profile);
            profile.competences[0].valid_until = "2026-03-01".to_owned();
        }),
        fisher(|profile| {
            good(profile);
            profile.competences.clear();
        }),
    ] {
        update(&cast.dkp, unable.profile.unwrap()).await;
        let found = dry().await;
        assert_eq!((found.outcome(), errors(&found.results)), (able.outcome(), Vec::new()));
        assert!(found.warnings.is_empty(), "{found:?}");
    }
}

/// A yes counts under an agreement in force: while that is suspended, no name is shown.
#[tokio::test]
async fn a_suspended_agreement_shows_no_lent_trainers_name() {
    let cast = lender().await;
    let good = |profile: &mut v1::TrainerProfile| profile.lendable_to_all = true;
    cast.dkp.trainer().register_trainer(fisher(good)).await.unwrap();
    assert_eq!(cast.push(vec![led_session("s1", START, FISHER)]).await.outcome(), BatchOutcome::Stored);
    cast.act(&cast.dkp, Act::Accept, "s1", FISHER).await;
    let shown = async || {
        let read = seen(&cast.blk, FISHER).await;
        (!read.trainer_display_name.is_empty(), read.competences.len())
    };
    assert_eq!(shown().await, (true, 1));
    cast.suspend(&cast.lapas, crate::cast::AGREEMENT).await.unwrap();
    assert_eq!(shown().await, (false, 0));
    assert!(!seen(&cast.dkp, FISHER).await.trainer_display_name.is_empty(), "its own agency reads it");
}
