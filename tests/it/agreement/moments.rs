//! Days that change an agreement without anybody's doing are told to its parties, each once.

use gerbang::{
    agent::Client,
    domain::outside::Clock,
    ledger::ChangeKind,
    proto::v1::{self, AgreementState as State, ChangeEffect},
    store::audit::Flaw,
};
use jiff::SignedDuration;

use super::{show, state::stored, terms};
use crate::{
    cast::{AGREEMENT, Cast, create_agreement},
    world::{World, audit_rows, request_id},
};

const OTHER: &str = "agencies/blk-kepri/agreements/pks-2";

/// Terms that begin in April, in Jakarta.
fn of_april() -> v1::AgreementTerms {
    v1::AgreementTerms { effective_from: "2026-04-01".to_owned(), ..terms() }
}

/// Agrees on these terms before they hold.
async fn agree(cast: &Cast, name: &str) {
    let etag = propose(cast, name, of_april()).await;
    let accept = v1::AcceptAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag,
        ..Default::default()
    };
    let accepted = cast.lapas.agreement().accept_agreement(accept).await.unwrap().into_inner();
    assert_eq!(accepted.state(), State::Pending);
}

/// Proposes an agreement; its etag.
async fn propose(cast: &Cast, name: &str, terms: v1::AgreementTerms) -> String {
    let created = cast.blk.agreement().create_agreement(create_agreement(name, terms)).await.unwrap();
    let propose = v1::ProposeAgreementRequest {
        request_id: request_id(),
        name: name.to_owned(),
        etag: created.into_inner().change.unwrap().etag,
        binding: v1::AgreementBinding::Acceptance.into(),
        ..Default::default()
    };
    cast.blk.agreement().propose_agreement(propose).await.unwrap().into_inner().change.unwrap().etag
}

/// Of which agreements it was told again, with their versions, in the order of appending.
async fn told(world: &World) -> Vec<(String, i64)> {
    let entries =
        world.all_entries().await.into_iter().filter(|entry| entry.method == "keeper/agreement.tell");
    let lines = entries.flat_map(|entry| {
        assert_eq!((entry.lines.len(), entry.agency.as_str()), (1, ""));
        entry.lines
    });
    let told = lines.map(|line| {
        let parties = "blk-kepri lapas-tpi";
        assert_eq!(
            (line.before.to_string(), line.after.to_string()),
            (parties.to_owned(), parties.to_owned())
        );
        assert_eq!(line.kind, ChangeKind::Updated);
        (line.resource, line.version)
    });
    told.collect()
}

/// The last change of which an agency is told.
async fn last_change(world: &World, client: &Client) -> (ChangeEffect, String, i64) {
    world.until_placed().await;
    let request = v1::ListChangesRequest { page_size: 500, ..Default::default() };
    let last = client.change().list_changes(request).await.unwrap().into_inner().changes.pop().unwrap();
    (last.effect(), last.name.clone(), last.version)
}

#[tokio::test]
async fn a_day_that_changes_an_agreement_is_told_to_its_parties_once() {
    let cast = Cast::gather().await;
    let (world, keeper) = (&cast.world, cast.world.keeper());
    agree(&cast, AGREEMENT).await;
    cast.agree(&cast.blk, OTHER, terms()).await;
    let draft = "agencies/blk-kepri/agreements/draf";
    cast.blk.agreement().create_agreement(create_agreement(draft, of_april())).await.unwrap();
    keeper.keep_time().await.unwrap();
    assert_eq!(show(&cast.blk).await.state(), State::Pending);
    let unrelated = last_change(world, &cast.dkp).await;

    world.set_clock("2026-03-31T16:59:59Z");
    keeper.keep_time().await.unwrap();
    assert_eq!(told(world).await, []);
    world.set_clock("2026-03-31T17:00:00Z");
    let again = world.keeper();
    let (one, other) = tokio::join!(keeper.keep_time(), again.keep_time());
    assert!(one.unwrap() + other.unwrap() <= 1);
    keeper.keep_time().await.unwrap();
    let in_force = vec![(AGREEMENT.to_owned(), 3)];
    assert_eq!(told(world).await, in_force);
    assert_eq!(show(&cast.blk).await.state(), State::Active);
    for client in [&cast.blk, &cast.lapas] {
        assert_eq!(last_change(world, client).await, (ChangeEffect::Updated, AGREEMENT.to_owned(), 3));
    }
    assert_eq!(last_change(world, &cast.dkp).await, unrelated);

    // A proposal lapses; what is not proposed does not.
    let proposed = "agencies/blk-kepri/agreements/usulan";
    propose(&cast, proposed, terms()).await;
    keeper.keep_time().await.unwrap();
    world.set_clock("2026-06-29T17:00:00Z");
    keeper.keep_time().await.unwrap();
    let lapsed = [in_force, vec![(proposed.to_owned(), 2)]].concat();
    assert_eq!(told(world).await, lapsed);
    // The last days of both.
    world.set_clock("2028-03-31T16:59:59Z");
    keeper.keep_time().await.unwrap();
    let ended = [lapsed, vec![(OTHER.to_owned(), 3)]].concat();
    assert_eq!(told(world).await, ended);
    world.set_clock("2028-03-31T17:00:00Z");
    keeper.keep_time().await.unwrap();
    let ended = [ended, vec![(AGREEMENT.to_owned(), 3)]].concat();
    assert_eq!(told(world).await, ended);
    world.until_placed().await;
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
}

/// What has come while no gateway ran is told by the next; what came before there was a timekeeper is not.
#[tokio::test]
async fn one_that_cannot_be_read_keeps_no_other_from_being_told() {
    let cast = Cast::gather().await;
    let (world, keeper) = (&cast.world, cast.world.keeper());
    for name in [AGREEMENT, OTHER] {
        agree(&cast, name).await;
    }
    keeper.keep_time().await.unwrap();
    // Past the trigger, which would have it looked at anew.
    let mut owner = world.superuser().await;
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut owner).await.unwrap();
    let broken = "UPDATE agreement SET terms = terms - 'term' WHERE ref = 'pks-1'";
    let terms: serde_json::Value = sqlx::query_scalar("SELECT terms FROM agreement WHERE ref = 'pks-1'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(sqlx::query(broken).execute(&mut owner).await.unwrap().rows_affected(), 1);
    world.set_clock("2026-04-05T00:00:00Z");
    assert!(keeper.keep_time().await.is_err());
    assert_eq!(told(world).await, [(OTHER.to_owned(), 3)]);
    let mended = "UPDATE agreement SET terms = $1 WHERE ref = 'pks-1'";
    sqlx::query(mended).bind(terms).execute(&mut owner).await.unwrap();
    keeper.keep_time().await.unwrap();
    assert_eq!(told(world).await, [(OTHER.to_owned(), 3), (AGREEMENT.to_owned(), 3)]);
    // As a database of before: what has come is not told once more.
    world.set_clock("2028-06-01T00:00:00Z");
    keeper.keep_time().await.unwrap();
    assert_eq!(told(world).await.len(), 4);
    sqlx::raw_sql("UPDATE agreement_moment SET next_at = NULL; UPDATE timekeeping SET looked_at = NULL")
        .execute(&mut owner)
        .await
        .unwrap();
    keeper.keep_time().await.unwrap();
    assert_eq!(told(world).await.len(), 4);
}

/// Nobody looked between an act and the day.
#[tokio::test]
async fn a_day_that_comes_before_anybody_has_looked_is_told() {
    let cast = Cast::gather().await;
    let (world, keeper) = (&cast.world, cast.world.keeper());
    keeper.keep_time().await.unwrap();
    agree(&cast, AGREEMENT).await;
    agree(&cast, OTHER).await;
    let withdrawn = "agencies/blk-kepri/agreements/ditarik";
    let etag = propose(&cast, withdrawn, of_april()).await;
    let withdraw = v1::WithdrawAgreementRequest {
        request_id: request_id(),
        name: withdrawn.to_owned(),
        etag,
        note: "Batal".to_owned(),
        ..Default::default()
    };
    cast.blk.agreement().withdraw_agreement(withdraw).await.unwrap();
    world.set_clock("2026-03-31T17:00:00Z");
    keeper.keep_time().await.unwrap();
    let mut in_force = told(world).await;
    in_force.sort();
    assert_eq!(in_force, [(AGREEMENT.to_owned(), 3), (OTHER.to_owned(), 3)]);

    // A row that was changed by hand is not made good by a day that comes.
    world.tampers();
    let mut superuser = world.superuser().await;
    let changed = "SET session_replication_role = replica;
        UPDATE agreement SET terms = jsonb_set(terms, '{title}', '\"Lain\"') WHERE ref = 'pks-1'";
    sqlx::raw_sql(changed).execute(&mut superuser).await.unwrap();
    world.set_clock("2028-04-01T00:00:00Z");
    keeper.keep_time().await.unwrap();
    assert_eq!(told(world).await.len(), 4);
    world.until_placed().await;
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let found: Vec<_> = found.iter().map(|found| (found.resource.as_str(), found.flaw)).collect();
    assert_eq!(found, [(AGREEMENT, Flaw::Differs)]);
}

/// The next moment is the first at which the state is another, or at which it is reminded of: by looking at the begin of every day, and
/// at the end of the proposal.
#[tokio::test]
async fn the_next_moment_is_the_first_that_brings_something_about() {
    let cast = Cast::ready().await;
    let mut agreement = stored(&cast).await;
    let zone = agreement.terms.zone.clone();
    let first: jiff::civil::Date = "2026-02-25".parse().unwrap();
    let days: Vec<_> = first.series(jiff::Span::new().days(1)).take(780).collect();
    let reminders =
        ["2027-09-04", "2027-12-03", "2028-02-01"].map(|day| zone.start_of(day.parse().unwrap()).unwrap());
    let mut found = [0, 0];
    for act in gerbang::domain::agreement::Act::ALL {
        for terminates_on in [None, Some("2026-07-01"), Some("2028-03-02"), Some("2030-01-01")] {
            agreement.act = *act;
            agreement.terminates_on = terminates_on.map(|day| day.parse().unwrap());
            let lapses = agreement.lapses_at();
            let mut moments: Vec<_> =
                days.iter().map(|day| zone.start_of(*day).unwrap()).chain([lapses]).collect();
            moments.sort();
            for at in moments.iter().step_by(97).map(|at| *at + SignedDuration::from_mins(1)).chain([lapses])
            {
                let is_agreed = *act == gerbang::domain::agreement::Act::Agreed;
                let is_one = |moment: &&jiff::Timestamp| {
                    let is_reminder = is_agreed
                        && reminders.contains(moment)
                        && agreement.state(**moment) == gerbang::domain::agreement::AgreementState::Active;
                    **moment > at && (is_reminder || agreement.state(**moment) != agreement.state(at))
                };
                let expected = moments.iter().find(is_one).copied();
                assert_eq!(agreement.next_moment(at), expected, "{act} {terminates_on:?} {at}");
                found[usize::from(expected.is_some())] += 1;
            }
        }
    }
    assert!(found.iter().all(|count| *count > 20), "{found:?}");
}
