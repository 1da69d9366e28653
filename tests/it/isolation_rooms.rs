//! The checks and the policies around confirmation, clearance and rooms, each half alone, as in `isolation.rs`.

use gerbang::{config::Limits, proto::v1};
use sqlx::Connection;

use crate::{
    acts::{self, Act},
    bridge::both_ways,
    cast::{self, FACILITY, TRAINER},
    isolation::{enter, lent_in},
    world::{World, request_id},
};

async fn a_stranger_does_nothing_to_assignments_where_no_policy_binds() {
    let cast = lent_in(World::start_as("gerbang_owner", Limits::default()).await).await;
    let seen = cast.pull(&cast.lapas).await.iter().map(cast::seen_assignment).collect::<Vec<_>>();
    for act in [Act::Accept, Act::Decline, Act::Withdraw] {
        let acted = acts::send(&cast.dkp, act, acts::ask(seen.clone())).await.unwrap();
        let reasons: Vec<_> = acts::faults(&acted).into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, ["NOT_FOUND"; 2], "{act:?}");
    }
}

/// Another prison holds nothing of this one's, where no policy says so.
async fn another_prison_answers_nothing_where_no_policy_binds() {
    let cast = lent_in(World::start_as("gerbang_owner", Limits::default()).await).await;
    let other = cast.world.join("lapas-btm", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    let session = cast.session("s1").await;
    let confirm = v1::ConfirmSessionsRequest {
        request_id: request_id(),
        sessions: vec![cast::confirmation(&session, "agencies/lapas-btm/facilities/bengkel")],
        ..Default::default()
    };
    let confirmed = other.schedule().confirm_sessions(confirm).await.unwrap().into_inner();
    let decline = v1::DeclineSessionsRequest {
        request_id: request_id(),
        sessions: vec![v1::SessionDecline { name: session.name, etag: session.etag }],
        note: "x".to_owned(),
        ..Default::default()
    };
    let declined = other.schedule().decline_sessions(decline).await.unwrap().into_inner();
    for results in [confirmed.results, declined.results] {
        assert_eq!(cast::errors(&results), [("sessions[0].name".to_owned(), "NOT_FOUND".to_owned())]);
    }
    let seen = cast.pull(&cast.lapas).await.iter().map(cast::seen_assignment).collect::<Vec<_>>();
    for act in Act::ALL {
        let acted = acts::send(&other, act, acts::ask(seen.clone())).await.unwrap();
        let reasons: Vec<_> = acts::faults(&acted).into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, ["NOT_FOUND"; 2], "{act:?}");
    }
}

/// Whoever asks learns when a room is taken, as the push of a schedule must, and nothing else.
async fn a_room_is_busy_for_whoever_asks_in_ranges_alone() {
    let cast = lent_in(World::start().await).await;
    cast.lapas.facility().create_facility(cast::facility(FACILITY, 16)).await.unwrap();
    let held = cast::session("s2", "2026-03-11T01:00:00Z");
    let held = v1::SessionDraft { facility: FACILITY.to_owned(), ..held };
    assert_eq!(cast.push(vec![held]).await.outcome(), v1::BatchOutcome::Stored);
    let mut db = cast.world.runtime().await;
    let mut tx = db.begin().await.unwrap();
    enter(&mut tx, &cast.world, "dkp-kepri", "jadwal").await;
    let busy =
        "SELECT facility || ' ' || (starts_at AT TIME ZONE 'UTC') || ' ' || (ends_at AT TIME ZONE 'UTC')
                  FROM rooms_busy('lapas-tpi', '{bengkel}', '2026-03-01', '2026-04-01', '{}')";
    let busy = sqlx::query_scalar::<_, String>(busy).fetch_all(&mut *tx).await.unwrap();
    assert_eq!(busy, ["bengkel 2026-03-11 01:00:00 2026-03-11 04:00:00"]);
}

/// The one thing that a trainer's agency may do to a session, and nobody else to another's.
async fn only_who_has_a_part_in_a_session_takes_its_confirmation_back() {
    let cast = lent_in(World::start().await).await;
    cast.lapas.facility().create_facility(cast::facility(FACILITY, 16)).await.unwrap();
    cast.accept(&cast.blk, &[TRAINER]).await;
    cast.world.join("lapas-btm", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    assert_eq!(cast.confirm(&[("s1", FACILITY)]).await.outcome(), v1::BatchOutcome::Stored);
    let mut owner = cast.world.owner().await;
    let ids = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM session");
    let ids = ids.fetch_all(&mut owner).await.unwrap();
    let mut db = cast.world.runtime().await;
    let unconfirm = || sqlx::query_scalar::<_, uuid::Uuid>("SELECT unconfirm($1)").bind(&ids);
    assert!(unconfirm().fetch_all(&mut db).await.unwrap().is_empty(), "nobody, before enter()");
    for (agency, system, may) in [
        ("dkp-kepri", "jadwal", false),
        ("lapas-btm", "sdp", false),
        ("operator", "admin", false),
        ("dkpp-bintan", "jadwal", true),
        ("blk-kepri", "jadwal", true),
        ("lapas-tpi", "sdp", true),
    ] {
        let mut tx = db.begin().await.unwrap();
        enter(&mut tx, &cast.world, agency, system).await;
        let lost = unconfirm().fetch_all(&mut *tx).await.unwrap();
        assert_eq!(!lost.is_empty(), may, "{agency}");
        tx.rollback().await.unwrap();
    }
    assert_eq!(cast.session("s1").await.state(), v1::SessionState::Confirmed);
}

both_ways! {
    a_stranger_does_nothing_to_assignments_where_no_policy_binds,
    another_prison_answers_nothing_where_no_policy_binds,
    a_room_is_busy_for_whoever_asks_in_ranges_alone,
    only_who_has_a_part_in_a_session_takes_its_confirmation_back,
}
