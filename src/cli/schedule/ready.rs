//! Which sessions can be confirmed now, and what the others wait for.
//!
//! Asks the gateway by a confirmation that only checks, so that nothing is judged twice; stores nothing. The morning page
//! and `schedule confirm --ready` call it.

use serde_json::{Value, json};

use crate::{
    cli::{connection::Connection, failure::Failure, options::SendOptions, screen, words},
    domain::{Reason, reason::Language},
    proto::{shape::BatchRequest, v1},
};

/// The most sessions that one confirmation may hold.
const BATCH: usize = 1_000;

/// Sessions by what the gateway says of confirming them now.
#[derive(Debug, Default)]
pub struct Judged {
    pub ready: Vec<v1::Session>,
    pub waiting: Waiting,
}

/// How many sessions cannot be confirmed, by what each waits for first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// For an agreement that is in force.
    pub agreement: usize,
    /// For exactly one lead trainer who is accepted.
    pub lead: usize,
    /// For a room that is free and large enough.
    pub room: usize,
    /// For something else.
    pub other: usize,
}

impl Waiting {
    /// Whether none waits.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// `Waiting for a lead trainer who is accepted: 30. Without a room that fits (--facility): 2.`; empty where none waits.
    pub fn text(self, language: Language) -> String {
        let told = [
            (self.lead, words::waiting_lead(language, self.lead)),
            (self.room, words::waiting_room(language, self.room)),
            (self.agreement, words::waiting_agreement(language, self.agreement)),
            (self.other, words::waiting_other(language, self.other)),
        ];
        let told = told.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
        told.collect::<Vec<_>>().join(" ")
    }

    /// The same for programs.
    pub fn json(self) -> Value {
        json!({"lead": self.lead, "room": self.room, "agreement": self.agreement, "other": self.other})
    }

    /// Counts a session by its reasons. What nobody at the prison can mend goes before the room, which it chooses itself.
    fn count(&mut self, errors: &[v1::ItemError]) {
        use Reason::{
            AgreementNotInForce, FacilityConflict, FacilityNotAvailable, FacilityTooSmall,
            SessionWithoutLead, SessionWithoutRoom,
        };
        let rooms = [SessionWithoutRoom, FacilityNotAvailable, FacilityConflict, FacilityTooSmall];
        let of = |reasons: &[Reason]| {
            errors
                .iter()
                .filter_map(|error| Reason::from_code(&error.reason))
                .any(|one| reasons.contains(&one))
        };
        let count = match () {
            () if of(&[AgreementNotInForce]) => &mut self.agreement,
            () if of(&[SessionWithoutLead]) => &mut self.lead,
            () if of(&rooms) => &mut self.room,
            () => &mut self.other,
        };
        *count += 1;
    }
}

/// Asks what would become of confirming these sessions, each in this room or, where that is empty, in the one that it
/// holds. One round trip for each 1,000.
pub async fn judge(conn: &Connection<'_>, sessions: Vec<v1::Session>, room: &str) -> Result<Judged, Failure> {
    let mut judged = Judged::default();
    for batch in sessions.chunks(BATCH) {
        let confirmation = |session: &v1::Session| v1::SessionConfirmation {
            name: session.name.clone(),
            etag: session.etag.clone(),
            facility: room.to_owned(),
        };
        let sessions = batch.iter().map(confirmation).collect();
        let mut request = v1::ConfirmSessionsRequest { sessions, ..Default::default() };
        request.set_best_effort();
        let call = async |request| conn.client.schedule().confirm_sessions(request).await;
        let only_check = SendOptions { dry_run: true, request_id: None };
        let answer = conn.send(&only_check, request, call).await?;
        for (session, result) in batch.iter().zip(&answer.results) {
            match result.errors.is_empty() {
                true => judged.ready.push(session.clone()),
                false => judged.waiting.count(&result.errors),
            }
        }
    }
    Ok(judged)
}

/// Those of the sessions that can be confirmed now; how many others there are, and why, is said on standard error.
pub async fn only(
    conn: &Connection<'_>,
    sessions: Vec<v1::Session>,
    room: &str,
) -> Result<Vec<v1::Session>, Failure> {
    let Judged { ready, waiting } = judge(conn, sessions, room).await?;
    if !waiting.is_empty() {
        let language = conn.context.language;
        screen::note(&words::cannot_yet(language, waiting.text(language)));
    }
    Ok(ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_counted_by_what_it_waits_for_first() {
        let mut waiting = Waiting::default();
        for reasons in [
            &["SESSION_WITHOUT_ROOM", "SESSION_WITHOUT_LEAD"][..],
            &["SESSION_WITHOUT_LEAD"],
            &["FACILITY_CONFLICT"],
            &["SESSION_WITHOUT_LEAD", "AGREEMENT_NOT_IN_FORCE"],
            &["COMPETENCE_EXPIRED_ON_SESSION_DATE"],
            &["A_REASON_OF_A_NEWER_GATEWAY"],
        ] {
            let error = |reason: &&str| v1::ItemError { reason: (*reason).to_owned(), ..Default::default() };
            waiting.count(&reasons.iter().map(error).collect::<Vec<_>>());
        }
        assert_eq!(waiting, Waiting { agreement: 1, lead: 2, room: 1, other: 2 });
        assert_eq!(
            waiting.text(Language::English),
            "Waiting for a lead trainer who is accepted: 2. Without a room that fits (--facility): 1. Under an agreement \
             that is not in force: 1. For another reason: 2."
        );
        assert_eq!(Waiting::default().text(Language::Indonesian), "");
        assert!(Waiting::default().is_empty() && !waiting.is_empty());
    }
}
