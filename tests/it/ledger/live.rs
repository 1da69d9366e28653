//! `gerbang audit verify --live`: the database against its own entries, and against a checkpoint that an auditor has kept.

use gerbang::{config::ledger_key, ledger::checkpoint::Checkpoint};

use super::{checkpoint, key};
use crate::{
    cast::{Cast, TRAINER, led_session},
    cli::gerbang,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_held_against_its_entries_and_a_kept_checkpoint() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let signer = ledger_key::load(&world.folder.join("ledger.key")).unwrap();
    let (key, url) = (key(world).to_string(), crate::world::url("gerbang_owner", &world.database));
    let kept = world.folder.join("kept");
    let before = checkpoint(world, &cast.blk).await;
    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    world.until_listed().await;
    let verify = async |note: &str| {
        std::fs::write(&kept, note).unwrap();
        let words = ["audit", "verify", "--live", "--database-url", &url, "--key", &key, "--keep"];
        let output = gerbang(world, "C", &[&words[..], &[kept.to_str().unwrap()]].concat()).await;
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), note, "the auditor's checkpoint stays");
        let printed = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), printed)
    };
    let note = signer.sign(&before);
    let (code, said) = verify(&note).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("its first {} entries are those of the kept", before.size)), "{said}");

    // Another tree of as many entries, and one of more than there are.
    let forked = signer.sign(&Checkpoint { root: [7; 32], ..before });
    let (code, said) = verify(&forked).await;
    assert!(code == Some(1) && said.contains("are not those of the kept checkpoint"), "{said}");
    let (code, said) = verify(&signer.sign(&Checkpoint { size: 1_000_000, root: [7; 32] })).await;
    assert!(code == Some(1) && said.contains("was cut off"), "{said}");

    // Each is undone before the next.
    world.tampers();
    let mut superuser = world.superuser().await;
    for (change, undo, found) in [
        (
            "CREATE TABLE kept_feed AS SELECT * FROM ledger_feed WHERE reader = 'blk-kepri' ORDER BY index DESC LIMIT 1; \
             DELETE FROM ledger_feed f USING kept_feed k WHERE (f.reader, f.index) = (k.reader, k.index)",
            "INSERT INTO ledger_feed SELECT * FROM kept_feed; DROP TABLE kept_feed",
            "FEED",
        ),
        (
            "UPDATE ledger_feed SET reader = 'dlhk-kepri' WHERE reader = 'lapas-tpi' AND index = (SELECT max(index) FROM ledger_feed WHERE reader = 'lapas-tpi')",
            "UPDATE ledger_feed SET reader = 'lapas-tpi' WHERE reader = 'dlhk-kepri'",
            "FEED",
        ),
        (
            "INSERT INTO ledger_feed (reader, index) VALUES ('dlhk-kepri', 3)",
            "DELETE FROM ledger_feed WHERE reader = 'dlhk-kepri'",
            "FEED",
        ),
        (
            "UPDATE session SET topic = topic || '.'",
            "UPDATE session SET topic = rtrim(topic, '.')",
            "DIFFERS",
        ),
    ] {
        let run = |statements: &str| format!("SET session_replication_role = replica; {statements}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(run(change))).execute(&mut superuser).await.unwrap();
        let (code, said) = verify(&note).await;
        assert!(code == Some(1) && said.contains(found), "{change}: {said}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(run(undo))).execute(&mut superuser).await.unwrap();
        let (code, said) = verify(&note).await;
        assert_eq!(code, Some(0), "{undo}: {said}");
    }

    let words = ["audit", "verify", "--live"];
    let output = gerbang(world, "C", &words).await;
    assert_eq!(output.status.code(), Some(2));
}
