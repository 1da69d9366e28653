//! Rooms: asked for by the lead agency or chosen by the prison, and one session at a time in each, whoever leads it.

use gerbang::{
    agent::Client,
    proto::v1::{self, AgencyKind, BatchMode, BatchOutcome, ItemOutcome, Role, SessionState},
};

use crate::{
    cast::{
        self, Cast, FACILITY, PUSH, TRAINER, again, agriculture, best_effort, confirmation, errors, facility,
        led_session, outcomes, push, push_fish, session, session_name, trainer,
    },
    world::request_id,
};

const CONFIRM: &str = "ScheduleService/ConfirmSessions";
const FIRST: &str = "2026-03-10T01:00:00Z";
const OVERLAPPING: &str = "2026-03-10T03:59:59Z";
const BACK_TO_BACK: &str = "2026-03-10T04:00:00Z";
const LATER: &str = "2026-03-11T01:00:00Z";
const OTHER_ROOM: &str = "agencies/lapas-tpi/facilities/kelas";
const FISHER: &str = "agencies/dkp-kepri/trainers/f2";

fn conflict(item: usize) -> (String, String) {
    (format!("sessions[{item}].facility"), "FACILITY_CONFLICT".to_owned())
}

/// The session in a room.
fn within(room: &str, session: v1::SessionDraft) -> v1::SessionDraft {
    v1::SessionDraft { facility: room.to_owned(), ..session }
}

/// Two rooms, and two lead agencies with a trainer each who is competent in what the agency teaches.
async fn two_leads() -> Cast {
    let cast = Cast::ready().await.with_fisheries("").await;
    let mut fisher = trainer(FISHER, "");
    fisher.profile.as_mut().unwrap().competences[0].field = Some(agriculture());
    cast.dkp.trainer().register_trainer(fisher).await.unwrap();
    for room in [FACILITY, OTHER_ROOM] {
        cast.lapas.facility().create_facility(facility(room, 16)).await.unwrap();
    }
    cast
}

async fn send(client: &Client, request: v1::PushScheduleRequest) -> v1::PushScheduleResponse {
    client.schedule().push_schedule(request).await.unwrap().into_inner()
}

async fn confirm(
    cast: &Cast,
    mode: BatchMode,
    items: &[(&v1::Session, &str)],
) -> v1::ConfirmSessionsResponse {
    let request = v1::ConfirmSessionsRequest {
        request_id: request_id(),
        mode: mode.into(),
        sessions: items.iter().map(|(session, room)| confirmation(session, room)).collect(),
        ..Default::default()
    };
    cast.lapas.schedule().confirm_sessions(request).await.unwrap().into_inner()
}

async fn fish_session(cast: &Cast, uid: &str) -> v1::Session {
    let name = format!("agencies/dkp-kepri/sessions/{uid}");
    let answer = cast.dkp.schedule().get_session(v1::GetSessionRequest { name }).await;
    answer.unwrap().into_inner().session.unwrap()
}

/// Pairs of sessions that hold one room at one time.
async fn double_bookings(cast: &Cast) -> i64 {
    let pairs = "SELECT count(*) FROM session a JOIN session b
                     ON a.prison = b.prison AND a.facility = b.facility AND a.id < b.id
                  WHERE a.state IN ('TENTATIVE', 'CONFIRMED') AND b.state IN ('TENTATIVE', 'CONFIRMED')
                    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at";
    sqlx::query_scalar(pairs).fetch_one(&mut cast.world.owner().await).await.unwrap()
}

#[tokio::test]
async fn a_pushed_room_is_held_from_the_push_on() {
    let cast = two_leads().await;
    let first = cast.push(vec![within(FACILITY, session("s1", FIRST))]).await;
    assert_eq!(first.outcome(), BatchOutcome::Stored, "{first:?}");
    cast.world.assert_entry(&first.entry, PUSH, &[&session_name("s1")]).await;
    assert_eq!(cast.session("s1").await.facility, FACILITY);
    let second = cast.push(vec![within(FACILITY, session("s2", OVERLAPPING))]).await;
    assert_eq!(errors(&second.results), [conflict(0)]);
    let text = &second.results[0].errors[0].text;
    assert!(
        text.contains("from Tue 10 Mar 2026 08:00 WIB (+07:00) to Tue 10 Mar 2026 11:00 WIB (+07:00)"),
        "{text}"
    );
    for fine in
        [within(FACILITY, session("s3", BACK_TO_BACK)), within(OTHER_ROOM, session("s4", OVERLAPPING))]
    {
        assert_eq!(cast.push(vec![fine]).await.outcome(), BatchOutcome::Stored);
    }
}

#[tokio::test]
async fn a_room_is_held_once_inside_one_push() {
    let cast = two_leads().await;
    let sessions = vec![
        within(FACILITY, session("s1", FIRST)),
        within(FACILITY, session("s2", OVERLAPPING)),
        within(FACILITY, session("s3", BACK_TO_BACK)),
    ];
    let answer = cast.push(sessions.clone()).await;
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Rejected, vec![conflict(1)]));
    let answer = send(&cast.blk, best_effort(sessions)).await;
    let expected = [ItemOutcome::Created, ItemOutcome::Rejected, ItemOutcome::Created];
    assert_eq!(outcomes(&answer.results), expected);
    let names = ["s1", "s3"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

/// The busy range, and nothing of whom it belongs to.
#[tokio::test]
async fn another_agencys_session_is_a_busy_range_and_no_more() {
    let cast = two_leads().await;
    let fish = v1::SessionDraft { topic: "Pakan lele".to_owned(), ..session("f1", FIRST) };
    let first = send(&cast.dkp, push_fish(vec![within(FACILITY, fish)])).await;
    cast.world.assert_entry(&first.entry, PUSH, &["agencies/dkp-kepri/sessions/f1"]).await;
    let answer = cast.push(vec![within(FACILITY, session("s1", OVERLAPPING))]).await;
    assert_eq!(errors(&answer.results), [conflict(0)]);
    let said = format!("{answer:?}");
    assert!(
        said.contains("from Tue 10 Mar 2026 08:00 WIB (+07:00) to Tue 10 Mar 2026 11:00 WIB (+07:00)"),
        "{said}"
    );
    for secret in ["dkp-kepri", "f1", "ikan", "Pakan", "Pengelasan"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

#[tokio::test]
async fn only_a_room_of_the_programmes_prison_that_is_in_use_can_be_asked_for() {
    let cast = two_leads().await;
    let other = cast.world.join("lapas-btm", AgencyKind::Prison, "sdp", Role::Prison).await;
    let theirs = "agencies/lapas-btm/facilities/bengkel";
    other.facility().create_facility(facility(theirs, 16)).await.unwrap();
    let maintained = "agencies/lapas-tpi/facilities/kolam";
    let mut create = facility(maintained, 16);
    create.profile.as_mut().unwrap().status = v1::FacilityStatus::Maintenance.into();
    cast.lapas.facility().create_facility(create).await.unwrap();
    let retired = "agencies/lapas-tpi/facilities/lama";
    let made = cast.lapas.facility().create_facility(facility(retired, 16)).await.unwrap().into_inner();
    let retire = v1::RetireFacilityRequest {
        request_id: request_id(),
        name: retired.to_owned(),
        etag: made.change.unwrap().etag,
        ..Default::default()
    };
    cast.lapas.facility().retire_facility(retire).await.unwrap();
    cast.push(vec![led_session("own", LATER, TRAINER)]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    let unknown = "agencies/lapas-tpi/facilities/tiada";
    let expected = [("sessions[0].facility".to_owned(), "FACILITY_NOT_AVAILABLE".to_owned())];
    for room in [unknown, theirs, maintained, retired] {
        let pushed = cast.push(vec![within(room, session("s1", FIRST))]).await;
        assert_eq!(errors(&pushed.results), expected, "{room}");
        let confirmed = cast.confirm(&[("own", room)]).await;
        assert_eq!(errors(&confirmed.results), expected, "{room}");
        let expected =
            format!("The facility {room} is unknown, not of the programme's prison, or not in use.");
        assert!(confirmed.results[0].errors[0].text.starts_with(&expected), "one answer for all of them");
    }
    assert_eq!(cast.recorded(CONFIRM).await, 0);
}

#[tokio::test]
async fn a_room_is_free_for_one_of_two_confirmations_whoever_leads_them() {
    let cast = two_leads().await;
    cast.push(vec![led_session("s1", FIRST, TRAINER), led_session("s2", BACK_TO_BACK, TRAINER)]).await;
    send(&cast.dkp, push_fish(vec![led_session("f1", OVERLAPPING, FISHER)])).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.accept(&cast.dkp, &[FISHER]).await;
    let (s1, s2, f1) = (cast.session("s1").await, cast.session("s2").await, fish_session(&cast, "f1").await);
    let items = [(&s1, FACILITY), (&f1, FACILITY), (&s2, FACILITY)];
    let answer = confirm(&cast, BatchMode::Atomic, &items).await;
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Rejected, vec![conflict(1)]));
    let answer = confirm(&cast, BatchMode::BestEffort, &items).await;
    assert_eq!((answer.outcome(), errors(&answer.results)), (BatchOutcome::Partial, vec![conflict(1)]));
    let names = ["s1", "s2"].map(session_name);
    cast.world.assert_entry(&answer.entry, CONFIRM, &names.each_ref().map(String::as_str)).await;
    let again = confirm(&cast, BatchMode::Atomic, &[(&f1, FACILITY)]).await;
    assert_eq!(errors(&again.results), [conflict(0)], "in the database now");
    let elsewhere = confirm(&cast, BatchMode::Atomic, &[(&f1, OTHER_ROOM)]).await;
    assert_eq!(elsewhere.outcome(), BatchOutcome::Stored, "{elsewhere:?}");
    assert_eq!(double_bookings(&cast).await, 0);
}

#[tokio::test]
async fn two_sessions_exchange_their_rooms_in_one_push_and_in_one_confirmation() {
    let cast = two_leads().await;
    let second = "agencies/blk-kepri/trainers/t2";
    cast.blk.trainer().register_trainer(trainer(second, "")).await.unwrap();
    let draft = |uid: &str, who: &str, room: &str| within(room, led_session(uid, FIRST, who));
    cast.push(vec![draft("s1", TRAINER, FACILITY), draft("s2", second, OTHER_ROOM)]).await;
    let swapped = vec![again(draft("s1", TRAINER, OTHER_ROOM)), again(draft("s2", second, FACILITY))];
    let answer = cast.push(swapped).await;
    assert_eq!(outcomes(&answer.results), [ItemOutcome::Updated; 2], "{answer:?}");
    let names = ["s1", "s2"].map(session_name);
    let names = names.each_ref().map(String::as_str);
    cast.world.assert_entry(&answer.entry, PUSH, &names).await;
    assert_eq!(cast.session("s1").await.facility, OTHER_ROOM);

    cast.accept(&cast.blk, &[TRAINER, second]).await;
    let back = cast.confirm(&[("s1", FACILITY), ("s2", OTHER_ROOM)]).await;
    assert_eq!(back.outcome(), BatchOutcome::Stored, "{back:?}");
    cast.world.assert_entry(&back.entry, CONFIRM, &names).await;
    let confirmed = cast.confirm(&[("s1", OTHER_ROOM), ("s2", FACILITY)]).await;
    assert_eq!(confirmed.outcome(), BatchOutcome::Stored, "{confirmed:?}");
    let (s1, s2) = (cast.session("s1").await, cast.session("s2").await);
    assert_eq!((s1.facility.as_str(), s2.facility.as_str()), (OTHER_ROOM, FACILITY));
    assert_eq!((s1.state(), s2.state()), (SessionState::Confirmed, SessionState::Confirmed));
}

/// The new session stands first in the push, and needs the room that another gives up.
#[tokio::test]
async fn a_session_comes_into_the_room_that_the_same_push_frees() {
    let cast = two_leads().await;
    cast.push(vec![within(FACILITY, session("s1", FIRST)), within(FACILITY, session("s2", BACK_TO_BACK))])
        .await;
    let sessions = vec![
        within(FACILITY, session("s3", FIRST)),
        again(within(OTHER_ROOM, session("s1", FIRST))),
        within(FACILITY, session("s4", BACK_TO_BACK)),
        again(within(FACILITY, session("s2", LATER))),
    ];
    let answer = cast.push(sessions).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    let names = ["s3", "s1", "s4", "s2"].map(session_name);
    cast.world.assert_entry(&answer.entry, PUSH, &names.each_ref().map(String::as_str)).await;
}

/// s2 cannot move, so the room that s1 wanted stays taken, although s1 stands earlier in the push.
#[tokio::test]
async fn a_room_that_is_not_freed_after_all_stays_taken() {
    let cast = two_leads().await;
    let sessions = vec![within(FACILITY, session("s1", FIRST)), within(OTHER_ROOM, session("s2", FIRST))];
    cast.push(sessions).await;
    let busy = "agencies/lapas-tpi/facilities/kolam";
    cast.lapas.facility().create_facility(facility(busy, 16)).await.unwrap();
    send(&cast.dkp, push_fish(vec![within(busy, session("f1", FIRST))])).await;
    let moved =
        vec![again(within(OTHER_ROOM, session("s1", FIRST))), again(within(busy, session("s2", FIRST)))];
    let answer = send(&cast.blk, best_effort(moved)).await;
    assert_eq!(
        (answer.outcome(), errors(&answer.results)),
        (BatchOutcome::Rejected, vec![conflict(0), conflict(1)])
    );
    assert_eq!(double_bookings(&cast).await, 0);
}

/// The room that the prison chose is no content; one that the lead agency takes back is.
#[tokio::test]
async fn a_lead_agency_that_takes_its_room_back_leaves_it_to_the_prison() {
    let cast = two_leads().await;
    cast.push(vec![within(FACILITY, led_session("s1", FIRST, TRAINER))]).await;
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.confirm(&[("s1", OTHER_ROOM)]).await;
    let same = cast.push(vec![again(within(FACILITY, led_session("s1", FIRST, TRAINER)))]).await;
    assert_eq!(same.outcome(), BatchOutcome::Unchanged);
    let seen = cast.session("s1").await;
    assert_eq!((seen.state(), seen.facility.as_str()), (SessionState::Confirmed, OTHER_ROOM));
    let back = v1::SessionDraft { sequence: 2, ..led_session("s1", FIRST, TRAINER) };
    let answer = cast.push(vec![back]).await;
    cast.world.assert_entry(&answer.entry, PUSH, &[&session_name("s1")]).await;
    let seen = cast.session("s1").await;
    assert_eq!((seen.state(), seen.facility.as_str()), (SessionState::Tentative, OTHER_ROOM));
    let asked = v1::SessionDraft { sequence: 3, ..within(FACILITY, led_session("s1", FIRST, TRAINER)) };
    cast.push(vec![asked]).await;
    let back = v1::SessionDraft { sequence: 4, ..led_session("s1", FIRST, TRAINER) };
    cast.push(vec![back]).await;
    assert_eq!(cast.session("s1").await.facility, "", "it had been the agency's own wish");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_pushes_at_once_one_gets_the_room() {
    let cast = two_leads().await;
    for round in 0..10 {
        let start = format!("2026-04-{:02}T01:00:00Z", round + 1);
        let draft = |lead: &str| within(FACILITY, session(&format!("{lead}{round}"), &start));
        let ours = send(&cast.blk, push(vec![draft("s")]));
        let theirs = send(&cast.dkp, push_fish(vec![draft("f")]));
        let (ours, theirs) = tokio::join!(ours, theirs);
        let (won, lost) = match ours.outcome() {
            BatchOutcome::Stored => (ours, theirs),
            _ => (theirs, ours),
        };
        assert_eq!(won.outcome(), BatchOutcome::Stored, "{won:?}");
        assert_eq!((lost.outcome(), errors(&lost.results)), (BatchOutcome::Rejected, vec![conflict(0)]));
        cast.world.assert_entry(&won.entry, PUSH, &[&won.results[0].name]).await;
    }
    assert_eq!(double_bookings(&cast).await, 0);
    assert_eq!(cast.recorded(PUSH).await, 10);
}

/// A push into a room and its retirement: the room is in use, or it is not available.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_push_and_a_retirement_at_once_one_gets_the_room() {
    let cast = two_leads().await;
    for round in 0..10 {
        let room = format!("agencies/lapas-tpi/facilities/r{round}");
        let made = cast.lapas.facility().create_facility(cast::facility(&room, 16)).await.unwrap();
        let retire = v1::RetireFacilityRequest {
            request_id: request_id(),
            name: room.clone(),
            etag: made.into_inner().change.unwrap().etag,
            ..Default::default()
        };
        let mut prison = cast.lapas.facility();
        let (pushed, retired) = tokio::join!(
            cast.push(vec![within(&room, session(&format!("r{round}"), FIRST))]),
            prison.retire_facility(retire)
        );
        match (pushed.outcome(), retired) {
            (BatchOutcome::Stored, Err(status)) => {
                assert_eq!(crate::world::reason(&status), "FACILITY_IN_USE");
            }
            (BatchOutcome::Rejected, Ok(_)) => {
                assert_eq!(errors(&pushed.results)[0].1, "FACILITY_NOT_AVAILABLE");
            }
            (outcome, retired) => panic!("both or neither: {outcome:?}, {retired:?}"),
        }
    }
}
