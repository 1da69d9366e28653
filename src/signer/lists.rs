//! Revocation lists: full, signed, one of each issuing authority; anew when something was revoked, and in time.

use jiff::{SignedDuration, Timestamp};

use super::{Signer, SignerError};
use crate::{
    domain::certificate::Crl,
    exchange::{Error, own::Book},
    ledger::ChangeKind,
    pki::authority::{Issuer, RevokedEntry},
    store::{self, authority, issuance},
};

/// How long a list is good: under a day.
const LIFE: SignedDuration = SignedDuration::from_hours(23);
/// How old it gets; half of its life is an alarm.
const RENEW_AFTER: SignedDuration = SignedDuration::from_hours(6);

impl Signer {
    /// Publishes what is due.
    pub(super) async fn publish(&self) -> Result<(), SignerError> {
        for issuer in [&self.keys.clients, &self.keys.gateways] {
            let mut db = self.database.begin().await?;
            let now = self.clock.now();
            let ours = Self::fingerprint(issuer);
            if issuance::is_list_current(&mut db, &ours, now - RENEW_AFTER).await? {
                continue;
            }
            let last = authority::newest_crl(&mut db, &ours).await?;
            let revoked = issuance::revoked(&mut db, &ours).await?;
            let count = i32::try_from(revoked.len()).unwrap_or(i32::MAX);
            let crl = list(issuer, last.as_ref(), &revoked, now)?;
            authority::insert_crl(&mut db, &ours, &crl, count).await?;
            let known = authority::list(&mut db).await?.into_iter().find(|known| known.fingerprint == ours);
            if let Some(known) = known {
                let mut book = Book::new(&*self.entropy, "signer/list", now);
                book.changed(ChangeKind::Updated, known.resource(), crl.number, &known);
                book.write(&mut db).await?;
            }
            db.commit().await.map_err(store::Error::from)?;
            tracing::info!(number = crl.number, revoked = count, "revocation list");
        }
        Ok(())
    }
}

/// The next list: its number is never smaller than the Unix time, so that a database restored from a backup does not
/// count anew.
fn list(
    issuer: &Issuer,
    last: Option<&Crl>,
    revoked: &[(String, Timestamp, crate::domain::certificate::RevocationReason)],
    now: Timestamp,
) -> Result<Crl, SignerError> {
    let number = last.map_or(0, |crl| crl.number + 1).max(now.as_second());
    let entries: Result<Vec<_>, _> = revoked
        .iter()
        .map(|(serial, at, reason)| {
            Ok(RevokedEntry { serial: hex::decode(serial)?, at: *at, reason: *reason })
        })
        .collect();
    let entries = entries.map_err(|error: hex::FromHexError| Error::internal(error))?;
    let next_update = now + LIFE;
    let der = issuer.crl(number.unsigned_abs(), now, next_update, &entries).map_err(Error::internal)?;
    Ok(Crl { number, der, this_update: now, next_update })
}
