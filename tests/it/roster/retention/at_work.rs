//! What erases beside others: who nominates, who postpones, other processes, a record that is damaged, a clock that is ahead.

use gerbang::keeper::{Keeper, retention::Trainees, task::Work};

use super::*;

/// While somebody is nominated for another course, nothing of them is erased: either it is erased before, and the NIK given again, or the
/// other course keeps it. More than are looked at in one go.
#[tokio::test]
async fn nobody_is_erased_while_they_are_nominated_elsewhere() {
    let cast = Cast::confirmed("2026-03-10T01:00:00Z").await;
    let world = &cast.world;
    let all: Vec<usize> = (1..=120).collect();
    cast.nominate(&all).await;
    fish(&cast).await;
    cast.dkp.schedule().push_schedule(push_fish(vec![session("f1", "2026-09-10T01:00:00Z")])).await.unwrap();
    world.until_listed().await;
    let keeper = retention(world, "gerbang_keeper", Actor::Keeper, NIK_DUE);
    let client = cast.lapas.clone();
    let nominate = async || {
        for some in all.chunks(20) {
            let request = v1::NominateTraineesRequest { programme: FISH.to_owned(), ..nominate(some) };
            let answer = client.roster().nominate_trainees(request).await.unwrap().into_inner();
            assert_eq!(answer.outcome(), v1::BatchOutcome::Stored, "{answer:?}");
        }
    };
    let (done, ()) = tokio::join!(keeper.turn(), nominate());
    let done = done.unwrap();
    assert!(done.failed.is_empty(), "{done:?}");
    let roster = prisons(&cast).await;
    let kept = roster.iter().filter(|one| !record(one).nik.is_empty()).count();
    assert_eq!((roster.len(), kept), (120, 120), "{done:?}");
    assert_eq!(turns(world, NIK_DUE).await.0, 0);
}

/// One whose record does not open keeps no other from being erased, and the owner is told.
#[tokio::test]
async fn a_record_that_does_not_open_keeps_no_other() {
    let cast = seen().await;
    let world = &cast.world;
    let damage = "UPDATE trainee SET sealed = sealed || '\\x00' WHERE id = (SELECT id FROM trainee ORDER BY id LIMIT 1)";
    sqlx::query(damage).execute(&mut world.owner().await).await.unwrap();
    world.tampers();
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    let (due, failed) = owner.preview(NIK_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (2, 1));
    let done = turn(world, NIK_DUE).await;
    assert_eq!((done.persons, done.failed.len()), (2, 1), "{done:?}");
    // Nobody opens it to take everything away.
    assert_eq!(turns(world, RECORD_DUE).await.0, 3);
}

/// What is postponed once a gateway has listed it is not erased by it any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_postponed_while_a_gateway_erases_waits() {
    let cast = seen().await;
    let world = &cast.world;
    world.until_listed().await;
    // All but the first, at which the keeper is done when it waits.
    let postpone = "UPDATE retention SET look_at = '2026-07-08T00:00:00Z'
        WHERE trainee <> (SELECT trainee FROM retention ORDER BY trainee LIMIT 1)";
    assert_eq!(turn_behind(world, postpone, NIK_DUE).await.persons, 1);
    assert_eq!(turns(world, "2026-07-07T23:59:59Z").await.0, 0);
    assert_eq!(turns(world, "2026-07-08T00:00:00Z").await.0, 2);
}

/// A gateway whose clock is ahead of the database's erases nothing; by another everything is due.
#[tokio::test]
async fn nothing_is_erased_by_a_clock_that_is_ahead() {
    let cast = seen().await;
    let world = &cast.world;
    world.until_listed().await;
    let database = count(world, "SELECT extract(epoch FROM clock_timestamp())::int8").await;
    let database = Timestamp::from_second(database).unwrap();
    for (ahead, erases) in [(600, false), (60, true)] {
        let now = database + jiff::SignedDuration::from_secs(ahead);
        let outside = Outside { clock: Arc::new(At(now)), ..world.outside() };
        let keeper = Keeper::open(&url("gerbang_keeper", &world.database), 2, outside).unwrap();
        let turn = Trainees(keeper).turn().await;
        assert_eq!(turn.is_ok(), erases, "{turn:?}");
        let erased = count(world, "SELECT count(*) FROM erasure").await;
        assert_eq!(erased, if erases { 3 } else { 0 });
    }
}

/// A hundred looks and more: their salts go in more than one transaction, each of which another process may take up.
#[tokio::test]
async fn the_salts_of_many_looks_go_in_parts_and_several_processes_do_it_once() {
    let cast = seen().await;
    let world = &cast.world;
    for _ in 0..120 {
        cast.roster(&cast.lapas).await;
    }
    world.until_listed().await;
    let earlier = world.all_entries().await;
    let keeper = || retention(world, "gerbang_keeper", Actor::Keeper, RECORD_DUE);
    let owner = retention(world, "gerbang_owner", Actor::Owner, RECORD_DUE);
    let (due, failed) = owner.preview(RECORD_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (3, 0));
    let (one, other) = (keeper(), keeper());
    let (one, other, owners) = tokio::join!(one.turn(), other.turn(), owner.run(&due));
    let done = [one.unwrap(), other.unwrap(), owners.unwrap()];
    assert_eq!(done.iter().map(|turn| turn.persons).sum::<usize>(), 3, "{done:?}");
    world.until_listed().await;
    let (one, other) = (keeper(), keeper());
    let (one, other) = tokio::join!(one.turn(), other.turn());
    let swept = done.into_iter().chain([one.unwrap(), other.unwrap()]).map(|turn| turn.salts).sum::<usize>();
    let (_, rest) = turns(world, RECORD_DUE).await;
    let gone = lines(&earlier, |kind, resource| !kind.is_change() || resource.starts_with("trainees/"));
    assert_eq!(swept + rest, gone.len(), "each once");
    let later = world.all_entries().await.split_off(earlier.len());
    assert_eq!(told_erased(&later), gone);
    let parts = later.iter().filter(|entry| entry.method.ends_with("/salt.erase")).count();
    assert!(parts >= 6, "{parts}");
    assert!(salts(world).await.is_disjoint(&gone));
}
