//! Resources beside the changes that tell of them: each as its Get method shows it to the caller now, and nothing where that shows
//! nothing.

use std::collections::BTreeSet;

use gerbang::{
    agent::Client,
    proto::v1::{self, ChangeEffect, ResourceKind, resource_change::Resource},
};

use super::{all, pages};
use crate::{
    audit::everything,
    cast::{Cast, TRAINER, again, lead, led_session, session},
    cli::gerbang,
    isolation::{LENT, SESSION, lent_in},
    world::{World, reason},
};

/// The resource as its own method shows it; nothing where that finds nothing.
async fn got(client: &Client, change: &v1::ResourceChange) -> Option<Resource> {
    let name = change.name.clone();
    macro_rules! get {
        ($service:ident . $method:ident, $request:ident, $field:ident, $kind:ident) => {
            match client.$service().$method(v1::$request { name }).await {
                Ok(answer) => answer.into_inner().$field.map(Resource::$kind),
                Err(status) => {
                    assert_eq!(reason(&status), "NOT_FOUND");
                    None
                }
            }
        };
    }
    match change.kind() {
        ResourceKind::Agency => get!(agency.get_agency, GetAgencyRequest, agency, Agency),
        ResourceKind::Agreement => get!(agreement.get_agreement, GetAgreementRequest, agreement, Agreement),
        ResourceKind::Programme => get!(programme.get_programme, GetProgrammeRequest, programme, Programme),
        ResourceKind::Trainer => get!(trainer.get_trainer, GetTrainerRequest, trainer, Trainer),
        ResourceKind::Facility => get!(facility.get_facility, GetFacilityRequest, facility, Facility),
        ResourceKind::Session => get!(schedule.get_session, GetSessionRequest, session, Session),
        ResourceKind::Assignment => {
            get!(assignment.get_trainer_assignment, GetTrainerAssignmentRequest, assignment, Assignment)
        }
        ResourceKind::TrainerClaim => {
            let request = v1::ListTrainerClaimsRequest { page_size: 500, ..Default::default() };
            let claims = client.trainer().list_trainer_claims(request).await.unwrap().into_inner().claims;
            claims.into_iter().find(|claim| claim.name == name).map(Resource::TrainerClaim)
        }
        // Who wants to see a person asks for it by itself.
        ResourceKind::Roster => None,
        ResourceKind::Unspecified => panic!("{change:?}"),
    }
}

async fn shown(world: &World, client: &Client) -> Vec<v1::ResourceChange> {
    world.until_placed().await;
    let request = v1::ListChangesRequest { page_size: 500, with_resources: true, ..Default::default() };
    let pages = pages(client, request).await;
    assert!(pages.iter().all(|page| page.changes.len() <= 16));
    pages.into_iter().flat_map(|page| page.changes).collect()
}

/// Of every kind, and to each agency.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_shows_what_the_get_method_of_its_kind_shows() {
    let cast = everything().await;
    let mut kinds = BTreeSet::new();
    for client in [&cast.blk, &cast.dkp, &cast.lapas] {
        let mut told = shown(&cast.world, client).await;
        for change in &mut told {
            let expected = match change.effect() {
                ChangeEffect::Removed => None,
                _ => got(client, change).await,
            };
            assert_eq!(change.resource, expected, "{}", change.name);
            if change.resource.take().is_some() {
                kinds.insert(change.kind());
            }
        }
        assert_eq!(told, all(&cast.world, client).await, "else it is told as without");
    }
    assert_eq!(kinds.len(), 8, "{kinds:?}");
}

/// A page of as many as there may be with resources, and the rest of an entry on the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_holds_more_than_sixteen_with_resources() {
    let cast = Cast::ready().await;
    let sessions = (0..130).map(|n| {
        let (day, hour) = (10 + n / 10, n % 10);
        session(&format!("s{n}"), &format!("2026-03-{day:02}T{hour:02}:00:00Z"))
    });
    let sessions = sessions.map(|one| {
        let mut one = one;
        one.ends_at.as_mut().unwrap().seconds = one.starts_at.unwrap().seconds + 3600;
        one
    });
    cast.push(sessions.collect()).await;
    let told = shown(&cast.world, &cast.lapas).await;
    let sessions = told.iter().filter(
        |change| matches!(&change.resource, Some(Resource::Session(session)) if session.name == change.name),
    );
    assert_eq!(sessions.count(), 130);
}

/// What was told once is shown no more when the caller sees it no more; what it sees of a session is what it sees elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_a_resource_no_more_is_told_of_its_changes_and_not_shown_it() {
    let cast = lent_in(World::start().await).await;
    let of_session = |told: Vec<v1::ResourceChange>| {
        let of = told.into_iter().filter(|change| change.name == SESSION);
        of.map(|change| (change.effect(), change.resource)).collect::<Vec<_>>()
    };
    let before = of_session(shown(&cast.world, &cast.dkpp).await);
    let [(ChangeEffect::Created, Some(Resource::Session(seen)))] = &before[..] else { panic!("{before:?}") };
    assert_eq!((seen.programme.as_str(), seen.trainers.len()), ("", 1), "as the trainer's agency sees it");
    cast.push(vec![again(led_session("s1", "2026-03-10T01:00:00Z", TRAINER))]).await;
    let after = of_session(shown(&cast.world, &cast.dkpp).await);
    assert_eq!(after, [(ChangeEffect::Created, None), (ChangeEffect::Removed, None)]);
    let request = v1::WatchChangesRequest { with_resources: true, ..Default::default() };
    let mut stream = cast.dkpp.change().watch_changes(request).await.unwrap().into_inner();
    let told = shown(&cast.world, &cast.dkpp).await;
    let mut first = Vec::new();
    while first.len() < told.len() {
        first.extend(stream.message().await.unwrap().unwrap().changes);
    }
    assert_eq!(first, told);
    assert!(first.iter().any(|change| change.resource.is_some()));
    // Its later answers show what is there then.
    let lent =
        v1::SessionDraft { trainers: vec![lead(LENT)], ..led_session("s1", "2026-03-10T01:00:00Z", TRAINER) };
    cast.push(vec![again(again(lent))]).await;
    let mut next = Vec::new();
    while next.is_empty() {
        next = stream.message().await.unwrap().unwrap().changes;
    }
    let session = next.into_iter().find(|change| change.name == SESSION).unwrap();
    assert!(matches!(session.resource, Some(Resource::Session(session)) if session.trainers.len() == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_shows_resources_in_json() {
    let cast = lent_in(World::start().await).await;
    cast.world.until_placed().await;
    let words =
        ["changes", "list", "--kind", "session", "--with-resources", "-o", "json", "--profile", "lapas"];
    let output = gerbang(&cast.world, "C", &words).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let changes = printed["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!((&changes[0]["name"], &changes[0]["session"]["name"]), (&SESSION.into(), &SESSION.into()));
}
