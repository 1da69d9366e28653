//! What agencies and auditors learn of the ledger as a whole: checkpoints that are signed, proofs that hold, and exports that anybody
//! verifies.

mod hostile;
mod live;
mod receipts;
mod replaced;
pub mod witness;

use std::{path::Path, process::Command};

use gerbang::{
    agent::Client,
    config::ledger_key,
    ledger::{
        checkpoint::Checkpoint,
        note::VerifierKey,
        proof::{self, Kept, verify_consistency, verify_inclusion},
        tree::{Frontier, Hash, leaf_hash},
    },
    proto::v1,
};
use sqlx::{AssertSqlSafe, Row};
use tonic::{Code, Status};

use crate::{
    cast::{Cast, TRAINER, led_session},
    cli::gerbang,
    world::{LEDGER, World, reason, request_id},
};

fn key(world: &World) -> VerifierKey {
    ledger_key::load(&world.folder.join("ledger.key")).unwrap().verifier().clone()
}

pub async fn checkpoint(world: &World, client: &Client) -> Checkpoint {
    world.until_placed().await;
    let answer = client.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.unwrap().into_inner();
    key(world).verify(&answer.checkpoint).unwrap()
}

async fn inclusion(client: &Client, entry: &str, size: u64) -> Result<v1::GetInclusionProofResponse, Status> {
    let request = v1::GetInclusionProofRequest { entry: entry.to_owned(), tree_size: size as i64 };
    Ok(client.ledger().get_inclusion_proof(request).await?.into_inner())
}

pub async fn consistency(client: &Client, from: u64, to: u64) -> Result<Vec<Hash>, Status> {
    let request = v1::GetConsistencyProofRequest { from_size: from as i64, to_size: to as i64 };
    Ok(hashes(client.ledger().get_consistency_proof(request).await?.into_inner().hashes))
}

fn hashes(hashes: Vec<Vec<u8>>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| hash.try_into().unwrap()).collect()
}

fn refused(status: &Status) -> (Code, String) {
    (status.code(), reason(status))
}

/// The leaves, by their places.
async fn leaves(world: &World) -> Vec<(String, Vec<u8>)> {
    let leaves = "SELECT e.id::text, e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry ORDER BY i.index";
    sqlx::query_as(leaves).fetch_all(&mut world.owner().await).await.unwrap()
}

#[tokio::test]
async fn checkpoints_are_signed_and_each_is_proved_the_beginning_of_the_next() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let before = checkpoint(world, &cast.blk).await;
    for day in 10..14 {
        cast.push(vec![led_session(&format!("s{day}"), &format!("2026-03-{day}T01:00:00Z"), TRAINER)]).await;
    }
    let now = checkpoint(world, &cast.lapas).await;
    assert!(now.size >= before.size + 4, "{before:?} {now:?}");

    // The roots are those of the leaves.
    let mut tree = Frontier::default();
    let mut roots = vec![tree.root()];
    for (_, leaf) in leaves(world).await {
        tree.push(leaf_hash(&leaf), |_| {});
        roots.push(tree.root());
    }
    assert_eq!([before, now].map(|it| it.root), [before, now].map(|it| roots[it.size as usize]));

    for from in 0..=now.size {
        let proof = consistency(&cast.dkp, from, now.size).await.unwrap();
        let first = (from, &roots[from as usize]);
        assert!(verify_consistency(first, (now.size, &now.root), &proof), "{from}");
        assert!(!verify_consistency((from, &[1; 32]), (now.size, &now.root), &proof), "{from}");
    }
    let beyond = consistency(&cast.blk, 1, now.size + 1_000).await.unwrap_err();
    assert_eq!(refused(&beyond), (Code::FailedPrecondition, "LEDGER_SIZE_BEYOND_END".to_owned()));
    let backwards = consistency(&cast.blk, 2, 1).await.unwrap_err();
    assert_eq!(refused(&backwards), (Code::InvalidArgument, "FIELDS_INVALID".to_owned()));
}

#[tokio::test]
async fn an_entry_is_proved_to_whoever_may_know_of_it() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let now = checkpoint(world, &cast.blk).await;
    let mut leaves = leaves(world).await;
    leaves.truncate(now.size as usize);
    let entries = world.all_entries().await;
    let mut told = [0; 3];
    for (index, (id, leaf)) in (0..).zip(&leaves) {
        let entry = entries.iter().find(|entry| entry.id.to_string() == *id).unwrap();
        let named = |agency: &str| {
            let readers = entry.lines.iter().map(|line| format!(" {} {} ", line.before, line.after));
            entry.agency == agency
                || readers
                    .into_iter()
                    .any(|readers| readers.contains(&format!(" {agency} ")) || readers.contains(" * "))
        };
        let callers = [(&cast.admin, true), (&cast.blk, named("blk-kepri")), (&cast.dkp, named("dkp-kepri"))];
        for (place, (client, may)) in callers.into_iter().enumerate() {
            let found = inclusion(client, id, now.size).await;
            if !may {
                let unknown = (Code::NotFound, "LEDGER_ENTRY_UNKNOWN".to_owned());
                assert_eq!(refused(&found.unwrap_err()), unknown, "{id}");
                continue;
            }
            let found = found.unwrap();
            assert_eq!((found.index, &found.leaf_hash[..]), (index, &leaf_hash(leaf)[..]));
            let proof = hashes(found.hashes);
            assert!(verify_inclusion(index as u64, now.size, &leaf_hash(leaf), &proof, &now.root), "{index}");
            told[place] += 1;
        }
    }
    assert!(told[0] == leaves.len() && told[1] < told[0] && told[2] < told[1] && told[2] > 0, "{told:?}");

    // Of a smaller tree too, if it is in it.
    let (id, leaf) = leaves
        .iter()
        .rfind(|(id, _)| entries.iter().any(|e| e.id.to_string() == *id && e.agency == "blk-kepri"))
        .unwrap();
    let place = leaves.iter().position(|(other, _)| other == id).unwrap() as u64;
    let found = inclusion(&cast.blk, id, place + 1).await.unwrap();
    let mut tree = Frontier::default();
    leaves[..=place as usize].iter().for_each(|(_, leaf)| tree.push(leaf_hash(leaf), |_| {}));
    assert!(verify_inclusion(place, place + 1, &leaf_hash(leaf), &hashes(found.hashes), &tree.root()));
    let later = inclusion(&cast.blk, id, place).await.unwrap_err();
    assert_eq!(refused(&later), (Code::FailedPrecondition, "LEDGER_ENTRY_LATER".to_owned()));
    let beyond = inclusion(&cast.blk, id, now.size + 1_000).await.unwrap_err();
    assert_eq!(refused(&beyond), (Code::FailedPrecondition, "LEDGER_SIZE_BEYOND_END".to_owned()));
    let unknown = inclusion(&cast.blk, &request_id(), now.size).await.unwrap_err();
    assert_eq!(refused(&unknown), (Code::NotFound, "LEDGER_ENTRY_UNKNOWN".to_owned()));
}

/// It serves all else, and says what there is to do.
#[tokio::test]
async fn a_gateway_without_the_key_proves_nothing() {
    let mut cast = Cast::ready().await;
    let entry = cast.world.all_entries().await.pop().unwrap().id.to_string();
    cast.world.until_placed().await;
    cast.world.stop().await;
    cast.world.config.ledger_key = None;
    cast.world.start_gateway().await;
    let admin = cast.world.connect("operator", "admin").await;
    let checkpoint = admin.ledger().get_checkpoint(v1::GetCheckpointRequest {}).await.unwrap_err();
    let missing = (Code::FailedPrecondition, "LEDGER_KEY_MISSING".to_owned());
    assert_eq!(refused(&checkpoint), missing);
    assert_eq!(refused(&inclusion(&admin, &entry, 1).await.unwrap_err()), missing);
    assert_eq!(refused(&consistency(&admin, 0, 1).await.unwrap_err()), missing);
    let name = "agencies/blk-kepri".to_owned();
    admin.agency().get_agency(v1::GetAgencyRequest { name }).await.unwrap();
}

/// Five levels of subtrees: whatever is proved of such a tree is made of what the database tells for it.
#[tokio::test]
async fn what_the_database_tells_is_enough_for_every_proof() {
    const SIZE: u64 = 70_000;
    let world = World::start().await;
    world.tampers();
    world.until_placed().await;
    let mut db = world.superuser().await;
    let first: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ledger_index").fetch_one(&mut db).await.unwrap();
    let (mut tree, mut roots, mut grown) = (Frontier::default(), vec![], Vec::new());
    let mut leaves = Vec::new();
    let known: Vec<Vec<u8>> = sqlx::query_scalar("SELECT leaf_hash FROM ledger_index ORDER BY index")
        .fetch_all(&mut db)
        .await
        .unwrap();
    for index in 0..SIZE {
        roots.push(tree.root());
        let leaf = known
            .get(index as usize)
            .map_or_else(|| leaf_hash(&index.to_be_bytes()), |leaf| leaf[..].try_into().unwrap());
        leaves.push(leaf);
        tree.push(leaf, |whole| grown.push(whole));
    }
    roots.push(tree.root());
    let new = &leaves[first as usize..];
    sqlx::query("INSERT INTO ledger_index SELECT $1 + n - 1, gen_random_uuid(), hash FROM unnest($2::bytea[]) WITH ORDINALITY AS u (hash, n)")
        .bind(first)
        .bind(new.iter().map(|leaf| leaf.to_vec()).collect::<Vec<_>>())
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query("INSERT INTO ledger_subtree SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[]) ON CONFLICT DO NOTHING")
        .bind(grown.iter().map(|whole| whole.level as i16).collect::<Vec<_>>())
        .bind(grown.iter().map(|whole| whole.index as i64).collect::<Vec<_>>())
        .bind(grown.iter().map(|whole| whole.hash.to_vec()).collect::<Vec<_>>())
        .execute(&mut db)
        .await
        .unwrap();
    let mut told = async |place: u64, size: u64| -> Kept {
        let nodes =
            format!("SELECT (n).level, (n).index, (n).hash FROM unnest(ledger_nodes({place}, {size})) AS n");
        let rows = sqlx::query(AssertSqlSafe(nodes)).fetch_all(&mut db).await.unwrap();
        assert!(rows.len() <= 5 * 32, "{}", rows.len());
        let node = |row: &sqlx::postgres::PgRow| {
            let (level, index): (i16, i64) = (row.get(0), row.get(1));
            ((level as u32, index as u64), row.get::<Vec<u8>, _>(2).try_into().unwrap())
        };
        rows.iter().map(node).collect()
    };
    // Around each change of a level, and anywhere.
    let sizes = [1, 2, 15, 16, 17, 255, 256, 257, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 69_999, SIZE];
    let sizes = sizes.into_iter().chain((1..20).map(|n| n * 7_919 % SIZE + 1));
    for size in sizes.collect::<Vec<_>>() {
        let root = &roots[size as usize];
        for place in [0, size / 3, size / 2, size.saturating_sub(17), size - 1] {
            let kept = told(place, size).await;
            let proof = proof::inclusion(place, size, &kept).unwrap();
            assert!(verify_inclusion(place, size, &leaves[place as usize], &proof, root), "{place} {size}");
            let from = place + 1;
            let proof = proof::consistency(from, size, &kept).unwrap();
            assert!(verify_consistency((from, &roots[from as usize]), (size, root), &proof), "{from} {size}");
        }
        assert_eq!(proof::frontier(size, &told(size, size).await).unwrap().root(), *root, "{size}");
    }
}

/// The ledger as a file: this program and one in Python verify it, from its beginning and from a kept checkpoint; and neither
/// takes one that was changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_verified_by_anybody() {
    let cast = Cast::ready().await;
    let world = &cast.world;
    let at = |name: &str| world.folder.join(name).to_str().unwrap().to_owned();
    let key = key(world).to_string();
    let url = crate::world::url("gerbang_owner", &world.database);
    let run = async |words: &[&str]| {
        let output = gerbang(world, "C", words).await;
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), said)
    };
    let export = async |file: &str, more: &[&str]| {
        world.until_placed().await;
        let key = at("ledger.key");
        let words = ["audit", "export", file, "--database-url", &url, "--ledger-key", &key];
        let (code, _, said) = run(&[&words, more].concat()).await;
        assert_eq!(code, Some(0), "{said}");
    };
    let verify =
        async |file: &str, kept: &str| run(&["audit", "verify", file, "--key", &key, "--keep", kept]).await;
    let python = async |file: &str, kept: Option<&str>| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python/verify_log.py");
        let mut command = Command::new("python3");
        command.arg(script).args([file, "--key", &key]).args(kept.iter().flat_map(|kept| ["--kept", kept]));
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };

    let shown = run(&["audit", "key", &at("ledger.key")]).await;
    assert_eq!(shown, (Some(0), format!("{key}\n"), String::new()));
    let (whole, kept) = (at("whole.jsonl"), at("kept"));
    export(&whole, &[]).await;
    let (code, note, said) = verify(&whole, &kept).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), note);
    assert!(note.starts_with(&format!("{LEDGER}\n")), "{note}");
    let (code, by_python, said) = python(&whole, None).await;
    assert_eq!((code, &by_python), (Some(0), &note), "{said}");

    // What came later, behind the kept checkpoint; which the gateway proves to be the beginning of the new one too.
    cast.push(vec![led_session("s1", "2026-03-10T01:00:00Z", TRAINER)]).await;
    let later = at("later.jsonl");
    export(&later, &["--from", &kept]).await;
    let first = format!(r#""first":{},"frontier":["#, note.lines().nth(1).unwrap());
    assert!(std::fs::read_to_string(&later).unwrap().contains(&first), "{first}");
    let (code, by_python, said) = python(&later, Some(&kept)).await;
    assert_eq!(code, Some(0), "{said}");
    let size = |note: &str| -> u64 { note.lines().nth(1).unwrap().parse().unwrap() };
    let other = at("other");
    std::fs::copy(&kept, &other).unwrap();
    for _ in 0..2 {
        let before = size(&std::fs::read_to_string(&other).unwrap());
        let words = ["--profile", "blk", "audit", "checkpoint", "--key", &key, "--keep", &other];
        let (code, new, said) = run(&words).await;
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.contains(&format!("its first {before} entries are those of the kept checkpoint")),
            "{said}"
        );
        assert_eq!(std::fs::read_to_string(&other).unwrap(), new);
        assert!(size(&new) >= before, "{new}");
    }
    // A kept checkpoint that the gateway's ledger does not go on from: both are there to be shown.
    let forked = Checkpoint { size: 3, root: [7; 32] };
    let forked = ledger_key::load(&world.folder.join("ledger.key")).unwrap().sign(&forked);
    std::fs::write(&other, &forked).unwrap();
    let words = ["--profile", "blk", "audit", "checkpoint", "--key", &key, "--keep", &other];
    let (code, new, said) = run(&words).await;
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), forked);
    let folder = std::fs::read_dir(&world.folder).unwrap();
    let mut conflicts =
        folder.map(|one| one.unwrap().path()).filter(|one| one.to_string_lossy().contains("other.conflict-"));
    assert_eq!(std::fs::read_to_string(conflicts.next().unwrap()).unwrap(), new);
    assert!(conflicts.next().is_none());
    assert!(size(&new) > 3, "{new}");
    let (code, note, said) = verify(&later, &kept).await;
    assert_eq!((code, &note), (Some(0), &by_python), "{said}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), by_python);

    // An older export does not take the place of what is kept, and one that was changed is none.
    let (code, _, said) = verify(&whole, &kept).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("it was cut off"), "{said}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), by_python);
    let text = std::fs::read_to_string(&whole).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    let last = lines.len() - 1;
    lines.swap(last, last - 1);
    let swapped = lines.join("\n") + "\n";
    let changed = [swapped, lines[..last].join("\n") + "\n"];
    for (number, changed) in changed.into_iter().enumerate() {
        let file = at("changed.jsonl");
        std::fs::write(&file, changed).unwrap();
        let fresh = at("fresh");
        assert_eq!(verify(&file, &fresh).await.0, Some(1), "{number}");
        assert!(!Path::new(&fresh).exists());
        assert_eq!(python(&file, None).await.0, Some(1), "{number}");
    }

    // An entry that the database's superuser changes: its owner exports nothing that he could hand on.
    world.tampers();
    let change = "SET session_replication_role = replica; UPDATE ledger_entry SET leaf = leaf || '\\x00'::bytea \
                  WHERE id = (SELECT entry FROM ledger_index WHERE index = 3)";
    sqlx::raw_sql(change).execute(&mut world.superuser().await).await.unwrap();
    let words = ["audit", "export", &whole, "--database-url", &url, "--ledger-key", &at("ledger.key")];
    let (code, _, said) = run(&words).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("somebody changed entries past the gateway"), "{said}");
    assert_eq!(verify(&whole, &at("fresh")).await.0, Some(1));
}
