//! What a test reads of its world's ledger, and asserts of it.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
};

use gerbang::{
    config::ledger_key,
    domain::outside::Clock,
    exchange::succession::{self, Replaced},
    ledger::{ChangeKind, Entry, note::VerifierKey},
    server::outside::SystemEntropy,
    store::{Database, Outside, audit::Finding},
    vault::VaultKeys,
};
use jiff::Timestamp;

use super::{World, url};

impl World {
    /// Makes a new key for the ledger in this file of the folder, and replaces the old one with it. The gateway has the old one still.
    pub async fn replace_key(&self, old: &str, new: &str) -> VerifierKey {
        let old = ledger_key::load(&self.folder.join(old)).unwrap();
        let new = ledger_key::make(&self.folder.join(new), old.verifier().origin()).unwrap();
        let database = Database::open(&super::url("gerbang_owner", &self.database), 1).unwrap();
        let outside = Outside { clock: self.clock.clone(), entropy: Arc::new(SystemEntropy), keys: None };
        let replaced = succession::replace(&database, outside, &old, new.verifier()).await.unwrap();
        assert_eq!(replaced, Replaced::Now);
        self.until_placed().await;
        new.verifier().clone()
    }

    /// Waits until every entry has its place.
    pub async fn until_placed(&self) {
        self.until(
            "SELECT NOT EXISTS (SELECT FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_index i WHERE i.entry = e.id))",
        )
        .await;
    }

    /// Waits until every entry has its place, and what each has shown is listed, and of which sessions it tells.
    pub async fn until_listed(&self) {
        self.until_placed().await;
        self.until("SELECT least(size, sessions_size, trainees_size) >= (SELECT max(tree_size) FROM ledger_batch) FROM ledger_listing").await;
    }

    /// The method of every ledger entry, in the order of appending.
    pub async fn methods(&self) -> Vec<String> {
        self.entries().await.into_iter().map(|entry| entry.method).collect()
    }

    /// Every ledger entry, in the order of appending, but for those of first sightings, of lists, of a gateway's start and of days
    /// that come, which come when they come.
    pub async fn entries(&self) -> Vec<Entry> {
        let mut entries = self.all_entries().await;
        let anytime =
            ["gateway/certificate.see", "signer/crl.publish", "gateway/vault.begin", "keeper/agreement.tell"];
        entries.retain(|entry| !anytime.contains(&entry.method.as_str()));
        entries
    }

    /// Every ledger entry.
    pub async fn all_entries(&self) -> Vec<Entry> {
        let leaves = sqlx::query_scalar::<_, Vec<u8>>("SELECT leaf FROM ledger_entry ORDER BY append_no");
        let leaves = leaves.fetch_all(&mut self.owner().await).await.unwrap();
        leaves.iter().map(|leaf| Entry::read(leaf).unwrap()).collect()
    }

    /// Asserts that the entry `id` records `method` and tells of these resources, beside assignments and a new schedule;
    /// that each line has the next version of its resource, the kind that goes with it, and a salt of its own; and that
    /// every row, of assignments too, is as the ledger tells. Every test of a mutation ends here.
    pub async fn assert_entry(&self, id: &str, method: &str, resources: &[&str]) {
        let entries = self.all_entries().await;
        let place = entries.iter().position(|entry| entry.id.to_string() == id);
        let place = place.unwrap_or_else(|| panic!("{method}: no entry {id:?} among {}", entries.len()));
        let entry = &entries[place];
        assert_eq!(entry.method, method);
        let mut versions: HashMap<_, _> = HashMap::new();
        for line in entries[..place].iter().flat_map(|entry| &entry.lines) {
            versions.insert(line.resource.as_str(), line.version);
        }
        for line in &entry.lines {
            let next = versions.get(line.resource.as_str()).map_or(1, |version| version + 1);
            let kind = if next == 1 { ChangeKind::Created } else { ChangeKind::Updated };
            assert_eq!((line.version, line.kind), (next, kind), "{method}: {}", line.resource);
            versions.insert(&line.resource, line.version);
        }
        let mut lines: Vec<_> = entry.lines.iter().map(|line| line.resource.as_str()).collect();
        lines.retain(|resource| !resource.starts_with("assignments/") && !resource.contains("/schedules/"));
        assert_eq!(lines, resources, "{method}");
        let salts = sqlx::query_scalar::<_, i64>(
            "SELECT (SELECT count(*) FROM ledger_salt WHERE entry = $1)
                  + (SELECT count(*) FROM ledger_sealed_salt WHERE entry = $1)",
        )
        .bind(entry.id);
        let salts = salts.fetch_one(&mut self.owner().await).await.unwrap();
        assert_eq!(salts, i64::try_from(entry.lines.len()).unwrap(), "a salt for every line");
        if !self.tampered.load(Ordering::Relaxed) {
            assert_eq!(audit_rows(&self.database, &self.keys_now(), self.clock.now()).await, [], "{method}");
        }
    }
}

/// What is not as the ledger told.
pub async fn audit_rows(database: &str, keys: &VaultKeys, now: Timestamp) -> Vec<Finding> {
    let owner = Database::open(&url("gerbang_owner", database), 1).unwrap();
    let report = owner.audit_rows(Some(keys), now).await.unwrap();
    owner.close().await;
    report.findings
}
