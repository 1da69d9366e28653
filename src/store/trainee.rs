//! Trainees: sealed records, and the digests by which persons are found again. Under row-level security: the prison's
//! alone; what a lead agency may be shown comes through `sealed_of`. Nothing here can open a record.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, text, to_row};
use crate::domain::{AgencyCode, roster::TraineeRef, trainee::NumberKind};

/// A person as stored: the record is sealed.
#[derive(Debug, Clone)]
pub struct StoredTrainee {
    /// The row's key.
    pub id: Uuid,
    /// The random name under which others know the person.
    pub reference: TraineeRef,
    /// The person's prison.
    pub prison: AgencyCode,
    /// The version of the sealing key.
    pub key_version: i32,
    /// The record, sealed.
    pub sealed: Vec<u8>,
    /// Whether no partner may be shown the person.
    pub withheld: bool,
    /// Counts changes, from 1.
    pub version: i64,
}

struct Row {
    id: Uuid,
    r#ref: Vec<u8>,
    prison: String,
    key_version: i32,
    sealed: Vec<u8>,
    withheld: bool,
    version: i64,
}

impl TryFrom<Row> for StoredTrainee {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            reference: text(TraineeRef::from_store(&row.r#ref))?,
            prison: AgencyCode::from_store(row.prison),
            key_version: row.key_version,
            sealed: row.sealed,
            withheld: row.withheld,
            version: row.version,
        })
    }
}

/// Finds the prison's persons with these numbers, each with the digest that found it.
pub async fn find_by_digests(
    db: &mut PgConnection,
    prison: &AgencyCode,
    number: NumberKind,
    key_version: i32,
    digests: &[[u8; 32]],
) -> Result<Vec<([u8; 32], StoredTrainee)>, Error> {
    if digests.is_empty() {
        return Ok(Vec::new());
    }
    let digests: Vec<Vec<u8>> = digests.iter().map(|digest| digest.to_vec()).collect();
    let rows = sqlx::query!(
        "SELECT d.digest, t.id, t.ref, t.key_version, t.sealed, t.withheld, t.version
           FROM unnest($4::bytea[]) AS named (digest)
           JOIN trainee_digest d ON d.prison = $1 AND d.kind = $2 AND d.key_version = $3 AND d.digest = named.digest
           JOIN trainee t ON t.id = d.trainee",
        prison.as_str(),
        number.as_str(),
        key_version,
        &digests
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let digest = text(<[u8; 32]>::try_from(row.digest).ok())?;
            let stored = StoredTrainee {
                id: row.id,
                reference: text(TraineeRef::from_store(&row.r#ref))?,
                prison: prison.clone(),
                key_version: row.key_version,
                sealed: row.sealed,
                withheld: row.withheld,
                version: row.version,
            };
            Ok((digest, stored))
        })
        .collect()
}

/// Finds a person of the prison's own.
pub async fn find(
    db: &mut PgConnection,
    reference: &TraineeRef,
    prison: &AgencyCode,
) -> Result<Option<StoredTrainee>, Error> {
    let row = sqlx::query_as!(
        Row,
        "SELECT id, ref, prison, key_version, sealed, withheld, version FROM trainee WHERE ref = $1 AND prison = $2",
        reference.as_bytes(),
        prison.as_str()
    );
    row.fetch_optional(db).await?.map(StoredTrainee::try_from).transpose()
}

/// Finds persons of the prison's own, by key.
pub async fn find_by_ids(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<StoredTrainee>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, prison, key_version, sealed, withheld, version FROM trainee WHERE id = ANY ($1)",
        ids
    );
    rows.fetch_all(db).await?.into_iter().map(StoredTrainee::try_from).collect()
}

/// Inserts persons. One round trip.
pub async fn insert(
    db: &mut PgConnection,
    prison: &AgencyCode,
    trainees: &[StoredTrainee],
    now: Timestamp,
) -> Result<(), Error> {
    if trainees.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = trainees.iter().map(|trainee| trainee.id).collect();
    let refs: Vec<_> = trainees.iter().map(|trainee| trainee.reference.as_bytes().to_vec()).collect();
    let sealed: Vec<_> = trainees.iter().map(|trainee| trainee.sealed.clone()).collect();
    let versions: Vec<_> = trainees.iter().map(|trainee| trainee.key_version).collect();
    sqlx::query!(
        "INSERT INTO trainee (id, ref, prison, sealed, key_version, created_at)
         SELECT r.id, r.ref, $1, r.sealed, r.key_version, $2
           FROM unnest($3::uuid[], $4::bytea[], $5::bytea[], $6::int4[]) AS r (id, ref, sealed, key_version)",
        prison.as_str(),
        to_row(now),
        &ids,
        &refs,
        &sealed,
        &versions
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Inserts digests of persons. A NIK that is another's already stays the other's; a register number then is a conflict.
pub async fn insert_digests(
    db: &mut PgConnection,
    prison: &AgencyCode,
    number: NumberKind,
    key_version: i32,
    digests: &[(Uuid, [u8; 32])],
) -> Result<(), Error> {
    if digests.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = digests.iter().map(|(id, _)| *id).collect();
    let digests: Vec<Vec<u8>> = digests.iter().map(|(_, digest)| digest.to_vec()).collect();
    let inserted = sqlx::query!(
        "INSERT INTO trainee_digest (prison, kind, key_version, digest, trainee)
         SELECT $1, $2, $3, r.digest, r.trainee FROM unnest($4::uuid[], $5::bytea[]) AS r (trainee, digest)
         ON CONFLICT DO NOTHING",
        prison.as_str(),
        number.as_str(),
        key_version,
        &ids,
        &digests
    )
    .execute(db)
    .await?;
    let all = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    if number == NumberKind::Register && inserted.rows_affected() < all {
        return Err(Error::Lost("somebody else nominated the same person".to_owned()));
    }
    Ok(())
}

/// Forgets a person's digests, before others are given.
pub async fn delete_digests(db: &mut PgConnection, trainee: Uuid) -> Result<(), Error> {
    sqlx::query!("DELETE FROM trainee_digest WHERE trainee = $1", trainee).execute(db).await?;
    Ok(())
}

/// Stores a person's record and version.
pub async fn update_record(db: &mut PgConnection, trainee: &StoredTrainee) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE trainee SET sealed = $2, key_version = $3, version = $4 WHERE id = $1",
        trainee.id,
        trainee.sealed,
        trainee.key_version,
        trainee.version
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores whether a person is withheld, and the version; the record may be sealed anew meanwhile.
pub async fn update_withheld(
    db: &mut PgConnection,
    id: Uuid,
    withheld: bool,
    version: i64,
) -> Result<(), Error> {
    sqlx::query!("UPDATE trainee SET withheld = $2, version = $3 WHERE id = $1", id, withheld, version)
        .execute(db)
        .await?;
    Ok(())
}

/// A sealed record that the lead agency may be shown.
#[derive(Debug)]
pub struct Shown {
    /// The enrolment's key.
    pub enrolment: Uuid,
    /// The trainee's key.
    pub trainee: Uuid,
    /// The version of the sealing key.
    pub key_version: i32,
    /// The record, sealed.
    pub sealed: Vec<u8>,
}

/// Lists, for the lead agency, the sealed records of those of these enrolments that are CONFIRMED and not withheld.
pub async fn list_shown(db: &mut PgConnection, enrolments: &[Uuid]) -> Result<Vec<Shown>, Error> {
    if enrolments.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Shown,
        r#"SELECT enrolment AS "enrolment!", trainee AS "trainee!", key_version AS "key_version!", sealed AS "sealed!"
             FROM sealed_of($1)"#,
        enrolments
    );
    Ok(rows.fetch_all(db).await?)
}

/// Lists every person, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<StoredTrainee>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, prison, key_version, sealed, withheld, version FROM trainee ORDER BY id"
    );
    rows.fetch_all(db).await?.into_iter().map(StoredTrainee::try_from).collect()
}

/// A digest by which a person is found again.
#[derive(Debug)]
pub(super) struct PersonDigest {
    pub trainee: Uuid,
    pub prison: String,
    /// [`NumberKind`], as text.
    pub number: String,
    pub key_version: i32,
    pub digest: Vec<u8>,
}

/// Lists the digests of every person, for the owner, whom no policy binds.
pub(super) async fn all_digests(db: &mut PgConnection) -> Result<Vec<PersonDigest>, Error> {
    let rows = sqlx::query_as!(
        PersonDigest,
        "SELECT trainee, prison, kind AS number, key_version, digest FROM trainee_digest"
    );
    Ok(rows.fetch_all(db).await?)
}
