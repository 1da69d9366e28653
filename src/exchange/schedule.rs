//! Schedules: pushed by the lead agency under the gate, answered by the prison, cancelled by either.
//!
//! `push.rs` has the push; `confirm.rs` and `close.rs` what is done to sessions by name, over what `named.rs` has in
//! common for them; `claims.rs` whom and what the sessions of a batch claim.

mod claims;
mod close;
mod confirm;
mod named;
mod push;

pub(super) use claims::Claims;
pub use close::CloseSessions;
pub(super) use close::close;
pub use confirm::ConfirmSessions;
pub(super) use confirm::unconfirm;
pub use push::{Item, PushSchedule};

use jiff::Timestamp;

use super::{
    Asking, Error, Read, Tx,
    batch::{BatchAnswer, Resource},
    page::{Page, PageRequest},
    tx::{not_found, relations},
};
use crate::{
    domain::{
        AgencyCode,
        assignment::BookedAssignment,
        name::SessionName,
        schedule::{Session, SessionFilter, SessionState},
    },
    ledger::{ChangeKind, row::AssignmentRow},
    store::schedule::{Question, Sought},
};

/// The answer to a batch of sessions.
pub type SessionsAnswer = BatchAnswer<SessionName, SessionState>;

impl Resource for Session {
    type Name = SessionName;
    type State = SessionState;
    const NOUN: &'static str = "session";

    fn told(&self) -> (SessionName, SessionState, String) {
        (self.name.clone(), self.state, self.etag())
    }
}

/// Tells the ledger of an assignment.
pub(super) fn assignment_changed(tx: &mut Tx, kind: ChangeKind, held: &BookedAssignment) {
    tx.changed(kind, &AssignmentRow::from(held));
}

/// Finds a session as the caller may see it.
pub struct GetSession {
    /// The session's name.
    pub name: SessionName,
}

impl Read for GetSession {
    type Answer = SeenSession;

    async fn find(&self, asking: &Asking<'_>) -> Result<SeenSession, Error> {
        let question = Question { fingerprint: asking.fingerprint(), sought: Sought::One(&self.name) };
        let (caller, mut found) = asking.ask_as_caller(asking.now(), &question).await?;
        let session = found.items.pop().ok_or_else(|| not_found("session"))?;
        Ok(seen_by(session, &caller.agency))
    }
}

/// A session, and whether its schedule and programme are to be named: a trainer's agency sees time, topic, the
/// programme's title and its own trainers, and nothing else.
#[derive(Debug, Clone)]
pub struct SeenSession {
    /// The session.
    pub session: Session,
    /// Whether schedule, programme and facts for lead and prison are shown.
    pub whole: bool,
}

fn seen_by(mut session: Session, reader: &AgencyCode) -> SeenSession {
    let whole = !relations(&session.name.agency, &session.prison, reader).is_empty();
    if !whole {
        session.trainers.retain(|named| named.trainer.agency == *reader);
        session.remark = None;
    }
    SeenSession { session, whole }
}

/// Lists the caller's sessions, by start.
pub struct ListSessions {
    /// The filters of the list.
    pub filter: SessionFilter,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Read for ListSessions {
    type Answer = Page<SeenSession>;

    async fn find(&self, asking: &Asking<'_>) -> Result<Self::Answer, Error> {
        let after = self.page.after(asking, |[start, lead, uid]| Some((start.parse().ok()?, lead, uid)));
        let place = after.as_ref().ok().and_then(Option::as_ref);
        let place =
            place.map(|(start, lead, uid): &(Timestamp, String, String)| (*start, &lead[..], &uid[..]));
        let sought = Sought::Part { filter: &self.filter, after: place, limit: self.page.limit() };
        let question = Question { fingerprint: asking.fingerprint(), sought };
        let (caller, found) = asking.ask_as_caller(asking.now(), &question).await?;
        // Told of nothing before the caller is let in.
        after?;
        let seen = found.map(|session| seen_by(session, &caller.agency));
        Ok(self.page.page(asking, seen, |seen: &SeenSession| {
            let session = &seen.session;
            [session.when.start.to_string(), session.name.agency.to_string(), session.name.id.clone()]
        }))
    }
}
