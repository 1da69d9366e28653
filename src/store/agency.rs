//! Agencies, systems and certificates. Not under row-level security: the registry is the gateway's own.

use jiff::Timestamp;
use sqlx::PgConnection;

use super::{
    Document, Entered, Error, Part, Question, document, from_row, readable,
    registry::{role, rows_as_caller},
    remark, text, to_document, to_row,
};
use crate::domain::{
    AgencyCode,
    access::{Fingerprint, Role},
    agency::{Agency, AgencyKind, AgencyState, AgencyTier, Proposal, RegisteredCertificate, System},
    name::SystemName,
    remark::RemarkAct,
    time::Zone,
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "agency_row")]
struct Row {
    code: String,
    kind: String,
    tier: String,
    names: Document,
    time_zone: String,
    state: String,
    suspension_note: Option<String>,
    noted_by: Option<String>,
    noted_at: Option<time::OffsetDateTime>,
    version: i64,
    created_at: time::OffsetDateTime,
}

impl TryFrom<Row> for Agency {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            code: AgencyCode::from_store(row.code),
            kind: text(AgencyKind::from_text(&row.kind))?,
            tier: text(AgencyTier::from_text(&row.tier))?,
            names: document(&row.names)?,
            zone: Zone::from_store(row.time_zone),
            state: text(AgencyState::from_text(&row.state))?,
            remark: remark(RemarkAct::Suspend, row.suspension_note, row.noted_by, row.noted_at),
            version: row.version,
            created_at: from_row(row.created_at),
        })
    }
}

/// Inserts an agency. One round trip.
pub async fn insert(db: &mut PgConnection, agency: &Agency) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO agency (code, kind, tier, names, time_zone, state, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        agency.code.as_str(),
        agency.kind.as_str(),
        agency.tier.as_str(),
        to_document(&agency.names)?,
        agency.zone.name(),
        agency.state.as_str(),
        agency.version,
        to_row(agency.created_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks the row: who changes an agency reads it so first.
pub async fn find_for_update(db: &mut PgConnection, code: &AgencyCode) -> Result<Option<Agency>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT code, kind, tier, names AS "names: _", time_zone, state, suspension_note, noted_by, noted_at, version, created_at
           FROM agency WHERE code = $1 FOR NO KEY UPDATE"#,
        code.as_str()
    )
    .fetch_optional(db)
    .await?;
    row.map(Agency::try_from).transpose()
}

/// Finds an agency by its code. One round trip.
pub async fn find(db: &mut PgConnection, code: &AgencyCode) -> Result<Option<Agency>, Error> {
    Ok(find_all(db, std::slice::from_ref(code)).await?.pop())
}

/// Whether there is an agency of this code, whatever its row says.
pub async fn is_known(db: &mut PgConnection, code: &AgencyCode) -> Result<bool, Error> {
    let known = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM agency WHERE code = $1) AS "known!""#,
        code.as_str()
    );
    Ok(known.fetch_one(db).await?)
}

/// Those that exist, by code.
pub async fn find_all(db: &mut PgConnection, codes: &[AgencyCode]) -> Result<Vec<Agency>, Error> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT code, kind, tier, names AS "names: _", time_zone, state, suspension_note, noted_by, noted_at, version, created_at
           FROM agency WHERE code = ANY ($1) ORDER BY code"#,
        &super::codes(codes)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Agency::try_from).collect()
}

/// The question for a part of all agencies, by code. One round trip.
pub struct List<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The code after which the part begins.
    pub after: Option<&'a str>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List<'_> {
    type Answer = (Option<Entered>, Part<Agency>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (a.code, a.kind, a.tier, a.names, a.time_zone, a.state, a.suspension_note, a.noted_by, a.noted_at, a.version,
                     a.created_at)::agency_row
               FROM agency a WHERE c.agency IS NOT NULL AND a.code > $2 ORDER BY a.code LIMIT $3",
            &self.fingerprint[..],
            self.after.unwrap_or_default(),
            self.limit
        );
        let name = |row: &Row| format!("agencies/{}", row.code);
        Ok((caller, Part::read(rows, self.limit, name, |row: &Row| vec![row.code.clone()])))
    }
}

/// Stores names, zone, state, remark and the next version.
pub async fn update(db: &mut PgConnection, agency: &Agency) -> Result<(), Error> {
    let remark = agency.remark.as_ref();
    sqlx::query!(
        "UPDATE agency SET names = $2, time_zone = $3, state = $4, version = $5, suspension_note = $6, noted_by = $7,
                noted_at = $8
          WHERE code = $1",
        agency.code.as_str(),
        to_document(&agency.names)?,
        agency.zone.name(),
        agency.state.as_str(),
        agency.version,
        remark.map(|remark| remark.note.as_str()),
        remark.and_then(|remark| remark.agency.as_ref()).map(AgencyCode::as_str),
        remark.and_then(|remark| remark.at).map(to_row)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Inserts a system. One round trip.
pub async fn insert_system(db: &mut PgConnection, system: &System, now: Timestamp) -> Result<(), Error> {
    sqlx::query!(
        "INSERT INTO system (agency, system, role, proposed_role, proposer, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        system.name.agency.as_str(),
        system.name.id,
        system.role.map(Role::as_str),
        system.proposal.as_ref().map(|proposal| proposal.role.as_str()),
        system.proposal.as_ref().map(|proposal| proposal.proposer.to_string()),
        system.version,
        to_row(now)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores a system's role, proposal, retirement and version. One round trip.
pub async fn update_system(db: &mut PgConnection, system: &System) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE system SET role = $3, proposed_role = $4, proposer = $5, version = $6, retired_at = $7
          WHERE agency = $1 AND system = $2",
        system.name.agency.as_str(),
        system.name.id,
        system.role.map(Role::as_str),
        system.proposal.as_ref().map(|proposal| proposal.role.as_str()),
        system.proposal.as_ref().map(|proposal| proposal.proposer.to_string()),
        system.version,
        system.retired_at.map(to_row)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// An agency's systems by name, each with its certificates, newest first.
pub async fn list_systems(db: &mut PgConnection, agency: &AgencyCode) -> Result<Vec<System>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.system, s.role, s.proposed_role, s.proposer, s.version, s.retired_at, c.sha256 AS "sha256?", c.serial AS "serial?",
                  c.not_before AS "not_before?", c.not_after AS "not_after?"
             FROM system s LEFT JOIN certificate c ON c.agency = s.agency AND c.system = s.system
            WHERE s.agency = $1 ORDER BY s.system, c.created_at DESC, c.sha256"#,
        agency.as_str()
    )
    .fetch_all(db)
    .await?;
    let mut systems: Vec<System> = Vec::new();
    for row in rows {
        if systems.last().is_none_or(|last| last.name.id != row.system) {
            systems.push(System {
                name: SystemName::from_store(agency.clone(), row.system),
                role: role(row.role.as_deref())?,
                proposal: match (role(row.proposed_role.as_deref())?, row.proposer) {
                    (Some(role), Some(proposer)) => {
                        Some(Proposal { role, proposer: text(SystemName::parse(&proposer).ok())? })
                    }
                    _ => None,
                },
                certificates: Vec::new(),
                retired_at: row.retired_at.map(from_row),
                version: row.version,
            });
        }
        let certificate = row.sha256.zip(row.serial).zip(row.not_before).zip(row.not_after);
        if let (Some((((sha256, serial), not_before), not_after)), Some(system)) =
            (certificate, systems.last_mut())
        {
            system.certificates.push(RegisteredCertificate {
                fingerprint: text(Fingerprint::try_from(sha256).ok())?,
                serial,
                not_before: from_row(not_before),
                not_after: from_row(not_after),
            });
        }
    }
    Ok(systems)
}

/// One system, its row locked.
pub async fn find_system_for_update(
    db: &mut PgConnection,
    name: &SystemName,
) -> Result<Option<System>, Error> {
    sqlx::query!(
        "SELECT system FROM system WHERE agency = $1 AND system = $2 FOR UPDATE",
        name.agency.as_str(),
        name.id
    )
    .fetch_optional(&mut *db)
    .await?;
    Ok(list_systems(db, &name.agency).await?.into_iter().find(|system| system.name == *name))
}

/// Every one, for the owner, whom no policy binds.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<Agency>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT code, kind, tier, names AS "names: _", time_zone, state, suspension_note, noted_by, noted_at, version, created_at
           FROM agency ORDER BY code"#
    );
    Ok(readable(rows.fetch_all(db).await?, |row| format!("agencies/{}", row.code), Agency::try_from))
}

/// Every system, for the owner; without certificates.
pub(super) async fn all_systems(db: &mut PgConnection) -> Result<Vec<System>, Error> {
    let mut systems = Vec::new();
    for agency in all(&mut *db).await? {
        systems.extend(list_systems(&mut *db, &agency.code).await?);
    }
    Ok(systems)
}
