//! What systems say that they have dealt with, and what follows of it: who has acknowledged a session's last change, and how soon
//! agencies do. Decides nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Error, Part, from_row, text, to_row};
use crate::domain::{
    AgencyCode,
    change::{Acknowledgement, AnswerTime, ResourceKind},
    name::SessionName,
};

/// What stands for all kinds of resources.
const ALL_KINDS: &str = "*";

/// Notes that a system of the caller's agency has dealt with all changes of these kinds, of all where none is named, in entries at places
/// below one; since when it has, `None` where it was told of nothing there. One round trip.
pub async fn add(
    db: &mut PgConnection,
    system: &str,
    kinds: &[ResourceKind],
    below: i64,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let mut kinds: Vec<_> = kinds.iter().map(ToString::to_string).collect();
    if kinds.is_empty() {
        kinds.push(ALL_KINDS.to_owned());
    }
    let since =
        sqlx::query_scalar!("SELECT acknowledge_changes($1, $2, $3, $4)", system, &kinds, below, to_row(now));
    Ok(since.fetch_one(db).await?.map(from_row))
}

/// Lists who has been told of the last change of sessions of the caller's agency, by session and agency. One round trip.
pub async fn list(db: &mut PgConnection, sessions: &[SessionName]) -> Result<Vec<Acknowledgement>, Error> {
    let named: BTreeMap<_, _> = sessions.iter().map(|session| (session.to_string(), &session.id)).collect();
    let rows = sqlx::query!(
        r#"SELECT session AS "session!", agency AS "agency!", version AS "version!", told_at AS "told_at!", acknowledged_at
             FROM readers_of_sessions($1, $2)"#,
        &named.values().map(|id| (*id).clone()).collect::<Vec<_>>(),
        &named.keys().cloned().collect::<Vec<_>>()
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let acknowledgements = rows.map(|row| {
        Ok(Acknowledgement {
            session: text(SessionName::parse(&row.session).ok())?,
            version: row.version,
            agency: AgencyCode::from_store(row.agency),
            told_at: from_row(row.told_at),
            acknowledged_at: row.acknowledged_at.map(from_row),
        })
    });
    acknowledgements.collect()
}

struct AnswerRow {
    agency: String,
    told: i64,
    acknowledged: i64,
    median_seconds: Option<i64>,
    waits_since: Option<OffsetDateTime>,
    last_at: Option<OffsetDateTime>,
}

impl TryFrom<AnswerRow> for AnswerTime {
    type Error = Error;

    fn try_from(row: AnswerRow) -> Result<Self, Error> {
        Ok(Self {
            agency: AgencyCode::from_store(row.agency),
            told: row.told,
            acknowledged: row.acknowledged,
            median_seconds: row.median_seconds.unwrap_or_default(),
            waits_since: row.waits_since.map(from_row),
            last_at: row.last_at.map(from_row),
        })
    }
}

/// Whose answer times are wanted, and of when.
pub struct Wanted<'a> {
    /// Of this agency alone.
    pub agency: Option<&'a AgencyCode>,
    /// Of the caller's agency and those that it has or had an agreement with.
    pub partners_alone: bool,
    /// Of agencies behind this code; empty for the first.
    pub after: &'a str,
    /// Of what they were told of since then.
    pub since: Timestamp,
    /// Until when what is not acknowledged has been waiting.
    pub now: Timestamp,
    /// The last entries of each agency's feed that are looked at.
    pub entries_max: i32,
}

/// Lists how soon agencies acknowledge, at most so many. One round trip.
pub async fn list_answer_times(
    db: &mut PgConnection,
    wanted: &Wanted<'_>,
    limit: i64,
) -> Result<Part<AnswerTime>, Error> {
    let rows = sqlx::query_as!(
        AnswerRow,
        r#"SELECT agency AS "agency!", told AS "told!", acknowledged AS "acknowledged!", median_seconds, waits_since, last_at
             FROM answer_times($1, $2, $3, $4, $5, $6, $7)"#,
        wanted.agency.map(AgencyCode::as_str),
        wanted.partners_alone,
        wanted.after,
        to_row(wanted.since),
        to_row(wanted.now),
        wanted.entries_max,
        i32::try_from(limit).unwrap_or(i32::MAX)
    );
    let rows = rows.fetch_all(db).await?;
    Ok(Part::read(
        rows,
        limit,
        |row| format!("the answer times of {}", row.agency),
        |row| vec![row.agency.clone()],
    ))
}
