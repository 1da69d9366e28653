//! What a list costs does not grow with what others have stored. Buffers are counted, as the runtime role meets them: of the
//! very functions that the calls use, over a hundred thousand sessions, or as many as GERBANG_TEST_SESSIONS says. Each is asked
//! often enough for its plans to be kept.

mod page;
mod push;

use std::fmt::Debug;

use gerbang::{
    domain::{
        AgencyCode,
        access::Role,
        agreement::AgreementFilter,
        assignment::AssignmentFilter,
        calendar::{Booking, Holder},
        certificate::{CertificateFilter, OrderFilter},
        name::FacilityName,
        outside::Clock,
        programme::ProgrammeFilter,
        schedule::SessionFilter,
        time::Interval,
    },
    ledger::{cosignature::WitnessVerifier, note::Origin},
    pki::certificate::fingerprint,
    store::{
        Question, agency, agreement,
        assignment::{self, Found, PartOfList, Sought},
        certificate, claim, cosignature, facility, order, programme, roster, schedule, trainer,
        zone::Offsets,
    },
};
use jiff::{Timestamp, ToSpan};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Transaction};
use uuid::Uuid;

use crate::{
    cast::Cast,
    isolation::lent_in,
    world::{World, audit_rows},
};

/// A page of ten, and the one more that says whether others follow.
const PAGE: i64 = 11;
/// What a page may cost in buffers: the way down the indexes, and up to seven for a row. A scan of the smallest table here
/// comes to 150, and one of sessions to thousands.
const BOUND: i64 = 9 * PAGE;
/// The same for assignments, of which nothing is looked up elsewhere but when else who is proposed is wanted, and the names of
/// lent trainers whose agency has not said yes.
const ASSIGNMENTS: i64 = 32 * PAGE;
/// The same for two hundred times that are wanted.
const TAKEN: i64 = 8 * 200;
/// How often each is asked, of one connection: from the sixth time on, which the second list of the first reader is, Postgres
/// keeps a plan, if it thinks so best.
const TIMES: usize = 3;

/// Many rows, and a connection in the runtime role.
struct Crowd {
    cast: Cast,
    db: PgConnection,
    over: Vec<String>,
}

impl Crowd {
    async fn gather() -> Self {
        let cast = lent_in(World::start().await).await;
        cast.world.tampers();
        let mut db = cast.world.superuser().await;
        let sessions = std::env::var("GERBANG_TEST_SESSIONS").unwrap_or_else(|_| "100000".to_owned());
        let set = sqlx::query("SELECT set_config('crowd.sessions', $1, false)").bind(sessions);
        set.execute(&mut db).await.unwrap();
        db.execute(include_str!("growth/crowd.sql")).await.unwrap();
        let db = cast.world.runtime().await;
        Self { cast, db, over: Vec::new() }
    }

    /// What the owner, whom no policy binds, finds.
    async fn owner_finds(&self, question: String) -> Vec<String> {
        let question = sqlx::query_scalar(AssertSqlSafe(question));
        question.fetch_all(&mut self.cast.world.owner().await).await.unwrap()
    }

    async fn begin(&mut self, reader: &str) -> Transaction<'_, Postgres> {
        let mut tx = self.db.begin().await.unwrap();
        let enter = sqlx::query("SELECT set_config('gerbang.agency', $1, true)").bind(reader);
        enter.execute(&mut *tx).await.unwrap();
        tx
    }

    fn judge(&mut self, what: impl Debug, cost: i64, bound: i64) {
        println!("{what:?}: {cost} of {bound} buffers");
        if cost > bound {
            self.over.push(format!("{what:?}: {cost} buffers, more than {bound}"));
        }
    }
}

/// How many buffers of tables and indexes of ours this transaction has asked for.
pub async fn buffers(db: &mut PgConnection) -> i64 {
    let count = "SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0)::bigint FROM pg_class \
                  WHERE relnamespace = 'public'::regnamespace";
    sqlx::query_scalar(count).fetch_one(db).await.unwrap()
}

/// Asks as `reader`, [`TIMES`] times, and judges the dearest by the bound; answers with what was found.
macro_rules! ask {
    ($crowd:ident, $bound:expr, $reader:expr, $what:expr, |$db:ident| $call:expr) => {{
        let (mut most, mut answer) = (0, None);
        for _ in 0..TIMES {
            let mut tx = $crowd.begin($reader).await;
            let before = buffers(&mut tx).await;
            let $db = &mut *tx;
            answer = Some($call.await.unwrap());
            most = most.max(buffers(&mut tx).await - before);
            tx.rollback().await.unwrap();
        }
        $crowd.judge(($reader, $what), most, $bound);
        answer.unwrap()
    }};
}

fn code(agency: &str) -> AgencyCode {
    AgencyCode::parse(agency).unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// Who has nearly all rows, and who has thirty: as prison, as lead agency, as an agency that lends.
const READERS: [&str; 6] =
    ["lapas-tpi", "blk-kepri", "dkpp-bintan", "lapas-kecil", "blk-kecil", "dinas-kecil"];

/// From where the lists of times are asked: the first start, the end of the range.
const ASKED: [(Option<&str>, Option<&str>); 3] = [
    (None, None),
    (Some("2026-12-01T00:00:00Z"), None),
    (Some("2026-12-01T00:00:00Z"), Some("2026-12-02T00:00:00Z")),
];

fn in_range(range: (Option<&str>, Option<&str>)) -> String {
    let (start, end) = (range.0.unwrap_or("-infinity"), range.1.unwrap_or("infinity"));
    format!("ends_at > '{start}' AND starts_at < '{end}'")
}

#[tokio::test]
async fn lists_cost_what_they_show() {
    let mut crowd = Crowd::gather().await;
    for reader in READERS {
        for range in ASKED {
            assignments(&mut crowd, reader, range).await;
            sessions(&mut crowd, reader, range).await;
        }
        names(&mut crowd, reader).await;
    }
    cosignatures(&mut crowd).await;
    inventory(&mut crowd).await;
    bookings(&mut crowd).await;
    assert!(crowd.over.is_empty(), "{:#?}", crowd.over);
}

/// A page, and the next, are those that the owner would find by the rule.
async fn assignments(crowd: &mut Crowd, reader: &str, range: (Option<&str>, Option<&str>)) {
    let filter = AssignmentFilter {
        range_start: range.0.map(at),
        range_end: range.1.map(at),
        ..AssignmentFilter::default()
    };
    let mut after = None;
    let mut found = Vec::new();
    for page in ["assignments", "assignments by token"] {
        let part = |seen| PartOfList {
            filter: &filter,
            after: after.as_ref(),
            limit: PAGE,
            told: None,
            seed: [0; 16],
            seen,
        };
        let question = |seen| assignment::Question {
            fingerprint: fingerprint(reader.as_bytes()),
            roles: &[Role::Partner],
            now: at("2026-03-02T01:00:00Z"),
            sought: Sought::Part(part(seen)),
        };
        let asked = ask!(crowd, ASSIGNMENTS, reader, (page, range), |db| question(None).ask(db));
        let Found::Shown { part: shown, digest, .. } = asked.found else { panic!("{:?}", asked.found) };
        let again = question(Some(digest));
        let asked = ask!(crowd, ASSIGNMENTS, reader, ("unchanged", page, range), |db| again.ask(db));
        assert!(matches!(asked.found, Found::Unchanged), "{:?}", asked.found);
        after = shown.items.last().map(|last| {
            let assists = last.role == gerbang::domain::trainer::TrainerRole::Assistant;
            (last.when.start, last.session.agency.clone(), last.session.id.clone(), assists, last.id)
        });
        found.extend(shown.items.iter().map(|item| item.id.to_string()));
    }
    let expected = crowd.owner_finds(format!(
        "SELECT id::text FROM assignment WHERE '{reader}' IN (prison, lead, trainer_agency) AND {} \
          ORDER BY starts_at, lead, session_uid, role = 'ASSISTANT', id LIMIT {}",
        in_range(range),
        2 * PAGE
    ));
    assert_eq!(found, expected.await, "{reader} {range:?}");
}

async fn sessions(crowd: &mut Crowd, reader: &str, range: (Option<&str>, Option<&str>)) {
    let filter = SessionFilter {
        range_start: range.0.map(at),
        range_end: range.1.map(at),
        ..SessionFilter::default()
    };
    let mut after: Option<(Timestamp, String, String)> = None;
    let mut found = Vec::new();
    for page in ["sessions", "sessions by token"] {
        let place = after.as_ref().map(|(start, lead, uid)| (*start, lead.as_str(), uid.as_str()));
        let sought = schedule::Sought::Part { filter: &filter, after: place, limit: PAGE };
        let question = schedule::Question { fingerprint: fingerprint(reader.as_bytes()), sought };
        let (_, shown) = ask!(crowd, BOUND, reader, (page, range), |db| question.ask(db));
        after = shown
            .items
            .last()
            .map(|last| (last.when.start, last.name.agency.to_string(), last.name.id.clone()));
        found.extend(shown.items.iter().map(|item| item.id.to_string()));
    }
    let expected = crowd.owner_finds(format!(
        "SELECT id::text FROM session WHERE ('{reader}' IN (prison, lead) OR '{reader}' = ANY (trainer_agencies)) \
            AND {} ORDER BY starts_at, lead, uid LIMIT {}",
        in_range(range),
        2 * PAGE
    ));
    assert_eq!(found, expected.await, "{reader} {range:?}");
}

/// What is listed by name: from the first, and from one in the middle.
async fn names(crowd: &mut Crowd, reader: &str) {
    let agency = code(reader);
    let fingerprint = fingerprint(reader.as_bytes());
    for after in [None, Some("x-15")] {
        let pair = after.map(|after| [reader.to_owned(), after.to_owned()]);
        let what = |list: &'static str| (list, after);
        let filter = ProgrammeFilter::default();
        let programmes = programme::List { fingerprint, filter: &filter, after: pair.as_ref(), limit: PAGE };
        let (_, found) = ask!(crowd, BOUND, reader, what("programmes"), |db| programmes.ask(db));
        let found: Vec<_> = found.items.iter().map(|item| item.id.to_string()).collect();
        let [lead, reference] = pair.clone().unwrap_or_default();
        let expected = crowd.owner_finds(format!(
            "SELECT id::text FROM programme WHERE '{reader}' IN (prison, lead) AND (lead, ref) > ('{lead}', '{reference}') \
              ORDER BY lead, ref LIMIT {PAGE}"
        ));
        assert_eq!(found, expected.await, "{reader} {after:?}");
        let trainers = trainer::List { fingerprint, status: None, after, limit: PAGE };
        let (_, found) = ask!(crowd, BOUND, reader, what("trainers"), |db| trainers.ask(db));
        let found: Vec<_> = found.items.iter().map(|item| item.id.to_string()).collect();
        let expected = crowd.owner_finds(format!(
            "SELECT id::text FROM trainer WHERE agency = '{reader}' AND ref > '{reference}' ORDER BY ref LIMIT {PAGE}"
        ));
        assert_eq!(found, expected.await, "{reader} {after:?}");
        ask!(crowd, BOUND, reader, what("facilities"), |db| facility::list(db, &agency, None, after, PAGE));
        let agencies = agency::List { fingerprint, after, limit: PAGE };
        let (_, found) = ask!(crowd, BOUND, reader, what("agencies"), |db| agencies.ask(db));
        let found: Vec<_> = found.items.iter().map(|item| item.code.to_string()).collect();
        let expected = crowd.owner_finds(format!(
            "SELECT code FROM agency WHERE code > '{}' ORDER BY code LIMIT {PAGE}",
            after.unwrap_or_default()
        ));
        assert_eq!(found, expected.await, "{reader} {after:?}");
    }
    // Of an agency that has few; one that has ten thousand sorts its own.
    if reader.ends_with("-kecil") {
        let (filter, told) = (AgreementFilter::default(), Offsets::default());
        let now = at("2026-03-02T01:00:00Z");
        let agreements =
            agreement::List { fingerprint, filter: &filter, now, told: &told, after: None, limit: PAGE };
        let (_, found) = ask!(crowd, 3 * BOUND, reader, "agreements", |db| agreements.ask(db));
        assert_eq!(found.items.len() as i64, if reader == "dinas-kecil" { 0 } else { PAGE });
        let claims = claim::List { fingerprint, open_only: false, after: None, limit: PAGE };
        let (_, found) = ask!(crowd, 2 * BOUND, reader, "trainer claims", |db| claims.ask(db));
        assert_eq!(found.items.len() as i64, if reader == "lapas-kecil" { 0 } else { PAGE });
    }
}

/// What is shown to all, of all, of an agency, and of a witness.
async fn cosignatures(crowd: &mut Crowd) {
    let fingerprint = fingerprint(b"lapas-kecil");
    let witness = |agency: &str| {
        let name = Origin::parse(&format!("saksi.{agency}")).unwrap();
        let public = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, agency.as_bytes());
        WitnessVerifier::new(name, public.as_ref().try_into().unwrap())
    };
    for (agency, named) in
        [(None, None), (Some("blk-kecil"), None), (None, Some("blk-kecil")), (Some("blk-kepri"), None)]
    {
        for after in [None, Some((9_000, Uuid::nil()))] {
            let (code, witness) = (agency.map(code), named.map(witness));
            let (agency, witness) = (code.as_ref(), witness.as_ref());
            let question = cosignature::List { fingerprint, agency, witness, after, limit: PAGE };
            let what = ("cosignatures", agency, named, after);
            let (_, found) = ask!(crowd, BOUND, "lapas-kecil", what, |db| question.ask(db));
            assert_eq!(found.items.len() as i64, PAGE, "{what:?}");
            assert!(found.items.is_sorted_by_key(|one| std::cmp::Reverse(one.size)));
        }
    }
}

/// What is not shared by policies: the roster of a programme, certificates, orders.
async fn inventory(crowd: &mut Crowd) {
    let programme = crowd.owner_finds("SELECT id::text FROM programme WHERE ref = 'las'".to_owned()).await;
    let programme = programme[0].parse().unwrap();
    for place in [0, 5_000] {
        let found = ask!(crowd, BOUND, "lapas-tpi", ("roster", place), |db| roster::list_by_place(
            db, programme, None, place, PAGE
        ));
        assert_eq!(
            found.iter().map(|one| one.place).collect::<Vec<_>>(),
            Vec::from_iter(place + 1..=place + 11)
        );
    }
    let found = ask!(crowd, BOUND, "blk-kepri", "roster by reference", |db| roster::list_by_reference(
        db, programme, None, None, PAGE
    ));
    assert_eq!(found.len() as i64, PAGE);
    for agency in [None, Some(code("blk-kecil")), Some(code("blk-kepri"))] {
        let filter =
            CertificateFilter { agency: agency.as_ref(), limit: Some(PAGE), ..CertificateFilter::default() };
        let now = at("2026-03-02T01:00:00Z");
        let found = ask!(crowd, BOUND, "operator", ("certificates", &agency), |db| certificate::list(
            db, &filter, now
        ));
        assert_eq!(found.len() as i64, PAGE);
        let filter = OrderFilter { agency: agency.as_ref(), limit: Some(PAGE), ..OrderFilter::default() };
        let found = ask!(crowd, BOUND, "operator", ("orders", &agency), |db| order::list(db, &filter));
        assert_eq!(found.len() as i64, PAGE);
    }
}

/// One trainer and one room, held 2,500 times: what is in the way of two hundred times that are wanted costs what these cost,
/// and is what lies there.
async fn bookings(crowd: &mut Crowd) {
    let key = "SELECT booking_key FROM assignment WHERE session_uid = 's1' AND role = 'ASSISTANT'";
    let key: Vec<u8> = sqlx::query_scalar(key).fetch_one(&mut crowd.cast.world.owner().await).await.unwrap();
    let room = FacilityName::parse("agencies/lapas-tpi/facilities/aula").unwrap();
    // Held are the even hours; wanted are odd ones, one hour each, but for the third, which begins half an hour early.
    let wanted = |holder: Holder| -> Vec<Booking> {
        let start = |n: i64| {
            let early = if n == 3 { 30 } else { 0 };
            at("2027-03-02T01:00:00Z") + (n * 20).hours() - early.minutes()
        };
        let booking = |n| Booking {
            holder: holder.clone(),
            when: Interval { start: start(n), end: start(n) + 1.hours() },
        };
        (1..=200).map(booking).collect()
    };
    let expected = Interval { start: at("2027-03-04T12:00:00Z"), end: at("2027-03-04T13:00:00Z") };
    let times = |found: Vec<Booking>| found.iter().map(|booking| booking.when).collect::<Vec<_>>();

    let persons = wanted(Holder::Person(key.try_into().unwrap()));
    let found =
        ask!(crowd, TAKEN, "blk-kepri", "persons taken", |db| assignment::list_taken(db, &persons, &[]));
    assert_eq!(times(found), [expected]);
    let found = ask!(crowd, TAKEN, "blk-kepri", "persons asked for", |db| assignment::list_asked_for(
        db,
        &persons,
        &[]
    ));
    assert_eq!(times(found), []);
    let (rooms, prison) = (wanted(Holder::Room(room)), code("lapas-tpi"));
    let found =
        ask!(crowd, TAKEN, "blk-kepri", "rooms taken", |db| facility::list_taken(db, &prison, &rooms, &[]));
    assert_eq!(times(found), [expected]);
}

/// One question for each row, and one for all of them, have the same answer.
#[tokio::test]
async fn doors_open_together_as_they_open_alone() {
    let world = lent_in(World::start().await).await.world;
    world.tampers();
    let mut owner = world.owner().await;
    let ask = "WITH one AS (SELECT a.id, s.programme, a.lead, a.prison, a.trainer_agency, m.at \
                              FROM assignment a JOIN session s ON s.id = a.session, \
                                   unnest(ARRAY['2026-02-01Z', '2026-06-01Z', '2026-12-31T16:59Z', '2026-12-31T17:00Z', \
                                                '2040-01-01Z']::timestamptz[]) AS m (at)), \
                    zone AS (SELECT ARRAY['Asia/Jakarta'] AS zones, ARRAY['2000-01-01Z'::timestamptz] AS since, \
                                    ARRAY[25200] AS seconds), \
                    alone AS (SELECT o.* FROM one o, zone z WHERE opens_door(o.programme, o.lead, o.prison, \
                                     o.trainer_agency, o.at, z.zones, z.since, z.seconds)), \
                    together AS (SELECT o.at, d.id FROM zone z, \
                                        (SELECT at, array_agg(id) AS i, array_agg(programme) AS p, array_agg(lead) AS l, \
                                                array_agg(prison) AS r, array_agg(trainer_agency) AS t, array_agg(at) AS m \
                                           FROM one GROUP BY at) AS o, \
                                        open_doors(o.i, o.p, o.l, o.r, o.t, o.m, z.zones, z.since, z.seconds) AS d (id)) \
               SELECT count(*), count(*) FILTER (WHERE t.id IS NULL OR a.id IS NULL) \
                 FROM alone a FULL JOIN together t ON t.id = a.id AND t.at = a.at";
    let mut open = Vec::new();
    for change in [
        "SELECT 1",
        "UPDATE agreement SET effective_until = '2026-12-31' WHERE author = 'dkpp-bintan'",
        "UPDATE agreement SET terms = terms #- '{annex,data_kinds}' WHERE author = 'dkpp-bintan'",
        "UPDATE agreement SET suspended_by = '{lapas-tpi}' WHERE author = 'blk-kepri'",
    ] {
        owner.execute(change).await.unwrap();
        let (found, differing): (i64, i64) = sqlx::query_as(ask).fetch_one(&mut owner).await.unwrap();
        assert_eq!(differing, 0, "{change}");
        open.push(found);
    }
    assert!(open[0] > open[1] && open[1] > open[2] && open[2] > 0 && open[3] == 0, "{open:?}");
}

/// An agency that lends a session its trainers has its row where the session is; it alone reads it, and the audit knows.
#[tokio::test]
async fn lenders_follow_their_sessions() {
    let world = lent_in(World::start().await).await.world;
    world.tampers();
    let mut owner = world.owner().await;
    let mut db = world.runtime().await;
    for (reader, rows) in [("dkpp-bintan", 1), ("blk-kepri", 0), ("lapas-tpi", 0), ("dkp-kepri", 0), ("", 0)]
    {
        let mut tx = db.begin().await.unwrap();
        let enter = sqlx::query("SELECT set_config('gerbang.agency', $1, true)").bind(reader);
        enter.execute(&mut *tx).await.unwrap();
        let seen = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM session_lender").fetch_one(&mut *tx);
        assert_eq!(seen.await.unwrap(), rows, "{reader}");
    }
    let lenders = "SELECT l.agency || ' ' || (l.starts_at = s.starts_at) FROM session_lender l \
                     JOIN session s ON s.id = l.session AND (s.lead, s.uid) = (l.lead, l.uid)";
    for (change, expected) in [
        ("SELECT 1", &["dkpp-bintan true"][..]),
        ("UPDATE session SET starts_at = starts_at - interval '1 hour'", &["dkpp-bintan true"]),
        ("UPDATE session SET trainer_agencies = '{blk-kepri,lapas-tpi}'", &[]),
        ("UPDATE session SET topic = 'Lain'", &[]),
        (
            "UPDATE session SET trainer_agencies = '{blk-kepri,dkp-kepri,dkpp-bintan}'",
            &["dkp-kepri true", "dkpp-bintan true"],
        ),
    ] {
        owner.execute(change).await.unwrap();
        let mut found: Vec<String> = sqlx::query_scalar(lenders).fetch_all(&mut owner).await.unwrap();
        found.sort();
        assert_eq!(found, expected, "{change}");
    }
    for (change, told) in
        [("SELECT 1", false), ("DELETE FROM session_lender WHERE agency = 'dkpp-bintan'", true)]
    {
        owner.execute(change).await.unwrap();
        let findings = audit_rows(&world.database, &world.keys, world.clock.now()).await;
        assert_eq!(format!("{findings:?}").contains("session_lender"), told, "{findings:?}");
    }
}
