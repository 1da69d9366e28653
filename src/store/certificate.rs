//! The inventory of certificates: what was issued, fetched, seen and renewed; what was revoked is in [`super::revocation`].

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{Error, Recorder, from_row, readable, registry::role, text, to_row};
use crate::{
    domain::{
        AgencyCode, Reason,
        access::Fingerprint,
        agency::Upcoming,
        certificate::{
            CertificateFilter, CertificateState, Issued, KeyId, RevocationReason, Revoked, Sighting,
            Successor,
        },
        name::SystemName,
    },
    ledger::ChangeKind,
};

/// Lists certificates of the inventory; states are those at `now`, by the rule of `Issued::state`.
pub async fn list(
    db: &mut PgConnection,
    filter: &CertificateFilter<'_>,
    now: Timestamp,
) -> Result<Vec<Issued>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT c.sha256, c.serial, c.agency, c.system, a.name AS "authority?", c.key_id, c.not_before, c.not_after,
                  c.ends_at, c.administrator, c.role, c.role_found, c.created_at,
                  c.version + (NOT coalesce(r.counted, true))::int AS "version!", l.collected_at AS "collected_at?",
                  f.minute AS "first_seen_at?", s.minute AS "seen_at?",
                  s.address AS "seen_from?", p.serial AS "previous?", n.serial AS "successor?",
                  n.created_at AS "renewed_at?",
                  EXISTS (SELECT FROM sighting ns WHERE ns.certificate = n.sha256) AS "successor_seen!",
                  r.reason AS "reason?", r.note AS "note?", r.revoked_at AS "revoked_at?"
             FROM certificate c
             CROSS JOIN LATERAL (SELECT least(c.not_after, c.ends_at) AS ends) e
             LEFT JOIN authority a ON a.sha256 = c.authority
             LEFT JOIN collection l ON l.certificate = c.sha256
             LEFT JOIN first_sighting f ON f.certificate = c.sha256
             LEFT JOIN LATERAL (SELECT minute, address FROM sighting WHERE certificate = c.sha256
                                ORDER BY minute DESC LIMIT 1) s ON true
             LEFT JOIN certificate p ON p.sha256 = c.previous
             LEFT JOIN certificate n ON n.previous = c.sha256
             LEFT JOIN LATERAL (SELECT * FROM revocation WHERE certificate = c.sha256
                                ORDER BY reason <> 'KEY_COMPROMISE', known_no LIMIT 1) r ON true
            WHERE ($1::text IS NULL OR c.serial = $1)
              AND ($2::bytea IS NULL OR c.sha256 = $2)
              AND ($3::text IS NULL OR c.agency = $3)
              AND ($4::text IS NULL OR $4 = certificate_state(c.not_before, c.not_after, c.ends_at,
                       r.certificate IS NOT NULL, $5))
              AND ($6::timestamptz IS NULL OR r.certificate IS NULL AND e.ends >= $5 AND e.ends < $6)
              AND ($7::timestamptz IS NULL OR (e.ends, c.serial) > ($7, $8))
              AND ($10::text IS NULL OR c.agency = $10 AND c.system = $11)
            ORDER BY e.ends, c.serial LIMIT $9"#,
        filter.serial,
        filter.fingerprint.as_ref().map(<[u8; 32]>::as_slice),
        filter.agency.map(AgencyCode::as_str),
        filter.state.map(CertificateState::as_str),
        to_row(now),
        filter.expire_before.map(to_row),
        filter.after.map(|(at, _)| to_row(at)),
        filter.after.map(|(_, serial)| serial),
        filter.limit,
        filter.system.map(|system| system.agency.as_str()),
        filter.system.map(|system| system.id.as_str())
    )
    .fetch_all(db)
    .await?;
    Ok(readable(rows, |row| format!("certificates/{}", row.serial), Issued::try_from))
}

struct Row {
    sha256: Vec<u8>,
    serial: String,
    agency: Option<String>,
    system: Option<String>,
    authority: Option<String>,
    key_id: Option<Vec<u8>>,
    not_before: time::OffsetDateTime,
    not_after: time::OffsetDateTime,
    ends_at: Option<time::OffsetDateTime>,
    administrator: bool,
    role: Option<String>,
    role_found: Option<String>,
    created_at: time::OffsetDateTime,
    version: i64,
    collected_at: Option<time::OffsetDateTime>,
    first_seen_at: Option<time::OffsetDateTime>,
    seen_at: Option<time::OffsetDateTime>,
    seen_from: Option<String>,
    previous: Option<String>,
    successor: Option<String>,
    renewed_at: Option<time::OffsetDateTime>,
    successor_seen: bool,
    reason: Option<String>,
    note: Option<String>,
    revoked_at: Option<time::OffsetDateTime>,
}

impl TryFrom<Row> for Issued {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let system = row.agency.zip(row.system);
        let revoked = row.revoked_at.zip(row.reason);
        Ok(Self {
            fingerprint: text(row.sha256.try_into().ok())?,
            serial: row.serial,
            system: system.map(|(agency, id)| SystemName::from_store(AgencyCode::from_store(agency), id)),
            authority: row.authority,
            key_id: row.key_id.map(|id| text(id.try_into().ok())).transpose()?,
            not_before: from_row(row.not_before),
            not_after: from_row(row.not_after),
            ends_at: row.ends_at.map(from_row),
            administrator: row.administrator,
            role: role(row.role.as_deref())?,
            role_found: role(row.role_found.as_deref())?,
            created_at: from_row(row.created_at),
            collected_at: row.collected_at.map(from_row),
            first_seen_at: row.first_seen_at.map(from_row),
            version: row.version,
            seen: row.seen_at.zip(row.seen_from).map(|(at, address)| Sighting { at: from_row(at), address }),
            previous: row.previous,
            successor: row.successor.zip(row.renewed_at).map(|(serial, at)| Successor {
                serial,
                issued_at: from_row(at),
                seen: row.successor_seen,
            }),
            revoked: match revoked {
                Some((at, reason)) => Some(Revoked {
                    at: from_row(at),
                    reason: text(RevocationReason::from_text(&reason))?,
                    note: row.note,
                }),
                None => None,
            },
        })
    }
}

/// Finds one certificate with what its canonical row holds, and nothing of its use or its successor. One round trip.
async fn find_told(db: &mut PgConnection, certificate: &Fingerprint) -> Result<Option<Issued>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT c.sha256, c.serial, c.agency, c.system, a.name AS "authority?", c.key_id, c.not_before, c.not_after,
                  c.ends_at, c.administrator, c.role, c.role_found, c.created_at,
                  c.version + (NOT coalesce(r.counted, true))::int AS "version!", l.collected_at AS "collected_at?",
                  f.minute AS "first_seen_at?", NULL::timestamptz AS seen_at, NULL::text AS seen_from,
                  p.serial AS "previous?", NULL::text AS successor, NULL::timestamptz AS renewed_at,
                  false AS "successor_seen!", r.reason AS "reason?", r.note AS "note?", r.revoked_at AS "revoked_at?"
             FROM certificate c
             LEFT JOIN authority a ON a.sha256 = c.authority
             LEFT JOIN collection l ON l.certificate = c.sha256
             LEFT JOIN first_sighting f ON f.certificate = c.sha256
             LEFT JOIN certificate p ON p.sha256 = c.previous
             LEFT JOIN LATERAL (SELECT * FROM revocation WHERE certificate = c.sha256
                                ORDER BY reason <> 'KEY_COMPROMISE', known_no LIMIT 1) r ON true
            WHERE c.sha256 = $1"#,
        &certificate[..]
    );
    row.fetch_optional(db).await?.map(Issued::try_from).transpose()
}

/// Finds the certificate itself and its issuer's, DER; `None` where it is from before there were authorities.
pub async fn chain(db: &mut PgConnection, certificate: &Fingerprint) -> Result<Option<[Vec<u8>; 2]>, Error> {
    let row = sqlx::query!(
        r#"SELECT c.der AS "der!", a.der AS issuer FROM certificate c JOIN authority a ON a.sha256 = c.authority
            WHERE c.sha256 = $1 AND c.der IS NOT NULL"#,
        &certificate[..]
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| [row.der, row.issuer]))
}

/// Finds the certificate itself, DER, if an authority of clients issued it: no other key signs statements.
pub async fn client_der(db: &mut PgConnection, certificate: &Fingerprint) -> Result<Option<Vec<u8>>, Error> {
    let der = sqlx::query_scalar!(
        "SELECT c.der FROM certificate c JOIN authority a ON a.sha256 = c.authority
          WHERE c.sha256 = $1 AND a.kind = 'CLIENTS'",
        &certificate[..]
    );
    Ok(der.fetch_optional(db).await?.flatten())
}

/// Finds the certificate itself, DER.
pub async fn der(db: &mut PgConnection, certificate: &Fingerprint) -> Result<Option<Vec<u8>>, Error> {
    let der = sqlx::query_scalar!("SELECT der FROM certificate WHERE sha256 = $1", &certificate[..]);
    Ok(der.fetch_optional(db).await?.flatten())
}

/// Refuses a key that a certificate for this system, or for a gateway, may not have: `KEY_BLOCKED`,
/// `KEY_OF_OTHER_AGENCY`, `KEY_IN_USE`, `KEY_OF_AUTHORITY`.
pub async fn check_key(
    db: &mut PgConnection,
    key: &[u8; 32],
    system: Option<&SystemName>,
) -> Result<(), Error> {
    let holders = holders(db, key, system).await?;
    if holders.authority {
        return Err(Reason::KeyOfAuthority.into());
    }
    if holders.blocked {
        return Err(Reason::KeyBlocked.into());
    }
    if holders.other_agency {
        return Err(Reason::KeyOfOtherAgency.into());
    }
    if holders.other_system {
        return Err(Reason::KeyInUse.into());
    }
    Ok(())
}

/// The holders that a key has, or had.
#[derive(Debug, Default, PartialEq, Eq)]
struct Holders {
    authority: bool,
    /// A certificate with it was revoked as compromised.
    blocked: bool,
    /// Another agency, or a gateway where an agency asks.
    other_agency: bool,
    /// Another system of the agency: who holds the keys of two administrators could approve alone.
    other_system: bool,
}

async fn holders(db: &mut PgConnection, key: &KeyId, system: Option<&SystemName>) -> Result<Holders, Error> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM authority WHERE key_id = $1) AS "authority!",
                  EXISTS (SELECT FROM barred_key WHERE key_id = $1) AS "blocked!",
                  EXISTS (SELECT FROM certificate WHERE key_id = $1 AND agency IS DISTINCT FROM $2) AS "other_agency!",
                  EXISTS (SELECT FROM certificate WHERE key_id = $1 AND system IS DISTINCT FROM $3) AS "other_system!""#,
        &key[..],
        system.map(|system| system.agency.as_str()),
        system.map(|system| system.id.as_str())
    )
    .fetch_one(db)
    .await?;
    Ok(Holders {
        authority: row.authority,
        blocked: row.blocked,
        other_agency: row.other_agency,
        other_system: row.other_system,
    })
}

/// Lists an agency's systems, by their full names.
pub async fn systems_of_agency(db: &mut PgConnection, agency: &AgencyCode) -> Result<Vec<String>, Error> {
    let systems = sqlx::query_scalar!(
        r#"SELECT 'agencies/' || agency || '/systems/' || system AS "name!" FROM system WHERE agency = $1"#,
        agency.as_str()
    );
    Ok(systems.fetch_all(db).await?)
}

/// Tells that something became of a certificate, after it was written: locks the certificate until the transaction
/// ends, counts its version up and records its row. Two round trips.
pub async fn changed(tx: &mut Recorder, certificate: &Fingerprint) -> Result<(), Error> {
    sqlx::query!("UPDATE certificate SET version = version + 1 WHERE sha256 = $1", &certificate[..])
        .execute(tx.db())
        .await?;
    // In a statement of its own: what others committed before the lock came is in the row.
    tell(tx, certificate).await
}

/// Tells what a certificate is now. One round trip.
pub(super) async fn tell(tx: &mut Recorder, certificate: &Fingerprint) -> Result<(), Error> {
    let issued = find_told(tx.db(), certificate).await?;
    let issued =
        issued.ok_or_else(|| Error::internal("a certificate that changed is not in the inventory"))?;
    tx.changed(ChangeKind::Updated, &issued);
    Ok(())
}

/// Counts administrators' systems that have a certificate that lets them in at a moment and still a while later.
pub async fn count_administrators(
    db: &mut PgConnection,
    now: Timestamp,
    until: Timestamp,
    without: &[String],
) -> Result<usize, Error> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(DISTINCT (c.agency, c.system)) AS "count!" FROM certificate c
             JOIN system s ON s.agency = c.agency AND s.system = c.system AND s.role = 'ADMINISTRATOR'
              AND s.role = coalesce(c.role, c.role_found)
             JOIN agency a ON a.code = c.agency AND a.state = 'ACTIVE'
            WHERE c.administrator AND c.serial <> ALL ($3)
              AND NOT EXISTS (SELECT FROM revocation r WHERE r.certificate = c.sha256)
              AND certificate_state(c.not_before, c.not_after, c.ends_at, false, $1) = 'VALID'
              AND certificate_state(c.not_before, c.not_after, c.ends_at, false, $2) = 'VALID'"#,
        to_row(now),
        to_row(until),
        without
    );
    Ok(usize::try_from(count.fetch_one(db).await?).unwrap_or_default())
}

/// Finds those of these certificates that let their holders in at `now`.
pub async fn good(
    db: &mut PgConnection,
    certificates: &[Fingerprint],
    now: Timestamp,
) -> Result<Vec<Fingerprint>, Error> {
    let certificates: Vec<_> = certificates.iter().map(|sha256| sha256.to_vec()).collect();
    let good = sqlx::query_scalar!(
        r#"SELECT sha256 AS "sha256!" FROM good_certificates($1, $2) AS sha256"#,
        &certificates,
        to_row(now)
    );
    good.fetch_all(db).await?.into_iter().map(|sha256| text(sha256.try_into().ok())).collect()
}

/// Notes that a certificate was fetched; true the first time.
pub async fn collect(
    db: &mut PgConnection,
    certificate: &Fingerprint,
    now: Timestamp,
) -> Result<bool, Error> {
    let first = sqlx::query!(
        "INSERT INTO collection (certificate, collected_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        &certificate[..],
        to_row(now)
    );
    Ok(first.execute(db).await?.rows_affected() == 1)
}

/// Notes the minute of a certificate's first use; true the first time.
pub async fn see_first(
    db: &mut PgConnection,
    certificate: &Fingerprint,
    at: Timestamp,
) -> Result<bool, Error> {
    let first = sqlx::query!(
        "INSERT INTO first_sighting (certificate, minute)
         SELECT sha256, date_trunc('minute', $2::timestamptz) FROM certificate WHERE sha256 = $1
         ON CONFLICT DO NOTHING",
        &certificate[..],
        to_row(at)
    );
    Ok(first.execute(db).await?.rows_affected() == 1)
}

/// Notes that a certificate let its holder in, to the minute; what is not in the inventory is not noted.
pub async fn see(db: &mut PgConnection, certificate: &Fingerprint, seen: &Sighting) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO sighting (certificate, minute, address)
         SELECT sha256, date_trunc('minute', $2::timestamptz), $3 FROM certificate WHERE sha256 = $1
         ON CONFLICT DO NOTHING",
        &certificate[..],
        to_row(seen.at),
        seen.address
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts the sessions and assignments of these agencies that are ahead. One round trip.
pub async fn ahead(
    db: &mut PgConnection,
    agencies: &[AgencyCode],
    now: Timestamp,
) -> Result<Upcoming, Error> {
    let ahead = sqlx::query_as!(
        Upcoming,
        r#"SELECT sessions AS "sessions!", assignments AS "assignments!" FROM ahead_of($1, $2)"#,
        &super::codes(agencies),
        to_row(now)
    );
    Ok(ahead.fetch_one(db).await?)
}

/// Finds the moment at which the signer was last at work.
pub async fn signer_beat(db: &mut PgConnection) -> Result<Option<Timestamp>, Error> {
    let beat = sqlx::query_scalar!("SELECT beat_at FROM signer_beat").fetch_optional(db).await?;
    Ok(beat.map(from_row))
}
