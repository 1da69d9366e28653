//! What the sequencer makes of leaves: the feed, in large batches too, and of leaves that somebody forged.

use std::ops::Range;

use gerbang::{
    domain::{AgencyCode, outside::Clock},
    ledger::{ChangeKind, Entry, Format, Line, Readers},
    store::audit::Flaw,
};
use sqlx::Connection;
use uuid::Uuid;

use super::{batch, order, settled, writing::write};
use crate::world::{World, audit_rows};

/// An entry of these readers' lines.
pub fn entry(lines: impl IntoIterator<Item = [Readers; 2]>) -> Entry {
    let line = |[before, after]: [Readers; 2]| Line {
        resource: "agencies/dinas-1/sessions/s1".to_owned(),
        version: 2,
        kind: ChangeKind::Updated,
        disclosed: Vec::new(),
        digest: [1; 32],
        before,
        after,
    };
    let at = "2026-03-02T01:00:00Z".parse().unwrap();
    Entry {
        format: Format::V2,
        id: Uuid::nil(),
        recorded_at: at,
        occurred_at: at,
        agency: "dinas-1".to_owned(),
        system: "jadwal".to_owned(),
        fingerprint: [1; 32],
        method: "ScheduleService/PushSchedule".to_owned(),
        request_id: None,
        agreement: None,
        lines: lines.into_iter().map(line).collect(),
        purpose: String::new(),
    }
}

/// So many agencies, from a number on.
fn agencies(numbers: Range<usize>) -> Readers {
    let codes: Vec<_> =
        numbers.map(|number| AgencyCode::parse(&format!("dinas-{number}")).unwrap()).collect();
    Readers::agencies(&codes)
}

/// By place, from one on, who is told.
async fn feed(world: &World, from: usize) -> Vec<(i64, String)> {
    let feed = "SELECT index, reader FROM ledger_feed WHERE index >= $1 ORDER BY index, reader";
    sqlx::query_as(feed).bind(from as i64).fetch_all(&mut world.owner().await).await.unwrap()
}

/// More than a batch takes. What comes to light between two batches, of a transaction that began before, has its place among what was
/// left.
#[tokio::test]
async fn a_backlog_has_its_places_in_bounded_batches() {
    let (world, keeper) = settled().await;
    let before = order(&world).await.len();
    let mut slow = world.owner().await;
    let mut slow = slow.begin().await.unwrap();
    let late = write(&mut slow, "late").await;
    let entries: Vec<_> =
        (0..12_345).map(|n| (n % 7 + 1, entry([[agencies(0..0), agencies(n % 7 + 1..n % 7 + 2)]]))).collect();
    let append = "INSERT INTO ledger_entry (id, recorded_at, leaf)
        SELECT id, '2026-03-02T01:00:00Z', leaf FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS x (id, leaf, n)
         ORDER BY n";
    let mut ids: Vec<_> = (1..=entries.len() as u128).map(Uuid::from_u128).collect();
    let leaves: Vec<_> = entries.iter().map(|(_, entry)| entry.leaf()).collect();
    sqlx::query(append).bind(&ids).bind(&leaves).execute(&mut world.owner().await).await.unwrap();
    let snapshots =
        "SELECT array_agg(snapshot::text ORDER BY tree_size) FROM ledger_batch WHERE tree_size >= $1";
    assert_eq!(batch(&keeper).await, (10_000, true));
    let kept = sqlx::query_scalar::<_, Vec<String>>(snapshots).bind(before as i64);
    let kept = kept.fetch_one(&mut world.owner().await).await.unwrap();
    assert!(kept.len() == 2 && kept[0] == kept[1], "what was left is found by the older snapshot: {kept:?}");
    slow.commit().await.unwrap();
    assert_eq!(batch(&keeper).await, (2_346, false));
    assert_eq!(batch(&keeper).await, (0, false));
    let order: Vec<_> = order(&world).await.split_off(before).into_iter().map(|(id, _)| id).collect();
    ids.insert(10_000, late);
    assert_eq!(order, ids);
    let mut agencies: Vec<_> = entries.iter().map(|(agency, _)| Some(*agency)).collect();
    // Nobody is told of what does not read.
    agencies.insert(10_000, None);
    let told = (before as i64..).zip(agencies);
    let told = told.filter_map(|(index, agency)| Some((index, format!("dinas-{}", agency?))));
    assert_eq!(feed(&world, before).await, told.collect::<Vec<_>>());
}

/// A backlog of a cluster that the last batch does not know is gone through in bounded batches, too.
#[tokio::test]
async fn a_backlog_of_another_cluster_has_its_places() {
    let (world, keeper) = settled().await;
    let before = order(&world).await.len();
    let elsewhere = "SET session_replication_role = replica; UPDATE ledger_batch SET cluster = 1";
    sqlx::raw_sql(elsewhere).execute(&mut world.superuser().await).await.unwrap();
    let append = "INSERT INTO ledger_entry (id, recorded_at, leaf)
        SELECT gen_random_uuid(), '2026-03-02T01:00:00Z', '\\x0802' FROM generate_series(1, 10001)";
    sqlx::raw_sql(append).execute(&mut world.owner().await).await.unwrap();
    assert_eq!(batch(&keeper).await, (10_000, true));
    assert_eq!(batch(&keeper).await, (1, false));
    let new = write(&mut world.owner().await, "new").await;
    assert_eq!(batch(&keeper).await, (1, false));
    assert_eq!(order(&world).await.split_off(before + 10_001), [(new, b"new".to_vec())]);
}

/// Whoever has a gateway's role writes the worst leaves that there can be: each has its place, and so has an honest entry among
/// them, with its readers. Of what does not read nobody is told, and the audit names it.
#[tokio::test]
async fn forged_leaves_stop_nobody() {
    let (world, keeper) = settled().await;
    let before = order(&world).await.len();
    // Every line is seen by others than the one before it, as often as an entry may say.
    let by_turns = |line: usize| if line.is_multiple_of(2) { agencies(10..42) } else { agencies(50..82) };
    let by_turns = entry((0..7_812).map(|line| [by_turns(line), by_turns(line)])).leaf();
    let many_readers = entry((0..1_000).map(|agency| [agencies(0..0), agencies(agency..agency + 1)])).leaf();
    let many_lines = entry((0..99_000).map(|_| [agencies(1..2), agencies(1..2)])).leaf();
    let honest = entry([[agencies(1..2), agencies(1..3)]]).leaf();
    let begun = |rest: &[u8]| [&[0x08, 0x02], &rest.repeat((16 << 20) / rest.len() - 2)[..]].concat();
    // The same set again and again, which no line names.
    let mut sets = entry([]).leaf();
    let set = agencies(10..42).to_string();
    let mut field = vec![0x72];
    prost::encode_length_delimiter(set.len(), &mut field).unwrap();
    field.extend(set.as_bytes());
    sets.extend(field.repeat(20_000));
    let forged = [
        sets,
        entry([[agencies(1..34), agencies(0..0)]]).leaf(),
        entry((0..1_001).map(|agency| [agencies(0..0), agencies(agency..agency + 1)])).leaf(),
        begun(&[0x72, 0x00]),
        begun(&[0x62, 0x00]),
        begun(&[0xFF]),
    ];
    let mut gateway = world.runtime().await;
    let mut leaves = vec![&honest, &by_turns, &by_turns, &by_turns, &many_readers, &many_lines];
    leaves.extend(&forged);
    leaves.extend([&by_turns, &honest]);
    for leaf in &leaves {
        let write = "INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES (gen_random_uuid(), '2026-03-02T01:00:00Z', $1)";
        sqlx::query(write).bind(leaf).execute(&mut gateway).await.unwrap();
    }
    let (mut placed, mut batches) = (0, 0);
    loop {
        let (entries, more) = batch(&keeper).await;
        (placed, batches) = (placed + entries, batches + 1);
        if !more {
            break;
        }
    }
    assert_eq!(placed, leaves.len() as u64);
    assert!(batches > 5, "no more than some megabytes of leaves are in a batch: {batches}");
    let order: Vec<_> = order(&world).await.split_off(before).into_iter().map(|(_, leaf)| leaf).collect();
    assert_eq!(order, leaves.iter().map(|leaf| leaf[2..].to_vec()).collect::<Vec<_>>());
    let mut told = vec![0; leaves.len()];
    for (index, _) in feed(&world, before).await {
        told[usize::try_from(index).unwrap() - before] += 1;
    }
    assert_eq!(told, [2, 64, 64, 64, 1_000, 1, 0, 0, 0, 0, 0, 0, 64, 2]);
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let unreadable = found.iter().filter(|found| found.flaw == Flaw::Unreadable).count();
    assert_eq!(unreadable, forged.len());
    assert!(
        !found.iter().any(|found| [Flaw::Feed, Flaw::Order].contains(&found.flaw)),
        "the feed says the same"
    );
}
