//! Who was shown whom: the entries of the ledger by which personal data of trainees were shown. The keeper lists them
//! ([`super::listing`]); a prison is told of its own trainees, by functions that show no others'.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Error,
    change::{self, BYTES_MAX, Row, Told},
    from_row, to_row,
};

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
