//! Revocations (pencabutan) and barred keys. A revocation waits for nobody: it writes rows that no other transaction can
//! keep it from, and locks nothing that others can hold for long. Reads no more of certificates than it needs.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, Recorder, certificate, from_row, text, to_row};
use crate::{
    domain::{
        AgencyCode,
        access::Fingerprint,
        certificate::{KeyId, OrderId, Revocable, RevocationReason, Revoked},
        name::SystemName,
    },
    ledger::{ChangeKind, row::BarredKeyRow},
};

/// The pause between two looks at a row that somebody has locked.
const PAUSE: Duration = Duration::from_millis(50);

/// A certificate that is to be revoked, with what a revocation needs to know.
#[derive(Debug, Clone)]
pub struct Named {
    /// SHA-256 of the certificate in DER.
    pub fingerprint: Fingerprint,
    /// Lower-case hexadecimal.
    pub serial: String,
    /// `None` for a gateway's.
    pub system: Option<SystemName>,
    /// The id of its key, where that is known.
    pub key_id: Option<KeyId>,
    /// Whether it was issued as an administrator's.
    pub administrator: bool,
    /// Whether it is revoked.
    pub revoked: bool,
}

/// Lists the certificates that a revocation is about: the one, or all of the agency or the system, with, for a compromised key,
/// everything that was renewed from them since and everything else that has such a key. Oldest first.
pub async fn named(db: &mut PgConnection, what: &Revocable, descendants: bool) -> Result<Vec<Named>, Error> {
    let (serial, agency, system) = match what {
        Revocable::Certificate(serial) => (Some(serial.0.as_str()), None, None),
        Revocable::Agency(agency) => (None, Some(agency.as_str()), None),
        Revocable::System(name) => (None, Some(name.agency.as_str()), Some(name.id.as_str())),
    };
    let rows = sqlx::query!(
        r#"WITH RECURSIVE named AS (
               SELECT c.sha256, c.key_id, c.serial, c.created_at FROM certificate c
                WHERE c.serial = $1 OR ($2::text IS NOT NULL AND c.agency = $2 AND ($4::text IS NULL OR c.system = $4))
               UNION
               SELECT c.sha256, c.key_id, c.serial, c.created_at FROM certificate c
                 JOIN named n ON c.previous = n.sha256 OR c.key_id = n.key_id WHERE $3
           )
           SELECT c.sha256, c.serial, c.agency, c.system, c.key_id, c.administrator,
                  EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256) AS "revoked!"
             FROM named n JOIN certificate c ON c.sha256 = n.sha256 ORDER BY n.created_at, n.serial"#,
        serial,
        agency,
        descendants,
        system
    );
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        let system = row.agency.zip(row.system);
        Ok(Named {
            fingerprint: text(row.sha256.try_into().ok())?,
            serial: row.serial,
            system: system.map(|(agency, id)| SystemName::from_store(AgencyCode::from_store(agency), id)),
            key_id: row.key_id.map(|id| text(id.try_into().ok())).transpose()?,
            administrator: row.administrator,
            revoked: row.revoked,
        })
    });
    rows.collect()
}

/// How often a revocation looks again at rows that somebody has locked, in all: a second, then it goes on without.
#[derive(Debug)]
pub struct Patience(u32);

impl Default for Patience {
    fn default() -> Self {
        Self(20)
    }
}

impl Patience {
    /// Waits for a moment; false once the patience is at its end.
    async fn wait(&mut self) -> bool {
        let Some(left) = self.0.checked_sub(1) else { return false };
        self.0 = left;
        tokio::time::sleep(PAUSE).await;
        true
    }
}

/// Locks an order until the transaction ends, before it is ended with a revocation; false where somebody holds its row for
/// longer than the patience lasts, so that the revocation goes on without.
pub async fn queue_order(db: &mut PgConnection, id: OrderId, patience: &mut Patience) -> Result<bool, Error> {
    loop {
        let free =
            sqlx::query!("SELECT id FROM certificate_order WHERE id = $1 FOR UPDATE SKIP LOCKED", id.0);
        if free.fetch_optional(&mut *db).await?.is_some() {
            return Ok(true);
        }
        if !patience.wait().await {
            tracing::warn!(order = %id, "somebody holds the row of an order that a revocation would end");
            return Ok(false);
        }
    }
}

/// Lets whoever else writes of a certificate go first, and others wait until the transaction ends, so that versions follow
/// each other; for as long as the patience lasts. Where somebody holds the row for longer, the revocation goes on: that
/// two versions may then be one is what the audit of rows would tell of.
pub async fn queue(
    db: &mut PgConnection,
    certificate: &Fingerprint,
    patience: &mut Patience,
) -> Result<(), Error> {
    loop {
        let free = sqlx::query!(
            "SELECT sha256 FROM certificate WHERE sha256 = $1 FOR UPDATE SKIP LOCKED",
            &certificate[..]
        );
        if free.fetch_optional(&mut *db).await?.is_some() {
            return Ok(());
        }
        if !patience.wait().await {
            tracing::warn!(
                sha256 = hex::encode(certificate),
                "somebody holds the row of a certificate that is revoked"
            );
            return Ok(());
        }
    }
}

/// Revokes a certificate and tells of it. Two round trips.
pub async fn revoke(
    tx: &mut Recorder,
    certificate: &Fingerprint,
    revoked: &Revoked,
    revoker: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO revocation (certificate, reason, note, revoker, revoked_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        &certificate[..],
        revoked.reason.as_str(),
        revoked.note,
        revoker,
        to_row(revoked.at)
    )
    .execute(tx.db())
    .await?;
    certificate::tell(tx, certificate).await
}

/// Bars a key for ever and tells of it; false where it is barred. Two round trips.
pub async fn bar(tx: &mut Recorder, key_id: KeyId) -> Result<bool, Error> {
    let now = tx.now();
    let barred = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM barred_key WHERE key_id = $1) AS "barred!""#,
        &key_id[..]
    );
    if barred.fetch_one(tx.db()).await? {
        return Ok(false);
    }
    sqlx::query!("INSERT INTO barred_key (key_id, barred_at) VALUES ($1, $2)", &key_id[..], to_row(now))
        .execute(tx.db())
        .await?;
    tx.changed(ChangeKind::Created, &BarredKeyRow { key_id, barred_at: now });
    Ok(true)
}

/// Lists certificates that should have been revoked with another and were not: renewed from one whose key was compromised,
/// or with a barred key. The signer may have been issuing them at that moment.
pub async fn stragglers(db: &mut PgConnection) -> Result<Vec<(Fingerprint, Option<KeyId>)>, Error> {
    let rows = sqlx::query!(
        "SELECT c.sha256, c.key_id FROM certificate c
          WHERE NOT EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256)
            AND (EXISTS (SELECT FROM revocation r WHERE r.certificate = c.previous AND r.reason = 'KEY_COMPROMISE')
                 OR EXISTS (SELECT FROM barred_key b WHERE b.key_id = c.key_id))
          ORDER BY c.created_at, c.serial"
    );
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        let key_id = row.key_id.map(|id| text(id.try_into().ok())).transpose()?;
        Ok((text(row.sha256.try_into().ok())?, key_id))
    });
    rows.collect()
}

/// Lists every revoked certificate of an authority, by serial: serial, time and reason.
pub async fn list(
    db: &mut PgConnection,
    authority: &Fingerprint,
) -> Result<Vec<(String, Timestamp, RevocationReason)>, Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (c.serial) c.serial, r.revoked_at, r.reason
           FROM revocation r JOIN certificate c ON c.sha256 = r.certificate
          WHERE c.authority = $1 ORDER BY c.serial, r.reason <> 'KEY_COMPROMISE', r.known_no",
        &authority[..]
    )
    .fetch_all(db)
    .await?;
    let rows = rows.into_iter().map(|row| {
        Ok((row.serial, from_row(row.revoked_at), text(RevocationReason::from_text(&row.reason))?))
    });
    rows.collect()
}

/// Lists every barred key.
pub(super) async fn all_barred_keys(db: &mut PgConnection) -> Result<Vec<BarredKeyRow>, Error> {
    let rows = sqlx::query!(
        r#"SELECT key_id, min(barred_at) AS "barred_at!" FROM barred_key GROUP BY key_id ORDER BY key_id"#
    );
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        Ok(BarredKeyRow { key_id: text(row.key_id.try_into().ok())?, barred_at: from_row(row.barred_at) })
    });
    rows.collect()
}
