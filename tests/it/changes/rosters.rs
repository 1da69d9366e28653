//! Rosters, as changes tell of them: to the prison, and to the lead agency if an agreement lets rosters pass when it asks.

use gerbang::{
    agent::Client,
    proto::v1::{self, ChangeEffect, ResourceKind},
};

use super::pages;
use crate::{
    access::suspend,
    cast::{AGREEMENT, Cast, FISH, PROGRAMME, agreement_etag, manpower, nominate, terms},
    world::request_id,
};

/// The programmes whose rosters have changed, as the caller is told from the first change of all; in pages of this size.
async fn told_in(cast: &Cast, client: &Client, page_size: i32) -> Vec<String> {
    cast.world.until_placed().await;
    let kinds = vec![ResourceKind::Roster.into()];
    let request = v1::ListChangesRequest { kinds, page_size, with_resources: true, ..Default::default() };
    let pages = pages(client, request).await;
    let changes = pages.into_iter().flat_map(|page| page.changes);
    let told = changes.map(|change| {
        let plain = (change.effect(), change.kind(), change.version, &change.resource);
        assert_eq!(plain, (ChangeEffect::Updated, ResourceKind::Roster, 0, &None), "{change:?}");
        change.name
    });
    told.collect()
}

async fn told(cast: &Cast, client: &Client) -> Vec<String> {
    let told = told_in(cast, client, 500).await;
    assert_eq!(told_in(cast, client, 1).await, told, "in pages of any size");
    told
}

/// Three trainees are nominated at once, and two of them leave at once: two changes.
async fn nominated() -> Cast {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.nominate(&[1, 2, 3]).await;
    let enrolments = cast.roster(&cast.lapas).await.enrolments;
    cast.withdraw(&enrolments[..2]).await;
    cast
}

/// How many pages of one change each are needed to see that there is nothing, and where the last ends.
async fn steps(client: &Client) -> usize {
    let kinds = vec![ResourceKind::Roster.into()];
    let request = v1::ListChangesRequest { kinds, page_size: 1, ..Default::default() };
    pages(client, request).await.len()
}

#[tokio::test]
async fn prison_and_lead_agency_are_told_that_a_roster_has_changed() {
    let cast = nominated().await;
    for reader in [&cast.lapas, &cast.blk] {
        assert_eq!(told(&cast, reader).await, [PROGRAMME; 2]);
    }
    assert_eq!(told(&cast, &cast.dkp).await, [""; 0]);
    // The cursor of a change is behind all that it tells of, and can be acknowledged.
    let request = v1::ListChangesRequest { page_size: 500, ..Default::default() };
    let all = cast.blk.change().list_changes(request.clone()).await.unwrap().into_inner();
    let rosters: Vec<_> = all.changes.iter().filter(|change| change.kind() == ResourceKind::Roster).collect();
    assert_eq!(rosters.len(), 2, "among the others, without asking for them");
    let behind = v1::ListChangesRequest { cursor: rosters[0].cursor.clone(), ..request };
    let behind = cast.blk.change().list_changes(behind).await.unwrap().into_inner().changes;
    let at = all.changes.iter().position(|change| change.cursor == rosters[0].cursor).unwrap();
    assert_eq!(behind, all.changes[at + 1..]);
    let acknowledge = v1::AcknowledgeChangesRequest {
        cursor: rosters[1].cursor.clone(),
        kinds: vec![ResourceKind::Roster.into()],
    };
    let answer = cast.blk.change().acknowledge_changes(acknowledge).await.unwrap().into_inner();
    assert!(answer.acknowledge_time.is_some());
}

/// The agreement is suspended, and resumed; then the prison is. Nor does it show that there would be something.
#[tokio::test]
async fn nothing_is_told_behind_a_closed_gate() {
    let cast = nominated().await;
    assert_eq!(told(&cast, &cast.blk).await, [PROGRAMME; 2]);
    let many = steps(&cast.blk).await;
    cast.suspend(&cast.lapas, AGREEMENT).await.unwrap();
    assert_eq!(told(&cast, &cast.blk).await, [""; 0]);
    assert_eq!((many, steps(&cast.blk).await), (2, 1));
    assert_eq!(told(&cast, &cast.lapas).await, [PROGRAMME; 2]);
    let watch = v1::WatchChangesRequest { kinds: vec![ResourceKind::Roster.into()], ..Default::default() };
    let mut watch = cast.blk.change().watch_changes(watch).await.unwrap().into_inner();
    let first = watch.message().await.unwrap().unwrap();
    assert!(first.changes.is_empty() && first.caught_up, "{first:?}");
    let resume = v1::ResumeAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.lapas, AGREEMENT).await,
        ..Default::default()
    };
    cast.lapas.agreement().resume_agreement(resume).await.unwrap();
    assert_eq!(told(&cast, &cast.blk).await, [PROGRAMME; 2]);
    suspend(&cast.admin, "agencies/lapas-tpi").await;
    assert_eq!(told(&cast, &cast.blk).await, [""; 0]);
}

/// By the day on which the agreement ends.
#[tokio::test]
async fn nothing_is_told_once_the_agreement_has_ended() {
    let cast = nominated().await;
    let terminate = v1::TerminateAgreementRequest {
        request_id: request_id(),
        name: AGREEMENT.to_owned(),
        etag: agreement_etag(&cast.blk, AGREEMENT).await,
        note: "Selesai".to_owned(),
        ..Default::default()
    };
    cast.blk.agreement().terminate_agreement(terminate).await.unwrap();
    cast.world.set_clock("2026-03-31T16:59:59Z");
    assert_eq!(told(&cast, &cast.blk).await, [PROGRAMME; 2]);
    cast.world.set_clock("2026-03-31T17:00:00Z");
    assert_eq!(told(&cast, &cast.blk).await, [""; 0]);
    assert_eq!(told(&cast, &cast.lapas).await, [PROGRAMME; 2]);
}

/// Of two programmes of one lead agency, on one page, each by its own agreement; the prison is told of both.
#[tokio::test]
async fn each_roster_is_told_by_its_own_agreement() {
    let cast = nominated().await;
    let (other, agreement) = ("agencies/blk-kepri/programmes/lain", "agencies/blk-kepri/agreements/pks-lain");
    cast.agree(&cast.blk, agreement, terms("blk-kepri", manpower())).await;
    cast.open(&cast.blk, other, agreement, crate::cast::plan(manpower())).await;
    let request = v1::NominateTraineesRequest { programme: other.to_owned(), ..nominate(&[4]) };
    cast.lapas.roster().nominate_trainees(request).await.unwrap();
    let both = [PROGRAMME, PROGRAMME, other];
    assert_eq!(told(&cast, &cast.blk).await, both);
    cast.suspend(&cast.blk, agreement).await.unwrap();
    assert_eq!(told(&cast, &cast.blk).await, both[..2]);
    assert_eq!(told(&cast, &cast.lapas).await, both);
    let cast = cast.with_fisheries("").await;
    assert_eq!(told(&cast, &cast.dkp).await, [""; 0], "{FISH} has no roster");
}
