//! No value that a runtime role may write stops a reader: every column that one may write is tried with what no program of
//! ours would write.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{audit::everything, world::World};

/// Every column that a runtime role may write, and its type.
pub const COLUMNS: &str = "SELECT c.table_name::text, c.column_name::text, c.udt_name::text FROM information_schema.columns c \
    WHERE c.table_schema = 'public' AND EXISTS (SELECT FROM unnest(ARRAY['gerbang_gateway', 'gerbang_keeper', 'gerbang_signer']) AS r \
        WHERE has_column_privilege(r, format('public.%I', c.table_name), c.column_name, 'INSERT') \
           OR has_column_privilege(r, format('public.%I', c.table_name), c.column_name, 'UPDATE')) \
    ORDER BY 1, 2";

/// Texts that people or agencies choose: any word will do.
const FREE: &[&str] = &[
    "agency.suspension_note",
    "agreement.note",
    "agreement.ref",
    "assignment.session_uid",
    "assignment.trainer_ref",
    "certificate.serial",
    "certificate_order.note",
    "certificate_order.requester",
    "enrolment.programme_ref",
    "facility.display_name",
    "facility.ref",
    "issuance.reason",
    "issuance.serial",
    "order_approval.approver",
    "programme.agreement_ref",
    "programme.note",
    "programme.ref",
    "revocation.note",
    "revocation.revoker",
    "schedule.ref",
    "session.note",
    "session.programme_ref",
    "session.programme_title",
    "session.schedule_ref",
    "session.topic",
    "session.uid",
    "sighting.address",
    "trainer.full_name",
    "trainer.ref",
    "trainer_claim.held_ref",
    "trainer_claim.trainer_ref",
];

/// Zones are checked by their form here, and where they are used.
const WORDS: &[&str] =
    &["agency.time_zone", "agreement.time_zone", "assignment.time_zone", "session.time_zone"];

/// Columns that hold as much as a call or a list may: a MiB is none too many, and no reader of many rows has them.
const LARGE: &[&str] = &["crl.der", "ledger_entry.leaf", "replay.answer"];

/// Bytes of any length, the signer's own: what they say is checked where it is used. And those of the empty tree, of which
/// there are none.
const MAY_BE_EMPTY: &[&str] =
    &["issuance.to_be_signed", "ledger_batch.frontier", "order_approval.signature", "trainee.sealed"];

/// Numbers of which the type's largest is one.
const ANY_LARGE: &[&str] = &["crl.revoked", "session.sequence"];

/// Numbers that are compared for being the same, and nothing else.
const ANY_NUMBER: &[&str] = &["ledger_batch.cluster"];

/// Any JSON will do: one call alone reads it again.
const ANY_JSON: &[&str] = &["replay.answer"];

fn tries(place: &str, kind: &str) -> Vec<&'static str> {
    let is = |list: &[&str]| list.contains(&place);
    let unless = |so: bool, what: &[&'static str]| if so { Vec::new() } else { what.to_vec() };
    match kind {
        "timestamptz" | "date" => vec![
            "'infinity'",
            "'-infinity'",
            "'12000-01-01'",
            "'2301-01-01'",
            "'1999-12-31'",
            "'0044-03-15 BC'",
        ],
        "int2" => vec!["-1", "-32768", "32767"],
        "int4" => [vec!["-1", "-2147483648"], unless(is(ANY_LARGE), &["2147483647"])].concat(),
        "int8" => unless(is(ANY_NUMBER), &["-1", "-9223372036854775808", "9223372036854775807"]),
        "text" => [
            vec!["''", "repeat('x', 1048576)"],
            unless(is(FREE) || is(WORDS), &["'KING'"]),
            unless(is(FREE), &["'no such thing'"]),
        ]
        .concat(),
        "_text" => vec![
            "ARRAY['a', NULL]",
            "ARRAY[['a'], ['b']]",
            "'[0:1]={a,b}'",
            "ARRAY[repeat('x', 1048576)]",
            "array_fill('x'::text, ARRAY[100000])",
        ],
        "bytea" => [
            unless(is(MAY_BE_EMPTY), &["''"]),
            unless(is(LARGE), &["convert_to(repeat('x', 1048576), 'UTF8')"]),
        ]
        .concat(),
        "jsonb" => vec!["'null'", "'\"KING\"'", "'7'", "jsonb_build_array(repeat('x', 1048576))"],
        "int4multirange" => vec![
            "'{}'",
            "'{[-1,2)}'",
            "'{[0,)}'",
            "(SELECT range_agg(int4range(2 * x, 2 * x + 1)) FROM generate_series(0, 600000) AS x)",
        ],
        "json" => unless(is(ANY_JSON), &["'null'"]),
        "uuid" | "bool" | "pg_snapshot" => Vec::new(),
        other => panic!("{place} is {other}: say what to try"),
    }
}

async fn accepts(db: &mut PgConnection, table: &str, column: &str, value: &str) -> bool {
    let mut tx = db.begin().await.unwrap();
    // Of the checks alone; what triggers refuse is another test's.
    let off = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
    sqlx::query(AssertSqlSafe(off)).execute(&mut *tx).await.unwrap();
    let write =
        format!("UPDATE {table} SET {column} = {value} WHERE ctid = (SELECT ctid FROM {table} LIMIT 1)");
    match sqlx::query(AssertSqlSafe(write)).execute(&mut *tx).await {
        Ok(done) => {
            assert_eq!(done.rows_affected(), 1, "{table} has no row to try this with");
            true
        }
        Err(error) => {
            let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
            // A check, a foreign key, NOT NULL, a value that the type itself refuses, or an index that it is too long for.
            let refused = ["23514", "23503", "23502", "22008", "22003", "22007", "54000"];
            assert!(code.is_some_and(|code| refused.contains(&code.as_str())), "{table}.{column}: {error}");
            false
        }
    }
}

#[tokio::test]
async fn no_column_takes_what_a_reader_cannot_bear() {
    let cast = everything().await;
    let mut owner = cast.world.owner().await;
    let columns: Vec<(String, String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut owner).await.unwrap();
    assert!(columns.len() > 200, "{}", columns.len());
    let (mut taken, mut tried) = (Vec::new(), 0);
    for (table, column, kind) in &columns {
        let place = format!("{table}.{column}");
        for value in tries(&place, kind) {
            tried += 1;
            if accepts(&mut owner, table, column, value).await {
                taken.push(format!("{place} takes {value}"));
            }
        }
    }
    assert!(taken.is_empty(), "{} of {tried}: {taken:#?}", taken.len());
    assert!(tried > 600, "{tried}");
    // What stands in the lists above is there still.
    let places: Vec<_> = columns.iter().map(|(table, column, _)| format!("{table}.{column}")).collect();
    let lists = [FREE, WORDS, LARGE, MAY_BE_EMPTY, ANY_LARGE, ANY_JSON].concat();
    let gone: Vec<_> = lists.iter().filter(|name| !places.iter().any(|place| place == *name)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

/// A count that somebody brought to its end could not be counted on, and whoever changes the row next would fail.
#[tokio::test]
async fn versions_begin_with_one_and_rise_by_one() {
    let cast = everything().await;
    let world = &cast.world;
    world.tampers();
    let mut owner = world.owner().await;
    let counted = "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
        WHERE c.relnamespace = 'public'::regnamespace AND a.attname = 'version' \
        AND has_column_privilege('gerbang_gateway', c.oid, a.attnum, 'UPDATE') ORDER BY 1";
    let counted: Vec<String> = sqlx::query_scalar(counted).fetch_all(&mut owner).await.unwrap();
    assert!(counted.len() >= 11, "{counted:?}");
    for table in counted {
        for (change, may) in
            [("version + 1", true), ("version", true), ("version + 2", false), ("version - 1", false)]
        {
            let mut tx = owner.begin().await.unwrap();
            let write = format!(
                "UPDATE {table} SET version = {change} WHERE ctid = (SELECT ctid FROM {table} LIMIT 1)"
            );
            let done = sqlx::query(AssertSqlSafe(write)).execute(&mut *tx).await;
            assert_eq!(done.is_ok(), may, "{table}: {change}");
        }
    }
    let begun = "INSERT INTO agency (code, kind, tier, names, time_zone, state, version, created_at) VALUES ('lain', 'NGO', \
        'NONE', '[]', 'Asia/Jakarta', 'ACTIVE', 999999999999, '2026-01-01T00:00:00Z')";
    let refused = sqlx::query(begun).execute(&mut world.runtime().await).await.unwrap_err().to_string();
    assert!(refused.contains("out of turn"), "{refused}");
}

/// Codes, zones and uids are as long as they may be, and no longer: each check takes exactly what the pattern takes that says
/// so in one.
#[tokio::test]
async fn checks_of_texts_take_what_their_patterns_say() {
    let world = World::start().await;
    let mut owner = world.owner().await;
    let patterns = [
        ("'^[a-z][a-z0-9-]*$'", "^[a-z][a-z0-9-]{1,39}$", 17),
        ("'^[A-Za-z0-9_+/-]*$'", "^[A-Za-z0-9_+/-]{1,60}$", 4),
        ("'^[!-~]*$'", "^[!-~]{1,255}$", 2),
    ];
    let mut texts: Vec<_> = [
        "", "a", "1b", "-b", "a-", "a_b", "aB", "AB", "a b", "ab\n", "\nab", "\u{e9}b", "a\u{e9}", "a@b",
        "a+/_",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.extend([2, 39, 40, 41, 59, 60, 61, 254, 255, 256].map(|length| "a".repeat(length)));
    for (pattern, whole, columns) in patterns {
        let checks = "SELECT a.attname::text, pg_get_expr(c.conbin, c.conrelid) FROM pg_constraint c \
                        JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] \
                       WHERE c.contype = 'c' AND strpos(pg_get_expr(c.conbin, c.conrelid), $1) > 0";
        let checks = sqlx::query_as::<_, (String, String)>(checks).bind(pattern);
        let checks = checks.fetch_all(&mut owner).await.unwrap();
        assert_eq!(checks.len(), columns, "{pattern}");
        for (column, check) in checks {
            let differing = format!(
                "SELECT {column} FROM unnest($1::text[]) AS one ({column}) WHERE ({check}) IS DISTINCT FROM ({column} ~ $2)"
            );
            let differing =
                sqlx::query_scalar::<_, String>(AssertSqlSafe(differing)).bind(&texts).bind(whole);
            assert_eq!(differing.fetch_all(&mut owner).await.unwrap(), [""; 0], "{column}: {check}");
        }
    }
    let lists = "SELECT is_list(l::text[], 2, 3) FROM (VALUES (1, '{}'), (2, '{abc,d}'), (3, '{a,b,c}'), (4, '{a,abcd}'), (5, '{a,NULL}'), \
                        (6, '{{a},{b}}'), (7, '[0:1]={a,b}'), (8, NULL)) AS lists (n, l) ORDER BY n";
    let lists = sqlx::query_scalar::<_, Option<bool>>(lists).fetch_all(&mut owner).await.unwrap();
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(lists, [yes, yes, no, no, no, no, no, None]);
}

/// A constraint that the owner takes away for a test of what stands behind it.
pub async fn drop_check(world: &World, table: &str, column: &str) {
    world.tampers();
    let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check");
    sqlx::query(AssertSqlSafe(drop)).execute(&mut world.owner().await).await.unwrap();
}
