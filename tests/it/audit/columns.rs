//! Every column that a runtime role may write, changed by hand to another value that the database takes: the audit names the
//! row, or the column is on a list of those that nothing hangs on, with the reason.

use gerbang::{
    domain::outside::Clock,
    store::audit::{self, Finding},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};

use super::{UNTOLD, everything, snapshot};
use crate::{cast::Cast, roles::bounds::COLUMNS};

const FILE: &str = "words for the file, which nothing reads but who asks for them";
const ONCE: &str = "written with the row and by no role after: whoever forges it forges a whole row, which is told of or found";
const LIST: &str = "the list's bytes say it, and are told of";

const NEXT: &str = "where the sequencer goes on: what it leaves out by a false one is found";

/// Columns that the audit need not see, and why.
const FREE: &[(&str, &str)] = &[
    ("agency.created_at", ONCE),
    ("agreement.created_at", ONCE),
    ("agreement.note", "written by earlier programs alone, who told of no note"),
    ("assignment.created_at", ONCE),
    ("certificate.created_at", "sorts an inventory; the bytes of the certificate say from when it is good"),
    ("certificate_order.created_at", ONCE),
    ("certificate_order.note", FILE),
    ("crl.revoked", LIST),
    ("crl.this_update", LIST),
    ("enrolment.created_at", ONCE),
    ("enrolment.id", "a key to which nothing points"),
    ("enrolment.trainee", "likewise written once; a person of another prison is found"),
    ("facility.created_at", ONCE),
    ("facility.id", "a key to which nothing points"),
    ("issuance.changed_at", "when the signer took its last step, which is told of in the entry of that time"),
    ("issuance.recorded_at", "when the signer took its first step, likewise"),
    ("issuance.to_be_signed", "the signer's own draft: what it signed is the certificate"),
    ("ledger_batch.cluster", NEXT),
    ("ledger_batch.indexed_at", "the sequencer's clock, for who asks how late entries had their places"),
    ("ledger_batch.snapshot", NEXT),
    ("order_approval.approved_at", ONCE),
    (
        "order_approval.approver",
        "the statement, which is told of, is signed by that administrator, as the signer checks",
    ),
    ("order_approval.certificate", "likewise"),
    ("order_approval.signature", "likewise"),
    ("programme.created_at", ONCE),
    ("revocation.note", FILE),
    ("revocation.revoker", "for the file; the entry of the ledger says who it was"),
    ("schedule.created_at", ONCE),
    ("session.created_at", ONCE),
    (
        "session.sequence",
        "counts pushes that changed nothing too, of which no line tells; too high, it makes the next push stale, which sees it",
    ),
    ("system.created_at", ONCE),
    ("trainee.created_at", ONCE),
    ("trainer.created_at", ONCE),
    ("trainer.nik_key", ONCE),
    ("trainer.nip_key", ONCE),
    ("trainer_claim.created_at", ONCE),
    ("vault_key.created_at", ONCE),
];

/// What a document says otherwise, where any other document would not do.
const DOCUMENTS: &[(&str, &str)] = &[
    ("agency.names", "jsonb_set(names, '{0,display_name}', '\"Lain\"')"),
    ("agreement.remarks", "jsonb_set(remarks, '{0,note}', '\"Lain\"')"),
    ("agreement.terms", "jsonb_set(terms, '{title}', '\"Lain\"')"),
    ("ledger_cosignature.note", "translate(note, 'abc', 'bca')"),
    ("facility.equipment", "equipment || '[{\"name\": \"Lain\", \"quantity\": 1}]'"),
    ("programme.plan", "jsonb_set(plan, '{capacity}', '99')"),
    ("session.trainers", "'[]'"),
    ("trainer.competences", "'[]'"),
];

/// Columns that cannot be changed by themselves: keys and constraints hold them.
const HELD: &[&str] = &[
    "agreement.id",
    "certificate.sha256",
    "certificate.system",
    "certificate_order.id",
    "collection.certificate",
    "facility.prison",
    "facility.ref",
    "first_sighting.certificate",
    "issuance.certificate_order",
    "ledger_batch.first_index",
    "ledger_entry.id",
    "ledger_salt.entry",
    "legal_hold.prison",
    "order_approval.certificate_order",
    "programme.id",
    "schedule.id",
    "session.id",
    "session.prison",
    "sighting.certificate",
    "signer_beat.only_one",
    "system.agency",
    "system.proposed_role",
    "system.proposer",
    "system.retired_at",
    "system.system",
    "trainee.id",
    "trainer.id",
    "trainer_claim.state",
    "used_statement.certificate_order",
    "vault_check.purpose",
    "vault_key.purpose",
];

/// Words of the closed lists, codes and names.
const WORDS: &str = "INACTIVE SUSPENDED PENDING CONFIRMED TENTATIVE CLEARED LEFT MAINTENANCE ADMINISTRATOR DOOR PRISON EXTERNAL \
    INTERNAL COMPANY CITY GREENHOUSE ASSISTANT LEAD AGREED PROPOSED SIGNATURE KEMITRAAN FUNCTIONAL CANCELLED OPEN SUPERSEDED \
    KEY_COMPROMISE SECURITY RETIRED CSR RENEWAL ISSUED REJECTED NIK dkp-kepri blk-kepri operator lain agencies/blk-kepri/systems/jadwal";

/// Values to try, until one is another than the row's and the database takes it.
fn others(table: &str, column: &str, kind: &str) -> Vec<String> {
    let place = format!("{table}.{column}");
    if let Some((_, value)) = DOCUMENTS.iter().find(|(one, _)| *one == place) {
        return vec![(*value).to_owned()];
    }
    let another = |of: &str, column: &str| {
        format!("(SELECT o.{column} FROM {of} o WHERE o.{column} <> {place} ORDER BY 1 LIMIT 1)")
    };
    match kind {
        "timestamptz" => vec![
            format!("{place} + interval '1 minute'"),
            format!("{place} - interval '1 minute'"),
            "'2026-03-05T00:00:00Z'".to_owned(),
        ],
        "date" => vec![format!("{place} + 1"), "'2026-03-05'".to_owned()],
        "pg_snapshot" => vec!["pg_current_snapshot()".to_owned()],
        // The double too, which has as many ones: so many hashes has the frontier of a tree of that size.
        "int2" | "int4" | "int8" => {
            vec![format!("{place} + 1"), format!("{place} - 1"), format!("{place} * 2")]
        }
        "bool" => vec![format!("NOT {place}")],
        "text" if column == "time_zone" => vec!["'Asia/Jayapura'".to_owned()],
        "text" => {
            let words = WORDS.split_whitespace().map(|word| format!("'{word}'"));
            [format!("{place} || 'x'"), another(table, column)].into_iter().chain(words).collect()
        }
        "_text" => vec![format!("{place} || ARRAY['lain']")],
        "bytea" => vec![
            format!("{place} || '\\x00'"),
            "decode(repeat('00', 32), 'hex')".to_owned(),
            "decode(repeat('11', 16), 'hex')".to_owned(),
            another(table, column),
            format!("overlay({place} PLACING '\\x00' FROM 1)"),
        ],
        "uuid" => {
            let keys =
                ["agreement", "programme", "schedule", "session", "trainer", "trainee", "certificate_order"];
            let others = keys.map(|of| another(of, "id"));
            ["gen_random_uuid()".to_owned(), another(table, column)].into_iter().chain(others).collect()
        }
        "int4multirange" => vec!["'{[0,1)}'".to_owned(), "'{[1,2)}'".to_owned()],
        "json" => vec!["'{}'::json".to_owned()],
        other => panic!("{place} is {other}: say what else it may be"),
    }
}

/// The id of the copies, by which they are told from the fixture's rows.
const COPY: &str = "00000000-0000-7000-8000-00000000abcd";

/// Rows beside those of the fixture, for keys to point to.
const COPIES: &[(&str, &str)] = &[
    ("programme", "'ref', 'lain'"),
    ("schedule", "'ref', 'lain'"),
    ("session", "'uid', 'lain', 'state', 'CANCELLED'"),
    ("trainer", "'ref', 'lain'"),
    ("trainee", "'ref', '\\x00000000000000000000000000000000'"),
    ("facility", "'ref', 'lain'"),
];

/// Begins a transaction of one moment, in which the copies stand.
async fn with_copies(db: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut tx = snapshot(db).await;
    for (table, but) in COPIES {
        let copy = format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(one) || jsonb_build_object('version', 1, \
                'id', '{COPY}', {but}))).* FROM (SELECT * FROM {table} ORDER BY ctid LIMIT 1) AS one"
        );
        sqlx::query(AssertSqlSafe(copy)).execute(&mut *tx).await.unwrap();
    }
    tx
}

/// What the audit says of another value, where the database takes one.
async fn changed(
    cast: &Cast,
    db: &mut PgConnection,
    table: &str,
    column: &str,
    kind: &str,
) -> Option<Vec<Finding>> {
    let mut tx = with_copies(db).await;
    let off = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
    sqlx::query(AssertSqlSafe(off)).execute(&mut *tx).await.unwrap();
    // Rows lie where there was room, and a batch that another goes on from is held by it.
    let last = if table == "ledger_batch" { "tree_size" } else { "ctid" };
    for value in others(table, column, kind) {
        let mut point = tx.begin().await.unwrap();
        let write = format!(
            "UPDATE {table} SET {column} = {value} WHERE ctid = \
                (SELECT ctid FROM {table} WHERE {column}::text IS DISTINCT FROM ({value})::text AND NOT {table}::text ~ 'lain|{COPY}' ORDER BY {last} DESC LIMIT 1)"
        );
        let done = sqlx::query(AssertSqlSafe(write)).execute(&mut *point).await;
        if done.is_ok_and(|done| done.rows_affected() == 1) {
            let report = audit::rows(&mut point, Some(&cast.world.keys), cast.world.clock.now()).await;
            return Some(report.unwrap().findings);
        }
        point.rollback().await.unwrap();
    }
    None
}

#[tokio::test]
async fn a_change_by_hand_to_any_column_is_found_or_matters_to_nobody() {
    let cast = everything().await;
    let mut owner = cast.world.owner().await;
    let columns: Vec<(String, String, String)> = sqlx::query_as(COLUMNS).fetch_all(&mut owner).await.unwrap();
    let copies = {
        let mut tx = with_copies(&mut owner).await;
        audit::rows(&mut tx, Some(&cast.world.keys), cast.world.clock.now()).await.unwrap().findings
    };
    let (mut unseen, mut held, mut seen) = (Vec::new(), Vec::new(), 0);
    for (table, column, kind) in &columns {
        let place = format!("{table}.{column}");
        match changed(&cast, &mut owner, table, column, kind).await {
            None => held.push(place),
            Some(findings) if findings.iter().all(|found| copies.contains(found)) => unseen.push(place),
            Some(_) => seen += 1,
        }
    }
    // The other entry is the first by an id that is random: it has that line, or the audit finds a salt of no line.
    held.retain(|place| place != "ledger_sealed_salt.entry");
    let untold = |place: &str| UNTOLD.iter().any(|(table, _)| place.starts_with(&format!("{table}.")));
    let free = |place: &str| untold(place) || FREE.iter().any(|(one, _)| *one == place);
    let matters: Vec<_> = unseen.iter().filter(|place| !free(place)).collect();
    let stale: Vec<_> =
        FREE.iter().map(|(place, _)| *place).filter(|place| !unseen.iter().any(|one| one == place)).collect();
    assert!(
        matters.is_empty() && stale.is_empty() && held == HELD,
        "the audit does not see {matters:#?}; not free: {stale:#?}; held by constraints: {held:#?}"
    );
    assert!(seen > 120, "{seen}");
}
