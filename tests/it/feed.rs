//! Who is told of what: the writer says in the leaf who could see a resource before and who can after, as the tables' policies
//! have it, and the feed has of it what each reader sees.

use std::collections::{BTreeMap, BTreeSet};

use gerbang::{
    domain::outside::Clock,
    ledger::{Entry, Format, Readers},
    proto::v1,
    store::audit::Flaw,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    audit::everything,
    cast::{self, AGREEMENT, Cast, TRAINER, again, lead, led_session, manpower, terms},
    isolation::{LENT, SESSION, enter, lent_in},
    world::{World, audit_rows},
};

/// Tables of which policies say who sees a row, and a row's name in the ledger.
const TABLES: [(&str, &str); 9] = [
    ("agreement", "'agencies/' || author || '/agreements/' || ref"),
    ("programme", "'agencies/' || lead || '/programmes/' || ref"),
    ("trainer", "'agencies/' || agency || '/trainers/' || ref"),
    ("trainer_claim", "'trainerClaims/' || id"),
    ("schedule", "'agencies/' || lead || '/schedules/' || ref"),
    ("session", "'agencies/' || lead || '/sessions/' || uid"),
    ("assignment", "'assignments/' || id"),
    ("trainee", "'trainees/' || encode(ref, 'hex')"),
    ("enrolment", "'enrolments/' || encode(ref, 'hex')"),
];

async fn names(db: &mut PgConnection, table: &str, name: &str) -> BTreeSet<String> {
    let names = AssertSqlSafe(format!("SELECT {name} FROM {table}"));
    sqlx::query_scalar::<_, String>(names).fetch_all(db).await.unwrap().into_iter().collect()
}

/// Whom the ledger last told to see each resource.
fn told(entries: &[Entry]) -> BTreeMap<&str, String> {
    let lines = entries.iter().flat_map(|entry| &entry.lines).filter(|line| line.kind.is_change());
    lines.map(|line| (line.resource.as_str(), line.after.to_string())).collect()
}

/// Holds what the ledger told last against what the policies show each of these agencies. Answers with how many rows of each
/// table there are.
async fn assert_told(cast: &Cast, agencies: &[(&str, &str)]) -> Vec<usize> {
    let entries = cast.world.all_entries().await;
    let told = told(&entries);
    let (mut db, mut owner) = (cast.world.runtime().await, cast.world.owner().await);
    let mut counts = Vec::new();
    for (table, name) in TABLES {
        let all = names(&mut owner, table, name).await;
        for (agency, system) in agencies {
            let mut tx = db.begin().await.unwrap();
            enter(&mut tx, &cast.world, agency, system).await;
            let seen = names(&mut tx, table, name).await;
            let is_told = |name: &&String| told[name.as_str()].split(' ').any(|reader| reader == *agency);
            let told: BTreeSet<_> = all.iter().filter(is_told).cloned().collect();
            assert_eq!(told, seen, "{table} for {agency}");
        }
        counts.push(all.len());
    }
    counts
}

#[tokio::test]
async fn who_can_see_a_row_by_its_policy_is_told_and_nobody_else() {
    let cast = everything().await;
    let draft = "agencies/dkp-kepri/agreements/pks-9";
    let draft = cast::create_agreement(draft, terms("dkp-kepri", manpower()));
    cast.dkp.agreement().create_agreement(draft).await.unwrap();
    let agencies =
        [("lapas-tpi", "sdp"), ("blk-kepri", "jadwal"), ("dkp-kepri", "jadwal"), ("operator", "admin")];
    let counts = assert_told(&cast, &agencies).await;
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_others(&cast).await;

    let lent = lent_in(World::start().await).await;
    let agencies = [("lapas-tpi", "sdp"), ("blk-kepri", "jadwal"), ("dkpp-bintan", "jadwal")];
    assert_told(&lent, &agencies).await;
}

/// What no policy says, for the calls do: who is told of systems, certificates, their orders, keys and agencies.
async fn assert_others(cast: &Cast) {
    let entries = cast.world.all_entries().await;
    let mut readers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (resource, told) in told(&entries) {
        // Whose it is, where its readers say that.
        let of = resource.split('/').nth(1).filter(|_| resource.contains("/systems/"));
        let told = of.map_or(told.clone(), |agency| told.replace(agency, "OWN"));
        readers.entry(collection(resource)).or_default().insert(told);
    }
    let certificates = &readers["certificates"];
    for expected in ["@ADMINISTRATOR operator", "@ADMINISTRATOR blk-kepri", "@ADMINISTRATOR lapas-tpi"] {
        assert!(certificates.contains(expected), "{certificates:?}");
    }
    let own = |told: &String| told.starts_with("@ADMINISTRATOR") && told.split(' ').count() <= 2;
    assert!(certificates.iter().all(own), "{certificates:?}");
    for (collection, expected) in [
        ("agencies", "*"),
        ("systems", "@ADMINISTRATOR OWN"),
        ("certificateOrders", "@ADMINISTRATOR blk-kepri"),
        ("facilities", "lapas-tpi"),
        ("vaultKeys", "-"),
    ] {
        assert_eq!(readers[collection], BTreeSet::from([expected.to_owned()]), "{collection}");
    }
}

/// The innermost collection of a resource's name.
fn collection(resource: &str) -> &str {
    let parts: Vec<_> = resource.split('/').collect();
    parts[(parts.len() - 1) / 2 * 2]
}

/// By resource, who could see it before the entry and who can after.
async fn readers(world: &World, entry: &str) -> BTreeMap<String, [String; 2]> {
    let entries = world.all_entries().await;
    let entry = entries.iter().find(|known| known.id.to_string() == entry).unwrap();
    let lines = entry.lines.iter();
    lines.map(|line| (line.resource.clone(), [line.before.to_string(), line.after.to_string()])).collect()
}

/// The readers of the session and of the one assignment of DKPP's trainer, before and after a push.
async fn pushed(cast: &Cast, session: v1::SessionDraft) -> [[String; 2]; 2] {
    let answer = cast.push(vec![session]).await;
    let readers = readers(&cast.world, &answer.entry).await;
    let lent = readers.iter().find(|(name, [before, after])| {
        name.starts_with("assignments/") && format!("{before}{after}").contains("dkpp-bintan")
    });
    [readers[SESSION].clone(), lent.unwrap().1.clone()]
}

#[tokio::test]
async fn a_push_says_whom_it_shows_a_session_and_from_whom_it_takes_it() {
    let cast = lent_in(World::start().await).await;
    let own = again(led_session("s1", "2026-03-10T01:00:00Z", TRAINER));
    let (both, all) = ("blk-kepri lapas-tpi", "blk-kepri dkpp-bintan lapas-tpi");
    // The lender keeps its assignment, WITHDRAWN, and loses the session.
    assert_eq!(pushed(&cast, own.clone()).await, [[all, both], [all, all]]);
    let mut lent = again(own);
    lent.trainers.push(lead(LENT));
    lent.trainers.swap_remove(0);
    assert_eq!(pushed(&cast, lent).await, [[both, all], [all, all]]);
}

#[tokio::test]
async fn a_proposal_shows_the_agreement_to_its_parties() {
    let cast = Cast::gather().await;
    let name = "agencies/blk-kepri/agreements/pks-9";
    cast.agree(&cast.blk, name, terms("blk-kepri", manpower())).await;
    let entries = cast.world.all_entries().await;
    let lines = entries.iter().flat_map(|entry| &entry.lines).filter(|line| line.resource == name);
    let readers: Vec<_> = lines.map(|line| (line.before.to_string(), line.after.to_string())).collect();
    let [own, both] = ["blk-kepri", "blk-kepri lapas-tpi"];
    let expected = [("-", own), (own, both), (both, both)];
    assert_eq!(readers, expected.map(|(before, after)| (before.to_owned(), after.to_owned())));
}

/// Reader, place, and lines, as they are stored.
type Row = (String, i64, Option<String>);

async fn stored(world: &World) -> BTreeSet<Row> {
    let rows = "SELECT reader, index, lines::text FROM ledger_feed";
    sqlx::query_as(rows).fetch_all(&mut world.owner().await).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn the_feed_is_what_the_leaves_say() {
    let mut world = everything().await.world;
    world.until_placed().await;
    world.stop().await;
    let mut owner = world.owner().await;
    let leaves = "SELECT i.index, e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry";
    let leaves: Vec<(i64, Vec<u8>)> = sqlx::query_as(leaves).fetch_all(&mut owner).await.unwrap();
    let entries: BTreeMap<_, _> =
        leaves.into_iter().map(|(index, leaf)| (index, Entry::read(&leaf).unwrap())).collect();
    let mut expected = BTreeSet::new();
    for (index, entry) in &entries {
        for (number, line) in (0..).zip(&entry.lines) {
            let readers = line.before.iter().chain(line.after.iter());
            expected.extend(readers.map(|reader| (*index, reader.to_string(), number)));
        }
    }
    let seen = "SELECT f.index, f.reader, line
        FROM ledger_feed f, unnest(f.lines) AS r, generate_series(lower(r), upper(r) - 1) AS line";
    let seen: Vec<(i64, String, i32)> = sqlx::query_as(seen).fetch_all(&mut owner).await.unwrap();
    let mut seen: BTreeSet<_> = seen.into_iter().collect();
    assert!(!seen.is_empty());
    for (reader, index, lines) in stored(&world).await {
        if lines.is_none() {
            seen.extend((0..).take(entries[&index].lines.len()).map(|line| (index, reader.clone(), line)));
        }
    }
    assert!(expected.len() > 100, "{}", expected.len());
    assert_eq!(seen, expected);
}

/// Whoever can write the table past its triggers is found by the audit.
#[tokio::test]
async fn a_feed_that_was_tampered_with_is_found() {
    let mut world = lent_in(World::start().await).await.world;
    world.until_placed().await;
    world.stop().await;
    world.tampers();
    let lent = "reader = 'dkpp-bintan' AND lines IS NOT NULL";
    let tampered = [
        (format!("DELETE FROM ledger_feed WHERE {lent}"), "readers are not told what the leaf says"),
        (
            format!("UPDATE ledger_feed SET reader = 'dkp-kepri' WHERE {lent}"),
            "readers are not told what the leaf says",
        ),
        (
            format!("UPDATE ledger_feed SET lines = NULL WHERE {lent}"),
            "readers are not told what the leaf says",
        ),
        (
            "INSERT INTO ledger_feed VALUES ('dkp-kepri', 3)".to_owned(),
            "readers are not told what the leaf says",
        ),
        ("INSERT INTO ledger_feed VALUES ('dkp-kepri', 99999)".to_owned(), "of no entry: 1"),
    ];
    let mut superuser = world.superuser().await;
    for (tampering, expected) in tampered {
        let whole = stored(&world).await;
        let tamper = format!("SET session_replication_role = replica; {tampering}");
        sqlx::raw_sql(AssertSqlSafe(tamper)).execute(&mut superuser).await.unwrap();
        assert_ne!(stored(&world).await, whole, "{tampering}");
        let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
        let found: Vec<_> = found.iter().map(|found| (found.flaw, found.detail.as_str())).collect();
        assert_eq!(found, [(Flaw::Feed, expected)], "{tampering}");
        restore(&mut superuser, &whole).await;
    }
}

async fn restore(db: &mut PgConnection, rows: &BTreeSet<Row>) {
    sqlx::raw_sql("TRUNCATE ledger_feed").execute(&mut *db).await.unwrap();
    for (reader, index, lines) in rows {
        let row = sqlx::query("INSERT INTO ledger_feed VALUES ($1, $2, $3::int4multirange)");
        row.bind(reader).bind(index).bind(lines).execute(&mut *db).await.unwrap();
    }
}

/// A leaf that does not begin with who could see the resource last, or does not end with who can see it now.
#[tokio::test]
async fn readers_that_are_not_as_told_are_found() {
    let mut world = lent_in(World::start().await).await.world;
    world.until_placed().await;
    world.stop().await;
    world.tampers();
    let mut superuser = world.superuser().await;
    let entries = world.all_entries().await;
    let is_agreed = |entry: &&Entry| {
        entry.method == "AgreementService/AcceptAgreement" && entry.lines[0].resource == AGREEMENT
    };
    let accepted = entries.iter().find(is_agreed).unwrap();
    let mut others = accepted.clone();
    others.lines[0].before = Readers::everybody();
    others.lines[0].after = Readers::nobody();
    let forge = "UPDATE ledger_entry SET leaf = $1 WHERE id = $2";
    sqlx::raw_sql("SET session_replication_role = replica").execute(&mut superuser).await.unwrap();
    sqlx::query(forge).bind(others.leaf()).bind(others.id).execute(&mut superuser).await.unwrap();
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let mut found: Vec<_> = found.into_iter().filter(|found| found.flaw == Flaw::Readers).collect();
    found.sort_by(|one, other| one.detail.cmp(&other.detail));
    let found: Vec<_> = found.iter().map(|found| (found.resource.as_str(), found.detail.clone())).collect();
    let parties = "blk-kepri lapas-tpi";
    let expected =
        [format!("{parties}, then * before entry {}", others.id), format!("told -, are {parties}")];
    assert_eq!(found, expected.map(|detail| (AGREEMENT, detail)));
}

/// Nothing is held against a line of before, which names no readers.
#[tokio::test]
async fn what_follows_an_entry_without_readers_is_not_held_against_it() {
    let mut world = lent_in(World::start().await).await.world;
    world.until_placed().await;
    world.stop().await;
    world.tampers();
    let entries = world.all_entries().await;
    let created = entries.iter().find(|entry| entry.lines.iter().any(|line| line.resource == AGREEMENT));
    let mut old = Entry { format: Format::V1, ..created.unwrap().clone() };
    for line in &mut old.lines {
        (line.before, line.after) = (Readers::nobody(), Readers::nobody());
    }
    let mut superuser = world.superuser().await;
    let write = "UPDATE ledger_entry SET leaf = $1 WHERE id = $2";
    let behave = "SET session_replication_role = replica; ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_leaf_check";
    sqlx::raw_sql(behave).execute(&mut superuser).await.unwrap();
    sqlx::query(write).bind(old.leaf()).bind(old.id).execute(&mut superuser).await.unwrap();
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let found: BTreeSet<_> = found.iter().map(|found| found.flaw.as_str()).collect();
    assert_eq!(
        found,
        BTreeSet::from(["FEED", "ORDER"]),
        "the leaf was changed, and the feed knows its readers"
    );
}

/// Else a writer could keep a change from its readers.
#[tokio::test]
async fn nobody_writes_an_entry_without_readers() {
    let world = World::start().await;
    let write = "INSERT INTO ledger_entry (id, recorded_at, leaf) VALUES (gen_random_uuid(), '2026-03-02T01:00:00Z', $1)";
    let mut entry = world.all_entries().await.pop().unwrap();
    entry.format = Format::V1;
    entry.lines.clear();
    for mut db in [
        world.runtime().await,
        world.keepers_connection().await,
        world.signers_connection().await,
        world.owner().await,
    ] {
        let refused = sqlx::query(write).bind(entry.leaf()).execute(&mut db).await.unwrap_err();
        assert!(refused.to_string().contains("ledger_entry_leaf_check"), "{refused}");
    }
}
