//! The ledger held against the rows that it tells of: every resource is digested again from its tables, and every
//! resource's versions are counted.
//!
//! Reads as the owner, in one snapshot. Finds rows that are not as they were last told, rows that nobody told of, rows
//! that are gone, versions that do not rise by one (`audit_ledger`), columns that do not say what follows from others (`derived`),
//! places that are not those of the leaves (`audit_order`), and readers who are told otherwise than the leaves say (`audit_feed`).
//! Changes nothing. Of the columns it does not see what is free: words for the file, sequences, remembered answers, minutes of
//! use, signs of life; a test has the list, with the reasons.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::PgConnection;

pub use super::audit_report::{Finding, Flaw, Report};
use super::{
    Database, Error, agency, agreement, assignment,
    audit_erasure::Erasures,
    audit_ledger::{Last, Ledger, Salt},
    authority, certificate, claim, cosignature,
    derived::{self, Bases, PersonDigests, Stray},
    erasure, facility,
    ledger_key::{self, Replacement},
    order, programme, revocation, roster, schedule, trainee, trainer, vault, vault_check,
};
use crate::{
    domain::{
        certificate::{CertificateFilter, OrderFilter},
        trainee::Trainee,
    },
    ledger::{
        self, Readers, Row,
        row::{AssignmentRow, RevocationListRow, readers_of_trainee},
        successor::Successor,
    },
    vault::{Place, Purpose, VaultKeys},
};

impl Database {
    /// Audits every row, as the owner. `keys` open what is known of persons; without them these rows are counted only. What
    /// is over at `now` holds nothing.
    pub async fn audit_rows(&self, keys: Option<&VaultKeys>, now: Timestamp) -> Result<Report, Error> {
        rows(&mut *self.look().await?, keys, now).await
    }
}

/// Audits every row within a transaction of the caller's, for what it alone sees.
pub async fn rows(db: &mut PgConnection, keys: Option<&VaultKeys>, now: Timestamp) -> Result<Report, Error> {
    let Ledger { last, erasures, report } = Ledger::read(db, keys).await?;
    let mut audit = Audit { last, report };
    audit.compare(&mut *db, erasures, keys, now).await?;
    audit.report.strayed(derived::among_rows(db, now).await?);
    Ok(audit.finish())
}

struct Audit {
    /// The last lines of resources that were not compared yet.
    last: HashMap<String, Last>,
    report: Report,
}

impl Audit {
    async fn compare(
        &mut self,
        db: &mut PgConnection,
        erasures: Erasures,
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
        let enrolments = roster::all(db).await?;
        self.rows(&enrolments);
        self.rows(&trainee::all_holds(db).await?);
        let digests = PersonDigests::read(db).await?;
        let persons = trainee::all(db).await?;
        for stored in &persons {
            match (&stored.sealed, keys) {
                (None, _) => self.erased(stored, erasures.erased_at(&stored.reference), &digests),
                (Some(sealed), Some(keys)) => self.trainee(stored, sealed, &digests, keys),
                (Some(_), None) => self.unopened(stored),
            }
        }
        let under_way = erasure::list_under_way(db, None, i64::MAX).await?;
        erasures.finish(&persons, &enrolments, &under_way, &mut self.report);
        self.rows(&cosignature::all(db).await?);
        self.rows(&authority::list(db).await?);
        for (authority, version, crl) in authority::newest_crls(db).await? {
            self.row(&RevocationListRow { authority, version, crl: &crl });
        }
        // The state, which depends on the time, is no part of the row.
        let never = Timestamp::UNIX_EPOCH;
        self.rows(&certificate::list(db, &CertificateFilter::default(), never).await?);
        self.rows(&revocation::all_barred_keys(db).await?);
        self.rows(&order::list(db, &OrderFilter::default()).await?);
        match ledger_key::list(db).await {
            Ok(replacements) => self.ledger_keys(&replacements),
            // A key that does not read; what was told of it has no row then.
            Err(error) => self.report.found("ledgerKeys", Flaw::Unreadable, error.to_string()),
        }
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
            self.report.strayed(differing.into_iter().map(|column| Stray::new(&agreement.name, column)));
            agreements.push(agreement);
        }
        let programmes = programme::all(db).await?;
        self.rows(&programmes);
        let sessions = schedule::all(db).await?;
        self.rows(&sessions);
        self.report.strayed(derived::readers_of(db, &sessions).await?);
        let bases = Bases::new(agreements, &programmes, &agencies);
        self.report.strayed(bases.compare(&sessions, now));
        Ok(())
    }

    /// Compares the log's keys, which entry tells of each, and whether each is signed with the one before.
    fn ledger_keys(&mut self, replacements: &[Replacement]) {
        let mut before = None;
        for (expected, Replacement { number, row, entry, .. }) in (1..).zip(replacements) {
            let resource = row.resource();
            let is_signed = row.replaces.verify(&row.note) == Ok(Successor(row.key.clone()));
            let differing = [
                ("number", *number != expected),
                ("entry", self.last.get(&resource).is_some_and(|last| last.entry != *entry)),
                ("note", !is_signed),
                ("replaces", before.is_some_and(|before| before != &row.replaces)),
            ];
            let strays = differing.into_iter().filter(|(_, differs)| *differs);
            self.report.strayed(strays.map(|(column, _)| Stray::new(&resource, column)));
            before = Some(&row.key);
            self.row(row);
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
            return self.report.found(&resource, Flaw::NeverTold, format!("at version {}", row.version()));
        };
        self.told(&resource, &last, row.version(), &row.readers());
        match last.salt {
            Salt::Open(salt) if ledger::digest(&salt, row) == last.digest => {}
            Salt::Open(_) => {
                self.report.found(
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
                self.report.found(
                    &resource,
                    Flaw::Salt,
                    format!("of entry {}, line {}", last.entry, last.line),
                );
            }
        }
        self.report.checked += 1;
    }

    fn trainee(
        &mut self,
        stored: &trainee::StoredTrainee,
        sealed: &[u8],
        digests: &PersonDigests,
        keys: &VaultKeys,
    ) {
        let place = Place { purpose: Purpose::TraineeRecord, row: stored.id.as_bytes() };
        let opened = keys.open(stored.key_version, &place, sealed).ok();
        let Some(record) = opened.and_then(|plain| serde_json::from_slice(&plain).ok()) else {
            self.last.remove(&stored.reference.to_string());
            let detail = "the record does not open".to_owned();
            return self.report.found(&stored.reference.to_string(), Flaw::Differs, detail);
        };
        let trainee::StoredTrainee { id, reference, withheld, version, .. } = *stored;
        let prison = stored.prison.clone();
        if !digests.are_of(id, &record, keys) {
            self.report.strayed([Stray::new(reference, "trainee_digest")]);
        }
        self.row(&Trainee { id, reference, prison, record, withheld, version });
    }

    /// Compares what is left of a person who is erased: the ledger says so, and nobody is found by a number.
    fn erased(&mut self, stored: &trainee::StoredTrainee, told: Option<i64>, digests: &PersonDigests) {
        let resource = stored.reference.to_string();
        if self.last.remove(&resource).is_some() || told.is_none() {
            self.report.found(&resource, Flaw::Differs, "erased, and no entry tells of it".to_owned());
        } else if told != Some(stored.version) {
            self.report.found(&resource, Flaw::Version, format!("stored as erased at {}", stored.version));
        }
        if stored.held_since.is_some() {
            self.report.found(&resource, Flaw::Differs, "erased under a legal hold".to_owned());
        }
        if digests.are_there(stored.id) {
            self.report.strayed([Stray::new(resource, "trainee_digest")]);
        }
        self.report.erased += 1;
    }

    /// Compares of a person what is not sealed.
    fn unopened(&mut self, stored: &trainee::StoredTrainee) {
        let resource = stored.reference.to_string();
        match self.last.remove(&resource) {
            Some(last) => {
                self.told(&resource, &last, stored.version, &readers_of_trainee(&stored.prison));
                self.report.sealed += 1;
            }
            None => self.report.found(&resource, Flaw::NeverTold, "sealed".to_owned()),
        }
    }

    /// Compares version and readers with those that were told last.
    fn told(&mut self, resource: &str, last: &Last, version: i64, readers: &Readers) {
        if last.version != version {
            let detail = format!("told at {}, stored at {}", last.version, version);
            self.report.found(resource, Flaw::Version, detail);
        }
        if let Some(told) = last.readers.as_ref().filter(|told| *told != readers) {
            self.report.found(resource, Flaw::Readers, format!("told {told}, are {readers}"));
        }
    }

    fn finish(mut self) -> Report {
        for (resource, last) in std::mem::take(&mut self.last) {
            self.report.found(&resource, Flaw::Gone, format!("told at version {}", last.version));
        }
        self.report.findings.sort_by(|one, other| one.resource.cmp(&other.resource));
        self.report
    }
}
