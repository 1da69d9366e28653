//! The ends of a session: cancelled for good by either side, declined by the prison until it is pushed again. Both
//! withdraw the open assignments in the same transaction, which frees trainers and room.

use super::{
    assignment_changed,
    named::{self, Seen, SessionsContext},
};
use crate::{
    domain::{
        Fault,
        assignment::{AssignmentState, BookedAssignment},
        batch::BatchMode,
        name::SessionName,
        remark::Remark,
        schedule::{Session, SessionState},
        text::Text,
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, Batch, Judge, Judgement, Verdict},
    },
    ledger::ChangeKind,
    store,
};

/// Closes sessions and frees their trainers and rooms.
pub struct CloseSessions {
    /// CANCELLED, for good, or DECLINED, until they are pushed again.
    pub state: SessionState,
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    /// Whether one refused item refuses the batch.
    pub mode: BatchMode,
    /// The reason, for those whom it concerns.
    pub note: Text<500>,
}

impl Judge for CloseSessions {
    type Item = Seen;
    type Resource = Session;
    type Context = SessionsContext;
    const ITEMS: &'static str = "sessions";

    fn items(&self) -> (BatchMode, &[Seen]) {
        (self.mode, &self.sessions)
    }

    fn judge(
        &self,
        bench: &Bench<'_>,
        at: &mut At<'_, Seen>,
        context: &mut SessionsContext,
    ) -> Verdict<Session> {
        let session = context.find(bench, at)?;
        if session.state == self.state {
            let allowed = [SessionState::Tentative, SessionState::Confirmed];
            return Err(Fault::state_forbids("session", self.state, &allowed).at(at.field("name")).into());
        }
        let by = bench.agency().clone();
        let remark = Remark::new(self.state.remarked(), by, bench.now(), self.note.clone());
        Ok(Judgement::Update(session.clone(), closed(session, self.state, &remark)))
    }
}

impl Batch for CloseSessions {
    async fn load(&self, tx: &mut Tx) -> Result<SessionsContext, Error> {
        named::load(tx, &self.sessions, false).await
    }

    async fn store(&self, tx: &mut Tx, _: &mut Self::Context, good: &[&Session]) -> Result<(), Error> {
        store_closed(tx, good).await.map(drop)
    }
}

/// Without its room, which is held no more: a session that is pushed again asks for one anew.
fn closed(session: &Session, state: SessionState, remark: &Remark) -> Session {
    let version = session.version + 1;
    Session { state, remark: Some(remark.clone()), facility: None, version, ..session.clone() }
}

/// Closes sessions that were judged and answers with the assignments that were open.
pub(in crate::exchange) async fn close(
    tx: &mut Tx,
    sessions: &[Session],
    state: SessionState,
    remark: &Remark,
) -> Result<Vec<BookedAssignment>, Error> {
    let closed: Vec<_> = sessions.iter().map(|session| closed(session, state, remark)).collect();
    store_closed(tx, &closed.iter().collect::<Vec<_>>()).await
}

async fn store_closed(tx: &mut Tx, sessions: &[&Session]) -> Result<Vec<BookedAssignment>, Error> {
    store::schedule::update_sessions(tx.db(), sessions).await?;
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    let mut held = store::assignment::list_stored(tx.db(), &ids).await?;
    held.retain(|assignment| assignment.state.is_open());
    for assignment in &mut held {
        assignment.state = AssignmentState::Withdrawn;
        assignment.version += 1;
    }
    store::assignment::update(tx.db(), &held).await?;
    for session in sessions {
        tx.changed(ChangeKind::Updated, *session);
    }
    for assignment in &held {
        assignment_changed(tx, ChangeKind::Updated, assignment);
    }
    Ok(held)
}
