//! The ends of a session: cancelled for good by either side, declined by the prison until it is pushed again. Both
//! withdraw the open assignments in the same transaction, which frees trainers and room.

use super::{
    BatchAnswer, assignment_changed,
    batch::{self, Judged, SessionBatch},
};
use crate::{
    domain::{
        Fault,
        assignment::AssignmentState,
        batch::{BatchMode, BatchOutcome},
        name::SessionName,
        schedule::{Session, SessionState},
        text::Text,
    },
    exchange::{Error, Tx, Work},
    ledger::ChangeKind,
    store::{self, assignment::StoredAssignment},
};

/// Cancels sessions for good, all or nothing, and frees their trainers and rooms.
pub struct CancelSessions {
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    pub note: Text<500>,
}

impl Work for CancelSessions {
    type Answer = BatchAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<BatchAnswer, Error> {
        end(tx, &self.sessions, BatchMode::Atomic, SessionState::Cancelled, &self.note).await
    }
}

/// The prison declines sessions. They may be pushed again.
pub struct DeclineSessions {
    /// Name and etag; at most 1,000.
    pub sessions: Vec<(SessionName, String)>,
    pub mode: BatchMode,
    pub note: Text<500>,
}

impl Work for DeclineSessions {
    type Answer = BatchAnswer;

    async fn run(&self, tx: &mut Tx) -> Result<BatchAnswer, Error> {
        end(tx, &self.sessions, self.mode, SessionState::Declined, &self.note).await
    }
}

async fn end(
    tx: &mut Tx,
    sessions: &[(SessionName, String)],
    mode: BatchMode,
    state: SessionState,
    note: &Text<500>,
) -> Result<BatchAnswer, Error> {
    let batch = SessionBatch(sessions);
    let loaded = batch.lock_and_load(tx, false).await?;
    let judge = |index: usize| -> Judged {
        let session = batch.judge(tx, index, &loaded).map_err(|violation| vec![violation])?;
        if session.state == state {
            let forbids = Fault::state_forbids(state, &[SessionState::Tentative, SessionState::Confirmed]);
            return Err(vec![forbids.at(format!("sessions[{index}].name"))]);
        }
        Ok(closed(session, state, note))
    };
    let judged: Vec<_> = (0..sessions.len()).map(judge).collect();
    let outcome = batch::outcome(mode, &judged);
    if outcome == BatchOutcome::Rejected {
        tx.unchanged();
    } else {
        let good: Vec<_> = judged.iter().filter_map(|judged| judged.as_ref().ok()).collect();
        store_closed(tx, &good).await?;
    }
    Ok(batch.answer(tx, outcome, &loaded, judged))
}

/// Without its room, which is held no more: a session that is pushed again asks for one anew.
fn closed(session: &Session, state: SessionState, note: &Text<500>) -> Session {
    let version = session.version + 1;
    Session { state, note: Some(note.clone()), facility: None, version, ..session.clone() }
}

/// Closes sessions that were judged and answers with the assignments that were open.
pub(in crate::exchange) async fn close(
    tx: &mut Tx,
    sessions: &[Session],
    state: SessionState,
    note: &Text<500>,
) -> Result<Vec<StoredAssignment>, Error> {
    let closed: Vec<_> = sessions.iter().map(|session| closed(session, state, note)).collect();
    store_closed(tx, &closed.iter().collect::<Vec<_>>()).await
}

async fn store_closed(tx: &mut Tx, sessions: &[&Session]) -> Result<Vec<StoredAssignment>, Error> {
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
