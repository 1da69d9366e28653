//! The feed held against the leaves: who is told of an entry, and of which lines of it. And so what is listed of
//! disclosures and of sessions.

use std::collections::BTreeSet;

use sqlx::PgConnection;

use super::Error;
use crate::ledger::{Entry, disclosure, feed};

/// Counts the feed's rows as they are taken.
#[derive(Default)]
pub(super) struct FeedAudit {
    taken: usize,
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

    /// Finds how many rows there are that belong to no entry. One round trip.
    pub async fn finish(self, db: &mut PgConnection) -> Result<usize, Error> {
        let rows =
            sqlx::query_scalar!(r#"SELECT count(*) AS "rows!" FROM ledger_feed"#).fetch_one(db).await?;
        Ok(usize::try_from(rows).unwrap_or_default().saturating_sub(self.taken))
    }
}

/// Whether every disclosure of which an entry tells is listed. What is listed beyond it shows nobody anything: whoever goes by the
/// list reads the leaf.
pub(super) fn lists_disclosures(entry: Option<&Entry>, stored: &[(Vec<u8>, bool)]) -> bool {
    let told = entry.map(disclosure::rows).unwrap_or_default();
    let listed: BTreeSet<_> = stored.iter().map(|(enrolment, is_own)| (&enrolment[..], *is_own)).collect();
    told.iter().all(|(enrolment, is_own)| listed.contains(&(enrolment.as_bytes(), *is_own)))
}

/// Whether of an entry those lines are listed that tell of a session, and no others: by number, with the session and its version.
pub(super) fn lists_sessions(entry: Option<&Entry>, stored: &[(i32, String, i64)]) -> bool {
    let told = entry.map(feed::of_sessions).into_iter().flatten();
    let told = told.map(|(number, line)| (number, line.resource.as_str(), line.version));
    told.eq(stored.iter().map(|(number, session, version)| (*number, session.as_str(), *version)))
}
