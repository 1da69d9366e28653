//! Many rows out of few: copies of what the gateway has stored itself, with other keys and other times. Whatever columns a
//! table has by now, a copy has them as its original has.
//!
//! Nothing tells the ledger of them, so that no audit of such a database holds.

use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{
    Result,
    diary::{Diary, LEADS, OF_PROGRAMME, TRAINERS, lead},
};

/// Brings the sessions of all lead agencies up to `sessions`, each with its assignment, and with a ledger entry, its salts
/// and a remembered answer for each, as single pushes would have left them.
pub async fn fill(db: &mut PgConnection, diary: &Diary, sessions: usize) -> Result<()> {
    db.execute("SET session_replication_role = replica; SET client_min_messages = error").await?;
    for agency in 0..LEADS {
        let taken = diary.taken(agency);
        let count = (sessions / LEADS).saturating_sub(taken);
        if count > 0 {
            let from = diary.take(agency, count);
            fill_of(db, diary.first, &lead(agency), from, from + count).await?;
        }
    }
    db.execute("RESET session_replication_role").await?;
    db.execute("VACUUM ANALYZE").await?;
    Ok(())
}

/// The sessions of one agency with numbers in `from..to`; the arithmetic of times is that of [`Diary::start`].
async fn fill_of(db: &mut PgConnection, first: i64, lead: &str, from: usize, to: usize) -> Result<()> {
    let a_day = 2 * TRAINERS;
    let made = format!(
        "DROP TABLE IF EXISTS made, held; \
         CREATE TEMP TABLE held AS \
         SELECT j, gen_random_uuid() AS programme, gen_random_uuid() AS schedule, 'arsip-' || j AS ref \
           FROM generate_series({from} / {OF_PROGRAMME}, {to} / {OF_PROGRAMME}) AS j \
          WHERE NOT EXISTS (SELECT FROM programme WHERE lead = '{lead}' AND ref = 'arsip-' || j); \
         INSERT INTO held SELECT substr(p.ref, 7)::int, p.id, s.id, p.ref \
           FROM programme p JOIN schedule s ON s.programme = p.id \
          WHERE p.lead = '{lead}' AND p.ref = 'arsip-' || ({from} / {OF_PROGRAMME}); \
         CREATE TEMP TABLE made AS \
         SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS entry, 's-' || n AS uid, 's-' || n % {TRAINERS} AS of, \
                n / {OF_PROGRAMME} AS j, \
                to_timestamp({first} + n / {a_day} * 86400 \
                             + (n % {TRAINERS} % 6 + 6 * (n / {TRAINERS} % 2)) * 3600) AS starts_at \
           FROM generate_series({from}, {to} - 1) AS n; \
         ANALYZE made"
    );
    db.execute(AssertSqlSafe(made)).await?;
    let new = format!("NOT EXISTS (SELECT FROM programme p WHERE p.lead = '{lead}' AND p.ref = h.ref)");
    copy(
        db,
        "programme",
        &format!(
            "SELECT t, jsonb_build_object('id', h.programme, 'ref', h.ref) \
           FROM held h JOIN programme t ON t.lead = '{lead}' AND t.ref = 'p-0' WHERE {new}"
        ),
    )
    .await?;
    copy(
        db,
        "schedule",
        &format!(
            "SELECT t, jsonb_build_object('id', h.schedule, 'ref', h.ref, 'programme', h.programme) \
           FROM held h JOIN schedule t ON t.lead = '{lead}' AND t.ref = 'p-0' \
          WHERE NOT EXISTS (SELECT FROM schedule s WHERE s.id = h.schedule)"
        ),
    )
    .await?;
    let times = "'starts_at', m.starts_at, 'ends_at', m.starts_at + interval '1 hour'";
    copy(db, "session", &format!(
        "SELECT t, jsonb_build_object('id', m.id, 'uid', m.uid, {times}, 'programme', h.programme, 'programme_ref', h.ref, \
                                      'schedule', h.schedule, 'schedule_ref', h.ref) \
           FROM made m JOIN held h USING (j) JOIN session t ON t.lead = '{lead}' AND t.uid = m.of"
    )).await?;
    copy(db, "assignment", &format!(
        "SELECT t, jsonb_build_object('id', gen_random_uuid(), 'session', m.id, 'session_uid', m.uid, {times}) \
           FROM made m JOIN session s ON s.lead = '{lead}' AND s.uid = m.of JOIN assignment t ON t.session = s.id"
    )).await?;
    remembered(db).await
}

/// A ledger entry, two salts and a remembered answer for each session of `made`.
async fn remembered(db: &mut PgConnection) -> Result<()> {
    // Of a push of one session with one trainer, and not of a batch, whose entry is a thousand times as long.
    let entry = "(SELECT id FROM ledger_entry WHERE position('PushSchedule'::bytea IN leaf) > 0 \
                   AND (SELECT count(*) FROM ledger_salt WHERE entry = id) = 2 ORDER BY append_no LIMIT 1)";
    copy(db, "ledger_entry", &format!(
        "SELECT t, jsonb_build_object('id', m.entry) FROM made m CROSS JOIN ledger_entry t WHERE t.id = {entry}"
    )).await?;
    copy(db, "ledger_salt",
        "SELECT t, jsonb_build_object('entry', m.entry, 'line', line) \
           FROM made m CROSS JOIN generate_series(0, 1) AS line CROSS JOIN (SELECT s FROM ledger_salt s LIMIT 1) o (t)"
    ).await?;
    copy(
        db,
        "replay",
        &format!(
            "SELECT t, jsonb_build_object('request_id', m.entry) FROM made m \
              CROSS JOIN (SELECT r FROM replay r WHERE r.xmin = (SELECT xmin FROM ledger_entry WHERE id = {entry}) LIMIT 1) o (t)"
        ),
    )
    .await
}

/// Inserts copies: `rows` asks for the originals as composite values and for what is different, a jsonb object.
pub async fn copy(db: &mut PgConnection, table: &str, rows: &str) -> Result<()> {
    let columns = columns(db, table).await?.join(", ");
    let taken = columns.replace(", ", ", r.");
    let insert = format!(
        "INSERT INTO {table} ({columns}) SELECT r.{taken} FROM ({rows}) AS o (original, changes), \
         LATERAL jsonb_populate_record(o.original::{table}, o.changes) AS r"
    );
    db.execute(AssertSqlSafe(insert)).await?;
    Ok(())
}

/// The columns that are written: not those that the database makes itself.
pub async fn columns(db: &mut PgConnection, table: &str) -> Result<Vec<String>> {
    let ask = "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 \
               AND NOT attisdropped AND attgenerated = '' AND attidentity = '' ORDER BY attnum";
    Ok(sqlx::query_scalar(ask).bind(table).fetch_all(db).await?)
}
