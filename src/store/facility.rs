//! Facilities. No policy: a prison reads and writes its own, and `exchange` decides who else may read.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Document, Error, Part, document, from_row, readable, text, to_document, to_row};
use crate::domain::{
    AgencyCode,
    calendar::{Booking, Holder},
    facility::{Facility, FacilityKind, FacilityProfile, FacilityStatus},
    name::FacilityName,
    text::Text,
    time::Interval,
};

struct Row {
    id: Uuid,
    prison: String,
    r#ref: String,
    display_name: String,
    kind: String,
    capacity: i32,
    equipment: Document,
    status: String,
    version: i64,
    created_at: time::OffsetDateTime,
}

impl TryFrom<Row> for Facility {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            name: FacilityName::from_store(AgencyCode::from_store(row.prison), row.r#ref),
            profile: FacilityProfile {
                display_name: Text::from_store(row.display_name),
                kind: text(FacilityKind::from_text(&row.kind))?,
                capacity: row.capacity,
                equipment: document(&row.equipment)?,
                status: text(FacilityStatus::from_text(&row.status))?,
            },
            version: row.version,
            created_at: from_row(row.created_at),
        })
    }
}

/// Inserts a facility. One round trip.
pub async fn insert(db: &mut PgConnection, facility: &Facility) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO facility (id, prison, ref, display_name, kind, capacity, equipment, status, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        facility.id,
        facility.name.agency.as_str(),
        facility.name.id,
        facility.profile.display_name.as_str(),
        facility.profile.kind.as_str(),
        facility.profile.capacity,
        to_document(&facility.profile.equipment)?,
        facility.profile.status.as_str(),
        facility.version,
        to_row(facility.created_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores a facility's profile, status and version. One round trip.
pub async fn update(db: &mut PgConnection, facility: &Facility) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE facility SET display_name = $2, kind = $3, capacity = $4, equipment = $5, status = $6, version = $7
          WHERE id = $1",
        facility.id,
        facility.profile.display_name.as_str(),
        facility.profile.kind.as_str(),
        facility.profile.capacity,
        to_document(&facility.profile.equipment)?,
        facility.profile.status.as_str(),
        facility.version
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds those of the named facilities that exist. One round trip.
pub async fn find_all(db: &mut PgConnection, names: &[FacilityName]) -> Result<Vec<Facility>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let prisons: Vec<_> = names.iter().map(|name| name.agency.to_string()).collect();
    let refs: Vec<_> = names.iter().map(|name| name.id.clone()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT f.id, f.prison, f.ref, display_name, kind, capacity, equipment AS "equipment: _", status, version, created_at
           FROM unnest($1::text[], $2::text[]) AS named (prison, ref)
           JOIN facility f ON f.prison = named.prison AND f.ref = named.ref"#,
        &prisons,
        &refs
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Facility::try_from).collect()
}

/// Finds a facility by name. One round trip.
pub async fn find(db: &mut PgConnection, name: &FacilityName) -> Result<Option<Facility>, Error> {
    Ok(find_all(db, std::slice::from_ref(name)).await?.pop())
}

/// A prison's, by name, after `after`.
pub async fn list(
    db: &mut PgConnection,
    prison: &AgencyCode,
    status: Option<FacilityStatus>,
    after: Option<&str>,
    limit: i64,
) -> Result<Part<Facility>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, prison, ref, display_name, kind, capacity, equipment AS "equipment: _", status, version, created_at
           FROM facility
          WHERE prison = $1 AND ($2::text IS NULL OR status = $2) AND ref > $3
          ORDER BY ref LIMIT $4"#,
        prison.as_str(),
        status.map(FacilityStatus::as_str),
        after.unwrap_or_default(),
        limit
    )
    .fetch_all(db)
    .await?;
    let keys = |row: &Row| vec![row.r#ref.clone()];
    Ok(Part::read(rows, limit, |row| format!("agencies/{}/facilities/{}", row.prison, row.r#ref), keys))
}

/// Lists what is in the way of a prison's rooms at the times at which each is wanted, whoever leads the sessions, leaving
/// out these sessions; persons, and rooms of other prisons, are not asked for.
pub async fn list_taken(
    db: &mut PgConnection,
    prison: &AgencyCode,
    wanted: &[Booking],
    except_sessions: &[Uuid],
) -> Result<Vec<Booking>, Error> {
    let rooms = wanted.iter().filter_map(|booking| match &booking.holder {
        Holder::Room(room) if room.agency == *prison => {
            Some((room.id.clone(), to_row(booking.when.start), to_row(booking.when.end)))
        }
        _ => None,
    });
    let (refs, starts, ends): (Vec<_>, Vec<_>, Vec<_>) = rooms.collect();
    if refs.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"SELECT facility AS "facility!", starts_at AS "starts_at!", ends_at AS "ends_at!"
             FROM rooms_taken($1, $2, $3, $4, $5)"#,
        prison.as_str(),
        &refs,
        &starts,
        &ends,
        except_sessions
    )
    .fetch_all(db)
    .await?;
    let bookings = rows.into_iter().map(|row| Booking {
        holder: Holder::Room(FacilityName::from_store(prison.clone(), row.facility)),
        when: Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) },
    });
    Ok(bookings.collect())
}

/// What the smallest room holds that a programme has booked from now on; `None` where it has booked none.
pub async fn smallest_booked(
    db: &mut PgConnection,
    programme: Uuid,
    now: Timestamp,
) -> Result<Option<i32>, Error> {
    let smallest = sqlx::query_scalar!(
        "SELECT min(f.capacity) FROM session s JOIN facility f ON f.prison = s.prison AND f.ref = s.facility
          WHERE s.programme = $1 AND s.ends_at > $2 AND s.state IN ('TENTATIVE', 'CONFIRMED')",
        programme,
        to_row(now)
    );
    Ok(smallest.fetch_one(db).await?)
}

/// Every one, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Facility>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, prison, ref, display_name, kind, capacity, equipment AS "equipment: _", status, version, created_at
           FROM facility ORDER BY id"#
    );
    Ok(readable(
        rows.fetch_all(db).await?,
        |row| format!("agencies/{}/facilities/{}", row.prison, row.r#ref),
        Facility::try_from,
    ))
}
