//! The feed held against the leaves: who is told of an entry, and of which lines of it. And so what is listed of
//! disclosures and of sessions.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::Error;
use crate::ledger::{Entry, disclosure, erasure, feed};

/// Counts the feed's rows as they are taken.
#[derive(Default)]
pub(super) struct FeedAudit {
    taken: usize,
    sessions: usize,
}

/// What is listed of an entry's sessions, as columns, by line and name.
pub(super) struct Sessions {
    pub lines: Vec<i32>,
    pub names: Vec<String>,
    pub versions: Vec<i64>,
    pub agencies: Vec<Option<String>>,
}

impl FeedAudit {
    /// Takes what is stored of an entry: by reader, sorted, the lines as Postgres writes them, none for all. True where the
    /// leaf says the same. An entry that does not read has no readers.
    pub fn take(&mut self, entry: Option<&Entry>, stored: &[(String, Option<String>)]) -> bool {
        self.taken += stored.len();
        let told = entry.map(feed::rows).unwrap_or_default();
        let told =
            told.iter().map(|(reader, lines)| (reader.as_str(), lines.as_ref().map(ToString::to_string)));
        told.eq(stored.iter().map(|(reader, lines)| (reader.as_str(), lines.clone())))
    }

    /// Takes what is listed of an entry's sessions. True where these are the lines that tell of one, and no others, with its version
    /// and whose call it was.
    pub fn take_sessions(&mut self, entry: Option<&Entry>, stored: &Sessions) -> bool {
        self.sessions += stored.lines.len();
        let told: Vec<_> = entry.map(feed::of_sessions).into_iter().flatten().collect();
        let agency = entry.map(|entry| entry.agency.as_str()).filter(|agency| !agency.is_empty());
        told.iter().map(|(number, _)| *number).eq(stored.lines.iter().copied())
            && told.iter().map(|(_, line)| &line.resource).eq(&stored.names)
            && told.iter().map(|(_, line)| &line.version).eq(&stored.versions)
            && stored.agencies.iter().all(|stored| stored.as_deref() == agency)
    }

    /// Finds how many rows of the feed, or of the list of sessions, there are that belong to no entry. One round trip.
    pub async fn finish(self, db: &mut PgConnection) -> Result<usize, Error> {
        let rows = sqlx::query_scalar!(
            r#"SELECT (SELECT count(*) FROM ledger_feed) + (SELECT count(*) FROM ledger_session) AS "rows!""#
        );
        let rows = usize::try_from(rows.fetch_one(db).await?).unwrap_or_default();
        Ok(rows.saturating_sub(self.taken + self.sessions))
    }
}

/// Whether every disclosure of which an entry tells is listed. What is listed beyond it shows nobody anything: whoever goes by the
/// list reads the leaf.
pub(super) fn lists_disclosures(entry: Option<&Entry>, stored: &[(Vec<u8>, bool)]) -> bool {
    let told = entry.map(disclosure::rows).unwrap_or_default();
    let listed: BTreeSet<_> = stored.iter().map(|(enrolment, is_own)| (&enrolment[..], *is_own)).collect();
    told.iter().all(|(enrolment, is_own)| listed.contains(&(enrolment.as_bytes(), *is_own)))
}

/// Whether every trainee of whose record an entry tells is listed. What is listed beyond it erases nothing: whoever goes by the list
/// reads the leaf.
pub(super) fn lists_trainees(entry: Option<&Entry>, stored: &[Vec<u8>]) -> bool {
    let told = entry.map(erasure::trainees).unwrap_or_default();
    told.iter().all(|trainee| stored.iter().any(|listed| listed[..] == *trainee.as_bytes()))
}
