//! Lists of what entries tell, behind the ledger's order: by whom trainees were seen, which entries tell of a session, and which of a
//! trainee's record. They are made
//! of the leaves alone, so that a report reads its own entries and no others.

use futures_util::TryStreamExt;
use sqlx::PgConnection;

use super::Error;
use crate::ledger::{Entry, disclosure, erasure, feed};

/// The most entries that are looked at in one transaction, and the most bytes of their leaves, but for one that is larger.
const ENTRIES_MAX: i64 = 1_000;
const LEAVES_MAX: usize = 4 << 20;

/// What entries tell, as columns.
#[derive(Default)]
struct Told {
    enrolments: Vec<Vec<u8>>,
    own_reads: Vec<bool>,
    shown_at: Vec<i64>,
    sessions: Vec<String>,
    changed_at: Vec<i64>,
    lines: Vec<i32>,
    versions: Vec<i64>,
    agencies: Vec<Option<String>>,
    trainees: Vec<Vec<u8>>,
    told_at: Vec<i64>,
}

impl Told {
    /// Adds what the entry at a place tells.
    fn add(&mut self, index: i64, entry: &Entry) {
        for (enrolment, is_own) in disclosure::rows(entry) {
            self.enrolments.push(enrolment.as_bytes().to_vec());
            self.own_reads.push(is_own);
            self.shown_at.push(index);
        }
        for (number, line) in feed::of_sessions(entry) {
            self.sessions.push(line.resource.clone());
            self.changed_at.push(index);
            self.lines.push(number);
            self.versions.push(line.version);
            self.agencies.push(Some(entry.agency.clone()).filter(|agency| !agency.is_empty()));
        }
        for trainee in erasure::trainees(entry) {
            self.trainees.push(trainee.as_bytes().to_vec());
            self.told_at.push(index);
        }
    }
}

/// Lists what the entries tell that come next in the ledger's order, for the keeper. How many entries these were, and whether there are
/// more. Three round trips, one where there is nothing new; of two gateways at once, one waits for the other.
pub async fn list_next(db: &mut PgConnection) -> Result<(i64, bool), Error> {
    let listed = sqlx::query!(
        r#"SELECT least(l.size, l.sessions_size, l.trainees_size) AS "size!", (SELECT max(b.tree_size) FROM ledger_batch b) AS "tree_size!",
                  -- Plans that were made while the log was empty would read all of it.
                  set_config('enable_seqscan', 'off', true) AS scans, set_config('enable_hashjoin', 'off', true) AS hashes,
                  set_config('enable_mergejoin', 'off', true) AS merges,
                  -- A leaf may tell of a hundred thousand persons.
                  set_config('statement_timeout', '300s', true) AS takes
             FROM ledger_listing l FOR UPDATE OF l"#
    );
    let listed = listed.fetch_one(&mut *db).await?;
    let mut end = listed.tree_size.min(listed.size + ENTRIES_MAX);
    if end <= listed.size {
        return Ok((0, false));
    }
    let (mut told, mut bytes) = (Told::default(), 0);
    let leaves = sqlx::query!(
        "SELECT i.index, e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry
          WHERE i.index >= $1 AND i.index < $2 ORDER BY i.index",
        listed.size,
        end
    );
    let mut leaves = leaves.fetch(&mut *db);
    while let Some(row) = leaves.try_next().await? {
        // Of what does not read, the audit tells.
        if let Ok(entry) = Entry::read(&row.leaf) {
            told.add(row.index, &entry);
        }
        bytes += row.leaf.len();
        if bytes >= LEAVES_MAX {
            end = row.index + 1;
            break;
        }
    }
    drop(leaves);
    put(db, &told, end).await?;
    Ok((end - listed.size, end < listed.tree_size))
}

/// Puts into the lists what the entries up to a place tell; what is in them already stays.
async fn put(db: &mut PgConnection, told: &Told, end: i64) -> Result<(), Error> {
    sqlx::query!(
        "WITH shown AS (
             INSERT INTO ledger_disclosure (enrolment, own_read, index)
             SELECT x.enrolment, x.own_read, x.index
               FROM unnest($1::bytea[], $2::bool[], $3::int8[]) AS x (enrolment, own_read, index)
             ON CONFLICT DO NOTHING
         ), changed AS (
             INSERT INTO ledger_session (session, index, line, version, agency)
             SELECT y.session, y.index, y.line, y.version, y.agency
               FROM unnest($4::text[], $5::int8[], $6::int4[], $7::int8[], $8::text[])
                    AS y (session, index, line, version, agency)
             ON CONFLICT DO NOTHING
         ), recorded AS (
             INSERT INTO ledger_trainee (trainee, index)
             SELECT z.trainee, z.index FROM unnest($10::bytea[], $11::int8[]) AS z (trainee, index)
             ON CONFLICT DO NOTHING
         )
         UPDATE ledger_listing l SET size = greatest(l.size, $9), sessions_size = greatest(l.sessions_size, $9),
                trainees_size = greatest(l.trainees_size, $9)",
        &told.enrolments,
        &told.own_reads,
        &told.shown_at,
        &told.sessions,
        &told.changed_at,
        &told.lines,
        &told.versions,
        &told.agencies as &[Option<String>],
        end,
        &told.trainees,
        &told.told_at
    )
    .execute(db)
    .await?;
    Ok(())
}
