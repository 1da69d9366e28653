//! Trainees: sealed records, and the digests by which persons are found again. Under row-level security: the prison's
//! alone; what a lead agency may be shown comes through `sealed_of`. Nothing here can open a record.

use jiff::Timestamp;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Error, from_row, text, to_row};
use crate::{
    domain::{AgencyCode, roster::TraineeRef, trainee::NumberKind},
    ledger::row::LegalHoldRow,
};

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
    /// The record, sealed; `None` where it is erased.
    pub sealed: Option<Vec<u8>>,
    /// Whether no partner may be shown the person.
    pub withheld: bool,
    /// Since when nothing of the person may be erased, where that is so.
    pub held_since: Option<Timestamp>,
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
    held_at: Option<OffsetDateTime>,
}

impl TryFrom<Row> for StoredTrainee {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            reference: text(TraineeRef::from_store(&row.r#ref))?,
            prison: AgencyCode::from_store(row.prison),
            key_version: row.key_version,
            sealed: Some(row.sealed).filter(|sealed| !sealed.is_empty()),
            withheld: row.withheld,
            held_since: row.held_at.map(from_row),
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
        r#"SELECT d.digest, t.id, t.ref, t.prison, t.key_version, t.sealed, t.withheld, t.version,
                  (SELECT h.held_at FROM legal_hold h WHERE h.trainee = t.id) AS "held_at?"
           FROM unnest($4::bytea[]) AS named (digest)
           JOIN trainee_digest d ON d.prison = $1 AND d.kind = $2 AND d.key_version = $3 AND d.digest = named.digest
           JOIN trainee t ON t.id = d.trainee"#,
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
            let (sealed, withheld, version) = (row.sealed, row.withheld, row.version);
            let (id, r#ref, prison, key_version, held_at) =
                (row.id, row.r#ref, row.prison, row.key_version, row.held_at);
            let stored =
                Row { id, r#ref, prison, key_version, sealed, withheld, version, held_at }.try_into()?;
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
        r#"SELECT id, ref, prison, key_version, sealed, withheld, version,
                  (SELECT h.held_at FROM legal_hold h WHERE h.trainee = t.id) AS "held_at?"
             FROM trainee t WHERE ref = $1 AND prison = $2"#,
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
        r#"SELECT id, ref, prison, key_version, sealed, withheld, version,
                  (SELECT h.held_at FROM legal_hold h WHERE h.trainee = t.id) AS "held_at?"
             FROM trainee t WHERE id = ANY ($1)"#,
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
    let sealed: Vec<_> = trainees.iter().map(|trainee| trainee.sealed.clone().unwrap_or_default()).collect();
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

/// Locks persons until the transaction ends, so that nothing of them is erased or changed; says the version of each that is not erased.
pub async fn lock(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, i64)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        "SELECT id, version, octet_length(sealed) AS size FROM trainee WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE",
        ids
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.filter(|row| row.size.unwrap_or_default() > 0).map(|row| (row.id, row.version)).collect())
}

/// Stores a person's record and version. `Lost` where another version than the one before is stored.
pub async fn update_record(db: &mut PgConnection, trainee: &StoredTrainee) -> Result<(), Error> {
    let stored = sqlx::query!(
        "UPDATE trainee SET sealed = $2, key_version = $3, version = $4 WHERE id = $1 AND version = $4::int8 - 1",
        trainee.id,
        trainee.sealed.as_deref(),
        trainee.key_version,
        trainee.version
    );
    changed(stored.execute(db).await?.rows_affected())
}

fn changed(rows: u64) -> Result<(), Error> {
    match rows {
        1 => Ok(()),
        _ => Err(Error::Lost("another call changed the trainee".to_owned())),
    }
}

/// Stores whether a person is withheld, and the version; the record may be sealed anew meanwhile. `Lost` as above.
pub async fn update_withheld(
    db: &mut PgConnection,
    id: Uuid,
    withheld: bool,
    version: i64,
) -> Result<(), Error> {
    let stored = sqlx::query!(
        "UPDATE trainee SET withheld = $2, version = $3 WHERE id = $1 AND version = $3::int8 - 1",
        id,
        withheld,
        version
    );
    changed(stored.execute(db).await?.rows_affected())
}

/// Lists every legal hold, for the owner.
pub(super) async fn all_holds(db: &mut PgConnection) -> Result<Vec<LegalHoldRow>, Error> {
    let rows = sqlx::query!(
        "SELECT h.id, t.ref, h.prison, h.held_at FROM legal_hold h JOIN trainee t ON t.id = h.trainee"
    );
    let hold = |(id, bits, prison, held_at): (_, Vec<u8>, String, _)| {
        let (trainee, prison) = (text(TraineeRef::from_store(&bits))?, AgencyCode::from_store(prison));
        Ok(LegalHoldRow { id, trainee, prison, since: from_row(held_at), version: 1 })
    };
    rows.fetch_all(db)
        .await?
        .into_iter()
        .map(|row| hold((row.id, row.r#ref, row.prison, row.held_at)))
        .collect()
}

/// Places a legal hold on a person of the prison's own.
pub async fn insert_hold(db: &mut PgConnection, trainee: Uuid, hold: &LegalHoldRow) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO legal_hold (id, trainee, prison, held_at) VALUES ($1, $2, $3, $4)",
        hold.id,
        trainee,
        hold.prison.as_str(),
        to_row(hold.since)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Lifts the legal hold on a person of the caller's, and says which it was. `Lost` where there is none.
pub async fn delete_hold(db: &mut PgConnection, trainee: Uuid) -> Result<(Uuid, Timestamp), Error> {
    let lifted =
        sqlx::query!(r#"SELECT id, held_at FROM lift_legal_hold($1)"#, trainee).fetch_one(db).await?;
    let lost = || Error::Lost("another call lifted the hold".to_owned());
    lifted.id.zip(lifted.held_at.map(from_row)).ok_or_else(lost)
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
        r#"SELECT id, ref, prison, key_version, sealed, withheld, version,
                  (SELECT h.held_at FROM legal_hold h WHERE h.trainee = t.id) AS "held_at?"
             FROM trainee t ORDER BY id"#
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
