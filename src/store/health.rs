//! Questions of `gerbang doctor` to the database. Changes nothing.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, from_row};
use crate::domain::access::Fingerprint;

/// Reads the database's clock. Nothing is decided by it: it is compared with ours, since certificates and lists that
/// one machine finds valid would be refused by the other. The only query that asks for it.
pub async fn clock(db: &mut PgConnection) -> Result<Timestamp, Error> {
    Ok(from_row(sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#).fetch_one(db).await?))
}

/// Whether a certificate is in the inventory.
pub async fn has_certificate(db: &mut PgConnection, fingerprint: &Fingerprint) -> Result<bool, Error> {
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM certificate WHERE sha256 = $1) AS "known!""#,
        &fingerprint[..]
    );
    Ok(known.fetch_one(db).await?)
}
