//! Trainers. Under row-level security: the employing agency's alone. Others learn of one by name of the resource
//! (`store::push`) and by what an assignment shows them (`store::assignment`).

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Document, Entered, Error, Part, Question, document, from_row, readable, registry::rows_as_caller, text,
    to_document, to_row,
};
use crate::domain::{
    AgencyCode,
    access::Fingerprint,
    name::TrainerName,
    text::Text,
    trainer::{
        BookingKey, Lending, PersonKeys, Profile, RegistrationState, Trainer, TrainerKind, TrainerStatus,
    },
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "trainer_row")]
struct Row {
    id: Uuid,
    agency: String,
    r#ref: String,
    full_name: String,
    kind: String,
    competences: Document,
    status: String,
    lendable_to: Vec<String>,
    lendable_to_all: bool,
    version: i64,
    created_at: time::OffsetDateTime,
    pending: bool,
}

impl TryFrom<Row> for Trainer {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            name: TrainerName::from_store(AgencyCode::from_store(row.agency), row.r#ref),
            profile: Profile {
                full_name: Text::from_store(row.full_name),
                kind: text(TrainerKind::from_text(&row.kind))?,
                competences: document(&row.competences)?,
                status: text(TrainerStatus::from_text(&row.status))?,
                lending: Lending {
                    to_all: row.lendable_to_all,
                    to: row.lendable_to.into_iter().map(AgencyCode::from_store).collect(),
                },
            },
            registration: match row.pending {
                true => RegistrationState::Pending,
                false => RegistrationState::Confirmed,
            },
            version: row.version,
            created_at: from_row(row.created_at),
        })
    }
}

/// Inserts a trainer with the keys of the person. One round trip.
pub async fn insert(db: &mut PgConnection, trainer: &Trainer, keys: &PersonKeys) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO trainer (id, agency, ref, full_name, kind, competences, status, booking_key, version, created_at,
                              lendable_to, lendable_to_all, nik_key, nip_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        trainer.id,
        trainer.name.agency.as_str(),
        trainer.name.id,
        trainer.profile.full_name.as_str(),
        trainer.profile.kind.as_str(),
        to_document(&trainer.profile.competences)?,
        trainer.profile.status.as_str(),
        &keys.booking[..],
        trainer.version,
        to_row(trainer.created_at),
        &lendable_to(trainer),
        trainer.profile.lending.to_all,
        keys.nik.map(|key| key.to_vec()),
        keys.nip.map(|key| key.to_vec())
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores a trainer's profile and version. One round trip.
pub async fn update(db: &mut PgConnection, trainer: &Trainer) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE trainer SET full_name = $2, kind = $3, competences = $4, status = $5, version = $6,
                lendable_to = $7, lendable_to_all = $8
          WHERE id = $1",
        trainer.id,
        trainer.profile.full_name.as_str(),
        trainer.profile.kind.as_str(),
        to_document(&trainer.profile.competences)?,
        trainer.profile.status.as_str(),
        trainer.version,
        &lendable_to(trainer),
        trainer.profile.lending.to_all
    )
    .execute(db)
    .await?;
    Ok(())
}

fn lendable_to(trainer: &Trainer) -> Vec<String> {
    trainer.profile.lending.to.iter().map(AgencyCode::to_string).collect()
}

/// Finds the key of the person who is booked when the trainer is: to lock the person.
pub async fn find_booking_key(db: &mut PgConnection, id: Uuid) -> Result<BookingKey, Error> {
    let key = sqlx::query_scalar!("SELECT booking_key FROM trainer WHERE id = $1", id).fetch_one(db).await?;
    text(BookingKey::try_from(key).ok())
}

/// Finds a trainer of the reader's own.
pub async fn find(
    db: &mut PgConnection,
    name: &TrainerName,
    reader: &AgencyCode,
) -> Result<Option<Trainer>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, agency, ref, full_name, kind, competences AS "competences: _", status, lendable_to, lendable_to_all, version,
                created_at, EXISTS (SELECT FROM trainer_claim c WHERE c.trainer = trainer.id AND c.state = 'PENDING') AS "pending!"
           FROM trainer WHERE agency = $1 AND ref = $2 AND agency = $3"#,
        name.agency.as_str(),
        name.id,
        reader.as_str()
    )
    .fetch_optional(db)
    .await?;
    row.map(Trainer::try_from).transpose()
}

/// The question for a trainer of the caller's own. One round trip.
pub struct One<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The trainer's name.
    pub name: &'a TrainerName,
}

impl Question for One<'_> {
    type Answer = (Option<Entered>, Option<Trainer>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (t.id, t.agency, t.ref, t.full_name, t.kind, t.competences, t.status, t.lendable_to, t.lendable_to_all,
                     t.version, t.created_at,
                     coalesce((SELECT k.state = 'PENDING' FROM trainer_claim k WHERE k.trainer = t.id), false))::trainer_row
               FROM trainer t WHERE t.agency = $2 AND t.ref = $3 AND t.agency = c.agency",
            &self.fingerprint[..],
            self.name.agency.as_str(),
            self.name.id
        );
        Ok((caller, rows.into_iter().next().map(Trainer::try_from).transpose()?))
    }
}

/// The question for a part of the caller's own trainers, by reference. The claim of each is looked up by its key: an EXISTS
/// becomes a look at all claims. One round trip.
pub struct List<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The status of the trainers; `None` for all.
    pub status: Option<TrainerStatus>,
    /// The reference after which the part begins.
    pub after: Option<&'a str>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List<'_> {
    type Answer = (Option<Entered>, Part<Trainer>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (t.id, t.agency, t.ref, t.full_name, t.kind, t.competences, t.status, t.lendable_to, t.lendable_to_all,
                     t.version, t.created_at,
                     coalesce((SELECT k.state = 'PENDING' FROM trainer_claim k WHERE k.trainer = t.id), false))::trainer_row
               FROM trainer t
              WHERE t.agency = c.agency AND ($2::text IS NULL OR t.status = $2) AND t.ref > $3
              ORDER BY t.ref LIMIT $4",
            &self.fingerprint[..],
            self.status.map(TrainerStatus::as_str),
            self.after.unwrap_or_default(),
            self.limit
        );
        let name = |row: &Row| format!("agencies/{}/trainers/{}", row.agency, row.r#ref);
        Ok((caller, Part::read(rows, self.limit, name, |row: &Row| vec![row.r#ref.clone()])))
    }
}

/// Lists every trainer, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Trainer>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, agency, ref, full_name, kind, competences AS "competences: _", status, lendable_to, lendable_to_all, version,
                created_at, EXISTS (SELECT FROM trainer_claim c WHERE c.trainer = trainer.id AND c.state = 'PENDING') AS "pending!"
           FROM trainer ORDER BY id"#
    );
    Ok(readable(
        rows.fetch_all(db).await?,
        |row| format!("agencies/{}/trainers/{}", row.agency, row.r#ref),
        Trainer::try_from,
    ))
}
