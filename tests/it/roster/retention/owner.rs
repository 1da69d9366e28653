//! What the database's owner may do, and nobody else: list, erase at once, postpone.

use std::process::Command;

use super::*;

/// What is postponed is not looked at before; and no role that runs makes a record empty but by retention.
#[tokio::test]
async fn the_owner_may_postpone_and_no_other_may_erase() {
    let cast = seen().await;
    let world = &cast.world;
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    assert_eq!(owner.postpone("2026-06-15T00:00:00Z".parse().unwrap()).await.unwrap(), 3);
    assert_eq!(turns(world, "2026-06-14T23:59:59Z").await.0, 0);
    assert_eq!(turns(world, "2026-06-15T00:00:00Z").await.0, 3);
    let mut runtime = world.runtime().await;
    let enter = "SELECT set_config('gerbang.agency', 'lapas-tpi', false)";
    sqlx::query(enter).execute(&mut runtime).await.unwrap();
    let seen = "SELECT count(*) FROM trainee";
    assert_eq!(sqlx::query_scalar::<_, i64>(seen).fetch_one(&mut runtime).await.unwrap(), 3);
    for statement in [
        "UPDATE trainee SET sealed = ''",
        "INSERT INTO trainee (id, ref, prison, key_version, sealed, created_at)
         SELECT gen_random_uuid(), sha256(ref), prison, key_version, '', created_at FROM trainee LIMIT 1",
    ] {
        let refused = sqlx::query(statement).execute(&mut runtime).await.unwrap_err();
        let refused = refused.as_database_error().unwrap();
        assert_eq!(refused.code().as_deref(), Some("42501"), "{statement}: {refused}");
        assert!(refused.message().contains("by retention alone"), "{statement}: {refused}");
    }
}

/// The owner's command erases whatever gateways wait for, and has them wait as before for the rest.
#[tokio::test]
async fn the_owner_shortens_no_wait_of_gateways() {
    let cast = seen().await;
    let world = &cast.world;
    cast.hold(&prisons(&cast).await[0]).await;
    let owner = retention(world, "gerbang_owner", Actor::Owner, NIK_DUE);
    owner.postpone("2027-06-08T00:00:00Z".parse().unwrap()).await.unwrap();
    let (due, failed) = owner.preview(NIK_DUE.parse().unwrap()).await.unwrap();
    assert_eq!((due.len(), failed.len()), (3, 0));
    assert_eq!(owner.run(&due).await.unwrap().persons, 2);
    let early = "SELECT count(*) FROM retention WHERE look_at < '2027-06-08T00:00:00Z'";
    assert_eq!(count(world, early).await, 0);
}

/// What the database's owner types: a list of what is due, which changes nothing, and the same erased.
#[tokio::test]
async fn the_command_lists_what_is_due_and_erases_it() {
    let cast = seen().await;
    let world = &cast.world;
    let vault = world.folder.join("vault.toml");
    world.keys.write_new(&vault).unwrap();
    let held = prisons(&cast).await.remove(2);
    cast.hold(&held).await;
    let held = record(&held);
    let retention = |more: &[&str]| {
        let url = url("gerbang_owner", &world.database);
        let vault = vault.to_str().unwrap();
        let args = ["retention", vault, "--database-url", &url].into_iter().chain(more.iter().copied());
        let done =
            Command::new(env!("CARGO_BIN_EXE_gerbang")).args(args).env("LC_ALL", "C").output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    // By the clock on the wall, which is long after June 2026.
    let (code, list, _) = retention(&["--dry-run", "-o", "json"]);
    assert_eq!(code, Some(0));
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let due = list["due"].as_array().unwrap();
    let holds: Vec<_> =
        due.iter().filter(|one| one["legal_hold"] == true).map(|one| &one["trainee"]).collect();
    assert_eq!((due.len(), holds), (3, vec![&held.trainee.clone().into()]), "{list}");
    assert!(due.iter().all(|one| one["prison"] == "agencies/lapas-tpi"));
    let (code, table, note) = retention(&["--dry-run"]);
    assert_eq!((code, note.trim()), (Some(0), "Due: 2. Kept by a legal hold: 1. Nothing was erased."));
    assert_eq!(table.matches("trainees/").count(), 3, "{table}");
    assert_eq!(count(world, "SELECT count(*) FROM erasure").await, 0);

    let (code, _, asked) = retention(&[]);
    assert!(code == Some(2) && asked.contains("Erase what is listed of 2 trainees for ever?"), "{asked}");
    let (code, _, said) = retention(&["--yes"]);
    assert!(code == Some(0) && said.contains("Data of 2 trainees is erased"), "{said}");
    assert_eq!(count(world, "SELECT count(*) FROM erasure").await, 2);
    let kept = prisons(&cast).await.iter().filter(|one| !record(one).nik.is_empty()).count();
    assert_eq!(kept, 1);
}
