//! Who was shown whom: the entries of the ledger by which personal data of trainees were shown. The keeper lists them behind the
//! ledger's order; a prison is told of its own trainees, by functions that show no others'.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Error,
    change::{self, BYTES_MAX, Row, Told},
    from_row, to_row,
};
use crate::ledger::{Entry, disclosure};

/// Entries of which something was shown, from a place on.
pub struct Shown {
    /// The entries, by their places, but for those that do not read.
    pub entries: Vec<Told>,
    /// Where there are further ones: the place of the last that was looked at.
    pub more: Option<i64>,
}

impl Shown {
    fn of(rows: Vec<Row>, more: bool) -> Self {
        let (entries, last) = change::readable(rows);
        Self { entries, more: last.filter(|_| more) }
    }
}

/// How far disclosures are listed.
pub struct Listing {
    /// Of how many entries of the ledger.
    pub size: i64,
    /// When these had got their places.
    pub until: Timestamp,
}

/// Lists the entries from a place on by which something of a trainee of the caller's own was shown, at most so many: to other
/// agencies, and to the prison itself where that is asked for.
pub async fn list_of_trainee(
    db: &mut PgConnection,
    trainee: Uuid,
    own_reads: bool,
    from: i64,
    entries_max: i64,
) -> Result<(Listing, Shown), Error> {
    let row = sqlx::query!(
        r#"SELECT size AS "size!", indexed_at AS "indexed_at!", entries AS "entries!: Vec<Row>", more AS "more!"
             FROM disclosures_of_trainee($1, $2, $3, $4, $5)"#,
        trainee,
        own_reads,
        from,
        i32::try_from(entries_max).unwrap_or(i32::MAX),
        BYTES_MAX
    );
    let row = row.fetch_one(db).await?;
    let listing = Listing { size: row.size, until: from_row(row.indexed_at) };
    Ok((listing, Shown::of(row.entries, row.more)))
}

/// Lists the entries from a place on, of those that were recorded in a range, by which something of the caller's own trainees was
/// shown, at most so many: to other agencies, or to the prison itself.
pub async fn list_of_prison(
    db: &mut PgConnection,
    own_reads: bool,
    from: i64,
    (start, end): (Option<Timestamp>, Option<Timestamp>),
    entries_max: i32,
) -> Result<(Listing, Shown), Error> {
    let row = sqlx::query!(
        r#"SELECT size AS "size!", indexed_at AS "indexed_at!", entries AS "entries!: Vec<Row>", more AS "more!"
             FROM disclosures_within($1, $2, $3, $4, $5, $6)"#,
        own_reads,
        from,
        start.map(to_row) as Option<OffsetDateTime>,
        end.map(to_row) as Option<OffsetDateTime>,
        entries_max,
        BYTES_MAX
    );
    let row = row.fetch_one(db).await?;
    let listing = Listing { size: row.size, until: from_row(row.indexed_at) };
    Ok((listing, Shown::of(row.entries, row.more)))
}

/// The most entries that are looked at in one transaction, and the most bytes of their leaves, but for one that is larger.
const ENTRIES_MAX: i64 = 1_000;
const LEAVES_MAX: usize = 4 << 20;

/// Lists the disclosures of the entries that come next in the ledger's order, for the keeper. How many entries these were, and
/// whether there are more. Three round trips, one where there is nothing new; of two gateways at once, one waits for the other.
pub async fn list_next(db: &mut PgConnection) -> Result<(i64, bool), Error> {
    let listed = sqlx::query!(
        r#"SELECT l.size, (SELECT max(b.tree_size) FROM ledger_batch b) AS "tree_size!",
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
    let mut bytes = 0;
    let (mut enrolments, mut own_reads, mut places) = (Vec::new(), Vec::new(), Vec::new());
    let leaves = sqlx::query!(
        "SELECT i.index, e.leaf FROM ledger_index i JOIN ledger_entry e ON e.id = i.entry
          WHERE i.index >= $1 AND i.index < $2 ORDER BY i.index",
        listed.size,
        end
    );
    let mut leaves = leaves.fetch(&mut *db);
    while let Some(row) = leaves.try_next().await? {
        // Of what does not read, the audit tells.
        for (enrolment, is_own) in Entry::read(&row.leaf).as_ref().map(disclosure::rows).unwrap_or_default() {
            enrolments.push(enrolment.as_bytes().to_vec());
            own_reads.push(is_own);
            places.push(row.index);
        }
        bytes += row.leaf.len();
        if bytes >= LEAVES_MAX {
            end = row.index + 1;
            break;
        }
    }
    drop(leaves);
    sqlx::query!(
        "WITH listed AS (
             INSERT INTO ledger_disclosure (enrolment, own_read, index)
             SELECT x.enrolment, x.own_read, x.index
               FROM unnest($1::bytea[], $2::bool[], $3::int8[]) AS x (enrolment, own_read, index)
             ON CONFLICT DO NOTHING
         )
         UPDATE ledger_listing SET size = $4",
        &enrolments,
        &own_reads,
        &places,
        end
    )
    .execute(db)
    .await?;
    Ok((end - listed.size, end < listed.tree_size))
}
