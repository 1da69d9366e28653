//! Places given up, and filled by the prison.

use gerbang::proto::v1::{self, BatchOutcome, EnrolmentState};

use crate::{
    cast::{Cast, PROGRAMME, seen_enrolment, session},
    world::{reason, request_id},
};

async fn promote(
    cast: &Cast,
    enrolments: &[v1::Enrolment],
    why: v1::PromotionReason,
) -> Result<v1::PromoteEnrolmentsResponse, tonic::Status> {
    let request = v1::PromoteEnrolmentsRequest {
        request_id: request_id(),
        programme: PROGRAMME.to_owned(),
        enrolments: enrolments.iter().map(seen_enrolment).collect(),
        out_of_rank: why.into(),
        ..Default::default()
    };
    cast.lapas.roster().promote_enrolments(request).await.map(tonic::Response::into_inner)
}

fn reasons(results: &[v1::EnrolmentResult]) -> Vec<&str> {
    results.iter().flat_map(|result| &result.errors).map(|error| error.reason.as_str()).collect()
}

const NONE: v1::PromotionReason = v1::PromotionReason::Unspecified;

/// One confirmed, three waiting.
async fn waiting() -> (Cast, Vec<v1::Enrolment>) {
    let cast = Cast::ready().await;
    cast.set_capacity(1).await.unwrap();
    cast.nominate(&[1, 2, 3, 4]).await;
    let roster = cast.roster(&cast.lapas).await.enrolments;
    (cast, roster)
}

#[tokio::test]
async fn a_place_that_comes_free_is_filled_by_the_prison_with_the_next() {
    let (cast, roster) = waiting().await;
    let full = promote(&cast, &roster[1..2], NONE).await.unwrap();
    assert_eq!(reasons(&full.results), ["ROSTER_FULL"]);
    let left = cast.withdraw(&roster[..1]).await;
    assert_eq!(
        left.places,
        Some(v1::RosterPlaces { capacity: 1, confirmed: 0, waitlisted: 3 }),
        "not filled"
    );
    cast.world.assert_entry(&left.entry, "RosterService/WithdrawEnrolments", &[&roster[0].name]).await;
    let skipped = promote(&cast, &roster[2..3], NONE).await.unwrap();
    assert_eq!(reasons(&skipped.results), ["OUT_OF_RANK"]);
    assert!(skipped.results[0].errors[0].text.contains(&roster[1].name), "it says who is next");
    let next = promote(&cast, &roster[1..2], NONE).await.unwrap();
    assert_eq!((next.outcome(), next.results[0].state()), (BatchOutcome::Stored, EnrolmentState::Confirmed));
    cast.world.assert_entry(&next.entry, "RosterService/PromoteEnrolments", &[&roster[1].name]).await;
}

#[tokio::test]
async fn out_of_rank_goes_with_a_reason_that_the_prison_alone_sees() {
    let (cast, roster) = waiting().await;
    cast.set_capacity(3).await.unwrap();
    // The request's order does not matter: both are next, one after the other.
    let both = [roster[2].clone(), roster[1].clone()];
    let answer = promote(&cast, &both, v1::PromotionReason::Security).await.unwrap();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    let record = |roster: &[v1::Enrolment], place: usize| roster[place].prison_record.clone().unwrap();
    let now = cast.roster(&cast.lapas).await.enrolments;
    assert_eq!(record(&now, 1).out_of_rank(), NONE, "they were in rank");
    let (cast, roster) = waiting().await;
    cast.set_capacity(2).await.unwrap();
    let answer = promote(&cast, &roster[3..], v1::PromotionReason::Security).await.unwrap();
    assert_eq!(answer.outcome(), BatchOutcome::Stored);
    let now = cast.roster(&cast.lapas).await.enrolments;
    assert_eq!(record(&now, 3).out_of_rank(), v1::PromotionReason::Security);
    assert!(cast.roster(&cast.blk).await.enrolments.iter().all(|one| one.prison_record.is_none()));
}

#[tokio::test]
async fn promoting_past_half_way_is_refused_and_leaving_is_not() {
    let (cast, roster) = waiting().await;
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z"), session("s2", "2026-03-11T01:00:00Z")]).await;
    cast.set_capacity(4).await.unwrap();
    cast.world.set_clock("2026-03-10T01:00:00Z");
    let refused = promote(&cast, &roster[1..2], NONE).await.unwrap_err();
    assert_eq!(reason(&refused), "PROGRAMME_PAST_HALFWAY");
    assert_eq!(cast.withdraw(&roster[1..2]).await.outcome(), BatchOutcome::Stored);
}

#[tokio::test]
async fn who_left_and_is_nominated_again_gets_a_new_reference() {
    let (cast, roster) = waiting().await;
    cast.withdraw(&roster[..1]).await;
    let again = cast.nominate(&[1]).await;
    assert_ne!(again.results[0].name, roster[0].name);
    let twice = cast.withdraw(&roster[..1]).await;
    assert_eq!(reasons(&twice.results), ["ETAG_MISMATCH"]);
    let now = cast.roster(&cast.lapas).await.enrolments;
    let left = now.iter().find(|one| one.name == roster[0].name).unwrap();
    assert_eq!(left.state(), EnrolmentState::Left);
    let gone = cast.withdraw(std::slice::from_ref(left)).await;
    assert_eq!(reasons(&gone.results), ["STATE_FORBIDS"]);
    let promoted = promote(&cast, std::slice::from_ref(left), NONE).await.unwrap();
    assert_eq!(reasons(&promoted.results), ["STATE_FORBIDS"]);
}

#[tokio::test]
async fn items_are_named_once_and_of_this_programme() {
    let (cast, roster) = waiting().await;
    let twice = cast.withdraw(&[roster[0].clone(), roster[0].clone()]).await;
    assert_eq!(reasons(&twice.results), ["DUPLICATE_IN_BATCH"]);
    let unknown = v1::Enrolment { name: format!("enrolments/{}", "0".repeat(32)), ..roster[0].clone() };
    assert_eq!(reasons(&cast.withdraw(&[unknown]).await.results), ["NOT_FOUND"]);
    let partial = v1::WithdrawEnrolmentsRequest {
        request_id: request_id(),
        programme: PROGRAMME.to_owned(),
        mode: v1::BatchMode::BestEffort.into(),
        enrolments: vec![
            v1::SeenEnrolment { etag: "0".to_owned(), ..seen_enrolment(&roster[0]) },
            seen_enrolment(&roster[1]),
        ],
        ..Default::default()
    };
    let partial = cast.lapas.roster().withdraw_enrolments(partial).await.unwrap().into_inner();
    assert_eq!(partial.outcome(), BatchOutcome::Partial);
}
