//! Authorities and their revocation lists.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, from_row, text, to_row};
use crate::domain::{
    access::Fingerprint,
    certificate::{Authority, AuthorityKind, Crl},
};

/// Inserts an authority without its list, which [`insert_crl`] inserts.
pub async fn insert(db: &mut PgConnection, authority: &Authority, now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO authority (sha256, kind, name, der, key_id, not_after, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &authority.fingerprint[..],
        authority.kind.as_str(),
        authority.name,
        authority.der,
        &authority.key_id[..],
        to_row(authority.not_after),
        to_row(now)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lists all authorities, the root first, each with its newest list.
pub async fn list(db: &mut PgConnection) -> Result<Vec<Authority>, Error> {
    let rows = sqlx::query!(
        r#"SELECT a.sha256, a.kind, a.name, a.der, a.key_id, a.not_after, a.version, c.number AS "number?", c.der AS "crl?",
                  c.this_update AS "this_update?", c.next_update AS "next_update?"
             FROM authority a
             LEFT JOIN LATERAL (SELECT * FROM crl WHERE authority = a.sha256 ORDER BY number DESC LIMIT 1) c ON true
            ORDER BY a.kind <> 'ROOT', a.kind, a.created_at"#
    )
    .fetch_all(db)
    .await?;
    let mut authorities = Vec::with_capacity(rows.len());
    for row in rows {
        let crl = row.number.zip(row.crl).zip(row.this_update.zip(row.next_update));
        authorities.push(Authority {
            fingerprint: text(row.sha256.try_into().ok())?,
            kind: text(AuthorityKind::from_text(&row.kind))?,
            name: row.name,
            der: row.der,
            key_id: text(row.key_id.try_into().ok())?,
            not_after: from_row(row.not_after),
            version: row.version,
            crl: crl.map(|((number, der), (this_update, next_update))| Crl {
                number,
                der,
                this_update: from_row(this_update),
                next_update: from_row(next_update),
            }),
        });
    }
    Ok(authorities)
}

/// Finds the newest list of an authority.
pub async fn newest_crl(db: &mut PgConnection, authority: &Fingerprint) -> Result<Option<Crl>, Error> {
    let found = list(db).await?.into_iter().find(|known| known.fingerprint == *authority);
    Ok(found.and_then(|found| found.crl))
}

/// Inserts a list that names so many certificates, and answers with its version: how many the authority has had.
pub async fn insert_crl(
    db: &mut PgConnection,
    authority: &Fingerprint,
    crl: &Crl,
    revoked: i32,
) -> Result<i64, Error> {
    let version = sqlx::query_scalar!(
        "INSERT INTO crl (authority, number, der, this_update, next_update, revoked, version)
         VALUES ($1, $2, $3, $4, $5, $6, (SELECT coalesce(max(version), 0) + 1 FROM crl WHERE authority = $1))
         RETURNING version",
        &authority[..],
        crl.number,
        crl.der,
        to_row(crl.this_update),
        to_row(crl.next_update),
        revoked
    );
    Ok(version.fetch_one(db).await?)
}

/// Lists the newest list of every authority, with its version.
pub(super) async fn newest_crls(db: &mut PgConnection) -> Result<Vec<(Fingerprint, i64, Crl)>, Error> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (authority) authority, version, number, der, this_update, next_update
           FROM crl ORDER BY authority, number DESC"
    );
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        let (this_update, next_update) = (from_row(row.this_update), from_row(row.next_update));
        let crl = Crl { number: row.number, der: row.der, this_update, next_update };
        Ok((text(row.authority.try_into().ok())?, row.version, crl))
    });
    rows.collect()
}
