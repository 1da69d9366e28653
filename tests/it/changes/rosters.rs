//! Places on rosters, as changes tell of them: to the prison, and to the lead agency while an agreement lets rosters pass.

use gerbang::{
    agent::Client,
    proto::v1::{self, ChangeEffect, ResourceKind},
};

use super::{Seen, seen};
use crate::{
    access::suspend,
    cast::{AGREEMENT, Cast, agreement_etag},
    world::request_id,
};

/// What the caller is told of rosters, from the first change of all.
async fn rosters(cast: &Cast, client: &Client) -> Vec<Seen> {
    cast.world.until_placed().await;
    let request = v1::ListChangesRequest {
        kinds: vec![ResourceKind::Enrolment.into()],
        page_size: 500,
        with_resources: true,
        ..Default::default()
    };
    let pages = super::pages(client, request).await;
    let changes: Vec<_> = pages.into_iter().flat_map(|page| page.changes).collect();
    assert!(changes.iter().all(|change| change.resource.is_none()), "nothing of a person: {changes:?}");
    assert!(changes.iter().all(|change| change.kind() == ResourceKind::Enrolment));
    seen(&changes)
}

/// Two trainees are nominated, and the first of them leaves. Their names.
async fn nominated(cast: &Cast) -> [String; 2] {
    cast.nominate(&[1, 2]).await;
    let enrolments = cast.roster(&cast.lapas).await.enrolments;
    cast.withdraw(&enrolments[..1]).await;
    [0, 1].map(|index: usize| enrolments[index].name.clone())
}

/// The same as a reader is told of them, with these versions.
fn told(names: &[String; 2], versions: [i64; 3]) -> Vec<Seen> {
    let [first, second] = names.clone();
    let of = [
        (ChangeEffect::Created, first.clone()),
        (ChangeEffect::Created, second),
        (ChangeEffect::Updated, first),
    ];
    of.into_iter().zip(versions).map(|((effect, name), version)| (effect, name, version)).collect()
}

#[tokio::test]
async fn prison_and_lead_agency_are_told_of_places_on_a_roster() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let names = nominated(&cast).await;
    assert_eq!(rosters(&cast, &cast.lapas).await, told(&names, [1, 1, 2]));
    assert_eq!(rosters(&cast, &cast.blk).await, told(&names, [0, 0, 0]), "as ListRoster shows them");
    assert_eq!(rosters(&cast, &cast.dkp).await, []);
    let every = v1::ListChangesRequest { page_size: 500, ..Default::default() };
    let every = cast.blk.change().list_changes(every).await.unwrap().into_inner().changes;
    let places = every.iter().filter(|change| change.kind() == ResourceKind::Enrolment);
    assert_eq!(places.count(), 3, "among the others, without asking for them");
}

/// The agreement is suspended, and resumed; then the prison is.
#[tokio::test]
async fn no_place_is_told_of_behind_a_closed_gate() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let names = nominated(&cast).await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!(rosters(&cast, &cast.blk).await, []);
    assert_eq!(rosters(&cast, &cast.lapas).await, told(&names, [1, 1, 2]));
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    assert_eq!(rosters(&cast, &cast.blk).await, told(&names, [0, 0, 0]));
    suspend(&cast.admin, "agencies/lapas-tpi").await;
    assert_eq!(rosters(&cast, &cast.blk).await, []);
}

/// By the day on which the agreement ends.
#[tokio::test]
async fn no_place_is_told_of_once_the_agreement_has_ended() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let names = nominated(&cast).await;
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    cast.blk.agreement().terminate_agreement(terminate).await.unwrap();
    cast.world.set_clock("2026-03-31T16:59:59Z");
    assert_eq!(rosters(&cast, &cast.blk).await, told(&names, [0, 0, 0]));
    cast.world.set_clock("2026-03-31T17:00:00Z");
    assert_eq!(rosters(&cast, &cast.blk).await, []);
    assert_eq!(rosters(&cast, &cast.lapas).await, told(&names, [1, 1, 2]));
}
