//! Assignments as their readers are shown them: one, or a page of a list.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    domain::{
        AgencyCode,
        assignment::{Assignment, AssignmentFilter, AssignmentState, Clearance},
        field::Field,
        name::{FacilityName, SessionName, TrainerName},
        schedule::{SessionState, first_start},
        text::Text,
        time::{END as TIME_END, Interval, Zone},
        trainer::{Competence, TrainerRole, TrainerSummary},
    },
    store::{Error, Part, document, from_row, last_of, readable, text, to_row, zone::offsets_of_agreements},
};

struct Row {
    id: Uuid,
    lead: String,
    session_uid: String,
    prison: String,
    starts_at: time::OffsetDateTime,
    ends_at: time::OffsetDateTime,
    time_zone: String,
    trainer_agency: String,
    trainer_ref: String,
    role: String,
    state: String,
    version: i64,
    programme_title: Option<String>,
    topic: Option<String>,
    facility: Option<String>,
    session_state: Option<String>,
    facility_display_name: Option<String>,
    in_force: bool,
}

impl Row {
    fn show(self, trainer: TrainerSummary, overlaps: Vec<Interval>) -> Result<Assignment, Error> {
        let prison = AgencyCode::from_store(self.prison);
        let session_state = self.session_state.map(|state| text(SessionState::from_text(&state)));
        Ok(Assignment {
            id: self.id,
            session: SessionName::from_store(AgencyCode::from_store(self.lead), self.session_uid),
            when: Interval { start: from_row(self.starts_at), end: from_row(self.ends_at) },
            zone: Zone::from_store(self.time_zone),
            programme_title: Text::from_store(self.programme_title.unwrap_or_default()),
            topic: Text::from_store(self.topic.unwrap_or_default()),
            facility: self.facility.map(|reference| FacilityName::from_store(prison, reference)),
            facility_display_name: Text::from_store(self.facility_display_name.unwrap_or_default()),
            session_state: session_state.transpose()?,
            in_force: self.in_force,
            trainer: TrainerName::from_store(AgencyCode::from_store(self.trainer_agency), self.trainer_ref),
            trainer_display_name: trainer.name,
            competences: trainer.competences,
            role: text(TrainerRole::from_text(&self.role))?,
            state: text(AssignmentState::from_text(&self.state))?,
            overlaps,
            version: self.version,
        })
    }
}

/// Reads [`Row`]s for a query of the rows of `assignment` that are shown, whose arguments begin with `$6`, to the reader
/// `$1`; agreements are in force or not at their start, or now (`$2`), counted in the zones that `$3` to `$5` tell. By
/// start and session, LEAD first. A macro, for checked queries take literals alone.
macro_rules! select_rows {
    ($db:expr, $reader:expr, $now:expr, $told:expr, $shown:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "WITH page AS MATERIALIZED (" + $shown + r#"
            ), shown AS MATERIALIZED (
                SELECT p.*, s.programme, s.programme_title, s.topic, s.facility, s.state AS session_state,
                       f.display_name AS facility_display_name
                  FROM page p
                  LEFT JOIN session s ON s.id = p.session
                   AND ($1 IN (s.lead, s.prison) OR $1 = ANY (s.trainer_agencies))
                  LEFT JOIN facility f ON f.prison = p.prison AND f.ref = s.facility
            ), open AS (
                SELECT o.id
                  FROM (SELECT array_agg(a.id) AS ids, array_agg(a.programme) AS programmes, array_agg(a.lead) AS leads,
                               array_agg(a.prison) AS prisons, array_agg(a.trainer_agency) AS trainers,
                               array_agg(greatest(a.starts_at, $2)) AS moments
                          FROM shown a
                         WHERE a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED') AND a.programme IS NOT NULL) AS q
                 CROSS JOIN LATERAL open_doors(q.ids, q.programmes, q.leads, q.prisons, q.trainers, q.moments, $3, $4, $5)
                    AS o (id)
            )
            SELECT a.id AS "id!", a.lead AS "lead!", a.session_uid AS "session_uid!", a.prison AS "prison!",
                   a.starts_at AS "starts_at!", a.ends_at AS "ends_at!", a.time_zone AS "time_zone!",
                   a.trainer_agency AS "trainer_agency!", a.trainer_ref AS "trainer_ref!", a.role AS "role!",
                   a.state AS "state!", a.version AS "version!", a.programme_title AS "programme_title?",
                   a.topic AS "topic?", a.facility AS "facility?", a.session_state AS "session_state?",
                   a.facility_display_name AS "facility_display_name?",
                   a.id IN (SELECT o.id FROM open o) AS "in_force!"
              FROM shown a
             ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id"#,
            $reader.as_str(),
            to_row($now),
            &$told.zones,
            &$told.since,
            &$told.seconds
            $(, $argument)*
        )
        .fetch_all(&mut *$db)
        .await?
    };
}

/// The keys by which assignments are listed: start, the session's lead agency and uid, whether it is the assistant's, id.
pub type Place = (Timestamp, AgencyCode, String, bool, Uuid);

/// Lists the reader's assignments, by start and session, LEAD first, after `after`. Each relation of the reader's is read
/// by its own index, from the first start that may matter. Four round trips: the zones of agreements, the page, the
/// trainers in it, and what the proposals among them overlap with.
pub async fn list(
    db: &mut PgConnection,
    reader: &AgencyCode,
    filter: &AssignmentFilter,
    now: Timestamp,
    after: Option<&Place>,
    limit: i64,
) -> Result<Part<Assignment>, Error> {
    let end = filter.range_end.unwrap_or(TIME_END);
    let told = offsets_of_agreements(db, now, end).await?;
    let start = after.map_or_else(|| first_start(filter.range_start), |(start, ..)| *start);
    let rows = select_rows!(
        db,
        reader,
        now,
        told,
        "SELECT *
           FROM assignments_of($1, $6, $7, $8, $9, $10, $11, $12, $2, $3, $4, $5, $13, $14, $15, $16, $17, $18) AS a
          ORDER BY a.starts_at, a.lead, a.session_uid, a.role = 'ASSISTANT', a.id LIMIT $18",
        filter.state.map(AssignmentState::as_str),
        filter.trainer_agency.as_ref().map(AgencyCode::as_str),
        filter.range_start.map(to_row),
        to_row(end),
        filter.facility.as_ref().map(|name| name.agency.as_str()),
        filter.facility.as_ref().map(|name| name.id.as_str()),
        filter.clearance.map(Clearance::as_str),
        to_row(start),
        after.map_or("", |(_, lead, ..)| lead.as_str()),
        after.map_or("", |(_, _, uid, ..)| uid.as_str()),
        after.is_some_and(|(.., assists, _)| *assists),
        after.map_or(Uuid::nil(), |(.., id)| *id),
        limit
    );
    let last = last_of(&rows, limit, |row| {
        let assists = row.role == TrainerRole::Assistant.as_str();
        let (start, id) = (from_row(row.starts_at).to_string(), row.id.to_string());
        vec![start, row.lead.clone(), row.session_uid.clone(), assists.to_string(), id]
    });
    Ok(Part { items: show(db, rows).await?, last })
}

/// Finds an assignment that the reader may see. Four round trips, as for a page.
pub async fn find(
    db: &mut PgConnection,
    reader: &AgencyCode,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Assignment>, Error> {
    let told = offsets_of_agreements(db, now, TIME_END).await?;
    let rows = select_rows!(
        db,
        reader,
        now,
        told,
        "SELECT * FROM assignment WHERE id = $6 AND $1 IN (prison, lead, trainer_agency)",
        id
    );
    Ok(show(db, rows).await?.pop())
}

/// Adds the trainers and what proposals overlap with. Two round trips at most.
async fn show(db: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Assignment>, Error> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut summaries = list_trainer_summaries(&mut *db, &ids).await?;
    let proposed = rows.iter().filter(|row| row.state == AssignmentState::Proposed.as_str());
    let proposed: Vec<_> = proposed.map(|row| row.id).collect();
    let mut overlaps = list_overlaps(db, &proposed).await?;
    Ok(readable(
        rows,
        |row| format!("assignments/{}", row.id),
        |row| {
            let trainer = text(summaries.remove(&row.id))?;
            let overlaps = overlaps.remove(&row.id).unwrap_or_default();
            row.show(trainer, overlaps)
        },
    ))
}

/// Lists when else the trainers of these assignments are proposed or taken: of the PROPOSED ones that the caller sees,
/// at most ten ranges each, by start.
async fn list_overlaps(
    db: &mut PgConnection,
    proposed: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Interval>>, Error> {
    if proposed.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT assignment AS "assignment!", starts_at AS "starts_at!", ends_at AS "ends_at!" FROM overlaps_of($1)"#,
        proposed
    );
    let mut overlaps: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.fetch_all(db).await? {
        let overlap = Interval { start: from_row(row.starts_at), end: from_row(row.ends_at) };
        overlaps.entry(row.assignment).or_default().push(overlap);
    }
    Ok(overlaps)
}

/// Finds the names of the trainers in these assignments, and their competences in the field that is taught.
pub async fn list_trainer_summaries(
    db: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, TrainerSummary>, Error> {
    let rows = sqlx::query!(
        r#"SELECT assignment AS "assignment!", full_name AS "full_name!", competences AS "competences!",
                  field AS "field!" FROM assigned_trainers($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    let read = readable(
        rows,
        |row| format!("the trainer of assignments/{}", row.assignment),
        |row| {
            let field: Field = document(row.field)?;
            let mut competences: Vec<Competence> = document(row.competences)?;
            competences.retain(|competence| competence.field == field);
            let name = Text::from_store(row.full_name);
            Ok((row.assignment, TrainerSummary { name, competences }))
        },
    );
    Ok(read.into_iter().collect())
}
