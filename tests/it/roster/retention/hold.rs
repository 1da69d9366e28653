//! A legal hold keeps what is there, whenever it comes: also the salts of what was erased before it.

use super::*;

#[tokio::test]
async fn a_legal_hold_keeps_everything_until_it_is_lifted() {
    let cast = seen().await;
    let world = &cast.world;
    let held = record(&prisons(&cast).await[0]);
    let (name, etag) = (held.trainee.clone(), held.trainee_etag.clone());
    let place = || v1::PlaceLegalHoldRequest {
        request_id: request_id(),
        name: name.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    let change = cast.lapas.roster().place_legal_hold(place()).await.unwrap().into_inner().change.unwrap();
    let hold = sqlx::query_scalar::<_, String>("SELECT id::text FROM legal_hold");
    let hold = format!("{name}/legalHolds/{}", hold.fetch_one(&mut world.owner().await).await.unwrap());
    world.assert_entry(&change.entry, "RosterService/PlaceLegalHold", &[&hold]).await;
    assert_eq!(
        (change.outcome(), &change.etag),
        (v1::ItemOutcome::Updated, &etag),
        "the trainee is as before"
    );
    let again = cast.lapas.roster().place_legal_hold(place()).await.unwrap().into_inner().change.unwrap();
    assert_eq!((again.outcome(), again.entry.as_str()), (v1::ItemOutcome::Unchanged, ""));
    let stale = v1::PlaceLegalHoldRequest { etag: "x".to_owned(), ..place() };
    assert_eq!(reason(&cast.lapas.roster().place_legal_hold(stale).await.unwrap_err()), "ETAG_MISMATCH");
    let batam = world.join("lapas-batam", v1::AgencyKind::Prison, "sdp", v1::Role::Prison).await;
    assert_eq!(reason(&batam.roster().place_legal_hold(place()).await.unwrap_err()), "NOT_FOUND");
    assert!(record(&prisons(&cast).await[0]).legal_hold);

    assert_eq!(turns(world, RECORD_DUE).await.0, 2);
    let roster = prisons(&cast).await;
    let erased: Vec<_> = roster.iter().map(|one| (record(one).erased, record(one).nik.is_empty())).collect();
    assert_eq!(erased, [(false, false), (true, true), (true, true)]);
    assert_eq!(turns(world, "2028-03-11T03:59:59Z").await.0, 0);

    let lift = || v1::LiftLegalHoldRequest {
        request_id: request_id(),
        name: name.clone(),
        etag: etag.clone(),
        ..Default::default()
    };
    assert_eq!(reason(&batam.roster().lift_legal_hold(lift()).await.unwrap_err()), "NOT_FOUND");
    let lifted = cast.lapas.roster().lift_legal_hold(lift()).await.unwrap().into_inner().change.unwrap();
    let entries = world.all_entries().await;
    let entry = entries.iter().find(|entry| entry.id.to_string() == lifted.entry).unwrap();
    let told: Vec<_> =
        entry.lines.iter().map(|line| (line.kind, line.resource.as_str(), line.version)).collect();
    assert_eq!(told, [(ChangeKind::Removed, hold.as_str(), 2)]);
    assert_eq!(
        cast.lapas.roster().lift_legal_hold(lift()).await.unwrap().into_inner().change.unwrap().entry,
        ""
    );
    assert!(!record(&prisons(&cast).await[0]).legal_hold);
    // Another hold is another resource.
    cast.lapas.roster().place_legal_hold(place()).await.unwrap();
    cast.lapas.roster().lift_legal_hold(lift()).await.unwrap();
    // The keeper looks at who was held every day.
    assert_eq!(turns(world, "2028-03-11T04:00:00Z").await.0, 1);
    assert!(prisons(&cast).await.iter().all(|one| record(one).erased));
}

/// Nobody lists what is told from here on, until this commits.
async fn unlisted(world: &World) -> sqlx::PgConnection {
    world.until_listed().await;
    let mut lister = world.owner().await;
    let stop = "BEGIN; LOCK TABLE ledger_trainee IN SHARE MODE";
    sqlx::raw_sql(stop).execute(&mut lister).await.unwrap();
    lister
}

/// Until the lists have passed it, an erasure is under way: the audit knows it. And a hold keeps also what is still there by then.
#[tokio::test]
async fn a_hold_that_comes_between_an_erasure_and_its_salts_keeps_them() {
    for (now, part) in [(NIK_DUE, Part::Nik), (RECORD_DUE, Part::Record)] {
        let cast = seen().await;
        let world = &cast.world;
        let roster = prisons(&cast).await;
        let mut lister = unlisted(world).await;
        let before = salts(world).await;
        let keeper = retention(world, "gerbang_keeper", Actor::Keeper, now);
        let done = keeper.turn().await.unwrap();
        assert_eq!((done.persons, done.salts, done.under_way), (3, 0, 3), "{done:?}");
        assert!(before.is_subset(&salts(world).await));
        let audit = async || audit_rows(&world.database, &world.keys, world.clock.now()).await;
        assert_eq!(audit().await, [], "{part:?}");

        // By hand where the prison cannot any more, since everything is erased: that is refused.
        let hold = "INSERT INTO legal_hold (id, trainee, prison, held_at)
            SELECT gen_random_uuid(), id, prison, '2026-03-02T00:00:00Z' FROM trainee WHERE encode(ref, 'hex') = $1";
        let held = record(&roster[0]).trainee;
        let reference = held.trim_start_matches("trainees/");
        if part == Part::Record {
            let refused =
                sqlx::query(hold).bind(reference).execute(&mut world.owner().await).await.unwrap_err();
            let refused = refused.as_database_error().unwrap();
            assert_eq!(refused.constraint(), Some("legal_hold_trainee_check"), "{refused}");
        } else {
            cast.hold(&prisons(&cast).await[0]).await;
        }
        sqlx::raw_sql("COMMIT").execute(&mut lister).await.unwrap();
        let kept = usize::from(part == Part::Nik);
        world.until_listed().await;
        let done = keeper.turn().await.unwrap();
        assert_eq!((done.persons, done.under_way), (0, kept), "{done:?}");
        let earlier = world.all_entries().await;
        let theirs = lines(&earlier, |_, resource| resource == held);
        assert_eq!(!theirs.is_disjoint(&salts(world).await), part == Part::Nik, "{part:?}");
        let told = told_erased(&earlier);
        assert!(
            theirs.intersection(&before).all(|salt| told.contains(salt) == (part == Part::Record)),
            "{part:?}"
        );
        assert_eq!(audit().await, [], "{part:?}");
        if part == Part::Nik {
            cast.release(&prisons(&cast).await[0]).await;
            let (persons, swept) = turns(world, now).await;
            assert!(persons == 0 && swept > 0, "{swept}");
            assert_eq!(audit().await, []);
        }
    }
}

/// The salts wait for a hold that is being placed, stay while it stands, and go once it is lifted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn salts_wait_for_a_hold_that_is_being_placed() {
    let cast = seen().await;
    let world = &cast.world;
    let mut lister = unlisted(world).await;
    let keeper = retention(world, "gerbang_keeper", Actor::Keeper, NIK_DUE);
    assert_eq!(keeper.turn().await.unwrap().under_way, 3);
    sqlx::raw_sql("COMMIT").execute(&mut lister).await.unwrap();
    world.until_listed().await;
    let before = salts(world).await;

    let place = "INSERT INTO legal_hold (id, trainee, prison, held_at)
        SELECT gen_random_uuid(), id, prison, '2026-03-02T00:00:00Z' FROM trainee ORDER BY id LIMIT 1";
    assert_eq!(turn_behind(world, place, NIK_DUE).await.under_way, 1);
    let held = "SELECT encode(ref, 'hex') FROM trainee ORDER BY id LIMIT 1";
    let held: String = sqlx::query_scalar(held).fetch_one(&mut world.owner().await).await.unwrap();
    let theirs = lines(&world.all_entries().await, |_, resource| resource.ends_with(&held));
    let kept: Vec<_> = theirs.intersection(&before).collect();
    assert!(!kept.is_empty() && salts(world).await.is_superset(&kept.into_iter().copied().collect()));
    sqlx::query("DELETE FROM legal_hold").execute(&mut world.owner().await).await.unwrap();
    assert!(turns(world, NIK_DUE).await.1 > 0);
    assert_eq!(audit_rows(&world.database, &world.keys, world.clock.now()).await, []);
}
