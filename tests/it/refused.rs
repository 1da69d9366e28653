//! Calls that were refused: who called what, why it was refused, and how often; and nothing of what was sent.

use gerbang::{
    agent::Client,
    domain::{Reason, refused::Refused},
    proto::{self, v1},
};
use sqlx::types::time::OffsetDateTime;
use tonic::Status;

use crate::{
    cast::{AGREEMENT, Cast, push, session},
    forge::{Name, Profile},
    world::{self, TRUST_DOMAIN, World, reason, violations},
};

const TODAY: &str = "2026-03-02";
const TOMORROW: &str = "2026-03-03";

async fn ask(
    client: &Client,
    request: v1::ListRefusedCallsRequest,
) -> Result<v1::ListRefusedCallsResponse, Status> {
    client.ledger().list_refused_calls(request).await.map(tonic::Response::into_inner)
}

/// All of them, but for the administrator's, who looks for agencies before making them.
async fn all(client: &Client, request: &v1::ListRefusedCallsRequest) -> Vec<v1::RefusedCalls> {
    let page_size = if request.page_size == 0 { 500 } else { request.page_size };
    let page = async |page_token| {
        let request = v1::ListRefusedCallsRequest { page_size, page_token, ..request.clone() };
        let page = ask(client, request).await.unwrap();
        (page.refused_calls, page.next_page_token)
    };
    let (mut all, _) = world::walked(page_size, page).await;
    all.retain(|one| one.agency != "agencies/operator");
    all
}

fn at(time: &str) -> Option<prost_types::Timestamp> {
    crate::cast::timestamp(time)
}

/// A certificate in hexadecimal, by its agency and system.
fn fingerprint(world: &World, agency: &str, system: &str) -> String {
    let pem = std::fs::read_to_string(world.profile(agency, system).certificate).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &crate::world::der(&pem));
    hex::encode(digest)
}

/// Everything that is refused here, on two days, sorted as the list is.
async fn refuse(cast: &Cast) -> Vec<v1::RefusedCalls> {
    let world = &cast.world;
    let entries = async || cast.blk.ledger().list_entries(v1::ListEntriesRequest::default()).await;
    let mut told = Vec::new();
    let mut tell =
        |day: &str, who: (&str, &str), method: &str, reason: &str, calls, [first, last]: [&str; 2]| {
            let certificate_sha256 = fingerprint(world, who.0, who.1);
            // Its certificate names two systems, and so none.
            let named = who.1 != "dua";
            told.push(v1::RefusedCalls {
                day: day.to_owned(),
                agency: if named { format!("agencies/{}", who.0) } else { String::new() },
                system: if named { who.1.to_owned() } else { String::new() },
                certificate_sha256,
                method: method.to_owned(),
                reason: reason.to_owned(),
                calls,
                first_time: at(first),
                last_time: at(last),
            });
        };
    let [one, two, three, four] =
        ["2026-03-02T01:00:00Z", "2026-03-02T01:05:00Z", "2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z"];

    world.issue("blk-kepri", "lain");
    let unregistered = world.connect("blk-kepri", "lain").await;
    let uri = |system: &str| Name::Uri(format!("spiffe://{TRUST_DOMAIN}/agency/blk-kepri/{system}"));
    let names = vec![uri("dua"), uri("tiga")];
    world.issue_as(
        "blk-kepri",
        "dua",
        Profile { names, ..Profile::client(TRUST_DOMAIN, "blk-kepri", "dua") },
    );
    let nobody = world.connect("blk-kepri", "dua").await;

    assert_eq!(reason(&entries().await.unwrap_err()), "ROLE_NOT_ALLOWED");
    for client in [&unregistered, &nobody] {
        client.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    }
    world.set_clock(two);
    assert_eq!(reason(&entries().await.unwrap_err()), "ROLE_NOT_ALLOWED");
    let unseen = v1::GetAgreementRequest { name: AGREEMENT.to_owned() };
    assert_eq!(reason(&cast.dkp.agreement().get_agreement(unseen).await.unwrap_err()), "NOT_FOUND");
    let malformed = v1::GetAgreementRequest { name: "pks-1".to_owned() };
    assert_eq!(reason(&cast.blk.agreement().get_agreement(malformed).await.unwrap_err()), "FIELDS_INVALID");
    let unknown = v1::GetAgreementRequest { name: "agencies/blk-kepri/agreements/none".to_owned() };
    assert_eq!(reason(&cast.blk.agreement().get_agreement(unknown).await.unwrap_err()), "NOT_FOUND");
    // A batch is answered, whatever its items come to.
    let early = push(vec![session("s1", "2026-03-01T01:00:00Z")]);
    let answered = cast.blk.schedule().push_schedule(early).await.unwrap().into_inner();
    assert_eq!(answered.outcome(), v1::BatchOutcome::Rejected);
    world.set_clock(three);
    unregistered.agency().who_am_i(v1::WhoAmIRequest {}).await.unwrap_err();
    world.set_clock(four);
    entries().await.unwrap_err();

    let (blk, dkp) = (("blk-kepri", "jadwal"), ("dkp-kepri", "jadwal"));
    tell(TODAY, blk, "LedgerService/ListEntries", "ROLE_NOT_ALLOWED", 2, [one, two]);
    tell(TODAY, blk, "AgreementService/GetAgreement", "FIELDS_INVALID", 1, [two, two]);
    tell(TODAY, blk, "AgreementService/GetAgreement", "NOT_FOUND", 1, [two, two]);
    tell(TODAY, dkp, "AgreementService/GetAgreement", "NOT_FOUND", 1, [two, two]);
    let who_am_i = "AgencyService/WhoAmI";
    tell(TODAY, ("blk-kepri", "lain"), who_am_i, "CERTIFICATE_NOT_REGISTERED", 2, [one, three]);
    tell(TODAY, ("blk-kepri", "dua"), who_am_i, "CERTIFICATE_WITHOUT_IDENTITY", 1, [one, one]);
    tell(TOMORROW, blk, "LedgerService/ListEntries", "ROLE_NOT_ALLOWED", 1, [four, four]);
    let key =
        |one: &v1::RefusedCalls| (one.certificate_sha256.clone(), one.method.clone(), one.reason.clone());
    told.sort_by(|a, b| b.day.cmp(&a.day).then(key(a).cmp(&key(b))));
    let others =
        "SELECT coalesce(sum(calls), 0) >= 9 FROM refused_call WHERE agency IS DISTINCT FROM 'operator'";
    world.until(others).await;
    told
}

#[tokio::test]
async fn what_is_refused_is_counted_by_day_caller_method_and_reason() {
    let cast = Cast::ready().await;
    let told = refuse(&cast).await;
    for page_size in [1, 2, 0] {
        let request = v1::ListRefusedCallsRequest { page_size, ..Default::default() };
        assert_eq!(all(&cast.admin, &request).await, told, "{page_size}");
    }
}

#[tokio::test]
async fn each_filter_leaves_what_fits() {
    let cast = Cast::ready().await;
    let told = refuse(&cast).await;
    let none = v1::ListRefusedCallsRequest::default;
    let blk = fingerprint(&cast.world, "blk-kepri", "jadwal");
    let serial = "SELECT serial FROM certificate WHERE encode(sha256, 'hex') = $1";
    let serial: String =
        sqlx::query_scalar(serial).bind(&blk).fetch_one(&mut cast.world.owner().await).await.unwrap();
    let two = at("2026-03-02T01:05:00Z");
    let second = |time: &Option<prost_types::Timestamp>| time.unwrap().seconds;
    type Fits<'a> = Box<dyn Fn(&v1::RefusedCalls) -> bool + 'a>;
    let filters: Vec<(v1::ListRefusedCallsRequest, Fits)> = vec![
        (
            v1::ListRefusedCallsRequest { agency: "agencies/blk-kepri".to_owned(), ..none() },
            Box::new(|one| one.agency == "agencies/blk-kepri"),
        ),
        (
            v1::ListRefusedCallsRequest { certificate: format!("certificates/{serial}"), ..none() },
            Box::new(|one| one.certificate_sha256 == blk),
        ),
        (
            v1::ListRefusedCallsRequest { reason: "NOT_FOUND".to_owned(), ..none() },
            Box::new(|one| one.reason == "NOT_FOUND"),
        ),
        (
            v1::ListRefusedCallsRequest { range_start: two, ..none() },
            Box::new(|one| second(&one.last_time) >= second(&two)),
        ),
        (
            v1::ListRefusedCallsRequest { range_end: two, ..none() },
            Box::new(|one| second(&one.first_time) < second(&two)),
        ),
        (
            v1::ListRefusedCallsRequest { range_start: at("2026-03-03T00:00:00Z"), ..none() },
            Box::new(|one| one.day == TOMORROW),
        ),
        (v1::ListRefusedCallsRequest { reason: "VAULT_LOCKED".to_owned(), ..none() }, Box::new(|_| false)),
    ];
    for (request, fits) in filters {
        let expected: Vec<_> = told.iter().filter(|one| fits(one)).cloned().collect();
        assert!(expected.len() < told.len(), "{request:?} leaves all");
        assert_eq!(all(&cast.admin, &request).await, expected, "{request:?}");
    }
    let unknown = v1::ListRefusedCallsRequest { certificate: "certificates/00ff".to_owned(), ..none() };
    assert_eq!(reason(&ask(&cast.admin, unknown).await.unwrap_err()), "NOT_FOUND");
    let backwards = v1::ListRefusedCallsRequest { range_start: two, range_end: two, ..none() };
    let fields: Vec<_> = violations(&ask(&cast.admin, backwards).await.unwrap_err()).into_iter().collect();
    assert_eq!(fields.len(), 1, "{fields:?}");
    // A token goes with the filters of its list.
    let first = v1::ListRefusedCallsRequest { page_size: 1, ..none() };
    let page_token = ask(&cast.admin, first.clone()).await.unwrap().next_page_token;
    let other = v1::ListRefusedCallsRequest { page_token, reason: "NOT_FOUND".to_owned(), ..first };
    assert_eq!(reason(&ask(&cast.admin, other).await.unwrap_err()), "PAGE_TOKEN_INVALID");
}

/// The keeper's role can count too much, and takes nothing away of the last five years; the role of calls only reads.
#[tokio::test]
async fn counts_are_forgotten_after_five_years_and_not_before() {
    let mut world = World::start().await;
    // It forgets by itself too.
    world.stop().await;
    let mut owner = world.owner().await;
    let kept = "INSERT INTO refused_call SELECT d::date, sha256('x'), 'AgencyService/WhoAmI', 'NOT_FOUND', NULL, NULL, 1, d, d
                  FROM unnest(ARRAY['2015-01-01T12:00:00Z', '2016-01-01T12:00:00Z', '2017-01-01T12:00:00Z']::timestamptz[]
                              || (now() - interval '4 years 11 months')) AS d";
    sqlx::raw_sql(kept).execute(&mut owner).await.unwrap();
    let days = async || -> Vec<String> {
        let days =
            "SELECT to_char(day, 'YYYY') FROM refused_call WHERE day < now() - interval '1 day' ORDER BY day";
        sqlx::query_scalar(days).fetch_all(&mut world.owner().await).await.unwrap()
    };
    let keeper = world.keeper();
    let recent = days().await.pop().unwrap();
    let until = |day: &str| day.parse().unwrap();
    assert_eq!(keeper.forget_refused(until("2016-01-01"), 10).await.unwrap(), 1);
    assert_eq!(days().await, ["2016", "2017", recent.as_str()]);
    assert_eq!(keeper.forget_refused(until("2199-01-01"), 1).await.unwrap(), 1);
    assert_eq!(keeper.forget_refused(until("2199-01-01"), 10).await.unwrap(), 1);
    assert_eq!(days().await, [recent.as_str()], "of the last five years none");

    for mut connection in [world.runtime().await, world.keepers_connection().await] {
        for change in ["DELETE FROM refused_call", "UPDATE refused_call SET calls = 1"] {
            let refused = sqlx::raw_sql(change).execute(&mut connection).await.unwrap_err();
            assert_eq!(refused.into_database_error().unwrap().code().unwrap(), "42501", "{change}");
        }
    }
}

/// Two gateways that count the same calls add up, and the times are those of the first and the last.
#[tokio::test]
async fn counts_of_two_gateways_add_up() {
    let world = World::start().await;
    let (early, late) = ("2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z");
    let counted = |calls, first: &str, last: &str| Refused {
        day: TODAY.parse().unwrap(),
        certificate: [7; 32],
        method: "AgencyService/WhoAmI".to_owned(),
        reason: "NOT_FOUND".to_owned(),
        system: None,
        calls,
        first: first.parse().unwrap(),
        last: last.parse().unwrap(),
    };
    let keeper = world.keeper();
    // Each begins with what the other has at the end.
    let of = |number: u8, count: Refused| Refused { certificate: [number; 32], ..count };
    let there: Vec<_> = (0..100).map(|number| of(number, counted(3, late, late))).collect();
    let back: Vec<_> = (0..100).rev().map(|number| of(number, counted(4, early, early))).collect();
    let (one, two) = tokio::join!(keeper.note_refused(&there), keeper.note_refused(&back));
    one.unwrap();
    two.unwrap();
    let sums = "SELECT count(*), min(calls), max(calls) FROM refused_call";
    let sums: (i64, i64, i64) = sqlx::query_as(sums).fetch_one(&mut world.owner().await).await.unwrap();
    assert_eq!(sums, (100, 7, 7));
    let row: (i64, OffsetDateTime, OffsetDateTime) =
        sqlx::query_as("SELECT calls, first_at, last_at FROM refused_call WHERE certificate = decode(repeat('07', 32), 'hex')")
            .fetch_one(&mut world.owner().await)
            .await
            .unwrap();
    let seconds = [early, late].map(|time| time.parse::<jiff::Timestamp>().unwrap().as_second());
    assert_eq!((row.0, [row.1, row.2].map(OffsetDateTime::unix_timestamp)), (7, seconds));
    // As many as a flood may make of one kind.
    keeper.note_refused(&[counted(1_000_000_000_000_000, early, late)]).await.unwrap();
    let calls = "SELECT calls FROM refused_call WHERE certificate = decode(repeat('07', 32), 'hex')";
    let calls: i64 = sqlx::query_scalar(calls).fetch_one(&mut world.owner().await).await.unwrap();
    assert_eq!(calls, 1_000_000_000_000_000);
}

/// What cannot be added is added when the database is back, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_while_the_database_is_away_is_counted_once() {
    let cast = Cast::ready().await;
    cast.world.take_database_away().await;
    let malformed = v1::GetAgreementRequest { name: "pks-1".to_owned() };
    for _ in 0..3 {
        let refused = cast.blk.agreement().get_agreement(malformed.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "FIELDS_INVALID");
    }
    // What the gateway could not do.
    let name = AGREEMENT.to_owned();
    let away = cast.blk.agreement().get_agreement(v1::GetAgreementRequest { name }).await.unwrap_err();
    assert_eq!(reason(&away), "DATABASE_AWAY");
    cast.world.give_database_back().await;
    cast.world
        .until("SELECT coalesce(sum(calls), 0) >= 3 FROM refused_call WHERE agency = 'blk-kepri'")
        .await;
    // What comes later is added in a later turn: by then all of it would have been added twice.
    let refused = cast.blk.ledger().list_entries(v1::ListEntriesRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_NOT_ALLOWED");
    cast.world.until("SELECT count(*) = 2 FROM refused_call WHERE agency = 'blk-kepri'").await;
    let told = all(&cast.admin, &v1::ListRefusedCallsRequest::default()).await;
    let mut told: Vec<_> = told.into_iter().map(|one| (one.reason, one.calls)).collect();
    told.sort();
    assert_eq!(told, [("FIELDS_INVALID".to_owned(), 3), ("ROLE_NOT_ALLOWED".to_owned(), 1)]);
}

/// One row that the table refuses would keep all others out.
#[tokio::test]
async fn every_method_and_every_reason_can_be_counted() {
    let world = World::start().await;
    let now: jiff::Timestamp = crate::world::NOW.parse().unwrap();
    let counted = |method: &str, reason: &str| Refused {
        day: TODAY.parse().unwrap(),
        certificate: [7; 32],
        method: method.to_owned(),
        reason: reason.to_owned(),
        system: None,
        calls: 1,
        first: now,
        last: now,
    };
    let own = proto::methods().map(|method| format!("{}/{}", method.parent_service().name(), method.name()));
    let foreign = [
        "grpc.health.v1.Health/Check",
        "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "unknown",
    ];
    let methods = own.chain(foreign.map(str::to_owned));
    let mut all: Vec<_> = methods.map(|method| counted(&method, "NOT_FOUND")).collect();
    all.extend(Reason::ALL.iter().map(|reason| counted("AgencyService/WhoAmI", reason.code())));
    all.retain(|one| one.method != "AgencyService/WhoAmI" || one.reason != "NOT_FOUND");
    world.keeper().note_refused(&all).await.unwrap();
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM refused_call")
        .fetch_one(&mut world.owner().await)
        .await
        .unwrap();
    assert_eq!(rows, i64::try_from(all.len()).unwrap());
}
