//! The ledger held against the rows that it tells of: every resource is digested again from its tables, and every
//! resource's versions are counted.
//!
//! Reads as the owner, in one snapshot. Finds rows that are not as they were last told, rows that nobody told of, rows
//! that are gone, versions that do not rise by one (but where a day has changed an agreement, which is told again), columns that do not say what follows from others (`derived`), and places
//! that are not those of the leaves (`audit_order`), and readers who are told otherwise than the leaves say (`audit_feed`).
//! Changes nothing. Of the columns it does not see what is free: words for the file, sequences, remembered answers, minutes of
//! use, signs of life; a test has the list, with the reasons.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Database, Error, agency, agreement, assignment,
    audit_feed::{FeedAudit, Sessions, lists_disclosures},
    audit_order::{Batch, OrderAudit, Placed},
    authority, certificate, claim,
    derived::{self, Bases, PersonDigests, Stray},
    facility, from_row, order, programme, revocation, roster, schedule,
    sealing::salt_place,
    trainee, trainer, vault, vault_check,
};
use crate::{
    domain::{
        certificate::{CertificateFilter, OrderFilter},
        trainee::Trainee,
    },
    ledger::{
        self, ChangeKind, Entry, Format, Readers, Row,
        row::{AssignmentRow, RevocationListRow, readers_of_trainee},
    },
    text_enum,
    vault::{Place, Purpose, VaultKeys},
};

/// Salts that are read in one statement.
const CHUNK: usize = 10_000;

text_enum! {
    /// The kinds of faults of a resource.
    Flaw {
        /// Its row is not as the ledger last told.
        Differs = "DIFFERS",
        /// A column does not say what follows from others.
        Derived = "DERIVED",
        /// There is a row and the ledger never told of it.
        NeverTold = "NEVER_TOLD",
        /// The ledger tells of it and there is no row.
        Gone = "GONE",
        /// Who could see it is not as the ledger last told, or who can see it now is not.
        Readers = "READERS",
        /// Its versions in the ledger do not rise by one, or the row's is another than the last told.
        Version = "VERSION",
        /// The entry is none that this program knows.
        Unreadable = "UNREADABLE",
        /// The salt of its last line is gone, or does not open.
        Salt = "SALT",
        /// What its readers are told of the entry is not what its leaf says.
        Feed = "FEED",
        /// The entry's place, or what is stored of the tree over all entries, is not that of the leaves.
        Order = "ORDER",
    }
}

/// A fault that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The resource's name in the ledger.
    pub resource: String,
    /// The kind of the fault.
    pub flaw: Flaw,
    /// In words, for who looks into it: versions, no content.
    pub detail: String,
}

/// The outcome of an audit.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Entries read.
    pub entries: u64,
    /// Resources whose row was digested again.
    pub checked: u64,
    /// Resources about persons that were not, for want of the vault's keys.
    pub sealed: u64,
    /// All faults, by resource.
    pub findings: Vec<Finding>,
}

impl Database {
    /// Audits every row, as the owner. `keys` open what is known of persons; without them these rows are counted only. What
    /// is over at `now` holds nothing.
    pub async fn audit_rows(&self, keys: Option<&VaultKeys>, now: Timestamp) -> Result<Report, Error> {
        rows(&mut *self.look().await?, keys, now).await
    }
}

/// Audits every row within a transaction of the caller's, for what it alone sees.
pub async fn rows(db: &mut PgConnection, keys: Option<&VaultKeys>, now: Timestamp) -> Result<Report, Error> {
    let mut audit = Audit::read(db).await?;
    audit.read_salts(db, keys).await?;
    audit.compare(&mut *db, keys, now).await?;
    let strays = derived::among_rows(db, now).await?;
    audit.strayed(strays);
    Ok(audit.finish())
}

/// The last line of a resource.
struct Last {
    entry: Uuid,
    line: i32,
    version: i64,
    digest: [u8; 32],
    salt: Salt,
    /// Who can see it; `None` where the line is from before that was told.
    readers: Option<Readers>,
}

enum Salt {
    Missing,
    Sealed,
    Open([u8; 16]),
}

struct Audit {
    last: HashMap<String, Last>,
    report: Report,
}

impl Audit {
    /// Reads the ledger and counts versions. What was recorded before the baseline counts from there.
    async fn read(db: &mut PgConnection) -> Result<Self, Error> {
        // A log of millions is gone through once.
        sqlx::query!("SELECT set_config('statement_timeout', '0', true) AS takes")
            .fetch_one(&mut *db)
            .await?;
        let baseline = baseline(&mut *db).await?;
        let mut audit = Self { last: HashMap::new(), report: Report::default() };
        let mut counts = baseline.is_none();
        let (mut order, mut feed) = (OrderAudit::default(), FeedAudit::default());
        // By their places; then those that have none yet.
        let mut leaves = sqlx::query!(
            r#"SELECT e.id, e.recorded_at, e.leaf, i.index AS "index?", i.leaf_hash AS "leaf_hash?",
                      f.readers AS "readers?", f.lines AS "lines?: Vec<Option<String>>",
                      d.enrolments AS "enrolments?", d.own_reads AS "own_reads?",
                      c.lines AS "session_lines?", c.sessions AS "sessions?", c.versions AS "versions?",
                      c.agencies AS "agencies?: Vec<Option<String>>",
                      b.root AS "root?", b.frontier AS "frontier?", b.first_index AS "first_index?",
                      (i.index < l.size) AS "is_listed?", (i.index < l.sessions_size) AS "has_sessions_listed?",
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
                audit.found(&entry, Flaw::Feed, "readers are not told what the leaf says".to_owned());
            }
            let shown: Vec<_> =
                row.enrolments.into_iter().flatten().zip(row.own_reads.into_iter().flatten()).collect();
            if row.is_listed == Some(true) && !lists_disclosures(entry.as_ref().ok(), &shown) {
                let entry = format!("entries/{}", row.id);
                audit.found(&entry, Flaw::Feed, "what was shown is not listed".to_owned());
            }
            let sessions = Sessions {
                lines: row.session_lines.unwrap_or_default(),
                names: row.sessions.unwrap_or_default(),
                versions: row.versions.unwrap_or_default(),
                agencies: row.agencies.unwrap_or_default(),
            };
            let is_listed = row.has_sessions_listed == Some(true);
            if !feed.take_sessions(entry.as_ref().ok(), &sessions) && is_listed {
                let entry = format!("entries/{}", row.id);
                audit.found(
                    &entry,
                    Flaw::Feed,
                    "the sessions that it tells of are listed otherwise".to_owned(),
                );
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let entry = format!("entries/{}", row.id);
                    audit.found(&entry, Flaw::Unreadable, error.to_string());
                    continue;
                }
            };
            let columns =
                [("id", row.id != entry.id), ("recorded_at", from_row(row.recorded_at) != entry.recorded_at)];
            let differing = columns.into_iter().filter(|(_, differs)| *differs);
            audit.strayed(differing.map(|(column, _)| Stray::new(format!("entries/{}", row.id), column)));
            audit.take(&entry, counts && baseline != Some(entry.id));
            counts |= baseline == Some(entry.id);
        }
        drop(leaves);
        let strays = feed.finish(&mut *db).await?;
        if strays > 0 {
            audit.found("feed", Flaw::Feed, format!("of no entry: {strays}"));
        }
        for (resource, detail) in order.finish(db).await? {
            audit.found(&resource, Flaw::Order, detail);
        }
        Ok(audit)
    }

    fn take(&mut self, entry: &Entry, counts: bool) {
        self.report.entries += 1;
        for (number, line) in (0..).zip(&entry.lines) {
            if !line.kind.is_change() {
                continue;
            }
            let before = self.last.get(&line.resource).map_or(0, |last| last.version);
            let tells_again = entry.tells_again(line) && line.version == before && before > 0;
            if counts && line.version != before + 1 && !tells_again {
                self.found(&line.resource, Flaw::Version, format!("{before}, then {}", line.version));
            }
            if counts
                && entry.format == Format::V2
                && let Some(readers) = self.last.get(&line.resource).and_then(|last| last.readers.as_ref())
                && *readers != line.before
            {
                let detail = format!("{readers}, then {} before entry {}", line.before, entry.id);
                self.found(&line.resource, Flaw::Readers, detail);
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

    async fn compare(
        &mut self,
        db: &mut PgConnection,
        keys: Option<&VaultKeys>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.bookings(&mut *db, now).await?;
        self.rows(&agency::all_systems(db).await?);
        self.rows(&trainer::all(db).await?);
        self.rows(&claim::all(db).await?);
        self.rows(&facility::all(db).await?);
        self.rows(&schedule::all_schedules(db).await?);
        for assignment in assignment::all(db).await? {
            self.row(&AssignmentRow::from(&assignment));
        }
        self.rows(&roster::all(db).await?);
        let digests = PersonDigests::read(db).await?;
        for stored in trainee::all(db).await? {
            match keys {
                Some(keys) => self.trainee(&stored, &digests, keys),
                None => self.unopened(&stored),
            }
        }
        self.rows(&authority::list(db).await?);
        for (authority, version, crl) in authority::newest_crls(db).await? {
            self.row(&RevocationListRow { authority, version, crl: &crl });
        }
        // The state, which depends on the time, is no part of the row.
        let never = Timestamp::UNIX_EPOCH;
        self.rows(&certificate::list(db, &CertificateFilter::default(), never).await?);
        self.rows(&revocation::all_barred_keys(db).await?);
        self.rows(&order::list(db, &OrderFilter::default()).await?);
        for key in vault::list(db).await? {
            self.row(&key.row());
        }
        for (purpose, value) in vault_check::list(db).await? {
            self.row(&vault_check::row(&purpose, &value));
        }
        Ok(())
    }

    /// Compares what sessions rest on, and the sessions, of which that decides whether they hold anything.
    async fn bookings(&mut self, db: &mut PgConnection, now: Timestamp) -> Result<(), Error> {
        let agencies = agency::all(db).await?;
        self.rows(&agencies);
        let mut agreements = Vec::new();
        for (agreement, differing) in agreement::all(db).await? {
            self.row(&agreement);
            self.strayed(differing.into_iter().map(|column| Stray::new(&agreement.name, column)));
            agreements.push(agreement);
        }
        let programmes = programme::all(db).await?;
        self.rows(&programmes);
        let sessions = schedule::all(db).await?;
        self.rows(&sessions);
        self.strayed(derived::readers_of(db, &sessions).await?);
        let bases = Bases::new(agreements, &programmes, &agencies);
        self.strayed(bases.compare(&sessions, now));
        Ok(())
    }

    fn strayed(&mut self, strays: impl IntoIterator<Item = Stray>) {
        for Stray { resource, column } in strays {
            self.found(&resource, Flaw::Derived, format!("column {column}"));
        }
    }

    fn rows<R: Row>(&mut self, rows: &[R]) {
        for row in rows {
            self.row(row);
        }
    }

    fn row<R: Row>(&mut self, row: &R) {
        let resource = row.resource();
        let Some(last) = self.last.remove(&resource) else {
            return self.found(&resource, Flaw::NeverTold, format!("at version {}", row.version()));
        };
        self.told(&resource, &last, row.version(), &row.readers());
        match last.salt {
            Salt::Open(salt) if ledger::digest(&salt, row) == last.digest => {}
            Salt::Open(_) => {
                self.found(
                    &resource,
                    Flaw::Differs,
                    format!("since entry {}, line {}", last.entry, last.line),
                );
            }
            Salt::Sealed => {
                self.report.sealed += 1;
                return;
            }
            Salt::Missing => {
                self.found(&resource, Flaw::Salt, format!("of entry {}, line {}", last.entry, last.line));
            }
        }
        self.report.checked += 1;
    }

    fn trainee(&mut self, stored: &trainee::StoredTrainee, digests: &PersonDigests, keys: &VaultKeys) {
        let place = Place { purpose: Purpose::TraineeRecord, row: stored.id.as_bytes() };
        let opened = keys.open(stored.key_version, &place, &stored.sealed).ok();
        let Some(record) = opened.and_then(|plain| serde_json::from_slice(&plain).ok()) else {
            self.last.remove(&stored.reference.to_string());
            let detail = "the record does not open".to_owned();
            return self.found(&stored.reference.to_string(), Flaw::Differs, detail);
        };
        let trainee::StoredTrainee { id, reference, withheld, version, .. } = *stored;
        let prison = stored.prison.clone();
        if !digests.are_of(id, &record, keys) {
            self.strayed([Stray::new(reference, "trainee_digest")]);
        }
        self.row(&Trainee { id, reference, prison, record, withheld, version });
    }

    /// Compares of a person what is not sealed.
    fn unopened(&mut self, stored: &trainee::StoredTrainee) {
        let resource = stored.reference.to_string();
        match self.last.remove(&resource) {
            Some(last) => {
                self.told(&resource, &last, stored.version, &readers_of_trainee(&stored.prison));
                self.report.sealed += 1;
            }
            None => self.found(&resource, Flaw::NeverTold, "sealed".to_owned()),
        }
    }

    /// Compares version and readers with those that were told last.
    fn told(&mut self, resource: &str, last: &Last, version: i64, readers: &Readers) {
        if last.version != version {
            let detail = format!("told at {}, stored at {}", last.version, version);
            self.found(resource, Flaw::Version, detail);
        }
        if let Some(told) = last.readers.as_ref().filter(|told| *told != readers) {
            self.found(resource, Flaw::Readers, format!("told {told}, are {readers}"));
        }
    }

    fn found(&mut self, resource: &str, flaw: Flaw, detail: String) {
        self.report.findings.push(Finding { resource: resource.to_owned(), flaw, detail });
    }

    fn finish(mut self) -> Report {
        for (resource, last) in std::mem::take(&mut self.last) {
            self.found(&resource, Flaw::Gone, format!("told at version {}", last.version));
        }
        self.report.findings.sort_by(|one, other| one.resource.cmp(&other.resource));
        self.report
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
