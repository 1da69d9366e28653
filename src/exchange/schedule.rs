//! Schedules: pushed by the lead agency under the gate, answered by the prison, cancelled by either.
//!
//! `push.rs` has the steps of a push; `confirm.rs` and `close.rs` what is done to sessions by name, over what
//! `batch.rs` has in common for them.

mod batch;
mod close;
mod confirm;
mod push;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) use close::close;
pub use close::{CancelSessions, DeclineSessions};
pub use confirm::ConfirmSessions;
pub(super) use confirm::unconfirm;
pub use push::{Item, PushSchedule};

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::{not_found, relations},
};
use crate::{
    domain::{
        AgencyCode, Violation,
        batch::{BatchOutcome, ItemOutcome},
        name::SessionName,
        schedule::{Session, SessionState},
    },
    ledger::{ChangeKind, row::AssignmentRow},
    store::{assignment::StoredAssignment, schedule as rows},
};

/// What became of a batch of sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BatchAnswer {
    pub outcome: BatchOutcome,
    pub items: Vec<ItemAnswer>,
    pub entry: Option<Uuid>,
}

/// What became of one session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ItemAnswer {
    /// As sent.
    pub uid: String,
    pub name: Option<SessionName>,
    pub outcome: ItemOutcome,
    pub state: Option<SessionState>,
    pub etag: Option<String>,
    pub errors: Vec<Violation>,
}

impl ItemAnswer {
    fn stored(session: &Session, outcome: ItemOutcome) -> Self {
        Self {
            uid: session.name.id.clone(),
            name: Some(session.name.clone()),
            outcome,
            state: Some(session.state),
            etag: Some(session.etag()),
            errors: Vec::new(),
        }
    }

    fn rejected(uid: String, name: Option<SessionName>, errors: Vec<Violation>) -> Self {
        Self { uid, name, outcome: ItemOutcome::Rejected, state: None, etag: None, errors }
    }
}

/// A line of the ledger entry for an assignment.
pub(super) fn assignment_changed(tx: &mut Tx, kind: ChangeKind, held: &StoredAssignment) {
    let row = AssignmentRow {
        session: held.session_name.clone(),
        trainer: held.trainer.clone(),
        role: held.role,
        state: held.state,
        when: held.interval(),
    };
    tx.changed(kind, held.name(), held.version, &row);
}

/// A session as the caller may see it.
pub struct GetSession {
    pub name: SessionName,
}

impl Work for GetSession {
    type Answer = SeenSession;

    async fn run(&self, tx: &mut Tx) -> Result<SeenSession, Error> {
        let reader = tx.agency().clone();
        let mut found = rows::find_sessions(tx.db(), &[&self.name], &reader).await?;
        let session = found.pop().ok_or_else(|| not_found("session"))?;
        Ok(seen_by(session, &reader))
    }
}

/// A session, and whether its schedule and programme are to be named: a trainer's agency sees time, topic, the
/// programme's title and its own trainers, and nothing else.
#[derive(Debug)]
pub struct SeenSession {
    pub session: Session,
    pub whole: bool,
}

fn seen_by(mut session: Session, reader: &AgencyCode) -> SeenSession {
    let whole = !relations(&session.name.agency, &session.prison, reader).is_empty();
    if !whole {
        session.trainers.retain(|named| named.trainer.agency == *reader);
        session.note = None;
    }
    SeenSession { session, whole }
}

pub struct ListSessions {
    pub filter: rows::Filter,
    pub page: PageRequest,
}

impl Work for ListSessions {
    type Answer = Page<SeenSession>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let after = self.page.after(tx, |[start, lead, uid]| Some((start.parse().ok()?, lead, uid)))?;
        let after = after.as_ref().map(|(start, lead, uid)| (*start, lead.as_str(), uid.as_str()));
        let reader = tx.agency().clone();
        let found = rows::list_sessions(tx.db(), &reader, &self.filter, after, self.page.limit()).await?;
        let seen = found.into_iter().map(|session| seen_by(session, &reader)).collect();
        Ok(self.page.page(tx, seen, |seen: &SeenSession| {
            let session = &seen.session;
            [session.when.start.to_string(), session.name.agency.to_string(), session.name.id.clone()]
        }))
    }
}
