//! Acknowledgements: how far systems have come with the changes that their agencies are told of, for those who made the changes. They
//! are no part of the ledger: who reads it adds nothing to what others have to read.

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Tx, Work,
    change::seen,
    page::{Page, PageRequest},
};
use crate::{
    domain::{
        Reason,
        access::{Relation, Role},
        change::{Acknowledgement, AnswerTime, Cursor, ResourceKind},
        name::SessionName,
    },
    store::{self, acknowledgement, acknowledgement::Wanted},
};

/// What agencies were told of is looked at so far back where nothing else is asked for.
const SINCE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The last entries of an agency's feed that are looked at.
const ENTRIES_MAX: i32 = 1_000;

/// Agencies on a page, at most: each has its entries.
const PAGE_MAX: i32 = 50;

/// Says that the caller's system has dealt with changes.
pub struct AcknowledgeChanges {
    /// The last one, or where to go on behind it.
    pub cursor: String,
    /// The kinds that the system follows; empty for all.
    pub kinds: Vec<ResourceKind>,
}

impl Work for AcknowledgeChanges {
    /// Since when it has said so; `None` where it was told of nothing there.
    type Answer = Option<Timestamp>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let cursor = Cursor::parse(&self.cursor)?;
        let agency = tx.agency().clone();
        let at = store::change::at(tx.db(), &agency, cursor).await?;
        if !at.leaf.is_some_and(|leaf| cursor.is_of(&leaf)) {
            return Err(Reason::CursorUnknown.into());
        }
        // Of an entry of which some is left, nothing is said. Places on a roster are told as one, if at all.
        let is_left = at.told.is_some_and(|told| {
            let mut lines = seen(&told, &agency, &self.kinds);
            lines.any(|line| line.number > cursor.line && line.kind != ResourceKind::Roster)
        });
        let below = if is_left { cursor.index } else { cursor.index.saturating_add(1) };
        tx.records_nothing("who has read something has changed nothing");
        let (system, now) = (tx.caller().system.clone(), tx.now());
        acknowledgement::add(tx.db(), &system, &self.kinds, below, now).await
    }
}

/// Lists who has acknowledged the last changes of sessions.
pub struct ListAcknowledgements {
    /// Sessions of the caller's agency.
    pub sessions: Vec<SessionName>,
}

impl Work for ListAcknowledgements {
    type Answer = Vec<Acknowledgement>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        for session in &self.sessions {
            tx.must_own(&session.agency)?;
        }
        tx.permit(&[Relation::Own], "session")?;
        acknowledgement::list(tx.db(), &self.sessions).await
    }
}

/// Lists how soon agencies acknowledge what they are told, by their codes.
pub struct ListAnswerTimes {
    /// Of what they were told of since then.
    pub since: Option<Timestamp>,
    /// The page that is asked for.
    pub page: PageRequest,
}

impl Work for ListAnswerTimes {
    type Answer = Page<AnswerTime>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let page = PageRequest { size: self.page.size.min(PAGE_MAX), ..self.page.clone() };
        let after = page.after(tx, |[agency]| Some(agency))?.unwrap_or_default();
        let own = tx.agency().clone();
        let now = tx.now();
        let wanted = Wanted {
            agency: (tx.caller().role == Role::Partner).then_some(&own),
            partners_alone: tx.caller().role == Role::Prison,
            after: &after,
            since: self.since.unwrap_or(now - SINCE),
            now,
            entries_max: ENTRIES_MAX,
        };
        let found = acknowledgement::list_answer_times(tx.db(), &wanted, page.limit()).await?;
        Ok(page.page(tx, found, |one: &AnswerTime| [one.agency.to_string()]))
    }
}
