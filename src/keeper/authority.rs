//! Watches the authority: tells its alarms as log and metrics, and writes the files of the trust bundle. Signs nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use metrics::gauge;

use super::{
    Keeper,
    held::{CLIENTS_LIST, Held},
    task::{Failure, Plan, Work},
};
use crate::{
    domain::{Reason, reason::Language},
    exchange::certificate::read::Status,
    files::write_file,
    pki::der::pem,
};

/// Says when the authority is watched: every five seconds.
pub const WATCH_AUTHORITY: Plan =
    Plan { name: "watch_authority", every: Duration::from_secs(5), patience: Duration::from_secs(60) };

/// What may need attention, each as a metric that is 0 or 1.
const ALARMS: [Reason; 3] = [Reason::AdministratorsFew, Reason::SignerAway, Reason::CrlStale];

/// A file of the trust bundle that was not written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
struct Unwritten {
    path: PathBuf,
    cause: io::Error,
}

/// Watches the authority.
pub struct Watch {
    keeper: Keeper,
    /// Where the trust bundle's files go.
    trust_folder: Option<PathBuf>,
    /// The certificates that lists have named.
    held: Held,
    /// The alarms that were told and are not over.
    alarmed: Vec<Reason>,
}

impl Watch {
    /// Begins with no alarm told. Without a folder no files are written.
    pub fn new(keeper: Keeper, trust_folder: Option<PathBuf>, held: Held) -> Self {
        Self { keeper, trust_folder, held, alarmed: Vec::new() }
    }
}

impl Work for Watch {
    async fn turn(&mut self) -> Result<(), Failure> {
        let status = self.keeper.exchange.authority_status().await?;
        self.alarmed = tell(&status, &self.alarmed);
        match &self.trust_folder {
            Some(folder) => Ok(write_trust(folder, &status, &self.held)?),
            None => Ok(()),
        }
    }
}

/// Tells every alarm when it begins, as log and metric, and says when it ends.
fn tell(status: &Status, before: &[Reason]) -> Vec<Reason> {
    let now: Vec<_> = status.alarms.iter().map(|alarm| alarm.reason).collect();
    for alarm in status.alarms.iter().filter(|alarm| !before.contains(&alarm.reason)) {
        tracing::warn!(reason = alarm.reason.code(), "{}", alarm.text(Language::English));
    }
    for reason in ALARMS {
        gauge!("gerbang_alarm", "reason" => reason.code()).set(f64::from(u8::from(now.contains(&reason))));
        if before.contains(&reason) && !now.contains(&reason) {
            tracing::info!(reason = reason.code(), "the alarm is over");
        }
    }
    gauge!("gerbang_administrators_valid").set(status.administrators as f64);
    now
}

/// `bundle.pem` with every authority, and a list for each: `(name).crl.pem`. Only what changed is written, and no list in
/// place of a newer one: the database may have been restored from a backup.
fn write_trust(folder: &Path, status: &Status, held: &Held) -> Result<(), Unwritten> {
    let mut bundle = String::new();
    for authority in &status.authorities {
        bundle.push_str(&pem("CERTIFICATE", &authority.der));
        if let Some(crl) = &authority.crl {
            let name = format!("{}.crl.pem", authority.kind.as_str().to_ascii_lowercase());
            if name == CLIENTS_LIST && !held.learn(&crl.der, &authority.der) {
                tracing::warn!(
                    number = crl.number,
                    "the database's list is older than the one in the trust folder"
                );
                continue;
            }
            write_changed(&folder.join(name), &pem("X509 CRL", &crl.der))?;
        }
    }
    write_changed(&folder.join("bundle.pem"), &bundle)
}

fn write_changed(path: &Path, text: &str) -> Result<(), Unwritten> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    write_file(path, 0o644, text.as_bytes()).map_err(|cause| Unwritten { path: path.to_owned(), cause })
}
