//! What an agency is told of what has changed: all that it may see, each once and in order, and nothing else.

mod acknowledging;
mod hearing;
mod resources;
mod rosters;
mod waiting;
mod watching;

use std::collections::BTreeSet;

use gerbang::{
    agent::Client,
    domain::{access::Role, change::Cursor},
    ledger::{ChangeKind, Entry, Line, Readers},
    proto::v1::{self, ChangeEffect, ResourceKind},
};
use tonic::Code;

use crate::{
    audit::everything,
    cast::{
        AGREEMENT, Cast, FACILITY, PROGRAMME, TRAINER, again, facility, lead, led_session, session, timestamp,
    },
    isolation::{LENT, SESSION, lent_in},
    sequence::{leaves::entry, writing::append},
    world::{World, reason, request_id},
};

/// Effect, name and version of each.
type Seen = (ChangeEffect, String, i64);

fn seen(changes: &[v1::ResourceChange]) -> Vec<Seen> {
    changes.iter().map(|change| (change.effect(), change.name.clone(), change.version)).collect()
}

/// Follows along from a cursor to the end, in pages of this size. Answers with what was told, and where to go on.
async fn follow(client: &Client, cursor: &str, page_size: i32) -> (Vec<v1::ResourceChange>, String) {
    let request = v1::ListChangesRequest { cursor: cursor.to_owned(), page_size, ..Default::default() };
    let pages = pages(client, request).await;
    let end = pages.last().unwrap().next_cursor.clone();
    (pages.into_iter().flat_map(|page| page.changes).collect(), end)
}

/// The pages from a request's cursor on, up to the one that is the last by now.
async fn pages(client: &Client, mut request: v1::ListChangesRequest) -> Vec<v1::ListChangesResponse> {
    let mut pages = Vec::new();
    loop {
        let page = client.change().list_changes(request.clone()).await.unwrap().into_inner();
        assert!(page.changes.len() <= usize::try_from(request.page_size).unwrap());
        request.cursor.clone_from(&page.next_cursor);
        pages.push(page);
        if pages.last().unwrap().caught_up {
            return pages;
        }
    }
}

/// The entries in the ledger's order.
pub async fn ledger(world: &World) -> Vec<Entry> {
    let leaves = "SELECT e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry ORDER BY i.index";
    let leaves: Vec<Vec<u8>> = sqlx::query_scalar(leaves).fetch_all(&mut world.owner().await).await.unwrap();
    leaves.iter().map(|leaf| Entry::read(leaf).unwrap()).collect()
}

/// What a line is for an agency, by the texts of its readers: made without the program's own rule.
fn effect(line: &Line, agency: &str) -> Option<ChangeEffect> {
    let sees = |readers: String| readers.split(' ').any(|reader| reader == agency || reader == "*");
    match (sees(line.before.to_string()), sees(line.after.to_string()), line.kind) {
        (false, false, _) => None,
        (false, true, ChangeKind::Created) => Some(ChangeEffect::Created),
        (false, true, _) => Some(ChangeEffect::BecameVisible),
        (true, false, _) => Some(ChangeEffect::Removed),
        (true, true, _) => Some(ChangeEffect::Updated),
    }
}

/// Parts of the names of resources of which nobody is told.
const UNTOLD: [&str; 8] = [
    "/systems/",
    "/schedules/",
    "certificate",
    "trainees/",
    "barredKeys/",
    "authorities/",
    "ledgerKeys/",
    "cosignatures/",
];

/// A change as a reader is told of it: the entry, and what became of which resource in which version.
pub type Told = (String, ChangeEffect, String, i64);

pub fn told(change: v1::ResourceChange) -> Told {
    (change.entry.clone(), change.effect(), change.name, change.version)
}

/// What these entries are for an agency, in their order.
pub fn to_be_told(entries: &[Entry], agency: &str) -> Vec<Told> {
    let mut expected = Vec::new();
    for entry in entries {
        let is_told = |line: &&Line| !UNTOLD.iter().any(|part| line.resource.contains(part));
        for line in entry.lines.iter().filter(is_told) {
            let Some(effect) = effect(line, agency) else { continue };
            let entry = entry.id.to_string();
            if line.resource.starts_with("enrolments/") {
                // Of all places on the one roster that there is, once.
                let roster = (entry, ChangeEffect::Updated, PROGRAMME.to_owned(), 0);
                expected.retain(|told| *told != roster);
                expected.push(roster);
            } else {
                expected.push((entry, effect, line.resource.clone(), line.version));
            }
        }
    }
    expected
}

/// All that there is for an agency, once every entry has its place.
async fn all(world: &World, client: &Client) -> Vec<v1::ResourceChange> {
    world.until_placed().await;
    follow(client, "", 500).await.0
}

/// Where the caller is up to date.
async fn end(world: &World, client: &Client) -> String {
    world.until_placed().await;
    follow(client, "", 500).await.1
}

#[tokio::test]
async fn each_party_is_told_what_becomes_of_an_agreement_for_it() {
    let cast = Cast::ready().await;
    let of = |changes: Vec<v1::ResourceChange>| {
        let mut changes = seen(&changes);
        changes.retain(|(_, name, _)| name == AGREEMENT);
        changes.into_iter().map(|(effect, _, version)| (effect, version)).collect::<Vec<_>>()
    };
    let author = of(all(&cast.world, &cast.blk).await);
    let expected = [(ChangeEffect::Created, 1), (ChangeEffect::Updated, 2), (ChangeEffect::Updated, 3)];
    assert_eq!(author, expected);
    let partner = of(all(&cast.world, &cast.lapas).await);
    assert_eq!(partner, [(ChangeEffect::BecameVisible, 2), (ChangeEffect::Updated, 3)]);
    assert_eq!(of(all(&cast.world, &cast.dkp).await), []);
}

#[tokio::test]
async fn a_lender_is_told_when_its_trainer_is_named_and_dropped() {
    let cast = lent_in(World::start().await).await;
    let of_lender = |changes: Vec<v1::ResourceChange>| {
        let of = |change: &v1::ResourceChange| (change.effect(), change.kind(), change.version);
        changes.iter().map(of).collect::<Vec<_>>()
    };
    let mut told = all(&cast.world, &cast.dkpp).await;
    told.retain(|change| change.kind() == ResourceKind::Session || change.kind() == ResourceKind::Assignment);
    // Assignments stand before their session in the entry, or behind it.
    let named: BTreeSet<_> = told.iter().map(|change| (change.kind(), change.effect())).collect();
    assert_eq!(
        named,
        BTreeSet::from([
            (ResourceKind::Session, ChangeEffect::Created),
            (ResourceKind::Assignment, ChangeEffect::Created)
        ])
    );

    // Dropped: the session is gone from its sight, the WITHDRAWN assignment is not.
    let cursor = end(&cast.world, &cast.dkpp).await;
    let own = again(led_session("s1", "2026-03-10T01:00:00Z", TRAINER));
    cast.push(vec![own.clone()]).await;
    cast.world.until_placed().await;
    let (dropped, cursor) = follow(&cast.dkpp, &cursor, 500).await;
    let dropped: BTreeSet<_> = of_lender(dropped).into_iter().collect();
    assert_eq!(
        dropped,
        BTreeSet::from([
            (ChangeEffect::Removed, ResourceKind::Session, 2),
            (ChangeEffect::Updated, ResourceKind::Assignment, 2)
        ])
    );

    // Named again: it was there meanwhile.
    let mut lent = again(own);
    lent.trainers = vec![lead(LENT)];
    cast.push(vec![lent]).await;
    cast.world.until_placed().await;
    let (named, _) = follow(&cast.dkpp, &cursor, 500).await;
    let session: Vec<_> = named.iter().filter(|change| change.name == SESSION).collect();
    assert_eq!(session.len(), 1);
    assert_eq!((session[0].effect(), session[0].version), (ChangeEffect::BecameVisible, 3));
}

/// Of everything that there is, each agency is told the lines that name it among their readers, and of agencies: each once, in the
/// ledger's order, as what it is for that agency.
#[tokio::test]
async fn nobody_is_told_what_it_may_not_see_and_nothing_is_left_out() {
    let cast = everything().await;
    cast.world.until_placed().await;
    for (client, agency) in [(&cast.blk, "blk-kepri"), (&cast.dkp, "dkp-kepri"), (&cast.lapas, "lapas-tpi")] {
        let told: Vec<_> = all(&cast.world, client).await.into_iter().map(told).collect();
        assert_eq!(told, to_be_told(&ledger(&cast.world).await, agency), "{agency}");
        assert!(told.len() > 10, "{agency}: {}", told.len());
    }
}

/// A page looks through a bounded part of the ledger, and may be empty where what is wanted is rare: who goes on misses nothing. The entries
/// between are made up, and tell everybody of a session.
#[tokio::test]
async fn what_is_rare_is_found_behind_empty_pages() {
    let cast = Cast::ready().await;
    cast.world.tampers();
    let mut owner = cast.world.owner().await;
    for _ in 0..1_100 {
        let made_up = Entry {
            id: request_id().parse().unwrap(),
            ..entry([[Readers::everybody(), Readers::everybody()]])
        };
        append(&mut owner, made_up.id, &made_up.leaf()).await;
    }
    cast.world.until_placed().await;
    cast.lapas.facility().create_facility(facility(FACILITY, 20)).await.unwrap();
    cast.world.until_placed().await;
    let kinds = vec![ResourceKind::Facility.into()];
    let request = v1::ListChangesRequest { kinds, page_size: 1, ..Default::default() };
    let pages = pages(&cast.lapas, request).await;
    assert!(pages.iter().any(|page| page.changes.is_empty() && !page.caught_up));
    let told: Vec<_> = pages.into_iter().flat_map(|page| page.changes).collect();
    assert_eq!(seen(&told), [(ChangeEffect::Created, FACILITY.to_owned(), 1)]);
}

/// Whatever the size of its pages, a reader is told the same; also where a page ends within an entry.
#[tokio::test]
async fn pages_of_any_size_tell_the_same() {
    let cast = lent_in(World::start().await).await;
    let sessions =
        (2..9).map(|n| led_session(&format!("s{n}"), &format!("2026-03-{:02}T01:00:00Z", 10 + n), TRAINER));
    cast.push(sessions.collect()).await;
    let whole = all(&cast.world, &cast.blk).await;
    assert!(whole.len() > 25, "{}", whole.len());
    for size in [1, 2, 3, 7, 499] {
        let (pages, cursor) = follow(&cast.blk, "", size).await;
        assert_eq!(pages, whole, "{size}");
        assert_eq!(follow(&cast.blk, &cursor, size).await.0, [], "{size}");
    }
    // And from any change on, it is told what came after it.
    for (place, change) in whole.iter().enumerate() {
        assert_eq!(follow(&cast.blk, &change.cursor, 500).await.0, whole[place + 1..], "{place}");
    }
}

#[tokio::test]
async fn kinds_and_times_narrow_what_is_told() {
    let cast = Cast::ready().await;
    let whole = all(&cast.world, &cast.blk).await;
    let of = |kinds: &[ResourceKind]| v1::ListChangesRequest {
        kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
        page_size: 500,
        ..Default::default()
    };
    let list = async |request: v1::ListChangesRequest| {
        cast.blk.change().list_changes(request).await.unwrap().into_inner()
    };
    let kinds = [ResourceKind::Trainer, ResourceKind::Programme];
    let narrowed = list(of(&kinds)).await;
    let expected: Vec<_> = whole.iter().filter(|change| kinds.contains(&change.kind())).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < whole.len());
    assert_eq!(narrowed.changes, expected);
    assert!(narrowed.caught_up);
    // Rooms there are none of; the cursor moves on all the same.
    let none = list(of(&[ResourceKind::Facility])).await;
    let place = |cursor: &str| Cursor::parse(cursor).unwrap().index;
    assert_eq!(none.changes, []);
    assert!(place(&none.next_cursor) >= place(&narrowed.next_cursor));

    // What has had its place since then, and what came later.
    let since = |at: &str| v1::ListChangesRequest { since: timestamp(at), ..of(&[]) };
    cast.world.set_clock("2026-03-04T01:00:00Z");
    assert_eq!(list(since("2026-03-03T00:00:00Z")).await.changes, []);
    cast.push(vec![session("s1", "2026-03-10T01:00:00Z")]).await;
    cast.world.until_placed().await;
    let later = list(since("2026-03-03T00:00:00Z")).await.changes;
    assert_eq!(seen(&later), [(ChangeEffect::Created, SESSION.to_owned(), 1)]);
    assert_eq!(later[0].time, timestamp("2026-03-04T01:00:00Z"));
    assert_eq!(list(since("2026-03-01T00:00:00Z")).await.changes.len(), whole.len() + 1);

    // Where a clock goes back, what was recorded before is told all the same.
    cast.world.set_clock("2026-03-03T13:00:00Z");
    cast.push(vec![session("s2", "2026-03-11T01:00:00Z")]).await;
    cast.world.until_placed().await;
    let later: Vec<_> = seen(&list(since("2026-03-03T12:00:00Z")).await.changes);
    let second = SESSION.replace("s1", "s2");
    assert_eq!(later, [SESSION.to_owned(), second].map(|name| (ChangeEffect::Created, name, 1)));
}

#[tokio::test]
async fn a_cursor_that_is_not_of_this_ledger_is_refused() {
    let cast = Cast::gather().await;
    let cursor = end(&cast.world, &cast.blk).await;
    let known = Cursor::parse(&cursor).unwrap();
    let refused = async |cursor: String| {
        let request = v1::ListChangesRequest { cursor, wait_seconds: 20, ..Default::default() };
        let refused = cast.blk.change().list_changes(request).await.unwrap_err();
        (refused.code(), reason(&refused))
    };
    let unknown = (Code::FailedPrecondition, "CURSOR_UNKNOWN".to_owned());
    // Beyond the end: the database was put back.
    assert_eq!(refused(Cursor::new(known.index + 1, 0, &[0; 32]).to_text()).await, unknown);
    assert_eq!(refused(Cursor::new(i64::MAX, 0, &[0; 32]).to_text()).await, unknown);
    // Of another log, which has another entry in this place.
    assert_eq!(refused(Cursor::new(known.index, 0, &[7; 32]).to_text()).await, unknown);
    let invalid = (Code::InvalidArgument, "CURSOR_INVALID".to_owned());
    assert_eq!(refused("kursor".to_owned()).await, invalid);
}

/// Whoever has the gateway's role is shown nothing without a caller, and nothing of another agency than the caller's.
#[tokio::test]
async fn the_database_shows_a_caller_its_own_entries_alone() {
    let cast = Cast::ready().await;
    cast.world.until_placed().await;
    let mut db = cast.world.runtime().await;
    let entries = async |db: &mut sqlx::PgConnection, agency: &str| {
        let count = "SELECT cardinality(entries) FROM changes_of_caller($1, NULL, NULL, NULL, 500, 10000000)";
        sqlx::query_scalar::<_, Option<i32>>(count).bind(agency).fetch_one(db).await.unwrap()
    };
    assert_eq!(entries(&mut db, "blk-kepri").await, None, "nobody was let in");
    let mut tx = sqlx::Connection::begin(&mut db).await.unwrap();
    crate::isolation::enter(&mut tx, &cast.world, "dkp-kepri", "jadwal").await;
    assert!(entries(&mut tx, "dkp-kepri").await > Some(0));
    assert_eq!(entries(&mut tx, "blk-kepri").await, None, "another agency's");
    // A part ends after the entry that reaches the bound of its bytes.
    let first = "SELECT entries[1].index, cardinality(entries), more FROM changes_of_caller('dkp-kepri', NULL, $1, NULL, 500, 1)";
    let mut places: Vec<i64> = Vec::new();
    loop {
        let from = places.last().map(|last| last + 1);
        let part = sqlx::query_as(first).bind(from).fetch_one(&mut *tx).await.unwrap();
        let (place, count, more): (i64, i32, bool) = part;
        assert_eq!(count, 1);
        places.push(place);
        if !more {
            break;
        }
    }
    let of_reader =
        "SELECT DISTINCT index FROM ledger_feed WHERE reader IN ('dkp-kepri', '*') ORDER BY index";
    let of_reader: Vec<i64> =
        sqlx::query_scalar(of_reader).fetch_all(&mut cast.world.owner().await).await.unwrap();
    assert_eq!(places, of_reader);
    for table in ["ledger_feed", "ledger_index", "ledger_batch"] {
        let read = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let mut reader = cast.world.runtime().await;
        let refused = sqlx::query(read).execute(&mut reader).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{table}: {refused}");
    }
}

/// The kinds of which changes tell are those that every role that may ask can get.
#[test]
fn who_may_ask_for_changes_may_ask_for_what_they_name() {
    let access = gerbang::rpc::Access::from_contract().unwrap();
    let roles = |method: &str| -> BTreeSet<_> {
        access.rule(method).unwrap().roles.iter().map(|role: &Role| role.as_str()).collect()
    };
    let asking = roles("ChangeService/ListChanges");
    assert_eq!(roles("ChangeService/WatchChanges"), asking);
    for shown in [
        "AgencyService/GetAgency",
        "AgreementService/GetAgreement",
        "ProgrammeService/GetProgramme",
        "TrainerService/GetTrainer",
        "TrainerService/ListTrainerClaims",
        "FacilityService/GetFacility",
        "ScheduleService/GetSession",
        "AssignmentService/GetTrainerAssignment",
    ] {
        assert!(roles(shown).is_superset(&asking), "{shown}");
    }
}
