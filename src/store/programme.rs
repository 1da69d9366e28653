//! Programmes. Under row-level security: the lead agency's and the prison's.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Document, Entered, Error, Part, Question, document, from_row, readable, registry::rows_as_caller, remark,
    text, to_document, to_row,
};
use crate::domain::{
    AgencyCode,
    access::Fingerprint,
    name::{AgreementName, ProgrammeName},
    programme::{Programme, ProgrammeFilter, ProgrammeState},
    remark::RemarkAct,
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "programme_row")]
pub(super) struct Row {
    id: Uuid,
    lead: String,
    r#ref: String,
    agreement: Uuid,
    agreement_author: String,
    agreement_ref: String,
    prison: String,
    plan: Document,
    state: String,
    note: Option<String>,
    noted_by: Option<String>,
    noted_at: Option<time::OffsetDateTime>,
    version: i64,
    opened_at: Option<time::OffsetDateTime>,
    created_at: time::OffsetDateTime,
}

impl TryFrom<Row> for Programme {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            name: ProgrammeName::from_store(AgencyCode::from_store(row.lead), row.r#ref),
            agreement_id: row.agreement,
            agreement: AgreementName::from_store(
                AgencyCode::from_store(row.agreement_author),
                row.agreement_ref,
            ),
            prison: AgencyCode::from_store(row.prison),
            plan: document(&row.plan)?,
            state: text(ProgrammeState::from_text(&row.state))?,
            remark: remark(RemarkAct::Cancel, row.note, row.noted_by, row.noted_at),
            version: row.version,
            opened_at: row.opened_at.map(from_row),
            created_at: from_row(row.created_at),
        })
    }
}

/// Inserts a programme. One round trip.
pub async fn insert(db: &mut PgConnection, programme: &Programme) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO programme (id, lead, ref, agreement, agreement_author, agreement_ref, prison, plan, state, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        programme.id,
        programme.name.agency.as_str(),
        programme.name.id,
        programme.agreement_id,
        programme.agreement.agency.as_str(),
        programme.agreement.id,
        programme.prison.as_str(),
        to_document(&programme.plan)?,
        programme.state.as_str(),
        programme.version,
        to_row(programme.created_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores everything of a programme that an act can change. One round trip.
pub async fn update(db: &mut PgConnection, programme: &Programme) -> Result<(), Error> {
    let remark = programme.remark.as_ref();
    sqlx::query!(
        "UPDATE programme
            SET plan = $2, state = $3, note = $4, version = $5, opened_at = $6, noted_by = $7, noted_at = $8,
                agreement = $9, agreement_author = $10, agreement_ref = $11
          WHERE id = $1",
        programme.id,
        to_document(&programme.plan)?,
        programme.state.as_str(),
        remark.map(|remark| remark.note.as_str()),
        programme.version,
        programme.opened_at.map(to_row),
        remark.and_then(|remark| remark.agency.as_ref()).map(AgencyCode::as_str),
        remark.and_then(|remark| remark.at).map(to_row),
        programme.agreement_id,
        programme.agreement.agency.as_str(),
        programme.agreement.id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds a programme that the reader may see: as the policy says, and here again.
pub async fn find(
    db: &mut PgConnection,
    name: &ProgrammeName,
    reader: &AgencyCode,
) -> Result<Option<Programme>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, lead, ref, agreement, agreement_author, agreement_ref, prison, plan AS "plan: _", state, note,
                noted_by, noted_at, version, opened_at, created_at
           FROM programme WHERE lead = $1 AND ref = $2 AND $3 IN (lead, prison)"#,
        name.agency.as_str(),
        name.id,
        reader.as_str()
    )
    .fetch_optional(db)
    .await?;
    row.map(Programme::try_from).transpose()
}

/// The question for a programme of the caller's. One round trip.
pub struct One<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The programme's name.
    pub name: &'a ProgrammeName,
}

impl Question for One<'_> {
    type Answer = (Option<Entered>, Option<Programme>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state, p.note,
                     p.noted_by, p.noted_at, p.version, p.opened_at, p.created_at)::programme_row
               FROM programme p WHERE p.lead = $2 AND p.ref = $3 AND c.agency IN (p.lead, p.prison)",
            &self.fingerprint[..],
            self.name.agency.as_str(),
            self.name.id
        );
        Ok((caller, rows.into_iter().next().map(Programme::try_from).transpose()?))
    }
}

/// The question for a part of the caller's programmes, by name, each relation of the caller's by its own index. One round
/// trip.
pub struct List<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The filters of the list.
    pub filter: &'a ProgrammeFilter,
    /// The lead agency and the reference after which the part begins.
    pub after: Option<&'a [String; 2]>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List<'_> {
    type Answer = (Option<Entered>, Part<Programme>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state, p.note,
                     p.noted_by, p.noted_at, p.version, p.opened_at, p.created_at)::programme_row
               FROM programmes_of(c.agency, $2, $3, $4, $5, $6) AS p ORDER BY p.lead, p.ref LIMIT $6",
            &self.fingerprint[..],
            self.filter.state.map(ProgrammeState::as_str),
            self.filter.lead.as_ref().map(AgencyCode::as_str),
            self.after.map_or("", |[lead, _]| lead.as_str()),
            self.after.map_or("", |[_, reference]| reference.as_str()),
            self.limit
        );
        let keys = |row: &Row| vec![row.lead.clone(), row.r#ref.clone()];
        let name = |row: &Row| format!("agencies/{}/programmes/{}", row.lead, row.r#ref);
        Ok((caller, Part::read(rows, self.limit, name, keys)))
    }
}

/// Every one, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Programme>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, lead, ref, agreement, agreement_author, agreement_ref, prison, plan AS "plan: _", state, note,
                noted_by, noted_at, version, opened_at, created_at
           FROM programme ORDER BY id"#
    );
    Ok(readable(
        rows.fetch_all(db).await?,
        |row| format!("agencies/{}/programmes/{}", row.lead, row.r#ref),
        Programme::try_from,
    ))
}
