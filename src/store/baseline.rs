//! Writes the entry that tells anew of rows which earlier programs counted and digested otherwise. Written once, by the
//! first `gerbang migrate` that finds such rows; from there their versions count, and `gerbang audit rows` compares.

use super::{
    Actor, Database, Ended, Error, Origin, Outside, Recorder, UnitOfWork, agency, authority, certificate,
    order, revocation, schedule, vault, vault_check,
};
use crate::{
    domain::certificate::{CertificateFilter, OrderFilter},
    ledger::{ChangeKind, row::RevocationListRow},
};

impl Database {
    /// Writes the baseline where one is due, as the owner.
    pub(super) async fn tell_baseline(&self, outside: Outside) -> Result<(), Error> {
        self.transact(Origin::own(Actor::Owner, "ledger.baseline", outside), &Baseline).await
    }
}

struct Baseline;

impl UnitOfWork for Baseline {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        let entry = tx.entry_id();
        let due = sqlx::query!("UPDATE ledger_baseline SET entry = $1 WHERE entry IS NULL", entry);
        if due.execute(tx.db()).await?.rows_affected() == 0 {
            return tx.discard(()).await;
        }
        sqlx::query!("UPDATE system SET version = version + 1").execute(tx.db()).await?;
        sqlx::query!("UPDATE certificate SET version = version + 1").execute(tx.db()).await?;
        sqlx::query!("UPDATE certificate_order SET version = version + 1").execute(tx.db()).await?;
        sqlx::query!("UPDATE authority SET version = version + 1").execute(tx.db()).await?;
        for system in agency::all_systems(tx.db()).await? {
            tx.changed(ChangeKind::Updated, &system);
        }
        let now = tx.now();
        for issued in certificate::list(tx.db(), &CertificateFilter::default(), now).await? {
            tx.changed(ChangeKind::Updated, &issued);
        }
        for order in order::list(tx.db(), &OrderFilter::default()).await? {
            tx.changed(ChangeKind::Updated, &order);
        }
        for authority in authority::list(tx.db()).await? {
            tx.changed(ChangeKind::Updated, &authority);
        }
        // These were never told.
        for (authority, version, crl) in authority::newest_crls(tx.db()).await? {
            tx.changed(ChangeKind::Created, &RevocationListRow { authority, version, crl: &crl });
        }
        for schedule in schedule::all_schedules(tx.db()).await? {
            tx.changed(ChangeKind::Created, &schedule);
        }
        for barred in revocation::all_barred_keys(tx.db()).await? {
            tx.changed(ChangeKind::Created, &barred);
        }
        for key in vault::list(tx.db()).await? {
            tx.changed(ChangeKind::Created, &key.row());
        }
        for (purpose, value) in vault_check::list(tx.db()).await? {
            tx.changed(ChangeKind::Created, &vault_check::row(&purpose, &value));
        }
        tx.commit(()).await
    }
}
