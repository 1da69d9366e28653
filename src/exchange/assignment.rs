//! Trainer assignments as their readers see them: the prison's daily pull, and the door's question. `act.rs` has what
//! the agencies do to them.

mod act;

use jiff::ToSpan;
use uuid::Uuid;

pub use act::{ActOnAssignments, AssignmentsAnswer};

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::not_found,
};
use crate::{
    domain::{
        AgencyCode,
        access::Role,
        assignment::{Assignment, AssignmentFilter, Clearance},
        name::SessionName,
        time::Interval,
        trainer::TrainerRole,
    },
    store::{agency, assignment as rows},
};

/// Finds an assignment that the caller may see.
pub struct GetAssignment {
    /// The assignment's key.
    pub id: Uuid,
}

impl Work for GetAssignment {
    type Answer = Assignment;

    async fn run(&self, tx: &mut Tx) -> Result<Assignment, Error> {
        let reader = tx.agency().clone();
        let now = tx.now();
        rows::find(tx.db(), &reader, self.id, now).await?.ok_or_else(|| not_found("assignment"))
    }
}

/// Lists the caller's assignments, by start and session, LEAD first. The door's are those of today and tomorrow.
pub struct ListAssignments {
    /// The filters of the list.
    pub filter: AssignmentFilter,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListAssignments {
    type Answer = Page<Assignment>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after(tx, |[start, lead, uid, assists, id]| {
            let lead = AgencyCode::parse(&lead).ok()?;
            Some((start.parse().ok()?, lead, uid, assists.parse().ok()?, id.parse().ok()?))
        })?;
        let reader = tx.agency().clone();
        let at_the_door = tx.caller().role == Role::Door;
        let mut filter = self.filter.clone();
        if at_the_door {
            if filter.clearance == Some(Clearance::Missing) {
                return Ok(self.page.page(tx, Vec::new(), place));
            }
            filter.clearance = Some(Clearance::Granted);
            // Who has been there is not the door's question, nor who comes next week.
            let Some(range) = self.door_range(tx).await? else {
                return Ok(self.page.page(tx, Vec::new(), place));
            };
            (filter.range_start, filter.range_end) = (Some(range.start), Some(range.end));
        }
        let now = tx.now();
        let mut found = rows::list(tx.db(), &reader, &filter, now, after.as_ref(), self.page.limit()).await?;
        if at_the_door {
            found = found.map(Assignment::at_the_door);
        }
        Ok(self.page.page(tx, found, place))
    }
}

/// What the list sorts by: [`rows::Place`] as texts.
fn place(assignment: &Assignment) -> [String; 5] {
    let SessionName { agency, id: uid, .. } = &assignment.session;
    let assists = assignment.role == TrainerRole::Assistant;
    let (start, id) = (assignment.when.start.to_string(), assignment.id.to_string());
    [start, agency.to_string(), uid.clone(), assists.to_string(), id]
}

impl ListAssignments {
    /// What the door asks for, of the rest of today and tomorrow in the prison's zone. `None` where that is nothing.
    async fn door_range(&self, tx: &mut Tx) -> Result<Option<Interval>, Error> {
        let (now, prison) = (tx.now(), tx.agency().clone());
        let prison = agency::find(tx.db(), &prison).await?.ok_or_else(|| not_found("agency"))?;
        let after_tomorrow = prison.zone.day(now).and_then(|today| today.checked_add(2.days()).ok());
        let end = after_tomorrow.and_then(|day| prison.zone.start_of(day));
        let Some(end) = end else { return Ok(None) };
        let start = self.filter.range_start.map_or(now, |start| start.max(now));
        let end = self.filter.range_end.map_or(end, |asked| asked.min(end));
        Ok((start < end).then_some(Interval { start, end }))
    }
}
