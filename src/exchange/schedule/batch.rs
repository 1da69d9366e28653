//! What acts on sessions by name have in common: each item carries the etag that its caller saw, the programmes are
//! locked before anything is read for good, and what is wrong with one session is said of that session.

use std::collections::HashMap;

use super::{BatchAnswer, ItemAnswer};
use crate::{
    domain::{
        Violation, Violations,
        access::Relation,
        batch::{BatchMode, BatchOutcome, ItemOutcome},
        name::{ProgrammeName, SessionName},
        programme::Programme,
        schedule::Session,
    },
    exchange::{Error, Tx, batch::Items, tx::relations},
    store,
};

/// The sessions of a batch: names and etags, in the order of the request.
pub(super) struct SessionBatch<'a>(pub &'a [(SessionName, String)]);

/// The sessions that the caller may see, and their programmes, both read under the programmes' locks.
pub(super) struct Loaded {
    pub sessions: HashMap<SessionName, Session>,
    pub programmes: HashMap<ProgrammeName, Programme>,
}

/// What became of an item: the session as it is to stand, or why not.
pub(super) type Judged = Result<Session, Vec<Violation>>;

impl SessionBatch<'_> {
    /// Locks the sessions' programmes, and with `gated` their agreements before, shared.
    pub async fn lock_and_load(&self, tx: &mut Tx, gated: bool) -> Result<Loaded, Error> {
        let seen = self.sessions(tx).await?;
        let seen = programmes(tx, &seen).await?;
        if gated {
            let agreements: Vec<_> = seen.values().map(|programme| programme.agreement_id).collect();
            store::lock::agreements_shared(tx.db(), &agreements).await?;
        }
        let ids: Vec<_> = seen.values().map(|programme| programme.id).collect();
        store::lock::programmes(tx.db(), &ids).await?;
        let sessions = self.sessions(tx).await?;
        let programmes = programmes(tx, &sessions).await?;
        if programmes.values().any(|programme| !ids.contains(&programme.id)) {
            return Err(Error::Lost("a session came to be while its programme was locked".to_owned()));
        }
        Ok(Loaded { sessions, programmes })
    }

    async fn sessions(&self, tx: &mut Tx) -> Result<HashMap<SessionName, Session>, Error> {
        let names: Vec<_> = self.0.iter().map(|(name, _)| name).collect();
        let reader = tx.agency().clone();
        let found = store::schedule::find_sessions(tx.db(), &names, &reader).await?;
        Ok(found.into_iter().map(|session| (session.name.clone(), session)).collect())
    }

    /// The session of an item that its caller may act on: known, named once, with the etag that holds, ahead.
    pub fn judge<'s>(&self, tx: &Tx, index: usize, loaded: &'s Loaded) -> Result<&'s Session, Violation> {
        let items = Items { field: "sessions", resource: "session", items: self.0 };
        let at = |field: &str| items.at(index, field);
        let session = items.find(index, &loaded.sessions)?;
        let found = relations(&session.name.agency, &session.prison, tx.agency());
        tx.fits(&found).map_err(|fault| fault.at(at("name")))?;
        items.match_etag(index, &session.etag())?;
        let is_prison = found.contains(&Relation::Party);
        session.may_change(tx.now(), is_prison).map_err(|fault| fault.at(at("name")))?;
        Ok(session)
    }

    /// The answer; with `outcome` REJECTED nothing was stored.
    pub fn answer(
        &self,
        tx: &Tx,
        outcome: BatchOutcome,
        loaded: &Loaded,
        judged: Vec<Judged>,
    ) -> BatchAnswer {
        let items = judged.into_iter().zip(self.0).map(|(judged, (name, _))| match judged {
            Err(errors) => ItemAnswer::rejected(name.id.clone(), Some(name.clone()), errors),
            Ok(_) if outcome == BatchOutcome::Rejected => {
                ItemAnswer::stored(&loaded.sessions[name], ItemOutcome::NotStored)
            }
            Ok(session) => ItemAnswer::stored(&session, ItemOutcome::Updated),
        });
        BatchAnswer { outcome, items: items.collect(), entry: tx.entry() }
    }
}

/// What the batch comes to.
pub(super) fn outcome(mode: BatchMode, judged: &[Judged]) -> BatchOutcome {
    let refused = judged.iter().filter(|judged| judged.is_err()).count();
    BatchOutcome::of(mode, judged.len() - refused, 0, refused)
}

/// Everything that is wrong with an item, or the session as it is to stand.
pub(super) fn finish(violations: Violations, session: Session) -> Judged {
    if violations.is_empty() { Ok(session) } else { Err(violations.into_vec()) }
}

/// The programmes of the sessions that the caller leads or hosts.
async fn programmes(
    tx: &mut Tx,
    sessions: &HashMap<SessionName, Session>,
) -> Result<HashMap<ProgrammeName, Programme>, Error> {
    let mut names: Vec<_> = sessions.values().map(|session| &session.programme).collect();
    names.sort();
    names.dedup();
    let reader = tx.agency().clone();
    let mut found = HashMap::new();
    for name in names {
        let programme = store::programme::find(tx.db(), name, &reader).await?;
        found.extend(programme.map(|programme| (name.clone(), programme)));
    }
    Ok(found)
}
