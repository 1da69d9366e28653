//! The largest rows that the database takes make no list too large for its readers, and none larger is taken.

use gerbang::{agent::Client, proto::v1};
use prost::Message;
use sqlx::AssertSqlSafe;

use crate::{cast::Cast, world::World};

/// What a client takes in one message, where it is told nothing else.
const CLIENT_TAKES: usize = 4 * 1024 * 1024;

/// Lists everything in pages of 500, none of which is too large; answers with the names, and the number of pages.
macro_rules! list {
    ($client:expr, $service:ident.$list:ident($request:ident).$items:ident, $name:expr) => {{
        let (mut names, mut pages, mut page_token) = (Vec::new(), 0, String::new());
        loop {
            #[allow(clippy::needless_update, reason = "not every list has filters")]
            let request = v1::$request { page_size: 500, page_token, ..Default::default() };
            let answer = $client.$service().$list(request).await.unwrap().into_inner();
            assert!(answer.encoded_len() < CLIENT_TAKES, "{}", answer.encoded_len());
            names.extend(answer.$items.iter().map($name));
            pages += 1;
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break (names, pages);
            }
        }
    }};
}

/// Copies of the first row of a table, each with something else in some columns.
async fn copies(world: &World, table: &str, count: u32, but: &str) {
    world.tampers();
    let copy = format!(
        "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(one) || jsonb_build_object({but}))).* \
           FROM (SELECT * FROM {table} ORDER BY ctid LIMIT 1) AS one CROSS JOIN generate_series(100, 99 + {count}) AS number"
    );
    let done = sqlx::query(AssertSqlSafe(copy)).execute(&mut world.owner().await).await.unwrap();
    assert_eq!(done.rows_affected(), u64::from(count), "{table}");
}

/// Every name once, in the order of the list.
fn all_of(names: &[String], count: usize) {
    let mut once = names.to_vec();
    once.sort();
    once.dedup();
    assert_eq!((once.len(), names.len()), (count, count));
}

async fn agencies(client: &Client) -> (Vec<String>, u32) {
    list!(client, agency.list_agencies(ListAgenciesRequest).agencies, |one| one.name.clone())
}

#[tokio::test]
async fn agencies_with_the_longest_names_are_listed_in_pages_that_every_client_takes() {
    let cast = Cast::gather().await;
    let before = agencies(&cast.blk).await.0.len();
    let names = "'code', 'lain-' || number, 'names', (SELECT jsonb_agg(jsonb_build_object('display_name', repeat('😀', 200), \
        'valid_from', (date '2000-01-01' + day)::text, 'decree_number', repeat('😀', 100))) FROM generate_series(1, 50) AS day)";
    copies(&cast.world, "agency", 120, names).await;
    let (names, pages) = agencies(&cast.blk).await;
    all_of(&names, before + 120);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn programmes_with_the_longest_plans_are_listed_in_pages_that_every_client_takes() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    let units = "'id', gen_random_uuid(), 'ref', 'lain-' || number, 'version', 1, 'plan', jsonb_set(one.plan, '{units}', \
        (SELECT jsonb_agg(jsonb_build_object('skkni_code', repeat('😀', 60), 'title', repeat('😀', 200), 'lessons', 1)) \
           FROM generate_series(1, 100)))";
    copies(&cast.world, "programme", 80, units).await;
    let (names, pages) =
        list!(cast.blk, programme.list_programmes(ListProgrammesRequest).programmes, |one| one.name.clone());
    assert!(pages > 1, "{pages}");
    all_of(&names, 81);
}

#[tokio::test]
async fn orders_that_ignore_the_most_are_listed_in_pages_that_every_client_takes() {
    let cast = Cast::gather().await;
    let admin = cast.world.admin().await;
    cast.world.tampers();
    let forge = "INSERT INTO certificate_order (id, way, agency, system, role, ignored, hosts, lifetime_days, requester, version, \
          created_at, expires_at) \
        SELECT gen_random_uuid(), 'CSR', 'blk-kepri', 'jadwal', 'PARTNER', array_fill(repeat('😀', 200), ARRAY[32]), '{}', 0, 'x', 1, \
          '2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z' FROM generate_series(1, 300)";
    sqlx::query(forge).execute(&mut cast.world.runtime().await).await.unwrap();
    let (names, pages) =
        list!(admin, certificate.list_certificate_orders(ListCertificateOrdersRequest).orders, |one| one
            .name
            .clone());
    assert!(pages > 1 && names.len() >= 300, "{pages} {}", names.len());
    all_of(&names, names.len());
}

#[tokio::test]
async fn no_row_larger_than_the_contract_lets_it_be_is_taken() {
    let cast = Cast::confirmed("2026-03-09T01:00:00Z").await;
    cast.world.tampers();
    let mut owner = cast.world.owner().await;
    let large = "jsonb_build_array(jsonb_build_object('title', repeat('x', 150000)))";
    for (table, change) in [
        ("agency", format!("names = {large}")),
        ("agreement", "terms = jsonb_set(terms, '{purpose}', to_jsonb(repeat('x', 150000)))".to_owned()),
        ("programme", "plan = jsonb_set(plan, '{title}', to_jsonb(repeat('x', 150000)))".to_owned()),
        ("trainer", format!("competences = {large}")),
        ("facility", format!("equipment = {large}")),
        ("session", "trainers = jsonb_build_array(repeat('x', 9000))".to_owned()),
        ("session", "note = repeat('x', 501)".to_owned()),
        ("agreement", "readers = array_fill('blk-kepri'::text, ARRAY[21])".to_owned()),
    ] {
        let write = format!("UPDATE {table} SET {change}");
        let refused = sqlx::query(AssertSqlSafe(write)).execute(&mut owner).await.unwrap_err().to_string();
        assert!(refused.contains("check constraint"), "{table}: {refused}");
    }
    let forge = "INSERT INTO certificate_order (id, way, agency, system, role, ignored, hosts, lifetime_days, requester, version, \
          created_at, expires_at) \
        VALUES (gen_random_uuid(), 'CSR', 'blk-kepri', 'jadwal', 'PARTNER', array_fill('x'::text, ARRAY[33]), '{}', 0, 'x', 1, \
          '2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z')";
    let refused = sqlx::query(forge).execute(&mut cast.world.runtime().await).await.unwrap_err().to_string();
    assert!(refused.contains("ignored_check"), "{refused}");
}
