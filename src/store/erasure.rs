//! Erasures of trainees: what is due, and what is left to do of those under way. For the keeper, whose role sees and changes persons by
//! this alone, and for the owner.

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, from_row, text, to_row, trainee::StoredTrainee};
use crate::domain::{
    AgencyCode,
    retention::Part,
    roster::{EnrolmentRef, TraineeRef},
};

/// A trainee, with what decides what is kept.
pub struct Kept {
    /// The trainee.
    pub trainee: StoredTrainee,
    /// When the last course ended or will end; `None` of who is on no roster.
    pub ended: Option<Timestamp>,
    /// The programmes of all courses.
    pub programmes: Vec<Uuid>,
    /// The places on their rosters.
    pub enrolments: Vec<EnrolmentRef>,
}

struct Row {
    id: Uuid,
    r#ref: Vec<u8>,
    prison: String,
    key_version: i32,
    sealed: Vec<u8>,
    withheld: bool,
    version: i64,
    held_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    programmes: Vec<Uuid>,
    enrolments: Vec<Vec<u8>>,
}

impl TryFrom<Row> for Kept {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let trainee = StoredTrainee {
            id: row.id,
            reference: text(TraineeRef::from_store(&row.r#ref))?,
            prison: AgencyCode::from_store(row.prison),
            key_version: row.key_version,
            sealed: Some(row.sealed).filter(|sealed| !sealed.is_empty()),
            withheld: row.withheld,
            held_since: row.held_at.map(from_row),
            version: row.version,
        };
        let enrolments = row.enrolments.iter().map(|bits| text(EnrolmentRef::from_store(bits)));
        let enrolments = enrolments.collect::<Result<_, _>>()?;
        Ok(Self { trainee, ended: row.ended_at.map(from_row), programmes: row.programmes, enrolments })
    }
}

/// Lists persons who have to be looked at by now, behind an id, at most so many. One round trip.
pub async fn list_due(
    db: &mut PgConnection,
    after: Uuid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let due = sqlx::query_scalar!(
        "SELECT trainee FROM retention WHERE trainee > $1 AND look_at <= $2 ORDER BY trainee LIMIT $3",
        after,
        to_row(now),
        limit
    );
    Ok(due.fetch_all(db).await?)
}

/// Locks a person's row in `retention` until the transaction ends; false where nobody is to look at the person before a later time.
/// Without a time, whenever that is. One round trip.
pub async fn lock_due(db: &mut PgConnection, id: Uuid, now: Option<Timestamp>) -> Result<bool, Error> {
    let due = sqlx::query_scalar!(
        "SELECT trainee FROM retention WHERE trainee = $1 AND look_at <= coalesce($2, look_at) FOR UPDATE",
        id,
        now.map(to_row)
    );
    Ok(due.fetch_optional(db).await?.is_some())
}

/// Finds a person. One round trip.
pub async fn find(db: &mut PgConnection, id: Uuid) -> Result<Option<Kept>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT $1::uuid AS "id!", ref AS "ref!", prison AS "prison!", key_version AS "key_version!", sealed AS "sealed!",
                  withheld AS "withheld!", version AS "version!", held_at, ended_at,
                  coalesce(programmes, '{}') AS "programmes!", coalesce(enrolments, '{}') AS "enrolments!"
             FROM trainee_kept($1) WHERE ref IS NOT NULL"#,
        id
    );
    row.fetch_optional(db).await?.map(Kept::try_from).transpose()
}

/// Lists persons of whom something is known, behind an id, at most so many: for the owner, whom no policy binds. One round trip.
pub async fn list(db: &mut PgConnection, after: Uuid, limit: i64) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT t.id, k.ref AS "ref!", k.prison AS "prison!", k.key_version AS "key_version!", k.sealed AS "sealed!",
                  k.withheld AS "withheld!", k.version AS "version!", k.held_at, k.ended_at,
                  coalesce(k.programmes, '{}') AS "programmes!", coalesce(k.enrolments, '{}') AS "enrolments!"
             FROM (SELECT id FROM trainee WHERE id > $1 AND octet_length(sealed) > 0 ORDER BY id LIMIT $2) AS t
            CROSS JOIN LATERAL trainee_kept(t.id) k ORDER BY t.id"#,
        after,
        limit
    );
    rows.fetch_all(db).await?.into_iter().map(Kept::try_from).collect()
}

/// The year 2200, in seconds: what is to come after it is not noted.
const END: i64 = 7_258_118_400;

/// Notes when to look at a person again, not sooner than was noted before. One round trip.
pub async fn look_again(db: &mut PgConnection, id: Uuid, at: Timestamp) -> Result<(), Error> {
    let end = OffsetDateTime::from_unix_timestamp(END).map_err(Error::internal)?;
    sqlx::query!(
        "UPDATE retention SET look_at = greatest(look_at, $2) WHERE trainee = $1",
        id,
        to_row(at).min(end)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a record sealed anew, or none, in the place of the one of this version, and begins the erasure of salts; the entry is the
/// transaction's, which has locked these programmes. `Lost` where somebody changed or nominated the person meanwhile. One round trip.
pub async fn erase(
    db: &mut PgConnection,
    trainee: &StoredTrainee,
    part: Part,
    (key_version, sealed): (i32, &[u8]),
    (entry, now): (Uuid, Timestamp),
    locked: &[Uuid],
) -> Result<(), Error> {
    let erased = sqlx::query_scalar!(
        r#"SELECT erase_trainee($1, $2, $3, $4, $5, $6, $7, $8) AS "erased!""#,
        trainee.id,
        trainee.version,
        part.as_str(),
        sealed,
        key_version,
        entry,
        to_row(now),
        locked
    );
    match erased.fetch_one(db).await? {
        true => Ok(()),
        false => Err(Error::Lost("a trainee changed while the record was erased".to_owned())),
    }
}

/// Has nobody looked at before this time; who is to be looked at later stays so. For the owner. One round trip.
pub async fn postpone(db: &mut PgConnection, until: Timestamp) -> Result<u64, Error> {
    let postponed = sqlx::query!("UPDATE retention SET look_at = greatest(look_at, $1)", to_row(until))
        .execute(db)
        .await?;
    Ok(postponed.rows_affected())
}

/// An erasure whose salts are not all gone.
#[derive(Debug, Clone)]
pub struct UnderWay {
    /// The person.
    pub trainee: Uuid,
    /// What was erased.
    pub part: Part,
    /// The entry that tells of it.
    pub entry: Uuid,
    /// Salts of entries below this place are gone.
    pub next: i64,
}

/// Lists erasures under way, behind one, at most so many. One round trip.
pub async fn list_under_way(
    db: &mut PgConnection,
    after: Option<&UnderWay>,
    limit: i64,
) -> Result<Vec<UnderWay>, Error> {
    let rows = sqlx::query!(
        "SELECT trainee, part, entry, next_index FROM erasure
          WHERE NOT is_done AND (trainee, part) > ($1, $2) ORDER BY trainee, part LIMIT $3",
        after.map_or(Uuid::nil(), |after| after.trainee),
        after.map_or("", |after| after.part.as_str()),
        limit
    );
    let under_way = |(trainee, part, entry, next): (_, String, _, _)| {
        Ok(UnderWay { trainee, part: text(Part::from_text(&part))?, entry, next })
    };
    let rows = rows.fetch_all(db).await?.into_iter();
    rows.map(|row| under_way((row.trainee, row.part, row.entry, row.next_index))).collect()
}

/// Finds the place of an entry, once all entries before it are listed; `None` until then. One round trip.
pub async fn find_listed(db: &mut PgConnection, entry: Uuid) -> Result<Option<i64>, Error> {
    let index = sqlx::query_scalar!(
        "SELECT i.index FROM ledger_index i CROSS JOIN ledger_listing l
          WHERE i.entry = $1 AND i.index <= least(l.size, l.trainees_size)",
        entry
    );
    Ok(index.fetch_optional(db).await?)
}

/// An entry by whose salts something could be confirmed.
pub struct Confirming {
    /// Its place.
    pub index: i64,
    /// Its id.
    pub entry: Uuid,
    /// Its leaf.
    pub leaf: Vec<u8>,
}

/// The most bytes of leaves that are read at a time, but for one that is larger.
const LEAVES_MAX: usize = 4 << 20;

/// Lists the entries from where the erasure is up to a place, in their order, at most so many; and whether there may be more.
/// One round trip.
pub async fn list_confirming(
    db: &mut PgConnection,
    erasure: &UnderWay,
    end: i64,
    limit: i32,
) -> Result<(Vec<Confirming>, bool), Error> {
    let mut rows = sqlx::query_as!(
        Confirming,
        r#"SELECT c.index AS "index!", e.id AS "entry!", e.leaf AS "leaf!"
             FROM entries_confirming($1, $2, $3, $4, $5) c
             JOIN ledger_index i ON i.index = c.index JOIN ledger_entry e ON e.id = i.entry ORDER BY c.index"#,
        erasure.trainee,
        erasure.part.as_str(),
        erasure.next,
        end,
        limit
    )
    .fetch(db);
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        bytes += row.leaf.len();
        found.push(row);
        if bytes >= LEAVES_MAX {
            return Ok((found, true));
        }
    }
    let more = found.len() >= usize::try_from(limit).unwrap_or_default();
    Ok((found, more))
}

/// Erases sealed salts, by entry and line, that could undo an erasure, and says which of them there were. One round trip.
pub async fn erase_salts(
    db: &mut PgConnection,
    erasure: &UnderWay,
    salts: &[(Uuid, i32)],
) -> Result<Vec<(Uuid, i32)>, Error> {
    if salts.is_empty() {
        return Ok(Vec::new());
    }
    let (entries, lines): (Vec<_>, Vec<_>) = salts.iter().copied().unzip();
    let rows = sqlx::query!(
        r#"SELECT entry AS "entry!", line AS "line!" FROM erase_salts($1, $2, $3, $4) ORDER BY entry, line"#,
        erasure.trainee,
        erasure.part.as_str(),
        &entries,
        &lines
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.entry, row.line)).collect())
}

/// Notes how far an erasure is, unless another began meanwhile. One round trip.
pub async fn note(db: &mut PgConnection, erasure: &UnderWay, next: i64, is_done: bool) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE erasure SET next_index = greatest(next_index, $4), is_done = $5
          WHERE trainee = $1 AND part = $2 AND entry = $3",
        erasure.trainee,
        erasure.part.as_str(),
        erasure.entry,
        next,
        is_done
    )
    .execute(db)
    .await?;
    Ok(())
}
