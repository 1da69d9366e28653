//! Schedules: pushed by the lead agency under the gate, read by the prison, cancelled by either. `push.rs` has the
//! steps of a push.

mod push;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use push::{Item, PushSchedule};

use super::{
    Error, Tx, Work,
    page::{Page, PageRequest},
    tx::{not_found, relations},
};
use crate::{
    domain::{
        AgencyCode, Fault, Reason, Violation,
        access::Relation,
        assignment::AssignmentState,
        batch::{BatchOutcome, ItemOutcome},
        name::SessionName,
        schedule::{Session, SessionState},
        text::Text,
    },
    ledger::{ChangeKind, row::AssignmentRow},
    store::{self, assignment::Held, schedule as rows},
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

/// Cancels sessions for good, all or nothing, and frees their trainers.
pub struct CancelSessions {
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    pub note: Text<500>,
}

impl Work for CancelSessions {
    type Answer = BatchAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<BatchAnswer, Error> {
        let sessions = self.lock_and_load(tx).await?;
        let judged: Vec<_> = (0..self.sessions.len()).map(|index| self.judge(tx, index, &sessions)).collect();
        if judged.iter().any(Result::is_err) {
            tx.unchanged();
            let items = judged.into_iter().zip(&self.sessions).map(|(judged, (name, _))| match judged {
                Ok(session) => ItemAnswer::stored(&session, ItemOutcome::NotStored),
                Err(violation) => ItemAnswer::rejected(name.id.clone(), Some(name.clone()), vec![violation]),
            });
            return Ok(BatchAnswer { outcome: BatchOutcome::Rejected, items: items.collect(), entry: None });
        }
        let to_cancel: Vec<_> = judged.into_iter().flatten().collect();
        let names: Vec<_> = to_cancel.iter().map(|session| session.name.clone()).collect();
        cancel(tx, to_cancel, &self.note).await?;
        let sessions = self.load(tx).await?;
        let items = names.iter().filter_map(|name| sessions.get(name));
        let items = items.map(|session| ItemAnswer::stored(session, ItemOutcome::Updated)).collect();
        Ok(BatchAnswer { outcome: BatchOutcome::Stored, items, entry: tx.entry() })
    }
}

impl CancelSessions {
    /// The sessions' programmes are locked, sorted, before the sessions are read for good.
    async fn lock_and_load(&self, tx: &mut Tx) -> Result<HashMap<SessionName, Session>, Error> {
        let seen = self.load(tx).await?;
        let mut programmes: Vec<_> = seen.values().map(|session| &session.programme).collect();
        programmes.sort();
        programmes.dedup();
        let reader = tx.agency().clone();
        let mut ids = Vec::new();
        for name in programmes {
            ids.extend(store::programme::find(tx.db(), name, &reader).await?.map(|programme| programme.id));
        }
        store::lock::programmes(tx.db(), &ids).await?;
        self.load(tx).await
    }

    async fn load(&self, tx: &mut Tx) -> Result<HashMap<SessionName, Session>, Error> {
        let names: Vec<_> = self.sessions.iter().map(|(name, _)| name).collect();
        let reader = tx.agency().clone();
        let found = rows::find_sessions(tx.db(), &names, &reader).await?;
        Ok(found.into_iter().map(|session| (session.name.clone(), session)).collect())
    }

    fn judge(
        &self,
        tx: &Tx,
        index: usize,
        sessions: &HashMap<SessionName, Session>,
    ) -> Result<Session, Violation> {
        let at = |field: &str| format!("sessions[{index}].{field}");
        let (name, etag) = &self.sessions[index];
        if let Some(first) = self.sessions[..index].iter().position(|(earlier, _)| earlier == name) {
            return Err(Fault::from(Reason::DuplicateInBatch).with("index", first).at(at("name")));
        }
        let unknown = || Fault::from(Reason::NotFound).with("resource", "session").at(at("name"));
        let session = sessions.get(name).ok_or_else(unknown)?;
        let found = relations(&session.name.agency, &session.prison, tx.agency());
        if found.is_empty() {
            let allowed = Fault::from(Reason::RelationNotAllowed).with("allowed", "LEAD, PARTY");
            return Err(allowed.at(at("name")));
        }
        if *etag != session.etag() {
            return Err(Fault::from(Reason::EtagMismatch)
                .with("current_etag", session.etag())
                .at(at("etag")));
        }
        let is_prison = found.contains(&Relation::Party);
        session.may_change(tx.now(), is_prison).map_err(|fault| fault.at(at("name")))?;
        Ok(session.clone())
    }
}

/// Cancels sessions that were judged, withdraws their open assignments, and answers with those.
pub(super) async fn cancel(
    tx: &mut Tx,
    mut sessions: Vec<Session>,
    note: &Text<500>,
) -> Result<Vec<Held>, Error> {
    for session in &mut sessions {
        session.state = SessionState::Cancelled;
        session.note = Some(note.clone());
        session.version += 1;
    }
    rows::update_sessions(tx.db(), &sessions.iter().collect::<Vec<_>>()).await?;
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let mut held = store::assignment::list_held(tx.db(), &ids).await?;
    held.retain(|assignment| assignment.state != AssignmentState::Withdrawn);
    for assignment in &mut held {
        assignment.state = AssignmentState::Withdrawn;
        assignment.version += 1;
    }
    store::assignment::update(tx.db(), &held).await?;
    for session in &sessions {
        tx.changed(ChangeKind::Updated, &session.name, session.version, session);
    }
    for assignment in &held {
        assignment_changed(tx, ChangeKind::Updated, assignment);
    }
    Ok(held)
}

fn assignment_changed(tx: &mut Tx, kind: ChangeKind, held: &Held) {
    let row = AssignmentRow {
        session: held.session_name.clone(),
        trainer: held.trainer.clone(),
        role: held.role,
        state: held.state,
        when: held.booking().when,
    };
    tx.changed(kind, format!("assignments/{}", held.id), held.version, &row);
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
        let after = self.page.after::<3>(tx)?;
        let start = after.as_ref().map(|[start, _, _]| start.parse::<Timestamp>()).transpose();
        let start = start.map_err(|_| Reason::PageTokenInvalid)?;
        let after =
            after.as_ref().zip(start).map(|([_, lead, uid], start)| (start, lead.as_str(), uid.as_str()));
        let reader = tx.agency().clone();
        let found = rows::list_sessions(tx.db(), &reader, &self.filter, after, self.page.limit()).await?;
        let seen = found.into_iter().map(|session| seen_by(session, &reader)).collect();
        Ok(self.page.page(tx, seen, |seen: &SeenSession| {
            let session = &seen.session;
            [session.when.start.to_string(), session.name.agency.to_string(), session.name.id.clone()]
        }))
    }
}
