//! Claims on trainers. Under row-level security: those of the two agencies; the prisons', and what crosses agencies, through
//! functions.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Entered, Error, Part, Question, from_row, registry::rows_as_caller, text, to_row};
use crate::domain::{
    AgencyCode,
    access::Fingerprint,
    claim::{Claim, ClaimState, Registration},
    name::TrainerName,
    trainer::BookingKey,
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "claim_row")]
struct Row {
    id: Uuid,
    trainer: Uuid,
    claimant: String,
    trainer_ref: String,
    held: Uuid,
    holder: String,
    held_ref: String,
    state: String,
    confirmed_by: Option<String>,
    version: i64,
    created_at: time::OffsetDateTime,
}

impl TryFrom<Row> for Claim {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            claimed_id: row.trainer,
            claimed: TrainerName::from_store(AgencyCode::from_store(row.claimant), row.trainer_ref),
            held_id: row.held,
            held: TrainerName::from_store(AgencyCode::from_store(row.holder), row.held_ref),
            state: text(ClaimState::from_text(&row.state))?,
            confirmed_by: row.confirmed_by.map(AgencyCode::from_store),
            version: row.version,
            created_at: from_row(row.created_at),
        })
    }
}

/// Lists the registrations of any agency under keyed digests of a person's numbers, the oldest first; those that are only
/// claimed do not count.
pub async fn list_registrations(
    db: &mut PgConnection,
    keys: &[BookingKey],
) -> Result<Vec<Registration>, Error> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
    let rows = sqlx::query!(
        r#"SELECT id AS "id!", agency AS "agency!", ref AS "ref!", booking_key AS "booking_key!"
             FROM registrations_by($1)"#,
        &keys
    );
    let registrations = rows.fetch_all(db).await?.into_iter().map(|row| {
        Ok(Registration {
            id: row.id,
            name: TrainerName::from_store(AgencyCode::from_store(row.agency), row.r#ref),
            booking_key: text(BookingKey::try_from(row.booking_key).ok())?,
        })
    });
    registrations.collect()
}

/// Inserts a claim of the caller's agency. One round trip.
pub async fn insert(db: &mut PgConnection, claim: &Claim) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO trainer_claim (id, trainer, claimant, trainer_ref, held, holder, held_ref, state, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        claim.id,
        claim.claimed_id,
        claim.claimed.agency.as_str(),
        claim.claimed.id,
        claim.held_id,
        claim.held.agency.as_str(),
        claim.held.id,
        claim.state.as_str(),
        claim.version,
        to_row(claim.created_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds a claim that the caller may see.
pub async fn find(db: &mut PgConnection, id: Uuid) -> Result<Option<Claim>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", trainer AS "trainer!", claimant AS "claimant!", trainer_ref AS "trainer_ref!",
                  held AS "held!", holder AS "holder!", held_ref AS "held_ref!", state AS "state!", confirmed_by,
                  version AS "version!", created_at AS "created_at!"
             FROM trainer_claims($1, false, NULL, 1)"#,
        id
    );
    row.fetch_optional(db).await?.map(Claim::try_from).transpose()
}

/// The question for a part of the claims that the caller may see, the oldest first. One round trip.
pub struct List {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// Whether those that are confirmed are left out.
    pub open_only: bool,
    /// The claim after which the part begins.
    pub after: Option<Uuid>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List {
    type Answer = (Option<Entered>, Part<Claim>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (k.id, k.trainer, k.claimant, k.trainer_ref, k.held, k.holder, k.held_ref, k.state, k.confirmed_by,
                     k.version, k.created_at)::claim_row
               FROM trainer_claims(NULL, $2, $3, $4) AS k WHERE c.agency IS NOT NULL ORDER BY k.id",
            &self.fingerprint[..],
            self.open_only,
            self.after,
            self.limit
        );
        let name = |row: &Row| format!("trainerClaims/{}", row.id);
        Ok((caller, Part::read(rows, self.limit, name, |row: &Row| vec![row.id.to_string()])))
    }
}

/// Finds the keys by which the two registrations of a claim are booked: the later one's, then the earlier one's. `None`
/// where the caller may not see the claim.
pub async fn find_keys(db: &mut PgConnection, id: Uuid) -> Result<Option<[BookingKey; 2]>, Error> {
    let row =
        sqlx::query!(r#"SELECT later AS "later!", earlier AS "earlier!" FROM trainer_claim_keys($1)"#, id);
    let Some(row) = row.fetch_optional(db).await? else { return Ok(None) };
    let key = |bytes: Vec<u8>| text(BookingKey::try_from(bytes).ok());
    Ok(Some([key(row.later)?, key(row.earlier)?]))
}

/// Confirms a claim for the caller: from now on both registrations are booked as one person, and what is booked of the
/// later one ahead moves to that person. False where the caller may not, or somebody was faster. One round trip.
pub async fn confirm(db: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<bool, Error> {
    let confirmed = sqlx::query!("SELECT FROM confirm_trainer_claim($1, $2)", id, to_row(now));
    Ok(confirmed.fetch_optional(db).await?.is_some())
}

/// Lists every claim, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Claim>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, trainer, claimant, trainer_ref, held, holder, held_ref, state, confirmed_by, version, created_at
           FROM trainer_claim ORDER BY id"
    );
    rows.fetch_all(db).await?.into_iter().map(Claim::try_from).collect()
}
