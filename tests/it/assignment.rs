//! Trainer assignments: the prison's pull, and who else sees what.

use gerbang::{
    agent::Client,
    proto::v1::{self, AssignmentState, BatchOutcome, TrainerRole},
};

use crate::{
    cast::{
        Cast, FISHER, PUSH, TRAINER, again, agriculture, lead, led_session, manpower, push_fish, session,
        session_name, timestamp, trainer,
    },
    world::{reason, violations},
};

type Request = v1::ListTrainerAssignmentsRequest;

const FIRST: &str = "2026-03-10T01:00:00Z";
const END: &str = "2026-03-10T04:00:00Z";
const SECOND: &str = "2026-03-11T01:00:00Z";

async fn list(client: &Client, request: Request) -> Vec<v1::TrainerAssignment> {
    client.assignment().list_trainer_assignments(request).await.unwrap().into_inner().assignments
}

async fn get(client: &Client, name: &str) -> Result<v1::TrainerAssignment, tonic::Status> {
    let request = v1::GetTrainerAssignmentRequest { name: name.to_owned() };
    let answer = client.assignment().get_trainer_assignment(request).await?;
    Ok(answer.into_inner().assignment.unwrap())
}

fn uids(assignments: &[v1::TrainerAssignment]) -> Vec<&str> {
    assignments.iter().map(|assignment| assignment.session_uid.as_str()).collect()
}

/// The BLK's s1 with its own and a lent trainer, and the fisheries agency's f1 with its own.
async fn lent() -> Cast {
    let cast = Cast::ready().await.with_fisheries("").await;
    let both = v1::SessionDraft { trainers: vec![lead(TRAINER), lead(FISHER)], ..session("s1", FIRST) };
    let answer = cast.push(vec![both]).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let fish = push_fish(vec![led_session("f1", SECOND, FISHER)]);
    let answer = cast.dkp.schedule().push_schedule(fish).await.unwrap().into_inner();
    cast.world.assert_entry(&answer.entry, PUSH, &["agencies/dkp-kepri/sessions/f1"]).await;
    cast
}

#[tokio::test]
async fn an_assignment_says_who_comes_when_and_for_what() {
    let cast = Cast::ready().await;
    let name = "agencies/blk-kepri/trainers/t2";
    let mut register = trainer(name, "");
    let profile = register.profile.as_mut().unwrap();
    let farming = v1::Competence { field: Some(agriculture()), ..profile.competences[0].clone() };
    profile.competences.push(farming);
    cast.blk.trainer().register_trainer(register).await.unwrap();
    let answer = cast.push(vec![led_session("s1", FIRST, name)]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let pulled = list(&cast.lapas, Request::default()).await;
    let one = &pulled[0];
    assert_eq!((one.starts_at, one.ends_at), (timestamp(FIRST), timestamp(END)));
    assert_eq!((one.time_zone.as_str(), one.topic.as_str()), ("Asia/Jakarta", "Las busur"));
    assert_eq!((one.programme_title.as_str(), one.session_uid.as_str()), ("Pengelasan dasar", "s1"));
    assert_eq!((one.trainer.as_str(), one.trainer_agency.as_str()), (name, "agencies/blk-kepri"));
    let fields: Vec<_> = one.competences.iter().map(|competence| competence.field.clone().unwrap()).collect();
    assert_eq!(fields, [manpower()], "those in the programme's field alone");
    assert_eq!(get(&cast.lapas, &one.name).await.unwrap(), *one, "Get and List say the same");
}

#[tokio::test]
async fn the_range_is_half_open_and_filters_narrow() {
    let cast = lent().await;
    let range = |start: Option<&str>, end: Option<&str>| Request {
        range_start: start.and_then(timestamp),
        range_end: end.and_then(timestamp),
        ..Default::default()
    };
    let of = |code: &str| Request { trainer_agency: format!("agencies/{code}"), ..Default::default() };
    let state = |state: AssignmentState| Request { state: state.into(), ..Default::default() };
    for (request, expected) in [
        (range(None, None), vec!["s1", "s1", "f1"]),
        (range(Some(END), None), vec!["f1"]),
        (range(Some("2026-03-10T03:59:59Z"), None), vec!["s1", "s1", "f1"]),
        (range(None, Some(FIRST)), vec![]),
        (range(None, Some("2026-03-10T01:00:01Z")), vec!["s1", "s1"]),
        (range(Some(END), Some(SECOND)), vec![]),
        (of("dkp-kepri"), vec!["s1", "f1"]),
        (of("blk-kepri"), vec!["s1"]),
        (of("lapas-tpi"), vec![]),
        (state(AssignmentState::Proposed), vec!["s1", "s1", "f1"]),
        (state(AssignmentState::Withdrawn), vec![]),
    ] {
        assert_eq!(uids(&list(&cast.lapas, request.clone()).await), expected, "{request:?}");
    }
    let reversed = range(Some(SECOND), Some(FIRST));
    let refused = cast.lapas.assignment().list_trainer_assignments(reversed).await.unwrap_err();
    assert_eq!(violations(&refused), [("range_end".to_owned(), "TIME_RANGE_REVERSED".to_owned())]);
}

/// Ten assignments, seven of them with one start, in pages of three: each once, by start and session.
#[tokio::test]
async fn pages_of_three_hold_every_assignment_once_over_ties() {
    let cast = Cast::ready().await;
    let name = |index: usize| format!("agencies/blk-kepri/trainers/p{index}");
    for index in 0..7 {
        cast.blk.trainer().register_trainer(trainer(&name(index), "")).await.unwrap();
    }
    let mut sessions: Vec<_> =
        (0..7).map(|index| led_session(&format!("s{index}"), FIRST, &name(index))).collect();
    sessions.extend((0..3).map(|index| led_session(&format!("l{index}"), SECOND, &name(index))));
    assert_eq!(cast.push(sessions).await.outcome(), BatchOutcome::Stored);
    let mut request = Request { page_size: 3, ..Default::default() };
    let (mut seen, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let page = cast.lapas.assignment().list_trainer_assignments(request.clone()).await;
        let page = page.unwrap().into_inner();
        sizes.push(page.assignments.len());
        let key = |one: &v1::TrainerAssignment| (one.starts_at.unwrap().seconds, one.session.clone());
        seen.extend(page.assignments.iter().map(key));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(sizes, [3, 3, 3, 1]);
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
}

/// Whatever their ids: a list, in pages of one, and a session name the LEAD first, then the others by name.
#[tokio::test]
async fn of_one_session_the_lead_comes_first() {
    let cast = Cast::ready().await;
    let name = |who: &str| format!("agencies/blk-kepri/trainers/{who}");
    for who in ["a", "b", "c", "d"] {
        cast.blk.trainer().register_trainer(trainer(&name(who), "")).await.unwrap();
    }
    let named = |who: &str, role: TrainerRole| v1::SessionTrainer { trainer: name(who), role: role.into() };
    let (lead, assists) = (TrainerRole::Lead, TrainerRole::Assistant);
    let order = [named("c", assists), named("d", lead), named("a", assists), named("b", assists)];
    let session =
        |uid: &str| v1::SessionDraft { trainers: order.to_vec(), ..crate::cast::session(uid, FIRST) };
    let days = ["09", "10", "11"].map(|day| format!("2026-04-{day}T01:00:00Z"));
    let pushed = days.iter().enumerate().map(|(place, start)| v1::SessionDraft {
        starts_at: timestamp(start),
        ends_at: timestamp(&start.replace("T01", "T03")),
        ..session(&format!("s{place}"))
    });
    assert_eq!(cast.push(pushed.collect()).await.outcome(), BatchOutcome::Stored);
    let shown = cast.session("s1").await.trainers;
    assert_eq!(shown, [named("d", lead), named("a", assists), named("b", assists), named("c", assists)]);
    let mut request = Request { page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = cast.lapas.assignment().list_trainer_assignments(request.clone()).await;
        let page = page.unwrap().into_inner();
        seen.extend(page.assignments.into_iter().map(|one| (one.session_uid.clone(), one.role())));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let expected =
        ["s0", "s1", "s2"].map(|uid| [lead, assists, assists, assists].map(|role| (uid.to_owned(), role)));
    assert_eq!(seen, expected.concat());
}

#[tokio::test]
async fn a_page_token_goes_with_its_query_and_its_caller_alone() {
    let cast = lent().await;
    let first = Request { page_size: 1, ..Default::default() };
    let page = cast.lapas.assignment().list_trainer_assignments(first.clone()).await.unwrap().into_inner();
    let with = Request { page_token: page.next_page_token, ..first };
    let other = [
        Request { range_start: timestamp(FIRST), ..with.clone() },
        Request { state: AssignmentState::Proposed.into(), ..with.clone() },
        Request { page_token: "garbage".to_owned(), ..with.clone() },
        Request { page_token: format!("{}A", with.page_token), ..with.clone() },
    ];
    for request in other {
        let refused = cast.lapas.assignment().list_trainer_assignments(request.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "{request:?}");
    }
    let refused = cast.dkp.assignment().list_trainer_assignments(with.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "another caller's");
    assert_eq!(list(&cast.lapas, with).await.len(), 1);
    let long = Request { page_token: "x".repeat(1001), ..Default::default() };
    let refused = cast.lapas.assignment().list_trainer_assignments(long).await.unwrap_err();
    assert_eq!(violations(&refused), [("page_token".to_owned(), "FIELD_TOO_LONG".to_owned())]);
}

#[tokio::test]
async fn a_partner_sees_assignments_that_it_leads_or_staffs() {
    let cast = lent().await;
    let of = async |client: &Client| {
        let seen = list(client, Request::default()).await;
        seen.into_iter().map(|one| format!("{} {}", one.session_uid, one.trainer)).collect::<Vec<_>>()
    };
    let mut blk = of(&cast.blk).await;
    blk.sort();
    assert_eq!(blk, [format!("s1 {TRAINER}"), format!("s1 {FISHER}")]);
    assert_eq!(of(&cast.dkp).await, [format!("s1 {FISHER}"), format!("f1 {FISHER}")]);
    assert!(of(&cast.dkpp).await.is_empty());
    let hidden = list(&cast.blk, Request::default()).await;
    let hidden = hidden.iter().find(|one| one.trainer == TRAINER).unwrap();
    for client in [&cast.dkp, &cast.dkpp] {
        assert_eq!(reason(&get(client, &hidden.name).await.unwrap_err()), "NOT_FOUND");
    }
    let none = get(&cast.lapas, "assignments/0199aaaa-0000-7000-8000-000000000000").await.unwrap_err();
    assert_eq!(reason(&none), "NOT_FOUND");
    let wrong = get(&cast.lapas, "assignments/x").await.unwrap_err();
    assert_eq!(violations(&wrong), [("name".to_owned(), "NAME_INVALID".to_owned())]);
}

#[tokio::test]
async fn an_agency_whose_trainer_was_left_out_sees_that_it_was() {
    let cast = lent().await;
    let out = cast.push(vec![again(led_session("s1", FIRST, TRAINER))]).await;
    cast.world.assert_entry(&out.entry, PUSH, &[&session_name("s1")]).await;
    let withdrawn = Request { state: AssignmentState::Withdrawn.into(), ..Default::default() };
    let seen = list(&cast.dkp, withdrawn).await;
    assert_eq!((uids(&seen), seen[0].trainer.as_str()), (vec!["s1"], FISHER));
    assert_eq!(seen[0].starts_at, timestamp(FIRST));
    assert_eq!(get(&cast.dkp, &seen[0].name).await.unwrap().state(), AssignmentState::Withdrawn);
    let session = v1::GetSessionRequest { name: session_name("s1") };
    let refused = cast.dkp.schedule().get_session(session).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_FOUND", "what becomes of the session is its business no more");
}
