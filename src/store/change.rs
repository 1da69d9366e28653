//! What has changed of what a caller may see: its part of the ledger. No table is read but by a function that shows a caller its own
//! entries.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{
    Entered, Error, Question,
    registry::{ask_as_caller, entered_row},
    to_row,
};
use crate::{
    domain::{AgencyCode, access::Fingerprint, change::Cursor},
    ledger::{Entry, tree::Hash},
};

/// The most bytes of leaves that are read at a time, but for one that is larger.
pub(super) const BYTES_MAX: i32 = 4 << 20;

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "told_entry")]
pub(super) struct Row {
    index: i64,
    leaf_hash: Vec<u8>,
    leaf: Vec<u8>,
}

/// An entry of which the caller is told some lines.
pub struct Told {
    /// Its place in the ledger, from 0.
    pub index: i64,
    /// The hash of its leaf.
    pub leaf: Hash,
    /// The entry, with lines of others too.
    pub entry: Entry,
}

/// A part of the ledger, as far as the caller sees it.
pub struct Part {
    /// The place and the leaf of the last entry that there is; `None` in an empty ledger.
    pub end: Option<(i64, Hash)>,
    /// The leaf of the cursor's entry; `None` where there is no such entry, or no cursor.
    pub at_cursor: Option<Hash>,
    /// The entries, by their places.
    pub entries: Vec<Told>,
    /// Whether there are further ones.
    pub more: bool,
}

/// The question for the entries of which the caller, or everybody, sees some lines. One round trip.
pub struct Changes {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// What the caller has dealt with. Its entry is read again where some of its lines are left.
    pub after: Option<Cursor>,
    /// Without a cursor: begins with what has had its place since then. Without either, with the first entry.
    pub since: Option<Timestamp>,
    /// The most entries.
    pub entries_max: i32,
}

impl Question for Changes {
    type Answer = (Option<Entered>, Option<Part>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let row = ask_as_caller!(
            db,
            r#"q.tree_size AS "tree_size!", q.last_hash, q.cursor_hash, q.more AS "more!", q.entries AS "entries!: Vec<Row>"
               FROM (SELECT c AS caller, p.* FROM let_in($1) AS c
                      CROSS JOIN LATERAL changes_of_caller(c.agency, $2, $3, $4, $5, $6) AS p) AS q"#,
            &self.fingerprint[..],
            self.after.map(|cursor| cursor.index),
            self.after.map(Cursor::next_index),
            self.since.map(to_row) as Option<OffsetDateTime>,
            self.entries_max,
            BYTES_MAX
        );
        let Some(row) = row else { return Ok((None, None)) };
        let entered: Entered = entered_row!(row).try_into()?;
        let last = row.last_hash.map(hash).transpose()?;
        let part = Part {
            end: last.map(|last| (row.tree_size - 1, last)),
            at_cursor: row.cursor_hash.map(hash).transpose()?,
            entries: row.entries.into_iter().map(told).collect::<Result<_, _>>()?,
            more: row.more,
        };
        Ok((Some(entered), Some(part)))
    }
}

/// Where a cursor of the caller's agency is: the leaf of its entry, and the entry itself where the cursor is behind one of its lines.
pub struct At {
    /// `None` where there is no such entry.
    pub leaf: Option<Hash>,
    /// `None` behind the whole entry, and where the agency sees nothing of it.
    pub told: Option<Told>,
}

/// Finds where a cursor of the caller's agency is. One round trip.
pub async fn at(db: &mut PgConnection, agency: &AgencyCode, cursor: Cursor) -> Result<At, Error> {
    // Behind a whole entry, the next one is not of interest.
    let entries_max = i32::from(cursor.line != Cursor::ALL);
    let row = sqlx::query!(
        r#"SELECT cursor_hash, entries AS "entries!: Vec<Row>" FROM changes_of_caller($1, $2, $3, NULL, $4, $5)"#,
        agency.as_str(),
        cursor.index,
        cursor.next_index(),
        entries_max,
        BYTES_MAX
    );
    let row = row.fetch_one(db).await?;
    let at_cursor = row.entries.into_iter().find(|row| row.index == cursor.index);
    Ok(At { leaf: row.cursor_hash.map(hash).transpose()?, told: at_cursor.map(told).transpose()? })
}

fn hash(bytes: Vec<u8>) -> Result<Hash, Error> {
    bytes.try_into().map_err(|_| Error::internal("a hash of another length"))
}

/// The entries of these rows, but for those that do not read; and the place of the last row, readable or not.
pub(super) fn readable(rows: Vec<Row>) -> (Vec<Told>, Option<i64>) {
    let last = rows.last().map(|row| row.index);
    let read = |row| told(row).inspect_err(|error| tracing::error!(%error, "an entry does not read")).ok();
    (rows.into_iter().filter_map(read).collect(), last)
}

/// The feed has no rows of an entry that does not read.
fn told(row: Row) -> Result<Told, Error> {
    let entry = Entry::read(&row.leaf).map_err(Error::internal)?;
    Ok(Told { index: row.index, leaf: hash(row.leaf_hash)?, entry })
}
