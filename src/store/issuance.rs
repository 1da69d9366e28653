//! The signer's side: issuances under way, certificates for the inventory, and its lists. In the signer's role, which
//! alone inserts certificates and lists.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, from_row, text, to_row};
use crate::domain::{
    access::{Fingerprint, Role},
    certificate::{KeyId, OrderId, Stage},
};

/// An order that the signer has taken up.
#[derive(Debug, Clone)]
pub struct Issuance {
    /// The order.
    pub order: OrderId,
    /// The stage that it has come to.
    pub stage: Stage,
    /// The bytes that are signed in the end; empty where the order was refused.
    pub to_be_signed: Vec<u8>,
    /// Lower-case hexadecimal.
    pub serial: Option<String>,
    /// The authority that issues it; `None` where the policy refused.
    pub authority: Option<Fingerprint>,
    /// The reason code of a refusal.
    pub reason: Option<String>,
    /// The moment at which the signer took the order up.
    pub recorded_at: Timestamp,
}

/// A place among the orders that wait: the time and the id of one.
pub type Place = (Timestamp, OrderId);

/// Lists orders that may be the signer's to act on: with a key and, but for gateways' own, somebody's signature, and
/// not at their end. Oldest first, those behind `after`, and `limit` at most: whoever has a gateway's role may forge any
/// number of them.
pub async fn candidates(
    db: &mut PgConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Place>, Error> {
    let rows = sqlx::query!(
        "SELECT o.id, o.created_at FROM certificate_order o LEFT JOIN issuance i ON i.certificate_order = o.id
          WHERE o.key_id IS NOT NULL AND NOT o.rejected AND coalesce(i.state, '') NOT IN ('ISSUED', 'REJECTED')
            AND (o.way = 'GATEWAY' OR EXISTS (SELECT FROM order_approval a WHERE a.certificate_order = o.id))
            AND ($1::timestamptz IS NULL OR (o.created_at, o.id) > ($1, $2))
          ORDER BY o.created_at, o.id LIMIT $3",
        after.map(|(at, _)| to_row(at)),
        after.map(|(_, id)| id.0),
        limit
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.map(|row| (from_row(row.created_at), OrderId(row.id))).collect())
}

/// Finds the issuance of an order and locks it until the transaction ends. One round trip.
pub async fn find(db: &mut PgConnection, order: OrderId) -> Result<Option<Issuance>, Error> {
    let row = sqlx::query!(
        "SELECT state, to_be_signed, serial, authority, reason, recorded_at FROM issuance
          WHERE certificate_order = $1 FOR UPDATE",
        order.0
    )
    .fetch_optional(db)
    .await?;
    let found = row.map(|row| {
        Ok(Issuance {
            order,
            stage: text(Stage::from_text(&row.state))?,
            to_be_signed: row.to_be_signed.unwrap_or_default(),
            serial: row.serial,
            authority: row.authority.map(|sha256| text(sha256.try_into().ok())).transpose()?,
            reason: row.reason,
            recorded_at: from_row(row.recorded_at),
        })
    });
    found.transpose()
}

/// Writes the signer's first step; the order's version is [`next_version`]'s.
pub async fn insert(db: &mut PgConnection, issuance: &Issuance) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO issuance (certificate_order, state, authority, serial, to_be_signed, reason, recorded_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        issuance.order.0,
        issuance.stage.as_str(),
        issuance.authority.as_ref().map(<[u8; 32]>::as_slice),
        issuance.serial,
        issuance.to_be_signed,
        issuance.reason,
        to_row(issuance.recorded_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores stage, reason and certificate.
pub async fn advance(
    db: &mut PgConnection,
    issuance: &Issuance,
    certificate: Option<&Fingerprint>,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE issuance SET state = $2, reason = $3, certificate = $4, changed_at = $5
          WHERE certificate_order = $1",
        issuance.order.0,
        issuance.stage.as_str(),
        issuance.reason,
        certificate.map(<[u8; 32]>::as_slice),
        to_row(now)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks an order until the transaction ends and counts its version up. `None` where another transaction has it, or
/// where it is gone: the signer comes back to it.
pub async fn next_version(db: &mut PgConnection, order: OrderId) -> Result<Option<i64>, Error> {
    let version = sqlx::query_scalar!(
        "UPDATE certificate_order SET version = version + 1
          WHERE id = (SELECT id FROM certificate_order WHERE id = $1 FOR UPDATE SKIP LOCKED) RETURNING version",
        order.0
    );
    Ok(version.fetch_optional(db).await?)
}

/// Takes a statement; false where it was used before.
pub async fn use_statement(db: &mut PgConnection, sha256: &[u8; 32], order: OrderId) -> Result<bool, Error> {
    let taken = sqlx::query!(
        "INSERT INTO used_statement (sha256, certificate_order) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &sha256[..],
        order.0
    );
    Ok(taken.execute(db).await?.rows_affected() == 1)
}

/// A certificate for the inventory.
pub struct NewCertificate<'a> {
    /// SHA-256 over the certificate.
    pub fingerprint: Fingerprint,
    /// Agency and system; `None` for a gateway.
    pub holder: Option<(&'a str, &'a str)>,
    /// Lower-case hexadecimal.
    pub serial: &'a str,
    /// The first second of validity.
    pub not_before: Timestamp,
    /// The last second of validity.
    pub not_after: Timestamp,
    /// The moment of issuance.
    pub created_at: Timestamp,
    /// The authority that issued it.
    pub authority: Fingerprint,
    /// The certificate, DER.
    pub der: &'a [u8],
    /// SHA-256 over the certificate's public key.
    pub key_id: KeyId,
    /// The certificate that it renews.
    pub previous: Option<Fingerprint>,
    /// Whether its key may sign approvals.
    pub administrator: bool,
    /// The role that was signed for; `None` for a gateway.
    pub role: Option<Role>,
}

/// Inserts a certificate into the inventory. One round trip.
pub async fn insert_certificate(db: &mut PgConnection, new: &NewCertificate<'_>) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO certificate (sha256, agency, system, serial, not_before, not_after, created_at, authority, der,
             key_id, previous, administrator, role)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &new.fingerprint[..],
        new.holder.map(|(agency, _)| agency),
        new.holder.map(|(_, system)| system),
        new.serial,
        to_row(new.not_before),
        to_row(new.not_after),
        to_row(new.created_at),
        &new.authority[..],
        new.der,
        &new.key_id[..],
        new.previous.as_ref().map(<[u8; 32]>::as_slice),
        new.administrator,
        new.role.map(Role::as_str)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores the moment at which a renewed certificate stops letting anybody in.
pub async fn end(db: &mut PgConnection, certificate: &Fingerprint, at: Timestamp) -> Result<(), Error> {
    sqlx::query!("UPDATE certificate SET ends_at = $2 WHERE sha256 = $1", &certificate[..], to_row(at))
        .execute(db)
        .await?;
    Ok(())
}

/// Whether the newest list of an authority is from after `oldest` and names as many certificates as are revoked: since
/// revocations are never changed, it then names the same. One round trip; loads neither the list nor the revocations.
pub async fn is_list_current(
    db: &mut PgConnection,
    authority: &Fingerprint,
    oldest: Timestamp,
) -> Result<bool, Error> {
    let current = sqlx::query_scalar!(
        r#"SELECT coalesce((SELECT this_update > $2 AND revoked = (SELECT count(DISTINCT r.certificate) FROM revocation r
                                    JOIN certificate c ON c.sha256 = r.certificate WHERE c.authority = $1)
                             FROM crl WHERE authority = $1 ORDER BY number DESC LIMIT 1), false) AS "current!""#,
        &authority[..],
        to_row(oldest)
    );
    Ok(current.fetch_one(db).await?)
}

/// Counts the certificates of the inventory.
pub async fn count(db: &mut PgConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM certificate"#).fetch_one(db).await?)
}

/// Notes that the signer is at work.
pub async fn beat(db: &mut PgConnection, now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO signer_beat (only_one, beat_at) VALUES (true, $1)
         ON CONFLICT (only_one) DO UPDATE SET beat_at = excluded.beat_at",
        to_row(now)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps of sightings older than a day the last of each day, and of lists the newest three of each authority.
pub async fn tidy(db: &mut PgConnection, before: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "DELETE FROM sighting s WHERE s.minute < $1 AND EXISTS (SELECT FROM sighting later
             WHERE later.certificate = s.certificate AND later.minute > s.minute
               AND later.minute < date_trunc('day', s.minute, 'UTC') + interval '1 day')",
        to_row(before)
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "DELETE FROM crl c WHERE (SELECT count(*) FROM crl newer
             WHERE newer.authority = c.authority AND newer.number > c.number) >= 3"
    )
    .execute(db)
    .await?;
    Ok(())
}
