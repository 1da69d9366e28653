//! The ledger as an audit reads it: the last line of every resource, with its salt, and faults of the ledger itself.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Error,
    audit_erasure::Erasures,
    audit_feed::{FeedAudit, Sessions, lists_disclosures, lists_trainees},
    audit_order::{Batch, OrderAudit, Placed},
    audit_report::{Flaw, Report},
    derived::Stray,
    from_row,
    sealing::salt_place,
};
use crate::{
    ledger::{ChangeKind, Entry, Format, Readers},
    vault::{Place, Purpose, VaultKeys},
};

/// Salts that are read in one statement.
const CHUNK: usize = 10_000;

/// The last line of a resource.
pub(super) struct Last {
    pub entry: Uuid,
    pub line: i32,
    pub version: i64,
    pub digest: [u8; 32],
    pub salt: Salt,
    /// Who can see it; `None` where the line is from before that was told.
    pub readers: Option<Readers>,
}

/// The salt of a line.
pub(super) enum Salt {
    /// It is gone, or does not open.
    Missing,
    /// It is sealed, and there are no keys.
    Sealed,
    /// The 16 bytes.
    Open([u8; 16]),
}

/// The ledger as it was read.
#[derive(Default)]
pub(super) struct Ledger {
    /// The last line of every resource that there should be, by its name.
    pub last: HashMap<String, Last>,
    /// What was erased, and which lines have salts.
    pub erasures: Erasures,
    /// What was found on the way.
    pub report: Report,
}

impl Ledger {
    /// Reads the ledger and counts versions. What was recorded before the baseline counts from there.
    pub async fn read(db: &mut PgConnection, keys: Option<&VaultKeys>) -> Result<Self, Error> {
        // A log of millions is gone through once.
        sqlx::query!("SELECT set_config('statement_timeout', '0', true) AS takes")
            .fetch_one(&mut *db)
            .await?;
        let baseline = baseline(&mut *db).await?;
        let mut ledger = Self::default();
        let mut counts = baseline.is_none();
        let (mut order, mut feed) = (OrderAudit::default(), FeedAudit::default());
        // By their places; then those that have none yet.
        let mut leaves = sqlx::query!(
            r#"SELECT e.id, e.recorded_at, e.leaf, i.index AS "index?", i.leaf_hash AS "leaf_hash?",
                      f.readers AS "readers?", f.lines AS "lines?: Vec<Option<String>>",
                      d.enrolments AS "enrolments?", d.own_reads AS "own_reads?",
                      c.lines AS "session_lines?", c.sessions AS "sessions?", c.versions AS "versions?",
                      c.agencies AS "agencies?: Vec<Option<String>>", t.trainees AS "trainees?", s.lines AS "salted?",
                      b.root AS "root?", b.frontier AS "frontier?", b.first_index AS "first_index?",
                      (i.index < l.size) AS "is_listed?", (i.index < l.sessions_size) AS "has_sessions_listed?",
                      (i.index < l.trainees_size) AS "has_trainees_listed?",
                      (last.is_ours AND pg_visible_in_snapshot(e.xid, last.snapshot)) AS "seen_by_last!"
                 FROM ledger_entry e LEFT JOIN ledger_index i ON i.entry = e.id
                 LEFT JOIN ledger_batch b ON b.tree_size = i.index + 1
                 LEFT JOIN (SELECT index, array_agg(reader ORDER BY reader) AS readers,
                                   array_agg(lines::text ORDER BY reader) AS lines
                              FROM ledger_feed GROUP BY index) AS f ON f.index = i.index
                 LEFT JOIN (SELECT index, array_agg(enrolment) AS enrolments, array_agg(own_read) AS own_reads
                              FROM ledger_disclosure GROUP BY index) AS d ON d.index = i.index
                 LEFT JOIN (SELECT index, array_agg(line ORDER BY line, session) AS lines,
                                   array_agg(session ORDER BY line, session) AS sessions,
                                   array_agg(version ORDER BY line, session) AS versions,
                                   array_agg(agency ORDER BY line, session) AS agencies
                              FROM ledger_session GROUP BY index) AS c ON c.index = i.index
                 LEFT JOIN (SELECT index, array_agg(trainee ORDER BY trainee) AS trainees
                              FROM ledger_trainee GROUP BY index) AS t ON t.index = i.index
                 LEFT JOIN (SELECT b.entry, array_agg(b.line ORDER BY b.line) AS lines
                              FROM (SELECT o.entry, o.line FROM ledger_salt o
                                     UNION ALL SELECT c.entry, c.line FROM ledger_sealed_salt c) AS b
                             GROUP BY b.entry) AS s ON s.entry = e.id
                CROSS JOIN ledger_listing l
                CROSS JOIN (SELECT l.snapshot, l.cluster = s.system_identifier AS is_ours
                              FROM ledger_batch l CROSS JOIN pg_control_system() s
                             ORDER BY l.tree_size DESC LIMIT 1) AS last
                ORDER BY i.index NULLS LAST, e.append_no"#
        )
        .fetch(&mut *db);
        while let Some(mut row) = leaves.try_next().await? {
            if let Some((index, leaf_hash)) = row.index.zip(row.leaf_hash.take()) {
                let batch = row.root.take().zip(row.frontier.take());
                let batch = batch.map(|(root, frontier)| Batch { first: row.first_index, root, frontier });
                order.take(&Placed { entry: row.id, leaf: &row.leaf, index, leaf_hash, batch });
            } else if row.seen_by_last {
                order.take_left_out(row.id);
            }
            let entry = Entry::read(&row.leaf);
            let seen: Vec<_> =
                row.readers.into_iter().flatten().zip(row.lines.into_iter().flatten()).collect();
            if row.index.is_some() && !feed.take(entry.as_ref().ok(), &seen) {
                let entry = format!("entries/{}", row.id);
                ledger.report.found(&entry, Flaw::Feed, "readers are not told what the leaf says".to_owned());
            }
            let shown: Vec<_> =
                row.enrolments.into_iter().flatten().zip(row.own_reads.into_iter().flatten()).collect();
            if row.is_listed == Some(true) && !lists_disclosures(entry.as_ref().ok(), &shown) {
                let entry = format!("entries/{}", row.id);
                ledger.report.found(&entry, Flaw::Feed, "what was shown is not listed".to_owned());
            }
            let sessions = Sessions {
                lines: row.session_lines.unwrap_or_default(),
                names: row.sessions.unwrap_or_default(),
                versions: row.versions.unwrap_or_default(),
                agencies: row.agencies.unwrap_or_default(),
            };
            let trainees = row.trainees.unwrap_or_default();
            if row.has_trainees_listed == Some(true) && !lists_trainees(entry.as_ref().ok(), &trainees) {
                let entry = format!("entries/{}", row.id);
                ledger.report.found(
                    &entry,
                    Flaw::Feed,
                    "the trainees that it tells of are not listed".to_owned(),
                );
            }
            let is_listed = row.has_sessions_listed == Some(true);
            if !feed.take_sessions(entry.as_ref().ok(), &sessions) && is_listed {
                let entry = format!("entries/{}", row.id);
                ledger.report.found(
                    &entry,
                    Flaw::Feed,
                    "the sessions that it tells of are listed otherwise".to_owned(),
                );
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let entry = format!("entries/{}", row.id);
                    ledger.report.found(&entry, Flaw::Unreadable, error.to_string());
                    continue;
                }
            };
            let columns =
                [("id", row.id != entry.id), ("recorded_at", from_row(row.recorded_at) != entry.recorded_at)];
            let differing = columns.into_iter().filter(|(_, differs)| *differs);
            ledger
                .report
                .strayed(differing.map(|(column, _)| Stray::new(format!("entries/{}", row.id), column)));
            ledger.erasures.take(&entry, &row.salted.unwrap_or_default(), &mut ledger.report);
            ledger.take(&entry, counts && baseline != Some(entry.id));
            counts |= baseline == Some(entry.id);
        }
        drop(leaves);
        let strays = feed.finish(&mut *db).await?;
        if strays > 0 {
            ledger.report.found("feed", Flaw::Feed, format!("of no entry: {strays}"));
        }
        for (resource, detail) in order.finish(&mut *db).await? {
            ledger.report.found(&resource, Flaw::Order, detail);
        }
        ledger.read_salts(db, keys).await?;
        Ok(ledger)
    }

    fn take(&mut self, entry: &Entry, counts: bool) {
        self.report.entries += 1;
        for (number, line) in (0..).zip(&entry.lines) {
            if !line.kind.is_change() {
                continue;
            }
            let before = self.last.get(&line.resource).map_or(0, |last| last.version);
            let tells_again = entry.moment(line).is_some() && line.version == before && before > 0;
            if counts && line.version != before + 1 && !tells_again {
                self.report.found(&line.resource, Flaw::Version, format!("{before}, then {}", line.version));
            }
            if counts
                && entry.format == Format::V2
                && let Some(readers) = self.last.get(&line.resource).and_then(|last| last.readers.as_ref())
                && *readers != line.before
            {
                let detail = format!("{readers}, then {} before entry {}", line.before, entry.id);
                self.report.found(&line.resource, Flaw::Readers, detail);
            }
            // The row is held against what was told when somebody changed it.
            if tells_again {
                continue;
            }
            if line.kind == ChangeKind::Removed {
                self.last.remove(&line.resource);
                continue;
            }
            let (version, digest) = (line.version, line.digest);
            let readers = (entry.format == Format::V2).then(|| line.after.clone());
            let last = Last { entry: entry.id, line: number, version, digest, salt: Salt::Missing, readers };
            self.last.insert(line.resource.clone(), last);
        }
    }

    async fn read_salts(&mut self, db: &mut PgConnection, keys: Option<&VaultKeys>) -> Result<(), Error> {
        let mut lasts: Vec<_> = self.last.values_mut().collect();
        for chunk in lasts.chunks_mut(CHUNK) {
            let entries: Vec<_> = chunk.iter().map(|last| last.entry).collect();
            let lines: Vec<_> = chunk.iter().map(|last| last.line).collect();
            let rows = sqlx::query!(
                r#"SELECT asked.number AS "number!", o.salt AS "salt?", s.key_version AS "key_version?",
                          s.sealed AS "sealed?"
                     FROM unnest($1::uuid[], $2::int4[]) WITH ORDINALITY AS asked (entry, line, number)
                     LEFT JOIN ledger_salt o ON o.entry = asked.entry AND o.line = asked.line
                     LEFT JOIN ledger_sealed_salt s ON s.entry = asked.entry AND s.line = asked.line"#,
                &entries,
                &lines
            );
            for row in rows.fetch_all(&mut *db).await? {
                let place = usize::try_from(row.number - 1).unwrap_or_default();
                let Some(last) = chunk.get_mut(place) else { continue };
                last.salt = match (row.salt, row.key_version.zip(row.sealed), keys) {
                    (Some(salt), None, _) => salt.try_into().map_or(Salt::Missing, Salt::Open),
                    (None, Some(_), None) => Salt::Sealed,
                    (None, Some((version, sealed)), Some(keys)) => {
                        let row = salt_place(&last.entry, last.line);
                        let place = Place { purpose: Purpose::LedgerSalt, row: &row };
                        let opened = keys.open(version, &place, &sealed).ok();
                        opened
                            .and_then(|salt| salt.as_slice().try_into().ok())
                            .map_or(Salt::Missing, Salt::Open)
                    }
                    _ => Salt::Missing,
                };
            }
        }
        Ok(())
    }
}

/// The entry from which older rows count. An error where it is still to be written.
async fn baseline(db: &mut PgConnection) -> Result<Option<Uuid>, Error> {
    match sqlx::query_scalar!("SELECT entry FROM ledger_baseline").fetch_optional(db).await? {
        None => Ok(None),
        Some(Some(entry)) => Ok(Some(entry)),
        Some(None) => Err(Error::internal("the ledger's baseline is not written; run gerbang migrate")),
    }
}
