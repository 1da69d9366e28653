//! What readers see of sessions: filters, pages, and the narrow view of a trainer's agency.

use gerbang::{
    agent::Client,
    proto::v1::{self, SessionState},
};

use crate::{
    cast::{
        Cast, FISH, FISHER, PROGRAMME, SCHEDULE, TRAINER, led_session, manpower, push, push_fish, session,
        session_name, terms, timestamp,
    },
    world::{reason, request_id, violations},
};

const FIRST: &str = "2026-03-10T01:00:00Z";
const SECOND: &str = "2026-03-11T01:00:00Z";

async fn list(client: &Client, request: v1::ListSessionsRequest) -> Vec<String> {
    let answer = client.schedule().list_sessions(request).await.unwrap().into_inner();
    let uid = |session: &v1::Session| session.name.rsplit('/').next().unwrap().to_owned();
    answer.sessions.iter().map(uid).collect()
}

/// Three sessions of the BLK's, one of them cancelled, and one of the fisheries agency's.
async fn four_sessions() -> Cast {
    let cast = Cast::ready().await.with_fisheries("").await;
    let three = vec![session("s1", FIRST), session("s2", SECOND), session("s3", "2026-03-12T01:00:00Z")];
    let answer = cast.push(three).await;
    let cancel = v1::CancelSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionCancellation {
            name: session_name("s3"),
            etag: answer.results[2].etag.clone(),
        }],
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.lapas.schedule().cancel_sessions(cancel).await.unwrap();
    cast.dkp.schedule().push_schedule(push_fish(vec![session("f1", FIRST)])).await.unwrap();
    cast
}

#[tokio::test]
async fn filters_narrow_a_list() {
    type Request = v1::ListSessionsRequest;
    let cast = four_sessions().await;
    let agency = |code: &str| Request { agency: format!("agencies/{code}"), ..Default::default() };
    let programme = |name: &str| Request { programme: name.to_owned(), ..Default::default() };
    let state = |state: SessionState| Request { state: state.into(), ..Default::default() };
    let range = |start: &str, end: &str| Request {
        range_start: timestamp(start),
        range_end: timestamp(end),
        ..Default::default()
    };
    for (request, expected) in [
        (Request::default(), vec!["s1", "f1", "s2", "s3"]),
        (agency("blk-kepri"), vec!["s1", "s2", "s3"]),
        (agency("dkp-kepri"), vec!["f1"]),
        (agency("dkpp-bintan"), vec![]),
        (programme(PROGRAMME), vec!["s1", "s2", "s3"]),
        (programme(FISH), vec!["f1"]),
        (state(SessionState::Tentative), vec!["s1", "f1", "s2"]),
        (state(SessionState::Cancelled), vec!["s3"]),
        (state(SessionState::Confirmed), vec![]),
        // Half-open: what ends when the range starts, or starts when it ends, is outside.
        (range("2026-03-10T04:00:00Z", SECOND), vec![]),
        (range("2026-03-10T03:59:59Z", "2026-03-11T01:00:01Z"), vec!["s1", "f1", "s2"]),
    ] {
        assert_eq!(list(&cast.lapas, request.clone()).await, expected, "{request:?}");
    }
    assert_eq!(list(&cast.blk, Request::default()).await, ["s1", "s2", "s3"], "a partner sees its own");
    assert!(list(&cast.dkpp, Request::default()).await.is_empty());
}

#[tokio::test]
async fn a_range_that_ends_before_it_starts_is_refused() {
    let cast = Cast::gather().await;
    for end in [FIRST, "2026-03-09T01:00:00Z"] {
        let request = v1::ListSessionsRequest {
            range_start: timestamp(FIRST),
            range_end: timestamp(end),
            ..Default::default()
        };
        let refused = cast.lapas.schedule().list_sessions(request).await.unwrap_err();
        assert_eq!(violations(&refused), [("range_end".to_owned(), "TIME_RANGE_REVERSED".to_owned())]);
    }
}

/// Pages of one over a tie in the start: every session once, in order.
#[tokio::test]
async fn pages_hold_every_session_once() {
    let cast = four_sessions().await;
    let mut request = v1::ListSessionsRequest { page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let page = cast.lapas.schedule().list_sessions(request.clone()).await.unwrap().into_inner();
        assert!(page.sessions.len() <= 1);
        seen.extend(page.sessions.into_iter().map(|session| session.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let fish = "agencies/dkp-kepri/sessions/f1".to_owned();
    assert_eq!(seen, [session_name("s1"), fish, session_name("s2"), session_name("s3")]);
}

#[tokio::test]
async fn a_trainers_agency_sees_its_own_trainers_and_no_names_of_plans() {
    let cast = Cast::ready().await;
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/a", terms("dkp-kepri", manpower())).await;
    cast.dkp.trainer().register_trainer(crate::cast::trainer(FISHER, "")).await.unwrap();
    let both = v1::SessionDraft {
        trainers: vec![crate::cast::lead(TRAINER), crate::cast::lead(FISHER)],
        ..session("s1", FIRST)
    };
    cast.push(vec![both, led_session("s2", SECOND, TRAINER)]).await;
    let whole = cast.session("s1").await;
    assert_eq!((whole.schedule.as_str(), whole.programme.as_str()), (SCHEDULE, PROGRAMME));
    assert_eq!(whole.trainers.len(), 2);

    let get = v1::GetSessionRequest { name: session_name("s1") };
    let seen = cast.dkp.schedule().get_session(get).await.unwrap().into_inner().session.unwrap();
    assert_eq!((seen.schedule.as_str(), seen.programme.as_str(), seen.note.as_str()), ("", "", ""));
    assert_eq!((seen.topic.as_str(), seen.programme_title.as_str()), ("Las busur", "Pengelasan dasar"));
    assert_eq!((seen.starts_at, seen.time_zone), (whole.starts_at, whole.time_zone));
    assert_eq!(seen.trainers, [crate::cast::lead(FISHER)]);

    assert_eq!(list(&cast.dkp, v1::ListSessionsRequest::default()).await, ["s1"]);
    let by_programme = v1::ListSessionsRequest { programme: PROGRAMME.to_owned(), ..Default::default() };
    assert!(list(&cast.dkp, by_programme).await.is_empty(), "a filter tells it no more");
    let hidden = v1::GetSessionRequest { name: session_name("s2") };
    assert_eq!(reason(&cast.dkp.schedule().get_session(hidden).await.unwrap_err()), "NOT_FOUND");
}

#[tokio::test]
async fn a_page_token_goes_with_its_query_and_its_caller_alone() {
    let cast = four_sessions().await;
    cast.push(vec![session("s4", "2026-03-13T01:00:00Z")]).await;
    let first = v1::ListSessionsRequest { page_size: 1, ..Default::default() };
    let page = cast.lapas.schedule().list_sessions(first.clone()).await.unwrap().into_inner();
    let with = |token: &str| v1::ListSessionsRequest { page_token: token.to_owned(), ..first.clone() };
    let token = page.next_page_token.as_str();
    let mut turned = token.to_owned();
    turned.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    let of_agency = v1::ListSessionsRequest { agency: "agencies/blk-kepri".to_owned(), ..with(token) };
    for request in [of_agency, with("garbage"), with("=?"), with(&turned), with(&token[..token.len() - 2])] {
        let refused = cast.lapas.schedule().list_sessions(request.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "{request:?}");
    }
    let refused = cast.blk.schedule().list_sessions(with(token)).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "another caller's");
    let assignments = v1::ListTrainerAssignmentsRequest {
        page_size: 1,
        page_token: token.to_owned(),
        ..Default::default()
    };
    let refused = cast.lapas.assignment().list_trainer_assignments(assignments).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID", "another list's");
    let larger = v1::ListSessionsRequest { page_size: 500, ..with(token) };
    assert_eq!(list(&cast.lapas, larger).await, ["f1", "s2", "s3", "s4"], "the size may change");
    let other_push = push(vec![session("s0", FIRST)]);
    cast.blk.schedule().push_schedule(other_push).await.unwrap();
    assert_eq!(list(&cast.lapas, with(token)).await, ["f1"], "what comes in before it moves nothing");
}
