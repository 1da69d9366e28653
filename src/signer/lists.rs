//! Revocation lists: full, signed, one of each issuing authority; anew when something was revoked, and in time.

use jiff::{SignedDuration, Timestamp};

use super::{Signer, SignerError, counted, kept::KeptList};
use crate::{
    domain::certificate::{Crl, RevocationReason},
    ledger::{ChangeKind, row::RevocationListRow},
    pki::{authority::Issuer, crl::RevokedEntry, founding::crl_number},
    store::{Ended, Error, Recorder, UnitOfWork, authority, issuance, revocation},
};

/// The life of a list: under a day.
const LIFE: SignedDuration = SignedDuration::from_hours(23);
/// The age at which a list is made anew; half of its life is an alarm.
const RENEW_AFTER: SignedDuration = SignedDuration::from_hours(6);

impl Signer {
    /// Publishes what is due.
    pub(super) async fn publish(&self) -> Result<(), SignerError> {
        for (place, issuer) in [&self.keys.clients, &self.keys.gateways].into_iter().enumerate() {
            let kept = self.kept.get(place);
            let oldest = self.clock.now() - RENEW_AFTER;
            let mut look = self.database.look().await?;
            if issuance::is_list_current(&mut look, &Self::fingerprint(issuer), oldest).await? {
                continue;
            }
            drop(look);
            // It signs, so it is never run again; the next turn is.
            self.database.transact(self.once("crl.publish"), &Publish { issuer, kept }).await?;
        }
        Ok(())
    }
}

/// Signs and publishes the next list of an authority.
struct Publish<'a> {
    issuer: &'a Issuer,
    /// The list that is kept beside the database, which may have forgotten it.
    kept: Option<&'a KeptList>,
}

impl UnitOfWork for Publish<'_> {
    type Answer = ();

    async fn run(&self, mut tx: Recorder) -> Result<Ended<()>, Error> {
        let (authority, now) = (Signer::fingerprint(self.issuer), tx.now());
        let last = authority::newest_crl(tx.db(), &authority).await?;
        let revoked = revocation::list(tx.db(), &authority).await?;
        // Of the inventory: what is not in it is named because an earlier list named it.
        let count = i32::try_from(revoked.len()).unwrap_or(i32::MAX);
        let mut number = last.map(|crl| crl.number.unsigned_abs());
        let mut revoked = entries(&revoked)?;
        if let Some(kept) = self.kept {
            number = number.max(Some(kept.number.unsigned_abs()));
            let unknown = |entry: &&RevokedEntry| revoked.iter().all(|known| known.serial != entry.serial);
            let unknown: Vec<_> = kept.entries.iter().filter(unknown).cloned().collect();
            revoked.extend(unknown);
        }
        let crl = list(self.issuer, number, &revoked, now)?;
        let version = authority::insert_crl(tx.db(), &authority, &crl, count).await?;
        let kind = if version == 1 { ChangeKind::Created } else { ChangeKind::Updated };
        tx.changed(kind, &RevocationListRow { authority, version, crl: &crl });
        tracing::info!(number = crl.number, revoked = count, "revocation list");
        tx.commit(()).await
    }
}

/// Makes the entries of a list.
fn entries(revoked: &[(String, Timestamp, RevocationReason)]) -> Result<Vec<RevokedEntry>, Error> {
    let entry = |(serial, at, reason): &(String, Timestamp, RevocationReason)| {
        Ok(RevokedEntry { serial: hex::decode(serial)?, at: *at, reason: *reason })
    };
    let entries: Result<_, hex::FromHexError> = revoked.iter().map(entry).collect();
    entries.map_err(Error::internal)
}

/// Signs the next list.
fn list(issuer: &Issuer, last: Option<u64>, revoked: &[RevokedEntry], now: Timestamp) -> Result<Crl, Error> {
    let number = crl_number(now, last);
    let next_update = now + LIFE;
    let der = counted("crl", || issuer.crl(number, now, next_update, revoked)).map_err(Error::internal)?;
    let number = i64::try_from(number).map_err(Error::internal)?;
    Ok(Crl { number, der, this_update: now, next_update })
}
