//! What the ledger tells of, as those who supervise list it.

use std::collections::BTreeMap;

use gerbang::{
    agent::Client,
    ledger::{ChangeKind, Entry},
    proto::v1,
};
use tonic::Status;

use crate::{
    cast::{AGREEMENT, Cast, agriculture, session, terms},
    world::{self, reason, violations},
};

/// The gateway's own entry of a certificate that was seen first, which comes when it comes.
const ANYTIME: &str = "gateway/certificate.see";

/// Schedules, a roster, looks at it by two agencies, and another agreement.
async fn with_entries() -> Cast {
    let cast = Cast::ready().await;
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z"), session("s2", "2026-03-11T01:00:00Z")]).await;
    cast.nominate(&[1, 2]).await;
    cast.roster(&cast.blk).await;
    cast.roster(&cast.lapas).await;
    cast.agree(&cast.dkp, "agencies/dkp-kepri/agreements/pks-2", terms("dkp-kepri", agriculture())).await;
    cast.world.until_placed().await;
    cast
}

async fn ask(client: &Client, request: v1::ListEntriesRequest) -> Result<v1::ListEntriesResponse, Status> {
    client.ledger().list_entries(request).await.map(tonic::Response::into_inner)
}

/// All of them, a page after the other, and how many pages they were.
async fn walked(client: &Client, request: &v1::ListEntriesRequest) -> (Vec<v1::LedgerEntry>, usize) {
    world::walked(request.page_size, async |page_token| {
        let page = ask(client, v1::ListEntriesRequest { page_token, ..request.clone() }).await.unwrap();
        (page.entries, page.next_page_token)
    })
    .await
}

/// Every entry that reads, with its place, the newest first.
async fn entries(cast: &Cast) -> Vec<(i64, Entry)> {
    let rows = "SELECT i.index, e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry ORDER BY i.index DESC";
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as(rows).fetch_all(&mut cast.world.owner().await).await.unwrap();
    rows.into_iter().filter_map(|(index, leaf)| Some((index, Entry::read(&leaf).ok()?))).collect()
}

fn expected((index, entry): &(i64, Entry)) -> v1::LedgerEntry {
    let mut counts: BTreeMap<(i32, &str), i32> = BTreeMap::new();
    for line in &entry.lines {
        let kind = match line.kind {
            ChangeKind::Created => 1,
            ChangeKind::Updated => 2,
            ChangeKind::Removed => 3,
            ChangeKind::Disclosed => 4,
            ChangeKind::OwnRead => 5,
        };
        let parts: Vec<_> = line.resource.split('/').collect();
        *counts.entry((kind, parts[parts.len() - 2])).or_default() += 1;
    }
    let few = |collection: &str, count| count < 5 && ["enrolments", "trainees"].contains(&collection);
    let count = |((kind, collection), count): ((i32, &str), i32)| v1::LineCount {
        kind,
        collection: collection.to_owned(),
        count: if few(collection, count) { "<5".to_owned() } else { count.to_string() },
    };
    let called = |text: String| if entry.agency.is_empty() { String::new() } else { text };
    let (agreement, agreement_version) = entry.agreement.clone().unwrap_or_default();
    v1::LedgerEntry {
        index: *index,
        entry: entry.id.to_string(),
        time: Some(prost_types::Timestamp {
            seconds: entry.recorded_at.as_second(),
            nanos: entry.recorded_at.subsec_nanosecond(),
        }),
        agency: called(format!("agencies/{}", entry.agency)),
        system: entry.system.clone(),
        certificate_sha256: called(hex::encode(entry.fingerprint)),
        method: entry.method.clone(),
        request_id: entry.request_id.map(|id| id.to_string()).unwrap_or_default(),
        agreement,
        agreement_version,
        purpose: entry.purpose.clone(),
        lines: counts.into_iter().map(count).collect(),
    }
}

#[tokio::test]
async fn all_entries_are_listed_the_newest_first() {
    let cast = with_entries().await;
    let mut told: Vec<_> = entries(&cast).await.iter().map(expected).collect();
    told.retain(|one| one.method != ANYTIME);
    assert!(told.len() > 20, "{}", told.len());
    for page_size in [1, 7, 500] {
        let request = v1::ListEntriesRequest { page_size, ..Default::default() };
        let (mut found, pages) = walked(&cast.admin, &request).await;
        assert_eq!(pages, found.len().div_ceil(usize::try_from(page_size).unwrap()));
        found.retain(|one| one.method != ANYTIME);
        assert_eq!(found, told, "{page_size}");
    }
    let read = told.iter().find(|one| one.method == "RosterService/ListRoster" && !one.agreement.is_empty());
    let read = read.unwrap();
    assert_eq!((read.agreement.as_str(), read.purpose.as_str()), (AGREEMENT, "Penyelenggaraan pelatihan"));
    let shown = read.lines.iter().map(|line| (line.collection.as_str(), line.count.as_str()));
    assert_eq!(Vec::from_iter(shown), [("enrolments", "<5")], "two");
    // Who was shown, and what was told of whom, is not in it.
    let shown = format!("{told:?}");
    assert!(!shown.contains("enrolments/") && !shown.contains("Peserta"), "{shown}");
}

#[tokio::test]
async fn each_filter_leaves_what_fits_and_nothing_else() {
    let cast = with_entries().await;
    let all = entries(&cast).await;
    let serial = "SELECT serial FROM certificate WHERE agency = 'blk-kepri' ORDER BY created_at LIMIT 1";
    let serial = sqlx::query_scalar::<_, String>(serial);
    let serial = serial.fetch_one(&mut cast.world.owner().await).await.unwrap();
    let blk = all.iter().find(|(_, entry)| entry.agency == "blk-kepri").unwrap().1.fingerprint;
    type Fits<'a> = Box<dyn Fn(&Entry) -> bool + 'a>;
    let request = v1::ListEntriesRequest { page_size: 500, ..Default::default() };
    let filtered: [(v1::ListEntriesRequest, Fits); 6] = [
        (
            v1::ListEntriesRequest { agency: "agencies/dkp-kepri".to_owned(), ..request.clone() },
            Box::new(|entry| entry.agency == "dkp-kepri"),
        ),
        (
            v1::ListEntriesRequest { certificate: format!("certificates/{serial}"), ..request.clone() },
            Box::new(|entry| entry.fingerprint == blk),
        ),
        (
            v1::ListEntriesRequest { method: "ScheduleService/PushSchedule".to_owned(), ..request.clone() },
            Box::new(|entry| entry.method == "ScheduleService/PushSchedule"),
        ),
        (
            v1::ListEntriesRequest { resource: AGREEMENT.to_owned(), ..request.clone() },
            Box::new(|entry| entry.lines.iter().any(|line| line.resource == AGREEMENT)),
        ),
        (
            v1::ListEntriesRequest { disclosures: true, ..request.clone() },
            Box::new(|entry| entry.lines.iter().any(|line| line.kind == ChangeKind::Disclosed)),
        ),
        (
            v1::ListEntriesRequest {
                agency: "agencies/blk-kepri".to_owned(),
                method: "RosterService/ListRoster".to_owned(),
                ..request
            },
            Box::new(|entry| entry.agency == "blk-kepri" && entry.method == "RosterService/ListRoster"),
        ),
    ];
    for (request, fits) in filtered {
        let told: Vec<_> = all.iter().filter(|(_, entry)| fits(entry)).map(expected).collect();
        assert!(!told.is_empty() && told.len() < all.len(), "{request:?}");
        assert_eq!(walked(&cast.admin, &request).await.0, told, "{request:?}");
    }
}

#[tokio::test]
async fn a_range_begins_with_its_start_and_ends_before_its_end() {
    let cast = with_entries().await;
    let second = |text: &str| {
        let at: jiff::Timestamp = text.parse().unwrap();
        Some(prost_types::Timestamp { seconds: at.as_second(), nanos: 0 })
    };
    let pushed_at = ["2026-03-03T01:00:00Z", "2026-03-03T03:00:00Z", "2026-03-03T05:00:00Z"];
    for (number, at) in pushed_at.iter().enumerate() {
        cast.world.set_clock(at);
        cast.push(vec![session(&format!("r{number}"), &format!("2026-03-1{}T01:00:00Z", number + 2))]).await;
    }
    cast.world.until_placed().await;
    let method = "ScheduleService/PushSchedule".to_owned();
    for (start, end, expected) in [
        (Some(pushed_at[0]), None, 3),
        (Some(pushed_at[1]), None, 2),
        (Some(pushed_at[0]), Some(pushed_at[1]), 1),
        (Some(pushed_at[0]), Some(pushed_at[2]), 2),
        (Some("2026-03-03T05:00:01Z"), None, 0),
        (None, Some(pushed_at[0]), 1),
    ] {
        let (range_start, range_end) = (start.and_then(second), end.and_then(second));
        let request = v1::ListEntriesRequest {
            page_size: 500,
            method: method.clone(),
            range_start,
            range_end,
            ..Default::default()
        };
        let found = walked(&cast.admin, &request).await.0;
        assert_eq!(found.len(), expected, "{start:?} {end:?} {found:?}");
    }
}

/// Leaves that no version reads: they have their places, and no place in a list.
const UNREADABLE: &str = "INSERT INTO ledger_entry (id, recorded_at, leaf)
    SELECT gen_random_uuid(), '2026-03-02T00:00:00Z', '\\x0802'::bytea || sha256(n::text::bytea)
      FROM generate_series(1, 12000) AS n";

#[tokio::test]
async fn what_is_rare_is_found_behind_pages_that_hold_nothing() {
    let cast = with_entries().await;
    cast.world.tampers();
    sqlx::raw_sql(UNREADABLE).execute(&mut cast.world.owner().await).await.unwrap();
    cast.world.until_placed().await;
    let mut first =
        ask(&cast.admin, v1::ListEntriesRequest { page_size: 500, ..Default::default() }).await.unwrap();
    first.entries.retain(|one| one.method != ANYTIME);
    assert_eq!((first.entries.len(), first.next_page_token.is_empty()), (0, false));
    let mut told: Vec<_> = entries(&cast).await.iter().map(expected).collect();
    let (mut found, pages) =
        walked(&cast.admin, &v1::ListEntriesRequest { page_size: 500, ..Default::default() }).await;
    for all in [&mut found, &mut told] {
        all.retain(|one| one.method != ANYTIME);
    }
    assert_eq!((&found, pages), (&told, 2));
}

#[tokio::test]
async fn what_is_asked_for_must_be_there_and_of_its_form() {
    let cast = with_entries().await;
    let request = || v1::ListEntriesRequest::default();
    let unknown = v1::ListEntriesRequest { certificate: "certificates/00ff".to_owned(), ..request() };
    assert_eq!(reason(&ask(&cast.admin, unknown).await.unwrap_err()), "NOT_FOUND");
    let long = |length: usize| "a".repeat(length);
    for (request, field, expected) in [
        (v1::ListEntriesRequest { agency: "blk-kepri".to_owned(), ..request() }, "agency", "NAME_INVALID"),
        (v1::ListEntriesRequest { method: long(101), ..request() }, "method", "FIELD_TOO_LONG"),
        (v1::ListEntriesRequest { resource: long(201), ..request() }, "resource", "FIELD_TOO_LONG"),
        (
            v1::ListEntriesRequest { resource: "trainees/1".to_owned(), ..request() },
            "resource",
            "NAME_INVALID",
        ),
        (
            v1::ListEntriesRequest { resource: "enrolments/1".to_owned(), ..request() },
            "resource",
            "NAME_INVALID",
        ),
    ] {
        let refused = ask(&cast.admin, request).await.unwrap_err();
        assert_eq!(violations(&refused), [(field.to_owned(), expected.to_owned())]);
    }
    let known = v1::ListEntriesRequest { page_size: 1, ..request() };
    let token = ask(&cast.admin, known).await.unwrap().next_page_token;
    let other = v1::ListEntriesRequest { page_size: 1, page_token: token, disclosures: true, ..request() };
    assert_eq!(reason(&ask(&cast.admin, other).await.unwrap_err()), "PAGE_TOKEN_INVALID");
    // The function by which the gateway reads shows nothing where no caller was let in.
    let mut runtime = cast.world.runtime().await;
    let shown =
        "SELECT entries IS NULL AND more IS NULL FROM ledger_entries_before(NULL, NULL, NULL, 1000, 4194304)";
    assert!(sqlx::query_scalar::<_, bool>(shown).fetch_one(&mut runtime).await.unwrap());
}
