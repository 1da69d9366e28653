//! Columns that no canonical row holds because they follow from others, compared with those: what the policies read, names
//! and keys of other rows, and who holds persons and rooms.
//!
//! What the domain derives is derived by the code that stores it; what another row says is compared by one statement for
//! each table, which answers with what differs alone.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Error, schedule, text, to_row,
    trainee::{self, PersonDigest},
    vault::{self, VaultKey},
};
use crate::{
    domain::{
        AgencyCode,
        agency::{Agency, AgencyState},
        agreement::{Act, Agreement, AgreementState},
        certificate::OrderId,
        name::{ProgrammeName, SessionName, TrainerName},
        programme::Programme,
        roster::{EnrolmentRef, TraineeRef},
        schedule::Session,
        trainee::{NumberKind, Record},
    },
    ledger::Row,
    vault::VaultKeys,
};

/// A column that does not say what follows from others.
#[derive(Debug)]
pub(super) struct Stray {
    /// The resource's name in the ledger.
    pub resource: String,
    /// The column.
    pub column: String,
}

impl Stray {
    pub(super) fn new(resource: impl ToString, column: impl Into<String>) -> Self {
        Self { resource: resource.to_string(), column: column.into() }
    }
}

/// Compares the columns that other rows decide. One round trip for each table.
pub(super) async fn among_rows(db: &mut PgConnection, now: Timestamp) -> Result<Vec<Stray>, Error> {
    let mut strays = programmes(&mut *db).await?;
    strays.extend(sessions(&mut *db).await?);
    strays.extend(assignments(&mut *db, now).await?);
    strays.extend(shown(&mut *db).await?);
    strays.extend(claims(&mut *db).await?);
    strays.extend(rosters(&mut *db).await?);
    strays.extend(certificates(db).await?);
    Ok(strays)
}

async fn programmes(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        "SELECT p.lead, p.ref FROM programme p JOIN agreement g ON g.id = p.agreement
          WHERE (g.author, g.ref) <> (p.agreement_author, p.agreement_ref)"
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let stray = |row: (String, String)| {
        Stray::new(ProgrammeName::from_store(AgencyCode::from_store(row.0), row.1), "agreement")
    };
    Ok(rows.map(|row| stray((row.lead, row.r#ref))).collect())
}

async fn sessions(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.lead, s.uid, c.name AS "column!"
             FROM session s JOIN schedule d ON d.id = s.schedule JOIN programme p ON p.id = s.programme
            CROSS JOIN LATERAL (VALUES
                  ('schedule', (d.lead, d.ref) <> (s.lead, s.schedule_ref)),
                  ('programme', (p.lead, p.ref) <> (s.lead, s.programme_ref) OR d.programme <> s.programme),
                  ('programme_title', s.programme_title IS DISTINCT FROM p.plan ->> 'title')) AS c (name, differs)
            WHERE c.differs"#
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let name = |lead, uid| SessionName::from_store(AgencyCode::from_store(lead), uid);
    Ok(rows.map(|row| Stray::new(name(row.lead, row.uid), row.column)).collect())
}

/// A closed assignment keeps the zone that it was closed in, and holds nothing. One of a trainer whose claim was confirmed
/// keeps its key where it was over by then.
async fn assignments(db: &mut PgConnection, now: Timestamp) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT a.id, c.name AS "column!"
             FROM assignment a JOIN session s ON s.id = a.session JOIN trainer t ON t.id = a.trainer
            CROSS JOIN LATERAL (SELECT a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED')) AS open (is_so)
            CROSS JOIN LATERAL (VALUES
                  ('session', (s.lead, s.uid) <> (a.lead, a.session_uid)),
                  ('prison', s.prison <> a.prison),
                  ('trainer', (t.agency, t.ref) <> (a.trainer_agency, a.trainer_ref)),
                  ('booking_key', a.booking_key <> t.booking_key
                      AND (a.ends_at > $1 OR NOT EXISTS (
                           SELECT FROM trainer_claim k WHERE k.trainer = t.id AND k.state = 'CONFIRMED'))),
                  ('time_zone', open.is_so AND a.time_zone <> s.time_zone),
                  ('dormant', open.is_so AND a.dormant <> s.dormant)) AS c (name, differs)
            WHERE c.differs"#,
        to_row(now)
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.map(|row| Stray::new(format!("assignments/{}", row.id), row.column)).collect())
}

/// Copies in an assignment are what each of its readers may know of the session and of the trainer, and no more.
async fn shown(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT a.id, c.name AS "column!"
             FROM assignment a JOIN session s ON s.id = a.session JOIN programme p ON p.id = s.programme
             JOIN trainer t ON t.id = a.trainer
            CROSS JOIN LATERAL (
                  SELECT a.trainer_agency IN (a.lead, a.prison) OR a.trainer_agency = ANY (s.trainer_agencies) AS session,
                         a.trainer_agency = a.lead OR a.state IN ('ACCEPTED', 'CLEARED') AND NOT a.dormant AS trainer
                  ) AS of
            CROSS JOIN LATERAL (VALUES
                  ('shown_agreement', a.shown_agreement IS DISTINCT FROM CASE WHEN of.session THEN p.agreement END),
                  ('shown_field', a.shown_field::jsonb IS DISTINCT FROM CASE WHEN of.session THEN p.plan -> 'field' END),
                  ('shown_title', a.shown_title IS DISTINCT FROM CASE WHEN of.session THEN s.programme_title END),
                  ('shown_topic', a.shown_topic IS DISTINCT FROM CASE WHEN of.session THEN s.topic END),
                  ('shown_room', a.shown_room IS DISTINCT FROM CASE WHEN of.session THEN s.facility END),
                  ('shown_state', a.shown_state IS DISTINCT FROM CASE WHEN of.session THEN s.state END),
                  ('shown_name', a.shown_name IS DISTINCT FROM CASE WHEN of.trainer THEN t.full_name END),
                  ('shown_competences',
                      a.shown_competences::jsonb IS DISTINCT FROM CASE WHEN of.trainer THEN t.competences END)
                  ) AS c (name, differs)
            WHERE c.differs"#
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.map(|row| Stray::new(format!("assignments/{}", row.id), row.column)).collect())
}

async fn claims(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT t.agency, t.ref, k.id, c.name AS "column!"
             FROM trainer_claim k JOIN trainer t ON t.id = k.trainer JOIN trainer h ON h.id = k.held
            CROSS JOIN LATERAL (VALUES
                  ('trainer', (t.agency, t.ref) <> (k.claimant, k.trainer_ref)),
                  ('held', (h.agency, h.ref) <> (k.holder, k.held_ref)),
                  ('booking_key', (t.booking_key = h.booking_key) <> (k.state = 'CONFIRMED'))) AS c (name, differs)
            WHERE c.differs"#
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let stray = |agency, reference, id, column: String| match column.as_str() {
        "booking_key" => {
            Stray::new(TrainerName::from_store(AgencyCode::from_store(agency), reference), column)
        }
        _ => Stray::new(format!("trainerClaims/{id}"), column),
    };
    Ok(rows.map(|row| stray(row.agency, row.r#ref, row.id, row.column)).collect())
}

/// Whose a person is stands in the sealed record of nobody: what the prison's rows say of it is compared.
async fn rosters(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT e.ref, c.name AS "column!"
             FROM enrolment e JOIN programme p ON p.id = e.programme JOIN trainee t ON t.id = e.trainee
            CROSS JOIN LATERAL (VALUES
                  ('programme', (p.lead, p.ref, p.prison) <> (e.lead, e.programme_ref, e.prison)),
                  ('trainee', t.prison <> e.prison)) AS c (name, differs)
            WHERE c.differs"#
    );
    let mut strays = Vec::new();
    for row in rows.fetch_all(&mut *db).await? {
        strays.push(Stray::new(text(EnrolmentRef::from_store(&row.r#ref))?, row.column));
    }
    let rows = sqlx::query!(
        "SELECT t.ref FROM trainee t
          WHERE EXISTS (SELECT FROM trainee_digest d WHERE d.trainee = t.id AND d.prison <> t.prison)
             OR octet_length(t.sealed) > 0
                AND NOT EXISTS (SELECT FROM trainee_digest d WHERE d.trainee = t.id AND d.kind = 'REGISTER_NUMBER')"
    );
    for row in rows.fetch_all(db).await? {
        strays.push(Stray::new(text(TraineeRef::from_store(&row.r#ref))?, "trainee_digest"));
    }
    Ok(strays)
}

/// The digests by which persons are found again, and with which key they are made. By them it is decided whether who comes
/// is somebody whom the prison withheld.
pub(super) struct PersonDigests {
    active: Option<i32>,
    rows: HashMap<Uuid, Vec<PersonDigest>>,
}

impl PersonDigests {
    /// Reads all. Two round trips.
    pub(super) async fn read(db: &mut PgConnection) -> Result<Self, Error> {
        let active = vault::list(&mut *db).await?.into_iter().find(VaultKey::makes_digests);
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for row in trainee::all_digests(db).await? {
            rows.entry(row.trainee).or_default().push(row);
        }
        Ok(Self { active: active.map(|key| key.version), rows })
    }

    /// Whether a person is found by any number.
    pub(super) fn are_there(&self, trainee: Uuid) -> bool {
        self.rows.contains_key(&trainee)
    }

    /// Whether a person's digests are those of the numbers in the record: of the register number, and of the NIK, which
    /// the first bearer alone has.
    pub(super) fn are_of(&self, trainee: Uuid, record: &Record, keys: &VaultKeys) -> bool {
        let rows = self.rows.get(&trainee).map(Vec::as_slice).unwrap_or_default();
        let is_of = |row: &PersonDigest, number: NumberKind, value: &str| {
            let made = keys.person_digest(row.key_version, number.as_str(), &row.prison, value);
            row.number == number.as_str()
                && Some(row.key_version) == self.active
                && made.is_ok_and(|digest| digest[..] == row.digest)
        };
        let register = record.register_number.normalised();
        let registered = rows.iter().filter(|row| is_of(row, NumberKind::Register, &register)).count();
        let bears = |row: &&PersonDigest| {
            record.nik.as_ref().is_some_and(|nik| is_of(row, NumberKind::Nik, nik.digits()))
        };
        registered == 1 && registered + rows.iter().filter(bears).count() == rows.len()
    }
}

/// A certificate is its bytes, a key's id is the key's digest, and an order ends in the certificate that it names.
async fn certificates(db: &mut PgConnection) -> Result<Vec<Stray>, Error> {
    let rows = sqlx::query!(
        r#"SELECT 'certificates/' || serial AS "resource!" FROM certificate WHERE sha256(der) <> sha256"#
    );
    let rows = rows.fetch_all(&mut *db).await?.into_iter();
    let mut strays: Vec<_> = rows.map(|row| Stray::new(row.resource, "der")).collect();
    let rows = sqlx::query!(
        r#"SELECT o.id, c.name AS "column!"
             FROM certificate_order o
             LEFT JOIN issuance i ON i.certificate_order = o.id LEFT JOIN certificate made ON made.sha256 = i.certificate
            CROSS JOIN LATERAL (VALUES
                  ('public_key', sha256(o.public_key) IS DISTINCT FROM o.key_id),
                  ('serial', made.serial IS DISTINCT FROM i.serial AND i.certificate IS NOT NULL),
                  ('authority', made.authority IS DISTINCT FROM i.authority AND i.certificate IS NOT NULL)
                  ) AS c (name, differs)
            WHERE c.differs"#
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    strays.extend(rows.map(|row| Stray::new(OrderId(row.id), row.column)));
    Ok(strays)
}

/// Compares the agencies that read a session by its trainers. Two round trips.
pub(super) async fn readers_of(db: &mut PgConnection, sessions: &[Session]) -> Result<Vec<Stray>, Error> {
    let by_id: HashMap<Uuid, &Session> = sessions.iter().map(|session| (session.id, session)).collect();
    let mut strays = Vec::new();
    let mut rows = sqlx::query!("SELECT id, trainer_agencies FROM session").fetch(&mut *db);
    while let Some(row) = rows.try_next().await? {
        let session = by_id.get(&row.id);
        let strayed = session.filter(|session| schedule::trainer_agencies(session) != row.trainer_agencies);
        strays.extend(strayed.map(|session| Stray::new(session.resource(), "trainer_agencies")));
    }
    drop(rows);
    let rows = sqlx::query!(
        r#"SELECT coalesce(s.lead, l.lead) AS "lead!", coalesce(s.uid, l.uid) AS "uid!"
             FROM (SELECT DISTINCT s.id, s.lead, s.uid, s.starts_at, lender
                     FROM session s CROSS JOIN LATERAL unnest(s.trainer_agencies) AS lender
                    WHERE lender NOT IN (s.lead, s.prison)) AS s
             FULL JOIN session_lender l ON l.session = s.id AND l.agency = s.lender
            WHERE (s.lead, s.uid, s.starts_at) IS DISTINCT FROM (l.lead, l.uid, l.starts_at)"#
    );
    strays.extend(rows.fetch_all(db).await?.into_iter().map(|row| {
        let name = SessionName::from_store(AgencyCode::from_store(row.lead), row.uid);
        Stray::new(name, "session_lender")
    }));
    Ok(strays)
}

/// What decides whether sessions hold persons and rooms.
pub(super) struct Bases {
    agreements: HashMap<Uuid, Agreement>,
    programmes: HashMap<ProgrammeName, Uuid>,
    suspended: HashSet<AgencyCode>,
}

impl Bases {
    pub(super) fn new(agreements: Vec<Agreement>, programmes: &[Programme], agencies: &[Agency]) -> Self {
        let suspended = agencies.iter().filter(|agency| agency.state == AgencyState::Suspended);
        Self {
            agreements: agreements.into_iter().map(|agreement| (agreement.id, agreement)).collect(),
            programmes: programmes.iter().map(|one| (one.name.clone(), one.agreement_id)).collect(),
            suspended: suspended.map(|agency| agency.code.clone()).collect(),
        }
    }

    /// Compares whether sessions hold: an act on an agreement or agency says so of what is not over, in its own
    /// transaction, so that what is compared is exact at any moment. Of sessions that are closed or over, nothing hangs on
    /// it; after an agreement's last day none is held again.
    pub(super) fn compare(&self, sessions: &[Session], now: Timestamp) -> Vec<Stray> {
        let ahead = sessions.iter().filter(|session| session.is_open() && session.when.end > now);
        let strayed =
            ahead.filter(|session| self.is_dormant(session, now).is_some_and(|so| so != session.dormant));
        strayed.map(|session| Stray::new(session.resource(), "dormant")).collect()
    }

    fn is_dormant(&self, session: &Session, now: Timestamp) -> Option<bool> {
        let agreement = self.agreements.get(self.programmes.get(&session.programme)?)?;
        let decided = matches!(agreement.act, Act::Agreed | Act::Terminated)
            && agreement.terms.zone.is_known()
            && agreement.state(now) != AgreementState::Expired;
        let suspended = !agreement.suspended_by.is_empty()
            || agreement.terms.parties.iter().any(|party| self.suspended.contains(&party.agency));
        decided.then(|| suspended || !agreement.lasts_until(session.when.end))
    }
}
