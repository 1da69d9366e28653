//! Rosters. Under row-level security: the prison reads and writes, the lead agency reads. What a partner may see of a
//! row is decided in `exchange`.

mod gate;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

pub use gate::{Gate, Gates};

use super::{Error, from_row, text, to_row};
use crate::domain::{
    AgencyCode,
    name::ProgrammeName,
    roster::{Enrolment, EnrolmentRef, EnrolmentState, PromotionReason, RosterCount, RosterTotal},
};

struct Row {
    id: Uuid,
    r#ref: Vec<u8>,
    programme_ref: String,
    lead: String,
    prison: String,
    trainee: Uuid,
    state: String,
    place: i32,
    out_of_rank: Option<String>,
    version: i64,
}

impl TryFrom<Row> for Enrolment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            reference: text(EnrolmentRef::from_store(&row.r#ref))?,
            programme: ProgrammeName::from_store(AgencyCode::from_store(row.lead), row.programme_ref),
            prison: AgencyCode::from_store(row.prison),
            trainee: row.trainee,
            state: text(EnrolmentState::from_text(&row.state))?,
            place: row.place,
            out_of_rank: row
                .out_of_rank
                .map(|reason| text(PromotionReason::from_text(&reason)))
                .transpose()?,
            version: row.version,
        })
    }
}

/// Counts a roster. Its programme's lock was taken in a statement before.
pub async fn count(db: &mut PgConnection, programme: Uuid) -> Result<RosterCount, Error> {
    let count = sqlx::query_as!(
        RosterCount,
        r#"SELECT (count(*) FILTER (WHERE state = 'CONFIRMED'))::int4 AS "confirmed!",
                  (count(*) FILTER (WHERE state = 'WAITLISTED'))::int4 AS "waitlisted!",
                  coalesce(max(place), 0) AS "last_place!"
             FROM enrolment WHERE programme = $1"#,
        programme
    );
    Ok(count.fetch_one(db).await?)
}

/// Finds the start of the session at the programme's half, number ⌈n/2⌉ of those that stand; `None` without sessions.
pub async fn find_halfway(db: &mut PgConnection, programme: Uuid) -> Result<Option<Timestamp>, Error> {
    let half = sqlx::query_scalar!(
        "SELECT starts_at FROM (
             SELECT starts_at, row_number() OVER (ORDER BY starts_at, id) AS number, count(*) OVER () AS n
               FROM session WHERE programme = $1 AND state IN ('TENTATIVE', 'CONFIRMED')) AS numbered
          WHERE number = (n + 1) / 2",
        programme
    );
    Ok(half.fetch_optional(db).await?.map(from_row))
}

/// Finds the end of the last session that the prison has confirmed; `None` without any.
pub async fn find_last_confirmed_end(
    db: &mut PgConnection,
    programme: Uuid,
) -> Result<Option<Timestamp>, Error> {
    let end = sqlx::query_scalar!(
        "SELECT max(ends_at) FROM session WHERE programme = $1 AND state = 'CONFIRMED'",
        programme
    );
    Ok(end.fetch_one(db).await?.map(from_row))
}

/// Lists the places that these persons hold on the roster; who left holds none.
pub async fn find_of_trainees(
    db: &mut PgConnection,
    programme: Uuid,
    trainees: &[Uuid],
) -> Result<Vec<Enrolment>, Error> {
    if trainees.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version
           FROM enrolment WHERE programme = $1 AND trainee = ANY ($2) AND state <> 'LEFT'",
        programme,
        trainees
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}

/// Lists those of these persons who are on another roster whose sessions ahead overlap this programme's.
pub async fn list_clashing(
    db: &mut PgConnection,
    programme: Uuid,
    trainees: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Uuid>, Error> {
    if trainees.is_empty() {
        return Ok(Vec::new());
    }
    let ids = sqlx::query_scalar!(
        "SELECT DISTINCT e.trainee
           FROM enrolment e
           JOIN session theirs ON theirs.programme = e.programme
           JOIN session ours ON ours.starts_at < theirs.ends_at AND theirs.starts_at < ours.ends_at
          WHERE e.trainee = ANY ($2) AND e.programme <> $1 AND e.state <> 'LEFT' AND ours.programme = $1
            AND theirs.ends_at > $3 AND theirs.state IN ('TENTATIVE', 'CONFIRMED')
            AND ours.state IN ('TENTATIVE', 'CONFIRMED')",
        programme,
        trainees,
        to_row(now)
    );
    Ok(ids.fetch_all(db).await?)
}

/// Inserts enrolments of one programme. One round trip.
pub async fn insert(
    db: &mut PgConnection,
    programme: Uuid,
    enrolments: &[Enrolment],
    now: Timestamp,
) -> Result<(), Error> {
    let Some(first) = enrolments.first() else { return Ok(()) };
    let ids: Vec<_> = enrolments.iter().map(|enrolment| enrolment.id).collect();
    let refs: Vec<_> = enrolments.iter().map(|enrolment| enrolment.reference.as_bytes().to_vec()).collect();
    let trainees: Vec<_> = enrolments.iter().map(|enrolment| enrolment.trainee).collect();
    let states: Vec<_> = enrolments.iter().map(|enrolment| enrolment.state.as_str().to_owned()).collect();
    let places: Vec<_> = enrolments.iter().map(|enrolment| enrolment.place).collect();
    sqlx::query!(
        "INSERT INTO enrolment (id, ref, programme, programme_ref, lead, prison, trainee, state, place, created_at)
         SELECT r.id, r.ref, $1, $2, $3, $4, r.trainee, r.state, r.place, $5
           FROM unnest($6::uuid[], $7::bytea[], $8::uuid[], $9::text[], $10::int4[])
             AS r (id, ref, trainee, state, place)",
        programme,
        first.programme.id,
        first.programme.agency.as_str(),
        first.prison.as_str(),
        to_row(now),
        &ids,
        &refs,
        &trainees,
        &states,
        &places
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores state, reason and version of enrolments that change. One round trip.
pub async fn update(db: &mut PgConnection, enrolments: &[Enrolment]) -> Result<(), Error> {
    if enrolments.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = enrolments.iter().map(|enrolment| enrolment.id).collect();
    let states: Vec<_> = enrolments.iter().map(|enrolment| enrolment.state.as_str().to_owned()).collect();
    let reasons =
        enrolments.iter().map(|enrolment| enrolment.out_of_rank.map(|reason| reason.as_str().to_owned()));
    let reasons: Vec<_> = reasons.map(Option::unwrap_or_default).collect();
    let versions: Vec<_> = enrolments.iter().map(|enrolment| enrolment.version).collect();
    sqlx::query!(
        "UPDATE enrolment AS e SET state = r.state, out_of_rank = nullif(r.reason, ''), version = r.version
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int8[]) AS r (id, state, reason, version)
          WHERE e.id = r.id",
        &ids,
        &states,
        &reasons,
        &versions
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds those of the named enrolments whose programme the reader leads or hosts.
pub async fn find(
    db: &mut PgConnection,
    references: &[EnrolmentRef],
    reader: &AgencyCode,
) -> Result<Vec<Enrolment>, Error> {
    if references.is_empty() {
        return Ok(Vec::new());
    }
    let refs: Vec<_> = references.iter().map(|reference| reference.as_bytes().to_vec()).collect();
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version
           FROM enrolment WHERE ref = ANY ($1) AND $2 IN (lead, prison)",
        &refs,
        reader.as_str()
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}

/// Lists the enrolments that wait, by place.
pub async fn list_waiting(db: &mut PgConnection, programme: Uuid) -> Result<Vec<EnrolmentRef>, Error> {
    let rows = sqlx::query_scalar!(
        "SELECT ref FROM enrolment WHERE programme = $1 AND state = 'WAITLISTED' ORDER BY place",
        programme
    );
    rows.fetch_all(db).await?.iter().map(|bits| text(EnrolmentRef::from_store(bits))).collect()
}

/// Lists the places that a person of the prison's own holds and has held, on every roster.
pub async fn list_of_trainee(
    db: &mut PgConnection,
    trainee: Uuid,
    prison: &AgencyCode,
) -> Result<Vec<Enrolment>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version
           FROM enrolment WHERE trainee = $1 AND prison = $2 ORDER BY id",
        trainee,
        prison.as_str()
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}

/// Lists the programmes on whose rosters a person is: to lock them.
pub async fn list_programmes_of(db: &mut PgConnection, trainee: Uuid) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!("SELECT DISTINCT programme FROM enrolment WHERE trainee = $1", trainee);
    Ok(ids.fetch_all(db).await?)
}

/// Lists a page in the order of nomination, for the prison.
pub async fn list_by_place(
    db: &mut PgConnection,
    programme: Uuid,
    state: Option<EnrolmentState>,
    after: i32,
    limit: i64,
) -> Result<Vec<Enrolment>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version
           FROM enrolment
          WHERE programme = $1 AND ($2::text IS NULL OR state = $2) AND place > $3 ORDER BY place LIMIT $4",
        programme,
        state.map(EnrolmentState::as_str),
        after,
        limit
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}

/// Lists a page by reference, which tells nothing of the order, for the lead agency.
pub async fn list_by_reference(
    db: &mut PgConnection,
    programme: Uuid,
    state: Option<EnrolmentState>,
    after: Option<&EnrolmentRef>,
    limit: i64,
) -> Result<Vec<Enrolment>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r"SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version
           FROM enrolment
          WHERE programme = $1 AND ($2::text IS NULL OR state = $2) AND ref > coalesce($3::bytea, '\x')
          ORDER BY ref LIMIT $4",
        programme,
        state.map(EnrolmentState::as_str),
        after.map(EnrolmentRef::as_bytes),
        limit
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}

/// Lists a page of a prison's rosters, by programme.
pub async fn list_totals(
    db: &mut PgConnection,
    prison: &AgencyCode,
    after: Option<&[String; 2]>,
    limit: i64,
) -> Result<Vec<RosterTotal>, Error> {
    let rows = sqlx::query!(
        r#"SELECT lead AS "lead!", ref AS "ref!", title AS "title!", confirmed AS "confirmed!",
                  waitlisted AS "waitlisted!", gone AS "gone!"
             FROM roster_counts($1, NULL, $2, $3, $4)"#,
        prison.as_str(),
        after.map(|[lead, _]| lead.as_str()),
        after.map(|[_, reference]| reference.as_str()),
        limit
    )
    .fetch_all(db)
    .await?;
    let totals = rows.into_iter().map(|row| RosterTotal {
        programme: ProgrammeName::from_store(AgencyCode::from_store(row.lead), row.r#ref),
        title: row.title,
        confirmed: row.confirmed,
        waitlisted: row.waitlisted,
        left: row.gone,
    });
    Ok(totals.collect())
}

/// Lists a page of the rosters that the reader leads in a prison under these agreements, by the programmes' references.
pub async fn list_totals_led(
    db: &mut PgConnection,
    agreements: &[Uuid],
    prison: &AgencyCode,
    reader: &AgencyCode,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<RosterTotal>, Error> {
    let rows = sqlx::query!(
        r#"SELECT p.ref, p.plan ->> 'title' AS "title!", count(*) FILTER (WHERE e.state = 'CONFIRMED') AS "confirmed!",
                  count(*) FILTER (WHERE e.state = 'WAITLISTED') AS "waitlisted!",
                  count(*) FILTER (WHERE e.state = 'LEFT') AS "gone!"
             FROM programme p JOIN enrolment e ON e.programme = p.id
            WHERE p.agreement = ANY ($1) AND p.prison = $2 AND p.lead = $3 AND ($4::text IS NULL OR p.ref > $4)
            GROUP BY p.id ORDER BY p.ref LIMIT $5"#,
        agreements,
        prison.as_str(),
        reader.as_str(),
        after,
        limit
    )
    .fetch_all(db)
    .await?;
    let totals = rows.into_iter().map(|row| RosterTotal {
        programme: ProgrammeName::from_store(reader.clone(), row.r#ref),
        title: row.title,
        confirmed: row.confirmed,
        waitlisted: row.waitlisted,
        left: row.gone,
    });
    Ok(totals.collect())
}

/// Lists every enrolment, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Enrolment>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "SELECT id, ref, programme_ref, lead, prison, trainee, state, place, out_of_rank, version FROM enrolment ORDER BY id"
    );
    rows.fetch_all(db).await?.into_iter().map(Enrolment::try_from).collect()
}
