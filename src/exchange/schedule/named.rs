//! What batches of sessions by name have in common: the programmes are locked before anything is read for good, and a
//! session may be acted on by whom it concerns, with the etag that holds, while it is ahead.

use std::collections::HashMap;

use crate::{
    domain::{
        Fault, Violation,
        access::Relation,
        name::{ProgrammeName, SessionName},
        programme::Programme,
        schedule::Session,
    },
    exchange::{
        Bench, Error, Tx,
        batch::{At, distinct},
        tx::relations,
    },
    store,
};

/// A session, and the etag that the caller saw.
pub(super) type Seen = (SessionName, String);

/// The sessions that the caller may see, and their programmes, both read under the programmes' locks.
pub struct SessionsContext {
    pub(super) sessions: HashMap<SessionName, Session>,
    pub(super) programmes: HashMap<ProgrammeName, Programme>,
}

/// Locks the sessions' programmes, and with `gated` their agreements before, shared; then reads both.
pub(super) async fn load(tx: &mut Tx, seen: &[Seen], gated: bool) -> Result<SessionsContext, Error> {
    let before = find_sessions(tx, seen).await?;
    let before = find_programmes(tx, &before).await?;
    if gated {
        let agreements: Vec<_> = before.values().map(|programme| programme.agreement_id).collect();
        store::lock::agreements_shared(tx, &agreements).await?;
    }
    let ids: Vec<_> = before.values().map(|programme| programme.id).collect();
    store::lock::programmes(tx, &ids).await?;
    let sessions = find_sessions(tx, seen).await?;
    let programmes = find_programmes(tx, &sessions).await?;
    if programmes.values().any(|programme| !ids.contains(&programme.id)) {
        return Err(Error::Lost("a session came to be while its programme was locked".to_owned()));
    }
    Ok(SessionsContext { sessions, programmes })
}

async fn find_sessions(tx: &mut Tx, seen: &[Seen]) -> Result<HashMap<SessionName, Session>, Error> {
    let names: Vec<_> = seen.iter().map(|(name, _)| name).collect();
    let reader = tx.agency().clone();
    let found = store::schedule::find_sessions(tx.db(), &names, &reader).await?;
    Ok(found.into_iter().map(|session| (session.name.clone(), session)).collect())
}

/// The programmes of the sessions that the caller leads or hosts.
async fn find_programmes(
    tx: &mut Tx,
    sessions: &HashMap<SessionName, Session>,
) -> Result<HashMap<ProgrammeName, Programme>, Error> {
    let reader = tx.agency().clone();
    let mut found = HashMap::new();
    for name in distinct(sessions.values().map(|session| &session.programme)) {
        let programme = store::programme::find(tx.db(), name, &reader).await?;
        found.extend(programme.map(|programme| (name.clone(), programme)));
    }
    Ok(found)
}

impl SessionsContext {
    /// Finds the session of an item that its caller may act on: known, with the etag that holds, ahead.
    pub(super) fn find(&self, bench: &Bench<'_>, at: &At<'_, Seen>) -> Result<&Session, Violation> {
        let refuse = |fault: Fault| fault.at(at.field("name"));
        let session = at.find(&self.sessions)?;
        let found = relations(&session.name.agency, &session.prison, bench.agency());
        bench.check_relations(&found).map_err(refuse)?;
        at.match_etag(&session.etag())?;
        session.may_change(bench.now(), found.contains(&Relation::Party)).map_err(refuse)?;
        Ok(session)
    }
}
