//! Agreements. Under row-level security: a draft is its author's, everything else the parties'.

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Document, Entered, Error, Part, Question, codes, date_from_row, date_to_row, document, from_codes,
    from_row, readable, registry::rows_as_caller, text, to_document, to_row, zone::Offsets,
};
use crate::domain::{
    AgencyCode,
    access::Fingerprint,
    agreement::{Act, Agreement, AgreementFilter, AgreementState, Binding, Nature},
    name::AgreementName,
    remark::Remark,
    text::Text,
};

/// Its columns, in the order of the composite type.
#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "agreement_row")]
pub(super) struct Row {
    id: Uuid,
    author: String,
    r#ref: String,
    terms: Document,
    nature: String,
    act: String,
    binding: Option<String>,
    accepted_by: Vec<String>,
    suspended_by: Vec<String>,
    terminates_on: Option<time::Date>,
    note: Option<String>,
    remarks: Document,
    proposed_at: Option<time::OffsetDateTime>,
    version: i64,
    created_at: time::OffsetDateTime,
}

impl TryFrom<Row> for Agreement {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let terminates_on = row.terminates_on.map(|day| text(date_from_row(day)));
        Ok(Self {
            id: row.id,
            name: AgreementName::from_store(AgencyCode::from_store(row.author), row.r#ref),
            terms: document(&row.terms)?,
            nature: text(Nature::from_text(&row.nature))?,
            act: text(Act::from_text(&row.act))?,
            binding: row.binding.map(|binding| text(Binding::from_text(&binding))).transpose()?,
            accepted_by: from_codes(row.accepted_by),
            suspended_by: from_codes(row.suspended_by),
            terminates_on: terminates_on.transpose()?,
            remarks: remarks(&row.remarks, row.note)?,
            proposed_at: row.proposed_at.map(from_row),
            version: row.version,
            created_at: from_row(row.created_at),
        })
    }
}

/// The remarks; where there are none, the note that an earlier program kept alone.
fn remarks(stored: &Document, note: Option<String>) -> Result<Vec<Remark>, Error> {
    let remarks: Vec<Remark> = document(stored)?;
    let unsigned = |note| Remark { act: None, agency: None, at: None, note: Text::from_store(note) };
    Ok(if remarks.is_empty() { note.map(unsigned).into_iter().collect() } else { remarks })
}

/// The columns that follow from the others: what the policies and filters read of an agreement.
struct Derived {
    parties: Vec<String>,
    readers: Vec<String>,
    effective_from: time::Date,
    effective_until: Option<time::Date>,
    time_zone: String,
}

impl From<&Agreement> for Derived {
    fn from(agreement: &Agreement) -> Self {
        let terms = &agreement.terms;
        Self {
            parties: terms.parties.iter().map(|party| party.agency.to_string()).collect(),
            readers: codes(&agreement.readers()),
            effective_from: date_to_row(terms.term.from),
            effective_until: terms.term.last_day().map(date_to_row),
            time_zone: terms.zone.name().to_owned(),
        }
    }
}

impl Derived {
    /// Names the columns in which the two differ.
    fn differing(&self, other: &Self) -> Vec<&'static str> {
        let columns = [
            ("parties", self.parties != other.parties),
            ("readers", self.readers != other.readers),
            ("effective_from", self.effective_from != other.effective_from),
            ("effective_until", self.effective_until != other.effective_until),
            ("time_zone", self.time_zone != other.time_zone),
        ];
        columns.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
    }
}

/// Inserts an agreement. One round trip.
pub async fn insert(db: &mut PgConnection, agreement: &Agreement) -> Result<(), Error> {
    let derived = Derived::from(agreement);
    sqlx::query!(
        "INSERT INTO agreement (id, author, ref, terms, nature, parties, readers, act, accepted_by, suspended_by,
                                effective_from, effective_until, time_zone, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        agreement.id,
        agreement.name.agency.as_str(),
        agreement.name.id,
        to_document(&agreement.terms)?,
        agreement.nature.as_str(),
        &derived.parties,
        &derived.readers,
        agreement.act.as_str(),
        &codes(&agreement.accepted_by),
        &codes(&agreement.suspended_by),
        derived.effective_from,
        derived.effective_until,
        derived.time_zone,
        agreement.version,
        to_row(agreement.created_at)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Stores everything that an act can change; of remarks those of which is known who gave them. One round trip.
pub async fn update(db: &mut PgConnection, agreement: &Agreement) -> Result<(), Error> {
    let signed: Vec<_> = agreement.remarks.iter().filter(|remark| remark.is_signed()).collect();
    let derived = Derived::from(agreement);
    sqlx::query!(
        "UPDATE agreement
            SET terms = $2, nature = $3, parties = $4, readers = $5, act = $6, binding = $7, accepted_by = $8,
                suspended_by = $9, effective_from = $10, effective_until = $11, terminates_on = $12,
                time_zone = $13, remarks = $14, version = $15, proposed_at = $16
          WHERE id = $1",
        agreement.id,
        to_document(&agreement.terms)?,
        agreement.nature.as_str(),
        &derived.parties,
        &derived.readers,
        agreement.act.as_str(),
        agreement.binding.map(Binding::as_str),
        &codes(&agreement.accepted_by),
        &codes(&agreement.suspended_by),
        derived.effective_from,
        derived.effective_until,
        agreement.terminates_on.map(date_to_row),
        derived.time_zone,
        to_document(&signed)?,
        agreement.version,
        agreement.proposed_at.map(to_row)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds an agreement that the reader may see: as the policy says, and here again.
pub async fn find(
    db: &mut PgConnection,
    name: &AgreementName,
    reader: &AgencyCode,
) -> Result<Option<Agreement>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id, author, ref, terms AS "terms: _", nature, act, binding, accepted_by, suspended_by, terminates_on, note,
                remarks AS "remarks: _", proposed_at, version, created_at
           FROM agreement WHERE author = $1 AND ref = $2 AND $3 = ANY (readers)"#,
        name.agency.as_str(),
        name.id,
        reader.as_str()
    )
    .fetch_optional(db)
    .await?;
    row.map(Agreement::try_from).transpose()
}

/// The question for an agreement that the caller may see. One round trip.
pub struct One<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The agreement's name.
    pub name: &'a AgreementName,
}

impl Question for One<'_> {
    type Answer = (Option<Entered>, Option<Agreement>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on,
                     a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row
               FROM agreement a WHERE a.author = $2 AND a.ref = $3 AND c.agency = ANY (a.readers)",
            &self.fingerprint[..],
            self.name.agency.as_str(),
            self.name.id
        );
        Ok((caller, rows.into_iter().next().map(Agreement::try_from).transpose()?))
    }
}

/// The question for a part of the caller's agreements, by name. One round trip.
pub struct List<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The filters of the list.
    pub filter: &'a AgreementFilter,
    /// The time of the states that are asked for.
    pub now: Timestamp,
    /// The distances of their zones at that time; nobody needs them where no state is asked for.
    pub told: &'a Offsets,
    /// The author and the reference after which the part begins.
    pub after: Option<&'a [String; 2]>,
    /// The most rows.
    pub limit: i64,
}

impl Question for List<'_> {
    type Answer = (Option<Entered>, Part<Agreement>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by, a.terminates_on,
                     a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row
               FROM agreement a CROSS JOIN LATERAL (SELECT day_in(a.time_zone, $4, $8, $9, $10) AS day) AS today
              WHERE ARRAY[c.agency] <@ a.readers
                AND ($2::text IS NULL OR ARRAY[$2::text] <@ a.parties)
                AND ($3::text IS NULL OR $3 = agreement_state(
                        a.act, a.effective_from, a.effective_until, a.terminates_on,
                        cardinality(a.suspended_by) > 0 OR today.day IS NULL, today.day,
                        coalesce(a.proposed_at, a.created_at) + interval '2160 hours', $4::timestamptz))
                AND ($5::text IS NULL OR (a.author, a.ref) > ($5, $6))
              ORDER BY a.author, a.ref LIMIT $7",
            &self.fingerprint[..],
            self.filter.party.as_ref().map(AgencyCode::as_str),
            self.filter.state.map(AgreementState::as_str),
            to_row(self.now),
            self.after.map(|[author, _]| author.as_str()),
            self.after.map(|[_, reference]| reference.as_str()),
            self.limit,
            &self.told.zones,
            &self.told.since,
            &self.told.seconds
        );
        let keys = |row: &Row| vec![row.author.clone(), row.r#ref.clone()];
        let name = |row: &Row| format!("agencies/{}/agreements/{}", row.author, row.r#ref);
        Ok((caller, Part::read(rows, self.limit, name, keys)))
    }
}

/// Lists the proposals between two agencies that one of them made within the last 90 days, one of them the reader; some may
/// have lapsed with their term. What a third agency proposes to both is not theirs.
pub async fn list_proposals(
    db: &mut PgConnection,
    reader: &AgencyCode,
    other: &AgencyCode,
    now: Timestamp,
) -> Result<Vec<Agreement>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id, author, ref, terms AS "terms: _", nature, act, binding, accepted_by, suspended_by, terminates_on, note,
                remarks AS "remarks: _", proposed_at, version, created_at
           FROM agreement
          WHERE ARRAY[$1::text] <@ readers AND ARRAY[$2::text] <@ parties AND act = 'PROPOSED'
            AND author IN ($1, $2)
            AND coalesce(proposed_at, created_at) + interval '2160 hours' > $3"#,
        reader.as_str(),
        other.as_str(),
        to_row(now)
    );
    rows.fetch_all(db).await?.into_iter().map(Agreement::try_from).collect()
}

/// Lists agreements between a prison and any of these agencies that were agreed on once, in force or not; past the
/// policies, for the gate.
pub async fn list_with(
    db: &mut PgConnection,
    prison: &AgencyCode,
    agencies: &[AgencyCode],
) -> Result<Vec<Agreement>, Error> {
    if agencies.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", author AS "author!", ref AS "ref!", terms AS "terms!: _", nature AS "nature!",
                  act AS "act!", binding, accepted_by AS "accepted_by!", suspended_by AS "suspended_by!",
                  terminates_on, note, remarks AS "remarks!: _", proposed_at, version AS "version!",
                  created_at AS "created_at!"
             FROM agreements_with($1, $2)"#,
        prison.as_str(),
        &codes(agencies)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Agreement::try_from).collect()
}

/// Lists the agreements of an agency that were agreed on once, past the policies.
pub async fn list_of(db: &mut PgConnection, agency: &AgencyCode) -> Result<Vec<Agreement>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id!", author AS "author!", ref AS "ref!", terms AS "terms!: _", nature AS "nature!",
                  act AS "act!", binding, accepted_by AS "accepted_by!", suspended_by AS "suspended_by!",
                  terminates_on, note, remarks AS "remarks!: _", proposed_at, version AS "version!",
                  created_at AS "created_at!"
             FROM agreements_of($1)"#,
        agency.as_str()
    );
    rows.fetch_all(db).await?.into_iter().map(Agreement::try_from).collect()
}

/// Lists the ids of every agreement that an agency is a party of, past the policies: to lock them.
pub async fn list_ids_of(db: &mut PgConnection, agency: &AgencyCode) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM agreement_ids_of($1) AS id"#, agency.as_str());
    Ok(ids.fetch_all(db).await?)
}

/// Lists every agreement, for the owner, whom no policy binds, each with those of its columns that do not say what follows
/// from the others.
pub(super) async fn all(db: &mut PgConnection) -> Result<Vec<(Agreement, Vec<&'static str>)>, Error> {
    let rows = sqlx::query!(
        r#"SELECT id, author, ref, terms AS "terms: Document", nature, act, binding, accepted_by, suspended_by, terminates_on,
                  note, remarks AS "remarks: Document", proposed_at, version, created_at, parties, readers, effective_from,
                  effective_until, time_zone
             FROM agreement ORDER BY id"#
    );
    let rows = rows.fetch_all(db).await?.into_iter().map(|row| {
        let stored = Derived {
            parties: row.parties,
            readers: row.readers,
            effective_from: row.effective_from,
            effective_until: row.effective_until,
            time_zone: row.time_zone,
        };
        let row = Row {
            id: row.id,
            author: row.author,
            r#ref: row.r#ref,
            terms: row.terms,
            nature: row.nature,
            act: row.act,
            binding: row.binding,
            accepted_by: row.accepted_by,
            suspended_by: row.suspended_by,
            terminates_on: row.terminates_on,
            note: row.note,
            remarks: row.remarks,
            proposed_at: row.proposed_at,
            version: row.version,
            created_at: row.created_at,
        };
        (row, stored)
    });
    Ok(readable(
        rows.collect(),
        |(row, _)| format!("agencies/{}/agreements/{}", row.author, row.r#ref),
        |(row, stored)| {
            let agreement = Agreement::try_from(row)?;
            let differing = stored.differing(&Derived::from(&agreement));
            Ok((agreement, differing))
        },
    ))
}
