//! What the sequencer makes of leaves: the feed, in large batches too, and of leaves that somebody forged.

use std::ops::Range;

use gerbang::{
    domain::{AgencyCode, outside::Clock},
    ledger::{ChangeKind, Entry, Format, Line, Readers},
    store::audit::Flaw,
};
use uuid::Uuid;

use super::{order, placed, settled};
use crate::world::{World, audit_rows};

/// An entry of these readers' lines.
fn entry(lines: impl IntoIterator<Item = [Readers; 2]>) -> Entry {
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

/// More than one statement takes.
#[tokio::test]
async fn a_backlog_has_its_places_in_one_batch() {
    let (world, keeper) = settled().await;
    let before = order(&world).await.len();
    let entries: Vec<_> =
        (0..12_345).map(|n| (n % 7 + 1, entry([[agencies(0..0), agencies(n % 7 + 1..n % 7 + 2)]]))).collect();
    let write = "INSERT INTO ledger_entry (id, recorded_at, leaf)
        SELECT id, '2026-03-02T01:00:00Z', leaf FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS x (id, leaf, n)
         ORDER BY n";
    let ids: Vec<_> = (1..=entries.len() as u128).map(Uuid::from_u128).collect();
    let leaves: Vec<_> = entries.iter().map(|(_, entry)| entry.leaf()).collect();
    sqlx::query(write).bind(&ids).bind(&leaves).execute(&mut world.owner().await).await.unwrap();
    assert_eq!(placed(&keeper).await, 12_345);
    let order: Vec<_> = order(&world).await.split_off(before).into_iter().map(|(id, _)| id).collect();
    assert_eq!(order, ids);
    let told = (before as i64..).zip(&entries).map(|(index, (agency, _))| (index, format!("dinas-{agency}")));
    assert_eq!(feed(&world, before).await, told.collect::<Vec<_>>());
    let batches = "SELECT count(*) FROM ledger_batch WHERE tree_size > $1";
    let batches = sqlx::query_scalar::<_, i64>(batches).bind(before as i64);
    assert_eq!(batches.fetch_one(&mut world.owner().await).await.unwrap(), 1);
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
    let forged = [
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
    assert_eq!(placed(&keeper).await, leaves.len() as u64);
    let order: Vec<_> = order(&world).await.split_off(before).into_iter().map(|(_, leaf)| leaf).collect();
    assert_eq!(order, leaves.iter().map(|leaf| leaf[2..].to_vec()).collect::<Vec<_>>());
    let mut told = vec![0; leaves.len()];
    for (index, _) in feed(&world, before).await {
        told[usize::try_from(index).unwrap() - before] += 1;
    }
    assert_eq!(told, [2, 64, 64, 64, 1_000, 1, 0, 0, 0, 0, 0, 64, 2]);
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let unreadable = found.iter().filter(|found| found.flaw == Flaw::Unreadable).count();
    assert_eq!(unreadable, forged.len());
    assert!(
        !found.iter().any(|found| [Flaw::Feed, Flaw::Order].contains(&found.flaw)),
        "the feed says the same"
    );
}
