//! Which sessions can be confirmed now, and what the others wait for.
//!
//! Asks the gateway by a confirmation that only checks, so that nothing is judged twice; stores nothing. The morning page
//! and `schedule confirm --ready` call it.

use serde_json::{Value, json};

use crate::{
    cli::{assignment, connection::Connection, failure::Failure, names, options::SendOptions, screen, words},
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
    /// The programme of the first session that waits for a room: `agencies/{code}/programmes/{id}`.
    pub roomless: Option<String>,
}

/// How many sessions cannot be confirmed, by what each waits for first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// For an agreement that is in force.
    pub agreement: usize,
    /// For exactly one lead trainer who is accepted.
    pub lead: usize,
    /// For another lead trainer than the one whom the prison refused entry.
    pub substitute: usize,
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
            (self.substitute, words::waiting_substitute(language, self.substitute)),
            (self.room, words::waiting_room(language, self.room)),
            (self.agreement, words::waiting_agreement(language, self.agreement)),
            (self.other, words::waiting_other(language, self.other)),
        ];
        let told = told.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text);
        told.collect::<Vec<_>>().join(" ")
    }

    /// The same for programs.
    pub fn json(self) -> Value {
        json!({"lead": self.lead, "substitute": self.substitute, "room": self.room, "agreement": self.agreement,
            "other": self.other})
    }

    /// Counts a session by its reasons. What nobody at the prison can mend goes before the room, which it chooses itself.
    fn count(&mut self, errors: &[v1::ItemError], refused: bool) {
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
            () if of(&[SessionWithoutLead]) && refused => &mut self.substitute,
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
    let refused = match sessions.is_empty() {
        true => Vec::new(),
        false => assignment::of_state(conn, v1::AssignmentState::ClearanceRefused, conn.now()).await?,
    };
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
                false => {
                    let room = judged.waiting.room;
                    judged.waiting.count(&result.errors, lead_refused(session, &refused));
                    if judged.waiting.room > room {
                        judged.roomless.get_or_insert_with(|| session.programme.clone());
                    }
                }
            }
        }
    }
    Ok(judged)
}

/// Whether the prison refused entry to the lead trainer whom the session still names.
fn lead_refused(session: &v1::Session, refused: &[v1::TrainerAssignment]) -> bool {
    let lead = session.trainers.iter().find(|one| one.role() == v1::TrainerRole::Lead);
    lead.is_some_and(|lead| {
        refused.iter().any(|one| one.session == session.name && one.trainer == lead.trainer)
    })
}

/// Those of the sessions that can be confirmed now; how many others there are, and why, is said on standard error.
pub async fn only(
    conn: &Connection<'_>,
    sessions: Vec<v1::Session>,
    room: &str,
) -> Result<Vec<v1::Session>, Failure> {
    let Judged { ready, waiting, roomless } = judge(conn, sessions, room).await?;
    let language = conn.context.language;
    if !waiting.is_empty() {
        screen::note(&words::cannot_yet(language, waiting.text(language)));
    }
    if let Some(programme) = roomless {
        screen::note(&words::give_room(language, names::short(&programme)));
    }
    Ok(ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_refused_while_the_session_names_that_trainer() {
        let named = |trainer: &str, role: v1::TrainerRole| v1::SessionTrainer {
            trainer: trainer.to_owned(),
            role: role.into(),
        };
        let of = |lead: &str, assistant: &str| v1::Session {
            name: "agencies/blk/sessions/s1".to_owned(),
            trainers: vec![named(assistant, v1::TrainerRole::Assistant), named(lead, v1::TrainerRole::Lead)],
            ..Default::default()
        };
        let refused = [v1::TrainerAssignment {
            session: "agencies/blk/sessions/s1".to_owned(),
            trainer: "t1".to_owned(),
            ..Default::default()
        }];
        assert!(lead_refused(&of("t1", "t2"), &refused));
        assert!(!lead_refused(&of("t2", "t1"), &refused), "the assistant was");
        let other = v1::Session { name: "agencies/blk/sessions/s2".to_owned(), ..of("t1", "t2") };
        assert!(!lead_refused(&other, &refused));
    }

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
            waiting.count(&reasons.iter().map(error).collect::<Vec<_>>(), false);
        }
        assert_eq!(waiting, Waiting { agreement: 1, lead: 2, substitute: 0, room: 1, other: 2 });
        assert_eq!(
            waiting.text(Language::English),
            "Waiting for a lead trainer who is accepted: 2. Without a room that fits: 1. Under an agreement \
             that is not in force: 1. For another reason: 2."
        );
        let error = v1::ItemError { reason: "SESSION_WITHOUT_LEAD".to_owned(), ..Default::default() };
        waiting.count(&[error], true);
        assert_eq!((waiting.lead, waiting.substitute), (2, 1), "the prison itself refused the lead");
        assert_eq!(Waiting::default().text(Language::Indonesian), "");
        assert!(Waiting::default().is_empty() && !waiting.is_empty());
    }
}
