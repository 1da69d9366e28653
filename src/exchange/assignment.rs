//! Trainer assignments as their readers see them: the prison's daily pull.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::not_found,
};
use crate::{
    domain::{Reason, assignment::Assignment},
    store::assignment as rows,
};

pub struct GetAssignment {
    pub id: Uuid,
}

impl Work for GetAssignment {
    type Answer = Assignment;

    async fn run(&self, tx: &mut Tx) -> Result<Assignment, Error> {
        let reader = tx.agency().clone();
        let filter = rows::Filter { id: Some(self.id), ..rows::Filter::default() };
        let mut found = rows::list(tx.db(), &reader, &filter, None, 1).await?;
        found.pop().ok_or_else(|| not_found("assignment"))
    }
}

pub struct ListAssignments {
    pub filter: rows::Filter,
    pub page: PageRequest,
}

impl Work for ListAssignments {
    type Answer = Page<Assignment>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after::<2>(tx)?;
        let after = after.map(|[start, id]| parse(&start, &id)).transpose()?;
        let reader = tx.agency().clone();
        let found = rows::list(tx.db(), &reader, &self.filter, after, self.page.limit()).await?;
        let keys = |assignment: &Assignment| [assignment.when.start.to_string(), assignment.id.to_string()];
        Ok(self.page.page(tx, found, keys))
    }
}

fn parse(start: &str, id: &str) -> Result<(Timestamp, Uuid), Error> {
    start.parse().ok().zip(id.parse().ok()).ok_or_else(|| Reason::PageTokenInvalid.into())
}
