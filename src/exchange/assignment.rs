//! Trainer assignments as their readers see them: the prison's daily pull, and the door's question. `act.rs` has what
//! the agencies do to them.

mod act;

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

pub use act::{ActOnAssignments, AssignmentsAnswer};

use super::{
    Asking, Error, Read,
    page::{Page, PageEtag, PageRequest},
    tx::not_found,
};
use crate::{
    domain::{
        AgencyCode, Reason,
        access::Role,
        assignment::{Assignment, AssignmentFilter, Clearance},
        name::SessionName,
        time::{END, Zone},
        trainer::TrainerRole,
    },
    store::{
        Part,
        assignment::{Asked, Found, PartOfList, Place, Question, Sought},
        zone::Offsets,
    },
};

/// Finds an assignment that the caller may see.
pub struct GetAssignment {
    /// The assignment's key.
    pub id: Uuid,
}

/// The roles that are shown all that the list holds.
const AGENCIES: &[Role] = &[Role::Prison, Role::Partner];

impl Read for GetAssignment {
    type Answer = Assignment;

    async fn find(&self, asking: &Asking<'_>) -> Result<Assignment, Error> {
        let (fingerprint, now) = (asking.fingerprint(), asking.now());
        let question = Question { fingerprint, roles: AGENCIES, now, sought: Sought::One(self.id) };
        let Asked { caller, found, .. } = asking.ask(&question).await?;
        asking.let_in(caller, now)?;
        match found {
            Found::Shown { mut part, .. } => part.items.pop().ok_or_else(|| not_found("assignment")),
            Found::Zones(_) | Found::Unchanged => Err(not_found("assignment")),
        }
    }
}

/// Lists the caller's assignments, by start and session, LEAD first. The door's are those of today and tomorrow.
pub struct ListAssignments {
    /// The filters of the list.
    pub filter: AssignmentFilter,
    /// The page that is asked for.
    pub page: PageRequest,
    /// The etag of an earlier answer; `None` where there is none, or the text is no etag.
    pub if_none_match: Option<PageEtag>,
}

/// A page of assignments.
pub struct AssignmentPage {
    /// The page, empty where it is unchanged.
    pub page: Page<Assignment>,
    /// The etag of what is shown.
    pub etag: Option<PageEtag>,
    /// Whether nothing is shown because all is as the caller has it.
    pub unchanged: bool,
}

impl Read for ListAssignments {
    type Answer = AssignmentPage;

    /// One round trip; a second one for the door, and where the list holds what is cleared or is not yet: it depends on the
    /// days in the agreements' zones, which the first one tells.
    async fn find(&self, asking: &Asking<'_>) -> Result<AssignmentPage, Error> {
        let now = asking.now();
        let after = self.page.after(asking, |[start, lead, uid, assists, id]| {
            let lead = AgencyCode::parse(&lead).ok()?;
            Some((start.parse().ok()?, lead, uid, assists.parse().ok()?, id.parse().ok()?))
        });
        let place = after.as_ref().ok().and_then(Option::as_ref);
        let first = self.question(asking, now, AGENCIES, &self.filter, place, None);
        let Asked { caller, zone, found } = asking.ask(&first).await?;
        let caller = asking.let_in(caller, now)?;
        after.as_ref().map_err(|_| Error::from(Reason::PageTokenInvalid))?;
        let Found::Zones(zones) = found else { return Ok(self.answer(asking, found)) };
        let at_the_door = caller.role == Role::Door;
        let filter = if at_the_door { self.at_the_door(now, &zone) } else { Some(self.filter.clone()) };
        let Some(filter) = filter else { return Ok(self.answer(asking, Found::Zones(Vec::new()))) };
        let told = Offsets::of(zones, now, filter.range_end.unwrap_or(END));
        let roles = if at_the_door { &[Role::Door][..] } else { AGENCIES };
        let second = self.question(asking, now, roles, &filter, place, Some(told));
        let Asked { caller, found, .. } = asking.ask(&second).await?;
        asking.let_in(caller, now)?;
        Ok(self.answer(asking, if at_the_door { found.map(Assignment::at_the_door) } else { found }))
    }
}

/// What the list sorts by: [`Place`] as texts.
fn place(assignment: &Assignment) -> [String; 5] {
    let SessionName { agency, id: uid, .. } = &assignment.session;
    let assists = assignment.role == TrainerRole::Assistant;
    let (start, id) = (assignment.when.start.to_string(), assignment.id.to_string());
    [start, agency.to_string(), uid.clone(), assists.to_string(), id]
}

impl ListAssignments {
    fn question<'a>(
        &self,
        asking: &Asking<'_>,
        now: Timestamp,
        roles: &'a [Role],
        filter: &'a AssignmentFilter,
        after: Option<&'a Place>,
        told: Option<Offsets>,
    ) -> Question<'a> {
        let seen = self.if_none_match.filter(|etag| etag.holds(now)).map(|etag| etag.digest);
        let shown_to = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
        let seed = self.page.seed(asking, &shown_to);
        let part = PartOfList { filter, after, limit: self.page.limit(), told, seed, seen };
        Question { fingerprint: asking.fingerprint(), roles, now, sought: Sought::Part(part) }
    }

    fn answer(&self, asking: &Asking<'_>, found: Found) -> AssignmentPage {
        let page = |part| self.page.page(asking, part, place);
        match found {
            Found::Zones(_) => {
                AssignmentPage { page: page(Part::from(Vec::new())), etag: None, unchanged: false }
            }
            Found::Unchanged => AssignmentPage {
                page: page(Part::from(Vec::new())),
                etag: self.if_none_match,
                unchanged: true,
            },
            Found::Shown { part, digest, until } => {
                AssignmentPage { page: page(part), etag: Some(PageEtag { digest, until }), unchanged: false }
            }
        }
    }

    /// What the door asks for, of the rest of today and tomorrow in the prison's zone: who has been there is not its question,
    /// nor who comes next week. `None` where that is nothing.
    fn at_the_door(&self, now: Timestamp, zone: &Zone) -> Option<AssignmentFilter> {
        if self.filter.clearance == Some(Clearance::Missing) {
            return None;
        }
        let after_tomorrow = zone.day(now)?.checked_add(2.days()).ok()?;
        let end = zone.start_of(after_tomorrow)?;
        let start = self.filter.range_start.map_or(now, |start| start.max(now));
        let end = self.filter.range_end.map_or(end, |asked| asked.min(end));
        (start < end).then(|| AssignmentFilter {
            clearance: Some(Clearance::Granted),
            range_start: Some(start),
            range_end: Some(end),
            ..self.filter.clone()
        })
    }
}
